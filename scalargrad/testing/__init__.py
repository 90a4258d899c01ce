"""For test suites of your own: Hypothesis strategies for numbers, matrices and graphs; tests of gradients, of engines.

    >>> import scalargrad as sg
    >>> def gradients(X, W, Y, G): return G @ W.T, X.T @ G
    >>> sg.testing.assert_gradients(lambda X, W: X @ W, gradients, {"X": "N D", "W": "D M"})

The strategies shrink to the simplest: the smallest shape, zeros and ones, the shortest graph. All need Hypothesis.
"""

from .assertions import assert_gradients
from .engines import EngineReport, assert_engine, engine_report
from .strategies import expressions, matrices, numbers, shapes

__all__ = [
    "EngineReport",
    "assert_engine",
    "assert_gradients",
    "engine_report",
    "expressions",
    "matrices",
    "numbers",
    "shapes",
]
