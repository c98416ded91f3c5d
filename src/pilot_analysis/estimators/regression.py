"""Regression without pupil effects: OLS, ANCOVA on baseline, and models for shares and grades."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from statsmodels.regression.linear_model import OLS

from pilot_analysis.estimators.nonlinear import logistic, mixed_model, ordered_logit
from pilot_analysis.inference import choice, cross_products, samples

__all__ = ["ancova", "logistic", "mixed_model", "ols", "ordered_logit"]


def ols(
    panel: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    group: str,
    time: str,
    cluster: str,
    covariates: Sequence[str] = (),
    weights: str | None = None,
    inference: str = "auto",
    draws: int = 9_999,
    max_placements: int = 100_000,
    seed: int = 0,
    ci_level: float = 0.95,
) -> pd.DataFrame:
    """Estimate the effect by OLS on school (`group`) and term effects and baseline covariates.

    The coefficient is checked against statsmodels'; interval and p-value follow `inference` as
    in `did.two_way_fixed_effects`. Pupils seen once take part, unlike with pupil effects. Returns
    one row in the outcome's unit.

    Raises:
        NotEstimable: as `infer`, and as `estimation_sample`.
        ValueError: as `infer`, and as `estimation_sample`.
        ArithmeticError: statsmodels and the cross-products disagree on the coefficient.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> row = ols(few_schools(), outcome="y", treatment="treated", group="school", time="term",
        ...           cluster="school", covariates=["baseline"]).iloc[0]
        >>> round(float(row["estimate"]), 2)
        -2.06

    """
    sample = cross_products.estimation_sample(
        panel,
        outcomes=[outcome],
        complete=[treatment, *covariates],
        required=[group, time, cluster],
        weights=weights,
    )
    varies = [c for c in covariates if sample[c].min() < sample[c].max()]
    row = choice.infer(
        sample,
        outcome=outcome,
        treatment=treatment,
        absorb=(group, time),
        time=time,
        cluster=cluster,
        covariates=varies,
        weights=weights,
        inference=inference,
        draws=draws,
        max_placements=max_placements,
        seed=seed,
        ci_level=ci_level,
    )
    effects = [
        pd.get_dummies(pd.factorize(sample[c])[0], drop_first=i > 0).to_numpy(dtype=float)
        for i, c in enumerate((group, time))
    ]
    design = [sample[[treatment, *varies]].to_numpy(dtype=float), *effects]
    rows = np.column_stack([*design, sample[outcome].to_numpy(dtype=float)])
    if weights:
        rows *= np.sqrt(sample[weights].to_numpy(dtype=float))[:, None]
    # The triangle has the same least squares. With a column a school, statsmodels' own
    # decompositions of all rows took half of an attendance notebook of eighty schools.
    triangle = np.asarray(np.linalg.qr(rows, mode="r"))
    fitted = OLS(triangle[:, -1], triangle[:, :-1], hasconst=True).fit()
    estimate = float(fitted.params[0])
    if not np.isclose(estimate, row["estimate"].iloc[0], rtol=1e-6, atol=1e-9):
        raise ArithmeticError(
            f"two computations of one effect differ: {estimate} and {row['estimate'].iloc[0]}"
        )
    return row.assign(model="OLS with baseline covariates")


def ancova(
    panel: pd.DataFrame,
    *,
    outcome: str,
    baseline: str,
    treatment: str,
    time: str,
    cluster: str,
    covariates: Sequence[str] = (),
    weights: str | None = None,
    inference: str = "CR2",
    ci_level: float = 0.95,
) -> pd.DataFrame:
    """Estimate the effect after the pilot, given each pupil's outcome before it.

    `panel` holds the rows after the start; `treatment` is 1 at pilot schools. Time effects,
    `baseline` and covariates; CR2 with Satterthwaite degrees of freedom (or `CR1`, `CR3`), limited
    by what the design can show. Returns one row.

    Raises:
        NotEstimable: the outcome does not vary (`no_variation`), and as `infer_contrast`.
        ValueError: as `infer_contrast`.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> panel = few_schools()
        >>> row = ancova(panel[panel["term"] == 7], outcome="y", baseline="baseline", treatment="treated",
        ...              time="term", cluster="school").iloc[0]
        >>> row[["estimate", "ci_low", "ci_high"]].astype(float).round(2).tolist()
        [-2.26, -4.07, -0.45]

    """
    sample = cross_products.estimation_sample(
        panel,
        outcomes=[outcome],
        complete=[treatment, baseline, *covariates],
        required=[time, cluster],
        weights=weights,
    )
    samples.check_outcome_varies(sample[outcome].to_numpy(dtype=float), outcome)
    row = choice.infer_contrast(
        sample,
        outcome=outcome,
        contrast=treatment,
        treatment=treatment,
        absorb=(time,),
        time=time,
        cluster=cluster,
        covariates=(baseline, *covariates),
        weights=weights,
        inference=inference,
        ci_level=ci_level,
    )
    return row.assign(model="ANCOVA on baseline")
