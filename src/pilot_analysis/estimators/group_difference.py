"""The effect in one group of treated schools minus that in another, one number a school."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pilot_analysis import estimates
from pilot_analysis.errors import NotEstimable
from pilot_analysis.estimators import school_level
from pilot_analysis.inference import choice, school_terms, two_sample
from pilot_analysis.inference.samples import check_level
from pilot_analysis.inference.school_terms import SchoolContrast, SchoolTerms
from pilot_analysis.inference.two_sample import TwoArms

Array = NDArray[np.float64]


@dataclass(frozen=True)
class GroupDifference:
    """The changes of two groups' schools, and the variance that comparison schools add to their difference.

    That variance is zero where both groups started in the same terms: then comparison schools cancel.

    Examples:
        >>> contrast = GroupDifference(np.array([-2.0, -1.6]), np.array([0.1, 0.3]), 0.0)
        >>> round(contrast.estimate, 2), contrast.arms.pilot.df
        (-2.0, 1.0)

    """

    first: Array
    second: Array
    common_variance: float

    @property
    def estimate(self) -> float:
        """The first group's mean change minus the second's."""
        return float(self.first.mean() - self.second.mean())

    @property
    def arms(self) -> TwoArms:
        """The two groups as arms of a two-sample test."""
        one, other = (
            float(g.std(ddof=1)) if len(g) > 1 else math.nan for g in (self.first, self.second)
        )
        return TwoArms.equal(one, other, len(self.first), len(self.second))


def school_level_group_difference(
    panel: pd.DataFrame,
    *,
    outcome: str,
    first_treated: str,
    time: str,
    cluster: str,
    group: str,
    groups: tuple[Any, Any],
    covariates: Sequence[str] = (),
    weights: str | None = None,
    ratios: tuple[float, float] = two_sample.RATIOS,
    ci_level: float = 0.95,
) -> pd.DataFrame:
    """Estimate the effect at treated schools of one group minus that at those of another.

    Every treated school's change is its own difference-in-differences, as in `school_level_did`;
    the estimate is the mean change of `groups[0]` minus that of `groups[1]`. `group` is a column
    with one value per treated school (other schools' values do not count). The two groups of changes
    are tested against each other by the least favourable ratio of their variances inside `ratios`;
    what the comparison schools add, where the groups started in different terms, widens the interval
    (and where starts differ inside a group it is in that group's spread too: wider, never narrower).
    `p_value_min` is the smallest p-value that dealing the groups over the treated schools
    allows. Where each group has one school the difference is given and its interval is unbounded.

    Schools choose their group: the difference describes, and does not explain.

    Returns one row (estimand `group_difference`); `n_treated_schools` counts both groups, and
    `n_schools` the comparison schools too.

    Raises:
        NotEstimable: a group has no school with terms on both sides of its start (`no_treated`),
            and as `school_level_did`.
        ValueError: naming the column, for a school in two groups; twice the same group; and as
            `school_level_did`.

    Examples:
        >>> import pandas as pd
        >>> rows = pd.DataFrame({"school": list("aabbccddeeff"), "term": [0, 1] * 6,
        ...                      "y": [5.0, 3.0, 4.0, 2.4, 6.0, 6.1, 5.0, 5.3, 4.0, 4.1, 3.0, 3.2],
        ...                      "start": [1] * 8 + [None] * 4, "kind": list("xxxxzzzz") + [None] * 4})
        >>> row = school_level_group_difference(
        ...     rows, outcome="y", first_treated="start", time="term", cluster="school",
        ...     group="kind", groups=("x", "z")).iloc[0]
        >>> row[["estimate", "std_error", "p_value_min"]].astype(float).round(4).tolist()
        [-2.0, 0.2236, 0.3333]

    """
    check_level(ci_level)
    if groups[0] == groups[1]:
        raise ValueError(f"groups: {groups[0]!r} cannot be compared with itself")
    means = school_level.school_means(
        panel,
        outcome=outcome,
        first_treated=first_treated,
        time=time,
        cluster=cluster,
        covariates=covariates,
        weights=weights,
    )
    member_of = _groups(panel, cluster, group, first_treated)
    used = _asked(means.terms, member_of, groups)
    whole = school_terms.contrast(used)
    changes = _difference(used, whole, member_of, groups)
    row = {
        "outcome": outcome,
        "model": school_level.MODEL,
        "estimand": "group_difference",
        "ci_level": ci_level,
    }
    return estimates.table(
        [row | means.counts(whole, used.periods) | tested(changes, ratios, ci_level)]
    )


def _groups(panel: pd.DataFrame, cluster: str, group: str, first_treated: str) -> dict[Any, Any]:
    """Return each treated school's group. Raises `ValueError` where a school has two."""
    if group not in panel.columns:
        raise ValueError(f"column {group!r} is not in the panel")
    grouped = panel[panel[first_treated].notna() & panel[group].notna()]
    pairs = grouped[[cluster, group]].drop_duplicates()
    twice = pairs[cluster].duplicated()
    if twice.any():
        raise ValueError(
            f"column {group!r} has several values within {pairs[cluster][twice].iloc[0]}"
        )
    return dict(zip(pairs[cluster], pairs[group], strict=True))


def difference(
    read: SchoolTerms, member_of: dict[Any, Any], groups: tuple[Any, Any]
) -> GroupDifference:
    """Return the changes of both groups' schools. `member_of` gives a treated school's group.

    Raises:
        NotEstimable: a group has no school with terms on both sides of its start (`no_treated`),
            and as `contrast`.

    Examples:
        >>> import pandas as pd
        >>> rows = pd.DataFrame({"school": list("aabbccddee"), "term": [0, 1] * 5, "start": [1] * 8 + [None] * 2,
        ...                      "y": [5.0, 3.0, 4.0, 2.4, 6.0, 6.1, 5.0, 5.3, 4.0, 4.1]})
        >>> terms = school_terms.of(rows, value="y", first_treated="start", time="term", cluster="school")
        >>> contrast = difference(terms, {"a": "x", "b": "x", "c": "z", "d": "z"}, ("x", "z"))
        >>> contrast.first.round(2).tolist(), contrast.second.round(2).tolist()
        ([-2.1, -1.7], [0.0, 0.2])

    """
    used = _asked(read, member_of, groups)
    return _difference(used, school_terms.contrast(used), member_of, groups)


def _asked(read: SchoolTerms, member_of: dict[Any, Any], groups: tuple[Any, Any]) -> SchoolTerms:
    """Return the schools of both groups and the comparison schools."""
    asked = np.array([member_of.get(s) in groups for s in read.schools], dtype=bool)
    return read.among(asked | ~read.treated)


def _difference(
    used: SchoolTerms,
    whole: SchoolContrast,
    member_of: dict[Any, Any],
    groups: tuple[Any, Any],
) -> GroupDifference:
    n = int(whole.treated.sum())
    member = np.array([member_of[s] for s in whole.schools[:n]], dtype=object)
    for name in groups:
        if not (member == name).any():
            raise NotEstimable("no_treated", f"no treated school of group {name!r} can be compared")
    first, second = (whole.change[:n][member == name] for name in groups)
    # Deviations from the arm's average: their difference between groups is that of the changes.
    cells = whole.cells[:n].reshape(n, len(whole.schools), -1)
    weights = cells[member == groups[0]].mean(axis=0) - cells[member == groups[1]].mean(axis=0)
    place = {school: i for i, school in enumerate(used.schools)}
    values = np.nan_to_num(used.value[[place[s] for s in whole.schools[n:]]])
    parts = np.einsum("jt,jt->j", weights[n:], values)
    others = len(parts)
    common = (
        float(((parts - parts.mean()) ** 2).sum()) * others / (others - 1) if others > 1 else 0.0
    )
    return GroupDifference(first, second, common)


def std_error(contrast: GroupDifference) -> float:
    """Return the difference's standard error, what the comparison schools add included.

    Examples:
        >>> contrast = GroupDifference(np.array([-2.1, -1.7]), np.array([0.0, 0.2]), 0.0)
        >>> round(std_error(contrast), 4)
        0.2236

    """
    own = two_sample.decide(contrast.arms, "least_favourable").std_error
    return math.sqrt(own**2 + contrast.common_variance)


def tested(
    contrast: GroupDifference, ratios: tuple[float, float], ci_level: float
) -> dict[str, float | str]:
    """Return the cells of the row that say how sure the difference is.

    Raises:
        ValueError: as `decide`.

    Examples:
        >>> contrast = GroupDifference(np.array([-2.1, -1.7]), np.array([0.0, 0.2]), 0.0)
        >>> row = tested(contrast, (0.5, 2.0), 0.95)
        >>> round(row["estimate"], 2), round(row["p_value_min"], 3)
        (-2.0, 0.333)

    """
    two = contrast.arms
    sizes = len(contrast.first), len(contrast.second)
    smallest = choice.smallest_p_value([0.0] * sizes[0], sum(sizes))
    row: dict[str, float | str] = {
        "estimate": contrast.estimate,
        "method": "least_favourable",
        "p_value_min": smallest,
    }
    test = two_sample.decide(two, "least_favourable", ratios)
    if max(sizes) < 2:
        return row | {"p_value": 1.0, "ci_low": -math.inf, "ci_high": math.inf}
    error = std_error(contrast)
    wider = error / test.std_error if test.std_error > 0 else 1.0
    reach = test.reach(ci_level) * wider
    detectable = two_sample.detectable(two, "least_favourable", ratios=ratios, level=ci_level)
    return row | {
        "std_error": error,
        "df": test.df,
        "p_value": test.p_value(contrast.estimate / wider),
        "statistic": contrast.estimate / error if error > 0 else math.nan,
        "ci_low": contrast.estimate - reach,
        "ci_high": contrast.estimate + reach,
        "detectable_effect": detectable * wider,
        "assumption": "variance_ratio",
        "bound": ratios[1],
    }
