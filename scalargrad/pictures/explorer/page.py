"""A page on which a matrix looks like a matrix: why ∂L/∂X = G·Wᵀ, entry by entry, in numbers.

    >>> from ...affine import build
    >>> page = explore(build([[1, 2]], [[3, 4], [5, 6]], G=[[26, 32]]))
    >>> page.html.startswith("<!doctype html>"), page.title
    (True, 'Explore X·W, a layer of 1×2 and 2×2')

X, W, Y, G and the gradients stand as in the product: the left factor to the left, the right one above, and where they
meet is what they make. Choose an entry, and its row and column light up; beside them are its paths through the graph of
scalars, the terms of the chain rule (3), and the terms of row · column, in the same colours. All numbers are computed
here, in the layer's own arithmetic; the script shows them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from ...display import full, legible
from ...errors import ArgumentError, ArgumentTypeError
from ..as_python import layer_as_python
from ..diagram import draw
from ..document import Document, brief, brief_and_full, filled, script_data
from .views import ShownTerm, View, views

if TYPE_CHECKING:
    from ...affine import Layer

SIDE = 12
"""Rows and columns of a matrix up to which it is shown: of more, nobody sees a row and a column at once."""


@dataclass(frozen=True, repr=False)
class Explorer(Document):
    """The page, which is one HTML file: `save` writes it, and a notebook shows it."""


def explore(layer: Layer, title: str = "") -> Explorer:
    """A page that shows a layer's matrices, and how each entry of a gradient is row · column.

    Parameters
    ----------
    layer
        From `sg.affine.build`: X is N×D, W is D×M, G = ∂L/∂Y and Y are N×M, b has M entries if there is a bias. N, D
        and M are from 1 to 12.
    title
        The heading; "Explore X·W, a layer of N×D and D×M" if not given.

    Raises
    ------
    ArgumentTypeError
        If it is not such a layer.
    ArgumentError
        If a matrix is empty or too large.
    MissingExtraError
        If jinja2 is not installed.
    """
    from ...affine import Layer  # loads NumPy, which a page of the stepper can do without

    if not isinstance(layer, Layer):
        raise ArgumentTypeError(f"explore needs a layer of sg.affine.build, and got a {type(layer).__name__}")
    return explorer_page(layer, title)


def explorer_page(layer: Any, title: str = "") -> Explorer:
    """The page of a layer, or of anything else that has a layer's attributes; errors as of `explore`."""
    N, D, M = layer.shape
    if not all(1 <= size <= SIDE for size in (N, D, M)):
        raise ArgumentError(
            f"X is {N}×{D} and W is {D}×{M}: a page can show 1 to {SIDE} rows and columns of each; take a part of them"
        )
    plus = " + b" if layer.b is not None else ""
    heading = legible(title or f"Explore X·W{plus}, a layer of {N}×{D} and {D}×{M}", 120)
    found = views(layer)
    html = filled(
        __package__,
        title=heading,
        program=layer_as_python(layer),
        views=found,
        brief=brief,
        full=lambda number: legible(full(number), 1000),
        data=script_data({"shape": [N, D, M], "views": list(map(_as_data, found))}),
    )
    output = layer.Y if layer.L is None else layer.L
    start, end = layer.X[0, 0], layer.Y[0, 0] if layer.L is None else layer.L
    return Explorer(html, heading, still=partial(draw, output, (start, end)))


def _as_data(view: View) -> dict[str, Any]:
    """A view as the script reads it."""

    def numbers(rows: Sequence[Sequence[Any]]) -> list[list[list[str]]]:
        return [[brief_and_full(number) for number in row] for row in rows]

    def term(found: ShownTerm) -> list[Any]:
        return [
            [legible(name) for name in found.path],
            [brief(partial) for partial in found.partials],
            brief_and_full(found.partial),
            brief_and_full(found.product),
            brief_and_full(found.formula),
            found.at,
        ]

    return {
        "key": view.key,
        "stages": view.stages,
        "names": {"left": view.left.names, "top": view.top.names, "result": view.result.names},
        "numbers": {
            "left": numbers(view.left.numbers),
            "top": numbers(view.top.numbers),
            "result": numbers(view.result.numbers),
        },
        "terms": [[[term(found) for found in entry] for entry in row] for row in view.terms],
        "g": numbers((view.top if view.key in ("w", "b") else view.left).numbers),
    }
