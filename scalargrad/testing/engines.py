"""Tests of an engine of your own: any class with data, grad, +, * and backward().

    >>> from ..engine.value import Value
    >>> report = engine_report(Value)
    >>> bool(report), report.findings[0]
    (True, ('holds a number', ''))

Each test builds a small graph and says what it expects; the first thing that is not as expected is the finding.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from ..display import Shown
from ..engine.value import Value
from .strategies import expressions, need_hypothesis

Engine = Callable[[Any], Any]
"""A class like `Value`: `engine(2.0)` is a leaf."""


def engine_report(engine: Engine, deep: int = 100_000) -> EngineReport:
    """What works in an engine of your own, and what is missing: each a sentence.

    Parameters
    ----------
    engine
        A class like `Value`: `engine(2.0)` has `data` and `grad`, adds and multiplies with its like and with plain
        numbers, and its results have `backward()`.
    deep
        How long the chain of additions is that must not recurse.

    Raises
    ------
    MissingExtraError
        If Hypothesis is not installed.
    """
    need_hypothesis()
    return EngineReport(tuple((name, _problem(test, engine, deep)) for name, test in _TESTS.items()))


@dataclass(frozen=True)
class EngineReport(Shown):
    """Names of tests, and what is wrong; "" where nothing is."""

    findings: tuple[tuple[str, str], ...]

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong; also what the report is as a truth value."""
        return not any(problem for _, problem in self.findings)

    def __bool__(self) -> bool:
        return self.passed

    def __rich__(self) -> Any:
        from rich.text import Text

        lines = [
            Text(f"✗ {name}: {problem}", "bold red") if problem else Text(f"✓ {name}", "green")
            for name, problem in self.findings
        ]
        return Text("\n").join(lines)


def assert_engine(engine: Engine, deep: int = 100_000) -> None:
    """Fail with the report of `engine_report` if something is wrong.

    Raises
    ------
    AssertionError
        With what is missing.
    MissingExtraError
        If Hypothesis is not installed.
    """
    report = engine_report(engine, deep)
    if not report:
        raise AssertionError(f"the engine is not complete yet\n{report}")


class _Expectation(NamedTuple):
    """What was looked at, what was found, and what is right."""

    what: str
    found: Any
    right: Any
    hint: str = ""
    verb: str = "is"

    @property
    def problem(self) -> str:
        """The sentence that says what is wrong; "" if nothing is."""
        if self.found == self.right:
            return ""
        sentence = f"{self.what} {self.verb} {self.found}, and {self.right} {self.verb} right"
        return f"{sentence}: {self.hint}" if self.hint else sentence


_Test = Callable[[Engine, int], Iterator[_Expectation]]


def _problem(test: _Test, engine: Engine, deep: int) -> str:
    """The first problem that a test finds in an engine; "" if all is well."""
    try:
        return next((found.problem for found in test(engine, deep) if found.problem), "")
    except RecursionError:
        return "a RecursionError: follow the inputs with a list of your own, in place of a function that calls itself"
    except Exception as error:  # whatever an unfinished engine may raise
        return f"{type(error).__name__}: {error}"


def _holds_a_number(engine: Engine, deep: int) -> Iterator[_Expectation]:
    x = engine(3)
    yield _Expectation("the data of engine(3)", x.data, 3)
    yield _Expectation("the grad of a new value", x.grad, 0)


def _adds_and_multiplies(engine: Engine, deep: int) -> Iterator[_Expectation]:
    x, y = engine(3), engine(5)
    yield _Expectation("the data of x + y at x = 3, y = 5", (x + y).data, 8)
    yield _Expectation("the data of x * y at x = 3, y = 5", (x * y).data, 15)


def _takes_plain_numbers(engine: Engine, deep: int) -> Iterator[_Expectation]:
    x, hint = engine(3), "__radd__ and __rmul__ are for a number on the left"
    for what, result, right in (("x + 2", x + 2, 5), ("x * 2", x * 2, 6), ("2 + x", 2 + x, 5), ("2 * x", 2 * x, 6)):
        yield _Expectation(f"the data of {what} at x = 3", result.data, right, hint)


