"""The README, the guides and the pages for contributors: code runs, prints what they show, and links lead somewhere."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import scalargrad as sg
from scalargrad.cli import main
from tests.project.test_house import FLOORS

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
PAGES = [
    *(ROOT / f"{name}.md" for name in ("README", "README.ko", "ARCHITECTURE", "CONTRIBUTING", "CHANGELOG")),
    *sorted((ROOT / "docs").glob("**/*.md")),
]
EACH_PAGE = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.DOTALL | re.MULTILINE)


def text_of(page: Path) -> str:
    return page.read_text(encoding="utf-8")


def blocks(page: Path, language: str) -> list[str]:
    """The code blocks of one language, in order."""
    return [block for found, block in BLOCK.findall(text_of(page)) if found == language]


def prose(page: Path) -> str:
    """The page without its code blocks and inline code."""
    return re.sub(r"`[^`\n]*`", "", BLOCK.sub("", text_of(page)))


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder to work in, with the files that the pages mention as the reader's own."""
    rng = np.random.default_rng(0)
    X, W, b = rng.normal(size=(5, 3)), rng.normal(size=(3, 2)), rng.normal(size=(1, 2))
    for name, matrix in (("X", X), ("W", W), ("b", b)):
        np.savetxt(tmp_path / f"{name}.csv", matrix, delimiter=",")
    np.save(tmp_path / "X.npy", X)
    (tmp_path / "labels.csv").write_text("0\n1\n0\n1\n1\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


# ---------------------------------------------------------------------------------------------------------------------
# Python


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "python")], ids=lambda page: page.name)
def test_python_blocks_run_in_order_and_print_what_is_shown(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    namespace: dict[str, object] = {"__name__": page.stem}
    printed, end = "", 0
    for found in BLOCK.finditer(text_of(page)):
        language, block = found.groups()
        if language == "python":
            exec(compile(block, page.name, "exec"), namespace)
            printed = capsys.readouterr().out
        elif text_of(page)[end : found.start()].rstrip().endswith("prints"):
            assert language == "text"
            shown, out = ([line.rstrip() for line in t.splitlines() if line.strip()] for t in (block, printed))
            assert shown == out
        end = found.end()
    for name, test in list(namespace.items()):
        if name.startswith("test_") and callable(test):
            test()


def test_what_the_pages_show_is_compared() -> None:
    """A word other than "prints" before a text block would compare nothing."""
    compared = {page.name for page in PAGES if re.search(r"prints\n\n```text\n", text_of(page))}
    assert compared == {
        *("README.md", "for-all-shapes.md", "from-micrograd.md", "numpy.md", "record-and-replay.md"),
        *("test-suites.md", "theorem.md", "your-own-matrices.md"),
    }


# ---------------------------------------------------------------------------------------------------------------------
# Commands


def commands(page: Path) -> Iterator[list[str]]:
    """The words of each command line, without settings of the environment and the folder of the virtual environment."""
    for block in blocks(page, "sh"):
        for line in block.splitlines():
            words = shlex.split(line, comments=True)
            while words and re.fullmatch(r"[A-Z_]+=\S*", words[0]):
                words = words[1:]
            if words:
                yield [words[0].removeprefix(".venv/bin/"), *words[1:]]


def in_text(page: Path) -> Iterator[list[str]]:
    """Commands that stand in a sentence, with an option in them."""
    for words in re.findall(r"`(scalargrad [a-z][^`…]*--[^`…]*)`", text_of(page)):
        yield shlex.split(words)


COMMANDS = [
    pytest.param(words, id=f"{page.name}: {' '.join(words)}")
    for page in PAGES
    for words in (*(w for w in commands(page) if w[0] == "scalargrad"), *in_text(page))
]


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize("words", COMMANDS)
def test_commands_succeed(words: list[str]) -> None:
    if words[1] == "check" and "--new" not in words:
        main(["check", "--new", words[-1]])
        mine = Path(words[-1])
        mine.write_text(mine.read_text(encoding="utf-8").replace("G.mean", "G.sum"), encoding="utf-8")
    assert main(words[1:]) == 0


@EACH_PAGE
def test_other_commands_name_what_is_there(page: Path) -> None:
    """Targets of the Makefile, extras of the package, files and modules to run."""
    makefile = text_of(ROOT / "Makefile")
    extras = tomllib.loads(text_of(ROOT / "pyproject.toml"))["project"]["optional-dependencies"]
    for words in commands(page):
        match words:
            case ["scalargrad", *_]:
                pass
            case ["make", target]:
                assert re.search(rf"^{target}:", makefile, re.MULTILINE), words
            case ["pip", "install", wanted]:
                found = re.fullmatch(r"\.\[([\w,]+)\]", wanted)
                assert found, words
                assert set(found[1].split(",")) <= set(extras), words
            case ["python", "-m", "pytest", *paths]:
                assert all((ROOT / path).exists() for path in paths if "/" in path), words
            case ["python", "-m", module, *_]:
                assert (ROOT / module.replace(".", "/")).is_dir(), words
            case ["python", file]:
                assert (ROOT / file).is_file(), words
            case _:
                pytest.fail(f"nobody looks after {shlex.join(words)}")


@EACH_PAGE
def test_make_targets_in_sentences_exist(page: Path) -> None:
    targets = re.findall(r"`make ([\w-]+)`", text_of(page))
    assert all(re.search(rf"^{target}:", text_of(ROOT / "Makefile"), re.MULTILINE) for target in targets)


@EACH_PAGE
def test_nobody_is_told_to_install_the_other_project(page: Path) -> None:
    """The name scalargrad on the package index belongs to somebody else."""
    assert not re.search(r"pip install ['\"]?scalargrad", text_of(page))


# ---------------------------------------------------------------------------------------------------------------------
# Links and files


def anchors(page: Path) -> set[str]:
    """The anchors of the headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.*)$", BLOCK.sub("", text_of(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-") for heading in headings}


@EACH_PAGE
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", prose(page)):
        if target.startswith(("https://", "http://")):
            continue
        file, _, anchor = target.partition("#")
        path = page.parent / file if file else page
        assert path.exists(), target
        if anchor:
            assert anchor in anchors(path), target


def test_every_page_is_linked_from_another() -> None:
    linked = {
        (page.parent / target.partition("#")[0]).resolve()
        for page in PAGES
        for target in re.findall(r"\]\(([^)\s]+)\)", prose(page))
        if "://" not in target and not target.startswith("#")
    }
    assert set(PAGES) - {README} <= linked


ABOUT_THE_SOURCE = [page for page in PAGES if page.parent == ROOT and page != README]
ABOUT_THE_SOURCE += [ROOT / "docs" / "reading-the-source.md", *sorted((ROOT / "docs" / "decisions").glob("*.md"))]


@pytest.mark.parametrize("page", ABOUT_THE_SOURCE, ids=lambda page: page.name)
def test_files_that_are_named_exist(page: Path) -> None:
    """In the checkout, or, where it is shorter, seen from the package's folder."""
    names = re.findall(r"(?<![\w./*-])[\w./-]*\w\.(?:py|pyx|pxd|h|js|csv|toml|md|ipynb)\b", text_of(page))
    names += re.findall(r"(?<![\w./*:-])\w[\w./]*/(?=[\s`,.;:)])", text_of(page))
    places = (page.parent, ROOT, ROOT / "scalargrad")
    assert [name for name in names if not any((place / name).exists() for place in places)] == []


def test_the_picture_of_the_architecture_is_that_of_the_house() -> None:
    """Read from the ground up, a floor in each line: the one that `test_house` holds all imports to."""
    (picture,) = blocks(ROOT / "ARCHITECTURE.md", "text")
    floors = [re.findall(r"(\w+)(?:/|\.py)(?=\s)", line) for line in reversed(picture.splitlines())]
    assert [set(floor) for floor in floors if floor] == [set(floor) for floor in FLOORS]


# ---------------------------------------------------------------------------------------------------------------------
# Each page by itself


def test_the_readme_is_a_landing_page() -> None:
    assert len(text_of(README).splitlines()) <= 150
    lines = [line for line in blocks(README, "python")[0].splitlines() if line and not line.startswith("#")]
    assert len(lines) <= 15
    assert {"verify", "test"} <= {words[1] for words in commands(README) if words[0] == "make"}


def test_the_korean_readme_has_the_code_of_the_english_one() -> None:
    assert blocks(ROOT / "README.ko.md", "python") == blocks(README, "python")


def test_the_changelog_has_this_version() -> None:
    assert f"## [{sg.__version__}]" in text_of(ROOT / "CHANGELOG.md")
