"""School means per term, adjusted for which pupils are there: the first step of every school-level estimate."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd

from pilot_analysis import terms
from pilot_analysis.errors import NotEstimable
from pilot_analysis.estimators.adjustment import adjusted_means, design
from pilot_analysis.inference import cross_products, school_terms
from pilot_analysis.inference.school_terms import SchoolTerms

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
    pupils: dict[Any, set[Any]] | None

    def counts(self, schools: Iterable[Any], treated: int) -> dict[str, Any]:
        """Return the counts of the estimates table for the schools that were used."""
        used = self.table[self.table["school"].isin(list(schools))]
        pupils = (
            math.nan
            if self.pupils is None
            else len(set().union(*(self.pupils[s] for s in schools)))
        )
        return {
            "n_obs": int(used["n_rows"].sum()),
            "n_pupils": pupils,
            "n_schools": len(list(schools)),
            "n_treated_schools": treated,
        }


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
    keys = pd.DataFrame({"school": sample[cluster].to_numpy(), "period": period})
    cells = keys.groupby(["school", "period"], sort=True, observed=True)
    cell = cells.ngroup().to_numpy()
    x = design(sample, covariates).to_numpy(dtype=float).reshape(len(sample), -1)
    plain, adjusted = adjusted_means(y, x, cell, weight)
    facts = keys.assign(
        start=first,
        stop=_stops(sample, last_treated),
        stratum=sample[strata].to_numpy() if strata else 0,
    )
    _same_within(facts, {"start": first_treated, "stop": last_treated, "stratum": strata})
    table = facts.groupby(["school", "period"], sort=True, observed=True).first().reset_index()
    table = table.assign(
        plain=plain,
        adjusted=adjusted,
        n_rows=np.bincount(cell),
        total_weight=np.bincount(cell, weight),
    )
    began = table["period"] >= table["start"]
    table["size"] = np.where(began | table["start"].isna(), table["total_weight"], np.nan)
    read = school_terms.of(
        table,
        value="adjusted",
        first_treated="start",
        last_treated="stop",
        time="period",
        cluster="school",
        size="size",
        strata="stratum",
    )
    pupils = None
    if "pupil" in sample.columns:
        pupils = {
            s: set(p) for s, p in sample.groupby(cluster, observed=True)["pupil"].unique().items()
        }
    arm = (
        pd.DataFrame({"period": period, "treated": ~np.isnan(first)})
        .groupby(["period", "treated"])
        .ngroup()
        .to_numpy()
    )
    return SchoolPanel(
        table, read, outcome, _pupil_sd(y, weight, arm), _between_schools(y, arm, cell), pupils
    )


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


def _stops(sample: pd.DataFrame, last_treated: str | None) -> Any:
    return terms.as_period(sample[last_treated], last_treated) if last_treated else np.nan


def _same_within(facts: pd.DataFrame, named: dict[str, str | None]) -> None:
    """Raise `ValueError` when a school has several values of something it has one of."""
    for column, name in named.items():
        pairs = facts[["school", column]].drop_duplicates()
        twice = pairs["school"].duplicated()
        if name and twice.any():
            bad = ", ".join(map(str, pairs["school"][twice].unique()[:3]))
            raise ValueError(f"column {name!r} has several values within {bad}")


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
