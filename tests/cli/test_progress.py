"""Progress of long work: a bar on a terminal, lines with an estimate elsewhere; no test waits for a clock."""

from __future__ import annotations

import threading

import pytest

from scalargrad.cli import progress
from scalargrad.cli.progress import Lines, shown_progress, span


class Clock:
    """A clock that the test sets."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


class TestLines:
    def test_what_remains_is_estimated_at_the_pace_so_far(self) -> None:
        clock = Clock()
        lines = Lines("verifying", clock)
        lines.step("floats: building the graph", 0)
        clock.now = 104
        assert lines.now() == "verifying, floats: building the graph: 4 s so far"  # nothing is done: nothing to go by
        clock.now = 110
        lines.step("floats: (1)", 0.1)
        assert lines.now() == "verifying, floats: (1): 10 s so far, about 1 min 30 s to go"
        clock.now = 130
        assert lines.now() == "verifying, floats: (1): 30 s so far, about 1 min 10 s to go"
        clock.now = 140
        lines.step("floats: (2)", 0.8)
        assert lines.now() == "verifying, floats: (2): 40 s so far, about 10 s to go"

    def test_an_estimate_that_was_too_short(self) -> None:
        clock = Clock()
        lines = Lines("verifying", clock)
        clock.now = 105
        lines.step("(1)", 0.5)
        clock.now = 111
        assert lines.now() == "verifying, (1): 11 s so far, longer than was estimated"

    @pytest.mark.parametrize(
        ("seconds", "text"), [(0.4, "0 s"), (59.4, "59 s"), (59.6, "1 min 0 s"), (3725, "62 min 5 s")]
    )
    def test_spans(self, seconds: float, text: str) -> None:
        assert span(seconds) == text


class TestShown:
    def test_lines_in_a_pipe(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        said = threading.Event()

        class Heard(Lines):
            def now(self) -> str:
                said.set()
                return f"{self.what}, {self.words}"

        monkeypatch.setattr(progress, "INTERVAL", 0.001)
        monkeypatch.setattr(progress, "Lines", Heard)
        with shown_progress("verifying") as step:
            step("floats: (1)", 0.5)
            assert said.wait(60)
        out, err = capsys.readouterr()
        assert out == ""
        assert set(err.splitlines()) == {"verifying, floats: (1)"}

    def test_not_a_word_of_what_is_done_at_once(self, capsys: pytest.CaptureFixture[str]) -> None:
        with shown_progress("verifying") as step:
            for k in range(10):
                step("floats", k / 10)
        with shown_progress("nothing"):
            pass
        assert capsys.readouterr() == ("", "")

    def test_no_more_lines_after_an_error(self) -> None:
        def work() -> None:
            with shown_progress("verifying") as step:
                step("floats", 0)
                raise ValueError("wrong")

        threads = threading.active_count()
        with pytest.raises(ValueError, match="wrong"):
            work()
        assert threading.active_count() == threads

    def test_a_bar_on_a_terminal(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
        monkeypatch.setenv("TERM", "xterm")
        monkeypatch.setenv("COLUMNS", "100")
        with shown_progress("verifying") as step:
            step("floats: (1)", 0.5)
        assert "verifying, floats: (1)" in capsys.readouterr().err
