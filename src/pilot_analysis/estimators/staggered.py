"""Staggered starts: group-time effects and their averages (Callaway & Sant'Anna 2021).

Every group-time effect compares the units of a group and the units to compare with over the same
two periods, and only units known in both: a unit that lacks a period never turns its level into a
change. Leaving out a cluster changes sums only, so the jackknife costs one pass.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pilot_analysis import estimates
from pilot_analysis.errors import NotEstimable
from pilot_analysis.estimators.doubly_robust import coded, doubly_robust
from pilot_analysis.estimators.jackknife import jackknifed
from pilot_analysis.inference import choice, cross_products
from pilot_analysis.inference.samples import check_level, start_periods, sup_t

Array = NDArray[np.float64]
By = Literal["event_time", "group", "calendar", "group_time"]
ControlGroup = Literal["never_treated", "not_yet_treated"]


@dataclass(frozen=True)
class _Cells:
    """One number per unit and period (NaN where unknown), and each unit's start (inf for never)."""

    y: Array
    start: Array
    cluster: NDArray[np.int64]
    times: Array

    @cached_property
    def pairs(self) -> list[tuple[int, float, int]]:
        """(base period, group, period) of every group-time effect, periods by position.

        After the start the base is the last period before it, before the start the period before.
        """
        pairs = []
        for group in np.unique(self.start[np.isfinite(self.start)]):
            first = int(np.searchsorted(self.times, group))
            if 0 < first < len(self.times):
                pairs += [
                    (first - 1 if t >= first else t - 1, float(group), t)
                    for t in range(1, len(self.times))
                ]
        return pairs


@dataclass(frozen=True)
class _Effects:
    """Group-time effects, in row 0 of all clusters and in row 1 + c without cluster c."""

    effect: Array
    n_treated: Array
    group: Array
    time: Array

    def mean(self, members: NDArray[np.bool_], by_size: bool = True) -> Array:
        """Return the mean effect of some group-times, by treated units; NaN where none is left."""
        effect = self.effect[:, members]
        weight = np.where(np.isnan(effect), 0.0, self.n_treated[:, members] if by_size else 1.0)
        total = weight.sum(axis=1)
        with np.errstate(invalid="ignore"):
            return np.asarray(
                np.where(total > 0, (weight * np.nan_to_num(effect)).sum(axis=1), np.nan)
                / np.where(total > 0, total, 1.0)
            )


def _effects(cells: _Cells, control_group: ControlGroup) -> _Effects:
    n_clusters = int(cells.cluster.max()) + 1
    shape = (1 + n_clusters, len(cells.pairs))
    effect, n_treated = np.full(shape, np.nan), np.zeros(shape)

    def sums(values: Array, members: NDArray[np.bool_]) -> tuple[Array, Array]:
        at = cells.cluster[members]
        total = np.bincount(at, values[members], n_clusters)
        count = np.bincount(at, minlength=n_clusters).astype(float)
        return np.r_[total.sum(), total.sum() - total], np.r_[count.sum(), count.sum() - count]

    for i, (base, group, t) in enumerate(cells.pairs):
        change = cells.y[:, t] - cells.y[:, base]
        known = ~np.isnan(change)
        others = np.isinf(cells.start)
        if control_group == "not_yet_treated":
            others |= (cells.start > cells.times[max(t, base)]) & (cells.start != group)
        treated_sum, treated_n = sums(change, known & (cells.start == group))
        other_sum, other_n = sums(change, known & others)
        fine = (treated_n > 0) & (other_n > 0)
        effect[fine, i] = treated_sum[fine] / treated_n[fine] - other_sum[fine] / other_n[fine]
        n_treated[:, i] = treated_n
    _, group, position = np.array(cells.pairs).T
    return _Effects(effect, n_treated, group, cells.times[position.astype(int)])


