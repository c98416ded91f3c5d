"""`pilot lab`: notebooks ready to run in any order on a finished run's data."""

import json
import os
import re
import shutil
import subprocess

import nbformat
import pandas as pd
import pytest
from click.testing import CliRunner
from conftest import ROOT

from pilot_analysis import panel, registry, runs
from pilot_analysis.cli import main
from pilot_analysis.evaluation import claims
from pilot_analysis.parameters import Parameters, load, with_values
from pilot_analysis.runs import lab
from pilot_analysis.runs.configure import private
from pilot_analysis.runs.execute import run_notebook


@pytest.fixture
def finished(tiny_processed, tmp_path):
    """A finished run as far as the lab looks at it: its tables, its estimates, its parameters."""
    out = tmp_path / "run"
    work = private(out)
    out.mkdir()
    (work / "results" / "estimates").mkdir(parents=True)
    (work / "stamps").mkdir()
    table = pd.read_parquet(ROOT / "reports" / "synthetic" / "estimates.parquet")
    for name in [row.name for row in registry.notebooks().values() if row.estimates]:
        table.head(50).to_parquet(work / "results" / "estimates" / f"{name}.parquet")
    config = {"processed": str(tiny_processed), "parameters": Parameters().model_dump()}
    (work / "config.json").write_text(json.dumps(config))
    (work / "stamps" / "publish.json").touch()
    return out


def opened(finished, folder, *arguments):
    done = CliRunner().invoke(
        main, ["lab", "--run", str(finished), "--folder", str(folder), "--no-open", *arguments]
    )
    assert done.exit_code == 0, done.output
    return done.output


def values(path):
    cells = nbformat.read(path, as_version=4).cells
    (cell,) = [c for c in cells if "parameters" in c.metadata.get("tags", [])]
    found = {}
    exec(cell.source, found)
    return found


def execute(path, **changed):
    """Run all cells as JupyterLab does, with other values in the first code cell."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if "parameters" in cell.metadata.get("tags", []):
            cell.source = with_values(cell.source, values(path) | changed)
    nbformat.write(notebook, path)
    run_notebook(path, path, {}, path.parent)


def primary(table):
    """Return the primary estimate of lower secondary absence."""
    row = table[
        (table["outcome"] == "absence_share")
        & (table["specification"] == "primary")
        & (table["school_form"] == "GR")
    ]
    return float(row["estimate"].iloc[0])


@pytest.mark.slow
def test_an_analyst_changes_a_value_and_sees_the_estimate_move(finished, tiny_processed, tmp_path):
    """The summary first, then attendance: any order, with the scenario's parameters."""
    scenario = tmp_path / "short.yml"
    scenario.write_text("first_term: VT2018\nmax_placements: 500\nbootstrap_draws: 99\n")
    folder = tmp_path / "lab"
    told = opened(finished, folder, str(scenario))
    assert "8 notebooks" in told.replace("\n", " ")
    assert "the run's own until" in told
    assert sorted(p.name for p in folder.glob("*.ipynb")) == [
        f"{n}.ipynb" for n in registry.notebooks()
    ]
    assert values(folder / "03_attendance.ipynb")["first_term"] == "VT2018"
    execute(folder / "08_summary.ipynb")
    saved = folder / "results" / "estimates" / "03_attendance.parquet"
    execute(folder / "03_attendance.ipynb", last_term="VT2020")
    moved = primary(pd.read_parquet(saved))
    by_call = {}
    for last_term in ("HT2020", "VT2020"):
        values_ = load(scenario, overrides=(f"last_term={last_term}",))
        built = panel.build(tiny_processed, values_)
        outcome = panel.OUTCOMES["absence_share"]
        by_call[last_term] = primary(claims.evaluate_outcome(built, outcome, "GR", values_))
    assert moved == pytest.approx(by_call["VT2020"], rel=1e-9)
    assert moved != pytest.approx(by_call["HT2020"], rel=1e-3)
    # Opened again, what the analyst changed stays; a notebook only run counts as unchanged.
    assert "03_attendance" in opened(finished, folder)
    assert values(folder / "03_attendance.ipynb")["last_term"] == "VT2020"
    assert values(folder / "08_summary.ipynb")["first_term"] == "HT2017"
    opened(finished, folder, "--fresh")
    assert values(folder / "03_attendance.ipynb")["last_term"] == "HT2020"


def test_a_lab_leaves_the_run_alone(finished, tmp_path):
    before = {p: p.read_bytes() for p in private(finished).rglob("*") if p.is_file()}
    opened(finished, tmp_path / "lab", "-p", "ci_level=0.9")
    assert {p: p.read_bytes() for p in private(finished).rglob("*") if p.is_file()} == before
    assert values(tmp_path / "lab" / "03_attendance.ipynb")["ci_level"] == 0.9


