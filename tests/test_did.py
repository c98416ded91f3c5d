"""Difference-in-differences against hand arithmetic and independent implementations."""

import math
import os
import subprocess
import sys
from pathlib import Path

import brute_force
import numpy as np
import pandas as pd
import pyfixest
import pytest
import statsmodels.formula.api as smf
from wildboottest.wildboottest import wildboottest

from pilot_analysis import estimators
from pilot_analysis.errors import NotEstimable
from pilot_analysis.estimators import did, regression
from pilot_analysis.examples import few_schools
from pilot_analysis.inference import choice, few_clusters, studies


def sixteen_rows():
    """Return four schools, four terms: pilot schools rise by 3 more than the others."""
    rows = []
    for school, (level, treated) in enumerate([(10, 1), (14, 1), (20, 0), (26, 0)]):
        for term in range(4):
            rows.append((school, term, level + 2 * term + 3 * treated * (term >= 2), treated))
    panel = pd.DataFrame(rows, columns=["school", "term", "y", "ever"])
    panel["first"] = np.where(panel["ever"] == 1, 2.0, np.nan)
    panel["treated"] = ((panel["ever"] == 1) & (panel["term"] >= 2)).astype(float)
    return panel


def noisy(seed=1, n_schools=9, n_terms=6, starts=(3, 3, 4)):
    rng = np.random.default_rng(seed)
    panel = pd.DataFrame(
        [(s, t) for s in range(n_schools) for t in range(n_terms)], columns=["school", "term"]
    )
    panel["first"] = panel["school"].map(dict(enumerate(map(float, starts))))
    panel["treated"] = (panel["term"] >= panel["first"]).astype(float)
    panel["y"] = rng.normal(size=len(panel)) + panel["school"] + 0.5 * panel["treated"]
    return panel


def test_two_way_fixed_effects_by_hand():
    noise = np.random.default_rng(1).normal(0, 1e-3, 16)
    panel = sixteen_rows().assign(y=lambda d: d["y"] + noise)
    row = did.two_way_fixed_effects(
        panel,
        outcome="y",
        treatment="treated",
        unit="school",
        time="term",
        cluster="school",
        inference="CR1",
    ).iloc[0]
    assert row["estimate"] == pytest.approx(3.0, abs=2e-3)
    assert (row["n_obs"], row["n_schools"], row["n_treated_schools"]) == (16, 4, 2)


@pytest.mark.slow
def test_two_way_fixed_effects_and_event_study_equal_pyfixest():
    panel = noisy().assign(weight=lambda d: 1.0 + d["school"] % 3)
    row = estimators.two_way_fixed_effects(
        panel,
        outcome="y",
        treatment="treated",
        unit="school",
        time="term",
        cluster="school",
        weights="weight",
        inference="CR1",
    ).iloc[0]
    theirs = pyfixest.feols("y ~ treated | school + term", panel, weights="weight", vcov="iid")
    assert row["estimate"] == pytest.approx(theirs.coef()["treated"], abs=1e-9)
    table = brute_force.by_estimand(
        estimators.event_study(
            panel, outcome="y", first_treated="first", unit="school", time="term", cluster="school"
        )
    )
    event = panel["term"] - panel["first"]
    at = {-3: "e1", -2: "e2", 0: "e3", 1: "e4", 2: "e5", -4: "e6"}
    dummies = panel.assign(**{name: (event == time).astype(float) for time, name in at.items()})
    theirs = pyfixest.feols("y ~ e1 + e2 + e3 + e4 + e5 + e6 | school + term", dummies, vcov="iid")
    for time, name in at.items():
        assert table.loc[time, "estimate"] == pytest.approx(theirs.coef()[name], abs=1e-9)


def test_two_way_fixed_effects_equals_statsmodels_dummies():
    panel = brute_force.small_panel()
    row = did.two_way_fixed_effects(
        panel,
        outcome="outcome",
        treatment="treated",
        unit="pupil",
        time="term",
        cluster="school",
        covariates=["covariate"],
        weights="weight",
        inference="CR1",
    ).iloc[0]
    fitted = smf.wls(
        "outcome ~ treated + covariate + C(pupil) + C(term)", panel, weights=panel["weight"]
    ).fit()
    assert row["estimate"] == pytest.approx(fitted.params["treated"], rel=1e-9)


