"""Arguments of any depth."""

from __future__ import annotations

import numpy as np

from scalargrad import Value
from scalargrad.engine.nested import flat


def test_flat() -> None:
    x = Value(1)
    assert list(flat(x)) == [x]
    assert list(flat([1, [2, (3, [])], np.array([[4, 5]])])) == [1, 2, 3, 4, 5]
    assert list(flat("text")) == ["text"]
    assert list(flat(np.array(7))) == [7]
