"""The derivations of the affine layer, made once."""

from __future__ import annotations

import pytest

from scalargrad.derivation import Derivation, derive


@pytest.fixture(scope="session")
def affine() -> dict[str, Derivation]:
    return {found.name: found for found in derive("affine")}
