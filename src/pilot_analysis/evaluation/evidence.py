"""How strong the evidence is: warnings, adjusted p-values and the grade, by the plan's rule."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pilot_analysis import estimates
from pilot_analysis.catalogue import reasons
from pilot_analysis.errors import NotEstimable
from pilot_analysis.evaluation import checks
from pilot_analysis.evaluation.claims import headline
from pilot_analysis.evaluation.fitting import check_comparable, effect
from pilot_analysis.evaluation.questions import JOINT, joint_tests, question_data, secondary
from pilot_analysis.forms import in_order
from pilot_analysis.panel import OUTCOMES, Outcome, Panel, baseline_balance
from pilot_analysis.parameters import Parameters
from pilot_analysis.plan import Grade, Plan, Question

MODEL, HOLM = "warning", "Holm"
RAISED, CLEAR, UNKNOWN = "raised", "clear", "unknown"


# The checks that warnings read, and how each is asked here.
_READ: Mapping[str, Callable[..., pd.DataFrame]] = {
    checks.DRIFT: checks.pre_trend,
    checks.HONEST: checks.honest_did,
    checks.LEFT_OUT: checks.leave_one_school_out,
    checks.PLACEBO_START: checks.placebo_starts,
}


def checks_of(
    data: pd.DataFrame,
    question: Question,
    outcome: Outcome,
    school_form: str,
    parameters: Parameters,
    computed: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Return the rows of the checks that a question's warnings read, but those in `computed`."""
    own = None
    if computed is not None:
        own = set(_rows_of(computed, (outcome.name, school_form, question.population))["model"])
    return estimates.combine(
        check(data, outcome, school_form, parameters).assign(
            claim=question.claim, population=question.population
        )
        for model, check in _READ.items()
        if own is None or model not in own
    )


def warnings_of(
    data: pd.DataFrame,
    question: Question,
    outcome: Outcome,
    school_form: str,
    plan: Plan,
    parameters: Parameters,
    checked: pd.DataFrame,
    *,
    drawn_by_lot: bool = False,
) -> pd.DataFrame:
    """Return one row a warning of a primary question, `specification` raised, clear or unknown.

    `estimand` names the warning, `estimate` is the figure it looks at and `bound` its limit.
    `checked` has the rows of the checks that are read (`checks_of`). Where pilot schools were drawn
    by lot the plan leaves some out: what differs before the start is chance, which the interval holds.
    """
    left_out = plan.warnings.not_where_drawn_by_lot if drawn_by_lot else []
    name = question.population
    own = _rows_of(checked, (outcome.name, school_form, name))
    read = {model: own[own["model"] == model] for model in _READ}
    level = 1 - parameters.ci_level
    looked_at = [
        _reporting(data, outcome, school_form, parameters),
        _drift(read[checks.DRIFT], outcome, level),
        _breakdown(read[checks.HONEST], plan.warnings.breakdown_below),
        _one_school(read[checks.LEFT_OUT], outcome),
        _placebo(read[checks.PLACEBO_START], level),
        _attrition(data, school_form),
        unlike_before(data, outcome, school_form, plan.warnings.baseline_g),
        *_moves(data, question, outcome, school_form, plan, parameters),
    ]
    looked_at = [check for check in looked_at if check is not None and check.name not in left_out]
    return rows_of(looked_at, question, school_form)


def rows_of(checks: Sequence["Check | None"], question: Question, form: str) -> pd.DataFrame:
    """Return checks as rows of the estimates table."""
    return estimates.table(
        {
            "claim": question.claim,
            "outcome": question.outcome,
            "model": MODEL,
            "estimand": check.name,
            "school_form": form,
            "population": question.population,
            "specification": check.state,
            "estimate": check.figure,
            "bound": check.limit,
            "unit": check.unit,
        }
        for check in checks
        if check is not None
    )


@dataclass(frozen=True)
class Check:
    """What a warning looks at: raised or not (None: unknown), the figure and its limit."""

    name: str
    raised: bool | None
    figure: float
    unit: str
    limit: float

    @property
    def state(self) -> str:
        """Say whether it is raised, clear or unknown."""
        return UNKNOWN if self.raised is None else RAISED if self.raised else CLEAR


