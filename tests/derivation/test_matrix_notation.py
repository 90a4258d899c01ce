"""Matrix notation: the book's formulas, what is refused and how, code that runs, and what the evidence says."""

from __future__ import annotations

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

SYMMETRIC = "N N symmetric"

COOKBOOK: list[tuple[str, dict[str, str], str, str]] = [
    # Petersen and Pedersen, The Matrix Cookbook, section 2: determinants
    ("det(X)", {}, "X", "det(X)·X⁻ᵀ"),
    ("det(A*X*B)", {"A": "N N", "B": "N N"}, "X", "det(A·X·B)·X⁻ᵀ"),
    ("det(X^3)", {}, "X", "3·det(X·X·X)·X⁻ᵀ"),
    ("logdet(X)", {}, "X", "X⁻ᵀ"),
    ("log(det(X))", {}, "X", "X⁻ᵀ"),
    ("logdet(X'*X)", {"X": "N D"}, "X", "2·X·(Xᵀ·X)⁻¹"),
    ("det(X'*A*X)", {"X": "N D", "A": SYMMETRIC}, "X", "2·det(Xᵀ·A·X)·A·X·(Xᵀ·A·X)⁻¹"),
    # inverses
    ("a'*inv(X)*b", {}, "X", "−X⁻ᵀ·a·bᵀ·X⁻ᵀ"),
    ("det(inv(X))", {}, "X", "−det(X⁻¹)·X⁻ᵀ"),
    ("tr(A*inv(X)*B)", {}, "X", "−X⁻ᵀ·Aᵀ·Bᵀ·X⁻ᵀ"),
    ("tr(inv(X + A))", {"A": "N N"}, "X", "−(X + A)⁻ᵀ·(X + A)⁻ᵀ"),
    # first order
    ("a'*x", {}, "x", "a"),
    ("a'*X*b", {}, "X", "a·bᵀ"),
    ("a'*X'*b", {}, "X", "b·aᵀ"),
    ("a'*X*a", {}, "X", "a·aᵀ"),
    # second order
    ("sum(X)^2", {}, "X", "2·sum(X)·1·1ᵀ"),
    ("b'*X'*X*c", {}, "X", "X·b·cᵀ + X·c·bᵀ"),
    ("b'*X'*D*X*c", {}, "X", "D·X·c·bᵀ + Dᵀ·X·b·cᵀ"),
    ("(X*b + c)'*D*(X*b + c)", {}, "X", "(Dᵀ·(X·b + c) + D·(X·b + c))·bᵀ"),
    ("x'*A*x", {}, "x", "A·x + Aᵀ·x"),
    ("x'*A*x + b'*x", {}, "x", "b + A·x + Aᵀ·x"),
    ("(x - A*s)'*W*(x - A*s)", {"W": SYMMETRIC}, "s", "−2·Aᵀ·W·(x − A·s)"),
    ("(x - s)'*W*(x - s)", {"W": SYMMETRIC}, "x", "2·W·(x − s)"),
    ("(x - A*s)'*W*(x - A*s)", {"W": SYMMETRIC}, "A", "−2·W·(x − A·s)·sᵀ"),
    # traces
    ("tr(X)", {}, "X", "I"),
    ("tr(X*A)", {}, "X", "Aᵀ"),
    ("tr(A*X*B)", {}, "X", "Aᵀ·Bᵀ"),
    ("tr(A*X'*B)", {}, "X", "B·A"),
    ("tr(X'*A)", {}, "X", "A"),
    ("tr(X^2)", {}, "X", "2·Xᵀ"),
    ("tr(X^2*B)", {}, "X", "Bᵀ·Xᵀ + Xᵀ·Bᵀ"),
    ("tr(X'*B*X)", {}, "X", "B·X + Bᵀ·X"),
    ("tr(X*B*X')", {}, "X", "X·B + X·Bᵀ"),
    ("tr(A*X*B*X)", {}, "X", "Aᵀ·Xᵀ·Bᵀ + Bᵀ·Xᵀ·Aᵀ"),
    ("tr(X'*X)", {}, "X", "2·X"),
    ("tr(B'*X'*C*X*B)", {}, "X", "C·X·B·Bᵀ + Cᵀ·X·B·Bᵀ"),
    ("tr(A*X*B*X'*C)", {}, "X", "C·A·X·B + Aᵀ·Cᵀ·X·Bᵀ"),
    ("tr((A*X*B + C)*(A*X*B + C)')", {}, "X", "2·Aᵀ·(A·X·B + C)·Bᵀ"),
    ("tr(X^3)", {}, "X", "3·Xᵀ·Xᵀ"),
    ("tr((X'*C*X)^-1*A)", {"C": SYMMETRIC, "A": "D D symmetric"}, "X", "−2·C·X·(Xᵀ·C·X)⁻¹·A·(Xᵀ·C·X)⁻¹"),
    # norms
    ("norm2(x - a)", {}, "x", "(x − a)/‖x − a‖"),
    ("norm2(x)^2", {}, "x", "2·x"),
    ("normF(X)^2", {}, "X", "2·X"),
]

