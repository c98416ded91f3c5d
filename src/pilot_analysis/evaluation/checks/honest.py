"""How large a drift would overturn the answer (Rambachan & Roth 2023).

Bounds and fixed-length intervals come from diff-diff. What they bound is the primary estimand by
time since the start, from the same school x term means; the covariance is over schools, and the
critical value the least favourable one of the primary test.
"""

import math
import warnings
from collections.abc import Sequence
from types import SimpleNamespace

import numpy as np
import pandas as pd
from diff_diff import HonestDiD
from diff_diff.results import MultiPeriodDiDResults, PeriodEffect

from pilot_analysis import estimates
from pilot_analysis.catalogue import reasons
from pilot_analysis.errors import NotEstimable
from pilot_analysis.evaluation.fitting import label
from pilot_analysis.evaluation.questions import means_per_school
from pilot_analysis.inference import choice, event_times, school_terms, two_sample
from pilot_analysis.panel import Outcome
from pilot_analysis.parameters import Parameters

MODEL = "honest DiD"
RELATIVE_MAGNITUDES, SMOOTHNESS = "relative_magnitudes", "smoothness"
RELATIVE = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
# Percentage points (or the outcome's unit) by which the drift's slope may change each term.
SMOOTH = (0.0, 0.25, 0.5)
_FINEST = 0.01
_LARGEST = 5.0


def _fitted(
    data: pd.DataFrame, outcome: Outcome, level: float
) -> tuple[list[int], np.ndarray, np.ndarray, float]:
    """Return event times, estimates, their covariance, and the degrees of freedom to test with."""
    means = means_per_school(data, outcome).starting_inside()
    found = event_times.of(means)
    df = event_times.matching_df(two_sample.arms(school_terms.contrast(means)), level)
    scale = outcome.scale
    return found.times, scale * found.estimates, scale**2 * found.covariance, df


def _results(
    times: list[int], beta: np.ndarray, covariance: np.ndarray, df: float
) -> MultiPeriodDiDResults:
    effects = {
        e: PeriodEffect(e, float(b), math.sqrt(v), math.nan, math.nan, (math.nan, math.nan))
        for e, b, v in zip(times, beta, np.diag(covariance), strict=True)
    }
    return MultiPeriodDiDResults(
        period_effects=effects,
        avg_att=math.nan,
        avg_se=math.nan,
        avg_t_stat=math.nan,
        avg_p_value=math.nan,
        avg_conf_int=(math.nan, math.nan),
        n_obs=0,
        n_treated=0,
        n_control=0,
        pre_periods=[e for e in times if e < -1],
        post_periods=[e for e in times if e >= 0],
        vcov=covariance,
        reference_period=-1,
        interaction_indices={e: i for i, e in enumerate(times)},
        survey_metadata=SimpleNamespace(df_survey=df),
    )


def honest_did(
    data: pd.DataFrame,
    outcome: Outcome,
    school_form: str,
    parameters: Parameters,
    kinds: Sequence[str] = (RELATIVE_MAGNITUDES, SMOOTHNESS),
) -> pd.DataFrame:
    """Return the mean effect after the start under bounded departures from parallel trends.

    Rows: `relative_magnitudes` (the drift may change by at most M times its largest change before
    the start) and `smoothness` (its slope by at most M a term); estimate the plain mean, interval
    the robust one. The last row, `breakdown_value`, holds in `estimate` the largest M of relative
    magnitudes whose interval still excludes zero; 0 where none does.
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
        times, beta, covariance, df = _fitted(data, outcome, parameters.ci_level)
        if not any(e < -1 for e in times):
            raise NotEstimable(
                "missing_baseline", "no term before the baseline to measure a drift by"
            )
        results = _results(times, beta, covariance, df)
        rows = []
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for method, wording, grid in (
                ("relative_magnitude", RELATIVE_MAGNITUDES, RELATIVE),
                ("smoothness", SMOOTHNESS, SMOOTH),
            ):
                for m in grid if wording in kinds else ():
                    bounds = HonestDiD(method=method, alpha=1 - parameters.ci_level).fit(results, m)
                    rows.append(
                        counts
                        | {
                            "estimand": "mean_effect",
                            "bound": m,
                            "specification": wording,
                            "estimate": float(bounds.original_estimate),
                            "std_error": float(bounds.original_se),
                            "df": df,
                            "ci_low": float(bounds.ci_lb),
                            "ci_high": float(bounds.ci_ub),
                            "method": "least_favourable",
                        }
                        | ({} if np.isfinite(bounds.ci_lb) else reasons.cells("no_interval"))
                    )
            m = breakdown_value(results, 1 - parameters.ci_level)
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


def breakdown_value(results: MultiPeriodDiDResults, alpha: float) -> float:
    """Return the largest M of relative magnitudes whose interval excludes zero; 0 if none does."""

    def excludes(m: float) -> bool:
        bounds = HonestDiD(method="relative_magnitude", alpha=alpha).fit(results, m)
        return bool(bounds.ci_lb > 0 or bounds.ci_ub < 0)

    if not excludes(0.0):
        return 0.0
    if excludes(_LARGEST):
        return _LARGEST
    low, high = 0.0, _LARGEST
    while high - low > _FINEST:
        middle = (low + high) / 2
        low, high = (middle, high) if excludes(middle) else (low, middle)
    return round(low, 2)
