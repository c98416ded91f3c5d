"""Who would have been eligible for targeted support, by one rule in every school.

The rule looks at absence and grades in one term that ends before anything started; the term after
it is the baseline. Pupils picked on a high value fall back by themselves, so the selection term
never serves as baseline, and eligible pupils are compared with eligible pupils of other schools.
Pupils belong to the school they attended when selected, wherever they go later (intention to treat).
"""

import contextlib
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pilot_analysis import terms
from pilot_analysis.catalogue.outcomes import Outcome, outcomes
from pilot_analysis.errors import NotEstimable
from pilot_analysis.panel.build import Panel, read_table
from pilot_analysis.panel.describe import weighted_mean
from pilot_analysis.parameters import Parameters

_REVERSION = [
    "school_form",
    "schools",
    "selection",
    "baseline",
    "after",
    "naive_change",
    "before_any_mentor",
    "pupils",
    "n_schools",
    "selection_term",
    "start_term",
]
_PATHS = [
    "school_form",
    "ever_treated",
    "term_number",
    "term",
    "n_pupils",
    "n_schools",
    "start",
    "mean",
    "selection",
]
# A placebo looks one school year earlier, when nothing had started.
PLACEBO_SHIFT = -2


@dataclass(frozen=True)
class Window:
    """The terms of one comparison of eligible pupils, as numbers.

    `shift` is zero for the pilot itself and negative for a placebo, whose start lies that many
    terms early; `last` is then the last term before the pilot.
    """

    selection: int
    baseline: int
    start: int
    last: int
    shift: int = 0


def window(panel: Panel, parameters: Parameters, school_form: str, *, shift: int = 0) -> Window:
    """Return the terms of selection, baseline and start in one school form.

    Raises `NotEstimable` when the panel does not reach back to the selection term.
    """
    rows = panel.form(school_form)
    if rows["first_treated_number"].isna().all():
        raise NotEstimable("no_treated", f"school form {school_form!r} has no pilot schools")
    pilot = int(rows["first_treated_number"].min())
    start = pilot + shift
    selection = start - parameters.eligibility_lag
    if selection not in set(rows["term_number"]):
        raise NotEstimable(
            "selection_term_missing",
            f"the selection term {terms.label(selection)} is not in the panel; let first_term be "
            "earlier or eligibility_lag smaller",
            term=terms.label(selection),
        )
    last = int(rows["term_number"].max()) if shift == 0 else pilot - 1
    return Window(selection, start - 1, start, last, shift)


def _selected(rows: pd.DataFrame, parameters: Parameters) -> pd.DataFrame:
    """Return pupil, origin and eligible, from one school form's rows of the selection term.

    A pupil at two schools belongs to the one with more lesson time. Pupils of whom it cannot be
    known are left out.
    """
    weight = rows["scheduled_minutes"].where(rows["absence_share"].notna())
    pupils = rows.assign(_absent=rows["absence_share"] * weight, _weight=weight).groupby("pupil")
    minutes = pupils[["_absent", "_weight"]].sum(min_count=1)
    absent = minutes["_absent"] / minutes["_weight"]
    low = pupils["goals_share_registered"].min() < parameters.eligibility_goals
    eligible = ((absent >= parameters.eligibility_absence) | low).astype(float)
    # Whose absence is missing may or may not have been eligible.
    eligible = eligible.where(absent.notna() | low)
    most = rows.sort_values(["pupil", "scheduled_minutes", "school"]).groupby("pupil").last()
    return (
        pd.DataFrame({"origin": most["school"], "eligible": eligible, "absence_then": absent})
        .dropna(subset="eligible")
        .reset_index()
    )


def mentored_share(panel: Panel, processed: Path) -> pd.Series:
    """Return, for each row of the panel, whether the pupil had a mentor in that term (0 or 1)."""
    found = read_table(processed, "mentors")
    weeks = read_table(processed, "calendar").groupby("term")["week"].agg(["min", "max"])
    first = pd.to_datetime(weeks["min"] + "-1", format="%G-W%V-%u")
    last = pd.to_datetime(weeks["max"] + "-5", format="%G-W%V-%u")
    begun = pd.to_datetime(found["from"])
    ended = pd.to_datetime(found["to"]).fillna(last.max())
    pairs = [
        pd.DataFrame(
            {
                "pupil": found.loc[(begun <= last[term]) & (ended >= first[term]), "pupil"],
                "term": term,
            }
        )
        for term in weeks.index
    ]
    # Without a calendar no term has days, and nobody is known to have had a mentor.
    pairs.append(found.loc[[], ["pupil"]].assign(term=""))
    had = pd.MultiIndex.from_frame(pd.concat(pairs)[["pupil", "term"]].drop_duplicates())
    rows = pd.MultiIndex.from_frame(panel.data[["pupil", "term"]])
    return pd.Series(rows.isin(had).astype(float), index=panel.data.index, name="mentored")


