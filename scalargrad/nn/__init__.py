"""A small neural network library: affine layers, losses, optimisers, and a loop that trains eagerly or by replay.

    >>> X, T = [[0, 0], [0, 1], [1, 0], [1, 1]], [[-1], [1], [1], [-1]]     # exclusive or
    >>> losses = train(MLP(2, [8, 1]), max_margin, X, T, Adam(0.05), epochs=100, replay=True)
    >>> losses[0] > 0.5, losses[-1] < 0.1
    (True, True)

A forward pass is `X @ W + b`, the layer of `affine`, built of Values; no derivative is written here. What micrograd has
goes by micrograd's names: `MLP(2, [16, 16, 1])`, `parameters()`, `zero_grad()`.
"""

from ..affine.losses import softmax_cross_entropy, sum_of_squares, weighted_sum
from .layers import MLP, Affine, Module
from .losses import cross_entropy, max_margin, mean_squared, one_hot
from .optimisers import SGD, Adam, Optimiser
from .train import train

__all__ = [
    "MLP",
    "SGD",
    "Adam",
    "Affine",
    "Module",
    "Optimiser",
    "cross_entropy",
    "max_margin",
    "mean_squared",
    "one_hot",
    "softmax_cross_entropy",
    "sum_of_squares",
    "train",
    "weighted_sum",
]
