"""Matrix notation against another evaluation of the expression, which knows nothing of the parser, rules and text.

An expression is drawn as a tree whose shapes fit by construction. Its text, in matrix notation or in NumPy's, goes to
`gradients_of`; the tree itself is evaluated on Values, entry by entry. Compared with its graph's gradients are the
formula, the formula's text read again, and the code for NumPy. HYPOTHESIS_PROFILE=intense tries 6,000.
"""

from __future__ import annotations

import operator
import os
import random
from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import assume, given, settings, strategies as st

import scalargrad as sg
from scalargrad.arrays import fill
from scalargrad.derivation.matrix_notation import one_formula
from scalargrad.derivation.matrix_notation.arithmetic_of_matrices import on_numbers
from scalargrad.derivation.matrix_notation.expression import MatrixExpression
from scalargrad.derivation.matrix_notation.one_formula import OneFormula, gradients_of
from scalargrad.derivation.matrix_notation.reading import understood
from scalargrad.derivation.matrix_notation.writing import InText
from scalargrad.errors import UnconfirmedError

INTENSE = os.environ.get("HYPOTHESIS_PROFILE") == "intense"
DIGITS = 30

Tree = tuple[Any, ...]
Shape = tuple[str, ...]

LEAVES: dict[Shape, str] = {(): "cλ", ("N",): "xu", ("D",): "yv", ("N", "D"): "AB", ("D", "N"): "C", ("N", "N"): "MS",
                            ("D", "D"): "K"}  # fmt: skip
SHAPES = {name: " ".join(shape) for shape, names in LEAVES.items() for name in names} | {"S": "N N symmetric"}
FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "exp": lambda z: z.exp(), "sin": lambda z: z.sin(), "tanh": lambda z: z.tanh(), "sigmoid": lambda z: z.sigmoid(),
    "softplus": lambda z: z.softplus(), "log": lambda z: z.log(), "sqrt": lambda z: z.sqrt(), "abs": abs,
    "relu": lambda z: z.relu(), "arctan": lambda z: z.arctan(),
}  # fmt: skip
RATIONAL = ("abs", "relu")


# ---------------------------------------------------------------------------------------------------------------------
# Trees


def other_dimension(draw: st.DrawFn) -> str:
    return draw(st.sampled_from("ND"))


@st.composite
def trees(draw: st.DrawFn, shape: Shape, depth: int) -> Tree:
    """An expression of this shape: (), ("N",) or ("N", "D"), with any dimension in the place of another."""

    def more(other: Shape = shape) -> Tree:
        return draw(trees(other, depth - 1))

    if depth == 0 or draw(st.integers(0, 9)) == 0:
        if not shape and draw(st.booleans()):
            return "number", draw(st.sampled_from([Fraction(2), Fraction(-1), Fraction(1, 2), Fraction(3, 10)]))
        return "name", draw(st.sampled_from(LEAVES[shape]))
    k, square = other_dimension(draw), len(set(shape)) == 1 and len(shape) == 2
    n = other_dimension(draw)
    kinds = ["+", "+", "-", "*", "/", "scale", "scale", "over", "call", "call", "power", "larger", "smaller"]
    if not shape:
        kinds += ["sum", "sum", "mean", "trace", "det", "norm2", "normF", "norm1", "squares", "dot", "dot", "quadratic",
                  "max", "min", "logsumexp", "logdet", "axis sum", "letter power"]  # fmt: skip
    elif len(shape) == 1:
        kinds += ["matvec"] * 4 + ["softmax", "diagonal", "rows sum", "rows mean", "rows max", "rows logsumexp"]
        kinds += ["solve", "shift"]
    else:
        kinds += ["matmul"] * 4 + ["T", "T", "outer", "outer", "softmax", "columns", "rows"]
        kinds += ["inv", "inv", "diag", "eye"] if square else []
    kind = draw(st.sampled_from(kinds))
    match kind:
        case "+" | "-" | "*" | "/" | "larger" | "smaller":
            return kind, more(), more()
        case "scale" | "over":
            return kind, more(()), more()
        case "call":
            return kind, draw(st.sampled_from(sorted(FUNCTIONS))), more()
        case "power":
            return kind, more(), draw(st.sampled_from([2, 3, 2, -1, Fraction(1, 2), Fraction(3, 2)]))
        case "letter power":
            return kind, more(), ("name", "λ")
        case "sum" | "mean" | "norm1" | "max" | "min":
            return kind, more(draw(st.sampled_from([(k,), (k, n)])))
        case "norm2" | "squares" | "logsumexp":
            return kind, more((k,))
        case "normF":
            return kind, more((k, n))
        case "axis sum":
            return "squares", ("rows sum", more((k, n)))
        case "trace" | "det" | "logdet":
            return kind, more((k, k))
        case "dot":
            return kind, more((k,)), more((k,))
        case "quadratic":
            return kind, more((k,)), more((k, n)), more((n,))
        case "matvec":
            return kind, more((shape[0], k)), more((k,))
        case "solve":
            return kind, more((shape[0], shape[0])), more()
        case "diagonal":
            return kind, more((shape[0], shape[0]))
        case "rows sum" | "rows mean" | "rows max" | "rows logsumexp":
            return kind, more((shape[0], k))
        case "matmul":
            return kind, more((shape[0], k)), more((k, shape[1]))
        case "T":
            return kind, more(shape[::-1])
        case "outer":
            return kind, more((shape[0],)), more((shape[1],))
        case "columns":
            return kind, draw(st.sampled_from("+*")), more(), more((shape[0],))
        case "rows":
            return kind, draw(st.sampled_from("+*/")), more(), more((shape[1],))
        case "softmax" | "inv":
            return kind, more()
        case "diag":
            return kind, more((shape[0],))
        case "eye":
            return kind, shape[0]
        case "shift":
            return "+", more(), ("scale", more(()), ("ones", shape[0]))
    raise AssertionError(kind)


