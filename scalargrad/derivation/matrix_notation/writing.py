"""How a formula of matrices is written: as text, as LaTeX, as NumPy's Python.

>>> from .reading import simplified, understood
>>> f = simplified(understood("(x'*A*x)/(x'*x)").expression)
>>> InText().written(f), InLatex().written(f)
('xᵀ·A·x/(xᵀ·x)', '\\\\frac{x^{\\\\top} A x}{x^{\\\\top} x}')
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence
from dataclasses import replace
from fractions import Fraction

from ...engine import ops
from ...engine.op import SUPERSCRIPTS
from .expression import HALF, ONE_BY_ONE, Dimensions, MatrixExpression, plain_number, scaled

# How tightly an operation binds its operands
SUMMED, MINUS, MULTIPLIED, CHAINED, RAISED, ATOM = range(6)


class InText:
    """Formulas on one line."""

    dot, circle, slash = "·", " ∘ ", " ⊘ "
    decimals = False

    def __init__(self, decimals: bool = False, taken: Container[str] = ()) -> None:
        self.decimals = decimals  # whether constants are written as decimals where they end
        self.taken = taken  # names that mean something else than they do here, as σ may

    # What differs from medium to medium

    def letter(self, name: str) -> str:
        return name

    def group(self, text: str) -> str:
        return f"({text})"

    def call(self, function: str, argument: str) -> str:
        return f"{function}({argument})"

    def transposed(self, base: str) -> str:
        return f"{base}ᵀ"

    def raised(self, base: str, exponent: Fraction, entrywise: bool) -> str:
        if exponent.denominator == 1:
            return f"{base}^∘{exponent}" if entrywise else base + str(exponent).translate(SUPERSCRIPTS)
        return f"{base}^{'∘' * entrywise}({self.number(exponent)})"

    def inverse(self, base: str, transposed: bool) -> str:
        return base + ("⁻ᵀ" if transposed else "⁻¹")

    def norm(self, base: str, mark: str) -> str:
        return f"‖{base}‖{ {'1': '₁', 'F': '_F'}.get(mark, '') }"

    def root(self, A: MatrixExpression) -> tuple[str, int]:
        text, level = self.piece(A)
        if level == ATOM and A.kind in ("name", "size", "number", "pi"):
            return f"√{text}", RAISED
        return self.call("sqrt", text), ATOM

    def bracketed_by(self, before: str, text: str, after: str) -> str:
        return before + text + after

    def fraction(self, above: MatrixExpression, below: MatrixExpression) -> str:
        return f"{self.bracketed(above, MULTIPLIED)}/{self.bracketed(below, RAISED)}"

    def ones(self, A: MatrixExpression) -> tuple[str, int]:
        rows, columns = A.shape
        if columns == "1":
            return "1", ATOM
        return ("1ᵀ", ATOM) if rows == "1" else (f"1{self.dot}1ᵀ", CHAINED)

    def identity(self, A: MatrixExpression) -> str:
        return "I"

    def number(self, q: Fraction) -> str:
        if q.denominator == 1 or not self.decimals:
            return str(q).replace("-", "−")
        return decimal(q).replace("-", "−")

    def of_entries(self, A: MatrixExpression) -> tuple[str, int]:
        """A function of each entry; max(x, 0), [x > 0], x^p."""
        texts = [self.written(alone(part)) for part in A.parts]
        match A.data:
            case ops.ABS:
                return self.call("abs", texts[0]), ATOM
            case ops.SIGMOID if "σ" not in self.taken:
                return self.call("σ", texts[0]), ATOM
            case ops.POW:
                base = self.bracketed(alone(A.parts[0]), ATOM)
                return self.to_the(base, alone(A.parts[1]), not A.is_number), RAISED
            case ops.GREATER | ops.EQUAL | ops.STEP | ops.FLOOR | ops.CEIL:
                before, between, after = A.data.notation
                return self.bracketed_by(before, self.relation(between).join(texts), after), ATOM
        return self.call(A.data.symbol, ", ".join(texts)), ATOM

    def to_the(self, base: str, exponent: MatrixExpression, entrywise: bool) -> str:
        return f"{base}^{'∘' * entrywise}{self.bracketed(exponent, ATOM)}"

    def relation(self, text: str) -> str:
        return text

    def summary(self, kind: str, A: MatrixExpression, shape: Dimensions) -> tuple[str, int]:
        """A function of a whole matrix."""
        if kind == "total" and A.kind == "apply" and A.data is ops.ABS:
            return self.norm(self.written(A.parts[0]), "1"), ATOM
        names = {"trace": "tr", "total": "sum", "logdet": "log det", "diagonal": "diag", "largest": "max"}
        names["smallest"] = "min"
        rows = ", axis=1" if kind in ("largest", "smallest") and shape != ONE_BY_ONE else ""
        return self.call(names.get(kind, kind), self.written(A) + rows), ATOM

    plus, minus = "+", "−"

    def where(self, names: Sequence[str]) -> str:
        """What names stand for, behind the formula."""
        return f" with {', '.join(names)}"

    # What all share

    def written(self, A: MatrixExpression) -> str:
        """The formula."""
        return self.piece(A)[0]

    def bracketed(self, A: MatrixExpression, least: int) -> str:
        """The formula, in brackets unless it binds at least so tightly."""
        text, level = self.piece(A)
        return text if level >= least else self.group(text)

    def piece(self, A: MatrixExpression) -> tuple[str, int]:
        """The text of a formula, and how tightly it holds together."""
        parts = A.parts
        match A.kind:
            case "name" | "symmetric" | "size":
                return self.letter(A.data), ATOM
            case "pi":
                return self.letter("π"), ATOM
            case "number":
                return self.number(A.data), ATOM if A.data >= 0 and A.data.denominator == 1 else MINUS
            case "zeros":
                return self.zeros(A), ATOM
            case "ones":
                return self.ones(A)
            case "identity":
                return self.identity(A), ATOM
            case "sum":
                return self.summed(parts), SUMMED
            case "times":
                return self.times(A)
            case "product":
                return self.dot_of([self.bracketed(part, CHAINED) for part in parts]), CHAINED
            case "hadamard":
                return self.entrywise(A)
            case "power":
                return self.power(A)
            case "apply":
                return self.of_entries(A)
            case "transpose" if parts[0].kind == "inverse":
                return self.inverse(self.bracketed(parts[0].parts[0], ATOM), True), RAISED
            case "transpose":
                return self.transposed(self.bracketed(parts[0], ATOM)), RAISED
            case "inverse":
                return self.inverse(self.bracketed(parts[0], ATOM), False), RAISED
            case "squares":
                return self.raised(self.norm(self.written(parts[0]), mark(parts[0])), Fraction(2), False), RAISED
        return self.summary(A.kind, parts[0], A.shape)

    def zeros(self, A: MatrixExpression) -> str:
        return "0"

    def dot_of(self, texts: Sequence[str]) -> str:
        return self.dot.join(texts)

    def summed(self, terms: Sequence[MatrixExpression]) -> str:
        first = next((k for k, term in enumerate(terms) if term.split()[0] > 0), 0)  # y − z rather than −z + y
        ordered = [terms[first], *terms[:first], *terms[first + 1 :]] if terms[0].split()[0] < 0 else terms
        text = ""
        for term in ordered:
            number, scalars, body = term.split()
            negative = number < 0
            piece = self.bracketed(scaled(abs(number), scalars, body, term.shape), MINUS)
            text += (f" {self.minus} " if negative else f" {self.plus} ") * bool(text) or self.minus * negative
            text += piece
        return text

    def times(self, A: MatrixExpression) -> tuple[str, int]:
        """A product, over what has a negative exponent; a minus goes in front."""
        number, scalars, body = A.split()
        if number < 0:
            positive = scaled(-number, scalars, body, A.shape)
            return self.minus + self.bracketed(positive, MULTIPLIED), MINUS
        keep = self.decimals and decimal(number)
        below_number = Fraction(1) if keep else Fraction(number.denominator)
        above = scaled(number * below_number, [s for s in scalars if not sinks(s)], body, A.shape)
        below = scaled(below_number, [s ** Fraction(-1) for s in scalars if sinks(s)], None)
        if not (below.kind == "number" and below.data == 1):
            if body is not None and body.kind == "ones" and above.kind != "ones":  # c/N·1, and not c·1/N
                number_above = scaled(number * below_number, [s for s in scalars if not sinks(s)], None)
                fraction = self.fraction(number_above, below)
                return self.dot_of([fraction, self.bracketed(body, CHAINED)]), MULTIPLIED
            return self.fraction(above, below), MULTIPLIED
        factors = [] if number == 1 else [self.number(number)]
        factors += [self.bracketed(scalar, RAISED) for scalar in scalars]
        factors += [] if body is None else [self.bracketed(body, CHAINED)]
        return self.dot_of(factors), MULTIPLIED

    def entrywise(self, A: MatrixExpression) -> tuple[str, int]:
        above = [part for part in A.parts if not sinks(part)]
        below = [part ** Fraction(-1) for part in A.parts if sinks(part)]
        text = self.circle.join(self.bracketed(part, RAISED) for part in above) if above else "1"
        for part in below:
            text += self.slash + self.bracketed(part, RAISED)
        return text, MULTIPLIED

    def power(self, A: MatrixExpression) -> tuple[str, int]:
        (base,), e = A.parts, A.data
        if base.kind == "squares":
            norm = self.norm(self.written(base.parts[0]), mark(base.parts[0]))
            if e < 0:
                return self.over_one(A)
            return (norm, ATOM) if e == HALF else (self.raised(norm, 2 * e, False), RAISED)
        if e == HALF:
            return self.root(base)
        if e < 0 and A.is_number:
            return self.over_one(A)
        if e == -1:
            return f"1{self.slash}{self.bracketed(base, RAISED)}", MULTIPLIED
        return self.raised(self.bracketed(base, ATOM), e, not A.is_number), RAISED

    def over_one(self, A: MatrixExpression) -> tuple[str, int]:
        one = MatrixExpression("number", A.shape, data=Fraction(1))
        return self.fraction(one, A ** Fraction(-1)), MULTIPLIED


def alone(A: MatrixExpression) -> MatrixExpression:
    """The number, if it is one in every entry: max(x, 0) and not max(x, 0·1)."""
    number, scalars, body = A.split()
    if A.is_zero:
        return plain_number(0)
    return scaled(number, scalars, None) if body is not None and body.kind == "ones" else A


def mark(A: MatrixExpression) -> str:
    """What a norm is marked with."""
    return "" if "1" in A.shape else "F"


def sinks(A: MatrixExpression) -> bool:
    """Whether a factor stands under a fraction's line."""
    return A.kind == "power" and A.data < 0


