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
    """Return one or several outcomes as a tuple.

    Examples:
        >>> listed("y"), listed(["y", "z"])
        (('y',), ('y', 'z'))

    """
    return (outcome,) if isinstance(outcome, str) else tuple(outcome)


def same_sample(panel: pd.DataFrame, outcomes: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Group outcomes that are known in the same rows; each group shares one pass.

    Raises:
        ValueError: as `check_columns`.

    Examples:
        >>> panel = pd.DataFrame({"a": [1.0, None], "b": [2.0, None], "c": [1.0, 2.0]})
        >>> same_sample(panel, ("a", "b", "c"))
        [('a', 'b'), ('c',)]

    """
    cross_products.check_columns(panel, outcomes)
    groups: dict[bytes, list[str]] = {}
    for name in outcomes:
        groups.setdefault(panel[name].notna().to_numpy().tobytes(), []).append(name)
    return [tuple(names) for names in groups.values()]


def check_level(ci_level: float) -> None:
    """Refuse an interval level that is no share.

    Raises:
        ValueError: the level is not between 0 and 1.

    Examples:
        >>> check_level(95)
        Traceback (most recent call last):
        ValueError: ci_level is a share between 0 and 1, not 95

    """
    if not 0 < ci_level < 1:
        raise ValueError(f"ci_level is a share between 0 and 1, not {ci_level}")


def check_outcome_varies(values: Array, outcome: str) -> None:
    """Refuse an outcome that is the same in every row.

    Raises:
        NotEstimable: the outcome is the same in every row (`no_variation`).

    Examples:
        >>> check_outcome_varies(np.array([1.0, 1.0]), "merit")
        Traceback (most recent call last):
        pilot_analysis.errors.NotEstimable: outcome 'merit' does not vary

    """
    if len(values) and values.min() == values.max():
        raise NotEstimable("no_variation", f"outcome {outcome!r} does not vary")


def counts(cross: cross_products.ClusterGram, treated: NDArray[np.bool_]) -> dict[str, Any]:
    """Return the counts of the estimates table.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> from pilot_analysis.inference import cross_products
        >>> gram = cross_products.build(few_schools(), outcomes=["y"], regressors=["treated"],
        ...                             absorb=("pupil", "term"), cluster="school", unit="pupil")
        >>> counts(gram, gram.clusters < 4)
        {'n_obs': 1056, 'n_pupils': 132, 'n_schools': 11, 'n_treated_schools': 4}

    """
    return {
        "n_obs": cross.n_obs,
        "n_pupils": cross.n_units or np.nan,
        "n_schools": cross.n_clusters,
        "n_treated_schools": int(treated.sum()),
    }


def counted_unit(panel: pd.DataFrame, absorb: Sequence[str]) -> str | None:
    """Return the column counted as `n_pupils`: pupils where the panel has them.

    Examples:
        >>> counted_unit(pd.DataFrame({"pupil": [1], "school": [1]}), absorb=("school", "term"))
        'pupil'
        >>> counted_unit(pd.DataFrame({"school": [1]}), absorb=("school", "term"))
        'school'

    """
    if "pupil" in panel.columns:
        return "pupil"
    return absorb[0] if absorb else None


def start_periods(panel: pd.DataFrame, first_treated: str, time: str) -> tuple[Array, Array]:
    """Return each row's period and first treated period, NaN for never.

    A missing or infinitely late start means never. So does 0 where all periods are above 0, as
    calendar time is; where time is relative, 0 and what is below are starts like any other.

    Raises:
        ValueError: naming the column, for one that is missing, periods that are neither numbers
            nor terms, an infinite period, or a start at minus infinity.

    Examples:
        >>> panel = pd.DataFrame({"term": ["HT2019", "VT2020"], "start": ["VT2020", None]})
        >>> period, start = start_periods(panel, "start", "term")
        >>> (start - period).tolist()
        [1.0, nan]

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

    Examples:
        >>> rng = np.random.default_rng(1)
        >>> round(sup_t(np.eye(1), 10, 0.95, rng), 1), round(sup_t(np.eye(5), 10, 0.95, rng), 1)  # t(10): 2.2
        (2.2, 3.1)

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
