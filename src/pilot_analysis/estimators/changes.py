"""The numbers that the school-level estimate is made of, and the same estimate as a regression."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from pilot_analysis import estimates
from pilot_analysis.estimators.school_panel import Scale, on_scale, school_means, weighs_pupils
from pilot_analysis.inference import school_terms
from pilot_analysis.inference.samples import check_level
from pilot_analysis.inference.school_terms import Window


def school_changes(
    panel: pd.DataFrame,
    *,
    outcome: str,
    first_treated: str,
    time: str,
    cluster: str,
    covariates: Sequence[str] = (),
    school_weights: str = "equal",
    weights: str | None = None,
    last_treated: str | None = None,
    strata: str | None = None,
    scale: Scale = "difference",
    working_autocorrelation: float = 0.0,
) -> pd.DataFrame:
    """Return the numbers that the estimate is made of, one per school.

    Columns: `school`, `arm` (`pilot`, `comparison` or `left_out`: treated from the first term on, or
    no terms on one side), `change`, `weight`. A pilot school's change is its own difference-in-
    differences; a comparison school's is what the estimate would be with that school alone. The
    estimate is the average of either by its weights. `own_change` is the school's own mean after
    less before, over the terms shared with the schools it is compared with: regressed on `arm` by
    `weight` it gives the estimate as a coefficient (`regress_changes`).

    Raises:
        NotEstimable: as `school_level_did`.
        ValueError: as `school_level_did`.

    Examples:
        >>> import pandas as pd
        >>> rows = pd.DataFrame({"school": list("aabbcc"), "term": [0, 1] * 3,
        ...                      "y": [5.0, 3.0, 4.0, 4.5, 6.0, 6.1], "start": [1, 1] + [None] * 4})
        >>> school_changes(rows, outcome="y", first_treated="start", time="term",
        ...                cluster="school")["change"].round(6).tolist()
        [-2.3, -2.5, -2.1]

    """
    means = school_means(
        panel,
        outcome=outcome,
        first_treated=first_treated,
        time=time,
        cluster=cluster,
        covariates=covariates,
        weights=weights,
        last_treated=last_treated,
        strata=strata,
    )
    scaled = on_scale(means.terms, scale)
    window = Window(autocorrelation=working_autocorrelation)
    contrast = school_terms.contrast(scaled, window, by_size=weighs_pupils(school_weights))
    table = pd.DataFrame(
        {
            "school": contrast.schools,
            "arm": np.where(contrast.treated, "pilot", "comparison"),
            "change": contrast.change,
            "own_change": contrast.own_change,
            "weight": contrast.weight,
        }
    )
    left = [s for s in scaled.schools if s not in set(contrast.schools)]
    rest = pd.DataFrame(
        {"school": left, "arm": "left_out", "change": np.nan, "own_change": np.nan, "weight": 0.0}
    )
    return pd.concat([table, rest], ignore_index=True) if left else table


def regress_changes(
    panel: pd.DataFrame,
    *,
    outcome: str,
    regression: Callable[..., Any],
    formula: str = "own_change ~ arm",
    covariance: str = "HC2",
    ci_level: float = 0.95,
    **design: Any,
) -> pd.DataFrame:
    """Fit a regression formula to one change per school: the estimate as a coefficient.

    Donald and Lang's (2007) second step: `regression` is `statsmodels.formula.api.wls`, its data
    `school_changes` (`design` are its arguments) and its weights theirs. The coefficient of `arm` is
    `school_level_did`'s estimate. Returns one row; its interval is the regression's own, with
    `covariance` and t(schools - 2), which is not one to trust with few schools of either kind, and
    unbounded where a school is alone in its arm.

    Raises:
        NotEstimable: as `school_level_did`.
        ValueError: as `school_level_did`, or for a formula without `arm`.

    Examples:
        >>> import pandas as pd
        >>> import statsmodels.formula.api as smf
        >>> rows = pd.DataFrame({"school": list("aabbccdd"), "term": [0, 1] * 4,
        ...                      "y": [5.0, 3.0, 4.0, 2.5, 6.0, 6.1, 4.0, 4.3],
        ...                      "start": [1] * 4 + [None] * 4})
        >>> row = regress_changes(rows, outcome="y", regression=smf.wls, first_treated="start", time="term",
        ...                       cluster="school").iloc[0]
        >>> row["estimate"].round(6).item(), row["std_error"].round(6).item()
        (-1.95, 0.269258)

    """
    check_level(ci_level)
    changes = school_changes(panel, outcome=outcome, **design)
    used = changes[changes["weight"] > 0]
    with np.errstate(
        divide="ignore", invalid="ignore"
    ):  # a school alone in its arm has no variance
        model = regression(formula, used, weights=used["weight"])
        fitted = model.fit(cov_type=covariance, use_t=True)
    coefficient = "arm[T.pilot]"
    if coefficient not in fitted.params:
        raise ValueError(f"formula {formula!r} has no coefficient of 'arm'")
    low, high = fitted.conf_int(1 - ci_level).loc[coefficient].fillna({0: -np.inf, 1: np.inf})
    row = {
        "outcome": outcome,
        "estimand": "per_school",
        "model": f"{formula} (statsmodels)",
        "estimate": fitted.params[coefficient],
        "std_error": fitted.bse[coefficient],
        "statistic": fitted.tvalues[coefficient],
        "df": fitted.df_resid,
        "method": covariance,
        "p_value": fitted.pvalues[coefficient],
        "ci_low": low,
        "ci_high": high,
        "ci_level": ci_level,
        "n_schools": len(used),
        "n_treated_schools": int((used["arm"] == "pilot").sum()),
    }
    return estimates.table([row])
