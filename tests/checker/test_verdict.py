"""The checker: right gradients pass, wrong ones are refuted, and the diagnosis is the right one."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from scalargrad import Value
from scalargrad.checker.trial import Arithmetic, problem
from scalargrad.checker.verdict import check, gradient_degree
from scalargrad.cli import main

S = {"X": "N D", "W": "D M"}
B = {**S, "b": "M"}


def product(X: Any, W: Any) -> Any:
    return X @ W


def affine(X: Any, W: Any, b: Any) -> Any:
    return X @ W + b


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
            (lambda X: np.maximum(X, 0), lambda X, Y, G: G * (X > 0), {"X": "N 2"}),
        ],
    )
    def test_rational_layers_are_checked_exactly(self, forward: Any, gradients: Any, shapes: dict[str, str]) -> None:
        verdict = check(forward, gradients, shapes)
        assert verdict.correct, verdict
        where = "at all shapes of sizes 1 to 3" if "".join(shapes.values()) else "at the shapes given"
        assert verdict.evidence[0] == f"exact rational numbers, {where}"
        assert verdict.message.startswith("right: ∂L/∂")

    @pytest.mark.parametrize(
        ("forward", "gradients"),
        [
            (np.tanh, lambda X, Y, G: G * (1 - Y**2)),
            (np.exp, lambda X, Y, G: G * Y),
            (np.log, lambda X, Y, G: G / X),
            (np.sqrt, lambda X, Y, G: 0.5 * G / Y),
            (lambda X: 0.1 * X, lambda X, Y, G: 0.1 * G),
            (lambda X: X / 3.0, lambda X, Y, G: G / 3.0),
        ],
    )
    def test_others_with_many_digits_and_the_verdict_says_so(self, forward: Any, gradients: Any) -> None:
        verdict = check(forward, gradients, {"X": "N D"})
        assert verdict.correct, verdict
        assert verdict.evidence[0].startswith("numbers of 50 digits that agree to 40: strong evidence, and no proof")

    def test_polynomials_are_tried_at_a_larger_shape_with_a_stated_probability(self) -> None:
        verdict = check(product, lambda X, W, Y, G: (G @ W.T, X.T @ G), S)
        assert "random 64-bit integers at N = 4, D = 5, M = 6" in verdict.evidence[1]
        assert "probability ≤ 2/2⁶⁴" in verdict.evidence[1]

    def test_the_degree_is_that_of_the_polynomial(self) -> None:
        from scalargrad.checker.trial import instance

        def degree(forward: Callable[..., Any]) -> int | None:
            task = problem(forward, lambda X, Y, G: G, {"X": "N"})
            return gradient_degree(instance(task, {"N": 2}, lambda shape: np.full(shape, 2, dtype=object)))

        assert degree(lambda X: X * X * X + X) == 3
        assert degree(lambda X: X**4 - 1) == 4
        assert degree(lambda X: 1 / X) is None

    def test_a_branch_on_data_is_noticed(self) -> None:
        def forward(X: Any) -> Any:
            return np.array([x * 2 if x > 0 else x * x for x in X], dtype=object)

        verdict = check(forward, lambda X, Y, G: G * np.where(X > 0, 2, 2 * X), {"X": "N"})
        assert verdict.correct, verdict
        assert "forward takes different paths at different numbers" in verdict.evidence[1]


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
        "X is used more than once, and the claim follows only",
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


class TestWrong:
    @pytest.mark.parametrize("mistake", MISTAKES, ids=[name for name, *_ in MISTAKES])
    def test_common_mistakes_are_refuted_and_named(self, mistake: tuple[str, Any, Any, dict[str, str], str]) -> None:
        _, forward, gradients, shapes, diagnosis = mistake
        verdict = check(forward, gradients, shapes)
        assert not verdict.correct
        assert verdict.diagnosis is not None, verdict
        assert diagnosis in verdict.diagnosis

    def test_no_diagnosis_is_better_than_a_wrong_one(self) -> None:
        verdict = check(product, lambda X, W, Y, G: (G @ W.T + 1, X.T @ G), S)
        assert not verdict.correct
        assert verdict.diagnosis is None

    def test_the_counterexample_is_the_smallest_with_the_simplest_numbers(self) -> None:
        """One sample can't tell G[0] from the sum over samples; two can, with a single 1 in G."""
        verdict = check(affine, lambda X, W, b, Y, G: (G @ W.T, X.T @ G, G[0]), B)
        found = verdict.counterexample
        assert found is not None
        assert found.sizes == {"N": 2, "D": 1, "M": 1}
        assert (found.inputs, found.G) == ({"X": "[[0], [0]]", "W": "[[0]]", "b": "[0]"}, "[[0], [1]]")
        assert (found.entry, found.claimed, found.right) == ("b[0]", "0", "1")
        assert found.terms == ("y[0,0]: 1 · 0", "y[1,0]: 1 · 1   ← missed by the claim")

    def test_doubled_terms_are_marked(self) -> None:
        verdict = check(affine, lambda X, W, b, Y, G: (G @ W.T, X.T @ G, G.sum(axis=0) + G[-1]), B)
        assert verdict.counterexample is not None
        assert verdict.counterexample.terms == ("y[0,0]: 1 · 1   ← doubled by the claim",)

    def test_only_special_numbers_tell(self) -> None:
        """At numbers that nothing special is true of the claim is right: Hypothesis finds the 0."""
        verdict = check(lambda X: X * 3, lambda X, Y, G: np.where(X == 0, 0 * G, 3 * G), {"X": "N"})
        assert not verdict.correct
        assert verdict.counterexample is not None
        assert verdict.counterexample.inputs == {"X": "[0]"}

    def test_a_large_size_may_be_what_tells(self) -> None:
        verdict = check(lambda X: X * 3, lambda X, Y, G: 3 * G if len(X) < 4 else G, {"X": "N"})
        assert not verdict.correct
        assert verdict.counterexample is not None
        assert verdict.counterexample.sizes == {"N": 4}

    def test_a_wrong_shape_is_a_verdict(self) -> None:
        verdict = check(product, lambda X, W, Y, G: ((G @ W.T).T, X.T @ G), S)
        assert verdict.message == "∂L/∂X: claims the shape (2, 1) for X of shape (1, 2)"
        assert verdict.diagnosis == "∂L/∂X: it must be transposed"


