"""What a reader wrote, run: what it printed, what it made, and pages of that; or which line is wrong, and why.

    >>> session = Session()
    >>> found = session.run("x = Value(3)\\ny = Value(4)\\nL = x*y + x\\nprint(L.data)")
    >>> found["printed"], found["summary"], found["views"]
    ('15\\n', 'L = 15', ['steps', 'diagram'])
    >>> session.run("x = Value(3)\\ny = x * z")["error"]
    {'line': 2, 'text': "NameError: name 'z' is not defined"}

What is shown is the last expression, or else what was assigned last. Names of variables become labels. An expression by
itself, such as `x*y + sin(x)` or `X @ W`, gets numbers for the names that it doesn't say.
"""

from __future__ import annotations

import ast
import builtins
import re
import traceback
from collections.abc import Callable, Iterator
from contextlib import redirect_stdout
from decimal import Decimal
from fractions import Fraction
from html import escape
from importlib import import_module
from io import StringIO
from typing import Any
from xml.etree import ElementTree

from ..display import legible
from ..engine.ops import TABLE, Op
from ..engine.sweep import adjoints, backward, topological_order
from ..engine.value import Value, sum
from ..errors import Error
from ..pictures import draw, step_through
from ..pictures.document import brief
from ..pictures.explorer.page import explorer_page
from ..pictures.stepper.page import plain_copy
from .small_matrix import LATEST, ProductLayer, SmallMatrix, contents, gradient_of, gradients, label_entries, matrix

FILE = "<your program>"
"""The name under which it is compiled: so its lines are told from ours in a traceback."""

PRINTED = 20_000
"""Characters that are shown of what it prints."""

ROWS = 60
"""Lines of the table of gradients."""

CALLED_BY_NAME = ("exp", "log", "sqrt", "sin", "cos", "tan", "tanh", "sigmoid", "relu", "softplus")
"""Functions that a program may call by their names alone, of Values as of numbers."""

IN_PLACE_OF_NUMPY = {
    "values": matrix,
    "data": contents,
    "grads": gradients,
    "grad": gradient_of,
    "backward": lambda outputs, seeds=None: backward(getattr(outputs, "entries", outputs), seeds),
    "sum": lambda terms: sum(getattr(terms, "entries", terms)),
}
"""What `sg` has by these names in the playground."""


class API:
    """`sg` in the playground: the public API, but matrices don't need NumPy."""

    def __getattr__(self, name: str) -> Any:
        if name in IN_PLACE_OF_NUMPY:
            return IN_PLACE_OF_NUMPY[name]
        return getattr(import_module(__package__.partition(".")[0]), name)


class Printed(StringIO):
    """What a program prints, up to a length."""

    full = False

    def write(self, text: str) -> int:
        room = PRINTED - self.tell()
        if not self.full:
            self.full = len(text) > room
            super().write(text[:room] + "\n…" if self.full else text)
        return len(text)


