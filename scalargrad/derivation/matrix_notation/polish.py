"""The last touch on a formula: softmax and σ by their names, symmetric matrices without transposes, terms in order.

>>> from .reading import understood
>>> from .writing import InText
>>> InText().written(polished(simplified(understood("exp(x)/sum(exp(x))").expression)))
'softmax(x)'
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from ...engine import ops
from .expression import ONE_BY_ONE, MatrixExpression, added, all_ones, chained, dimension, entrywise, scaled, summands
from .reading import simplified
from .writing import InText


def polished(A: MatrixExpression, symmetric: frozenset[str] = frozenset()) -> MatrixExpression:
    """The formula as a textbook has it; every change is an identity, and the result is confirmed as a whole."""
    A = means_named(names_given(simplified(A, symmetric)))
    terms = summands(A)
    if len(terms) > 1:
        A = added(sorted(terms, key=lambda term: (term.nodes - marks(term), marks(term))))
    return gathered(A)


def gathered(A: MatrixExpression) -> MatrixExpression:
    """What terms have in common, taken out of sums where that is shorter: A·x/c + Aᵀ·x/c is (A·x + Aᵀ·x)/c."""
    parts = tuple(map(gathered, A.parts))
    if parts != A.parts and A.kind in ("transpose", "product"):
        A = parts[0].T if A.kind == "transpose" else chained(parts)
    elif parts != A.parts:
        A = MatrixExpression(A.kind, A.shape, parts, A.data)
    if A.kind != "sum":
        return A
    for taken_out in (by_numbers, by_matrices, by_common_numbers):
        shorter = taken_out(A)
        if length(shorter) < length(A):
            A = shorter
            if A.kind != "sum":
                break
    return A


def length(A: MatrixExpression) -> int:
    """How long a formula is on one line."""
    return len(InText().written(A))


def by_numbers(A: MatrixExpression) -> MatrixExpression:
    """Terms with one coefficient and the same numbers as factors, put together."""
    groups: dict[tuple[Fraction, frozenset[MatrixExpression]], list[MatrixExpression]] = {}
    for term in A.parts:
        number, scalars, body = term.split()
        plain = body is None  # numbers have all their factors among the scalars
        groups.setdefault((abs(number), frozenset(() if plain else scalars)), []).append(term)
    found = []
    for (number, _), terms in groups.items():
        _, scalars, body = terms[0].split()
        if len(terms) == 1:
            found += terms
            continue
        signs = {term.split()[0] > 0 for term in terms}
        factor = number if True in signs else -number
        bare = [scaled(term.split()[0] / factor, () if body is not None else term.split()[1], term.split()[2], A.shape)
                for term in terms]  # fmt: skip
        inner = by_matrices(MatrixExpression("sum", A.shape, tuple(bare)))
        common = scalars if body is not None else ()
        if factor == 1 and not common:
            found += summands(inner)
        else:
            found.append(scaled(factor, common, inner, A.shape))
    return found[0] if len(found) == 1 else MatrixExpression("sum", A.shape, tuple(found))


def by_common_numbers(A: MatrixExpression) -> MatrixExpression:
    """What all terms are divided or multiplied by: a/√s − b/s^(3/2) is (a − b/s)/√s."""
    powers = []
    for term in A.parts:
        _, scalars, _ = term.split()
        powers.append({(s.parts[0] if s.kind == "power" else s): s.data if s.kind == "power" else Fraction(1)
                       for s in scalars})  # fmt: skip
    common = []
    for base in powers[0]:
        exponents = [found.get(base, Fraction(0)) for found in powers]
        if all(e > 0 for e in exponents) or all(e < 0 for e in exponents):
            common.append(base ** min(exponents, key=abs))
    number = min((abs(term.split()[0]) for term in A.parts), default=Fraction(1))
    if not common and number == 1:
        return A
    factors = (*common,)
    inner = [scaled(1 / number, tuple(f ** Fraction(-1) for f in factors), term) for term in A.parts]
    return scaled(number, factors, MatrixExpression("sum", A.shape, tuple(inner)), A.shape)


def by_matrices(A: MatrixExpression) -> MatrixExpression:
    """Terms with the same matrices in front or behind, and the same numbers as factors, put together."""
    for end in (0, -1):
        groups: dict[Any, list[MatrixExpression]] = {}
        for term in A.parts:
            number, scalars, body = term.split()
            key = (number, scalars, body.parts[end]) if body is not None and body.kind == "product" else term
            groups.setdefault(key, []).append(term)
        found: list[MatrixExpression] = []
        for terms in groups.values():
            found += [put_together(terms, end)] if len(terms) > 1 else terms
        shorter = found[0] if len(found) == 1 else MatrixExpression("sum", A.shape, tuple(found))
        if length(shorter) < length(A):
            return shorter
    return A


def put_together(terms: Sequence[MatrixExpression], end: int) -> MatrixExpression:
    """(C + D)·X·B for C·X·B + D·X·B, of products that begin or end alike."""
    number, scalars, _ = terms[0].split()
    chains = [body.parts for _, _, body in map(MatrixExpression.split, terms) if body is not None]
    most = min(map(len, chains)) - 1
    shared = next((k for k in range(most) if len({parts[k if end == 0 else -1 - k] for parts in chains}) > 1), most)
    cut = [(parts[:shared], parts[shared:]) if end == 0 else (parts[-shared:], parts[:-shared]) for parts in chains]
    rests = [chained(rest) for _, rest in cut]
    rests.sort(key=lambda term: (term.nodes - marks(term), marks(term)))
    inner = MatrixExpression("sum", rests[0].shape, tuple(rests))
    both = (*cut[0][0], inner) if end == 0 else (inner, *cut[0][0])
    return scaled(number, scalars, MatrixExpression("product", terms[0].shape, both))


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
        case "product":
            return softmax_of_rows(chained(tuple(map(names_given, A.parts))))
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


def softmax_of_rows(A: MatrixExpression) -> MatrixExpression:
    """diag(1 ⊘ (exp(Z)·1))·exp(Z) as softmax(Z)."""
    if A.kind == "product" and len(A.parts) == 2:
        scale, e = A.parts
        if scale.kind == "diag" and is_exp(e):
            total = e @ all_ones((e.shape[1], "1"))
            if scale.parts[0] == total ** Fraction(-1):
                return e.parts[0].softmax()
    return A


def means_named(A: MatrixExpression) -> MatrixExpression:
    """mean(x) for sum(x)/N, wherever it stands."""
    parts = tuple(map(means_named, A.parts))
    return mean(MatrixExpression(A.kind, A.shape, parts, A.data) if parts != A.parts else A)


def mean(A: MatrixExpression) -> MatrixExpression:
    """sum(x)/N as mean(x)."""
    number, scalars, body = A.split()
    for total in scalars:
        if total.kind == "total":
            rows, columns = map(dimension, total.parts[0].shape)
            _, sizes, _ = ((rows * columns) ** Fraction(-1)).split()  # 1/N², if it is square
            if sizes and set(sizes) <= set(scalars):
                others = tuple(s for s in scalars if s is not total and s not in sizes)
                return mean(scaled(number, (*others, MatrixExpression("mean", ONE_BY_ONE, total.parts)), body, A.shape))
    return A


def is_exp(A: MatrixExpression) -> bool:
    """Whether it is exp of something."""
    return A.kind == "apply" and A.data is ops.EXP


def is_cosh(A: MatrixExpression) -> bool:
    """Whether it is cosh of something."""
    return A.kind == "apply" and A.data is ops.COSH


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
        elif factor.kind == "power" and factor.data == -1 and is_cosh(factor.parts[0]):
            z = factor.parts[0].parts[0]
            if z.sinh() in found:
                found[found.index(z.sinh())] = z.tanh()
                found[place] = factor.unit()
        elif z is not None:
            found[place] = (-z).sigmoid() ** -factor.data
    return found
