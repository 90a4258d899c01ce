"""Where the forward pass uses what, and what the gradient would be with a mistake at one of these places.

    >>> from .exercise import Exercise
    >>> from ..arrays import fill
    >>> layer = Exercise.of(lambda X, W: X * W + X, lambda X, W, Y, G: (G, G), {"X": "N", "W": "N"})
    >>> view = UseGraph(Trial(layer, {"N": 2}, lambda shape: fill(shape, lambda *_: 3)), "X", Names())
    >>> sorted(view.in_words(use) for use in view.uses)
    ['its use as a term of X + X · W', 'its use in X · W', 'the path through X · W']

The nodes of a graph are told apart by the formula that made them, whatever their indices are: all entries of X·W have
one formula. So places in graphs of different shapes can be compared, and be named in the verdict.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from itertools import product
from typing import Any, NamedTuple

import numpy as np

from ..arrays import Array
from ..display import short
from ..engine.numbers import Number
from ..engine.ops import WHERE
from ..engine.value import Value
from .trial import Trial

LONGEST_TEXT = 44
"""Characters of a formula beyond which a part of it is written as dots."""


LITERALS = ("0", "1", "const")
"""How numbers are written that are no input."""


class Use(NamedTuple):
    """A place where formula `input` goes into formula `output`; the position counts only where both sides are alike."""

    output: int
    input: int
    position: int


class Names:
    """Formulas by number, the same ones for every trial of an exercise, and how they are written."""

    def __init__(self) -> None:
        self.number_of: dict[Any, int] = {}
        self.text: list[str] = []
        self.is_sum: list[bool] = []
        self.is_where: dict[int, bool] = defaultdict(bool)
        self.factors: dict[int, tuple[int, ...]] = {}

    def number(self, key: Any, text: str, is_sum: bool = False) -> int:
        """The number of a formula, a new one if it is new."""
        if key not in self.number_of:
            self.number_of[key] = len(self.text)
            self.text.append(text)
            self.is_sum.append(is_sum)
        return self.number_of[key]

    def formula(self, node: Value, numbers: tuple[int, ...], terms: frozenset[int] | None) -> int:
        """The number of a node's formula, from those of its inputs; `terms` if it is a sum of them."""
        if terms is not None:
            texts = [self.text[k] for k in sorted(terms)]
            text = " + ".join(texts) if len(texts) > 1 else f"Σ {bracketed(texts[0])}"
            if len(text) > LONGEST_TEXT:
                text = "the sum of " + shortened(texts)
            return self.number(("+", terms), text, True)
        symbol = node._op
        if symbol in ("max", "min"):  # whichever way round they were given
            numbers = tuple(sorted(numbers, key=lambda k: (self.text[k] in LITERALS, k)))
        key = (symbol, *(sorted(numbers) if symbol == "*" else numbers))
        texts = [self.text[k] for k in numbers]
        if symbol in ("*", "/", "neg") or symbol.startswith("**"):
            texts = [bracketed(text) for text in texts]
        assert node.op is not None
        text = node.op.written(*texts)
        if len(text) > LONGEST_TEXT:
            text = node.op.written(*["…" if len(t) > 12 else t for t in texts])
        number = self.number(key, text)
        self.is_where[number] = node.op is WHERE
        if symbol == "*":
            self.factors[number] = numbers
        return number

    def partner(self, use: Use) -> str | None:
        """The other factor of a product, which is the local partial of this one."""
        others = [k for k in self.factors.get(use.output, ()) if k != use.input]
        return self.text[others[0]] if others else None


def bracketed(text: str) -> str:
    """A sum or a quotient as a part of a product."""
    return f"({text})" if any(mark in text for mark in (" + ", " − ", " / ")) or text.startswith(("Σ ", "−")) else text


def shortened(texts: list[str]) -> str:
    """Some terms of a long sum."""
    return " and ".join(text if len(text) <= 12 else "…" for text in texts[:3])


