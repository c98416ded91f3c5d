"""The size-and-power study's results, as `pilot study size_and_power` writes them."""

from importlib import resources

import pandas as pd

_RESULTS = "size_and_power.csv"


def read() -> pd.DataFrame:
    """Return one row a design x sizes x variance x autocorrelation x method."""
    with resources.files("pilot_analysis.inference").joinpath(_RESULTS).open("rb") as file:
        return pd.read_csv(file)


def summary(study: pd.DataFrame) -> pd.DataFrame:
    """Return, by design and method, the mean and worst rejection rate and the power (per cent)."""
    grouped = study.groupby(["design", "method"], sort=False)
    table = grouped.agg(
        mean=("rejection_rate", "mean"),
        worst=("rejection_rate", "max"),
        power=("power_at_2_points", "mean"),
        error=("monte_carlo_error", "max"),
        panels=("panels", "min"),
    ).reset_index()
    percent = ["mean", "worst", "power", "error"]
    table[percent] = 100 * table[percent]
    return table.rename(
        columns={
            "mean": "rejections, mean %",
            "worst": "worst cell %",
            "power": "power at 2 points %",
            "error": "Monte-Carlo error %",
            "panels": "panels a cell",
        }
    )
