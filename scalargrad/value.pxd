cimport cython
from scalargrad.ops cimport Op

@cython.no_gc
cdef class Value:
    cdef object __weakref__
    cdef public object data, grad, op, inputs, partials, label
    cdef public Py_ssize_t position

@cython.locals(node=Value)
cpdef Value restore(object data, object grad, object op, object inputs, object partials, object label)

@cython.locals(left=Value, right=Value)
cpdef object binary(Op op, object a, object b)

@cython.locals(adjoints=list, k=Py_ssize_t, i=Py_ssize_t, at=Py_ssize_t, node=Value, input=Value)
cpdef list reverse_sweep(list order, dict seeds, bint create_graph=*)

@cython.locals(k=Py_ssize_t, node=Value)
cpdef object accumulate(list order, list adjoints)

