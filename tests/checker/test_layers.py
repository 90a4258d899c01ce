"""The layers of `examples/`: the right gradients are accepted, and the wrong ones refuted and diagnosed."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from scalargrad.checker import check

EXAMPLES = 10
"""Fewer than usual: each layer is checked several times."""


def load(path: Path) -> ModuleType:
    """The module in a file that is in no package."""
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


FOLDER = Path(__file__).parents[2] / "examples"
MODULES = [
    load(FOLDER / f"{name}.py")
    for name in ("layers", "activations", "likelihoods", "sequences", "models", "matrices", "branches")
]
LAYERS = [layer for module in MODULES for layer in module.LAYERS]


def test_most_real_mistakes_have_a_diagnosis() -> None:
    """At least half of them; each is tested below, and None says that none was found."""
    wrong = [wrong for layer in LAYERS for wrong in layer.wrong]
    assert len(LAYERS) >= 42 + 10
    assert sum(w.diagnosis is not None for w in wrong) > 0.8 * len(wrong)


@pytest.mark.parametrize("layer", [pytest.param(layer, id=layer.name) for layer in LAYERS])
def test_right_gradients_are_accepted(layer: Any) -> None:
    verdict = check(layer.forward, layer.gradients, layer.shapes, examples=EXAMPLES)
    assert verdict, verdict.message


@pytest.mark.parametrize(
    ("layer", "wrong"),
    [pytest.param(layer, wrong, id=f"{layer.name}: {wrong.mistake}") for layer in LAYERS for wrong in layer.wrong],
)
def test_wrong_gradients_are_rejected_with_the_diagnosis(layer: Any, wrong: Any) -> None:
    verdict = check(layer.forward, wrong.gradients, layer.shapes, examples=EXAMPLES)
    assert not verdict, verdict.evidence
    assert verdict.message.startswith(("∂L/∂", "gradients")), verdict.message  # and not because forward fails
    if wrong.diagnosis is None:
        assert verdict.diagnosis is None
    else:
        assert wrong.diagnosis in (verdict.diagnosis or "no diagnosis"), verdict.message
