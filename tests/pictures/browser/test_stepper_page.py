"""The stepping page in a real browser: it steps, it is right, it is usable by all, and it lets nothing in or out."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

import scalargrad as sg
from scalargrad import Value
from scalargrad.engine.sweep import adjoints, topological_order
from scalargrad.pictures import step_through
from tests.pictures.graphs import copied, diamond, fractions, labelled, n_ary, second_order

Show = Callable[..., Any]

PHONE = {"width": 360, "height": 740}


def product() -> Value:
    return labelled("y", Value(2, "x₁") * Value(3, "x₂"))


def square() -> Value:
    x = Value(1.1, "x")
    return x * x


def affine(rows: int = 2, inner: int = 2, columns: int = 2) -> Value:
    X = sg.values([[1.5 * i - j for j in range(inner)] for i in range(rows)], "x")
    W = sg.values([[0.1 * i + j for j in range(columns)] for i in range(inner)], "w")
    return labelled("L", sg.sum((X @ W) ** 2))


def three_hundred_nodes() -> Value:
    output = affine(4, 6, 5)
    assert 290 <= len(topological_order(output)) <= 300
    return output


GRAPHS = [product, diamond, square, n_ary, second_order, fractions, affine, lambda: Value(5, "x")]


def step_of(page: Any) -> int:
    return int(page.locator("#slider").input_value())


def press(page: Any, key: str, times: int, look: str = "() => null") -> list[Any]:
    """Press a key so many times, and look each time at what a function finds."""
    found: list[Any] = page.evaluate(
        """([key, times, look]) => Array(times).fill(key).map((key) => {
            document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
            return eval(look)();
        })""",
        [key, times, f"({look})"],
    )
    return found


def last_of(page: Any) -> int:
    return int(page.locator("#slider").get_attribute("max"))


def formula(page: Any) -> list[str]:
    return [line.text_content() for line in page.locator("#formula > div").all()]


def visible(page: Any, selector: str) -> list[str]:
    """The texts of the elements that are not hidden, sorted."""
    found: list[str] = page.eval_on_selector_all(
        selector, "all => all.filter(x => getComputedStyle(x).visibility === 'visible').map(x => x.textContent)"
    )
    return sorted(found)


def gradients(page: Any) -> list[str]:
    """What the page says of each box: in the diagram, in its description, and in the table, which must agree."""
    in_diagram = page.eval_on_selector_all(".node .grad", "texts => texts.map(text => text.textContent)")
    described = page.eval_on_selector_all(".node", "nodes => nodes.map(n => [n.id, n.getAttribute('aria-label')])")
    ids = [int(id[1:]) for id, _ in described]
    cells = page.eval_on_selector_all(
        "#table tbody tr",
        "rows => rows.sort((a, b) => a.dataset.box - b.dataset.box)"
        ".map(row => [row.cells[3].textContent, row.cells[3].title])",
    )
    for k, text, (_, description) in zip(ids, in_diagram, described, strict=True):
        short, full = cells[k]
        assert text == f"grad {short}"
        assert f", grad {full}, complete. Show its terms" in description
    return [full for _, full in cells]


# ---------------------------------------------------------------------------------------------------------------------
# Stepping


@pytest.mark.parametrize("build", GRAPHS)
def test_the_keyboard_alone_leads_to_the_engines_gradients(show: Show, build: Callable[[], Value]) -> None:
    output = build()
    page = show(output).page
    for step in range(last_of(page)):
        assert step_of(page) == step
        page.keyboard.press("ArrowRight")
    assert page.locator("#phase").text_content() == "Done"
    expected = adjoints(output)
    assert gradients(page) == [str(expected[node]) for node in topological_order(output)]


def test_each_step_shows_its_formula_and_reveals_its_numbers(show: Show) -> None:
    page = show(product()).page
    assert visible(page, ".data, .grad, .edge text") == []
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    assert page.locator("#phase").text_content() == "Forward 3 of 3"
    assert formula(page) == ["y = x₁ · x₂ = 2 · 3 = 6"]
    assert visible(page, ".data") == ["data 2", "data 3", "data 6"]
    assert visible(page, ".edge text") == ["2", "3"]
    assert visible(page, ".grad") == []
    page.keyboard.press("ArrowRight")
    assert formula(page) == ["y.grad = ∂y/∂y = 1"]
    assert visible(page, ".grad") == ["grad 1"]
    page.keyboard.press("ArrowRight")
    assert page.locator("#phase").text_content() == "Backward 2 of 3"
    assert formula(page) == ["x₁.grad += ∂₁y · y.grad = 3 · 1 = 3", "x₁.grad = 3"]
    assert visible(page, ".grad") == ["grad 1", "grad 3"]
    assert page.locator(".edge.now").get_attribute("id") == "e2-0"
    page.keyboard.press("ArrowLeft")
    assert visible(page, ".grad") == ["grad 1"]


def test_running_sums_are_shown_and_completion_is_marked(show: Show) -> None:
    page = show(diamond()).page
    seen: list[tuple[str, bool]] = []
    for _ in range(last_of(page) - 1):
        page.keyboard.press("ArrowRight")
        box = page.get_by_role("button", name=re.compile(r"^x, leaf"))
        for text in visible(page, f"#{box.get_attribute('id')} .grad"):
            state = (text, "complete" in box.get_attribute("class").split())
            seen += [state] if state not in seen else []
    # L = 2x·x² + x at x = 3. Its terms: 1 by the sum, 18 by a, and 18 twice by b, which is x·x
    assert seen == [("grad 1", False), ("grad 19", False), ("grad 37", False), ("grad 55", True)]


def test_buttons(show: Show) -> None:
    page = show(diamond()).page
    last = last_of(page)
    for name, step in (("Forward", 1), ("Forward", 2), ("Back", 1), ("Last step", last), ("Forward", last)):
        page.get_by_role("button", name=name, exact=True).click(
            force=True
        )  # the last is disabled, which is said and not enforced
        assert step_of(page) == step
    page.get_by_role("button", name="First step").click()
    page.get_by_role("button", name="Back", exact=True).click(force=True)
    assert step_of(page) == 0
    assert page.locator("#counter").text_content() == f"0 / {last}"


def test_home_end_and_the_slider(show: Show) -> None:
    page = show(diamond()).page
    page.keyboard.press("End")
    assert step_of(page) == last_of(page)
    page.keyboard.press("Home")
    assert step_of(page) == 0
    page.locator("#slider").fill("6")
    assert page.locator("#counter").text_content() == f"6 / {last_of(page)}"
    page.locator("#slider").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("#counter").text_content() == f"7 / {last_of(page)}"
    assert page.locator("#slider").get_attribute("aria-valuetext") == f"step 7 of {last_of(page)}, backward"


def test_play_and_pause(show: Show) -> None:
    page = show(diamond(), alone=True).page
    page.clock.install()
    page.get_by_role("button", name="Play").click()
    page.clock.run_for(3 * 1200)
    assert step_of(page) == 3
    page.get_by_role("button", name="Pause").click()
    page.clock.run_for(5000)
    assert step_of(page) == 3
    page.locator("#step-card").focus()
    page.keyboard.press(" ")
    page.clock.run_for(100_000)
    assert step_of(page) == last_of(page)  # and there it stops
    assert page.get_by_role("button", name="Play").count() == 1
    page.keyboard.press(" ")  # and from there it begins anew
    assert step_of(page) == 0
    page.get_by_label("Speed").select_option("fast")
    page.clock.run_for(800)
    assert step_of(page) == 2
    page.locator("#step-card").focus()
    page.keyboard.press("ArrowLeft")  # whoever steps by hand wants no playing on
    page.clock.run_for(5000)
    assert step_of(page) == 1


def test_links_lead_to_steps(show: Show) -> None:
    opened = show(diamond(), "#step=7")
    page = opened.page
    assert step_of(page) == 7
    page.evaluate("location.hash = '#step=3'")
    page.locator("#counter", has_text=re.compile("^3 /")).wait_for()
    page.keyboard.press("ArrowRight")
    page.wait_for_url(f"{opened.address}#step=4")
    for address in ("#step=99999", "#step=-1", "#step=<b>", "#else"):
        page.evaluate("address => { location.hash = address }", address)
        page.wait_for_timeout(50)
        assert step_of(page) == last_of(page)  # the first is past the end, and the others are no steps
    other = show(diamond(), "#step=x").page
    assert step_of(other) == 0


@pytest.mark.parametrize("how", ["click", "Enter", "Space", "table"])
def test_a_box_shows_its_terms_and_their_sum(show: Show, how: str) -> None:
    output = diamond()
    page = show(output, "#step=99").page
    box = page.get_by_role("button", name=re.compile(r"^x, leaf"))
    if how == "click":
        box.click()
    elif how == "table":
        page.get_by_role("button", name="Terms of x").click()
    else:
        box.focus()
        page.keyboard.press(how)
    terms = [Fraction(text) for text in page.locator("#terms .term").all_text_contents()]
    assert len(terms) == 4
    assert sum(terms) == Fraction(page.locator("#terms .sum").text_content()) == 55
    factors = page.eval_on_selector_all("#terms tbody tr", "rows => rows.map(row => row.cells[1].textContent)")
    assert [math.prod(map(Fraction, text.split(" · "))) for text in factors] == terms
    assert box.get_attribute("aria-pressed") == "true"
    assert page.locator("#announce").text_content() == "Terms of x: 4 of 4, sum 55"
    page.keyboard.press("Escape")
    assert box.get_attribute("aria-pressed") == "false"


def test_terms_that_are_not_there_yet_are_not_told(show: Show) -> None:
    page = show(product(), "#step=1").page
    page.get_by_role("button", name=re.compile(r"^x₁, leaf")).click()
    assert page.locator("#terms tbody").inner_text().split("\t")[:2] == ["y", "not yet"]
    assert page.locator("#terms .sum").text_content() == ""
    page.get_by_role("button", name=re.compile(r"^y, output")).click()
    assert page.locator("#terms").inner_text() == "∂y/∂y = …: the seed. y is the output, and no edge leaves it."


# ---------------------------------------------------------------------------------------------------------------------
# Changing the numbers


def change(page: Any, name: str, text: str) -> None:
    page.locator("#editing").evaluate("details => { details.open = true; }")
    page.get_by_label(name, exact=True).fill(text)
    page.keyboard.press("Enter")


def again(build: Callable[..., Value], **numbers: Any) -> list[str]:
    output = build(**numbers)
    expected = adjoints(output)
    return [str(expected[node]) for node in topological_order(output)]


def rational(x: Any = Fraction(1, 3), y: Any = Fraction(-2, 7)) -> Value:
    a, b = Value(x, "x"), Value(y, "y")
    return labelled("L", (a * b - a / b) ** 2 + b)


def test_a_changed_input_changes_every_number_exactly(show: Show) -> None:
    page = show(rational(), "#step=99").page
    assert gradients(page) == again(rational)
    change(page, "x", "22/7")
    change(page, "y", "0.5")
    assert gradients(page) == again(rational, x=Fraction(22, 7), y=Fraction(1, 2))
    assert page.locator("#formula").inner_text().startswith("∂L/∂x = ")
    change(page, "y", "0")
    assert "division by zero has no exact result" in page.locator(".refused").inner_text()
    assert gradients(page) == again(rational, x=Fraction(22, 7), y=Fraction(1, 2))
    change(page, "y", "-2/7")
    assert page.locator(".refused").inner_text() == ""
    page.get_by_role("button", name="As they were").click()
    assert gradients(page) == again(rational)


def neuron(x: float = 0.5, w: float = -1.25) -> Value:
    a, b = Value(x, "x"), Value(w, "w")
    return labelled("y", (a * b + 2).tanh())


def test_a_changed_float_changes_every_float_and_an_unchanged_one_keeps_its_bits(show: Show) -> None:
    page = show(neuron(), "#step=99").page
    change(page, "x", "3e-1")
    for found, expected in zip(gradients(page), again(neuron, x=0.3), strict=True):
        assert math.isclose(float(found), float(expected), rel_tol=1e-14)
    change(page, "x", "0.5")
    assert gradients(page) == again(neuron)


def test_a_long_number_stays_in_its_box(show: Show) -> None:
    page = show(rational(), "#step=99").page
    change(page, "x", "123456789/98765")
    overflowing = page.eval_on_selector_all(
        ".node",
        """nodes => nodes.filter(node => {
            const box = node.querySelector("polygon, ellipse").getBoundingClientRect();
            return [...node.querySelectorAll("text")].some(text => {
                const inner = text.getBoundingClientRect();
                return inner.left < box.left || inner.right > box.right;
            });
        }).map(node => node.textContent)""",
    )
    assert overflowing == []


def test_an_operation_of_ones_own_is_practised_and_its_inputs_stay(show: Show) -> None:
    with copied(sg.ops.TANH) as own:
        page = show(labelled("y", own(Value(2.0, "x") * 1.5))).page
    page.locator("#editing summary").click()
    assert (
        page.locator("#numbers").inner_text()
        == "The inputs can't be edited: the operation copy tanh is not of the table."
    )
    page.get_by_role("button", name="Forward mode").click()
    page.locator("#last").click()
    page.locator(".node.output").click()
    assert page.locator("#tangent .sum").inner_text() == f"{1.5 * (1 - math.tanh(3.0) ** 2):.4g}"
    assert page.get_by_role("button", name="Practise").is_visible()


def test_folded_entries_can_be_changed(show: Show) -> None:
    X, W = sg.values([[1, 2]], "x"), sg.values([[3], [4]], "w")
    L = labelled("L", sg.sum(sg.affine.forward(X, W) ** 2))
    page = show(step_through(L, level="entry"), "#step=99").page
    change(page, "w[1,0]", "5")
    assert page.locator("#table").inner_text().split() == [
        *("name", "operation", "data", "grad", "x[0,0]", "leaf", "1", "78", "x[0,1]", "leaf", "2", "130"),
        *("w[0,0]", "leaf", "3", "26", "w[1,0]", "leaf", "5", "52", "y[0,0]", "Σ", "13", "26", "L", "Σ", "169", "1"),
    ]


# ---------------------------------------------------------------------------------------------------------------------
# Practice, and forward mode


def answer(page: Any, text: str) -> str:
    page.locator("#answer").fill(text)
    page.keyboard.press("Enter")
    verdict: str = page.locator("#verdict").inner_text()
    return verdict


def test_practice_asks_for_each_number_before_it_is_shown(show: Show) -> None:
    """And says what was confused."""
    page = show(product()).page
    page.get_by_role("button", name="Practise").click()
    for _ in range(3):
        page.locator("#step-card").press("ArrowRight")
    assert formula(page) == ["y = x₁ · x₂ = 2 · 3 = ?"]
    assert visible(page, ".data") == ["data 2", "data 3"]
    assert answer(page, "5") == "That is a sum of the operands; the operation is *."
    assert answer(page, "-6") == "The sign is wrong."
    assert answer(page, "six").startswith("That is not a number")
    assert answer(page, "6.0") == "Right."
    assert visible(page, ".data") == ["data 2", "data 3", "data 6"]
    page.keyboard.press("Enter")
    assert formula(page) == ["y.grad = ∂y/∂y = ?"]
    assert answer(page, "6") == "That is the value of y, not how it changes."
    assert answer(page, "1") == "Right."
    page.keyboard.press("Enter")
    assert formula(page) == ["x₁.grad += ∂₁y · y.grad", "x₁.grad = ?"]
    assert answer(page, "2") == "You took the partial by the other input: ∂₁y is 3."
    assert answer(page, "4") == "You added the local partial and the gradient: the chain rule multiplies them."
    assert visible(page, ".grad") == ["grad 1"]
    page.get_by_role("button", name="Show it", exact=True).click()
    assert visible(page, ".grad") == ["grad 1", "grad 3"]
    page.locator("#step-card").press("ArrowRight")
    page.locator("#step-card").press("ArrowRight")  # whoever goes on has it shown
    assert visible(page, ".grad") == ["grad 1", "grad 2", "grad 3"]
    page.locator("#step-card").press("ArrowRight")
    assert page.locator("#phase").text_content() == "Done"
    assert page.locator("#quiz").is_hidden()


def test_practice_knows_a_running_sum(show: Show) -> None:
    page = show(diamond(), "#step=10").page  # L = 2x·x² + x: the first term of x has been added
    page.get_by_role("button", name="Practise").click()
    page.locator("#step-card").press("ArrowRight")
    assert formula(page)[1:] == ["x.grad = ?"]
    assert answer(page, "18") == "That is this term alone: it is added to the 1 that was there."
    assert answer(page, "1") == "That was there before: this term is still to be added."
    assert answer(page, "55") == "That is ∂L/∂x, the sum of all terms: here it is the sum of the first 2."
    assert answer(page, "37") == "A term too many: this one is added once."
    assert answer(page, "19") == "Right."


def test_forward_mode_stands_beside_with_both_counts(show: Show) -> None:
    page = show(affine(), "#step=99").page
    page.get_by_role("button", name="Forward mode").click()
    page.locator(".node.output").click()
    output = affine()
    expected = adjoints(output)
    for node in topological_order(output):
        if node.label.startswith(("x", "w")):
            page.get_by_label("Input of forward mode").select_option(node.label)
            found = page.locator("#tangent .sum").get_attribute("title")
            assert math.isclose(float(found), float(expected[node]), rel_tol=1e-12)
    page.get_by_label("Input of forward mode").select_option("x[0,0]")
    edges = sum(len(node.inputs) for node in topological_order(output))
    # One entry of X or W is in two products: two edges each for the product, y, its square and L
    assert page.locator("#counts").inner_text() == (
        f"Multiplications, one for each edge: reverse mode {edges}, in one sweep for all 8 inputs. "
        "Forward mode 8 by x[0,0]; for all 8 inputs, in 8 sweeps, 64."
    )


# ---------------------------------------------------------------------------------------------------------------------
# For everybody


@pytest.mark.parametrize("build", [diamond, affine, second_order, three_hundred_nodes])
def test_a_phone_scrolls_the_diagram_and_not_the_page(show: Show, build: Callable[[], Value]) -> None:
    page = show(build(), viewport=PHONE).page
    for key in ("Home", "ArrowRight", "End", "ArrowLeft"):
        page.keyboard.press(key)
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


NOT_IN_SIGHT = """() => {
    const within = (inner, outer) =>
        inner.left >= outer.left - 1 && inner.right <= outer.right + 1 &&
        inner.top >= outer.top - 1 && inner.bottom <= outer.bottom + 1;
    const box = (selector) => document.querySelector(selector)?.getBoundingClientRect();
    const frame = box("#diagram");
    const window = { left: 0, top: 0, right: innerWidth, bottom: innerHeight };
    const numbers = [...document.querySelectorAll(".value, #terms .figure")];
    const broken = numbers.filter((x) => x.getClientRects().length > 1);
    return [
        ...[".node.now", ".edge.now", ".node.from"].filter((part) => box(part) && !within(box(part), frame)),
        ...["#step-card", "#diagram", ".terms"].filter((part) => !within(box(part), window)),
        ...["#terms tr.now", "#terms .sum"].filter((part) => box(part) && !within(box(part), box(".terms"))),
        ...broken.map((x) => `${x.textContent} breaks`),
    ];
}"""


def wide() -> Value:
    """Long fractions, and an edge from the first column to the last."""
    x = Value(Fraction(-1234567, 89123), "x")
    a = labelled("a long name", (x * x).relu() * Fraction(3, 7))
    return labelled("L", (a * a - x / 3) * x)


@pytest.mark.parametrize("build", [affine, wide])
def test_the_whole_edge_of_a_step_and_its_terms_are_in_sight(show: Show, build: Callable[[], Value]) -> None:
    """In a notebook's frame, on a phone and on a desktop, at every step; and no number breaks inside."""
    page = show(build(), reduced_motion="reduce").page
    for width, height in ((860, 760), (390, 844), (1280, 800)):
        page.set_viewport_size({"width": width, "height": height})
        page.keyboard.press("Home")
        found = press(page, "ArrowRight", last_of(page), NOT_IN_SIGHT)
        assert {step: missing for step, missing in enumerate(found, start=1) if missing} == {}, width
        assert step_of(page) == last_of(page)