ONE_LINERS: list[tuple[str, dict[str, str], str, str]] = [
    ("norm2(X*w - y)^2", {"X": "N D", "w": "D", "y": "N"}, "w", "2·Xᵀ·(X·w − y)"),
    ("norm2(X*w - y)^2 + λ*norm2(w)^2", {}, "w", "2·λ·w + 2·Xᵀ·(X·w − y)"),
    ("norm2(X*w - y)^2/N", {"X": "N D"}, "w", "2·Xᵀ·(X·w − y)/N"),
    ("np.sum((X @ w - y)**2)/N", {"X": "N D"}, "w", "2·Xᵀ·(X·w − y)/N"),
    ("0.3*x'*x", {}, "x", "0.6·x"),
    ("sum(log(vector(1) + exp(-y.*(X*w))))", {}, "w", "−Xᵀ·(sigmoid(−y ∘ (X·w)) ∘ y)"),
    (
        "-(y'*log(sigmoid(X*w)) + (vector(1) - y)'*log(vector(1) - sigmoid(X*w)))",
        {},
        "w",
        "Xᵀ·(sigmoid(X·w) − y)",
    ),
    ("-y'*log(softmax(W*x))", {}, "W", "(sum(y)·softmax(W·x) − y)·xᵀ"),
    ("logsumexp(x)", {}, "x", "softmax(x)"),
    ("1/2*logdet(S) + 1/2*(x - m)'*inv(S)*(x - m)", {"S": SYMMETRIC}, "m", "−S⁻¹·(x − m)"),
    ("(x - m)'*inv(S)*(x - m)", {"S": SYMMETRIC}, "S", "−S⁻¹·(x − m)·(x − m)ᵀ·S⁻¹"),
    ("sqrt((x - m)'*inv(S)*(x - m))", {"S": SYMMETRIC}, "x", "S⁻¹·(x − m)/sqrt((x − m)ᵀ·S⁻¹·(x − m))"),
    ("normF(X - W*H)^2", {}, "W", "−2·(X − W·H)·Hᵀ"),
    ("(x'*A*x)/(x'*x)", {"A": SYMMETRIC}, "x", "2·A·x/(xᵀ·x) − 2·(xᵀ·A·x)·x/(xᵀ·x)²"),
    ("norm1(X*w - y)", {}, "w", "Xᵀ·sign(X·w − y)"),
    ("x'*diag(d)*x", {}, "x", "2·(x ∘ d)"),
    ("a'*diag(X)", {}, "X", "diag(a)"),
    ("sum(X.*Y)", {}, "X", "Y"),
    ("X*W", {}, "W", "Xᵀ·G"),
    ("X @ W + b", {"b": "M"}, "b", "Gᵀ·1"),
    ("np.exp(-np.linalg.norm(x - m)**2/(2*s**2))", {"s": ""}, "x", "−exp(−‖x − m‖²/(2·s²))·(x − m)/s²"),
    ("r = X*w - y; norm2(r)^2", {}, "w", "2·Xᵀ·(X·w − y)"),
    ("(X·w − y)ᵀ·(X·w − y)", {}, "w", "2·Xᵀ·(X·w − y)"),
]


def by(name: str, text: str, shapes: dict[str, str]) -> OneFormula:
    return next(found for found in gradients_of(text, shapes) if found.name == name)


@pytest.mark.parametrize(("text", "shapes", "name", "formula"), COOKBOOK + ONE_LINERS)
def test_one_formula(text: str, shapes: dict[str, str], name: str, formula: str) -> None:
    found = by(name, text, shapes)
    assert found.statement.partition(" = ")[2] == formula
    assert len(found.evidence) == 3


def test_it_is_the_same_by_the_verb() -> None:
    (_, by_w, _) = sg.derive("norm2(X*w - y)^2", X="N D", w="D", y="N")
    assert by_w.statement == "∂f/∂w = 2·Xᵀ·(X·w − y)"
    assert by_w.latex() == r"\frac{\partial f}{\partial w} = 2 X^{\top} \left(X w - y\right)"
    assert by_w.evidence[0] == "SymPy: each formula is the derivative of the index form, for all dimensions at once"
    assert "exactly over Fractions at (N, D) = (2, 3), (3, 2)" in by_w.evidence[1]
    assert str(by_w).splitlines()[0] == by_w.statement
    assert by_w.mathml() in by_w._repr_html_()


