"""CR1, CR2 with Satterthwaite degrees of freedom, CR3 and the joint test against R.

Reference numbers made with R 4.2.2, clubSandwich (Debian 12) by `reference/clubsandwich.R`.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pilot_analysis.errors import NotEstimable
from pilot_analysis.inference import few_clusters, wald_test

REFERENCE = Path(__file__).parent / "reference"
EXPECTED = pd.read_csv(REFERENCE / "clubsandwich.csv").set_index(["weighted", "type"])
HOTELLING = pd.read_csv(REFERENCE / "hotelling.csv").set_index(["weighted", "restrictions"])


def ours(weighted, kind):
    panel = pd.read_csv(REFERENCE / "panel.csv")
    return few_clusters.cluster_robust(
        panel,
        outcome="outcome",
        treatment="treated",
        cluster="school",
        kind=kind,
        covariates=["covariate"],
        weights="weight" if weighted else None,
    ).iloc[0]


@pytest.mark.parametrize("weighted", [False, True])
def test_cr2_and_satterthwaite_equal_clubsandwich(weighted):
    row, expected = ours(weighted, "CR2"), EXPECTED.loc[(weighted, "CR2")]
    assert row["estimate"] == pytest.approx(expected["estimate"], rel=1e-9)
    assert row["std_error"] == pytest.approx(expected["std_error"], rel=1e-7)
    assert row["df"] == pytest.approx(expected["df"], rel=1e-7)


@pytest.mark.parametrize("weighted", [False, True])
def test_cr3_equals_the_jackknife_with_r_s_lm(weighted):
    row, expected = ours(weighted, "CR3"), EXPECTED.loc[(weighted, "jackknife")]
    assert row["estimate"] == pytest.approx(expected["estimate"], rel=1e-9)
    assert row["std_error"] == pytest.approx(expected["std_error"], rel=1e-7)


@pytest.mark.parametrize("weighted", [False, True])
def test_cr1_equals_clubsandwich_but_for_its_factor(weighted):
    """clubSandwich's CR1 has the factor G/(G-1) alone."""
    row, expected = ours(weighted, "CR1"), EXPECTED.loc[(weighted, "CR1")]
    n, k = row["n_obs"], 2 + 4  # treatment, covariate, four terms; pupils are nested in schools
    assert row["std_error"] / np.sqrt((n - 1) / (n - k)) == pytest.approx(
        expected["std_error"], rel=1e-7
    )


def corrected_example():
    """Pustejovsky & Tipton's correction (2023): ten rows in three clusters, weights 1/R."""
    rows = pd.DataFrame(
        {
            "y": [1.6, 4.1, 2.6, 1.0, 7.6, 6.7, 5.0, 3.1, 3.7, 5.8],
            "R": [1.0, 2.0, 1.0, 2.0, 3.0, 1.0, 2.0, 3.0, 4.0, 5.0],
            "cluster": list("AABBBCCCCC"),
        }
    )
    return few_clusters.cluster_robust(
        rows.assign(w=1 / rows["R"]),
        outcome="y",
        treatment="R",
        absorb=("cluster",),
        cluster="cluster",
        kind="CR2",
        weights="w",
    ).iloc[0]


def test_the_corrected_example_has_its_variance():
    """The root of the regression times the root of the weight gives 1.1732, 19 % more error."""
    assert corrected_example()["std_error"] ** 2 == pytest.approx(0.8275715, abs=5e-8)


@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("names", [("treated",), ("treated", "covariate")])
def test_the_joint_test_equals_clubsandwich(weighted, names):
    row = wald_test(
        pd.read_csv(REFERENCE / "panel.csv"),
        outcome="outcome",
        regressors=names,
        cluster="school",
        covariates=[c for c in ("covariate",) if c not in names],
        weights="weight" if weighted else None,
    ).iloc[0]
    expected = HOTELLING.loc[(weighted, len(names))]
    assert row["statistic"] == pytest.approx(expected["f"], rel=1e-7)
    assert row["df"] == pytest.approx(expected["df"], rel=1e-7)
    assert row["p_value"] == pytest.approx(expected["p_value"], rel=1e-7)


def test_more_coefficients_than_the_clusters_bear_are_refused():
    panel = pd.read_csv(REFERENCE / "panel.csv")
    rng = np.random.default_rng(1)
    names = [f"x{i}" for i in range(8)]
    panel[names] = rng.normal(size=(len(panel), 8))
    with pytest.raises(NotEstimable, match="8 clusters are too few"):
        wald_test(panel, outcome="outcome", regressors=names, cluster="school")
    with pytest.raises(ValueError, match="different columns"):
        wald_test(panel, outcome="outcome", regressors=["x1", "x1"], cluster="school")


def test_units_do_not_move_the_joint_test():
    panel = pd.read_csv(REFERENCE / "panel.csv")
    tests = [
        wald_test(
            panel.assign(covariate=panel["covariate"] * unit),
            outcome="outcome",
            regressors=["treated", "covariate"],
            cluster="school",
        )["p_value"].iloc[0]
        for unit in (1.0, 1e6)
    ]
    assert tests[1] == pytest.approx(tests[0], rel=1e-6)


@pytest.mark.slow
def test_a_true_joint_null_is_rejected_at_the_level():
    """300 panels of 16 clusters, three coefficients, Monte-Carlo error 1.3 points."""
    rng = np.random.default_rng(4)
    p = []
    for _ in range(300):
        rows = pd.DataFrame({"g": np.repeat(np.arange(16), 12), "one": 1})
        for name in ("a", "b", "c"):
            rows[name] = rng.normal(size=16)[rows["g"]] + rng.normal(size=len(rows))
        rows["y"] = rng.normal(size=16)[rows["g"]] + rng.normal(size=len(rows))
        p.append(
            wald_test(rows, outcome="y", regressors=["a", "b", "c"], absorb=("one",), cluster="g")[
                "p_value"
            ].iloc[0]
        )
    assert 0.015 <= np.mean(np.array(p) <= 0.05) <= 0.075
