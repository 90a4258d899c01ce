"""Matrix notation, read: text becomes a formula, and the shapes of what it is made of are found.

    >>> reading = understood("norm2(X*w - y)^2", {"X": "N D"})
    >>> reading.shapes
    {'X': ('N', 'D'), 'w': ('D', '1'), 'y': ('N', '1')}

A small tokenizer rewrites the text as Python's (`tokens`), and Python's own parser does the rest; nothing of it is ever
run. One rule says what `*` is: the product of matrices, or a scaling if one of the two is a number. But text with `@`,
`np.` or `.sum()` in it is NumPy's, and there `*`, `/` and `**` go entry by entry.

A name without a shape is a matrix if it is a capital letter, a vector if it is a small one, and a number if it is Greek
or a word; π and pi are 3.14159….
"""

from __future__ import annotations

import ast
import keyword
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction

from ...errors import ArgumentTypeError, NotationError
from ..notation import LONGEST
from .broadcasting import KEPT, reciprocal, shown as shown
from .expression import ONE_BY_ONE, Dimensions, MatrixExpression, added, dimension, matrix_named, plain_number
from .functions_by_name import MATRIX_FUNCTIONS, OF_ENTRIES, FunctionsByName
from .indexed_statements import declare_bracketed, indexed_statement
from .tokens import Line

_NUMPY = re.compile(r"@|\b(np|numpy)\.|\bkeepdims\b|\.(sum|dot|mean|max|min|var|std|trace)\(")
"""What only text for NumPy has."""
_GREEK = re.compile(r"[α-ωΑ-Ω]\d*")

