"""The notation's text, rewritten for Python's parser, and the way back from its columns to the user's.

    >>> Line(1, "X'*(X·w − y) ./ ‖w‖²").python
    'X.T*(X*w - y) // norm(w)**2'

Nothing of the text is ever run. `'`, `.T`, `^T` and `ᵀ` transpose, `.*` and `∘` multiply entry by entry, `./` divides
so, `.^` is a power so; each is written as an operator of Python's that binds as tightly. What formulas are printed with
is read too: ‖x‖, √d, A⁻ᵀ.
"""

from __future__ import annotations

import ast
import keyword
import re

from ...errors import NotationError

_TOKENS = re.compile(
    r"(?P<foreign>//|%)|(?P<number>\d+(?:\.(?![*/^'])\d*)?(?:[eE][+-]?\d+)?|\.\d+)"
    r"|(?P<word>(?!\d)(?:(?![ᵀ⁰¹²³⁴⁵⁶⁷⁸⁹])\w)+)|(?P<inverse>⁻ᵀ)|(?P<transpose>['ᵀ]|\^\s*T\b|\.T\b)"
    r"|(?P<raised>[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)|(?P<bars>‖(?:₁|₂|_1|_2|_F)?)|(?P<root>√(?=\s*\())|(?P<root_of>√\s*\w+)"
    r"|(?P<operator>\^∘|\.\*\*|\.\*|\./|\.\^|\*\*|.)",
    re.DOTALL,
)
_REWRITTEN = {
    ".*": "%", "∘": "%", "⊙": "%", "./": "//", "⊘": "//", ".^": "._entries**", "^∘": "._entries**",
    ".**": "._entries**", "^": "**",
    "·": "*", "×": "*", "−": "-", "–": "-",
}  # fmt: skip
"""How the notation's operators are written for Python's parser: at a level of precedence where they belong."""
_PLAIN = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


class Line:
    """One statement: the text, what Python's parser gets, and where in the text each byte of that comes from."""

    def __init__(self, number: int, text: str) -> None:
        self.number, self.text = number, text
        self.shift = 0  # where in `python` the text that is parsed starts
        pieces: list[str] = []
        self.origins: list[int] = []
        opened: int | None = None  # the piece that opened a norm
        for token in _TOKENS.finditer(text):
            piece = token.group()
            match token.lastgroup:
                case "foreign":
                    piece = "?"  # no operator of ours, and none of Python's, whose // and % stand for ./ and .* here
                case "inverse":
                    piece = "._inverse.T"
                case "transpose":
                    piece = ".T"
                case "raised":
                    piece = "**" + piece.translate(_PLAIN)
                case "root":
                    piece = "sqrt"
                case "root_of":
                    piece = f"sqrt({piece[1:].strip()})"
                case "bars" if opened is None:
                    opened, piece = len(pieces), "norm("
                case "bars":
                    if piece[-1] in "1₁":
                        pieces[opened or 0] = "norm1("
                        at = len("".join(pieces[: opened or 0]).encode()) + len("norm")
                        self.origins.insert(at, self.origins[at])
                    opened, piece = None, ")"
                case "word" if keyword.iskeyword(piece):
                    piece += "_"  # lambda is a fine name for a number
                case "operator":
                    piece = _REWRITTEN.get(piece, piece)
            if piece.startswith(".") and pieces and pieces[-1][-1:].isdigit():
                piece = " " + piece  # 2.T is no number
            pieces.append(piece)
            self.origins += [token.start()] * len(piece.encode())
        self.python = "".join(pieces)
        self.origins.append(len(text))

    def column(self, offset: int) -> int:
        """Where in the text a byte of what was parsed comes from."""
        return self.origins[min(offset + self.shift, len(self.origins) - 1)]

    def error(self, message: str, node: ast.AST | None = None) -> NotationError:
        """One that says where."""
        column = self.column(getattr(node, "col_offset", 0)) + 1
        return NotationError(f"statement {self.number}, column {column}: {message}")

    def source(self, node: ast.AST, which: int = 0) -> str:
        """The text of an operand, as the user wrote it."""
        children = [node.left, node.right] if isinstance(node, ast.BinOp) else getattr(node, "args", None) or [node]
        child = children[min(which, len(children) - 1)]
        start, end = child.col_offset, child.end_col_offset or child.col_offset
        return self.text[self.column(start) : self.column(end)].strip()
