"""Difference-in-differences beside the primary model: synthetic, decomposed, triple."""

import inspect
import itertools
import math
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from diff_diff import SyntheticDiD, bacon_decompose

from pilot_analysis import estimates, terms
from pilot_analysis.errors import NotEstimable
from pilot_analysis.inference import choice, cross_products, samples


def _balanced_cells(
    panel: pd.DataFrame, outcome: str, unit: str, time: str, others: Sequence[str]
) -> pd.DataFrame:
    """Return unit x time means; refuse a panel with gaps."""
    sample = cross_products.estimation_sample(
        panel, outcomes=[outcome], required=[unit, time, *others]
    )
    sample = sample.assign(_time=terms.as_period(sample[time], time))
    cells = sample.groupby([unit, "_time"], as_index=False).agg(
        **{"_y": (outcome, "mean"), "_n": (outcome, "size")}, **{c: (c, "max") for c in others}
    )
    n_units, n_times = cells[unit].nunique(), cells["_time"].nunique()
    if len(cells) != n_units * n_times:
        raise NotEstimable(
            "missing_cells",
            f"column {time!r}: {n_units * n_times - len(cells)} of {n_units} x {n_times} "
            f"{unit!r} x {time!r} cells are empty; this estimator needs all of them",
        )
    return cells


class _EveryPlacement(SyntheticDiD):
    """Place the treatment once on every choice of comparison units, where draws would do for all."""

    def _placebo_variance_se(self, *args: Any, **named: Any) -> Any:
        bound = inspect.signature(SyntheticDiD._placebo_variance_se).bind(self, *args, **named)
        n, k = bound.arguments["Y_pre_control"].shape[1], bound.arguments["n_treated"]
        if math.comb(n, k) <= self.n_bootstrap:
            # The last k of a row are the placed ones.
            bound.arguments["_placebo_indices"] = np.array(
                [[*sorted(set(range(n)) - set(c)), *c] for c in itertools.combinations(range(n), k)]
            )
        return SyntheticDiD._placebo_variance_se(*bound.args, **bound.kwargs)


