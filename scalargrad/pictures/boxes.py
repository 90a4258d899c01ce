"""What a drawing is made of, boxes and arrows, and how large it will be: no renderer is asked.

    >>> boxes = tuple(Box(name, "leaf", (name, "data 1")) for name in "ab")
    >>> Picture(boxes, (Arrow("e", "a", "b", "1"),), "", "scalar").extent()
    (154.9, 36.8)

Sizes are in points. Those of boxes and cells are what the drawing really has. Where Graphviz will put them is guessed:
each box in the column after its inputs, and the boxes of a column one under the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .grid import Place
from .metrics import text_width

FONT_SIZE, ARROW_FONT_SIZE = 12, 10
"""In points: of boxes and captions, and of what stands beside arrows."""

LINE = 1.2
"""The height of a line, in sizes of its font."""

PADDING = 8
"""Between a box and its text, left and right; above and below half of it."""

GAP = 14
"""Between the cells of a matrix."""

BETWEEN_BOXES, BETWEEN_RANKS = 18, 36
"""Graphviz's own, if not said otherwise."""

SHAPE_OF = {"leaf": "box", "operation": "ellipse", "output": "box"}
"""Leaves, operations and outputs are told apart by shape and border too, for print and for the colour-blind."""


@dataclass(frozen=True)
class Box:
    """One box: its id in DOT and SVG, what it is, its lines, its place in a matrix, and the numbers of its paths."""

    id: str
    kind: str
    lines: tuple[str, ...]
    matrix: str = ""
    index: Place = ()
    paths: tuple[int, ...] = ()

    @property
    def size(self) -> tuple[float, float]:
        """Width and height of the rectangle that its text takes."""
        width = max(text_width(line, FONT_SIZE) for line in self.lines)
        return width + 2 * PADDING, LINE * FONT_SIZE * len(self.lines) + PADDING

    @property
    def outline(self) -> tuple[float, float]:
        """Width and height of its shape, if it is not a cell: an ellipse goes around the rectangle."""
        around = 2**0.5 if SHAPE_OF[self.kind] == "ellipse" else 1
        return self.size[0] * around, self.size[1] * around


@dataclass(frozen=True)
class Arrow:
    """One edge: its id, the ids of its ends, its label, and the numbers of the highlighted paths that it is part of."""

    id: str
    tail: str
    head: str
    label: str
    paths: tuple[int, ...] = ()
    lit: bool = False  # on one of the paths that the drawing is about, be they numbered or too many for that
    bundle: bool = False  # it stands for many


@dataclass(frozen=True)
class Picture:
    """Boxes and arrows, a caption, and the level; and {matrix: id} of those that are drawn as a grid of boxes.

    An arrow leads from a box to a box, or, if it stands for many, from or to a whole grid.
    """

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    caption: str
    level: str
    grids: Mapping[str, str] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """Boxes and arrows."""
        return len(self.boxes) + len(self.arrows)

    def extent(self, direction: str = "LR") -> tuple[float, float]:
        """About how wide and high the drawing will be."""
        down = direction in ("TB", "BT")
        home = {box.id: self.grids[box.matrix] for box in self.boxes if box.matrix in self.grids}
        sizes = {box.id: box.outline for box in self.boxes if box.id not in home}
        for matrix, grid in self.grids.items():
            sizes[grid] = grid_size([box for box in self.boxes if box.matrix == matrix])
        edges = [(home.get(a.tail, a.tail), home.get(a.head, a.head)) for a in self.arrows]
        rank = _ranks(list(sizes), edges)
        depth, breadth = defaultdict[int, float](float), defaultdict[int, float](float)
        for name, (width, height) in sizes.items():
            along, across = (height, width) if down else (width, height)
            depth[rank[name]] = max(depth[rank[name]], along)
            breadth[rank[name]] += across + BETWEEN_BOXES
        labels = defaultdict[int, float](float)
        for (tail, head), arrow in zip(edges, self.arrows, strict=True):
            room = LINE * ARROW_FONT_SIZE if down else text_width(arrow.label, ARROW_FONT_SIZE)
            labels[rank[tail]] = max(labels[rank[tail]], room)
            for passed in range(rank[tail] + 1, rank[head]):  # it runs between the boxes there
                breadth[passed] += BETWEEN_BOXES
        along = sum(depth.values()) + sum(labels.values()) + BETWEEN_RANKS * (len(depth) - 1)
        across = max(breadth.values(), default=BETWEEN_BOXES) - BETWEEN_BOXES
        width, height = (across, along) if down else (along, across)
        return round(width, 1), round(height, 1)


def grid_size(cells: Sequence[Box]) -> tuple[float, float]:
    """The width and height of a matrix of these cells, with its heading."""
    columns = defaultdict[int, float](float)
    for cell in cells:
        j = cell.index[1] if len(cell.index) == 2 else 0
        columns[j] = max(columns[j], cell.size[0])
    rows = 1 + max(cell.index[0] for cell in cells)
    height = max(cell.size[1] for cell in cells) + GAP
    return sum(columns.values()) + GAP * (len(columns) + 1), rows * height + 2 * GAP + LINE * FONT_SIZE


def _ranks(names: Sequence[str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """How many arrows the longest way to each box has; what nothing leads to stands before the first that uses it."""
    users: dict[str, list[str]] = {name: [] for name in names}
    waits = dict.fromkeys(names, 0)
    for tail, head in edges:
        users[tail].append(head)
        waits[head] += 1
    sources = [name for name in names if not waits[name]]
    rank = dict.fromkeys(names, 0)
    ready = sources.copy()
    while ready:
        name = ready.pop()
        for user in users[name]:
            rank[user] = max(rank[user], rank[name] + 1)
            waits[user] -= 1
            if not waits[user]:
                ready.append(user)
    for name in sources:
        rank[name] = min((rank[user] for user in users[name]), default=1) - 1
    return rank
