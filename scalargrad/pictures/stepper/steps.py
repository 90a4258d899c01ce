"""The story that the page tells: each step of the forward pass, then each term of the reverse sweep, in numbers.

    >>> from scalargrad import Value
    >>> x = Value(3, "x"); y = x * x; y.label = "y"
    >>> print(*(step.text for step in tell([x, y]).steps[1:]), sep="\\n")
    x = 3
    y = x · x = 3 · 3 = 9
    y.grad = ∂y/∂y = 1
    x.grad += ∂y/∂x · y.grad = 3 · 1 = 3; x.grad = 3
    x.grad += ∂y/∂x · y.grad = 3 · 1 = 3; x.grad = 3 + 3 = 6
    ∂y/∂x = 6

The order is that of `backward`: nodes from the output down, and the inputs of each from first to last. The numbers are
computed here, from the local partials that the nodes hold; no `.grad` is read or written.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ...display import legible, short
from ...engine.numbers import Number, unit
from ...engine.ops import ConstantPower
from ...engine.sweep import ONE
from ...engine.value import Value

LISTED = 6
"""Operands, partials or gradients that are written out in one line: of more, the first few and the last."""


@dataclass(frozen=True)
class Step:
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
class Term:
    """One term of the chain rule, ∂user/∂box · adjoint(user), and the running sum that includes it."""

    step: int
    user: int
    position: int
    partial: Number
    adjoint: Number
    product: Number
    sum: Number


@dataclass
class Track:
    """What happens to one box: the step in which its number appears, and the terms of its gradient, in their order."""

    name: str
    symbol: str
    kind: str
    data: Number
    appears: int
    complete: int = 0
    seed: Number = None
    terms: list[Term] = field(default_factory=list)

    @property
    def gradient(self) -> Number:
        """The sum of all terms; the seed on the output."""
        return self.terms[-1].sum if self.terms else self.seed


@dataclass(frozen=True)
class Story:
    """All steps, and one track for each box."""

    steps: tuple[Step, ...]
    tracks: tuple[Track, ...]
    seeded: int


def tell(order: Sequence[Any]) -> Story:
    """The steps through a graph, given as its nodes in topological order: Values, or groups of them from `diagram`."""
    called = names(order)
    number = {node: k for k, node in enumerate(order)}
    leaves = sum(not node.inputs for node in order)
    output = order[-1]
    start = (
        f"{count(len(order), 'box', 'boxes')}, {count(leaves, 'leaf', 'leaves')}. Nothing is computed yet: go forward."
    )
    steps = [Step("start", len(order) - 1, (), start)]

    tracks = []
    for k, node in enumerate(order):
        kind = "output" if node is output else "operation" if node.inputs else "leaf"
        tracks.append(Track(called[k], node._op, kind, node.data, appears=len(steps)))
        operands = [called[number[x]] for x in node.inputs]
        line = (called[k], *equation(node, operands), brief(node.data))
        steps.append(Step("forward", k, (line,), forward_note(node, called[k], operands)))

    # The sweep of `value.reverse_sweep`, with a step written down for each of its terms
    uses = [0] * len(order)
    for node in order:
        for x in node.inputs:
            uses[number[x]] += 1
    last, end = len(order) - 1, called[-1]
    seeded = len(steps)
    tracks[last].seed, tracks[last].complete = unit(output.data), seeded
    line = (f"{end}.grad", f"∂{end}/∂{end}", brief(tracks[last].seed))
    note = f"The sweep starts at the output. {end} changes one for one with itself."
    steps.append(Step("backward", last, (line,), note))
    for k, node in reversed(list(enumerate(order))):
        adjoint = tracks[k].gradient
        for position, (x, partial) in enumerate(zip(node.inputs, node.partials, strict=True)):
            track = tracks[number[x]]
            product = adjoint if partial is ONE else partial * adjoint
            before = [track.gradient] if track.terms else []
            total = before[0] + product if before else product
            track.terms.append(Term(len(steps), k, position, partial, adjoint, product, total))
            repeated = sum(other is x for other in node.inputs) > 1
            which = f", by input {position + 1} of {called[k]}" if repeated else ""
            note = f"Term {len(track.terms)} of {uses[number[x]]}{which}."
            if len(track.terms) == uses[number[x]]:
                track.complete = len(steps)
                note += f" No other edge leaves {track.name}: its gradient is complete."
            lines = term_lines(track, called[k], before)
            steps.append(Step("backward", number[x], lines, note, f"e{k}-{position}"))

    found = [(f"∂{end}/∂{track.name}", brief(track.gradient)) for track in tracks if track.kind == "leaf"]
    lines = tuple(found if len(found) <= LISTED else [*found[: LISTED - 1], found[-1]])
    more = "" if len(found) <= LISTED else f" {len(found) - LISTED} more leaves are in the table."
    steps.append(Step("done", last, lines, f"Every gradient is complete.{more}"))
    return Story(tuple(steps), tuple(tracks), seeded)


def term_lines(track: Track, user: str, before: list[Number]) -> tuple[tuple[str, ...], ...]:
    """The last term of a track, and its sum with what was there before."""
    term, name = track.terms[-1], track.name
    factors = f"{operand(term.partial)} · {operand(term.adjoint)}"
    product = (f"{name}.grad += ∂{user}/∂{name} · {user}.grad", factors, brief(term.product))
    addition = [f"{brief(x)} + {operand(term.product)}" for x in before]
    return product, (f"{name}.grad", *addition, brief(term.sum))


# ---------------------------------------------------------------------------------------------------------------------
# Words


def names(order: Sequence[Any]) -> list[str]:
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
            called.append(isolated(legible(node.label)))
        elif node is order[-1] and "out" not in taken:
            called.append("out")
        else:
            called.append(next(operations if node.inputs else constants))
    return called


SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")

SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def isolated(name: str) -> str:
    """A name in Hebrew or Arabic between marks that keep it from turning the rest of the line around."""
    right_to_left = any(unicodedata.bidirectional(character) in ("R", "AL", "AN") for character in name)
    return f"\u2068{name}\u2069" if right_to_left else name


def brief(x: Number) -> str:
    """A number in a box or a formula: one short line."""
    return legible(short(x))


def operand(x: Number) -> str:
    """A number among others in a formula: in parentheses, unless it is a plain positive one or a single name."""
    text = brief(x)
    return text if re.fullmatch(r"[\d.]+(e[+-]?\d+)?|\w+", text) else f"({text})"


def equation(node: Any, operands: Sequence[str]) -> tuple[str, ...]:
    """A node as a formula of its operands' names, and of their numbers; nothing for a leaf."""
    if not node.inputs:
        return ()
    if not isinstance(node, Value) or node.op is None:
        # A group of folded operations, whose inputs stand in the order of the sweep and not in that of any operation
        return (f"f({', '.join(elided(operands))})",)
    bare = not isinstance(node.op, ConstantPower) and node.op.symbol not in (*INFIX, "neg")
    numbers = [brief(x.data) if bare else operand(x.data) for x in node.inputs]
    return written(node.op, operands), written(node.op, numbers)


