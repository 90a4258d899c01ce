"""The diagnosis: common mistakes are named, others are not guessed at."""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

from scalargrad import Op
from scalargrad.checker import check
from scalargrad.checker.arithmetic import Arithmetic
from scalargrad.checker.corrections import pre_activation
from scalargrad.checker.diagnosis import diagnose
from scalargrad.checker.exercise import Exercise
from scalargrad.checker.missteps import is_activation
from scalargrad.checker.products import AxisSum, EntrywiseProduct, MatrixProduct, Operand, difference_of
from scalargrad.checker.tried import constant, trials_of
from scalargrad.checker.uses import Names, UseGraph
from scalargrad.engine import ops

from .layers import B, N, S, affine, product, trial_of

MISTAKES: list[tuple[str, Any, Any, dict[str, str], str]] = [
    ("no transpose", product, lambda X, W, Y, G: (G @ W, X.T @ G), S, "∂L/∂X: W must be transposed: G · Wᵀ is right"),
    ("order", product, lambda X, W, Y, G: (G @ W.T, G @ X.T), S, "∂L/∂W: the order of the product is wrong: Xᵀ · G"),
    ("sign", product, lambda X, W, Y, G: (-G @ W.T, X.T @ G), S, "∂L/∂X: the sign is wrong"),
    ("transposed", product, lambda X, W, Y, G: (G @ W.T, G.T @ X), S, "∂L/∂W: it must be transposed"),
    ("swapped", product, lambda X, W, Y, G: (X.T @ G, G @ W.T), S, "∂L/∂X: this is the gradient of W"),
    ("no sum", affine, lambda X, W, b, Y, G: (G @ W.T, X.T @ G, G), B, "∂L/∂b: the sum over axis 0 is missing"),
    (
        "wrong axis",
        affine,
        lambda X, W, b, Y, G: (G @ W.T, X.T @ G, G.sum(axis=1)),
        B,
        "the sum is over the wrong axis",
    ),
    ("factor 2", lambda X: X * X, lambda X, Y, G: X * G, {"X": "N"}, "∂L/∂X: a factor 2 is missing"),
    ("factor 1/2", lambda X: X * X, lambda X, Y, G: 4 * X * G, {"X": "N"}, "∂L/∂X: a factor 1/2 is missing"),
    ("factor 1/N", lambda X: (X**2).mean(), lambda X, Y, G: 2 * X * G, {"X": "N"}, "∂L/∂X: a factor 1/N is missing"),
    (
        "factor N",
        lambda X: X.sum(),
        lambda X, Y, G: 0 * X + G / len(X),
        {"X": "N"},
        "∂L/∂X: a factor N is missing",
    ),
    (
        "one use",
        lambda X: X @ X.T,
        lambda X, Y, G: G @ X,
        {"X": "N D"},
        "X is used more than once, and the claim misses its use in X · X as the right factor",
    ),
    ("X for Y", np.tanh, lambda X, Y, G: G * (1 - X**2), {"X": "N"}, "∂L/∂X: X is used where Y belongs"),
    (
        "activation",
        lambda X, W: np.tanh(X * W),
        lambda X, W, Y, G: (G * (1 - np.tanh(Y) ** 2) * W, G * (1 - np.tanh(X * W) ** 2) * X),
        {"X": "N", "W": "N"},
        "∂L/∂X: the activation Y is used where the pre-activation belongs",
    ),
    (
        "Hadamard",
        product,
        lambda X, W, Y, G: (G * W, X.T @ G),
        S,
        "∂L/∂X: a product entry by entry where a matrix product is needed: G · Wᵀ is right, and G ∘ W was claimed",
    ),
    (
        "matrix product",
        lambda X, W: X * W,
        lambda X, W, Y, G: (G @ W, G * X),
        {"X": "N N", "W": "N N"},
        "∂L/∂X: a matrix product where a product entry by entry is needed",
    ),
    ("another matrix", lambda X, W: X * W, lambda X, W, Y, G: (G * X, G * X), {"X": "N D", "W": "N D"}, "∂L/∂X:"),
]


