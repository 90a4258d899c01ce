"""Pictures of graphs: diagrams and pages, and how a Value shows itself in a notebook."""

from .diagram import Diagram, draw, mimebundle
from .stepper import Page, step_through

__all__ = [
    "Diagram",
    "Page",
    "draw",
    "mimebundle",
    "step_through",
]
