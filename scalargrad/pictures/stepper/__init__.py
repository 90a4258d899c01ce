"""A page that steps through a graph: `steps` is the story that it tells, `page` the file that shows it.

>>> from scalargrad import Value, step_through
>>> x = Value(3, "x"); page = step_through(x * x + x); page.steps
9
"""

from .page import PAGE_LEVELS, Page, step_through
from .steps import Story, tell

__all__ = ["PAGE_LEVELS", "Page", "Story", "step_through", "tell"]