class Session:
    """The programs of one page, one after the other: the latest can be looked at in more than one way."""

    def __init__(self) -> None:
        self.output: Value | None = None
        self.layer: ProductLayer | None = None

    def run(self, source: str) -> dict[str, Any]:
        """Run a program.

        Returns
        -------
        `printed`; and `error`, with the reader's `line` (or None) and a `text`; or `summary`, `note`, a `table` of
        [name, number, ∂output/∂name], and the `views` that there are, the best one first. It raises nothing, not even
        where the program does.
        """
        printed = Printed()
        self.output = self.layer = None
        LATEST.clear()
        try:
            with redirect_stdout(printed):
                found = self._understood(*evaluated(source))
        except BaseException as error:  # SystemExit and KeyboardInterrupt too: it is the reader's program
            return {"error": described(error), "printed": printed.getvalue()}
        if not found["views"] and not printed.getvalue():
            text = "there is no Value to show: make one, such as L = x*y + x with x = Value(3)"
            return {"error": {"line": None, "text": text}, "printed": ""}
        return {**found, "printed": printed.getvalue()}

    def _understood(self, result: Any, names: dict[str, Any], note: str) -> dict[str, Any]:
        """What there is to say of a result, which is kept for the views."""
        name_nodes(result, names)
        said = names.get("", "the result")
        if isinstance(result, SmallMatrix):
            size = "×".join(map(str, result.shape))
            result = result.sum()
            result.label = "L"
            summary = f"{said} is {size}; L is the sum of its entries, {brief(result.data)}"
        elif isinstance(result, Value):
            summary = f"{result.label or said} = {brief(result.data)}"
        else:
            return {"summary": "", "note": note, "table": [], "rest": 0, "views": []}
        gradient = adjoints(result)
        product = next((Y for Y in reversed(LATEST) if all(y in gradient for y in Y.entries)), None)
        self.output, self.layer = result, ProductLayer(product, result) if product else None
        named = sorted((node for node in gradient if node.label), key=in_reading_order)
        return {
            "summary": legible(summary, 200),
            "note": note,
            "table": [[legible(node.label), brief(node.data), brief(gradient[node])] for node in named[:ROWS]],
            "rest": max(0, len(named) - ROWS),
            "views": [*(["matrices"] if self.layer else []), "steps", "diagram"],
        }

    def show(self, view: str) -> dict[str, Any]:
        """One of the views of the latest result: `html` of a page and its `title`; or `error`, as of `run`."""
        try:
            if view == "steps":
                page: Any = step_through(self.output)  # type: ignore[arg-type]  # which says what is wrong
                return {"html": page.html, "title": page.title}
            if view == "matrices":
                page = explorer_page(self.layer)
                return {"html": page.html, "title": page.title}
            return diagram_page(self.output)
        except Error as error:
            return {"error": {"line": None, "text": str(error)}}


def diagram_page(output: Any) -> dict[str, Any]:
    """A page with the diagram."""
    diagram = draw(output)
    title = f"Diagram of {legible(output.label) or 'the result'}, at the level of {diagram.level}"
    svg = ElementTree.tostring(plain_copy(ElementTree.fromstring(diagram.svg())), encoding="unicode")
    html = (
        f'<!doctype html><html lang="en-GB"><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="color-scheme" content="light dark"><div role="img" aria-label="{escape(title)}">'
        f"{svg}</div>"
    )
    return {"html": html, "title": title}


# ---------------------------------------------------------------------------------------------------------------------
# Running


def names_at_hand() -> dict[str, Any]:
    """What a program finds without an import."""
    sg = API()
    functions: dict[str, Any] = {name: entry_by_entry(TABLE[name]) for name in CALLED_BY_NAME}
    return {**functions, "Value": Value, "Fraction": Fraction, "Decimal": Decimal, "sg": sg, "__name__": "__main__"}


def entry_by_entry(op: Op) -> Callable[[Any], Any]:
    """An operation that takes matrices too."""

    def function(x: Any) -> Any:
        return x.map(op) if isinstance(x, SmallMatrix) else op(x)

    return function


def importing(name: str, *rest: Any, **more: Any) -> Any:
    """`import`, by which a program gets the playground's `sg`, and micrograd's Value is ours."""
    if name == "scalargrad":
        return API()
    if name in ("micrograd", "micrograd.engine"):
        return Micrograd()
    return builtins.__import__(name, *rest, **more)


class Micrograd:
    """What `from micrograd.engine import Value` finds."""

    Value = Value


def evaluated(source: str) -> tuple[Any, dict[str, Any], str]:
    """The result of a program, the variables that it made, and a note on what was added."""
    tree = ast.parse(source, FILE)
    names = names_at_hand()
    known = set(names)
    names["__builtins__"] = {**vars(builtins), "__import__": importing}
    note = supplied(tree, names)
    last = tree.body[-1] if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    body = ast.Module(tree.body[:-1] if last else tree.body, [])
    exec(compile(body, FILE, "exec"), names)
    result = eval(compile(ast.Expression(last.value), FILE, "eval"), names) if last else None
    made = {name: x for name, x in names.items() if name not in known and not name.startswith("__")}
    if last is not None and not isinstance(result, (Value, SmallMatrix)):
        if result is not None:
            print(repr(result))
        last = None
    if last is None:
        result = next((x for x in assigned_last(tree, made) if isinstance(x, (Value, SmallMatrix))), None)
    elif not isinstance(last.value, ast.Name):
        made = {**made, "": ast.unparse(last.value)}
    return result, made, note


