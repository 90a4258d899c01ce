"""NumPy on arrays of Values means what it means on floats: every function of `cases` has every property here."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from typing import Any

import mpmath
import numpy as np
import pytest

import scalargrad as sg
from scalargrad.arrays.ufuncs import CONDITIONS, UFUNCS
from scalargrad.arrays.value_array import FUNCTIONS
from scalargrad.errors import DivisionByZeroError, DomainError, InexactError, UnsupportedError
from scalargrad.programs import BranchWarning

from ..programs.graphs import bits
from .cases import CASES, NO_NUMBERS, Case

each_case = pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])


def results(case: Case, X: Any) -> list[Any]:
    """What a function gives, as a list of arrays and single numbers."""
    found = case.call(X)
    return list(found) if isinstance(found, (list, tuple)) else [found]


def numbers(case: Case, X: Any) -> list[Any]:
    """The numbers of all results in one list."""
    return [x for one in results(case, X) for x in np.ravel(sg.data(one)).tolist()]


def entries(case: Case, X: Any) -> Iterator[sg.Value]:
    for one in results(case, X):
        yield from np.ravel(one) if isinstance(one, np.ndarray) else [one]


@each_case
def test_the_value_is_numpys(case: Case) -> None:
    for at in case.at[:2]:
        X = np.array(at)
        expected = [np.asarray(one, dtype=float) for one in results(case, X)]
        found = results(case, sg.values(at))
        assert [np.shape(one) for one in found] == [one.shape for one in expected]
        for one, right in zip(found, expected, strict=True):
            assert np.asarray(sg.data(one), dtype=float) == pytest.approx(right, rel=1e-12, abs=1e-13)


@each_case
def test_the_gradient_is_that_of_differences_at_fifty_digits(case: Case) -> None:
    X = sg.values(case.at[0])
    gradient = np.array([sg.jacobian(one, X).reshape(-1, X.size) for one in entries(case, X)], dtype=float)
    with mpmath.workdps(50):
        point, h = np.vectorize(mpmath.mpf, otypes=[object])(case.at[0]), mpmath.mpf("1e-20")
        for k in range(point.size):
            moved = [point.copy(), point.copy()]
            moved[0].flat[k] += h
            moved[1].flat[k] -= h
            up, down = (numbers(case, sg.values(at)) for at in moved)
            right = [float((a - b) / (2 * h)) for a, b in zip(up, down, strict=True)]
            assert gradient[:, 0, k].tolist() == pytest.approx(right, rel=1e-9, abs=1e-12)


@each_case
def test_replay_is_the_graph_in_every_bit_on_other_data_or_warns(case: Case) -> None:
    X = sg.values(case.at[0], "x")
    if case.decides:
        with pytest.warns(BranchWarning) as caught:
            sg.record(lambda X: results(case, X), [X])
        assert "cases.py" in caught[0].filename
        return
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        recorded = [sg.record(lambda X: results(case, X), [X]), sg.record(results(case, X), [X])]
    for at in case.at[:2]:
        right = [sg.data(one) for one in results(case, sg.values(at))]
        for program in recorded:
            for one, other in zip(program(at), right, strict=True):
                assert bits(one) == bits(other)


@each_case
def test_floats_stay_pythons_floats_and_integers_no_int64(case: Case) -> None:
    with np.errstate(all="raise"):
        for x in entries(case, sg.values(case.at[0])):
            assert isinstance(x, sg.Value)
            assert type(x.data) in (float, int)
        with suppress(DomainError, DivisionByZeroError):  # of whole numbers, which have no infinity
            assert {type(x.data) for x in entries(case, sg.values(case.at[2]))} <= {int, float}


@each_case
def test_fractions_stay_fractions_or_say_that_they_can_t(case: Case) -> None:
    X = sg.values([[Fraction(str(x)) for x in row] for row in case.at[0]])
    try:
        kinds = {type(x.data) for x in entries(case, X)}
    except (InexactError, DivisionByZeroError):
        return
    assert kinds <= {Fraction, int}


def public() -> dict[str, Any]:
    """All of NumPy's functions that ask arrays how they are to be done, and all of its ufuncs."""
    found: dict[Any, str] = {}
    for prefix, module in (("", np), ("linalg.", np.linalg), ("fft.", np.fft)):
        for name in dir(module):
            function = None if name.startswith("_") else getattr(module, name)
            if isinstance(function, np.ufunc):
                found.setdefault(function, prefix + function.__name__)
            elif type(function) is type(np.concatenate):
                found.setdefault(function, prefix + name)
    return {name: function for function, name in found.items()}


@pytest.mark.parametrize("name", sorted(public()))
def test_every_function_of_numpy_is_known(name: str) -> None:
    """It is in the list, or gives no numbers, or is refused with one sentence."""
    function = public()[name]
    listed = {getattr(np, case.name.rpartition(".")[2], None) for case in CASES} | {case.name for case in CASES}
    if name in listed or function in listed or name in NO_NUMBERS:
        return
    assert function not in FUNCTIONS
    X = sg.values([[1.0, 2.0], [3.0, 4.0]])
    with pytest.raises(UnsupportedError, match=r"^np\.[\w.]+ is not made of operations of the graph: \w"):
        called(function, X)


def called(function: Any, X: Any) -> None:
    """A function of X, with as many arguments as it takes."""
    for count in (1, 2, 3):
        try:
            function(*[X] * count)
        except UnsupportedError:
            raise
        except TypeError:
            continue


def test_every_entry_of_the_tables_is_tested() -> None:
    names = {case.name for case in CASES}
    assert {*UFUNCS, *CONDITIONS} - names <= {"clip", "erf", "expit", "log_expit", "xlogy"}
