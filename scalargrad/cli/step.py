"""`scalargrad step`: a page that steps through the graph of the layer, or of what a function of yours returns.

>>> from scalargrad.cli import main
>>> main(["step", "nothing.py:loss"])
2
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace

from ..datasets.files import read_function, where_in
from ..engine.value import Value
from ..errors import ArgumentTypeError, FileError
from ..pictures import step_through
from .options import add_loss_options, chosen_loss


class StepCommand:
    """Write the page."""

    description = "A page that needs no network, for the layer with a loss on top or for a Value of yours."
    epilog = "In Python, with import scalargrad as sg: sg.step_through(L)."

    def add_options(self, words: ArgumentParser) -> None:
        words.add_argument(
            "function", nargs="?", metavar="FILE.py:FUNCTION", help="a function of yours that returns a Value"
        )
        add_loss_options(words)
        words.add_argument("--out", metavar="FILE.html", default="step.html", help="(step.html)")

    def run(self, options: Namespace) -> int:
        """Write the page for the layer, or for what the user's function returns."""
        output = _returned(options.function) if options.function else chosen_loss(options)
        page = step_through(output).save(options.out)
        print(f"{page}: open it in a browser")
        return 0


def _returned(text: str) -> Value:
    """The Value that the function `FILE.py:function` returns; what goes wrong in it is told by its own line."""
    function, file = read_function(text), text.rpartition(":")[0]
    try:
        output = function()
    except Exception as error:
        raise FileError(f"{where_in(file, error)}: {type(error).__name__}: {error}") from error
    if not isinstance(output, Value):
        raise ArgumentTypeError(f"{text} returned a {type(output).__name__}: it must return a Value")
    return output
