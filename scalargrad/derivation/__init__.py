"""The matrix formulas for all N, D, M: the chain rule (3), deltas inserted, sums collapsed, a product recognised.

    >>> for derivation in derive("affine"): print(derivation.label, derivation.statement)
    (1) ∂L/∂X = G·Wᵀ
    (2) ∂L/∂W = Xᵀ·G
    (b) ∂L/∂b = Gᵀ·1

Every step is an expression of SymPy with symbolic dimensions, and SymPy checks that it equals the step before. The same
is done for a forward pass of your own in index notation, `derive("f = sum(i, j, x[i]*a[i,j]*x[j])")`, whose formulas
are also compared with scalar graphs. A derivation prints as text, LaTeX and, in a notebook, MathML.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import partial
from html import escape
from itertools import pairwise
from typing import Any

from ..arrays import fill
from ..display import Shown, literal
from ..engine.sweep import adjoints
from ..engine.value import Value
from ..errors import DerivationError
from .algebra import BENT, Algebra, load_sympy
from .differentiation import chain_rule, collapse_once, entries, forward, insert_partials
from .matrix_form import Matrix, closed_form, evaluate
from .media import Latex, MathML, Text
from .notation import Formula, ForwardPass, Term, read

NAMED: dict[str, tuple[str, dict[str, str], dict[str, str]]] = {
    "affine": (
        "y[α,β] = sum(k, x[α,k]*w[k,β]) + b[β]",
        {"x": "N D", "w": "D M", "b": "M"},
        {"x": "(1)", "w": "(2)", "b": "(b)"},
    ),
    "linear": ("y[α,β] = sum(k, x[α,k]*w[β,k])", {"x": "N D", "w": "M D"}, {"x": "(1′)", "w": "(2′)"}),
    "bias": ("y[α,β] = z[α,β] + b[β]", {"z": "N M", "b": "M"}, {"b": "(b)"}),
    "tanh": ("y[α,β] = tanh(sum(k, x[α,k]*w[k,β]) + b[β])", {"x": "N D", "w": "D M", "b": "M"}, {}),
    "two-layer": (
        "h[α,γ] = tanh(sum(k, x[α,k]*w[k,γ]) + b[γ]); y[α,β] = sum(γ, h[α,γ]*v[γ,β]) + c[β]",
        {"x": "N D", "w": "D K", "b": "K", "v": "K M", "c": "M"},
        {},
    ),
    "quadratic": ("f = sum(α, β, x[α]*a[α,β]*x[β])", {"x": "N", "a": "N N"}, {}),
    "trace": ("f = sum(α, β, a[α,β]*x[β,α])", {"a": "N D", "x": "D N"}, {}),
    "gram": ("y[α,β] = sum(k, x[α,k]*x[β,k])", {"x": "N D"}, {}),
}
"""Forward passes by name: the text, the dimensions, and the formulas' numbers (those alone are derived, if given)."""


# ---------------------------------------------------------------------------------------------------------------------
# What a derivation is


