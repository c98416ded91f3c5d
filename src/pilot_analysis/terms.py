"""Swedish school terms as ordered numbers.

A term is written `HT2019` (autumn) or `VT2020` (spring). Its number counts half years, so that
consecutive terms differ by one and every estimator can treat time as an integer.
"""

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

_TERM = re.compile(r"(HT|VT)(\d{4})")


def number(term: str) -> int:
    """Return the term's number: twice the year, plus one in the autumn.

    Raises `ValueError` when the text is not a term.
    """
    match = _TERM.fullmatch(term)
    if match is None:
        raise ValueError(f"{term!r} is not a term; write HT2019 or VT2020")
    return 2 * int(match[2]) + (match[1] == "HT")


def label(term_number: int) -> str:
    """Return the term written as `HT2019`; the inverse of `number`."""
    return f"{'HT' if term_number % 2 else 'VT'}{term_number // 2}"


def between(first: str, last: str) -> list[str]:
    """List every term from `first` to `last`, both included."""
    return [label(n) for n in range(number(first), number(last) + 1)]


def lacking(there: Iterable[str], first: str, last: str) -> str:
    """Return which terms from `first` to `last` are not there, as text; empty where all are, or none.

    >>> lacking(["HT2019", "HT2020"], "HT2019", "VT2022")
    'VT2020, VT2021–VT2022'
    """
    wanted = set(range(number(first), number(last) + 1))
    absent = sorted(wanted - {number(term) for term in there})
    if len(absent) == len(wanted):
        return ""
    runs: list[list[int]] = []
    for n in absent:
        if runs and n == runs[-1][-1] + 1:
            runs[-1].append(n)
        else:
            runs.append([n])
    return ", ".join("–".join(label(n) for n in dict.fromkeys((run[0], run[-1]))) for run in runs)


def school_year(term: str) -> str:
    """Return the school year a term belongs to, as `2019-20`."""
    start = (number(term) - 1) // 2
    return f"{start}-{(start + 1) % 100:02d}"


def numbers(values: pd.Series) -> pd.Series:
    """Turn a column of terms into their numbers (float, NaN where empty)."""
    codes, known = pd.factorize(values)
    # The last one stands for what is empty (code -1).
    periods = np.array([*(float(number(value)) for value in known), np.nan])
    return pd.Series(periods[codes], values.index)


def as_period(values: pd.Series, column: str) -> np.ndarray:
    """Read a time column as float periods: numbers stay, terms become their numbers.

    Empty cells become NaN. Raises `ValueError` naming `column` for anything else.
    """
    if isinstance(values.dtype, pd.CategoricalDtype):
        values = values.astype(values.cat.categories.dtype)
    if pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        return values.to_numpy(dtype=float, na_value=np.nan)
    try:
        return numbers(values).to_numpy()
    except (ValueError, TypeError) as error:
        raise ValueError(f"column {column!r}: periods must be numbers or terms ({error})") from None
