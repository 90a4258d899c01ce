"""The two builds of the engine: one source, the same floats and messages, pickles that cross over."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

import scalargrad as sg
from scalargrad import _build

BUILDS = {"pure": "1", "compiled": "0"}
HERE = Path(_build.__file__).parent
needs_both = pytest.mark.skipif(
    any(not (HERE / f"{name}{_build.SUFFIX}").exists() for name in _build.BUILT),
    reason="the engine is not compiled here",
)


def run(code: str, build: str, *arguments: str, **options: Any) -> bytes:
    """What a program prints under one of the builds."""
    env = {**os.environ, "SCALARGRAD_PURE": BUILDS[build], "PYTHONHASHSEED": "0"}
    done = subprocess.run([sys.executable, "-c", code, *arguments], env=env, capture_output=True, check=True, **options)
    printed: bytes = done.stdout
    return printed


@needs_both
def test_which_build_runs() -> None:
    code = "import scalargrad as sg, scalargrad.engine.value as v; print(sg.build_info(), v.__file__.endswith('.py'))"
    assert run(code, "pure").decode().split() == ["pure", "Python", "(SCALARGRAD_PURE", "is", "set)", "True"]
    if not _build.why_pure(HERE) or _build.forced_pure():
        assert run(code, "compiled").decode().startswith("compiled (engine/numbers, engine/special, ")


def test_build_info_is_one_line() -> None:
    assert sg.build_info().startswith(("compiled (", "pure Python ("))


RANDOM_GRAPHS = """
import json, random, scalargrad as sg
from scalargrad.engine.ops import TABLE
rng, found = random.Random(1), []
unary = ["exp", "sin", "cos", "tanh", "sigmoid", "relu", "abs", "neg", "sqrt", "log"]
for _ in range(200):
    nodes = leaves = [sg.Value(rng.gauss(0, 1)) for _ in range(4)]
    nodes = list(leaves)
    for _ in range(12):
        if rng.random() < 0.5:
            nodes.append(TABLE[rng.choice(unary)](rng.choice(nodes)))
        else:
            nodes.append(TABLE[rng.choice(["+", "-", "*", "/", "max", "min"])](rng.choice(nodes), rng.choice(nodes)))
    gradients = sg.grad(nodes[-3:], leaves, create_graph=True)
    second = sg.grad(gradients, leaves)
    nodes[-1].backward()
    numbers = [*(n.data for n in nodes), *(g.data for g in gradients), *second, *(x.grad for x in leaves)]
    found.append([float(x).hex() for x in numbers])
print(json.dumps(found))
"""


@needs_both
def test_floats_are_equal_in_every_bit() -> None:
    pure, compiled = (json.loads(run(RANDOM_GRAPHS, build)) for build in BUILDS)
    assert pure == compiled
    assert len(pure) == 200


MESSAGES = """
import scalargrad as sg
from scalargrad import Op, Value
x = Value(2.0, "x")
cases = [
    lambda: Value("a"), lambda: Value(None), lambda: Value(x), lambda: Value([1]), lambda: x + "a", lambda: x * None,
    lambda: sg.grad(3, x), lambda: sg.grad(x, 3), lambda: sg.backward([x, x], [1]), lambda: sg.grad(x, x, seeds=[x]),
    lambda: Op("+", None, None), lambda: Value(1) / 0, lambda: Value(-8)**Value(0.5), lambda: Op("bad", lambda x: "s",
    lambda out, x: (1,))(x), lambda: Op("few", lambda x: x, lambda out, x: ())(x), lambda: x.nothing, lambda: x < "a",
]
for case in cases:
    try:
        print(case())
    except Exception as error:
        print(type(error).__name__, error)
"""


@needs_both
def test_messages_are_equal() -> None:
    pure, compiled = (run(MESSAGES, build).decode().splitlines() for build in BUILDS)
    assert len(pure) == len(compiled)
    for one, other in zip(pure, compiled, strict=True):
        other = other.replace("scalargrad.engine.value.", "")  # Python's own messages name an extension's class in full
        assert one.replace("Value.", "") == other.replace("Value.", "")  # and leave the class of a method out


@needs_both
@pytest.mark.parametrize(("writer", "reader"), [("pure", "compiled"), ("compiled", "pure")])
def test_pickles_cross_over(writer: str, reader: str) -> None:
    write = (
        "import pickle, sys, scalargrad as sg; x = sg.Value(2.0, 'x'); y = (x * x + x).tanh(); y.backward();"
        "sys.stdout.buffer.write(pickle.dumps([x, y]))"
    )
    read = (
        "import pickle, sys, scalargrad as sg; x, y = pickle.load(sys.stdin.buffer);"
        "print(x.label, x.grad.hex(), y.data.hex(), sg.grad(y, x).hex(), y.inputs[0].inputs[1] is x)"
    )
    own = run(read, writer, input=run(write, writer))
    assert run(read, reader, input=run(write, writer)) == own
    assert own.endswith(b"True\n")


CHAIN = """
import copy, pickle, sys, scalargrad as sg
x = y = sg.Value(1.0, "x")
for _ in range(int(sys.argv[1])): y = -y
y.backward()
print(x.grad)
if sys.argv[2] == "copied":
    again = copy.deepcopy(y)
    print(again.data, again is y)
    del again
    a, b = pickle.loads(pickle.dumps((x, y)))
    b.backward()
    print(a.grad)
    del a, b
