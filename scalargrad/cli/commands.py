"""The command line: `scalargrad verify`, `derive`, `explain`, `draw`, `step` and `check`.

    >>> main(["explain", "--shape", "1,2,1", "--entry", "z[0,0]"])
    2

Exit status 0: done, and verified or right; 1: a claim is false; 2: bad input, with one sentence on standard error.
"""

from __future__ import annotations

import argparse
import io
import json
import random
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager, nullcontext
from fractions import Fraction
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NoReturn

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from rich.text import Text

from .. import pictures as diagram
from .._build import build_info
from ..affine import verify
from ..affine.layer import Layer
from ..affine.report import EVIDENCE, Report, verdict_line
from ..affine.verify import LOSSES
from ..arrays import fill
from ..datasets.files import IRIS, iris, read_function, read_labels, read_matrix, read_module, read_vector, where_in
from ..derivation import NAMED, derive
from ..engine.value import Value
from ..errors import DiagramError

SMALL_SHAPES = (
    *((1, 1, 1), (1, 2, 3), (2, 1, 3), (2, 3, 1), (2, 3, 2), (3, 3, 3), (4, 5, 6)),
    *((0, 2, 3), (2, 0, 3), (2, 3, 0), (0, 0, 0)),
)
"""N, D, M of the sweep that follows the real data: each size equal to one, all different, and each equal to zero."""

Shape = tuple[int, int, int]


REFUSALS = (ArithmeticError, ValueError, TypeError, LookupError, MemoryError, ModuleNotFoundError, DiagramError)
"""What bad input raises, with a sentence of its own: it becomes exit status 2."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit status."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # ∂ is ? where a terminal or a pipe knows ASCII only
    try:
        options = parser().parse_args(arguments)
        return int(options.run(options))
    except UsageError as error:
        return refuse(str(error))
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return 130
    except BrokenPipeError:  # the reader of a pipe, such as head, has seen enough
        sys.stderr.close()  # or Python would complain about the rest at exit
        return 1
    except OSError as error:
        return refuse(f"scalargrad {options.command}: {error.filename or 'standard output'}: {error.strerror}")
    except REFUSALS as error:
        return refuse(f"scalargrad {options.command}: {error.args[0]}")


def refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 2


class UsageError(Exception):
    """The words of the command are off."""


class Parser(argparse.ArgumentParser):
    """argparse, but an error is a sentence and not an exit from the middle of the program."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(f"{self.prog}: {message}; see {self.prog} --help")


