"""What mentors there were and whom they had, told without telling it of one school."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from pilot_analysis import estimates
from pilot_analysis.disclosure import published
from pilot_analysis.errors import NotEstimable
from pilot_analysis.evaluation.cost import cost_per_pupil, evaluate_cost
from pilot_analysis.evaluation.delivered import delivered

TERMS = ("HT2019", "VT2020", "HT2020")


def register(rows):
    """Return an exposure register of (school, kind, term, posts, pupils a mentor)."""
    names = ["school", "organisation", "term", "mentor_fte", "pupils_per_mentor"]
    made = pd.DataFrame(rows, columns=names)
    return made.assign(status="pilot", school_form="GR", cost_sek=290_000 * made["mentor_fte"])


def told(rows, folder):
    """Return what the evaluation says of a register, whose schools all have pupils every term."""
    exposure = register(rows)
    exposure.to_parquet(folder / "exposure.parquet")
    pairs = exposure[["school", "term"]].assign(treated=1)
    return estimates.table(delivered(SimpleNamespace(form=lambda _: pairs), folder, "GR"))


def cells(table, outcome):
    own = table[(table["outcome"] == outcome) & (table["term"] != "")]
    return {(r.specification, r.term): r.estimate for r in own.itertuples()}


TOWN = [
    ("a", "targeted", "HT2019", 1.0, 30.0),
    ("a", "targeted", "VT2020", 1.0, 32.0),
    ("b", "targeted", "VT2020", 1.5, 40.0),
    ("a", "targeted", "HT2020", 0.5, 28.0),
    ("b", "targeted", "HT2020", 1.0, 31.0),
    ("c", "class", "VT2020", 3.0, 90.0),
]


def test_posts_and_caseloads_are_sums_over_the_schools_of_a_kind(tmp_path):
    table = told(TOWN, tmp_path)
    assert cells(table, "mentor_posts") == {
        ("targeted", "VT2020"): 2.5,
        ("targeted", "HT2020"): 1.5,
    }
    loads = cells(table, "pupils_per_mentor")
    assert loads[("targeted", "VT2020")] == pytest.approx((32 + 60) / 2.5)
    assert list(loads) == [("targeted", "VT2020"), ("targeted", "HT2020")]  # in time
    # The one school with class mentors: nothing but that it is one.
    alone = table[table["specification"] == "class"]
    assert alone["estimate"].isna().all()
    assert set(alone["reason"]) == {"one_school"}


def test_a_term_that_a_school_s_figure_lacks_is_not_told(tmp_path):
    rows = [(*row[:4], np.nan) if row[:3] == ("b", "targeted", "HT2020") else row for row in TOWN]
    assert set(cells(told(rows, tmp_path), "mentor_posts")) == {("targeted", "VT2020")}


@pytest.mark.slow
def test_every_term_told_has_the_same_schools_so_no_difference_is_one_school_s(tmp_path):
    """Over random registers: schools join, leave and change kind."""
    rng = np.random.default_rng(1)
    seen = 0
    for _ in range(40):
        rows = [
            (school, str(rng.choice(["class", "targeted"], p=[0.2, 0.8])), term, 1.0, 30.0)
            for school in "abcd"
            for term in TERMS
            if rng.random() < 0.8
        ]
        table = told(rows, tmp_path)
        have: dict[tuple[str, str], set[str]] = {}
        for school, kind, term, *_ in rows:
            have.setdefault((kind, term), set()).add(school)
        for kind in ("class", "targeted"):
            shown = [have[key] for key in cells(table, "mentor_posts") if key[0] == kind]
            everyone = set().union(*(s for (k, _), s in have.items() if k == kind))
            assert all(schools == everyone and len(schools) >= 2 for schools in shown)
            seen += len(shown)
    assert seen > 20


def test_a_pupil_more_moves_no_published_number_by_less_than_a_step(tmp_path):
    shown = []
    for pupils in (33.0, 32.0):
        rows = [("a", "targeted", t, 1.0, pupils) for t in TERMS]
        rows += [("b", "targeted", t, 1.4, 30.0) for t in TERMS]
        safe, _ = published(told(rows, tmp_path))
        shown.append(safe[safe["term"] != ""])
    one, other = shown
    assert set(one.loc[one["outcome"] == "mentor_posts", "estimate"]) == {2.5}
    steps = one["unit"].map({"full-time posts": 0.5, "pupils a mentor": 1.0})
    moved = (one["estimate"] - other["estimate"]).abs() / steps
    assert moved.isin([0.0, 1.0]).all()
    assert (one["n_pupils"] % 10 == 0).all()


def test_posts_for_a_few_pupils_are_withheld(tmp_path):
    rows = [(school, "targeted", t, 0.2, 15.0) for school in "ab" for t in TERMS]
    safe, _ = published(told(rows, tmp_path))
    few = safe[safe["term"] != ""]
    assert few["estimate"].isna().all()
    assert set(few["reason"]) == {"few_pupils"}


def paid(costs, folder):
    """Return cost a pupil-year and a mentored pupil-year of two schools of 100 and 300 pupils."""
    exposure = register(
        [
            ("a", "class", "HT2019", 1.0, 80.0),
            ("b", "class", "HT2019", 3.0, 90.0),
            ("c", "class", "HT2019", 1.0, 50.0),
        ]
    )
    exposure.assign(cost_sek=costs).to_parquet(folder / "exposure.parquet")
    pupils = pd.DataFrame(
        [
            (f"{school}{i}", school, "HT2019", 1)
            for school, n in (("a", 100), ("b", 300), ("c", 50))
            for i in range(n)
        ],
        columns=["pupil", "school", "term", "treated"],
    )
    town = SimpleNamespace(form=lambda _: pupils)
    rows = estimates.table(delivered(town, folder, "GR"))
    mentored = rows.loc[rows["outcome"] == "cost_per_mentored_pupil"].iloc[0]
    return cost_per_pupil(town, folder, "GR"), mentored


def test_a_cost_that_is_not_known_is_not_nothing(tmp_path):
    """Neither the kronor nor the pupils of a school without a cost are counted."""
    whole, _ = paid([300_000.0, 900_000.0, 300_000.0], tmp_path)
    assert whole == (pytest.approx(2 * 1_500_000 / 450), 450)
    some, of_mentored = paid([300_000.0, 900_000.0, np.nan], tmp_path)
    assert some == (pytest.approx(2 * 1_200_000 / 400), 400)
    assert of_mentored["estimate"] == pytest.approx(2 * 1_200_000 / (80 + 270))
    with pytest.raises(NotEstimable, match="holds no cost"):
        paid([np.nan] * 3, tmp_path)


@pytest.mark.parametrize(("costs", "known"), [([3e5, 9e5, 3e5], 3), ([3e5, 9e5, np.nan], 2)])
def test_of_how_many_pilot_schools_the_cost_is_known_is_counted(costs, known, tmp_path):
    paid(costs, tmp_path)
    pupils = pd.DataFrame(
        [(f"{school}{i}", school, "HT2019", 1) for school in "abc" for i in range(100)],
        columns=["pupil", "school", "term", "treated"],
    )
    town = SimpleNamespace(form=lambda _: pupils, school_forms=["GR"])
    rows = evaluate_cost(town, tmp_path, estimates.table([]))
    row = rows[rows["outcome"] == "cost_per_pupil"].iloc[0]
    assert (row["n_treated_schools"], row["n_schools"]) == (known, 3)


def test_a_mentored_pupil_s_cost_is_unknown_where_no_cost_is(tmp_path):
    exposure = register([("a", "class", "HT2019", 1.0, 80.0), ("b", "class", "HT2019", 3.0, 90.0)])
    exposure.assign(cost_sek=np.nan).to_parquet(tmp_path / "exposure.parquet")
    pairs = exposure[["school", "term"]].assign(treated=1)
    rows = delivered(SimpleNamespace(form=lambda _: pairs), tmp_path, "GR")
    (row,) = (r for r in rows if r["outcome"] == "cost_per_mentored_pupil")
    assert "estimate" not in row
    assert row["reason"] == "no_cost"


def test_pupils_after_a_school_s_pilot_ended_are_not_in_its_cost(tmp_path):
    exposure = register([("a", "class", "HT2019", 1.0, 80.0)])
    exposure.to_parquet(tmp_path / "exposure.parquet")
    pupils = pd.DataFrame(
        [(i, "a", term, 1) for i in range(10) for term in TERMS],
        columns=["pupil", "school", "term", "treated"],
    )
    found = cost_per_pupil(SimpleNamespace(form=lambda _: pupils), tmp_path, "GR")
    assert found == (pytest.approx(2 * 290_000 / 10), 10)
