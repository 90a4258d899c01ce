"""Names for what stands in a formula more than once, where the formula with them is shorter.

    >>> from .reading import understood
    >>> from .writing import InText
    >>> A = simplified(understood("softmax(X*w) .* y - sum(softmax(X*w) .* y)*softmax(X*w)").expression)
    >>> short = named_parts(A, InText(), taken={"X", "w", "y"})
    >>> InText().written(short.formula), [(name, InText().written(B)) for name, B in short.names]
    ('p ∘ y − sum(p ∘ y)·p', [('p', 'softmax(X·w)')])

The formula that is named is what was confirmed; a name only stands for a part of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from .expression import ONE_BY_ONE, MatrixExpression, matrix_named, scaled
from .reading import simplified as simplified
from .writing import InText

MOST_NAMES = 5
_FIRST = {"softmax": "p", "apply": "p", "sum": "r", "hadamard": "h", "inverse": "k", "product": "z", "largest": "m"}
_LETTERS = "pqrsuvzhkmtcab"


@dataclass(frozen=True)
class Shortened:
    """A formula, and what the names in it stand for, those first that others are made of."""

    formula: MatrixExpression
    names: tuple[tuple[str, MatrixExpression], ...] = ()


def named_parts(
    A: MatrixExpression,
    text: InText,
    taken: Collection[str],
    known: Mapping[MatrixExpression, str] | None = None,
    said: Collection[str] = (),
) -> Shortened:
    """The formula with names.

    Parameters
    ----------
    text
        How formulas are written: what is shorter is shorter there.
    taken
        Names that have a meaning already.
    known
        Names that the user has given to formulas.
    said
        Those of them that need no definition, as f.
    """
    names: list[tuple[str, MatrixExpression]] = []
    formula, known = A, dict(known or {})
    for _ in range(MOST_NAMES):
        best = written_length(formula, names, text)
        choice: tuple[MatrixExpression, MatrixExpression, str, list[tuple[str, MatrixExpression]]] | None = None
        for part in repeated_parts([formula, *(B for _, B in names)], known):
            name = known.get(part) or free_letter(part, {*taken, *(name for name, _ in names), *known.values()})
            if name is None:
                continue
            token = matrix_named(name, part.shape)
            others = [(other, replaced(B, part, token)) for other, B in names]
            definition = [] if name in said else [(name, part)]
            shorter = replaced(formula, part, token)
            new = written_length(shorter, [*others, *definition], text)
            if new < best:
                best, choice = new, (shorter, part, name, [*definition, *others])
        if choice is None:
            break
        formula, _, _, names = choice
    return Shortened(formula, tuple(in_order(names)))


def written_length(A: MatrixExpression, names: Sequence[tuple[str, MatrixExpression]], text: InText) -> int:
    """How long a formula is when it is written, with its names."""
    definitions = [f"{name} = {text.written(B)}" for name, B in names]
    return len(text.written(A)) + (len(text.where(definitions)) if names else 0)


def repeated_parts(
    formulas: Sequence[MatrixExpression], known: Mapping[MatrixExpression, str]
) -> Iterator[MatrixExpression]:
    """What stands there twice, or has a name."""
    counted: dict[MatrixExpression, int] = {}
    for A in formulas:
        for part in A.walk():
            counted[part] = counted.get(part, 0) + 1
    for part in known:
        counted.setdefault(part, 1)
    for part, count in counted.items():
        simple = part.nodes < 3 or part.kind in ("transpose", "ones", "identity", "diag")
        if part in known or (count > 1 and not simple and not (part.kind == "power" and part.data < 0)):
            yield part


def free_letter(part: MatrixExpression, taken: Collection[str]) -> str | None:
    """A letter that is free: small for vectors and numbers, a capital for matrices."""
    first = "s" if part.shape == ONE_BY_ONE else _FIRST.get(part.kind, "z")
    letters = first + _LETTERS
    return next((x for x in (letters if "1" in part.shape else letters.upper()) if x not in taken), None)


def replaced(A: MatrixExpression, part: MatrixExpression, token: MatrixExpression) -> MatrixExpression:
    """The formula with a name in the place of a part."""
    if part == A:
        return token
    parts = tuple(replaced(B, part, token) for B in A.parts)
    A = A if parts == A.parts else MatrixExpression(A.kind, A.shape, parts, A.data)
    if (
        A.kind == part.kind == "times" and part.is_number and set(part.parts) <= set(A.parts)
    ):  # f in 2·(xᵀ·A·x)/(xᵀ·x)·x
        others = [B for B in A.parts if B not in part.parts]
        return scaled(A.data / part.data, (token, *others), None, A.shape)
    return A


def with_names(A: MatrixExpression, names: Sequence[tuple[str, MatrixExpression]]) -> MatrixExpression:
    """Another formula with the same names in it."""
    for name, part in names:
        A = replaced(A, part, matrix_named(name, part.shape))
    return A


def in_order(names: Sequence[tuple[str, MatrixExpression]]) -> Iterator[tuple[str, MatrixExpression]]:
    """Definitions, each after those that it is made of."""
    waiting = dict(names)
    while waiting:
        for name, A in waiting.items():
            if not any(part.kind == "name" and part.data in waiting and part.data != name for part in A.walk()):
                yield name, A
                del waiting[name]
                break
