"""Index notation: a forward pass as text, read into sums of products of indexed factors.

    >>> layer = read("y[a,b] = sum(k, x[a,k] * w[k,b])")
    >>> layer.inputs, layer.shapes["w"]
    (('x', 'w'), ('D', 'M'))

A statement is a sum of terms; a term is a number times a product of indexed factors, summed over its bound indices. An
elementary function gets a statement of its own, t[a,k] = f(z[a,k]), so that all the rest is sums of products. Nothing
of a user's text is ever run: Python's own parser reads it, and a dozen kinds of node are let through.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from ..engine import ops
from ..errors import NotationError

FUNCTIONS = {
    "exp": ops.EXP,
    "log": ops.LOG,
    "sqrt": ops.SQRT,
    "sin": ops.SIN,
    "cos": ops.COS,
    "tanh": ops.TANH,
    "sigmoid": ops.SIGMOID,
    "relu": ops.RELU,
    "abs": ops.ABS,
}
"""The elementary functions of the notation, by their rows of the table: their derivatives are written there alone."""

LONGEST = 2000
"""Characters of text: a longer forward pass is no formula that anyone reads."""
MOST_TERMS = 100
"""Terms of one statement, once its products are multiplied out."""


# ---------------------------------------------------------------------------------------------------------------------
# Terms


@dataclass(frozen=True)
class Factor:
    """x_ak, or f′(x_ak) with a function; δ_ai has the name "δ".

    With `by`, the local partial ∂name_indices/∂by_by_indices, which the derivation replaces by deltas.
    """

    name: str
    indices: tuple[str, ...]
    function: str = ""
    by: str = ""
    by_indices: tuple[str, ...] = ()

    def renamed(self, names: Mapping[str, str]) -> Factor:
        """The same with other indices."""
        return replace(self, indices=tuple(names.get(index, index) for index in self.indices))


@dataclass(frozen=True)
class Term:
    """coefficient · Σ_bound Π factors. `bound` pairs each index with the dimension that it runs over."""

    coefficient: Fraction
    factors: tuple[Factor, ...] = ()
    bound: tuple[tuple[str, str], ...] = ()

    def renamed(self, names: Mapping[str, str]) -> Term:
        """The same with other indices, bound ones included."""
        factors = tuple(factor.renamed(names) for factor in self.factors)
        return Term(self.coefficient, factors, tuple((names.get(index, index), size) for index, size in self.bound))


@dataclass(frozen=True)
class Statement:
    """y[indices] = Σ terms, or, with a function, y[indices] = function(the one factor of the one term)."""

    name: str
    indices: tuple[tuple[str, str], ...]
    terms: tuple[Term, ...]
    function: str = ""

    @property
    def entry(self) -> Factor:
        """The left side."""
        return Factor(self.name, tuple(index for index, _ in self.indices))


@dataclass(frozen=True)
class ForwardPass:
    """The statements of a forward pass; the last one's left side is the output.

    Attributes
    ----------
    statements
        In the order of computation.
    shapes
        The dimensions of everything by name, as letters: `{"x": ("N", "D"), …}`.
    inputs
        The names that no statement assigns, in the order in which they appear.
    """

    statements: tuple[Statement, ...]
    shapes: dict[str, tuple[str, ...]]
    inputs: tuple[str, ...]

    @property
    def output(self) -> str:
        """The last name that is assigned."""
        return self.statements[-1].name

    @property
    def is_scalar(self) -> bool:
        """Whether the output is a number, and so its own loss."""
        return not self.shapes[self.output]

    def adjoint(self, name: str) -> str:
        """The letter of ∂L/∂name: g for the output, a bar above the letter for all others."""
        if name != self.output:
            return name + BAR
        return next((letter for letter in "ghuvq" if letter not in self.shapes), name + BAR)

    def shape(self, name: str) -> tuple[str, ...]:
        """The dimensions of a name or of its adjoint."""
        return next(self.shapes[n] for n in self.shapes if name in (n, self.adjoint(n)))


BAR = "\u0304"
"""The combining macron."""


@dataclass(frozen=True)
class Formula:
    """An entry as a sum of terms, for all values of its free indices, each paired with its dimension."""

    terms: tuple[Term, ...]
    free: tuple[tuple[str, str], ...]

    @property
    def indices(self) -> tuple[str, ...]:
        """The free indices without their dimensions."""
        return tuple(index for index, _ in self.free)


ONE = Fraction(1)


def merged(terms: tuple[Term, ...]) -> tuple[Term, ...]:
    """Like terms added up, the others as they are."""
    found: dict[Any, Term] = {}
    for term in terms:
        key = likeness(term)
        before = found[key].coefficient if key in found else Fraction(0)
        found[key] = replace(found.get(key, term), coefficient=before + term.coefficient)
    return tuple(term for term in found.values() if term.coefficient)


def likeness(term: Term) -> Any:
    """Equal for terms that differ by the order of factors and, mostly, by the names of bound indices."""
    bound = dict(term.bound)

    def outline(factor: Factor) -> Any:
        return factor.name, factor.function, tuple("" if index in bound else index for index in factor.indices)

    factors = sorted(term.factors, key=outline)
    order = dict.fromkeys(index for factor in factors for index in factor.indices if index in bound)
    names = {index: f"{position}" for position, index in enumerate(order)}
    idle = tuple(sorted(size for index, size in term.bound if index not in names))  # a factor of the size alone
    sizes = tuple(bound[index] for index in names)
    return tuple(sorted(str(factor.renamed(names)) for factor in factors)), sizes, idle


# ---------------------------------------------------------------------------------------------------------------------
# Reading


def read(text: str, shapes: Mapping[str, str] | None = None) -> ForwardPass:
    """The forward pass that a text describes, one statement to a line or between semicolons.

    Parameters
    ----------
    text
        `y[a,b] = sum(k, x[a,k]*w[k,b]) + b[b]`: + - * and whole powers, `sum(index, …)`, and the functions of
        `FUNCTIONS`. Every index is on the left or bound by a sum. A later statement may use what an earlier one makes.
    shapes
        Names for dimensions, `{"x": "N D", "w": "D M"}`. Those that are not given are found from the indices.

    Raises
    ------
    NotationError
        If the text is none, with its statement and column.
    """
    if not isinstance(text, str):
        raise TypeError(f'a forward pass is text such as "y[a,b] = x[a,b]", not a {type(text).__name__}')
    if len(text) > LONGEST:
        raise NotationError(f"the text has {len(text):,} characters: {LONGEST:,} are the limit")
    reader = Reader(words=frozenset(re.findall(r"\w+", text)))
    for name, sizes in (shapes or {}).items():
        reader.declare(name, tuple(sizes.split()))
    lines = [line for line in text.replace("\n", ";").split(";") if line.strip()]
    if not lines:
        raise NotationError("there is no statement: write one such as y[a,b] = sum(k, x[a,k]*w[k,b])")
    for number, line in enumerate(lines, 1):
        reader.statement(number, line)
    return reader.layer()


@dataclass
class Reader:
    """What is known while a text is read: statements so far, the number of indices of each name, and equal ranges."""

    words: frozenset[str]  # every word of the text, none of which may name a statement of our own
    statements: list[Statement] = field(default_factory=list)
    rank: dict[str, int] = field(default_factory=dict)
    declared: frozenset[str] = frozenset()
    used: dict[str, None] = field(default_factory=dict)  # a set that keeps its order
    same: dict[Any, Any] = field(default_factory=dict)  # a forest: each axis and index points to one of equal range
    sizes: dict[Any, str] = field(default_factory=dict)  # the declared dimension of a root
    numbers: list[int] = field(default_factory=list)  # where in the text each statement is
    places: dict[Factor, ast.expr] = field(default_factory=dict)
    target: str = ""
    number: int = 0
    line: str = ""
    offset: int = 0
    scope: dict[str, str] = field(default_factory=dict)  # an index as written, and its name in the statement
    taken: set[str] = field(default_factory=set)  # the indices of this statement, bound ones included

    def declare(self, name: str, sizes: tuple[str, ...]) -> None:
        self.rank[name] = len(sizes)
        self.declared |= {name}
        for axis, size in enumerate(sizes):
            self.sizes[name, axis] = size

    # Errors

    def error(self, message: str, node: ast.AST | None = None) -> NotationError:
        """An error with the place where it happened; ast counts columns in bytes, people in characters."""
        column = 1
        if node is not None:
            before = self.line[self.offset :].encode()[: getattr(node, "col_offset", 0)]
            column = self.offset + len(before.decode(errors="ignore")) + 1
        return NotationError(f"statement {self.number}, column {column}: {message}")

    def parse(self, text: str, offset: int) -> ast.expr:
        """One expression as Python's parser reads it; nothing is evaluated."""
        spaces = len(text) - len(text.lstrip())
        self.offset = offset + spaces
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # as for `1if`
                return ast.parse(text.strip(), mode="eval").body
        except SyntaxError as error:  # its offset counts characters
            place = self.offset + max(error.offset or 1, 1)
            raise NotationError(f"statement {self.number}, column {place}: no formula: {error.msg}") from None
        except (ValueError, RecursionError, MemoryError):
            raise self.error("no formula: it holds a null character or is nested too deeply") from None

    # Statements

    def statement(self, number: int, line: str) -> None:
        self.number, self.line, self.offset = number, line, 0
        left, equals, right = line.partition("=")
        if not equals or right.startswith("="):
            raise self.error("a statement is an assignment, y[a,b] = …, with one equals sign")
        name, written = self.left_side(self.parse(left, 0))
        self.target = name
        self.taken = set(written)
        self.scope = {index: index for index in written}
        body = self.parse(right, len(left) + 1)
        try:
            if isinstance(body, ast.Call) and self.function_name(body) != "sum":
                self.call(body, (name, written))  # y = f(z) needs no name between
            else:
                self.assign(name, written, self.terms(body))
        except RecursionError:
            raise self.error("the formula is nested too deeply") from None

    def left_side(self, node: ast.expr) -> tuple[str, tuple[str, ...]]:
        name, indices = "", tuple[str, ...]()
        if isinstance(node, ast.Name):
            name = node.id
        elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
            name, indices = node.value.id, tuple(self.index_name(index) for index in elements(node.slice))
        else:
            raise self.error("the left side is a name with indices, such as y[a,b]", node)
        if name in self.used:
            raise self.error(f"{name} is used before this statement assigns it: give the result another name", node)
        if any(statement.name == name for statement in self.statements):
            raise self.error(f"{name} is assigned twice: give the second another name", node)
        if repeated := [index for index, count in Counter(indices).items() if count > 1]:
            raise self.error(
                f"{repeated[0]} stands twice on the left: each index of {name} needs a letter of its own", node
            )
        self.check_rank(name, len(indices), node)
        return name, indices

    def check_rank(self, name: str, rank: int, node: ast.expr) -> None:
        if name in FUNCTIONS or name == "sum":
            raise self.error(f"{name} is a function here, and no name for a matrix", node)
        if name == "δ" or BAR in name:
            raise self.error(
                f"{name} has a meaning in derivations, Kronecker's δ or an adjoint: use another letter", node
            )
        known = self.rank.setdefault(name, rank)
        if known != rank:
            plural = "index" if known == 1 else "indices"
            raise self.error(f"{name} has {known} {plural} elsewhere and {rank} here: it needs {known}", node)

    def assign(self, name: str, indices: tuple[str, ...], terms: Sequence[Term], function: str = "") -> None:
        """Enter a statement, and note which axes its indices make equal."""
        statement = Statement(name, tuple((index, "") for index in indices), tuple(terms), function)
        for factor in [statement.entry, *(factor for term in terms for factor in term.factors)]:
            for axis, index in enumerate(factor.indices):
                self.join((factor.name, axis), (len(self.statements), index), factor, index)
        self.statements.append(statement)
        self.numbers.append(self.number)

    # Expressions

    def terms(self, node: ast.expr) -> list[Term]:
        """An expression as a sum of terms."""
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                if number != number or number in (float("inf"), float("-inf")):
                    raise self.error("the number is too large for a float", node)
                return [Term(Fraction(repr(number)))]
            case ast.Name() | ast.Subscript():
                return [Term(Fraction(1), (self.entry(node),))]
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return scaled(self.terms(inner), -1)
            case ast.UnaryOp(op=ast.UAdd(), operand=inner):
                return self.terms(inner)
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as sign, right=right):
                return self.limited(
                    self.terms(left) + scaled(self.terms(right), 1 if isinstance(sign, ast.Add) else -1)
                )
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                return self.product(self.terms(left), self.terms(right))
            case ast.BinOp(left=left, op=ast.Pow(), right=ast.Constant(value=int() as power)) if 1 <= power <= 9:
                return self.power(left, int(power))
            case ast.BinOp(op=ast.Pow()):
                raise self.error("a power is a whole number from 1 to 9, as in x[a]**2", node)
            case ast.BinOp(op=ast.Div() | ast.FloorDiv()):
                raise self.error("there is no division: multiply by a number such as 0.5", node)
            case ast.BinOp(op=ast.MatMult()):
                raise self.error("there is no @ here: write the sum, sum(k, x[a,k]*w[k,b])", node)
            case ast.Call():
                return self.sum(node) if self.function_name(node) == "sum" else self.call(node, None)
        raise self.error("only + - * **, sum(index, …), functions, numbers and indexed names are allowed", node)

    def entry(self, node: ast.Name | ast.Subscript) -> Factor:
        """x[a,k], or the name of a scalar."""
        if isinstance(node, ast.Name):
            name, written = node.id, []
            if name in self.scope and name not in self.rank:
                raise self.error(f"{name} is an index: it stands in brackets only, as in x[{name}]", node)
        elif isinstance(node.value, ast.Name):
            name, written = node.value.id, elements(node.slice)
        else:
            raise self.error("only a name has indices, as in x[a,k]", node)
        if self.declared and name not in self.declared and not any(s.name == name for s in self.statements):
            raise self.error(f"unknown name {name}: the shapes given are of {', '.join(sorted(self.declared))}", node)
        if name == self.target:
            raise self.error(f"{name} is made of itself here: give the result another name", node)
        self.check_rank(name, len(written), node)
        indices = []
        for index in written:
            letter = self.index_name(index)
            if letter not in self.scope:
                raise self.error(f"unknown index {letter}: put it on the left, or bind it by sum({letter}, …)", index)
            indices.append(self.scope[letter])
        self.used[name] = None
        self.places[Factor(name, tuple(indices))] = node
        return Factor(name, tuple(indices))

    def index_name(self, node: ast.expr) -> str:
        if isinstance(node, ast.Name):
            return node.id
        raise self.error("an index is a letter such as k, not a number or a formula", node)

    def sum(self, node: ast.Call) -> list[Term]:
        """sum(k, …, body): each index is new, and is primed if a sum beside this one has the same letter."""
        *indices, body = node.args or [node]
        if not indices or node.keywords:
            raise self.error("a sum names its index first, sum(k, x[a,k]*w[k,b])", node)
        before = dict(self.scope)
        bound = []
        for index in indices:
            letter = self.index_name(index)
            if letter in self.scope:
                raise self.error(f"the index {letter} is bound already: give the sum a letter of its own", index)
            name = fresh(letter, self.taken)
            self.taken.add(name)
            self.scope[letter] = name
            bound.append((name, ""))
        terms = self.terms(body)
        self.scope = before
        for name, _ in bound:
            if not any(name in factor.indices for term in terms for factor in term.factors):
                raise self.error(f"no factor has the index {name}: its range is unknown", node)
        return [replace(term, bound=(*bound, *term.bound)) for term in terms]

    def function_name(self, node: ast.Call) -> str:
        if not isinstance(node.func, ast.Name) or (node.func.id not in FUNCTIONS and node.func.id != "sum"):
            raise self.error(f"unknown function: there are sum, {', '.join(FUNCTIONS)}", node)
        return node.func.id

    def call(self, node: ast.Call, target: tuple[str, tuple[str, ...]] | None) -> list[Term]:
        """f(z): statements for z, where it is more than an entry, and for f(z); the entry of the latter."""
        name = self.function_name(node)
        if len(node.args) != 1 or node.keywords or isinstance(node.args[0], ast.Starred):
            raise self.error(f"{name} takes one argument", node)
        inner = self.named(self.terms(node.args[0]), "z")
        result = Factor(target[0], target[1]) if target else Factor(self.new_name("t"), inner.indices)
        if set(result.indices) != set(inner.indices):
            own = Factor(self.new_name("t"), inner.indices)
            self.assign(own.name, own.indices, [Term(Fraction(1), (inner,))], name)
            self.assign(result.name, result.indices, [Term(Fraction(1), (own,))])
        else:
            self.assign(result.name, result.indices, [Term(Fraction(1), (inner,))], name)
        return [Term(Fraction(1), (result,))]

    def named(self, terms: list[Term], letter: str) -> Factor:
        """Terms as one entry: their own if that is what they are, or that of a new statement."""
        if len(terms) == 1 and terms[0] == Term(Fraction(1), terms[0].factors[:1]) and terms[0].factors:
            (factor,) = terms[0].factors
            if len(set(factor.indices)) == len(factor.indices):
                return factor
        bound = {index for term in terms for index, _ in term.bound}
        free = {index: None for t in terms for factor in t.factors for index in factor.indices if index not in bound}
        order = {index: position for position, index in enumerate(self.scope.values())}
        result = Factor(self.new_name(letter), tuple(sorted(free, key=lambda index: order[index])))
        self.assign(result.name, result.indices, terms)
        return result

    def new_name(self, letter: str) -> str:
        """z, or z1, z2…: a name that the text does not use."""
        names = (letter, *(f"{letter}{n}" for n in range(1, 1000)))
        name = next(n for n in names if n not in self.words and n not in self.rank)
        self.rank[name] = 0  # taken
        return name

    def power(self, base: ast.expr, power: int) -> list[Term]:
        """x², as x·x; the square of a longer expression is that of a statement of its own."""
        factor = self.named(self.terms(base), "z") if power > 1 else None
        return [Term(Fraction(1), (factor,) * power)] if factor else self.terms(base)

    def product(self, left: list[Term], right: list[Term]) -> list[Term]:
        self.limited(left * len(right))
        return [
            Term(a.coefficient * b.coefficient, a.factors + b.factors, a.bound + b.bound) for a in left for b in right
        ]

    def limited(self, terms: list[Term]) -> list[Term]:
        if len(terms) > MOST_TERMS:
            raise self.error(f"more than {MOST_TERMS} terms when multiplied out: use several statements")
        return terms

    # Ranges

    def root(self, key: Any) -> Any:
        while key in self.same:
            key = self.same[key]
        return key

    def join(self, axis: Any, index: Any, factor: Factor, letter: str) -> None:
        """An axis and an index have one range."""
        one, other = self.root(axis), self.root(index)
        if one == other:
            return
        if one in self.sizes and other in self.sizes and self.sizes[one] != self.sizes[other]:
            raise self.error(
                f"the index {letter} has two ranges: {self.sizes[other]} elsewhere, and {self.sizes[one]} in "
                f"{factor.name}[{','.join(factor.indices)}]",
                self.places.get(factor),
            )
        if one in self.sizes:
            self.sizes[other] = self.sizes[one]
        self.same[one] = other

    def layer(self) -> ForwardPass:
        """Everything with its dimensions, named N, D, M… in the order of appearance where no shape is given."""
        taken = {*self.sizes.values(), *self.words, *map(str.upper, self.words)}
        letters = (letter for letter in (*"NDMKPQRST", *(f"N{n}" for n in range(1, 9999))) if letter not in taken)
        assigned = {statement.name for statement in self.statements}
        ranges: dict[Any, str] = {}

        def size(key: Any) -> str:
            root = self.root(key)
            if root not in ranges:
                ranges[root] = self.sizes.get(root) or next(letters)
            return ranges[root]

        inputs = tuple(name for name in self.used if name not in assigned)
        if not inputs:
            raise NotationError("nothing is made of a matrix here: there is nothing to differentiate by")
        shapes = {name: tuple(size((name, axis)) for axis in range(self.rank[name])) for name in inputs}
        statements = []
        for number, statement in enumerate(self.statements):
            for index, _ in statement.indices:
                if self.root((number, index)) not in ranges and self.root((number, index)) not in self.sizes:
                    self.number = self.numbers[number]
                    raise self.error(f"{index} stands on the left only: its range is unknown unless shapes say it")
            indices = tuple((index, size((number, index))) for index, _ in statement.indices)
            shapes[statement.name] = tuple(size for _, size in indices)
            terms = tuple(
                replace(term, bound=tuple((index, size((number, index))) for index, _ in term.bound))
                for term in statement.terms
            )
            statements.append(replace(statement, indices=indices, terms=merged(terms)))
        for statement in self.statements[:-1]:
            if statement.name not in self.used and not any(
                factor.name == statement.name for s in self.statements for term in s.terms for factor in term.factors
            ):
                raise NotationError(f"{statement.name} is assigned and never used: the last statement is the output")
        return ForwardPass(tuple(statements), shapes, inputs)


def elements(node: ast.expr) -> list[ast.expr]:
    """The indices between brackets."""
    return list(node.elts) if isinstance(node, ast.Tuple) else [node]


def scaled(terms: Sequence[Term], by: int) -> list[Term]:
    return [replace(term, coefficient=term.coefficient * by) for term in terms]


def fresh(letter: str, taken: set[str]) -> str:
    """The letter with as many primes as make it new."""
    while letter in taken:
        letter += "′"
    return letter
