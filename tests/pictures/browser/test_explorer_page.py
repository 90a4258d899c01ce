"""The explorer in a real browser: what lights up is right, all can use it, and it lets nothing in or out."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

import scalargrad as sg
from scalargrad.pictures.explorer import LayerNumbers, views
from tests.pictures.browser.test_stepper_page import change, serious
from tests.pictures.explorer.test_explore import layer

Show = Callable[..., Any]

PHONE = {"width": 390, "height": 844}


def lit(page: Any, key: str, place: str) -> list[str]:
    """The numbers that are lit in a matrix, in the order of their marks."""
    found: list[tuple[str, str]] = page.eval_on_selector_all(
        f"#{key}-{place} td.lit", "cells => cells.map(cell => [cell.dataset.mark, cell.textContent])"
    )
    return [text for _, text in sorted(found)]


def outcomes(page: Any) -> list[list[Fraction]]:
    """The terms' numbers, by the graph and by row · column."""
    rows = page.eval_on_selector_all(
        "#terms tr.term", "rows => rows.map(r => [...r.querySelectorAll('.outcome')].map(x => x.textContent))"
    )
    return [[Fraction(text) for text in row] for row in rows]


def test_every_entry_lights_its_row_and_column_and_shows_its_terms(show: Show) -> None:
    """By the arrow keys through every entry of every product."""
    given = layer(2, 3, 2)
    page = show(sg.explore(given)).page
    for view in views(LayerNumbers(given)):
        page.locator(f"[data-view={view.key}]").click()
        rows, columns = view.result.shape
        page.locator(f"#{view.key}-result td[tabindex='0']").focus()
        page.keyboard.press("Home")
        for i in range(rows):
            for j in range(columns):
                terms = view.terms[i][j]
                inner = view.left.shape[1]
                assert lit(page, view.key, "left") == [str(x) for x in view.left.numbers[i]]
                assert lit(page, view.key, "top") == [str(row[j]) for row in view.top.numbers]
                assert outcomes(page) == [[term.product, term.formula] for term in terms]
                assert page.locator("#terms .sum").text_content().endswith(f"= {view.result.numbers[i][j]}")
                assert page.evaluate("document.activeElement.id") == f"{view.key}-result-{i}-{j}"
                assert page.locator("#graph .node.lit").count() >= inner
                if j + 1 < columns:
                    page.keyboard.press("ArrowRight")
            page.keyboard.press("Home")
            page.keyboard.press("ArrowDown")


def test_the_proof_goes_from_all_terms_to_row_times_column(show: Show) -> None:
    page = show(sg.explore(layer(3, 2, 2)), alone=True).page
    page.locator("#x-result td[tabindex='0']").focus()
    page.keyboard.press("Enter")  # from the end to the start
    assert (
        "Step 1 of 4. (3): ∂L/∂x[0,1] is a sum over all entries of Y, 3·2 = 6 terms"
        in page.locator("#stage").inner_text()
    )
    assert (page.locator(".tile").count(), page.locator(".tile.gone").count()) == (6, 0)
    assert page.locator(".matrix td.lit").count() == 0
    page.keyboard.press(" ")
    assert page.locator(".tile.gone .outcome").all_text_contents() == ["0"] * 4
    page.get_by_role("button", name="Next").click()
    assert [len(row) for row in outcomes(page)] == [1, 1]
    page.get_by_role("button", name="Next").click()
    assert [len(row) for row in outcomes(page)] == [2, 2]
    assert "row 0 of G times column 1 of Wᵀ" in page.locator("#stage").inner_text()
    page.wait_for_function("() => !document.querySelector('.flying')")  # the factors have reached their places
    page.clock.install()
    page.get_by_role("button", name="Play the proof").click()
    assert page.locator("#stage").inner_text().startswith("Step 1 of 4")
    page.clock.run_for(20_000)
    assert page.locator("#stage").inner_text().startswith("Step 4 of 4")
    assert page.get_by_role("button", name="Play the proof").count() == 1


