"""Personal identity numbers from the test series, and local identifiers."""

import numpy as np
import pandas as pd

# The Swedish Tax Agency's test numbers use birth numbers 238 (women) and 239 (men), which are
# never given to a person.
_BIRTH_NUMBER = {True: 238, False: 239}


def luhn(digits: np.ndarray) -> np.ndarray:
    """Return the check digit of rows of nine digits (YYMMDDNNN)."""
    doubled = digits * np.array([2, 1, 2, 1, 2, 1, 2, 1, 2])
    return (10 - (doubled // 10 + doubled % 10).sum(axis=1) % 10) % 10


def pupil_ids(
    birth_year: np.ndarray, female: np.ndarray, rng: np.random.Generator, block: int = 0
) -> np.ndarray:
    """Return one identifier a pupil, all different, also between blocks.

    A test number where the pupil's birthday has one left, else a local identifier as schools give
    to pupils without a number.
    """
    n = len(birth_year)
    if block:  # the first block has taken the test numbers
        serial = np.char.zfill(np.arange(1, n + 1).astype(str), 7)
        return np.char.add(f"L{block:03d}", serial)
    birthday = pd.to_datetime({"year": birth_year, "month": 1, "day": 1}) + pd.to_timedelta(
        rng.integers(0, 365, n), unit="D"
    )
    number = np.where(female, _BIRTH_NUMBER[True], _BIRTH_NUMBER[False])
    day = birthday.dt.strftime("%Y%m%d").to_numpy(dtype=str)
    base = np.char.add(day, number.astype(str))
    characters = base.astype("U11").view("U1").reshape(n, 11)
    check = luhn(characters[:, 2:].astype(np.int64))
    identity = np.char.add(base, check.astype(str))
    _, first = np.unique(identity, return_index=True)
    has_number = np.zeros(n, dtype=bool)
    has_number[first] = True
    local = np.char.add("L", np.char.zfill(np.arange(1, n + 1).astype(str), 8))
    return np.where(has_number, identity, local).astype(str)
