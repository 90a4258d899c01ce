"""What matrix notation covers is derived, equals the book's formula, and stands in the guide as it is printed."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import mpmath
import pytest

from scalargrad.arrays import fill
from scalargrad.derivation.matrix_notation.arithmetic_of_matrices import on_numbers
from scalargrad.derivation.matrix_notation.expression import MatrixExpression
from scalargrad.derivation.matrix_notation.one_formula import OneFormula
from scalargrad.derivation.matrix_notation.reading import understood
from tests.derivation.coverage import COOKBOOK, MODELS, ONE_LINERS, PAGE, STRUCTURED, Case, page


def real(q: Fraction) -> Any:
    return mpmath.mpf(q.numerator) / q.denominator


def agree(found: OneFormula, ours: MatrixExpression, book: str) -> None:
    """The book's formula has the same entries at two points, to 40 digits."""
    shapes = {
        name: " ".join(letter for letter in shape if letter != "1") for name, shape in found.reading.shapes.items()
    }
    shapes = {name: text + " symmetric" * (name in found.reading.symmetric) for name, text in shapes.items()}
    if found.seed.kind == "name":
        shapes[found.seed.data] = " ".join(letter for letter in found.seed.shape if letter != "1")
    lines = book.split("; ")
    other = understood("; ".join([*lines[:-1], f"{lines[-1]} + 0*{found.name}"]), shapes)  # of the input's shape
    rng = random.Random(0)
    with mpmath.workdps(50):
        for rows in (3, 2):  # X'*X has an inverse only where X is not wider than it is long
            sizes = dict.fromkeys({*found.reading.dimensions, *other.dimensions}, 2) | {"N": rows, "1": 1}
            drawn = {name: fill((sizes[rows], sizes[columns]), lambda *_: real(Fraction(rng.randint(1, 50), 7)))
                     for name, (rows, columns) in {**other.shapes, **found.reading.shapes}.items()}  # fmt: skip
            for name in found.reading.symmetric:
                array = drawn[name]
                drawn[name] = fill(array.shape, lambda i, j, array=array: array[min(i, j), max(i, j)])
            one, two = (on_numbers(A, drawn, sizes, real) for A in (ours, other.expression))
            assert one.shape == two.shape
            for a, b in zip(one.flat, two.flat, strict=True):
                assert abs(a - b) <= mpmath.mpf(10) ** -40 * max(1, abs(a)), (
                    f"{found.statement}, and the book has {book}"
                )


@pytest.mark.parametrize(
    "case", COOKBOOK + ONE_LINERS + MODELS, ids=lambda case: f"{case.source} {case.text} {case.by}"
)
def test_every_formula_is_derived_and_is_the_books(case: Case) -> None:
    found = case.derived()
    assert len(found.evidence) == 3
    agree(found, found.gradient, case.book)


@pytest.mark.parametrize("case", STRUCTURED, ids=lambda case: case.text)
def test_along_symmetric_matrices_it_is_the_books_formula_too(case: Case) -> None:
    found = case.derived()
    assert found.structured is not None
    agree(found, found.structured, case.book)


def test_the_guide_shows_what_is_derived() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m tests.derivation.coverage to write the page anew"


def test_there_are_as_many_as_the_guide_says() -> None:
    assert len(ONE_LINERS) >= 58
