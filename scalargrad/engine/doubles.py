"""The reverse sweep over doubles: in C where the engine is compiled (`doubles.pyx`), and missing where it is not.

`sweep` asks here first, and does by itself what it doesn't get. There is nothing here that `sweep` doesn't say: the
order is the same, and so is every bit.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


def walk(outputs: list[Any]) -> list[Any]:
    """`sweep.postorder` of the outputs; nothing where it can't be had."""
    return []


def linear_sweep(outputs: list[Any], seeds: dict[Any, Any]) -> tuple[list[Any], Any] | None:
    """The order, and the adjoints along it as an array of doubles; None if a partial or a seed is of another kind."""
    return None


def store(order: list[Any], adjoints: Any) -> Iterable[tuple[Any, Any]]:
    """Set the grads that are doubles, and give back the nodes and adjoints that are left to `sweep.accumulate`: all."""
    return zip(order, adjoints, strict=True)