def eligible_panel(
    panel: Panel,
    parameters: Parameters,
    school_form: str,
    *,
    shift: int = 0,
    processed: Path | None = None,
) -> pd.DataFrame:
    """Return the pupils of the selection term, in all terms but that one.

    Adds to the panel's columns: `eligible` (0 or 1), `origin` (the school when selected), and, by
    the origin's start, `treated`, `ever_treated` and `first_treated_number`; with `processed` also
    `mentored`. `organisation` is the origin's. A placebo (`shift` below zero) ends before the pilot.
    Raises `NotEstimable` where the rule selects nobody, or nobody who is there in another term, and
    where of no pupil it is known whether it does.
    """
    when = window(panel, parameters, school_form, shift=shift)
    rows = panel.form(school_form)
    if processed is not None:
        rows = rows.assign(mentored=mentored_share(panel, processed).loc[rows.index])
    picked = _selected(rows[rows["term_number"] == when.selection], parameters)
    if picked.empty:
        raise NotEstimable(
            "eligibility_unknown", f"no absence of {school_form!r} is known in the selection term"
        )
    if not picked["eligible"].any():
        raise NotEstimable("no_eligible", f"the rule selects no pupil of {school_form!r}")
    by_school = rows.groupby("school")["first_treated_number"].first() + shift
    kept = rows[(rows["term_number"] <= when.last) & (rows["term_number"] != when.selection)]
    merged = kept.drop(columns="organisation").merge(picked, on="pupil", validate="many_to_one")
    if not merged["eligible"].any():
        raise NotEstimable(
            "no_terms_around_start", f"no eligible pupil of {school_form!r} is seen in another term"
        )
    organisation = (
        rows[rows["organisation"].notna() & (rows["treated"] == 1)]
        .groupby("school")["organisation"]
        .first()
    )
    first = merged["origin"].map(by_school).astype(float)
    return merged.assign(
        organisation=merged["origin"].map(organisation),
        first_treated_number=first,
        ever_treated=first.notna(),
        treated=((merged["term_number"] >= first) & first.notna()).astype(float),
        stay=pd.factorize(merged["pupil"], sort=True)[0],
    )


def reversion(
    panel: Panel, parameters: Parameters, outcome: Outcome, *, shift: int = 0
) -> pd.DataFrame:
    """Return how the outcome of eligible pupils moved by itself and at pilot schools.

    One row a school form and group (pilot, comparison): mean in the selection term, in the baseline
    term and from the start on, the naive before-after change (selection to after), and its part up
    to the baseline, which no mentor can have caused. In the outcome's unit. A description.
    """
    found = []
    for form in panel.school_forms:
        with contextlib.suppress(NotEstimable):  # a form without a start or selection term
            if outcome.exists_in(form):
                found.append(reversion_in(panel, parameters, outcome, form, shift=shift))
    return pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=_REVERSION)


def reversion_in(
    panel: Panel, parameters: Parameters, outcome: Outcome, school_form: str, *, shift: int = 0
) -> pd.DataFrame:
    """Return `reversion` of one school form."""
    when = window(panel, parameters, school_form, shift=shift)
    merged = _followed(panel, parameters, school_form, when)
    found = []
    for group, keep in (("pilot", True), ("comparison", False)):
        own = merged[merged["ever_treated"] == keep]
        number = own["term_number"]
        means = [
            outcome.scale * weighted_mean(own[part], outcome)
            for part in (
                number == when.selection,
                number == when.baseline,
                number >= when.start,
            )
        ]
        found.append(
            {
                "school_form": school_form,
                "schools": group,
                "selection": means[0],
                "baseline": means[1],
                "after": means[2],
                "naive_change": means[2] - means[0],
                "before_any_mentor": means[1] - means[0],
                "pupils": own.loc[number == when.selection, "pupil"].nunique(),
                "n_schools": own["origin"].nunique(),
                "selection_term": terms.label(when.selection),
                "start_term": terms.label(when.start),
            }
        )
    return pd.DataFrame(found)


def _followed(panel: Panel, parameters: Parameters, school_form: str, when: Window) -> pd.DataFrame:
    """Return eligible pupils in all terms, the selection term too; `ever_treated` by origin."""
    rows = panel.form(school_form)
    picked = _selected(rows[rows["term_number"] == when.selection], parameters)
    pilot = rows[rows["ever_treated"]]["school"].unique()
    merged = rows[rows["term_number"] <= when.last].merge(
        picked[picked["eligible"] == 1], on="pupil"
    )
    return merged.assign(ever_treated=merged["origin"].isin(pilot))


def paths(
    panel: Panel, parameters: Parameters, outcome: Outcome, *, shift: int = 0
) -> pd.DataFrame:
    """Return the eligible pupils' term means by school form and group, selection term included."""
    found = []
    for form in panel.school_forms:
        try:
            when = window(panel, parameters, form, shift=shift)
        except NotEstimable:
            continue
        merged = _followed(panel, parameters, form, when)
        for (ever, number), cell in merged.groupby(["ever_treated", "term_number"]):
            found.append(
                {
                    "school_form": form,
                    "ever_treated": ever,
                    "term_number": number,
                    "term": terms.label(int(number)),
                    "n_pupils": cell["pupil"].nunique(),
                    "n_schools": cell["origin"].nunique(),
                    "start": when.start,
                    "mean": outcome.scale * weighted_mean(cell, outcome),
                    "selection": number == when.selection,
                }
            )
    return pd.DataFrame(found, columns=None if found else _PATHS)


def known_outcomes(school_form: str) -> list[Outcome]:
    """List the outcomes that pupils can have before and after, for eligible pupils' comparison.

    Eligibility to upper secondary exists in grade 9 only, where nobody has a baseline.
    """
    return [o for c in ("C1", "C2") for o in outcomes(c, school_form) if o.absorb == "stay"]