DEEPEST = 200
"""How deep a formula may be nested: whatever walks through it goes as deep."""

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
    named
        The formulas that earlier statements give a name to.
    """

    expression: MatrixExpression
    output: str | None
    shapes: dict[str, Dimensions]
    dimensions: tuple[str, ...]
    decimals: bool
    symmetric: frozenset[str] = frozenset()
    named: dict[str, MatrixExpression] = field(default_factory=dict)


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
    scribe = _Scribe(numpy=_NUMPY.search(text) is not None if numpy is None else numpy)
    for name, letters in (shapes or {}).items():
        scribe.declare(name, letters)
    declare_bracketed(scribe, text)
    lines = [line for line in text.replace("\n", ";").split(";") if line.strip()]
    if not lines:
        raise NotationError("there is no formula: write one such as norm2(X*w - y)^2")
    output, expression = None, None
    for number, line in enumerate(lines, 1):
        output, expression = scribe.statement(Line(number, line), last=number == len(lines))
    assert expression is not None
    return scribe.finished(expression, output, decimals=re.search(r"\.\d|\d[eE]-\d", text) is not None)


@dataclass
class _Scribe(FunctionsByName):
    """What is known while a text is read."""

    declared: dict[str, Dimensions] = field(default_factory=dict)
    used: dict[str, Dimensions] = field(default_factory=dict)
    made: dict[str, MatrixExpression] = field(default_factory=dict)
    symmetric: frozenset[str] = frozenset()

    def declare(self, name: str, letters: str) -> None:
        """Note what the user says of a shape."""
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

    # Statements

    def statement(self, line: Line, last: bool) -> tuple[str | None, MatrixExpression]:
        """Read one; what it assigns is known by its name from then on."""
        self.line = line
        if "[" in line.text:
            name, expression = indexed_statement(self, line.number, line.text)
            self.made[name] = expression
            return name, expression
        left, equals, right = line.python.partition("=")
        if not equals or "(" in left:  # sum(x, axis=0) is a call, and no statement
            equals = ""
            left, right = "", line.python
            if not last:
                raise line.error("a statement before the last one names what it makes, as in r = X*w - y")
        name = left.strip()
        if equals and not name.isidentifier():
            raise line.error("the left side is a name, as in f = norm2(X*w - y)^2")
        if name in self.used or name in self.made or name in self.declared:
            raise line.error(f"{name} has a meaning already: give the result another name")
        line.shift = len((left + equals).encode()) + len(right) - len(right.lstrip())
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error")
                node = ast.parse(right.strip(), mode="eval").body
            if nesting(node) > DEEPEST:
                raise line.error(f"the formula is nested more than {DEEPEST} deep: give parts of it names")
            expression = self.read(node)
        except SyntaxError as error:
            place = line.column(max((error.offset or 1) - 1, 0)) + 1
            raise NotationError(f"statement {line.number}, column {place}: no formula: {error.msg}") from None
        except (ValueError, RecursionError, MemoryError) as error:
            if isinstance(error, NotationError):
                raise
            raise line.error("no formula: it holds a null character or is nested too deeply") from None
        if name:
            self.made[name] = expression
        return name or None, expression

    def finished(self, expression: MatrixExpression, output: str | None, decimals: bool) -> Reading:
        """Everything with letters for the dimensions."""
        if output is None:  # f = …; f
            output = next((name for name, A in self.made.items() if A is expression), None)
        if not self.used:
            raise NotationError("nothing is made of a matrix here: there is nothing to differentiate by")
        taken = {*self.used, *self.made, *(letter for shape in self.declared.values() for letter in shape)}
        free = (letter for letter in (*"NDMKPQRST", *(f"N{n}" for n in range(1, 9999))) if letter not in taken)
        letters: dict[str, str] = {}

        def lettered(shape: Dimensions) -> Dimensions:
            found = []
            for letter in map(self.known, shape):
                if letter == KEPT:
                    letter = "1"
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
        return Reading(result, output, shapes, tuple(letters_used | sizes), decimals, self.symmetric,
                       {name: renamed(A) for name, A in self.made.items() if name != output})  # fmt: skip

    # Expressions

    def read(self, node: ast.expr) -> MatrixExpression:
        match node:
            case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
                if number in (float("inf"), float("-inf")):
                    raise self.line.error("the number is too large for a float", node)
                return plain_number(Fraction(repr(number)))
            case ast.Name(id=name):
                return self.by_name(name[:-1] if keyword.iskeyword(name[:-1]) else name, node)
            case ast.Attribute(value=inner, attr="T"):
                return self.transposed(self.read(inner))
            case ast.Attribute(value=inner, attr="_entries"):
                return self.read(inner)
            case ast.Attribute(value=inner, attr="_inverse"):
                return self.applied("inv", [self.read(inner)], None, False, inner)
            case ast.Attribute(value=ast.Name(id="np" | "numpy" | "math"), attr="pi"):
                return MatrixExpression("pi", ONE_BY_ONE)
            case ast.UnaryOp(op=ast.UAdd(), operand=inner):
                return self.read(inner)
            case ast.UnaryOp(op=ast.USub(), operand=inner):
                operand = self.read(inner)
                return MatrixExpression("times", operand.shape, (operand,), Fraction(-1))
            case ast.BinOp():
                return self.binary(node)
            case ast.Call():
                return self.call(node)
        raise self.line.error("only + - * / ^ ' .* ./ .^ @ .T, functions, numbers and names are allowed", node)

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
        elif name in ("pi", "π"):
            return MatrixExpression("pi", ONE_BY_ONE)
        elif name in MATRIX_FUNCTIONS or (name in OF_ENTRIES and name != "σ"):
            raise self.line.error(f"{name} is a function: write {name}(…), or use another letter", node)
        elif name not in self.used:
            vector = len(name.rstrip("0123456789")) == 1
            number = _GREEK.fullmatch(name) or not vector
            rows = "1" if number else self.unknown()
            columns = self.unknown() if vector and not number and name[0].isupper() else "1"
            self.used[name] = (rows, columns)
            self.guessed.add(name)
        return matrix_named(name, self.used[name])

    def binary(self, node: ast.BinOp) -> MatrixExpression:
        """Two formulas with an operator between them."""
        if isinstance(node.op, ast.Pow):
            return self.power(node)
        A, B = self.read(node.left), self.read(node.right)
        match node.op:
            case ast.Add():
                self.ask_about_scaled(A, B, node)
                return self.together("sum", A, B, node)
            case ast.Sub():
                self.ask_about_scaled(A, B, node)
                return self.together("sum", A, MatrixExpression("times", B.shape, (B,), Fraction(-1)), node)
            case ast.Mult() if self.numpy:
                return self.together("hadamard", A, B, node)
            case ast.Mod():
                return self.together("hadamard", A, B, node)
            case ast.Mult() | ast.MatMult():
                return self.product(A, B, node)
            case ast.Div() | ast.FloorDiv():
                if B.shape != ONE_BY_ONE and isinstance(node.op, ast.Div) and not self.numpy:
                    source = self.line.source(node, 1)
                    raise self.line.error(
                        f"{source} is {shown(self.shape(B))}, and / divides by numbers: "
                        f"write ./ for a division entry by entry, inv(…) for the inverse{self.question(source)}",
                        node.right,
                    )
                return self.together("hadamard", A, reciprocal(B), node)
        raise self.line.error("only + - * / ^ .* ./ .^ and @ stand between two formulas", node)

    def ask_about_scaled(self, A: MatrixExpression, B: MatrixExpression, node: ast.BinOp) -> None:
        """A vector by its small letter alone, times what depends on others, beside a number: was it meant as one?"""
        for one, other in ((A, B), (B, A)):
            if one.shape != ONE_BY_ONE or other.kind not in ("hadamard", "times"):
                continue
            factors = other.parts if other.kind == "hadamard" else other.parts[0].parts
            names = [part.data for part in factors if part.kind == "name" and part.data in self.guessed]
            depends = any(inner.kind == "name" for part in factors if part.is_number for inner in part.walk())
            if other.shape[1] == "1" != other.shape[0] and names and depends:
                raise self.line.error(
                    f"a number and a vector stand in this sum, since {names[0]} is taken for a vector: say what "
                    f'{names[0]} is, by a shape such as {names[0]}="" for a number, {names[0]}="N" for a vector',
                    node,
                )

    def power(self, node: ast.BinOp) -> MatrixExpression:
        """Of a number, of each entry, or of a square matrix. x.^2' is (x.^2)', from left to right as in MATLAB."""
        right = without_transpose(node.right)
        if right is not node.right:
            return self.transposed(self.power(ast.copy_location(ast.BinOp(node.left, node.op, right), node)))
        base, exponent = self.read(node.left), self.exponent(node.right)
        entries = self.numpy or (isinstance(node.left, ast.Attribute) and node.left.attr == "_entries")
        if entries or base.shape == ONE_BY_ONE:
            if isinstance(exponent, MatrixExpression):
                return self.raised_to(base, exponent, node)
            if base.kind == "power" and base.parts[0].kind == "squares" and (exponent * base.data).denominator == 1:
                return MatrixExpression("power", base.shape, base.parts, exponent * base.data)  # ‖x‖² is exact
            return MatrixExpression("power", base.shape, (base,), exponent)
        source = self.line.source(node, 0)
        if base.shape[0] == "1" or not self.equal(*base.shape):
            raise self.line.error(
                f"{source} is {shown(self.shape(base))}, and only a square matrix has powers: write .^ for powers of "
                f"the entries, norm2(…)^2 for the sum of squares{self.question(source)}",
                node,
            )
        whole = isinstance(exponent, Fraction) and exponent.denominator == 1
        if not isinstance(exponent, Fraction) or not whole or not exponent or abs(exponent) > MOST_FACTORS:
            raise self.line.error(
                f"a matrix has whole powers from −{MOST_FACTORS} to {MOST_FACTORS} here, without 0", node.right
            )
        if exponent < 0:
            base = MatrixExpression("inverse", base.shape, (base,))
        count = abs(int(exponent))
        return base if count == 1 else MatrixExpression("product", base.shape, (base,) * count)

    def exponent(self, node: ast.expr) -> Fraction | MatrixExpression:
        """A plain number where it is one, else a formula."""
        try:
            return plain_exponent(node)
        except ValueError:
            return self.read(node)

    # FunctionsByName

    def call(self, node: ast.Call) -> MatrixExpression:
        """A function, or a method such as X.sum()."""
        name = re.sub(r"^(np|numpy|scipy|math)\.|\blinalg\.|\bspecial\.", "", ast.unparse(node.func))
        arguments = list(node.args)
        if isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
            array = node.func.value
            if ast.unparse(array) not in ("np", "numpy", "np.linalg", "numpy.linalg"):  # X.sum(), X.dot(W)
                name, arguments = node.func.attr, [array, *arguments]
        name = name.rstrip("_") if keyword.iskeyword(name[:-1]) else name
        axis, kept = self.options(name, node)
        if len(arguments) == 2 and name in AXIS_AFTER and axis is None and self.numpy:
            axis = self.axis_of(arguments.pop(), name)
        if name == "norm" and len(arguments) == 2 and ast.unparse(arguments[1]) in ("1", "2"):
            name += ast.unparse(arguments.pop())
        if any(isinstance(argument, ast.Starred) for argument in arguments):
            raise self.line.error(f"{name} takes formulas only here", node)
        if name in ("ones", "eye") and arguments and isinstance(arguments[0], ast.Tuple):
            arguments = list(arguments[0].elts)
        place = ast.copy_location(ast.Call(node.func, arguments, []), node)
        return self.applied(name, [self.read(argument) for argument in arguments], axis, kept, place)

    def options(self, name: str, node: ast.Call) -> tuple[int | None, bool]:
        """The axis, and whether it is kept."""
        axis, kept = None, False
        for option in node.keywords:
            match option.arg, option.value:
                case (("axis" | "dim"), ast.Name(id="None_")):
                    pass
                case (("axis" | "dim"), value):
                    axis = self.axis_of(value, name)
                case (("keepdims" | "keepdim"), ast.Name(id="True_" | "False_" as truth)):  # as `tokens` writes them
                    kept = truth == "True_"
                case _:
                    raise self.line.error(f"{name} takes no option {option.arg} here, only axis and keepdims", node)
        return axis, kept

    def axis_of(self, node: ast.expr, name: str) -> int:
        """0, for each column, or 1, for each row; −1 is the last."""
        text = ast.unparse(node)
        if text not in ("0", "1", "-1", "-2"):
            raise self.line.error(f"the axis of {name} is 0, for each column, or 1, for each row", node)
        return int(text) % 2


METHODS = frozenset({"sum", "dot", "trace", "mean", "max", "min", "var", "std", "diagonal", "transpose"})
"""What arrays of NumPy do by themselves: X.sum(), X.dot(W)."""

AXIS_AFTER = frozenset({"sum", "mean", "var", "std", "amax", "amin", "softmax", "logsumexp"})
"""FunctionsByName whose second argument is an axis in NumPy's text: np.sum(X, 1)."""


