"""Exports of other municipalities: part of a register, part of the tables, other units of time."""

import pandas as pd
import pytest
from exports import TERMS, write

from pilot_analysis import evaluation, panel
from pilot_analysis.ingest import Rules, ingest
from pilot_analysis.parameters import Parameters

KEY = b"k" * 32
WINDOW = Parameters.model_validate({"first_term": "HT2018", "last_term": "HT2019"})
PILOT_ALONE = "skola;termin;status;organisation\n" + "".join(
    f"Almskolan;{term};{'pilot;klass' if term == 'HT2019' else 'ingen;'}\n" for term in TERMS
)


@pytest.fixture
def made(tmp_path):
    """Return a function that ingests changed exports: (folder of tables, quality report)."""

    def make(rules=None, **changed):
        out = tmp_path / "out"
        return out, ingest(write(tmp_path / "raw", **changed), out, key=KEY, rules=rules)

    return make


def said(report):
    return {r["code"]: r for r in report["remarks"]}


def test_a_register_of_the_pilot_schools_alone_is_told_and_leaves_nothing_to_compare(made):
    folder, report = made(exponering=PILOT_ALONE)
    remark = said(report)["unlisted_unknown"]
    assert "Bokskolan" in remark["rule"] and "register_lists: pilot_schools" in remark["advice"]
    built = panel.build(folder, WINDOW)
    assert built.data["school"].unique().tolist() == ["Almskolan"]
    answers = evaluation.headline(evaluation.evaluate_claim(built, "C1", WINDOW))
    assert (answers["reason"] != "").all()
    for name in ("absence_share", "goals_all"):  # nothing is drawn, and nothing breaks
        panel.change_table(built, name)
        panel.group_trends(built.data, panel.OUTCOMES[name])


def test_the_others_are_comparison_schools_where_the_municipality_says_so(made):
    folder, report = made(Rules(register_lists="pilot_schools"), exponering=PILOT_ALONE)
    assert "unlisted_untreated" in said(report)
    assert report["school_terms_missing_in_register"] == []
    found = pd.read_parquet(folder / "pupil_terms.parquet")
    assert set(found.loc[found["school"] == "Bokskolan", "status"]) == {"none"}
    built = panel.build(folder, WINDOW)
    assert set(built.data["school"]) == {"Almskolan", "Bokskolan"}


def test_a_listed_school_with_unknown_terms_is_not_made_untreated(made):
    """Only schools that the register never names: one with gaps has a history nobody knows."""
    some = PILOT_ALONE + "Bokskolan;HT2019;okand;\n"
    folder, report = made(Rules(register_lists="pilot_schools"), exponering=some)
    assert not {"unlisted_untreated", "unlisted_unknown"} & set(said(report))
    assert panel.build(folder, WINDOW).refused == {"Bokskolan": "unknown"}
