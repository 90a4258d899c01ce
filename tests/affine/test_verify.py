"""Verification: it holds for what is right, for numbers that are given and for shapes."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import numpy as np
import pytest

from scalargrad.affine import CLAIMS, EVIDENCE, LOSSES, Report, verify, verify_shape, verify_shapes
from scalargrad.affine.verify import check_memory
from scalargrad.errors import ArgumentError, NumberError, ShapeError, TooLargeError


class TestWhatIsRight:
    @pytest.mark.parametrize("shape", [(1, 1, 1), (1, 3, 2), (3, 1, 2), (3, 2, 1), (2, 3, 4)])
    @pytest.mark.parametrize("loss", LOSSES)
    def test_every_claim_holds_by_every_kind_of_evidence(self, shape: tuple[int, int, int], loss: str) -> None:
        report = verify_shape(shape, loss=loss)
        assert report.verified
        assert len(report.findings) == len(CLAIMS) * len(EVIDENCE)
        assert all(f.verdict and f.compared and f.largest_difference == "0" for f in report.findings)
        assert report.evidence == tuple(EVIDENCE)
        assert report.shape == shape

    @pytest.mark.parametrize("shape", [(0, 2, 3), (2, 0, 3), (2, 3, 0), (0, 0, 0)])
    def test_sizes_of_zero(self, shape: tuple[int, int, int]) -> None:
        for loss in ("weighted-sum", "squares"):
            assert verify_shape(shape, loss=loss).verified

    def test_without_a_bias_there_is_no_claim_about_it(self) -> None:
        report = verify([[1.5, 2.0]], [[1.0], [3.0]])
        assert report.verified
        assert {f.claim for f in report.findings} == {c.name for c in CLAIMS if c.matrix != "b"}

    def test_the_node_count_is_that_of_the_graph(self) -> None:
        """X, W, b; D products, a Σ and a + for each y; a weight and a product for each y; L."""
        N, D, M = 3, 2, 4
        expected = N * D + D * M + M + N * M * (D + 2) + 2 * N * M + 1
        assert verify_shape((N, D, M), evidence=["floats"]).nodes == expected

    def test_the_largest_integers_do_not_overflow(self) -> None:
        X = [[2**62, 2**63 - 1]]
        assert verify(X, [[2**62], [3]], evidence=["fractions"]).verified

    def test_seeds_make_reports_repeatable(self) -> None:
        assert verify_shape((2, 2, 2), seed=1) == verify_shape((2, 2, 2), seed=1)

    def test_progress_is_told(self) -> None:
        told: list[tuple[str, float]] = []
        verify_shape((1, 1, 1), evidence=["floats", "integers"], progress=lambda *step: told.append(step))
        names = ["building the graph", *(c.name for c in CLAIMS)]
        assert [step for step, _ in told] == [f"{kind}: {name}" for kind in ("floats", "integers") for name in names]
        parts = [done for _, done in told]
        assert parts == sorted(set(parts))
        assert parts[0] == 0
        assert parts[len(names)] == pytest.approx(0.5)  # both take about as long
        assert 0.9 < parts[-1] < 1


class TestLosses:
    X, W = ([[0.5, -1.25], [2.0, 0.75]], [[1.0, -0.5], [0.25, 1.5]])

    def notes(self, loss: Any) -> set[str]:
        report = verify(self.X, self.W, loss=loss, evidence=["fractions"])
        assert report.verified
        return {f.note for f in report.findings}

    def test_a_rational_loss_is_exact_throughout(self) -> None:
        assert self.notes(lambda Y: Y[0, 0] ** 3 / (Y[1, 1] ** 2 + 1) - 3 * Y[0, 1]) == {""}

    @pytest.mark.parametrize("loss", [lambda Y: np.exp(Y).sum(), lambda Y: (0.1 * Y).sum()], ids=["exp", "a float"])
    def test_for_any_other_the_report_says_where_g_comes_from(self, loss: Any) -> None:
        (note,) = self.notes(loss)
        assert "G = ∂L/∂Y was computed in float64" in note

    def test_a_loss_that_leaves_out_entries(self) -> None:
        assert verify(self.X, self.W, loss=lambda Y: Y[1, 0] * 2).verified

    def test_cross_entropy_needs_labels(self) -> None:
        with pytest.raises(ArgumentError, match="the loss cross-entropy needs labels"):
            verify(self.X, self.W, loss="cross-entropy")
        assert verify(self.X, self.W, loss="cross-entropy", labels=[1, 0]).verified

    def test_names(self) -> None:
        with pytest.raises(
            ArgumentError, match="there is no loss 'hinge': choose from weighted-sum, squares, cross-entropy"
        ):
            verify(self.X, self.W, loss="hinge")

        def my_loss(Y: Any) -> Any:
            return Y.sum()

        assert verify(self.X, self.W, loss=my_loss).loss == "my_loss"

    @pytest.mark.parametrize(
        ("labels", "error", "message"),
        [
            ([0], ShapeError, "1 labels for 2 rows of Y: give one label for each row"),
            ([0, 2], ArgumentError, r"labels\[1\] is 2: with 2 columns in Y it must be an integer from 0 to 1"),
            ([0, 1.0], ArgumentError, r"labels\[1\] is 1.0: with 2 columns in Y it must be an integer"),
        ],
    )
    def test_labels_that_are_none(self, labels: Any, error: type[Exception], message: str) -> None:
        with pytest.raises(error, match=message):
            verify(self.X, self.W, loss="cross-entropy", labels=labels)


class TestRefusals:
    @pytest.mark.parametrize(
        ("X", "W", "b", "error", "message"),
        [
            (
                [[1.0, math.nan]],
                [[1], [2]],
                None,
                ArgumentError,
                r"X\[0,1\] is nan: exact verification needs finite numbers",
            ),
            ([[1.0]], [[1.0], [math.inf]][:1], [math.inf], ArgumentError, r"b\[0\] is inf"),
            ([[1.0]], [[-math.inf]], None, ArgumentError, r"W\[0,0\] is -inf"),
            ([["1/2"]], [[1]], None, NumberError, r"X\[0,0\] is '1/2': it must be a real rational number"),
            ([[1j]], [[1]], None, NumberError, r"X\[0,0\] is 1j: it must be a real rational number"),
            ([[None]], [[1]], None, NumberError, r"X\[0,0\] is None"),
            ([[1, 2]], [[1]], None, ShapeError, r"X is 1×2, W is 1×1: X's columns \(2\) must equal W's rows \(1\)"),
            ([[1, 2], [3]], [[1]], None, ShapeError, "the rows have different lengths"),
            ([[1e200]], [[1e200]], None, ArgumentError, r"∂L/∂y\[0,0\] is (inf|nan) in float64: .* scale X or W"),
        ],
    )
    def test_bad_numbers(self, X: Any, W: Any, b: Any, error: Any, message: str) -> None:
        with pytest.raises(error, match=message):
            verify(X, W, b, loss=lambda Y: (Y**2).sum())

    def test_a_request_that_would_not_fit_names_its_nodes(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with pytest.raises(
            TooLargeError, match=r"N,D,M = 100000,10000,10000 needs a graph of 10,004,100,000,000 nodes"
        ):
            verify_shape((10**5, 10**4, 10**4))
        monkeypatch.delattr("os.sysconf")
        check_memory((10**5, 10**4, 10**4))  # a system that does not tell its memory: nothing is refused

    @pytest.mark.parametrize("shape", [(1, 2), (1, -1, 2), (1.0, 2, 3)])
    def test_what_is_no_shape(self, shape: Any) -> None:
        with pytest.raises(ArgumentError, match="is not a shape: it takes three sizes N, D, M, none negative"):
            verify_shape(shape)


class TestWhatGoesWrong:
    def test_a_loss_that_changes_y_in_place(self) -> None:
        def loss(Y: Any) -> Any:
            Y[0, 0] = Y[0, 0] * 2
            return Y.sum()

        assert verify([[1.0, 2.0]], [[3.0], [4.0]], loss=loss).verified

    def test_gradients_that_overflow(self) -> None:
        report = verify([[1e308], [-1e308]], [[1.0]], loss=lambda Y: 10 * Y[0, 0] + 10 * Y[1, 0])
        assert report.verified  # ∂L/∂w is inf - inf, by the graph and by the formula

    def test_nothing_to_verify(self) -> None:
        with pytest.raises(ArgumentError, match="there are no claims to verify: give some of CLAIMS"):
            verify([[1.0]], [[2.0]], claims=[])
        with pytest.raises(ArgumentError, match="no kind of evidence is given: choose from floats, fractions"):
            verify([[1.0]], [[2.0]], evidence=[])


# ---------------------------------------------------------------------------------------------------------------------
# Many shapes

SHAPES = [(2, 3, 2), (1, 1, 1), (0, 2, 1), (3, 2, 4)]


@contextmanager
def dask_cluster() -> Iterator[Executor]:
    """A real cluster of two worker processes, through the client's executor."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=":0") as cluster,
        Client(cluster) as client,
    ):
        yield client.get_executor()


