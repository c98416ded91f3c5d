"""Few-cluster inference against brute force, enumeration and independent implementations."""

import brute_force
import numpy as np
import pandas as pd
import pytest

from pilot_analysis.inference import cross_products, few_clusters, wild_bootstrap

CASES = {
    "plain": ((), None, 0),
    "covariate": (("covariate",), None, 0),
    "weights": ((), "weight", 0),
    "covariate and weights": (("covariate",), "weight", 0),
    "pupils who change school": (("covariate",), "weight", 2),
}


def _case(name):
    covariates, weights, movers = CASES[name]
    panel = brute_force.small_panel(movers=movers)
    w = panel[weights].to_numpy() if weights else np.ones(len(panel))
    X = brute_force.design(panel, covariates=covariates)
    arguments = {
        "outcome": "outcome",
        "absorb": ("pupil", "term"),
        "cluster": "school",
        "covariates": covariates,
        "weights": weights,
    }
    return panel, X, panel["outcome"].to_numpy(), panel["school"].to_numpy(), w, arguments


@pytest.mark.parametrize("name", CASES)
def test_estimate_and_cr1_equal_the_dummy_regression(name):
    panel, X, y, groups, w, arguments = _case(name)
    row = few_clusters.cluster_robust(panel, treatment="treated", kind="CR1", **arguments).iloc[0]
    beta = brute_force.ols(X, y, w)
    assert row["estimate"] == pytest.approx(beta[0], rel=1e-10)
    variance = brute_force.cr1_squares(X, y - X @ beta, groups, w)
    n, g = len(panel), panel["school"].nunique()
    if name != "pupils who change school":  # crossing pupils count as parameters of their own
        k = 1 + len(arguments["covariates"]) + panel["term"].nunique() - 1
        variance *= g / (g - 1) * (n - 1) / (n - k)
        assert row["std_error"] == pytest.approx(np.sqrt(variance), rel=1e-10)


@pytest.mark.parametrize("name", CASES)
def test_cr2_and_its_degrees_of_freedom_equal_the_full_matrices(name):
    panel, X, y, groups, w, arguments = _case(name)
    row = few_clusters.cluster_robust(panel, treatment="treated", kind="CR2", **arguments).iloc[0]
    variance, df = brute_force.cr2(X, y, groups, w)
    assert row["std_error"] == pytest.approx(np.sqrt(variance), rel=1e-10)
    assert row["df"] == pytest.approx(df, rel=1e-10)


@pytest.mark.parametrize("name", CASES)
def test_the_order_of_rows_and_what_is_not_used_do_not_matter(name):
    panel, *_, arguments = _case(name)
    shuffled = panel.sample(frac=1, random_state=7)
    unused = pd.concat([shuffled.assign(outcome=np.nan), shuffled], ignore_index=True)
    asked = {"treatment": "treated", "kind": "CR2"} | arguments
    expected = few_clusters.cluster_robust(panel, **asked).iloc[0]
    for other in (shuffled, unused):
        row = few_clusters.cluster_robust(other, **asked).iloc[0]
        for column in ("estimate", "std_error", "df"):
            assert row[column] == pytest.approx(expected[column], rel=1e-9)
        assert row[["n_obs", "n_pupils"]].equals(expected[["n_obs", "n_pupils"]])


@pytest.mark.parametrize("name", CASES)
def test_cr3_equals_refitting_without_each_school(name):
    panel, X, y, groups, w, arguments = _case(name)
    row = few_clusters.cluster_robust(panel, treatment="treated", kind="CR3", **arguments).iloc[0]
    assert row["std_error"] == pytest.approx(np.sqrt(brute_force.cr3(X, y, groups, w)), rel=1e-10)


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("null", [0.0, 0.7])
def test_enumerated_wild_bootstrap_equals_refitting_every_draw(name, null):
    panel, X, y, groups, w, arguments = _case(name)
    row = few_clusters.wild_cluster_bootstrap(
        panel, treatment="treated", null=null, seed=1, **arguments
    ).iloc[0]
    assert row["p_value"] == brute_force.wild_p_value(X, y, groups, w, null)
    assert row["p_value_min"] == 2 / 2**6


