"""The gradient of a formula in matrix notation: one formula in the inputs' letters, confirmed by two routes.

>>> by_x, by_A = gradients_of("x'*A*x", {"A": "N N"})
>>> by_x.statement, by_A.statement
('∂f/∂x = A·x + Aᵀ·x', '∂f/∂A = x·xᵀ')
>>> print(by_A.numpy())
import numpy as np
<BLANKLINE>
<BLANKLINE>
def f_by_A(x, A):
    \"""f = xᵀ·A·x, and ∂f/∂A = x·xᵀ.\"""
    x = np.reshape(x, (-1, 1))
    f = x.T @ A @ x
    gradient = x @ x.T
    return np.squeeze(f), gradient
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Any

from ...display import Shown, literal
from ..algebra import load_sympy
from ..matrix_form import as_shape
from ..terms import ForwardPass
from .all_dimensions import for_all_dimensions
from .beyond_gradients import differential_of, hessian_of, jacobian_of
from .expression import ONE_BY_ONE, Dimensions, MatrixExpression, matrix_named, plain_number
from .from_indices import as_one_expression
from .higher_derivative import Differential, HigherDerivative
from .mathml import InMathML
from .polish import polished
from .reading import Reading, shown, simplified, understood
from .rules import Rule, reversed_through
from .two_routes import confirm_by_two_routes
from .writing import InLatex, InNumPy, InText, python_name


@dataclass(frozen=True)
class OneFormula(Shown):
    """A gradient in the letters of the inputs.

    Attributes
    ----------
    name
        What f is differentiated by.
    reading
        The text, read.
    function
        f, simplified.
    gradient
        The gradient as a formula, of the shape of the input.
    steps
        The rules that were applied, from f down: each has its reason in `why`.
    output
        What the derivative is of: "f", or "L" if the formula is a matrix, whose adjoint is then given.
    seed
        1, or the adjoint ∂L/∂F of a matrix F.
    evidence
        What confirms it, one sentence for each route.
    """

    name: str
    reading: Reading
    function: MatrixExpression
    gradient: MatrixExpression
    steps: tuple[Rule, ...]
    output: str
    seed: MatrixExpression
    evidence: tuple[str, ...] = ()

    def _stated(self, text: InText, over: Any) -> str:
        loss = text.letter(self.output if self.function.is_number else self._loss)
        return f"{over(loss, text.letter(self.name))} = {text.written(self.gradient)}"

    @property
    def _loss(self) -> str:
        return next(letter for letter in ("L", "ℓ") if letter not in self.reading.shapes)

    @property
    def statement(self) -> str:
        """The formula as text: `∂f/∂w = 2·Xᵀ·(X·w − y)`."""
        return self._stated(InText(self.reading.decimals), lambda above, below: f"∂{above}/∂{below}")

    def latex(self) -> str:
        """The formula as LaTeX, for amsmath."""

        def over(above: str, below: str) -> str:
            return rf"\frac{{\partial {above}}}{{\partial {below}}}"

        return self._stated(InLatex(self.reading.decimals), over)

    def mathml(self) -> str:
        """The formula as MathML, which a notebook shows."""
        d = '<mi mathvariant="normal">∂</mi>'

        def over(above: str, below: str) -> str:
            return f"<mfrac><mrow>{d}{above}</mrow><mrow>{d}{below}</mrow></mfrac>"

        equation = self._stated(InMathML(self.reading.decimals), over).replace(" = ", "<mo>=</mo>")
        return f'<math display="block"><mrow>{equation}</mrow></math>'

    def numpy(self) -> str:
        """The source of a function of NumPy arrays that returns f, or the matrix, and the gradient.

        A vector is a one-dimensional array, a number a Python number. If the formula is a matrix, its adjoint comes
        after the inputs; last come dimensions that no input has.
        """
        code, text, shapes = InNumPy(), InText(self.reading.decimals), self.reading.shapes
        names = [*shapes, *([self.seed.data] if self.seed.kind == "name" else [])]
        shape_of = {**shapes, self.seed.data: self.seed.shape} if self.seed.kind == "name" else shapes
        output = python_name(self.output)
        needed = letters_needed(self.function) | letters_needed(self.gradient)
        sizes = [letter for letter in self.reading.dimensions if letter in needed]
        asked = [letter for letter in sizes if not any(letter in shape for shape in shape_of.values())]
        lines = [f"def {output}_by_{self.name}({', '.join(map(python_name, [*names, *asked]))}):"]
        lines.append(f'"""{self.output} = {text.written(self.function)}, and {self.statement}."""')
        lines += [f"{letter} = {where_from(letter, shape_of)}" for letter in sizes if letter not in asked]
        lines += [
            f"{python_name(name)} = np.reshape({python_name(name)}, (-1, 1))"
            for name in names
            if shape_of[name][1] == "1" != shape_of[name][0]
        ]
        lines.append(f"{output} = {code.written(self.function)}")
        lines.append(f"gradient = {code.written(self.gradient)}")
        value, slope = (returned(x, A.shape) for x, A in ((output, self.function), ("gradient", self.gradient)))
        lines.append(f"return {value}, {slope}")
        return "import numpy as np\n\n\n" + "\n    ".join(lines)

    def jacobian(self) -> HigherDerivative:
        """∂F/∂X by index, of shape(F) + shape(X), and as a matrix or by Kronecker products where it is one."""
        return jacobian_of(self)

    def hessian(self, by: str | None = None) -> HigherDerivative:
        """∂²f/∂x∂y of a number f; y is x unless another input is named."""
        return hessian_of(self, by)

    def differential(self) -> Differential:
        """The part of df, or of dF, that is linear in dX."""
        return differential_of([self])

    def _notes(self) -> list[str]:
        legend = "; ".join(f"{name} is {shown(shape)}" for name, shape in self.reading.shapes.items())
        if self.seed.kind == "name":
            legend += f"; {self.seed.data} is ∂{self._loss}/∂{self.output}, {shown(self.seed.shape)}"
        return [legend, *self.evidence]

    def chain(self) -> list[tuple[str, str]]:
        """The steps as text: the adjoint that each rule finds, and the rule."""
        text = InText(self.reading.decimals)
        loss = self.output if self.function.is_number else self._loss
        rows = []
        for step in self.steps:
            below = text.bracketed(step.part, 5)
            rows.append((f"∂{loss}/∂{below} ← {text.written(step.found)}", step.why))
        return rows

    def __rich__(self) -> Any:
        from rich.console import Group
        from rich.padding import Padding
        from rich.table import Table
        from rich.text import Text as Words

        text = InText(self.reading.decimals)
        table = Table(box=None, show_header=False, padding=(0, 1), pad_edge=False)
        table.add_column()
        table.add_column(style="dim", ratio=1)
        for formula, why in self.chain():
            table.add_row(literal(formula), literal(why))
        return Group(
            Words(self.statement, "bold"),
            literal(f"  {self.output} = {text.written(self.function)}"),
            Padding(table, (0, 0, 0, 2)),
            *(Words(f"  {note}", "dim") for note in self._notes()),
        )

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def _repr_html_(self) -> str:
        rows = "".join(f"<tr><td>{escape(one)}</td><td>{escape(why)}</td></tr>" for one, why in self.chain())
        notes = "".join(f"<li>{escape(note)}</li>" for note in self._notes())
        return f'<div style="overflow-x: auto">{self.mathml()}<table>{rows}</table><ul>{notes}</ul></div>'


def letters_needed(A: MatrixExpression) -> set[str]:
    """The dimensions that the code of a formula asks for."""
    found = set()
    for part in A.walk():
        if part.kind in ("ones", "zeros", "identity"):
            found |= set(part.shape)
        elif part.kind == "size":
            found.add(part.data)
    return found


def where_from(letter: str, shapes: Mapping[str, Dimensions]) -> str:
    """The code of a dimension: a shape's entry."""
    name = next(name for name, shape in shapes.items() if letter in shape)
    return f"{python_name(name)}.shape[{shapes[name].index(letter)}]"


