cimport cython
from scalargrad.engine.node cimport Node

@cython.no_gc
cdef class Functions(Node):
    pass