def test_the_keyboard_scrolls_the_diagram(show: Show) -> None:
    page = show(affine(), "#step=20", viewport=PHONE, reduced_motion="reduce").page
    frame = page.locator("#diagram")
    frame.evaluate("frame => { frame.scrollTo(0, 0); frame.focus(); }")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.wait_for_function("() => document.querySelector('#diagram').scrollLeft > 20")
    assert step_of(page) == 20


def test_on_paper_everything_is_there(show: Show) -> None:
    page = show(affine(), "#step=99").page
    page.emulate_media(media="print")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert page.locator(".controls").is_hidden()
    assert page.locator("#table").is_visible()
    clipped = "x => x.scrollWidth > x.clientWidth + 1 || x.scrollHeight > x.clientHeight + 1"
    for part in ("#diagram", "#step-card", ".terms", "#all .scrolls"):
        assert not page.locator(part).evaluate(clipped), part


def test_reduced_motion_steps_without_moving(show: Show) -> None:
    page = show(diamond(), "#step=12", alone=True, reduced_motion="reduce").page
    assert page.evaluate("document.getAnimations().length") == 0
    page.clock.install()
    page.keyboard.press(" ")
    page.clock.run_for(1200)
    assert step_of(page) == 13
    moving = show(diamond(), "#step=12").page
    assert moving.evaluate("document.getAnimations().length") > 0


