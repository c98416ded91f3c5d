"""Pupils who left and outcomes that are missing, and whether they could explain the answer."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize, stats
from statsmodels.imputation.mice import MICEData

from pilot_analysis import estimates
from pilot_analysis.catalogue import reasons
from pilot_analysis.errors import NotEstimable
from pilot_analysis.evaluation.fitting import (
    ALL_PUPILS,
    effect,
    label,
)
from pilot_analysis.forms import LAST_GRADES
from pilot_analysis.inference import choice
from pilot_analysis.panel import Outcome
from pilot_analysis.parameters import Parameters

# Correlations of response and outcome (pilot, comparison) under which differential attrition
# biases an effect by 0.05 standard deviations (Deke & Chiang 2017). These values give the What
# Works Clearinghouse's boundary table to 0.1 percentage points.
_WWC = {"cautious": (0.408, 0.353), "optimistic": (0.251, 0.205)}
_TOLERABLE_BIAS = 0.05
# Allowed differences at low overall attrition, as the Clearinghouse prints them.
_PUBLISHED = {
    "overall": (0.0, 0.01, 0.02, 0.05, 0.10),
    "cautious": (0.057, 0.058, 0.059, 0.061, 0.063),
    "optimistic": (0.100, 0.101, 0.102, 0.105, 0.109),
}
_IMPUTATIONS = 10


class _Imputer(MICEData):
    """statsmodels' imputer, with draws that do not hang on a processor's last digits.

    Its own draw of the parameters goes by a singular value decomposition, whose directions are
    arbitrary where dummies are nearly alike; and donors with equal predictions stand in the order
    of rounding errors. Where one column alone has gaps its model is the same in every imputation,
    and is fitted once.
    """

    def __init__(self, data: pd.DataFrame, **options: Any) -> None:
        self._made: dict[str, Any] = {}
        super().__init__(data, **options)

    def _once(self, name: str, make: Callable[[str], Any], vname: str) -> Any:
        if len(self._cycle_order) > 1:
            return make(vname)
        if name not in self._made:
            self._made[name] = make(vname)
        return self._made[name]

    def get_split_data(self, vname: str) -> Any:
        """Return the observed rows, and the predictors of both kinds of rows."""
        return self._once("split", super().get_split_data, vname)

    def _fit(self, vname: str) -> Any:
        endog, exog, init, options = self.get_fitting_data(vname)
        self.models[vname] = self.model_class[vname](endog, exog, **init)
        self.results[vname] = self.models[vname].fit(**options)
        return self.results[vname]

    def _perturb_gaussian(self, vname: str) -> None:
        fitted = self._once("fit", self._fit, vname)
        self.params[vname] = self.rng.multivariate_normal(
            fitted.params, fitted.cov_params(), method="cholesky"
        )

    def _get_predicted(self, predicted: Any) -> np.ndarray:
        # Six decimals: of some hundred thousand predictions none may lie so close to the border of
        # two steps that a processor's last digits decide (of nine decimals one or two do).
        step = 1e-6
        values = np.round(np.asarray(super()._get_predicted(predicted)) / step) * step
        # Ties are broken the same way everywhere, and differently on either side of a row. The
        # draws fill the step: of smaller ones some hundred ties would draw the same again.
        return values + step * np.random.default_rng(len(values)).random(len(values))


WITHOUT_VALUE, ATTRITION, JOINERS = "pupils without a value", "attrition", "joiners"
_ARMS = (("pilot_schools", True), ("comparison_schools", False))


def last_grade(data: pd.DataFrame, school_form: str) -> int:
    """Return the grade after which pupils leave the evaluation, or else the form.

    That is `last_grade` of a panel's data, where the evaluation is of other grades.
    """
    if "last_grade" in data and len(data):
        return int(data["last_grade"].max())
    return LAST_GRADES.get(school_form, int(data["grade"].max()))


def expected(data: pd.DataFrame, school_form: str) -> pd.DataFrame:
    """Return pupils who should still be there a year after the baseline, one row each.

    Baseline is the last term before the first start; pupils in the last grade are due to leave.
    Columns: pupil, school, pilot, stayed (seen two terms later), and the baseline's own columns.
    """
    start = data["first_treated_number"].min()
    base = data[data["term_number"] == start - 1]
    # In the last grade by then is fine; beyond it is not.
    base = _one_row_each(base[base["grade"] < last_grade(data, school_form)])
    later = set(data.loc[data["term_number"] == start + 1, "pupil"])
    if not later:  # the data end before: nobody is known to have left
        base = base.iloc[:0]
    return base.assign(stayed=base["pupil"].isin(later), pilot=base["ever_treated"])


def _one_row_each(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row a pupil, at the school with most lesson time."""
    most_last = rows.sort_values("scheduled_minutes", kind="stable")
    return most_last.drop_duplicates("pupil", keep="last")


