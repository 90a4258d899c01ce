"""Layers and claims that several files of tests look at."""

from __future__ import annotations

from fractions import Fraction
from itertools import product
from typing import Any

from scalargrad.affine import CLAIMS, Claim, Layer, build
from scalargrad.arrays import fill

SHAPES = list(product((1, 2, 3), repeat=3))


def fractions(rows: int, columns: int, start: int = 1) -> Any:
    """Different Fractions, none zero."""
    return fill((rows, columns), lambda i, j: Fraction(start + 7 * i + 3 * j, 2 + i + j))


def layer_of(N: int, D: int, M: int) -> Layer:
    """A layer of this shape over Fractions, with a bias and with G given."""
    return build(fractions(N, D), fractions(D, M, 2), list(fractions(1, M, 5)[0]), G=fractions(N, M, 3))


def claim(name: str) -> Claim:
    """One of CLAIMS."""
    (found,) = [claim for claim in CLAIMS if claim.name == name]
    return found