# ---------------------------------------------------------------------------------------------------------------------
# Its text, in two notations


def text(tree: Tree, numpy: bool) -> str:
    """The tree in matrix notation, or as Python for NumPy, with more brackets than it needs."""

    def written(tree: Tree) -> str:
        return text(tree, numpy)

    def called(name: str, *parts: Tree, option: str = "") -> str:
        inner = ", ".join([*map(written, parts), *([option] if option else [])])
        prefix = "np." * (
            numpy and name in ("sum", "mean", "max", "min", "diag", "trace", "exp", "sin", "log", "outer")
        )
        return f"{prefix}{name}({inner})"

    dot, times, over = (" @ ", " * ", " / ") if numpy else ("*", ".*", "./")
    power = "**" if numpy else ".^"
    match tree:
        case "number", q:
            return f"({q})" if q.denominator < 10 else f"{float(q)}"
        case "name", name:
            return str(name)
        case ("+" | "-") as sign, one, other:
            return f"({written(one)} {sign} {written(other)})"
        case "*", one, other:
            return f"({written(one)}{times}{written(other)})"
        case "/", one, other:
            return f"({written(one)}{over}{written(other)})"
        case "scale", one, other:
            return f"({written(one)}*{written(other)})"
        case "over", one, other:
            return f"({written(other)}/{written(one)})"
        case ("larger" | "smaller") as kind, one, other:
            return called({"larger": "max", "smaller": "min"}[kind] + "imum" * numpy, one, other)
        case "call", function, body:
            return called(function, body)
        case "power", body, q:
            return f"({written(body)}){power}({q})"
        case "letter power", body, exponent:
            return f"({written(body)})^{written(exponent)}" if not numpy else f"({written(body)})**{written(exponent)}"
        case "squares", body:
            return f"norm2({written(body)})^2" if not numpy else f"np.linalg.norm({written(body)})**2"
        case "trace", body:
            return called("trace" if numpy else "tr", body)
        case "dot", one, other:
            return f"({written(one)}{'' if numpy else chr(39)}{dot}{written(other)})"
        case "quadratic", one, matrix, other:
            return f"({written(one)}{'' if numpy else chr(39)}{dot}{written(matrix)}{dot}{written(other)})"
        case (("matvec" | "matmul"), one, other):
            return f"({written(one)}{dot}{written(other)})"
        case "solve", one, other:
            return (
                f"np.linalg.solve({written(one)}, {written(other)})"
                if numpy
                else f"(inv({written(one)})*{written(other)})"
            )
        case "T", body:
            return f"({written(body)}{'.T' if numpy else chr(39)})"
        case "outer", one, other:
            return called("outer", one, other) if numpy else f"({written(one)}*{written(other)}')"
        case "diagonal", body:
            return called("diag", body)
        case str() as kind, body if kind.startswith("rows "):
            return called(kind.split()[1], body, option="axis=1")
        case "columns", sign, body, column:
            if numpy:
                return f"({written(body)}.T {sign} {written(column)}).T"
            return f"({written(body)} {sign if sign != '*' else '.*'} {written(column)})"
        case "rows", sign, body, row:
            if numpy:
                return f"({written(body)} {sign} {written(row)})"
            return f"({written(body)} {({'*': '.*', '/': './'}).get(sign, sign)} {written(row)}')"
        case "eye", letter:
            return f"np.eye({letter})" if numpy else f"eye({letter})"
        case "ones", letter:
            return f"np.ones({letter})" if numpy else "vector(1)"
        case "softmax", body if numpy and len(shape_of(body)) == 2:
            return called("softmax", body, option="axis=1")
        case str() as kind, body:
            return called(kind, body)
    raise AssertionError(tree)


