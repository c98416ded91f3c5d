"""One test of several coefficients with few clusters: the approximate Hotelling T^2."""

from collections.abc import Sequence

import pandas as pd
from scipy import stats

from pilot_analysis import estimates
from pilot_analysis.errors import NotEstimable
from pilot_analysis.inference import cross_products
from pilot_analysis.inference.absorbed import check_varies
from pilot_analysis.inference.least_squares import Fit
from pilot_analysis.inference.samples import counted_unit


def wald_test(
    panel: pd.DataFrame,
    *,
    outcome: str,
    regressors: Sequence[str],
    absorb: Sequence[str] = ("pupil", "term"),
    cluster: str,
    covariates: Sequence[str] = (),
    weights: str | None = None,
) -> pd.DataFrame:
    """Test that the coefficients of all `regressors` are zero.

    Returns one row without an estimate: `statistic` is F, `df` its denominator's degrees of freedom
    (the numerator's are the number of `regressors`, named in `specification`), the method `HTZ`.
    With one regressor it is the square of the CR2 t test. An event study's earlier terms, or an
    effect per group, are such sets.

    Source: Pustejovsky & Tipton 2018, section 3.

    Raises:
        NotEstimable: one cluster alone identifies a coefficient, or there are too few clusters for
            so many (`few_clusters`); the outcome is constant within what is absorbed
            (`no_variation`); and as `build`.
        ValueError: no regressor, or one named twice; and as `build`.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> panel = few_schools()
        >>> panel["before"] = (panel["term"] == panel["start"] - 2).astype(float)
        >>> row = wald_test(panel, outcome="y", regressors=["treated", "before"],
        ...                 cluster="school").iloc[0]
        >>> row[["statistic", "df", "p_value"]].astype(float).round(3).tolist()
        [46.484, 3.498, 0.003]

    """
    names = list(regressors)
    if not names or len(set(names)) < len(names):
        raise ValueError(f"regressors must be one or more different columns, not {names}")
    cross = cross_products.build(
        _without_units(panel, [*names, *covariates]),
        outcomes=[outcome],
        regressors=[*names, *covariates],
        absorb=absorb,
        cluster=cluster,
        unit=counted_unit(panel, absorb),
        weights=weights,
        weighted_roots=True,
    )
    check_varies(cross)
    statistic, df = Fit(cross).hotelling(range(len(names)))
    if df != df:
        raise NotEstimable(
            "few_clusters",
            f"{cross.n_clusters} clusters are too few to test {len(names)} coefficients together, "
            "or one cluster alone identifies one of them",
        )
    return estimates.table(
        [
            {
                "outcome": outcome,
                "estimand": "joint",
                "specification": ", ".join(names),
                "model": "OLS, absorbed effects",
                "method": "HTZ",
                "statistic": statistic,
                "df": df,
                "p_value": float(stats.f.sf(statistic, len(names), df)),
                "n_obs": cross.n_obs,
                "n_pupils": cross.n_units,
                "n_schools": cross.n_clusters,
            }
        ]
    )


def _without_units(panel: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Return the panel with these columns in units of their own spread.

    The test does not depend on units, but a column a million times another's size takes half the
    digits of what is solved. What is missing or no number is left for `build` to name.
    """
    if not isinstance(panel, pd.DataFrame) or not panel.columns.is_unique:
        return panel
    known = [c for c in dict.fromkeys(columns) if c in panel]
    spread = panel[known].std(numeric_only=True).astype(float)
    usable = spread[(spread > 0) & (spread < float("inf"))]
    return panel.assign(**{str(c): panel[c] / size for c, size in usable.items()})
