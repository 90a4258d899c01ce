"""Derived formulas against scalar graphs of the same expression, which know nothing of the parser and the kernel.

An expression is drawn as a tree. Its text goes to `read`, and the tree itself is evaluated on Values, so that
a term that the parser loses, or an index that the kernel mixes up, shows.
"""

from __future__ import annotations

import operator
import os
import random
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
from hypothesis import given, reject, settings, strategies as st

import scalargrad as sg
from scalargrad.arrays import fill
from scalargrad.derivation.algebra import Algebra
from scalargrad.derivation.derive import outline
from scalargrad.derivation.differentiation import gradient
from scalargrad.derivation.evaluation import evaluate_formula, evaluate_forward, evaluate_matrix
from scalargrad.derivation.matrix_form import closed_form
from scalargrad.derivation.notation import read
from scalargrad.derivation.terms import ForwardPass

RANKS = {"x": 2, "w": 2, "v": 2, "u": 1, "p": 1, "s": 0}
CALLED = {"relu": lambda z: z.relu(), "abs": abs}
PROFILE = os.environ.get("HYPOTHESIS_PROFILE", "dev")
INTENSE = PROFILE == "intense"

Tree = tuple[Any, ...]


def text(tree: Tree) -> str:
    """The tree in index notation."""
    match tree:
        case "entry", name, indices:
            return f"{name}[{','.join(indices)}]" if indices else str(name)
        case "number", number:
            return f"({number})"
        case "sum", index, body:
            return f"sum({index}, {text(body)})"
        case "square", body:
            return f"({text(body)})**2"
        case "inverse", body:
            return f"({text(body)})^-1"
        case "identity", one, other:
            return f"eye[{one},{other}]"
        case "call", function, body:
            return f"{function}({text(body)})"
        case sign, left, right:
            return f"({text(left)} {sign} {text(right)})"
    raise AssertionError(tree)


