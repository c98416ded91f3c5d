"""Models for shares, grades and pupils in schools against R; DiD variants against publications.

Reference numbers made with R 4.2.2 (glm, MASS::polr, lme4::lmer) by `reference/models.R`.
"""

import warnings
from pathlib import Path

import brute_force
import numpy as np
import pandas as pd
import pytest

from pilot_analysis.estimators import did, regression
from pilot_analysis.inference import few_clusters

REFERENCE = Path(__file__).parent / "reference"
R = pd.read_csv(REFERENCE / "models.csv").set_index("name")["value"]


@pytest.fixture(scope="module")
def panel():
    table = pd.read_csv(REFERENCE / "panel.csv")
    return table.assign(
        share=1 / (1 + np.exp(-table["outcome"])),
        yes=(table["outcome"] > 0).astype(float),
        grade=np.searchsorted([-0.5, 0.5], table["outcome"]).astype(float),
        ever=table["first_treated"].notna().astype(float),
    )


@pytest.mark.parametrize(("outcome", "model"), [("share", "fractional logit"), ("yes", "logit")])
def test_logistic_effect_on_the_treated_equals_r(panel, outcome, model):
    row = regression.logistic(
        panel,
        outcome=outcome,
        treatment="treated",
        group="school",
        time="term",
        cluster="school",
        covariates=["covariate"],
    ).iloc[0]
    assert row["estimate"] == pytest.approx(R[f"{outcome} effect"], rel=1e-6)
    assert row["model"].startswith(model)


def test_logistic_interval_is_the_jackknife(panel):
    arguments = {
        "outcome": "share",
        "treatment": "treated",
        "group": "school",
        "time": "term",
        "cluster": "school",
    }
    row = regression.logistic(panel, **arguments).iloc[0]
    left_out = [
        regression.logistic(panel[panel["school"] != s], **arguments)["estimate"].iloc[0]
        for s in panel["school"].unique()
    ]
    expected = np.sqrt(7 / 8 * np.sum((np.array(left_out) - row["estimate"]) ** 2))
    assert row["std_error"] == pytest.approx(expected, rel=1e-8)


@pytest.mark.slow
def test_ordered_logit_equals_r(panel):
    row = regression.ordered_logit(
        panel,
        outcome="grade",
        treatment="treated",
        time="term",
        cluster="school",
        covariates=["covariate"],
    ).iloc[0]
    assert row["estimate"] == pytest.approx(R["polr treated"], rel=1e-3)
    assert row["unit"] == "log odds"


def _after(panel):
    """Return the later terms, with schools that differ, so that no variance is zero."""
    rows = panel[panel["term"] >= 3]
    return rows.assign(outcome=rows["outcome"] + 0.3 * rows["school"])


def test_mixed_model_equals_r(panel):
    after = _after(panel)
    table = regression.mixed_model(
        after, outcome="outcome", treatment="ever", cluster="school", covariates=["covariate"]
    ).set_index("estimand")
    assert table.loc["ever", "estimate"] == pytest.approx(R["lmer ever"], rel=1e-5)
    assert table.loc["ever", "std_error"] == pytest.approx(R["lmer se"], rel=1e-4)
    assert table.loc["intra_class_correlation", "estimate"] == pytest.approx(
        R["lmer icc"], rel=1e-4
    )
    correction = 1 - 3 / (4 * (len(after) - 2) - 1)
    g = R["lmer ever"] / R["lmer total sd"] * correction
    assert table.loc["hedges_g", "estimate"] == pytest.approx(g, rel=1e-4)


def test_ancova_equals_r(panel):
    row = regression.ancova(
        _after(panel),
        outcome="outcome",
        baseline="covariate",
        treatment="ever",
        time="term",
        cluster="school",
    ).iloc[0]
    assert row["estimate"] == pytest.approx(R["ancova ever"], rel=1e-9)
    assert row["method"] == "CR2"


