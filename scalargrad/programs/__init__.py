"""Graphs that are recorded once and replayed fast on other numbers."""

from .branches import BranchWarning
from .program import Program, record, record_gradient

__all__ = [
    "BranchWarning",
    "Program",
    "record",
    "record_gradient",
]
