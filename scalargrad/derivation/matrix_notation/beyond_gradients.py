"""More than a gradient: Jacobians with their layout, Hessians, and the differential.

    >>> from .one_formula import gradients_of
    >>> by_X, by_w = gradients_of("X*w", {"X": "N D"})
    >>> jacobian_of(by_w).statement, jacobian_of(by_X).statement
    ('∂F/∂w = X', '∂F_i/∂X_kl = δ_ik w_l')
    >>> jacobian_of(by_X).as_one_matrix()
    'I ⊗ wᵀ'

No rule is written here. A gradient of tr(Gᵀ·F) is linear in G, and what stands before g_ij in its entry (k, l) is
∂F_ij/∂X_kl. A Hessian is the Jacobian of a gradient. The differential dF is what the same rules give backwards once
more: since tr(X̄ᵀ·dX) = tr(Gᵀ·dF), dF is the gradient of tr(X̄ᵀ·dX) by G.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from typing import Protocol

from ...errors import ArgumentError
from .all_dimensions import for_all_dimensions
from .expression import Dimensions, MatrixExpression, matrix_named, plain_number
from .higher_derivative import Differential, HigherDerivative
from .linear_maps import coefficients
from .polish import polished
from .reading import Reading, shown
from .routes_beyond import along_directions, by_graphs_and_differences
from .rules import reversed_through


class Gradient(Protocol):
    """What is asked of a gradient here."""

    @property
    def name(self) -> str: ...
    @property
    def reading(self) -> Reading: ...
    @property
    def function(self) -> MatrixExpression: ...
    @property
    def gradient(self) -> MatrixExpression: ...
    @property
    def output(self) -> str: ...
    @property
    def seed(self) -> MatrixExpression: ...
    @property
    def evidence(self) -> tuple[str, ...]: ...


def letters_for(reading: Reading) -> list[str]:
    """Four letters for indices, none of which is a name."""
    taken = {*reading.shapes, *reading.dimensions}
    return [letter for letter in "ijklmnabcd" if letter not in taken][:4]


def jacobian_of(gradient: Gradient) -> HigherDerivative:
    """∂F/∂X, of shape(F) + shape(X).

    Raises
    ------
    DerivationError
        If it has no form by index here, or too many terms; or if it can't be confirmed.
    """
    seed, slope, said = gradient.seed, gradient.gradient, gradient.evidence[0]
    if seed.kind != "name":
        seed = fresh_name("G", gradient.function.shape, gradient.reading)
        slope, said = linear_in(seed, gradient.function, gradient.name, gradient.reading)
    said = f"all dimensions: it is what stands before an upstream entry in the gradient; {said}"
    return by_upstream_entries(gradient, (gradient.name,), seed, slope, said)


def hessian_of(gradient: Gradient, by: str | None = None) -> HigherDerivative:
    """∂²f/∂x∂y of a number f, of shape(x) + shape(y): the Jacobian of ∂f/∂x by y, which is x unless another is named.

    Raises
    ------
    ArgumentError
        If f is not a number, or y is not an input.
    DerivationError
        As for `jacobian_of`.
    """
    reading, name = gradient.reading, by or gradient.name
    if not gradient.function.is_number:
        raise ArgumentError(
            f"a Hessian is of a number, and {gradient.output} is {shown(gradient.function.shape)}: ask for the Jacobian"
        )
    if name not in reading.shapes:
        raise ArgumentError(f"there is no input {name}: the inputs are {', '.join(reading.shapes)}")
    first = reversed_through(gradient.function, plain_number(1)).get(gradient.name)
    shape = reading.shapes[gradient.name]
    slope = first.gradient if first else plain_number(0) * matrix_named(gradient.name, shape)
    named = polished(slope)  # with σ, whose derivative is shorter than that of what is written out
    slope = slope if any(A.kind == "softmax" for A in named.walk()) else named
    seed = fresh_name("G", shape, reading)
    second, said = linear_in(seed, slope, name, reading)
    said = (
        f"all dimensions: ∂{gradient.output}/∂{gradient.name} as the gradient has it, differentiated once more; {said}"
    )
    return by_upstream_entries(gradient, (gradient.name, name), seed, second, said)


def fresh_name(letter: str, shape: Dimensions, reading: Reading) -> MatrixExpression:
    """A name that the text does not have."""
    while letter in {*reading.shapes, *reading.dimensions}:
        letter += "′"
    return matrix_named(letter, shape)


def linear_in(seed: MatrixExpression, A: MatrixExpression, name: str, reading: Reading) -> tuple[MatrixExpression, str]:
    """The gradient of tr(seedᵀ·A) by a name, which is linear in the seed; and what SymPy says of it."""
    found = reversed_through(A, seed).get(name)
    raw = found.gradient if found else plain_number(0) * matrix_named(name, reading.shapes[name])
    return polished(raw, reading.symmetric), for_all_dimensions(A, seed, {name: raw}, reading.symmetric)


def by_upstream_entries(
    gradient: Gradient, by: tuple[str, ...], seed: MatrixExpression, slope: MatrixExpression, said: str
) -> HigherDerivative:
    """The derivative that a linear formula tells, compared with graphs and differences."""
    reading = gradient.reading
    i, j, k, l = letters_for(reading)  # noqa: E741
    found = coefficients(slope, seed, first=(k, l), second=(i, j))
    matrix = found.as_matrix() if len(found.shape) <= 2 else None
    matrix = None if matrix is None else polished(matrix, reading.symmetric)
    products = found.as_kronecker() if len(found.shape) > 2 else None
    kronecker = None if products is None else tuple(products)
    result = HigherDerivative(gradient.output, by, found, matrix, kronecker, reading)
    evidence = (said, *by_graphs_and_differences(result))
    return replace(result, evidence=evidence)


def differential_of(gradients: Sequence[Gradient]) -> Differential:
    """The differential in all directions that gradients are given for.

    Raises
    ------
    ArgumentError
        If dX is the name of an input.
    DerivationError
        If it can't be confirmed.
    """
    first, *_ = gradients
    reading, function = first.reading, first.function
    names = {gradient.name: f"d{gradient.name}" for gradient in gradients}
    for name in names.values():
        if name in {*reading.shapes, *reading.dimensions}:
            raise ArgumentError(f"{name} is an input here, and is to be a differential: give the input another name")
    directions = {name: matrix_named(d, reading.shapes[name]) for name, d in names.items()}
    seed = first.seed if first.seed.kind == "name" else fresh_name("G", function.shape, reading)
    slopes = reversed_through(function, seed)
    pieces = []
    for name, direction in directions.items():
        if name not in slopes:
            continue
        slope = slopes[name].gradient
        if function.is_number:  # tr(X̄ᵀ·dX), and x̄ᵀ·dx
            slope = polished(reversed_through(function, plain_number(1))[name].gradient, reading.symmetric)
            product = slope.T @ direction
            pieces.append(product.summary("trace") if not product.is_number else product)
        else:
            back = reversed_through(slope, direction).get(seed.data)
            pieces += [] if back is None else [polished(back.gradient, reading.symmetric)]
    whole = reduce(lambda a, b: a + b, pieces) if pieces else plain_number(0) * matrix_named("0", function.shape)
    return Differential(first.output, whole, reading, along_directions(reading, whole, directions))
