"""The adjoint of each operation on matrices, as a formula: reverse mode on the tree.

    >>> from .expression import plain_number
    >>> from .reading import simplified, understood
    >>> f = simplified(understood("tr(A*X)", {"A": "N D"}).expression)
    >>> [step.why for step in reversed_through(f, plain_number(1))["X"].steps]
    ['tr A: I, times the adjoint', 'A·B: Ḡ·Bᵀ for A and Aᵀ·Ḡ for B, Ḡ the adjoint of the product']

For z = φ(a, b) with the adjoint z̄, the differential dL = tr(z̄ᵀ·dz) is written with da and db; what stands before da is
ā. So each rule is one identity: d(AB) = dA·B + A·dB; from A·A⁻¹ = I, d(A⁻¹) = −A⁻¹·dA·A⁻¹; Jacobi's
d det A = det A·tr(A⁻¹·dA); and for functions of each entry the derivative that the table of operations has. See
Petersen and Pedersen, The Matrix Cookbook, section 2, and Giles, Collected matrix derivative results, 2008.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from ...engine import ops
from .expression import MatrixExpression, all_ones, chained, dimension, entrywise, identity, scaled, zeros

WHY = {
    "sum": "a sum: each summand has the adjoint of the sum",
    "times": "a product with numbers: the adjoint, times all other factors",
    "product": "A·B: Ḡ·Bᵀ for A and Aᵀ·Ḡ for B, Ḡ the adjoint of the product",
    "hadamard": "A∘B: Ḡ∘B for A, entry by entry",
    "power": "aⁿ of each entry: n·aⁿ⁻¹, times the adjoint",
    "apply": "f of each entry: f′, times the adjoint, entry by entry",
    "softmax": "softmax p: p∘Ḡ, less p times the sum of p∘Ḡ (of a matrix, row by row)",
    "logsumexp": "logsumexp: softmax, times the adjoint (of a matrix, row by row)",
    "largest": "max: the adjoint where the largest entry stands, 0 elsewhere",
    "smallest": "min: the adjoint where the smallest entry stands, 0 elsewhere",
    "transpose": "Aᵀ: the transpose of the adjoint",
    "inverse": "A⁻¹, by dA·A⁻¹ + A·d(A⁻¹) = 0: −A⁻ᵀ·Ḡ·A⁻ᵀ",
    "det": "det A, by Jacobi's formula: det A·A⁻ᵀ, times the adjoint",
    "logdet": "log det A, by Jacobi's formula: A⁻ᵀ, times the adjoint",
    "trace": "tr A: I, times the adjoint",
    "total": "the sum of all entries: 1 in each entry, times the adjoint",
    "mean": "the mean of all entries: one over their number, times the adjoint, in each",
    "squares": "‖A‖²: 2·A, times the adjoint",
    "diag": "a vector as a diagonal matrix: the diagonal of the adjoint",
    "diagonal": "the diagonal: the adjoint as a diagonal matrix",
}
"""What each rule says, for the steps."""


@dataclass(frozen=True)
class Rule:
    """One step: the operation whose rule was applied, its adjoint before, and what it adds to the adjoint of a part."""

    whole: MatrixExpression
    adjoint: MatrixExpression
    part: MatrixExpression
    found: MatrixExpression

    @property
    def why(self) -> str:
        """The rule, in words."""
        return WHY[self.whole.kind]


@dataclass(frozen=True)
class Reversed:
    """The gradient by one input, and the rules on the way to it."""

    gradient: MatrixExpression
    steps: tuple[Rule, ...]


def reversed_through(f: MatrixExpression, seed: MatrixExpression) -> dict[str, Reversed]:
    """The gradients of tr(seedᵀ·f) by every name that f is made of; seed is 1 for a number f.

    An operation is met after all that it is a part of, so that its adjoint is complete.
    """
    adjoints: dict[MatrixExpression, MatrixExpression] = {f: seed}
    steps: list[Rule] = []
    result = {}
    for node in ordered(f):
        adjoint = adjoints.get(node, zeros(node.shape))
        for part, found in shares(node, adjoint):
            if not depends(part):
                continue
            steps.append(Rule(node, adjoint, part, found))
            adjoints[part] = adjoints[part] + found if part in adjoints else found
        if node.kind == "name":
            result[node.data] = Reversed(adjoint, tuple(step for step in steps if contains(step.part, node)))
    return result


def depends(A: MatrixExpression) -> bool:
    """Whether a formula is made of any name."""
    return any(part.kind == "name" for part in A.walk())


def contains(A: MatrixExpression, name: MatrixExpression) -> bool:
    """Whether a name stands in a formula."""
    return any(part == name for part in A.walk())


def ordered(f: MatrixExpression) -> list[MatrixExpression]:
    """Every operation once, before those that it is made of."""
    found: dict[MatrixExpression, None] = {}

    def visit(node: MatrixExpression) -> None:
        if node not in found:
            for part in node.parts:
                visit(part)
            found[node] = None

    visit(f)
    return list(reversed(found))


def shares(node: MatrixExpression, g: MatrixExpression) -> Iterator[tuple[MatrixExpression, MatrixExpression]]:
    """What each part of an operation gets of its adjoint g."""
    parts = node.parts
    match node.kind:
        case "sum":
            yield from ((part, g) for part in parts)
        case "times":
            for k, part in enumerate(parts):
                others = (*parts[:k], *parts[k + 1 :])
                if part.is_number and others and not others[-1].is_number:  # the matrix is the last
                    yield part, scaled(node.data, others[:-1], inner(g, others[-1]))
                else:
                    yield part, scaled(node.data, others, g)
        case "product":
            for k, part in enumerate(parts):
                left, right = (B.T for B in reversed(parts[:k])), (B.T for B in reversed(parts[k + 1 :]))
                yield part, chained((*left, g, *right))
        case "hadamard":
            for k, part in enumerate(parts):
                yield part, entrywise((g, *parts[:k], *parts[k + 1 :]))
        case "power":
            (part,) = parts
            yield part, g * (part ** (node.data - 1)) * node.data
        case "apply" if node.data in (ops.GREATER, ops.EQUAL):
            return  # which are constant wherever they have a derivative
        case "apply" if len(parts) == 2:
            yield from ((part, g * found) for part, found in zip(parts, slopes_of_two(node), strict=True))
        case "apply":
            (part,) = parts
            yield part, g * slope(node, part)
        case "softmax":
            weighed = node * g
            if node.shape[1] == "1":
                yield parts[0], weighed - scaled(Fraction(1), (inner(node, g),), node)
            else:
                yield parts[0], weighed - (weighed @ all_ones((node.shape[1], "1"))).diag() @ node
        case "logsumexp":
            yield parts[0], spread_over_rows(g, parts[0].softmax())
        case "largest" | "smallest":
            entry = spread_over_rows(node, all_ones(parts[0].shape))
            yield parts[0], spread_over_rows(g, parts[0].applied_with(entry, ops.EQUAL))
        case "transpose":
            yield parts[0], g.T
        case "inverse":
            yield parts[0], -chained((node.T, g, node.T))
        case "det":
            yield parts[0], scaled(Fraction(1), (g, node), parts[0].inverted().T)
        case "logdet":
            yield parts[0], g * parts[0].inverted().T
        case "trace":
            yield parts[0], g * identity(parts[0].shape[0])
        case "total":
            yield parts[0], g * all_ones(parts[0].shape)
        case "mean":
            rows, columns = map(dimension, parts[0].shape)
            yield parts[0], g / (rows * columns) * all_ones(parts[0].shape)
        case "squares":
            yield parts[0], scaled(Fraction(2), (g,), parts[0])
        case "diag":
            yield parts[0], g.diagonal()
        case "diagonal":
            yield parts[0], g.diag()
        case kind if parts:
            raise NotImplementedError(kind)


def slope(node: MatrixExpression, part: MatrixExpression) -> MatrixExpression:
    """f′ of each entry: the table's own row, on formulas instead of numbers."""
    if node.data is ops.ABS:
        return part.applied(ops.SIGN)  # what its row says too, but sign compares, and formulas don't
    (found,) = node.data.partials(node, part)
    return part.like(found)


