"""The right formula for a gradient that is refuted, where the forward pass is a formula that can be derived.

    >>> def forward(X, W):
    ...     return X @ W
    >>> text_of(lambda X, W: X @ W)
    'X @ W'

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
from typing import Any

from ..derivation.derive import derive
from ..derivation.matrix_notation import OneFormula, gradients_of
from ..derivation.results import Derivations
from ..errors import ArgumentError, Error

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
    if is_python:
        return Derivations(gradients_of(text, dict(shapes), numpy=True))
    return derive(text, dict(shapes))


def text_of(forward: Callable[..., Any]) -> str:
    """What a function of Python does as one text, statement by statement; "" if it is more than assignments."""
    try:
        source = textwrap.dedent(inspect.getsource(forward))
    except (OSError, TypeError):
        return ""
    with suppress(SyntaxError, ValueError, RecursionError):
        return as_statements(function_in(source, forward.__code__.co_varnames[: forward.__code__.co_argcount]))
    return ""


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


def as_statements(function: ast.FunctionDef | ast.Lambda | None) -> str:
    """The assignments and the result with ; between, each name assigned once; "" if there is more."""
    if function is None:
        return ""
    if isinstance(function, ast.Lambda):
        return ast.unparse(function.body)
    now = {argument.arg: argument.arg for argument in function.args.args}
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
                return "; ".join([*lines, renamed_names(value, now)])
            case _:
                return ""
        right = renamed_names(value, now)
        now[name] = next(n for n in (name, *(f"{name}{k}" for k in range(2, 999))) if n not in now.values())
        lines.append(f"{now[name]} = {right}")
    return ""


def renamed_names(value: ast.expr, now: Mapping[str, str]) -> str:
    """The code of an expression with other names for what was assigned before."""

    class Renamed(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.Name:
            return ast.Name(now.get(node.id, node.id), node.ctx)

    return ast.unparse(Renamed().visit(ast.parse(ast.unparse(value), mode="eval").body))


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
    return {one.name: one.statement for one in found if isinstance(one, OneFormula) or one.name in found.shapes}
