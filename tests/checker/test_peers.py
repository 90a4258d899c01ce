"""Backward passes written in other libraries, checked as they are: float code, within a tolerance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from scalargrad.checker import check

torch = pytest.importorskip("torch", reason='PyTorch is not installed: the extra "peers"')

SHAPES = {"X": "N D", "w": "D"}


def rms_norm(X: Any, w: Any) -> Any:
    """Y = X / r ∘ w with r = √mean(x²) of each row."""
    return X / np.sqrt((X**2).mean(axis=1, keepdims=True)) * w


Function: Any = torch.autograd.Function  # as a name of its own, since mypy may not see PyTorch


class RMSNorm(Function):  # type: ignore[misc]
    """The same in PyTorch, with a backward pass written by hand."""

    @staticmethod
    def forward(ctx: Any, X: Any, w: Any) -> Any:
        r = X.square().mean(dim=1, keepdim=True).sqrt()
        ctx.save_for_backward(X, w, r)
        return X / r * w

    @staticmethod
    def backward(ctx: Any, G: Any) -> Any:
        X, w, r = ctx.saved_tensors
        H, dH = X / r, G * w
        return (dH - H * (dH * H).mean(dim=1, keepdim=True)) / r, (G * H).sum(dim=0)


class RMSNormWithABug(RMSNorm):
    """The mean is over the columns: the same shape, the same numbers at 1×1, a plausible gradient elsewhere."""

    @staticmethod
    def backward(ctx: Any, G: Any) -> Any:
        X, w, r = ctx.saved_tensors
        H, dH = X / r, G * w
        return (dH - H * (dH * H).mean(dim=0, keepdim=True)) / r, (G * H).sum(dim=0)


class RMSNormInHalf(RMSNorm):
    """Right in exact arithmetic, but one factor takes a way through half precision."""

    @staticmethod
    def backward(ctx: Any, G: Any) -> Any:
        X, w, r = ctx.saved_tensors
        ctx_r = r.half().to(r.dtype)
        H, dH = X / ctx_r, G * w
        return (dH - H * (dH * H).mean(dim=1, keepdim=True)) / ctx_r, (G * H).sum(dim=0)


def gradients_by(function: Any) -> Any:
    """What a torch.autograd.Function says the gradients are."""

    def gradients(X: Any, w: Any, Y: Any, G: Any) -> Any:
        leaves = [torch.tensor(array, requires_grad=True) for array in (X, w)]
        function.apply(*leaves).backward(torch.tensor(G))
        return tuple(leaf.grad.numpy() for leaf in leaves)

    return gradients


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_right_backward_pass_is_right_within_a_few_ulps(dtype: Any) -> None:
    verdict = check(rms_norm, gradients_by(RMSNorm), SHAPES, tolerance="ulp:16", dtype=dtype)
    assert verdict, verdict
    assert any("off by at most" in line and "16 are allowed" in line for line in verdict.evidence), verdict


@pytest.mark.parametrize("tolerance", ["ulp:16", 1e-3])
def test_a_subtly_wrong_one_is_found(tolerance: Any) -> None:
    verdict = check(rms_norm, gradients_by(RMSNormWithABug), SHAPES, tolerance=tolerance)
    assert not verdict
    assert verdict.input == "X"
    assert verdict.message.startswith("∂L/∂X[")


def test_lost_precision_is_found_and_measured() -> None:
    verdict = check(rms_norm, gradients_by(RMSNormInHalf), SHAPES, tolerance="ulp:16")
    assert not verdict
    assert "ulp, and 16 are allowed" in verdict.message
    assert check(rms_norm, gradients_by(RMSNormInHalf), SHAPES, tolerance=1e-2)


def test_gradients_by_autograd_itself() -> None:
    def gradients(X: Any, W: Any, b: Any, Y: Any, G: Any) -> Any:
        leaves = [torch.tensor(array, requires_grad=True) for array in (X, W, b)]
        torch.tanh(leaves[0] @ leaves[1] + leaves[2]).backward(torch.tensor(G))
        return tuple(leaf.grad.numpy() for leaf in leaves)

    # PyTorch takes 1 - tanh², of which few digits are left where tanh is close to 1: not far out, and not in ulps
    shapes = {"X": "N D in (-1,1)", "W": "D M in (-1,1)", "b": "M in (-1,1)"}
    assert check(lambda X, W, b: np.tanh(X @ W + b), gradients, shapes, tolerance=1e-9)
