"""Tests that have Coq check something: skipped where it is not installed, but never in CI, which installs it."""

from __future__ import annotations

import os
import shutil

import pytest

needs_coq = pytest.mark.skipif(
    not (shutil.which("coqc") or shutil.which("rocq")) and not os.environ.get("CI"),
    reason="Coq is not installed here: make proofs does it",
)
