"""Derivations in three media, text, LaTeX and MathML: how a name, a sum, a product… look in each.

What formulas are made of is said once, in `Text`; the other two say what differs.

    >>> from .notation import read
    >>> layer = read("y[a] = 2*x[a]")
    >>> [next(medium(layer).forward()) for medium in (Text, Latex)]
    ['y_a = 2 x_a', 'y_{a} &= 2 x_{a}']
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from fractions import Fraction
from html import escape

from ..engine import ops
from ..engine.op import SUPERSCRIPTS
from ..engine.ops import Op
from .algebra import load_sympy
from .matrix_form import (
    NUMBER,
    Column,
    Diagonal,
    Hadamard,
    Identity,
    Matrix,
    Ones,
    Plus,
    Product,
    Scaled,
    Size,
    Symbol,
    Trace,
    Transpose,
    Zeros,
)
from .terms import BAR, Factor, Formula, ForwardPass, Term

BRACKETED: dict[type[Matrix], tuple[type[Matrix], ...]] = {
    Plus: (Product, Hadamard, Scaled),
    Hadamard: (Product, Scaled),
    Product: (Hadamard,),
    Scaled: (Product, Hadamard),
}
"""What stands in brackets within which operations."""


class Text:
    """Formulas as a line of text."""

    gap, plus, minus, equals, dot, circle, slash = " ", " + ", " − ", " = ", "·", " ∘ ", " ⊘ "

    def __init__(self, layer: ForwardPass) -> None:
        self.layer = layer

    # What differs from medium to medium

    def letter(self, name: str) -> str:
        return name

    def number(self, x: Fraction) -> str:
        return str(x)

    def sub(self, base: str, indices: Sequence[str]) -> str:
        joint = "," if any(len(index) > 1 for index in indices) else ""
        return f"{base}_{joint.join(indices)}" if indices else base

    def sum(self, index: str, size: str) -> str:
        return f"Σ_{index} "

    def over(self, above: str, below: str) -> str:
        return f"∂{above}/∂{below}"

    def call(self, function: str, argument: str) -> str:
        return f"{function}({argument})"

    def group(self, inner: str) -> str:
        return f"({inner})"

    def transposed(self, base: str) -> str:
        return f"{base}ᵀ"

    def raised(self, base: str, exponent: Fraction, entrywise: bool = False) -> str:
        if exponent.denominator == 1 and not entrywise:
            return base + str(exponent).translate(SUPERSCRIPTS)
        text = str(exponent).replace("-", "−")
        return f"{base}^{'∘' * entrywise}{text}" if text.isdigit() else f"{base}^{'∘' * entrywise}({text})"

    # What all media share

    def join(self, parts: Sequence[tuple[bool, str]]) -> str:
        """Signed terms as a sum."""
        if not parts:
            return self.number(Fraction(0))
        first, *rest = parts
        start = (self.minus.strip() if first[0] else "") + first[1]
        return start + "".join((self.minus if negative else self.plus) + text for negative, text in rest)

    def entry(self, name: str, indices: Sequence[str]) -> str:
        return self.sub(self.letter(name), indices)

    def factor(self, factor: Factor) -> str:
        entry = self.entry(factor.name, factor.indices)
        if factor.by:
            return self.over(entry, self.factor(factor.by))
        return self.power(self.derivative(factor.function, entry), factor.exponent)

    def power(self, base: str, exponent: Fraction, entrywise: bool = False) -> str:
        """A power, which is not written where it is 1."""
        return base if exponent == 1 else self.raised(base, exponent, entrywise)

    def derivative(self, function: Op | None, argument: str) -> str:
        """f′ of an argument; without a function, the argument."""
        return self.call(function.symbol + "′", argument) if function else argument

    def formula(self, terms: Sequence[Term]) -> str:
        parts = []
        for term in terms:
            factors = [self.factor(factor) for factor in term.factors]
            if abs(term.coefficient) != 1 or not factors:
                factors.insert(0, self.number(abs(term.coefficient)))
            sums = "".join(self.sum(index, size) for index, size in term.bound)
            parts.append((term.coefficient < 0, sums + self.gap.join(factors)))
        return self.join(parts)

    def side(self, expression: Formula | Matrix, formula: Formula) -> str:
        """One side of an equality: a formula, or the entry of a matrix."""
        if isinstance(expression, Formula):
            return self.formula(expression.terms)
        text = self.matrix(expression)
        return self.sub(self.group(text), formula.indices) if formula.indices else text

    def symbol(self, name: str) -> str:
        """A matrix by its capital letter, if no other name is that; vectors and numbers as they are."""
        base, bar = (name[:-1], BAR) if name.endswith(BAR) else (name, "")
        capital = len(self.layer.shape(name)) == 2 and len(base) == 1 and base.upper() not in self.layer.shapes
        return self.letter((base.upper() if capital and len(base.upper()) == 1 else base) + bar)

    def matrix(self, A: Matrix, within: type[Matrix] = Matrix) -> str:
        """A matrix formula; `within` is the operation around it, which decides on brackets."""
        text = self.operation(A)
        return self.group(text) if within in BRACKETED.get(type(A), ()) else text

    def operation(self, A: Matrix) -> str:
        match A:
            case Symbol(name=name, function=function, exponent=exponent):
                return self.power(self.derivative(function, self.symbol(name)), exponent, A.shape != NUMBER)
            case Zeros():
                return self.number(Fraction(0))
            case Ones():
                return self.ones()
            case Identity():
                return self.letter("I")
            case Size(letter=letter, exponent=exponent):
                return self.power(self.letter(letter), exponent)
            case Transpose(
                parts=[Ones() | Symbol(function=None, exponent=Fraction(numerator=1, denominator=1)) as inner]
            ):
                return self.transposed(self.matrix(inner))
            case Transpose(parts=[inner]):
                return self.transposed(self.group(self.matrix(inner)))
            case Trace(parts=[inner]):
                return self.call("tr", self.matrix(inner))
            case Column(parts=[inner]) | Diagonal(parts=[inner]):
                return self.call("diag", self.matrix(inner))
            case Plus(parts=parts):
                return self.join([self.signed(part, Plus) for part in parts])
            case Hadamard(parts=parts):
                below = [part for part in parts if isinstance(part, Symbol) and part.exponent < 0]
                above = [part for part in parts if part not in below] or parts
                text = self.circle.join(self.matrix(part, Hadamard) for part in above)
                if above == parts:
                    return text
                return text + "".join(
                    self.slash + self.power(self.symbol(part.name), -part.exponent, True) for part in below
                )
            case Product(parts=parts):
                return self.dot.join(self.matrix(part, Product) for part in parts)
            case Scaled():
                return self.join([self.signed(A, Scaled)])
        raise NotImplementedError(A)

    def signed(self, A: Matrix, within: type[Matrix]) -> tuple[bool, str]:
        """Whether a formula has a minus, and the rest of it."""
        match A:
            case Scaled(parts=[*scalars, inner], number=number):
                factors = [] if abs(number) == 1 else [self.number(abs(number))]
                factors += [self.matrix(scalar, Product) for scalar in scalars]
                if inner != Ones(NUMBER) or not factors:
                    factors.append(self.matrix(inner, Scaled if factors else within))
                return number < 0, self.dot.join(factors)
        return False, self.matrix(A, within)

    def ones(self) -> str:
        return "1"

    # Equations and what explains them

    def loss(self) -> str:
        return self.letter(self.layer.output if self.layer.is_scalar else "L")

    def gradient_entry(self, name: str, formula: Formula) -> str:
        """∂L/∂x_ij."""
        return self.over(self.loss(), self.entry(name, formula.indices))

    def statement(self, name: str, formula: Formula, closed: Matrix | None) -> str:
        """∂L/∂X = G·Wᵀ, or by entries."""
        if closed is None:
            return self.gradient_entry(name, formula) + self.equals + self.formula(formula.terms)
        return self.over(self.loss(), self.symbol(name)) + self.equals + self.matrix(closed)

    def forward(self) -> Iterator[str]:
        """Each statement of the forward pass."""
        for statement in self.layer.statements:
            right = self.formula(statement.terms)
            right = self.call(statement.function.symbol, right) if statement.function else right
            yield self.factor(statement.entry) + self.equals + right

    def legend(self, name: str, expressions: Sequence[Formula | Matrix]) -> Iterator[str]:
        """What the letters in the steps of ∂L/∂name are: shapes, adjoints, ones, derivatives of functions."""
        layer = self.layer
        factors = [f for e in expressions if isinstance(e, Formula) for term in e.terms for f in term.factors]
        matrices = [node for e in expressions if isinstance(e, Matrix) for node in e.walk()]
        known = {name} | {factor.name for factor in factors if not factor.is_size}
        shapes = []
        for one, shape in layer.shapes.items():
            if one in known:
                shapes.append(f"{self.symbol(one)} is {'×'.join(shape)}" if shape else f"{one} is a number")
        yield "; ".join(shapes)
        for one in layer.shapes:
            if layer.adjoint(one) in known:
                yield f"{self.symbol(layer.adjoint(one))} = ∂{self.loss()}/∂{self.symbol(one)}"
        if any(isinstance(A, Ones) and A.shape != NUMBER for A in matrices):
            yield "1 is a column of ones: A·1 has A's row sums, Aᵀ·1 its column sums"
        sympy = load_sympy()
        for function in dict.fromkeys(factor.function for factor in factors if factor.function):
            z, out = sympy.Symbol("z"), sympy.Symbol(f"{function.symbol}(z)")
            yield f"{function.symbol}′(z) = {function.partials(out, z)[0]}, entry by entry"


LATIN = {
    "alpha": "A", "beta": "B", "epsilon": "E", "zeta": "Z", "eta": "H", "iota": "I", "kappa": "K", "mu": "M",
    "nu": "N", "omicron": "O", "rho": "P", "tau": "T", "chi": "X",
}  # fmt: skip
"""Greek capitals that print as Latin ones, for which LaTeX has no command."""
COMMANDS = {row.symbol for row in (ops.EXP, ops.LOG, ops.SIN, ops.COS, ops.TANH)}
"""Functions for which LaTeX has one."""


class Latex(Text):
    """Formulas as LaTeX, for amsmath."""

    minus, equals, dot, circle, slash = " - ", " &= ", r" \cdot ", r" \circ ", r" \oslash "

    def letter(self, name: str) -> str:
        if name.endswith(BAR):
            return rf"\bar{{{self.letter(name[:-1])}}}"
        base = name.rstrip("′")
        primes = "'" * (len(name) - len(base))
        written = "".join(map(self.character, base))
        return (written if len(base) == 1 else rf"\mathrm{{{written}}}") + primes

    def character(self, x: str) -> str:
        """A Greek letter by its command, which a space ends; those that are Latin ones in print have none."""
        words = unicodedata.name(x, "").split()
        if words[:1] != ["GREEK"] or len(words) != 4:
            return r"\_" if x == "_" else x
        name = words[3].lower().replace("lamda", "lambda")
        if name == "omicron":
            return "o"
        if words[1] == "CAPITAL":
            return LATIN.get(name) or f"\\{name.capitalize()} "
        return r"\varsigma " if name == "final" else f"\\{name} "

    def words(self, text: str) -> str:
        r"""Words for \text{}: entries such as x_ij, Greek letters and signs are set as formulas."""
        signs = {"∂": r"$\partial $", "′": "$'$", "≠": r"$\neq $", "_": r"\_"}
        done = ""
        for entry, other in entries_in(text):
            if entry:
                name, *indices = entry
                done += f"${self.sub(self.letter(name).strip(), indices)}$"
            else:
                done += signs.get(other) or (f"${self.letter(other)}$" if "Α" <= other <= "ω" else other)
        return done.replace("$$", "")

    def number(self, x: Fraction) -> str:
        return str(x) if x.denominator == 1 else rf"\frac{{{x.numerator}}}{{{x.denominator}}}"

    def sub(self, base: str, indices: Sequence[str]) -> str:
        joint = ", " if any(len(index) > 1 for index in indices) else " "
        return f"{base}_{{{joint.join(self.letter(index).strip() for index in indices)}}}" if indices else base

    def sum(self, index: str, size: str) -> str:
        return rf"\sum_{{{self.letter(index).strip()} = 0}}^{{{self.letter(size)} - 1}} "

    def over(self, above: str, below: str) -> str:
        return rf"\frac{{\partial {above}}}{{\partial {below}}}"

    def call(self, function: str, argument: str) -> str:
        base = function.rstrip("′")
        name = f"\\{base}" if base in COMMANDS else rf"\operatorname{{{base}}}"
        return name + "'" * (len(function) - len(base)) + self.group(argument)

    def group(self, inner: str) -> str:
        return rf"\left({inner}\right)"

    def transposed(self, base: str) -> str:
        return rf"{base}^{{\mathsf{{T}}}}"

    def raised(self, base: str, exponent: Fraction, entrywise: bool = False) -> str:
        return base + "^{" + r"\circ " * entrywise + str(exponent) + "}"

    def ones(self) -> str:
        return r"\mathbf{1}"

    def tag(self, label: str) -> str:
        """The number of an equation, if it has one."""
        return rf" \tag{{{self.words(label.strip('()'))}}}" if label else ""


class MathML(Text):
    """Formulas as presentation MathML, which browsers show without a script."""

    gap, plus, minus, equals = "<mo>&#x2062;</mo>", "<mo>+</mo>", "<mo>−</mo>", "<mo>=</mo>"
    dot, circle, slash = "<mo>·</mo>", "<mo>∘</mo>", "<mo>⊘</mo>"

    def letter(self, name: str) -> str:
        if name.endswith(BAR):
            return f"<mover>{self.letter(name[:-1])}<mo>¯</mo></mover>"
        return f"<mi>{escape(name)}</mi>"

    def number(self, x: Fraction) -> str:
        if x.denominator == 1:
            return f"<mn>{x}</mn>"
        return f"<mfrac><mn>{x.numerator}</mn><mn>{x.denominator}</mn></mfrac>"

    def sub(self, base: str, indices: Sequence[str]) -> str:
        joint = "<mo>,</mo>" if any(len(index) > 1 for index in indices) else ""
        inner = joint.join(map(self.letter, indices))
        return f"<msub><mrow>{base}</mrow><mrow>{inner}</mrow></msub>" if indices else base

    def sum(self, index: str, size: str) -> str:
        below = f"<mrow>{self.letter(index)}<mo>=</mo><mn>0</mn></mrow>"
        return f"<munderover><mo>∑</mo>{below}<mrow>{self.letter(size)}<mo>−</mo><mn>1</mn></mrow></munderover>"

    def over(self, above: str, below: str) -> str:
        d = '<mi mathvariant="normal">∂</mi>'
        return f"<mfrac><mrow>{d}{above}</mrow><mrow>{d}{below}</mrow></mfrac>"

    def call(self, function: str, argument: str) -> str:
        return f"<mi>{function}</mi><mo>&#x2061;</mo>{self.group(argument)}"

    def group(self, inner: str) -> str:
        return f"<mrow><mo>(</mo>{inner}<mo>)</mo></mrow>"

    def transposed(self, base: str) -> str:
        return f'<msup><mrow>{base}</mrow><mi mathvariant="normal">T</mi></msup>'

    def raised(self, base: str, exponent: Fraction, entrywise: bool = False) -> str:
        return f"<msup><mrow>{base}</mrow><mrow>{self.circle * entrywise}{self.number(exponent)}</mrow></msup>"

    def ones(self) -> str:
        return '<mn mathvariant="bold">1</mn>'

    def words(self, text: str) -> str:
        """Words, with entries such as x_ij set as formulas."""
        done, plain = "", ""
        for entry, other in entries_in(text):
            if not entry:
                plain += other
                continue
            name, *indices = entry
            done += f"<mtext>{spaced(plain)}</mtext>{self.sub(self.letter(name), indices)}"
            plain = ""
        return f"<mrow>{done}<mtext>{spaced(plain)}</mtext></mrow>"

    def row(self, equation: str, why: str, label: str) -> str:
        """A row of the page: both sides of an equation, aligned at its sign, the reason and the number."""
        left, equals, right = equation.partition(self.equals)
        cells = (
            ("right", left),
            ("left", f"{equals}{right}"),
            ("left", f'<mspace width="2em"/>{self.words(why)}'),
            ("left", f'<mspace width="2em"/><mtext>{escape(label)}</mtext>'),
        )
        return "<mtr>" + "".join(f'<mtd style="text-align: {side}">{cell}</mtd>' for side, cell in cells) + "</mtr>"


def spaced(text: str) -> str:
    """Words for <mtext>, which drops plain spaces at its ends."""
    return escape(text).replace(" ", "\u00a0")


def entries_in(text: str) -> Iterator[tuple[list[str], str]]:
    """Words, split into entries such as x_ij (the name, then the indices) and single other characters."""
    for match in re.finditer(rf"([^\W_]+{BAR}?)_([^\W_]+′*)|(.)", text):
        name, indices, other = match.groups()
        yield ([name, *re.findall(".′*", indices)] if name else []), other
