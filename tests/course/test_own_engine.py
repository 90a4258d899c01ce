"""The questions of notebook 6 reply to a right engine, and find what is wrong in another."""

from __future__ import annotations

from typing import Any

import pytest

from scalargrad import Value
from scalargrad.course import answer


def used_twice(engine: Any) -> bool:
    x = engine(3)
    (x * x).backward()
    return bool(x.grad == 6)


def accumulates(engine: Any) -> bool:
    x = engine(3)
    L = x + 2
    L.backward()
    L.backward()
    return bool(x.grad == 2)


def waits(engine: Any) -> bool:
    x = engine(2)
    y = x * x
    (y * (3 * y) * y).backward()
    return bool(x.grad == 18 * 2**5)


def forgotten(output: Any) -> None:
    for node in output.topological_order():
        if not node.inputs:
            node.grad = 0


class Unmoved(Value):
    """-x is x."""

    def __neg__(self) -> Any:
        return self + 0


class CutOff(Value):
    """-x is a leaf."""

    def __neg__(self) -> Any:
        return Value(-self.data)


@pytest.mark.parametrize(
    ("number", "given", "said"),
    [
        ("6.1", Value, "right"),
        ("6.1", Unmoved, "-x at [5] comes out as 5"),
        ("6.1", CutOff, "-x at [5] has ∂/∂x = 0"),
        ("6.2", Value, "right"),
        ("6.3", Value, "right"),
        ("6.6", Value, "right"),
        ("6.5", lambda engine: all(test(engine) for test in (used_twice, accumulates, waits)), "right"),
        ("6.4", forgotten, "right"),
        ("6.4", lambda engine: None, "a leaf still has the gradient 6"),
        ("6.5", lambda engine: False, "a right engine does not pass your test"),
        ("6.5", lambda engine: True, "an engine that overwrites shares passes your test"),
        ("6.5", used_twice, "an engine that resets leaves passes your test"),
        ("6.5", lambda engine: used_twice(engine) and accumulates(engine), "an engine that passes on half an adjoint"),
    ],
)
def test_what_is_replied(number: str, given: Any, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    answer(number, given)
    assert said in capsys.readouterr().out
