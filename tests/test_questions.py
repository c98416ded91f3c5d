"""Every question under other choices, subgroups described, and warnings of secondary answers."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pilot_analysis import estimates, panel, plan
from pilot_analysis.disclosure import published, shown
from pilot_analysis.evaluation import checks, evidence, questionnaires, subgroups, vary_questions
from pilot_analysis.evaluation.fitting import answer, effect
from pilot_analysis.evaluation.questions import question_data, secondary
from pilot_analysis.evaluation.variants import WINDOWS, window
from pilot_analysis.panel import OUTCOMES
from pilot_analysis.panel.questionnaires import roles as read_roles
from pilot_analysis.parameters import Parameters

pytestmark = pytest.mark.slow

PLAN, DEFAULT = plan.load(), Parameters()
NUMBERS = ["estimate", "ci_low", "ci_high"]


@pytest.fixture(scope="module")
def built(tiny_processed):
    return panel.build(tiny_processed, DEFAULT)


@pytest.fixture(scope="module")
def varied(built, tiny_processed):
    return vary_questions(built, tiny_processed, PLAN, DEFAULT)


def one(table, claim, specification, form="GR"):
    rows = table[
        (table["claim"] == claim)
        & (table["specification"] == specification)
        & (table["school_form"] == form)
    ]
    assert len(rows) == 1, (claim, specification)
    return rows.iloc[0]


def test_every_main_question_has_windows_and_samples_with_their_intervals(varied, built):
    for question in PLAN.primary:
        for form in built.school_forms:
            for name in (*WINDOWS, "without_exceptional_terms"):
                row = one(varied, question.claim, name, form)
                assert row["population"] == question.population
                assert row["reason"] or not math.isnan(row["ci_low"])


def test_schools_of_an_earlier_trial_are_left_out_only_where_there_was_one(built, tiny_processed):
    trial = built.data["school_form"] == "GY"
    panel_of = replace(
        built, data=built.data.assign(earlier_prestudy=trial & ~built.data["ever_treated"])
    )
    plan_of = PLAN.model_copy(update={"primary": PLAN.primary[:1]})
    varied = vary_questions(panel_of, tiny_processed, plan_of, DEFAULT)
    without = varied[varied["specification"] == "without_prestudy_schools"]
    assert set(without["school_form"]) == {"GY"}


@pytest.mark.parametrize("name", WINDOWS)
def test_a_window_is_the_answer_of_a_run_with_that_window(varied, tiny_processed, name):
    first, last = window(name, DEFAULT)
    values = DEFAULT.model_copy(update={"first_term": first, "last_term": last})
    data = panel.build(tiny_processed, values).form("GR")
    alone = answer(data, OUTCOMES["absence_share"], "GR", values).iloc[0]
    seen = one(varied, "C1", name)
    assert seen[NUMBERS].to_numpy(float) == pytest.approx(alone[NUMBERS].to_numpy(float))


def test_what_the_warning_says_it_moves_is_what_the_variant_shows(varied, built):
    question = next(q for q in PLAN.primary if q.claim == "C3")
    outcome = OUTCOMES[question.outcome]
    data = question_data(built, question, "GR", DEFAULT)
    primary = effect(data, outcome, "GR", DEFAULT, "primary")["estimate"].iloc[0]
    found = evidence.warnings_of(
        data,
        question,
        outcome,
        "GR",
        PLAN,
        DEFAULT,
        evidence.checks_of(data, question, outcome, "GR", DEFAULT),
    ).set_index("estimand")["estimate"]
    for name in PLAN.warnings.sensitivity_moves:
        moved = one(varied, "C3", name)["estimate"] - primary
        assert found[f"{name}_moves_it"] == pytest.approx(moved)


def test_reading_unreported_time_otherwise_keeps_the_pupils_picked(varied, built):
    question = next(q for q in PLAN.primary if q.claim == "C3")
    data = question_data(built, question, "GR", DEFAULT)
    own = effect(data, OUTCOMES["absence_share"], "GR", DEFAULT, "primary")["n_pupils"].iloc[0]
    counted = {one(varied, "C3", f"unreported_{how}")["n_pupils"] for how in ("present", "absent")}
    assert counted == {own}


def test_questions_that_the_plan_leaves_out_have_warnings_too(built):
    assert [q.claim for q in secondary(PLAN)] == ["C4"]
    everything = PLAN.model_copy(update={"primary": PLAN.primary[:1]})
    assert [q.claim for q in secondary(everything)] == ["C2", "C3", "C4"]


def test_answer_sheets_have_the_warning_of_likeness_before(tiny_processed, built):
    roles = read_roles(tiny_processed, DEFAULT)
    table = questionnaires.evaluate_warnings(roles, PLAN, DEFAULT)
    assert set(table["estimand"]) == {"unlike_before"}
    row = table[table["outcome"].isin(["hours_other", "safety_index"])].iloc[0]
    outcome, form = panel.SURVEY_OUTCOMES[row["outcome"]], row["school_form"]
    sheets = questionnaires.comparable_rows(roles, outcome, form, DEFAULT)
    before = sheets[sheets["term_number"] < sheets["first_treated_number"].min()]
    before = before[before["term_number"] == before["term_number"].max()]
    before = before.dropna(subset=[outcome.name])
    arms = [before.loc[before["ever_treated"] == ever, outcome.name] for ever in (True, False)]
    n = [len(arm) for arm in arms]
    pooled = math.sqrt(
        sum((k - 1) * arm.var() for k, arm in zip(n, arms, strict=True)) / (sum(n) - 2)
    )
    g = (arms[0].mean() - arms[1].mean()) / pooled * (1 - 3 / (4 * (sum(n) - 2) - 1))
    assert row["estimate"] == pytest.approx(g)
    assert row["specification"] == ("raised" if abs(g) > PLAN.warnings.baseline_g else "clear")
    # Drawn by lot, such a difference is chance, which the interval holds.
    assert questionnaires.evaluate_warnings(roles, PLAN, DEFAULT, drawn_by_lot=True).empty


def test_subgroups_change_as_their_schools_means_do(built):
    outcome = OUTCOMES["absence_share"]
    table = panel.subgroup_changes(built, "absence_share", ["sex"])
    row = table[
        (table["school_form"] == "GR") & (table["schools"] == "pilot") & (table["level"] == "girl")
    ].iloc[0]
    own = built.form("GR")
    own = own[own["ever_treated"] & (own["sex"] == "girl")]
    means = panel.school_terms(own, outcome)
    after = means["term_number"] >= own["first_treated_number"].min()
    change = means.loc[after, "absence_share"].mean() - means.loc[~after, "absence_share"].mean()
    assert row["change"] == pytest.approx(100 * change)


def test_a_level_is_withheld_with_all_others_of_its_group():
    """The whole less the others gives a level back."""
    row = {"school_form": "GR", "schools": "pilot", "group": "sex", "n_schools": 4.0}
    row |= {"largest_weight": 0.01, "before": 10.0, "after": 12.0, "change": 2.0}
    levels = [row | {"level": "girl", "n_pupils": 400.0}, row | {"level": "boy", "n_pupils": 4.0}]
    other = [row | {"group": "grade_name", "level": "7", "n_pupils": 400.0}]
    safe, withheld = shown.subgroup_changes(pd.DataFrame(levels + other), OUTCOMES["absence_share"])
    assert safe["change"].isna().tolist() == [True, True, False]
    assert withheld
    told = subgroups.rows(safe, OUTCOMES["absence_share"], least=10)
    assert told["reason"].tolist() == ["few_pupils", "few_pupils", ""]
    assert estimates.table(told.to_dict("records"))["estimate"].notna().sum() == 1


def test_a_plan_without_subgroups_describes_none(built):
    assert panel.subgroup_changes(built, "absence_share", []).empty


def test_unknown_levels_are_in_no_subgroup(built):
    data = built.data.assign(sex=built.data["sex"].where(np.arange(len(built.data)) % 2 == 0))
    table = panel.subgroup_changes(replace(built, data=data), "absence_share", ["sex"])
    assert set(table["level"]) == {"girl", "boy"}


def test_pupils_who_lack_an_outcome_are_counted_once_by_arm(built):
    data = built.form("GR").copy()
    first = data["first_treated_number"].min()
    late = data[data["term_number"] >= first]
    chosen = late.loc[late["ever_treated"], "pupil"].drop_duplicates().head(12)
    # In one term of several, or in all of them: either way a pupil is one.
    gone = data["pupil"].isin(chosen.head(6)) & (data["term_number"] == first)
    gone |= data["pupil"].isin(chosen.tail(6)) & (data["term_number"] >= first)
    missing = data.assign(absence_share=data["absence_share"].where(~gone))
    absence = OUTCOMES["absence_share"]
    table = checks.without_value(missing, absence, "GR", DEFAULT).set_index("estimand")
    # Who changed schools counts where the first term was.
    arm = late.drop_duplicates("pupil").set_index("pupil")["ever_treated"]
    own = set(arm.index[arm])
    lacking = missing[(missing["term_number"] >= first) & missing["absence_share"].isna()]
    lacking, pupils = len(own & set(lacking["pupil"])), len(own)
    assert table.loc["pilot_schools", "estimate"] == pytest.approx(100 * lacking / pupils)
    assert table.loc["pilot_schools", "n_pupils"] == pupils
    # A share that fewer than eight have is not told, nor is the other arm's.
    told, withheld = published(checks.without_value(built.form("GR"), absence, "GR", DEFAULT))
    assert told["estimate"].isna().all()
    assert withheld
