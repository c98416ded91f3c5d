"""Claims C3 and C4: pupils with earlier high absence, and targeted support.

Eligible pupils of pilot schools are compared with eligible pupils of comparison schools, by one
rule in every school (`panel.eligible_panel`). Intention to treat is choice.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pilot_analysis import estimates
from pilot_analysis.catalogue import reasons
from pilot_analysis.errors import NotEstimable
from pilot_analysis.estimators import did, school_level_group_difference
from pilot_analysis.estimators.instrument import instrumental_variables
from pilot_analysis.evaluation.fitting import (
    ADJUSTED_FOR,
    PRIMARY_MODEL,
    PRIMARY_SPECIFICATION,
    answer,
    attempt,
    effect,
    for_regression,
    label,
    sampling,
    shared,
)
from pilot_analysis.panel import OUTCOMES, Outcome, Panel, eligibility, eligible_panel
from pilot_analysis.parameters import Parameters

ELIGIBLE = "eligible_pupils"
TARGETED = "eligible_at_targeted"
BY_CLASS = "eligible_at_class"
OTHERS = "others_at_targeted"
PLACEBO = "placebo_year_earlier"
# Outcomes shown in every comparison; the rest only in the main one.
MAIN_OUTCOMES = ("absence_share", "goals_share_registered")
NAIVE = "before and after, no comparison"


def evaluate_targeting(panel: Panel, processed: Path, parameters: Parameters) -> pd.DataFrame:
    """Evaluate C3 and C4 in every school form; returns estimates rows.

    Claims keep their outcomes: C3 has those of C1 and C2, C4 those of C2. Rows with the primary
    specification are the answers; the others are the checks beside them.
    """
    tables = []
    for form in panel.school_forms:
        try:
            data = eligible_panel(panel, parameters, form, processed=processed)
        except NotEstimable as error:
            tables.append(_not_selected(form, error))
            continue
        for outcome in eligibility.known_outcomes(form):
            tables += _answers(data, outcome, form, parameters)
        for name in MAIN_OUTCOMES:
            outcome = OUTCOMES[name]
            tables += _checks(panel, data, outcome, form, parameters)
    return estimates.combine(tables)


def _not_selected(form: str, error: NotEstimable) -> pd.DataFrame:
    return estimates.table(
        {
            "claim": claim,
            "outcome": outcome.name,
            "school_form": form,
            "population": population,
            "model": PRIMARY_MODEL,
            "specification": PRIMARY_SPECIFICATION,
            "unit": outcome.unit,
        }
        | reasons.columns(error)
        for outcome in eligibility.known_outcomes(form)
        for claim, population in (("C3", ELIGIBLE), ("C4", TARGETED))
        if claim == "C3" or outcome.claim == "C2"
    )


def among(
    data: pd.DataFrame, organisation: str | None = None, eligible: float = 1.0
) -> pd.DataFrame:
    """Keep eligible (or other) pupils, at comparison schools and those of one organisation.

    `data` as from `panel.eligible_panel`.
    """
    rows = data[data["eligible"] == eligible]
    if organisation is not None:
        rows = rows[~rows["ever_treated"] | (rows["organisation"] == organisation)]
    return rows


def _answers(
    data: pd.DataFrame, outcome: Outcome, form: str, parameters: Parameters
) -> list[pd.DataFrame]:
    """Return the primary rows of C3 and, for the goals, of C4."""
    tables = [
        answer(among(data), outcome, form, parameters, name=ELIGIBLE, claim="C3", cluster="origin")
    ]
    if outcome.claim == "C2":
        tables.append(
            answer(
                among(data, "targeted"),
                outcome,
                form,
                parameters,
                name=TARGETED,
                claim="C4",
                cluster="origin",
            )
        )
    return tables


def _checks(
    panel: Panel, data: pd.DataFrame, outcome: Outcome, form: str, parameters: Parameters
) -> list[pd.DataFrame]:
    def fit(rows: pd.DataFrame, specification: str, name: str, claim: str) -> pd.DataFrame:
        return effect(
            rows, outcome, form, parameters, specification, name=name, claim=claim, cluster="origin"
        )

    tables = [
        naive_change(panel, outcome, form, parameters),
        naive_change(panel, outcome, form, parameters, shift=eligibility.PLACEBO_SHIFT),
        fit(among(data, "targeted"), "by_organisation", TARGETED, "C4"),
        fit(among(data, "class"), "by_organisation", BY_CLASS, "C4"),
        organisation_difference(data, outcome, form, parameters),
        fit(among(data, "targeted", 0.0), "spill_over", OTHERS, "C4"),
        label(
            attempt(
                did.triple_difference,
                data,
                outcome,
                treatment="treated",
                eligible="eligible",
                unit="stay",
                time="term",
                **shared(outcome, parameters, "origin"),
            ),
            outcome,
            form,
            "against_other_pupils_of_the_school",
            name=ELIGIBLE,
            claim="C3",
        ),
        effect_of_a_mentor(data, outcome, form, parameters),
        label(
            attempt(
                did.event_study,
                among(data),
                outcome,
                first_treated="first_treated_number",
                unit="stay",
                time="term_number",
                seed=parameters.seed,
                **shared(outcome, parameters, "origin"),
            ),
            outcome,
            form,
            "against_last_term_before",
            name=ELIGIBLE,
            claim="C3",
        ),
    ]
    try:
        earlier = eligible_panel(panel, parameters, form, shift=eligibility.PLACEBO_SHIFT)
        tables.append(fit(among(earlier), PLACEBO, ELIGIBLE, "C3"))
    except NotEstimable as error:
        row = {"claim": "C3", "outcome": outcome.name, "specification": PLACEBO}
        place = {"school_form": form, "population": ELIGIBLE, "model": PRIMARY_MODEL}
        tables.append(estimates.table([row | place | reasons.columns(error)]))
    return tables


def effect_of_a_mentor(
    data: pd.DataFrame, outcome: Outcome, form: str, parameters: Parameters
) -> pd.DataFrame:
    """Return the instrumental-variables row and its first stage, which is a share of pupils."""
    table = attempt(
        instrumental_variables,
        among(data, "targeted"),
        outcome,
        received="mentored",
        treatment="treated",
        absorb=("stay", "term"),
        time="term",
        inference=for_regression(parameters),
        **shared(outcome, parameters, "origin"),
        **sampling(parameters),
    )
    named = label(
        table.assign(model="instrumental variables"),
        outcome,
        form,
        "effect_of_a_mentor",
        name=TARGETED,
        claim="C4",
    )
    first = named["estimand"] == "first_stage"
    points = ["estimate", "std_error", "ci_low", "ci_high"]
    named.loc[first, points] *= 100.0 / outcome.scale
    named.loc[first, "unit"] = estimates.PERCENTAGE_POINTS
    return named


def naive_change(
    panel: Panel, outcome: Outcome, form: str, parameters: Parameters, *, shift: int = 0
) -> pd.DataFrame:
    """Return what before-after of eligible pupils at pilot schools says, as a row without interval.

    It is here to be compared with the answer: the part already there in the baseline term is
    regression to the mean (and season), not effect.
    """
    base: dict[str, Any] = {
        "claim": "C3",
        "outcome": outcome.name,
        "school_form": form,
        "population": ELIGIBLE,
        "model": NAIVE,
        "specification": PLACEBO if shift else "the_pilot",
        "unit": outcome.unit,
        "method": "none",
    }
    try:
        rows = eligibility.reversion_in(panel, parameters, outcome, form, shift=shift)
    except NotEstimable as error:
        return estimates.table([base | reasons.columns(error)])
    rows = rows.set_index("schools")
    found = []
    for group in ("pilot", "comparison"):
        for column in ("naive_change", "before_any_mentor"):
            value = rows.loc[group, column]
            known = np.isfinite(value)
            why = {} if known else reasons.cells("unknown_term")
            found.append(
                base
                | why
                | {
                    "estimand": f"{column}_{group}",
                    "estimate": value if known else np.nan,
                    "n_pupils": rows.loc[group, "pupils"],
                }
            )
    return estimates.table(found)


def organisation_difference(
    data: pd.DataFrame, outcome: Outcome, form: str, parameters: Parameters
) -> pd.DataFrame:
    """Return the effect at targeted minus the effect at class schools, among eligible pupils.

    One number a pilot school, as in the primary estimate. Schools chose their organisation, so the
    difference describes and does not explain.
    """
    rows = among(data)
    table = attempt(
        school_level_group_difference,
        rows,
        outcome,
        first_treated="first_treated_number",
        time="term_number",
        group="organisation",
        groups=("targeted", "class"),
        covariates=[c for c in ADJUSTED_FOR if c in rows.columns],
        **shared(outcome, parameters, "origin"),
    )
    return label(
        table.assign(estimand="targeted_minus_class"),
        outcome,
        form,
        "by_organisation",
        name=ELIGIBLE,
        claim="C4",
        model=PRIMARY_MODEL,
    )


def mean_reversion_share(table: pd.DataFrame) -> pd.DataFrame:
    """Return, by school form, how much of the naive change was there before any mentor.

    `table` as from `panel.reversion`. Columns: school_form, naive_change, before_any_mentor,
    comparison_change, share_without_mentors (the comparison schools' change over the naive one).
    """
    wide = table.set_index(["school_form", "schools"])[["naive_change", "before_any_mentor"]]
    # No pupil of an arm may have been selected.
    arms = pd.MultiIndex.from_product([wide.columns, ("pilot", "comparison")])
    wide = wide.unstack().reindex(columns=arms)
    naive = wide["naive_change"]["pilot"]
    return pd.DataFrame(
        {
            "naive_change": naive,
            "before_any_mentor": wide["before_any_mentor"]["pilot"],
            "comparison_change": wide["naive_change"]["comparison"],
            "share_without_mentors": np.where(
                naive.abs() > 1e-9, wide["naive_change"]["comparison"] / naive, np.nan
            ),
        }
    ).reset_index()
