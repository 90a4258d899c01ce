"""The story of a graph: its steps in words, and its numbers, which are the engine's."""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

import pytest

import scalargrad as sg
from scalargrad import Value
from scalargrad.engine.sweep import adjoints, topological_order
from scalargrad.pictures.stepper import tell
from tests.pictures.graphs import ROWS, copied, diamond, fractions, labelled, made_by, n_ary, second_order, small_layer

GRAPHS: list[Callable[[], Value]] = [
    diamond,
    fractions,
    second_order,
    n_ary,
    small_layer,
    lambda: Value(2, "x"),
    lambda: Value(Decimal("0.1"), "x") * Value(Decimal(3)),
    lambda: (Value(1 + 2j, "z") ** 3).exp(),
    lambda: Value(math.inf, "x") * 0.0,
]


def labelled_layer() -> Value:
    """A 2×2 layer with a name for each entry of Y."""
    X, W = sg.values([[1, 2], [3, 4]], "x"), sg.values([[5, 6], [7, 8]], "w")
    return labelled("L", sg.sum(sg.affine.forward(X, W) ** 2))


def without_rule(note: str) -> str:
    """An operation of one's own is written in another way."""
    return re.sub(r"^The rule: .*?\. (?=Term)", "", note)


def texts(output: Value) -> list[str]:
    return [moment.text for moment in tell(topological_order(output)).moments]


@pytest.mark.parametrize("build", GRAPHS)
def test_final_gradients_are_the_engines_in_every_bit(build: Callable[[], Value]) -> None:
    output = build()
    order, expected = topological_order(output), adjoints(output)
    found = [track.gradient for track in tell(order).tracks]
    assert [(type(x), repr(x)) for x in found] == [(type(expected[node]), repr(expected[node])) for node in order]


@pytest.mark.parametrize("build", GRAPHS)
def test_every_edge_has_one_step_in_the_order_of_the_sweep(build: Callable[[], Value]) -> None:
    """But not those that lead to a constant, whose gradient nobody asks for."""
    order = topological_order(build())
    story, place = tell(order), {node: k for k, node in enumerate(order)}
    edges = [moment.edge for moment in story.moments if moment.edge]
    constants = [k for k, node in enumerate(order[:-1]) if not node.inputs and not node.label]
    leading = [(k, i) for k in reversed(range(len(order))) for i in range(len(order[k].inputs))]
    assert edges == [f"e{k}-{i}" for k, i in leading if place[order[k].inputs[i]] not in constants]
    forward = [moment.box for moment in story.moments if moment.phase == "forward"]
    assert len(story.moments) == 1 + len(forward) + 1 + len(edges) + 1
    assert sorted(forward + constants) == list(range(len(order)))  # a constant has no step of its own
    for k, node in enumerate(order):
        assert all(story.tracks[order.index(x)].appears <= story.tracks[k].appears for x in node.inputs)


def test_the_steps_forward_begin_with_the_leaves_and_go_from_entry_to_entry() -> None:
    names = [moment.lines[0][0] for moment in tell(topological_order(labelled_layer())).moments[1:13]]
    entries = [f"{letter}[{i},{j}]" for letter in "xw" for i in range(2) for j in range(2)]
    assert names == [*entries, "v₁", "v₂", "y[0,0]", "v₃"]


def test_a_step_says_the_rule_of_its_operation() -> None:
    """From the table itself, in the names of the inputs."""
    x, w = Value(2, "x"), Value(3, "w")
    told = tell(topological_order(labelled("y", x * w))).moments
    forward, _, first, second = [moment.note for moment in told[3:7]]
    assert forward == "Kept for the way back: ∂₁y = w = 3, ∂₂y = x = 2."
    assert first.startswith("The rule: ∂(a · b)/∂a = b, and b is w = 3. Term 1 of 1.")
    assert second.startswith("The rule: ∂(a · b)/∂b = a, and a is x = 2. Term 1 of 1.")
    notes = [moment.note for moment in tell(topological_order(labelled("y", Value(2.0, "x").exp()))).moments]
    assert "Kept for the way back: ∂₁y = y = 7.389." in notes
    assert any(note.startswith("The rule: ∂exp(a)/∂a = exp(a), and exp(a) is y = 7.389. Term 1") for note in notes)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.symbol)
