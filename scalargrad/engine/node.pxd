cimport cython

@cython.no_gc
cdef class Node:
    cdef object __weakref__
    cdef object _data, _grad
    cdef public object op, inputs, partials, label
    cdef public Py_ssize_t position
