"""What every evaluation shares: fitting a model to an outcome and labelling its rows."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from pilot_analysis import estimates
from pilot_analysis.catalogue import reasons
from pilot_analysis.errors import NotEstimable
from pilot_analysis.estimators import school_level_did
from pilot_analysis.inference import choice
from pilot_analysis.panel import Outcome
from pilot_analysis.parameters import Parameters

ALL_PUPILS = "all_pupils"
PRIMARY_MODEL = "school-level difference-in-differences"
STAYERS = "two-way fixed effects"
# What the first step adjusts for: who is at the school, never what the pilot may have changed.
ADJUSTED_FOR = (
    "grade_name",
    "sex",
    "foreign_background",
    "newly_arrived",
    "parental_education",
)
PRIMARY_SPECIFICATION = "primary"


def attempt(
    model: Callable[..., pd.DataFrame], data: pd.DataFrame, outcome: Outcome, **arguments: Any
) -> pd.DataFrame:
    """Run a model on an outcome; where the data cannot answer return a row that says why.

    Only `NotEstimable` says that: any other exception is a fault and goes on.
    """
    try:
        return model(data, outcome=outcome.name, **arguments)
    except NotEstimable as error:
        name = model.__name__.replace("_", " ")
        return estimates.table([{"outcome": outcome.name, "model": name} | reasons.columns(error)])


def check_comparable(data: pd.DataFrame, outcome: Outcome | None = None) -> None:
    """Raise `NotEstimable` for a panel that cannot be compared over the start at all."""
    ever = data["ever_treated"]
    if not ever.any():
        raise NotEstimable("no_treated", "there are no pilot schools")
    if ever.all():
        raise NotEstimable("no_untreated", "there are no comparison schools")
    number, start = data["term_number"], data["first_treated_number"].min()
    if not (number < start).any() or not (number >= start).any():
        raise NotEstimable(
            "no_terms_around_start", "column 'term_number' has no terms on one side of the start"
        )
    if outcome is None:
        return
    values = data[outcome.name].to_numpy(dtype=float)
    if np.isnan(values).all():
        raise NotEstimable("no_values", f"column {outcome.name!r} has no values")
    if n := int(np.isinf(values).sum()):
        raise NotEstimable("infinite_values", f"column {outcome.name!r} has {n} infinite values")


def is_comparable(data: pd.DataFrame) -> bool:
    """Say whether a panel has schools and terms on both sides of the start."""
    try:
        check_comparable(data)
    except NotEstimable:
        return False
    return True


def label(
    table: pd.DataFrame,
    outcome: Outcome,
    school_form: str,
    specification: str | None = None,
    *,
    name: str = ALL_PUPILS,
    claim: str | None = None,
    scale: float | None = None,
    **columns: str,
) -> pd.DataFrame:
    """Fill in claim, population and unit, and put the rows into the outcome's unit.

    `scale` is 1 for rows that are in their unit already.
    """
    named = {
        "claim": claim or outcome.claim,
        "school_form": school_form,
        "population": name,
        "unit": outcome.unit,
    }
    if specification is not None:
        named["specification"] = specification
    if outcome.role:
        # An answer sheet is nobody who could be counted: `n_obs` says how many there are.
        table = table.assign(n_pupils=np.nan)
    factor = outcome.scale if scale is None else scale
    return estimates.label(table, scale=factor, **named, **columns)


def shared(outcome: Outcome, parameters: Parameters, cluster: str = "school") -> dict[str, Any]:
    """Return the arguments that every model takes."""
    return {"cluster": cluster, "weights": outcome.weights, "ci_level": parameters.ci_level}


def sampling(parameters: Parameters) -> dict[str, Any]:
    """Return the arguments of everything random."""
    return {
        "draws": parameters.bootstrap_draws,
        "max_placements": parameters.max_placements,
        "seed": parameters.seed,
    }


def for_regression(parameters: Parameters) -> str:
    """Return the run's inference where a coefficient is tested, not a number per school."""
    chosen = parameters.inference
    return chosen if chosen in choice.METHODS else "auto"


def school_level(
    data: pd.DataFrame,
    outcome: Outcome,
    school_form: str,
    parameters: Parameters,
    specification: str,
    *,
    name: str = ALL_PUPILS,
    claim: str | None = None,
    cluster: str = "school",
    model: str = PRIMARY_MODEL,
    **options: Any,
) -> pd.DataFrame:
    """Return labelled rows of the primary estimator under the run's inference.

    School-level difference-in-differences on everybody in `data`, adjusted for who is there.
    `options` go to `estimators.school_level_did`.
    """
    table = attempt(
        school_level_did,
        data,
        outcome,
        first_treated="first_treated_number",
        time="term_number",
        covariates=[c for c in ADJUSTED_FOR if c in data.columns],
        inference=parameters.inference,
        seed=parameters.seed,
        max_placements=parameters.max_placements,
        **shared(outcome, parameters, cluster),
        **options,
    )
    return label(table, outcome, school_form, specification, name=name, claim=claim, model=model)


# The name that checks know it by.
effect = school_level


def answer(
    data: pd.DataFrame,
    outcome: Outcome,
    school_form: str,
    parameters: Parameters,
    *,
    name: str = ALL_PUPILS,
    claim: str | None = None,
    cluster: str = "school",
) -> pd.DataFrame:
    """Return the primary row of an outcome in a population: what the summary and report quote."""
    return school_level(
        data,
        outcome,
        school_form,
        parameters,
        PRIMARY_SPECIFICATION,
        name=name,
        claim=claim,
        cluster=cluster,
    )


def with_start(data: pd.DataFrame, start: float, schools: pd.Series) -> pd.DataFrame:
    """Return the panel as if the rows of `schools` (true where treated) had started at `start`."""
    first = pd.Series(float(start), index=data.index).where(schools)
    treated = (schools & (data["term_number"] >= start)).astype(float)
    return data.assign(first_treated_number=first, treated=treated, ever_treated=schools)
