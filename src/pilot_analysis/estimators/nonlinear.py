"""Models for shares, yes-or-no outcomes and grades, and the random-intercept model.

Standard errors come from leaving out one school at a time (the jackknife, t(G-1)) because the
models' own assume independent pupils; `choice.limit_by_design` then keeps them from claiming more
than the design can show.
"""

import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import stats
from statsmodels.genmod.families import Binomial
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.miscmodels.ordinal_model import OrderedModel
from statsmodels.regression.mixed_linear_model import MixedLM
from statsmodels.tools.sm_exceptions import PerfectSeparationWarning

from pilot_analysis import estimates
from pilot_analysis.errors import NotEstimable
from pilot_analysis.inference import choice, cross_products, samples

Array = NDArray[np.float64]
# Fitted probabilities this near 0 or 1 for all rows of a group mean that the data separate.
_SEPARATED = 1e-8


def _design(sample: pd.DataFrame, columns: Sequence[str], effects: Sequence[str]) -> Array:
    """Return the columns, then indicators of every effect; the first keeps all its levels."""
    parts = [sample[list(columns)].to_numpy(dtype=float)]
    parts += [_indicators(sample[effect], drop_first=i > 0) for i, effect in enumerate(effects)]
    return np.column_stack(parts)


def _indicators(values: pd.Series, *, drop_first: bool) -> Array:
    """Return a column of 0 and 1 a level that somebody has; categories may list others."""
    codes = pd.factorize(values, sort=True)[0]
    return np.asarray(pd.get_dummies(codes, drop_first=drop_first), dtype=float)


def _jackknife(
    sample: pd.DataFrame, cluster: str, statistic: Callable[[pd.DataFrame], float], ci_level: float
) -> dict[str, Any]:
    """Return estimate and delete-one-cluster interval of any statistic, as an estimates row."""
    full = statistic(sample)
    clusters = pd.unique(sample[cluster])
    left_out = np.array([statistic(sample[sample[cluster] != c]) for c in clusters])
    g = len(clusters)
    error = float(np.sqrt((g - 1) / g * ((left_out - full) ** 2).sum()))
    ratio = full / error if error > 0 else math.nan
    reach = float(stats.t.ppf((1 + ci_level) / 2, g - 1)) * error
    return {
        "estimate": full,
        "std_error": error,
        "statistic": ratio,
        "df": g - 1.0,
        "p_value": float(2 * stats.t.sf(abs(ratio), g - 1)),
        "ci_low": full - reach,
        "ci_high": full + reach,
        "ci_level": ci_level,
        "n_obs": len(sample),
        "n_schools": g,
        "method": "jackknife",
    }


def _limited(
    row: dict[str, Any], sample: pd.DataFrame, treatment: str, cluster: str
) -> pd.DataFrame:
    ever = sample.groupby(cluster)[treatment].max() > sample[treatment].min()
    row = row | {"n_treated_schools": int(ever.sum())}
    smallest = choice.smallest_p_value([1.0] * int(ever.sum()), len(ever))
    return choice.limit_by_design(estimates.table([row]), smallest)


def _check_binary(sample: pd.DataFrame, column: str) -> None:
    if not sample[column].isin((0, 1)).all():
        raise ValueError(f"column {column!r} must be 0 or 1")
    if sample[column].nunique() < 2:
        raise NotEstimable("no_variation", f"column {column!r} has no variation")


def _check_clusters(sample: pd.DataFrame, cluster: str) -> None:
    if sample[cluster].nunique() < 2:
        raise NotEstimable(
            "few_clusters", f"column {cluster!r} has a single cluster; the jackknife needs two"
        )


def _check_without_each(sample: pd.DataFrame, treatment: str, cluster: str) -> None:
    """Refuse a treatment that does not vary, or not without one of the clusters."""
    if sample[treatment].nunique() < 2:
        raise NotEstimable("no_variation", f"column {treatment!r} has no variation")
    for name in pd.unique(sample[cluster]):
        if sample.loc[sample[cluster] != name, treatment].nunique() < 2:
            raise NotEstimable(
                "one_school_decides", f"column {treatment!r} does not vary without {name}"
            )


def average_marginal_effect(
    y: Array, design: Array, treated: NDArray[np.bool_], weights: Array
) -> float:
    """Return the mean change of the fitted probability among the treated when column 0 goes to 0.

    Quasi-maximum likelihood of the logistic mean (Papke & Wooldridge 1996), so `y` may be a share.

    Raises:
        NotEstimable: the data separate the outcome, so that no finite estimate exists
            (`separated`).

    Examples:
        >>> rng = np.random.default_rng(1)
        >>> treated = np.arange(400) % 2 == 0
        >>> y = (rng.random(400) < np.where(treated, 0.3, 0.5)).astype(float)
        >>> design = np.column_stack([treated, np.ones(400)]).astype(float)
        >>> round(average_marginal_effect(y, design, treated, np.ones(400)), 2)  # -0.2 in truth
        -0.16

    """
    with warnings.catch_warnings():
        warnings.simplefilter("error", PerfectSeparationWarning)
        try:
            fitted = GLM(y, design, family=Binomial(), var_weights=weights).fit()
        except PerfectSeparationWarning:
            raise NotEstimable(
                "separated", "the outcome is perfectly separated; use a linear model"
            ) from None
    probability = fitted.fittedvalues[treated]
    if (probability < _SEPARATED).all() or (probability > 1 - _SEPARATED).all():
        raise NotEstimable(
            "separated", "the outcome does not vary among the treated; use a linear model"
        )
    without = design[treated].copy()
    without[:, 0] = 0.0
    change = probability - fitted.predict(without)
    return float(np.average(change, weights=weights[treated]))


