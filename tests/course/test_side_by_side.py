"""Matrices as they are written on a blackboard."""

from __future__ import annotations

import pytest

import scalargrad as sg
from scalargrad.errors import ArgumentError, ShapeError


def test_as_text() -> None:
    shown = sg.course.side_by_side({"Aᵀ": [[1], [22], [3]]}, x=sg.values([4, 5]), s=sg.Value(6))
    assert str(shown).splitlines() == [
        "Aᵀ = ⎡ 1⎤    x = [4  5]    s = 6",
        "     ⎢22⎥",
        "     ⎣ 3⎦",
    ]


def test_as_html_every_text_is_escaped() -> None:
    html = sg.course.side_by_side({"<b>": [["<i>", "a & b"]]})._repr_html_()
    assert "&lt;b&gt;" in html
    assert "&lt;i&gt;" in html
    assert "a &amp; b" in html
    assert html.count("<td") == 2


def test_what_is_not_a_matrix() -> None:
    with pytest.raises(ArgumentError, match="side_by_side needs a matrix"):
        sg.course.side_by_side()
    with pytest.raises(ShapeError, match=r"T has the shape \(1, 1, 1\)"):
        sg.course.side_by_side(T=[[[1]]])