@dataclass(frozen=True)
class Step:
    """One side of a chain of equalities.

    Attributes
    ----------
    expression
        The entry in index form, or the matrix whose entry it is.
    why
        Why it equals the step before.
    check
        How that was checked; "premise" for the chain rule, from which all follows.
    label
        Its number as an equation, if it has one.
    """

    expression: Formula | Matrix
    why: str
    check: str = "unchecked"
    label: str = ""


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
        return Text(self.layer).statement(self)

    @property
    def equations(self) -> tuple[Any, ...]:
        """Each step's equality with the one before, as SymPy's unevaluated `Eq`.

        Raises
        ------
        ModuleNotFoundError
            Without the extra "symbolic".
        DerivationError
            If something in the forward pass has more than two indices, or a function with a bend: not SymPy's matrices.
        """
        sympy = load_sympy()
        algebra = Algebra(self.layer)
        sides = [algebra.entry(step.expression, self.formula) for step in self.steps]
        return tuple(sympy.Eq(left, right, evaluate=False) for left, right in pairwise(sides))

    def verify(self) -> Derivation:
        """Check every step by SymPy, for all dimensions at once; the derivation itself if they hold.

        Raises
        ------
        DerivationError
            If one does not follow from the one before, with both sides.
        ModuleNotFoundError
            Without the extra "symbolic".
        """
        algebra = Algebra(self.layer)
        if self.steps[0].expression != chain_rule(self.layer, self.name):
            raise DerivationError(f"the derivation of {self.name} does not start from the chain rule (3)")
        checked = [replace(self.steps[0], check="premise")]
        for before, step in pairwise(self.steps):
            sides = [algebra.entry(s.expression, self.formula) for s in (before, step)]
            if algebra.differ(*sides):
                one, other = (Text(self.layer).side(s.expression, self.formula) for s in (before, step))
                raise DerivationError(f"step {len(checked) + 1} of ∂L/∂{self.name} does not follow: {one} ≠ {other}")
            checked.append(replace(step, check="SymPy"))
        return replace(self, steps=tuple(checked))

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
        for position, step in enumerate(self.steps):
            left = text.gradient_entry(self) if position == 0 else ""
            mark = "✓ " if step.check == "SymPy" else ""
            cells = (left, "=", text.side(step.expression, self.formula), step.label, mark + step.why)
            table.add_row(*map(literal, cells))
        lines = [literal(f"  {line}{'   (4)' * bool(self.label)}") for line in text.forward()]
        notes = [Words(f"  {note}", "dim") for note in (*text.legend(self), *self.evidence)]
        return Group(
            Words(f"{self.statement}   {self.label}".rstrip(), "bold"), *lines, Padding(table, (0, 0, 0, 2)), *notes
        )

    def latex(self) -> str:
        """The page as LaTeX, an `align*` environment: the forward pass, the steps and the formula."""
        latex = Latex(self.layer)
        rows = [line + r" \tag{4}" * bool(self.label) + r" \\" for line in latex.forward()]
        for position, step in enumerate(self.steps):
            left = latex.gradient_entry(self) if position == 0 else ""
            tag = rf" \tag{{{latex.words(step.label.strip('()'))}}}" if step.label else ""
            side = latex.side(step.expression, self.formula)
            rows.append(rf"{left} &= {side} && \text{{{latex.words(step.why)}}}{tag} \\")
        tag = rf" \tag{{{latex.words(self.label.strip('()'))}}}" if self.label else ""
        rows.append(latex.statement(self) + tag)
        return "\\begin{align*}\n" + "\n".join(rows) + "\n\\end{align*}"

    def mathml(self) -> str:
        """The page as one element of presentation MathML, a table of steps."""
        mathml = MathML(self.layer)
        rows = [mathml.row(line, "", "(4)" * bool(self.label)) for line in mathml.forward()]
        for position, step in enumerate(self.steps):
            left = mathml.gradient_entry(self) if position == 0 else ""
            side = mathml.side(step.expression, self.formula)
            why = "✓ " * (step.check == "SymPy") + step.why
            rows.append(mathml.row(f"{left}{mathml.equals}{side}", why, step.label))
        rows.append(mathml.row(mathml.statement(self), "", self.label))
        return f'<math display="block"><mtable displaystyle="true">{"".join(rows)}</mtable></math>'

    def _repr_html_(self) -> str:
        notes = "".join(f"<li>{escape(note)}</li>" for note in (*Text(self.layer).legend(self), *self.evidence))
        return f'<div style="overflow-x: auto">{self.mathml()}<ul>{notes}</ul></div>'

    def _repr_latex_(self) -> str:
        return self.latex()


# ---------------------------------------------------------------------------------------------------------------------
# Deriving


