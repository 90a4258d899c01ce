"""DOT text as SVG, PNG or PDF, by whichever renderer there is and works.

    >>> render("digraph { a -> b }", "png")[1:4]
    b'PNG'

Layout is Graphviz's: `dot` if it is installed, else `graphviz-pure`, which the extra "diagrams" brings. Where one of
them fails the other is tried, and a warning says so.
"""

from __future__ import annotations

import shutil
import struct
import subprocess
import sysconfig
import warnings
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from ..errors import DiagramError

SECONDS = 60.0
"""How long a renderer may take."""

DOTS_PER_INCH = 144
"""Of PNG: one and a half times the dots that a screen has for each pixel of a page, so that small text is sharp."""

BEGINS = {"svg": (b"<?xml", b"<svg", b"<!DOCTYPE svg"), "png": (b"\x89PNG",), "pdf": (b"%PDF",)}
"""How a file of each format begins: a renderer that lacks one may say so on its output."""


class RendererWarning(UserWarning):
    """A renderer failed, and another has done its work."""


def renderers() -> list[str]:
    """The paths of `dot` and `graphviz-pure`, of those that there are; the second also as this Python's own script."""
    pure = shutil.which("graphviz-pure") or shutil.which("graphviz-pure", path=sysconfig.get_path("scripts"))
    return [path for path in (shutil.which("dot"), pure) if path]


RENDERERS: list[Callable[[str, str], bytes]] = []
"""Renderers of your own, for where no program can be run, as in a browser: the last is called in place of a program.

It gets DOT text and a format, such as "svg", and returns the file's bytes, or raises a DiagramError.
"""


def render(source: str, format: str, seconds: float = SECONDS) -> bytes:
    """DOT text as SVG, PNG or PDF, by the last of `RENDERERS` or by a program. Nothing is written to disk.

    Raises
    ------
    DiagramError
        If there is no renderer, if none can write the format, or if each takes longer than `seconds`.

    Warns
    -----
    RendererWarning
        If the first renderer failed, and the second has drawn it.
    """
    if RENDERERS:
        return RENDERERS[-1](source, format)
    failures: list[str] = []
    for program in renderers():
        try:
            drawn = _run(program, source, format, seconds)
        except DiagramError as error:
            failures.append(str(error))
            continue
        if failures:
            warnings.warn(f"{failures[0]}: this is drawn by {Path(program).stem}", RendererWarning, stacklevel=2)
        return drawn
    if failures:
        raise DiagramError("; and ".join(failures))
    raise DiagramError(
        "nothing here renders diagrams, and the DOT text is in .source: install Graphviz, or run "
        "pip install '.[diagrams]' in the checkout"
    )


def _run(program: str, source: str, format: str, seconds: float) -> bytes:
    """What one renderer makes of it."""
    name = Path(program).stem
    try:
        result = subprocess.run(
            [program, f"-T{format}", f"-Gdpi={DOTS_PER_INCH if format == 'png' else 72}"],
            input=source.encode(),
            capture_output=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise DiagramError(
            f"{name} did not finish within {seconds:g} seconds: draw fewer nodes, or a coarser level"
        ) from None
    except OSError as error:
        raise DiagramError(f"{name} does not run: {error.strerror or error}") from None
    if result.returncode or not result.stdout.startswith(BEGINS[format]):
        said = [line for line in result.stderr.decode(errors="replace").splitlines() if line.strip()]
        raise DiagramError(f"{name} could not write {format.upper()}: {said[0].strip() if said else 'it said nothing'}")
    return result.stdout


# ---------------------------------------------------------------------------------------------------------------------
# PNG


def png_size(png: bytes) -> tuple[int, int]:
    """The width and height of a PNG of ours on a page, in a page's pixels, of which there are 96 to the inch."""
    width, height = struct.unpack(">II", png[16:24])
    return width * 96 // DOTS_PER_INCH, height * 96 // DOTS_PER_INCH


def pdf_of_png(png: bytes) -> bytes:
    """A PDF of one page, which is the picture. PDF packs pixels as PNG does, so that they are taken as they are.

    Raises
    ------
    DiagramError
        If the pixels are not 8 bits each of red, green, blue (and opaque).
    """
    width, height, bits, kind, *_, interlaced = struct.unpack(">IIBBBBB", png[16:29])
    if bits != 8 or kind not in (2, 6) or interlaced:
        raise DiagramError("this PNG can't be put into a PDF: its pixels are not red, green and blue of 8 bits")
    pixels, at = b"", 8
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        if png[at + 4 : at + 8] == b"IDAT":
            pixels += png[at + 8 : at + 8 + length]
        at += 12 + length
    colours = 3 if kind == 2 else 4
    # What is opaque needs no fourth number: a function takes it from the stack
    space = "/DeviceRGB" if kind == 2 else "[/DeviceN [/R /G /B /A] /DeviceRGB 5 0 R]"
    page = [round(72 * size / DOTS_PER_INCH, 2) for size in (width, height)]
    place = f"{page[0]} 0 0 {page[1]} 0 0 cm /P Do".encode()
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count 1/Kids[3 0 R]>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 {page[0]} {page[1]}]/Contents 4 0 R"
        "/Resources<</XObject<</P 6 0 R>>>>>>".encode(),
        _stream("", place),
        _stream("/FunctionType 4/Domain[0 1 0 1 0 1 0 1]/Range[0 1 0 1 0 1]", b"{pop}"),
        _stream(
            f"/Type/XObject/Subtype/Image/Width {width}/Height {height}/BitsPerComponent 8/ColorSpace{space}"
            f"/Filter/FlateDecode/DecodeParms<</Predictor 15/Colors {colours}/Columns {width}>>",
            pixels,
        ),
    ]
    parts = [b"%PDF-1.4\n", *(b"%d 0 obj%b endobj\n" % (k, body) for k, body in enumerate(objects, start=1))]
    starts = [sum(map(len, parts[:k])) for k in range(1, len(parts) + 1)]
    table = "".join(f"{start:010} 00000 n \n" for start, _ in pairwise(starts))
    trailer = f"<</Size {len(parts)}/Root 1 0 R>>"
    end = f"xref\n0 {len(parts)}\n0000000000 65535 f \n{table}trailer{trailer}\nstartxref\n{starts[-1]}\n%%EOF\n"
    return b"".join(parts) + end.encode()


def _stream(words: str, content: bytes) -> bytes:
    """An object of a PDF that has content."""
    return f"<<{words}/Length {len(content)}>>stream\n".encode() + content + b"\nendstream"
