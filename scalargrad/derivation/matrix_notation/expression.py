"""A formula of matrices as a tree, and its operators, which simplify as they build.

    >>> X, w = matrix_named("X", ("N", "D")), matrix_named("w", ("D", "1"))
    >>> (X.T.T @ w + X @ w).kind, (X @ w - X @ w).kind
    ('times', 'zeros')

A vector is a column and a number 1×1. `A @ B` is the matrix product, `A * B` goes entry by entry, or scales if one of
the two is a number. The functions of the table of operations work on a formula too, since it adds and multiplies: so
f′ of a formula is what the table's row says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeAlias

from ...engine import ops
from ...engine.ops import Op
from ...errors import DivisionByZeroError, DomainError, InexactError

Dimensions: TypeAlias = tuple[str, str]
"""The rows and the columns, as letters or digits: `("N", "1")`."""

ONE_BY_ONE: Dimensions = ("1", "1")
HALF = Fraction(1, 2)


@dataclass(frozen=True)
class MatrixExpression:
    """One operation on the formulas that it is made of.

    Attributes
    ----------
    kind
        name, symmetric (a name that is known to be), number, size; zeros, ones, identity; sum, times (a number, times
        numbers, times a matrix), product, hadamard, power (of each entry), apply (a function of one number or two, to
        each entry); transpose, inverse, det, logdet, trace, total (the sum of all entries), squares (the sum of their
        squares), diag (a vector as a diagonal matrix), diagonal (as a vector); softmax, logsumexp, largest, smallest
        (of a vector; of a matrix, of each row), and mean (of all entries, where a formula is polished).
    shape
        Rows and columns.
    data
        A name, the letter of a size, the coefficient of "number" and "times", the exponent, or the function.
    """

    kind: str
    shape: Dimensions
    parts: tuple[MatrixExpression, ...] = ()
    data: Any = None
    nodes: int = field(init=False, compare=False, repr=False)
    """How long it is."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.kind, self.shape, self.parts, self.data)))
        object.__setattr__(self, "nodes", 1 + sum(part.nodes for part in self.parts))

    def __hash__(self) -> int:
        return self._hash  # type: ignore[no-any-return]  # once: a tree is asked at every level

    @property
    def is_number(self) -> bool:
        """Whether it is 1×1."""
        return self.shape == ONE_BY_ONE

    @property
    def is_symmetric(self) -> bool:
        """Whether its form shows that it is its own transpose."""
        return self == self.T

    @property
    def is_zero(self) -> bool:
        """Whether it is written 0."""
        return self.kind == "zeros" or (self.kind == "number" and self.data == 0)

    def walk(self) -> Iterator[MatrixExpression]:
        """The formula and all those that it is made of."""
        yield self
        for part in self.parts:
            yield from part.walk()

    # A number times numbers times a matrix

    def split(self) -> tuple[Fraction, tuple[MatrixExpression, ...], MatrixExpression | None]:
        """The coefficient, the factors that are numbers, and the matrix; of a number, no matrix."""
        if self.kind == "number":
            return self.data, (), None
        if self.kind == "times":
            *scalars, last = self.parts
            return (self.data, self.parts, None) if last.is_number else (self.data, tuple(scalars), last)
        return (Fraction(1), (self,), None) if self.is_number else (Fraction(1), (), self)

    # Sums

    def __add__(self, other: MatrixExpression | int) -> MatrixExpression:
        return added((self, self.like(other)))

    __radd__ = __add__

    def __neg__(self) -> MatrixExpression:
        return scaled(Fraction(-1), (), self)

    def __sub__(self, other: MatrixExpression | int) -> MatrixExpression:
        return self + -self.like(other)

    def __rsub__(self, other: int) -> MatrixExpression:
        return self.like(other) + -self

    def like(self, x: MatrixExpression | Fraction | int) -> MatrixExpression:
        """A number as a matrix of this shape with that number everywhere; anything else as it is."""
        if not isinstance(x, MatrixExpression):
            x = plain_number(x)
        return x if x.shape == self.shape or not x.is_number else x * all_ones(self.shape)

    # Products

    def __mul__(self, other: MatrixExpression | Fraction | int) -> MatrixExpression:
        """Entry by entry; if one of the two is a number, all entries of the other times that."""
        other = other if isinstance(other, MatrixExpression) else plain_number(other)
        if self.is_number:
            return scaled(Fraction(1), (self,), other)
        if other.is_number:
            return scaled(Fraction(1), (other,), self)
        return entrywise((self, other))

    __rmul__ = __mul__

    def __matmul__(self, other: MatrixExpression) -> MatrixExpression:
        return chained((self, other))

    def __truediv__(self, other: MatrixExpression) -> MatrixExpression:
        return self * other ** Fraction(-1)

    def __rtruediv__(self, other: int) -> MatrixExpression:
        return self ** Fraction(-1) * other

    def __pow__(self, exponent: Fraction | int) -> MatrixExpression:
        """The power of each entry."""
        e = Fraction(exponent)
        if e == 1:
            return self
        if e == 0:
            return all_ones(self.shape)
        if self.kind in ("zeros", "ones") and e > 0:
            return self
        if self.kind == "number" and e.denominator == 1 and (self.data or e > 0):
            return plain_number(self.data ** int(e))
        if self.kind == "power" and (e.denominator == 1 or self.parts[0].kind == "squares"):
            base = self.parts[0]
            return base ** Fraction(self.data * e)  # (a²)^½ is |a|, and a only where a is not negative
        if self.kind == "transpose":
            return (self.parts[0] ** e).T
        if self.kind == "hadamard" and e.denominator == 1:
            return entrywise([part**e for part in self.parts])
        if spread := spread_vector_of(self):  # of one vector in every row or column
            vector, side = spread
            return vector**e @ side if vector.shape[1] == "1" else side @ vector**e
        if self.kind == "times" and e.denominator == 1 and (self.data or e > 0):
            return scaled(self.data ** int(e), tuple(part**e for part in self.parts), None, self.shape)
        return MatrixExpression("power", self.shape, (self,), e)

    # FunctionsByName of the table of operations, under the names by which it asks for them

    def applied(self, function: Op) -> MatrixExpression:
        """A function of each entry."""
        if function is ops.SQRT:
            return self**HALF
        if self.kind == "number":
            try:
                return plain_number(function.apply(self.data))
            except (InexactError, DomainError, DivisionByZeroError):  # exp(1) stays as it is
                return MatrixExpression("apply", self.shape, (self,), function)
        if self.is_zero:
            return self.like(plain_number(0).applied(function))
        if self.kind == "transpose":
            return self.parts[0].applied(function).T
        number, scalars, body = self.split()
        if body is not None and body.kind == "ones":  # one number everywhere
            return scaled(number, scalars, None).applied(function) * body
        if spread := spread_vector_of(self):  # one vector in every row or column
            vector, side = spread
            return vector.applied(function) @ side if vector.shape[1] == "1" else side @ vector.applied(function)
        return MatrixExpression("apply", self.shape, (self,), function)

    def applied_with(self, other: MatrixExpression, function: Op) -> MatrixExpression:
        """A function of two numbers, of the entries of both."""
        return MatrixExpression("apply", self.shape, (self, other), function)

    def __getattr__(self, name: str) -> Any:
        row = ops.TABLE.get(name)
        if row is None or row.arity != 1:
            raise AttributeError(f"a formula of matrices has no {name}")
        return lambda: self.applied(row)

    def unit(self) -> MatrixExpression:
        """1 in every entry."""
        return all_ones(self.shape)

    # What makes a matrix another one

    @property
    def T(self) -> MatrixExpression:
        rows, columns = self.shape
        if rows == columns == "1" or self.kind in ("identity", "diag", "symmetric"):
            return self
        flipped = (columns, rows)
        match self.kind:
            case "transpose":
                return self.parts[0]
            case "zeros" | "ones":
                return MatrixExpression(self.kind, flipped)
            case "sum":  # (A − B)ᵀ, unless the transposes of the parts are simpler: Aᵀ + Bᵀ was the sum
                pushed = added(tuple(part.T for part in self.parts))
                if frozenset(pushed.parts) == frozenset(self.parts):
                    return self  # A + Aᵀ
                simple = any(part.kind == "name" or spread_vector_of(part.split()[2] or part) for part in self.parts)
                return (
                    pushed
                    if pushed.nodes < self.nodes + (not simple)
                    else MatrixExpression("transpose", flipped, (self,))
                )
            case "inverse" if self.parts[0].is_symmetric:
                return self
            case "times":
                return scaled(self.data, self.parts[:-1], self.parts[-1].T)
            case "product":
                return chained(tuple(part.T for part in reversed(self.parts)))
        return MatrixExpression("transpose", flipped, (self,))

    def summary(self, kind: str) -> MatrixExpression:
        """What is one number: its trace, det, logdet, total, squares or mean."""
        number, scalars, body = self.split()
        if self.is_zero and kind not in ("det", "logdet"):
            return plain_number(0)
        if self.is_number and kind in ("trace", "total", "det", "mean"):
            return self
        if body is not None and (number != 1 or scalars) and kind in ("trace", "total", "squares", "mean"):
            power = 2 if kind == "squares" else 1
            return scaled(number**power, tuple(scalar**power for scalar in scalars), body.summary(kind))
        if kind in ("trace", "total", "mean") and self.kind == "transpose":
            return self.parts[0].summary(kind)
        if kind == "squares" and self.shape[0] == "1" and self.shape[1] != "1":
            return self.T.summary(kind)
        if kind in ("trace", "total") and self.kind == "sum":
            apart = added([part.summary(kind) for part in self.parts])
            if apart.nodes <= self.nodes:
                return apart
        match kind, self.kind:
            case (("total" | "squares"), "ones"):
                return dimension(self.shape[0]) * dimension(self.shape[1])
            case (("det" | "logdet"), "identity"):
                return plain_number(int(kind == "det"))
            case ("trace", "identity") | ("total", "identity"):
                return dimension(self.shape[0])
            case "total", "power" if self.data == 2:
                return self.parts[0].summary("squares")
            case "total", "product":
                return chained((all_ones(("1", self.shape[0])), *self.parts, all_ones((self.shape[1], "1"))))
            case "total", "softmax" if "1" in self.shape:
                return plain_number(1)
            case ("total", "diag") | ("trace", "diag"):
                return self.parts[0].summary("total")
            case "trace", "product":
                left, right = self.outer
                if left:
                    return chained((*right, *left))  # tr(a·bᵀ) is bᵀ·a
        return MatrixExpression(kind, ONE_BY_ONE, (self,))

    @property
    def outer(self) -> tuple[tuple[MatrixExpression, ...], tuple[MatrixExpression, ...]]:
        """The factors of a column and of a row, if it is their product; else nothing."""
        for k, part in enumerate(self.parts[:-1] if self.kind == "product" else ()):
            if part.shape[1] == "1":
                return self.parts[: k + 1], self.parts[k + 1 :]
        return (), ()

    def inverted(self) -> MatrixExpression:
        """A⁻¹ of a square matrix."""
        if self.is_number:
            return self ** Fraction(-1)
        if self.kind == "inverse":
            return self.parts[0]
        if self.kind == "identity":
            return self
        if self.kind == "diag":
            return (self.parts[0] ** Fraction(-1)).diag()
        number, scalars, body = self.split()
        if body is not None and number and (number != 1 or scalars):
            return scaled(1 / number, tuple(scalar ** Fraction(-1) for scalar in scalars), body.inverted())
        if self.kind == "transpose":
            return self.parts[0].inverted().T
        if self.kind == "product" and all(part.shape == self.shape for part in self.parts):
            return chained(tuple(part.inverted() for part in reversed(self.parts)))
        return MatrixExpression("inverse", self.shape, (self,))

    def diag(self) -> MatrixExpression:
        """A vector as a diagonal matrix."""
        if self.kind == "ones":
            return identity(self.shape[0])
        if self.is_number:
            return self
        return self.moved("diag", (self.shape[0], self.shape[0]))

    def diagonal(self) -> MatrixExpression:
        """The diagonal of a square matrix as a vector."""
        if self.is_number:
            return self
        if self.kind == "diag":
            return self.parts[0]
        if self.kind == "identity":
            return all_ones((self.shape[0], "1"))
        left, right = self.outer
        if left:
            return chained(left) * chained(right).T  # of x·yᵀ it is x∘y
        if self.kind == "product" and "diag" in (part.kind for part in self.parts):
            k = next(k for k, part in enumerate(self.parts) if part.kind == "diag")
            scale, before, after = self.parts[k].parts[0], self.parts[:k], self.parts[k + 1 :]
            if before and after:  # of A·diag(d)·B it is (A ∘ Bᵀ)·d
                return entrywise((chained(before), chained(after).T)) @ scale
            return scale * chained(before or after).diagonal()
        return self.moved("diagonal", (self.shape[0], "1"))

    def softmax(self) -> MatrixExpression:
        """exp of each entry over the sum of them; of a matrix, over the sum of its row."""
        if self.is_number:
            return plain_number(1)
        return self.T.softmax().T if self.shape[0] == "1" else MatrixExpression("softmax", self.shape, (self,))

    def extreme(self, kind: str, shape: Dimensions) -> MatrixExpression:
        """logsumexp, largest or smallest, of all entries or, if the shape is that of a column, of each row."""
        if self.is_number:
            return self
        return MatrixExpression(kind, shape, (self.T if self.shape[0] == "1" else self,))

    def moved(self, kind: str, shape: Dimensions) -> MatrixExpression:
        """A linear operation, with the numbers in front of it."""
        number, scalars, body = self.split()
        if body is None or self.is_zero:
            return zeros(shape)
        return scaled(number, scalars, MatrixExpression(kind, shape, (body,)))


