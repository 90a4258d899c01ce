"""The arguments of `record` and `record_gradient`."""

from __future__ import annotations

import numpy as np
import pytest

from scalargrad import Value, record, record_gradient
from scalargrad.errors import ProgramError


def test_bad_arguments() -> None:
    x, y = Value(1.0, "x"), Value(2.0, "y")
    with pytest.raises(ProgramError, match=r"is computed, and inputs and parameters are leaves"):
        record(x * y, [x * y])
    with pytest.raises(ProgramError, match="is listed twice among inputs and parameters"):
        record(x * y, [x], [x])
    with pytest.raises(ProgramError, match=r"inputs\[1\] is a float: give Values, or arrays of them"):
        record(x * y, [x, 2.0])
    with pytest.raises(ProgramError, match=r"outputs\[0\]\[1\] is a str: give Values"):
        record([np.array([x, "1"], dtype=object)], [x])
    with pytest.raises(ProgramError, match="the loss is a list: it must be one Value"):
        record_gradient([x], [x], [y])
    with pytest.raises(ProgramError, match=r"\(1\+2j\) is a complex, and programs run on floats"):
        record(x * Value(1 + 2j), [x])
