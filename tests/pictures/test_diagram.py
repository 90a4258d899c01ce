"""Diagrams: their content (boxes, arrows, captions), their levels, and what reaches DOT and SVG only escaped."""

from __future__ import annotations

import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console

import scalargrad as sg
from scalargrad import Value
from scalargrad.affine import layer as affine
from scalargrad.cli.commands import main
from scalargrad.errors import DiagramError
from scalargrad.pictures import diagram
from scalargrad.pictures.diagram import Picture, draw, picture

SVG = "{http://www.w3.org/2000/svg}"

HOSTILE = (
    "<script>alert(1)</script>",
    "</script>",
    '"',
    "'",
    "]]>",
    r"\N \G \E \T \H \L",
    "&lt;b&gt; &amp;",
    "{a|b}",
    "two\nlines",
    "\u202eright to left\u202c",
    "x" * 10_000,
    "<<b>html</b>>",
    "-->",
)


def square_layer() -> tuple[Any, Any, Value]:
    """L = Σ (X·W)² for a 2×3×2 layer of Fractions, after backward."""
    X = sg.values([[1, 2, 3], [4, 5, 6]], "x")
    W = sg.values([[Fraction(1, 2), 1], [2, Fraction(1, 3)], [-1, 2]], "w")
    L = sg.sum(affine.forward(X, W) ** 2)
    L.label = "L"
    L.backward()
    return X, W, L


def by_title(drawing: Picture) -> dict[str, diagram.Box]:
    return {box.lines[0]: box for box in drawing.boxes}


def groups_of(svg: str, kind: str) -> dict[str, tuple[str, ...]]:
    """The lines of text in each SVG group of a class, by id."""
    root = ET.fromstring(svg)
    found = (g for g in root.iter(f"{SVG}g") if kind in g.get("class", "").split())
    return {g.get("id", ""): tuple("".join(t.itertext()) for t in g.iter(f"{SVG}text")) for g in found}


class TestScalarLevel:
    def test_a_box_for_each_node_and_an_arrow_for_each_edge_repeated_ones_too(self) -> None:
        """x·x has two edges from x, and each carries its own local partial."""
        x = Value(3, "x")
        L = x * x
        L.backward()
        drawing = picture(L)
        assert [box.lines for box in drawing.boxes] == [("x", "data 3", "grad 6"), ("*", "data 9", "grad 1")]
        assert [(a.tail, a.head, a.label) for a in drawing.arrows] == [("n0", "n1", "3"), ("n0", "n1", "3")]

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
        drawing = picture(L)
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
            drawing = picture(L, terms=("x[0,1]", L), level=level)
            assert drawing.caption == "∂L/∂x[0,1] is the sum over 2 paths: (a) 6 + (b) 46/9 = 100/9"
            assert drawing.level == level
        assert X[0, 1].grad == Fraction(100, 9)

    def test_the_arrows_of_each_path_lead_from_the_entry_to_the_loss(self) -> None:
        *_, L = square_layer()
        drawing = picture(L, terms=("x[0,1]", L))
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

    def test_no_path_is_said(self) -> None:
        x, y = Value(1, "x"), Value(2, "y")
        both = [x * 2, y * 3]
        assert picture(both, terms=("x", both[1])).caption == "∂*/∂x is 0: no path leads there."

    def test_too_many_paths_are_not_all_drawn(self) -> None:
        r"""A ladder x ⇉ x² ⇉ x⁴ …: 2⁶⁰ paths."""
        x = Value(1, "x")
        y = x
        for _ in range(60):
            y = y * y
        drawing = picture(y, terms=(x, y))
        assert drawing.caption == "∂*/∂x is the sum over more than 12 paths, of which the first 12 are drawn."
        assert {number for arrow in drawing.arrows for number in arrow.paths} == set(range(12))

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
        with pytest.raises(ValueError, match=message):
            draw(L, terms=(terms[0], L))


