"""Value: its numbers, its operators, the reverse sweep, higher derivatives, copies and pickles."""

from __future__ import annotations

import ast
import copy
import gc
import io
import math
import pickle
import random
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy

import scalargrad as sg
from scalargrad import Value, backward, grad
from scalargrad.engine.sweep import reverse_sweep
from tests.numbers import Modulo7
from tests.strategies import Polynomial

KINDS: list[Any] = [
    *(3, 1.5, 1.5 + 2j, Fraction(3, 2), Decimal("1.5"), mpmath.mpf("1.5")),
    *(sympy.Symbol("t"), np.float32(1.5), np.float64(1.5), np.int64(3)),
]


class TestNumbers:
    @pytest.mark.parametrize("number", KINDS, ids=lambda x: type(x).__name__)
    def test_arithmetic_and_gradients_keep_the_kind(self, number: Any) -> None:
        """z = x·y + x − y, and neither z nor a gradient is of another kind than x's."""
        x, y = Value(number, "x"), Value(number + number, "y")
        z = x * y + x - y
        z.backward()
        expected = (number * (number + number) + number - (number + number), number + number + 1, number - 1)
        for result, right in zip((z.data, x.grad, y.grad), expected, strict=True):
            assert result == right
            assert isinstance(result, sympy.Expr) if isinstance(number, sympy.Expr) else type(result) is type(number)

    @pytest.mark.parametrize("number", KINDS, ids=lambda x: type(x).__name__)
    def test_a_sum_s_gradient_is_the_one_of_the_kind(self, number: Any) -> None:
        x = Value(number)
        (x + x + x).backward()
        assert x.grad == 3
        assert isinstance(x.grad, sympy.Expr) if isinstance(number, sympy.Expr) else type(x.grad) is type(number)

    def test_a_number_class_that_mixes_with_nothing(self) -> None:
        x, y = Value(Modulo7(3), "x"), Value(Modulo7(5), "y")
        z = x * y + sg.sum([x, y, x])
        backward(z, Modulo7(1))
        assert (z.data, x.grad, y.grad) == (Modulo7(15 + 11), Modulo7(5 + 2), Modulo7(3 + 1))

    @pytest.mark.parametrize("three", [3, np.int64(3), Value(3)], ids=["int", "numpy", "Value"])
    def test_a_fraction_over_an_integer_has_a_fraction_for_its_gradient(self, three: Any) -> None:
        """∂(x/3)/∂x is 1/3, and Python's 1/3 would be a float."""
        x = Value(Fraction(2, 7))
        y = (x / three) / three + three / x
        for create_graph in (False, True):
            found = grad(y, x, create_graph=create_graph)
            gradient = found.data if create_graph else found
            assert gradient == Fraction(1, 9) - 3 / Fraction(2, 7) ** 2
            assert type(gradient) is Fraction

    def test_infinities_and_nan_pass_through(self) -> None:
        x = Value(math.inf)
        y = x - x
        assert math.isnan(y.data)
        assert (x * 2.0).data == math.inf
        assert (Value(1.0) / 0.0).data == math.inf

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (
                Value(1),
                r"a Value cannot hold another Value: for higher derivatives call grad\(..., create_graph=True\)",
            ),
            (None, "a Value needs a number, and got None"),
            ("1", "a Value needs a number, and got the text '1'"),
            (b"1", "a Value needs a number, and got the text b'1'"),
            ([1], r"a Value holds one number, and got a list: values\(...\) makes an array of Values"),
            (np.ones(2), "a Value holds one number, and got a ndarray"),
            (np.array(1.0), "a Value holds one number, and got a ndarray"),
            (object(), r"a Value needs a number, and a object has no \+ and \*"),
        ],
    )
    def test_what_is_no_number_is_refused(self, data: Any, message: str) -> None:
        with pytest.raises(TypeError, match=message):
            Value(data)

    def test_a_value_is_not_taken_for_its_number(self) -> None:
        """float() or math.exp() would leave the graph without a trace; and __float__ would let SymPy do so."""
        for leave in (float, int, complex, math.exp):
            with pytest.raises(TypeError, match="Value"):
                leave(Value(1.0))


