"""`scalargrad derive`: the matrix formulas of a layer or of a formula of your own, proved and confirmed.

>>> from scalargrad.cli import main
>>> main(["derive", "affine", "--shape", "x"])
2
"""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from typing import Any

from ..derivation import NAMED, Derivation, OneFormula, derive
from ..derivation.certificate import certificate_of
from ..errors import CertificateError, UsageError
from .options import show


class DeriveCommand:
    """Derive the gradients of a layer by its name, or of a forward pass in matrix or index notation."""

    description = "Each step is checked by SymPy, and the formulas on scalar graphs and by differences."
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
        words.add_argument("--by", metavar="NAME", help="differentiate by this alone")
        what = words.add_mutually_exclusive_group()
        what.add_argument("--jacobian", action="store_true", help="the Jacobian in place of the gradient")
        what.add_argument("--hessian", metavar="NAME[,NAME]", help="the second derivatives of a number by an input")
        what.add_argument("--differential", action="store_true", help="the differential, as in df = tr(Aᵀ·dX)")
        form = words.add_mutually_exclusive_group()
        form.add_argument("--latex", action="store_true", help="print LaTeX, for amsmath")
        form.add_argument("--mathml", action="store_true", help="print MathML, for a page")
        form.add_argument("--steps", action="store_true", help="print the rules, step by step (matrix notation)")
        form.add_argument("--numpy", action="store_true", help="print functions of NumPy arrays")

        words.add_argument(
            "--certificate", metavar="FILE", help="write the derivation as a file for Coq, a lemma for each line"
        )
        words.add_argument("--certify", action="store_true", help="have Coq, if it is installed, check the certificate")

    def run(self, options: Namespace) -> int:
        """Print the derivation of each gradient, or what is asked for in its place."""
        found = wanted(options)
        if options.certificate or options.certify:
            found = self.certified(found, options)
        for number, derivation in enumerate(found):
            if options.latex:
                print(derivation.latex())
            elif options.mathml:
                print(derivation.mathml())
            elif options.numpy:
                print(*([""] if number else []), derivation.numpy(), sep="\n")
            elif options.steps and isinstance(derivation, OneFormula):  # index notation shows its steps anyway
                show(*([""] if number else []), derivation.steps)
            else:
                show(*([""] if number else []), derivation)
        return 0

    def certified(self, found: list[Any], options: Namespace) -> list[Any]:
        """Write the certificate of all formulas, and have it checked; the derivations with that as evidence."""
        derivations = [derivation for derivation in found if isinstance(derivation, (Derivation, OneFormula))]
        if len(derivations) < len(found):
            raise CertificateError("a certificate is of a gradient: leave out --jacobian, --hessian and --differential")
        chains = {chain.name: chain for derivation in derivations for chain in derivation.chains}
        certificate = certificate_of(list(chains.values()))
        if options.certificate:
            certificate.save(options.certificate)
            print(f"{options.certificate}: {', '.join(certificate.theorems)} (SHA-256 {certificate.digest})")
            for limit in certificate.limits:
                print(f"not in it: {limit}")
        if options.certify:
            checked = certificate.check()
            derivations = [derivation.certified(checked) for derivation in derivations]
        return derivations


def wanted(options: Namespace) -> list[Any]:
    """The derivations, Jacobians, Hessian or differential that options ask for."""
    found = derive(options.layer, dict(options.shape) or None)
    if options.hessian:
        first, _, second = (name.strip() for name in options.hessian.partition(","))
        return [found[first].hessian(second or None)]
    chosen = [found[options.by]] if options.by else list(found)
    if options.differential:
        if options.numpy:
            raise UsageError("--numpy is for arrays, and a differential is linear in dX: ask for --jacobian --numpy")
        return [chosen[0].differential() if options.by else found.differential()]
    inputs = [one for one in chosen if options.by or one.name in found.shapes]
    if options.jacobian:
        return [one.jacobian() for one in inputs]
    return inputs if options.numpy else chosen


def _named_sizes(text: str) -> tuple[str, str]:
    name, equals, sizes = text.partition("=")
    if not equals or not name.strip().isidentifier():
        raise ArgumentTypeError(f"{text!r} gives no sizes: write a name and its sizes, as in 'x=N D'")
    return name.strip(), sizes
