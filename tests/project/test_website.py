"""The website: every link leads somewhere, nothing is loaded from a network, and a page shows what it should."""

from __future__ import annotations

import base64
import gc
import importlib.util
import os
import re
import shutil
import sys
import warnings
from collections.abc import Iterator
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import unquote, urljoin

import pytest

import scalargrad as sg
from scalargrad.derivation import NAMED
from tests.conftest import missing
from tests.pictures.browser.conftest import axe as axe

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
    """The site with two of the notebooks, in both languages."""
    if shutil.which("npm") is None and not (ROOT / "build" / "npm").exists():
        missing("there is no npm on this machine, which brings the playground and the font for formulas")
    out = tmp_path_factory.mktemp("site").resolve()
    notebooks = [path for folder in ("", "ko/") for path in sorted((ROOT / "notebooks").glob(f"{folder}0[12]*.ipynb"))]
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("ignore")  # those of nbconvert and pdoc
        patch.setenv("PYTHONPATH", str(ROOT))  # for the notebooks' kernels, wherever else the project may be installed
        gc.disable()  # which would take a quarter of the time to go through the trees that pdoc keeps
        try:
            builder().build(out, notebooks)
        finally:
            gc.enable()
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


@cache
def led_to(folder: Path, target: str) -> Path | None:
    """The file that a link without its place leads to from a page in a folder; None if there is none."""
    file = Path(os.path.normpath(folder / unquote(target)))
    return file if file.exists() else None


def test_every_link_leads_somewhere(site: Path) -> None:
    broken = []
    for page in pages(site):
        for link in parsed(page).links:
            target, _, place = link.partition("#")
            if target.startswith(("http:", "https:")):
                continue
            file, place = led_to(page.parent, target) if target else page, unquote(place)
            carries = place.startswith("code=")  # a program for the playground
            if not file or (place and not carries and place not in parsed(file).places and "/" not in place):
                broken.append(f"{page.name}: {link}")
    assert not broken


