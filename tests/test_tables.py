"""Tables as a reader of a notebook meets them: words for codes, what all rows share said once."""

import html
import io

import pandas as pd
import pytest

from pilot_analysis import estimates, workbench
from pilot_analysis.evaluation import subgroups

ROW = {
    "outcome": "absence_share",
    "school_form": "GR",
    "population": "all_pupils",
    "model": "school-level difference-in-differences",
    "specification": "primary",
    "method": "least_favourable",
    "unit": "percentage points",
    "estimate": -2.138,
    "ci_low": -5.121,
    "ci_high": 0.9149,
    "p_value": 0.136,
    "p_value_min": 0.000505,
    "n_schools": 11,
    "n_treated_schools": 4,
}


def shown(rows, *columns, by=workbench.show_estimates):
    """Return the text above a table, and the table."""
    page = by(estimates.table(rows), *columns).data
    above, _, table = page.rpartition("<table")
    return above, pd.read_html(io.StringIO("<table" + table), keep_default_na=False)[0]


def test_codes_are_words_and_numbers_have_the_decimals_their_interval_deserves():
    other = ROW | {"outcome": "goals_all", "specification": "by_pupils", "model": "another"}
    above, table = shown([ROW, other])
    assert table["outcome"].tolist() == ["Absence", "Pupils with at least E in all subjects"]
    assert table["specification"].tolist() == ["As planned", "Every pupil counts once"]
    assert table["estimate"].tolist() == ["−2.1", "−2.1"]
    assert table["interval"].iloc[0].split() == ["−5.1", "to", "0.9"]
    assert table["p (smallest without assumptions)"].iloc[0] == "0.14 (< 0.001)"
    assert table["schools (pilot)"].iloc[0] == "11 (4)"
    assert "school form lower secondary school" in above
    assert "unit percentage points" in above


def test_one_row_keeps_its_columns_and_an_unknown_code_its_name():
    above, table = shown(
        [ROW | {"specification": "Ekskolan", "estimand": "some_code"}], "specification", "estimand"
    )
    assert above == ""
    assert table.to_numpy().tolist() == [["Ekskolan", "some code"]]


def test_estimates_without_an_interval_have_the_decimals_that_they_were_rounded_to():
    """-1.20 told to a tenth would claim a digit that nobody knows."""
    alone = ROW | {"ci_low": float("nan"), "ci_high": float("nan")}
    merit = alone | {"unit": "merit points"}
    rows = [alone | {"estimate": v} for v in (-1.2, -1.0)] + [merit | {"estimate": 24.0}, ROW]
    _, table = shown(rows, "estimate", "unit")
    assert table["estimate"].tolist() == ["−1.2", "−1.0", "24", "−2.1"]
    # Numbers that were not rounded have three digits at most.
    rows = [alone | {"estimate": v} for v in (-12.3456, 0.4567, 240.1234)]
    assert shown(rows, "estimate")[1]["estimate"].tolist() == ["−12.3", "0.46", "240"]


def test_groups_have_a_row_each_in_words_and_a_column_an_arm():
    row = ROW | {
        "model": "subgroups, described only",
        "ci_low": float("nan"),
        "ci_high": float("nan"),
    }

    def change(form, group, arm, value):
        own = {"school_form": form, "specification": group, "estimand": f"change_{arm}"}
        return row | own | {"estimate": value}

    above, table = shown(
        [
            change("GY", "grade_name=1", "comparison", -0.6),
            change("GY", "grade_name=1", "pilot", -1.0),
            change("GR", "sex=girl", "comparison", float("nan")),
            change("GR", "sex=girl", "pilot", 2.0),
        ],
        by=workbench.show_groups,
    )
    assert "percentage points" in above
    assert table.columns.tolist() == ["school form", "group", "pilot schools", "comparison schools"]
    assert table.to_numpy().tolist() == [
        ["lower secondary school", "Girls", "2.0", ""],
        ["upper secondary school", "Grade 1", "−1.0", "−0.6"],
    ]


def test_groups_of_a_later_school_form_come_after_those_of_an_earlier():
    row = ROW | {"model": "subgroups, described only", "estimand": "change_pilot"}
    told = [("sex=girl", "GR"), ("sex=girl", "GY"), ("grade_name=1", "GY"), ("grade_name=9", "GR")]
    table = estimates.table(row | {"specification": g, "school_form": f} for g, f in told)
    found = [(group, form) for group, form, _ in subgroups.changes(table)]
    assert found == [*told[:2], told[3], told[2]]


def test_no_estimate_leaves_its_cells_empty_and_says_why():
    none = {"outcome": "absence_share", "school_form": "GR", "reason": "no_treated"}
    _, table = shown([ROW, none], "estimate", "interval", "p_value", "n_schools", "why")
    assert table.iloc[1].tolist()[:4] == ["", "", "", ""]
    assert table["no estimate because"].tolist() == [
        "",
        "no pilot school of this kind can be followed from before to after the start",
    ]


def test_an_estimate_without_interval_has_three_significant_digits():
    rows = [
        ROW | {"estimate": v, "ci_low": float("nan"), "ci_high": float("nan")}
        for v in (0.12345, 12.345, 1234.5)
    ]
    _, table = shown(rows, "estimate")
    assert table["estimate"].tolist() == [0.12, 12.3, 1234]


def test_what_is_shown_is_escaped_above_the_table_too():
    attack = "<script>alert(1)</script>"
    above, _ = shown([ROW | {"model": attack}] * 2)
    assert "<script" not in above
    assert "&lt;script" in above


def test_a_response_rate_is_of_all_who_were_asked():
    _, table = shown([ROW | {"outcome": "response", "population": "pupils_answering"}])
    assert table["population"].tolist() == ["pupils"]


def test_tests_of_the_study_have_their_names():
    page = workbench.show(pd.DataFrame({"method": ["CR3_welch", "somebody_s_own"]})).data
    assert "CR3, Welch's df" in html.unescape(page)
    assert "somebody s own" in page


@pytest.mark.parametrize("column", ["school_form", "outcome", "population"])
def test_any_table_has_words_for_the_codes_of_the_catalogue(column):
    page = workbench.show(pd.DataFrame({column: [ROW[column], None]})).data
    assert ROW[column] not in page


def test_any_table_has_real_minus_signs_thousands_and_the_decimals_it_was_rounded_to():
    columns = {
        "points": [-2.36, float("nan")],
        "change": [-6.5, -10.0],
        "pupils": pd.array([57860, None], dtype="Int64"),
        "pupil_terms": [57860, 1234],
        "first_year": [2017, 2018],
    }
    page = workbench.show(pd.DataFrame(columns)).data
    table = pd.read_html(io.StringIO(page), keep_default_na=False, thousands=None)[0].astype(str)
    assert table.to_numpy().tolist() == [
        ["−2.36", "−6.5", "57,860", "57,860", "2017"],
        ["", "−10.0", "", "1,234", "2018"],
    ]
