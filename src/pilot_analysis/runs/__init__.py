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
# In the environment of what makes something, before numpy or Arrow are loaded. Steps run side by
# side, so each keeps to one thread; the last digits then do not depend on how many cores the machine
# has, and only a process without other threads is safe to fork.
ONE_THREAD = dict.fromkeys(
    ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"), "1"
) | {"JE_ARROW_MALLOC_CONF": "background_thread:false"}
