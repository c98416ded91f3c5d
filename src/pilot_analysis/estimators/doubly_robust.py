"""Group-time effects given covariates: diff-diff's doubly robust ones, by event time."""

import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from diff_diff import CallawaySantAnna
from scipy import stats

from pilot_analysis import estimates
from pilot_analysis.errors import NotEstimable
from pilot_analysis.estimators.jackknife import jackknifed
from pilot_analysis.inference.samples import start_periods


def coded(
    panel: pd.DataFrame,
    outcome: str,
    first_treated: str,
    unit: str,
    time: str,
    cluster: str,
    covariates: Sequence[str],
) -> pd.DataFrame:
    """Return columns under safe names, time counted from 1: a start of 0 means never there.

    Raises:
        ValueError: as `start_periods`.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> frame = coded(few_schools(pupils=4, n_terms=6), "y", "start", "pupil", "term", "school", ["eligible"])
        >>> frame[["time", "first"]].max().tolist(), frame["x0"].mean().round(2).item()
        ([6.0, 6.0], 0.34)

    """
    period, start = start_periods(panel, first_treated, time)
    shift = 1 - period.min()
    late = start > period.max()
    frame = pd.DataFrame(
        {
            "unit": pd.factorize(panel[unit], sort=True)[0],
            "time": period + shift,
            "first": np.where(np.isnan(start) | late, 0.0, start + shift),
            "cluster": pd.factorize(panel[cluster], sort=True)[0],
            "y": panel[outcome].to_numpy(dtype=float, na_value=np.nan),
            **{f"x{i}": panel[c].to_numpy(dtype=float) for i, c in enumerate(covariates)},
        }
    )
    return frame[(frame["first"] == 0) | (frame["first"] > 1)]


def doubly_robust(
    frame: pd.DataFrame,
    n_covariates: int,
    control_group: str,
    by_unit: bool,
    common: dict[str, Any],
) -> pd.DataFrame:
    """Return the overall effect and one per event time, on a panel from `coded`.

    Where the unit is the cluster (`by_unit`) intervals come from leaving out one unit at a time;
    otherwise they are diff-diff's, clustered and normal.

    Source: Sant'Anna & Zhao 2020.

    Raises:
        NotEstimable: no unit is seen before and after beside others (`missing_cells`).

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> frame = coded(few_schools(pupils=4, n_terms=6), "y", "start", "pupil", "term", "school", ["eligible"])
        >>> table = doubly_robust(frame, 1, "never_treated", False, {"ci_level": 0.95})
        >>> round(float(table["estimate"].iloc[0]), 2)
        -2.32

    """
    names = [f"x{i}" for i in range(n_covariates)]
    full = _fit(frame, names, control_group, None if by_unit else "cluster")
    if by_unit:
        fits = [full]
        for unit in np.sort(frame["unit"].unique()):
            try:
                fits.append(_fit(frame[frame["unit"] != unit], names, control_group, None))
            except NotEstimable:
                fits.append({})
        return estimates.table(
            jackknifed(np.array([f.get(e, (np.nan,))[0] for f in fits]), common | _named(e))
            for e in full
        )
    z = stats.norm.ppf((1 + common["ci_level"]) / 2)
    return estimates.table(
        common
        | _named(event)
        | {
            "estimate": estimate,
            "std_error": error,
            "ci_low": estimate - z * error,
            "ci_high": estimate + z * error,
            "method": "clustered_normal",
        }
        for event, (estimate, error) in full.items()
    )


def _named(event: int | None) -> dict[str, Any]:
    if event is None:
        return {"estimand": "overall"}
    return {"estimand": "event_time", "event_time": event}


def _fit(
    frame: pd.DataFrame, covariates: list[str], control_group: str, cluster: str | None
) -> dict[int | None, tuple[float, float]]:
    """Return {event time, None for overall: (estimate, standard error)} of diff-diff's fit."""
    model = CallawaySantAnna(control_group=control_group, cluster=cluster, cband=False)
    with warnings.catch_warnings():
        # Small groups are expected here, and reported by the counts.
        warnings.simplefilter("ignore")
        try:
            fitted = model.fit(
                frame,
                "y",
                "unit",
                "time",
                "first",
                covariates=covariates,
                aggregate="event_study",
            )
        except ValueError as error:
            # The columns were checked before; what is left is a design without any comparison.
            raise NotEstimable("missing_cells", f"Callaway-Sant'Anna: {error}") from None
    effects: dict[int | None, tuple[float, float]] = {
        None: (float(fitted.overall_att), float(fitted.overall_se))
    }
    for event, effect in sorted((fitted.event_study_effects or {}).items()):
        effects[int(event)] = (float(effect["effect"]), float(effect["se"]))
    return effects
