"""What is drawn of a graph, at which level: boxes and arrows, before any of it is DOT.

    >>> from ..engine.value import Value
    >>> x = Value(3, "x"); y = x * x + x; y.label = "y"
    >>> [(a.tail, a.label, a.head) for level in ("scalar", "entry") for a in picture(y, level=level).arrows]
    [('n0', '3', 'n1'), ('n0', '3', 'n1'), ('n1', '1', 'n2'), ('n0', '1', 'n2'), ('n0', '7', 'n1')]

At the level "scalar" there is a box for each node. At "entry" there is one for each node with a label, such as
`y[0,1]`, and the operations in between are folded into it; its arrows carry the total partial over what was folded. At
"matrix" there is one for each matrix, X, W, Y, with their shapes. A graph that is too large for one level is drawn at
the next, and the caption says so.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice
from typing import Any

from ..display import legible
from ..engine.nested import flat
from ..engine.node import Node
from ..engine.numbers import Number
from ..engine.paths import Edge, paths
from ..engine.sweep import reverse_sweep, topological_order
from ..errors import ArgumentError, ArgumentTypeError
from .boxes import Arrow, Box, Picture
from .captions import PATHS_LIMIT, in_print, said_of_grad, said_of_sum, said_of_terms
from .grid import Place, drawable, entry_matrices, split_label

LEVELS = ("scalar", "entry", "matrix")

LIMIT = 60
"""Boxes and arrows up to which a level is drawn: a drawing of more can't be read."""

MOST_POINTS = 1150
"""Points up to which a drawing is long and wide: in a notebook's cell the text of a larger one can't be read."""

BUNDLE = 4
"""Arrows between a grid and another, or a box, up to which each is drawn; of more, one that says how many."""


# ---------------------------------------------------------------------------------------------------------------------
# Entries: a graph of groups, which are nodes themselves, so that every question about a graph applies


class Group(Node):
    """A node and the nodes without a label that only it is made of, drawn as one box.

    Its inputs are the heads of other groups, and its partials the total ones, over all paths inside.
    """

    __slots__ = ("folded", "routes")

    folded: int  # how many nodes there are besides the head
    routes: tuple[int, ...]  # how many paths each partial is the sum over

    def __init__(
        self, head: Node, folded: int, inputs: tuple[Group, ...], partials: Sequence[Number], routes: tuple[int, ...]
    ) -> None:
        self.label, self.data, self.grad, self.op = head.label, head.data, head.grad, head.op
        self.inputs, self.partials, self.folded, self.position = inputs, partials, folded, 0
        self.routes = routes


def entry_level(
    outputs: Sequence[Node], order: Sequence[Node], partials_of: Callable[[Any], Sequence[Any]] | None = None
) -> dict[Node, Group]:
    """{head: group}, in topological order: each node without a label is folded into the only group that uses it.

    An output, a node with a label, and a node that several groups use is the head of a group; so whatever enters a
    group is the head of another, and a reverse sweep from the head of a group down to these gives its partials.
    `order` is the topological order of the outputs, and `partials_of` the local partials if not those that nodes hold.
    """
    heads = set(outputs)
    used_by: dict[Node, set[Node]] = {}  # the heads of the groups that use a node
    inside: dict[Node, list[Node]] = {}  # the nodes of each group, from its head down
    entering: dict[Node, list[Node]] = {}
    for node in reversed(order):
        users = used_by.pop(node, set())  # it is not asked for again
        if node.label or len(users) != 1 or node in heads:
            head = node
            inside[head], entering[head] = [], []
            for user in users:
                entering[user].append(head)
        else:
            (head,) = users
        inside[head].append(node)
        for x in node.inputs:
            used_by.setdefault(x, set()).add(head)

    groups: dict[Node, Group] = {}
    for head, nodes in reversed(inside.items()):
        inputs = entering[head]
        found = reverse_sweep([*inputs, *reversed(nodes)], {head: 1}, partials_of, leaves=len(inputs))
        routes = _routes(nodes)
        groups[head] = Group(
            head,
            len(nodes) - 1,
            tuple(groups[x] for x in inputs),
            tuple(found[: len(inputs)]),
            tuple(routes[x] for x in inputs),
        )
    return groups


def _routes(nodes: Sequence[Node]) -> Counter[Node]:
    """How many paths lead from each node up to the first of `nodes`, which stand in reverse topological order."""
    number = Counter({nodes[0]: 1})
    for node in nodes:
        for x in node.inputs:
            number[x] += number[node]
    return number


# ---------------------------------------------------------------------------------------------------------------------
# Matrices


