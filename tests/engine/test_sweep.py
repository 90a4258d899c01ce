"""The reverse sweep: gradients of graphs that are named after their shape, the order of summation, `grad`."""

from __future__ import annotations

import math
import random
import subprocess
import sys
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import sympy

import scalargrad as sg
from scalargrad import Value, backward, grad
from scalargrad.engine.sweep import reverse_sweep, topological_order


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

    def test_an_assigned_nan_is_noticed_by_create_graph(self) -> None:
        x = Value(3.0)
        y = x * x
        x.data = math.nan
        with pytest.raises(ValueError, match=r"was 3\.0 and would now be nan"):
            grad(y, x, create_graph=True)


def test_what_a_where_leaves_out_has_no_part_in_any_sweep() -> None:
    """Whoever calls the sweep itself, as checker, stepper and levels do: 0 · ∞ at the logarithm would be nan."""
    X = sg.values([0.0], "x")
    y = np.where(X > 0, np.log(X), 3 * X)[0]
    order = topological_order(y)
    watched = []
    for partials_of in (None, lambda node: [2 * partial for partial in node.partials]):
        adjoints = reverse_sweep(order, {y: 1.0}, partials_of, watch=lambda *args: watched.append(args[2]))
        assert adjoints[order.index(X[0])] == (3.0 if partials_of is None else 12.0)
    assert not any(math.isnan(term) for term in watched)


def test_the_sweep_is_checked_by_a_wrong_one() -> None:
    """A sweep that took the nodes in another order would lose terms: the diamond notices."""
    x = Value(2)
    s = x * x
    L = s * 3 + s * s
    order = topological_order(L)
    order.insert(0, order.pop(order.index(next(n for n in order if n is s))))
    with pytest.raises(TypeError, match="NoneType"):  # a node that is reached before its adjoint is there
        reverse_sweep(list(reversed(order)), {L: 1})
