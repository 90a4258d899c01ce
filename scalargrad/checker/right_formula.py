"""The right formula for a gradient that is refuted, where the forward pass is a formula that can be derived.

    >>> text_of(np.tanh, {"X": ("N", "D")})
    'np.tanh(X)'

A forward pass may be given as text, or its Python is read: assignments and what is returned. Python is read as NumPy's,
where * goes entry by entry. The formula that is derived counts only if it is right by the checker's own judgement, so
that it is never a guess about what the code does.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import ArgumentError, Error

if TYPE_CHECKING:
    from ..derivation.results import Derivations

LONGEST_LAMBDA = 500
"""Characters in which the end of a lambda is looked for."""


def derived_forward(text: str, shapes: Mapping[str, tuple[str, ...]], symmetric: frozenset[str]) -> Callable[..., Any]:
    """The forward pass that a text describes, as a function of the inputs in the order of shapes.

    Raises
    ------
    ArgumentError
        If the inputs of the text are others than those that shapes names. A `NotationError`, which is one, if the text
        is no formula.
    """
    found = derivations_of(text, tuple(words_of(shapes, symmetric).items()), False)
    names = list(found.shapes)
    if set(names) != set(shapes):
        raise ArgumentError(
            f"the formula is made of {', '.join(sorted(names))}, and shapes names {', '.join(sorted(shapes))}"
        )
    forward = found.forward

    def called(*arrays: Any) -> Any:
        by_name = dict(zip(shapes, arrays, strict=True))
        return forward(*(by_name[name] for name in names))

    kind = inspect.Parameter.POSITIONAL_ONLY
    called.__signature__ = inspect.Signature([inspect.Parameter(name, kind) for name in shapes])  # type: ignore[attr-defined]
    called.__doc__ = text
    return called


def words_of(shapes: Mapping[str, tuple[str, ...]], symmetric: frozenset[str]) -> dict[str, str]:
    """The shapes as `derive` takes them."""
    return {name: " ".join([*ds, *["symmetric"] * (name in symmetric)]) for name, ds in shapes.items()}


@lru_cache(maxsize=64)
def derivations_of(text: str, shapes: tuple[tuple[str, str], ...], is_python: bool) -> Derivations:
    """The derivations of a text, made once."""
    from ..derivation.derive import derive  # loaded when a formula is asked for, since most checks need none
    from ..derivation.matrix_notation import gradients_of
    from ..derivation.results import Derivations

    if is_python:
        return Derivations(gradients_of(text, dict(shapes), numpy=True))
    return derive(text, dict(shapes))


def text_of(forward: Callable[..., Any], shapes: Mapping[str, tuple[str, ...]]) -> str:
    """What a function of Python does as one text, statement by statement; "" if it is more than assignments.

    A dimension such as len(X) or X.shape[1] is its letter there, and a constant from outside its number.
    """
    if isinstance(forward, np.ufunc):
        return f"np.{forward.__name__}({', '.join(shapes)})"
    if not inspect.isfunction(forward):
        return ""
    try:
        source = textwrap.dedent(inspect.getsource(forward))
    except (OSError, TypeError):
        return ""
    with suppress(SyntaxError, ValueError, RecursionError):
        function = function_in(source, forward.__code__.co_varnames[: forward.__code__.co_argcount])
        return as_statements(function, shapes, constants_of(forward)) if function else ""
    return ""


def constants_of(forward: Any) -> dict[str, Any]:
    """The plain numbers that a function knows from outside."""
    outside = inspect.getclosurevars(forward)
    known = {**outside.globals, **outside.nonlocals}
    return {name: x for name, x in known.items() if isinstance(x, (int, float)) and not isinstance(x, bool)}


def function_in(source: str, names: tuple[str, ...]) -> ast.FunctionDef | ast.Lambda | None:
    """The function of these arguments in a piece of code; of several lambdas none."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # a lambda, and a part of what stands around it
        start = source.find("lambda")
        fragments = (source[start:end] for end in range(min(len(source), start + LONGEST_LAMBDA), start, -1))
        tree = next((found for text in fragments if (found := parsed(text))), ast.Module([], []))
    functions = [
        node
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.Lambda)) and tuple(a.arg for a in node.args.args) == names
    ]
    return functions[0] if len(functions) == 1 else None


