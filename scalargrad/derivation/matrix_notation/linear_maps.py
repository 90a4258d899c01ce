"""A formula that is linear in one name, as the coefficients of that name's entries: a Jacobian, from a gradient.

    >>> from .expression import matrix_named
    >>> X, G = matrix_named("X", ("N", "D")), matrix_named("G", ("N", "M"))
    >>> found = coefficients(X.T @ G, G, first=("k", "l"), second=("i", "j"))
    >>> [factor.indices for factor in found.formula.terms[0].factors]
    [('i', 'k'), ('j', 'l')]

The entry (k, l) of Xᵀ·G is Σ_ij x_ik δ_jl g_ij. So if Xᵀ·G is the gradient of tr(Gᵀ·F) by W, then ∂F_ij/∂W_kl is
x_ik δ_jl: what stands before g_ij. The formula is one of indices, as in a derivation by index, whose factors are
formulas of matrices that have names of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import partial, reduce
from itertools import combinations, pairwise

from ...errors import DerivationError
from ..differentiation import collapse_once
from ..matrix_form import NUMBER, Network, Size, closed_form
from ..terms import DELTA, Factor, Formula, Ranges, Term, merged
from .expression import MatrixExpression, all_ones, dimension, plain_number, scaled
from .from_indices import expression_of

MOST_SUMMANDS = 60
"""Terms of one formula by index: a longer one is nothing that anyone reads."""

IndexLetters = tuple[str, ...]
"""The indices of an entry: two, one of a column, none of a number."""


@dataclass(frozen=True)
class Coefficients:
    """What stands before the entries of a name, by index: Σ of products of entries of `known`, and of δs.

    Attributes
    ----------
    formula
        The sum of products; its free indices are those of the function first, then those of what it is derived by.
    known
        What the names of its factors stand for.
    first
        How many of the free indices are the function's.
    """

    formula: Formula
    known: dict[str, MatrixExpression]
    first: int

    @property
    def shape(self) -> tuple[str, ...]:
        """The dimensions of the free indices, as letters."""
        return tuple(size for _, size in self.formula.free)

    def as_matrix(self) -> MatrixExpression | None:
        """The formula as a matrix, a column or a number, if it has no more than two free indices and a matrix form."""
        closed = closed_form(self.formula)
        return None if closed is None else expression_of(closed, self.known)

    def as_kronecker(self) -> list[Kronecker] | None:
        """The formula as a matrix of row-major entries, if each term is of that form."""
        found = [kronecker(self, term) for term in self.formula.terms]
        return None if None in found else [product for product in found if product is not None]


def coefficients(
    A: MatrixExpression, name: MatrixExpression, first: IndexLetters, second: IndexLetters
) -> Coefficients:
    """The coefficient of the entry of a name at `second` in the entry of A at `first`.

    Parameters
    ----------
    A
        A formula that is linear in the name.
    name
        The name as a formula.
    first, second
        Letters for the indices: of A, and of the name. Of a column one is used, of a number none.

    Raises
    ------
    DerivationError
        If it is not linear in the name, or has more than `MOST_SUMMANDS` terms.
    """
    reader = _Reader(name, second)
    rows, columns = (letter if size != "1" else "" for letter, size in zip(first, A.shape, strict=True))
    terms = tuple(reader.entry(A, rows, columns))
    free = (*ranges(second, name), *ranges(first, A))
    formula = Formula(merged(terms), free)
    while (smaller := collapse_once(formula)[0]) != formula:
        formula = smaller
    found = Coefficients(formula, {label: found for found, label in reader.labels.items()}, len(ranges(second, name)))
    return tidied(found)


def ranges(letters: IndexLetters, A: MatrixExpression) -> Ranges:
    """The indices of a formula's entries with their dimensions."""
    return tuple((letter, size) for letter, size in zip(letters, A.shape, strict=True) if size != "1")


