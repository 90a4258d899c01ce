"""Matrix notation: the book's formulas, what is refused and how, code that runs, and what the evidence says."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import scalargrad as sg
from scalargrad.derivation.matrix_notation import two_routes
from scalargrad.derivation.matrix_notation.one_formula import OneFormula, gradients_of
from scalargrad.derivation.matrix_notation.reading import simplified, understood
from scalargrad.derivation.matrix_notation.rules import reversed_through
from scalargrad.derivation.matrix_notation.two_routes import confirm_by_two_routes
from scalargrad.derivation.notation import ELEMENTARY
from scalargrad.errors import ArgumentTypeError, DerivationError, NotationError, UnconfirmedError


def by(name: str, text: str, shapes: dict[str, str]) -> OneFormula:
    return next(found for found in gradients_of(text, shapes) if found.name == name)


def test_it_is_the_same_by_the_verb() -> None:
    (_, by_w, _) = sg.derive("norm2(X*w - y)^2", X="N D", w="D", y="N")
    assert by_w.statement == "∂f/∂w = 2·Xᵀ·(X·w − y)"
    assert by_w.latex() == r"\frac{\partial f}{\partial w} = 2 X^{\top} \left(X w - y\right)"
    assert by_w.evidence[0] == "SymPy: each formula is the derivative of the index form, for all dimensions at once"
    assert "exactly over Fractions at (N, D) = (2, 3), (3, 2)" in by_w.evidence[1]
    assert str(by_w).splitlines()[0] == by_w.statement
    assert by_w.mathml() in by_w._repr_html_()
    assert by_w._repr_latex_() == f"$\\displaystyle {by_w.latex()}$"
    assert by_w.symmetric_statement == ""
    assert "X is N×D; w is D; G is ∂L/∂F, N" in str(by("w", "X*w", {"X": "N D"}))
    along = by("S", "sum(X*S)", {"X": "N N", "S": "N N symmetric"})
    assert f"along symmetric S, whose halves move together: {along.symmetric_statement}" in str(along)
    assert along.symmetric_statement == "df/dS = 1·1ᵀ·X + Xᵀ·1·1ᵀ − diag(Xᵀ·1)"  # G + Gᵀ − diag(G) with G = Xᵀ·1·1ᵀ


def test_the_steps_are_the_rules_that_were_applied() -> None:
    (by_X, *_) = gradients_of("a'*inv(X)*b", {})[1:2]
    assert [rule.whole.kind for rule in by_X.rules] == ["product", "inverse"]
    assert len(by_X.steps) == 2
    assert by_X.steps[-1].formula == "∂f/∂X ← −X⁻ᵀ·a·bᵀ·X⁻ᵀ"
    assert by_X.steps[-1].why == "A⁻¹, by dA·A⁻¹ + A·d(A⁻¹) = 0: −A⁻ᵀ·Ḡ·A⁻ᵀ"
    assert "∂f/∂(X⁻¹) ← a·bᵀ" in str(by_X.steps)


def test_each_step_is_confirmed_before_it_is_shown() -> None:
    (by_X, *_) = gradients_of("a'*inv(X)*b", {})[1:2]
    wrong = replace(by_X.rules[0], found=by_X.rules[0].found * 2)
    with pytest.raises(DerivationError, match="is false at"):
        _ = replace(by_X, rules=(wrong, *by_X.rules[1:])).steps


REFUSED = [
    (
        "X*w - y",
        {"X": "N D", "w": "N"},
        r"^statement 1, column 1: this product does not fit: X is N×D and w is N: the columns of the left",
    ),
    ("x'*(A + B)", {"A": "N D", "B": "D N"}, r"column 5: this sum does not fit: A is N×D and B is D×N: both need one"),
    (
        "x'*y + c*A",
        {},
        r"does not fit: c is … and A is …×…: .* say what c is, by a shape such as c=\"N\", or \"\" for a n",
    ),
    ("tr(X)", {"X": "N D"}, r"tr is of a square matrix, and X is N×D$"),
    ("norm2(x^2)", {}, r"column 7: x is …, and only a square matrix has powers: write \.\^ for"),
    ("x/y", {}, r"y is …, and / divides by numbers: write \./ for"),
    ("x^y", {}, r"only a square matrix has powers: .* say what x is"),
    ("f(x)", {}, r"unknown function f: there are "),
    ("norm2(x", {}, r"no formula: '\(' was never closed"),
    ("x +* y", {}, r"column 4: no formula: invalid syntax"),
    ("2 + 3", {}, r"nothing is made of a matrix here"),
    ("", {}, r"there is no formula"),
    ("x'*y; x'*x", {}, r"a statement before the last one names what it makes"),
    ("x = x'*x; x", {"x": "N"}, r"x has a meaning already"),
    ("sum(T)", {"T": "N D M"}, r"T has 3 dimensions: in matrix notation two are the limit"),
    ("sum(T)", {"T": "N-1"}, r"'N-1' is not a dimension"),
    ("sum(x, where=0)", {}, r"sum takes no option where here, only axis and keepdims"),
    ("sum(x, axis=2)", {}, r"the axis of sum is 0, for each column, or 1, for each row"),
    ("tr(X, axis=1)", {}, r"tr takes no axis"),
    ("np.sum(x, axis=1)", {"x": "N"}, r"x is a vector: its one axis is axis=0"),
    ("np.exp(softmax(X))", {"X": "N D"}, r"X is N×D: say along which axis, as in axis=1"),
    ("A*x + b'", {}, r"this sum does not fit: A\*x is … and b' is 1×…: both need one shape"),
    ("norm2(X*w - y)^2 + c*norm2(w)^2", {}, r"column 1: a number and a vector stand in this sum, since c is taken"),
    ("pinv(X)", {}, r"pinv can't be derived here: write inv\(X'\*X\)\*X' for an X whose columns are independent"),
    ("max(x, A)", {"x": "N", "A": "D D"}, r"this max does not fit: x is N and A is D×D"),
    ("power(x)", {}, r"power takes two arguments here"),
    ("ones(x)", {}, r"ones takes the letter of a dimension"),
    ("ones(N, D, N)*x", {"x": "N D"}, r"ones takes one dimension or two"),
    ("np.linalg.solve(A, b)", {"A": "N D", "b": "N"}, r"solve is of a square matrix, and A is N×D"),
    ("norm2(X)", {"X": "N D"}, r"norm2 is of a vector, and X is N×D: write normF"),
    ("__import__('os')", {}, r"no formula|unknown function"),
    ("x if x else y", {}, r"no formula|invalid"),
    ("(lambda: x)()", {}, r"no formula|unknown|allowed"),
    ("x" * 2001, {}, r"2,001 characters"),
]


@pytest.mark.parametrize(("text", "shapes", "message"), REFUSED)
def test_what_is_refused_is_refused_with_its_place(text: str, shapes: dict[str, str], message: str) -> None:
    with pytest.raises(NotationError, match=message):
        gradients_of(text, shapes)


def test_a_shape_is_text() -> None:
    with pytest.raises(ArgumentTypeError, match=r'^the shape of x is text such as "N D", not a int$'):
        gradients_of("x'*x", {"x": 3})  # type: ignore[dict-item]


def test_what_can_t_be_confirmed_is_not_shown() -> None:
    with pytest.raises(UnconfirmedError, match="no numbers were found where everything in them is defined"):
        gradients_of("det(x*x')", {})
    with pytest.raises(UnconfirmedError, match="no numbers were found"):  # 0 but for rounding
        gradients_of("logdet(inv(x*x')*inv(x*x')' + eye)", {})


def test_a_wrong_formula_is_found_out_by_either_route(monkeypatch: pytest.MonkeyPatch) -> None:
    reading = understood("tr(X*W*X)", {"X": "N N", "W": "N N"})
    f = simplified(reading.expression)
    right = {name: found.gradient for name, found in reversed_through(f, one()).items()}
    for wrong in ({"W": right["W"].T}, {"X": right["X"] * 2}):
        with pytest.raises(DerivationError, match="is false at"):
            confirm_by_two_routes(reading.expression, one(), right | wrong, reading.shapes, reading.dimensions)
    # the graph agreed with itself: the differences still say no
    monkeypatch.setattr(two_routes, "by_graph", lambda *_: {n: Anything() for n in right})
    with pytest.raises(DerivationError, match="is false at"):
        confirm_by_two_routes(reading.expression, one(), right | {"W": right["X"]}, reading.shapes, reading.dimensions)


def one() -> Any:
    return simplified(understood("1 + 0*c", {"c": ""}).expression)


class Anything:
    """An array that equals whatever it is compared with."""

    flat: Any = None

    def __init__(self) -> None:
        self.flat = self

    def __getitem__(self, at: int) -> Any:
        class Same:
            def __eq__(self, other: object) -> bool:
                return True

            __hash__ = None  # type: ignore[assignment]

        return Same()


@pytest.mark.parametrize(
    ("text", "shapes"),
    [
        ("norm2(X*w - y)^2/N", {"X": "N D"}),
        ("tanh(X*W + vector(1)*b')", {}),
        ("x'*A*x/(x'*x)", {}),
        ("logdet(X'*X) + sum(X)", {"X": "N D"}),
        ("-y'*log(softmax(0.1*(W*x)))", {"W": "M D", "x": "D"}),
        ("a'*diag(X) + x'*diag(d)*x", {"X": "N N", "x": "N", "d": "N"}),
        ("softmax(X*W) .* b' - logsumexp(X*W)", {"X": "N D", "W": "D M"}),
        ("max(X*W, 0)*b + max(X) + min(X*W, axis=1) + tanh(X.^2)*vector(1)", {"X": "N D", "W": "D M"}),
        ("norm1(X)*x.^p/mean(x)", {"X": "N D", "x": "N", "p": ""}),
    ],
)
def test_the_code_runs_and_is_the_graph(text: str, shapes: dict[str, str]) -> None:
    """The graph is of Values over floats, by the arithmetic of the formula as written."""
    sizes = {"N": 4, "D": 3, "M": 2, "1": 1}
    rng = np.random.default_rng(0)
    for found in gradients_of(text, shapes):
        arrays = {n: np.abs(rng.normal(size=[sizes[d] for d in s])) for n, s in found.reading.shapes.items()}
        if found.seed.kind == "name":
            arrays[found.seed.data] = rng.normal(size=[sizes[d] for d in found.seed.shape])
        objects = {n: np.vectorize(float, otypes=[object])(a) for n, a in arrays.items()}
        graph = two_routes.by_graph(found.reading.expression, found.seed, objects, sizes, float)[found.name]
        scope: dict[str, Any] = {}
        exec(found.numpy(), scope)
        (function,) = (value for key, value in scope.items() if "_by_" in key)
        flat = [a.ravel() if a.shape[1] == 1 else a for a in arrays.values()]
        _, gradient = function(*flat)
        np.testing.assert_allclose(gradient, np.reshape(graph.astype(float), gradient.shape), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("function", ELEMENTARY)
def test_every_function_of_the_table_has_its_derivative_and_its_code(function: str) -> None:
    """Of entries near 1/2, or above 1 for arccosh, where all are defined."""
    found = by("x", f"sum({function}(x))", {})
    scope: dict[str, Any] = {}
    exec(found.numpy(), scope)
    x, h = np.array([0.3, 0.6]) + (function == "arccosh"), 1e-6
    _, gradient = scope["f_by_x"](x)
    for k, step in enumerate(np.eye(2) * h):
        difference = (scope["f_by_x"](x + step)[0] - scope["f_by_x"](x - step)[0]) / (2 * h)
        assert gradient[k] == pytest.approx(difference, rel=1e-6)


def test_numbers_come_back_as_they_were_written() -> None:
    assert by("x", "0.1*sum(x.^3)", {}).statement == "∂f/∂x = 0.3·x^∘2"
    assert by("x", "sum(x.^3)/7", {}).statement == "∂f/∂x = 3·x^∘2/7"
    assert by("x", "x'*x", {}).gradient.data == Fraction(2)


REFUSALS = [
    ("1e999*sum(x)", {"x": "N"}, "column 1: the number is too large for a float"),
    ("exp + sum(x)", {"x": "N"}, "exp is a function: write exp"),
    ("X & X", {"X": "N D"}, "and @ stand between two formulas"),
    ("x @ W", {"x": "N", "W": "M D"}, "x is N and W is M×D: the length of the left one must be the rows"),
    ("X^(1/2)", {"X": "N N"}, "column 4: a matrix has whole powers from −12 to 12"),
    ("X^2", {"X": "N D"}, "X is N×D, and only a square matrix has powers"),
    ("np.dot(x, y)", {"x": "N", "y": "M"}, "dot does not fit: x is N and y is M: both need one length"),
    ("np.outer(X, y)", {"X": "N D", "y": "M"}, "outer does not fit: X is N×D and y is M: both are vectors"),
    ("vector(x)", {"x": "N"}, r"vector takes a number, as in vector\(1\)"),
    ("exp(x, x)", {"x": "N"}, "exp takes one argument here"),
    ("tr(eye(x)) + sum(x)", {"x": "N"}, "column 4: eye takes the letter of a dimension"),
    ("nothing(x)", {"x": "N"}, "unknown function nothing: there are abs, "),
    ("det(X)", {"X": "N D"}, "det is of a square matrix, and X is N×D"),
    ("sum(diag(X))", {"X": "N D"}, "diag is of a vector or a square matrix, and this is N×D"),
    ("sum(lambda: x)", {"x": "N"}, "column 11: no formula"),
    ("sum(x // 2)", {"x": "N"}, "column 7: no formula"),  # which rounds down in Python, and is no ./ of ours
    ("sum(x % y)", {"x": "N", "y": "N"}, "column 7: no formula"),
    ("sum(x); sum(x)", {"x": "N"}, "a statement before the last one names what it makes"),
    ("2 = sum(x)", {"x": "N"}, "the left side is a name"),
    ("x = sum(x)", {"x": "N"}, "x has a meaning already"),
    ("3", {}, "there is nothing to differentiate by"),
    ("sum(x", {"x": "N"}, "no formula: '\\(' was never closed"),
    ("sum(x)" + "+sum(x)" * 400, {"x": "N"}, "the text has 2,806 characters: 2,000 are the limit"),
    ("sum(x*ones(1, D))", {"x": "N"}, "column 7: ones takes the letter of a dimension"),
    ("np.sum(*X)", {"X": "N D"}, "column 1: sum takes formulas only here"),
    ("x < y", {"x": "N", "y": "N"}, "column 1: only [+] - [*] / .* functions, numbers and names are allowed"),
    ("-" * 1900 + "x", {"x": ""}, "the formula is nested more than 200 deep: give parts of it names"),
    ("x" + ".T" * 300, {"x": "N"}, "the formula is nested more than 200 deep"),
    ("sum(x)", {"x": "N D M"}, "x has 3 dimensions: in matrix notation two are the limit"),
    ("sum(x)", {"x": "N-1"}, "'N-1' is not a dimension"),
]


@pytest.mark.parametrize(("text", "shapes", "message"), REFUSALS, ids=lambda x: x[:20] if isinstance(x, str) else "")
def test_what_is_refused_and_where(text: str, shapes: Any, message: str) -> None:
    with pytest.raises(NotationError, match=message):
        sg.derive(text, **shapes)


NUMPY_TEXT = [
    ("x @ W", {"x": "N", "W": "N D"}, ["∂L/∂x = W·G", "∂L/∂W = x·Gᵀ"]),
    ("sum(x.T @ x)", {"x": "N"}, ["∂f/∂x = 2·x"]),
    ("X.dot(w).sum()", {"X": "N D", "w": "D"}, ["∂f/∂X = 1·wᵀ", "∂f/∂w = Xᵀ·1"]),
    ("np.dot(x, y)", {"x": "N", "y": "N"}, ["∂f/∂x = y", "∂f/∂y = x"]),
    ("np.outer(x, y).sum()", {"x": "N", "y": "M"}, ["∂f/∂x = sum(y)·1", "∂f/∂y = sum(x)·1"]),
    ("np.multiply(x, y).sum()", {"x": "N", "y": "N"}, ["∂f/∂x = y", "∂f/∂y = x"]),
    ("np.matmul(X, w).sum()", {"X": "N D", "w": "D"}, ["∂f/∂X = 1·wᵀ", "∂f/∂w = Xᵀ·1"]),
    ("np.trace(X)", {"X": "N N"}, ["∂f/∂X = I"]),
    ("X.mean()", {"X": "N D"}, ["∂f/∂X = 1·1ᵀ/(N·D)"]),
    ("sum(diag(X))", {"X": "N N"}, ["∂f/∂X = I"]),
    ("np.diag(x).sum()", {"x": "N"}, ["∂f/∂x = 1"]),
    ("sum(X^-1)", {"X": "N N"}, ["∂f/∂X = −X⁻ᵀ·1·1ᵀ·X⁻ᵀ"]),
    ("x'*matrix(1)*y", {"x": "N", "y": "M"}, ["∂f/∂x = sum(y)·1", "∂f/∂y = sum(x)·1"]),
    ("sum(vector(2)) + sum(+x)", {"x": "N"}, ["∂f/∂x = 1"]),
    ("tr(eye(N)*X)", {"X": "N N"}, ["∂f/∂X = I"]),
    ("f = sum(x); f", {"x": "N"}, ["∂f/∂x = 1"]),
    ("norm1(x)", {"x": "N"}, ["∂f/∂x = sign(x)"]),
    ("‖X·w − y‖²", {"X": "N D"}, ["∂f/∂X = 2·(X·w − y)·wᵀ", "∂f/∂w = 2·Xᵀ·(X·w − y)", "∂f/∂y = −2·(X·w − y)"]),
    ("‖x‖₁ + √s·sum(x)", {"x": "N", "s": ""}, ["∂f/∂x = sign(x) + √s·1", "∂f/∂s = sum(x)/(2·√s)"]),
    ("tr(A⁻ᵀ·B)", {"A": "N N", "B": "N N"}, ["∂f/∂A = −A⁻ᵀ·B·A⁻ᵀ", "∂f/∂B = A⁻¹"]),
    ("np.linalg.norm(x, 1)", {"x": "N"}, ["∂f/∂x = sign(x)"]),
    ("np.max(X, axis=1).sum()", {"X": "N D"}, ["∂f/∂X = [X = max(X, axis=1)·1ᵀ]"]),
    ("np.min(x)", {"x": "N"}, ["∂f/∂x = [x = min(x)]"]),
    ("np.ones((N, D)) * X", {"X": "N D"}, ["∂L/∂X = G"]),
    ("np.add(x, y).sum() - np.divide(x, y).sum()", {"x": "N", "y": "N"}, ["∂f/∂x = 1 − 1 ⊘ y", "∂f/∂y = 1 + x ⊘ y^∘2"]),
    ("np.subtract(x, 1).sum()", {"x": "N"}, ["∂f/∂x = 1"]),
    ("np.logaddexp(x, 0).sum()", {"x": "N"}, ["∂f/∂x = σ(x)"]),
    ("np.hypot(a, b)", {"a": "", "b": ""}, ["∂f/∂a = a/sqrt(a² + b²)", "∂f/∂b = b/sqrt(a² + b²)"]),
    ("np.power(x, p).sum()", {"x": "N", "p": ""}, ["∂f/∂x = p·x^∘(p − 1)", "∂f/∂p = sum(x^∘p ∘ log(x))"]),
    ("scipy.special.xlogy(x, x) + np.pi*x", {"x": ""}, ["∂f/∂x = π + 1 + log(x)"]),
    ("np.clip(x, 0, 1).sum()", {"x": ""}, ["∂f/∂x = [1 > max(x, 0)]·[x > 0]"]),
    ("x.^2'*y + sum(x)^-1'", {"x": "N", "y": "N"}, ["∂f/∂x = 2·(y ∘ x) − 1/sum(x)²", "∂f/∂y = x^∘2"]),
    ("1e-3*norm2(x)^2", {"x": "N"}, ["∂f/∂x = 0.002·x"]),
    ("sum(2.^x)", {"x": "N"}, ["∂f/∂x = log(2)·2^∘x"]),
    ("σ(x)/σ", {"x": "", "σ": ""}, ["∂f/∂x = f·(1 − sigmoid(x))", "∂f/∂σ = −sigmoid(x)/σ²"]),
    ("np.square(x).sum()", {"x": "N"}, ["∂f/∂x = 2·x"]),
    ("norm2(X, axis=1)", {"X": "N D"}, ["∂L/∂X = diag(G ⊘ sqrt(X^∘2·1))·X"]),
    ("norm1(X, axis=0)*y", {"X": "N D", "y": "D"}, ["∂f/∂X = sign(X)·diag(y)", "∂f/∂y = abs(X)ᵀ·1"]),
    ("np.std(X, axis=0)", {"X": "N D"}, ["∂L/∂X = R·diag(G ⊘ sqrt((R^∘2)ᵀ·1/N))/N with R = X − 1·1ᵀ·X/N"]),
    ("floor(x)*x", {"x": ""}, ["∂f/∂x = ⌊x⌋"]),
    ("tanh(x*vector(1)')", {"x": "N"}, ["∂L/∂x = (G·1) ∘ (1 − tanh(x)^∘2)"]),
    ("sum((x*vector(1)').^3 .* Y)", {"x": "N", "Y": "N D"}, ["∂f/∂x = 3·((Y·1) ∘ x^∘2)", "∂f/∂Y = x^∘3·1ᵀ"]),
    ("np.log(np.exp(X) @ ones(D)).sum()", {"X": "N D"}, ["∂f/∂X = softmax(X)"]),
    ("np.max(x, axis=0)", {"x": "N"}, ["∂f/∂x = [x = max(x)]"]),
    ("sum(1./(1 + exp(x)))", {"x": "N"}, ["∂f/∂x = −σ(−x) ∘ (1 − σ(−x))"]),
    ("np.sum(transpose(X))", {"X": "N D"}, ["∂f/∂X = 1·1ᵀ"]),
    ("np.max(X, axis=0, keepdims=True).sum()", {"X": "N D"}, ["∂f/∂X = [Xᵀ = max(Xᵀ, axis=1)·1ᵀ]ᵀ"]),
    ("np.sum(X, axis=None)", {"X": "N D"}, ["∂f/∂X = 1·1ᵀ"]),
    ("np.sum(X, 1)", {"X": "N D"}, ["∂L/∂X = G·1ᵀ"]),
    ("√(x'·x)", {"x": "N"}, ["∂f/∂x = x/sqrt(xᵀ·x)"]),
    ("sum(sqrt(x))", {"x": "N"}, ["∂f/∂x = x^∘(−1/2)/2"]),
    ("sum(x.^p)", {"x": "N", "p": ""}, ["∂f/∂x = p·x^∘(p − 1)", "∂f/∂p = sum(x^∘p ∘ log(x))"]),
    ("tr(X*X)*sum(X*X)", {"X": "N N"}, ["∂f/∂X = R·Xᵀ + Xᵀ·R with R = tr(X·X)·1·1ᵀ + sum(X·X)·I"]),
]


@pytest.mark.parametrize(("text", "shapes", "statements"), NUMPY_TEXT, ids=lambda x: x if isinstance(x, str) else "")
def test_other_ways_to_write_it(text: str, shapes: Any, statements: list[str]) -> None:
    found = sg.derive(text, **shapes)
    assert [derivation.statement for derivation in found] == statements
    for derivation in found:
        compile(derivation.numpy(), "derived", "exec")
        assert derivation.latex()
        ElementTree.fromstring(derivation.mathml())


ALIKE = [
    ("tr(X')", "tr(X)", {"X": "N N"}),
    ("norm2(x')^2", "norm2(x)^2", {"x": "N"}),
    ("norm2(3*x)^2", "9*norm2(x)^2", {"x": "N"}),
    ("sum(inv(inv(X)))", "sum(X)", {"X": "N N"}),
    ("sum(inv(X'))", "sum(inv(X))", {"X": "N N"}),
    ("sum(inv(2*X))", "sum(inv(X))/2", {"X": "N N"}),
    ("tr(inv(X*Y))", "tr(inv(Y)*inv(X))", {"X": "N N", "Y": "N N"}),
    ("det(eye(N))*sum(x)", "sum(x)", {"x": "N"}),
    ("logdet(eye(N)) + sum(x)", "sum(x)", {"x": "N"}),
    ("tr(eye(N))*sum(x)", "N*sum(x)", {"x": "N"}),
    ("sum(inv(eye(N))*x)", "sum(x)", {"x": "N"}),
    ("sum(diag(eye(N)) .* x)", "sum(x)", {"x": "N"}),
    ("sum(diag(diag(x)))", "sum(x)", {"x": "N"}),
    ("sum(diag(x*y'))", "x'*y", {"x": "N", "y": "N"}),
    ("x'*diag(vector(1))*x", "x'*x", {"x": "N"}),
    ("sum(diag(2*X))", "2*tr(X)", {"X": "N N"}),
    ("det(a)*sum(x)", "a*sum(x)", {"x": "N", "a": "1"}),
    ("inv(a)*sum(x)", "sum(x)/a", {"x": "N", "a": "1"}),
    ("diag(a)*sum(x)", "a*sum(x)", {"x": "N", "a": "1"}),
    ("tr(X) - tr(X) + sum(X)", "sum(X)", {"X": "N N"}),
    ("sum((X + Y) - (Y + X)) + sum(X)", "sum(X) + 0*sum(Y)", {"X": "N N", "Y": "N N"}),
    ("sum(exp(x - x) .* x)", "sum(x)", {"x": "N"}),
    ("sum(softmax(x)) + sum(x)", "sum(x)", {"x": "N"}),
    ("softmax(a)*sum(x)", "sum(x) + 0*a", {"x": "N", "a": "1"}),
    ("logsumexp(a)*sum(x)", "a*sum(x)", {"x": "N", "a": "1"}),
    ("sum(diag(A*diag(x)))", "x'*diag(A)", {"A": "N N", "x": "N"}),
    ("sum(inv(X)*X*y)", "sum(y) + 0*tr(X)", {"X": "N N", "y": "N"}),
    ("sum(diag(X - X)) + sum(X)", "sum(X)", {"X": "N N"}),
    ("sum((x*vector(1)').*(vector(1)*y').*X)", "x'*X*y", {"x": "N", "y": "D", "X": "N D"}),
    ("2^0.5*2^0.5*sum(x)", "2*sum(x)", {"x": "N"}),
    ("ones(1)*sum(x)", "sum(x)", {"x": "N"}),
]


@pytest.mark.parametrize(("text", "other", "shapes"), ALIKE, ids=lambda x: x if isinstance(x, str) else "")
def test_two_ways_to_write_one_function_have_one_gradient(text: str, other: str, shapes: Any) -> None:
    one, two = ({d.statement for d in sg.derive(formula, **shapes)} for formula in (text, other))
    assert one == two
