"""For test suites of your own: Hypothesis strategies for numbers, matrices and graphs; tests of gradients, of engines.

    >>> def forward(X, W): return X @ W
    >>> def gradients(X, W, Y, G): return G @ W.T, X.T @ G
    >>> assert_gradients(forward, gradients, {"X": "N D", "W": "D M"})

The strategies shrink to the simplest: the smallest shape, zeros and ones, the shortest graph.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st

from ..arrays import Array
from ..checker.verdict import EXAMPLES, check
from ..display import Shown
from ..engine.ops import Op
from ..engine.value import Value


def assert_gradients(
    forward: Callable[..., Any],
    gradients: Callable[..., Any],
    shapes: Mapping[str, str],
    examples: int = EXAMPLES,
    tolerance: str | float | None = None,
    dtype: Any = np.float64,
) -> None:
    """Fail with the checker's verdict if the claimed gradients are wrong. For the parameters see `check.check`.

    Raises
    ------
    AssertionError
        With the counterexample, the terms of the chain rule, and the diagnosis if there is one.
    """
    verdict = check(forward, gradients, shapes, examples, tolerance, dtype)
    if not verdict.correct:
        raise AssertionError(str(verdict))


def shapes(dimensions: int = 2, smallest: int = 0, largest: int = 4) -> st.SearchStrategy[tuple[int, ...]]:
    """Shapes with so many dimensions, each size from `smallest` to `largest`."""
    return st.tuples(*[st.integers(smallest, largest)] * dimensions)


KINDS = (int, float, complex, Fraction, Decimal)


def numbers(kind: type = Fraction) -> st.SearchStrategy[Any]:
    """Small finite numbers of one kind: int, float, complex, Fraction or Decimal.

    Raises
    ------
    ValueError
        For another kind.
    """
    if kind not in KINDS:
        names = ", ".join(k.__name__ for k in KINDS)
        raise ValueError(f"there are no numbers of kind {getattr(kind, '__name__', kind)!r} here: choose from {names}")
    small = st.integers(-9, 9)
    if kind is Fraction:
        return small.map(Fraction) | st.fractions(-9, 9, max_denominator=12)
    if kind is Decimal:
        return small.map(Decimal) | st.decimals(-9, 9, places=2)
    if kind is complex:
        return st.builds(complex, numbers(float), numbers(float))
    return small if kind is int else small.map(float) | st.floats(-9, 9, allow_nan=False)


def matrices(
    shape: tuple[int, ...] | st.SearchStrategy[tuple[int, ...]], entries: st.SearchStrategy[Any] | None = None
) -> st.SearchStrategy[Array]:
    """Plain arrays of dtype object, of one shape or of shapes from a strategy; Fractions if no entries are given."""
    drawn = shape if isinstance(shape, st.SearchStrategy) else st.just(shape)
    entries = numbers() if entries is None else entries

    def fill_in(size: tuple[int, ...]) -> st.SearchStrategy[Array]:
        count = int(np.prod(size))
        return st.lists(entries, min_size=count, max_size=count).map(lambda found: reshaped(found, size))

    return drawn.flatmap(fill_in)


def reshaped(entries: list[Any], shape: tuple[int, ...]) -> Array:
    """A list of numbers as an array of dtype object."""
    result = np.empty(len(entries), dtype=object)
    result[:] = entries
    return result.reshape(shape)


def expressions(
    operations: Mapping[Op | Callable[..., Any], int], leaves: int, most: int = 8
) -> st.SearchStrategy[Callable[..., Any]]:
    """Random graphs as functions of their leaves: call one with Values for a node, with other numbers for a number.

    Parameters
    ----------
    operations
        {operation: number of inputs}: rows of `ops.TABLE`, your own rows, or functions.
    leaves
        How many arguments the functions take.
    most
        How many operations there are at the most. Nodes are shared, and inputs repeat.
    """
    rows = list(operations.items())

    @st.composite
    def graphs(draw: Any) -> Callable[..., Any]:
        steps = []
        for made in range(draw(st.integers(1, most))):
            operation, count = draw(st.sampled_from(rows))
            steps.append((operation, [draw(st.integers(0, leaves + made - 1)) for _ in range(count)]))

        def expression(*arguments: Any) -> Any:
            nodes = list(arguments)
            for operation, inputs in steps:
                nodes.append(operation(*[nodes[k] for k in inputs]))
            return nodes[-1]

        return expression

    return graphs()


# ---------------------------------------------------------------------------------------------------------------------
# Engines: any class with data, grad, +, * and backward()


def engine_report(engine: Callable[[Any], Any], deep: int = 100_000) -> EngineReport:
    """What works in an engine of your own, and what is missing: each a sentence.

    >>> from scalargrad import Value
    >>> engine_report(Value).passed
    True

    Parameters
    ----------
    engine
        A class like `Value`: `engine(2.0)` has `data` and `grad`, adds and multiplies with its like and with plain
        numbers, and its results have `backward()`.
    deep
        How long the chain of additions is that must not recurse.
    """
    return EngineReport(tuple((name, problem_of(test, engine, deep)) for name, test in ENGINE_TESTS.items()))


@dataclass(frozen=True)
class EngineReport(Shown):
    """Names of tests, and what is wrong; "" where nothing is."""

    findings: tuple[tuple[str, str], ...]

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return not any(problem for _, problem in self.findings)

    def __rich__(self) -> Any:
        from rich.text import Text

        lines = [
            Text(f"✗ {name}: {problem}", "bold red") if problem else Text(f"✓ {name}", "green")
            for name, problem in self.findings
        ]
        return Text("\n").join(lines)


def assert_engine(engine: Callable[[Any], Any], deep: int = 100_000) -> None:
    """Fail with the report of `engine_report` if something is wrong.

    Raises
    ------
    AssertionError
        With what is missing.
    """
    report = engine_report(engine, deep)
    if not report.passed:
        raise AssertionError(f"the engine is not complete yet\n{report}")


def problem_of(test: Callable[[Any, int], None], engine: Callable[[Any], Any], deep: int) -> str:
    """What a test says of an engine; "" if all is well."""
    try:
        test(engine, deep)
    except FoundWrongError as wrong:
        return str(wrong)
    except RecursionError:
        return "a RecursionError: follow the inputs with a list of your own, in place of a function that calls itself"
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return ""


class FoundWrongError(Exception):
    """A sentence that says what was found and what is right."""


def expect(what: str, found: Any, right: Any, hint: str = "") -> None:
    if not found == right:
        raise FoundWrongError(f"{what} is {found}, and {right} is right{f': {hint}' if hint else ''}")


def holds_a_number(engine: Callable[[Any], Any], deep: int) -> None:
    x = engine(3)
    expect("the data of engine(3)", x.data, 3)
    expect("the grad of a new value", x.grad, 0)


def adds_and_multiplies(engine: Callable[[Any], Any], deep: int) -> None:
    x, y = engine(3), engine(5)
    expect("the data of x + y at x = 3, y = 5", (x + y).data, 8)
    expect("the data of x * y at x = 3, y = 5", (x * y).data, 15)


def takes_plain_numbers(engine: Callable[[Any], Any], deep: int) -> None:
    x = engine(3)
    for what, result, right in (("x + 2", x + 2, 5), ("x * 2", x * 2, 6), ("2 + x", 2 + x, 5), ("2 * x", 2 * x, 6)):
        expect(f"the data of {what} at x = 3", result.data, right, "__radd__ and __rmul__ are for a number on the left")


def differentiates(engine: Callable[[Any], Any], deep: int) -> None:
    x, y = engine(3), engine(5)
    (x * y).backward()
    expect("∂(x·y)/∂x at x = 3, y = 5", x.grad, 5, "∂(x·y)/∂x = y")
    expect("∂(x·y)/∂y at x = 3, y = 5", y.grad, 3)
    x, y = engine(3), engine(5)
    (x + y).backward()
    expect("∂(x+y)/∂x", x.grad, 1)


def adds_over_uses(engine: Callable[[Any], Any], deep: int) -> None:
    x = engine(3)
    (x * x).backward()
    expect("∂(x·x)/∂x at x = 3", x.grad, 6, "x is used twice, and each use adds its term to x.grad")


def waits_for_all_users(engine: Callable[[Any], Any], deep: int) -> None:
    x = engine(2)
    y = x * x
    z = y * 3
    (y * z).backward()  # 3 x⁴
    expect("∂L/∂x for y = x·x, z = 3·y, L = y·z at x = 2", x.grad, 96, "y must wait until z has added its term")


def accumulates(engine: Callable[[Any], Any], deep: int) -> None:
    x = engine(3)
    y = x * x
    L = y * x
    L.backward()
    L.backward()
    expect(
        "x.grad after two backward passes over L = x·x·x at x = 3",
        x.grad,
        54,
        "leaves keep what they had, and all other nodes begin at 0 again",
    )


def goes_deep(engine: Callable[[Any], Any], deep: int) -> None:
    x = engine(1)
    y = x
    for _ in range(deep):
        y = y + x
    y.backward()
    expect(f"∂/∂x of a chain of {deep:,} additions", x.grad, deep + 1)


def agrees_on_random_graphs(engine: Callable[[Any], Any], deep: int) -> None:
    """Hypothesis looks for the simplest expression that is differentiated wrongly."""
    from hypothesis import find, settings
    from hypothesis.errors import NoSuchExample

    graphs = st.tuples(
        expressions({operator.add: 2, operator.mul: 2}, leaves=2), st.integers(-3, 3), st.integers(-3, 3)
    )

    def gradients(kind: Callable[[Any], Any], graph: Any) -> tuple[Any, Any, Any]:
        expression, a, b = graph
        x, y = kind(a), kind(b)
        L = expression(x, y)
        if L is x or L is y:
            return 0, 0, 0
        L.backward()
        return L.data, x.grad, y.grad

    def wrong(graph: Any) -> bool:
        return gradients(engine, graph) != gradients(Value, graph)

    try:
        graph = find(graphs, wrong, settings=settings(database=None, derandomize=True, deadline=None))
    except NoSuchExample:
        return
    expression, a, b = graph
    text = expression(Written("x"), Written("y")).text
    names = f"the value, ∂/∂x and ∂/∂y of {text} at x = {a}, y = {b}"
    raise FoundWrongError(f"{names} are {gradients(engine, graph)}, and {gradients(Value, graph)} are right")


class Written:
    """An expression as text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __add__(self, other: Written) -> Written:
        return Written(f"({self.text} + {other.text})")

    def __mul__(self, other: Written) -> Written:
        return Written(f"{self.text}·{other.text}")


ENGINE_TESTS: dict[str, Callable[[Any, int], None]] = {
    "holds a number": holds_a_number,
    "adds and multiplies": adds_and_multiplies,
    "takes plain numbers, on both sides": takes_plain_numbers,
    "differentiates a sum and a product": differentiates,
    "adds over the uses of a node": adds_over_uses,
    "takes nodes in the right order": waits_for_all_users,
    "accumulates over backward passes": accumulates,
    "goes deep without recursion": goes_deep,
    "agrees on random graphs": agrees_on_random_graphs,
}
"""From the first line of an engine to the last."""
