"""The evaluation of one claim: every outcome, every model, each school form apart."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from pilot_analysis import estimates
from pilot_analysis.catalogue import reasons
from pilot_analysis.errors import NotEstimable
from pilot_analysis.estimators import did, regression, two_way_fixed_effects
from pilot_analysis.evaluation.fitting import (
    PRIMARY_MODEL,
    PRIMARY_SPECIFICATION,
    STAYERS,
    answer,
    attempt,
    check_comparable,
    effect,
    for_regression,
    label,
    sampling,
    school_level,
    shared,
)
from pilot_analysis.forms import LAST_GRADES
from pilot_analysis.inference import choice, few_clusters
from pilot_analysis.panel import (
    BASELINE_COVARIATES,
    Outcome,
    Panel,
    build,
    outcomes,
    stand_ins,
    with_coding,
)
from pilot_analysis.parameters import Parameters

_STARTS = {"first_treated": "first_treated_number", "time": "term_number"}


def evaluate_outcome(
    panel: Panel, outcome: Outcome, school_form: str, parameters: Parameters
) -> pd.DataFrame:
    """Fit every model of one outcome in one school form; returns estimates rows.

    School-level difference-in-differences on all pupils is the answer. Beside it, each named by
    what it estimates (`estimand`): per pupil instead of per school, term by term, as a ratio; the
    pupils who were there before and after (two-way fixed effects with pupil effects, and CR1 for
    comparison only); OLS with baseline covariates; an event study; Callaway-Sant'Anna.
    """
    data = panel.form(school_form)
    try:
        check_comparable(data, outcome)
    except NotEstimable as error:
        row = {"outcome": outcome.name} | reasons.columns(error)
        return label(
            estimates.table([row]),
            outcome,
            school_form,
            PRIMARY_SPECIFICATION,
            model=PRIMARY_MODEL,
        )
    common = shared(outcome, parameters)
    drawing = sampling(parameters)

    def fit(
        model: Callable[..., pd.DataFrame], specification: str | None, **arguments: Any
    ) -> pd.DataFrame:
        table = attempt(model, data, outcome, **common, **arguments)
        return label(table, outcome, school_form, specification)

    ordinary = fit(
        few_clusters.cluster_robust,
        "ordinary_cluster_robust",
        treatment="treated",
        absorb=(outcome.absorb, "term"),
        kind="CR1",
    )
    return estimates.combine(
        [
            answer(data, outcome, school_form, parameters),
            school_level(
                data, outcome, school_form, parameters, "by_pupils", school_weights="pupils"
            ),
            by_term(data, outcome, school_form, parameters),
            as_ratio(data, outcome, school_form, parameters),
            stayers(data, outcome, school_form, parameters),
            ordinary.assign(model=STAYERS, estimand="stayers"),
            fit(
                regression.ols,
                "baseline_covariates",
                treatment="treated",
                group="school",
                time="term",
                covariates=[c for c in BASELINE_COVARIATES if data[c].min() < data[c].max()],
                inference=for_regression(parameters),
                **drawing,
            ),
            fit(
                did.event_study,
                "against_last_term_before",
                unit=outcome.absorb,
                seed=parameters.seed,
                **_STARTS,
            ),
            label(
                _with_pupils_behind(
                    callaway(data, outcome, parameters), data[data[outcome.name].notna()]
                ),
                outcome,
                school_form,
            ),
        ]
    )


def callaway(data: pd.DataFrame, outcome: Outcome, parameters: Parameters) -> pd.DataFrame:
    """Return Callaway and Sant'Anna's estimates, overall and by event time, not yet labelled."""
    return attempt(
        did.callaway_santanna,
        data,
        outcome,
        unit="school",
        weights=outcome.weights,
        ci_level=parameters.ci_level,
        **_STARTS,
    )


def _with_pupils_behind(rows: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    """Count the pilot schools' pupils behind each estimate made from school x term cells.

    A point that few pupils stand behind must be known as such, however many schools are compared.
    """
    event = known["term_number"] - known["first_treated_number"]
    counted = known.groupby(event)["pupil"].agg(["size", "nunique"])
    after = known.loc[event >= 0, "pupil"]
    at = rows["event_time"]
    return rows.assign(
        n_obs=at.map(counted["size"]).where(at.notna(), len(after)),
        n_pupils=at.map(counted["nunique"]).where(at.notna(), after.nunique()),
    )


def by_term(
    data: pd.DataFrame, outcome: Outcome, school_form: str, parameters: Parameters
) -> pd.DataFrame:
    """Return the primary estimate term by term since the start, and a joint row of earlier terms.

    Rows: estimand `event_time` at each event time, and `pre_trend`, whose p-value is Bonferroni's
    over the terms before the reference.
    """
    rows = school_level(
        data,
        outcome,
        school_form,
        parameters,
        "by_term",
        by="event_time",
        reference=None,
    )
    at = rows.loc[rows["method"] == "reference", "event_time"].min()
    before = rows[(rows["event_time"] < at) & rows["p_value"].notna()]
    if before.empty:
        return rows
    largest = before.loc[before["estimate"].abs().idxmax()].to_dict()
    p = min(1.0, len(before) * float(before["p_value"].min()))
    joint = {
        "estimand": "pre_trend",
        "event_time": math.nan,
        "p_value": p,
        "method": "bonferroni",
        "std_error": math.nan,
        "ci_low": math.nan,
        "ci_high": math.nan,
        "detectable_effect": math.nan,
    }
    return estimates.combine([rows, estimates.table([largest | joint])])


def as_ratio(
    data: pd.DataFrame, outcome: Outcome, school_form: str, parameters: Parameters
) -> pd.DataFrame:
    """Return the effect as a ratio, told in points at the pilot schools after the start.

    A pandemic multiplies and a difference subtracts: where schools began at different levels the
    two part, and the plan has a warning for it.
    """
    return school_level(data, outcome, school_form, parameters, "ratio", scale="ratio_in_points")


def stayers(
    data: pd.DataFrame, outcome: Outcome, school_form: str, parameters: Parameters
) -> pd.DataFrame:
    """Return the effect on pupils who were there before and after: pupil and term effects."""
    table = attempt(
        two_way_fixed_effects,
        data,
        outcome,
        treatment="treated",
        unit=outcome.absorb,
        time="term",
        inference=for_regression(parameters),
        **shared(outcome, parameters),
        **sampling(parameters),
    )
    return label(table, outcome, school_form, "stayers", model=STAYERS, estimand="stayers")


def evaluate_claim(panel: Panel, claim: str, parameters: Parameters) -> pd.DataFrame:
    """Evaluate every outcome of a claim, each school form apart."""
    return estimates.combine(
        evaluate_outcome(panel, outcome, form, parameters)
        for form in panel.school_forms
        for outcome in _evaluated(panel, claim, form)
    )


def _evaluated(panel: Panel, claim: str, school_form: str) -> list[Outcome]:
    """Return a claim's outcomes, and those that stand in for one of which there is no value.

    Not final grades (one a pupil: `absorb` is the school) where the evaluation is of earlier grades.
    """
    data = panel.form(school_form)
    to_the_last = data["last_grade"].max() == LAST_GRADES.get(school_form)
    return [
        *(o for o in outcomes(claim, school_form) if to_the_last or o.absorb != "school"),
        *(
            o
            for o in stand_ins(claim, school_form)
            if data[o.stands_in_for].isna().all() and data[o.name].notna().any()
        ),
    ]


def headline(table: pd.DataFrame) -> pd.DataFrame:
    """Return the primary row of each outcome and population."""
    return table[
        (table["model"] == PRIMARY_MODEL) & (table["specification"] == PRIMARY_SPECIFICATION)
    ].reset_index(drop=True)


# Tests and bands of the event study, which have no estimate of their own.
_NO_EFFECT = ("pre_trend", "simultaneous_band")


def main_rows(table: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Return one row a model of an outcome: the overall effect, not its event times."""
    rows = table[(table["outcome"] == outcome) & (table["model"] != "event study")]
    rows = rows[rows["event_time"].isna() & ~rows["estimand"].isin(_NO_EFFECT)]
    return rows.reset_index(drop=True)


