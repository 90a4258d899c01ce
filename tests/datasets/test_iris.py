"""Fisher's measurements."""

from __future__ import annotations

from collections import Counter

import pytest

from scalargrad.datasets import iris


def test_iris_is_fishers_table() -> None:
    """The two samples in which a widespread copy differs from the paper are as the paper has them."""
    X, labels = iris()
    assert X.shape == (150, 4)
    assert Counter(labels) == {0: 50, 1: 50, 2: 50}
    assert X[34].tolist() == [4.9, 3.1, 1.5, 0.2]
    assert X[37].tolist() == [4.9, 3.6, 1.4, 0.1]
    assert X.mean(axis=0) == pytest.approx([5.8433, 3.0573, 3.758, 1.1993], abs=1e-4)
