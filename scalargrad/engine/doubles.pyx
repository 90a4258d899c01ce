# cython: boundscheck=False, wraparound=False
"""The reverse sweep over doubles: the walk writes the graph down as a list, and the sweep runs along it.

    node       its edges: for each input, where that stands in the list, and the partial by it
    0  x
    1  w
    2  x·w     (0, w) (1, x)
    3  tanh    (2, 1 - out²)

Such a list is called a tape, or a Wengert list. It is read from the end, in one piece of memory, and no node is looked
at again before all adjoints are known. They are those of `sweep.reverse_sweep` in every bit. To that is left what is not
a double: a seed or a partial of another kind, and what a `where` leaves out.

Nothing of Python runs while nodes are marked and pointed at, so neither another thread nor a finaliser comes between.
"""

cimport cython
from cpython.mem cimport PyMem_RawFree as free, PyMem_RawRealloc as realloc  # which tracemalloc counts
from cpython.object cimport PyObject

from scalargrad.engine.slots cimport Slots, as_double

from .ops import WHERE

cdef object ZERO = 0  # the grad of a node that no sweep has reached
cdef PyObject *CHOICE = <PyObject *> WHERE
cdef enum:
    MOST = 1 << 30  # nodes or edges that an unsigned int counts, by far
    SPARED = 1 << 18  # nodes up to which the memory of a tape is kept for the next one


def walk(list outputs):
    """`sweep.postorder` of the outputs."""
    cdef Tape tape = Tape(outputs)
    return list(tape) if tape.walk(False) else []


def linear_sweep(list outputs, dict seeds):
    """The order, and the adjoints along it; None if a partial or a seed is no double."""
    for seed in seeds.values():
        if type(seed) is not float:
            return None
    cdef Tape tape = Tape(outputs)
    if not tape.walk(True):
        return None
    tape.sweep(seeds)
    return tape, Adjoints(tape)


def store(order, adjoints):
    """Set the grads that are doubles, and give back the nodes and adjoints that are left to `sweep.accumulate`.

    These are nodes whose grad was set by hand: what that does when it is replaced or added to is not known.
    """
    return (<Tape> order).stored() if type(adjoints) is Adjoints else zip(order, adjoints, strict=True)


cdef struct Memory:
    PyObject **stack
    PyObject **nodes
    double *adjoints
    unsigned int *begins  # of each node: its first edge; and, after the last node, how many edges there are
    unsigned int *targets  # of each edge: where the input stands among the nodes
    double *partials
    Py_ssize_t stack_room, node_room, edge_room


