"""The cyclic garbage collector is paused while many nodes are built, and left as it was found."""

from __future__ import annotations

import gc

import pytest

from scalargrad.engine import collector
from scalargrad.engine.collector import collector_paused


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
