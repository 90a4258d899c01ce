"""The steps of a derivation, by the kernel alone: from the chain rule (3), with its partials, to a matrix formula.

>>> from .notation import read
>>> for step in steps_of(read("y[a,b] = x[a,b] + b[b]"), "b"): print(step.why)
the chain rule, over all entries that b is in
the local partials: ∂b_p/∂b_j = δ_pj, wherever b stands
δ collapses a sum: Σ_b leaves b = j
an entry of the matrix formula
"""

from __future__ import annotations

from dataclasses import dataclass

from .differentiation import chain_rule_formula, collapse_once, generic_indices, insert_partials
from .matrix_form import Matrix, closed_form
from .media import Text
from .terms import DELTA, Formula, ForwardPass


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

    @property
    def reason(self) -> str:
        """Why, with a tick if SymPy agrees."""
        return "✓ " * (self.check == "SymPy") + self.why


def steps_of(layer: ForwardPass, name: str) -> tuple[Step, ...]:
    """The steps from (3) down; nothing is checked yet."""
    text = Text(layer)
    formula = chain_rule_formula(layer, name)
    first = f"the chain rule, over all entries that {name} is in"
    if [term.factors[0].name for term in formula.terms] == [layer.output]:  # no adjoint stands before it
        first = f"{layer.output} is the loss itself"
    steps = [Step(formula, first, label="(3)")]
    formula = insert_partials(layer, formula)
    generic = generic_indices(layer, name)
    deltas = "".join(f" {text.entry(DELTA, pair)}" for pair in zip(generic, formula.indices, strict=True)) or " 1"
    places, entry = text.entry(name, generic), text.entry(name, formula.indices)
    steps.append(Step(formula, f"the local partials: ∂{places}/∂{entry} ={deltas}, wherever {name} stands"))
    while (collapsed := collapse_once(formula))[0] != formula:
        formula, tied = collapsed
        what = " and ".join(
            f"Σ_{index} leaves {index} = {other}" if index != other else f"δ_{index}{index} is 1"
            for index, other in tied
        )
        steps.append(Step(formula, f"δ collapses a sum: {what}" if tied else "like terms"))
    closed = closed_form(formula)
    if closed is not None:
        steps.append(Step(closed, "an entry of the matrix formula" if formula.free else "the matrix formula"))
    return tuple(steps)