@cython.final
cdef class Tape:
    """The nodes of a graph in topological order, for as long as the outputs hold the graph, and their edges."""

    cdef list outputs
    cdef Py_ssize_t size, edges
    cdef Memory memory

    def __cinit__(self, list outputs):
        self.outputs = outputs
        take(&self.memory)

    def __dealloc__(self):
        give_back(&self.memory)

    def __len__(self):
        return self.size

    def __getitem__(self, Py_ssize_t k):
        if not 0 <= k < self.size:
            raise IndexError
        return <object> self.memory.nodes[k]

    cdef bint walk(self, bint edges) except -1:
        """The walk of `sweep.postorder`, in which NULL stands for None. False if something is not what it needs."""
        cdef Memory *m = &self.memory
        cdef Py_ssize_t depth = 0
        cdef PyObject *top
        for output in self.outputs:
            if not isinstance(output, Slots):
                return False
            depth = pushed(m, depth, <PyObject *> output)
        while depth:
            depth -= 1
            top = m.stack[depth]
            if top == NULL:
                depth -= 1
                top = m.stack[depth]
            elif self.has(top):
                continue
            elif (<Slots> top).first != NULL:
                depth = pushed(m, depth, top)
                depth = pushed(m, depth, NULL)
                if not (<Slots> top).many:
                    depth = pushed(m, depth, (<Slots> top).first)
                    if (<Slots> top).second != NULL:
                        depth = pushed(m, depth, (<Slots> top).second)
                    continue
                if type(<object> (<Slots> top).first) is not tuple:
                    return False
                for input in <tuple> (<Slots> top).first:
                    if not isinstance(input, Slots):
                        return False
                    depth = pushed(m, depth, <PyObject *> input)
                continue
            if self.size + 1 >= m.node_room:
                more_nodes(m)
            (<Slots> top).position = <unsigned int> self.size
            m.nodes[self.size] = top
            if edges and not self.add_edges(<Slots> top):
                return False
            self.size += 1
            m.begins[self.size] = <unsigned int> self.edges
            if self.size >= MOST or self.edges >= MOST:
                return False
        return True

    cdef inline bint has(self, PyObject *node) noexcept:
        return (<Slots> node).position < self.size and self.memory.nodes[(<Slots> node).position] == node

    cdef inline bint add_edges(self, Slots node) except -1:
        """Those of a node whose inputs are on the tape; False if they are not doubles."""
        cdef double partial = 0
        cdef bint all_float = True
        cdef Py_ssize_t k
        if <PyObject *> node.op == CHOICE:
            return False
        if node.doubles:
            if node.first != NULL:
                self.add_edge(node.first, node.by_first)
            if node.second != NULL:
                self.add_edge(node.second, node.by_second)
            return True
        if not node.many or type(node.given) is not tuple or len(<tuple> node.given) != len(<tuple> node.first):
            return False
        for k in range(len(<tuple> node.given)):
            if not as_double((<tuple> node.given)[k], &partial, &all_float):
                return False
            self.add_edge(<PyObject *> (<tuple> node.first)[k], partial)
        return True

    cdef inline int add_edge(self, PyObject *target, double partial) except -1:
        cdef Memory *m = &self.memory
        if self.edges == m.edge_room:
            more_edges(m)
        m.targets[self.edges] = (<Slots> target).position
        m.partials[self.edges] = partial
        self.edges += 1
        return 0

    cdef void sweep(self, dict seeds):
        """The chain rule, as in `sweep.reverse_sweep`."""
        cdef double *adjoints = self.memory.adjoints
        cdef unsigned int *begins = self.memory.begins
        cdef unsigned int *targets = self.memory.targets
        cdef double *partials = self.memory.partials
        cdef double adjoint
        cdef Py_ssize_t k
        cdef unsigned int edge
        for k in range(self.size):
            adjoints[k] = -0.0  # to which any double can be added: -0.0 + x is x, where 0.0 + -0.0 is 0.0
        for node, seed in seeds.items():
            adjoints[(<Slots> node).position] = seed
        for k in range(self.size - 1, -1, -1):
            adjoint = adjoints[k]
            for edge in range(begins[k], begins[k + 1]):
                adjoints[targets[edge]] += partials[edge] * adjoint

    cdef list stored(self):
        """Store all adjoints but those of nodes that hold another number than 0 or a double: these are returned."""
        cdef list others = []
        cdef PyObject *node
        cdef double adjoint
        cdef Py_ssize_t k
        for k in range(self.size):
            node, adjoint = self.memory.nodes[k], self.memory.adjoints[k]
            if (<Slots> node).kept is None:
                if (<Slots> node).first == NULL and (<Slots> node).adjoint != 0:
                    adjoint = (<Slots> node).adjoint + adjoint
                (<Slots> node).adjoint = adjoint
            elif (<Slots> node).kept is ZERO:
                (<Slots> node).kept = None
                (<Slots> node).adjoint = adjoint
            else:
                others.append((<object> node, adjoint))
        return others


@cython.final
cdef class Adjoints:
    """The adjoint of each node of a tape."""

    cdef Tape tape

    def __cinit__(self, Tape tape):
        self.tape = tape

    def __len__(self):
        return self.tape.size

    def __getitem__(self, Py_ssize_t k):
        if not 0 <= k < self.tape.size:
            raise IndexError
        return self.tape.memory.adjoints[k]


# The memory of a tape grows with it, and that of a small one is kept for the next, since the system takes its time to
# hand out new pages

cdef Memory spare


cdef void take(Memory *m) noexcept:
    global spare
    m[0] = spare
    spare = Memory(NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 0)


cdef void give_back(Memory *m) noexcept:
    global spare
    if spare.nodes == NULL and m.node_room <= SPARED and m.edge_room <= 2 * SPARED and m.stack_room <= 2 * SPARED:
        spare = m[0]
        return
    free(m.stack)
    free(m.nodes)
    free(m.adjoints)
    free(m.begins)
    free(m.targets)
    free(m.partials)


cdef inline Py_ssize_t pushed(Memory *m, Py_ssize_t depth, PyObject *item) except -1:
    if depth == m.stack_room:
        m.stack_room += m.stack_room // 4 + 64
        m.stack = <PyObject **> grown(m.stack, m.stack_room * sizeof(PyObject *))
    m.stack[depth] = item
    return depth + 1


cdef int more_nodes(Memory *m) except -1:
    m.node_room += m.node_room // 4 + 64
    m.nodes = <PyObject **> grown(m.nodes, m.node_room * sizeof(PyObject *))
    m.adjoints = <double *> grown(m.adjoints, m.node_room * sizeof(double))
    m.begins = <unsigned int *> grown(m.begins, m.node_room * sizeof(unsigned int))
    m.begins[0] = 0
    return 0


cdef int more_edges(Memory *m) except -1:
    m.edge_room += m.edge_room // 4 + 64
    m.targets = <unsigned int *> grown(m.targets, m.edge_room * sizeof(unsigned int))
    m.partials = <double *> grown(m.partials, m.edge_room * sizeof(double))
    return 0


cdef void *grown(void *block, size_t size) except NULL:
    cdef void *larger = realloc(block, size)
    if larger == NULL:
        raise MemoryError
    return larger
