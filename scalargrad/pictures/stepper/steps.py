"""The story that the page tells: each step of the forward pass, then each term of the reverse sweep, in numbers.

    >>> from ...engine.value import Value
    >>> x = Value(3, "x"); y = x * x; y.label = "y"
    >>> print(*(moment.text for moment in tell([x, y]).moments[1:]), sep="\\n")
    x = 3
    y = x · x = 3 · 3 = 9
    y.grad = ∂y/∂y = 1
    x.grad += ∂₁y · y.grad = 3 · 1 = 3; x.grad = 3
    x.grad += ∂₂y · y.grad = 3 · 1 = 3; x.grad = 3 + 3 = 6
    ∂y/∂x = 6

The terms are those of the engine's own sweep, which is watched: nodes from the output down, and the inputs of each from
first to last. No `.grad` is read or written.

∂₁y is the local partial of y, by its first input while the second is held: in y = x · x both ∂₁y and ∂₂y are x. And
∂y/∂x is the total, over all paths. They are two things, and have two notations.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...display import legible
from ...engine.node import Node
from ...engine.numbers import Number, unit
from ...engine.ops import Op
from ...engine.sweep import beside_choices, holds_where, reverse_sweep
from ..document import brief
from ..grid import split_label
from ..levels import Group, kind
from ..live import Registers

LISTED = 6
"""Operands, partials or gradients that are written out in one line: of more, the first few and the last."""


@dataclass(frozen=True)
class Moment:
    """One step: what is written, as lines of parts with "=" between them, and where in the diagram it happens."""

    phase: str
    box: int
    lines: tuple[tuple[str, ...], ...]
    note: str
    edge: str = ""

    @property
    def text(self) -> str:
        """The lines as one text."""
        return "; ".join(" = ".join(line) for line in self.lines)


@dataclass(frozen=True)
class Contribution:
    """One term of the chain rule, ∂user/∂box · adjoint(user), and the running sum that includes it."""

    moment: int
    user: int
    position: int
    partial: Number
    adjoint: Number
    product: Number
    sum: Number


@dataclass
class Track:
    """What happens to one box: when its number appears, and the contributions to its gradient, in their order."""

    name: str
    symbol: str
    kind: str
    data: Number
    appears: int
    uses: int
    complete: int = 0
    seed: Number = None
    contributions: list[Contribution] = field(default_factory=list)

    @property
    def gradient(self) -> Number:
        """The sum of all contributions; the seed on the output."""
        return self.contributions[-1].sum if self.contributions else self.seed


@dataclass(frozen=True)
class Story:
    """All moments, one track for each box, and the moment at which the way back begins."""

    moments: list[Moment]
    tracks: list[Track]
    seeded: int


def tell(order: Sequence[Node], registers: Registers | None = None) -> Story:
    """The steps through a graph, given as its nodes in topological order: Values, or groups of them from `levels`.

    With registers, texts have marks in place of numbers, and the numbers are nodes where the page can compute them.
    """
    teller = _Teller(order, _Pen(registers))
    teller.start()
    teller.forward()
    seeded = teller.backward()
    teller.done()
    return Story(teller.moments, teller.tracks, seeded)


class _Teller:
    """Tells of each part in turn, with a track for each box."""

    def __init__(self, order: Sequence[Node], pen: _Pen) -> None:
        self.order, self.pen = list(order), pen
        self.reading, self.silent = forward_order(order), silent_leaves(order)
        self.number = {node: k for k, node in enumerate(order)}
        self.names = dict(zip(self.reading, _names(self.reading), strict=True))
        self.rules = _Rules(self.names, pen)
        self.moments: list[Moment] = []
        uses = Counter(x for node in order for x in node.inputs)
        outputs = {order[-1]}
        self.tracks = [
            Track(self.names[node], node._op, kind(node, outputs), pen.data(node), appears=0, uses=uses[node])
            for node in order
        ]
        self.last, self.end = len(self.tracks) - 1, self.tracks[-1].name

    def start(self) -> None:
        boxes, leaves = len(self.order), sum(not node.inputs for node in self.order)
        note = f"{_count(boxes, 'box', 'boxes')}, {_count(leaves, 'leaf', 'leaves')}."
        self.moments.append(Moment("start", self.last, (), f"{note} Nothing is computed yet: go forward."))

    def forward(self) -> None:
        """Each number, in the order in which one reads."""
        for node in self.reading:
            if node in self.silent:
                continue  # it appears with the first operation that uses it
            for shown in (node, *node.inputs):
                track = self.tracks[self.number[shown]]
                track.appears = track.appears or len(self.moments)
            name, operands = self.names[node], [self.names[x] for x in node.inputs]
            line = (name, *_equation(node, operands, self.pen), self.pen.number(self.pen.data(node)))
            note = _forward_note(node, name, self.rules.of(node, name, operands), self.pen)
            self.moments.append(Moment("forward", self.number[node], (line,), note))

    def backward(self) -> int:
        """The seed, and each term of the engine's sweep; returns the moment of the seed."""
        end, seeded, seed = self.end, len(self.moments), self.pen.given(unit(self.order[-1].data))
        self.tracks[-1].seed, self.tracks[-1].complete = seed, seeded
        note = f"The sweep starts at the output. {end} changes one for one with itself."
        line = (f"{end}.grad", f"∂{end}/∂{end}", self.pen.number(seed))
        self.moments.append(Moment("backward", self.last, (line,), note))
        partials_of = self.pen.partials
        if holds_where(self.order):
            partials_of = beside_choices(self.order, partials_of)
        reverse_sweep(self.order, {self.order[-1]: seed}, partials_of, self._term)
        return seeded

    def _term(self, node: Node, position: int, term: Any, so_far: Any) -> None:
        """One term of the chain rule, as the sweep adds it to the adjoint of an input."""
        x, k = node.inputs[position], self.number[node]
        track, user = self.tracks[self.number[x]], self.tracks[k]
        before = [track.gradient] if track.contributions else []
        partial, at = self.pen.partials(node)[position], len(self.moments)
        track.contributions.append(Contribution(at, k, position, partial, user.gradient, term, so_far))
        if len(track.contributions) == track.uses:
            track.complete = at
        if x in self.silent:
            return  # nobody asks for the gradient of a constant: it is there with the next step
        repeated = sum(other is x for other in node.inputs) > 1
        which = f", by input {position + 1} of {user.name}" if repeated else ""
        note = f"Term {len(track.contributions)} of {track.uses}{which}."
        if track.complete == at:
            note += f" No other edge leaves {track.name}: its gradient is complete."
        if rule := self.rules.sentence(node, position):
            note = f"{rule} {note}"
        lines = _term_lines(track, user.name, before, self.pen)
        self.moments.append(Moment("backward", self.number[x], lines, note, f"e{k}-{position}"))

    def done(self) -> None:
        """The gradient by each leaf; of many, the first few and the last."""
        leaves = [node for node in self.reading if not node.inputs and node not in self.silent]
        tracks = [self.tracks[self.number[node]] for node in leaves]
        found = [(f"∂{self.end}/∂{track.name}", self.pen.number(track.gradient)) for track in tracks]
        lines = found if len(found) <= LISTED else [*found[: LISTED - 1], found[-1]]
        more = "" if len(found) <= LISTED else f" {len(found) - LISTED} more leaves are in the table."
        self.moments.append(Moment("done", self.last, tuple(lines), f"Every gradient is complete.{more}"))


