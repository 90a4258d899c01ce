cimport cython
from scalargrad.engine.node cimport Node

@cython.locals(adjoints=list, k=Py_ssize_t, i=Py_ssize_t, at=Py_ssize_t, node=Node, input=Node)
cpdef list reverse_sweep(list order, dict seeds, object partials_of=*, object watch=*, Py_ssize_t leaves=*)

@cython.locals(node=Node)
cpdef bint holds_where(list order)

@cython.locals(node=Node)
cpdef object accumulate(object order, object adjoints)
