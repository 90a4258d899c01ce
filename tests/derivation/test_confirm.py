"""Scalar graphs contradict what is wrong, and say where nothing was compared."""

from __future__ import annotations

import math
from dataclasses import replace
from fractions import Fraction

import pytest

from scalargrad.derivation import Derivation, Step, derive, evaluation
from scalargrad.derivation.confirm import Point, confirm
from scalargrad.derivation.derive import outline
from scalargrad.derivation.notation import read
from scalargrad.engine import ops
from scalargrad.errors import DerivationError


def test_a_wrong_index_form_is_contradicted_by_the_graph(affine: dict[str, Derivation]) -> None:
    found = affine["b"]
    (term,) = found.formula.terms
    wrong = replace(found.formula, terms=(replace(term, coefficient=Fraction(2)),))
    with pytest.raises(DerivationError, match=r"^∂L/∂b_j = Σ_α 2 g_αj is false at \{.*\}: the graph has .*, not "):
        confirm(found.layer, [replace(found, steps=(Step(wrong, "by hand"),))])


def test_a_wrong_row_of_the_table_is_caught(monkeypatch: pytest.MonkeyPatch) -> None:
    """The formula takes f′ from the table, as it is now; the graph has what the table said when it was built."""
    layer = read("y[a] = sin(x[a])")
    found = [outline(layer, "x")]
    monkeypatch.setattr(evaluation, "derivative", lambda function, z: ops.SIN.apply(z))
    with pytest.raises(DerivationError, match="false at"):
        confirm(layer, found)


def test_differences_contradict_what_the_graph_is_made_to_confirm(affine: dict[str, Derivation]) -> None:
    found = affine["b"]
    (term,) = found.formula.terms
    wrong = replace(found, steps=(Step(replace(found.formula, terms=(term.times(2),)), "by hand"),))
    point = Point.drawn(found.layer, {"N": 2, "D": 2, "M": 2}, lambda: Fraction(3))
    assert point.difference([found]).startswith("2 entries to 25 digits at (N, D, M) = (2, 2, 2)")
    with pytest.raises(DerivationError, match=r"is false at .*: differences give 6"):
        point.difference([wrong])


def test_at_a_bend_there_are_no_differences() -> None:
    layer = read("y[a] = relu(x[a])")
    point = Point.drawn(layer, {"N": 1}, lambda: Fraction(0))
    assert point.difference([outline(layer, "x")]) == ""


def test_a_dimension_of_one() -> None:
    (found, *_) = derive("y[a,b] = x[a,b]*w[a]", {"x": "N 1", "w": "N"})
    assert "equal exactly over Fractions at (N, 1) = (2, 1), (3, 1), (1, 1)" in found.evidence[1]


def test_numbers_outside_of_a_functions_domain() -> None:
    (*_, found) = derive("y[a] = relu(log(x[a] - 9))")
    assert "not compared" in found.evidence[1]


def test_zero_sizes() -> None:
    for forward in ("y[a,b] = sum(k, x[a,k]*w[k,b]) + b[b]", "f = sum(a, b, x[a]*w[a,b])", "f = sum(i, x[i,i])*s"):
        layer = read(forward)
        found = [outline(layer, name) for name in layer.inputs]
        for letter in layer.dimensions:
            sizes = dict.fromkeys("NDM", 2) | {letter: 0}
            entries = sum(math.prod(sizes[size] for size in layer.shapes[name]) for name in layer.inputs)
            assert Point.drawn(layer, sizes, lambda: Fraction(3)).compare(found) == entries
