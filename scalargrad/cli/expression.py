"""Expressions and functions whose inputs are given by name, as in `scalargrad step "x*x + 3*x" x=2`.

    >>> y = evaluate("x*x + 3*tanh(x)", {"x": 0})
    >>> y.data, y.op
    (0.0, Op('+'))

An expression is written as in Python, of numbers, names, + - * / ** % and the functions of the table, `tanh(x)` or
`x.tanh()`. It is read, and never run as a program.
"""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable, Iterable, Mapping
from fractions import Fraction
from operator import add, mod, mul, neg, pos, sub, truediv
from typing import Any

from ..engine.ops import TABLE
from ..engine.value import Value
from ..errors import ArgumentError

OPERATORS: dict[type, Callable[..., Any]] = {
    ast.Add: add,
    ast.Sub: sub,
    ast.Mult: mul,
    ast.Div: truediv,
    ast.Mod: mod,
    ast.USub: neg,
    ast.UAdd: pos,
}

EXPONENT = 1000
"""The largest power of a number: of larger ones, one would wait for the digits."""


def given_numbers(words: Iterable[str]) -> dict[str, int | float | Fraction]:
    """{name: number} of words such as `x=2`, `y=1/3` and `z=0.5`: an int, a Fraction and a float.

    Raises
    ------
    ArgumentError
        If a word is not of this form, or gives a name twice.
    """
    found: dict[str, int | float | Fraction] = {}
    for word in words:
        name, _, text = (part.strip() for part in word.partition("="))
        number = _number(text)
        if not name.isidentifier() or number is None:
            raise ArgumentError(f"{word!r} gives no number to a name: write x=2, x=1/3 or x=0.5")
        if name in found:
            raise ArgumentError(f"{name} is given twice")
        found[name] = number
    return found


def _number(text: str) -> int | float | Fraction | None:
    for kind in (int, Fraction if "/" in text else float):
        try:
            return kind(text)
        except (ValueError, ZeroDivisionError):
            continue
    return None


def evaluate(text: str, numbers: Mapping[str, Any]) -> Value:
    """The Value that an expression makes of inputs, each of which gets its name as its label.

    Raises
    ------
    ArgumentError
        If the text is not such an expression, or if its names and those that are given are not the same.
    """
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise ArgumentError(f"{text!r} can't be read as an expression: {getattr(error, 'msg', error)}") from None
    called = {id(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    names = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in called}
    for name in sorted(names - numbers.keys()):
        raise ArgumentError(f"{name} has no number: add {name}=2")
    for name in sorted(numbers.keys() - names):
        raise ArgumentError(f"{name} is not in {text!r}")
    inputs = {name: Value(number, name) for name, number in numbers.items()}
    output = _value(tree, inputs)
    if not isinstance(output, Value):
        raise ArgumentError(f"{text!r} has no input: write a name in it, and give it a number, as in x=2")
    return output


def _value(node: ast.expr, inputs: Mapping[str, Value]) -> Any:
    """What a part of an expression comes to: a Value, or a plain number."""
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return number
        case ast.Name(id=name):
            return inputs[name]
        case ast.UnaryOp(op=op, operand=operand) if type(op) in OPERATORS:
            return OPERATORS[type(op)](_value(operand, inputs))
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            base, exponent = _value(left, inputs), _value(right, inputs)
            if not isinstance(exponent, Value) and abs(exponent) > EXPONENT:
                raise ArgumentError(f"the power {ast.unparse(node)} is too large: the limit is {EXPONENT}")
            return base**exponent
        case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
            return OPERATORS[type(op)](_value(left, inputs), _value(right, inputs))
        case ast.Call(func=ast.Name(id=name), args=args, keywords=[]):
            return _function(name, [_value(x, inputs) for x in args])
        case ast.Call(func=ast.Attribute(value=first, attr=name), args=args, keywords=[]):
            return _function(name, [_value(x, inputs) for x in (first, *args)])
    raise ArgumentError(
        f"{ast.unparse(node)!r} is not part of an expression: write numbers, names, + - * / ** % and functions"
    )


def _function(name: str, operands: list[Any]) -> Any:
    row = TABLE.get(name)
    if row is None or not name.isidentifier():
        raise ArgumentError(
            f"there is no function {name!r}: there are exp, log, tanh, relu, max and others of the table"
        )
    if row.arity not in (None, len(operands)):
        raise ArgumentError(f"{name} takes {row.arity} number{'s' * (row.arity != 1)}, and got {len(operands)}")
    return row(*operands)


def arguments_for(
    function: Callable[..., Any], numbers: Mapping[str, Any], name: str
) -> tuple[list[Any], dict[str, Any]]:
    """What to call a function with: Values with its parameters' names, of the numbers given, else of its defaults.

    Raises
    ------
    ArgumentError
        If a parameter has no number, or if a name that is given is not one of its parameters.
    """
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError):  # a built-in one
        parameters = inspect.signature(lambda: None).parameters
    for given in numbers:
        if given not in parameters:
            raise ArgumentError(f"{name} has no parameter {given}")
    positional: list[Any] = []
    named: dict[str, Any] = {}
    for parameter in parameters.values():
        if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
            continue
        number = numbers.get(parameter.name, parameter.default)
        if number is parameter.empty:
            raise ArgumentError(f"{name} needs a number for {parameter.name}: add {parameter.name}=2")
        plain = isinstance(number, (int, float, Fraction)) and not isinstance(number, bool)
        x = Value(number, parameter.name) if plain else number
        if parameter.kind is parameter.KEYWORD_ONLY:
            named[parameter.name] = x
        else:
            positional.append(x)
    return positional, named
