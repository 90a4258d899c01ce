"""The verdict: right gradients pass, wrong ones are refuted by the smallest counterexample, and both say why."""

from __future__ import annotations

import json
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from scalargrad.checker import Counterexample, Verdict, check
from scalargrad.checker.arithmetic import Arithmetic
from scalargrad.checker.verdict import matrix_as_text, missed_or_doubled
from scalargrad.errors import NotJudgedError

from .layers import B, S, affine, product, product_gradients, trial_of


class TestRight:
    @pytest.mark.parametrize(
        ("forward", "gradients", "shapes"),
        [
            (product, lambda X, W, Y, G: (G @ W.T, X.T @ G), S),
            (product, lambda X, W, Y, G: {"W": X.T @ G}, S),
            (affine, lambda X, W, b, Y, G: (G @ W.T, X.T @ G, G.sum(axis=0)), B),
            (lambda X: X @ X.T, lambda X, Y, G: (G + G.T) @ X, {"X": "N D"}),
            (lambda X: (X**2).mean(), lambda X, Y, G: 2 * X * G / len(X), {"X": "N"}),
            (lambda x: x * x, lambda x, Y, G: 2 * x * G, {"x": ""}),
            (lambda X: 1 / X, lambda X, Y, G: -G / X**2, {"X": "N"}),
        ],
    )
    def test_rational_layers_are_checked_in_a_finite_field(
        self, forward: Any, gradients: Any, shapes: dict[str, str]
    ) -> None:
        verdict = check(forward, gradients, shapes)
        assert verdict, verdict
        count = 3 ** len(set("".join(shapes.values()).replace(" ", "")))
        where = f"at all {count} shapes of sizes 1 to 3" if "".join(shapes.values()) else "at the shapes given"
        assert verdict.evidence[0].startswith(f"random points of the field of 2⁶¹ - 1 elements, {where}")
        assert verdict.message.startswith("right: ∂L/∂")

    @pytest.mark.parametrize(
        ("forward", "gradients"),
        [
            (np.tanh, lambda X, Y, G: G * (1 - Y**2)),
            (np.exp, lambda X, Y, G: G * Y),
            (np.log, lambda X, Y, G: G / X),
            (np.sqrt, lambda X, Y, G: 0.5 * G / Y),
            (lambda X: 0.1 * X, lambda X, Y, G: 0.1 * G),
        ],
    )
    def test_others_with_many_digits_and_the_verdict_says_so(self, forward: Any, gradients: Any) -> None:
        verdict = check(forward, gradients, {"X": "N D"})
        assert verdict, verdict
        assert verdict.evidence[0].startswith("numbers of 50 digits that agree to 40: strong evidence, and no proof")

    def test_a_branch_on_data_is_noticed(self) -> None:
        def forward(X: Any) -> Any:
            return np.array([x * 2 if x > 0 else x * x for x in X], dtype=object)

        verdict = check(forward, lambda X, Y, G: G * np.where(X > 0, 2, 2 * X), {"X": "N"})
        assert verdict, verdict
        assert verdict.evidence[1].startswith(
            "both sides of 2 comparisons were met, in 27 combinations: `return np.array([x * 2 if x > 0"
        )


class TestWrong:
    def test_the_counterexample_is_the_smallest_with_the_simplest_numbers(self) -> None:
        """One sample can't tell G[0] from the sum over samples; two can, with ones in G."""
        verdict = check(affine, lambda X, W, b, Y, G: (G @ W.T, X.T @ G, G[0]), B)
        found = verdict.counterexample
        assert found is not None
        assert found.sizes == {"N": 2, "D": 1, "M": 1}
        assert (found.inputs, found.G) == ({"X": "[[0], [0]]", "W": "[[0]]", "b": "[0]"}, "[[1], [1]]")
        assert (found.entry, found.claimed, found.right) == ("b[0]", "1", "2")
        assert found.terms == ("y[0,0]: 1 · 1", "y[1,0]: 1 · 1   ← missed by the claim")

    def test_doubled_terms_are_marked(self) -> None:
        verdict = check(affine, lambda X, W, b, Y, G: (G @ W.T, X.T @ G, G.sum(axis=0) + G[-1]), B)
        assert verdict.counterexample is not None
        assert verdict.counterexample.terms == ("y[0,0]: 1 · 1   ← doubled by the claim",)


