"""Hypothesis profiles, chosen by the environment variable HYPOTHESIS_PROFILE; a Chromium for the tests of pages."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from typing import Any, NoReturn

import pytest
from hypothesis import settings

settings.register_profile("dev", max_examples=50, deadline=None)
settings.register_profile("ci", max_examples=100, deadline=None, derandomize=True)
settings.register_profile("intense", max_examples=2000, deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))

# What Coq accepted on this machine stands in reports: no test's output may depend on it.
os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix="scalargrad-tests-")

ARGUMENTS = (
    *("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)


def missing(what: str) -> NoReturn:
    """Skip the test; fail it where the browser tests are asked for."""
    if os.environ.get("CI") or os.environ.get("SCALARGRAD_REQUIRE_BROWSER") == "1":
        pytest.fail(f"{what}, and the browser tests are required here")
    pytest.skip(what)


@pytest.fixture(scope="module")  # closed when a module ends: Playwright leaves a running event loop meanwhile
def browser() -> Iterator[Any]:
    """The Chromium of this machine. Without one a test is skipped, but not where somebody counts on it."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        missing("there is no Chromium on this machine")
    try:
        from playwright.sync_api import sync_playwright
    except ModuleNotFoundError:
        missing("the package playwright is not installed")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield chromium
        chromium.close()