@dataclass
class _Reader:
    """Entries of formulas as sums of products, where each entry of the name is a product of δs."""

    name: MatrixExpression
    second: IndexLetters
    labels: dict[MatrixExpression, str] = field(default_factory=dict)
    indices: int = 0

    def fresh(self, size: str) -> str:
        if size == "1":
            return ""
        self.indices += 1
        return f"{'pqrstuv'[(self.indices - 1) % 7]}{'′' * ((self.indices - 1) // 7)}"

    def entry(self, A: MatrixExpression, i: str, j: str) -> Iterator[Term]:
        """The entry (i, j); "" for the one index of a dimension 1."""
        for count, term in enumerate(self.terms(A, i, j)):
            if count >= MOST_SUMMANDS:
                raise DerivationError(f"there are more than {MOST_SUMMANDS} terms by index")
            yield term

    def terms(self, A: MatrixExpression, i: str, j: str) -> Iterator[Term]:
        parts = A.parts
        if self.name == A:
            pairs = zip((i, j), self.second, strict=True)
            yield Term(tuple(Factor(DELTA, (one, other)) for one, other in pairs if one))
        elif not any(part == self.name for part in A.walk()):
            yield from self.constant(A, i, j)
        elif A.kind == "sum":
            for part in parts:
                yield from self.terms(part, i, j)
        elif A.kind in ("times", "hadamard"):
            number = Fraction(1) if A.data is None else Fraction(A.data)
            places = [("", "") if part.is_number else (i, j) for part in parts]
            yield from self.multiplied(number, list(zip(parts, places, strict=True)), ())
        elif A.kind == "product":
            inner = [(self.fresh(part.shape[1]), part.shape[1]) for part in parts[:-1]]
            path = [i, *(index for index, _ in inner), j]
            places = list(pairwise(path))
            bound = tuple(pair for pair in inner if pair[0])
            yield from self.multiplied(Fraction(1), list(zip(parts, places, strict=True)), bound)
        elif A.kind == "transpose":
            yield from self.terms(parts[0], j, i)
        elif A.kind == "mean":
            count = dimension(parts[0].shape[0]) * dimension(parts[0].shape[1])
            yield from self.terms(parts[0].summary("total") / count, i, j)
        elif A.kind in ("total", "trace"):
            rows, columns = parts[0].shape
            p = self.fresh(rows)
            q = p if A.kind == "trace" else self.fresh(columns)
            bound = tuple(dict.fromkeys(pair for pair in ((p, rows), (q, columns)) if pair[0]))
            for term in self.terms(parts[0], p, q):
                yield replace(term, bound=bound + term.bound)
        elif A.kind == "diag":
            for term in self.terms(parts[0], i, ""):
                yield replace(term, factors=(Factor(DELTA, (i, j)), *term.factors))
        elif A.kind == "diagonal":
            yield from self.terms(parts[0], i, i)
        else:
            raise DerivationError(f"{A.kind} of what is differentiated has no form by index here")

    def multiplied(
        self, number: Fraction, factors: list[tuple[MatrixExpression, tuple[str, str]]], bound: Ranges
    ) -> Iterator[Term]:
        """A number times entries, summed over inner indices."""
        products = [Term(bound=bound, coefficient=number)]
        for part, place in factors:
            products = [
                Term(one.factors + other.factors, one.bound + other.bound, one.coefficient * other.coefficient)
                for other in self.entry(part, *place)
                for one in products
            ]
            if len(products) > MOST_SUMMANDS:
                raise DerivationError(f"there are more than {MOST_SUMMANDS} terms by index")
        yield from products

    def constant(self, A: MatrixExpression, i: str, j: str) -> Iterator[Term]:
        """The entry of a formula without the name, taken apart as far as it is a product."""
        match A.kind:
            case "zeros":
                return
            case "ones":
                yield Term()
            case "identity":
                yield Term((Factor(DELTA, (i, j)),))
            case "transpose":
                yield from self.constant(A.parts[0], j, i)
            case "times" | "hadamard":
                number = Fraction(1) if A.data is None else Fraction(A.data)
                places = [("", "") if part.is_number else (i, j) for part in A.parts]
                yield from self.multiplied(number, list(zip(A.parts, places, strict=True)), ())
            case "product":
                cut = next((k for k, part in enumerate(A.parts[:-1], 1) if part.shape[1] == "1"), 0)
                if cut:  # x·yᵀ
                    left, right = (reduce(lambda a, b: a @ b, run) for run in (A.parts[:cut], A.parts[cut:]))
                    yield from self.multiplied(Fraction(1), [(left, (i, "")), (right, ("", j))], ())
                else:
                    yield self.atom(A, i, j)
            case "diag":
                for term in self.constant(A.parts[0], i, ""):
                    yield replace(term, factors=(Factor(DELTA, (i, j)), *term.factors))
            case _:
                yield self.atom(A, i, j)

    def atom(self, A: MatrixExpression, i: str, j: str) -> Term:
        """The entry of a formula under a name of its own; a row is its column's."""
        if A.shape[0] == "1" != A.shape[1]:
            A, i, j = A.T, j, i
        return Term((Factor(self.label(A), tuple(index for index in (i, j) if index)),))

    def label(self, A: MatrixExpression) -> str:
        """The name of a formula among the factors."""
        return self.labels.setdefault(A, f"e{len(self.labels)}")


