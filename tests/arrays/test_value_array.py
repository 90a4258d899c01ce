"""What NumPy meets: conditions, single Values, mixtures with plain numbers, nan, the kind of numbers."""

from __future__ import annotations

import warnings
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import scalargrad as sg
from scalargrad.arrays import Condition, ValueArray
from scalargrad.errors import LeavesGraphError, NumberError, ShapeError, UnsupportedError

nan, inf = np.nan, np.inf


class TestConditions:
    def setup_method(self) -> None:
        self.numbers = np.array([[-1.0, 2.0], [0.0, nan]])
        self.X = sg.values(self.numbers, "x")

    @pytest.mark.parametrize(
        "compare",
        [
            lambda X: X > 0,
            lambda X: X >= 0,
            lambda X: X < 0,
            lambda X: X <= 0,
            lambda X: X == 0,
            lambda X: X != 0,
            lambda X: 0 < X,  # noqa: SIM300
            lambda X: (X > 0) | np.isnan(X),
            lambda X: ~(X > 0) & np.isfinite(X),
            lambda X: (X > 0) ^ True,
            lambda X: (X > 0) * (X < 5),
            lambda X: (X > 0) + (X < 0),
            lambda X: (X > 0) == (X < 5),
            lambda X: np.logical_not(X),
            lambda X: (X > 0).T,
            lambda X: (X > 0)[0],
            lambda X: (X > 0).reshape(4),
            lambda X: np.concatenate([X > 0, X < 0]),
            lambda X: np.concatenate([X > 0, [[True, False]]]),
            lambda X: (X > 0).all(axis=0),
            lambda X: (X > 0).any(axis=1),
            lambda X: (X < 5).all(),
            lambda X: X.any(axis=0),
            lambda X: X[:0].any() | X[:0].all(),
        ],
    )
    def test_they_are_numpys_truth_values(self, compare: Any) -> None:
        with np.errstate(all="ignore"):
            found, right = compare(self.X), compare(self.numbers)
        assert isinstance(found, Condition)
        assert np.asarray(found).dtype == bool
        assert np.array_equal(np.asarray(found), right)

    def test_they_count_and_become_floats_as_nodes_of_the_graph(self) -> None:
        X = sg.values([1.0, -2.0, 3.0], "x")
        program = sg.record(X.sum(where=X > 0) / (X > 0).sum() + ((X > 0).astype(float) * X).sum(), [X])
        assert program([-1.0, 6.0, -3.0]) == 12.0
        assert ((X > 0).astype(int) == [1, 0, 1]).all()
        assert (X > 0).astype(int).dtype == int

    def test_where_numpy_needs_plain_ones_they_are_plain(self) -> None:
        X = sg.values([1.0, -2.0, 3.0], "x")
        assert [x.label for x in X[X > 0]] == ["x[0]", "x[2]"]
        assert np.arange(3)[X > 0].tolist() == [0, 2]
        assert np.flatnonzero(X > 0).tolist() == np.where(X > 0)[0].tolist() == [0, 2]
        assert np.count_nonzero(X > 0) == 2
        assert (X > 0).tolist() == [True, False, True]
        assert len(X > 0) == 3
        assert repr(X > 0) == "Condition([True, False, True])"
        assert X[0] in X
        if (X > 5).any():
            raise AssertionError

    def test_assignment_by_a_condition_is_where(self) -> None:
        X = sg.values([1.0, -2.0, 3.0], "x")
        Y = X.copy()
        Y[Y < 0] = 0.0
        assert sg.data(Y).tolist() == [1, 0, 3]
        assert sg.record(Y, [X])([-1.0, 2.0, -3.0]).tolist() == [0, 2, 0]
        Y[Y > 0] = [7.0, 8.0]  # as many numbers as are true now
        assert sg.data(Y).tolist() == [7, 0, 8]

    def test_of_the_way_that_is_not_taken_no_nan_comes_back(self) -> None:
        X = sg.values([0.0, 4.0], "x")
        Y = np.where(X > 0, np.log(X), X)
        assert sg.grad(Y.sum(), X).tolist() == [1.0, 0.25]
        assert sg.record_gradient(Y.sum(), [], [X])([0.0, 4.0])[1][0].tolist() == [1.0, 0.25]
        first = sg.grad(Y.sum(), X, create_graph=True)
        assert sg.grad(first.sum(), X).tolist() == [0.0, -0.0625]
        assert sg.record(first, [X])([4.0, 0.0]).tolist() == [0.25, 1.0]

    def test_plain_masks_choose_once(self) -> None:
        X = sg.values([1.0, -2.0], "x")
        assert np.where([True, False], X, 0)[0] is X[0]
        assert sg.data(np.where(X, 5, X)).tolist() == [5, 5]  # numbers are true where they are not 0


