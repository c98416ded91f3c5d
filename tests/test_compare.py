"""Comparing and verifying runs: every difference is told, none is invented."""

import json

import nbformat
import numpy as np
import pytest
from click.testing import CliRunner
from conftest import ROOT
from fluent.runtime import FluentResource

from pilot_analysis import estimates, panel, words
from pilot_analysis.catalogue import language
from pilot_analysis.catalogue.units import UNITS, Unit
from pilot_analysis.catalogue.words import Words, words_for
from pilot_analysis.cli import main
from pilot_analysis.evaluation.fitting import PRIMARY_MODEL
from pilot_analysis.parameters import NOTEBOOK_PARAMETERS, Parameters, reference
from pilot_analysis.report.sentences import sentence
from pilot_analysis.runs.compare import compare

ROW = {
    "claim": "C1", "outcome": "absence_share", "school_form": "GR", "population": "all_pupils", "estimand": "treated",
    "model": PRIMARY_MODEL, "specification": "primary", "estimate": -1.5,
    "std_error": 1.0, "p_value": 0.2, "ci_low": -4.0, "ci_high": 1.0, "unit": "percentage points",
}  # fmt: skip


@pytest.fixture
def make_run(tmp_path):
    def make(name, *rows, **manifest):
        folder = tmp_path / name
        estimates.write(estimates.table(rows), folder / "estimates.parquet")
        base = {
            "parameters": Parameters().model_dump(), "inputs": {"elever.csv": "a" * 64},
            "versions": {"numpy": "2"}, "python": "3.11", "synthetic": True, "lock_sha256": "l",
            "plan_sha256": "p", "git_commit": "c", "exploratory": False,
            "notice": "Synthetic data: not evidence about Linköping.",
        }  # fmt: skip
        (folder / "manifest.json").write_text(json.dumps(base | manifest), "utf-8")
        return folder

    return make


def test_equal_runs_have_no_difference(make_run):
    found = compare(make_run("a", ROW), make_run("b", ROW))
    assert found.counts() == {"identical": 1}
    assert found.settings.empty


@pytest.mark.parametrize(
    ("change", "verdict"),
    [
        ({"estimate": -1.5 + 1e-12}, "equal within tolerance"),
        ({"estimate": -1.4}, "different"),
        ({"ci_low": -np.inf}, "different"),
        ({"p_value": np.nan}, "different"),
    ],
)
def test_every_estimate_has_its_verdict(make_run, change, verdict):
    other = ROW | {"outcome": "merit"}
    found = compare(make_run("a", ROW, other), make_run("b", ROW | change, other))
    rows = found.rows.set_index("outcome")
    assert rows.loc["absence_share", "verdict"] == verdict
    assert rows.loc["merit", "verdict"] == "identical"
    assert rows.loc["absence_share", "change"] == pytest.approx(
        change.get("estimate", -1.5) + 1.5, abs=1e-9
    )


def test_rows_of_one_run_only_are_named(make_run):
    extra = ROW | {"outcome": "merit"}
    assert compare(make_run("a", ROW), make_run("b", ROW, extra)).counts() == {
        "identical": 1, "only in B": 1
    }  # fmt: skip


def test_settings_that_differ_are_listed(make_run):
    changed = Parameters().model_dump() | {"ci_level": 0.9}
    a = make_run("a", ROW)
    b = make_run("b", ROW, parameters=changed, inputs={"elever.csv": "b" * 64}, python="3.12")
    found = compare(a, b).settings.set_index("name")
    assert found.loc["ci_level", ["a", "b"]].tolist() == [0.95, 0.9]
    assert found.loc["elever.csv", "kind"] == "input"
    assert found.loc["python", "kind"] == "version"


def test_the_command_tells_it_and_draws_a_page(make_run, tmp_path):
    a, b = make_run("a", ROW), make_run("<script>", ROW | {"estimate": -1.0})
    done = CliRunner().invoke(main, ["compare", str(a), str(b), "--out", str(tmp_path / "page")])
    assert done.exit_code == 0, done.output
    assert "0.500" in done.output
    page = (tmp_path / "page" / "compare.html").read_text("utf-8")
    assert "<script>" not in page
    assert "Synthetic data" in page
    assert {p.name for p in (tmp_path / "page").iterdir()} == {
        "compare.html", "compare.csv", "compare_figure.svg", "compare_figure.png",
        "compare_figure.csv", "compare_figure.txt",
    }  # fmt: skip


@pytest.mark.parametrize("command", [["compare", "x", "y"], ["verify", "x"]])
def test_a_folder_without_a_run_is_one_message(command):
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 1
    assert "holds no finished run" in done.output
    assert "Traceback" not in done.output


def test_a_damaged_run_is_one_message(make_run):
    a = make_run("a", ROW)
    (a / "manifest.json").write_text("{", "utf-8")
    done = CliRunner().invoke(main, ["compare", str(a), str(a)])
    assert done.exit_code == 1
    assert "damaged" in done.output


def test_the_parameter_reference_is_the_schema_s():
    text = reference()
    for name in Parameters.model_fields:
        assert f"| `{name}` |" in text
    assert "above 0 below 1" in text
    readers = next(line for line in text.splitlines() if "`reporting_warning_points`" in line)
    for book, names in NOTEBOOK_PARAMETERS.items():
        assert (book[:2] in readers.rsplit("|", 2)[1]) == ("reporting_warning_points" in names)
    assert text in (ROOT / "docs" / "parameters.md").read_text("utf-8")


@pytest.fixture
def own_words():
    """Let a test add messages to the languages, and take them back."""
    yield lambda code, text: language._bundle(code).add_resource(FluentResource(text))
    language._bundle.cache_clear()
    words._words.cache_clear()


def test_an_outcome_that_lacks_a_unit_or_a_message_says_so(monkeypatch):
    with pytest.raises(ValueError, match="has no unit 'grades'"):
        panel.Outcome("n_graded", "C2", "grades", 1, 1.0)
    monkeypatch.setitem(UNITS, "grades", Unit(20.0))
    monkeypatch.setitem(
        panel.OUTCOMES, "n_graded", panel.Outcome("n_graded", "C2", "grades", 1, 1.0)
    )
    with pytest.raises(KeyError, match=r"sv\.ftl lacks outcome_n_graded, unit_grades"):
        Words("sv")


def test_a_new_outcome_is_one_entry_and_its_words(monkeypatch, tiny_processed, own_words):
    """One entry carries an outcome through models, report sentences in both languages and figures."""
    from pilot_analysis.evaluation.claims import evaluate_outcome, headline

    monkeypatch.setitem(UNITS, "grades", Unit(20.0))
    added = panel.Outcome("n_graded", "C2", "grades", 1, 1.0)
    monkeypatch.setitem(panel.OUTCOMES, "n_graded", added)
    own_words(
        "en",
        "outcome_n_graded = Grades\n    .subject = The number of grades\nunit_grades = grades\n",
    )
    own_words("sv", "outcome_n_graded = Betyg\n    .subject = Antalet betyg\nunit_grades = betyg\n")
    built = panel.build(tiny_processed, Parameters())
    row = headline(evaluate_outcome(built, added, "GR", Parameters())).iloc[0]
    assert np.isfinite(row["estimate"])
    told = {code: sentence(row.to_dict(), words_for(code, Parameters())) for code in ("en", "sv")}
    assert "he number of grades in lower secondary" in told["en"]
    assert "ntalet betyg på högstadiet" in told["sv"]
    assert panel.change_table(built, "n_graded")["before"].notna().all()


def test_a_new_notebook_is_in_the_house_form_and_runs(tiny_processed, tmp_path, monkeypatch):
    done = CliRunner().invoke(
        main, ["new-notebook", "10_by_grade", "--folder", str(tmp_path), "--question", "Which?"]
    )
    assert done.exit_code == 0, done.output
    notebook = nbformat.read(tmp_path / "10_by_grade.ipynb", 4)
    nbformat.validate(notebook)
    assert "**Which?**" in notebook.cells[0].source
    names = {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            source = cell.source.replace("../data/processed", str(tiny_processed))
            exec(compile(source, "cell", "exec"), names)
    assert names["bench"].parameters == Parameters()
    again = CliRunner().invoke(main, ["new-notebook", "10_by_grade", "--folder", str(tmp_path)])
    assert again.exit_code == 2
    assert "is there already" in again.output
    for wrong in ("x", "../10_x", "10_X;rm"):
        refused = CliRunner().invoke(main, ["new-notebook", wrong, "--folder", str(tmp_path)])
        assert refused.exit_code == 2
        assert "two digits" in refused.output