def _read(
    panel: pd.DataFrame,
    outcome: str,
    first_treated: str,
    unit: str,
    time: str,
    cluster: str,
    weights: str | None,
) -> _Cells:
    period, start = start_periods(panel, first_treated, time)
    weight = panel[weights].to_numpy(dtype=float) if weights else np.ones(len(panel))
    frame = pd.DataFrame(
        {
            "unit": panel[unit].to_numpy(),
            "time": period,
            "start": np.where(np.isnan(start), np.inf, start),
            "cluster": panel[cluster].to_numpy(),
            "sum": panel[outcome].to_numpy(dtype=float, na_value=np.nan) * weight,
            "weight": weight,
        }
    )
    facts = frame.groupby("unit", sort=True)[["start", "cluster"]].agg(["nunique", "first"])
    for name, column in (("start", first_treated), ("cluster", cluster)):
        several = facts[(name, "nunique")] != 1
        if several.any():
            bad = facts.index[several][0]
            raise ValueError(f"column {column!r} has several values within {unit} {bad}")
    sums = frame.groupby(["unit", "time"], sort=True)[["sum", "weight"]].sum()
    y = (sums["sum"] / sums["weight"]).unstack("time")
    first = facts[("start", "first")].to_numpy(dtype=float)
    times = y.columns.to_numpy(dtype=float)
    # A unit treated from the first period on shows no start: it neither gains nor compares.
    inside = first > times[0]
    labels = facts[("cluster", "first")].to_numpy()[inside]
    codes = pd.factorize(labels, sort=True)[0].astype(np.int64)
    late = np.where(first > times[-1], np.inf, first)[inside]
    return _Cells(y.to_numpy()[inside], late, codes, times)


def callaway_santanna(
    panel: pd.DataFrame,
    *,
    outcome: str,
    first_treated: str,
    unit: str,
    time: str,
    cluster: str | None = None,
    covariates: Sequence[str] = (),
    control_group: ControlGroup = "never_treated",
    by: By = "event_time",
    weights: str | None = None,
    seed: int = 0,
    ci_level: float = 0.95,
) -> pd.DataFrame:
    """Estimate group-time effects of staggered starts and their averages.

    The row `overall` is the mean over treated units and periods. `by` adds a row per time since the
    start (`event_time`), per group of one start (`group`, the start in `term`), per period
    (`calendar`) or per group and period (`group_time`), and a `simultaneous_band` over these rows
    as in `event_study`.
    Intervals come from leaving out one cluster (default: unit) at a time, with t(G-1), limited by
    what the design can show. With `covariates` the estimates are diff-diff's doubly robust ones,
    by event time; its intervals (`clustered_normal`) are not valid with few treated clusters
    unless the cluster is the unit.

    Source: Callaway & Sant'Anna 2021.

    Raises:
        NotEstimable: the outcome does not vary (`no_variation`), no unit starts inside the panel
            (`no_treated`), nobody is never treated, with such a `control_group` (`all_treated`),
            no unit is seen before and after beside others (`missing_cells`), and as
            `estimation_sample`.
        ValueError: naming the column, for a unit with two starts or two clusters; an unknown `by`
            or `control_group`; covariates together with `weights` or another `by` than
            `event_time`; a `ci_level` outside 0 to 1; and as `estimation_sample` and
            `start_periods`.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> table = callaway_santanna(few_schools(), outcome="y", first_treated="start", unit="school",
        ...                           time="term")
        >>> table[["estimate", "ci_low", "ci_high"]].iloc[0].astype(float).round(2).tolist()
        [-2.3, -3.58, -1.03]

    """
    check_level(ci_level)
    if by not in ("event_time", "group", "calendar", "group_time"):
        raise ValueError(f"by is 'event_time', 'group', 'calendar' or 'group_time', not {by!r}")
    if control_group not in ("never_treated", "not_yet_treated"):
        raise ValueError(
            f"control_group is 'never_treated' or 'not_yet_treated', not {control_group!r}"
        )
    group = cluster or unit
    cross_products.check_columns(panel, [first_treated])
    sample = cross_products.estimation_sample(
        panel,
        outcomes=[outcome],
        complete=covariates,
        required=[unit, time, group],
        weights=weights,
    )
    if sample[outcome].nunique() < 2:
        raise NotEstimable("no_variation", f"outcome {outcome!r} does not vary")
    cells = _read(sample, outcome, first_treated, unit, time, group, weights)
    _check_groups(cells, first_treated, control_group)
    starts = pd.Series(cells.start).groupby(cells.cluster).min()
    ever = starts[np.isfinite(starts)]
    common = {
        "outcome": outcome,
        "model": "Callaway-Sant'Anna",
        "n_obs": int((~np.isnan(cells.y)).sum()),
        "n_schools": len(starts),
        "n_treated_schools": len(ever),
        "ci_level": ci_level,
        "specification": control_group.replace("_", " "),
    }
    if covariates:
        if by != "event_time":
            raise ValueError("with covariates effects come by event time only")
        if weights:
            raise ValueError("with covariates the effects are unweighted; leave out `weights`")
        frame = coded(sample, outcome, first_treated, unit, time, group, covariates)
        table = doubly_robust(frame, len(covariates), control_group, group == unit, common)
    else:
        table = estimates.table(_rows(_effects(cells, control_group), by, common, seed))
    return choice.limit_by_design(table, choice.smallest_p_value(list(ever), len(starts)))


