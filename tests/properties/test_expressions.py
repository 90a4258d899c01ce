"""Random graphs over the whole table, against forward mode by dual numbers and against SymPy."""

from __future__ import annotations

import math
import pickle
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import mpmath
import sympy
from hypothesis import given, strategies as st

import scalargrad as sg
from scalargrad import Value, grad
from scalargrad.engine import numbers as elementary, ops
from tests.numbers import Dual
from tests.strategies import Polynomial, bit_patterns, fractions, polynomials

Step = tuple[str, tuple[int, ...]]

RATIONAL: dict[str, tuple[int, Callable[..., Any]]] = {
    "+": (2, lambda a, b: a + b),
    "-": (2, lambda a, b: a - b),
    "*": (2, lambda a, b: a * b),
    "/": (2, lambda a, b: a / (b * b + 1)),  # never by zero
    "2/": (1, lambda a: 2 / (a * a + 1)),
    "neg": (1, lambda a: -a),
    "**0": (1, lambda a: a**0),
    "**3": (1, lambda a: a**3),
    "abs": (1, abs),
    "number": (1, lambda a: 2 - a * Fraction(1, 3) + a / 3),  # a plain integer must not make a float
    "step": (1, lambda a: a.step() if isinstance(a, Value) else Dual(elementary.step(a.a), 0 * a.b)),
    "relu": (1, lambda a: ops.RELU(a) if isinstance(a, Value) else elementary.maximum(Dual(Fraction(0)), a)),
    "max": (2, lambda a, b: a.max(b) if isinstance(a, Value) else elementary.maximum(a, b)),
    "min": (2, lambda a, b: a.min(b) if isinstance(a, Value) else elementary.minimum(a, b)),
    "Σ": (3, lambda *xs: sg.sum(xs) if isinstance(xs[0], Value) else elementary.total(*xs)),
}
"""Operations under which Fractions stay Fractions: their number of inputs, and how they are applied."""

SMOOTH: dict[str, tuple[int, Callable[..., Any]]] = {
    **{name: RATIONAL[name] for name in ("+", "-", "*", "/", "neg", "**3", "Σ")},
    **{name: (1, lambda a, name=name: getattr(elementary, name)(a)) for name in ("sin", "cos", "tanh")},
    "exp": (1, lambda a: elementary.exp(elementary.sin(a))),  # of bounded numbers, so that towers stay small
    "log": (1, lambda a: elementary.log(a * a + 1)),
    "sqrt": (1, lambda a: elementary.sqrt(a * a + 1)),
    "sigmoid": (1, lambda a: a.sigmoid() if isinstance(a, Value) else elementary.sigmoid(a)),
    "**": (2, lambda a, b: (a * a + 1) ** elementary.sin(b)),
}


def graphs(table: dict[str, Any], size: int) -> st.SearchStrategy[list[Step]]:
    """Straight-line programs: a step takes any nodes that are there, so subgraphs are shared and inputs repeat."""

    @st.composite
    def steps(draw: st.DrawFn) -> list[Step]:
        made: list[Step] = []
        for position in range(draw(st.integers(1, size))):
            name = draw(st.sampled_from(sorted(table)))
            inputs = st.integers(0, 1 + position)
            made.append((name, tuple(draw(inputs) for _ in range(table[name][0]))))
        return made

    return steps()


def run(table: dict[str, Any], steps: list[Step], leaves: list[Any]) -> Any:
    """The last node of a program, for leaves of any kind."""
    nodes = list(leaves)
    for name, inputs in steps:
        nodes.append(table[name][1](*[nodes[k] for k in inputs]))
    return nodes[-1]


small = st.fractions(-4, 4, max_denominator=6)


@given(graphs(RATIONAL, 8), small, small)
def test_reverse_mode_is_forward_mode_exactly(steps: list[Step], a: Fraction, b: Fraction) -> None:
    """Over Fractions: the same value and the same gradients, and all of them Fractions."""
    x, y = Value(a, "x"), Value(b, "y")
    output = run(RATIONAL, steps, [x, y])
    gradients = grad(output, [x, y])
    for seeds, gradient in zip(((1, 0), (0, 1)), gradients, strict=True):
        dual = run(RATIONAL, steps, [Dual(a, Fraction(seeds[0])), Dual(b, Fraction(seeds[1]))])
        assert (output.data, gradient) == (dual.a, dual.b)
        assert type(output.data) is type(gradient) is Fraction


@given(graphs(RATIONAL, 6), small, small)
def test_the_gradient_s_gradient_is_symmetric(steps: list[Step], a: Fraction, b: Fraction) -> None:
    """∂²L/∂x∂y = ∂²L/∂y∂x, exactly, away from bends and at them: both come from the same branch."""
    x, y = Value(a, "x"), Value(b, "y")
    gx, gy = grad(run(RATIONAL, steps, [x, y]), [x, y], create_graph=True)
    assert grad(gx, y) == grad(gy, x)