def logistic(
    panel: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    group: str,
    time: str,
    cluster: str,
    covariates: Sequence[str] = (),
    weights: str | None = None,
    ci_level: float = 0.95,
) -> pd.DataFrame:
    """Estimate the average effect on the treated of a share or a yes-or-no outcome (0 to 1).

    Logistic mean with group and time effects; the row holds the average marginal effect on the
    treated, on the outcome's own 0-to-1 scale (times 100: percentage points). Returns one row.

    Source: Papke & Wooldridge 1996.

    Raises:
        NotEstimable: the treatment or the outcome does not vary (`no_variation`), there is a
            single cluster (`few_clusters`), the data separate the outcome, with all clusters or
            without one (`separated`), and as `estimation_sample`.
        ValueError: an `outcome` outside 0 to 1, a `treatment` that is not 0 or 1, a `ci_level`
            outside 0 to 1, and as `estimation_sample`.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> panel = few_schools()
        >>> row = logistic(panel.assign(high=(panel["y"] > 20) * 1.0), outcome="high", treatment="treated",
        ...                group="school", time="term", cluster="school").iloc[0]
        >>> round(float(row["estimate"]), 2)
        -0.26

    """
    sample = cross_products.estimation_sample(
        panel,
        outcomes=[outcome],
        complete=[treatment, *covariates],
        required=[group, time, cluster],
        weights=weights,
    )
    samples.check_level(ci_level)
    _check_binary(sample, treatment)
    _check_clusters(sample, cluster)
    if not sample[outcome].between(0, 1).all():
        raise ValueError(f"column {outcome!r} must lie between 0 and 1")
    if sample[outcome].nunique() < 2:
        raise NotEstimable("no_variation", f"outcome {outcome!r} does not vary")

    def effect(rows: pd.DataFrame) -> float:
        weight = rows[weights].to_numpy(dtype=float) if weights else np.ones(len(rows))
        return average_marginal_effect(
            rows[outcome].to_numpy(dtype=float),
            _design(rows, [treatment, *covariates], [group, time]),
            (rows[treatment] == 1).to_numpy(),
            weight / weight.mean(),
        )

    row = _jackknife(sample, cluster, effect, ci_level)
    binary = sample[outcome].isin((0, 1)).all()
    name = "logit" if binary else "fractional logit"
    row |= {"outcome": outcome, "estimand": treatment, "model": f"{name}, average marginal effect"}
    return _limited(row, sample, treatment, cluster)


def ordered_logit(
    panel: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    time: str,
    cluster: str,
    covariates: Sequence[str] = (),
    ci_level: float = 0.95,
) -> pd.DataFrame:
    """Estimate the log odds of a higher grade (proportional odds; `outcome` is ordered numbers).

    Time effects and covariates; the jackknife starts from the full fit. Returns one row, in log
    odds.

    Source: McCullagh 1980.

    Raises:
        NotEstimable: the outcome has fewer than three levels (`few_levels`), the treatment does
            not vary (`no_variation`) or not without one of the clusters (`one_school_decides`),
            there is a single cluster (`few_clusters`), and as `estimation_sample`.
        ValueError: a `ci_level` outside 0 to 1, and as `estimation_sample`.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> panel = few_schools(pupils=4)
        >>> panel = panel[panel["term"] == 7]
        >>> panel = panel.assign(grade=(panel["y"] > 18) * 1 + (panel["y"] > 21) * 1)
        >>> row = ordered_logit(panel, outcome="grade", treatment="treated", time="term",
        ...                     cluster="school").iloc[0]
        >>> round(float(row["estimate"]), 1)
        -1.4

    """
    sample = cross_products.estimation_sample(
        panel, outcomes=[outcome], complete=[treatment, *covariates], required=[time, cluster]
    )
    if sample[outcome].nunique() < 3:
        raise NotEstimable(
            "few_levels", f"outcome {outcome!r} has fewer than three levels; use logistic"
        )
    samples.check_level(ci_level)
    _check_clusters(sample, cluster)
    _check_without_each(sample, treatment, cluster)
    start: Array | None = None

    def coefficient(rows: pd.DataFrame) -> float:
        nonlocal start
        # The thresholds are the constants, so the time effects leave one level out.
        design = np.column_stack(
            [
                _design(rows, [treatment, *covariates], []),
                _indicators(rows[time], drop_first=True),
            ]
        )
        model = OrderedModel(rows[outcome].to_numpy(), design, distr="logit")
        fitted = model.fit(method="bfgs", start_params=start, disp=0, maxiter=500)
        if start is None:
            start = fitted.params
        return float(fitted.params[0])

    row = _jackknife(sample, cluster, coefficient, ci_level)
    row |= {"outcome": outcome, "estimand": treatment, "model": "ordered logit", "unit": "log odds"}
    return _limited(row, sample, treatment, cluster)


