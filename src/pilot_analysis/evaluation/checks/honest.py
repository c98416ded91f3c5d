"""How large a drift would overturn the answer (Rambachan & Roth 2023).

What is bounded is the primary estimand by time since the start, from the same school x term means;
the covariance is over schools, and the critical value the least favourable one of the primary test.
Intervals for a drift whose slope changes (smoothness) weigh the times by an estimated covariance,
which few schools do not give: with 4 of 11 they miss in a fifth of cases. What is left had a straight
trend gone on is estimated with fixed weights instead, and tested as the primary estimate is.
"""

from typing import Any

import numpy as np
import pandas as pd

from pilot_analysis import estimates
from pilot_analysis.catalogue import reasons
from pilot_analysis.errors import NotEstimable
from pilot_analysis.evaluation.fitting import label
from pilot_analysis.evaluation.questions import means_per_school
from pilot_analysis.inference import choice, relative_magnitudes, two_sample
from pilot_analysis.inference.school_terms import SchoolTerms, Window, contrast
from pilot_analysis.panel import Outcome
from pilot_analysis.parameters import Parameters

MODEL = "honest DiD"
RELATIVE_MAGNITUDES, STRAIGHT_TREND = "relative_magnitudes", "straight_trend"
RELATIVE = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)


def honest_did(
    data: pd.DataFrame,
    outcome: Outcome,
    school_form: str,
    parameters: Parameters,
) -> pd.DataFrame:
    """Return the mean effect after the start under departures from parallel trends.

    Rows: `relative_magnitudes`, where the drift may change by at most M times its largest change
    before the start (estimate the plain mean, interval the robust one); `straight_trend`, the effect
    against where each school's straight line before would have led, with two terms before at least.
    The last row, `breakdown_value`, holds in `estimate` the largest M whose interval still excludes
    zero; 0 where none does.
    """
    design = choice.Design.of_schools(data)
    counts = {
        "outcome": outcome.name,
        "n_schools": len(design.starts),
        "model": MODEL,
        "n_treated_schools": design.n_treated,
        "n_pupils": data["pupil"].nunique(),
        "ci_level": parameters.ci_level,
    }
    try:
        if design.bounds_nothing(parameters.ci_level):
            raise NotEstimable(
                "design_unbounded",
                f"no interval is bounded in this design (smallest p {design.smallest_p:.2f}), with "
                "or without drift",
                smallest_p=round(design.smallest_p, 3),
            )
        level = parameters.ci_level
        means = means_per_school(data, outcome).starting_inside()
        study, df = relative_magnitudes.of(means, level, outcome.scale)
        about = counts | {"estimand": "mean_effect", "method": "least_favourable"}
        rows = []
        for bound in RELATIVE:
            low, high = study.interval(bound, level, df)
            rows.append(
                about
                | {
                    "bound": bound,
                    "specification": RELATIVE_MAGNITUDES,
                    "estimate": study.effect,
                    "std_error": study.std_error,
                    "df": df,
                    "ci_low": float(low),
                    "ci_high": float(high),
                }
                | ({} if np.isfinite(low) else reasons.cells("no_interval"))
            )
        rows += [about | row for row in _straight(means, level, outcome.scale)]
        m = study.breakdown(level, df)
        rows.append(
            counts
            | {"estimand": "breakdown_value", "specification": RELATIVE_MAGNITUDES, "estimate": m}
        )
    except NotEstimable as error:
        what = {"specification": RELATIVE_MAGNITUDES, "estimand": "breakdown_value"}
        rows = [counts | what | reasons.columns(error)]
    # Drift is allowed in the outcome's unit, so the estimates are in it already.
    named = label(estimates.table(rows), outcome, school_form, scale=1.0)
    named.loc[named["estimand"] == "breakdown_value", "unit"] = "times the largest earlier change"
    return named


def _straight(means: SchoolTerms, level: float, scale: float) -> list[dict[str, Any]]:
    try:
        found = contrast(means, Window(trend=True))
    except NotEstimable:
        return []  # one term before the start has no trend
    test = two_sample.decide(two_sample.arms(found), "least_favourable")
    estimate, reach = scale * found.estimate, scale * test.reach(level)
    return [
        {
            "specification": STRAIGHT_TREND,
            "estimate": estimate,
            "std_error": scale * test.std_error,
            "p_value": test.p_value(found.estimate),
            "ci_low": estimate - reach,
            "ci_high": estimate + reach,
        }
    ]
