"""The playground in Chromium: programs run in a worker, links carry them, and nothing leaves the page."""

from __future__ import annotations

import base64
import functools
import http.server
import json
import random
import re
import threading
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from scalargrad.playground import Session
from scalargrad.playground.starters import STARTERS
from tests.pictures.browser.conftest import axe as axe
from tests.playground.programs import RIGHT, WRONG

STARTING = 90_000
"""Milliseconds that Python may take to start on a busy machine: no test is about that."""


FILES = ("engine.zip", "pyodide.asm.mjs", "pyodide.asm.wasm", "pyodide.mjs", "python_stdlib.zip", "viz.js")


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def address(playground: Path) -> Iterator[str]:
    """The folder, served on this machine."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(playground)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


class Page:
    """The page in a browser, and all that it asked for or complained of."""

    def __init__(self, browser: Any, address: str, **options: Any) -> None:
        self.context = browser.new_context(**options)
        self.page = self.context.new_page()
        self.requests: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.goto(address)

    def idle(self) -> None:
        self.page.wait_for_function("() => ready && running === null", timeout=STARTING)

    def run(self, source: str) -> None:
        self.page.locator("#source").fill(source)
        self.page.get_by_role("button", name="Run").click()
        self.idle()

    def text(self, id: str) -> str:
        found: str = self.page.locator(f"#{id}").inner_text()
        return found

    def gradients(self) -> dict[str, str]:
        rows = self.page.eval_on_selector_all(
            "#table tr", "rows => rows.map(row => [...row.cells].map(cell => cell.textContent))"
        )
        return {name: gradient for name, _, gradient in rows}


@pytest.fixture(scope="module")
def opened(browser: Any, address: str) -> Iterator[Page]:
    """One page for most tests: to start Python takes longer than all that they do."""
    page = Page(browser, f"{address}playground/index.html", viewport={"width": 360, "height": 740})
    page.idle()
    yield page
    page.context.close()


def test_the_first_example_runs_by_itself_and_asks_no_other_host(opened: Page, address: str) -> None:
    assert opened.text("summary") == "L = 12"
    assert opened.page.frame_locator("iframe").locator("h1").inner_text() == "Step through L"
    assert {url for url in opened.requests if not url.startswith(("blob:", "data:"))} == {
        f"{address}playground/{name}" for name in ("index.html", *(f"{file}.bin" for file in FILES))
    }


def test_each_example_is_run_when_it_is_chosen(opened: Page) -> None:
    for name, source in STARTERS.items():
        opened.page.get_by_label("Example").select_option(name)
        opened.idle()
        expected = Session().run(source)
        assert opened.text("error") == ""
        assert opened.text("summary") == expected["summary"]
        assert opened.page.locator("#printed").text_content() == expected["printed"]
        assert opened.gradients() == {name: gradient for name, _, gradient in expected["table"]}
        views = {"steps": "Steps", "diagram": "Diagram", "matrices": "Matrices"}
        for view in expected["views"]:
            opened.page.get_by_role("group", name="Show as").get_by_role("button", name=views[view]).click()
            opened.page.locator(f'#views [data-view="{view}"][aria-pressed="true"]').wait_for()
            opened.page.frame_locator("iframe").locator("svg, table").first.wait_for()
    opened.page.evaluate("favourite = ''")


def test_programs_give_what_they_give_everywhere(opened: Page) -> None:
    for source, (said, gradients) in RIGHT.items():
        opened.run(source)
        assert (opened.text("error"), opened.text("summary")) == ("", said)
        assert opened.gradients().items() >= gradients.items()


def test_errors_name_the_readers_line_and_lead_to_it(opened: Page) -> None:
    for source, (line, text) in WRONG.items():
        opened.run(source)
        assert opened.text("error").startswith(f"Line {line}: " if line else text)
        assert text in opened.text("error")
        assert opened.page.locator("#to-line").is_visible() == bool(line)
    opened.run("x = Value(2)\ny = x * z\ny")
    opened.page.get_by_role("button", name="Go to line 2").click()
    chosen = "() => getSelection().toString() || source.value.slice(source.selectionStart, source.selectionEnd)"
    assert opened.page.evaluate(chosen) == "y = x * z"


def test_fractions_are_those_of_python(opened: Page) -> None:
    rng = random.Random(1)
    for _ in range(5):
        lines = [f"x{k} = Value(Fraction({rng.randint(-9, 9)}, {rng.randint(1, 9)}))" for k in range(4)]
        lines += [f"x{k} = x{rng.randrange(k)} {rng.choice('+-*')} x{rng.randrange(k)}" for k in range(4, 12)]
        lines += ["L = x11 * x10 + " + " + ".join(f"x{k}*x{k}" for k in range(4))]
        source = "\n".join(lines)
        opened.run(source)
        assert opened.gradients() == {name: gradient for name, _, gradient in Session().run(source)["table"]}
        assert any(Fraction(x).denominator > 1 for x in opened.gradients().values())


def test_deep_graphs_are_dropped_without_an_end_of_python(opened: Page) -> None:
    opened.run("y = Value(1)\nfor _ in range(100_000): y = y + 1\ny = None\nx = Value(2)\nx*x")
    assert (opened.text("error"), opened.text("summary")) == ("", "x * x = 4")
    opened.run("y = Value(1.0)\nfor _ in range(20_000): y = y * 1.0001\ny")
    assert opened.text("error") == ""
    opened.run("x = Value(3)\nx*x")  # which drops the last one
    assert opened.text("summary") == "x * x = 9"


def test_an_endless_loop_is_stopped_and_python_comes_back(opened: Page) -> None:
    before = len(opened.requests)
    opened.page.locator("#source").fill("while True: pass")
    opened.page.get_by_role("button", name="Run").click()
    opened.page.get_by_role("button", name="Stop").click()
    assert opened.text("error") == "Stopped."
    opened.run("x = Value(5)\nx*x")
    assert opened.text("summary") == "x * x = 25"
    assert all(url.startswith("blob:") for url in opened.requests[before:])  # nothing is loaded twice


def test_a_link_carries_the_program_which_runs_on_a_click(opened: Page, browser: Any, address: str) -> None:
    source = "α = Value(3, 'α')\nα*α  # ü"
    opened.page.locator("#source").fill(source)
    opened.page.get_by_role("button", name="Copy link").click()
    opened.page.wait_for_url("**#code=*")
    link = opened.page.url
    again = Page(browser, link)
    again.page.wait_for_function("() => ready", timeout=STARTING)
    assert again.page.locator("#source").input_value() == source
    assert "came with the link" in again.text("note")
    assert again.page.locator("iframe").count() == 0
    again.page.locator("#source").press("Control+Enter")
    again.idle()
    assert again.text("summary") == "α * α = 9"
    cut = Page(browser, f"{address}playground/index.html#code=_")
    assert cut.text("error") == "The link's program can't be read: it may have been cut."
    for page in (again, cut):
        assert page.complaints == []
        page.context.close()


def test_a_program_reaches_no_other_host(opened: Page) -> None:
    """One is there and would answer: a second port of this machine is another origin."""
    assert opened.complaints == []  # in all tests up to here
    asked: list[str] = []

    class Elsewhere(Quiet):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_error(404)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    opened.run(
        "from js import XMLHttpRequest, WebSocket, fetch, importScripts\n"
        f"place = '127.0.0.1:{server.server_port}/'\n"
        "request = XMLHttpRequest.new()\n"
        "request.open('GET', 'http://' + place, False)\n"
        "for ask in (request.send, lambda: importScripts('http://' + place), lambda: WebSocket.new('ws://' + place),\n"
        "            lambda: fetch('http://' + place)):\n"
        "    try: ask()\n"
        "    except BaseException as error: print('refused')\n"
    )
    server.shutdown()
    server.server_close()
    assert opened.text("printed").startswith("refused\nrefused\n")
    assert asked == []
    opened.complaints.clear()


def test_the_page_is_for_everybody(opened: Page, axe: str) -> None:
    opened.run("X @ W")
    assert opened.page.evaluate("document.documentElement.scrollWidth") == 360
    opened.page.evaluate(axe)
    found = opened.page.evaluate("async () => (await axe.run({ iframes: false })).violations")
    assert [f"{x['id']}: {x['nodes'][0]['html'][:200]}" for x in found if x["impact"] in ("serious", "critical")] == []
    for id in ("status", "wrong"):
        assert opened.page.locator(f"#{id}").get_attribute("role") in ("status", "alert")
    order = []
    opened.page.locator("h1").click()
    for _ in range(5):
        opened.page.keyboard.press("Tab")
        order.append(opened.page.evaluate("document.activeElement.id || document.activeElement.textContent"))
    assert order == ["example", "source", "run", "link", "Numbers and gradients"]


def test_the_file_opens_from_a_disk_and_by_the_page_beside_it(browser: Any, playground: Path) -> None:
    code = base64.urlsafe_b64encode(b"x = Value(4)\nx*x").decode().rstrip("=")
    page = Page(browser, f"{(playground / 'playground' / 'index.html').as_uri()}#code={code}")
    page.page.wait_for_url("**/playground.html#code=*")
    page.page.wait_for_function("() => ready", timeout=STARTING)
    page.page.get_by_role("button", name="Run").click()
    page.idle()
    assert page.text("summary") == "x * x = 16"
    assert re.match("Step through", page.page.frame_locator("iframe").locator("h1").inner_text())
    files = [url.partition("#")[0] for url in page.requests if not url.startswith(("blob:", "data:"))]
    assert files == [(playground / name).as_uri() for name in ("playground/index.html", "playground.html")]
    assert page.complaints == []
    assert json.loads(page.page.locator("#assets").text_content())
    page.context.close()
