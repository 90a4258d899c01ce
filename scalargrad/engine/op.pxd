cdef class Op:
    cdef public object symbol, apply, partials, notation, degree, bends, arity, opcode
    cdef public bint built_in
