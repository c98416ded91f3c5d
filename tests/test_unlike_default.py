"""Reports of pilots unlike the default say what is theirs: no other's history, plan or words."""

import re
import shutil

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from run_rows import QUALITY, hand_table

from pilot_analysis import description, panel, plan
from pilot_analysis import words as words_of_figures
from pilot_analysis.catalogue.reasons import sentence
from pilot_analysis.catalogue.words import words_for
from pilot_analysis.evaluation import subgroups
from pilot_analysis.figures.style import axis_label
from pilot_analysis.parameters import Parameters
from pilot_analysis.report import board
from pilot_analysis.words import LANGUAGES

pytestmark = pytest.mark.slow  # each writes a report

COMMITTED = ROOT / "reports" / "synthetic"
PLAN = plan.load()
VALUES = Parameters.model_validate(PLAN.parameters)


def material(table=None, *, figures=COMMITTED / "figures", planned=PLAN, digest="", **described):
    """Return what the report of another pilot is written from: the default's description, changed."""
    own = description.load().model_copy(update=described)
    table = hand_table() if table is None else table
    return board.Material(table, QUALITY, figures, planned, VALUES, own, digest)


def text(made, language):
    """Return a report's words."""
    page = board.html_page(board.compose(made, language))
    return re.sub(r"<(style|script).*?</\1>|<[^>]*>", " ", page, flags=re.DOTALL)


def told(name, language, made, **values):
    """Return a message as the report has it, as plain text on one line."""
    said = words_for(language, made.parameters, made.description)(name, **values)
    return said.replace("\t", " ")


def with_subgroups(estimate):
    rows = [
        {
            "claim": "C2",
            "outcome": "goals_all",
            "school_form": "GR",
            "population": "all_pupils",
            "estimand": estimand,
            "model": subgroups.MODEL,
            "specification": level,
            "estimate": value,
            "unit": "percentage points",
            "reason": "" if np.isfinite(value) else "few_pupils",
            "reason_values": "" if np.isfinite(value) else '{"least": 10}',
        }
        for level, value in (("sex=girl", estimate), ("newly_arrived=1", np.nan))
        for estimand in subgroups.CHANGE.values()
    ]
    return pd.concat([hand_table(), pd.DataFrame(rows)], ignore_index=True)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_digest_is_that_of_the_run_s_own_plan(language):
    said = text(material(digest="0123abcd"), language)
    assert "0123abcd" in said and plan.digest() not in said
    assert "SHA-256" not in text(material(), language), "unknown, so not told"


@pytest.mark.parametrize(
    ("language", "subjects", "courses"),
    [("sv", "ämnen", "kurser"), ("en", "subjects", "courses")],
)
def test_what_is_graded_is_called_by_the_school_form_s_word(language, subjects, courses):
    words = words_for(language, VALUES)
    for name in ("goals_all", "goals_share_registered", "goals_share", "graded_share"):
        for form in ("GR", "ANPGR", "SAM"):
            assert subjects in words.outcome(name, form) and courses not in words.outcome(
                name, form
            )
            assert courses not in words.subject(name, form, "GR")
        for form in ("GY", "ANPGY"):
            assert courses in words.outcome(name, form)
            assert subjects not in words.subject(name, form)
        for forms in ((), ("GR", "GY"), ("VUX",)):
            assert courses in words.outcome(name, *forms) and subjects in words.outcome(
                name, *forms
            )
    only = words_for(language, VALUES, None, ["GR", "ANPGR"])
    assert courses not in only.outcome("goals_all") + only.subject("goals_all")
    assert courses in only.outcome("goals_all", "GY")


@pytest.mark.parametrize(("form", "other"), [("GR", "courses"), ("GY", "subjects")])
def test_a_figure_of_one_school_form_has_no_other_s_word(form, other, monkeypatch):
    monkeypatch.setattr(words_of_figures, "_shown", {})
    try:
        words_of_figures.show_whose(description.load(), VALUES, [form])
        assert other not in axis_label(panel.OUTCOMES["goals_all"], "en")
    finally:
        words_of_figures.words_in.cache_clear()


@pytest.mark.parametrize(
    ("language", "form", "other"),
    [
        ("sv", "GR", "kurser"),
        ("en", "GR", "courses"),
        ("sv", "GY", "ämnen"),
        ("en", "GY", "subjects"),
    ],
)
def test_a_report_of_one_school_form_has_no_other_s_word_in_its_tables(language, form, other):
    table = with_subgroups(2.0)
    table.loc[table["model"] == subgroups.MODEL, "school_form"] = form
    table["intra_class_correlation"] = 0.05
    made = material(table[table["school_form"].isin([form, ""])])
    goals = [line for line in text(made, language).split("\n") if "0.05" in line or "0,05" in line]
    assert goals
    words = words_for(language, VALUES)
    assert words.subject("goals_all")[1:] not in text(made, language)
    assert words.outcome("goals_all") not in text(made, language)
    assert f" {other}" not in words.outcome("goals_all", form)


