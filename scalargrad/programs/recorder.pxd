# Types for recorder.py, where it is compiled.

cimport cython
from scalargrad.engine.op cimport Op
from scalargrad.engine.value cimport Value


cdef class Recorder:
    cdef public object opcodes, lefts, rights, constants
    cdef public dict floats
    cdef public list known
    cdef public bytearray varies

    cpdef long add(self, long opcode, long left, long right, bint varies)
    @cython.locals(known=dict)
    cpdef long instruction(self, long opcode, long left, long right)
    @cython.locals(total=long, op=Op, operands=list)
    cpdef long node(self, Value node, dict numbers)
