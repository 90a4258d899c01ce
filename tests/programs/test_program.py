"""Programs: what is recorded, what a replay gives, and what a file may do."""

from __future__ import annotations

import io
import json
import math
import random
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import scalargrad as sg
from scalargrad import Value, values
from scalargrad.engine.ops import TABLE, Op
from scalargrad.errors import ProgramError
from scalargrad.programs import loops as replay
from scalargrad.programs.branches import BranchWarning
from scalargrad.programs.loops import BINARY, CODES, SYMBOLS
from scalargrad.programs.program import Program, record, record_gradient

IN_NUMPY = (replay.run_once_in_numpy, replay.run_rows_in_numpy, replay.sum_rows_in_numpy)
COMPILED = (replay.run_once, replay.run_rows, replay.sum_rows)


@pytest.fixture(params=["as installed", "in NumPy"])
def _loops(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both loops, where there are two."""
    if request.param == "in NumPy":
        for name, loop in zip(("run_once", "run_rows", "sum_rows"), IN_NUMPY, strict=True):
            monkeypatch.setattr(replay, name, loop)


def bits(x: Any) -> bytes:
    """All bits, but one nan for every nan."""
    array = np.array(x, dtype=float)
    return np.where(np.isnan(array), np.nan, array).tobytes()


@pytest.fixture
def layer() -> tuple[Any, Any, Value]:
    X, W = values([[0.1, -0.7], [1.3, 0.2]], "x"), values([[0.3, 1.1], [-0.9, 0.4]], "w")
    return X, W, sg.sum(y**2 for y in (X @ W).flat)


@pytest.mark.usefixtures("_loops")
class TestReplay:
    def test_the_floats_of_the_graph(self, layer: Any) -> None:
        X, W, L = layer
        program = record_gradient(L, [], [X, W])
        loss, (dX, dW) = program(sg.data(X), sg.data(W))
        assert loss == L.data
        right = sg.grad(L, [X, W])
        assert bits(dX) == bits(right[0])
        assert bits(dW) == bits(right[1])

    def test_other_numbers(self, layer: Any) -> None:
        X, W, L = layer
        program = record(L, [X, W])
        rng = np.random.default_rng(0)
        x, w = rng.normal(size=(2, 2)), rng.normal(size=(2, 2))
        assert program(x, w) == sg.sum(y**2 for y in (values(x) @ values(w)).flat).data

    def test_all_operations_of_the_same_numbers(self) -> None:
        x, y = Value(0.7, "x"), Value(1.9, "y")
        outputs = [
            TABLE[symbol](*pair[: 1 + (CODES[symbol] in BINARY)])
            for symbol in SYMBOLS
            for pair in ((x, x), (x, y), (y, x))
        ]
        assert bits(record(outputs, [x, y])(0.7, 1.9)) == bits([output.data for output in outputs])

    def test_sums_are_added_in_eight_parts(self) -> None:
        x, w = Value(1.0, "x"), Value(2.0, "w")
        xs = np.random.default_rng(2).normal(size=29)
        parts = [0.0] * 8
        for k, number in enumerate(xs.tolist()):
            parts[k % 8] += number * number
        for copies in (1, 2, 3):
            program = record([], [x], [w], summed=[x * x, x + w, x / w][:copies])
            _, totals = program(xs, 2.0)
            assert totals[0] == sum(parts)

    @pytest.mark.parametrize("again", ["as an output", "in a sum", "twice", "by a parameter", "squared"])
    def test_a_product_that_is_summed_and_more(self, again: str) -> None:
        a, b, w = Value(1.0, "a"), Value(2.0, "b"), Value(3.0, "w")
        p = {"by a parameter": a * w, "squared": a * a}.get(again, a * b)
        outputs, summed = {
            "as an output": ([p], [p]),
            "in a sum": ([], [p, p + a]),
            "twice": ([], [p, p]),
        }.get(again, ([a.exp()], [p]))
        program = record(outputs, [a, b], [w], summed=summed)
        rng = np.random.default_rng(3)
        xs, ys = rng.integers(-9, 9, size=(2, 21)).astype(float)
        found, totals = program(xs, ys, 3.0)
        product = xs * {"by a parameter": 3.0, "squared": xs}.get(again, ys)
        assert totals[0] == product.sum()
        if again == "as an output":
            assert bits(found[0]) == bits(product)
        if len(totals) > 1:
            assert totals[1] == (product + (xs if again == "in a sum" else 0)).sum()

    def test_a_batch_is_its_samples(self, layer: Any) -> None:
        X, W, L = layer
        program = record_gradient(L, [X], [W])
        rng = np.random.default_rng(1)
        batch, w = rng.normal(size=(13, 2, 2)), rng.normal(size=(2, 2))
        losses, (total,) = program(batch, w)
        each = [program(x, w) for x in batch]
        assert bits(losses) == bits([loss for loss, _ in each])
        parts = np.zeros((8, 2, 2))
        for k, (_, (gradient,)) in enumerate(each):
            parts[k % 8] += gradient
        expected = parts[0]
        for part in parts[1:]:
            expected = expected + part
        assert bits(total) == bits(expected)

    @pytest.mark.parametrize("samples", [0, 1, 7, 8, 9, 64, 65, 200])
    def test_batches_of_any_size(self, samples: int) -> None:
        x, w = Value(1.0, "x"), Value(2.0, "w")
        program = record_gradient((x * w).tanh() + w * w, [x], [w])
        batch = np.linspace(-1, 1, samples)
        losses, (total,) = program(batch, 0.5)
        assert losses.shape == (samples,)
        assert losses.tolist() == [program(x, 0.5)[0] for x in batch]
        assert total == pytest.approx(sum(program(x, 0.5)[1][0] for x in batch))

    def test_what_depends_on_parameters_alone_is_summed_too(self) -> None:
        x, w = Value(1.0), Value(2.0)
        outputs, (total,) = record([x, w * 3], [x], [w], summed=[w * w])(np.zeros(5), 4.0)
        assert outputs[1].tolist() == [12.0] * 5
        assert total == 80.0

    def test_an_input_without_a_batch_axis_is_for_all_samples(self) -> None:
        x, y = Value(1.0), Value(2.0)
        assert record(x * y, [x, y])([1.0, 2.0, 3.0], 10.0).tolist() == [10.0, 20.0, 30.0]

    def test_outputs_that_are_inputs_and_constants(self) -> None:
        x, w = Value(1.0), Value(2.0)
        program = record([x, w, Value(7.0), x], [x], [w])
        assert program(3.0, 4.0) == [3.0, 4.0, 7.0, 3.0]
        assert [a.tolist() for a in program([3.0, 5.0], 4.0)] == [[3.0, 5.0], [4.0, 4.0], [7.0, 7.0], [3.0, 5.0]]

    def test_empty_arrays(self) -> None:
        X = values(np.ones((2, 0)), "x")
        W = values(np.ones((0, 3)), "w")
        program = record(X @ W, [X], [W])
        assert program(np.ones((2, 0)), np.ones((0, 3))).tolist() == [[0, 0, 0], [0, 0, 0]]
        assert program(np.ones((4, 2, 0)), np.ones((0, 3))).shape == (4, 2, 3)

    def test_float32(self) -> None:
        x, w = Value(1.0), Value(2.0)
        program = record_gradient((x * w + 0.1).exp() / 3, [x], [w])
        single = [np.float32(0.3), np.float32(0.7)]
        loss, (gradient,) = program(*single)
        assert loss.dtype == gradient.dtype == np.float32
        double, (exact,) = program(*map(float, single))
        assert loss == pytest.approx(double, rel=1e-6)
        batch, (total,) = program(np.full(3, single[0]), single[1])
        assert batch.dtype == total.dtype == np.float32
        assert set(batch.tolist()) == {float(loss)}
        assert total == pytest.approx(3 * exact, rel=1e-6)

    def test_second_derivatives(self) -> None:
        x, v = Value(0.4), Value(1.5)
        first = sg.grad((x.tanh() * x).exp(), x, create_graph=True)
        product = sg.grad(first * v, x, create_graph=True)  # a Hessian-vector product
        assert record(product, [x, v])(0.4, 1.5) == product.data

    @pytest.mark.parametrize("symbol", SYMBOLS)
    def test_every_operation_at_every_kind_of_number(self, symbol: str) -> None:
        special = [0.0, -0.0, 1.0, -1.0, 2.5, -0.3, 1e300, -1e-300, 800.0, -800.0, math.inf, -math.inf, math.nan]
        count = 2 if CODES[symbol] in BINARY else 1
        a, b = Value(0.7), Value(1.9)
        op = TABLE[symbol]
        program = record(op(a, b) if count == 2 else op(a), [a, b][:count])
        pairs = [(x, y) for x in special for y in (special if count == 2 else [0.0])]
        found = program(*[np.array(column) for column in list(zip(*pairs, strict=True))[:count]])
        for (x, y), batched in zip(pairs, found, strict=True):
            right = op(Value(x), Value(y)).data if count == 2 else op(Value(x)).data
            assert bits(batched) == bits(right), (x, y)
            assert bits(program(*[x, y][:count])) == bits(right), (x, y)

    @pytest.mark.parametrize("shared", ["left", "right"])
    @pytest.mark.parametrize("symbol", [symbol for symbol in SYMBOLS if CODES[symbol] in BINARY])
    def test_one_operand_shared(self, symbol: str, shared: str) -> None:
        a, b = Value(0.7), Value(1.9)
        op = TABLE[symbol]
        x, w = (b, a) if shared == "left" else (a, b)
        program = record(op(a, b), [x], [w])
        for other in (0.6, -1.3, 0.0, math.nan):
            found = program([2.0, -0.4, 0.0], other)
            expected = [
                op(Value(other), Value(z)) if shared == "left" else op(Value(z), Value(other)) for z in (2.0, -0.4, 0.0)
            ]
            assert bits(found) == bits([y.data for y in expected])

    def test_data_dependent_operations_take_the_other_way_on_other_data(self) -> None:
        x, y = Value(1.0), Value(-1.0)
        function = x.relu() + abs(y) + x.max(y) * 3 + x.min(y) * 5 + x.step()
        gradients = sg.grad(function, [x, y], create_graph=True)
        program = record(gradients, [x, y])
        for a, b in ((2.0, -3.0), (-2.0, 3.0), (-2.0, -3.0), (0.5, 0.5)):
            u, v = Value(a), Value(b)
            again = u.relu() + abs(v) + u.max(v) * 3 + u.min(v) * 5 + u.step()
            assert [float(z) for z in program(a, b)] == [float(z) for z in sg.grad(again, [u, v])]


STEPS = st.tuples(st.sampled_from(SYMBOLS), st.integers(0, 99), st.integers(0, 99))
"""An operation, and which two earlier nodes it takes."""


def graph_of(steps: list[tuple[str, int, int]], *leaves: float) -> list[Value]:
    """Nodes one after the other, of earlier ones."""
    nodes = [Value(x) for x in leaves]
    for symbol, i, j in steps:
        a, b = nodes[i % len(nodes)], nodes[j % len(nodes)]
        nodes.append(TABLE[symbol](a, b) if CODES[symbol] in BINARY else TABLE[symbol](a))
    return nodes


class TestRandomGraphs:
    @given(st.lists(STEPS, max_size=25), st.floats(-3, 3), st.floats(-3, 3))
    def test_every_number_is_that_of_the_graph(self, steps: list[tuple[str, int, int]], x: float, y: float) -> None:
        try:
            x0, y0, *nodes = graph_of(steps, 0.3, -1.7, 2.0)
            program = record(nodes, [x0, y0])
            expected = [node.data for node in graph_of(steps, x, y, 2.0)[2:]]
        except (ProgramError, ArithmeticError, ValueError):
            return
        assert bits(program(x, y)) == bits(expected)
        assert bits([column[1] for column in program([0.3, x], [-1.7, y])]) == bits(expected)


def flat(results: Any) -> Iterator[Any]:
    """The arrays in nested lists and tuples."""
    for one in results:
        if isinstance(one, (list, tuple)):
            yield from flat(one)
        else:
            yield one


def same_in_both_loops(program: Program, arguments: list[Any]) -> None:
    """A batch, its sums, and the first sample: in C and in NumPy the same bits."""
    batched = len(program.form.inputs)
    results = []
    for loops in (COMPILED, IN_NUMPY):
        with pytest.MonkeyPatch.context() as patch:
            for name, loop in zip(("run_once", "run_rows", "sum_rows"), loops, strict=True):
                patch.setattr(replay, name, loop)
            first = program(*[x[0] for x in arguments[:batched]], *arguments[batched:])
            results.append([bits(x) for x in flat([program(*arguments), first])])
    assert results[0] == results[1]


class TestBothLoops:
    @pytest.mark.skipif(not replay.COMPILED, reason="the project is not compiled here")
    @given(st.lists(STEPS, min_size=1, max_size=12), st.integers(0, 2**32))
    def test_equal_bits(self, steps: list[tuple[str, int, int]], seed: int) -> None:
        nodes = graph_of(steps, 0.3, -1.7, 2.0)
        try:
            program = record([nodes[-1]], nodes[:2], [nodes[2]], summed=[nodes[-1]])
        except ProgramError:
            return
        rng = np.random.default_rng(seed)
        same_in_both_loops(program, [rng.normal(size=11), rng.normal(size=11), 0.4])

    @pytest.mark.skipif(not replay.COMPILED, reason="the project is not compiled here")
    @given(st.lists(st.tuples(st.sampled_from("+**"), *2 * [st.integers(0, 9)]), max_size=40), st.integers(0, 2**32))
    def test_sums_of_products_in_registers(self, steps: list[tuple[str, int, int]], seed: int) -> None:
        late = [(symbol, -1 - i, -1 - j) for symbol, i, j in steps]  # so that there are chains
        nodes = graph_of(late, 0.3, -1.7, 2.0, 0.7)
        program = record([nodes[-1]], nodes[:2], nodes[2:4], summed=[nodes[-1]])
        rng = np.random.default_rng(seed)
        same_in_both_loops(program, [rng.normal(size=11), rng.normal(size=11), 0.4, -1.1])

    @pytest.mark.skipif(not replay.COMPILED, reason="the project is not compiled here")
    @pytest.mark.parametrize("shape", [(2, 3, 2), (1, 63, 1), (1, 64, 2), (2, 65, 1), (1, 150, 1)])
    def test_layers_in_both_loops(self, shape: tuple[int, int, int]) -> None:
        n, d, m = shape
        rng = np.random.default_rng(0)
        X, W = values(rng.normal(size=(n, d)), "x"), values(rng.normal(size=(d, m)), "w")
        L = sg.sum(y**2 for y in (X @ W).flat)
        dX, dW = sg.grad(L, [X, W], create_graph=True)
        same_in_both_loops(record([L, dX], [X], [W], [dW]), [rng.normal(size=(11, n, d)), rng.normal(size=(d, m))])
        same_in_both_loops(record([L, dX, dW], [X, W]), [rng.normal(size=(11, n, d)), rng.normal(size=(11, d, m))])

    @given(st.lists(st.tuples(st.sampled_from([0, 4]), *3 * [st.integers(-2, 4)]), max_size=12), st.integers(-2, 4))
    def test_what_is_read_once(self, steps: list[tuple[int, int, int, int]], end: int) -> None:
        tape = np.array([(code, a, b if code == 0 else a, abs(out)) for code, a, b, out in steps], dtype=np.int32)
        tape = tape.reshape(-1, 4)
        expected = []
        for k, (*_, place) in enumerate(tape.tolist()):
            reads = 0
            for code, a, b, out in tape[k + 1 :].tolist():
                reads += (a == place) + (b == place and code == 0)
                if out == place:
                    break
            else:
                reads += 2 * (end == place)
            expected.append(reads == 1)
        assert replay.read_once(tape, np.array([end])).astype(bool).tolist() == expected

    @pytest.mark.skipif(not replay.COMPILED, reason="the project is not compiled here")
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

    def test_two_threads_do_not_share_a_work_array(self) -> None:
        x = Value(0.5)
        program = record((x * 3).sin() + x, [x])
        batch = np.linspace(0, 1, 5000)
        right, wrong = program(batch), []

        def run() -> None:
            for _ in range(50):
                if not np.array_equal(program(batch), right):
                    wrong.append(1)

        threads = [threading.Thread(target=run) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert not wrong


class TestRecording:
    def test_duplicates_dead_nodes_and_constants_go(self) -> None:
        x, y = Value(2.0, "x"), Value(3.0, "y")
        dead = x.exp()
        output = (x * y + y * x) * 1 + Value(2.0) * Value(5.0)
        program = record(output, [x, y])
        assert len(program) == 3
        assert list(program.listing()) == ["r0 = x * y", "r0 = r0 + r0", "r0 = r0 + 10"] or len(program) == 3
        assert dead.data > 0

    def test_nothing_else_is_simplified(self) -> None:
        x = Value(2.0)
        program = record([x + 0.0, x * 0.0, x - x, x / x], [x])
        assert [math.copysign(1, y) for y in program(-0.0)[:2]] == [1.0, -1.0]
        assert all(math.isnan(y) for y in program(math.nan))

    def test_places_are_used_again(self) -> None:
        x = Value(1.0)
        y = x
        for _ in range(10_000):
            y = (y * x).sin()
        program = record(y, [x])
        assert program.rows < 10
        assert program.once_size < 10_000

    def test_a_chain_of_a_million(self) -> None:
        x = Value(1.0)
        y = x
        with sg.graph.collector_paused():
            for _ in range(200_000):
                y = y + x
        assert record(y, [x])(1.0) == 200_001.0

    def test_sums_from_left_to_right(self) -> None:
        rng = random.Random(0)
        numbers = [rng.gauss(0, 1) * 10 ** rng.randint(-8, 8) for _ in range(50)]
        xs = values(numbers, "x")
        assert record(sg.sum(xs), [xs])(numbers) == sum(numbers)

    def test_numbers_of_other_kinds_become_floats(self) -> None:
        from fractions import Fraction

        x = Value(Fraction(1, 3), "x")
        assert record(x * Fraction(1, 4) + 2, [x])(0.5) == 2.125

    def test_an_operation_of_the_users_own(self) -> None:
        cube = Op("test cube", lambda x: x * x * x, lambda out, x: (3 * x * x,))
        x = Value(2.0)
        program = record([cube(x), sg.grad(cube(x), x, create_graph=True)], [x])
        assert program(5.0) == [125.0, 75.0]

    @pytest.mark.parametrize(
        ("function", "message"),
        [
            (lambda x: math.erf(x), "the operation 'test erf' can't be recorded: on Values its function fails"),
            (lambda x: 3.0, "the operation 'test erf' can't be recorded: on Values its function returns a float"),
        ],
    )
    def test_one_that_does_not_run_on_values(self, function: Any, message: str) -> None:
        x = Value(2.0)
        erf = Op("test erf", function, lambda out, x: (1.0,))
        with pytest.raises(ProgramError, match=message):
            record(erf(x), [x])

    def test_bad_arguments(self) -> None:
        x, y = Value(1.0, "x"), Value(2.0, "y")
        with pytest.raises(ProgramError, match=r"is computed, and inputs and parameters are leaves"):
            record(x * y, [x * y])
        with pytest.raises(ProgramError, match="is listed twice among inputs and parameters"):
            record(x * y, [x], [x])
        with pytest.raises(ProgramError, match=r"inputs\[1\] is a float: give Values, or arrays of them"):
            record(x * y, [x, 2.0])
        with pytest.raises(ProgramError, match=r"outputs\[0\]\[1\] is a str: give Values"):
            record([np.array([x, "1"], dtype=object)], [x])
        with pytest.raises(ProgramError, match="the loss is a list: it must be one Value"):
            record_gradient([x], [x], [y])
        with pytest.raises(ProgramError, match=r"\(1\+2j\) is a complex, and programs run on floats"):
            record(x * Value(1 + 2j), [x])

    def test_powers_with_the_exponent_0(self) -> None:
        x, n = Value(2.0), Value(0.0)
        with pytest.raises(ProgramError, match="a power with the exponent 0 was recorded"):
            record(x**n, [x, n])


class TestCalling:
    def test_what_does_not_fit(self, layer: Any) -> None:
        X, W, L = layer
        program = record(L, [X], [W])
        x = np.zeros((2, 2))
        for arrays, message in (
            ((x,), "1 arrays are given: this program takes 1 inputs and 1 parameters"),
            ((np.zeros(3), x), r"x has the shape \(3,\): give \(2, 2\) for one sample, or \(B, 2, 2\) for B of them"),
            ((x, np.zeros((5, 2, 2))), r"w has the shape \(5, 2, 2\): it was recorded with \(2, 2\)"),
            (("text", x), "x is no array of numbers: give floats"),
            (([[1, 2], [3]], x), "x is no array of numbers"),
        ):
            with pytest.raises(ProgramError, match=message):
                program(*arrays)

    def test_batches_that_differ(self) -> None:
        x, y = Value(1.0, "x"), Value(2.0)
        with pytest.raises(ProgramError, match=r"different numbers of samples, 2 in x, 3 in inputs\[1\]"):
            record(x * y, [x, y])([1.0, 2.0], [1.0, 2.0, 3.0])

    def test_without_inputs(self) -> None:
        assert record(Value(2.0) * 3)() == 6.0


class TestBranches:
    def test_a_python_if_is_named(self) -> None:
        def function(x: Value) -> Value:
            if x * 2 > 1:
                return x.exp()
            return x

        with pytest.warns(BranchWarning, match="a Python branch on a Value's data was recorded") as caught:
            program = record(function, [Value(1.0)])
        assert caught[0].filename == __file__
        assert program(0.0) == 1.0  # e⁰: the way that was taken

    @pytest.mark.parametrize(
        "condition", [bool, lambda x: x == 1, lambda x: x.exp() <= 3, lambda x: not (abs(-x) ** 2)]
    )
    def test_every_condition(self, condition: Any) -> None:
        with pytest.warns(BranchWarning):
            record(lambda x: x if condition(x) else -x, [Value(1.0)])

    def test_comparisons_inside_of_operations_are_none(self) -> None:
        def function(x: Value, w: Value) -> Value:
            y = (
                (x.relu() + abs(w)).max(x).min(3)
                + x.step()
                + (x / w) ** w
                + x.sigmoid().tanh().log().sqrt().sin().cos()
            )
            return y - 1 / w + 2**x

        with warnings.catch_warnings():
            warnings.simplefilter("error")
            program = record(function, [Value(0.7)], [Value(1.3)])
        assert bits(program(0.7, 1.3)) == bits(function(Value(0.7), Value(1.3)).data)

    def test_gradients_of_functions(self) -> None:
        x, w = values([0.1, 0.2], "x"), values([1.0, 2.0], "w")
        program = record_gradient(lambda x, w: np.tanh(x * w).sum(), [x], [w])
        losses, (gradient,) = program([[0.1, 0.2], [0.3, 0.4]], [1.0, 2.0])
        assert losses.shape == (2,)
        assert gradient.shape == (2,)


class TestReading:
    def test_a_listing(self) -> None:
        x, w = values([1.0, 2.0], "x"), Value(3.0, "w")
        program = record_gradient((x[0] * w - x[1]).tanh(), [x], [w])
        text = str(program)
        assert text.startswith("Program(1 inputs, 1 parameters, ")
        assert "= x[0] * w" in text
        assert "tanh(" in text
        assert "\n  return " in text
        assert "\n  sum over the batch " in text

    def test_a_long_listing_is_cut(self) -> None:
        x = Value(1.0)
        y = x
        for _ in range(100):
            y = (y + x).sin()
        assert str(record(y, [x])).endswith("… and 160 more operations")

    def test_the_graph_again(self, layer: Any) -> None:
        X, W, L = layer
        program = record_gradient(L, [X], [W])
        loss, *gradient = program.graph(sg.data(X), sg.data(W))
        assert loss.data == L.data
        assert bits([g.data for g in gradient]) == bits(sg.grad(L, W).ravel())
        with pytest.raises(ProgramError, match="a graph is made for one sample, and a batch is given"):
            program.graph(np.zeros((3, 2, 2)), sg.data(W))

    def test_a_drawing(self) -> None:
        x = Value(2.0, "x")
        drawing = record(x * x, [x]).draw(3.0)
        assert "9" in drawing.source


def column(k: int, number: int) -> Any:
    """A tape with the same number in all of one column."""
    return lambda tape: np.where(np.arange(4) == k, number, tape).astype(np.int32)


class TestFiles:
    def test_there_and_back(self, layer: Any, tmp_path: Path) -> None:
        X, W, L = layer
        program = record_gradient(L, [X], [W])
        program.save(tmp_path / "p.npz")
        again = Program.load(tmp_path / "p.npz")
        assert again.form == program.form
        x = np.random.default_rng(0).normal(size=(9, 2, 2))
        assert bits(again(x, sg.data(W))[0]) == bits(program(x, sg.data(W))[0])
        assert list(again.listing()) == list(program.listing())

    def test_no_file(self, tmp_path: Path) -> None:
        with pytest.raises(ProgramError, match="cannot be read: No such file or directory"):
            Program.load(tmp_path / "none.npz")
        (tmp_path / "text.npz").write_text("hello")
        with pytest.raises(ProgramError, match="this is no program"):
            Program.load(tmp_path / "text.npz")

    @pytest.fixture
    def saved(self, layer: Any, tmp_path: Path) -> Path:
        X, W, L = layer
        record_gradient(L, [X], [W]).save(tmp_path / "p.npz")
        return tmp_path / "p.npz"

    def changed(self, path: Path, name: str, change: Any) -> None:
        """The file with one of its arrays, or the header, changed."""
        with np.load(path) as file:
            parts = dict(file)
        if name == "header":
            header = json.loads(bytes(parts["header"]))
            change(header)
            parts["header"] = np.frombuffer(json.dumps(header).encode(), dtype=np.uint8)
        else:
            parts[name] = change(parts[name])
        np.savez(path, **parts)

    def test_factors_of_what_is_shared_are_refused(self, tmp_path: Path) -> None:
        a, w = Value(1.0, "a"), Value(2.0, "w")
        path = tmp_path / "p.npz"
        record([], [a], [w], summed=[w * w]).save(path)
        self.changed(path, "factors", np.zeros_like)
        with pytest.raises(ProgramError, match="its factors belong to no rows"):
            Program.load(path)

    @pytest.mark.parametrize(
        ("name", "change", "message"),
        [
            ("once_tape", lambda t: t + 1000, "unknown operation"),
            (
                "once_tape",
                lambda t: np.where(np.arange(4) == 1, 10**6, t).astype(np.int32),
                "points out of the work array",
            ),
            (
                "once_tape",
                lambda t: np.where(np.arange(4) == 3, -1, t).astype(np.int32),
                "points out of the work array",
            ),
            ("once_tape", lambda t: t.astype(np.int64), "is no array of n×4 integers"),
            ("once_tape", lambda t: t[:, :3], "is no array of n×4 integers"),
            ("sample_tape", column(2, -(10**6)), "points out of the work array"),
            ("sample_tape", lambda t: np.where(np.arange(4) % 3 > 0, -1, t).astype(np.int32), "shared numbers alone"),
            ("shared_tape", lambda t: np.array([[0, 0, 0, -1]], dtype=np.int32), "points out of the work array"),
            ("batch_ends", lambda e: e + 10**6, "its outputs do not fit"),
            ("factors", lambda f: f + 10**6, "its factors do not fit"),
            ("factors", lambda f: f[:-1], "its factors do not fit"),
            ("once_ends", lambda e: e[:-1], "its outputs do not fit"),
            ("constants", lambda c: c.astype(np.float32), "its constants are no vector of float64"),
            ("constants", lambda c: np.zeros(10**4), "too small for what is put into it"),
            ("header", lambda h: h.update(version=99), "this release reads programs of version 2"),
            ("header", lambda h: h.update(symbols=["+"]), "this release reads programs of version 2"),
            ("header", lambda h: h.update(once_size=-1), "-1 in its header is no size"),
            ("header", lambda h: h.update(rows=2**40), "is no size"),
            ("header", lambda h: h.update(rows="many"), "'many' in its header is no size"),
            ("header", lambda h: h.update(rows=1), "its work array is too small for its inputs"),
            ("header", lambda h: h.pop("form"), "its header is damaged"),
            ("header", lambda h: h.update(form=[1]), "its header is damaged"),
            ("header", lambda h: h["form"].update(inputs=[[2, -2]]), "-2 in its header is no size"),
            ("header", lambda h: h["form"].update(names=[]), "its shapes contradict each other"),
            ("header", lambda h: h["form"].update(outputs=[]), "its shapes contradict each other"),
        ],
    )
    def test_a_damaged_file_is_refused(self, saved: Path, name: str, change: Any, message: str) -> None:
        self.changed(saved, name, change)
        with pytest.raises(ProgramError, match=message):
            Program.load(saved)

    def test_pickles_are_refused(self, saved: Path) -> None:
        self.changed(saved, "constants", lambda c: np.array([object()], dtype=object))
        with pytest.raises(ProgramError, match="this is no program"):
            Program.load(saved)

    def test_any_damage_gives_an_error_or_a_program_that_runs(self, saved: Path) -> None:
        good = saved.read_bytes()
        rng = random.Random(0)
        with np.load(saved) as file:
            plain = io.BytesIO()
            np.savez(plain, **dict(file))
        for content in (good, plain.getvalue()):
            for _ in range(150):
                damaged = bytearray(content)
                for _ in range(rng.randint(1, 4)):
                    damaged[rng.randrange(len(damaged))] = rng.randrange(256)
                saved.write_bytes(bytes(damaged))
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    try:
                        program = Program.load(saved)
                        program(np.ones((3, 2, 2)), np.ones((2, 2)))
                    except ProgramError:
                        pass
