"""What the tests of pages need beside a browser."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from scalargrad import Value
from scalargrad.pictures import step_through
from scalargrad.pictures.document import Document
from tests.conftest import missing


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
    heard: dict[str, Callable[[Any], None]] = field(default_factory=dict)


SCREEN = {"viewport": {"width": 1280, "height": 720}, "color_scheme": "light", "reduced_motion": "no-preference"}
"""What a page is shown on where a test says nothing else."""


@pytest.fixture(scope="module")
def tab(browser: Any) -> Iterator[Any]:
    """A page of the browser, to show one document after the other: a new one costs three times what a document does."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture
def show(browser: Any, tab: Any, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """`show(output)` opens a page, or the stepper's page of a graph; after the test, none has asked or complained.

    It has a tab of its own if it isn't the first of a test, and with `alone`: what is done to the clock stays.
    """
    shown: list[Opened] = []
    contexts = []

    def tab_for(alone: bool, viewport: dict[str, int], color_scheme: str, reduced_motion: str, **options: Any) -> Any:
        if shown or alone or options:
            contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page() if contexts else tab
        page.mouse.move(0, 0)
        page.set_viewport_size(viewport)
        page.emulate_media(media="null", color_scheme=color_scheme, reduced_motion=reduced_motion)
        return page

    def open_page(output: Value | Document, fragment: str = "", alone: bool = False, **options: Any) -> Opened:
        document = step_through(output) if isinstance(output, Value) else output
        path = document.save(tmp_path / f"page{len(shown)}.html")
        opened = Opened(tab_for(alone, **{**SCREEN, **options}), path.as_uri())

        def dismiss(dialog: Any) -> None:
            opened.dialogs.append(dialog.message)
            dialog.dismiss()

        opened.heard = {
            "request": lambda request: opened.requests.append(request.url),
            "console": lambda message: opened.complaints.append(message.text),
            "pageerror": lambda error: opened.complaints.append(str(error)),
            "dialog": dismiss,
        }
        for event, hear in opened.heard.items():
            opened.page.on(event, hear)
        shown.append(opened)
        opened.page.goto(opened.address + fragment)
        return opened

    yield open_page
    for opened in shown:
        opened.page.goto("about:blank")  # what it has said until then is heard
        for event, hear in opened.heard.items():
            opened.page.remove_listener(event, hear)
    for context in contexts:
        context.close()
    for opened in shown:
        assert {request.partition("#")[0] for request in opened.requests} <= {opened.address, "data:,"}
        assert opened.complaints == []
        assert opened.dialogs == []