def failing(X: Any, Y: Any, G: Any) -> Any:
    return G.nonsense


def changing(X: Any, Y: Any, G: Any) -> Any:
    X[...] = 0 * X
    return 2 * G


class TestClaimsThatCannotBeCompared:
    @pytest.mark.parametrize(
        ("gradients", "message"),
        [
            (failing, "`return G.nonsense`: AttributeError: "),
            (changing, "gradients changes its argument X in place: work on a copy"),
            (lambda X, Y, G: None, "gradients returns None for X"),
            (lambda X, Y, G: (G, G), "gradients returns 2 gradients for 1 inputs: return one for each of X"),
            (lambda X, Y, G: {"Z": G}, "gradients returns a dict with the keys ['Z']: the inputs are ['X']"),
            (lambda X, Y, G: G * float("nan"), "gradients returns nan for X[0], where"),
            (lambda X, Y, G: ([[1], [1, 2]],), "gradients returns no array for X: the rows have different lengths"),
            (lambda X, Y, G: [1, 2, 3], "claims the shape (3,) for X of shape (1,)"),
        ],
    )
    def test_claims(self, gradients: Any, message: str) -> None:
        verdict = check(lambda X: X * 2, gradients, {"X": "N"})
        assert not verdict.correct
        assert message in verdict.message

    @pytest.mark.parametrize(
        ("forward", "message"),
        [
            (lambda X: X.astype(float), "forward leaves the graph at line"),
            (lambda X: X * float(X[0]), "forward leaves the graph at line"),
            (lambda X: np.ones(2), "forward returns plain numbers and no Values"),
            (lambda X: X @ np.ones((7, 7, 7)), "forward fails at line"),
            (lambda X: X / 0, "forward has no value at any numbers tried"),
            (lambda X: np.log(-X * X), "forward has no value at any numbers tried"),
        ],
    )
    def test_forward_passes(self, forward: Any, message: str) -> None:
        verdict = check(forward, lambda X, Y, G: G, {"X": "N"})
        assert not verdict.correct
        assert message in verdict.message

    def test_rounded_results_are_told_from_wrong_ones(self) -> None:
        def rounded(X: Any, Y: Any, G: Any) -> Any:
            return np.array([float((g * y).data) for g, y in zip(G, Y, strict=True)])

        verdict = check(np.exp, rounded, {"X": "N"})
        assert "rounded float64 numbers for X, which cannot be compared exactly" in verdict.message
        assert 'tolerance="ulp:8"' in verdict.message


