"""The layers of `examples/layers.py`: the right gradients are accepted, and the wrong ones refuted and diagnosed."""

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


LAYERS = load(Path(__file__).parents[2] / "examples" / "layers.py").LAYERS


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
    if wrong.diagnosis:
        assert wrong.diagnosis in (verdict.diagnosis or "no diagnosis"), verdict.message
