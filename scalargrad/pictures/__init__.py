"""Pictures of graphs: diagrams and pages, and how a Value shows itself in a notebook.

    >>> from scalargrad import Value, draw
    >>> x, y = Value(3, "x"), Value(4, "y")
    >>> [arrow.label for arrow in draw(x * y).picture.arrows]
    ['4', '3']

`levels` decides what is drawn, `dot` and `rendering` draw it, `tree` prints it, `stepper` makes a page that steps
through it, and `explorer` one on which a layer's gradients are products of matrices.
"""

from .boxes import Picture
from .diagram import FORMATS, Diagram, draw, mimebundle
from .explorer import Explorer, explore
from .levels import LEVELS, picture
from .stepper import PAGE_LEVELS, Page, step_through
from .tree import text_tree

__all__ = [
    "FORMATS",
    "LEVELS",
    "PAGE_LEVELS",
    "Diagram",
    "Explorer",
    "Page",
    "Picture",
    "draw",
    "explore",
    "mimebundle",
    "picture",
    "step_through",
    "text_tree",
]
