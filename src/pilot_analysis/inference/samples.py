"""What the few-cluster methods read from their arguments, and say of the sample they used."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pilot_analysis.inference import cross_products

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
