"""What a design can show at most: who could have been treated from when instead."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from pilot_analysis import terms
from pilot_analysis.inference.effects import Levels
from pilot_analysis.inference.placements import smallest_p


def smallest_p_value(starts: Sequence[float], n_schools: int) -> float:
    """Return the smallest p-value any placement of these start times could give.

    Examples:
        >>> round(1 / smallest_p_value([4, 4, 5, 5], 11))  # ways to deal two starts in 4, two in 5
        1980

    """
    ordered = np.sort(np.asarray(starts, dtype=float))
    position = np.full(n_schools, -1, dtype=np.int8)
    position[: len(ordered)] = np.searchsorted(np.unique(ordered), ordered)
    return smallest_p(position, [np.arange(n_schools)])


def limit_by_design(table: pd.DataFrame, p_value_min: float) -> pd.DataFrame:
    """Keep a method that leans on many schools from claiming more than the design can show.

    No p-value falls below the smallest one a placement of the treatment could give, and where that
    is above one minus the level, no interval is bounded.

    Examples:
        >>> row = {"p_value": 0.001, "p_value_min": None, "ci_low": -3.0, "ci_high": -1.0, "ci_level": 0.95}
        >>> limited = limit_by_design(pd.DataFrame([row]), 0.1)
        >>> limited[["p_value", "ci_low", "ci_high"]].iloc[0].tolist()
        [0.1, -inf, inf]

    """
    limited = table.copy()
    has_p = limited["p_value"].notna()
    limited.loc[has_p, "p_value"] = limited.loc[has_p, "p_value"].clip(lower=p_value_min)
    limited.loc[has_p, "p_value_min"] = limited.loc[has_p, "p_value_min"].clip(lower=p_value_min)
    limited.loc[has_p & limited["p_value_min"].isna(), "p_value_min"] = p_value_min
    unbounded = has_p & limited["ci_low"].notna() & (p_value_min > 1 - limited["ci_level"] + 1e-12)
    limited.loc[unbounded, "ci_low"] = -np.inf
    limited.loc[unbounded, "ci_high"] = np.inf
    return limited


def stays_on(panel: pd.DataFrame, treatment: str, time: str, cluster: str) -> bool:
    """Say whether the treatment is 0 before and 1 from a school's first treated period on.

    Raises:
        ValueError: naming the treatment where it is empty somewhere, and the time where it holds
            no periods.

    Examples:
        >>> panel = pd.DataFrame({"school": ["a"] * 3, "term": [0, 1, 2], "treated": [0, 1, 0]})
        >>> stays_on(panel, "treated", "term", "school")
        False

    """
    value = panel[treatment].to_numpy(dtype=float, na_value=np.nan)
    if np.isnan(value).any():
        raise ValueError(f"column {treatment!r} is empty in {int(np.isnan(value).sum())} rows")
    if not np.isin(value, (0.0, 1.0)).all():
        return False
    period = terms.as_period(panel[time], time)
    on = pd.Series(np.where(value == 1, period, np.inf)).groupby(panel[cluster].to_numpy())
    return bool(((period >= on.transform("min").to_numpy()) == (value == 1)).all())


def first_treated_period(
    panel: pd.DataFrame, treatment: str, time: str, cluster: str
) -> np.ndarray:
    """Return each row's school's first treated period, NaN for never.

    Raises:
        ValueError: naming the column, for a treatment that is not 0 before and 1 from one period
            on, an empty cluster, and periods that are neither numbers nor terms.

    Examples:
        >>> panel = pd.DataFrame({"school": list("aabb"), "term": [0, 1] * 2, "treated": [0, 1, 0, 0]})
        >>> first_treated_period(panel, "treated", "term", "school").tolist()
        [1.0, 1.0, nan, nan]

    """
    value = panel[treatment].to_numpy(dtype=float, na_value=np.nan)
    if not np.isin(value[~np.isnan(value)], (0.0, 1.0)).all():
        raise ValueError(f"column {treatment!r} must be 0 or 1 for randomization inference")
    period = terms.as_period(panel[time], time)
    empty = int(panel[cluster].isna().sum())
    if empty:
        raise ValueError(f"column {cluster!r} is empty in {empty} of {len(panel)} rows")
    on = pd.Series(np.where(value == 1, period, np.inf)).groupby(Levels.of(panel[cluster]).codes)
    first = on.transform("min").to_numpy()
    if ((period >= first) != (value == 1)).any():
        raise ValueError(
            f"column {treatment!r} must stay 1 from a school's first treated period on"
        )
    return np.where(np.isfinite(first), first, np.nan)
