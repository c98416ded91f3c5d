"""Sensitivity: each check against arithmetic, an independent computation or a known drift."""

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from pilot_analysis import disclosure, estimates, panel, terms
from pilot_analysis.estimators import school_level_did
from pilot_analysis.estimators.did import event_study
from pilot_analysis.evaluation import checks
from pilot_analysis.evaluation.checks import missing
from pilot_analysis.evaluation.fitting import ADJUSTED_FOR
from pilot_analysis.inference import few_clusters
from pilot_analysis.panel import OUTCOMES, Panel
from pilot_analysis.parameters import Parameters

OUTCOME = OUTCOMES["goals_share_registered"]
PARAMETERS = Parameters()


def make(seed=1, drift=0.0, effect=0.0, shock=0.01, schools=11, treated=4, pupils=12, form="GR"):
    """A panel of HT2017 to HT2020 in shares: pilot schools drift by `drift` a term from the first."""
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame(
        [
            (f"s{g:02d}", f"p{g}-{i}", g, t)
            for g in range(schools)
            for i in range(pupils)
            for t in range(7)
        ],
        columns=["school", "pupil", "g", "t"],
    )
    ever = frame["g"] < treated
    moved = rng.normal(0, shock, (schools, 7))[frame["g"], frame["t"]]
    y = 0.8 + drift * frame["t"] * ever + effect * (ever & (frame["t"] >= 4)) + moved
    return frame.assign(
        term_number=4035 + frame["t"],
        first_treated_number=np.where(ever, 4039.0, np.nan),
        term=[terms.label(n) for n in 4035 + frame["t"]],
        ever_treated=ever,
        treated=(ever & (frame["t"] >= 4)).astype(float),
        school_form=form,
        stay=pd.factorize(frame["pupil"])[0],
        grade=7,
        scheduled_minutes=1000.0,
        earlier_prestudy=False,
        organisation=None,
        goals_share_registered=y + rng.normal(0, 0.01, len(frame)),
    )


# --- Drift -----------------------------------------------------------------------------------


def test_a_drift_before_the_start_is_measured_in_its_own_unit():
    rows = checks.pre_trend(make(drift=0.02), OUTCOME, "GR", PARAMETERS).set_index("estimand")
    assert rows.loc["slope", "estimate"] == pytest.approx(2.0, abs=0.8)
    assert rows.loc["slope", "p_value"] < 0.05
    assert rows.loc[["slope", "detectable_slope"], "unit"].eq("percentage points a term").all()
    assert rows.loc["bias_it_would_hide", "unit"] == "percentage points"
    # A straight drift of d a term moves a 4 + 3 term comparison by 3.5 d.
    ratio = rows.loc["bias_it_would_hide", "estimate"] / rows.loc["detectable_slope", "estimate"]
    assert ratio == pytest.approx(3.5, rel=1e-6)


@pytest.mark.long
def test_the_drift_test_holds_its_level_and_its_stated_power():
    found = [
        checks.pre_trend(make(seed, pupils=3), OUTCOME, "GR", PARAMETERS).set_index("estimand")
        for seed in range(100)
    ]
    rate = np.mean([rows.loc["slope", "p_value"] <= 0.05 for rows in found])
    assert 0.0 <= rate <= 0.12
    slope = np.mean([rows.loc["detectable_slope", "estimate"] for rows in found]) / 100
    seen = np.mean(
        [
            checks.pre_trend(make(seed, slope, pupils=3), OUTCOME, "GR", PARAMETERS)
            .set_index("estimand")
            .loc["slope", "p_value"]
            <= 0.05
            for seed in range(100)
        ]
    )
    assert seen == pytest.approx(0.80, abs=0.12)


