"""Each claim's regression as a statsmodels formula gives the pipeline's own estimate, to 1e-10."""

import warnings

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from pilot_analysis import estimators, evaluation, panel
from pilot_analysis.errors import NotEstimable
from pilot_analysis.evaluation import questionnaires, targeting
from pilot_analysis.evaluation.fitting import ADJUSTED_FOR
from pilot_analysis.panel import questionnaires as asked
from pilot_analysis.parameters import Parameters

TOLERANCE = 1e-10
PARAMETERS = Parameters(bootstrap_draws=99, max_placements=200)
DESIGN = {"first_treated": "first_treated_number", "time": "term_number"}


@pytest.fixture(scope="module")
def built(tiny_processed):
    return panel.build(tiny_processed, PARAMETERS)


def by_formula(rows, outcome, cluster="school"):
    row = estimators.regress_changes(
        rows,
        outcome=outcome.name,
        regression=smf.wls,
        weights=outcome.weights,
        cluster=cluster,
        covariates=[c for c in ADJUSTED_FOR if c in rows],
        **DESIGN,
    )
    return outcome.scale * row["estimate"].iloc[0]


def primary(table, claim, outcome, form):
    rows = evaluation.headline(table)
    rows = rows[(rows["claim"] == claim) & (rows["outcome"] == outcome.name)]
    return rows.loc[rows["school_form"] == form, "estimate"].iloc[0]


@pytest.mark.slow
@pytest.mark.parametrize("claim", ["C1", "C2"])
def test_of_registers(built, claim):
    for form in built.school_forms:
        rows = built.form(form)
        for outcome in panel.outcomes(claim, form):
            expected = evaluation.fitting.answer(rows, outcome, form, PARAMETERS)["estimate"].iloc[
                0
            ]
            if np.isfinite(expected):
                assert by_formula(rows, outcome) == pytest.approx(expected, abs=TOLERANCE), outcome


@pytest.mark.slow
def test_of_eligible_pupils(built, tiny_processed):
    table = targeting.evaluate_targeting(built, tiny_processed, PARAMETERS)
    compared = 0
    for form in built.school_forms:
        try:
            rows = panel.eligible_panel(built, PARAMETERS, form)
        except NotEstimable:
            continue
        for claim, name, kind in (
            ("C3", "absence_share", None),
            ("C4", "goals_share_registered", "targeted"),
        ):
            outcome = panel.OUTCOMES[name]
            expected = primary(table, claim, outcome, form)
            if np.isfinite(expected):
                found = by_formula(targeting.among(rows, kind), outcome, "origin")
                assert found == pytest.approx(expected, abs=TOLERANCE)
                compared += 1
    assert compared >= 2


@pytest.mark.slow
def test_of_questionnaires(tiny_processed):
    parameters = Parameters(survey_min_answers=5, survey_min_response=0.0)
    roles = asked.roles(tiny_processed, parameters)
    table = questionnaires.evaluate_questionnaires(roles, parameters)
    compared = 0
    for claim, name in (("C5", "hours_other"), ("C6", "safety_index")):
        outcome = panel.SURVEY_OUTCOMES[name]
        data = roles[outcome.role].data
        for form in ("GR", "GY"):
            expected = primary(table, claim, outcome, form)
            if np.isfinite(expected):
                rows = data[data["school_form"] == form]
                assert by_formula(rows, outcome) == pytest.approx(expected, abs=TOLERANCE)
                compared += 1
    assert compared >= 2


def test_with_starts_that_differ_and_terms_that_are_missing():
    rng = np.random.default_rng(3)
    rows = pd.DataFrame(
        [(s, t, rng.normal()) for s in range(9) for t in range(8)],
        columns=["school", "term_number", "y"],
    )
    starts = {0: 3.0, 1: 5.0, 2: 5.0}
    rows["first_treated_number"] = rows["school"].map(starts)
    rows = rows[~((rows["school"] == 6) & (rows["term_number"] > 4))]
    rows = rows[~((rows["school"] == 1) & (rows["term_number"] == 0))]
    same = {"outcome": "y", "cluster": "school", **DESIGN}
    for weights in ("equal", "pupils"):
        row = estimators.school_level_did(rows, school_weights=weights, **same).iloc[0]
        fitted = estimators.regress_changes(
            rows, regression=smf.wls, school_weights=weights, **same
        )
        assert fitted["estimate"].iloc[0] == pytest.approx(row["estimate"], abs=TOLERANCE)
    # The textbook's two-way regression is another number here: starts differ.
    known = rows.assign(treated=rows["term_number"].ge(rows["first_treated_number"]).astype(float))
    textbook = smf.ols("y ~ C(school) + C(term_number) + treated", known).fit().params["treated"]
    assert abs(textbook - fitted["estimate"].iloc[0]) > 1e-3


def test_with_one_start_and_every_term_it_is_the_textbook_s_two_way_regression():
    rng = np.random.default_rng(5)
    rows = pd.DataFrame(
        [(s, t, rng.normal()) for s in range(7) for t in range(6)],
        columns=["school", "term_number", "y"],
    )
    rows["first_treated_number"] = np.where(rows["school"] < 3, 4.0, np.nan)
    rows["treated"] = (rows["term_number"] >= rows["first_treated_number"]).astype(float)
    textbook = smf.ols("y ~ C(school) + C(term_number) + treated", rows).fit()
    found = estimators.regress_changes(
        rows, outcome="y", regression=smf.wls, cluster="school", **DESIGN
    )
    assert found["estimate"].iloc[0] == pytest.approx(textbook.params["treated"], abs=TOLERANCE)


def test_a_formula_without_the_arm_is_refused():
    rows = pd.DataFrame(
        {
            "school": list("aabbcc"),
            "term_number": [0, 1] * 3,
            "y": [1.0, 2, 3, 1, 0, 4],
            "first_treated_number": [1.0, 1.0] + [None] * 4,
        }
    )
    with pytest.raises(ValueError, match="no coefficient of 'arm'"):
        estimators.regress_changes(
            rows,
            outcome="y",
            regression=smf.wls,
            formula="own_change ~ 1",
            cluster="school",
            **DESIGN,
        )


def test_a_school_alone_in_its_arm_has_no_interval_and_no_warning():
    rows = pd.DataFrame(
        {
            "school": list("aabbccdd"),
            "term": [0, 1] * 4,
            "start": [1.0] * 2 + [np.nan] * 6,
            "y": [5.0, 3.0, 4.0, 2.5, 6.0, 6.1, 4.0, 4.3],
        }
    )
    options = {"outcome": "y", "first_treated": "start", "time": "term", "cluster": "school"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        row = estimators.regress_changes(rows, regression=smf.wls, **options).iloc[0]
    primary = estimators.school_level_did(rows, **options).iloc[0]
    assert row["estimate"] == pytest.approx(primary["estimate"])
    assert (row["ci_low"], row["ci_high"]) == (-np.inf, np.inf)
    assert np.isnan(row["std_error"])
