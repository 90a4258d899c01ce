"""What SymPy is asked, and what is left to the scalar graphs."""

from __future__ import annotations

import sys
from typing import Any

import pytest
import sympy

from scalargrad.derivation import derive
from scalargrad.derivation.algebra import Algebra
from scalargrad.derivation.notation import read
from scalargrad.errors import DerivationError, MissingExtraError


@pytest.mark.parametrize(
    ("forward", "product"),
    [
        ("y[a,b] = sum(k, x[a,k]*w[k,b])", lambda x, w: x * w),
        ("y[a,b] = sum(k, x[a,k]*w[b,k])", lambda x, w: x * w.T),
        ("y[a,b] = sum(k, x[k,a]*w[k,b])", lambda x, w: x.T * w),
        ("y[a,b] = sum(k, l, x[a,k]*w[k,l]*x[b,l])", lambda x, w: x * w * x.T),
    ],
)
def test_sympys_trace_rule_agrees(forward: str, product: Any) -> None:
    """A third oracle: ∂L/∂V is the derivative of tr(Gᵀ·F) by V, which SymPy has rules of its own for."""
    for found in derive(forward):
        assert found.closed is not None
        algebra = Algebra(found.layer)
        x, w, g = (algebra.matrix(name) for name in ("x", "w", "g"))
        by_trace = sympy.Trace(g.T * product(x, w)).diff(algebra.matrix(found.name))
        i, j = (sympy.Symbol(letter, integer=True) for letter in found.formula.indices)
        assert not algebra.differ(algebra.matrix_entry(found.closed, i, j), by_trace[i, j])
        assert algebra.differ(algebra.matrix_entry(found.closed, i, j), 2 * by_trace[i, j])


def test_functions_with_a_bend_are_proved_where_they_have_a_derivative() -> None:
    (found,) = derive("y[a] = relu(x[a])")
    assert found.statement == "∂L/∂x = g ∘ relu′(x)"
    assert found.evidence[0] == "SymPy: every step, for all dimensions at once, wherever relu has a derivative"
    assert "exactly over Fractions" in found.evidence[1]


def test_an_index_that_a_delta_ties_to_another_may_stand_for_it() -> None:
    """g_j δ_jl = g_l δ_jl: SymPy collapses equal sums to one or the other, as they are written."""
    (x,) = derive("y[i] = sum(a, eye[i,a]*x[a,i]) + x[i,i]")
    assert x.verify()
    assert x.statement == "∂L/∂X = 2·diag(G)"


def test_many_sums_are_left_to_the_graphs() -> None:
    chain = "*".join(f"x{n}[{a},{b}]" for n, (a, b) in enumerate(zip("abcdefgh", "bcdefghi", strict=True)))
    found = derive(f"f = sum(a,b,c,d,e,f,g,h,i, {chain})")
    assert found[0].evidence[0] == "SymPy: not asked, since a term has more than 7 sums"
    assert "equal exactly" in found[0].evidence[1]


def test_a_sum_that_sympy_leaves_is_said() -> None:
    algebra = Algebra(read("y[a] = x[a]"))
    k, n = sympy.Symbol("k", integer=True), sympy.Symbol("N", integer=True)
    delta = sympy.KroneckerDelta(k, sympy.Symbol("i", integer=True))  # without a range
    with pytest.raises(DerivationError, match="SymPy could not collapse a sum"):
        list(algebra.collapsed(delta, [(k, sympy.Integer(0), n)]))


def test_without_sympy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sympy", None)
    with pytest.raises(MissingExtraError, match=r"^derivations need SymPy: run pip install .*symbolic"):
        derive("affine")