def test_the_steps_are_the_rules_that_were_applied() -> None:
    (by_X, *_) = gradients_of("a'*inv(X)*b", {})[1:2]
    assert [step.whole.kind for step in by_X.steps] == ["product", "inverse"]
    assert by_X.chain()[-1] == ("∂f/∂X ← −X⁻ᵀ·a·bᵀ·X⁻ᵀ", "A⁻¹, by dA·A⁻¹ + A·d(A⁻¹) = 0: −A⁻ᵀ·Ḡ·A⁻ᵀ")


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
    ("x^y", {}, r"an exponent is a plain number"),
    ("f(x)", {}, r"unknown function f: there are "),
    ("norm2(x", {}, r"no formula: '\(' was never closed"),
    ("x +* y", {}, r"column 4: no formula: invalid syntax"),
    ("2 + 3", {}, r"nothing is made of a matrix here"),
    ("", {}, r"there is no formula"),
    ("x'*y; x'*x", {}, r"a statement before the last one names what it makes"),
    ("x = x'*x; x", {"x": "N"}, r"x has a meaning already"),
    ("sum(T)", {"T": "N D M"}, r"T has 3 dimensions: in matrix notation two are the limit"),
    ("sum(T)", {"T": "N-1"}, r"'N-1' is not a dimension"),
    ("sum(x, axis=0)", {}, r"sum takes formulas only here, no options"),
    ("sum(x)", {"x": "N"}, ""),
    ("__import__('os')", {}, r"no formula|unknown function"),
    ("x if x else y", {}, r"no formula|invalid"),
    ("(lambda: x)()", {}, r"no formula|unknown|allowed"),
    ("x" * 2001, {}, r"2,001 characters"),
]


@pytest.mark.parametrize(("text", "shapes", "message"), [case for case in REFUSED if case[2]])
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
    ("sum(x)^x", {"x": "N"}, "column 8: an exponent is a plain number"),
    ("sum(x, axis=0)", {"x": "N"}, "sum takes formulas only here, no options"),
    ("np.dot(x, y)", {"x": "N", "y": "M"}, "dot does not fit: x is N and y is M: both need one length"),
    ("np.outer(X, y)", {"X": "N D", "y": "M"}, "outer does not fit: X is N×D and y is M: both are vectors"),
    ("vector(x)", {"x": "N"}, r"vector takes a number, as in vector\(1\)"),
    ("exp(x, x)", {"x": "N"}, "exp takes one argument here"),
    ("softmax(X)", {"X": "N D"}, "softmax is of a vector, and X is N×D"),
    ("tr(eye(3)) + sum(x)", {"x": "N"}, "column 4: eye takes the letter of a dimension"),
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
    ("np.outer(x, y).sum()", {"x": "N", "y": "M"}, ["∂f/∂x = 1·1ᵀ·y", "∂f/∂y = 1·1ᵀ·x"]),
    ("np.multiply(x, y).sum()", {"x": "N", "y": "N"}, ["∂f/∂x = y", "∂f/∂y = x"]),
    ("np.matmul(X, w).sum()", {"X": "N D", "w": "D"}, ["∂f/∂X = 1·wᵀ", "∂f/∂w = Xᵀ·1"]),
    ("np.trace(X)", {"X": "N N"}, ["∂f/∂X = I"]),
    ("X.mean()", {"X": "N D"}, ["∂f/∂X = 1·1ᵀ/(N·D)"]),
    ("sum(diag(X))", {"X": "N N"}, ["∂f/∂X = I"]),
    ("np.diag(x).sum()", {"x": "N"}, ["∂f/∂x = diag(1·1ᵀ)"]),
    ("sum(X^-1)", {"X": "N N"}, ["∂f/∂X = −X⁻ᵀ·1·1ᵀ·X⁻ᵀ"]),
    ("x'*matrix(1)*y", {"x": "N", "y": "M"}, ["∂f/∂x = 1·1ᵀ·y", "∂f/∂y = 1·1ᵀ·x"]),
    ("sum(vector(2)) + sum(+x)", {"x": "N"}, ["∂f/∂x = 1"]),
    ("tr(eye(N)*X)", {"X": "N N"}, ["∂f/∂X = I"]),
    ("f = sum(x); f", {"x": "N"}, ["∂f/∂x = 1"]),
    ("norm1(x)", {"x": "N"}, ["∂f/∂x = sign(x)"]),
]


@pytest.mark.parametrize(("text", "shapes", "statements"), NUMPY_TEXT, ids=lambda x: x if isinstance(x, str) else "")
def test_other_ways_to_write_it(text: str, shapes: Any, statements: list[str]) -> None:
    found = sg.derive(text, **shapes)
    assert [derivation.statement for derivation in found] == statements
    for derivation in found:
        compile(derivation.numpy(), "derived", "exec")
        assert derivation.latex()


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
]


@pytest.mark.parametrize(("text", "other", "shapes"), ALIKE, ids=lambda x: x if isinstance(x, str) else "")
def test_two_ways_to_write_one_function_have_one_gradient(text: str, other: str, shapes: Any) -> None:
    one, two = ({d.statement for d in sg.derive(formula, **shapes)} for formula in (text, other))
    assert one == two
