"""Inference with few treated schools.

Every function takes a tidy panel and returns rows of the estimates table. Effects nested in the
cluster are absorbed exactly and never expanded, so pupil-level panels of any size pass through one
set of cluster cross-products (`gram.build`).

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

from pilot_analysis import estimates, terms
from pilot_analysis.models import gram
from pilot_analysis.models.inversion import LinearTest, QuadraticRatioTest
from pilot_analysis.models.ols import Fit

Array = NDArray[np.float64]
Outcomes = str | Sequence[str]

_BLOCK = 20_000  # bootstrap draws or placements handled at a time
_DISTRIBUTIONS = {
    "rademacher": np.array([-1.0, 1.0]),
    "webb": np.array([-np.sqrt(1.5), -1.0, -np.sqrt(0.5), np.sqrt(0.5), 1.0, np.sqrt(1.5)]),
}


def _listed(outcome: Outcomes) -> tuple[str, ...]:
    return (outcome,) if isinstance(outcome, str) else tuple(outcome)


def _same_sample(panel: pd.DataFrame, outcomes: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Group outcomes that are known in the same rows; each group shares one pass."""
    gram.check_columns(panel, outcomes)
    groups: dict[bytes, list[str]] = {}
    for name in outcomes:
        groups.setdefault(panel[name].notna().to_numpy().tobytes(), []).append(name)
    return [tuple(names) for names in groups.values()]


def _check_level(ci_level: float) -> None:
    if not 0 < ci_level < 1:
        raise ValueError(f"ci_level is a share between 0 and 1, not {ci_level}")


def _counts(cross: gram.ClusterGram, treated: NDArray[np.bool_]) -> dict[str, Any]:
    return {
        "n_obs": cross.n_obs,
        "n_pupils": cross.n_units or np.nan,
        "n_schools": cross.n_clusters,
        "n_treated_schools": int(treated.sum()),
    }


def counted_unit(panel: pd.DataFrame, absorb: Sequence[str]) -> str | None:
    """Return the column counted as `n_pupils`: pupils where the panel has them."""
    if "pupil" in panel.columns:
        return "pupil"
    return absorb[0] if absorb else None


def _treated(
    panel: pd.DataFrame, treatment: str, cluster: str, labels: NDArray[Any]
) -> NDArray[np.bool_]:
    """Say which clusters ever have a treatment above its smallest value."""
    values = panel[treatment].astype(float)
    most = values.groupby(panel[cluster]).max()
    return np.asarray(most.reindex(labels).to_numpy() > values.min())


@dataclass(frozen=True)
class _Prepared:
    """What the cluster-robust methods share: the cross-products of one group of outcomes."""

    cross: gram.ClusterGram
    treated: NDArray[np.bool_]

    def rows(self, model_terms: dict[str, Any]) -> dict[str, Any]:
        return _counts(self.cross, self.treated) | model_terms


def _prepare(
    panel: pd.DataFrame,
    outcomes: tuple[str, ...],
    treatment: str,
    absorb: Sequence[str],
    cluster: str,
    covariates: Sequence[str],
    weights: str | None,
) -> _Prepared:
    needed = [treatment, cluster, *absorb, *covariates, *([weights] if weights else [])]
    gram.check_columns(panel, needed)
    empty = int(panel[treatment].isna().sum())
    if empty:
        raise ValueError(f"column {treatment!r} is empty in {empty} of {len(panel)} rows")
    cross = gram.build(
        panel,
        outcomes=outcomes,
        regressors=[treatment, *covariates],
        absorb=absorb,
        cluster=cluster,
        unit=counted_unit(panel, absorb),
        weights=weights,
    )
    if cross.n_clusters < 2:
        raise ValueError(f"column {cluster!r} has a single cluster; inference needs at least two")
    constant = cross.yy.sum(axis=0) <= 0
    if constant.any():
        name = cross.outcomes[int(np.flatnonzero(constant)[0])]
        raise ValueError(f"outcome {name!r} does not vary once the absorbed effects are taken out")
    return _Prepared(cross, _treated(panel, treatment, cluster, cross.clusters))


