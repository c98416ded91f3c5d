"""Exports as they come: nothing missing is read as present, and advice is right.

Each accident that real exports have had, with the value that must come out or what must be said.
"""

import json

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from exports import HEADERS, PUPILS, SUBJECTS, number, rows, table, tables, write

from pilot_analysis.catalogue import language
from pilot_analysis.cli import main
from pilot_analysis.ingest import IngestError, Rules, ingest
from pilot_analysis.ingest import pseudonyms as names
from pilot_analysis.ingest.contracts import TABLES
from pilot_analysis.ingest.meanings import column_meaning, meaning
from pilot_analysis.panel import absence_share

KEY = b"k" * 32


@pytest.fixture
def made(tmp_path):
    """Return a function that ingests changed exports: (pupil_terms, quality report)."""

    def make(rules=None, aliases=None, **changed):
        out = tmp_path / "out"
        report = ingest(
            write(tmp_path / "raw", **changed), out, key=KEY, rules=rules, aliases=aliases
        )
        return pd.read_parquet(out / "pupil_terms.parquet"), report

    return make


@pytest.fixture
def stopped(tmp_path):
    """Return a function that gives the message of exports that must stop."""

    def stop(rules=None, language="en", **changed):
        with pytest.raises(IngestError) as caught:
            ingest(write(tmp_path / "raw", **changed), tmp_path / "out", key=KEY, rules=rules)
        text = caught.value.told(language)
        assert not [p for p in PUPILS if p in text or p[2:] in text]
        assert not list((tmp_path / "out").glob("*.parquet"))
        return text

    return stop


def said(report):
    return {r["code"]: r for r in report["remarks"]}


def absence(found):
    return found["absent_minutes"].sum() / found["scheduled_minutes"].sum()


@pytest.mark.slow
def test_the_exports_worked_by_hand(made):
    found, report = made()
    assert len(found) == 60
    assert (absence_share(found, "present") == 0.08).all()
    assert (found["invalid_minutes"] == 80).all()
    assert (found["reported_minutes"] == 1900).all()
    usual = {f"missing_{t}" for t in ("mentorer", "elevenkat", "personalenkat", "utskick")}
    assert set(said(report)) == usual | {"remote_teaching_not_told"}
    assert all(
        row["absence"] == row["lesson_time"] == row["grades"] == 1.0 for row in report["coverage"]
    )


# --- Nothing missing is read as present ------------------------------------------------------


@pytest.mark.slow
def test_a_school_term_without_one_report_is_missing_and_not_zero(made):
    text = table("franvaro", lambda r: None if r[2] > "2019-06" and r[1] == "22222222" else r)
    found, report = made(franvaro=text)
    gone = (found["school"] == "Bokskolan") & (found["term"] == "HT2019")
    assert found.loc[gone, ["absent_minutes", "invalid_minutes"]].isna().all(axis=None)
    assert (found.loc[gone, "scheduled_minutes"] == 2000).all()
    assert absence_share(found[gone], "dropped").isna().all()
    assert (absence_share(found[~gone], "present") == 0.08).all()
    remark = said(report)["no_absence_reports"]
    assert "Bokskolan HT2019" in remark["rule"]
    assert "missing there, not zero" in remark["rule"]
    (row,) = [r for r in report["coverage"] if (r["school"], r["term"]) == ("Bokskolan", "HT2019")]
    assert (row["lesson_time"], row["absence"]) == (1.0, 0.0)


# The first ten pupils are of one group and the last ten of another, all at one school.
SILENT = set(list(PUPILS)[:10])


def grade_of(pupil, grades):
    """Return the pupil's grade where a group has one or, half of it each, two."""
    return grades[0] if pupil in list(PUPILS)[:5] else grades[-1]


def one_school(row, **cells):
    """Return a row of a pupil at Almskolan, in a group of its own."""
    row = [row[0], cells.get("unit", "11111111") if row[0] in SILENT else "11111111", *row[2:]]
    if len(row) == len(HEADERS["elever"].split(";")):
        row[3:5] = (
            [grade_of(row[0], cells.get("grade", "9")), cells.get("label", "9A")]
            if row[0] in SILENT
            else ["9", "9B"]
        )
    return row


GROUPS = {
    "a class": ({}, "9A"),
    "a year, classes unknown": ({"grade": "8", "label": ""}, "8"),
    "a class of two years": ({"grade": "78", "label": "Mix"}, "Mix"),
    "a class that may be a name": ({"grade": "7", "label": "Frida Karlssons klass"}, "7"),
    "a unit": ({"unit": "22222222", "grade": "9", "label": "9B"}, "Lilla huset"),
}


def with_silent_group(cells, reports):
    """Return exports of a school; `reports` changes the absence reports of the group last term."""
    changed = {
        stem: table(stem, lambda r: one_school(r, **cells))
        for stem in ("elever", "undervisningstid", "betyg")
    }
    if "unit" in cells:
        changed["skolor"] = tables()["skolor"].replace(
            "Bokskolan;Bokskolan", "Lilla huset;Almskolan"
        )
        changed["exponering"] = (
            "\n".join(
                line for line in tables()["exponering"].splitlines() if "Bokskolan" not in line
            )
            + "\n"
        )
    changed["franvaro"] = table(
        "franvaro",
        lambda r: (
            reports(one_school(r, **cells))
            if r[0] in SILENT and r[2] > "2019-06"
            else one_school(r, **cells)
        ),
    )
    return changed


