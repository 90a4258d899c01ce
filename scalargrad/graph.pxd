cimport cython
from scalargrad.value cimport Value

@cython.locals(order=list, stack=list, node=Value)
cpdef list postorder(list outputs)
