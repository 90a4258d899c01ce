"""`scalargrad explore`: a page on which each entry of a gradient is row · column, and why.

>>> from scalargrad.cli import main
>>> main(["explore", "--shape", "2,40,2"])
2
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ..affine import Layer, build
from ..arrays import data
from ..pictures import explore
from .options import add_loss_options, chosen_layer, loss_on


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
    """The layer that is asked for. None of its random numbers is 0: a term that is 0 by chance looks like one by δ."""
    layer = chosen_layer(options, zeros=False)
    if options.loss == "weighted-sum":
        return layer  # G is given, and a reader may change it in the page
    b = None if layer.b is None else data(layer.b)
    return build(layer.x, layer.w, b, loss=loss_on(options, layer))