def returned(name: str, shape: Dimensions) -> str:
    if shape == ONE_BY_ONE:
        return f"np.squeeze({name})"
    return f"{name}.ravel()" if shape[1] == "1" else name


def gradients_of(text: str, shapes: Mapping[str, str] | None = None, numpy: bool | None = None) -> list[OneFormula]:
    """The gradient by every input of a formula in matrix notation.

    Parameters
    ----------
    text
        As for `reading.understood`.
    shapes
        `{"X": "N D"}`, as there.
    numpy
        Whether the text is NumPy's; if it is None, that is so where it has @ or np.

    Raises
    ------
    MissingExtraError
        Without the extra "symbolic".
    NotationError
        If the text is no formula, or its shapes don't fit.
    DerivationError
        If a formula can't be confirmed by two routes.
    """
    load_sympy()  # the extra that brings mpmath too
    return gradients_by_all(understood(text, shapes, numpy))


def gradients_of_layer(layer: ForwardPass) -> list[OneFormula]:
    """The same of a forward pass in index notation, where it has a matrix form.

    Raises
    ------
    NotationError
        If it has none: why.
    DerivationError
        If a formula can't be confirmed by two routes.
    """
    load_sympy()
    shapes = {name: as_shape(layer.shapes[name]) for name in layer.inputs}
    return gradients_by_all(Reading(as_one_expression(layer), layer.output, shapes, layer.dimensions, False))


