"""Code written for micrograd runs with one import changed, and gives the same numbers."""

from __future__ import annotations

import random
from typing import Any

import pytest
from micrograd.engine import Value as TheirValue

from scalargrad import Value

ENGINES = pytest.mark.parametrize("engine", [TheirValue, Value], ids=["micrograd", "scalargrad"])


@ENGINES
def test_the_example_of_its_readme(engine: Any) -> None:
    a = engine(-4.0)
    b = engine(2.0)
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    assert f"{g.data:.4f}, {a.grad:.4f}, {b.grad:.4f}" == "24.7041, 138.8338, 645.5773"


class Neuron:
    """In the style of micrograd's nn.py, for either engine."""

    def __init__(self, engine: Any, rng: random.Random, inputs: int, nonlinear: bool) -> None:
        self.w = [engine(rng.uniform(-1, 1)) for _ in range(inputs)]
        self.b = engine(0)
        self.nonlinear = nonlinear

    def __call__(self, x: list[Any]) -> Any:
        act = sum((wi * xi for wi, xi in zip(self.w, x, strict=True)), self.b)
        return act.relu() if self.nonlinear else act


class Network:
    """Two layers of neurons."""

    def __init__(self, engine: Any) -> None:
        rng = random.Random(1)
        self.hidden = [Neuron(engine, rng, 2, nonlinear=True) for _ in range(4)]
        self.out = Neuron(engine, rng, 4, nonlinear=False)

    def __call__(self, x: list[float]) -> Any:
        return self.out([n(x) for n in self.hidden])

    def parameters(self) -> list[Any]:
        return [p for n in [*self.hidden, self.out] for p in [*n.w, n.b]]


def train(engine: Any) -> list[float]:
    """The losses and gradients of ten steps with a max-margin loss and L2, in micrograd's manner."""
    model = Network(engine)
    xs = [[2.0, 3.0], [3.0, -1.0], [0.5, 1.0], [1.0, 1.0]]
    ys = [1.0, -1.0, -1.0, 1.0]
    seen = []
    for _ in range(10):
        scores = [model(x) for x in xs]
        losses = [(1 + -yi * si).relu() for yi, si in zip(ys, scores, strict=True)]
        loss = sum(losses) * (1.0 / len(losses)) + 1e-4 * sum(p * p for p in model.parameters())
        for p in model.parameters():
            p.grad = 0
        loss.backward()
        for p in model.parameters():
            p.data -= 0.1 * p.grad
        seen += [loss.data, *(p.grad for p in model.parameters())]
    return seen


def test_training_in_the_style_of_its_nn() -> None:
    assert train(Value) == pytest.approx(train(TheirValue), rel=1e-12, abs=1e-15)


def trace(root: Any) -> tuple[set[Any], set[tuple[Any, Any]]]:
    """The helper of the lecture's draw_dot."""
    nodes, edges = set(), set()

    def build(v: Any) -> None:
        if v not in nodes:
            nodes.add(v)
            for child in v._prev:
                edges.add((child, v))
                build(child)

    build(root)
    return nodes, edges


def test_the_lecture_s_neuron_and_its_drawing() -> None:
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    b = Value(6.8813735870195432, label="b")
    x1w1 = x1 * w1
    x1w1.label = "x1*w1"
    n = x1w1 + x2 * w2 + b
    o = n.tanh()
    o.backward()
    assert [round(v.grad, 4) for v in (x1, w1, x2, w2)] == [-1.5, 1.0, 0.5, 0.0]
    nodes, edges = trace(o)
    assert sorted(v._op for v in nodes if v._op) == ["*", "*", "+", "+", "tanh"]
    assert len(nodes) == 10
    assert len(edges) == 9

    for v in nodes:
        v.grad = 0
    e = (2 * n).exp()
    again = (e - 1) / (e + 1)
    again.backward()
    assert [round(v.grad, 4) for v in (x1, w1, x2, w2)] == [-1.5, 1.0, 0.5, 0.0]


def test_backward_twice_accumulates_the_truth() -> None:
    """micrograd leaves the inner gradients as they were, and counts them again."""

    def twice(engine: Any) -> float:
        x = engine(3.0)
        y = x * x * 2
        y.backward()
        y.backward()
        return float(x.grad)

    assert twice(Value) == 24.0
    assert twice(TheirValue) == 36.0