def shape_of(tree: Tree) -> Shape:
    """The shape of a tree."""
    match tree:
        case "number", _:
            return ()
        case "name", name:
            return next(shape for shape, names in LEAVES.items() if name in names)
        case (("scale" | "over"), _, body):
            return shape_of(body)
        case "call", _, body:
            return shape_of(body)
        case (("rows" | "columns"), _, body, _):
            return shape_of(body)
        case (("+" | "-" | "*" | "/" | "larger" | "smaller" | "power" | "softmax" | "inv"), body, *_):
            return shape_of(body)
        case "matvec", one, _:
            return shape_of(one)[:1]
        case "solve", _, other:
            return shape_of(other)
        case "matmul", one, other:
            return shape_of(one)[0], shape_of(other)[1]
        case "T", body:
            return shape_of(body)[::-1]
        case "outer", one, other:
            return *shape_of(one), *shape_of(other)
        case "diagonal", body:
            return shape_of(body)[:1]
        case "diag", body:
            return shape_of(body) * 2
        case "eye", letter:
            return letter, letter
        case "ones", letter:
            return (letter,)
        case str() as kind, body if kind.startswith("rows "):
            return shape_of(body)[:1]
    return ()


# ---------------------------------------------------------------------------------------------------------------------
# Its value, entry by entry


class BendError(Exception):
    """Where a function has no derivative."""


