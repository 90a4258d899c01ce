"""The lecture kit: slides of the notebooks, a handout of one page, ten exam questions, a reading of the source."""

from __future__ import annotations

import doctest
import json
import re
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("nbconvert", reason='the extra "site" is not installed')

from tests.project.test_docs import blocks, text_of
from website import handout, packs, slides

ROOT = Path(__file__).parents[2]
KIT = ROOT / "docs" / "teaching"

HEADINGS = [
    found[1]
    for path in slides.NOTEBOOKS
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]
    if cell["metadata"].get("slideshow") and (found := re.match(r"#+ (.*)", "".join(cell["source"])))
]


@pytest.fixture
def without_npm(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is fetched: fonts and reveal.js are empty."""
    monkeypatch.setattr(slides, "packed", lambda name, part, folder: b"")
    monkeypatch.setattr(packs, "packed", lambda name, part, folder: b"")


@pytest.mark.usefixtures("without_npm")
def test_the_slides_are_made_of_the_notebooks_and_load_nothing(tmp_path: Path) -> None:
    slides.build(tmp_path, tmp_path)
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    for heading in HEADINGS:
        assert heading.split("∂")[0].strip() in page
    for number in ("2.1", "2.4; source 4", "2.9; source 3", "2.11; source 1", "2.13; source 2"):
        assert f'<span class="number">({number})</span>' in page
    assert page.count('title="Step through L"') == page.count('title="Explore X·W, a layer of 2×3 and 3×2"') == 1
    assert page.count('class="notes"') >= 15
    assert not re.search(r'(?:src|href)="(?!data:|#)', re.sub(r'srcdoc="[^"]*"', "", page))
    assert "default-src 'none'" in page


def test_a_slide_says_the_first_sentence_and_the_notes_say_all() -> None:
    text = "## A sum\n\nOne thing. Another, by $x$. See\n\n$$x \\tag{1}$$\n\nLast. Line.\n\n- a. b\n\nAs follows:"
    assert slides.condensed(text) == "## A sum\n\nOne thing.\n\n$$x \\tag{1}$$\n\nLast.\n\n- a. b"
    assert "Another" in slides.text_slide(text).partition("<aside")[2]


def test_the_slides_in_chromium(tmp_path: Path, browser: Any) -> None:
    """Those with reveal.js in them: no slide is longer than the screen, stepper and explorer answer to clicks."""
    try:
        slides.build(tmp_path, packs.FOLDER)
    except SystemExit as missing:
        pytest.skip(str(missing))
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    requested: list[str] = []
    messages: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.on("console", lambda message: messages.append(message.text))
    page.goto((tmp_path / "index.html").as_uri())
    page.wait_for_function("window.Reveal && Reveal.isReady()")
    frames = 0
    for _ in range(page.evaluate("Reveal.getTotalSlides()")):
        assert page.evaluate("(s => s.scrollHeight - s.clientHeight)(Reveal.getCurrentSlide())") <= 24
        if page.locator("section.present section.present iframe").count():
            frames += 1
            inside = page.frame_locator("section.present section.present iframe")
            before = inside.locator("body").inner_text()
            inside.get_by_role("button").nth(3 if "Step through" in before else 1).click()
            page.wait_for_timeout(300)
            assert inside.locator("body").inner_text() != before
        page.evaluate("Reveal.next()")
    assert frames == 2
    assert not [url for url in requested if not url.startswith(("file:", "data:", "about:"))]
    assert not messages
    page.close()


@pytest.mark.usefixtures("without_npm")
def test_the_handout_is_one_page_from_4_to_1_and_2(browser: Any) -> None:
    html = handout.page(packs.FOLDER)
    assert re.findall(r'class="number">\((\d)\)', html) == ["4", "3", "1", "2"]
    page = browser.new_page()
    page.set_content(html)
    pdf = page.pdf(prefer_css_page_size=True)
    page.close()
    assert len(re.findall(rb"/Type\s*/Page\b", pdf)) == 1


def test_the_examples_of_the_builders() -> None:
    for module in (slides, packs):
        assert doctest.testmod(module).failed == 0


def test_a_package_that_is_not_what_was_tried_is_refused(tmp_path: Path) -> None:
    (tmp_path / "reveal.js-5.2.1.tgz").write_bytes(b"something else")
    with pytest.raises(SystemExit, match=r"reveal\.js-5\.2\.1\.tgz is not reveal\.js 5\.2\.1 as it was tried"):
        packs.packed("reveal.js", "dist/reveal.js", tmp_path)
    assert not list(tmp_path.iterdir())  # so that the next run fetches it anew


def test_there_is_no_npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SystemExit, match=r"install Node\.js with npm"):
        packs.packed("reveal.js", "dist/reveal.js", tmp_path)


def test_ten_questions_each_with_an_answer_that_is_checked() -> None:
    """The code itself is run by `test_docs`, as that of every guide."""
    parts = re.split(r"^## (\d+)\. ", text_of(KIT / "exam.md"), flags=re.MULTILINE)[1:]
    assert [int(number) for number in parts[::2]] == list(range(1, 11))
    for question in parts[1::2]:
        before, _, answer = question.partition("**Answer.**")
        assert "?" in before or "Derive" in before or "Simplify" in before
        assert re.search(r"^assert ", answer, re.MULTILINE)


def test_the_plan_fills_ninety_minutes_with_slides_that_are_there() -> None:
    plan = re.findall(r"^\| (\d+)–(\d+) \| ([^|]*) \|", text_of(KIT / "README.md"), re.MULTILINE)
    assert (plan[0][0], plan[-1][1]) == ("0", "90")
    assert [end for _, end, _ in plan[:-1]] == [begin for begin, _, _ in plan[1:]]
    named = [name for _, _, names in plan for name in names.split("; ")]
    assert named == [heading for heading in HEADINGS if heading != "2. The affine layer"]


def test_what_is_read_aloud_stands_in_the_source() -> None:
    files = ("slots.py", "value.py", "ops.py", "sweep.py")
    source = "".join(text_of(ROOT / "scalargrad" / "engine" / name) for name in files)
    pieces = blocks(KIT / "reading-value-aloud.md", "text")
    assert len(pieces) >= 6
    for piece in pieces:
        assert piece in source, piece
