"""What is around the code: benchmarks start, a release agrees with itself, containers follow the README."""

import inspect
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from conftest import ROOT

BENCHMARKS = sorted(path.name for path in (ROOT / "benchmarks").glob("*.py"))


@pytest.mark.parametrize("name", BENCHMARKS)
def test_every_benchmark_can_be_started(name):
    """Its imports are there; what only it needs is asked for in words."""
    try:
        found = runpy.run_path(str(ROOT / "benchmarks" / name), run_name="imported")
    except SystemExit as refused:
        assert name == "fuzz.py"
        assert "pip install atheris" in str(refused)
    else:
        assert found["__doc__"]


@pytest.mark.long
def test_the_ingest_benchmark_ends_on_a_small_municipality(mini_raw):
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "ingest.py", mini_raw],
        capture_output=True,
        text=True,
        check=True,
    )
    assert [line.split()[0] for line in done.stdout.splitlines()[:4]] == [
        "parse_only",
        "ours",
        "with_pandas",
        "whole",
    ]
    assert "pandas / ours" in done.stdout


@pytest.mark.parametrize(
    ("name", "smallest"),
    [
        pytest.param(name, smallest, marks=when)
        for name, smallest, when in (
            ("drift_coverage", ["--pilots", "1"], pytest.mark.long),
            # `make bench` is this one of few_clusters, whole.
            ("run_all", ["--share", "0.01"], pytest.mark.long),
            ("load", ["ten", "--runs", "2"], pytest.mark.release),
            ("grades", ["--panels", "20", "--out", "{out}"], pytest.mark.long),
            ("recovery", ["--designs", "1", "--pilots", "2", "--processes", "1"], pytest.mark.long),
            ("mapping", ["{exports}"], pytest.mark.release),
            (
                "threats",
                ["--pilots", "2", "--processes", "1", "--out", "{out}"],
                pytest.mark.release,
            ),
        )
    ],
)
def test_a_benchmark_ends_at_its_smallest_size(name, smallest, mini_raw, tmp_path):
    given = [word.format(out=tmp_path / "out.csv", exports=mini_raw) for word in smallest]
    command = [sys.executable, ROOT / "benchmarks" / f"{name}.py", *given]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() or (tmp_path / "out.csv").exists()


def test_the_times_of_a_run_are_shares_of_the_whole():
    done = subprocess.run(
        [sys.executable, ROOT / "benchmarks" / "whole_run.py"],
        capture_output=True,
        text=True,
        check=True,
    )
    head, *lines = done.stdout.splitlines()
    assert head.split() == ["step", "s", "share", "ratio"]
    assert lines[-1].startswith("all steps")
    assert sum(float(re.search(r"(\d+)%", line)[1]) for line in lines[:-1]) == pytest.approx(
        100, abs=6
    )


def test_a_release_names_one_version(tmp_path):
    check = runpy.run_path(str(ROOT / "workflow" / "release_check.py"), run_name="imported")
    disagreements = check["disagreements"]
    for name in ("CITATION.cff", "CHANGELOG.md"):
        (tmp_path / name).write_text((ROOT / name).read_text("utf-8"), "utf-8")
    import pilot_analysis

    assert disagreements(tmp_path, pilot_analysis.__version__) == []
    assert len(disagreements(tmp_path, "9.9.9")) == 2


def test_the_site_is_packed_whole_and_is_not_too_large_to_hand_on(tmp_path, capsys):
    check = runpy.run_path(str(ROOT / "workflow" / "release_check.py"), run_name="imported")
    archive = check["archive"]
    (site := tmp_path / "site").mkdir()
    assert "run make report first" in archive(tmp_path / "none", tmp_path)[0]
    (site / "index.html").write_text("<p>here</p>", "utf-8")
    assert archive(site, tmp_path) == []
    packed = capsys.readouterr().out.strip()
    assert zipfile.ZipFile(packed).namelist() == ["index.html"]
    archive.__globals__["MOST_BYTES"] = 100
    assert "larger" in archive(site, tmp_path)[0]


