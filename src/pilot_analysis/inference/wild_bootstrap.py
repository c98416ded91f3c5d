"""The restricted wild cluster bootstrap, whole or in blocks that are spread over jobs.

References: Cameron, Gelbach & Miller (2008); MacKinnon & Webb (2017, 2018); Roodman, Nielsen,
MacKinnon & Webb (2019).
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pilot_analysis import estimates
from pilot_analysis.inference.absorbed import check_treated, prepare
from pilot_analysis.inference.inversion import QuadraticRatioTest
from pilot_analysis.inference.least_squares import Fit
from pilot_analysis.inference.samples import Outcomes, check_level, listed, same_sample
from pilot_analysis.inference.sandwich import coefficient_row

Array = NDArray[np.float64]

_DRAWN = ("n0", "n1", "c00", "c01", "c11")  # a draw's numbers in `QuadraticRatioTest`
_BLOCK = 20_000  # bootstrap draws handled at a time
_DISTRIBUTIONS = {
    "rademacher": np.array([-1.0, 1.0]),
    "webb": np.array([-np.sqrt(1.5), -1.0, -np.sqrt(0.5), np.sqrt(0.5), 1.0, np.sqrt(1.5)]),
}


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
    `statistic` are CR1. Outcomes seen in the same rows share one pass and the same draws.

    Returns one row an outcome, in its unit.

    Source: Cameron, Gelbach & Miller 2008; Roodman et al. 2019.

    Raises:
        NotEstimable: fewer than two treated clusters, or one that alone identifies the effect
            (`few_clusters`), where the test never or always rejects (MacKinnon & Webb 2017); and
            as `cluster_robust` with CR1.
        ValueError: an unknown `distribution`, fewer than one of `draws`, and as `cluster_robust`.

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
        prepared = prepare(panel, group, treatment, absorb, cluster, covariates, weights)
        check_treated(prepared, treatment, "the wild cluster bootstrap")
        rng = np.random.default_rng(seed)
        v, exact = bootstrap_weights(prepared.cross.n_clusters, draws, distribution, rng)
        for position, name in enumerate(group):
            fit = Fit(prepared.cross, position)
            test = wild_test(fit, 0, v, exact)
            rows.append(
                prepared.row(wild_row(fit, 0, test, distribution, null, ci_level))
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
    sampled, however few there could be; blocks of one `seed` are independent.

    Raises:
        NotEstimable: as `wild_cluster_bootstrap`.
        ValueError: as `wild_cluster_bootstrap`.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> asked = {"outcome": "y", "treatment": "treated", "cluster": "school"}
        >>> wild_cluster_bootstrap_block(few_schools(), draws=500, seed=1, block=0, **asked).shape
        (500, 5)

    """
    prepared = prepare(panel, (outcome,), treatment, absorb, cluster, covariates, weights)
    check_treated(prepared, treatment, "the wild cluster bootstrap")
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

    Raises:
        NotEstimable: as `cluster_robust` with CR1.
        ValueError: as `cluster_robust`.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> asked = {"outcome": "y", "treatment": "treated", "cluster": "school"}
        >>> panel = few_schools()
        >>> blocks = [wild_cluster_bootstrap_block(panel, draws=500, seed=1, block=i, **asked) for i in (0, 1)]
        >>> row = wild_cluster_bootstrap_from_blocks(panel, blocks, **asked).iloc[0]
        >>> row[["estimate", "p_value", "n_placements"]].astype(float).round(3).tolist()
        [-2.055, 0.003, 1000.0]

    """
    check_level(ci_level)
    prepared = prepare(panel, (outcome,), treatment, absorb, cluster, covariates, weights)
    fit = Fit(prepared.cross)
    observed = wild_test(fit, 0, np.ones((1, prepared.cross.n_clusters)), exact=False)
    drawn = pd.concat(blocks, ignore_index=True)
    test = replace(observed, **{name: drawn[name].to_numpy(float) for name in _DRAWN})
    row = prepared.row(wild_row(fit, 0, test, distribution, null, ci_level))
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
    """Return one coefficient with its bootstrap p-value and interval, as an estimates row.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> from pilot_analysis.inference import cross_products
        >>> gram = cross_products.build(few_schools(), outcomes=["y"], regressors=["treated"],
        ...                             absorb=("pupil", "term"), cluster="school")
        >>> from pilot_analysis.inference.least_squares import Fit
        >>> weights, exact = bootstrap_weights(11, 9_999, "rademacher", np.random.default_rng(1))
        >>> test = wild_test(Fit(gram), 0, weights, exact)
        >>> row = wild_row(Fit(gram), 0, test, "rademacher", null=0.0, ci_level=0.95)
        >>> row["n_placements"], round(row["ci_low"], 2), round(row["ci_high"], 2)
        (2048, -2.81, -1.31)

    """
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


def bootstrap_weights(
    n_clusters: int, draws: int, distribution: str, rng: np.random.Generator
) -> tuple[Array, bool]:
    """Return (draws x G weights, whether they are all there are).

    Enumerates when the distribution has at most `draws` points. Only half of them are listed: the
    statistic of -v is minus that of v.

    Raises:
        ValueError: an unknown `distribution`.

    Examples:
        >>> weights, exact = bootstrap_weights(5, 999, "rademacher", np.random.default_rng(1))
        >>> weights.shape, exact
        ((16, 5), True)

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

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> from pilot_analysis.inference import cross_products
        >>> gram = cross_products.build(few_schools(), outcomes=["y"], regressors=["treated"],
        ...                             absorb=("pupil", "term"), cluster="school")
        >>> from pilot_analysis.inference.least_squares import Fit
        >>> weights, exact = bootstrap_weights(11, 9_999, "rademacher", np.random.default_rng(1))
        >>> test = wild_test(Fit(gram), 0, weights, exact)
        >>> round(1_024 * test.p_value(0.0))  # of the 2^11 draws, in pairs
        1

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
