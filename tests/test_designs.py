"""Data that do not have the simulator's shape: every section answers, or says why it cannot."""

import shutil

import pandas as pd
import pytest

from pilot_analysis import estimates, evaluation, panel
from pilot_analysis.catalogue import reasons
from pilot_analysis.catalogue.words import words_for
from pilot_analysis.errors import PilotError
from pilot_analysis.evaluation import checks, cost, evidence, questionnaires, targeting
from pilot_analysis.panel import OUTCOMES
from pilot_analysis.parameters import Parameters
from pilot_analysis.plan import load
from pilot_analysis.report.sentences import sentence

QUICK = Parameters.model_validate({"bootstrap_draws": 99, "max_placements": 99})
CHECKED = [OUTCOMES["absence_share"]]


def change(folder, name, how):
    path = folder / f"{name}.parquet"
    how(pd.read_parquet(path)).to_parquet(path)


def keep_schools(folder, keep):
    exposure = pd.read_parquet(folder / "exposure.parquet")
    kept = set(exposure.loc[keep(exposure), "school"])
    for name in ("pupil_terms", "pupil_weeks", "exposure", "pupil_survey", "staff_survey"):
        change(folder, name, lambda t: t[t["school"].isin(kept)])


def only_lower(folder):
    keep_schools(folder, lambda e: e["school_form"] == "GR")


def only_upper(folder):
    keep_schools(folder, lambda e: e["school_form"] == "GY")


def pilot_in_lower_alone(folder):
    pilot = pd.read_parquet(folder / "exposure.parquet").query("status == 'pilot'")["school"]
    keep_schools(folder, lambda e: ~(e["school"].isin(pilot) & (e["school_form"] == "GY")))


def one_school(folder):
    pilot = pd.read_parquet(folder / "exposure.parquet").query("status == 'pilot'")["school"]
    keep_schools(folder, lambda e: e["school"] == pilot.iloc[0])


def one_grade(folder):
    change(folder, "pupil_terms", lambda t: t[t["grade"].isin([8, 2])])


def no_questionnaires(folder):
    for name in ("pupil_survey", "staff_survey", "staff_asked"):
        (folder / f"{name}.parquet").unlink(missing_ok=True)


def only_teachers(folder):
    (folder / "pupil_survey.parquet").unlink()
    change(folder, "staff_survey", lambda t: t[t["role"] == "teacher"])


def no_grades(folder):
    columns = [c for o in OUTCOMES.values() if o.claim == "C2" for c in (o.name,)]
    columns += ["n_registered", "n_graded", "n_passed"]
    change(
        folder, "pupil_terms", lambda t: t.assign(**{c: float("nan") for c in columns if c in t})
    )


def no_absence(folder):
    minutes = ["absent_minutes", "invalid_minutes"]
    change(folder, "pupil_terms", lambda t: t.assign(**dict.fromkeys(minutes, float("nan"))))
    change(folder, "pupil_weeks", lambda t: t.assign(**dict.fromkeys(minutes, float("nan"))))


DESIGNS = [only_lower, only_upper, pilot_in_lower_alone, one_school, one_grade, no_questionnaires,
           only_teachers, no_grades, no_absence]  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("design", DESIGNS, ids=lambda f: f.__name__)
def test_every_section_answers_or_says_why_not(design, tiny_processed, tmp_path):
    folder = tmp_path / "processed"
    shutil.copytree(tiny_processed, folder)
    design(folder)
    built = panel.build(folder, QUICK)
    plan = load()
    roles = panel.questionnaires.roles(folder, QUICK)
    tables = [
        *(evaluation.evaluate_claim(built, claim, QUICK) for claim in ("C1", "C2")),
        targeting.evaluate_targeting(built, folder, QUICK),
        questionnaires.evaluate_questionnaires(roles, QUICK),
        *(checks.over_forms(check, built, CHECKED, QUICK)
          for check in (checks.pre_trend, checks.leave_one_school_out, checks.other_samples,
                        checks.lee_bounds, checks.reporting_bounds)),
        checks.attrition_by_form(built),
    ]  # fmt: skip
    everything = estimates.combine(tables)
    headline = evaluation.headline(everything)
    planned = evidence.evaluate_plan(built, plan, QUICK, everything)
    adjusted = evidence.holm_rows(plan, headline)
    costs = cost.evaluate_cost(built, folder, headline)
    whole = estimates.combine([everything, planned, adjusted, costs])
    # What has no number has a reason, and the reason a sentence in both languages.
    empty = whole[whole["estimate"].isna() & whole["p_value"].isna() & whole["statistic"].isna()]
    empty = empty[empty["model"] != evidence.MODEL]
    assert (empty["reason"] != "").all(), empty[["outcome", "model", "estimand", "specification"]]
    for row in headline.to_dict("records"):
        for language in ("en", "sv"):
            assert sentence(row, words_for(language, Parameters()))
            assert row["reason"] == "" or reasons.sentence(row, language)
    for name in ("absence_share", "goals_all"):
        panel.change_table(built, name)
        panel.group_trends(built.data, OUTCOMES[name])
        panel.reversion(built, QUICK, OUTCOMES[name])
    panel.balance(built)
    panel.holdings(built)
    graded = evidence.grades(whole, plan, exploratory=False)
    assert len(graded) == len(headline)


def test_a_window_without_terms_names_those_there_are(tiny_processed):
    later = QUICK.model_copy(update={"first_term": "HT2022", "last_term": "VT2024"})
    with pytest.raises(PilotError, match="HT2017 to HT2020"):
        panel.build(tiny_processed, later)
