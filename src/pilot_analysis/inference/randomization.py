"""Randomization inference: the observed effect among the effects of every other placement.

The test statistics of all placements come from one set of cluster cross-products (MacKinnon & Webb
2020; Canay, Santos & Shaikh 2021).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pilot_analysis import estimates
from pilot_analysis.errors import NotEstimable
from pilot_analysis.inference import cross_products
from pilot_analysis.inference.inversion import LinearTest, QuadraticRatioTest
from pilot_analysis.inference.placements import Placements, placements
from pilot_analysis.inference.samples import (
    Outcomes,
    check_level,
    counted_unit,
    counts,
    listed,
    same_sample,
    start_periods,
)

Array = NDArray[np.float64]
_BLOCK = 20_000  # placements handled at a time


@dataclass(frozen=True)
class Randomized:
    """Every placement's coefficient and score, of the outcome and of the observed treatment."""

    beta: Array  # placements x 2: of the outcome, of the observed treatment as outcome
    denominator: Array  # placements
    score_squares: Array  # placements x 3: s0.s0, s0.s1, s1.s1


def randomize(
    cross: cross_products.ClusterGram,
    n_starts: int,
    observed: NDArray[np.int8],
    where: Placements,
    outcome: int,
) -> Randomized:
    """Evaluate all placements from the cluster cross-products.

    Columns 0..n_starts-1 of `cross` are the indicators `time >= start`; d of a placement picks one
    of them in each treated cluster, so all its cross-products are sums of known numbers.
    """
    g_index = np.arange(cross.n_clusters)
    w = slice(n_starts, None)
    ww, total_ww = cross.xx[:, w, w], cross.xx[:, w, w].sum(axis=0)
    wp = cross.xx[:, w, :n_starts]  # G x kw x starts
    pp = cross.xx[:, :n_starts, :n_starts]
    has = observed >= 0
    picked = np.where(has, observed, 0)
    # Cross-products of the two outcomes y and the observed treatment d0 with P and W.
    d0_w = np.where(has[:, None], wp[g_index, :, picked], 0.0)
    d0_p = np.where(has[:, None], pp[g_index, :, picked], 0.0)
    p_y = np.stack([cross.xy[:, :n_starts, outcome], d0_p], axis=2)  # G x starts x 2
    w_y = np.stack([cross.xy[:, w, outcome], d0_w], axis=2)  # G x kw x 2
    inverse = np.linalg.pinv(total_ww, hermitian=True) if total_ww.size else total_ww
    delta = inverse @ w_y.sum(axis=0)  # kw x 2
    wy_left = w_y - ww @ delta  # W_g'y~_g
    py_left = p_y - wp.transpose(0, 2, 1) @ delta  # P_g'y~_g
    n = len(where.start)
    beta, denominator, squares = np.empty((n, 2)), np.empty(n), np.empty((n, 3))
    for first in range(0, n, _BLOCK):
        rows = slice(first, first + _BLOCK)
        start = where.start[rows]
        on = (start >= 0)[:, :, None]
        pick = np.where(start >= 0, start, 0)
        d_w = np.where(on, wp[g_index, :, pick], 0.0)  # n x G x kw
        d_y = np.where(on, py_left[g_index, pick], 0.0)  # n x G x 2
        d_d = np.where(on[:, :, 0], pp[g_index, pick, pick], 0.0)  # n x G
        gamma = d_w.sum(axis=1) @ inverse  # n x kw
        # Products of matrices, not sums over indices: einsum takes longer to plan than to add up.
        across = np.matmul(gamma, wy_left).transpose(1, 0, 2)
        score_y = d_y - across  # d~_g'y~_g
        own = d_d - 2 * np.matmul(d_w, gamma[:, :, None])[:, :, 0]
        own += (np.matmul(gamma, ww) * gamma).sum(axis=2).T
        size = own.sum(axis=1)
        safe = np.where(size > cross_products.RANK_TOLERANCE * d_d.sum(axis=1), size, np.nan)
        b = score_y.sum(axis=1) / safe[:, None]
        s = score_y - b[:, None, :] * own[:, :, None]
        beta[rows], denominator[rows] = b, safe
        squares[rows, 0] = (s[:, :, 0] ** 2).sum(axis=1)
        squares[rows, 1] = (s[:, :, 0] * s[:, :, 1]).sum(axis=1)
        squares[rows, 2] = (s[:, :, 1] ** 2).sum(axis=1)
    return Randomized(beta, denominator, squares)


