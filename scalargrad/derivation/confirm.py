"""Formulas against scalar graphs: every entry is compared with the reverse sweep, which knows nothing of the kernel.

    >>> from .derive import outline
    >>> from .notation import read
    >>> layer = read("y[a] = x[a] * x[a]")
    >>> confirm(layer, [outline(layer, "x")])
    'scalar graphs: all 8 entries of these formulas equal exactly over Fractions at N = 2, 3, 1'

Polynomials are compared over Fractions, exactly; functions such as exp to 50 digits.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from fractions import Fraction
from functools import partial
from itertools import cycle
from typing import Any

from ..arrays import fill
from ..engine.sweep import adjoints
from ..engine.value import Value
from ..errors import DerivationError
from .derivation import Derivation
from .evaluation import Sizes, evaluate_formula, evaluate_forward, evaluate_matrix
from .terms import ForwardPass

_PATTERNS = ((2, 3, 2, 1, 3), (3, 1, 2, 2, 1), (2, 2, 2, 2, 2), (1, 2, 3, 2, 2))
"""Sizes that the dimensions take in turn, small since a graph has a node for each product."""
_DIGITS = 50


def confirm(layer: ForwardPass, derivations: Sequence[Derivation]) -> str:
    """Compare every formula with the reverse sweep through a scalar graph, exactly or to 50 digits; say what was done.

    Raises
    ------
    DerivationError
        If a formula and the graph differ.
    """
    patterns = _PATTERNS if layer.most_sums <= 6 else _PATTERNS[2:3] if layer.most_sums <= 12 else ((1,),)
    smooth = any(not function.bends for function in layer.functions)
    compared, where = 0, []
    for number, pattern in enumerate(patterns):
        sizes = dict(zip(layer.dimensions, cycle(pattern), strict=False))
        if "1" in sizes:
            sizes["1"] = 1
        rng = random.Random(f"0 {number}")
        if smooth:
            import mpmath

            with mpmath.workdps(_DIGITS + 15):
                found = entries_compared(layer, derivations, sizes, partial(_positive, rng))
        else:
            found = entries_compared(layer, derivations, sizes, partial(_rational, rng))
        if found:
            compared += found
            where.append(_listed(map(str, sizes.values())))
    if not where:
        return "scalar graphs: not compared, since the numbers that were drawn are outside a function's domain"
    kind = f"to {_DIGITS} digits" if smooth else "exactly over Fractions"
    at = f" at {_listed(layer.dimensions)} = {', '.join(dict.fromkeys(where))}" if layer.dimensions else ""
    return f"scalar graphs: all {compared} entries of these formulas equal {kind}{at}"


def _listed(words: Iterable[str]) -> str:
    text = ", ".join(words)
    return f"({text})" if "," in text else text


def _rational(rng: random.Random) -> Fraction:
    return Fraction(rng.randint(-9, 9), rng.randint(1, 5))


def _positive(rng: random.Random) -> Any:
    """A number of mpmath's that log and sqrt accept."""
    import mpmath

    return mpmath.mpf(rng.randint(10, 40)) / 20


def entries_compared(
    layer: ForwardPass, derivations: Sequence[Derivation], sizes: Sizes, draw: Callable[[], Any]
) -> int:
    """How many entries of formulas were found equal to the graph's at one shape; 0 outside a function's domain.

    Raises
    ------
    DerivationError
        If an entry is not.
    """
    inputs = {
        name: fill(tuple(sizes[size] for size in layer.shapes[name]), lambda *_: Value(draw())) for name in layer.inputs
    }
    try:
        made = evaluate_forward(layer, inputs, sizes, zero=Value(0))
    except (TypeError, ValueError, ZeroDivisionError):  # log of 0, relu of a complex number
        return 0
    output = made[layer.output]
    G = fill(output.shape, lambda *_: Fraction(1) if layer.is_scalar else draw())
    found = adjoints(output.flat, G.flat) if output.size else {}
    numbers = {}
    for name, array in made.items():
        numbers[name] = fill(array.shape, lambda *at, array=array: array[at].data)
        numbers[layer.adjoint(name)] = fill(array.shape, lambda *at, array=array: found.get(array[at], 0))
    for derivation in derivations:
        graph = numbers[layer.adjoint(derivation.name)]
        claims = [evaluate_formula(derivation.formula, numbers, sizes)]
        if derivation.closed is not None:
            claims.append(evaluate_matrix(derivation.closed, numbers, sizes).reshape(graph.shape))
        for claim in claims:
            for one, other in zip(graph.flat, claim.flat, strict=True):
                if not _close(one, other):
                    raise DerivationError(
                        f"{derivation.statement} is false at {sizes}: the graph has {one}, not {other}"
                    )
    return sum(numbers[derivation.name].size for derivation in derivations)


def _close(one: Any, other: Any) -> bool:
    """Equal; for mpmath's numbers, to 50 digits of the larger."""
    if type(one).__module__.startswith("mpmath") or type(other).__module__.startswith("mpmath"):
        return bool(abs(one - other) * 10**_DIGITS <= max(1, abs(one), abs(other)))
    return bool(one == other)
