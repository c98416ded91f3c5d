"""Numerical trouble has a name: a row that says what could not be estimated, and the run goes on."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pilot_analysis import panel, plan
from pilot_analysis.catalogue.words import words_for
from pilot_analysis.estimators import nonlinear, regression
from pilot_analysis.evaluation import checks, claims, evidence, questionnaires, questions, targeting
from pilot_analysis.evaluation.fitting import attempt
from pilot_analysis.panel import OUTCOMES
from pilot_analysis.panel import questionnaires as asked
from pilot_analysis.parameters import Parameters
from pilot_analysis.report.sentences import sentence

QUICK = Parameters(bootstrap_draws=99, max_placements=500)
OUTCOME = OUTCOMES["absence_share"]
LAST_BUT_ONE = "VT2020"


@pytest.fixture(scope="module")
def whole(tiny_processed):
    return panel.build(tiny_processed, QUICK)


def only_one_treated(data):
    first = data.loc[data["ever_treated"], "school"].min()
    return data[~data["ever_treated"] | (data["school"] == first)]


def nobody_treated(data):
    return data[~data["ever_treated"]]


def no_comparison(data):
    return data[data["ever_treated"]]


def no_variation(data):
    return data.assign(absence_share=0.1)


def all_missing(data):
    return data.assign(absence_share=np.nan)


def infinite(data):
    values = data["absence_share"].to_numpy(copy=True)
    for form in data["school_form"].unique():
        values[np.flatnonzero((data["school_form"] == form) & data["absence_share"].notna())[3]] = (
            np.inf
        )
    return data.assign(absence_share=values)


def a_term_without_values(data):
    return data.assign(absence_share=data["absence_share"].where(data["term"] != LAST_BUT_ONE))


def nothing_before_the_start(data):
    return data[data["term_number"] >= data["first_treated_number"].min()]


def no_rows(data):
    return data.iloc[:0]


def a_school_without_values(data):
    first = data.loc[data["ever_treated"], "school"].min()
    return data.assign(absence_share=data["absence_share"].where(data["school"] != first))


# What spoils the data, and whether every model must refuse (or some can still estimate).
TROUBLES = {
    only_one_treated: False,
    nobody_treated: True,
    no_comparison: False,
    no_variation: True,
    all_missing: True,
    infinite: True,
    a_term_without_values: False,
    nothing_before_the_start: False,
    no_rows: True,
    a_school_without_values: False,
}


def told(row):
    """Say whether a row has a finite estimate, or says why it has none."""
    return (
        np.isfinite(row["estimate"])
        or bool(row["reason"])
        or np.isfinite(row["p_value"])
        or (np.isfinite(row["statistic"]))
    )


@pytest.mark.slow
@pytest.mark.parametrize("spoil", TROUBLES, ids=lambda f: f.__name__)
@pytest.mark.parametrize("school_form", ["GR", "GY"])
def test_every_model_of_an_outcome_estimates_or_says_why_not(whole, spoil, school_form):
    spoilt = replace(whole, data=spoil(whole.data))
    table = claims.evaluate_outcome(spoilt, OUTCOME, school_form, QUICK)
    assert len(table)
    for row in table.to_dict("records"):
        assert told(row), row
        # Where a number stands, it is one: no NaN interval beside an estimate that claims one.
        whole_row = np.isfinite(row["estimate"]) and np.isfinite(row["p_value"])
        if (
            whole_row and not row["reason"] and row["estimand"] != "pre_trend"
        ):  # that has no interval
            assert not np.isnan(row["ci_low"]), row
            assert 0 <= row["p_value"] <= 1
            assert row["p_value"] >= row["p_value_min"] - 1e-12 or np.isnan(row["p_value_min"])
    if TROUBLES[spoil]:
        assert table["estimate"].isna().all(), table[["model", "estimate"]]
    # The report says it in words, in both languages.
    (head,) = claims.headline(table).to_dict("records")
    for language in ("en", "sv"):
        words = sentence(head, words_for(language, Parameters()))
        assert "nan" not in words.lower().split()
        if np.isnan(head["estimate"]):
            assert (
                "cannot be determined" if language == "en" else "går inte att fastställa"
            ) in words
            assert "column" not in words, words


@pytest.mark.slow
def test_trouble_in_one_outcome_leaves_the_others_as_they_were(whole):
    spoilt = replace(whole, data=infinite(whole.data))
    clean = claims.evaluate_claim(whole, "C1", QUICK)
    table = claims.evaluate_claim(spoilt, "C1", QUICK)
    for name in set(clean["outcome"]) - {"absence_share"}:
        pd.testing.assert_frame_equal(
            table[table["outcome"] == name].reset_index(drop=True),
            clean[clean["outcome"] == name].reset_index(drop=True),
        )
    assert table[table["outcome"] == "absence_share"]["estimate"].isna().all()


@pytest.mark.slow
def test_a_school_form_without_comparison_schools_says_so_and_the_rest_goes_on(whole):
    upper = whole.data["school_form"] == "GY"
    spoilt = replace(whole, data=whole.data[~upper | whole.data["ever_treated"]])
    table = claims.evaluate_claim(spoilt, "C1", QUICK)
    assert set(table.loc[table["school_form"] == "GY", "reason"]) == {"no_untreated"}
    assert table.loc[table["school_form"] == "GR", "estimate"].notna().any()


@pytest.mark.slow
@pytest.mark.parametrize(
    "spoil",
    [only_one_treated, nobody_treated, all_missing, a_term_without_values, infinite],
    ids=lambda f: f.__name__,
)
def test_targeted_support_goes_on(whole, tiny_processed, spoil):
    spoilt = replace(whole, data=spoil(whole.data))
    table = targeting.evaluate_targeting(spoilt, tiny_processed, QUICK)
    for row in table.to_dict("records"):
        assert told(row), row


def separated(data):
    """An outcome that is 1 exactly where the treatment is."""
    return data.assign(persistent_absence=data["treated"].astype(float))


def collinear(data):
    return data.assign(girl=1.0, foreign_background=data["grade_second"] + data["grade_third"])


def test_perfect_separation_and_singular_designs_have_a_row_that_says_so(whole):
    data = separated(whole.form("GR"))
    described = OUTCOMES["persistent_absence"]
    common = {"treatment": "treated", "group": "school", "time": "term", "cluster": "school"}
    table = attempt(
        nonlinear.logistic if hasattr(nonlinear, "logistic") else regression.logistic,
        data,
        described,
        **common,
    )
    assert table["estimate"].isna().all()
    assert set(table["reason"]) <= {"separated", "no_variation"}, table["reason"]
    table = attempt(
        regression.ols,
        collinear(whole.form("GR")),
        OUTCOME,
        **common,
        covariates=("girl", "grade_second", "grade_third", "foreign_background"),
    )
    assert table["estimate"].isna().all()
    assert (table["reason"] == "collinear").all(), table["reason"]


CHECKS = [
    checks.pre_trend,
    checks.honest_did,
    checks.leave_one_school_out,
    checks.placebo_starts,
    checks.other_samples,
    checks.comparison_placebo,
    checks.reporting_bounds,
    checks.other_estimators,
    checks.lee_bounds,
    checks.multiple_imputation,
]


@pytest.mark.slow
@pytest.mark.parametrize("check", CHECKS, ids=lambda f: f.__name__)
@pytest.mark.parametrize("spoil", TROUBLES, ids=lambda f: f.__name__)
def test_every_robustness_check_estimates_or_says_why_not(whole, spoil, check):
    spoilt = replace(whole, data=spoil(whole.data))
    table = checks.over_forms(check, spoilt, [OUTCOME], QUICK)
    assert len(table) >= len(spoilt.school_forms)
    for row in table.to_dict("records"):
        assert told(row), row


@pytest.mark.slow
@pytest.mark.parametrize("spoil", TROUBLES, ids=lambda f: f.__name__)
def test_the_plan_s_questions_are_graded_or_it_says_why_not(whole, spoil):
    spoilt = replace(whole, data=spoil(whole.data))
    compared = [
        claims.compare_inference(spoilt, OUTCOME, QUICK),
        questions.joint_tests(spoilt, plan.load(), QUICK),
        checks.attrition_by_form(spoilt),
        evidence.evaluate_plan(spoilt, plan.load(), QUICK),
    ]
    for table in compared:
        for row in table.to_dict("records"):
            assert told(row) or (row["model"] == evidence.MODEL and row["specification"]), row


def nobody_answered_before(data):
    return data[data["period"] == "after"]


def alike(data):
    return data.assign(**{q: 66.0 for q in data.columns if q[0] == "q" and q[1:].isdigit()})


def unanswered(data):
    return data.assign(**{c: np.nan for c in data.columns if c.endswith("_index") or c[0] == "q"})


@pytest.mark.slow
@pytest.mark.parametrize(
    "spoil",
    [
        only_one_treated,
        nobody_treated,
        no_comparison,
        no_rows,
        nobody_answered_before,
        alike,
        unanswered,
    ],
    ids=lambda f: f.__name__,
)
def test_questionnaires_estimate_or_say_why_not(tiny_processed, spoil):
    found = asked.roles(tiny_processed, QUICK)
    spoilt = {role: replace(answers, data=spoil(answers.data)) for role, answers in found.items()}
    for row in questionnaires.evaluate_questionnaires(spoilt, QUICK).to_dict("records"):
        assert told(row), row
