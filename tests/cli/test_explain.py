"""`scalargrad explain`: one entry, in each kind of number."""

from __future__ import annotations

import pytest

from scalargrad.cli import main
from scalargrad.cli.options import NUMBERS


@pytest.mark.parametrize("entry", ["x[0,1]", "w[2,1]", "b[1]", " X[ 1 , 2 ] "])
@pytest.mark.parametrize("numbers", NUMBERS)
def test_each_entry_in_each_kind_of_number(entry: str, numbers: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["explain", "--shape", "2,3,2", "--entry", entry, "--numbers", numbers]) == 0
    out = capsys.readouterr().out
    assert f"∂L/∂{entry.replace(' ', '').lower()} by the element-wise chain rule (3)" in out
    assert "sum" in out