def silent_leaves(order: Sequence[Node]) -> set[Node]:
    """The leaves without a label, which take no step of their own; of a graph in which no leaf has one, none."""
    leaves = [node for node in order[:-1] if not node.inputs]
    named = any(node.label for node in leaves)
    return {node for node in leaves if not node.label} if named else set()


class _Pen:
    """How numbers are written into the story: as text, or as marks of registers, by which the page writes them."""

    def __init__(self, registers: Registers | None) -> None:
        self.registers = registers

    def data(self, node: Any) -> Any:
        return self.registers.data(node) if self.registers else node.data

    def partials(self, node: Any) -> Sequence[Any]:
        found: Sequence[Any] = self.registers.partials(node) if self.registers else node.partials
        return found

    def given(self, x: Number) -> Any:
        return self.registers.given(x) if self.registers else x

    def number(self, x: Any) -> str:
        return self.registers.mark(x) if self.registers else brief(x)

    def operand(self, x: Any) -> str:
        """A number among others in a formula: in parentheses, unless it is a plain positive one or a single name."""
        if self.registers:
            return self.registers.mark(x, in_formula=True)
        text = brief(x)
        return text if re.fullmatch(r"[\d.]+(e[+-]?\d+)?|\w+", text) else f"({text})"


def forward_order(order: Sequence[Node]) -> list[Node]:
    """The nodes as one reads them: leaves first, matrix by matrix, then operations from the first entry to the last.

    Parameters
    ----------
    order
        The nodes in topological order, with one output.
    """
    found: dict[Node, None] = {}
    stack = [(order[-1], False)]
    while stack:
        node, ready = stack.pop()
        if ready:
            found[node] = None
        elif node not in found:
            stack.append((node, True))
            stack += [(x, False) for x in reversed(node.inputs)]
    leaves = [node for node in found if not node.inputs]
    first = {name: place for place, name in reversed(list(enumerate(split_label(node.label)[0] for node in leaves)))}

    def in_matrix_order(node: Node) -> tuple[int, tuple[int, ...]]:
        name, index = split_label(node.label)
        return first[name], index

    return [*sorted(leaves, key=in_matrix_order), *(node for node in found if node.inputs)]


