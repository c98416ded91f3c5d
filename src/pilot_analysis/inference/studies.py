"""The size-and-power study's results, as `pilot study size_and_power` writes them."""

from functools import lru_cache
from importlib import resources

import pandas as pd

_RESULTS = "size_and_power.csv"


@lru_cache(maxsize=1)
def _table() -> pd.DataFrame:
    with resources.files("pilot_analysis.inference").joinpath(_RESULTS).open("rb") as file:
        return pd.read_csv(file)


def read() -> pd.DataFrame:
    """Return one row per design, truth (sizes, variance, shocks) and method.

    `terms` says how terms count: `equal`, or weighted at the plan's autocorrelation before the
    start (`before by plan`) or on both sides (`all by plan`, another estimand). `weights` says
    whether schools count equally or by their `pupils`.

    Examples:
        >>> table = read()
        >>> welch = table[(table["method"] == "welch") & (table["terms"] == "equal")]
        >>> round(float(welch["rejection_rate"].max()), 2)  # the worst cell of any design
        0.12

    """
    return _table().copy()


def summary(study: pd.DataFrame) -> pd.DataFrame:
    """Return, by design and method, the mean and worst rejection rate and the power (per cent).

    Examples:
        >>> table = summary(read())
        >>> row = table[(table["design"] == "4 of 11") & (table["method"] == "least favourable")].iloc[0]
        >>> round(float(row["worst cell %"]), 1)
        5.9

    """
    grouped = study.groupby(["design", "terms", "weights", "method"], sort=False)
    table = grouped.agg(
        mean=("rejection_rate", "mean"),
        worst=("rejection_rate", "max"),
        power=("power_at_2_points", "mean"),
        detectable=("detectable_effect", "mean"),
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
            "detectable": "detectable effect, points",
            "error": "Monte-Carlo error %",
            "panels": "panels a cell",
        }
    )