class TestMistakes:
    @pytest.mark.parametrize("mistake", MISTAKES, ids=[name for name, *_ in MISTAKES])
    def test_common_mistakes_are_refuted_and_named(self, mistake: tuple[str, Any, Any, dict[str, str], str]) -> None:
        _, forward, gradients, shapes, diagnosis = mistake
        verdict = check(forward, gradients, shapes)
        assert not verdict
        assert verdict.diagnosis is not None, verdict
        assert diagnosis in verdict.diagnosis

    def test_no_diagnosis_is_better_than_a_wrong_one(self) -> None:
        verdict = check(product, lambda X, W, Y, G: (G @ W.T + 1, X.T @ G), S)
        assert not verdict
        assert verdict.diagnosis is None

    def test_a_sum_too_many(self) -> None:
        verdict = check(lambda X, B: 2 * X + B, lambda X, B, Y, G: (2 * G, G.sum(axis=0)), {"X": "N D", "B": "N D"})
        assert verdict.diagnosis is not None
        assert verdict.diagnosis.startswith("∂L/∂B: the sum over axis 0 is one too many: G is right")

    def test_a_wrong_shape(self) -> None:
        verdict = check(product, lambda X, W, Y, G: ((G @ W.T).T, X.T @ G), S)
        assert verdict.message == "∂L/∂X: claims the shape (2, 1) for X of shape (1, 2)"
        assert verdict.diagnosis == "∂L/∂X: it must be transposed"


def with_square_of(what: Callable[..., Any]) -> Callable[..., Any]:
    """The gradients of tanh(X·W + b), with something else than Y in 1 - Y²."""

    def gradients(X: Any, W: Any, b: Any, Y: Any, G: Any) -> Any:
        dZ = G * (1 - what(X, W, b, Y) ** 2)
        return dZ @ W.T, X.T @ dZ, dZ.sum(axis=0)

    return gradients


