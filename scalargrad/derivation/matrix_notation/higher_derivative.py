"""How a Jacobian, a Hessian and a differential are shown: by index, as a matrix, by Kronecker products, as code.

>>> from .one_formula import gradients_of
>>> (by_x, _) = gradients_of("x*y'", {})
>>> found = by_x.jacobian()
>>> found.statement, found.as_one_matrix()
('∂F_ij/∂x_k = δ_ik y_j', 'I ⊗ y')
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from html import escape
from operator import mul
from typing import Any

from ...display import Shown, literal
from ..media import Latex, MathML, Text
from ..terms import DELTA, ForwardPass
from .expression import MatrixExpression, plain_number
from .linear_maps import Coefficients, Kronecker
from .mathml import InMathML
from .reading import Reading, shown
from .writing import ATOM, CHAINED, InLatex, InNumPy, InText, module, python_name


@dataclass(frozen=True)
class HigherDerivative(Shown):
    """The derivative of something by something, of which neither need be a number.

    Attributes
    ----------
    output, by
        What it is of, "F", and by what: ("W",) for a Jacobian, ("w", "w") for a Hessian.
    found
        The formula by index: shape(∂A/∂B) = shape(A) + shape(B).
    matrix
        The same as a matrix, if it has no more than two indices and a matrix form.
    kronecker
        The same as a matrix of row-major entries, if it is one of Kronecker products.
    reading
        The text that was differentiated.
    evidence
        What confirms it.
    """

    output: str
    by: tuple[str, ...]
    found: Coefficients
    matrix: MatrixExpression | None
    kronecker: tuple[Kronecker, ...] | None
    reading: Reading
    evidence: tuple[str, ...] = ()

    @property
    def _text(self) -> InText:
        return InText(self.reading.decimals, self.reading.shapes)

    @property
    def statement(self) -> str:
        """The formula as text: `∂F/∂w = X`, or `∂F_i/∂X_kl = δ_ik w_l`."""
        return self._stated(self._text, _IndexText(self, self._text))

    def _stated(self, text: InText, media: Text) -> str:
        if self.matrix is not None:
            return media.over_all(self, False) + media.equals.replace("&", "") + text.written(self.matrix)  # type: ignore[attr-defined, no-any-return]
        right = media.formula(self.found.formula.terms)
        return media.over_all(self, True) + media.equals.replace("&", "") + right  # type: ignore[attr-defined, no-any-return]

    def latex(self) -> str:
        """The formula as LaTeX, for amsmath."""
        text = InLatex(self.reading.decimals, self.reading.shapes)
        return self._stated(text, _IndexLatex(self, text))

    def mathml(self) -> str:
        """The formula as MathML."""
        text = InMathML(self.reading.decimals, self.reading.shapes)
        return f'<math display="block"><mrow>{self._stated(text, _IndexMathML(self, text))}</mrow></math>'

    def as_one_matrix(self) -> str:
        """The matrix of row-major entries as text, with ⊗ for Kronecker's product; "" if it is none."""
        if self.kronecker is None:
            return ""
        text = self._text
        signs, parts = [], []
        for product in self.kronecker:
            number, scalars, body = product.scale.split()
            signs.append(number < 0)
            piece = self._product(text, product)
            scale = reduce(mul, (*scalars, *([] if body is None else [body])), plain_number(abs(number)))
            if not (scale.kind == "number" and scale.data == 1):
                piece = f"{text.bracketed(scale, CHAINED)}·{piece}"
            parts.append(piece)
        whole = "−" * signs[0] + parts[0] if parts else "0"
        return whole + "".join(
            f" {'−' if negative else '+'} {part}" for negative, part in zip(signs[1:], parts[1:], strict=True)
        )

    def _product(self, text: InText, product: Kronecker) -> str:
        def vec(A: MatrixExpression) -> str:
            return text.bracketed(A, CHAINED) if A.shape[1] == "1" else f"vec({text.written(A)})"

        if product.left is None or product.right is None:
            assert product.rows is not None
            assert product.columns is not None
            return f"{vec(product.rows)}·{vec(product.columns)}ᵀ"
        alone = product.rows is None and product.columns is None and not product.swapped
        if product.left.kind == product.right.kind == "identity":
            parts = [f"diag({vec(A)})" for A in (product.rows,) if A is not None] + ["K"] * product.swapped
            parts += [f"diag({vec(A)})" for A in (product.columns,) if A is not None]
            return "·".join(parts) or "I"
        both = f"{text.bracketed(product.left, ATOM - 1)} ⊗ {text.bracketed(product.right, ATOM - 1)}"
        scaled = product.scale != plain_number(1) or (self.kronecker and len(self.kronecker) > 1)
        whole = both if alone and not scaled else f"({both})"
        whole = f"diag({vec(product.rows)})·{whole}" if product.rows is not None else whole
        whole += "·K" * product.swapped
        return f"{whole}·diag({vec(product.columns)})" if product.columns is not None else whole

    @property
    def layout(self) -> str:
        """Which index is which."""
        function = "×".join(self.found.shape[: self.found.first]) or "()"
        by = "×".join(self.found.shape[self.found.first :]) or "()"
        text = _IndexText(self, self._text)
        both = "×".join(self.found.shape) or "a number"
        of = f"∂{self.output}/∂{self.by[0]}" if len(self.by) > 1 else self.output
        whole = text.over_all(self, False)
        return f"layout: shape({whole}) = shape({of}) + shape({self.by[-1]}), {function} and {by}: {both}"

    def _notes(self) -> list[str]:
        notes = [self.layout]
        if self.matrix is None and self.kronecker is not None:
            notes.append(f"as one matrix, entries in row-major order on both sides: {self.as_one_matrix()}")
            if any(product.swapped for product in self.kronecker):
                notes.append(f"K is the permutation with K·vec({self.by[-1]}) = vec({self.by[-1]}ᵀ)")
        shapes = "; ".join(f"{name} is {shown(shape)}" for name, shape in self.reading.shapes.items())
        return [*notes, shapes, *self.evidence]

    def __rich__(self) -> Any:
        from rich.console import Group
        from rich.text import Text as Words

        return Group(Words(self.statement, "bold"), *(literal(f"  {note}") for note in self._notes()))

    def _repr_html_(self) -> str:
        notes = "".join(f"<li>{escape(note)}</li>" for note in self._notes())
        return f'<div style="overflow-x: auto">{self.mathml()}<ul>{notes}</ul></div>'

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def numpy(self) -> str:
        """The source of a function of NumPy arrays that returns the derivative, an array of that layout."""
        shapes = self.reading.shapes
        code = InNumPy()
        formulas = [self.matrix] if self.matrix is not None else list(self.found.known.values())
        needed = {letter for A in formulas for part in A.walk() for letter in sizes_in(part)} | set(self.found.shape)
        asked = [x for x in self.reading.dimensions if x in needed and not any(x in shape for shape in shapes.values())]
        names = [python_name(name) for name in (*shapes, *asked)]
        kind = "jacobian" if len(self.by) == 1 else "hessian"
        lines = [f"def {python_name(self.output)}_{kind}_by_{'_'.join(dict.fromkeys(self.by))}({', '.join(names)}):"]
        lines.append(f'"""{self.statement}."""')
        for letter in sorted(needed - {"1"} - set(asked)):
            if not letter.isdigit():
                name = next(name for name, shape in shapes.items() if letter in shape)
                lines.append(f"{letter} = {python_name(name)}.shape[{shapes[name].index(letter)}]")
        for name, shape in shapes.items():
            if shape[1] == "1" != shape[0]:
                lines.append(f"{python_name(name)} = np.reshape({python_name(name)}, (-1, 1))")
        if self.matrix is not None:
            size = ", ".join(self.found.shape)
            lines.append(
                f"return np.reshape({code.written(self.matrix)}, ({size}{',' * (len(self.found.shape) == 1)}))"
            )
        else:
            lines.append("return " + " + ".join(self._einsums(code)))
        return module(lines)

    def _einsums(self, code: InNumPy) -> list[str]:
        """Each term as NumPy's sum of products by index."""
        ranges = dict(self.found.formula.free)
        terms = []
        for term in self.found.formula.terms:
            letters = dict(zip((*ranges, *dict(term.bound)), "ijklmnopqrstuvwxyz", strict=False))
            operands, specs, scalars = [], [], []
            for factor in term.factors:
                if factor.name == DELTA:
                    operands.append(f"np.eye({(ranges | dict(term.bound))[factor.indices[0]]})")
                elif not factor.indices:
                    scalars.append(code.bracketed(self.found.known[factor.name], ATOM))
                    continue
                else:
                    text = code.written(self.found.known[factor.name])
                    operands.append(f"np.ravel({text})" if len(factor.indices) == 1 else text)
                specs.append("".join(letters[index] for index in factor.indices))
            carried = {index for factor in term.factors for index in factor.indices}
            for index, size in {**ranges, **dict(term.bound)}.items():
                if index not in carried:
                    operands.append(f"np.ones({size})")
                    specs.append(letters[index])
            spec = f"{','.join(specs)}->{''.join(letters[index] for index in ranges)}"
            number = [] if term.coefficient == 1 else [f"({code.number(term.coefficient)})"]
            terms.append(" * ".join([*number, *scalars, f'np.einsum("{spec}", {", ".join(operands)})']))
        return terms or [f"np.zeros(({', '.join(self.found.shape)},))"]


