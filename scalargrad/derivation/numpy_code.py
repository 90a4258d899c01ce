"""The derivation of a forward pass in index notation as code: a function of NumPy arrays that runs.

    >>> from .notation import read
    >>> print(numpy_source(read("y[a,b] = tanh(sum(k, x[a,k]*w[k,b]))"), "w"))
    import numpy as np
    <BLANKLINE>
    <BLANKLINE>
    def y_by_w(x, w, g):
        z = np.einsum("ak,kb->ab", x, w)
        y = np.tanh(z)
        z_bar = g * (1 - np.tanh(z)**2)
        gradient = np.einsum("aj,ai->ij", z_bar, x)
        return y, gradient

Each sum is one of `np.einsum`, so that it serves arrays of any number of dimensions.
"""

from __future__ import annotations

from collections.abc import Sequence

from ..engine.ops import Op
from ..errors import ArgumentError
from .differentiation import gradient
from .matrix_notation.expression import ONE_BY_ONE, MatrixExpression, matrix_named
from .matrix_notation.rules import slope
from .matrix_notation.writing import InNumPy, python_name
from .terms import BAR, DELTA, Factor, Formula, ForwardPass, Term

_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"


def numpy_source(layer: ForwardPass, name: str) -> str:
    """The source of a function that returns the output and its gradient by an input.

    Its arguments are the inputs, then the upstream gradient if the output is not a number.

    Raises
    ------
    ArgumentError
        If the name is not an input.
    """
    if name not in layer.inputs:
        raise ArgumentError(f"{name} is made on the way: ask for the code of an input, {', '.join(layer.inputs)}")
    arguments = [*layer.inputs, *([] if layer.is_scalar else [layer.adjoint(layer.output)])]
    body = []
    for statement in layer.statements:
        right = formula_code(Formula(statement.terms, statement.indices))
        if statement.function:
            right = call_code(statement.function, right)
        body.append(f"{code_name(statement.name)} = {right}")
    needed = {name}
    for statement in layer.statements:
        if any(statement.uses(one) for one in needed):
            needed.add(statement.name)
    for statement in reversed(layer.statements[:-1]):
        if statement.name in needed:
            found = formula_code(gradient(layer, statement.name))
            body.append(f"{code_name(layer.adjoint(statement.name))} = {found}")
    body.append(f"gradient = {formula_code(gradient(layer, name))}")
    body.append(f"return {code_name(layer.output)}, gradient")
    words = set(" ".join(body).replace("(", " ").replace(")", " ").replace(",", " ").split())
    sizes = [f"{letter} = {size_code(layer, letter, arguments)}" for letter in layer.dimensions if letter in words]
    head = f"def {code_name(layer.output)}_by_{code_name(name)}({', '.join(map(code_name, arguments))}):"
    return "import numpy as np\n\n\n" + "\n    ".join([head, *sizes, *body])


def code_name(name: str) -> str:
    """A name as Python takes it: z_bar of an adjoint."""
    return python_name(name.replace(BAR, "_bar").replace("′", "_"))


def size_code(layer: ForwardPass, letter: str, arguments: Sequence[str]) -> str:
    """A dimension, from the shape of an argument."""
    for name in arguments:
        if letter in layer.shape(name):
            return f"np.shape({code_name(name)})[{layer.shape(name).index(letter)}]"
    raise ArgumentError(f"no input has the dimension {letter}, so code can't know it")


def call_code(function: Op, argument: str) -> str:
    """A function of each entry."""
    return InNumPy().written(MatrixExpression("apply", ONE_BY_ONE, (matrix_named(argument, ONE_BY_ONE),), function))


def factor_code(factor: Factor) -> str:
    """An array, a power of it, or f′ of each entry."""
    name = matrix_named(code_name(factor.name), ONE_BY_ONE)
    if factor.function:
        node = MatrixExpression("apply", ONE_BY_ONE, (name,), factor.function)
        return InNumPy().bracketed(slope(node, name), 5)
    if factor.exponent == 1:
        return code_name(factor.name)
    exponent = factor.exponent
    whole = exponent.denominator == 1  # as a float, since NumPy has no negative powers of whole numbers
    return f"{code_name(factor.name)} ** ({float(exponent) if whole else InNumPy().number(exponent)})"


def formula_code(formula: Formula) -> str:
    """A sum of products, by NumPy."""
    text = ""
    for term in formula.terms:
        negative = term.coefficient < 0
        piece = term_code(formula, term.times(-1 if negative else 1))
        text += f" {'-' if negative else '+'} {piece}" if text else "-" * negative + piece
    if text:
        return text
    return f"np.zeros(({', '.join(size for _, size in formula.free)},))" if formula.free else "0.0"


def term_code(formula: Formula, term: Term) -> str:
    """One product: numbers by *, arrays by np.einsum."""
    ranges = dict(formula.free + term.bound)
    own = {index: index for index in ranges if index in _LETTERS}  # α and k′ get letters that np.einsum takes
    others = iter(letter for letter in _LETTERS if letter not in own)
    letters = {index: own.get(index) or next(others) for index in ranges}
    numbers = [InNumPy().number(term.coefficient)] if term.coefficient != 1 else []
    operands, specs = [], []
    for factor in term.factors:
        if factor.name == DELTA:
            operands.append(f"np.eye({ranges[factor.indices[0]]})")
        elif not factor.indices:
            numbers.append(factor_code(factor))
            continue
        else:
            operands.append(factor_code(factor))
        specs.append("".join(letters[index] for index in factor.indices))
    for index, size in ranges.items():
        if not any(letters[index] in spec for spec in specs):
            if index in dict(term.bound):
                numbers.append(size)
            else:
                operands.append(f"np.ones({size})")
                specs.append(letters[index])
    target = "".join(letters[index] for index in formula.indices)
    if operands and all(spec == target for spec in specs):
        numbers += operands
    elif operands:
        numbers.append(f'np.einsum("{",".join(specs)}->{target}", {", ".join(operands)})')
    return " * ".join(f"({x})" if "/" in x and x[0].isdigit() else x for x in numbers) or "1.0"