# ---------------------------------------------------------------------------------------------------------------------
# What formulas start from


def matrix_named(name: str, shape: Dimensions) -> MatrixExpression:
    """A matrix, a column or a number by its name."""
    return MatrixExpression("name", shape, data=name)


def plain_number(x: Fraction | int) -> MatrixExpression:
    """A plain number."""
    return MatrixExpression("number", ONE_BY_ONE, data=Fraction(x))


def dimension(letter: str) -> MatrixExpression:
    """The number that a dimension is."""
    return plain_number(int(letter)) if letter.isdigit() else MatrixExpression("size", ONE_BY_ONE, data=letter)


def all_ones(shape: Dimensions) -> MatrixExpression:
    """1 in every entry."""
    return plain_number(1) if shape == ONE_BY_ONE else MatrixExpression("ones", shape)


def zeros(shape: Dimensions) -> MatrixExpression:
    """0 in every entry."""
    return plain_number(0) if shape == ONE_BY_ONE else MatrixExpression("zeros", shape)


def identity(letter: str) -> MatrixExpression:
    """I, of letter × letter."""
    return plain_number(1) if letter == "1" else MatrixExpression("identity", (letter, letter))


# ---------------------------------------------------------------------------------------------------------------------
# Operations on many


def powers(factors: Sequence[MatrixExpression]) -> tuple[MatrixExpression, ...]:
    """Factors with those of one base put together: a·b·a⁻¹ is b."""
    exponents: dict[MatrixExpression, Fraction] = {}
    for factor in factors:
        base, e = (factor.parts[0], factor.data) if factor.kind == "power" else (factor, Fraction(1))
        exponents[base] = exponents.get(base, Fraction(0)) + e
    return tuple(base**e for base, e in exponents.items() if e)


