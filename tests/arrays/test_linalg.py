"""Linear algebra at scalar level: exact over Fractions, and NumPy's results and errors."""

from __future__ import annotations

import warnings
from fractions import Fraction
from typing import Any

import numpy as np
import pytest

import scalargrad as sg
from scalargrad.errors import ShapeError
from scalargrad.programs import BranchWarning

A = [[Fraction(0), Fraction(2), Fraction(1)], [Fraction(1), Fraction(1), Fraction(3)], [Fraction(2), Fraction(5), 4]]


def adjugate(A: Any) -> Any:
    """det(A)·A⁻¹, by minors: the transpose of the derivative of det, at singular matrices too."""
    n = len(A)
    minors = [[np.delete(np.delete(np.array(A, dtype=object), i, 0), j, 1) for i in range(n)] for j in range(n)]
    return np.array([[(-1) ** (i + j) * minor(minors[j][i]) for i in range(n)] for j in range(n)], dtype=object)


def minor(A: Any) -> Any:
    """The determinant by expansion along the first row."""
    if not len(A):
        return 1
    return sum((-1) ** j * A[0, j] * minor(np.delete(A[1:], j, 1)) for j in range(len(A)))


class TestOverFractions:
    def setup_method(self) -> None:
        self.A = sg.values(A, "a")

    def test_inverse_and_solution(self) -> None:
        inverse = np.linalg.inv(self.A)
        assert (sg.data(inverse @ self.A) == np.eye(3, dtype=int)).all()
        assert all(isinstance(x.data, Fraction) for x in inverse.flat)
        x = np.linalg.solve(self.A, [1, 2, 3])
        assert sg.data(self.A @ x).tolist() == [1, 2, 3]
        X = np.linalg.solve(self.A, self.A)
        assert (sg.data(X) == np.eye(3, dtype=int)).all()

    def test_the_derivative_of_an_inverse(self) -> None:
        """∂(A⁻¹)_ij / ∂a_kl = −(A⁻¹)_ik (A⁻¹)_lj."""
        inverse = np.linalg.inv(self.A)
        B = sg.data(inverse)
        assert (sg.jacobian(inverse, self.A) == -np.einsum("ik,lj->ijkl", B, B)).all()

    def test_powers(self) -> None:
        back = np.linalg.matrix_power(self.A, -2) @ self.A @ self.A
        assert (sg.data(back) == np.eye(3, dtype=int)).all()
        assert (sg.data(np.linalg.matrix_power(self.A, 0)) == np.eye(3, dtype=int)).all()

    def test_cholesky_and_pseudo_inverse(self) -> None:
        L = np.linalg.cholesky(sg.values([[Fraction(4), 2], [Fraction(2), 10]]))
        assert sg.data(L).tolist() == [[2, 0], [1, 3]]
        assert sg.data(np.linalg.cholesky(sg.values([[Fraction(4), 2], [0, 10]]), upper=True)).tolist() == [
            [2, 1],
            [0, 3],
        ]
        for B in (self.A[:, :2], self.A[:2]):
            P = np.linalg.pinv(B)
            assert (sg.data(B @ P @ B) == sg.data(B)).all()
            assert (sg.data(P @ B) == sg.data(P @ B).T).all()
            assert (sg.data(B @ P) == sg.data(B @ P).T).all()

    @pytest.mark.parametrize(
        "matrix",
        [
            A,
            [[1, 2], [2, 4]],
            [[0, 0], [3, 4]],
            [[0, 3], [0, 4]],
            [[0, 0, 1], [0, 0, 2], [3, 4, 5]],
            [[0, 1, 2], [0, 3, 4], [0, 5, 7]],
            [[1, 1, 1], [1, 1, 1], [1, 1, 1]],
            [[0, 0], [0, 0]],
            [[5]],
        ],
    )
    def test_the_derivative_of_a_determinant_is_the_adjugate_though_it_be_0(self, matrix: Any) -> None:
        M = sg.values([[Fraction(x) for x in row] for row in matrix])
        D = np.linalg.det(M)
        assert D.data == minor(sg.data(M))
        assert (sg.grad(D, M) == adjugate(sg.data(M)).T).all()


class TestOverFloats:
    def test_stacks_of_matrices(self) -> None:
        S = np.random.default_rng(0).normal(size=(2, 2, 3, 3))
        V = sg.values(S)
        for name in ("det", "inv", "pinv"):
            assert sg.data(getattr(np.linalg, name)(V)) == pytest.approx(getattr(np.linalg, name)(S), rel=1e-10)
        for found, right in zip(np.linalg.slogdet(V), np.linalg.slogdet(S), strict=True):
            assert sg.data(found) == pytest.approx(right)
        assert np.linalg.slogdet(V)._fields == np.linalg.slogdet(S)._fields
        assert sg.data(np.linalg.solve(V, S[0, 0])) == pytest.approx(np.linalg.solve(S, S[0, 0]), rel=1e-9)
        assert sg.data(np.linalg.solve(V, np.ones(3))) == pytest.approx(np.linalg.solve(S, np.ones(3)), rel=1e-9)

    @pytest.mark.parametrize("ord", [None, "fro", 1, -1, np.inf, -np.inf])
    def test_norms_of_matrices(self, ord: Any) -> None:
        S = np.random.default_rng(0).normal(size=(2, 3, 4))
        for options in ({}, {"keepdims": True}):
            found = np.linalg.norm(sg.values(S), ord, (1, 2), **options)
            assert sg.data(found) == pytest.approx(np.linalg.norm(S, ord, (1, 2), **options))

    @pytest.mark.parametrize("ord", [None, 0, 1, 2, 3, 0.5, np.inf, -np.inf])
    def test_norms_of_vectors(self, ord: Any) -> None:
        S = np.random.default_rng(0).normal(size=(2, 3))
        assert sg.data(np.linalg.norm(sg.values(S), ord, axis=1)) == pytest.approx(np.linalg.norm(S, ord, axis=1))
        assert np.linalg.norm(sg.values(S[0]), ord).data == pytest.approx(np.linalg.norm(S[0], ord))

    def test_the_pivot_is_the_largest(self) -> None:
        tiny = sg.values([[1e-20, 1.0], [1.0, 1.0]])
        assert sg.data(np.linalg.solve(tiny, [1.0, 2.0])).tolist() == [1, 1]

    def test_a_choice_among_pivots_is_warned_about_and_one_pivot_is_no_choice(self) -> None:
        with pytest.warns(BranchWarning):
            sg.record(np.linalg.inv, [sg.values([[1.0, 2.0], [3.0, 4.0]])])
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            sg.record(np.linalg.inv, [sg.values([[2.0]])])
            sg.record(np.linalg.cholesky, [sg.values([[2.0, 0.5], [0.5, 1.0]])])


def test_what_has_no_answer_is_numpys_error_and_ours() -> None:
    singular = sg.values([[1.0, 2.0], [2.0, 4.0]])
    for kind in (np.linalg.LinAlgError, sg.Error):
        with pytest.raises(kind, match="the matrix is singular: it has no inverse"):
            np.linalg.inv(singular)
        with pytest.raises(kind, match="the matrix is not positive definite: it has no Cholesky factor"):
            np.linalg.cholesky(-singular)
    with pytest.raises(ShapeError, match=r"the matrix has the shape \(2, 1\): it must be square"):
        np.linalg.det(singular[:, :1])
