"""Numbers that notice what code does with them: every comparison, and every float constant that they meet.

    >>> record = Record()
    >>> with observing(record, "forward"):
    ...     bool(observed_fraction(Fraction(3)) > 2)
    True
    >>> [(sides.code, sides.symbol, sides.taken) for sides in record.sites.values()]
    [('forward', '>', {True: 1, False: 0})]

What a verdict rests on is seen by these numbers. Rational ones are Fractions in all else. Decimals carry a radius: a
float constant such as 0.1 stands for any number within a few roundings, and the radius of a result says how far that
reaches, by the derivative of each operation.
"""

from __future__ import annotations

import linecache
import math
import operator
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from ..engine import ops
from ..engine.node import Node, not_a_number
from ..engine.numbers import Number, power
from ..engine.ops import Op
from ..errors import DivisionByZeroError, DomainError, InexactError

ROUNDINGS = 2.0**-46
"""How far a float constant may be from what is meant, relative to it: some roundings, as in `np.sqrt(2 / np.pi)`."""

CAST = 2.0**-30
"""How far a claim may be off, relative to the largest entry, where it computes in float64 on its way."""

SHORT = 2**20
"""Floats that are whole numbers over a divisor of this, such as 0.5, are taken for what is meant, exactly."""

LONG_LINE = 60
"""Characters of a line of code that are shown."""

INSIDE = str(Path(__file__).parents[1])
"""Where the project's own code is, which only passes a comparison on."""


@dataclass
class Sides:
    """A comparison in the user's code: where it stands, how often it was true and how often false.

    A number that is compared with itself counts for neither: that asks for nan, or whether it is the largest.
    """

    code: str
    line: int
    text: str
    symbol: str
    taken: dict[bool, int] = field(default_factory=lambda: {True: 0, False: 0})
    itself: bool = False

    def __str__(self) -> str:
        return f"`{self.text}` ({self.code}, line {self.line})" if self.text else f"{self.symbol} in {self.code}"

    def where(self, side: bool) -> str:
        """In words, where the comparison has one answer: it may be written out, or be made by max or abs."""
        here = f"in {self}"
        if self.symbol in ("max", "min", "fmax", "fmin"):
            first = side == ("max" in self.symbol)
            return f"{self.symbol} takes its {'first' if first else 'second'} argument {here}"
        if self.symbol in ("abs", "sign", "relu", "step", "|"):
            return f"the argument of {self.symbol} is {'positive' if side else 'negative'} {here}"
        return f"the comparison is {'true' if side else 'false'} {here}"

    @property
    def missing(self) -> bool | None:
        """The side that was never met; None if both were."""
        return next((side for side, times in self.taken.items() if not times and not (side and self.itself)), None)


@dataclass
class Record:
    """What code did with the numbers it was given.

    Attributes
    ----------
    sites
        The comparisons by their place.
    thresholds
        The plain numbers with which something was compared.
    constants
        The float constants that need not be what is meant.
    cast
        How far claims may be off, relative to the largest entry, since numbers were made floats: what happens to those
        is not seen. 0 if none was.
    tie
        The latest comparison of two equal numbers in the code that runs, "" if there was none.
    course
        A number that is the same for trials in which all comparisons had the same answers in the same order.
    """

    sites: dict[tuple[str, str, int, str], Sides] = field(default_factory=dict)
    thresholds: set[Fraction] = field(default_factory=set)
    constants: set[float] = field(default_factory=set)
    cast: float = 0.0
    tie: str = ""
    code: str = ""
    course: int = 0

    def note_floats(self, claims: Any) -> None:
        """Note whether claims were computed in float32 or less."""
        if isinstance(claims, Mapping):
            claims = tuple(claims.values())
        for claim in claims if isinstance(claims, (tuple, list)) else (claims,):
            dtype = getattr(claim, "dtype", np.dtype(object))
            if dtype.kind == "f" and dtype.itemsize < 8:
                self.cast = max(self.cast, 2**8 * float(np.finfo(dtype).eps))

    def compared(self, symbol: str, a: Number, b: Number, truth: bool) -> None:
        """Note a comparison of two numbers, and the line of the user's code; two constants decide nothing."""
        if is_constant(a) and is_constant(b):
            return
        file, line, library = users_line()
        if library:
            return  # how logsumexp avoids an overflow; and log|det| has one formula for both signs of det
        site = self.code, file, line, symbol
        if site not in self.sites:
            text = linecache.getline(file, line).strip()
            text = text if len(text) <= LONG_LINE else f"{text[: LONG_LINE - 1]}…"
            self.sites[site] = Sides(self.code, line, text, symbol)
        sides = self.sites[site]
        if a is b:
            sides.itself = True
            return
        sides.taken[truth] += 1
        self.course = hash((self.course, file, line, symbol, truth))
        for x in (a, b):
            if is_constant(x):
                x = unobserved(x)
                if isinstance(x, (int, Fraction)) or math.isfinite(x):
                    self.thresholds.add(Fraction(x) if isinstance(x, (int, Fraction)) else Fraction(float(x)))
        if unobserved(a) == unobserved(b):
            self.tie = str(sides)