class TestLevels:
    def test_entries_carry_the_total_partial_over_what_is_folded(self) -> None:
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
        order = diagram.topological_order([L])
        groups = diagram.entry_level([L], order)
        top = groups[L]
        found = {g.label: sum(p for _, p in diagram.paths(g, top)) for g in groups.values() if g.label}
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
        L = sg.sum(affine.forward(X, W) ** 2)
        L.label = "L"
        drawing = draw(L)
        assert drawing.level == "matrix"
        assert drawing.caption == "3,313 nodes are too many to read: entries are folded into matrices."
        assert ("X", "150×4") in {box.lines for box in drawing.picture.boxes}
        assert draw(L, limit=None, level="entry").level == "entry"

    def test_with_terms_a_large_graph_is_reduced_to_the_paths(self) -> None:
        X, W = sg.values(np.ones((150, 4)), "x"), sg.values(np.ones((4, 3)), "w")
        L = sg.sum(affine.forward(X, W) ** 2)
        L.label = "L"
        drawing = draw(L, terms=("x[7,1]", L))
        assert drawing.level == "entry"
        assert {box.lines[0].split(" ")[0] for box in drawing.picture.boxes} == {
            "x[7,1]", "y[7,0]", "y[7,1]", "y[7,2]", "L",
        }  # fmt: skip
        assert drawing.caption.endswith("= 24 Only the boxes on these paths are drawn.")

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
        assert len(box.lines) == 8
        assert drawing.caption.startswith("1,002 nodes are too many to read")
        assert drawing.caption.endswith("these are its nodes by kind.")

    def test_a_million_operations_are_drawn_as_a_summary(self) -> None:
        x = Value(1.0, "x")
        y = x
        for _ in range(10**5):
            y = y + x
        drawing = draw(y)
        assert len(drawing.picture.boxes) == 2
        assert "100,001 nodes" in drawing.caption

    def test_bad_arguments_are_refused(self) -> None:
        L = Value(1, "L")
        with pytest.raises(ValueError, match="there is no level 'row': choose from scalar, entry, matrix"):
            draw(L, level="row")
        with pytest.raises(ValueError, match="there is no direction 'up'"):
            draw(L, direction="up")
        with pytest.raises(ValueError, match="from entry to entry"):
            draw(L, terms=(L, L), level="matrix")
        with pytest.raises(TypeError, match="draw needs Values, and got a float"):
            draw([L, 1.0])


