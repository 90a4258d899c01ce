"""The stepping page without a browser: its data, its errors, and that text from users stays text."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import scalargrad as sg
from scalargrad import Value
from scalargrad.engine.sweep import adjoints, topological_order
from scalargrad.errors import ArgumentError, ArgumentTypeError, DiagramError, MissingExtraError
from scalargrad.pictures.levels import entry_level
from scalargrad.pictures.stepper import step_through, tell
from scalargrad.pictures.stepper.page import drawn_graph
from tests.pictures.graphs import diamond, labelled, small_layer
from tests.pictures.live.evaluation import data_in, evaluated

HOSTILE = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "]]>",
    r"\N",
    "<!--",
    "two\nlines\r\u2028\u2029",
    "\u202eevil\u202c\x00\x1b",
    "שלום",
    "{{ 7 * 7 }}{% raw %}",
    "&lt;b&gt;",
    "' onload='alert(1)",
    "   ",
    "\ud800",
    "x" * 10_000,
]


def test_no_gradient_is_read_or_changed() -> None:
    output = diamond()
    for node in topological_order(output):
        node.grad = 1000
    page = step_through(output)
    assert {node.grad for node in topological_order(output)} == {1000}
    assert "1000" not in json.dumps(data_in(page))


# ---------------------------------------------------------------------------------------------------------------------
# The page


def test_the_page_holds_full_numbers_where_they_are_shortened() -> None:
    rows = data_in(step_through(Value(1 / 3, "x") * 1))["program"]["rows"]
    assert rows[:2] == [repr(1 / 3), "1"]
    rows = data_in(step_through(Value(Decimal(1) / 3, "x") * 1))["program"]["rows"]
    assert ["≈ 0.3333", "0.3333333333333333333333333333"] in rows


def test_the_diagram_has_every_box_and_edge_once() -> None:
    page = step_through(small_layer())
    order = topological_order(small_layer())
    ids = re.findall(r'<g id="([ne][\d-]+)"', page.html)
    edges = [f"e{k}-{i}" for k in range(len(order)) for i in range(len(order[k].inputs))]
    assert sorted(ids) == sorted([f"n{k}" for k in range(len(order))] + edges)


def test_without_a_script_the_diagram_shows_the_final_numbers() -> None:
    html = step_through(diamond()).html
    assert re.search(r'class="grad"[^>]*>grad 55<', html)  # L = 2x³ + x at x = 3
    assert "<noscript>" in html


def test_the_policy_allows_the_pages_own_script_and_style_and_nothing_else() -> None:
    html = step_through(diamond()).html
    policy = re.findall(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)[0]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for tag, kind in (("script", "script-src"), ("style", "style-src")):
        (text,) = re.findall(rf"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind} 'sha256-{digest}';" in policy


def test_nothing_loads_from_a_network() -> None:
    html = step_through(small_layer()).html
    assert re.findall(r"(?:src|href|xlink:href|action)=[\"']?([^\"' >]*)", html) == ["data:,", "#step-card"]
    assert re.findall(r"https?://[^\"' ]*", html) == ["http://www.w3.org/2000/svg"]  # a name, in the script
    assert not re.search(r"@import|url\(|fetch\(|XMLHttpRequest|\beval\b|innerHTML", html)


class Elements(HTMLParser):
    """Counts the elements of a page, and collects what could run."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: dict[str, int] = {}
        self.handlers: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found[tag] = self.found.get(tag, 0) + 1
        self.handlers += [name for name, _ in attrs if name.startswith("on") or name == "style"]


@pytest.mark.parametrize("label", HOSTILE, ids=lambda label: ascii(label[:20]))
def test_labels_titles_and_symbols_stay_text(label: str) -> None:
    symbol = sg.Op(f"op {label[:50]}", lambda x: x, lambda out, x: (1,))
    try:
        page = step_through(labelled(label, symbol(Value(2, label) * 3)), title=label)
    finally:
        del sg.ops.TABLE[symbol.symbol]
    plain = Elements(step_through(labelled("y", (Value(2, "x") * 3).exp()), title="t").html)
    found = Elements(page.html)
    assert found.found == plain.found
    assert found.handlers == []
    assert len(data_in(page)["tracks"]) == 4
    page.html.encode()  # no lone surrogates


def test_long_and_strange_numbers_stay_text() -> None:
    class Ring(int):
        def __str__(self) -> str:
            return "</script><b>" * 100

    page = step_through(Value(Ring(2), "x"))
    assert Elements(page.html).found == Elements(step_through(Value(2, "x")).html).found
    assert data_in(page)["program"]["rows"][0][1] == "</script><b>" * 100


