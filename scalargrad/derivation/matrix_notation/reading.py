"""Matrix notation, read: a small tokenizer rewrites it as Python's, and Python's own parser does the rest.

    >>> reading = understood("norm2(X*w - y)^2", {"X": "N D"})
    >>> reading.shapes
    {'X': ('N', 'D'), 'w': ('D', '1'), 'y': ('N', '1')}

Nothing of the text is ever run. `'`, `.T` and `^T` transpose, `.*` and `∘` multiply entry by entry, `./` divides so,
`.^` is a power so. One rule says what `*` is: the product of matrices, or a scaling if one of the two is a number. But
text with `@` or `np.` in it is NumPy's, and there `*`, `/` and `**` go entry by entry.

A name without a shape is a matrix if it is a capital letter, a vector if it is a small one, and a number if it is Greek
or a word.
"""

from __future__ import annotations

import ast
import keyword
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from ...engine import ops
from ...errors import ArgumentTypeError, NotationError
from ..notation import ELEMENTARY, LONGEST
from .expression import HALF, ONE_BY_ONE, Dimensions, MatrixExpression, added, dimension, matrix_named, plain_number
from .indexed_statements import declare_bracketed, indexed_statement

_TOKENS = re.compile(
    r"(?P<foreign>//|%)|(?P<number>\d+(?:\.(?![*/^'])\d*)?(?:[eE][+-]?\d+)?|\.\d+)"
    r"|(?P<word>(?!\d)(?:(?![ᵀ⁰¹²³⁴⁵⁶⁷⁸⁹])\w)+)|(?P<transpose>['ᵀ]|\^\s*T\b|\.T\b)|(?P<raised>[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)|(?P<operator>\.\*\*|\.\*|\./|\.\^|\*\*|.)",
    re.DOTALL,
)
_REWRITTEN = {
    ".*": "%", "∘": "%", "⊙": "%", "./": "//", "⊘": "//", ".^": "._entries**", ".**": "._entries**", "^": "**",
    "·": "*", "×": "*", "−": "-", "–": "-",
}  # fmt: skip
"""How the notation's operators are written for Python's parser: at a level of precedence where they belong."""
_PLAIN = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_GREEK = re.compile(r"[α-ωΑ-Ω]\d*")

MOST_FACTORS = 12
"""The highest whole power of a matrix that is multiplied out."""


@dataclass(frozen=True)
class Reading:
    """What a text says: the output's formula as it is written, and the shapes of what it is made of.

    Attributes
    ----------
    expression
        As written: nothing is simplified.
    output
        The name on the left of the last statement; None if there is none.
    shapes
        Rows and columns of every input, in the order in which they appear.
    dimensions
        All letters of dimensions, in the order in which they appear.
    decimals
        Whether the text writes constants as decimals.
    symmetric
        The matrices that are declared to be.
    """

    expression: MatrixExpression
    output: str | None
    shapes: dict[str, Dimensions]
    dimensions: tuple[str, ...]
    decimals: bool
    symmetric: frozenset[str] = frozenset()


def understood(text: str, shapes: Mapping[str, str] | None = None, numpy: bool | None = None) -> Reading:
    """Read matrix notation.

    Parameters
    ----------
    text
        `norm2(X*w - y)^2`. Statements that name a part stand before it, with `;` between: `r = X*w - y; norm2(r)^2`.
    shapes
        `{"X": "N D", "w": "D", "c": "", "S": "N N symmetric"}`, a number having none. Those that are
        not given follow from the rest, where they do.

    Raises
    ------
    ArgumentTypeError
        If a shape is not text.
    NotationError
        If the text is no formula, or shapes don't fit: where, and both shapes.
    """
    if len(text) > LONGEST:
        raise NotationError(f"the text has {len(text):,} characters: {LONGEST:,} are the limit")
    if numpy is None:
        numpy = "@" in text or re.search(r"\b(np|numpy)\.", text) is not None
    scribe = _Scribe(numpy=numpy)
    for name, letters in (shapes or {}).items():
        scribe.declare(name, letters)
    declare_bracketed(scribe, text)
    lines = [(start, line) for start, line in _statements(text) if line.strip()]
    if not lines:
        raise NotationError("there is no formula: write one such as norm2(X*w - y)^2")
    output, expression = None, None
    for number, (_, line) in enumerate(lines, 1):
        output, expression = scribe.statement(number, line, last=number == len(lines))
    assert expression is not None
    return scribe.finished(expression, output, decimals=re.search(r"\d\.\d", text) is not None)


