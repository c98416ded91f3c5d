"""Runs: executing and publishing them, and comparing two of them."""

from pilot_analysis.runs.compare import Comparison, compare, comparison_page
from pilot_analysis.runs.execute import (
    ESTIMATING,
    NOTEBOOKS,
    PLAN,
    ROOT,
    digest,
    execute_notebook,
    finished,
    manifest,
    publish,
    replace_file,
    write_if_changed,
)

__all__ = [
    "ESTIMATING",
    "NOTEBOOKS",
    "PLAN",
    "ROOT",
    "Comparison",
    "compare",
    "comparison_page",
    "digest",
    "execute_notebook",
    "finished",
    "manifest",
    "publish",
    "replace_file",
    "write_if_changed",
]
