"""A gradient for all dimensions at once: SymPy differentiates the index form, and compares with the formula.

    >>> from .expression import plain_number, matrix_named
    >>> x = matrix_named("x", ("N", "1"))
    >>> for_all_dimensions(x.T @ x, plain_number(1), {"x": x * 2})
    'SymPy: each formula is the derivative of the index form, for all dimensions at once'

Sums and products of entries SymPy differentiates itself. A function of entries, an inverse, a determinant or a softmax
is a matrix with a name there, whose partials are its defining identity's: f′ as the table of operations has it,
∂(A⁻¹)_ij/∂a_rs = −(A⁻¹)_ir (A⁻¹)_sj from A·A⁻¹ = I, and Jacobi's formula. SymPy puts these together by the chain rule.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from ...errors import DerivationError
from ..algebra import MOST_SUMS, Algebra, load_sympy, unchecked_matrix
from .expression import MatrixExpression, all_ones
from .rules import shares

_INDEXED = frozenset({
    "name", "number", "size", "zeros", "ones", "identity", "sum", "times", "product", "hadamard", "power", "transpose",
    "trace", "total", "squares", "mean", "diag", "diagonal", "pi",
})  # fmt: skip
"""Operations that are sums and products of entries."""

IDENTITIES = {
    "inverse": "A⁻¹ by A·A⁻¹ = I, differentiated",
    "det": "det by Jacobi's formula",
    "logdet": "log det by Jacobi's formula",
    "softmax": "softmax by ∂p_i/∂z_j = p_i·(δ_ij − p_j)",
    "logsumexp": "logsumexp by its gradient, softmax",
}
"""Operations that have a name, and the identity by which they are differentiated."""

_MULTIPLIED_OUT, _MOST_NODES = 40, 130
"""How long a formula and its gradient may be for SymPy to multiply them out; and with all gradients, to be asked."""


def for_all_dimensions(
    written: MatrixExpression,
    seed: MatrixExpression,
    gradients: Mapping[str, MatrixExpression],
    symmetric: frozenset[str] = frozenset(),
) -> str:
    """Ask SymPy, and say what it said, in one sentence.

    Parameters
    ----------
    written
        The formula.
    seed
        1, or the upstream gradient's name if the formula is a matrix.
    gradients
        Those by each input, as the rules give them: before symmetric matrices lose their transposes.
    symmetric
        The matrices that are declared to be.
    """
    if reason := beyond_indices(written, gradients):
        return (
            f"all dimensions: by the rules of the steps, each an identity; SymPy was not asked, since there is {reason}"
        )
    for name, gradient in gradients.items():
        expressions = [written, gradient]
        long = written.nodes + gradient.nodes > _MULTIPLIED_OUT
        sums = any(A.kind == "sum" for A in written.walk())
        attempts = [True] * sums + [False] * (not sums or not long)  # with names for sums first, which is faster
        try:
            if all(_Entries(expressions, named).refuses(written, seed, name, gradient) for named in attempts):
                return (
                    f"SymPy: not confirmed, since it did not see that the derivative by {name} is the formula's entry"
                )
        except DerivationError:
            return "SymPy: not confirmed, since it could not collapse a sum"
    nodes = [A for expression in (written, *gradients.values()) for A in expression.walk()]
    by = list(dict.fromkeys(IDENTITIES[A.kind] for A in nodes if A.kind in IDENTITIES))
    bent = next((A.data.symbol for A in nodes if A.kind == "apply" and getattr(A.data, "bends", None)), "")
    said = "SymPy: each formula is the derivative of the index form, for all dimensions at once"
    said += f" ({'; '.join(by)})" if by else ""
    said += f", wherever {bent} has a derivative" if bent else ""
    return said + (f"; then {', '.join(f'{name}ᵀ = {name}' for name in sorted(symmetric))}" if symmetric else "")


def beyond_indices(written: MatrixExpression, gradients: Mapping[str, MatrixExpression]) -> str:
    """What in the formulas SymPy is not asked about; empty if nothing."""
    for expression in (written, *gradients.values()):
        for A in expression.walk():
            if A.kind not in _INDEXED and A.kind not in IDENTITIES and A.kind != "apply":
                return {"largest": "a maximum", "smallest": "a minimum"}.get(A.kind, A.kind)
    if written.nodes + sum(gradient.nodes for gradient in gradients.values()) > _MOST_NODES:
        return "too much to multiply out within a second"
    return ""


class _Entries(Algebra):
    """SymPy's algebra of index forms, for formulas of matrices."""

    def __init__(self, expressions: list[MatrixExpression], name_sums: bool) -> None:
        self.sympy = load_sympy()
        self.symbols: dict[MatrixExpression, Any] = {}
        self.name_sums = name_sums
        nodes = [A for expression in expressions for A in expression.walk()]
        # what has a root or a negative power is a symbol wherever it stands, so that SymPy sees a·a⁻² = a⁻¹
        self.named = {A.parts[0] for A in nodes if is_steep(A) and A.parts[0].kind not in ("name", "size", "number")}
        if name_sums:  # so that products of sums need not be multiplied out
            self.named |= {
                part for A in nodes if A.kind not in ("sum", "times") for part in A.parts if part.kind == "sum"
            }

    def size(self, letter: str) -> Any:
        return self.sympy.Integer(int(letter)) if letter.isdigit() else super().size(letter)

    def symbol_of(self, A: MatrixExpression) -> Any:
        """A matrix symbol: a name's own, or one that stands for a formula."""
        if A not in self.symbols:
            name = A.data if A.kind == "name" else f"T{len(self.symbols)}"
            self.symbols[A] = self.matrix_symbol(name, A.shape)
        return self.symbols[A]

    def matrix_symbol(self, name: str, shape: tuple[str, str]) -> Any:
        return unchecked_matrix(name, *map(self.size, shape))

    def is_opaque(self, A: MatrixExpression) -> bool:
        """Whether a symbol stands for a formula."""
        return A in self.named or A.kind in IDENTITIES or A.kind == "apply"

    def is_transparent(self, A: MatrixExpression) -> bool:
        """Whether the formula that a symbol stands for is one of sums and products."""
        return A in self.named and A.kind not in IDENTITIES and A.kind != "apply"

    def sum_over(self, size: str, entry: Any) -> Any:
        """Σ over an index of its own; over one value, the entry alone."""
        if size == "1":
            return entry(self.sympy.Integer(0))
        k = self.new_index()
        return self.sympy.Sum(entry(k), self.limit(k, size))

    def entry_of(self, A: MatrixExpression, i: Any, j: Any) -> Any:
        """The entry (i, j) of a formula, by the definition of each operation; of what is opaque, its symbol's."""
        return self.symbol_of(A)[i, j] if self.is_opaque(A) else self.spelled_out(A, i, j)

    def spelled_out(self, A: MatrixExpression, i: Any, j: Any) -> Any:
        """The entry (i, j) of a formula of sums and products."""
        sympy, parts = self.sympy, A.parts
        match A.kind:
            case "name":
                return self.symbol_of(A)[i, j]
            case "number":
                return sympy.Rational(A.data.numerator, A.data.denominator)
            case "size":
                return self.size(A.data)
            case "pi":
                return sympy.pi
            case "mean":
                return self.entry_of(parts[0].summary("total"), i, j) / sympy.Mul(*map(self.size, parts[0].shape))
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
                return self.raised(self.entry_of(parts[0], i, j), A.data)
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
        loss = written
        if seed.kind == "name":
            loss = MatrixExpression("total", ("1", "1"), (MatrixExpression("hadamard", seed.shape, (seed, written)),))
        p, q = (
            sympy.Integer(0) if letter == "1" else sympy.Symbol(index, integer=True)
            for letter, index in zip(gradient.shape, ("p′", "q′"), strict=True)
        )
        by = self.matrix_symbol(name, gradient.shape)[p, q]
        zero = sympy.Integer(0)
        left, right = self.derivative(self.entry_of(loss, zero, zero), by), self.entry_of(gradient, p, q)
        if self.named and not self.name_sums:
            left, right = self.unfolded(left), self.unfolded(right)
        return self.differ(self.turned(left), self.turned(right))

    def unfolded(self, expression: Any) -> Any:
        """The expression with formulas in place of their symbols, but under roots and in denominators."""
        meaning = {symbol: A for A, symbol in self.symbols.items() if self.is_transparent(A)}
        total = self.sympy.Integer(0)
        for product, limits in self.flattened(expression):
            body = self.sympy.Integer(1)
            for factor in self.sympy.Mul.make_args(product):
                base, exponent = factor.as_base_exp()
                A = meaning.get(getattr(base, "parent", None)) if exponent.is_Integer and exponent > 0 else None
                body *= factor if A is None else self.spelled_out(A, base.i, base.j) ** exponent
            total += self.sympy.Sum(body, *limits) if limits else body
        return total

    def derivative(self, entry: Any, by: Any) -> Any:
        """The total derivative of an entry: through the name itself, and through every symbol for a formula of it."""
        total = self.sympy.Integer(0)
        for product, limits in self.flattened(entry):
            if len(limits) > MOST_SUMS:
                raise DerivationError("a term has too many sums")
            body = product.diff(by)
            for A, symbol in list(self.symbols.items()):
                if A.kind != "name" and product.has(symbol):
                    a, b = self.place_in(A)
                    inner = self.through(A, product.diff(symbol[a, b]), a, b, by)
                    body += self.summed_over(inner, zip((a, b), A.shape, strict=True))
            total += self.sympy.Sum(body, *limits) if limits else body
        return total

    def place_in(self, A: MatrixExpression) -> tuple[Any, Any]:
        """New indices for an entry."""
        a, b = (self.sympy.Integer(0) if size == "1" else self.new_index() for size in A.shape)
        return a, b

    def summed_over(self, body: Any, indices: Any) -> Any:
        limits = [self.limit(index, size) for index, size in indices if size != "1"]
        return self.sympy.Sum(body, *limits) if limits else body

    def through(self, A: MatrixExpression, upstream: Any, a: Any, b: Any, by: Any) -> Any:
        """upstream · the derivative of the entry (a, b) of a formula that has a symbol."""
        if upstream == 0:
            return upstream
        if self.is_transparent(A):
            return upstream * self.derivative(self.spelled_out(A, a, b), by)
        if A.kind == "apply":  # f′ of the entry
            return sum(
                upstream * self.entry_of(slope, a, b) * self.derivative(self.broadcast(part, a, b), by)
                for part, slope in shares(A, all_ones(A.shape))
            )
        (part,) = A.parts
        r, s = self.place_in(part)
        if A.kind == "softmax" or A.kind == "logsumexp":
            return upstream * self.through_softmax(A, part, (a, b), (r, s), by)
        inner = self.derivative(self.entry_of(part, r, s), by)
        if A.kind == "inverse":  # −(A⁻¹)_ar (A⁻¹)_sb, from A·A⁻¹ = I
            partial = -self.symbol_of(A)[a, r] * self.symbol_of(A)[s, b]
        else:  # Jacobi's formula
            partial = self.entry_of(part.inverted(), s, r)
            partial = partial * self.symbol_of(A)[0, 0] if A.kind == "det" else partial
        return self.summed_over(upstream * partial * inner, zip((r, s), part.shape, strict=True))

    def through_softmax(
        self, A: MatrixExpression, part: MatrixExpression, at: tuple[Any, Any], inner: tuple[Any, Any], by: Any
    ) -> Any:
        """p_a·(dz_a − Σ_r p_r dz_r), and Σ_r p_r dz_r of logsumexp; row by row, if there is a column or matrix."""
        row_by_row = "1" not in part.shape and not A.is_number
        r, s = (at[0], inner[1]) if row_by_row else inner
        p = part.softmax() if A.kind == "logsumexp" else A
        ranges = [pair for pair in zip((r, s), part.shape, strict=True) if not (row_by_row and pair[0] is at[0])]
        mean = self.summed_over(self.entry_of(p, r, s) * self.derivative(self.entry_of(part, r, s), by), ranges)
        if A.kind == "logsumexp":
            return mean
        return self.entry_of(A, *at) * (self.derivative(self.entry_of(part, *at), by) - mean)

    def flattened(self, expression: Any) -> Iterator[tuple[Any, list[Any]]]:
        """As products with their sums outermost, without Σ_k a_ik (A⁻¹)_kj, which is δ_ij."""
        for body, limits in super().flattened(expression):
            yield from self.without_inverses(body, limits)

    def without_inverses(self, body: Any, limits: list[Any]) -> Iterator[tuple[Any, list[Any]]]:
        pairs = {
            (self.symbol_of(A.parts[0]), symbol): A.shape[0]
            for A, symbol in list(self.symbols.items())
            if A.kind == "inverse" and A.parts[0].kind == "name"
        }
        element = self.sympy.matrices.expressions.matexpr.MatrixElement
        factors = self.sympy.Mul.make_args(body) if pairs else ()
        for limit in limits:
            touched = [x for x in factors if x.has(limit[0])]
            if len(touched) != 2 or not all(isinstance(x, element) for x in touched):
                continue
            for one, other in (touched, touched[::-1]):
                size = pairs.get((one.parent, other.parent)) or pairs.get((other.parent, one.parent))
                if size and one.j == other.i == limit[0]:
                    rest = self.sympy.Mul(self.delta(one.i, other.j, size), *(x for x in factors if x not in touched))
                    for inner, more in self.collapsed(rest, [x for x in limits if x is not limit]):
                        yield from self.without_inverses(inner, more)
                    return
        yield body, limits

    def turned(self, expression: Any) -> Any:
        """The expression with the indices of symmetric matrices in one order, so that V_ij is V_ji."""
        symmetric = {
            symbol for A, symbol in self.symbols.items() if A.kind != "name" and A.is_symmetric and not A.is_number
        }
        if not symmetric:
            return expression
        element = self.sympy.matrices.expressions.matexpr.MatrixElement
        return expression.replace(
            lambda x: isinstance(x, element) and x.parent in symmetric,
            lambda x: unordered(str(x.parent))(x.i, x.j),
        )


@cache
def unordered(name: str) -> Any:
    """A function of two indices whose order does not matter."""
    sympy = load_sympy()

    def in_order(cls: Any, i: Any, j: Any) -> Any:
        return None if sympy.default_sort_key(i) <= sympy.default_sort_key(j) else cls(j, i)

    return type(name, (sympy.Function,), {"eval": classmethod(in_order)})


def is_steep(A: MatrixExpression) -> bool:
    """Whether it is a power that is not a small whole one."""
    return A.kind == "power" and (A.data.denominator != 1 or not 0 < A.data <= 4)
