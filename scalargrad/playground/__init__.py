"""The playground: a page on which the engine itself runs, in the reader's own browser, with nothing to install.

    >>> found = Session().run("x = Value(3)\\nx*x + x")
    >>> found["summary"], [line[:3] for line in found["table"]]
    ('x * x + x = 12', [['x', '3', '7']])

`assembly` makes the page of Pyodide, Graphviz and our own files; on it `session` runs what the reader writes, with
`small_matrix` in place of NumPy, which no browser has. `python -m scalargrad.playground` is `make playground`.
"""

from .session import Session
from .small_matrix import Factors, SmallMatrix, matrix

__all__ = ["Factors", "Session", "SmallMatrix", "matrix"]