ONE = {"X": "N D"}
BY_CORRECTION: list[tuple[str, Any, Any, dict[str, str], str]] = [
    ("G", lambda X: X * X, lambda X, Y, G: 2 * X, ONE, "G is missing: the claim is right only where each entry"),
    ("G and sign", lambda X: X * X, lambda X, Y, G: -2 * X, ONE, "the sign is wrong, and G is missing"),
    ("4", lambda X: X * X, lambda X, Y, G: X * G / 2, ONE, "a factor 4 is missing"),
    ("1/9", lambda X: X * X, lambda X, Y, G: 18 * X * G, ONE, "a factor 1/9 is missing"),
    ("-2", lambda X: X * X, lambda X, Y, G: -X * G, ONE, "the sign is wrong, and a factor 2 is missing"),
    ("1/(N·D)", lambda X: X.mean(), lambda X, Y, G: 0 * X + G, ONE, "a factor 1/(N·D) is missing"),
    ("N·D", lambda X: X.sum(), lambda X, Y, G: 0 * X + G / X.size, ONE, "a factor N·D is missing"),
    (
        "√D",
        lambda X: np.exp(X) / math.sqrt(X.shape[1]),
        lambda X, Y, G: G * np.exp(X),
        ONE,
        "a factor 1/√D is missing",
    ),
    ("s", lambda X, s: s * X, lambda X, s, Y, G: {"X": G}, {**ONE, "s": ""}, "a factor s is missing"),
    (
        "1/s",
        lambda X, s: X / s,
        lambda X, s, Y, G: {"X": G},
        {**ONE, "s": ""},
        "the derivative of X / s by X is missing",
    ),
    ("G²", lambda X: X * X, lambda X, Y, G: 2 * X * G * G, ONE, "G is one factor too many"),
    ("flipped", lambda X: X[::-1] * 2, lambda X, Y, G: 2 * G, ONE, "axis 0 is reversed"),
    ("kernel", lambda X, w: X * w[::-1], lambda X, w, Y, G: {"X": G * w}, {**ONE, "w": "D"}, "axis 0 of w must be"),
    (
        "one of three transposed",
        lambda A, X, B: A @ X @ B,
        lambda A, X, B, Y, G: {"X": A.T @ G @ B},
        {"A": "N D", "X": "D E", "B": "E M"},
        "B must be transposed",
    ),
    (
        "symmetric",
        lambda x, A: x @ A @ x,
        lambda x, A, Y, G: {"x": 2 * G * (A @ x)},
        {"x": "D", "A": "D D"},
        "the claim is right only if A is symmetric",
    ),
    ("G symmetric", lambda X: X.T @ X, lambda X, Y, G: 2 * X @ G, ONE, "the claim is right only if G is symmetric"),
    ("rounded", np.exp, lambda X, Y, G: G * Y * 1.000001, ONE, "the formula is right up to 1e-06 of it: a constant"),
    ("not repeated", lambda X: X.sum(axis=1), lambda X, Y, G: G, ONE, "it must be repeated along axis 1"),
    ("keepdims", lambda X: X * 2, lambda X, Y, G: 2 * G[:, None], ONE, "its shape has axes of size 1"),
    (
        "the diagonal",
        lambda X: X / X.sum(axis=1, keepdims=True),
        lambda X, Y, G: G * (1 / X.sum(axis=1, keepdims=True) - X / X.sum(axis=1, keepdims=True) ** 2),
        ONE,
        "it is only the diagonal of the Jacobian",
    ),
    (
        "an intermediate",
        lambda X, W, V: (X @ W) @ V,
        lambda X, W, V, Y, G: {"V": X.T @ G},
        {"X": "N D", "W": "D H", "V": "H M"},
        "X is used where Σ X · W belongs",
    ),
    ("= for +=", lambda X: X[[0, 1, 0]], lambda X, Y, G: G[[2, 1]], {"X": "2"}, "= stands where += belongs"),
    ("tanh′", lambda X: np.tanh(3 * X), lambda X, Y, G: 3 * G, ONE, "the derivative of tanh(const · X) by const · X"),
    ("tanh for tanh′", np.tanh, lambda X, Y, G: G * Y, ONE, "tanh(X) stands where its derivative by X belongs"),
    ("doubled", lambda X: X**2 + X, lambda X, Y, G: G * (2 * X + 2), ONE, "counts its use as a term of X + X² twice"),
    ("one sign", lambda X: X**2 - X, lambda X, Y, G: G * (2 * X + 1), ONE, "has the wrong sign for its use in X² − X"),
    ("one factor", lambda X: X**2 + X, lambda X, Y, G: G * (X + 1), ONE, "has a factor 1/2 too many for its use in X²"),
]


@pytest.mark.parametrize("mistake", BY_CORRECTION, ids=[name for name, *_ in BY_CORRECTION])
def test_what_the_claim_needs_is_named(mistake: tuple[str, Any, Any, dict[str, str], str]) -> None:
    _, forward, gradients, shapes, words = mistake
    verdict = check(forward, gradients, shapes, examples=5)
    assert not verdict
    assert words in (verdict.diagnosis or "no diagnosis"), verdict.message


@pytest.mark.parametrize(
    ("factor", "text"),
    [
        (lambda n: Fraction(2), "2"),
        (lambda n: Fraction(-1, 3), "−1/3"),
        (lambda n: n, "N"),
        (lambda n: Fraction(1, 2 * n * n), None),
        (lambda n: math.sqrt(n), "√N"),
        (lambda n: math.sqrt(2) / n, "√2/N"),
        (lambda n: math.pi, "3.142"),
        (lambda n: math.exp(n), None),
        (lambda n: 0, "0"),
        (lambda n: (-1) ** n, None),
        (lambda n: None, None),
    ],
)
def test_a_factor_in_words(factor: Callable[[int], Any], text: str | None) -> None:
    tried = trials_of(Exercise.of(lambda X: X * X, lambda X, Y, G: X * G, N), Arithmetic(exact=True))
    assert constant([factor(t.trial.sizes["N"]) for t in tried], tried) == text