@pytest.mark.slow
@pytest.mark.parametrize("group", GROUPS)
def test_a_group_without_one_report_is_missing_and_not_zero(group, made):
    cells, name = GROUPS[group]
    found, report = made(**with_silent_group(cells, lambda row: None))
    late = found[(found["term"] == "HT2019") & (found["school"] == "Almskolan")]
    assert len(late) == 20
    unknown = late[["absent_minutes", "invalid_minutes"]].isna().all(axis=1)
    assert unknown.sum() == 10
    assert (late["scheduled_minutes"] == 2000).all()
    assert (absence_share(late[~unknown], "present") == 0.08).all()
    assert (absence_share(found[found["term"] != "HT2019"], "present") == 0.08).all()
    rule = said(report)["group_without_reports"]["rule"]
    assert f": Almskolan HT2019 ({name}); absence is missing there, not zero" in rule
    assert not {"absence_implausible", "absence_jumps"} & set(said(report))


@pytest.mark.slow
def test_a_few_pupils_without_a_report_had_no_absence(made):
    few = list(PUPILS)[:3]
    text = table("franvaro", lambda r: None if r[0] in few and r[2] > "2019-06" else r)
    found, report = made(franvaro=text)
    assert found["absent_minutes"].notna().all()
    assert "group_without_reports" not in said(report)


@pytest.mark.slow
def test_a_small_group_is_missing_too_but_not_named(made, monkeypatch):
    monkeypatch.setattr("pilot_analysis.ingest.silence._UNLIKELY", 1e-4)
    few = list(PUPILS)[:6]
    label = {p: "9A" if p in few else "9B" for p in PUPILS}
    pupils = table("elever", lambda r: [*r[:4], label[r[0]], *r[5:]])
    moved = {
        stem: table(stem, lambda r: [r[0], "11111111", *r[2:]])
        for stem in ("undervisningstid", "betyg")
    }
    moved["elever"] = pupils.replace("22222222", "11111111")
    moved["franvaro"] = table(
        "franvaro",
        lambda r: None if r[0] in few and r[2] > "2019-06" else [r[0], "11111111", *r[2:]],
    )
    found, report = made(**moved)
    assert found["absent_minutes"].isna().sum() == 6
    assert ": Almskolan HT2019; absence" in said(report)["group_without_reports"]["rule"]


@pytest.mark.slow
def test_a_group_told_to_have_no_absence_is_zero_and_told(made):
    cancelled = with_silent_group({}, lambda row: [*row[:4], "0", *row[5:]])
    found, report = made(**cancelled)
    assert found["absent_minutes"].eq(0).sum() == 10
    assert ": Almskolan HT2019 (9A); it counts as zero" in said(report)["group_at_zero"]["rule"]
    assert "group_without_reports" not in said(report)


@pytest.mark.slow
def test_a_cancelled_report_shows_that_reports_were_exported(made):
    text = table("franvaro", lambda r: [*r[:4], "0", *r[5:]] if r[2] > "2019-06" else r)
    found, report = made(franvaro=text)
    late = found["term"] == "HT2019"
    assert (found.loc[late, "absent_minutes"] == 0).all()
    assert "Almskolan HT2019, Bokskolan HT2019" in said(report)["absence_at_a_bound"]["rule"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "stem", sorted({t for t in TABLES if not TABLES[t].extra} - {"skolor", "exponering", "elever"})
)
def test_a_missing_table_is_no_reason_to_stop(stem, made):
    found, report = made(**{stem: None})
    assert f"missing_{stem}" in said(report)
    unknown = {
        "franvaro": ["absent_minutes"],
        "betyg": ["n_registered", "term_merit"],
        "kalender": ["scheduled_minutes"],
        "undervisningstid": ["scheduled_minutes", "absent_minutes"],
    }
    assert found[unknown.get(stem, [])].isna().all(axis=None)
    assert len(found) == 60


@pytest.mark.slow
def test_a_header_alone_is_a_table_without_rows(made):
    found, report = made(franvaro=HEADERS["franvaro"] + "\n", betyg=HEADERS["betyg"] + "\n")
    assert found[["absent_minutes", "n_graded"]].isna().all(axis=None)
    assert {r["file"] for r in report["remarks"] if r["code"] == "header_only"} == {
        "franvaro.csv",
        "betyg.csv",
    }


@pytest.mark.slow
def test_weeks_without_a_report_are_named(made, monkeypatch):
    monkeypatch.setattr("pilot_analysis.ingest.coverage._REPORTS_A_WEEK", 10)
    _, report = made(franvaro=table("franvaro", lambda r: None if r[2] == "2019-10-07" else r))
    rule = said(report)["weeks_without_reports"]["rule"]
    assert "Almskolan HT2019, Bokskolan HT2019" in rule


@pytest.mark.slow
@pytest.mark.parametrize("term", ["HT2018", "VT2019", "VT2020"])
def test_a_week_of_a_term_that_it_cannot_be_of_stops(term, stopped):
    text = tables()["kalender"].replace("2019-W40;HT2019", f"2019-W40;{term}")
    assert "kalender.csv, row 6, column termin" in stopped(kalender=text)


