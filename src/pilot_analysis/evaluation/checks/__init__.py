"""Would another reasonable choice change the answer? One module a kind of doubt."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd

from pilot_analysis import estimates
from pilot_analysis.catalogue import reasons
from pilot_analysis.errors import NotEstimable
from pilot_analysis.evaluation.checks.curve import (
    CHOICES,
    curve_panels,
    joint_curve_test,
    specification_curve,
)
from pilot_analysis.evaluation.checks.curve import MODEL as CURVE
from pilot_analysis.evaluation.checks.honest import MODEL as HONEST
from pilot_analysis.evaluation.checks.honest import (
    RELATIVE_MAGNITUDES,
    STRAIGHT_TREND,
    honest_did,
)
from pilot_analysis.evaluation.checks.missing import (
    ATTRITION,
    JOINERS,
    WITHOUT_VALUE,
    attrition,
    attrition_bias,
    attrition_limit,
    joiners,
    lee_bounds,
    multiple_imputation,
    without_value,
)
from pilot_analysis.evaluation.checks.pretrend import MODEL as DRIFT
from pilot_analysis.evaluation.checks.pretrend import pre_trend
from pilot_analysis.evaluation.checks.stability import (
    LEFT_OUT,
    PLACEBO_START,
    comparison_placebo,
    leave_one_school_out,
    other_estimators,
    other_samples,
    placebo_starts,
    reporting_bounds,
)
from pilot_analysis.evaluation.fitting import check_comparable, is_comparable, label
from pilot_analysis.panel import Outcome, Panel
from pilot_analysis.parameters import Parameters

__all__ = [
    "ATTRITION",
    "CHOICES",
    "DRIFT",
    "HONEST",
    "JOINERS",
    "LEFT_OUT",
    "PLACEBO_START",
    "RELATIVE_MAGNITUDES",
    "STRAIGHT_TREND",
    "WITHOUT_VALUE",
    "attrition",
    "attrition_bias",
    "attrition_by_form",
    "attrition_limit",
    "comparison_placebo",
    "curve_panels",
    "curves",
    "honest_did",
    "joiners",
    "joint_curve_test",
    "leave_one_school_out",
    "lee_bounds",
    "multiple_imputation",
    "other_estimators",
    "other_samples",
    "over_forms",
    "placebo_starts",
    "pre_trend",
    "reporting_bounds",
    "specification_curve",
    "without_value",
]


def over_forms(
    check: Callable[..., pd.DataFrame],
    panel: Panel,
    outcomes: Sequence[Outcome],
    parameters: Parameters,
) -> pd.DataFrame:
    """Return one check of every outcome in every school form that has it.

    Where it cannot be made there is a row that says why, and the others go on.
    """
    return estimates.combine(
        _made(check, panel.form(form), outcome, form, parameters)
        for form in panel.school_forms
        for outcome in outcomes
        if outcome.exists_in(form)
    )


def _made(
    check: Callable[..., pd.DataFrame],
    data: pd.DataFrame,
    outcome: Outcome,
    form: str,
    parameters: Parameters,
) -> pd.DataFrame:
    try:
        check_comparable(data, outcome)
        return check(data, outcome, form, parameters)
    except NotEstimable as error:
        row = estimates.table([{"outcome": outcome.name} | reasons.columns(error)])
    return label(row, outcome, form, model=check.__name__.replace("_", " "))


def attrition_by_form(panel: Panel) -> pd.DataFrame:
    """Return `attrition` and `joiners` of every school form with schools on both sides of a start."""
    return estimates.combine(
        who(panel.form(form), form)
        for form in panel.school_forms
        if is_comparable(panel.form(form))
        for who in (attrition, joiners)
    )


def curves(processed: Path, panel: Panel, parameters: Parameters) -> pd.DataFrame:
    """Return the specification curve and its joint test, every school form apart."""
    tables = []
    panels = curve_panels(processed, parameters)
    for form in panel.school_forms:
        try:
            curve = specification_curve(panels, parameters, form)
        except NotEstimable as error:
            row = {"outcome": "absence_share", "school_form": form, "model": CURVE}
            tables.append(estimates.table([row | reasons.columns(error)]))
            continue
        tables += [curve.rows, joint_curve_test(curve)]
    return estimates.combine(tables)