class TestOperators:
    def test_each_with_a_number_on_either_side(self) -> None:
        x = Value(Fraction(5, 2))
        results = [x + 2, 2 + x, x - 2, 2 - x, x * 2, 2 * x, x / 2, 2 / x, x**2, -x, +x, abs(-x)]
        right = ["9/2", "9/2", "1/2", "-1/2", "5", "5", "5/4", "4/5", "25/4", "-5/2", "5/2", "5/2"]
        assert [y.data for y in results] == [Fraction(text) for text in right]
        assert all(type(y.data) is Fraction for y in results)
        gradients = [grad(y, x) for y in results]
        assert gradients == [Fraction(g) for g in ("1", "1", "1", "-1", "2", "2", "1/2", "-8/25", "5", "-1", "1", "1")]

    def test_a_number_to_the_power_of_a_value(self) -> None:
        x = Value(3.0)
        y = 2.0**x
        y.backward()
        assert (y.data, x.grad) == (8.0, 8.0 * math.log(2.0))

    def test_functions(self) -> None:
        x = Value(0.5)
        for name in ("exp", "log", "sqrt", "sin", "cos", "tanh"):
            assert getattr(x, name)().data == getattr(math, name)(0.5)
        assert x.sigmoid().data == 1 / (1 + math.exp(-0.5))
        assert [f.data for f in (x.relu(), x.abs(), x.step(), x.max(1.0), x.min(1.0))] == [0.5, 0.5, 1.0, 1.0, 0.5]
        assert x.xlogy(2.0).data == 0.5 * math.log(2.0)

    @pytest.mark.parametrize("x", [-1000.0, -30.0, 0.0, 30.0, 1000.0])
    def test_tanh_and_sigmoid_are_stable(self, x: float) -> None:
        v = Value(x)
        t, s = v.tanh(), v.sigmoid()
        assert t.data == math.tanh(x)
        assert float(s.data) == pytest.approx(float(1 / (1 + mpmath.exp(-x))), rel=1e-15)
        assert grad(s, v) == s.data * (1 - s.data)
        assert math.isfinite(grad(t, v))

    def test_subgradients_where_a_function_bends(self) -> None:
        x = Value(0)
        assert (grad(x.relu(), x), grad(x.abs(), x), grad(x.step(), x)) == (0, 0, 0)
        a, b = Value(2), Value(2)
        for y in (a.max(b), a.min(b)):
            assert grad(y, [a, b]) == [1, 0]

    def test_zero_times_a_value_and_a_value_times_itself(self) -> None:
        """x·x keeps both edges, in order; 0·x has the gradient 0."""
        x = Value(3)
        assert grad(0 * x, x) == 0
        y = x * x
        assert y.inputs == (x, x)
        assert y.partials == (3, 3)

    def test_others_that_know_better_are_asked(self) -> None:
        x = Value(2.0)
        assert isinstance(x * np.array([1.0, 2.0]), np.ndarray)
        assert isinstance(np.array([1.0, 2.0]) ** x, np.ndarray)
        assert isinstance(x ** np.array([1.0, 2.0]), np.ndarray)
        for wrong in ("a", None, [1]):
            with pytest.raises(TypeError, match="unsupported operand"):
                x + wrong
            with pytest.raises(TypeError, match="unsupported operand"):
                wrong - x
            with pytest.raises(TypeError, match="unsupported operand"):
                x**wrong

    def test_numpy_and_sympy_numbers_on_the_left(self) -> None:
        x = Value(2.0)
        assert isinstance(np.float64(3.0) * x, Value)
        assert (sympy.Integer(3) * Value(sympy.Symbol("t"))).data == 3 * sympy.Symbol("t")
        assert (Fraction(1, 2) + Value(Fraction(1, 2))).data == 1

    def test_comparisons_are_those_of_the_data_and_hashing_is_identity(self) -> None:
        x, y = Value(2.0), Value(2.0)
        assert x == y == 2.0
        assert x != 3
        assert x < 3 <= Value(3) > y >= 2
        assert x is not None
        assert (x == None) is False  # noqa: E711
        assert len({x, y}) == 2
        assert {x: 1}[x] == 1
        assert bool(x) is True
        assert bool(Value(0)) is False

    def test_repr(self) -> None:
        assert repr(Value(2.0)) == "Value(data=2.0, grad=0)"
        assert repr(Value(2.0, "a")) == "Value(data=2.0, grad=0, label='a')"


