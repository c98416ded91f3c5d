"""Randomization inference on numbers per school: the estimate among those of other placements.

Exact if schools were drawn at random within their strata, whatever the distribution of their
changes. Every placement deals the observed starts over the schools of each stratum and estimates
anew, so that staggered starts and missing terms are handled as in `school_terms.contrast`.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pilot_analysis.errors import NotEstimable
from pilot_analysis.inference.inversion import LinearTest, QuadraticRatioTest
from pilot_analysis.inference.placements import Placements, placements, smallest_p
from pilot_analysis.inference.school_terms import SchoolTerms, Window

Array = NDArray[np.float64]
_BLOCK = 20_000  # placements handled at a time
_ROUNDING = 1e-12  # relative to the outcome


@dataclass(frozen=True)
class _Pairs:
    """Every school against every other one under each start: of the outcome and the treatment.

    `difference` is starts x 2 x G x G, zero where `usable` (starts x G x G) is not.
    """

    difference: Array
    usable: Array


def _all_pairs(terms: SchoolTerms, kinds: Sequence[tuple[float, float]], window: Window) -> _Pairs:
    g = len(terms.schools)
    known = ~np.isnan(terms.value)
    on = np.zeros_like(terms.value)
    for own in np.flatnonzero(terms.treated):
        on[own] = window.effect(terms.periods, terms.start[own], terms.stop[own])
    stacked = np.stack([np.nan_to_num(terms.value), on])  # 2 x G x T
    patterns, code = np.unique(known, axis=0, return_inverse=True)
    same = terms.stratum[:, None] == terms.stratum
    difference, usable = np.zeros((len(kinds), 2, g, g)), np.zeros((len(kinds), g, g))
    for k, (start, stop) in enumerate(kinds):
        before, after = window.masks(terms.periods, start, stop)
        for i, first in enumerate(patterns):
            for j, second in enumerate(patterns):
                both = first & second
                weights = window.contrast(terms.periods, before & both, after & both)
                if weights is None:
                    continue
                rows, columns = np.flatnonzero(code == i), np.flatnonzero(code == j)
                at = np.ix_(rows, columns)
                numbers = stacked @ weights  # 2 x G
                difference[k][:, rows[:, None], columns] = (
                    numbers[:, rows, None] - numbers[:, None, columns]
                )
                usable[k][at] = 1.0
    usable *= same & ~np.eye(g, dtype=bool)
    return _Pairs(difference * usable[:, None], usable)


@dataclass(frozen=True)
class PlacedSchools:
    """Both randomization tests of one estimate, and what their placements allow.

    Examples:
        >>> import pandas as pd
        >>> from pilot_analysis.inference import school_terms
        >>> rows = pd.DataFrame({"s": [1, 1, 2, 2, 3, 3], "t": [0, 1] * 3, "start": [1, 1] + [None] * 4,
        ...                      "y": [5.0, 3.0, 4.0, 4.5, 6.0, 6.1]})
        >>> terms = school_terms.of(rows, value="y", first_treated="start", time="t", cluster="s")
        >>> tests = place(terms)
        >>> tests.n_placements, tests.where.exact
        (3, True)

    """

    studentised: QuadraticRatioTest
    plain: LinearTest
    where: Placements

    @property
    def n_placements(self) -> int:
        """Placements that were used: all under which the schools can be compared."""
        return len(self.plain.n0)

    @property
    def p_value_min(self) -> float:
        """The smallest p-value that these placements allow."""
        if not self.where.exact:
            return max(self.where.p_value_min, 1 / (1 + self.n_placements))
        return min(1.0, self.where.p_value_min * len(self.where.start) / self.n_placements)


def place(
    terms: SchoolTerms,
    window: Window | None = None,
    *,
    max_placements: int = 100_000,
    seed: int = 0,
) -> PlacedSchools:
    """Return the randomization tests of the school-level difference-in-differences.

    Schools count equally.

    Raises:
        NotEstimable: no school starts inside the panel (`no_treated`), every one does
            (`no_untreated`), or none shares terms on both sides of its start with a comparison
            school (`no_terms_around_start`).

    Examples:
        >>> import pandas as pd
        >>> from pilot_analysis.inference import school_terms
        >>> rows = pd.DataFrame({"s": [1, 1, 2, 2, 3, 3], "t": [0, 1] * 3, "start": [1, 1] + [None] * 4,
        ...                      "y": [5.0, 3.0, 4.0, 4.5, 6.0, 6.1]})
        >>> terms = school_terms.of(rows, value="y", first_treated="start", time="t", cluster="s")
        >>> round(place(terms).plain.p_value(0.0), 4)
        0.3333

    """
    inside = terms.starting_inside()
    if not inside.treated.any():
        raise NotEstimable("no_treated", "no school starts inside the panel with terms before")
    if inside.treated.all():
        raise NotEstimable("no_untreated", "every school is treated, none is left to compare with")
    observed, kinds = _positions(inside)
    where = placements(observed, inside.stratum, max_placements, np.random.default_rng(seed))
    placed = _estimates(_all_pairs(inside, kinds, window or Window()), where.start, inside.stratum)
    return _tests(placed, where, _ROUNDING * float(np.nanmax(np.abs(inside.value))))


def _positions(terms: SchoolTerms) -> tuple[NDArray[np.int8], list[tuple[float, float]]]:
    """Return each school's place among the distinct (start, stop), -1 for never, and these."""
    pairs = [(terms.start[i], terms.stop[i]) for i in np.flatnonzero(terms.treated)]
    kinds = sorted(set(pairs))
    observed = np.full(len(terms.schools), -1, dtype=np.int8)
    observed[terms.treated] = [kinds.index(pair) for pair in pairs]
    return observed, kinds


