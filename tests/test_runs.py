"""Whole runs through the command line: messy real-shaped exports, the default run, failures."""

import errno
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
import pandas as pd
import pytest
from click.testing import CliRunner
from conftest import FEW_DRAWS, ROOT

from pilot_analysis import files
from pilot_analysis.cli import main
from pilot_analysis.errors import NotebookError
from pilot_analysis.estimates import COLUMNS
from pilot_analysis.parameters import Parameters
from pilot_analysis.runs import execute, publish, snakemake
from pilot_analysis.runs.configure import private
from pilot_analysis.runs.workflow import Drive

PILOT = Path(sys.executable).with_name("pilot")


def pilot(*arguments, cwd=ROOT, environment=None):
    return subprocess.run(
        [str(PILOT), *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=cwd,
        env=os.environ | (environment or {}),
        check=False,
    )


@pytest.mark.long
def test_real_shaped_exports_run_from_files_to_report(real_runs):
    folder, stages = real_runs
    done = stages["whole"]
    assert done["code"] == 0, done["stderr"]
    for step in ("ingest", "03_attendance", "08_summary", "report", "publish"):
        assert step in done["stdout"]
    assert "simulate" not in done["stdout"]
    out = folder / "reports" / "with"
    for name in (
        "estimates.csv",
        "estimates.parquet",
        "manifest.json",
        "report_sv.pdf",
        "report_en.html",
        "notebooks/03_attendance.ipynb",
        "site/notebooks/08_summary.html",
        "site/index.html",
        "site/explorer.html",
        "quality.json",
        "figures/trends_absence_share.svg",
    ):
        assert name in done["left"], name
    table = pd.read_parquet(out / "estimates.parquet")
    assert list(table.columns) == list(COLUMNS)
    assert {"C1", "C2"} <= set(table["claim"])
    manifest = json.loads((out / "manifest.json").read_text("utf-8"))
    assert manifest["parameters"]["include_remote_weeks"] is False
    assert manifest["outputs"]["estimates.csv"] == files.digest(out / "estimates.csv")


@pytest.mark.long
def test_nothing_made_from_real_exports_calls_itself_synthetic(real_runs):
    out = real_runs[0] / "reports" / "with"
    assert json.loads((out / "manifest.json").read_text("utf-8"))["synthetic"] is False
    for path in out.rglob("*"):
        if path.suffix in (".html", ".svg", ".ipynb", ".txt"):
            assert not re.search(rb"ynthetic data(:| with)", path.read_bytes()), path.name


@pytest.mark.long
def test_the_same_command_again_has_nothing_to_do(real_runs):
    _, stages = real_runs
    assert "nothing to do" in stages["again"]["stdout"]
    assert stages["again"]["left"] == stages["whole"]["left"]


@pytest.mark.long
def test_a_changed_value_redoes_what_hangs_on_it_and_compare_names_it(real_runs):
    folder, stages = real_runs
    changed = stages["changed"]
    assert changed["code"] == 0, changed["stderr"]
    assert "06_teachers_and_safety" in changed["stdout"]
    assert "08_summary" in changed["stdout"]
    for untouched in ("ingest", "02_baseline", "03_attendance", "07_robustness"):
        assert untouched not in changed["stdout"]
    assert stages["compared"]["code"] == 0, stages["compared"]["stderr"]
    assert "survey_min_answers" in stages["compared"]["stdout"]
    assert (folder / "page" / "compare.html").exists()


@pytest.mark.long
@pytest.mark.parametrize("name", ["table broken", "file cut", "cells wrong", "line wrong"])
def test_a_run_that_fails_says_so_and_leaves_the_earlier_results(name, real_runs):
    _, stages = real_runs
    assert stages[name]["code"] == 1
    assert stages[name]["stderr"]
    assert "Traceback" not in stages[name]["stdout"] + stages[name]["stderr"]
    assert stages[name]["left"] == stages["changed"]["left"]


@pytest.mark.long
def test_a_failure_names_the_file_and_a_failed_notebook_stays_to_be_read(real_runs):
    _, stages = real_runs
    assert stages["file cut"]["file"] in stages["file cut"]["stderr"]
    assert stages["table broken"]["failed"]
    assert stages["cells checked"]["code"] == 1


@pytest.mark.long
def test_grades_alone_run_to_a_published_report(tiny_raw, tmp_path):
    raw, out = tmp_path / "raw", tmp_path / "out"
    raw.mkdir()
    for name in ("skolor", "elever", "betyg", "exponering"):
        shutil.copy(tiny_raw / f"{name}.csv", raw)
    done = pilot(
        "run",
        "--raw",
        raw,
        "--out",
        out,
        *FEW_DRAWS,
        environment={"PILOT_KEY_FILE": str(tmp_path / "key")},
    )
    assert done.returncode == 0, done.stderr
    table = pd.read_parquet(out / "estimates.parquet")
    primary = table[table["specification"] == "primary"].set_index(["outcome", "school_form"])
    assert primary["estimate"].notna()[[("goals_all", "GR")]].any()
    absence = primary.loc[[("absence_share", "GR")]]
    assert absence["estimate"].isna().all()
    assert (absence["reason"] != "").all()
    assert "( interv" not in (out / "report_sv.html").read_text("utf-8")


@pytest.mark.long
def test_the_default_run_gives_the_committed_results(tmp_path):
    """`pilot verify` makes it again, and a run in the same folder has nothing to do.

    It is made as an old processor would: sums and sorts by other instructions than this one's.
    """
    committed = ROOT / "reports" / "synthetic"
    out = tmp_path / "default"
    old = {"OPENBLAS_CORETYPE": "Nehalem", "NPY_DISABLE_CPU_FEATURES": "X86_V3 X86_V4"}
    done = pilot("verify", "reports/synthetic", "--keep", out, environment=old)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "verified" in done.stdout
    for name in ("report_en.html", "report_sv.html"):
        assert (out / name).read_text("utf-8") == (committed / name).read_text("utf-8")
    assert "nothing to do" in pilot("run", "--out", out).stdout


@pytest.mark.long
def test_a_sweep_shares_one_ingest_and_ends_in_one_table(tiny_raw, tmp_path):
    grid = tmp_path / "grid.yml"
    grid.write_text("grid:\n  ci_level: [0.9, 0.95]\n")
    out = tmp_path / "out"
    command = ("sweep", grid, "--raw", tiny_raw, "--notebook", "03_attendance", "--out", out)
    done = pilot(*command)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("  ingest ") == 1
    assert done.stdout.count("03_attendance") == 2
    table = pd.read_csv(out / "sweep.csv")
    assert set(table["ci_level"].round(2)) == {0.9, 0.95}
    assert (table["parameter_ci_level"] == table["ci_level"]).all()
    runs_there = sorted(p.name for p in out.iterdir() if (p / "manifest.json").exists())
    assert len(runs_there) == 2
    for name in runs_there:
        own = pd.read_parquet(out / name / "estimates.parquet")
        main_rows = own[own["specification"] == "primary"]
        assert len(main_rows) == (table["run"] == name).sum()
    manifest = json.loads((out / runs_there[0] / "manifest.json").read_text("utf-8"))
    assert manifest["exploratory"] is True  # an interval at 90 % was not planned
    assert (out / "figures" / "absence_share_all_pupils_GR.svg").exists()
    assert manifest["synthetic"] is True
    assert "nothing to do" in pilot(*command).stdout


@pytest.mark.slow
def test_a_failing_notebook_leaves_its_copy_and_names_the_cell(tiny_processed, tmp_path):
    broken = tmp_path / "processed"
    shutil.copytree(tiny_processed, broken)
    table = pd.read_parquet(broken / "pupil_terms.parquet")
    table.drop(columns="school").to_parquet(broken / "pupil_terms.parquet")
    (tmp_path / "results").mkdir()
    out, failed = tmp_path / "notebooks", tmp_path / "failed"
    out.mkdir()
    (out / "01_data_quality.ipynb").write_text("earlier")
    values = Parameters().for_notebook("01_data_quality")
    with pytest.raises(NotebookError) as caught:
        execute.execute_notebook(
            "01_data_quality", values, broken, tmp_path / "results", out, failed
        )
    message = str(caught.value)
    assert message.startswith("notebook 01_data_quality, cell ")
    assert len(message.splitlines()) == 1
    assert "KeyError" in (failed / "01_data_quality.ipynb").read_text("utf-8")
    assert (out / "01_data_quality.ipynb").read_text() == "earlier"
    assert [p.name for p in out.iterdir()] == ["01_data_quality.ipynb"]


@pytest.mark.slow
def test_a_kernel_listens_on_files_of_its_owner_and_on_no_port(tmp_path, monkeypatch):
    """Two kernels that start at once could pick the same port, and others could connect to it."""
    import tempfile

    long = tmp_path / ("long" * 30)
    long.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    cell = nbformat.v4.new_code_cell(
        "import json, pathlib, stat\n"
        "from ipykernel.connect import get_connection_info\n"
        "told = json.loads(get_connection_info())\n"
        "assert told['transport'] == 'ipc'\n"
        "folder = pathlib.Path(told['ip']).parent\n"
        "assert stat.S_IMODE(folder.stat().st_mode) == 0o700\n"
        "print(folder)"
    )
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "a.ipynb")
    execute.run_notebook(tmp_path / "a.ipynb", tmp_path / "b.ipynb", {}, tmp_path)
    (output,) = nbformat.read(tmp_path / "b.ipynb", as_version=4).cells[0].outputs
    assert not Path(output["text"].strip()).exists()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["plain", "åäö", 'a "b" c', "back\\slash", "d'e {f}"])
def test_a_published_notebook_names_no_folder_whatever_letters_it_has(name, tmp_path):
    folder = tmp_path / name
    folder.mkdir()
    cells = [nbformat.v4.new_code_cell("processed_dir = ''", metadata={"tags": ["parameters"]})]
    spoken = {"kernelspec": {"name": "python3", "language": "python", "display_name": "Python 3"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=spoken), tmp_path / "a.ipynb")
    given = {"processed_dir": str(folder), "results_dir": str(folder / "results")}
    execute.run_notebook(tmp_path / "a.ipynb", folder / "b.ipynb", given, folder)
    done = execute.finished(folder / "b.ipynb", folder)
    values = {}
    exec("".join(done["cells"][1]["source"]), values)
    assert (values["processed_dir"], values["results_dir"]) == ("processed", "results")
    assert str(tmp_path) not in json.dumps(done)


@pytest.mark.slow
def test_warnings_of_a_published_notebook_name_no_folder_of_the_machine(tmp_path):
    source = (
        "import warnings, numpy as np, statsmodels.api as sm\n"
        "np.array([1.0]) / 0\n"
        "sm.OLS([1.0, 2.0], [1.0, 1.0]).fit().get_robustcov_results('HC2')\n"
        "warnings.warn_explicit('seen', UserWarning, sm.__file__, 7)"
    )
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)])
    nbformat.write(book, tmp_path / "a.ipynb")
    execute.run_notebook(tmp_path / "a.ipynb", tmp_path / "b.ipynb", {}, tmp_path)
    (cell,) = execute.finished(tmp_path / "b.ipynb", tmp_path)["cells"]
    told = json.dumps(cell["outputs"])
    assert "cell:2: RuntimeWarning" in told
    assert "statsmodels/api.py:7: UserWarning: seen" in told.replace("\\\\", "/")
    for folder in (sys.prefix, tempfile.gettempdir(), "ipykernel_"):
        assert folder not in told