def test_pointing_shows_an_entry_and_a_click_keeps_it(show: Show) -> None:
    page = show(sg.explore(layer()), "#w[2,1]").page
    assert page.locator("#entry").inner_text().startswith("∂L/∂w[2,1] = ")
    page.locator("#w-result-0-0").hover()
    assert page.locator("#entry").inner_text().startswith("∂L/∂w[0,0] = ")
    page.locator("h1").hover()
    assert page.locator("#entry").inner_text().startswith("∂L/∂w[2,1] = ")
    page.locator("#w-result-1-1").click()
    page.locator("h1").hover()
    assert page.locator("#entry").inner_text().startswith("∂L/∂w[1,1] = ")
    assert page.evaluate("decodeURIComponent(location.hash)") == "#w[1,1]"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_and_a_phone_scrolls_no_page(show: Show, axe: str, scheme: str) -> None:
    page = show(sg.explore(layer(4, 5, 3)), color_scheme=scheme, reduced_motion="reduce", viewport=PHONE).page
    page.evaluate(axe)
    for key, back in (("w", 3), ("b", 0)):
        page.locator(f"[data-view={key}]").click()
        for _ in range(back):
            page.get_by_role("button", name="Back").click()
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        assert serious(page) == [], key
    change(page, "x[0,0]", "one")
    page.get_by_role("button", name="Practise").click()
    page.locator("#answer").fill("1/7")
    page.keyboard.press("Enter")
    assert serious(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]


def test_the_largest_page_answers_in_time(show: Show) -> None:
    page = show(sg.explore(layer(12, 12, 12)), reduced_motion="reduce").page
    page.locator("#x-result td[tabindex='0']").focus()
    times = page.evaluate(
        """() => Array(20).fill("ArrowRight").map((key) => {
            const begin = performance.now();
            document.activeElement.dispatchEvent(new KeyboardEvent("keydown", { key,
                bubbles: true, cancelable: true }));
            document.documentElement.getBoundingClientRect();
            return performance.now() - begin;
        })"""
    )
    print(f"an arrow key on 12×12×12: median {sorted(times)[10]:.1f} ms, most {max(times):.1f} ms")
    assert page.locator("#entry").inner_text().startswith("∂L/∂x[0,11]")


def test_without_a_script_all_numbers_are_there(show: Show) -> None:
    page = show(sg.explore(layer()), java_script_enabled=False).page
    for key in "xwby":
        assert page.locator(f"#{key}-result").is_visible()


# ---------------------------------------------------------------------------------------------------------------------
# Changing the numbers, and saying them first


def cells(page: Any, grid: str) -> list[list[Fraction]]:
    rows = page.eval_on_selector_all(
        f"#{grid} tr", "rows => rows.map(row => [...row.cells].map(cell => cell.title.split(' = ')[1]))"
    )
    return [[Fraction(text) for text in row] for row in rows]


def test_a_changed_entry_changes_every_number_exactly(show: Show) -> None:
    given = layer(2, 3, 2)
    page = show(sg.explore(given)).page
    change(page, "x[0,1]", "-22/7")
    change(page, "w[2,0]", "0.125")
    change(page, "b[1]", "5")
    X, W, b = given.x, given.w, sg.data(given.b)
    X[0, 1], W[2, 0], b[1] = Fraction(-22, 7), Fraction(1, 8), Fraction(5)
    expected = views(LayerNumbers(sg.affine.build(X, W, b, loss=lambda Y: (Y**2).sum())))
    for view in expected:
        for place in ("left", "top", "result"):
            assert cells(page, f"{view.key}-{place}") == [list(row) for row in getattr(view, place).numbers]
    page.locator("[data-view=y]").click()
    page.locator("#y-result-0-0").click()
    assert outcomes(page) == [[term.product, term.formula] for term in expected[-1].terms[0][0]]
    for text, said in (("1/0", "1/0 is not a number"), ("two", "two is not a number"), ("", "nothing is not a number")):
        change(page, "x[0,0]", text)
        assert said in page.locator(".refused").inner_text()
        assert cells(page, "y-left")[0][1] == Fraction(-22, 7)
    page.get_by_role("button", name="As they were").click()
    for view in views(LayerNumbers(given)):
        assert cells(page, f"{view.key}-result") == [list(row) for row in view.result.numbers]


