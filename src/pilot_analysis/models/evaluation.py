"""The evaluation of one claim: every outcome, every model, each school form apart."""

from collections.abc import Callable
from pathlib import Path

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


def _or_note(
    run: Callable[[], pd.DataFrame], outcome: Outcome, model: str
) -> pd.DataFrame:
    """Run a model; where it cannot be estimated return a row that says why."""
    try:
        return run()
    except (ValueError, np.linalg.LinAlgError) as error:
        return estimates.table([{"outcome": outcome.name, "model": model, "note": str(error)}])


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
    shared = {"outcome": outcome.name, "cluster": "school", "weights": outcome.weights,
              "ci_level": parameters.ci_level}  # fmt: skip
    sampling = {"draws": parameters.bootstrap_draws, "max_placements": parameters.max_placements,
                "seed": parameters.seed}  # fmt: skip
    effects = {"treatment": "treated", "unit": outcome.absorb, "time": "term"}
    starts = {"first_treated": "first_treated_number", "time": "term_number"}
    chosen = parameters.inference
    tables = [
        _label(_or_note(lambda: did.two_way_fixed_effects(
            data, **shared, **effects, **sampling, inference=chosen), outcome, PRIMARY_MODEL),
            outcome, school_form, PRIMARY_SPECIFICATION),
        _label(_or_note(lambda: did.two_way_fixed_effects(
            data, **shared, **effects, inference="CR1"), outcome, PRIMARY_MODEL),
            outcome, school_form, "ordinary cluster-robust, for comparison only"),
        _label(_or_note(lambda: regression.ols(
            data, **shared, **sampling, treatment="treated", group="school", time="term",
            covariates=BASELINE_COVARIATES, inference=chosen),
            outcome, "OLS with baseline covariates"), outcome, school_form, "baseline covariates"),
        _label(_or_note(lambda: did.event_study(
            data, **shared, **starts, unit=outcome.absorb, seed=parameters.seed),
            outcome, "event study"),
            outcome, school_form, "against the last term before the start"),
        _label(_or_note(lambda: did.callaway_santanna(
            data, outcome=outcome.name, **starts, unit="school", weights=outcome.weights,
            ci_level=parameters.ci_level), outcome, "Callaway-Sant'Anna"), outcome, school_form),
    ]  # fmt: skip
    return estimates.combine(tables)


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
    tables = []
    for form in panel.school_forms:
        data = panel.form(form)
        common = {"outcome": outcome.name, "absorb": (outcome.absorb, "term"), "cluster": "school",
                  "weights": outcome.weights, "ci_level": parameters.ci_level}  # fmt: skip
        for kind in ("CR1", "CR2", "CR3"):
            tables.append(_label(_or_note(lambda k=kind, d=data, c=common:  # type: ignore[misc]
                few_clusters.cluster_robust(d, treatment="treated", kind=k, **c), outcome, kind),
                outcome, form, "inference compared"))  # fmt: skip
        for distribution in ("rademacher", "webb"):
            tables.append(_label(_or_note(lambda w=distribution, d=data, c=common:  # type: ignore[misc]
                few_clusters.wild_cluster_bootstrap(
                    d, treatment="treated", draws=parameters.bootstrap_draws, distribution=w,
                    seed=parameters.seed, **c), outcome, distribution),
                outcome, form, "inference compared"))  # fmt: skip
        tables.append(_label(_or_note(lambda d=data, c=common:  # type: ignore[misc]
            few_clusters.randomization_inference(
                d, first_treated="first_treated_number", time="term_number",
                max_placements=parameters.max_placements, seed=parameters.seed, **c),
            outcome, "randomization"), outcome, form, "inference compared"))  # fmt: skip
    return estimates.combine(tables)


def joint_test(panel: Panel, outcome: Outcome, parameters: Parameters) -> pd.DataFrame:
    """Test no effect in either school form, placing treatment within both at once.

    The school forms are not pooled into one effect: the statistic is the pooled coefficient, but
    only its p-value is meant.
    """
    data = panel.data.assign(form_term=panel.data["school_form"] + " " + panel.data["term"])
    table = _or_note(
        lambda: few_clusters.randomization_inference(
            data, outcome=outcome.name, first_treated="first_treated_number",
            absorb=(outcome.absorb, "form_term"), time="term_number", cluster="school",
            strata="school_form", weights=outcome.weights, seed=parameters.seed,
            max_placements=parameters.max_placements, ci_level=parameters.ci_level,
        ), outcome, "joint test")  # fmt: skip
    named = estimates.label(
        table, scale=outcome.scale, claim=outcome.claim, unit=outcome.unit,
        population=f"{POPULATION}, both school forms", model="joint test over school forms",
    )  # fmt: skip
    return named


def vary_attendance(processed: Path, outcome: Outcome, parameters: Parameters) -> pd.DataFrame:
    """Estimate an attendance outcome under every reading of unreported time and remote weeks."""
    tables = []
    for remote in (True, False):
        for coding in ("present", "dropped", "absent"):
            varied = parameters.model_copy(
                update={"include_remote_weeks": remote, "absence_coding": coding}
            )
            panel = build(processed, varied)
            name = f"unreported time {coding}, {'with' if remote else 'without'} remote weeks"
            for form in panel.school_forms:
                tables.append(_label(_or_note(lambda d=panel.form(form):  # type: ignore[misc]
                    did.two_way_fixed_effects(
                        d, outcome=outcome.name, treatment="treated", unit=outcome.absorb,
                        time="term", cluster="school", weights=outcome.weights,
                        inference=parameters.inference, draws=parameters.bootstrap_draws,
                        max_placements=parameters.max_placements, seed=parameters.seed,
                        ci_level=parameters.ci_level), outcome, PRIMARY_MODEL),
                    outcome, form, name))  # fmt: skip
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
