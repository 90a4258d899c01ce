"""Optimisers, against their formulas."""

from __future__ import annotations

import math

import numpy as np
import pytest

import scalargrad as sg


def test_sgd_with_momentum() -> None:
    sgd, p = sg.nn.SGD(0.1, momentum=0.5), [np.array([1.0])]
    p = sgd.step(p, [np.array([2.0])])
    assert p[0].tolist() == [0.8]
    p = sgd.step(p, [np.array([2.0])])  # v = 0.5 · 2 + 2
    assert p[0] == pytest.approx([0.5])


def test_adams_first_step_is_the_rate() -> None:
    adam = sg.nn.Adam(0.01)
    (p,) = adam.step([np.array([1.0, 1.0])], [np.array([1e-3, -1e3])])
    assert p == pytest.approx([0.99, 1.01], rel=1e-6)


def test_adam_by_the_paper() -> None:
    adam, p, m, v = sg.nn.Adam(0.1), np.array([1.0]), 0.0, 0.0
    expected = 1.0
    for t in range(1, 6):
        g = 2 * expected
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        expected -= 0.1 * (m / (1 - 0.9**t)) / (math.sqrt(v / (1 - 0.999**t)) + 1e-8)
        (p,) = adam.step([p], [2 * p])
    assert p == pytest.approx([expected], rel=1e-12)
