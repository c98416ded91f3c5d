"""Analysis panels: who is compared with whom, and every row left out counted."""

import shutil
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from pilot_analysis import panel, terms
from pilot_analysis.evaluation import claims
from pilot_analysis.parameters import Parameters


@pytest.fixture(scope="module")
def built(tiny_processed):
    return panel.build(tiny_processed, Parameters())


def test_flow_counts_every_row(built, tiny_processed):
    flow = built.flow
    before = flow["pupil_terms"].shift(fill_value=flow["pupil_terms"].iloc[0])
    assert (before - flow["left_out"] == flow["pupil_terms"]).all()
    assert flow["pupil_terms"].iloc[0] == len(panel.read_table(tiny_processed, "pupil_terms"))
    assert flow["pupil_terms"].iloc[-1] == len(built.data)


def test_treatment_follows_the_register_alone(built, tiny_processed):
    exposure = panel.read_table(tiny_processed, "exposure")
    status = exposure.set_index(["school", "term"])["status"]
    expected = [status[s, t] == "pilot" for s, t in built.data[["school", "term"]].to_numpy()]
    assert (built.data["treated"] == expected).all()
    never = built.data[~built.data["ever_treated"]]
    assert never["first_treated_number"].isna().all()


def test_each_school_form_has_pilot_and_comparison_schools(built):
    assert built.school_forms == ["GR", "GY"]
    schools = built.data.groupby("school_form")["school"].nunique()
    assert schools.to_dict() == {"GR": 11, "GY": 5}


@pytest.mark.parametrize("status", ["unknown", "prestudy"])
def test_schools_with_unknown_or_earlier_treatment_are_no_silent_comparison(status):
    exposure = pd.DataFrame(
        {
            "school": ["A", "A", "B", "B", "C", "C"],
            "status": ["none", "pilot", status, "none", "none", "none"],
        }
    )
    assert panel.refused_controls(exposure, []) == {"B": status}
    assert panel.refused_controls(exposure, ["B"]) == {}
    with pytest.raises(ValueError, match="not in the exposure register: D"):
        panel.refused_controls(exposure, ["D"])


def test_remote_weeks_can_be_left_out(tiny_processed):
    with_remote = panel.build(tiny_processed, Parameters())
    without = panel.build(tiny_processed, Parameters(include_remote_weeks=False))
    spring = {"GR": [], "GY": []}
    for form, found in spring.items():
        for built in (with_remote, without):
            rows = built.form(form)
            found.append(rows.loc[rows["term"] == "VT2020", "scheduled_minutes"].sum())
    assert spring["GR"][0] == spring["GR"][1]
    assert 0.3 < spring["GY"][1] / spring["GY"][0] < 0.7


def test_terms_and_schools_can_be_left_out(tiny_processed, built):
    school = built.data["school"].iloc[0]
    shorter = panel.build(tiny_processed, Parameters(first_term="HT2018", exclude_schools=[school]))
    assert shorter.data["term_number"].min() == terms.number("HT2018")
    assert school not in set(shorter.data["school"])
    with pytest.raises(ValueError, match="exclude_schools: not in the exposure register"):
        panel.build(tiny_processed, Parameters(exclude_schools=["No such school"]))


def test_baseline_balance_is_before_the_pilot(built):
    table = panel.balance(built)
    assert set(table["school_form"]) == {"GR", "GY"}
    rows = built.form("GY")
    last = rows[rows["term"] == "VT2019"]
    girls = table[(table["school_form"] == "GY") & (table["covariate"] == "girl")].iloc[0]
    pilot = last["ever_treated"]
    assert girls["mean_pilot"] == pytest.approx(100 * last.loc[pilot, "girl"].mean())
    assert girls["schools_pilot"] == last.loc[pilot, "school"].nunique()
    share = last.groupby("ever_treated")["girl"].mean()
    odds = share / (1 - share)
    cox = np.log(odds[True] / odds[False]) / 1.65 * (1 - 3 / (4 * (len(last) - 2) - 1))
    assert girls["hedges_g"] == pytest.approx(cox)
    spread = last.groupby("ever_treated")["grade_points"].agg(["var", "count"])
    weights = spread["count"] - 1
    pooled = np.sqrt((weights * spread["var"]).sum() / weights.sum())
    points = table[(table["school_form"] == "GY") & (table["covariate"] == "grade_points")]
    assert points["sd"].item() == pytest.approx(pooled)


def test_absence_coding_is_refused_when_unknown(built):
    with pytest.raises(ValueError, match="absence_coding is present, dropped or absent"):
        panel.absence_share(built.data, "guess")


def test_terms_are_ordered_numbers():
    assert terms.between("HT2019", "HT2020") == ["HT2019", "VT2020", "HT2020"]
    assert terms.label(terms.number("VT2020")) == "VT2020"
    assert terms.number("VT2020") == terms.number("HT2019") + 1
    assert terms.school_year("HT2019") == terms.school_year("VT2020") == "2019-20"
    with pytest.raises(ValueError, match="not a term"):
        terms.number("2019")


@pytest.mark.parametrize("remote", [True, False])
def test_missing_absence_is_missing_in_every_share_and_selects_nobody(
    remote, tiny_processed, tmp_path
):
    """One comparison school exported no absence in the selection term."""
    shutil.copytree(tiny_processed, tmp_path, dirs_exist_ok=True)
    parameters = Parameters(include_remote_weeks=remote)
    usual = panel.build(tiny_processed, parameters)
    school = usual.form("GR").query("not ever_treated")["school"].iloc[0]
    when = panel.window(usual, parameters, "GR")
    for name in ("pupil_terms", "pupil_weeks"):
        table = pd.read_parquet(tmp_path / f"{name}.parquet")
        gone = (table["school"] == school) & (table["term"] == terms.label(when.selection))
        columns = ["absent_minutes", "invalid_minutes"]
        table[columns] = table[columns].astype("Int32").mask(gone, axis=0)
        table.to_parquet(tmp_path / f"{name}.parquet")
    built = panel.build(tmp_path, parameters)
    rows = built.data[
        (built.data["school"] == school) & (built.data["term_number"] == when.selection)
    ]
    assert len(rows) > 0
    shares = ["absence_share", "invalid_absence_share", "persistent_absence"]
    assert rows[shares].isna().all(axis=None)
    assert rows["reporting_rate"].notna().all()
    before = panel.eligible_panel(usual, parameters, "GR")
    after = panel.eligible_panel(built, parameters, "GR")
    assert school in set(before["origin"])
    assert set(before["origin"]) - set(after["origin"]) == {school}
    others = before[before["origin"] != school]
    assert after["eligible"].sum() == others["eligible"].sum()


def test_the_likeness_of_schools_is_of_outcomes_that_their_form_has(built):
    lower = built.data["school_form"] == "GR"
    other = replace(
        built,
        data=built.data[lower].assign(school_form="ANPGR", grade_points=10.0, term_merit=200.0),
    )
    compared = set(panel.balance(other)["covariate"])
    assert "goals_all" in compared
    assert not {"grade_points", "term_merit"} & compared


def test_earlier_grades_are_not_asked_for_final_grades(built):
    final = {"merit", "eligible_vocational", "eligible_academic"}
    to_the_last = {o.name for o in claims._evaluated(built, "C2", "GR")}
    assert final <= to_the_last
    earlier = replace(built, data=built.data.assign(last_grade=6))
    assert {o.name for o in claims._evaluated(earlier, "C2", "GR")} == to_the_last - final