def decimal(q: Fraction) -> str:
    """A number with finitely many decimals; empty if it has infinitely many."""
    digits = 0
    while (q * 10**digits).denominator != 1:
        digits += 1
        if digits > 30:
            return ""
    whole = str(abs(q) * 10**digits).rjust(digits + 1, "0")
    return "-" * (q < 0) + whole[: len(whole) - digits] + ("." + whole[len(whole) - digits :] if digits else "")


class InLatex(InText):
    """Formulas for amsmath."""

    dot, circle, slash, minus = " ", r" \circ ", r" \oslash ", "-"

    def letter(self, name: str) -> str:
        base, digits = re.fullmatch(r"(.*?)(\d*)", name).groups()  # type: ignore[union-attr]
        base = base.replace("_", r"\_")
        base = base if len(base) == 1 else rf"\mathit{{{base}}}"
        base = GREEK.get(base, base)
        return f"{base}_{{{digits}}}" if digits else base

    def group(self, text: str) -> str:
        return rf"\left({text}\right)"

    def call(self, function: str, argument: str) -> str:
        known = {"tr": r"\operatorname{tr}", "sum": r"\operatorname{sum}", "det": r"\det", "log det": r"\log\det"}
        known |= {
            name: rf"\{name}" for name in ("exp", "log", "sin", "cos", "tan", "sinh", "cosh", "tanh", "max", "min")
        }
        known |= {"σ": r"\sigma", **{f"arc{name}": rf"\arc{name}" for name in ("sin", "cos", "tan")}}
        argument = argument.replace(", axis=1", r", \text{axis}=1")
        function = function.replace("_", r"\_")
        name = known.get(function) or rf"\operatorname{{{function}}}"
        return rf"{name}\left({argument}\right)"

    def transposed(self, base: str) -> str:
        return rf"{base}^{{\top}}"

    def raised(self, base: str, exponent: Fraction, entrywise: bool) -> str:
        return base + "^{" + r"\circ " * entrywise + self.number(exponent) + "}"

    def inverse(self, base: str, transposed: bool) -> str:
        return base + (r"^{-\top}" if transposed else "^{-1}")

    def norm(self, base: str, mark: str) -> str:
        return rf"\left\lVert {base} \right\rVert" + f"_{mark}" * bool(mark)

    def where(self, names: Sequence[str]) -> str:
        return rf" \quad \text{{with }} {', '.join(names)}"

    def bracketed_by(self, before: str, text: str, after: str) -> str:
        sides = {"⌊": r"\lfloor", "⌈": r"\lceil", "⌋": r"\rfloor", "⌉": r"\rceil"}
        after = after.replace(" > 0]", "> 0]")
        return rf"\left{sides.get(before, before)} {text} {after[:-1]}\right{sides.get(after[-1], after[-1])}"

    def to_the(self, base: str, exponent: MatrixExpression, entrywise: bool) -> str:
        return base + "^{" + r"\circ " * entrywise + self.written(exponent) + "}"

    def root(self, A: MatrixExpression) -> tuple[str, int]:
        return rf"\sqrt{{{self.written(A)}}}", ATOM

    def fraction(self, above: MatrixExpression, below: MatrixExpression) -> str:
        return rf"\frac{{{self.written(above)}}}{{{self.written(below)}}}"

    def ones(self, A: MatrixExpression) -> tuple[str, int]:
        rows, columns = A.shape
        if columns == "1":
            return r"\mathbf{1}", ATOM
        row = r"\mathbf{1}^{\top}"
        return (row, ATOM) if rows == "1" else (rf"\mathbf{{1}} {row}", CHAINED)

    def number(self, q: Fraction) -> str:
        if q.denominator != 1 and not (self.decimals and decimal(q)):
            return rf"{'-' * (q < 0)}\tfrac{{{abs(q.numerator)}}}{{{q.denominator}}}"
        return super().number(q).replace("−", "-")


