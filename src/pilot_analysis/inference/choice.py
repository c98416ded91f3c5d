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
from pilot_analysis.inference import (
    cross_products,
    randomization,
    sandwich,
    studies,
    wild_bootstrap,
)
from pilot_analysis.inference.design_limits import (
    first_treated_period,
    limit_by_design,
    smallest_p_value,
    stays_on,
)
from pilot_analysis.inference.effects import Levels

__all__ = [
    "FEWEST",
    "METHODS",
    "MOST_REJECTED",
    "Design",
    "choose",
    "choose_school_level",
    "first_treated_period",
    "infer",
    "infer_contrast",
    "limit_by_design",
    "smallest_p_value",
    "stays_on",
]

METHODS = ("auto", "CR1", "CR2", "CR3", "wild_bootstrap", "randomization")


# Methods of the study that may be primary for a regression over pupils, by the name there.
_CANDIDATES = {
    "CR2": "CR2",
    "wild bootstrap": "wild_bootstrap",
    "randomization_t": "randomization",
}
# Those that may be primary for one number per school.
_SCHOOL_CANDIDATES = {
    "least favourable": "least_favourable",
    "welch": "welch",
    "CR2": "CR2",
    "CR3": "CR3",
    "randomization_t": "randomization_t",
}
# The worst cell of a primary rejects a true null in at most this share of panels, with two
# Monte-Carlo errors.
MOST_REJECTED = 0.066
# Below this many treated (or untreated) schools a regression's only inference that never claims
# more than the design can show is randomization.
FEWEST = 3


def _picked(
    n_treated: int, n_schools: int, weights: str, candidates: Sequence[str]
) -> pd.DataFrame:
    """Return the study's figures on each candidate in the nearest design, the best one first.

    Best is, among those whose worst cell rejects a true null seldom enough, the one that finds the
    smallest effect; where none is, the one whose worst cell rejects least. A method that finds no
    effect however large never wins.
    """
    table = studies.read()
    designs = table[["design", "n_treated", "n_schools"]].drop_duplicates()
    untreated = designs["n_schools"] - designs["n_treated"]
    distance = (
        np.log(designs["n_treated"] / n_treated) ** 2
        + np.log(untreated / (n_schools - n_treated)) ** 2
    )
    nearest = designs.loc[distance.idxmin(), "design"]
    rows = table[
        (table["design"] == nearest)
        & (table["terms"] == "equal")
        & (table["weights"] == weights)
        & table["method"].isin(list(candidates))
    ]
    worst = rows.groupby("method").agg(
        mean=("rejection_rate", "mean"),
        worst=("rejection_rate", "max"),
        error=("monte_carlo_error", "max"),
        detectable=("detectable_effect", "mean"),
        cells=("rejection_rate", "size"),
    )
    holds = worst["worst"] + 2 * worst["error"] <= MOST_REJECTED
    finds = np.isfinite(worst["detectable"])
    order = worst.assign(
        design=nearest,
        last=~finds,
        late=~holds,
        measure=np.where(holds, worst["detectable"], worst["worst"]),
    )
    return order.sort_values(["last", "late", "measure"], kind="stable")


@lru_cache(maxsize=256)
def choose(n_treated: int, n_schools: int) -> tuple[str, str]:
    """Return (method, reason in words) of a regression over pupils, for a design.

    By the study's nearest design, where schools count by their pupils (`_picked`).

    Examples:
        >>> choose(2, 5)[0], choose(4, 11)[0]
        ('randomization', 'CR2')

    """
    if min(n_treated, n_schools - n_treated) < FEWEST:
        smallest = 1 / math.comb(n_schools, n_treated)
        return (
            "randomization",
            f"with {n_treated} of {n_schools} schools treated no method is both valid and able to "
            f"find anything small; randomization inference says so itself (smallest p about "
            f"{smallest:.2g})",
        )
    rates = _picked(n_treated, n_schools, "pupils", list(_CANDIDATES))
    best = str(rates.index[0])
    return _CANDIDATES[best], _rejects(rates, best)


