"""`scalargrad step`: a page that steps through the graph of an expression, of a function of yours, or of the layer.

>>> from scalargrad.cli import main
>>> main(["step", "nothing.py:loss"])
2
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from typing import Any

from ..datasets.files import read_function, where_in
from ..engine.value import Value
from ..errors import ArgumentTypeError, FileError, UsageError
from ..pictures import PAGE_LEVELS, step_through
from .expression import arguments_for, evaluate, given_numbers
from .options import add_loss_options, chosen_loss


class StepCommand:
    """Write the page."""

    description = "A page that needs no network: for an expression, a Value of yours, or the layer with a loss on top."
    epilog = (
        'Examples: scalargrad step "x*x + 3*x" x=2; scalargrad step mine.py:loss w=1/3; scalargrad step --w w.csv. '
        "In Python, with import scalargrad as sg: sg.step_through(L)."
    )

    def add_options(self, words: ArgumentParser) -> None:
        words.add_argument("what", nargs="?", metavar="EXPRESSION | FILE.py:FUNCTION", help="the layer if not given")
        words.add_argument("inputs", nargs="*", metavar="NAME=NUMBER", help="of an expression or a function: x=2")
        add_loss_options(words)
        words.add_argument(
            "--level",
            choices=PAGE_LEVELS,
            help="a box for each node, or for each labelled one (scalar up to 300 nodes)",
        )
        words.add_argument("--out", metavar="FILE.html", default="step.html", help="(step.html)")

    def run(self, options: Namespace) -> int:
        """Write the page for what is asked for."""
        page = step_through(_output(options), level=options.level).save(options.out)
        print(f"{page}: open it in a browser")
        return 0


def _output(options: Namespace) -> Value:
    """The Value to step through."""
    if not options.what:
        return chosen_loss(options)
    if options.x or options.w or options.b:
        raise UsageError("scalargrad step: --x, --w and --b are for the layer: leave out the expression or function")
    numbers = given_numbers(options.inputs)
    return _returned(options.what, numbers) if ":" in options.what else evaluate(options.what, numbers)


def _returned(text: str, numbers: Mapping[str, Any]) -> Value:
    """The Value that the function `FILE.py:function` returns; what goes wrong in it is told by its own line."""
    function, file = read_function(text), text.rpartition(":")[0]
    positional, named = arguments_for(function, numbers, text)
    try:
        output = function(*positional, **named)
    except Exception as error:
        raise FileError(f"{where_in(file, error)}: {type(error).__name__}: {error}") from error
    if not isinstance(output, Value):
        raise ArgumentTypeError(f"{text} returned a {type(output).__name__}: it must return a Value")
    return output