RECORDS: list[Record] = []
"""Where to note it: in the last one; nowhere if there is none."""


@contextmanager
def observing(record: Record | None, code: str) -> Iterator[None]:
    """Meanwhile note in the record what `code`, forward or gradients, does with observed numbers."""
    if record is None:
        yield
        return
    record.code, record.tie = code, ""
    RECORDS.append(record)
    try:
        yield
    finally:
        RECORDS.pop()


def is_users(frame: Any) -> bool:
    """Whether code is neither ours nor NumPy's or SciPy's."""
    return of_users(frame.f_globals.get("__name__", ""), frame.f_code.co_filename)


@lru_cache(maxsize=1000)  # asked of every frame below a comparison
def of_users(module: str, file: str) -> bool:
    """Whether the code of a module, in a file, is neither ours nor NumPy's or SciPy's."""
    return module.partition(".")[0] not in ("numpy", "scipy") and not file.startswith(INSIDE)


def users_line() -> tuple[str, int, bool]:
    """File and line of the innermost code of a user, and whether it called a library's that bends nowhere."""
    frame, library = sys._getframe(1), False
    while frame.f_back and not is_users(frame):
        name = frame.f_globals.get("__name__", "")
        library = library or name.startswith("scipy.") or frame.f_code.co_name == "slogdet"
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno, library


def unobserved(x: Number) -> Number:
    """The number without what is observed of it: a Fraction or a decimal."""
    if type(x) is ObservedDecimal:
        return x.mid
    return rational(x) if type(x) is ObservedFraction else x


def radius(x: Number) -> Number:
    """How far the number may be from what is meant."""
    return x.rad if type(x) is ObservedDecimal else 0


def is_constant(x: Number) -> bool:
    """Whether a number is a plain one, or was one until the engine made it of another's kind."""
    return getattr(x, "constant", True) is True


def is_short(x: float) -> bool:
    """Whether a float is a whole number, or one with few binary digits after the point: no rounded constant."""
    return (x * SHORT).is_integer() and abs(x) < 2.0**53


class NotedComparison:
    """The result of one, which is noted when its truth decides something. The engine reads its `truth` unasked."""

    __slots__ = ("a", "b", "symbol", "truth")

    def __init__(self, symbol: str, a: Number, b: Number, truth: bool) -> None:
        self.symbol, self.a, self.b, self.truth = symbol, a, b, truth

    def __bool__(self) -> bool:
        if RECORDS:
            RECORDS[-1].compared(self.symbol, self.a, self.b, self.truth)
        return self.truth

    def __hash__(self) -> int:
        return hash(bool(self))

    def __invert__(self) -> bool:
        return not self


for _name in ("add", "sub", "mul", "and", "or", "xor", "radd", "rsub", "rmul", "rand", "ror", "rxor", "eq", "ne"):

    def _as_truth(self: NotedComparison, other: Any, name: str = f"__{_name}__") -> Any:
        other = bool(other) if isinstance(other, NotedComparison) else other
        answer = getattr(bool(self), name)(other)
        if answer is not NotImplemented or isinstance(other, (bool, int)):
            return answer
        number = float if isinstance(other, float) else int
        return getattr(number(bool(self)), name, lambda _: NotImplemented)(other)

    setattr(NotedComparison, f"__{_name}__", _as_truth)
