"""School x term means, and the difference-in-differences as a weighted sum over schools.

With one number a school the problem is Behrens and Fisher's: few pilot and few comparison schools
with unknown, unequal variances. Starts may differ and schools may lack terms: every pilot school is
compared with each comparison school over the terms that both have, so the estimate stays a sum
sum_g l_g'y_g over schools, which are independent of each other, and each school's part is known.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pilot_analysis.errors import NotEstimable

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Window:
    """Which terms count as after and before a start.

    By default every term from the start on against every term before it, each counting equally.
    With `event` only the term so many after the start, against the one at `reference`. A working
    `autocorrelation` weights the terms before (not those after: they are the estimand) as
    generalized least squares would. With `drift` the least-squares slope over the terms before; with
    `trend` the terms after against where the straight line of the terms before would have led.

    Examples:
        >>> periods = np.arange(4.0)
        >>> before, after = Window().masks(periods, start=2.0, stop=np.inf)
        >>> Window().contrast(periods, before, after).tolist()
        [-0.5, -0.5, 0.5, 0.5]

    """

    event: int | None = None
    reference: int = -1
    autocorrelation: float = 0.0
    drift: bool = False
    trend: bool = False

    def masks(self, periods: Array, start: float, stop: float) -> tuple[Mask, Mask]:
        """Return (before, after) among the periods."""
        if self.drift:
            return periods < start, np.zeros(len(periods), dtype=bool)
        if self.event is None:
            return periods < start, (periods >= start) & (periods <= stop)
        after = periods == start + self.event
        if self.event >= 0:
            after &= periods <= stop
        return periods == start + self.reference, after

    def contrast(self, periods: Array, before: Mask, after: Mask) -> Array | None:
        """Return the weight of every period, or None where one side has no period."""
        if self.drift:
            if before.sum() < 2:
                return None
            return _slope(periods, before)
        if not before.any() or not after.any():
            return None
        weight = np.where(after, 1 / after.sum(), 0.0)
        if self.trend and before.sum() < 2:
            return None
        if not self.autocorrelation:
            plain = weight - np.where(before, 1 / before.sum(), 0.0)
            # Terms from the middle of those before to the middle of those after.
            ahead = float(plain @ periods)
            return plain - ahead * _slope(periods, before) if self.trend else plain
        omega = self.autocorrelation ** np.abs(periods[:, None] - periods)
        inverse = np.linalg.inv(omega[np.ix_(before, before)])
        target = inverse @ omega[np.ix_(before, after)] @ weight[after]
        slack = (1 - target.sum()) / inverse.sum()
        weight[before] = -(target + slack * inverse.sum(axis=1))
        return weight

    def effect(self, periods: Array, start: float, stop: float) -> Array:
        """Return how an effect of size 1 shows at a school treated from `start` on, term by term.

        What an interval from placements takes away: as much in every term from the start on; of one
        term before the start what sets that term apart; of a drift so much more a term.

        Examples:
            >>> Window(event=-2).effect(np.arange(4.0), 3.0, np.inf).tolist()
            [0.0, 1.0, 0.0, 0.0]

        """
        if self.drift:
            return periods - periods[0]
        if self.event is not None and self.event < 0:
            return (periods == start + self.event).astype(float)
        return ((periods >= start) & (periods <= stop)).astype(float)


def _slope(periods: Array, before: Mask) -> Array:
    centred = np.where(before, periods - periods[before].mean(), 0.0)
    return np.asarray(centred / float(centred @ centred))


@dataclass(frozen=True)
class SchoolTerms:
    """The outcome's mean at every school in every term (NaN where there is none), and the design.

    `start` is NaN for a school never treated inside the panel, `stop` the last treated period
    (infinite when treatment stays), `size` how many pupils a school had on average.

    Raises:
        NotEstimable: `before_any_start`, where fewer than two terms are left (`missing_baseline`).

    Examples:
        >>> rows = pd.DataFrame({"s": [1, 1, 2, 2], "t": [0, 1, 0, 1], "y": [5.0, 3.0, 4.0, 4.5],
        ...                      "start": [1, 1, None, None]})
        >>> terms = of(rows, value="y", first_treated="start", time="t", cluster="s")
        >>> terms.treated.tolist(), terms.among(~terms.treated).schools.tolist()
        ([True, False], [2])

    """

    schools: NDArray[np.object_]
    periods: Array
    value: Array
    start: Array
    stop: Array
    size: Array
    stratum: NDArray[np.int64]

    def among(self, keep: Mask) -> "SchoolTerms":
        """Return some of the schools."""
        return replace(
            self,
            schools=self.schools[keep],
            value=self.value[keep],
            start=self.start[keep],
            stop=self.stop[keep],
            size=self.size[keep],
            stratum=self.stratum[keep],
        )

    @property
    def treated(self) -> Mask:
        """Schools that start inside the panel."""
        return ~np.isnan(self.start)

    def before_any_start(self) -> "SchoolTerms":
        """Leave out the terms from the first start on; schools keep their starts.

        Raises `NotEstimable` when fewer than two terms are left.
        """
        inside = self.starting_inside()
        kept = ~(inside.periods >= np.nanmin(inside.start, initial=np.inf))
        if kept.sum() < 2:
            raise NotEstimable("missing_baseline", "fewer than two terms before the first start")
        return replace(inside, periods=inside.periods[kept], value=inside.value[:, kept])

    def starting_inside(self) -> "SchoolTerms":
        """Leave out schools treated from the first term on: no before, and no comparison either."""
        began = self.start <= self.periods.min()
        return self.among(~began)


def of(
    frame: pd.DataFrame,
    *,
    value: str,
    first_treated: str,
    time: str,
    cluster: str,
    size: str | None = None,
    last_treated: str | None = None,
    strata: str | None = None,
) -> SchoolTerms:
    """Read school x term means, one row each.

    `time`, `first_treated` and `last_treated` are numbers; a start that is missing or after the
    last period is none.

    Raises:
        ValueError: naming the column, for two rows of a school in one term, a school with two
            starts, stops or strata, or a treatment that ends before it starts.

    Examples:
        >>> rows = pd.DataFrame({"s": [1, 1, 2, 2], "t": [0, 1, 0, 1], "y": [5.0, 3.0, 4.0, 4.5],
        ...                      "start": [1, 1, None, None]})
        >>> of(rows, value="y", first_treated="start", time="t", cluster="s").value
        array([[5. , 3. ],
               [4. , 4.5]])

    """
    twice = frame.duplicated([cluster, time])
    if twice.any():
        school = frame.loc[twice, cluster].iloc[0]
        raise ValueError(f"column {cluster!r}: {school!r} has two rows in one term")
    table = frame.pivot(index=cluster, columns=time, values=value).sort_index(axis=1)
    periods = table.columns.to_numpy(dtype=float)
    facts = _one_row_a_school(frame, cluster, [first_treated, last_treated, strata])
    start = facts[first_treated].to_numpy(dtype=float, na_value=np.nan)
    stop = np.full(len(start), np.nan)
    if last_treated:
        stop = facts[last_treated].to_numpy(dtype=float, na_value=np.nan)
    begins = start <= periods.max()
    if (begins & (stop < start)).any():
        raise ValueError(f"column {last_treated!r}: a school's treatment ends before it starts")
    return SchoolTerms(
        schools=np.asarray(table.index, dtype=object),
        periods=periods,
        value=table.to_numpy(dtype=float),
        start=np.where(begins, start, np.nan),
        stop=np.where(np.isnan(stop), np.inf, stop),
        size=(
            frame.groupby(cluster)[size].mean().to_numpy(dtype=float)
            if size
            else np.ones(len(start))
        ),
        stratum=(
            pd.factorize(facts[strata], sort=True)[0].astype(np.int64)
            if strata
            else np.zeros(len(start), dtype=np.int64)
        ),
    )


def _one_row_a_school(
    frame: pd.DataFrame, cluster: str, columns: Sequence[str | None]
) -> pd.DataFrame:
    """Return what a school has one of. Raises `ValueError` naming the column where it has two."""
    named = [c for c in columns if c]
    for column in named:
        pairs = frame[[cluster, column]].drop_duplicates()
        twice = pairs[cluster].duplicated()
        if twice.any():
            bad = ", ".join(map(str, pairs[cluster][twice].unique()[:3]))
            raise ValueError(f"column {column!r} has several values within {bad}")
    return frame[[cluster, *named]].drop_duplicates().set_index(cluster).sort_index()


@dataclass(frozen=True)
class SchoolContrast:
    """An estimate as a sum over schools.

    One entry a school that counts. `change` is the pilot school's own difference-in-differences, or
    what the estimate would be with that comparison school alone; the estimate is the average of
    the pilot schools' by `weight`, and of the comparison schools'. `own_change` is the school's own
    mean after less before, over the terms shared with those it is compared with: the estimate is
    the difference of its averages by `weight`. `cells` (schools x schools*T)
    gives each school's deviation from its arm's average as weights of the y's, `own` the squared
    length of the school's own part: what its variance would be if all cells varied alike.
    `compared` (schools x T) says which terms of a school are compared, `after` (pilot schools x T)
    what each term counts in a pilot school's mean after.

    Examples:
        >>> import pandas as pd
        >>> rows = pd.DataFrame({"s": [1, 1, 2, 2, 3, 3], "t": [0, 1] * 3, "start": [1, 1] + [None] * 4,
        ...                      "y": [5.0, 3.0, 4.0, 4.5, 6.0, 6.1]})
        >>> did = contrast(of(rows, value="y", first_treated="start", time="t", cluster="s"))
        >>> did.treated.tolist(), did.own_change.round(6).tolist()
        ([True, False, False], [-2.0, 0.5, 0.1])

    """

    schools: NDArray[np.object_]
    treated: Mask
    weight: Array
    change: Array
    own_change: Array
    deviation: Array
    cells: Array
    own: Array
    estimate: float
    compared: Mask
    after: Array

    def level_after(self, values: Array) -> float:
        """Return the pilot schools' mean in the terms after, of `values` (pilot schools x T).

        Examples:
            >>> import pandas as pd
            >>> rows = pd.DataFrame({"s": [1, 1, 2, 2], "t": [0, 1] * 2, "start": [1, 1] + [None] * 2,
            ...                      "y": [5.0, 3.0, 4.0, 4.5]})
            >>> terms = of(rows, value="y", first_treated="start", time="t", cluster="s")
            >>> contrast(terms).level_after(terms.value[terms.treated])
            3.0

        """
        means = (self.after * np.nan_to_num(values)).sum(axis=1)
        return float(self.weight[self.treated] @ means)

    @cached_property
    def leverage_factor(self) -> Array:
        """Return what makes a squared deviation unbiased if all cells vary alike; NaN where it is 0.

        n/(n - 1) in an arm of n schools with equal weights and one start.
        """
        spread = np.einsum("ij,ij->i", self.cells, self.cells)
        safe = np.where(spread > 1e-12 * self.own, spread, np.nan)
        return np.asarray(self.own / safe)


def contrast(
    terms: SchoolTerms, window: Window | None = None, *, by_size: bool = False
) -> SchoolContrast:
    """Return the difference-in-differences of school means as a sum over schools.

    Pilot schools count equally, or by their size (`by_size`); comparison schools of the same
    stratum count equally. A pair of schools is compared over the terms that both have. A pilot
    school with no term on one side of its start is left out.

    Raises:
        NotEstimable: no school starts inside the panel (`no_treated`), every one does
            (`no_untreated`), or none shares terms on both sides of its start with a comparison
            school (`no_terms_around_start`).

    Examples:
        >>> rows = pd.DataFrame({"s": [1, 1, 2, 2, 3, 3], "t": [0, 1] * 3, "start": [1, 1] + [None] * 4,
        ...                      "y": [5.0, 3.0, 4.0, 4.5, 6.0, 6.1]})
        >>> did = contrast(of(rows, value="y", first_treated="start", time="t", cluster="s"))
        >>> round(did.estimate, 6), did.change.round(6).tolist()
        (-2.3, [-2.3, -2.5, -2.1])

    """
    window = window or Window()
    inside = terms.starting_inside()
    if not inside.treated.any():
        raise NotEstimable("no_treated", "no school starts inside the panel with terms before")
    if inside.treated.all():
        raise NotEstimable("no_untreated", "every school is treated, none is left to compare with")
    pairs = _pairs(inside, window)
    if not pairs.usable.any():
        raise NotEstimable(
            "no_terms_around_start",
            "no pilot school shares terms on both sides of its start with a comparison school",
        )
    return _combined(inside, pairs, by_size)


@dataclass(frozen=True)
class _Pairs:
    """Pilot x comparison schools: whether they can be compared, and by term how.

    `weights` is what each term counts, `before` and `after` the terms that both schools have.
    """

    usable: Mask
    weights: Array
    before: Mask
    after: Mask

    def compared(self) -> tuple[Mask, Mask, "_Pairs"]:
        """Return which pilot and which comparison schools are in any pair, and their pairs."""
        rows, columns = np.asarray(self.usable.any(axis=1)), np.asarray(self.usable.any(axis=0))
        at = np.ix_(rows, columns)
        pairs = _Pairs(self.usable[at], self.weights[at], self.before[at], self.after[at])
        return rows, columns, pairs


def _pairs(terms: SchoolTerms, window: Window) -> _Pairs:
    """Return which pilot and comparison schools can be compared, and over which terms."""
    pilots, others = np.flatnonzero(terms.treated), np.flatnonzero(~terms.treated)
    known = ~np.isnan(terms.value)
    usable = np.zeros((len(pilots), len(others)), dtype=bool)
    weights = np.zeros((*usable.shape, len(terms.periods)))
    befores, afters = np.zeros(weights.shape, dtype=bool), np.zeros(weights.shape, dtype=bool)
    for i, p in enumerate(pilots):
        before, after = window.masks(terms.periods, terms.start[p], terms.stop[p])
        seen: dict[bytes, Array | None] = {}
        for j, c in enumerate(others):
            if terms.stratum[p] != terms.stratum[c]:
                continue
            both = known[p] & known[c]
            key = both.tobytes()
            if key not in seen:
                seen[key] = window.contrast(terms.periods, before & both, after & both)
            found = seen[key]
            if found is not None:
                usable[i, j], weights[i, j] = True, found
                befores[i, j], afters[i, j] = before & both, after & both
    return _Pairs(usable, weights, befores, afters)


def _combined(terms: SchoolTerms, pairs: _Pairs, by_size: bool) -> SchoolContrast:
    pilots, others = np.flatnonzero(terms.treated), np.flatnonzero(~terms.treated)
    rows, columns, pairs = pairs.compared()
    pilots, others = pilots[rows], others[columns]
    tensor = pairs.weights
    size = terms.size[pilots] if by_size else np.ones(len(pilots))
    pilot_weight = size / size.sum()
    within = pairs.usable / pairs.usable.sum(axis=1, keepdims=True)
    joint = pilot_weight[:, None] * within  # the weight of each pair
    other_weight = joint.sum(axis=0)
    members = np.r_[pilots, others]
    n1, n, t = len(pilots), len(members), len(terms.periods)
    cells = np.zeros((n, n, t))
    for i in range(n1):
        cells[i, i] = within[i] @ tensor[i]
        cells[i, n1:] = -within[i][:, None] * tensor[i]
    for j in range(n - n1):
        share = joint[:, j] / other_weight[j]
        cells[n1 + j, :n1] = share[:, None] * tensor[:, j]
        cells[n1 + j, n1 + j] = -share @ tensor[:, j]
    own = np.einsum("iit,iit->i", cells, cells)
    own_change = np.einsum("iit,it->i", cells, np.nan_to_num(terms.value[members]))
    own_change[n1:] *= -1  # a comparison school's change is taken away
    flat = cells.reshape(n, n * t)
    values = np.nan_to_num(terms.value[members]).ravel()
    weight = np.r_[pilot_weight, other_weight]
    change = flat @ values
    treated = np.arange(n) < n1
    centred = flat - _arm_means(flat, weight, treated, terms.stratum[members])
    compared = pairs.before | pairs.after
    mean_after = pairs.after / np.maximum(pairs.after.sum(axis=2, keepdims=True), 1)
    return SchoolContrast(
        schools=terms.schools[members],
        treated=treated,
        weight=weight,
        change=change,
        own_change=own_change,
        deviation=centred @ values,
        cells=centred,
        own=own,
        estimate=float(pilot_weight @ change[:n1]),
        compared=np.r_[compared.any(axis=1), compared.any(axis=0)],
        after=np.einsum("ij,ijt->it", within, mean_after),
    )


def _arm_means(flat: Array, weight: Array, treated: Mask, stratum: NDArray[np.int64]) -> Array:
    """Return, for every school, the weighted mean row of its arm in its stratum."""
    means = np.empty_like(flat)
    for s in np.unique(stratum):
        for arm in (True, False):
            members = (stratum == s) & (treated == arm)
            if members.any():
                means[members] = np.average(flat[members], axis=0, weights=weight[members])
    return means
