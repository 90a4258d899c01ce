"""The explorer in a real browser: what lights up is right, all can use it, and it lets nothing in or out."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pytest

import scalargrad as sg
from scalargrad.pictures.explorer import LayerNumbers, views
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
    page = show(sg.explore(layer(3, 2, 2))).page
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
    for key, back in (("x", 0), ("w", 3), ("b", 1), ("y", 0)):
        page.locator(f"[data-view={key}]").click()
        for _ in range(back):
            page.get_by_role("button", name="Back").click()
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
        violations = page.evaluate("async () => (await axe.run()).violations")
        serious = [v for v in violations if v["impact"] in ("serious", "critical")]
        assert [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in serious] == [], key


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
    assert sorted(times)[10] < 500  # 25 ms on a quiet machine
    assert page.locator("#entry").inner_text().startswith("∂L/∂x[0,11]")


def test_without_a_script_all_numbers_are_there(show: Show) -> None:
    page = show(sg.explore(layer()), java_script_enabled=False).page
    for key in "xwby":
        assert page.locator(f"#{key}-result").is_visible()
