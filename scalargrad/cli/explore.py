"""`scalargrad explore`: a page on which each entry of a gradient is row · column, and why.

>>> from scalargrad.cli import main
>>> main(["explore", "--shape", "2,40,2"])
2
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Callable
from random import Random
from typing import Any

from ..affine import Layer, build
from ..pictures import explore
from .options import NUMBERS, add_loss_options, chosen_matrices, loss_of


class ExploreCommand:
    """Write the page."""

    description = "A page that needs no network: the layer's matrices, and every entry of a gradient term by term."
    epilog = "In Python, with import scalargrad as sg: sg.explore(layer), with a layer of sg.affine.build."

    def add_options(self, words: ArgumentParser) -> None:
        add_loss_options(words, loss="weighted-sum")
        words.add_argument("--out", metavar="FILE.html", default="explore.html", help="(explore.html)")

    def run(self, options: Namespace) -> int:
        """Write the page for the files, or for random numbers."""
        page = explore(_layer(options)).save(options.out)
        print(f"{page}: open it in a browser")
        return 0


def _layer(options: Namespace) -> Layer:
    """The layer that is asked for: matrices from files, and random ones that fit them."""
    X, W, b, G = chosen_matrices(options, _without_zeros(NUMBERS[options.numbers](Random(options.seed))))
    if options.loss == "weighted-sum":
        return build(X, W, b, G=G)  # which a reader may change in the page
    return build(X, W, b, loss=loss_of(options, G))


def _without_zeros(draw: Callable[..., Any]) -> Callable[..., Any]:
    """Free entries of which none is 0: a term that is 0 by chance looks like one that is 0 by δ."""

    def entry(name: str, index: tuple[int, ...]) -> Any:
        while (number := draw(name, index)) == 0:
            pass
        return number

    return entry
