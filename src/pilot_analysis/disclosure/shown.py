"""The panel's descriptions as they may be shown: each returns a table and what was withheld.

Two means that differ by one pupil tell that pupil's value, so none is told finer than one pupil
can move it.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pilot_analysis.catalogue.outcomes import find_outcome
from pilot_analysis.catalogue.units import UNITS
from pilot_analysis.disclosure.crosstab import suppress_crosstab
from pilot_analysis.disclosure.groups import combine_few, protect
from pilot_analysis.disclosure.rules import RULES, Withheld, coarse, coarse_counts
from pilot_analysis.estimates import PERCENTAGE_POINTS
from pilot_analysis.panel import Outcome
from pilot_analysis.panel.describe import COX, is_share_of_pupils

Shown = tuple[pd.DataFrame, list[Withheld]]
_STEP = "rounded_to"  # the column with the step that means are told in
# A pupil has a row a term: what one adds to a count of them.
_TERMS_OF_ONE = 10
# And in pooled standard deviations: nobody in these registers lies further out.
_SPAN_IN_DEVIATIONS = 10.0


def _shares(outcome: Outcome, *columns: str) -> tuple[str, ...]:
    """Return the columns that are shares of pupils, to which the complement rule applies."""
    return columns if outcome.counts == "pupils" else ()


def trends(table: pd.DataFrame, outcome: Outcome) -> Shown:
    """Return `panel.group_trends` as it may be shown; `rounded_to` is the step its means are told in."""
    return protect(
        table,
        f"trends of {outcome.name}",
        values=["mean", "low", "high"],
        pupils="n_pupils",
        schools="n_schools",
        span=UNITS[outcome.unit].span,
        weight="largest_weight",
        shares=_shares(outcome, "mean"),
        step=_STEP,
    )


def distribution(table: pd.DataFrame, by: Sequence[str], output: str) -> Shown:
    """Return `panel.distribution` as it may be shown, with each band's `share` of its group.

    Groups of schools need two; where `by` names the school its pupils are counted as in
    `pupils_by_school`, ten in every band. A band of fewer than the rules ask is counted with its
    neighbour; where that does not help, or all but a few are in one band, the group has no figures.
    Counts are rounded to five, and shares are those of rounded counts.
    """
    one_school = "school" in by
    least = RULES.min_pupils_one_school if one_school else RULES.min_pupils
    parts, withheld = [], []
    for key, rows in table.groupby([*by], sort=False, observed=True):
        counts = combine_few(rows["n"].to_numpy(dtype=float), least)
        schools = math.inf if one_school else float(rows["n_schools"].iloc[0])
        why = RULES.why_withheld(rows["n"].sum(), schools)
        if not why and not counts.sum() > 0:
            why = f"fewer than {least} pupils in a band, or all but so few in one"
        told = coarse_counts(pd.Series(np.nan if why else counts, rows.index))
        parts.append(rows.assign(n=told, share=told / told.sum()))
        if why:
            withheld.append(Withheld(output, ", ".join(map(str, key)), why))
    safe = pd.concat(parts) if parts else table.assign(share=table["n"])
    return (safe.drop(columns="n_schools") if one_school else safe), withheld


def beside(table: pd.DataFrame, outcome: Outcome, output: str) -> Shown:
    """Return `panel.beside` as it may be shown."""
    return protect(
        table,
        output,
        values=["mean"],
        pupils="n_pupils",
        schools="n_schools",
        span=UNITS[outcome.unit].span,
        weight="largest_weight",
        shares=_shares(outcome, "mean"),
    )


def changes(table: pd.DataFrame, outcome: Outcome) -> Shown:
    """Return `panel.change_table` as it may be shown; the change is that of what is shown."""
    safe, withheld = _before_and_after(table, f"change in {outcome.name}", outcome)
    safe["change"] = safe["after"] - safe["before"]
    return safe, withheld


def subgroup_changes(table: pd.DataFrame, outcome: Outcome) -> Shown:
    """Return `panel.subgroup_changes` as it may be shown.

    Where one level of a group is withheld so are the others, which with the whole give it back.
    """
    safe, withheld = _before_and_after(table, f"change in {outcome.name} by group", outcome)
    told = safe[["before", "after"]].notna().all(axis=1)
    every = told.groupby([safe["school_form"], safe["group"]]).transform("all")
    safe.loc[~every, ["before", "after", "n_pupils"]] = np.nan
    safe["change"] = safe["after"] - safe["before"]
    return safe, withheld


def _before_and_after(table: pd.DataFrame, output: str, outcome: Outcome) -> Shown:
    return protect(
        table,
        output,
        values=["before", "after"],
        pupils="n_pupils",
        schools="n_schools",
        span=UNITS[outcome.unit].span,
        weight="largest_weight",
        shares=_shares(outcome, "before", "after"),
    )


def reversion(table: pd.DataFrame, outcome: Outcome) -> Shown:
    """Return `panel.reversion` as it may be shown; its changes are those of what is shown."""
    safe, withheld = protect(
        table,
        f"reversion of {outcome.name}",
        values=["selection", "baseline", "after"],
        pupils="pupils",
        schools="n_schools",
        span=UNITS[outcome.unit].span,
        shares=_shares(outcome, "selection", "baseline", "after"),
    )
    safe["naive_change"] = safe["after"] - safe["selection"]
    safe["before_any_mentor"] = safe["baseline"] - safe["selection"]
    return safe, withheld


def paths(table: pd.DataFrame, outcome: Outcome) -> Shown:
    """Return `panel.eligibility.paths` as it may be shown."""
    return protect(
        table,
        f"paths of {outcome.name}",
        values=["mean"],
        pupils="n_pupils",
        schools="n_schools",
        span=UNITS[outcome.unit].span,
        shares=_shares(outcome, "mean"),
    )


def balance(table: pd.DataFrame) -> Shown:
    """Return `panel.balance` as it may be shown.

    A difference with too few pupils on either side is withheld, and of a share where too few have
    it, or lack it. Means and their standard deviation are told as any group's are, and only where
    both sides' are; shares of pupils need no deviation.
    """
    hidden = pd.Series([_few(row) for row in table.to_dict("records")], table.index, dtype=bool)
    parts = [_means_before(rows, name) for name, rows in table.groupby("covariate", sort=False)]
    safe = pd.concat([table.iloc[:0], *parts]).loc[table.index]
    safe["hedges_g"] = [
        np.nan if few else coarse(row["hedges_g"], _reach_of_g(row))
        for row, few in zip(table.to_dict("records"), hidden, strict=True)
    ]
    for name in ("n_pilot", "n_comparison"):
        safe[name] = coarse_counts(safe[name].mask(hidden))
    safe.loc[hidden, "band"] = "withheld"
    return safe.drop(columns=["schools_pilot", "schools_comparison"]), [
        Withheld("balance", f"{row.school_form}, {row.covariate}", "too few pupils")
        for row in table[hidden].itertuples()
    ]


def _few(row: Mapping[str, Any]) -> bool:
    pupils = min(row["n_pilot"], row["n_comparison"])
    return pupils < RULES.min_pupils_one_school or (
        is_share_of_pupils(row["covariate"]) and _fewest(row) < RULES.min_pupils - 0.5
    )


def _fewest(row: Mapping[str, Any]) -> float:
    """Return the fewest pupils of an arm who have what a share is of, or lack it."""
    having = [(row[f"mean_{arm}"] / 100 * n, n) for arm, n in _sizes(row).items()]
    return min(min(k, n - k) for k, n in having)


def _sizes(row: Mapping[str, Any]) -> dict[str, float]:
    return {arm: row[f"n_{arm}"] for arm in ("pilot", "comparison")}


def _reach_of_g(row: Mapping[str, Any]) -> float:
    """Return how far one pupil can move a standardised difference.

    Of a share it is the Cox index, in which the fewest who have it, or lack it, move a logarithm.
    """
    reach = _SPAN_IN_DEVIATIONS / min(_sizes(row).values())
    return (
        max(reach, 1 / (COX * (_fewest(row) - 1)))
        if is_share_of_pupils(row["covariate"])
        else reach
    )


def _means_before(rows: pd.DataFrame, covariate: str) -> pd.DataFrame:
    known, share = find_outcome(covariate), is_share_of_pupils(covariate)
    span = UNITS[known.unit if known else PERCENTAGE_POINTS].span
    means = {}
    for arm in ("pilot", "comparison"):
        mean = f"mean_{arm}"
        told, _ = protect(
            rows,
            f"{covariate} before the start",
            values=[mean],
            pupils=f"n_{arm}",
            schools=f"schools_{arm}",
            span=span,
            shares=[mean] if share else [],
        )
        means[mean] = told[mean]
    both = pd.DataFrame(means).notna().all(axis=1)
    sizes = zip(rows["sd"], rows["n_pilot"], rows["n_comparison"], strict=True)
    told_sd = [math.nan if share else coarse(sd, _reach_of_sd(sd, n, span)) for sd, *n in sizes]
    safe = rows.assign(**means, sd=told_sd)
    safe.loc[~both, [*means, "sd"]] = np.nan
    return safe


def _reach_of_sd(sd: float, pupils: Sequence[float], span: float) -> float:
    """Return how far one pupil, up to `span` from the own side's mean, can move a pooled deviation.

    The sum of squares loses at most span^2 n / (n - 1), and two deviations differ by the
    difference of their squares over their sum.
    """
    least, df = min(pupils), sum(pupils) - 2
    if not (sd > 0 and least > 1 and df > 1):
        return math.nan
    squares = span**2 * least / (least - 1) / (df - 1)
    return squares / (sd + math.sqrt(max(0.0, sd**2 - squares)))


def flow(table: pd.DataFrame) -> pd.DataFrame:
    """Return a panel's flow with rounded counts; what was left out is that of what is shown."""
    safe = table.assign(
        pupil_terms=coarse_counts(table["pupil_terms"], step=_TERMS_OF_ONE).astype("Int64"),
        pupils=coarse_counts(table["pupils"]).astype("Int64"),
    )
    safe["left_out"] = -safe["pupil_terms"].diff().fillna(0)
    return safe


