"""Tests of a difference between two arms of few schools with unknown, unequal variances.

The problem is Behrens and Fisher's. Each arm brings the estimated variance of its part of the
estimate and the degrees of freedom of that estimate; a method turns them into a p-value, an
interval and the smallest effect it finds. Which method is the primary one, `choice` says by the
size-and-power study.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats
from scipy.stats import qmc

from pilot_analysis.inference.school_terms import SchoolContrast

Array = NDArray[np.float64]

METHODS = ("least_favourable", "welch", "CR2", "CR3", "CR3_welch", "pooled", "ibragimov_mueller")
# Pilot schools' changes vary between half and twice as much (SD) as comparison schools'.
RATIOS = (0.5, 2.0)
POWER = 0.80
_NODES = 48
_GRID = 25
_DRAWS = 2**14


@dataclass(frozen=True)
class Arm:
    """One arm's part of the estimate.

    `variance` is the estimated variance of one school's change, `df` its degrees of freedom (0 when
    a single school shows none), `squares` the sum of squared weights: the arm's part of the
    estimate has variance `variance * squares`. `jackknife` is how much CR3 inflates it.

    Examples:
        >>> Arm.equal(variance=1.44, n=4).part
        0.36

    """

    variance: float
    df: float
    squares: float
    jackknife: float = 1.0

    @property
    def part(self) -> float:
        """The estimated variance of the arm's part of the estimate."""
        return self.variance * self.squares if self.df > 0 else math.nan

    @classmethod
    def equal(cls, variance: float, n: int) -> "Arm":
        """Return the arm of `n` schools that count equally."""
        return cls(variance, n - 1.0, 1 / n, n / (n - 1) if n > 1 else 1.0)


@dataclass(frozen=True)
class TwoArms:
    """Pilot and comparison schools, and the degrees of freedom of their sum were they alike.

    Raises:
        ValueError: `equal`, for an arm without schools.

    Examples:
        >>> two = TwoArms.equal(pilot_sd=1.2, other_sd=0.9, n_pilot=4, n_other=7)
        >>> round(two.pilot.part + two.other.part, 3)
        0.476

    """

    pilot: Arm
    other: Arm
    working_df: float

    @classmethod
    def equal(cls, pilot_sd: float, other_sd: float, n_pilot: int, n_other: int) -> "TwoArms":
        """Return the arms when schools count equally and the SDs of their changes are known.

        Raises `ValueError` for an arm without schools.

        Examples:
            >>> round(TwoArms.equal(1.0, 1.0, 4, 7).working_df, 2)
            6.37

        """
        if min(n_pilot, n_other) < 1:
            raise ValueError("each arm needs at least one school")
        a, b = 1 / n_pilot, 1 / n_other
        below = (a**2 / (n_pilot - 1) if n_pilot > 1 else 0) + (
            b**2 / (n_other - 1) if n_other > 1 else 0
        )
        return cls(
            Arm.equal(pilot_sd**2, n_pilot),
            Arm.equal(other_sd**2, n_other),
            (a + b) ** 2 / below if below else 0.0,
        )


