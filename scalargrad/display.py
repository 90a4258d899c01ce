"""How results show themselves: on a terminal, as plain text, and in a notebook, from one Rich renderable.

    >>> class Greeting(Shown):
    ...     def __rich__(self): return "α → β"
    >>> str(Greeting())
    'α → β'

Rich escapes what it prints for the medium; text that comes from users goes in as `rich.text.Text`, never as markup.
"""

from __future__ import annotations

import math
from decimal import Decimal, localcontext as decimal_context
from fractions import Fraction
from io import StringIO
from typing import Any

from .engine.numbers import Number

WIDTH = 120
"""Columns of text and HTML output, which has no terminal to ask."""


class Shown:
    """Something with a `__rich__` method, shown as text by `str` and as HTML in a notebook."""

    def __rich__(self) -> Any:
        """What Rich prints."""
        raise NotImplementedError

    def __str__(self) -> str:
        return as_text(self.__rich__())

    def _repr_html_(self) -> str:
        from rich.console import Console

        console = Console(file=StringIO(), width=WIDTH, record=True, force_jupyter=False, legacy_windows=False)
        console.print(self.__rich__(), highlight=False)
        style = "overflow-x: auto; line-height: 1.2; font-family: monospace"
        return console.export_html(inline_styles=True, code_format=f'<pre style="{style}">{{code}}</pre>')


def as_text(result: Any, width: int = WIDTH) -> str:
    """What Rich prints, as plain lines."""
    from rich.console import Console

    console = Console(file=StringIO(), width=width, color_system=None, legacy_windows=False, force_jupyter=False)
    console.print(result, highlight=False)
    lines = console.file.getvalue().splitlines()  # type: ignore[attr-defined]
    return "\n".join(line.rstrip() for line in lines)


def short(x: Number) -> str:
    """A number in few characters: 4 significant digits for floats, all of them for exact numbers unless they are long.

    >>> short(3.14159265), short(Fraction(1, 3)), short(2**64)
    ('3.142', '1/3', '18446744073709551616')
    """
    if isinstance(x, (float, complex)) or type(x).__module__ == "numpy":
        return f"{x:.4g}"
    if type(x).__module__.startswith("mpmath"):
        return str(x.context.nstr(x, 4))
    text = full(x)
    if len(text) <= 24 or not isinstance(x, (int, Fraction, Decimal)):
        return text
    try:
        return f"≈ {float(x):.4g}"
    except OverflowError:
        return text if text.startswith("≈") else f"≈ 10^{len(str(int(x))) - 1}"


def told_apart(a: Number, b: Number) -> tuple[str, str]:
    """Two different numbers in as few characters as show the difference.

    >>> told_apart(Fraction(1, 3), 2), told_apart(0.1, Fraction(1, 10))
    (('1/3', '2'), ('0.10000000000000001', '0.1'))
    """
    shown = short(a), short(b)
    as_they_are = isinstance(a, (int, Fraction)) and isinstance(b, (int, Fraction))
    digits, real = 4, hasattr(a, "__float__") and hasattr(b, "__float__")  # which complex numbers don't have
    while real and math.isfinite(a) and (shown[0] == shown[1] or (digits == 4 and not as_they_are)):
        shown = to_digits(a, digits), to_digits(b, digits)
        digits += 1
    return shown


def to_digits(x: Number, digits: int) -> str:
    """A real number to so many significant digits."""
    if type(x).__module__.startswith("mpmath"):
        return str(x.context.nstr(x, digits))
    with decimal_context() as context:
        context.prec = digits
        fraction = Fraction(x)
        return f"{(Decimal(fraction.numerator) / fraction.denominator).normalize():g}"


def full(x: Number) -> str:
    """A number with all of its digits; only the size of a whole number or fraction of thousands of digits.

    Python refuses to write those, since it takes long.
    """
    try:
        return str(x)
    except ValueError:
        fraction = Fraction(x)
        bits = abs(fraction.numerator).bit_length() - fraction.denominator.bit_length()
        return f"≈ {'-' if fraction < 0 else ''}10^{round(bits * math.log10(2))}"


def literal(text: str) -> Any:
    """Text that Rich prints as it stands: `x[0]` is not markup."""
    from rich.text import Text

    return Text(text)


def legible(text: str, limit: int = 40) -> str:
    """Text on one line and of bounded length, in which every character shows: controls and direction marks by name.

    >>> legible("two\\nlines"), legible("x" * 50, limit=5)
    ('two\u2424lines', 'xxxx…')
    """
    shown = "".join(
        character
        if character.isprintable()
        else "\u2424"  # the symbol for a new line
        if character == "\n"
        else f"⟨U+{ord(character):04X}⟩"
        for character in text[: limit + 1]
    )
    return shown if len(shown) <= limit else shown[: limit - 1] + "…"