def evaluated(tree: Tree, at: dict[str, int], arrays: dict[str, Any]) -> Any:
    """The tree as a Value, read off directly; a sum runs as far as the axis that its index stands on."""
    match tree:
        case "entry", name, indices:
            return arrays[name][tuple(at[index] for index in indices)]
        case "number", number:
            return sg.Value(Fraction(number))
        case "sum", index, body:
            return sg.sum(evaluated(body, {**at, index: k}, arrays) for k in range(lengths(index, body, arrays)[0]))
        case "square", body:
            return evaluated(body, at, arrays) ** 2
        case "inverse", body:
            return evaluated(body, at, arrays) ** -1
        case "identity", one, other:
            return sg.Value(Fraction(int(at[one] == at[other])))
        case "call", function, body:
            return CALLED[function](evaluated(body, at, arrays))
        case sign, left, right:
            one, other = evaluated(left, at, arrays), evaluated(right, at, arrays)
            return {"+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv}[sign](one, other)
    raise AssertionError(tree)


def lengths(index: str, tree: Any, arrays: dict[str, Any]) -> list[int]:
    """The sizes of the axes that an index stands on, which are all the same."""
    if not isinstance(tree, tuple):
        return []
    if tree[0] == "entry":
        return [arrays[tree[1]].shape[axis] for axis, letter in enumerate(tree[2]) if letter == index]
    return [size for part in tree[1:] for size in lengths(index, part, arrays)]


@st.composite
def factors(draw: st.DrawFn, scope: str, must: str = "") -> Tree:
    """An entry whose indices are in scope, `must` among them."""
    name = draw(st.sampled_from([name for name, rank in RANKS.items() if (rank or not must) and (scope or not rank)]))
    indices = [draw(st.sampled_from(scope)) for _ in range(RANKS[name])]
    if must and must not in indices:
        indices[draw(st.integers(0, len(indices) - 1))] = must
    return "entry", name, tuple(indices)


@st.composite
def trees(draw: st.DrawFn, scope: str, depth: int) -> Tree:
    """Any expression with the free indices of the scope."""
    kinds = ["entry", "number", "+", "-", "*", "*", "/", "sum", "sum", "square", "inverse", "identity", "call"]
    kind = draw(st.sampled_from(kinds))
    if depth == 0 or kind == "entry":
        return draw(factors(scope))
    if kind == "number":
        return "number", draw(st.integers(-3, 3))
    if kind == "sum":
        index = draw(st.sampled_from([letter for letter in "abcklm" if letter not in scope]))
        inner = scope + index
        return "sum", index, ("*", draw(factors(inner, index)), draw(trees(inner, depth - 1)))
    if kind in ("square", "inverse"):
        return kind, draw(trees(scope, depth - 1))
    if kind == "identity":
        other = draw(st.sampled_from([letter for letter in "abcklm" if letter not in scope]))
        index = draw(st.sampled_from(scope)) if scope else other
        body = ("*", ("identity", index, other), draw(factors(scope + other, other)))
        return "sum", other, body
    if kind == "call":
        return "call", draw(st.sampled_from(sorted(CALLED))), draw(trees(scope, depth - 1))
    return kind, draw(trees(scope, depth - 1)), draw(trees(scope, depth - 1))


@st.composite
def outputs(draw: st.DrawFn, depth: int = 3) -> tuple[str, Tree]:
    """The indices of the output, and an expression in which each of them stands."""
    free = draw(st.sampled_from(["", "i", "ij"]))
    tree: Tree = draw(trees(free, draw(st.integers(1, depth))))
    for index in free or [""]:  # at least one factor, so that there is something to differentiate by
        tree = (draw(st.sampled_from("+*")), tree, draw(factors(free, index)))
    return free, tree


@st.composite
def chains(draw: st.DrawFn) -> tuple[str, Tree]:
    """A product of two to four matrices, some transposed, with open ends, with vectors at the ends, or a trace.

    A matrix or two may stand beside the chain entry by entry, and the chain may be the argument of a function.
    """
    names = draw(st.lists(st.sampled_from("xwv"), min_size=2, max_size=4))
    path = [*"iklm"[: len(names)], "j"]
    ends = draw(st.sampled_from(["open", "open", "left vector", "right vector", "both vectors", "trace"]))
    if ends == "trace":
        path[-1] = "i"
    parts: list[Tree] = [
        ("entry", name, (one, other) if draw(st.booleans()) else (other, one))
        for name, one, other in zip(names, path, path[1:], strict=False)
    ]
    bound = {"open": "", "left vector": "i", "right vector": "j", "both vectors": "ij", "trace": "i"}[ends]
    if ends != "trace":
        parts += [("entry", draw(st.sampled_from("up")), (index,)) for index in bound]
    free = "".join(index for index in "ij" if index in path and index not in bound)
    tree = parts[0]
    for part in parts[1:]:
        tree = ("*", tree, part)
    for index in [*path[1:-1], *bound]:
        tree = ("sum", index, tree)
    if draw(st.booleans()):
        tree = ("call", draw(st.sampled_from(sorted(CALLED))), tree)
    if free:
        for sign in draw(st.lists(st.sampled_from("+-*"), max_size=2)):
            tree = (sign, tree, draw(factors(free, free[0])))
    return free, tree


def layer_of(free: str, tree: Tree) -> ForwardPass:
    """The tree as it is read from its text, unless it divides by 0 wherever it is, which reading refuses."""
    ranks = enumerate(RANKS.items())
    one_entry = {name: fill((1,) * rank, lambda *_, k=k: sg.Value(Fraction(2 * k + 3))) for k, (name, rank) in ranks}
    try:
        evaluated(tree, dict.fromkeys("abcijklm", 0), one_entry)
    except ZeroDivisionError:
        reject()
    left = f"y[{','.join(free)}]" if free else "y"
    return read(f"{left} = {text(tree)}")


def agree(free: str, tree: Tree, rng: random.Random, smallest: int = 1) -> int:
    """Compare each gradient with the tree's own graph, and return how many had a matrix formula."""
    layer = layer_of(free, tree)
    sizes = {letter: rng.randint(smallest, 3) for letter in sorted(layer.dimensions)}

    def matrix(name: str) -> Any:
        return fill(tuple(sizes[size] for size in layer.shapes[name]), lambda *_: Fraction(rng.randint(-5, 5)))

    numbers = {name: matrix(name) for name in layer.inputs}
    G = matrix(layer.output) if free else fill((), lambda: 1)
    nodes = {name: fill(array.shape, lambda *at, array=array: sg.Value(array[at])) for name, array in numbers.items()}
    try:
        Y = fill(G.shape, lambda *at: evaluated(tree, dict(zip(free, at, strict=True)), nodes))
        made = evaluate_forward(layer, numbers, sizes)
    except ZeroDivisionError:
        reject()
    assert (made[layer.output] == fill(Y.shape, lambda *at: Y[at].data)).all()

    arrays = {**made, layer.adjoint(layer.output): G}
    closed_forms = 0
    for name in (*(s.name for s in reversed(layer.statements[:-1])), *layer.inputs):
        formula = gradient(layer, name)
        found = evaluate_formula(formula, arrays, sizes)
        arrays[layer.adjoint(name)] = found
        closed = closed_form(formula)
        if closed is not None:
            closed_forms += 1
            by_matrices = evaluate_matrix(closed, arrays, sizes)
            assert by_matrices.size == found.size
            assert (by_matrices.reshape(found.shape) == found).all()
        if name in layer.inputs and Y.size:
            leaves = nodes[name] if nodes[name].shape else nodes[name][()]
            assert (found == np.asarray(sg.grad(Y, leaves, seeds=G))).all()
            assert {type(number) for number in found.flat} <= {int, Fraction}
    return closed_forms


@given(outputs(), st.randoms(use_true_random=False))
def test_any_expression(drawn: tuple[str, Tree], rng: random.Random) -> None:
    agree(*drawn, rng)


@given(chains(), st.randoms(use_true_random=False))
def test_matrix_chains_have_a_closed_form(drawn: tuple[str, Tree], rng: random.Random) -> None:
    """Every gradient of a chain is found as a formula of matrices, so 2,000 chains are far more than 1,000 formulas."""
    layer = layer_of(*drawn)
    assert agree(*drawn, rng) == len(layer.inputs) + len(layer.statements) - 1


@given(chains(), st.randoms(use_true_random=False))
@settings(max_examples=200 if INTENSE else 10)
def test_empty_matrices(drawn: tuple[str, Tree], rng: random.Random) -> None:
    agree(*drawn, rng, smallest=0)


@given(outputs(depth=2))
@settings(max_examples=200 if INTENSE else 15)
def test_every_step_is_proved_by_sympy(drawn: tuple[str, Tree]) -> None:
    layer = layer_of(*drawn)
    if not Algebra.beyond(layer):
        for name in layer.inputs:
            outline(layer, name).verify()


@given(chains(), st.randoms(use_true_random=False))
@settings(max_examples={"intense": 2000, "ci": 400}.get(PROFILE, 200))
def test_integer_differences(drawn: tuple[str, Tree], rng: random.Random) -> None:
    """Along a line of integers a polynomial loss tells its own derivative, exactly, by differences: no graph needed.

    Newton: f′(0) = Δf(0) − Δ²f(0)/2 + Δ³f(0)/3 − …, which ends at the degree. A chain has two matrices at least, and
    each of its gradients a closed form, so the 400 of CI are far more than 1,000 formulas.
    """
    free, tree = drawn
    if "call" in str(tree):
        return  # no polynomial
    layer = layer_of(free, tree)
    sizes = {letter: rng.randint(1, 3) for letter in layer.dimensions}

    def matrices() -> dict[str, Any]:
        return {
            name: fill(tuple(sizes[size] for size in layer.shapes[name]), lambda *_: rng.randint(-5, 5))
            for name in layer.inputs
        }

    start, direction = matrices(), matrices()
    G = fill(tuple(sizes[size] for size in layer.shapes["y"]), lambda *_: rng.randint(-5, 5) if free else 1)

    def loss(t: int) -> Any:
        moved = {name: start[name] + t * direction[name] for name in layer.inputs}
        return np.sum(evaluate_forward(layer, moved, sizes)["y"] * G)

    differences = [loss(t) for t in range(10)]
    by_differences = Fraction(0)
    for order in range(1, 10):
        differences = [after - before for before, after in pairwise(differences)]
        by_differences += Fraction((-1) ** (order + 1) * differences[0], order)

    arrays = {**evaluate_forward(layer, start, sizes), layer.adjoint("y"): G}
    by_formulas = 0
    for name in layer.inputs:
        closed = closed_form(gradient(layer, name))
        assert closed is not None
        by_formulas += (evaluate_matrix(closed, arrays, sizes).reshape(start[name].shape) * direction[name]).sum()
    assert by_formulas == by_differences