def _statements(text: str) -> Iterator[tuple[int, str]]:
    start = 0
    for line in text.replace("\n", ";").split(";"):
        yield start, line
        start += len(line) + 1


def rewritten(line: str) -> tuple[str, list[int]]:
    """The line for Python's parser, and where in it each character comes from."""
    pieces: list[str] = []
    origins: list[int] = []
    for token in _TOKENS.finditer(line):
        piece = token.group()
        match token.lastgroup:
            case "foreign":
                piece = "?"  # no operator of ours, and none of Python's, whose // and % stand for ./ and .* below
            case "transpose":
                piece = ".T"
            case "raised":
                piece = "**" + piece.translate(_PLAIN)
            case "word" if keyword.iskeyword(piece):
                piece += "_"  # lambda is a fine name for a number
            case "operator":
                piece = _REWRITTEN.get(piece, piece)
        pieces.append(piece)
        origins += [token.start()] * len(piece.encode())
    return "".join(pieces), [*origins, len(line)]


def shown(shape: Dimensions) -> str:
    """N×D; N of a column, and "a number"."""
    rows, columns = (letter if not letter.startswith("?") else "…" for letter in shape)
    if shape == ONE_BY_ONE:
        return "a number"
    return rows if columns == "1" else f"{rows}×{columns}"


