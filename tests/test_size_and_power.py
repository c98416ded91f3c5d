"""The size study: cells stand in for pupils exactly, and its rates are what it says."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from pilot_analysis.inference import few_clusters, size_and_power, studies


def test_school_term_cells_give_the_same_inference_as_pupils():
    """In a balanced pupil panel, cells weighted by pupils are exact: nothing is lost by using them."""
    rng = np.random.default_rng(1)
    size = rng.integers(5, 40, 9)
    pupil = np.arange(size.sum())
    school = np.repeat(np.arange(9), size)
    panel = pd.DataFrame(
        {"pupil": np.repeat(pupil, 7), "school": np.repeat(school, 7), "term": np.tile(range(7), size.sum())}
    )  # fmt: skip
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


@pytest.mark.slow
def test_a_fresh_draw_of_the_study_agrees_with_the_committed_table():
    """400 new panels of one cell, each method within four Monte-Carlo errors of the table."""
    cell = size_and_power.Cell("4 of 11", ((4, 11),), "unequal", "equal", 0.4)
    rows = [
        row for seed in range(1000, 1020) for row in size_and_power._test_panels(cell, 20, seed)
    ]
    fresh = pd.DataFrame(rows)
    table = studies.read()
    table = table[
        (table["design"] == "4 of 11") & (table["sizes"] == "unequal")
        & (table["error_variance"] == "equal") & (table["autocorrelation"] == 0.4)
    ].set_index("method")["rejection_rate"]  # fmt: skip
    for method, rate in table.items():
        found = (fresh[f"{method}|0"] <= 0.05 + 1e-12).mean()
        error = np.sqrt(rate * (1 - rate) * (1 / 400 + 1 / 2000))
        assert abs(found - rate) < 4 * error + 0.005, method


@pytest.mark.slow
def test_size_and_uniformity_under_random_placement():
    """Randomization inference is exact: p-values uniform (Kolmogorov-Smirnov) and 5 % rejected."""
    cell = size_and_power.Cell("4 of 11", ((4, 11),), "equal", "equal", 0.4)
    rows = [row for seed in range(40) for row in size_and_power._test_panels(cell, 20, seed)]
    p = pd.DataFrame(rows)["RI t|0"]
    assert 0.03 <= (p <= 0.05).mean() <= 0.075
    # p-values are multiples of 1/330; a uniform spread inside each step makes them continuous.
    spread = p - np.random.default_rng(1).random(len(p)) / 330
    assert stats.kstest(spread, "uniform").pvalue > 0.001
