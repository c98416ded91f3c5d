"""The smallest effect found: against brute force, and told apart from no effect."""

import math

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from pilot_analysis import estimators
from pilot_analysis.cli import main
from pilot_analysis.inference import power, school_terms, two_sample

SPREAD = power.Variances(1.25, 0.4, 6.0)


def make(seed=1, schools=11, treated=4, pupils=20, first=4, sd=1.0):
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        [(g, g * 1000 + i, t) for g in range(schools) for i in range(pupils) for t in range(7)],
        columns=["school", "pupil", "term"],
    )
    shock = rng.normal(0, sd, (schools, 7))[frame["school"], frame["term"]]
    frame["y"] = shock + rng.normal(0, 2, len(frame))
    frame["treated"] = ((frame["school"] < treated) & (frame["term"] >= first)).astype(float)
    return frame


def simulated(two, method, n, effect, seed=4):
    """Draw pilots with these arms' variances and count how often the public test finds the effect."""
    rng = np.random.default_rng(seed)
    found = 0
    pilots, others = round(1 / two.pilot.squares), round(1 / two.other.squares)
    for _ in range(n):
        a = rng.normal(effect, math.sqrt(two.pilot.variance), pilots)
        b = rng.normal(0, math.sqrt(two.other.variance), others)
        spread = (a.std(ddof=1) if pilots > 1 else 1.0, b.std(ddof=1))
        drawn = two_sample.TwoArms.equal(*spread, pilots, others)
        found += abs(a.mean() - b.mean()) > two_sample.decide(drawn, method).reach(0.95)
    return found / n


@pytest.mark.slow
@pytest.mark.parametrize("method", ["least_favourable", "welch", "CR3", "pooled"])
@pytest.mark.parametrize(("sds", "schools"), [((2.0, 1.0), (4, 7)), ((1.0, 1.0), (2, 3))])
def test_the_smallest_effect_is_found_in_four_of_five_pilots(method, sds, schools):
    two = two_sample.TwoArms.equal(*sds, *schools)
    smallest = two_sample.detectable(two, method)
    test = two_sample.decide(two, method)
    assert smallest >= test.reach(0.95)
    if smallest == test.reach(0.95):
        assert simulated(two, method, 1_500, smallest) >= 0.77
    else:
        # The power curve is steep here: 3 % of the effect is about 3 points of power.
        assert simulated(two, method, 1_500, smallest) == pytest.approx(0.80, abs=0.035)


def test_plan_and_run_agree():
    """A run whose schools vary exactly as planned reports the plan's figure."""
    spread = power.Variances(1.0, 0.0, 0.0)
    planned = power.plan(
        treated=4, schools=11, pupils=1, terms_before=1, terms_after=1, spread=spread
    )["detectable"]
    change = np.r_[np.linspace(-1, 1, 4), np.linspace(-1, 1, 7)]
    for arm in (slice(0, 4), slice(4, None)):
        change[arm] *= math.sqrt(2) / change[arm].std(ddof=1)
    rows = pd.DataFrame(
        {
            "school": np.repeat(range(11), 2),
            "term": [0, 1] * 11,
            "y": np.column_stack([np.zeros(11), change]).ravel(),
            "start": np.repeat([1.0] * 4 + [np.nan] * 7, 2),
        }
    )
    row = estimators.school_level_did(
        rows, outcome="y", first_treated="start", time="term", cluster="school"
    ).iloc[0]
    assert row["detectable_effect"] == pytest.approx(planned, rel=1e-9)


def test_starts_that_differ_are_planned_as_they_are_estimated():
    """The estimate's variance, cell by cell of schools and terms, is the plan's."""
    starts, schools, terms = [3, 3, 5, 6], 9, 8
    first = np.r_[np.array(starts, dtype=float), np.full(schools - len(starts), np.nan)]
    rows = pd.DataFrame(
        {
            "school": np.repeat(range(schools), terms),
            "term": np.tile(range(terms), schools),
            "start": np.repeat(first, terms),
        }
    )
    weights = np.empty(schools * terms)
    for cell in range(schools * terms):
        one = rows.assign(y=(rows.index == cell).astype(float))
        read = school_terms.of(one, value="y", first_treated="start", time="term", cluster="school")
        weights[cell] = school_terms.contrast(read).estimate
    periods = np.arange(float(terms))
    parts = [SPREAD.change_sd(own, periods, 300) ** 2 for own in weights.reshape(schools, terms)]
    design = {"treated": 4, "schools": schools, "pupils": 300, "spread": SPREAD}
    design |= {"terms_before": 3, "terms_after": 5}
    two = two_sample.TwoArms.equal(
        4 * math.sqrt(np.mean(parts[:4])), 5 * math.sqrt(np.mean(parts[4:])), 4, 5
    )
    found = power.plan(starts=starts, **design)
    assert found["detectable"] == pytest.approx(
        two_sample.detectable(two, found["inference"]), rel=1e-9
    )
    assert found["smallest_p"] == pytest.approx(1 / (math.comb(9, 2) * 7 * 6))
    assert found["detectable"] != pytest.approx(power.plan(**design)["detectable"], rel=1e-3)
    assert power.plan(starts=[3] * 4, **design) == power.plan(**design)


