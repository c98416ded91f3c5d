"""How rows of a copy are numbered in the file they come from."""

import bisect
import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field

# Beyond so many gaps row numbers are those of the last gap: a message then points a little off.
_MOST_GAPS = 200


@dataclass
class Rows:
    """How rows of a copy are numbered in the file they come from; the header of a copy is row 1.

    Rows from `starts[i]` on are `shifts[i]` further down in the file.
    """

    starts: list[int] = field(default_factory=lambda: [0])
    shifts: list[int] = field(default_factory=lambda: [0])

    @classmethod
    def without(cls, blank: Iterable[int]) -> "Rows":
        """Return how the rows of a file are numbered that is read past its blank ones."""
        rows = cls()
        for before, number in enumerate(itertools.islice(blank, _MOST_GAPS)):
            rows.add(number - before, number + 1)
        return rows

    def add(self, kept: int, original: int) -> None:
        """Tell that row `kept` of the copy is row `original` of the file."""
        if original - kept != self.shifts[-1] and len(self.starts) < _MOST_GAPS:
            self.starts.append(kept)
            self.shifts.append(original - kept)

    def original(self, kept: int) -> int:
        """Return the row in the file of a row in the copy."""
        return kept + self.shifts[bisect.bisect_right(self.starts, kept) - 1]

    def sql(self, kept: str) -> str:
        """Return SQL for the row in the file of the row `kept` in the copy."""
        if len(self.starts) == 1:
            return kept
        cases = "".join(
            f" WHEN {kept} >= {start} THEN {shift}"
            for start, shift in reversed(list(zip(self.starts[1:], self.shifts[1:], strict=True)))
        )
        return f"({kept} + CASE{cases} ELSE 0 END)"
