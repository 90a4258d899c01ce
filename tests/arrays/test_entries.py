"""Arrays of Values: NumPy's operations build the graph, and numbers come out as they went in."""

from __future__ import annotations

import gc
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import scalargrad as sg
from scalargrad import Value, data, grads, jacobian, values
from scalargrad._build import REASON
from scalargrad.errors import ArgumentTypeError, NumberError, ShapeError


def exact(rows: int, columns: int, start: int = 1) -> np.ndarray[Any, Any]:
    """A matrix of different Fractions."""
    return np.array([[Fraction(start + i * columns + j, 3) for j in range(columns)] for i in range(rows)], dtype=object)


class TestValues:
    def test_entries_are_labelled(self) -> None:
        X = values([[1.0, 2.0], [3.0, 4.0]], "x")
        assert isinstance(X, np.ndarray)
        assert X.dtype == object
        assert X.shape == (2, 2)
        assert [v.label for v in X.flat] == ["x[0,0]", "x[0,1]", "x[1,0]", "x[1,1]"]
        assert [v.label for v in values([1, 2], "b")] == ["b[0]", "b[1]"]
        assert values(np.zeros((1, 1, 1)), "t")[0, 0, 0].label == "t[0,0,0]"
        assert values([1])[0].label == ""

    def test_a_single_number_is_a_value(self) -> None:
        x = values(2.0, "x")
        assert isinstance(x, Value)
        assert x.label == "x"

    @pytest.mark.parametrize("shape", [(0,), (0, 3), (2, 0), (0, 0)])
    def test_sizes_of_zero(self, shape: tuple[int, ...]) -> None:
        X = values(np.zeros(shape), "x")
        assert X.shape == data(X).shape == grads(X).shape == shape
        assert X.sum() == 0

    def test_the_kinds_of_numbers(self) -> None:
        kinds: list[tuple[Any, type]] = [
            (np.ones(1), float),
            (np.ones(1, complex), complex),
            (np.ones(1, np.int32), int),
            (np.ones(1, np.float32), np.float32),
            (np.ones(1, np.longdouble), np.longdouble),
            ([Fraction(1, 2)], Fraction),
            ([Decimal(1)], Decimal),
        ]
        for numbers, kind in kinds:
            assert type(values(numbers)[0].data) is kind

    @pytest.mark.parametrize(
        ("numbers", "error", "message"),
        [
            ([[1, 2], [3]], ShapeError, "the rows have different lengths"),
            ([[1], [[2]]], ShapeError, "the rows have different lengths"),
            ([np.ones((2, 2)), np.ones((2, 3))], ShapeError, "the rows have different lengths"),
            ([[1, "a"]], NumberError, r"x\[0,1\]: a Value needs a number, and got the text 'a'"),
            ([None], NumberError, r"x\[0\]: a Value needs a number, and got None"),
            ([[Value(1)]], NumberError, r"x\[0,0\]: a Value cannot hold another Value"),
            ("text", NumberError, "x: a Value needs a number, and got the text 'text'"),
        ],
    )
    def test_what_is_no_array_of_numbers_is_refused_by_index(self, numbers: Any, error: Any, message: str) -> None:
        with pytest.raises(error, match=message):
            values(numbers, "x")