def derive(forward: str, shapes: Mapping[str, str] | None = None) -> list[Derivation]:
    """The gradients of a forward pass by everything that it is made of, derived, checked and compared with graphs.

    Parameters
    ----------
    forward
        A name of `NAMED`, such as "affine", or index notation, as for `notation.read`.
    shapes
        For index notation: names for the dimensions, `{"x": "N D"}`.

    Returns
    -------
    One derivation for each intermediate result, last first (∂L/∂H before what is made of it), then one for each input.

    Raises
    ------
    ModuleNotFoundError
        Without the extra "symbolic".
    ValueError
        If a name comes with shapes, or is none. A `notation.NotationError` if the text is no forward pass.
    DerivationError
        If a graph contradicts a formula, or SymPy a step of the layer's: a mistake of ours. Elsewhere a step that SymPy
        does not confirm is reported in `evidence`, since its comparison of expressions refutes nothing.
    """
    load_sympy()
    text, sizes, labels = forward, shapes, dict[str, str]()
    if isinstance(forward, str) and forward.strip() in NAMED:
        if shapes:
            raise ValueError(f"{forward.strip()} has shapes of its own: give shapes with index notation only")
        text, sizes, labels = NAMED[forward.strip()]
    elif isinstance(forward, str) and forward.strip() and "=" not in forward:
        raise ValueError(f"there is no forward pass {forward!r}: name one of {', '.join(NAMED)}, or write y[a,b] = …")
    layer = read(text, sizes)
    made = [statement.name for statement in reversed(layer.statements[:-1])]
    names = [name for name in (*made, *layer.inputs) if not labels or name in labels]
    found = [outline(layer, name, labels.get(name, "")) for name in names]
    note = "SymPy: every step, for all dimensions at once"
    if reason := Algebra.beyond(layer):
        note = f"SymPy: not asked, since {reason}"
    else:
        try:
            found = [derivation.verify() for derivation in found]
        except DerivationError as error:
            if labels:
                raise
            note = f"SymPy: not confirmed, since it did not see that two sides are equal ({error})"  # refutes nothing
    graphs = confirm(layer, found)
    return [replace(derivation, evidence=(note, graphs)) for derivation in found]


def outline(layer: ForwardPass, name: str, label: str = "") -> Derivation:
    """The steps of one derivation, by the kernel alone: nothing is checked yet."""
    text = Text(layer)
    formula = chain_rule(layer, name)
    first = f"the chain rule, over all entries that {name} is in"
    if [(name, term.factors[0].by) for term in formula.terms] == [(name, name)] and layer.is_scalar:
        first = f"{layer.output} is the loss itself"
    steps = [Step(formula, first, label="(3)")]
    formula = insert_partials(layer, formula)
    deltas = "".join(f" δ_{q}{i}" for q, (i, _) in zip("pqrst", formula.free, strict=False)) or " 1"
    places = text.entry(name, tuple("pqrst"[: len(formula.free)]))
    entry = text.entry(name, formula.indices)
    steps.append(Step(formula, f"the local partials: ∂{places}/∂{entry} ={deltas}, wherever {name} stands"))
    while True:
        smaller, tied = collapse_once(formula)
        if smaller == formula:
            break
        formula = smaller
        what = " and ".join(f"Σ_{index} leaves {index} = {other}" for index, other in tied)
        steps.append(Step(formula, f"δ collapses a sum: {what}" if tied else "like terms"))
    closed = closed_form(layer, formula)
    if closed is not None:
        steps.append(Step(closed, "an entry of the matrix formula" if formula.free else "the matrix formula"))
    return Derivation(name, layer, tuple(steps), label)


# ---------------------------------------------------------------------------------------------------------------------
# Scalar graphs: the formulas at given numbers


SHAPES = ((2, 3, 2, 1, 3), (3, 1, 2, 2, 1), (2, 2, 2, 2, 2), (1, 2, 3, 2, 2))
"""Sizes that the dimensions take in turn, small since a graph has a node for each product."""
DIGITS = 50


