"""The playground, built once for the tests that need it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from scalargrad.playground.assembly import write_playground
from tests.conftest import missing

PACKS = Path(__file__).parents[2] / "build" / "npm"
"""Where `make playground` keeps packages from npm: what is there is not fetched again."""


@pytest.fixture(scope="module")
def playground(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with `playground/index.html` and `playground.html`."""
    if shutil.which("npm") is None and not PACKS.exists():
        missing("there is no npm on this machine")
    out = tmp_path_factory.mktemp("playground")
    write_playground(out, PACKS)
    return out
