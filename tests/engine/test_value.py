"""Value: its numbers, its operators, the reverse sweep, higher derivatives, copies and pickles."""

from __future__ import annotations

import copy
import math
import random
from decimal import Decimal
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest
import sympy

import scalargrad as sg
from scalargrad import Value, backward, grad
from scalargrad.engine.paths import depth
from scalargrad.errors import ArgumentTypeError, NumberError
from tests.numbers import Modulo7
from tests.strategies import Polynomial

KINDS: list[Any] = [
    *(3, 1.5, 1.5 + 2j, Fraction(3, 2), Decimal("1.5"), mpmath.mpf("1.5")),
    *(sympy.Symbol("t"), np.float32(1.5)),
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
                r"a Value cannot hold another Value: give its .data, and for higher derivatives call grad\(",
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


class TestNumPysNumbers:
    """Those that Python has too become Python's own, wherever they meet a Value."""

    @pytest.mark.parametrize(
        ("given", "kind"),
        [
            (np.float64(1.5), float),
            (np.int64(3), int),
            (np.int8(3), int),
            (np.uint64(3), int),
            (np.bool_(True), int),
            (np.complex128(2j), complex),
            (np.float32(1.5), np.float32),
            (np.longdouble(1.5), np.longdouble),
        ],
        ids=lambda x: type(x).__name__ if isinstance(x, np.generic) else "",
    )
    def test_the_kind(self, given: Any, kind: type) -> None:
        x = Value(given)
        assert x.data == given
        assert type(x.data) in (kind, bool)
        x.data, x.grad = given, given
        assert type(x.data) is type(x.grad) is type(Value(given).data)

    def test_int64_does_not_overflow(self) -> None:
        big = np.int64(2**62)
        for product in (Value(4) * big, big * Value(4)):
            assert (product.data, type(product.data)) == (2**64, int)

    @pytest.mark.parametrize(
        "operate", [lambda x, n: x + n, lambda x, n: n - x, lambda x, n: x / n, lambda x, n: n * x]
    )
    def test_every_operator(self, operate: Any) -> None:
        result = operate(Value(3.0), np.sqrt(np.float64(2)))
        assert type(result.data) is float
        assert all(type(p) in (float, int) for p in result.partials)

    def test_exponents(self) -> None:
        y = Value(3) ** np.int64(2)
        assert (y.data, type(y.data), y.op) == (9, int, (Value(3) ** 2).op)

    def test_what_an_operation_of_your_own_gives(self) -> None:
        own = sg.Op("test numpy's exp", lambda x: np.exp(x), lambda out, x: (np.exp(x),))
        y = own(Value(1.0))
        assert [type(y.data), *map(type, y.partials)] == [float, float]


class TestAssignment:
    """What a Value refuses at construction, it refuses on assignment."""

    @pytest.mark.parametrize("name", ["data", "grad"])
    @pytest.mark.parametrize(
        ("given", "message"),
        [
            (Value(1.0), r"a Value cannot hold another Value: give its \.data"),
            ("3", "got the text '3'"),
            (np.ones(2), "got a ndarray: values"),
            ([1], "got a list"),
            (int, "got the class int"),
        ],
        ids=["Value", "text", "array", "list", "class"],
    )
    def test_what_is_not_a_number_is_refused(self, name: str, given: Any, message: str) -> None:
        x = Value(2.0)
        with pytest.raises(NumberError, match=message):
            setattr(x, name, given)
        assert (x.data, x.grad) == (2.0, 0)

    def test_none_is_no_number_and_as_a_gradient_it_is_zero(self) -> None:
        x = Value(2.0)
        with pytest.raises(NumberError, match="got None"):
            x.data = None
        x.grad = 5.0
        x.grad = None
        assert x.grad == 0

    def test_a_step_of_gradient_descent(self) -> None:
        x = Value(2.0)
        (x * x).backward()
        x.data -= 0.25 * x.grad
        x.grad = 0
        assert (x.data, x.grad) == (1.0, 0)


class TestHabitsOfMicrograd:
    def test_children_are_not_a_label(self) -> None:
        a, b = Value(1.0), Value(2.0)
        with pytest.raises(
            ArgumentTypeError, match=r"a label is text, and this one is a tuple; .* Op\(symbol, apply, partials"
        ):
            Value(a.data + b.data, (a, b))  # type: ignore[arg-type]

    def test_a_value_has_no_room_for_attributes_and_a_subclass_has(self) -> None:
        class Parameter(Value):
            """With the moments of Adam."""

            mean: float

        p = Parameter(2.0, "p")
        with pytest.raises(AttributeError, match="no attribute 'mean'"):
            Value(1.0).mean = 0.5  # type: ignore[attr-defined]
        p.mean = 0.5
        L = p * p
        L.backward()
        assert (type(L), p.grad, p.mean) == (Value, 4.0, 0.5)
        for again in (copy.copy(p), copy.deepcopy(p)):
            assert (type(again), again.data, again.grad, again.label, again.mean) == (Parameter, 2.0, 4.0, "p", 0.5)

    def test_format(self) -> None:
        x = Value(3.14159, "x")
        assert f"{x:.3f}" == format(x, ".3f") == "3.142"
        assert f"{x}" == repr(x) == str(x)


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
        assert (depth(wide), depth(deep)) == (1, 999)
        assert grad(wide, terms) == grad(deep, terms) == [1.0] * 1000

    def test_edge_cases(self) -> None:
        x = Value(5)
        assert sg.sum([]).data == 0
        assert sg.sum([x, x, 1]).data == 11
        assert grad(sg.sum([x, x, 1]), x) == 2
        assert sg.sum(sg.values([[1, 2], [3, 4]])).data == 10
        assert sg.sum([x, x]).data == 10


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

    def test_backward_without_seeds_over_a_class_that_mixes_with_nothing_needs_its_unit(self) -> None:
        """`numbers.unit` asks the class for its 1, by a method of that name."""

        class WithUnit(Modulo7):
            def unit(self) -> Modulo7:
                return Modulo7(1)

        x, y = Value(WithUnit(3)), Value(WithUnit(5))
        (x * y).backward()
        assert (x.grad, y.grad) == (WithUnit(5), WithUnit(3))

    @pytest.mark.parametrize("data", [int, sympy.eye(2)], ids=["a class", "a SymPy matrix"])
    def test_what_adds_and_multiplies_and_is_still_no_number(self, data: Any) -> None:
        with pytest.raises(TypeError, match="a Value"):
            Value(data)


class TestComparisons:
    def test_all_six_with_a_number_on_either_side(self) -> None:
        """Python turns 2 < x round to x > 2, and so each of the six is reached from both sides."""
        x = Value(Fraction(5, 2))
        assert (x == 2, x != 2, x < 2, x <= 2, x > 2, x >= 2) == (False, True, False, False, True, True)
        assert (2 == x, 2 != x, 2 < x, 2 <= x, 2 > x, 2 >= x) == (False, True, True, True, False, False)  # noqa: SIM300
        assert (x <= Fraction(5, 2), x >= Value(Fraction(5, 2)), x < x, x <= x) == (True, True, False, True)