def attrition_limit(overall: float, assumption: str = "cautious") -> float:
    """Return the differential attrition that a given overall attrition still allows (shares).

    From 10 % on the difference that biases an effect by 0.05 (`attrition_bias`). Below, arms of
    equal size could not differ by what the model allows, and the Clearinghouse's published boundary
    is read off instead. Missing where the overall attrition is.
    """
    if math.isnan(overall):
        return math.nan
    if overall < _PUBLISHED["overall"][-1]:
        return float(np.interp(overall, _PUBLISHED["overall"], _PUBLISHED[assumption]))

    def bias(difference: float) -> float:
        arms = (overall + difference / 2, overall - difference / 2)
        return attrition_bias(*arms, assumption) - _TOLERABLE_BIAS

    top = 2 * min(overall, 1 - overall)
    if top <= 0 or bias(top) < 0:
        return top
    if bias(0.0) > 0:
        return 0.0
    return float(optimize.brentq(bias, 0.0, top))


def attrition_bias(pilot: float, comparison: float, assumption: str = "cautious") -> float:
    """Return the bias (standard deviations) of an effect where such shares of the arms have left.

    The model of Deke & Chiang (2017): an arm with response rate r is biased by a phi(q)/r, q the
    normal quantile of 1 - r, a the correlation of response and outcome.
    """
    parts = []
    for a, left in zip(_WWC[assumption], (pilot, comparison), strict=True):
        left = min(max(left, 1e-12), 1 - 1e-9)
        parts.append(a * stats.norm.pdf(stats.norm.ppf(left)) / (1 - left))
    return float(parts[0] - parts[1])


def attrition(data: pd.DataFrame, school_form: str) -> pd.DataFrame:
    """Return attrition by arm, the difference, and what the WWC would allow (percentage points).

    Rows (estimands): pilot_schools, comparison_schools, overall, difference, cautious_boundary,
    optimistic_boundary. `n_pupils` is an arm's in its row; of the difference the smaller arm's,
    whose pupils move it most.
    """
    pupils = expected(data, school_form)
    left = ~pupils["stayed"]
    arms = [left[pupils["pilot"] == arm] for _, arm in _ARMS]
    pilot, other = (float(own.mean()) for own in arms)
    overall = float(left.mean())
    sizes = {name: len(own) for (name, _), own in zip(_ARMS, arms, strict=True)}
    sizes["difference"] = min(sizes.values())
    values = {
        "pilot_schools": pilot,
        "comparison_schools": other,
        "overall": overall,
        "difference": pilot - other,
        "cautious_boundary": attrition_limit(overall),
        "optimistic_boundary": attrition_limit(overall, "optimistic"),
    }
    return estimates.table(
        {
            "outcome": "left_within_a_year",
            "school_form": school_form,
            "population": ALL_PUPILS,
            "model": ATTRITION,
            "specification": "present_last_term_before",
            "estimand": name,
            "estimate": 100 * value,
            "unit": estimates.PERCENTAGE_POINTS,
            "n_pupils": sizes.get(name, len(pupils)),
            "method": "none",
            # Nobody who was there before the start was due to stay.
            **(reasons.cells("missing_baseline") if math.isnan(value) else {}),
        }
        for name, value in values.items()
    )


