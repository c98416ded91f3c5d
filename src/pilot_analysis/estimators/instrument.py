"""The effect of actually having a mentor: instrumental variables with few schools.

The instrument is being at a pilot school once it has started; the estimate is the effect on the
outcome divided by the effect on having a mentor. It is the effect on those who have a mentor
because of it, if being at a pilot school moves the outcome in no other way (which spill-over would
break). The interval inverts the test of `outcome - b x received` (Anderson & Rubin 1949), so it is
valid however weak the first stage, and inherits the few-school inference.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from pilot_analysis import estimates
from pilot_analysis.errors import NotEstimable
from pilot_analysis.inference import choice, cross_products, randomization, sandwich, wild_bootstrap

_GRID = 121
_REACH = 40.0  # of the grid, in standard errors of the ratio


def instrumental_variables(
    panel: pd.DataFrame,
    *,
    outcome: str,
    received: str,
    treatment: str,
    absorb: Sequence[str],
    time: str,
    cluster: str,
    weights: str | None = None,
    inference: str = "auto",
    draws: int = 9_999,
    max_placements: int = 100_000,
    seed: int = 0,
    ci_level: float = 0.95,
) -> pd.DataFrame:
    """Estimate the effect of `received`, instrumented by the 0/1 `treatment`.

    Returns two rows: estimand `received` with the Anderson-Rubin interval, unbounded where the test
    never rejects far out, and estimand `first_stage`, the effect on `received`. The first is in the
    outcome's unit per unit of `received`.

    Source: Anderson & Rubin 1949, Fieller 1954.

    Raises:
        NotEstimable: being treated does not move `received` (`no_first_stage`), and as `infer`.
        ValueError: as `infer`.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> panel = few_schools()
        >>> panel = panel.assign(mentored=panel["treated"] * (panel["pupil"] % 2))  # every other pupil
        >>> table = instrumental_variables(panel, outcome="y", received="mentored", treatment="treated",
        ...                                absorb=("pupil", "term"), time="term", cluster="school")
        >>> table["estimate"].round(2).tolist()
        [-4.11, 0.5]

    """
    cross_products.check_columns(panel, [outcome, received, treatment, time, cluster])
    sample = panel[panel[[outcome, received]].notna().all(axis=1)]
    common: dict[str, Any] = {
        "treatment": treatment,
        "absorb": absorb,
        "time": time,
        "cluster": cluster,
        "weights": weights,
        "inference": inference,
        "draws": draws,
        "max_placements": max_placements,
        "seed": seed,
        "ci_level": ci_level,
    }
    first = choice.infer(sample, outcome=received, **common)
    reduced = choice.infer(sample, outcome=outcome, **common)
    stage = float(first["estimate"].iloc[0])
    if abs(stage) < 1e-9:
        raise NotEstimable(
            "no_first_stage", f"being treated does not move {received!r}; there is no first stage"
        )
    ratio = float(reduced["estimate"].iloc[0]) / stage
    method = choice.Design.of(sample, treatment, time, cluster).method(inference)
    bounded = bool(np.isfinite(reduced[["ci_low", "ci_high"]].to_numpy(float)).all())
    if not bounded:
        low, high = -math.inf, math.inf
    elif method in ("CR1", "CR2", "CR3"):
        low, high = _fieller(sample, outcome, received, method, common)
    else:
        low, high = _inverted(sample, outcome, received, ratio, common | {"inference": method})
    return estimates.table(
        [
            reduced.iloc[0].to_dict()
            | {
                "estimand": received,
                "estimate": ratio,
                "std_error": math.nan,
                "statistic": math.nan,
                "ci_low": low,
                "ci_high": high,
                "model": "instrumental variables",
                "method": f"anderson_rubin_{reduced['method'].iloc[0]}",
            },
            first.iloc[0].to_dict()
            | {"estimand": "first_stage", "model": "instrumental variables", "outcome": outcome},
        ]
    )


def _fieller(
    panel: pd.DataFrame, outcome: str, received: str, kind: str, common: dict[str, Any]
) -> tuple[float, float]:
    """Solve (y - b d)^2 = t^2 Var(y - b d): the variance is quadratic in b, its df do not move."""
    rows = sandwich.cluster_robust(
        panel.assign(_both=panel[outcome] + panel[received]),
        outcome=(outcome, received, "_both"),
        treatment=common["treatment"],
        absorb=common["absorb"],
        cluster=common["cluster"],
        weights=common["weights"],
        kind=kind,  # type: ignore[arg-type]
        ci_level=common["ci_level"],
    ).set_index("outcome")
    y, d = (float(rows.loc[c, "estimate"]) for c in (outcome, received))
    vy, vd, both = (float(rows.loc[c, "std_error"]) ** 2 for c in (outcome, received, "_both"))
    cov = (both - vy - vd) / 2
    t2 = float(stats.t.ppf((1 + common["ci_level"]) / 2, float(rows.loc[outcome, "df"]))) ** 2
    return fieller_interval(y, d, vy, vd, cov, t2)


def fieller_interval(
    y: float, d: float, vy: float, vd: float, cov: float, t2: float
) -> tuple[float, float]:
    """Return the values b with (y - b d)^2 <= t2 Var(y - b d) (Fieller 1954).

    Unbounded on both sides when the denominator may be zero: the set is then the whole line or
    leaves out only values near zero denominators, and no bound can be given.

    Examples:
        >>> low, high = fieller_interval(y=2.0, d=0.5, vy=0.25, vd=0.0, cov=0.0, t2=4.0)
        >>> low, high  # 2 / 0.5, and twice 0.5 / 0.5 on both sides
        (2.0, 6.0)
        >>> fieller_interval(y=2.0, d=0.5, vy=0.25, vd=0.1, cov=0.0, t2=4.0)  # the denominator may be 0
        (-inf, inf)

    """
    a = d * d - t2 * vd
    if a <= 0:
        return -math.inf, math.inf
    b = y * d - t2 * cov
    root = math.sqrt(max(b * b - a * (y * y - t2 * vy), 0.0))
    return (b - root) / a, (b + root) / a


def _inverted(
    panel: pd.DataFrame, outcome: str, received: str, ratio: float, common: dict[str, Any]
) -> tuple[float, float]:
    """Invert any few-school test on a grid of effects; infinite where the grid's end is accepted."""
    scale = abs(ratio) + float(panel[outcome].std()) / 10
    grid = ratio + scale * np.sinh(np.linspace(-math.asinh(_REACH), math.asinh(_REACH), _GRID))
    names = [f"_b{i}" for i in range(_GRID)]
    y, d = panel[outcome].to_numpy(float), panel[received].to_numpy(float)
    columns = pd.DataFrame(
        {n: y - b * d for n, b in zip(names, grid, strict=True)}, index=panel.index
    )
    wide = pd.concat([panel, columns], axis=1)
    shared = {k: common[k] for k in ("absorb", "cluster", "weights", "seed", "ci_level")}
    if common["inference"] == "wild_bootstrap":
        rows = wild_bootstrap.wild_cluster_bootstrap(
            wide,
            outcome=tuple(names),
            treatment=common["treatment"],
            draws=common["draws"],
            **shared,
        )
    else:
        first = choice.first_treated_period(
            wide, common["treatment"], common["time"], common["cluster"]
        )
        rows = randomization.randomization_inference(
            wide.assign(_first=first),
            outcome=tuple(names),
            first_treated="_first",
            time=common["time"],
            max_placements=common["max_placements"],
            **shared,
        )
    p = rows.groupby("outcome")["p_value"].first().reindex(names).to_numpy()
    accepted = np.flatnonzero(p > 1 - common["ci_level"])
    low = -math.inf if accepted[0] == 0 else float(grid[accepted[0] - 1])
    high = math.inf if accepted[-1] == _GRID - 1 else float(grid[accepted[-1] + 1])
    return low, high
