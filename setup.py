"""The build hook: compile the engine's modules where there is a C compiler, unless SCALARGRAD_PURE=1 is set.

The compiler is Cython and not mypyc. Of a prototype of the engine, built both ways, mypyc's nodes took 260 bytes and
Cython's 224, since only Cython can keep a class from the cyclic garbage collector; build and backward took mypyc 1.1 to
1.2 times as long; and mypyc refuses parts of value.py as it stands, where Cython has its types in a file beside it.

Everything else about the package is in pyproject.toml.
"""

from __future__ import annotations

import runpy
from collections.abc import Sequence
from glob import glob
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

build = runpy.run_path("scalargrad/_build.py")


class BuildRecorded(build_ext):
    """Writes down what the modules were compiled from, so that a change of the source is noticed.

    An editable installation keeps its modules beside the source: those that fit the source are not compiled again.
    """

    def run(self) -> None:
        if self.editable_mode and not build["why_pure"](Path("scalargrad")):
            return
        super().run()
        if self.extensions:
            folder = Path(self.get_ext_fullpath("scalargrad._build")).parent
            (folder / build["RECORD"]).write_text(build["sources_digest"](Path("scalargrad")), encoding="ascii")


def extensions() -> list[Extension]:
    if build["forced_pure"]():
        return []
    from Cython.Build import cythonize
    from Cython.Compiler.Options import get_directive_defaults

    options = {
        "extra_compile_args": ["-O3", "-ffp-contract=off"],  # a product and a sum in one rounding would be other bits
        "optional": True,  # without a compiler the installation succeeds
    }
    directives = {
        "language_level": 3,
        "annotation_typing": False,  # annotations are for readers and mypy; the types for C are in the .pxd files
        "binding": True,  # functions with a signature, as inspect and help know them
        "nonecheck": True,  # None.inputs is an AttributeError, as in Python
    }

    def compiled(name: str, ending: str, depends: Sequence[str] = ()) -> list[Extension]:
        # Nodes have no cycles, and are kept from the cyclic garbage collector. That is said here, for whole modules,
        # since on a class that is declared in a .pxd Cython takes the directive and forgets it.
        get_directive_defaults()["no_gc"] = name.removeprefix("engine/") in ("slots", "node", "functions", "value")
        module = Extension(
            f"scalargrad.{name.replace('/', '.')}", [f"scalargrad/{name}.{ending}"], depends=list(depends), **options
        )
        return cythonize([module], build_dir="build/cython", compiler_directives=directives)

    modules = []
    for name in build["COMPILED"]:
        modules += compiled(name, "py")
    for name in build["CYTHON"]:
        modules += compiled(name, "pyx", glob(f"scalargrad/{name}*.h"))
    return modules


setup(ext_modules=extensions(), cmdclass={"build_ext": BuildRecorded})
