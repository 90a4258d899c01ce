"""The questions of notebook 6: operations for the reader's own engine, and a test that finds what is wrong in one.

>>> from ..engine.value import Value
>>> from .questions import answer
>>> answer("6.1", Value)
right
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..engine.sweep import topological_order
from ..engine.value import Value
from .questions import equal_answers, in_words, question


def compared(engine: Callable[[Any], Any], expression: Callable[..., Any], text: str, *numbers: Any) -> str:
    """ "" if an engine computes an expression and its gradient as ours does."""
    theirs, ours = [engine(x) for x in numbers], [Value(x) for x in numbers]
    given, right = expression(*theirs), expression(*ours)
    given.backward()
    right.backward()
    if not equal_answers(given.data, right.data):
        return f"{text} at {in_words(list(numbers))} comes out as {in_words(given.data)}"
    for name, one, other in zip("xyz", theirs, ours, strict=False):
        if not equal_answers(one.grad, other.grad):
            return f"{text} at {in_words(list(numbers))} has ∂/∂{name} = {in_words(one.grad)}"
    return ""


@question(
    "6.1",
    "-x is x * -1, and x - y is x + -y; what is 5 - x, where the 5 knows nothing of our class?",
    "the result must be of the class WithMinus, for x - y - z: Engine's own + and * see to that",
    blanks=3,
)
def subtraction(WithMinus: Any) -> str:
    return (
        compared(WithMinus, lambda x: -x, "-x", 5)
        or compared(WithMinus, lambda x, y: x - y, "x - y", 5, 3)
        or compared(WithMinus, lambda x, y, z: x - y - z, "x - y - z", 5, 3, 4)
        or compared(WithMinus, lambda x: 7 - x * x, "7 - x·x", 3)
    )


@question(
    "6.2",
    "a node takes the number, the inputs as a tuple, and the local partials as a tuple",
    "type(self)(e, (self,), (e,)) with e = math.exp(self.data)",
)
def exponential(WithExp: Any) -> str:
    return compared(WithExp, lambda x: x.exp(), "exp(x)", 1.5) or compared(
        WithExp, lambda x: (x * x).exp() * x, "exp(x·x)·x", 0.5
    )


@question(
    "6.3",
    "the derivative of xⁿ by x is n·xⁿ⁻¹, and n is a plain number here",
    "one node with the number self.data**n, the input self, and the local partial n * self.data**(n - 1)",
)
def whole_power(WithPower: Any) -> str:
    return (
        compared(WithPower, lambda x: x**3, "x³", 2)
        or compared(WithPower, lambda x, y: (x + y) ** 2 * y, "(x + y)²·y", 2, 3)
        or compared(WithPower, lambda x: x**-1, "1/x", 4.0)
    )


@question(
    "6.4",
    "interior nodes begin anew with each backward(), leaves don't: which nodes are leaves?",
    "a leaf has no inputs: set the grad of those in topological_order() to 0",
)
def forget(zero_gradients: Callable[[Any], None]) -> str:
    x, y = Value(3), Value(5)
    L = x * y + x
    engine = _with_method(L)
    L.backward()
    zero_gradients(engine)
    if kept := [leaf.grad for leaf in (x, y) if leaf.grad != 0]:
        return f"a leaf still has the gradient {kept[0]}"
    return ""


def _with_method(output: Any) -> Any:
    """An output as the reader's engine has it: the order is a method there."""

    class Output:
        def topological_order(self) -> list[Any]:
            return topological_order(output)

    return Output()


class _Node:
    """A small engine, right as it stands, whose parts are made wrong below."""

    def __init__(self, data: Any, inputs: tuple[Any, ...] = (), partials: tuple[Any, ...] = ()) -> None:
        self.data, self.grad, self.inputs, self.partials = data, 0, inputs, partials

    def __add__(self, other: Any) -> Any:
        other = other if isinstance(other, _Node) else type(self)(other)
        return type(self)(self.data + other.data, (self, other), (1, 1))

    def __mul__(self, other: Any) -> Any:
        other = other if isinstance(other, _Node) else type(self)(other)
        return type(self)(self.data * other.data, (self, other), (other.data, self.data))

    __radd__, __rmul__ = __add__, __mul__

    def order(self) -> list[Any]:
        found: list[Any] = []

        def visit(node: Any) -> None:
            if not any(node is other for other in found):
                for source in node.inputs:
                    visit(source)
                found.append(node)

        visit(self)
        return found

    def backward(self) -> None:
        for node in self.order():
            node.grad = 0 if node.inputs else node.grad
        self.grad = 1
        for node in reversed(self.order()):
            for source, partial in zip(node.inputs, node.partials, strict=True):
                self.give(source, partial * node.grad)

    def give(self, source: Any, share: Any) -> None:
        source.grad += share


class _Overwriting(_Node):
    """The second share overwrites the first."""

    def give(self, source: Any, share: Any) -> None:
        source.grad = share


class _Forgetting(_Node):
    """Leaves begin at 0 with each backward()."""

    def backward(self) -> None:
        for node in self.order():
            node.grad = 0
        super().backward()


class _Hasty(_Node):
    """A node passes on half of its adjoint: the order is that in which nodes are met."""

    def order(self) -> list[Any]:
        found: list[Any] = []
        waiting = [self]
        while waiting:
            node = waiting.pop(0)
            if not any(node is other for other in found):
                found.append(node)
                waiting.extend(node.inputs)
        return found[::-1]


@question(
    "6.5",
    "three things go wrong most often: a value used twice, leaves that accumulate, and a node that waits for its users",
    "try x·x, two calls of backward(), and y = x·x, L = y·(3·y)·y by hand, and compare x.grad with the right number",
)
def test_of_engines(is_right: Callable[[Any], Any]) -> str:
    for engine in (Value, _Node):
        if not is_right(engine):
            return "a right engine does not pass your test"
    wrong = {_Overwriting: "overwrites shares", _Forgetting: "resets leaves", _Hasty: "passes on half an adjoint"}
    for faulty, fault in wrong.items():
        if is_right(faulty):
            return f"an engine that {fault} passes your test"
    return ""


@question(
    "6.6",
    "tanh x = (e²ˣ - 1)/(e²ˣ + 1), and its derivative is 1 - tanh² x",
    "one node as for exp: the number t = math.tanh(self.data), and the local partial 1 - t*t",
)
def hyperbolic_tangent(WithTanh: Any) -> str:
    x, w = WithTanh(0.5), WithTanh(-2.0)
    (x * w).tanh()
    problem = compared(WithTanh, lambda x, y: (x * y).tanh(), "tanh(x·y)", 0.5, -2.0)
    return problem or ("" if math.isclose(x.data, 0.5) else "the data of an input has changed")