class TestTolerance:
    """For float code the graph runs exactly on the very floats that the claim is called with."""

    @pytest.mark.parametrize("dtype", [np.float64, np.float32])
    def test_right_float_code(self, dtype: Any) -> None:
        def gradients(X: Any, W: Any, Y: Any, G: Any) -> Any:
            assert X.dtype == W.dtype == Y.dtype == G.dtype == dtype
            return G @ W.T, X.T @ G

        verdict = check(product, gradients, S, tolerance="ulp:8", dtype=dtype)
        assert verdict.correct, verdict
        assert f"{np.dtype(dtype)} results within" in verdict.evidence[0]
        assert check(np.tanh, lambda X, Y, G: G * (1 - np.tanh(X) ** 2), {"X": "N"}, tolerance=1e-14).correct

    def test_subtly_wrong_float_code(self) -> None:
        verdict = check(np.tanh, lambda X, Y, G: G * (1 - Y**2) * (1 + 1e-9), {"X": "N"}, tolerance="ulp:8")
        assert not verdict.correct
        assert "ulp, and 8 are allowed" in verdict.message
        assert check(np.tanh, lambda X, Y, G: G * (1 - Y**2) * (1 + 1e-9), {"X": "N"}, tolerance=1e-8).correct

    @pytest.mark.parametrize(
        ("gradients", "message"),
        [
            (lambda X, Y, G: G * np.inf, "off by inf ulp"),
            (lambda X, Y, G: G[:-1], "claims the shape (0,) for X of shape (1,)"),
            (failing, "AttributeError"),
        ],
    )
    def test_other_verdicts(self, gradients: Any, message: str) -> None:
        assert message in check(lambda X: X * 2, gradients, {"X": "N"}, tolerance="ulp:1").message

    def test_a_forward_pass_that_fails(self) -> None:
        assert "leaves the graph" in check(lambda X: X.astype(float), failing, {"X": "N"}, tolerance="ulp:1").message

    def test_a_zero_gradient(self) -> None:
        assert check(lambda X: X * 0, lambda X, Y, G: 0 * G, {"X": "N"}, tolerance="ulp:1").correct

    @pytest.mark.parametrize("tolerance", ["ulp:", "ulp:-1", "few", 0, -1.0])
    def test_tolerances_that_are_none(self, tolerance: Any) -> None:
        with pytest.raises(ValueError, match='write "ulp:8", or a relative error such as 1e-6'):
            check(lambda X: X * X, failing, {"X": "N"}, tolerance=tolerance)

    def test_other_dtypes(self) -> None:
        with pytest.raises(ValueError, match="the dtype is int64: choose float64 or float32"):
            check(lambda X: X * X, failing, {"X": "N"}, tolerance="ulp:1", dtype=np.int64)


def with_square_of(what: Callable[..., Any]) -> Callable[..., Any]:
    """The gradients of tanh(X·W + b), with something else than Y in 1 - Y²."""

    def gradients(X: Any, W: Any, b: Any, Y: Any, G: Any) -> Any:
        dZ = G * (1 - what(X, W, b, Y) ** 2)
        return dZ @ W.T, X.T @ dZ, dZ.sum(axis=0)

    return gradients