def supplied(tree: ast.Module, names: dict[str, Any]) -> str:
    """Numbers for the names of a program that is one expression, and a note that says which."""
    match tree.body:
        case [ast.Expr(value=ast.expr() as expression)]:
            pass
        case _:
            return ""
    bound = {node.arg for node in ast.walk(expression) if isinstance(node, ast.arg)}
    bound |= {
        node.id for node in ast.walk(expression) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }
    used = sorted(
        (node.lineno, node.col_offset, node.id) for node in ast.walk(expression) if isinstance(node, ast.Name)
    )
    free = [
        name
        for name in dict.fromkeys(name for _, _, name in used)
        if name not in names and name not in bound and not hasattr(builtins, name)
    ]
    for k, name in enumerate(free):
        if name[0].isupper():
            rows = [[4 * k + 2 * i + j + 1 for j in range(2)] for i in range(2)]
            names[name] = matrix(rows, name.lower())
        else:
            names[name] = Value(k + 2, name)
    said = "; ".join(assignment(name, names[name]) for name in free)
    return f"Your expression doesn't say its numbers, so these were taken: {said}" if free else ""


def assignment(name: str, given: Value | SmallMatrix) -> str:
    """The line that a reader would write."""
    return f"{name} = {f'sg.values({given.numbers()})' if isinstance(given, SmallMatrix) else f'Value({given.data})'}"


def assigned_last(tree: ast.Module, made: dict[str, Any]) -> Iterator[Any]:
    """What the program's own lines assign, from the last on; then whatever else it made."""
    for statement in reversed(tree.body):
        match statement:
            case ast.Assign(targets=[ast.Name(id=name)]) | ast.AugAssign(target=ast.Name(id=name)):
                yield made.get(name)
            case ast.AnnAssign(target=ast.Name(id=name)):
                yield made.get(name)
    yield from reversed(made.values())


# ---------------------------------------------------------------------------------------------------------------------
# Names and errors


def name_nodes(result: Any, names: dict[str, Any]) -> None:
    """Label what has no label by the variable that holds it, also in a list or a matrix: `w[0]`."""
    ends = result.entries if isinstance(result, SmallMatrix) else [result]
    inside = set(topological_order([x for x in ends if isinstance(x, Value)]))

    def label(x: Any, name: str) -> None:
        if isinstance(x, Value) and x in inside and not x.label:
            x.label = name
        elif isinstance(x, SmallMatrix):
            label_entries(x, name)
        elif isinstance(x, (list, tuple)):
            for i, one in enumerate(x):
                label(one, f"{name}[{i}]")

    for name, x in names.items():
        if name and not name.startswith("_"):
            label(x, name)


def in_reading_order(node: Value) -> tuple[bool, list[tuple[str, int]]]:
    """Leaves first, and w[2] before w[10]."""
    parts = re.findall(r"(\D*)(\d*)", node.label)
    return bool(node.inputs), [(text, int(digits or 0)) for text, digits in parts]


def described(error: BaseException) -> dict[str, Any]:
    """The reader's line, and what is wrong there."""
    if isinstance(error, SyntaxError) and error.filename == FILE:
        return {"line": error.lineno, "text": f"{type(error).__name__}: {error.msg}"}
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == FILE]
    text = str(error) if isinstance(error, Error) else f"{type(error).__name__}: {error}"
    if isinstance(error, ModuleNotFoundError) and error.name:
        text = (
            f"{error.name} is not in the playground, which has Python's standard library and scalargrad's graphs, "
            "steps and small matrices; installed, scalargrad does the rest"
        )
    if isinstance(error, RecursionError):
        text = "RecursionError: a function calls itself without end, or too deep for a browser"
    return {"line": lines[-1] if lines else None, "text": text}
