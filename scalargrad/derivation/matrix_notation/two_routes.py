"""Every entry of a gradient by two other routes: the reverse sweep through a scalar graph, and differences.

    >>> from .expression import plain_number, matrix_named
    >>> x = matrix_named("x", ("N", "1"))
    >>> for line in confirm_by_two_routes(x.T @ x, plain_number(1), {"x": x * 2}, {"x": x.shape}, ("N",)): print(line)
    scalar graphs: all 7 entries equal exactly over Fractions at N = 2, 3, 1, 1
    differences: the same entries, to 25 digits, by central differences of the formula as written, at 60 digits

The graph is that of the formula as it was written, before anything was simplified, and so are the differences.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ...arrays import fill
from ...engine import ops
from ...engine.sweep import adjoints
from ...engine.value import Value
from ...errors import DerivationError, DomainError, UnconfirmedError
from .arithmetic_of_matrices import on_numbers
from .expression import Dimensions, MatrixExpression

SIZES = ((2, 3, 2, 3, 2), (3, 2, 3, 1, 2), (1, 3, 2, 2, 3), (1, 1, 2, 1, 1))
"""Sizes that the dimensions take in turn, small since a graph has a node for each product."""
_DIGITS, _WORKING, _COMPARED = 50, 60, 25
_TRIES = 8
MOST = 10**18
"""A difference of larger numbers has too few digits left."""


def confirm_by_two_routes(
    written: MatrixExpression,
    seed: MatrixExpression,
    gradients: Mapping[str, MatrixExpression],
    shapes: Mapping[str, Dimensions],
    dimensions: Sequence[str],
    symmetric: frozenset[str] = frozenset(),
    parts: Mapping[str, MatrixExpression] | None = None,
    tied: bool = False,
) -> tuple[str, ...]:
    """Compare every entry of every gradient, at several shapes; say what was done.

    `parts` has formulas for names that are not inputs, whose gradients are wanted: what the formula is by a part of it.
    `tied` says that the two halves of symmetric matrices move together.

    Raises
    ------
    DerivationError
        If an entry differs, which would be a mistake of ours.
    UnconfirmedError
        If no numbers were found at which everything is defined.
    """
    parts = parts or {}
    irrational = is_irrational([written, *gradients.values(), *parts.values()])
    compared, where, large = 0, [], not dimensions
    for number, pattern in enumerate(SIZES):
        sizes = {letter: int(letter) for shape in shapes.values() for letter in shape if letter.isdigit()}
        sizes |= {letter: pattern[k % len(pattern)] for k, letter in enumerate(dimensions)} | {"1": 1}
        for attempt in range(_TRIES):
            point = OnePoint(sizes, symmetric, irrational, attempt, number, parts, tied)
            found = at_one_point(written, seed, gradients, shapes, point)
            if found:
                compared += found
                large = large or max(sizes[letter] for letter in dimensions) > 1
                tuple_of_sizes = ", ".join(str(sizes[letter]) for letter in dimensions)
                where.append(f"({tuple_of_sizes})" if len(dimensions) > 1 else tuple_of_sizes)
                break
        if not dimensions:
            large = bool(where)
            break
    if not large:
        raise UnconfirmedError(
            "the formulas can't be confirmed, and so aren't shown: no numbers were found where everything in them is "
            "defined, at dimensions above 1"
        )
    kind = f"to {_DIGITS} digits" if irrational else "exactly over Fractions"
    letters = ", ".join(dimensions)
    letters = f"({letters})" if len(dimensions) > 1 else letters
    at = f" at {letters} = {', '.join(where)}" if dimensions else ""
    return (
        f"scalar graphs: all {compared} entries equal {kind}{at}",
        f"differences: the same entries, to {_COMPARED} digits, by central differences of the formula as written, "
        f"at {_WORKING} digits",
    )


def is_irrational(expressions: Sequence[MatrixExpression]) -> bool:
    """Whether a function or a root leads out of the rational numbers."""
    return any(
        A.kind in ("logdet", "softmax", "logsumexp", "pi")
        or (A.kind == "power" and A.data.denominator != 1)
        or (A.kind == "apply" and (A.data.bends is None or A.data is ops.POW))
        for expression in expressions
        for A in expression.walk()
    )


@dataclass(frozen=True)
class OnePoint:
    """Where to compare: sizes, and how numbers are drawn."""

    sizes: Mapping[str, int]
    symmetric: frozenset[str]
    irrational: bool
    attempt: int
    number: int
    parts: Mapping[str, MatrixExpression]
    tied: bool

    def moving(self, name: str) -> bool:
        """Whether an entry of a matrix moves together with the one across the diagonal."""
        return self.tied and name in self.symmetric


def at_one_point(
    written: MatrixExpression,
    seed: MatrixExpression,
    gradients: Mapping[str, MatrixExpression],
    shapes: Mapping[str, Dimensions],
    where: OnePoint,
) -> int:
    """How many entries were compared at one point; 0 if something is not defined there."""
    import mpmath

    sizes, parts = where.sizes, where.parts
    draw = drawer(random.Random(f"{where.attempt} {where.number}"), where.attempt)
    wanted = {**shapes, seed.data: seed.shape} if seed.kind == "name" else dict(shapes)
    drawn = {name: fill((sizes[rows], sizes[columns]), lambda *_: draw()) for name, (rows, columns) in wanted.items()}
    for name in where.symmetric & drawn.keys():
        array = drawn[name]
        drawn[name] = fill(array.shape, lambda i, j, array=array: array[min(i, j), max(i, j)])
    with mpmath.workdps(_WORKING + 10):

        def real(q: Fraction) -> Any:
            return mpmath.mpf(q.numerator) / q.denominator

        reals = {name: converted(array, real) for name, array in drawn.items()}
        point, kind = (reals, real) if where.irrational else (drawn, Fraction)
        try:
            point = {**point, **{name: on_numbers(A, point, sizes, kind) for name, A in parts.items()}}
            reals = {**reals, **{name: converted(point[name], lambda x: real_of(x, real)) for name in parts}}
            claims = {name: on_numbers(A, point, sizes, kind) for name, A in gradients.items()}
            swept = by_graph(written, seed, point, sizes, kind, where.symmetric if where.tied else frozenset())
            differences = {
                name: by_differences(written, seed, reals, sizes, real, name, where.moving(name)) for name in gradients
            }
        except (TypeError, ValueError, ZeroDivisionError, OverflowError):  # outside a function's domain
            return 0
        everything = [
            *(x for array in claims.values() for x in array.flat),
            *(x for d in differences.values() for x in d.flat),
        ]
        if any(type(x).__name__ == "mpc" or x != x for x in everything):  # log of a negative number, 0·log 0
            return 0
        for name, claim in claims.items():
            for at, one in enumerate(claim.flat):
                other, third = swept[name].flat[at], differences[name].flat[at]
                if not close_to(one, other, _DIGITS) or not close_to(real_of(one, real), third, _COMPARED):
                    raise DerivationError(
                        f"the gradient by {name} that was found is false at {dict(sizes)}, entry {at + 1}: {one} "
                        f"by the formula, {other} by the graph, {mpmath.nstr(third, 10)} by differences"
                    )
    return sum(claim.size for claim in claims.values())


def drawer(rng: random.Random, attempt: int) -> Callable[[], Fraction]:
    """Fractions, none of them 0: of both signs, then positive, then small."""

    def draw() -> Fraction:
        size = Fraction(rng.randint(1, 60), rng.choice((7, 11, 13, 17)))
        if attempt % 4 == 0 or attempt % 4 == 3:
            return size * rng.choice((1, -1)) / (1 if attempt % 4 == 0 else 16)
        return size if attempt % 4 == 1 else size / 128

    return draw


def converted(array: Any, kind: Callable[[Any], Any]) -> Any:
    return fill(array.shape, lambda *at: kind(array[at]))


def real_of(x: Any, real: Callable[[Fraction], Any]) -> Any:
    return real(Fraction(x)) if isinstance(x, (int, Fraction)) else x


def by_graph(
    written: MatrixExpression,
    seed: MatrixExpression,
    point: Mapping[str, Any],
    sizes: Mapping[str, int],
    kind: Callable[[Fraction], Any],
    tied: frozenset[str] = frozenset(),
) -> dict[str, Any]:
    """The adjoints of every input, by the reverse sweep through the scalar graph of the formula as written."""
    inputs = {name: converted(array, Value) for name, array in point.items() if name != seed.data}
    for name in tied & inputs.keys():
        nodes = inputs[name]
        inputs[name] = fill(nodes.shape, lambda i, j, nodes=nodes: nodes[min(i, j), max(i, j)])
    output = on_numbers(written, inputs, sizes, kind)
    seeds = on_numbers(seed, point, sizes, kind)
    made = [(y, g) for y, g in zip(output.flat, seeds.flat, strict=True) if isinstance(y, Value)]
    found = adjoints([y for y, _ in made], [g for _, g in made]) if made else {}
    return {name: converted(array, lambda x: found.get(x, 0)) for name, array in inputs.items()}


def by_differences(
    written: MatrixExpression,
    seed: MatrixExpression,
    reals: Mapping[str, Any],
    sizes: Mapping[str, int],
    real: Callable[[Fraction], Any],
    name: str,
    tied: bool = False,
) -> Any:
    """Central differences of Σ seed∘output, entry by entry; their error is of the order of h², 10⁻⁴⁰."""
    import mpmath

    h = mpmath.mpf(10) ** -20
    G = on_numbers(seed, reals, sizes, real)

    def weighed(array: Any) -> Any:
        return G * on_numbers(written, {**reals, name: array}, sizes, real)

    if any(abs(x) > MOST for x in weighed(reals[name]).flat):
        raise DomainError("differences of numbers so large have too few digits")

    def difference(*at: int) -> Any:
        up, down = reals[name].copy(), reals[name].copy()
        for place in {at, at[::-1]} if tied else {at}:
            up[place], down[place] = up[place] + h, down[place] - h
        return ((weighed(up) - weighed(down)) / (2 * h)).sum()

    return fill(reals[name].shape, difference)


def close_to(one: Any, other: Any, digits: int) -> bool:
    """Equal; of mpmath's numbers, to so many digits of the larger, or of 1."""
    if type(one).__module__.startswith("mpmath") or type(other).__module__.startswith("mpmath"):
        return bool(abs(one - other) * 10**digits <= max(1, abs(one), abs(other)))
    return bool(one == other)