def arms(contrast: SchoolContrast) -> TwoArms:
    """Return both arms' variances, unbiased if all cells vary alike inside an arm.

    Examples:
        >>> from pilot_analysis.inference import school_terms
        >>> import pandas as pd
        >>> rows = pd.DataFrame({"s": [1, 1, 2, 2, 3, 3], "t": [0, 1] * 3, "start": [1, 1] + [None] * 4,
        ...                      "y": [5.0, 3.0, 4.0, 4.5, 6.0, 6.1]})
        >>> terms = school_terms.of(rows, value="y", first_treated="start", time="t", cluster="s")
        >>> round(arms(school_terms.contrast(terms)).other.variance, 6)  # of 0.5 and 0.1
        0.08

    """
    factor = contrast.leverage_factor
    if np.isnan(factor).all():
        empty = Arm(math.nan, 0.0, 1.0)
        return TwoArms(empty, empty, 0.0)
    root = contrast.weight * np.sqrt(np.nan_to_num(factor))
    gram = root[:, None] * (contrast.cells @ contrast.cells.T) * root
    parts = []
    for members in (contrast.treated, ~contrast.treated):
        weight, own = contrast.weight[members], contrast.own[members]
        squares = float((weight**2 * own).sum())
        # A school alone in its arm and stratum shows no deviation: it is as variable as the others.
        seen = float((weight**2 * own)[~np.isnan(factor[members])].sum())
        part = (weight * contrast.deviation[members]) ** 2 * np.nan_to_num(factor[members])
        block = gram[np.ix_(members, members)]
        below = float((block**2).sum())
        df = float(np.trace(block)) ** 2 / below if below > 0 else 0.0
        v = float(part.sum())
        inflated = float((part * np.nan_to_num(factor[members])).sum())
        # The length of an equally weighted change, so that `variance` is that of one number.
        unit = squares / float((weight**2).sum())
        parts.append(
            Arm(
                v / seen * unit if df else math.nan,
                df,
                squares / unit,
                inflated / v if v > 0 else 1.0,
            )
        )
    working = float(np.trace(gram)) ** 2 / float((gram**2).sum())
    return TwoArms(parts[0], parts[1], working)


@dataclass(frozen=True)
class Decision:
    """How far from zero an estimate must be: `reach(level)`, and the p-value of an estimate.

    Examples:
        >>> test = decide(TwoArms.equal(1.2, 0.9, 4, 7), "least_favourable")
        >>> round(test.std_error, 2), round(test.reach(0.95), 2)
        (0.69, 1.84)

    """

    std_error: float
    df: float
    p_value: Callable[[float], float]
    critical: Callable[[float], float]

    def reach(self, level: float) -> float:
        """Return the half-width of the interval."""
        return self.std_error * self.critical(level)


def decide(two: TwoArms, method: str, ratios: tuple[float, float] = RATIOS) -> Decision:
    """Return the test of a method for two arms.

    `ratios` bounds how variable pilot schools' changes are, as multiples of the comparison schools'
    SD; only `least_favourable` uses it, and takes the worst ratio inside. With one school in an arm
    only `least_favourable` says anything.

    Raises:
        ValueError: an unknown `method`, or `ratios` that are not two positive numbers, the smaller
            first.

    Examples:
        >>> two = TwoArms.equal(1.2, 0.9, 4, 7)
        >>> test = decide(two, "welch")
        >>> round(test.df, 3), round(test.p_value(-1.5), 4)
        (4.981, 0.0819)

    """
    if method not in METHODS:
        raise ValueError(f"inference is one of {', '.join(METHODS)}, not {method!r}")
    low, high = ratios
    if not 0 < low <= high < math.inf:
        raise ValueError(f"ratios are two positive numbers, the smaller first, not {ratios}")
    if max(two.pilot.df, two.other.df) <= 0:
        return Decision(math.nan, math.nan, lambda _: 1.0, lambda _: math.inf)
    if method == "least_favourable":
        return _least_favourable(two, ratios)
    if min(two.pilot.df, two.other.df) <= 0:
        return Decision(math.nan, math.nan, lambda _: 1.0, lambda _: math.inf)
    variance, df = _t_test(two, method)
    error = math.sqrt(variance)
    return Decision(
        error,
        df,
        lambda estimate: _two_sided(estimate, error, df),
        lambda level: float(stats.t.ppf((1 + level) / 2, df)),
    )


def _two_sided(estimate: float, error: float, df: float) -> float:
    if error == 0:
        return 1.0 if estimate == 0 else 0.0
    return float(2 * stats.t.sf(abs(estimate) / error, df))


