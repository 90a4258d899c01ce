"""An assertion about gradients that you derived by hand, for your own test suite.

>>> def forward(X, W): return X @ W
>>> def gradients(X, W, Y, G): return G @ W.T, X.T @ G
>>> assert_gradients(forward, gradients, {"X": "N D", "W": "D M"})
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from ..checker import check


def assert_gradients(
    forward: Callable[..., Any],
    gradients: Callable[..., Any],
    shapes: Mapping[str, str],
    examples: int = 60,
    tolerance: str | float | None = None,
    dtype: Any = np.float64,
) -> None:
    """Fail with the checker's verdict unless the claimed gradients are right: if wrong, and if they can't be judged.

    For the parameters see `sg.check`.

    Raises
    ------
    AssertionError
        With the counterexample, the terms of the chain rule, and the diagnosis if there is one.
    MissingExtraError
        If Hypothesis is not installed.
    """
    verdict = check(forward, gradients, shapes, examples, tolerance, dtype)
    if verdict.correct is not True:
        raise AssertionError(str(verdict))