Nodes = dict[tuple[str, ...], MatrixExpression]
"""Matrices by the indices of their rows and columns, columns by one index."""


def tidied(found: Coefficients) -> Coefficients:
    """The same with the inner sums as products of matrices, where they are, and δ_ik A_kj as δ_ik A_ij."""
    terms = []
    reader = _Reader(plain_number(0), ())
    order = {index: place for place, index in enumerate(found.formula.indices)}
    for term in found.formula.terms:
        contracted = partly_contracted(found, term)
        if contracted is None:
            factors = [
                replace(factor, indices=tuple(sorted(factor.indices, key=lambda index: order.get(index, len(order)))))
                if factor.name == DELTA
                else replace(factor, name=reader.label(found.known[factor.name]))
                for factor in toward_first(found, term).factors
            ]
            terms.append(replace(term, factors=tuple(factors)))
            continue
        scale, nodes = contracted
        number, scalars, body = scale.split()
        names = [reader.label(scalar) for scalar in (*scalars, *(() if body is None else (body,)))]
        factors = [Factor(name, ()) for name in names]
        for indices, A in nodes.items():
            if A.kind == "ones":
                continue
            if len(indices) == 2 and order[indices[0]] > order[indices[1]]:
                indices, A = indices[::-1], A.T
            if len(indices) == 2 and A.T.nodes < A.nodes:
                indices, A = indices[::-1], A.T
            factors.append(Factor(DELTA if A.kind == "identity" else reader.label(A), indices))
        factors.sort(
            key=lambda factor: (
                bool(factor.indices),
                [order[index] for index in sorted(factor.indices, key=order.__getitem__)],
            )
        )
        if number:
            terms.append(Term(tuple(factors), (), number))
    formula = replace(found.formula, terms=merged(tuple(terms)))
    return Coefficients(formula, {label: A for A, label in reader.labels.items()}, found.first)


def partly_contracted(found: Coefficients, term: Term) -> tuple[MatrixExpression, Nodes] | None:
    """A term with its bound indices summed: the numbers, and the matrices by their indices, one for each pair."""
    term = toward_first(found, term)
    network = Network(found.formula, term)
    scaled_rows = partial(network.vector_and_matrix, True)
    rules = (network.repeated_index, network.same_indices, network.summed_pair, network.summed_alone, scaled_rows)
    while any(rule() for rule in rules):
        pass
    if any(network.having(index) for index in network.bound):
        return None
    nodes = {indices: expression_of(A, found.known) for A, indices in network.nodes}
    if any(set(one) == set(other) for one, other in combinations(nodes, 2)):
        return None
    numbers = [expression_of(A, found.known) for A in network.scalars]
    sizes = [expression_of(Size(NUMBER, letter=size), found.known) for size in network.idle]
    return scaled(term.coefficient, (*numbers, *sizes), None), nodes


