"""What the package loads: nothing that a browser's Python would have to fetch before it can step through a graph."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("numpy", "rich", "graphviz", "jinja2")


def printed(*lines: str) -> str:
    """What a fresh Python prints."""
    return subprocess.run([sys.executable, "-c", "\n".join(lines)], check=True, capture_output=True, text=True).stdout


def test_importing_it_loads_the_standard_library_only() -> None:
    assert printed("import sys, scalargrad.pictures", f"print(set({HEAVY}) & set(sys.modules))") == "set()\n"


def test_pages_and_diagrams_need_neither_numpy_nor_rich() -> None:
    lines = printed(
        "import sys",
        "sys.modules['numpy'] = sys.modules['rich'] = None",  # importing either fails
        "from scalargrad import Value, draw, step_through",
        "x = Value(3, 'x'); print(step_through(x * x), draw(x * x).svg()[:5])",
    )
    assert lines == "Page('Step through out', 6 steps) <?xml\n"