def test_the_drift_is_a_two_sample_test_of_the_schools_slopes():
    data = make(drift=0.01)
    row = school_level_did(
        data,
        outcome=OUTCOME.name,
        first_treated="first_treated_number",
        time="term_number",
        cluster="school",
        by="drift",
        inference="welch",
    ).iloc[0]
    early = data[data["term_number"] < 4039]
    means = early.groupby(["school", "ever_treated", "t"])[OUTCOME.name].mean().unstack("t")
    slopes = pd.Series(np.polyfit(means.columns, means.to_numpy().T, 1)[0], index=means.index)
    pilot, other = (slopes.xs(arm, level="ever_treated") for arm in (True, False))
    test = stats.ttest_ind(pilot, other, equal_var=False)
    assert row["estimate"] == pytest.approx(pilot.mean() - other.mean(), rel=1e-9)
    assert row["statistic"] == pytest.approx(test.statistic, rel=1e-9)
    assert row["df"] == pytest.approx(test.df, rel=1e-9)
    assert row["n_obs"] == len(early)


def test_the_drift_is_tested_as_the_primary_estimate_is():
    """Also with 2 of 5 schools, where an assumption bounds it; every term after the start is out."""
    for schools, treated in ((11, 4), (5, 2)):
        data = make(schools=schools, treated=treated, drift=0.02)
        row = checks.pre_trend(data, OUTCOME, "GR", PARAMETERS).set_index("estimand").loc["slope"]
        assert (row["method"], row["assumption"]) == ("least_favourable", "variance_ratio")
        later = data["term_number"] >= 4039
        moved = data.assign(**{OUTCOME.name: data[OUTCOME.name].where(~later, 0.1)})
        other = (
            checks.pre_trend(moved, OUTCOME, "GR", PARAMETERS).set_index("estimand").loc["slope"]
        )
        assert other["estimate"] == pytest.approx(row["estimate"], rel=1e-9)


def test_a_drift_needs_two_terms_before_the_start():
    data = make()
    data = data[data["term_number"] >= 4038]
    rows = checks.pre_trend(data, OUTCOME, "GR", PARAMETERS)
    assert rows["reason"].tolist() == ["missing_baseline"]


@pytest.mark.slow
def test_honest_intervals_grow_with_the_drift_allowed_and_break_down_where_they_should():
    rows = checks.honest_did(make(effect=0.10), OUTCOME, "GR", PARAMETERS)
    relative = rows[(rows["specification"] == "relative_magnitudes") & rows["ci_low"].notna()]
    width = relative["ci_high"] - relative["ci_low"]
    assert width.is_monotonic_increasing
    assert relative["estimate"].iloc[0] == pytest.approx(10.0, abs=2.0)
    value = rows.loc[rows["estimand"] == "breakdown_value", "estimate"].iloc[0]
    assert value > 0
    for row in relative.itertuples():
        m = row.bound
        if abs(m - value) > 0.02:
            assert (row.ci_low > 0) == (m < value)
    none = checks.honest_did(make(effect=0.0), OUTCOME, "GR", PARAMETERS)
    assert none.loc[none["estimand"] == "breakdown_value", "estimate"].iloc[0] == 0.0


@pytest.mark.slow
def test_relative_magnitudes_reach_beyond_the_hand_made_bounds():
    """The first term's effect moves by at most M times the largest earlier change of the drift."""
    data = make(effect=0.05)
    data = data[data["term_number"] <= 4039]
    rows = checks.honest_did(data, OUTCOME, "GR", PARAMETERS)
    events = event_study(
        data,
        outcome=OUTCOME.name,
        first_treated="first_treated_number",
        unit="stay",
        time="term_number",
        cluster="school",
    ).set_index("event_time")["estimate"]
    before = [events[e] for e in (-4, -3, -2, -1)]
    largest = 100 * np.abs(np.diff(before)).max()
    relative = rows[rows["specification"] == "relative_magnitudes"].set_index("bound")
    sampling = (relative.loc[0.0, "ci_high"] - relative.loc[0.0, "ci_low"]) / 2
    for m in (0.5, 1.0, 2.0):
        row = relative.loc[m]
        for reach in (row["ci_high"] - row["estimate"], row["estimate"] - row["ci_low"]):
            # At least what is estimated; and not all of both sampling errors on top of it.
            assert m * largest < reach < m * (largest + 2 * sampling) + sampling


