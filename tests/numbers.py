"""Number classes that the tests bring along, to show that the engine takes any that adds and multiplies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Modulo7:
    """The field of seven elements. It mixes with nothing, not even with int."""

    n: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "n", self.n % 7)

    def __add__(self, other: Modulo7) -> Modulo7:
        return type(self)(self.n + other.n) if isinstance(other, Modulo7) else NotImplemented

    def __mul__(self, other: Modulo7) -> Modulo7:
        return type(self)(self.n * other.n) if isinstance(other, Modulo7) else NotImplemented


class Dual:
    """a + b·ε with ε² = 0: forward-mode differentiation, in which b is the derivative of a.

    It answers for the functions by methods of their names, and so passes through the same `ops` rows' `apply`.
    """

    def __init__(self, a: Any, b: Any = 0) -> None:
        self.a, self.b = a, b

    @staticmethod
    def of(x: Any) -> Dual:
        return x if isinstance(x, Dual) else Dual(x)

    def __add__(self, other: Any) -> Dual:
        other = Dual.of(other)
        return Dual(self.a + other.a, self.b + other.b)

    __radd__ = __add__

    def __neg__(self) -> Dual:
        return Dual(-self.a, -self.b)

    def __sub__(self, other: Any) -> Dual:
        return self + -Dual.of(other)

    def __rsub__(self, other: Any) -> Dual:
        return Dual.of(other) - self

    def __mul__(self, other: Any) -> Dual:
        other = Dual.of(other)
        return Dual(self.a * other.a, self.a * other.b + self.b * other.a)

    __rmul__ = __mul__

    def __truediv__(self, other: Any) -> Dual:
        other = Dual.of(other)
        return Dual(self.a / other.a, (self.b * other.a - self.a * other.b) / (other.a * other.a))

    def __rtruediv__(self, other: Any) -> Dual:
        return Dual.of(other) / self

    def __pow__(self, n: int) -> Dual:
        return Dual(self.a**n, n * self.a ** (n - 1) * self.b if n else 0 * self.b)

    def __abs__(self) -> Dual:
        sign = (self.a > 0) - (self.a < 0)
        return Dual(abs(self.a), sign * self.b)

    def __gt__(self, other: Any) -> bool:
        return bool(self.a > Dual.of(other).a)

    def __ge__(self, other: Any) -> bool:
        return bool(self.a >= Dual.of(other).a)

    def __le__(self, other: Any) -> bool:
        return bool(self.a <= Dual.of(other).a)

    def __eq__(self, other: object) -> bool:
        return bool(self.a == Dual.of(other).a)

    __hash__ = None  # type: ignore[assignment]
