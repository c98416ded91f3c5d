"""What a planned pilot would find, and how much schools and pupils vary.

`plan` asks which constant effect the primary test would find in four of five pilots of a design:
the same `two_sample.detectable` that a run's own rows use, so that plan and run agree. `variances`
estimates what it needs from a panel.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import optimize, stats

from pilot_analysis.inference import choice, cross_products, two_sample
from pilot_analysis.inference.least_squares import Fit
from pilot_analysis.inference.school_terms import Window

Array = NDArray[np.float64]

POWER = two_sample.POWER


@dataclass(frozen=True)
class Variances:
    """What a plan needs to know of the outcome, in its own unit.

    `school_term_sd` and `autocorrelation` describe what moves a whole school from term to term,
    `pupil_sd` a pupil's own movement around the school's.

    Examples:
        >>> periods = np.arange(7.0)
        >>> before, after = periods < 4, periods >= 4
        >>> change = after / after.sum() - before / before.sum()
        >>> round(Variances(1.25, 0.4, 6.0).change_sd(change, periods, pupils=340), 2)
        1.16

    """

    school_term_sd: float
    autocorrelation: float
    pupil_sd: float

    def change_sd(self, weights: Array, periods: Array, pupils: float) -> float:
        """Return the standard deviation of a school's weighted sum over terms.

        Examples:
            >>> periods = np.arange(2.0)
            >>> round(Variances(1.0, 0.0, 0.0).change_sd(np.array([-1.0, 1.0]), periods, 1), 6)
            1.414214

        """
        correlation = self.autocorrelation ** np.abs(periods[:, None] - periods)
        school = self.school_term_sd**2 * float(weights @ correlation @ weights)
        return math.sqrt(school + self.pupil_sd**2 / pupils * float(weights @ weights))


# Absence in Swedish schools, in percentage points: what `pilot power` assumes unless given others.
ASSUMED = Variances(1.25, 0.4, 6.0)


def _term_gram(
    sample: pd.DataFrame,
    outcome: str,
    treatment: str,
    absorb: Sequence[str],
    cluster: str,
    time: str,
    weights: str | None,
) -> tuple[cross_products.ClusterGram, int]:
    """Return cross-products with one indicator a term, and last the outcome, as outcomes."""
    codes, labels = pd.factorize(sample[time], sort=True)
    names = [f"_term_{i}" for i in range(len(labels))]
    indicators = pd.DataFrame(np.eye(len(labels))[codes], columns=names, index=sample.index)
    wide = pd.concat([sample, indicators], axis=1)
    cross = cross_products.build(
        wide,
        outcomes=[*names, outcome],
        regressors=[treatment],
        absorb=absorb,
        cluster=cluster,
        weights=weights,
        outcome_products=True,
    )
    return cross, len(labels)


def _profiles(cross: cross_products.ClusterGram, n_terms: int) -> tuple[Array, int]:
    """Return each school's path over terms that the model leaves unexplained, and their df.

    The fitted treatment effect and each arm's common path are taken out; what a stay's own level
    cannot show (the path's mean) is zero. Of G paths G less one per arm are free.
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
    ever = np.abs(cross.xy[:, 0, :n_terms]).max(axis=1) > 0
    for arm in (ever, ~ever):
        if arm.any():
            paths[arm] -= paths[arm].mean(axis=0)
    return paths, cross.n_clusters - len(np.unique(ever))


@dataclass(frozen=True)
class _Moments:
    """Second moments of a panel: of schools' residual paths, and of pupils around them.

    `covariance` is that of the paths, `noise` the part that pupils' own movements make.
    """

    covariance: Array
    df: int
    noise: Array
    pupil: float


def _moments(
    panel: pd.DataFrame, outcome: str, treatment: str, unit: str, time: str, cluster: str
) -> _Moments:
    sample = panel[panel[outcome].notna()]
    cross, n_terms = _term_gram(sample, outcome, treatment, (unit, time), cluster, time, None)
    paths, df = _profiles(cross, n_terms)
    within = sample[outcome] - sample.groupby(unit)[outcome].transform("mean")
    within = within - within.groupby([sample[cluster], sample[time]]).transform("mean")
    size = sample.groupby(unit)[outcome].transform("size")
    twice = size > 1
    pupil = float((within[twice] ** 2).sum() / (1 - 1 / size[twice]).sum())
    assert cross.products is not None
    # A path is T'T^-1 T'y within stays, so independent pupils give it the covariance T'T^-1.
    own = [
        np.linalg.pinv(p[:n_terms, :n_terms], hermitian=True, rcond=1e-9) for p in cross.products
    ]
    return _Moments(paths.T @ paths / df, df, pupil * np.mean(own, axis=0), pupil)


def excess_variation(
    panel: pd.DataFrame, *, outcome: str, treatment: str, unit: str, time: str, cluster: str
) -> tuple[float, float]:
    """Test whether schools move beyond what their pupils' own movements make of them.

    Returns (ratio of the paths' variance to the pupils' part, p-value of a chi-squared test with
    (schools - arms)(terms - 1) degrees of freedom). Where the ratio is large, pupil-level standard
    errors are far too small.

    Raises:
        NotEstimable: as `build`.
        ValueError: as `build`.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> columns = {"outcome": "y", "treatment": "treated", "unit": "pupil", "time": "term", "cluster": "school"}
        >>> ratio, p_value = excess_variation(few_schools(), **columns)
        >>> round(ratio, 1), bool(p_value < 0.001)
        (5.8, True)

    """
    moments = _moments(panel, outcome, treatment, unit, time, cluster)
    df = moments.df * (len(moments.noise) - 1)
    ratio = float(np.trace(moments.covariance) / np.trace(moments.noise))
    return ratio, float(stats.chi2.sf(df * ratio, df))


def variances(
    panel: pd.DataFrame, *, outcome: str, treatment: str, unit: str, time: str, cluster: str
) -> Variances:
    """Estimate from a panel what `plan` needs, in the outcome's own unit.

    Restricted maximum likelihood on the schools' residual paths: normal, an autoregression of
    order one plus the pupils' own part, of which a path shows only what varies around its mean.

    Raises:
        NotEstimable: as `build`.
        ValueError: as `build`.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> columns = {"outcome": "y", "treatment": "treated", "unit": "pupil", "time": "term", "cluster": "school"}
        >>> spread = variances(few_schools(), **columns)
        >>> round(spread.school_term_sd, 2), round(spread.pupil_sd, 2)  # 0.7 and 1 in truth
        (0.62, 0.97)

    """
    moments = _moments(panel, outcome, treatment, unit, time, cluster)
    n_terms = len(moments.noise)
    # The directions a path can vary in: all but its mean.
    basis = np.linalg.svd(np.eye(n_terms) - 1 / n_terms)[0][:, : n_terms - 1]
    observed = basis.T @ moments.covariance @ basis
    noise = basis.T @ moments.noise @ basis
    lag = np.abs(np.subtract.outer(np.arange(n_terms), np.arange(n_terms)))

    def deviance(values: Array) -> float:
        correlation = math.tanh(values[1]) ** lag.astype(float)
        model = math.exp(values[0]) * (basis.T @ correlation @ basis) + noise
        return float(np.linalg.slogdet(model)[1] + np.trace(np.linalg.solve(model, observed)))

    spread = max(float(np.trace(observed - noise)) / (n_terms - 1), 1e-3 * float(np.trace(noise)))
    best = optimize.minimize(
        deviance,
        np.array([math.log(spread), 0.3]),
        method="L-BFGS-B",
        bounds=[(math.log(spread) - 12, math.log(spread) + 4), (-1.5, 1.5)],
    )
    return Variances(math.exp(best.x[0] / 2), math.tanh(best.x[1]), math.sqrt(moments.pupil))


def _arm_sds(
    starts: Sequence[int],
    periods: Array,
    spread: Variances,
    pupils: float,
    working_autocorrelation: float,
) -> tuple[float, float]:
    """Return the standard deviations of treated and of comparison schools' parts of the estimate.

    A treated school's is of its own change; a comparison school's of its change over the terms of
    each treated school, on average.
    """
    window = Window(autocorrelation=working_autocorrelation)
    found = [window.contrast(periods, periods < start, periods >= start) for start in starts]
    weights = np.array([own for own in found if own is not None])
    own = [spread.change_sd(row, periods, pupils) for row in weights]
    return math.sqrt(np.mean(np.square(own))), spread.change_sd(
        weights.mean(axis=0), periods, pupils
    )


def plan(
    *,
    treated: int,
    schools: int,
    pupils: int,
    terms_before: int,
    terms_after: int,
    spread: Variances,
    starts: Sequence[int] = (),
    inference: str = "auto",
    working_autocorrelation: float = 0.0,
    ratios: tuple[float, float] = two_sample.RATIOS,
    ci_level: float = 0.95,
    power: float = POWER,
) -> dict[str, Any]:
    """Return the minimum detectable effect of a planned pilot, with the design and its inference.

    Equal schools, each seen in every term, one number per school. `starts` are the terms before each
    treated school's own start, where these differ: every one is compared over its own start with the
    comparison schools' mean over the same terms. `inference` is `auto` or one of `two_sample.METHODS`.

    Raises:
        ValueError: a design without a treated or a comparison school, without pupils, or without a
            term on either side of a start; starts of another number of schools; and as `decide`.

    Examples:
        >>> design = plan(treated=4, schools=11, pupils=340, terms_before=4, terms_after=3,
        ...              spread=Variances(1.25, 0.4, 6.0))
        >>> design["inference"], round(design["detectable"], 1)
        ('least_favourable', 2.6)
        >>> design = plan(treated=4, schools=11, pupils=340, terms_before=4, terms_after=3,
        ...              starts=[4, 4, 6, 6], spread=Variances(1.25, 0.4, 6.0))
        >>> round(design["detectable"], 1)
        2.7

    """
    if not 1 <= treated < schools:
        raise ValueError(f"treated schools must be 1 to {schools - 1}, not {treated}")
    if terms_before < 1 or terms_after < 1 or pupils < 1:
        raise ValueError("a design needs pupils, and at least one term before and one after")
    starts = list(starts) or [terms_before] * treated
    if len(starts) != treated:
        raise ValueError(f"starts are of {len(starts)} schools, not of the {treated} treated")
    if not all(1 <= start < terms_before + terms_after for start in starts):
        raise ValueError("a treated school needs at least one term before its start and one after")
    method = choice.choose_school_level(treated, schools) if inference == "auto" else inference
    periods = np.arange(float(terms_before + terms_after))
    smallest = choice.smallest_p_value([float(start) for start in starts], schools)
    detectable = two_sample.detectable(
        two_sample.TwoArms.equal(
            *_arm_sds(starts, periods, spread, pupils, working_autocorrelation),
            treated,
            schools - treated,
        ),
        method,
        ratios=ratios,
        level=ci_level,
        power=power,
    )
    if method != "least_favourable" and smallest > 1 - ci_level + 1e-12:
        detectable = math.inf
    return {
        "treated": treated,
        "schools": schools,
        "pupils": pupils,
        "terms_before": terms_before,
        "terms_after": terms_after,
        "inference": method,
        "smallest_p": smallest,
        "detectable": detectable,
    }
