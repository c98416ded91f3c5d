"""Steps and blocks as jobs on a cluster: two workers, jobs killed at random, the same results."""

import json
import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from conftest import ROOT

from pilot_analysis.estimates import read
from pilot_analysis.inference import size_and_power, studies
from pilot_analysis.parameters import Parameters
from pilot_analysis.runs import snakemake
from pilot_analysis.runs import study as studies_of_runs
from pilot_analysis.runs.configure import private

PILOT = Path(sys.executable).with_name("pilot")
PROFILES = ROOT / "workflow" / "profiles"
LOCAL = PROFILES / "local"


def pilot(*arguments, environment=None):
    return subprocess.run(
        [str(PILOT), *map(str, arguments)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | (environment or {}),
        check=False,
    )


class Killer(threading.Thread):
    """Kills running jobs, each with all it started, at random moments, a number of times."""

    def __init__(self, queue, kills):
        super().__init__(daemon=True)
        self.queue, self.left, self.killed, self.over = queue, kills, 0, threading.Event()

    def run(self):
        moments = random.Random(20190819)
        while self.left and not self.over.wait(moments.uniform(0.5, 3)):
            running = [p for p in self.queue.glob("*.pid") if not p.with_suffix(".code").exists()]
            if not running:
                continue
            try:
                os.killpg(int(moments.choice(running).read_text()), signal.SIGKILL)
            except (OSError, ValueError):
                continue  # it ended in between
            self.left -= 1
            self.killed += 1


@pytest.fixture
def killed_jobs(tmp_path):
    queue = tmp_path / "queue"
    killer = Killer(queue, 4)
    killer.start()
    yield killer, {"PILOT_QUEUE": str(queue)}
    killer.over.set()
    killer.join()


@pytest.mark.long
def test_a_sweep_as_jobs_that_are_killed_and_restarted_gives_the_local_results(
    killed_jobs, tiny_raw, tmp_path
):
    killer, environment = killed_jobs
    grid = tmp_path / "grid.yml"
    grid.write_text("set: {bootstrap_draws: 99, max_placements: 500}\ngrid:\n  ci_level: [0.9]\n")
    command = ("sweep", grid, "--raw", tiny_raw, "--notebook", "03_attendance", "--out")
    local = pilot(*command, tmp_path / "local")
    assert local.returncode == 0, local.stderr
    done = pilot(*command, tmp_path / "jobs", "--profile", LOCAL, environment=environment)
    assert done.returncode == 0, done.stderr
    assert killer.killed >= 2
    # Every export was read by a job of its own, and no part of it is left.
    for path in tiny_raw.glob("*.csv"):
        assert path.name in done.stdout
    assert not (private(tmp_path / "jobs") / "processed" / ".parts").exists()
    assert done.stdout.count("03_attendance") >= 1
    assert (tmp_path / "jobs" / "sweep.csv").read_bytes() == (
        tmp_path / "local" / "sweep.csv"
    ).read_bytes()
    (estimates,) = (tmp_path / "local").glob("*/estimates.parquet")
    other = tmp_path / "jobs" / estimates.relative_to(tmp_path / "local")
    assert read(other).equals(read(estimates))


@pytest.mark.slow
def test_a_study_s_blocks_are_its_cells_whatever_their_number(tmp_path, monkeypatch):
    cells, blocks = size_and_power.cells()[30::70], 2
    monkeypatch.setattr(size_and_power, "cells", lambda: cells)
    config = {
        "study": "size_and_power",
        "blocks": blocks,
        "panels": 40,
        "work": str(tmp_path),
        "collected": str(tmp_path / "table.csv"),
    }
    for number in reversed(range(blocks)):
        studies_of_runs.make_block(config, number)
    studies_of_runs.gather(config)
    table = pd.read_csv(tmp_path / "table.csv")
    rows = pd.DataFrame([row for cell in cells for row in size_and_power.run_cell(cell, 40)])
    pd.testing.assert_frame_equal(table, rows.round(4), check_dtype=False)
    assert list(table.columns) == list(studies.read().columns)


@pytest.mark.long
def test_a_bootstrap_study_of_a_run_has_a_row_for_each_question_about_all_pupils(
    tiny_processed, tmp_path
):
    run = tmp_path / "run"
    work = private(run)
    (work / "results").mkdir(parents=True)
    (work / "stamps").mkdir()
    (work / "stamps" / "publish.json").touch()
    config = {"processed": str(tiny_processed), "parameters": Parameters().model_dump()}
    (work / "config.json").write_text(json.dumps(config))
    out = tmp_path / "out"
    command = ("study", "bootstrap", "--run", run, "--draws", 401, "--blocks", 2, "--out", out)
    done = pilot(*command)
    assert done.returncode == 0, done.stderr
    table = pd.read_csv(out / "bootstrap.csv")
    assert set(table["outcome"]) == {"absence_share", "goals_all"}
    assert (table["method"] == "wild_bootstrap_webb").all() and (table["n_placements"] == 401).all()
    # No more than placing the treatment could show: 2 of 5 schools bound nothing.
    upper = table[(table["school_form"] == "GY")]
    assert (upper["p_value"] >= 0.1).all()
    assert np.isinf(upper["ci_low"]).all()
    assert "nothing to do" in pilot(*command).stdout


def test_a_job_that_was_killed_is_told_as_failed_and_a_finished_one_as_done(tmp_path):
    environment = os.environ | {"PILOT_QUEUE": str(tmp_path / "queue"), "PILOT_WORKERS": "1"}

    def queue(*words):
        return subprocess.run(
            [sys.executable, LOCAL / "local_cluster.py", *words],
            env=environment,
            text=True,
            capture_output=True,
            check=True,
        ).stdout.strip()

    script = tmp_path / "script"
    script.write_text("read line < " + str(tmp_path / "gate"))
    os.mkfifo(tmp_path / "gate")
    first, second = queue("submit", str(script)), queue("submit", str(script))
    assert {queue("status", first), queue("status", second)} == {"running"}
    pid = int((tmp_path / "queue" / f"{second}.pid").read_text())
    os.killpg(pid, signal.SIGKILL)
    ended(queue, second)
    assert queue("status", second) == "failed"
    (tmp_path / "gate").write_text("go\n")
    while (told := queue("status", first)) == "running":
        pass
    assert told == "success"
    assert not list((tmp_path / "queue").glob(f"{first}.*"))


def ended(queue, job):
    while queue("status", job) == "running":
        pass


@pytest.mark.parametrize(
    "path", sorted(PROFILES.glob("*/config.yaml")), ids=lambda p: p.parent.name
)
def test_profiles_retry_and_name_only_steps_that_are_there(path):
    profile = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert profile["executor"] in ("cluster-generic", "slurm")
    assert profile["retries"] >= 2
    for rule in profile.get("set-resources", {}):
        assert rule in snakemake.NAMED


# A cluster's side of kubectl: runs what a job's pod would run, and keeps how it ended.
KUBECTL = """#!{python}
import json, pathlib, subprocess, sys
jobs = pathlib.Path({jobs!r})
if sys.argv[1] == "create":
    job = json.load(sys.stdin)
    pod = job["spec"]["template"]["spec"]
    code = subprocess.run(pod["containers"][0]["command"], stdout=subprocess.DEVNULL).returncode
    state = {{"failed": 1}} if code else {{"succeeded": 1}}
    (jobs / job["metadata"]["name"]).write_text(json.dumps(job | {{"status": state}}))
elif sys.argv[1] == "get":
    path = jobs / sys.argv[3]
    sys.exit(1) if not path.exists() else print(path.read_text())
"""


@pytest.mark.long
def test_steps_run_as_kubernetes_jobs(tmp_path):
    """The shipped profile against a kubectl that runs each pod here; a job that is gone failed."""
    jobs, programs = tmp_path / "jobs", tmp_path / "bin"
    jobs.mkdir()
    programs.mkdir()
    kubectl = programs / "kubectl"
    kubectl.write_text(KUBECTL.format(python=sys.executable, jobs=str(jobs)))
    kubectl.chmod(0o755)
    profile = PROFILES / "kubernetes"
    environment = os.environ | {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PILOT_IMAGE": "pilot:1",
        "PILOT_CLAIM": "files",
        "PILOT_MOUNT": "/pilot",
        "PILOT_PROFILE": str(profile),
        "PILOT_PYTHON": sys.executable,
    }
    (tmp_path / "work").mkdir()
    (tmp_path / "Snakefile").write_text("rule all:\n    output: 'made'\n    shell: 'touch made'\n")
    command = [
        sys.executable,
        "-m",
        "snakemake",
        "--snakefile",
        tmp_path / "Snakefile",
        "--directory",
        tmp_path / "work",
        "--workflow-profile",
        profile,
        "--latency-wait",
        "1",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "work" / "made").exists()
    (job,) = [json.loads(path.read_text()) for path in jobs.iterdir()]
    pod = job["spec"]["template"]["spec"]
    assert pod["containers"][0]["image"] == "pilot:1"
    assert pod["containers"][0]["volumeMounts"] == [{"name": "files", "mountPath": "/pilot"}]
    assert pod["volumes"][0]["persistentVolumeClaim"] == {"claimName": "files"}
    assert job["spec"]["backoffLimit"] == 0
    gone = subprocess.run(
        [sys.executable, profile / "kubernetes_job.py", "status", "pilot-gone"],
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    assert gone.stdout.strip() == "failed"


@pytest.mark.slow
def test_a_folder_that_is_no_profile_is_refused(tiny_raw, tmp_path):
    done = pilot("run", "--raw", tiny_raw, "--out", tmp_path / "out", "--profile", tmp_path)
    assert done.returncode == 2
    assert "is no profile" in done.stderr
