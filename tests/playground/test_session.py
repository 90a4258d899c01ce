"""What a reader's program gives: results, names, notes, views, and errors with the reader's line."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import scalargrad as sg
from scalargrad.playground import Session
from scalargrad.playground.session import PRINTED, ROWS
from scalargrad.playground.starters import STARTERS
from tests.playground.programs import RIGHT, WRONG


@pytest.mark.parametrize("source", RIGHT)
def test_a_program_gives_its_value_and_its_gradients(source: str) -> None:
    found = Session().run(source)
    said, gradients = RIGHT[source]
    assert "error" not in found
    assert found["summary"] == said
    assert {name: gradient for name, _, gradient in found["table"]}.items() >= gradients.items()


@pytest.mark.parametrize("source", WRONG)
def test_an_error_names_the_readers_line(source: str) -> None:
    if "numpy" in source:
        pytest.skip("where NumPy is installed it is found: see the program without it below")
    found = Session().run(source)
    line, text = WRONG[source]
    assert found["error"]["line"] == line
    assert text in found["error"]["text"]


def test_names_that_an_expression_does_not_say_get_numbers_and_a_note() -> None:
    assert Session().run("x*y")["note"].endswith("x = Value(2); y = Value(3)")
    assert "X = sg.values([[1, 2], [3, 4]])" in Session().run("X @ W")["note"]
    assert Session().run("x = Value(1)\nx*1")["note"] == ""
    assert Session().run("sum(v for v in [Value(2)])")["note"] == ""


def test_the_views_of_a_result() -> None:
    session = Session()
    assert session.run("x*x")["views"] == ["steps", "diagram"]
    assert [session.show(view)["title"] for view in ("steps", "diagram")] == [
        "Step through out",
        "Diagram of the result, at the level of scalar",
    ]
    assert (
        session.run(
            "L = ((X @ W) ** 2).sum()\nL",
        )["error"]["line"]
        == 1
    )
    program = "X = sg.values([[1, 2]], 'x')\nW = sg.values([[3], [4]], 'w')\nL = ((X @ W + [1]) ** 2).sum()"
    assert session.run(program)["views"] == ["matrices", "steps", "diagram"]
    assert session.show("matrices")["title"] == "Explore X·W, a layer of 1×2 and 2×1"
    session.run(program.replace("[1])", "sg.values([1], 'b'))"))
    assert session.show("matrices")["title"] == "Explore X·W + b, a layer of 1×2 and 2×1"


def test_the_matrices_show_the_gradients_of_the_layer() -> None:
    session = Session()
    session.run(STARTERS["an affine layer over fractions"])
    layer = session.layer
    assert layer is not None
    again = sg.affine.build(layer.x.tolist(), layer.w.tolist(), b=[1, -1], loss=lambda Y: (Y**2).sum())
    for letter in "xwb":
        assert layer.gradient(letter).tolist() == again.gradient(letter).tolist()
    assert layer.G.tolist() == again.G.tolist()


def test_a_product_that_is_not_all_of_the_graph_is_shown_with_the_gradient_that_reaches_it() -> None:
    session = Session()
    for more in ("+ X.sum()", "+ ((X @ W) @ W).sum()"):
        session.run(f"X = sg.values([[1, 2]], 'x')\nW = sg.values([[3, 4], [5, 6]], 'w')\nL = (X @ W).sum() {more}")
        layer = session.layer
        assert layer is not None
        assert layer.L is None
        product = layer.G.numbers()[0][0] * layer.w.numbers()[0][0] + layer.G.numbers()[0][1] * layer.w.numbers()[0][1]
        assert layer.gradient("x").numbers()[0][0] == product
        assert "html" in session.show("matrices")


def test_a_graph_that_is_too_large_for_steps_says_so() -> None:
    session = Session()
    session.run("w = [Value(k) for k in range(400)]\nL = sg.sum(w)")
    assert re.search("a page of .* nodes can't be read", session.show("steps")["error"]["text"])
    assert "<svg" in session.show("diagram")["html"]


def test_what_is_printed_is_shown_up_to_a_length() -> None:
    assert Session().run("print('a'); print('b')")["printed"] == "a\nb\n"
    assert Session().run("x = Value(1)\nx.grad")["printed"] == "0\n"
    printed = Session().run(f"for _ in range({PRINTED}): print('abc')")["printed"]
    assert PRINTED <= len(printed) <= PRINTED + 5
    assert printed.endswith("…")
    table = Session().run("w = [Value(i) for i in range(100)]\nL = sum(w)")
    assert len(table["table"]) == ROWS
    assert table["rest"] == 101 - ROWS


def test_a_program_cannot_leave_markup_in_a_page() -> None:
    session = Session()
    session.run("x = Value(2, '<script>alert(1)</script>')\nL = x*x")
    for view in ("steps", "diagram"):
        assert "<script>alert" not in session.show(view)["html"]


BLOCKED = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("numpy", "rich", "sympy", "mpmath", "hypothesis", "micrograd"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Blocked())
import scalargrad as sg
from scalargrad.pictures.rendering import RENDERERS
from scalargrad.playground import Session
from scalargrad.playground.starters import STARTERS
from tests.playground.programs import RIGHT, WRONG
SVG = b"<svg viewBox='0 0 9 9' xmlns='http://www.w3.org/2000/svg'><g/></svg>"
asked = []
RENDERERS.append(lambda source, format: asked.append(format) or SVG)
x = sg.Value(2, "x")
assert sg.step_through(x * x + x).steps == 9
session = Session()
for source in [*STARTERS.values(), *RIGHT]:
    found = session.run(source)
    assert "error" not in found, found
    for view in found["views"]:
        assert "html" in session.show(view), (source, view)
for source, (line, text) in WRONG.items():
    error = session.run(source)["error"]
    assert error["line"] == line and text in error["text"], error
assert set(asked) == {"svg"}
print(*{"numpy", "rich", "sympy"} & set(sys.modules), "done")
"""


def test_all_of_it_runs_without_numpy_and_rich_and_by_a_renderer_of_ones_own() -> None:
    root = Path(__file__).parents[2]
    done = subprocess.run([sys.executable, "-c", BLOCKED], cwd=root, capture_output=True, text=True, check=False)
    assert (done.stdout.split(), done.stderr) == (["done"], "")
