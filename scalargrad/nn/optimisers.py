"""Optimisers: from numbers and gradients to the next numbers.

>>> sgd, numbers, gradients = SGD(rate=0.1), [np.array([1.0])], [np.array([2.0])]
>>> sgd.step(numbers, gradients)
[array([0.8])]
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np

from ..arrays import Array


class Optimiser(Protocol):
    """What `train` asks of one."""

    def step(self, numbers: Sequence[Array], gradients: Sequence[Array]) -> list[Array]:
        """The next numbers."""


class SGD:
    """Stochastic gradient descent with momentum: v ← μ v + g, p ← p − rate v (Polyak 1964)."""

    def __init__(self, rate: float = 0.1, momentum: float = 0.0) -> None:
        self.rate, self.momentum = rate, momentum
        self.velocities: list[Array] = []

    def step(self, numbers: Sequence[Array], gradients: Sequence[Array]) -> list[Array]:
        """The next numbers of the parameters."""
        old = self.velocities or [np.zeros_like(g) for g in gradients]
        self.velocities = [self.momentum * v + g for v, g in zip(old, gradients, strict=True)]
        return [p - self.rate * v for p, v in zip(numbers, self.velocities, strict=True)]


class Adam:
    """Adam (Kingma and Ba 2015, algorithm 1): steps of about `rate`, whatever the size of the gradient."""

    def __init__(self, rate: float = 0.001, betas: tuple[float, float] = (0.9, 0.999), epsilon: float = 1e-8) -> None:
        self.rate, self.betas, self.epsilon = rate, betas, epsilon
        self.count = 0
        self.means: list[Array] = []
        self.squares: list[Array] = []

    def step(self, numbers: Sequence[Array], gradients: Sequence[Array]) -> list[Array]:
        """The next numbers of the parameters."""
        (b1, b2), zeros = self.betas, [np.zeros_like(g) for g in gradients]
        self.count += 1
        self.means = [b1 * m + (1 - b1) * g for m, g in zip(self.means or zeros, gradients, strict=True)]
        self.squares = [b2 * v + (1 - b2) * g * g for v, g in zip(self.squares or zeros, gradients, strict=True)]
        m_scale, v_scale = 1 - b1**self.count, 1 - b2**self.count  # both begin at 0, which is corrected for
        return [
            p - self.rate * (m / m_scale) / (np.sqrt(v / v_scale) + self.epsilon)
            for p, m, v in zip(numbers, self.means, self.squares, strict=True)
        ]
