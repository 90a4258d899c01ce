"""The table of primitive operations. A derivative is written here, and nowhere else in the project.

    >>> MUL.apply(2, 3), MUL.partials(6, 2, 3), MUL.written("a", "b"), MUL.degree(1, 2)
    (6, (3, 2), 'a · b', 3)
    >>> CUBE = Op("cube", lambda x: x * x * x, lambda out, x: (3 * x * x,))

A row has a symbol, `apply`, which makes a number of numbers, and `partials`, which makes the local derivatives
`(∂out/∂x₁, …, ∂out/∂xₙ)` of the output and the inputs. Both are written with `+ - *` and the functions of `numbers` and
`special`, so one row serves numbers (the forward pass), `Value`s (the backward pass as a graph, for higher derivatives)
and whatever else adds and multiplies. What else the project needs to know of an operation stands in its row too; the
columns are described in `op`. A row that you add, like CUBE above, is as good as ours.

    >>> CUBE(2), CUBE.written("x")
    (8, 'cube(x)')
"""

from __future__ import annotations

from operator import add, mul, neg, sub

from ..errors import DivisionByZeroError

# Your own rows are written with these functions too: sg.ops.relu(x)
from .numbers import (
    Number,
    absolute as absolute,
    cos as cos,
    divide as divide,
    exp as exp,
    greater as greater,
    log as log,
    maximum as maximum,
    minimum as minimum,
    power as power,
    relu as relu,
    sigmoid as sigmoid,
    sin as sin,
    sqrt as sqrt,
    step as step,
    tanh as tanh,
    total,
    unit as unit,
    xlogy as xlogy,
)
from .op import (
    BUILT_IN as BUILT_IN,
    TABLE as TABLE,
    Choice,
    ConstantPower as ConstantPower,
    Op as Op,
    arity as arity,
    constant_power as constant_power,
    named as named,
)
from .special import (
    arccos as arccos,
    arccosh as arccosh,
    arcsin as arcsin,
    arcsinh as arcsinh,
    arctan as arctan,
    arctan2 as arctan2,
    arctanh as arctanh,
    both_zero as both_zero,
    cbrt as cbrt,
    ceil as ceil,
    cosh as cosh,
    difference as difference,
    equal as equal,
    erf as erf,
    exp2 as exp2,
    expm1 as expm1,
    floor as floor,
    fmax as fmax,
    fmin as fmin,
    gate as gate,
    hypot as hypot,
    less as less,
    less_equal as less_equal,
    log1p as log1p,
    log2 as log2,
    log10 as log10,
    log_sigmoid as log_sigmoid,
    logaddexp as logaddexp,
    mod as mod,
    power_log as power_log,
    power_slope as power_slope,
    rint as rint,
    sign as sign,
    sinh as sinh,
    softplus as softplus,
    tan as tan,
    where as where,
)


def infix(text: str) -> tuple[str, str, str]:
    """The notation of an operation that is written between its operands."""
    return "", f" {text} ", ""


def steep(name: str, x: Number, denominator: Number) -> Number:
    """1/denominator, a slope that is infinite where the denominator is 0.

    Raises
    ------
    DivisionByZeroError
        If it is 0 in a kind of number that has no infinity.
    """
    try:
        return divide(1, denominator)
    except DivisionByZeroError:
        kind = type(getattr(x, "data", x)).__name__
        raise DivisionByZeroError(
            f"{name} has no derivative at {getattr(x, 'data', x)}: the slope is infinite, and no {kind} is; use floats"
        ) from None


# fmt: off
def largest(*degrees: int) -> int: return max(degrees)
def at_zero(x: Number) -> bool: return bool(x == 0)
def at_a_tie(a: Number, b: Number) -> bool: return bool(a == b)
def by_square(x: Number, h: Number) -> Number: return divide(divide(x, h), h)  # x/h², where h² may overflow
def at_the_origin(a: Number, b: Number) -> bool: return bool(a == 0 and b == 0)