def smallest_p_value(terms: SchoolTerms) -> float:
    """Return the smallest p-value that any placement of the starts could give.

    Examples:
        >>> import pandas as pd
        >>> from pilot_analysis.inference import school_terms
        >>> rows = pd.DataFrame({"s": [1, 1, 2, 2, 3, 3], "t": [0, 1] * 3, "start": [1, 1] + [None] * 4,
        ...                      "y": [5.0, 3.0, 4.0, 4.5, 6.0, 6.1]})
        >>> round(smallest_p_value(school_terms.of(rows, value="y", first_treated="start", time="t",
        ...                                        cluster="s")), 4)
        0.3333

    """
    inside = terms.starting_inside()
    observed, _ = _positions(inside)
    return smallest_p(
        observed, [np.flatnonzero(inside.stratum == s) for s in np.unique(inside.stratum)]
    )


@dataclass(frozen=True)
class _Placed:
    """By placement: the estimate of outcome and treatment, and their variances and covariance."""

    beta: Array  # placements x 2
    squares: Array  # placements x 3


def _estimates(pairs: _Pairs, start: NDArray[np.int8], stratum: NDArray[np.int64]) -> _Placed:
    n = len(start)
    beta, squares = np.empty((n, 2)), np.empty((n, 3))
    for first in range(0, n, _BLOCK):
        rows = slice(first, first + _BLOCK)
        beta[rows], squares[rows] = _block(pairs, start[rows], stratum)
    return _Placed(beta, squares)


def _block(
    pairs: _Pairs, start: NDArray[np.int8], stratum: NDArray[np.int64]
) -> tuple[Array, Array]:
    never = (start < 0).astype(float)  # n x G
    own = np.zeros((2, *start.shape))
    count = np.zeros(start.shape)
    for k in range(len(pairs.usable)):
        here = start == k
        count += here * (never @ pairs.usable[k].T)
        for o in range(2):
            own[o] += here * (never @ pairs.difference[k, o].T)
    counts = count > 0
    safe = np.where(counts, count, 1.0)
    own /= safe
    share = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    beta = np.einsum("ong,ng->no", own, share)
    # What the estimate would be with each comparison school alone.
    seen, alone = np.zeros(start.shape), np.zeros((2, *start.shape))
    for k in range(len(pairs.usable)):
        part = np.where(start == k, share / safe, 0.0)
        seen += part @ pairs.usable[k]
        for o in range(2):
            alone[o] += part @ pairs.difference[k, o]
    seen *= never
    with np.errstate(divide="ignore", invalid="ignore"):
        alone = np.where(seen > 0, alone / seen, 0.0)
    squares = np.zeros((len(start), 3))
    for s in np.unique(stratum):
        inside = stratum == s
        for change, weight in ((own, share), (alone, seen)):
            squares += _spread(change[:, :, inside], weight[:, inside])
    beta[~counts.any(axis=1)] = np.nan
    return beta, squares


def _spread(change: Array, weight: Array) -> Array:
    """Return an arm's part of the variance (outcome, both, treatment), placements x 3."""
    total = weight.sum(axis=1)
    mean = np.einsum("ong,ng->on", change, weight) / np.where(total > 0, total, 1.0)
    left = np.where(weight > 0, weight * (change - mean[:, :, None]), 0.0)
    n = (weight > 0).sum(axis=1)
    factor = np.where(n > 1, n / np.maximum(n - 1, 1), 0.0)
    products = [(left[a] * left[b]).sum(axis=1) * factor for a, b in ((0, 0), (0, 1), (1, 1))]
    return np.stack(products, axis=1)


