"""Hypothesis strategies: shapes, numbers, matrices, and random graphs.

    >>> from hypothesis import find
    >>> find(matrices((1, 2)), lambda X: X[0, 1] > 0).tolist()
    [[Fraction(0, 1), Fraction(1, 1)]]

Each shrinks to the simplest: the smallest shape, zeros and ones, the shortest graph.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arrays import Array
from ..engine.ops import Op
from ..errors import ArgumentError, MissingExtraError

if TYPE_CHECKING:
    from hypothesis.strategies import DrawFn, SearchStrategy


def shapes(dimensions: int = 2, smallest: int = 0, largest: int = 4) -> SearchStrategy[tuple[int, ...]]:
    """Shapes with so many dimensions, each size from `smallest` to `largest`.

    Raises
    ------
    MissingExtraError
        Here and below: if Hypothesis is not installed.
    """
    need_hypothesis()
    from hypothesis import strategies as st

    return st.tuples(*[st.integers(smallest, largest)] * dimensions)


def numbers(kind: type = Fraction) -> SearchStrategy[Any]:
    """Small finite numbers of one kind: int, float, complex, Fraction or Decimal.

    Raises
    ------
    ArgumentError
        For another kind.
    """
    need_hypothesis()
    from hypothesis import strategies as st

    small = st.integers(-9, 9)
    floats = small.map(float) | st.floats(-9, 9, allow_nan=False)
    kinds = {
        int: small,
        float: floats,
        complex: st.builds(complex, floats, floats),
        Fraction: small.map(Fraction) | st.fractions(-9, 9, max_denominator=12),
        Decimal: small.map(Decimal) | st.decimals(-9, 9, places=2),
    }
    if kind not in kinds:
        name, names = getattr(kind, "__name__", kind), ", ".join(k.__name__ for k in kinds)
        raise ArgumentError(f"there are no numbers of kind {name!r} here: choose from {names}")
    return kinds[kind]


def matrices(
    shape: tuple[int, ...] | SearchStrategy[tuple[int, ...]], entries: SearchStrategy[Any] | None = None
) -> SearchStrategy[Array]:
    """Plain arrays of dtype object, of one shape or of shapes from a strategy; Fractions if no entries are given."""
    need_hypothesis()
    from hypothesis import strategies as st

    drawn = shape if isinstance(shape, st.SearchStrategy) else st.just(shape)
    entries = numbers() if entries is None else entries

    def of_size(size: tuple[int, ...]) -> SearchStrategy[Array]:
        count = math.prod(size)
        return st.lists(entries, min_size=count, max_size=count).map(lambda found: _array(found, size))

    return drawn.flatmap(of_size)


def _array(entries: list[Any], shape: tuple[int, ...]) -> Array:
    result = np.empty(len(entries), dtype=object)
    result[:] = entries
    return result.reshape(shape)


def expressions(
    operations: Mapping[Op | Callable[..., Any], int], leaves: int, most: int = 8
) -> SearchStrategy[Callable[..., Any]]:
    """Random graphs as functions of their leaves: call one with Values for a node, with other numbers for a number.

    Parameters
    ----------
    operations
        {operation: number of inputs}: rows of `sg.ops.TABLE`, your own rows, or functions.
    leaves
        How many arguments the functions take.
    most
        How many operations there are at the most. Nodes are shared, and inputs repeat.
    """
    need_hypothesis()
    from hypothesis import strategies as st

    rows = list(operations.items())

    @st.composite
    def graphs(draw: DrawFn) -> Callable[..., Any]:
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


def need_hypothesis() -> None:
    """Refuse to go on without Hypothesis.

    Raises
    ------
    MissingExtraError
        If it is not installed.
    """
    try:
        import hypothesis  # noqa: F401
    except ModuleNotFoundError:
        raise MissingExtraError("the tools for tests need Hypothesis", "check") from None
