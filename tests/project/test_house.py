"""The house: which file may import which, one word for one thing, one root of errors, an engine for one lecture."""

from __future__ import annotations

import ast
import builtins
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import scalargrad as sg
from scalargrad import errors

HOUSE = Path(sg.__file__).parent

FLOORS = (
    ("errors", "_build"),
    ("engine",),
    ("display",),
    ("arrays", "proofs"),
    ("affine", "programs"),
    ("datasets",),
    ("derivation",),
    ("checker",),
    ("pictures",),
    ("nn", "testing", "playground"),
    ("cli", "course"),
)
"""From the ground up: a file imports from its own folder and from the floors below."""

FLOOR = {room: level for level, rooms in enumerate(FLOORS) for room in rooms}

LOOKS_UP = {("engine.node", "arrays"), ("engine.value", "pictures"), ("programs.program", "pictures")}
"""A node that NumPy meets asks `arrays`; a Value that a notebook shows, and a program that draws itself, `pictures`."""


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def files() -> dict[str, Path]:
    """{engine.value: its file} for every module but the two at the door."""
    found = {}
    for path in sorted(HOUSE.rglob("*.py")):
        parts = path.relative_to(HOUSE).with_suffix("").parts
        if parts not in (("__init__",), ("__main__",)):
            found[".".join(parts).removesuffix(".__init__")] = path
    return found


FILES = files()


def imported(name: str) -> Iterator[str]:
    """Our modules that a module imports, wherever in it the import stands."""
    package = list(FILES[name].relative_to(HOUSE).parent.parts)
    for node in ast.walk(tree(FILES[name])):
        if isinstance(node, ast.Import):
            assert not any(alias.name.startswith("scalargrad") for alias in node.names), (
                f"{name}: relative imports here"
            )
        elif isinstance(node, ast.ImportFrom) and node.level:
            base = package[: len(package) - node.level + 1] + (node.module or "").split(".") * bool(node.module)
            for alias in node.names:
                target = ".".join([*base, alias.name])
                if not (
                    HOUSE.joinpath(*base) / f"{alias.name}.pyx"
                ).exists():  # written in Cython, which imports nothing
                    yield target if target in FILES else ".".join(base)


def test_every_room_is_on_a_floor() -> None:
    assert {name.partition(".")[0] for name in FILES} == set(FLOOR)


@pytest.mark.parametrize("name", FILES)
def test_imports_point_one_way(name: str) -> None:
    here = name.partition(".")[0]
    for target in imported(name):
        there = target.partition(".")[0]
        if there == here or (name, there) in LOOKS_UP:
            continue
        assert there in FLOOR, f"{name} imports {target}"
        assert FLOOR[there] < FLOOR[here], f"{name} imports {target}, which stands above it"


def test_there_is_no_circle() -> None:
    """Inside a folder too, function bodies and types included."""
    edges = {
        name: {t for t in imported(name) if t != name and (name, t.partition(".")[0]) not in LOOKS_UP} for name in FILES
    }
    while edges:
        free = [name for name, targets in edges.items() if not targets & edges.keys()]
        assert free, f"a circle among {sorted(edges)}"
        for name in free:
            del edges[name]


def test_the_engine_imports_the_standard_library_only() -> None:
    """As written at the top of each file; a function may ask for an optional library when it is called."""
    for name in FILES:
        if name.partition(".")[0] in ("engine", "errors"):
            for node in tree(FILES[name]).body:
                if isinstance(node, ast.Import):
                    assert all(alias.name.partition(".")[0] in sys.stdlib_module_names for alias in node.names), name
                elif isinstance(node, ast.ImportFrom) and not node.level:
                    assert (node.module or "").partition(".")[0] in sys.stdlib_module_names, name


@pytest.mark.parametrize(("name", "most"), [("engine.value", 250), ("engine.ops", 250)])
def test_the_engine_can_be_read_in_one_lecture(name: str, most: int) -> None:
    assert len(FILES[name].read_text(encoding="utf-8").splitlines()) <= most


# ---------------------------------------------------------------------------------------------------------------------
# One word, one thing


def top_level_names(name: str) -> Iterator[str]:
    """Public functions, classes and constants that a module defines."""
    for node in tree(FILES[name]).body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        names = [target.id for target in targets if isinstance(target, ast.Name)]
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
            names.append(node.name)
        yield from (found for found in names if not found.startswith("_"))


def test_no_public_name_has_two_meanings() -> None:
    homes: dict[str, set[str]] = defaultdict(set)
    for name in FILES:
        for found in top_level_names(name):
            homes[found].add(name)
    assert {found: sorted(where) for found, where in homes.items() if len(where) > 1} == {}


