"""A sweep over shapes gives the same reports, in the same order, on any executor."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from scalargrad.affine.report import Report
from scalargrad.affine.verify import sweep

SHAPES = [(2, 3, 2), (1, 1, 1), (0, 2, 1), (3, 2, 4)]


@contextmanager
def dask_cluster() -> Iterator[Executor]:
    """A real cluster of two worker processes, through the client's executor."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        yield client.get_executor()


@pytest.fixture(scope="module")
def here() -> list[Report]:
    return sweep(SHAPES, seed=5)


def test_reports_come_in_the_order_of_the_shapes(here: list[Report]) -> None:
    assert [report.shape for report in here] == SHAPES
    assert all(report.verified for report in here)


EXECUTORS = {
    "threads": lambda: ThreadPoolExecutor(2),
    "processes": lambda: ProcessPoolExecutor(2),
    "dask": dask_cluster,
}


@pytest.mark.parametrize("executor", EXECUTORS.values(), ids=EXECUTORS)
def test_they_do_not_depend_on_the_executor(executor: object, here: list[Report]) -> None:
    seen: list[Report] = []
    with executor() as pool:  # type: ignore[operator]
        found = sweep(SHAPES, seed=5, executor=pool, progress=seen.append)
    assert found == here == seen


def test_a_shape_is_checked_before_any_work_begins() -> None:
    seen: list[Report] = []
    with pytest.raises(ValueError, match="is not a shape"):
        sweep([(1, 1, 1), (1, 1)], progress=seen.append)  # type: ignore[list-item]
    assert seen == []


def test_options_are_passed_on() -> None:
    (report,) = sweep([(2, 2, 2)], loss="squares", evidence=["integers"])
    assert (report.loss, report.evidence) == ("squares", ("integers",))
