cimport cython
from scalargrad.engine.node cimport Node
from scalargrad.engine.ops cimport Op

@cython.no_gc
cdef class Value(Node):
    pass

@cython.locals(node=Value)
cpdef Value make(object data, object op, object inputs, object partials)

cpdef Value unary(object op, Value x)

@cython.locals(left=Value, right=Value)
cpdef object binary(Op op, object a, object b)
