"""`scalargrad derive`: the matrix formulas of a layer or of a formula of your own, proved and confirmed.

>>> from scalargrad.cli import main
>>> main(["derive", "affine", "--shape", "x"])
2
"""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace

from ..derivation import NAMED, OneFormula, derive
from ..errors import UsageError
from .options import show


class DeriveCommand:
    """Derive the gradients of a layer by its name, or of a forward pass in matrix or index notation."""

    description = "Each step is checked by SymPy, and the formulas on scalar graphs."
    epilog = 'In Python, with import scalargrad as sg: sg.derive("affine").'

    def add_options(self, words: ArgumentParser) -> None:
        words.add_argument(
            "layer",
            metavar="NAME | FORMULA",
            help=f"one of {', '.join(NAMED)}; matrix notation such as 'norm2(X*w - y)^2'; or index notation such as "
            "'y[a,b] = sum(k, x[a,k]*w[k,b]) + b[b]'",
        )
        words.add_argument(
            "--shape",
            metavar="NAME=SIZES",
            type=_named_sizes,
            action="append",
            default=[],
            help="names for the sizes of an input of a formula: --shape 'x=N D' (repeatable)",
        )
        form = words.add_mutually_exclusive_group()
        form.add_argument("--latex", action="store_true", help="print LaTeX, for amsmath")
        form.add_argument("--steps", action="store_true", help="print the rules, step by step (matrix notation)")
        form.add_argument("--numpy", action="store_true", help="print functions of NumPy arrays (matrix notation)")

    def run(self, options: Namespace) -> int:
        """Print the derivation of each gradient."""
        for number, derivation in enumerate(derive(options.layer, dict(options.shape) or None)):
            if options.latex:
                print(derivation.latex())
            elif options.numpy:
                if not isinstance(derivation, OneFormula):
                    raise UsageError("--numpy is for matrix notation, such as 'norm2(X*w - y)^2'")
                print(*([""] if number else []), derivation.numpy(), sep="\n")
            elif options.steps and isinstance(derivation, OneFormula):  # index notation shows its steps anyway
                show(*([""] if number else []), derivation.steps)
            else:
                show(*([""] if number else []), derivation)
        return 0


def _named_sizes(text: str) -> tuple[str, str]:
    name, equals, sizes = text.partition("=")
    if not equals or not name.strip().isidentifier():
        raise ArgumentTypeError(f"{text!r} gives no sizes: write a name and its sizes, as in 'x=N D'")
    return name.strip(), sizes
