"""The generator: bytes, levels, truth, and what each nuisance does to a naive evaluation."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from conftest import MINI

from pilot_analysis import terms
from pilot_analysis.inference import few_clusters
from pilot_analysis.ingest import ingest
from pilot_analysis.synthetic import attendance, calibration, grades, identifiers, population
from pilot_analysis.synthetic.export import simulate
from pilot_analysis.synthetic.scenario import NUISANCES, SCENARIOS, Scenario

SMALL = SCENARIOS["small"]
FIRST = terms.number("HT2019")


def stays(scenario, with_grades=False):
    """Return the simulated stays with measured absence, without writing any file."""
    people = population.build(scenario)
    presence = attendance.simulate(scenario, people)
    table = presence.stays
    minutes = presence.weeks.groupby("stay")[["measured_absent", "scheduled", "reported"]].sum()
    table["measured"] = minutes["measured_absent"] / minutes["scheduled"]
    table["reporting"] = minutes["reported"] / minutes["scheduled"]
    table["pilot_school"] = people.schools["pilot"].to_numpy()[table["school"]]
    table["organisation"] = people.schools["organisation"].to_numpy()[table["school"]]
    table["pupil_school"] = table["pupil"].astype(str) + " " + table["school"].astype(str)
    table["treated"] = table["active"].astype(float)
    if with_grades:
        table = table.join(grades.simulate(scenario, people, table).outcomes)
    return table


def effect(table, outcome, form, absorb=("pupil_school", "term")):
    rows = table[(table["form"] == form) & table[outcome].notna()]
    return few_clusters.cluster_robust(
        rows.assign(y=rows[outcome]),
        outcome="y",
        treatment="treated",
        absorb=absorb,
        cluster="school",
        kind="CR1",
    )["estimate"].iloc[0]


def change(table, outcome, form, pilot=True):
    """Return the naive before-after change of pilot (or other) schools."""
    rows = table[(table["form"] == form) & (table["pilot_school"] == pilot)]
    after = rows["term"] >= FIRST
    return rows.loc[after, outcome].mean() - rows.loc[~after, outcome].mean()


@pytest.mark.slow
def test_same_seed_gives_the_same_bytes(tmp_path):
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / ".betyg.csv.partial").write_text("what a killed simulation left\n")
    first, second = simulate(MINI, tmp_path / "a"), simulate(MINI, tmp_path / "b")
    assert first["files"] == second["files"]
    assert (tmp_path / "a" / "truth.json").read_bytes() == (
        tmp_path / "b" / "truth.json"
    ).read_bytes()
    assert not list((tmp_path / "b").glob(".*"))
    other = simulate(replace(MINI, seed=1), tmp_path / "c")
    assert other["files"]["franvaro_2017-18.csv"] != first["files"]["franvaro_2017-18.csv"]


def test_truth_names_every_switch_with_its_size(tiny_raw):
    truth = json.loads((tiny_raw / "truth.json").read_text(encoding="utf-8"))
    assert truth["synthetic"] is True
    assert "not evidence" in truth["notice"]
    for name, sizes in NUISANCES.items():
        assert truth["nuisances"][name] == {"on": True, **sizes}
    known = {(e["outcome"], e["population"], e["school_form"]) for e in truth["effects"]}
    assert {("absence_share", "all", "GR"), ("goals_share_registered", "all", "GY")} <= known


@pytest.mark.slow
def test_a_municipality_may_have_upper_secondary_schools_only(tmp_path):
    only = replace(MINI, gr_pilot=0, gr_comparison=0)
    truth = simulate(only, tmp_path / "raw")
    assert {effect["school_form"] for effect in truth["effects"]} == {"GY"}
    assert ingest(tmp_path / "raw", tmp_path / "processed")["synthetic"]


@pytest.mark.slow
def test_a_switch_leaves_everything_it_does_not_move(tmp_path):
    """Without the pilot's effect, absence without the pilot is the same to the last lesson."""
    with_effect, without = stays(SMALL), stays(replace(SMALL, effect_scale=0.0))
    untreated = ~with_effect["active"]
    pd.testing.assert_series_equal(
        with_effect.loc[untreated, "absence"], without.loc[untreated, "absence"]
    )
    assert (without["absence"] == without["absence_without_pilot"]).all()


