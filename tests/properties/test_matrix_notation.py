"""Matrix notation on random formulas: what is read, printed and derived, against an evaluation that knows none of it.

A formula is drawn as a tree whose shapes conform. Its text goes to `gradients_of`; the tree itself is evaluated on
plain numbers here, and its differences are compared with the gradient, as printed text and as NumPy's code.
"""

from __future__ import annotations

import contextlib
import operator
import os
import random
import re
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from scalargrad.derivation.matrix_notation.arithmetic_of_matrices import on_numbers
from scalargrad.derivation.matrix_notation.one_formula import OneFormula, gradients_of
from scalargrad.derivation.matrix_notation.reading import understood
from scalargrad.errors import UnconfirmedError

SHAPES = {"A": "N D", "B": "D N", "S": "N N", "R": "N N", "x": "N", "y": "N", "u": "D", "c": ""}
SIZES = {"N": 2, "D": 3, "1": 1}  # so that A·B has an inverse
INTENSE = os.environ.get("HYPOTHESIS_PROFILE") == "intense"

FUNCTIONS: dict[str, Any] = {
    "exp": np.exp,
    "tanh": np.tanh,
    "sin": np.sin,
    "cos": np.cos,
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tr": np.trace,
    "det": np.linalg.det,
}

Tree = tuple[str, Any]
"""The text of a formula, and what it is of arrays: a function of the dictionary of them."""


def entry_shape(name: str) -> tuple[str, str]:
    letters = SHAPES[name].split()
    return (letters[0] if letters else "1"), (letters[1] if len(letters) > 1 else "1")


def drawn(rng: random.Random, shape: tuple[str, str], depth: int) -> Tree:
    """A formula of this shape."""
    leaves = [name for name in SHAPES if entry_shape(name) == shape]
    turned = [name for name in SHAPES if entry_shape(name) == shape[::-1] != shape]
    if depth <= 0 or rng.random() < 0.15:
        if leaves and (not turned or rng.random() < 0.7):
            name = rng.choice(leaves)
            return name, lambda at: at[name]
        if turned:
            name = rng.choice(turned)
            return f"{name}'", lambda at: at[name].T
        return "A'*A", lambda at: at["A"].T @ at["A"]  # D by D
    kinds = ["plus", "minus", "product", "product", "product", "entries", "scaled", "negative", "function", "transpose"]
    if shape == ("1", "1"):
        kinds = [
            "tr",
            "sum",
            "norm",
            "quadratic",
            "dot",
            "plus",
            "times",
            "square",
            "quotient",
            "det",
            "logdet",
            "norm2",
        ]
    elif shape == ("N", "N"):
        kinds += ["inverse", "square", "diag", "eye"]
    elif shape == ("N", "1"):
        kinds += ["solve", "diagonal", "softmax"]
    kind = rng.choice(kinds)

    def sub(rows: str, columns: str) -> Tree:
        return drawn(rng, (rows, columns), depth - 1 - rng.randint(0, 1))

    match kind:
        case "plus" | "minus" | "entries":
            (s, f), (t, g) = sub(*shape), sub(*shape)
            sign = {"plus": "+", "minus": "-", "entries": ".*"}[kind]
            work = {"plus": operator.add, "minus": operator.sub, "entries": operator.mul}[kind]
            t = f"({t})" if kind != "plus" else t
            s = f"({s})" if kind == "entries" else s
            return f"{s} {sign} {t}", lambda at: work(f(at), g(at))
        case "product":
            middle = rng.choice("ND1")
            (s, f), (t, g) = sub(shape[0], middle), sub(middle, shape[1])
            return f"({s})*({t})", lambda at: f(at) @ g(at)
        case "scaled":
            number = rng.choice(["2", "0.5", "1/3", "N", "c"])
            s, f = sub(*shape)
            values = {"2": 2.0, "0.5": 0.5, "1/3": 1 / 3, "N": 2.0}
            return f"{number}*({s})", lambda at: (at["c"] if number == "c" else values[number]) * f(at)
        case "negative":
            s, f = sub(*shape)
            return f"-({s})", lambda at: -f(at)
        case "function":
            s, f = sub(*shape)
            name = rng.choice(["exp", "tanh", "sin", "cos", "sigmoid", "square"])
            if name == "square":
                return f"({s}).^2", lambda at: f(at) ** 2
            return f"{name}(0.1*({s}))", lambda at: FUNCTIONS[name](0.1 * f(at))
        case "transpose":
            s, f = sub(*shape[::-1])
            return f"({s})'", lambda at: f(at).T
        case "inverse":
            s, f = sub("N", "N")
            return f"inv({s})", lambda at: np.linalg.inv(f(at))
        case "square" if shape == ("N", "N"):
            s, f = sub("N", "N")
            return f"({s})^2", lambda at: f(at) @ f(at)
        case "diag":
            s, f = sub("N", "1")
            return f"diag({s})", lambda at: np.diag(f(at).ravel())
        case "eye":
            s, f = sub("N", "N")
            return f"({s} + eye)", lambda at: f(at) + np.eye(2)
        case "solve":
            (s, f), (t, g) = sub("N", "N"), sub("N", "1")
            return f"({s})^-1*({t})", lambda at: np.linalg.inv(f(at)) @ g(at)
        case "diagonal":
            s, f = sub("N", "N")
            return f"diag({s})", lambda at: np.diag(f(at))[:, None]
        case "softmax":
            s, f = sub("N", "1")
            return f"softmax(0.1*({s}))", lambda at: np.exp(0.1 * f(at)) / np.exp(0.1 * f(at)).sum()
        case "tr" | "det":
            s, f = sub("N", "N")
            return f"{kind}({s})", lambda at: one(FUNCTIONS[kind](f(at)))
        case "logdet":
            s, f = sub("N", "N")
            t = f"({s})*({s})' + eye"
            return f"logdet({t})", lambda at: one(np.log(np.linalg.det(f(at) @ f(at).T + np.eye(2))))
        case "sum" | "norm":
            s, f = sub(*rng.choice([("N", "D"), ("N", "1"), ("1", "D"), ("N", "N")]))
            name = {"sum": "sum", "norm": "normF"}[kind]
            return f"{name}({s})" + "^2" * (kind == "norm"), lambda at: one(
                f(at).sum() if kind == "sum" else (f(at) ** 2).sum()
            )
        case "norm2":
            s, f = sub("N", "1")
            return f"norm2({s})", lambda at: one(np.sqrt((f(at) ** 2).sum()))
        case "quadratic":
            (s, f), (t, g) = sub("N", "1"), sub("N", "N")
            return f"({s})'*({t})*({s})", lambda at: f(at).T @ g(at) @ f(at)
        case "dot":
            (s, f), (t, g) = sub("D", "1"), sub("D", "1")
            return f"({s})'*({t})", lambda at: f(at).T @ g(at)
        case "times" | "quotient":
            (s, f), (t, g) = sub("1", "1"), sub("1", "1")
            if kind == "times":
                return f"({s})*({t})", lambda at: f(at) * g(at)
            return f"({s})/(1 + ({t})^2)", lambda at: f(at) / (1 + g(at) ** 2)
        case "square":
            s, f = sub("1", "1")
            return f"({s})^2", lambda at: f(at) ** 2
    raise AssertionError(kind)