@pytest.mark.slow
@pytest.mark.parametrize("weights", [None, "weight"])
def test_the_wild_bootstrap_of_a_regressor_that_varies_in_every_school(weights):
    """Refitting every draw: no school is free of it, so none is treated or not."""
    panel = brute_force.small_panel()
    w = panel[weights].to_numpy() if weights else np.ones(len(panel))
    X = brute_force.design(panel, treatment="covariate", covariates=("treated",))
    row = few_clusters.wild_cluster_bootstrap(
        panel,
        outcome="outcome",
        treatment="covariate",
        covariates=("treated",),
        cluster="school",
        weights=weights,
        seed=1,
    ).iloc[0]
    assert row["p_value"] == brute_force.wild_p_value(
        X, panel["outcome"].to_numpy(), panel["school"].to_numpy(), w
    )


@pytest.mark.slow
def test_enumerated_webb_bootstrap_equals_refitting_every_draw():
    panel = brute_force.small_panel(n_schools=4)
    X = brute_force.design(panel)
    points = np.sqrt([0.5, 1.0, 1.5])
    expected = brute_force.wild_p_value(
        X,
        panel["outcome"].to_numpy(),
        panel["school"].to_numpy(),
        np.ones(len(panel)),
        points=(*-points, *points),
    )
    row = few_clusters.wild_cluster_bootstrap(
        panel, outcome="outcome", treatment="treated", cluster="school", distribution="webb", seed=1
    ).iloc[0]
    assert row["p_value"] == expected


@pytest.mark.slow
@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("null", [0.0, 0.7])
def test_randomization_equals_refitting_every_placement(name, null):
    panel, _, _, _, w, arguments = _case(name)
    table = few_clusters.randomization_inference(
        panel, first_treated="first_treated", time="term", null=null, seed=1, **arguments
    )
    studentised, plain, n = brute_force.randomization_p_values(
        panel, arguments["covariates"], w, null
    )
    assert n == 60  # 6! / (3! 2! 1!): three never, two from term 3, one from term 2
    assert table["p_value"].tolist() == [studentised, plain]
    assert table["p_value_min"].tolist() == [1 / 60, 1 / 60]


def test_randomization_within_strata_equals_refitting_every_placement():
    panel = brute_force.small_panel()
    panel["form"] = np.where(panel["school"].isin([0, 3, 4]), "GR", "GY")
    table = few_clusters.randomization_inference(
        panel,
        outcome="outcome",
        first_treated="first_treated",
        time="term",
        cluster="school",
        strata="form",
        seed=1,
    )
    studentised, plain, n = brute_force.randomization_p_values(
        panel, (), np.ones(len(panel)), strata="form"
    )
    assert n == 18
    assert table["p_value"].tolist() == [studentised, plain]


def _school_cells(n_schools, treated, seed=3, n_terms=7):
    rng = np.random.default_rng(seed)
    panel = pd.DataFrame(
        [(s, t) for s in range(n_schools) for t in range(n_terms)], columns=["school", "term"]
    )
    panel["first_treated"] = np.where(panel["school"] < treated, 4.0, np.nan)
    panel["treated"] = (panel["term"] >= panel["first_treated"]).astype(float)
    panel["outcome"] = rng.normal(size=len(panel))
    return panel


def test_two_of_five_schools_can_never_reach_five_percent():
    panel = _school_cells(5, 2)
    panel["outcome"] += 1000 * panel["treated"]
    table = few_clusters.randomization_inference(
        panel,
        outcome="outcome",
        first_treated="first_treated",
        absorb=("school", "term"),
        time="term",
        cluster="school",
        seed=1,
    )
    assert (table["p_value"] == 0.1).all()
    assert (table["p_value_min"] == 0.1).all()
    assert np.isinf(table[["ci_low", "ci_high"]].to_numpy()).all()


@pytest.mark.parametrize(
    ("n_schools", "treated", "expected"), [(11, 4, 330), (5, 2, 10), (6, 2, 15), (20, 4, 4845)]
)
def test_number_of_placements_is_the_binomial_coefficient(n_schools, treated, expected):
    start = np.where(np.arange(n_schools) < treated, 0, -1).astype(np.int8)
    where = few_clusters.placements(
        start, np.zeros(n_schools, dtype=np.int64), 10**5, np.random.default_rng(1)
    )
    assert where.exact
    assert len(where.start) == expected
    assert len(np.unique(where.start, axis=0)) == expected
    assert (where.start[0] == start).all()