def test_callaway_santanna_by_hand_and_by_formula():
    """With one start and never treated schools the effect is a mean of 2 x 2 differences."""
    panel = noisy(starts=(3, 3, 3))
    table = brute_force.by_estimand(
        did.callaway_santanna(panel, outcome="y", first_treated="first", unit="school", time="term")
    )
    wide = panel.pivot(index="school", columns="term", values="y")
    for event in range(3):
        step = wide[3 + event] - wide[2]
        expected = step.iloc[:3].mean() - step.iloc[3:].mean()
        assert table.loc[event, "estimate"] == pytest.approx(expected, rel=1e-10)
    mean = np.mean([table.loc[e, "estimate"] for e in range(3)])
    assert table.loc["overall", "estimate"] == pytest.approx(mean, rel=1e-10)


def test_callaway_santanna_jackknife_by_hand():
    panel = noisy(starts=(3, 3, 3))

    def run(d):
        results = did.callaway_santanna(
            d, outcome="y", first_treated="first", unit="school", time="term"
        )
        return results.set_index("estimand").loc["overall"]

    full = run(panel)
    left_out = [run(panel[panel["school"] != s])["estimate"] for s in range(9)]
    expected = np.sqrt(8 / 9 * np.sum((np.array(left_out) - full["estimate"]) ** 2))
    assert full["std_error"] == pytest.approx(expected, rel=1e-10)


def test_event_study_by_hand():
    panel = noisy(starts=(3, 3, 3))
    table = brute_force.by_estimand(
        did.event_study(
            panel, outcome="y", first_treated="first", unit="school", time="term", cluster="school"
        )
    )
    wide = panel.pivot(index="school", columns="term", values="y")
    for event in (-3, -2, 0, 1, 2):
        step = wide[3 + event] - wide[2]
        expected = step.iloc[:3].mean() - step.iloc[3:].mean()
        assert table.loc[event, "estimate"] == pytest.approx(expected, rel=1e-8)
    assert table.loc[-1, "estimate"] == 0
    pre = table.loc[[-3, -2], "p_value"]
    assert table.loc["pre_trend", "p_value"] == pytest.approx(min(1, 2 * pre.min()))
    assert table.loc["simultaneous_band", "statistic"] > 2.3  # wider than pointwise t(8)


def test_terms_written_as_words_are_understood():
    panel = noisy(starts=(3, 3, 3))
    words = {0: "HT2017", 1: "VT2018", 2: "HT2018", 3: "VT2019", 4: "HT2019", 5: "VT2020"}
    worded = panel.assign(term=panel["term"].map(words), first=panel["first"].map(words))
    for run in (did.event_study, did.callaway_santanna):
        arguments = {"outcome": "y", "first_treated": "first", "unit": "school", "time": "term"}
        if run is did.event_study:
            arguments["cluster"] = "school"
        a, b = run(panel, **arguments), run(worded, **arguments)
        assert a["estimate"].to_numpy() == pytest.approx(b["estimate"].to_numpy(), nan_ok=True)


def test_ols_with_school_and_term_effects_equals_statsmodels():
    panel = brute_force.small_panel()
    row = regression.ols(
        panel,
        outcome="outcome",
        treatment="treated",
        group="school",
        time="term",
        cluster="school",
        covariates=["covariate"],
        inference="CR1",
    ).iloc[0]
    fitted = smf.ols("outcome ~ treated + covariate + C(school) + C(term)", panel).fit()
    assert row["estimate"] == pytest.approx(fitted.params["treated"], rel=1e-10)


