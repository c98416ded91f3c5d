"""The answer school by school, from the estimates with and without each school."""

import numpy as np
import pandas as pd
import pytest

from pilot_analysis.report import school_changes


def mean_change(rows, arm):
    """Return the mean of an arm's schools' changes, by hand."""
    return rows.loc[rows["arm"] == arm, "change"].mean()


def estimated(rows):
    """Return an estimate's cells: the difference of the arms' mean changes."""
    return {
        "estimate": mean_change(rows, "pilot") - mean_change(rows, "comparison"),
        "std_error": 0.5,
        "n_schools": len(rows),
        "n_treated_schools": int((rows["arm"] == "pilot").sum()),
    }


def without_each(rows):
    return pd.DataFrame([estimated(rows.drop(index=at)) for at in rows.index])


@pytest.fixture
def schools():
    rng = np.random.default_rng(3)
    arms = np.repeat(["pilot", "comparison"], [4, 7])
    return pd.DataFrame({"arm": arms, "change": rng.normal(0, 3, 11)})


@pytest.mark.parametrize("digits", [10, 1])
def test_schools_changes_come_back_from_the_estimates_without_each(schools, digits):
    found = school_changes.changes(
        {k: round(v, digits) for k, v in estimated(schools).items()},
        without_each(schools).round({"estimate": digits}),
    )
    zero = mean_change(schools, "comparison")
    for arm, values in found.items():
        truth = schools.loc[schools["arm"] == arm, "change"] - zero
        # Each of up to seven estimates is off by half a step.
        assert np.sort(values) == pytest.approx(np.sort(truth), abs=7 * 0.5 * 10.0**-digits * 2)
    assert found["pilot"].mean() == pytest.approx(estimated(schools)["estimate"], abs=10.0**-digits)


def test_nothing_is_told_where_a_school_is_withheld_or_schools_count_unequally(schools):
    row, left_out = estimated(schools), without_each(schools)
    assert school_changes.changes(row, left_out.iloc[1:]) == {}
    assert school_changes.changes(row, left_out.iloc[:-1]) == {}
    uneven = left_out.assign(estimate=left_out["estimate"] + np.linspace(0, 4, 11))
    assert school_changes.changes(row, uneven) == {}
    alone = schools.iloc[3:].reset_index(drop=True)  # one pilot school
    assert school_changes.changes(estimated(alone), without_each(alone)) == {}
