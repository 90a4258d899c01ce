# Types for schedule.py, where it is compiled.

cimport cython
from scalargrad.programs.recorder cimport Recorder


@cython.locals(live=bytearray, k=long, end=long, opcodes="signed char[::1]", lefts="int[::1]", rights="int[::1]")
cpdef bytearray needed(Recorder recorder, list ends)

@cython.locals(
    opcodes="signed char[::1]", lefts="int[::1]", rights="int[::1]", depths="int[::1]", keys="long long[::1]",
    window="int[::1]", start=long, first=long, position=long, k=long, left=long, right=long, depth=long,
)
cpdef object scheduled(int[::1] order, Recorder recorder)

@cython.locals(
    opcodes="signed char[::1]", lefts="int[::1]", rights="int[::1]", uses=bytearray, waiting=bytearray,
    result="int[::1]", count=long, product=long, plus=long, position=long, k=long, operand=long,
)
cpdef object products_last(int[::1] order, Recorder recorder, bytearray live)

@cython.locals(
    opcodes="signed char[::1]", lefts="int[::1]", rights="int[::1]", last="int[::1]", ours=bytearray,
    tape="int[::1]", free="int[::1]", count=long, position=long, k=long, left=long, right=long,
)
cpdef object laid_out(int[::1] order, Recorder recorder, bytearray live, int[::1] registers, long size)
