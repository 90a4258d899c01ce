"""Certificates: what stands in the file, that Coq accepts it, and that it refuses each false line at that line."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

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
from scalargrad.errors import CertificateError, CoqError
from scalargrad.proofs import coq
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
    "three statements use x": "h[a] = x[a]*x[a]; k[a] = h[a]*x[a]; y[a] = k[a] + h[a]*x[a]",
    "rank 3": "y[a,b,c] = x[a,b,c]*x[a,b,c] + u[b]*v[a,c]",
    "rank 4": "y[a,b] = sum(c, e, x[a,b,c,e]*w[c,e])",
    "a domain": "y[a] = log(x[a])*x[a]",
    "quotients": "y[a,b] = x[a,b]/s[a]/s[a]",
    "a size": "y[a,b] = x[a,b] - sum(c, x[c,b])/N",
    "functions of the library": "y[a] = exp(sin(x[a])) + cos(x[a])",
    "a name of Coq's": "match[forall] = Qed[forall]*3",
}
"""Forward passes beyond those with a name."""
FORMULAS = {
    "norm2(X*w - y)^2": "w",
    "tr(A*X*B)": "X",
    "a'*X*b": "X",
    "X*W + b": "b",
    "sum((X*W).^2)": "W",
    "normF(X - W*H)^2": "H",
    "x'*A*x": "x",
    "sum(exp(X*w))": "w",
}
"""Matrix notation, and what to differentiate by: the certificate has the formula as it is printed."""
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


@pytest.mark.parametrize(("formula", "name"), FORMULAS.items())
def test_the_theorem_is_the_printed_formula_where_that_is_algebra_of_the_inputs(formula: str, name: str) -> None:
    found = derive(formula)[name]
    *_, own = found.chains
    assert own.statement.endswith(found.statement)
    assert (own.statement == found.statement) == ("exp" not in formula)
    assert found.certificate().limits == ()


def test_index_notation_multiplies_out_and_the_last_line_is_as_printed() -> None:
    text = derive("norm2(X*w - y)^2")["w"].certificate().text
    assert "(* f = ‖X·w − y‖², by its entries:\n" in text
    printed = "((2%:R : R) *: (X^T *m ((X *m w) + (((- 1) : R) *: y))))"
    assert f"grad (fun w => L_of_inputs X w y) w = {printed}." in text


@pytest.mark.parametrize(
    ("formula", "why"),
    [
        ("a'*inv(A)*b", "^f has no certificate: an inverse is not a sum of products of entries: the library's lemma"),
        ("log(det(A))", "^f has no certificate: the partials of a determinant, Jacobi's formula, are not proved"),
        ("norm2(x)", "^a power -1/2 can't be certified"),
        ("softmax(x)'*y", "^f has no certificate: softmax has no name in index notation"),
    ],
)
def test_what_is_not_index_notation_has_no_certificate(formula: str, why: str) -> None:
    with pytest.raises(CertificateError, match=why):
        derive(formula)[0].certificate()


def test_what_cancels_has_no_lines() -> None:
    for forward in ("y[a] = x[a] - x[a] + z[a]", "x - x + z"):
        with pytest.raises(CertificateError, match=r"has no certificate: it is 0, since x cancels, and has no lines$"):
            derive(forward, x="N")["x"].certificate()


# With Coq


@needs_coq
def test_coq_accepts_what_is_derived() -> None:
    """All of it takes most of a minute, and is left to CI; elsewhere it is one of each kind."""
    named = {f"m{number}": chains(forward) for number, forward in enumerate(MORE.values())}
    named |= {f"f{number}": derive(formula)[name].chains for number, (formula, name) in enumerate(FORMULAS.items())}
    if not os.environ.get("CI"):
        named = {name: named[name] for name in ("m1", "m6", "f0")}
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
(PRINTED,) = derive("norm2(X*w - y)^2")["w"].chains
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
    "a factor 2": (last(XW, Scaled(("N", "N"), (closed(XW),), number=Fraction(2))), "x_line_5"),
    "a term missing": (last(QUADRATIC, closed(QUADRATIC).within(Plus)[0]), f"x_line_{len(QUADRATIC.lines)}"),
    "a place of x forgotten": (forgotten(GRAM), "x_line_2"),
    "δ_βi for δ_βj": (line(BY_W, 2, slip), "w_line_2"),
    "a sum too few": (line(XW, 4, unsummed), "x_line_4"),
    "a wrong shape": (last(WIDE, Product(("N", "D"), (closed(WIDE).parts[0], closed(WIDE).parts[1].T))), "x_line_5"),
    "a sign of the printed formula": (
        last(PRINTED, Scaled(("D", "1"), (closed(PRINTED),), number=Fraction(-1))),
        f"w_line_{len(PRINTED.lines)}",
    ),
    "lines of another forward pass": (replace(XW, layer=OTHER.layer), "x_line_2"),
}


def with_sums(text: str) -> str:
    """A text behind the library of sums; without that of limits, which takes a second to load."""
    limits = r"^.*(boolp|numFieldNormedType|classical_set_scope).*\n"
    return "\n".join([re.sub(limits, "", HEAD, flags=re.MULTILINE), body("Sums"), text])


def without_limits(chain: Chain) -> str:
    """The part of a certificate that has lines in it."""
    names = Identifiers(())
    return f"{LineLemmas(chain, names).text()}\n{formal_theorem(chain, names)}"


def refused_in_each(texts: Sequence[str]) -> list[str]:
    """The lemma of each text that Coq refuses first, or "": all in one dialogue, since a second goes to the library.

    Before each lemma stands another of its name, true and tagged, which is seen in the prompts.
    """
    said = ["Set Silent."]
    for number, text in enumerate(texts):
        tagged = rf"Lemma text_{number}_\1 : True.\nProof.\nexact: I.\nQed.\n\g<0>"
        said.append("Definition beginning := tt.")
        said.append(re.sub(r"^(?:Lemma|Theorem) ([\w']+)", tagged, text, flags=re.MULTILINE))
        said.append("Lemma closing : True.\nAbort All.\nReset beginning.")  # whichever proof is open
    compiling = coq.compiler()
    program = [compiling[0], "repl"] if "compile" in compiling else [str(Path(compiling[0]).with_name("coqtop"))]
    command = [*coq.limited(100, coq.MOST_BYTES), *program, "-q", "-w", "none"]
    done = subprocess.run(command, input=with_sums("\n".join(said)), capture_output=True, text=True, check=True)
    found = ["not tried"] * len(texts)
    number, lemma = 0, "the library"
    for match in re.finditer(r"\ntext_(\d+)_([\w']+) < |< Toplevel input", done.stderr):
        if match[1]:
            number, lemma = int(match[1]), match[2]
            found[number] = "" if found[number] == "not tried" else found[number]
        else:
            assert lemma != "the library", done.stderr
            found[number] = found[number] or lemma
    return found


@needs_coq
def test_a_false_line_is_refused_at_that_line() -> None:
    refused = refused_in_each([without_limits(tampered) for tampered, _ in TAMPERED.values()])
    assert dict(zip(TAMPERED, refused, strict=True)) == {name: lemma for name, (_, lemma) in TAMPERED.items()}


@needs_coq
def test_a_refusal_names_the_lemma() -> None:
    tampered, lemma = TAMPERED["a factor 2"]
    refused = run(with_sums(without_limits(tampered)), seconds=100)
    assert refused
    assert refused.lemma == lemma


def test_the_evidence_says_what_the_theorem_is_of() -> None:
    checked = coq.Checked("Coq 8", ("gradient_w",), "0" * 64)
    for formula, beginning in (("sum(exp(X*w))", "of ∂f/∂w = Xᵀ·z̄, which is the index form of "), ("x'*w", "")):
        found = derive(formula)["w"]
        said = f"{beginning}{found.statement}, " if beginning else ""
        assert found.certified(checked).evidence[-1] == said + checked.sentence


@needs_coq
@pytest.mark.parametrize("forward", ["y[a] = 2*x[a]", "2*x"])
def test_the_evidence_is_bound_to_the_text(
    forward: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:  # that Coq accepts such a text is tested above
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    found = derive(forward)[0]
    with pytest.raises(CoqError, match=r"^Coq was stopped at its limit of 1 s of computing: no proof"):
        found.certify(seconds=1)
    monkeypatch.setattr(coq, "run", lambda *_: None)
    known = found.certificate().digest[:12]
    assert re.fullmatch(
        rf"machine-checked by (Coq|Rocq) \S+: theorems formal_x, gradient_x \(SHA-256 {known}…\)",
        found.certify().evidence[-1],
    )