def test_joint_placements_over_both_school_forms():
    start = np.r_[[0] * 4, [-1] * 16, [0] * 2, [-1] * 4].astype(np.int8)
    strata = np.r_[[0] * 20, [1] * 6]
    where = few_clusters.placements(start, strata, 10**5, np.random.default_rng(1))
    assert len(where.start) == 72_675


def test_a_mirrored_design_counts_its_mirror_image():
    """With 4 of 8 schools the complement gives the same statistic, so p is at least 2/70."""
    panel = _school_cells(8, 4)
    panel["outcome"] += 1000 * panel["treated"]
    table = few_clusters.randomization_inference(
        panel,
        outcome="outcome",
        first_treated="first_treated",
        absorb=("school", "term"),
        time="term",
        cluster="school",
        seed=1,
    )
    assert table["p_value"].tolist() == [2 / 70, 2 / 70]
    assert table["p_value_min"].tolist() == [2 / 70, 2 / 70]


def test_sampled_placements_use_the_plus_one_rule():
    panel = _school_cells(20, 4)
    panel["outcome"] += 1000 * panel["treated"]
    table = few_clusters.randomization_inference(
        panel,
        outcome="outcome",
        first_treated="first_treated",
        absorb=("school", "term"),
        time="term",
        cluster="school",
        seed=1,
        max_placements=199,
    )
    # The observed placement may be drawn again, hence "at least".
    assert (table["p_value"] >= 1 / 200).all()
    assert (table["p_value_min"] == 1 / 200).all()
    exact = few_clusters.randomization_inference(
        _school_cells(20, 4),
        outcome="outcome",
        first_treated="first_treated",
        absorb=("school", "term"),
        time="term",
        cluster="school",
        seed=1,
    )["p_value"]
    drawn = few_clusters.randomization_inference(
        _school_cells(20, 4),
        outcome="outcome",
        first_treated="first_treated",
        absorb=("school", "term"),
        time="term",
        cluster="school",
        seed=1,
        max_placements=4000,
    )["p_value"]
    # Monte-Carlo error of 4,000 draws is at most 0.008.
    assert drawn.to_numpy() == pytest.approx(exact.to_numpy(), abs=0.03)


@pytest.mark.parametrize("level", [0.90, 0.95])
def test_intervals_hold_exactly_the_null_values_that_are_not_rejected(level):
    panel = brute_force.small_panel(n_schools=9)
    common = {"outcome": "outcome", "cluster": "school", "seed": 1}
    wild = few_clusters.wild_cluster_bootstrap(
        panel, treatment="treated", ci_level=level, **common
    ).iloc[0]
    placed = few_clusters.randomization_inference(
        panel, first_treated="first_treated", time="term", ci_level=level, **common
    )
    for row, run in [
        (
            wild,
            lambda b: few_clusters.wild_cluster_bootstrap(
                panel, treatment="treated", null=b, **common
            ).iloc[0],
        ),
        *[
            (
                placed.iloc[i],
                lambda b, i=i: few_clusters.randomization_inference(
                    panel, first_treated="first_treated", time="term", null=b, **common
                ).iloc[i],
            )
            for i in (0, 1)
        ],
    ]:
        for bound, inward in ((row["ci_low"], 1), (row["ci_high"], -1)):
            step = 1e-6 * (row["ci_high"] - row["ci_low"])
            assert run(bound + inward * step)["p_value"] > 1 - level
            assert run(bound - inward * step)["p_value"] <= 1 - level


def test_scaling_and_shifting_the_outcome_scales_estimates_and_keeps_p_values():
    panel = brute_force.small_panel()
    changed = panel.assign(outcome=100 * panel["outcome"] + 7)
    for run in (
        lambda d: few_clusters.cluster_robust(
            d, outcome="outcome", treatment="treated", cluster="school", kind="CR2"
        ),
        lambda d: few_clusters.wild_cluster_bootstrap(
            d, outcome="outcome", treatment="treated", cluster="school", seed=1
        ),
    ):
        before, after = run(panel).iloc[0], run(changed).iloc[0]
        for column in ("estimate", "std_error", "ci_low", "ci_high"):
            assert after[column] == pytest.approx(100 * before[column], rel=1e-6)
        assert after["p_value"] == pytest.approx(before["p_value"], abs=1e-12)


