"""A page that is one HTML file: it needs no network and no server, and lets nothing in or out.

    >>> document = Document("<!doctype html>…", "A page")
    >>> document.html, document
    ('<!doctype html>…', Document('A page'))

A folder with `page.html.j2`, `page.css` and `page.js` becomes such a file by `filled`, together with what `live` has
for all pages. Whatever comes from users is escaped, and a content security policy allows the page's own script and
style and nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from html import escape
from importlib.resources import files
from pathlib import Path
from typing import Any

from ..display import full, legible, short
from ..engine.numbers import Number
from ..errors import DiagramError, MissingExtraError
from .diagram import Diagram


@dataclass(frozen=True, repr=False)
class Document:
    """A page in one HTML file, which shows itself in a notebook.

    Attributes
    ----------
    html
        The text of the file.
    title
        The title of the page.
    still
        Makes the picture that a notebook keeps for where the page can't run.
    """

    html: str
    title: str
    still: Callable[[], Diagram] | None = field(default=None, kw_only=True, compare=False)

    def save(self, path: str | Path) -> Path:
        """Write the page to a file, and return its path."""
        path = Path(path)
        path.write_bytes(self.html.encode())
        return path

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.title!r})"

    def _repr_html_(self) -> str:
        """The page in a frame of its own, which can run its script and touch nothing outside."""
        return (
            f'<iframe sandbox="allow-scripts" srcdoc="{escape(self.html)}" title="{escape(self.title)}" '
            'width="100%" height="760" style="border: 1px solid #767676; border-radius: 6px"></iframe>'
        )

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> Any:
        """The page, and a still picture for where scripts don't run: a notebook that is not trusted, GitHub, LaTeX."""
        formats, about = _as_still(self.still)
        html = self._repr_html_()
        if formats:  # where the page is taken out of the HTML, so is the style, and the picture appears
            html = (
                f"<style>.scalargrad-still {{ display: none !important }}</style>{html}"
                f'<img class="scalargrad-still" src="data:image/png;base64,{formats["image/png"]}" '
                f'alt="{escape(about["image/png"]["alt"])}" style="max-width: 100%">'
            )
        return {"text/html": html, "text/plain": repr(self), **formats}, about


def _as_still(still: Callable[[], Diagram] | None) -> tuple[dict[str, str], dict[str, Any]]:
    """A still picture as a notebook keeps it; nothing where none can be drawn."""
    if still is None:
        return {}, {}
    try:
        formats, about = still().bundle("", seconds=10)
    except (MissingExtraError, DiagramError):
        return {}, {}
    return {"image/png": formats["image/png"]} if about else {}, about


SHARED = f"{__package__}.live"
"""The package with the style and the scripts that all pages have."""


class Trusted(str):
    """Text that the template takes as it is."""

    def __html__(self) -> str:
        return str(self)


def filled(folder: str, **words: Any) -> str:
    """The page of a folder, filled with words; all but `Trusted` ones are escaped.

    Parameters
    ----------
    folder
        The name of the package with the template, the style and the script.

    Raises
    ------
    MissingExtraError
        If jinja2 is not installed.
    """
    try:
        from jinja2 import Environment, StrictUndefined
    except ModuleNotFoundError:
        raise MissingExtraError("the page needs the package jinja2", "diagrams") from None
    style = "".join(_part(*part) for part in ((SHARED, "live.css"), (folder, "page.css")))
    script = "".join(_part(*part) for part in ((SHARED, "arithmetic.js"), (SHARED, "live.js"), (folder, "page.js")))
    template = Environment(
        autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True, trim_blocks=True, lstrip_blocks=True
    ).from_string(_part(folder, "page.html.j2"))
    hashes = {"style_hash": _hash_source(style), "script_hash": _hash_source(script)}
    return template.render(style=Trusted(style), script=Trusted(script), **hashes, **words)


@cache
def _part(folder: str, name: str) -> str:
    """A file of the folder."""
    return (files(folder) / name).read_text(encoding="utf-8")


def _hash_source(text: str) -> str:
    """How a content security policy names the one inline text that it allows."""
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"


def script_data(data: Any) -> Trusted:
    """What the script reads, as JSON that stays inside its script element, whatever the texts in it are."""
    text = json.dumps(data, separators=(",", ":"))
    for character in "<>&":  # all that is not ASCII is escaped already
        text = text.replace(character, f"\\u{ord(character):04x}")
    return Trusted(text)


def brief(x: Number) -> str:
    """A number in a box or a formula: one short line."""
    return legible(short(x))


def brief_and_full(x: Number) -> list[str]:
    """A number as it is shown, and in full if that is longer."""
    shown, digits = brief(x), full(x)
    return [shown] if shown == digits else [shown, digits]