def compare_inference(panel: Panel, outcome: Outcome, parameters: Parameters) -> pd.DataFrame:
    """Show one effect under every inference method, each school form apart."""
    methods: list[tuple[Callable[..., pd.DataFrame], dict[str, Any]]] = [
        (few_clusters.cluster_robust, {"treatment": "treated", "kind": kind})
        for kind in ("CR1", "CR2", "CR3")
    ]
    methods += [
        (
            few_clusters.wild_cluster_bootstrap,
            {
                "treatment": "treated",
                "distribution": distribution,
                "draws": parameters.bootstrap_draws,
                "seed": parameters.seed,
            },
        )
        for distribution in ("rademacher", "webb")
    ]
    placing = {
        "first_treated": "first_treated_number",
        "time": "term_number",
        "max_placements": parameters.max_placements,
        "seed": parameters.seed,
    }
    methods.append((few_clusters.randomization_inference, placing))
    common = shared(outcome, parameters) | {"absorb": (outcome.absorb, "term")}
    tables = []
    for form in panel.school_forms:
        for method, arguments in methods:
            table = attempt(method, panel.form(form), outcome, **common, **arguments)
            tables.append(label(table, outcome, form, "inference_compared"))
    return estimates.combine(tables)


def vary_attendance(processed: Path, outcome: Outcome, parameters: Parameters) -> pd.DataFrame:
    """Estimate an attendance outcome under every reading of unreported time and remote weeks."""
    tables = []
    for remote in (True, False):
        panel = build(processed, parameters.model_copy(update={"include_remote_weeks": remote}))
        for coding in ("present", "dropped", "absent"):
            coded = with_coding(panel.data, coding, parameters.persistent_absence_threshold)
            name = f"unreported_{coding}{'' if remote else '_without_remote_weeks'}"
            tables += [
                effect(coded[coded["school_form"] == form], outcome, form, parameters, name)
                for form in panel.school_forms
            ]
    return estimates.combine(tables)


def why_primary(panel: Panel) -> pd.DataFrame:
    """Return, by school form, the inference of the answers and of regressions, and why."""
    rows = []
    for form in panel.school_forms:
        ever = panel.form(form).groupby("school")["ever_treated"].first()
        design = int(ever.sum()), len(ever)
        found = {
            "one number per school (the answers)": (
                choice.choose_school_level(*design),
                choice.why_school_level(*design),
            ),
            "regressions over pupils": choice.choose(*design),
        }
        rows += [
            {
                "school_form": form,
                "schools": f"{design[1]} ({design[0]})",
                "estimator": estimator,
                "inference": method.replace("_", " "),
                "why": reason,
            }
            for estimator, (method, reason) in found.items()
        ]
    return pd.DataFrame(rows).rename(columns={"schools": "schools (pilot)"})
