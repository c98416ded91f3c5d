"""How large a drift would overturn the answer (Rambachan & Roth 2023).

What is bounded is the primary estimand by time since the start, from the same school x term means;
the covariance is over schools, and the critical value the least favourable one of the primary test.
Fixed-length intervals under smoothness come from diff-diff.
"""

import math
import warnings
from collections.abc import Sequence

import numpy as np
import pandas as pd
from diff_diff import HonestDiD
from diff_diff.results import MultiPeriodDiDResults, PeriodEffect

from pilot_analysis import estimates
from pilot_analysis.catalogue import reasons
from pilot_analysis.errors import NotEstimable
from pilot_analysis.evaluation.fitting import label
from pilot_analysis.evaluation.questions import means_per_school
from pilot_analysis.inference import choice, relative_magnitudes
from pilot_analysis.inference.relative_magnitudes import EventStudy
from pilot_analysis.panel import Outcome
from pilot_analysis.parameters import Parameters

MODEL = "honest DiD"
RELATIVE_MAGNITUDES, SMOOTHNESS = "relative_magnitudes", "smoothness"
RELATIVE = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
# Percentage points (or the outcome's unit) by which the drift's slope may change each term.
SMOOTH = (0.0, 0.25, 0.5)


def smooth_interval(
    study: EventStudy, bound: float, ci_level: float = 0.95, df: float = math.inf
) -> np.ndarray:
    """Return the ends of the optimal interval where the drift's slope changes by at most `bound`.

    In the outcome's unit a term; NaN where diff-diff finds none. The effect is the study's, and its
    times are taken for neighbours (Rambachan & Roth 2023, section 3.2).

    Examples:
        >>> study = EventStudy([-3, -2, 0], np.array([0.2, 0.1, 3.0]), 0.04 * np.eye(3))
        >>> smooth_interval(study, 0.5).round(1).tolist()
        [2.1, 4.1]

    """
    study = study.for_normal(ci_level, df)
    effects = {
        e: PeriodEffect(e, float(b), math.sqrt(v), math.nan, math.nan, (math.nan, math.nan))
        for e, b, v in zip(study.times, study.estimates, np.diag(study.covariance), strict=True)
    }
    results = MultiPeriodDiDResults(
        period_effects=effects,
        avg_att=math.nan,
        avg_se=math.nan,
        avg_t_stat=math.nan,
        avg_p_value=math.nan,
        avg_conf_int=(math.nan, math.nan),
        n_obs=0,
        n_treated=0,
        n_control=0,
        pre_periods=[e for e in study.times if e < -1],
        post_periods=[e for e in study.times if e >= 0],
        vcov=study.covariance,
        reference_period=-1,
        interaction_indices={e: i for i, e in enumerate(study.times)},
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = HonestDiD(method="smoothness", alpha=1 - ci_level, l_vec=study.after).fit(
            results, bound
        )
    return np.array([found.ci_lb, found.ci_ub])


def honest_did(
    data: pd.DataFrame,
    outcome: Outcome,
    school_form: str,
    parameters: Parameters,
    smooth: Sequence[float] = SMOOTH,
) -> pd.DataFrame:
    """Return the mean effect after the start under bounded departures from parallel trends.

    Rows: `relative_magnitudes` (the drift may change by at most M times its largest change before
    the start) and `smoothness` (its slope by at most M a term); estimate the plain mean, interval
    the robust one. `smooth` are the changes of slope looked at. The last row, `breakdown_value`,
    holds in `estimate` the largest M of relative magnitudes whose interval still excludes zero; 0
    where none does.
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
        rows = []
        for kind, interval, grid in (
            (RELATIVE_MAGNITUDES, EventStudy.interval, RELATIVE),
            (SMOOTHNESS, smooth_interval, smooth),
        ):
            for bound in grid:
                low, high = interval(study, bound, level, df)
                rows.append(
                    counts
                    | {
                        "estimand": "mean_effect",
                        "bound": bound,
                        "specification": kind,
                        "estimate": study.effect,
                        "std_error": study.std_error,
                        "df": df,
                        "ci_low": float(low),
                        "ci_high": float(high),
                        "method": "least_favourable",
                    }
                    | ({} if np.isfinite(low) else reasons.cells("no_interval"))
                )
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