def one(x: Any) -> Any:
    return np.asarray(x).reshape(1, 1)


def as_notation(printed: str) -> str:
    """What is printed, as text that can be read again: 1 as a vector by its name, and so on."""
    text = printed.replace("⁻ᵀ", "'⁻¹").replace("^∘", ".^").replace("log det", "logdet")
    text = re.sub(r"‖([^‖]*)‖", r"normF(\1)", re.sub(r"\bI\b", "eye", text))
    text = re.sub(r"(?<![\w.])1·1ᵀ", "vector(1)·vector(1)'", text)
    text = re.sub(r"(?<![\w.])1ᵀ", "vector(1)'", text)
    text = re.sub(r"(?<![\w.])1·", "vector(1)·", text)
    return re.sub(r"·1(?![\w.])", "·vector(1)", text)


def run(code: str, name: str, arrays: dict[str, Any]) -> Any:
    """What the printed function of NumPy returns for arrays."""
    scope: dict[str, Any] = {}
    exec(code, scope)
    function = next(value for key, value in scope.items() if key.endswith(f"_by_{name}"))
    words = function.__code__.co_varnames[: function.__code__.co_argcount]
    arrays = arrays | {"N": np.asarray([2])}
    return function(
        *(
            int(arrays[word][0])
            if word == "N"
            else arrays[word].ravel()
            if entry_shape(word)[1] == "1"
            else arrays[word]
            for word in words
        )
    )


def check(seed: int) -> bool:
    """Draw a formula and compare everything; whether it could be compared."""
    rng = random.Random(seed)
    text, f = drawn(rng, ("1", "1"), 3)
    if not any(re.search(rf"\b{name}\b", text) for name in SHAPES):
        return False
    with np.errstate(all="ignore"):
        numbers = np.random.default_rng(seed)
        arrays = {n: numbers.normal(size=tuple(SIZES[d] for d in entry_shape(n))) for n in SHAPES}
        for found in gradients_of(text, SHAPES):
            if not compared(found, f, arrays, text):
                return False
    return True


def compared(found: OneFormula, f: Any, arrays: dict[str, Any], text: str) -> bool:
    name, h = found.name, 1e-6
    value = f(arrays).item()
    expected = np.zeros_like(arrays[name])
    for at in np.ndindex(expected.shape):
        up, down = arrays[name].copy(), arrays[name].copy()
        up[at], down[at] = up[at] + h, down[at] - h
        expected[at] = (f(arrays | {name: up}).item() - f(arrays | {name: down}).item()) / (2 * h)
    scale = 1 + abs(value) + np.abs(expected).max()
    if not np.isfinite(scale) or scale > 1e5:
        return False
    try:
        measured, gradient = run(found.numpy(), name, arrays)
    except np.linalg.LinAlgError:  # the formula has an inverse that is not defined at these sizes
        return False
    assert measured == pytest.approx(value, rel=1e-9, abs=1e-9 * scale), text
    np.testing.assert_allclose(np.reshape(gradient, expected.shape), expected, atol=2e-4 * scale, err_msg=text)
    printed = found.statement.partition(" = ")[2]
    if "‖" not in printed or "‖" not in re.sub(r"‖[^‖]*‖", "", printed):
        if printed.count("‖") > 2 and re.search(r"‖[^‖]*\([^‖)]*‖", printed):
            return True  # norms within norms: where one ends can't be read
        again = understood(as_notation(printed), SHAPES).expression if readable(printed) else None
        if again is not None and again.shape == found.gradient.shape:
            array = on_numbers(again, {n: a.astype(object) for n, a in arrays.items()}, SIZES, float)
            np.testing.assert_allclose(array.astype(float), expected, atol=2e-4 * scale, err_msg=f"{text}: {printed}")
    return True


def readable(printed: str) -> bool:
    return printed not in ("0", "1") and any(re.search(rf"\b{name}\b", printed) for name in SHAPES)


@given(st.integers(0, 10**9))
@settings(max_examples=2000 if INTENSE else 25, deadline=None)
def test_random_formulas(seed: int) -> None:
    with contextlib.suppress(UnconfirmedError):  # as of det(x·yᵀ), whose inverse is defined nowhere
        check(seed)
