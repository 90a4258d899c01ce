"""The report on an engine: complete ones pass, and of each that is not the mistake is named."""

from __future__ import annotations

import sys
from functools import cache
from typing import Any

import pytest

import scalargrad as sg
from scalargrad.errors import MissingExtraError
from scalargrad.testing import EngineReport, assert_engine, engine_report


class Micro:
    """An engine as in a first lecture, with switches for what such engines get wrong."""

    def __init__(self, data: Any, inputs: tuple[Any, ...] = (), partials: tuple[Any, ...] = ()) -> None:
        self.data, self.grad, self.inputs, self.partials = data, 0, inputs, partials

    def __add__(self, other: Any) -> Any:
        other = other if isinstance(other, Micro) else type(self)(other)
        return type(self)(self.data + other.data, (self, other), (1, 1))

    def __mul__(self, other: Any) -> Any:
        other = other if isinstance(other, Micro) else type(self)(other)
        return type(self)(self.data * other.data, (self, other), (other.data, self.data))

    __radd__, __rmul__ = __add__, __mul__

    def order(self) -> list[Any]:
        placed: dict[int, Any] = {}
        stack = [(self, False)]
        while stack:
            node, ready = stack.pop()
            if ready:
                placed.setdefault(id(node), node)
            elif id(node) not in placed:
                stack += [(node, True), *((x, False) for x in node.inputs)]
        return list(placed.values())

    def backward(self) -> None:
        order = self.order()
        for node in order:
            if node.inputs:
                node.grad = 0
        self.grad = 1
        for node in reversed(order):
            for x, partial in zip(node.inputs, node.partials, strict=True):
                x.grad += partial * node.grad


class Overwrites(Micro):
    def backward(self) -> None:
        self.grad = 1
        for node in reversed(self.order()):
            for x, partial in zip(node.inputs, node.partials, strict=True):
                x.grad = partial * node.grad


class Recursive(Micro):
    def backward(self, seed: Any = 1) -> None:
        self.grad += seed
        for x, partial in zip(self.inputs, self.partials, strict=True):
            x.backward(partial * seed)


class NaiveRecursive(Micro):
    def backward(self, first: bool = True) -> None:
        if first:
            self.grad = 1
        for x, partial in zip(self.inputs, self.partials, strict=True):
            x.grad += partial * self.grad
            x.backward(False)


class NeverReset(Micro):
    def backward(self) -> None:
        self.grad = 1
        for node in reversed(self.order()):
            for x, partial in zip(node.inputs, node.partials, strict=True):
                x.grad += partial * node.grad


class NoReflected(Micro):
    __radd__ = __rmul__ = None  # type: ignore[assignment]


class Empty:
    def __init__(self, data: Any) -> None:
        pass


@pytest.mark.parametrize("engine", [sg.Value, Micro])
def test_complete_engines_pass(engine: Any) -> None:
    report = engine_report(engine)
    assert report.passed, report
    assert report
    assert str(report).count("✓") == len(report.findings)
    assert_engine(engine, deep=10)


@pytest.mark.parametrize(
    ("engine", "test", "sentence"),
    [
        (Overwrites, "adds over the uses of a node", "∂(x·x)/∂x at x = 3 is 3, and 6 is right: x is used twice"),
        (Recursive, "goes deep without recursion", "a RecursionError: follow the inputs with a list of your own"),
        (
            NaiveRecursive,
            "takes nodes in the right order",
            "and 96 is right: y must wait until z has added its term",
        ),
        (NaiveRecursive, "agrees on random graphs", "the value, ∂/∂x and ∂/∂y of "),
        (NeverReset, "accumulates over backward passes", "and 54 is right: leaves keep what they had"),
        (NoReflected, "takes plain numbers, on both sides", "TypeError"),
        (Empty, "holds a number", "AttributeError: 'Empty' object has no attribute 'data'"),
    ],
)
def test_what_is_missing_is_said(engine: Any, test: str, sentence: str) -> None:
    report = reported(engine)
    assert sentence in dict(report.findings)[test]
    assert not report


@cache  # an engine may stand above with several of its mistakes, and Hypothesis looks for the simplest each time
def reported(engine: Any) -> EngineReport:
    return engine_report(engine, deep=20_000)


def test_an_assertion_fails_with_the_report() -> None:
    with pytest.raises(AssertionError, match=r"^the engine is not complete yet\n✗ holds a number: AttributeError"):
        assert_engine(Empty, deep=10)


def test_without_hypothesis_the_command_to_run_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "hypothesis", None)
    with pytest.raises(MissingExtraError, match=r"the tools for tests need Hypothesis: run pip install '\.\[check\]'"):
        engine_report(sg.Value)
