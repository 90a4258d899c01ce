"""`scalargrad derive`: the matrix formulas of a layer, step by step, for all shapes at once.

>>> from scalargrad.cli import main
>>> main(["derive", "affine", "--shape", "x"])
2
"""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace

from ..derivation import NAMED, derive
from .options import show


class DeriveCommand:
    """Derive the gradients of a layer by its name, or of a forward pass in index notation."""

    description = "Each step is checked by SymPy, and the formulas on scalar graphs."
    epilog = 'In Python, with import scalargrad as sg: sg.derive("affine").'

    def add_options(self, words: ArgumentParser) -> None:
        words.add_argument(
            "layer",
            metavar="NAME | FORMULA",
            help=f"one of {', '.join(NAMED)}; or index notation such as 'y[a,b] = sum(k, x[a,k]*w[k,b]) + b[b]'",
        )
        words.add_argument(
            "--shape",
            metavar="NAME=SIZES",
            type=_named_sizes,
            action="append",
            default=[],
            help="names for the sizes of an input of a formula: --shape 'x=N D' (repeatable)",
        )
        words.add_argument("--latex", action="store_true", help="print LaTeX, for amsmath")

    def run(self, options: Namespace) -> int:
        """Print the derivation of each gradient."""
        for number, derivation in enumerate(derive(options.layer, dict(options.shape) or None)):
            if options.latex:
                print(derivation.latex())
            else:
                show(*([""] if number else []), derivation)
        return 0


def _named_sizes(text: str) -> tuple[str, str]:
    name, equals, sizes = text.partition("=")
    if not equals or not name.strip().isidentifier():
        raise ArgumentTypeError(f"{text!r} gives no sizes: write a name and its sizes, as in 'x=N D'")
    return name.strip(), sizes
