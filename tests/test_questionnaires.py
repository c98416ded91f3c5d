"""Questionnaires: reliability, what can be compared, what may be shown, and the planted effects."""

import json

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st

from pilot_analysis import disclosure, terms
from pilot_analysis.catalogue import reasons
from pilot_analysis.evaluation import questionnaires as models
from pilot_analysis.inference import few_clusters
from pilot_analysis.panel import questionnaires
from pilot_analysis.parameters import Parameters
from pilot_analysis.synthetic import population, surveys
from pilot_analysis.synthetic.scenario import STAFF_OTHER_HOURS, Scenario

REFERENCE = ROOT / "tests" / "reference"
PARAMETERS = Parameters()


# --- Reliability -----------------------------------------------------------------------------


def test_alpha_by_hand():
    # Item variances 1, 1 and covariance 1/2: 2/1 * (1 - 2/3) = 2/3.
    items = pd.DataFrame({"a": [-1.0, 0, 1], "b": [-0.5, -0.5, 1.0]})
    items["b"] *= 1 / items["b"].std()
    covariance = items.cov().to_numpy()[0, 1]
    expected = 2 * (1 - 2 / (2 + 2 * covariance))
    assert models.cronbach_alpha(items) == pytest.approx(expected, abs=1e-12)
    same = pd.DataFrame({"a": [1.0, 2, 4], "b": [1.0, 2, 4]})
    assert models.cronbach_alpha(same) == pytest.approx(1.0)


def test_alpha_and_omega_equal_r():
    """R's factanal by its own optimiser; tests/reference/omega.R made the numbers."""
    items = pd.read_csv(REFERENCE / "omega_items.csv")
    expected = json.loads((REFERENCE / "omega.json").read_text("utf-8"))
    assert models.cronbach_alpha(items) == pytest.approx(expected["alpha"], abs=1e-10)
    assert models.mcdonald_omega(items) == pytest.approx(expected["omega"], abs=1e-5)


def test_omega_recovers_a_known_reliability_where_alpha_falls_short():
    loadings = np.array([0.9, 0.8, 0.6, 0.5, 0.3, 0.2])
    unique = 1 - loadings**2
    true = loadings.sum() ** 2 / (loadings.sum() ** 2 + unique.sum())
    rng = np.random.default_rng(1)
    factor = rng.normal(size=(40_000, 1))
    items = pd.DataFrame(factor * loadings + rng.normal(size=(40_000, 6)) * np.sqrt(unique))
    assert models.mcdonald_omega(items) == pytest.approx(true, abs=0.01)
    assert models.cronbach_alpha(items) < true - 0.02
    assert models.mcdonald_omega(items) == models.mcdonald_omega(items.copy())


@pytest.mark.parametrize(
    "items",
    [
        pd.DataFrame({"a": [1.0, 2], "b": [2.0, 1]}),
        pd.DataFrame({"a": [1.0] * 5, "b": range(5), "c": [4, 2, 3, 1, 5]}),
    ],
)
def test_what_has_no_factor_has_no_omega(items):
    assert np.isnan(models.mcdonald_omega(items))


# --- What can be compared --------------------------------------------------------------------


@pytest.fixture
def processed(tiny_processed, tmp_path):
    """A folder with the tiny municipality's questionnaires, to be changed by a test."""
    for name in ("exposure", "pupil_terms", "pupil_survey", "staff_survey", "staff_asked"):
        (tmp_path / f"{name}.parquet").write_bytes(
            (tiny_processed / f"{name}.parquet").read_bytes()
        )
    return tmp_path


def change(folder, name, edit):
    path = folder / f"{name}.parquet"
    edit(pd.read_parquet(path)).to_parquet(path)


def test_an_item_not_asked_in_every_wave_is_left_out_of_the_index(processed):
    def forget(table):
        table.loc[table["term"] == "VT2018", "q3"] = np.nan
        return table

    change(processed, "pupil_survey", forget)
    found = questionnaires.read(processed, PARAMETERS, "pupil")
    assert "q3" not in found.items
    assert any("q3: not asked in VT2018" in text for text in found.left_out)
    sheet = found.data.iloc[0]
    assert sheet["safety_index"] == pytest.approx(np.nanmean(sheet[found.items].astype(float)) / 10)


