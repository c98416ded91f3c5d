"""Difference-in-differences estimators, each with inference that holds with few schools."""

import warnings
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from diff_diff import CallawaySantAnna
from numpy.typing import NDArray
from scipy import stats

from pilot_analysis import estimates, terms
from pilot_analysis.errors import NotEstimable
from pilot_analysis.estimators.did_extra import goodman_bacon, synthetic_did, triple_difference
from pilot_analysis.inference import choice, cross_products, few_clusters
from pilot_analysis.inference.least_squares import Fit
from pilot_analysis.inference.samples import counted_unit

__all__ = [
    "callaway_santanna",
    "event_study",
    "goodman_bacon",
    "synthetic_did",
    "triple_difference",
    "two_way_fixed_effects",
]

Array = NDArray[np.float64]


def _coded(panel: pd.DataFrame, columns: dict[str, str]) -> pd.DataFrame:
    """Return columns under safe names: a formula built from data headers would run them as code."""
    cross_products.check_columns(panel, list(columns))
    return panel[list(columns)].rename(columns=columns)


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
    `wild_bootstrap` or `randomization`. Returns one row. Raises `ValueError` as
    `few_clusters` does.
    """
    row = choice.infer(
        panel, outcome=outcome, treatment=treatment, absorb=(unit, time), time=time,
        cluster=cluster, covariates=covariates, weights=weights, inference=inference,
        strata=strata, draws=draws, max_placements=max_placements, seed=seed, ci_level=ci_level,
    )  # fmt: skip
    return row.assign(model="two-way fixed effects")


def event_columns(
    panel: pd.DataFrame, first_treated: str, time: str, reference: int
) -> tuple[pd.DataFrame, list[int]]:
    """Add one indicator `_event_i` an event time, without the reference; return the event times."""
    period = terms.as_period(panel[time], time)
    first = terms.as_period(panel[first_treated], first_treated)
    event = np.where(first > 0, period - first, np.nan)
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

    CR2 intervals and Satterthwaite degrees of freedom, limited by
    what the design can show (`choice.limit_by_design`). Returns one row per event time (estimand `event_time`), the reference as 0, and
    two joint rows: `pre_trend`, Bonferroni over the earlier event times, and `simultaneous_band`,
    whose `statistic` is the multiple of the standard error that covers all event times at once.
    """
    expanded, times = event_columns(panel, first_treated, time, reference)
    columns = [f"_event_{i}" for i in range(len(times))]
    sample = cross_products.estimation_sample(
        expanded, outcomes=[outcome], complete=columns, required=[unit, time, cluster],
        weights=weights,
    )  # fmt: skip
    alive = [(c, e) for c, e in zip(columns, times, strict=True) if sample[c].any()]
    columns, times = [c for c, _ in alive], [e for _, e in alive]
    cross = cross_products.build(
        sample, outcomes=[outcome], regressors=columns, absorb=(unit, time), cluster=cluster,
        unit=counted_unit(sample, (unit,)), weights=weights,
    )  # fmt: skip
    fit = Fit(cross)
    treated = sample.groupby(cluster)[columns].max().max(axis=1)
    counts = {
        "n_obs": cross.n_obs, "n_pupils": cross.n_units, "n_schools": cross.n_clusters,
        "n_treated_schools": int(treated.sum()), "outcome": outcome, "model": "event study",
    }  # fmt: skip
    rows: list[dict[str, Any]] = [
        few_clusters.coefficient_row(fit, j, "CR2", ci_level=ci_level)
        | counts | {"estimand": "event_time", "event_time": event}
        for j, event in enumerate(times)
    ]  # fmt: skip
    rows.append(counts | {"estimand": "event_time", "event_time": reference, "estimate": 0.0,
                          "ci_level": ci_level, "method": "reference"})  # fmt: skip
    rows.sort(key=lambda row: row["event_time"])
    before = [r for r, e in zip(rows, sorted([*times, reference]), strict=True) if e < reference]
    if before:
        p = min(1.0, len(before) * min(r["p_value"] for r in before))
        rows.append(counts | {
            "estimand": "pre_trend", "p_value": p, "ci_level": ci_level,
            "estimate": max((r["estimate"] for r in before), key=abs),
            "method": "bonferroni",
        })  # fmt: skip
    starts = sample.groupby(cluster)[first_treated].first()
    ever = terms.as_period(starts, first_treated)
    ever = ever[(ever > 0) & treated.reindex(starts.index).to_numpy(dtype=bool)]
    rows.append(counts | {
        "estimand": "simultaneous_band", "ci_level": ci_level,
        "statistic": _sup_t(fit, len(columns), ci_level, np.random.default_rng(seed)),
        "method": "sup_t",
    })  # fmt: skip
    smallest = choice.smallest_p_value(list(ever), cross.n_clusters)
    return choice.limit_by_design(estimates.table(rows), smallest)


