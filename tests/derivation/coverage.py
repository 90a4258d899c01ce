"""What matrix notation covers: the Matrix Cookbook's section on derivatives, one-liners, and models; all derived anew.

>>> COOKBOOK[0].derived().statement
'∂f/∂X = det(X)·X⁻ᵀ'

`python -m tests.derivation.coverage` writes the table of `docs/matrix-formulas.md`; a test compares it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

from scalargrad.derivation.matrix_notation.one_formula import OneFormula, gradients_of
from scalargrad.errors import NotationError

PAGE = Path(__file__).parents[2] / "docs" / "matrix-formulas.md"
SYMMETRIC = "N N symmetric"


class Case(NamedTuple):
    """A formula, what it is differentiated by, and the gradient that a book prints, in matrix notation too."""

    source: str
    text: str
    by: str
    book: str
    shapes: dict[str, str] = {}  # noqa: RUF012  # a default that nobody writes to

    def derived(self) -> OneFormula:
        """The gradient that is asked for."""
        return next(found for found in derived_once(self.text, tuple(self.shapes.items())) if found.name == self.by)


@cache
def derived_once(text: str, shapes: tuple[tuple[str, str], ...]) -> list[OneFormula]:
    """All gradients: the tests and the page ask for the same ones."""
    return gradients_of(text, dict(shapes))


SQUARE = dict.fromkeys("ABCDX", "N N")
ALL = {**SQUARE, "a": "N", "b": "N", "c": "N", "x": "N"}
TALL = {"X": "N D"}

COOKBOOK = [
    # 2.1 determinants
    Case("(49)", "det(X)", "X", "det(X)*inv(X)'", SQUARE),
    Case("(51)", "det(A*X*B)", "X", "det(A*X*B)*inv(X)'", SQUARE),
    Case("(52)", "det(X'*A*X)", "X", "2*det(X'*A*X)*inv(X)'", SQUARE),
    Case("(53)", "det(X'*A*X)", "X", "2*det(X'*A*X)*A*X*inv(X'*A*X)", {"X": "N D", "A": SYMMETRIC}),
    Case("(54)", "det(X'*A*X)", "X", "det(X'*A*X)*(A*X*inv(X'*A*X) + A'*X*inv(X'*A'*X))", {"X": "N D", "A": "N N"}),
    Case("(55)", "log(det(X'*X))", "X", "2*(inv(X'*X)*X')'", TALL),
    Case("(57)", "logdet(X)", "X", "inv(X)'", SQUARE),
    Case("(58), k = 3", "det(X^3)", "X", "3*det(X^3)*inv(X)'", SQUARE),
    # 2.2 inverses
    Case("(60), as tr(Gᵀ·X⁻¹)", "inv(X)", "X", "-inv(X)'*G*inv(X)'", {**SQUARE, "G": "N N"}),
    Case("(61)", "a'*inv(X)*b", "X", "-inv(X)'*a*b'*inv(X)'", ALL),
    Case("(62)", "det(inv(X))", "X", "-det(inv(X))*inv(X)'", SQUARE),
    Case("(63)", "tr(A*inv(X)*B)", "X", "-(inv(X)*B*A*inv(X))'", SQUARE),
    Case("(64)", "tr(inv(X + A))", "X", "-(inv(X + A)*inv(X + A))'", SQUARE),
    # 2.3 eigenvalues
    Case("(66), the sum of the eigenvalues", "tr(X)", "X", "eye(N)", SQUARE),
    Case("(67), their product", "det(X)", "X", "det(X)*inv(X)'", SQUARE),
    # 2.4 matrices, vectors and scalars: first order
    Case("(69)", "x'*a", "x", "a", ALL),
    Case("(69)", "a'*x", "x", "a", ALL),
    Case("(70)", "a'*X*b", "X", "a*b'", ALL),
    Case("(71)", "a'*X'*b", "X", "b*a'", ALL),
    Case("(72)", "a'*X*a", "X", "a*a'", ALL),
    Case("(72)", "a'*X'*a", "X", "a*a'", ALL),
    Case("(74), as tr(Gᵀ·X·A)", "X*A", "X", "G*A'", {**SQUARE, "G": "N N"}),
    Case("(75), as tr(Gᵀ·Xᵀ·A)", "X'*A", "X", "A*G'", {**SQUARE, "G": "N N"}),
    # second order
    Case("(76)", "sum(X)^2", "X", "2*sum(X)*matrix(1)", SQUARE),
    Case("(77)", "b'*X'*X*c", "X", "X*(b*c' + c*b')", ALL),
    Case("(78)", "(B*x + b)'*C*(D*x + c)", "x", "B'*C*(D*x + c) + D'*C'*(B*x + b)", ALL),
    Case("(80), as tr(Gᵀ·Xᵀ·B·X)", "X'*B*X", "X", "B*X*G' + B'*X*G", {**SQUARE, "G": "N N"}),
    Case("(81)", "x'*B*x", "x", "(B + B')*x", ALL),
    Case("(82)", "b'*X'*D*X*c", "X", "D'*X*b*c' + D*X*c*b'", ALL),
    Case("(83)", "(X*b + c)'*D*(X*b + c)", "X", "(D + D')*(X*b + c)*b'", ALL),
    Case("(84)", "(x - A*s)'*W*(x - A*s)", "s", "-2*A'*W*(x - A*s)", {"W": SYMMETRIC, "A": "N D"}),
    Case("(85)", "(x - s)'*W*(x - s)", "x", "2*W*(x - s)", {"W": SYMMETRIC}),
    Case("(86)", "(x - s)'*W*(x - s)", "s", "-2*W*(x - s)", {"W": SYMMETRIC}),
    Case("(87)", "(x - A*s)'*W*(x - A*s)", "x", "2*W*(x - A*s)", {"W": SYMMETRIC, "A": "N D"}),
    Case("(88)", "(x - A*s)'*W*(x - A*s)", "A", "-2*W*(x - A*s)*s'", {"W": SYMMETRIC, "A": "N D"}),
    Case("(89), real", "(c - x'*b)^2", "x", "-2*b*(c - x'*b)", {"c": "", "x": "N", "b": "N"}),
    # higher order
    Case("(91), n = 3", "a'*X^3*b", "X", "a*b'*(X')^2 + X'*a*b'*X' + (X')^2*a*b'", ALL),
    Case("(92), n = 2", "a'*(X^2)'*X^2*b", "X",
         "X^2*b*a'*X' + X'*X^2*b*a' + X^2*a*b'*X' + X'*X^2*a*b'", ALL),
    # gradient
    Case("(95)", "x'*A*x + b'*x", "x", "(A + A')*x + b", ALL),
    # 2.5 traces: first order
    Case("(99)", "tr(X)", "X", "eye(N)", SQUARE),
    Case("(100)", "tr(X*A)", "X", "A'", SQUARE),
    Case("(101)", "tr(A*X*B)", "X", "A'*B'", SQUARE),
    Case("(102)", "tr(A*X'*B)", "X", "B*A", SQUARE),
    Case("(103)", "tr(X'*A)", "X", "A", SQUARE),
    Case("(104)", "tr(A*X')", "X", "A", SQUARE),
    Case("(105), as tr(A)·tr(X)", "tr(A)*tr(X)", "X", "tr(A)*eye(N)", SQUARE),
    # second order
    Case("(106)", "tr(X^2)", "X", "2*X'", SQUARE),
    Case("(107)", "tr(X^2*B)", "X", "(X*B + B*X)'", SQUARE),
    Case("(108)", "tr(X'*B*X)", "X", "B*X + B'*X", SQUARE),
    Case("(109)", "tr(B*X*X')", "X", "B*X + B'*X", SQUARE),
    Case("(110)", "tr(X*X'*B)", "X", "B*X + B'*X", SQUARE),
    Case("(111)", "tr(X*B*X')", "X", "X*B' + X*B", SQUARE),
    Case("(112)", "tr(B*X'*X)", "X", "X*B' + X*B", SQUARE),
    Case("(113)", "tr(X'*X*B)", "X", "X*B' + X*B", SQUARE),
    Case("(114)", "tr(A*X*B*X)", "X", "A'*X'*B' + B'*X'*A'", SQUARE),
    Case("(115)", "tr(X'*X)", "X", "2*X", TALL),
    Case("(115)", "tr(X*X')", "X", "2*X", TALL),
    Case("(116)", "tr(B'*X'*C*X*B)", "X", "C'*X*B*B' + C*X*B*B'", SQUARE),
    Case("(117)", "tr(X'*B*X*C)", "X", "B*X*C + B'*X*C'", SQUARE),
    Case("(118)", "tr(A*X*B*X'*C)", "X", "A'*C'*X*B' + C*A*X*B", SQUARE),
    Case("(119)", "tr((A*X*B + C)*(A*X*B + C)')", "X", "2*A'*(A*X*B + C)*B'", SQUARE),
    Case("(120), as tr(X)²", "tr(X)^2", "X", "2*tr(X)*eye(N)", SQUARE),
    # higher order
    Case("(121), k = 4", "tr(X^4)", "X", "4*(X^3)'", SQUARE),
    Case("(122), k = 3", "tr(A*X^3)", "X", "(A*X^2 + X*A*X + X^2*A)'", SQUARE),
    Case("(123)", "tr(B'*X'*C*X*X'*C*X*B)", "X",
         "C*X*X'*C*X*B*B' + C'*X*B*B'*X'*C'*X + C*X*B*B'*X'*C*X + C'*X*X'*C'*X*B*B'", SQUARE),
    # other
    Case("(124)", "tr(A*inv(X)*B)", "X", "-inv(X)'*A'*B'*inv(X)'", SQUARE),
    Case("(125)", "tr((X'*C*X)^-1*A)", "X", "-C*X*inv(X'*C*X)*(A + A')*inv(X'*C*X)",
         {"X": "N D", "C": SYMMETRIC, "A": "D D"}),
    Case("(126)", "tr(inv(X'*C*X)*(X'*B*X))", "X",
         "-2*C*X*inv(X'*C*X)*X'*B*X*inv(X'*C*X) + 2*B*X*inv(X'*C*X)", {"X": "N D", "C": SYMMETRIC, "B": SYMMETRIC}),
    Case("(127)", "tr(inv(A + X'*C*X)*(X'*B*X))", "X",
         "-2*C*X*inv(A + X'*C*X)*X'*B*X*inv(A + X'*C*X) + 2*B*X*inv(A + X'*C*X)",
         {"X": "N D", "A": "D D symmetric", "C": SYMMETRIC, "B": SYMMETRIC}),
    # 2.6 and 2.7 norms
    Case("(129)", "norm2(x - a)", "x", "(x - a)/norm2(x - a)", ALL),
    Case("(130), as Gᵀ·(x − a)/‖x − a‖", "(x - a)/norm2(x - a)", "x",
         "G/norm2(x - a) - (x - a)*(x - a)'*G/norm2(x - a)^3", {"x": "N", "a": "N", "G": "N"}),
    Case("(131)", "norm2(x)^2", "x", "2*x", ALL),
    Case("(132)", "normF(X)^2", "X", "2*X", TALL),
    Case("(142), X = diag(x)", "tr(A*diag(x))", "x", "diag(A)", ALL),
]  # fmt: skip

STRUCTURED = [
    Case("(139)", "tr(A*X)", "X", "A + A' - (A .* eye)", {"X": SYMMETRIC, "A": "N N"}),
    Case("(140)", "det(X)", "X", "det(X)*(2*inv(X) - (inv(X) .* eye))", {"X": SYMMETRIC}),
    Case("(141)", "logdet(X)", "X", "2*inv(X) - (inv(X) .* eye)", {"X": SYMMETRIC}),
]
"""Section 2.8.2: the derivative along symmetric matrices, whose two halves move together."""

LEAST = {"X": "N D", "w": "D", "y": "N"}
ONE_LINERS = [
    # quadratic and linear
    Case("", "x'*A*x + c*sin(y)'*x", "x", "A*x + A'*x + c*sin(y)", {"c": ""}),
    Case("", "x'*A*x + c*sin(y)'*x", "y", "c*(cos(y) .* x)", {"c": ""}),
    Case("", "norm2(X*w - y)^2", "w", "2*X'*(X*w - y)", LEAST),
    Case("", "norm2(X*w - y)^2", "X", "2*(X*w - y)*w'", LEAST),
    Case("", "np.sum((X @ w - y)**2)/N", "w", "2*X'*(X*w - y)/N", LEAST),
    Case("", "np.mean((X @ w - y)**2)", "w", "2*X'*(X*w - y)/N", LEAST),
    Case("", "(X·w − y)ᵀ·(X·w − y)", "w", "2*X'*(X*w - y)", LEAST),
    Case("", "r = X*w - y; norm2(r)^2", "w", "2*X'*(X*w - y)", LEAST),
    Case("", "(X*w - y)'*diag(d)*(X*w - y)", "w", "2*X'*(d .* (X*w - y))", LEAST),
    Case("", "0.3*x'*x", "x", "0.6*x"),
    Case("", "x'*y/(norm2(x)*norm2(y))", "x", "y/(norm2(x)*norm2(y)) - (x'*y)*x/(norm2(x)^3*norm2(y))"),
    Case("", "norm2(x)/norm1(x)", "x", "x/(norm2(x)*norm1(x)) - norm2(x)*sign(x)/norm1(x)^2"),
    Case("", "(x'*A*x)^2", "x", "2*(x'*A*x)*(A*x + A'*x)"),
    Case("", "sqrt(x'*A*x)", "x", "(A*x + A'*x)/(2*sqrt(x'*A*x))"),
    Case("", "exp(-x'*x/2)", "x", "-exp(-x'*x/2)*x"),
    Case("", "np.exp(-np.linalg.norm(x - m)**2/(2*s**2))", "x", "-exp(-norm2(x - m)^2/(2*s^2))*(x - m)/s^2", {"s": ""}),
    Case("", "x'*diag(d)*x", "x", "2*(d .* x)"),
    Case("", "sum(x)^2/N", "x", "2*sum(x)/N*vector(1)", {"x": "N"}),
    Case("", "sum((x - mean(x)).^2)", "x", "2*(x - sum(x)/N)", {"x": "N"}),
    Case("", "var(x)", "x", "2/N*(x - sum(x)/N)", {"x": "N"}),
    Case("", "std(x)", "x", "(x - sum(x)/N)/(N*sqrt(sum((x - sum(x)/N).^2)/N))", {"x": "N"}),
    # entry by entry
    Case("", "sum(exp(X*w))", "w", "X'*exp(X*w)", LEAST),
    Case("", "sum(log(x))", "x", "vector(1) ./ x"),
    Case("", "sum(x.*log(x))", "x", "log(x) + vector(1)"),
    Case("", "-p'*log(q) + q'*q", "q", "-p ./ q + 2*q"),
    Case("", "sum(p.*log(p./q))", "p", "log(p./q) + vector(1)"),
    Case("", "sum(x.^3)/3", "x", "x.^2"),
    Case("", "sum(x.^p)", "x", "p*x.^(p - 1)", {"p": ""}),
    Case("", "sum(sqrt(x.^2 + ε^2))", "x", "x ./ sqrt(x.^2 + ε^2)"),
    Case("", "sum(log(cosh(X*w - y)))", "w", "X'*tanh(X*w - y)", LEAST),
    Case("", "norm1(X*w - y)", "w", "X'*sign(X*w - y)", LEAST),
    Case("", "sum(max(0, 1 - y.*(X*w)))", "w", "-X'*(y .* step(1 - y.*(X*w)))", LEAST),
    Case("", "np.maximum(X @ w - y, 0).sum()", "w", "X'*step(X*w - y)", LEAST),
    Case("", "sum(max(τ*(y - X*w), (τ - 1)*(y - X*w)))", "y", "τ - 1 + step(y - X*w)", LEAST),
    Case("", "sum(relu(W*x))", "W", "step(W*x)*x'"),
    Case("", "sum(X.*Y)", "X", "Y"),
    Case("", "sum(tanh(X*W))", "W", "X'*(1 - tanh(X*W).^2)", {"W": "D M"}),
    Case("", "tr(exp(X))", "X", "eye .* exp(X)", {"X": "N N"}),
    Case("", "sum(exp(-a.*x))", "a", "-x .* exp(-a.*x)"),
    # softmax and its kin
    Case("", "logsumexp(X*w)", "w", "X'*softmax(X*w)", LEAST),
    Case("", "exp(x)/sum(exp(x))", "x", "softmax(x).*G - (softmax(x)'*G)*softmax(x)", {"x": "N", "G": "N"}),
    Case("", "log(sum(exp(x)))", "x", "softmax(x)"),
    Case("", "norm2(max(x, 0))^2", "x", "2*max(x, 0)"),
    # traces, determinants, inverses
    Case("", "tr(A*X*B)", "X", "A'*B'"),
    Case("", "tr(X'*A*X)/tr(X'*X)", "X", "(A*X + A'*X)/tr(X'*X) - 2*tr(X'*A*X)*X/tr(X'*X)^2"),
    Case("", "tr(A*X*X'*A')", "X", "2*A'*A*X"),
    Case("", "a'*inv(A + λ*eye)*b", "λ", "-a'*inv(A + λ*eye)*inv(A + λ*eye)*b"),
    Case("", "logdet(A*diag(x)*A')", "x", "diag(A'*inv(A*diag(x)*A')'*A)", {"A": "N N"}),
    Case("", "logdet(eye + X*X')", "X", "2*inv(eye + X*X')*X", TALL),
    Case("", "y'*inv(K + s*eye)*y + logdet(K + s*eye)", "s", "tr(inv(K + s*eye)) - y'*inv(K + s*eye)^2*y",
         {"s": "", "K": SYMMETRIC}),
    Case("", "b @ np.linalg.solve(A, b)", "b", "inv(A)*b + inv(A)'*b", {"A": "N N", "b": "N"}),
    Case("", "1/det(X)", "X", "-inv(X)'/det(X)", {"X": "N N"}),
    # matrices by matrices, with G = ∂L/∂F
    Case("", "X*W", "W", "X'*G", {"X": "N D", "W": "D M", "G": "N M"}),
    Case("", "X @ W + b", "b", "G'*vector(1)", {"X": "N D", "W": "D M", "b": "M", "G": "N M"}),
    Case("", "np.tanh(X @ W + b)", "W", "X'*(G .* (1 - tanh(X*W + b').^2))",
         {"X": "N D", "W": "D M", "b": "M", "G": "N M"}),
    Case("", "A.*B", "A", "G.*B", {"A": "N D", "G": "N D"}),
    Case("", "A - mean(A, axis=0)", "A", "G - mean(G, axis=0)", {"A": "N D", "G": "N D"}),
    Case("", "a'*diag(X)", "X", "diag(a)"),
    Case("", "X/normF(X)", "X", "G/normF(X) - sum(G.*X)*X/normF(X)^3", {"X": "N D", "G": "N D"}),
    Case("", "A^-1*b", "A", "-inv(A)'*G*b'*inv(A)'", {"A": "N N", "G": "N"}),
]  # fmt: skip

BATCH = {"X": "N D", "W": "D M", "Y": "N M"}
MODELS = [
    Case("logistic loss", "sum(log(1 + exp(-y.*(X*w))))", "w", "-X'*(y .* sigmoid(-y.*(X*w)))", LEAST),
    Case("logistic loss, y of 0 and 1", "-(y'*log(σ(X*w)) + (1 - y)'*log(1 - σ(X*w)))", "w", "X'*(σ(X*w) - y)", LEAST),
    Case("ridge", "norm2(X*w - y)^2 + λ*norm2(w)^2", "w", "2*X'*(X*w - y) + 2*λ*w", LEAST),
    Case("elastic net", "norm2(X*w - y)^2/(2*N) + α*norm1(w) + β*norm2(w)^2/2", "w",
         "X'*(X*w - y)/N + α*sign(w) + β*w", LEAST),
    Case("Gaussian likelihood, mean", "-N/2*logdet(2*π*S) - 1/2*tr(inv(S)*(X - m')'*(X - m'))", "m",
         "inv(S)*(X - vector(1)*m')'*vector(1)", {"X": "N D", "S": "D D symmetric", "m": "D"}),
    Case("Gaussian likelihood, covariance", "-N/2*logdet(2*π*S) - 1/2*tr(inv(S)*(X - m')'*(X - m'))", "S",
         "-N/2*inv(S) + 1/2*inv(S)*(X - vector(1)*m')'*(X - vector(1)*m')*inv(S)",
         {"X": "N D", "S": "D D symmetric", "m": "D"}),
    Case("Mahalanobis distance", "sqrt((x - m)'*inv(S)*(x - m))", "x", "inv(S)*(x - m)/sqrt((x - m)'*inv(S)*(x - m))",
         {"S": SYMMETRIC}),
    Case("PCA, reconstruction", "normF(X - X*W*W')^2", "W",
         "-2*(X'*(X - X*W*W')*W + (X - X*W*W')'*X*W)", {"X": "N D", "W": "D K"}),
    Case("PCA, variance", "tr(W'*S*W)", "W", "2*S*W", {"S": SYMMETRIC, "W": "N K"}),
    Case("NMF", "normF(X - W*H)^2", "W", "-2*(X - W*H)*H'", {"X": "N D", "W": "N K"}),
    Case("NMF", "normF(X - W*H)^2", "H", "-2*W'*(X - W*H)", {"X": "N D", "W": "N K"}),
    Case("Rayleigh quotient", "(x'*A*x)/(x'*x)", "x", "2*A*x/(x'*x) - 2*(x'*A*x)*x/(x'*x)^2", {"A": SYMMETRIC}),
    Case("softmax and cross-entropy", "-y'*log(softmax(W*x))", "W", "(sum(y)*softmax(W*x) - y)*x'"),
    Case("the same for a batch", "-sum(Y.*log(softmax(X*W)))", "W",
         "X'*(diag(Y*vector(1))*softmax(X*W) - Y)", BATCH),
    Case("the same by logsumexp", "sum(logsumexp(X*W)) - sum(Y.*(X*W))", "W", "X'*(softmax(X*W) - Y)", BATCH),
    Case("layer norm of a vector", "(x - mean(x))/sqrt(var(x) + ε)", "x",
         "s = sqrt(var(x) + ε); h = (x - mean(x))/s; (G - mean(G) - h*mean(h.*G))/s", {"x": "N", "G": "N"}),
    Case("layer norm of a batch",
         "(X - X.mean(axis=1, keepdims=True))/np.sqrt(X.var(axis=1, keepdims=True) + ε)*g + b", "X",
         "s = sqrt(var(X, axis=1) + ε); H = (X - mean(X, axis=1)) ./ s; Q = G .* g'; "
         "(Q - mean(Q, axis=1) - H .* mean(H.*Q, axis=1)) ./ s", {"X": "N D", "g": "D", "b": "D", "G": "N D"}),
    Case("layer norm of a batch",
         "(X - X.mean(axis=1, keepdims=True))/np.sqrt(X.var(axis=1, keepdims=True) + ε)*g + b", "g",
         "sum(G .* (X - mean(X, axis=1)) ./ sqrt(var(X, axis=1) + ε), axis=0)'",
         {"X": "N D", "g": "D", "b": "D", "G": "N D"}),
    Case("attention", "softmax(Q*K'/sqrt(d))*V", "Q",
         "P = softmax(Q*K'/sqrt(d)); R = G*V'; (P .* (R - sum(P.*R, axis=1)))*K/sqrt(d)",
         {"Q": "N d", "K": "M d", "V": "M p", "G": "N p"}),
    Case("attention", "softmax(Q*K'/sqrt(d))*V", "K",
         "P = softmax(Q*K'/sqrt(d)); R = G*V'; (P .* (R - sum(P.*R, axis=1)))'*Q/sqrt(d)",
         {"Q": "N d", "K": "M d", "V": "M p", "G": "N p"}),
    Case("attention", "softmax(Q*K'/sqrt(d))*V", "V", "softmax(Q*K'/sqrt(d))'*G",
         {"Q": "N d", "K": "M d", "V": "M p", "G": "N p"}),
    Case("two layers", "norm2(W2*tanh(W1*x + b) - y)^2", "W1",
         "h = tanh(W1*x + b); 2*((W2'*(W2*h - y)) .* (1 - h.^2))*x'", {"W1": "M D", "W2": "K M", "b": "M"}),
]  # fmt: skip


def page() -> str:
    """The guide's page."""
    lines = [INTRODUCTION, "## The Matrix Cookbook, section 2", "", COOKBOOK_WORDS, "", *table(COOKBOOK, "equation")]
    lines += ["", "## Symmetric matrices", "", STRUCTURED_WORDS, "", *table(STRUCTURED, "equation", structured=True)]
    lines += ["", "## One-liners", "", ONE_LINER_WORDS, "", *table(ONE_LINERS, "")]
    lines += ["", "## Models", "", *table(MODELS, "model"), "", "## What can't be done", "", *refusals(), ""]
    return "\n".join(lines)


