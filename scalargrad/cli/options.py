"""What several commands share: how shapes are written, which layer is meant, and how a result is printed.

>>> shape_of("2, 3,2")
(2, 3, 2)
"""

from __future__ import annotations

import re
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Callable
from fractions import Fraction
from random import Random
from typing import Any

from rich.console import Console

from ..affine import Layer, symbol
from ..affine.evidence import free_layer
from ..affine.losses import LOSSES, named_loss
from ..engine.value import Value

NUMBERS: dict[str, Callable[[Random], Callable[..., Any]]] = {
    "integers": lambda random: lambda *_: random.randint(-4, 4),
    "fractions": lambda random: lambda *_: Fraction(random.randint(-9, 9), random.randint(1, 4)),
    "floats": lambda random: lambda *_: round(random.gauss(0, 1), 2),
    "symbols": lambda random: symbol,
}
"""The kinds of number to show a layer with, as entries `(name, index)` of a matrix."""


def add_layer_options(words: ArgumentParser) -> None:
    """What to build a layer of."""
    words.add_argument("--shape", metavar="N,D,M", type=shape_of, default=(2, 3, 2), help="(2,3,2)")
    words.add_argument("--numbers", choices=NUMBERS, default="integers", help="(integers)")
    words.add_argument("--seed", type=int, default=0, help="for random numbers (0)")


def add_loss_options(words: ArgumentParser) -> None:
    """What to build a layer with a loss on top of."""
    add_layer_options(words)
    words.add_argument("--bias", action="store_true", help="Y = X·W + b")
    words.add_argument("--loss", choices=LOSSES, default="squares", help="(squares)")


def shape_of(text: str) -> tuple[int, int, int]:
    """The shape (N, D, M) that is written.

    Raises
    ------
    argparse.ArgumentTypeError
        If it is not a shape: argparse makes a sentence of it.
    """
    if not re.fullmatch(r"\s*\d+\s*,\s*\d+\s*,\s*\d+\s*", text):
        raise ArgumentTypeError(f"{text!r} is not a shape: write three sizes, as in 2,3,2")
    N, D, M = map(int, text.split(","))
    return N, D, M


def chosen_layer(options: Namespace, bias: bool) -> Layer:
    """The layer that the options ask for."""
    return free_layer(options.shape, bias, entry=NUMBERS[options.numbers](Random(options.seed)))


def chosen_loss(options: Namespace) -> Value:
    """The loss L on top of the layer that the options ask for."""
    layer = chosen_layer(options, options.bias)
    N, _, M = layer.shape
    L = named_loss(options.loss, [alpha % max(M, 1) for alpha in range(N)], layer.G)(layer.Y)
    L.label = "L"
    return L


def show(*results: Any) -> None:
    """Print results as they show themselves on a terminal."""
    Console(highlight=False).print(*results, sep="\n")