def scaled(
    number: Fraction,
    scalars: Sequence[MatrixExpression],
    body: MatrixExpression | None,
    shape: Dimensions = ONE_BY_ONE,
) -> MatrixExpression:
    """A number, times formulas that are numbers, times a formula; all flattened."""
    shape = body.shape if body is not None else shape
    matrix: MatrixExpression | None = None
    flat: list[MatrixExpression] = []
    for factor in (*scalars, *(() if body is None else (body,))):
        more, inner, rest = factor.split()
        number *= more
        flat += inner
        matrix = rest if rest is not None else matrix
    kept: list[MatrixExpression] = []
    for scalar in powers(flat):
        if scalar.kind == "number":
            number *= Fraction(scalar.data)
        else:
            kept.append(scalar)
    if number == 0 or (matrix is not None and matrix.is_zero):
        return zeros(shape)
    factors: tuple[MatrixExpression, ...] = (*kept, *(() if matrix is None else (matrix,)))
    if not factors:
        return plain_number(number)
    if number == 1 and len(factors) == 1:
        return factors[0]
    if len(factors) == 1 and matrix is None and factors[0].kind == "sum" and number == -1:
        return added(tuple(-part for part in factors[0].parts))
    return MatrixExpression("times", shape, factors, number)


def summands(part: MatrixExpression) -> tuple[MatrixExpression, ...]:
    """The terms of a sum, and of minus a sum."""
    if part.kind == "times" and part.data == -1 and len(part.parts) == 1 and part.parts[0].kind == "sum":
        return tuple(-term for term in part.parts[0].parts)
    return part.parts if part.kind == "sum" else (part,)