def test_order_of_rows_and_names_of_schools_do_not_matter():
    panel = brute_force.small_panel()
    shuffled = panel.sample(frac=1, random_state=1)
    run = lambda d: few_clusters.cluster_robust(  # noqa: E731
        d, outcome="outcome", treatment="treated", cluster="school", kind="CR2"
    ).iloc[0]
    assert run(shuffled)["std_error"] == pytest.approx(run(panel)["std_error"], rel=1e-12)


def test_several_outcomes_in_one_call_equal_one_call_each():
    panel = brute_force.small_panel()
    rng = np.random.default_rng(5)
    panel["second"] = rng.normal(size=len(panel))
    panel["third"] = np.where(rng.random(len(panel)) < 0.2, np.nan, panel["second"] + 1)
    names = ["outcome", "second", "third"]
    arguments = {"treatment": "treated", "cluster": "school", "seed": 1}
    together = few_clusters.wild_cluster_bootstrap(panel, outcome=names, **arguments)
    for name in names:
        alone = few_clusters.wild_cluster_bootstrap(panel, outcome=name, **arguments)
        found = together[together["outcome"] == name].reset_index(drop=True)
        pd.testing.assert_frame_equal(found, alone)


def test_rows_of_weight_zero_count_as_absent():
    panel = brute_force.small_panel()
    panel.loc[panel.index[:10], "weight"] = 0.0
    arguments = {
        "outcome": "outcome",
        "treatment": "treated",
        "cluster": "school",
        "weights": "weight",
        "kind": "CR1",
    }
    with_zeros = few_clusters.cluster_robust(panel, **arguments)
    without = few_clusters.cluster_robust(panel.iloc[10:], **arguments)
    pd.testing.assert_frame_equal(with_zeros, without)


def test_pupils_seen_once_do_not_move_the_estimate():
    panel = brute_force.small_panel()
    extra = panel.iloc[[0]].assign(pupil="seen once", outcome=1e6)
    run = lambda d: few_clusters.wild_cluster_bootstrap(  # noqa: E731
        d, outcome="outcome", treatment="treated", cluster="school", seed=1
    ).iloc[0]
    assert run(pd.concat([panel, extra]))["estimate"] == pytest.approx(run(panel)["estimate"])


BAD_INPUT = {
    "a missing column": (lambda d: d.drop(columns="school"), "no column 'school'"),
    "an infinite outcome": (
        lambda d: d.assign(outcome=np.where(d.index == 3, np.inf, d["outcome"])),
        "'outcome' has 1 infinite",
    ),
    "an empty cluster": (
        lambda d: d.assign(school=d["school"].where(d.index != 3)),
        "'school' is empty in 1 of",
    ),
    "an empty treatment": (
        lambda d: d.assign(treated=d["treated"].where(d.index != 3)),
        "'treated' is empty in 1 of",
    ),
    "nobody treated": (lambda d: d.assign(treated=0.0), "'treated' is collinear"),
    "everybody treated": (lambda d: d.assign(treated=1.0), "'treated' is collinear"),
    "a constant outcome": (lambda d: d.assign(outcome=2.0), "'outcome' does not vary"),
    "an all-missing outcome": (lambda d: d.assign(outcome=np.nan), "no row has 'outcome'"),
    "one school": (lambda d: d[d["school"] == 0], "collinear|single cluster|does not vary"),
    "one treated school": (
        lambda d: d.assign(treated=d["treated"] * (d["school"] == 0)),
        "at least two treated",
    ),
    "text as outcome": (lambda d: d.assign(outcome="high"), "'outcome' must be numeric"),
}


@pytest.mark.parametrize("name", BAD_INPUT)
def test_bad_input_is_refused_with_the_column_and_the_rule(name):
    spoil, message = BAD_INPUT[name]
    with pytest.raises(ValueError, match=message):
        few_clusters.wild_cluster_bootstrap(
            spoil(brute_force.small_panel()),
            outcome="outcome",
            treatment="treated",
            cluster="school",
            seed=1,
        )


def test_collinear_covariates_are_named():
    panel = brute_force.small_panel().assign(twice=lambda d: 2 * d["covariate"])
    with pytest.raises(ValueError, match="'twice' is collinear"):
        few_clusters.cluster_robust(
            panel,
            outcome="outcome",
            treatment="treated",
            cluster="school",
            kind="CR1",
            covariates=("covariate", "twice"),
        )