@pytest.mark.slow
@pytest.mark.parametrize(("share", "stops"), [(0.05, True), (0.2, False)])
def test_a_file_of_which_too_much_finds_no_pupil_stops(share, stops, made, stopped):
    strangers = list(PUPILS)[:2]  # a tenth of the rows
    text = table("franvaro", lambda r: [f"STRANGER{r[0][-4:]}", *r[1:]] if r[0] in strangers else r)
    if stops:
        told = stopped(franvaro=text)
        assert told.count("\n") == 1, "one clear message, and nothing that follows from it"
        assert "franvaro.csv, row 2, column elev_id" in told
        assert "10 % of its rows, where 5 % are allowed" in told
    else:
        _, report = made(Rules(unmatched_share=share), franvaro=text)
        assert said(report)["unknown_pupil"]["count"] == 24


@pytest.mark.slow
def test_units_and_weeks_that_nothing_knows_stop_beyond_the_share_too(stopped):
    units = table("betyg", lambda r: [r[0], "33333333", *r[2:]] if r[1] == "22222222" else r)
    weeks = table("undervisningstid", lambda r: [*r[:2], r[2].replace("2018-", "2017-"), *r[3:]])
    told = stopped(betyg=units, undervisningstid=weeks)
    assert "betyg.csv, row 162, column skolenhetskod: has a school unit that is not in" in told
    assert "50 % of its rows" in told
    assert "undervisningstid.csv, row 2, column vecka: has weeks that are not in kalender" in told


# --- Identifiers -----------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("stem", ["franvaro", "elever"])
def test_identifiers_that_a_spreadsheet_rounded_stop(stem, stopped):
    text = table(stem, lambda r: ["2,00501E+11", *r[1:]])
    told = stopped(**{stem: text})
    assert (
        f"{stem}.csv, row 2, column elev_id: has identifiers that a spreadsheet has rounded" in told
    )
    assert "From Text/CSV" in told


@pytest.mark.slow
@pytest.mark.parametrize("written", ["2019-09-30", "infinity", "epoch", "2019-09-30 12:00:00 UTC"])
def test_what_is_no_time_stamp_stops(written, stopped):
    def change(row):
        return [*row[:6], written if row[2] == "2019-09-30" else row[6]]

    message = stopped(franvaro=table("franvaro", change))
    assert "column registrerad: must be a time stamp" in message


@pytest.mark.slow
def test_leading_zeros_that_were_lost_are_recognised_and_told(made):
    found, report = made(franvaro=table("franvaro", lambda r: [r[0][3:], *r[1:]]))
    assert absence(found) == 0.08
    assert said(report)["zeros_lost"]["count"] == 240


@pytest.mark.slow
def test_temporary_numbers_are_one_pupil_with_and_without_hyphen(made):
    first = next(iter(PUPILS))

    def temporary(written):
        return lambda r: [written, *r[1:]] if r[0] == first else r

    found, report = made(
        elever=table("elever", temporary("20050101-TF10")),
        undervisningstid=table("undervisningstid", temporary("20050101TF10")),
        franvaro=table("franvaro", temporary("050101-tf10")),
        betyg=table("betyg", temporary("050101TF10")),
    )
    assert (absence_share(found, "present") == 0.08).all()
    assert (found["n_graded"] == 16).all()
    assert "unknown_pupil" not in said(report)


@pytest.mark.parametrize(
    "spellings",
    [
        ("20050101-TF10", "20050101TF10", "050101TF10", "050101-tf10"),
        ("20050101-T123", "050101T123", "20050101T123"),  # interim number
        ("701063-2391", "19701063-2391", "197010632391", "7010632391"),  # coordination number
        (number(0)[2:], number(0)[3:], f"{number(0)[3:8]}-{number(0)[8:]}", number(0)),
    ],
)
def test_every_form_of_a_number_is_one_pupil(spellings):
    assert len({names.normalise(s) for s in spellings}) == 1


@pytest.mark.parametrize("local", ["123456789", "12345678", "612312384", "99999999"])
def test_local_identifiers_of_eight_or_nine_digits_stay_as_they_are(local):
    assert names.normalise(local) == local


@pytest.mark.slow
@pytest.mark.parametrize("slip", [lambda p: p[:-1] + "X", lambda p: p[:9] + p[10] + p[9] + p[11:]])
def test_an_identifier_one_sign_off_is_told_as_such(slip, made):
    first = list(PUPILS)[3]
    text = table("franvaro", lambda r: [slip(first), *r[1:]] if r[0] == first else r)
    _, report = made(Rules(unmatched_share=0.06), franvaro=text)
    assert said(report)["unknown_pupil"]["count"] == 12
    assert "1 unknown identifier differs by one character" in said(report)["near_miss"]["rule"]
    assert first not in json.dumps(report)


