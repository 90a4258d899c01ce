# Types for recorder.py, where it is compiled.

cimport cython
from scalargrad.engine.ops cimport Op
from scalargrad.engine.value cimport Value


cdef class Recorder:
    cdef public object codes, lefts, rights, constants
    cdef public dict floats
    cdef public list known
    cdef public bytearray varies

    cpdef long add(self, long code, long left, long right, bint varies)
    @cython.locals(known=dict)
    cpdef long operation(self, long code, long left, long right)
    @cython.locals(total=long, op=Op, operands=list)
    cpdef long node(self, Value node, dict numbers)


@cython.locals(marks=bytearray, k=long, end=long, codes="signed char[::1]", lefts="int[::1]", rights="int[::1]")
cpdef bytearray needed(Recorder recorder, list ends)

@cython.locals(
    codes="signed char[::1]", lefts="int[::1]", rights="int[::1]", depths="int[::1]", keys="long long[::1]",
    window="int[::1]", start=long, first=long, position=long, k=long, left=long, right=long, depth=long,
)
cpdef object scheduled(int[::1] order, Recorder recorder)

@cython.locals(
    codes="signed char[::1]", lefts="int[::1]", rights="int[::1]", uses=bytearray, waiting=bytearray,
    result="int[::1]", count=long, product=long, plus=long, position=long, k=long, operand=long,
)
cpdef object products_last(int[::1] order, Recorder recorder, bytearray kept)

@cython.locals(
    codes="signed char[::1]", lefts="int[::1]", rights="int[::1]", last="int[::1]", ours=bytearray,
    tape="int[::1]", free="int[::1]", count=long, position=long, k=long, left=long, right=long,
)
cpdef object laid_out(int[::1] order, Recorder recorder, bytearray kept, int[::1] places, long size)