def test_the_current_step_is_announced(show: Show) -> None:
    page = show(product(), "#step=3").page
    status = page.locator("#status")
    assert status.get_attribute("aria-live") == "polite"
    assert "Forward 3 of 3" in status.inner_text()
    assert "y = x₁ · x₂" in status.inner_text()
    assert page.locator("html").get_attribute("lang") == "en-GB"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("build", "step"), [(diamond, 10), (affine, 99)])
def test_axe_finds_nothing_serious(show: Show, axe: str, build: Callable[[], Value], step: int, scheme: str) -> None:
    """As a page is opened, and with forward mode, the inputs, a question and a mistake in it."""
    page = show(build(), f"#step={step}", color_scheme=scheme, reduced_motion="reduce", viewport=PHONE).page
    page.locator(".node").first.click()
    page.evaluate(axe)
    assert serious(page) == []
    page.get_by_role("button", name="Forward mode").click()
    change(page, page.locator("#numbers input").first.get_attribute("aria-label"), "one")
    page.get_by_role("button", name="Practise").click()
    page.locator("#step-card").press("ArrowRight")
    if page.locator("#answer").is_visible():
        answer(page, "0.123")
    assert serious(page) == []


def serious(page: Any) -> list[str]:
    violations = page.evaluate("async () => (await axe.run()).violations")
    return [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in violations if v["impact"] in ("serious", "critical")]


