# The layout of a compiled node, for slots.pyx and for those that look into it.

cimport cython
from cpython.object cimport PyObject


@cython.no_gc
cdef class Slots:
    cdef object __weakref__, _data, given
    cdef public object label
    # From here to the end is what a sweep looks at: 64 bytes
    cdef public object op
    cdef public unsigned int position
    cdef unsigned char many, doubles
    # The inputs: two nodes or fewer, or, if `many`, one object that holds them. Counted here and not by Cython, whose
    # way of letting go of them would end a deep graph in the depth of the stack.
    cdef PyObject *first
    cdef PyObject *second
    # The partials: if `doubles`, those of two inputs or fewer, which are float or integers that a double is equal to;
    # and as they were given, unless all of them are float.
    cdef double by_first, by_second
    # The adjoint: a number of any kind, or None for the double.
    cdef object kept
    cdef double adjoint


cpdef object hold(Slots node, object data, object op, object inputs, object partials)


cdef bint as_double(object partial, double *x, bint *all_float) noexcept
