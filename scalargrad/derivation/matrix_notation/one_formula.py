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

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from html import escape
from typing import Any

from ...display import Shown, literal
from ...proofs.coq import MOST_BYTES, MOST_SECONDS, Checked
from ..algebra import load_sympy
from ..certificate import Certificate, Chain, certificate_of
from ..matrix_form import as_shape
from ..terms import ForwardPass
from .all_dimensions import for_all_dimensions
from .beyond_gradients import differential_of, hessian_of, jacobian_of
from .by_indices import chains_of
from .expression import ONE_BY_ONE, Dimensions, MatrixExpression, identity, matrix_named, plain_number
from .from_indices import as_one_expression
from .higher_derivative import Differential, HigherDerivative
from .mathml import InMathML
from .naming import Shortened, named_parts, replaced, with_names
from .polish import names_given, polished
from .reading import Reading, shown, simplified, understood
from .rules import Rule, reversed_through
from .two_routes import confirm_by_two_routes
from .writing import InLatex, InNumPy, InText, module, python_name

LONG = 12
"""Characters from which on f stands for itself in its own gradient."""


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
    rules
        Those that were applied, from f down.
    output
        What the derivative is of: "f", or "L" if the formula is a matrix, whose adjoint is then given.
    seed
        1, or the adjoint ∂L/∂F of a matrix F.
    evidence
        What confirms it, one sentence for each route.
    structured
        Of a symmetric matrix, the derivative along symmetric matrices, where an entry and the one across the diagonal
        are one: Ḡ + Ḡᵀ − Ḡ∘I (The Matrix Cookbook, equation 138). The gradient takes all entries as independent.
    """

    name: str
    reading: Reading
    function: MatrixExpression
    gradient: MatrixExpression
    rules: tuple[Rule, ...]
    output: str
    seed: MatrixExpression
    evidence: tuple[str, ...] = ()
    structured: MatrixExpression | None = None

    @cached_property
    def short(self) -> Shortened:
        """The gradient with names for what stands in it more than once, where that is shorter."""
        named = {polished(simplified(A), self.reading.symmetric): name for name, A in self.reading.named.items()}
        known = {A: name for A, name in named.items() if A.nodes > 2}
        said = []
        if self.function.is_number:
            said = [self.output]
            whole = polished(self.function, self.reading.symmetric)
            if len(self._text.written(whole)) >= LONG:
                known[whole] = self.output
        return named_parts(self.gradient, self._text, self._taken, known, said)

    @property
    def _taken(self) -> set[str]:
        return {*self.reading.shapes, *self.reading.dimensions, *self.reading.named, self.output, str(self.seed.data)}

    @property
    def _text(self) -> InText:
        return InText(self.reading.decimals, self._taken)

    def _stated(self, text: InText, over: Any) -> str:
        loss = text.letter(self.output if self.function.is_number else self._loss)
        names = [f"{text.letter(name)} = {text.written(A)}" for name, A in self.short.names]
        named = text.where(names) if names else ""
        return f"{over(loss, text.letter(self.name))} = {text.written(self.short.formula)}{named}"

    @property
    def _loss(self) -> str:
        return next(letter for letter in ("L", "ℓ") if letter not in self.reading.shapes)

    @property
    def statement(self) -> str:
        """The formula as text: `∂f/∂w = 2·Xᵀ·(X·w − y)`."""
        return self._stated(self._text, lambda above, below: f"∂{above}/∂{below}")

    def latex(self) -> str:
        """The formula as LaTeX, for amsmath."""

        def over(above: str, below: str) -> str:
            return rf"\frac{{\partial {above}}}{{\partial {below}}}"

        return self._stated(InLatex(self.reading.decimals, self._taken), over)

    def mathml(self) -> str:
        """The formula as MathML, which a notebook shows."""
        d = '<mi mathvariant="normal">∂</mi>'

        def over(above: str, below: str) -> str:
            return f"<mfrac><mrow>{d}{above}</mrow><mrow>{d}{below}</mrow></mfrac>"

        equation = self._stated(InMathML(self.reading.decimals, self._taken), over).replace(" = ", "<mo>=</mo>")
        return f'<math display="block"><mrow>{equation}</mrow></math>'

    def numpy(self) -> str:
        """The source of a function of NumPy arrays that returns f, or the matrix, and the gradient.

        A vector is a one-dimensional array, a number a Python number. If the formula is a matrix, its adjoint comes
        after the inputs; last come dimensions that no input has.
        """
        code, text, shapes = InNumPy(), self._text, self.reading.shapes
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
        makes_f = f"{output} = {code.written(with_names(self.function, self.short.names))}"
        named = [f"{python_name(name)} = {code.written(A)}" for name, A in self.short.names]
        if any(A.data == self.output for _, B in self.short.names for A in B.walk() if A.kind == "name"):
            lines += [f"{output} = {code.written(self.function)}", *named]
        else:
            lines += [*named, makes_f]
        lines.append(f"gradient = {code.written(self.short.formula)}")
        value, slope = (returned(x, A.shape) for x, A in ((output, self.function), ("gradient", self.gradient)))
        lines.append(f"return {value}, {slope}")
        return module(lines)

    def jacobian(self) -> HigherDerivative:
        """∂F/∂X by index, of shape(F) + shape(X), and as a matrix or by Kronecker products where it is one."""
        return jacobian_of(self)

    def hessian(self, by: str | None = None) -> HigherDerivative:
        """∂²f/∂x∂y of a number f; y is x unless another input is named."""
        return hessian_of(self, by)

    def differential(self) -> Differential:
        """The part of df, or of dF, that is linear in dX."""
        return differential_of([self])

    @property
    def chains(self) -> list[Chain]:
        """What a certificate is made of, by way of index notation; errors as for `certificate`."""
        return chains_of(self.reading, self.name, self.output, self.gradient, self.statement)

    def certificate(self) -> Certificate:
        """The gradient as a file of Coq, by way of index notation. It needs no Coq.

        The theorem states the formula as it is printed, if that is matrix algebra of the inputs; else its index form,
        with the adjoints of what is made on the way, which have theorems of their own.

        Raises
        ------
        CertificateError
            If the formula is not index notation, or a step can't be certified: which, and why.
        """
        return certificate_of(self.chains)

    def certify(self, seconds: float = MOST_SECONDS, memory: int = MOST_BYTES) -> OneFormula:
        """Have Coq check the certificate, as `Derivation.certify`; errors as there."""
        return self.certified(self.certificate().check(seconds, memory))

    def certified(self, checked: Checked) -> OneFormula:
        """The formula with this as evidence, which says so if the theorem has its index form."""
        *_, own = self.chains
        index_form = "" if own.statement == self.statement else f"of {own.statement}, "
        return replace(self, evidence=(*self.evidence, index_form + checked.sentence))

    def _notes(self) -> list[str]:
        legend = "; ".join(f"{name} is {shown(shape)}" for name, shape in self.reading.shapes.items())
        if self.seed.kind == "name":
            legend += f"; {self.seed.data} is ∂{self._loss}/∂{self.output}, {shown(self.seed.shape)}"
        notes = [legend, *self.evidence]
        if self.structured is not None:
            notes.insert(0, f"along symmetric {self.name}, whose halves move together: {self.symmetric_statement}")
        return notes

    @property
    def symmetric_statement(self) -> str:
        """The derivative along symmetric matrices as text; empty if the matrix is not said to be symmetric."""
        if self.structured is None:
            return ""
        loss = self.output if self.function.is_number else self._loss
        return f"d{loss}/d{self.name} = {self._text.written(self.structured)}"

    @cached_property
    def steps(self) -> Steps:
        """The derivation, from f down, as a lecture shows it: a step for each rule that was applied.

        Raises
        ------
        DerivationError
            If the adjoint of a step is contradicted by a graph or by differences, which would be a mistake of ours.
        """
        text = self._text
        loss = self.output if self.function.is_number else self._loss
        confirm_each(self.rules, names_given(self.function), self.seed, self.reading)
        lines = []
        for rule in self.rules:
            part, found = (with_names(A, self.short.names) for A in (rule.part, rule.found))
            lines.append(MatrixStep(f"∂{loss}/∂{text.bracketed(part, 5)} ← {text.written(found)}", rule.why))
        return Steps(self.statement, f"{self.output} = {text.written(self.function)}", tuple(lines))

    def __rich__(self) -> Any:
        from rich.console import Group
        from rich.text import Text as Words

        return Group(
            Words(self.statement, "bold"),
            literal(f"  {self.output} = {self._text.written(self.function)}"),
            *(Words(f"  {note}", "dim") for note in self._notes()),
        )

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"

    def _repr_html_(self) -> str:
        notes = "".join(f"<li>{escape(note)}</li>" for note in self._notes())
        return f'<div style="overflow-x: auto">{self.mathml()}<ul>{notes}</ul></div>'


@dataclass(frozen=True)
class MatrixStep:
    """One rule: what it adds to an adjoint, and the rule in words."""

    formula: str
    why: str


@dataclass(frozen=True)
class Steps(Shown, Sequence[MatrixStep]):
    """The steps from f to a gradient."""

    statement: str
    function: str
    lines: tuple[MatrixStep, ...]

    def __len__(self) -> int:
        return len(self.lines)

    def __getitem__(self, at: Any) -> Any:
        return self.lines[at]

    def __rich__(self) -> Any:
        from rich.console import Group
        from rich.padding import Padding
        from rich.table import Table
        from rich.text import Text as Words

        table = Table(box=None, show_header=False, padding=(0, 1), pad_edge=False)
        table.add_column()
        table.add_column(style="dim", ratio=1)
        for step in self.lines:
            table.add_row(literal(step.formula), literal(step.why))
        return Group(Words(self.statement, "bold"), literal(f"  {self.function}"), Padding(table, (0, 0, 0, 2)))


def confirm_each(rules: Sequence[Rule], function: MatrixExpression, seed: MatrixExpression, reading: Reading) -> None:
    """Confirm by two routes what is said of each part: its adjoint is the gradient by a name in the part's place."""
    adjoints: dict[MatrixExpression, MatrixExpression] = {}
    for rule in rules:
        adjoints[rule.part] = adjoints[rule.part] + rule.found if rule.part in adjoints else rule.found
    for part, adjoint in adjoints.items():
        token = matrix_named("this part", part.shape)
        confirm_by_two_routes(
            replaced(function, part, token), seed, {token.data: adjoint}, reading.shapes, reading.dimensions,
            reading.symmetric, {token.data: part},
        )  # fmt: skip


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
    taken = {*reading.shapes, *reading.dimensions, *reading.named}
    letters = ("f", "h", "φ") if function.is_number else ("F", "Y", "Z")
    given = next((name for name, A in reading.named.items() if reading.expression == A), None)  # f = sum(x); f
    output = reading.output or given or next(letter for letter in letters if letter not in taken)
    seed = plain_number(1)
    if not function.is_number:
        adjoint = next(letter for letter in ("G", "Ḡ", "H", "G1") if letter not in taken | {output})
        seed = matrix_named(adjoint, function.shape)
    found = reversed_through(names_given(function), seed)
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
    structured = {
        name: along_symmetric(gradients[name], reading.symmetric) for name in reading.symmetric & gradients.keys()
    }
    if structured:
        confirm_by_two_routes(reading.expression, seed, structured, reading.shapes, reading.dimensions,
                              reading.symmetric, tied=True)  # fmt: skip
    return [
        OneFormula(name, reading, function, A, found[name].steps if name in found else (), output, seed, evidence,
                   structured.get(name))
        for name, A in gradients.items()
    ]  # fmt: skip


def along_symmetric(gradient: MatrixExpression, symmetric: frozenset[str]) -> MatrixExpression:
    """Ḡ + Ḡᵀ − Ḡ∘I."""
    return polished(gradient + gradient.T - gradient * identity(gradient.shape[0]), symmetric)
