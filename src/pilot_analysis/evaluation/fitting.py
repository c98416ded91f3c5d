"""What every evaluation shares: fitting a model to an outcome and labelling its rows."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from pilot_analysis import estimates
from pilot_analysis.catalogue import reasons
from pilot_analysis.errors import NotEstimable
from pilot_analysis.estimators import did
from pilot_analysis.inference import choice, power
from pilot_analysis.panel import Outcome
from pilot_analysis.parameters import Parameters

ALL_PUPILS = "all_pupils"
PRIMARY_MODEL = "two-way fixed effects"
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


def effect(
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
) -> pd.DataFrame:
    """Return the primary estimate on other data: one labelled row under the run's inference."""
    table = attempt(
        choice.infer,
        data,
        outcome,
        treatment="treated",
        absorb=(outcome.absorb, "term"),
        time="term",
        inference=parameters.inference,
        **shared(outcome, parameters, cluster),
        **sampling(parameters),
    )
    return label(table, outcome, school_form, specification, name=name, claim=claim, model=model)


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
    """Return the primary row of an outcome in a population: what the summary and report quote.

    Two-way fixed effects with the run's inference, and the smallest effect this design could have
    found.
    """
    common = shared(outcome, parameters, cluster)
    table = attempt(
        did.two_way_fixed_effects, data, outcome, treatment="treated", unit=outcome.absorb,
        time="term", inference=parameters.inference, **common, **sampling(parameters),
    )  # fmt: skip
    if table["estimate"].notna().all():
        found = power.detectable(
            data, outcome=outcome.name, treatment="treated", absorb=(outcome.absorb, "term"),
            time="term", inference=parameters.inference, seed=parameters.seed, **common,
        )  # fmt: skip
        table = table.assign(detectable_effect=found)
    return label(
        table, outcome, school_form, PRIMARY_SPECIFICATION, name=name, claim=claim,
        model=PRIMARY_MODEL,
    )  # fmt: skip
