"""The reverse sweep: an order in which every node comes after its inputs, and the chain rule along it, backwards.

>>> from .value import Value
>>> x = Value(2, "x")
>>> first = grad(x**3, x, create_graph=True); first.data, grad(first, x)
(12, 12)
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any

from ..errors import ArgumentTypeError, LeavesGraphError, NumberError, ShapeError, StaleGraphError
from . import doubles
from .collector import collector_paused
from .nested import flat, flat_nodes, map_nodes
from .node import Node, not_a_number, number
from .numbers import differ, unit
from .ops import WHERE
from .special import where

# ---------------------------------------------------------------------------------------------------------------------
# The order


def topological_order(outputs: Any) -> list[Any]:
    """Every node that the outputs (a Value, a list or an array) are made of, once, each after all of its inputs.

    The order is fixed by the graph alone. It is the postorder of a depth-first walk that takes the outputs, and each
    node's inputs, from last to first; read backwards, as the reverse sweep does, it goes from first to last.
    """
    global walks
    ends = list(flat(outputs))
    if order := doubles.walk(ends):  # compiled nodes have a walk in C, which nothing can interrupt
        return order
    with walking:
        while True:
            this = walks = walks + 1
            order = postorder(ends)
            if this == walks:  # else a signal handler or a finaliser went for a walk of its own in between
                return order


walking = threading.RLock()
"""Held during a walk, which leaves a mark in every node: one thread at a time."""

walks = 0
"""How many there have been."""


def postorder(outputs: list[Node]) -> list[Node]:
    """The walk. A node is marked with its place in the order, and known to be placed because it is found there.

    Marks of earlier walks do no harm and need no clearing: a node that is found elsewhere is not in this order.
    """
    order: list[Node] = []
    stack: list[Any] = outputs.copy()
    while stack:
        node = stack.pop()
        if node is None:  # all inputs of the node below are placed: now it may follow
            node = stack.pop()
        elif node.position < len(order) and order[node.position] is node:
            continue
        elif node.inputs:
            stack.append(node)
            stack.append(None)
            stack += node.inputs
            continue
        node.position = len(order)
        order.append(node)
    return order


def place(node: Node, order: list[Any], elsewhere: dict[int, int]) -> int:
    """Where a node stands in an order, by its mark; where a later walk changed that, by a dict made for the purpose."""
    k = node.position
    if k < len(order) and order[k] is node:
        return k
    if not elsewhere:
        elsewhere.update(zip(map(id, order), range(len(order)), strict=True))
    return elsewhere[id(node)]


# ---------------------------------------------------------------------------------------------------------------------
# The chain rule


ONE = 1


def reverse_sweep(
    order: list[Any],
    seeds: dict[Any, Any],
    partials_of: Callable[[Any], Sequence[Any]] | None = None,
    watch: Callable[[Any, int, Any, Any], None] | None = None,
    leaves: int = 0,
) -> list[Any]:
    """The chain rule: add `∂node/∂input · adjoint(node)` to the adjoint of each input of each node.

    Nodes are taken from the outputs down, inputs from first to last, and a node's adjoint is the sum of its terms in
    that order, from left to right. What a `where` leaves out has no part in that, though its slope be infinite.

    Parameters
    ----------
    order
        Nodes in topological order.
    seeds
        ∂L/∂output for each output.
    partials_of
        The local partials of a node, if they are not to be those that it holds.
    watch
        Is called for each term with the node, the position of the input, the term, and the input's adjoint so far.
    leaves
        How many nodes at the front of the order are not followed further.

    Returns
    -------
    The adjoint of each node, in the same order; None for a node that no output is made of.
    """
    if holds_where(order):
        partials_of = beside_choices(order, partials_of or partials_held)
    adjoints: list[Any] = [None] * len(order)
    elsewhere: dict[int, int] = {}
    for node, seed in seeds.items():
        adjoints[place(node, order, elsewhere)] = seed
    for k in range(len(order) - 1, leaves - 1, -1):
        node, adjoint = order[k], adjoints[k]
        partials = node.partials if partials_of is None else partials_of(node)
        for i, input in enumerate(node.inputs):
            partial = partials[i]
            term = adjoint if partial is ONE else partial * adjoint  # spares half of all products: additions
            at = input.position
            if at >= len(order) or order[at] is not input:  # another walk has marked it since
                at = place(input, order, elsewhere)
            before = adjoints[at]
            adjoints[at] = term if before is None else before + term
            if watch is not None:
                watch(node, i, term, adjoints[at])
    return adjoints


def holds_where(order: list[Any]) -> bool:
    for node in order:  # noqa: SIM110 - every sweep asks, and compiled a loop is the quickest
        if node.op is WHERE:
            return True
    return False


def beside_choices(order: list[Any], partials_of: Callable[[Any], Sequence[Any]]) -> Callable[[Any], Sequence[Any]]:
    """The same partials, but of what a `where` may leave out those by which an adjoint of 0 stays 0.

    The derivative of where(x > 0, log(x), x) at 0 is 1. The logarithm has no part in it, though its slope is infinite
    there and 0 · ∞ is nan.
    """
    below: set[Any] = set()
    for node in reversed(order):
        if node.op is WHERE or node in below:
            below.update(node.inputs)

    def partials(node: Any) -> Sequence[Any]:
        found = partials_of(node)
        return [x if x is ONE else KeepingZero(x) for x in found] if node in below else found

    return partials


class KeepingZero:
    """A partial by which an adjoint of 0 stays 0, whatever the partial is."""

    __slots__ = ("partial",)

    def __init__(self, partial: Any) -> None:
        self.partial = partial

    def __mul__(self, adjoint: Any) -> Any:
        return where(adjoint, self.partial * adjoint, adjoint)


# ---------------------------------------------------------------------------------------------------------------------
# What users call


def backward(outputs: Any, seeds: Any = None) -> None:
    """One reverse sweep from one or several outputs: a vector–Jacobian product.

    Afterwards `x.grad` is Σ seed · ∂output/∂x on every node x that an output is made of. On leaves it is added to what
    was there (set `x.grad = 0` to begin anew); on all other nodes it replaces it. The gradient is that of the forward
    pass as it ran, whatever has been assigned to `x.data` since.

    Parameters
    ----------
    outputs
        A Value, or Values in a list or an array of any shape.
    seeds
        ∂L/∂output for each output, in the same order: a number, or numbers in a list or an array. 1 if not given.

    Raises
    ------
    ArgumentTypeError
        If an output is no Value or a seed is no number.
    ShapeError
        If there are not as many seeds as outputs.

    Notes
    -----
    The order of summation is part of the contract, since it decides the last bits of a float gradient; it depends on
    the graph alone. A node is reached after all that use it, and otherwise depth first, first inputs first. So a leaf
    of `L = Σ g·y` receives its terms in the order in which the ys stand in the sum.
    """
    accumulate(*swept(outputs, seeds))


def accumulate(order: list[Any], adjoints: list[Any]) -> None:
    """Set `grad`, or add to it on a leaf."""
    for node, adjoint in doubles.store(order, adjoints):
        node._grad = adjoint if node.inputs or node._grad == 0 else node._grad + adjoint


def grad(outputs: Any, inputs: Any, seeds: Any = None, create_graph: bool = False) -> Any:
    """The gradients Σ seed · ∂output/∂input, without touching any `.grad`.

    >>> from .value import Value
    >>> x = Value(2, "x")
    >>> first = grad(x**3, x, create_graph=True); first.data, grad(first, x)
    (12, 12)

    Parameters
    ----------
    outputs, seeds
        As for `backward`. With `create_graph` a seed may be a Value.
    inputs
        Any nodes, leaves or not: a Value, or Values in a list or an array.
    create_graph
        Return Values: the backward pass becomes a graph itself, which can be differentiated again, drawn or replayed.

    Returns
    -------
    A number (a Value with `create_graph`) for a Value, a list for a list, an array of the same shape for an array. It
    is the zero of the input's kind where no output depends on the input.

    Raises
    ------
    ArgumentTypeError, ShapeError
        As for `backward`.
    StaleGraphError
        With `create_graph`, if a number that a partial is made of was assigned anew after the forward pass.
    LeavesGraphError
        With `create_graph`, if the partials of an operation of your own can't be taken of Values, as by `math.exp`.
    """
    order, found = swept(outputs, seeds, create_graph)
    elsewhere: dict[int, int] = {}

    def gradient(x: Any) -> Any:
        try:
            return found[place(x, order, elsewhere)]
        except KeyError:
            zero = 0 * unit(x.data)
            return type(x)(zero) if create_graph else zero

    return map_nodes(gradient, inputs, "inputs")


def adjoints(outputs: Any, seeds: Any = None) -> dict[Any, Any]:
    """Σ seed · ∂output/∂node for every node that an output is made of; arguments and errors as for `backward`."""
    return dict(zip(*swept(outputs, seeds), strict=True))


def swept(outputs: Any, seeds: Any = None, create_graph: bool = False) -> tuple[list[Any], list[Any]]:
    """Every node that an output is made of, in topological order, and the adjoint of each."""
    nodes = list(flat_nodes(outputs, "outputs"))
    given = [unit(node.data) for node in nodes] if seeds is None else list(flat(seeds))
    if len(given) != len(nodes):
        raise ShapeError(f"{len(nodes)} outputs and {len(given)} seeds: give one seed for each output")
    total: dict[Any, Any] = {}
    for node, seed in zip(nodes, given, strict=True):
        if isinstance(seed, Node):
            if not create_graph:
                raise ArgumentTypeError(f"the seed {seed!r} is a Value: give its .data, or say create_graph=True")
        elif problem := not_a_number(seed):
            raise NumberError(f"a seed is not a number: {problem}")
        elif create_graph:
            seed = type(node)(seed)
        total[node] = total[node] + seed if node in total else seed
    with collector_paused():
        if not create_graph and (found := doubles.linear_sweep(nodes, total)):  # floats, compiled: the same in C
            return found
        order = topological_order(nodes)
        return order, reverse_sweep(order, total, partials_as_nodes if create_graph else None)


def partials_held(node: Any) -> Sequence[Any]:
    """The local partials of a node, as the forward pass left them."""
    partials: Sequence[Any] = node.partials
    return partials


def partials_as_nodes(node: Any) -> Sequence[Any]:
    """The local partials of a node as Values (or plain numbers, where they are constant), from its row of the table."""
    if node.op is None:
        return ()
    try:
        partials: Sequence[Any] = node.op.partials(node, *node.inputs)
    except LeavesGraphError as error:
        raise LeavesGraphError(
            f"the partials of the operation {node.op.symbol!r} need plain numbers: {error}"
        ) from error
    for again, before in zip(partials, node.partials, strict=True):
        now = number(again)
        if differ(now, before):
            raise StaleGraphError(
                f"the data of a node was assigned after the forward pass: a partial of {node.op.symbol!r} was {before} "
                f"and would now be {now}; run the forward pass again before create_graph=True"
            )
    return partials