def _sup_t(fit: Fit, n: int, level: float, rng: np.random.Generator) -> float:
    """Return the critical value of the largest |t| (Montiel Olea & Plagborg-Møller 2019).

    Drawn from the multivariate t with the clusters' own correlation and G - 1 degrees of freedom.
    """
    covariance = fit.cr1()[:n, :n]
    error = np.sqrt(np.diag(covariance))
    keep = error > 0
    correlation = covariance[np.ix_(keep, keep)] / np.outer(error[keep], error[keep])
    values, vectors = np.linalg.eigh(correlation)
    # The symmetric root: eigenvectors have arbitrary signs, and draws must not.
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    df = fit.gram.n_clusters - 1
    normal = rng.standard_normal((20_000, int(keep.sum()))) @ root.T
    scale = np.sqrt(rng.chisquare(df, 20_000) / df)
    return float(np.quantile(np.abs(normal / scale[:, None]).max(axis=1), level))


def _school_means(
    panel: pd.DataFrame, outcome: str, unit: str, time: str, first_treated: str,
    weights: str | None,
) -> pd.DataFrame:  # fmt: skip
    weight = panel[weights].astype(float) if weights else pd.Series(1.0, index=panel.index)
    frame = pd.DataFrame(
        {
            "unit": panel[unit],
            "time": terms.as_period(panel[time], time),
            "first": np.nan_to_num(terms.as_period(panel[first_treated], first_treated)),
            "sum": panel[outcome] * weight,
            "weight": weight,
        }
    )
    cells = frame.groupby(["unit", "time", "first"], as_index=False)[["sum", "weight"]].sum()
    return cells.assign(y=cells["sum"] / cells["weight"])


def callaway_santanna(
    panel: pd.DataFrame,
    *,
    outcome: str,
    first_treated: str,
    unit: str,
    time: str,
    cluster: str | None = None,
    covariates: Sequence[str] = (),
    control_group: Literal["never_treated", "not_yet_treated"] = "never_treated",
    weights: str | None = None,
    ci_level: float = 0.95,
) -> pd.DataFrame:
    """Estimate group-time effects of staggered starts and their average (Callaway & Sant'Anna 2021).

    From diff-diff. Rows: estimand `overall`, and `event_time` at each. With few units (a school panel, where
    `cluster` is None or the unit) the interval is the delete-one-school jackknife with t(G-1);
    otherwise diff-diff's own clustered one, which is not valid with few treated schools and says
    so in `method` (`clustered_normal`).
    """
    needed = [outcome, first_treated, unit, time, *covariates, *([cluster] if cluster else [])]
    cross_products.check_columns(panel, [*needed, *([weights] if weights else [])])
    by_unit = cluster is None or cluster == unit
    known = cross_products.estimation_sample(
        panel, outcomes=[outcome], complete=covariates, required=[unit, time], weights=weights
    )
    if known[outcome].nunique() < 2:
        raise NotEstimable("no_variation", f"outcome {outcome!r} does not vary")
    if by_unit and not covariates:
        frame = _school_means(known, outcome, unit, time, first_treated, weights)
    else:
        frame = _coded(known, {outcome: "y"}).assign(
            unit=pd.factorize(known[unit])[0],
            time=terms.as_period(known[time], time),
            first=np.nan_to_num(terms.as_period(known[first_treated], first_treated)),
            **{f"x{i}": known[c].astype(float) for i, c in enumerate(covariates)},
            **({"cluster": pd.factorize(known[cluster])[0]} if cluster else {}),
        )
    frame["unit"] = pd.factorize(frame["unit"], sort=True)[0]
    names = [f"x{i}" for i in range(len(covariates))]
    _check_groups(frame, first_treated)
    full = _fit_cs(frame, names, control_group, None if by_unit else "cluster")
    schools = frame.groupby("unit")["first"].first()
    counts = {
        "outcome": outcome, "model": "Callaway-Sant'Anna", "n_obs": len(known),
        "n_schools": len(schools) if by_unit else known[cluster].nunique(),
        "n_treated_schools": int((schools > 0).sum()) if by_unit else
        known.loc[known[first_treated].notna(), cluster].nunique(),
        "ci_level": ci_level, "specification": control_group.replace("_", " "),
    }  # fmt: skip
    if by_unit:
        table = _jackknifed_cs(frame, names, control_group, full, counts, ci_level)
        smallest = choice.smallest_p_value(list(schools[schools > 0]), len(schools))
        return choice.limit_by_design(table, smallest)
    rows = []
    z = stats.norm.ppf((1 + ci_level) / 2)
    for event, (estimate, error) in full.items():
        rows.append(counts | {
            **_named(event), "estimate": estimate, "std_error": error,
            "ci_low": estimate - z * error, "ci_high": estimate + z * error,
            "method": "clustered_normal",
        })  # fmt: skip
    return estimates.table(rows)


