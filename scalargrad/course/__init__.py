"""What the notebooks of the course ask and show: exercises that reply to an answer, and matrices printed as matrices.

    >>> import scalargrad as sg
    >>> sg.course.answer("2.1", (5, 3, 4, 3), 60)
    right

A file for each notebook has its questions, in their order. No right answer is stored: each is computed by the engine.
"""

from . import (
    affine_layer as affine_layer,
    build_your_own_engine as build_your_own_engine,
    check_your_own as check_your_own,
    exactly as exactly,
    train as train,
    values_and_graphs as values_and_graphs,
)
from .questions import QUESTIONS, Question, answer
from .side_by_side import SideBySide, side_by_side

__all__ = ["QUESTIONS", "Question", "SideBySide", "answer", "side_by_side"]
