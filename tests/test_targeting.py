"""Targeted support: one rule in every school, never the selection term as baseline, no reversion."""

import math

import numpy as np
import pandas as pd
import pytest

from pilot_analysis import panel, terms
from pilot_analysis.estimators.instrument import fieller_interval, instrumental_variables
from pilot_analysis.evaluation import targeting
from pilot_analysis.inference import few_clusters
from pilot_analysis.panel import eligibility
from pilot_analysis.parameters import Parameters, load

ABSENCE = panel.OUTCOMES["absence_share"]


@pytest.fixture(scope="module")
def built(tiny_processed):
    return panel.build(tiny_processed, Parameters())


def test_the_selection_term_is_two_before_the_start_and_never_in_the_comparison(built):
    when = panel.window(built, Parameters(), "GR")
    assert terms.label(when.selection) == "HT2018"
    assert terms.label(when.baseline) == "VT2019"
    assert terms.label(when.start) == "HT2019"
    data = panel.eligible_panel(built, Parameters(), "GR")
    assert when.selection not in set(data["term_number"])
    assert when.baseline in set(data["term_number"])
    with pytest.raises(ValueError, match="greater than or equal to 2"):
        load(overrides=("eligibility_lag=1",))


def test_the_same_rule_holds_in_every_school(built):
    data = panel.eligible_panel(built, Parameters(), "GR")
    rows = built.form("GR")
    then = rows[rows["term"] == "HT2018"].drop_duplicates("pupil", keep=False)
    by_pupil = data.drop_duplicates("pupil").set_index("pupil")
    then = then[then["pupil"].isin(by_pupil.index)].set_index("pupil")
    expected = (then["absence_share"] >= 0.15).astype(float)
    assert (by_pupil.loc[then.index, "eligible"] == expected).all()
    assert (by_pupil.loc[then.index, "origin"] == then["school"]).all()
    # By goals too, when the rule says so.
    wider = panel.eligible_panel(built, Parameters(eligibility_goals=0.8), "GR")
    assert wider["eligible"].sum() > data["eligible"].sum()


def test_pupils_stay_with_the_school_they_were_selected_at(built):
    data = panel.eligible_panel(built, Parameters(), "GR")
    assert len(data[["pupil", "origin"]].drop_duplicates()) == data["pupil"].nunique()
    moved = data[data["origin"] != data["school"]]
    first = built.form("GR").groupby("school")["first_treated_number"].first()
    assert len(moved) > 0
    expected = (moved["term_number"] >= moved["origin"].map(first)).astype(float)
    assert (moved["treated"] == expected).all()


def test_a_placebo_ends_before_the_pilot_and_starts_a_year_early(built):
    when = panel.window(built, Parameters(), "GR", shift=eligibility.PLACEBO_SHIFT)
    assert terms.label(when.selection) == "HT2017"
    assert terms.label(when.start) == "HT2018"
    data = panel.eligible_panel(built, Parameters(), "GR", shift=eligibility.PLACEBO_SHIFT)
    assert data["term"].max() != "HT2019"
    assert data["term_number"].max() == terms.number("VT2019")
    late = Parameters(first_term="HT2018")
    with pytest.raises(ValueError, match="selection term HT2017 is not in the panel"):
        panel.eligible_panel(
            panel.Panel(built.data[built.data["term_number"] >= 4037], built.flow),
            late,
            "GR",
            shift=eligibility.PLACEBO_SHIFT,
        )


def test_reversion_adds_up_by_hand():
    """Two pilot and two comparison pupils; 20 then 10 then 8 per cent, against 20, 12, 12."""
    rows = []
    for school, pilot, path in (("A", True, (0.2, 0.1, 0.08)), ("B", False, (0.2, 0.12, 0.12))):
        for pupil in range(2):
            for term, value in zip(("HT2018", "VT2019", "HT2019"), path, strict=True):
                rows.append(
                    {
                        "pupil": f"{school}{pupil}",
                        "school": school,
                        "school_form": "GR",
                        "term": term,
                        "term_number": terms.number(term),
                        "absence_share": value,
                        "scheduled_minutes": 100.0,
                        "goals_share_registered": 1.0,
                        "ever_treated": pilot,
                        "first_treated_number": 4039.0 if pilot else np.nan,
                    }
                )
    table = panel.reversion(panel.Panel(pd.DataFrame(rows), pd.DataFrame()), Parameters(), ABSENCE)
    table = table.set_index("schools")
    assert table.loc["pilot", "naive_change"] == pytest.approx(-12)
    assert table.loc["pilot", "before_any_mentor"] == pytest.approx(-10)
    assert table.loc["comparison", "naive_change"] == pytest.approx(-8)
    shares = targeting.mean_reversion_share(table.reset_index())
    assert shares["share_without_mentors"].iloc[0] == pytest.approx(8 / 12)