def evaluated(tree: Tree, arrays: Mapping[str, Any], sizes: Mapping[str, int]) -> Any:
    """The tree on arrays of Values, by the definition of each operation."""

    def value(tree: Tree) -> Any:
        return evaluated(tree, arrays, sizes)

    def number(x: Any) -> Any:
        return fill((), lambda: x)

    def extreme(entries: Any, sign: int) -> Any:
        ordered = sorted(entries, key=lambda z: sign * z.data if isinstance(z, sg.Value) else sign * z)
        first, *rest = ordered
        if rest and first - rest[0] == 0:
            raise BendError
        return first

    def each(function: Callable[..., Any], *parts: Any) -> Any:
        return fill(parts[0].shape, lambda *at: function(*(part[at] for part in parts)))

    def smooth(name: str, z: Any) -> Any:
        z = z if isinstance(z, sg.Value) else sg.Value(z)
        if name in RATIONAL and z.data == 0:
            raise BendError
        return FUNCTIONS[name](z)

    def softmax(entries: Any) -> Any:
        e = [(z if isinstance(z, sg.Value) else sg.Value(z)).exp() for z in entries]
        return [z / sg.sum(e) for z in e]

    match tree:
        case "number", q:
            return number(kind_of(q, arrays))
        case "name", name:
            return arrays[name]
        case "+", one, other:
            return each(lambda a, b: a + b, value(one), value(other))
        case "-", one, other:
            return each(lambda a, b: a - b, value(one), value(other))
        case "*", one, other:
            return each(lambda a, b: a * b, value(one), value(other))
        case "/", one, other:
            return each(lambda a, b: a / b, value(one), value(other))
        case "scale", one, other:
            factor = value(one)[()]
            return each(lambda a: factor * a, value(other))
        case "over", one, other:
            factor = value(one)[()]
            return each(lambda a: a / factor, value(other))
        case "larger", one, other:
            return each(lambda a, b: extreme([a, b], -1), value(one), value(other))
        case "smaller", one, other:
            return each(lambda a, b: extreme([a, b], 1), value(one), value(other))
        case "call", function, body:
            return each(lambda a: smooth(function, a), value(body))
        case "power", body, q:
            q = q if type(q) is int else kind_of(q, arrays)
            return each(lambda a: a**q, value(body))
        case "letter power", body, exponent:
            return number(value(body)[()] ** value(exponent)[()])
        case ("sum" | "rows sum" | "mean" | "rows mean" | "max" | "rows max" | "min" | "logsumexp" | "rows logsumexp"
              | "norm1" | "squares" | "norm2" | "normF") as kind, body:  # fmt: skip
            summary: dict[str, Callable[[list[Any]], Any]] = {
                "sum": sg.sum,
                "mean": lambda z: sg.sum(z) / kind_of(Fraction(len(z)), arrays),
                "max": lambda z: extreme(z, -1),
                "min": lambda z: extreme(z, 1),
                "logsumexp": lambda z: sg.sum([smooth("exp", a) for a in z]).log(),
                "norm1": lambda z: sg.sum([smooth("abs", a) for a in z]),
                "squares": lambda z: sg.sum([a * a for a in z]),
                "norm2": lambda z: smooth("sqrt", sg.sum([a * a for a in z])),
                "normF": lambda z: smooth("sqrt", sg.sum([a * a for a in z])),
            }
            A = value(body)
            if kind.startswith("rows "):
                return fill(A.shape[:1], lambda i: summary[kind.split()[1]](list(A[i])))
            return number(summary[kind](list(A.flat)))
        case "trace", body:
            return number(sg.sum(list(value(body).diagonal())))
        case "det", body:
            return number(determinant(value(body)))
        case "logdet", body:
            return number(smooth("log", determinant(value(body))))
        case "dot", one, other:
            return number(sg.sum([a * b for a, b in zip(value(one), value(other), strict=True)]))
        case "quadratic", one, matrix, other:
            x, A, y = value(one), value(matrix), value(other)
            return number(sg.sum([x[i] * A[i, j] * y[j] for i in range(len(x)) for j in range(len(y))]))
        case "matvec", one, other:
            return product(value(one), value(other))
        case "matmul", one, other:
            return product(value(one), value(other))
        case "solve", one, other:
            return product(inverse(value(one)), value(other))
        case "inv", body:
            return inverse(value(body))
        case "T", body:
            return value(body).T
        case "outer", one, other:
            x, y = value(one), value(other)
            return fill((len(x), len(y)), lambda i, j: x[i] * y[j])
        case "columns" | "rows", sign, body, vector:
            A, x = value(body), value(vector)
            axis = 0 if tree[0] == "columns" else 1
            combine = {"+": operator.add, "*": operator.mul, "/": operator.truediv}[sign]
            return fill(A.shape, lambda *at: combine(A[at], x[at[axis]]))
        case "softmax", body:
            A = value(body)
            if A.ndim == 1:
                e = softmax(A)
                return fill(A.shape, lambda i: e[i])
            rows = [softmax(row) for row in A]
            return fill(A.shape, lambda i, j: rows[i][j])
        case "diagonal", body:
            A = value(body)
            return fill(A.shape[:1], lambda i: A[i, i])
        case "diag", body:
            x = value(body)
            return fill((len(x), len(x)), lambda i, j: x[i] if i == j else 0 * x[i])
        case "eye", letter:
            return fill((sizes[letter],) * 2, lambda i, j: kind_of(Fraction(int(i == j)), arrays))
        case "ones", letter:
            return fill((sizes[letter],), lambda _: kind_of(Fraction(1), arrays))
    raise AssertionError(tree)


def kind_of(q: Fraction, arrays: Mapping[str, Any]) -> Any:
    """A constant in the arithmetic of the arrays."""
    data = arrays["c"][()].data
    return q if isinstance(data, Fraction) else mpmath.mpf(q.numerator) / q.denominator


def product(A: Any, B: Any) -> Any:
    shape = (len(A), *B.shape[1:])
    return fill(shape, lambda i, *j: sg.sum([A[i, k] * B[(k, *j)] for k in range(len(B))]))


def determinant(A: Any) -> Any:
    if len(A) == 1:
        return A[0, 0]
    if len(A) == 2:
        return A[0, 0] * A[1, 1] - A[0, 1] * A[1, 0]
    return sum(A[0, k] * cofactor(A, 0, k) for k in range(len(A)))


def cofactor(A: Any, i: int, j: int) -> Any:
    rest = np.delete(np.delete(A, i, axis=0), j, axis=1)
    return (-1) ** (i + j) * (determinant(rest) if len(rest) else 1)


