"""Randomization inference: the observed effect among the effects of every other placement.

The test statistics of all placements come from one set of cluster cross-products (MacKinnon & Webb
2020; Canay, Santos & Shaikh 2021).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pilot_analysis import estimates
from pilot_analysis.errors import NotEstimable
from pilot_analysis.inference import cross_products
from pilot_analysis.inference.absorbed import check_varies
from pilot_analysis.inference.inversion import QuadraticRatioTest
from pilot_analysis.inference.placement_statistics import (
    Randomized,
    placement_gram,
    randomization_tests,
    randomize,
    start_positions,
)
from pilot_analysis.inference.placements import Placements, placements
from pilot_analysis.inference.samples import (
    Outcomes,
    check_level,
    counts,
    listed,
    same_sample,
    start_periods,
)

__all__ = [
    "Randomized",
    "placement_gram",
    "randomization_inference",
    "randomization_tests",
    "randomize",
    "start_positions",
]


def randomization_inference(
    panel: pd.DataFrame,
    *,
    outcome: Outcomes,
    first_treated: str,
    absorb: Sequence[str] = ("pupil", "term"),
    time: str,
    cluster: str,
    strata: str | None = None,
    covariates: Sequence[str] = (),
    weights: str | None = None,
    max_placements: int = 100_000,
    null: float = 0.0,
    seed: int,
    ci_level: float = 0.95,
) -> pd.DataFrame:
    """Test the effect by placing the treatment, start times included, over other schools.

    Treatment is 1 from `first_treated` on (NaN or 0: never). Placements stay within `strata`; all
    are enumerated when they are at most `max_placements`, otherwise that many are sampled and p is
    (1 + count) / (1 + draws). Exact if schools were drawn at random within strata. The interval
    inverts the test under an effect that is the same for all.

    Returns two rows an outcome: studentised (by CR1 scores; holds its level when treated schools
    are unlike the others) and unstudentised. `p_value_min` is the smallest p-value the design can
    give: 2 of 5 schools give 1/10.

    Source: MacKinnon & Webb 2020.

    Raises:
        NotEstimable: no school starts inside the panel (`no_treated`), every one does
            (`all_treated`), the outcome does not vary once effects are taken out
            (`no_variation`), the treatment is collinear with effects and covariates
            (`collinear`), and as `build`.
        ValueError: naming the column, for two starts within a school, a school in two strata, an
            infinite period or a start at minus infinity; a `ci_level` outside 0 to 1; and as
            `build`.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> table = randomization_inference(few_schools(), outcome="y", first_treated="start", time="term",
        ...                                 cluster="school", seed=1)
        >>> table["n_placements"].tolist(), table["p_value"].round(4).tolist()
        ([1980.0, 1980.0], [0.0005, 0.001])

    """
    check_level(ci_level)
    names = listed(outcome)
    needed = [first_treated, time, cluster, *absorb, *covariates]
    cross_products.check_columns(
        panel, [*needed, *([strata] if strata else []), *([weights] if weights else [])]
    )
    period, start_of_row = start_periods(panel, first_treated, time)
    rows = []
    for group in same_sample(panel, names):
        sample = cross_products.estimation_sample(
            panel.assign(_period=period, _start=start_of_row),
            outcomes=group,
            complete=covariates,
            required=[cluster, *absorb],
            weights=weights,
        )
        starts = _start_by_cluster(sample, first_treated, cluster)
        # A school treated from its first period on never starts here: it keeps its place.
        always = starts <= sample["_period"].min()
        ever = starts[starts <= sample["_period"].max()]
        if ever[~always].empty:
            raise NotEstimable(
                "no_treated", f"column {first_treated!r}: no school is treated inside the panel"
            )
        if len(ever) == len(starts):
            raise NotEstimable(
                "all_treated", f"column {first_treated!r}: every school is treated, none to compare"
            )
        distinct = np.sort(ever.unique())
        indicators = {
            f"_from_{i}": (sample["_period"] >= s).astype(float) for i, s in enumerate(distinct)
        }
        cross = placement_gram(
            sample.assign(**indicators),
            list(indicators),
            group,
            absorb,
            cluster,
            covariates,
            weights,
        )
        check_varies(cross)
        observed = start_positions(starts.reindex(cross.clusters), distinct)
        stratum = _strata_by_cluster(sample, strata, cluster, cross.clusters)
        kept = always.reindex(cross.clusters).to_numpy(dtype=bool)
        stratum[kept] = stratum.max() + 1 + np.arange(kept.sum())
        where = placements(observed, stratum, max_placements, np.random.default_rng(seed))
        found = randomize(cross, len(distinct), observed, where)
        for name, randomized in zip(group, found, strict=True):
            if np.isnan(randomized.denominator[0]):
                raise NotEstimable(
                    "collinear",
                    f"the treatment from {first_treated!r} is collinear with the fixed effects and "
                    "covariates",
                )
            common = counts(cross, (observed >= 0) & ~kept) | {
                "outcome": name,
                "estimand": "treated",
                "model": "OLS, absorbed effects",
                "estimate": float(randomized.beta[0, 0]),
                "ci_level": ci_level,
                "p_value_min": where.p_value_min,
            }
            rows += _ri_rows(common, randomized, where, null, ci_level)
    return estimates.table(rows)


def _ri_rows(
    common: dict[str, Any], randomized: Randomized, where: Placements, null: float, ci_level: float
) -> list[dict[str, Any]]:
    studentised, plain = randomization_tests(randomized, where.exact)
    n = len(where.start) if where.exact else len(where.start) - 1
    rows = []
    for test, method in ((studentised, "randomization_t"), (plain, "randomization_coefficient")):
        low, high = test.interval(ci_level)
        extra: dict[str, Any] = {}
        if isinstance(test, QuadraticRatioTest):
            extra = {"statistic": test.statistic(null)}
        rows.append(
            common
            | extra
            | {
                "p_value": test.p_value(null),
                "ci_low": low,
                "ci_high": high,
                "method": method,
                "n_placements": n,
            }
        )
    return rows


def _start_by_cluster(sample: pd.DataFrame, first_treated: str, cluster: str) -> pd.Series:
    """Return each cluster's start; refuse clusters with two."""
    spread = sample.groupby(cluster)["_start"].agg(["min", "max", "count", "size"])
    mixed = (spread["count"] > 0) & (
        (spread["min"] != spread["max"]) | (spread["count"] < spread["size"])
    )
    if mixed.any():
        raise ValueError(
            f"column {first_treated!r} has several start times within "
            f"{', '.join(map(repr, spread.index[mixed][:3]))}"
        )
    return spread["min"]


def _strata_by_cluster(
    sample: pd.DataFrame, strata: str | None, cluster: str, labels: NDArray[Any]
) -> NDArray[np.int64]:
    if strata is None:
        return np.zeros(len(labels), dtype=np.int64)
    per = sample.groupby(cluster)[strata].agg(["nunique", "first"])
    if (per["nunique"] != 1).any():
        bad = per.index[per["nunique"] != 1][0]
        raise ValueError(f"column {strata!r}: {bad!r} is not in exactly one stratum")
    return pd.factorize(per["first"].reindex(labels), sort=True)[0].astype(np.int64)