@pytest.mark.slow
def test_without_the_column_of_protected_identity_nothing_is_written(stopped, made):
    header = HEADERS["elever"].removesuffix(";skyddad")
    without = table("elever", lambda r: r[:-1], header)
    told = stopped(elever=without)
    assert "elever.csv, column skyddad: does not say who has protected identity" in told
    assert "protected_identities: removed" in told
    empty = table("elever", lambda r: [*r[:-1], ""])
    assert "protected identity" in stopped(elever=empty)
    found, report = made(Rules(protected_identities="removed"), elever=without)
    assert len(found) == 60
    assert report["rules"]["protected_identities"] == "removed"


# --- Levels ----------------------------------------------------------------------------------


@pytest.mark.slow
def test_absence_in_hours_and_lesson_time_in_hours_stop_with_school_and_term(stopped):
    told = stopped(franvaro=table("franvaro", lambda r: [*r[:4], "1", *r[5:]]))
    assert "franvaro*.csv, column minuter: looks like hours" in told
    assert "Almskolan HT2018, Almskolan VT2019" in told
    told = stopped(undervisningstid=table("undervisningstid", lambda r: [*r[:3], "17", "16"]))
    assert "undervisningstid*.csv, column schemalagda_minuter: looks like hours" in told


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stem", "change", "code"),
    [
        ("franvaro", lambda r: [*r[:5], "giltig", r[6]], "invalid_at_a_bound"),
        ("undervisningstid", lambda r: [*r[:4], r[3]], "reporting_at_a_bound"),
        ("franvaro", lambda r: [*r[:4], "600", *r[5:]], "absence_implausible"),
        (
            "undervisningstid",
            lambda r: [*r[:3], "500", "500"] if r[2] > "2019-W12" else [*r[:3], "1000", "990"],
            "absence_jumps",
        ),
    ],
)
def test_levels_that_can_hardly_be_right_are_told(stem, change, code, made, monkeypatch):
    monkeypatch.setattr("pilot_analysis.ingest.coverage._JUMP", 1.9)
    _, report = made(**{stem: table(stem, change)})
    assert "Almskolan HT2019" in said(report)[code]["rule"] or code != "absence_jumps"
    assert said(report)[code]["stops"] is False


# Beside 40 minutes from 08:15 and 40 invalid ones from 10:15: minutes in all, and invalid ones.
DAYS = {
    "a day without a time": ("00:00", 300, "giltig", 300, 40),
    "a day longer than any lesson": ("00:00", 600, "giltig", 600, 40),
    "a day by its first lesson": ("08:00", 400, "ogiltig", 400, 360),
    "a day that begins with the lesson": ("08:15", 400, "giltig", 400, 40),
    "two lessons": ("08:15", 160, "giltig", 160, 40),
    "less than the lessons": ("00:00", 60, "ogiltig", 80, 40),
    "into the next lesson": ("09:30", 80, "giltig", 125, 40),
    "an afternoon": ("12:00", 200, "giltig", 280, 40),
}


@pytest.mark.slow
@pytest.mark.parametrize("day", DAYS)
def test_absence_of_a_day_and_of_its_lessons_counts_once(day, made):
    start, minutes, kind, absent, invalid = DAYS[day]
    days = [
        ";".join([*r[:3], start, str(minutes), kind, f"{r[2]} 12:00:00"])
        for r in rows("franvaro")
        if r[2] == "2019-10-07" and r[3] == "08:15"
    ]
    found, report = made(franvaro=tables()["franvaro"] + "\n".join(days) + "\n")
    late = found[found["term"] == "HT2019"]  # with a week as always besides
    assert (late["absent_minutes"] == 80 + absent).all()
    assert (late["invalid_minutes"] == 40 + invalid).all()
    expected = {"into the next lesson": "absence_past_next_lesson", "an afternoon": ""}
    codes = {"absence_past_next_lesson", "absence_of_day_and_lessons"} & set(said(report))
    assert codes == {expected.get(day, "absence_of_day_and_lessons")} - {""}
    assert all(said(report)[code]["count"] == 20 for code in codes)


def per_activity(row, minutes=("400", "400", "200")):
    return [[*row[:3], m, m, f"activity-{i}"] for i, m in enumerate(minutes)]


@pytest.mark.slow
def test_rows_per_activity_are_added_and_never_dropped_as_duplicates(made, stopped):
    lines = [";".join(r) for row in rows("undervisningstid") for r in per_activity(row)]
    header = HEADERS["undervisningstid"] + ";aktivitet"
    found, report = made(undervisningstid="\n".join([header, *lines]) + "\n")
    assert (found["scheduled_minutes"] == 2000).all()
    (entry,) = [e for e in report["files"] if e["table"] == "teaching_time"]
    assert (entry["rows_kept"], entry["rows_dropped"]) == (360, {})


@pytest.mark.slow
@pytest.mark.parametrize("minutes", [("500", "500"), ("700", "300")])
def test_rows_per_activity_without_its_name_stop(minutes, stopped):
    lines = [
        ";".join(r[:5]) for row in rows("undervisningstid") for r in per_activity(row, minutes)
    ]
    told = stopped(undervisningstid="\n".join([HEADERS["undervisningstid"], *lines]) + "\n")
    assert "undervisningstid*.csv" in told
    assert "aktivitet: such rows are added" in told


@pytest.mark.slow
def test_the_same_file_twice_is_one_file(made, tmp_path):
    write(tmp_path / "raw")
    (tmp_path / "raw" / "undervisningstid_kopia.csv").write_text(tables()["undervisningstid"])
    found, _ = made()
    assert (found["scheduled_minutes"] == 2000).all()


