"""The size study: cells stand in for pupils exactly, and its rates are what it says."""

import numpy as np
import pandas as pd
import pytest

from pilot_analysis.inference import (
    choice,
    few_clusters,
    many_tests,
    size_and_power,
    studies,
    two_sample,
)


def test_school_term_cells_give_the_same_inference_as_pupils():
    """In a balanced pupil panel, cells weighted by pupils are exact: nothing is lost by using them."""
    rng = np.random.default_rng(1)
    size = rng.integers(5, 40, 9)
    pupil = np.arange(size.sum())
    school = np.repeat(np.arange(9), size)
    panel = pd.DataFrame(
        {
            "pupil": np.repeat(pupil, 7),
            "school": np.repeat(school, 7),
            "term": np.tile(range(7), size.sum()),
        }
    )
    shock = rng.normal(size=(9, 7))[panel["school"], panel["term"]]
    panel["y"] = shock + rng.normal(size=len(panel)) + rng.normal(size=size.sum())[panel["pupil"]]
    panel["first"] = np.where(panel["school"] < 3, 4.0, np.nan)
    panel["treated"] = (panel["term"] >= panel["first"]).astype(float)
    cells = panel.groupby(["school", "term"], as_index=False).agg(
        y=("y", "mean"), n=("pupil", "size"), first=("first", "first"), treated=("treated", "first")
    )
    by_pupil = {"absorb": ("pupil", "term")}
    by_cell = {"absorb": ("school", "term"), "weights": "n"}
    common = {"outcome": "y", "cluster": "school"}
    for kind in ("CR2", "CR3"):
        a = few_clusters.cluster_robust(panel, treatment="treated", kind=kind, **common, **by_pupil)
        b = few_clusters.cluster_robust(cells, treatment="treated", kind=kind, **common, **by_cell)
        for column in ("estimate", "std_error", "df", "p_value"):
            assert a[column].iloc[0] == pytest.approx(b[column].iloc[0], rel=1e-9), (kind, column)
    a = few_clusters.wild_cluster_bootstrap(
        panel, treatment="treated", seed=1, **common, **by_pupil
    )
    b = few_clusters.wild_cluster_bootstrap(cells, treatment="treated", seed=1, **common, **by_cell)
    assert a["p_value"].iloc[0] == b["p_value"].iloc[0]
    arguments = {"first_treated": "first", "time": "term", "seed": 1, **common}
    a = few_clusters.randomization_inference(panel, **arguments, **by_pupil)
    b = few_clusters.randomization_inference(cells, **arguments, **by_cell)
    assert a["p_value"].tolist() == b["p_value"].tolist()


def test_a_fresh_draw_of_the_study_agrees_with_the_committed_table():
    """400 new panels of one cell, each method within four Monte-Carlo errors of the table."""
    cell = size_and_power.Cell("3 of 7", 3, 7, "unequal", "treated twice", 0.4, "normal")
    assert cell in size_and_power.cells()
    names = [
        "design",
        "sizes",
        "error_variance",
        "autocorrelation",
        "shocks",
        "terms",
        "weights",
        "method",
    ]
    fresh = pd.DataFrame(size_and_power.run_cell(cell, 400)).set_index(names)
    table = studies.read().set_index(names).loc[fresh.index]
    rate = table["rejection_rate"]
    error = np.sqrt(rate * (1 - rate) * (1 / fresh["panels"] + 1 / table["panels"]))
    assert ((fresh["rejection_rate"] - rate).abs() <= 4 * error + 0.005).all()


def test_many_panels_at_once_are_the_tests_one_by_one():
    rng = np.random.default_rng(2)
    treated = np.arange(9) < 3
    changes = rng.standard_normal((5, 9))
    numbers = many_tests.Numbers.of(changes, np.ones(9), treated)
    names = {"least favourable": "least_favourable"}
    for method in many_tests.CLOSED:
        if method == "least favourable, 1.5":
            continue
        reach = many_tests.reach(numbers, method)
        for panel, found in zip(changes, reach, strict=True):
            two = two_sample.TwoArms.equal(panel[:3].std(ddof=1), panel[3:].std(ddof=1), 3, 6)
            expected = two_sample.decide(two, names.get(method, method)).reach(0.95)
            assert found == pytest.approx(expected, rel=1e-9), method


def test_the_study_meets_its_bar_and_the_choice_follows_it():
    """4 of 11: at most 6.6 % in the worst cell and 3.4 points detectable in the first twelve."""
    table = studies.read()
    rows = table[
        (table["design"] == "4 of 11")
        & (table["terms"] == "equal")
        & (table["weights"] == "schools")
        & (table["method"] == "least favourable")
    ]
    assert rows["rejection_rate"].max() <= 0.066
    assert rows.loc[rows["shocks"] == "normal", "detectable_effect"].mean() <= 3.4
    assert len(rows) == 24
    for name, (treated, schools) in size_and_power.DESIGNS.items():
        method = choice.choose_school_level(treated, schools)
        same = table[
            (table["design"] == name)
            & (table["terms"] == "equal")
            & (table["weights"] == "schools")
            & (table["method"] == method.replace("_", " "))
        ]
        assert np.isfinite(same["detectable_effect"]).all()
        assert same["rejection_rate"].max() <= 0.066
