cimport cython
from scalargrad.engine.slots cimport Slots

@cython.no_gc
cdef class Node(Slots):
    pass