def nesting(node: ast.AST) -> int:
    """How deep a formula is nested, level by level, since it may be deeper than Python's stack."""
    depth, level = 0, [node]
    while level:
        depth, level = depth + 1, [child for one in level for child in ast.iter_child_nodes(one)]
    return depth


def without_transpose(node: ast.expr) -> ast.expr:
    """An exponent without the transpose that stands behind it; the same node if none does."""
    match node:
        case ast.Attribute(value=inner, attr="T"):
            return inner
        case ast.UnaryOp(op=ast.USub(), operand=ast.Attribute(value=inner, attr="T")):
            return ast.copy_location(ast.UnaryOp(ast.USub(), inner), node)
    return node


def plain_exponent(node: ast.expr) -> Fraction:
    """2, −1, 0.5, 1/2.

    Raises
    ------
    ValueError
        If it is anything else.
    """
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return Fraction(repr(number))
        case ast.UnaryOp(op=ast.USub(), operand=inner):
            return -plain_exponent(inner)
        case ast.BinOp(left=left, op=ast.Div() | ast.FloorDiv(), right=right) if plain_exponent(right):
            return plain_exponent(left) / plain_exponent(right)
    raise ValueError


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
        case "apply" if len(parts) == 2:
            return parts[0].applied_with(parts[1], A.data)
        case "apply":
            return parts[0].applied(A.data)
        case "softmax":
            return parts[0].softmax()
        case "logsumexp" | "largest" | "smallest":
            return parts[0].extreme(A.kind, A.shape)
        case "transpose":
            return parts[0].T
        case "inverse":
            return parts[0].inverted()
        case "diag":
            return parts[0].diag()
        case "diagonal":
            return parts[0].diagonal()
        case "trace" | "total" | "squares" | "det" | "logdet" | "mean":
            return parts[0].summary(A.kind)
    if A.kind in ("ones", "zeros", "identity") and A.is_number:
        return plain_number(int(A.kind != "zeros"))
    return replace(A, parts=tuple(parts))