class TestPathsAndActivations:
    """Mistakes inside a composite: no argument of the claim is wrong, and no factor of its result."""

    def tanh_layer(self, X: Any, W: Any, b: Any) -> Any:
        return np.tanh(X @ W + b)

    def test_the_pre_activation_of_an_inner_function(self) -> None:
        verdict = check(self.tanh_layer, with_square_of(lambda X, W, b, Y: X @ W + b), B)
        expected = "in the derivative of tanh, the pre-activation stands where the activation belongs"
        assert verdict.diagnosis == f"∂L/∂b: {expected}"

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
        [(False, "follows only its use in '*'"), (True, "follows only its use in '+'")],
        ids=["the skip", "the layer"],
    )
    def test_one_way_round_a_residual_block(self, missing: bool, words: str) -> None:
        def gradients(X: Any, W: Any, Y: Any, G: Any) -> Any:
            return {"X": G if missing else (G * (1 - (Y - X) ** 2)) @ W.T}

        verdict = check(lambda X, W: X + np.tanh(X @ W), gradients, {"X": "N D", "W": "D D"})
        assert verdict.diagnosis == f"∂L/∂X: X is used more than once, and the claim {words}"

    def test_one_of_three_uses_is_missed(self) -> None:
        verdict = check(lambda X: X * X + X - np.exp(X), lambda X, Y, G: G * (2 * X - np.exp(X)), {"X": "N"})
        assert verdict.diagnosis == "∂L/∂X: X is used more than once, and the claim misses its use in '+'"


class TestMessages:
    def test_what_is_claimed_and_what_is_not(self) -> None:
        assert check(product, lambda X, W, Y, G: {"W": X.T @ G}, S).message == "right: ∂L/∂W (nothing is claimed for X)"

    def test_a_wrong_shape_comes_before_a_smaller_shape_with_a_wrong_number(self) -> None:
        verdict = check(lambda X, W: X * 2 @ W, lambda X, W, Y, G: {"X": 2 * X.T @ G}, S)
        assert verdict.message == "∂L/∂X: claims the shape (1, 2) for X of shape (1, 1)"

    def test_a_sum_too_many(self) -> None:
        verdict = check(lambda X, B: 2 * X + B, lambda X, B, Y, G: (2 * G, G.sum(axis=0)), {"X": "N D", "B": "N D"})
        assert verdict.diagnosis is not None
        assert verdict.diagnosis.startswith("∂L/∂B: the sum over axis 0 is one too many: G is right")

    def test_numbers_are_told_apart(self) -> None:
        verdict = check(np.exp, lambda X, Y, G: G * (Y + 1e-9), {"X": "N"})
        assert verdict.message == "∂L/∂X[0]: 1.000000001 is claimed, and 1.0 is right"

    def test_large_shapes_are_checked_and_shown_in_few_words(self) -> None:
        verdict = check(product, lambda X, W, Y, G: {"W": X.T @ G / 7}, {"X": "7 8", "W": "8 9"})
        assert not verdict.correct
        assert verdict.counterexample is not None
        assert verdict.counterexample.inputs["X"].startswith("7×8 of ")
        assert len(str(verdict)) < 2000
        right = check(product, lambda X, W, Y, G: {"W": X.T @ G}, {"X": "7 8", "W": "8 9"})
        assert right.evidence[1].startswith("random 64-bit integers at the shapes given: a false claim")

    def test_forward_without_return(self) -> None:
        assert check(lambda X: None, lambda X, Y, G: G, {"X": "N"}).message == "forward returns None: it must return Y"

    def test_overflow_on_the_way_is_no_error(self) -> None:
        assert check(lambda X: np.exp(np.sqrt(2.0) * X) * 1, lambda X, Y, G: np.sqrt(2.0) * G * Y, {"X": "N"}).correct


