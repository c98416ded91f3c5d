"""Comparing and verifying runs: every difference is told, none is invented."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import nbformat
import numpy as np
import pytest
from click.testing import CliRunner
from conftest import ROOT
from fluent.runtime import FluentResource

from pilot_analysis import description, estimates, files, panel, registry, words
from pilot_analysis.catalogue import language
from pilot_analysis.catalogue.units import UNITS, Unit
from pilot_analysis.catalogue.words import Words, words_for
from pilot_analysis.cli import main
from pilot_analysis.errors import PilotError
from pilot_analysis.evaluation.fitting import PRIMARY_MODEL
from pilot_analysis.files import Digests
from pilot_analysis.parameters import Parameters, reference
from pilot_analysis.report.sentences import sentence
from pilot_analysis.runs import verify, workflow
from pilot_analysis.runs.code import Code
from pilot_analysis.runs.compare import compare

ROW = {
    "claim": "C1",
    "outcome": "absence_share",
    "school_form": "GR",
    "population": "all_pupils",
    "estimand": "treated",
    "model": PRIMARY_MODEL,
    "specification": "primary",
    "estimate": -1.5,
    "std_error": 1.0,
    "p_value": 0.2,
    "ci_low": -4.0,
    "ci_high": 1.0,
    "unit": "percentage points",
}


@pytest.fixture
def make_run(tmp_path):
    def make(name, *rows, **manifest):
        folder = tmp_path / name
        estimates.write(estimates.table(rows), folder / "estimates.parquet")
        base = {
            "parameters": Parameters().model_dump(),
            "inputs": {"elever.csv": "a" * 64},
            "versions": {"numpy": "2"},
            "python": "3.11",
            "synthetic": True,
            "lock_sha256": "l",
            "plan_sha256": "p",
            "git_commit": "c",
            "exploratory": False,
            "notice": "Synthetic data: not evidence about Linköping.",
        }
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
        "identical": 1,
        "only in B": 1,
    }


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
        "compare.html",
        "compare.csv",
        "compare_figure.svg",
        "compare_figure.png",
        "compare_figure.csv",
        "compare_figure.txt",
    }


def test_answers_come_first_the_plan_s_before_the_others_with_intervals(make_run):
    primary = ROW | {"estimand": "per_school", "ci_level": 0.95}
    goals = primary | {"claim": "C2", "outcome": "goals_all", "estimate": 4.0}
    safety = primary | {"claim": "C6", "outcome": "safety_index", "unit": "index points"}
    safety |= {"population": "pupils_answering", "ci_low": 0.2, "ci_high": 0.9}
    a = make_run("a", safety, goals, primary)
    b = make_run("b", safety | {"ci_low": -0.2}, goals, primary | {"ci_high": -0.5})
    done = CliRunner().invoke(main, ["compare", str(a), str(b)])
    assert done.exit_code == 0, done.output
    told = done.output
    assert "Answers that changed: 2 of 3." in told
    places = [
        told.index("Did absence fall? (lower secondary school)\n    A: Cannot be determined"),
        told.index("Did pupils feel safer? (lower secondary school), not a main question"),
        told.index("Answers that are the same"),
        told.index("Did more pupils reach the goals?"),
        told.index("Primary estimates that differ"),
    ]
    assert places == sorted(places)
    assert "7.1 fewer to 1.8 more days" in told
    assert "0.9 to 7.1 fewer days" in told
    assert "-1.500 (-4.000 to 1.000)" in told


@pytest.mark.parametrize(
    "command", [["compare", "x", "y"], ["verify", "x"], ["report", "x"], ["publish", "x", "out"]]
)
def test_a_folder_without_a_run_is_one_message(command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 1
    assert "x: there is no such folder" in done.output
    (tmp_path / "x").mkdir()
    done = CliRunner().invoke(main, command)
    assert done.exit_code == 1
    assert "x: holds no finished run (manifest.json is missing)" in done.output


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
    for book, row in registry.notebooks().items():
        assert (book[:2] in readers.rsplit("|", 2)[1]) == (
            "reporting_warning_points" in row.parameters
        )
    assert text in (ROOT / "docs" / "parameters.md").read_text("utf-8")


@pytest.fixture
def own_words():
    """Let a test add messages to the languages, and take them back."""
    yield lambda code, text: language._bundle(code).add_resource(FluentResource(text))
    language._bundle.cache_clear()
    words.words_in.cache_clear()


def test_an_outcome_that_lacks_a_unit_or_a_message_says_so(monkeypatch):
    with pytest.raises(ValueError, match="has no unit 'grades'"):
        panel.Outcome("n_graded", "C2", "grades", 1, 1.0)
    monkeypatch.setitem(UNITS, "grades", Unit(20.0))
    monkeypatch.setitem(
        panel.OUTCOMES, "n_graded", panel.Outcome("n_graded", "C2", "grades", 1, 1.0)
    )
    with pytest.raises(KeyError, match=r"sv\.ftl lacks outcome_n_graded, unit_grades"):
        Words("sv")


@pytest.mark.slow
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


@pytest.mark.slow
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
            source = re.sub(
                r'processed_dir: str = ".*?"', f'processed_dir = "{tiny_processed}"', cell.source
            )
            exec(compile(source, "cell", "exec"), names)
    assert names["bench"].parameters == Parameters()
    again = CliRunner().invoke(main, ["new-notebook", "10_by_grade", "--folder", str(tmp_path)])
    assert again.exit_code == 2
    assert "is there already" in again.output
    for wrong in ("x", "../10_x", "10_X;rm"):
        refused = CliRunner().invoke(main, ["new-notebook", wrong, "--folder", str(tmp_path)])
        assert refused.exit_code == 2
        assert "two digits" in refused.output


@pytest.mark.parametrize(
    "damage",
    [
        {"parameters": 1},
        {"parameters": {"ci_level": "high"}},
        {"inputs": None},
        {"versions": []},
        {"synthetic": "yes"},
        {"python": None},
        {"departures_from_plan": [1]},
        {"notice": None},
    ],
    ids=str,
)
@pytest.mark.parametrize("command", ["compare", "verify", "report"])
def test_an_altered_manifest_is_one_message(make_run, damage, command):
    run = make_run("a", ROW, **damage)
    (run / "quality.json").write_text('{"files": [], "synthetic": true, "notice": ""}')
    done = CliRunner().invoke(main, [command, *[str(run)] * (2 if command == "compare" else 1)])
    if command == "compare" and damage == {"parameters": {"ci_level": "high"}}:
        assert done.exit_code == 0
        return
    assert done.exit_code in (1, 2), done.output
    assert isinstance(done.exception, SystemExit), done.exception
    assert "pilot: " in done.output


@pytest.fixture
def committed(make_run):
    """A finished run, committed, and what stands in its folder after a run of the reader's own."""
    run = make_run("run", ROW)

    def git(*words):
        subprocess.run(
            ["git", "-c", "user.name=x", "-c", "user.email=x@example.org", *words],
            cwd=run,
            check=True,
            capture_output=True,
        )

    git("init", "--quiet")
    git("add", ".")
    git("commit", "--quiet", "-m", "A run")
    return run, git


