"""Exports of other municipalities: part of a register, part of the tables, other units of time."""

import pandas as pd
import pytest
from exports import HEADERS, PUPILS, TERMS, table, write

from pilot_analysis import evaluation, panel
from pilot_analysis.catalogue.reasons import sentence
from pilot_analysis.evaluation import targeting
from pilot_analysis.ingest import IngestError, Rules, ingest
from pilot_analysis.panel import answerable
from pilot_analysis.parameters import Parameters
from pilot_analysis.words import LANGUAGES

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


@pytest.mark.slow
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


@pytest.mark.slow
def test_the_others_are_comparison_schools_where_the_municipality_says_so(made):
    folder, report = made(Rules(register_lists="pilot_schools"), exponering=PILOT_ALONE)
    assert "unlisted_untreated" in said(report)
    assert report["school_terms_missing_in_register"] == []
    found = pd.read_parquet(folder / "pupil_terms.parquet")
    assert set(found.loc[found["school"] == "Bokskolan", "status"]) == {"none"}
    built = panel.build(folder, WINDOW)
    assert set(built.data["school"]) == {"Almskolan", "Bokskolan"}


@pytest.mark.slow
def test_a_listed_school_with_unknown_terms_is_not_made_untreated(made):
    """Only schools that the register never names: one with gaps has a history nobody knows."""
    some = PILOT_ALONE + "Bokskolan;HT2019;okand;\n"
    folder, report = made(Rules(register_lists="pilot_schools"), exponering=some)
    assert not {"unlisted_untreated", "unlisted_unknown"} & set(said(report))
    assert panel.build(folder, WINDOW).refused == {"Bokskolan": "unknown"}


# --- Attendance as totals --------------------------------------------------------------------

NO_WEEKS = {"undervisningstid": None, "franvaro": None}
# Two weeks of 1,000 minutes a term: 80 absent each, 40 of them invalid, 950 reported.
IN_HOURS = ("160", "80", "2000", "1900")


def totals(cells, *, header="franvarande;ogiltigt_franvarande;schemalagt;rapporterat", unit=""):
    """Return the table of totals, every pupil and term alike."""
    end = f";{unit}" if unit else ""
    lines = [f"elev_id;skolenhetskod;period;{header}{';enhet' if unit else ''}"]
    lines += [
        f"{pupil};{school};{term};{';'.join(cells)}{end}"
        for term in TERMS
        for pupil, school in PUPILS.items()
    ]
    return "\n".join(lines) + "\n"


@pytest.mark.slow
def test_totals_per_term_give_the_minutes_that_weeks_and_lessons_give(made, tmp_path):
    weekly, _ = made()
    expected = pd.read_parquet(weekly / "pupil_terms.parquet").drop(columns="remote_share")
    folder = tmp_path / "totals"
    raw = write(tmp_path / "others", **NO_WEEKS, narvarosummor=totals(IN_HOURS))
    report = ingest(raw, folder, key=KEY)
    found = pd.read_parquet(folder / "pupil_terms.parquet").drop(columns="remote_share")
    pd.testing.assert_frame_equal(found, expected)
    assert not {c for c in said(report) if c.startswith("missing_")} - {
        "missing_mentorer",
        "missing_elevenkat",
        "missing_personalenkat",
        "missing_utskick",
    }
    assert {row["absence"] for row in report["coverage"]} == {1.0}


@pytest.mark.slow
def test_hours_and_months_add_up_to_the_terms_minutes(made):
    halves = totals(("1,5", "0,5", "10", "9"), unit="timmar")
    months = {
        "HT2018": ("2018-09", "2018-12"),
        "VT2019": ("2019-01", "2019-06"),
        "HT2019": ("2019-08", "2019-10"),
    }
    head, *lines = halves.splitlines()
    text = (
        "\n".join(
            [
                head,
                *(
                    line.replace(term, month)
                    for line in lines
                    for term, both in months.items()
                    if term in line
                    for month in both
                ),
            ]
        )
        + "\n"
    )
    folder, report = made(**NO_WEEKS, narvarosummor=text)
    found = pd.read_parquet(folder / "pupil_terms.parquet")
    minutes = found[["absent_minutes", "invalid_minutes", "scheduled_minutes", "reported_minutes"]]
    assert minutes.drop_duplicates().to_numpy().tolist() == [[180, 60, 1200, 1080]]
    assert len(found) == 60
    (entry,) = [f for f in report["files"] if f["table"] == "attendance_totals"]
    assert (entry["rows_read"], entry["rows_kept"]) == (120, 120)


@pytest.mark.slow
def test_weeks_go_before_totals(made):
    folder, report = made(narvarosummor=totals(("1", "0", "2", "2")))
    assert pd.read_parquet(folder / "pupil_terms.parquet")["absent_minutes"].eq(160).all()
    (entry,) = [f for f in report["files"] if f["table"] == "attendance_totals"]
    assert entry["rows_dropped"] == {"told_by_week": 60}


