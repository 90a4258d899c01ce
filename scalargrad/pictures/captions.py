"""What is written under a drawing: the terms of the chain rule, which add up as they are printed, and what grad is.

    >>> added_up([1, 2], 3), added_up([1 / 3, 1 / 3, 1 / 3], 1.0)
    ((['1', '2'], '=', '3'), (['0.3333', '0.3333', '0.3333'], '≈', '1'))

Whoever adds up what is printed gets what is printed, or reads ≈ there.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from fractions import Fraction
from math import prod

from ..display import legible, short
from ..engine.node import Node
from ..engine.numbers import Number, differ, home, total
from ..engine.paths import Edge
from ..engine.sweep import adjoints

PATHS_LIMIT = 12
"""Paths up to which each is drawn and listed in the caption."""

PATH_NAMES = "abcdefghijkl"

Route = tuple[tuple[Edge, ...], Number]
"""A path, and the product of the partials along it."""


def called(node: Node) -> str:
    """A node's label, or what made it."""
    return legible(node.label or node._op) or "constant"


def in_letters(start: Node, end: Node) -> str:
    """∂end/∂start."""
    return f"∂{called(end)}/∂{called(start)}"


def said_of_terms(
    start: Node, end: Node, order: Sequence[Node], routes: Sequence[Route], folded: Callable[[Edge], int]
) -> str:
    """The terms of the chain rule as a sum over paths, each with the product of the partials along it.

    Parameters
    ----------
    order
        The nodes of the drawing, in topological order.
    routes
        The paths from `start` to `end`, or as many as there may be and one more.
    folded
        How many paths through the graph an edge of the drawing stands for.
    """
    name = in_letters(start, end)
    number = _paths_between(start, end, order, folded)
    if not 1 <= len(routes) <= PATHS_LIMIT:
        return said_of_sum(start, end, order, folded)
    path, product = routes[0]
    if number == 1:
        return (
            f"{name} is the product along the only path: (a) {_multiplied([edge.partial for edge in path], product)}."
        )
    if len(routes) == 1:
        return (
            f"{name} is {in_print(product)}, the sum over {number:,} paths. All run along (a): {_folds(path, folded)}."
        )
    printed, equal, whole = added_up([product for _, product in routes], total(*(product for _, product in routes)))
    written = []
    for letter, text, (path, _) in zip(PATH_NAMES, printed, routes, strict=False):
        times, folds = prod(map(folded, path)), _folds(path, folded)
        by = "" if times == 1 else f" by {folds}" if " times " not in folds else f" by {times:,} paths, {folds}"
        written.append(f"({letter}) {text}{by}")
    return f"{name} is the sum over {number:,} paths: {' + '.join(written)} {equal} {whole}."


def said_of_sum(start: Node, end: Node, order: Sequence[Node], folded: Callable[[Edge], int] = lambda _: 1) -> str:
    """How many paths there are and what they add up to, where there are too many to list; as `said_of_terms`."""
    number, value = _paths_between(start, end, order, folded), adjoints(end).get(start, 0)
    name = in_letters(start, end)
    match number:
        case 0:
            return f"{name} is 0: no path leads from {called(start)} to {called(end)}."
        case 1:
            return f"{name} is {in_print(value)}, the product along the only path."
    return f"{name} is the sum over {number:,} paths, which is {in_print(value)}."


def _folds(path: Sequence[Edge], folded: Callable[[Edge], int]) -> str:
    """Which steps of a route stand for several paths, and for how many."""
    steps = [(folded(edge), edge) for edge in path]
    return " times ".join(f"{n:,} paths from {called(e.input)} to {called(e.output)}" for n, e in steps if n > 1)


def _paths_between(start: Node, end: Node, order: Sequence[Node], folded: Callable[[Edge], int]) -> int:
    """How many paths through the graph lead from one node to another, without walking them."""
    number = Counter({start: 1})
    for node in order:
        if node is not start:
            number[node] = sum(
                number[x] * folded(Edge(x, node, position)) for position, x in enumerate(node.inputs) if number[x]
            )
    return number[end]


# ---------------------------------------------------------------------------------------------------------------------
# Numbers that add up


def in_print(x: Number) -> str:
    """A number in few characters: a whole one as such, also if it is a float, so that captions and boxes agree."""
    if type(x) is float and x.is_integer() and abs(x) < 1e15:
        return str(int(x))
    return short(x)


def added_up(terms: Sequence[Number], whole: Number) -> tuple[list[str], str, str]:
    """Terms and their sum as they are printed, and = if these add up, else ≈.

    Floats get as many places as it takes, of those that can be read; whole ones have none.
    """
    numbers = [*terms, whole]
    for printed in (*_in_places(numbers), [in_print(x) for x in numbers]):
        if _is_sum(printed):
            return printed[:-1], "=", printed[-1]
    equal = "=" if _exact(numbers, printed) else "≈"
    return printed[:-1], equal, printed[-1].removeprefix("≈ ")


def _in_places(numbers: Sequence[Number]) -> list[list[str]]:
    """Floats printed with the same number of places: with four digits of the largest, and with more."""
    if not all(isinstance(x, float) and math.isfinite(x) for x in numbers):
        return []
    largest = max(map(abs, numbers))
    if not 1e-3 <= largest < 1e15:
        return []
    first = max(0, 3 - math.floor(math.log10(largest)))
    return [[_trimmed(f"{x:.{places}f}") for x in numbers] for places in range(first, first + 4)]


def _trimmed(text: str) -> str:
    """A decimal without the zeros that say nothing."""
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _is_sum(printed: Sequence[str]) -> bool:
    """Whether the last is the sum of the others, as they are printed."""
    try:
        *terms, whole = map(Fraction, printed)
    except ValueError:
        return False
    return sum(terms) == whole


def _exact(numbers: Sequence[Number], printed: Sequence[str]) -> bool:
    """Whether these are exact numbers, or formulas, that are printed in full."""
    inexact = any(isinstance(x, (float, complex)) or home(x) in ("numpy", "mpmath", "decimal") for x in numbers)
    return not inexact and not any("≈" in text for text in printed)


def _multiplied(factors: Sequence[Number], product: Number) -> str:
    """A product with its factors, where there are a few."""
    if not 2 <= len(factors) <= 6:
        return in_print(product)
    printed = [in_print(x) for x in factors]
    try:
        equal = prod(map(Fraction, printed)) == Fraction(in_print(product))
    except ValueError:
        equal = _exact([*factors, product], [*printed, in_print(product)])
    return f"{' · '.join(printed)} {'=' if equal else '≈'} {in_print(product)}"


# ---------------------------------------------------------------------------------------------------------------------
# grad


def said_of_grad(outputs: Sequence[Node], order: Sequence[Node], each: str = "box") -> str:
    """What the grad of boxes is the gradient of: looked up, by one more sweep, since nothing in a graph remembers it.

    Parameters
    ----------
    order
        Every node that the outputs are made of, in topological order. Some have a grad that is not 0.
    """
    of = called(outputs[0]) if len(outputs) == 1 else "the sum of the outputs"
    found = adjoints(outputs)
    if any(differ(node.grad, found[node]) for node in order):
        return (
            f"grad is what backward() left, and here that is not the gradient of {of}: "
            "it was called on something else, or more than once."
        )
    return f"grad is ∂{of}/∂v for each {each} v." if len(outputs) == 1 else f"grad is the gradient of {of}."
