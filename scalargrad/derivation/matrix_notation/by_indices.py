"""A formula of matrices in index notation, and what a certificate of its gradient is made of.

    >>> from .reading import understood
    >>> layer = in_indices(understood("norm2(X*w - y)^2"), "f")
    >>> [len(statement.terms) for statement in layer.statements], layer.shapes["X"]
    ([3], ('N', 'D'))

Sums, products, quotients, whole powers and elementwise functions of entries are index notation; squares of sums are
multiplied out there, so that a polynomial is one statement. An inverse, a determinant and the like are not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, count

from ...engine.ops import Op
from ...errors import CertificateError, NotationError
from ..certificate import Chain
from ..matrix_form import (
    Column,
    Diagonal,
    Hadamard,
    Identity,
    Matrix,
    Ones,
    Plus,
    Product,
    Scaled,
    Symbol,
    Trace,
    Zeros,
    closed_form,
    monomials,
)
from ..media import Text
from ..notation import ELEMENTARY, OF_TWO, read
from ..steps import steps_of
from ..terms import Formula, ForwardPass
from .expression import Dimensions, MatrixExpression
from .reading import Reading
from .writing import InText

WHY_NOT = {
    "inverse": "an inverse is not a sum of products of entries: the library's lemma inverse_rule has its formal "
    "derivative, −A⁻¹·dA·A⁻¹, and that A⁻¹ is differentiable over the reals is not proved there",
    "det": "the partials of a determinant, Jacobi's formula, are not proved in the library",
    "logdet": "the partials of a determinant, Jacobi's formula, are not proved in the library",
    "softmax": "softmax has no name in index notation: write exp(z) and the sum of them",
    "logsumexp": "logsumexp has no name in index notation: write log(sum(exp(z)))",
    "largest": "a maximum of many entries is not a sum of products of entries",
    "smallest": "a minimum of many entries is not a sum of products of entries",
}
"""What is no index notation, and why."""
MULTIPLIED_OUT = 4
"""The highest power of a sum that is written as a product."""


def chains_of(reading: Reading, name: str, output: str, gradient: MatrixExpression, statement: str) -> list[Chain]:
    """What is certified of a gradient: the lines for each intermediate result on the way, last first, and its own.

    The last line is the formula as it is printed, if that is matrix algebra of what the line before is made of.

    Raises
    ------
    CertificateError
        If the formula is not index notation: which part, and why.
    """
    layer = in_indices(reading, output)
    made = [s.name for s in reversed(layer.statements[:-1]) if reaches(layer, name, s.name)]
    if name not in layer.inputs or not any(s.uses(name) for s in layer.statements):
        raise CertificateError(f"∂{output}/∂{name} has no certificate: it is 0, since {name} cancels, and has no lines")
    written = f"{output} = {InText(reading.decimals, set(reading.shapes)).written(reading.expression)}, by its entries:"
    found = [chain_of(layer, x, written) for x in (*made, name)]
    own = found[-1]
    printed = as_matrices(gradient, layer)
    if own.closed and printed and monomials(own.closed) == monomials(printed):
        lines, reasons = own.lines, own.reasons
        if own.closed != printed:
            lines, reasons = (*lines, printed), (*reasons, "the formula as it is printed, which is that multiplied out")
        return [*found[:-1], replace(own, lines=lines, reasons=reasons, statement=statement)]
    return [*found[:-1], replace(own, statement=f"{own.statement}, which is the index form of {statement}")]


def reaches(layer: ForwardPass, name: str, made: str) -> bool:
    """Whether what is made depends on a name."""
    factors = [factor.name for term in layer.statement(made).terms for factor in term.factors]
    between = {s.name for s in layer.statements}
    return name in factors or any(reaches(layer, name, factor) for factor in factors if factor in between)


def chain_of(layer: ForwardPass, name: str, written: str) -> Chain:
    """The lines of one derivation in index notation."""
    steps = steps_of(layer, name)
    lines = tuple(step.expression for step in steps)
    formula = [line for line in lines if isinstance(line, Formula)][-1]
    statement = Text(layer).statement(name, formula, closed_form(formula))
    return Chain(name, layer, lines, tuple(step.why for step in steps), statement, written)


# ---------------------------------------------------------------------------------------------------------------------
# Matrix notation as index notation


def in_indices(reading: Reading, output: str) -> ForwardPass:
    """The forward pass of a formula's entries.

    Raises
    ------
    CertificateError
        If it has something that is not index notation, or rows as inputs: which, and why.
    """
    for name, (rows, columns) in reading.shapes.items():
        if rows == "1" != columns:
            raise CertificateError(f"a certificate has columns, and {name} is a row: write {name}' for it")
    A = reading.expression
    writer = _InIndices(output, {*reading.shapes, *reading.dimensions, *reading.named, output})
    places = writer.places(A.shape)
    left = f"{output}[{','.join(filter(None, places))}]" if any(places) else output
    text = f"{left} = {writer.entry(A, *places)}"
    used = set(re.findall(r"\w+", text))
    shapes = {name: shape for name, shape in reading.shapes.items() if name in used} | {output: A.shape}
    sizes = {name: " ".join(letter for letter in shape if letter != "1") for name, shape in shapes.items()}
    try:
        return read(text, sizes)
    except NotationError as error:
        raise CertificateError(f"{output} has no certificate, since its index form is not read: {error}") from None


class _InIndices:
    """Text of index notation, for one formula of matrices; an index of size 1 is empty."""

    def __init__(self, output: str, taken: set[str]) -> None:
        self.output = output
        letters: Iterator[str] = chain("ijklmnpqrstuv", (f"i{n}" for n in count(1)))
        self.letters = (letter for letter in letters if letter not in taken)

    def places(self, shape: Dimensions) -> tuple[str, str]:
        """New indices for an entry."""
        row, column = ("" if size == "1" else next(self.letters) for size in shape)
        return row, column

    def sum(self, size: str, index: str, body: str) -> str:
        if not index:
            return body
        return f"sum({index}, {body})" if re.search(rf"\b{index}\b", body) else f"{size}*{body}"

    def part(self, A: MatrixExpression, i: str, j: str) -> str:
        """An entry of a part; of a number, the number."""
        return self.entry(A, "", "") if A.is_number else self.entry(A, i, j)

    def entry(self, A: MatrixExpression, i: str, j: str) -> str:
        parts = A.parts
        match A.kind:
            case "name" | "symmetric":
                indices = ",".join(filter(None, (i, j)))
                return f"{A.data}[{indices}]" if indices else str(A.data)
            case "number" | "size":
                return f"({A.data})"
            case "zeros" | "ones":
                return str(int(A.kind == "ones"))
            case "identity":
                return f"eye[{i},{j}]" if i else "1"
            case "sum":
                return f"({' + '.join(self.part(part, i, j) for part in parts)})"
            case "times" | "hadamard":
                number = [f"({A.data})"] * (A.data is not None and A.data != 1)
                return "*".join([*number, *(self.part(part, i, j) for part in parts)])
            case "product":
                return self.product(parts, i, j)
            case "power":
                return self.power(A, i, j)
            case "apply":
                return self.applied(A, i, j)
            case "transpose":
                return self.entry(parts[0], j, i)
            case "trace":
                k, _ = self.places(parts[0].shape)
                return self.sum(parts[0].shape[0], k, self.entry(parts[0], k, k))
            case "total" | "squares":
                k, n = self.places(parts[0].shape)
                rows, columns = parts[0].shape
                inner = parts[0] if A.kind == "total" else MatrixExpression("power", parts[0].shape, parts, 2)
                return self.sum(rows, k, self.sum(columns, n, self.entry(inner, k, n)))
            case "diag":
                return f"eye[{i},{j}]*{self.entry(parts[0], i, '')}"
            case "diagonal":
                return self.entry(parts[0], i, i)
        raise self.error(WHY_NOT.get(A.kind, f"{A.kind} is not a sum of products of entries"))

    def product(self, parts: tuple[MatrixExpression, ...], i: str, j: str) -> str:
        first, *rest = parts
        if not rest:
            return self.entry(first, i, j)
        _, k = self.places(("1", first.shape[1]))
        return self.sum(first.shape[1], k, f"{self.entry(first, i, k)}*{self.product(tuple(rest), k, j)}")

    def power(self, A: MatrixExpression, i: str, j: str) -> str:
        (base,), exponent = A.parts, A.data
        plain = all(part.kind != "apply" and (part.kind != "power" or part.data > 0) for part in base.walk())
        if exponent in range(2, MULTIPLIED_OUT + 1) and plain:
            return "*".join(self.entry(base, i, j) for _ in range(int(exponent)))  # each with sums of its own
        return f"({self.entry(base, i, j)})^({exponent})"

    def applied(self, A: MatrixExpression, i: str, j: str) -> str:
        function = A.data
        name = function.symbol if isinstance(function, Op) else str(function)
        if name not in ELEMENTARY and name not in OF_TWO:
            raise self.error(f"{name} is not a function of index notation")
        return f"{name}({', '.join(self.part(part, i, j) for part in A.parts)})"

    def error(self, why: str) -> CertificateError:
        """What is not index notation."""
        return CertificateError(f"{self.output} has no certificate: {why}")


# ---------------------------------------------------------------------------------------------------------------------
# The printed formula, for the last line


def as_matrices(A: MatrixExpression, layer: ForwardPass) -> Matrix | None:
    """A gradient as the formula of matrices that a certificate writes, or None if it is not made of products and sums.

    A name that is not an input is the output's adjoint.
    """
    parts = []
    for part in A.parts:
        if (found := as_matrices(part, layer)) is None:
            return None
        parts.append(found)
    match A.kind:
        case "name" | "symmetric":
            return Symbol(A.shape, name=A.data if A.data in layer.inputs else layer.adjoint(layer.output))
        case "ones":
            column, row = (Ones((size, "1")) for size in A.shape)
            return column if A.shape[1] == "1" else row.T if A.shape[0] == "1" else column @ row.T
        case "identity":
            return Identity(A.shape)
        case "zeros":
            return Zeros(A.shape)
        case "sum":
            return Plus(A.shape, tuple(parts))
        case "times" if not A.is_number:
            return Scaled(A.shape, tuple(parts), number=A.data)
        case "product":
            return Product(A.shape, tuple(parts))
        case "hadamard":
            return Hadamard(A.shape, tuple(parts))
        case "transpose":
            return parts[0].T
        case "trace":
            return Trace(A.shape, tuple(parts))
        case "diag":
            return Diagonal(A.shape, tuple(parts))
        case "diagonal":
            return Column(A.shape, tuple(parts))
    return None