class UseGraph:
    """The graph of a trial as seen from one input: the formula of each node, and the uses on the way from it to Y.

    Attributes
    ----------
    formula
        The number of each node's formula. A partial sum has the same one as the whole sum.
    uses
        All uses through which Y depends on the input, those near the input first.
    in_directions
        What a gradient is asked for only: its symmetric part, if the input is a symmetric matrix.
    alone
        For each formula that is a function of one other formula: that other one.
    """

    def __init__(
        self, trial: Trial, name: str, names: Names, in_directions: Callable[[Array], Array] = lambda gradient: gradient
    ) -> None:
        self.trial, self.name, self.names, self.in_directions = trial, name, names, in_directions
        inputs = {leaf: x for x, leaves in trial.leaves.items() for leaf in objects_of(leaves)}
        self.formula: dict[Value, int] = {}
        terms: dict[Value, frozenset[int]] = {}
        depends: set[Value] = set()
        two_sided: set[int] = set()  # X·Xᵀ, which has a left and a right side, as X∘X has not
        self.places: dict[Value, tuple[Use | None, ...]] = {}
        self.uses: dict[Use, None] = {}
        self.alone: dict[int, int] = {}
        for node in trial.order:
            if not node.inputs:
                x = inputs.get(node)
                literal = short(node.data) if node.data in (0, 1) else "const"
                self.formula[node] = names.number(x or f"constant {literal}", x or literal)
                if x == name:
                    depends.add(node)
                continue
            numbers = tuple(self.formula[x] for x in node.inputs)
            if node._op in ("+", "Σ"):
                terms[node] = frozenset().union(*(terms.get(x, frozenset([self.formula[x]])) for x in node.inputs))
            self.formula[node] = names.formula(node, numbers, terms.get(node))
            if any(x in depends for x in node.inputs):
                depends.add(node)
            if len(node.inputs) == 2 and node.inputs[0] is not node.inputs[1] and numbers[0] == numbers[1]:
                two_sided.add(self.formula[node])
            varying = [x for x in node.inputs if x.inputs or x in inputs]
            if len(varying) == 1 and varying[0] in depends:
                self.alone[self.formula[node]] = self.formula[varying[0]]
        self.goes_into: dict[int, dict[int, None]] = {}
        for node in trial.order:
            self.places[node] = tuple(
                self.place(node, x, position if self.formula[node] in two_sided else -1) if x in depends else None
                for position, x in enumerate(node.inputs)
            )
            self.uses.update(dict.fromkeys(use for use in self.places[node] if use))
            for x in node.inputs:
                if self.formula[x] != self.formula[node]:
                    self.goes_into.setdefault(self.formula[x], {})[self.formula[node]] = None

    def place(self, node: Value, x: Value, position: int) -> Use | None:
        """The use at one input of a node; None where a partial sum goes on in the same sum."""
        whole, part = self.formula[node], self.formula[x]
        if whole == part:
            return None
        return Use(whole, part, -1 if self.names.is_sum[whole] else position)

    def in_words(self, use: Use) -> str:
        """A use as one would say it, seen from what is used."""
        text = self.names.text
        if text[use.input] != self.name:
            several = len(self.goes_into[use.input]) > 1
            return f"the path through {text[use.input]}" + (f" in {text[use.output]}" if several else "")
        if self.names.is_sum[use.output]:
            return f"its use as a term of {text[use.output]}"
        side = ("", " as the left factor", " as the right factor")[1 + use.position]
        return f"its use in {text[self.outermost(use.output)]}{side}"

    def outermost(self, formula: int) -> int:
        """The largest formula that is a function of this one alone, and the only thing that is made of it."""
        while len(outer := self.goes_into.get(formula, {})) == 1:
            (next_one,) = outer
            if self.alone.get(next_one) != formula or "…" in self.names.text[next_one]:
                break
            formula = next_one
        return formula

    def gradient(self, change: Callable[[Value, Use | None, Number], Number]) -> Array:
        """The gradient by the input, with each local partial changed."""

        def partials(node: Value) -> list[Number]:
            places = self.places.get(node, ())
            return [change(node, place, partial) for place, partial in zip(places, node.partials, strict=True)]

        return self.in_directions(self.trial.gradients(partials_of=partials)[self.name])

    def gradient_without(self, *uses: Use) -> Array:
        """The gradient if nothing is followed through these uses."""
        return self.gradient(lambda node, use, partial: 0 if use in uses else partial)

    def gradient_with(self, partial_at: Mapping[int, Callable[[Value], Number]]) -> Array:
        """The gradient with other partials in the nodes of some formulas, by the input that varies."""

        def change(node: Value, use: Use | None, partial: Number) -> Number:
            other = partial_at.get(self.formula[node])
            return partial if use is None or other is None else other(node)

        return self.gradient(change)

    def intermediates(self) -> dict[tuple[int, str, str, bool], Array]:
        """The matrices that the forward pass makes on its way, by formula, dimensions, and order of their entries.

        The graph knows which entries have one formula, and not where they stand: they are offered in rows and columns
        of any two dimensions that fit in number, read row by row and column by column.
        """
        entries: dict[int, list[Value]] = {}
        for node in reversed(self.trial.order):
            if node.inputs:
                entries.setdefault(self.formula[node], []).append(node)
        sizes = {**{d: int(d) for ds in self.trial.exercise.dimensions.values() for d in ds if d.isdecimal()}, "1": 1}
        sizes |= self.trial.sizes
        found: dict[tuple[int, str, str, bool], Array] = {}
        for formula, nodes in entries.items():
            inside = {x for node in nodes for x in node.inputs if self.formula[x] == formula}
            data = [node.data for node in nodes if node not in inside]
            for (r, rows), (c, columns) in product(sizes.items(), repeat=2):
                if rows * columns == len(data):
                    by_row = np.array([None, *data], object)[1:].reshape(rows, columns)
                    found[formula, r, c, False] = by_row
                    if 1 not in (rows, columns):
                        found[formula, r, c, True] = by_row.reshape(columns, rows).T
        return found


def objects_of(leaves: Any) -> list[Value]:
    """The Values of an array, or the one Value."""
    return list(leaves.flat) if hasattr(leaves, "flat") else [leaves]
