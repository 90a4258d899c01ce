"""Graphs that are recorded once and replayed fast on other numbers.

    >>> from scalargrad import Value
    >>> x = Value(2.0, "x")
    >>> print(record(x * x + x, [x]))
    Program(1 inputs, 0 parameters, 2 operations for each sample, 0 shared by all, 3 rows):
      r0 = x · x
      r1 = x + r0
      return r1

`record` turns a user's arguments into a program: `recorder` makes instructions of nodes, `schedule` makes tapes of
those, `program` is what is called, with its `signature`; `loops` run it, `files` keep it, `branches` notice an `if`.
"""

from .branches import BranchWarning, watched
from .program import Program
from .record import record, record_gradient

__all__ = ["BranchWarning", "Program", "record", "record_gradient", "watched"]