@pytest.mark.slow
def test_totals_tell_the_absence_of_weeks_without_any_report(made):
    text = totals(("160", "80"), header="franvarande;ogiltigt_franvarande")
    folder, report = made(franvaro=None, narvarosummor=text)
    found = pd.read_parquet(folder / "pupil_terms.parquet")
    minutes = found[["absent_minutes", "invalid_minutes", "scheduled_minutes", "reported_minutes"]]
    assert minutes.drop_duplicates().to_numpy().tolist() == [[160, 80, 2000, 1900]]
    assert found["remote_share"].eq(0).all()
    assert {row["absence"] for row in report["coverage"]} == {1.0}
    assert "totals_without_lesson_time" not in said(report)


@pytest.mark.slow
def test_totals_of_a_class_that_are_all_zero_are_told(made):
    pupils = table(
        "elever",
        lambda r: [r[0], "11111111", *r[2:4], "9A" if r[1] == "11111111" else "9B", *r[5:]],
    )
    text = totals(IN_HOURS).replace(";22222222;HT2018;160;80;", ";22222222;HT2018;0;0;")
    text = text.replace(";22222222;", ";11111111;")
    folder, report = made(**NO_WEEKS, elever=pupils, narvarosummor=text)
    found = pd.read_parquet(folder / "pupil_terms.parquet")
    assert found["absent_minutes"].eq(0).sum() == 10
    assert ": Almskolan HT2018 (9B);" in said(report)["group_at_zero"]["rule"]


@pytest.mark.slow
def test_totals_of_a_pupil_not_at_the_school_are_told(made):
    first = next(iter(PUPILS))
    pupils = table("elever", lambda r: None if (r[0], r[2]) == (first, "HT2019") else r)
    _, report = made(**NO_WEEKS, elever=pupils, narvarosummor=totals(IN_HOURS))
    remark = said(report)["not_enrolled"]
    assert (remark["file"], remark["row"], remark["count"]) == ("narvarosummor.csv", 42, 1)


READINGS = {
    "three decimals or thousands": ("1,200", "2000", False),
    "with a point": ("1.200", "2000", False),
    "a longer number": ("12,250", "20,500", False),
    "decimals beside it": ("1,200", "33,5", True),
    "no thousands begin with 0": ("1,200", "0,500", True),
    "no thousands are so long": ("1,200", "2000,125", True),
    "four decimals": ("1,2000", "2000", True),
}


@pytest.mark.slow
@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("separator", [";", "\t"])
def test_totals_that_can_be_read_in_two_ways_stop(reading, separator, made):
    first, others, fine = READINGS[reading]
    text = totals((others,), header="franvarande").replace(others, first, 1)
    changed = NO_WEEKS | {"narvarosummor": text.replace(";", separator)}
    if fine:
        folder, _ = made(**changed)
        assert 1 in pd.read_parquet(folder / "pupil_terms.parquet")["absent_minutes"].tolist()
        return
    with pytest.raises(
        IngestError, match=r"narvarosummor\.csv, row 2, column franvarande: has a num"
    ):
        made(**changed)


@pytest.mark.slow
def test_three_decimals_that_cannot_be_thousands_are_read(made):
    """More than two thousand pupils a mentor there cannot be."""
    register = "skola;termin;status;organisation;elever_per_mentor\n" + "".join(
        f"{school};{term};ingen;;83,125\n"
        for school in ("Almskolan", "Bokskolan")
        for term in TERMS
    )
    folder, _ = made(exponering=register)
    assert pd.read_parquet(folder / "exposure.parquet")["pupils_per_mentor"].eq(83.125).all()
    with pytest.raises(
        IngestError, match="column elever_per_mentor: has a number that can be read"
    ):
        made(exponering=register.replace("83,125", "1,125"))


# The weeks are of 30 September to 11 October. Absence by months, and whether it is of that time.
MONTHS = {
    "the weeks' months": ({"2019-09": "80", "2019-10": "80"}, True),
    "one month of both weeks": ({"2019-10": "160"}, True),
    "and one without anything": ({"2019-10": "160", "2019-12": "0"}, True),
    "not all weeks": ({"2019-09": "160"}, False),
    "months beyond the weeks": ({"2019-09": "80", "2019-10": "80", "2019-11": "60"}, False),
    "other months": ({"2019-11": "80", "2019-12": "80"}, False),
}


def absence_by_month(cells):
    return "elev_id;skolenhetskod;period;franvarande\n" + "".join(
        f"{pupil};{unit};{month};{absent}\n"
        for pupil, unit in PUPILS.items()
        for month, absent in cells.items()
    )


