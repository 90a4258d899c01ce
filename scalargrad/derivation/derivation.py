"""A derivation: a chain of equalities from the chain rule (3) to a matrix formula, which SymPy checks and which prints.

    >>> from .derive import outline
    >>> from .notation import read
    >>> found = outline(read("y[a,b] = sum(k, x[a,k] * w[k,b])"), "w")
    >>> found.statement, [step.label or step.check for step in found.verify().steps]
    ('∂L/∂W = Xᵀ·G', ['(3)', 'SymPy', 'SymPy', 'SymPy', 'SymPy'])

Each step is an expression of SymPy with symbolic dimensions, and SymPy checks that it equals the step before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import escape
from itertools import pairwise
from typing import Any

from ..display import Shown, literal
from ..errors import ArgumentError, DerivationError
from ..proofs.coq import MOST_BYTES, MOST_SECONDS, Checked
from .algebra import Algebra, load_sympy
from .certificate import Certificate, Chain, certificate_of
from .differentiation import chain_rule_formula
from .matrix_form import Matrix
from .matrix_notation.higher_derivative import Differential, HigherDerivative
from .matrix_notation.one_formula import OneFormula, gradients_of_layer
from .media import Latex, MathML, Text
from .numpy_code import numpy_source
from .steps import Step as Step
from .terms import Formula, ForwardPass


@dataclass(frozen=True)
class Derivation(Shown):
    """How ∂L/∂x_ij is found, from the chain rule to the matrix formula.

    Attributes
    ----------
    name
        What L is differentiated by, such as "x".
    layer
        The forward pass.
    steps
        From (3) down; each equals the one before.
    label
        The formula's number, (1), (2) or (b), if it has one.
    evidence
        What confirms it, one sentence for each kind.
    """

    name: str
    layer: ForwardPass
    steps: tuple[Step, ...]
    label: str = ""
    evidence: tuple[str, ...] = ()

    @property
    def formula(self) -> Formula:
        """The gradient in index form."""
        return [step.expression for step in self.steps if isinstance(step.expression, Formula)][-1]

    @property
    def closed(self) -> Matrix | None:
        """The gradient as a matrix formula, if it has one."""
        last = self.steps[-1].expression
        return last if isinstance(last, Matrix) else None

    @property
    def statement(self) -> str:
        """The formula as text: `∂L/∂X = G·Wᵀ`, or by its entries where it has no matrix form."""
        return Text(self.layer).statement(self.name, self.formula, self.closed)

    @property
    def equations(self) -> tuple[Any, ...]:
        """Each step's equality with the one before, as SymPy's unevaluated `Eq`.

        Raises
        ------
        MissingExtraError
            Without the extra "symbolic".
        DerivationError
            If something in the forward pass has more than two indices, or a function with a bend: not SymPy's matrices.
        """
        sympy = load_sympy()
        return tuple(
            sympy.Eq(left, right, evaluate=False) for left, right in pairwise(self._entries(Algebra(self.layer)))
        )

    def _entries(self, algebra: Algebra) -> list[Any]:
        """Each step as an expression of SymPy."""
        return [algebra.entry(step.expression, self.formula) for step in self.steps]

    def verify(self) -> Derivation:
        """Check every step by SymPy, for all dimensions at once; the derivation itself if they hold.

        Raises
        ------
        DerivationError
            If one does not follow from the one before, with both sides.
        MissingExtraError
            Without the extra "symbolic".
        """
        algebra = Algebra(self.layer)
        if self.steps[0].expression != chain_rule_formula(self.layer, self.name):
            raise DerivationError(f"the derivation of {self.name} does not start from the chain rule (3)")
        for number, (before, after) in enumerate(pairwise(self._entries(algebra)), 1):
            if algebra.differ(before, after):
                pair = self.steps[number - 1 : number + 1]
                one, other = (Text(self.layer).side(step.expression, self.formula) for step in pair)
                raise DerivationError(f"step {number + 1} of ∂L/∂{self.name} does not follow: {one} ≠ {other}")
        premise, *others = self.steps
        checked = (replace(premise, check="premise"), *(replace(step, check="SymPy") for step in others))
        return replace(self, steps=checked)

    # Certificates

    @property
    def chain(self) -> Chain:
        """What a certificate is made of."""
        lines = tuple(step.expression for step in self.steps)
        return Chain(self.name, self.layer, lines, tuple(step.why for step in self.steps), self.statement)

    @property
    def chains(self) -> list[Chain]:
        """Those of the certificate: one."""
        return [self.chain]

    def certificate(self) -> Certificate:
        """This derivation as a file of Coq: a lemma for each line, and the formula as a theorem. It needs no Coq.

        Raises
        ------
        CertificateError
            If a step can't be certified: which, and why.
        """
        return certificate_of(self.chains)

    def certify(self, seconds: float = MOST_SECONDS, memory: int = MOST_BYTES) -> Derivation:
        """Have Coq check the certificate; the derivation with that as evidence, bound to the digest of the very text.

        Parameters
        ----------
        seconds, memory
            Limits: seconds of computing, and bytes.

        Raises
        ------
        CertificateError
            If there is no certificate.
        CoqError
            If Coq is missing, if a limit was reached, or if no proof was found, which refutes nothing.
        """
        return self.certified(self.certificate().check(seconds, memory))

    def certified(self, checked: Checked) -> Derivation:
        """The derivation with this as evidence."""
        return replace(self, evidence=(*self.evidence, checked.sentence))

    # Other forms

    def one_formula(self) -> OneFormula:
        """The gradient in the letters of the inputs, without adjoints of what is made on the way.

        Raises
        ------
        NotationError
            If the forward pass has no matrix form: why.
        ArgumentError
            If what is differentiated by is made on the way.
        """
        found = {formula.name: formula for formula in gradients_of_layer(self.layer)}
        if self.name not in found:
            raise ArgumentError(f"{self.name} is made on the way: ask for one by an input, {', '.join(found)}")
        return found[self.name]

    def jacobian(self) -> HigherDerivative:
        """∂Y/∂X by index, of shape(Y) + shape(X), as `OneFormula.jacobian`; errors as for `one_formula`."""
        return self.one_formula().jacobian()

    def hessian(self, by: str | None = None) -> HigherDerivative:
        """∂²f/∂x∂y of a number f, as `OneFormula.hessian`; errors as there and for `one_formula`."""
        return self.one_formula().hessian(by)

    def differential(self) -> Differential:
        """The part of dY that is linear in dX; errors as for `one_formula`."""
        return self.one_formula().differential()

    def numpy(self) -> str:
        """The source of a function of NumPy arrays that returns the output and the gradient.

        Raises
        ------
        ArgumentError
            If what is differentiated by is made on the way.
        """
        return numpy_source(self.layer, self.name)

    # Pages

    def _lines(self, medium: Text) -> Iterator[tuple[str, str, Step]]:
        """Each step with its two sides; ∂L/∂x_ij stands on the left of the first one only."""
        left = medium.gradient_entry(self.name, self.formula)
        for step in self.steps:
            yield left, medium.side(step.expression, self.formula), step
            left = ""

    def _notes(self) -> list[str]:
        """What the letters are, and what confirms the formula."""
        return [*Text(self.layer).legend(self.name, [step.expression for step in self.steps]), *self.evidence]

    def __rich__(self) -> Any:
        from rich.console import Group
        from rich.padding import Padding
        from rich.table import Table
        from rich.text import Text as Words

        text = Text(self.layer)
        table = Table(box=None, show_header=False, padding=(0, 1), pad_edge=False)
        for style in ("", "", "", "cyan", "dim"):
            table.add_column(style=style)
        table.columns[4].ratio = 1
        for left, right, step in self._lines(text):
            table.add_row(*map(literal, (left, "=", right, step.label, step.reason)))
        return Group(
            Words(f"{self.statement}   {self.label}".rstrip(), "bold"),
            *(literal(f"  {line}{'   (4)' * bool(self.label)}") for line in text.forward()),
            Padding(table, (0, 0, 0, 2)),
            *(Words(f"  {note}", "dim") for note in self._notes()),
        )

    def latex(self) -> str:
        """The page as LaTeX, an `align*` environment: the forward pass, the steps and the formula."""
        latex = Latex(self.layer)
        rows = [line + r" \tag{4}" * bool(self.label) for line in latex.forward()]
        for left, right, step in self._lines(latex):
            rows.append(rf"{left} &= {right} && \text{{{latex.words(step.why)}}}{latex.tag(step.label)}")
        rows.append(latex.statement(self.name, self.formula, self.closed) + latex.tag(self.label))
        return "\\begin{align*}\n" + " \\\\\n".join(rows) + "\n\\end{align*}"

    def mathml(self) -> str:
        """The page as one element of presentation MathML, a table of steps."""
        mathml = MathML(self.layer)
        rows = [mathml.row(line, "", "(4)" * bool(self.label)) for line in mathml.forward()]
        for left, right, step in self._lines(mathml):
            rows.append(mathml.row(left + mathml.equals + right, step.reason, step.label))
        rows.append(mathml.row(mathml.statement(self.name, self.formula, self.closed), "", self.label))
        return f'<math display="block"><mtable displaystyle="true">{"".join(rows)}</mtable></math>'

    def _repr_html_(self) -> str:
        notes = "".join(f"<li>{escape(note)}</li>" for note in self._notes())
        return f'<div style="overflow-x: auto">{self.mathml()}<ul>{notes}</ul></div>'

    def _repr_latex_(self) -> str:
        return self.latex()
