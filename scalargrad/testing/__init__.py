"""For test suites of your own: Hypothesis strategies for numbers, matrices and graphs; tests of gradients, of engines.

    >>> def forward(X, W): return X @ W
    >>> def gradients(X, W, Y, G): return G @ W.T, X.T @ G
    >>> assert_gradients(forward, gradients, {"X": "N D", "W": "D M"})

The strategies shrink to the simplest: the smallest shape, zeros and ones, the shortest graph.
"""

from .assertions import (
    EngineReport,
    assert_engine,
    assert_gradients,
    engine_report,
    expressions,
    matrices,
    numbers,
    shapes,
)

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
