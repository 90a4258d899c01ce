"""`scalargrad explain`: one entry of a gradient, its paths through the graph beside the terms of the formula.

>>> from scalargrad.cli import main
>>> main(["explain", "--shape", "1,1,1"])
2
"""

from __future__ import annotations

import re
from argparse import ArgumentParser, ArgumentTypeError, Namespace

from ..affine import explain
from .options import add_layer_options, chosen_layer, show


class ExplainCommand:
    """Explain one entry of the gradient of a layer, which has a bias if an option or the entry asks for one."""

    description = "Every non-zero term of the chain rule for one entry, as a path, beside the formula's terms."
    epilog = 'In Python, with import scalargrad as sg: sg.explain(layer, "x", (0, 1)), with a layer of sg.affine.build.'

    def add_options(self, words: ArgumentParser) -> None:
        add_layer_options(words)
        words.add_argument(
            "--entry", metavar="ENTRY", type=_entry, default=("x", (0, 1)), help="x[i,j], w[i,j] or b[j] (x[0,1])"
        )

    def run(self, options: Namespace) -> int:
        """Print one entry's terms."""
        matrix, index = options.entry
        show(explain(chosen_layer(options, bias=matrix == "b"), matrix, index))
        return 0


def _entry(text: str) -> tuple[str, tuple[int, ...]]:
    found = re.fullmatch(r"\s*([xwbXWB])\s*\[\s*(\d+)\s*(?:,\s*(\d+)\s*)?\]\s*", text)
    if not found:
        raise ArgumentTypeError(f"{text!r} is not an entry: write x[0,1], w[0,1] or b[0]")
    name, *index = found.groups()
    return name.lower(), tuple(int(i) for i in index if i is not None)