class _Rules:
    """What the table says of local partials, in symbols: of a · b they are b and a."""

    def __init__(self, names: Mapping[Node, str], pen: _Pen) -> None:
        self.names, self.pen = names, pen
        self.known: dict[tuple[Op, int], list[str]] = {}
        taken = set(names.values())
        self.letters = next((some for some in LETTERS if not taken & set(some)), LETTERS[-1])

    def of(self, node: Node, out: str, operands: Sequence[str]) -> list[str]:
        """Each local partial of a node, in names for itself and its inputs; nothing where there is nothing to say."""
        if node.op is None or isinstance(node, Group) or not 0 < len(node.inputs) <= LISTED:
            return []
        key = (node.op, len(node.inputs))
        if key not in self.known:
            self.known[key] = _symbolic_partials(*key)
        called = {"out": out, **{f"in{k}": operand for k, operand in enumerate(operands)}}
        return [re.sub(r"\b(out|in\d)\b", lambda found: called[found[0]], text) for text in self.known[key]]

    def sentence(self, node: Node, position: int) -> str:
        """The rule of one partial, and what its letters are here: ∂(a · b)/∂a = b, and b is w = 3."""
        if node.op is None or not (used := self.of(node, "out", [f"in{k}" for k in range(len(node.inputs))])):
            return ""
        letters = self.letters[: len(node.inputs)]
        written = _written(node.op, letters)
        closed = written if re.fullmatch(r"\w+\(.*\)|[^\w ].*[^\w ]", written) else f"({written})"
        partial = self.of(node, closed, letters)[position]
        parts = [
            (letter, x)
            for k, (letter, x) in enumerate(zip(letters, node.inputs, strict=True))
            if f"in{k}" in used[position]
        ]
        parts += [(written, node)] * ("out" in used[position])
        meant = [f"{symbol} is {self.names[x]} = {self.pen.number(self.pen.data(x))}" for symbol, x in parts]
        here = f", and {', '.join(meant)}" if meant else ""
        return f"The rule: ∂{closed}/∂{letters[position]} = {partial}{here}."


LETTERS = ("abcdef", "pqrstu", "αβγδεζ")
"""What the operands are called in a rule: the first of these that no node is called."""


def _symbolic_partials(op: Op, arity: int) -> list[str]:
    """The local partials of a row, run on SymPy's symbols; nothing if SymPy or the row cannot."""
    try:
        import sympy

        partials = op.partials(*sympy.symbols(["out", *(f"in{k}" for k in range(arity))]))
    except Exception:  # whatever a row of a user's own does with a symbol: the steps can do without
        return []
    return [_in_notation(str(x)) for x in partials]


def _in_notation(formula: str) -> str:
    """What SymPy wrote, as the page writes it: conditions in brackets, as the table has them."""
    formula = re.sub(r"Heaviside\((.*?), 0\)", r"[\1 > 0]", formula)
    formula = re.sub(r"KroneckerDelta\(0, (\w+)\)", r"[\1 = 0]", formula)
    return legible(formula, 200).replace("**", "^").replace("*", " · ")


