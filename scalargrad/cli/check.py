"""`scalargrad check`: the verdict on gradients that a file of yours claims, or a file to begin with.

>>> from scalargrad.cli import main
>>> main(["check", "nothing.py"])
2
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from ..checker import check
from ..datasets.files import read_module
from ..errors import FileError, UsageError
from .options import show

TEMPLATE = '''"""A layer and its gradients, one of them wrong. See what is said of it: scalargrad check {file}

Then write your own layer, and the gradients that you derived, in their place.
"""

import numpy as np

# The dimensions of each input, by name. The checker tries many sizes.
shapes = {{"X": "N D", "W": "D M", "b": "M"}}


def forward(X, W, b):
    """The layer, in NumPy: np.exp, np.log, np.sqrt, np.tanh, np.maximum, @, sums over axes… but no casts."""
    return X @ W + b


def gradients(X, W, b, Y, G):
    """The claim: the gradient by each input, in order, for the upstream gradient G = ∂L/∂Y, which has Y's shape."""
    return G @ W.T, X.T @ G, G.mean(axis=0)  # G.sum(axis=0) is right
'''
"""What `scalargrad check --new` writes: a wrong claim, so that the first verdict shows what a verdict can say."""


class CheckCommand:
    """Check a file of the user's, or write one to begin with."""

    description = "The file defines forward, gradients and shapes; see `scalargrad check --new FILE.py`."
    epilog = "In Python, with import scalargrad as sg: sg.check(forward, gradients, shapes)."

    def add_options(self, words: ArgumentParser) -> None:
        words.add_argument("file", nargs="?", metavar="FILE.py[:forward:gradients]", help="what to check")
        words.add_argument("--new", metavar="FILE.py", help="write a file to begin with")
        words.add_argument("--tolerance", help='for float code: "ulp:8", or a relative error such as 1e-6')
        words.add_argument("--json", action="store_true", help="print JSON")

    def run(self, options: Namespace) -> int:
        """Print the verdict, and return 0 if the claim is right, 1 if it is wrong, and 2 if it could not be judged."""
        if options.new:
            return _write_template(Path(options.new))
        if not options.file:
            raise UsageError("scalargrad check: give FILE.py, or --new FILE.py for a file to begin with")
        file, *names = options.file.split(":")
        if len(names) not in (0, 2):
            raise UsageError(f"scalargrad check: {options.file!r}: write FILE.py, or FILE.py:forward:gradients")
        namespace = read_module(file)
        for name in (chosen := (*(names or ("forward", "gradients")), "shapes")):
            if name not in namespace:
                raise FileError(f"{file}: there is no {name!r} in it; see scalargrad check --new")
        forward, gradients, shapes = (namespace[name] for name in chosen)
        verdict = check(forward, gradients, shapes, tolerance=options.tolerance)
        if options.json:
            print(verdict.to_json())
        else:
            show(verdict)
        return {True: 0, False: 1, None: 2}[verdict.correct]


def _write_template(path: Path) -> int:
    if path.exists():
        raise FileError(f"{path} is there already: give a new name")
    path.write_text(TEMPLATE.format(file=path), encoding="utf-8")
    print(f"{path}: an example with a mistake; run scalargrad check {path}, then write your own in its place")
    return 0
