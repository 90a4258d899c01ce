"""Statements of index notation among those of matrix notation, which may use what the others make, and the reverse.

    >>> from .reading import understood
    >>> understood("r = X*w - y; f = sum(i, r[i]^2)/N", {"X": "N D"}).shapes
    {'X': ('N', 'D'), 'w': ('D', '1'), 'y': ('N', '1')}

A statement with brackets is index notation: there * multiplies entries. Elsewhere it is the product of matrices.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Protocol

from ...errors import NotationError
from ..matrix_form import as_shape
from ..notation import Axes, Reader
from .expression import Dimensions, MatrixExpression, matrix_named
from .from_indices import as_one_expression


class MatrixReader(Protocol):
    """What is asked of the reader of matrix notation."""

    declared: dict[str, Dimensions]
    used: dict[str, Dimensions]
    made: dict[str, MatrixExpression]

    def equal(self, one: str, other: str) -> bool: ...
    def unknown(self) -> str: ...


def declare_bracketed(known: MatrixReader, text: str) -> None:
    """Give each input that has brackets somewhere as many dimensions as it has indices there.

    Raises
    ------
    NotationError
        If one has more than two.
    """
    assigned = re.findall(r"(?:^|[;\n])\s*(\w+)[^=;\n]*=", text)
    for name, indices in re.findall(r"(\w+)\[([^\]]*)\]", text):
        if name not in known.declared and name not in assigned and name not in ("eye", "δ"):
            count = indices.count(",") + 1
            if count > 2:
                raise NotationError(
                    f"{name} has {count} indices, and beside matrix notation two are the limit: write all statements "
                    "in index notation"
                )
            known.declared[name] = (known.unknown(), known.unknown() if count > 1 else "1")


def indexed_statement(known: MatrixReader, number: int, line: str) -> tuple[str, MatrixExpression]:
    """The name that a statement with brackets assigns, and its right side as a formula of matrices.

    Raises
    ------
    NotationError
        If it is no statement, or has no matrix form.
    """
    reader = Reader(words=frozenset(re.findall(r"\w+", line)), axes=Axes(known.equal))
    shapes = {**known.declared, **known.used, **{name: A.shape for name, A in known.made.items()}}
    for name, (rows, columns) in shapes.items():
        reader.declare(name, tuple(letter for letter in (rows, columns) if letter != "1"))
    reader.declared = frozenset()  # others may be new
    reader.statement(number, line)
    layer = reader.layer(letters=unknowns(known))
    for name in layer.inputs:
        if name not in known.made:
            known.used.setdefault(name, shapes.get(name) or as_shape(layer.shapes[name]))
    meaning = {name: known.made.get(name) or matrix_named(name, known.used[name]) for name in layer.inputs}
    return layer.output, as_one_expression(layer, meaning)


def unknowns(known: MatrixReader) -> Iterator[str]:
    """Dimensions that are yet to find."""
    while True:
        yield known.unknown()
