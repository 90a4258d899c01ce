"""A folder with a user's files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.pictures.conftest import graphviz_pure as graphviz_pure


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with small matrices, as the current one."""
    monkeypatch.chdir(tmp_path)
    Path("x.csv").write_text("1.5,2\n3,4\n0,-1\n", encoding="utf-8")
    Path("w.csv").write_text("1,0.5\n2,-3\n", encoding="utf-8")
    Path("b.csv").write_text("1,2\n", encoding="utf-8")
    Path("labels.csv").write_text("b\na\nb\n", encoding="utf-8")
    Path("ragged.csv").write_text("1,2\n3\n", encoding="utf-8")
    Path("text.csv").write_text("1,2\n3,four\n", encoding="utf-8")
    Path("nan.csv").write_text("1,2\n3,nan\n", encoding="utf-8")
    np.save("x.npy", np.array([[1, 2], [3, 4], [5, 6]]))
    return tmp_path