def _check_treated(prepared: _Prepared, treatment: str, method: str) -> None:
    n = int(prepared.treated.sum())
    if n < 2 or prepared.cross.n_clusters - n < 1:
        raise ValueError(
            f"{method} needs at least two treated clusters and one other; {treatment!r} has {n} of "
            f"{prepared.cross.n_clusters}. Use randomization_inference"
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

    Returns one row an outcome. Raises `ValueError` as `gram.build` does, and for CR3 when the
    effect is not identified without some cluster.
    """
    if kind not in ("CR1", "CR2", "CR3"):
        raise ValueError(f"kind is 'CR1', 'CR2' or 'CR3', not {kind!r}")
    _check_level(ci_level)
    rows = []
    for group in _same_sample(panel, _listed(outcome)):
        prepared = _prepare(panel, group, treatment, absorb, cluster, covariates, weights)
        for position, name in enumerate(group):
            fit = Fit(prepared.cross, position)
            rows.append(
                prepared.rows(coefficient_row(fit, 0, kind, null=null, ci_level=ci_level))
                | {"outcome": name, "term": treatment, "model": "OLS, absorbed effects"}
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
    else:
        variance = float(fit.cr3()[column])
        if np.isnan(variance):
            raise ValueError(
                f"CR3 leaves out one cluster at a time, and {fit.gram.names[column]!r} is not "
                "identified without one of them. Use randomization_inference"
            )
    error = math.sqrt(max(variance, 0.0))
    statistic = (beta - null) / error if error > 0 else math.nan
    reach = float(stats.t.ppf((1 + ci_level) / 2, df)) * error
    wording = {"CR1": "CR1, t(G-1)", "CR2": "CR2, Satterthwaite", "CR3": "CR3 jackknife, t(G-1)"}
    return {
        "estimate": beta,
        "std_error": error,
        "statistic": statistic,
        "df": df,
        "p_value": float(2 * stats.t.sf(abs(statistic), df)) if error > 0 else math.nan,
        "ci_low": beta - reach,
        "ci_high": beta + reach,
        "ci_level": ci_level,
        "inference": wording[kind],
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
    chosen = rng.integers(0, len(points), (draws, n_clusters), dtype=np.int8)
    return points[chosen], False


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
        n0=parts[0], n1=parts[1], c00=parts[2], c01=parts[3], c11=parts[4],
        observed=(0.0, d, observed, 0.0, 0.0), exact=exact,
    )  # fmt: skip


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

    Returns one row an outcome. Raises `ValueError` as `gram.build` does, and with fewer than two
    treated clusters, where the test never or always rejects (MacKinnon & Webb 2017).
    """
    _check_level(ci_level)
    if draws < 1:
        raise ValueError(f"draws must be at least 1, not {draws}")
    rows = []
    for group in _same_sample(panel, _listed(outcome)):
        prepared = _prepare(panel, group, treatment, absorb, cluster, covariates, weights)
        _check_treated(prepared, treatment, "the wild cluster bootstrap")
        rng = np.random.default_rng(seed)
        v, exact = bootstrap_weights(prepared.cross.n_clusters, draws, distribution, rng)
        for position, name in enumerate(group):
            fit = Fit(prepared.cross, position)
            test = wild_test(fit, 0, v, exact)
            rows.append(
                prepared.rows(wild_row(fit, 0, test, distribution, null, ci_level))
                | {"outcome": name, "term": treatment, "model": "OLS, absorbed effects"}
            )
    return estimates.table(rows)


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
    how = f"all {2 * n:,} draws" if test.exact else f"{n:,} draws"
    return row | {
        "p_value": test.p_value(null),
        "p_value_min": smallest,
        "ci_low": low,
        "ci_high": high,
        "df": np.nan,
        "inference": f"wild cluster bootstrap, {distribution}, {how}",
    }


# --- Randomization inference -----------------------------------------------------------------


@dataclass(frozen=True)
class Placements:
    """Where treatment could have been: placements x G start positions, -1 for never.

    The first row is what happened. `exact` says that every placement is listed once.
    """

    start: NDArray[np.int8]
    exact: bool
    p_value_min: float


def placements(
    start: NDArray[np.int8], strata: NDArray[np.int64], limit: int, rng: np.random.Generator
) -> Placements:
    """List every way to deal the observed start terms over the clusters of each stratum.

    Sampled, with the observed placement first, when there are more than `limit`.
    """
    groups = [np.flatnonzero(strata == s) for s in np.unique(strata)]
    total = math.prod(_multinomial(start[members]) for members in groups)
    if total <= limit:
        parts = [_distinct_permutations(start[members]) for members in groups]
        rows = np.empty((total, len(start)), dtype=np.int8)
        repeats, tiles = total, 1
        for members, options in zip(groups, parts, strict=True):
            repeats //= len(options)
            index = np.tile(np.repeat(np.arange(len(options)), repeats), tiles)
            rows[:, members] = options[index]
            tiles *= len(options)
        observed = int(np.flatnonzero((rows == start).all(axis=1))[0])
        rows[[0, observed]] = rows[[observed, 0]]
        return Placements(rows, True, smallest_p(start, groups))
    drawn = np.empty((limit, len(start)), dtype=np.int8)
    for members in groups:
        shuffled = np.tile(start[members], (limit, 1))
        drawn[:, members] = rng.permuted(shuffled, axis=1)
    smallest = max(1 / (1 + limit), smallest_p(start, groups))
    return Placements(np.vstack([start[None], drawn]), False, smallest)


def _multinomial(values: NDArray[np.int8]) -> int:
    _, counts = np.unique(values, return_counts=True)
    result = math.factorial(len(values))
    for count in counts:
        result //= math.factorial(int(count))
    return result


def _distinct_permutations(values: NDArray[np.int8]) -> NDArray[np.int8]:
    """List the distinct orders of a few values, most of them equal."""
    n = len(values)
    kinds, counts = np.unique(values, return_counts=True)
    common = int(np.argmax(counts))
    filled = np.full((1, n), kinds[common], dtype=np.int8)
    for position, (kind, count) in enumerate(zip(kinds, counts, strict=True)):
        if position == common:
            continue
        grown = []
        for row in filled:
            free = np.flatnonzero(row == kinds[common])
            chosen = np.array(list(itertools.combinations(free, int(count))))
            block = np.tile(row, (len(chosen), 1))
            np.put_along_axis(block, chosen, kind, axis=1)
            grown.append(block)
        filled = np.vstack(grown)
    return filled


def smallest_p(start: NDArray[np.int8], groups: Sequence[NDArray[Any]]) -> float:
    """Return the smallest attainable p-value, 1 over the number of placements.

    2 over that number where every placement has a mirror image with the same statistic.
    """
    total = math.prod(_multinomial(start[members]) for members in groups)
    one_start = len(np.unique(start[start >= 0])) == 1
    mirrored = one_start and all(2 * (start[m] >= 0).sum() == len(m) for m in groups)
    return min(1.0, (2.0 if mirrored else 1.0) / total)


@dataclass(frozen=True)
class _Randomized:
    """Every placement's coefficient and score, of the outcome and of the observed treatment."""

    beta: Array  # placements x 2: of the outcome, of the observed treatment as outcome
    denominator: Array  # placements
    score_squares: Array  # placements x 3: s0.s0, s0.s1, s1.s1


def _randomize(
    cross: gram.ClusterGram,
    n_starts: int,
    observed: NDArray[np.int8],
    where: Placements,
    outcome: int,
) -> _Randomized:
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
    py_left = p_y - np.einsum("gks,kj->gsj", wp, delta)  # P_g'y~_g
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
        across = np.einsum("nk,gkj->ngj", gamma, wy_left, optimize=True)
        score_y = d_y - across  # d~_g'y~_g
        own = d_d - 2 * np.einsum("nk,ngk->ng", gamma, d_w, optimize=True)
        own += np.einsum("nk,gkl,nl->ng", gamma, ww, gamma, optimize=True)
        size = own.sum(axis=1)
        safe = np.where(size > gram.RANK_TOLERANCE * d_d.sum(axis=1), size, np.nan)
        b = score_y.sum(axis=1) / safe[:, None]
        s = score_y - b[:, None, :] * own[:, :, None]
        beta[rows], denominator[rows] = b, safe
        squares[rows, 0] = (s[:, :, 0] ** 2).sum(axis=1)
        squares[rows, 1] = (s[:, :, 0] * s[:, :, 1]).sum(axis=1)
        squares[rows, 2] = (s[:, :, 1] ** 2).sum(axis=1)
    return _Randomized(beta, denominator, squares)


def _ri_tests(found: _Randomized, exact: bool) -> tuple[QuadraticRatioTest, LinearTest]:
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
        estimate, scale, n0[drop], n1[drop], (c00 / d2)[drop], (c01 / d2)[drop],
        (c11 / d2)[drop], (0.0, 1.0, float(c00[0] / d2[0]), 0.0, 0.0), exact,
    )  # fmt: skip
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
    """
    _check_level(ci_level)
    names = _listed(outcome)
    needed = [first_treated, time, cluster, *absorb, *covariates]
    gram.check_columns(
        panel, [*needed, *([strata] if strata else []), *([weights] if weights else [])]
    )
    period = terms.as_period(panel[time], time)
    start_of_row = terms.as_period(panel[first_treated], first_treated)
    start_of_row = np.where(start_of_row > 0, start_of_row, np.nan)
    rows = []
    for group in _same_sample(panel, names):
        known = gram.estimation_sample(
            panel.assign(_period=period, _start=start_of_row),
            outcomes=group, complete=covariates, required=[cluster, *absorb], weights=weights,
        )  # fmt: skip
        starts = _start_by_cluster(known, first_treated, cluster)
        ever = starts.dropna()
        ever = ever[ever <= known["_period"].max()]
        if ever.empty:
            raise ValueError(f"column {first_treated!r}: no school is treated inside the panel")
        if len(ever) == len(starts):
            raise ValueError(f"column {first_treated!r}: every school is treated, none to compare")
        distinct = np.sort(ever.unique())
        indicators = {f"_from_{i}": (known["_period"] >= s).astype(float)
                      for i, s in enumerate(distinct)}  # fmt: skip
        cross = _ri_gram(known.assign(**indicators), list(indicators), group, absorb, cluster,
                         covariates, weights)  # fmt: skip
        observed = np.array(
            [np.searchsorted(distinct, s) if s <= distinct[-1] else -1
             for s in starts.reindex(cross.clusters).fillna(np.inf)], dtype=np.int8
        )  # fmt: skip
        stratum = _strata_by_cluster(known, strata, cluster, cross.clusters)
        where = placements(observed, stratum, max_placements, np.random.default_rng(seed))
        for position, name in enumerate(group):
            found = _randomize(cross, len(distinct), observed, where, position)
            if np.isnan(found.denominator[0]):
                raise ValueError(
                    f"the treatment from {first_treated!r} has no variation left once the absorbed "
                    "effects and covariates are taken out"
                )
            common = _counts(cross, observed >= 0) | {
                "outcome": name, "term": "treated", "model": "OLS, absorbed effects",
                "estimate": float(found.beta[0, 0]), "ci_level": ci_level,
                "p_value_min": where.p_value_min,
            }  # fmt: skip
            rows += _ri_rows(common, found, where, null, ci_level)
    return estimates.table(rows)


def _ri_rows(
    common: dict[str, Any], found: _Randomized, where: Placements, null: float, ci_level: float
) -> list[dict[str, Any]]:
    studentised, plain = _ri_tests(found, where.exact)
    many = f"all {len(where.start):,} placements" if where.exact else (
        f"{len(where.start) - 1:,} placements drawn")  # fmt: skip
    rows = []
    for test, wording in ((studentised, "studentised"), (plain, "unstudentised")):
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
                "inference": f"randomization, {wording}, {many}",
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


def _ri_gram(
    sample: pd.DataFrame,
    indicators: list[str],
    outcomes: tuple[str, ...],
    absorb: Sequence[str],
    cluster: str,
    covariates: Sequence[str],
    weights: str | None,
) -> gram.ClusterGram:
    """Return cross-products with the start indicators first.

    The indicators are sums of term effects, so they are passed as outcomes (which may be
    collinear with the columns) and moved to the front afterwards.
    """
    both = gram.build(
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
    _check_level(ci_level)
    rows, observed, drawn, labels, exact = [], [], [], None, False
    for group in _same_sample(panel, tuple(outcomes)):
        prepared = _prepare(panel, group, treatment, absorb, cluster, covariates, weights)
        _check_treated(prepared, treatment, "the wild cluster bootstrap")
        if labels is not None and not np.array_equal(labels, prepared.cross.clusters):
            raise ValueError(f"outcomes are known at different clusters of {cluster!r}")
        labels = prepared.cross.clusters
        rng = np.random.default_rng(seed)
        v, exact = bootstrap_weights(len(labels), draws, distribution, rng)
        for position, name in enumerate(group):
            fit = Fit(prepared.cross, position)
            test = wild_test(fit, 0, v, exact)
            own, squares = test.squares(0.0)
            observed.append(math.sqrt(own))
            drawn.append(np.sqrt(squares))
            rows.append(
                prepared.rows(wild_row(fit, 0, test, distribution, 0.0, ci_level))
                | {"outcome": name, "term": treatment, "model": "OLS, absorbed effects"}
            )
    adjusted = romano_wolf(np.array(observed), np.column_stack(drawn), exact=exact)
    for row, p in zip(rows, adjusted, strict=True):
        row["p_value"] = float(p)
        row["inference"] = f"{row['inference']}, Romano-Wolf over {len(rows)} outcomes"
    order = {name: i for i, name in enumerate(outcomes)}
    return estimates.table(sorted(rows, key=lambda row: order[row["outcome"]]))


def romano_wolf(statistics: Array, draws: Array, *, exact: bool = False) -> Array:
    """Return step-down family-wise p-values of m statistics from B x m draws under the null.

    `exact` says that the draws are all there are, the observed one among them.

    Romano & Wolf (2005, 2016): the largest |statistic| is compared with the draws' maximum over
    all hypotheses, the next with the maximum over those left, and p-values never decrease.
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
