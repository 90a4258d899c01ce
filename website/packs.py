"""Packages from npm that pages carry along: fetched once, by the client of that name, and known by a digest.

>>> sorted(PACKS)
['@fontsource/noto-sans-math', '@fontsource/stix-two-text', 'reveal.js']
"""

from __future__ import annotations

import base64
import hashlib
import io
import shutil
import subprocess
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "build" / "npm"
"""Where packages are kept."""

PACKS = {
    "reveal.js": ("5.2.1", "r7//6mIM5p34hFiDMvYfXgyjXqGRta+/psd9YtytsgRlrpRzFv4RbH76TXd2qD+7ZPZEbpBDhdRhJaFgfQ7zNQ=="),
    "@fontsource/noto-sans-math": (
        "5.3.0",
        "CzodkZ4R2VC73rqbNbVpiI94fXZJLFEMNBTAM3DFadjAKrjLQ2Fr+s2yM2c5uS+frBZ2IM+LyMo6COhAzV7hCA==",
    ),
    "@fontsource/stix-two-text": (
        "5.3.0",
        "/eVTBPvodwIlsUTImyGjNVG4wqi2SDi6nV0WmE0+ScfbCegC8zMkm6BER8dy8f900xgP1RkNx0HxjbixT/ISOg==",
    ),
}
"""Of each its version, and the SHA-512 of its archive."""


def packed(name: str, part: str, folder: Path = FOLDER) -> bytes:
    """A file of a package: of the archive in the folder, which is fetched by `npm pack` if it is not there.

    Raises
    ------
    SystemExit
        If there is no npm, if it fails, or if what it brings is not what was tried.
    """
    version, digest = PACKS[name]
    path = folder.resolve() / f"{name.lstrip('@').replace('/', '-')}-{version}.tgz"
    if not path.exists():
        npm = shutil.which("npm")
        if npm is None:
            raise SystemExit(f"{name} {version} comes by npm, which is not here: install Node.js with npm")
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as empty:  # npm reads no project's settings there
            command = [npm, "pack", f"{name}@{version}", "--silent", "--ignore-scripts"]
            done = subprocess.run(command, cwd=empty, capture_output=True, text=True, check=False)
            if done.returncode:
                raise SystemExit(f"npm did not bring {name} {version}: {done.stderr.strip() or 'it said nothing'}")
            (Path(empty) / path.name).replace(path)
    archive = path.read_bytes()
    if base64.b64encode(hashlib.sha512(archive).digest()).decode() != digest:
        path.unlink()  # so that the next run fetches it anew
        raise SystemExit(f"{path} is not {name} {version} as it was tried: its SHA-512 is another one")
    with tarfile.open(fileobj=io.BytesIO(archive)) as files:
        found = files.extractfile(f"package/{part}")
        assert found is not None, f"{name} has no file {part}"
        return found.read()


SIGNS = ("@fontsource/noto-sans-math", "noto-sans-math-latin-400-normal.woff", "U+0-10FFFF", "normal")
LETTERS = [
    ("@fontsource/stix-two-text", f"stix-two-text-{script}-400-{style}.woff2", characters, style)
    for script, characters in (("latin", "U+0-2FF"), ("greek", "U+370-3FF"))
    for style in ("normal", "italic")
]


def fonts_for_formulas(folder: Path = FOLDER) -> str:
    """Rules of CSS that carry fonts: one in which brackets and sums grow, and one in which α is not an a.

    Both are under the SIL Open Font License.
    """
    rules = []
    for family, faces in (("Signs", [SIGNS]), ("Letters", LETTERS)):
        for name, file, characters, style in faces:
            data = base64.b64encode(packed(name, f"files/{file}", folder)).decode()
            rules.append(
                f'@font-face {{ font-family: "{family}"; font-style: {style}; unicode-range: {characters}; '
                f"src: url(data:font/{file.rpartition('.')[2]};base64,{data}); }}"
            )
    rules.append('math { font-family: "Signs"; }')
    rules.append('math mi, math mn, math mtext { font-family: "Letters", "Signs"; }')
    rules.append("math mi { text-transform: none; font-style: italic; }")
    return "\n".join(rules) + "\n"