def exposure(table: pd.DataFrame) -> pd.DataFrame:
    """Return the exposure register as it may be shown: who had which kind of mentors, and when.

    Not how many: posts times pupils a mentor are the pupils of a targeted school, two or three of
    them; nor the source, in which people are named.
    """
    columns = ["school", "school_form", "term", "term_number", "status", "organisation"]
    return table[[c for c in columns if c in table]]


def answers(table: pd.DataFrame, outcome: Outcome) -> Shown:
    """Return `questionnaires.group_means` as it may be shown."""
    span = UNITS[outcome.unit].span
    return _answers(table, f"answers on {outcome.name}", span)


def role_answers(table: pd.DataFrame) -> Shown:
    """Return `questionnaires.role_means` as it may be shown."""
    return _answers(table, "answers of each role", 10.0)


def _answers(table: pd.DataFrame, output: str, span: float) -> Shown:
    """Tell means no finer than a sheet can move them, and response from rounded counts.

    Each school counts once, so a sheet weighs most at the smallest school: `largest_weight`, or as
    if schools were alike where that is not known.
    """
    if table.empty:
        return table, []
    schools = table["n_schools"].where(table["n_schools"] > 0)
    alike = 1 / table["answered"].where(table["answered"] > 0)
    weight = table.get("largest_weight", alike).fillna(alike)
    lacking = table["answered"] * (1 / table["response"] - 1)
    few = (lacking > 0.5) & (lacking < RULES.min_pupils - 0.5)
    safe, withheld = protect(
        table.assign(_weight=weight, _schools=schools),
        output,
        values=["mean", "low", "high"],
        pupils="answered",
        schools="_schools",
        span=span,
        weight="_weight",
        step=_STEP,
    )
    asked = coarse_counts(table["answered"] / table["response"])
    safe["response"] = (safe["answered"] / asked).clip(upper=1.0).round(2).mask(few)
    return safe.drop(columns=["_schools", "largest_weight"], errors="ignore"), withheld


