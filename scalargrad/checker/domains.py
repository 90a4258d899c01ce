"""Where the numbers of an input are drawn: all real ones, an interval, symmetric matrices, labels.

>>> domain_said("p", "in (0,1)"), domain_said("y", "int<C").below
(Domain(low=Fraction(0, 1), high=Fraction(1, 1), form='', below=''), 'C')

Each input has a domain of its own, said or found by trying; the upstream gradient is never restricted.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np

from ..arrays import Array, fill
from ..errors import ArgumentError


@dataclass(frozen=True)
class Domain:
    """Where the numbers of an input are.

    Attributes
    ----------
    low, high
        The ends of an open interval; None for none.
    form
        "symmetric" or "spd" (symmetric and positive definite) for square matrices, else "".
    below
        For labels: how many there are, as a name of a dimension or a number; they are integers from 0.
    """

    low: Fraction | None = None
    high: Fraction | None = None
    form: str = ""
    below: str = ""

    def __str__(self) -> str:
        if self.form or self.below:
            return self.form or f"int<{self.below}"
        if self.low is None and self.high is None:
            return "any real numbers"
        low, high = ("∞" if end is None else str(end) for end in (self.low, self.high))
        return f"in ({'-' if self.low is None else ''}{low}, {high})"

    def number(self, rng: random.Random, size: int = 997) -> Fraction:
        """A number of the interval that nothing special is true of; without an end, up to some `size`/29."""
        x = Fraction(rng.randint(1, size), rng.randint(29, 97))
        if self.low is not None and self.high is not None:
            return self.low + (self.high - self.low) * Fraction(rng.randint(20, 980), 1000 + rng.randint(0, 30))
        if self.low is not None:
            return self.low + x
        if self.high is not None:
            return self.high - x
        return x if rng.random() < 0.5 else -x

    def contains(self, x: Any) -> bool:
        """Whether a number is in the interval."""
        return (self.low is None or x > self.low) and (self.high is None or x < self.high)

    def matrix(self, shape: tuple[int, ...], number: Callable[[], Fraction]) -> Array:
        """An array of the form, made of numbers that are drawn one by one."""
        drawn = fill(shape, lambda *_: number())
        if not self.form:
            return drawn
        turned = np.swapaxes(drawn, -1, -2)
        if self.form == "symmetric":
            return drawn + turned
        unit = np.eye(shape[-1], dtype=int).astype(object)
        product: Array = drawn @ turned + unit * Fraction(1, 3)
        return product

    def has(self, matrix: Array) -> bool:
        """Whether a matrix is of the form, and its numbers are in the interval. (Definite ones are drawn as such.)"""
        if self.form:
            return self.form == "symmetric" and bool((matrix == np.swapaxes(matrix, -1, -2)).all())
        return all(self.contains(x) for x in matrix.flat)


REAL = Domain()

FOUND = (
    REAL,
    Domain(Fraction(-1), Fraction(1)),
    Domain(Fraction(0)),
    Domain(Fraction(1)),
    Domain(Fraction(0), Fraction(1)),
)
"""The domains that are tried, the widest first."""

DEFINITE = Domain(form="spd")

END = r"[-+]?(?:\d+/\d+|\d*\.?\d+(?:e[-+]?\d+)?)"

PATTERN = re.compile(
    rf"(?P<form>spd|symmetric)|(?P<sign>positive|nonnegative|negative)|int\s*<\s*(?P<below>\w+)"
    rf"|>=?\s*(?P<low>{END})|<=?\s*(?P<high>{END})"
    rf"|in\s*[(\[]\s*(?P<from>{END}|-inf)\s*,\s*(?P<to>{END}|inf)\s*[)\]]"
)
"""How a domain is said, after the dimensions."""


def domain_said(name: str, text: str) -> Domain:
    """The domain that a text says; closed ends are taken for open ones, since a layer may bend or end there.

    Raises
    ------
    ArgumentError
        If it is not one.
    """
    found = PATTERN.fullmatch(text.strip())
    if not found:
        raise ArgumentError(
            f"the domain of {name} is {text.strip()!r}: write in (0,1), > 0, positive, spd, symmetric or int<C after "
            'the dimensions, as in "N in (0,1)"'
        )
    low, high = found["low"] or found["from"], found["high"] or found["to"]
    if found["sign"]:
        low, high = (None, "0") if found["sign"] == "negative" else ("0", None)
    try:
        ends = [None if end is None or "inf" in end else Fraction(end) for end in (low, high)]
    except (ValueError, ZeroDivisionError):
        raise ArgumentError(f"the domain of {name} is {text!r}: its ends are not numbers") from None
    if None not in ends and not ends[0] < ends[1]:  # type: ignore[operator]
        raise ArgumentError(f"the domain of {name} is {text!r}: it is empty")
    return Domain(ends[0], ends[1], found["form"] or "", found["below"] or "")


def labels(domain: Domain, sizes: Mapping[str, int], shape: tuple[int, ...], rng: random.Random) -> Array:
    """Integers from 0 to one less than the dimension or number that the domain names."""
    count = int(domain.below) if domain.below.isdecimal() else sizes[domain.below]
    drawn = fill(shape, lambda *_: rng.randrange(count))
    return drawn.astype(np.int64)