@dataclass
class _Scribe:
    """What is known while a text is read. A dimension that is not known yet is "?1", "?2"…"""

    numpy: bool
    declared: dict[str, Dimensions] = field(default_factory=dict)
    used: dict[str, Dimensions] = field(default_factory=dict)
    made: dict[str, MatrixExpression] = field(default_factory=dict)
    symmetric: frozenset[str] = frozenset()
    same: dict[str, str] = field(default_factory=dict)  # an unknown dimension, and what it is equal to
    unknowns: int = 0

    number: int = 0
    line: str = ""
    origins: list[int] = field(default_factory=list)
    shift: int = 0

    def declare(self, name: str, letters: str) -> None:
        if not isinstance(letters, str):
            raise ArgumentTypeError(f'the shape of {name} is text such as "N D", not a {type(letters).__name__}')
        match letters.replace(",", " ").split():
            case []:
                self.declared[name] = ONE_BY_ONE
            case [rows]:
                self.declared[name] = (rows, "1")
            case [rows, columns, "symmetric"] if rows == columns:
                self.declared[name] = (rows, columns)
                self.symmetric |= {name}
            case [rows, columns]:
                self.declared[name] = (rows, columns)
            case more:
                raise NotationError(f"{name} has {len(more)} dimensions: in matrix notation two are the limit")
        for letter in self.declared[name]:
            if not (letter.isidentifier() or (letter.isdecimal() and int(letter) > 0)):
                raise NotationError(f"{letter!r} is not a dimension: write a letter such as N, or a number such as 3")

    # Dimensions

    def unknown(self) -> str:
        self.unknowns += 1
        return f"?{self.unknowns}"

    def known(self, letter: str) -> str:
        while letter in self.same:
            letter = self.same[letter]
        return letter

    def shape(self, A: MatrixExpression) -> Dimensions:
        return self.known(A.shape[0]), self.known(A.shape[1])

    def equal(self, one: str, other: str) -> bool:
        """Whether two dimensions are one, which an unknown one is from now on; but it is not 1."""
        one, other = self.known(one), self.known(other)
        if one == other:
            return True
        if one.startswith("?") and other != "1":
            self.same[one] = other
        elif other.startswith("?") and one != "1":
            self.same[other] = one
        else:
            return False
        return True

    def alike(self, A: MatrixExpression, B: MatrixExpression) -> bool:
        """Whether both have one shape; if not, nothing is noted."""
        before = dict(self.same)
        if all(self.equal(a, b) for a, b in zip(A.shape, B.shape, strict=True)):
            return True
        self.same = before
        return False

    # Errors

    def error(self, message: str, node: ast.AST | None = None) -> NotationError:
        at = min(getattr(node, "col_offset", 0) + self.shift, len(self.origins) - 1)
        return NotationError(f"statement {self.number}, column {self.origins[at] + 1}: {message}")

    def misfit(self, what: str, A: MatrixExpression, B: MatrixExpression, node: ast.AST, rule: str) -> NotationError:
        one, other = self.source(node, 0), self.source(node, 1)
        guessed = [name for name in (one, other) if name in self.used and name not in self.declared]
        hint = f'; say what {guessed[0]} is, by a shape such as {guessed[0]}="N", or "" for a number' if guessed else ""
        return self.error(
            f"{what} does not fit: {one} is {shown(self.shape(A))} and {other} is {shown(self.shape(B))}: {rule}{hint}",
            node,
        )

    def source(self, node: ast.AST, which: int) -> str:
        """The text of an operand, as the user wrote it."""
        children = [node.left, node.right] if isinstance(node, ast.BinOp) else getattr(node, "args", [node])
        child = children[min(which, len(children) - 1)]
        ends = (child.col_offset, child.end_col_offset or child.col_offset)
        start, end = (self.origins[min(x + self.shift, len(self.origins) - 1)] for x in ends)
        return self.line[start:end].strip()

    # Statements

    def statement(self, number: int, line: str, last: bool) -> tuple[str | None, MatrixExpression]:
        """Read one; what it assigns is known by its name from then on."""
        self.number, self.line = number, line
        if "[" in line:
            name, expression = indexed_statement(self, number, line)
            self.made[name] = expression
            return name, expression
        python, self.origins = rewritten(line)
        left, equals, right = python.partition("=")
        if not equals or "(" in left:  # sum(x, axis=0) is a call, and no statement
            equals = ""
            left, right = "", python
            if not last:
                raise self.error("a statement before the last one names what it makes, as in r = X*w - y")
        name = left.strip()
        if equals and not name.isidentifier():
            raise self.error("the left side is a name, as in f = norm2(X*w - y)^2")
        if name in self.used or name in self.made or name in self.declared:
            raise self.error(f"{name} has a meaning already: give the result another name")
        start = len((left + equals).encode()) + len(right) - len(right.lstrip())
        self.shift = start
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                node = ast.parse(right.strip(), mode="eval").body
            expression = self.read(node)
        except SyntaxError as error:
            place = self.origins[min(start + max((error.offset or 1) - 1, 0), len(self.origins) - 1)] + 1
            raise NotationError(f"statement {number}, column {place}: no formula: {error.msg}") from None
        except (ValueError, RecursionError, MemoryError) as error:
            if isinstance(error, NotationError):
                raise
            raise self.error("no formula: it holds a null character or is nested too deeply") from None
        if name:
            self.made[name] = expression
        return name or None, expression

    def finished(self, expression: MatrixExpression, output: str | None, decimals: bool) -> Reading:
        """Everything with letters for the dimensions."""
        if not self.used:
            raise NotationError("nothing is made of a matrix here: there is nothing to differentiate by")
        taken = {*self.used, *self.made, *(letter for shape in self.declared.values() for letter in shape)}
        free = (letter for letter in (*"NDMKPQRST", *(f"N{n}" for n in range(1, 9999))) if letter not in taken)
        letters: dict[str, str] = {}

        def lettered(shape: Dimensions) -> Dimensions:
            found = []
            for letter in map(self.known, shape):
                if letter.startswith("?") and letter not in letters:
                    letters[letter] = next(free)
                found.append(letters.get(letter, letter))
            return found[0], found[1]

        def renamed(A: MatrixExpression) -> MatrixExpression:
            if A.kind == "size":
                return dimension(lettered((A.data, A.data))[0])
            return MatrixExpression(A.kind, lettered(A.shape), tuple(map(renamed, A.parts)), A.data)

        shapes = {name: lettered(shape) for name, shape in self.used.items()}
        result = renamed(expression)
        everything = [*shapes.values(), *(A.shape for A in result.walk())]
        letters_used = dict.fromkeys(letter for shape in everything for letter in shape if not letter.isdigit())
        sizes = dict.fromkeys(A.data for A in result.walk() if A.kind == "size")
        return Reading(result, output, shapes, tuple(letters_used | sizes), decimals, self.symmetric)

    # Expressions

    def read(self, node: ast.expr) -> MatrixExpression:
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                if number in (float("inf"), float("-inf")):
                    raise self.error("the number is too large for a float", node)
                return plain_number(Fraction(repr(number)))
            case ast.Name(id=name):
                return self.by_name(name[:-1] if keyword.iskeyword(name[:-1]) else name, node)
            case ast.Attribute(value=inner, attr="T"):
                return self.transposed(self.read(inner))
            case ast.Attribute(value=inner, attr="_entries"):
                return self.read(inner)
            case ast.UnaryOp(op=ast.UAdd(), operand=inner):
                return self.read(inner)
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                operand = self.read(inner)
                return MatrixExpression("times", operand.shape, (operand,), Fraction(-1))
            case ast.BinOp():
                return self.binary(node)
            case ast.Call():
                return self.call(node)
        raise self.error("only + - * / ^ ' .* ./ .^ @ .T, functions, numbers and names are allowed", node)

    def by_name(self, name: str, node: ast.AST) -> MatrixExpression:
        if name in self.made:
            return self.made[name]
        if name in self.declared:
            self.used.setdefault(name, self.declared[name])
        elif any(name in shape for shape in self.declared.values()):
            return dimension(name)
        elif name == "eye":
            letter = self.unknown()
            return MatrixExpression("identity", (letter, letter))
        elif name in MATRIX_FUNCTIONS or name in ELEMENTARY:
            raise self.error(f"{name} is a function: write {name}(…), or use another letter", node)
        elif name not in self.used:
            vector = len(name.rstrip("0123456789")) == 1
            number = _GREEK.fullmatch(name) or not vector
            rows = "1" if number else self.unknown()
            columns = self.unknown() if vector and not number and name[0].isupper() else "1"
            self.used[name] = (rows, columns)
        return matrix_named(name, self.used[name])

    def transposed(self, A: MatrixExpression) -> MatrixExpression:
        if self.numpy and A.shape[1] == "1":
            return A  # NumPy's transpose of a one-dimensional array is that array
        return MatrixExpression("transpose", A.shape[::-1], (A,))

    def binary(self, node: ast.BinOp) -> MatrixExpression:
        match node.op:
            case ast.Add() | ast.Sub():
                A, B = self.read(node.left), self.read(node.right)
                if isinstance(node.op, ast.Sub):
                    B = MatrixExpression("times", B.shape, (B,), Fraction(-1))
                return self.together("sum", A, B, node)
            case ast.Mult() if self.numpy:
                return self.together("hadamard", self.read(node.left), self.read(node.right), node)
            case ast.Mod():
                return self.together("hadamard", self.read(node.left), self.read(node.right), node)
            case ast.Mult() | ast.MatMult():
                return self.product(self.read(node.left), self.read(node.right), node)
            case ast.Div() | ast.FloorDiv():
                A, B = self.read(node.left), self.read(node.right)
                if B.shape != ONE_BY_ONE and isinstance(node.op, ast.Div) and not self.numpy:
                    raise self.error(
                        f"{self.source(node, 1)} is {shown(self.shape(B))}, and / divides by numbers: "
                        "write ./ for a division entry by entry, inv(…) for the inverse",
                        node.right,
                    )
                reciprocal = MatrixExpression("power", B.shape, (B,), Fraction(-1))
                return self.together("hadamard", A, reciprocal, node)
            case ast.Pow():
                return self.power(node)
        raise self.error("only + - * / ^ .* ./ .^ and @ stand between two formulas", node)

    def together(self, kind: str, A: MatrixExpression, B: MatrixExpression, node: ast.AST) -> MatrixExpression:
        """Two of one shape, or one of them a number; in NumPy's text a vector is added to every row, as NumPy does."""
        what = {"sum": "this sum", "hadamard": "this product entry by entry"}[kind]
        for one, other in ((A, B), (B, A)):
            if one.shape == ONE_BY_ONE:
                if other.shape == ONE_BY_ONE or kind == "hadamard":
                    return MatrixExpression("hadamard" if kind == "hadamard" else kind, other.shape, (A, B))
                filled = MatrixExpression("hadamard", other.shape, (one, MatrixExpression("ones", other.shape)))
                return MatrixExpression(kind, other.shape, (A, filled) if one is B else (filled, B))
        if self.alike(A, B):
            return MatrixExpression(kind, A.shape, (A, B))
        if self.numpy:
            for vector, matrix in ((A, B), (B, A)):
                if vector.shape[1] == "1" != matrix.shape[1] and self.equal(vector.shape[0], matrix.shape[1]):
                    row = MatrixExpression("transpose", vector.shape[::-1], (vector,))
                    column = MatrixExpression("ones", (matrix.shape[0], "1"))
                    rows = MatrixExpression("product", matrix.shape, (column, row))
                    return MatrixExpression(kind, matrix.shape, (rows, B) if vector is A else (A, rows))
        raise self.misfit(what, A, B, node, "both need one shape")

    def product(self, A: MatrixExpression, B: MatrixExpression, node: ast.BinOp | ast.Call) -> MatrixExpression:
        if ONE_BY_ONE in (A.shape, B.shape):
            return MatrixExpression("hadamard", B.shape if A.shape == ONE_BY_ONE else A.shape, (A, B))
        if self.numpy and A.shape[1] == "1":  # a one-dimensional array on the left is a row there
            row = MatrixExpression("transpose", A.shape[::-1], (A,))
            if not self.equal(A.shape[0], B.shape[0]):
                raise self.misfit(
                    "this product", A, B, node, "the length of the left one must be the rows of the right one"
                )
            flat = MatrixExpression("product", ("1", B.shape[1]), (row, B))
            return flat if B.shape[1] == "1" else MatrixExpression("transpose", (B.shape[1], "1"), (flat,))
        if not self.equal(A.shape[1], B.shape[0]):
            raise self.misfit(
                "this product", A, B, node, "the columns of the left one must be the rows of the right one"
            )
        return MatrixExpression("product", (A.shape[0], B.shape[1]), (A, B))

    def power(self, node: ast.BinOp) -> MatrixExpression:
        base, exponent = self.read(node.left), self.exponent(node.right)
        entries = self.numpy or (isinstance(node.left, ast.Attribute) and node.left.attr == "_entries")
        if entries or base.shape == ONE_BY_ONE:
            if base.kind == "power" and base.parts[0].kind == "squares" and (exponent * base.data).denominator == 1:
                return MatrixExpression(
                    "power", base.shape, base.parts, exponent * base.data
                )  # ‖x‖² is exact, ‖x‖ is not
            return MatrixExpression("power", base.shape, (base,), exponent)
        if not self.equal(*base.shape):
            raise self.error(
                f"{self.source(node, 0)} is {shown(self.shape(base))}, and only a square matrix has powers: "
                "write .^ for powers of the entries, norm2(…)^2 for the sum of squares",
                node,
            )
        if exponent.denominator != 1 or not exponent or abs(exponent) > MOST_FACTORS:
            raise self.error(
                f"a matrix has whole powers from −{MOST_FACTORS} to {MOST_FACTORS} here, without 0", node.right
            )
        if exponent < 0:
            base = MatrixExpression("inverse", base.shape, (base,))
        count = abs(int(exponent))
        return base if count == 1 else MatrixExpression("product", base.shape, (base,) * count)

    def exponent(self, node: ast.expr) -> Fraction:
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                return Fraction(repr(number))
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                return -self.exponent(inner)
            case ast.BinOp(left=left, op=ast.Div() | ast.FloorDiv(), right=right):
                denominator = self.exponent(right)
                if denominator:
                    return self.exponent(left) / denominator
        raise self.error("an exponent is a plain number, such as 2, −1 or 1/2: write exp(p*log(x)) for any other", node)

    # Functions

    def call(self, node: ast.Call) -> MatrixExpression:
        name = ast.unparse(node.func).removeprefix("numpy.").removeprefix("np.").removeprefix("linalg.")
        match node.func:
            case ast.Attribute(value=array, attr="sum" | "dot" | "trace" | "mean" as method):
                if ast.unparse(array) not in ("np", "numpy"):  # X.sum(), X.dot(W)
                    name = method
                    node = ast.copy_location(ast.Call(node.func, [array, *node.args], node.keywords), node)
        if node.keywords or any(isinstance(arg, ast.Starred) for arg in node.args):
            raise self.error(f"{name} takes formulas only here, no options", node)
        if name in ELEMENTARY:
            A = self.argument(name, node)
            return MatrixExpression("apply", A.shape, (A,), ELEMENTARY[name])
        if name in ("dot", "outer", "matmul", "multiply") and len(node.args) == 2:
            A, B = map(self.read, node.args)
            return self.of_two(name, A, B, node)
        if name in ("vector", "matrix"):
            one = self.argument(name, node)
            fill = MatrixExpression("ones", (self.unknown(), self.unknown() if name == "matrix" else "1"))
            if one.shape != ONE_BY_ONE:
                raise self.error(f"{name} takes a number, as in {name}(1)", node)
            return MatrixExpression("hadamard", fill.shape, (one, fill))
        if name not in MATRIX_FUNCTIONS:
            raise self.error(
                f"unknown function {name}: there are {', '.join(sorted({*MATRIX_FUNCTIONS, *ELEMENTARY}))}", node
            )
        return self.built(MATRIX_FUNCTIONS[name], name, self.argument(name, node), node)

    def argument(self, name: str, node: ast.Call) -> MatrixExpression:
        if len(node.args) != 1:
            raise self.error(f"{name} takes one argument here", node)
        return self.read(node.args[0])

    def of_two(self, name: str, A: MatrixExpression, B: MatrixExpression, node: ast.Call) -> MatrixExpression:
        if name == "multiply":
            return self.together("hadamard", A, B, node)
        if name == "outer":
            row = MatrixExpression("transpose", B.shape[::-1], (B,))
            if A.shape[1] != "1" or B.shape[1] != "1":
                raise self.misfit("outer", A, B, node, "both are vectors")
            return MatrixExpression("product", (A.shape[0], B.shape[0]), (A, row))
        if A.shape[1] == B.shape[1] == "1" and A.shape != ONE_BY_ONE:
            if not self.equal(A.shape[0], B.shape[0]):
                raise self.misfit("dot", A, B, node, "both need one length")
            return MatrixExpression("product", ONE_BY_ONE, (MatrixExpression("transpose", A.shape[::-1], (A,)), B))
        return self.product(A, B, node)

    def built(self, kind: str, name: str, A: MatrixExpression, node: ast.Call) -> MatrixExpression:
        """A function by its name in the notation."""
        needs = {"trace": "square", "det": "square", "logdet": "square", "inverse": "square", "identity": "number"}
        if name in ("norm2", "softmax", "logsumexp"):
            needs[kind] = "vector"
        if needs.get(kind) == "square" and not self.equal(*A.shape):
            raise self.error(
                f"{name} is of a square matrix, and {self.source(node, 0)} is {shown(self.shape(A))}", node
            )
        if needs.get(kind) == "vector" and "1" not in self.shape(A):
            raise self.error(f"{name} is of a vector, and {self.source(node, 0)} is {shown(self.shape(A))}", node)
        match kind:
            case "norm":
                squares = MatrixExpression("squares", ONE_BY_ONE, (A,))
                return MatrixExpression("power", ONE_BY_ONE, (squares,), HALF)
            case "norm1":
                entries = MatrixExpression("apply", A.shape, (A,), ops.ABS)
                return MatrixExpression("total", ONE_BY_ONE, (entries,))
            case "mean":
                parts = [MatrixExpression("power", ONE_BY_ONE, (dimension(d),), Fraction(-1)) for d in A.shape]
                return MatrixExpression("hadamard", ONE_BY_ONE, (MatrixExpression("total", ONE_BY_ONE, (A,)), *parts))
            case "softmax" | "logsumexp":
                e = MatrixExpression("apply", A.shape, (A,), ops.EXP)
                total = MatrixExpression("total", ONE_BY_ONE, (e,))
                if kind == "logsumexp":
                    return MatrixExpression("apply", ONE_BY_ONE, (total,), ops.LOG)
                return MatrixExpression(
                    "hadamard", A.shape, (e, MatrixExpression("power", ONE_BY_ONE, (total,), Fraction(-1)))
                )
            case "diag":
                if A.shape[1] == "1":
                    return MatrixExpression("diag", (A.shape[0], A.shape[0]), (A,))
                if not self.equal(*A.shape):
                    raise self.error(
                        f"diag is of a vector or a square matrix, and this is {shown(self.shape(A))}", node
                    )
                return MatrixExpression("diagonal", (A.shape[0], "1"), (A,))
            case "identity":
                if A.kind != "size":
                    raise self.error("eye takes the letter of a dimension, as in eye(N), or stands alone", node)
                return MatrixExpression("identity", (A.data, A.data))
            case "transpose":
                return self.transposed(A)
            case "inverse":
                return MatrixExpression("inverse", A.shape, (A,))
        return MatrixExpression(kind, ONE_BY_ONE, (A,))


