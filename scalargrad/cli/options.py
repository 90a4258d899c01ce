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

from ..affine import Layer, build, symbol
from ..affine.evidence import as_fractions
from ..affine.losses import LOSSES, named_loss
from ..arrays import fill
from ..datasets import read_labels, read_matrix, read_vector
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
    words.add_argument("--x", metavar="FILE", help="X, N×D: CSV or .npy; random if not given")
    words.add_argument("--w", metavar="FILE", help="W, D×M; random if not given")
    words.add_argument("--b", metavar="FILE", help="b, M numbers; see --bias if not given")
    words.add_argument("--bias", action="store_true", help="Y = X·W + b, with a random b")
    words.add_argument("--shape", metavar="N,D,M", type=shape_of, default=(2, 3, 2), help="of what is random (2,3,2)")
    words.add_argument(
        "--numbers", choices=NUMBERS, default="integers", help="what is random; fractions: files too (integers)"
    )
    words.add_argument("--seed", type=int, default=0, help="for random numbers (0)")


def add_loss_options(words: ArgumentParser, loss: str = "squares") -> None:
    """What to build a layer with a loss on top of; this loss if none is given."""
    add_layer_options(words)
    words.add_argument("--loss", choices=LOSSES, default=loss, help=f"({loss})")
    words.add_argument(
        "--labels", metavar="FILE", help="for cross-entropy: the class of each row of X, an integer from 0 or a name"
    )


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


def chosen_layer(options: Namespace, bias: bool = False, zeros: bool = True) -> Layer:
    """The layer that the options ask for, with a random G: matrices from files, and random ones that fit them.

    Parameters
    ----------
    bias
        Have a bias, also if no option asks for one.
    zeros
        Whether random numbers may be 0.

    Raises
    ------
    UsageError
        If both --b and --bias are given.
    FileError, ShapeError
        If a file is not a matrix, or does not fit the others.
    """
    if options.b and options.bias:
        raise UsageError(f"scalargrad {options.command}: give --b FILE or --bias, not both")
    X, W, b = (
        _from_file(path, options.numbers, read)
        for path, read in ((options.x, read_matrix), (options.w, read_matrix), (options.b, read_vector))
    )
    N, D, M = options.shape
    if W is not None:
        D, M = W.shape
    if X is not None:
        N, D = X.shape
    entry = NUMBERS[options.numbers](Random(options.seed))
    entry = entry if zeros else _without_zeros(entry)

    def free(name: str, *size: int) -> Any:
        return fill(size, lambda *index: entry(name, index))

    x, w, c, G = free("x", N, D), free("w", D, M), free("b", M), free("g", N, M)
    X, W = x if X is None else X, w if W is None else W
    return build(X, W, c if b is None and (bias or options.bias) else b, G=G)


def _without_zeros(draw: Callable[..., Any]) -> Callable[..., Any]:
    """Random entries of which none is 0."""

    def entry(name: str, index: tuple[int, ...]) -> Any:
        while (number := draw(name, index)) == 0:
            pass
        return number

    return entry


def _from_file(path: str | None, numbers: str, read: Callable[[str], Any]) -> Any:
    """The numbers of a file, as fractions where these are asked for; None where there is no file."""
    if path is None:
        return None
    return as_fractions(read(path), path) if numbers == "fractions" else read(path)


def chosen_loss(options: Namespace) -> Value:
    """The loss L on top of the layer that the options ask for."""
    layer = chosen_layer(options)
    L = loss_on(options, layer)(layer.Y)
    L.label = "L"
    return L


def loss_on(options: Namespace, layer: Layer) -> Callable[..., Value]:
    """The loss that the options name for a layer, with its G as the weights of a weighted sum."""
    N, _, M = layer.shape
    labels = read_labels(options.labels) if options.labels else [alpha % max(M, 1) for alpha in range(N)]
    return named_loss(options.loss, labels, layer.G)


def show(*results: Any) -> None:
    """Print results as they show themselves on a terminal."""
    Console(highlight=False).print(*results, sep="\n")