def partial_symbol(name: str, position: int) -> str:
    """How the local partial of a node by one of its inputs is written: ∂₁y by the first."""
    return f"∂{str(position + 1).translate(SUBSCRIPTS)}{name}"


def _term_lines(track: Track, user: str, before: list[Any], pen: _Pen) -> tuple[tuple[str, ...], ...]:
    """The last contribution to a track, and its sum with what was there before."""
    term, name = track.contributions[-1], track.name
    factors = f"{pen.operand(term.partial)} · {pen.operand(term.adjoint)}"
    product = (f"{name}.grad += {partial_symbol(user, term.position)} · {user}.grad", factors, pen.number(term.product))
    addition = [f"{pen.number(x)} + {pen.operand(term.product)}" for x in before]
    return product, (f"{name}.grad", *addition, pen.number(term.sum))


# ---------------------------------------------------------------------------------------------------------------------
# Words


def _names(order: Sequence[Node]) -> list[str]:
    """A name for each node: its label; else v₁, v₂, … for operations, c₁, c₂, … for constants, "out" for the output."""
    taken = {node.label for node in order}

    def fresh(letter: str) -> Iterator[str]:
        number = 0
        while True:
            number += 1
            if (name := letter + str(number).translate(SUBSCRIPTS)) not in taken:
                yield name

    operations, constants = fresh("v"), fresh("c")
    called = []
    for node in order:
        if node.label:
            called.append(_isolated(legible(node.label)))
        elif node is order[-1] and "out" not in taken:
            called.append("out")
        else:
            called.append(next(operations if node.inputs else constants))
    return called


SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def _isolated(name: str) -> str:
    """A name in Hebrew or Arabic between marks that keep it from turning the rest of the line around."""
    right_to_left = any(unicodedata.bidirectional(character) in ("R", "AL", "AN") for character in name)
    return f"\u2068{name}\u2069" if right_to_left else name


def _equation(node: Node, operands: Sequence[str], pen: _Pen) -> tuple[str, ...]:
    """A node as a formula of its operands' names, and of their numbers; nothing for a leaf."""
    if node.op is None or not node.inputs:
        return ()
    if isinstance(node, Group):  # its inputs stand in the order of the sweep and not in that of any operation
        return (f"f({', '.join(_elided(operands))})",)
    before, _, after = _notation(node.op, len(operands))
    as_operand = pen.number if before and after else pen.operand  # closed on both sides it needs no other parentheses
    return tuple(_written(node.op, texts) for texts in (operands, [as_operand(pen.data(x)) for x in node.inputs]))


def _written(op: Op, operands: Sequence[str]) -> str:
    """An operation on operands; of many, the first few and the last."""
    before, between, after = _notation(op, len(operands))
    return before + between.join(_elided(operands)) + after


def _notation(op: Op, operands: int) -> tuple[str, str, str]:
    """What is written before, between and after the operands, with every character shown; Σ(a) for a sum of one."""
    before, between, after = op.notation
    if operands < 2 and not before and not after:
        before, after = f"{op.symbol}(", ")"
    return legible(before, 200), legible(between, 200), legible(after, 200)


def _elided(texts: Sequence[str]) -> Sequence[str]:
    """The texts, or of many the first few, dots, and the last."""
    return texts if len(texts) <= LISTED else [*texts[: LISTED - 2], "…", texts[-1]]


def _forward_note(node: Node, name: str, rules: Sequence[str], pen: _Pen) -> str:
    """What there is to say when the number of a node appears."""
    if not node.inputs:
        return "A leaf: its value is given." if node.label else "A leaf without a label, under a name of ours."
    partials = []
    for position, partial in enumerate(pen.partials(node)):
        text = rules[position] if rules else ""
        rule = f" = {text}" if text and not re.fullmatch(r"-?\d+", text) else ""
        partials.append(f"{partial_symbol(name, position)}{rule} = {pen.number(partial)}")
    folded = node.folded if isinstance(node, Group) else 0
    inside = f"{_count(folded, 'more operation', 'more operations')} inside. " if folded else ""
    return f"{inside}Kept for the way back: {', '.join(_elided(partials))}."


def _count(number: int, one: str, many: str) -> str:
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else many}"
