"""School means per term, adjusted for which pupils are there: the first step of every school-level estimate."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pilot_analysis import terms
from pilot_analysis.errors import NotEstimable
from pilot_analysis.estimators.adjustment import adjusted_means, design
from pilot_analysis.inference import cross_products
from pilot_analysis.inference.school_terms import SchoolContrast, SchoolTerms

Scale = Literal["difference", "ratio", "ratio_in_points"]


@dataclass(frozen=True)
class SchoolPanel:
    """The first step's result: a mean per school and term, and counts of the sample.

    `table` has one row per school and term: `plain` and `adjusted` mean, rows, and the design.
    `pupil_sd` is the spread of pupils inside an arm and term, which Hedges' g divides by, and
    `intra_class_correlation` the share of its square that lies between schools.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> means = school_means(few_schools(), outcome="y", first_treated="start", time="term", cluster="school")
        >>> len(means.table), round(means.pupil_sd, 1), round(means.intra_class_correlation, 2)
        (88, 2.2, 0.4)

    """

    table: pd.DataFrame
    terms: SchoolTerms
    outcome: str
    pupil_sd: float
    intra_class_correlation: float
    pupils: "_Members | None"

    def counts(self, contrast: SchoolContrast, periods: NDArray[np.float64]) -> dict[str, Any]:
        """Return the counts of the estimates table: of the schools and terms that are compared."""
        compared = np.zeros(self.terms.value.shape, dtype=bool)
        schools = pd.Index(self.terms.schools)
        terms = np.searchsorted(self.terms.periods, periods)
        compared[np.ix_(schools.get_indexer(contrast.schools), terms)] = contrast.compared
        of_row = np.searchsorted(self.terms.periods, self.table["period"])
        used = compared[schools.get_indexer(self.table["school"]), of_row]
        return {
            "n_obs": int(self.table["n_rows"].to_numpy()[used].sum()),
            "n_pupils": math.nan if self.pupils is None else self.pupils.count(used),
            "n_schools": len(contrast.schools),
            "n_treated_schools": int(contrast.treated.sum()),
        }


@dataclass(frozen=True)
class _Members:
    """Which pupil in which row of the table each row of the sample is about, as codes."""

    pupil: NDArray[np.int64]
    cell: NDArray[np.int64]

    def count(self, used: NDArray[np.bool_]) -> int:
        """Return how many pupils these rows of the table have, each counted once."""
        seen = self.pupil[used[self.cell]]
        # A pupil without a key (-1) is one more.
        return int(np.count_nonzero(np.bincount(seen + 1)))


def school_means(
    panel: pd.DataFrame,
    *,
    outcome: str,
    first_treated: str,
    time: str,
    cluster: str,
    covariates: Sequence[str] = (),
    weights: str | None = None,
    last_treated: str | None = None,
    strata: str | None = None,
) -> SchoolPanel:
    """Return every school's mean in every term, adjusted for which pupils are there.

    The first step: a regression over pupils, weighted by `weights`, on the covariates and one
    indicator per school and term. Rows without the outcome, or with weight zero, are left out.

    Raises:
        NotEstimable: the outcome is empty in every row (`no_values`), infinite somewhere
            (`infinite_values`) or the same everywhere (`no_variation`); and as
            `estimation_sample`.
        ValueError: naming the column, for a school with two starts, stops or strata, periods that
            are neither numbers nor terms, an infinite covariate, and as `estimation_sample`.

    Examples:
        >>> import pandas as pd
        >>> rows = pd.DataFrame({"school": ["a"] * 4, "term": [0, 0, 1, 1], "y": [1.0, 3.0, 2.0, 5.0],
        ...                      "grade": ["7", "9", "7", "9"], "start": [1.0] * 4})
        >>> means = school_means(rows, outcome="y", first_treated="start", time="term",
        ...                      cluster="school", covariates=["grade"])
        >>> means.table["adjusted"].tolist()
        [2.0, 3.5]

    """
    optional = [c for c in (last_treated, strata) if c]
    narrow = cross_products.narrowed(
        panel, outcome, first_treated, time, cluster, covariates, weights, optional
    )
    sample = _sample(narrow, outcome, [time, cluster, *([strata] if strata else [])], weights)
    period = terms.as_period(sample[time], time)
    first = terms.as_period(sample[first_treated], first_treated)
    weight = sample[weights].to_numpy(dtype=float) if weights else np.ones(len(sample))
    y = sample[outcome].to_numpy(dtype=float)
    # Whatever the column is made of (categories, too), schools are sorted by their names.
    order, names = pd.factorize(sample[cluster])
    rank, labels = pd.factorize(pd.Series(np.asarray(names)), sort=True)
    school = rank[order]
    periods, when = np.unique(period, return_inverse=True)
    cell = _numbered(school * len(periods) + when)
    x = np.reshape([*design(sample, covariates).values()], (-1, len(sample))).T
    plain, adjusted = adjusted_means(y, x, cell, weight)
    stratum, _ = pd.factorize(sample[strata], sort=True) if strata else (np.zeros_like(school), [])
    facts = _Facts(
        first, _stops(sample, last_treated), stratum.astype(np.int64), school, _first_rows(school)
    )
    facts.check((first_treated, last_treated, strata), np.asarray(labels, dtype=object))
    one = _first_rows(cell)
    total = np.bincount(cell, weight)
    began = (period >= first)[one] | np.isnan(first[one])
    table = pd.DataFrame(
        {
            "school": np.asarray(labels)[school[one]],
            "period": period[one],
            "start": first[one],
            "stop": facts.stop[one],
            "stratum": sample[strata].to_numpy()[one] if strata else 0,
            "plain": plain,
            "adjusted": adjusted,
            "n_rows": np.bincount(cell),
            "total_weight": total,
            "size": np.where(began, total, np.nan),
        }
    )
    value = np.full((len(labels), len(periods)), np.nan)
    value[school[one], when[one]] = adjusted
    read = facts.terms(
        np.asarray(labels, dtype=object),
        periods,
        value,
        table.groupby("school")["size"].mean().to_numpy(dtype=float),
        last_treated,
    )
    pupils = None
    if "pupil" in sample.columns:
        pupils = _Members(pd.factorize(sample["pupil"])[0], cell)
    arm = _numbered(2 * when + ~np.isnan(first))
    return SchoolPanel(
        table, read, outcome, _pupil_sd(y, weight, arm), _between_schools(y, arm, cell), pupils
    )


def _numbered(key: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return codes from 0 on, in the order of the keys, none left out."""
    seen = np.bincount(key) > 0
    return np.asarray((np.cumsum(seen) - 1)[key])


