"""A gradient that you derived by hand: is it right, and if not, where and why?"""

from .verdict import Counterexample, Verdict, check

__all__ = [
    "Counterexample",
    "Verdict",
    "check",
]