def test_two_of_five_schools_find_something_only_under_an_assumption():
    design = {"treated": 2, "schools": 5, "pupils": 300, "terms_before": 4, "terms_after": 3}
    found = power.plan(spread=SPREAD, inference="welch", **design)
    assert found["detectable"] == math.inf
    assert found["smallest_p"] == pytest.approx(0.1)
    assert 4 < power.plan(spread=SPREAD, **design)["detectable"] < 9


def test_more_schools_and_terms_find_smaller_effects():
    def smallest(**changed):
        base = {"treated": 4, "schools": 11, "pupils": 300, "terms_before": 4, "terms_after": 3}
        return power.plan(spread=SPREAD, **(base | changed))["detectable"]

    assert smallest(schools=22, treated=8) < smallest()
    assert smallest(terms_before=8, terms_after=6) < smallest()
    assert smallest(pupils=3000) < smallest() < smallest(pupils=30)
    # The design facts put it near 2 points for a whole school with 4 + 4 terms (domain, section 5).
    assert 1.5 < smallest(terms_after=4) < 3.2


@pytest.mark.long
def test_variances_are_recovered():
    rng = np.random.default_rng(5)
    found = []
    for _ in range(120):
        frame = make(schools=20, treated=2, pupils=25)
        e = np.zeros((20, 7))
        z = rng.normal(size=(20, 7))
        e[:, 0] = z[:, 0]
        for t in range(1, 7):
            e[:, t] = 0.5 * e[:, t - 1] + math.sqrt(0.75) * z[:, t]
        frame["y"] = 1.5 * e[frame["school"], frame["term"]] + rng.normal(0, 3, len(frame))
        found.append(
            power.variances(
                frame, outcome="y", treatment="treated", unit="pupil", time="term", cluster="school"
            )
        )
    assert np.mean([f.pupil_sd for f in found]) == pytest.approx(3.0, rel=0.03)
    # Three Monte-Carlo errors of 120 panels are about 2 % and .03.
    assert np.mean([f.school_term_sd for f in found]) == pytest.approx(1.5, rel=0.03)
    assert np.mean([f.autocorrelation for f in found]) == pytest.approx(0.5, abs=0.03)


@pytest.mark.slow
def test_excess_variation_holds_its_level_and_sees_shocks():
    def p(seed, sd):
        return power.excess_variation(
            make(seed, sd=sd),
            outcome="y",
            treatment="treated",
            unit="pupil",
            time="term",
            cluster="school",
        )[1]

    assert np.mean([p(seed, 0.0) <= 0.05 for seed in range(100)]) <= 0.12
    assert np.mean([p(seed, 1.0) <= 0.05 for seed in range(20)]) == 1.0


def test_bad_designs_are_refused():
    for changed, words in (
        ({"treated": 5}, "treated schools must be 1 to 4"),
        ({"terms_before": 0}, "at least one term before"),
        ({"starts": [4]}, "starts are of 1 schools, not of the 2"),
        ({"starts": [4, 7]}, "at least one term before its start"),
    ):
        base = {"treated": 2, "schools": 5, "pupils": 300, "terms_before": 4, "terms_after": 3}
        with pytest.raises(ValueError, match=words):
            power.plan(spread=SPREAD, **(base | changed))


def test_the_command_plans_and_draws(tmp_path):
    done = CliRunner().invoke(
        main,
        ["power", "--treated", "4", "--schools", "11", "--schools", "5", "--out", str(tmp_path)],
    )
    assert done.exit_code == 0, done.output
    assert "smallest effect found" in done.output
    assert {p.suffix for p in tmp_path.iterdir()} == {".svg", ".png", ".csv", ".txt"}
    wrong = CliRunner().invoke(main, ["power", "--treated", "4", "--schools", "4"])
    assert wrong.exit_code == 2
    assert "Traceback" not in wrong.output