def test_column_names_are_never_run_as_code(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    evil = "__import__('os').system('touch pwned')"
    panel = noisy().rename(columns={"y": evil})
    row = did.two_way_fixed_effects(
        panel, outcome=evil, treatment="treated", unit="school", time="term", cluster="school"
    ).iloc[0]
    assert np.isfinite(row["estimate"])
    assert not (tmp_path / "pwned").exists()


def test_event_study_refuses_what_it_cannot_estimate():
    panel = noisy()
    arguments = {
        "outcome": "y",
        "first_treated": "first",
        "unit": "school",
        "time": "term",
        "cluster": "school",
    }
    with pytest.raises(ValueError, match="nobody is never treated"):
        did.event_study(panel.dropna(subset="first"), **arguments)
    with pytest.raises(ValueError, match="reference event time -9"):
        did.event_study(panel, reference=-9, **arguments)
    with pytest.raises(ValueError, match="no column 'z'"):
        did.event_study(panel, **(arguments | {"outcome": "z"}))


@pytest.mark.slow
def test_wild_bootstrap_agrees_with_wildboottest():
    """Same panel, its dummies expanded; p-values agree within Monte-Carlo error (9,999 draws)."""
    panel = brute_force.small_panel(seed=4, n_schools=15)
    ours = few_clusters.wild_cluster_bootstrap(
        panel, outcome="outcome", treatment="treated", cluster="school", draws=9_999, seed=1
    )["p_value"].iloc[0]
    model = smf.ols("outcome ~ treated + C(pupil) + C(term)", panel)
    theirs = wildboottest(
        model,
        param="treated",
        cluster=panel["school"],
        B=9_999,
        weights_type="rademacher",
        bootstrap_type="11",
        seed=1,
        show=False,
    )["p-value"].iloc[0]
    error = np.sqrt(ours * (1 - ours) / 9_999 * 2)
    assert ours == pytest.approx(float(theirs), abs=4 * error + 1e-4)


@pytest.mark.slow
def test_results_do_not_depend_on_the_hash_seed():
    """pyfixest's clustered errors do, which is why errors come from `inference`."""
    code = (
        "import brute_force; from pilot_analysis.estimators import did; "
        "r = did.two_way_fixed_effects(brute_force.small_panel(), outcome='outcome', "
        "treatment='treated', unit='pupil', time='term', cluster='school', inference='CR1').iloc[0]; "
        "print(repr(r['estimate']), repr(r['std_error']))"
    )
    found = {
        subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            cwd=Path(__file__).parent,
            env=os.environ | {"PYTHONHASHSEED": str(seed)},
        ).stdout
        for seed in range(3)
    }
    assert len(found) == 1


# --- Which inference is primary ----------------------------------------------------------------


def test_primary_inference_of_a_regression_follows_the_study():
    table = studies.read()
    for treated, schools, design in ((4, 11, "4 of 11"), (4, 20, "4 of 20"), (6, 26, "6 of 26")):
        method, reason = choice.choose(treated, schools)
        rows = table[
            (table["design"] == design)
            & (table["weights"] == "pupils")
            & table["method"].isin(choice._CANDIDATES)
        ]
        by_method = rows.groupby("method").agg(
            worst=("rejection_rate", "max"), found=("detectable_effect", "mean")
        )
        chosen = by_method.loc[next(k for k, v in choice._CANDIDATES.items() if v == method)]
        assert np.isfinite(chosen["found"])
        assert chosen["worst"] <= max(choice.MOST_REJECTED, by_method["worst"].min())
        assert design in reason


@pytest.mark.parametrize(("treated", "schools"), [(2, 5), (1, 12), (2, 6), (4, 5)])
def test_with_one_or_two_schools_on_a_side_randomization_is_primary(treated, schools):
    assert choice.choose(treated, schools)[0] == "randomization"


@pytest.mark.parametrize("method", ["auto", "CR2", "CR3", "wild_bootstrap", "randomization"])
def test_two_of_five_never_reach_five_percent_by_any_primary_method(method):
    panel = noisy(n_schools=5, starts=(3, 3)).assign(y=lambda d: d["y"] + 1000 * d["treated"])
    row = did.two_way_fixed_effects(
        panel,
        outcome="y",
        treatment="treated",
        unit="school",
        time="term",
        cluster="school",
        inference=method,
    ).iloc[0]
    assert row["p_value"] >= 0.1
    assert row["p_value_min"] >= 0.1
    assert np.isinf(row["ci_low"])
    assert np.isinf(row["ci_high"])


def test_an_event_study_that_one_school_is_left_of_is_refused():
    panel = few_schools()
    own = panel[panel["school"] == 0]
    started = own.assign(start=[4.0 if pupil % 2 else math.nan for pupil in own["pupil"]])
    # The other school's pupils are seen once: their own effects explain these rows.
    once = panel[panel["school"] == 8].groupby("pupil").head(1)
    with pytest.raises(NotEstimable, match="single cluster"):
        did.event_study(
            pd.concat([started, once]),
            outcome="y",
            first_treated="start",
            unit="pupil",
            time="term",
            cluster="school",
        )
