"""Arguments of any depth, a Value, a list of them or an array: their entries in order, and the same form again.

>>> list(flat([1, [2, (3,)]]))
[1, 2, 3]
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ..errors import ArgumentTypeError
from .node import Node


def flat(nested: Any) -> Iterator[Any]:
    """The entries of a list or an array of any depth, in row-major order; a single thing is its own entry."""
    if isinstance(nested, (str, bytes)) or not hasattr(nested, "__iter__"):
        yield nested
    elif hasattr(nested, "ravel"):  # an array, which may have no dimension at all
        yield from nested.ravel()
    else:
        for part in nested:
            yield from flat(part)


def flat_nodes(nested: Any, what: str) -> Iterator[Any]:
    """`flat`, for Values only.

    Raises
    ------
    ArgumentTypeError
        If an entry is anything else; `what` begins the sentence.
    """
    for position, entry in enumerate(flat(nested)):
        if not isinstance(entry, Node):
            raise ArgumentTypeError(f"{what} must be Values, and entry {position} is of type {type(entry).__name__}")
        yield entry


def map_nodes(function: Callable[[Any], Any], nested: Any, what: str) -> Any:
    """A list or an array of the same form, with `function` applied to each Value; errors as for `flat_nodes`."""
    if hasattr(nested, "ravel"):
        result = nested.astype(object)  # a copy
        result.flat[:] = [function(x) for x in flat_nodes(nested, what)]
        return result
    if isinstance(nested, (Node, str, bytes)) or not hasattr(nested, "__iter__"):
        (node,) = flat_nodes(nested, what)
        return function(node)
    return [map_nodes(function, part, what) for part in nested]