# Arithmetic
ADD = Op("+", add, lambda out, a, b: (1, 1), infix("+"), largest)
SUB = Op("-", sub, lambda out, a, b: (1, -1), infix("−"), largest)
MUL = Op("*", mul, lambda out, a, b: (b, a), infix("·"), lambda p, q: p + q)
DIV = Op("/", divide, lambda out, a, b: (divide(unit(out), b), divide(-out, b)), infix("/"))  # 1/b is of out's kind
NEG = Op("neg", neg, lambda out, x: (-1,), ("−", "", ""), largest)
SUM = Op("Σ", total, lambda out, *xs: (1,) * len(xs), infix("+"), largest)
DIFFERENCE = Op("difference", difference, lambda out, a, b: (1, -1), infix("−"), largest)  # 0 for equal infinities

# Piecewise linear functions. Where they bend, they have one of their subgradients: relu, abs and sign 0 at 0; max, min,
# fmax and fmin that of the operand that they take, which of two equals is a plain number before a Value (`Choice`), and
# else the first. So relu(x), x.max(0), np.maximum(0, x) and x.min(0) all have the derivative 0 at 0.
RELU = Op("relu", relu, lambda out, x: (step(x),), bends=at_zero)
ABS = Op("abs", absolute, lambda out, x: (sign(x),), ("|", "", "|"), bends=at_zero)
MAX = Choice("max", maximum, lambda out, a, b: (1 - greater(b, a), greater(b, a)), bends=at_a_tie)
MIN = Choice("min", minimum, lambda out, a, b: (1 - greater(a, b), greater(a, b)), bends=at_a_tie)
FMAX = Choice("fmax", fmax, lambda out, a, b: (1 - takes(a, b, less(a, b)), takes(a, b, less(a, b))), bends=at_a_tie)
FMIN = Choice("fmin", fmin, lambda out, a, b: (1 - takes(a, b, less(b, a)), takes(a, b, less(b, a))), bends=at_a_tie)
WHERE = Choice("where", where, lambda out, c, a, b: (0, 1 - equal(c, 0), equal(c, 0)))
GATE = Op("gate", gate, lambda out, c, x: (0, 1 - equal(c, 0)))
def takes(a: Number, b: Number, smaller: Number) -> Number: return smaller + (1 - equal(a, a)) * equal(b, b)
# The remainder grows with a, and falls by b's multiple: ⌊a/b⌋, which is made of the remainder, since a/b is rounded
MOD = Op("mod", mod, lambda out, a, b: (1, -rint(divide(a - out, b))), infix("mod"),
         bends=lambda a, b: at_zero(mod(a, b)))

# Piecewise constant functions, whose derivatives are 0 wherever they have one
STEP = Op("step", step, lambda out, x: (0,), ("[", "", " > 0]"), bends=at_zero)
SIGN = Op("sign", sign, lambda out, x: (0,), bends=at_zero)
FLOOR = Op("floor", floor, lambda out, x: (0,), ("⌊", "", "⌋"), bends=lambda x: at_a_tie(x, floor(x)))
CEIL = Op("ceil", ceil, lambda out, x: (0,), ("⌈", "", "⌉"), bends=lambda x: at_a_tie(x, floor(x)))
RINT = Op("rint", rint, lambda out, x: (0,), bends=lambda x: at_a_tie(2 * (x - floor(x)), 1))
GREATER = Op("greater", greater, lambda out, a, b: (0, 0), ("[", " > ", "]"), bends=at_a_tie)  # nan for nan
LESS = Op("less", less, lambda out, a, b: (0, 0), ("[", " < ", "]"), bends=at_a_tie)
LESS_EQUAL = Op("less_equal", less_equal, lambda out, a, b: (0, 0), ("[", " ≤ ", "]"), bends=at_a_tie)
EQUAL = Op("equal", equal, lambda out, a, b: (0, 0), ("[", " = ", "]"), bends=at_a_tie)
BOTH_ZERO = Op("both_zero", both_zero, lambda out, a, b: (0, 0), ("[", " = ", " = 0]"), bends=at_the_origin)