def _rejects(rates: pd.DataFrame, best: str) -> str:
    """Say how often a method rejects a true null in the study, beside the other candidates."""
    others = ", ".join(
        f"{name} {100 * rate:.1f}" for name, rate in rates["worst"].drop(best).items()
    )
    return (
        f"in the simulated design {rates['design'].iloc[0]!r} {best} rejects a true null in "
        f"{100 * rates.loc[best, 'mean']:.1f} % of panels on average and "
        f"{100 * rates.loc[best, 'worst']:.1f} % in the worst of {rates.loc[best, 'cells']} cells; "
        f"the others' worst: {others}"
    )


def why_school_level(n_treated: int, n_schools: int) -> str:
    """Return in words why one number per school has the inference that `choose_school_level` picks.

    Examples:
        >>> why_school_level(2, 5).partition(";")[0]
        'no placement of 2 of 5 schools reaches 5 %, so that an interval needs an assumption'

    """
    best = next(
        name
        for name, method in _SCHOOL_CANDIDATES.items()
        if method == choose_school_level(n_treated, n_schools)
    )
    rejects = _rejects(_picked(n_treated, n_schools, "schools", list(_SCHOOL_CANDIDATES)), best)
    if _needs_assumption(n_treated, n_schools):
        return (
            f"no placement of {n_treated} of {n_schools} schools reaches 5 %, so that an interval "
            f"needs an assumption; {rejects}"
        )
    return rejects


def _needs_assumption(n_treated: int, n_schools: int) -> bool:
    lone = min(n_treated, n_schools - n_treated) < 2
    return lone or 1 / math.comb(n_schools, n_treated) > 0.05


@lru_cache(maxsize=256)
def choose_school_level(n_treated: int, n_schools: int) -> str:
    """Return the inference for one number per school, by the study's nearest design (`_picked`).

    Where no placement can reach 5 % only the method with an assumption can say anything.

    Examples:
        >>> choose_school_level(4, 11)
        'least_favourable'

    """
    if _needs_assumption(n_treated, n_schools):
        return "least_favourable"
    rates = _picked(n_treated, n_schools, "schools", list(_SCHOOL_CANDIDATES))
    return _SCHOOL_CANDIDATES[str(rates.index[0])]


