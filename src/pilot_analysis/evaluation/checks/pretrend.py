"""Whether pilot schools drifted apart before the start, and whether it would have been seen."""

import math

import numpy as np
import pandas as pd
from scipy import stats

from pilot_analysis import estimates
from pilot_analysis.catalogue import reasons
from pilot_analysis.errors import NotEstimable
from pilot_analysis.estimators import school_level_did
from pilot_analysis.evaluation.fitting import label
from pilot_analysis.inference import choice, few_clusters
from pilot_analysis.panel import Outcome
from pilot_analysis.parameters import Parameters

MODEL = "pre-trend"
LINEAR = "linear_drift"
_POWER = 0.80


def pre_trend(
    data: pd.DataFrame, outcome: Outcome, school_form: str, parameters: Parameters
) -> pd.DataFrame:
    """Test a linear drift of pilot schools before the start, with the test's power (Roth 2022).

    Three rows, per term in the outcome's unit: `slope` with its CR2 interval; `detectable_slope`,
    what the test finds in 80 % of cases; `bias_it_would_hide`, what a drift of that slope adds to
    the primary estimate if it goes on. A pre-trend test that hides a large bias proves nothing.
    """
    before = data[data["term_number"] < data["first_treated_number"].min()]
    slope = "_pilot_x_time"
    ever = data["ever_treated"].astype(float)
    drift = ever * (data["term_number"] - data["term_number"].min())
    try:
        found = few_clusters.cluster_robust(
            before.assign(**{slope: drift.loc[before.index]}), outcome=outcome.name,
            treatment=slope, absorb=(outcome.absorb, "term"), cluster="school", kind="CR2",
            weights=outcome.weights, ci_level=parameters.ci_level,
        )  # fmt: skip
        # What the primary model makes of a straight drift of one unit a term.
        factor = float(
            school_level_did(
                data.assign(_drift=drift), outcome="_drift", first_treated="first_treated_number",
                time="term_number", cluster="school", weights=outcome.weights, inference="welch",
            )["estimate"].iloc[0]
        )  # fmt: skip
    except NotEstimable as error:
        row = {"outcome": outcome.name} | reasons.columns(error)
        return label(estimates.table([row]), outcome, school_form, LINEAR, model=MODEL)
    design = choice.Design.of_schools(data)
    found = choice.limit_by_design(found, design.smallest_p)
    row = found.iloc[0].to_dict() | {"n_treated_schools": design.n_treated}
    level = 1 - parameters.ci_level
    seen = detectable_slope(row["std_error"], row["df"], level, design.smallest_p)
    rows = [
        row | {"estimand": "slope"},
        {"outcome": outcome.name, "estimand": "detectable_slope", "estimate": seen},
        {"outcome": outcome.name, "estimand": "bias_it_would_hide",
         "estimate": abs(seen * factor)},
    ]  # fmt: skip
    if not math.isfinite(seen):
        why = {k: row[k] for k in ("reason", "reason_values")}
        why = why if row["reason"] else reasons.cells("slope_undetectable")
        rows[1:] = [r | why for r in rows[1:]]
    counted = {k: row[k] for k in ("n_obs", "n_pupils", "n_schools", "n_treated_schools")}
    return label(
        estimates.table(counted | r for r in rows), outcome, school_form,
        LINEAR, model=MODEL,
    )  # fmt: skip


def detectable_slope(error: float, df: float, alpha: float, smallest_p: float) -> float:
    """Return the slope a t test with this standard error finds with 80 % power.

    Infinite where the design cannot reach the level at all.
    """
    if smallest_p > alpha + 1e-12:
        return math.inf
    critical = stats.t.ppf(1 - alpha / 2, df)
    ratio = np.linspace(0, 60, 6001)
    power = stats.nct.sf(critical, df, ratio) + stats.nct.cdf(-critical, df, ratio)
    return float(error * ratio[np.searchsorted(power, _POWER)])