_GREEK_NAMES = """alpha beta gamma delta varepsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau upsilon
varphi chi psi omega"""
GREEK = {
    letter: rf"\{name}"
    for letter, name in zip(
        "αβγδεζηθικλμνξπρστυφχψω",
        _GREEK_NAMES.split(),
        strict=True,
    )
}


class InNumPy(InText):
    """Formulas as Python for NumPy, where vectors are columns."""

    dot, circle, slash, minus = " @ ", " * ", " / ", "-"

    def letter(self, name: str) -> str:
        return python_name(name)

    def transposed(self, base: str) -> str:
        return f"{base}.T"

    def raised(self, base: str, exponent: Fraction, entrywise: bool) -> str:
        plain = exponent.denominator == 1 and exponent > 0
        return f"{base}**{self.number(exponent)}" if plain else f"{base} ** ({self.number(exponent)})"

    def inverse(self, base: str, transposed: bool) -> str:
        return f"np.linalg.inv({base})" + ".T" * transposed

    def norm(self, base: str, mark: str) -> str:
        return f"np.sum(np.abs({base}))" if mark == "1" else f"np.linalg.norm({base})"

    def root(self, A: MatrixExpression) -> tuple[str, int]:
        return f"np.sqrt({self.written(A)})", ATOM

    def fraction(self, above: MatrixExpression, below: MatrixExpression) -> str:
        return f"{self.bracketed(above, RAISED)} / {self.bracketed(below, RAISED)}"

    def ones(self, A: MatrixExpression) -> tuple[str, int]:
        return f"np.ones(({A.shape[0]}, {A.shape[1]}))", ATOM

    def zeros(self, A: MatrixExpression) -> str:
        return f"np.zeros(({A.shape[0]}, {A.shape[1]}))"

    def identity(self, A: MatrixExpression) -> str:
        return f"np.eye({A.shape[0]})"

    def number(self, q: Fraction) -> str:
        return str(q.numerator) if q.denominator == 1 else decimal(q) or f"{q.numerator} / {q.denominator}"

    def summary(self, kind: str, A: MatrixExpression, shape: Dimensions) -> tuple[str, int]:
        inner = self.written(A)
        along = "" if shape == ONE_BY_ONE else ", axis=1, keepdims=True"
        code = {
            "trace": f"np.trace({inner})",
            "total": f"np.sum({inner})",
            "mean": f"np.mean({inner})",
            "det": f"np.linalg.det({inner})",
            "logdet": f"np.linalg.slogdet({inner})[1]",
            "diag": f"np.diag(np.ravel({inner}))",
            "diagonal": f"np.diag({inner})[:, None]",
            "largest": f"np.max({inner}{along})",
            "smallest": f"np.min({inner}{along})",
            "logsumexp": f"np.logaddexp.reduce({inner}, axis={'None' if shape == ONE_BY_ONE else '1, keepdims=True'})",
        }
        if kind == "softmax":
            return f"softmax({inner}, axis={0 if shape[1] == '1' else 1})", ATOM
        return code[kind], ATOM

    def dot_of(self, texts: Sequence[str]) -> str:
        return self.dot.join(texts)

    def times(self, A: MatrixExpression) -> tuple[str, int]:
        """Numbers are multiplied by *, which `@` doesn't take; a product of matrices stands in brackets."""
        number, scalars, body = A.split()
        factors = (
            [] if number == 1 else [self.number(number) if number.denominator == 1 else f"({self.number(number)})"]
        )
        factors += [self.bracketed(scalar, RAISED) for scalar in scalars]
        factors += [] if body is None else [self.bracketed(body, RAISED)]
        return " * ".join(factors).replace("-1 * ", "-", 1), MULTIPLIED if number > 0 else MINUS

    def piece(self, A: MatrixExpression) -> tuple[str, int]:
        match A.kind:
            case "product":
                return self.chain(A)
            case "pi":
                return "np.pi", ATOM
            case "apply" if A.data in (ops.GREATER, ops.EQUAL, ops.MAX, ops.MIN, ops.POW):
                one, other = (self.bracketed(alone(part), RAISED) for part in A.parts)
                if A.data in (ops.MAX, ops.MIN):
                    return f"np.{A.data.symbol}imum({one}, {other})", ATOM
                if A.data is ops.POW:
                    return f"np.power({one}, {other})", ATOM
                return f"np.where({one} {'>' if A.data is ops.GREATER else '=='} {other}, 1.0, 0.0)", ATOM
            case "apply":
                inner = self.written(A.parts[0])
                name = A.data.symbol
                own = {
                    "sigmoid": f"1 / (1 + np.exp(-({inner})))",
                    "softplus": f"np.logaddexp(0, {inner})",
                    "log_sigmoid": f"-np.logaddexp(0, -({inner}))",
                    "erf": f"np.vectorize(__import__('math').erf)({inner})",
                    "relu": f"np.maximum({inner}, 0)",
                    "step": f"np.where({inner} > 0, 1.0, 0.0)",
                }
                return (f"({own[name]})", ATOM) if name in own else (f"np.{name}({inner})", ATOM)
        return super().piece(A)

    def chain(self, A: MatrixExpression) -> tuple[str, int]:
        """A product; diag(u)·A as u * A, which needs no matrix of zeros."""
        left, *rest = A.parts
        if left.kind == "diag":
            others = rest[0] if len(rest) == 1 else replace(A, parts=tuple(rest))
            return f"{self.bracketed(left.parts[0], RAISED)} * {self.bracketed(others, RAISED)}", MULTIPLIED
        *before, right = A.parts
        if right.kind == "diag":
            others = before[0] if len(before) == 1 else replace(A, parts=tuple(before))
            return f"{self.bracketed(others, RAISED)} * {self.bracketed(right.parts[0].T, RAISED)}", MULTIPLIED
        return self.dot_of([self.bracketed(part, RAISED) for part in A.parts]), CHAINED

    def over_one(self, A: MatrixExpression) -> tuple[str, int]:
        return self.fraction(MatrixExpression("number", A.shape, data=Fraction(1)), A ** Fraction(-1)), MULTIPLIED


SOFTMAX = """def softmax(x, axis):
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


"""


def module(lines: Sequence[str]) -> str:
    """The source of a module with one function, of its head and the lines of its body."""
    source = "\n    ".join(lines)
    return "import numpy as np\n\n\n" + (SOFTMAX if "softmax(" in source else "") + source


def python_name(name: str) -> str:
    """A name that Python takes."""
    import keyword

    return name + "_" if keyword.iskeyword(name) else name
