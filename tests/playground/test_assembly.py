"""Building the page: from packages that are what was tried, under a policy that lets nothing in or out."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from pathlib import Path

import pytest

from scalargrad.errors import PlaygroundError
from scalargrad.playground import assembly
from scalargrad.playground.__main__ import build_playground


def test_without_npm_one_sentence_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert build_playground(["--out", str(tmp_path), "--packs", str(tmp_path / "packs")]) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "by npm, which is not here: install Node.js with npm, as by apt-get install npm" in said
    assert not list(tmp_path.glob("*.html"))


def test_npm_that_fails_is_quoted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho no such package >&2\nexit 1\n", encoding="ascii")
    npm.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda name: str(npm))
    with pytest.raises(PlaygroundError, match=r"npm did not bring pyodide [\d.]+: no such package"):
        assembly.archive("pyodide", tmp_path / "packs")


def test_another_package_than_the_one_that_was_tried_is_refused_and_not_kept(tmp_path: Path) -> None:
    path = tmp_path / f"pyodide-{assembly.NPM['pyodide'][0]}.tgz"
    path.write_bytes(b"another")
    with pytest.raises(PlaygroundError, match="is not the package that was tried"):
        assembly.archive("pyodide", tmp_path)
    assert not path.exists()


def test_the_archive_of_the_engine_is_made_of_source_and_is_the_same_each_time() -> None:
    first = assembly.engine_archive()
    assert first == assembly.engine_archive()
    names = zipfile.ZipFile(io.BytesIO(first)).namelist()
    assert len(names) == len(set(names))
    assert {Path(name).suffix for name in names} <= {".py", ".j2", ".css", ".js", ".txt", "", ".md"}
    assert {"scalargrad/engine/value.py", "scalargrad/playground/session.py", "jinja2/environment.py"} <= set(names)
    assert sum("licen" in name.lower() for name in names) >= len(assembly.PACKAGES)
    assert not any("numpy" in name or ".." in name for name in names)


def test_the_page_and_the_file_carry_the_same_and_name_no_host(playground: Path) -> None:
    page = (playground / "playground" / "index.html").read_text(encoding="utf-8")
    file = (playground / "playground.html").read_text(encoding="utf-8")
    policies = [re.search(r'Security-Policy" content="([^"]*)"', text) for text in (page, file)]
    assert [match and re.search("connect-src ([^;]*)", match[1])[1] for match in policies] == ["'self'", "'none'"]  # type: ignore[index]
    for match in policies:
        assert match is not None
        assert match[1].startswith("default-src 'none'; ")
        assert not re.search(r"https?:|unsafe-inline|'unsafe-eval'|\*", match[1])
    names = re.findall(r'id="asset-([^"]*)"', file)
    assert len(names) == 6
    assert {f"{name}.bin" for name in names} == {path.name for path in playground.glob("playground/*.bin")}
    assert set(re.findall(r"https?://[\w.]+", page)) == {"https://here.invalid"}  # never asked: see worker.js
    size = sum(path.stat().st_size for path in playground.glob("playground/*"))
    assert size < 7_500_000
    assert len(file) < 10_000_000