def added(parts: Sequence[MatrixExpression]) -> MatrixExpression:
    """A sum of formulas of one shape, with like terms put together."""
    if all(part.split()[1:] == parts[0].split()[1:] for part in parts):  # a sum twice is 2·(a + b)
        _, scalars, body = parts[0].split()
        return scaled(sum((part.split()[0] for part in parts), Fraction(0)), scalars, body, parts[0].shape)
    counted: dict[Any, Fraction] = {}
    first: dict[Any, Any] = {}  # of like terms, x∘d and d∘x, the one that stands first
    for part in parts:
        for term in summands(part):
            number, scalars, body = term.split()
            unordered = frozenset(body.parts) if body is not None and body.kind == "hadamard" else body
            key = frozenset(scalars), unordered
            first.setdefault(key, (scalars, body))
            counted[key] = counted.get(key, Fraction(0)) + number
    shape = parts[0].shape
    terms = [scaled(number, first[key][0], first[key][1], shape) for key, number in counted.items() if number]
    terms = [term for term in terms if not term.is_zero]
    if not terms:
        return zeros(shape)
    if len(terms) > 1 and any(is_transpose(term) for term in terms):
        flipped = MatrixExpression("sum", shape[::-1], tuple(term.T for term in terms))
        if 1 + flipped.nodes < 1 + sum(term.nodes for term in terms):
            return MatrixExpression("transpose", shape, (flipped,))  # (A + B)ᵀ for Aᵀ + Bᵀ
    return terms[0] if len(terms) == 1 else MatrixExpression("sum", shape, tuple(terms))


