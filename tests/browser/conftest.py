"""A Chromium for the tests of pages. Without one they are skipped, but not where somebody counts on them."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import pytest

from scalargrad import Value
from scalargrad.stepper import step_through

ARGUMENTS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


def missing(what: str) -> NoReturn:
    """Skip the test; fail it where the browser tests are asked for."""
    if os.environ.get("CI") or os.environ.get("SCALARGRAD_REQUIRE_BROWSER") == "1":
        pytest.fail(f"{what}, and the browser tests are required here")
    pytest.skip(what)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """The Chromium of this machine."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        missing("there is no Chromium on this machine")
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        missing("the package playwright is not installed")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="session")
def axe() -> str:
    """The script of axe-core, which a package from the index carries."""
    found = importlib.util.find_spec("axe_playwright_python")
    if found is None or found.origin is None:
        missing("the package axe-playwright-python is not installed")
    return (Path(found.origin).parent / "axe.min.js").read_text(encoding="utf-8")


@dataclass
class Opened:
    """A page in the browser, and what it did that a page of ours must not do."""

    page: Any
    address: str
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)


@pytest.fixture
def show(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """`show(output)` opens the page of a graph from a file; after the test, no page has asked for or complained."""
    shown: list[Opened] = []
    contexts = []

    def open_page(output: Value, fragment: str = "", **options: Any) -> Opened:
        path = step_through(output).save(tmp_path / f"page{len(shown)}.html")
        context = browser.new_context(**options)
        contexts.append(context)
        opened = Opened(context.new_page(), path.as_uri())
        opened.page.on("request", lambda request: opened.requests.append(request.url))
        opened.page.on("console", lambda message: opened.complaints.append(message.text))
        opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        opened.page.on("dialog", lambda dialog: (opened.dialogs.append(dialog.message), dialog.dismiss()))
        opened.page.goto(opened.address + fragment)
        shown.append(opened)
        return opened

    yield open_page
    for context in contexts:
        context.close()
    for opened in shown:
        assert {request.partition("#")[0] for request in opened.requests} <= {opened.address, "data:,"}
        assert opened.complaints == []
        assert opened.dialogs == []
