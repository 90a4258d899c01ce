"""The cyclic garbage collector is paused while nodes are built; where Python recurses, graphs are freed by turns."""

from __future__ import annotations

import gc
import sys
import weakref
from typing import Any

import pytest

from scalargrad.engine import collector
from scalargrad.engine.collector import collector_paused, free_by_turns


class TestCollector:
    def test_it_is_paused_inside_and_left_as_it_was(self) -> None:
        assert gc.isenabled()
        with collector_paused():
            assert not gc.isenabled()
            with collector_paused():
                pass
            assert not gc.isenabled()
        assert gc.isenabled()

    def test_it_is_left_as_it_was_after_an_exception(self) -> None:
        with pytest.raises(RuntimeError, match="inside"), collector_paused():
            raise RuntimeError("inside")
        assert gc.isenabled()

    def test_who_has_it_off_keeps_it_off(self) -> None:
        gc.disable()
        try:
            with collector_paused():
                pass
            assert not gc.isenabled()
        finally:
            gc.enable()

    def test_many_new_objects_go_to_the_oldest_generation(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(collector, "MANY_OBJECTS", 100)
        with collector_paused():
            kept = [[k] for k in range(1000)]
        assert gc.get_count()[0] < 1000
        assert any(x is kept[0] for x in gc.get_objects(generation=2))

    def test_what_is_frozen_stays_frozen(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(collector, "MANY_OBJECTS", 100)
        gc.freeze()
        try:
            frozen = gc.get_freeze_count()
            with collector_paused():
                kept = [[k] for k in range(1000)]
            assert gc.get_freeze_count() == frozen
            assert len(kept) == 1000
        finally:
            gc.unfreeze()


class Held:
    """A node as far as freeing goes: it holds its inputs, and notes how deep in other nodes' ends it ends."""

    deepest = 0

    def __init__(self, *inputs: Any) -> None:
        self.inputs = inputs


class Refused:
    """One that never came to have inputs."""


class TestFreeing:
    def test_a_graph_is_freed_by_turns(self) -> None:
        """A chain, a diamond at each of its links, and a node that is still held: nothing is freed within another."""

        class Watched(Held):
            pass

        free_by_turns(Watched)
        freeing = Watched.__del__  # type: ignore[attr-defined]
        depths = []

        def watched(node: Any) -> None:
            frame, depth = sys._getframe(), 0
            while frame := frame.f_back:  # type: ignore[assignment]
                depth += frame.f_code is watched.__code__
            depths.append(depth)
            freeing(node)

        Watched.__del__ = watched  # type: ignore[attr-defined]
        held = Watched()
        top = held
        for _ in range(2000):
            top = Watched(top, top, Watched(top))
        gone = weakref.ref(top.inputs[0])
        del top
        assert gone() is None
        assert len(depths) == 4000
        assert max(depths) <= 1
        assert held.inputs == ()

    def test_a_node_that_was_refused_is_freed(self) -> None:
        class Watched(Refused):
            pass

        free_by_turns(Watched)
        refused = Watched()
        gone = weakref.ref(refused)
        del refused
        assert gone() is None