class TestPathsAndActivations:
    """Mistakes inside a composite: no argument of the claim is wrong, and no factor of its result."""

    def tanh_layer(self, X: Any, W: Any, b: Any) -> Any:
        return np.tanh(X @ W + b)

    def test_the_pre_activation_of_an_inner_function(self) -> None:
        verdict = check(self.tanh_layer, with_square_of(lambda X, W, b, Y: X @ W + b), B)
        expected = "in the derivative of tanh, the pre-activation stands where the activation belongs"
        assert verdict.diagnosis == f"∂L/∂X: {expected}"
        assert [str(row) for row in verdict.findings] == [f"∂L/∂{name}: {expected}" for name in "XWb"]

    def test_the_activation_twice(self) -> None:
        shapes = {"X": "N D", "W": "D M", "V": "M K"}

        def gradients(X: Any, W: Any, V: Any, Y: Any, G: Any) -> Any:
            return {"X": (G @ V.T * (1 - np.tanh(np.tanh(X @ W)) ** 2)) @ W.T}

        verdict = check(lambda X, W, V: np.tanh(X @ W) @ V, gradients, shapes)
        expected = "in the derivative of tanh, the activation stands where the pre-activation belongs"
        assert verdict.diagnosis == f"∂L/∂X: {expected}"

    def test_right_gradients(self) -> None:
        assert check(self.tanh_layer, with_square_of(lambda X, W, b, Y: Y), B).correct

    @pytest.mark.parametrize(
        ("missing", "words"),
        [(False, "misses its use as a term of X + tanh(Σ X · W)"), (True, "misses its use in X · W")],
        ids=["the skip", "the layer"],
    )
    def test_one_way_round_a_residual_block(self, missing: bool, words: str) -> None:
        def gradients(X: Any, W: Any, Y: Any, G: Any) -> Any:
            return {"X": G if missing else (G * (1 - (Y - X) ** 2)) @ W.T}

        verdict = check(lambda X, W: X + np.tanh(X @ W), gradients, {"X": "N D", "W": "D D"})
        assert verdict.diagnosis == f"∂L/∂X: X is used more than once, and the claim {words}"

    def test_one_of_three_uses_is_missed(self) -> None:
        verdict = check(lambda X: X * X + X - np.exp(X), lambda X, Y, G: G * (2 * X - np.exp(X)), {"X": "N"})
        assert (
            verdict.diagnosis == "∂L/∂X: X is used more than once, and the claim misses its use as a term of X + X · X"
        )


class TestParts:
    def test_the_parts_by_use_add_up(self) -> None:
        trial = trial_of(lambda X: X * X + X - np.tanh(X) * X, 2.0)
        view = UseGraph(trial, "X", Names())
        own = [use for use in view.uses if view.names.text[use.input] == "X"]
        assert {view.in_words(use) for use in own} == {
            "its use in X · X",
            "its use as a term of X + X · X",
            "its use in tanh(X)",
            "its use in tanh(X) · X",
        }
        parts = [trial.right["X"] - view.gradient_without(use) for use in own]
        assert np.sum(parts, axis=0).tolist() == pytest.approx(trial.right["X"].tolist(), rel=1e-15)

    def test_a_pre_activation_is_what_y_is_a_function_of(self) -> None:
        found = pre_activation(trial_of(lambda X: np.tanh(3 * X), 2.0))
        assert found is not None
        assert found.tolist() == [6.0, 6.0]
        assert pre_activation(trial_of(lambda X: X * X)) is None
        assert pre_activation(trial_of(lambda X: np.concatenate([np.abs(X), [1]]))) is None

    @pytest.mark.parametrize(
        ("row", "is_one"),
        [
            *((row, True) for row in (ops.EXP, ops.LOG, ops.SQRT, ops.SIN, ops.COS, ops.TANH, ops.SIGMOID)),
            *((row, False) for row in (ops.NEG, ops.RELU, ops.ABS, ops.STEP)),
        ],
        ids=str,
    )
    def test_activations_are_smooth_and_no_polynomials(self, row: Op, is_one: bool) -> None:
        own = Op("own function", row.apply, row.partials)
        try:
            for op in (row, own):
                assert is_activation(trial_of(lambda X, op=op: np.array([op(x) for x in X]), 2.0).Y[0]) is is_one
        finally:
            ops.TABLE.pop(own.symbol)

    def test_an_opaque_function_is_taken_for_an_activation(self) -> None:
        own = Op("own erf", lambda x: __import__("math").erf(x), lambda out, x: (2 * x,))
        try:
            assert is_activation(trial_of(lambda X: np.array([own(x) for x in X]), 2.0).Y[0])
        finally:
            ops.TABLE.pop(own.symbol)

    def test_the_right_claim_of_a_layer_is_not_explained(self) -> None:
        exercise = Exercise.of(product, lambda X, W, Y, G: (G @ W.T, -X.T @ G), S)
        assert diagnose(exercise, "X", Arithmetic(exact=True)) is None
        assert diagnose(exercise, "W", Arithmetic(exact=True)) == "the sign is wrong"


