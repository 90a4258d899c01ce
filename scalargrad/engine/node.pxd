cimport cython

@cython.no_gc
cdef class Node:
    cdef object __weakref__
    cdef public object data, grad, op, inputs, partials, label
    cdef public Py_ssize_t position