def test_unknown_nuisances_are_refused():
    with pytest.raises(ValueError, match="unknown nuisance"):
        SMALL.without("weather")
    with pytest.raises(ValueError, match="unknown nuisance"):
        Scenario(nuisances=frozenset(["weather"]))


def test_identity_numbers_are_test_numbers_with_a_right_check_digit():
    rng = np.random.default_rng(1)
    ids = identifiers.pupil_ids(np.full(3000, 2004), rng.random(3000) < 0.5, rng)
    assert len(set(ids)) == 3000
    numbers = [i for i in ids if i.isdigit()]
    assert len(numbers) > 400
    assert {n[8:11] for n in numbers} == {"238", "239"}
    for n in numbers[:50]:
        digits = [int(c) * (2 - i % 2) for i, c in enumerate(n[2:])]
        assert sum(d // 10 + d % 10 for d in digits) % 10 == 0


@pytest.mark.slow
def test_levels_meet_their_targets():
    """The default scenario is calibrated; `docs/calibration.md` shows the same table."""
    table = calibration.measure(SCENARIOS["linkoping"])
    outside = table[(table["simulated"] < table["low"]) | (table["simulated"] > table["high"])]
    assert outside.empty, outside.to_string()


# --- The truth is recovered when nothing disturbs -------------------------------------------


@pytest.mark.long
def test_true_effects_are_recovered_without_nuisances():
    """An estimator is linear, so its error is what it makes of the outcome without the pilot."""
    forms, outcomes = ("GR", "GY"), ("absence", "goals_share_registered")
    errors = {(form, outcome): [] for form in forms for outcome in outcomes}
    truths = {form: [] for form in forms}
    for seed in range(25):
        table = stays(replace(SMALL.without(), seed=seed), with_grades=True)
        for outcome in outcomes:
            table = table.assign(planted=table[outcome] - table[f"{outcome}_without_pilot"])
            for form in forms:
                planted = effect(table, "planted", form)
                errors[form, outcome].append(effect(table, outcome, form) - planted)
                if outcome == "absence":
                    truths[form].append(planted)
    for about, found in errors.items():
        error = np.std(found, ddof=1) / np.sqrt(len(found))
        assert abs(np.mean(found)) < 3 * error, about
    for form in forms:
        # 12 % less of about 9 to 10 % absence.
        assert np.mean(truths[form]) == pytest.approx(-0.012, abs=0.003), form


# --- Each nuisance moves a naive estimate as it should -----------------------------------------

NONE = SMALL.without()


@pytest.mark.slow
def test_closer_reporting_hides_the_fall_of_absence():
    plain = stays(SMALL.only("unreported_lessons"))
    closer = stays(SMALL.only("unreported_lessons", "closer_reporting"))
    for form in ("GR", "GY"):
        assert effect(closer, "reporting", form) == pytest.approx(0.05, abs=0.01)
        # 5 points more reported of about 9 % absence: 0.4 to 0.5 points.
        shift = effect(closer, "measured", form) - effect(plain, "measured", form)
        assert 0.002 < shift < 0.008


@pytest.mark.slow
def test_remote_teaching_lowers_absence_in_upper_secondary_school():
    shift = change(stays(SMALL.only("remote_teaching")), "absence", "GY", pilot=False)
    assert shift < change(stays(NONE), "absence", "GY", pilot=False) - 0.003


@pytest.mark.slow
def test_the_pandemic_raises_absence_in_lower_secondary_school():
    shift = change(stays(SMALL.only("pandemic_absence")), "absence", "GR", pilot=False)
    assert shift > change(stays(NONE), "absence", "GR", pilot=False) + 0.01


@pytest.mark.slow
def test_cancelled_tests_lift_grades_everywhere():
    lifted = stays(SMALL.only("cancelled_tests"), with_grades=True)
    plain = stays(NONE, with_grades=True)
    for pilot in (True, False):
        assert change(lifted, "merit", "GR", pilot) > change(plain, "merit", "GR", pilot) + 3
    # but not the difference between the schools
    assert effect(lifted, "merit", "GR") == pytest.approx(effect(plain, "merit", "GR"), abs=2)


def _fall_of_selected(scenario):
    table = stays(scenario)
    by_term = table.drop_duplicates(["pupil", "term"]).pivot(
        index="pupil", columns="term", values="absence"
    )
    before, after = FIRST - 3, FIRST - 2
    selected = by_term[before] >= 0.20
    return (by_term.loc[selected, after] - by_term.loc[selected, before]).mean()


@pytest.mark.slow
def test_pupils_picked_on_high_absence_fall_back_by_themselves():
    """Untreated pupils selected at 20 % fall 4 to 8 points (domain facts); without the part that is
    new each term only lesson noise is left."""
    with_regression = _fall_of_selected(SMALL.only("regression_to_the_mean"))
    without = _fall_of_selected(NONE)
    assert -0.09 < with_regression < -0.03
    assert abs(without) < 0.5 * abs(with_regression)


@pytest.mark.slow
def test_shocks_make_schools_differ():
    def variance_of_means(scenario):
        table = stays(scenario)
        means = table[table["form"] == "GR"].groupby(["school", "term"])["absence"].mean()
        return means.var()

    assert variance_of_means(SMALL.only("shocks")) > 2 * variance_of_means(NONE)


@pytest.mark.slow
def test_the_prestudy_contaminates_the_baseline():
    plain, contaminated = stays(NONE), stays(SMALL.only("prestudy"))
    assert effect(contaminated, "absence", "GY") > effect(plain, "absence", "GY") + 0.0005


@pytest.mark.slow
def test_spillover_reaches_pupils_without_a_mentor():
    def without_mentor(scenario):
        table = stays(scenario)
        rows = table[(table["organisation"] == "targeted") & table["active"] & ~table["mentored"]]
        return (rows["absence"] - rows["absence_without_pilot"]).mean()

    assert without_mentor(SMALL.only("heterogeneity")) == 0
    assert without_mentor(SMALL.only("heterogeneity", "spillover")) < 0


@pytest.mark.slow
def test_effects_differ_by_organisation_and_earlier_absence():
    table = stays(SMALL.only("heterogeneity"))
    active = table[table["active"]]
    change_by_pilot = active["absence"] - active["absence_without_pilot"]
    mentored = active["mentored"]
    by_class = change_by_pilot[active["organisation"] == "class"].mean()
    targeted = change_by_pilot[(active["organisation"] == "targeted") & mentored].mean()
    assert targeted < by_class < 0
    high = active["high_earlier_absence"] & (active["organisation"] == "class")
    assert change_by_pilot[high].mean() < by_class


@pytest.mark.slow
def test_selective_leaving_flatters_pilot_schools():
    """Pupils with high absence leave pilot schools: comparing schools shows a fall that is none."""
    large = replace(NONE, effect_scale=0.0, gr_size=340)
    plain, leaving = stays(large), stays(replace(large, nuisances={"selective_leaving"}))
    shift, kept = (
        effect(leaving, "propensity", "GR", absorb) - effect(plain, "propensity", "GR", absorb)
        for absorb in (("school", "term"), ("pupil_school", "term"))
    )
    assert shift < -0.001
    assert abs(kept) < 0.5 * abs(shift)


@pytest.mark.slow
def test_a_mentor_has_as_many_pupils_as_sources_give(tmp_path):
    """30 to 90 pupils a full-time mentor, fewer where pupils are picked than where classes are."""
    simulate(replace(SCENARIOS["small"], gr_size=340, gy_pilot=0, gy_comparison=0), tmp_path)
    table = pd.read_csv(tmp_path / "exponering.csv", sep=";", decimal=",")
    pilot = table[table["status"] == "pilot"]
    loads = pilot.groupby("organisation")["elever_per_mentor"].agg(["min", "max"])
    assert 30 <= loads.loc["riktad", "min"] <= loads.loc["riktad", "max"] <= 45
    assert 70 <= loads.loc["klass", "min"] <= loads.loc["klass", "max"] <= 110
    assert (pilot["kostnad_kr"] == (290_000 * pilot["mentorer_heltid"]).round()).all()
