"""Terms and matrix formulas as Coq writes them.

    >>> from ..notation import read
    >>> layer = read("y[a,b] = sum(k, x[a,k] * w[k,b])")
    >>> Coq(layer, Identifiers(())).formula(layer.statements[0].terms)
    '(\\\\sum_(k < dD) (x a k * w k b))'

An array of two indices is a matrix, of one a column, of none a number; of more, a function of its indices. Over the
reals, where there are limits, a number is a 1×1 matrix, and an array of three indices is a matrix whose columns are
pairs of indices: those are spaces with a norm.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from ...engine.ops import Op
from ...errors import CertificateError
from ..matrix_form import (
    NUMBER,
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
)
from ..terms import DELTA, Factor, Formula, ForwardPass, Ranges, Statement, Term
from .identifiers import Identifiers


class Coq:
    """Text of Coq for one forward pass; `real` for the part with limits."""

    def __init__(self, layer: ForwardPass, names: Identifiers, real: bool = False) -> None:
        self.layer = layer
        self.names = names
        self.real = real
        for name in layer.shapes:  # arrays have the first choice of letters
            names.array(name)
            names.array(layer.adjoint(name))

    # Types and places

    def size(self, letter: str) -> str:
        size = self.names.size(letter)
        return f"{size}.+1" if self.real and letter != "1" else size

    def ordinal(self, letter: str) -> str:
        """The type of an index: 0 … n−1."""
        return f"'I_{self.size(letter)}"

    def binders(self, ranges: Ranges) -> str:
        return "".join(f" ({self.names.index(index)} : {self.ordinal(size)})" for index, size in ranges)

    def type(self, name: str) -> str:
        return self.type_of(self.layer.shape(name))

    def type_of(self, shape: Sequence[str]) -> str:
        match [self.size(letter) for letter in shape]:
            case []:
                return "'M[R]_1" if self.real else "R"
            case [n]:
                return f"'cV[R]_{n}"
            case [n, m]:
                return f"'M[R]_({n}, {m})"
            case sizes if not self.real:
                return " -> ".join(f"'I_{size}" for size in sizes) + " -> R"
        sizes = [self.names.size(letter) if letter != "1" else "0" for letter in shape]
        pairs = sizes[-1]
        for size in reversed(sizes[1:-1]):
            pairs = f"(pairs {size} {pairs})"
        return f"'M[R]_({sizes[0]}.+1, {pairs}.+1)"

    def place(self, indices: Sequence[str]) -> str:
        """Where an entry stands, as arguments of its array: a row and a column where there are limits."""
        match list(indices):
            case []:
                return " 0 0" if self.real else ""
            case [i]:
                return f" {i} 0"
            case [_, _, _, *_] as many if self.real:
                pair = many[-1]
                for index in reversed(many[1:-1]):
                    pair = f"(pair {index} {pair})"
                return f" {many[0]} {pair}"
            case several:
                return "".join(f" {index}" for index in several)

    def entry(self, name: str, indices: Sequence[str]) -> str:
        return self.names.array(name) + self.place([self.names.index(index) for index in indices])

    # Terms

    def number(self, x: Fraction) -> str:
        text = f"{abs(x.numerator)}%:R" if x.denominator == 1 else f"({abs(x.numerator)}%:R / {x.denominator}%:R)"
        text = "1" if abs(x) == 1 else text
        return f"(- {text})" if x < 0 else text

    def factor(self, factor: Factor) -> str:
        if factor.name == DELTA:
            one, other = map(self.names.index, factor.indices)
            return f"({one} == {other})%:R"
        if factor.is_size:
            return self.power(f"{self.size(factor.name)}%:R", factor.exponent)
        entry = self.entry(factor.name, factor.indices)
        if factor.function:
            return f"{self.names.function(factor.function.symbol, primed=True)} ({entry})"
        return self.power(entry, factor.exponent)

    def power(self, base: str, exponent: Fraction) -> str:
        """A whole power as a product, so that what adds exponents up is the commutative law.

        Raises
        ------
        CertificateError
            If it is a root.
        """
        if exponent == 1:
            return base
        if exponent.denominator != 1:
            raise CertificateError(f"a power {exponent} can't be certified: powers there are whole numbers")
        one = f"({base})^-1" if exponent < 0 else base
        return "(" + " * ".join([one] * abs(exponent.numerator)) + ")" if exponent else "1"

    def body(self, term: Term) -> str:
        parts = [self.factor(factor) for factor in term.factors]
        if term.coefficient != 1 or not parts:
            parts.insert(0, self.number(term.coefficient))
        text = " * ".join(parts)
        named = any(
            factor.name != DELTA and not factor.is_size for factor in term.factors
        )  # else nothing says that these numbers are of R
        return text if named else f"{text} : R"

    def sums(self, bound: Ranges, body: str) -> str:
        signs = "".join(f"\\sum_({self.names.index(index)} < {self.size(size)}) " for index, size in bound)
        return f"({signs}({body}))"

    def term(self, term: Term) -> str:
        return self.sums(term.bound, self.body(term))

    def formula(self, terms: Sequence[Term]) -> str:
        return " + ".join(map(self.term, terms)) or "(0 : R)"

    def right_side(self, statement: Statement) -> str:
        """What a statement assigns to each entry."""
        text = self.formula(statement.terms)
        return f"{self.names.function(statement.function.symbol)} ({text})" if statement.function else text

    # Matrix formulas

    def matrix(self, A: Matrix) -> str:
        match A:
            case Symbol(name=name, function=function, exponent=exponent):
                text = self.names.array(name)
                if not self.layer.shape(name):
                    text = f"(({self.entry(name, ())})%:M : 'M[R]_1)"
                if exponent != 1:
                    return f"(map_mx (fun t => {self.power('t', exponent)}) {text})"
                return f"(map_mx {self.names.function(function.symbol, primed=True)} {text})" if function else text
            case Ones():
                return f"(ones R {self.size(A.shape[0])})"
            case Identity():
                return "1%:M"
            case Zeros():
                return "0"
            case Transpose(parts=[inner]):
                return f"{self.matrix(inner)}^T"
            case Product(parts=parts):
                return "(" + " *m ".join(map(self.matrix, parts)) + ")"
            case Hadamard(parts=[first, *rest]):
                text = self.matrix(first)
                for part in rest:
                    text = f"(hadamard {text} {self.matrix(part)})"
                return text
            case Plus(parts=parts):
                return "(" + " + ".join(map(self.matrix, parts)) + ")"
            case Diagonal(parts=[inner]):
                return f"(diag {self.matrix(inner)})"
            case Column(parts=[inner]):
                return f"(diagonal {self.matrix(inner)})"
            case Trace() | Size():
                return f"(({self.scalar(A)})%:M : 'M[R]_1)"
            case Scaled(parts=[*scalars, inner], number=number):
                return f"(({self.product(number, scalars)} : R) *: {self.matrix(inner)})"
        raise NotImplementedError(A)

    def product(self, number: Fraction, scalars: Sequence[Matrix]) -> str:
        factors = [self.number(number)] if number != 1 or not scalars else []
        return " * ".join([*factors, *(f"({self.scalar(scalar)})" for scalar in scalars)])

    def scalar(self, A: Matrix) -> str:
        """A formula of size 1×1 as a number."""
        match A:
            case Size(letter=letter, exponent=exponent):
                return f"{self.power(f'{self.size(letter)}%:R', exponent)} : R"
            case Trace(parts=[inner]):
                return f"\\tr {self.matrix(inner)}"
            case Symbol(name=name, function=Op() as function):
                return f"{self.names.function(function.symbol, primed=True)} ({self.entry(name, ())})"
            case Symbol(name=name, exponent=exponent) if not self.layer.shape(name):
                return self.power(self.entry(name, ()), exponent)
            case Ones():
                return "1 : R"
        return f"{self.matrix(A)} 0 0"

    def matrix_entry(self, A: Matrix, formula: Formula) -> str:
        """The entry of a matrix formula at the free indices; the number itself of a formula of numbers."""
        match A:
            case Scaled(parts=[*scalars, Ones(shape=("1", "1"))], number=number):
                return f"({self.product(number, scalars)} : R)"
            case Scaled(parts=[*scalars, inner], number=number):
                return f"{self.product(number, scalars)} * {self.matrix_entry(inner, formula)}"
            case Plus(parts=parts) if A.shape == NUMBER:
                return "(" + " + ".join(self.matrix_entry(part, formula) for part in parts) + ")"
            case Zeros():
                return "(0 : R)"
        if not formula.free:
            return f"({self.scalar(A)})"
        row, column, *_ = [*map(self.names.index, formula.indices), "0"]
        return f"{self.matrix(A)} {row} {column}"