# --- Remote teaching -------------------------------------------------------------------------


def remote(*shares):
    """Return the calendar with the share taught remotely of the weeks in turn."""
    head, *weeks = tables()["kalender"].splitlines()
    cells = [f"{week};{share}" for week, share in zip(weeks, shares, strict=True)]
    return "\n".join([f"{head};distans", *cells]) + "\n"


@pytest.mark.slow
def test_an_empty_share_of_remote_teaching_is_unknown_and_not_zero(made, tmp_path):
    found, report = made(kalender=remote("0", "0", "0,5", "", "1", "0"))
    shares = found.groupby("term")["remote_share"].agg(lambda s: s.drop_duplicates().tolist())
    assert shares["HT2018"] == [0]
    assert shares["HT2019"] == [0.5]
    assert np.isnan(shares["VT2019"]).all()
    remark = said(report)["remote_share_unknown"]
    assert (remark["file"], remark["row"], remark["count"]) == ("kalender.csv", 5, 1)
    weeks = pd.read_parquet(tmp_path / "out" / "calendar.parquet").set_index("week")
    assert weeks["remote_share"].isna().tolist() == [w == "2019-W11" for w in weeks.index]
    assert "remote_teaching_not_told" not in said(report)


@pytest.mark.slow
def test_a_week_without_school_days_needs_no_share(made):
    text = remote("0", "0", "0", "0", "0", "").replace("2019-W41;HT2019;5", "2019-W41;HT2019;0")
    _, report = made(kalender=text)
    assert "remote_share_unknown" not in said(report)


@pytest.mark.slow
def test_a_calendar_that_never_tells_of_remote_teaching_is_told(made):
    found, report = made()
    assert found["remote_share"].eq(0).all()
    assert said(report)["remote_teaching_not_told"]["stops"] is False


# --- Periods and enrolments ---------------------------------------------------------------------


def without_pupils(count, stem="elever"):
    """Return the pupils without some of them in the last term."""
    gone = list(PUPILS)[:count]
    return table(stem, lambda r: None if r[0] in gone and r[2] == "HT2019" else r)


@pytest.mark.slow
def test_lesson_time_of_pupils_not_at_the_school_is_told(made):
    found, report = made(elever=without_pupils(1))
    assert len(found) == 59
    remark = said(report)["not_enrolled"]
    assert (remark["file"], remark["row"], remark["count"]) == ("undervisningstid.csv", 82, 2)
    assert "1.7 % of its rows" in remark["rule"]


@pytest.mark.slow
def test_lesson_time_of_many_pupils_not_at_the_school_stops(stopped):
    told = stopped(elever=without_pupils(4))
    assert "undervisningstid.csv, row 82, column elev_id: has lesson time or absence" in told
    assert "6.7 % of its rows, where 5 % are allowed (8 rows)" in told


@pytest.mark.slow
def test_lesson_time_of_years_outside_the_evaluation_is_no_remark(made):
    younger = list(PUPILS)[:4]
    found, report = made(
        elever=table("elever", lambda r: [*r[:3], "6", *r[4:]] if r[0] in younger else r)
    )
    assert len(found) == 48
    assert "not_enrolled" not in said(report)


def mentor_periods(wrong):
    """Return a period a pupil, of which the first end before they start."""
    lines = [
        f"{p};M1;{'2019-12-20;2019-08-19' if i < wrong else '2019-08-19;2019-12-20'};klass"
        for i, p in enumerate(PUPILS)
    ]
    return "\n".join(["elev_id;mentor_id;from;tom;stod", *lines]) + "\n"


@pytest.mark.slow
def test_mentors_who_end_before_they_start_are_told_and_dropped(made, tmp_path):
    _, report = made(mentorer=mentor_periods(1))
    remark = said(report)["mentor_ends_before_start"]
    assert (remark["row"], remark["column"], remark["count"]) == (2, "tom", 1)
    assert len(pd.read_parquet(tmp_path / "out" / "mentors.parquet")) == 19
    (entry,) = [e for e in report["files"] if e["table"] == "mentors"]
    assert entry["rows_dropped"] == {"ends_before_start": 1}


@pytest.mark.slow
def test_mentors_of_whom_many_end_before_they_start_stop(stopped):
    told = stopped(mentorer=mentor_periods(20))
    assert "mentorer.csv, row 2, column tom: has mentor periods that end before they start" in told
    assert "see whether from and tom are swapped" in told.casefold()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("left", "wrong"), [("2019-08-01", True), ("2019-08-19", False), ("", False)]
)
def test_pupils_who_leave_before_they_come_are_told(left, wrong, made):
    text = table(
        "elever", lambda r: [*r, "2019-08-19", left], HEADERS["elever"] + ";inskriven;avslutad"
    )
    _, report = made(elever=text)
    assert ("enrolment_ends_before_start" in said(report)) is wrong


# --- Outside the evaluation ------------------------------------------------------------------