@pytest.mark.parametrize("language", LANGUAGES)
def test_subgroups_are_said_to_be_described_only_where_one_is(language):
    some = material(with_subgroups(2.0))
    names = [words_for(language, VALUES).subgroup(n) for n in ("sex=girl", "newly_arrived=1")]
    said = text(some, language)
    assert told("limits_subgroups", language, some, groups="described").partition(" ")[2] in said
    hidden = material(with_subgroups(np.nan))
    nothing = text(hidden, language)
    withheld = told("limits_subgroups", language, hidden, groups="withheld")
    assert withheld.partition(" ")[2] in nothing
    for name in names:  # one that may not be shown has dashes, beside one that may
        assert said.count(name) == nothing.count(name) + 1
    none = material(planned=PLAN.model_copy(update={"subgroups": []}))
    said = text(none, language)
    assert told("limits_subgroups", language, none, groups="none").partition(" ")[2] in said


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_pilot_school_that_stopped_is_told(language, tmp_path):
    register = pd.read_csv(COMMITTED / "figures" / "exposure_timeline.csv")
    folder = tmp_path / "figures"
    folder.mkdir()
    shutil.copyfile(
        COMMITTED / "figures" / "exposure_timeline.csv", folder / "exposure_timeline.csv"
    )
    usual = material(figures=folder)
    said = [told("design_stopped", language, usual, n=n) for n in (1, 2)]
    assert not any(s in text(usual, language) for s in said)
    pilot = register.loc[register["status"] == "pilot", "school"].unique()
    for n in (1, 2):
        ended = register["school"].isin(pilot[:n]) & (register["term"] == VALUES.last_term)
        register.loc[ended, "status"] = "none"
        register.to_csv(folder / "exposure_timeline.csv", index=False)
        assert said[n - 1] in text(material(figures=folder), language)


@pytest.mark.parametrize(
    ("language", "of_the_asked", "unrecorded", "chose"),
    [
        ("sv", "enkäter till dem som deltog", "inte dokumenterat", "valde själva"),
        ("en", "questionnaires to those involved", "not recorded", "Schools chose"),
    ],
)
def test_no_history_is_told_that_the_evaluation_does_not_hold(
    language, of_the_asked, unrecorded, chose
):
    default = text(material(), language)
    assert of_the_asked in default and unrecorded in default
    assert chose not in default, "the register does not say who chose the kind of mentors"
    said = text(material(press_release=["support"], how_chosen=None), language)
    assert of_the_asked not in said and unrecorded not in said
    told_by = description.Text(sv="nämnden valde dem.", en="the board chose them.")
    for lot in (True, False):
        own = material(how_chosen=told_by, drawn_by_lot=lot)
        assert told_by.within(language) in text(own, language)
        bare = material(how_chosen=None, drawn_by_lot=lot)
        drawn = told("limits_chosen", language, bare, drawn="yes" if lot else "no")
        assert drawn in text(bare, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_costs_are_not_described_where_there_are_none(language):
    table = hand_table()
    costs = table["model"] == "cost"
    usual = material()
    years = re.compile(re.escape(told("cost_graded", language, usual)))
    assert years.search(text(usual, language))
    without = table[~costs | (table["outcome"] == "cost_per_pupil")].copy()
    own = without["model"] == "cost"
    without.loc[own, "estimate"] = np.nan
    without.loc[own, "reason"] = "no_cost"
    made = material(without)
    said = text(made, language)
    assert not years.search(said)
    assert told("cost_text", language, made, years="none")[:30] not in said
    assert told("reason_no_cost", language, made) in said


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("known", "told_so"), [(4, False), (3, True)])
def test_schools_whose_cost_is_not_known_are_told(language, known, told_so):
    table = hand_table()
    own = (table["outcome"] == "cost_per_pupil") & (table["school_form"] == "GR")
    table.loc[own, ["n_schools", "n_treated_schools"]] = 4, known
    said = text(material(table), language)
    assert ({"en": "at 3 of 4 pilot", "sv": "för 3 av 4 pilot"}[language] in said) == told_so


@pytest.mark.parametrize(
    ("language", "wrong"), [("sv", "inga pilotskolor"), ("en", "no pilot schools")]
)
def test_no_pilot_school_to_follow_is_not_said_to_be_no_pilot_school(language, wrong):
    """Also raised of schools that have mentors, but no pupils both before and after their start."""
    said = sentence({"reason": "no_treated", "reason_values": ""}, language)
    assert wrong not in said and "start" in said


@pytest.mark.parametrize(
    ("language", "not_all"), [("sv", "Inte alla elever"), ("en", "Not every pupil")]
)
def test_that_some_had_no_mentor_is_said_only_where_it_was_so(language, not_all):
    row = {
        "claim": "C4",
        "outcome": "absence_share",
        "school_form": "GR",
        "population": "eligible_at_targeted",
        "estimand": "first_stage",
        "model": "instrumental variables",
        "specification": "effect_of_a_mentor",
        "unit": "percentage points",
        "ci_low": -np.inf,
        "ci_high": np.inf,
        "reason": "",
        "reason_values": "",
    }
    for share, said in ((72.0, True), (100.0, False)):
        own = pd.concat(
            [hand_table(), pd.DataFrame([row | {"estimate": share}])], ignore_index=True
        )
        assert (not_all in text(material(own), language)) == said