def test_every_row_of_the_table_has_a_rule(row: sg.Op) -> None:
    """For each input, in letters; Σ, whose inputs are any number, of three."""
    notes = [moment.note for moment in tell(topological_order(made_by(row, row.arity))).moments]
    rules = [re.match(r"The rule: ∂\(?(.*?)\)?/∂([abc]) = ", note) for note in notes]
    written = row.written(*"abc"[: row.arity or 3])
    told = {rule[2] for rule in rules if rule and rule[1].strip("()") == written.strip("()")}
    assert sorted(told) == list("abc"[: row.arity or 3])
    assert not re.search(r"Heaviside|KroneckerDelta|\*\*", "".join(notes))


def test_without_sympy_the_steps_say_the_numbers_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sympy", None)
    notes = [moment.note for moment in tell(topological_order(labelled("y", Value(2, "x") * Value(3, "w")))).moments]
    assert "Kept for the way back: ∂₁y = 3, ∂₂y = 2." in notes


def test_steps_say_what_happens() -> None:
    x, y = Value(2, "x₁"), Value(3, "x₂")
    z = labelled("y", x * y)
    assert texts(z) == [
        "",
        "x₁ = 2",
        "x₂ = 3",
        "y = x₁ · x₂ = 2 · 3 = 6",
        "y.grad = ∂y/∂y = 1",
        "x₁.grad += ∂₁y · y.grad = 3 · 1 = 3; x₁.grad = 3",
        "x₂.grad += ∂₂y · y.grad = 2 · 1 = 2; x₂.grad = 2",
        "∂y/∂x₁ = 3; ∂y/∂x₂ = 2",
    ]


def test_a_term_is_complete_with_its_last_edge_and_a_repeated_input_says_which() -> None:
    x = Value(3, "x")
    notes = [moment.note for moment in tell(topological_order(labelled("y", x * x))).moments]
    complete = "No other edge leaves x: its gradient is complete."
    assert notes[4:6] == [
        "The rule: ∂(a · b)/∂a = b, and b is x = 3. Term 1 of 2, by input 1 of y.",
        f"The rule: ∂(a · b)/∂b = a, and a is x = 3. Term 2 of 2, by input 2 of y. {complete}",
    ]
    (track, _) = tell(topological_order(x * x)).tracks
    assert track.complete == 5


@pytest.mark.parametrize(
    ("node", "text"),
    [
        (Value(2, "a") - Value(-3, "b"), "out = a − b = 2 − (-3) = 5"),
        (Value(2.0, "a") / Value(4.0, "b"), "out = a / b = 2 / 4 = 0.5"),
        (-Value(-2, "a"), "out = −a = −(-2) = 2"),
        (abs(Value(-2, "a")), "out = |a| = |-2| = 2"),
        (Value(-2, "a") ** 3, "out = a³ = (-2)³ = -8"),
        (Value(2, "a") ** -1, "out = a⁻¹ = 2⁻¹ = 0.5"),
        (Value(4.0, "a") ** -0.5, "out = a ^ (-0.5) = 4 ^ (-0.5) = 0.5"),
        (Value(-4, "a").step(), "out = [a > 0] = [-4 > 0] = 0"),
        (Value(-4, "a").greater(Value(-5, "b")), "out = [a > b] = [-4 > -5] = 1"),
        (Value(4.0, "a") ** 0.5, "out = a ^ 0.5 = 4 ^ 0.5 = 2"),
        (Value(2, "a") ** Value(3, "b"), "out = a ^ b = 2 ^ 3 = 8"),
        (Value(-2, "a").max(Value(3, "b")), "out = max(a, b) = max(-2, 3) = 3"),
        (Value(0.0, "a").exp(), "out = exp(a) = exp(0) = 1"),
        (sg.sum([Value(2, "a"), 3]), "out = a + c₁ = 2 + 3 = 5"),
        (sg.sum([Value(2, "a")]), "out = Σ(a) = Σ(2) = 2"),
        (
            sg.sum([Value(k, f"a{k}") for k in range(9)]),
            "out = a0 + a1 + a2 + a3 + … + a8 = 0 + 1 + 2 + 3 + … + 8 = 36",
        ),
        (Value(Fraction(1, 2), "a") * 4, "out = a · c₁ = (1/2) · 4 = 2"),
    ],
)
def test_formulas(node: Value, text: str) -> None:
    (found,) = [text for text in texts(node) if text.startswith("out = ")]
    assert found == text


