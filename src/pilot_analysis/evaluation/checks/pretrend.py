"""Whether pilot schools drifted apart before the start, and whether it would have been seen."""

import math
from typing import Any

import pandas as pd

from pilot_analysis import estimates
from pilot_analysis.catalogue import reasons
from pilot_analysis.errors import NotEstimable
from pilot_analysis.estimators import school_level_did
from pilot_analysis.evaluation.fitting import ADJUSTED_FOR, label
from pilot_analysis.panel import Outcome
from pilot_analysis.parameters import Parameters

MODEL = "pre-trend"
LINEAR = "linear_drift"


def pre_trend(
    data: pd.DataFrame, outcome: Outcome, school_form: str, parameters: Parameters
) -> pd.DataFrame:
    """Test a linear drift of pilot schools before the start, with the test's power (Roth 2022).

    Made of the school x term means of the primary estimate, and tested as it is. Three rows: `slope`
    with its interval and `detectable_slope`, what the test finds in 80 % of cases, in the outcome's
    unit a term; `bias_it_would_hide`, in the outcome's unit: what a drift of that slope adds to the
    primary estimate if it goes on. A pre-trend test that hides a large bias proves nothing.
    """
    asked: dict[str, Any] = {
        "first_treated": "first_treated_number",
        "time": "term_number",
        "cluster": "school",
        "weights": outcome.weights,
    }
    straight = data["ever_treated"].astype(float) * data["term_number"]
    straight = straight.where(data[outcome.name].notna())
    try:
        row = (
            school_level_did(
                data,
                outcome=outcome.name,
                by="drift",
                ci_level=parameters.ci_level,
                covariates=[c for c in ADJUSTED_FOR if c in data.columns],
                seed=parameters.seed,
                max_placements=parameters.max_placements,
                **asked,
            )
            .iloc[0]
            .to_dict()
        )
        # What the primary model makes of a straight drift of one unit a term.
        factor = float(
            school_level_did(
                data.assign(_drift=straight - straight.min()),
                outcome="_drift",
                inference="welch",
                **asked,
            )["estimate"].iloc[0]
        )
    except NotEstimable as error:
        empty = {"outcome": outcome.name} | reasons.columns(error)
        return label(estimates.table([empty]), outcome, school_form, LINEAR, model=MODEL)
    seen = row["detectable_effect"]
    seen = math.inf if math.isnan(seen) else seen  # placements alone state none
    before = data["term_number"] < data["first_treated_number"].min()
    row |= {"n_pupils": float(data.loc[before & data[outcome.name].notna(), "pupil"].nunique())}
    rows = [
        row | {"estimand": "slope"},
        {"outcome": outcome.name, "estimand": "detectable_slope", "estimate": seen},
        {"outcome": outcome.name, "estimand": "bias_it_would_hide", "estimate": abs(seen * factor)},
    ]
    if not math.isfinite(seen):
        rows[1:] = [r | reasons.cells("slope_undetectable") for r in rows[1:]]
    counted = {k: row[k] for k in ("n_obs", "n_pupils", "n_schools", "n_treated_schools")}
    made = label(
        estimates.table(counted | r for r in rows), outcome, school_form, LINEAR, model=MODEL
    )
    slopes = made["estimand"].isin(("slope", "detectable_slope"))
    return made.assign(unit=made["unit"].mask(slopes, f"{outcome.unit} a term"))
