"""Targeted minus class: the difference between two groups of pilot schools, one number a school."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pilot_analysis.errors import NotEstimable
from pilot_analysis.estimators import (
    group_difference,
    school_level_did,
    school_level_group_difference,
)
from pilot_analysis.inference import school_terms, two_sample

COLUMNS = {"outcome": "y", "first_treated": "start", "time": "term", "cluster": "school"}
TWO = {"group": "kind", "groups": ("targeted", "class")}


def schools(seed, starts, kinds, *, others=7, n_terms=8, effects=(0.0, 0.0), shock=1.0):
    """Schools with a level and a shock each term; the effect is that of the school's kind."""
    rng = np.random.default_rng(seed)
    effect = dict(zip(("targeted", "class"), effects, strict=True))
    rows = []
    for school in range(len(starts) + others):
        start = starts[school] if school < len(starts) else np.nan
        kind = kinds[school] if school < len(kinds) else None
        y = rng.normal(0, 3) + np.arange(n_terms) ** 1.5 + rng.normal(0, shock, n_terms)
        y += effect.get(kind, 0.0) * (np.arange(n_terms) >= start)
        rows.append(
            pd.DataFrame(
                {"school": school, "term": np.arange(n_terms), "y": y, "start": start, "kind": kind}
            )
        )
    return pd.concat(rows, ignore_index=True)


def fit(panel, **options):
    return school_level_group_difference(panel, **COLUMNS, **TWO, **options).iloc[0]


def test_it_is_the_difference_of_the_schools_own_changes():
    panel = schools(1, (4, 5, 4, 6), ("targeted", "class", "class", "targeted"))
    own = school_level_did(panel, by="school", **COLUMNS)
    own = own.set_index(own["specification"].astype(int))["estimate"]
    row = fit(panel)
    assert row["estimate"] == pytest.approx((own[0] + own[3] - own[1] - own[2]) / 2, abs=1e-12)
    swapped = school_level_group_difference(
        panel, **COLUMNS, group="kind", groups=("class", "targeted")
    )
    assert swapped["estimate"].iloc[0] == pytest.approx(-row["estimate"], abs=1e-12)
    assert (row["n_treated_schools"], row["n_schools"], row["n_obs"]) == (4, 11, 88)


def test_it_is_the_two_sample_test_by_hand():
    change = {"a": -3.0, "b": -2.0, "c": -1.0, "d": 0.5, "e": 0.0, "f": 0.2}
    kind = dict(zip("abcd", ("targeted", "targeted", "class", "class"), strict=True))
    panel = pd.DataFrame(
        [
            {
                "school": s,
                "term": t,
                "y": 10 + t * moved,
                "kind": kind.get(s),
                "start": 1.0 if s in kind else np.nan,
            }
            for s, moved in change.items()
            for t in (0, 1)
        ]
    )
    row = fit(panel, ci_level=0.5)
    assert row["estimate"] == pytest.approx(-2.5 - -0.25)
    assert row["std_error"] == pytest.approx(math.sqrt(0.5 / 2 + 1.125 / 2))
    assert row["p_value_min"] == pytest.approx(1 / 3)
    assert row["ci_low"] < -2.25 < row["ci_high"] < 10


def test_comparison_schools_cancel_only_where_the_groups_started_together():
    together = ("targeted", "class", "targeted", "class"), (4, 4, 4, 4)
    apart = ("targeted", "class", "targeted", "class"), (3, 6, 3, 6)
    for (kinds, starts), matters in ((together, False), (apart, True)):
        panel = schools(2, starts, kinds)
        noisy = panel.assign(
            y=panel["y"]
            + np.where(panel["start"].isna(), 9 * np.sin(panel["school"] * panel["term"]), 0.0)
        )
        plain, loud = fit(panel), fit(noisy)
        assert bool(abs(loud["estimate"] - plain["estimate"]) > 1e-9) is matters
        assert bool(loud["std_error"] > plain["std_error"] + 1e-9) is matters


@pytest.mark.parametrize("starts", [(4, 4, 4, 4), (3, 6, 3, 6)])
def test_a_true_null_is_rejected_in_at_most_five_per_cent(starts):
    kinds = dict(enumerate(("targeted", "class") * 2))
    panel = schools(5, starts, list(kinds.values()))
    read = school_terms.of(panel, value="y", first_treated="start", time="term", cluster="school")
    rng, draws = np.random.default_rng(5), 500
    found = [
        group_difference.difference(
            replace(read, value=rng.normal(size=read.value.shape) + np.arange(8) ** 1.5),
            kinds,
            TWO["groups"],
        )
        for _ in range(draws)
    ]
    rows = pd.DataFrame(
        {"estimate": one.estimate, "error": group_difference.std_error(one)} for one in found
    )
    spread = rows["estimate"].std()
    assert abs(rows["estimate"].mean()) < 3 * spread / math.sqrt(draws)
    assert (rows["error"] ** 2).mean() == pytest.approx(spread**2, rel=0.15)
    # Every panel has as many schools in a group, so one critical value serves all.
    critical = two_sample.decide(found[0].arms, "least_favourable").critical(0.95)
    rejected = (rows["estimate"].abs() > critical * rows["error"]).mean()
    assert rejected < 0.05 + 2 * 0.01  # Monte-Carlo error 1 point


def test_one_school_in_each_group_bounds_nothing_and_an_empty_group_is_refused():
    row = fit(schools(3, (4, 4), ("targeted", "class")))
    assert math.isfinite(row["estimate"])
    assert (row["ci_low"], row["ci_high"], row["p_value"]) == (-math.inf, math.inf, 1.0)
    lone = fit(schools(3, (4, 4, 4), ("targeted", "class", "class")))
    assert math.isfinite(lone["ci_low"])
    assert lone["assumption"] == "variance_ratio"
    with pytest.raises(NotEstimable, match="targeted"):
        fit(schools(3, (4, 4), ("class", "class")))


def test_bad_groups_are_named():
    panel = schools(4, (4, 4), ("targeted", "class"))
    with pytest.raises(ValueError, match="'kind' has several values within 0"):
        fit(panel.assign(kind=np.where(panel["term"] < 4, "class", panel["kind"])))
    with pytest.raises(ValueError, match="'sort' is not in the panel"):
        school_level_group_difference(panel, **COLUMNS, group="sort", groups=("a", "b"))
    with pytest.raises(ValueError, match="compared with itself"):
        school_level_group_difference(panel, **COLUMNS, group="kind", groups=("class", "class"))