for _name in ("int", "float", "index"):
    setattr(NotedComparison, f"__{_name}__", lambda self, kind=float if _name == "float" else int: kind(bool(self)))


def comparison(symbol: str, function: Callable[[Any, Any], bool]) -> Any:
    """A method that compares."""

    def method(self: Any, other: Any) -> Any:
        if isinstance(other, Node) or not_a_number(other):
            return NotImplemented
        truth = bool(function(unobserved(self), unobserved(other)))
        if other is self and symbol != "==":  # x != x only asks for nan
            return truth
        return NotedComparison(symbol, self, other, truth)

    return method


def cast(kind: Callable[..., Any]) -> Any:
    """A method that makes a plain number of an observed one, and notes it."""

    def method(self: Any, *more: Any) -> Any:
        if RECORDS:
            RECORDS[-1].cast = max(RECORDS[-1].cast, CAST)
        return kind(unobserved(self), *more)

    return method


class Observed:
    """What both kinds of observed number do alike. Of a plain number each is a constant."""

    __slots__ = ()

    def unit(self) -> Any:
        return type(self)(1)  # type: ignore[call-arg]

    def make_node(self, op: Op, *inputs: Any) -> Any:
        return observed_row(op)(*inputs)

    def conjugate(self) -> Any:
        return self

    def __pos__(self) -> Any:
        return self

    def __abs__(self) -> Any:
        return observed_row(ops.ABS)(self)

    def __bool__(self) -> bool:
        return bool(self.__ne__(0))

    __float__, __int__, __round__ = cast(float), cast(int), cast(round)
    __trunc__, __floor__, __ceil__ = cast(math.trunc), cast(math.floor), cast(math.ceil)
    __floordiv__, __mod__, __divmod__ = cast(operator.floordiv), cast(operator.mod), cast(divmod)


# ---------------------------------------------------------------------------------------------------------------------
# Rational numbers


class ObservedFraction(Observed, Fraction):
    """A Fraction that notices; a float that is not short is an InexactError. Of a plain number it is a constant."""

    __slots__ = ("constant",)

    constant: bool

    def __new__(cls, x: Any = 0, divisor: Any = None) -> ObservedFraction:
        result = observed_fraction(rational(x) if divisor is None else Fraction(x, divisor))
        result.constant = True
        return result

    def __neg__(self) -> ObservedFraction:
        return observed_fraction(Fraction.__neg__(self))

    def __hash__(self) -> int:  # type: ignore[override]
        return Fraction.__hash__(self)


def rational(x: Any) -> Fraction:
    """A number as a Fraction.

    Raises
    ------
    InexactError
        If it is a float that is not short.
    """
    if type(x) is ObservedFraction:
        result: Fraction = object.__new__(Fraction)  # the same numbers; the constructor would look for common factors
        result._numerator, result._denominator = x.numerator, x.denominator  # type: ignore[attr-defined]
        return result
    if isinstance(x, (int, Fraction)):
        return Fraction(x)
    x = float(x)
    if not is_short(x):
        if RECORDS:
            RECORDS[-1].constants.add(x)
        raise InexactError(f"{x} is a float constant, and rounded")
    return Fraction(x)


def observed_fraction(x: Fraction) -> ObservedFraction:
    """The same number, observed."""
    result = object.__new__(ObservedFraction)
    result._numerator, result._denominator = x.numerator, x.denominator  # type: ignore[attr-defined]
    result.constant = False
    return result


# ---------------------------------------------------------------------------------------------------------------------
# Decimals with a radius


class ObservedDecimal(Observed):
    """A number of mpmath, `mid`, that notices, within `rad` of what is meant. Of a plain number it is a constant."""

    __slots__ = ("constant", "mid", "rad")

    def __init__(self, x: Any) -> None:
        import mpmath

        mid, self.rad = ball(x, mpmath.mpf(0))
        self.mid, self.constant = mpmath.mpf(mid), True

    @property
    def real(self) -> ObservedDecimal:
        return self

    @property
    def imag(self) -> int:
        return 0

    def __neg__(self) -> ObservedDecimal:
        return observed_decimal(-self.mid, self.rad)

    def __hash__(self) -> int:
        return hash(self.mid)

    def __repr__(self) -> str:
        return str(self.mid)