# Exponentials and logarithms, some with a derivative that is best said by their own value
EXP = Op("exp", exp, lambda out, x: (out,))
LOG = Op("log", log, lambda out, x: (divide(1, x),))
EXPM1 = Op("expm1", expm1, lambda out, x: (exp(x),))
LOG1P = Op("log1p", log1p, lambda out, x: (divide(1, 1 + x),))
EXP2 = Op("exp2", exp2, lambda out, x: (out * log(2 * unit(x)),))
LOG2 = Op("log2", log2, lambda out, x: (divide(1, x * log(2 * unit(x))),))
LOG10 = Op("log10", log10, lambda out, x: (divide(1, x * log(10 * unit(x))),))
SIGMOID = Op("sigmoid", sigmoid, lambda out, x: (out * (1 - out),))
LOG_SIGMOID = Op("log_sigmoid", log_sigmoid, lambda out, x: (sigmoid(-x),))
SOFTPLUS = Op("softplus", softplus, lambda out, x: (sigmoid(x),))
LOGADDEXP = Op("logaddexp", logaddexp, lambda out, a, b: (sigmoid(difference(a, b)), sigmoid(difference(b, a))))
XLOGY = Op("xlogy", xlogy, lambda out, x, y: (log(y), divide(x, y + both_zero(x, y))))
ERF = Op("erf", erf, lambda out, x: (divide(exp(-x * x), sqrt(arctan(unit(x)))),))  # 2/√π is 1/√(arctan 1)

# Roots
SQRT = Op("sqrt", sqrt, lambda out, x: (steep("sqrt", x, 2 * out),))
CBRT = Op("cbrt", cbrt, lambda out, x: (steep("cbrt", x, 3 * out * out),))
HYPOT = Op("hypot", hypot, lambda out, a, b: (divide(a, out + both_zero(a, b)), divide(b, out + both_zero(a, b))),
           bends=at_the_origin)  # with the subgradient 0 there

# Circular and hyperbolic functions
SIN = Op("sin", sin, lambda out, x: (cos(x),))
COS = Op("cos", cos, lambda out, x: (-sin(x),))
TAN = Op("tan", tan, lambda out, x: (1 + out * out,))
ARCSIN = Op("arcsin", arcsin, lambda out, x: (steep("arcsin", x, sqrt((1 - x) * (1 + x))),))
ARCCOS = Op("arccos", arccos, lambda out, x: (-steep("arccos", x, sqrt((1 - x) * (1 + x))),))
ARCTAN = Op("arctan", arctan, lambda out, x: (divide(1, 1 + x * x),))
ARCTAN2 = Op("arctan2", arctan2, lambda out, y, x: (by_square(x, hypot(y, x)), by_square(-y, hypot(y, x))),
             bends=lambda y, x: bool(y == 0 and x <= 0))
SINH = Op("sinh", sinh, lambda out, x: (cosh(x),))
COSH = Op("cosh", cosh, lambda out, x: (sinh(x),))
TANH = Op("tanh", tanh, lambda out, x: (1 - out * out,))
ARCSINH = Op("arcsinh", arcsinh, lambda out, x: (divide(1, hypot(unit(x), x)),))
ARCCOSH = Op("arccosh", arccosh, lambda out, x: (steep("arccosh", x, sqrt(x - 1) * sqrt(x + 1)),))
ARCTANH = Op("arctanh", arctanh, lambda out, x: (divide(1, (1 - x) * (1 + x)),))

# d(aᵇ) = b·aᵇ⁻¹ da + aᵇ·log(a) db. Both are rows of their own, with 0 for 0·0⁻¹ and 0·log 0, since a product would be
# nan there. ∂²aᵇ/∂a∂b is the same formula in both orders.
POW = Op("**", power, lambda out, a, b: (power_slope(a, b), power_log(a, b)), infix("^"), bends=at_the_origin)
POWER_SLOPE = Op("power_slope", power_slope,
                 lambda out, a, b: (b * power_slope(a + both_zero(a, b), b - 1), power_mixed(a, b)))
POWER_LOG = Op("power_log", power_log,
               lambda out, a, b: (power_mixed(a, b), out * log(a + both_zero(a, out))))
def power_mixed(a: Number, b: Number) -> Number: return power(a, b - 1) + b * power_log(a, b - 1)
# fmt: on

BUILT_IN.update(TABLE)

for code, row in enumerate(row for row in TABLE.values() if row.arity in (1, 2)):  # others are made of these there
    row.opcode = code