def _check_groups(cells: _Cells, first_treated: str, control_group: str) -> None:
    """Raise `NotEstimable` where no unit starts inside the panel, or none is left to compare."""
    if not np.isfinite(cells.start).any():
        raise NotEstimable(
            "no_treated", f"column {first_treated!r}: no unit starts inside the panel"
        )
    if control_group == "never_treated" and np.isfinite(cells.start).all():
        raise NotEstimable(
            "all_treated",
            f"column {first_treated!r}: nobody is never treated, none to compare with",
        )


def _rows(effects: _Effects, by: str, common: dict[str, Any], seed: int) -> list[dict[str, Any]]:
    after = (effects.time >= effects.group) & (effects.n_treated[0] > 0)
    seen = ~np.isnan(effects.effect[0])
    if not (after & seen).any():
        raise NotEstimable("missing_cells", "no unit is known before and after beside others")
    rows = [jackknifed(effects.mean(after), common | {"estimand": "overall"})]
    event = effects.time - effects.group
    asked: list[tuple[dict[str, Any], Array]] = []
    if by == "event_time":
        asked = [
            ({"estimand": "event_time", "event_time": e}, effects.mean(event == e))
            for e in np.unique(event[seen])
        ]
    elif by == "group":
        asked = [
            (
                {"estimand": "group", "term": f"{g:g}"},
                effects.mean(after & (effects.group == g), False),
            )
            for g in np.unique(effects.group[after & seen])
        ]
    elif by == "calendar":
        asked = [
            ({"estimand": "calendar", "term": f"{t:g}"}, effects.mean(after & (effects.time == t)))
            for t in np.unique(effects.time[after & seen])
        ]
    else:
        asked = [
            (
                {"estimand": "group_time", "term": f"{effects.time[i]:g}", "event_time": event[i]},
                effects.effect[:, i],
            )
            for i in np.flatnonzero(seen)
        ]
    rows += [jackknifed(values, common | named) for named, values in asked]
    left_out = np.column_stack([values for _, values in asked])
    spread = left_out[1:] - left_out[0]
    estimable = np.isfinite(spread).all(axis=0)
    g = len(spread)
    if estimable.any():
        covariance = (g - 1) / g * spread[:, estimable].T @ spread[:, estimable]
        critical = sup_t(covariance, g - 1, common["ci_level"], np.random.default_rng(seed))
        rows.append(
            common | {"estimand": "simultaneous_band", "statistic": critical, "method": "sup_t"}
        )
    return rows
