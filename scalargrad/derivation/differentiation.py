"""Differentiation by index: the chain rule (3), local partials as deltas, and sums that the deltas collapse.

    >>> from .notation import read
    >>> formula = gradient(read("y[a,b] = sum(k, x[a,k] * w[k,b])"), "w")
    >>> formula.free, [factor.name for factor in formula.terms[0].factors]
    ((('i', 'D'), ('j', 'M')), ['g', 'x'])

Each function below is one line of the derivation: (3) itself, (3) with the partials written out, and one sum less.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain, count, islice

from .terms import DELTA, Factor, Formula, ForwardPass, Ranges, Statement, Term, merged


def gradient(layer: ForwardPass, name: str) -> Formula:
    """∂L/∂x_ij in index form, by (3)."""
    formula = insert_partials(layer, chain_rule_formula(layer, name))
    while (smaller := collapse_once(formula)[0]) != formula:
        formula = smaller
    return formula


def chain_rule_formula(layer: ForwardPass, name: str) -> Formula:
    """(3): the sum, over every entry of everything that is made of x, of its adjoint times its partial by x_ij."""
    free = free_indices(layer, name)
    entry = Factor(name, tuple(index for index, _ in free))
    terms = []
    for statement in layer.statements:
        if statement.uses(name):
            adjoint = replace(statement.entry, name=layer.adjoint(statement.name))
            is_loss = statement.name == layer.output and layer.is_scalar  # ∂L/∂L = 1 is not written
            partial = replace(statement.entry, by=entry)
            terms.append(Term((partial,) if is_loss else (adjoint, partial), statement.indices))
    return Formula(tuple(terms), free)


def free_indices(layer: ForwardPass, name: str) -> Ranges:
    """i, j… with the dimensions of `name`, none of them an index of any statement, nor the name of anything."""
    shape = layer.shapes[name]
    first = "j" if len(shape) == 1 else "ij"  # b_j, as in the proof
    return tuple(zip(new_letters(layer, len(shape), first + "lmnpqrstuv"), shape, strict=True))


def generic_indices(layer: ForwardPass, name: str) -> tuple[str, ...]:
    """p, q…: the place of any entry of `name` beside the one at `free_indices`."""
    free = tuple(index for index, _ in free_indices(layer, name))
    return new_letters(layer, len(layer.shapes[name]), "pqrstuvlmn", beside=free)


def new_letters(layer: ForwardPass, number: int, wished: str, beside: Sequence[str] = ()) -> tuple[str, ...]:
    """The first letters wished for that are neither an index of any statement nor the name of anything; then i0, i1…"""
    taken = {*beside, *layer.shapes, *(layer.adjoint(name) for name in layer.shapes)}
    for statement in layer.statements:
        taken |= {index for index, _ in (*statement.indices, *(pair for t in statement.terms for pair in t.bound))}
    letters = chain(wished, (f"i{n}" for n in count()))
    return tuple(islice((letter for letter in letters if letter not in taken), number))


def insert_partials(layer: ForwardPass, formula: Formula) -> Formula:
    """The partials of (3), written out."""
    terms = []
    for term in formula.terms:
        *adjoint, partial = term.factors
        assert partial.by is not None
        for inner in local_partial(layer.statement(partial.name), partial.by):
            terms.append(Term((*adjoint, *inner.factors), term.bound + inner.bound, inner.coefficient))
    return Formula(tuple(terms), formula.free)


def local_partial(statement: Statement, by: Factor) -> Sequence[Term]:
    """∂y_αβ/∂x_ij by the product rule: for each place where x stands, a product of deltas in x's place."""
    found = []
    for term in statement.terms:
        for position, factor in enumerate(term.factors):
            if factor.name == by.name:
                deltas = tuple(Factor(DELTA, pair) for pair in zip(factor.indices, by.indices, strict=True))
                inner: tuple[Factor, ...] = ()
                if statement.function:
                    inner = (replace(factor, function=statement.function),)
                elif factor.exponent != 1:  # the power rule
                    inner = (replace(factor, exponent=factor.exponent - 1),)
                rest = term.factors[:position] + inner + term.factors[position + 1 :]
                found.append(replace(term, factors=deltas + rest).times(factor.exponent))
    return found


def collapse_once(formula: Formula) -> tuple[Formula, list[tuple[str, ...]]]:
    """Σ_α δ_αi x_α = x_i, for one sum of each term; and which index became which. Like terms are added at the end."""
    tied: dict[tuple[str, ...], None] = {}
    terms = []
    for term in formula.terms:
        order = [index for index, _ in term.bound]
        deltas = [
            (order.index(index), index, other, factor)
            for factor in term.factors
            if factor.name == DELTA
            for index, other in (factor.indices, factor.indices[::-1])
            if index in order
        ]
        if deltas:
            _, index, other, innermost = max(deltas, key=lambda delta: delta[0])
            tied[index, other] = None
            factors = tuple(factor for factor in term.factors if factor is not innermost)
            if index == other:  # δ_kk is 1
                terms.append(replace(term, factors=factors))
                continue
            rest = tuple(pair for pair in term.bound if pair[0] != index)
            term = replace(term, factors=factors, bound=rest).renamed({index: other})
        terms.append(term)
    return replace(formula, terms=tuple(terms) if tied else merged(tuple(terms))), list(tied)