def test_containers_do_what_the_readme_says():
    docker = (ROOT / "Dockerfile").read_text("utf-8")
    readme = (ROOT / "README.md").read_text("utf-8")
    makefile = (ROOT / "Makefile").read_text("utf-8")
    for package in ("python3", "venv", "make", "git"):
        assert package in docker
        assert package in readme
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    used = re.findall(r"^RUN make (\w[\w-]*)", docker, re.MULTILINE) + re.findall(
        r'"make", "(\w+)"', docker
    )
    assert used
    assert set(used) <= targets
    assert "USER pilot" in docker  # nobody needs to be root
    folder = re.search(r"^WORKDIR (.*)", docker, re.MULTILINE)[1]
    assert f"docker cp pilot:{folder}/reports/synthetic ." in readme
    told = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text("utf-8"))
    assert (ROOT / ".devcontainer" / told["build"]["dockerfile"]).resolve() == ROOT / "Dockerfile"
    assert told["postCreateCommand"].removeprefix("make ") in targets


def test_the_container_check_knows_every_instruction_of_the_dockerfile(tmp_path):
    check = runpy.run_path(str(ROOT / "workflow" / "container_check.py"), run_name="imported")
    found = check["instructions"]((ROOT / "Dockerfile").read_text("utf-8"))
    assert found[0] == ("FROM", "debian:trixie-slim")
    assert found[-1] == ("CMD", '["make", "report"]')
    assert "useradd --create-home pilot" in dict(found[:2])["RUN"]  # continued lines are one
    known = inspect.getsource(check["Container"].follow)
    assert all(f'"{name}"' in known for name, _ in found)
    with pytest.raises(ValueError, match="VOLUME is not known"):
        check["Container"](tmp_path, []).follow("VOLUME", "/data")