def is_transpose(term: MatrixExpression) -> bool:
    """Whether a term is a transpose, but for numbers."""
    body = term.split()[2]
    return body is not None and body.kind == "transpose"


def entrywise(parts: Sequence[MatrixExpression]) -> MatrixExpression:
    """A product entry by entry of matrices of one shape."""
    shape = parts[0].shape
    if shape[0] == "1" != shape[1]:
        return entrywise([part.T for part in parts]).T  # a row is a column's transpose
    number, scalars, bodies = taken_apart(parts)
    flat = [factor for body in bodies for factor in (body.parts if body.kind == "hadamard" else (body,))]
    if any(factor.is_zero for factor in flat):
        return zeros(shape)
    if "1" not in shape:
        left, flat, right = sides(flat)
        if left or right:
            scales = [entrywise(side) for side in (left, right) if side]
            if not flat and left and right:
                return scaled(number, scalars, chained((scales[0], scales[1].T)))
            middle = entrywise(flat) if flat else all_ones(shape)
            before = (scales[0].diag(),) if left else ()
            after = (scales[-1].diag(),) if right else ()
            return scaled(number, scalars, chained((*before, middle, *after)))
    kept = [factor for factor in powers(flat) if factor.kind != "ones"]
    body = all_ones(shape) if not kept else kept[0]
    if len(kept) > 1 and all(factor.kind == "transpose" for factor in kept):
        return scaled(number, scalars, entrywise([factor.T for factor in kept]).T)
    if len(kept) > 1:
        body = MatrixExpression("hadamard", shape, tuple(kept))
        for k, factor in enumerate(kept):  # (a ⊘ e + b) ∘ e is a + b∘e, which is shorter
            if factor.kind == "sum":
                others = (*kept[:k], *kept[k + 1 :])
                spread = added([entrywise((term, *others)) for term in factor.parts])
                if reciprocals(spread) < reciprocals(body):
                    return scaled(number, scalars, spread)
    return scaled(number, scalars, body)


