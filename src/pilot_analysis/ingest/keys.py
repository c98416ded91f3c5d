"""Identifiers as small whole numbers, so that none goes further than the reader's memory."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import duckdb
import numpy as np
import pandas as pd

from pilot_analysis.ingest import typed
from pilot_analysis.ingest.pseudonyms import has_wrong_check_digit, normalise, pseudonym

# English names of the columns that hold identifiers, in the order their tables are made.
NUMBERED = ("pupil", "mentor", "unit")


@dataclass
class Numbers:
    """The numbers of one kind of identifier, in the order in which they were first met.

    Spellings of one personal identity number have one number. Without a `key` an identifier is its
    own name: school units, and pseudonyms that another job has made.
    """

    key: bytes | None
    names: list[str] = field(default_factory=list)
    wrong_digits: list[bool] = field(default_factory=list)
    _by_spelling: dict[str, int] = field(default_factory=dict)
    _by_name: dict[str, int] = field(default_factory=dict)

    def of(self, spellings: Sequence[str | None]) -> np.ndarray:
        """Return the number of each spelling, new ones numbered; -1 where it is missing."""
        return np.fromiter(
            (-1 if text is None else self._number(text) for text in spellings),
            dtype=np.int32,
            count=len(spellings),
        )

    def slips(self, strangers: set[int], registered: set[int]) -> int:
        """Return how many of `strangers` are written as a registered identifier but for one sign.

        One sign is another, or two neighbours have changed places. 0 where only pseudonyms are
        known.
        """
        if self.key is None or not strangers:
            return 0
        # Identifiers without one of their signs: two that agree there differ in that sign alone.
        near: set[tuple[int, str]] = set()
        whole: set[str] = set()
        for text, number in self._by_spelling.items():
            if number in registered:
                whole.add(normalise(text))
        for text in whole:
            near.update((i, text[:i] + text[i + 1 :]) for i in range(len(text)))
        found = set()
        for text, number in self._by_spelling.items():
            if number in strangers and number not in found:
                written = normalise(text)
                if any(
                    (i, written[:i] + written[i + 1 :]) in near for i in range(len(written))
                ) or any(
                    written[:i] + written[i + 1] + written[i] + written[i + 2 :] in whole
                    for i in range(len(written) - 1)
                ):
                    found.add(number)
        return len(found)

    def _number(self, text: str) -> int:
        found = self._by_spelling.get(text)
        if found is None:
            name = text if self.key is None else pseudonym(text, self.key)
            found = self._by_name.setdefault(name, len(self.names))
            if found == len(self.names):
                self.names.append(name)
                self.wrong_digits.append(self.key is not None and has_wrong_check_digit(text))
            self._by_spelling[text] = found
        return found


class Keys:
    """The numbers of pupils, mentors and school units met in an ingest."""

    def __init__(self, key: bytes | None) -> None:
        """Take the key of the pseudonyms; None where they have been made already."""
        self._numbers = {column: Numbers(None if column == "unit" else key) for column in NUMBERED}

    def __getitem__(self, column: str) -> Numbers:
        """Return the numbers of the column with this English name."""
        return self._numbers[column]

    def write(self, database: duckdb.DuckDBPyConnection) -> None:
        """Create `pupil_names`, `mentor_names` and `unit_names`.

        Columns: the number, name, place in the order of names, wrong_digit.
        """
        for column, numbers in self._numbers.items():
            frame = pd.DataFrame(
                {
                    column: np.arange(len(numbers.names), dtype=np.int32),
                    "name": pd.Series(numbers.names, dtype=str),
                    "place": np.argsort(
                        np.argsort(numbers.names, kind="stable"), kind="stable"
                    ).astype(np.int32),
                    "wrong_digit": pd.Series(numbers.wrong_digits, dtype=bool),
                }
            )
            with typed.registered(database, "found_names", frame):
                database.execute(
                    f"CREATE OR REPLACE TABLE {column}_names AS SELECT * FROM found_names"
                )