def _reporting(
    data: pd.DataFrame, outcome: Outcome, form: str, parameters: Parameters
) -> Check | None:
    if outcome.claim != "C1":
        return None
    rows = effect(data, OUTCOMES["reporting_rate"], form, parameters, "reporting")
    moved = float(rows["estimate"].iloc[0])
    limit = parameters.reporting_warning_points
    raised = None if math.isnan(moved) else abs(moved) > limit
    return Check("reporting_changed", raised, moved, outcome.unit, limit)


def _drift(table: pd.DataFrame, outcome: Outcome, level: float) -> Check:
    rows = table.set_index("estimand")
    p = float(rows["p_value"].get("slope", math.nan)) if "slope" in rows.index else math.nan
    slope = float(rows["estimate"].get("slope", math.nan)) if "slope" in rows.index else math.nan
    raised = None if math.isnan(p) else p <= level
    return Check("drift_before_the_start", raised, slope, f"{outcome.unit} a term", math.nan)


def _breakdown(rows: pd.DataFrame, limit: float) -> Check:
    value = float(rows.loc[rows["estimand"] == "breakdown_value", "estimate"].iloc[0])
    raised = None if math.isnan(value) else value < limit
    unit = "times the largest earlier change"
    return Check("a_small_drift_would_overturn_it", raised, value, unit, limit)


def _one_school(rows: pd.DataFrame, outcome: Outcome) -> Check:
    known = rows[rows["estimate"].notna()]
    if known.empty:
        return Check("one_school_decides", None, math.nan, outcome.unit, math.nan)
    low, high = float(known["estimate"].min()), float(known["estimate"].max())
    return Check("one_school_decides", low <= 0 <= high, high - low, outcome.unit, math.nan)


def _placebo(rows: pd.DataFrame, level: float) -> Check:
    p = rows["p_value"].dropna()
    lowest = float(p.min() * len(p)) if len(p) else math.nan
    raised = None if math.isnan(lowest) else lowest <= level
    return Check("an_effect_before_any_mentor", raised, min(lowest, 1.0), "p-value", level)


def _attrition(data: pd.DataFrame, form: str) -> Check:
    rows = checks.attrition(data, form).set_index("estimand")["estimate"]
    difference = float(rows["difference"])
    raised = None if math.isnan(difference) else abs(difference) > rows["cautious_boundary"]
    return Check(
        "pupils_left_unevenly",
        raised,
        difference,
        estimates.PERCENTAGE_POINTS,
        float(rows["cautious_boundary"]),
    )


def unlike_before(data: pd.DataFrame, outcome: Outcome, form: str, limit: float) -> Check:
    """Look at how unlike pilot schools were in the outcome, in its last term before the start."""
    own = baseline_balance(data.assign(school_form=form), form, [outcome.name])["hedges_g"]
    g = float(own.iloc[0]) if len(own) else math.nan
    raised = None if math.isnan(g) else abs(g) > limit
    return Check("unlike_before", raised, g, "standard deviations", limit)


def _moves(
    data: pd.DataFrame,
    question: Question,
    outcome: Outcome,
    form: str,
    plan: Plan,
    parameters: Parameters,
) -> list[Check]:
    """Look at how far each planned sensitivity result moves the primary estimate."""
    interest = plan.evidence.smallest_effect_of_interest.get(outcome.name, math.nan)
    primary = _estimate(effect(data, outcome, form, parameters, "primary"))
    usual = data[~data["term"].isin(parameters.exceptional_terms)]
    options: dict[str, tuple[pd.DataFrame, dict[str, Any]]] = {
        "ratio": (data, {"scale": "ratio_in_points"}),
        "without_exceptional_terms": (usual, {}),
    }
    found = []
    for name in plan.warnings.sensitivity_moves:
        if name == "without_exceptional_terms" and len(usual) == len(data):
            continue  # there is none to leave out
        rows, how = options[name]
        moved = _estimate(effect(rows, outcome, form, parameters, name, **how)) - primary
        known = math.isfinite(moved) and math.isfinite(interest)
        raised = abs(moved) > interest if known else None
        found.append(Check(f"{name}_moves_it", raised, moved, outcome.unit, interest))
    return found


