"""Published effects of comparable programmes, to read the pilot's own estimates beside."""

from importlib import resources

import numpy as np
import pandas as pd

from pilot_analysis.panel import SCHOOL_DAYS

_TABLE = "context.csv"
_BESIDE = [
    "program",
    "population",
    "school_form",
    "design",
    "points",
    "low",
    "high",
    "note",
    "source",
]


def read() -> pd.DataFrame:
    """Return one row a published effect, with source; unknown figures are missing, never guessed.

    `points` is the effect in percentage points of a school year of 178 days, where it was
    published in days; `points_error` its standard error where it was published.
    """
    with resources.files("pilot_analysis.evaluation").joinpath(_TABLE).open("rb") as file:
        table = pd.read_csv(file)
    in_days = table["unit"] == "days"
    factor = np.where(in_days, 100 / SCHOOL_DAYS, 1.0)
    return table.assign(points=table["effect"] * factor, points_error=table["std_error"] * factor)


def beside(estimates: pd.DataFrame) -> pd.DataFrame:
    """Return published and own effects on absence in one table, in percentage points.

    `estimates` are the run's primary rows; those on absence are taken. Columns: program,
    population, school_form (empty where published), design, points, low, high, note, source.
    """
    own = estimates[estimates["outcome"] == "absence_share"]
    rows = [
        {
            "program": "this pilot",
            "population": row["population"],
            "school_form": row["school_form"],
            "design": f"difference in differences, {row['n_treated_schools']:.0f} of "
            f"{row['n_schools']:.0f} schools",
            "points": row["estimate"],
            "low": row["ci_low"],
            "high": row["ci_high"],
            "note": "",
            "source": "this run",
        }
        for row in own.to_dict("records")
        if np.isfinite(row["estimate"])
    ]
    published = read()
    reach = 1.96 * published["points_error"]
    shown = published.assign(
        school_form="", low=published["points"] - reach, high=published["points"] + reach
    )
    return pd.concat(
        [pd.DataFrame(rows, columns=_BESIDE), shown[_BESIDE]] if rows else [shown[_BESIDE]]
    )