def confirm(layer: ForwardPass, derivations: Sequence[Derivation], seed: int = 0) -> str:
    """Compare every formula with the reverse sweep through a scalar graph, exactly or to 50 digits; say what was done.

    Raises
    ------
    DerivationError
        If a formula and the graph differ.
    """
    smooth = sorted({s.function for s in layer.statements if s.function and s.function not in BENT})
    widest = max(len(s.indices) + len(term.bound) for s in layer.statements for term in (*s.terms, Term(Fraction(1))))
    letters = list(dict.fromkeys(size for shape in layer.shapes.values() for size in shape))
    compared, where = 0, []
    for number, pattern in enumerate(SHAPES if widest <= 6 else SHAPES[2:3] if widest <= 12 else ((1,),)):
        sizes = {letter: pattern[position % len(pattern)] for position, letter in enumerate(letters)}
        rng = random.Random(f"{seed} {number}")
        if smooth:
            import mpmath

            with mpmath.workdps(DIGITS + 15):
                found = compare(layer, derivations, sizes, partial(positive, rng))
        else:
            found = compare(layer, derivations, sizes, partial(rational, rng))
        if found:
            compared += found
            shape = ", ".join(map(str, sizes.values()))
            where.append(f"({shape})" if len(sizes) > 1 else shape)
    if not where:
        return "scalar graphs: not compared, since the numbers that were drawn are outside a function's domain"
    kind = f"to {DIGITS} digits" if smooth else "exactly over Fractions"
    names = f"({', '.join(letters)})" if len(letters) > 1 else "".join(letters)
    at = f" at {names} = {', '.join(dict.fromkeys(where))}" if letters else ""
    return f"scalar graphs: all {compared} entries of these formulas equal {kind}{at}"


def rational(rng: random.Random) -> Fraction:
    return Fraction(rng.randint(-9, 9), rng.randint(1, 5))


def positive(rng: random.Random) -> Any:
    """A number of mpmath's that log and sqrt accept."""
    import mpmath

    return mpmath.mpf(rng.randint(10, 40)) / 20


def compare(
    layer: ForwardPass, derivations: Sequence[Derivation], sizes: dict[str, int], draw: Callable[[], Any]
) -> int:
    """How many entries of formulas were found equal to the graph's at one shape; 0 outside a function's domain."""
    arrays = {name: fill(tuple(sizes[size] for size in layer.shapes[name]), lambda *_: draw()) for name in layer.inputs}
    nodes = {name: fill(array.shape, lambda *at, array=array: Value(array[at])) for name, array in arrays.items()}
    try:
        made = forward(layer, nodes, sizes, node=lambda x: Value(0) + x)
    except (TypeError, ValueError, ZeroDivisionError):  # log of 0, relu of a complex number
        return 0
    numbers = {name: fill(array.shape, lambda *at, array=array: array[at].data) for name, array in made.items()}
    output = made[layer.output]
    G = fill(output.shape, lambda *_: Fraction(1) if layer.is_scalar else draw())
    found = adjoints(list(output.flat), list(G.flat)) if output.size else {}
    for name, array in made.items():
        numbers[layer.adjoint(name)] = fill(array.shape, lambda *at, array=array: found.get(array[at], 0))
    for derivation in derivations:
        graph = numbers[layer.adjoint(derivation.name)]
        claims = [entries(derivation.formula, numbers, sizes)]
        if derivation.closed is not None:
            claims.append(evaluate(derivation.closed, numbers, sizes).reshape(graph.shape))
        for claim in claims:
            for one, other in zip(graph.flat, claim.flat, strict=True):
                if not close(one, other):
                    raise DerivationError(
                        f"{derivation.statement} is false at {sizes}: the graph has {one}, not {other}"
                    )
    return sum(numbers[derivation.name].size for derivation in derivations)


def close(one: Any, other: Any) -> bool:
    """Equal; for mpmath's numbers, to 50 digits of the larger."""
    if type(one).__module__.startswith("mpmath") or type(other).__module__.startswith("mpmath"):
        return bool(abs(one - other) * 10**DIGITS <= max(1, abs(one), abs(other)))
    return bool(one == other)
