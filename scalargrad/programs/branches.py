"""Numbers that notice a Python `if` on a Value's data, which a recording can't follow.

    >>> from scalargrad import Value
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     if Value(Watched(2.0)) * 3 > 5: pass
    >>> caught[0].category.__name__
    'BranchWarning'

A comparison is harmless until its truth decides something. Where the engine itself asks, as in max or step, replay asks
again; where a user's function asks, the answer is recorded once and for all, and a warning names the line. So it does
where a number is made a plain one, such as `int(x.data)`, of which nobody knows what it will decide.
"""

from __future__ import annotations

import operator
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from ..arrays import ValueArray
from ..engine import ops
from ..engine.node import not_a_number
from ..engine.ops import Op
from ..engine.value import Value
from .loops import INSTRUCTION_SET

Answer = TypeVar("Answer")


class BranchWarning(UserWarning):
    """A Python `if` on a Value's data: the branch that it took is recorded, and the other one is not."""


class Watched:
    """A float that notices when Python code asks for the truth of a comparison with it, outside of the engine.

    It answers as the float does, and everything that is computed from it is watched too.
    """

    def __init__(self, number: float) -> None:
        self.number = number

    def unit(self) -> float:
        return 1.0

    def make_node(self, op: Op, *inputs: Any) -> Any:
        return _function(op)(*inputs)

    def __hash__(self) -> int:
        return hash(self.number)

    def __bool__(self) -> bool:
        return warned(bool(self.number), BRANCH)

    def __float__(self) -> float:
        return warned(self.number, PLAIN_NUMBER)

    def __int__(self) -> int:
        return warned(int(self.number), PLAIN_NUMBER)

    def __round__(self, digits: int | None = None) -> float:
        return warned(round(self.number, digits), PLAIN_NUMBER)

    def __repr__(self) -> str:
        return repr(self.number)

    def __format__(self, form: str) -> str:
        return format(self.number, form)


class Comparison:
    """The result of one, which is harmless until it decides something. The engine reads its `truth` unasked."""

    def __init__(self, truth: bool) -> None:
        self.truth = truth

    def __bool__(self) -> bool:
        return warned(self.truth, BRANCH)


BRANCH = (
    "a Python branch on a Value's data was recorded as it went: on other data the program takes the same way; use max, "
    "min, relu, abs or step"
)
PLAIN_NUMBER = (
    "a Value's data was made a plain number and recorded as it is: on other data the program has the same number; "
    "compute with the Value"
)

PASS_ON = (
    *(__package__, Value.__module__, ValueArray.__module__.rpartition(".")[0], "scalargrad.nn.train"),
    *("numpy.", "contextlib"),
)
"""How the names of modules begin that only pass a question on."""


def warned(answer: Answer, sentence: str) -> Answer:
    """The answer, with a warning that names the line of the code that asked; the engine's own max, step… may ask."""
    frame, level = sys._getframe(1), 1
    while frame.f_back and frame.f_globals.get("__name__", "").startswith(PASS_ON):
        frame, level = frame.f_back, level + 1
    if not frame.f_globals.get("__name__", "").startswith("scalargrad."):
        warnings.warn(sentence, BranchWarning, stacklevel=level + 1)
    return answer


@contextmanager
def watched(leaves: Iterable[Value]) -> Iterator[None]:
    """Meanwhile the numbers of leaves notice a branch: those of a model, for one, which a function has by itself."""
    numbers = {leaf: leaf.data for leaf in leaves}
    try:
        for leaf in numbers:
            leaf.data = Watched(float(leaf.data))
        yield
    finally:
        for leaf, number in numbers.items():
            leaf.data = number


# ---------------------------------------------------------------------------------------------------------------------
# What floats and nodes answer by themselves, so that the engine need not compare to find it out


def _plain(x: Any) -> Any:
    return x.number if type(x) is Watched else x if type(x) is int else float(x)


def _operator(function: Callable[..., Any], result: Callable[[Any], Any] = Watched) -> Callable[..., Any]:
    """A function of floats as an operator, which leaves Values and arrays to themselves."""
    return lambda *numbers: (
        NotImplemented if any(map(not_a_number, numbers)) else result(function(*map(_plain, numbers)))
    )


def _function(row: Op) -> Callable[..., Any]:
    """A row of the table as a method; with a Value among the numbers it makes a node."""

    def method(*numbers: Any) -> Any:
        node = next((x for x in numbers if isinstance(x, Value)), None)
        return Watched(row.apply(*map(_plain, numbers))) if node is None else node.make_node(row, *numbers)

    return method


_OPERATORS = (
    *(("add", ops.ADD), ("sub", ops.SUB), ("mul", ops.MUL), ("truediv", ops.DIV), ("pow", ops.POW)),
    ("mod", ops.MOD),
    *(("neg", ops.NEG), ("abs", ops.ABS)),
)

for _name, _row in _OPERATORS:
    _forward = _operator(_row.apply)
    setattr(Watched, f"__{_name}__", _forward)
    setattr(Watched, f"__r{_name}__", lambda self, other, forward=_forward: forward(other, self))
for _name in ("lt", "le", "gt", "ge", "eq", "ne"):
    setattr(Watched, f"__{_name}__", _operator(getattr(operator, _name), Comparison))
for _row in (*INSTRUCTION_SET, ops.WHERE):
    if _row.symbol.isidentifier():  # as numbers ask for: x.exp(), x.max(y)
        setattr(Watched, _row.symbol, _function(_row))