@pytest.mark.slow
@pytest.mark.parametrize("months", MONTHS)
def test_months_count_beside_weeks_of_the_same_time_alone(months, made):
    cells, same = MONTHS[months]
    folder, report = made(franvaro=None, narvarosummor=absence_by_month(cells))
    found = pd.read_parquet(folder / "pupil_terms.parquet").query("term == 'HT2019'")
    assert found["scheduled_minutes"].eq(2000).all()
    assert found["absent_minutes"].eq(160).all() if same else found["absent_minutes"].isna().all()
    assert ("months_beside_weeks" in said(report)) is not same
    (entry,) = [f for f in report["files"] if f["table"] == "attendance_totals"]
    assert entry["rows_dropped"] == ({} if same else {"other_time_than_weeks": 20 * len(cells)})


@pytest.mark.slow
def test_months_beyond_weeks_with_reports_are_told(made):
    folder, report = made(narvarosummor=absence_by_month({"2019-10": "160", "2019-11": "80"}))
    found = pd.read_parquet(folder / "pupil_terms.parquet")
    assert found["absent_minutes"].eq(160).all()
    remark = said(report)["months_beside_weeks"]
    assert (remark["row"], remark["column"], remark["count"]) == (3, "period", 20)


@pytest.mark.slow
def test_a_period_told_twice_otherwise_stops(made):
    once = totals(IN_HOURS)
    row = once.splitlines()[1]
    for other in (row.replace(";160;", ";170;"), row.replace("HT2018", "2018-09")):
        with pytest.raises(IngestError, match="stands twice"):
            made(**NO_WEEKS, narvarosummor=f"{once}{other}\n")


@pytest.mark.slow
def test_totals_of_parts_beyond_their_whole_are_capped_and_told(made):
    head, *lines = totals(IN_HOURS).splitlines()
    wrong = [lines[0].replace(";160;80;2000;1900", ";2100;2200;2000;2300"), *lines[1:]]
    folder, report = made(**NO_WEEKS, narvarosummor="\n".join([head, *wrong]) + "\n")
    found = pd.read_parquet(folder / "pupil_terms.parquet")
    minutes = ["absent_minutes", "invalid_minutes", "scheduled_minutes", "reported_minutes"]
    assert found[minutes].max().tolist() == [2000, 2000, 2000, 2000]
    remarks = [r for r in report["remarks"] if r["code"] == "totals_beyond_whole"]
    assert [(r["column"], r["row"], r["count"]) for r in remarks] == [
        ("ogiltigt_franvarande", 2, 1),
        ("franvarande", 2, 1),
        ("rapporterat", 2, 1),
    ]
    others = lines[1:]
    pupil = lines[0].split(";")[0]
    months = [f"{pupil};11111111;2018-09;1200;0;1000;900", f"{pupil};11111111;2018-10;0;0;1000;900"]
    folder, _ = made(**NO_WEEKS, narvarosummor="\n".join([head, *others, *months]) + "\n")
    found = pd.read_parquet(folder / "pupil_terms.parquet")
    assert found["absent_minutes"].max() == 1000, "capped in its month"
    with pytest.raises(IngestError, match=r"column ogiltigt_franvarande: .* in most rows"):
        made(**NO_WEEKS, narvarosummor=totals(("80", "160", "2000", "1900")))


@pytest.mark.slow
def test_totals_in_hours_that_do_not_say_so_stop(made):
    hours = ("12,5", "2", "300", "290")
    with pytest.raises(IngestError, match=r"looks like hours.*Almskolan HT2018, Almskolan VT2019"):
        made(**NO_WEEKS, narvarosummor=totals(hours))
    made(**NO_WEEKS, narvarosummor=totals(hours, unit="timmar"))


@pytest.mark.slow
def test_absence_without_lesson_time_is_minutes_per_school_day(made):
    text = totals(("160",), header="franvarande")
    folder, report = made(**NO_WEEKS, narvarosummor=text)
    assert "totals_without_lesson_time" in said(report)
    built = panel.build(folder, WINDOW)
    assert len(built.data) == 60
    assert built.data["absence_share"].isna().all()
    assert built.data["absence_minutes"].eq(160 / 10).all()  # two weeks of five days
    answers = evaluation.headline(evaluation.evaluate_claim(built, "C1", WINDOW))
    found = answers.set_index("outcome")
    assert found.loc["absence_minutes", "unit"] == "minutes a day"
    assert found.loc["absence_share", "reason"] == "no_values"
    with_weeks, _ = made()
    usual = evaluation.evaluate_claim(panel.build(with_weeks, WINDOW), "C1", WINDOW)
    assert "absence_minutes" not in set(usual["outcome"])


