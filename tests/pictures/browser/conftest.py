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


@pytest.fixture
def show(browser: Any, tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    """`show(output)` opens a page, or the stepper's page of a graph; after the test, none has asked or complained."""
    shown: list[Opened] = []
    contexts = []

    def open_page(output: Value | Document, fragment: str = "", **options: Any) -> Opened:
        document = step_through(output) if isinstance(output, Value) else output
        path = document.save(tmp_path / f"page{len(shown)}.html")
        context = browser.new_context(**options)
        contexts.append(context)
        opened = Opened(context.new_page(), path.as_uri())

        def dismiss(dialog: Any) -> None:
            opened.dialogs.append(dialog.message)
            dialog.dismiss()

        opened.page.on("request", lambda request: opened.requests.append(request.url))
        opened.page.on("console", lambda message: opened.complaints.append(message.text))
        opened.page.on("pageerror", lambda error: opened.complaints.append(str(error)))
        opened.page.on("dialog", dismiss)
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