class TestOperations:
    """Each differentiates as the formula beside it says, exactly."""

    def setup_method(self) -> None:
        self.x, self.w = exact(2, 3), exact(3, 2, start=-2)
        self.X, self.W = values(self.x, "x"), values(self.w, "w")

    def gradient(self, L: Any, of: Any) -> Any:
        return np.asarray(sg.grad(L, of))

    def test_matrix_product(self) -> None:
        Y = self.X @ self.W
        assert (data(Y) == self.x @ self.w).all()
        ones = np.ones((2, 2), dtype=int).astype(object)
        assert (self.gradient(Y.sum(), self.X) == ones @ self.w.T).all()
        assert (self.gradient(Y.sum(), self.W) == self.x.T @ ones).all()
        assert (data(np.matmul(self.X, self.w)) == self.x @ self.w).all()
        assert (data(self.x @ self.W) == self.x @ self.w).all()

    def test_broadcasting(self) -> None:
        b = values([Fraction(1), Fraction(2), Fraction(3)], "b")
        assert self.gradient((self.X * b).sum(), b).tolist() == self.x.sum(axis=0).tolist()
        assert self.gradient((self.X + b).sum(), b).tolist() == [2, 2, 2]
        assert self.gradient((2 - self.X / 4).sum(), self.X).tolist() == [[Fraction(-1, 4)] * 3] * 2

    def test_sums_and_means(self) -> None:
        assert self.X.sum().data == self.x.sum()
        mean = self.X.mean(axis=0)
        assert mean.shape == (3,)
        assert (data(mean) == self.x.mean(axis=0)).all()
        assert all(type(v) is Fraction for v in data(mean))
        assert self.gradient(mean, self.X).tolist() == [[Fraction(1, 2)] * 3] * 2
        assert self.X.mean().data == self.x.mean()

    def test_slices_and_transposes_share_the_nodes(self) -> None:
        assert self.X.T[2, 1] is self.X[1, 2]
        L = (self.X[:, ::2] ** 2).sum()
        expected = 2 * self.x
        expected[:, 1] = 0
        assert (self.gradient(L, self.X) == expected).all()

    def test_functions(self) -> None:
        X = values([[0.5, 1.5]], "x")
        for name in ("exp", "log", "sqrt", "sin", "cos", "tanh"):
            Y = getattr(np, name)(X)
            assert data(Y) == pytest.approx(getattr(np, name)(data(X)), rel=1e-15)
            assert Y[0, 0].op.symbol == name
        assert data(abs(-X)).tolist() == [[0.5, 1.5]]

    def test_maximum_and_minimum_are_nodes_of_the_graph(self) -> None:
        """NumPy by itself would compare, and hand back one of the two."""
        Y = np.maximum(self.X - 1, 0)
        assert (data(Y) == np.maximum(self.x - 1, 0)).all()
        assert all(v.op.symbol == "max" for v in Y.flat)
        assert self.gradient(Y, self.X).tolist() == [[0, 0, 0], [1, 1, 1]]  # x[0,2] - 1 = 0, as relu has it
        assert np.minimum(0, self.X)[0, 0].op.symbol == "min"
        top = self.X.max()
        assert (top.data, top.op.symbol) == (2, "max")
        assert self.gradient(top, self.X).tolist() == [[0, 0, 0], [0, 0, 1]]
        assert data(self.X.max(axis=0)).tolist() == [Fraction(4, 3), Fraction(5, 3), 2]
        assert self.X.min(axis=1).shape == (2,)

    def test_in_place(self) -> None:
        X = self.X.copy()
        before = X
        X += 1
        assert X is before
        assert (data(X) == self.x + 1).all()
        assert self.gradient((X * X).sum(), self.X).tolist() == (2 * (self.x + 1)).tolist()

    def test_comparisons(self) -> None:
        assert (self.x == self.X).all()
        assert (self.X > 1).tolist() == [[False, False, False], [True, True, True]]


class TestCollector:
    def test_operations_pause_it(self) -> None:
        """No collection runs while X @ W is built, though a new one would be due every ten objects."""
        X = values(np.ones((12, 12)))
        runs: list[str] = []

        def count(phase: str, info: dict[str, int]) -> None:
            runs.append(phase)

        before = gc.get_threshold()
        gc.callbacks.append(count)
        gc.set_threshold(10)
        try:
            runs.clear()
            Y = X @ X
            paused = len(runs)
            runs.clear()
            X.view(np.ndarray) @ X.view(np.ndarray)
            plain = len(runs)
        finally:
            gc.set_threshold(*before)
            gc.callbacks.remove(count)
        assert paused < 10  # what is due before the pause begins, or when it ends
        assert plain > 100 if REASON else plain < 10  # compiled nodes are not its business
        assert Y[0, 0].data == 12
        assert gc.isenabled()

    def test_it_runs_again_after_an_error(self) -> None:
        with pytest.raises(ValueError, match="matmul"):
            values(np.ones((2, 3))) @ values(np.ones((2, 3)))
        assert gc.isenabled()