def test_a_run_is_held_against_what_is_committed_and_not_against_itself(
    committed, tmp_path, monkeypatch
):
    run, git = committed

    def made_again(value):
        """Stand in for the workflow: writes a run with this estimate."""

        def drive(configs, drive, **_):
            out = Path(configs[0]["out"])
            shutil.copytree(run, out, ignore=shutil.ignore_patterns(".git"), dirs_exist_ok=True)
            table = estimates.table([ROW | {"estimate": value}])
            estimates.write(table, out / "estimates.parquet")
            return 0

        monkeypatch.setattr(verify, "drive_runs", drive)
        return CliRunner().invoke(main, ["verify", str(run), "--keep", str(tmp_path / "kept")])

    done = made_again(ROW["estimate"])
    assert done.exit_code == 0, done.output
    assert re.search(r"run as committed in [0-9a-f]{12}: verified", done.output)
    # The reader's own run stands in the folder now, and is what comes out again: still different.
    estimates.write(estimates.table([ROW | {"estimate": -1.4}]), run / "estimates.parquet")
    done = made_again(-1.4)
    assert done.exit_code == 1
    assert "1 estimates different" in done.output
    assert re.search(r"-1.5 +-1.4 +different +estimate", done.output)
    assert re.search(r"run as committed in [0-9a-f]{12}: came out otherwise", done.output)
    # One committed estimate altered by hand.
    git("commit", "--quiet", "-am", "Altered")
    assert made_again(ROW["estimate"]).exit_code == 1


