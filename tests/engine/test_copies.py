"""Copies and pickles of graphs, deep ones too, and what is left of a graph when it is freed."""

from __future__ import annotations

import copy
import gc
import io
import pickle
import threading
import weakref
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from scalargrad import Value, grad
from scalargrad.engine.paths import size


class Unpicklable(float):
    """A number that refuses to be pickled."""

    def __reduce__(self) -> Any:
        raise pickle.PicklingError("this number is not for pickling")


def chain(length: int, start: float = 1.0) -> Value:
    """start → neg → neg → …"""
    y = Value(start)
    for _ in range(length):
        y = -y
    return y


def in_a_thread_of_its_own(call: Callable[[], bool]) -> bool:
    """Its result or its error. A pickle's mark is local to a thread: what a failure leaves spoils no other test."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(call).result()


class Labelled(Value):
    """A subclass, which has room for attributes."""

    mean: float


class TestPicklingDeepGraphs:
    @pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
    def test_every_protocol(self, protocol: int) -> None:
        y = chain(5000, 2.0)
        again = pickle.loads(pickle.dumps(y, protocol))
        assert (again.data, size(again)) == (2.0, 5001)

    def test_one_pickler_for_two_graphs_that_share(self) -> None:
        file = io.BytesIO()
        pickler = pickle.Pickler(file)
        y = chain(5000)
        pickler.dump(y)
        pickler.dump(-y)
        file.seek(0)
        unpickler = pickle.Unpickler(file)
        first = unpickler.load()
        assert unpickler.load().inputs[0] is first

    def test_containers_keep_what_is_shared(self) -> None:
        x = Value(2.0, "x")
        found: Any = copy.deepcopy({"x": x, "chain": [-x, x * x]})
        assert found["chain"][0].inputs[0] is found["chain"][1].inputs[1] is found["x"]
        assert (found["x"].label, found["x"] is x) == ("x", False)

    def test_the_limit_a_failed_pickler_that_is_kept_has_deep_graphs_pickled_node_by_node(self) -> None:
        """As `copies.Mark` says; when the pickler is gone, all is well again."""

        def keep_it() -> bool:
            pickler = pickle.Pickler(io.BytesIO())
            with pytest.raises(pickle.PicklingError, match="not for pickling"):
                pickler.dump(-Value(Unpicklable(1.0)))
            with pytest.raises(RecursionError, match="recursion"):
                pickle.dumps(chain(5000))
            del pickler
            return bool(pickle.loads(pickle.dumps(chain(5000))).data == 1.0)

        assert in_a_thread_of_its_own(keep_it)

    def test_what_a_subclass_has_set_is_pickled_too(self) -> None:
        p = Labelled(2.0, "p")
        p.mean = 0.5
        again = pickle.loads(pickle.dumps([p, p * p]))
        assert (type(again[0]), again[0].mean, again[1].inputs[0] is again[0]) == (Labelled, 0.5, True)

    def test_copies_and_pickles_leave_no_cycles(self) -> None:
        """With the collector off: nothing is left for it to find."""
        x = Value(2.0)
        y = (x * x).tanh() + x
        gc.freeze()  # what is there already is not looked through
        gc.disable()
        try:
            del_me = [copy.copy(y), copy.deepcopy(y), pickle.loads(pickle.dumps(y))]
            watched = weakref.ref(del_me[2].inputs[0])
            del_me.clear()
            assert watched() is None
            assert gc.collect() == 0
        finally:
            gc.enable()
            gc.unfreeze()


class TestLifetime:
    def test_a_graph_has_no_cycles_and_is_freed_at_once(self) -> None:
        gc.freeze()
        gc.disable()
        try:
            x = Value(2.0)
            L = (x * x).tanh() ** 2 + x
            L.backward()
            grad(L, x, create_graph=True)
            node = weakref.ref(L.inputs[0])
            assert node() is not None
            del L
            assert node() is None
            assert gc.collect() == 0
        finally:
            gc.enable()
            gc.unfreeze()

    def test_copies_share_inputs_and_deep_copies_do_not(self) -> None:
        x = Value(2.0, "x")
        y = x * x
        y.label = "y"
        shallow, (deep_x, deep) = copy.copy(y), copy.deepcopy((x, y))
        assert shallow.inputs == (x, x)
        assert shallow.inputs[0] is x
        assert deep.inputs[0] is deep.inputs[1] is deep_x
        assert deep_x is not x
        assert (deep.data, deep.label, deep.op, deep.partials) == (4.0, "y", y.op, (2.0, 2.0))

    def test_a_deep_copy_copies_numbers_that_can_be_changed(self) -> None:
        class Cell:
            def __init__(self, n: int) -> None:
                self.n = n

            def __add__(self, other: Cell) -> Cell:
                return Cell(self.n + other.n)

            __mul__ = __add__

        x = Value(Cell(1))
        again = copy.deepcopy(x)
        x.data.n = 5
        assert again.data.n == 1

    def test_pickles_keep_what_is_shared(self) -> None:
        x = Value(2.0, "x")
        y = x * x
        L = y + x
        for dumps in (pickle.dumps, pickle._dumps):  # type: ignore[attr-defined]
            for order in ((x, y, L), (L, y, x), (y, L, x)):
                found = pickle.loads(dumps(order))
                named = {order[k].data: found[k] for k in range(3)}
                a, b, c = named[2.0], named[4.0], named[6.0]
                assert c.inputs[0] is b
                assert c.inputs[1] is b.inputs[0] is a
                c.backward()
                assert a.grad == 5.0

    def test_a_pickle_that_fails_does_not_spoil_the_next(self) -> None:
        class Local(float):
            pass

        bad = Value(Local(1.0)) * 2.0
        with pytest.raises((AttributeError, pickle.PicklingError), match="Local"):
            pickle.dumps(bad)
        y = Value(1.0)
        for _ in range(10_000):
            y = -y
        assert pickle.loads(pickle.dumps(y)).data == 1.0

    def test_threads_pickle_at_the_same_time(self) -> None:
        y = Value(1.0)
        for _ in range(20_000):
            y = -y
        found: list[float] = []
        threads = [threading.Thread(target=lambda: found.append(pickle.loads(pickle.dumps(y)).data)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [1.0] * 4