@pytest.mark.slow
def test_every_part_of_c3_and_c4_has_its_row(built, tiny_processed):
    table = targeting.evaluate_targeting(built, tiny_processed, Parameters())
    primary = table[table["specification"] == "primary"]
    assert {"C3", "C4"} == set(primary["claim"])
    assert set(primary.loc[primary["claim"] == "C4", "population"]) == {targeting.TARGETED}
    for kind in (
        "by_organisation",
        "spill_over",
        targeting.PLACEBO,
        "effect_of_a_mentor",
        "against_other_pupils_of_the_school",
    ):
        rows = table[table["specification"] == kind]
        assert set(rows["outcome"]) == set(targeting.MAIN_OUTCOMES), kind
    difference = table[table["estimand"] == "targeted_minus_class"]
    # Two schools of each organisation: no placement can reach 5 %, so an interval is assumed.
    assert (difference["p_value_min"] > 0.05).all()
    bounded = np.isfinite(difference["ci_low"])
    assert (bounded == (difference["assumption"] == "variance_ratio")).all()
    assert bounded[difference["school_form"] == "GR"].all()
    naive = table[table["model"] == targeting.NAIVE]
    assert naive["ci_low"].isna().all()
    assert naive["p_value"].isna().all()


# --- Instrumental variables -------------------------------------------------------------------


def pilot_panel(seed, schools=12, treated=6, pupils=30, effect=-2.0, take_up=0.6):
    rng = np.random.default_rng(seed)
    school = np.repeat(np.arange(schools), pupils)
    frame = pd.DataFrame(
        {
            "pupil": np.repeat(np.arange(schools * pupils), 6),
            "school": np.repeat(school, 6),
            "term": np.tile(np.arange(6), schools * pupils),
        }
    )
    frame["treated"] = ((frame["school"] < treated) & (frame["term"] >= 3)).astype(float)
    has = rng.random(schools * pupils) < take_up
    frame["mentored"] = frame["treated"] * has[frame["pupil"]]
    shock = rng.normal(0, 0.5, (schools, 6))[frame["school"], frame["term"]]
    frame["y"] = effect * frame["mentored"] + shock + rng.normal(size=len(frame))
    return frame


ARGUMENTS = {
    "outcome": "y",
    "treatment": "treated",
    "absorb": ("pupil", "term"),
    "time": "term",
    "cluster": "school",
}


def test_the_ratio_is_effect_over_take_up_and_inverts_its_test():
    frame = pilot_panel(1)
    found = instrumental_variables(frame, received="mentored", inference="CR2", **ARGUMENTS)
    row = found[found["estimand"] == "mentored"].iloc[0]
    first = found[found["estimand"] == "first_stage"].iloc[0]
    reduced = few_clusters.cluster_robust(
        frame,
        outcome="y",
        treatment="treated",
        absorb=("pupil", "term"),
        cluster="school",
        kind="CR2",
    )["estimate"].iloc[0]
    assert row["estimate"] == pytest.approx(reduced / first["estimate"], rel=1e-9)
    # At the interval's ends the Anderson-Rubin test is exactly at 5 %.
    for bound in (row["ci_low"], row["ci_high"]):
        moved = frame.assign(z=frame["y"] - bound * frame["mentored"])
        p = few_clusters.cluster_robust(
            moved,
            outcome="z",
            treatment="treated",
            absorb=("pupil", "term"),
            cluster="school",
            kind="CR2",
        )["p_value"].iloc[0]
        assert p == pytest.approx(0.05, abs=1e-6)


@pytest.mark.slow
def test_the_randomization_interval_holds_what_its_test_accepts():
    frame = pilot_panel(2, schools=8, treated=3, pupils=12)
    row = instrumental_variables(
        frame, received="mentored", inference="randomization", **ARGUMENTS
    ).iloc[0]
    assert row["ci_low"] < row["estimate"] < row["ci_high"]
    outside = frame.assign(
        z=frame["y"] - (row["ci_high"] + 0.5) * frame["mentored"],
        first=np.where(frame["school"] < 3, 3.0, np.nan),
    )
    p = few_clusters.randomization_inference(
        outside,
        outcome="z",
        first_treated="first",
        absorb=("pupil", "term"),
        time="term",
        cluster="school",
        seed=0,
    )["p_value"].iloc[0]
    assert p <= 0.05


def test_no_first_stage_is_refused_and_a_weak_one_has_no_bound():
    frame = pilot_panel(3).assign(mentored=0.0)
    with pytest.raises(ValueError, match=r"does not vary"):
        instrumental_variables(frame, received="mentored", inference="CR2", **ARGUMENTS)
    assert fieller_interval(1.0, 0.1, 0.04, 0.04, 0.0, 4.0) == (-math.inf, math.inf)
    # Fieller by hand: without covariance and with a certain denominator it is a plain interval.
    low, high = fieller_interval(2.0, 0.5, 0.25, 0.0, 0.0, 4.0)
    assert (low, high) == (pytest.approx(2.0), pytest.approx(6.0))


@pytest.mark.long
def test_the_mentors_effect_is_recovered_and_covered():
    covered, found = 0, []
    for seed in range(100):
        row = instrumental_variables(
            pilot_panel(seed, pupils=10), received="mentored", inference="CR2", **ARGUMENTS
        ).iloc[0]
        found.append(row["estimate"])
        covered += row["ci_low"] <= -2.0 <= row["ci_high"]
    assert abs(np.mean(found) + 2.0) < 3 * np.std(found) / np.sqrt(100)
    assert 0.90 <= covered / 100 <= 0.99  # Monte-Carlo error 2.2 points