class TestSingleValues:
    """np.maximum(x, 0) for a Value is what it is for an array of them."""

    @pytest.mark.parametrize(
        "function",
        [
            lambda x: np.maximum(x, 0),
            lambda x: np.maximum(0, x),
            lambda x: np.fmin(x, 0.5),
            lambda x: np.clip(x, 0, 1),
            lambda x: np.sign(x) * x,
            lambda x: np.where(np.greater(x, 0), x, 0.1 * x),
            lambda x: np.max(x),
            lambda x: np.sum(x) + np.mean(x),
            lambda x: np.nan_to_num(x),
            lambda x: np.maximum(np.stack([x, -x, x * x]), 0).sum(),
            lambda x: np.maximum(np.array([x, -x], like=np.atleast_1d(x)), 0).sum(),
            lambda x: (np.array([1.0, -1.0]) * x).clip(0).sum(),
            lambda x: np.float64(2) * x + np.int64(3) - x / np.sqrt(2),
            lambda x: x.max(np.float64(0.5)),
        ],
    )
    def test_replay_takes_the_right_side(self, function: Any) -> None:
        x = sg.Value(1.5, "x")
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            programs = [sg.record(function(x), [x]), sg.record(function, [x])]
        for number in (1.5, -2.0, 0.25):
            right = sg.data(function(sg.Value(number)))
            assert [program(number) for program in programs] == [right, right]

    def test_the_kind_of_number_is_kept(self) -> None:
        for y in (np.float64(2) * sg.Value(3), np.int64(2) - sg.Value(3), sg.Value(3) * np.int64(2**62)):
            assert type(y.data) in (int, float)
        assert (sg.Value(4) * np.int64(2**62)).data == 2**64
        half = sg.values([Fraction(1, 2), Fraction(3, 2)])
        assert [type(x.data) for x in (half.mean(), np.median(half), np.percentile(half, 25), np.trapezoid(half))] == [
            Fraction
        ] * 4
        assert type((sg.values([1.0, 2.0]) / np.sqrt(2))[0].data) is float

    def test_an_array_or_a_list_of_them(self) -> None:
        x: Any = sg.Value(1.0)
        assert isinstance(np.stack([x, x]), ValueArray)
        assert isinstance(np.array([x, x], like=np.atleast_1d(x)), ValueArray)
        assert isinstance(np.array([x, x]) * x, ValueArray)


class TestMixtures:
    """Plain numbers among Values are constants of the graph."""

    @pytest.mark.parametrize(
        "mixed",
        [
            lambda X: np.where([True, False, True], X, 0.5),
            lambda X: np.pad(X, 1, constant_values=0.5),
            lambda X: np.tril(np.stack([X, X])),
            lambda X: np.diag(X),
            lambda X: np.concatenate([X, [0.5, 2]]),
            lambda X: np.append(X, 0.5),
            lambda X: np.full_like(X, 0.5),
            lambda X: assigned(X, 0, 0.5),
            lambda X: assigned(X, slice(None), [0.5, 1, 2]),
            lambda X: filled(X),
        ],
    )
    def test_they_work_like_arrays_of_values(self, mixed: Any) -> None:
        X = sg.values([1.0, 2.0, 4.0], "x")
        Y = mixed(X)
        assert isinstance(Y, ValueArray)
        for x in Y.flat:
            x.relu().backward()
        assert sg.data(np.exp(Y)) == pytest.approx(np.exp(np.asarray(sg.data(Y), dtype=float)))
        assert sg.data(np.log(Y + 1)) == pytest.approx(np.log(np.asarray(sg.data(Y), dtype=float) + 1))
        assert sg.jacobian(np.maximum(Y, 0.25), X).shape == (*Y.shape, 3)
        assert sg.grads(Y).shape == Y.shape
        np.sum(Y * Y).backward()

    def test_what_is_not_a_number_is_refused(self) -> None:
        X = sg.values([1.0, 2.0])
        with pytest.raises(NumberError, match="a Value needs a number, and got None"):
            X[0] = None
        with pytest.raises(LeavesGraphError, match="a Value can't become a float"):
            np.zeros(2)[:] = X


def assigned(X: Any, key: Any, numbers: Any) -> Any:
    Y = X.copy()
    Y[key] = numbers
    return Y


def filled(X: Any) -> Any:
    Y = X.copy()
    Y.fill(0.5)
    return Y


NUMBERS = [[3.0, nan, -1.0, inf], [2.0, -inf, 0.0, 2.0]]