G, W, WT = Operand("G"), Operand("W"), Operand("W", transposed=True)


class TestDifferences:
    @pytest.mark.parametrize(
        ("wrong", "right", "words"),
        [
            (AxisSum(G, 0), AxisSum(G, 1), "the sum is over the wrong axis"),
            (AxisSum(G, 0), AxisSum(G, 0), ""),
            (AxisSum(G, 1), G, "the sum over axis 1 is one too many"),
            (G, AxisSum(G, 1), "the sum over axis 1 is missing"),
            (G, MatrixProduct(G, W), ""),
            (MatrixProduct(G, W), MatrixProduct(G, W), ""),
            (MatrixProduct(G, W), MatrixProduct(G, WT), "W must be transposed"),
            (MatrixProduct(G, WT), MatrixProduct(G, W), "a transpose is misplaced"),
            (MatrixProduct(G, WT), MatrixProduct(G, WT), ""),
            (MatrixProduct(W, G), MatrixProduct(G, WT), "the order of the product is wrong"),
            (MatrixProduct(G, W), MatrixProduct(G, Operand("X")), "W stands where X belongs"),
            (EntrywiseProduct(G, W), EntrywiseProduct(Operand("X"), Operand("Y")), ""),
            (EntrywiseProduct(W, G), MatrixProduct(G, WT), "a product entry by entry where a matrix product is needed"),
            (MatrixProduct(W, G), EntrywiseProduct(G, W), "a matrix product where a product entry by entry is needed"),
            (EntrywiseProduct(Operand("X"), G), MatrixProduct(G, WT), ""),
        ],
    )
    def test_in_words(self, wrong: Any, right: Any, words: str) -> None:
        assert difference_of(wrong, right) == words

    def test_a_missing_sum_is_named_where_another_claim_fails(self) -> None:
        """b comes first, and the claim for X fits square matrices only: b's is judged all the same."""
        gradients = lambda b, X, W, Y, G: (G, G @ W, X.T @ G)  # noqa: E731
        verdict = check(lambda b, X, W: X @ W + b, gradients, {"b": "M", "X": "N D", "W": "D M"})
        assert str(verdict.findings[0]) == "∂L/∂b: the sum over axis 0 is missing"
        assert str(verdict.findings[1]) == verdict.diagnosis

    def test_a_layer_that_always_bends_somewhere_has_no_diagnosis(self) -> None:
        """In the middle of three numbers, min(x, x reversed) has a tie."""
        verdict = check(lambda X: np.minimum(X, X[::-1]), lambda X, Y, G: G, N)
        assert not verdict
        assert verdict.diagnosis is None


def pooled(X: Any) -> Any:
    return X.reshape(-1, 2).max(axis=1)


