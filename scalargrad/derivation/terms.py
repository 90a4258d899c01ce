"""What a formula is: a sum of terms, each a number times a product of indexed factors, summed over its bound indices.

    >>> x, w = Factor("x", ("α", "k")), Factor("w", ("k", "β"))
    >>> Term((x, w), bound=(("k", "D"),)).renamed({"k": "l"}).factors[1].indices
    ('l', 'β')

The term above is Σ_k x_αk w_kβ. A forward pass is a list of statements, each of which makes every entry of one name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from ..engine.ops import Op

Ranges = tuple[tuple[str, str], ...]
"""Indices, each with the dimension that it runs over: `(("α", "N"), ("β", "M"))`."""

DELTA = "δ"
"""The name of Kronecker's delta, a factor with two indices."""
BAR = "\u0304"
"""The combining macron, over the letter of an adjoint."""


@dataclass(frozen=True)
class Factor:
    """x_ak, or a power of it; with a function, f′(x_ak).

    With `by`, it is the local partial of this entry by another one, which the derivation replaces by deltas. A size is
    the number that a dimension is, such as N.
    """

    name: str
    indices: tuple[str, ...]
    function: Op | None = None
    by: Factor | None = None
    exponent: Fraction = Fraction(1)
    is_size: bool = False

    def renamed(self, names: Mapping[str, str]) -> Factor:
        """The same with other indices."""
        return replace(self, indices=tuple(names.get(index, index) for index in self.indices))


@dataclass(frozen=True)
class Term:
    """Σ_bound coefficient · Π factors."""

    factors: tuple[Factor, ...] = ()
    bound: Ranges = ()
    coefficient: Fraction = Fraction(1)

    def renamed(self, names: Mapping[str, str]) -> Term:
        """The same with other indices, bound ones included."""
        factors = tuple(factor.renamed(names) for factor in self.factors)
        return replace(
            self, factors=factors, bound=tuple((names.get(index, index), size) for index, size in self.bound)
        )

    def times(self, number: Fraction | int) -> Term:
        """The term times a number."""
        return replace(self, coefficient=self.coefficient * number)


@dataclass(frozen=True)
class Formula:
    """An entry as a sum of terms, for all values of its free indices."""

    terms: tuple[Term, ...]
    free: Ranges

    @property
    def indices(self) -> tuple[str, ...]:
        """The free indices without their dimensions."""
        return tuple(index for index, _ in self.free)


@dataclass(frozen=True)
class Statement:
    """y[indices] = Σ terms, or, with a function, y[indices] = function(the one factor of the one term)."""

    name: str
    indices: Ranges
    terms: tuple[Term, ...]
    function: Op | None = None

    @property
    def entry(self) -> Factor:
        """The left side."""
        return Factor(self.name, tuple(index for index, _ in self.indices))

    def uses(self, name: str) -> bool:
        """Whether a name stands on the right side."""
        return any(factor.name == name for term in self.terms for factor in term.factors)


@dataclass(frozen=True)
class ForwardPass:
    """The statements of a forward pass; the last one's left side is the output.

    Attributes
    ----------
    statements
        In the order of computation.
    shapes
        The dimensions of everything by name, as letters: `{"x": ("N", "D"), …}`.
    inputs
        The names that no statement assigns, in the order in which they appear.
    """

    statements: tuple[Statement, ...]
    shapes: dict[str, tuple[str, ...]]
    inputs: tuple[str, ...]

    @property
    def output(self) -> str:
        """The last name that is assigned."""
        return self.statements[-1].name

    @property
    def is_scalar(self) -> bool:
        """Whether the output is a number, and so its own loss."""
        return not self.shapes[self.output]

    @property
    def dimensions(self) -> tuple[str, ...]:
        """N, D, M…: every dimension once, in the order in which they appear."""
        shaped = [size for shape in self.shapes.values() for size in shape]
        numbers = [f.name for s in self.statements for term in s.terms for f in term.factors if f.is_size]
        return tuple(dict.fromkeys(shaped + numbers))

    @property
    def functions(self) -> tuple[Op, ...]:
        """The elementary functions that it applies."""
        return tuple(statement.function for statement in self.statements if statement.function)

    @property
    def is_irrational(self) -> bool:
        """Whether a function or a root leads out of the rational numbers."""
        factors = (factor for s in self.statements for term in s.terms for factor in term.factors)
        roots = any(factor.exponent.denominator != 1 for factor in factors)
        return roots or any(not function.bends for function in self.functions)

    @property
    def most_sums(self) -> int:
        """The most sums that a term has in (3): over the entries of what it makes, and over its own bound indices."""
        return max(len(s.indices) + max((len(t.bound) for t in s.terms), default=0) for s in self.statements)

    def statement(self, name: str) -> Statement:
        """The statement that assigns a name."""
        return next(statement for statement in self.statements if statement.name == name)

    def depends(self, name: str) -> bool:
        """Whether a name is an input, or made of any."""
        return name in self.inputs or any(
            self.depends(factor.name)
            for term in self.statement(name).terms
            for factor in term.factors
            if factor.name != DELTA and not factor.is_size
        )

    def adjoint(self, name: str) -> str:
        """The letter of ∂L/∂name: g for the output, a bar above the letter for all others."""
        if name != self.output:
            return name + BAR
        return next((letter for letter in "ghuvq" if letter not in self.shapes), name + BAR)

    def shape(self, name: str) -> tuple[str, ...]:
        """The dimensions of a name or of its adjoint."""
        return next(shape for known, shape in self.shapes.items() if name in (known, self.adjoint(known)))


def merged(terms: tuple[Term, ...]) -> tuple[Term, ...]:
    """Like terms added up, the others as they are."""
    found: dict[Any, Term] = {}
    for term in terms:
        key = likeness(term)
        before = found.get(key, term.times(0))
        found[key] = replace(before, coefficient=before.coefficient + term.coefficient)
    return tuple(term for term in found.values() if term.coefficient)


def likeness(term: Term) -> Any:
    """Equal for terms that differ by the order of factors and, mostly, by the names of bound indices."""
    bound = dict(term.bound)

    def outline(factor: Factor) -> Any:
        return (
            factor.name,
            str(factor.function),
            factor.exponent,
            tuple("" if index in bound else index for index in factor.indices),
        )

    factors = sorted(term.factors, key=outline)
    order = dict.fromkeys(index for factor in factors for index in factor.indices if index in bound)
    names = {index: f"{position}" for position, index in enumerate(order)}
    idle = tuple(sorted(size for index, size in term.bound if index not in names))  # a factor of the size alone
    sizes = tuple(bound[index] for index in names)
    return tuple(sorted(str(factor.renamed(names)) for factor in factors)), sizes, idle
