# Types for recording.py, where it is compiled.

cimport cython


cdef class Recorder:
    cdef public object codes, lefts, rights, constants
    cdef public dict floats
    cdef public list known
    cdef public bytearray varies

    cpdef long add(self, long code, long left, long right, bint varies)
    @cython.locals(known=dict)
    cpdef long operation(self, long code, long left, long right)
    @cython.locals(total=long)
    cpdef long node(self, object node, dict numbers)


@cython.locals(marks=bytearray, k=long, end=long, codes="signed char[::1]", lefts="int[::1]", rights="int[::1]")
cpdef bytearray needed(Recorder recorder, list ends)

@cython.locals(
    codes="signed char[::1]", lefts="int[::1]", rights="int[::1]", depths="int[::1]", keys="long long[::1]",
    window="int[::1]", start=long, first=long, position=long, k=long, left=long, right=long, depth=long,
)
cpdef object scheduled(object order, Recorder recorder)

@cython.locals(
    codes="signed char[::1]", lefts="int[::1]", rights="int[::1]", uses=bytearray, waiting=bytearray,
    product=long, plus=long, position=long, k=long, operand=long,
)
cpdef object products_last(object order, Recorder recorder, bytearray kept)

@cython.locals(
    codes="signed char[::1]", lefts="int[::1]", rights="int[::1]", last="int[::1]", ours=bytearray,
    position=long, k=long, left=long, right=long,
)
cpdef object laid_out(object order, Recorder recorder, bytearray kept, object places, long size)
