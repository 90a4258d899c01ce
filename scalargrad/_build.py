"""Which build of the engine runs: modules compiled by Cython, or the Python source that they were compiled from.

    >>> build_info().partition(" ")[0] in ("compiled", "pure")
    True

Where there is a C compiler, an installation compiles the modules named in `COMPILED`, each with a declarations file
beside it (such as `engine/value.pxd`), and those in `CYTHON`. SCALARGRAD_PURE=1 runs the source all the same.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import EXTENSION_SUFFIXES, ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

COMPILED = (
    "engine/numbers",
    "engine/special",
    "engine/op",
    "engine/ops",
    "engine/node",
    "engine/functions",
    "engine/sweep",
    "engine/value",
    "programs/recorder",
    "programs/schedule",
)
"""The modules that are compiled from their Python source."""

CYTHON = ("engine/slots", "engine/doubles", "programs/_loops")
"""Those that are written in Cython: how a node is packed, the sweep over doubles, the loops of programs.

They do what the Python beside them does (`engine/slots.py`, `sweep.reverse_sweep`, `programs/loops.py`), in every bit.
"""

BUILT = (*COMPILED, *CYTHON)
"""Of these all are run, or none."""

HERE = Path(__file__).parent
SUFFIX = EXTENSION_SUFFIXES[0]
"""Of a module that was compiled for this very Python."""
RECORD = f"compiled{SUFFIX}.sha256"
"""The file that the build hook writes beside the modules, with the digest of what they were compiled from."""


def forced_pure() -> bool:
    """Whether the user wants the Python source."""
    return os.environ.get("SCALARGRAD_PURE", "0") not in ("", "0")


def sources_digest(folder: Path) -> str:
    """One digest of the sources of all compiled modules."""
    files = [folder / f"{name}{ending}" for name in BUILT for ending in (".py", ".pyx", ".pxd", ".h", "_once.h")]
    return hashlib.sha256(b"".join(file.read_bytes() for file in files if file.exists())).hexdigest()


def why_pure(folder: Path) -> str:
    """Why the compiled modules of a folder are not to be run; "" if they are."""
    if forced_pure():
        return "SCALARGRAD_PURE is set"
    if not all((folder / f"{name}{SUFFIX}").exists() for name in BUILT) or not (folder / RECORD).exists():
        return "nothing was compiled for this Python when it was installed"
    if (folder / RECORD).read_text(encoding="ascii") != sources_digest(folder):
        return "the source has changed since it was compiled: install it again"
    return ""


class SourceFinder(MetaPathFinder):
    """Finds the source of the modules, where Python by itself prefers an extension of the same name."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return spec_from_file_location(fullname, SOURCES[fullname]) if fullname in SOURCES else None


SOURCES = {f"{__package__}.{name.replace('/', '.')}": HERE / f"{name}.py" for name in BUILT}
REASON = why_pure(HERE)
if REASON:
    sys.meta_path.insert(0, SourceFinder())


def build_info() -> str:
    """Which build of the engine runs, and why: one line."""
    return f"pure Python ({REASON})" if REASON else f"compiled ({', '.join(BUILT)})"
