"""For test suites of your own: Hypothesis strategies for numbers, matrices and graphs; an assertion on gradients.

    >>> def forward(X, W): return X @ W
    >>> def gradients(X, W, Y, G): return G @ W.T, X.T @ G
    >>> assert_gradients(forward, gradients, {"X": "N D", "W": "D M"})

The strategies shrink to the simplest: the smallest shape, zeros and ones, the shortest graph.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
from hypothesis import strategies as st

from .array import Array
from .check import EXAMPLES, check
from .ops import Op


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
