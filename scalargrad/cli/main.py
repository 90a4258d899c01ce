"""The command line: `scalargrad verify`, `derive`, `explain`, `draw`, `step`, `explore`, `check`, and exit statuses.

    >>> main(["explain", "--shape", "1,2,1", "--entry", "z[0,0]"])
    2

Exit status 0: done, and verified or right; 1: a claim is false; 2: bad input, with one sentence on standard error; 130:
interrupted. Anything else is a fault of ours and shows its traceback.
"""

from __future__ import annotations

import atexit
import gc
import io
import sys
from argparse import Action, ArgumentParser, Namespace
from collections.abc import Sequence
from importlib import import_module
from typing import Any, NoReturn, Protocol

from .._build import build_info
from ..errors import Error, UsageError

HELP = {
    "verify": "prove the formulas of the affine layer on data, exactly",
    "derive": "derive the matrix formulas of a layer for all shapes",
    "explain": "one entry of a gradient, term by term",
    "draw": "a diagram of the layer, with the local partials on its arrows",
    "step": "a page that steps through a graph, forward and backward",
    "explore": "a page on which each entry of a gradient is row · column, and why",
    "check": "check a gradient that you derived by hand",
}
"""What each command does, in a line. `verify` is the class VerifyCommand in verify.py, which is loaded when it runs."""


class Command(Protocol):
    """What a command's file has to say."""

    description: str
    epilog: str

    def add_options(self, words: ArgumentParser) -> None:
        """Add the words that the command understands."""

    def run(self, options: Namespace) -> int:
        """Do it, and return the exit status."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status.

    Parameters
    ----------
    arguments
        The words after `scalargrad`; those of the process if not given.

    Raises
    ------
    SystemExit
        After --help and --version.
    """
    atexit.register(gc.freeze)  # what is left when the process ends need not be searched for cycles
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # ∂ is ? where a terminal or a pipe knows ASCII only
    name = "scalargrad"
    try:
        options = parser().parse_args(arguments)
        name += f" {options.command}"
        status: int = options.run(options)
        sys.stdout.flush()  # so that a full disk is noticed here
        return status
    except UsageError as error:
        return refuse(str(error))
    except Error as error:
        return refuse(f"{name}: {error}")
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of a pipe, such as head, has seen enough
        sys.stderr.close()  # or Python would complain about the rest at exit
        return 1
    except OSError as error:
        return refuse(f"{name}: {error.filename or 'standard output'}: {error.strerror or error}")
    except MemoryError:
        return refuse(f"{name}: this machine's memory is used up: choose a smaller shape")


def refuse(sentence: str) -> int:
    """Say on one line of standard error what is wrong, and return the exit status for bad input."""
    print(" ".join(sentence.splitlines()), file=sys.stderr)
    return 2


class Parser(ArgumentParser):
    """argparse, but an error is a sentence and not an exit from the middle of the program."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{self.prog}: {message}; see {self.prog} --help")


class CommandParser(Parser):
    """The words of one command, which are added when they are needed: their choices come from what is slow to load."""

    def parse_known_args(self, args: Any = None, namespace: Any = None) -> Any:
        name = self.prog.rpartition(" ")[2]
        command: Command = getattr(import_module(f".{name}", __package__), f"{name.capitalize()}Command")()
        self.description, self.epilog = command.description, command.epilog
        self.set_defaults(run=command.run)
        command.add_options(self)
        return super().parse_known_args(args, namespace)


def parser() -> Parser:
    """The words that the command understands."""
    top = Parser(prog="scalargrad", description="A scalar autograd engine that proves the matrix formulas exactly.")
    top.add_argument("--version", action=VersionAction, nargs=0, help="show the version, and which build runs")
    commands = top.add_subparsers(dest="command", required=True, metavar=" | ".join(HELP), parser_class=CommandParser)
    for name, what in HELP.items():
        commands.add_parser(name, help=what)
    return top


class VersionAction(Action):
    """Prints the version. It is looked up for this alone, since that takes a while."""

    def __call__(self, parser: ArgumentParser, *_: Any) -> None:
        print(f"scalargrad {installed_version()}, {build_info()}")
        parser.exit()


def installed_version() -> str:
    """The version of the distribution."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("scalargrad-exact")
    except PackageNotFoundError:
        return "(not installed)"
