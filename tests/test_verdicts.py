"""Notebook 07's last table, and the line that names parameters that are not the default."""

import math

import pytest
from conftest import ROOT

from pilot_analysis import estimates, plan, workbench
from pilot_analysis.catalogue.words import words_for
from pilot_analysis.errors import PilotError
from pilot_analysis.parameters import Parameters, load
from pilot_analysis.report import verdicts

PLAN = plan.load(ROOT / "params" / "plan.yml")
PLACE = {
    "outcome": "absence_share",
    "school_form": "GR",
    "population": "all_pupils",
    "unit": "percentage points",
}
PRIMARY = "school-level difference-in-differences"


def made(*rows):
    return estimates.table([PLACE | row for row in rows])


def shown(estimate, *checked):
    primary = made(
        {
            "model": PRIMARY,
            "estimand": "per_school",
            "specification": "primary",
            "estimate": estimate,
        }
    )
    return verdicts.table(primary, made(*checked), PLAN, words_for("en", Parameters()))


def other(specification, estimate, model=PRIMARY):
    return {
        "model": model,
        "estimand": "per_school",
        "specification": specification,
        "estimate": estimate,
    }


def test_each_choice_is_judged_by_how_far_it_moved_the_answer():
    table = shown(
        -2.0,
        other("without_exceptional_terms", -2.9),
        other("unreported_absent", -6.5),
        other("unreported_present", 0.5),
        other("lowest_possible", -12.0, "worst-case bounds"),
        other("a", -1.5, "one school left out"),
        other("b", -4.0, "one school left out"),
    )
    assert table[["check", "moved", "verdict"]].fillna(0).to_numpy().tolist() == [
        ["As planned", 0, ""],
        ["Unreported time read as present", 2.5, "turns it"],
        ["Unreported time read as absent", -4.5, "moves it"],
        ["Without one of the schools (lowest estimate)", -2.0, "moves it"],
        ["All unreported time presence at pilot schools, absence elsewhere", -10.0, "moves it"],
        ["Without spring 2020", pytest.approx(-0.9), "holds"],
        ["Without one of the schools (highest estimate)", 0.5, "holds"],
    ]


def test_warnings_of_the_plan_are_verdicts_and_one_that_moves_stands_as_a_move():
    def warning(code, state, figure):
        return {"model": "warning", "estimand": code, "specification": state, "estimate": figure}

    table = shown(
        -2.0,
        warning("one_school_decides", "clear", 1.2),
        warning("unlike_before", "raised", 0.3),
        warning("without_exceptional_terms_moves_it", "clear", 0.9),
        warning("", "unknown", math.nan),
    )
    assert table["verdict"].tolist() == ["", "warning", "unknown", "clear", "clear"]
    moved = table.set_index("check").loc["spring 2020 moves it"]
    assert (moved["moved"], math.isnan(moved["estimate"])) == (0.9, True)


def test_without_a_size_of_interest_nothing_is_judged_and_without_an_answer_nothing_is_compared():
    choice = other("without_exceptional_terms", 9.0) | {"outcome": "merit"}
    primary = made(other("primary", 2.0) | {"outcome": "merit"})
    words = words_for("en", Parameters())
    assert verdicts.table(primary, made(choice), PLAN, words)["verdict"].tolist() == ["", "unknown"]
    nothing = made(other("primary", math.nan) | {"outcome": "merit"})
    assert verdicts.table(nothing, made(choice), PLAN, words).empty


def test_every_check_and_verdict_has_words_in_every_language():
    names = [name for *_, name in verdicts._MORE]
    for language in ("en", "sv"):
        words = words_for(language, Parameters())
        assert all(words.has(f"variant_{name}") for name in names)
        assert all(words.has(f"verdict_{said}") for said in verdicts._ORDER)


def test_parameters_that_differ_are_one_line(tiny_processed, tmp_path):
    variables = {"processed_dir": str(tiny_processed), "results_dir": str(tmp_path)}
    told = workbench.start("mine", variables | {"ci_level": 0.95}).notice().data
    assert told.splitlines()[-1] == "Parameters that differ from the plan: none."
    planned = workbench.start("mine", variables).plan.parameters["questionnaire_changes"]
    assert planned != Parameters().questionnaire_changes  # what is planned need not be the default
    told = workbench.start("mine", variables | {"questionnaire_changes": planned}).notice().data
    assert told.splitlines()[-1] == "Parameters that differ from the plan: none."
    told = workbench.start("mine", variables | {"ci_level": 0.9, "seed": 4}).notice().data
    assert told.splitlines()[-1] == (
        "Parameters that differ from the plan: `ci_level = 0.9`, `seed = 4`."
    )


def test_only_a_notebook_with_every_parameter_tells_whether_the_run_follows_the_plan(
    tiny_processed, tmp_path
):
    """What a notebook is not given has its default there, whatever the run was given."""
    folders = {"processed_dir": str(tiny_processed), "results_dir": str(tmp_path)}
    values = load(default=ROOT / "params" / "default.yml").model_dump()
    bench = workbench.start("mine", folders | values)
    assert bench.plan_notice().data.endswith("This run follows it.")
    told = workbench.start("mine", folders | values | {"survey_min_answers": 20}).plan_notice().data
    assert "departs from the plan" in told
    assert told.endswith("`survey_min_answers`: planned 10, used 20")
    del values["questionnaire_changes"]
    bench = workbench.start("mine", folders | values)
    for tell in (bench.plan_notice, lambda: bench.grades(made())):
        with pytest.raises(PilotError, match="questionnaire_changes is not there"):
            tell()


def test_an_answer_among_several_main_questions_says_where_it_is_not_adjusted_for_them(
    tiny_processed, tmp_path
):
    folders = {"processed_dir": str(tiny_processed), "results_dir": str(tmp_path)}
    bench = workbench.start("mine", folders | {"ci_level": 0.95})
    found = {"model": PRIMARY, "specification": "primary", "estimate": -3.0, "p_value": 0.01}
    found |= {"ci_low": -5.0, "ci_high": -1.0, "n_schools": 11, "n_treated_schools": 4}
    asked = [found | {"outcome": q.outcome, "population": q.population} for q in PLAN.primary]
    alone = "is not adjusted for the others"
    assert alone in bench.answers(made(asked[0])).data
    assert alone not in bench.answers(made(asked[0] | {"ci_high": 1.0, "p_value": 0.2})).data
    secondary = bench.answers(made(asked[0] | {"outcome": "merit"})).data
    assert alone not in secondary
    assert "weak evidence at most" in secondary
    open_ = {"outcome": "merit", "ci_high": 1.0, "p_value": 0.2}
    assert "weak" not in bench.answers(made(asked[0] | open_)).data
    assert "weak" not in bench.answers(made(asked[0] | {"outcome": "reporting_rate"})).data
    told = bench.answers(made(*asked, asked[0] | {"outcome": "merit"})).data
    assert alone not in told
    assert "could be chance" not in told
    told = bench.answers(made(*(row | {"p_value": 0.04} for row in asked))).data
    assert told.count("could be chance") == len(asked)