def slopes_of_two(node: MatrixExpression) -> tuple[MatrixExpression, MatrixExpression]:
    """The partial derivatives of max, min and aᵇ by both, of each entry."""
    a, b = node.parts
    if node.data is ops.POW:
        number, scalars, body = b.split()
        less = b - 1 if body is None or body.kind != "ones" else b.like(scaled(number, scalars, None) - 1)
        return b * a.applied_with(less, ops.POW), node * a.log()
    more, less = a.applied_with(b, ops.GREATER), b.applied_with(a, ops.GREATER)
    return (more, less) if node.data is ops.MAX else (less, more)


def spread_over_rows(g: MatrixExpression, A: MatrixExpression) -> MatrixExpression:
    """A times a number; or its rows times the entries of a column."""
    return g * A if g.is_number else g.diag() @ A


def inner(A: MatrixExpression, B: MatrixExpression) -> MatrixExpression:
    """Σ of all products of entries, a number: aᵀ·b of vectors, the sum of A∘B of matrices."""
    product = entrywise((A, B))
    one, other, both = A.split()[2], B.split()[2], product.split()[2]
    if one and other and both and ("ones" in (one.kind, other.kind) or both.nodes < one.nodes + other.nodes - 1):
        return product.summary("total")  # Σ a∘b⊘a is Σ b
    if A.shape[1] == "1":
        return A.T @ B
    if A.shape[0] == "1":
        return A @ B.T
    for one, other in ((A, B), (B, A)):
        number, scalars, body = one.split()
        if body is not None and body.kind == "identity":
            return scaled(number, scalars, other.summary("trace"))
    return product.summary("total")
