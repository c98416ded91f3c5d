"""Difference-in-differences estimators, each with inference that holds with few schools."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from pilot_analysis import estimates, terms
from pilot_analysis.errors import NotEstimable
from pilot_analysis.estimators.did_extra import goodman_bacon, synthetic_did, triple_difference
from pilot_analysis.estimators.staggered import callaway_santanna
from pilot_analysis.inference import choice, cross_products
from pilot_analysis.inference.absorbed import check_estimable
from pilot_analysis.inference.least_squares import Fit
from pilot_analysis.inference.samples import check_level, counted_unit, start_periods, sup_t
from pilot_analysis.inference.sandwich import coefficient_row

__all__ = [
    "callaway_santanna",
    "event_study",
    "goodman_bacon",
    "synthetic_did",
    "triple_difference",
    "two_way_fixed_effects",
]


def two_way_fixed_effects(
    panel: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    unit: str,
    time: str,
    cluster: str,
    covariates: Sequence[str] = (),
    weights: str | None = None,
    inference: str = "auto",
    strata: str | None = None,
    draws: int = 9_999,
    max_placements: int = 100_000,
    seed: int = 0,
    ci_level: float = 0.95,
) -> pd.DataFrame:
    """Estimate the effect with unit and time effects, in the outcome's own unit.

    The coefficient comes from `inference.cross_products`; tests hold it to pyfixest's.

    `inference` is `auto` (chosen by the design, see `choice.choose`), `CR1`, `CR2`, `CR3`,
    `wild_bootstrap` or `randomization`. Returns one row.

    `panel` has one row per unit and time, or several.

    Source: Goodman-Bacon 2021 on what the coefficient means when starts differ.

    Raises:
        NotEstimable: as `infer`.
        ValueError: as `infer`.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> row = two_way_fixed_effects(few_schools(), outcome="y", treatment="treated", unit="pupil",
        ...                             time="term", cluster="school").iloc[0]
        >>> row[["estimate", "ci_low", "ci_high"]].astype(float).round(2).tolist()
        [-2.06, -2.87, -1.24]

    """
    row = choice.infer(
        panel,
        outcome=outcome,
        treatment=treatment,
        absorb=(unit, time),
        time=time,
        cluster=cluster,
        covariates=covariates,
        weights=weights,
        inference=inference,
        strata=strata,
        draws=draws,
        max_placements=max_placements,
        seed=seed,
        ci_level=ci_level,
    )
    return row.assign(model="two-way fixed effects")


def event_columns(
    panel: pd.DataFrame, first_treated: str, time: str, reference: int
) -> tuple[pd.DataFrame, list[int]]:
    """Add one indicator `_event_i` an event time, without the reference; return the event times.

    Raises:
        NotEstimable: the panel has no periods (`no_values`), no unit has terms around a start
            (`no_treated`), no row is at the `reference` (`missing_baseline`), or nobody is never
            treated (`all_treated`).
        ValueError: as `start_periods`.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> panel, times = event_columns(few_schools(), "start", "term", reference=-1)
        >>> times, panel.filter(like="_event_").shape[1]
        ([-5, -4, -3, -2, 0, 1, 2, 3], 8)

    """
    period, first = start_periods(panel, first_treated, time)
    if np.isnan(period).all():
        raise NotEstimable("no_values", f"column {time!r} is empty in every row")
    # A unit treated from the first period on has no time before its start to compare with.
    inside = ~(first <= np.nanmin(period))
    panel, event = panel[inside], (period - first)[inside]
    seen = sorted({int(e) for e in event[~np.isnan(event)]})
    if reference not in seen:
        raise NotEstimable(
            "missing_baseline" if seen else "no_treated",
            f"no row is at the reference event time {reference}; found {seen or 'none at all'}",
        )
    if not np.isnan(event).any():
        raise NotEstimable(
            "all_treated",
            f"column {first_treated!r}: nobody is never treated, none to compare with",
        )
    times = [e for e in seen if e != reference]
    added = {f"_event_{i}": (event == e).astype(float) for i, e in enumerate(times)}
    return panel.assign(**added), times


def event_study(
    panel: pd.DataFrame,
    *,
    outcome: str,
    first_treated: str,
    unit: str,
    time: str,
    cluster: str,
    reference: int = -1,
    weights: str | None = None,
    seed: int = 0,
    ci_level: float = 0.95,
) -> pd.DataFrame:
    """Estimate the effect by time since the start, against the `reference` event time.

    CR2 intervals and Satterthwaite degrees of freedom, limited by what the design can show
    (`choice.limit_by_design`). Returns one row per event time (estimand `event_time`), the
    reference as 0, and two joint rows: `pre_trend`, Bonferroni over the earlier event times, and
    `simultaneous_band`, whose `statistic` is the multiple of the standard error that covers all
    event times at once. Units treated from the first period on are left out.

    Source: Sun & Abraham 2021 on what such coefficients mean when starts differ.

    Raises:
        NotEstimable: as `event_columns`; one cluster is left (`few_clusters`); the outcome is
            constant within the fixed effects (`no_variation`); and as `build`.
        ValueError: naming the column, for one that is missing, empty somewhere or holds no
            numbers; a `ci_level` outside 0 to 1; and as `start_periods`.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> table = event_study(few_schools(), outcome="y", first_treated="start", unit="pupil",
        ...                     time="term", cluster="school")
        >>> at = table.set_index("event_time")["estimate"]
        >>> at.loc[[-2, -1, 0, 1]].round(2).tolist()
        [0.33, 0.0, -1.63, -2.3]

    """
    check_level(ci_level)
    expanded, times = event_columns(panel, first_treated, time, reference)
    columns = [f"_event_{i}" for i in range(len(times))]
    sample = cross_products.estimation_sample(
        expanded,
        outcomes=[outcome],
        required=[unit, time, cluster],
        weights=weights,
    )
    alive = [(c, e) for c, e in zip(columns, times, strict=True) if sample[c].any()]
    columns, times = [c for c, _ in alive], [e for _, e in alive]
    cross = cross_products.build(
        sample,
        outcomes=[outcome],
        regressors=columns,
        absorb=(unit, time),
        cluster=cluster,
        unit=counted_unit(sample, (unit,)),
        weights=weights,
        weighted_roots=True,
    )
    check_estimable(cross, cluster)
    fit = Fit(cross)
    treated = sample.groupby(cluster)[columns].max().max(axis=1)
    counts = {
        "n_obs": cross.n_obs,
        "n_pupils": cross.n_units,
        "n_schools": cross.n_clusters,
        "n_treated_schools": int(treated.sum()),
        "outcome": outcome,
        "model": "event study",
    }
    behind = _treated_behind(sample, first_treated, time)
    rows: list[dict[str, Any]] = [
        coefficient_row(fit, j, "CR2", ci_level=ci_level)
        | counts
        | behind.get(event, {})
        | {"estimand": "event_time", "event_time": event}
        for j, event in enumerate(times)
    ]
    rows.append(
        counts
        | {
            "estimand": "event_time",
            "event_time": reference,
            "estimate": 0.0,
            "ci_level": ci_level,
            "method": "reference",
        }
    )
    rows.sort(key=lambda row: row["event_time"])
    before = [r for r, e in zip(rows, sorted([*times, reference]), strict=True) if e < reference]
    if before:
        p = min(1.0, len(before) * min(r["p_value"] for r in before))
        rows.append(
            counts
            | {
                "estimand": "pre_trend",
                "p_value": p,
                "ci_level": ci_level,
                "estimate": max((r["estimate"] for r in before), key=abs),
                "method": "bonferroni",
            }
        )
    _, start = start_periods(sample, first_treated, time)
    starts = pd.Series(start).groupby(sample[cluster].to_numpy()).min()
    ever = starts[starts.notna() & treated.reindex(starts.index).to_numpy(dtype=bool)]
    rows.append(
        counts
        | {
            "estimand": "simultaneous_band",
            "ci_level": ci_level,
            "statistic": sup_t(
                fit.cr1()[: len(columns), : len(columns)],
                fit.gram.n_clusters - 1,
                ci_level,
                np.random.default_rng(seed),
            ),
            "method": "sup_t",
        }
    )
    smallest = choice.smallest_p_value(list(ever), cross.n_clusters)
    return choice.limit_by_design(estimates.table(rows), smallest)


def _treated_behind(
    panel: pd.DataFrame, first_treated: str, time: str
) -> dict[int, dict[str, int]]:
    """Return the treated pupils and their rows at each event time, which a point may not be few of.

    Empty for panels without pupils: their rows are schools.
    """
    if "pupil" not in panel:
        return {}
    period = np.asarray(terms.as_period(panel[time], time), dtype=float)
    start = np.asarray(terms.as_period(panel[first_treated], first_treated), dtype=float)
    rows = pd.DataFrame({"event": period - start, "pupil": panel["pupil"].to_numpy()}).dropna()
    counted = rows[np.isfinite(rows["event"])].groupby("event")["pupil"].agg(["size", "nunique"])
    return {
        int(e): {"n_obs": int(n), "n_pupils": int(pupils)} for e, n, pupils in counted.itertuples()
    }