def table(cases: list[Case], head: str, structured: bool = False) -> list[str]:
    """The rows of a table, with what is derived."""
    first = [head] if head else []
    rows = [[*first, "written", "derived"]]
    for case in cases:
        found = case.derived()
        derived = found.symmetric_statement if structured else found.statement
        rows.append([*([case.source] if head else []), f"`{case.text}`", f"`{derived}`"])
    rows.insert(1, ["---"] * len(rows[0]))
    return ["| " + " | ".join(row) + " |" for row in rows]


def refusals() -> list[str]:
    """What is refused, and the sentence."""
    lines = []
    for text, shapes in REFUSED:
        try:
            gradients_of(text, shapes)
        except NotationError as error:
            lines.append(f"- `{text}`: {error}")
    return lines


INTRODUCTION = """\
# Formulas that are derived

[Matrix notation](for-all-shapes.md#matrix-notation) in, one formula out. This page is written by the project's tests,
which derive each line anew, confirm it by two routes, and compare it with the book's or the known formula. The shapes
that a line needs are in `tests/derivation/coverage.py`.
"""
COOKBOOK_WORDS = """\
Petersen and Pedersen, *The Matrix Cookbook*, version of November 15, 2012. Equations that say how one entry depends on
another are asked for as the gradient of tr(Gᵀ·F). Left out are general rules, (46) to (48), (59), (65), (98) and (128);
one entry by one entry, (73), (79) and (90); eigenvalues, (68); the Hessian, (96); and (56), by a pseudo-inverse."""
STRUCTURED_WORDS = """\
Section 2.8.2. The gradient by a symmetric matrix takes its entries as independent; `structured` is the derivative along
symmetric matrices, where an entry and the one across the diagonal are one, by equation (138)."""
ONE_LINER_WORDS = "Of the kind that people type into matrixcalculus.org, and code for NumPy as it stands in programs."
REFUSED: list[tuple[str, dict[str, str]]] = [
    ("kron(A, X)", {}),
    ("pinv(X)", {}),
    ("sum(eig(X))", {}),
    ("expm(X)", {}),
    ("norm_nuc(X)", {}),
    ("argmax(x)", {}),
    ("X^(1/2)", {"X": "N N"}),
    ("conv(x, y)", {}),
]

if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
