"""What a verification says: as text, HTML, JSON, and as a truth value."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from scalargrad.affine import EVIDENCE, Finding, Report, verify, verify_shape
from scalargrad.proofs.coq import Checked, digest, remember, whole


class TestReport:
    def test_json_has_everything(self) -> None:
        report = verify_shape((1, 2, 1))
        found = json.loads(report.to_json())
        assert found["verified"] is True
        assert found["evidence"] == {name: kind.rests_on for name, kind in EVIDENCE.items()}
        assert found["shape"] == [1, 2, 1]
        assert found["nodes"] == report.nodes
        first = found["findings"][0]
        assert set(first) == {
            *("claim", "statement", "false_if", "evidence", "verdict"),
            *("compared", "largest_difference", "note", "difference"),
        }

    def test_text_and_html(self) -> None:
        report = verify_shape((1, 2, 1))
        for shown in (str(report), report._repr_html_()):
            assert "∂L/∂X = G·Wᵀ" in shown
            assert "false if any ∂L/∂x_ij differed from Σ_β g_iβ w_jβ" in shown
            assert "verified" in shown
            assert "X 1×2, W 2×1; normal random numbers, seed 0" in shown

    def test_its_truth_is_the_verdict(self) -> None:
        right = Finding("(1)", "", "", "floats", True)
        wrong = Finding("(2)", "", "", "floats", False)
        assert Report((1, 1, 1), "", "", 0, (right,))
        assert not Report((1, 1, 1), "", "", 0, (right, wrong))

    def test_nothing_checked_is_nothing_verified(self) -> None:
        skipped = Finding("(1)", "", "", "symbols", None, note="not collected")
        assert not Report((1, 1, 1), "", "", 0, (skipped,)).verified
        assert not Report((1, 1, 1), "", "", 0, ()).verified


def test_the_theorem_is_named_only_where_coq_accepted_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert verify([[1]], [[2]], evidence=["fractions"]).theorem == ""
    record = Checked("Coq 8.16.1", ("gradient_X",), digest(whole("Affine")))
    remember(record)
    report = verify([[1]], [[2]], evidence=["fractions"])
    assert report.theorem == record.sentence
    assert "for all real matrices: machine-checked by Coq 8.16.1: theorem gradient_X (SHA-256" in str(report)
    assert report.as_dict()["theorem"] == record.sentence
