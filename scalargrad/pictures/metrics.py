"""How wide text is, in whichever of the usual fonts a viewer has: so that nothing in a drawing is cut off.

    >>> text_width("grad 100/9", 12)
    68.4
    >>> in_lines("one two three", 12, 60)
    ['one two', 'three']

A program that lays a drawing out knows one font, and whoever looks at it may have another: Arial and Liberation Sans
have the same widths, and DejaVu Sans is an eighth wider. So each character counts as wide as in the widest of them.
"""

from __future__ import annotations

import unicodedata

HUNDREDTHS = {
    30: "'IijlÌÍÎÏìíîïĨĩĪīĬĭĮįİıĵĺļłΙΪ",
    35: " ,./:;\\|\xa0¦·ŀίι‘’",
    40: "()-[]ft\xadľţťŧſᵀ⟨⟩",
    45: "!r¡²³¹ŕŗř₀₁₂₃₄₅₆₇₈₉⁰⁴⁵⁶⁷⁸⁹",
    50: '"*J`¨ª°´¸ºĴ',
    55: "cszçćĉċčśŝşšźżžέεζ⁻∂“”",
    60: "?L_kvxy§¯ýÿĳķĸĹĻĽĿŁŷΓΰγκλνξςυχ–",
    65: "$0123456789FTabdeghnopqu{}¢£¤¥«µ¶»¿ßàáâãäåèéêëðñòóôõöøùúûüþāăąďđēĕėęěĝğġģĥńņňŋōŏőŢŤŦũūŭůűųΞΣΤήβδηθμορστ√",
    70: "ABEKPSVXYZÀÁÂÃÄÅÈÉÊËÝÞĀĂĄĒĔĖĘĚħĶŚŜŞŠŶŸŹŻŽΑΒΔΕΖΚΛΡΥΧΫάαπφ∇",
    75: "CNRUÇÑÙÚÛÜĆĈĊČĲŃŅŇŊŔŖŘŨŪŬŮŰŲΝψ∑",
    80: "&DGHOQÐÒÓÔÕÖØĎĐĜĞĠĢĤŌŎŐΗΘΟΠΦΩ",
    85: "#+<=>^w~¬±×÷ŉŵΨω∏∞≈≠≤≥−↑↓⇒",
    90: "MΜ∈",
}
"""The characters that are up to so many hundredths of the font's size wide, in the widest of the three fonts."""

ADVANCE = {character: hundredths for hundredths, some in HUNDREDTHS.items() for character in some}


def text_width(text: str, size: float) -> float:
    """How wide a line of text is at a size of font, in the same unit: at least as wide as in each of the fonts."""
    return round(sum(map(_advance, text)) * size / 100, 2)


def _advance(character: str) -> int:
    """Of one character; of one that no list has, what a wide one takes."""
    return ADVANCE.get(character) or (0 if unicodedata.combining(character) else 145)


def in_lines(text: str, size: float, width: float) -> list[str]:
    """Text in lines that are no wider than `width`, broken between words."""
    lines: list[str] = []
    for word in text.split():
        if lines and text_width(f"{lines[-1]} {word}", size) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines
