"""Three made-up pilots side by side: their answers are runs' answers, and the words follow them."""

import json
import math
import re
import statistics

import pandas as pd
import pytest
from click.testing import CliRunner
from conftest import ROOT

from pilot_analysis import description, estimates, panel, plan
from pilot_analysis.catalogue.words import words_for
from pilot_analysis.cli import main
from pilot_analysis.disclosure import published
from pilot_analysis.evaluation import evidence, questions, targeting
from pilot_analysis.evaluation.fitting import answer
from pilot_analysis.evaluation.targeting import NAIVE
from pilot_analysis.ingest import ingest
from pilot_analysis.panel import OUTCOMES
from pilot_analysis.parameters import Parameters
from pilot_analysis.report import document, interval, side_by_side
from pilot_analysis.synthetic.export import simulate
from pilot_analysis.synthetic.scenario import of_evaluation
from pilot_analysis.words import LANGUAGES

COMMITTED = ROOT / "reports" / "synthetic"
EXAMPLES = ROOT / "examples"
NAMES = ["params", "clear_effect", "no_effect"]


@pytest.fixture(scope="module")
def pilots():
    return side_by_side.read()


def page(pilots, language):
    return document.Document(language, "", "", side_by_side.blocks(pilots, language))


def test_the_table_holds_the_three_shipped_pilots(pilots):
    assert [p.name for p in pilots] == NAMES
    for pilot in pilots:
        findings = pilot.findings("en")
        for claim in side_by_side.CLAIMS:
            (answer,) = findings.to(claim)
            assert math.isfinite(answer.row["estimate"]), (pilot.name, claim)
            assert math.isfinite(pilot.truth[answer.key])


def test_the_default_s_rows_are_those_of_the_committed_run(pilots):
    table = estimates.read(COMMITTED / "estimates.parquet")
    primary = (table["specification"] == "primary") & table["estimand"].eq("per_school")
    naive = table["estimand"].eq("naive_change_pilot") & table["specification"].eq("the_pilot")
    table = table[primary | naive | table["model"].isin(["Holm", "warning"])]
    keys = ["outcome", "population", "school_form", "model", "specification", "estimand"]
    # What was asked stands in a figure's numbers.
    own = pilots[0].rows[~pilots[0].rows["estimand"].str.startswith("asked_")]
    rows = own.merge(table, on=keys, suffixes=("", "_committed"), validate="one_to_one")
    assert len(rows) == len(own)
    for name in ("estimate", "ci_low", "ci_high", "p_value", "n_pupils"):
        pd.testing.assert_series_equal(
            rows[name], rows[f"{name}_committed"], check_names=False, rtol=1e-5
        )


def test_the_pilots_drawn_by_lot_teach_a_yes_and_a_no(pilots):
    default, clear, none = (p.findings("en") for p in pilots)
    assert [a.state for c in ("C1", "C2", "C3") for a in clear.to(c)] == ["better"] * 3
    # A drift as large as before the start would overturn the first two, but chance drew the schools.
    assert [clear.to(c)[0].grade for c in ("C1", "C2", "C3")] == ["strong", "strong", "moderate"]
    raised = [w.name for w in clear.to("C3")[0].warnings if w.state == evidence.RAISED]
    assert raised == ["ratio_moves_it"]
    assert none.to("C2")[0].state == "none"
    assert default.to("C1")[0].state == "open"
    assert clear.material.description.drawn_by_lot
    assert none.material.description.drawn_by_lot
    assert not default.material.description.drawn_by_lot


def test_nothing_is_true_where_nothing_was_made_to_happen(pilots):
    assert set(pilots[2].truth.values()) == {0.0}
    assert of_evaluation(EXAMPLES / "no_effect").effect_scale == 0
    differs = ("name", "seed", "effect_scale")
    clear, none = (vars(of_evaluation(EXAMPLES / n)) for n in NAMES[1:])
    assert {k: v for k, v in clear.items() if k not in differs} == {
        k: v for k, v in none.items() if k not in differs
    }
    one, other = (plan.load(EXAMPLES / n / "plan.yml") for n in NAMES[1:])
    assert one == other


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_page_says_what_the_table_says(pilots, language):
    blocks = page(pilots, language).blocks
    tables = [b for b in blocks if isinstance(b, document.Table)]
    *tables, naive = tables
    assert len(tables) == 1 + len(side_by_side.CLAIMS)
    # Where there is no effect, before and after alone claims one all the same.
    assert len(naive.rows) == len(pilots)
    roles = pd.read_csv(COMMITTED / "figures" / "survey_roles.csv")
    own = roles[(roles["index"] == "safety_index") & (roles["school_form"] == "GR")]
    after = own.loc[own["ever_treated"] & (own["period"] == "after"), "mean"].item()
    said = words_for(language, Parameters()).number(after)
    assert any(said in b.text for b in blocks if isinstance(b, document.Paragraph))
    alone = [float(p.rows.loc[p.rows["model"] == NAIVE, "estimate"].iloc[0]) for p in pilots]
    assert alone[-1] < -1
    assert pilots[-1].truth["absence_share", "eligible_pupils"] == 0
    assert [row[1] for row in tables[0].rows][1:] == [
        words_for(language, Parameters())("side_schools", pilot="20", schools="40")
    ] * 2
    held = []
    for claim, table in zip(side_by_side.CLAIMS, tables[1:], strict=True):
        assert len(table.rows) == 3
        for pilot, row in zip(pilots, table.rows, strict=True):
            (answer,) = pilot.findings(language).to(claim)
            true = pilot.truth[answer.key]
            assert isinstance(row[1], document.Drawing)
            assert "<path" in row[1].body  # the truth
            assert row[2] == answer.short(pilot.findings(language).words)
            held.append(answer.row["ci_low"] <= true <= answer.row["ci_high"])
            said = {"en": ("misses", "holds"), "sv": ("missar", "täcker")}.get(language)
            assert said is None or said[held[-1]] in row[4]
    (last,) = [
        b.text for b in blocks if isinstance(b, document.Paragraph) and str(len(held)) in b.text
    ]
    assert str(sum(held)) in last
    found = [
        (answer.row["estimate"], pilot.truth[answer.key])
        for pilot in pilots
        for claim in side_by_side.CLAIMS
        for answer in pilot.findings(language).to(claim)
        if answer.row["ci_low"] > 0 or answer.row["ci_high"] < 0
    ]
    factors = [abs(estimate / true) for estimate, true in found if true]
    words = words_for(language, Parameters())
    factor = words.number(statistics.median(factors))
    (told,) = [
        b.text for b in blocks if isinstance(b, document.Paragraph) and f" {factor} " in b.text
    ]
    none = {"en": "not there", "sv": "inte finns"}.get(language, "not there")
    assert (none in told) == (len(factors) < len(found))
    text = document.html_body(page(pilots, language), str)
    assert not re.search(r"side_|page1_|answer_", text)


