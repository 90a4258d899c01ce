"""A certificate: one file of Coq with a lemma for each line of a derivation, and the formula as a theorem.

    >>> from ..derive import outline
    >>> from ..notation import read
    >>> certificate_of([outline(read("y[a,b] = sum(k, x[a,k] * w[k,b])"), "x").chain]).theorems
    ('formal_x', 'gradient_x')

The file needs MathComp and MathComp-Analysis, and nothing else: the library of `proofs` stands in it. Making one takes
no Coq.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ...errors import CertificateError, FileError
from ...proofs.coq import HEAD, LIBRARY, MOST_BYTES, MOST_SECONDS, Checked, body, check_by_coq, digest, own_theorems
from ..media import Text
from .formal_derivatives import formal_theorem
from .identifiers import Identifiers
from .lines import Chain, LineLemmas, comment
from .real_numbers import real_theorems

EXPLAINED = """
(* How to read this. \\sum_k is Σ_k; (i == j)%:R is Kronecker's δ_ij; A *m B is the product of matrices, A^T the
   transpose; a size dN is N, and dN.+1 is N + 1, since over the reals a matrix has at least one entry. Line 1 is the
   chain rule (3), line 2 has the local partials written out, and lemma k says that line k equals the one before.
   `formal_x` is the formula for any derivation of any commutative ring, sizes of zero included; `gradient_x` is the
   formula for real numbers and Fréchet's derivative. To check: coqc THIS_FILE. *)
"""


@dataclass(frozen=True)
class Certificate:
    """A text for Coq.

    Attributes
    ----------
    text
        Of the file.
    limits
        What it does not prove, and why: one sentence each.
    """

    text: str
    limits: tuple[str, ...] = ()

    @property
    def theorems(self) -> tuple[str, ...]:
        """The names of its theorems."""
        return own_theorems(self.text)

    @property
    def digest(self) -> str:
        """SHA-256 of the text, in hexadecimal."""
        return digest(self.text)

    def check(self, seconds: float = MOST_SECONDS, memory: int = MOST_BYTES) -> Checked:
        """Have Coq check it; the record names the theorems and is bound to the digest.

        Raises
        ------
        CoqError
            If Coq is missing, if a limit (seconds of computing, bytes) was reached, or if no proof was found.
        """
        return check_by_coq(self.text, seconds, memory)

    def save(self, path: str | Path) -> None:
        """Write the file.

        Raises
        ------
        FileError
            If it can't be written.
        """
        try:
            Path(path).write_text(self.text, encoding="utf-8")
        except OSError as error:
            raise FileError(f"the certificate can't be written to {path}: {error.strerror}") from None


@cache
def reserved() -> frozenset[str]:
    """The words that mean something in Coq or in the library: those that the library is written in."""
    return frozenset(re.findall(r"[A-Za-z][\w']*", HEAD + "".join(map(body, LIBRARY))))


def certificate_of(chains: Sequence[Chain]) -> Certificate:
    """The certificate of one or more derivations of one forward pass.

    Raises
    ------
    CertificateError
        If a step can't be certified: which, and why.
    """
    text, limits = own_part(chains)
    library = [f"(* ======== The library: {name} ======== *)\n\n{body(name)}" for name in LIBRARY]
    return Certificate("\n".join([opening(chains), HEAD, EXPLAINED, *library, text]), limits)


def certificate_of_many(named: Mapping[str, Sequence[Chain]]) -> Certificate:
    """One certificate of several forward passes, each in a module of its own.

    Raises
    ------
    CertificateError
        As for `certificate_of`.
    """
    parts = [HEAD, EXPLAINED, *map(body, LIBRARY)]
    limits: list[str] = []
    for name, chains in named.items():
        text, found = own_part(chains)
        module = re.sub(r"\W", "_", name).capitalize()
        parts.append(f"Module {module}.\n{opening(chains)}\n{text}\nEnd {module}.")
        limits += found
    return Certificate("\n".join(parts), tuple(limits))


def opening(chains: Sequence[Chain]) -> str:
    """What a file is about, as a comment."""
    layer = chains[0].layer
    written = [chains[0].written] if chains[0].written else []
    lines = [*written, *Text(layer).forward(), "", *(chain.statement for chain in chains)]
    return "(* " + "\n   ".join(comment(line) for line in lines) + " *)"


def own_part(chains: Sequence[Chain]) -> tuple[str, tuple[str, ...]]:
    """The lemmas and theorems, without the library; and what is left out, and why.

    Raises
    ------
    CertificateError
        As for `certificate_of`.
    """
    if idle := [chain.name for chain in chains if not chain.uses]:
        raise CertificateError(f"∂L/∂{idle[0]} has no certificate: it is 0, since {idle[0]} cancels, and has no lines")
    names = Identifiers(reserved())
    parts = ["(* ======== Line by line, and with formal derivatives ======== *)"]
    for chain in chains:
        parts.append(LineLemmas(chain, names).text())
        if chain.is_polynomial:
            parts.append(formal_theorem(chain, names))
    try:
        parts.append(real_theorems(chains, names))
    except CertificateError as error:
        return "\n\n".join(parts) + "\n", (str(error),)
    return "\n\n".join(parts) + "\n", ()
