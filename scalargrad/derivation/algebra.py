"""The steps of a derivation as SymPy's expressions, with symbolic dimensions: whether two sides are equal for all.

>>> from .notation import read
>>> Algebra.beyond(read("y[a,b,c] = x[a,b,c] * x[a,b,c]"))
'x has more than two indices'
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache
from itertools import permutations
from typing import Any

from ..errors import DerivationError
from .matrix_form import Matrix
from .notation import Factor, Formula, ForwardPass, Statement, Term

BENT = ("relu", "abs")
"""Functions with a bend, where SymPy's derivative is one choice and the table's another: left to the scalar graphs."""


MOST_SUMS = 7
"""Sums of one term, with those of (3), that SymPy is asked about: comparing two terms tries every order of them."""


def load_sympy() -> Any:
    """SymPy, which the extra "symbolic" installs."""
    try:
        import sympy
    except ModuleNotFoundError:
        raise ModuleNotFoundError('derivations need SymPy: install the extra "symbolic"') from None
    return sympy


@cache
def opaque(name: str, primed: bool = False) -> Any:
    """f or f′ as a function of which SymPy knows only that the one is the other's derivative.

    That f′ is what our table says is a fact about numbers, which SymPy's own f confirms in the tests.
    """
    prime = None if primed else opaque(name, primed=True)
    methods = {} if prime is None else {"fdiff": lambda self, argindex=1: prime(self.args[0])}
    return type(name + "′" * primed, (load_sympy().Function,), methods)


class Algebra:
    """A layer's expressions as SymPy's, with a matrix symbol for each name and a symbol for each dimension."""

    def __init__(self, layer: ForwardPass) -> None:
        if reason := self.beyond(layer):
            raise DerivationError(f"SymPy can't check this: {reason}")
        self.layer = layer
        self.sympy = load_sympy()

    @staticmethod
    def beyond(layer: ForwardPass) -> str:
        """Why SymPy's matrices can't hold this layer; empty if they can."""
        if large := [name for name, shape in layer.shapes.items() if len(shape) > 2]:
            return f"{large[0]} has more than two indices"
        widest = max(
            len(s.indices) + len(term.bound) for s in layer.statements for term in (*s.terms, Term(Fraction(1)))
        )
        if widest > MOST_SUMS:
            return f"a term has more than {MOST_SUMS} sums"
        bent = [statement.function for statement in layer.statements if statement.function in BENT]
        return f"{bent[0]} has a bend" if bent else ""

    def size(self, letter: str) -> Any:
        return self.sympy.Integer(1) if letter == "1" else self.sympy.Symbol(letter, integer=True, nonnegative=True)

    def index(self, letter: str) -> Any:
        return self.sympy.Symbol(letter, integer=True)

    def limit(self, index: Any, size: str) -> tuple[Any, Any, Any]:
        return index, self.sympy.Integer(0), self.size(size) - 1

    def matrix(self, name: str) -> Any:
        """A name as a matrix: a vector is a column, a number is 1×1."""
        rows, columns = [*map(self.size, self.layer.shape(name)), self.size("1"), self.size("1")][:2]
        return self.sympy.MatrixSymbol(name, rows, columns)

    def element(self, name: str, indices: Sequence[str]) -> Any:
        row, column = [*map(self.index, indices), 0, 0][:2]
        return self.matrix(name)[row, column]

    def factor(self, factor: Factor, ranges: Mapping[str, str]) -> Any:
        if factor.name == "δ":
            one, other = map(self.index, factor.indices)
            return self.sympy.KroneckerDelta(one, other, (0, self.size(ranges[factor.indices[0]]) - 1))
        if factor.by:
            (statement,) = [s for s in self.layer.statements if s.name == factor.name]
            return self.forward(statement, self.element(factor.by, factor.by_indices))
        element = self.element(factor.name, factor.indices)
        return opaque(factor.function, primed=True)(element) if factor.function else element

    def forward(self, statement: Statement, by: Any) -> Any:
        """The partial of a statement's entry by an element: SymPy's own derivative, one term of a sum at a time."""
        result = self.sympy.Integer(0)
        for term in statement.terms:
            body = self.body(term, dict(statement.indices))
            body = opaque(statement.function)(body) if statement.function else body
            result += self.summed(body.diff(by), [self.limit(self.index(k), size) for k, size in term.bound])
        return result

    def body(self, term: Term, ranges: Mapping[str, str]) -> Any:
        ranges = {**ranges, **dict(term.bound)}
        number = self.sympy.Rational(term.coefficient.numerator, term.coefficient.denominator)
        return self.sympy.Mul(number, *(self.factor(factor, ranges) for factor in term.factors))

    def summed(self, body: Any, limits: Sequence[Any]) -> Any:
        return self.sympy.Sum(body, *limits) if limits else body

    def entry(self, expression: Formula | Matrix, formula: Formula) -> Any:
        """A step as an expression of SymPy: its entry at the formula's free indices."""
        if isinstance(expression, Matrix):
            row, column = [*map(self.index, formula.indices), 0, 0][:2]
            return self.matrix_entry(expression, self.sympy.sympify(row), self.sympy.sympify(column))
        terms = []
        for term in expression.terms:
            limits = [self.limit(self.index(index), size) for index, size in term.bound]
            terms.append(self.summed(self.body(term, dict(expression.free)), limits))
        return self.sympy.Add(*terms)

    def as_matrix(self, A: Matrix) -> Any:
        """A matrix formula as SymPy's own, where SymPy has the operation; None where it has not."""
        sympy = self.sympy
        if A.op == "name":
            return None if A.args[0].function else self.matrix(A.args[0].name)
        if A.op in ("ones", "identity", "zero"):
            made = {"ones": sympy.OneMatrix, "zero": sympy.ZeroMatrix}.get(A.op)
            rows, columns = map(self.size, A.shape)
            return made(rows, columns) if made else sympy.Identity(rows)
        if A.op not in ("transpose", "product"):
            return None
        parts = [part for part in map(self.as_matrix, A.args) if part is not None]
        if len(parts) < len(A.args):
            return None
        return parts[0].T if A.op == "transpose" else sympy.MatMul(*parts)

    def matrix_entry(self, A: Matrix, row: Any, column: Any) -> Any:
        """The entry of a matrix formula: by SymPy where it has the operation, by its definition elsewhere."""
        sympy = self.sympy
        if (known := self.as_matrix(A)) is not None:
            return known[row, column]
        if A.op == "name":
            (factor,) = A.args
            return opaque(factor.function, primed=True)(self.matrix(factor.name)[row, column])
        if A.op == "size":
            return self.size(A.args[0])
        if A.op == "scale":
            *numbers, matrix = A.args
            zero = sympy.Integer(0)
            scales = [
                sympy.Rational(n.numerator, n.denominator)
                if isinstance(n, Fraction)
                else self.matrix_entry(n, zero, zero)
                for n in numbers
            ]
            return sympy.Mul(*scales, self.matrix_entry(matrix, row, column))
        if A.op == "transpose":
            return self.matrix_entry(A.args[0], column, row)
        if A.op == "product":
            first, *rest = A.args
            if not rest:
                return self.matrix_entry(first, row, column)
            k, size = sympy.Dummy("k", integer=True), first.shape[1]
            if size == "1":
                k = sympy.Integer(0)
            others = Matrix("product", tuple(rest), (size, A.shape[1]))
            body = self.matrix_entry(first, row, k) * self.matrix_entry(others, k, column)
            return body if size == "1" else sympy.Sum(body, self.limit(k, size))
        if A.op == "trace":
            k = sympy.Dummy("k", integer=True)
            return sympy.Sum(self.matrix_entry(A.args[0], k, k), self.limit(k, A.args[0].shape[0]))
        if A.op == "diagonal":
            return self.matrix_entry(A.args[0], row, row)
        if A.op == "diag":
            delta = sympy.KroneckerDelta(row, column, (0, self.size(A.shape[0]) - 1))
            return delta * self.matrix_entry(A.args[0], row, sympy.Integer(0))
        entries = [self.matrix_entry(part, row, column) for part in A.args]
        return sympy.Add(*entries) if A.op == "plus" else sympy.Mul(*entries)

    # Equality

    def differ(self, left: Any, right: Any) -> bool:
        """Whether two expressions are different sums of products, up to the names and the order of bound indices."""
        counted: list[tuple[Any, list[Any], Any]] = []  # a product, its limits by colour, and how often it stands
        for sign, side in ((1, left), (-1, right)):
            for product, limits in self.flattened(side):
                number, body = product.as_coeff_Mul()
                coloured = self.coloured(body, limits)
                for position, (known, others, count) in enumerate(counted):
                    if self.alike(body, coloured, known, others):
                        counted[position] = (known, others, count + sign * number)
                        break
                else:
                    counted.append((body, coloured, sign * number))
        return any(count != 0 for _, _, count in counted)

    def coloured(self, body: Any, limits: list[Any]) -> list[tuple[int, Any]]:
        """Each limit with a colour, by the factors that its index stands in: equal wherever two may be exchanged.

        It is the refinement of graph isomorphism tests; without it x_ab x_bc x_cd x_de takes 4! trials, and more 6!.
        """
        factors = self.sympy.Mul.make_args(body)
        colours = {limit[0]: hash(limit[1:]) for limit in limits}
        for _ in limits:
            symbols = {index: self.sympy.Symbol(f"colour{colour}") for index, colour in colours.items()}
            here = self.sympy.Symbol("here")
            colours = {
                index: hash(
                    (colour, *sorted(str(f.xreplace({**symbols, index: here})) for f in factors if f.has(index)))
                )
                for index, colour in colours.items()
            }
        return sorted(((colours[limit[0]], limit) for limit in limits), key=lambda pair: pair[0])

    def alike(self, body: Any, limits: list[Any], known: Any, others: list[Any]) -> bool:
        """Whether some renaming of the bound indices makes one product the other; colours only say what to try."""
        if [colour for colour, _ in limits] != [colour for colour, _ in others]:
            return False
        for order in permutations(others):
            if all(a == b and x[1:] == y[1:] for (a, x), (b, y) in zip(limits, order, strict=True)):
                names = {other[0]: one[0] for (_, one), (_, other) in zip(limits, order, strict=True)}
                if known.xreplace(names) == body:
                    return True
        return False

    def flattened(self, expression: Any) -> Iterator[tuple[Any, list[Any]]]:
        """An expression as products with their sums outermost; every sum that a delta touches is collapsed."""
        sympy = self.sympy
        for term in sympy.Add.make_args(sympy.expand(expression)):
            limits: list[Any] = []
            body = sympy.Integer(1)
            for factor in sympy.Mul.make_args(term):
                base, power = factor.as_base_exp()
                if not isinstance(base, sympy.Sum):
                    body *= factor
                    continue
                for _ in range(int(power)):  # each with bound indices of its own
                    names = {limit[0]: sympy.Dummy(limit[0].name, integer=True) for limit in base.limits}
                    body *= base.function.xreplace(names)
                    limits += [(names[limit[0]], *limit[1:]) for limit in base.limits]
            if body.has(sympy.Sum) or isinstance(sympy.expand(body), sympy.Add):
                for inner, more in self.flattened(body):
                    yield from self.collapsed(inner, limits + more)
            else:
                yield from self.collapsed(body, limits)

    def collapsed(self, body: Any, limits: list[Any]) -> Iterator[tuple[Any, list[Any]]]:
        """SymPy's own evaluation of each sum that a delta touches or whose index nothing carries, one at a time."""
        sympy = self.sympy
        for limit in limits:
            if limit[1] == limit[2]:  # SymPy's products of matrices sum over a vector's one column
                body = body.xreplace({limit[0]: limit[1]})
            touched = any(limit[0] in delta.free_symbols for delta in body.atoms(sympy.KroneckerDelta))
            if touched or limit[0] not in body.free_symbols:
                body = sympy.Sum(body, limit).doit()
                if body.has(sympy.Sum, sympy.Piecewise):
                    raise DerivationError(f"SymPy could not collapse a sum: {body}")
                yield from self.collapsed(body, [other for other in limits if other is not limit])
                return
        if body != 0:
            yield body, limits
