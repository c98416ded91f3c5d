"""Runs: executing and publishing them. Comparing them is in `compare`, sweeps in `sweep`."""

from pilot_analysis.runs.execute import (
    ESTIMATING,
    NOTEBOOKS,
    ROOT,
    SWEEP_FILE,
    check_disclosure,
    execute_notebook,
    finished,
    manifest,
    provenance,
    publish,
    publish_again,
    run_notebook,
)

__all__ = [
    "ESTIMATING",
    "NOTEBOOKS",
    "ROOT",
    "SWEEP_FILE",
    "check_disclosure",
    "execute_notebook",
    "finished",
    "manifest",
    "provenance",
    "publish",
    "publish_again",
    "run_notebook",
]