def parsed(text: str) -> ast.Module | None:
    """A piece of code, if it is one."""
    try:
        return ast.parse(f"({text})")
    except (SyntaxError, ValueError):
        return None


def as_statements(
    function: ast.FunctionDef | ast.Lambda, shapes: Mapping[str, tuple[str, ...]], constants: Mapping[str, Any]
) -> str:
    """The assignments and the result with ; between, each name assigned once; "" if there is more."""
    reader = _Names(shapes, constants)
    if isinstance(function, ast.Lambda):
        return reader.code(function.body)
    lines: list[str] = []
    for statement in function.body:
        match statement:
            case ast.Expr(value=ast.Constant()):
                continue
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                pass
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                pass
            case ast.AugAssign(target=ast.Name(id=name), op=op, value=added):
                value = ast.BinOp(ast.Name(name, ast.Load()), op, added)
            case ast.Return(value=ast.expr() as value):
                value = value.elts[0] if isinstance(value, ast.Tuple) and value.elts else value
                return "; ".join([*lines, reader.code(value)])
            case _:
                return ""
        right = reader.code(value)
        lines.append(f"{reader.assigned(name)} = {right}")
    return ""


class _Names(ast.NodeTransformer):
    """Other names for what is assigned again, letters for dimensions, and numbers for constants."""

    def __init__(self, shapes: Mapping[str, tuple[str, ...]], constants: Mapping[str, Any]) -> None:
        self.shapes, self.constants = shapes, constants
        self.now = {name: name for name in shapes}

    def code(self, value: ast.expr) -> str:
        return ast.unparse(self.visit(ast.parse(ast.unparse(value), mode="eval").body))

    def assigned(self, name: str) -> str:
        self.now[name] = next(n for n in (name, *(f"{name}{k}" for k in range(2, 999))) if n not in self.now.values())
        return self.now[name]

    def dimension(self, name: str, axis: int, node: ast.AST) -> ast.AST:
        """The letter of an input's dimension; what is assigned has none that is known here."""
        if self.now.get(name) == name and axis < len(self.shapes.get(name, ())):
            return ast.parse(self.shapes[name][axis], mode="eval").body
        return node

    def visit_Name(self, node: ast.Name) -> ast.AST:
        if node.id in self.now:
            return ast.Name(self.now[node.id], node.ctx)
        return ast.Constant(self.constants[node.id]) if node.id in self.constants else node

    def visit_Call(self, node: ast.Call) -> ast.AST:
        match node:
            case ast.Call(func=ast.Name(id="len"), args=[ast.Name(id=name)]):
                return self.dimension(name, 0, node)
        return self.generic_visit(node)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        match node:
            case ast.Subscript(
                value=ast.Attribute(value=ast.Name(id=name), attr="shape"), slice=ast.Constant(value=int(k))
            ):
                return self.dimension(name, k, node)
        return self.generic_visit(node)


def right_formulas(
    text: str,
    is_python: bool,
    shapes: Mapping[str, tuple[str, ...]],
    symmetric: frozenset[str],
    is_right: Callable[[Derivations], bool],
) -> dict[str, str]:
    """The derived gradient of each input as text, if the checker finds it right; else none.

    Parameters
    ----------
    text
        What the forward pass is, as a text of a notation or as Python's statements.
    is_python
        Whether it is the latter.
    shapes, symmetric
        The dimensions of the inputs, and which of them are symmetric.
    is_right
        Asks the checker.
    """
    if not text or any(len(dimensions) > 2 for dimensions in shapes.values()):
        return {}
    try:
        found = derivations_of(text, tuple(words_of(shapes, symmetric).items()), is_python)
    except Error:  # no formula that can be derived
        return {}
    if set(found.shapes) != set(shapes) or not is_right(found):
        return {}
    return {one.name: one.statement for one in found if one.name in found.shapes}