class TestRowsOfClaimsThatFail:
    """Where a claim fails for one input, the others are judged all the same."""

    @pytest.mark.parametrize(
        ("gradients", "outcomes"),
        [
            (lambda X, W, b, Y, G: (G @ W, X.T @ G, G.sum(axis=0)), "wrong, right, right"),
            (lambda X, W, b, Y, G: (G @ W, G.T @ X, G.sum(axis=0)), "wrong, wrong, right"),
            (lambda X, W, b, Y, G: (G @ W.T, X.T @ G, None), "right, right, wrong"),
            (lambda X, W, b, Y, G: (G @ W.T, 2 * X.T @ G, G + W), "right, wrong, wrong"),
            (lambda X, W, b, Y, G: (G @ W.T, X.T @ G, [[1], [1, 2]]), "right, right, wrong"),
            (lambda X, W, b, Y, G: (G @ W.T, X.T @ G, G.sum(axis=0) * np.nan), "right, right, wrong"),
            (lambda X, W, b, Y, G: (G @ W.T, X.T @ G, np.concatenate([G, W])[: len(b)]), "right, right, wrong"),
            (lambda X, W, b, Y, G: (G @ W.T, X.T @ G, G.nonsense), "not judged, not judged, not judged"),
        ],
    )
    def test_each_input_has_a_row(self, gradients: Any, outcomes: str) -> None:
        verdict = check(affine, gradients, B)
        assert verdict.correct is False
        assert ", ".join(row.outcome for row in verdict.findings) == outcomes, verdict

    @pytest.mark.parametrize("number", [float("nan"), float("inf")])
    def test_what_is_no_number_is_wrong_in_every_arithmetic(self, number: float) -> None:
        for layer, claim in ((lambda X: X * 2, lambda X, Y, G: G * number), (np.exp, lambda X, Y, G: G * Y * number)):
            assert check(layer, claim, {"X": "N"}).outcome == "wrong"


class TestMessages:
    def test_what_is_claimed_and_what_is_not(self) -> None:
        assert check(product, lambda X, W, Y, G: {"W": X.T @ G}, S).message == "right: ∂L/∂W (nothing is claimed for X)"

    def test_a_wrong_shape_comes_before_a_smaller_shape_with_a_wrong_number(self) -> None:
        verdict = check(lambda X, W: X * 2 @ W, lambda X, W, Y, G: {"X": 2 * X.T @ G}, S)
        assert verdict.message == "∂L/∂X: claims the shape (1, 2) for X of shape (1, 1)"

    def test_numbers_are_told_apart(self) -> None:
        verdict = check(np.exp, lambda X, Y, G: G * (Y + 1e-9), {"X": "N"})
        assert verdict.message.startswith("∂L/∂X[0]: 1.000000001 is claimed, and 1.0 is right")

    def test_large_shapes_are_checked_and_shown_in_few_words(self) -> None:
        verdict = check(product, lambda X, W, Y, G: {"W": X.T @ G / 7}, {"X": "7 8", "W": "8 9"})
        assert not verdict
        assert verdict.counterexample is not None
        assert verdict.counterexample.inputs["X"].startswith("7×8 of ")
        assert len(str(verdict)) < 2000
        right = check(product, lambda X, W, Y, G: {"W": X.T @ G}, {"X": "7 8", "W": "8 9"})
        assert right.evidence[0].startswith(
            "random points of the field of 2⁶¹ - 1 elements, at the shapes given: layer"
        )

    def test_overflow_on_the_way_is_no_error(self) -> None:
        assert check(lambda X: np.exp(np.sqrt(2.0) * X) * 1, lambda X, Y, G: np.sqrt(2.0) * G * Y, {"X": "N"})