def parser() -> argparse.ArgumentParser:
    """The words that the command understands."""
    top = Parser(prog="scalargrad", description="A scalar autograd engine that proves the matrix formulas exactly.")
    top.add_argument("--version", action="version", version=f"scalargrad {installed_version()}, {build_info()}")
    commands = top.add_subparsers(
        dest="command", required=True, metavar="verify | derive | explain | draw | step | check"
    )

    check = commands.add_parser(
        "verify",
        help="prove the formulas of the affine layer on data, exactly",
        description="Without arguments: on Fisher's iris measurements, then on a sweep of small shapes.",
    )
    check.add_argument("--x", metavar="FILE", help="X, N×D: CSV or .npy")
    check.add_argument("--w", metavar="FILE", help="W, D×M; if not given it is random, with a column for each label")
    check.add_argument(
        "--b", metavar="FILE", help="b, M numbers; if not given, no bias, or a random one where W is random"
    )
    check.add_argument("--labels", metavar="FILE", help="the class of each row of X: integers from 0, or names")
    check.add_argument(
        "--shape", metavar="N,D,M", type=shape_of, action="append", help="random numbers of this shape (repeatable)"
    )
    check.add_argument("--loss", choices=LOSSES, help="cross-entropy if there are labels, else weighted-sum")
    check.add_argument(
        "--evidence", metavar="KIND,…", type=kinds_of, help=f"{', '.join(EVIDENCE)}; if not given, all that are quick"
    )
    check.add_argument("--seed", type=int, default=0, help="for random numbers (0)")
    check.add_argument("--jobs", type=positive, default=1, help="processes for a sweep over shapes (1)")
    check.add_argument("--json", action="store_true", help="print JSON")
    check.set_defaults(run=run_verify)

    proof = commands.add_parser(
        "derive",
        help="derive the matrix formulas of a layer for all shapes",
        description="Each step is checked by SymPy, and the formulas on scalar graphs.",
    )
    proof.add_argument(
        "layer",
        metavar="NAME | FORMULA",
        help=f"one of {', '.join(NAMED)}; or index notation such as 'y[a,b] = sum(k, x[a,k]*w[k,b]) + b[b]'",
    )
    proof.add_argument(
        "--shape",
        metavar="NAME=SIZES",
        type=named_sizes,
        action="append",
        default=[],
        help="names for the sizes of an input of a formula: --shape 'x=N D' (repeatable)",
    )
    proof.add_argument("--latex", action="store_true", help="print LaTeX, for amsmath")
    proof.set_defaults(run=run_derive)

    entry = commands.add_parser("explain", help="one entry of a gradient, term by term")
    add_layer_options(entry)
    entry.add_argument(
        "--entry", metavar="ENTRY", type=entry_of, default=("x", (0, 1)), help="x[i,j], w[i,j] or b[j] (x[0,1])"
    )
    entry.set_defaults(run=run_explain)

    drawing = commands.add_parser("draw", help="a diagram of the layer, with the local partials on its arrows")
    add_layer_options(drawing)
    drawing.add_argument("--bias", action="store_true", help="Y = X·W + b")
    drawing.add_argument("--loss", choices=LOSSES, default="squares", help="(squares)")
    drawing.add_argument("--term", metavar="ENTRY", help="highlight the paths from this entry to L, such as x[0,1]")
    drawing.add_argument("--level", choices=diagram.LEVELS, help="the finest that can be read, if not given")
    drawing.add_argument("--out", metavar="FILE", help=f"write a file: .{', .'.join(diagram.FORMATS)}; else print DOT")
    drawing.add_argument("--text", action="store_true", help="print an indented tree in place of a drawing")
    drawing.set_defaults(run=run_draw)

    page = commands.add_parser("step", help="a page that steps through a graph, forward and backward")
    page.add_argument(
        "function", nargs="?", metavar="FILE.py:FUNCTION", help="a function of yours that returns a Value"
    )
    add_layer_options(page)
    page.add_argument("--bias", action="store_true", help="Y = X·W + b")
    page.add_argument("--loss", choices=LOSSES, default="squares", help="(squares)")
    page.add_argument("--out", metavar="FILE.html", default="step.html", help="(step.html)")
    page.set_defaults(run=run_step)

    claim = commands.add_parser(
        "check",
        help="check a gradient that you derived by hand",
        description="The file defines forward, gradients and shapes; see `scalargrad check --new FILE.py`.",
    )
    claim.add_argument("file", nargs="?", metavar="FILE.py[:forward:gradients]", help="what to check")
    claim.add_argument("--new", metavar="FILE.py", help="write a file to begin with")
    claim.add_argument("--tolerance", help='for float code: "ulp:8", or a relative error such as 1e-6')
    claim.add_argument("--json", action="store_true", help="print JSON")
    claim.set_defaults(run=run_check)
    return top


def add_layer_options(command: argparse.ArgumentParser) -> None:
    """What to build a layer of, for the commands that show one."""
    command.add_argument("--shape", metavar="N,D,M", type=shape_of, default=(2, 3, 2), help="(2,3,2)")
    command.add_argument("--numbers", choices=NUMBERS, default="integers", help="(integers)")
    command.add_argument("--seed", type=int, default=0, help="for random numbers (0)")


def installed_version() -> str:
    try:
        return version("scalargrad-exact")
    except PackageNotFoundError:
        return "(not installed)"