class TestSum:
    def test_it_is_one_node_and_has_the_bits_of_pythons_chain(self) -> None:
        rng = random.Random(0)
        terms = [Value(rng.gauss(0, 1) * 10 ** rng.randint(-8, 8)) for _ in range(1000)]
        wide, deep = sg.sum(terms), terms[0]
        for term in terms[1:]:
            deep = deep + term
        assert wide.data.hex() == deep.data.hex()
        assert (sg.graph.depth(wide), sg.graph.depth(deep)) == (1, 999)
        assert grad(wide, terms) == grad(deep, terms) == [1.0] * 1000

    def test_edge_cases(self) -> None:
        x = Value(5)
        assert sg.sum([]).data == 0
        assert sg.sum([x, x, 1]).data == 11
        assert grad(sg.sum([x, x, 1]), x) == 2
        assert sg.sum(sg.values([[1, 2], [3, 4]])).data == 10
        assert sum([x, x]).data == 10


class TestBackward:
    def test_fan_out(self) -> None:
        r"""x → a, x → b, L = a·b: the terms of both paths add up."""
        x = Value(3, "x")
        L = (x * 2) * (x + 4)
        L.backward()
        assert x.grad == 2 * 7 + 6

    def test_diamond(self) -> None:
        r"""
        The shared node s is reached after both that use it, and hands its whole adjoint down once:

            x → s → a
                s → b → L = a + b
        """
        x = Value(2, "x")
        s = x * x
        L = s * 3 + s * s
        L.backward()
        assert (s.grad, x.grad) == (3 + 2 * 4, 11 * 4)

    def test_leaves_accumulate_and_other_nodes_show_the_latest_sweep(self) -> None:
        x = Value(3)
        y = x * x
        L = y * 2
        L.backward()
        L.backward()
        assert (x.grad, y.grad, L.grad) == (24, 2, 1)
        x.grad = 0
        L.backward()
        assert x.grad == 12

    def test_two_losses_that_share_a_subgraph(self) -> None:
        x = Value(3)
        s = x * x
        first, second = s * 5, s + x
        first.backward()
        second.backward()
        assert (x.grad, s.grad) == (5 * 6 + 7, 1)

    def test_what_is_assigned_to_a_leaf_later_changes_nothing(self) -> None:
        x, w = Value(3.0), Value(4.0)
        L = (x * w) ** 2
        x.data = w.data = 1000.0
        L.backward()
        assert (x.grad, w.grad) == (2 * 12 * 4.0, 2 * 12 * 3.0)

    def test_several_outputs_and_seeds_are_a_vector_jacobian_product(self) -> None:
        x, y = Value(2), Value(5)
        outputs = [[x * y], [x + y, x]]
        backward(outputs, [[10], [100, 1000]])
        assert (x.grad, y.grad) == (10 * 5 + 100 + 1000, 10 * 2 + 100)

    def test_an_output_given_twice_counts_twice(self) -> None:
        x = Value(2)
        y = x * 3
        backward([y, y], [1, 10])
        assert (x.grad, y.grad) == (33, 11)

    def test_without_seeds_each_is_one(self) -> None:
        x = Value(Fraction(2))
        backward([x * 3, x * 4])
        assert x.grad == 7

    @pytest.mark.parametrize(
        ("call", "error", "message"),
        [
            (lambda x: backward([x, x], [1]), ValueError, "2 outputs and 1 seeds: give one seed for each output"),
            (lambda x: backward([x, 3]), TypeError, "outputs must be Values, and entry 1 is of type int"),
            (lambda x: backward("x"), TypeError, "outputs must be Values, and entry 0 is of type str"),
            (lambda x: backward(x, "one"), TypeError, "got the text 'one'"),
            (lambda x: backward(x, x), TypeError, r"the seed .* is a Value: give its .data, or say create_graph=True"),
            (lambda x: grad(x, [1.0]), TypeError, "inputs must be Values, and entry 0 is of type float"),
        ],
    )
    def test_bad_arguments_are_refused(self, call: Any, error: Any, message: str) -> None:
        x = Value(1)
        with pytest.raises(error, match=message):
            call(x)
        assert x.grad == 0


