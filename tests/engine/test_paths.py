"""Questions about a graph, on graphs that are named after their shape."""

from __future__ import annotations

from itertools import islice

import numpy as np

import scalargrad as sg
from scalargrad import Value
from scalargrad.engine.paths import depth, edges, paths, size
from scalargrad.engine.sweep import topological_order


def diamond() -> tuple[Value, Value, Value, Value]:
    r"""x → a → y, x → b → y."""
    x = Value(3, "x")
    a, b = x * 2, x * 5
    return x, a, b, a * b


def ladder(rungs: int) -> tuple[Value, Value]:
    """x ⇉ x + x ⇉ …: 2ⁿ paths."""
    x = y = Value(1, "x")
    for _ in range(rungs):
        y = y + y
    return x, y


def test_every_node_comes_once_and_after_its_inputs() -> None:
    *_, y = diamond()
    order = topological_order(y)
    place = {node: k for k, node in enumerate(order)}
    assert len(place) == len(order) == 6
    assert all(place[x] < place[node] for node in order for x in node.inputs)


def test_read_backwards_it_goes_from_first_to_last() -> None:
    """L = (a + b) + c, each made of a leaf of its own: the sweep meets a's leaf first."""
    leaves = [Value(k, name) for k, name in enumerate("abc")]
    L = (leaves[0] * 1 + leaves[1] * 1) + leaves[2] * 1
    named = [node.label for node in reversed(topological_order(L)) if node.label]
    assert named == ["a", "b", "c"]
    assert [n.label for n in reversed(topological_order(leaves))] == ["a", "b", "c"]


def test_several_outputs_in_a_list_or_an_array() -> None:
    X = sg.values(np.ones((2, 2)), "x")
    assert set(topological_order(X)) == set(topological_order(X.tolist())) == set(X.flat)


def test_edges_are_repeated_and_in_order() -> None:
    """x·x has two edges."""
    x = Value(3, "x")
    y = x * x
    assert [(e.input, e.output, e.position, e.partial) for e in edges(y)] == [(x, y, 0, 3), (x, y, 1, 3)]


def test_size_and_depth() -> None:
    x, _, _, y = diamond()
    assert (size(y), depth(y)) == (6, 2)
    assert (size(x), depth(x)) == (1, 0)
    assert (size([]), depth([])) == (0, 0)


def test_the_products_along_the_paths_sum_to_the_gradient() -> None:
    x, a, b, y = diamond()
    found = [([edge.output for edge in path], product) for path, product in paths(x, y)]
    assert found == [([a, y], 2 * 15), ([b, y], 5 * 6)]
    assert sg.grad(y, x) == 60


def test_paths_of_a_node_to_itself_and_to_nowhere() -> None:
    x, a, b, _ = diamond()
    assert list(paths(x, x)) == [((), 1)]
    assert list(paths(a, b)) == []


def test_exponentially_many_paths_are_made_one_at_a_time() -> None:
    x, y = ladder(60)
    assert [product for _, product in islice(paths(x, y), 3)] == [1, 1, 1]
    assert sum(1 for _ in paths(*ladder(10))) == 2**10


def test_a_long_chain_needs_no_recursion() -> None:
    x = y = Value(1)
    for _ in range(10**5):
        y = -y
    assert (size(y), depth(y)) == (10**5 + 1, 10**5)
    assert sum(1 for _ in edges(y)) == 10**5
    ((path, product),) = paths(x, -(2 * x))
    assert (len(path), product) == (2, -2)


class TestPathsWithRepeats:
    def test_a_repeated_edge_is_two_paths(self) -> None:
        """x ⇉ x·x: the same nodes, told apart by the position."""
        x = Value(3)
        y = x * x
        assert [(path[0].position, product) for path, product in paths(x, y)] == [(0, 3), (1, 3)]

    def test_paths_may_begin_at_an_inner_node(self) -> None:
        _, a, _, y = diamond()
        ((path, product),) = paths(a, y)
        assert ([edge.input for edge in path], product) == ([a], 15)

    def test_through_a_sum_each_term_is_a_path(self) -> None:
        x = Value(2)
        y = sg.sum([x, 3 * x, x])
        assert [product for _, product in paths(x, y)] == [1, 3, 1]

    def test_a_tall_ladder_is_small_and_deep(self) -> None:
        x, y = ladder(60)
        assert (size(y), depth(y), sg.grad(y, x)) == (61, 60, 2**60)


def test_an_output_that_is_named_twice_or_lies_below_another_comes_once() -> None:
    x, a, _, y = diamond()
    order = topological_order([y, a, y, x])
    assert len(order) == len(set(order)) == size(y)
    assert size([a, [y]]) == size(y)
