"""A gradient for all dimensions at once: SymPy differentiates the index form of what was written, and compares.

    >>> from .expression import plain_number, matrix_named
    >>> x = matrix_named("x", ("N", "1"))
    >>> for_all_dimensions(x.T @ x, plain_number(1), {"x": x * 2})
    'SymPy: each formula is the derivative of the index form, for all dimensions at once'

That is possible for sums and products of entries. Elsewhere a formula rests on the identities that its steps name.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import DerivationError
from ..algebra import MOST_SUMS, Algebra, load_sympy
from .expression import MatrixExpression

_INDEXED = {
    "name", "number", "size", "zeros", "ones", "identity", "sum", "times", "product", "hadamard", "power", "transpose",
    "trace", "total", "squares", "diag", "diagonal",
}  # fmt: skip
_WORDS = {"apply": "a function of entries", "inverse": "an inverse", "power": "a power that is not a whole one"}
_MOST_NODES = 40
"""The longest formulas that SymPy is asked about: beyond, multiplying out takes longer than a second."""


def for_all_dimensions(
    written: MatrixExpression,
    seed: MatrixExpression,
    gradients: Mapping[str, MatrixExpression],
    symmetric: frozenset[str] = frozenset(),
) -> str:
    """Ask SymPy, and say what it said, in one sentence."""
    if reason := beyond_indices(written, gradients) or (symmetric and "a matrix is declared symmetric"):
        return (
            f"all dimensions: by the rules of the steps, each an identity; SymPy was not asked, since there is {reason}"
        )
    algebra = _Entries()
    try:
        for name, gradient in gradients.items():
            if algebra.refuses(written, seed, name, gradient):
                return (
                    f"SymPy: not confirmed, since it did not see that the derivative by {name} is the formula's entry"
                )
    except DerivationError:
        return "SymPy: not confirmed, since it could not collapse a sum"
    return "SymPy: each formula is the derivative of the index form, for all dimensions at once"


def beyond_indices(written: MatrixExpression, gradients: Mapping[str, MatrixExpression]) -> str:
    """What in the formulas is not a sum of products of entries; empty if nothing."""
    for expression in (written, *gradients.values()):
        for A in expression.walk():
            if A.kind == "power" and A.parts[0].kind == "size" and A.data.denominator == 1:
                continue  # 1/N is a number
            bad_power = A.kind == "power" and (A.data.denominator != 1 or not 0 < A.data <= 4)
            if A.kind not in _INDEXED or bad_power:
                return _WORDS.get(A.kind, A.kind)
    if sum(A.nodes for A in (written, *gradients.values())) > _MOST_NODES:
        return "too much to multiply out within a second"
    return ""


class _Entries(Algebra):
    """SymPy's algebra of index forms, for formulas of matrices."""

    def __init__(self) -> None:
        self.sympy = load_sympy()

    def size(self, letter: str) -> Any:
        return self.sympy.Integer(int(letter)) if letter.isdigit() else super().size(letter)

    def symbol_of(self, A: MatrixExpression) -> Any:
        return self.sympy.MatrixSymbol(A.data, self.size(A.shape[0]), self.size(A.shape[1]))

    def sum_over(self, size: str, entry: Any) -> Any:
        """Σ over an index of its own; over one value, the entry alone."""
        if size == "1":
            return entry(self.sympy.Integer(0))
        k = self.sympy.Dummy("k", integer=True)
        return self.sympy.Sum(entry(k), self.limit(k, size))

    def entry_of(self, A: MatrixExpression, i: Any, j: Any) -> Any:
        """The entry (i, j) of a formula, by the definition of each operation."""
        sympy, parts = self.sympy, A.parts
        match A.kind:
            case "name":
                return self.symbol_of(A)[i, j]
            case "number":
                return sympy.Rational(A.data.numerator, A.data.denominator)
            case "size":
                return self.size(A.data)
            case "zeros" | "ones":
                return sympy.Integer(A.kind == "ones")
            case "identity":
                return self.delta(i, j, A.shape[0])
            case "sum":
                return sympy.Add(*(self.broadcast(part, i, j) for part in parts))
            case "times" | "hadamard":
                number = sympy.Integer(1)
                if A.data is not None:
                    number = sympy.Rational(A.data.numerator, A.data.denominator)
                return sympy.Mul(number, *(self.broadcast(part, i, j) for part in parts))
            case "product":
                return self.chain(parts, i, j)
            case "power":
                return self.entry_of(parts[0], i, j) ** int(A.data)
            case "transpose":
                return self.entry_of(parts[0], j, i)
            case "trace":
                return self.sum_over(parts[0].shape[0], lambda k: self.entry_of(parts[0], k, k))
            case "total" | "squares":
                rows, columns = parts[0].shape
                power = 1 if A.kind == "total" else 2
                return self.sum_over(
                    rows,
                    lambda k: self.sum_over(columns, lambda n: self.entry_of(parts[0], k, n) ** power),
                )
            case "diag":
                return self.delta(i, j, A.shape[0]) * self.entry_of(parts[0], i, sympy.Integer(0))
            case "diagonal":
                return self.entry_of(parts[0], i, i)
        raise NotImplementedError(A.kind)

    def broadcast(self, A: MatrixExpression, i: Any, j: Any) -> Any:
        zero = self.sympy.Integer(0)
        return self.entry_of(A, zero, zero) if A.is_number else self.entry_of(A, i, j)

    def chain(self, parts: tuple[MatrixExpression, ...], i: Any, j: Any) -> Any:
        first, *rest = parts
        if not rest:
            return self.entry_of(first, i, j)
        others = tuple(rest)
        return self.sum_over(first.shape[1], lambda k: self.entry_of(first, i, k) * self.chain(others, k, j))

    def refuses(self, written: MatrixExpression, seed: MatrixExpression, name: str, gradient: MatrixExpression) -> bool:
        """Whether the derivative of Σ seed∘written by an entry is not seen to be the gradient's entry."""
        sympy = self.sympy
        if seed.kind == "name":
            loss = MatrixExpression("total", ("1", "1"), (MatrixExpression("hadamard", seed.shape, (seed, written)),))
        else:
            loss = written
        p, q = (
            sympy.Integer(0) if letter == "1" else sympy.Symbol(index, integer=True)
            for letter, index in zip(gradient.shape, ("p′", "q′"), strict=True)
        )
        by = sympy.MatrixSymbol(name, *map(self.size, gradient.shape))[p, q]
        zero = sympy.Integer(0)
        total = sympy.Integer(0)
        for product, limits in self.flattened(self.entry_of(loss, zero, zero)):
            if len(limits) > MOST_SUMS:
                raise DerivationError("a term has too many sums")
            body = product.diff(by)
            total += sympy.Sum(body, *limits) if limits else body
        return self.differ(total, self.entry_of(gradient, p, q))
