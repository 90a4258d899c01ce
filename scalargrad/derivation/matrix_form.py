"""From index form to matrices: products, transposes, Hadamard products, row and column sums, traces, diagonals.

    >>> from .differentiation import gradient
    >>> from .notation import read
    >>> layer = read("y[a,b] = sum(k, x[a,k] * w[k,b])")
    >>> closed_form(layer, gradient(layer, "w")).op
    'product'

A term is a network: its nodes are factors, its edges the indices that they share. Each rule contracts a piece of it to
one matrix, until one is left that has the gradient's own indices; a network that no rule fits stays in index form.
"""

from __future__ import annotations

import operator
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import reduce
from typing import Any

import numpy as np

from ..arrays import fill
from .differentiation import Arrays, derivative
from .notation import ONE, Formula, ForwardPass, Term


@dataclass(frozen=True)
class Matrix:
    """A matrix formula as a tree. Vectors are columns, numbers are 1×1, and a dimension of 1 is "1".

    `op` is one of name, ones, identity, size; transpose, product, hadamard, plus; diagonal (of a matrix, as a column),
    diag (a column as a diagonal matrix), trace; scale (numbers, then a matrix). A name's argument is a factor.
    """

    op: str
    args: tuple[Any, ...]
    shape: tuple[str, str]


def transpose(A: Matrix) -> Matrix:
    if A.op == "transpose":
        return A.args[0]  # type: ignore[no-any-return]
    if A.shape == ("1", "1") or A.op in ("identity", "diag"):
        return A
    if A.op == "product":  # (A·B)ᵀ = Bᵀ·Aᵀ
        return Matrix("product", tuple(transpose(B) for B in reversed(A.args)), A.shape[::-1])
    if A.op == "hadamard":
        return Matrix("hadamard", tuple(transpose(B) for B in A.args), A.shape[::-1])
    return Matrix("transpose", (A,), A.shape[::-1])


def product(A: Matrix, B: Matrix) -> Matrix:
    """A·B, which is one flat product if A or B is one."""
    factors = [part for M in (A, B) for part in (M.args if M.op == "product" else (M,)) if M.op != "identity"]
    if len(factors) < 2:
        return factors[0] if factors else A
    return Matrix("product", tuple(factors), (A.shape[0], B.shape[1]))


def hadamard(A: Matrix, B: Matrix) -> Matrix:
    return Matrix("hadamard", tuple(p for M in (A, B) for p in (M.args if M.op == "hadamard" else (M,))), A.shape)


def diag(v: Matrix) -> Matrix:
    return Matrix("diag", (v,), (v.shape[0], v.shape[0]))


def ones(size: str) -> Matrix:
    return Matrix("ones", (), (size, "1"))


def closed_form(layer: ForwardPass, formula: Formula) -> Matrix | None:
    """The formula as matrices, or None where no way was found: then it stays in index form."""
    if len(formula.free) > 2:
        return None
    shape = tuple([*(size for _, size in formula.free), "1", "1"][:2])
    if not formula.terms:
        return Matrix("zero", (), shape)  # type: ignore[arg-type]
    sums: dict[Matrix, Fraction] = {}
    for term in formula.terms:
        found = Network(layer, formula, term).contracted()
        if found is None:
            return None
        sums[found] = sums.get(found, Fraction(0)) + term.coefficient
    parts = [scale((number,), A) for A, number in sums.items() if number]
    return parts[0] if len(parts) == 1 else Matrix("plus", tuple(parts), shape)  # type: ignore[arg-type]


def scale(numbers: tuple[Any, ...], A: Matrix) -> Matrix:
    """Numbers (Fractions, or formulas of size 1×1) times a matrix."""
    inner = A.args[:-1] if A.op == "scale" else ()
    numbers = tuple(number for number in (*numbers, *inner) if number != ONE)
    A = A.args[-1] if A.op == "scale" else A
    return Matrix("scale", (*numbers, A), A.shape) if numbers else A


