"""The plan's primary questions: the rows that answer one, and one test over all school forms."""

from typing import Any

import pandas as pd

from pilot_analysis import estimates
from pilot_analysis.catalogue import reasons
from pilot_analysis.errors import NotEstimable
from pilot_analysis.estimators.school_level import school_means
from pilot_analysis.evaluation.fitting import (
    ADJUSTED_FOR,
    ALL_PUPILS,
    PRIMARY_SPECIFICATION,
    check_comparable,
)
from pilot_analysis.evaluation.targeting import ELIGIBLE, TARGETED, among
from pilot_analysis.inference import joint_test as test_jointly
from pilot_analysis.inference.school_terms import SchoolTerms
from pilot_analysis.panel import OUTCOMES, Outcome, Panel, eligible_panel
from pilot_analysis.parameters import Parameters
from pilot_analysis.plan import Plan, Question

JOINT = "joint test over school forms"
# What answers a claim about which the plan asks no primary question: outcome and population.
SECONDARY = {
    "C1": ("absence_share", ALL_PUPILS),
    "C2": ("goals_all", ALL_PUPILS),
    "C3": ("absence_share", ELIGIBLE),
    "C4": ("goals_all", TARGETED),
    "C5": ("hours_other", "teachers"),
    "C6": ("safety_index", "pupils_answering"),
}
_OF_PUPILS = (ALL_PUPILS, ELIGIBLE, TARGETED)


def secondary(plan: Plan) -> list[Question]:
    """Return the questions about pupils that answer claims of which the plan asks none."""
    asked = {question.claim for question in plan.primary}
    return [
        Question(claim=claim, outcome=outcome, population=population)
        for claim, (outcome, population) in SECONDARY.items()
        if claim not in asked and population in _OF_PUPILS
    ]


def question_data(
    panel: Panel, question: Question, school_form: str, parameters: Parameters
) -> pd.DataFrame:
    """Return the rows that answer a question; `school` is the one that decides treatment.

    Raises:
        NotEstimable: the rule of the question's population selects nobody.
        ValueError: for a population the evaluation does not have.

    """
    if question.population == ALL_PUPILS:
        return panel.form(school_form)
    if question.population not in (ELIGIBLE, TARGETED):
        raise ValueError(
            f"the plan names a population that is not evaluated: {question.population}"
        )
    data = eligible_panel(panel, parameters, school_form)
    data = among(data, "targeted" if question.population == TARGETED else None)
    return data.assign(school=data["origin"])


def means_per_school(data: pd.DataFrame, outcome: Outcome) -> SchoolTerms:
    """Return the school x term means that the primary estimate of an outcome is made of.

    Raises `NotEstimable` as `estimators.school_level_did`.
    """
    return school_means(
        data,
        outcome=outcome.name,
        first_treated="first_treated_number",
        time="term_number",
        cluster="school",
        covariates=[c for c in ADJUSTED_FOR if c in data.columns],
        weights=outcome.weights,
    ).terms


def joint_test(panel: Panel, question: Question, parameters: Parameters) -> pd.DataFrame:
    """Test that a primary question has no effect in any school form; one row.

    Placements are dealt within school forms and their p-values combined (`inference.joint_test`): no
    pooled effect is estimated, so the row has a statistic and a p-value only. A school form that
    cannot answer is left out, which its own rows say.
    """
    outcome = OUTCOMES[question.outcome]
    row: dict[str, Any] = {
        "claim": question.claim,
        "outcome": outcome.name,
        "population": question.population,
        "model": JOINT,
        "specification": PRIMARY_SPECIFICATION,
        "unit": outcome.unit,
    }
    parts, why = [], None
    for form in panel.school_forms:
        if not outcome.exists_in(form):
            continue
        try:
            data = question_data(panel, question, form, parameters)
            check_comparable(data, outcome)
            parts.append(means_per_school(data, outcome).starting_inside())
        except NotEstimable as error:
            why = error
    try:
        if not parts:
            raise why or NotEstimable("no_values", f"no school form has {outcome.name!r}")
        found = test_jointly(parts, max_placements=parameters.max_placements, seed=parameters.seed)
    except NotEstimable as error:
        return estimates.table([row | reasons.columns(error)])
    return estimates.table(
        [
            row
            | found
            | {
                "method": "randomization_t",
                "n_schools": sum(len(part.schools) for part in parts),
                "n_treated_schools": sum(int(part.treated.sum()) for part in parts),
            }
        ]
    )


def joint_tests(panel: Panel, plan: Plan, parameters: Parameters) -> pd.DataFrame:
    """Return `joint_test` of every primary question; no row where the plan has no joint test."""
    if plan.joint_test is None:
        return estimates.table([])
    return estimates.combine(joint_test(panel, q, parameters) for q in plan.primary)
