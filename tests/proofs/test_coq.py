"""Finding Coq, its limits, and the record of what was checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from scalargrad.errors import ArgumentError, CoqError
from scalargrad.proofs import coq

from ..coq import needs_coq


@pytest.fixture(autouse=True)
def own_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))


def test_without_coq_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(CoqError, match=r"^checking a proof needs Coq with MathComp-Analysis: run make proofs"):
        coq.check_by_coq("Goal True.")


@pytest.mark.parametrize("text", ["Axiom a : False.", "Lemma a : False. Admitted.", "Parameter p : nat."])
def test_what_is_left_unproved_is_refused_before_coq_is_asked(text: str) -> None:
    with pytest.raises(CoqError, match=r"^the text has (Axiom|Admitted|Parameter), so that something"):
        coq.check_by_coq(text)


def test_the_proofs_leave_nothing_unproved() -> None:
    for name in ("Affine", *coq.LIBRARY):
        assert not coq.UNPROVED.search(coq.theorem(name))
    with pytest.raises(ArgumentError, match=r"^there is no Euler\.v among the proofs: name one of Affine, "):
        coq.theorem("Euler")


def test_a_record_is_of_that_very_text() -> None:
    record = coq.Checked("Coq 8", ("one",), coq.digest("Theorem one"))
    coq.remember(record)
    assert coq.remembered("Theorem one") == record
    assert coq.remembered("Theorem one ") is None
    (coq.records() / f"{coq.digest('else')}.json").write_text(
        f'{{"version": "", "theorems": [], "digest": "{record.digest}"}}'
    )
    assert coq.remembered("else") is None


@needs_coq
def test_checked_refused_and_stopped() -> None:
    true = "Theorem one : 1 = 1.\nProof. reflexivity. Qed.\n"
    assert coq.check_by_coq(true) == coq.remembered(true)
    false = true + "Lemma two :\n  1 = 2.\nProof. reflexivity. Qed.\n"
    with pytest.raises(
        CoqError, match=r"^no proof was found, which is no refutation: \w+ \S+ stopped in two at line 5"
    ):
        coq.check_by_coq(false)
    assert coq.remembered(false) is None
    with pytest.raises(CoqError, match=r"^Coq was stopped at its limit of 1 s of computing: no proof was found$"):
        coq.run("Goal True. Proof. do 1000000000 (try fail). Qed.", seconds=1)
    with pytest.raises(CoqError, match=r"^Coq needed more than 1\.0 GiB: no proof was found$"):
        coq.run("Definition x := Eval vm_compute in Nat.pow 2 40.", seconds=60, memory=2**30)