@pytest.mark.slow
def test_check_knows_that_minutes_per_school_day_answer_for_attendance_alone(made):
    folder, _ = made(**NO_WEEKS, narvarosummor=totals(("160",), header="franvarande"))
    found = {a.claim: a.lacks for a in answerable.answerable(folder, WINDOW)}
    assert found["C1"] == ()
    assert found["C3"] == ("lesson_time",)  # who had high absence is picked by a share


@pytest.mark.slow
def test_who_is_eligible_is_unknown_without_lesson_time_and_not_nobody(made):
    folder, _ = made(**NO_WEEKS, narvarosummor=totals(("160",), header="franvarande"))
    table = targeting.evaluate_targeting(panel.build(folder, WINDOW), folder, WINDOW)
    assert set(table["reason"]) == {"eligibility_unknown"}
    rows = table.set_index(["claim", "outcome"])
    assert set(rows.loc["C3", "population"]) == {"eligible_pupils"}
    assert set(rows.loc["C4", "population"]) == {"eligible_at_targeted"}
    assert "absence_share" in rows.loc["C3"].index and "absence_share" not in rows.loc["C4"].index
    assert not rows.index.has_duplicates
    for language in LANGUAGES:
        assert sentence(table.iloc[0].to_dict(), language)


@pytest.mark.slow
def test_grades_alone_leave_the_pupils_in_the_panel(made):
    folder, _ = made(**NO_WEEKS, kalender=None)
    built = panel.build(folder, WINDOW)
    assert len(built.data) == 60
    assert built.data["goals_all"].notna().all()
    assert built.data[["absence_share", "absence_minutes"]].isna().all(axis=None)


@pytest.mark.slow
@pytest.mark.parametrize("column", ["utlandsk_bakgrund", "nyanland"])
def test_a_background_that_is_not_told_is_missing_and_never_no(column, made):
    told = {pupil: ("J", "N", "")[i % 3] for i, pupil in enumerate(PUPILS)}
    header = HEADERS["elever"] + f";{column}"
    folder, _ = made(elever=table("elever", lambda row: [*row, told[row[0]]], header))
    read = pd.read_parquet(folder / "pupil_terms.parquet")
    own, other = ("foreign_background", "newly_arrived")[:: 1 if column[0] == "u" else -1]
    per_term = [list(told.values()).count(answer) for answer in ("J", "N", "")]
    found = [(read[own] == True).sum(), (read[own] == False).sum(), read[own].isna().sum()]  # noqa: E712
    assert found == [len(TERMS) * n for n in per_term]
    assert read[other].isna().all()  # the column is not there at all


# --- Two municipalities together -------------------------------------------------------------

BOTH = "skolenhetskod;skolnamn;skola;skolform;kommun\n{}"
TWO = BOTH.format("11111111;Alm;Almskolan;GR;Alby\n22222222;Bok;Bokskolan;GR;Boby\n")


@pytest.mark.slow
def test_two_municipalities_are_read_as_one_folder(made):
    parts = {"skolor": None, "skolor_a": TWO.replace("22222222;Bok;Bokskolan;GR;Boby\n", "")}
    parts["skolor_b"] = BOTH.format("22222222;Bok;Bokskolan;GR;Boby\n")
    folder, _ = made(**parts)
    assert set(pd.read_parquet(folder / "pupil_terms.parquet")["school"]) == {
        "Almskolan",
        "Bokskolan",
    }


@pytest.mark.slow
@pytest.mark.parametrize(("second", "stops"), [("Boby", True), ("ALBY", False), ("", False)])
def test_schools_of_one_name_in_two_municipalities_stop(second, stops, made):
    same = TWO.replace("Bokskolan;GR;Boby", f"Almskolan;GR;{second}")
    register = PILOT_ALONE
    if not stops:
        made(skolor=same, exponering=register)
        return
    with pytest.raises(IngestError) as raised:
        made(skolor=same, exponering=register)
    assert "samma namn i två kommuner" in raised.value.told("sv")


@pytest.mark.slow
def test_local_identifiers_of_two_municipalities_stop_but_pupils_who_move_do_not(made):
    local = {pupil: f"{i % 10 + 1}" for i, pupil in enumerate(PUPILS)}
    changed = {
        stem: table(stem, lambda row: [local[row[0]], *row[1:]])
        for stem in ("elever", "undervisningstid", "franvaro", "betyg")
    }
    with pytest.raises(IngestError) as raised:
        made(skolor=TWO, **changed)
    assert "lokala elev-id sammanfaller" in raised.value.told("sv")
    mover = next(iter(PUPILS))
    text = table("elever", lambda row: row) + f"{mover};22222222;HT2018;9;9A;F;2005;N\n"
    made(skolor=TWO, elever=text)  # one pupil of sixty terms: below five per cent
