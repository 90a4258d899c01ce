"""Index notation: a forward pass as text, read into sums of products of indexed factors (`terms`).

    >>> layer = read("y[a,b] = sum(k, x[a,k] * w[k,b])")
    >>> layer.inputs, layer.shapes["w"]
    (('x', 'w'), ('D', 'M'))

An elementary function gets a statement of its own, t[a,k] = f(z[a,k]), so that all the rest is sums of products.
Nothing of a user's text is ever run: Python's own parser reads it, and a dozen kinds of node are let through.
"""

from __future__ import annotations

import ast
import operator
import re
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from ..engine import ops
from ..engine.ops import Op
from ..errors import ArgumentTypeError, NotationError
from .terms import BAR, DELTA, Factor, ForwardPass, Ranges, Statement, Term, merged

STEPS = (ops.STEP, ops.SIGN, ops.FLOOR, ops.CEIL, ops.RINT)

ELEMENTARY = {
    row.symbol: row
    for row in sorted(ops.TABLE.values(), key=lambda row: row.bends is not None)  # the smooth ones first
    if row.built_in and row.arity == 1 and row.symbol.isidentifier() and row not in (ops.NEG, *STEPS)
}
"""The elementary functions of the notation by name; negation is written −x, and steps have no derivative to derive."""

OF_TWO = {"max": 1, "maximum": 1, "min": -1, "minimum": -1}
"""Functions of two formulas: max(u, v) is v + relu(u − v), and min(u, v) is u − relu(u − v)."""
IDENTITY = ("eye", DELTA)
"""The identity's entries, δ_ij, as they are written: eye[i,j]."""
FOR_PYTHON = {"^": "**", "·": "*", "×": "*", "−": "-", "–": "-"}
"""Signs that Python has not, or has for something else."""
REPEATED = 9
"""The highest whole power that is written as a product, x·x."""

LONGEST = 2000
"""Characters of text: a longer forward pass is no formula that anyone reads."""
MOST_TERMS = 100
"""Terms of one statement, once its products are multiplied out."""


def read(text: str, shapes: Mapping[str, str] | None = None) -> ForwardPass:
    """The forward pass that a text describes, one statement to a line or between semicolons.

    Parameters
    ----------
    text
        `y[a,b] = sum(k, x[a,k]*w[k,b]) + b[b]`: + - * /, powers with a number as exponent, `sum(index, …)`,
        `max(u, v)`, `min(u, v)` and the functions of `ELEMENTARY`; the identity's entries `eye[a,b]`. Every index is
        on the left or bound by a sum. A later statement may use what an earlier one makes.
    shapes
        Names for dimensions, `{"x": "N D", "w": "D M"}`, which are numbers in the text, as in `/N`. Those that are not
        given are found from the indices.

    Raises
    ------
    ArgumentTypeError
        If it is not a text, or a shape is none.
    NotationError
        If the text is none, with its statement and column.
    """
    if not isinstance(text, str):
        raise ArgumentTypeError(f'a forward pass is text such as "y[a,b] = x[a,b]", not a {type(text).__name__}')
    if len(text) > LONGEST:
        raise NotationError(f"the text has {len(text):,} characters: {LONGEST:,} are the limit")
    reader = Reader(words=frozenset(re.findall(r"\w+", text)))
    for name, sizes in (shapes or {}).items():
        if not isinstance(sizes, str):
            raise ArgumentTypeError(f'the shape of {name} is text such as "N D", not a {type(sizes).__name__}')
        reader.declare(name, tuple(sizes.split()))
    lines = [line for line in text.replace("\n", ";").split(";") if line.strip()]
    if not lines:
        raise NotationError("there is no statement: write one such as y[a,b] = sum(k, x[a,k]*w[k,b])")
    for number, line in enumerate(lines, 1):
        reader.statement(number, line)
    return reader.layer()


class Axes:
    """Which axes of matrices, (name, number), and indices of statements, (number, letter), have one range.

    A forest: each points to one of equal range. A root may have a declared dimension.
    """

    def __init__(self, equal: Callable[[str, str], bool] = operator.eq) -> None:
        self.same: dict[Any, Any] = {}
        self.sizes: dict[Any, str] = {}
        self.equal = equal

    def root(self, key: Any) -> Any:
        while key in self.same:
            key = self.same[key]
        return key

    def join(self, axis: Any, index: Any) -> tuple[str, str] | None:
        """Give both one range, or return the two dimensions that they were declared to have."""
        one, other = self.root(axis), self.root(index)
        if one == other:
            return None
        here, elsewhere = self.sizes.get(one), self.sizes.get(other)
        if here and elsewhere and not self.equal(here, elsewhere):
            return here, elsewhere
        if here:
            self.sizes[other] = here
        self.same[one] = other
        return None


