"""Which shapes there are: dimensions that turn out to be one, and what two formulas are together.

    >>> shapes = KnownShapes(numpy=False)
    >>> A, x = matrix_named("A", ("N", "D")), matrix_named("x", (shapes.unknown(), "1"))
    >>> shown(shapes.shape(x)), shapes.equal(A.shape[1], x.shape[0]), shown(shapes.shape(x))
    ('…', True, 'D')

Without NumPy, a vector is a column: one is spread over the columns of a matrix that it is added to, and a row over the
rows. In NumPy's text a vector has one dimension, and is spread over the rows; an axis that keepdims keeps has the
length `KEPT`, which fits any other.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from fractions import Fraction

from ...errors import NotationError
from .expression import ONE_BY_ONE, Dimensions, MatrixExpression, matrix_named as matrix_named
from .tokens import Line

KEPT = "|1"
"""The length of an axis of NumPy's that a sum has kept."""


def shown(shape: Dimensions) -> str:
    """N×D; N of a column, and "a number"."""
    rows, columns = ("…" if letter.startswith("?") else letter.strip("|") for letter in shape)
    if shape == ONE_BY_ONE:
        return "a number"
    return rows if shape[1] == "1" else f"{rows}×{columns}"


@dataclass
class KnownShapes:
    """What is known of dimensions while a text is read. One that is not known yet is "?1", "?2"…"""

    numpy: bool
    same: dict[str, str] = field(default_factory=dict)  # an unknown dimension, and what it is equal to
    unknowns: int = 0
    guessed: set[str] = field(default_factory=set)  # names whose shapes nobody has said
    line: Line = field(default_factory=lambda: Line(1, ""))

    def unknown(self) -> str:
        """A new dimension."""
        self.unknowns += 1
        return f"?{self.unknowns}"

    def known(self, letter: str) -> str:
        """What a dimension has turned out to be."""
        while letter in self.same:
            letter = self.same[letter]
        return letter

    def shape(self, A: MatrixExpression) -> Dimensions:
        """What is known of a formula's shape."""
        return self.known(A.shape[0]), self.known(A.shape[1])

    def equal(self, one: str, other: str) -> bool:
        """Whether two dimensions are one, which an unknown one is from now on; but it is not 1."""
        one, other = self.known(one), self.known(other)
        if one == other:
            return True
        if one.startswith("?") and other not in ("1", KEPT):
            self.same[one] = other
        elif other.startswith("?") and one not in ("1", KEPT):
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

    def misfit(self, what: str, A: MatrixExpression, B: MatrixExpression, node: ast.AST, rule: str) -> NotationError:
        """The error that names both shapes and the place."""
        one, other = self.line.source(node, 0), self.line.source(node, 1)
        return self.line.error(
            f"{what} does not fit: {one} is {shown(self.shape(A))} and {other} is {shown(self.shape(B))}: {rule}"
            + self.question(one, other),
            node,
        )

    def question(self, *sources: str) -> str:
        """What to say of a name whose shape was guessed."""
        guessed = next((source for source in sources if source in self.guessed), None)
        return f'; say what {guessed} is, by a shape such as {guessed}="N", or "" for a number' if guessed else ""

    # Two formulas

    def together(self, kind: str, A: MatrixExpression, B: MatrixExpression, node: ast.AST) -> MatrixExpression:
        """The sum or the product entry by entry of two formulas, one of which may be spread over the other."""
        what = {"sum": "this sum", "hadamard": "this product entry by entry"}[kind]
        if kind == "hadamard" and ONE_BY_ONE in (A.shape, B.shape):  # a number scales
            return MatrixExpression(kind, B.shape if A.shape == ONE_BY_ONE else A.shape, (A, B))
        A, B = self.spread(what, A, B, node)
        return MatrixExpression(kind, A.shape, (A, B))

    def spread(
        self, what: str, A: MatrixExpression, B: MatrixExpression, node: ast.AST
    ) -> tuple[MatrixExpression, MatrixExpression]:
        """Both with one shape.

        Raises
        ------
        NotationError
            If they have none.
        """
        for one, other in ((A, B), (B, A)):
            if one.shape == ONE_BY_ONE != other.shape:
                filled = MatrixExpression("hadamard", other.shape, (one, MatrixExpression("ones", other.shape)))
                return (A, filled) if one is B else (filled, B)
        if self.alike(A, B):
            return A, B
        before = dict(self.same)
        if found := self.spread_as_numpy(A, B) if self.numpy else self.spread_vector(A, B):
            return found
        self.same = before
        raise self.misfit(what, A, B, node, "both need one shape")

    def spread_vector(
        self, A: MatrixExpression, B: MatrixExpression
    ) -> tuple[MatrixExpression, MatrixExpression] | None:
        """A column beside a matrix as its columns, a row as its rows."""
        for vector, matrix in ((A, B), (B, A)):
            if "1" in vector.shape and "1" not in matrix.shape:
                axis = vector.shape.index("1")
                if self.equal(vector.shape[1 - axis], matrix.shape[1 - axis]):
                    wide = repeated_along(axis, vector, matrix.shape)
                    return (wide, B) if vector is A else (A, wide)
        return None

    def spread_as_numpy(
        self, A: MatrixExpression, B: MatrixExpression
    ) -> tuple[MatrixExpression, MatrixExpression] | None:
        """By NumPy's rule: a vector is a row, and an axis that was kept fits any."""
        A, B = (self.as_row(X) if "1" in X.shape else X for X in (A, B))
        for axis in (0, 1):
            a, b = A.shape[axis], B.shape[axis]
            if self.equal(a, b):
                continue
            if a == KEPT:
                A = repeated_along(axis, A, B.shape)
            elif b == KEPT:
                B = repeated_along(axis, B, A.shape)
            else:
                return None
        return A, B

    def as_row(self, vector: MatrixExpression) -> MatrixExpression:
        """A vector of NumPy's beside a matrix."""
        return MatrixExpression("transpose", (KEPT, vector.shape[0]), (vector,))

    def product(self, A: MatrixExpression, B: MatrixExpression, node: ast.AST) -> MatrixExpression:
        """The matrix product, or a scaling."""
        if ONE_BY_ONE in (A.shape, B.shape):
            return MatrixExpression("hadamard", B.shape if A.shape == ONE_BY_ONE else A.shape, (A, B))
        if self.numpy and A.shape[1] == "1":  # a one-dimensional array on the left is a row there
            row = MatrixExpression("transpose", A.shape[::-1], (A,))
            if not self.equal(A.shape[0], B.shape[0]):
                rule = "the length of the left one must be the rows of the right one"
                raise self.misfit("this product", A, B, node, rule)
            flat = MatrixExpression("product", ("1", B.shape[1]), (row, B))
            return flat if B.shape[1] == "1" else MatrixExpression("transpose", (B.shape[1], "1"), (flat,))
        if not self.equal(A.shape[1], B.shape[0]):
            rule = "the columns of the left one must be the rows of the right one"
            raise self.misfit("this product", A, B, node, rule)
        return MatrixExpression("product", (A.shape[0], B.shape[1]), (A, B))


def repeated_along(axis: int, A: MatrixExpression, shape: Dimensions) -> MatrixExpression:
    """A row as every row (axis 0), or a column as every column (axis 1), of a matrix of this shape."""
    if axis == 0:
        ones = MatrixExpression("ones", (shape[0], A.shape[0]))
        return MatrixExpression("product", (shape[0], A.shape[1]), (ones, A))
    ones = MatrixExpression("ones", (A.shape[1], shape[1]))
    return MatrixExpression("product", (A.shape[0], shape[1]), (A, ones))


def reciprocal(A: MatrixExpression) -> MatrixExpression:
    """1 over each entry."""
    return MatrixExpression("power", A.shape, (A,), Fraction(-1))
