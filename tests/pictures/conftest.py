"""Which renderer the tests of pictures use, where the machine has both."""

from __future__ import annotations

import shutil

import pytest

from scalargrad.pictures import rendering


@pytest.fixture
def graphviz_pure(monkeypatch: pytest.MonkeyPatch) -> str:
    """The renderer that the extra brings, even if Graphviz is installed."""
    path = rendering.renderers()[-1]
    assert path.endswith("graphviz-pure")
    monkeypatch.setattr(rendering, "renderers", lambda: [path])
    return path


@pytest.fixture(params=["dot", "graphviz-pure"])
def each_renderer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """One of the two after the other; `dot` only where it is installed."""
    name = str(request.param)
    if name == "dot" and not shutil.which("dot"):
        pytest.skip("Graphviz is not installed")
    path = next(path for path in rendering.renderers() if path.endswith(name))
    monkeypatch.setattr(rendering, "renderers", lambda: [path])
    return name
