"""Runs: what they are made of (`workflow`, `steps`), and what is done with finished ones."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
# Packages whose versions move results.
VERSIONED = (
    "numpy",
    "pandas",
    "scipy",
    "statsmodels",
    "diff-diff",
    "duckdb",
    "papermill",
    "matplotlib",
    "seaborn",
    "snakemake",
    "typst",
)
SWEEP_FILE = "sweep.json"  # in a sweep's folder: its runs, and what each varies