def inverse(A: Any) -> Any:
    det = determinant(A)
    return fill(A.shape, lambda i, j: cofactor(A, j, i) / det)


# ---------------------------------------------------------------------------------------------------------------------
# Comparing


class Readable(InText):
    """The text of a formula so that it can be read again: a vector of ones is not a number there."""

    def ones(self, A: MatrixExpression) -> tuple[str, int]:
        rows, columns = A.shape
        return (f"ones({columns})'" if rows == "1" else f"ones({', '.join(x for x in A.shape if x != '1')})"), 5

    def identity(self, A: MatrixExpression) -> str:
        return f"eye({A.shape[0]})"

    def norm(self, base: str, mark: str) -> str:
        return f"{ {'1': 'norm1', 'F': 'normF'}.get(mark, 'norm2') }({base})"

    def call(self, function: str, argument: str) -> str:
        return f"{function.replace(' ', '')}({argument})"

    def zeros(self, A: MatrixExpression) -> str:
        return "0" if A.is_number else f"(0*{self.ones(A)[0]})"


def is_rational(tree: Any) -> bool:
    """Whether all of it can be computed with Fractions."""
    match tree:
        case "call", function, body:
            return function in RATIONAL and is_rational(body)
        case "power", body, q:
            return type(q) is int and is_rational(body)
        case tuple():
            return tree[0] not in IRRATIONAL and all(map(is_rational, tree[1:]))
    return True


IRRATIONAL = ("norm2", "normF", "logsumexp", "rows logsumexp", "softmax", "logdet", "letter power")


def close(a: Any, b: Any) -> bool:
    if isinstance(a, (int, Fraction)) and isinstance(b, (int, Fraction)):
        return a == b
    a, b = (mpmath.mpf(x.numerator) / x.denominator if isinstance(x, Fraction) else mpmath.mpf(x) for x in (a, b))
    return bool(abs(a - b) <= mpmath.mpf(10) ** -DIGITS * max(1, abs(a), abs(b)))


def by_hand(tree: Tree, shape: Shape, rational: bool, rng: random.Random) -> tuple[Any, ...] | None:
    """Numbers where the tree has a value, the seeds and the gradients of its graph; None if there are none."""
    for attempt in range(6):
        sizes = {"N": rng.randint(2, 3), "D": rng.randint(2, 3)}

        def draw(attempt: int = attempt) -> Any:
            q = Fraction(rng.randint(1, 40), rng.choice((7, 11, 13))) * (1 if attempt % 3 else rng.choice((1, -1)))
            q = q / 16 if attempt % 3 == 2 else q
            return q if rational else mpmath.mpf(q.numerator) / q.denominator

        data = {name: fill(tuple(sizes[d] for d in dims), lambda *_: draw())
                for dims, names in LEAVES.items() for name in names}  # fmt: skip
        S = data["S"]
        data["S"] = fill(S.shape, lambda i, j, S=S: S[min(i, j), max(i, j)])
        nodes = {name: fill(array.shape, lambda *at, array=array: sg.Value(array[at])) for name, array in data.items()}
        try:
            F = evaluated(tree, nodes, sizes)
            seeds = fill(F.shape, lambda *_: draw()) if shape else fill((), lambda: 1)
            sg.backward([y if isinstance(y, sg.Value) else sg.Value(y) for y in F.flat], list(seeds.flat))
        except (BendError, ValueError, ZeroDivisionError, OverflowError, TypeError):
            continue
        gradients = {name: fill(array.shape, lambda *at, array=array: array[at].grad) for name, array in nodes.items()}
        everything = [x for array in gradients.values() for x in array.flat]
        if any(type(x).__name__ == "mpc" or abs(x) > 10**15 for x in everything):
            continue
        return data, sizes, seeds, gradients
    return None


def as_column(array: Any) -> Any:
    return array.reshape(array.shape + (1,) * (2 - array.ndim))


