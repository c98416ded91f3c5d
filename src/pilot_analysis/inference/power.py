"""The smallest effect a design could have found, by simulation under the run's own inference.

`detectable` uses this run's schools, sizes, terms and residuals; `plan` asks the same of a pilot
that does not exist yet. Both answer: which constant effect would the test have found in four of
five cases? It is what tells 'no effect found' from 'no effect'.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats

from pilot_analysis import terms
from pilot_analysis.inference import choice, cross_products, few_clusters
from pilot_analysis.inference.least_squares import Fit
from pilot_analysis.inference.placements import placements
from pilot_analysis.inference.randomization import (
    placement_gram,
    randomization_tests,
    randomize,
    start_positions,
)

Array = NDArray[np.float64]

POWER = 0.80
SIMULATIONS = 1_000
# Tests that are inverted draw by draw take fewer simulations.
_FEWER = 300
_BOOTSTRAP_DRAWS = 399
_BISECTIONS = 30
# Methods whose interval is an estimate and a reach, so that no test is inverted.
_CLOSED = ("CR1", "CR2", "CR3")


@dataclass(frozen=True)
class Variances:
    """What a plan needs to know of the outcome, in its own unit.

    `school_term_sd` and `autocorrelation` describe what moves a whole school from term to term,
    `pupil_sd` a pupil's own movement around the school's.
    """

    school_term_sd: float
    autocorrelation: float
    pupil_sd: float


def _term_gram(
    known: pd.DataFrame, outcome: str, treatment: str, absorb: Sequence[str], cluster: str,
    time: str, weights: str | None,
) -> tuple[cross_products.ClusterGram, int]:  # fmt: skip
    """Return cross-products with one indicator a term, and last the outcome, as outcomes."""
    codes, labels = pd.factorize(known[time], sort=True)
    names = [f"_term_{i}" for i in range(len(labels))]
    indicators = pd.DataFrame(np.eye(len(labels))[codes], columns=names, index=known.index)
    wide = pd.concat([known, indicators], axis=1)
    cross = cross_products.build(
        wide, outcomes=[*names, outcome], regressors=[treatment], absorb=absorb,
        cluster=cluster, weights=weights, outcome_products=True,
    )  # fmt: skip
    return cross, len(labels)


def _profiles(cross: cross_products.ClusterGram, n_terms: int) -> Array:
    """Return each school's path over terms that the model leaves unexplained, G x terms.

    The fitted treatment effect and the schools' common path are taken out; what a stay's own level
    cannot show (the path's mean) is zero.
    """
    assert cross.products is not None
    effect = float(Fit(cross, n_terms).coefficients[0])
    paths = np.empty((cross.n_clusters, n_terms))
    for g in range(cross.n_clusters):
        terms_terms = cross.products[g, :n_terms, :n_terms]
        # Within the school the treatment is a sum of term indicators, so its products are too.
        treated = cross.xy[g, 0, :n_terms]
        right = cross.products[g, :n_terms, n_terms] - effect * treated
        paths[g] = np.linalg.pinv(terms_terms, hermitian=True, rcond=1e-9) @ right
        paths[g] -= paths[g].mean()
    paths -= paths.mean(axis=0)
    return paths * math.sqrt(cross.n_clusters / (cross.n_clusters - 1))


def _path_noise(cross: cross_products.ClusterGram, n_terms: int) -> float:
    """Return the variance of a path's cells that pupils' own unit variance makes by itself.

    A path is T'T^-1 T'y within stays, so independent pupils give it the covariance T'T^-1.
    """
    assert cross.products is not None
    own = [
        np.trace(np.linalg.pinv(p[:n_terms, :n_terms], hermitian=True, rcond=1e-9))
        for p in cross.products
    ]
    return float(np.mean(own)) / (n_terms - 1)


def _drawn(paths: Array, n: int, rng: np.random.Generator) -> Array:
    """Give every school the path of a school drawn at random, with a random sign: n x G x terms."""
    g = len(paths)
    return paths[rng.integers(0, g, (n, g))] * rng.choice([-1.0, 1.0], (n, g))[:, :, None]


def _simulated(cross: cross_products.ClusterGram, errors: Array) -> cross_products.ClusterGram:
    """Return the cross-products with simulated outcomes: errors are n x G x terms."""
    n_terms = errors.shape[2]
    xy = np.einsum("gkt,ngt->gkn", cross.xy[:, :, :n_terms], errors, optimize=True)
    return replace(
        cross, outcomes=tuple(f"_{i}" for i in range(len(errors))), xy=xy,
        yy=np.ones((cross.n_clusters, len(errors))), products=None,
    )  # fmt: skip


def _reaches(cross: cross_products.ClusterGram, kind: str, ci_level: float) -> tuple[Array, Array]:
    """Return every simulated outcome's estimate and half interval under CR2 or CR3."""
    fit = Fit(cross)
    total = cross.xy.sum(axis=0)
    beta = fit.bread @ total  # k x n
    scores = cross.xy - np.einsum("gkl,ln->gkn", cross.xx, beta, optimize=True)
    if kind == "CR2":
        adjusted, df = fit.cr2_adjustment(0)
        variance = (np.einsum("gk,gkn->gn", adjusted, scores, optimize=True) ** 2).sum(axis=0)
    else:
        g, df = cross.n_clusters, cross.n_clusters - 1.0
        a = cross.xx.sum(axis=0)
        left = np.stack(
            [np.linalg.pinv(a - cross.xx[i], hermitian=True)[0] @ (total - cross.xy[i])
             for i in range(g)]
        )  # fmt: skip
        variance = (g - 1) / g * ((left - beta[0]) ** 2).sum(axis=0)
    return beta[0], float(stats.t.ppf((1 + ci_level) / 2, df)) * np.sqrt(variance)


def _smallest(tests: Sequence[Any], alpha: float, start: float, power: float) -> float:
    """Bisect the smallest effect found with the wanted power; infinite when none is."""

    def share(effect: float) -> float:
        # Adding an effect to the outcome is testing the null value minus that effect.
        return float(np.mean([t.p_value(-effect) <= alpha for t in tests]))

    high = start
    for _ in range(12):
        if share(high) >= power:
            break
        high *= 2
    else:
        return math.inf
    low = 0.0
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        low, high = (low, middle) if share(middle) >= power else (middle, high)
        if high - low < 1e-3 * high:
            break
    return high


def detectable(
    panel: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    absorb: Sequence[str],
    time: str,
    cluster: str,
    weights: str | None = None,
    inference: str = "auto",
    ci_level: float = 0.95,
    power: float = POWER,
    simulations: int = SIMULATIONS,
    seed: int,
) -> float:
    """Return the smallest constant effect found with `power`, in the outcome's own unit.

    Every school keeps its size, terms and treatment; its errors are the residual path of a school
    drawn at random with a random sign, so variances and autocorrelation are this run's own. The
    test is the run's own too; where its smallest p-value exceeds 1 - `ci_level`, no effect however
    large could be found and the answer is infinite. Raises `ValueError` as `cross_products.build`.
    """
    known = cross_products.estimation_sample(
        cross_products.narrowed(panel, outcome, treatment, time, cluster, absorb, weights),
        outcomes=[outcome], complete=[treatment], required=[time, cluster, *absorb],
        weights=weights,
    )  # fmt: skip
    design = choice.Design.of(known, treatment, time, cluster)
    if design.bounds_nothing(ci_level):
        return math.inf
    method = design.method(inference)
    cross, n_terms = _term_gram(known, outcome, treatment, absorb, cluster, time, weights)
    rng = np.random.default_rng([seed, 1])
    paths = _profiles(cross, n_terms)
    sample = _Sample(known, absorb, cluster, time, weights)
    errors = _drawn(paths, _simulations(method, simulations), rng)
    return _found(sample, cross, errors, design, method, ci_level, power, rng,
                  start=4 * float(np.std(paths)) + 1e-12)  # fmt: skip


@dataclass(frozen=True)
class _Sample:
    """The rows of a design and the columns that matter in them."""

    rows: pd.DataFrame
    absorb: Sequence[str]
    cluster: str
    time: str
    weights: str | None = None


def _simulations(method: str, wanted: int) -> int:
    return wanted if method in _CLOSED else min(wanted, _FEWER)


def _found(
    sample: _Sample, cross: cross_products.ClusterGram, errors: Array, design: choice.Design, method: str,
    ci_level: float, power: float, rng: np.random.Generator, *, start: float,
) -> float:  # fmt: skip
    """Return the smallest effect that `method` finds among simulated errors (n x G x terms)."""
    if method in _CLOSED:
        kind = "CR3" if method == "CR3" else "CR2"
        beta, reach = _reaches(_simulated(cross, errors), kind, ci_level)
        return float(np.quantile(reach - beta, power))
    if method == "wild_bootstrap":
        drawn = _simulated(cross, errors)
        v, exact = few_clusters.bootstrap_weights(
            cross.n_clusters, _BOOTSTRAP_DRAWS, "rademacher", rng
        )
        fits = [Fit(drawn, i) for i in range(len(errors))]
        tests: list[Any] = [few_clusters.wild_test(fit, 0, v, exact) for fit in fits]
    else:
        tests = _placed(sample, design, errors, rng)
    return _smallest(tests, 1 - ci_level + 1e-12, start, power)


def _placed(
    sample: _Sample, design: choice.Design, errors: Array, rng: np.random.Generator
) -> list[Any]:
    """Return the studentised randomization test of every simulated outcome."""
    period = terms.as_period(sample.rows[sample.time], sample.time)
    distinct = np.sort(design.starts.dropna().unique())
    codes, labels = pd.factorize(sample.rows[sample.time], sort=True)
    columns = {f"_from_{i}": (period >= s).astype(float) for i, s in enumerate(distinct)}
    columns |= {f"_term_{t}": (codes == t).astype(float) for t in range(len(labels))}
    indicators = [c for c in columns if c.startswith("_from")]
    term_names = tuple(c for c in columns if c.startswith("_term"))
    cross = placement_gram(
        sample.rows.assign(**columns), indicators, term_names, sample.absorb, sample.cluster, (),
        sample.weights,
    )  # fmt: skip
    observed = start_positions(design.starts.reindex(cross.clusters), distinct)
    where = placements(observed, np.zeros(len(observed), dtype=np.int64), 2_000, rng)
    drawn = _simulated(cross, errors)
    return [
        randomization_tests(randomize(drawn, len(distinct), observed, where, i), where.exact)[0]
        for i in range(len(errors))
    ]


@dataclass(frozen=True)
class _Moments:
    """Second moments of a panel: of schools' residual paths, and of pupils around them."""

    paths: Array
    total: float  # variance of the paths' cells
    noise: float  # the part of it that pupils' own movements make
    pupil: float  # variance of a pupil's own movements


def _moments(
    panel: pd.DataFrame, outcome: str, treatment: str, unit: str, time: str, cluster: str
) -> _Moments:
    known = panel[panel[outcome].notna()]
    cross, n_terms = _term_gram(known, outcome, treatment, (unit, time), cluster, time, None)
    paths = _profiles(cross, n_terms)
    within = known[outcome] - known.groupby(unit)[outcome].transform("mean")
    within = within - within.groupby([known[cluster], known[time]]).transform("mean")
    size = known.groupby(unit)[outcome].transform("size")
    twice = size > 1
    pupil = float((within[twice] ** 2).sum() / (1 - 1 / size[twice]).sum())
    total = float((paths**2).sum() / (len(paths) * (n_terms - 1)))
    return _Moments(paths, total, pupil * _path_noise(cross, n_terms), pupil)


def excess_variation(
    panel: pd.DataFrame, *, outcome: str, treatment: str, unit: str, time: str, cluster: str
) -> tuple[float, float]:
    """Test whether schools move beyond what their pupils' own movements make of them.

    Returns (ratio of the paths' variance to the pupils' part, p-value of a chi-squared test with
    (schools - 1)(terms - 1) degrees of freedom). Where the ratio is large, pupil-level standard
    errors are far too small.
    """
    found = _moments(panel, outcome, treatment, unit, time, cluster)
    n_schools, n_terms = found.paths.shape
    df = (n_schools - 1) * (n_terms - 1)
    ratio = found.total / found.noise
    return ratio, float(stats.chi2.sf(df * ratio, df))


def variances(
    panel: pd.DataFrame, *, outcome: str, treatment: str, unit: str, time: str, cluster: str
) -> Variances:
    """Estimate from a panel what `plan` needs, in the outcome's own unit.

    Moments of the schools' residual paths: their variance less the pupils' part, and their first
    autocorrelation.
    """
    found = _moments(panel, outcome, treatment, unit, time, cluster)
    paths, n_terms = found.paths, found.paths.shape[1]
    lagged = (
        float((paths[:, 1:] * paths[:, :-1]).sum() / (paths**2).sum()) * n_terms / (n_terms - 1)
    )
    # Demeaning a short path lowers its autocorrelation by about 1/(terms - 1).
    rho = float(np.clip(lagged + 1 / (n_terms - 1), -0.9, 0.9))
    spread = math.sqrt(max(found.total - found.noise, 0.0))
    return Variances(spread, rho, math.sqrt(found.pupil))


def plan(
    *,
    treated: int,
    schools: int,
    pupils: int,
    terms_before: int,
    terms_after: int,
    spread: Variances,
    inference: str = "auto",
    ci_level: float = 0.95,
    power: float = POWER,
    simulations: int = SIMULATIONS,
    seed: int = 0,
) -> dict[str, Any]:
    """Return the smallest effect a planned pilot would find, with the design and its inference.

    Equal schools with one start; school x term errors are autocorrelated normal draws plus the
    pupils' own part. Raises `ValueError` for a design without comparison or without a term before.
    """
    if not 1 <= treated < schools:
        raise ValueError(f"treated schools must be 1 to {schools - 1}, not {treated}")
    if terms_before < 1 or terms_after < 1 or pupils < 1:
        raise ValueError("a design needs pupils, and at least one term before and one after")
    n_terms = terms_before + terms_after
    cells = pd.DataFrame(
        [(g, t) for g in range(schools) for t in range(n_terms)], columns=["school", "time"]
    )
    cells["treated"] = ((cells["school"] < treated) & (cells["time"] >= terms_before)).astype(float)
    design = choice.Design.of(cells, "treated", "time", "school")
    method = design.method(inference)
    result = {
        "treated": treated, "schools": schools, "pupils": pupils, "terms_before": terms_before,
        "terms_after": terms_after, "inference": method, "smallest_p": design.smallest_p,
    }  # fmt: skip
    if design.bounds_nothing(ci_level):
        return result | {"detectable": math.inf}
    # The same draws whatever the number of pupils, so that designs are compared, not draws.
    rng = np.random.default_rng([seed, treated, schools, n_terms])
    shape = (_simulations(method, simulations), schools, n_terms)
    errors = _planned_errors(spread, pupils, shape, rng)
    # Any variation makes the cross-products; the simulated outcomes replace it.
    cells["_y"] = rng.standard_normal(len(cells))
    sample = _Sample(cells, ("school", "time"), "school", "time")
    cross, _ = _term_gram(cells, "_y", "treated", sample.absorb, "school", "time", None)
    smallest = _found(sample, cross, errors, design, method, ci_level, power, rng,
                      start=4 * float(errors.std()))  # fmt: skip
    return result | {"detectable": smallest}


def _planned_errors(
    spread: Variances, pupils: int, shape: tuple[int, int, int], rng: np.random.Generator
) -> Array:
    noise = rng.standard_normal(shape)
    series = np.empty(shape)
    series[:, :, 0] = noise[:, :, 0]
    rho = spread.autocorrelation
    for t in range(1, shape[2]):
        series[:, :, t] = rho * series[:, :, t - 1] + math.sqrt(1 - rho**2) * noise[:, :, t]
    own = spread.pupil_sd / math.sqrt(pupils) * rng.standard_normal(shape)
    return spread.school_term_sd * series + own
