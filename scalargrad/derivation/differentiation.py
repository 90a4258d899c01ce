"""Differentiation by index: the chain rule (3), local partials as deltas, and sums that the deltas collapse.

    >>> from .notation import read
    >>> layer = read("y[a,b] = sum(k, x[a,k] * w[k,b])")
    >>> formula = gradient(layer, "w")
    >>> formula.free, [factor.name for factor in formula.terms[0].factors]
    ((('i', 'D'), ('j', 'M')), ['g', 'x'])

A formula can also be evaluated, entry by entry, on numbers or on Values.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

import numpy as np

from ..arrays import fill
from ..engine.numbers import total
from .notation import FUNCTIONS, ONE, Factor, Formula, ForwardPass, Statement, Term, merged


def free_indices(layer: ForwardPass, name: str) -> tuple[tuple[str, str], ...]:
    """i, j… with the dimensions of `name`, none of them an index of any statement."""
    taken = {index for s in layer.statements for index, _ in s.indices}
    taken |= {index for s in layer.statements for term in s.terms for index, _ in term.bound}
    shape = layer.shapes[name]
    candidates = ("j" if len(shape) == 1 else "ij") + "lmnpqrstuv"  # b_j, as in the proof
    letters = [letter for letter in (*candidates, *(f"i{n}" for n in range(2000))) if letter not in taken]
    return tuple(zip(letters[: len(shape)], shape, strict=True))


def seed(layer: ForwardPass, statement: Statement) -> tuple[Factor, ...]:
    """∂L/∂y_αβ as a factor; none where y is L itself."""
    if statement.name == layer.output and layer.is_scalar:
        return ()
    return (replace(statement.entry, name=layer.adjoint(statement.name)),)


def chain_rule(layer: ForwardPass, name: str) -> Formula:
    """(3): the sum, over every entry of everything that is made of x, of its adjoint times its partial by x_ij."""
    free = free_indices(layer, name)
    indices = tuple(index for index, _ in free)
    terms = []
    for statement in layer.statements:
        if any(factor.name == name for term in statement.terms for factor in term.factors):
            partial = replace(statement.entry, by=name, by_indices=indices)
            terms.append(Term(Fraction(1), (*seed(layer, statement), partial), statement.indices))
    return Formula(tuple(terms), free)


def local_partial(statement: Statement, name: str, free: Sequence[tuple[str, str]]) -> Formula:
    """∂y_αβ/∂x_ij by the product rule: for each place where x stands, a product of deltas in x's place."""
    found = []
    for term in statement.terms:
        for position, factor in enumerate(term.factors):
            if factor.name == name:
                deltas = tuple(Factor("δ", (q, i)) for q, (i, _) in zip(factor.indices, free, strict=True))
                inner = (replace(factor, function=statement.function),) if statement.function else ()
                rest = term.factors[:position] + inner + term.factors[position + 1 :]
                found.append(Term(term.coefficient, deltas + rest, term.bound))
    return Formula(tuple(found), (*statement.indices, *free))


def insert_partials(layer: ForwardPass, formula: Formula) -> Formula:
    """The partials of (3), written out."""
    statements = {statement.name: statement for statement in layer.statements}
    terms = []
    for term in formula.terms:
        *adjoint, partial = term.factors
        for inner in local_partial(statements[partial.name], partial.by, formula.free).terms:
            terms.append(Term(inner.coefficient, (*adjoint, *inner.factors), term.bound + inner.bound))
    return Formula(tuple(terms), formula.free)


def collapse_once(formula: Formula) -> tuple[Formula, list[tuple[str, str]]]:
    """Σ_α δ_αi x_α = x_i, for one sum of each term; and which index became which. Like terms are added at the end."""
    tied: dict[tuple[str, str], None] = {}
    terms = []
    for term in formula.terms:
        bound = dict(term.bound)
        # the innermost sum first
        deltas = [factor for factor in term.factors if factor.name == "δ" and factor.indices[0] in bound]
        if deltas:
            delta = max(deltas, key=lambda factor: list(bound).index(factor.indices[0]))
            index, other = delta.indices
            tied[index, other] = None
            factors = tuple(factor for factor in term.factors if factor is not delta)
            rest = tuple(pair for pair in term.bound if pair[0] != index)
            term = Term(term.coefficient, factors, rest).renamed({index: other})
        terms.append(term)
    return replace(formula, terms=tuple(terms) if tied else merged(tuple(terms))), list(tied)


def gradient(layer: ForwardPass, name: str) -> Formula:
    """∂L/∂x_ij in index form, by (3)."""
    formula = insert_partials(layer, chain_rule(layer, name))
    while (smaller := collapse_once(formula)[0]) != formula:
        formula = smaller
    return formula


# ---------------------------------------------------------------------------------------------------------------------
# Numbers in a formula


Arrays = Mapping[str, Any]
"""NumPy arrays of dtype object by name."""


def derivative(function: str, z: Any) -> Any:
    """f′(z), by f's row of the table."""
    op = FUNCTIONS[function]
    return op.partials(op.apply(z), z)[0]


def entries(formula: Formula, arrays: Arrays, sizes: Mapping[str, int], apply: Callable[..., Any] = derivative) -> Any:
    """Every entry of a formula in index form, as an array; `apply` is for factors with a function."""
    ranges = {index: sizes[size] for index, size in formula.free}

    def entry(*values: int) -> Any:
        terms = [t for term in formula.terms for t in products(term, dict(zip(ranges, values, strict=True)))]
        return total(*terms) if terms else 0

    def products(term: Term, at: dict[str, int]) -> Iterator[Any]:
        for values in np.ndindex(*(sizes[size] for _, size in term.bound)):
            at = {**at, **{index: value for (index, _), value in zip(term.bound, values, strict=True)}}
            number: Any = None
            for factor in term.factors:
                x = number_at(factor, at)
                number = x if number is None else number * x
            whole = term.coefficient.numerator if term.coefficient.denominator == 1 else term.coefficient
            yield whole if number is None else number if whole == 1 else number * whole

    def number_at(factor: Factor, at: dict[str, int]) -> Any:
        place = tuple(at[index] for index in factor.indices)
        if factor.name == "δ":
            return 1 if place[0] == place[1] else 0
        number = arrays[factor.name][place]
        return apply(factor.function, number) if factor.function else number

    return fill(tuple(ranges.values()), entry)


def forward(
    layer: ForwardPass, arrays: Arrays, sizes: Mapping[str, int], node: Callable[[Any], Any] = lambda x: x
) -> dict[str, Any]:
    """Everything that the layer makes, from arrays of Values (or of numbers) for its inputs.

    `node` is applied to each entry that is made: y[a] = x[a] is else the very same Value, with x's other uses too.
    """
    made = dict(arrays)
    for statement in layer.statements:
        terms = statement.terms
        if statement.function:
            terms = (Term(ONE, (replace(terms[0].factors[0], function=statement.function),)),)
        array = entries(Formula(terms, statement.indices), made, sizes, lambda function, z: FUNCTIONS[function](z))
        made[statement.name] = fill(array.shape, lambda *at, array=array: node(array[at]))
    return made
