"""What a node holds, where it is compiled: in 112 bytes, and its number in 24 more.

A tuple for the inputs, one for the partials, and a float for the adjoint would take twice as much, and a walk over a
graph costs what it has to fetch from memory. So inputs are two pointers, and partials and adjoint two doubles and one.
Whatever is none of that – a third input, a Fraction – is kept as an object in the same place. From outside there is no
difference: `inputs` and `partials` are tuples, made when they are asked for. In Python it is `slots.py`.
"""

from cpython.float cimport PyFloat_AS_DOUBLE, PyFloat_CheckExact
from cpython.long cimport PyLong_CheckExact
from cpython.ref cimport Py_DECREF, Py_INCREF
from libc.stdlib cimport realloc

cdef extern from "Python.h":
    PyObject *PyTuple_GET_ITEM(object, Py_ssize_t)
    Py_ssize_t PyTuple_GET_SIZE(object)
    Py_ssize_t REFERENCES "Py_REFCNT"(PyObject *)
    long long PyLong_AsLongLongAndOverflow(object, int *)

cdef object ZERO = 0
cdef object UNLABELLED = ""
cdef long long EXACT = 1 << 53  # every integer up to it is a double


cdef class Slots:
    def __dealloc__(self):
        let_go(self)

    @property
    def _grad(self):
        return self.adjoint if self.kept is None else self.kept

    @_grad.setter
    def _grad(self, grad):
        self.kept = grad

    @property
    def inputs(self):
        if self.first == NULL:
            return ()
        if self.many:
            return <object> self.first
        if self.second == NULL:
            return (<object> self.first,)
        return (<object> self.first, <object> self.second)

    @inputs.setter
    def inputs(self, inputs):
        partials = self.partials
        let_go(self)
        take_inputs(self, inputs)
        take_partials(self, partials)

    @property
    def partials(self):
        if self.given is not None:
            return self.given
        if self.first == NULL:
            return ()
        if self.second == NULL:
            return (self.by_first,)
        return (self.by_first, self.by_second)

    @partials.setter
    def partials(self, partials):
        take_partials(self, partials)


cpdef object hold(Slots node, object data, object op, object inputs, object partials):
    node._data = data
    node.op = op
    node.label = UNLABELLED
    node.kept = ZERO
    node.position = 0
    take_inputs(node, inputs)
    take_partials(node, partials)


cdef inline int take_inputs(Slots node, object inputs) except -1:
    """A new node has none so far."""
    cdef Py_ssize_t count = PyTuple_GET_SIZE(inputs) if type(inputs) is tuple else -1
    node.many = False
    if count == 0:
        return 0
    if count == 1 and is_node(PyTuple_GET_ITEM(inputs, 0), node):
        node.first = owned(PyTuple_GET_ITEM(inputs, 0))
    elif count == 2 and is_node(PyTuple_GET_ITEM(inputs, 0), node) and is_node(PyTuple_GET_ITEM(inputs, 1), node):
        node.first = owned(PyTuple_GET_ITEM(inputs, 0))
        node.second = owned(PyTuple_GET_ITEM(inputs, 1))
    else:
        node.first = owned(<PyObject *> inputs)
        node.many = True
    return 0


cdef inline bint is_node(PyObject *x, Slots like) noexcept:
    return x.ob_type == (<PyObject *> like).ob_type or isinstance(<object> x, Slots)


cdef inline PyObject *owned(PyObject *x) noexcept:
    Py_INCREF(<object> x)
    return x


cdef inline int take_partials(Slots node, object partials) except -1:
    cdef Py_ssize_t count = 0 if node.first == NULL else 2 if node.second != NULL else 1
    cdef bint all_float = True
    node.doubles = (
        type(partials) is tuple and PyTuple_GET_SIZE(partials) == count and not node.many
        and (count < 1 or as_double(<object> PyTuple_GET_ITEM(partials, 0), &node.by_first, &all_float))
        and (count < 2 or as_double(<object> PyTuple_GET_ITEM(partials, 1), &node.by_second, &all_float))
    )
    node.given = None if node.doubles and all_float else partials
    return 0


cdef bint as_double(object partial, double *x, bint *all_float) noexcept:
    """Whether it is a float, or an integer that a product with a float takes for this one."""
    cdef int overflow = 0
    cdef long long n
    if PyFloat_CheckExact(partial):
        x[0] = PyFloat_AS_DOUBLE(partial)
        return True
    all_float[0] = False
    if not PyLong_CheckExact(partial):
        return False
    n = PyLong_AsLongLongAndOverflow(partial, &overflow)
    x[0] = <double> n
    return not overflow and -EXACT <= n <= EXACT


# Nodes are let go of by turns. If each took its inputs with it at once, a chain of a million would be a million calls
# deep. So a node that dies leaves those that die with it here, and the first that died lets go of them one by one.

cdef PyObject **waiting = NULL
cdef Py_ssize_t count_waiting = 0
cdef Py_ssize_t room = 0
cdef bint at_work = False


cdef inline void drop(PyObject *x) noexcept:
    global waiting, room, count_waiting
    cdef PyObject **more
    if x == NULL:
        return
    if REFERENCES(x) == 1:
        if count_waiting == room:
            more = <PyObject **> realloc(waiting, (2 * room + 64) * sizeof(PyObject *))
            if more != NULL:
                waiting, room = more, 2 * room + 64
        if count_waiting < room:
            waiting[count_waiting] = x
            count_waiting += 1
            return
    Py_DECREF(<object> x)


cdef inline void let_go(Slots node) noexcept:
    global at_work, count_waiting
    cdef PyObject *first = node.first
    cdef PyObject *second = node.second
    node.first = node.second = NULL
    drop(first)
    drop(second)
    if count_waiting and not at_work:
        at_work = True
        while count_waiting:
            count_waiting -= 1
            Py_DECREF(<object> waiting[count_waiting])
        at_work = False
