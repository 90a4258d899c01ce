"""Formulas against scalar graphs: every entry is compared with the reverse sweep, which knows nothing of the kernel.

    >>> from .derive import outline
    >>> from .notation import read
    >>> layer = read("y[a] = x[a] * x[a]")
    >>> for line in confirm(layer, [outline(layer, "x")]): print(line)
    scalar graphs: all 8 entries of these formulas equal exactly over Fractions at N = 2, 3, 1
    differences: 2 entries to 25 digits at N = 2, by central differences at 65 digits

Polynomials are compared over Fractions, exactly; functions such as exp to 50 digits.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import cycle
from typing import Any

import numpy as np

from ..arrays import fill
from ..engine.sweep import adjoints
from ..engine.value import Value
from ..errors import DerivationError
from .derivation import Derivation
from .differentiation import gradient
from .evaluation import Sizes, as_mpf, evaluate_formula, evaluate_forward, evaluate_matrix
from .matrix_notation.two_routes import close_to, drawer
from .terms import ForwardPass

_PATTERNS = ((2, 3, 2, 1, 3), (3, 1, 2, 2, 1), (2, 2, 2, 2, 2), (1, 2, 3, 2, 2))
"""Sizes that the dimensions take in turn, small since a graph has a node for each product."""
_DIGITS, _WORKING, _COMPARED = 50, 65, 25
_TRIES = 8


def confirm(layer: ForwardPass, derivations: Sequence[Derivation]) -> tuple[str, str]:
    """Compare every formula with the reverse sweep through a scalar graph, exactly or to 50 digits, and with
    differences of the forward pass; say what was done.

    Raises
    ------
    DerivationError
        If a formula and the graph differ, or a formula and the differences.
    """
    patterns = _PATTERNS if layer.most_sums <= 6 else _PATTERNS[2:3] if layer.most_sums <= 12 else ((1,),)
    irrational = layer.is_irrational
    compared, where, differences = 0, [], ""
    for number, pattern in enumerate(patterns):
        sizes = dict(zip(layer.dimensions, cycle(pattern), strict=False))
        if "1" in sizes:
            sizes["1"] = 1
        at = _listed(map(str, sizes.values()))
        for attempt in range(_TRIES):
            with mpmath_digits():
                point = Point.drawn(layer, sizes, drawer(random.Random(f"{attempt} {number}"), attempt + 1), irrational)
                if found := point.compare(derivations):
                    compared += found
                    where.append(at)
                    differences = differences or point.difference(derivations)
                    break
    if not where:
        nothing = "not compared, since the numbers that were drawn are outside a function's domain"
        return f"scalar graphs: {nothing}", f"differences: {nothing}"
    kind = f"to {_DIGITS} digits" if irrational else "exactly over Fractions"
    at = f" at {_listed(layer.dimensions)} = {', '.join(dict.fromkeys(where))}" if layer.dimensions else ""
    differences = differences or "not compared, since a function bends wherever numbers were drawn"
    return f"scalar graphs: all {compared} entries of these formulas equal {kind}{at}", f"differences: {differences}"


def _listed(words: Iterable[str]) -> str:
    text = ", ".join(words)
    return f"({text})" if "," in text else text


def mpmath_digits() -> Any:
    """The digits that a comparison works with, as a context."""
    import mpmath

    return mpmath.workdps(_WORKING)


@dataclass(frozen=True)
class Point:
    """Numbers for the inputs of a forward pass, the upstream gradient included; and for its dimensions."""

    layer: ForwardPass
    sizes: Sizes
    inputs: dict[str, Any]
    G: Any
    constants: dict[str, Any]

    @classmethod
    def drawn(cls, layer: ForwardPass, sizes: Sizes, draw: Callable[[], Any], irrational: bool = False) -> Point:
        """Fractions, or numbers of mpmath's where a function leads out of the rational numbers."""

        def array(name: str) -> Any:
            shape = tuple(sizes[size] for size in layer.shapes[name])
            return fill(shape, lambda *_: as_mpf(draw()) if irrational else draw())

        kind = as_mpf if irrational else Fraction
        G = fill((), lambda: kind(1)) if layer.is_scalar else array(layer.output)
        constants = {letter: fill((), lambda letter=letter: kind(sizes[letter])) for letter in layer.dimensions}
        return cls(layer, sizes, {name: array(name) for name in layer.inputs}, G, constants)

    def compare(self, derivations: Sequence[Derivation]) -> int:
        """How many entries of formulas equal the graph's; 0 outside a function's domain.

        Raises
        ------
        DerivationError
            If an entry does not.
        """
        layer, sizes = self.layer, self.sizes
        inputs = {
            name: fill(array.shape, lambda *at, array=array: Value(array[at])) for name, array in self.inputs.items()
        }
        try:
            made = evaluate_forward(layer, inputs, sizes, Value(0), self.constants)
        except (TypeError, ValueError, ZeroDivisionError):  # log of 0, relu of a complex number
            return 0
        output = made[layer.output]
        found = adjoints(output.flat, self.G.flat) if output.size and isinstance(output.flat[0], Value) else {}
        numbers = dict(self.constants)
        for name, array in made.items():
            numbers[name] = fill(array.shape, lambda *at, array=array: getattr(array[at], "data", array[at]))
            numbers[layer.adjoint(name)] = fill(array.shape, lambda *at, array=array: found.get(array[at], 0))
        if any(type(x).__name__ == "mpc" for array in numbers.values() for x in array.flat):  # log of a negative number
            return 0
        for derivation in derivations:
            graph = numbers[layer.adjoint(derivation.name)]
            claims = [evaluate_formula(derivation.formula, numbers, sizes)]
            if derivation.closed is not None:
                claims.append(evaluate_matrix(derivation.closed, numbers, sizes).reshape(graph.shape))
            for claim in claims:
                for one, other in zip(graph.flat, claim.flat, strict=True):
                    if not close_to(one, other, _DIGITS):
                        raise DerivationError(
                            f"{derivation.statement} is false at {sizes}: the graph has {one}, not {other}"
                        )
        return sum(numbers[derivation.name].size for derivation in derivations)

    def difference(self, derivations: Sequence[Derivation]) -> str:
        """Compare the formulas of inputs with central differences of the forward pass: what was compared.

        It is "" where a function bends.

        Raises
        ------
        DerivationError
            If a formula differs from them.
        """
        with mpmath_digits():
            return self._differences(derivations)

    def _differences(self, derivations: Sequence[Derivation]) -> str:
        layer, sizes = self.layer, self.sizes
        point = {
            name: fill(array.shape, lambda *at, array=array: as_mpf(array[at])) for name, array in self.inputs.items()
        }
        constants = {letter: fill((), lambda size=size: as_mpf(size[()])) for letter, size in self.constants.items()}
        G = fill(self.G.shape, lambda *at: as_mpf(self.G[at]))
        h = as_mpf(Fraction(1, 10**20))

        def loss(name: str, at: tuple[int, ...], step: Any) -> Any:
            array = point[name].copy()
            array[at] += step
            moved = evaluate_forward(layer, {**point, name: array}, sizes, as_mpf(0), constants)[layer.output]
            return sum(g * y for g, y in zip(G.flat, moved.flat, strict=True))

        numbers = {
            **constants,
            **evaluate_forward(layer, point, sizes, as_mpf(0), constants),
            layer.adjoint(layer.output): G,
        }
        for statement in layer.statements:
            if statement.function and statement.function.bends:
                (factor,) = statement.terms[0].factors
                if any(statement.function.bends(x) for x in numbers[factor.name].flat):
                    return ""
        for made in reversed(layer.statements[:-1]):
            numbers[layer.adjoint(made.name)] = evaluate_formula(gradient(layer, made.name), numbers, sizes)
        count = 0
        for derivation in derivations:
            if derivation.name in layer.inputs:
                claim = evaluate_formula(derivation.formula, numbers, sizes)
                for at, one in np.ndenumerate(claim):
                    other = (loss(derivation.name, at, h) - loss(derivation.name, at, -h)) / (2 * h)
                    if not close_to(as_mpf(one), other, _COMPARED):
                        raise DerivationError(
                            f"{derivation.statement} is false at {sizes}: differences give {other}, not {one}"
                        )
                count += claim.size
        where = f" at {_listed(layer.dimensions)} = {_listed(map(str, sizes.values()))}" if sizes else ""
        return f"{count} entries to {_COMPARED} digits{where}, by central differences at {_WORKING} digits"
