"""Intervals for an effect where groups may drift apart M times as fast as they did before.

Trends need not be parallel: from one term to the next after the start the groups may drift apart by
at most M times the largest such change before it (Rambachan & Roth 2023, section 2.4.2). That
largest change is estimated too, so to add M times its estimate to the usual interval claims too
much. This is their interval: the conditional test with a least favourable first stage (section 3;
Andrews, Roth & Pakes 2023), inverted.

Two random numbers carry it all: the effect L, a weighted mean of the estimates after the start, and
one earlier change V. Taking the drift after the start out of its inequalities leaves three kinds,
the extreme points of the linear program that HonestDiD solves, here in closed form, with C the
change in L by one unit of drift a term:

    L - effect <= M C V,    effect - L <= M C V,    0 <= V.

The interval is the union over the earlier changes, and signs, that could be the largest.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special, stats

from pilot_analysis.errors import NotEstimable
from pilot_analysis.inference import event_times, two_sample
from pilot_analysis.inference.samples import check_level
from pilot_analysis.inference.school_terms import SchoolTerms, contrast

Array = NDArray[np.float64]

# The part of the error probability that the first stage may use, as in HonestDiD.
_FIRST_STAGE = 0.1
_LARGEST, _FINEST = 5.0, 0.01
_GRID = 301
# Of the largest variance: added to all, so that what is known for certain divides nothing by zero.
_CERTAIN = 1e-9
_NODES, _NODE_WEIGHTS = np.polynomial.legendre.leggauss(120)


@dataclass(frozen=True, eq=False)
class EventStudy:
    """Estimates by event time against the one at -1, and what their mean effect may hide.

    Args:
        times: event times, ascending, without -1; at least one before and one after it.
        estimates: one a time, in the outcome's unit.
        covariance: times x times.
        weights: of the times from 0 on, in the effect asked for; their plain mean where None.

    Raises:
        NotEstimable: no time before -1 (`missing_baseline`).
        ValueError: shapes that do not fit, times out of order, or none after the start.

    Examples:
        >>> study = EventStudy([-3, -2, 0, 1], np.array([0.1, 0.3, -2.0, -3.0]), 0.04 * np.eye(4))
        >>> [study.interval(bound).round(2).tolist() for bound in (0.0, 1.0)]
        [[-2.78, -2.22], [-3.54, -1.46]]
        >>> study.breakdown()
        2.47

    """

    times: list[int]
    estimates: Array
    covariance: Array
    weights: Array | None = None

    def __post_init__(self) -> None:
        n, after = len(self.times), sum(t >= 0 for t in self.times)
        if np.shape(self.estimates) != (n,) or np.shape(self.covariance) != (n, n):
            raise ValueError(f"estimates and covariance must fit the {n} times")
        if self.times != sorted({*self.times} - {-1}) or not after:
            raise ValueError("times must ascend without the reference -1, and go beyond the start")
        if self.weights is not None and np.shape(self.weights) != (after,):
            raise ValueError(f"weights must fit the {after} times from 0 on")
        if after == n:
            raise NotEstimable(
                "missing_baseline", "no term before the baseline to measure a drift by"
            )

    @cached_property
    def _steps(self) -> tuple[Array, Array]:
        """The changes a term from each time to the next, as rows over the estimates; their lengths."""
        known = sorted([*self.times, -1])
        level = np.zeros((len(known), len(self.times)))
        level[[known.index(t) for t in self.times], range(len(self.times))] = 1.0
        lengths = np.diff(known).astype(float)
        return np.diff(level, axis=0) / lengths[:, None], lengths

    @cached_property
    def after(self) -> Array:
        """The weights of the times from 0 on in the effect."""
        n = sum(t >= 0 for t in self.times)
        return np.full(n, 1 / n) if self.weights is None else np.asarray(self.weights, float)

    @cached_property
    def _effect(self) -> Array:
        return np.concatenate([np.zeros(len(self.times) - len(self.after)), self.after])

    @property
    def effect(self) -> float:
        """The effect asked for, in the outcome's unit."""
        return float(self._effect @ self.estimates)

    @property
    def std_error(self) -> float:
        """Its standard error."""
        return float(np.sqrt(self._effect @ self.covariance @ self._effect))

    def for_normal(self, ci_level: float, df: float) -> "EventStudy":
        """Return the study with standard errors wider by t's critical value over the normal one.

        Methods that know the covariance can then be used where few schools estimate it.

        Examples:
            >>> study = EventStudy([-2, 0], np.array([0.5, 3.0]), np.diag([0.04, 0.09]))
            >>> round(study.for_normal(0.95, 6).std_error, 3)
            0.375

        """
        tail = (1 + ci_level) / 2
        wider = float(stats.t.ppf(tail, df) / special.ndtri(tail))
        return replace(self, covariance=self.covariance * wider**2)

    def interval(self, bound: float, ci_level: float = 0.95, df: float = math.inf) -> Array:
        """Return the ends of the interval where drift is at most `bound` times earlier changes.

        With few schools the covariance is estimated as well: `df` are those of `for_normal`. With a
        bound of 0 the interval is t's.

        Raises:
            ValueError: a negative `bound`, `df` that are not above 0, or a `ci_level` that is no
                share.

        Examples:
            >>> study = EventStudy([-2, 0], np.array([0.5, 3.0]), np.diag([0.04, 0.09]))
            >>> study.interval(1.0, df=6).round(2).tolist()
            [1.75, 4.25]

        """
        lows, highs = zip(*self._ends(bound, ci_level, df), strict=True)
        return np.array([min(lows), max(highs)])

    def includes(
        self, effect: float, bound: float, ci_level: float = 0.95, df: float = math.inf
    ) -> bool:
        """Say whether the interval holds an effect, without all of the interval where it does.

        Raises:
            ValueError: as `interval`.

        Examples:
            >>> EventStudy([-2, 0], np.array([0.5, 3.0]), np.diag([0.04, 0.09])).includes(0.0, 1.0)
            False

        """
        above = below = False
        for low, high in self._ends(bound, ci_level, df):
            above, below = above or effect >= low, below or effect <= high
            if above and below:
                return True
        return False

    def _ends(self, bound: float, ci_level: float, df: float) -> Iterator[tuple[float, float]]:
        """Yield the intervals whose union is asked for, the one of the largest change first."""
        check_level(ci_level)
        if not (bound >= 0 and df > 0):
            raise ValueError(f"bound {bound} must be at least 0, and df {df} above 0")
        wider = self.for_normal(ci_level, df)
        if bound == 0:
            half = float(special.ndtri((1 + ci_level) / 2) * wider.std_error)
            yield self.effect - half, self.effect + half
            return
        least = _CERTAIN * max(wider.covariance.max(), _CERTAIN)
        wider = replace(wider, covariance=wider.covariance + least * np.eye(len(self.times)))
        changes = self._steps[0][: -len(self.after)]
        for change in sorted([*changes, *-changes], key=lambda c: -float(c @ self.estimates)):
            yield _Test(wider, change, bound, 1 - ci_level).ends()

    def breakdown(self, ci_level: float = 0.95, df: float = math.inf) -> float:
        """Return the largest bound whose interval excludes zero, to .01; 0 where none does, at most 5.

        Raises:
            ValueError: as `interval`.

        Examples:
            >>> EventStudy([-2, 0], np.array([0.5, 0.3]), np.diag([0.04, 0.09])).breakdown()
            0.0

        """

        def excludes(bound: float) -> bool:
            return not self.includes(0.0, bound, ci_level, df)

        if not excludes(0.0):
            return 0.0
        if excludes(_LARGEST):
            return _LARGEST
        low, high = 0.0, _LARGEST
        while high - low > _FINEST:
            middle = (low + high) / 2
            low, high = (middle, high) if excludes(middle) else (low, middle)
        return round(low, 2)


