"""The benchmarks run and print what they promise; how fast anything is, no test asks."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

for package in ("micrograd", "casadi", "xad", "heyoka"):
    pytest.importorskip(package, reason='the extra "bench" is not installed')

ROOT = Path(__file__).parents[2]


def test_the_table_has_every_task() -> None:
    command = [sys.executable, "-m", "benchmarks", "--quick", "--json"]
    found = json.loads(subprocess.run(command, cwd=ROOT, capture_output=True, check=True, text=True).stdout)
    assert {"engine", "versions", "python", "compiler", "processor", "rows"} == set(found)
    assert {"scalargrad-exact", "micrograd", "xad", "casadi", "heyoka", "numpy"} <= set(found["versions"])
    tasks = " ".join(row["task"] for row in found["rows"])
    for task in ("memory", "replay", "recording", "compilation", "batch", "one training step", "verify"):
        assert task in tasks
    assert {"micrograd", "xad", "casadi", "heyoka", "numpy", "itself"} <= {row["peer"] for row in found["rows"]}
    for ours in ("ours by loops", "ours by @"):  # the peers build by loops: both are shown
        peers = {row["peer"] for row in found["rows"] if row["task"].startswith("build of") and ours in row["task"]}
        assert {"micrograd", "xad", "casadi"} <= peers
    assert all(row["ratio"] >= 0 for row in found["rows"])
    losses = next(row for row in found["rows"] if row["task"].startswith("relative difference of the losses"))
    assert losses["ratio"] < 1e-9