def test_without_a_finished_run_the_lab_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(runs, "ROOT", tmp_path)
    done = CliRunner().invoke(main, ["lab", "--no-open"])
    assert done.exit_code == 1
    assert "run make report first" in done.output
    done = CliRunner().invoke(main, ["lab", "--run", str(tmp_path), "--no-open"])
    assert "holds no finished run" in done.output


def test_the_last_run_is_the_one_published_last_whose_tables_stand(finished, tmp_path):
    other = tmp_path / "other"
    shutil.copytree(private(finished), private(other))
    os.utime(private(finished) / "stamps" / "publish.json", (1, 1))
    assert lab.last_run(tmp_path).out == other
    config = json.loads((private(other) / "config.json").read_text())
    (private(other) / "config.json").write_text(json.dumps(config | {"processed": "gone"}))
    assert lab.last_run(tmp_path).out == finished


@pytest.mark.parametrize("line", ["x = 1", "x: int", "import os"])
def test_only_annotated_parameters_are_rewritten(line):
    with pytest.raises(ValueError, match="parameters cell"):
        with_values(line, {"x": 1})


def test_values_stay_literals_whatever_they_hold():
    hostile = '"; import os; os.system("touch pwned") #'
    source = with_values('a: str = "b"  # said\nc: list[str] = []', {"a": hostile, "c": [hostile]})
    found = {}
    exec(source, found)
    assert found["a"] == hostile
    assert found["c"] == [hostile]
    assert source.splitlines()[0].endswith("  # said")


@pytest.mark.slow
def test_notebook_changes_read_as_cells_once_the_repository_is_set_up(tmp_path):
    """`make hooks` lets git show notebooks through nbdime: the changed line, no JSON around it."""

    def git(*words):
        return subprocess.run(
            ["git", *words], cwd=tmp_path, capture_output=True, text=True, check=True
        ).stdout

    git("init", "--quiet")
    for name in (
        ".gitattributes",
        ".pre-commit-config.yaml",
        "Makefile",
        "pyproject.toml",
        "requirements.lock",
        "requirements-dev.lock",
    ):
        shutil.copy2(ROOT / name, tmp_path / name)
    (tmp_path / ".venv").symlink_to(ROOT / ".venv")
    name = "03_attendance.ipynb"
    notebook = nbformat.read(ROOT / "notebooks" / name, as_version=4)
    nbformat.write(notebook, tmp_path / name)
    git("add", name)
    # What is installed is not looked at: a test must not install anything.
    command = ["make", "--old-file=.venv/.installed-dev", "hooks"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    notebook.cells[1].source = notebook.cells[1].source.replace("0.95", "0.9")
    nbformat.write(notebook, tmp_path / name)
    shown = git("diff")
    changed = [line for line in shown.splitlines() if re.search("ci_level", line)]
    assert len(changed) == 2, shown
    assert '\\n"' not in shown


def test_a_lab_is_for_this_machine_alone_and_passes_options_on(finished, tmp_path, monkeypatch):
    """`pilot lab -- --port 9000`: JupyterLab's own options reach it, after ours."""
    started = []
    monkeypatch.setattr(os, "execv", lambda program, command: started.append(command))
    folder = ["--run", str(finished), "--folder", str(tmp_path / "lab")]
    done = CliRunner().invoke(main, ["lab", *folder, "--", "--port", "9000"])
    assert done.exit_code == 0, done.output
    (command,) = started
    assert command[-2:] == ["--port", "9000"]
    assert "--ServerApp.ip=127.0.0.1" in command
    assert "--LabApp.extension_manager=readonly" in command
    assert not [word for word in command if "token" in word or "password" in word]
    monkeypatch.setattr(os, "geteuid", lambda: 1000, raising=False)
    assert "--allow-root" not in lab.jupyter(tmp_path, [])
    monkeypatch.setattr(os, "geteuid", lambda: 0, raising=False)
    assert "--allow-root" in lab.jupyter(tmp_path, [])


@pytest.mark.parametrize("home", ["a file", "writable"])
def test_a_lab_opens_where_the_home_cannot_be_written(home, finished, tmp_path, monkeypatch):
    """Jupyter ends in a traceback where it can keep nothing in the home folder."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("HOME", str(tmp_path / ("file" if home == "a file" else "home")))
    homes = []
    monkeypatch.setattr(os, "execv", lambda *_: homes.append(os.environ["HOME"]))
    folder = tmp_path / "lab"
    done = CliRunner().invoke(main, ["lab", "--run", str(finished), "--folder", str(folder)])
    assert done.exit_code == 0, done.output
    assert homes == [str(folder / ".home" if home == "a file" else tmp_path / "home")]
