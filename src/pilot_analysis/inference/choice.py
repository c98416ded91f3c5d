"""Which inference is reported as primary, and one call that runs it.

The choice follows the design (how many schools are treated of how many), by the size-and-power
study in `inference/size_and_power.py`, never the result. `docs/decisions.md` gives the figures.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from pilot_analysis import terms
from pilot_analysis.inference import cross_products, few_clusters, studies
from pilot_analysis.inference.placements import smallest_p

METHODS = ("auto", "CR1", "CR2", "CR3", "wild_bootstrap", "randomization")


# Methods of the study that may be primary, by the name they have there.
_CANDIDATES = {
    "CR2": "CR2",
    "CR3": "CR3",
    "WCR rademacher": "wild_bootstrap",
    "RI t": "randomization",
}
# Below this many treated (or untreated) schools only randomization inference never claims more
# than the design can show.
FEWEST = 3


@lru_cache(maxsize=256)
def choose(n_treated: int, n_schools: int) -> tuple[str, str]:
    """Return (method, reason in words) for a design.

    The candidate whose worst cell rejects a true null least, in the study's nearest design.
    """
    if min(n_treated, n_schools - n_treated) < FEWEST:
        smallest = 1 / math.comb(n_schools, n_treated)
        return (
            "randomization",
            f"with {n_treated} of {n_schools} schools treated no method is both valid and able to "
            f"find anything small; randomization inference says so itself (smallest p about "
            f"{smallest:.2g})",
        )
    table = studies.read()
    designs = table[["design", "n_treated", "n_schools"]].drop_duplicates()
    distance = (np.log(designs["n_treated"] / n_treated) ** 2
                + np.log(designs["n_schools"] / n_schools) ** 2)  # fmt: skip
    nearest = designs.loc[distance.idxmin(), "design"]
    rows = table[(table["design"] == nearest) & table["method"].isin(list(_CANDIDATES))]
    rates = rows.groupby("method")["rejection_rate"].agg(["mean", "max"])
    rates = rates.reindex(list(_CANDIDATES)).dropna()
    best = str(rates["max"].idxmin())
    others = ", ".join(
        f"{name} {100 * rate:.1f}" for name, rate in rates["max"].items() if name != best
    )
    return (
        _CANDIDATES[best],
        f"in the simulated design {nearest!r} {best} rejects a true null in "
        f"{100 * rates.loc[best, 'mean']:.1f} % of panels on average and "
        f"{100 * rates.loc[best, 'max']:.1f} % in the worst of {len(rows) // len(rates)} cells; "
        f"the others' worst: {others}",
    )


def choose_school_level(n_treated: int, n_schools: int) -> str:
    """Return the inference for one number per school (`two_sample.METHODS`)."""
    return "least_favourable"


@dataclass(frozen=True)
class Design:
    """Who was treated from when: each cluster's first treated period, NaN for never."""

    starts: pd.Series

    @classmethod
    def of(cls, panel: pd.DataFrame, treatment: str, time: str, cluster: str) -> "Design":
        """Read the design from a 0/1 treatment. Raises `ValueError` as `first_treated_period`."""
        starts = pd.Series(first_treated_period(panel, treatment, time, cluster))
        return cls(starts.groupby(panel[cluster].to_numpy()).first())

    @classmethod
    def of_schools(cls, data: pd.DataFrame) -> "Design":
        """Read the design from the analysis panel's columns."""
        return cls(data.groupby("school")["first_treated_number"].first())

    @property
    def n_treated(self) -> int:
        """Clusters that are ever treated."""
        return int(self.starts.notna().sum())

    @property
    def smallest_p(self) -> float:
        """The smallest p-value any placement of the treatment could give."""
        return smallest_p_value(list(self.starts.dropna()), len(self.starts))

    def bounds_nothing(self, ci_level: float) -> bool:
        """Say whether no p-value can reach the level, so that no interval is bounded."""
        return self.smallest_p > 1 - ci_level + 1e-12

    def method(self, inference: str) -> str:
        """Return the inference that `auto` stands for here."""
        return choose(self.n_treated, len(self.starts))[0] if inference == "auto" else inference


