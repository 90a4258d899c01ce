"""The matrix formulas for all N, D, M: the chain rule (3), deltas inserted, sums collapsed, a product recognised.

    >>> for derivation in derive("affine"): print(derivation.label, derivation.statement)
    (1) ∂L/∂X = G·Wᵀ
    (2) ∂L/∂W = Xᵀ·G
    (b) ∂L/∂b = Gᵀ·1

Every step is an expression of SymPy with symbolic dimensions, and SymPy checks that it equals the step before. The same
is done for a forward pass of your own in index notation, `derive("f = sum(i, j, x[i]*a[i,j]*x[j])")`, whose formulas
are also compared with scalar graphs. A derivation prints as text, LaTeX and, in a notebook, MathML.

From the ground up: `terms` says what a formula is, `notation` reads one, `differentiation` derives by index,
`matrix_form` finds the matrices, `algebra` asks SymPy, `media` prints, `steps` has the steps, `evaluation` puts numbers
in, `numpy_code`
writes functions, `derivation` is the chain of steps, `confirm` compares with graphs and differences, `derive` does all
of it, and `results` is what it returns. Matrix notation, such as `norm2(X*w - y)^2`, has a folder of its own,
`matrix_notation`.
"""

from .derivation import Derivation, Step
from .derive import NAMED, derive
from .matrix_notation import OneFormula

__all__ = ["NAMED", "Derivation", "OneFormula", "Step", "derive"]
