"""Theorems for a proof assistant, Coq: the affine layer's, to be read, and the library that certificates rest on.

    >>> "Theorem gradient_X" in theorem("Affine"), "Ltac collapse" in theorem("Sums")
    (True, True)

`Affine.v` is the mission's theorem; `Sums.v` and `Derivatives.v` are what it and every certificate of a derivation
stand on. `coq` finds Coq on this machine and has it check a text.
"""

from .coq import Checked, affine_theorem, check_by_coq, theorem

__all__ = ["Checked", "affine_theorem", "check_by_coq", "theorem"]