def test_interrupted_notebooks_are_not_published(tmp_path):
    notebook = {"cells": [], "metadata": {"papermill": {"end_time": None, "exception": None}}}
    path = tmp_path / "x.ipynb"
    path.write_text(json.dumps(notebook))
    with pytest.raises(NotebookError, match="did not run to its end"):
        execute.finished(path, tmp_path)


def test_publishing_replaces_whole_files_and_removes_stale_ones(tmp_path):
    work, out = tmp_path / "work", tmp_path / "out"
    for name in ("site/a.html", "results/figures/f.svg", "report/report_en.html"):
        (work / name).parent.mkdir(parents=True, exist_ok=True)
        (work / name).write_text("new")
    (work / "estimates.csv").write_text("new")
    (out / "figures").mkdir(parents=True)
    (out / "figures" / "old.svg").write_text("old")
    (out / "figures" / "mine.docx").write_text("kept")
    (out / "figures" / ".f.svg.0123abcd.partial").write_text("what a killed run left")
    publish.publish(work, out, None)
    assert not (out / "figures" / "old.svg").exists()
    assert (out / "figures" / "mine.docx").exists()
    assert (out / "figures" / "f.svg").read_text() == "new"
    assert not list(out.rglob("*.partial"))


def test_two_notebooks_may_draw_the_same_figure_at_the_same_time(tmp_path):
    """Each writes a file of its own until it is whole; 02 and 03 both draw how absence went."""
    from pilot_analysis.files import sweep, whole

    with whole(tmp_path / "trends.svg") as first, whole(tmp_path / "trends.svg") as second:
        first.write_text("as one drew it")
        second.write_text("as the other drew it")
    assert (tmp_path / "trends.svg").read_text() == "as one drew it"
    (tmp_path / ".trends.svg.0123abcd.partial").write_text("killed")
    (tmp_path / ".notes.partial").write_text("somebody's own")
    sweep(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == [".notes.partial", "trends.svg"]


@pytest.mark.slow
def test_a_second_run_into_the_same_folder_says_so(tiny_raw, tmp_path):
    import fcntl

    out = tmp_path / "out"
    private(out).mkdir(parents=True)
    with (private(out) / ".lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        done = pilot("run", "--raw", tiny_raw, "--out", out, *FEW_DRAWS)
    assert done.returncode == 1
    assert "another run is writing here" in done.stderr
    assert not list(out.rglob("*.parquet"))


# --- Wrong use -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["run", "no/such/file.yml"], 2, "there is no such scenario file"),
        (["run", "."], 2, "is a folder"),
        (["run", "--profile", "nope"], 2, "is no profile"),
        (["run", "-p", "ci_lvel=0.9"], 2, "did you mean 'ci_level'"),
        (["run", "-p", "ci_level"], 2, "write -p name=value"),
        (["run", "--raw", "nowhere"], 1, "holds no exports"),
        (["ingest", "--raw", "nowhere", "--out", "out"], 1, "is not a folder"),
        (["check", "nowhere"], 1, "is not a folder"),
        (["simulate", "--out", "x", "--off", "weather"], 2, "unknown nuisance"),
        (["simulate", "--municipality", "moon"], 2, "Invalid value"),
        (["run", "--cores", "0"], 2, "Invalid value"),
        (["fly"], 2, "No such command"),
    ],
)
def test_wrong_use_gets_a_message_and_no_traceback(arguments, code, message, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PILOT_KEY_FILE", str(tmp_path / "key"))
    done = CliRunner().invoke(main, arguments)
    assert done.exit_code == code
    assert message in done.output
    assert "Traceback" not in done.output


@pytest.mark.parametrize("error", [errno.ENOSPC, errno.EROFS, errno.EACCES])
def test_exports_that_cannot_be_written_are_one_sentence(tmp_path, monkeypatch, error):
    def refused(*arguments, **options):
        raise OSError(error, os.strerror(error), "raw")

    monkeypatch.setattr("pilot_analysis.synthetic.export.simulate", refused)
    done = CliRunner().invoke(main, ["simulate", "--out", str(tmp_path / "raw")])
    assert done.exit_code == 1
    (line,) = done.output.splitlines()
    assert line.startswith("pilot: raw: ")


ALTERED = [
    "[]",
    "{",
    '{"files": []}',
    '{"files": {}, "effects": 3}',
    '{"files": 3}',
    '{"notice": "x", "effects": [{}], "files": {}}',
    "\\xff",
]


@pytest.mark.slow
@pytest.mark.parametrize("content", ALTERED)
def test_an_altered_truth_is_one_problem(content, tiny_raw, tmp_path):
    raw = tmp_path / "raw"
    shutil.copytree(tiny_raw, raw)
    (raw / "truth.json").write_bytes(content.encode("latin-1"))
    done = CliRunner().invoke(main, ["check", str(raw), "--language", "en"])
    assert done.exit_code == 1
    assert "truth.json: is damaged" in done.output
    assert "Traceback" not in done.output


@pytest.mark.slow
def test_check_tells_problems_as_text_and_json(tiny_raw, tmp_path):
    assert CliRunner().invoke(main, ["check", str(tiny_raw)]).exit_code == 0
    raw = tmp_path / "raw"
    shutil.copytree(tiny_raw, raw)
    (raw / "truth.json").unlink()
    text = (raw / "betyg.csv").read_text("utf-8").replace(";A;", ";MVG;")
    (raw / "betyg.csv").write_text(text, "utf-8")
    done = CliRunner().invoke(main, ["check", str(raw)])
    assert done.exit_code == 1
    assert "column betyg: must be one of A, B, C, D, E, F, -, 2, 3, 9" in done.output
    done = CliRunner().invoke(main, ["check", str(raw), "--json"])
    (problem,) = json.loads(done.stdout)
    assert problem["file"] == "betyg.csv"
    # A code in many rows is named with its terms, so that an alias can map it.
    assert problem["examples"] == [f"the code 'MVG' ({problem['count']} rows, from HT2017)"]


def test_simulate_never_writes_over_real_exports(tmp_path):
    (tmp_path / "betyg.csv").write_text("elev_id\n")
    done = CliRunner().invoke(main, ["simulate", "--municipality", "small", "--out", str(tmp_path)])
    assert done.exit_code == 2
    assert "not synthetic" in done.output
    assert (tmp_path / "betyg.csv").read_text() == "elev_id\n"


def test_every_command_has_help_with_examples():
    for name, command in main.commands.items():
        if command.hidden:
            continue
        text = CliRunner().invoke(main, [name, "--help"]).output
        assert f"pilot {name}" in text.split("Examples:")[1], name
        assert "Exit codes" in text


def test_progress_says_what_runs_how_many_are_left_and_for_how_long(monkeypatch):
    from pilot_analysis.runs import progress

    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    steps = ["001/03", "002/03", "collect"]
    seen = progress.Seen(steps, {"001/03": 10.0, "002/03": 10.0, "collect": 2.0}, 1)
    assert seen.line() == "0 of 3 · starting"
    assert list(seen.new({"001/03": (progress.RUNNING, "")})) == []
    assert seen.line() == "0 of 3 · 001/03"  # nothing can be known yet
    now[0] = 20.0  # this run is half as fast as the last one was
    assert list(seen.new({"001/03": ("", "  001/03  20.0 s")})) == ["  001/03  20.0 s"]
    assert seen.line() == "1 of 3 · about 24 s left"  # between steps
    assert seen.left() == pytest.approx(24)
    list(seen.new({"002/03": (progress.RUNNING, ""), "001/03": ("", "")}))
    now[0] = 30.0
    assert seen.line() == "1 of 3 · 002/03 · about 14 s left"
    unknown = progress.Seen(steps, {"001/03": 10.0}, 1)
    list(unknown.new({"001/03": (progress.RUNNING, "")}))
    now[0] = 40.0
    list(unknown.new({"001/03": ("", "done")}))
    assert unknown.left() is None  # nobody knows how long the others take
    failed = progress.Seen(steps, {}, 1)
    assert list(failed.new({"001/03": (progress.FAILED, "why")})) == []
    assert failed.count() == "1 of 3"


@pytest.mark.parametrize("order", [("running", "failed"), ("failed", "running")])
def test_what_a_step_failed_with_is_told_whatever_stands_first_in_the_folder(
    order, tmp_path, capsys
):
    told = tmp_path / "told"
    told.mkdir()
    for kind in order:
        (told / f"publish.{kind}").write_text("why" if kind == "failed" else "12.0")
    snakemake._explain(1, told, tmp_path, tmp_path)
    assert "pilot: why" in capsys.readouterr().err


@pytest.mark.parametrize("home", ["a file", "none", "writable"])
def test_a_home_that_cannot_be_written_does_not_stop_a_run(home, tmp_path, monkeypatch):
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    (tmp_path / "file").write_text("")
    (tmp_path / "home").mkdir()
    if home == "none":
        monkeypatch.delenv("HOME")
        monkeypatch.setattr(snakemake.os, "access", lambda *_: False)
    else:
        monkeypatch.setenv("HOME", str(tmp_path / ("file" if home == "a file" else "home")))
    drive = Drive(tmp_path, tmp_path)
    own = snakemake._environment(drive).get("XDG_CACHE_HOME")
    assert own == (None if home == "writable" else str(tmp_path / ".cache"))


def test_a_copied_checkout_is_told_whose_program_it_calls(tmp_path, monkeypatch):
    """A copy of `.venv` has the first checkout's programs: they would evaluate its data, unseen."""
    copied = tmp_path / "copied"
    (copied / "src" / "pilot_analysis" / "cli").mkdir(parents=True)
    (copied / "reports").mkdir()
    for folder, told in (
        (copied / "reports", True),
        (tmp_path, False),
        (ROOT, False),
        (ROOT / "src" / "pilot_analysis", False),
    ):
        monkeypatch.chdir(folder)
        done = CliRunner().invoke(main, ["parameters"])
        assert done.exit_code == 0
        assert (f"works there, not in {copied}" in done.stderr) == told
        assert (str(ROOT) in done.stderr) == told


def test_earlier_results_are_told_of_only_where_there_are_some(tmp_path, capsys):
    (told := tmp_path / "told").mkdir()
    (told / "publish.failed").write_text("why")
    (out := tmp_path / "out").mkdir()
    snakemake._explain(1, told, tmp_path, out)
    assert "as they were" not in capsys.readouterr().err
    (out / "manifest.json").write_text("{}")
    snakemake._explain(1, told, tmp_path, out)
    assert "as they were" in capsys.readouterr().err


def test_a_failed_workflow_is_explained_in_one_sentence(tmp_path):

    log = tmp_path / "workflow.log"
    for code, text, words in (
        (-9, "", "was ended by SIGKILL"),
        (1, "Killed", "too little memory"),
        (1, "WorkflowError: no such plugin", "the workflow failed (WorkflowError: no such plugin)"),
        (1, "", "the workflow failed; see"),
    ):
        log.write_text(text)
        assert words in snakemake._why(code, tmp_path)
