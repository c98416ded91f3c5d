"""How far a workflow is: a live line on a terminal, else a plain line for each step that ends."""

import contextlib
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Mapping

from pilot_analysis.runs.making import FAILED, RUNNING

Told = Mapping[str, tuple[str, str]]


class Seen:
    """What has been seen of a workflow: steps that run, that ended, and what is left.

    `last` are the seconds each step took the last time. Without them, or before any step of this
    run can be held against them, nothing is said about the time left.
    """

    def __init__(self, steps: list[str], last: Mapping[str, float], at_once: int) -> None:
        self.steps, self._last, self._at_once = steps, last, at_once
        self.running: dict[str, float] = {}
        self.ended: list[str] = []
        self.seconds: dict[str, float] = {}

    def new(self, told: Told) -> Iterator[str]:
        """Take in what steps have said, and give the words of those that ended since, one by one."""
        now = time.monotonic()
        for name, (kind, said) in told.items():
            if kind == RUNNING:
                self.running.setdefault(name, now)
            elif name not in self.ended:
                self.ended.append(name)
                begun = self.running.pop(name, None)
                if kind != FAILED:
                    if begun is not None:
                        self.seconds[name] = round(now - begun, 1)
                    yield said

    def count(self) -> str:
        """Return how many steps have ended, of how many."""
        return f"{len(self.ended)} of {len(self.steps)}"

    def left(self) -> float | None:
        """Return about how many seconds are left; None where nobody can know."""
        open_steps = [name for name in self.steps if name not in self.ended]
        measured = [n for n in self.seconds if self._last.get(n, 0) >= 1]
        if not measured or any(name not in self._last for name in open_steps):
            return None
        pace = sum(self.seconds[n] for n in measured) / sum(self._last[n] for n in measured)
        now = time.monotonic()
        need = {
            name: max(0.5, pace * self._last[name] - (now - self.running.get(name, now)))
            for name in open_steps
        }
        # Longest first on so many workers; the last step waits for all others.
        workers = [0.0] * self._at_once
        for seconds in sorted(need.values(), reverse=True):
            workers[workers.index(min(workers))] += seconds
        return max(workers)

    def line(self) -> str:
        """Return the whole state in one line."""
        left = self.left()
        running = ", ".join(self.running) or ("" if self.ended else "starting")
        about = "" if left is None else f"about {_duration(left)} left"
        return " · ".join(part for part in (self.count(), running, about) if part)


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 100 else f"{seconds / 60:.0f} min"


Show = Callable[[Told], None]


@contextlib.contextmanager
def plainly(seen: Seen) -> Iterator[Show]:
    """Print a line for each step that ends."""

    def show(told: Told) -> None:
        for words in seen.new(told):
            left = seen.left()
            about = "" if left is None or left < 1 else f", about {_duration(left)} left"
            print(f"{words}  ({seen.count()}{about})", flush=True)

    yield show


@contextlib.contextmanager
def terminal(seen: Seen) -> Iterator[Show]:
    """Show what runs in the terminal's last line, below a line for each step that ended."""
    clear = "\r\x1b[K"

    def show(told: Told) -> None:
        for words in seen.new(told):
            sys.stderr.write(f"{clear}{words}\n")
        width = shutil.get_terminal_size().columns - 1
        sys.stderr.write(f"{clear}{seen.line()[:width]}")
        sys.stderr.flush()

    try:
        yield show
    finally:
        sys.stderr.write(clear)
        sys.stderr.flush()