def synthetic_did(
    panel: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    unit: str,
    time: str,
    seed: int,
    draws: int = 500,
    ci_level: float = 0.95,
) -> pd.DataFrame:
    """Estimate the effect by synthetic difference-in-differences (Arkhangelsky et al. 2021).

    From diff-diff, on unit x time means, one start for all treated units. The interval is the
    placebo one of the paper (their algorithm 4: the treatment is placed on comparison units, on
    all choices of them where these are at most `draws`), so it needs more comparison than treated
    units; it is limited by what the design can show. Returns one row.

    Raises:
        NotEstimable: nobody is treated (`no_treated`), units start in different periods
            (`several_starts`) or in the first one (`no_terms_around_start`), a cell is empty
            (`missing_cells`), there are as few comparison as treated units (`few_comparison`), and
            as `estimation_sample`.
        ValueError: a treatment that is not 0 before and 1 from one period on, a `ci_level` outside
            0 to 1, and as `estimation_sample`.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> panel = few_schools()
        >>> row = synthetic_did(panel[panel["start"] != 5], outcome="y", treatment="treated",
        ...                     unit="school", time="term", seed=1).iloc[0]
        >>> round(float(row["estimate"]), 2), round(float(row["p_value_min"]), 3)
        (-2.4, 0.028)

    """
    samples.check_level(ci_level)
    cells = _balanced_cells(panel, outcome, unit, time, [treatment])
    first = choice.first_treated_period(cells, treatment, "_time", unit)
    starts = np.unique(first[~np.isnan(first)])
    if not len(starts):
        raise NotEstimable("no_treated", f"column {treatment!r}: no unit is treated")
    if len(starts) != 1:
        raise NotEstimable(
            "several_starts",
            f"column {treatment!r} must have one start for synthetic difference-in-differences, "
            f"not {len(starts)}; evaluate each start by itself",
        )
    ever = ~np.isnan(first)
    n_units = cells[unit].nunique()
    n_treated = int(cells.loc[ever, unit].nunique())
    if n_units - n_treated <= n_treated:
        raise NotEstimable(
            "few_comparison",
            f"the placebo interval needs more comparison than treated units; there are "
            f"{n_units - n_treated} and {n_treated}",
        )
    if starts[0] <= cells["_time"].min():
        raise NotEstimable("no_terms_around_start", f"column {time!r}: no period before the start")
    frame = cells.assign(_ever=ever.astype(int))
    post = sorted(t for t in frame["_time"].unique() if t >= starts[0])
    with warnings.catch_warnings():
        # diff-diff warns about small donor pools; the interval's own limits say so here.
        warnings.simplefilter("ignore")
        fitted = _EveryPlacement(
            variance_method="placebo", n_bootstrap=draws, seed=seed, alpha=1 - ci_level
        ).fit(frame, "_y", "_ever", unit, "_time", post_periods=post)
    placebo = np.abs(np.asarray(fitted.variance_effects, dtype=float))
    p = (1 + int((placebo >= abs(fitted.att) * (1 - 1e-9)).sum())) / (1 + len(placebo))
    low, high = fitted.conf_int
    table = estimates.table(
        [
            {
                "outcome": outcome,
                "estimand": treatment,
                "model": "synthetic DiD",
                "estimate": float(fitted.att),
                "std_error": float(fitted.se),
                "p_value": p,
                "ci_low": float(low),
                "ci_high": float(high),
                "ci_level": ci_level,
                "method": "placebo_units",
                "n_placements": len(placebo),
                "n_obs": int(cells["_n"].sum()),
                "n_schools": n_units,
                "n_treated_schools": n_treated,
            }
        ]
    )
    smallest = choice.smallest_p_value([starts[0]] * n_treated, n_units)
    return choice.limit_by_design(table, smallest)


def _starts(panel: pd.DataFrame, first_treated: str, unit: str, time: str) -> pd.Series:
    """Return each unit's first treated period. Raises `ValueError` where a unit has two."""
    cross_products.check_columns(panel, [unit])
    start = pd.Series(samples.start_periods(panel, first_treated, time)[1])
    pairs = pd.DataFrame({"unit": panel[unit].to_numpy(), "start": start}).drop_duplicates()
    if pairs["unit"].duplicated().any():
        raise ValueError(f"column {first_treated!r} has several values within a {unit!r}")
    return pairs.set_index("unit")["start"]