def test_waves_across_a_change_of_the_questionnaire_are_left_out(processed):
    later = Parameters(questionnaire_changes=["VT2020"])
    assert set(questionnaires.read(processed, later, "pupil").data["term"]) == {"VT2018", "VT2019"}
    earlier = Parameters(questionnaire_changes=["VT2019"])
    found = questionnaires.read(processed, earlier, "pupil")
    assert set(found.data["term"]) == {"VT2019", "VT2020"}
    assert found.left_out[0] == "wave VT2018: the questionnaire had changed"


def test_grades_not_asked_in_every_wave_are_left_out(processed):
    change(processed, "pupil_survey", lambda t: t[~((t["term"] == "VT2020") & (t["grade"] == 9))])
    found = questionnaires.read(processed, PARAMETERS, "pupil")
    assert 9 not in set(found.data["grade"])
    assert "GR: grade 9 was not asked in every wave" in found.left_out


def test_dont_know_is_no_answer_and_an_index_needs_half_of_the_items(processed):
    def silent(table):
        table.loc[table.index[0], [f"q{i}" for i in range(1, 7)]] = np.nan
        return table

    change(processed, "pupil_survey", silent)
    found = questionnaires.read(processed, PARAMETERS, "pupil")
    assert found.data["safety_index"].isna().sum() >= 1
    assert any("answered less than half" in text for text in found.left_out)
    assert any("don't know" in text for text in found.left_out)


# --- Response --------------------------------------------------------------------------------


def test_a_school_where_nobody_answered_counts_as_silent(processed):
    school = pd.read_parquet(processed / "pupil_survey.parquet")["school"].iloc[0]
    change(
        processed, "pupil_survey", lambda t: t[~((t["school"] == school) & (t["term"] == "VT2020"))]
    )
    asked = questionnaires.read(processed, PARAMETERS, "pupil").asked
    row = asked[(asked["school"] == school) & (asked["term"] == "VT2020")].iloc[0]
    assert row["answered"] == 0
    assert row["asked"] > 0
    assert row["response"] == 0


def test_without_the_numbers_asked_response_is_not_known_and_said(processed):
    (processed / "staff_asked.parquet").unlink()
    found = questionnaires.read(processed, PARAMETERS, "teacher")
    assert found.asked["response"].isna().all()
    rows = models.evaluate_questionnaires({"teacher": found}, PARAMETERS)
    replies = rows[rows["model"] == models.RESPONSE]
    assert replies["estimate"].isna().all()
    assert set(replies["reason"]) <= {"answers_unasked", "few_answers"}


# --- What may be shown -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answered", "asked", "schools", "why"),
    [
        (10, 20, 2, None),
        (9, 9, 2, ("few_answers", {"least": 10})),
        (49, 100, 3, ("few_of_those_asked", {"least": 50.0})),
        (50, 100, 3, None),
        (50, 60, 1, ("one_school", {})),
        (10, np.nan, 2, None),
        (0, 40, 4, ("few_answers", {"least": 10})),
    ],
)
def test_the_municipality_s_rule(answered, asked, schools, why):
    assert questionnaires.withheld(answered, asked, schools, PARAMETERS) == why


@pytest.mark.slow
def test_withheld_groups_have_no_figures(tiny_processed):
    found = questionnaires.roles(tiny_processed, PARAMETERS)
    means = questionnaires.role_means(found.values(), PARAMETERS)
    hidden = means[means["reason"] != ""]
    assert len(hidden)
    assert hidden[["mean", "low", "high", "answered", "response"]].isna().all().all()
    rows = models.evaluate_questionnaires(found, PARAMETERS)
    silent = rows[rows["reason"].str.startswith("few_")]
    assert len(silent)
    assert silent[["estimate", "ci_low", "n_obs"]].isna().all().all()


@pytest.mark.slow
def test_nothing_is_shown_by_school_of_principals_and_mentors(tiny_processed):
    found = questionnaires.roles(tiny_processed, PARAMETERS)
    schools = set(pd.read_parquet(tiny_processed / "exposure.parquet")["school"])
    for role in questionnaires.NEVER_BY_SCHOOL:
        tables = [
            questionnaires.group_means(found[role], "workload_index", "period", PARAMETERS),
            questionnaires.item_shares(found[role], "GR", PARAMETERS),
            models.evaluate_questionnaires({role: found[role]}, PARAMETERS),
        ]
        for table in tables:
            text = table.to_csv()
            assert not [school for school in schools if school in text]


