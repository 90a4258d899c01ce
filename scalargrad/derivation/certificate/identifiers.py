"""Identifiers of Coq for the letters of a derivation: arrays, indices, sizes and functions.

    >>> names = Identifiers({"define"})
    >>> names.array("x"), names.index("x"), names.size("N"), names.array("define")
    ('x', 'x_', 'dN', 'define_')

An index may have the letter of an array, and a user may call an array what Coq calls a command.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..terms import BAR

SINGLE = frozenset("RLDIdVF")
"""Letters that mean something in every certificate."""


class Identifiers:
    """One identifier for each letter of each kind, no two of them the same."""

    def __init__(self, reserved: Iterable[str]) -> None:
        self.taken = {word for word in reserved if len(word) > 1} | SINGLE
        self.known: dict[tuple[str, str], str] = {}

    def of(self, kind: str, letter: str, wish: str) -> str:
        """The identifier of a letter of this kind: the one wished for, with as many underscores as make it new."""
        if (kind, letter) not in self.known:
            # Coq takes Latin and Greek letters; others become their code points.
            name = re.sub(r"[^A-Za-z0-9_'Α-Ωα-ω]", lambda x: f"u{ord(x[0]):x}", wish)
            name = name if re.match(r"[^\W\d_]", name) else f"v{name}"
            while name in self.taken:
                name += "_"
            self.taken.add(name)
            self.known[kind, letter] = name
        return self.known[kind, letter]

    def array(self, letter: str) -> str:
        """What is computed or given, or an adjoint: z̄ is z_bar."""
        return self.of("array", letter, letter.replace(BAR, "_bar"))

    def index(self, letter: str) -> str:
        """k, or k' for k′."""
        return self.of("index", letter, letter.replace("′", "'"))

    def size(self, letter: str) -> str:
        """A size, dN for N, since an index may be called n and an array N; 1 is itself."""
        return "1" if letter == "1" else self.of("size", letter, f"d{letter}")

    def function(self, symbol: str, primed: bool = False) -> str:
        """An elementary function, or its derivative."""
        return self.of("function", symbol + "′" * primed, symbol + "'" * primed)