def test_designs_without_bounded_intervals_say_so():
    data = make(schools=5, treated=2)
    rows = checks.honest_did(data, OUTCOME, "GY", PARAMETERS)
    assert rows["reason"].iloc[0] == "design_unbounded"


def primary(data, outcome, weights=None):
    """Return the primary estimate by the public call."""
    return school_level_did(
        data,
        outcome=outcome,
        first_treated="first_treated_number",
        time="term_number",
        cluster="school",
        weights=weights,
        covariates=[c for c in ADJUSTED_FOR if c in data.columns],
    )["estimate"].iloc[0]


# --- Schools, starts, samples ----------------------------------------------------------------


@pytest.mark.slow
def test_each_school_is_left_out_once_and_the_rest_is_a_fit_without_it():
    data = make(effect=0.03)
    rows = checks.leave_one_school_out(data, OUTCOME, "GR", PARAMETERS)
    assert len(rows) == 11
    row = rows[rows["specification"] == "s03"].iloc[0]
    own = primary(data[data["school"] != "s03"], OUTCOME.name)
    assert row["estimate"] == pytest.approx(100 * own, rel=1e-9)
    assert row["n_schools"] == 10


def test_placebo_starts_end_before_the_pilot_and_see_no_effect_of_it():
    rows = checks.placebo_starts(make(effect=0.2), OUTCOME, "GR", PARAMETERS)
    assert list(rows["term"]) == ["VT2019", "HT2018", "VT2018"]
    assert rows["estimate"].abs().max() < 3  # the effect of 20 points stays out


def test_worst_cases_hold_whatever_was_behind_unreported_time():
    data = make(effect=0.0)
    rng = np.random.default_rng(3)
    reported = np.where(data["treated"] == 1, 0.96, 0.90)
    truth = rng.uniform(0.05, 0.15, len(data))
    data = data.assign(
        reporting_rate=reported,
        absent_minutes=1000 * truth * reported,
        absence_share=truth,
    )
    outcome = OUTCOMES["absence_share"]
    low, high = checks.reporting_bounds(data, outcome, "GR", PARAMETERS)["estimate"]
    for share in (0.0, 0.3, 1.0):  # of unreported time that was absence, everywhere
        y = truth * reported + share * (1 - reported)
        found = primary(data.assign(absence_share=y), "absence_share", "scheduled_minutes")
        assert low <= 100 * found <= high


def test_comparison_schools_alone_hold_no_pilot_school():
    data = make()
    rows = checks.comparison_placebo(data, OUTCOME, "GR", PARAMETERS)
    played = rows[rows["estimand"] == "per_school"]
    assert len(played) == 7
    assert not played["specification"].str.contains("s00|s01|s02|s03").any()
    assert played["p_value"].isna().all()  # one school has no standard error of its own
    assert rows["p_value"].notna().sum() == 1


# --- Who is missing --------------------------------------------------------------------------


def test_attrition_boundaries_are_the_clearinghouse_s():
    """Differential attrition (points) that the What Works Clearinghouse's table allows; 0.1."""
    table = {  # overall: cautious, optimistic
        0.0: (5.7, 10.0),
        0.01: (5.8, 10.1),
        0.02: (5.9, 10.2),
        0.05: (6.1, 10.5),
        0.10: (6.3, 10.9),
        0.20: (5.4, 10.0),
        0.30: (4.1, 8.2),
    }
    for overall, (cautious, optimistic) in table.items():
        assert 100 * checks.attrition_limit(overall) == pytest.approx(cautious, abs=0.1)
        found = 100 * checks.attrition_limit(overall, "optimistic")
        assert found == pytest.approx(optimistic, abs=0.1)