COMBINED = {
    (3, 10, 20, 30): (0, 13, 20, 30),
    (10, 10, 10, 10, 10): (10, 10, 10, 10, 10),
    (20, 3, 0, 20): (23, 0, 0, 20),
    (20, 0, 3, 20): (20, 0, 0, 23),
    # The other side of the middle means something else.
    (1, 2, 30, 40): (),
    (20, 20, 1, 1): (),
    (3, 1, 9, 20, 20): (0, 0, 13, 20, 20),
    (9, 2, 9, 2, 9): (11, 0, 9, 0, 11),
    (0, 3, 1, 3, 0): (),  # a few in all
    # All but a few answered alike.
    (0, 0, 0, 40): (),
    (0, 0, 7, 40): (),
    (0, 0, 8, 40): (0, 0, 8, 40),
}


@pytest.mark.parametrize(("counts", "shown"), COMBINED.items())
def test_an_answer_of_a_few_is_counted_with_its_neighbour(counts, shown):
    assert tuple(disclosure.combine_few(np.array(counts))) == shown


@pytest.mark.slow
@settings(deadline=None, derandomize=True)
@given(st.lists(st.integers(0, 40), min_size=4, max_size=5))
def test_no_share_shown_is_that_of_a_few_or_of_all_but_a_few(counts):
    shown = disclosure.combine_few(np.array(counts))
    assert not ((shown > 0) & (shown < 5)).any()
    if len(shown):
        assert shown.sum() == sum(counts)
        assert shown.max() <= shown.sum() - 5
        # Nobody's answer is moved across the middle.
        half = len(counts) // 2
        assert shown[:half].sum() <= sum(counts[:half])
        assert shown[-half:].sum() <= sum(counts[-half:])


@pytest.mark.parametrize("few", ["answers", "response"])
def test_an_effect_on_too_few_answers_is_withheld_with_its_reason(processed, few):
    if few == "answers":
        change(processed, "staff_survey", lambda t: t[t["term"] != "VT2019"].head(8))
    else:
        change(processed, "staff_asked", lambda t: t.assign(asked=10 * t["asked"]))
    found = questionnaires.read(processed, PARAMETERS, "teacher")
    rows = models.evaluate_questionnaires({"teacher": found}, PARAMETERS)
    effects = rows[rows["specification"] == "primary"]
    assert effects["estimate"].isna().all()
    assert effects["reason"].str.endswith("_in_group").all()
    for row in effects.to_dict("records"):
        assert reasons.sentence(row, "sv").startswith("visas inte: färre än")


# --- The planted effects ---------------------------------------------------------------------


@pytest.mark.long
def test_planted_hours_are_recovered():
    """60 simulated pilots: the mean estimate within three Monte-Carlo errors of the truth."""
    estimates = []
    for seed in range(60):
        scenario = Scenario(seed=seed, gr_size=120, gy_size=(70, 110)).without()
        people = population.build(scenario)
        sheets, _ = surveys.staff_survey(scenario, people)
        form = people.schools["form"].to_numpy()[sheets["school"]]
        start = people.schools["start"].to_numpy()[sheets["school"]]
        rows = sheets[(sheets["roll"] == "larare") & (form == "GR")].assign(
            treated=((start > 0) & (sheets["term"] >= start)).astype(float),
            wave=sheets["term"].map(terms.label),
        )
        found = few_clusters.cluster_robust(
            rows,
            outcome="timmar_ovrigt",
            treatment="treated",
            absorb=("school", "wave"),
            cluster="school",
            kind="CR2",
        )
        estimates.append(float(found["estimate"].iloc[0]))
    error = np.std(estimates, ddof=1) / np.sqrt(len(estimates))
    assert abs(np.mean(estimates) - STAFF_OTHER_HOURS) < 3 * error


def test_the_truth_of_questionnaires_is_what_the_generator_added(tiny_processed):
    truth = json.loads((tiny_processed / "truth.json").read_text("utf-8"))
    effects = {
        (e["outcome"], e["school_form"]): e["effect"]
        for e in truth["effects"]
        if e["claim"] in ("C5", "C6")
    }
    assert effects["hours_other", "GR"] == pytest.approx(STAFF_OTHER_HOURS, abs=0.1)
    assert effects["hours_teaching", "GR"] == pytest.approx(-0.3 * STAFF_OTHER_HOURS, abs=0.2)
    assert effects["workload_index", "GR"] < 0 < effects["safety_index", "GR"]
