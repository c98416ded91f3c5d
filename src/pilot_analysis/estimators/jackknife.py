"""A row of estimates from an estimate and the same without each cluster."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Array = NDArray[np.float64]


def jackknifed(values: Array, common: dict[str, Any]) -> dict[str, Any]:
    """Return a row from an estimate (first) and the same without each cluster.

    Examples:
        >>> row = jackknifed(np.array([2.0, 1.5, 2.5, 2.0]), {"ci_level": 0.95})
        >>> row["estimate"], round(row["std_error"], 3), row["df"]
        (2.0, 0.577, 2.0)

    """
    estimate, left_out = float(values[0]), values[1:]
    g = len(left_out)
    error = float(np.sqrt((g - 1) / g * ((left_out - estimate) ** 2).sum()))
    reach = float(stats.t.ppf((1 + common["ci_level"]) / 2, g - 1)) * error
    statistic = estimate / error if np.isfinite(error) and error > 0 else np.nan
    why = {} if np.isfinite(error) else {"reason": "one_school_decides"}
    return (
        common
        | why
        | {
            "estimate": estimate,
            "std_error": error,
            "statistic": statistic,
            "df": g - 1.0,
            "p_value": float(2 * stats.t.sf(abs(statistic), g - 1)),
            "ci_low": estimate - reach,
            "ci_high": estimate + reach,
            "method": "jackknife",
        }
    )