def sides(
    flat: Sequence[MatrixExpression],
) -> tuple[list[MatrixExpression], list[MatrixExpression], list[MatrixExpression]]:
    """Columns that scale the rows, what is left, and columns that scale the columns: (u·1ᵀ)∘A is diag(u)·A."""
    left: list[MatrixExpression] = []
    right: list[MatrixExpression] = []
    rest: list[MatrixExpression] = []
    for factor in flat:
        if spread := spread_vector_of(factor):
            vector, _ = spread
            (left if vector.shape[1] == "1" else right).append(vector if vector.shape[1] == "1" else vector.T)
        elif factor.kind == "product" and "diag" in (factor.parts[0].kind, factor.parts[-1].kind):
            inner = list(factor.parts)
            if inner[0].kind == "diag":
                left.append(inner.pop(0).parts[0])
            if inner[-1].kind == "diag" and len(inner) > 1:
                right.append(inner.pop().parts[0])
            rest.append(chained(inner))
        else:
            rest.append(factor)
    return left, rest, right


def spread_vector_of(A: MatrixExpression) -> tuple[MatrixExpression, MatrixExpression] | None:
    """The column u and 1ᵀ of u·1ᵀ, the row v and 1 of 1·v; None of anything else."""
    left, right = A.outer
    if not left:
        return None
    if len(right) == 1 and right[0].kind == "ones":
        return chained(left), right[0]
    if len(left) == 1 and left[0].kind == "ones":
        return chained(right), left[0]
    return None


def reciprocals(A: MatrixExpression) -> int:
    """How many divisions stand in a formula."""
    return sum(part.kind == "power" and part.data < 0 for part in A.walk())


def chained(parts: Sequence[MatrixExpression]) -> MatrixExpression:
    """A product of matrices, with the numbers in front, and without I and A·A⁻¹."""
    rows, columns = parts[0].shape[0], parts[-1].shape[1]
    number, scalars, bodies = taken_apart(parts)
    flat: list[MatrixExpression] = []
    for body in bodies:
        for factor in body.parts if body.kind == "product" else (body,):
            if flat and (inverse_of(factor) == flat[-1] or inverse_of(flat[-1]) == factor):
                flat.pop()
            elif flat and factor.kind == flat[-1].kind == "diag":
                flat[-1] = (flat[-1].parts[0] * factor.parts[0]).diag()
            elif factor.kind != "identity":
                flat.append(factor)
    if any(factor.is_zero for factor in flat) or number == 0:
        return zeros((rows, columns))
    if not flat:
        whole = bodies and rows == columns != "1"
        return scaled(number, scalars, identity(rows) if whole else None)
    for k in range(len(flat) - 1):
        if shorter := summed_term_by_term(flat[k], flat[k + 1]):
            return scaled(number, scalars, chained((*flat[:k], shorter, *flat[k + 2 :])))
    inner, flat = numbers_apart(flat) if len(flat) > 1 else ([], flat)
    for extra in inner:
        more, others, _ = extra.split()
        number, scalars = number * more, [*scalars, *others]
    if not flat:
        return scaled(number, scalars, None)
    if any(factor.split()[0] != 1 or factor.split()[1] for factor in flat if not factor.is_number):
        return scaled(number, scalars, chained(flat))
    body = flat[0] if len(flat) == 1 else MatrixExpression("product", (rows, columns), tuple(flat))
    return scaled(number, scalars, body)