def observed_decimal(mid: Any, rad: Any = 0) -> ObservedDecimal:
    """A number of mpmath, observed."""
    result = object.__new__(ObservedDecimal)
    result.mid, result.rad, result.constant = mid, rad, False
    return result


def ball(x: Any, like: Any) -> tuple[Any, Any]:
    """A number as mid and radius, in the decimals of `like`."""
    if type(x) is ObservedDecimal:
        return x.mid, x.rad
    if isinstance(x, (bool, np.bool_)):
        return int(x), 0
    if isinstance(x, (int, np.integer)):
        return int(x), 0
    if isinstance(x, Fraction):
        return like.context.mpf(x.numerator) / x.denominator, 0
    if isinstance(x, (float, np.floating)):
        x = float(x)
        mid = like.context.mpf(x)
        if is_short(x) or x != x or abs(x) == float("inf"):
            return mid, 0
        if RECORDS:
            RECORDS[-1].constants.add(x)
        of_32_bits = abs(x) < 1e38 and float(np.float32(x)) == x  # np.float32(0.1), which has become a float by now
        return mid, abs(mid) * (ROUNDINGS * 2**29 if of_32_bits else ROUNDINGS)
    return x, 0


def real(symbol: str, x: Any) -> Any:
    """The number, if it is a real one.

    Raises
    ------
    DomainError
        If it is complex, infinite or nan.
    """
    if getattr(x, "imag", 0) or x - x != 0:
        raise DomainError(f"{symbol} leaves the real numbers")
    return x


def real_part(x: Any) -> Any:
    """A complex number that is real, as scipy.special.logsumexp has them on its way, as a real one.

    Raises
    ------
    DomainError
        If it is not real.
    """
    if x.imag:
        raise DomainError("a complex number leaves the real numbers")
    return x.real


def add(a: Any, b: Any, r: Any, s: Any) -> tuple[Any, Any]:
    return a + b, r + s


def sub(a: Any, b: Any, r: Any, s: Any) -> tuple[Any, Any]:
    return a - b, r + s


def mul(a: Any, b: Any, r: Any, s: Any) -> tuple[Any, Any]:
    return a * b, (abs(a) * s + abs(b) * r + r * s if r or s else 0)


def div(a: Any, b: Any, r: Any, s: Any) -> tuple[Any, Any]:
    out = a / b
    if not (r or s):
        return out, 0
    if abs(b) <= 2 * s:
        raise DomainError("a division by a number that may be zero, up to the rounding of float constants")
    return out, 2 * (r + abs(out) * s) / abs(b)


def function_of(apply: Callable[..., Any], mids: list[Any], rads: list[Any]) -> tuple[Any, Any]:
    """A function of balls: the radius by trying what each one's own radius does, twice as large for what bends."""
    out, rad = apply(*mids), 0
    for k, r in enumerate(rads):
        for end in (mids[k] - r, mids[k] + r) if r else ():
            rad += abs(apply(*mids[:k], end, *mids[k + 1 :]) - out)
    return out, 2 * rad


# ---------------------------------------------------------------------------------------------------------------------
# The operators, and the rows of the table, on both

ANSWERS = frozenset((ops.STEP, ops.SIGN, ops.GREATER, ops.LESS, ops.LESS_EQUAL, ops.EQUAL, ops.BOTH_ZERO))
"""Rows that answer a comparison, which is noted there: what is decided by the answer is not another one."""

CHOICES = frozenset((ops.MAX, ops.MIN, ops.FMAX, ops.FMIN))
"""Rows that give back one of two numbers."""

COMPARISONS = {ops.LESS: operator.lt, ops.LESS_EQUAL: operator.le, ops.EQUAL: operator.eq}
"""What other rows that bend ask is whether the first number is larger, and of one number, whether it is positive."""


