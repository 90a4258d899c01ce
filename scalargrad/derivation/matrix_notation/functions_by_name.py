"""The functions of matrix notation by name: what each needs, and the formula that it stands for.

    >>> scribe = FunctionsByName(numpy=False)
    >>> A = matrix_named("A", ("N", "D"))
    >>> scribe.applied("softmax", [A], None, False, ast.parse("A", mode="eval").body).shape
    ('N', 'D')

`sum`, `mean`, `norm2`, `max` and so on take all entries, or with an axis those of each column (0) or row (1); then they
give a row or a column, and in NumPy's text a vector. `softmax` and `logsumexp` of a matrix go row by row.
"""

from __future__ import annotations

import ast
from fractions import Fraction
from functools import reduce

from ...engine import ops
from ...engine.op import Op
from ..notation import ELEMENTARY
from .broadcasting import KEPT, KnownShapes, reciprocal, shown
from .expression import HALF, ONE_BY_ONE, MatrixExpression, dimension, matrix_named as matrix_named

MATRIX_FUNCTIONS = {
    "tr": "trace", "trace": "trace", "sum": "total", "mean": "mean", "var": "var", "std": "std", "norm": "norm",
    "norm2": "norm", "normF": "norm", "norm1": "norm1", "inv": "inverse", "det": "det", "logdet": "logdet",
    "diag": "diag", "diagonal": "diag", "eye": "identity", "identity": "identity", "transpose": "transpose",
    "softmax": "softmax", "logsumexp": "logsumexp", "max": "largest", "amax": "largest", "min": "smallest",
    "amin": "smallest",
}  # fmt: skip
"""The functions of matrices by the names that people write, besides those of entries."""

OF_ENTRIES: dict[str, Op] = {
    **ELEMENTARY,
    **{row.symbol: row for row in (ops.STEP, ops.SIGN, ops.FLOOR, ops.CEIL, ops.RINT)},
    "absolute": ops.ABS, "σ": ops.SIGMOID, "logistic": ops.SIGMOID, "expit": ops.SIGMOID, "ln": ops.LOG,
    "asin": ops.ARCSIN, "acos": ops.ARCCOS, "atan": ops.ARCTAN, "asinh": ops.ARCSINH, "acosh": ops.ARCCOSH,
    "atanh": ops.ARCTANH, "logsigmoid": ops.LOG_SIGMOID, "heaviside": ops.STEP,
}  # fmt: skip
"""The functions of one number, by name; of a matrix, of each entry."""

OF_TWO_ARRAYS = frozenset({
    "dot", "outer", "matmul", "inner", "multiply", "divide", "power", "solve", "maximum", "minimum", "logaddexp",
    "hypot", "xlogy", "add", "subtract",
})  # fmt: skip
"""NumPy's and SciPy's functions of two arrays."""

_BY_EIGENVALUES = "it is no formula of entries; the sum of the eigenvalues is tr(X), their product det(X)"
_STEPS = "it is an algorithm and not a formula; write inv(…), det(…) or logdet(…)"
_INDICES = "write it with indices, as in y[i] = sum(k, x[i,k]*w[k])"
NOT_HERE = {
    "kron": "Kronecker products have no shape of letters; tr(A⊗X) is tr(A)*tr(X)",
    **dict.fromkeys(("pinv", "pinverse"), "write inv(X'*X)*X' for an X whose columns are independent"),
    **dict.fromkeys(("eig", "eigvals", "eigh", "eigvalsh", "svd", "norm_nuc", "nuc"), _BY_EIGENVALUES),
    **dict.fromkeys(("expm", "logm", "sqrtm", "sinm", "cosm"), "it is a series of powers; exp(X) is of each entry"),
    **dict.fromkeys(("argmax", "argmin", "sort", "argsort", "where"), "it jumps, and has no formula as derivative"),
    **dict.fromkeys(("cholesky", "qr", "lu"), _STEPS),
    **dict.fromkeys(("conv", "convolve", "einsum", "tensordot", "cumsum", "roll"), _INDICES),
}
"""FunctionsByName that people ask for, and what to do instead."""

