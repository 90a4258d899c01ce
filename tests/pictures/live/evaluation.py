"""A page's program, run by the engine's own table: what the page must come to."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from scalargrad.engine.ops import TABLE
from scalargrad.pictures.document import Document


def data_in(page: Document) -> dict[str, Any]:
    """What the script of a page reads."""
    (text,) = re.findall(r'<script type="application/json" id="\w+">(.*?)</script>', page.html, re.DOTALL)
    found: dict[str, Any] = json.loads(text)
    return found


def number_of(text: str) -> Any:
    """A number as the page holds it: 3 is an int, 3/1 a Fraction, 3.0 a float."""
    if re.fullmatch(r"-?\d+", text):
        return int(text)
    return Fraction(text) if "/" in text else float(text)


def evaluated(program: Mapping[str, Any], changes: Mapping[int, Any] | None = None) -> list[Any]:
    """The number in each register, for other inputs in some of them; of another kind of number, its texts."""
    numbers: list[Any] = []
    for k, row in enumerate(program["rows"]):
        if isinstance(row, str):
            numbers.append((changes or {}).get(k, number_of(row)))
        elif isinstance(row[0], str):
            numbers.append(row)
        else:
            operands = [numbers[operand] for operand in row[1:] if not isinstance(operand, str)]
            numbers.append(TABLE[program["symbols"][row[0]]].apply(*operands))
    return numbers