@given(graphs(SMOOTH, 5), small, small)
def test_gradients_are_those_of_sympy(steps: list[Step], a: Fraction, b: Fraction) -> None:
    """At 50 digits, to 40; SymPy differentiates the same program over symbols."""
    p, q = sympy.symbols("p q", real=True)
    formula = run(SMOOTH, steps, [p, q])
    at = {p: sympy.Rational(a.numerator, a.denominator), q: sympy.Rational(b.numerator, b.denominator)}
    with mpmath.workdps(50):
        x, y = (Value(mpmath.mpf(n.numerator) / n.denominator) for n in (a, b))
        output = run(SMOOTH, steps, [x, y])
        for found, symbol in zip(grad(output, [x, y]), (p, q), strict=True):
            right = mpmath.mpf(str(sympy.N(sympy.diff(formula, symbol).subs(at), 60)))
            assert abs(found - right) <= mpmath.mpf(10) ** -40 * (1 + abs(right))


@given(graphs(SMOOTH, 6), small, small)
def test_a_graph_over_symbols_is_the_derivative_of_the_formula(steps: list[Step], a: Fraction, b: Fraction) -> None:
    """The same nodes over SymPy symbols: the gradient is a formula, compared at a point in 30 digits."""
    p, q = sympy.symbols("p q", real=True)
    output = run(SMOOTH, steps, [Value(p), Value(q)])
    gradient = grad(output, output) * 1
    assert gradient == 1
    found = grad(output, [node for node in sg.topological_order(output) if not node.inputs and node.data == p])
    total = sum(found, sympy.Integer(0))
    at = {p: sympy.Rational(a.numerator, a.denominator), q: sympy.Rational(b.numerator, b.denominator)}
    difference = sympy.N((total - sympy.diff(output.data, p)).subs(at), 30, maxn=200)
    assert abs(difference) < 1e-20


RING = {
    **{name: RATIONAL[name] for name in ("+", "-", "*", "neg", "**0", "**3", "Σ")},
    "2-": (1, lambda a: 2 - 3 * a),
}
"""What any commutative ring can do."""

FLOATS = {name: RATIONAL[name] for name in ("+", "-", "*", "neg", "**3", "abs", "max", "min", "Σ")}


@given(graphs(RING, 4), polynomials(), polynomials())
def test_reverse_mode_is_forward_mode_over_polynomials(steps: list[Step], a: Polynomial, b: Polynomial) -> None:
    """A ring of the tests' own, with neither an order nor a division."""
    x, y = Value(a), Value(b)
    output = run(RING, steps, [x, y])
    gradients = grad(output, [x, y])
    for seeds, gradient in zip(((1, 0), (0, 1)), gradients, strict=True):
        dual = run(RING, steps, [Dual(a, Polynomial((seeds[0],))), Dual(b, Polynomial((seeds[1],)))])
        assert output.data == dual.a
        assert Polynomial.of(gradient) == dual.b


@given(graphs(RATIONAL, 6), fractions(), fractions())
def test_a_gradient_is_the_sum_over_all_paths(steps: list[Step], a: Fraction, b: Fraction) -> None:
    """The general chain rule, by its definition."""
    x, y = Value(a), Value(b)
    output = run(RATIONAL, steps, [x, y])
    for leaf in (x, y):
        assert grad(output, leaf) == sum(product for _, product in sg.paths(leaf, output))


@given(graphs(FLOATS, 7), bit_patterns(), bit_patterns())
def test_three_ways_to_one_gradient_have_the_same_bits(steps: list[Step], a: float, b: float) -> None:
    """grad(), backward() and create_graph add the same terms in the same order; signs of zeros and nan included."""

    def bits(g: Any) -> str:
        return "nan" if math.isnan(g) else float(g).hex()

    x, y = Value(a), Value(b)
    output = run(FLOATS, steps, [x, y])
    plain = [bits(g) for g in grad(output, [x, y])]
    assert [bits(g.data) for g in grad(output, [x, y], create_graph=True)] == plain
    output.backward()
    reached = set(sg.topological_order(output))
    assert [bits(leaf.grad) for leaf in (x, y) if leaf in reached] == [
        g for g, leaf in zip(plain, (x, y), strict=True) if leaf in reached
    ]


@given(graphs(RATIONAL, 7), fractions(), fractions())
def test_a_pickled_graph_is_the_same_graph(steps: list[Step], a: Fraction, b: Fraction) -> None:
    """The same nodes in the same order, with the same edges, and so the same gradients."""
    x, y = Value(a), Value(b)
    output = run(RATIONAL, steps, [x, y])
    p, q, again = pickle.loads(pickle.dumps((x, y, output)))

    def skeleton(top: Value) -> list[Any]:
        order = sg.topological_order(top)
        place = {node: k for k, node in enumerate(order)}
        return [(n.op and n.op.symbol, n.data, n.partials, [place[i] for i in n.inputs]) for n in order]

    assert skeleton(again) == skeleton(output)
    assert grad(again, [p, q]) == grad(output, [x, y])
