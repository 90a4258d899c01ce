"""The loops: in C and in NumPy the same bits, and the same order of opcodes."""

from __future__ import annotations

import pickle
import re
import threading
from collections.abc import Callable, Iterator
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

from .graphs import AS_INSTALLED, IN_NUMPY, STEPS, THE_LONG_WAY, bits, graph_of, needs_c, running


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
    @given(
        st.lists(st.tuples(st.sampled_from([ops.ADD, ops.MUL, ops.MUL]), *2 * [st.integers(0, 9)]), max_size=40),
        st.integers(1, 70),
        st.sampled_from([np.float64, np.float32]),
    )
    def test_batches_of_any_size_and_blocks_of_any(self, steps: Any, samples: int, kind: Any) -> None:
        late = [(row, -1 - i, -1 - j) for row, i, j in steps]
        nodes = graph_of(late, 0.3, -1.7, 2.0, 0.7)
        program = record(nodes, nodes[:2], nodes[2:4], summed=[nodes[-1]])
        rng = np.random.default_rng(samples)
        xs, w = rng.normal(size=(2, samples)).astype(kind), kind(0.4)
        results = []
        for size, which in ((8, AS_INSTALLED), (24, AS_INSTALLED), (128, IN_NUMPY)):
            with running({**which, "block_size": lambda *_, size=size: size}):
                results.append([bits(x) for x in flat([program(*xs, w, w)])])
        assert results[0] == results[1] == results[2]

    @needs_c
    def test_sums_of_products_are_one_instruction(self) -> None:
        a, b, w = values([1.0, 2.0, 3.0], "a"), values([1.0, 2.0, 3.0], "b"), values([1.0, 2.0, 3.0], "w")
        tape = record([a @ b, a @ w + b[0]], [a, b], [w]).rows
        code = tape.code.tolist()
        kinds = []
        while code:
            kinds.append(code[0])
            code = code[4 + 2 * max(0, code[2]) if code[0] < 0 else 4 :]
        assert len(tape) == 11
        assert sorted(kinds) == [-2, -1, ops.ADD.opcode, ops.MUL.opcode, ops.MUL.opcode]

    def test_rows_begin_with_a_line_of_the_cache(self) -> None:
        for registers, size in ((1, 8), (3, 24), (1000, 16)):
            rows = loops.rows_to_work_in(registers, size, np.dtype(float))
            assert rows.ctypes.data % 64 == 0
            assert rows.shape == (registers, size)
            assert not rows.any()

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


ARGUMENTS: dict[str, Callable[[Any, float], Any]] = {
    "arrays of float64": lambda x, w: (x, w),
    "floats and lists": lambda x, w: (x.tolist(), w),
    "float32 for one": lambda x, w: (x.astype(np.float32), w),
    "float32 for all": lambda x, w: (x.astype(np.float32), np.float32(w)),
    "Fortran's order": lambda x, w: (np.asfortranarray(x), w),
    "every second entry": lambda x, w: (np.repeat(x, 2, axis=1)[:, ::2], w),
    "the other byte order": lambda x, w: (x.astype(x.dtype.newbyteorder()), w),
    "integers": lambda x, w: (x.astype(int), w),
    "read-only": lambda x, w: (np.frombuffer(x.tobytes()).reshape(x.shape), w),
    "a number of NumPy's": lambda x, w: (x, np.float64(w)),
    "an array of one number": lambda x, w: (x, np.array(w)),
    "an integer": lambda x, w: (x, 3),
    "a batch": lambda x, w: (x[None], w),
    "objects": lambda x, w: (x.astype(object), w),
}
SHORT = ("arrays of float64", "read-only", "a number of NumPy's", "an array of one number")


@needs_c
class TestTheShortWay:
    """One sample of float64 goes from the arguments to the results in C; whatever else is given, as ever."""

    @pytest.fixture
    def program(self) -> Program:
        x, w = values([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], "x"), Value(2.0, "w")
        return record([(x * w).sum() + 7, x.T * w], [x], [w], summed=[x[0] * w, w.tanh()])

    @pytest.mark.parametrize("kind", ARGUMENTS)
    def test_the_same_results_as_the_long_way(self, program: Program, kind: str) -> None:
        given = ARGUMENTS[kind](np.random.default_rng(0).normal(size=(3, 2)) * 9, 0.7)
        found = program(*given)
        with running(THE_LONG_WAY):
            expected = program(*given)
        assert type(found) is type(expected)
        for ours, right in zip(flat([found]), flat([expected]), strict=True):
            assert (type(ours), ours.dtype, ours.shape) == (type(right), right.dtype, right.shape)
            assert ours.tobytes() == right.tobytes()
        assert (loops.run_sample(program._plan, given) is not None) == (kind in SHORT)

    @pytest.mark.parametrize(
        "given",
        [
            (),
            (np.zeros((3, 2)),),
            (np.zeros((2, 3)), 1.0),
            (np.zeros(6), 1.0),
            (np.zeros((3, 2)), np.zeros(2)),
            ("", 1),
        ],
    )
    def test_what_does_not_fit_is_refused_as_ever(self, program: Program, given: Any) -> None:
        assert loops.run_sample(program._plan, given) is None
        with pytest.raises(ProgramError) as short:
            program(*given)
        with running(THE_LONG_WAY), pytest.raises(ProgramError) as long:
            program(*given)
        assert str(short.value) == str(long.value)

    @given(st.lists(STEPS, max_size=25), st.floats(-3, 3), st.floats(-3, 3))
    def test_random_graphs(self, steps: list[tuple[Op, int, int]], x: float, y: float) -> None:
        try:
            nodes = graph_of(steps, 0.3, -1.7, 2.0)
            program = record(nodes, nodes[:2])
        except ProgramError:
            return
        found = program(x, y)
        with running(THE_LONG_WAY):
            assert [bits(z) for z in found] == [bits(z) for z in program(x, y)]

    def test_results_are_not_overwritten_by_the_next_call(self, program: Program) -> None:
        x = np.ones((3, 2))
        (total, by_x), _ = program(x, 2.0)
        program(5 * x, 3.0)
        assert total == 19
        assert by_x.tolist() == [[2.0] * 3] * 2

    def test_more_registers_than_16_bits_count(self) -> None:
        xs = values(np.linspace(0, 1, 70_000), "x")
        program = record(list(xs * xs), [xs])
        given = np.linspace(-1, 1, 70_000)
        assert np.array_equal(program(given), given * given)
        assert program.sample.runs[1].dtype == np.uint32

    def test_a_program_is_pickled_after_it_ran(self, program: Program) -> None:
        given = np.ones((3, 2)), 2.0
        before = program(*given)
        again = pickle.loads(pickle.dumps(program))
        assert [x.tobytes() for x in flat(again(*given))] == [x.tobytes() for x in flat(before)]

    def test_threads_do_not_share_numbers(self, program: Program) -> None:
        x, wrong = np.ones((3, 2)), []

        def run(w: float) -> None:
            for _ in range(2000):
                if program(x, w)[0][0] != 6 * w + 7:
                    wrong.append(w)

        threads = [threading.Thread(target=run, args=(w,)) for w in (1.0, 2.0, 3.0)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not wrong