def joiners(data: pd.DataFrame, school_form: str) -> pd.DataFrame:
    """Return the share of pupils, by arm, who joined in the year after the last term before (per cent).

    Of those a year later who could have been there: beyond the first grade. Rows (estimands):
    pilot_schools, comparison_schools.
    """
    start = data["first_treated_number"].min()
    later = data[(data["term_number"] == start + 1) & (data["grade"] > data["grade"].min())]
    later = _one_row_each(later)
    before = set(data.loc[data["term_number"] == start - 1, "pupil"])
    if not before:  # nobody is seen then: of nobody is it known whether they are new
        later = later.iloc[:0]
    new = ~later["pupil"].isin(before)
    about = {"outcome": "joined_within_a_year", "model": JOINERS, "specification": "a_year_later"}
    return _shares(new, later["ever_treated"], school_form, about)


def _shares(
    having: pd.Series, pilot: pd.Series, school_form: str, about: Mapping[str, Any]
) -> pd.DataFrame:
    """Return the share of pupils (one row each) who have something, by arm, in per cent."""
    rows = []
    for name, arm in _ARMS:
        own = having[pilot == arm]
        share = 100 * float(own.mean()) if len(own) else math.nan
        rows.append(
            {
                **about,
                "school_form": school_form,
                "population": ALL_PUPILS,
                "estimand": name,
                "estimate": share,
                "unit": estimates.PERCENTAGE_POINTS,
                "n_pupils": len(own),
                "method": "none",
                **(reasons.cells("no_values") if math.isnan(share) else {}),
            }
        )
    return estimates.table(rows)


def without_value(
    data: pd.DataFrame, outcome: Outcome, school_form: str, parameters: Parameters
) -> pd.DataFrame:
    """Return the share of pupils, by arm, who lack an outcome in some term after the first start.

    Rows (estimands): pilot_schools, comparison_schools; per cent of the pupils enrolled then.
    """
    first = data["first_treated_number"].min()
    after = data[data["term_number"] >= first]
    known = after[outcome.name].notna().groupby(after["pupil"]).all()
    pilot = after.groupby("pupil")["ever_treated"].first()
    about = {
        "claim": outcome.claim,
        "outcome": outcome.name,
        "model": WITHOUT_VALUE,
        "specification": "after_the_first_start",
    }
    return _shares(~known, pilot, school_form, about)


def lee_bounds(
    data: pd.DataFrame, outcome: Outcome, school_form: str, parameters: Parameters
) -> pd.DataFrame:
    """Bound the effect on pupils who would stay in either kind of school (Lee 2009).

    The arm that kept more pupils loses its pupils with the largest (or smallest) change, until
    both kept the same share; each trimmed sample goes through the primary model, so the two
    intervals together cover the effect whoever left. Changes are means after minus before.
    """
    pupils = expected(data, school_form)
    start = data["first_treated_number"].min()
    own = data[data["pupil"].isin(pupils["pupil"]) & data[outcome.name].notna()]
    after = own["term_number"] >= start
    change = (
        own[after].groupby("pupil")[outcome.name].mean()
        - own[~after].groupby("pupil")[outcome.name].mean()
    ).dropna()
    pupils = pupils.assign(change=pupils["pupil"].map(change))
    if pupils["pilot"].nunique() < 2:
        raise NotEstimable("missing_baseline", "an arm has no pupil who was due to stay")
    kept = pupils.groupby("pilot")["change"].agg(lambda c: c.notna().mean())
    more = bool(kept[True] > kept[False])
    if not kept[more] > 0:
        raise NotEstimable("unknown_term", "no pupil of the baseline is seen after the start")
    share = float(1 - kept[not more] / kept[more])
    arm = pupils[(pupils["pilot"] == more) & pupils["change"].notna()].sort_values(
        ["change", "pupil"]
    )
    drop = round(share * len(arm))
    observed = pupils[pupils["change"].notna()]
    tables = []
    for bound in ("lower", "upper"):
        # Trimming high changes at pilot schools, or low ones elsewhere, lowers the effect.
        top = (bound == "lower") == more
        trimmed = arm["pupil"].tail(drop) if top else arm["pupil"].head(drop)
        sample = data[data["pupil"].isin(observed["pupil"]) & ~data["pupil"].isin(set(trimmed))]
        tables.append(
            effect(sample, outcome, school_form, parameters, f"{bound}_bound", model="Lee bounds")
        )
    return estimates.combine(tables)


