"""Data that do not have the simulator's shape: every section answers, or says why it cannot."""

import runpy
import shutil

import pandas as pd
import pytest
from conftest import ROOT

from pilot_analysis import evaluation, panel
from pilot_analysis.catalogue import reasons
from pilot_analysis.catalogue.words import words_for
from pilot_analysis.errors import PilotError
from pilot_analysis.evaluation import evidence
from pilot_analysis.panel import OUTCOMES, answerable
from pilot_analysis.parameters import Parameters
from pilot_analysis.plan import load
from pilot_analysis.report.sentences import sentence

QUICK = Parameters.model_validate({"bootstrap_draws": 99, "max_placements": 99})
PRIMARY = {"C1": ("absence_share", "all_pupils"), "C2": ("goals_all", "all_pupils")}
# The same tables, changed the same way and evaluated in full, as for designs drawn at random.
_RANDOM = runpy.run_path(str(ROOT / "benchmarks" / "designs.py"))
change, evaluated = _RANDOM["change"], _RANDOM["evaluated"]


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


def no_calendar(folder):
    no_lesson_time(folder)
    for name in ("calendar", "mentors"):
        change(folder, name, lambda t: t.head(0))


def no_lesson_time(folder):
    minutes = ["scheduled_minutes", "reported_minutes", "absent_minutes", "invalid_minutes"]
    change(folder, "pupil_terms", lambda t: t.assign(**dict.fromkeys(minutes, float("nan"))))
    change(folder, "pupil_weeks", lambda t: t.head(0))


def pilot_schools_alone_in_the_register(folder):
    pilot = pd.read_parquet(folder / "exposure.parquet").query("status == 'pilot'")["school"]
    change(folder, "exposure", lambda t: t[t["school"].isin(pilot)])
    change(
        folder,
        "pupil_terms",
        lambda t: t.assign(status=t["status"].where(t["school"].isin(pilot), "unknown")),
    )


def only_lower_without_questionnaires(folder):
    only_lower(folder)
    no_questionnaires(folder)


def only_upper_and_teachers(folder):
    only_upper(folder)
    only_teachers(folder)


# The tiny municipality has fewer teachers than may be shown.
FEW = {"C5": {"teacher_answers_few"}}
# A whole evaluation each: those unlike the default in what decides most are tried every time.
DESIGNS = [
    *(
        pytest.param(design, marks=pytest.mark.long)
        for design in (
            no_calendar,
            only_lower_without_questionnaires,
            pilot_in_lower_alone,
            one_grade,
            no_absence,
        )
    ),
    pilot_schools_alone_in_the_register,
    only_upper_and_teachers,
    one_school,
    no_grades,
]


@pytest.mark.slow
@pytest.mark.parametrize("design", DESIGNS, ids=lambda f: f.__name__)
def test_every_section_answers_or_says_why_not(design, tiny_processed, tmp_path):
    folder = tmp_path / "processed"
    shutil.copytree(tiny_processed, folder)
    design(folder)
    whole = evaluated(folder, QUICK)
    headline = evaluation.headline(whole)
    # What has no number has a reason, and the reason a sentence in both languages.
    empty = whole[whole["estimate"].isna() & whole["p_value"].isna() & whole["statistic"].isna()]
    empty = empty[empty["model"] != evidence.MODEL]
    assert (empty["reason"] != "").all(), empty[["outcome", "model", "estimand", "specification"]]
    for row in headline.to_dict("records"):
        for language in ("en", "sv"):
            assert sentence(row, words_for(language, Parameters()))
            assert row["reason"] == "" or reasons.sentence(row, language)
    graded = evidence.grades(whole, load(), exploratory=False)
    assert len(graded) == len(headline)
    # What was said beforehand to lack something has no estimate, and the rest has one.
    for asked in answerable.answerable(folder, QUICK):
        if asked.claim in PRIMARY:
            outcome, population = PRIMARY[asked.claim]
            rows = headline[
                (headline["outcome"] == outcome)
                & (headline["population"] == population)
                & (headline["school_form"] == asked.school_form)
            ]
            assert rows["estimate"].notna().any() == (not asked.lacks), asked


@pytest.mark.slow
def test_a_window_without_terms_names_those_there_are(tiny_processed):
    later = QUICK.model_copy(update={"first_term": "HT2022", "last_term": "VT2024"})
    with pytest.raises(PilotError, match="HT2017 to HT2020"):
        panel.build(tiny_processed, later)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("design", "lacks"),
    [
        (no_grades, FEW | {"C2": {"grades"}, "C4": {"grades"}}),
        (no_absence, FEW | {"C1": {"absence"}, "C3": {"absence"}, "C4": {"absence"}}),
        (
            no_lesson_time,
            FEW | {"C1": {"lesson_time"}, "C3": {"lesson_time"}, "C4": {"lesson_time"}},
        ),
        (only_teachers, FEW | {"C6": {"pupil_answers"}}),
        (no_questionnaires, {"C5": {"teacher_answers"}, "C6": {"pupil_answers"}}),
        (pilot_in_lower_alone, FEW),
        (
            pilot_schools_alone_in_the_register,
            {claim: {"comparison_school"} for claim in answerable.CLAIMS},
        ),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_what_the_exports_can_answer_is_said_beforehand(design, lacks, tiny_processed, tmp_path):
    folder = tmp_path / "processed"
    shutil.copytree(tiny_processed, folder)
    design(folder)
    found = {
        a.claim: set(a.lacks) for a in answerable.answerable(folder, QUICK) if a.school_form == "GR"
    }
    assert {claim: codes for claim, codes in found.items() if codes} == lacks
    for code in {c for a in answerable.answerable(folder, QUICK) for c in a.lacks}:
        for language in ("en", "sv"):
            assert words_for(language, QUICK)(f"lacks_{code}")
