"""Callaway-Sant'Anna: gaps, averages, relative time, many units."""

import time

import numpy as np
import pandas as pd
import pytest

from pilot_analysis import estimators
from pilot_analysis.errors import NotEstimable

COLUMNS = {"outcome": "y", "first_treated": "first", "unit": "school", "time": "term"}


def parallel(effect=0.0, starts=(4.0,) * 4, n=12):
    """Return schools on parallel lines; the last one lies far below the others."""
    panel = pd.DataFrame(
        [(s, t) for s in range(n) for t in range(1, 7)], columns=["school", "term"]
    )
    panel["first"] = panel["school"].map(dict(enumerate(starts)))
    level = np.r_[np.linspace(80, 96, n - 1), 70.0]
    panel["y"] = level[panel["school"]] + 0.5 * panel["term"]
    panel["y"] += effect * (panel["term"] >= panel["first"])
    return panel


@pytest.mark.parametrize(
    "gap", [lambda d: d["term"] == 4, lambda d: d["term"] >= 5, lambda d: d["term"] == 3]
)
@pytest.mark.parametrize("by", ["event_time", "group", "calendar", "group_time"])
def test_a_comparison_school_with_gaps_moves_nothing(gap, by):
    panel = parallel()
    panel = panel[~((panel["school"] == 11) & gap(panel))]
    table = estimators.callaway_santanna(panel, by=by, **COLUMNS)
    assert table["estimate"].dropna().to_numpy() == pytest.approx(0.0, abs=1e-10)


def test_gaps_move_nothing_with_covariates_either():
    panel = parallel().assign(x=lambda d: d["school"] % 3)
    panel = panel[~((panel["school"] == 11) & (panel["term"] == 4))]
    table = estimators.callaway_santanna(panel, covariates=["x"], **COLUMNS)
    assert table["estimate"].dropna().to_numpy() == pytest.approx(0.0, abs=1e-8)


def test_averages_are_those_of_the_group_times():
    rng = np.random.default_rng(3)
    panel = parallel(starts=(3.0, 3.0, 5.0)).assign(y=lambda d: d["y"] + rng.normal(size=len(d)))
    run = lambda by: estimators.callaway_santanna(panel, by=by, **COLUMNS)  # noqa: E731
    cells = run("group_time").iloc[1:]
    after = cells[cells["event_time"] >= 0].assign(
        time=lambda d: d["term"].astype(float), group=lambda d: d["time"] - d["event_time"]
    )
    size = after["group"].map({3.0: 2, 5.0: 1})
    weighted = lambda d: np.average(d["estimate"], weights=size[d.index])  # noqa: E731
    assert run("group")["estimate"].iloc[0] == pytest.approx(weighted(after))
    by_group = run("group").iloc[1:].set_index("term")["estimate"]
    assert by_group["3"] == pytest.approx(after.loc[after["group"] == 3, "estimate"].mean())
    by_time = run("calendar").iloc[1:].set_index("term")["estimate"]
    assert by_time["5"] == pytest.approx(weighted(after[after["time"] == 5]))
    events = run("event_time").set_index("event_time")["estimate"]
    assert events[1] == pytest.approx(weighted(after[after["event_time"] == 1]))
    band = run("event_time").iloc[-1]
    assert band["estimand"] == "simultaneous_band"
    assert band["statistic"] > 2.2  # t(11) of one estimate alone


@pytest.mark.parametrize("shift", [0, -4, -5, -9])
@pytest.mark.parametrize("run", [estimators.callaway_santanna, estimators.event_study])
def test_relative_time_gives_what_calendar_time_gives(shift, run):
    """A start at 0 or below was read as never treated: 8.01 instead of 10."""
    rng = np.random.default_rng(2)
    panel = parallel(effect=10.0).assign(y=lambda d: d["y"] + 0.01 * rng.normal(size=len(d)))
    more = {"cluster": "school"} if run is estimators.event_study else {}
    table = run(
        panel.assign(term=panel["term"] + shift, first=panel["first"] + shift), **COLUMNS, **more
    )
    events = table.set_index("event_time")["estimate"]
    assert events[[0.0, 1.0, 2.0]].to_numpy() == pytest.approx(10.0, abs=0.05)
    assert table["n_treated_schools"].iloc[0] == 4


@pytest.mark.parametrize("never", [0.0, np.inf, np.nan])
def test_never_is_missing_infinite_or_zero(never):
    panel = parallel(effect=2.0).assign(first=lambda d: d["first"].fillna(never))
    row = estimators.callaway_santanna(panel, **COLUMNS).iloc[0]
    assert (row["estimate"], row["n_treated_schools"]) == (pytest.approx(2.0), 4)


def test_always_treated_units_neither_gain_nor_compare():
    panel = parallel(effect=2.0, starts=(4.0, 4.0, 4.0, 1.0, 1.0))
    row = estimators.callaway_santanna(panel, **COLUMNS).iloc[0]
    assert row["estimate"] == pytest.approx(2.0)
    assert (row["n_schools"], row["n_treated_schools"]) == (10, 3)


def test_a_unit_with_two_starts_is_refused_by_name():
    panel = parallel()
    panel.loc[0, "first"] = 5.0
    with pytest.raises(ValueError, match="'first' has several values within school 0"):
        estimators.callaway_santanna(panel, **COLUMNS)


def test_without_comparisons_the_reason_has_a_code():
    with pytest.raises(NotEstimable) as refused:
        estimators.callaway_santanna(parallel(starts=(4.0,) * 12), **COLUMNS)
    assert refused.value.code == "all_treated"


@pytest.mark.parametrize("by", ["group_time", "group", "calendar", "event_time"])
def test_five_hundred_units_take_seconds(by):
    """The jackknife took 33 s; five seconds leave room for a slow machine."""
    rng = np.random.default_rng(1)
    frame = pd.DataFrame(
        [(u, t) for u in range(500) for t in range(10)], columns=["school", "term"]
    )
    first = np.where(np.arange(500) < 300, rng.integers(3, 9, 500), np.nan)
    frame = frame.assign(first=first[frame["school"]], y=rng.normal(size=len(frame)))
    began = time.process_time()
    rows = estimators.callaway_santanna(
        frame, outcome="y", first_treated="first", unit="school", time="term", by=by
    )
    assert time.process_time() - began < 5
    assert (rows["estimand"] == "simultaneous_band").sum() == 1
