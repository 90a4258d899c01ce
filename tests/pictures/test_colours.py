"""Whoever sees little contrast, or no colours at all, can read the pages: 4.5 : 1 for text, 3 : 1 for lines."""

from __future__ import annotations

import re
from importlib.resources import files
from itertools import product

import pytest


def rules(*parts: str) -> str:
    folder = files("scalargrad.pictures")
    return "".join(folder.joinpath(part).read_text(encoding="utf-8") for part in parts)


def colours(style: str, scheme: str) -> dict[str, str]:
    """The variables of a theme: those of the dark one go over those of the light one."""
    dark = "".join(re.findall(r"@media \(prefers-color-scheme: dark\) \{(.*?)\n\}", style, re.DOTALL))
    light = style.replace(dark, "")
    found = dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light))
    return found | (dict(re.findall(r"--([\w-]+): (#[0-9a-f]{6});", dark)) if scheme == "dark" else {})


def luminance(colour: str) -> float:
    """Relative luminance as WCAG 2.2 defines it."""
    channels = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def test_the_formula_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


SHARED_TEXT = [
    *product(("ink", "soft", "accent", "right", "wrong"), ("paper", "card")),
    ("on-accent", "accent"),
]
PAGES = {
    "stepper": (
        [
            *SHARED_TEXT,
            *product(("forward", "backward", "complete"), ("paper", "card")),
            *product(("box-ink",), ("leaf", "operation", "output", "paper")),
        ],
        [
            *product(("line", "control"), ("paper", "card")),
            *product(("edge", "box-line", "forward", "backward", "complete"), ("paper",)),
        ],
    ),
    "explorer": (
        [
            *SHARED_TEXT,
            *product(("c0", "c1", "c2", "c3"), ("paper", "card")),
            *((f"c{k}", f"t{k}") for k in range(4)),
            *product(("ink",), ("t0", "t1", "t2", "t3", "chosen")),
        ],
        [*product(("line", "control"), ("paper", "card")), *((f"c{k}", f"t{k}") for k in range(4))],
    ),
}
"""Text and lines of each page, and what they stand on."""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("page", PAGES)
def test_text_and_lines_have_contrast(page: str, scheme: str) -> None:
    found = colours(rules("live/live.css", f"{page}/page.css"), scheme)
    texts, lines = PAGES[page]
    low = {
        (front, back): round(contrast(found[front], found[back]), 2)
        for pairs, least in ((texts, 4.5), (lines, 3.0))
        for front, back in pairs
        if contrast(found[front], found[back]) < least
    }
    assert low == {}


def test_no_colour_is_written_outside_the_themes() -> None:
    """So that the test above sees all of them."""
    for page in PAGES:
        style = rules("live/live.css", f"{page}/page.css")
        assert len(re.findall(r"#[0-9a-f]{3,8}\b(?=[;\s])", style)) == len(
            re.findall(r"--[\w-]+: #[0-9a-f]{6};", style)
        )


def test_paths_differ_in_the_kind_of_their_line_too() -> None:
    style = rules("explorer/page.css")
    borders = re.findall(r"\.k\d \{[^}]*--dash: (\w+)", style)
    assert len(set(borders)) == len(borders) == 4
    dashes = re.findall(r"\.k\d \.edge \{ stroke-dasharray: ([\d ]+)", style)
    assert len(set(dashes)) == 3  # and the first is solid
