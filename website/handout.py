"""Make the handout: one page of A4 as PDF, from `docs/teaching/handout.md`, printed by the Chromium of this machine.

make handout
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import tempfile
from pathlib import Path

from nbconvert.filters import markdown2html

from website.build import with_mathml
from website.packs import FOLDER, fonts_for_formulas

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "docs" / "teaching" / "handout.md"

STYLE = """
@page { size: A4; margin: 16mm 18mm; }
body { font: 11.5pt/1.5 "DejaVu Sans", Arial, sans-serif; color: #000; margin: 0; }
h1 { font-size: 16pt; margin: 0 0 8pt; }
p { margin: 0 0 4pt; }
a.anchor-link { display: none; }
.formula { display: flex; align-items: center; margin: 7pt 0 9pt; }
.formula math { flex: 1; }
.number { padding-left: 1em; }
"""


def page(packs: Path) -> str:
    """The handout as HTML."""
    body = markdown2html(with_mathml(SOURCE.read_text(encoding="utf-8")))
    head = f'<meta charset="utf-8"><title>The affine layer</title><style>{fonts_for_formulas(packs)}{STYLE}</style>'
    return f'<!doctype html><html lang="en">{head}{body}'


def build(out: Path, packs: Path) -> None:
    """Print it.

    Raises
    ------
    SystemExit
        If there is no Chromium.
    """
    browser = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if browser is None:
        raise SystemExit(
            "the handout is printed by Chromium, which is not here: install it, as by apt-get install chromium"
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "handout.html"
        file.write_text(page(packs), encoding="utf-8")
        options = (
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--no-pdf-header-footer",
            f"--user-data-dir={folder}",
        )
        command = [browser, *options, f"--print-to-pdf={out.resolve()}", file.as_uri()]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    print(f"{out}: one page to print")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--out", type=Path, default=ROOT / "build" / "handout.pdf")
    options.add_argument("--packs", type=Path, default=FOLDER, help="where packages from npm are kept")
    chosen = options.parse_args()
    build(chosen.out, chosen.packs)


if __name__ == "__main__":
    main()
