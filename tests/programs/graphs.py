"""What the tests of programs share: bits of numbers, random graphs, both loops, layers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from scalargrad import Value
from scalargrad.engine.ops import Op
from scalargrad.programs import loops
from scalargrad.programs.loops import INSTRUCTION_SET

BINARY = [row for row in INSTRUCTION_SET if row.arity == 2]

IN_NUMPY = {"run_once": loops.run_once_in_numpy, "run_batch": loops.run_batch_in_numpy, "run_sample": None}
AS_INSTALLED = {name: getattr(loops, name) for name in IN_NUMPY}
THE_LONG_WAY = {**AS_INSTALLED, "run_sample": None}

needs_c = pytest.mark.skipif(not loops.IN_C, reason="the project is not compiled here")

STEPS = st.tuples(st.sampled_from(INSTRUCTION_SET), st.integers(0, 99), st.integers(0, 99))
"""An operation, and which two earlier nodes it takes."""


def bits(x: Any) -> bytes:
    """All bits, but one nan for every nan."""
    array = np.array(x, dtype=float)
    return np.where(np.isnan(array), np.nan, array).tobytes()


@contextmanager
def running(which: dict[str, Any]) -> Iterator[None]:
    """Programs run by these loops meanwhile."""
    with pytest.MonkeyPatch.context() as patch:
        for name, loop in which.items():
            patch.setattr(loops, name, loop)
        yield


def graph_of(steps: list[tuple[Op, int, int]], *leaves: float) -> list[Value]:
    """Nodes one after the other, of earlier ones."""
    nodes = [Value(x) for x in leaves]
    for row, i, j in steps:
        nodes.append(row(*(nodes[i % len(nodes)], nodes[j % len(nodes)])[: row.arity]))
    return nodes