def shape_of(text: str) -> Shape:
    if not re.fullmatch(r"\s*\d+\s*,\s*\d+\s*,\s*\d+\s*", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not a shape: write three sizes, as in 2,3,2")
    N, D, M = map(int, text.split(","))
    return N, D, M


def named_sizes(text: str) -> tuple[str, str]:
    name, equals, sizes = text.partition("=")
    if not equals or not name.strip().isidentifier():
        raise argparse.ArgumentTypeError(f"{text!r} gives no sizes: write a name and its sizes, as in 'x=N D'")
    return name.strip(), sizes


def kinds_of(text: str) -> list[str]:
    kinds = [kind.strip() for kind in text.split(",")]
    for kind in kinds:
        if kind not in EVIDENCE:
            raise argparse.ArgumentTypeError(f"there is no evidence {kind!r}: choose from {', '.join(EVIDENCE)}")
    return kinds


def entry_of(text: str) -> tuple[str, tuple[int, ...]]:
    found = re.fullmatch(r"\s*([xwbXWB])\s*\[\s*(\d+)\s*(?:,\s*(\d+)\s*)?\]\s*", text)
    if not found:
        raise argparse.ArgumentTypeError(f"{text!r} is not an entry: write x[0,1], w[0,1] or b[0]")
    name, *index = found.groups()
    return name.lower(), tuple(int(i) for i in index if i is not None)


def positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number of processes: give 1 or more")
    return int(text)


# ---------------------------------------------------------------------------------------------------------------------
# scalargrad verify


def run_verify(options: argparse.Namespace) -> int:
    """Verify data, shapes, or both, print reports, and return the exit status."""
    files = [name for name in ("x", "w", "b", "labels") if getattr(options, name)]
    if files and options.shape:
        raise UsageError("scalargrad verify: give files or --shape, not both")
    if files and "x" not in files:
        raise UsageError(f"scalargrad verify: --{files[0]} needs --x FILE beside it")
    data_report = None
    if not options.shape:
        with progress_bar("verifying", total=None) as step:
            data_report = verify_data(options, step)
    reports = []
    if not files:
        shapes = options.shape or SMALL_SHAPES
        executor = ProcessPoolExecutor(options.jobs) if options.jobs > 1 else nullcontext()
        with executor as pool, progress_bar("shapes", total=len(shapes)) as step:
            reports = verify.sweep(
                shapes,
                loss=(options.loss if options.shape else None) or "weighted-sum",
                evidence=options.evidence,
                seed=options.seed,
                executor=pool,
                progress=lambda report: step(f"{report.shape}"),
            )
    show(data_report, reports, options.json)
    everything = [*([data_report] if data_report else []), *reports]
    return 0 if all(report.verified for report in everything) else 1


def verify_data(options: argparse.Namespace, progress: Callable[[str], None]) -> Report:
    """Verify the layer of the files given, or of the iris measurements."""
    if options.x:
        X, source = read_matrix(options.x), options.x
        labels = read_labels(options.labels) if options.labels else None
    else:
        (X, labels), source = iris(), IRIS
    rng = random.Random(f"{options.seed} W and b")
    if options.w:
        W, b = read_matrix(options.w), None
    elif labels is None:
        raise ValueError("--x alone does not say how many columns W has: give --w FILE, or --labels FILE")
    else:
        D, M = X.shape[1], max(labels) + 1
        W, b = fill((D, M), lambda *_: rng.gauss(0, 1)), fill((M,), lambda *_: rng.gauss(0, 1))
        source += f"; W and b random, seed {options.seed}"
    return verify.verify(
        X,
        W,
        read_vector(options.b) if options.b else b,
        loss=options.loss or ("weighted-sum" if labels is None else "cross-entropy"),
        labels=labels,
        evidence=options.evidence,
        seed=options.seed,
        source=source,
        progress=progress,
    )


def show(data_report: Report | None, sweep: list[Report], as_json: bool) -> None:
    """Print the reports: a single one in full, a sweep as a line each."""
    if as_json:
        reports = [*([data_report] if data_report else []), *sweep]
        result = {"verified": all(r.verified for r in reports), "reports": [r.as_dict() for r in reports]}
        print(json.dumps(result, ensure_ascii=False, indent=2))
        return
    console = Console(highlight=False)
    if data_report:
        console.print(data_report)
    if len(sweep) == 1:
        console.print(sweep[0])
    elif sweep:
        console.print(f"{len(sweep)} shapes; {sweep[0].source}; loss: {sweep[0].loss}")
        console.print(sweep_table(sweep))
        for report in sweep:
            if not report.verified:
                console.print(report)
        console.print(verdict_line(all(r.verified for r in sweep), f"{len(sweep)} shapes"))


def sweep_table(reports: list[Report]) -> Table:
    """A line for each shape."""
    table = Table(box=SIMPLE_HEAD)
    for heading in ("N", "D", "M", "nodes", "claims", "entries compared"):
        table.add_column(heading, justify="right")
    table.add_column("evidence")
    table.add_column("verdict")
    for report in reports:
        claims = {finding.claim for finding in report.findings}
        compared = sum(finding.compared for finding in report.findings)
        figures = (*report.shape, f"{report.nodes:,}", len(claims), f"{compared:,}")
        verdict = Text("✓", "green") if report.verified else Text("✗ FALSE", "bold red")
        table.add_row(*map(str, figures), ", ".join(report.evidence), verdict)
    return table


@contextmanager
def progress_bar(what: str, total: int | None) -> Iterator[Callable[[str], None]]:
    """A function to call at each step, which moves a bar on standard error if that is a terminal."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as progress:
        task = progress.add_task(what, total=total)
        yield lambda words: progress.update(task, advance=1, description=f"{what} {words}")


# ---------------------------------------------------------------------------------------------------------------------
# scalargrad derive, explain, draw, step

NUMBERS: dict[str, Callable[[random.Random], Callable[..., Any]]] = {
    "integers": lambda rng: lambda *_: rng.randint(-4, 4),
    "fractions": lambda rng: lambda *_: Fraction(rng.randint(-9, 9), rng.randint(1, 4)),
    "floats": lambda rng: lambda *_: round(rng.gauss(0, 1), 2),
    "symbols": lambda rng: verify.symbol,
}
"""The kinds of number to explain with, as entries `(name, index)` of a matrix."""


def run_derive(options: argparse.Namespace) -> int:
    """Print the derivation of each gradient of a layer."""
    for number, derivation in enumerate(derive(options.layer, dict(options.shape) or None)):
        if options.latex:
            print(derivation.latex())
        else:
            Console(highlight=False).print(*([""] if number else []), derivation, sep="\n")
    return 0


def run_explain(options: argparse.Namespace) -> int:
    """Print one entry's terms."""
    layer = free_layer(options, bias=True)
    Console(highlight=False).print(layer.explain(*options.entry))
    return 0


def free_layer(options: argparse.Namespace, bias: bool) -> Layer:
    """The layer that the options ask for."""
    if options.numbers == "symbols":
        verify.check_evidence(["symbols"])
    return verify.free_layer(options.shape, bias, entry=NUMBERS[options.numbers](random.Random(options.seed)))


def loss_on_top(options: argparse.Namespace) -> Value:
    """The layer that the options ask for, with their loss on top."""
    layer = free_layer(options, options.bias)
    labels = [alpha % max(layer.shape[2], 1) for alpha in range(layer.shape[0])]
    L = verify.named_loss(options.loss, labels, layer.G)(layer.Y)
    L.label = "L"
    return L


def run_draw(options: argparse.Namespace) -> int:
    """Draw the layer with a loss on top, to a file, as DOT, or as text."""
    L = loss_on_top(options)
    L.backward()
    if options.text:
        Console(highlight=False).print(diagram.text_tree(L))
        return 0
    drawing = diagram.draw(L, terms=(options.term, L) if options.term else None, level=options.level)
    if options.out:
        drawing.save(options.out)
        if drawing.caption:
            print(drawing.caption)
    else:
        print(drawing.source)
    return 0


def run_step(options: argparse.Namespace) -> int:
    """Write the page for the layer, or for what the user's function returns."""
    from ..pictures.stepper import step_through

    output = call(options.function) if options.function else loss_on_top(options)
    page = step_through(output).save(options.out)
    print(f"{page}: open it in a browser")
    return 0


def call(text: str) -> Value:
    """The Value that the function `FILE.py:function` returns; what goes wrong in it is told by its own line."""
    function, file = read_function(text), text.rpartition(":")[0]
    try:
        output = function()
    except Exception as error:
        raise ValueError(f"{where_in(file, error)}: {type(error).__name__}: {error}") from error
    if not isinstance(output, Value):
        raise TypeError(f"{text} returned a {type(output).__name__}: it must return a Value")
    return output


# ---------------------------------------------------------------------------------------------------------------------
# scalargrad check

TEMPLATE = '''"""Fill in your layer and the gradients that you derived, then run: scalargrad check {file}"""

import numpy as np

# The dimensions of each input, by name. The checker tries many sizes.
shapes = {{"X": "N D", "W": "D M", "b": "M"}}


def forward(X, W, b):
    """The layer, in NumPy: np.exp, np.log, np.sqrt, np.tanh, np.maximum, @, sums over axes… but no casts."""
    return X @ W + b


def gradients(X, W, b, Y, G):
    """Your claim: the gradient by each input, in order, for the upstream gradient G = ∂L/∂Y, which has Y's shape."""
    return G @ W.T, X.T @ G, G.sum(axis=0)
'''


def run_check(options: argparse.Namespace) -> int:
    """Print the verdict on a file of the user's, or write one to begin with."""
    from ..checker.verdict import check

    if options.new:
        path = Path(options.new)
        if path.exists():
            raise ValueError(f"{path} is there already: give a new name")
        path.write_text(TEMPLATE.format(file=path), encoding="utf-8")
        print(f"{path}: fill it in, then run scalargrad check {path}")
        return 0
    if not options.file:
        raise UsageError("scalargrad check: give FILE.py, or --new FILE.py for a file to begin with")
    file, *names = options.file.split(":")
    if len(names) not in (0, 2):
        raise UsageError(f"scalargrad check: {options.file!r}: write FILE.py, or FILE.py:forward:gradients")
    namespace = read_module(file)
    for name in (chosen := (*(names or ("forward", "gradients")), "shapes")):
        if name not in namespace:
            raise ValueError(f"{file}: there is no {name!r} in it; see scalargrad check --new")
    forward, gradients, shapes = (namespace[name] for name in chosen)
    verdict = check(forward, gradients, shapes, tolerance=options.tolerance)
    if options.json:
        print(verdict.to_json())
    else:
        Console(highlight=False).print(verdict)
    return 0 if verdict.correct else 1