class TestOrderOfSummation:
    """For L = Σ g_αβ y_αβ in row-major order a gradient is the textbook's sum from left to right, bit for bit."""

    @pytest.mark.parametrize("adding", [sg.sum, sum], ids=["one node", "a chain"])
    def test_the_affine_layer_has_the_textbooks_bits(self, adding: Any) -> None:
        rng = random.Random(7)
        N, D, M = 5, 4, 6
        x, w, g = (
            [[rng.gauss(0, 1) * 10.0 ** rng.randint(-6, 6) for _ in range(m)] for _ in range(n)]
            for n, m in ((N, D), (D, M), (N, M))
        )
        X, W = [[Value(v) for v in row] for row in x], [[Value(v) for v in row] for row in w]
        Y = [[adding(X[a][k] * W[k][b] for k in range(D)) for b in range(M)] for a in range(N)]
        adding(g[a][b] * Y[a][b] for a in range(N) for b in range(M)).backward()

        def left_to_right(terms: list[float]) -> str:
            total = terms[0]
            for term in terms[1:]:
                total += term
            return total.hex()

        for i in range(N):
            for j in range(D):
                assert X[i][j].grad.hex() == left_to_right([g[i][b] * w[j][b] for b in range(M)])
        for i in range(D):
            for j in range(M):
                assert W[i][j].grad.hex() == left_to_right([x[a][i] * g[a][j] for a in range(N)])

    def test_it_does_not_depend_on_the_seed_of_hashes(self) -> None:
        code = (
            "import random, scalargrad as sg\n"
            "r = random.Random(1); vs = [sg.Value(r.gauss(0, 1)) for _ in range(30)]; nodes = list(vs)\n"
            "for _ in range(300): nodes.append(r.choice(nodes) * r.choice(nodes).tanh() + r.choice(nodes))\n"
            "sg.sum(nodes).backward(); print([float.hex(float(v.grad)) for v in vs])"
        )

        def run(seed: str) -> str:
            process = subprocess.run(
                [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
            )
            return process.stdout

        assert len({run(seed) for seed in ("0", "1", "2")}) == 1


class TestGrad:
    def test_it_touches_no_grad(self) -> None:
        x = Value(3.0)
        y = x * x
        assert grad(y, x) == 6.0
        assert (x.grad, y.grad) == (0, 0)

    def test_the_form_of_the_inputs_is_kept(self) -> None:
        x, y = Value(2), Value(5)
        L = x * y
        assert grad(L, x) == 5
        assert grad(L, [x, [y]]) == [5, [2]]
        X = np.array([[x, y]], dtype=object, order="F")
        assert grad(L, X).tolist() == [[5, 2]]
        assert grad(L, X.T).tolist() == [[5], [2]]
        assert grad(L, []) == []

    def test_inputs_may_be_inner_nodes(self) -> None:
        x = Value(2.0)
        s = x * 3.0
        assert grad(s * s, s) == 12.0

    def test_an_input_that_nothing_depends_on_has_the_zero_of_its_kind(self) -> None:
        other = Value(Fraction(1, 2))
        zero = grad(Value(1.0) * 2, other)
        assert zero == 0
        assert type(zero) is Fraction
        assert grad(Value(1.0) * 2, other, create_graph=True).data == 0

    def test_second_and_third_derivatives(self) -> None:
        x = Value(Fraction(2, 3))
        y = x**5 / (1 + x)
        first = grad(y, x, create_graph=True)
        second = grad(first, x, create_graph=True)
        t = sympy.Symbol("t")
        formula = t**5 / (1 + t)
        for found, order in ((first.data, 1), (second.data, 2), (grad(second, x), 3)):
            assert found == Fraction(str(sympy.diff(formula, t, order).subs(t, sympy.Rational(2, 3))))
            assert type(found) is Fraction

    def test_a_hessian_vector_product_by_seeds_that_are_values(self) -> None:
        x, y = Value(2), Value(3)
        gx, gy = grad(x * x * y, [x, y], create_graph=True)
        assert grad([gx, gy], [x, y], seeds=[10, 1]) == [10 * 6 + 4, 10 * 4]
        seed = Value(10)
        again = grad(x * x, x, seeds=seed, create_graph=True)
        assert grad(again, seed) == 4

    def test_numbers_assigned_since_are_noticed_by_create_graph(self) -> None:
        x = Value(3.0)
        y = x * x
        x.data = 5.0
        with pytest.raises(
            ValueError, match=r"a partial of '\*' was 3.0 and would now be 5.0; run the forward pass again"
        ):
            grad(y, x, create_graph=True)
        assert grad(y, x) == 6.0

    def test_nan_is_no_change(self) -> None:
        x, y = Value(math.nan), Value(1.0)
        assert math.isnan(grad(x * y, y, create_graph=True).data)


class TestLifetime:
    def test_a_million_operations(self) -> None:
        """Built, differentiated, copied, pickled and freed under the default limit of recursion."""
        x = y = Value(1.0, "x")
        for _ in range(1_000_000):
            y = -y
        y.backward()
        assert x.grad == 1.0
        again = copy.deepcopy(y)
        assert (again.data, again is y) == (1.0, False)
        del again
        a, b = pickle.loads(pickle.dumps((x, y)))
        b.backward()
        assert a.grad == 2.0
        del a, b, y

    def test_a_graph_has_no_cycles_and_is_freed_at_once(self) -> None:
        gc.collect()
        gc.disable()
        try:
            x = Value(2.0)
            L = (x * x).tanh() ** 2 + x
            L.backward()
            grad(L, x, create_graph=True)
            node = weakref.ref(L.inputs[0])
            assert node() is not None
            del L
            assert node() is None
            assert gc.collect() == 0
        finally:
            gc.enable()

    def test_copies_share_inputs_and_deep_copies_do_not(self) -> None:
        x = Value(2.0, "x")
        y = x * x
        y.label = "y"
        shallow, (deep_x, deep) = copy.copy(y), copy.deepcopy((x, y))
        assert shallow.inputs == (x, x)
        assert shallow.inputs[0] is x
        assert deep.inputs[0] is deep.inputs[1] is deep_x
        assert deep_x is not x
        assert (deep.data, deep.label, deep.op, deep.partials) == (4.0, "y", y.op, (2.0, 2.0))

    def test_a_deep_copy_copies_numbers_that_can_be_changed(self) -> None:
        class Cell:
            def __init__(self, n: int) -> None:
                self.n = n

            def __add__(self, other: Cell) -> Cell:
                return Cell(self.n + other.n)

            __mul__ = __add__

        x = Value(Cell(1))
        again = copy.deepcopy(x)
        x.data.n = 5
        assert again.data.n == 1

    def test_pickles_keep_what_is_shared(self) -> None:
        x = Value(2.0, "x")
        y = x * x
        L = y + x
        for dumps in (pickle.dumps, pickle._dumps):  # type: ignore[attr-defined]
            for order in ((x, y, L), (L, y, x), (y, L, x)):
                found = pickle.loads(dumps(order))
                named = {order[k].data: found[k] for k in range(3)}
                a, b, c = named[2.0], named[4.0], named[6.0]
                assert c.inputs[0] is b
                assert c.inputs[1] is b.inputs[0] is a
                c.backward()
                assert a.grad == 5.0

    def test_a_pickle_that_fails_does_not_spoil_the_next(self) -> None:
        class Local(float):
            pass

        bad = Value(Local(1.0)) * 2.0
        with pytest.raises((AttributeError, pickle.PicklingError), match="Local"):
            pickle.dumps(bad)
        y = Value(1.0)
        for _ in range(10_000):
            y = -y
        assert pickle.loads(pickle.dumps(y)).data == 1.0

    def test_threads_pickle_at_the_same_time(self) -> None:
        y = Value(1.0)
        for _ in range(20_000):
            y = -y
        found: list[float] = []
        threads = [threading.Thread(target=lambda: found.append(pickle.loads(pickle.dumps(y)).data)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [1.0] * 4


class TestImports:
    ENGINE = ("elementary", "ops", "graph", "value")

    @pytest.mark.parametrize("name", ENGINE)
    def test_the_engine_imports_the_standard_library_only(self, name: str) -> None:
        """As written at the top of the file; a function may ask for an optional library when it is called."""
        source = (Path(sg.__file__).parent / f"{name}.py").read_text(encoding="utf-8")
        for node in ast.parse(source).body:
            if isinstance(node, ast.Import):
                assert all(alias.name.partition(".")[0] in sys.stdlib_module_names for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                assert node.level or (node.module or "").partition(".")[0] in sys.stdlib_module_names
                assert not node.level or (node.module in self.ENGINE) or node.module is None

    def test_importing_scalargrad_loads_none_of_the_heavy_ones(self) -> None:
        code = "import sys, scalargrad; print(*sys.modules)"
        loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
        assert not {"sympy", "mpmath", "graphviz", "distributed", "dask", "rich", "jinja2"} & set(loaded)


def test_the_sweep_is_checked_by_a_wrong_one() -> None:
    """A sweep that took the nodes in another order would lose terms: the diamond notices."""
    x = Value(2)
    s = x * x
    L = s * 3 + s * s
    order = sg.graph.topological_order(L)
    order.insert(0, order.pop(order.index(next(n for n in order if n is s))))
    with pytest.raises(TypeError, match="NoneType"):  # a node that is reached before its adjoint is there
        reverse_sweep(list(reversed(order)), {L: 1})


class Unpicklable(float):
    """A number that refuses to be pickled."""

    def __reduce__(self) -> Any:
        raise pickle.PicklingError("this number is not for pickling")


def chain(length: int, start: float = 1.0) -> Value:
    """start → neg → neg → …"""
    y = Value(start)
    for _ in range(length):
        y = -y
    return y


def in_a_thread_of_its_own(call: Callable[[], float]) -> float:
    """Its result or its error. A pickle's mark is local to a thread: what a failure leaves spoils no other test."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result()


class TestEveryKind:
    @pytest.mark.parametrize("number", KINDS, ids=lambda x: type(x).__name__)
    def test_both_reflected_forms(self, number: Any) -> None:
        """2 - x and 2 / x: what Python's arithmetic gives for the numbers, and a gradient of the same kind."""
        x = Value(number, "x")
        for y, right in ((2 - x, 2 - number), (2 / x, 2 / number)):
            assert isinstance(y, Value)
            assert y.data == right
            gradient = grad(y, x)
            if isinstance(number, sympy.Expr):
                assert isinstance(gradient, sympy.Expr)
            else:
                assert type(y.data) is type(gradient) is type(right)

    @pytest.mark.parametrize("number", KINDS, ids=lambda x: type(x).__name__)
    def test_second_derivatives(self, number: Any) -> None:
        """∂²(x³)/∂x² = 6x, of x's kind."""
        x = Value(number)
        second = grad(grad(x**3, x, create_graph=True), x)
        assert second == 6 * number
        assert isinstance(second, sympy.Expr) if isinstance(number, sympy.Expr) else type(second) is type(number)

    def test_polynomials(self) -> None:
        """A ring without order, division or functions: ∂(x²y − 3x + 1)/∂x = 2xy − 3."""
        p, q = Polynomial((1, 2)), Polynomial((0, -1, 4))
        x, y = Value(p), Value(q)
        z = x**2 * y - 3 * x + 1
        z.backward()
        assert (z.data, x.grad, y.grad) == (p * p * q - 3 * p + 1, 2 * p * q - 3, p * p)
        assert {type(n) for n in (z.data, x.grad, y.grad)} == {Polynomial}

    def test_the_second_derivative_over_a_class_that_mixes_with_nothing(self) -> None:
        x = Value(Modulo7(3))
        first = grad(x * x, x, seeds=Modulo7(1), create_graph=True)
        assert first.data == Modulo7(6)
        assert grad(first, x, seeds=Modulo7(1)) == Modulo7(2)

    @pytest.mark.xfail(strict=True, raises=TypeError, reason="unit() falls back to the int 1, which the class rejects")
    def test_backward_without_seeds_over_a_class_that_mixes_with_nothing(self) -> None:
        x, y = Value(Modulo7(3)), Value(Modulo7(5))
        (x * y + x).backward()
        assert (x.grad, y.grad) == (Modulo7(6), Modulo7(3))

    @pytest.mark.xfail(strict=True, reason="not_a_number() asks the attributes of a class, which has + and * too")
    @pytest.mark.parametrize("data", [int, sympy.eye(2)], ids=["a class", "a SymPy matrix"])
    def test_what_adds_and_multiplies_and_is_still_no_number(self, data: Any) -> None:
        with pytest.raises(TypeError, match="a Value"):
            Value(data)


class TestShapes:
    def test_ladder(self) -> None:
        r"""
        x ⇉ + ⇉ + ⇉ …: 2⁶⁰ paths, walked once for each of the 60 nodes.
        """
        x = y = Value(1)
        for _ in range(60):
            y = y + y
        y.backward()
        assert x.grad == 2**60

    def test_an_output_below_another(self) -> None:
        """x → y → z with seeds on all three: a seed is one more term of the node's adjoint."""
        x = Value(2)
        y = x * x
        z = y * y
        backward([y, z, x], [1, 10, 100])
        assert (z.grad, y.grad) == (10, 1 + 10 * 2 * 4)
        assert x.grad == 100 + 81 * 4

    def test_a_leaf_is_its_own_output_and_accumulates(self) -> None:
        x = Value(Fraction(5))
        x.backward()
        x.backward()
        assert x.grad == 2
        assert type(x.grad) is Fraction

    def test_no_outputs(self) -> None:
        x = Value(Fraction(5))
        backward([])
        zero = grad([], x)
        assert (zero, type(zero), x.grad) == (0, Fraction, 0)


class TestSignedZeros:
    @pytest.mark.parametrize("adding", [sg.sum, sum], ids=["one node", "a chain"])
    @pytest.mark.parametrize("g", [(-0.0, -0.0), (-0.0, 0.0), (0.0, -0.0), (0.0, 0.0)])
    def test_a_gradient_s_zero_has_the_sign_of_the_textbooks_sum(self, adding: Any, g: tuple[float, float]) -> None:
        """∂L/∂x = g₁w₁ + g₂w₂ with no 0.0 to begin with, which would turn -0.0 + -0.0 into 0.0."""
        x, w = Value(3.0), (Value(1.0), Value(1.0))
        adding([g[0] * (x * w[0]), g[1] * (x * w[1])]).backward()
        assert x.grad.hex() == (g[0] * 1.0 + g[1] * 1.0).hex()


class TestComparisons:
    def test_all_six_with_a_number_on_either_side(self) -> None:
        """Python turns 2 < x round to x > 2, and so each of the six is reached from both sides."""
        x = Value(Fraction(5, 2))
        assert (x == 2, x != 2, x < 2, x <= 2, x > 2, x >= 2) == (False, True, False, False, True, True)
        assert (2 == x, 2 != x, 2 < x, 2 <= x, 2 > x, 2 >= x) == (False, True, True, True, False, False)  # noqa: SIM300
        assert (x <= Fraction(5, 2), x >= Value(Fraction(5, 2)), x < x, x <= x) == (True, True, False, True)


class TestGradArguments:
    def test_tuples_and_arrays_without_a_dimension(self) -> None:
        x = Value(3)
        assert grad(x * x, (x, [x])) == [6, [6]]
        point = grad(x * x, np.array(x, dtype=object))
        assert point.shape == ()
        assert point.item() == 6

    @pytest.mark.parametrize("wrap", [lambda x: "ab", lambda x: [x, "a"]], ids=["alone", "in a list"])
    def test_a_text_among_the_inputs_is_refused(self, wrap: Any) -> None:
        x = Value(1.0)
        with pytest.raises(TypeError, match=r"inputs must be Values, and entry \d is of type str"):
            grad(x * x, wrap(x))

    @pytest.mark.xfail(strict=True, reason="partials_as_values() takes any nan for no change, from a number too")
    def test_an_assigned_nan_is_noticed_by_create_graph(self) -> None:
        x = Value(3.0)
        y = x * x
        x.data = math.nan
        with pytest.raises(ValueError, match=r"was 3\.0 and would now be nan"):
            grad(y, x, create_graph=True)


class TestPicklingDeepGraphs:
    @pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
    def test_every_protocol(self, protocol: int) -> None:
        y = chain(5000, 2.0)
        again = pickle.loads(pickle.dumps(y, protocol))
        assert (again.data, sg.graph.size(again)) == (2.0, 5001)

    def test_one_pickler_for_two_graphs_that_share(self) -> None:
        file = io.BytesIO()
        pickler = pickle.Pickler(file)
        y = chain(5000)
        pickler.dump(y)
        pickler.dump(-y)
        file.seek(0)
        unpickler = pickle.Unpickler(file)
        first = unpickler.load()
        assert unpickler.load().inputs[0] is first

    def test_containers_keep_what_is_shared(self) -> None:
        x = Value(2.0, "x")
        found = copy.deepcopy({"x": x, "chain": [-x, x * x]})
        assert found["chain"][0].inputs[0] is found["chain"][1].inputs[1] is found["x"]
        assert (found["x"].label, found["x"] is x) == ("x", False)

    @pytest.mark.xfail(strict=True, raises=RecursionError, reason="the failed pickler's memo keeps its Mark alive")
    def test_a_failed_pickler_that_is_kept_does_not_spoil_the_next(self) -> None:
        def keep_it() -> float:
            pickler = pickle.Pickler(io.BytesIO())
            with pytest.raises(pickle.PicklingError, match="not for pickling"):
                pickler.dump(-Value(Unpicklable(1.0)))
            return pickle.loads(pickle.dumps(chain(5000))).data

        assert in_a_thread_of_its_own(keep_it) == 1.0

    @pytest.mark.xfail(strict=True, raises=RecursionError, reason="the traceback's frames keep the Mark alive")
    def test_a_failure_of_the_python_pickler_that_is_being_handled(self) -> None:
        def handle_it() -> float:
            try:
                pickle._dumps(-Value(Unpicklable(1.0)))  # type: ignore[attr-defined]
            except pickle.PicklingError:
                return pickle.loads(pickle.dumps(chain(5000))).data
            return 0.0

        assert in_a_thread_of_its_own(handle_it) == 1.0

    def test_copies_and_pickles_leave_no_cycles(self) -> None:
        """With the collector off: nothing is left for it to find."""
        x = Value(2.0)
        y = (x * x).tanh() + x
        gc.collect()
        gc.disable()
        try:
            del_me = [copy.copy(y), copy.deepcopy(y), pickle.loads(pickle.dumps(y))]
            watched = weakref.ref(del_me[2].inputs[0])
            del_me.clear()
            assert watched() is None
            assert gc.collect() == 0
        finally:
            gc.enable()