@pytest.mark.parametrize(
    ("forward", "gradients", "shapes", "diagnosis"),
    [
        (np.cumsum, lambda X, Y, G: np.cumsum(G), {"X": "N"}, "the Jacobian is not transposed"),
        (np.sort, lambda X, Y, G: G[np.argsort(X)], {"X": "N"}, "the Jacobian is not transposed"),
        (pooled, lambda X, Y, G: np.repeat(G, 2), {"X": "2*H"}, "every entry gets the gradient, and not only the one"),
        (
            lambda X, V, W: X @ V @ W,
            lambda X, V, W, Y, G: {"V": X.T @ G},
            {"X": "N D", "V": "D H", "W": "H M"},
            "the factor Wᵀ is missing: claim · Wᵀ is right",
        ),
        (
            lambda w: np.sqrt((w * w).sum()) ** 3,
            lambda w, Y, G: 3 * G * w * (w * w).sum(),
            {"w": "D"},
            "a factor 1/(sqrt(Σ w · w)) is missing",
        ),
        (np.tanh, lambda X, Y, G: G * (1 - Y), {"X": "N"}, "a square is missing: it is 1 − tanh²"),
        (lambda A, B: A + 2 * B, lambda A, B, Y, G: {"A": 2 * G}, {"A": "N", "B": "N"}, "this is the gradient of B"),
        (lambda X: (X**2).mean(), lambda X, Y, G: 2 * X, {"X": "N"}, "G and a factor 1/N are missing"),
        (
            lambda X: np.where(X > 20, X, X * X),
            lambda X, Y, G: G * np.where(X > 20, 0, 2 * X),
            {"X": "N"},
            "it is right where the comparison is false in `lambda X: np.where(X > 20",
        ),
        (
            lambda S: np.linalg.slogdet(S)[1],
            lambda S, Y, G: -G * np.linalg.inv(S),
            {"S": "D D spd"},
            "the sign is wrong",
        ),
    ],
)
def test_more_mistakes(forward: Any, gradients: Any, shapes: dict[str, str], diagnosis: str) -> None:
    verdict = check(forward, gradients, shapes, examples=10)
    assert verdict.outcome == "wrong"
    assert diagnosis in (verdict.diagnosis or ""), verdict


def test_a_factor_that_is_right_on_one_side_only_is_none() -> None:
    """At half of the numbers 5/2 would do, and nothing at the others."""

    def forward(X: Any) -> Any:
        return X * 2 if X.sum() > 3 else X * 5

    verdict = check(forward, lambda X, Y, G: 2 * G, {"X": "N"})
    assert "it is right where the comparison is true" in (verdict.diagnosis or "")


@pytest.mark.parametrize(
    ("gradients", "right"),
    [
        (lambda X, W, b, Y, G: (G @ W, X.T @ G, G.sum(axis=0)), {"X": "∂L/∂X = G · Wᵀ"}),
        (
            lambda X, W, b, Y, G: (G @ W.T, -X.T @ G, 3 * G.sum(axis=0)),
            {"W": "Xᵀ · G", "b": "the sum of G over axis 0"},
        ),
    ],
)
def test_the_right_formula_is_recognised(gradients: Any, right: dict[str, str]) -> None:
    def filled(X: Any, W: Any, b: Any) -> Any:  # which `derive` can't read
        Y = np.zeros((len(X), W.shape[1]))
        for i, row in enumerate(X):
            Y[i] = row @ W + b
        return Y

    found = check(filled, gradients, {"X": "N D", "W": "D M", "b": "M"}).right_formulas
    assert found.keys() == right.keys()
    assert all(found[name].endswith(formula) for name, formula in right.items())


def test_or_made_of_the_claim() -> None:
    assert check(lambda X: np.cumsum(X), lambda X, Y, G: 2 * np.cumsum(G[::-1])[::-1], {"X": "N"}).right_formulas == {
        "X": "∂L/∂X = 1/2 · claim"
    }
