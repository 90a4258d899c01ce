"""How an exercise replies: nothing to a blank, what is missing to half an answer, and to a wrong one first a hint.

    >>> @question("0.1", "count on your fingers", "it is one more than one")
    ... def of_arithmetic(two): return unless_equal("1 + 1", two, 1 + 1)
    >>> answer("0.1", ...)
    >>> answer("0.1", 3)
    not yet: 1 + 1 is not 3
    hint: count on your fingers
    >>> answer("0.1", 2.0)
    right

A blank is a `...`, as a value, in a list, or in the body of a function or of a class. The first wrong answer gets the
first hint, the second a stronger one, and after that it is said where the solution is.
"""

from __future__ import annotations

import ast
import inspect
import math
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..checker import check
from ..display import legible, short
from ..engine.node import Node
from ..errors import ArgumentError

# ---------------------------------------------------------------------------------------------------------------------
# Questions


@dataclass(frozen=True)
class Question:
    """An exercise of the course.

    Attributes
    ----------
    judge
        Takes the answers, and returns "" if they are right, else a sentence with what they give and where.
    hints
        The first, and a stronger one.
    blanks
        How many blanks there are before anything is filled in.
    """

    judge: Callable[..., str]
    hints: tuple[str, str]
    blanks: int

    @property
    def asked(self) -> list[str]:
        """What is asked for, by name."""
        return list(inspect.signature(self.judge).parameters)


QUESTIONS: dict[str, Question] = {}
"""All exercises, by number: "2.3" is the third of notebook 2."""

_wrong_so_far: Counter[str] = Counter()

FILES = {
    "1": "01_values_and_graphs",
    "2": "02_affine_layer",
    "3": "03_exactly",
    "4": "04_check_your_own",
    "5": "05_train",
    "6": "06_build_your_own_engine",
}
"""Which notebook, and which file of solutions."""


def question(number: str, hint: str, stronger: str, blanks: int = 0) -> Callable[[Callable[..., str]], Question]:
    """Make a function that judges answers a question of the course; a blank for each answer if not said otherwise."""

    def made(judge: Callable[..., str]) -> Question:
        found = QUESTIONS[number] = Question(
            judge, (hint, stronger), blanks or len(inspect.signature(judge).parameters)
        )
        return found

    return made


def answer(number: str, *answers: Any) -> None:
    """Say whether the answers to an exercise are right.

    Parameters
    ----------
    number
        Of the notebook and of the exercise, as "2.3".
    answers
        What the exercise asks for, in its order.

    Raises
    ------
    ArgumentError
        If there is no such exercise, or it asks for more or fewer answers.
    """
    if number not in QUESTIONS:
        raise ArgumentError(f"there is no exercise {number!r}: there are {', '.join(sorted(QUESTIONS))}")
    asked = QUESTIONS[number]
    if len(answers) != len(asked.asked):
        raise ArgumentError(f"exercise {number} asks for {', '.join(asked.asked)}, and got {len(answers)} answers")
    if reply := replied(number, asked, answers):
        print(reply)


def replied(number: str, asked: Question, answers: Sequence[Any]) -> str:
    """The reply, and "" to blanks alone."""
    left = {name: sum(1 for _ in blanks(given)) for name, given in zip(asked.asked, answers, strict=True)}
    untouched = all(given is ... or inspect.isfunction(given) or inspect.isclass(given) for given in answers)
    if untouched and sum(left.values()) >= asked.blanks:
        return ""
    if missing := [f"{name} ({count} blanks)" if count > 1 else name for name, count in left.items() if count]:
        return f"still missing: {', '.join(missing)}"
    try:
        problem = asked.judge(*answers)
    except Exception as error:  # the reader's own code, whatever it does
        problem = f"it stops with {type(error).__name__}: {error}"
    if not problem:
        del _wrong_so_far[number]
        return "right"
    _wrong_so_far[number] += 1
    tries = _wrong_so_far[number]
    reply = f"not yet: {problem}\nhint: {asked.hints[min(tries, 2) - 1]}"
    file = FILES.get(number.partition(".")[0])
    return f"{reply}\nthe solution is in solutions/{file}.md" if tries > 2 and file else reply


def blanks(given: Any) -> Iterator[None]:
    """One item for each `...` in an answer that stands for a value; in `X[..., 0]` it is an index."""
    if given is ...:
        yield None
    elif isinstance(given, (list, tuple, set, frozenset)):
        for part in given:
            yield from blanks(part)
    elif isinstance(given, Mapping):
        yield from blanks(list(given.values()))
    elif inspect.isclass(given):  # its methods, since a notebook keeps no source of a class
        yield from blanks([part for part in vars(given).values() if inspect.isfunction(part)])
    elif inspect.isfunction(given):
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(given)))
        except (OSError, SyntaxError):  # no source is kept, or it begins in the middle of a line
            return
        indices = {id(node) for part in ast.walk(tree) if isinstance(part, ast.Subscript) for node in ast.walk(part)}
        yield from (
            None
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and node.value is ... and id(node) not in indices
        )


# ---------------------------------------------------------------------------------------------------------------------
# What judges say


def unless_equal(what: str, given: Any, right: Any) -> str:
    """ "" if an answer is right, else the sentence that it is not.

    >>> unless_equal("x", 3.0, 3), unless_equal("x", [1, 2], [2, 1])
    ('', 'x is not [1, 2]')
    """
    return "" if equal_answers(given, right) else f"{what} is not {in_words(given)}"


def equal_answers(given: Any, right: Any) -> bool:
    """Numbers are compared as numbers, floats up to their rounding; lists, tuples and arrays entry by entry.

    >>> from fractions import Fraction
    >>> equal_answers(0.1 * 3, Fraction(3, 10)), equal_answers((1, 2.0), [1, 2]), equal_answers(Fraction(1, 3), 0.3)
    (True, True, False)
    """
    given, right = plain_answer(given), plain_answer(right)
    if isinstance(given, (list, tuple)) or isinstance(right, (list, tuple)):
        return (
            isinstance(given, (list, tuple))
            and isinstance(right, (list, tuple))
            and len(given) == len(right)
            and all(map(equal_answers, given, right))
        )
    if isinstance(given, float) or isinstance(right, float):
        try:
            return math.isclose(given, right, rel_tol=1e-9, abs_tol=1e-12)
        except TypeError:
            return False
    return bool(given == right)


def plain_answer(x: Any) -> Any:
    """The number of a Value or of NumPy, and the lists of an array."""
    if isinstance(x, Node):
        return x.data
    return x.tolist() if isinstance(x, (np.ndarray, np.generic)) else x


def in_words(x: Any) -> str:
    """An answer as it is shown in a reply."""
    x = plain_answer(x)
    if isinstance(x, (list, tuple)):
        return f"[{', '.join(map(in_words, x))}]"
    return legible(repr(x) if isinstance(x, str) else short(x) if hasattr(x, "__add__") else str(x), 80)


def claimed(forward: Callable[..., Any], gradients: Callable[..., Any], shapes: Mapping[str, str]) -> str:
    """ "" if a claimed gradient is right by `sg.check`, else where it unless_equal, without the diagnosis."""
    verdict = check(forward, gradients, dict(shapes))
    found = verdict.counterexample
    if verdict.correct:
        return ""
    if found is None:
        return verdict.message
    numbers = ", ".join(f"{name} = {matrix}" for name, matrix in {**found.inputs, "G": found.G}.items())
    return f"∂L/∂{found.entry} is {found.right} by the graph and {found.claimed} by yours, at {numbers}"