def summed_term_by_term(left: MatrixExpression, right: MatrixExpression) -> MatrixExpression | None:
    """(A + B)·1 as A·1 + B·1, where that is shorter, as it is if rows less their mean are summed; else None."""
    for one, other in ((left, right), (right, left)):
        if one.kind == "sum" and other.kind == "ones":
            apart = added([chained((term, right) if one is left else (left, term)) for term in one.parts])
            return apart if apart.nodes < one.nodes else None
    return None


def numbers_apart(
    factors: Sequence[MatrixExpression],
) -> tuple[list[MatrixExpression], list[MatrixExpression]]:
    """The numbers among a chain's products, as xᵀ·y in z·xᵀ·y, and the other factors."""
    runs: list[list[MatrixExpression]] = [[]]
    for factor in factors:
        if factor.kind == "ones" and "1" not in factor.shape:  # 1·1ᵀ
            halves = [all_ones((factor.shape[0], "1")), all_ones(("1", factor.shape[1]))]
        else:
            halves = [factor]
        for half in halves:
            runs[-1].append(half)
            if half.shape[1] == "1":
                runs.append([])
    runs = [run for run in runs if run]
    numbers, kept = [], []
    for run in runs:
        if run[0].shape[0] == run[-1].shape[1] == "1":
            numbers.append(product_of_vectors(run))
        else:
            kept += scaled_entries(run)
    if len(kept) == 2 and all(factor.kind == "ones" for factor in kept):
        kept = [all_ones((kept[0].shape[0], kept[1].shape[1]))]
    return numbers, kept


def product_of_vectors(run: Sequence[MatrixExpression]) -> MatrixExpression:
    """A number: a row, matrices, a column. With 1 at an end it is a sum of entries."""
    found = scaled_entries(run)
    summed = len(found) > 1 and "ones" in (found[0].kind, found[-1].kind)
    if summed and found[0].kind == "ones":
        found = found[1:]
    if summed and len(found) > 1 and found[-1].kind == "ones":
        found = found[:-1]
    shape = found[0].shape[0], found[-1].shape[1]
    if len(found) == 1:
        return found[0].summary("total")
    body = MatrixExpression("product", shape, tuple(found))
    return MatrixExpression("total", ONE_BY_ONE, (body,)) if summed else body


def scaled_entries(run: Sequence[MatrixExpression]) -> list[MatrixExpression]:
    """A chain whose end is a vector, without diag(d) before it: diag(d)·x is d∘x."""
    found = list(run)
    places = [k for k, factor in enumerate(found) if factor.kind == "diag"]
    if len(found) > 1 and places and found[-1].shape[1] == "1" and places[-1] < len(found) - 1:
        k = places[-1]
        return scaled_entries([*found[:k], entrywise((found[k].parts[0], chained(found[k + 1 :])))])
    if len(found) > 1 and places and found[0].shape[0] == "1" and places[0] > 0:
        k = places[0]
        return scaled_entries([entrywise((chained(found[:k]), found[k].parts[0].T)), *found[k + 1 :]])
    return found


def inverse_of(factor: MatrixExpression) -> MatrixExpression | None:
    """A of A⁻¹, and Aᵀ of A⁻ᵀ; None of anything else."""
    if factor.kind == "transpose":
        inner = inverse_of(factor.parts[0])
        return None if inner is None else inner.T
    return factor.parts[0] if factor.kind == "inverse" else None


def taken_apart(
    parts: Sequence[MatrixExpression],
) -> tuple[Fraction, list[MatrixExpression], list[MatrixExpression]]:
    """The coefficient, the numbers and the matrices of a product of any kind."""
    number = Fraction(1)
    scalars: list[MatrixExpression] = []
    bodies: list[MatrixExpression] = []
    for part in parts:
        more, inner, body = part.split()
        number *= more
        scalars += inner
        bodies += [] if body is None else [body]
    return number, scalars, bodies
