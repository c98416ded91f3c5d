"""School-level difference-in-differences: the effect on all pupils there, one number a school."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pilot_analysis import estimates, terms
from pilot_analysis.errors import NotEstimable
from pilot_analysis.estimators.adjustment import adjusted_means, design
from pilot_analysis.inference import (
    choice,
    cross_products,
    placed_schools,
    school_terms,
    two_sample,
)
from pilot_analysis.inference.samples import check_level
from pilot_analysis.inference.school_terms import SchoolContrast, SchoolTerms, Window

PLACED = ("randomization_t", "randomization_coefficient")
METHODS = ("auto", *two_sample.METHODS, *PLACED)
Scale = Literal["difference", "ratio", "ratio_in_points"]
MODEL = "school-level difference-in-differences"


@dataclass(frozen=True)
class SchoolPanel:
    """The first step's result: a mean per school and term, and what is told of the sample.

    `table` has one row per school and term: `plain` and `adjusted` mean, rows, and the design.
    `pupil_sd` is the spread of pupils inside an arm and term, which Hedges' g divides by, and
    `intra_class_correlation` the share of its square that lies between schools.
    """

    table: pd.DataFrame
    terms: SchoolTerms
    outcome: str
    pupil_sd: float
    intra_class_correlation: float
    pupils: "_Members | None"

    def counts(self, schools: Iterable[Any], treated: int) -> dict[str, Any]:
        """Return the counts of the estimates table for the schools that were used."""
        used = self.table["school"].isin(list(schools)).to_numpy()
        return {
            "n_obs": int(self.table["n_rows"].to_numpy()[used].sum()),
            "n_pupils": math.nan if self.pupils is None else self.pupils.count(schools),
            "n_schools": len(list(schools)),
            "n_treated_schools": treated,
        }


@dataclass(frozen=True)
class _Members:
    """Which pupil of which school each row is about, as codes."""

    pupil: NDArray[np.int64]
    school: NDArray[np.int64]
    labels: NDArray[np.object_]

    def count(self, schools: Iterable[Any]) -> int:
        """Return how many pupils these schools have, each counted once."""
        asked = np.isin(self.labels, list(schools))
        seen = self.pupil[asked[self.school]]
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
        NotEstimable: no row has the outcome (`no_values`), or it is infinite (`infinite_values`).
        ValueError: naming the column, for a missing or empty column, a negative weight, or a
            school with two starts.

    Examples:
        >>> import pandas as pd
        >>> rows = pd.DataFrame({"school": ["a"] * 4, "term": [0, 0, 1, 1], "y": [1.0, 3.0, 2.0, 5.0],
        ...                      "grade": ["7", "9", "7", "9"], "start": [1.0] * 4})
        >>> found = school_means(rows, outcome="y", first_treated="start", time="term",
        ...                      cluster="school", covariates=["grade"])
        >>> found.table["adjusted"].tolist()
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
    named = sample[cluster].to_numpy()
    school, labels = pd.factorize(pd.Series(named), sort=True)
    periods, when = np.unique(period, return_inverse=True)
    cell = _numbered(school * len(periods) + when)
    x = design(sample, covariates).to_numpy(dtype=float).reshape(len(sample), -1)
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
            "school": named[one],
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
        pupils = _Members(pd.factorize(sample["pupil"])[0], school, read.schools)
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


def school_changes(
    panel: pd.DataFrame,
    *,
    outcome: str,
    first_treated: str,
    time: str,
    cluster: str,
    covariates: Sequence[str] = (),
    school_weights: str = "equal",
    weights: str | None = None,
    last_treated: str | None = None,
    strata: str | None = None,
    scale: Scale = "difference",
    working_autocorrelation: float = 0.0,
) -> pd.DataFrame:
    """Return the numbers that the estimate is made of, one per school.

    Columns: `school`, `arm` (`pilot`, `comparison` or `left_out`: treated from the first term on, or
    no terms on one side), `change`, `weight`. A pilot school's change is its own difference-in-
    differences; a comparison school's is what the estimate would be with that school alone. The
    estimate is the average of either by its weights. `own_change` is the school's own mean after
    less before, over the terms shared with the schools it is compared with: regressed on `arm` by
    `weight` it gives the estimate as a coefficient (`regress_changes`).

    Raises:
        NotEstimable: as `school_level_did`.
        ValueError: as `school_level_did`.

    Examples:
        >>> import pandas as pd
        >>> rows = pd.DataFrame({"school": list("aabbcc"), "term": [0, 1] * 3,
        ...                      "y": [5.0, 3.0, 4.0, 4.5, 6.0, 6.1], "start": [1, 1] + [None] * 4})
        >>> school_changes(rows, outcome="y", first_treated="start", time="term",
        ...                cluster="school")["change"].round(6).tolist()
        [-2.3, -2.5, -2.1]

    """
    means = school_means(
        panel,
        outcome=outcome,
        first_treated=first_treated,
        time=time,
        cluster=cluster,
        covariates=covariates,
        weights=weights,
        last_treated=last_treated,
        strata=strata,
    )
    scaled = _scaled(means.terms, scale)
    window = Window(autocorrelation=working_autocorrelation)
    found = school_terms.contrast(scaled, window, by_size=_by_size(school_weights))
    table = pd.DataFrame(
        {
            "school": found.schools,
            "arm": np.where(found.treated, "pilot", "comparison"),
            "change": found.change,
            "own_change": found.own_change,
            "weight": found.weight,
        }
    )
    left = [s for s in scaled.schools if s not in set(found.schools)]
    rest = pd.DataFrame(
        {"school": left, "arm": "left_out", "change": np.nan, "own_change": np.nan, "weight": 0.0}
    )
    return pd.concat([table, rest], ignore_index=True) if left else table


def regress_changes(
    panel: pd.DataFrame,
    *,
    outcome: str,
    regression: Callable[..., Any],
    formula: str = "own_change ~ arm",
    covariance: str = "HC2",
    ci_level: float = 0.95,
    **design: Any,
) -> pd.DataFrame:
    """Fit a regression formula to one change per school: the estimate as a coefficient.

    Donald and Lang's (2007) second step: `regression` is `statsmodels.formula.api.wls`, its data
    `school_changes` (`design` are its arguments) and its weights theirs. The coefficient of `arm` is
    `school_level_did`'s estimate. Returns one row; its interval is the regression's own, with
    `covariance` and t(schools - 2), which is not one to trust with few schools of either kind.

    Raises:
        NotEstimable: as `school_level_did`.
        ValueError: as `school_level_did`, or for a formula without `arm`.

    Examples:
        >>> import pandas as pd
        >>> import statsmodels.formula.api as smf
        >>> rows = pd.DataFrame({"school": list("aabbccdd"), "term": [0, 1] * 4,
        ...                      "y": [5.0, 3.0, 4.0, 2.5, 6.0, 6.1, 4.0, 4.3],
        ...                      "start": [1] * 4 + [None] * 4})
        >>> row = regress_changes(rows, outcome="y", regression=smf.wls, first_treated="start", time="term",
        ...                       cluster="school").iloc[0]
        >>> row["estimate"].round(6).item(), row["std_error"].round(6).item()
        (-1.95, 0.269258)

    """
    check_level(ci_level)
    changes = school_changes(panel, outcome=outcome, **design)
    used = changes[changes["weight"] > 0]
    fitted = regression(formula, used, weights=used["weight"]).fit(cov_type=covariance, use_t=True)
    coefficient = "arm[T.pilot]"
    if coefficient not in fitted.params:
        raise ValueError(f"formula {formula!r} has no coefficient of 'arm'")
    low, high = fitted.conf_int(1 - ci_level).loc[coefficient]
    row = {
        "outcome": outcome,
        "estimand": "per_school",
        "model": f"{formula} (statsmodels)",
        "estimate": fitted.params[coefficient],
        "std_error": fitted.bse[coefficient],
        "statistic": fitted.tvalues[coefficient],
        "df": fitted.df_resid,
        "method": covariance,
        "p_value": fitted.pvalues[coefficient],
        "ci_low": low,
        "ci_high": high,
        "ci_level": ci_level,
        "n_schools": len(used),
        "n_treated_schools": int((used["arm"] == "pilot").sum()),
    }
    return estimates.table([row])


def _by_size(school_weights: str) -> bool:
    if school_weights not in ("equal", "pupils"):
        raise ValueError(f"school_weights is 'equal' or 'pupils', not {school_weights!r}")
    return school_weights == "pupils"


def _scaled(of: SchoolTerms, scale: str) -> SchoolTerms:
    if scale not in ("difference", "ratio", "ratio_in_points"):
        raise ValueError(f"scale is 'difference', 'ratio' or 'ratio_in_points', not {scale!r}")
    if scale == "difference":
        return of
    if (of.value[~np.isnan(of.value)] <= 0).any():
        raise NotEstimable("outcome_in_logs", "a school's mean is not above zero in some term")
    return replace(of, value=np.log(of.value))


@dataclass(frozen=True)
class _Question:
    """How an estimate is tested and told."""

    inference: str
    ratios: tuple[float, float]
    max_placements: int
    seed: int
    ci_level: float
    by_size: bool


def school_level_did(
    panel: pd.DataFrame,
    *,
    outcome: str,
    first_treated: str,
    time: str,
    cluster: str,
    covariates: Sequence[str] = (),
    school_weights: Literal["equal", "pupils"] = "equal",
    weights: str | None = None,
    inference: str = "auto",
    strata: str | None = None,
    last_treated: str | None = None,
    by: Literal["overall", "event_time", "school", "drift"] = "overall",
    reference: int | None = -1,
    scale: Scale = "difference",
    working_autocorrelation: float = 0.0,
    ratios: tuple[float, float] = two_sample.RATIOS,
    seed: int = 0,
    max_placements: int = 100_000,
    ci_level: float = 0.95,
) -> pd.DataFrame:
    """Estimate the effect on the pupils enrolled at pilot schools in the terms after the start.

    Every pilot school counts once (estimand `per_school`), or by its pupils (`per_pupil`), and every
    term after its start counts once. Each pilot school's mean change, before to after, stands
    against the comparison schools' mean change over the same terms; school x term means are
    adjusted for which pupils are there (`school_means`). Comparison schools are those that never
    start inside the panel; schools treated from the first term on are left out, and so are a
    school's terms after `last_treated`. With `strata` schools are compared within strata only.

    `by="event_time"` gives one row per term since the start, against the one at `reference`
    (None: the last before the start that any school has);
    `by="school"` one per pilot school (its name in `specification`); `by="drift"` how much more pilot
    schools' means rose per term before the first start of any. `scale="ratio"` compares
    percentage changes (a pandemic multiplies) and answers in per cent of what would have been;
    `"ratio_in_points"` multiplies that by the comparison schools' mean after the start.
    `inference` is `auto` (`choice.choose_school_level`), one of `two_sample.METHODS`,
    `randomization_t` or `randomization_coefficient`. `ratios` bounds how variable pilot schools'
    changes are relative to comparison schools' (SD), for `least_favourable`.

    The interval and p-value of `least_favourable` hold under an assumption, which the row names
    (`assumption`, `bound`); every other method's p-value is at least the smallest one that
    placements allow (`p_value_min`).

    Raises:
        NotEstimable: no school starts inside the panel (`no_treated`), none is left to compare with
            (`no_untreated`), no terms on both sides (`no_terms_around_start`), infinite or no
            values, a mean not above zero with a ratio (`outcome_in_logs`).
        ValueError: naming the column or the argument, for anything else that cannot be used.

    Examples:
        >>> import pandas as pd
        >>> rows = pd.DataFrame({"school": list("aabbccdd"), "term": [0, 1] * 4,
        ...                      "y": [5.0, 3.0, 4.0, 2.5, 6.0, 6.1, 4.0, 4.3],
        ...                      "start": [1] * 4 + [None] * 4})
        >>> row = school_level_did(rows, outcome="y", first_treated="start", time="term",
        ...                        cluster="school", inference="welch").iloc[0]
        >>> row["estimate"].round(6).item(), row["std_error"].round(6).item()
        (-1.95, 0.269258)

    """
    check_level(ci_level)
    if inference not in METHODS:
        raise ValueError(f"inference is one of {', '.join(METHODS)}, not {inference!r}")
    if by not in ("overall", "event_time", "school", "drift"):
        raise ValueError(f"by is 'overall', 'event_time', 'school' or 'drift', not {by!r}")
    means = school_means(
        panel,
        outcome=outcome,
        first_treated=first_treated,
        time=time,
        cluster=cluster,
        covariates=covariates,
        weights=weights,
        last_treated=last_treated,
        strata=strata,
    )
    asked = _Question(inference, ratios, max_placements, seed, ci_level, _by_size(school_weights))
    scaled = _scaled(means.terms, scale)
    named = {"estimand": "per_pupil" if asked.by_size else "per_school"}
    if by == "event_time":
        rows = _event_rows(means, scaled, asked, reference)
    elif by == "school":
        rows = _school_rows(means, scaled, asked, Window(autocorrelation=working_autocorrelation))
    elif by == "drift":
        before = scaled.before_any_start()
        early = means.table[means.table["period"].isin(before.periods)]
        rows = [
            _row(replace(means, table=early), before, Window(drift=True), asked)
            | {"estimand": "drift"}
        ]
    else:
        window = Window(autocorrelation=working_autocorrelation)
        rows = [_row(means, scaled, window, asked) | named]
    return estimates.table([_told(row, means, scale) for row in rows])


def _event_rows(
    means: SchoolPanel, scaled: SchoolTerms, asked: _Question, reference: int | None
) -> list[dict[str, Any]]:
    inside = scaled.starting_inside()
    events = sorted(
        {
            int(p - s)
            for s, stop in zip(inside.start, inside.stop, strict=True)
            if not np.isnan(s)
            for p in inside.periods
            if p <= stop
        }
    )
    if not events:
        raise NotEstimable("no_treated", "no school starts inside the panel with terms before")
    if reference is None:
        reference = max((event for event in events if event < 0), default=None)
    if reference is None:
        raise NotEstimable("no_terms_around_start", "no school has a term before its start")
    if reference not in events:
        raise ValueError(f"reference: no school has a term at {reference}; found {events}")
    rows: list[dict[str, Any]] = []
    for event in events:
        named = {"estimand": "event_time", "event_time": event}
        if event == reference:
            rows.append(
                named | {"estimate": 0.0, "ci_level": asked.ci_level, "method": "reference"}
            )
            continue
        try:
            rows.append(_row(means, scaled, Window(event, reference), asked) | named)
        except NotEstimable:
            continue  # no school is seen both then and at the reference
    return rows


def _school_rows(
    means: SchoolPanel, scaled: SchoolTerms, asked: _Question, window: Window
) -> list[dict[str, Any]]:
    whole = school_terms.contrast(scaled, window, by_size=asked.by_size)
    rows = []
    for school, weight in zip(
        whole.schools[whole.treated], whole.weight[whole.treated], strict=True
    ):
        one = scaled.among(~scaled.treated | (scaled.schools == school))
        rows.append(
            _row(means, one, window, asked)
            | {"estimand": "one_school", "specification": school, "weight": weight}
        )
    return rows


def _row(
    means: SchoolPanel, scaled: SchoolTerms, window: Window, asked: _Question
) -> dict[str, Any]:
    found = school_terms.contrast(scaled, window, by_size=asked.by_size)
    n_treated = int(found.treated.sum())
    method = asked.inference
    if method == "auto":
        method = choice.choose_school_level(n_treated, len(found.schools))
    used = scaled.among(np.isin(scaled.schools, found.schools))
    smallest = placed_schools.smallest_p_value(used)
    row = {
        "estimate": found.estimate,
        "ci_level": asked.ci_level,
        "method": method,
        "p_value_min": smallest,
    } | means.counts(found.schools, n_treated)
    if method in PLACED:
        return row | _placed(used, window, method, asked)
    return row | _tested(found, method, asked, smallest)


def _tested(
    found: SchoolContrast, method: str, asked: _Question, smallest: float
) -> dict[str, Any]:
    two = two_sample.arms(found)
    test = two_sample.decide(two, method, asked.ratios)
    reach, p = test.reach(asked.ci_level), test.p_value(found.estimate)
    row: dict[str, Any] = {
        "std_error": test.std_error,
        "df": test.df,
        "p_value": p,
        "statistic": found.estimate / test.std_error if test.std_error > 0 else math.nan,
        "detectable_effect": two_sample.detectable(
            two, method, ratios=asked.ratios, level=asked.ci_level
        ),
    }
    beyond = smallest > 1 - asked.ci_level + 1e-12
    if method == "least_favourable":
        row |= {"assumption": "variance_ratio", "bound": asked.ratios[1]}
    elif beyond:
        reach, row["detectable_effect"] = math.inf, math.inf
    if method != "least_favourable" or not beyond:
        row["p_value"] = max(p, smallest)
    if math.isnan(reach):
        reach = math.inf
    return row | {"ci_low": found.estimate - reach, "ci_high": found.estimate + reach}


def _placed(used: SchoolTerms, window: Window, method: str, asked: _Question) -> dict[str, Any]:
    if asked.by_size:
        raise ValueError(f"inference {method!r} counts schools equally; use school_weights='equal'")
    placed = placed_schools.place(
        used, window, max_placements=asked.max_placements, seed=asked.seed
    )
    test = placed.studentised if method == "randomization_t" else placed.plain
    low, high = test.interval(asked.ci_level)
    return {
        "p_value": test.p_value(0.0),
        "ci_low": low,
        "ci_high": high,
        "n_placements": placed.n_placements,
        "p_value_min": placed.where.p_value_min,
    }


def _told(row: dict[str, Any], means: SchoolPanel, scale: str) -> dict[str, Any]:
    """Name the row, turn logs back into per cent or points, and standardise the difference."""
    row = row | {
        "outcome": means.outcome,
        "model": MODEL,
        "intra_class_correlation": means.intra_class_correlation,
    }
    if scale == "difference":
        pupils = row.get("n_pupils", math.nan)
        df = (pupils if pupils == pupils else row.get("n_obs", math.nan)) - 2
        correction = 1 - 3 / (4 * df - 1) if df > 1 else 1.0
        sd = means.pupil_sd
        return row | {"hedges_g": correction * row["estimate"] / sd if sd > 0 else math.nan}
    after = means.terms.value[~means.terms.treated][
        :, means.terms.periods >= np.nanmin(means.terms.start)
    ]
    level = 100.0 if scale == "ratio" else float(np.nanmean(after))
    factor = level * math.exp(row["estimate"])
    known = {k: row[k] for k in ("estimate", "ci_low", "ci_high", "detectable_effect") if k in row}
    row |= {k: level * math.expm1(min(v, 700.0)) for k, v in known.items()}
    if "std_error" in row:
        row["std_error"] *= factor
    return row | ({"unit": "per cent"} if scale == "ratio" else {})
