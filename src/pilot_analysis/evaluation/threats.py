"""The threat study's results, as `benchmarks/threats.py` writes them."""

from importlib import resources

import pandas as pd

_THREATS = "threats.csv"


def read_threats() -> pd.DataFrame:
    """Return one row a threat, as committed by `benchmarks/threats.py`."""
    with resources.files("pilot_analysis.evaluation").joinpath(_THREATS).open("rb") as file:
        return pd.read_csv(file)


def threat_summary(threats: pd.DataFrame) -> pd.DataFrame:
    """Return what a reader wants of each threat: biases with their errors, coverage, flags (%)."""
    percent = ["coverage", "flagged_with", "flagged_without"]
    named = threats["threat"].str.replace("_", " ")
    table = threats.assign(threat=named, **{c: 100 * threats[c] for c in percent})
    shown = {
        "threat": "threat on alone",
        "naive_bias": "naive estimate off by",
        "expected_bias": "expected",
        "primary_bias": "primary off by",
        "primary_error": "Monte-Carlo error",
        "ratio_bias": "ratio off by",
        "coverage": "coverage %",
        "flagged_with": "flag raised %",
        "flagged_without": "without the threat %",
        "pilots": "pilots",
    }
    return table[list(shown)].rename(columns=shown)
