"""`scalargrad derive`: the matrix formulas of a layer or of a formula of your own, proved and confirmed.

>>> from scalargrad.cli import main
>>> main(["derive", "affine", "--shape", "x"])
2
"""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from ..derivation import NAMED, Derivation, OneFormula, derive
from ..derivation.certificate import certificate_of
from ..errors import CertificateError, UsageError
from .options import show


class DeriveCommand:
    """Derive the gradients of a layer by its name, or of a forward pass in matrix or index notation."""

    description = "Each step is checked by SymPy, and the formulas on scalar graphs."
    epilog = 'In Python, with import scalargrad as sg: sg.derive("affine").'

    def add_options(self, words: ArgumentParser) -> None:
        words.add_argument(
            "layer",
            metavar="NAME | FORMULA",
            help=f"one of {', '.join(NAMED)}; matrix notation such as 'norm2(X*w - y)^2'; or index notation such as "
            "'y[a,b] = sum(k, x[a,k]*w[k,b]) + b[b]'",
        )
        words.add_argument(
            "--shape",
            metavar="NAME=SIZES",
            type=_named_sizes,
            action="append",
            default=[],
            help="names for the sizes of an input of a formula: --shape 'x=N D' (repeatable)",
        )
        form = words.add_mutually_exclusive_group()
        form.add_argument("--latex", action="store_true", help="print LaTeX, for amsmath")
        form.add_argument("--numpy", action="store_true", help="print functions of NumPy arrays (matrix notation)")

        words.add_argument(
            "--certificate", metavar="FILE", help="write the derivation as a file for Coq, a lemma for each line"
        )
        words.add_argument("--certify", action="store_true", help="have Coq, if it is installed, check the certificate")

    def run(self, options: Namespace) -> int:
        """Print the derivation of each gradient."""
        found: Sequence[Any] = derive(options.layer, dict(options.shape) or None)
        if options.certificate or options.certify:
            found = self.certified(found, options)
        for number, derivation in enumerate(found):
            if options.latex:
                print(derivation.latex())
            elif options.numpy:
                if not isinstance(derivation, OneFormula):
                    raise UsageError("--numpy is for matrix notation, such as 'norm2(X*w - y)^2'")
                print(*([""] if number else []), derivation.numpy(), sep="\n")
            else:
                show(*([""] if number else []), derivation)
        return 0

    def certified(self, found: Sequence[Derivation | OneFormula], options: Namespace) -> Sequence[Derivation]:
        """Write the certificate of all formulas, and have it checked; the derivations with that as evidence."""
        derivations = [derivation for derivation in found if isinstance(derivation, Derivation)]
        if len(derivations) < len(found):
            raise CertificateError(
                "a formula in matrix notation has no lines for a certificate to prove: write it in index notation, "
                "such as 'y[a,b] = sum(k, x[a,k]*w[k,b])'"
            )
        certificate = certificate_of([derivation.chain for derivation in derivations])
        if options.certificate:
            certificate.save(options.certificate)
            print(f"{options.certificate}: {', '.join(certificate.theorems)} (SHA-256 {certificate.digest})")
            for limit in certificate.limits:
                print(f"not in it: {limit}")
        if options.certify:
            sentence = certificate.check().sentence
            derivations = [replace(known, evidence=(*known.evidence, sentence)) for known in derivations]
        return derivations


def _named_sizes(text: str) -> tuple[str, str]:
    name, equals, sizes = text.partition("=")
    if not equals or not name.strip().isidentifier():
        raise ArgumentTypeError(f"{text!r} gives no sizes: write a name and its sizes, as in 'x=N D'")
    return name.strip(), sizes