INFIX = {"+": " + ", "-": " − ", "*": " · ", "/": " / ", "**": " ^ ", "Σ": " + "}


def written(op: Any, operands: Sequence[str]) -> str:
    """An operation on operands, as one writes it."""
    if isinstance(op, ConstantPower):
        exponent = brief(op.exponent)
        return operands[0] + (
            exponent.translate(SUPERSCRIPTS) if re.fullmatch(r"-?\d+", exponent) else f" ^ {operand(op.exponent)}"
        )
    if op.symbol == "neg":
        return f"−{operands[0]}"
    if op.symbol == "abs":
        return f"|{operands[0]}|"
    if op.symbol in INFIX and len(operands) > 1:
        return INFIX[op.symbol].join(elided(operands))
    return f"{legible(op.symbol)}({', '.join(elided(operands))})"


def elided(texts: Sequence[str]) -> list[str]:
    """The texts, or of many the first few, dots, and the last."""
    return list(texts) if len(texts) <= LISTED else [*texts[: LISTED - 2], "…", texts[-1]]


def forward_note(node: Any, name: str, operands: Sequence[str]) -> str:
    """What there is to say when the number of a node appears."""
    if not node.inputs:
        return "A leaf: its value is given." if node.label else "A constant, which is a leaf too, under a name of ours."
    partials = [f"∂{name}/∂{x} = {brief(partial)}" for x, partial in zip(operands, node.partials, strict=True)]
    folded = getattr(node, "folded", 0)
    inside = f"{count(folded, 'more operation', 'more operations')} inside. " if folded else ""
    return f"{inside}Kept for the way back: {', '.join(elided(partials))}."


def count(number: int, one: str, many: str) -> str:
    """A number with its noun."""
    return f"{number:,} {one if number == 1 else many}"