@pytest.mark.parametrize(
    "function",
    [
        np.sort,
        np.argsort,
        np.argmax,
        np.argmin,
        np.unique,
        np.nan_to_num,
        np.isnan,
        np.isfinite,
        np.isinf,
        np.sign,
        np.median,
        lambda X: np.nan_to_num(X, nan=1, posinf=2, neginf=-2),
        lambda X: X.argmax(axis=1),
        lambda X: X.argsort(axis=0),
        lambda X: np.clip(X, -1, 2),
        lambda X: X.clip(0),
        lambda X: np.fmin(X, 1),
        lambda X: np.fmax(X, X[::-1]),
        lambda X: np.maximum(X, 1),
        lambda X: X.min(axis=1),
        lambda X: np.nanmax(X, axis=1),
        lambda X: np.nanmin(X),
        lambda X: np.nansum(X[0]),
        lambda X: np.nanargmax(X, axis=1),
        lambda X: np.median(X, axis=1),
        lambda X: np.percentile(X[1], 50),
        lambda X: np.isclose(X, X[::-1]),
        lambda X: np.isclose(X, X, equal_nan=True),
        lambda X: np.unique(X, return_counts=True)[1],
        lambda X: np.where(X > 0, X, 0),
        lambda X: np.array_equal(X, X),
        lambda X: np.allclose(X, X, equal_nan=True),
        lambda X: sorted_in_place(X),
    ],
)
def test_nan_and_infinities_are_treated_as_among_floats(function: Any) -> None:
    with np.errstate(all="ignore"):
        right = function(np.array(NUMBERS))
    found = function(sg.values(NUMBERS))
    found = np.asarray(found) if isinstance(found, Condition) else sg.data(found)
    assert np.array_equal(np.asarray(found, dtype=float), np.asarray(right, dtype=float), equal_nan=True)


def sorted_in_place(X: Any) -> Any:
    X = X.copy()
    X.sort(axis=0)
    X.partition(1, axis=1)
    return X


class TestRefusals:
    @pytest.mark.parametrize(
        ("function", "message"),
        [
            (lambda X: np.fft.fft(X), r"np\.fft\.fft is not made of operations of the graph: give it the numbers"),
            (lambda X: np.interp(X, [0, 1], [0, 1]), r"np\.interp is not made of operations"),
            (lambda X: np.copysign(X, -1), r"np\.copysign is not made of operations of the graph: use abs"),
            (lambda X: X & 1, r"np\.bitwise_and is not made of operations"),
            (lambda X: np.quantile(X, 0.5, method="lower"), r"np\.quantile .*: the one method is 'linear'"),
            (lambda X: np.linalg.eig(X), r"np\.linalg\.eig .* have no formula over scalars"),
            (lambda X: np.linalg.lstsq(X, X), r"np\.linalg\.lstsq .*: use np\.linalg\.pinv\(A\) @ b"),
            (lambda X: np.real(1j * X), r"np\.real .*: the real part of a complex number has no complex derivative"),
        ],
    )
    def test_one_sentence_names_the_function(self, function: Any, message: str) -> None:
        with pytest.raises(UnsupportedError, match=message):
            function(sg.values([[1.0, 2.0], [3.0, 4.0]]))

    def test_shapes(self) -> None:
        X = sg.values([1.0, 2.0])
        with pytest.raises(ShapeError, match="1 conditions and 2 choices"):
            np.select([X > 0], [X, X])
        with pytest.raises(ShapeError, match="1 conditions and 3 functions"):
            np.piecewise(X, [X > 0], [1, 2, 3])

    def test_functions_of_scipy_and_of_the_user(self) -> None:
        X = sg.values([0.5, -0.25], "x")
        own = np.frompyfunc(lambda x: x * x, 1, 1)
        assert sg.data(own(X)).tolist() == [0.25, 0.0625]
        assert sg.data(np.vectorize(lambda x: x.max(0))(X)).tolist() == [0.5, 0]