def multiple_imputation(
    data: pd.DataFrame, outcome: Outcome, school_form: str, parameters: Parameters
) -> pd.DataFrame:
    """Return the primary estimate with missing outcomes imputed, beside complete cases.

    Rows that are missing: pupils of the baseline who left, in the terms they should have been
    there, and rows without the outcome. Predictive mean matching on the pupil's own mean before,
    background, term, school and treatment (statsmodels), 10 imputations, Rubin's rules with the
    few-school variance and Barnard & Rubin's (1999) degrees of freedom. Assumes that who is missing
    depends on what is observed.
    """
    start = data["first_treated_number"].min()
    pupils = expected(data, school_form)
    rows = data[data["pupil"].isin(pupils["pupil"])]
    rows = rows.sort_values("scheduled_minutes", kind="stable").drop_duplicates(
        ["pupil", "term"], keep="last"
    )
    if rows["first_treated_number"].isna().all():
        raise NotEstimable("missing_baseline", "no pupil of the baseline was due to stay")
    full = _with_leavers(rows, pupils, school_form)
    before = rows[rows["term_number"] < start].groupby("pupil")[outcome.name].mean()
    own = full["pupil"].map(before)
    full = full[own.notna()].assign(own=own[own.notna()])
    missing = int(full[outcome.name].isna().sum())
    complete = effect(
        full,
        outcome,
        school_form,
        parameters,
        "complete_cases",
        model="multiple imputation",
    )
    if missing == 0:
        return complete
    design = pd.concat(
        [
            full[
                [
                    "own",
                    "girl",
                    "foreign_background",
                    "treated",
                    "parental_education_low",
                    "parental_education_high",
                ]
            ].astype(float),
            pd.get_dummies(full["term"], prefix="term", drop_first=True, dtype=float),
            pd.get_dummies(full["school"], prefix="school", drop_first=True, dtype=float),
        ],
        axis=1,
    ).dropna(axis="columns", how="all")
    # What does not vary of its own where the outcome is known (a term without values) predicts
    # nothing.
    known = design[full[outcome.name].notna()].dropna()
    design = design.iloc[:, _independent((known - known.mean()).to_numpy())]
    design.columns = [f"x{i}" for i in range(design.shape[1])]
    frame = design.assign(y=full[outcome.name].to_numpy()).reset_index(drop=True)
    imputer = _Imputer(frame, k_pmm=10, rng=np.random.default_rng(parameters.seed))
    found = []
    for _ in range(_IMPUTATIONS):
        imputer.update_all()
        found.append(
            effect(
                full.assign(**{outcome.name: imputer.data["y"].to_numpy()}),
                outcome,
                school_form,
                parameters.model_copy(update={"inference": "CR2"}),
                "imputed",
            )
        )
    pooled = rubin(pd.concat(found), parameters.ci_level)
    pooled = choice.limit_by_design(pooled, choice.Design.of_schools(full).smallest_p)
    return estimates.combine(
        [
            complete,
            label(pooled, outcome, school_form, "imputed", model="multiple imputation", scale=1.0),
        ]
    )


