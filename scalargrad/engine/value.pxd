cimport cython
from scalargrad.engine.functions cimport Functions
from scalargrad.engine.op cimport Op
from scalargrad.engine.slots cimport hold

@cython.no_gc
cdef class Value(Functions):
    pass

@cython.locals(node=Value)
cpdef Value make(object data, object op, object inputs, object partials)

cpdef Value unary(object op, Value x)

@cython.locals(left=Value, right=Value)
cpdef object binary(Op op, object a, object b)
