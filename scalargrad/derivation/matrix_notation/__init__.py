"""Matrix notation: text such as `norm2(X*w - y)^2`, and the one formula of each gradient in the same letters.

    >>> from .one_formula import gradients_of
    >>> [found.statement for found in gradients_of("norm2(X*w - y)^2", {"X": "N D", "w": "D", "y": "N"})][1]
    '∂f/∂w = 2·Xᵀ·(X·w − y)'

From the ground up: `expression` says what a formula of matrices is and simplifies it. `tokens` rewrites the text for
Python's parser, `broadcasting` finds shapes, `functions_by_name` knows the functions, and `reading` reads. `rules` has
the adjoint of each operation, `writing` and `mathml` print, `polish` writes as textbooks do, and `naming` names parts.
`arithmetic_of_matrices` puts numbers in, `two_routes` compares with graphs and with differences, `all_dimensions` asks
SymPy, and `one_formula` is the result. More than a gradient is made of it in `linear_maps` (what stands before an
upstream entry), `beyond_gradients`, `higher_derivative` (how it is shown) and `routes_beyond` (what confirms it).
`from_indices` and `indexed_statements` make formulas of index notation, and `by_indices` the reverse, for certificates.
"""

from .one_formula import OneFormula, gradients_of

__all__ = ["OneFormula", "gradients_of"]
