"""The questions of notebook 1: graphs, paths, local partials, and the order of the sweep.

>>> from .questions import answer
>>> answer("1.1", 2, [7, 4])
not yet: the products are not [7, 4]
hint: the partial of a product by one factor is the other factor
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any

from ..engine.paths import paths
from ..engine.sweep import grad, topological_order
from ..engine.value import Value
from .questions import equal_answers, in_words, question, unless_equal


@question(
    "1.1",
    "the partial of a product by one factor is the other factor",
    "one path goes through s + 2, whose arrow to v carries s - 2 = 3; the other goes through s - 2",
)
def paths_of_a_product(number_of_paths: Any, products: Any) -> str:
    s = Value(5, "s")
    found = sorted(along for _, along in paths(s, (s + 2) * (s - 2)))
    if not equal_answers(number_of_paths, len(found)):
        return unless_equal("the number of paths", number_of_paths, len(found))
    in_order = sorted(products) if isinstance(products, (list, tuple, set)) else products
    return "" if equal_answers(in_order, found) else f"the products are not {in_words(products)}"


@question(
    "1.2",
    "hold b fixed, and q is a line in a; hold a fixed, and q is a times 1/b",
    "∂q/∂a = 1/b and ∂q/∂b = -a/b²",
)
def partials_of_a_quotient(by_a: Any, by_b: Any) -> str:
    a, b = Value(Fraction(6)), Value(Fraction(3))
    right = grad(a / b, [a, b])
    return unless_equal("∂q/∂a", by_a, right[0]) or unless_equal("∂q/∂b", by_b, right[1])


@question(
    "1.3",
    "differentiate the two terms by themselves, and write 1/x as a power of x",
    "the derivative of xⁿ is n·xⁿ⁻¹, for n = -1 too",
)
def derivative_of_g(derivative_of_g: Callable[[Any], Any]) -> str:
    for number in (Fraction(1), Fraction(-2), Fraction(3, 4)):
        x = Value(number)
        right, given = grad(x**3 + 1 / x, x), derivative_of_g(number)
        if not equal_answers(given, right):
            return f"at x = {number} the graph has {right}, and yours gives {in_words(given)}"
    return ""


@question(
    "1.4",
    "from x to y there are two arrows, and from y to L two",
    "each of the 2 ways from x to y goes on in 2 ways; an adjoint is the sum over all of them",
)
def squares_of_squares(number_of_paths: Any, adjoint_of_y: Any, adjoint_of_x: Any) -> str:
    x = Value(2, "x")
    y = x * x
    L = y * y
    L.backward()
    return (
        unless_equal("the number of paths", number_of_paths, len(list(paths(x, L))))
        or unless_equal("the adjoint of y", adjoint_of_y, y.grad)
        or unless_equal("the adjoint of x", adjoint_of_x, x.grad)
    )


def diamond() -> tuple[Value, Value]:
    """The graph y = x·x, z = 3·y, L = y·z of the lesson: x and L."""
    x = Value(2, "x")
    y = x * x
    z = 3 * y
    L = y * z
    y.label, z.label, L.label = "y", "z", "L"
    return x, L


@question(
    "1.5",
    "a node may come only after all nodes that use it",
    "y is used by z and by L, so it must wait for both",
)
def order_of_the_sweep(order: Sequence[str]) -> str:
    _, L = diamond()
    users: dict[str, set[str]] = {name: set() for name in "xyzL"}
    for node in topological_order(L):
        for source in node.inputs:
            if source.label:
                users[source.label].add(node.label)
    if sorted(order) != sorted(users):
        return f"{in_words(list(order))} does not have each of x, y, z and L once"
    for k, name in enumerate(order):
        if early := users[name] - set(order[:k]):
            return f"in {in_words(list(order))}, {name} passes on its adjoint before {' and '.join(sorted(early))}"
    return ""


@question(
    "1.6",
    "the list has inputs first; the sweep begins at the output",
    "`reversed` takes a list from its end",
)
def careful_backward(careful_backward: Callable[[Any], None]) -> str:
    x, L = diamond()
    careful_backward(L)
    return unless_equal("∂L/∂x", x.grad, 12 * x.data**3)


@question(
    "1.7",
    "give each node the number of paths from t to it: that of t is 1, and inputs come first in topological order",
    "a node has as many paths as all its inputs together, each counted as often as it is used",
)
def count_of_paths(count_paths: Callable[[Any, Any], Any]) -> str:
    for steps in (0, 1, 3, 100):
        t = Value(0)  # u stays 0; of any larger number it would soon fill the memory
        u = t
        for _ in range(steps):
            u = u * u + t
        right = 1
        for _ in range(steps):
            right = 2 * right + 1
        given = count_paths(t, u)
        if not equal_answers(given, right):
            return f"after {steps} steps u = u·u + t there are {right} paths, and yours gives {in_words(given)}"
    return ""