class TestNumbersOut:
    def test_plain_arrays_of_the_numbers_own_kind(self) -> None:
        for numbers, dtype in (
            (np.ones((2, 2)), float),
            (np.ones(2, complex), complex),
            (np.ones(2, np.float32), np.float32),
            (exact(1, 2), object),
            ([2**70, 1], object),
        ):
            X = values(numbers)
            (X * X).sum().backward()
            for out in (data(X), grads(X)):
                assert type(out) is np.ndarray
                assert out.dtype == dtype
        assert data(values([2**70]))[0] == 2**70

    def test_zeros_are_of_the_kind_too(self) -> None:
        X = values(exact(1, 2))
        assert [type(v) for v in grads(X).flat] == [Fraction, Fraction]
        assert grads(values(np.ones(2))).dtype == float

    def test_single_values_and_mixtures(self) -> None:
        x = Value(Fraction(1, 2))
        assert data(x) == Fraction(1, 2)
        assert type(grads(x)) is Fraction
        (x * 2).backward()
        assert grads(x) == 2
        assert data([x, 3]).tolist() == [Fraction(1, 2), 3]
        assert type(data([x, 3])[1]) is Fraction
        assert data([Value(1.5), 2]).dtype == float
        with pytest.raises(ArgumentTypeError, match=r"entry \[1\] is a int and has no gradient"):
            grads([x, 3])


NINE = [
    (a, b) for a in ((), (2,), (2, 3)) for b in ((), (4,), (3, 2))
]  # scalar, vector and matrix by scalar, vector and matrix


@pytest.mark.parametrize(("a", "b"), NINE)
def test_the_shape_of_a_derivative_is_both_shapes_together(a: tuple[int, ...], b: tuple[int, ...]) -> None:
    """A_i… = (1 + number of i…) · Σ_j… (number of j…) · b_j…²: every entry of ∂A/∂B is known."""
    B = values(np.arange(1, 1 + int(np.prod(b)), dtype=int).reshape(b), "b")
    weighted = sum((k + 1) * v * v for k, v in enumerate(np.asarray(B, dtype=object).flat))
    A: Any = np.empty(a, dtype=object)
    for k, index in enumerate(np.ndindex(a)):
        A[index] = (1 + k) * weighted
    A = A if a else A[()]
    J = jacobian(A, B)
    assert np.shape(J) == a + b
    for i, index in enumerate(np.ndindex(a)):
        for j, jndex in enumerate(np.ndindex(b)):
            assert np.asarray(J, dtype=object)[index + jndex] == (1 + i) * (j + 1) * 2 * (j + 1)


def test_jacobians_have_zeros_of_the_kind_and_take_plain_numbers() -> None:
    x, y = Value(Fraction(1, 2)), Value(Fraction(1, 3))
    J = jacobian([x * 2, 5, y], [x, y])
    assert J.tolist() == [[2, 0], [0, 0], [0, 1]]
    assert all(type(v) is Fraction for v in J.flat)
    assert jacobian(values(np.ones(2, np.float32)) * 2, values(np.ones(1, np.float32))).dtype == np.float32
    assert type(jacobian(x * 2, x)) is Fraction


def test_numpy_bools_become_pythons() -> None:
    x = sg.Value(np.True_)
    assert x.data is True
    assert (x + x).data == 2


def test_overflow_makes_no_warning() -> None:
    assert sg.data(np.exp(sg.values([1000.0]))).tolist() == [np.inf]
