"""Terms: like ones are added, also where their bound indices have other names."""

from __future__ import annotations

from scalargrad.derivation.notation import read


def test_like_terms_with_bound_indices_are_added() -> None:
    layer = read("f = sum(a, x[a]*w[a]) + sum(c, w[c]*x[c])")
    assert len(layer.statements[0].terms) == 1
    assert layer.statements[0].terms[0].coefficient == 2