def _independent(columns: np.ndarray) -> np.ndarray:
    """Return which columns of a matrix to keep so that none is a sum of earlier ones.

    Each is held against those before it, one by one: a pivoted decomposition goes by sizes, and
    where dummies are equally large rounding errors, thus processors, would choose.
    """
    kept: list[int] = []
    largest = float(np.linalg.norm(columns, axis=0).max(initial=0.0))
    basis = np.zeros((len(columns), 0))
    for number, column in enumerate(columns.T):
        rest = column - basis @ (basis.T @ column)
        rest -= basis @ (basis.T @ rest)
        size = float(np.linalg.norm(rest))
        if size > 1e-9 * largest:
            kept.append(number)
            basis = np.column_stack([basis, rest / size])
    return np.array(kept, dtype=int)


def _with_leavers(rows: pd.DataFrame, pupils: pd.DataFrame, school_form: str) -> pd.DataFrame:
    """Add the terms in which a pupil of the baseline should have been seen and was not."""
    numbers = sorted(rows["term_number"].unique())
    base = pupils.set_index("pupil")
    start = int(rows["first_treated_number"].min())
    grid = pd.MultiIndex.from_product(
        [base.index, [n for n in numbers if n >= start]], names=["pupil", "term_number"]
    )
    gap = grid.difference(pd.MultiIndex.from_frame(rows[["pupil", "term_number"]]))
    added = gap.to_frame(index=False).merge(
        base.drop(columns=["term_number", "term"]).reset_index(), on="pupil"
    )
    # A new grade starts every autumn: terms are numbered two a year, autumns odd.
    years = (added["term_number"] + 1) // 2 - start // 2
    added = added.assign(grade=added["grade"] + years)
    # At a school that closed nobody was missing.
    open_then = pd.MultiIndex.from_frame(rows[["school", "term_number"]])
    there = pd.MultiIndex.from_frame(added[["school", "term_number"]]).isin(open_then)
    added = added[there & (added["grade"] <= last_grade(rows, school_form))]
    if "grade_name" in added:
        added = added.assign(grade_name=added["grade"].astype("Int64").astype("str"))
    term = rows.drop_duplicates("term_number").set_index("term_number")["term"]
    first = added["first_treated_number"]
    outcomes = [c for c in rows.columns if rows[c].dtype == float and c not in _KNOWN]
    added = added.assign(
        term=added["term_number"].map(term),
        treated=((added["term_number"] >= first) & first.notna()).astype(float),
        **dict.fromkeys(outcomes, np.nan),
    )
    return pd.concat([rows, added[rows.columns]], ignore_index=True)


_KNOWN = (
    "term_number",
    "first_treated_number",
    "treated",
    "girl",
    "foreign_background",
    "newly_arrived",
    "parental_education",
    "parental_education_low",
    "parental_education_high",
    "event_time",
    "grade_second",
    "grade_third",
)


def rubin(fits: pd.DataFrame, ci_level: float) -> pd.DataFrame:
    """Pool estimates of imputed data sets into one row (Rubin 1987; Barnard & Rubin 1999)."""
    m = len(fits)
    estimate = float(fits["estimate"].mean())
    within = float((fits["std_error"] ** 2).mean())
    between = float(fits["estimate"].var(ddof=1)) if m > 1 else 0.0
    total = within + (1 + 1 / m) * between
    complete = float(fits["df"].mean())
    lost = (1 + 1 / m) * between / total if total > 0 else 0.0
    old = (m - 1) / lost**2 if lost > 0 else math.inf
    observed = (complete + 1) / (complete + 3) * complete * (1 - lost)
    df = observed if math.isinf(old) else old * observed / (old + observed)
    error = math.sqrt(total)
    reach = float(stats.t.ppf((1 + ci_level) / 2, df)) * error
    statistic = estimate / error if error > 0 else math.nan
    return estimates.table(
        [
            fits.iloc[0].to_dict()
            | {
                "estimate": estimate,
                "std_error": error,
                "statistic": statistic,
                "df": df,
                "p_value": float(2 * stats.t.sf(abs(statistic), df)),
                "ci_low": estimate - reach,
                "ci_high": estimate + reach,
                "method": "CR2_rubin",
            }
        ]
    )