def sheets(*rows):
    """Return answer sheets of pupils: unit, term and the answer to every item, ids from 1."""
    items = ";".join(f"q{i}" for i in range(1, 11))
    lines = [
        f"{i};{unit};{term};9;{';'.join([answer] * 10)}"
        for i, (unit, term, answer) in enumerate(rows, start=1)
    ]
    return "\n".join([f"svars_id;skolenhetskod;termin;arskurs;{items}", *lines]) + "\n"


@pytest.mark.slow
def test_answer_sheets_whose_ids_begin_anew_in_each_file_all_count(made, tmp_path):
    good, bad = "Stämmer ganska bra", "Stämmer ganska dåligt"
    autumn = sheets(*[("11111111", "HT2018", good)] * 4)
    spring = sheets(*[("11111111", "VT2019", good)] * 4, ("22222222", "VT2019", good))
    raw = write(tmp_path / "raw", elevenkat=autumn)
    (raw / "elevenkat_vt.csv").write_text(spring, "utf-8")
    (raw / "elevenkat_vt_igen.csv").write_text(spring, "utf-8")
    _, report = made(elevenkat=autumn)
    answers = pd.read_parquet(tmp_path / "out" / "pupil_survey.parquet")
    assert answers.groupby(["school", "term"]).size().tolist() == [4, 4, 1]
    assert "sheet_with_same_id" not in said(report)
    (raw / "elevenkat_vt_igen.csv").write_text(spring.replace(good, bad), "utf-8")
    _, report = made(elevenkat=autumn)
    answers = pd.read_parquet(tmp_path / "out" / "pupil_survey.parquet")
    assert answers.groupby(["school", "term"]).size().tolist() == [4, 8, 2]
    assert said(report)["sheet_with_same_id"]["count"] == 5


@pytest.mark.slow
def test_two_counts_of_the_staff_asked_stop_and_are_never_added(made, stopped, tmp_path):
    asked = "skolenhetskod;termin;roll;antal\n11111111;HT2019;larare;20\n"
    made(utskick=asked + asked.splitlines()[1] + "\n")
    assert pd.read_parquet(tmp_path / "out" / "staff_asked.parquet")["asked"].tolist() == [20]
    for path in (tmp_path / "out").glob("*.parquet"):
        path.unlink()
    message = stopped(utskick=asked + "11111111;HT2019;larare;22\n")
    assert "utskick.csv, row 2, column antal" in message


@pytest.mark.slow
def test_rows_outside_the_evaluation_are_left_out_and_counted(made):
    whole = tables()
    found, report = made(
        skolor=whole["skolor"] + "33333333;Sär;Särskolan;GRSÄR\n",
        exponering=whole["exponering"] + "Särskolan;HT2019;ingen;\n",
        kalender=whole["kalender"] + "GRSÄR;2019-W40;HT2019;5\n",
        elever=whole["elever"]
        + "P1;33333333;HT2019;8;8S;F;2006;N\n"  # another school form
        + "P2;11111111;HT2019;0;F;P;2013;N\nP3;11111111;HT2019;4;4A;P;2009;N\n"  # other years
        + "P4;11111111;HT2019;9;9A;P;1905;N\n",  # an absurd year of birth
        franvaro=whole["franvaro"] + "P1;33333333;2019-09-30;08:15;40;giltig;2019-09-30 12:00:00\n",
        betyg=whole["betyg"] + "P1;33333333;HT2019;MA;A\n",
    )
    assert len(found) == 60
    dropped = {e["table"]: e["rows_dropped"] for e in report["files"]}
    for name in ("schools", "exposure", "calendar"):
        assert dropped[name] == {"other_school_form": 1}
    assert dropped["pupils"] == {
        "other_school_form": 1,
        "grade_outside_evaluation": 2,
        "impossible_birth_year": 1,
    }
    assert dropped["absence"] == dropped["grades"] == {"other_school_form": 1}
    assert said(report)["impossible_birth_year"]["row"] == 65


@pytest.mark.slow
def test_birth_years_of_two_digits_stop_instead_of_leaving_pupils_out(stopped):
    def two_digits(row):
        return [*row[:6], "05", row[7]] if row[1] == "11111111" else row

    message = stopped(elever=table("elever", two_digits))
    assert "elever.csv, row 2, column fodelsear" in message and "50 % of its rows" in message


@pytest.mark.slow
def test_exports_that_leave_no_pupil_stop(stopped):
    assert "leaves no pupil" in stopped(
        elever=table("elever", lambda r: [*r[:3], "4", *r[4:]]), betyg=None
    )


# --- Subjects and grades ---------------------------------------------------------------------


def spring(grades):
    """Return betyg.csv with one pupil's final grades, and everybody else's of one subject."""
    first, unit = next(iter(PUPILS.items()))
    others = [f"{p};{u};VT2019;MA;C" for p, u in PUPILS.items() if p != first]
    own = [f"{first};{unit};VT2019;{course};{grade}" for course, grade in grades]
    return "\n".join([HEADERS["betyg"], *own, *others]) + "\n"


FIRST = next(iter(PUPILS))


def one(found, pupil=FIRST):
    own = found["pupil"] == names.pseudonym(pupil, KEY)
    return found[own & (found["term"] == "VT2019")].iloc[0]