def _t_test(two: TwoArms, method: str) -> tuple[float, float]:
    """Return the variance and degrees of freedom of a method that is a t test."""
    pilot, other = two.pilot, two.other
    if method == "pooled":
        df = pilot.df + other.df
        one = (pilot.df * pilot.variance + other.df * other.variance) / df
        return one * (pilot.squares + other.squares), df
    a, b = pilot.part, other.part
    if method in ("CR3", "CR3_welch"):
        a, b = a * pilot.jackknife, b * other.jackknife
    if method in ("CR2", "CR3"):
        return a + b, two.working_df
    if method == "ibragimov_mueller":
        return a + b, min(pilot.df, other.df)
    below = a**2 / pilot.df + b**2 / other.df
    return a + b, ((a + b) ** 2 / below if below > 0 else two.working_df)


def _least_favourable(two: TwoArms, ratios: tuple[float, float]) -> Decision:
    """Take the worst ratio of variances inside the bounds.

    With one school in an arm only the other arm's variance is known, and the worst ratio is the
    bound that makes the lone school most variable.
    """
    pilot, other = two.pilot, two.other
    if min(pilot.df, other.df) <= 0:
        known, lone, ratio = (
            (other, pilot, ratios[1]) if pilot.df <= 0 else (pilot, other, 1 / ratios[0])
        )
        error = math.sqrt(known.variance * (known.squares + ratio**2 * lone.squares))
        return Decision(
            error,
            known.df,
            lambda estimate: _two_sided(estimate, error, known.df),
            lambda level: float(stats.t.ppf((1 + level) / 2, known.df)),
        )
    error = math.sqrt(pilot.part + other.part)
    shares = tuple(r**2 * pilot.squares / (r**2 * pilot.squares + other.squares) for r in ratios)
    key = (pilot.df, other.df, shares[0], shares[1])

    def p_value(estimate: float) -> float:
        if error == 0:
            return 1.0 if estimate == 0 else 0.0
        return worst_tail(abs(estimate) / error, *key)

    return Decision(error, math.nan, p_value, lambda level: critical_value(1 - level, *key))


@lru_cache(maxsize=4096)
def _quadrature(df_pilot: float, df_other: float) -> tuple[Array, Array]:
    """Return nodes and weights of Beta(df_pilot/2, df_other/2), the pilot's share of chi-squared."""
    # Where both sum to 2 scipy divides by zero for a term that it then leaves out.
    with np.errstate(divide="ignore", invalid="ignore"):
        x, w = special.roots_jacobi(_NODES, df_other / 2 - 1, df_pilot / 2 - 1)
    return (1 + x) / 2, w / w.sum()


@lru_cache(maxsize=16_384)
def worst_tail(
    t: float, df_pilot: float, df_other: float, share_low: float, share_high: float
) -> float:
    """Return the largest P(|T| > t) while the pilot arm makes a share of the variance in a range.

    T is the difference over the square root of the sum of both arms' estimated variances. Given the
    share s it is t distributed with scale: with B ~ Beta(f1/2, f0/2) independent of the sum of
    both chi-squareds, T^2 = F / ((f1+f0)(s B/f1 + (1-s)(1-B)/f0)).

    Examples:
        >>> round(worst_tail(2.361, 3, 6, 7 / 11, 7 / 11), 3)  # equal variances, 4 against 7
        0.05

    """
    nodes, weights = _quadrature(df_pilot, df_other)
    df = df_pilot + df_other
    share = np.linspace(share_low, share_high, _GRID)[:, None]
    scale = df * (share * nodes / df_pilot + (1 - share) * (1 - nodes) / df_other)
    tail = 2 * stats.t.sf(t * np.sqrt(scale), df) @ weights
    return float(min(1.0, tail.max()))