REFUSED = {
    "a share above one": (lambda d: d.assign(share=2.0), "must lie between 0 and 1"),
    "no variation": (lambda d: d.assign(share=0.5), "does not vary"),
    "a separated outcome": (
        lambda d: d.assign(share=(d["treated"] == 1).astype(float)),
        "separated|does not vary",
    ),
    "all missing": (lambda d: d.assign(share=np.nan), "no row has 'share'"),
    "an infinite share": (
        lambda d: d.assign(share=np.where(d.index == 1, np.inf, d["share"])),
        "infinite",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_estimated_is_refused_in_words(panel, name):
    spoil, message = REFUSED[name]
    with pytest.raises(ValueError, match=message):
        regression.logistic(
            spoil(panel),
            outcome="share",
            treatment="treated",
            group="school",
            time="term",
            cluster="school",
        )


# --- Published numbers ----------------------------------------------------------------------


@pytest.mark.parametrize(("model", "outcome"), [("ols", "outcome"), ("logistic", "yes")])
def test_a_school_left_out_of_a_categorical_column_is_left_out_of_the_regression(
    panel, model, outcome
):
    """Categories keep the levels of what was filtered away: columns of zeros, and a singular design."""
    left_out = panel["school"] == panel["school"].iloc[-1]
    as_category = panel.assign(
        school=panel["school"].astype("category"), term=panel["term"].astype("category")
    )
    options = {"treatment": "treated", "group": "school", "time": "term", "cluster": "school"}
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rows = [
            getattr(regression, model)(data[~left_out], outcome=outcome, **options)
            for data in (panel, as_category)
        ]
    pd.testing.assert_frame_equal(*rows)


def test_organ_donations():
    """Active choice and organ donation: -0.022 (0.006), clustered by state.

    Kessler & Roth (2014) as reproduced in Huntington-Klein, The Effect, chapter 18; data from the
    package causaldata. One treated state of 27: this standard error is not to be trusted, which is
    the point of `few_clusters`.
    """
    table = pd.read_csv(REFERENCE / "organ_donations.csv")
    after = table["Quarter"].isin(["Q32011", "Q42011", "Q12012"])
    table["treated"] = ((table["State"] == "California") & after).astype(float)
    row = few_clusters.cluster_robust(
        table,
        outcome="Rate",
        treatment="treated",
        absorb=("State", "Quarter"),
        cluster="State",
        kind="CR1",
    ).iloc[0]
    assert row["estimate"] == pytest.approx(-0.022, abs=5e-4)
    assert row["std_error"] == pytest.approx(0.006, abs=5e-4)
    order = {
        q: i for i, q in enumerate(["Q42010", "Q12011", "Q22011", "Q32011", "Q42011", "Q12012"])
    }
    table["period"] = table["Quarter"].map(order)
    placed = did.two_way_fixed_effects(
        table, outcome="Rate", treatment="treated", unit="State", time="period", cluster="State"
    ).iloc[0]
    assert placed["p_value"] >= 1 / 27
    assert placed["p_value_min"] == pytest.approx(1 / 27)


def test_proposition_99():
    """California's tobacco programme: -15.6 packs by synthetic DiD, -27.3 by plain DiD.

    Arkhangelsky, Athey, Hirshberg, Imbens & Wager (2021), table 1; data from the package
    synthdid-py. Their placebo standard error is 8.4; ours is one draw of it.
    """
    table = pd.read_csv(REFERENCE / "prop99.csv", sep=";")
    arguments = {
        "outcome": "PacksPerCapita",
        "treatment": "treated",
        "unit": "State",
        "time": "Year",
    }
    row = did.synthetic_did(table, seed=1, **arguments).iloc[0]
    assert row["estimate"] == pytest.approx(-15.6, abs=0.05)
    assert row["std_error"] == pytest.approx(8.4, rel=0.25)
    plain = did.two_way_fixed_effects(table, cluster="State", **arguments).iloc[0]
    assert plain["estimate"] == pytest.approx(-27.3, abs=0.05)
    assert plain["p_value_min"] == pytest.approx(1 / 39)


# --- Decomposition, synthetic and triple difference ----------------------------------------------


def _cells(seed=3, n_schools=11, n_terms=7, starts=(4, 4, 4, 4), effect=0.0):
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(
        [(s, t) for s in range(n_schools) for t in range(n_terms)], columns=["school", "term"]
    )
    table["first"] = table["school"].map(dict(enumerate(map(float, starts))))
    table["treated"] = (table["term"] >= table["first"]).astype(float)
    table["y"] = (
        rng.normal(0, 0.3, len(table))
        + table["school"]
        + 0.2 * table["term"]
        + effect * table["treated"]
    )
    return table


def test_goodman_bacon_weights_sum_to_one_and_give_two_way_fixed_effects():
    table = _cells(starts=(3, 3, 5, 5))
    rows = did.goodman_bacon(table, outcome="y", first_treated="first", unit="school", time="term")
    parts = rows[rows["estimand"] != "two_way_fixed_effects"]
    assert set(parts["estimand"]) == {"treated_vs_never", "earlier_vs_later", "later_vs_earlier"}
    assert parts["weight"].sum() == pytest.approx(1, abs=1e-5)
    twfe = did.two_way_fixed_effects(
        table,
        outcome="y",
        treatment="treated",
        unit="school",
        time="term",
        cluster="school",
        inference="CR1",
    )["estimate"].iloc[0]
    assert (parts["weight"] * parts["estimate"]).sum() == pytest.approx(twfe, abs=1e-5)
    assert rows["estimate"].iloc[-1] == pytest.approx(twfe, rel=1e-8)


def test_synthetic_did_finds_a_planted_effect_and_none():
    for effect in (0.0, 5.0):
        row = did.synthetic_did(
            _cells(effect=effect),
            outcome="y",
            treatment="treated",
            unit="school",
            time="term",
            seed=1,
        ).iloc[0]
        assert row["estimate"] == pytest.approx(effect, abs=0.5)
        assert row["ci_low"] < effect < row["ci_high"]
        assert (row["p_value"] < 0.05) == (effect > 0)
        assert row["p_value"] >= 1 / 330


def test_synthetic_did_refuses_what_it_cannot_estimate():
    arguments = {
        "outcome": "y",
        "treatment": "treated",
        "unit": "school",
        "time": "term",
        "seed": 1,
    }
    with pytest.raises(ValueError, match="must have one start"):
        did.synthetic_did(_cells(starts=(3, 4)), **arguments)
    with pytest.raises(ValueError, match="more comparison than treated"):
        did.synthetic_did(_cells(n_schools=6, starts=(4, 4, 4)), **arguments)
    with pytest.raises(ValueError, match="1 of 11 x 7"):
        did.synthetic_did(_cells().iloc[1:], **arguments)


def test_triple_difference_by_hand():
    """The difference between eligible and other pupils' differences, in a balanced panel."""
    rng = np.random.default_rng(2)
    rows = [(s, f"{s}-{i}", t, i % 2) for s in range(8) for i in range(4) for t in range(2)]
    table = pd.DataFrame(rows, columns=["school", "pupil", "term", "eligible"])
    table["treated"] = ((table["school"] < 3) & (table["term"] == 1)).astype(float)
    table["y"] = rng.normal(size=len(table)) + 2 * table["treated"] * table["eligible"]
    row = did.triple_difference(
        table,
        outcome="y",
        treatment="treated",
        eligible="eligible",
        unit="pupil",
        time="term",
        cluster="school",
    ).iloc[0]
    wide = table.pivot(index=["school", "pupil", "eligible"], columns="term", values="y")
    step = (wide[1] - wide[0]).groupby(["school", "eligible"]).mean().unstack()
    gap = step[1] - step[0]
    assert row["estimate"] == pytest.approx(gap.iloc[:3].mean() - gap.iloc[3:].mean(), rel=1e-9)
    # The report looks the row up by its estimand.
    assert (row["estimand"], row["term"]) == ("eligible_minus_others", "treated x eligible")


def test_romano_wolf_over_several_outcomes():
    panel = brute_force.small_panel(n_schools=9)
    rng = np.random.default_rng(1)
    panel["noise"] = rng.normal(size=len(panel))
    panel["strong"] = 3 * panel["treated"] + 0.1 * rng.normal(size=len(panel))
    table = few_clusters.family_wise(
        panel,
        outcomes=["outcome", "noise", "strong"],
        treatment="treated",
        cluster="school",
        seed=1,
    ).set_index("outcome")
    alone = few_clusters.wild_cluster_bootstrap(
        panel,
        outcome=["outcome", "noise", "strong"],
        treatment="treated",
        cluster="school",
        seed=1,
    ).set_index("outcome")["p_value"]
    assert (table["p_value"] >= alone - 1e-12).all()
    assert table["p_value"].idxmin() == "strong"
    one = few_clusters.family_wise(
        panel, outcomes=["noise"], treatment="treated", cluster="school", seed=1
    )["p_value"].iloc[0]
    assert one == pytest.approx(alone["noise"], abs=1e-12)


@pytest.mark.parametrize("control_group", ["never_treated", "not_yet_treated"])
def test_callaway_santanna_groups_by_hand(control_group):
    """The first group's first effect, against never or not-yet treated schools."""
    table = _cells(starts=(3, 3, 5, 5))
    rows = brute_force.by_estimand(
        did.callaway_santanna(
            table,
            outcome="y",
            first_treated="first",
            unit="school",
            time="term",
            control_group=control_group,
        )
    )
    wide = table.pivot(index="school", columns="term", values="y")
    others = slice(4, None) if control_group == "never_treated" else slice(2, None)
    first = (wide[3] - wide[2]).iloc[:2].mean() - (wide[3] - wide[2]).iloc[others].mean()
    second = (wide[5] - wide[4]).iloc[2:4].mean() - (wide[5] - wide[4]).iloc[4:].mean()
    assert rows.loc[0, "estimate"] == pytest.approx((first + second) / 2, rel=1e-9)


def test_callaway_santanna_with_covariates_is_doubly_robust():
    """A trend that follows a covariate biases the plain estimate and not the adjusted one."""
    rng = np.random.default_rng(1)
    n = 3000
    x = rng.normal(size=n)
    treated = rng.random(n) < 1 / (1 + np.exp(-x))
    table = pd.DataFrame(
        {
            "pupil": np.repeat(np.arange(n), 3),
            "term": np.tile(range(3), n),
            "x": np.repeat(x, 3),
            "first": np.repeat(np.where(treated, 2.0, np.nan), 3),
        }
    )
    trend = table["x"] * table["term"]
    effect = 0.5 * (table["term"] >= table["first"])
    table["y"] = trend + effect + rng.normal(0, 0.5, len(table))
    table["school"] = table["pupil"] % 40
    arguments = {"outcome": "y", "first_treated": "first", "unit": "pupil", "time": "term"}
    plain = did.callaway_santanna(table, cluster="school", **arguments)
    adjusted = did.callaway_santanna(table, cluster="school", covariates=["x"], **arguments)
    assert abs(plain.set_index("estimand").loc["overall", "estimate"] - 0.5) > 0.4
    assert adjusted.set_index("estimand").loc["overall", "estimate"] == pytest.approx(0.5, abs=0.1)
    assert adjusted["method"].iloc[0] == "clustered_normal"
