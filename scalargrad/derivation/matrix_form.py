"""From index form to matrices: products, transposes, Hadamard products, row and column sums, traces, diagonals.

    >>> from .differentiation import gradient
    >>> from .notation import read
    >>> formula = gradient(read("y[a,b] = sum(k, x[a,k] * w[k,b])"), "w")
    >>> closed_form(formula) == Symbol(("N", "D"), name="x").T @ Symbol(("N", "M"), name="g")
    True

A term is a network: its nodes are factors, its edges the indices that they share. Each rule contracts a piece of it to
one matrix, until one is left that has the gradient's own indices; a network that no rule fits stays in index form.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations, permutations
from typing import TypeAlias

from ..engine.ops import Op
from .terms import DELTA, Formula, Term

# ---------------------------------------------------------------------------------------------------------------------
# Formulas of matrices

NUMBER = ("1", "1")
"""The shape of a number."""


@dataclass(frozen=True)
class Matrix:
    """A formula of matrices, as a tree: its shape in letters, and the formulas that it is made of.

    Vectors are columns and numbers 1×1. `A.T`, `A @ B` and `A * B` are formulas of what they are in NumPy.
    """

    shape: tuple[str, str]
    parts: tuple[Matrix, ...] = ()

    @property
    def T(self) -> Matrix:
        match self:
            case Transpose(parts=[A]):
                return A
            case Identity() | Diagonal() | Matrix(shape=("1", "1")):
                return self
            case Product(parts=parts):  # (A·B)ᵀ = Bᵀ·Aᵀ
                return Product(self.shape[::-1], tuple(A.T for A in reversed(parts)))
            case Hadamard(parts=parts):
                return Hadamard(self.shape[::-1], tuple(A.T for A in parts))
        return Transpose(self.shape[::-1], (self,))

    def __matmul__(self, other: Matrix) -> Matrix:
        """A·B, which is one flat product if A or B is one."""
        factors = [A for A in (*self.within(Product), *other.within(Product)) if not isinstance(A, Identity)]
        if len(factors) < 2:
            return factors[0] if factors else self
        return Product((self.shape[0], other.shape[1]), tuple(factors))

    def __mul__(self, other: Matrix) -> Matrix:
        """A∘B, entry by entry."""
        return Hadamard(self.shape, self.within(Hadamard) + other.within(Hadamard))

    def within(self, kind: type[Matrix]) -> tuple[Matrix, ...]:
        """The parts of a formula of this kind; any other is the one part."""
        return self.parts if isinstance(self, kind) else (self,)

    def walk(self) -> Iterator[Matrix]:
        """The formula and all those that it is made of."""
        yield self
        for part in self.parts:
            yield from part.walk()


@dataclass(frozen=True, kw_only=True)
class Symbol(Matrix):
    """A matrix by its name, or a power of each entry; with a function, f′ of each entry."""

    name: str
    function: Op | None = None
    exponent: Fraction = Fraction(1)


@dataclass(frozen=True, kw_only=True)
class Size(Matrix):
    """The number that a dimension is, or a power of it."""

    letter: str
    exponent: Fraction = Fraction(1)


@dataclass(frozen=True, kw_only=True)
class Scaled(Matrix):
    """A number, times formulas of size 1×1, times a matrix, which is the last part."""

    number: Fraction


class Zeros(Matrix):
    """0, in every entry."""


class Ones(Matrix):
    """1, in every entry."""


class Identity(Matrix):
    """I."""


class Transpose(Matrix):
    """Aᵀ."""


class Product(Matrix):
    """A·B·…"""


class Hadamard(Matrix):
    """A∘B∘…, entry by entry."""


class Plus(Matrix):
    """A + B + …"""


class Trace(Matrix):
    """tr A, the sum of the diagonal."""


class Column(Matrix):
    """diag A, the diagonal as a column."""


class Diagonal(Matrix):
    """diag v, a matrix with the column v as its diagonal."""


# ---------------------------------------------------------------------------------------------------------------------
# Multiplied out

Monomial: TypeAlias = tuple[tuple[Matrix, ...], Matrix]
"""Numbers, sorted, and the product of matrices that they are factors of."""


def monomials(A: Matrix) -> dict[Monomial, Fraction]:
    """Products with their coefficients; two formulas that have the same ones are equal, by matrix algebra alone."""
    match A:
        case Zeros():
            return {}
        case Plus(parts=parts):
            return collected(pair for part in parts for pair in monomials(part).items())
        case Scaled(parts=[*scalars, inner], number=number):
            return collected(
                (both(tuple(scalars), numbers, B), number * x) for (numbers, B), x in monomials(inner).items()
            )
        case Transpose(parts=[Plus() | Scaled() as inner]):
            return collected(((numbers, B.T), x) for (numbers, B), x in monomials(inner).items())
        case Product(parts=[first, *rest]) if rest:
            others = monomials(Product((first.shape[1], A.shape[1]), tuple(rest)) if rest[1:] else rest[0])
            return collected(
                (both(numbers, more, B @ C), x * y)
                for (numbers, B), x in monomials(first).items()
                for (more, C), y in others.items()
            )
    return {((), A): Fraction(1)}


def both(numbers: tuple[Matrix, ...], more: tuple[Matrix, ...], A: Matrix) -> Monomial:
    return tuple(sorted(numbers + more, key=repr)), A


def collected(pairs: Iterable[tuple[Monomial, Fraction]]) -> dict[Monomial, Fraction]:
    """Like terms added up."""
    found: dict[Monomial, Fraction] = {}
    for key, x in pairs:
        found[key] = found.get(key, Fraction(0)) + x
    return {key: x for key, x in found.items() if x}


# ---------------------------------------------------------------------------------------------------------------------
# From index form


def closed_form(formula: Formula) -> Matrix | None:
    """The formula as matrices, or None where no way was found: then it stays in index form."""
    if len(formula.free) > 2 or any(len(factor.indices) > 2 for term in formula.terms for factor in term.factors):
        return None
    sums: dict[tuple[tuple[Matrix, ...], Matrix], Fraction] = {}
    for term in formula.terms:
        found = Network(formula, term).contracted()
        if found is None:
            return None
        sums[found] = sums.get(found, Fraction(0)) + term.coefficient
    parts = []
    for (scalars, A), number in sums.items():
        if number:
            parts.append(Scaled(A.shape, (*scalars, A), number=number) if scalars or number != 1 else A)
    shape = as_shape(tuple(size for _, size in formula.free))
    return parts[0] if len(parts) == 1 else Plus(shape, tuple(parts)) if parts else Zeros(shape)


def as_shape(sizes: tuple[str, ...]) -> tuple[str, str]:
    """The shape of a matrix, of a vector, which is a column, or of a number."""
    rows, columns, *_ = (*sizes, "1", "1")
    return rows, columns


_Node = tuple[Matrix, tuple[str, ...]]
"""A matrix with the indices of its rows and columns; a vector has one, and what has none is a factor of the whole."""


class Network:
    """One term, as matrices whose rows and columns carry indices, contracted step by step until one matrix is left."""

    def __init__(self, formula: Formula, term: Term) -> None:
        self.sizes = dict(formula.free + term.bound)
        self.free = formula.indices
        self.bound = dict(term.bound)
        self.nodes: list[_Node] = []
        self.scalars: list[Matrix] = []
        for factor in term.factors:
            shape = as_shape(tuple(self.sizes[index] for index in factor.indices))
            A: Matrix = Symbol(shape, name=factor.name, function=factor.function, exponent=factor.exponent)
            if factor.is_size:
                A = Size(shape, letter=factor.name, exponent=factor.exponent)
            self.put(Identity(shape) if factor.name == DELTA else A, factor.indices)
        self.idle = [size for index, size in term.bound if not self.having(index)]

    def contracted(self) -> tuple[tuple[Matrix, ...], Matrix] | None:
        """The term without its coefficient: formulas of size 1×1, and the matrix that they are factors of."""
        rules = (self.repeated_index, self.same_indices, self.summed_pair, self.summed_alone, self.vector_and_matrix)
        while any(rule() for rule in rules):
            pass
        if len(self.nodes) > len(self.free) or any(self.having(index) for index in self.bound):
            return None
        sizes = (Size(NUMBER, letter=size) for size in self.idle)  # Σ_b of what has no b
        return (*self.scalars, *sizes), self.whole()

    def put(self, A: Matrix, indices: tuple[str, ...]) -> None:
        if indices:
            self.nodes.append((A, indices))
        else:
            self.scalars.append(A)

    def take(self, *nodes: _Node) -> None:
        for node in nodes:
            self.nodes.remove(node)

    def having(self, index: str) -> list[_Node]:
        return [node for node in self.nodes if index in node[1]]

    def repeated_index(self) -> bool:
        """A_kk: the trace if this is all of k, else the diagonal as a vector."""
        for A, indices in self.nodes:
            if len(indices) == 2 and indices[0] == indices[1]:
                k = indices[0]
                self.take((A, indices))
                unit = isinstance(A, Identity)  # whose trace is N, and whose diagonal 1
                if k in self.bound and not self.having(k):
                    self.put(Size(NUMBER, letter=A.shape[0]) if unit else Trace(NUMBER, (A,)), ())
                else:
                    column = A.shape[0], "1"
                    self.put(Ones(column) if unit else Column(column, (A,)), (k,))
                return True
        return False

    def same_indices(self) -> bool:
        """A_ij B_ij is an entry of A∘B. (A_kl B_lk, summed over both, is left: it is a trace.)"""
        for one, other in combinations(self.nodes, 2):
            (A, indices), (B, others) = one, other
            if set(indices) != set(others):
                continue
            alone = all(k in self.bound and len(self.having(k)) == 2 for k in indices)
            if alone and (len(indices) == 1 or indices != others):
                continue
            self.take(one, other)
            self.put(A if isinstance(A, Identity) and A == B else A * (B if indices == others else B.T), indices)
            return True
        return False

    def summed_pair(self) -> bool:
        """Σ_k A_ik B_kj is an entry of A·B."""
        for k in self.bound:
            if len(nodes := self.having(k)) == 2:
                self.take(*nodes)
                (A, left), (B, right) = nodes if len(nodes[0][1]) == 2 or len(nodes[1][1]) == 1 else nodes[::-1]
                A = A if left[-1] == k and len(left) == 2 else A.T
                B = B if right[0] == k else B.T
                self.put(A @ B, tuple(index for index in left + right if index != k))
                return True
        return False

    def summed_alone(self) -> bool:
        """Σ_k A_ik is an entry of A·1, the row sums."""
        for k, size in self.bound.items():
            if len(nodes := self.having(k)) == 1:
                ((A, indices),) = nodes
                self.take(*nodes)
                A = A if len(indices) == 2 and indices[1] == k else A.T
                self.put(A @ Ones((size, "1")), tuple(index for index in indices if index != k))
                return True
        return False

    def vector_and_matrix(self, bound_only: bool = False) -> bool:
        """v_k A_kj is an entry of diag(v)·A."""
        for one, other in permutations(self.nodes, 2):
            (v, k), (A, indices) = one, other
            if len(k) == 1 and len(indices) == 2 and k[0] in indices and (k[0] in self.bound or not bound_only):
                self.take(one, other)
                D = Diagonal((v.shape[0], v.shape[0]), (v,))
                self.put(D @ A if indices[0] == k[0] else A @ D, indices)
                return True
        return False

    def whole(self) -> Matrix:
        """The matrix whose rows and columns are the free indices, of the one or two nodes that are left."""
        if not self.free:
            return Ones(NUMBER)
        for A, indices in self.nodes:
            if len(indices) == 2:
                return A if indices == self.free else A.T
        vectors = {indices[0]: v for v, indices in self.nodes}
        first, *rest = (vectors.get(index, Ones((self.sizes[index], "1"))) for index in self.free)
        return first @ rest[0].T if rest else first