class TestOptions:
    def test_out_and_where(self) -> None:
        X, Y = sg.values([1.0, -2.0], "x"), sg.values([0.0, 0.0])
        assert np.exp(X, out=Y) is Y
        assert sg.data(Y) == pytest.approx(np.exp([1, -2]))
        np.multiply(X, 2, out=Y, where=X > 0)
        assert sg.data(Y) == pytest.approx([2, np.exp(-2)])
        assert X.sum(where=[True, False]).data == 1
        assert X.max(where=X < 0, initial=-9.0).data == -2
        assert X.mean(where=X > 0).data == 1
        assert X.sum(dtype=float).data == -1

    def test_writing_functions_leave_values(self) -> None:
        X = sg.values([[1.0, 2.0], [3.0, 4.0]], "x")
        np.fill_diagonal(X, 0)
        X.put([1], 7)
        np.place(X, X > 2, [5])
        np.nan_to_num(X, copy=False)
        assert all(isinstance(x, sg.Value) for x in X.flat)
        assert sg.data(X).tolist() == [[0, 5], [5, 0]]

    def test_spacing_of_linspace_and_several_axes(self) -> None:
        X = sg.values(np.arange(24.0).reshape(2, 3, 4) ** 2)
        points, step = np.linspace(X[0, 0, 1], X[0, 0, 2], 4, retstep=True)
        assert sg.data(points).tolist() == [1, 2, 3, 4]
        assert step.data == 1
        for axis, keepdims in ((None, False), (1, True), ((0, 2), True), (-1, False)):
            found, right = (np.quantile(x, 0.3, axis=axis, keepdims=keepdims) for x in (X, sg.data(X)))
            assert sg.data(found) == pytest.approx(right)
        for found, right in zip(np.gradient(X), np.gradient(sg.data(X)), strict=True):
            assert sg.data(found) == pytest.approx(right)

    @pytest.mark.parametrize(
        "function",
        [
            lambda X: np.empty_like(X, dtype=int).shape,
            lambda X: np.where(X > 2),
            lambda X: np.where(np.array([[True], [False]]), X, 0),
            lambda X: np.any(X > 3, axis=0),
            lambda X: np.any(X),
            lambda X: X.any(axis=1),
            lambda X: X.all(axis=1),
            lambda X: np.allclose(X, X + 1e-12),
            lambda X: np.sort(X, axis=None),
            lambda X: np.unique(X, return_counts=True),
            lambda X: np.unique(X, axis=0),
            lambda X: np.trim_zeros(np.append(0 * X[0], X[1])),
            lambda X: np.iscomplex(X),
            lambda X: np.isreal(X),
            lambda X: np.isrealobj(X),
            lambda X: np.gradient(X, 0.5, 2, axis=(0, 1)),
            lambda X: np.trapezoid(X, [0, 1, 3]),
            lambda X: np.cov(X, X[::-1], rowvar=False, bias=True),
            lambda X: np.cov(X[0], X[1]),
            lambda X: np.add(1, X, out=X.copy(), where=[True, False, True]),
            lambda X: np.divmod(X, 2),
            lambda X: np.modf(X / 4, out=(X.copy(), X.copy())),
            lambda X: np.linalg.norm(X, 0, axis=1),
            lambda X: np.linalg.norm(X, 3, axis=0),
            lambda X: (lambda Z: (Z.sort(axis=0), Z)[1])(X.copy()),
            lambda X: (lambda Z: (Z.partition(1), Z[:, 1])[1])(X.copy()),
            lambda X: (lambda Z: (Z.put([0, 1], 7), np.put(Z, [2], 8), Z)[-1])(X.copy()),  # type: ignore[func-returns-value]
            lambda X: (X.real, X.imag),
            lambda X: np.broadcast_to(X[0], (2, 3)) + 1,
            lambda X: np.piecewise(X[0], X[0] > 1, [lambda x: x * x, 5]),
            lambda X: np.logical_and.reduce(X > 0, axis=1),
            lambda X: np.logical_or.reduce(X, axis=0),
            lambda X: (lambda Z: (np.put(Z, [1], X[0, :1]), Z)[1])(np.zeros(2, X.dtype)),  # type: ignore[func-returns-value]
        ],
    )
    def test_it_is_what_numpy_says_of_floats(self, function: Any) -> None:
        numbers = np.array([[4.0, 1.0, 0.0], [3.0, 1.0, 2.5]])
        found, right = function(sg.values(numbers)), function(numbers)
        if not isinstance(right, tuple):
            found, right = (found,), (right,)
        assert len(found) == len(right)
        for one, other in zip(found, right, strict=True):
            assert np.asarray(sg.data(one), float) == pytest.approx(np.asarray(other, float))

    @pytest.mark.parametrize(
        ("function", "error", "said"),
        [
            (lambda X: np.select([X > 0], [1, 2]), ShapeError, "1 conditions and 2 choices"),
            (lambda X: np.gradient(X, edge_order=2), UnsupportedError, "gradient"),
            (lambda X: np.cov(X, fweights=[1, 2, 3]), UnsupportedError, "cov"),
            (lambda X: np.trim_zeros(X), UnsupportedError, "trim_zeros"),
            (lambda X: np.linalg.norm(X, "nuc"), UnsupportedError, "norm"),
            (lambda X: np.linalg.tensorsolve(X[:, :2], X[:, 0], axes=(0,)), UnsupportedError, "tensorsolve"),
            (lambda X: np.bitwise_and(X, 1), UnsupportedError, "bitwise_and"),
        ],
    )
    def test_what_is_not_offered_is_said(self, function: Any, error: Any, said: str) -> None:
        with pytest.raises(error, match=said):
            function(sg.values([[4.0, 1.0, 0.0], [3.0, 1.0, 2.5]]))
