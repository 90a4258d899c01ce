"""`scalargrad verify`: the proof on data, then on a sweep of small shapes.

>>> from scalargrad.cli import main
>>> main(["verify", "--jobs", "none"])
2
"""

from __future__ import annotations

import json
import os
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from contextlib import nullcontext
from random import Random
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.table import Table
from rich.text import Text

from ..affine import EVIDENCE, LOSSES, Report, verify, verify_shapes
from ..affine.report import verdict_line
from ..arrays import fill
from ..datasets import iris, read_labels, read_matrix, read_vector
from ..datasets.iris import IRIS
from ..errors import UsageError
from .options import shape_of, show
from .progress import shown_progress

SMALL_SHAPES = (
    *((1, 1, 1), (1, 2, 3), (2, 1, 3), (2, 3, 1), (2, 3, 2), (3, 3, 3), (4, 5, 6)),
    *((0, 2, 3), (2, 0, 3), (2, 3, 0), (0, 0, 0)),
)
"""N, D, M of the sweep that follows the real data: each size equal to one, all different, and each equal to zero."""


class VerifyCommand:
    """Verify data, shapes, or both."""

    description = "Without arguments: on Fisher's iris measurements, then on a sweep of small shapes."
    epilog = "In Python, with import scalargrad as sg: sg.verify(X, W, b)."

    def add_options(self, words: ArgumentParser) -> None:
        words.add_argument("--x", metavar="FILE", help="X, N×D: CSV or .npy")
        words.add_argument(
            "--w", metavar="FILE", help="W, D×M; if not given it is random, with a column for each label"
        )
        words.add_argument(
            "--b", metavar="FILE", help="b, M numbers; if not given, no bias, or a random one where W is random"
        )
        words.add_argument("--labels", metavar="FILE", help="the class of each row of X: integers from 0, or names")
        words.add_argument(
            "--shape", metavar="N,D,M", type=shape_of, action="append", help="random numbers of this shape (repeatable)"
        )
        words.add_argument("--loss", choices=LOSSES, help="cross-entropy if there are labels, else weighted-sum")
        words.add_argument(
            "--evidence", metavar="KIND,…", type=_kinds, help=f"{', '.join(EVIDENCE)}; if not given, all that are quick"
        )
        words.add_argument("--seed", type=int, default=0, help="for random numbers (0)")
        words.add_argument("--jobs", type=_processes, default=1, help="processes for a sweep over shapes (1)")
        words.add_argument("--json", action="store_true", help="print JSON")

    def run(self, options: Namespace) -> int:
        """Verify, print reports, and return 0 if all is verified, else 1."""
        files = [name for name in ("x", "w", "b", "labels") if getattr(options, name)]
        if files and options.shape:
            raise UsageError("scalargrad verify: give files or --shape, not both")
        if files and "x" not in files:
            raise UsageError(f"scalargrad verify: --{files[0]} needs --x FILE beside it")
        os.environ.setdefault("SYMPY_CACHE_SIZE", "100000")  # the claims multiply the same symbols, thousands of them
        data_report = None if options.shape else _verify_data(options)
        sweep = [] if files else _verify_sweep(options)
        reports = [*([] if data_report is None else [data_report]), *sweep]
        if options.json:
            result = {"verified": all(reports), "reports": [report.as_dict() for report in reports]}
            print(json.dumps(result, ensure_ascii=False, indent=2))
        else:
            _show(data_report, sweep)
        return 0 if all(reports) else 1


def _kinds(text: str) -> list[str]:
    kinds = [kind.strip() for kind in text.split(",")]
    for kind in kinds:
        if kind not in EVIDENCE:
            raise ArgumentTypeError(f"there is no evidence {kind!r}: choose from {', '.join(EVIDENCE)}")
    return kinds


def _processes(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a number of processes: give 1 or more")
    return int(text)


def _verify_data(options: Namespace) -> Report:
    """The report on the files given, or on the iris measurements."""
    if options.x:
        X, source = read_matrix(options.x), options.x
        labels = read_labels(options.labels) if options.labels else None
    else:
        (X, labels), source = iris(), IRIS
    if options.w:
        W, b = read_matrix(options.w), None
    elif labels is None:
        raise UsageError(
            "scalargrad verify: --x alone does not say how many columns W has: give --w FILE, or --labels FILE"
        )
    else:
        D, M = X.shape[1], max(labels) + 1
        random = Random(f"{options.seed} W and b")
        W, b = fill((D, M), lambda *_: random.gauss(0, 1)), fill((M,), lambda *_: random.gauss(0, 1))
        source += f"; W and b random, seed {options.seed}"
    with shown_progress("verifying") as step:
        return verify(
            X,
            W,
            read_vector(options.b) if options.b else b,
            loss=options.loss or ("weighted-sum" if labels is None else "cross-entropy"),
            labels=labels,
            evidence=options.evidence,
            seed=options.seed,
            source=source,
            progress=step,
        )


def _verify_sweep(options: Namespace) -> list[Report]:
    """A report for each shape given, or for each of `SMALL_SHAPES`."""
    shapes = options.shape or SMALL_SHAPES
    with _pool(options.jobs) as pool, shown_progress("verifying") as step:
        return verify_shapes(
            shapes,
            loss=(options.loss if options.shape else None) or "weighted-sum",
            evidence=options.evidence,
            seed=options.seed,
            executor=pool,
            steps=step,
        )


def _pool(processes: int) -> Any:
    """So many processes, or None for this one alone."""
    if processes == 1:
        return nullcontext()
    from concurrent.futures import ProcessPoolExecutor

    return ProcessPoolExecutor(processes)


def _show(data_report: Report | None, sweep: list[Report]) -> None:
    """Print the reports: a single one in full, a sweep as a line each."""
    if data_report is not None:
        show(data_report)
    if len(sweep) == 1:
        show(sweep[0])
    elif sweep:
        everywhere = {report.evidence for report in sweep}
        evidence = f"; evidence: {', '.join(*everywhere)}" if len(everywhere) == 1 else ""
        show(f"{len(sweep)} shapes; {sweep[0].source}; loss: {sweep[0].loss}{evidence}")
        show(_sweep_table(sweep, show_evidence=not evidence))
        show(*(report for report in sweep if not report), verdict_line(all(sweep), f"{len(sweep)} shapes"))


def _sweep_table(reports: list[Report], show_evidence: bool) -> Table:
    """A line for each shape, with its evidence where that is not the same for all."""
    table = Table(box=SIMPLE_HEAD)
    for heading in ("N", "D", "M", "nodes", "claims", "entries compared"):
        table.add_column(heading, justify="right")
    if show_evidence:
        table.add_column("evidence")
    table.add_column("verdict")
    for report in reports:
        claims = {finding.claim for finding in report.findings}
        compared = sum(finding.compared for finding in report.findings)
        figures = (*report.shape, f"{report.nodes:,}", len(claims), f"{compared:,}")
        verdict = Text("✓", "green") if report else Text("✗ FALSE", "bold red")
        table.add_row(*map(str, figures), *([", ".join(report.evidence)] if show_evidence else []), verdict)
    return table