def proved_for_all(
    reading: Reading,
    function: MatrixExpression,
    seed: MatrixExpression,
    raw: Mapping[str, MatrixExpression],
    shown: Mapping[str, MatrixExpression],
) -> str:
    """What SymPy says of the formulas that are shown; of those with matrices that are symmetric, or with σ and softmax
    for what is written out, as the rules give them."""
    of_shown, of_raw = (
        {A.data if A.kind == "apply" else A.kind for gradient in some.values() for A in gradient.walk()}
        for some in (shown, raw)
    )
    as_shown = not reading.symmetric and of_shown <= of_raw
    return for_all_dimensions(function, seed, shown if as_shown else raw, reading.symmetric)


def gradients_by_all(reading: Reading) -> list[OneFormula]:
    """The gradient by every input of a text that is read.

    Raises
    ------
    DerivationError
        If a formula can't be confirmed by two routes.
    """
    function = simplified(reading.expression)
    taken = {*reading.shapes, *reading.dimensions}
    letters = ("f", "h", "φ") if function.is_number else ("F", "Y", "Z")
    output = reading.output or next(letter for letter in letters if letter not in taken)
    seed = plain_number(1)
    if not function.is_number:
        adjoint = next(letter for letter in ("G", "Ḡ", "H", "G1") if letter not in taken | {output})
        seed = matrix_named(adjoint, function.shape)
    found = reversed_through(function, seed)
    nothing = {
        name: plain_number(0) * matrix_named(name, shape) for name, shape in reading.shapes.items() if name not in found
    }
    gradients = {
        name: polished(found[name].gradient, reading.symmetric) if name in found else nothing[name]
        for name in reading.shapes
    }
    evidence = (
        proved_for_all(reading, function, seed, {name: found[name].gradient for name in found}, gradients),
        *confirm_by_two_routes(
            reading.expression, seed, gradients, reading.shapes, reading.dimensions, reading.symmetric
        ),
    )
    return [
        OneFormula(name, reading, function, A, found[name].steps if name in found else (), output, seed, evidence)
        for name, A in gradients.items()
    ]
