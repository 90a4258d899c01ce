"""The page's arithmetic in a real browser, beside the engine's: every row of the table, on every kind of number."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction
from importlib.resources import files
from random import Random
from typing import Any

import pytest

import scalargrad as sg
from scalargrad import Value
from scalargrad.engine.ops import BUILT_IN, TABLE, ConstantPower, Op
from scalargrad.errors import Error
from scalargrad.pictures.document import brief
from scalargrad.pictures.live import Registers
from scalargrad.pictures.stepper import tell
from tests.pictures.live.evaluation import number_of

POOL: list[Any] = [
    *(-7, -3, -2, -1, 0, 1, 2, 3, 4, 8, 27, 10**30),
    *(
        Fraction(n, d)
        for n, d in ((0, 1), (1, 1), (-1, 1), (1, 2), (-5, 2), (4, 9), (8, 27), (-8, 27), (100, 1), (7, 3))
    ),
    *(0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, 2.5, -2.5, 0.1, 1e-7, 3.25, -6.75, 12.0, 700.0, 1e300, 5e-324),
    *(math.inf, -math.inf, math.nan),
]


def page_text(x: Any) -> str:
    """A number as the page writes it in full, and its kind."""
    return f"{x.numerator}/{x.denominator}" if isinstance(x, Fraction) else repr(x)


def operands_of(row: Op, random: Random) -> Iterator[tuple[Any, ...]]:
    """Every number of the pool for one operand; for more, some of all combinations, ties among them."""
    if row.arity == 1:
        yield from ((x,) for x in POOL)
        return
    for _ in range(150):
        pool = (
            [x for x in POOL if not (isinstance(x, int) and x > 100)]
            if "**" in row.symbol or "power" in row.symbol
            else POOL
        )
        xs = [random.choice(pool) for _ in range(row.arity or random.randint(1, 5))]
        yield tuple(xs if random.random() < 0.8 else [xs[0]] * len(xs))


@pytest.fixture(scope="module")
def arithmetic(browser: Any) -> Iterator[Any]:
    """An empty page with the script."""
    page = browser.new_page()
    folder = files("scalargrad.pictures.live")
    page.evaluate(
        "".join(folder.joinpath(name).read_text(encoding="utf-8") for name in ("arithmetic.js", "live.js"))
        + """
        Object.assign(window, { Arithmetic, Live });
        window.kind = (x) => (typeof x === "object" ? `${x.n}/${x.d}` : Arithmetic.full(x));
        window.tried = (work) => {
            try { return kind(work()); } catch (error) {
                if (error instanceof Arithmetic.Refused) return "refused";
                throw error;
            }
        };
        null;
        """
    )
    yield page
    page.close()


EXACT = {
    "+",
    "-",
    "*",
    "/",
    "neg",
    "Σ",
    "difference",
    "relu",
    "abs",
    "max",
    "min",
    "fmax",
    "fmin",
    "where",
    "gate",
    "mod",
} | {*("step", "sign", "floor", "ceil", "rint", "greater", "less", "less_equal", "equal", "both_zero", "sqrt")}
"""Rows whose floats have the same bits everywhere; the libraries of others may differ in the last digits."""


def alike(found: str, expected: str, symbol: str) -> bool:
    """The same kind and the same number, but for the last digits of a float that a library rounds."""
    if found == expected:
        return True
    if symbol in EXACT or "refused" in (found, expected):
        return False
    a, b = number_of(found), number_of(expected)
    return type(a) is type(b) is float and math.isclose(
        a, b, rel_tol=4e-15 if symbol != "**" else 1e-13, abs_tol=5e-324
    )


@pytest.mark.parametrize("symbol", sorted(BUILT_IN))
def test_a_row_gives_what_the_engine_gives(arithmetic: Any, symbol: str) -> None:
    """The same number of the same kind; or a sentence, where the engine has an error."""
    row = TABLE[symbol]
    tried, expected = [], []
    for operands in operands_of(row, Random(symbol)):
        try:
            expected.append(page_text(row.apply(*operands)))
        except (Error, OverflowError):
            expected.append("refused")
        tried.append(list(map(page_text, operands)))
    found = arithmetic.evaluate(
        """([symbol, cases]) => cases.map((texts) =>
            tried(() => Arithmetic.TABLE[symbol](...texts.map(Arithmetic.given))))""",
        [symbol, tried],
    )
    wrong = [
        f"{symbol}({', '.join(case)}): page {page}, engine {engine}"
        for case, page, engine in zip(tried, found, expected, strict=True)
        if not alike(page, engine, symbol)
    ]
    assert wrong == []


def test_the_page_has_every_row_and_no_other(arithmetic: Any) -> None:
    assert set(arithmetic.evaluate("Object.keys(Arithmetic.TABLE)")) == BUILT_IN


def test_numbers_are_written_as_python_writes_them(arithmetic: Any) -> None:
    random = Random(0)
    numbers = [x for x in POOL if x == x]
    numbers += [random.choice((-1, 1)) * 10 ** random.uniform(-320, 308) for _ in range(300)]
    numbers += [round(random.gauss(0, 1), random.randint(0, 6)) for _ in range(300)]
    numbers += [n / 2**k for n in (1.0625, 1.03125, 4097.5, 12345.0, 1000.5) for k in range(8)]  # ties of four digits
    numbers += [Fraction(random.randint(-(10**k), 10**k), random.randint(1, 10**k)) for k in range(1, 40)]
    numbers += [Fraction(7**400, 3**20), 7**900, -Fraction(1, 7**500)]
    found = arithmetic.evaluate(
        "texts => texts.map(Arithmetic.given).map((x) => [Arithmetic.brief(x), Arithmetic.full(x)])",
        list(map(page_text, numbers)),
    )
    assert found == [[brief(x), str(x)] for x in numbers]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("2", "2"),
        (" −3 ", "-3"),
        ("+4", "4"),
        ("1 / 3", "1/3"),
        ("-6/4", "-3/2"),
        ("0.5", "1/2"),
        (".25", "1/4"),
        ("2.", "2"),
        ("1e-3", "1/1000"),
        ("2.5e3", "2500"),
    ],
)
def test_what_a_reader_writes_is_read_exactly(arithmetic: Any, text: str, number: str) -> None:
    assert arithmetic.evaluate("text => kind(Arithmetic.read(text))", text) == number


@pytest.mark.parametrize("text", ["", "x", "1/0", "1/2/3", "0x10", "1e9999", "1,5", "--1", "1" * 500, "nan", "<b>"])
def test_what_is_not_a_number_is_not_read(arithmetic: Any, text: str) -> None:
    assert arithmetic.evaluate("text => Arithmetic.read(text)", text) is None


# ---------------------------------------------------------------------------------------------------------------------
# Programs


def random_graph(random: Random) -> tuple[Value, list[Value], list[Any]]:
    """A graph of rows of the whole table, its leaves, and other numbers for these, of the same kinds."""
    kind = random.choice(("int", "float", "Fraction", "mixed"))

    def number() -> Any:
        this = random.choice(("int", "float", "Fraction")) if kind == "mixed" else kind
        if this == "float":
            return random.choice((random.gauss(0, 2), float(random.randint(-3, 3)), round(random.random(), 2)))
        return random.randint(-4, 4) if this == "int" else Fraction(random.randint(-9, 9), random.randint(1, 6))

    rows = [*(TABLE[symbol] for symbol in sorted(BUILT_IN)), *map(ConstantPower, (2, 3, -1, 0, 0.5))]
    if kind in ("int", "Fraction"):  # the others would end the graph
        rational = {"+", "-", "*", "/", "neg", "Σ", "relu", "abs", "max", "min", "where", "mod", "step", "sign"}
        rational |= {"floor", "ceil", "rint", "greater", "less", "equal", "**2", "**3", "**-1"}
        rows = [row for row in rows if row.symbol in rational]
    while True:
        leaves = [Value(number(), f"x{k}") for k in range(random.randint(1, 4))]
        nodes = list(leaves)
        try:
            for _ in range(random.randint(1, 9)):
                row = random.choice(rows)
                operands = [random.choice(nodes) for _ in range(row.arity or random.randint(1, 4))]
                if random.random() < 0.2:
                    operands[-1] = Value(number())  # a constant
                nodes.append(row(*operands))
            if nodes[-1].data == nodes[-1].data and abs(nodes[-1].data) < 1e6:
                return nodes[-1], leaves, [type(x.data)(number()) for x in leaves]
        except (Error, OverflowError, ValueError):
            continue


def at_other_numbers(output: Value, leaves: list[Value], numbers: list[Any]) -> list[Any]:
    """The output and its gradient as the engine has them at other numbers."""
    made = dict(zip(leaves, map(Value, numbers), strict=True))
    for node in sg.topological_order(output):
        if node.op is not None:
            made[node] = node.make_node(node.op, *(made[x] for x in node.inputs))
        elif node not in made:
            made[node] = Value(node.data)
    gradients = sg.grad(made[output], [made[leaf] for leaf in leaves])
    return [made[output].data, *gradients]


def test_a_changed_input_gives_what_the_engine_gives(arithmetic: Any) -> None:
    """Random graphs over the whole table, forward and backward, exactly or in floats."""
    random = Random(1)
    cases: list[Any] = []
    expected: list[list[str]] = []
    while len(cases) < 400:
        output, leaves, numbers = random_graph(random)
        used = set(sg.topological_order(output))
        numbers = [x for leaf, x in zip(leaves, numbers, strict=True) if leaf in used]
        leaves = [leaf for leaf in leaves if leaf in used]
        data = data_of(output)
        try:
            expected.append(list(map(page_text, at_other_numbers(output, leaves, numbers))))
        except (Error, OverflowError):
            expected.append(["refused"])
        registers = {name: register for register, name in data["inputs"]}
        asked = [data["output"], *(data["gradients"][leaf.label] for leaf in leaves)]
        changes = [[registers[leaf.label], page_text(x)] for leaf, x in zip(leaves, numbers, strict=True)]
        cases.append([data["program"], changes, asked])
    found = arithmetic.evaluate(
        """cases => cases.map(([program, changes, asked]) => {
            const numbers = Live.program(program);
            try {
                numbers.change(new Map(changes.map(([register, text]) => [register, Arithmetic.given(text)])));
            } catch (error) {
                if (error instanceof Arithmetic.Refused) return ["refused"];
                throw error;
            }
            return asked.map((register) => kind(numbers.number(register)));
        })""",
        cases,
    )
    wrong = [
        (case[1], page, engine)
        for case, page, engine in zip(cases, found, expected, strict=True)
        if len(page) != len(engine) or not all(map(agree, page, engine))
    ]
    assert wrong == []
    assert sum(case == ["refused"] for case in expected) < 100


def agree(page: str, engine: str) -> bool:
    """Exact numbers in every digit, and floats up to what rounding makes of their last digits.

    A seed 1 stays of the kind that the output had: where ints and floats are mixed, the page may have 0 for 0.0.
    """
    if page == engine or "refused" in (page, engine):
        return page == engine
    a, b = number_of(page), number_of(engine)
    return isinstance(b, float) and (a == b or (type(a) is float and math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-12)))


def data_of(output: Value) -> dict[str, Any]:
    """The program for a page of a graph, without drawing it."""
    order = sg.topological_order(output)
    leaves = [node for node in order if node.label.startswith("x")]
    registers = Registers(output, leaves)
    story = tell(order, registers)
    assert registers.reason == ""
    tracks = {track.name: track for track in story.tracks}
    return {
        "inputs": [[registers.add(leaf), leaf.label] for leaf in leaves],
        "output": registers.add(story.tracks[-1].data),
        "gradients": {leaf.label: registers.add(tracks[leaf.label].gradient) for leaf in leaves},
        "program": registers.program(),
    }
