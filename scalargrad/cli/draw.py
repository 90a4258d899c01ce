"""`scalargrad draw`: a diagram of the layer, to a file, as DOT, or as a tree of text.

>>> from scalargrad.cli import main
>>> main(["draw", "--level", "none"])
2
"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from pathlib import Path

from ..display import as_text
from ..pictures import FORMATS, LEVELS, draw, text_tree
from .options import add_loss_options, chosen_loss, show


class DrawCommand:
    """Draw the layer with a loss on top."""

    description = "The layer with a loss on top, with the local partials on its arrows."
    epilog = "In Python, with import scalargrad as sg: sg.draw(L)."

    def add_options(self, words: ArgumentParser) -> None:
        add_loss_options(words)
        words.add_argument("--term", metavar="ENTRY", help="highlight the paths from this entry to L, such as x[0,1]")
        words.add_argument("--only-paths", action="store_true", help="with --term: draw nothing but these paths")
        words.add_argument("--level", choices=LEVELS, help="the finest that can be read, if not given")
        words.add_argument("--out", metavar="FILE", help=f"write a file: .{', .'.join(FORMATS)}; else print DOT")
        words.add_argument(
            "--text", action="store_true", help="an indented tree in place of a drawing, printed or to the file"
        )

    def run(self, options: Namespace) -> int:
        """Write the file, or print."""
        L = chosen_loss(options)
        L.backward()
        if options.text:
            tree = text_tree(L)
            if options.out:
                Path(options.out).write_text(as_text(tree) + "\n", encoding="utf-8")
            else:
                show(tree)
            return 0
        drawing = draw(
            L, terms=(options.term, L) if options.term else None, level=options.level, only_paths=options.only_paths
        )
        if not options.out:
            print(drawing.source)
            return 0
        drawing.save(options.out)
        if drawing.caption:
            print(drawing.caption)
        return 0
