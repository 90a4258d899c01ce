"""How results and numbers show themselves."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy

from scalargrad.display import Shown, legible, literal, short, told_apart


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (3.14159265, "3.142"),
        (1e-20, "1e-20"),
        (np.float32(0.1), "0.1"),
        (1 + 2j, "1+2j"),
        (7, "7"),
        (Fraction(-1, 3), "-1/3"),
        (Fraction(1, 3**60), "≈ 2.359e-29"),
        (10**30, "≈ 1e+30"),
        (10**400, "≈ 10^400"),
        (10**5000, "≈ 10^5000"),
        (Fraction(-(10**6000), 3), "≈ -10^6000"),
        (Decimal("0.1"), "0.1"),
        (sympy.Symbol("x") ** 2, "x**2"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,  # Python won't write 10⁵⁰⁰⁰ either
)
def test_short(number: Any, text: str) -> None:
    assert short(number) == text


class Marked(Shown):
    def __rich__(self) -> Any:
        return literal("x[bold] <b>α</b>")


def test_text_is_no_markup_in_any_medium() -> None:
    assert str(Marked()) == "x[bold] <b>α</b>"
    assert "x[bold] &lt;b&gt;α&lt;/b&gt;" in Marked()._repr_html_()


def test_legible() -> None:
    assert legible("two\nlines") == "two␤lines"
    assert legible("a\u202eb\x00") == "a⟨U+202E⟩b⟨U+0000⟩"
    assert legible("x" * 10_000) == "x" * 39 + "…"


def test_a_claim_may_be_complex_and_is_told_apart() -> None:
    assert told_apart(mpmath.mpc(1, 2), mpmath.mpf(1)) == ("(1.0 + 2.0j)", "1.0")
    assert told_apart(1 + 2j, 1.0) == ("1+2j", "1")