def test_a_function_is_named_as_a_module_only_where_it_is_its_subject() -> None:
    """`affine.verify` holds `verify`; no module defines a name that is only another module's.

    But a strategy is named as what it draws, as Hypothesis has it: `sg.testing.numbers`, beside `engine.numbers`.
    """
    modules: dict[str, set[str]] = defaultdict(set)
    for name in FILES:
        if not name.startswith("cli."):  # a command is called as the function that it runs
            modules[name.rpartition(".")[2]].add(name)
    modules["numbers"].add("testing.strategies")
    for name in FILES:
        for found in top_level_names(name):
            assert name in modules.get(found, {name}), f"{name} defines {found}, and {modules[found]} is a module"


# ---------------------------------------------------------------------------------------------------------------------
# Errors


def test_every_error_has_one_root_and_is_a_built_in_kind_too() -> None:
    kinds = [x for x in vars(errors).values() if isinstance(x, type)]
    assert all(issubclass(kind, sg.Error) for kind in kinds)
    assert issubclass(errors.ShapeError, ValueError)
    assert issubclass(errors.NumberError, TypeError)


OURS_ALONE = {"NotImplementedError", "AttributeError", "AssertionError", "SystemExit"}
"""What an abstract method raises, what Python's protocols and test runners expect, and how a command ends."""


@pytest.mark.parametrize("name", FILES)
def test_whatever_is_raised_is_one_of_ours(name: str) -> None:
    """So that a built-in error out of our code is a fault of ours and shows its traceback."""
    builtin = {x for x in dir(builtins) if isinstance(getattr(builtins, x), type)} - OURS_ALONE
    for node in ast.walk(tree(FILES[name])):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and isinstance(node.exc.func, ast.Name):
            assert node.exc.func.id not in builtin, f"{name}, line {node.lineno}: raise one of scalargrad.errors"


@pytest.mark.parametrize("name", FILES)
def test_nothing_is_decided_by_an_error_s_text(name: str) -> None:
    """No `… in str(error)`, and no pattern that is matched against it."""
    for handler in ast.walk(tree(FILES[name])):
        if not isinstance(handler, ast.ExceptHandler) or not handler.name:
            continue
        for node in ast.walk(handler):
            if isinstance(node, ast.Compare) or (isinstance(node, ast.Call) and "match" in ast.unparse(node.func)):
                text = ast.unparse(node)
                assert f"str({handler.name})" not in text, f"{name}, line {node.lineno}: {text}"
                assert f"{handler.name}.args" not in text, f"{name}, line {node.lineno}: {text}"


# ---------------------------------------------------------------------------------------------------------------------
# One import


def loaded_by(code: str) -> set[str]:
    """The top-level packages that a program has loaded at its end."""
    code = f"import sys\n{code}\nprint(*{{name.partition('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(done.stdout.split())


@pytest.mark.parametrize(
    "code", ["import scalargrad", "import scalargrad as sg; (sg.Value(2) ** 2).backward(); sg.Error"]
)
def test_a_value_costs_the_standard_library_alone(code: str) -> None:
    ours = loaded_by(code) - loaded_by("pass")
    compiler = {name for name in ours if "cython" in name}  # what compiled modules put there without loading it
    assert ours - {"scalargrad"} - compiler <= sys.stdlib_module_names


def test_the_api_is_loaded_by_name_and_visible_to_dir() -> None:
    assert {"Value", "verify", "check", "derive", "draw", "record", "nn", "testing", "ops", "Error"} <= set(dir(sg))
    for name in sg.__all__:
        assert getattr(sg, name) is not None
    for name in ("verify", "explain", "check", "derive", "draw", "step_through", "record", "record_gradient"):
        assert callable(getattr(sg, name)), name
        assert type(getattr(sg, name)).__name__ != "module", name
    with pytest.raises(AttributeError, match="has no attribute 'graph'"):
        _ = sg.graph


def test_type_checkers_see_what_python_sees() -> None:
    """The names under TYPE_CHECKING are those of the tables, with the same homes."""
    (block,) = [node for node in tree(HOUSE / "__init__.py").body if isinstance(node, ast.If)]
    seen = {}
    for node in block.body:
        assert isinstance(node, ast.ImportFrom)
        for alias in node.names:
            seen[alias.name] = node.module
    modules = {name: home.rpartition(".")[0] or None for name, home in sg.MODULES.items()}
    assert seen == {**sg.HOME, **modules}