def toward_first(found: Coefficients, term: Term) -> Term:
    """Under δ_ik an index k of what is derived by is i, that of the function."""
    order = {index: place for place, index in enumerate(found.formula.indices)}
    names: dict[str, str] = {}
    for factor in term.factors:
        if factor.name == DELTA and set(factor.indices) <= order.keys():
            one, other = sorted(factor.indices, key=order.__getitem__)
            if order[one] < found.first <= order[other]:
                names.setdefault(other, one)
    factors = tuple(
        factor if factor.name == DELTA and set(factor.indices) & names.keys() else factor.renamed(names)
        for factor in term.factors
    )
    return replace(term, factors=factors)


# ---------------------------------------------------------------------------------------------------------------------
# As a matrix whose rows are the function's entries, and whose columns those of what it is derived by


@dataclass(frozen=True)
class Kronecker:
    """number · scalars · diag(vec rows) · (left ⊗ right) · K · diag(vec columns), without what is 1.

    vec takes the entries row by row, and K is the permutation with K·vec(X) = vec(Xᵀ). Without left and right it is
    vec(rows)·vec(columns)ᵀ.
    """

    scale: MatrixExpression
    left: MatrixExpression | None = None
    right: MatrixExpression | None = None
    swapped: bool = False
    rows: MatrixExpression | None = None
    columns: MatrixExpression | None = None


def kronecker(found: Coefficients, term: Term) -> Kronecker | None:
    """One term in that form, or None."""
    contracted = partly_contracted(found, term)
    if contracted is None:
        return None
    scale, nodes = contracted
    sizes = dict(found.formula.free)
    letters = found.formula.indices
    i, j = (*letters[: found.first], "", "")[:2]
    k, l = (*letters[found.first :], "", "")[:2]  # noqa: E741
    across = {frozenset(pair) for pair in nodes if len(pair) == 2 and (pair[0] in (i, j)) != (pair[1] in (i, j))}
    if not across:  # vec(rows)·vec(columns)ᵀ
        rows, columns = node_at(nodes, i, j, sizes), node_at(nodes, k, l, sizes)
        return Kronecker(scale, rows=rows, columns=columns) if not nodes else None
    vectors: Nodes = {pair: nodes.pop(pair) for pair in list(nodes) if len(pair) == 1}
    on_left = node_at(nodes, i, j, sizes) if j and {i, j} in map(set, nodes) else None
    on_right = node_at(nodes, k, l, sizes) if l and {k, l} in map(set, nodes) else None
    nodes |= vectors
    swapped = bool(j and l) and across <= {frozenset((i, l)), frozenset((j, k))}
    if swapped:
        k, l = l, k  # noqa: E741
    elif not l and across == {frozenset((j, k))}:  # of one index on this side, it is the second
        k, l = "", k  # noqa: E741
    elif not j and across == {frozenset((i, l))}:
        i, j = "", i
    left, right = node_at(nodes, i, k, sizes), node_at(nodes, j, l, sizes)
    return Kronecker(scale, left, right, swapped, on_left, on_right) if not nodes else None


def node_at(nodes: Nodes, one: str, other: str, sizes: Mapping[str, str]) -> MatrixExpression:
    """The matrix with these two indices, taken from the nodes; with its rows and columns scaled by columns there.

    Without an index it has one row, or one column; where no node is, 1.
    """
    found = next((pair for pair in nodes if one and other and set(pair) == {one, other}), None)
    u, v = nodes.pop((one,), None), nodes.pop((other,), None)
    if found is None:
        if u is v is None:
            return all_ones((sizes.get(one, "1"), sizes.get(other, "1")))
        u = u if u is not None else all_ones((sizes.get(one, "1"), "1"))
        v = v if v is not None else all_ones((sizes.get(other, "1"), "1"))
        return u @ v.T
    A = nodes.pop(found)
    A = A if found == (one, other) else A.T
    A = A if u is None else u.diag() @ A
    return A if v is None else A @ v.diag()