class TestRendering:
    def test_svg_has_every_box_and_arrow_with_its_text(self) -> None:
        *_, L = square_layer()
        drawing = draw(L, terms=("x[0,1]", L))
        svg = drawing.svg()
        nodes, edges = groups_of(svg, "node"), groups_of(svg, "edge")
        assert nodes == {box.id: box.lines for box in drawing.picture.boxes}
        assert set(edges) == {arrow.id for arrow in drawing.picture.arrows}
        kinds = {g.get("id"): g.get("class") for g in ET.fromstring(svg).iter(f"{SVG}g")}
        assert {kinds[box.id] for box in drawing.picture.boxes} == {"node leaf", "node operation", "node output"}
        assert "100/9" in "".join(ET.fromstring(svg).itertext())

    def test_shapes_borders_and_dashes_tell_what_colour_tells(self) -> None:
        *_, L = square_layer()
        source = draw(L, terms=("x[0,1]", L)).source
        assert re.search(r'n\d+ \[label="x\[0,1\].*shape=box', source)
        assert re.search(r'label="L = Σ.*peripheries=2 shape=box', source)
        assert re.search(r'label="y\[0,0\] = Σ.*shape=ellipse', source)
        styles = {style for _, style in diagram.PATH_STYLES}
        assert styles == {"solid", "dashed", "dotted"}
        assert len(set(diagram.PATH_STYLES)) == diagram.PATHS_LIMIT

    @pytest.mark.parametrize("label", HOSTILE, ids=range(len(HOSTILE)))
    def test_hostile_labels_show_as_text(self, label: str) -> None:
        """Labels, symbols and data: nothing of them is markup, in DOT or in SVG."""
        x = Value(1.0, label)
        x.label = label
        drawing = draw(x * 2.0, terms=(x, x))
        svg = drawing.svg()
        root = ET.fromstring(svg)
        assert not list(root.iter(f"{SVG}script"))
        assert (sg_legible := diagram.legible(label)) in {lines[0] for lines in groups_of(svg, "node").values()}
        assert len(sg_legible) <= 40

    def test_a_number_class_cannot_smuggle_markup_in(self) -> None:
        class Odd(float):
            def __str__(self) -> str:
                return "<script>"

            def __format__(self, spec: str) -> str:
                return "<script>"

        svg = draw(Value(Odd(1.0), "x")).svg()
        assert "<script" not in svg
        assert "data <script>" in "".join(ET.fromstring(svg).itertext())

    def test_files_are_written_in_the_format_of_their_ending(self, tmp_path: Path) -> None:
        drawing = draw(square_layer()[2])
        assert drawing.save(tmp_path / "a.svg").read_text(encoding="utf-8").startswith("<?xml")
        assert drawing.save(tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
        assert drawing.save(tmp_path / "a.dot").read_text(encoding="utf-8") == drawing.source
        assert {path.name for path in tmp_path.iterdir()} == {"a.svg", "a.png", "a.dot"}
        with pytest.raises(ValueError, match=r"a.bmp: the ending names the format"):
            drawing.save(tmp_path / "a.bmp")

    def test_a_format_that_the_renderer_lacks_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(diagram, "renderer", lambda: sys.executable)
        monkeypatch.setattr(subprocess, "run", lambda *_, **__: subprocess.CompletedProcess([], 1, b"", b"no pdf\n"))
        with pytest.raises(DiagramError, match="could not write PDF: no pdf"):
            diagram.render("digraph {}", "pdf")

    def test_rendering_has_a_time_limit(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def hang(*_: Any, **options: Any) -> None:
            raise subprocess.TimeoutExpired("dot", options["timeout"])

        monkeypatch.setattr(subprocess, "run", hang)
        with pytest.raises(DiagramError, match=r"did not finish within 0\.5 seconds"):
            diagram.render("digraph {}", "svg", seconds=0.5)

    def test_without_a_renderer_the_dot_text_is_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(diagram, "renderer", lambda: None)
        drawing = draw(Value(1.0, "x"))
        with pytest.raises(
            DiagramError, match=r'install the extra "diagrams", or Graphviz; the DOT text is in \.source'
        ):
            drawing.svg()
        shown = drawing._repr_mimebundle_()
        assert set(shown) == {"text/plain"}
        assert drawing.source in shown["text/plain"]

    def test_an_installed_dot_is_preferred(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("shutil.which", lambda name, path=None: f"/somewhere/{name}")
        assert diagram.renderer() == "/somewhere/dot"
        monkeypatch.setattr("shutil.which", lambda name, path=None: path and f"{path}/{name}")
        assert str(diagram.renderer()).endswith("graphviz-pure")

    def test_without_the_extra_the_error_names_it(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(sys.modules, "graphviz", None)
        with pytest.raises(ModuleNotFoundError, match='install the extra "diagrams"'):
            draw(Value(1.0))

    def test_diagrams_and_values_show_themselves_in_notebooks(self, monkeypatch: pytest.MonkeyPatch) -> None:
        *_, L = square_layer()
        assert draw(L)._repr_mimebundle_()["image/svg+xml"].count("<svg") == 1
        assert "image/svg+xml" in L._repr_mimebundle_()
        assert L._repr_mimebundle_()["text/plain"] == repr(L)
        monkeypatch.setitem(sys.modules, "graphviz", None)
        assert L._repr_mimebundle_() == {"text/plain": repr(L)}


class TestCommand:
    def test_it_writes_the_file_that_the_readme_shows(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        out = tmp_path / "affine.svg"
        words = ["draw", "--shape", "2,3,2", "--loss", "squares", "--term", "x[0,1]", "--level", "entry", "--out"]
        assert main([*words, str(out)]) == 0
        assert "∂L/∂x[0,1] is the sum over 2 paths" in capsys.readouterr().out
        shown = Path(__file__).parents[2] / "docs" / "affine.svg"
        for kind in ("node", "edge"):
            assert groups_of(out.read_text(encoding="utf-8"), kind) == groups_of(
                shown.read_text(encoding="utf-8"), kind
            )

    def test_without_a_file_it_prints_dot(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["draw", "--shape", "1,1,1", "--bias"]) == 0
        assert capsys.readouterr().out.startswith("digraph {")

    def test_text_is_an_indented_tree(self, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(["draw", "--text", "--shape", "1,1,1", "--numbers", "symbols"]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert lines[0].startswith("L = Σ  data w[0,0]**2*x[0,0]**2")
        assert lines[1].startswith("└── 1 · **2")

    @pytest.mark.parametrize(
        ("words", "message"),
        [
            ("draw --out picture.bmp", "the ending names the format"),
            ("draw --term q", "'q' is not in the graph"),
            ("draw --out /no/such/folder/a.dot", "/no/such/folder/a.dot: No such file"),
            ("draw --numbers fractions --loss cross-entropy", "use float, mpmath or SymPy numbers"),
        ],
    )
    def test_bad_input_is_one_sentence(self, words: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
        assert main(words.split()) == 2
        printed = capsys.readouterr()
        assert printed.out == ""
        assert message in printed.err
        assert printed.err.count("\n") == 1


def test_the_tree_names_shared_nodes_again_and_stops_in_time() -> None:
    x = Value(2, "x")
    y = x * x
    y.label = "y"
    console = Console(width=100)
    with console.capture() as capture:
        console.print(diagram.tree(y + y))
        console.print(diagram.tree(sg.sum([x] * 500), limit=10))
    text = capture.get()
    assert "1 · y = *  data 4  grad 0  (as above)" in text
    assert "… and more: 2 nodes in all" in text