def test_every_page_can_be_reached_by_links(site: Path) -> None:
    reached: set[Path | None] = set()
    waiting = [site / "index.html"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        found = {led_to(page.parent, link.partition("#")[0]) for link in parsed(page).links}
        waiting += [file for file in found - reached if file and file.suffix == ".html"]
    left = {str(page.relative_to(site)) for page in {*pages(site)} - reached}
    assert left <= {"reference/index.html"}  # which leads on to the public API, for whoever cuts an address short


def test_lessons_lead_to_each_other_and_to_their_files(site: Path) -> None:
    first, second = (site / f"{name}.html" for name in ("01_values_and_graphs", "02_affine_layer"))
    assert 'rel="next" href="02_affine_layer.html">2. The affine layer' in first.read_text(encoding="utf-8")
    assert 'rel="prev" href="01_values_and_graphs.html">← 1. Values and graphs' in second.read_text(encoding="utf-8")
    for page in (first, second):
        file = site / "notebooks" / f"{page.stem}.ipynb"
        assert f"notebooks/{file.name}" in parsed(page).links
        assert file.read_bytes() == (ROOT / "notebooks" / file.name).read_bytes()
    korean = site / "ko" / "02_affine_layer.html"
    assert '<html lang="ko">' in korean.read_text(encoding="utf-8")
    assert {"01_values_and_graphs.html", "../notebooks/ko/02_affine_layer.ipynb"} <= set(parsed(korean).links)


def test_the_reference_leads_back_and_has_whole_sections(site: Path) -> None:
    for page in (site / "reference").rglob("*.html"):
        if page.name != "index.html":
            links = {urljoin(page.as_uri(), link) for link in parsed(page).links}
            assert {(site / name).as_uri() for name in ("index.html", "modules.html")} <= links, page
    text = (site / "reference" / "scalargrad" / "affine" / "layer.html").read_text(encoding="utf-8")
    returns = re.search(r"<h6[^>]*>Returns</h6>\s*<p>(.*?)</p>", text, re.DOTALL)
    assert returns
    assert " ".join(re.sub("<[^>]+>", "", returns[1]).split()) == (
        "Y: an N×M array of Values labelled y[α,β], each a Σ node over D products."
    )


def test_guides_are_pages_with_their_tables(site: Path) -> None:
    for path in sorted((ROOT / "docs").glob("**/*.md")):
        page = site / path.relative_to(ROOT).with_suffix(".html")
        text = page.read_text(encoding="utf-8")
        assert text.count("<table>") == len(
            re.findall(r"^\|[-|: ]+\|$", path.read_text(encoding="utf-8"), re.MULTILINE)
        )
    assert "affine.svg" in " ".join(parsed(site / "docs" / "pictures.html").loads)


def test_each_page_in_a_frame_leads_to_the_playground_with_its_program(site: Path) -> None:
    text = (site / "01_values_and_graphs.html").read_text(encoding="utf-8")
    codes = re.findall(r'</iframe><p class="try"><a href="playground/index.html#code=([\w-]+)"', text)
    assert len(codes) == text.count("<iframe") >= 1
    program = base64.urlsafe_b64decode(codes[0] + "=" * (-len(codes[0]) % 4)).decode()
    names: dict[str, Any] = {"Value": sg.Value, "sg": sg}
    exec(program, names)
    assert sg.grad(names["L"], names["x"]) == 12 * names["x"].data ** 3  # of 3·(x·x)·(x·x)
    frame = '<iframe srcdoc="&lt;p&gt;no program&lt;/p&gt;"></iframe>'
    assert builder().with_playground(frame) == frame
    frame = (
        '<iframe sandbox="" srcdoc="&lt;meta name=&quot;program&quot; content=&quot;x &amp;lt; 1&quot;&gt;"></iframe>'
    )
    assert (
        builder()
        .with_playground(frame, "../")
        .endswith('<a href="../playground/index.html#code=eCA8IDE">Change it in the playground</a></p>')
    )


def test_pages_are_small(site: Path) -> None:
    for page in pages(site):
        most = 10_000_000 if page.name == "playground.html" else 700_000
        assert page.stat().st_size < most, page
    assert (site / "style.css").stat().st_size < 700_000
    assert "SIL OPEN FONT LICENSE" in (site / "font-licenses.txt").read_text(encoding="utf-8").upper()


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
        assert f'<h2 id="{name}">{name}</h2>' in text
    lines = re.findall(r'<span class="why">(.*?)</span>', text)
    assert sum("collapses a sum" in reason for reason in lines) > 10
    assert "<mtable displaystyle" not in text


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
    assert page.title() == "1. Values and graphs · scalargrad"
    fonts = "document.fonts.ready.then(() => [...document.fonts].map(font => `${font.family}: ${font.status}`))"
    loaded = {text.replace('"', "") for text in page.evaluate(fonts)}
    assert {"Signs: loaded", "Letters: loaded"} <= loaded
    assert page.locator("math").count() > 5
    assert page.locator("svg, img").count() >= 3
    stepper = page.frame_locator("iframe").first
    assert stepper.locator("svg").count() >= 1
    assert "Step through L" in stepper.locator("body").inner_text()  # its own tests press its keys
    assert not [url for url in requested if not url.startswith(("file:", "data:", "about:"))]
    assert not messages
    page.close()


CUT = """() => [...document.querySelectorAll("main *")].filter(element => {
    const style = getComputedStyle(element);
    return element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1 && !element.closest("svg, math")
        && ["hidden", "clip"].includes(style.overflowX);
}).map(element => element.outerHTML.slice(0, 80))"""
"""What is wider than its place and can't be scrolled to."""


SHOWN_IN_TURN = f"""async (pages) => {{
    const base = document.head.appendChild(document.createElement("base"));
    const found = [];
    for (const [address, text] of pages) {{
        const other = new DOMParser().parseFromString(text, "text/html");
        base.href = address;
        document.body.replaceWith(document.adoptNode(other.body));
        await Promise.all([...document.images].map(image => image.decode().catch(() => null)));
        found.push([address, document.documentElement.scrollWidth, ({CUT})()]);
    }}
    return found;
}}"""
"""How wide each of several pages is, and what of it is cut: its body in a page that has the same styles."""


@cache
def pages_by_styles(site: Path) -> list[list[tuple[str, str]]]:
    """The addresses and texts of all pages but those that lead on at once, those of the same styles together."""
    found: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    for path in pages(site):
        if "playground" not in str(path.relative_to(site)) and path != site / "reference" / "index.html":
            text = path.read_text(encoding="utf-8")
            styles = re.findall(r"<style.*?</style>|[\w-]+\.css", text.partition("<body")[0], re.DOTALL)
            found.setdefault(tuple(styles), []).append((path.as_uri(), text))
    return list(found.values())


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_is_cut(site: Path, browser: Any, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 900})
    for alike in pages_by_styles(site):
        page.goto(alike[0][0])  # loaded once: styles take longer to read than pages
        for address, wide, cut in page.evaluate(SHOWN_IN_TURN, alike):
            assert wide <= width + 1, address
            assert cut == [], address
    page.close()


def test_reasons_are_visible_on_a_phone(site: Path, browser: Any) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 900})
    page.goto((site / "derivations.html").as_uri())
    boxes = page.eval_on_selector_all(
        ".why", "all => all.map(x => x.getBoundingClientRect()).map(box => [box.left, box.right, box.height])"
    )
    assert all(0 <= left < right <= 390 for left, right, height in boxes if height)
    assert sum(height > 0 for _, _, height in boxes) > 50
    page.close()


@pytest.mark.parametrize(
    ("name", "scheme"), [("index", "light"), ("docs/numpy", "dark"), ("01_values_and_graphs", "dark")]
)
def test_pages_are_for_everybody(site: Path, browser: Any, axe: str, name: str, scheme: str) -> None:
    page = browser.new_page(viewport={"width": 390, "height": 900}, color_scheme=scheme)
    page.goto((site / f"{name}.html").as_uri())
    page.evaluate(axe)
    # Code that scrolls can be reached by keys without a word of ours: browsers see to that
    rules = "{ iframes: false, rules: { 'scrollable-region-focusable': { enabled: false } } }"
    found = page.evaluate(f"async () => (await axe.run({rules})).violations")
    serious = [f"{x['id']}: {x['nodes'][0]['html'][:200]}" for x in found if x["impact"] in ("serious", "critical")]
    assert serious == []
    page.close()


def test_paper_has_no_navigation_and_black_on_white(site: Path, browser: Any) -> None:
    page = browser.new_page(color_scheme="dark")
    page.goto((site / "derivations.html").as_uri())
    page.emulate_media(media="print")
    assert not page.locator("nav").first.is_visible()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.close()
