"""What a reader may write, and what the playground says to it."""

from __future__ import annotations

RIGHT = {
    "x = Value(3)\nL = x*x + x": ("L = 12", {"x": "7"}),
    "x*y + sin(x)": ("x * y + sin(x) = 6.909", {"x": "2.584", "y": "2"}),
    "x = Value(Fraction(2, 3))\ny = Value(Fraction(-3, 7))\n(x*y + x) ** 2": (
        "(x * y + x) ** 2 = 64/441",
        {"x": "64/147", "y": "32/63"},
    ),
    "from micrograd.engine import Value\na = Value(2.0)\nb = a.tanh()": ("b = 0.964", {"a": "0.07065"}),
    "import scalargrad as sg\nL = sg.sum([sg.Value(1, 'u'), 2]) ** 2": ("L = 9", {"u": "6"}),
    "w = [Value(i) for i in range(3)]\nL = sum(v*v for v in w)": ("L = 5", {"w[0]": "0", "w[1]": "2", "w[2]": "4"}),
    "def f(x): return x**3\nx = Value(2)\nslope = sg.grad(f(x), x, create_graph=True)": ("slope = 12", {"x": "12"}),
    "L = Value(1)\nfor k in range(3):\n    L = L * 2": ("L = 8", {}),
    "x = Value(2)\nx.data": ("x = 2", {"x": "1"}),
    "X @ W": ("X @ W is 2×2; L is the sum of its entries, 134", {"x[0,1]": "15", "w[1,0]": "6"}),
    "import math\nx = Value(math.floor(2.5))\nL: Value = x * x": ("L = 4", {"x": "4"}),
    "x = Value(3)\nL = x * x\nprint(L.data)": ("L = 9", {"x": "6"}),
}
"""{program: (what is said, {name: gradient})}."""

WRONG = {
    "x = Value(2)\ny = x * z": (2, "NameError: name 'z' is not defined"),
    "x = Value(2)\n\nL = x *": (3, "SyntaxError: invalid syntax"),
    "def f(n):\n    return f(n + 1)\nf(0)": (2, "RecursionError: a function calls itself without end"),
    "def f(x):\n    return x / 0\nx = Value(1)\nf(x)": (2, "division by zero"),
    "import numpy as np": (1, "numpy is not in the playground"),
    "x = Value('three')": (1, "a Value needs a number, and got the text 'three'"),
    "X = sg.values([[1, 2]])\nX @ X": (2, "(1, 2) @ (1, 2) does not exist: 2 columns meet 1 rows"),
    "import not_there": (1, "not_there is not in the playground, which has Python's standard library"),
    "exit()": (1, "SystemExit"),
    "3 + 4\nx = 5": (None, "there is no Value to show"),
    "": (None, "there is no Value to show"),
}
"""{program: (the reader's line, the beginning of what is said of it)}."""
