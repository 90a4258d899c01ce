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
from ..arrays import fill
from ..datasets import read_matrix, read_vector
from ..engine.value import Value
from ..errors import UsageError

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
    L = loss_of(options, layer.G)(layer.Y)
    L.label = "L"
    return L


def add_file_options(words: ArgumentParser) -> None:
    """Files with the matrices of a layer."""
    words.add_argument("--x", metavar="FILE", help="X, N×D: CSV or .npy; random if not given")
    words.add_argument("--w", metavar="FILE", help="W, D×M; random if not given")
    words.add_argument("--b", metavar="FILE", help="b, M numbers; see --bias if not given")


def read_matrices(options: Namespace, free: Callable[..., Any]) -> tuple[Any, Any, Any, Any]:
    """X, W, b (or None) and G: from the files that are named, and `free(name, index)` for entries that are not.

    Raises
    ------
    UsageError
        If b is asked for twice.
    FileError
        If a file can't be read as a matrix.
    """
    if options.b and options.bias:
        raise UsageError(f"scalargrad {options.command}: give --b FILE or --bias, not both")

    def matrix(name: str, *shape: int) -> Any:
        return fill(shape, lambda *index: free(name, index))

    N, D, M = options.shape
    X = read_matrix(options.x) if options.x else None
    W = read_matrix(options.w) if options.w else None
    if W is not None:
        D, M = W.shape
    if X is not None:
        N, D = X.shape
    X = matrix("x", N, D) if X is None else X
    W = matrix("w", D, M) if W is None else W
    b = read_vector(options.b) if options.b else matrix("b", M) if options.bias else None
    return X, W, b, matrix("g", N, M)


def loss_of(options: Namespace, G: Any) -> Callable[..., Value]:
    """The loss that the options name; of cross-entropy with the classes 0, 1, …, and of a weighted sum with weights G."""
    N, M = G.shape
    return named_loss(options.loss, [alpha % max(M, 1) for alpha in range(N)], G)


def show(*results: Any) -> None:
    """Print results as they show themselves on a terminal."""
    Console(highlight=False).print(*results, sep="\n")