def _estimate(rows: pd.DataFrame) -> float:
    return float(rows["estimate"].iloc[0])


# --- Several primary questions ---------------------------------------------------------------


def holm(p_values: Sequence[float]) -> list[float]:
    """Return Holm's (1979) step-down adjusted p-values; unknown ones stay unknown.

    statsmodels' `multipletests` gives the same, and collects garbage at every call: a tenth of a
    second each.

    >>> holm([0.01, math.nan, 0.04, 0.03])
    [0.03, nan, 0.06, 0.06]
    """
    p = np.asarray(p_values, dtype=float)
    smallest_first = np.argsort(p, kind="stable")[: np.count_nonzero(~np.isnan(p))]
    left = np.arange(len(smallest_first), 0, -1)
    adjusted = np.full(len(p), np.nan)
    adjusted[smallest_first] = np.maximum.accumulate(left * p[smallest_first]).clip(max=1.0)
    return [float(v) for v in adjusted]


def holm_rows(plan: Plan, table: pd.DataFrame) -> pd.DataFrame:
    """Return the primary questions' rows with p-values adjusted over each school form's family.

    Model `Holm`, on the run's own p-values.
    """
    tables = []
    for form in in_order(table["school_form"]):
        rows = [row for q in plan.primary if (row := headline_row(table, q, form)) is not None]
        adjusted = holm([float(row["p_value"]) for row in rows])
        tables.append(
            estimates.table(
                row | {"model": HOLM, "p_value": p, "specification": "primary_questions"}
                for row, p in zip(rows, adjusted, strict=True)
            )
        )
    return estimates.combine(tables)


def headline_row(
    table: pd.DataFrame, question: Question, school_form: str
) -> dict[str, Any] | None:
    """Return the primary row that answers a question, or None."""
    key = (question.outcome, school_form, question.population)
    rows = _rows_of(headline(table), key)
    return rows.iloc[0].to_dict() if len(rows) else None


# --- The grade -------------------------------------------------------------------------------


def grade(
    row: Mapping[str, Any],
    plan: Plan,
    *,
    n_warnings: int,
    primary_question: bool,
    exploratory: bool,
    adjusted_p: float = math.nan,
) -> Grade:
    """Return the strength of evidence of one estimate by the plan's rule.

    `n_warnings` are those raised and those that could not be looked for. A primary question also
    needs its Holm-adjusted p-value at the level; results that are secondary or exploratory are weak
    at most.
    """
    low, high = row["ci_low"], row["ci_high"]
    if row.get("reason") or not (math.isfinite(low) and math.isfinite(high)):
        return "cannot be determined"
    interest = plan.evidence.smallest_effect_of_interest.get(row["outcome"], 0.0)
    # No placement of so few schools reaches the level: the answer leans on its assumption.
    assumed = row.get("p_value_min", 0.0) > 1 - row["ci_level"] + 1e-12
    if max(abs(low), abs(high)) < interest:
        doubted = assumed or n_warnings > plan.evidence.moderate_up_to_warnings
        return "cannot be determined" if doubted else "no effect of interest"
    if low <= 0 <= high:
        return "cannot be determined"
    if primary_question and not adjusted_p <= 1 - row["ci_level"]:
        return "cannot be determined"
    if exploratory or not primary_question or assumed:
        return "weak"
    if n_warnings <= plan.evidence.strong_up_to_warnings:
        return "strong"
    if n_warnings <= plan.evidence.moderate_up_to_warnings:
        return "moderate"
    return "weak"


# Warnings that ask what would take an effect away: nothing of a result that is no effect.
_OF_AN_EFFECT = frozenset({"a_small_drift_would_overturn_it", "one_school_decides"})


def weakens(name: str, row: Mapping[str, Any]) -> bool:
    """Say whether a warning counts against a result: fewer do where no effect is established.

    The grade counts these, and the report prints no others.

    Examples:
    >>> open_, clear = {"ci_low": -1.0, "ci_high": 2.0}, {"ci_low": 0.5, "ci_high": 2.0}
    >>> [weakens("one_school_decides", row) for row in (open_, clear)]
    [False, True]
    >>> weakens("reporting_changed", open_)
    True

    """
    has_effect = row["ci_low"] > 0 or row["ci_high"] < 0
    return bool(has_effect or name not in _OF_AN_EFFECT)


