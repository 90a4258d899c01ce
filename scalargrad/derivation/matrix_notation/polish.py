"""The last touch on a formula: softmax and σ by their names, symmetric matrices without transposes, terms in order.

>>> from .reading import understood
>>> from .writing import InText
>>> InText().written(polished(simplified(understood("exp(x)/sum(exp(x))").expression)))
'softmax(x)'
"""

from __future__ import annotations

from fractions import Fraction

from ...engine import ops
from .expression import MatrixExpression, added, chained, entrywise, scaled, summands
from .reading import simplified


def polished(A: MatrixExpression, symmetric: frozenset[str] = frozenset()) -> MatrixExpression:
    """The formula as a textbook has it; every change is an identity, and the result is confirmed as a whole."""
    A = names_given(simplified(A, symmetric))
    terms = summands(A)
    if len(terms) < 2:
        return A
    return added(sorted(terms, key=lambda term: (term.nodes - marks(term), marks(term))))


def marks(A: MatrixExpression) -> int:
    """How many transposes stand in a formula: of two alike, the plain one comes first."""
    return sum(part.kind == "transpose" for part in A.walk())


def names_given(A: MatrixExpression) -> MatrixExpression:
    """Softmax and σ for what is written out, from the inside out."""
    match A.kind:
        case "sum":
            named = added(tuple(map(names_given, A.parts)))
            spread = added([term for part in named.parts for term in multiplied_out(part)]) if named.parts else named
            return spread if spread.nodes < named.nodes else named
        case "times":
            return softmax(scaled(A.data, logistic(A.parts), None, A.shape))
        case "hadamard":
            return entrywise(logistic(A.parts))
        case "power":
            return logistic((A,))[0]
    parts = tuple(map(names_given, A.parts))
    return MatrixExpression(A.kind, A.shape, parts, A.data) if parts != A.parts else A


def multiplied_out(A: MatrixExpression) -> list[MatrixExpression]:
    """The terms of (a + b)∘c; of anything else, itself."""
    number, scalars, body = A.split()
    if body is None or body.kind != "hadamard":
        return [A]
    terms = [body]
    for factor in body.parts:
        if factor.kind == "sum":
            others = [other for other in body.parts if other is not factor]
            terms = [entrywise((term, *others)) for term in factor.parts]
            break
    return [scaled(number, scalars, term) for term in terms]


def softmax(A: MatrixExpression) -> MatrixExpression:
    """exp(x)/sum(exp(x)), alone or entry by entry with more."""
    if A.kind != "times":
        return A
    number, scalars, body = A.split()
    if body is None:
        return A
    factors = body.parts if body.kind in ("hadamard", "product") else (body,)
    for k, e in enumerate(factors):
        below = e.summary("total") ** Fraction(-1) if is_exp(e) else None
        if below is not None and below in scalars:
            soft = MatrixExpression("softmax", e.shape, e.parts)
            found = (*factors[:k], soft, *factors[k + 1 :])
            whole = chained(found) if body.kind == "product" else entrywise(found)
            return scaled(number, [s for s in scalars if s != below], whole)
    return A


def is_exp(A: MatrixExpression) -> bool:
    """Whether it is exp of something."""
    return A.kind == "apply" and A.data is ops.EXP


def logit(A: MatrixExpression) -> MatrixExpression | None:
    """z of 1/(1 + exp(z)) and its powers; None of anything else."""
    if (
        A.kind == "power"
        and A.data < 0
        and A.data.denominator == 1
        and A.parts[0].kind == "sum"
        and len(A.parts[0].parts) == 2
    ):
        for one, e in (A.parts[0].parts, A.parts[0].parts[::-1]):
            if is_exp(e) and (one.kind == "ones" or (one.kind == "number" and one.data == 1)):
                return e.parts[0]
    return None


def logistic(factors: tuple[MatrixExpression, ...]) -> list[MatrixExpression]:
    """Factors with σ(z) for exp(z)/(1 + exp(z)), and σ(−z) for 1/(1 + exp(z))."""
    found = [names_given(f.parts[0]) ** f.data if f.kind == "power" else names_given(f) for f in factors]
    for place, factor in enumerate(found):
        z = logit(factor)
        if z is not None and z.exp() in found:
            found[found.index(z.exp())] = z.sigmoid()
            found[place] = (-z).sigmoid() ** (-factor.data - 1)
        elif z is not None:
            found[place] = (-z).sigmoid() ** -factor.data
    return found
