"""Programs: what a call gives, one sample or a batch, compared with the graph bit for bit; what they show."""

from __future__ import annotations

import itertools
import math
import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given, strategies as st

import scalargrad as sg
from scalargrad import Value, record, record_gradient, values
from scalargrad.engine.ops import Op
from scalargrad.errors import ProgramError
from scalargrad.programs.loops import INSTRUCTION_SET

from .graphs import BINARY, STEPS, bits, graph_of


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
        outputs = [row(*pair[: row.arity]) for row in INSTRUCTION_SET for pair in ((x, x), (x, y), (y, x))]
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

    @pytest.mark.parametrize("row", INSTRUCTION_SET)
    def test_every_operation_at_every_kind_of_number(self, row: Op) -> None:
        special = [0.0, -0.0, 1.0, -1.0, 2.5, -0.3, 1e300, -1e-300, 800.0, -800.0, math.inf, -math.inf, math.nan]
        leaves = [Value(0.7), Value(1.9)][: row.arity]
        program = record(row(*leaves), leaves)
        points = list(itertools.product(special, repeat=len(leaves)))
        found = program(*[np.array(column) for column in zip(*points, strict=True)])
        for point, batched in zip(points, found, strict=True):
            right = row(*map(Value, point)).data
            assert bits(batched) == bits(right), point
            assert bits(program(*point)) == bits(right), point

    @pytest.mark.parametrize("shared", ["left", "right"])
    @pytest.mark.parametrize("row", BINARY)
    def test_one_operand_shared(self, row: Op, shared: str) -> None:
        a, b = Value(0.7), Value(1.9)
        x, w = (b, a) if shared == "left" else (a, b)
        program = record(row(a, b), [x], [w])
        for other in (0.6, -1.3, 0.0, math.nan):
            found = program([2.0, -0.4, 0.0], other)
            pairs = [(other, z) if shared == "left" else (z, other) for z in (2.0, -0.4, 0.0)]
            assert bits(found) == bits([row(*map(Value, pair)).data for pair in pairs])

    def test_data_dependent_operations_take_the_other_way_on_other_data(self) -> None:
        x, y = Value(1.0), Value(-1.0)
        function = x.relu() + abs(y) + x.max(y) * 3 + x.min(y) * 5 + x.step()
        gradients = sg.grad(function, [x, y], create_graph=True)
        program = record(gradients, [x, y])
        for a, b in ((2.0, -3.0), (-2.0, 3.0), (-2.0, -3.0), (0.5, 0.5)):
            u, v = Value(a), Value(b)
            again = u.relu() + abs(v) + u.max(v) * 3 + u.min(v) * 5 + u.step()
            assert [float(z) for z in program(a, b)] == [float(z) for z in sg.grad(again, [u, v])]


class TestRandomGraphs:
    @given(st.lists(STEPS, max_size=25), st.floats(-3, 3), st.floats(-3, 3))
    def test_every_number_is_that_of_the_graph(self, steps: list[tuple[Op, int, int]], x: float, y: float) -> None:
        try:
            x0, y0, *nodes = graph_of(steps, 0.3, -1.7, 2.0)
            program = record(nodes, [x0, y0])
            expected = [node.data for node in graph_of(steps, x, y, 2.0)[2:]]
        except (ProgramError, ArithmeticError, ValueError):
            return
        assert bits(program(x, y)) == bits(expected)
        assert bits([column[1] for column in program([0.3, x], [-1.7, y])]) == bits(expected)


class TestThreads:
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


class TestReading:
    def test_a_listing(self) -> None:
        x, w = values([1.0, 2.0], "x"), Value(3.0, "w")
        program = record_gradient((x[0] * w - x[1]).tanh(), [x], [w])
        text = str(program)
        assert text.startswith("Program(1 inputs, 1 parameters, ")
        assert "= x[0] · w" in text
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
