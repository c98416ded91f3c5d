"""What the few-cluster methods read from their arguments, and say of the sample they used."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pilot_analysis import terms
from pilot_analysis.errors import NotEstimable
from pilot_analysis.inference import cross_products

Array = NDArray[np.float64]
Outcomes = str | Sequence[str]


def listed(outcome: Outcomes) -> tuple[str, ...]:
    """Return one or several outcomes as a tuple."""
    return (outcome,) if isinstance(outcome, str) else tuple(outcome)


def same_sample(panel: pd.DataFrame, outcomes: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Group outcomes that are known in the same rows; each group shares one pass."""
    cross_products.check_columns(panel, outcomes)
    groups: dict[bytes, list[str]] = {}
    for name in outcomes:
        groups.setdefault(panel[name].notna().to_numpy().tobytes(), []).append(name)
    return [tuple(names) for names in groups.values()]


def check_level(ci_level: float) -> None:
    """Raise `ValueError` for an interval level that is not a share."""
    if not 0 < ci_level < 1:
        raise ValueError(f"ci_level is a share between 0 and 1, not {ci_level}")


def check_outcome_varies(values: Array, outcome: str) -> None:
    """Raise `NotEstimable` for an outcome that is the same in every row."""
    if len(values) and values.min() == values.max():
        raise NotEstimable("no_variation", f"outcome {outcome!r} does not vary")


def counts(cross: cross_products.ClusterGram, treated: NDArray[np.bool_]) -> dict[str, Any]:
    """Return the counts of the estimates table."""
    return {
        "n_obs": cross.n_obs,
        "n_pupils": cross.n_units or np.nan,
        "n_schools": cross.n_clusters,
        "n_treated_schools": int(treated.sum()),
    }


def counted_unit(panel: pd.DataFrame, absorb: Sequence[str]) -> str | None:
    """Return the column counted as `n_pupils`: pupils where the panel has them."""
    if "pupil" in panel.columns:
        return "pupil"
    return absorb[0] if absorb else None


def start_periods(panel: pd.DataFrame, first_treated: str, time: str) -> tuple[Array, Array]:
    """Return each row's period and first treated period, NaN for never.

    A missing or infinitely late start means never. So does 0 where all periods are above 0, as
    calendar time is; where time is relative, 0 and what is below are starts like any other.
    Raises `ValueError` naming a column that is missing or has periods that are not finite.
    """
    cross_products.check_columns(panel, [first_treated, time])
    period = terms.as_period(panel[time], time)
    start = terms.as_period(panel[first_treated], first_treated)
    if np.isinf(period).any():
        raise ValueError(f"column {time!r} has infinite periods")
    if np.isneginf(start).any():
        raise ValueError(f"column {first_treated!r} has a start at minus infinity")
    start = np.where(np.isposinf(start), np.nan, start)
    if np.isnan(period).all() or np.nanmin(period) > 0:
        start = np.where(start == 0, np.nan, start)
    return period, start


def sup_t(covariance: Array, df: float, level: float, rng: np.random.Generator) -> float:
    """Return the critical value of the largest |t| (Montiel Olea & Plagborg-Møller 2019).

    Drawn from the multivariate t with this covariance's correlation; estimates without variance
    are left out, and without any the value is NaN.
    """
    error = np.sqrt(np.diag(covariance))
    keep = error > 0
    if not keep.any():
        return float("nan")
    correlation = covariance[np.ix_(keep, keep)] / np.outer(error[keep], error[keep])
    values, vectors = np.linalg.eigh(correlation)
    # The symmetric root: eigenvectors have arbitrary signs, and draws must not.
    root = (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T
    normal = rng.standard_normal((20_000, int(keep.sum()))) @ root.T
    scale = np.sqrt(rng.chisquare(df, 20_000) / df)
    return float(np.quantile(np.abs(normal / scale[:, None]).max(axis=1), level))
