"""Exploring a panel: distributions, change against a baseline, two outcomes side by side.

Tidy frames in and out, for pandas and seaborn. What of them may be shown is the gate's business
(`disclosure.shown`).
"""

from collections.abc import Mapping, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from pilot_analysis import terms
from pilot_analysis.catalogue.outcomes import find_outcome
from pilot_analysis.catalogue.units import UNITS


def with_groups(data: pd.DataFrame) -> pd.DataFrame:
    """Return the rows with what they are grouped by: `arm` and `period`.

    `arm` is pilot or comparison; `period` is before or after the first start of the row's school
    form, and before where none starts.

    Examples:
    >>> rows = pd.DataFrame({"school_form": "GR", "ever_treated": [True, False], "term_number": [2, 1],
    ...                      "first_treated_number": [2.0, None]})
    >>> with_groups(rows)[["arm", "period"]].to_numpy().tolist()
    [['pilot', 'after'], ['comparison', 'before']]

    """
    first = data["school_form"].map(data.groupby("school_form")["first_treated_number"].min())
    begun = data["term_number"] >= first.astype(float)
    arm = np.where(data["ever_treated"].astype(bool), "pilot", "comparison")
    period = pd.Categorical(np.where(begun, "after", "before"), ["before", "after"], ordered=True)
    return data.assign(arm=arm, period=period)


def distribution(
    data: pd.DataFrame, outcome: str, *, by: Sequence[str], edges: Sequence[float]
) -> pd.DataFrame:
    """Count pupils by band of an outcome in every group: a histogram as a table.

    `data` has one row per pupil, term and school (or per answer sheet, then sheets are counted),
    `by` names its columns that make the groups, and `edges`, in the outcome's unit, divide it: a
    band holds its lower edge, and the first and last hold what lies beyond them too. Returns the
    columns of `by`, band, low, high, n (pupils) and n_schools (of the group), one row per group and
    band, empty bands too.

    Raises `ValueError` for edges that do not increase.

    Examples:
    >>> rows = pd.DataFrame({"pupil": [1, 2, 3], "school": ["a", "a", "b"], "term": "HT2019",
    ...                      "absence_share": [0.02, 0.05, 0.4]})
    >>> table = distribution(rows, "absence_share", by=["term"], edges=(0, 5, 100))
    >>> table[["band", "n", "n_schools"]].to_numpy().tolist()
    [['under 5', 1, 2], ['5 or more', 2, 2]]

    """
    known = _banded(data, outcome, edges)
    keys = list(by)
    if known.empty:
        columns = [*keys, "band", "low", "high", "n", "n_schools"]
        return pd.DataFrame(columns=columns).astype({"n": float, "n_schools": float})
    who = "pupil" if "pupil" in known else "_row"
    pupils = known.groupby([*keys, "band"], observed=True)[who].nunique().unstack("band")
    pupils = pupils.reindex(columns=known["band"].cat.categories).fillna(0).astype(int)
    table = pupils.reset_index().melt(id_vars=keys, var_name="band", value_name="n")
    schools = known.groupby(keys)["school"].nunique().rename("n_schools").reset_index()
    return _with_edges(table.merge(schools, on=keys, validate="many_to_one"), known, keys, edges)


def _banded(data: pd.DataFrame, outcome: str, edges: Sequence[float]) -> pd.DataFrame:
    """Return the rows that have the outcome, with its `band` and a number of their own."""
    described = find_outcome(outcome)
    limits = np.asarray(edges, dtype=float)
    if len(limits) < 2 or (np.diff(limits) <= 0).any():
        raise ValueError(f"edges must increase, and be two at least: {list(edges)}")
    known = data[data[outcome].notna()]
    # Shares are quotients: 15 per cent must not fall below its edge by a last digit.
    value = known[outcome].to_numpy(dtype=float) * (described.scale if described else 1.0)
    value = value.round(9)
    place = np.clip(np.searchsorted(limits, value, side="right") - 1, 0, len(limits) - 2)
    most = UNITS[described.unit].span if described else np.inf
    names = _band_names(limits, most)
    band = pd.Categorical.from_codes(place, categories=names, ordered=True)
    return known.assign(band=band, _row=np.arange(len(known)))


def _band_names(limits: np.ndarray, most: float) -> list[str]:
    """Return what bands are called: by their edges, of which they hold the lower one.

    `most` is the largest value there is: a band from there on holds nothing else.

    >>> _band_names(np.array([0, 90, 100, 101]), 100)
    ['under 90', '90 to under 100', '100']
    """
    if len(limits) == 2:
        return [f"{limits[0]:g} to {limits[1]:g}"]
    inner = [f"{low:g} to under {high:g}" for low, high in pairwise(limits[1:-1])]
    last = f"{limits[-2]:g}" if limits[-2] >= most else f"{limits[-2]:g} or more"
    return [f"under {limits[1]:g}", *inner, last]


