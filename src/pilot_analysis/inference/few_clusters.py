"""Inference with few treated schools.

Every function takes a tidy panel and returns rows of the estimates table. Effects nested in the
cluster are absorbed exactly and never expanded, so pupil-level panels of any size pass through one
set of cluster cross-products (`cross_products.build`).

References: Cameron, Gelbach & Miller (2008); MacKinnon & Webb (2017, 2018, 2020); Roodman, Nielsen,
MacKinnon & Webb (2019); Pustejovsky & Tipton (2018); MacKinnon, Nielsen & Webb (2023).
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from pilot_analysis import estimates
from pilot_analysis.errors import NotEstimable
from pilot_analysis.inference import cross_products
from pilot_analysis.inference.inversion import QuadraticRatioTest
from pilot_analysis.inference.least_squares import Fit
from pilot_analysis.inference.placements import placements
from pilot_analysis.inference.randomization import randomization_inference
from pilot_analysis.inference.samples import (
    Outcomes,
    check_level,
    counted_unit,
    counts,
    listed,
    same_sample,
)

__all__ = [
    "Hypothesis",
    "bootstrap_weights",
    "cluster_robust",
    "coefficient_row",
    "family_wise",
    "family_wise_samples",
    "placements",
    "randomization_inference",
    "romano_wolf",
    "wild_cluster_bootstrap",
    "wild_cluster_bootstrap_block",
    "wild_cluster_bootstrap_from_blocks",
    "wild_row",
    "wild_test",
]

Array = NDArray[np.float64]

_DRAWN = ("n0", "n1", "c00", "c01", "c11")  # a draw's numbers in `QuadraticRatioTest`
_BLOCK = 20_000  # bootstrap draws handled at a time
_DISTRIBUTIONS = {
    "rademacher": np.array([-1.0, 1.0]),
    "webb": np.array([-np.sqrt(1.5), -1.0, -np.sqrt(0.5), np.sqrt(0.5), 1.0, np.sqrt(1.5)]),
}


def _treated(
    panel: pd.DataFrame, treatment: str, cluster: str, labels: NDArray[Any]
) -> NDArray[np.bool_]:
    """Say in which clusters the treatment varies; where it varies in none, which are above the least."""
    values = pd.Series(panel[treatment].to_numpy(dtype=float, na_value=np.nan))
    by = values.groupby(panel[cluster].to_numpy()).agg(["min", "max"]).reindex(labels)
    starts = by["max"] > by["min"]
    # A cluster treated throughout shows no change, where others do.
    return np.asarray(starts if starts.any() else by["max"] > values.min())


@dataclass(frozen=True)
class _Prepared:
    """What the cluster-robust methods share: the cross-products of one group of outcomes."""

    cross: cross_products.ClusterGram
    treated: NDArray[np.bool_]

    def rows(self, model_terms: dict[str, Any]) -> dict[str, Any]:
        return counts(self.cross, self.treated) | model_terms


def check_varies(cross: cross_products.ClusterGram) -> None:
    """Raise `NotEstimable` where an outcome is constant within what is absorbed."""
    constant = cross.yy.sum(axis=0) <= 0
    if constant.any():
        name = cross.outcomes[int(np.flatnonzero(constant)[0])]
        raise NotEstimable(
            "no_variation",
            f"outcome {name!r} does not vary once the absorbed effects are taken out",
        )


def _prepare(
    panel: pd.DataFrame,
    outcomes: tuple[str, ...],
    treatment: str,
    absorb: Sequence[str],
    cluster: str,
    covariates: Sequence[str],
    weights: str | None,
    weighted_roots: bool = False,
) -> _Prepared:
    needed = [treatment, cluster, *absorb, *covariates, *([weights] if weights else [])]
    cross_products.check_columns(panel, needed)
    empty = int(panel[treatment].isna().sum())
    if empty:
        raise ValueError(f"column {treatment!r} is empty in {empty} of {len(panel)} rows")
    cross = cross_products.build(
        panel,
        outcomes=outcomes,
        regressors=[treatment, *covariates],
        absorb=absorb,
        cluster=cluster,
        unit=counted_unit(panel, absorb),
        weights=weights,
        weighted_roots=weighted_roots,
    )
    if cross.n_clusters < 2:
        raise NotEstimable(
            "few_clusters", f"column {cluster!r} has a single cluster; inference needs at least two"
        )
    check_varies(cross)
    return _Prepared(cross, _treated(panel, treatment, cluster, cross.clusters))


def _check_treated(prepared: _Prepared, treatment: str, method: str) -> None:
    n = int(prepared.treated.sum())
    if n < 2 or Fit(prepared.cross).rests_on_one_cluster(0):
        raise NotEstimable(
            "few_clusters",
            f"{method} needs at least two treated clusters and one other; {treatment!r} has {n} of "
            f"{prepared.cross.n_clusters}, or its effect is not identified without one of them. "
            "Use randomization_inference",
        )


def cluster_robust(
    panel: pd.DataFrame,
    *,
    outcome: Outcomes,
    treatment: str,
    absorb: Sequence[str] = ("pupil", "term"),
    cluster: str,
    kind: Literal["CR1", "CR2", "CR3"],
    covariates: Sequence[str] = (),
    weights: str | None = None,
    null: float = 0.0,
    ci_level: float = 0.95,
) -> pd.DataFrame:
    """Estimate the treatment's coefficient with a cluster-robust interval.

    CR1 with factor G/(G-1) (N-1)/(N-K), K not counting effects nested in clusters, and t(G-1);
    CR2 with Satterthwaite degrees of freedom; CR3 by the jackknife and t(G-1). CR1 rejects far
    too often with few treated clusters and is for comparison only.

    Returns one row an outcome. Raises `ValueError` as `cross_products.build` does, and for CR3 when the
    effect is not identified without some cluster.

    Source: Pustejovsky & Tipton 2018, with their correction; MacKinnon, Nielsen & Webb 2023.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> row = cluster_robust(few_schools(), outcome="y", treatment="treated", cluster="school",
        ...                      kind="CR2").iloc[0]
        >>> row[["estimate", "std_error", "df"]].astype(float).round(2).tolist()
        [-2.06, 0.33, 5.72]

    """
    if kind not in ("CR1", "CR2", "CR3"):
        raise ValueError(f"kind is 'CR1', 'CR2' or 'CR3', not {kind!r}")
    check_level(ci_level)
    rows = []
    for group in same_sample(panel, listed(outcome)):
        prepared = _prepare(
            panel,
            group,
            treatment,
            absorb,
            cluster,
            covariates,
            weights,
            weighted_roots=kind == "CR2",
        )
        for position, name in enumerate(group):
            fit = Fit(prepared.cross, position)
            rows.append(
                prepared.rows(coefficient_row(fit, 0, kind, null=null, ci_level=ci_level))
                | {"outcome": name, "estimand": treatment, "model": "OLS, absorbed effects"}
            )
    return estimates.table(rows)


def coefficient_row(
    fit: Fit, column: int, kind: str, *, null: float = 0.0, ci_level: float = 0.95
) -> dict[str, Any]:
    """Return one coefficient with the chosen cluster-robust interval, as an estimates row."""
    beta = float(fit.coefficients[column])
    df = fit.gram.n_clusters - 1.0
    if kind == "CR1":
        variance = float(fit.cr1()[column, column])
    elif kind == "CR2":
        variance, df = fit.cr2(column)
        if np.isnan(variance):
            return _unbounded(beta, ci_level)
    else:
        variance = float(fit.cr3()[column])
        if np.isnan(variance):
            raise NotEstimable(
                "one_school_decides",
                f"CR3 leaves out one cluster at a time, and {fit.gram.names[column]!r} is not "
                "identified without one of them. Use randomization_inference",
            )
    error = math.sqrt(max(variance, 0.0))
    statistic = (beta - null) / error if error > 0 else math.nan
    reach = float(stats.t.ppf((1 + ci_level) / 2, df)) * error
    return {
        "estimate": beta,
        "std_error": error,
        "statistic": statistic,
        "df": df,
        "p_value": float(2 * stats.t.sf(abs(statistic), df)) if error > 0 else math.nan,
        "ci_low": beta - reach,
        "ci_high": beta + reach,
        "ci_level": ci_level,
        "method": kind,
    }


def _unbounded(beta: float, ci_level: float) -> dict[str, Any]:
    """Return the row of a coefficient that one cluster decides: no value is ruled out."""
    return {
        "estimate": beta,
        "p_value": 1.0,
        "ci_low": -math.inf,
        "ci_high": math.inf,
        "ci_level": ci_level,
        "method": "CR2",
        "reason": "one_school_decides",
    }


# --- Wild cluster bootstrap -----------------------------------------------------------------


def bootstrap_weights(
    n_clusters: int, draws: int, distribution: str, rng: np.random.Generator
) -> tuple[Array, bool]:
    """Return (draws x G weights, whether they are all there are).

    Enumerates when the distribution has at most `draws` points. Only half of them are listed: the
    statistic of -v is minus that of v.
    """
    if distribution not in _DISTRIBUTIONS:
        raise ValueError(f"distribution is one of {sorted(_DISTRIBUTIONS)}, not {distribution!r}")
    points = _DISTRIBUTIONS[distribution]
    if len(points) ** n_clusters <= draws:
        half = points[points > 0]
        grid = [half, *[points] * (n_clusters - 1)]
        return np.array(list(itertools.product(*grid))), True
    return _sampled_weights(points, n_clusters, draws, rng), False


def _sampled_weights(points: Array, n_clusters: int, draws: int, rng: np.random.Generator) -> Array:
    return points[rng.integers(0, len(points), (draws, n_clusters), dtype=np.int8)]


def wild_test(fit: Fit, column: int, weights: Array, exact: bool) -> QuadraticRatioTest:
    """Return the restricted wild cluster bootstrap test of one coefficient (WCR).

    With partialled treatment d = X r, restricted residuals u(e) = u + e d and weights v, the
    bootstrap numerator is sum v_g d_g'u_g and its score s_g = v_g d_g'u_g - d_g'X_g A^-1 sum_h v_h
    X_h'u_h; both are linear in e = estimate - null (Roodman et al. 2019, section 5).
    """
    r, d = fit.contrast(column)
    rx = np.einsum("k,gkl->gl", r, fit.gram.xx)  # d_g'X_g
    a0, a1 = fit.scores @ r, rx @ r
    loading = rx @ fit.bread
    k0 = np.diag(a0) - loading @ fit.scores.T
    k1 = np.diag(a1) - loading @ rx.T
    n = len(weights)
    parts = [np.empty(n) for _ in range(5)]
    for start in range(0, n, _BLOCK):
        rows = slice(start, start + _BLOCK)
        v = weights[rows]
        s0, s1 = v @ k0.T, v @ k1.T
        parts[0][rows], parts[1][rows] = v @ a0, v @ a1
        parts[2][rows] = (s0 * s0).sum(axis=1)
        parts[3][rows] = (s0 * s1).sum(axis=1)
        parts[4][rows] = (s1 * s1).sum(axis=1)
    observed = float(((fit.scores @ r) ** 2).sum())
    return QuadraticRatioTest(
        estimate=float(fit.coefficients[column]),
        scale=math.sqrt(observed) / d if observed > 0 else abs(float(fit.coefficients[column])),
        n0=parts[0],
        n1=parts[1],
        c00=parts[2],
        c01=parts[3],
        c11=parts[4],
        observed=(0.0, d, observed, 0.0, 0.0),
        exact=exact,
    )


def wild_cluster_bootstrap(
    panel: pd.DataFrame,
    *,
    outcome: Outcomes,
    treatment: str,
    absorb: Sequence[str] = ("pupil", "term"),
    cluster: str,
    covariates: Sequence[str] = (),
    weights: str | None = None,
    draws: int = 99_999,
    distribution: Literal["rademacher", "webb"] = "rademacher",
    null: float = 0.0,
    seed: int,
    ci_level: float = 0.95,
) -> pd.DataFrame:
    """Test the treatment's coefficient by the restricted wild cluster bootstrap.

    The null is imposed, the interval inverts the test. All 2^G (Webb: 6^G) draws are enumerated
    when they are at most `draws`; otherwise p is (1 + count) / (1 + draws). `std_error` and
    `statistic` are CR1. Outcomes known in the same rows share one pass and the same draws.

    Returns one row an outcome. Raises `ValueError` as `cross_products.build` does, and with fewer than two
    treated clusters, where the test never or always rejects (MacKinnon & Webb 2017).

    Source: Cameron, Gelbach & Miller 2008; Roodman et al. 2019.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> row = wild_cluster_bootstrap(few_schools(), outcome="y", treatment="treated",
        ...                              cluster="school", seed=1).iloc[0]
        >>> row[["estimate", "ci_low", "ci_high"]].astype(float).round(2).tolist()
        [-2.06, -2.81, -1.31]

    """
    check_level(ci_level)
    if draws < 1:
        raise ValueError(f"draws must be at least 1, not {draws}")
    rows = []
    for group in same_sample(panel, listed(outcome)):
        prepared = _prepare(panel, group, treatment, absorb, cluster, covariates, weights)
        _check_treated(prepared, treatment, "the wild cluster bootstrap")
        rng = np.random.default_rng(seed)
        v, exact = bootstrap_weights(prepared.cross.n_clusters, draws, distribution, rng)
        for position, name in enumerate(group):
            fit = Fit(prepared.cross, position)
            test = wild_test(fit, 0, v, exact)
            rows.append(
                prepared.rows(wild_row(fit, 0, test, distribution, null, ci_level))
                | {"outcome": name, "estimand": treatment, "model": "OLS, absorbed effects"}
            )
    return estimates.table(rows)


def wild_cluster_bootstrap_block(
    panel: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    absorb: Sequence[str] = ("pupil", "term"),
    cluster: str,
    covariates: Sequence[str] = (),
    weights: str | None = None,
    draws: int,
    distribution: Literal["rademacher", "webb"] = "webb",
    seed: int,
    block: int,
) -> pd.DataFrame:
    """Draw one block of a wild cluster bootstrap that is spread over jobs.

    Returns `draws` rows: the numbers that give a draw's statistic at any null value. Draws are
    sampled, however few there could be; blocks of one `seed` are independent. Raises `ValueError`
    as `wild_cluster_bootstrap`.
    """
    prepared = _prepare(panel, (outcome,), treatment, absorb, cluster, covariates, weights)
    _check_treated(prepared, treatment, "the wild cluster bootstrap")
    rng = np.random.default_rng([seed, block])
    v = _sampled_weights(_DISTRIBUTIONS[distribution], prepared.cross.n_clusters, draws, rng)
    test = wild_test(Fit(prepared.cross), 0, v, exact=False)
    return pd.DataFrame({name: getattr(test, name) for name in _DRAWN})


def wild_cluster_bootstrap_from_blocks(
    panel: pd.DataFrame,
    blocks: Sequence[pd.DataFrame],
    *,
    outcome: str,
    treatment: str,
    absorb: Sequence[str] = ("pupil", "term"),
    cluster: str,
    covariates: Sequence[str] = (),
    weights: str | None = None,
    distribution: Literal["rademacher", "webb"] = "webb",
    null: float = 0.0,
    ci_level: float = 0.95,
) -> pd.DataFrame:
    """Test the treatment's coefficient with the draws of all `blocks`, in their order.

    Returns one row, the one that `wild_cluster_bootstrap` gives for the same draws.
    """
    check_level(ci_level)
    prepared = _prepare(panel, (outcome,), treatment, absorb, cluster, covariates, weights)
    fit = Fit(prepared.cross)
    observed = wild_test(fit, 0, np.ones((1, prepared.cross.n_clusters)), exact=False)
    drawn = pd.concat(blocks, ignore_index=True)
    test = replace(observed, **{name: drawn[name].to_numpy(float) for name in _DRAWN})
    row = prepared.rows(wild_row(fit, 0, test, distribution, null, ci_level))
    return estimates.table(
        [row | {"outcome": outcome, "estimand": treatment, "model": "OLS, absorbed effects"}]
    )


def wild_row(
    fit: Fit,
    column: int,
    test: QuadraticRatioTest,
    distribution: str,
    null: float,
    ci_level: float,
) -> dict[str, Any]:
    """Return one coefficient with its bootstrap p-value and interval, as an estimates row."""
    row = coefficient_row(fit, column, "CR1", null=null, ci_level=ci_level)
    low, high = test.interval(ci_level)
    n = len(test.n0)
    # Of the enumerated half, each draw stands for two.
    smallest = 1 / n if test.exact else 1 / (1 + n)
    return row | {
        "p_value": test.p_value(null),
        "p_value_min": smallest,
        "ci_low": low,
        "ci_high": high,
        "df": np.nan,
        "method": f"wild_bootstrap_{distribution}",
        "n_placements": 2 * n if test.exact else n,
    }


# --- Several outcomes ------------------------------------------------------------------------


def family_wise(
    panel: pd.DataFrame,
    *,
    outcomes: Sequence[str],
    treatment: str,
    absorb: Sequence[str] = ("pupil", "term"),
    cluster: str,
    covariates: Sequence[str] = (),
    weights: str | None = None,
    draws: int = 9_999,
    distribution: Literal["rademacher", "webb"] = "rademacher",
    seed: int,
    ci_level: float = 0.95,
) -> pd.DataFrame:
    """Test several outcomes with p-values that hold for all of them at once (Romano-Wolf).

    The restricted wild cluster bootstrap of each outcome with the same draws, stepped down; the
    interval is each outcome's own. Returns one row an outcome. Raises `ValueError` as
    `wild_cluster_bootstrap`, and when outcomes are known at different clusters.
    """
    check_level(ci_level)
    rows, tests, labels, exact = [], [], None, False
    for group in same_sample(panel, tuple(outcomes)):
        prepared = _prepare(panel, group, treatment, absorb, cluster, covariates, weights)
        _check_treated(prepared, treatment, "the wild cluster bootstrap")
        if labels is not None and not np.array_equal(labels, prepared.cross.clusters):
            raise ValueError(f"outcomes are known at different clusters of {cluster!r}")
        labels = prepared.cross.clusters
        rng = np.random.default_rng(seed)
        v, exact = bootstrap_weights(len(labels), draws, distribution, rng)
        for position, name in enumerate(group):
            fit = Fit(prepared.cross, position)
            tests.append(wild_test(fit, 0, v, exact))
            rows.append(
                prepared.rows(wild_row(fit, 0, tests[-1], distribution, 0.0, ci_level))
                | {"outcome": name, "estimand": treatment, "model": "OLS, absorbed effects"}
            )
    _adjust(rows, tests, exact)
    order = {name: i for i, name in enumerate(outcomes)}
    return estimates.table(sorted(rows, key=lambda row: order[row["outcome"]]))


def _adjust(rows: list[dict[str, Any]], tests: Sequence[QuadraticRatioTest], exact: bool) -> None:
    """Put Romano-Wolf p-values of the tests, drawn with the same weights, into their rows."""
    observed, squares = zip(*(test.squares(0.0) for test in tests), strict=True)
    adjusted = romano_wolf(np.sqrt(observed), np.sqrt(np.column_stack(squares)), exact=exact)
    for row, p in zip(rows, adjusted, strict=True):
        row["p_value"] = float(p)
        row["method"] = "romano_wolf"


@dataclass(frozen=True)
class Hypothesis:
    """One hypothesis of a family: the treatment has no effect on `outcome` in `panel`."""

    panel: pd.DataFrame
    outcome: str
    treatment: str
    absorb: tuple[str, ...]
    cluster: str
    weights: str | None = None


def family_wise_samples(
    hypotheses: Sequence[Hypothesis],
    *,
    draws: int = 9_999,
    distribution: Literal["rademacher", "webb"] = "rademacher",
    seed: int,
    ci_level: float = 0.95,
) -> pd.DataFrame:
    """Test hypotheses about different samples with p-values that hold for all of them at once.

    As `family_wise`; samples may have different rows and clusters. A cluster has the same bootstrap
    weight in every sample it is part of, so that dependence between them is kept. Returns one row a
    hypothesis. Raises `ValueError` as `wild_cluster_bootstrap`.
    """
    check_level(ci_level)
    prepared = [
        _prepare(h.panel, (h.outcome,), h.treatment, h.absorb, h.cluster, (), h.weights)
        for h in hypotheses
    ]
    for one, hypothesis in zip(prepared, hypotheses, strict=True):
        _check_treated(one, hypothesis.treatment, "the wild cluster bootstrap")
    labels = sorted({str(c) for one in prepared for c in one.cross.clusters})
    v, exact = bootstrap_weights(len(labels), draws, distribution, np.random.default_rng(seed))
    rows, tests = [], []
    for one, hypothesis in zip(prepared, hypotheses, strict=True):
        fit = Fit(one.cross)
        own_draws = v[:, [labels.index(str(c)) for c in one.cross.clusters]]
        tests.append(wild_test(fit, 0, own_draws, exact))
        rows.append(
            one.rows(wild_row(fit, 0, tests[-1], distribution, 0.0, ci_level))
            | {
                "outcome": hypothesis.outcome,
                "estimand": hypothesis.treatment,
                "model": "OLS, absorbed effects",
            }
        )
    _adjust(rows, tests, exact)
    return estimates.table(rows)


def romano_wolf(statistics: Array, draws: Array, *, exact: bool = False) -> Array:
    """Return step-down family-wise p-values of m statistics from B x m draws under the null.

    `exact` says that the draws are all there are, the observed one among them.

    Romano & Wolf (2005, 2016): the largest |statistic| is compared with the draws' maximum over
    all hypotheses, the next with the maximum over those left, and p-values never decrease.

    `statistics` has m numbers, `draws` is B x m; returns m p-values.

    Examples:
        >>> import numpy as np
        >>> draws = np.array([[0.0, 3.0], [1.0, 0.5], [2.0, 0.1], [0.2, 0.3]])
        >>> romano_wolf(np.array([2.5, 1.0]), draws).tolist()
        [0.4, 0.4]

    """
    observed = np.abs(np.asarray(statistics, dtype=float))
    null = np.abs(np.asarray(draws, dtype=float))
    if null.ndim != 2 or null.shape[1] != len(observed):
        raise ValueError(f"draws must be B x {len(observed)}, not {null.shape}")
    order = np.argsort(-observed, kind="stable")
    adjusted = np.empty(len(observed))
    floor = 0.0
    for step, j in enumerate(order):
        largest = null[:, order[step:]].max(axis=1)
        count = int((largest >= observed[j] * (1 - 1e-9)).sum())
        p = count / len(null) if exact else (1 + count) / (1 + len(null))
        floor = max(floor, p)
        adjusted[j] = floor
    return adjusted