def grades(everything: pd.DataFrame, plan: Plan, *, exploratory: bool) -> pd.DataFrame:
    """Return one row a primary estimate of the run: its grade, warnings and adjusted p-value.

    Columns: claim, outcome, school_form, population, grade, warnings (codes of those raised),
    weakening (a list of those that count), unmade (a list of checks that could not be made, which
    clear nothing and so count as well), primary, adjusted_p.
    """
    asked = {(q.outcome, q.population) for q in plan.primary}
    looked_at = everything[everything["model"].isin([MODEL, HOLM])]
    rows = []
    for row in headline(everything).to_dict("records"):
        key = (row["outcome"], row["school_form"], row["population"])
        primary = (row["outcome"], row["population"]) in asked
        own = _rows_of(looked_at, key)
        # A question that cannot be answered has one row, which names no warning.
        warned = own[(own["model"] == MODEL) & (own["estimand"] != "")]
        looked_for = warned.groupby("specification")["estimand"].agg(list)
        raised, unknown = (looked_for.get(state, []) for state in (RAISED, UNKNOWN))
        adjusted = own.loc[own["model"] == HOLM, "p_value"]
        p = float(adjusted.iloc[0]) if len(adjusted) else math.nan
        weakening, unmade = (
            [name for name in names if weakens(name, row)] for names in (raised, unknown)
        )
        rows.append(
            {
                "claim": row["claim"],
                "outcome": key[0],
                "school_form": key[1],
                "population": key[2],
                "grade": grade(
                    row,
                    plan,
                    n_warnings=len(weakening) + len(unmade),
                    exploratory=exploratory,
                    primary_question=primary,
                    adjusted_p=p,
                ),
                "warnings": ", ".join(raised),
                "weakening": weakening,
                "unmade": unmade,
                "primary": primary,
                "adjusted_p": p,
            }
        )
    return pd.DataFrame(rows)


def _rows_of(table: pd.DataFrame, key: tuple[str, str, str]) -> pd.DataFrame:
    return table[
        (table["outcome"] == key[0])
        & (table["school_form"] == key[1])
        & (table["population"] == key[2])
    ]


def evaluate_plan(
    panel: Panel,
    plan: Plan,
    parameters: Parameters,
    computed: pd.DataFrame | None = None,
    *,
    drawn_by_lot: bool = False,
) -> pd.DataFrame:
    """Return each question's warnings with the checks they read, and the plan's joint test.

    The primary questions, and those that answer other claims about pupils (`secondary`).

    `computed` may hold the checks' and the joint tests' own rows: then these are neither computed
    nor returned again.
    """
    tables: list[pd.DataFrame] = []
    if computed is None or not (computed["model"] == JOINT).any():
        tables.append(joint_tests(panel, plan, parameters))
    for form in panel.school_forms:
        for question in (*plan.primary, *secondary(plan)):
            outcome = OUTCOMES[question.outcome]
            if not outcome.exists_in(form):
                continue
            try:
                data = question_data(panel, question, form, parameters)
                check_comparable(data, outcome)
            except NotEstimable as error:
                tables.append(_unanswered(question, form, error))
                continue
            missing = checks_of(data, question, outcome, form, parameters, computed)
            checked = missing if computed is None else estimates.combine([computed, missing])
            tables += [
                missing,
                warnings_of(
                    data,
                    question,
                    outcome,
                    form,
                    plan,
                    parameters,
                    checked,
                    drawn_by_lot=drawn_by_lot,
                ),
            ]
    return estimates.combine(tables)


def _unanswered(question: Question, form: str, error: NotEstimable) -> pd.DataFrame:
    return estimates.table(
        [
            {
                "claim": question.claim,
                "outcome": question.outcome,
                "model": MODEL,
                "school_form": form,
                "population": question.population,
                "specification": UNKNOWN,
            }
            | reasons.columns(error)
        ]
    )