def sizes_in(A: MatrixExpression) -> set[str]:
    """The dimensions that the code of one operation asks for."""
    if A.kind in ("ones", "zeros", "identity"):
        return set(A.shape)
    return {A.data} if A.kind == "size" else set()


# ---------------------------------------------------------------------------------------------------------------------
# By index, in three media


class _IndexText(Text):
    """Formulas by index whose factors are formulas of matrices."""

    def __init__(self, derivative: HigherDerivative, text: InText) -> None:
        super().__init__(ForwardPass((), {}, ()))
        self.known, self.text = derivative.found.known, text

    def letter(self, name: str) -> str:
        A = self.known.get(name)
        return super().letter(name) if A is None else self.text.bracketed(A, ATOM)

    def over_all(self, derivative: HigherDerivative, by_entry: bool) -> str:
        """∂F/∂W, with indices or without."""
        found = derivative.found
        indices = found.formula.indices
        first, second = indices[: found.first], indices[found.first :]
        if len(derivative.by) == 1:
            output = self.entry(derivative.output, first if by_entry else ())
            return self.over(output, self.entry(derivative.by[0], second if by_entry else ()))
        one, other = derivative.by
        if one == other and not by_entry:
            return self.over(self.twice() + self.letter(derivative.output), self.twice(self.letter(one)), True)
        entries = [self.entry(one, first if by_entry else ()), self.entry(other, second if by_entry else ())]
        return self.over(self.twice() + self.letter(derivative.output), self.partials(entries), True)

    def over(self, above: str, below: str, written: bool = False) -> str:
        if written:
            return f"{above}/{below}"
        return super().over(above, below)

    def twice(self, base: str = "") -> str:
        """∂², or ∂x²."""
        return f"∂{base}²" if base else "∂²"

    def partials(self, entries: list[str]) -> str:
        """∂x∂y."""
        return "".join(f"∂{entry}" for entry in entries)


