"""The evaluation of one claim: every outcome, every model, each school form apart."""

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pilot_analysis import estimates
from pilot_analysis.models import did, few_clusters, primary, regression
from pilot_analysis.panel import BASELINE_COVARIATES, Outcome, Panel, build, outcomes
from pilot_analysis.parameters import Parameters

POPULATION = "all pupils"
PRIMARY_MODEL = "two-way fixed effects"
PRIMARY_SPECIFICATION = "primary"


def population(school_form: str) -> str:
    """Return the population's name in the estimates table."""
    return f"{POPULATION}, {school_form}"


def _attempt(
    model: Callable[..., pd.DataFrame], data: pd.DataFrame, outcome: Outcome, **arguments: Any
) -> pd.DataFrame:
    """Run a model on an outcome; where it cannot be estimated return a row that says why."""
    try:
        return model(data, outcome=outcome.name, **arguments)
    except (ValueError, np.linalg.LinAlgError) as error:
        name = model.__name__.replace("_", " ")
        return estimates.table([{"outcome": outcome.name, "model": name, "note": str(error)}])


def _label(
    table: pd.DataFrame, outcome: Outcome, school_form: str, specification: str | None = None
) -> pd.DataFrame:
    named = {"claim": outcome.claim, "population": population(school_form), "unit": outcome.unit}
    if specification is not None:
        named["specification"] = specification
    return estimates.label(table, scale=outcome.scale, **named)


def evaluate_outcome(
    panel: Panel, outcome: Outcome, school_form: str, parameters: Parameters
) -> pd.DataFrame:
    """Fit every model of one outcome in one school form; returns estimates rows.

    Two-way fixed effects with the primary inference and, beside it for comparison only, CR1;
    OLS with baseline covariates; an event study; Callaway-Sant'Anna on school means.
    """
    data = panel.form(school_form)
    shared = _shared(outcome, parameters)
    sampling = _sampling(parameters)
    effects = {"treatment": "treated", "unit": outcome.absorb, "time": "term"}
    starts = {"first_treated": "first_treated_number", "time": "term_number"}

    def fit(
        model: Callable[..., pd.DataFrame], specification: str | None, **arguments: Any
    ) -> pd.DataFrame:
        table = _attempt(model, data, outcome, **shared, **arguments)
        return _label(table, outcome, school_form, specification)

    ordinary = fit(
        few_clusters.cluster_robust,
        "ordinary cluster-robust, for comparison only",
        treatment="treated",
        absorb=(outcome.absorb, "term"),
        kind="CR1",
    )
    return estimates.combine(
        [
            fit(
                did.two_way_fixed_effects,
                PRIMARY_SPECIFICATION,
                inference=parameters.inference,
                **effects,
                **sampling,
            ).assign(model=PRIMARY_MODEL),
            ordinary.assign(model=PRIMARY_MODEL),
            fit(
                regression.ols,
                "baseline covariates",
                treatment="treated",
                group="school",
                time="term",
                covariates=BASELINE_COVARIATES,
                inference=parameters.inference,
                **sampling,
            ),
            fit(
                did.event_study,
                "against the last term before the start",
                unit=outcome.absorb,
                seed=parameters.seed,
                **starts,
            ),
            _label(
                _attempt(
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


def _shared(outcome: Outcome, parameters: Parameters) -> dict[str, Any]:
    return {
        "cluster": "school",
        "weights": outcome.weights,
        "ci_level": parameters.ci_level,
    }


def _sampling(parameters: Parameters) -> dict[str, Any]:
    return {
        "draws": parameters.bootstrap_draws,
        "max_placements": parameters.max_placements,
        "seed": parameters.seed,
    }


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
    return rows[~rows["term"].str.startswith("event_time")].reset_index(drop=True)


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
    shared = _shared(outcome, parameters) | {"absorb": (outcome.absorb, "term")}
    tables = []
    for form in panel.school_forms:
        for method, arguments in methods:
            table = _attempt(method, panel.form(form), outcome, **shared, **arguments)
            tables.append(_label(table, outcome, form, "inference compared"))
    return estimates.combine(tables)


def joint_test(panel: Panel, outcome: Outcome, parameters: Parameters) -> pd.DataFrame:
    """Test no effect in either school form, placing treatment within both at once.

    The school forms are not pooled into one effect: the statistic is the pooled coefficient, but
    only its p-value is meant.
    """
    table = _attempt(
        few_clusters.randomization_inference,
        panel.data.assign(form_term=panel.data["school_form"] + " " + panel.data["term"]),
        outcome,
        first_treated="first_treated_number",
        absorb=(outcome.absorb, "form_term"),
        time="term_number",
        strata="school_form",
        max_placements=parameters.max_placements,
        seed=parameters.seed,
        **_shared(outcome, parameters),
    )
    return estimates.label(
        table,
        scale=outcome.scale,
        claim=outcome.claim,
        unit=outcome.unit,
        population=f"{POPULATION}, both school forms",
        model="joint test over school forms",
    )


def vary_attendance(processed: Path, outcome: Outcome, parameters: Parameters) -> pd.DataFrame:
    """Estimate an attendance outcome under every reading of unreported time and remote weeks."""
    tables = []
    for remote, coding in itertools.product((True, False), ("present", "dropped", "absent")):
        varied = parameters.model_copy(
            update={"include_remote_weeks": remote, "absence_coding": coding}
        )
        panel = build(processed, varied)
        name = f"unreported time {coding}, {'with' if remote else 'without'} remote weeks"
        for form in panel.school_forms:
            table = _attempt(
                did.two_way_fixed_effects,
                panel.form(form),
                outcome,
                treatment="treated",
                unit=outcome.absorb,
                time="term",
                inference=parameters.inference,
                **_shared(outcome, parameters),
                **_sampling(parameters),
            )
            tables.append(_label(table, outcome, form, name))
    return estimates.combine(tables)


def why_primary(panel: Panel) -> pd.DataFrame:
    """Return, by school form, the inference chosen and why."""
    rows = []
    for form in panel.school_forms:
        ever = panel.form(form).groupby("school")["ever_treated"].first()
        method, reason = primary.choose(int(ever.sum()), len(ever))
        rows.append({"school_form": form, "treated_schools": int(ever.sum()),
                     "schools": len(ever), "inference": method, "why": reason})  # fmt: skip
    return pd.DataFrame(rows)