def test_a_page_shows_itself_in_a_frame_that_can_touch_nothing(tmp_path: Path) -> None:
    page = step_through(diamond(), title='"quoted" & <b>')
    frame = page._repr_html_()
    assert frame.startswith('<iframe sandbox="allow-scripts" srcdoc="')
    assert Elements(frame).found == {"iframe": 1}
    assert repr(page) == f"Page('\"quoted\" & <b>', {page.steps} steps)"
    saved = page.save(str(tmp_path / "page.html"))
    assert saved.read_text(encoding="utf-8") == page.html


def test_the_title_names_the_output() -> None:
    assert step_through(diamond()).title == "Step through L"
    assert step_through(diamond(), title="A diamond").title == "A diamond"


# ---------------------------------------------------------------------------------------------------------------------
# Limits and errors


def large(rows: int, inner: int, columns: int) -> Value:
    X = sg.values([[i - j for j in range(inner)] for i in range(rows)], "x")
    W = sg.values([[i + j for j in range(columns)] for i in range(inner)], "w")
    Y = X @ W
    for i, j in ((i, j) for i in range(rows) for j in range(columns)):
        Y[i, j].label = f"y[{i},{j}]"
    return labelled("L", sg.sum(Y**2))


def test_a_large_graph_is_folded_into_entries_and_says_so() -> None:
    output = large(5, 6, 5)
    page = step_through(output)
    assert re.search(r'class="remark">\d+ nodes are too many to read: operations', page.html)
    data = data_in(page)
    tracks, numbers = {track["name"]: track for track in data["tracks"]}, evaluated(data["program"])
    assert len(tracks) == 30 + 30 + 25 + 1
    expected = {node.label: found for node, found in adjoints(output).items() if node.label}
    assert {name: numbers[track["terms"][-1][6]] for name, track in tracks.items() if name != "L"} == {
        name: gradient for name, gradient in expected.items() if name != "L"
    }
    texts = [moment.text for moment in tell(list(entry_level([output], topological_order(output)).values())).moments]
    (text,) = [text for text in texts if text.startswith("y[0,0] = ")]
    assert re.fullmatch(r"y\[0,0\] = f\(([xw]\[\d,\d\], ){4}…, [xw]\[\d,\d\]\) = -55", text)


def test_a_graph_that_is_too_large_is_refused() -> None:
    x = Value(1, "x")
    y = sg.sum([labelled(f"y{k}", x * k) for k in range(400)])
    message = r"a page of 802 nodes can't be read, nor one of their 402 entries: the limit is 300; draw\(\) has coarser"
    with pytest.raises(ArgumentError, match=message):
        step_through(y)


def test_the_level_can_be_chosen() -> None:
    assert len(data_in(step_through(large(2, 2, 2), level="entry"))["tracks"]) == 4 + 4 + 4 + 1
    with pytest.raises(ArgumentError, match="a page has no level 'matrix': choose scalar or entry"):
        step_through(diamond(), level="matrix")
    with pytest.raises(ArgumentError, match=r"a page of \d+ nodes can't be read: the limit is 300; level='entry'"):
        step_through(large(5, 6, 5), level="scalar")


@pytest.mark.parametrize("thing", [3, None, "x", [Value(1)], sg.values([1, 2])])
def test_what_is_no_value_is_refused(thing: Any) -> None:
    with pytest.raises(ArgumentTypeError, match=f"step_through needs a Value, and got a {type(thing).__name__}"):
        step_through(thing)


def test_an_unknown_direction_is_refused() -> None:
    with pytest.raises(ArgumentError, match="there is no direction 'up': choose LR or TB"):
        step_through(Value(1), direction="up")


@pytest.mark.parametrize("package", ["jinja2", "graphviz"])
def test_a_missing_package_is_named_with_its_extra(package: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(MissingExtraError, match=rf"need.* the package {package}: run pip install '\.\[diagrams\]'"):
        step_through(Value(1))


def test_a_renderer_that_is_not_there_or_too_slow_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DiagramError, match="did not finish within"):
        step_through(small_layer(), seconds=1e-6)
    monkeypatch.setattr("scalargrad.pictures.rendering.renderers", list)
    with pytest.raises(DiagramError, match="nothing here renders diagrams"):
        step_through(Value(1))


def test_what_could_run_is_left_out_of_the_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if a renderer wrote such things."""
    svg = (
        b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script><style>*{}</style>'
        b'<g id="n0" class="node leaf" style="x"><title>t</title><g id="a_n0"><a href="javascript:alert(1)">'
        b"<text>a</text><text>b</text><text>c</text></a></g><image href='x'/></g></svg>"
    )
    monkeypatch.setattr("scalargrad.pictures.stepper.page.render", lambda *_: svg)
    x = Value(1, "x")
    assert drawn_graph([x], tell([x]), "LR", 1.0) == (
        '<svg><g id="n0" class="node leaf"><text class="title">x</text><text class="data">data 1</text>'
        '<text class="grad">grad 1</text></g></svg>'
    )