def test_cr3_refuses_when_the_only_treated_school_is_left_out():
    panel = _school_cells(6, 1)
    with pytest.raises(ValueError, match="not identified without one of them"):
        few_clusters.cluster_robust(
            panel,
            outcome="outcome",
            treatment="treated",
            absorb=("school", "term"),
            cluster="school",
            kind="CR3",
        )


def test_a_school_without_later_terms_is_a_defined_result():
    panel = brute_force.small_panel()
    panel = panel[(panel["school"] != 4) | (panel["term"] < 2)]
    X = brute_force.design(panel)
    expected = brute_force.wild_p_value(
        X, panel["outcome"].to_numpy(), panel["school"].to_numpy(), np.ones(len(panel))
    )
    row = few_clusters.wild_cluster_bootstrap(
        panel, outcome="outcome", treatment="treated", cluster="school", seed=1
    ).iloc[0]
    assert row["p_value"] == expected


def test_a_treated_school_without_variation_is_a_defined_result():
    panel = brute_force.small_panel()
    panel.loc[panel["school"] == 0, "outcome"] = 0.5
    X = brute_force.design(panel)
    expected = brute_force.wild_p_value(
        X, panel["outcome"].to_numpy(), panel["school"].to_numpy(), np.ones(len(panel))
    )
    row = few_clusters.wild_cluster_bootstrap(
        panel, outcome="outcome", treatment="treated", cluster="school", seed=1
    ).iloc[0]
    assert row["p_value"] == expected


def test_romano_wolf_by_hand():
    """Three statistics, four draws; p by step-down maxima, worked by hand."""
    draws = np.array([[3.5, 0.1, 0.2], [0.5, 2.5, 0.3], [0.2, 0.4, 1.2], [0.1, 0.3, 0.6]])
    adjusted = few_clusters.romano_wolf(np.array([3.0, 2.0, 1.0]), draws)
    # 3.0: one of four maxima (3.5, 2.5, 1.2, 0.6) reaches it: 2/5.
    # 2.0 among the last two columns: maxima 0.2, 2.5, 1.2, 0.6: one: 2/5.
    # 1.0 in the last column: 0.2, 0.3, 1.2, 0.6: one: 2/5.
    assert adjusted.tolist() == [0.4, 0.4, 0.4]


def test_absorbed_effects_never_become_columns():
    panel = brute_force.small_panel()
    cross = cross_products.build(
        panel,
        outcomes=["outcome"],
        regressors=["treated"],
        absorb=["pupil", "term"],
        cluster="school",
    )
    assert cross.names[0] == "treated"
    assert len(cross.names) == 1 + panel["term"].nunique() - 1


# --- Bootstrap blocks ----------------------------------------------------------------------------


@pytest.mark.parametrize("name", CASES)
def test_blocks_together_are_one_bootstrap_with_all_their_draws(name, monkeypatch):
    panel, *_, arguments = _case(name)
    question = {"treatment": "treated", "distribution": "webb", **arguments}
    sizes = (400, 300, 299)
    blocks = [
        few_clusters.wild_cluster_bootstrap_block(panel, draws=n, seed=3, block=i, **question)
        for i, n in enumerate(sizes)
    ]
    assert not np.allclose(blocks[0].head(299), blocks[2])
    together = few_clusters.wild_cluster_bootstrap_from_blocks(panel, blocks, **question)
    # The same draws in one go: the bootstrap is handed the blocks' weights.
    points = wild_bootstrap._DISTRIBUTIONS["webb"]
    rngs = [np.random.default_rng([3, i]) for i in range(3)]
    drawn = [r.integers(0, 6, (n, 6), dtype=np.int8) for r, n in zip(rngs, sizes, strict=True)]
    monkeypatch.setattr(
        wild_bootstrap, "bootstrap_weights", lambda *_: (points[np.concatenate(drawn)], False)
    )
    once = few_clusters.wild_cluster_bootstrap(panel, draws=999, seed=3, **question)
    pd.testing.assert_frame_equal(together, once, rtol=1e-9)
    assert together["p_value"].iloc[0] == once["p_value"].iloc[0]
    assert together["p_value_min"].iloc[0] == 1 / 1000
