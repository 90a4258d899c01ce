"""The schedule: registers are used again, and nothing recurses."""

from __future__ import annotations

from scalargrad import Value, record
from scalargrad.engine.collector import collector_paused


def test_registers_are_used_again() -> None:
    x = Value(1.0)
    y = x
    for _ in range(10_000):
        y = (y * x).sin()
    program = record(y, [x])
    assert program.rows.registers < 10
    assert program.sample.registers < 10_000


def test_a_chain_of_50_000() -> None:
    x = Value(1.0)
    y = x
    with collector_paused():
        for _ in range(50_000):
            y = y + x
    assert record(y, [x])(1.0) == 50_001.0