def _first_rows(codes: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the first row that has each code."""
    first = np.empty(codes.max() + 1, dtype=np.int64)
    first[codes[::-1]] = np.arange(len(codes))[::-1]
    return first


def _sample(
    panel: pd.DataFrame, outcome: str, required: Sequence[str], weights: str | None
) -> pd.DataFrame:
    values = panel[outcome]
    if not pd.api.types.is_numeric_dtype(values):
        raise ValueError(f"column {outcome!r} must be numeric")
    numbers = values.to_numpy(dtype=float, na_value=np.nan)
    if np.isinf(numbers).any():
        raise NotEstimable("infinite_values", f"column {outcome!r} has infinite values")
    if np.isnan(numbers).all():
        raise NotEstimable("no_values", f"column {outcome!r} is empty in every row")
    if np.nanmin(numbers) == np.nanmax(numbers):
        raise NotEstimable("no_variation", f"outcome {outcome!r} does not vary")
    return cross_products.estimation_sample(
        panel, outcomes=[outcome], required=required, weights=weights
    )


def _stops(sample: pd.DataFrame, last_treated: str | None) -> NDArray[np.float64]:
    if last_treated is None:
        return np.full(len(sample), np.nan)
    return terms.as_period(sample[last_treated], last_treated)


@dataclass(frozen=True)
class _Facts:
    """What a school has one of, row by row; `school` is the row's, `one` a row of each."""

    start: NDArray[np.float64]
    stop: NDArray[np.float64]
    stratum: NDArray[np.int64]
    school: NDArray[np.int64]
    one: NDArray[np.int64]

    def check(self, names: Sequence[str | None], labels: NDArray[np.object_]) -> None:
        """Raise `ValueError` when a school has several values of one of them."""
        for name, values in zip(names, (self.start, self.stop, self.stratum), strict=True):
            usual = values[self.one][self.school]
            other = (values != usual) & ~(np.isnan(values) & np.isnan(usual))
            if name and other.any():
                bad = ", ".join(map(str, labels[pd.unique(self.school[other])[:3]]))
                raise ValueError(f"column {name!r} has several values within {bad}")

    def terms(
        self,
        schools: NDArray[np.object_],
        periods: NDArray[np.float64],
        value: NDArray[np.float64],
        size: NDArray[np.float64],
        last_treated: str | None,
    ) -> SchoolTerms:
        """Return the design and the means; a start after the last period is none."""
        start, stop = self.start[self.one], self.stop[self.one]
        begins = start <= periods.max()
        if (begins & (stop < start)).any():
            raise ValueError(f"column {last_treated!r}: a school's treatment ends before it starts")
        return SchoolTerms(
            schools=schools,
            periods=periods,
            value=value,
            start=np.where(begins, start, np.nan),
            stop=np.where(np.isnan(stop), np.inf, stop),
            size=size,
            stratum=_numbered(self.stratum[self.one]),
        )


def _pupil_sd(y: np.ndarray, weight: np.ndarray, arm: np.ndarray) -> float:
    """Return the pupils' standard deviation inside an arm and term."""
    total = np.bincount(arm, weight)
    mean = np.bincount(arm, weight * y) / total
    df = 1 - len(total) / len(y)
    variance = np.average((y - mean[arm]) ** 2, weights=weight)
    return math.sqrt(variance / df) if df > 0 else math.nan


def _between_schools(y: np.ndarray, arm: np.ndarray, cell: np.ndarray) -> float:
    """Return the one-way analysis-of-variance intra-class correlation of schools in an arm and term.

    Pupils count alike, whatever the weights; a negative variance between schools is zero. NaN
    where no arm has two schools in a term, or no school two pupils. Source: Donner & Koval 1980.
    """
    n, size = np.bincount(cell), np.bincount(arm)
    of_cell = np.zeros(len(n), dtype=int)
    of_cell[cell] = arm
    mean = np.bincount(cell, y) / n
    grand = np.bincount(arm, y) / size
    df_between, df_within = len(n) - len(size), len(y) - len(n)
    if df_between <= 0 or df_within <= 0:
        return math.nan
    between = (n * (mean - grand[of_cell]) ** 2).sum() / df_between
    within = ((y - mean[cell]) ** 2).sum() / df_within
    usual = (len(y) - (np.bincount(of_cell, n**2) / size).sum()) / df_between
    schools = max((between - within) / usual, 0.0)
    return float(schools / (schools + within)) if schools + within > 0 else math.nan


def weighs_pupils(school_weights: str) -> bool:
    """Say whether schools count by their pupils instead of equally.

    Raises:
        ValueError: neither `equal` nor `pupils`.

    Examples:
        >>> weighs_pupils("pupils")
        True

    """
    if school_weights not in ("equal", "pupils"):
        raise ValueError(f"school_weights is 'equal' or 'pupils', not {school_weights!r}")
    return school_weights == "pupils"


def on_scale(of: SchoolTerms, scale: str) -> SchoolTerms:
    """Return the means as they are compared: themselves, or their logarithms for a ratio.

    Raises:
        NotEstimable: a mean is not above zero, with a ratio (`outcome_in_logs`).
        ValueError: no such scale.

    Examples:
        >>> import pandas as pd
        >>> from pilot_analysis.inference import school_terms
        >>> means = pd.DataFrame({"school": list("aabb"), "term": [0, 1] * 2,
        ...                       "y": [5.0, 4.0, 6.0, 6.6], "start": [1, 1, None, None]})
        >>> read = school_terms.of(means, value="y", first_treated="start", time="term",
        ...                        cluster="school")
        >>> on_scale(read, "ratio").value.round(3).tolist()
        [[1.609, 1.386], [1.792, 1.887]]

    """
    if scale not in ("difference", "ratio", "ratio_in_points"):
        raise ValueError(f"scale is 'difference', 'ratio' or 'ratio_in_points', not {scale!r}")
    if scale == "difference":
        return of
    if (of.value[~np.isnan(of.value)] <= 0).any():
        raise NotEstimable("outcome_in_logs", "a school's mean is not above zero in some term")
    return replace(of, value=np.log(of.value))
