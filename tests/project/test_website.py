"""The website: every link leads somewhere, nothing is loaded from a network, and a page shows what it should."""

from __future__ import annotations

import importlib.util
import sys
import warnings
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import unquote, urldefrag

import pytest

import scalargrad as sg
from scalargrad.derivation import NAMED

for package in ("nbconvert", "pdoc", "latex2mathml"):
    pytest.importorskip(package, reason='the extra "site" is not installed')

ROOT = Path(__file__).parents[2]


def builder() -> ModuleType:
    spec = importlib.util.spec_from_file_location("website_build", ROOT / "website" / "build.py")
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["website_build"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site with two of the notebooks."""
    out = tmp_path_factory.mktemp("site")
    notebooks = sorted((ROOT / "notebooks").glob("0[12]*.ipynb"))
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("ignore")  # those of nbconvert and pdoc
        patch.setenv("PYTHONPATH", str(ROOT))  # for the notebooks' kernels, wherever else the project may be installed
        builder().build(out, notebooks)
    return out


class Links(HTMLParser):
    """What a page points to, what it loads, and the places that others can point to."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.places: set[str] = set()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        named: dict[str, Any] = dict(attributes)
        if tag == "a" and named.get("href"):
            self.links.append(named["href"])
        for name in ("src", "data", "poster") + (("href",) if tag in ("link", "image", "use") else ()):
            if named.get(name):
                self.loads.append(named[name])
        if named.get("id"):
            self.places.add(named["id"])


@cache
def parsed(page: Path) -> Links:
    links = Links()
    links.feed(page.read_text(encoding="utf-8"))
    return links


def pages(site: Path) -> Iterator[Path]:
    yield from sorted(site.rglob("*.html"))


def test_every_link_leads_somewhere(site: Path) -> None:
    broken = []
    for page in pages(site):
        for link in parsed(page).links:
            target, place = urldefrag(unquote(link))
            if target.startswith(("http:", "https:")):
                continue
            file = (page.parent / target).resolve() if target else page
            if not file.exists() or (place and place not in parsed(file).places and "/" not in place):
                broken.append(f"{page.name}: {link}")
    assert not broken


def test_nothing_is_loaded_from_a_network(site: Path) -> None:
    for page in pages(site):
        for source in parsed(page).loads:
            assert not source.startswith(("http:", "https:", "//")), f"{page.name} loads {source}"


def test_there_is_a_page_for_everything(site: Path) -> None:
    names = {str(page.relative_to(site)) for page in pages(site)}
    assert {"index.html", "derivations.html", "01_values_and_graphs.html", "02_affine_layer.html"} <= names
    packages = {path.parent.relative_to(ROOT) for path in ROOT.glob("scalargrad/**/__init__.py")}
    files = {path.relative_to(ROOT).with_suffix("") for path in ROOT.glob("scalargrad/**/[!_]*.py")}
    assert names >= {f"reference/{path}.html" for path in packages | files}
    assert {f"reference/{path}.html" for path in packages | files} <= set(parsed(site / "modules.html").links)


def test_the_reference_shows_the_public_api(site: Path) -> None:
    """Each name of it is loaded on first use, which pdoc knows nothing of."""
    places = parsed(site / "reference" / "scalargrad.html").places
    modules = {name for name in sg.__all__ if isinstance(getattr(sg, name), ModuleType)}
    assert {"affine", "datasets", "nn", "ops", "testing"} <= modules
    assert set(sg.__all__) - modules <= places
    for module in modules - {"ops"}:  # that is `engine.ops`, which pdoc shows by that name alone
        assert f"scalargrad/{module}.html" in parsed(site / "reference" / "scalargrad.html").links
    text = (site / "reference" / "scalargrad.html").read_text(encoding="utf-8")
    assert "The gradients of a forward pass by everything that it is made of" in text  # the docstring of `sg.derive`


def test_every_named_derivation_has_its_place(site: Path) -> None:
    text = (site / "derivations.html").read_text(encoding="utf-8")
    for name in NAMED:
        assert f"<h2>{name}</h2>" in text


def test_formulas_are_mathml_and_code_is_left_alone() -> None:
    text = builder().with_mathml("a $x^2$ and\n$$y \\tag{4}$$\nand `$HOME` and\n```\n$a$\n```\n")
    assert "<msup>" in text
    assert '<span class="number">(4)</span>' in text
    assert "`$HOME`" in text
    assert "```\n$a$\n```" in text


def test_a_page_in_chromium(site: Path, browser: Any) -> None:
    page = browser.new_page()
    requested: list[str] = []
    messages: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.on("console", lambda message: messages.append(message.text))
    page.goto((site / "01_values_and_graphs.html").as_uri())
    assert page.title() == "1. Values and graphs"
    assert page.locator("math").count() > 5
    assert page.locator("svg, img").count() >= 3
    stepper = page.frame_locator("iframe").first
    assert stepper.locator("svg").count() >= 1
    assert "Step through L" in stepper.locator("body").inner_text()  # its own tests press its keys
    assert not [url for url in requested if not url.startswith(("file:", "data:", "about:"))]
    assert not messages
    page.close()