def of(terms: SchoolTerms, ci_level: float, scale: float = 1.0) -> tuple[EventStudy, float]:
    """Return the mean effect by event time, times `scale`, and the degrees of freedom to test it with.

    Their t has the least favourable critical value of the primary contrast. Times before the start
    at which an arm has one school alone are left out.

    Raises:
        NotEstimable: as `event_times.of`, no time before -1 (`missing_baseline`), and one school
            alone in an arm at a time after the start (`few_clusters`).

    Examples:
        >>> import pandas as pd
        >>> rows = pd.DataFrame({"s": list("aaabbbcccddd"), "t": [0, 1, 2] * 4,
        ...                      "start": [2.0] * 6 + [None] * 6,
        ...                      "y": [5.0, 5.0, 3.0, 4.0, 4.1, 3.0, 4.0, 4.0, 4.5, 6.0, 6.2, 6.3]})
        >>> from pilot_analysis.inference import school_terms
        >>> means = school_terms.of(rows, value="y", first_treated="start", time="t", cluster="s")
        >>> round(of(means, 0.95)[0].effect, 3)
        -1.85

    """
    found = event_times.of(terms)
    known = np.asarray(~np.isnan(found.parts).any(axis=1))
    times = np.array(found.times)
    if not np.all(known[times >= 0]):
        raise NotEstimable(
            "few_clusters", "one school alone at a time after the start: its variance is not known"
        )
    after = found.weights[times >= 0]
    df = event_times.matching_df(two_sample.arms(contrast(terms)), ci_level)
    study = EventStudy(
        times[known].tolist(),
        scale * found.estimates[known],
        scale**2 * found.covariance[np.ix_(known, known)],
        after / after.sum(),
    )
    return study, df