@pytest.mark.parametrize("name", ["estimates.csv", "figures/f.csv"])
def test_a_file_that_was_altered_by_hand_is_refused_committed_or_not(make_run, tmp_path, name):
    """The table that people read, and what is drawn of it, not the parquet alone."""
    run = make_run("run", ROW)
    (run / "figures").mkdir()
    (run / "figures" / "f.csv").write_text("x,-1.5\n")
    kept = ("estimates.csv", "estimates.parquet", "figures/f.csv")
    listed = json.loads((run / "manifest.json").read_text())
    listed["outputs"] = {each: files.digest(run / each) for each in kept}
    listed["outputs"]["report.pdf"] = "of a file that is not committed"
    (run / "manifest.json").write_text(json.dumps(listed))
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org"]
    for what in (["init", "-q"], ["add", "."], ["commit", "-qm", "A run"]):
        subprocess.run([*git, *what], cwd=run, check=True)
    assert verify.reference_of(run, tmp_path / "one").commit
    written, found = (run / name).read_text(), listed["outputs"][name]
    (run / name).write_text(written.replace("-1.5", "-1.4"))
    listed["outputs"][name] = files.digest(run / name)
    (run / "manifest.json").write_text(json.dumps(listed))
    assert verify.reference_of(run, tmp_path / "two").commit  # the reader's own run
    (run / name).write_text(written.replace("-1.5", "-9.5"))
    with pytest.raises(PilotError, match=f"run: {name}: not what the run wrote"):
        verify.reference_of(run, tmp_path / "here")
    listed["outputs"][name] = found
    (run / "manifest.json").write_text(json.dumps(listed))
    subprocess.run([*git, "commit", "-qam", "Altered"], cwd=run, check=True)
    (run / name).write_text(written)
    with pytest.raises(PilotError, match=f"committed in [0-9a-f]+: {name}: not what the run wrote"):
        verify.reference_of(run, tmp_path / "three")


@pytest.mark.parametrize("path", ["git", ""])
def test_without_a_commit_a_run_is_held_against_itself_and_nothing_is_verified(
    make_run, tmp_path, monkeypatch, path
):
    run = make_run("run", ROW)
    if not path:
        monkeypatch.setenv("PATH", str(tmp_path / "empty"))

    def drive(configs, drive, **_):
        shutil.copytree(run, Path(configs[0]["out"]), dirs_exist_ok=True)
        return 0

    monkeypatch.setattr(verify, "drive_runs", drive)
    done = CliRunner().invoke(main, ["verify", str(run), "--keep", str(tmp_path / "kept")])
    assert done.exit_code == 0, done.output
    assert "no commit has it, so nothing is verified" in done.output
    assert ": verified" not in done.output


def test_a_run_of_another_pilot_is_verified_by_its_own_evaluation(make_run, tmp_path, monkeypatch):
    other = ROOT / "examples" / "two_of_nine"
    run = make_run("run", ROW, evaluation=description.load(other).model_dump(mode="json"))
    wanted = []

    def drive(configs, drive, **_):
        wanted.append(Path(configs[0]["evaluation"]))
        shutil.copytree(run, Path(configs[0]["out"]), dirs_exist_ok=True)
        return 0

    monkeypatch.setattr(verify, "drive_runs", drive)
    command = ["verify", str(run), "--keep", str(tmp_path / "kept")]
    refused = CliRunner().invoke(main, command)
    assert refused.exit_code == 1
    assert "name the folder that describes it with --evaluation" in refused.output
    done = CliRunner().invoke(main, [*command, "--evaluation", str(other)])
    assert done.exit_code == 0, done.output
    assert wanted == [other]


