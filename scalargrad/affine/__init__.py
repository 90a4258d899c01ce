"""The mission: the affine layer as scalars, its gradient by (3), (1), (2) and (b), and what proves them.

>>> layer = build([[1, 2]], [[3, 4], [5, 6]], G=[[26, 32]])
>>> layer.gradient("x").tolist(), formula_x(layer.G, layer.x, layer.w).tolist()
([[206, 322]], [[206, 322]])
"""

from .claims import CLAIMS, Claim
from .evidence import EVIDENCE, Evidence, symbol
from .explain import Explanation, PathTerm, explain
from .formulas import (
    chain_rule,
    chain_rule_b,
    chain_rule_w,
    chain_rule_x,
    delta,
    dy_db,
    dy_dw,
    dy_dx,
    formula_b,
    formula_w,
    formula_x,
    product,
)
from .layer import Layer, build, forward, local_partials
from .losses import LOSSES
from .report import Difference, Finding, Report
from .verify import verify, verify_shape, verify_shapes

__all__ = [
    "CLAIMS",
    "EVIDENCE",
    "LOSSES",
    "Claim",
    "Difference",
    "Evidence",
    "Explanation",
    "Finding",
    "Layer",
    "PathTerm",
    "Report",
    "build",
    "chain_rule",
    "chain_rule_b",
    "chain_rule_w",
    "chain_rule_x",
    "delta",
    "dy_db",
    "dy_dw",
    "dy_dx",
    "explain",
    "formula_b",
    "formula_w",
    "formula_x",
    "forward",
    "local_partials",
    "product",
    "symbol",
    "verify",
    "verify_shape",
    "verify_shapes",
]
