"""Reading index notation: what is refused, with the place, and the names that are given."""

from __future__ import annotations

import pytest

from scalargrad.derivation import derive
from scalargrad.derivation.notation import read
from scalargrad.errors import ArgumentError, ArgumentTypeError, NotationError


def statements(forward: str, shapes: dict[str, str] | None = None) -> list[str]:
    return [found.statement for found in derive(forward, shapes)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", r"there is no statement: write one such as y\[a,b\]"),
        ("y = 1", "nothing is made of a matrix here: there is nothing to differentiate by"),
        ("affin", r"there is no forward pass 'affin': name one of affine, linear, bias"),
        ("y[a] == x[a]", "statement 1, column 1: a statement is an assignment"),
        ("y[a] = x[a", "statement 1, column 9: no formula: '\\[' was never closed"),
        ("y[a] = ", "statement 1, column 8: no formula"),
        ("y[a] = x[a]\0", "no formula"),
        ("y[a] = 1if x[a]", "no formula"),
        ("y[a] = " + "(" * 300 + "x[a]" + ")" * 300, "statement 1, column .*: no formula: too many nested"),
        ("y[a] = " + "-" * 1900 + "x[a]", "statement 1, column 1: .* nested too deeply"),
        ("y[a] = x[a]" + " " * 2000, "the text has 2,011 characters: 2,000 are the limit"),
        ("y[a]+1 = x[a]", r"statement 1, column 1: the left side is a name with indices, such as y\[a,b\]"),
        ("y[1] = x[a]", "statement 1, column 3: an index is a letter such as k, not a number"),
        ("y[a] = x[1.5]", "statement 1, column 10: an index is a letter such as k, not a number"),
        ("y[a] = x[a+1]", "statement 1, column 10: an index is a letter"),
        ("y[a,a] = x[a]", "statement 1, column 1: a stands twice on the left: each index of y needs"),
        ("y[a] = x[a] + x[k]", r"column 17: unknown index k: put it on the left, or bind it by sum\(k, …\)"),
        ("y[α] = β[α] + x[k]", "column 17: unknown index k"),  # columns are characters, not bytes
        ("y[a] = sum(k, x[a,k]) + x[a]", "column 25: x has 2 indices elsewhere and 1 here: it needs 2"),
        ("y[a] = x[a] + x[a,a]", "x has 1 index elsewhere and 2 here: it needs 1"),
        ("y[a] = sum(a, x[a])", "column 12: the index a is bound already: give the sum a letter of its own"),
        ("y[a] = sum(k, sum(k, x[a,k]))", "column 19: the index k is bound already"),
        ("y[a] = sum(k, x[a])", "column 8: no factor has the index k: its range is unknown"),
        ("y[a] = sum(x[a])", "column 8: a sum names its index first"),
        ("y[a] = sum()", "column 8: a sum names its index first"),
        ("y[a] = sum(x[a], x[a])", "column 12: an index is a letter"),
        ("y[a] = sum(k, x[k], start=1)", "a sum names its index first"),
        ("y[a,b] = x[a]", "statement 1, column 1: b stands on the left only: its range is unknown unless shapes"),
        ("h[a] = x[a]; y[a,b] = h[a]", "statement 2, column 1: b stands on the left only"),
        ("y[a] = x[a]/0", "column 13: a division by 0"),
        ("y[a] = x[a]//x[a]", r"column 8: only \+ - \* / \*\*, .* are allowed"),  # which rounds down
        ("y[a] = max(x[a])", r"column 8: max takes two formulas, as in max\(x\[a\], 0\)"),
        ("y[a] = 2*x[a]^2 + x[k]", "column 21: unknown index k"),  # columns are those of the text as written
        ("y[a] = 2*x[a]^2 + (", r"column 19: no formula: '\(' was never closed"),
        ("eye[a,b] = x[a]", "eye is a function here, and no name"),
        ("max[a] = x[a]", "max is a function here, and no name"),
        ("y[a] = x[a]*2**0.5", r"column 13: write 2\*\*\(1/2\) as a decimal: it is not a fraction"),
        ("y[a] = x[a]*0**-1", "column 13: a division by 0"),
        ("y[a] = x[a]**1e300", "an exponent is a plain number below 100"),
        ("y[a] = x @ w", "column 8: there is no @ here: write the sum"),
        ("y[a] = x[a]**x[a]", r"column 14: an exponent is a plain number .*: write exp\(p\*log\(x\)\) for any other"),
        ("y[a] = cot(x[a])", "column 8: unknown function: there are sum, max, min, exp, log"),
        ("y[a] = x.exp(x[a])", "column 8: unknown function"),
        ("y[a] = __import__('os').system('true')", "column 8: unknown function"),
        ("y[a] = exp(x[a], x[a])", "column 8: exp takes one argument"),
        ("y[a] = exp(*x)", "column 8: exp takes one argument"),
        ("y[a] = 'x'", "column 8: only .* are allowed"),
        ("y[a] = True*x[a]", "column 8: only .* are allowed"),
        ("y[a] = x[a] if x[a] else 0", "only .* are allowed"),
        ("y[a] = 1e999*x[a]", "column 8: the number is too large for a float"),
        ("y[a] = a*x[a]", r"column 8: a is an index: it stands in brackets only, as in x\[a\]"),
        ("y[a] = x[a][a]", "column 8: only a name has indices"),
        ("y[a] = y[a] + x[a]", "column 8: y is made of itself here"),
        ("y[a] = x[a]; x[a] = y[a]", "statement 2, column 2: x is used before this statement assigns it"),
        ("y[a] = x[a]; y[a] = x[a]", "statement 2, column 2: y is assigned twice"),
        ("h[a] = x[a]; y[a] = x[a]", "h is assigned and never used: the last statement is the output"),
        ("exp[a] = x[a]", "column 1: exp is a function here, and no name for a matrix"),
        ("y[a] = δ[a]", "column 8: δ has a meaning in derivations"),
        ("y[a] = " + "(x[a]+w[a])*" * 9 + "x[a]", "more than 100 terms when multiplied out"),
    ],
)
def test_one_sentence_with_the_place(text: str, message: str) -> None:
    with pytest.raises(ArgumentError, match=message):
        derive(text)


