"""What is drawn of a graph: boxes, arrows and captions, at each level."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import scalargrad as sg
from scalargrad import Value
from scalargrad.engine.paths import paths
from scalargrad.engine.sweep import topological_order
from scalargrad.errors import ArgumentError, ArgumentTypeError
from scalargrad.pictures import draw, levels, picture
from scalargrad.pictures.grid import is_complete
from scalargrad.pictures.levels import entry_level, matrix_level
from tests.pictures.graphs import ROWS, copied, labelled, made_by, square_layer


class TestScalarLevel:
    def test_a_box_for_each_node_and_an_arrow_for_each_edge_repeated_ones_too(self) -> None:
        """x·x has two edges from x, and each carries its own local partial."""
        x = Value(3, "x")
        L = x * x
        L.backward()
        drawing = picture(L)
        assert [box.lines for box in drawing.boxes] == [("x", "data 3", "grad 6"), ("*", "data 9", "grad 1")]
        assert [(a.tail, a.head, a.label) for a in drawing.arrows] == [("n0", "n1", "3"), ("n0", "n1", "3")]

    def test_no_gradient_is_shown_before_there_was_a_backward_pass(self) -> None:
        x = Value(3, "x")
        L = x * 2
        assert {len(box.lines) for box in picture(L).boxes} == {2}
        L.backward()
        assert {box.lines[-1] for box in picture(L).boxes} == {"grad 1", "grad 2", "grad 3"}

    def test_leaves_operations_and_outputs_are_of_different_kinds(self) -> None:
        x = Value(2.0, "x")
        drawing = picture((x * 3.0).exp())
        assert {box.lines[0]: box.kind for box in drawing.boxes} == {
            "x": "leaf",
            "constant": "leaf",
            "*": "operation",
            "exp": "output",
        }

    def test_numbers_are_shortened_floats_and_whole_fractions_and_formulas(self) -> None:
        import sympy

        y = sympy.Symbol("y")
        titles = {
            picture(Value(number)).boxes[0].lines[1]
            for number in (1 / 3, Fraction(1, 3), y**2 + 1, 2 + 1j, np.float32(2))
        }
        assert titles == {"data 0.3333", "data 1/3", "data y**2 + 1", "data 2+1j", "data 2"}

    def test_entries_are_in_the_cluster_of_their_matrix(self) -> None:
        *_, L = square_layer()
        drawing = picture(L, limit=None)
        matrices = {box.lines[0]: box.matrix for box in drawing.boxes}
        assert matrices["x[0,1]"] == "X"
        assert matrices["w[2,0]"] == "W"
        assert matrices["y[1,1] = Σ"] == "Y"
        assert matrices["L = Σ"] == ""

    def test_the_backward_pass_is_a_graph_that_can_be_drawn(self) -> None:
        x = Value(2.0, "x")
        drawing = picture(sg.grad(x**3, x, create_graph=True))
        assert any(box.lines[:2] == ("x", "data 2") for box in drawing.boxes)
        assert drawing.boxes[-1].lines[1] == "data 12"


class TestTerms:
    def test_each_path_has_the_product_of_its_partials_and_the_caption_the_sum(self) -> None:
        X, _, L = square_layer()
        for level in ("scalar", "entry"):
            drawing = picture(L, terms=("x[0,1]", L), level=level, limit=None)
            assert drawing.caption == (
                "∂L/∂x[0,1] is the sum over 2 paths: (a) 6 + (b) 46/9 = 100/9. grad is ∂L/∂v for each box v."
            )
            assert drawing.level == level
        assert X[0, 1].grad == Fraction(100, 9)

    def test_the_arrows_of_each_path_lead_from_the_entry_to_the_loss(self) -> None:
        *_, L = square_layer()
        drawing = picture(L, terms=("x[0,1]", L), limit=None)
        boxes = {box.id: box.lines[0] for box in drawing.boxes}
        for number in (0, 1):
            path = {boxes[a.tail]: boxes[a.head] for a in drawing.arrows if number in a.paths}
            node, nodes = "x[0,1]", ["x[0,1]"]
            while node in path:
                node = path[node]
                nodes.append(node)
            assert nodes == ["x[0,1]", "*", f"y[0,{number}] = Σ", "**2", "L = Σ"]

    def test_an_edge_on_two_paths_names_both(self) -> None:
        r"""x ⇉ x·x → L: the last edge is on both paths."""
        x = Value(3, "x")
        L = -(x * x)
        drawing = picture(L, terms=(x, L))
        assert [a.paths for a in drawing.arrows] == [(0,), (1,), (0, 1)]
        assert "(a) (b)" in draw(L, terms=(x, L)).source

    def test_folded_paths_are_counted(self) -> None:
        """At the level of entries one arrow may stand for several paths: x·x + x·x + x, folded into y."""
        x = Value(3, "x")
        y = labelled("y", x * x + x * x + x)
        L = labelled("L", y * y)
        said = {level: picture(L, terms=(x, L), level=level).caption for level in ("scalar", "entry")}
        assert said["scalar"].startswith("∂L/∂x is the sum over 10 paths: (a) 63 + (b) 63")
        assert said["scalar"].endswith("= 546.")
        assert said["entry"] == (
            "∂L/∂x is 546, the sum over 10 paths. All run along (a): 5 paths from x to y times 2 paths from y to L."
        )
        L = labelled("L", y + x)
        assert picture(L, terms=(x, L), level="entry").caption == (
            "∂L/∂x is the sum over 6 paths: (a) 13 by 5 paths from x to y + (b) 1 = 14."
        )
        L = labelled("L", x.exp())
        assert picture(L, terms=(x, L)).caption == "∂L/∂x is the product along the only path: (a) 20.09."

    def test_only_paths_draws_nothing_else(self) -> None:
        *_, L = square_layer()
        drawing = picture(L, terms=("x[0,1]", L), only_paths=True)
        titles = ["**2", "**2", "*", "*", "L = Σ", "x[0,1]", "y[0,0] = Σ", "y[0,1] = Σ"]
        assert sorted(box.lines[0] for box in drawing.boxes) == sorted(titles)
        assert all(arrow.paths for arrow in drawing.arrows)
        assert len(drawing.arrows) == 8
        with pytest.raises(ArgumentError, match="only_paths needs terms"):
            picture(L, only_paths=True)

    def test_no_path_is_said(self) -> None:
        x, y = Value(1, "x"), Value(2, "y")
        both = [x * 2, y * 3]
        assert picture(both, terms=("x", both[1])).caption == "∂*/∂x is 0: no path leads from x to *."

    def test_more_paths_than_can_be_listed_are_counted_and_summed(self) -> None:
        r"""A ladder x ⇉ x² ⇉ x⁴ …: 2⁶⁰ paths."""
        x = Value(1, "x")
        y = x
        for _ in range(60):
            y = y * y
        drawing = picture(y, terms=(x, y), limit=None)
        number = f"{2**60:,}"
        assert drawing.caption == f"∂*/∂x is the sum over {number} paths, which is {2**60}."
        assert {(arrow.lit, arrow.paths) for arrow in drawing.arrows} == {(True, ())}

    @pytest.mark.parametrize(
        ("terms", "message"),
        [
            (("q", None), "'q' is not in the graph"),
            ((Value(1, "stranger"), None), "stranger is not in the graph"),
            (("twin", None), "2 nodes have the label 'twin': give the node itself"),
        ],
    )
    def test_a_node_that_is_not_there_is_refused(self, terms: Any, message: str) -> None:
        L = Value(1, "twin") * Value(2, "twin")
        with pytest.raises(ArgumentError, match=message):
            draw(L, terms=(terms[0], L))


class TestLevels:
    def test_entries_carry_the_total_partial_over_what_is_folded(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(levels, "BUNDLE", 100)
        *_, L = square_layer()
        drawing = picture(L, level="entry")
        boxes = {box.id: box.lines[0] for box in drawing.boxes}
        labels = {(boxes[a.tail], boxes[a.head]): a.label for a in drawing.arrows}
        assert labels["x[0,1]", "y[0,1] (+3 folded)"] == "1/3"
        assert labels["y[0,1] (+3 folded)", "L (+4 folded)"] == "46/3"
        assert len(labels) == 2 * 3 * 2 * 2 + 4

    def test_every_partial_of_a_group_is_the_gradient_inside_it(self) -> None:
        """Operations that two groups share are groups of their own, so nothing is counted twice or lost."""
        x, y = Value(2.0, "x"), Value(3.0, "y")
        shared = x * y
        a = shared.exp() + x
        b = shared.sin() * y
        a.label, b.label = "a", "b"
        L = a * b
        order = topological_order([L])
        groups = entry_level([L], order)
        top = groups[L]
        found = {g.label: sum(p for _, p in paths(g, top)) for g in groups.values() if g.label}
        for node in (x, y, a, b):
            assert found[node.label] == pytest.approx(sg.grad(L, node), rel=1e-14)
        assert shared in groups

    def test_matrices_have_their_shapes(self) -> None:
        *_, L = square_layer()
        drawing = picture(L, level="matrix")
        assert {box.lines for box in drawing.boxes} == {("X", "2×3"), ("W", "3×2"), ("Y", "2×2"), ("L", "scalar")}
        assert {a.label for a in drawing.arrows} == {"∂Y/∂X: 2×2×2×3", "∂Y/∂W: 2×2×3×2", "∂L/∂Y: 2×2"}

    def test_a_chain_of_matrices_is_no_circle(self) -> None:
        """The additions before Y and after it are boxes of their own."""
        x = sg.values([1.0, 2.0], "x")
        y = x * x[::-1] + x
        for k, node in enumerate(y):
            node.label = f"y[{k}]"
        L = (y * y[::-1] + y).sum()
        drawing = picture(L, level="matrix")
        ids = [box.id for box in drawing.boxes]
        assert all(ids.index(a.head) < ids.index(a.tail) for a in drawing.arrows)

    def test_a_large_layer_is_drawn_by_matrix_and_the_caption_says_so(self) -> None:
        X, W = sg.values(np.ones((150, 4)), "x"), sg.values(np.ones((4, 3)), "w")
        L = sg.sum(sg.affine.forward(X, W) ** 2)
        L.label = "L"
        drawing = draw(L)
        assert drawing.level == "matrix"
        assert drawing.caption == (
            "3,313 nodes are too many to read: entries are folded into matrices. To see more, draw a part of it, "
            "such as one entry, or only the paths from one entry: terms=(x, L), only_paths=True."
        )
        assert ("X", "150×4") in {box.lines for box in drawing.picture.boxes}
        assert draw(L, limit=None, level="entry").level == "entry"

    def test_with_terms_a_large_graph_is_reduced_to_the_paths(self) -> None:
        X, W = sg.values(np.ones((150, 4)), "x"), sg.values(np.ones((4, 3)), "w")
        L = sg.sum(sg.affine.forward(X, W) ** 2)
        L.label = "L"
        drawing = draw(L, terms=("x[7,1]", L))
        assert drawing.level == "entry"
        assert {box.lines[0].split(" ")[0] for box in drawing.picture.boxes} == {
            "x[7,1]", "y[7,0]", "y[7,1]", "y[7,2]", "L",
        }  # fmt: skip
        assert "= 24. Only the boxes on these paths are drawn." in drawing.caption

    def test_a_middling_graph_falls_back_to_entries(self) -> None:
        x = Value(1.0, "x")
        y = x
        for _ in range(400):
            y = y * 1.5
        drawing = draw(y)
        assert drawing.level == "entry"
        assert drawing.caption.startswith("801 nodes are too many to read: operations are folded")
        assert [box.lines[0] for box in drawing.picture.boxes] == ["x", "*"]

    def test_a_graph_with_thousands_of_names_is_summarised_by_kind(self) -> None:
        x = Value(1.0, "x")
        nodes = [x.exp() for _ in range(1000)]
        for k, node in enumerate(nodes):
            node.label = f"node {k}"
        drawing = draw(sg.sum(nodes))
        (box,) = drawing.picture.boxes
        assert box.lines == ("1,002 nodes", "1,000 × exp", "1 × leaf with a label", "1 × Σ")
        assert drawing.caption.startswith(
            "1,002 nodes are too many to read, and there are no matrices to fold them into: these are the nodes by kind"
        )
        assert drawing.caption.endswith("terms=(x, L), only_paths=True.")
        assert draw(sg.sum(nodes), level="matrix").caption == (
            "1,002 boxes and 2,000 arrows are too many to read, and there are no matrices to fold them into: these are "
            "the nodes by kind."
        )

    def test_a_hundred_thousand_operations_are_drawn_as_a_summary(self) -> None:
        x = Value(1.0, "x")
        y = x
        for _ in range(10**5):
            y = y + x
        drawing = draw(y)
        assert len(drawing.picture.boxes) == 2
        assert "100,001 nodes" in drawing.caption

    def test_bad_arguments_are_refused(self) -> None:
        L = Value(1, "L")
        with pytest.raises(ArgumentError, match="there is no level 'row': choose from scalar, entry, matrix"):
            draw(L, level="row")
        with pytest.raises(ArgumentError, match="there is no direction 'up'"):
            draw(L, direction="up")
        with pytest.raises(ArgumentError, match="from entry to entry"):
            draw(L, terms=(L, L), level="matrix")
        with pytest.raises(ArgumentTypeError, match="draw needs Values, and got a float"):
            draw([L, 1.0])


class TestMatrices:
    def test_each_layer_of_a_network_has_its_own(self) -> None:
        """Layers name their own arrays; and of one letter there are as many matrices as layers use."""
        network = sg.nn.MLP(2, [16, 16, 1])
        L = labelled("L", sg.sum(network(sg.values([[1.0, 2.0], [3.0, -1.0]], "x")) ** 2))
        found = {box.lines for box in picture(L, level="matrix").boxes if box.kind == "leaf"}
        assert found == {
            ("X", "2×2"), ("W1", "2×16"), ("W2", "16×16"), ("W3", "16×1"),
            ("b1", "16"), ("b2", "16"), ("b3", "1"),
        }  # fmt: skip

        A, B = sg.nn.Affine(2, 3), sg.nn.Affine(3, 2)
        L = labelled("L", sg.sum(B(A(sg.values([[1.0, 2.0]], "x")))))
        titles = {box.lines[0] for box in picture(L, level="matrix").boxes if box.kind == "leaf"}
        assert titles == {"X", "W (1)", "W (2)", "b (1)", "b (2)"}

    def test_results_can_be_named(self) -> None:
        """The entries of X @ W, which NumPy makes, are a matrix of their own in a drawing once they have a name."""
        X, W = sg.values([[1, 2], [3, 4]], "x"), sg.values([[5, 6], [7, 8]], "w")
        L = sg.label((sg.label(X @ W, "y") ** 2).sum(), "L")
        assert set(picture(L, level="entry").grids) == {"X", "W", "Y"}
        with pytest.raises(ArgumentError, match=r"^t\[0,0\] has the name x\[0,0\] already: an entry has one name"):
            sg.label(X.T, "t")
        with pytest.raises(ArgumentError, match=r"^y\[1\] has the name y\[0\] already"):
            sg.label([L * 2] * 2, "y")

    def test_what_cannot_be_told_apart_stands_alone(self) -> None:
        """Two matrices of one letter, used at the same height: nothing says which entry is of which."""
        A, B = sg.values([[1, 2]], "w"), sg.values([[3, 4]], "w")
        L = labelled("L", sg.sum([*(A * 2).flat, *(B * 2).flat]))
        drawing = picture(L)
        assert drawing.grids == {}
        assert [box.matrix for box in drawing.boxes] == [""] * len(drawing.boxes)
        assert ("W", "1×2") not in {box.lines for box in picture(L, level="matrix").boxes}

    def test_a_recurrence_is_no_grid(self) -> None:
        """h[1] is made of h[0]: as one box, H would lead to itself. Another matrix beside it stays a grid."""
        h = [Value(1, "h[0]")]
        w = sg.values([2, 3], "w")
        for k in range(2):
            h.append(labelled(f"h[{k + 1}]", h[-1] * w[k]))
        assert list(picture(h[-1]).grids) == ["w"]

    def test_a_matrix_with_a_hole_is_no_grid(self) -> None:
        x = [Value(1, f"x[{i},{j}]") for i, j in ((0, 0), (0, 1), (1, 0))]
        assert picture(sg.sum(x)).grids == {}

    def test_many_arrows_between_two_grids_are_one_that_says_how_many(self) -> None:
        *_, L = square_layer()
        every = {(a.label, a.bundle) for a in picture(L, level="entry").arrows if a.bundle}
        assert every == {("∂Y/∂X: 12 arrows", True), ("∂Y/∂W: 12 arrows", True)}
        drawing = picture(L, terms=("x[0,1]", L), level="entry")
        assert "∂Y/∂X: 10 more arrows" in {a.label for a in drawing.arrows}
        assert drawing.size < 40

    @pytest.mark.parametrize("shape", [(2, 3, 2), (3, 3, 3), (5, 5, 5), (12, 1, 12), (20, 2, 2), (15, 15, 15)])
    def test_whatever_the_shape_the_drawing_is_within_the_limit(self, shape: tuple[int, int, int]) -> None:
        N, D, M = shape
        L = sg.sum(sg.affine.forward(sg.values(np.ones((N, D)), "x"), sg.values(np.ones((D, M)), "w")) ** 2)
        for start, direction in ((None, "LR"), ("x[0,0]", "LR"), ("w[0,0]", "TB")):
            drawing = picture(L, terms=(start, L) if start else None, direction=direction)
            assert drawing.size <= levels.LIMIT
            assert max(drawing.extent(direction)) <= levels.MOST_POINTS


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.symbol)
@pytest.mark.parametrize("level", ["scalar", "entry", "matrix"])
def test_an_operation_of_ones_own_is_drawn_like_a_built_in_one(row: sg.Op, level: str) -> None:
    """A copy of every row makes the same picture, apart from the symbol."""
    expected = made_by(row, row.arity)
    with copied(row) as copy:
        found = made_by(copy, row.arity)
    expected.backward()
    found.backward()
    drawn = repr(picture(found, level=level, limit=None))
    assert copy.symbol in drawn
    assert drawn.replace(copy.symbol, row.symbol) == repr(picture(expected, level=level, limit=None))


class TestGroups:
    def test_a_group_is_a_node_of_its_own_graph(self) -> None:
        """Whatever is asked about graphs can be asked about groups."""
        *_, L = square_layer()
        order = topological_order(L)
        groups = list(entry_level([L], order).values())
        assert set(topological_order(groups[-1])) == set(groups)
        assert sg.grad(groups[-1], groups[0]) == order[0].grad

    def test_nodes_are_folded_once_each(self) -> None:
        *_, L = square_layer()
        order = topological_order(L)
        groups = entry_level([L], order)
        assert sum(1 + group.folded for group in groups.values()) == len(order)

    def test_a_partial_of_one_edge_is_the_local_one_as_it_is(self) -> None:
        """Its kind of number stays: 1 of an addition is no 1.0."""
        x = Value(0.5, "x")
        (_, top) = entry_level([y := x + 1.0], topological_order(y)).values()
        assert repr(top.partials) == "(1,)"

    def test_a_leaf_with_many_users_is_grouped_in_linear_time(self) -> None:
        """Twenty thousand named nodes over one leaf: a copy of its users for each of them would take minutes."""
        x = Value(1.0, "x")
        nodes = [labelled(f"node {k}", x + 1) for k in range(20_000)]
        order = topological_order(nodes)
        assert len(entry_level(nodes, order)) == 20_001
        boxes, arrows = matrix_level(nodes, order)
        assert (len(boxes), len(arrows)) == (20_001, 20_000)


def test_many_kinds_of_nodes_are_counted_in_one_box() -> None:
    y = Value(0.5, "x")
    for function in (np.exp, np.sin, np.cos, np.tan, np.tanh, np.sinh, np.cosh, np.arctan, np.sqrt):
        y = function(y)
    (box,) = picture(y, limit=1).boxes
    assert box.lines[0] == "10 nodes"
    assert len(box.lines) == 10
    assert box.lines[-1] == "2 of 2 other kinds"


def test_indices_fill_an_array_if_they_are_of_one_length_and_none_is_missing() -> None:
    assert is_complete([(0, 0), (0, 1), (1, 0), (1, 1)])
    assert not is_complete([(0,), (0, 1)])
    assert not is_complete([(0,), (2,)])