SQUARE = frozenset({"trace", "det", "logdet", "inverse"})
WITH_AXIS = frozenset({"total", "mean", "var", "std", "norm", "norm1", "softmax", "logsumexp", "largest", "smallest"})


class FunctionsByName(KnownShapes):
    """The functions, which ask for shapes as they need them."""

    def applied(
        self, name: str, given: list[MatrixExpression], axis: int | None, kept: bool, node: ast.expr
    ) -> MatrixExpression:
        """A function by its name, of formulas.

        Raises
        ------
        NotationError
            If there is none with this name, or the formulas are not what it takes.
        """
        if name == "clip" and len(given) == 3:
            return self.of_two("min", self.of_two("max", given[0], given[1], node), given[2], node)
        several = name in ("max", "min") and len(given) > 1
        if name in OF_TWO_ARRAYS or several:
            if len(given) < 2 or (len(given) > 2 and not several):
                raise self.line.error(f"{name} takes two arguments here", node)
            return reduce(lambda A, B: self.of_two(name, A, B, node), given)
        if name in NOT_HERE:
            raise self.line.error(f"{name} can't be derived here: {NOT_HERE[name]}", node)
        if (
            name not in MATRIX_FUNCTIONS
            and name not in OF_ENTRIES
            and name not in ("square", "vector", "matrix", "ones")
        ):
            known = ", ".join(sorted({*MATRIX_FUNCTIONS, *OF_ENTRIES, *OF_TWO_ARRAYS, "square", "vector", "matrix"}))
            raise self.line.error(f"unknown function {name}: there are {known}", node)
        if name == "ones":
            return self.ones(given, node)
        if len(given) != 1:
            raise self.line.error(f"{name} takes one argument here", node)
        (A,) = given
        if name in OF_ENTRIES:
            return MatrixExpression("apply", A.shape, (A,), OF_ENTRIES[name])
        if name == "square":
            return MatrixExpression("power", A.shape, (A,), Fraction(2))
        if name in ("vector", "matrix"):
            if A.shape != ONE_BY_ONE:
                raise self.line.error(f"{name} takes a number, as in {name}(1)", node)
            columns = self.unknown() if name == "matrix" else "1"
            return MatrixExpression("hadamard", (rows := self.unknown(), columns),
                                    (A, MatrixExpression("ones", (rows, columns))))  # fmt: skip
        return self.of_matrix(MATRIX_FUNCTIONS[name], name, A, axis, kept, node)

    def ones(self, given: list[MatrixExpression], node: ast.expr) -> MatrixExpression:
        """ones(N), and ones(N, D)."""
        letters = [self.letter(size, "ones", node) for size in given]
        if len(letters) not in (1, 2):
            raise self.line.error("ones takes one dimension or two, as in ones(N)", node)
        return MatrixExpression("ones", (letters[0], letters[1] if len(letters) == 2 else "1"))

    def letter(self, size: MatrixExpression, name: str, node: ast.expr) -> str:
        """The letter or digits of a dimension."""
        if size.kind == "size":
            return str(size.data)
        if size.kind == "number" and size.data.denominator == 1 and size.data > 0:
            return str(size.data)
        raise self.line.error(f"{name} takes the letter of a dimension, as in {name}(N)", node)

    # Of two

    def of_two(self, name: str, A: MatrixExpression, B: MatrixExpression, node: ast.expr) -> MatrixExpression:
        """NumPy's functions of two arrays, and max and min of two."""
        match name:
            case "multiply":
                return self.together("hadamard", A, B, node)
            case "divide":
                return self.together("hadamard", A, reciprocal(B), node)
            case "add":
                return self.together("sum", A, B, node)
            case "subtract":
                return self.together("sum", A, MatrixExpression("times", B.shape, (B,), Fraction(-1)), node)
            case "power":
                return self.raised_to(A, B, node)
            case "xlogy":
                return self.together("hadamard", A, MatrixExpression("apply", B.shape, (B,), ops.LOG), node)
            case "logaddexp" | "hypot":
                inner = ops.EXP if name == "logaddexp" else ops.constant_power(2)
                both = self.together("sum", of_each(inner, A), of_each(inner, B), node)
                return of_each(ops.LOG if name == "logaddexp" else ops.SQRT, both)
            case "max" | "min" | "maximum" | "minimum":
                A, B = self.spread(f"this {name}", A, B, node)
                return MatrixExpression("apply", A.shape, (A, B), ops.MAX if name.startswith("max") else ops.MIN)
            case "outer":
                row = MatrixExpression("transpose", B.shape[::-1], (B,))
                if A.shape[1] != "1" or B.shape[1] != "1":
                    raise self.misfit("outer", A, B, node, "both are vectors")
                return MatrixExpression("product", (A.shape[0], B.shape[0]), (A, row))
            case "solve":
                if not self.equal(*A.shape):
                    raise self.line.error(f"solve is of a square matrix, and {self.line.source(node)} is "
                                          f"{shown(self.shape(A))}", node)  # fmt: skip
                return self.product(MatrixExpression("inverse", A.shape, (A,)), B, node)
        if A.shape[1] == B.shape[1] == "1" and A.shape != ONE_BY_ONE:
            if not self.equal(A.shape[0], B.shape[0]):
                raise self.misfit(name, A, B, node, "both need one length")
            return MatrixExpression("product", ONE_BY_ONE, (MatrixExpression("transpose", A.shape[::-1], (A,)), B))
        return self.product(A, B, node)

    def raised_to(self, base: MatrixExpression, exponent: MatrixExpression, node: ast.AST) -> MatrixExpression:
        """Each entry to a power that is a formula."""
        base, exponent = self.spread("this power", base, exponent, node)
        return MatrixExpression("apply", base.shape, (base, exponent), ops.POW)

    # Of a matrix

    def of_matrix(
        self, kind: str, name: str, A: MatrixExpression, axis: int | None, kept: bool, node: ast.expr
    ) -> MatrixExpression:
        """A function of a matrix or vector."""
        source = self.line.source(node)
        if axis is not None and kind not in WITH_AXIS:
            raise self.line.error(f"{name} takes no axis", node)
        if kind in SQUARE and not self.equal(*A.shape):
            raise self.line.error(
                f"{name} is of a square matrix, and {source} is {shown(self.shape(A))}{self.question(source)}", node
            )
        is_vector = bool({"1", KEPT} & set(A.shape))
        if name == "norm2" and not is_vector and axis is None:
            raise self.line.error(
                f"norm2 is of a vector, and {source} is {shown(self.shape(A))}: write normF for the root of the sum of "
                "squares, norm2(…, axis=1) for that of each row",
                node,
            )
        if kind in ("softmax", "logsumexp") and not is_vector and axis is None:
            if self.numpy:
                raise self.line.error(f"{source} is {shown(self.shape(A))}: say along which axis, as in axis=1", node)
            axis = 1
        if axis is None or A.shape == ONE_BY_ONE:
            return self.of_all(kind, A, node)
        if A.shape[1] == "1" and self.numpy:  # one dimension, and so one axis
            if axis == 1:
                raise self.line.error(f"{source} is a vector: its one axis is axis=0", node)
            return self.of_all(kind, A, node)
        return self.of_lines(kind, A, axis, kept)

    def of_all(self, kind: str, A: MatrixExpression, node: ast.expr) -> MatrixExpression:
        """Of all entries."""
        match kind:
            case "norm":
                squares = MatrixExpression("squares", ONE_BY_ONE, (A,))
                return MatrixExpression("power", ONE_BY_ONE, (squares,), HALF)
            case "norm1":
                return self.of_all("total", of_each(ops.ABS, A), node)
            case "mean":
                return divided(self.of_all("total", A, node), A.shape)
            case "var" | "std":
                mean = divided(self.of_all("total", A, node), A.shape)
                away = self.together("sum", A, MatrixExpression("times", ONE_BY_ONE, (mean,), Fraction(-1)), node)
                var = divided(MatrixExpression("squares", ONE_BY_ONE, (away,)), A.shape)
                return var if kind == "var" else MatrixExpression("power", ONE_BY_ONE, (var,), HALF)
            case "softmax" | "logsumexp" | "largest" | "smallest":
                return MatrixExpression(kind, A.shape if kind == "softmax" else ONE_BY_ONE, (A,))
            case "diag":
                if A.shape[1] == "1":
                    return MatrixExpression("diag", (A.shape[0], A.shape[0]), (A,))
                if not self.equal(*A.shape):
                    raise self.line.error(
                        f"diag is of a vector or a square matrix, and this is {shown(self.shape(A))}", node
                    )
                return MatrixExpression("diagonal", (A.shape[0], "1"), (A,))
            case "identity":
                letter = self.letter(A, "eye", node)
                return MatrixExpression("identity", (letter, letter))
            case "transpose":
                return self.transposed(A)
            case "inverse":
                return MatrixExpression("inverse", A.shape, (A,))
        return MatrixExpression(kind, ONE_BY_ONE, (A,))

    def of_lines(self, kind: str, A: MatrixExpression, axis: int, kept: bool) -> MatrixExpression:
        """Of each column (axis 0) or row (axis 1): a row, or a column."""
        if axis == 0:
            flipped = MatrixExpression("transpose", A.shape[::-1], (A,))
            column = self.of_rows(kind, flipped)
            if kind != "softmax" and self.numpy and not kept:
                return column
            if kind != "softmax" and self.numpy:
                column = of_shape(column, (column.shape[0], KEPT))
            return MatrixExpression("transpose", column.shape[::-1], (column,))
        column = self.of_rows(kind, A)
        return of_shape(column, (column.shape[0], KEPT)) if kept and self.numpy and kind != "softmax" else column

    def of_rows(self, kind: str, A: MatrixExpression) -> MatrixExpression:
        """Of each row, as a column."""
        rows, columns = A.shape
        column = rows, "1"
        match kind:
            case "total":
                return MatrixExpression("product", column, (A, MatrixExpression("ones", (columns, "1"))))
            case "mean":
                return divided(self.of_rows("total", A), ("1", columns))
            case "norm":
                squares = self.of_rows("total", MatrixExpression("power", A.shape, (A,), Fraction(2)))
                return MatrixExpression("power", column, (squares,), HALF)
            case "norm1":
                return self.of_rows("total", of_each(ops.ABS, A))
            case "var" | "std":
                less = MatrixExpression("times", column, (self.of_rows("mean", A),), Fraction(-1))
                wide = MatrixExpression("product", A.shape, (less, MatrixExpression("ones", ("1", columns))))
                away = MatrixExpression("sum", A.shape, (A, wide))
                var = self.of_rows("mean", MatrixExpression("power", A.shape, (away,), Fraction(2)))
                return var if kind == "var" else MatrixExpression("power", column, (var,), HALF)
            case "softmax":
                return MatrixExpression("softmax", A.shape, (A,))
        return MatrixExpression(kind, column, (A,))

    def transposed(self, A: MatrixExpression) -> MatrixExpression:
        """Aᵀ."""
        if self.numpy and A.shape[1] == "1":
            return A  # NumPy's transpose of a one-dimensional array is that array
        return MatrixExpression("transpose", A.shape[::-1], (A,))


def of_each(function: Op, A: MatrixExpression) -> MatrixExpression:
    """A function of each entry."""
    if isinstance(function, ops.ConstantPower):
        return MatrixExpression("power", A.shape, (A,), Fraction(function.exponent))
    return MatrixExpression("apply", A.shape, (A,), function)


def divided(A: MatrixExpression, shape: tuple[str, str]) -> MatrixExpression:
    """A formula over the number of entries of a shape."""
    parts = [reciprocal(dimension(letter)) for letter in shape if letter not in ("1", KEPT)]
    return MatrixExpression("hadamard", A.shape, (A, *parts)) if parts else A


def of_shape(A: MatrixExpression, shape: tuple[str, str]) -> MatrixExpression:
    """The same formula of a shape that says that an axis was kept."""
    return MatrixExpression("times", shape, (A,), Fraction(1))
