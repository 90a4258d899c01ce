"""The questions of notebook 3: floats, fractions, random integers, symbols, and all shapes.

>>> from .questions import answer
>>> answer("3.3", 3e6, 3000.0)
right
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import isqrt
from typing import Any

from ..derivation import derive
from ..engine.sweep import grad
from ..engine.value import Value
from .questions import equal_answers, in_words, plain_answer, question, unless_equal


@question(
    "3.1",
    "think of a number so large that adding 1 to it changes nothing",
    "1e16 + 1 is rounded back to 1e16: let that happen in one of the two sums",
)
def three_floats(three: Any) -> str:
    a, b, c = three
    left, right = (a + b) + c, a + (b + c)
    if left == 0 and right == 1:
        return ""
    return f"(a + b) + c is {in_words(left)} and a + (b + c) is {in_words(right)}"


@question(
    "3.2",
    "Fraction(0.1) shows the fraction that the float 0.1 is",
    "Fraction(0.1).denominator is a power of two: how often can it be halved?",
)
def power_of_two(exponent: Any) -> str:
    return unless_equal("the exponent", exponent, Fraction(0.1).denominator.bit_length() - 1)


@question(
    "3.3",
    "the bound for one test is d / |S|, and independent tests multiply",
    "solve 3 / |S| ≤ 10⁻⁶ for |S|, and then (3 / |S|)² ≤ 10⁻⁶",
)
def sizes_of_the_set(once: Any, twice: Any) -> str:
    million = 10**6
    return unless_equal("the size for one test", once, 3 * million) or unless_equal(
        "the size for two tests", twice, 3 * isqrt(million)
    )


@question(
    "3.4",
    "L = y², so ∂L/∂y = 2y; what is ∂y/∂w1?",
    "∂L/∂w1 = 2·y·x1, with y = x0·w0 + x1·w1 in_words out",
)
def symbolic_entry(entry: Any) -> str:
    import sympy

    x0, x1, w0, w1 = map(Value, symbols := sympy.symbols("x0 x1 w0 w1"))
    difference = sympy.expand(plain_answer(entry) - grad((x0 * w0 + x1 * w1) ** 2, w1))
    if difference == 0:
        return ""
    at = dict(zip(symbols, (1, 2, 3, 4), strict=True))
    return f"{in_words(entry)} is not ∂L/∂w1: at {in_words(list(at.items()))} it is off by {difference.subs(at)}"


@question(
    "3.5",
    "one index on y, and on the right a sum over the other index of x, with x twice in it",
    "index notation has its sums in_words out: y[a] = sum(k, …), and the square is a product of x[a,k] with itself",
)
def squared_lengths(formula: Any) -> str:
    right, *_ = derive("y[a] = sum(k, x[a,k]*x[a,k])")
    statements = [found.statement for found in derive(formula)]
    return "" if statements and _in_x(statements[0]) == _in_x(right.statement) else f"it gives {'; '.join(statements)}"


def _in_x(statement: str) -> str:
    """A statement such as ∂L/∂A = 2·diag(g)·A with X for the letter of the input."""
    name = statement.partition(" ")[0].rpartition("∂")[2]
    return statement.replace(name, "X")


@question(
    "3.6",
    "claimed - right must be zero at 0, 1, 2, 3 and 4, and at no other number",
    "add to x² a product with one factor for each of these numbers: x, x - 1, and so on",
)
def polynomial_that_passes(claimed: Callable[[Any], Any]) -> str:
    for x in range(5):
        if not equal_answers(claimed(x), x * x):
            return f"at x = {x} it does not pass: x² is {x * x}, and yours gives {in_words(claimed(x))}"
    return "" if not equal_answers(claimed(7), 49) else "at x = 7 it is right too, so it is not a false claim"
