"""Fixtures for the tests of programs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

import scalargrad as sg

from .graphs import AS_INSTALLED, IN_NUMPY, running


@pytest.fixture(params=["as installed", "in NumPy"])
def _loops(request: pytest.FixtureRequest) -> Iterator[None]:
    """Both loops, where there are two."""
    with running(IN_NUMPY if request.param == "in NumPy" else AS_INSTALLED):
        yield


@pytest.fixture
def layer() -> tuple[Any, Any, sg.Value]:
    X, W = sg.values([[0.1, -0.7], [1.3, 0.2]], "x"), sg.values([[0.3, 1.1], [-0.9, 0.4]], "w")
    return X, W, sg.sum(y**2 for y in (X @ W).flat)
