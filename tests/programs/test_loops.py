"""The loops: in C and in NumPy the same bits, and the same order of opcodes."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import scalargrad as sg
from scalargrad import Value, record, values
from scalargrad.engine import ops
from scalargrad.engine.ops import Op
from scalargrad.errors import ProgramError
from scalargrad.programs import Program, loops

from .graphs import AS_INSTALLED, IN_NUMPY, STEPS, bits, graph_of, needs_c, running


def flat(results: Any) -> Iterator[Any]:
    """The arrays in nested lists and tuples."""
    for one in results:
        if isinstance(one, (list, tuple)):
            yield from flat(one)
        else:
            yield one


def same_in_both_loops(program: Program, arguments: list[Any]) -> None:
    """A batch, its sums, and the first sample: in C and in NumPy the same bits."""
    batched = len(program.signature.inputs)
    results = []
    for which in (AS_INSTALLED, IN_NUMPY):
        with running(which):
            first = program(*[x[0] for x in arguments[:batched]], *arguments[batched:])
            results.append([bits(x) for x in flat([program(*arguments), first])])
    assert results[0] == results[1]


def test_the_opcodes_in_c_are_those_of_the_rows() -> None:
    """The enum in `_loops.pyx` names the rows of `ops` in the order of their opcodes."""
    source = Path(loops.__file__).with_name("_loops.pyx").read_text(encoding="utf-8")
    enum = re.search(r"enum \{(.*?)\}", source, re.DOTALL)
    assert enum
    names = re.findall(r"\w+", re.sub(r"/\*.*?\*/", "", enum[1]))
    assert [getattr(ops, name) for name in names] == list(loops.INSTRUCTION_SET)
    assert [row.opcode for row in loops.INSTRUCTION_SET] == list(range(len(names)))


class TestBothLoops:
    @needs_c
    @given(st.lists(STEPS, min_size=1, max_size=12), st.integers(0, 2**32))
    def test_equal_bits(self, steps: list[tuple[Op, int, int]], seed: int) -> None:
        nodes = graph_of(steps, 0.3, -1.7, 2.0)
        try:
            program = record([nodes[-1]], nodes[:2], [nodes[2]], summed=[nodes[-1]])
        except ProgramError:
            return
        rng = np.random.default_rng(seed)
        same_in_both_loops(program, [rng.normal(size=11), rng.normal(size=11), 0.4])

    @needs_c
    @given(
        st.lists(st.tuples(st.sampled_from([ops.ADD, ops.MUL, ops.MUL]), *2 * [st.integers(0, 9)]), max_size=40),
        st.integers(0, 2**32),
    )
    def test_sums_of_products_in_registers(self, steps: list[tuple[Op, int, int]], seed: int) -> None:
        late = [(row, -1 - i, -1 - j) for row, i, j in steps]  # so that there are chains
        nodes = graph_of(late, 0.3, -1.7, 2.0, 0.7)
        program = record([nodes[-1]], nodes[:2], nodes[2:4], summed=[nodes[-1]])
        rng = np.random.default_rng(seed)
        same_in_both_loops(program, [rng.normal(size=11), rng.normal(size=11), 0.4, -1.1])

    @needs_c
    @pytest.mark.parametrize("shape", [(2, 3, 2), (1, 63, 1), (1, 64, 2), (2, 65, 1), (1, 150, 1)])
    def test_layers_in_both_loops(self, shape: tuple[int, int, int]) -> None:
        n, d, m = shape
        rng = np.random.default_rng(0)
        X, W = values(rng.normal(size=(n, d)), "x"), values(rng.normal(size=(d, m)), "w")
        L = sg.sum(y**2 for y in (X @ W).flat)
        dX, dW = sg.grad(L, [X, W], create_graph=True)
        same_in_both_loops(record([L, dX], [X], [W], [dW]), [rng.normal(size=(11, n, d)), rng.normal(size=(d, m))])
        same_in_both_loops(record([L, dX, dW], [X, W]), [rng.normal(size=(11, n, d)), rng.normal(size=(11, d, m))])

    @given(
        st.lists(st.tuples(st.sampled_from([ops.ADD.opcode, ops.NEG.opcode]), *3 * [st.integers(-2, 4)]), max_size=12),
        st.integers(-2, 4),
    )
    def test_what_is_read_once(self, steps: list[tuple[int, int, int, int]], end: int) -> None:
        tape = np.array(
            [(code, a, b if code == ops.ADD.opcode else a, abs(out)) for code, a, b, out in steps], dtype=np.int32
        )
        tape = tape.reshape(-1, 4)
        expected = []
        for k, (*_, place) in enumerate(tape.tolist()):
            reads = 0
            for code, a, b, out in tape[k + 1 :].tolist():
                reads += (a == place) + (b == place and code == ops.ADD.opcode)
                if out == place:
                    break
            else:
                reads += 2 * (end == place)
            expected.append(reads == 1)
        assert loops.read_once(tape, np.array([end])).astype(bool).tolist() == expected

    @needs_c
    def test_other_threads_run_meanwhile(self) -> None:
        x = Value(0.5)
        y = x
        for _ in range(300):
            y = (y + x).sin()
        program, batch = record(y, [x]), np.linspace(0, 1, 20_000)
        counted, done = [0], threading.Event()

        def count() -> None:
            while not done.is_set():
                counted[0] += 1

        thread = threading.Thread(target=count)
        thread.start()
        before = counted[0]
        program(batch)
        assert counted[0] > before
        done.set()
        thread.join()
