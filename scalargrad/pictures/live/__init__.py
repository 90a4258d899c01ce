"""Pages whose numbers can be changed: `registers` is the program that a page runs, in `arithmetic.js`.

>>> from ...engine.value import Value
>>> x = Value(3, "x"); y = x * x
>>> registers = Registers(y, [x])
>>> registers.add(registers.data(y)), registers.program()["rows"]
(1, ['3', [0, 0, 0]])
"""

from .registers import Registers

__all__ = ["Registers"]