@dataclass(frozen=True)
class Design:
    """Who was treated from when: each cluster's first treated period, NaN for never.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> design = Design.of(few_schools(), "treated", "term", "school")
        >>> design.n_treated, round(1 / design.smallest_p), design.method("auto")
        (4, 1980, 'CR2')

    """

    starts: pd.Series

    @classmethod
    def of(cls, panel: pd.DataFrame, treatment: str, time: str, cluster: str) -> "Design":
        """Read the design from a 0/1 treatment. Raises `ValueError` as `first_treated_period`."""
        starts = pd.Series(first_treated_period(panel, treatment, time, cluster))
        level = Levels.of(panel[cluster])
        by_cluster = starts.groupby(level.codes).first().set_axis(level.labels)
        periods = terms.as_period(panel[time], time)
        if len(np.unique(periods)) > 1:
            # A school treated from the first period on shows no start, so it cannot be placed.
            by_cluster = by_cluster[~(by_cluster <= periods.min())]
        return cls(by_cluster)

    @classmethod
    def of_schools(cls, data: pd.DataFrame) -> "Design":
        """Read the design from the analysis panel's columns; who began before it is not placed."""
        starts = data.groupby("school")["first_treated_number"].first()
        return cls(starts[~(starts <= data["term_number"].min())])

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
    treatment could give (`limit_by_design`), except CR1's, which is for comparison. `std_error` is CR1's where the
    method has none of its own; the interval and the p-value are the method's.

    Raises:
        NotEstimable: by randomization (which `auto` may stand for) no school starts inside the
            panel (`no_treated`) or every one does (`all_treated`); and as `cluster_robust`,
            `wild_cluster_bootstrap` or `randomization_inference`.
        ValueError: an unknown `inference`; but for `CR1`, `CR2` and `CR3` a treatment that is not
            0 before and 1 from one period on; and as `cluster_robust`.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> row = infer(few_schools(), outcome="y", treatment="treated", absorb=("pupil", "term"), time="term",
        ...             cluster="school", inference="CR2").iloc[0]
        >>> row[["estimate", "p_value", "p_value_min"]].astype(float).round(4).tolist()
        [-2.0552, 0.0009, 0.0005]

    """
    if inference not in METHODS:
        raise ValueError(f"inference is one of {', '.join(METHODS)}, not {inference!r}")
    common: dict[str, Any] = {
        "outcome": outcome,
        "absorb": absorb,
        "cluster": cluster,
        "covariates": covariates,
        "weights": weights,
        "ci_level": ci_level,
    }
    if inference == "CR1":
        return sandwich.cluster_robust(panel, treatment=treatment, kind="CR1", **common)
    panel = cross_products.narrowed(
        panel, outcome, treatment, time, cluster, absorb, covariates, weights, strata
    )
    sample = _estimated(panel, outcome, treatment, covariates, weights)
    if inference in ("CR2", "CR3") and not stays_on(sample, treatment, time, cluster):
        # A dose, or a treatment that ends: nothing was placed, so no placement limits it.
        return sandwich.cluster_robust(panel, treatment=treatment, kind=inference, **common)  # type: ignore[arg-type]
    design = Design.of(sample, treatment, time, cluster)
    inference = design.method(inference)
    if inference in ("CR2", "CR3", "wild_bootstrap"):
        if inference == "wild_bootstrap":
            table = wild_bootstrap.wild_cluster_bootstrap(
                panel,
                treatment=treatment,
                draws=draws,
                seed=seed,
                **common,
            )
        else:
            table = sandwich.cluster_robust(
                panel,
                treatment=treatment,
                kind=inference,  # type: ignore[arg-type]
                **common,
            )
        return limit_by_design(table, design.smallest_p)
    first = f"start of {treatment}"
    placed = randomization.randomization_inference(
        panel.assign(**{first: first_treated_period(panel, treatment, time, cluster)}),
        first_treated=first,
        time=time,
        strata=strata,
        max_placements=max_placements,
        seed=seed,
        **common,
    ).iloc[[0]]
    error = sandwich.cluster_robust(panel, treatment=treatment, kind="CR1", **common)
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

    Raises:
        NotEstimable: as `cluster_robust`.
        ValueError: a `treatment` that is not 0 before and 1 from one period on, and as
            `cluster_robust`.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> panel = few_schools()
        >>> panel["both"] = panel["treated"] * panel["eligible"]
        >>> row = infer_contrast(panel, outcome="y", contrast="both", treatment="treated",
        ...                      absorb=("pupil", "term"), time="term", cluster="school", covariates=["treated"]).iloc[0]
        >>> row[["estimate", "p_value"]].astype(float).round(2).tolist()
        [0.12, 0.53]

    """
    kind = {"auto": "CR2"}.get(inference, inference)
    table = sandwich.cluster_robust(
        panel,
        outcome=outcome,
        treatment=contrast,
        absorb=absorb,
        cluster=cluster,
        kind=kind,  # type: ignore[arg-type]
        covariates=covariates,
        weights=weights,
        ci_level=ci_level,
    )
    sample = _estimated(panel, outcome, contrast, [treatment, *covariates], weights)
    return limit_by_design(table, Design.of(sample, treatment, time, cluster).smallest_p)


def _estimated(
    panel: pd.DataFrame,
    outcome: str,
    treatment: str,
    covariates: Sequence[str],
    weights: str | None,
) -> pd.DataFrame:
    """Return the rows that a regression uses: only schools in it were placed."""
    known = panel[[outcome, treatment, *covariates]].notna().all(axis=1)
    if weights is not None:
        known &= panel[weights] > 0
    return panel[known]