SIXTEEN = [(s, "A") for s in SUBJECTS]
BLOCKS = [(s, "E") for s in SUBJECTS if s not in ["BI", "FY", "KE", "GE", "HI", "RE", "SH"]]
BY_NAME = [
    ("Svenska som andraspråk", "E"),
    ("GRGRMAT01", "E"),
    ("engelska", "E"),
    ("Idrott och hälsa", "E"),
    ("bild", "E"),
    ("GRGRBIO01", "E"),
    ("Slöjd", "E"),
    ("Musik", "E"),
]


# grades, merit, eligible for vocational and academic programmes, grades registered
FINAL = [
    ([*SIXTEEN, ("M2DEU", "A")], 340, 1, 1, 17),
    ([*SIXTEEN, ("m2 spa", "E")], 330, 1, 1, 17),
    ([*SIXTEEN, ("M1FRA", "A")], 320, 1, 1, 17),  # elevens val: one of the sixteen
    ([*((s, "E") for s in SUBJECTS), ("ML", "A")], 170, 1, 1, 17),
    ([*((s, "E") for s in SUBJECTS), ("MLARA", "A")], 170, 1, 1, 17),
    ([*BLOCKS, ("NO", "E"), ("SO", "E")], 160, 1, 1, 16),
    ([*BLOCKS, ("NO", "E"), ("SO", "E"), ("BI", "2"), ("GE", "2")], 160, 1, 1, 16),
    ([*BLOCKS, ("NO", "E"), ("SO", "E"), ("BI", "A")], 170, 1, 1, 16),  # own grade first
    (BY_NAME, 80, 1, 0, 8),
]


@pytest.mark.slow
def test_final_grades_by_hand(made):
    """A pupil for each list of grades, and everybody else's of one subject."""
    graded = dict(zip(PUPILS, FINAL, strict=False))
    lines = [
        f"{pupil};{unit};VT2019;{course};{grade}"
        for pupil, unit in PUPILS.items()
        for course, grade in (graded[pupil][0] if pupil in graded else [("MA", "C")])
    ]
    found, report = made(betyg="\n".join([HEADERS["betyg"], *lines]) + "\n")
    assert len(graded) == len(FINAL)
    for pupil, (grades, merit, vocational, academic, registered) in graded.items():
        row = one(found, pupil)
        assert (row["merit"], row["term_merit"]) == (merit, merit), grades
        assert row["eligible_vocational"] == vocational, grades
        assert row["eligible_academic"] == academic, grades
        assert row["n_registered"] == row["n_graded"] == registered, grades
    assert "unknown_subjects" not in said(report)


CODES = [("SV", "A"), ("EN", "9"), ("MA", "3"), ("BL", "-"), ("MU", "2"), ("TK", "")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("codes", "listed", "grades", "counts"),
    [
        ("auto", "scb", CODES, (3, 1, 1)),
        ("contract", "contract", CODES, (4, 1, 0)),
        ("auto", "contract", [c for c in CODES if c[1] != "9"], (3, 1, 0)),
        ("scb", "scb", [c for c in CODES if c[1] != "9"], (2, 1, 1)),
    ],
)
def test_no_basis_not_studied_and_not_graded_are_three_things(codes, listed, grades, counts, made):
    found, report = made(Rules(grade_codes=codes), betyg=spring(grades))
    row = one(found)
    assert (row["n_registered"], row["n_graded"], row["n_not_studied"]) == counts
    assert report["rules"]["grade_codes"] == listed
    assert ("three_is_not_studied" if listed == "scb" else "three_is_no_basis") in said(report)
    (entry,) = [e for e in report["files"] if e["table"] == "grades"]
    assert entry["rows_dropped"] == {"not_graded": 2}


@pytest.mark.slow
def test_merit_and_eligibility_are_of_final_grades_and_term_grades_have_their_own_name(made):
    found, _ = made()
    final = found["term"] == "VT2019"
    for name in ("merit", "eligible_vocational", "eligible_academic"):
        assert found.loc[final, name].notna().all()
        assert found.loc[~final, name].isna().all()
    assert (found["term_merit"] == 16 * 15).all()
    younger, _ = made(elever=table("elever", lambda r: [*r[:3], "8", *r[4:]]))
    assert younger["merit"].isna().all()
    assert younger["term_merit"].notna().all()


@pytest.mark.slow
def test_undated_grades_that_differ_are_told(made):
    text = spring([("MA", "A"), ("MA", "A"), ("MA", "F"), ("SV", "B")])
    found, report = made(betyg=text)
    assert one(found)["n_registered"] == 2
    remark = said(report)["undated_grades_differ"]
    assert (remark["row"], remark["count"], remark["stops"]) == (4, 1, False)
    _, report = made(betyg=spring([("MA", "A"), ("MA", "A")]))
    assert "undated_grades_differ" not in said(report)


@pytest.mark.slow
def test_unknown_subjects_are_told_and_can_be_mapped(made):
    text = tables()["betyg"].replace(";MA;", ";Räkning;")
    found, report = made(betyg=text)
    remark = said(report)["unknown_subjects"]
    assert remark["count"] == 60
    assert remark["examples"] == ["the code 'Räkning' (60 rows)"]
    assert "aliases: {betyg: {kurskod: {'Räkning': ???}}}" in remark["advice"]
    assert (found["eligible_vocational"].dropna() == 0).all()
    found, report = made(betyg=text, aliases={"betyg": {"kurskod": {"Räkning": "MA"}}})
    assert (found["eligible_vocational"].dropna() == 1).all()
    assert "unknown_subjects" not in said(report)


