"""CR1, CR2 with Satterthwaite degrees of freedom and CR3 against R.

Reference numbers made with R 4.2.2, clubSandwich (Debian 12) by `reference/clubsandwich.R`.
"""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pilot_analysis.inference import few_clusters

REFERENCE = Path(__file__).parent / "reference"
EXPECTED = pd.read_csv(REFERENCE / "clubsandwich.csv").set_index(["weighted", "type"])


def ours(weighted, kind):
    panel = pd.read_csv(REFERENCE / "panel.csv")
    return few_clusters.cluster_robust(
        panel, outcome="outcome", treatment="treated", cluster="school", kind=kind,
        covariates=["covariate"], weights="weight" if weighted else None,
    ).iloc[0]  # fmt: skip


@pytest.mark.parametrize("weighted", [False, True])
def test_cr2_and_satterthwaite_equal_clubsandwich(weighted):
    kind = "CR2 transformed" if weighted else "CR2"
    row, expected = ours(weighted, "CR2"), EXPECTED.loc[(weighted, kind)]
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


def test_weighted_cr2_is_close_to_clubsandwich_s_other_root():
    """Both roots are unbiased under the working model; here they differ by 0.13 %."""
    row, expected = ours(True, "CR2"), EXPECTED.loc[(True, "CR2")]
    assert row["std_error"] == pytest.approx(expected["std_error"], rel=0.002)