class _IndexLatex(_IndexText, Latex):
    def letter(self, name: str) -> str:
        A = self.known.get(name)
        return Latex.letter(self, name) if A is None else self.text.bracketed(A, ATOM)

    def over(self, above: str, below: str, written: bool = False) -> str:
        return rf"\frac{{{above}}}{{{below}}}" if written else Latex.over(self, above, below)

    def twice(self, base: str = "") -> str:
        return rf"\partial {base}^{{2}}" if base else r"\partial^{2} "

    def partials(self, entries: list[str]) -> str:
        return " ".join(rf"\partial {entry}" for entry in entries)


class _IndexMathML(_IndexText, MathML):
    def letter(self, name: str) -> str:
        A = self.known.get(name)
        return MathML.letter(self, name) if A is None else self.text.bracketed(A, ATOM)

    def over(self, above: str, below: str, written: bool = False) -> str:
        if written:
            return f"<mfrac><mrow>{above}</mrow><mrow>{below}</mrow></mfrac>"
        return MathML.over(self, above, below)

    def twice(self, base: str = "") -> str:
        d = '<mi mathvariant="normal">∂</mi>'
        return d + f"<msup><mrow>{base}</mrow><mn>2</mn></msup>" if base else f"<msup>{d}<mn>2</mn></msup>"

    def partials(self, entries: list[str]) -> str:
        return "".join(f'<mi mathvariant="normal">∂</mi>{entry}' for entry in entries)


# ---------------------------------------------------------------------------------------------------------------------
# The differential


@dataclass(frozen=True)
class Differential(Shown):
    """dF as a formula that is linear in the differentials of the inputs, dX for X.

    Attributes
    ----------
    output
        What it is the differential of.
    formula
        The formula: of a number f it is tr(Ḡᵀ·dX), or gᵀ·dx of a vector x.
    reading
        The text that was differentiated.
    evidence
        What confirms it.
    """

    output: str
    formula: MatrixExpression
    reading: Reading
    evidence: tuple[str, ...] = ()

    @property
    def statement(self) -> str:
        """The formula as text: `df = tr(Aᵀ·dX)`."""
        return f"d{self.output} = {InText(self.reading.decimals, self.reading.shapes).written(self.formula)}"

    def latex(self) -> str:
        r"""The formula as LaTeX, for amsmath, with \mathrm{d}."""
        text = _DifferentialLatex(self.reading.decimals)
        return rf"\mathrm{{d}} {text.letter(self.output)} = {text.written(self.formula)}"

    def mathml(self) -> str:
        """The formula as MathML."""
        text = InMathML(self.reading.decimals, self.reading.shapes)
        equation = f"{text.letter('d' + self.output)}<mo>=</mo>{text.written(self.formula)}"
        return f'<math display="block"><mrow>{equation}</mrow></math>'

    def __rich__(self) -> Any:
        from rich.console import Group
        from rich.text import Text as Words

        return Group(Words(self.statement, "bold"), *(Words(f"  {note}", "dim") for note in self.evidence))

    def _repr_html_(self) -> str:
        notes = "".join(f"<li>{escape(note)}</li>" for note in self.evidence)
        return f'<div style="overflow-x: auto">{self.mathml()}<ul>{notes}</ul></div>'


class _DifferentialLatex(InLatex):
    def letter(self, name: str) -> str:
        if len(name) > 1 and name[0] == "d" and not name[1].isdigit():
            return rf"\mathrm{{d}} {super().letter(name[1:])}"
        return super().letter(name)
