"""The steps of a derivation as SymPy's expressions, with symbolic dimensions: whether two sides are equal for all.

>>> from .notation import read
>>> Algebra.beyond(read("y[a,b,c] = x[a,b,c] * x[a,b,c]"))
'x has more than two indices'
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cache, cached_property
from itertools import count, permutations
from typing import Any

from ..engine.ops import Op
from ..errors import DerivationError, MissingExtraError
from .matrix_form import (
    Column,
    Diagonal,
    Hadamard,
    Identity,
    Matrix,
    Ones,
    Plus,
    Product,
    Scaled,
    Size,
    Symbol,
    Trace,
    Transpose,
    Zeros,
    as_shape,
)
from .terms import DELTA, Factor, Formula, ForwardPass, Ranges, Statement, Term

MOST_SUMS = 7
"""Sums of one term, with those of (3), that SymPy is asked about: comparing two terms tries every order of them."""


def load_sympy() -> Any:
    """SymPy, which the extra "symbolic" installs."""
    try:
        import sympy
    except ModuleNotFoundError:
        raise MissingExtraError("derivations need SymPy", "symbolic") from None
    return sympy


@cache
def opaque(function: Op, primed: bool = False) -> Any:
    """f or f′ as a function of which SymPy knows only that the one is the other's derivative.

    That f′ is what our table says is a fact about numbers, which SymPy's own f confirms in the tests.
    """
    prime = None if primed else opaque(function, primed=True)
    methods = {} if prime is None else {"fdiff": lambda self, argindex=1: prime(self.args[0])}
    return type(function.symbol + "′" * primed, (load_sympy().Function,), methods)


@cache
def _unchecked_matrices() -> Any:
    return type("MatrixSymbol", (load_sympy().MatrixSymbol,), {"valid_index": lambda self, i, j: True})


def unchecked_matrix(name: str, rows: Any, columns: Any) -> Any:
    """A matrix symbol whose entries are made without asking whether an index is in its range.

    Ours are. SymPy asks for every entry in every expression that it makes, which took a quarter of the time.
    """
    return _unchecked_matrices()(name, rows, columns)


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
        if layer.most_sums > MOST_SUMS:
            return f"a term has more than {MOST_SUMS} sums"
        return ""

    # In index form

    def size(self, letter: str) -> Any:
        return self.sympy.Integer(1) if letter == "1" else self.sympy.Symbol(letter, integer=True, nonnegative=True)

    def index(self, letter: str) -> Any:
        return self.sympy.Symbol(letter, integer=True)

    def new_index(self) -> Any:
        """An index that stands nowhere else in this algebra.

        SymPy has worked out what follows from `integer` for those of the algebra before; a Dummy is new each time.
        """
        return self.index(f"index·{next(self.numbers)}")

    @cached_property
    def numbers(self) -> Iterator[int]:
        """The numbers of those indices."""
        return count()

    def place(self, indices: Sequence[str]) -> tuple[Any, Any]:
        """The row and the column of an entry; those that it has no index for are 0."""
        row, column, *_ = (*map(self.index, indices), self.sympy.Integer(0), self.sympy.Integer(0))
        return row, column

    def limit(self, index: Any, size: str) -> tuple[Any, Any, Any]:
        return index, self.sympy.Integer(0), self.size(size) - 1

    def summed(self, body: Any, bound: Ranges) -> Any:
        return self.sympy.Sum(body, *(self.limit(self.index(k), size) for k, size in bound)) if bound else body

    def delta(self, one: Any, other: Any, size: str) -> Any:
        return self.sympy.KroneckerDelta(one, other, (0, self.size(size) - 1))

    def matrix(self, name: str) -> Any:
        """A name as a matrix: a vector is a column, a number is 1×1."""
        return self.sympy.MatrixSymbol(name, *map(self.size, as_shape(self.layer.shape(name))))

    def factor(self, factor: Factor, ranges: Mapping[str, str]) -> Any:
        if factor.name == DELTA:
            one, other = factor.indices
            return self.delta(self.index(one), self.index(other), ranges[one])
        if factor.is_size:
            return self.raised(self.size(factor.name), factor.exponent)
        element = self.matrix(factor.name)[self.place(factor.indices)]
        if factor.by:
            return self.partial(self.layer.statement(factor.name), self.factor(factor.by, ranges))
        if factor.function:
            return opaque(factor.function, primed=True)(element)
        return self.raised(element, factor.exponent)

    def raised(self, base: Any, exponent: Fraction) -> Any:
        return base if exponent == 1 else base ** self.sympy.Rational(exponent.numerator, exponent.denominator)

    def partial(self, statement: Statement, by: Any) -> Any:
        """The partial of a statement's entry by an element: SymPy's own derivative, one term of a sum at a time."""
        result = self.sympy.Integer(0)
        for term in statement.terms:
            body = self.body(term, statement.indices)
            body = opaque(statement.function)(body) if statement.function else body
            result += self.summed(body.diff(by), term.bound)
        return result

    def body(self, term: Term, free: Ranges) -> Any:
        number = self.sympy.Rational(term.coefficient.numerator, term.coefficient.denominator)
        return self.sympy.Mul(number, *(self.factor(factor, dict(free + term.bound)) for factor in term.factors))

    def entry(self, expression: Formula | Matrix, formula: Formula) -> Any:
        """A step as an expression of SymPy: its entry at the formula's free indices."""
        if isinstance(expression, Matrix):
            return self.matrix_entry(expression, *self.place(formula.indices))
        terms = (self.summed(self.body(term, expression.free), term.bound) for term in expression.terms)
        return self.sympy.Add(*terms)

    # As matrices

    def as_matrix(self, A: Matrix) -> Any:
        """A matrix formula as SymPy's own, where SymPy has the operation; None where it has not."""
        match A:
            case Symbol(name=name, function=None, exponent=Fraction(numerator=1, denominator=1)):
                return self.matrix(name)
            case Ones():
                return self.sympy.OneMatrix(*map(self.size, A.shape))
            case Zeros():
                return self.sympy.ZeroMatrix(*map(self.size, A.shape))
            case Identity():
                return self.sympy.Identity(self.size(A.shape[0]))
            case Transpose(parts=[inner]):
                known = self.as_matrix(inner)
                return None if known is None else known.T
            case Product(parts=parts):
                factors = [self.as_matrix(part) for part in parts]
                return None if None in factors else self.sympy.MatMul(*factors)
        return None

    def matrix_entry(self, A: Matrix, row: Any, column: Any) -> Any:
        """The entry of a matrix formula: by SymPy where it has the operation, by its definition elsewhere."""
        sympy = self.sympy
        if (known := self.as_matrix(A)) is not None:
            return known[row, column]
        zero, k = sympy.Integer(0), sympy.Dummy("k", integer=True)
        match A:
            case Symbol(name=name, function=Op() as function):
                return opaque(function, primed=True)(self.matrix(name)[row, column])
            case Symbol(name=name, exponent=exponent):
                return self.raised(self.matrix(name)[row, column], exponent)
            case Size(letter=letter, exponent=exponent):
                return self.raised(self.size(letter), exponent)
            case Scaled(parts=[*scalars, inner], number=number):
                numbers = [self.matrix_entry(scalar, zero, zero) for scalar in scalars]
                rational = sympy.Rational(number.numerator, number.denominator)
                return sympy.Mul(rational, *numbers, self.matrix_entry(inner, row, column))
            case Transpose(parts=[inner]):
                return self.matrix_entry(inner, column, row)
            case Product(parts=[first, *rest]) if rest:
                size = first.shape[1]
                others = Product((size, A.shape[1]), tuple(rest))
                if size == "1":
                    return self.matrix_entry(first, row, zero) * self.matrix_entry(others, zero, column)
                body = self.matrix_entry(first, row, k) * self.matrix_entry(others, k, column)
                return sympy.Sum(body, self.limit(k, size))
            case Product(parts=[inner]):
                return self.matrix_entry(inner, row, column)
            case Trace(parts=[inner]):
                return sympy.Sum(self.matrix_entry(inner, k, k), self.limit(k, inner.shape[0]))
            case Column(parts=[inner]):
                return self.matrix_entry(inner, row, row)
            case Diagonal(parts=[inner]):
                return self.delta(row, column, A.shape[0]) * self.matrix_entry(inner, row, zero)
            case Plus(parts=parts):
                return sympy.Add(*(self.matrix_entry(part, row, column) for part in parts))
            case Hadamard(parts=parts):
                return sympy.Mul(*(self.matrix_entry(part, row, column) for part in parts))
        raise NotImplementedError(A)

    # Equality

    def differ(self, left: Any, right: Any) -> bool:
        """Whether two expressions are different sums of products, up to the names and the order of bound indices."""
        counted: list[tuple[Any, list[Any], Any]] = []  # a product, its limits by colour, and how often it stands
        for sign, side in ((1, left), (-1, right)):
            for product, limits in self.flattened(self.unchecked(side)):
                number, body = product.as_coeff_Mul()
                coloured = self.coloured(body, limits)
                for position, (known, others, times) in enumerate(counted):
                    if self.alike(body, coloured, known, others):
                        counted[position] = (known, others, times + sign * number)
                        break
                else:
                    counted.append((body, coloured, sign * number))
        return any(times != 0 for _, _, times in counted)

    def unchecked(self, expression: Any) -> Any:
        """The same of matrices whose indices are not looked at."""
        symbols = expression.atoms(self.sympy.MatrixSymbol)
        return expression.xreplace({A: unchecked_matrix(A.name, *A.shape) for A in symbols})

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
        for term in sympy.Add.make_args(self.multiplied_out(expression)):
            limits: list[Any] = []
            body = sympy.Integer(1)
            for factor in sympy.Mul.make_args(term):
                base, power = factor.as_base_exp()
                if not isinstance(base, sympy.Sum):
                    body *= factor
                    continue
                for _ in range(int(power)):  # each with bound indices of its own
                    names = {limit[0]: self.new_index() for limit in base.limits}
                    body *= base.function.xreplace(names)
                    limits += [(names[limit[0]], *limit[1:]) for limit in base.limits]
            if body.has(sympy.Sum) or (body.has(sympy.Add) and isinstance(self.multiplied_out(body), sympy.Add)):
                for inner, more in self.flattened(body):
                    yield from self.collapsed(inner, limits + more)
            else:
                yield from self.collapsed(body, limits)

    def multiplied_out(self, expression: Any) -> Any:
        """SymPy's `expand`, without two walks over it for what no entry is made of: logarithms, sums as exponents."""
        return self.sympy.expand(expression, log=False, power_exp=False)

    def collapsed(self, body: Any, limits: list[Any]) -> Iterator[tuple[Any, list[Any]]]:
        """SymPy's own evaluation of each sum that a delta touches or whose index nothing carries, one at a time."""
        sympy = self.sympy
        for limit in limits:
            if limit[1] == limit[2]:  # SymPy's products of matrices sum over a vector's one column
                body = body.xreplace({limit[0]: limit[1]})
            touched = any(limit[0] in delta.free_symbols for delta in body.atoms(sympy.KroneckerDelta))
            if touched or limit[0] not in body.free_symbols:
                from sympy.concrete.delta import deltasummation

                # what `doit` asks in the end: it would take new indices first, with all that can be told of their range
                body = deltasummation(body, limit)
                if body.has(sympy.Sum, sympy.Piecewise):
                    raise DerivationError(f"SymPy could not collapse a sum: {body}")
                yield from self.collapsed(body, [other for other in limits if other is not limit])
                return
        for delta in body.atoms(sympy.KroneckerDelta):  # δ_jl g_j is δ_jl g_l
            one, other = delta.args[:2]
            if delta in sympy.Mul.make_args(body) and one.is_Symbol and other.is_Symbol:
                body = delta * (body / delta).xreplace({other: one})
        if body != 0:
            yield body, limits
