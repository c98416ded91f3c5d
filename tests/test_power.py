"""The smallest effect found: against brute force, and told apart from no effect."""

import math

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from pilot_analysis.cli import main
from pilot_analysis.inference import cross_products, few_clusters, power
from pilot_analysis.inference.least_squares import Fit

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


ARGUMENTS = {"outcome": "y", "treatment": "treated", "absorb": ("pupil", "term"), "time": "term",
             "cluster": "school"}  # fmt: skip


@pytest.mark.parametrize("inference", ["CR2", "CR3", "wild_bootstrap", "randomization"])
def test_the_smallest_effect_is_found_in_four_of_five_pilots(inference):
    """Add the effect to the pilots' own residual draws and test each one by the public function."""
    frame = make()
    smallest = power.detectable(frame, inference=inference, seed=3, simulations=200, **ARGUMENTS)
    rng = np.random.default_rng(8)
    cross, n = power._term_gram(frame, "y", "treated", ("pupil", "term"), "school", "term", None)
    errors = power._drawn(power._profiles(cross, n), 120, rng)
    found = 0
    kinds = {"CR2", "CR3"}
    for error in errors:
        y = error[frame["school"], frame["term"]] + smallest * frame["treated"]
        drawn = frame.assign(y=y, first=np.where(frame["school"] < 4, 4.0, np.nan))
        common = {"outcome": "y", "absorb": ("pupil", "term"), "cluster": "school"}
        if inference in kinds:
            row = few_clusters.cluster_robust(drawn, treatment="treated", kind=inference, **common)
        elif inference == "wild_bootstrap":
            row = few_clusters.wild_cluster_bootstrap(
                drawn, treatment="treated", draws=399, seed=1, **common
            )
        else:
            row = few_clusters.randomization_inference(
                drawn, first_treated="first", time="term", seed=1, **common
            )
        found += row["p_value"].iloc[0] <= 0.05
    assert found / len(errors) == pytest.approx(0.80, abs=0.12)  # 3 Monte-Carlo errors


def test_schools_paths_are_the_residual_school_term_means():
    frame = make(pupils=5)
    cross, n = power._term_gram(frame, "y", "treated", ("pupil", "term"), "school", "term", None)
    paths = power._profiles(cross, n)
    effect = Fit(cross_products.build(frame, outcomes=["y"], regressors=["treated"],
                            absorb=("pupil", "term"), cluster="school")).coefficients[0]  # fmt: skip
    means = frame.assign(r=frame["y"] - effect * frame["treated"]).pivot_table(
        index="school", columns="term", values="r"
    )
    residual = means.sub(means.mean(axis=1), axis=0)
    residual = residual - residual.mean()
    np.testing.assert_allclose(paths, residual.to_numpy() * math.sqrt(11 / 10), atol=1e-9)


def test_two_of_five_schools_find_nothing_however_large():
    frame = make(schools=5, treated=2)
    assert power.detectable(frame, seed=1, **ARGUMENTS) == math.inf
    found = power.plan(
        treated=2, schools=5, pupils=300, terms_before=4, terms_after=3, spread=SPREAD
    )
    assert found["detectable"] == math.inf
    assert found["smallest_p"] == pytest.approx(0.1)


def test_more_schools_and_terms_find_smaller_effects():
    def smallest(**changed):
        base = {"treated": 4, "schools": 11, "pupils": 300, "terms_before": 4, "terms_after": 3}
        return power.plan(spread=SPREAD, **(base | changed))["detectable"]

    assert smallest(schools=22, treated=8) < smallest()
    assert smallest(terms_before=8, terms_after=6) < smallest()
    assert smallest(pupils=3000) < smallest() < smallest(pupils=30)
    # The design facts put it near 2 points for a whole school with 4 + 4 terms (domain, section 5).
    assert 1.5 < smallest(terms_after=4) < 3.2


def test_variances_are_recovered():
    rng = np.random.default_rng(5)
    found = []
    for _ in range(30):
        frame = make(schools=20, treated=2, pupils=25)
        e = np.zeros((20, 7))
        z = rng.normal(size=(20, 7))
        e[:, 0] = z[:, 0]
        for t in range(1, 7):
            e[:, t] = 0.5 * e[:, t - 1] + math.sqrt(0.75) * z[:, t]
        frame["y"] = 1.5 * e[frame["school"], frame["term"]] + rng.normal(0, 3, len(frame))
        found.append(power.variances(frame, outcome="y", treatment="treated", unit="pupil",
                                     time="term", cluster="school"))  # fmt: skip
    # Paths are within school, so a constant part of the autocorrelated shock is not seen.
    assert np.mean([f.pupil_sd for f in found]) == pytest.approx(3.0, rel=0.03)
    assert np.mean([f.school_term_sd for f in found]) == pytest.approx(1.5, rel=0.25)
    assert 0.1 < np.mean([f.autocorrelation for f in found]) < 0.6


def test_excess_variation_holds_its_level_and_sees_shocks():
    def p(seed, sd):
        return power.excess_variation(make(seed, sd=sd), outcome="y", treatment="treated",
                                      unit="pupil", time="term", cluster="school")[1]  # fmt: skip

    assert np.mean([p(seed, 0.0) <= 0.05 for seed in range(100)]) <= 0.12
    assert np.mean([p(seed, 1.0) <= 0.05 for seed in range(20)]) == 1.0


def test_bad_designs_are_refused():
    for changed, words in (({"treated": 5}, "treated schools must be 1 to 4"),
                           ({"terms_before": 0}, "at least one term before")):  # fmt: skip
        base = {"treated": 2, "schools": 5, "pupils": 300, "terms_before": 4, "terms_after": 3}
        with pytest.raises(ValueError, match=words):
            power.plan(spread=SPREAD, **(base | changed))


def test_the_command_plans_and_draws(tmp_path):
    done = CliRunner().invoke(
        main, ["power", "--treated", "4", "--schools", "11", "--schools", "5", "--simulations",
               "200", "--out", str(tmp_path)],
    )  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "smallest effect found" in done.output
    assert {p.suffix for p in tmp_path.iterdir()} == {".svg", ".png", ".csv", ".txt"}
    wrong = CliRunner().invoke(main, ["power", "--treated", "4", "--schools", "4"])
    assert wrong.exit_code == 2
    assert "Traceback" not in wrong.output