def mixed_model(
    panel: pd.DataFrame,
    *,
    outcome: str,
    treatment: str,
    cluster: str,
    covariates: Sequence[str] = (),
    ci_level: float = 0.95,
) -> pd.DataFrame:
    """Fit pupils in schools with a random school intercept, the education-trial standard (REML).

    One row a pupil, after the pilot; covariates hold the baseline. Returns the treatment's
    coefficient with the model's standard error and t(G-2), `Hedges' g` on the total standard
    deviation of the model without covariates, and the intra-class correlation `ICC`. A descriptive
    check: the model trusts that school intercepts are normal, with few schools to show it.

    Source: Hedges 2007.

    Raises:
        NotEstimable: there are fewer than three clusters (`few_clusters`), the treatment or the
            outcome does not vary (`no_variation`), columns are collinear (`collinear`), and as
            `estimation_sample`.
        ValueError: a `treatment` that is not 0 or 1, or varies inside a cluster; a `ci_level`
            outside 0 to 1; and as `estimation_sample`.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> panel = few_schools()
        >>> table = mixed_model(panel[panel["term"] == 7], outcome="y", treatment="treated",
        ...                     cluster="school", covariates=["baseline"])
        >>> table["estimate"].round(2).tolist()
        [-2.25, -0.89, 0.49]

    """
    samples.check_level(ci_level)
    sample = cross_products.estimation_sample(
        panel, outcomes=[outcome], complete=[treatment, *covariates], required=[cluster]
    )
    _check_binary(sample, treatment)
    if sample.groupby(cluster)[treatment].nunique().max() > 1:
        raise ValueError(f"column {treatment!r} must not vary inside a school")
    y = sample[outcome].to_numpy(dtype=float)
    samples.check_outcome_varies(y, outcome)
    if sample[cluster].nunique() < 3:
        raise NotEstimable("few_clusters", f"column {cluster!r}: t(G-2) needs three clusters")
    constant = np.ones(len(sample))
    design = np.column_stack([constant, sample[[treatment, *covariates]].to_numpy(dtype=float)])
    if np.linalg.matrix_rank(design) < design.shape[1]:
        raise NotEstimable(
            "collinear", f"{treatment!r} or a covariate is collinear with the others"
        )
    with warnings.catch_warnings():
        # A school variance of zero is an answer here, and the ICC row says it.
        warnings.simplefilter("ignore")
        fitted = MixedLM(y, design, groups=sample[cluster]).fit(reml=True)
        empty = MixedLM(y, constant[:, None], groups=sample[cluster]).fit(reml=True)
    between, within = float(np.asarray(empty.cov_re)[0, 0]), float(empty.scale)
    g = sample[cluster].nunique()
    estimate, error = float(fitted.fe_params[1]), float(fitted.bse_fe[1])
    reach = float(stats.t.ppf((1 + ci_level) / 2, g - 2)) * error
    total = math.sqrt(between + within)
    correction = 1 - 3 / (4 * (len(sample) - 2) - 1)
    ever = sample.groupby(cluster)[treatment].max()
    common: dict[str, Any] = {
        "outcome": outcome,
        "model": "mixed model, school intercepts",
        "ci_level": ci_level,
        "n_obs": len(sample),
        "n_schools": g,
        "n_treated_schools": int(ever.sum()),
    }
    test = {
        "statistic": estimate / error,
        "df": g - 2.0,
        "p_value": float(2 * stats.t.sf(abs(estimate / error), g - 2)),
        "method": "REML",
    }
    scale = correction / total
    rows = [
        common
        | test
        | {
            "estimand": treatment,
            "estimate": estimate,
            "std_error": error,
            "ci_low": estimate - reach,
            "ci_high": estimate + reach,
        },
        common
        | test
        | {
            "estimand": "hedges_g",
            "estimate": estimate * scale,
            "std_error": error * scale,
            "ci_low": (estimate - reach) * scale,
            "ci_high": (estimate + reach) * scale,
            "unit": "standard deviations",
        },
        common
        | {
            "estimand": "intra_class_correlation",
            "estimate": between / (between + within),
            "unit": "share",
            "method": "REML",
        },
    ]
    smallest = choice.smallest_p_value([1.0] * int(ever.sum()), g)
    return choice.limit_by_design(estimates.table(rows), smallest)