def infer(
    panel: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    absorb: Sequence[str],
    time: str,
    cluster: str,
    covariates: Sequence[str] = (),
    weights: str | None = None,
    inference: str = "auto",
    strata: str | None = None,
    draws: int = 9_999,
    max_placements: int = 100_000,
    seed: int = 0,
    ci_level: float = 0.95,
) -> pd.DataFrame:
    """Estimate the coefficient of a 0/1 `treatment` that stays on, with the chosen inference.

    Returns one row. Whatever the method, no p-value falls below the smallest one that placing the
    treatment could give (`limit_by_design`), except CR1's, which is for comparison. `std_error` is CR1's where the method has none of its own; the interval and
    the p-value are the method's.
    """
    if inference not in METHODS:
        raise ValueError(f"inference is one of {', '.join(METHODS)}, not {inference!r}")
    common: dict[str, Any] = {"outcome": outcome, "absorb": absorb, "cluster": cluster, "covariates": covariates,
              "weights": weights, "ci_level": ci_level}  # fmt: skip
    if inference == "CR1":
        return few_clusters.cluster_robust(panel, treatment=treatment, kind="CR1", **common)
    panel = cross_products.narrowed(
        panel, outcome, treatment, time, cluster, absorb, covariates, weights, strata
    )
    design = Design.of(panel[panel[outcome].notna()], treatment, time, cluster)
    inference = design.method(inference)
    if inference in ("CR2", "CR3", "wild_bootstrap"):
        if inference == "wild_bootstrap":
            found = few_clusters.wild_cluster_bootstrap(
                panel,
                treatment=treatment,
                draws=draws,
                seed=seed,
                **common,
            )
        else:
            found = few_clusters.cluster_robust(
                panel,
                treatment=treatment,
                kind=inference,  # type: ignore[arg-type]
                **common,
            )
        return limit_by_design(found, design.smallest_p)
    placed = few_clusters.randomization_inference(
        panel.assign(_first=first_treated_period(panel, treatment, time, cluster)),
        first_treated="_first", time=time, strata=strata, max_placements=max_placements, seed=seed,
        **common,
    ).iloc[[0]]  # fmt: skip
    error = few_clusters.cluster_robust(panel, treatment=treatment, kind="CR1", **common)
    return placed.assign(estimand=treatment, std_error=error["std_error"].iloc[0])


def infer_contrast(
    panel: pd.DataFrame,
    *,
    outcome: str,
    contrast: str,
    treatment: str,
    absorb: Sequence[str],
    time: str,
    cluster: str,
    covariates: Sequence[str] = (),
    weights: str | None = None,
    inference: str = "auto",
    ci_level: float = 0.95,
) -> pd.DataFrame:
    """Estimate a coefficient that is not the treatment itself (an interaction with it).

    CR2 with Satterthwaite degrees of freedom (or `CR1`, `CR3`), limited by what placing the
    `treatment` could show. Returns one row.
    """
    kind = {"auto": "CR2"}.get(inference, inference)
    found = few_clusters.cluster_robust(
        panel, outcome=outcome, treatment=contrast, absorb=absorb, cluster=cluster,
        kind=kind, covariates=covariates, weights=weights, ci_level=ci_level,  # type: ignore[arg-type]
    )  # fmt: skip
    return limit_by_design(found, Design.of(panel, treatment, time, cluster).smallest_p)


def smallest_p_value(starts: Sequence[float], n_schools: int) -> float:
    """Return the smallest p-value any placement of these start times could give."""
    known = np.sort(np.asarray(starts, dtype=float))
    position = np.full(n_schools, -1, dtype=np.int8)
    position[: len(known)] = np.searchsorted(np.unique(known), known)
    return smallest_p(position, [np.arange(n_schools)])


def limit_by_design(table: pd.DataFrame, p_value_min: float) -> pd.DataFrame:
    """Keep a method that leans on many schools from claiming more than the design can show.

    No p-value falls below the smallest one a placement of the treatment could give, and where that
    is above one minus the level, no interval is bounded.
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


def first_treated_period(
    panel: pd.DataFrame, treatment: str, time: str, cluster: str
) -> np.ndarray:
    """Return each row's school's first treated period, NaN for never.

    Raises `ValueError` when a school's treatment is not 0 before and 1 from one period on.
    """
    value = panel[treatment].to_numpy(dtype=float)
    if not np.isin(value[~np.isnan(value)], (0.0, 1.0)).all():
        raise ValueError(f"column {treatment!r} must be 0 or 1 for randomization inference")
    period = terms.as_period(panel[time], time)
    on = pd.Series(np.where(value == 1, period, np.inf)).groupby(panel[cluster].to_numpy())
    first = on.transform("min").to_numpy()
    if ((period >= first) != (value == 1)).any():
        raise ValueError(
            f"column {treatment!r} must stay 1 from a school's first treated period on"
        )
    return np.where(np.isfinite(first), first, np.nan)
