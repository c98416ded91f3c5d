"""School-level difference-in-differences: the effect on all pupils there, one number a school.

The first step, school means per term, is `school_panel`; the changes that the estimate averages are
`changes`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from pilot_analysis import estimates
from pilot_analysis.errors import NotEstimable
from pilot_analysis.estimators.changes import regress_changes, school_changes
from pilot_analysis.estimators.school_panel import (
    Scale,
    SchoolPanel,
    on_scale,
    school_means,
    weighs_pupils,
)
from pilot_analysis.inference import choice, placed_schools, school_terms, two_sample
from pilot_analysis.inference.samples import check_level
from pilot_analysis.inference.school_terms import SchoolContrast, SchoolTerms, Window

__all__ = [
    "METHODS",
    "MODEL",
    "PLACED",
    "Scale",
    "SchoolPanel",
    "regress_changes",
    "school_changes",
    "school_level_did",
    "school_means",
]

PLACED = ("randomization_t", "randomization_coefficient")
METHODS = ("auto", *two_sample.METHODS, *PLACED)
MODEL = "school-level difference-in-differences"
_LEVEL = "level after"


@dataclass(frozen=True)
class _Question:
    """How an estimate is tested and reported."""

    inference: str
    ratios: tuple[float, float]
    max_placements: int
    seed: int
    ci_level: float
    by_size: bool
    scale: str


def school_level_did(
    panel: pd.DataFrame,
    *,
    outcome: str,
    first_treated: str,
    time: str,
    cluster: str,
    covariates: Sequence[str] = (),
    school_weights: Literal["equal", "pupils"] = "equal",
    weights: str | None = None,
    inference: str = "auto",
    strata: str | None = None,
    last_treated: str | None = None,
    by: Literal["overall", "event_time", "school", "drift"] = "overall",
    reference: int | None = -1,
    scale: Scale = "difference",
    working_autocorrelation: float = 0.0,
    ratios: tuple[float, float] = two_sample.RATIOS,
    seed: int = 0,
    max_placements: int = 100_000,
    ci_level: float = 0.95,
) -> pd.DataFrame:
    """Estimate the effect on the pupils enrolled at pilot schools in the terms after the start.

    Every pilot school counts once (estimand `per_school`), or by its pupils (`per_pupil`), and every
    term after its start counts once. Each pilot school's mean change, before to after, stands
    against the comparison schools' mean change over the same terms; school x term means are
    adjusted for which pupils are there (`school_means`). Comparison schools are those that never
    start inside the panel; schools treated from the first term on are left out, and so are a
    school's terms after `last_treated`. With `strata` schools are compared within strata only.

    `by="event_time"` gives one row per term since the start, against the one at `reference`
    (None: the last before the start that any school has);
    `by="school"` one per pilot school (its name in `specification`); `by="drift"` how much more pilot
    schools' means rose per term before the first start of any. `scale="ratio"` compares
    percentage changes (a pandemic multiplies) and answers in per cent of what would have been;
    `"ratio_in_points"` tells it at the pilot schools: their mean after the start less what it would
    have been.
    `inference` is `auto` (`choice.choose_school_level`), one of `two_sample.METHODS`,
    `randomization_t` or `randomization_coefficient`. `ratios` bounds how variable pilot schools'
    changes are relative to comparison schools' (SD), for `least_favourable`.

    The interval and p-value of `least_favourable` hold under an assumption, which the row names
    (`assumption`, `bound`); every other method's p-value is at least the smallest one that
    placements allow (`p_value_min`).

    Raises:
        NotEstimable: no school starts inside the panel (`no_treated`), none is left to compare
            with (`no_untreated`), none has terms on both sides of a start
            (`no_terms_around_start`), fewer than two terms are left before the first start with
            `by="drift"` (`missing_baseline`), a mean is not above zero with a ratio
            (`outcome_in_logs`), and as `school_means`.
        ValueError: an unknown `inference`, `by`, `scale` or `school_weights`; `ratios` that are no
            bounds; a `reference` that no school has a term at; placements with schools weighted by
            pupils; a `ci_level` outside 0 to 1; and as `school_means`.

    Examples:
        >>> import pandas as pd
        >>> rows = pd.DataFrame({"school": list("aabbccdd"), "term": [0, 1] * 4,
        ...                      "y": [5.0, 3.0, 4.0, 2.5, 6.0, 6.1, 4.0, 4.3],
        ...                      "start": [1] * 4 + [None] * 4})
        >>> row = school_level_did(rows, outcome="y", first_treated="start", time="term",
        ...                        cluster="school", inference="welch").iloc[0]
        >>> row["estimate"].round(6).item(), row["std_error"].round(6).item()
        (-1.95, 0.269258)

    """
    check_level(ci_level)
    if inference not in METHODS:
        raise ValueError(f"inference is one of {', '.join(METHODS)}, not {inference!r}")
    if by not in ("overall", "event_time", "school", "drift"):
        raise ValueError(f"by is 'overall', 'event_time', 'school' or 'drift', not {by!r}")
    means = school_means(
        panel,
        outcome=outcome,
        first_treated=first_treated,
        time=time,
        cluster=cluster,
        covariates=covariates,
        weights=weights,
        last_treated=last_treated,
        strata=strata,
    )
    asked = _Question(
        inference, ratios, max_placements, seed, ci_level, weighs_pupils(school_weights), scale
    )
    scaled = on_scale(means.terms, scale)
    named = {"estimand": "per_pupil" if asked.by_size else "per_school"}
    if by == "event_time":
        rows = _event_rows(means, scaled, asked, reference)
    elif by == "school":
        rows = _school_rows(means, scaled, asked, Window(autocorrelation=working_autocorrelation))
    elif by == "drift":
        before = _with_one_start(scaled.before_any_start())
        rows = [_row(means, before, Window(drift=True), asked) | {"estimand": "drift"}]
    else:
        window = Window(autocorrelation=working_autocorrelation)
        rows = [_row(means, scaled, window, asked) | named]
    return estimates.table([_reported(row, means, scale) for row in rows])


def _event_rows(
    means: SchoolPanel, scaled: SchoolTerms, asked: _Question, reference: int | None
) -> list[dict[str, Any]]:
    inside = scaled.starting_inside()
    events = sorted(
        {
            int(p - s)
            for s, stop in zip(inside.start, inside.stop, strict=True)
            if not np.isnan(s)
            for p in inside.periods
            if p <= stop
        }
    )
    if not events:
        raise NotEstimable("no_treated", "no school starts inside the panel with terms before")
    if reference is None:
        reference = max((event for event in events if event < 0), default=None)
    if reference is None:
        raise NotEstimable("no_terms_around_start", "no school has a term before its start")
    if reference not in events:
        raise ValueError(f"reference: no school has a term at {reference}; found {events}")
    rows: list[dict[str, Any]] = []
    for event in events:
        named = {"estimand": "event_time", "event_time": event}
        if event == reference:
            rows.append(
                named | {"estimate": 0.0, "ci_level": asked.ci_level, "method": "reference"}
            )
            continue
        try:
            rows.append(_row(means, scaled, Window(event, reference), asked) | named)
        except NotEstimable:
            continue  # no school is seen both then and at the reference
    return rows


def _school_rows(
    means: SchoolPanel, scaled: SchoolTerms, asked: _Question, window: Window
) -> list[dict[str, Any]]:
    whole = school_terms.contrast(scaled, window, by_size=asked.by_size)
    rows = []
    for school, weight in zip(
        whole.schools[whole.treated], whole.weight[whole.treated], strict=True
    ):
        one = scaled.among(~scaled.treated | (scaled.schools == school))
        rows.append(
            _row(means, one, window, asked)
            | {"estimand": "one_school", "specification": school, "weight": weight}
        )
    return rows


def _row(
    means: SchoolPanel, scaled: SchoolTerms, window: Window, asked: _Question
) -> dict[str, Any]:
    contrast = school_terms.contrast(scaled, window, by_size=asked.by_size)
    n_treated = int(contrast.treated.sum())
    method = asked.inference
    if method == "auto":
        method = choice.choose_school_level(n_treated, len(contrast.schools))
    used = scaled.among(np.isin(scaled.schools, contrast.schools))
    smallest = placed_schools.smallest_p_value(used)
    row = {
        "estimate": contrast.estimate,
        "ci_level": asked.ci_level,
        "method": method,
        "p_value_min": smallest,
    } | means.counts(contrast, scaled.periods)
    if asked.scale == "ratio_in_points":
        row[_LEVEL] = contrast.level_after(np.exp(used.value[used.treated]))
    if method in PLACED:
        return row | _placed(used, window, method, asked)
    return row | _tested(contrast, method, asked, smallest)


def _with_one_start(terms: SchoolTerms) -> SchoolTerms:
    """Return schools that all start at once: before any start it does not matter who starts when."""
    first = np.nanmin(terms.start, initial=np.inf)
    return replace(terms, start=np.where(terms.treated, first, np.nan))


def _tested(
    contrast: SchoolContrast, method: str, asked: _Question, smallest: float
) -> dict[str, Any]:
    two = two_sample.arms(contrast)
    test = two_sample.decide(two, method, asked.ratios)
    reach, p = test.reach(asked.ci_level), test.p_value(contrast.estimate)
    row: dict[str, Any] = {
        "std_error": test.std_error,
        "df": test.df,
        "p_value": p,
        "statistic": contrast.estimate / test.std_error if test.std_error > 0 else math.nan,
        "detectable_effect": two_sample.detectable(
            two, method, ratios=asked.ratios, level=asked.ci_level
        ),
    }
    beyond = smallest > 1 - asked.ci_level + 1e-12
    if method == "least_favourable":
        row |= {"assumption": "variance_ratio", "bound": asked.ratios[1]}
    elif beyond:
        reach, row["detectable_effect"] = math.inf, math.inf
    if method != "least_favourable" or not beyond:
        row["p_value"] = max(p, smallest)
    if math.isnan(reach):
        reach = math.inf
    return row | {"ci_low": contrast.estimate - reach, "ci_high": contrast.estimate + reach}


def _placed(used: SchoolTerms, window: Window, method: str, asked: _Question) -> dict[str, Any]:
    if asked.by_size:
        raise ValueError(f"inference {method!r} counts schools equally; use school_weights='equal'")
    placed = placed_schools.place(
        used, window, max_placements=asked.max_placements, seed=asked.seed
    )
    test = placed.studentised if method == "randomization_t" else placed.plain
    low, high = test.interval(asked.ci_level)
    return {
        "p_value": test.p_value(0.0),
        "ci_low": low,
        "ci_high": high,
        "n_placements": placed.n_placements,
        "p_value_min": placed.p_value_min,
    }


def _reported(row: dict[str, Any], means: SchoolPanel, scale: str) -> dict[str, Any]:
    """Name the row, turn logs back into per cent or points, and standardise the difference."""
    row = row | {
        "outcome": means.outcome,
        "model": MODEL,
        "intra_class_correlation": means.intra_class_correlation,
    }
    if scale == "difference":
        pupils = row.get("n_pupils", math.nan)
        df = (pupils if pupils == pupils else row.get("n_obs", math.nan)) - 2
        correction = 1 - 3 / (4 * df - 1) if df > 1 else 1.0
        sd = means.pupil_sd
        return row | {"hedges_g": correction * row["estimate"] / sd if sd > 0 else math.nan}
    ends: dict[str, Any] = {k: row[k] for k in ("estimate", "ci_low", "ci_high") if k in row}
    if scale == "ratio":
        without, observed = 100.0, 100.0 * math.exp(row["estimate"])
        ends = {k: without * _growth(v) for k, v in ends.items()}
    else:
        # What is seen at pilot schools is what would have been, times the ratio.
        observed = row.pop(_LEVEL, 0.0)  # the reference of event times has none
        without = observed * math.exp(-row["estimate"])
        ends = {k: -observed * _growth(-v) for k, v in ends.items()}
    row |= ends
    if "detectable_effect" in row:
        row["detectable_effect"] = without * _growth(row["detectable_effect"])
    if "std_error" in row:
        row["std_error"] *= observed if scale == "ratio" else without
    return row | ({"unit": "per cent"} if scale == "ratio" else {})


def _growth(log: float) -> float:
    """Return exp(log) - 1; a factor of 10^13 is no bound."""
    return math.expm1(log) if not log > 30 else math.inf