# ---------------------------------------------------------------------------------------------------------------------
# Safe


@pytest.mark.parametrize(
    "label",
    [
        "<script>alert(1)</script>",
        "</script><script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "]]>",
        r"\N",
        "<!--<script>",
        "two\nlines\u2028\u2029",
        "\u202eevil\u202c",
        "שלום",
        "x" * 10_000,
    ],
    ids=lambda label: ascii(label[:20]),
)
def test_labels_show_as_text_and_nothing_runs(show: Show, label: str) -> None:
    symbol = sg.Op(f"op {label[:30]}", lambda x: x, lambda out, x: (1,))
    page = show(labelled(label, symbol(Value(2, label) * 3)), viewport=PHONE).page
    del sg.ops.TABLE[symbol.symbol]
    page.get_by_role("button", name="Forward mode").click()
    page.get_by_role("button", name="Practise").click()
    press(page, "ArrowRight", 2 * last_of(page))  # what is asked is shown by going on
    page.locator(".node").first.click()
    assert page.locator("script").count() == 2
    assert page.locator("img, iframe, b").count() == 0
    start = label[:5].partition("\n")[0].replace("\u202e", "⟨U+202E⟩")
    assert start in page.locator(".node.output .title").text_content()
    assert start in page.locator("h1").text_content()
    assert start in page.locator("#table").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    assert page.locator("#phase").text_content() == "Done"