class _Test:
    """The test of an effect where one earlier change, with its sign, is taken for the largest.

    `moments` are the inequalities' left sides over (L, V), each in the sum of the standard errors
    of the rows it came from; an effect moves the first down and the second up by `1 / unit`.
    """

    def __init__(self, study: EventStudy, change: Array, bound: float, alpha: float) -> None:
        steps, lengths = study._steps
        later = steps[-len(study.after) :]
        reach = study.after[::-1].cumsum()[::-1] * lengths[-len(study.after) :]

        def error(rows: Array) -> Array:
            return np.sqrt(np.einsum("ij,jk,ik->i", rows, study.covariance, rows))

        up, down = error(later - bound * change), error(-later - bound * change)
        rising = reach >= 0
        self.unit = np.array(
            [
                np.abs(reach) @ np.where(rising, up, down),
                np.abs(reach) @ np.where(rising, down, up),
            ]
        )
        self.drift = bound * float(np.abs(reach).sum())
        self.seen = np.array([study.effect, change @ study.estimates])
        pair = np.vstack([study._effect, change])
        self.spread = pair @ study.covariance @ pair.T
        self.moments = np.vstack(
            [
                np.array([1.0, -self.drift]) / self.unit[0],
                np.array([-1.0, -self.drift]) / self.unit[1],
                *([0.0, -2 * bound / both] for both in up + down),
            ]
        )
        covariances = self.moments @ self.spread @ self.moments.T
        self.sd = np.sqrt(np.diag(covariances))
        # How each moment moves with another, by columns.
        self.slopes = covariances / np.diag(covariances)
        self.largest = self._first_stage(_FIRST_STAGE * alpha)
        self.alpha = alpha * (1 - _FIRST_STAGE) / (1 - _FIRST_STAGE * alpha)

    def _first_stage(self, alpha: float) -> float:
        """Return what the largest moment exceeds with probability `alpha` where all have mean 0."""
        sd = math.sqrt(self.spread[1, 1])
        slope = self.spread[0, 1] / self.spread[1, 1]
        rest = math.sqrt(max(self.spread[0, 0] - slope * self.spread[0, 1], 1e-12 * sd**2))
        steepest = -self.moments[2:, 1].min()

        def exceeded(limit: float) -> float:
            lowest = max(-limit / steepest / sd, -9.0)
            at = lowest + (_NODES + 1) / 2 * (9.0 - lowest)
            change = at * sd
            inside = special.ndtr(
                (limit * self.unit[0] + (self.drift - slope) * change) / rest
            ) - special.ndtr(-(limit * self.unit[1] + (self.drift + slope) * change) / rest)
            density = np.exp(-(at**2) / 2) / math.sqrt(2 * math.pi)
            within = (9.0 - lowest) / 2 * _NODE_WEIGHTS @ (density * np.maximum(inside, 0))
            return float(1 - within - alpha)

        return float(optimize.brentq(exceeded, 0.0, 20.0, xtol=1e-10))

    def rejected(self, effects: Array) -> NDArray[np.bool_]:
        """Say of each effect whether the test rejects it."""
        value = np.repeat((self.moments @ self.seen)[:, None], len(effects), axis=1)
        value[0] -= effects / self.unit[0]
        value[1] += effects / self.unit[1]
        own = value.argmax(axis=0)
        top = value.max(axis=0)
        slope = self.slopes[:, own]
        fixed = value - slope * top
        with np.errstate(divide="ignore", invalid="ignore"):
            crossing = fixed / (1 - slope)
        low = np.where(slope < 1 - 1e-12, crossing, -np.inf).max(axis=0)
        high = np.where(slope > 1 + 1e-12, crossing, np.inf).min(axis=0)
        sd = self.sd[own]
        beyond = special.ndtr(-np.minimum(high, self.largest) / sd)
        with np.errstate(divide="ignore", invalid="ignore"):
            p = (special.ndtr(-top / sd) - beyond) / (special.ndtr(-low / sd) - beyond)
        return (top > self.largest) | ((top > 0) & (p < self.alpha))

    def ends(self) -> tuple[float, float]:
        """Return the smallest and largest effect that the test does not reject; infinities for none."""
        effect, change = self.seen
        low = effect - self.drift * change - self.largest * self.unit[0]
        high = effect + self.drift * change + self.largest * self.unit[1]
        if high <= low:
            return math.inf, -math.inf
        grid = np.linspace(low, high, _GRID)
        kept = np.flatnonzero(~self.rejected(grid))
        if not len(kept):
            return math.inf, -math.inf
        inside = grid[[kept[0], kept[-1]]]
        outside = grid[[max(kept[0] - 1, 0), min(kept[-1] + 1, _GRID - 1)]]
        for _ in range(40):
            middle = (inside + outside) / 2
            lost = self.rejected(middle)
            inside, outside = np.where(lost, inside, middle), np.where(lost, middle, outside)
        return float(inside[0]), float(inside[1])
