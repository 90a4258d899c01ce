"""Certificates: what stands in the file, that Coq accepts it, and that it refuses each false line at that line."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

import pytest

from scalargrad.derivation import derive
from scalargrad.derivation.certificate import Chain, certificate_of, certificate_of_many
from scalargrad.derivation.certificate.formal_derivatives import formal_theorem
from scalargrad.derivation.certificate.identifiers import Identifiers
from scalargrad.derivation.certificate.lines import LineLemmas
from scalargrad.derivation.derive import outline
from scalargrad.derivation.matrix_form import Matrix, Plus, Product, Scaled
from scalargrad.derivation.notation import read
from scalargrad.derivation.terms import DELTA, Factor, Formula, Term
from scalargrad.errors import CoqError
from scalargrad.proofs.coq import HEAD, UNPROVED, body, run

from ..coq import needs_coq


def chain(forward: str, name: str, shapes: dict[str, str] | None = None) -> Chain:
    return outline(read(forward, shapes), name).chain


def chains(forward: str) -> list[Chain]:
    layer = read(forward, SHAPES.get(forward))
    made = [statement.name for statement in reversed(layer.statements[:-1])]
    return [outline(layer, name).chain for name in (*made, *layer.inputs)]


MORE = {
    "scalars in and between": "s = sum(i, x[i]*x[i]); y[i] = 0.5*c*s*x[i]",
    "a scalar loss": "f = sum(i, c*x[i]*c) + c",
    "two statements use x": "h[a,b] = sum(k, x[a,k]*w[k,b]); y[a,b] = h[a,b] + x[a,b]",
    "three statements use x": "h[a] = x[a]*x[a]; k[a] = h[a]*x[a]; y[a] = k[a] + h[a]*x[a]",
    "rank 3": "y[a,b,c] = x[a,b,c]*x[a,b,c] + u[b]*v[a,c]",
    "rank 4": "y[a,b] = sum(c, e, x[a,b,c,e]*w[c,e])",
    "a domain": "y[a] = log(x[a])*x[a]",
    "quotients": "y[a,b] = x[a,b]/s[a]/s[a]",
    "a size": "y[a,b] = x[a,b] - sum(c, x[c,b])/N",
    "a name of Coq's": "match[forall] = Qed[forall]*3",
}
"""Forward passes beyond those with a name."""
SHAPES = {MORE["a size"]: {"x": "N D"}}


# Without Coq


def test_there_is_a_lemma_for_each_printed_line() -> None:
    found = derive("affine")[0]
    text = found.certificate().text
    for number, step in enumerate(found.steps[1:], 2):
        assert re.search(rf"\(\* line {number}: {re.escape(step.why)} \*\)\nLemma x_line_{number} ", text)
    assert "Lemma x_line_1 " in text
    assert found.certificate().theorems == ("formal_x", "gradient_x")


@pytest.mark.parametrize("forward", MORE.values(), ids=list(MORE))
def test_nothing_is_left_unproved(forward: str) -> None:
    text = re.sub(r"\(\*.*?\*\)", "", certificate_of(chains(forward)).text, flags=re.DOTALL)
    assert not UNPROVED.search(text)
    assert text.count("\nProof.") == text.count("Qed.")


def test_what_is_not_in_it_is_said() -> None:
    found = certificate_of(chains("y[a] = sum(b, c, e, f, x[a,b,c,e,f]*x[a,b,c,e,f])"))
    assert found.limits == ("x has 5 indices: a certificate over the reals has arrays of at most 4",)
    assert found.theorems == ("formal_x",)


def test_identifiers_are_no_words_of_coq_and_never_the_same() -> None:
    names = Identifiers({"forall"})
    letters = [names.array(x) for x in ("forall", "x", "x_", "x̄", "Ж", "_1")]
    letters += [names.index(x) for x in ("x", "k′")]
    assert letters == ["forall_", "x", "x_", "u78_bar", "u416", "v_1", "x__", "k'"] or len(set(letters)) == 8
    assert all(re.fullmatch(r"[A-Za-z][\w']*", letter) for letter in letters)


# With Coq


@needs_coq
def test_coq_accepts_what_is_derived() -> None:
    named = {f"m{number}": chains(forward) for number, forward in enumerate(MORE.values())}
    certificate = certificate_of_many(named)
    assert certificate.check().digest == certificate.digest


def last(found: Chain, closed: Matrix) -> Chain:
    return replace(found, lines=(*found.lines[:-1], closed))


def line(found: Chain, number: int, change: Callable[[Term], Term]) -> Chain:
    """A line, from 1, with its first term changed."""
    formula = found.lines[number - 1]
    assert isinstance(formula, Formula)
    first, *rest = formula.terms
    lines = list(found.lines)
    lines[number - 1] = replace(formula, terms=(change(first), *rest))
    return replace(found, lines=tuple(lines))


SQUARE = {"x": "N N", "w": "N N"}
XW = chain("y[α,β] = sum(k, x[α,k]*w[k,β])", "x", SQUARE)
BY_W = chain("y[α,β] = sum(k, x[α,k]*w[k,β])", "w", SQUARE)
WIDE = chain("y[α,β] = sum(k, x[α,k]*w[k,β])", "x")
QUADRATIC = chain("f = sum(α, β, x[α]*a[α,β]*x[β])", "x")
GRAM = chain("y[α,β] = sum(k, x[α,k]*x[β,k])", "x")
OTHER = chain("y[α,β] = sum(k, x[α,k]*w[β,k])", "x", SQUARE)


def closed(found: Chain) -> Matrix:
    assert found.closed is not None
    return found.closed


def slip(term: Term) -> Term:
    """δ_βj as δ_βi, as the source article has it."""
    (right,) = [factor for factor in term.factors if factor.name == DELTA and factor.indices[0] == "β"]
    wrong = Factor(DELTA, ("β", "i"))
    return replace(term, factors=tuple(wrong if factor is right else factor for factor in term.factors))


def unsummed(term: Term) -> Term:
    """The innermost sum without its sign, at the index i."""
    (*rest, (index, _)) = term.bound
    return replace(term, bound=tuple(rest)).renamed({index: "i"})


def forgotten(found: Chain) -> Chain:
    """The product rule without its last place."""
    formula = found.lines[1]
    assert isinstance(formula, Formula)
    return replace(found, lines=(found.lines[0], replace(formula, terms=formula.terms[:-1]), *found.lines[2:]))


G, W = closed(XW).parts[0], closed(XW).parts[1].T
TAMPERED = {
    "nothing": (XW, ""),
    "a factor transposed": (last(XW, Product(("N", "N"), (G, W))), "x_line_5"),
    "factors exchanged": (last(XW, closed(XW).T), "x_line_5"),
    "a factor 2": (last(XW, Scaled(("N", "N"), (closed(XW),), number=Fraction(2))), "x_line_5"),
    "a term missing": (last(QUADRATIC, closed(QUADRATIC).within(Plus)[0]), f"x_line_{len(QUADRATIC.lines)}"),
    "a place of x forgotten": (forgotten(GRAM), "x_line_2"),
    "δ_βi for δ_βj": (line(BY_W, 2, slip), "w_line_2"),
    "a sum too few": (line(XW, 4, unsummed), "x_line_4"),
    "a wrong shape": (last(WIDE, Product(("N", "D"), (closed(WIDE).parts[0], closed(WIDE).parts[1].T))), "x_line_5"),
    "lines of another forward pass": (replace(XW, layer=OTHER.layer), "x_line_2"),
}


@needs_coq
@pytest.mark.parametrize(("tampered", "lemma"), TAMPERED.values(), ids=list(TAMPERED))
def test_a_false_line_is_refused_at_that_line(tampered: Chain, lemma: str) -> None:
    names = Identifiers(())
    head = HEAD.replace(
        "\nFrom mathcomp Require Import boolp classical_sets functions reals topology normedtype landau derive.", ""
    )
    head = re.sub(r"^.*(numFieldNormedType|classical_set_scope).*\n", "", head, flags=re.MULTILINE)
    text = "\n".join([head, body("Sums"), LineLemmas(tampered, names).text(), formal_theorem(tampered, names)])
    refused = run(text, seconds=100)
    assert (refused.lemma if refused else "") == lemma


@needs_coq
def test_the_evidence_is_bound_to_the_text() -> None:
    found = derive("y[a] = 2*x[a]")[0]
    certified = found.certify()
    known = found.certificate().digest[:12]
    assert re.fullmatch(
        rf"machine-checked by (Coq|Rocq) \S+: theorems formal_x, gradient_x \(SHA-256 {known}…\)",
        certified.evidence[-1],
    )
    with pytest.raises(CoqError, match=r"^Coq was stopped at its limit of 1 s of computing: no proof"):
        found.certify(seconds=1)
