"""Hypothesis strategies that several test modules share, and a ring that is no field: integer polynomials."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from hypothesis import strategies as st


@dataclass(frozen=True)
class Polynomial:
    """Σ cₖ tᵏ with integer coefficients: + - * and whole powers, mixed with int; no order and no division."""

    coefficients: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        c = list(self.coefficients)
        while c and c[-1] == 0:
            c.pop()
        object.__setattr__(self, "coefficients", tuple(c))

    @staticmethod
    def of(x: Any) -> Polynomial:
        return x if isinstance(x, Polynomial) else Polynomial((x,))

    def __add__(self, other: Any) -> Polynomial:
        a, b = self.coefficients, Polynomial.of(other).coefficients
        n = max(len(a), len(b))
        padded = (c + (0,) * (n - len(c)) for c in (a, b))
        return Polynomial(tuple(map(sum, zip(*padded, strict=True))))

    __radd__ = __add__

    def __neg__(self) -> Polynomial:
        return Polynomial(tuple(-c for c in self.coefficients))

    def __sub__(self, other: Any) -> Polynomial:
        return self + -Polynomial.of(other)

    def __rsub__(self, other: Any) -> Polynomial:
        return Polynomial.of(other) - self

    def __mul__(self, other: Any) -> Polynomial:
        a, b = self.coefficients, Polynomial.of(other).coefficients
        product = [0] * max(len(a) + len(b) - 1, 0)
        for i, p in enumerate(a):
            for j, q in enumerate(b):
                product[i + j] += p * q
        return Polynomial(tuple(product))

    __rmul__ = __mul__

    def __pow__(self, n: int) -> Polynomial:
        result = Polynomial((1,))
        for _ in range(n):
            result = result * self
        return result


def fractions() -> st.SearchStrategy[Fraction]:
    """Small ones, so that towers of powers stay short; ties and zeros are common."""
    return st.fractions(-4, 4, max_denominator=6)


def polynomials() -> st.SearchStrategy[Polynomial]:
    """Of degree two or less."""
    return st.lists(st.integers(-5, 5), max_size=3).map(lambda c: Polynomial(tuple(c)))


def bit_patterns() -> st.SearchStrategy[float]:
    """Floats whose sum depends on the order of its terms, with both zeros among them."""
    wide = st.builds(lambda m, e: m * 2.0**e, st.floats(-1, 1, allow_subnormal=False), st.integers(-60, 60))
    return st.one_of(wide, st.sampled_from([0.0, -0.0, 1.0, -1.0]))
