"""Builds the playground: a page with its files beside it, and the same as one HTML file that opens from a disk.

    >>> sorted(NPM)
    ['@viz-js/viz', 'pyodide']

Pyodide and Graphviz come from npm, by the client of that name; a digest stands here for each, so that what is built
today is what was tried. Nothing of them is in the repository.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import importlib.metadata
import io
import json
import re
import shutil
import subprocess
import tarfile
import tempfile
import zipfile
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from ..engine.value import Value
from ..errors import PlaygroundError
from ..pictures import step_through
from ..pictures.document import Trusted, filled, script_data
from ..pictures.explorer.page import explorer_page
from .small_matrix import ProductLayer, matrix
from .starters import STARTERS

NPM = {
    "pyodide": (
        "314.0.7",
        "0YvXxEhfEdpLfb/XkM2BFAeMROq0iMUX2bzzH9pOttyMcWkwq+HbE5uyuGD82LN7y2q+SNvi/6V5JEsOlD2R1A==",
        ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip", "pyodide-lock.json"),
    ),
    "@viz-js/viz": (
        "3.31.0",
        "r7zlQdRvcwvIpjHGgs+KNWHeE/P5/Dq7k8ZAKaMCbZqomxCBJV78gVuQYaHzFVca+kB0mX0fMW9UFevCOBG50A==",
        ("dist/viz.js",),
    ),
}
"""Of each package: its version, the SHA-512 of its archive in base 64, and the files that are taken."""

PACKAGES = ("graphviz", "jinja2", "markupsafe")
"""Python packages that the pictures need, taken from this installation: their Python source."""

FOLDERS = ("engine", "pictures", "playground")
"""Of our own package, what runs in the browser, besides the files at its root."""


def archive(name: str, folder: Path) -> bytes:
    """A package from npm, as it was packed: from the folder, if it is there, else by `npm pack`.

    Raises
    ------
    PlaygroundError
        If there is no npm, if it fails, or if what comes is not what was tried.
    """
    version, digest, _ = NPM[name]
    folder = folder.resolve()
    path = folder / f"{name.lstrip('@').replace('/', '-')}-{version}.tgz"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        npm = shutil.which("npm")
        if npm is None:
            raise PlaygroundError(
                f"the playground needs {name} {version} by npm, which is not here: install Node.js with npm, "
                "as by apt-get install npm"
            )
        command = [npm, "pack", f"{name}@{version}", "--silent", "--ignore-scripts", "--pack-destination"]
        with tempfile.TemporaryDirectory(dir=folder) as empty:  # npm reads no project's settings there
            done = subprocess.run([*command, empty], cwd=empty, capture_output=True, text=True, check=False)
            if done.returncode:
                raise PlaygroundError(f"npm did not bring {name} {version}: {done.stderr.strip() or 'it said nothing'}")
            (Path(empty) / path.name).replace(path)
    packed = path.read_bytes()
    if base64.b64encode(hashlib.sha512(packed).digest()).decode() != digest:
        path.unlink()
        raise PlaygroundError(f"{name} {version} is not the package that was tried: its SHA-512 is another one")
    return packed


def from_npm(name: str, folder: Path) -> Iterator[tuple[str, bytes]]:
    """The files that are taken of a package, by the last part of their names."""
    with tarfile.open(fileobj=io.BytesIO(archive(name, folder))) as packed:
        for file in NPM[name][2]:
            found = packed.extractfile(f"package/{file}")
            if found is not None:
                yield file.rpartition("/")[2], found.read()


def engine_archive() -> bytes:
    """Our own files and the Python packages, as one archive; the same bytes from the same files."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out:
        for name, content in sorted(python_files()):
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            out.writestr(info, content, compresslevel=9)
    return buffer.getvalue()


def python_files() -> Iterator[tuple[str, bytes]]:
    """What the engine's archive holds, by name."""
    package = __package__.partition(".")[0]
    root = Path(str(files(package)))
    for path in [*root.glob("*.py"), *(path for folder in FOLDERS for path in (root / folder).rglob("*"))]:
        inside = path.relative_to(root)
        if inside.parent == Path("playground") and inside.name not in ("__init__.py", "session.py", "small_matrix.py"):
            continue
        if path.suffix in (".py", ".j2", ".css", ".js"):
            yield f"{package}/{inside.as_posix()}", path.read_bytes()
    for name in PACKAGES:
        distribution = importlib.metadata.distribution(name)
        for file in distribution.files or ():
            is_source = file.parts[0] == name and file.suffix == ".py"
            if is_source or "licen" in file.name.lower():
                yield str(file), file.read_binary()


def frame_policies() -> tuple[str, str]:
    """What the policies of the pages in frames allow: scripts and styles, by their digests.

    A frame is under the policy of the page around it too, so that one has to allow the same.
    """
    Y = matrix([[1]]) @ matrix([[1]])
    pages = [step_through(Value(1)).html, explorer_page(ProductLayer(Y, Y.sum())).html]
    scripts, styles = (
        {token for html in pages for found in re.findall(rf"{kind}-src ([^;\"]*)", html) for token in found.split()}
        for kind in ("script", "style")
    )
    return " ".join(sorted(scripts)), " ".join(sorted(styles))


def write_playground(out: Path, packs: Path) -> tuple[Path, Path]:
    """Write the page, `out/playground/index.html` with its files, and the one file `out/playground.html`.

    Parameters
    ----------
    out
        A folder.
    packs
        Where packages from npm are kept.

    Raises
    ------
    PlaygroundError
        If a package can't be had.
    """
    found = {**dict(from_npm("pyodide", packs)), **dict(from_npm("@viz-js/viz", packs))}
    lock = json.loads(found.pop("pyodide-lock.json"))["info"]
    found["engine.zip"] = engine_archive()
    assets = {name: gzip.compress(content, 9, mtime=0) for name, content in found.items()}
    worker = (files(__package__) / "worker.js").read_text(encoding="utf-8")
    worker = worker.replace('"NO PACKAGES"', json.dumps({"info": lock, "packages": {}}))
    scripts, styles = frame_policies()
    words: dict[str, Any] = {
        "assets": script_data([[name, len(content)] for name, content in assets.items()]),
        "examples": script_data(STARTERS),
        "worker": Trusted(worker),
        "frame_scripts": Trusted(scripts),
        "frame_styles": Trusted(styles),
    }
    folder = out / "playground"
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in assets.items():
        (folder / f"{name}.bin").write_bytes(content)
    page, file = folder / "index.html", out / "playground.html"
    beside = filled(__package__, connect=Trusted("'self'"), home="../index.html", embedded={}, **words)
    page.write_text(beside, encoding="utf-8")
    embedded = {name: base64.b64encode(content).decode() for name, content in assets.items()}
    inside = filled(__package__, connect=Trusted("'none'"), home="", embedded=embedded, **words)
    file.write_text(inside, encoding="utf-8")
    return page, file
