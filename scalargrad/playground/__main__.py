"""`python -m scalargrad.playground` builds the playground: `make playground`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ..errors import Error
from .assembly import write_playground


def build_playground(arguments: list[str] | None = None) -> int:
    options = argparse.ArgumentParser(prog="python -m scalargrad.playground", description=__doc__)
    options.add_argument("--out", type=Path, default=Path("build/site"), help="the folder to write to")
    options.add_argument("--packs", type=Path, default=Path("build/npm"), help="where packages from npm are kept")
    chosen = options.parse_args(arguments)
    try:
        page, file = write_playground(chosen.out, chosen.packs)
    except Error as error:
        print(error, file=sys.stderr)
        return 2
    print(f"{page} is for a web server; {file} opens from a disk")
    return 0


if __name__ == "__main__":
    sys.exit(build_playground())
