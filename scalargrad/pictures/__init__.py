"""Pictures of graphs: diagrams and pages, and how a Value shows itself in a notebook."""

from .diagram import FORMATS, LEVELS, Diagram, draw, mimebundle
from .diagram import tree as text_tree
from .stepper import Page, step_through

__all__ = [
    "FORMATS",
    "LEVELS",
    "Diagram",
    "Page",
    "draw",
    "mimebundle",
    "step_through",
    "text_tree",
]
