"""Descriptions of a panel: term means, changes, balance, and the exposure register."""

import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd

from pilot_analysis import terms
from pilot_analysis.catalogue.outcomes import OUTCOMES, Outcome, find_outcome
from pilot_analysis.panel.build import Panel, read_table


def weighted_mean(rows: pd.DataFrame, outcome: Outcome) -> float:
    """Return the mean of an outcome over rows, weighted as the outcome asks; NaN without rows."""
    known = rows[rows[outcome.name].notna()]
    if known.empty:
        return float("nan")
    weight = known[outcome.weights] if outcome.weights else None
    return float(np.average(known[outcome.name], weights=weight))


def school_terms(data: pd.DataFrame, outcome: Outcome) -> pd.DataFrame:
    """Return school x term means of an outcome, weighted as the outcome asks, with counts."""
    known = data[data[outcome.name].notna()]
    weight = known[outcome.weights] if outcome.weights else pd.Series(1.0, index=known.index)
    keys = ["school_form", "school", "term", "term_number", "first_treated_number", "ever_treated"]
    summed = (
        known.assign(_weighted=known[outcome.name] * weight, _weight=weight)
        .groupby(keys, dropna=False, as_index=False)
        .agg(_weighted=("_weighted", "sum"), weight=("_weight", "sum"), pupils=("pupil", "nunique"))
    )
    summed[outcome.name] = summed["_weighted"] / summed["weight"]
    return summed.drop(columns="_weighted")


def group_trends(data: pd.DataFrame, outcome: Outcome) -> pd.DataFrame:
    """Return term means of pilot and comparison schools: each school counts once.

    Columns: school_form, ever_treated, term, term_number, mean, low, high (lowest and highest
    school are never shown; the band is mean plus and minus one standard error over schools),
    n_schools, n_pupils, largest_weight (a pupil's in the mean, at the smallest school). In the
    outcome's unit.
    """
    cells = school_terms(data, outcome)
    grouped = cells.groupby(["school_form", "ever_treated", "term", "term_number"], as_index=False)
    trend = grouped.agg(
        mean=(outcome.name, "mean"),
        sd=(outcome.name, "std"),
        n_schools=("school", "nunique"),
        n_pupils=("pupils", "sum"),
        smallest=("pupils", "min"),
    )
    trend["largest_weight"] = 1 / (trend["n_schools"] * trend.pop("smallest"))
    error = outcome.scale * trend["sd"] / np.sqrt(trend["n_schools"])
    trend["mean"] *= outcome.scale
    return trend.assign(low=trend["mean"] - error, high=trend["mean"] + error).drop(columns="sd")


def remote_shares(data: pd.DataFrame) -> pd.DataFrame:
    """Return the share of lesson time taught remotely, by school form and term (0 to 1).

    Columns: school_form, term_number, remote_share; 0 where the calendar does not say.
    """
    share = data["remote_share"].fillna(0.0)
    grouped = data.assign(remote_share=share).groupby(["school_form", "term_number"])
    return grouped["remote_share"].mean().reset_index()


def change_table(panel: Panel, outcome: str) -> pd.DataFrame:
    """Return the mean before and after the first start, pilot and comparison schools, and the gap.

    In the outcome's unit; schools known on both sides count once. Columns beside: n_pupils (the
    fewer of before and after), n_schools, largest_weight (a pupil's in a mean). A description, not
    an estimate.
    """
    return _changes(panel.data, outcome, _first_starts(panel))


def _first_starts(panel: Panel) -> pd.Series:
    return panel.data.groupby("school_form")["first_treated_number"].min()


def _changes(data: pd.DataFrame, outcome: str, first: pd.Series) -> pd.DataFrame:
    described = OUTCOMES[outcome]
    cells = school_terms(data, described)
    after = cells["term_number"] >= cells["school_form"].map(first).astype(float)
    cells = cells.assign(period=np.where(after, "after", "before"))
    groups = ["school_form", "ever_treated"]
    by_school = cells.groupby([*groups, "school", "period"])[outcome].mean().unstack("period")
    by_school = by_school.reindex(columns=["before", "after"]).dropna()
    table = described.scale * by_school.groupby(groups).mean()
    table["change"] = table["after"] - table["before"]
    # A school known on one side alone has no change.
    both = by_school.reset_index()[["school_form", "school"]]
    cells = cells.merge(both)
    known = data[data[outcome].notna()].merge(both)
    late = known["term_number"] >= known["school_form"].map(first).astype(float)
    pupils = known.groupby([*groups, late.rename("period")])["pupil"].nunique()
    table["n_pupils"] = pupils.groupby(groups).min()
    table["n_schools"] = (
        cells.groupby([*groups, "period"])["school"].nunique().groupby(groups).min()
    )
    # A pupil seen in every term weighs as much as in a mean of one term.
    table["largest_weight"] = 1 / (table["n_schools"] * cells.groupby(groups)["pupils"].min())
    table = table.reset_index()
    table["ever_treated"] = np.where(table["ever_treated"], "pilot", "comparison")
    return table.rename(columns={"ever_treated": "schools"})[
        [
            "school_form",
            "schools",
            "before",
            "after",
            "change",
            "n_pupils",
            "n_schools",
            "largest_weight",
        ]
    ]