def test_all_of_a_question_are_drawn_to_one_scale():
    words = words_for("en", Parameters())
    row = {
        "outcome": "absence_share",
        "school_form": "GR",
        "unit": "percentage points",
        "estimate": -1.0,
        "ci_low": -2.0,
        "ci_high": 0.0,
    }
    wide = row | {"ci_low": -10.0, "ci_high": 8.0}
    reach = interval.reach_of([row, wide], 1.0)
    assert reach == pytest.approx(10.8)
    alone, beside = interval.draw(row, 1.0, words), interval.draw(row, 1.0, words, reach=reach)
    ends = [
        [float(x) for x in re.findall(r'x\d="([\d.]+)"', drawn.body)[2:4]]
        for drawn in (alone, beside)
    ]
    assert abs(ends[1][0] - ends[1][1]) < abs(ends[0][0] - ends[0][1])
    assert "<path" not in beside.body
    assert "<path" in interval.draw(row, 1.0, words, truth=-1.2).body


def test_a_run_that_teaches_nothing_is_refused(tmp_path):
    for changed, said in (
        ({"synthetic": False}, "no run of synthetic exports"),
        ({"exploratory": True}, "as its plan says"),
        ({}, "no longer on this machine"),
    ):
        run = tmp_path / "run"
        run.mkdir(exist_ok=True)
        made = json.loads((COMMITTED / "manifest.json").read_text("utf-8")) | changed
        (run / "manifest.json").write_text(json.dumps(made), "utf-8")
        (run / "estimates.parquet").write_bytes((COMMITTED / "estimates.parquet").read_bytes())
        out = tmp_path / "answers.csv"
        done = CliRunner().invoke(main, ["answers", str(run), "--out", str(out)])
        assert done.exit_code == 1
        assert said in done.output
        assert not out.exists()


def answered(name, place):
    """Compute an example's published rows from its parameters: all that its answers rest on."""
    folder = EXAMPLES / name
    planned = plan.load(folder / description.PLAN)
    values = Parameters.model_validate(planned.parameters)
    described = description.load(folder)
    simulate(of_evaluation(folder), place / "raw")
    ingest(place / "raw", place / "processed", described=described)
    built = panel.build(place / "processed", values)
    form = built.school_forms[0]
    rows = []
    for question in (*planned.primary, *questions.secondary(planned)):
        data = questions.question_data(built, question, form, values)
        own = answer(data, OUTCOMES[question.outcome], form, values, name=question.population)
        rows.append(own.assign(claim=question.claim))
    naive = targeting.naive_change(built, OUTCOMES["absence_share"], form, values)
    naive = naive[naive["estimand"] == "naive_change_pilot"]
    lot = described.drawn_by_lot
    found = [*rows, naive, evidence.evaluate_plan(built, planned, values, drawn_by_lot=lot)]
    found.append(evidence.holm_rows(planned, estimates.combine(rows)))
    return published(estimates.combine(found))[0]


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES[1:])
def test_the_table_is_what_the_example_s_parameters_give(name, tmp_path):
    (committed,) = [p for p in side_by_side.read() if p.name == name]
    made = answered(name, tmp_path)
    made = made[made["model"].isin(committed.rows["model"])]
    keys = ["outcome", "population", "school_form", "model", "specification", "estimand"]
    rows = committed.rows.merge(made, on=keys, suffixes=("", "_made"), validate="one_to_one")
    assert len(rows) == len(committed.rows) == len(made)
    for column in ("estimate", "ci_low", "ci_high", "p_value", "bound", "n_pupils", "n_schools"):
        pd.testing.assert_series_equal(
            rows[column], rows[f"{column}_made"], check_names=False, rtol=1e-5
        )
    # Nothing that is computed lacks in the table.
    assert (made["model"] == "warning").sum() == (rows["model"] == "warning").sum()
