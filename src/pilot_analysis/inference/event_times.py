"""The effect by time since the start, as sums over schools, with their covariance.

Each event time is its own `school_terms.contrast`; a school's parts in several of them move
together, which the covariance keeps, because schools are independent of each other and a school's
terms are not.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

from pilot_analysis.errors import NotEstimable
from pilot_analysis.inference import two_sample
from pilot_analysis.inference.school_terms import SchoolTerms, Window, contrast

Array = NDArray[np.float64]


@dataclass(frozen=True)
class EventTimes:
    """Estimates by event time (`times`, without the reference), and each school's part in each.

    `parts` (times x schools) are a school's deviations from its arm's mean, weighted so that the
    sum of their squares is the estimate's unbiased variance: `parts @ parts.T` is the covariance. A
    time at which an arm has one school alone says nothing of its variance: its parts are NaN.
    `weights` is what each time counts in the mean over pilot schools and their own terms after.

    Examples:
        >>> import pandas as pd
        >>> from pilot_analysis.inference import school_terms
        >>> rows = pd.DataFrame({"s": list("aaabbbcccddd"), "t": [0, 1, 2] * 4,
        ...                      "start": [2.0] * 6 + [None] * 6,
        ...                      "y": [5.0, 5.0, 3.0, 4.0, 4.1, 3.0, 4.0, 4.0, 4.5, 6.0, 6.2, 6.3]})
        >>> effects = of(school_terms.of(rows, value="y", first_treated="start", time="t", cluster="s"))
        >>> effects.covariance.round(3).tolist()
        [[0.012, -0.003], [-0.003, 0.242]]

    """

    times: list[int]
    estimates: Array
    parts: Array
    weights: Array

    @property
    def covariance(self) -> Array:
        """The estimates' covariance, times x times."""
        return np.asarray(self.parts @ self.parts.T)


def of(terms: SchoolTerms, reference: int = -1) -> EventTimes:
    """Return the estimate at every time since the start, against the one at `reference`.

    Times at which no pilot school can be compared are left out.

    Raises:
        NotEstimable: no school starts inside the panel (`no_treated`), every one does
            (`no_untreated`), or no time can be compared (`no_terms_around_start`).

    Examples:
        >>> import pandas as pd
        >>> from pilot_analysis.inference import school_terms
        >>> rows = pd.DataFrame({"s": list("aaabbbcccddd"), "t": [0, 1, 2] * 4,
        ...                      "start": [2.0] * 6 + [None] * 6,
        ...                      "y": [5.0, 5.0, 3.0, 4.0, 4.1, 3.0, 4.0, 4.0, 4.5, 6.0, 6.2, 6.3]})
        >>> effects = of(school_terms.of(rows, value="y", first_treated="start", time="t", cluster="s"))
        >>> effects.times, effects.estimates.round(3).tolist()
        ([-2, 0], [0.05, -1.85])

    """
    inside = terms.starting_inside()
    every = {int(p - s) for s in inside.start[inside.treated] for p in inside.periods}
    row = {school: i for i, school in enumerate(inside.schools)}
    times, estimates, parts = [], [], []
    why = NotEstimable("no_treated", "no school starts inside the panel with terms before")
    for event in sorted(every - {reference}):
        try:
            comparison = contrast(inside, Window(event, reference))
        except NotEstimable as error:
            why = error
            continue
        part = np.zeros(len(inside.schools))
        own = comparison.weight * comparison.deviation * np.sqrt(comparison.leverage_factor)
        part[[row[s] for s in comparison.schools]] = own
        times.append(event)
        estimates.append(comparison.estimate)
        parts.append(part)
    if not times:
        raise why
    weights = [_weight(inside, event) for event in times]
    return EventTimes(times, np.array(estimates), np.array(parts), np.array(weights))


def _weight(terms: SchoolTerms, event: int) -> float:
    """Return the share of the pilot schools' terms after that lie at a time, each school counting once."""
    shares = []
    for school in np.flatnonzero(terms.treated):
        since = terms.periods - terms.start[school]
        own = ~np.isnan(terms.value[school]) & (since >= 0)
        own &= terms.periods <= terms.stop[school]
        shares.append((since[own] == event).sum() / max(own.sum(), 1))
    return float(np.mean(shares))


def matching_df(two: two_sample.TwoArms, level: float) -> float:
    """Return the degrees of freedom whose t has the least favourable critical value of two arms.

    For software that knows t tests only. NaN where there is no such value.

    Examples:
        >>> round(matching_df(two_sample.TwoArms.equal(1.0, 1.0, 4, 7), 0.95), 1)
        4.5

    """
    critical = two_sample.decide(two, "least_favourable").critical(level)
    if not math.isfinite(critical):
        return math.nan
    return float(optimize.brentq(lambda df: stats.t.ppf((1 + level) / 2, df) - critical, 0.5, 1e6))