def subgroup_changes(panel: Panel, outcome: str, columns: Sequence[str]) -> pd.DataFrame:
    """Return `change_table` of each level of each column, named in `group` and `level`.

    Whole numbers of a level are written without decimals; pupils whose level is unknown are in none.
    """
    tables, first = [], _first_starts(panel)
    for column in columns:
        values = panel.data[column]
        for level in sorted(values.dropna().unique()):
            name = f"{level:g}" if isinstance(level, int | float) else str(level)
            changes = _changes(panel.data[values == level], outcome, first)
            tables.append(changes.assign(group=column, level=name))
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def holdings(panel: Panel) -> pd.DataFrame:
    """Return schools, pupils, first and last term by school form and arm (pilot, comparison)."""
    data = panel.data
    grouped = data.groupby(["school_form", "ever_treated"], as_index=False)
    table = grouped.agg(
        schools=("school", "nunique"),
        pupils=("pupil", "nunique"),
        first_term=("term_number", "min"),
        last_term=("term_number", "max"),
    )
    table["ever_treated"] = np.where(table["ever_treated"], "pilot", "comparison")
    for column in ("first_term", "last_term"):
        table[column] = [terms.label(int(number)) for number in table[column]]
    return table.rename(columns={"ever_treated": "arm"})


def pupils_by_school(panel: Panel) -> pd.DataFrame:
    """Return how many pupils the analysis has by school (rows) and term (columns)."""
    counts = panel.data.groupby(["school", "term"])["pupil"].nunique().unstack(fill_value=0)
    return counts[sorted(counts.columns, key=terms.number)]


# Background and outcomes compared before the start; names are the catalogue's.
BALANCED = (
    "girl",
    "foreign_background",
    "newly_arrived",
    "parental_education_low",
    "parental_education_high",
    "absence_share",
    "persistent_absence",
    "reporting_rate",
    "goals_all",
    "goals_share_registered",
    "term_merit",
    "grade_points",
)
# A difference of log odds is divided by it (What Works Clearinghouse).
COX = 1.65
BASELINE = (
    "covariate",
    "mean_pilot",
    "mean_comparison",
    "sd",
    "hedges_g",
    "n_pilot",
    "n_comparison",
    "schools_pilot",
    "schools_comparison",
)


def balance(panel: Panel) -> pd.DataFrame:
    """Return `baseline_balance` of every school form."""
    # Without a school form there is the table of none, with its columns.
    forms = panel.school_forms or [""]
    return pd.concat([baseline_balance(panel.data, f) for f in forms], ignore_index=True)


def is_share_of_pupils(covariate: str) -> bool:
    """Say whether a covariate is something that a pupil has or has not."""
    known = find_outcome(covariate)
    return known is None or known.counts == "pupils"


def baseline_balance(
    data: pd.DataFrame, school_form: str, columns: Sequence[str] = BALANCED
) -> pd.DataFrame:
    """Compare pilot and comparison pupils in the last term before anything started.

    Returns covariate, mean_pilot and mean_comparison (per cent, or the outcome's unit), sd (pupils',
    pooled within the arms), hedges_g (difference over `sd`, of what a pupil has or has not the Cox
    index, ln(odds ratio) / 1.65, as What Works Clearinghouse does; small-sample factor
    1 - 3/(4 df - 1); Hedges 1981), and the pupils (n_pilot, n_comparison) and schools of both arms.
    """
    rows = data[data["school_form"] == school_form]
    before = rows[rows["term_number"] < rows["first_treated_number"].min()]
    last = before[before["term_number"] == before["term_number"].max()]
    table = []
    for column in columns:
        known = find_outcome(column)
        if known is not None and not known.exists_in(school_form):
            continue
        if column not in last or last[column].isna().all():
            continue
        own = last.dropna(subset=column)
        values = own[column].astype(float) * (known.scale if known else 100.0)
        treated = own["ever_treated"]
        pilot, other = values[treated], values[~treated]
        if len(pilot) < 2 or len(other) < 2:
            continue
        df = len(pilot) + len(other) - 2
        pooled = np.sqrt(((len(pilot) - 1) * pilot.var() + (len(other) - 1) * other.var()) / df)
        apart = (pilot.mean() - other.mean()) / pooled if pooled else np.nan
        if is_share_of_pupils(column):
            apart = _cox(pilot.mean() / 100, other.mean() / 100)
        g = apart * (1 - 3 / (4 * df - 1))
        table.append(
            {
                "covariate": column,
                "mean_pilot": pilot.mean(),
                "mean_comparison": other.mean(),
                "sd": pooled,
                "hedges_g": g,
                "n_pilot": len(pilot),
                "n_comparison": len(other),
                "schools_pilot": own.loc[treated, "school"].nunique(),
                "schools_comparison": own.loc[~treated, "school"].nunique(),
            }
        )
    found = pd.DataFrame(table, columns=[*BASELINE]).assign(school_form=school_form)
    found["band"] = [_wwc_band(g) for g in found["hedges_g"]]
    return found


def _cox(share: float, other: float) -> float:
    """Return Cox's index of two shares; missing where one is none or all.

    >>> round(_cox(0.31, 0.19), 2)
    0.39
    """
    if not (0 < share < 1 and 0 < other < 1):
        return math.nan
    return (math.log(share / (1 - share)) - math.log(other / (1 - other))) / COX


def _wwc_band(g: float) -> str:
    """Return what the What Works Clearinghouse asks for a baseline difference of g."""
    if abs(g) <= 0.05:
        return "satisfied"
    return "needs adjustment" if abs(g) <= 0.25 else "not satisfied"


def exposure_map(processed: Path) -> pd.DataFrame:
    """Return school x term: school_form, status, organisation, for the timeline figure."""
    exposure = read_table(processed, "exposure")
    return exposure.assign(term_number=terms.numbers(exposure["term"])).sort_values(
        ["school_form", "school", "term_number"], ignore_index=True
    )