@pytest.fixture(scope="module")
def here() -> list[Report]:
    return verify_shapes(SHAPES, seed=5)


EXECUTORS: dict[str, Callable[[], AbstractContextManager[Executor]]] = {
    "threads": lambda: ThreadPoolExecutor(2),
    "processes": lambda: ProcessPoolExecutor(2),
    "dask": dask_cluster,
}


@pytest.mark.parametrize("executor", EXECUTORS.values(), ids=EXECUTORS)
def test_they_do_not_depend_on_the_executor(
    executor: Callable[[], AbstractContextManager[Executor]], here: list[Report]
) -> None:
    seen: list[Report] = []
    with executor() as pool:
        found = verify_shapes(SHAPES, seed=5, executor=pool, progress=seen.append)
    assert found == here == seen


def test_the_steps_of_a_sweep_are_told() -> None:
    told: list[tuple[str, float]] = []
    verify_shapes([(1, 1, 1), (2, 3, 2)], evidence=["integers"], steps=lambda *step: told.append(step))
    half = len(told) // 2
    assert told[0] == ("1,1,1, integers: building the graph", 0)
    assert told[half] == ("2,3,2, integers: building the graph", 101 / (101 + 112))
    parts = [done for _, done in told]
    assert parts == sorted(set(parts))
    assert parts[-1] < 1


def test_the_shapes_of_a_sweep_by_others_are_told() -> None:
    told: list[tuple[str, float]] = []
    with ThreadPoolExecutor(2) as pool:
        verify_shapes([(1, 1, 1), (2, 3, 2)], evidence=["integers"], executor=pool, steps=lambda *x: told.append(x))
    assert told == [("0 of 2 shapes done", 0), ("1 of 2 shapes done", 101 / (101 + 112))]


def test_reports_come_in_the_order_of_the_shapes(here: list[Report]) -> None:
    assert [report.shape for report in here] == SHAPES
    assert all(report.verified for report in here)


def test_a_shape_is_checked_before_any_work_begins() -> None:
    seen: list[Report] = []
    with pytest.raises(ShapeError, match="is not a shape"):
        verify_shapes([(1, 1, 1), (1, 1)], progress=seen.append)  # type: ignore[list-item]
    assert seen == []


def test_options_are_passed_on() -> None:
    (report,) = verify_shapes([(2, 2, 2)], loss="squares", evidence=["integers"])
    assert (report.loss, report.evidence) == ("squares", ("integers",))
