"""Formulas on numbers."""

from __future__ import annotations

import pytest
import sympy

from scalargrad.derivation.differentiation import gradient
from scalargrad.derivation.evaluation import derivative, evaluate_formula, evaluate_matrix
from scalargrad.derivation.matrix_form import closed_form
from scalargrad.derivation.notation import ELEMENTARY, read
from scalargrad.derivation.terms import DELTA, Factor, Formula, Term


def test_an_entry_of_a_delta() -> None:
    formula = Formula((Term((Factor(DELTA, ("i", "j")),)),), (("i", "N"), ("j", "N")))
    assert evaluate_formula(formula, {}, {"N": 2}).tolist() == [[1, 0], [0, 1]]


def test_scalars() -> None:
    layer = read("f = s*t*3 + s**2")
    formula = gradient(layer, "s")
    closed = closed_form(formula)
    assert closed is not None
    assert evaluate_matrix(closed, {"s": 5, "t": 7}, {}).tolist() == [[31]]


@pytest.mark.parametrize("name", [name for name, row in ELEMENTARY.items() if not row.bends])
def test_the_tables_derivatives_are_sympys(name: str) -> None:
    z = sympy.Symbol("z", positive=True)
    row = ELEMENTARY[name]
    assert sympy.simplify(derivative(row, z) - sympy.diff(row.apply(z), z)) == 0