@pytest.fixture
def uninstalled(tmp_path):
    """What `make` needs before anything is installed."""
    for name in ("Makefile", "requirements.lock", "requirements-dev.lock", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def test_an_older_python_is_refused_in_a_sentence_before_anything_is_installed(uninstalled):
    older = uninstalled / "python3"
    older.write_text('#!/bin/sh\n[ "$1" = --version ] && echo Python 3.10.13 || exit 1\n')
    older.chmod(0o755)
    done = subprocess.run(
        ["make", "report"],
        cwd=uninstalled,
        env=os.environ | {"PATH": f"{uninstalled}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode
    told = done.stderr.splitlines()[0]
    assert told.startswith("pilot-analysis needs Python 3.11 or later; this is Python 3.10.13.")
    assert "make PYTHON=" in told
    assert not (uninstalled / ".venv").exists()


def test_the_way_for_an_older_python_is_the_readmes(uninstalled):
    """By uv, which finds another interpreter; fetching one needs the network."""
    readme = (ROOT / "README.md").read_text("utf-8")
    fetch, run = re.search(
        r"Python older than 3.11\? `(uv [^`]*)` and `(make [^`]*)`", readme
    ).groups()
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert fetch == f"uv python install {re.search(r'find ([0-9.]+)', run)[1]}"
    command = re.sub(r"find [0-9.]+", f"find {version}", run).replace("make ", "make -n ", 1)
    programs = Path(sys.executable).parent
    done = subprocess.run(
        command,
        shell=True,
        cwd=uninstalled,
        env=os.environ | {"PATH": f"{programs}:{os.environ['PATH']}", "UV_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"^(\S+) -m venv", done.stdout, re.MULTILINE)[1]
    told = subprocess.run([found, "--version"], capture_output=True, text=True, check=True).stdout
    assert told.startswith(f"Python {version}.")


@pytest.mark.parametrize(("made_in", "anew"), [("", False), ("here", False), ("/elsewhere", True)])
def test_a_checkout_that_was_moved_installs_its_own_packages(made_in, anew, uninstalled):
    """Programs in an environment name its folder; a stamp without one is of an older Makefile."""
    tmp_path = uninstalled
    (tmp_path / ".venv").mkdir()
    for name in (".installed", ".installed-dev"):
        (tmp_path / ".venv" / name).write_text(made_in.replace("here", str(tmp_path)))
    done = subprocess.run(
        ["make", "-n", "report"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert ("-m venv --clear .venv" in done.stdout) == anew
    assert "pilot run" in done.stdout


def test_an_environment_that_is_linked_is_left_as_it_is(tmp_path):
    """It is another checkout's: to clear it would take that one's packages away."""
    other, here = tmp_path / "other", tmp_path / "here"
    for folder in (other, here):
        folder.mkdir()
        for name in ("Makefile", "requirements.lock", "requirements-dev.lock", "pyproject.toml"):
            shutil.copy(ROOT / name, folder)
    (other / ".venv").mkdir()
    (stamp := other / ".venv" / ".installed").write_text(str(other))
    (here / ".venv").symlink_to(other / ".venv")
    done = subprocess.run(
        ["make", "-n", "report"], cwd=here, capture_output=True, text=True, check=True
    )
    assert "venv" not in done.stdout.replace(".venv/bin/pilot run", "")
    assert stamp.read_text() == str(other)


def test_make_help_lists_every_target():
    done = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True)
    phony = re.search(r"\.PHONY: (.*)", (ROOT / "Makefile").read_text("utf-8"))[1].split()
    listed = re.findall(r"^  make ([a-z-]+)", done.stdout, re.MULTILINE)
    assert sorted(listed) == sorted(phony)


# --- Installed alone, away from the checkout -----------------------------------------------------

FOREIGN = """
import numpy as np
import pandas as pd

import pilot_analysis
from pilot_analysis import estimators, inference

print(pilot_analysis.__file__)
rng = np.random.default_rng(1)
clinics = pd.DataFrame([(c, y) for c in range(12) for y in range(2001, 2009)], columns=["clinic", "year"])
clinics["opened"] = clinics["clinic"].map(lambda c: 2005 if c < 5 else np.nan)
clinics["visits"] = rng.normal(100 + clinics["clinic"], 1) + 7 * (clinics["year"] >= clinics["opened"])
names = {"outcome": "visits", "first_treated": "opened", "unit": "clinic", "time": "year"}
print(estimators.callaway_santanna(clinics, **names)["estimate"].iloc[0])
clinics["open"] = (clinics["year"] >= clinics["opened"]).astype(float)
print(inference.few_clusters.cluster_robust(clinics, outcome="visits", treatment="open", absorb=("clinic", "year"),
                                cluster="clinic", kind="CR2")["estimate"].iloc[0])
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The built wheel, unpacked where nothing of the checkout is."""
    folder = tmp_path_factory.mktemp("installed")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder / "dist")],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = (folder / "dist").glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    return folder / "site"


def away(installed, tmp_path, *words):
    """Run Python on the installed package, in a folder of its own."""
    return subprocess.run(
        [sys.executable, *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"PYTHONPATH": str(installed)},
    )


@pytest.mark.slow
def test_estimators_work_installed_alone_on_a_strangers_frame(installed, tmp_path):
    done = away(installed, tmp_path, "-c", FOREIGN)
    assert done.returncode == 0, done.stderr
    where, staggered, plain = done.stdout.split()
    assert where.startswith(str(installed))
    assert float(staggered) == pytest.approx(7, abs=1.5)
    assert float(plain) == pytest.approx(7, abs=1.5)


@pytest.mark.slow
@pytest.mark.parametrize(
    "command",
    [
        ["run"],
        ["lab"],
        ["new-notebook", "10_x"],
        ["verify"],
        ["power"],
        ["parameters"],
        ["study", "bootstrap"],
    ],
    ids=" ".join,
)
def test_what_needs_the_checkout_says_so_in_a_sentence(installed, tmp_path, command):
    done = away(installed, tmp_path, "-m", "pilot_analysis.cli", *command)
    assert "Traceback" not in done.stderr, done.stderr
    if done.returncode:
        assert "made from a checkout" in done.stderr, done.stderr
