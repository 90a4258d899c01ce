"""(1), (2) and (b) for all N, D, M, the other layers with a name, and what the evidence says."""

from __future__ import annotations

import subprocess
import sys

import pytest

from scalargrad.derivation import NAMED, Derivation, derive
from scalargrad.derivation.algebra import Algebra
from scalargrad.errors import ArgumentError, DerivationError


def statements(forward: str, shapes: dict[str, str] | None = None) -> list[str]:
    return [found.statement for found in derive(forward, shapes)]


def test_formulas_and_their_numbers(affine: dict[str, Derivation]) -> None:
    assert {found.label: found.statement for found in affine.values()} == {
        "(1)": "∂L/∂X = G·Wᵀ",
        "(2)": "∂L/∂W = Xᵀ·G",
        "(b)": "∂L/∂b = Gᵀ·1",
    }


def test_evidence_names_what_it_rests_on(affine: dict[str, Derivation]) -> None:
    symbolic, graphs, differences = affine["x"].evidence
    assert differences.startswith("differences: 14 entries to 25 digits at (N, D, M) = (2, 3, 2), by central diff")
    assert symbolic == "SymPy: every step, for all dimensions at once"
    assert graphs.startswith("scalar graphs: all 42 entries of these formulas equal exactly over Fractions at (N, D")


@pytest.mark.parametrize(
    ("name", "formulas"), [("linear", ["∂L/∂X = G·W", "∂L/∂W = Gᵀ·X"]), ("bias", ["∂L/∂b = Gᵀ·1"])]
)
def test_other_names(name: str, formulas: list[str]) -> None:
    assert statements(name) == formulas


@pytest.mark.parametrize("name", NAMED)
def test_every_name_is_proved_and_has_a_matrix_form(name: str) -> None:
    for found in derive(name):
        assert found.closed is not None
        assert {step.check for step in found.steps[1:]} == {"SymPy"}
        assert "equal" in found.evidence[1]


def test_where_sympy_does_not_see_it_the_evidence_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Algebra, "differ", lambda self, left, right: True)
    (found,) = derive("y[a] = x[a]")
    assert found.evidence[0].startswith("SymPy: not confirmed, since it did not see that two sides are equal (step 2")
    assert {step.check for step in found.steps} == {"unchecked"}
    with pytest.raises(DerivationError, match="step 2 of ∂L/∂x does not follow"):
        derive("affine")


def test_the_import_is_light() -> None:
    code = "import sys, scalargrad.derivation; assert not {'sympy', 'mpmath', 'rich'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_name_has_shapes_of_its_own() -> None:
    with pytest.raises(ArgumentError, match=r"^affine has shapes of its own: give shapes with index notation only$"):
        derive("affine", {"x": "N D"})