@dataclass
class Reader:
    """What is known while a text is read."""

    words: frozenset[str]  # every word of the text, none of which may name a statement of our own
    statements: list[Statement] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)  # where in the text each statement is
    rank: dict[str, int] = field(default_factory=dict)  # how many indices each name has
    declared: frozenset[str] = frozenset()
    used: dict[str, None] = field(default_factory=dict)  # a set that keeps its order
    axes: Axes = field(default_factory=Axes)
    places: dict[Factor, ast.expr] = field(default_factory=dict)
    numbers_named: frozenset[str] = frozenset()  # dimensions, which are numbers

    # The statement that is being read
    number: int = 0
    line: str = ""
    origins: list[int] = field(default_factory=lambda: [0])
    offset: int = 0
    target: str = ""
    scope: dict[str, str] = field(default_factory=dict)  # an index as written, and its name in the statement
    taken: set[str] = field(default_factory=set)  # its indices, bound ones included

    def declare(self, name: str, sizes: tuple[str, ...]) -> None:
        self.rank[name] = len(sizes)
        self.declared |= {name}
        self.numbers_named |= {size for size in sizes if size.isidentifier()}
        for axis, size in enumerate(sizes):
            self.axes.sizes[name, axis] = size

    # Errors

    def error(self, message: str, node: ast.AST | None = None) -> NotationError:
        """An error with the place where it happened; ast counts columns in bytes, people in characters."""
        place = 0
        if node is not None:
            before = self.line[self.offset :].encode()[: getattr(node, "col_offset", 0)]
            place = self.offset + len(before.decode(errors="ignore"))
        return NotationError(f"statement {self.number}, column {self.column(place)}: {message}")

    def column(self, place: int) -> int:
        """Where a character of the line stands in the text, which may have ^ for **."""
        return self.origins[min(place, len(self.origins) - 1)] + 1

    def parse(self, text: str, offset: int) -> ast.expr:
        """One expression as Python's parser reads it; nothing is evaluated."""
        spaces = len(text) - len(text.lstrip())
        self.offset = offset + spaces
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")  # as for `1if`
                return ast.parse(text.strip(), mode="eval").body
        except SyntaxError as error:  # its offset counts characters
            place = self.offset + max(error.offset or 1, 1) - 1
            column = self.column(place)
            raise NotationError(f"statement {self.number}, column {column}: no formula: {error.msg}") from None
        except (ValueError, RecursionError, MemoryError):
            raise self.error("no formula: it holds a null character or is nested too deeply") from None

    # Statements

    def statement(self, number: int, line: str) -> None:
        signs = [FOR_PYTHON.get(sign, sign) for sign in line]
        self.origins = [place for place, sign in enumerate(signs) for _ in sign] + [len(line)]
        line = "".join(signs)
        self.number, self.line, self.offset = number, line, 0
        left, equals, right = line.partition("=")
        if not equals or right.startswith("="):
            raise self.error("a statement is an assignment, y[a,b] = …, with one equals sign")
        target = self.left_side(self.parse(left, 0))
        self.target = target.name
        self.taken = set(target.indices)
        self.scope = {index: index for index in target.indices}
        body = self.parse(right, len(left) + 1)
        try:
            match body:
                case ast.Call(func=ast.Name(id=name)) if name in ELEMENTARY:
                    self.call(ELEMENTARY[name], body, target)  # y = f(z) needs no name between
                case _:
                    self.assign(target, self.terms(body))
        except RecursionError:
            raise self.error("the formula is nested too deeply") from None

    def left_side(self, node: ast.expr) -> Factor:
        match node:
            case ast.Name(id=name):
                indices: list[str] = []
            case ast.Subscript(value=ast.Name(id=name)):
                indices = [self.index_name(index) for index in elements(node.slice)]
            case _:
                raise self.error("the left side is a name with indices, such as y[a,b]", node)
        if name in self.used:
            raise self.error(f"{name} is used before this statement assigns it: give the result another name", node)
        if any(statement.name == name for statement in self.statements):
            raise self.error(f"{name} is assigned twice: give the second another name", node)
        if repeated := [index for index in indices if indices.count(index) > 1]:
            raise self.error(
                f"{repeated[0]} stands twice on the left: each index of {name} needs a letter of its own", node
            )
        self.check_rank(name, len(indices), node)
        return Factor(name, tuple(indices))

    def check_rank(self, name: str, rank: int, node: ast.expr) -> None:
        if name in ELEMENTARY or name == "sum" or name in OF_TWO or name == "eye":
            raise self.error(f"{name} is a function here, and no name for a matrix", node)
        if name == DELTA or BAR in name:
            raise self.error(
                f"{name} has a meaning in derivations, Kronecker's δ or an adjoint: use another letter", node
            )
        known = self.rank.setdefault(name, rank)
        if known != rank:
            plural = "index" if known == 1 else "indices"
            raise self.error(f"{name} has {known} {plural} elsewhere and {rank} here: it needs {known}", node)

    def assign(self, entry: Factor, terms: Sequence[Term], function: Op | None = None) -> None:
        """Enter a statement, and note which axes its indices make equal."""
        statement = Statement(entry.name, tuple((index, "") for index in entry.indices), tuple(terms), function)
        number = len(self.statements)
        for factor in [entry, *(factor for term in terms for factor in term.factors)]:
            if factor.name == DELTA and (clash := self.axes.join(*((number, index) for index in factor.indices))):
                one, other = factor.indices
                raise self.error(
                    f"eye is square, and {one} ranges over {clash[0]}, {other} over {clash[1]}", self.places.get(factor)
                )
            for axis, index in enumerate(() if factor.name == DELTA else factor.indices):
                if clash := self.axes.join((factor.name, axis), (number, index)):
                    here, elsewhere = clash
                    raise self.error(
                        f"the index {index} has two ranges: {elsewhere} elsewhere, and {here} in "
                        f"{factor.name}[{','.join(factor.indices)}]",
                        self.places.get(factor),
                    )
        self.statements.append(statement)
        self.numbers.append(self.number)

    # Expressions

    def terms(self, node: ast.expr) -> list[Term]:
        """An expression as a sum of terms."""
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                if number != number or number in (float("inf"), float("-inf")):
                    raise self.error("the number is too large for a float", node)
                return [Term(coefficient=Fraction(repr(number)))]
            case ast.Name() | ast.Subscript():
                return [Term((self.entry(node),))]
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return [term.times(-1) for term in self.terms(inner)]
            case ast.UnaryOp(op=ast.UAdd(), operand=inner):
                return self.terms(inner)
            case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as sign, right=right):
                times = 1 if isinstance(sign, ast.Add) else -1
                return self.limited(self.terms(left) + [term.times(times) for term in self.terms(right)])
            case ast.BinOp(left=left, op=ast.Mult(), right=right):
                return self.product(self.terms(left), self.terms(right))
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                return self.power(left, self.exponent(right))
            case ast.BinOp(left=left, op=ast.Div(), right=right):
                return self.product(self.terms(left), self.power(right, Fraction(-1)))
            case ast.BinOp(op=ast.MatMult()):
                raise self.error("there is no @ here: write the sum, sum(k, x[a,k]*w[k,b])", node)
            case ast.Call(func=ast.Name(id=name)) if name in OF_TWO:
                return self.of_two(name, node)
            case ast.Call():
                function = self.function(node)
                return self.call(function, node) if function else self.sum(node)
        raise self.error("only + - * / **, sum(index, …), functions, numbers and indexed names are allowed", node)

    def entry(self, node: ast.Name | ast.Subscript) -> Factor:
        """x[a,k], or the name of a scalar."""
        if isinstance(node, ast.Name):
            name, written = node.id, []
            if name in self.scope and name not in self.rank:
                raise self.error(f"{name} is an index: it stands in brackets only, as in x[{name}]", node)
            if name in self.numbers_named and name not in self.rank:
                return Factor(name, (), is_size=True)
        elif isinstance(node.value, ast.Name):
            name, written = node.value.id, elements(node.slice)
        else:
            raise self.error("only a name has indices, as in x[a,k]", node)
        identity = name in IDENTITY and len(written) == 2
        if name == self.target:
            raise self.error(f"{name} is made of itself here: give the result another name", node)
        if not identity:
            self.check_rank(name, len(written), node)
        indices = []
        for index in written:
            letter = self.index_name(index)
            if letter not in self.scope:
                raise self.error(f"unknown index {letter}: put it on the left, or bind it by sum({letter}, …)", index)
            indices.append(self.scope[letter])
        factor = Factor(DELTA if identity else name, tuple(indices))
        if not identity:
            self.used[name] = None
        self.places[factor] = node
        return factor

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

    def function(self, node: ast.Call) -> Op | None:
        """The function that is called; None for a sum."""
        name = node.func.id if isinstance(node.func, ast.Name) else ""
        if name not in ELEMENTARY and name != "sum":
            raise self.error(f"unknown function: there are sum, max, min, {', '.join(ELEMENTARY)}", node)
        return ELEMENTARY.get(name)

    def call(self, function: Op, node: ast.Call, target: Factor | None = None) -> list[Term]:
        """f(z): statements for z, where it is more than an entry, and for f(z); the entry of the latter."""
        if len(node.args) != 1 or node.keywords or isinstance(node.args[0], ast.Starred):
            raise self.error(f"{function.symbol} takes one argument", node)
        inner = self.named(self.terms(node.args[0]), "z")
        return self.applied(function, inner, target)

    def applied(self, function: Op, inner: Factor, target: Factor | None = None) -> list[Term]:
        """f of an entry, as an entry of a new statement, or of the target's if that has the same indices."""
        fits = target and set(target.indices) == set(inner.indices)
        made = target if target and fits else Factor(self.new_name("t"), inner.indices)
        self.assign(made, [Term((inner,))], function)
        if target and not fits:
            self.assign(target, [Term((made,))])
        return [Term((made,))]

    def named(self, terms: list[Term], letter: str) -> Factor:
        """Terms as one entry: their own if that is what they are, or that of a new statement."""
        if len(terms) == 1 and terms[0] == Term(terms[0].factors[:1]) and terms[0].factors:
            (factor,) = terms[0].factors
            if len(set(factor.indices)) == len(factor.indices) and factor.exponent == 1 and factor.name != DELTA:
                return factor
        bound = {index for term in terms for index, _ in term.bound}
        free = {index: None for t in terms for factor in t.factors for index in factor.indices if index not in bound}
        order = {index: position for position, index in enumerate(self.scope.values())}
        result = Factor(self.new_name(letter), tuple(sorted(free, key=lambda index: order[index])))
        self.assign(result, terms)
        return result

    def new_name(self, letter: str) -> str:
        """z, or z1, z2…: a name that the text does not use."""
        names = (letter, *(f"{letter}{n}" for n in range(1, 1000)))
        name = next(n for n in names if n not in self.words and n not in self.rank)
        self.rank[name] = 0  # taken
        return name

    def of_two(self, name: str, node: ast.Call) -> list[Term]:
        """max(u, v) as v + relu(u − v), min(u, v) as u − relu(u − v)."""
        if len(node.args) != 2 or node.keywords or any(isinstance(arg, ast.Starred) for arg in node.args):
            raise self.error(f"{name} takes two formulas, as in {name}(x[a], 0)", node)
        u, v = map(self.terms, node.args)
        if not any(term.factors for term in (u if OF_TWO[name] == 1 else v)):  # of two that a plain number is one of,
            u, v = v, u  # relu's argument is the other: max(0, x) is relu(x)
        difference = merged(tuple(self.limited(u + [term.times(-1) for term in v])))
        if not any(term.factors for term in difference):
            return u if sum(term.coefficient for term in difference) * OF_TWO[name] >= 0 else v
        (above,) = self.applied(ops.RELU, self.named(list(difference), "z"))
        return [*(v if OF_TWO[name] == 1 else u), above.times(OF_TWO[name])]

    def exponent(self, node: ast.expr) -> Fraction:
        """A plain number, such as 2, −0.5 or 1/3."""
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                if abs(number) < MOST_TERMS:
                    return Fraction(repr(number))
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return -self.exponent(inner)
            case ast.BinOp(left=left, op=ast.Div(), right=right) if below := self.exponent(right):
                return self.exponent(left) / below
        raise self.error(
            f"an exponent is a plain number below {MOST_TERMS}, such as 2, −0.5 or 1/3: write exp(p*log(x)) for any "
            "other",
            node,
        )

    def power(self, node: ast.expr, power: Fraction) -> list[Term]:
        """x², as x·x, and other powers of what is one product; any other base gets a statement of its own."""
        base = self.terms(node)
        if power == 1:
            return base
        if power == 0:
            return [Term()]
        repeated = power.denominator == 1 and 1 < power <= REPEATED
        factors = [factor for term in base for factor in term.factors]
        plain = all(f.name != DELTA and len(set(f.indices)) == len(f.indices) for f in factors)
        if len(base) == 1 and not base[0].bound and plain:  # of x[a,a] only the diagonal may have the power
            (term,) = base
            if not term.factors or (power.denominator == 1 and not repeated):  # (2·x·y)⁻¹ is ½·x⁻¹·y⁻¹
                exponents: dict[Factor, Fraction] = {}
                for factor in term.factors:
                    once = replace(factor, exponent=Fraction(1))
                    exponents[once] = exponents.get(once, Fraction(0)) + factor.exponent * power
                powers = tuple(replace(factor, exponent=exponent) for factor, exponent in exponents.items())
                return [Term(powers, coefficient=self.raised(term.coefficient, power, node))]
        factor = self.named(base, "z")
        return [Term((factor,) * int(power) if repeated else (replace(factor, exponent=power),))]

    def raised(self, number: Fraction, power: Fraction, node: ast.expr) -> Fraction:
        if not number and power < 0:
            raise self.error("a division by 0", node)
        found = number**power
        if not isinstance(found, Fraction):
            raise self.error(f"write {number}**({power}) as a decimal: it is not a fraction", node)
        return found

    def product(self, left: list[Term], right: list[Term]) -> list[Term]:
        self.limited(left * len(right))
        return [
            Term(a.factors + b.factors, a.bound + b.bound, a.coefficient * b.coefficient) for a in left for b in right
        ]

    def limited(self, terms: list[Term]) -> list[Term]:
        if len(terms) > MOST_TERMS:
            raise self.error(f"more than {MOST_TERMS} terms when multiplied out: use several statements")
        return terms

    # The whole

    def layer(self, letters: Iterator[str] | None = None) -> ForwardPass:
        """Everything with its dimensions, named N, D, M… in the order of appearance where no shape is given."""
        taken = {*self.axes.sizes.values(), *self.words, *map(str.upper, self.words)}
        if letters is None:
            letters = (letter for letter in (*"NDMKPQRST", *(f"N{n}" for n in range(1, 9999))) if letter not in taken)
        sizes: dict[Any, str] = {}

        def size(key: Any) -> str:
            root = self.axes.root(key)
            if root not in sizes:
                sizes[root] = self.axes.sizes.get(root) or next(letters)
            return sizes[root]

        assigned = {statement.name for statement in self.statements}
        inputs = tuple(name for name in self.used if name not in assigned)
        if idle := sorted(self.declared - assigned - self.used.keys()):
            raise NotationError(f"the shape of {idle[0]} is given, and {idle[0]} does not stand in the text")
        if not inputs:
            raise NotationError("nothing is made of a matrix here: there is nothing to differentiate by")
        shapes = {name: tuple(size((name, axis)) for axis in range(self.rank[name])) for name in inputs}
        statements = []
        for number, statement in enumerate(self.statements):

            def ranged(indices: Ranges, number: int = number) -> Ranges:
                return tuple((index, size((number, index))) for index, _ in indices)

            for index, _ in statement.indices:
                if (root := self.axes.root((number, index))) not in sizes and root not in self.axes.sizes:
                    self.number = self.numbers[number]
                    raise self.error(f"{index} stands on the left only: its range is unknown unless shapes say it")
            indices = ranged(statement.indices)
            shapes[statement.name] = tuple(letter for _, letter in indices)
            terms = tuple(replace(term, bound=ranged(term.bound)) for term in statement.terms)
            statements.append(replace(statement, indices=indices, terms=merged(terms)))
        for statement in self.statements[:-1]:
            if statement.name not in self.used and not any(s.uses(statement.name) for s in self.statements):
                raise NotationError(f"{statement.name} is assigned and never used: the last statement is the output")
        return ForwardPass(tuple(statements), shapes, inputs)


def elements(node: ast.expr) -> list[ast.expr]:
    """The indices between brackets."""
    return list(node.elts) if isinstance(node, ast.Tuple) else [node]


def fresh(letter: str, taken: set[str]) -> str:
    """The letter with as many primes as make it new."""
    while letter in taken:
        letter += "′"
    return letter