@pytest.mark.slow
def test_a_notebook_is_its_file_and_one_row(tmp_path, monkeypatch):
    """In a copy: the row makes it a step of every run, and the summary gathers its estimates."""
    shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks")
    for name in ("src", "params", "requirements.lock"):
        (tmp_path / name).symlink_to(ROOT / name)
    done = CliRunner().invoke(
        main, ["new-notebook", "10_by_grade", "--folder", str(tmp_path / "notebooks")]
    )
    assert done.exit_code == 0, done.output
    listed = tmp_path / "notebooks" / "notebooks.yml"
    row = "  10_by_grade: {parameters: [everything], estimates: true, seconds: 10}\n"
    listed.write_text(listed.read_text() + row)
    monkeypatch.setattr(registry, "PATH", listed)
    monkeypatch.setattr(workflow, "ROOT", tmp_path)
    config = {
        "work": str(tmp_path / "w"),
        "file": str(tmp_path / "c"),
        "raw": str(tmp_path / "r"),
        "processed": str(tmp_path / "p"),
        "out": str(tmp_path / "o"),
        "figures": None,
        "simulate": True,
        "synthetic": True,
        "board": True,
        "estimating": [],
        "evaluation": str(ROOT / "params"),
        "notebooks": list(registry.notebooks()),
        "parameters": Parameters().model_dump(),
    }
    code = Code(tmp_path, Digests(tmp_path / "d"), tmp_path / "i")
    steps = {
        s.name: s
        for s in workflow.run_steps(workflow.Maker(code, {}), [config], None, by_parts=False)
    }
    assert steps["10_by_grade"].needs == ("ingest",)
    assert "10_by_grade" in steps["08_summary"].needs
    for last in ("report", "site", "publish"):
        assert "10_by_grade" in steps[last].needs
    cells = nbformat.read(tmp_path / "notebooks" / "10_by_grade.ipynb", 4).cells
    (cell,) = [c for c in cells if "parameters" in c.metadata.get("tags", [])]
    names = re.findall(r"^(\w+):", cell.source, re.MULTILINE)[2:]
    assert names == list(registry.notebooks()["10_by_grade"].parameters)


@pytest.mark.slow
def test_what_is_handed_over_is_what_the_manifest_lists_and_nothing_else(tmp_path):
    run, out = tmp_path / "run", tmp_path / "out"
    shutil.copytree(ROOT / "reports" / "synthetic", run, ignore=shutil.ignore_patterns("site"))
    manifest = json.loads((run / "manifest.json").read_text("utf-8"))
    there = {n: d for n, d in manifest["outputs"].items() if (run / n).is_file()}
    (run / "manifest.json").write_text(json.dumps(manifest | {"outputs": there}))
    (run / "pupils.csv").write_text("pupil;birth_year\n1;2005\n")
    done = CliRunner().invoke(main, ["publish", str(run), str(out)])
    assert done.exit_code == 0, done.output
    found = {p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file()}
    assert found == {*there, "manifest.json"}
    assert CliRunner().invoke(main, ["publish", str(run), str(out)]).exit_code == 1  # not empty
    (run / "estimates.csv").write_text("altered")
    refused = CliRunner().invoke(main, ["publish", str(run), str(tmp_path / "other")])
    assert refused.exit_code == 1
    assert "estimates.csv: not as the run left it" in refused.output
    leak = (run / "pupils.csv").read_bytes()
    (run / "estimates.csv").write_bytes(leak)
    listed = there | {"estimates.csv": files.digest(run / "estimates.csv")}
    (run / "manifest.json").write_text(json.dumps(manifest | {"outputs": listed}))
    refused = CliRunner().invoke(main, ["publish", str(run), str(tmp_path / "other")])
    assert refused.exit_code == 1
    assert "may not leave" in refused.output
    assert not (tmp_path / "other").exists()