def observed_row(row: Op) -> Callable[..., Any]:
    """A row of the table on observed numbers. Where it bends, it compares: with the other number, or with 0."""

    def method(*numbers: Any) -> Any:
        for x in numbers:
            if isinstance(x, Node):
                return x.make_node(row, *numbers)  # type: ignore[attr-defined]
        if row.bends and RECORDS:
            a, b = (*numbers, 0)[:2]
            answer = COMPARISONS.get(row, operator.gt)
            RECORDS[-1].compared(row.symbol, a, b, bool(answer(unobserved(a), unobserved(b))))
        like = next((x.mid for x in numbers if type(x) is ObservedDecimal), None)
        if like is None:
            if row in CHOICES and unobserved(numbers[0]) != unobserved(numbers[1]):
                return numbers[row.apply(*map(rational, numbers)) == rational(numbers[1])]
            result: Any = observed_fraction(rational(row.apply(*map(rational, numbers))))
        else:
            mids, rads = zip(*(ball(x, like) for x in numbers), strict=True)
            if row in CHOICES and abs(mids[0] - mids[1]) > rads[0] + rads[1]:
                return numbers[mids.index(row.apply(*mids))]  # itself, so that X == X.max() is known for what it is
            mid, rad = function_of(row.apply, [like.context.mpf(x) for x in mids], list(rads))
            masked = any(x - x != 0 for x in mids)  # by -inf, as softmax is: then infinities may come out, too
            result = observed_decimal(mid if masked and mid == mid else real(row.symbol, mid), rad)
        result.constant = row in ANSWERS
        return result

    return method


def power_of(a: Any, n: Any) -> Any:
    """aⁿ for either kind."""
    if type(a) is ObservedFraction and type(n) is int:
        if not a.numerator and n < 0:
            raise DivisionByZeroError("0 to a negative power")
        return observed_fraction(rational(a) ** n)
    like = next((x.mid for x in (a, n) if type(x) is ObservedDecimal), None)
    if like is None:
        return observed_fraction(rational(power(rational(a), rational(n))))
    (x, r), (k, s) = ball(a, like), ball(n, like)
    mid, rad = function_of(power, [like * 0 + x, k], [r, s])
    return observed_decimal(real("a power", mid), rad)


def operators(name: str, on_fractions: Any, on_balls: Any) -> None:
    """Give both kinds the operator and its reflected form."""

    def fractions(a: Any, b: Any, reflected: bool = False) -> Any:
        if type(b) is not ObservedFraction and (isinstance(b, Node) or not_a_number(b) or type(b) is ObservedDecimal):
            return NotImplemented
        b = b if isinstance(b, Fraction) else rational(b)
        result = observed_fraction(on_fractions(b, a) if reflected else on_fractions(a, b))
        result.constant = a.constant and is_constant(b)
        return result

    def balls(a: Any, b: Any, reflected: bool = False) -> Any:
        if type(b) is ObservedDecimal:
            y, s = b.mid, b.rad
        elif isinstance(b, Node) or not_a_number(b):
            return NotImplemented
        else:
            y, s = ball(b, a.mid)
        mid, rad = on_balls(y, a.mid, s, a.rad) if reflected else on_balls(a.mid, y, a.rad, s)
        result = observed_decimal(real_part(mid) if isinstance(y, complex) else mid, rad)
        result.constant = a.constant and is_constant(b)
        return result

    for kind, function in ((ObservedFraction, fractions), (ObservedDecimal, balls)):
        setattr(kind, f"__{name}__", function)
        setattr(kind, f"__r{name}__", lambda a, b, f=function: f(a, b, True))


for _name, _exactly, _in_balls in (
    ("add", Fraction.__add__, add),
    ("sub", Fraction.__sub__, sub),
    ("mul", Fraction.__mul__, mul),
    ("truediv", Fraction.__truediv__, div),
):
    operators(_name, _exactly, _in_balls)

SYMBOLS = (("lt", "<"), ("le", "<="), ("gt", ">"), ("ge", ">="), ("eq", "=="), ("ne", "!="))

for _kind in (ObservedFraction, ObservedDecimal):
    for _name, _symbol in SYMBOLS:
        setattr(_kind, f"__{_name}__", comparison(_symbol, getattr(operator, _name)))
    for _name, _power in (("__pow__", power_of), ("__rpow__", lambda n, a: power_of(a, n))):
        setattr(_kind, _name, lambda a, b, f=_power: NotImplemented if isinstance(b, Node) else f(a, b))

for _row in list(ops.TABLE.values()):
    if _row.symbol.isidentifier():  # as numbers and NumPy ask for: x.exp(), x.max(y)
        for _kind in (ObservedFraction, ObservedDecimal):
            setattr(_kind, _row.symbol, observed_row(_row))
