"""The evaluation of one claim: every outcome, every model, each school form apart."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd

from pilot_analysis import estimates
from pilot_analysis.estimators import did, regression
from pilot_analysis.evaluation.fitting import (
    ALL_PUPILS,
    PRIMARY_MODEL,
    PRIMARY_SPECIFICATION,
    answer,
    attempt,
    effect,
    label,
    sampling,
    shared,
)
from pilot_analysis.inference import choice, few_clusters
from pilot_analysis.panel import BASELINE_COVARIATES, Outcome, Panel, build, outcomes, with_coding
from pilot_analysis.parameters import Parameters


def evaluate_outcome(
    panel: Panel, outcome: Outcome, school_form: str, parameters: Parameters
) -> pd.DataFrame:
    """Fit every model of one outcome in one school form; returns estimates rows.

    Two-way fixed effects with the primary inference and, beside it for comparison only, CR1;
    OLS with baseline covariates; an event study; Callaway-Sant'Anna on school means.
    """
    data = panel.form(school_form)
    common = shared(outcome, parameters)
    drawing = sampling(parameters)
    starts = {"first_treated": "first_treated_number", "time": "term_number"}

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
            ordinary.assign(model=PRIMARY_MODEL),
            fit(
                regression.ols,
                "baseline_covariates",
                treatment="treated",
                group="school",
                time="term",
                covariates=BASELINE_COVARIATES,
                inference=parameters.inference,
                **drawing,
            ),
            fit(
                did.event_study,
                "against_last_term_before",
                unit=outcome.absorb,
                seed=parameters.seed,
                **starts,
            ),
            label(
                attempt(
                    did.callaway_santanna,
                    data,
                    outcome,
                    unit="school",
                    weights=outcome.weights,
                    ci_level=parameters.ci_level,
                    **starts,
                ),
                outcome,
                school_form,
            ),
        ]
    )


def evaluate_claim(panel: Panel, claim: str, parameters: Parameters) -> pd.DataFrame:
    """Evaluate every outcome of a claim, each school form apart."""
    return estimates.combine(
        evaluate_outcome(panel, outcome, form, parameters)
        for form in panel.school_forms
        for outcome in outcomes(claim, form)
    )


def headline(table: pd.DataFrame) -> pd.DataFrame:
    """Return the primary row of each outcome and population."""
    return table[
        (table["model"] == PRIMARY_MODEL) & (table["specification"] == PRIMARY_SPECIFICATION)
    ].reset_index(drop=True)


def main_rows(table: pd.DataFrame, outcome: str) -> pd.DataFrame:
    """Return one row a model of an outcome: the overall effect, not its event times."""
    rows = table[(table["outcome"] == outcome) & (table["model"] != "event study")]
    return rows[rows["event_time"].isna()].reset_index(drop=True)


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


def joint_test(panel: Panel, outcome: Outcome, parameters: Parameters) -> pd.DataFrame:
    """Test no effect in either school form, placing treatment within both at once.

    The school forms are not pooled into one effect: the statistic is the pooled coefficient, but
    only its p-value is meant.
    """
    table = attempt(
        few_clusters.randomization_inference,
        panel.data.assign(form_term=panel.data["school_form"] + " " + panel.data["term"]),
        outcome,
        first_treated="first_treated_number",
        absorb=(outcome.absorb, "form_term"),
        time="term_number",
        strata="school_form",
        max_placements=parameters.max_placements,
        seed=parameters.seed,
        **shared(outcome, parameters),
    )
    return estimates.label(
        table,
        scale=outcome.scale,
        claim=outcome.claim,
        unit=outcome.unit,
        population=ALL_PUPILS,
        school_form="",
        model="joint test over school forms",
    )


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
    """Return, by school form, the inference chosen and why."""
    rows = []
    for form in panel.school_forms:
        ever = panel.form(form).groupby("school")["ever_treated"].first()
        method, reason = choice.choose(int(ever.sum()), len(ever))
        rows.append({"school_form": form, "treated_schools": int(ever.sum()),
                     "schools": len(ever), "inference": method, "why": reason})  # fmt: skip
    return pd.DataFrame(rows)