def _check_groups(frame: pd.DataFrame, first_treated: str) -> None:
    """Raise `NotEstimable` where no unit starts inside the panel, or none is never treated."""
    first, time = frame["first"], frame["time"]
    if not ((first > time.min()) & (first <= time.max())).any():
        raise NotEstimable(
            "no_treated", f"column {first_treated!r}: no unit starts inside the panel"
        )
    if not (first == 0).any():
        raise NotEstimable(
            "all_treated",
            f"column {first_treated!r}: nobody is never treated, none to compare with",
        )


def _named(event: int | None) -> dict[str, Any]:
    return (
        {"estimand": "overall"}
        if event is None
        else {"estimand": "event_time", "event_time": event}
    )


def _fit_cs(
    frame: pd.DataFrame, covariates: list[str], control_group: str, cluster: str | None
) -> dict[int | None, tuple[float, float]]:
    """Return {event time, None for overall: (estimate, standard error)} of one fit."""
    model = CallawaySantAnna(
        control_group=control_group, cluster=cluster, cband=False, allow_unbalanced_panel=True
    )
    with warnings.catch_warnings():
        # Unbalanced panels and small groups are expected here, and reported by the counts.
        warnings.simplefilter("ignore")
        try:
            fitted = model.fit(
                frame, "y", "unit", "time", "first", covariates=covariates or None,
                aggregate="event_study",
            )  # fmt: skip
        except ValueError as error:
            # The columns were checked before; what is left is a design without any comparison.
            raise NotEstimable("missing_cells", f"Callaway-Sant'Anna: {error}") from None
    found: dict[int | None, tuple[float, float]] = {
        None: (float(fitted.overall_att), float(fitted.overall_se))
    }
    for event, effect in sorted((fitted.event_study_effects or {}).items()):
        found[int(event)] = (float(effect["effect"]), float(effect["se"]))
    return found


def _jackknifed_cs(
    frame: pd.DataFrame,
    covariates: list[str],
    control_group: str,
    full: dict[int | None, tuple[float, float]],
    counts: dict[str, Any],
    ci_level: float,
) -> pd.DataFrame:
    units = np.sort(frame["unit"].unique())
    left_out = []
    for unit in units:
        try:
            left_out.append(_fit_cs(frame[frame["unit"] != unit], covariates, control_group, None))
        except NotEstimable:
            left_out.append({})
    g = len(units)
    reach = float(stats.t.ppf((1 + ci_level) / 2, g - 1))
    rows = []
    for event, (estimate, _) in full.items():
        values = np.array([fit.get(event, (np.nan,))[0] for fit in left_out])
        error = float(np.sqrt((g - 1) / g * ((values - estimate) ** 2).sum()))
        why = {} if np.isfinite(error) else {"reason": "one_school_decides"}
        statistic = estimate / error if np.isfinite(error) and error > 0 else np.nan
        rows.append(counts | {
            **_named(event), "estimate": estimate, "std_error": error, "statistic": statistic,
            "df": g - 1.0, "p_value": float(2 * stats.t.sf(abs(statistic), g - 1)),
            "ci_low": estimate - reach * error, "ci_high": estimate + reach * error,
            "method": "jackknife",
        } | why)  # fmt: skip
    return estimates.table(rows)