@pytest.mark.parametrize(
    ("text", "shapes", "message"),
    [
        (
            "y[a,b] = sum(k, x[a,k]*w[k,b])",
            {"x": "N D", "w": "M D"},
            r"statement 1, column 24: the index k has two ranges: D elsewhere, and M in w\[k,b\]",
        ),
        ("y[a] = x[a]", {"x": "N D"}, "x has 2 indices elsewhere and 1 here: it needs 2"),
        (
            "f = sum(a, b, x[a]*w[b]*eye[a,b])",
            {"x": "N", "w": "D"},
            "column 25: eye is square, and a ranges over N, b over D",
        ),
        ("y[a] = z[a]", {"x": "N"}, "^the shape of x is given, and x does not stand in the text$"),
    ],
)
def test_shapes(text: str, shapes: dict[str, str], message: str) -> None:
    with pytest.raises(NotationError, match=message):
        derive(text, shapes)


def test_not_a_text() -> None:
    with pytest.raises(ArgumentTypeError, match=r"a forward pass is text such as .*, not a int"):
        derive(3)  # type: ignore[arg-type]
    with pytest.raises(ArgumentTypeError, match=r'the shape of x is text such as "N D", not a tuple'):
        derive("y[a] = x[a]", {"x": ("N",)})  # type: ignore[dict-item]


def test_shapes_give_ranges_that_indices_do_not() -> None:
    assert statements("y[a,b] = tanh(x[a])", {"x": "N", "y": "N M"}) == ["∂L/∂t = G·1", "∂L/∂x = t̄ ∘ tanh′(x)"]


def test_names_of_our_own_avoid_the_texts() -> None:
    layer = read("f = sum(a, z[a]*tanh(z[a] + t*N[a]))")
    assert {statement.name for statement in layer.statements} == {"z1", "t1", "f"}
    assert layer.shapes["z"] == ("D",)