def test_names_of_inputs_stay_text_in_the_form(show: Show) -> None:
    names = ["<img src=x onerror=alert(1)>[0,0]", "<b>[0,1]", "</form><script>alert(1)</script>", "x" * 500]
    inputs = [Value(k, name) for k, name in enumerate(names, start=1)]
    page = show(sg.sum([x * x for x in inputs]), viewport=PHONE).page
    page.get_by_role("button", name="Forward mode").click()
    page.locator("#editing summary").click()
    assert page.locator("#numbers input").count() == 4
    assert page.locator("#numbers caption").all_text_contents() == ["<img src=x onerror=alert(1)>", "<b>"]
    assert page.locator("img, iframe, b").count() == 0
    change(page, names[2], "5")
    page.keyboard.press("Escape")
    page.locator("#last").click()
    assert "∂out/∂<b>[0,1] = 4" in page.locator("#formula").inner_text()
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_the_page_works_in_a_notebooks_frame(show: Show, tmp_path: Path) -> None:
    page = show(diamond()).page
    path = tmp_path / "notebook.html"
    path.write_text(f"<!doctype html><meta charset=utf-8>{step_through(product())._repr_html_()}", encoding="utf-8")
    host = page.context.new_page()
    complaints: list[str] = []
    host.on("console", lambda message: complaints.append(message.text))
    host.on("pageerror", lambda error: complaints.append(str(error)))
    host.goto(path.as_uri())
    frame = host.frame_locator("iframe")
    frame.get_by_role("button", name="Practise").click()
    for _ in range(3):
        frame.locator("#step-card").press("ArrowRight")
    frame.locator("#answer").fill("5")
    frame.locator("#answer").press("Enter")
    assert frame.locator("#verdict").inner_text().startswith("That is a sum")
    frame.locator("#answer").fill("6")
    frame.get_by_role("button", name="Check").click()
    assert frame.locator("#verdict").inner_text() == "Right."
    frame.locator("#editing summary").click()
    frame.get_by_label("x₁", exact=True).fill("7")
    frame.get_by_label("x₁", exact=True).press("Enter")
    frame.get_by_role("button", name="Last step").click()
    assert frame.locator("#phase").text_content() == "Done"
    assert frame.locator("#formula").inner_text() == "∂y/∂x₁ = 3\n∂y/∂x₂ = 7"
    host.wait_for_timeout(300)  # the address is written after a rest, and a frame has none
    assert complaints == []
    host.close()


# ---------------------------------------------------------------------------------------------------------------------
# Large


def test_a_page_of_three_hundred_nodes_is_small_and_answers(show: Show) -> None:
    output = three_hundred_nodes()
    assert len(step_through(output).html.encode()) < 2_000_000
    page = show(output, reduced_motion="reduce").page
    times = page.evaluate(
        """() => ["ArrowRight", "End", "ArrowLeft", "Home", ...Array(60).fill("ArrowRight"), "End", "Home"].map(key => {
            const begin = performance.now();
            document.body.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
            document.documentElement.getBoundingClientRect();
            return performance.now() - begin;
        })"""
    )
    print(f"a key on 300 nodes: median {sorted(times)[len(times) // 2]:.1f} ms, most {max(times):.1f} ms")
    assert step_of(page) == 0
    page.keyboard.press("End")
    expected = adjoints(output)
    assert gradients(page) == [str(expected[node]) for node in topological_order(output)]