def goodman_bacon(
    panel: pd.DataFrame, *, outcome: str, first_treated: str, unit: str, time: str
) -> pd.DataFrame:
    """Decompose the two-way fixed effects estimate into its 2 x 2 comparisons (Goodman-Bacon 2021).

    From diff-diff, on unit x time means. Returns one row a kind of comparison, its weight (they
    sum to 1) in `weight`, and the row `two_way_fixed_effects`, their weighted mean. A large
    weight on `later_vs_earlier` means that already treated units served as comparisons.

    Raises:
        NotEstimable: a cell is empty (`missing_cells`), the outcome does not vary
            (`no_variation`), no unit starts inside the panel (`no_treated`), all start together
            (`all_treated`), and as `estimation_sample`.
        ValueError: naming the column, for a unit with two starts, and as `estimation_sample` and
            `start_periods`.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> table = goodman_bacon(few_schools(), outcome="y", first_treated="start", unit="school",
        ...                       time="term")
        >>> parts = table[table["estimand"] != "two_way_fixed_effects"]
        >>> round(float(parts["weight"].sum()), 6)
        1.0

    """
    starts = _starts(panel, first_treated, unit, time)
    cells = _balanced_cells(panel, outcome, unit, time, [])
    samples.check_outcome_varies(cells["_y"].to_numpy(dtype=float), outcome)
    # diff-diff reads a start at 0 as never, so periods are counted from 1.
    earliest = cells["_time"].min()
    frame = cells.assign(_time=cells["_time"] - earliest + 1.0)
    first = (frame[unit].map(starts) - earliest + 1.0).clip(lower=1.0)
    frame["_first"] = first.where(first <= frame["_time"].max(), 0.0)
    if not (frame["_first"] > 1.0).any():
        raise NotEstimable(
            "no_treated", f"column {first_treated!r}: no unit starts inside the panel"
        )
    if frame["_first"].min() == frame["_first"].max():
        raise NotEstimable(
            "all_treated",
            f"column {first_treated!r}: every unit starts together, none to compare with",
        )
    frame["_unit"] = pd.factorize(frame[unit], sort=True)[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        decomposition = bacon_decompose(frame, "_y", "_unit", "_time", "_first")
    common: dict[str, Any] = {
        "outcome": outcome,
        "model": "Goodman-Bacon decomposition",
        "n_obs": int(cells["_n"].sum()),
        "n_schools": frame["_unit"].nunique(),
        "n_treated_schools": int((frame.groupby("_unit")["_first"].first() > 0).sum()),
        "method": "none",
    }
    weights = decomposition.weight_by_type()
    rows = [
        common | {"estimand": kind, "estimate": float(effect), "weight": weights[kind]}
        for kind, effect in decomposition.effect_by_type().items()
        if effect is not None and not math.isnan(effect)
    ]
    rows.append(
        common
        | {
            "estimand": "two_way_fixed_effects",
            "estimate": float(decomposition.twfe_estimate),
            "weight": 1.0,
        }
    )
    return estimates.table(rows)


def triple_difference(
    panel: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    eligible: str,
    unit: str,
    time: str,
    cluster: str,
    weights: str | None = None,
    inference: str = "auto",
    ci_level: float = 0.95,
) -> pd.DataFrame:
    """Estimate how much more eligible pupils gained than others at the same treated schools.

    y = a_unit + (school x time) + (eligible x time) + b treatment x eligible: everything that hits
    a whole school in a term is taken out, spill-over to the others included (so b is the difference
    between the two, not the effect on the eligible). Returns one row, in the outcome's unit.

    Source: Olden & Møen 2022.

    Raises:
        NotEstimable: as `cluster_robust`: `treatment x eligible` is collinear where it does not
            vary between the schools of a term.
        ValueError: an `eligible` that is not 0 or 1, and as `infer_contrast`.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> row = triple_difference(few_schools(), outcome="y", treatment="treated", eligible="eligible",
        ...                         unit="pupil", time="term", cluster="school").iloc[0]
        >>> round(float(row["estimate"]), 2)  # none in truth
        0.27

    """
    cross_products.check_columns(panel, [outcome, treatment, eligible, unit, time, cluster])
    flag = panel[eligible].astype(float)
    if not flag.dropna().isin((0.0, 1.0)).all():
        raise ValueError(f"column {eligible!r} must be 0 or 1")
    # Named so that a refusal names the columns that they come from.
    contrast, own_time, group_time = (
        f"{one} x {other}"
        for one, other in ((treatment, eligible), (cluster, time), (eligible, time))
    )
    crossed = panel.assign(
        **{
            contrast: panel[treatment].astype(float) * flag,
            own_time: panel[cluster].astype(str) + " " + panel[time].astype(str),
            group_time: flag.astype(str) + " " + panel[time].astype(str),
        }
    )
    row = choice.infer_contrast(
        crossed,
        outcome=outcome,
        contrast=contrast,
        treatment=treatment,
        absorb=(unit, own_time, group_time),
        time=time,
        cluster=cluster,
        weights=weights,
        inference=inference,
        ci_level=ci_level,
    )
    return row.assign(estimand="eligible_minus_others", model="triple difference", term=contrast)