def items(table: pd.DataFrame, output: str) -> Shown:
    """Return `panel.questionnaires.item_shares` as it may be shown.

    An answer of a few is counted with its neighbour; where that does not help the item goes. Shares
    are those of counts rounded to five.
    """
    parts, withheld = [table.iloc[:0]], []
    for (item, _, period), rows in table.groupby(["item", "ever_treated", "period"], sort=False):
        counts = combine_few((rows["share"] * rows["n"]).round().to_numpy())
        if len(counts):
            told = coarse_counts(pd.Series(counts, rows.index))
            parts.append(rows.assign(share=told / told.sum(), n=told.sum()))
        else:
            why = f"fewer than {RULES.min_pupils} answered otherwise, or alike"
            withheld.append(Withheld(output, f"{item}, {period} the start", why))
    return pd.concat(parts), withheld


def themes(table: pd.DataFrame, least: int) -> Shown:
    """Return `questionnaires.themes` as it may be shown: rounded, none of fewer than `least` answers.

    No sum over themes is told, and an answer may speak of several: none gives another's number back.
    """
    few = table["n_answers"] < max(least, RULES.min_pupils)
    rows = table.loc[few, ["role", "theme"]].agg(", ".join, axis=1) if few.any() else []
    told = coarse_counts(table["n_answers"]).mask(few)
    return table.assign(n_answers=told), [
        Withheld("themes", row, f"fewer than {least} answers") for row in rows
    ]


def pupils_by_school(table: pd.DataFrame) -> Shown:
    """Return `panel.pupils_by_school` rounded, small schools suppressed."""
    safe = suppress_crosstab(table)
    withheld = [
        Withheld(
            "pupils by school",
            f"{school} {term}",
            "fewer pupils than may be told, or needed to compute such a number",
        )
        for school, cells in safe.iterrows()
        for term in cells.index[cells.isna()]
        if school != "total" and term != "total"
    ]
    schools = safe.drop(columns="total").drop(index="total")
    return schools.rename_axis(index="school", columns=None).reset_index(), withheld


def holdings(table: pd.DataFrame) -> Shown:
    """Return `panel.holdings` as it may be shown: pupils rounded, those of few or one school missing."""
    few = pd.Series(
        [
            bool(RULES.why_withheld(n, s)) or n < RULES.min_pupils_one_school
            for n, s in zip(table["pupils"], table["schools"], strict=True)
        ],
        table.index,
        dtype=bool,
    )
    rounded = coarse_counts(table["pupils"]).astype(float).mask(few)
    names = table.loc[few, ["school_form", "arm"]].agg(", ".join, axis=1)
    return table.assign(pupils=rounded), [Withheld("holdings", n, "few pupils") for n in names]
