"""Formulas of matrices as presentation MathML, which browsers show without a script.

>>> from .reading import simplified, understood
>>> InMathML().written(simplified(understood("X*w", {"X": "N D"}).expression))
'<mi>X</mi><mo>·</mo><mi>w</mi>'
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from html import escape

from .expression import MatrixExpression
from .writing import ATOM, InText, decimal


class InMathML(InText):
    """Formulas as the children of an <mrow>."""

    dot, circle, slash, plus, minus = "<mo>·</mo>", "<mo>∘</mo>", "<mo>⊘</mo>", "<mo>+</mo>", "<mo>−</mo>"

    def letter(self, name: str) -> str:
        base = name.rstrip("0123456789")
        digits = name[len(base) :]
        return (
            f"<msub><mi>{escape(base)}</mi><mn>{digits}</mn></msub>" if digits and base else f"<mi>{escape(name)}</mi>"
        )

    def group(self, text: str) -> str:
        return f"<mrow><mo>(</mo>{text}<mo>)</mo></mrow>"

    def call(self, function: str, argument: str) -> str:
        argument = argument.replace(", ", "<mo>,</mo>")
        return f"<mi>{escape(function)}</mi><mo>&#x2061;</mo>{self.group(argument)}"

    def above(self, base: str, exponent: str) -> str:
        """Something to the right above."""
        return f"<msup><mrow>{base}</mrow><mrow>{exponent}</mrow></msup>"

    def transposed(self, base: str) -> str:
        return self.above(base, '<mi mathvariant="normal">T</mi>')

    def raised(self, base: str, exponent: Fraction, entrywise: bool) -> str:
        return self.above(base, "<mo>∘</mo>" * entrywise + self.number(exponent))

    def inverse(self, base: str, transposed: bool) -> str:
        return self.above(base, "<mo>−</mo>" + ('<mi mathvariant="normal">T</mi>' if transposed else "<mn>1</mn>"))

    def norm(self, base: str, mark: str) -> str:
        norm = f"<mrow><mo>‖</mo>{base}<mo>‖</mo></mrow>"
        return f"<msub>{norm}<mi>{mark}</mi></msub>" if mark else norm

    def root(self, A: MatrixExpression) -> tuple[str, int]:
        return f"<msqrt>{self.written(A)}</msqrt>", ATOM

    def bracketed_by(self, before: str, text: str, after: str) -> str:
        end = f"<mo>&gt;</mo><mn>0</mn><mo>{after[-1]}</mo>" if after == " > 0]" else f"<mo>{after}</mo>"
        return f"<mrow><mo>{before}</mo>{text}{end}</mrow>"

    def relation(self, text: str) -> str:
        return f"<mo>{escape(text.strip())}</mo>"

    def to_the(self, base: str, exponent: MatrixExpression, entrywise: bool) -> str:
        return self.above(base, "<mo>∘</mo>" * entrywise + self.written(exponent))

    def fraction(self, above: MatrixExpression, below: MatrixExpression) -> str:
        return f"<mfrac><mrow>{self.written(above)}</mrow><mrow>{self.written(below)}</mrow></mfrac>"

    def ones(self, A: MatrixExpression) -> tuple[str, int]:
        level = super().ones(A)[1]
        one = '<mn mathvariant="bold">1</mn>'
        rows, columns = A.shape
        column = one if rows != "1" else ""
        return column + self.dot * (rows != "1" != columns) + self.transposed(one) * (columns != "1"), level

    def zeros(self, A: MatrixExpression) -> str:
        return "<mn>0</mn>"

    def identity(self, A: MatrixExpression) -> str:
        return "<mi>I</mi>"

    def number(self, q: Fraction) -> str:
        sign = "<mo>−</mo>" * (q < 0)
        if q.denominator == 1 or (self.decimals and decimal(q)):
            return f"{sign}<mn>{decimal(abs(q))}</mn>"
        return f"{sign}<mfrac><mn>{abs(q.numerator)}</mn><mn>{q.denominator}</mn></mfrac>"

    def where(self, names: Sequence[str]) -> str:
        """What names in the formula stand for."""
        return '<mspace width="1em"/><mtext>with</mtext><mspace width="0.5em"/>' + "<mo>,</mo>".join(names)