def _differentiates(engine: Engine, deep: int) -> Iterator[_Expectation]:
    x, y = engine(3), engine(5)
    (x * y).backward()
    yield _Expectation("∂(x·y)/∂x at x = 3, y = 5", x.grad, 5, "∂(x·y)/∂x = y")
    yield _Expectation("∂(x·y)/∂y at x = 3, y = 5", y.grad, 3)
    x, y = engine(3), engine(5)
    (x + y).backward()
    yield _Expectation("∂(x+y)/∂x", x.grad, 1)


def _adds_over_uses(engine: Engine, deep: int) -> Iterator[_Expectation]:
    x = engine(3)
    (x * x).backward()
    yield _Expectation("∂(x·x)/∂x at x = 3", x.grad, 6, "x is used twice, and each use adds its term to x.grad")


def _waits_for_all_users(engine: Engine, deep: int) -> Iterator[_Expectation]:
    x = engine(2)
    y = x * x
    z = y * 3
    (y * z).backward()  # 3 x⁴
    what = "∂L/∂x for y = x·x, z = 3·y, L = y·z at x = 2"
    yield _Expectation(what, x.grad, 96, "y must wait until z has added its term")


def _accumulates(engine: Engine, deep: int) -> Iterator[_Expectation]:
    x = engine(3)
    y = x * x
    L = y * x
    L.backward()
    L.backward()
    what = "x.grad after two backward passes over L = x·x·x at x = 3"
    yield _Expectation(what, x.grad, 54, "leaves keep what they had, and all other nodes begin at 0 again")


def _goes_deep(engine: Engine, deep: int) -> Iterator[_Expectation]:
    x = engine(1)
    y = x
    for _ in range(deep):
        y = y + x
    y.backward()
    yield _Expectation(f"∂/∂x of a chain of {deep:,} additions", x.grad, deep + 1)


def _agrees_on_random_graphs(engine: Engine, deep: int) -> Iterator[_Expectation]:
    """Hypothesis looks for the simplest expression that is differentiated wrongly."""
    from hypothesis import Phase, find, settings, strategies as st
    from hypothesis.errors import NoSuchExample

    both = expressions({operator.add: 2, operator.mul: 2}, leaves=2)
    graphs = st.tuples(both, st.integers(-3, 3), st.integers(-3, 3))

    def gradients(kind: Engine, graph: Any) -> tuple[Any, Any, Any]:
        expression, a, b = graph
        x, y = kind(a), kind(b)
        L = expression(x, y)
        L.backward()
        return L.data, x.grad, y.grad

    def wrong(graph: Any) -> bool:
        return gradients(engine, graph) != gradients(Value, graph)

    try:
        phases = Phase.generate, Phase.shrink  # without an explanation, which nobody would see
        quiet = settings(database=None, derandomize=True, deadline=None, phases=phases)
        graph = find(graphs, wrong, settings=quiet)
    except NoSuchExample:
        return
    expression, a, b = graph
    what = f"the value, ∂/∂x and ∂/∂y of {expression(_Text('x'), _Text('y')).text} at x = {a}, y = {b}"
    yield _Expectation(what, gradients(engine, graph), gradients(Value, graph), verb="are")


class _Text:
    """An expression as text."""

    def __init__(self, text: str) -> None:
        self.text = text

    def __add__(self, other: _Text) -> _Text:
        return _Text(f"({self.text} + {other.text})")

    def __mul__(self, other: _Text) -> _Text:
        return _Text(f"{self.text}·{other.text}")


_TESTS: dict[str, _Test] = {
    "holds a number": _holds_a_number,
    "adds and multiplies": _adds_and_multiplies,
    "takes plain numbers, on both sides": _takes_plain_numbers,
    "differentiates a sum and a product": _differentiates,
    "adds over the uses of a node": _adds_over_uses,
    "takes nodes in the right order": _waits_for_all_users,
    "accumulates over backward passes": _accumulates,
    "goes deep without recursion": _goes_deep,
    "agrees on random graphs": _agrees_on_random_graphs,
}
"""From the first line of an engine to the last."""
