"""Rows of the one table: how many times faster, or smaller, than a peer; with what and on what it was measured."""

from __future__ import annotations

import json
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

import scalargrad as sg

PEERS = {"micrograd": "bench", "xad": "bench", "casadi": "bench", "heyoka": "bench", "torch": "peers", "numpy": ""}
"""Each peer, and the extra that it comes with."""


@cache
def is_there(peer: str) -> bool:
    """Whether a peer can be measured; if not, a note on standard error says so."""
    if find_spec(peer) is None:
        print(f"{peer} is not installed (the extra {PEERS[peer]!r}): it is left out.", file=sys.stderr)
        return False
    return True


@dataclass(frozen=True)
class Row:
    """One comparison: `ratio` is theirs over ours, unless the task says otherwise; `low`, `high` are of the pairs."""

    peer: str
    task: str
    ratio: float
    low: float | None = None
    high: float | None = None
    bar: str = ""

    @property
    def spread(self) -> str:
        return "" if self.low is None else f"{self.low:.3g}–{self.high:.3g}"


def compared(peer: str, task: str, ours: Sequence[float], theirs: Sequence[float], bar: str = "") -> Row:
    """theirs / ours: the ratio of the medians, with the spread of the pairs."""
    ratios = sorted(b / a for a, b in zip(ours, theirs, strict=True))
    return Row(peer, task, statistics.median(theirs) / statistics.median(ours), ratios[0], ratios[-1], bar)


def seconds(function: Callable[[], Any]) -> float:
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def by_turns(ours: Callable[[], Any], theirs: Callable[[], Any], repeats: int) -> tuple[list[float], list[float]]:
    """Seconds of each, after one call that is not counted."""
    ours(), theirs()
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(repeats)]
    return [a for a, _ in pairs], [b for _, b in pairs]


def peak() -> float:
    """The largest size that this process has had, in GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 2**30


def installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def processor() -> str:
    """The processor's name, as well as the system knows it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def about() -> dict[str, Any]:
    """With what and on what the rows of this run were measured."""
    return {
        "engine": sg.build_info(),
        "versions": {name: installed(name) for name in ("scalargrad-exact", *PEERS)},
        "python": platform.python_version(),
        "compiler": platform.python_compiler(),
        "processor": processor(),
    }


def show(rows: Sequence[Row], as_json: bool) -> None:
    """Print the table."""
    setting = about()
    if as_json:
        print(json.dumps({**setting, "rows": [asdict(row) for row in rows]}, indent=2, ensure_ascii=False))
        return
    table = Table(
        title="how many times faster (or smaller) than the peer; more is better unless the bar says ≤\n"
        "(every peer's graph is built by Python's loops; ours by loops and by @, a row for each)"
    )
    for heading in ("peer", "task", "ratio", "spread", "bar"):
        table.add_column(heading, justify="right" if heading in ("ratio", "spread", "bar") else "left")
    for row in rows:
        table.add_row(row.peer, row.task, f"{row.ratio:.3g}", row.spread, row.bar)
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    console.print(table)
    versions = ", ".join(f"{name} {number}" for name, number in setting["versions"].items())
    console.print(f"{setting['engine']}; {versions}; Python {setting['python']}; {setting['compiler']}; ", end="")
    console.print(setting["processor"])
