"""Deriving the gradients of a forward pass: one derivation for each name, checked by SymPy and by scalar graphs.

    >>> for derivation in derive("affine"): print(derivation.label, derivation.statement)
    (1) ∂L/∂X = G·Wᵀ
    (2) ∂L/∂W = Xᵀ·G
    (b) ∂L/∂b = Gᵀ·1

`derive` takes the name of a layer, index notation or matrix notation of your own; `outline` makes the steps of index
notation, which are yet to check.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

from ..errors import ArgumentError, DerivationError, NotationError
from .algebra import Algebra, load_sympy
from .confirm import confirm
from .derivation import Derivation
from .matrix_notation import gradients_of
from .notation import read
from .results import Derivations
from .steps import steps_of
from .terms import ForwardPass


class Known(NamedTuple):
    """A forward pass that has a name; if its formulas have numbers, those alone are derived."""

    text: str
    shapes: Mapping[str, str]
    labels: Mapping[str, str] = {}


NAMED = {
    "affine": Known(
        "y[α,β] = sum(k, x[α,k]*w[k,β]) + b[β]",
        {"x": "N D", "w": "D M", "b": "M"},
        {"x": "(1)", "w": "(2)", "b": "(b)"},
    ),
    "linear": Known("y[α,β] = sum(k, x[α,k]*w[β,k])", {"x": "N D", "w": "M D"}, {"x": "(1′)", "w": "(2′)"}),
    "bias": Known("y[α,β] = z[α,β] + b[β]", {"z": "N M", "b": "M"}, {"b": "(b)"}),
    "tanh": Known("y[α,β] = tanh(sum(k, x[α,k]*w[k,β]) + b[β])", {"x": "N D", "w": "D M", "b": "M"}),
    "two-layer": Known(
        "h[α,γ] = tanh(sum(k, x[α,k]*w[k,γ]) + b[γ]); y[α,β] = sum(γ, h[α,γ]*v[γ,β]) + c[β]",
        {"x": "N D", "w": "D K", "b": "K", "v": "K M", "c": "M"},
    ),
    "quadratic": Known("f = sum(α, β, x[α]*a[α,β]*x[β])", {"x": "N", "a": "N N"}),
    "trace": Known("f = sum(α, β, a[α,β]*x[β,α])", {"a": "N D", "x": "D N"}),
    "gram": Known("y[α,β] = sum(k, x[α,k]*x[β,k])", {"x": "N D"}),
}
"""Forward passes by name."""


def derive(forward: str, shapes: Mapping[str, str] | None = None, **sizes: str) -> Derivations:
    """The gradients of a forward pass by everything that it is made of, derived and confirmed.

    Parameters
    ----------
    forward
        A name of `NAMED`, such as "affine"; index notation, which has brackets, as for `notation.read`; or matrix
        notation such as `norm2(X*w - y)^2`, as for `matrix_notation.reading`. Statements of both kinds may stand side
        by side, with `;` between: those with brackets are index notation, where * multiplies entries.
    shapes
        Names for the dimensions, `{"x": "N D"}`.
    sizes
        The same as keywords, `x="N D"`.

    Returns
    -------
    A list that names find things in, too: `derive("affine")["w"]`. Of matrix notation, a `OneFormula` for each input.
    Else a `Derivation` for each intermediate result, last first (∂L/∂H before what is made of it), then one for each
    input.

    Raises
    ------
    MissingExtraError
        Without the extra "symbolic".
    ArgumentError
        If a name comes with shapes, or is none. A `NotationError`, which is one, if the text is no forward pass.
    ArgumentTypeError
        If `forward` is not a text.
    DerivationError
        If a graph contradicts a formula, or SymPy a step of the layer's: a mistake of ours. Elsewhere a step that SymPy
        does not confirm is reported in `evidence`, since its comparison of expressions refutes nothing.
    """
    load_sympy()
    given = {**(shapes or {}), **sizes}
    if isinstance(forward, str) and (is_matrix_notation(forward) or is_mixed(forward, given)):
        return Derivations(gradients_of(forward, given))
    return Derivations(derive_by_index(forward, given))


def is_matrix_notation(text: str) -> bool:
    """Index notation has brackets, […]; a word alone is the name of a layer; anything else is matrix notation."""
    word = text.strip()
    return bool(word) and "[" not in word and not word.isidentifier() and word not in NAMED


def is_mixed(text: str, shapes: Mapping[str, str]) -> bool:
    """Whether some statements have brackets and some have not, and all of them are not index notation."""
    lines = [line for line in text.replace("\n", ";").split(";") if line.strip()]
    if len({"[" in line for line in lines}) < 2:
        return False
    try:
        read(text, shapes)
    except NotationError:
        return True
    return False


def derive_by_index(forward: str, shapes: Mapping[str, str]) -> list[Derivation]:
    """The derivations of a layer with a name, or of index notation."""
    text, sizes, labels = known(forward, shapes)
    layer = read(text, sizes)
    made = [s.name for s in reversed(layer.statements[:-1]) if layer.depends(s.name)]
    names = [name for name in (*made, *layer.inputs) if not labels or name in labels]
    found = [outline(layer, name, labels.get(name, "")) for name in names]
    note = "SymPy: every step, for all dimensions at once"
    if reason := Algebra.beyond(layer):
        note = f"SymPy: not asked, since {reason}"
    else:
        try:
            found = [derivation.verify() for derivation in found]
        except DerivationError as error:
            if labels:
                raise
            note = f"SymPy: not confirmed, since it did not see that two sides are equal ({error})"  # refutes nothing
    if bent := next((function.symbol for function in layer.functions if function.bends), ""):
        note += f", wherever {bent} has a derivative" * note.endswith("once")
    evidence = (note, *confirm(layer, found))
    return [replace(derivation, evidence=evidence) for derivation in found]


def known(forward: str, shapes: Mapping[str, str]) -> Known:
    """The forward pass that a name stands for; text that is none stands for itself."""
    name = forward.strip() if isinstance(forward, str) else ""
    if name in NAMED:
        if shapes:
            raise ArgumentError(f"{name} has shapes of its own: give shapes with index notation only")
        return NAMED[name]
    if name and "=" not in name:
        raise ArgumentError(
            f"there is no forward pass {forward!r}: name one of {', '.join(NAMED)}, or write y[a,b] = …"
        )
    return Known(forward, shapes)


def outline(layer: ForwardPass, name: str, label: str = "") -> Derivation:
    """The steps of one derivation, by the kernel alone: nothing is checked yet."""
    return Derivation(name, layer, steps_of(layer, name), label)