def randomization_tests(found: Randomized, exact: bool) -> tuple[QuadraticRatioTest, LinearTest]:
    """Return the studentised and the unstudentised test.

    With y - b0 d0 as outcome a placement's coefficient is beta_y - b0 beta_d, and its scores
    likewise; written in e = beta_y[0] - b0 so that the observed placement gives e itself.
    """
    estimate = float(found.beta[0, 0])
    valid = ~np.isnan(found.denominator)
    beta, d, squares = found.beta[valid], found.denominator[valid], found.score_squares[valid]
    n0, n1 = beta[:, 0] - estimate * beta[:, 1], beta[:, 1]
    c00 = squares[:, 0] - 2 * estimate * squares[:, 1] + estimate**2 * squares[:, 2]
    c01 = squares[:, 1] - estimate * squares[:, 2]
    c11 = squares[:, 2]
    d2 = d**2
    scale = math.sqrt(max(float(c00[0] / d2[0]), 0.0)) or float(np.std(n0)) or 1.0
    drop = slice(None) if exact else slice(1, None)
    studentised = QuadraticRatioTest(
        estimate,
        scale,
        n0[drop],
        n1[drop],
        (c00 / d2)[drop],
        (c01 / d2)[drop],
        (c11 / d2)[drop],
        (0.0, 1.0, float(c00[0] / d2[0]), 0.0, 0.0),
        exact,
    )
    return studentised, LinearTest(estimate, scale, n0[drop], n1[drop], exact)


def randomization_inference(
    panel: pd.DataFrame,
    *,
    outcome: Outcomes,
    first_treated: str,
    absorb: Sequence[str] = ("pupil", "term"),
    time: str,
    cluster: str,
    strata: str | None = None,
    covariates: Sequence[str] = (),
    weights: str | None = None,
    max_placements: int = 100_000,
    null: float = 0.0,
    seed: int,
    ci_level: float = 0.95,
) -> pd.DataFrame:
    """Test the effect by placing the treatment, start times included, over other schools.

    Treatment is 1 from `first_treated` on (NaN or 0: never). Placements stay within `strata`; all
    are enumerated when they are at most `max_placements`, otherwise that many are sampled and p is
    (1 + count) / (1 + draws). Exact if schools were drawn at random within strata. The interval
    inverts the test under an effect that is the same for all.

    Returns two rows an outcome: studentised (by CR1 scores; holds its level when treated schools
    are unlike the others) and unstudentised. `p_value_min` is the smallest p-value the design can
    give: 2 of 5 schools give 1/10. Raises `ValueError` when a school has two start times, when
    nobody or everybody is treated, or when a stratum does not contain its schools whole.

    Source: MacKinnon & Webb 2020.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> table = randomization_inference(few_schools(), outcome="y", first_treated="start", time="term",
        ...                                 cluster="school", seed=1)
        >>> table["n_placements"].tolist(), table["p_value"].round(4).tolist()
        ([1980.0, 1980.0], [0.0005, 0.001])

    """
    check_level(ci_level)
    names = listed(outcome)
    needed = [first_treated, time, cluster, *absorb, *covariates]
    cross_products.check_columns(
        panel, [*needed, *([strata] if strata else []), *([weights] if weights else [])]
    )
    period, start_of_row = start_periods(panel, first_treated, time)
    rows = []
    for group in same_sample(panel, names):
        known = cross_products.estimation_sample(
            panel.assign(_period=period, _start=start_of_row),
            outcomes=group,
            complete=covariates,
            required=[cluster, *absorb],
            weights=weights,
        )
        starts = _start_by_cluster(known, first_treated, cluster)
        # A school treated from its first period on never starts here: it keeps its place.
        always = starts <= known["_period"].min()
        ever = starts[starts <= known["_period"].max()]
        if ever[~always].empty:
            raise NotEstimable(
                "no_treated", f"column {first_treated!r}: no school is treated inside the panel"
            )
        if len(ever) == len(starts):
            raise NotEstimable(
                "all_treated", f"column {first_treated!r}: every school is treated, none to compare"
            )
        distinct = np.sort(ever.unique())
        indicators = {
            f"_from_{i}": (known["_period"] >= s).astype(float) for i, s in enumerate(distinct)
        }
        cross = placement_gram(
            known.assign(**indicators),
            list(indicators),
            group,
            absorb,
            cluster,
            covariates,
            weights,
        )
        observed = start_positions(starts.reindex(cross.clusters), distinct)
        stratum = _strata_by_cluster(known, strata, cluster, cross.clusters)
        kept = always.reindex(cross.clusters).to_numpy(dtype=bool)
        stratum[kept] = stratum.max() + 1 + np.arange(kept.sum())
        where = placements(observed, stratum, max_placements, np.random.default_rng(seed))
        for position, name in enumerate(group):
            found = randomize(cross, len(distinct), observed, where, position)
            if np.isnan(found.denominator[0]):
                raise NotEstimable(
                    "collinear",
                    f"the treatment from {first_treated!r} is collinear with the fixed effects and "
                    "covariates",
                )
            common = counts(cross, (observed >= 0) & ~kept) | {
                "outcome": name,
                "estimand": "treated",
                "model": "OLS, absorbed effects",
                "estimate": float(found.beta[0, 0]),
                "ci_level": ci_level,
                "p_value_min": where.p_value_min,
            }
            rows += _ri_rows(common, found, where, null, ci_level)
    return estimates.table(rows)