@dataclass
class MatrixBox:
    """All entries of a matrix, or all operations of one kind that the same boxes use."""

    title: str
    kind: str
    nodes: int = 0
    indices: list[tuple[int, ...]] = field(default_factory=list)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape that the indices of the entries fill; empty for a scalar."""
        return tuple(1 + max(index) for index in zip(*self.indices, strict=True))


def matrix_level(outputs: Sequence[Node], order: Sequence[Node]) -> tuple[list[MatrixBox], set[tuple[int, int]]]:
    """Boxes, and which lead to which, as pairs of positions among the boxes.

    A node without a label is folded into the only box that uses it, as at the level of entries. Where several do, it is
    told apart by them, since else X → + → Y → + → L would be drawn as a circle.
    """
    heads = set(outputs)
    boxes: list[MatrixBox] = []
    arrows: set[tuple[int, int]] = set()
    matrix_of = entry_matrices(order)
    positions: dict[Any, int] = {}  # of the box of a matrix, or of an operation and the boxes that use it
    used_by: dict[Node, set[int]] = {}  # the positions of the boxes that use a node
    for node in reversed(order):
        users = used_by.pop(node, set())
        if node.label or len(users) != 1 or node in heads:
            name, index = split_label(node.label)
            matrix = matrix_of.get(node)
            key: Any = ("matrix", matrix) if matrix else name or (node._op or "constant", frozenset(users))
            if index and not matrix:  # it is not known of which one it is an entry: it stands alone
                key, name, index = node, node.label, ()
            if key not in positions:
                positions[key] = len(boxes)
                boxes.append(MatrixBox(matrix or name or key[0], kind(node, heads)))
            at = positions[key]
            boxes[at].nodes += 1
            boxes[at].indices.append(index)
            arrows.update((at, user) for user in users)
        else:
            (at,) = users
        for x in node.inputs:
            used_by.setdefault(x, set()).add(at)
    return boxes, arrows


def kind(node: Node, outputs: set[Node]) -> str:
    """What a node is in a drawing: "leaf", "operation" or "output"."""
    return "output" if node in outputs else "operation" if node.inputs else "leaf"


def title(node: Node) -> str:
    """`y[0,1] = Σ`, or as much of it as there is; of a group, what it makes and not how."""
    if isinstance(node, Group) and node.folded and node.label:
        return f"{legible(node.label)} (+{node.folded} folded)"
    return " = ".join(part for part in (legible(node.label), legible(node._op)) if part) or "constant"


# ---------------------------------------------------------------------------------------------------------------------
# The picture


def picture(
    output: Any,
    terms: tuple[Node | str, Node] | None = None,
    level: str | None = None,
    limit: int | None = LIMIT,
    only_paths: bool = False,
    direction: str = "LR",
) -> Picture:
    """What `draw` draws, see there."""
    outputs = list(flat(output))
    for y in outputs:
        if not isinstance(y, Node):
            raise ArgumentTypeError(f"draw needs Values, and got a {type(y).__name__}")
    if level not in (None, *LEVELS):
        raise ArgumentError(f"there is no level {level!r}: choose from {', '.join(LEVELS)}")
    if terms and level == "matrix":
        raise ArgumentError(
            'the terms of the chain rule lead from entry to entry: choose the level "scalar" or "entry"'
        )
    if only_paths and not terms:
        raise ArgumentError("only_paths needs terms=(x, L): the paths from x to L")
    order = topological_order(outputs)
    ends = (_find(order, terms[0]), _find(order, terms[1])) if terms else None
    drawing = Picture((), (), "", "")
    for drawing in _from_fine_to_coarse(_Graph(outputs, order, ends), level, limit, only_paths):
        if limit is None or (drawing.size <= limit and max(drawing.extent(direction)) <= MOST_POINTS):
            break
    return drawing


@dataclass
class _Graph:
    """What is drawn: the outputs and all nodes under them, and the ends of the paths that it is about."""

    outputs: list[Any]
    order: list[Any]
    ends: tuple[Node, Node] | None

    @cached_property
    def matrix_of(self) -> dict[Node, str]:
        """{entry: the name of its matrix}"""
        return entry_matrices(self.order)

    @cached_property
    def said_of_grad(self) -> str:
        """What grad is; nothing before there was a backward pass, and then no grad is shown."""
        return said_of_grad(self.outputs, self.order) if any(node.grad != 0 for node in self.order) else ""


def _from_fine_to_coarse(graph: _Graph, level: str | None, limit: int | None, only_paths: bool) -> Iterator[Picture]:
    """The drawings that there may be, from the level that is asked for; the last is small, whatever the graph is."""
    nodes = f"{len(graph.order):,} nodes are too many to read"
    too_many = nodes
    if level in (None, "scalar"):
        if limit is None or only_paths or len(graph.order) <= limit:
            drawing = _node_picture(graph, graph.outputs, graph.order, graph.matrix_of, graph.ends, "", only_paths)
            yield drawing
            too_many = _too_much(drawing, limit)
        remark = f"{too_many}: operations are folded into the entries that they make."
    else:
        remark = ""
    if level != "matrix" and (limit is None or graph.ends or sum(1 for x in graph.order if x.label) <= limit):
        groups = entry_level([*graph.outputs, *(graph.ends or ())], graph.order)
        ends = (groups[graph.ends[0]], groups[graph.ends[1]]) if graph.ends else None
        placed: dict[Node, str] = {groups[x]: matrix for x, matrix in graph.matrix_of.items() if x in groups}
        tops = [groups[y] for y in graph.outputs]
        for fewer in (only_paths, True) if ends else (False,):
            if limit is None or fewer or len(groups) <= limit:
                yield _node_picture(graph, tops, list(groups.values()), placed, ends, remark, fewer, "entry")
    more = []
    if level != "matrix":
        remark = f"{nodes}: entries are folded into matrices."
        more = [said_of_sum(*graph.ends, graph.order), ADVICE_ON_PATHS] if graph.ends else [ADVICE]
    drawing = _matrix_picture(graph, " ".join([remark, *more]).strip())
    yield drawing
    if limit is not None:
        too_many = nodes if level != "matrix" else _too_much(drawing, limit)
        remark = f"{too_many}, and there are no matrices to fold them into: these are the nodes by kind."
        yield _summary(graph, " ".join([remark, *more]))


def _too_much(drawing: Picture, limit: int | None) -> str:
    """Why a drawing can't be read."""
    boxes, arrows = len(drawing.boxes), len(drawing.arrows)
    why = "are too many to read" if limit is not None and drawing.size > limit else "would be too small to read"
    return f"{boxes:,} boxes and {arrows:,} arrows {why}"


