"""Where numbers are drawn: what is said, and what is found for each input by itself."""

from __future__ import annotations

import random
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from scalargrad.checker import check
from scalargrad.checker.arithmetic import arithmetic_for
from scalargrad.checker.domains import DEFINITE, REAL, Domain, domain_said
from scalargrad.checker.exercise import Exercise
from scalargrad.errors import ArgumentError

from .layers import failing


class TestSaid:
    @pytest.mark.parametrize(
        ("text", "domain"),
        [
            ("in (0,1)", Domain(Fraction(0), Fraction(1))),
            ("in ( -1/2 , inf )", Domain(Fraction(-1, 2))),
            ("> 1", Domain(Fraction(1))),
            ("<0.5", Domain(None, Fraction(1, 2))),
            ("positive", Domain(Fraction(0))),
            ("nonnegative", Domain(Fraction(0))),
            ("negative", Domain(None, Fraction(0))),
            (">= 0", Domain(Fraction(0))),
            ("in [0, 1]", Domain(Fraction(0), Fraction(1))),
            ("in (1e-3, +2.5)", Domain(Fraction(1, 1000), Fraction(5, 2))),
            ("spd", DEFINITE),
            ("symmetric", Domain(form="symmetric")),
            ("int<C", Domain(below="C")),
            ("int < 10", Domain(below="10")),
        ],
    )
    def test_words(self, text: str, domain: Domain) -> None:
        assert domain_said("x", text) == domain

    @pytest.mark.parametrize("text", ["in (1,0)", "in (1,1)", "in 0..1", "> a", "spd in (0,1)", "> 1/0"])
    def test_what_is_no_domain(self, text: str) -> None:
        with pytest.raises(ArgumentError, match="the domain of x is "):
            domain_said("x", text)

    @pytest.mark.parametrize(
        ("shapes", "message"),
        [
            ({"X": "N D spd"}, "X is said to be spd: its last two dimensions must be the same"),
            ({"X": "N int<C"}, "the labels X are below C, which is no dimension of an input"),
            ({"X": "N D", "D": "= 2/H"}, "the dimension D is '2/H': write names and numbers with"),
        ],
    )
    def test_that_does_not_fit_the_shape(self, shapes: dict[str, str], message: str) -> None:
        with pytest.raises(ArgumentError, match=message):
            Exercise.of(lambda X: X, failing, shapes)

    def test_a_dimension_made_of_another(self) -> None:
        exercise = Exercise.of(lambda X: X, failing, {"X": "N D", "D": "= 2*H + 1"})
        assert exercise.free == ["N", "H"]
        assert exercise.shape("X", {"N": 4, "H": 3}) == (4, 7)

    @pytest.mark.parametrize(
        "shapes",
        [
            ["X: N D", "y: N int<D", "D = 2*H + 1"],
            "X: N D; y: N int<D\nD=2*H+1",
            {"X": "N D", "y": "N int<D", "D": "= 2*H+1"},
        ],
    )
    def test_one_text_says_it_too(self, shapes: Any) -> None:
        exercise = Exercise.of(lambda X, y: X, lambda X, y, Y, G: (G,), shapes)
        assert exercise.shape("X", {"N": 4, "H": 3}) == (4, 7)
        assert exercise.is_label("y")

    def test_a_dimension_may_be_written_out(self) -> None:
        exercise = Exercise.of(lambda X: X, failing, {"X": "N 2*H+1"})
        assert exercise.free == ["N", "H"]
        assert exercise.shape("X", {"N": 4, "H": 3}) == (4, 7)

    @pytest.mark.parametrize("shapes", ["N D", ["X"], [], {"": "N"}, 3])
    def test_shapes_without_names(self, shapes: Any) -> None:
        with pytest.raises(ArgumentError, match="name each input with its dimensions"):
            Exercise.of(lambda X: X, failing, shapes)

    def test_numbers_are_drawn_there_and_g_anywhere(self) -> None:
        exercise = Exercise.of(
            lambda p, S, y: p * S.sum(),
            lambda p, S, y, Y, G: (G, S),
            {"p": "90 in (0,1)", "S": "D D symmetric", "y": "90 int<3"},
        )
        trial = arithmetic_for(exercise, claim=False).generic(exercise, random.Random(0), {"D": 3})
        p, S, y = trial.inputs.values()
        assert all(0 < x < 1 for x in p)
        assert (S == S.T).all()
        assert y.dtype == np.int64
        assert set(y.tolist()) == {0, 1, 2}
        assert min(trial.G) < 0 < max(trial.G)
        assert list(trial.right) == ["p", "S"]


class TestFound:
    @pytest.mark.parametrize(
        ("forward", "shapes", "domains"),
        [
            (lambda w, x: np.abs(w) * np.log(x), {"w": "9", "x": "9"}, [REAL, Domain(Fraction(0))]),
            (lambda p, w: w * np.log(p / (1 - p)), {"p": "9", "w": "9"}, [Domain(Fraction(0), Fraction(1)), REAL]),
            (lambda x: np.sqrt(1 - x**2), {"x": "9"}, [Domain(Fraction(-1), Fraction(1))]),
            (lambda x: np.sqrt(x**2 - 1) * np.log(x), {"x": "9"}, [Domain(Fraction(1))]),
            (lambda S, w: np.linalg.cholesky(S) @ w, {"S": "D D", "w": "D"}, [DEFINITE, REAL]),
        ],
    )
    def test_each_input_has_its_own(self, forward: Any, shapes: dict[str, str], domains: list[Domain]) -> None:
        claim = (lambda x, Y, G: G) if len(shapes) == 1 else (lambda a, b, Y, G: (G, G))
        found = arithmetic_for(Exercise.of(forward, claim, shapes), claim=False)
        assert [found.domain(name) for name in shapes] == domains

    def test_it_stands_in_the_evidence(self) -> None:
        verdict = check(np.log, lambda X, Y, G: G / X, {"X": "N"})
        assert "drawn: X in (0, ∞); all else, and G, anywhere" in verdict.evidence
