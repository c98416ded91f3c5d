"""Cluster-robust intervals: CR1, CR2 with Satterthwaite degrees of freedom, CR3.

References: Pustejovsky & Tipton (2018); MacKinnon, Nielsen & Webb (2023).
"""

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from pilot_analysis import estimates
from pilot_analysis.errors import NotEstimable
from pilot_analysis.inference.absorbed import prepare
from pilot_analysis.inference.least_squares import Fit
from pilot_analysis.inference.samples import Outcomes, check_level, listed, same_sample


def cluster_robust(
    panel: pd.DataFrame,
    *,
    outcome: Outcomes,
    treatment: str,
    absorb: Sequence[str] = ("pupil", "term"),
    cluster: str,
    kind: Literal["CR1", "CR2", "CR3"],
    covariates: Sequence[str] = (),
    weights: str | None = None,
    null: float = 0.0,
    ci_level: float = 0.95,
) -> pd.DataFrame:
    """Estimate the treatment's coefficient with a cluster-robust interval.

    CR1 with factor G/(G-1) (N-1)/(N-K), K not counting effects nested in clusters, and t(G-1);
    CR2 with Satterthwaite degrees of freedom; CR3 by the jackknife and t(G-1). CR1 rejects far
    too often with few treated clusters and is for comparison only.

    Returns one row an outcome, in its unit. Where one cluster alone identifies the effect, CR2's
    interval is unbounded and its `reason` is `one_school_decides`.

    Source: Pustejovsky & Tipton 2018, with their correction; MacKinnon, Nielsen & Webb 2023.

    Raises:
        NotEstimable: no row is left (`no_values`), a value is infinite (`infinite_values`), the
            outcome is constant within what is absorbed (`no_variation`), the treatment is
            collinear with effects and covariates (`collinear`), there is a single cluster
            (`few_clusters`), or with CR3 one cluster alone identifies the effect
            (`one_school_decides`).
        ValueError: naming the column, for one that is missing, empty somewhere or holds no
            numbers, and for a negative weight; an unknown `kind`; a `ci_level` outside 0 to 1.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> row = cluster_robust(few_schools(), outcome="y", treatment="treated", cluster="school",
        ...                      kind="CR2").iloc[0]
        >>> row[["estimate", "std_error", "df"]].astype(float).round(2).tolist()
        [-2.06, 0.33, 5.72]

    """
    if kind not in ("CR1", "CR2", "CR3"):
        raise ValueError(f"kind is 'CR1', 'CR2' or 'CR3', not {kind!r}")
    check_level(ci_level)
    rows = []
    for group in same_sample(panel, listed(outcome)):
        prepared = prepare(
            panel,
            group,
            treatment,
            absorb,
            cluster,
            covariates,
            weights,
            weighted_roots=kind == "CR2",
        )
        for position, name in enumerate(group):
            fit = Fit(prepared.cross, position)
            rows.append(
                prepared.row(coefficient_row(fit, 0, kind, null=null, ci_level=ci_level))
                | {"outcome": name, "estimand": treatment, "model": "OLS, absorbed effects"}
            )
    return estimates.table(rows)


def coefficient_row(
    fit: Fit, column: int, kind: str, *, null: float = 0.0, ci_level: float = 0.95
) -> dict[str, Any]:
    """Return one coefficient with the chosen cluster-robust interval, as an estimates row.

    Raises:
        NotEstimable: with CR3, one cluster alone identifies the coefficient
            (`one_school_decides`).

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> from pilot_analysis.inference import cross_products
        >>> gram = cross_products.build(few_schools(), outcomes=["y"], regressors=["treated"],
        ...                             absorb=("pupil", "term"), cluster="school")
        >>> from pilot_analysis.inference.least_squares import Fit
        >>> row = coefficient_row(Fit(gram), 0, "CR3")
        >>> round(row["estimate"], 2), round(row["std_error"], 2), row["df"]
        (-2.06, 0.36, 10.0)

    """
    beta = float(fit.coefficients[column])
    df = fit.gram.n_clusters - 1.0
    if kind == "CR1":
        variance = float(fit.cr1()[column, column])
    elif kind == "CR2":
        variance, df = fit.cr2(column)
        if np.isnan(variance):
            return _unbounded(beta, ci_level)
    else:
        variance = float(fit.cr3()[column])
        if np.isnan(variance):
            raise NotEstimable(
                "one_school_decides",
                f"CR3 leaves out one cluster at a time, and {fit.gram.names[column]!r} is not "
                "identified without one of them. Use randomization_inference",
            )
    error = math.sqrt(max(variance, 0.0))
    statistic = (beta - null) / error if error > 0 else math.nan
    reach = float(stats.t.ppf((1 + ci_level) / 2, df)) * error
    return {
        "estimate": beta,
        "std_error": error,
        "statistic": statistic,
        "df": df,
        "p_value": float(2 * stats.t.sf(abs(statistic), df)) if error > 0 else math.nan,
        "ci_low": beta - reach,
        "ci_high": beta + reach,
        "ci_level": ci_level,
        "method": kind,
    }


def _unbounded(beta: float, ci_level: float) -> dict[str, Any]:
    """Return the row of a coefficient that one cluster decides: no value is ruled out."""
    return {
        "estimate": beta,
        "p_value": 1.0,
        "ci_low": -math.inf,
        "ci_high": math.inf,
        "ci_level": ci_level,
        "method": "CR2",
        "reason": "one_school_decides",
    }