ADVICE = (
    "To see more, draw a part of it, such as one entry, or only the paths from one entry: "
    "terms=(x, L), only_paths=True."
)
"""What to do where a drawing is coarser than was asked for."""

ADVICE_ON_PATHS = "To see some of the paths, draw an entry that they pass through in place of the output."
"""What to do where even the paths alone are too many."""


def _find(order: Sequence[Node], wanted: Node | str) -> Node:
    """The node itself, or the one with this label."""
    if isinstance(wanted, Node):
        found = [node for node in order if node is wanted]
        name = wanted.label or wanted._op or "that node"
    else:
        found = [node for node in order if node.label == wanted]
        name = repr(wanted)
    if not found:
        raise ArgumentError(f"{name} is not in the graph of the output")
    if len(found) > 1:
        raise ArgumentError(f"{len(found)} nodes have the label {name}: give the node itself")
    return found[0]


def _node_picture(
    graph: _Graph,
    outputs: Sequence[Node],
    order: Sequence[Node],
    matrix_of: Mapping[Node, str],
    ends: tuple[Node, Node] | None,
    remark: str,
    only_paths: bool,
    level: str = "scalar",
) -> Picture:
    """A box for each node or group of `order`, which is topological, and an arrow for each edge."""
    said = []
    numbers: dict[Edge, list[int]] = defaultdict(list)
    on_a_path: set[Node] = set()
    if ends:
        on_a_path = _between(*ends, order)
        routes = list(islice(paths(*ends), PATHS_LIMIT + 1))
        said.append(said_of_terms(*ends, order, routes, _folded))
        if len(routes) <= PATHS_LIMIT:  # of more, none is told from another
            for number, (path, _) in enumerate(routes):
                for edge in path:
                    numbers[edge].append(number)
        if only_paths and len(order) > len(on_a_path):
            order = [node for node in order if node in on_a_path]
            said.append("Only the boxes on these paths are drawn.")
    drawn = {node: number for number, node in enumerate(order)}
    heads = set(outputs)
    boxes, arrows = [], []
    for node, number in drawn.items():
        passing: set[int] = set()
        for position, x in enumerate(node.inputs):
            edge = Edge(x, node, position)
            lit = node in on_a_path and x in on_a_path and not (ends and node is ends[0])
            if x in drawn and (lit or not only_paths):
                route = tuple(numbers.get(edge, ()))
                passing.update(route)
                ids = f"e{number}-{position}", f"n{drawn[x]}", f"n{number}"
                arrows.append(Arrow(*ids, in_print(edge.partial), route, lit))
        if ends and node is ends[0]:
            passing = {number for route in numbers.values() for number in route}
        grad = [f"grad {in_print(node.grad)}"] if graph.said_of_grad else []
        lines = (title(node), f"data {in_print(node.data)}", *grad)
        place = matrix_of.get(node, ""), split_label(node.label)[1]
        boxes.append(Box(f"n{number}", kind(node, heads), lines, *place, tuple(sorted(passing))))
    said += [remark, graph.said_of_grad]
    drawing = Picture(tuple(boxes), tuple(arrows), " ".join(filter(None, said)), level)
    return _with_grids(drawing, Counter(matrix_of.values()))