def test_attrition_biases_an_effect_by_what_those_who_stay_differ():
    """4.47 points of difference at low overall attrition: .038, below the .05 that is tolerated."""
    for comparison in (0.01, 0.0207, 0.035):
        bias = checks.attrition_bias(comparison + 0.0447, comparison)
        assert bias == pytest.approx(0.038, abs=0.001)
    # By brute force: who stays has a latent readiness above a cut, correlated with the outcome.
    rng = np.random.default_rng(1)
    ready, other = rng.standard_normal((2, 2_000_000))
    means = []
    for correlation, left in ((0.408, 0.2), (0.353, 0.12)):
        outcome = correlation * ready + math.sqrt(1 - correlation**2) * other
        means.append(outcome[ready > np.quantile(ready, left)].mean())
    assert checks.attrition_bias(0.2, 0.12) == pytest.approx(means[0] - means[1], abs=0.003)


def leaver_panel(share_pilot, share_other, seed=1, high_leave=False):
    data = make(seed, pupils=40)
    rng = np.random.default_rng(seed)
    pupils = data.drop_duplicates("pupil")
    share = np.where(pupils["ever_treated"], share_pilot, share_other)
    draw = rng.random(len(pupils))
    if high_leave:  # pupils with low goals leave pilot schools
        own = data[data["t"] < 4].groupby("pupil")["goals_share_registered"].mean()
        rank = own.reindex(pupils["pupil"]).rank(pct=True).to_numpy()
        draw = np.where(pupils["ever_treated"], rank, draw)
    gone = set(pupils.loc[draw < share, "pupil"])
    return data[~(data["pupil"].isin(gone) & (data["t"] >= 4))]


def test_attrition_counts_pupils_who_should_still_be_there():
    rows = checks.attrition(leaver_panel(0.3, 0.1), "GR").set_index("estimand")["estimate"]
    assert rows["pilot_schools"] == pytest.approx(30, abs=8)
    assert rows["comparison_schools"] == pytest.approx(10, abs=5)
    assert rows["difference"] > rows["cautious_boundary"]
    last = leaver_panel(0.0, 0.0).assign(grade=9)
    assert missing.expected(last, "GR").empty  # pupils of the last grade are due to leave


def followed(arms):
    """Pupils of grade 7 or 8 at one school an arm: (there before, left, joined a year later)."""
    rows = []
    for pilot, (before, left, joined) in arms.items():
        school = "pilot" if pilot else "other"
        fixed = {
            "school": school,
            "ever_treated": pilot,
            "first_treated_number": 10.0 if pilot else np.nan,
            "scheduled_minutes": 100,
        }
        for i in range(before):
            rows.append(fixed | {"pupil": f"{school}{i}", "term_number": 9, "grade": 7})
            if i >= left:
                rows.append(fixed | {"pupil": f"{school}{i}", "term_number": 11, "grade": 8})
        for i in range(joined):
            rows.append(fixed | {"pupil": f"{school}new{i}", "term_number": 11, "grade": 8})
        # Those in the first grade a year later could not have been there before.
        rows.append(fixed | {"pupil": f"{school}first", "term_number": 11, "grade": 7})
    return pd.DataFrame(rows)


def test_joiners_are_those_who_could_have_been_there_before_and_were_not():
    found = checks.joiners(followed({True: (100, 10, 30), False: (200, 0, 50)}), "GR")
    share = found.set_index("estimand")["estimate"]
    assert share["pilot_schools"] == pytest.approx(100 * 30 / 120)
    assert share["comparison_schools"] == pytest.approx(100 * 50 / 250)
    assert found["n_pupils"].tolist() == [120, 250]


@pytest.mark.parametrize(
    ("count", "term"), [(checks.joiners, 9), (checks.attrition, 11)], ids=["joined", "left"]
)
def test_without_one_of_the_two_terms_nobody_is_known_to_have_come_or_gone(count, term):
    data = followed({True: (100, 10, 30), False: (200, 0, 50)})
    found = count(data[data["term_number"] != term], "GR")
    assert (
        found.loc[found["estimand"].isin(["pilot_schools", "comparison_schools"]), "estimate"]
        .isna()
        .all()
    )


