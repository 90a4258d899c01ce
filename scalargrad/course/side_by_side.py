"""Matrices printed as matrices, side by side.

    >>> print(side_by_side(X=[[1, 2], [3, 4]], v=[5, 6]))
    X = ⎡1  2⎤    v = [5  6]
        ⎣3  4⎦

As text, and in a notebook as tables with brackets. The entries may be numbers, Values, symbols, or text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from itertools import zip_longest
from typing import Any

import numpy as np

from ..display import short
from ..engine.node import Node
from ..errors import ArgumentError, ShapeError

Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class SideBySide:
    """Named matrices: the name, whether it has brackets (a single number has none), and rows of text."""

    matrices: tuple[tuple[str, bool, Rows], ...]

    def __str__(self) -> str:
        blocks = [_lines(*matrix) for matrix in self.matrices]
        widths = [len(block[0]) for block in blocks]
        return "\n".join(
            "    ".join(part.ljust(width) for part, width in zip(line, widths, strict=True)).rstrip()
            for line in zip_longest(*blocks, fillvalue="")
        )

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return f'<div style="overflow-x: auto">{"".join(_table(*matrix) for matrix in self.matrices)}</div>'


def side_by_side(named: Mapping[str, Any] | None = None, **matrices: Any) -> SideBySide:
    """Matrices with their names, as they are written on a blackboard.

    Parameters
    ----------
    named
        Matrices by names that Python has no letters for, as `{"G·Wᵀ": G @ W.T}`.
    matrices
        The same as keywords: numbers, Values, symbols or text, in a matrix, a vector (one row), or a single one.

    Raises
    ------
    ArgumentError
        If there is none.
    ShapeError
        If one has no entries or more than two dimensions.
    """
    given = {**(named or {}), **matrices}
    if not given:
        raise ArgumentError("side_by_side needs a matrix, as in side_by_side(X=X)")
    return SideBySide(tuple((name, np.ndim(matrix) > 0, _rows(name, matrix)) for name, matrix in given.items()))


def _rows(name: str, matrix: Any) -> Rows:
    entries = np.asarray(matrix, dtype=object)
    if entries.ndim > 2 or not entries.size:
        raise ShapeError(f"{name} has the shape {entries.shape}: a matrix of at least one entry can be written")
    return tuple(tuple(map(_entry, row)) for row in np.atleast_2d(entries))


def _entry(x: Any) -> str:
    x = x.data if isinstance(x, Node) else x
    return x if isinstance(x, str) else short(x).replace("**", "^").replace("*", "·")


def _lines(name: str, bracketed: bool, rows: Rows) -> list[str]:
    """A matrix as lines of one width; its name stands before the first."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    inner = ["  ".join(x.rjust(width) for x, width in zip(row, widths, strict=True)) for row in rows]
    last = len(rows) - 1
    brackets = [("[", "]")] if bracketed else [("", "")]
    if last:
        brackets = [("⎡", "⎤"), *[("⎢", "⎥")] * (last - 1), ("⎣", "⎦")]
    head = f"{name} = "
    return [
        f"{' ' * len(head) if i else head}{left}{line}{right}"
        for i, ((left, right), line) in enumerate(zip(brackets, inner, strict=True))
    ]


def _table(name: str, bracketed: bool, rows: Rows) -> str:
    """A matrix as a table with brackets; its name stands before the middle."""
    cell = '<td style="padding: 2px 9px; text-align: center; border: none">'
    row = '<tr style="background: none">'  # notebooks colour every other row
    lines = "".join(f"{row}{''.join(f'{cell}{escape(x)}</td>' for x in entries)}</tr>" for entries in rows)
    edges = "border-left: 2px solid; border-right: 2px solid; border-radius: 6px" if bracketed else "border: none"
    style = f"display: inline-table; border-collapse: separate; border-spacing: 0; vertical-align: middle; {edges}"
    whole = "display: inline-block; white-space: nowrap; margin: 4px 2em 4px 0"
    return f'<div style="{whole}">{escape(name)} = <table style="{style}">{lines}</table></div>'
