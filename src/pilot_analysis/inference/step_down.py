"""P-values that hold for several hypotheses at once: Romano and Wolf's step-down.

References: Romano & Wolf (2005, 2016).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pilot_analysis import estimates
from pilot_analysis.inference.absorbed import check_treated, prepare
from pilot_analysis.inference.inversion import QuadraticRatioTest
from pilot_analysis.inference.least_squares import Fit
from pilot_analysis.inference.samples import check_level, same_sample
from pilot_analysis.inference.wild_bootstrap import bootstrap_weights, wild_row, wild_test

Array = NDArray[np.float64]


def family_wise(
    panel: pd.DataFrame,
    *,
    outcomes: Sequence[str],
    treatment: str,
    absorb: Sequence[str] = ("pupil", "term"),
    cluster: str,
    covariates: Sequence[str] = (),
    weights: str | None = None,
    draws: int = 9_999,
    distribution: Literal["rademacher", "webb"] = "rademacher",
    seed: int,
    ci_level: float = 0.95,
) -> pd.DataFrame:
    """Test several outcomes with p-values that hold for all of them at once (Romano-Wolf).

    The restricted wild cluster bootstrap of each outcome with the same draws, stepped down; the
    interval is each outcome's own. Returns one row an outcome.

    Source: Romano & Wolf 2005, 2016.

    Raises:
        NotEstimable: as `wild_cluster_bootstrap`.
        ValueError: outcomes seen at different clusters, and as `wild_cluster_bootstrap`.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> panel = few_schools()
        >>> panel["noise"] = np.random.default_rng(1).normal(size=len(panel))
        >>> table = family_wise(panel, outcomes=["y", "noise"], treatment="treated", cluster="school", seed=1)
        >>> table["p_value"].round(3).tolist()
        [0.001, 0.86]

    """
    check_level(ci_level)
    rows, tests, labels, exact = [], [], None, False
    for group in same_sample(panel, tuple(outcomes)):
        prepared = prepare(panel, group, treatment, absorb, cluster, covariates, weights)
        check_treated(prepared, treatment, "the wild cluster bootstrap")
        if labels is not None and not np.array_equal(labels, prepared.cross.clusters):
            raise ValueError(f"outcomes are known at different clusters of {cluster!r}")
        labels = prepared.cross.clusters
        rng = np.random.default_rng(seed)
        v, exact = bootstrap_weights(len(labels), draws, distribution, rng)
        for position, name in enumerate(group):
            fit = Fit(prepared.cross, position)
            tests.append(wild_test(fit, 0, v, exact))
            rows.append(
                prepared.row(wild_row(fit, 0, tests[-1], distribution, 0.0, ci_level))
                | {"outcome": name, "estimand": treatment, "model": "OLS, absorbed effects"}
            )
    _adjust(rows, tests, exact)
    order = {name: i for i, name in enumerate(outcomes)}
    return estimates.table(sorted(rows, key=lambda row: order[row["outcome"]]))


def _adjust(rows: list[dict[str, Any]], tests: Sequence[QuadraticRatioTest], exact: bool) -> None:
    """Put Romano-Wolf p-values of the tests, drawn with the same weights, into their rows."""
    observed, squares = zip(*(test.squares(0.0) for test in tests), strict=True)
    adjusted = romano_wolf(np.sqrt(observed), np.sqrt(np.column_stack(squares)), exact=exact)
    for row, p in zip(rows, adjusted, strict=True):
        row["p_value"] = float(p)
        row["method"] = "romano_wolf"


@dataclass(frozen=True)
class Hypothesis:
    """One hypothesis of a family: the treatment has no effect on `outcome` in `panel`.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> asked = Hypothesis(few_schools(), "y", "treated", absorb=("pupil", "term"), cluster="school")
        >>> row = family_wise_samples([asked], draws=999, seed=1).iloc[0]
        >>> round(float(row["estimate"]), 2), round(float(row["p_value"]), 3)
        (-2.06, 0.002)

    """

    panel: pd.DataFrame
    outcome: str
    treatment: str
    absorb: tuple[str, ...]
    cluster: str
    weights: str | None = None


def family_wise_samples(
    hypotheses: Sequence[Hypothesis],
    *,
    draws: int = 9_999,
    distribution: Literal["rademacher", "webb"] = "rademacher",
    seed: int,
    ci_level: float = 0.95,
) -> pd.DataFrame:
    """Test hypotheses about different samples with p-values that hold for all of them at once.

    As `family_wise`; samples may have different rows and clusters. A cluster has the same bootstrap
    weight in every sample it is part of, so that dependence between them is kept. Returns one row a
    hypothesis.

    Source: Romano & Wolf 2005, 2016.

    Raises:
        NotEstimable: as `wild_cluster_bootstrap`.
        ValueError: as `wild_cluster_bootstrap`.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> panel, effects = few_schools(), ("pupil", "term")
        >>> asked = [Hypothesis(panel, "y", "treated", effects, "school"),
        ...          Hypothesis(panel[panel["eligible"] == 1], "y", "treated", effects, "school")]
        >>> family_wise_samples(asked, seed=1)["p_value"].round(3).tolist()
        [0.001, 0.001]

    """
    check_level(ci_level)
    prepared = [
        prepare(h.panel, (h.outcome,), h.treatment, h.absorb, h.cluster, (), h.weights)
        for h in hypotheses
    ]
    for one, hypothesis in zip(prepared, hypotheses, strict=True):
        check_treated(one, hypothesis.treatment, "the wild cluster bootstrap")
    labels = sorted({str(c) for one in prepared for c in one.cross.clusters})
    v, exact = bootstrap_weights(len(labels), draws, distribution, np.random.default_rng(seed))
    rows, tests = [], []
    for one, hypothesis in zip(prepared, hypotheses, strict=True):
        fit = Fit(one.cross)
        own_draws = v[:, [labels.index(str(c)) for c in one.cross.clusters]]
        tests.append(wild_test(fit, 0, own_draws, exact))
        rows.append(
            one.row(wild_row(fit, 0, tests[-1], distribution, 0.0, ci_level))
            | {
                "outcome": hypothesis.outcome,
                "estimand": hypothesis.treatment,
                "model": "OLS, absorbed effects",
            }
        )
    _adjust(rows, tests, exact)
    return estimates.table(rows)


def romano_wolf(statistics: Array, draws: Array, *, exact: bool = False) -> Array:
    """Return step-down family-wise p-values of m statistics from B x m draws under the null.

    `exact` says that the draws are all there are, the observed one among them.

    Romano & Wolf (2005, 2016): the largest |statistic| is compared with the draws' maximum over
    all hypotheses, the next with the maximum over those left, and p-values never decrease.

    `statistics` has m numbers, `draws` is B x m; returns m p-values.

    Raises:
        ValueError: the draws have another number of columns than there are statistics.

    Examples:
        >>> import numpy as np
        >>> draws = np.array([[0.0, 3.0], [1.0, 0.5], [2.0, 0.1], [0.2, 0.3]])
        >>> romano_wolf(np.array([2.5, 1.0]), draws).tolist()
        [0.4, 0.4]

    """
    observed = np.abs(np.asarray(statistics, dtype=float))
    null = np.abs(np.asarray(draws, dtype=float))
    if null.ndim != 2 or null.shape[1] != len(observed):
        raise ValueError(f"draws must be B x {len(observed)}, not {null.shape}")
    order = np.argsort(-observed, kind="stable")
    adjusted = np.empty(len(observed))
    floor = 0.0
    for step, j in enumerate(order):
        largest = null[:, order[step:]].max(axis=1)
        count = int((largest >= observed[j] * (1 - 1e-9)).sum())
        p = count / len(null) if exact else (1 + count) / (1 + len(null))
        floor = max(floor, p)
        adjusted[j] = floor
    return adjusted
