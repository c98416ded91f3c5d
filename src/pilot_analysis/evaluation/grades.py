"""How often the evidence rule gives each grade, as `benchmarks/grades.py` writes it."""

from importlib import resources

import pandas as pd

NAMING = ("strong", "moderate", "weak")
_ORDER = (*NAMING, "no effect of interest", "cannot be determined", "any that names an effect")


def read_grades() -> pd.DataFrame:
    """Return one row per design, true effect (points of all pupils' absence), question and grade."""
    with resources.files("pilot_analysis.evaluation").joinpath("grades.csv").open("rb") as file:
        return pd.read_csv(file)


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """Return per cent of answers with each grade, one row per design, question and true effect."""
    wide = table.pivot_table(
        index=["design", "question", "effect"], columns="grade", values="share", fill_value=0.0
    )
    known = [g for g in _ORDER if g in wide.columns]
    return (100 * wide[known]).round(1).reset_index()
