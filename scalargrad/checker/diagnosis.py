"""What is wrong with a claim: the common mistake whose correction makes it right.

    >>> square = Exercise.of(lambda X: X * X, lambda X, Y, G: X * G, {"X": "N"})
    >>> diagnose(square, "X", Arithmetic(exact=True))
    'a factor 2 is missing'

A diagnosis is offered only if the corrected claim is right at every trial, with all sizes different at some of them.
The mistakes are in `corrections` (what the claim returns, and what it is called with), `missteps` (what it follows on
the way) and `products` (matrices that it multiplies).
"""

from __future__ import annotations

from .arithmetic import Arithmetic
from .compare import agree
from .corrections import (
    argument_missing,
    argument_replaced,
    argument_turned,
    corrected,
    intermediate_missing,
    matrix_missing,
    right_if_symmetric,
    undone,
)
from .exercise import Exercise
from .missteps import (
    activation_mistaken,
    choice_ignored,
    derivative_mistaken,
    diagonal_only,
    held_constant,
    jacobian_not_turned,
    overwritten,
    use_mistaken,
)
from .products import product_mistaken, recognised
from .tried import trials_of


def diagnose(exercise: Exercise, name: str, arithmetic: Arithmetic, branches: bool = False) -> str | None:
    """The common mistake that explains the claim for one input; None if no correction is right at every trial.

    If layer or claim branches, more numbers are tried.
    """
    tried = trials_of(exercise, arithmetic, name, branches)
    if tried and all(agree(t.claims.get(name), t.trial.right[name], arithmetic) for t in tried):
        return None  # nothing is wrong with this one
    explanations = (
        undone,
        product_mistaken,
        use_mistaken,
        argument_replaced,
        activation_mistaken,
        derivative_mistaken,
        diagonal_only,
        overwritten,
        argument_missing,
        jacobian_not_turned,
        choice_ignored,
        argument_turned,
        right_if_symmetric,
        intermediate_missing,
        matrix_missing,
        held_constant,
    )
    return next((text for explain in explanations if tried and (text := explain(tried, name, arithmetic))), None)


def right_by_correction(exercise: Exercise, name: str, arithmetic: Arithmetic) -> str:
    """The right gradient of one input as a product of known matrices, or as a correction of the claim; else ""."""
    tried = trials_of(exercise, arithmetic, name, branches=True)
    return recognised(tried, name, arithmetic) or corrected(tried, name, arithmetic)
