"""Progress of long work on standard error: a bar on a terminal, and elsewhere a line every few seconds.

>>> lines = Lines("verifying", clock=iter([0, 10, 15]).__next__)
>>> lines.step("integers: (1)", 0.25)
>>> lines.now()
'verifying, integers: (1): 15 s so far, about 25 s to go'
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

INTERVAL = 5.0
"""Seconds from one line to the next. What is done before the first is done without a word."""


@contextmanager
def shown_progress(what: str) -> Iterator[Callable[[str, float], None]]:
    """A function to call at each step, with a word on it and the part of all work that is done, from 0 to 1."""
    if sys.stderr.isatty():
        from rich.console import Console
        from rich.progress import Progress

        with Progress(console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(what, total=1.0)
            yield lambda words, done: bar.update(task, completed=done, description=f"{what}, {words}")
        return
    lines, over = Lines(what), threading.Event()

    def speak() -> None:
        while not over.wait(INTERVAL):
            print(lines.now(), file=sys.stderr, flush=True)

    thread = threading.Thread(target=speak, daemon=True)

    def step(words: str, done: float) -> None:
        lines.step(words, done)
        if thread.ident is None:  # not before: by the first step a pool has forked its processes
            thread.start()

    try:
        yield step
    finally:
        over.set()
        if thread.ident is not None:
            thread.join()


class Lines:
    """What can be said of some work at any time: what is going on, how long it has taken, and how long it will take.

    Parameters
    ----------
    what
        What is going on, as a whole.
    clock
        Tells the seconds.
    """

    def __init__(self, what: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.what, self.clock, self.words = what, clock, ""
        self.start = clock()
        self.end: float | None = None

    def step(self, words: str, done: float) -> None:
        """Another step begins, and so much is done."""
        self.words = words
        if done > 0:
            self.end = self.start + (self.clock() - self.start) / done

    def now(self) -> str:
        """A line that says it. What remains is estimated from what is done, at the pace so far."""
        now = self.clock()
        line = f"{self.what}, {self.words}: {span(now - self.start)} so far"
        if self.end is None:
            return line
        return line + (f", about {span(self.end - now)} to go" if self.end > now else ", longer than was estimated")


def span(seconds: float) -> str:
    """A time for people to read.

    >>> span(7.4), span(754)
    ('7 s', '12 min 34 s')
    """
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