def compare(tree: Tree, shape: Shape, numpy: bool, rng: random.Random) -> int:
    """How many gradients were compared with the tree's own graph; each of them by formula, by text and by code."""
    with mpmath.workdps(60):
        rational = is_rational(tree)
        here = by_hand(tree, shape, rational, rng)
        if here is None:
            return 0
        data, sizes, seeds, gradients = here
        source = text(tree, numpy)
        try:
            derived = gradients_of(source, SHAPES)
        except UnconfirmedError:
            return 0
        arrays = {name: as_column(array) for name, array in data.items()}
        arrays |= {"G": as_column(seeds), "1": 1}
        everything = {**sizes, "1": 1}

        def real(q: Fraction) -> Any:
            return mpmath.mpf(q.numerator) / q.denominator

        for found in derived:
            irrational = any(A.kind == "apply" or A.kind in ("softmax", "logsumexp", "logdet", "power")
                             for A in found.gradient.walk())  # fmt: skip
            numbers = arrays
            kind: Callable[[Fraction], Any] = Fraction if rational and not irrational else real
            if kind is real and rational:
                numbers = {k: fill(a.shape, lambda *at, a=a: real(Fraction(a[at]))) if k != "1" else a
                           for k, a in arrays.items()}  # fmt: skip
            wanted = as_column(gradients[found.name])
            for formula in (found.gradient, read_again(found, source, numpy)):
                if formula is not None:
                    try:
                        got = on_numbers(formula, numbers, everything, kind)
                    except ZeroDivisionError:  # det(X)·X⁻ᵀ where det(X) is 0
                        return 0
                    assert got.shape == wanted.shape, (source, found.statement)
                    assert all(close(a, b) for a, b in zip(got.flat, wanted.flat, strict=True)), (
                        source,
                        found.statement,
                    )
            code_agrees(found, data, seeds, sizes, wanted, source)
        return len(derived)


def read_again(found: OneFormula, source: str, numpy: bool) -> MatrixExpression | None:
    """The printed formula, names and all, as the parser reads it; None where it holds [x > 0] or nothing is in it."""
    text = Readable(found.reading.decimals, found._taken)
    names = [f"{name} = {text.written(A)}" for name, A in found.short.names]
    lines = [*names, text.written(found.short.formula)]
    if any("[" in line for line in lines) or not any(A.kind == "name" for A in found.gradient.walk()):
        return None
    if any(A.data == found.output for A in found.short.formula.walk() if A.kind == "name") or any(
        A.data == found.output for _, B in found.short.names for A in B.walk() if A.kind == "name"
    ):
        lines.insert(0, f"{found.output} = {text.written(found.function)}")
        if "[" in lines[0]:
            return None
    shapes = {**SHAPES, "G": " ".join(d for d in found.seed.shape if d != "1")}
    return understood("; ".join(lines), shapes).expression


def code_agrees(found: OneFormula, data: Any, seeds: Any, sizes: Any, wanted: Any, source: str) -> None:
    """The code gives the graph's gradient, as far as floats reach."""
    scope: dict[str, Any] = {}
    exec(found.numpy(), scope)
    (function,) = (value for name, value in scope.items() if "_by_" in name)
    parameters = function.__code__.co_varnames[: function.__code__.co_argcount]
    floats = {name: array.astype(float) for name, array in data.items()} | {"G": seeds.astype(float)}
    known = {**{n: float(a) if a.shape == () else a for n, a in floats.items()}, **sizes, "lambda_": 0}
    with np.errstate(all="ignore"):
        try:
            _, gradient = function(*(known[name] for name in parameters))
        except np.linalg.LinAlgError:
            return
    expected = wanted.astype(float).reshape(np.shape(gradient))
    if not np.isfinite(np.asarray(gradient, dtype=float)).all() or np.max(np.abs(expected), initial=0) > 1e6:
        return  # exp of exp is too large for a float
    np.testing.assert_allclose(np.asarray(gradient, dtype=float), expected, rtol=1e-4, atol=1e-5, err_msg=source)


@pytest.fixture(scope="module", autouse=True)
def without_sympy() -> Iterator[None]:
    """What SymPy says for all dimensions is compared elsewhere: here it would take most of the time."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(one_formula, "proved_for_all", lambda *_: "SymPy: not asked")
        yield


@given(st.data(), st.sampled_from([(), (), (), ("N",), ("N", "D"), ("N", "N")]), st.booleans(), st.integers(1, 3),
       st.randoms(use_true_random=False))  # fmt: skip
@settings(max_examples=6000 if INTENSE else 30)
def test_any_formula(data: st.DataObject, shape: Shape, numpy: bool, depth: int, rng: random.Random) -> None:
    tree = data.draw(trees(shape, depth))
    numpy = numpy and any(mark in text(tree, True) for mark in ("@", "np."))
    assume("'name'" in str(tree))
    compare(tree, shape, numpy, rng)
