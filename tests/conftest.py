"""Shared fixtures. Every test runs without network and without a display."""

import fcntl
import json
import os
import shutil
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("MPLBACKEND", "Agg")

import pytest

from pilot_analysis.imports import without_iri_grammar

with without_iri_grammar():  # as steps and kernels do: seconds of every worker's start
    import nbformat  # noqa: F401

from hand import HAND_KEY, write_hand
from real_runs import make_real_runs

from pilot_analysis.ingest import ingest
from pilot_analysis.synthetic import mess
from pilot_analysis.synthetic.export import simulate
from pilot_analysis.synthetic.scenario import Scenario

ROOT = Path(__file__).resolve().parents[1]
# The languages whose words tests quote and whose pictures are committed. Other tests take those that
# the catalogue has, so that a new language needs no test of its own (test_additions.py).
QUOTED = ("en", "sv")
# Fewer draws than a result needs, for tests that look at something else.
FEW_DRAWS = ("-p", "bootstrap_draws=99", "-p", "max_placements=500")
# Every feature of the default scenario, with as few pupils as a class or two a school.
TINY = Scenario(name="tiny", gr_size=24, gy_size=(24, 36))
# With as many schools as a small municipality has, for runs, which take longer with each.
TOWN = replace(TINY, name="town", gr_pilot=2, gr_comparison=4, gy_pilot=1, gy_comparison=2)
# And with as few schools as have both arms, for tests of files and not of estimates.
MINI = Scenario(
    name="mini",
    gr_pilot=2,
    gr_comparison=2,
    gy_pilot=1,
    gy_comparison=1,
    gr_size=12,
    gy_size=(12, 18),
)


@pytest.fixture(scope="session")
def once(tmp_path_factory, worker_id):
    """Return a maker of folders that all workers share: who comes first makes, others wait."""
    shared = tmp_path_factory.getbasetemp()
    shared = shared if worker_id == "master" else shared.parent

    def make(name, fill):
        folder = shared / name
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not folder.exists():
                partial = shared / f"{name}.partial"
                shutil.rmtree(partial, ignore_errors=True)
                partial.mkdir()
                fill(partial)
                partial.rename(folder)
        return folder

    return make


@pytest.fixture(scope="session")
def tiny_raw(once):
    return once("tiny_raw", lambda folder: simulate(TINY, folder))


@pytest.fixture(scope="session")
def tiny_processed(once, tiny_raw):
    return once("tiny_processed", lambda folder: ingest(tiny_raw, folder))


@pytest.fixture(scope="session")
def mini_raw(once):
    return once("mini_raw", lambda folder: simulate(MINI, folder))


@pytest.fixture(scope="session")
def mini_processed(once, mini_raw):
    return once("mini_processed", lambda folder: ingest(mini_raw, folder))


@pytest.fixture(scope="session")
def messy_raw(once, mini_raw):
    """The exports of `mini_raw` with every kind of mess."""
    return once("messy_raw", lambda folder: mess.make_messy(mini_raw, folder))


@pytest.fixture(scope="session")
def messy_processed(once, messy_raw):
    return once("messy_processed", lambda folder: ingest(messy_raw, folder))


@pytest.fixture(scope="session")
def hand_processed(once):
    """The tables and the quality report of the municipality of five pupils, for tests that compare."""

    def fill(folder):
        ingest(write_hand(folder / "raw"), folder / "processed", key=HAND_KEY)

    return once("hand", fill) / "processed"


@pytest.fixture(scope="session")
def real_runs(once):
    """Two runs of real-shaped exports, and what every command after the first said and left."""
    # Its path has what shells, Snakemake and papermill could take for their own.
    folder = once("real runs {x}", lambda place: make_real_runs(place, TINY, FEW_DRAWS))
    return folder, json.loads((folder / "stages.json").read_text())


def pytest_collection_modifyitems(items):
    """Put what takes longest first: no worker is left alone with it at the end.

    What looks at the shared runs stands together: one worker makes them and none waits.
    """
    items.sort(
        key=lambda item: (
            item.get_closest_marker("long") is None,
            "real_runs" not in getattr(item, "fixturenames", ()),
            item.get_closest_marker("slow") is None,
        )
    )
