"""Each exercise replies: nothing to blanks, what is missing to half an answer, two hints to wrong ones, then where."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import scalargrad as sg
from scalargrad.course import QUESTIONS, questions
from scalargrad.errors import ArgumentError

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


@pytest.fixture(autouse=True)
def afresh() -> Iterator[None]:
    questions._wrong_so_far.clear()
    yield
    questions._wrong_so_far.clear()


def reply(capsys: pytest.CaptureFixture[str], number: str, *answers: Any) -> str:
    sg.course.answer(number, *answers)
    return capsys.readouterr().out


# What a reader may well answer, and what the reply shows of it


def forgets_the_power(x: Any) -> Any:
    return 3 * x**2


def as_it_comes(output: Any) -> None:
    for node in sg.topological_order(output):
        node.grad = 0
    output.grad = 1
    for node in sg.topological_order(output):
        for source, partial in zip(node.inputs, node.partials, strict=True):
            source.grad += partial * node.grad


def one(*_: Any) -> int:
    return 1


def only_g(*given: Any) -> Any:
    return given[-1]


def g_for_both(X: Any, W: Any, Y: Any, G: Any) -> Any:
    return G @ W.T, X.T @ G


def everywhere(y: Any, t: Any, L: Any, G: Any) -> Any:
    return {"y": -t * G}


def copies(X: Any, M: int) -> Any:
    return np.kron(np.eye(M, dtype=int), X)


def square(x: Any) -> Any:
    return x * x


def every_node(output: Any) -> None:
    """Sets nothing to 0."""


class NoMinus:
    def __init__(self, data: Any) -> None:
        self.data = data


class HalfMinus(sg.Value):
    def __neg__(self) -> Any:
        return self * -1

    def __sub__(self, other: Any) -> Any:
        return ...

    def __rsub__(self, other: Any) -> Any:
        return ...


class NoSlope(sg.Value):
    def __mul__(self, other: Any) -> Any:
        return NoSlope(self.data * other.data)

    def exp(self) -> Any:
        return sg.Value(float(np.exp(self.data)))

    def tanh(self) -> Any:
        return sg.Value(float(np.tanh(self.data)))

    def __pow__(self, n: Any) -> Any:
        return sg.Value(self.data**n)


WRONG: list[tuple[str, tuple[Any, ...], str]] = [
    ("1.1", (3, [3, 7]), "the number of paths is not 3"),
    ("1.1", (2, [7, 7]), "the products are not [7, 7]"),
    ("1.2", (Fraction(1, 3), 0.5), "∂q/∂b is not 0.5"),
    ("1.2", (1 / 3, "-2/3"), "∂q/∂b is not '-2/3'"),
    ("1.3", (forgets_the_power,), "at x = 1 the graph has 2, and yours gives 3"),
    ("1.4", (4, 8, 48), "the adjoint of x is not 48"),
    ("1.5", (["L", "y", "z", "x"],), "y passes on its adjoint before z"),
    ("1.5", (["L", "z", "x"],), "does not have each of x, y, z and L once"),
    ("1.6", (as_it_comes,), "∂L/∂x is not 0"),
    ("1.7", (one,), "after 1 steps u = u·u + t there are 3 paths, and yours gives 1"),
    ("2.1", ((4, 3, 5, 3), 60), "the shape is not [4, 3, 5, 3]"),
    ("2.2", (9, 1), "Σ δ_kk is not 1"),
    ("2.3", ([(2, 0)],), "∂y_12/∂w_ij is zero at (2, 0)"),
    ("2.3", ([(0, 2)],), "2 pairs are not in your list of 1"),
    ("2.4", (one,), "for i = 0, j = 0 the graph has 9, and yours gives 1"),
    ("2.5", (g_for_both,), "gradients fails"),
    ("2.6", (only_g,), "∂L/∂X"),
    ("2.7", (copies,), "the entry (0, 1) is 0, and yours 2"),
    ("2.7", (lambda X, M: X,), "it has the shape (8, 6), and yours (4, 3)"),
    ("3.1", ((1.0, 1.0, 1.0),), "(a + b) + c is 3 and a + (b + c) is 3"),
    ("3.2", (53,), "the exponent is not 53"),
    ("3.3", (10**6, 3000), "the size for one test is not 1000000"),
    ("3.4", (0,), "is not ∂L/∂w1"),
    ("3.5", ("y[a] = x[a,a]",), "it gives ∂L/∂X"),
    ("3.5", ("Y = X*X",), "it gives ∂L/∂X = G·Xᵀ + Xᵀ·G"),
    ("3.6", (square,), "at x = 7 it is right too"),
    ("3.6", (one,), "at x = 0 it does not pass: x² is 0, and yours gives 1"),
    ("4.1", (only_g,), "∂L/∂X[0,0] is 0 by the graph and 1 by yours, at X = [[0]], G = [[1]]"),
    ("4.2", (only_g,), "∂L/∂X[0,0] is 0.25"),
    ("4.3", (g_for_both,), "∂L/∂X[0,0] is 1 by the graph and 0 by yours"),
    ("4.4", (only_g,), "∂L/∂X[0,0] is 0 by the graph and 1 by yours"),
    ("4.5", (only_g,), "∂L/∂Z[0,0]"),
    ("4.6", (only_g,), "∂L/∂X[0,0]"),
    ("5.1", (304,), "the number of parameters is not 304"),
    ("5.2", (everywhere,), " by the graph and "),
    ("5.3", (0.95, 0.9), "p after two steps is not 0.9"),
    ("5.4", (one,), "the accuracy of three right answers of four is not 1"),
    ("5.5", ("faster", {"relu": 0.1, "tanh": 0.2}), "your experiment ends at 0.2 with tanh, 0.1 without"),
    ("5.5", ("slow", {"relu": 0.1, "tanh": 0.2}), 'the answer is "faster" or "slower"'),
    ("5.5", ("faster", {"relu": 0.1}), 'are named "relu" and "tanh", and not [\'relu\']'),
    ("5.6", (lambda xs, ys: (0, 1),), "for points on 2.0·x + -1.0 yours gives [0, 1]"),
    ("6.1", (NoMinus,), "it stops with TypeError"),
    ("6.2", (NoSlope,), "exp(x) at [1.5] has ∂/∂x = 0"),
    ("6.3", (NoSlope,), "x³ at [2] has ∂/∂x = 0"),
    ("6.4", (every_node,), "a leaf still has the gradient 6"),
    ("6.5", (one,), "an engine that overwrites shares passes your test"),
    ("6.6", (NoSlope,), "tanh(x·y) at [0.5, -2] has ∂/∂x = 0"),
]


@pytest.mark.parametrize(("number", "answers", "sign"), WRONG, ids=[f"{case[0]} {case[2][:30]}" for case in WRONG])
def test_a_wrong_answer_gets_two_hints_before_it_is_told_where_the_solution_is(
    number: str, answers: tuple[Any, ...], sign: str, capsys: pytest.CaptureFixture[str]
) -> None:
    first, second, third = (reply(capsys, number, *answers) for _ in range(3))
    hint, stronger = QUESTIONS[number].hints
    for one_reply in (first, second, third):
        assert one_reply.startswith("not yet: ")
        assert sign in one_reply
    assert f"hint: {hint}" in first
    assert f"hint: {stronger}" in second
    assert "solutions/" not in first + second
    assert f"the solution is in solutions/{questions.FILES[number[0]]}.md" in third


def test_every_question_has_a_wrong_answer_here() -> None:
    assert {number for number, _, _ in WRONG} == set(QUESTIONS)


@pytest.mark.parametrize("number", QUESTIONS)
def test_blanks_alone_say_nothing(number: str, capsys: pytest.CaptureFixture[str]) -> None:
    blanks = [...] * len(QUESTIONS[number].asked)
    if len(blanks) == QUESTIONS[number].blanks:
        assert reply(capsys, number, *blanks) == ""


def half_of_both(X: Any, W: Any, Y: Any, G: Any) -> Any:
    return G @ W, ...


def last_column(X: Any, W: Any, Y: Any, G: Any) -> Any:
    return G @ W, G.T @ X[..., :]


@pytest.mark.parametrize(
    ("number", "answers", "missing"),
    [
        ("1.1", (2, ...), "products"),
        ("1.1", (..., [3, ...]), "number_of_paths, products"),
        ("1.4", (4, ..., ...), "adjoint_of_y, adjoint_of_x"),
        ("2.1", ((5, 3, ..., ...), 60), "shape_of_dY_dW (2 blanks)"),
        ("2.5", (half_of_both,), "gradients"),
        ("5.5", (..., {"relu": 1.0, "tanh": 2.0}), "faster_or_slower"),
        ("6.1", (HalfMinus,), "WithMinus (2 blanks)"),
    ],
)
def test_half_an_answer_is_told_what_is_missing(
    number: str, answers: tuple[Any, ...], missing: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert reply(capsys, number, *answers) == f"still missing: {missing}\n"


def test_an_index_of_three_dots_is_not_a_blank(capsys: pytest.CaptureFixture[str]) -> None:
    assert reply(capsys, "2.5", last_column) == "right\n"


def in_floats(x: Any) -> Any:
    return 3.0 * x**2 - 1.0 / x**2


@pytest.mark.parametrize(
    ("number", "answers"),
    [
        ("1.1", (2.0, (7, 3.0))),
        ("1.2", (1 / 3, -2 / 3)),
        ("1.3", (in_floats,)),
        ("2.1", ([5, 3, 4, 3], np.int64(60))),
        ("2.2", (sg.Value(9), Fraction(4))),
        ("2.3", ({(0, 2), (1, 2), (2, 2)},)),
        ("3.3", (3e6, 3e3)),
        ("3.5", ("v[n] = sum(d, A[n,d]**2)",)),
        ("5.3", (0.95, Fraction(855, 1000))),
        ("1.5", (["L", "z", "y", "x"],)),
        ("2.4", (lambda X, G, i, j: X[:, i] @ G[:, j],)),
        ("2.7", (lambda X, M: np.kron(X, np.eye(M, dtype=int)),)),
        ("3.1", ((1.0, 1e17, -1e17),)),
        ("5.6", (lambda xs, ys: np.polyfit(xs, ys, 1),)),
        ("6.1", (sg.Value,)),
    ],
)
def test_numbers_are_compared_as_numbers(
    number: str, answers: tuple[Any, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert reply(capsys, number, *answers) == "right\n"


# The last notebook's solutions, which another test runs in a kernel: its engine, and each block after it


def run(scope: dict[str, Any], *texts: str) -> dict[str, Any]:
    for text in texts:
        exec(text, scope)
    return scope


def own_engine() -> dict[str, Any]:
    """The class that the notebook builds, without what is tried with it there."""
    cells = json.loads((NOTEBOOKS / "06_build_your_own_engine.ipynb").read_text(encoding="utf-8"))["cells"]
    (cell,) = ("".join(c["source"]) for c in cells if "".join(c["source"]).startswith("class Engine:"))
    return run({"sg": sg, "math": math}, cell.partition("\n\n\n")[0])


def solutions() -> list[str]:
    page = (NOTEBOOKS / "solutions" / "06_build_your_own_engine.md").read_text(encoding="utf-8")
    return re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)


def test_the_solutions_for_your_own_engine_are_right(capsys: pytest.CaptureFixture[str]) -> None:
    scope = own_engine()
    run(scope, *solutions(), solutions()[4].replace("x * 2", "x + x"))
    assert capsys.readouterr().out == "right\n" * 7
    assert sg.testing.engine_report(scope["Engine"]).passed


# What is changed in a solution, and what the reply shows of it
MISTAKES = [
    (0, "self + other * -1", "self + other", "x - y at [5, 3] comes out as 8"),
    (0, "-self + other", "self + other * -1", "7 - x·x at [3] comes out as 2"),
    (1, "(e,))", "(1,))", "exp(x) at [1.5] has ∂/∂x = 1"),
    (2, "(n * self.data", "(self.data", "x³ at [2] has ∂/∂x = 4"),
    (3, "if not node.inputs", "if node.inputs", "a leaf still has the gradient 6"),
    (4, "x.grad != 6", "x.grad == 6", "a right engine does not pass your test"),
    (4, "x.grad != 4", "False", "an engine that resets leaves passes your test"),
    (4, "x.grad == 18 * 2**5", "True", "an engine that passes on half an adjoint passes your test"),
    (5, "1 - t * t", "1 - t", "tanh(x·y) at [0.5, -2] has ∂/∂x = "),
    (
        5,
        "t = math.tanh(self.data)",
        "t = math.tanh(self.data); self.inputs[0].data = 7",
        "the data of an input has changed",
    ),
]


@pytest.mark.parametrize(("place", "right", "wrong", "sign"), MISTAKES, ids=[case[3][:30] for case in MISTAKES])
def test_a_mistake_in_your_own_engine_is_named(
    place: int, right: str, wrong: str, sign: str, capsys: pytest.CaptureFixture[str]
) -> None:
    solution = solutions()[place]
    assert solution.count(right) == 1
    run(own_engine(), solution.replace(right, wrong))
    assert f"not yet: {sign}" in capsys.readouterr().out


def test_a_word_is_not_a_number() -> None:
    assert not questions.equal_answers("0.5", 0.5)


def test_a_right_answer_begins_anew(capsys: pytest.CaptureFixture[str]) -> None:
    reply(capsys, "2.2", 0, 0)
    reply(capsys, "2.2", 9, 4)
    assert QUESTIONS["2.2"].hints[0] in reply(capsys, "2.2", 0, 0)


def test_a_question_that_is_not_there() -> None:
    with pytest.raises(ArgumentError, match=r"there is no exercise '7\.1': there are 1\.1, 1\.2"):
        sg.course.answer("7.1", 1)
    with pytest.raises(ArgumentError, match=r"exercise 1\.1 asks for number_of_paths, products, and got 1 answers"):
        sg.course.answer("1.1", 2)