class TestTruth:
    def test_a_verdict_is_true_exactly_if_the_claim_is_right(self) -> None:
        assert bool(Verdict(True, (), "right")) is True
        assert bool(Verdict(False, (), "wrong")) is False
        assert check(product, product_gradients, S)
        assert not check(product, lambda X, W, Y, G: (G @ W.T, -X.T @ G), S)
        assert check(product, product_gradients, S, tolerance="ulp:8")
        assert not check(product, lambda X, W, Y, G: (G @ W.T, -X.T @ G), S, tolerance="ulp:8")

    @pytest.mark.parametrize("forward", [lambda X: X / 0, lambda X: X.astype(float), lambda X: np.log(-X * X)])
    def test_what_is_not_judged_is_neither(self, forward: Any) -> None:
        verdict = check(forward, lambda X, Y, G: G, {"X": "N"})
        assert (verdict.correct, verdict.outcome) == (None, "not judged")
        assert str(verdict).startswith("? not judged: forward ")
        assert json.loads(verdict.to_json())["outcome"] == "not judged"
        with pytest.raises(NotJudgedError, match="the claim was not judged, so it is neither right nor wrong: forward"):
            bool(verdict)

    def test_a_forward_pass_that_fails_at_some_shape_is_not_judged(self) -> None:
        verdict = check(lambda X: X[1] * 2, lambda X, Y, G: G, {"X": "N"})
        assert verdict.outcome == "not judged"
        assert verdict.message.startswith("forward fails at line ")


class TestMatricesAsText:
    def test_up_to_36_numbers_in_full(self) -> None:
        assert matrix_as_text(np.arange(36).reshape(6, 6)).startswith("[[0, 1, 2, 3, 4, 5], [6, ")
        assert matrix_as_text(np.array(3)) == "3"

    def test_more_by_the_commonest_and_four_exceptions(self) -> None:
        matrix = np.zeros((1, 37), dtype=int)
        assert matrix_as_text(matrix) == "1×37 of 0"
        matrix[0, 5:9] = 7
        assert matrix_as_text(matrix) == "1×37 of 0, but [0, 5] = 7, [0, 6] = 7, [0, 7] = 7, [0, 8] = 7"
        matrix[0, 9] = 7
        assert matrix_as_text(matrix).endswith("[0, 8] = 7, …")


def test_verdicts_as_text_html_and_json() -> None:
    verdict = check(product, lambda X, W, Y, G: (G @ W.T, -X.T @ G), S)
    text = str(verdict)
    assert text.startswith(
        "✗ ∂L/∂W[0,0]: -1 is claimed, and 1 is right\n  ✓ ∂L/∂X: right\n  ✗ ∂L/∂W: the sign is wrong\n"
    )
    assert "counterexample: N = 1, D = 1, M = 1\n  X = [[1]]\n" in text
    assert "the sign is wrong" in verdict._repr_html_()
    found = json.loads(verdict.to_json())
    assert found["correct"] is False
    assert found["counterexample"]["entry"] == "W[0,0]"
    assert str(check(product, lambda X, W, Y, G: (G @ W.T, X.T @ G), S)).startswith("✓ right: ∂L/∂X, ∂L/∂W")
    assert isinstance(verdict.counterexample, Counterexample)


@pytest.mark.parametrize(("x", "right"), [(3, 1), (-3, 0)])
def test_a_mark_speaks_of_the_numbers_shown(x: int, right: int) -> None:
    """The claim misses one term for positive numbers and the other one for negative ones."""
    claim = lambda X, Y, G: np.where(X > 0, G[1], 2 * X * G[0])  # noqa: E731
    trial = trial_of(lambda X: np.stack([X * X, X]), Fraction(x), claim)
    marks = missed_or_doubled(trial, "X", (0,), Arithmetic(exact=True))
    assert len(marks) == 2
    assert marks[right] == ""