class TestArguments:
    def test_functions_and_shapes(self) -> None:
        with pytest.raises(TypeError, match="gradients must be a function, and is a int"):
            check(product, 3, S)  # type: ignore[arg-type]
        with pytest.raises(ValueError, match=r"shapes is \{\}: name each input with its dimensions, as in"):
            check(lambda X: X * X, failing, {})
        with pytest.raises(ValueError, match=r"the shape of X is 'N, D': write names or numbers with spaces between"):
            check(lambda X: X * X, failing, {"X": "N, D"})
        with pytest.raises(ValueError, match=r"the shape of X is \(2, 3\)"):
            check(lambda X: X * X, failing, {"X": (2, 3)})  # type: ignore[dict-item]

    def test_arguments_must_fit(self) -> None:
        with pytest.raises(TypeError, match=r"gradients takes \(X, Y, G\) and would be called with \(X, W, Y, G\)"):
            check(product, failing, S)
        with pytest.raises(TypeError, match=r"forward takes \(X, W\) and would be called with \(X\)"):
            check(product, failing, {"X": "N D"})
        with pytest.raises(ValueError, match=r"forward takes \(X, W\) and would be called with \(W, X\)"):
            check(product, lambda W, X, Y, G: (X.T @ G, G @ W.T), {"W": "D M", "X": "N D"})
        with pytest.raises(ValueError, match="shapes is 'N D': name each input"):
            check(lambda X: X * X, failing, "N D")  # type: ignore[arg-type]

    def test_without_hypothesis(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "hypothesis", None)
        with pytest.raises(ModuleNotFoundError, match='the checker needs Hypothesis: install the extra "check"'):
            check(product, lambda X, W, Y, G: (G @ W.T, X.T @ G), S)

    def test_without_mpmath_rational_layers_still_work(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "mpmath", None)
        assert check(product, lambda X, W, Y, G: (G @ W.T, X.T @ G), S).correct
        with pytest.raises(ModuleNotFoundError, match="mpmath"):
            check(np.exp, lambda X, Y, G: G * Y, {"X": "N"})

    def test_arrays_of_values_carry_other_numbers_than_rational_ones(self) -> None:
        one = np.array([1], dtype=object)
        assert isinstance(Arithmetic(exact=False).carrier(one)[0], Value)
        assert isinstance(Arithmetic(exact=True).carrier(one)[0], int)


def test_verdicts_as_text_html_and_json() -> None:
    verdict = check(product, lambda X, W, Y, G: (G @ W.T, -X.T @ G), S)
    text = str(verdict)
    assert text.startswith("✗ ∂L/∂W[0,0]: -1 is claimed, and 1 is right\ndiagnosis: ∂L/∂W: the sign is wrong")
    assert "counterexample: N = 1, D = 1, M = 1\n  X = [[1]]\n" in text
    assert "the sign is wrong" in verdict._repr_html_()
    found = json.loads(verdict.to_json())
    assert found["correct"] is False
    assert found["counterexample"]["entry"] == "W[0,0]"
    assert str(check(product, lambda X, W, Y, G: (G @ W.T, X.T @ G), S)).startswith("✓ right: ∂L/∂X, ∂L/∂W")


class TestCommand:
    def test_from_a_new_file_to_a_verdict(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        mine = tmp_path / "mine.py"
        assert main(["check", "--new", str(mine)]) == 0
        assert main(["check", str(mine)]) == 0
        assert "✓ right: ∂L/∂X, ∂L/∂W, ∂L/∂b" in capsys.readouterr().out
        mine.write_text(mine.read_text(encoding="utf-8").replace("G @ W.T", "G @ W"), encoding="utf-8")
        assert main(["check", f"{mine}:forward:gradients", "--json"]) == 1
        assert json.loads(capsys.readouterr().out)["diagnosis"].startswith("∂L/∂X: W must be transposed")
        assert main(["check", "--new", str(mine)]) == 2
        assert "is there already: give a new name" in capsys.readouterr().err

    def test_float_code(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        mine = tmp_path / "mine.py"
        main(["check", "--new", str(mine)])
        assert main(["check", str(mine), "--tolerance", "ulp:8"]) == 0
        assert "right within the tolerance" in capsys.readouterr().out

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            ("", "give FILE.py, or --new FILE.py for a file to begin with"),
            ("none.py", "none.py: cannot be read: No such file"),
            ("a.py:b", "'a.py:b': write FILE.py, or FILE.py:forward:gradients"),
            ("empty.py", "empty.py: there is no 'forward' in it; see scalargrad check --new"),
        ],
    )
    def test_bad_input_is_one_sentence(
        self,
        words: str,
        message: str,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        monkeypatch.chdir(tmp_path)
        Path("empty.py").write_text("x = 1\n", encoding="utf-8")
        assert main(["check", *words.split()]) == 2
        printed = capsys.readouterr()
        assert message in printed.err
        assert (printed.out, printed.err.count("\n")) == ("", 1)