@lru_cache(maxsize=4096)
def critical_value(
    alpha: float, df_pilot: float, df_other: float, share_low: float, share_high: float
) -> float:
    """Return the t that `worst_tail` exceeds with probability `alpha`.

    Examples:
        >>> round(critical_value(0.05, 3, 6, 7 / 11, 7 / 11), 3)  # equal variances, 4 against 7
        2.361

    """
    high = 4.0
    while worst_tail(high, df_pilot, df_other, share_low, share_high) > alpha:
        high *= 2
    return float(
        optimize.brentq(
            lambda t: worst_tail(t, df_pilot, df_other, share_low, share_high) - alpha,
            0,
            high,
            xtol=1e-9,
        )
    )


@lru_cache(maxsize=1)
def _normal_points() -> Array:
    """Return points spread evenly over three dimensions, the same ones always."""
    return np.asarray(qmc.Sobol(3, scramble=True, seed=1).random(_DRAWS))


@lru_cache(maxsize=256)
def _chi_squared(column: int, df: float) -> Array:
    """Return the points of a dimension as chi-squared draws; many rows share their degrees."""
    return np.asarray(2 * special.gammaincinv(df / 2, _normal_points()[:, column]))


@lru_cache(maxsize=1)
def _normal_draws() -> Array:
    return np.asarray(special.ndtri(_normal_points()[:, 0]))


def detectable(
    two: TwoArms,
    method: str,
    *,
    ratios: tuple[float, float] = RATIOS,
    level: float = 0.95,
    power: float = POWER,
) -> float:
    """Return the minimum detectable effect when the arms' variances are the true ones.

    The smallest one that the test rejects zero for with `power`.

    Each arm keeps its own variance. Never below the half-width of the interval those variances
    give: what an interval that wide would have missed was not detectable.

    Raises:
        ValueError: as `decide`.

    Examples:
        >>> two = TwoArms.equal(1.0, 1.0, 4, 7)
        >>> round(detectable(two, "pooled"), 2)
        1.97
        >>> detectable(TwoArms.equal(1.0, 1.0, 2, 3), "least_favourable") > 4
        True

    """
    test = decide(two, method, ratios)
    half = test.reach(level)
    if not math.isfinite(half):
        return math.inf
    if half == 0:
        return 0.0
    reaches = _drawn_reaches(two, method, ratios, level)
    truth = _true_error(two, ratios)
    return max(half, float(np.quantile(reaches - truth * _normal_draws(), power)))


def _true_error(two: TwoArms, ratios: tuple[float, float]) -> float:
    """Return the estimate's standard deviation; a lone school is as variable as its bound says."""
    pilot, other = two.pilot, two.other
    if pilot.df <= 0:
        return math.sqrt(other.variance * (other.squares + ratios[1] ** 2 * pilot.squares))
    if other.df <= 0:
        return math.sqrt(pilot.variance * (pilot.squares + other.squares / ratios[0] ** 2))
    return math.sqrt(pilot.part + other.part)


def _drawn_reaches(two: TwoArms, method: str, ratios: tuple[float, float], level: float) -> Array:
    """Return the half-width of every simulated interval, its variances drawn with their df."""
    half = decide(two, method, ratios).reach(level)
    pilot, other = two.pilot, two.other
    if min(pilot.df, other.df) <= 0:
        known = other if pilot.df <= 0 else pilot
        return half * np.sqrt(_chi_squared(1, known.df) / known.df)
    a = pilot.part * _chi_squared(1, pilot.df) / pilot.df
    b = other.part * _chi_squared(2, other.df) / other.df
    if method == "pooled":
        one = (pilot.df * a / pilot.squares + other.df * b / other.squares) / (pilot.df + other.df)
        a, b = one * pilot.squares, one * other.squares
    if method in ("CR3", "CR3_welch"):
        a, b = a * pilot.jackknife, b * other.jackknife
    if method in ("welch", "CR3_welch"):
        df = (a + b) ** 2 / (a**2 / pilot.df + b**2 / other.df)
        return np.asarray(np.sqrt(a + b) * stats.t.ppf((1 + level) / 2, df))
    return np.asarray(np.sqrt(a + b) * decide(two, method, ratios).critical(level))