class Network:
    """One term, as matrices whose rows and columns carry indices, contracted step by step until one matrix is left."""

    def __init__(self, layer: ForwardPass, formula: Formula, term: Term) -> None:
        self.sizes = {**dict(formula.free), **dict(term.bound)}
        self.free = formula.indices
        self.nodes: list[tuple[Matrix, tuple[str, ...]]] = []
        self.numbers: list[Matrix] = []
        self.bound = {index for index, _ in term.bound}
        self.too_many = any(len(factor.indices) > 2 for factor in term.factors)
        for factor in term.factors:
            shape = tuple([*(self.sizes[index] for index in factor.indices), "1", "1"][:2])
            leaf = Matrix("identity", (), shape) if factor.name == "δ" else None  # type: ignore[arg-type]
            bare = replace(factor, indices=())
            self.put(leaf or Matrix("name", (bare,), shape), factor.indices)  # type: ignore[arg-type]

    def put(self, A: Matrix, indices: tuple[str, ...]) -> None:
        if indices:
            self.nodes.append((A, indices))
        else:
            self.numbers.append(A)

    def having(self, index: str) -> list[tuple[Matrix, tuple[str, ...]]]:
        return [node for node in self.nodes if index in node[1]]

    def take(self, *nodes: tuple[Matrix, tuple[str, ...]]) -> None:
        for node in nodes:
            self.nodes.remove(node)

    def contracted(self) -> Matrix | None:
        """The term's matrix, without its coefficient."""
        rules = (self.repeated_index, self.same_indices, self.summed_pair, self.summed_alone, self.vector_and_matrix)
        while not self.too_many and any(rule() for rule in rules):
            pass
        left = {index for _, indices in self.nodes for index in indices}
        if self.too_many or left & self.bound or len(self.nodes) > len(self.free):
            return None
        for index in self.bound - self.seen:  # Σ_b of what has no b
            self.numbers.append(Matrix("size", (self.sizes[index],), ("1", "1")))
        return scale(tuple(self.numbers), self.whole())

    seen: frozenset[str] = frozenset()

    def repeated_index(self) -> bool:
        """A_kk: the trace if this is all of k, else the diagonal as a vector."""
        for node in self.nodes:
            A, indices = node
            if len(indices) == 2 and indices[0] == indices[1]:
                k = indices[0]
                self.take(node)
                if k in self.bound and not self.having(k):
                    self.seen |= {k}
                    self.put(Matrix("trace", (A,), ("1", "1")), ())
                else:
                    self.put(Matrix("diagonal", (A,), (A.shape[0], "1")), (k,))
                return True
        return False

    def same_indices(self) -> bool:
        """A_ij B_ij is an entry of A∘B. (A_kl B_lk, summed over both, is left: it is a trace.)"""
        for position, one in enumerate(self.nodes):
            for other in self.nodes[position + 1 :]:
                (A, indices), (B, others) = one, other
                if set(indices) != set(others):
                    continue
                alone = all(k in self.bound and len(self.having(k)) == 2 for k in indices)
                if alone and (len(indices) == 1 or indices != others):
                    continue
                self.take(one, other)
                self.put(hadamard(A, B if indices == others else transpose(B)), indices)
                return True
        return False

    def summed_pair(self) -> bool:
        """Σ_k A_ik B_kj is an entry of A·B."""
        for k in self.sizes:
            if k in self.bound and len(nodes := self.having(k)) == 2:
                self.take(*nodes)
                self.seen |= {k}
                (A, left), (B, right) = nodes if len(nodes[0][1]) == 2 or len(nodes[1][1]) == 1 else nodes[::-1]
                A = A if left[-1] == k and len(left) == 2 else transpose(A)
                B = B if right[0] == k else transpose(B)
                self.put(product(A, B), tuple(index for index in left + right if index != k))
                return True
        return False

    def summed_alone(self) -> bool:
        """Σ_k A_ik is an entry of A·1, the row sums."""
        for k in self.sizes:
            if k in self.bound and len(nodes := self.having(k)) == 1:
                (node,) = nodes
                A, indices = node
                self.take(node)
                self.seen |= {k}
                A = A if len(indices) == 2 and indices[1] == k else transpose(A)
                self.put(product(A, ones(self.sizes[k])), tuple(index for index in indices if index != k))
                return True
        return False

    def vector_and_matrix(self) -> bool:
        """v_k A_kj is an entry of diag(v)·A."""
        for one in self.nodes:
            for other in self.nodes:
                (v, k), (A, indices) = one, other
                if len(k) == 1 and len(indices) == 2 and k[0] in indices:
                    self.take(one, other)
                    self.put(product(diag(v), A) if indices[0] == k[0] else product(A, diag(v)), indices)
                    return True
        return False

    def whole(self) -> Matrix:
        """The matrix whose rows and columns are the free indices."""
        if not self.free:
            return Matrix("ones", (), ("1", "1"))
        if len(self.free) == 2:
            for A, indices in self.nodes:
                if len(indices) == 2:
                    return A if indices == self.free else transpose(A)
        columns = {indices[0]: v for v, indices in self.nodes}
        first, *rest = (columns.get(index, ones(self.sizes[index])) for index in self.free)
        return product(first, transpose(rest[0])) if rest else first


# ---------------------------------------------------------------------------------------------------------------------
# Numbers in a matrix formula


def evaluate(A: Matrix, arrays: Arrays, sizes: Mapping[str, int]) -> Any:
    """A matrix formula by NumPy, on arrays of dtype object: a matrix, a column or 1×1."""
    rows, columns = (1 if size == "1" else sizes[size] for size in A.shape)
    match A.op:
        case "name":
            (factor,) = A.args
            array = np.asarray(arrays[factor.name], dtype=object).reshape(rows, columns)
            return fill(array.shape, lambda *at: derivative(factor.function, array[at])) if factor.function else array
        case "zero":
            return fill((rows, columns), lambda *_: 0)
        case "ones":
            return fill((rows, columns), lambda *_: 1)
        case "identity":
            return fill((rows, columns), lambda i, j: int(i == j))
        case "size":
            return fill((1, 1), lambda *_: sizes[A.args[0]])
        case "scale":
            *numbers, matrix = A.args
            result = evaluate(matrix, arrays, sizes)
            for number in numbers:
                result = result * (number if isinstance(number, Fraction) else evaluate(number, arrays, sizes)[0, 0])
            return result
    parts = [evaluate(part, arrays, sizes) for part in A.args]
    match A.op:
        case "transpose":
            return parts[0].T
        case "product":
            return reduce(multiplied, parts)
        case "hadamard":
            return reduce(operator.mul, parts)
        case "plus":
            return reduce(operator.add, parts)
        case "diagonal":
            return parts[0].diagonal().reshape(rows, 1)
        case "diag":
            return fill((rows, columns), lambda i, j: parts[0][i, 0] if i == j else 0)
        case _:
            return np.array([[sum(parts[0].diagonal())]], dtype=object)


def multiplied(A: Any, B: Any) -> Any:
    """NumPy's product; a product over no index is zeros, which for objects NumPy leaves unset in some versions."""
    return A @ B if A.shape[1] else fill((A.shape[0], B.shape[1]), lambda *_: 0)