def start_positions(starts: pd.Series, distinct: Array) -> NDArray[np.int8]:
    """Return the position of each start among the `distinct` ones; -1 for never or later."""
    return np.array(
        [np.searchsorted(distinct, s) if s <= distinct[-1] else -1 for s in starts.fillna(np.inf)],
        dtype=np.int8,
    )


def _ri_rows(
    common: dict[str, Any], found: Randomized, where: Placements, null: float, ci_level: float
) -> list[dict[str, Any]]:
    studentised, plain = randomization_tests(found, where.exact)
    n = len(where.start) if where.exact else len(where.start) - 1
    rows = []
    for test, method in ((studentised, "randomization_t"), (plain, "randomization_coefficient")):
        low, high = test.interval(ci_level)
        extra: dict[str, Any] = {}
        if isinstance(test, QuadraticRatioTest):
            extra = {"statistic": test.statistic(null)}
        rows.append(
            common
            | extra
            | {
                "p_value": test.p_value(null),
                "ci_low": low,
                "ci_high": high,
                "method": method,
                "n_placements": n,
            }
        )
    return rows


def _start_by_cluster(sample: pd.DataFrame, first_treated: str, cluster: str) -> pd.Series:
    """Return each cluster's start; refuse clusters with two."""
    spread = sample.groupby(cluster)["_start"].agg(["min", "max", "count", "size"])
    mixed = (spread["count"] > 0) & (
        (spread["min"] != spread["max"]) | (spread["count"] < spread["size"])
    )
    if mixed.any():
        raise ValueError(
            f"column {first_treated!r} has several start times within "
            f"{', '.join(map(repr, spread.index[mixed][:3]))}"
        )
    return spread["min"]


def _strata_by_cluster(
    sample: pd.DataFrame, strata: str | None, cluster: str, labels: NDArray[Any]
) -> NDArray[np.int64]:
    if strata is None:
        return np.zeros(len(labels), dtype=np.int64)
    per = sample.groupby(cluster)[strata].agg(["nunique", "first"])
    if (per["nunique"] != 1).any():
        bad = per.index[per["nunique"] != 1][0]
        raise ValueError(f"column {strata!r}: {bad!r} is not in exactly one stratum")
    return pd.factorize(per["first"].reindex(labels), sort=True)[0].astype(np.int64)


def placement_gram(
    sample: pd.DataFrame,
    indicators: list[str],
    outcomes: tuple[str, ...],
    absorb: Sequence[str],
    cluster: str,
    covariates: Sequence[str],
    weights: str | None,
) -> cross_products.ClusterGram:
    """Return cross-products with the start indicators first.

    The indicators are sums of term effects, so they are passed as outcomes (which may be
    collinear with the columns) and moved to the front afterwards.
    """
    both = cross_products.build(
        sample,
        outcomes=[*indicators, *outcomes],
        regressors=covariates,
        absorb=absorb,
        cluster=cluster,
        unit=counted_unit(sample, absorb),
        weights=weights,
        outcome_products=True,
    )
    n, k = len(indicators), len(both.names)
    assert both.products is not None
    size = (both.n_clusters, n + k, n + k)
    xx = np.zeros(size)
    xx[:, n:, n:] = both.xx
    xx[:, n:, :n] = both.xy[:, :, :n]
    xx[:, :n, n:] = both.xy[:, :, :n].transpose(0, 2, 1)
    xx[:, :n, :n] = both.products[:, :n, :n]
    xy = np.concatenate([both.products[:, :n, n:], both.xy[:, :, n:]], axis=1)
    return replace(
        both, names=(*indicators, *both.names), outcomes=outcomes, xx=xx, xy=xy, yy=both.yy[:, n:]
    )