MATRIX_FUNCTIONS = {
    "tr": "trace", "trace": "trace", "sum": "total", "mean": "mean", "norm": "norm", "norm2": "norm", "normF": "norm",
    "norm1": "norm1",
    "inv": "inverse", "det": "det", "logdet": "logdet", "diag": "diag", "eye": "identity", "transpose": "transpose",
    "softmax": "softmax", "logsumexp": "logsumexp",
}  # fmt: skip
"""The functions of matrices by the names that people write, besides those of entries."""


def simplified(A: MatrixExpression, symmetric: frozenset[str] = frozenset()) -> MatrixExpression:
    """The same formula, built again by the operators that simplify, some of its matrices being symmetric."""
    parts = [simplified(part, symmetric) for part in A.parts]
    match A.kind:
        case "name" if A.data in symmetric:
            return replace(A, kind="symmetric")
        case "sum":
            return added(parts)
        case "times" | "hadamard":
            result = plain_number(1) if A.data is None else plain_number(A.data)
            for part in parts:
                result = result * part
            return result
        case "product":
            result = parts[0]
            for part in parts[1:]:
                result = result @ part
            return result
        case "power":
            return parts[0] ** Fraction(A.data)
        case "apply":
            return parts[0].applied(A.data)
        case "transpose":
            return parts[0].T
        case "inverse":
            return parts[0].inverted()
        case "diag":
            return parts[0].diag()
        case "diagonal":
            return parts[0].diagonal()
        case "trace" | "total" | "squares" | "det" | "logdet":
            return parts[0].summary(A.kind)
    if A.kind in ("ones", "zeros", "identity") and A.is_number:
        return plain_number(int(A.kind != "zeros"))
    return replace(A, parts=tuple(parts))