def test_g_can_be_changed_where_it_is_given_and_floats_stay_floats(show: Show) -> None:
    page = show(sg.explore(sg.affine.build([[0.1, 0.2]], [[3.0], [0.7]], G=[[0.3]]))).page
    change(page, "g[0,0]", "1/3")
    assert page.locator("#x-result-0-1").get_attribute("title") == f"∂L/∂x[0,1] = {1 / 3 * 0.7}"


def primes(bias: bool = False) -> Any:
    b = [100, 1000] if bias else None
    return sg.explore(sg.affine.build([[1, 2], [3, 5]], [[7, 11], [13, 17]], b, G=[[2, 3], [5, -7]]))


CONFUSED = {
    "x": [
        ("73", "Row for column: you took row 1 of Wᵀ, which is column 1 of W."),
        ("26", "That is one term, g[0,0] · wᵀ[0,1]: all 2 are added."),
        ("128", "A term too many: g[0,1] · wᵀ[1,1] counts once."),
        ("23", "You forgot δ[α,0]: only row 0 of Y is made of x[0,1]. All 4 terms of (3) are in your sum."),
        ("142", "A term too many: ∂y[1,0]/∂x[0,1] is 0, by δ[α,0]"),
        ("-42", "That is ∂L/∂x[1,0]: the indices are the other way round."),
        ("47", "That is ∂L/∂x[0,0], another entry."),
        ("30", "That is the sum of the local partials"),
        ("5", "That is a sum of entries of G"),
        ("-77", "The sign is wrong."),
        ("25", "The sign of g[0,0] · wᵀ[0,1] is wrong."),
        ("1234", "Not yet."),
        ("seven", "That is not a number"),
        ("154/2", "Right."),
    ],
    "w": [
        ("-11", "Column for row: you took column 0 of Xᵀ, which is row 0 of X."),
        ("-1", "You forgot δ[β,1]"),
        ("-18.0", "Right."),
    ],
    "b": [("7", "That is ∂L/∂b[0], another entry."), ("-4", "Right.")],
    "y": [
        ("45", "The bias b[1] is missing."),
        ("1011", "A term is missing: x[0,1] · w[1,1] = 34."),
        ("1045", "Right."),
    ],
}
"""What is answered when the entry [0,1] is asked for, and what is said to it."""


@pytest.mark.parametrize("key", CONFUSED)
def test_a_wrong_answer_is_told_what_was_confused(show: Show, key: str) -> None:
    page = show(primes(bias=key in "by")).page
    page.locator(f"[data-view={key}]").click()
    page.get_by_role("button", name="Practise").click()
    assert page.locator("#terms").is_hidden()
    for answer, said in CONFUSED[key]:
        assert page.locator(f"#{key}-result-0-1").inner_text() == "?"
        page.locator("#answer").fill(answer)
        page.keyboard.press("Enter")
        verdict = page.locator("#verdict").inner_text()
        assert verdict.startswith(said), (answer, verdict)
    assert page.locator(f"#{key}-result-0-1").inner_text() != "?"


def test_practice_goes_from_entry_to_entry(show: Show) -> None:
    page = show(primes()).page
    page.get_by_role("button", name="Practise").click()
    page.get_by_role("button", name="Show it").click()
    assert page.locator("#x-result-0-1").inner_text() == "77"
    assert page.locator("#terms").is_visible()
    page.locator("#quiz button.main").click()
    assert page.locator("#quiz label").inner_text() == "∂L/∂x[1,0] ="
    page.keyboard.type("-42")
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    assert page.locator("#quiz label").inner_text() == "∂L/∂x[1,1] ="
    page.get_by_role("button", name="Practise").click()
    assert page.locator("#x-result-1-1").inner_text() == "-54"


def test_what_a_page_cannot_compute_can_be_neither_changed_nor_practised(show: Show) -> None:
    sympy = pytest.importorskip("sympy")
    page = show(sg.explore(sg.affine.build([[sympy.Symbol("x")]], [[sympy.Symbol("w")]], G=[[1]]))).page
    assert page.get_by_role("button", name="Practise").is_hidden()
    page.locator("#editing summary").click()
    assert page.locator("#numbers").inner_text().startswith("The inputs can't be edited: a page computes with int")
    assert page.locator("#x-result-0-0").inner_text() == "w"