def _with_edges(
    table: pd.DataFrame, banded: pd.DataFrame, keys: list[str], edges: Sequence[float]
) -> pd.DataFrame:
    """Put each band and its edges after the keys."""
    names = list(banded["band"].cat.categories)
    table["band"] = pd.Categorical(table["band"], categories=names, ordered=True)
    place = table["band"].cat.codes.to_numpy()
    limits = np.asarray(edges, dtype=float)
    table = table.assign(low=limits[place], high=limits[place + 1])
    if "term" in keys:  # autumn comes before the spring of the next year
        order = sorted(table["term"].unique(), key=terms.number)
        table["term"] = pd.Categorical(table["term"], categories=order, ordered=True)
    table = table.sort_values([*keys, "band"], ignore_index=True)
    first = [*keys, "band", "low", "high"]
    return table[[*first, *(c for c in table if c not in first)]]


def against_baseline(trend: pd.DataFrame, starts: Mapping[str, Sequence[float]]) -> pd.DataFrame:
    """Return each arm's term means less the mean of its terms before anything started.

    `trend` as from `group_trends` (or as it may be shown), `starts` the start terms by school form
    as numbers. Columns: school_form, arm, term, term_number, change, n_pupils, n_schools. Schools
    count once; terms are categories in time. School forms without a start, or without a term before it, have no rows.

    Examples:
    >>> trend = pd.DataFrame({"school_form": "GR", "ever_treated": True, "term": ["a", "b", "c"],
    ...                       "term_number": [1, 2, 3], "mean": [4.0, 6.0, 3.0],
    ...                       "n_pupils": 50, "n_schools": 2})
    >>> against_baseline(trend, {"GR": [3.0]})["change"].tolist()
    [-1.0, 1.0, -2.0]

    """
    first = {form: min(own) for form, own in starts.items() if len(own)}
    before = trend[trend["term_number"] < trend["school_form"].map(first).astype(float)]
    groups = ["school_form", "ever_treated"]
    baseline = before.groupby(groups)["mean"].mean().rename("baseline").reset_index()
    table = trend.merge(baseline, on=groups, validate="many_to_one")
    arm = np.where(table["ever_treated"].astype(bool), "pilot", "comparison")
    # Else an axis has the terms that only a later school form has behind all others.
    in_time = table.sort_values("term_number", kind="stable")["term"].unique()
    term = pd.Categorical(table["term"], in_time, ordered=True)
    table = table.assign(change=table["mean"] - table["baseline"], arm=arm, term=term)
    table = table.sort_values(["school_form", "arm", "term_number"], ignore_index=True)
    return table[["school_form", "arm", "term", "term_number", "change", "n_pupils", "n_schools"]]


def beside(
    data: pd.DataFrame, outcome: str, other: str, *, by: Sequence[str], edges: Sequence[float]
) -> pd.DataFrame:
    """Return the mean of one outcome by band of another, in every group.

    Groups and bands as in `distribution` of `other`; `mean` is that of `outcome` in its unit, every
    row counting once, `n_schools` the schools of the band, `largest_weight` a pupil's weight in the
    mean. Bands without anybody are left out. It says who has both, not what either does to the other.

    Examples:
    >>> rows = pd.DataFrame({"pupil": [1, 2, 3], "school": ["a", "a", "b"], "term": "HT2019",
    ...                      "absence_share": [0.02, 0.04, 0.4], "goals_share": [1.0, 0.5, 0.25]})
    >>> beside(rows, "goals_share", "absence_share", by=["term"], edges=(0, 5, 100))["mean"].tolist()
    [75.0, 25.0]

    """
    described = find_outcome(outcome)
    known = _banded(data[data[outcome].notna()], other, edges)
    keys = list(by)
    grouped = known.groupby([*keys, "band"], observed=True)
    who = "pupil" if "pupil" in known else "_row"
    table = grouped.agg(
        mean=(outcome, "mean"),
        n_pupils=(who, "nunique"),
        n_schools=("school", "nunique"),
        rows=(who, "size"),
    )
    rows_of_one = known.groupby([*keys, "band", who], observed=True).size()
    most = rows_of_one.groupby([*keys, "band"], observed=True).max()
    table["largest_weight"] = most / table.pop("rows")
    table["mean"] *= described.scale if described else 1.0
    return _with_edges(table.reset_index(), known, keys, edges)
