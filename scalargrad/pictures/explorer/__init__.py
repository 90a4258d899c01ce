"""A page on which the matrix formulas can be seen to be the element-wise chain rule: `views` is what it shows.

>>> import scalargrad as sg
>>> sg.explore(sg.affine.build([[1, 2]], [[3, 4], [5, 6]], G=[[26, 32]]))
Explorer('Explore X·W, a layer of 1×2 and 2×2')
"""

from .page import Explorer, explore
from .views import LayerNumbers, View, views

__all__ = ["Explorer", "LayerNumbers", "View", "explore", "views"]
