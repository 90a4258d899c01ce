"""A scalar autograd engine that proves, exactly, that the element-wise chain rule gives the matrix formulas.

    >>> import scalargrad as sg
    >>> X, W = sg.values([[1, 2]], "x"), sg.values([[3], [4]], "w")
    >>> L = ((X @ W) ** 2).sum(); L.backward(); sg.grads(X).tolist()
    [[66, 88]]

This is the public API, and nothing else. Each name is loaded when it is first used (PEP 562), so that `sg.Value` costs
the standard library alone. `engine` is the engine, `affine` is the mission, `checker` judges your own formulas,
`derivation` proves them for all shapes; each file opens with what it is about.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._build import build_info
from .errors import Error

if TYPE_CHECKING:  # what type checkers and editors see; `HOME` below says the same to Python
    from . import affine as affine, course as course, datasets as datasets, nn as nn, testing as testing
    from .affine import explain as explain, verify as verify
    from .arrays import data as data, grads as grads, jacobian as jacobian, label as label, values as values
    from .checker import check as check
    from .derivation import derive as derive
    from .engine import ops as ops
    from .engine.ops import Op as Op
    from .engine.paths import paths as paths
    from .engine.sweep import backward as backward, grad as grad, topological_order as topological_order
    from .engine.value import Value as Value, sum as sum
    from .pictures import draw as draw, explore as explore, step_through as step_through
    from .programs import Program as Program, record as record, record_gradient as record_gradient

__version__ = "0.1.0"

HOME = {
    "Value": "engine.value",
    "Op": "engine.ops",
    "sum": "engine.value",
    "backward": "engine.sweep",
    "grad": "engine.sweep",
    "topological_order": "engine.sweep",
    "paths": "engine.paths",
    "values": "arrays",
    "data": "arrays",
    "grads": "arrays",
    "jacobian": "arrays",
    "label": "arrays",
    "verify": "affine",
    "explain": "affine",
    "check": "checker",
    "derive": "derivation",
    "draw": "pictures",
    "explore": "pictures",
    "step_through": "pictures",
    "record": "programs",
    "record_gradient": "programs",
    "Program": "programs",
}
"""Where each name comes from."""

MODULES = {
    "affine": "affine",
    "course": "course",
    "datasets": "datasets",
    "nn": "nn",
    "ops": "engine.ops",
    "testing": "testing",
}
"""Modules that are part of the API by themselves."""

__all__ = ["Error", "__version__", "build_info", *HOME, *MODULES]


def __getattr__(name: str) -> Any:
    if name in MODULES:
        found: Any = import_module(f".{MODULES[name]}", __name__)
    elif name in HOME:
        found = getattr(import_module(f".{HOME[name]}", __name__), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}: it has {', '.join(sorted(__all__))}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
