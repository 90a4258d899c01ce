"""What a verification found: each claim, by each kind of evidence, and why a false one is false.

>>> found = Finding("(1)", "∂L/∂X = G·Wᵀ", "any entry differed", "fractions", verdict=True, compared=4)
>>> Report((2, 2, 1), "by hand", "squares", 15, (found,)).verified
True
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from ..display import Shown, literal
from .evidence import EVIDENCE


@dataclass(frozen=True)
class Difference:
    """The first entry where a claim is false: what it claims, what is right, and the terms of (3) that make that up."""

    entry: str
    claimed: str
    right: str
    terms: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """One claim by one kind of evidence.

    Attributes
    ----------
    claim, statement, false_if
        The claim's name, what it says, and what would make it false.
    evidence
        The name of the kind of evidence.
    verdict
        Whether it holds; None where the evidence was not collected, and `note` says why.
    compared
        How many entries were compared.
    largest_difference
        That between claimed and right, as text: "0" for every claim that holds.
    difference
        The first entry that differs, if one does.
    """

    claim: str
    statement: str
    false_if: str
    evidence: str
    verdict: bool | None
    compared: int = 0
    largest_difference: str = ""
    note: str = ""
    difference: Difference | None = None


@dataclass(frozen=True)
class Report(Shown):
    """What was claimed, on which instance, by which evidence, and whether it holds: `bool(report)` is `verified`.

    Attributes
    ----------
    shape
        (N, D, M)
    source
        Where the numbers come from.
    loss
        The name of the loss.
    nodes
        How many nodes the graph of the loss has.
    findings
        One for each claim and kind of evidence.
    theorem
        That Coq accepted the proof of (1), (2) and (b) for all real matrices, if it did so on this machine.
    """

    shape: tuple[int, int, int]
    source: str
    loss: str
    nodes: int
    findings: tuple[Finding, ...]
    theorem: str = ""

    @property
    def verified(self) -> bool:
        """Whether something was checked and nothing was false."""
        verdicts = [finding.verdict for finding in self.findings]
        return True in verdicts and False not in verdicts

    def __bool__(self) -> bool:
        return self.verified

    @property
    def evidence(self) -> tuple[str, ...]:
        """The kinds of evidence that the findings rest on."""
        return tuple(
            kind for kind in EVIDENCE if any(f.evidence == kind and f.verdict is not None for f in self.findings)
        )

    @property
    def instance(self) -> str:
        """The instance in one line."""
        N, D, M = self.shape
        return f"X {N}×{D}, W {D}×{M}; {self.source}; loss: {self.loss}; {self.nodes:,} nodes"

    def as_dict(self) -> dict[str, Any]:
        """The report as plain lists, dicts, numbers and text, ready for JSON."""
        evidence = {kind: EVIDENCE[kind].rests_on for kind in self.evidence}
        return {"verified": self.verified, **asdict(self), "evidence": evidence}

    def to_json(self) -> str:
        """The report as JSON."""
        return json.dumps(self.as_dict(), ensure_ascii=False, indent=2)

    def __rich__(self) -> Any:
        from rich.console import Group
        from rich.text import Text

        rows = []
        notes: dict[str, None] = {}  # a set that keeps its order
        differences = []
        for name in dict.fromkeys(finding.claim for finding in self.findings):
            findings = {finding.evidence: finding for finding in self.findings if finding.claim == name}
            one, *_ = findings.values()
            cells = [_mark(findings.get(kind)) for kind in EVIDENCE]
            rows.append((name, Text.assemble(one.statement, "\n", (f"false if {one.false_if}", "dim")), *cells))
            notes |= {f"{f.evidence}: {f.note}": None for f in findings.values() if f.note}
            if false := [f for f in findings.values() if f.verdict is False]:
                differences.append(_described(false))
        legend = [literal(f"{kind}: {EVIDENCE[kind].rests_on}") for kind in self.evidence]
        if self.theorem:
            legend.append(literal(f"for all real matrices: {self.theorem}"))
        remarks = [*legend, *map(literal, notes), *differences, verdict_line(self.verified, self.instance)]
        return Group(literal(self.instance), _Findings(rows), *remarks)


NARROW = 100
"""Columns of a terminal below which the kinds of evidence share one column of the table."""


class _Findings:
    """The table of findings, as wide as the terminal has room for: a claim's statement stays on a line or two."""

    def __init__(self, rows: Sequence[Sequence[Any]]) -> None:
        self.rows = rows

    def __rich_console__(self, console: Any, options: Any) -> Iterator[Any]:
        from rich.box import SIMPLE_HEAD
        from rich.table import Table
        from rich.text import Text

        table = Table(box=SIMPLE_HEAD)
        table.add_column("claim", no_wrap=True)
        table.add_column("statement, and what would make it false")
        narrow = options.max_width < NARROW
        for heading in ("\n".join(EVIDENCE),) if narrow else EVIDENCE:
            table.add_column(heading, justify="left" if narrow else "center", no_wrap=True)
        for name, statement, *marks in self.rows:
            table.add_row(name, statement, *([Text(" ").join(marks)] if narrow else marks))
        yield table


def _mark(finding: Finding | None) -> Any:
    """A verdict as a cell: told by its sign as well as by its colour, with the largest difference where it is not 0."""
    from rich.text import Text

    if finding is None or finding.verdict is None:
        return Text("–", "dim")
    return Text("✓", "green") if finding.verdict else Text(f"✗ {finding.largest_difference}", "bold red")


def verdict_line(verified: bool, what: str) -> Any:
    """The last line of one report, or of several: verified, or what is not."""
    from rich.text import Text

    return Text("verified", "bold green") if verified else Text(f"NOT VERIFIED: {what}", "bold red")


def _described(findings: Sequence[Finding]) -> Any:
    """A false claim, by its strongest evidence: the first differing entry, and the terms of the right value."""
    finding = findings[-1]
    d = finding.difference or Difference("", "", "")
    lines = [f"✗ {finding.claim} is false by {', '.join(f.evidence for f in findings)}: {finding.statement}"]
    lines += [f"  first at {d.entry}: claimed {d.claimed}, right is {d.right}" if d.entry else f"  {d.claimed}"]
    if d.terms:
        lines += [f"  the right value is the sum of these terms of (3), by {finding.evidence}:"]
        lines += [f"    {term}" for term in d.terms]
    return literal("\n".join(lines))
