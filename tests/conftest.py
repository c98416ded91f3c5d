"""Shared fixtures. Every test runs without network and without a display."""

import os
from pathlib import Path

os.environ.setdefault("MPLBACKEND", "Agg")

import pytest

from pilot_analysis.ingest import ingest
from pilot_analysis.synthetic.export import simulate
from pilot_analysis.synthetic.scenario import Scenario

ROOT = Path(__file__).resolve().parents[1]
# Every feature of the default scenario, with as few pupils as a class or two a school.
TINY = Scenario(name="tiny", gr_size=24, gy_size=(24, 36))


@pytest.fixture(scope="session")
def tiny_raw(tmp_path_factory):
    folder = tmp_path_factory.mktemp("raw")
    simulate(TINY, folder)
    return folder


@pytest.fixture(scope="session")
def tiny_processed(tiny_raw, tmp_path_factory):
    folder = tmp_path_factory.mktemp("processed")
    ingest(tiny_raw, folder)
    return folder


# Minutes each, so they go first: no worker is left alone with one of them at the end.
LONGEST = (
    "test_a_run_killed_at_twenty_moments_and_on_a_full_disk_ends_the_same",
    "test_no_canary_leaves_ingest_also_when_steps_fail",
    "test_the_default_run_gives_the_committed_results",
    "test_a_sweep_as_jobs_that_are_killed_and_restarted_gives_the_local_results",
    "test_real_shaped_messy_exports_run_from_files_to_report",
)


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.name not in LONGEST)