# --- Advice ----------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stem", "column", "written", "advice"),
    [
        ("betyg", 4, "e", "{'e': 'E'}"),
        ("betyg", 4, "G", "{'G': ???}"),
        ("elever", 5, "Flicka", "{'Flicka': 'F'}"),
        ("elever", 7, "Nej", "{'Nej': 'N'}"),
    ],
)
def test_codes_are_proposed_by_meaning_or_as_a_question(stem, column, written, advice, stopped):
    text = table(stem, lambda r: [*r[:column], written, *r[column + 1 :]])
    assert advice in stopped(**{stem: text})


def test_a_closed_list_is_shown_whole_where_it_stands_in_many_rows(stopped):
    new = dict(zip(SUBJECTS[:6], ["IG", "G", "VG", "MVG", "e", "streck"], strict=True))
    told = stopped(betyg=table("betyg", lambda r: [*r[:4], new.get(r[3], "C")]))
    assert "{'G': ???, 'IG': ???, 'MVG': ???, 'VG': ???, 'e': 'E', 'streck': '-'}" in told


def test_columns_are_never_proposed_by_position(stopped):
    told = stopped(betyg="MA;x;y;z;w\n" + tables()["betyg"].split("\n", 1)[1])
    assert "columns: {'???': elev_id}" in told
    assert "MA: " not in told


def test_a_renamed_column_is_recognised():
    assert column_meaning("Kön", ["kon", "klass"]) == "kon"
    assert column_meaning("Personnummer", ["elev_id", "skyddad"]) == "elev_id"
    assert column_meaning("MA", ["kurskod", "betyg"]) is None
    assert meaning("2", ["Stämmer helt och hållet", "Stämmer inte alls"]) is None


# --- In the reader's language ----------------------------------------------------------------


def test_every_message_exists_in_both_languages():
    english, swedish = language.message_names("en"), language.message_names("sv")
    assert {n for n in english if n.startswith("export_")} == {
        n for n in swedish if n.startswith("export_")
    }


@pytest.mark.slow
def test_messages_are_swedish_for_those_who_ask_or_have_a_swedish_locale(tmp_path):
    raw = write(tmp_path / "raw", betyg=tables()["betyg"].replace(";C\n", ";e\n"))
    runner = CliRunner()
    told = runner.invoke(main, ["check", str(raw), "--language", "sv"])
    assert told.exit_code == 1
    assert "1 fel i exporterna; inget har skrivits." in told.output
    assert "betyg.csv, rad 2, kolumn betyg: ska vara något av A, B, C, D, E, F" in told.output
    assert "(960 rader)" in told.output.replace("\u00a0", "")
    assert "koden 'e' (960 rader, från HT2018)" in told.output
    same = runner.invoke(main, ["check", str(raw)], env={"LC_ALL": "sv_SE.UTF-8"})
    assert same.stdout == told.stdout
    english = runner.invoke(main, ["check", str(raw)], env={"LC_ALL": "C"})
    assert "column betyg: must be one of A, B" in english.output


@pytest.mark.slow
def test_check_and_ingest_agree_on_their_exit_code_and_check_shows_coverage(tmp_path, monkeypatch):
    monkeypatch.setenv("PILOT_KEY_FILE", str(tmp_path / "key"))
    gone = table("franvaro", lambda r: None if r[2] > "2019-06" and r[1] == "22222222" else r)
    for name, changed, code in (("remarks", {"franvaro": gone}, 0), ("stops", {"elever": None}, 1)):
        raw = str(write(tmp_path / name, **changed))
        checked = CliRunner().invoke(main, ["check", raw, "--language", "en"])
        read = CliRunner().invoke(main, ["ingest", "--raw", raw, "--out", str(tmp_path / "out")])
        assert (checked.exit_code, read.exit_code) == (code, code), checked.output + read.output
        if code == 0:
            (line,) = [x for x in checked.output.splitlines() if x.strip().startswith("Bokskolan ")]
            assert line.split() == ["Bokskolan", "LAG", "LAG", "L-G"]


# --- Help in the language of those who make exports ----------------------------------------------


@pytest.mark.parametrize("words", [["check"], ["ingest"], ["map"]], ids=lambda w: w[0])
def test_help_is_in_the_language_of_those_who_make_exports(words):
    swedish = CliRunner().invoke(main, [*words, "--help"], env={"LC_ALL": "sv_SE.UTF-8"})
    assert swedish.exit_code == 0
    assert "Användning: " in swedish.output
    assert "Flaggor:" in swedish.output
    for english in ("Folder", "Usage", "Show this", "Examples", "Exit codes", "default:", "Print"):
        assert english not in swedish.output
    english = CliRunner().invoke(main, [*words, "--help"], env={"LC_ALL": "C.UTF-8"})
    assert "Usage: " in english.output


def test_the_language_asked_for_before_help_wins():
    told = CliRunner().invoke(main, ["check", "--language", "sv", "--help"], env={"LC_ALL": "C"})
    assert "Granska exporterna" in told.output