def _tests(placed: _Placed, where: Placements, rounding: float) -> PlacedSchools:
    """Write every placement's statistic as a function of the estimate less the null value."""
    estimate = float(placed.beta[0, 0])
    if math.isnan(estimate):
        raise NotEstimable(
            "no_terms_around_start",
            "no pilot school shares terms on both sides of its start with a comparison school",
        )
    valid = ~np.isnan(placed.beta[:, 0])
    beta, squares = placed.beta[valid], placed.squares[valid]
    n0, n1 = beta[:, 0] - estimate * beta[:, 1], beta[:, 1]
    c00 = squares[:, 0] - 2 * estimate * squares[:, 1] + estimate**2 * squares[:, 2]
    c01, c11 = squares[:, 1] - estimate * squares[:, 2], squares[:, 2]
    # Schools that all change alike differ by rounding only.
    nothing = c00 <= np.maximum(rounding**2, _ROUNDING * (squares[:, 0] + estimate**2 * c11))
    c00, c01 = np.where(nothing, 0.0, c00), np.where(nothing, 0.0, c01)
    n0 = np.where(np.abs(n0) <= rounding, 0.0, n0)
    scale = math.sqrt(max(float(c00[0]), 0.0)) or float(np.std(n0)) or 1.0
    drop = slice(None) if where.exact else slice(1, None)
    studentised = QuadraticRatioTest(
        estimate,
        scale,
        n0[drop],
        n1[drop],
        c00[drop],
        c01[drop],
        c11[drop],
        (0.0, 1.0, float(c00[0]), 0.0, 0.0),
        where.exact,
    )
    return PlacedSchools(
        studentised, LinearTest(estimate, scale, n0[drop], n1[drop], where.exact), where
    )


def joint_test(
    parts: Sequence[SchoolTerms], *, max_placements: int = 100_000, seed: int = 0
) -> dict[str, Any]:
    """Test that no part (a school form, an outcome of other schools) has an effect.

    Each part's placements are dealt among its own schools, the parts independently of each other,
    so 330 placements of one and 10 of the other make 3,300. A placement's statistic is Fisher's
    combination of its p-values within the parts (of the studentised statistic), which does not
    let the part with few schools decide by a chance small variance. Exact if schools were drawn
    at random within parts. Returns `p_value`, `p_value_min`, `n_placements`, `statistic`.

    Raises:
        NotEstimable: of a part, as `place`.
        ValueError: without parts.

    Examples:
        >>> import pandas as pd
        >>> from pilot_analysis.inference import school_terms
        >>> rows = pd.DataFrame({"s": [1, 1, 2, 2, 3, 3], "t": [0, 1] * 3, "start": [1, 1] + [None] * 4,
        ...                      "y": [5.0, 3.0, 4.0, 4.5, 6.0, 6.1]})
        >>> terms = school_terms.of(rows, value="y", first_treated="start", time="t", cluster="s")
        >>> test = joint_test([terms, terms])
        >>> test["n_placements"], round(test["p_value_min"], 4)
        (9, 0.1111)

    """
    if not parts:
        raise ValueError("parts: a joint test needs at least one")
    placed = [place(part, max_placements=max_placements, seed=seed) for part in parts]
    logs = []
    for one in placed:
        observed, draws = one.studentised.squares(0.0)
        every = draws if one.where.exact else np.r_[observed, draws]
        own = int(np.argmin(np.abs(every - observed))) if one.where.exact else 0
        every = np.r_[every[own], np.delete(every, own)]
        logs.append(-np.log(_own_p_values(every)))
    total = math.prod(len(part) for part in logs)
    smallest = math.prod(one.p_value_min for one in placed)
    statistic = sum(float(part[0]) for part in logs)
    if total <= max_placements:
        sums = logs[0]
        for part in logs[1:]:
            sums = (sums[:, None] + part).ravel()
        p, used = float((sums >= statistic - 1e-9).mean()), total
    else:
        rng = np.random.default_rng([seed, len(logs)])
        sums = np.sum([part[rng.integers(0, len(part), max_placements)] for part in logs], axis=0)
        p = float((1 + (sums >= statistic - 1e-9).sum()) / (1 + max_placements))
        smallest, used = max(smallest, 1 / (1 + max_placements)), max_placements
    return {"p_value": p, "p_value_min": smallest, "n_placements": used, "statistic": statistic}


def _own_p_values(statistic: Array) -> Array:
    """Return every placement's p-value among all placements: the share at least as large."""
    ordered = np.sort(statistic)
    at_least = len(ordered) - np.searchsorted(ordered, statistic * (1 - 1e-9), side="left")
    return np.asarray(at_least / len(ordered))