def _between(start: Node, end: Node, order: Sequence[Node]) -> set[Node]:
    """The nodes on the paths from one node to another, and these two."""
    after = {start}
    for node in order:
        if any(x in after for x in node.inputs):
            after.add(node)
    before = {end}
    for node in reversed(order):
        if node in before:
            before.update(node.inputs)
    return (after & before) | {start, end}


def _folded(edge: Edge) -> int:
    """How many paths through the graph an edge stands for."""
    head = edge.output
    return head.routes[edge.position] if isinstance(head, Group) else 1


def _with_grids(drawing: Picture, entries: Mapping[str, int]) -> Picture:
    """The drawing with its matrices as grids, and with many arrows between two of them as one.

    `entries` is how many each matrix has in the graph: a part of a matrix is not drawn as if it were the whole.
    """
    cells: dict[str, dict[str, Place]] = defaultdict(dict)
    for box in drawing.boxes:
        if box.matrix:
            cells[box.matrix][box.id] = box.index
    whole = {matrix: some for matrix, some in cells.items() if len(some) == entries[matrix]}
    grids = drawable(whole, [(arrow.tail, arrow.head) for arrow in drawing.arrows])
    home = {box: f"m{number}" for number, matrix in enumerate(grids) for box in cells[matrix]}
    found = {matrix: f"m{number}" for number, matrix in enumerate(grids)}
    name = {grid: matrix for matrix, grid in found.items()}
    name |= {box.id: box.lines[0].partition(" ")[0] for box in drawing.boxes if box.id not in home}

    def ends(arrow: Arrow) -> tuple[str, str]:
        return home.get(arrow.tail, arrow.tail), home.get(arrow.head, arrow.head)

    together = Counter(ends(arrow) for arrow in drawing.arrows if not arrow.lit)
    arrows = [arrow for arrow in drawing.arrows if arrow.lit or together[ends(arrow)] <= BUNDLE]
    drawn = {ends(arrow) for arrow in arrows}
    for (tail, head), number in together.items():
        if number > BUNDLE:
            more = "more arrows" if (tail, head) in drawn else "arrows"
            label = f"∂{name[head]}/∂{name[tail]}: {number:,} {more}"
            arrows.append(Arrow(f"e-{tail}-{head}", tail, head, label, bundle=True))
    return replace(drawing, arrows=tuple(arrows), grids=found)


def _matrix_picture(graph: _Graph, remark: str) -> Picture:
    """A box for each matrix and each kind of operation, and an arrow where any entry leads to any."""
    found, leads = matrix_level(graph.outputs, graph.order)
    boxes, arrows = [], []
    for number, box in enumerate(found):
        size = "×".join(map(str, box.shape)) if box.shape else "scalar" if box.nodes == 1 else f"{box.nodes:,} scalars"
        boxes.append(Box(f"n{number}", box.kind, (legible(box.title), size)))
    for position, (tail, head) in enumerate(sorted(leads)):
        shape = "×".join(map(str, found[head].shape + found[tail].shape)) or "scalar"
        label = f"∂{legible(found[head].title)}/∂{legible(found[tail].title)}: {shape}"
        arrows.append(Arrow(f"e{head}-{position}", f"n{tail}", f"n{head}", label))
    return Picture(tuple(boxes), tuple(arrows), remark, "matrix")


def _summary(graph: _Graph, remark: str) -> Picture:
    """One box that says what there is, where nothing else can be read."""
    kinds = Counter(legible(x._op) or ("leaf with a label" if x.label else "constant") for x in graph.order)
    most = kinds.most_common(8)
    lines = [f"{len(graph.order):,} nodes", *(f"{number:,} × {what}" for what, number in most)]
    if rest := len(graph.order) - sum(number for _, number in most):
        lines.append(f"{rest:,} of {len(kinds) - len(most):,} other kinds")
    return Picture((Box("n0", "output", tuple(lines)),), (), remark, "matrix")