del y
print("freed")
"""


@pytest.mark.parametrize("build", BUILDS)
def test_a_million_operations(build: str) -> None:
    """Built, differentiated and freed under the default limit of recursion."""
    assert run(CHAIN, build, "1000000", "not").decode().split() == ["1.0", "freed"]


@pytest.mark.parametrize(("build", "operations"), [("pure", "200000"), ("compiled", "1000000")])
def test_a_long_chain_is_copied_and_pickled(build: str, operations: str) -> None:
    """A million of compiled nodes, since a recursion in C would use up its stack; one source copies both kinds."""
    assert run(CHAIN, build, operations, "copied").decode().split() == ["1.0", "1.0", "False", "2.0", "freed"]


COLLECTIONS = """
import gc, scalargrad as sg
from scalargrad.engine.node import Node
gc.collect()
before = sum(generation["collections"] for generation in gc.get_stats())
x = y = sg.Value(1.0)
for _ in range(200_000): y = y * x + x
after = sum(generation["collections"] for generation in gc.get_stats())
print([bool(kind.__flags__ & 1 << 14) for kind in (Node, sg.Value)], after - before)
"""


@needs_both
def test_compiled_nodes_are_none_of_the_cyclic_garbage_collector_s_business() -> None:
    """The type says so (Py_TPFLAGS_HAVE_GC), and a loop of a user's makes nothing else for it to look at."""
    if not _build.why_pure(HERE) or _build.forced_pure():
        flags, _, collections = run(COLLECTIONS, "compiled").decode().strip().rpartition(" ")
        assert flags == "[False, False]"
        assert int(collections) < 10


def test_a_wheel_for_every_machine(tmp_path: Path) -> None:
    """Built as `make wheels` does, and unpacked and run: with its pages, and with nothing compiled."""
    root, source = Path(__file__).parents[2], tmp_path / "source"
    compiled = shutil.ignore_patterns("*.so", "*.sha256", "__pycache__")
    shutil.copytree(root / "scalargrad", source / "scalargrad", ignore=compiled)
    for name in ("pyproject.toml", "setup.py", "README.md", "LICENSE"):
        shutil.copy(root / name, source)
    env = {**os.environ, "SCALARGRAD_PURE": "1"}
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--disable-pip-version-check", "--no-deps"]
    subprocess.run([*command, "--wheel-dir", str(tmp_path), str(source)], env=env, check=True)
    (wheel,) = tmp_path.glob("*.whl")
    assert wheel.name == f"scalargrad_exact-{sg.__version__}-py3-none-any.whl"
    names = set(zipfile.ZipFile(wheel).namelist())
    files = {str(path.relative_to(source)) for path in source.glob("scalargrad/**/*") if path.is_file()}
    assert {name for name in names if not name.startswith("scalargrad_exact")} == files
    code = (
        "import scalargrad as sg; x = sg.Value(3, 'x'); page = sg.step_through(x * x);"
        "print(sg.__file__, sg.build_info(), page.steps)"
    )
    zipfile.ZipFile(wheel).extractall(tmp_path / "installed")
    env = {**os.environ, "PYTHONPATH": str(tmp_path / "installed"), "SCALARGRAD_PURE": "0"}
    done = subprocess.run([sys.executable, "-c", code], env=env, cwd=tmp_path, capture_output=True, check=True)
    printed = done.stdout.decode()
    assert printed.startswith(str(tmp_path / "installed"))
    assert "pure Python (nothing was compiled for this Python" in printed


class TestTheHook:
    def test_a_changed_source_is_noticed(self, tmp_path: Path) -> None:
        for name in _build.COMPILED:
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / f"{name}.py").write_text("x = 1\n", encoding="utf-8")
        for name in _build.BUILT:
            (tmp_path / f"{name}{_build.SUFFIX}").write_bytes(b"")
        (tmp_path / _build.RECORD).write_text(_build.sources_digest(tmp_path), encoding="ascii")
        assert _build.why_pure(tmp_path) in ("", "SCALARGRAD_PURE is set")
        (tmp_path / "engine" / "value.py").write_text("x = 2\n", encoding="utf-8")
        assert _build.why_pure(tmp_path).startswith(("the source has changed since it was compiled", "SCALARGRAD_PURE"))

    def test_nothing_compiled(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.delenv("SCALARGRAD_PURE", raising=False)
        assert _build.why_pure(tmp_path) == "nothing was compiled for this Python when it was installed"
        monkeypatch.setenv("SCALARGRAD_PURE", "1")
        assert _build.why_pure(tmp_path) == "SCALARGRAD_PURE is set"
