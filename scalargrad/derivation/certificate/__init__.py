"""Certificates: a derivation as a file that Coq checks, one lemma for each line and the formula as a theorem.

    >>> from ..derive import outline
    >>> from ..notation import read
    >>> found = certificate_of([outline(read("y[a] = c * x[a]"), "c").chain])
    >>> found.theorems, found.limits
    (('formal_c', 'gradient_c'), ())

From the ground up: `identifiers` makes names, `writing` writes terms and matrices, `lines` has the lemmas,
`formal_derivatives` and `real_numbers` have the two theorems, and `certificate` the file.
"""

from .certificate import Certificate, certificate_of, certificate_of_many
from .lines import Chain

__all__ = ["Certificate", "Chain", "certificate_of", "certificate_of_many"]