@pytest.mark.parametrize(
    "arms", [{True: (100, 2, 40), False: (300, 60, 40)}, {True: (100, 40, 2), False: (300, 60, 40)}]
)
def test_shares_of_a_few_of_an_arm_are_withheld_with_all_that_gives_them_back(arms):
    """Two of a hundred pilot pupils, where the arms together are four hundred."""
    data = followed(arms)
    few = "attrition" if arms[True][1] == 2 else "joiners"
    both = estimates.combine([checks.attrition(data, "GR"), checks.joiners(data, "GR")])
    safe, _ = disclosure.published(both)
    assert safe.loc[safe["model"] == few, "estimate"].isna().all()
    assert safe.loc[safe["model"] != few, "estimate"].notna().all()


def test_a_pupil_moves_a_published_share_by_a_step_at_most():
    names = ["pilot_schools", "comparison_schools", "overall", "difference"]
    for left in range(20, 30):
        one, other = (
            disclosure.published(
                checks.attrition(followed({True: (150, n, 0), False: (400, 30, 0)}), "GR")
            )[0].set_index("estimand")["estimate"]
            for n in (left, left + 1)
        )
        steps = pd.Series(
            {"pilot_schools": 1.0, "comparison_schools": 0.5, "overall": 0.2, "difference": 1.0}
        )
        assert ((other - one)[names].abs() <= steps + 1e-9).all()
        in_steps = one[names] / steps
        assert in_steps.to_numpy() == pytest.approx(in_steps.round().to_numpy(), abs=1e-6)


def test_nobody_is_known_to_have_left_where_the_data_end_before_a_year_is_over():
    data = followed({True: (100, 0, 0), False: (100, 0, 0)})
    found = checks.attrition(data[data["term_number"] < 11], "GR")
    assert found["estimate"].isna().all()
    assert set(found["reason"]) == {"missing_baseline"}


def test_nobody_is_imputed_at_a_school_that_had_closed():
    """One leaver would be the whole of a school's mean in a term in which nobody went there."""
    data = with_background(make(effect=0.03, pupils=20))
    closed = data[(data["school"] != "s08") | (data["t"] < 5)]
    gone = closed["pupil"].isin(["p8-0", "p3-1"]) & (closed["t"] >= 4)
    rows = checks.multiple_imputation(closed[~gone], OUTCOME, "GR", PARAMETERS)
    complete, imputed = (
        rows[rows["specification"] == name].iloc[0] for name in ("complete_cases", "imputed")
    )
    assert imputed["estimate"] == pytest.approx(complete["estimate"], abs=0.5)
    assert imputed["std_error"] < 1.2 * complete["std_error"]


def test_lee_bounds_trim_the_arm_that_kept_more():
    data = leaver_panel(0.25, 0.05)
    rows = checks.lee_bounds(data, OUTCOME, "GR", PARAMETERS)
    low, high = rows["estimate"]
    own = primary(data, OUTCOME.name)
    assert low < 100 * own < high
    kept = data[data["t"] >= 4].groupby("ever_treated")["pupil"].nunique()
    n = kept.sum() - rows["n_pupils"].iloc[0]
    expected = (1 - (kept[True] / 160) / (kept[False] / 280)) * kept[False]
    assert n == pytest.approx(expected, abs=1.01)


def test_rubin_s_rules_by_hand():
    fits = pd.DataFrame(
        {"estimate": [1.0, 2.0, 3.0], "std_error": [1.0, 1.0, 1.0], "df": [8.0, 8.0, 8.0]}
    )
    row = missing.rubin(fits, 0.95).iloc[0]
    assert row["estimate"] == 2.0
    total = 1.0 + (1 + 1 / 3) * 1.0
    assert row["std_error"] == pytest.approx(math.sqrt(total))
    lost = (4 / 3) / total
    old, observed = 2 / lost**2, 9 / 11 * 8 * (1 - lost)
    assert row["df"] == pytest.approx(old * observed / (old + observed))


def with_background(data):
    names = ("foreign_background", "parental_education_low", "parental_education_high")
    girl = (pd.factorize(data["pupil"])[0] % 2).astype(float)
    return data.assign(girl=girl, **dict.fromkeys(names, 0.0))


def panel_to_impute():
    return with_background(leaver_panel(0.2, 0.1))