@pytest.mark.parametrize(
    ("notation", "text"),
    [
        (None, "out = own(a, b) = own(-2, 3) = 1"),
        (("", " ⊕ ", ""), "out = a ⊕ b = (-2) ⊕ 3 = 1"),
        (("", ", ", "!"), "out = a, b! = (-2), 3! = 1"),  # closed on one side only
        (("⟨", " | ", "⟩"), "out = ⟨a | b⟩ = ⟨-2 | 3⟩ = 1"),
        (("<b>\u202e", "\n", ""), "out = <b>⟨U+202E⟩a\u2424b = <b>⟨U+202E⟩(-2)\u24243 = 1"),
    ],
)
def test_an_operation_of_ones_own_is_written_as_its_row_says(notation: tuple[str, str, str] | None, text: str) -> None:
    own = sg.Op("own", lambda a, b: a + b, lambda out, a, b: (1, 1), notation)
    del sg.ops.TABLE["own"]
    assert text in texts(own(Value(-2, "a"), Value(3, "b")))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.symbol)
def test_an_operation_of_ones_own_is_stepped_through_like_a_built_in_one(row: sg.Op) -> None:
    """A copy of every row has the same numbers in every step; only how it is written differs."""
    expected = tell(topological_order(made_by(row, row.arity)))
    with copied(row) as copy:
        found = tell(topological_order(made_by(copy, row.arity)))
    assert [track.symbol.replace(copy.symbol, row.symbol) for track in found.tracks] == [
        track.symbol for track in expected.tracks
    ]
    for now, then in zip(found.tracks, expected.tracks, strict=True):
        assert repr((now.data, now.gradient, now.contributions)) == repr((then.data, then.gradient, then.contributions))
    for at, before in zip(found.moments, expected.moments, strict=True):
        assert (at.phase, at.box, at.edge) == (before.phase, before.box, before.edge)
        assert without_rule(at.note) == without_rule(before.note)
        if at.phase != "forward":
            assert at.lines == before.lines


def test_the_terms_are_those_of_the_engines_sweep(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no other walk backward: a sweep that finds no terms tells of none."""
    monkeypatch.setattr("scalargrad.pictures.stepper.steps.reverse_sweep", lambda *_, **__: [])
    assert [moment.phase for moment in tell(topological_order(Value(2) * 3)).moments].count("backward") == 1


def test_nodes_without_a_label_get_names_that_nobody_has() -> None:
    x, y = Value(1, "v₁"), Value(2, "out")
    names = [track.name for track in tell(topological_order(((x + y) * 2 + 5).exp())).tracks]  # 2 and 5 are constants
    assert sorted(names) == ["c₁", "c₂", "out", "v₁", "v₂", "v₃", "v₄", "v₅"]


def test_right_to_left_names_do_not_turn_the_formula_around() -> None:
    assert "y = \u2068שלום\u2069 · \u2068שלום\u2069 = 3 · 3 = 9" in texts(labelled("y", (x := Value(3, "שלום")) * x))


def test_of_many_leaves_the_last_step_lists_a_few() -> None:
    moment = tell(topological_order(sg.sum([Value(k, f"x{k}") for k in range(9)]))).moments[-1]
    assert len(moment.lines) == 6
    assert moment.note == "Every gradient is complete. 3 more leaves are in the table."


def test_infinities_and_nan_are_shown() -> None:
    assert "out = x · c₁ = inf · 0 = nan" in texts(Value(math.inf, "x") * 0.0)