@pytest.mark.slow
def test_imputation_adds_the_pupils_who_left():
    data = panel_to_impute()
    rows = checks.multiple_imputation(data, OUTCOME, "GR", PARAMETERS)
    assert len(rows) == 2
    left = 440 - data.loc[data["t"] >= 4, "pupil"].nunique()
    assert left > 0
    assert rows["n_obs"].iloc[1] == rows["n_obs"].iloc[0] + 3 * left
    complete, imputed = rows["std_error"]
    assert abs(rows["estimate"].iloc[1] - rows["estimate"].iloc[0]) < 1.5
    assert imputed > 0.5 * complete


@pytest.mark.slow
def test_imputation_does_not_hang_on_the_last_digits():
    """Other processors move the last digits; donors and draws must stay the same."""
    data = panel_to_impute()
    nudge = 1 + 1e-14 * np.random.default_rng(1).standard_normal(len(data))
    nudged = data.assign(**{OUTCOME.name: data[OUTCOME.name] * nudge})
    rows = [checks.multiple_imputation(d, OUTCOME, "GR", PARAMETERS) for d in (data, nudged)]
    for column in ("estimate", "std_error", "df", "p_value"):
        assert rows[1][column].tolist() == pytest.approx(
            rows[0][column].tolist(), rel=1e-9, nan_ok=True
        )


# --- The specification curve -----------------------------------------------------------------


@pytest.fixture(scope="module")
def curves(tiny_processed):
    panels = checks.curve_panels(tiny_processed, PARAMETERS)
    return panels, checks.specification_curve(panels, PARAMETERS, "GR")


@pytest.mark.slow
def test_the_curve_has_over_five_hundred_different_specifications(curves):
    _, curve = curves
    assert len(curve.rows) >= 500
    assert curve.rows["specification"].is_unique
    assert curve.rows["estimate"].notna().all()
    assert curve.statistics.shape[0] == len(curve.rows)


@pytest.mark.slow
def test_one_specification_is_the_plain_estimate_and_its_randomization_p(curves):
    panels, curve = curves
    row = curve.rows[
        curve.rows["specification"]
        == "unreported dropped; with remote weeks; HT2017 to HT2020; all pupils; "
        "weighted by lesson time; pupil effects"
    ].iloc[0]
    found = few_clusters.randomization_inference(
        panels[True].form("GR"),
        outcome="_dropped",
        first_treated="first_treated_number",
        absorb=("stay", "term"),
        time="term_number",
        cluster="school",
        weights="scheduled_minutes",
        seed=PARAMETERS.seed,
    ).iloc[0]
    assert row["estimate"] == pytest.approx(100 * found["estimate"], rel=1e-8)
    assert row["p_value"] == pytest.approx(found["p_value"], abs=1e-9)


@pytest.mark.slow
def test_the_joint_test_is_the_rank_of_the_median_among_all_placements(curves):
    _, curve = curves
    row = checks.joint_curve_test(curve).iloc[0]
    whole = curve.statistics[~np.isnan(curve.statistics).any(axis=1)]
    medians = np.abs(np.median(whole, axis=0))
    assert row["p_value"] == pytest.approx(np.mean(medians >= medians[0] * (1 - 1e-9)))
    assert row["p_value"] >= row["p_value_min"] >= 1 / 1980 * (1 - 1e-9)


@pytest.mark.slow
def test_checks_run_over_every_form_and_outcome(tiny_processed):
    built: Panel = panel.build(tiny_processed, PARAMETERS)
    checked = [OUTCOMES["absence_share"], OUTCOMES["merit"]]
    rows = checks.over_forms(checks.other_samples, built, checked, PARAMETERS)
    assert set(zip(rows["outcome"], rows["school_form"], strict=True)) == {
        ("absence_share", "GR"),
        ("absence_share", "GY"),
        ("merit", "GR"),
    }
    # The pre-study school is a pilot gymnasium: without it one of four is treated.
    clean = rows[rows["specification"] == "without_prestudy_schools"].set_index("school_form")
    assert clean.loc["GY", "n_treated_schools"].max() == 1
    assert "GR" not in clean.index, "no lower secondary school was in the pre-study"
