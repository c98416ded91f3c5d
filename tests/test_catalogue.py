"""The catalogue of bad input: each fault with the message it must give, and what it leaves.

Faults inside one table that stop are in test_ingest.py too; here stand the rest of the catalogue,
the rules between tables, and exports that name things otherwise.
"""

import json
import os
import shutil
import signal
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from conftest import MINI
from hand import HAND, HAND_KEY, write_hand

from pilot_analysis import ingest as package
from pilot_analysis.cli import main
from pilot_analysis.cli.common import Progress
from pilot_analysis.errors import ParameterError, PilotError
from pilot_analysis.ingest import IngestError, grades, ingest, lessons
from pilot_analysis.ingest import pseudonyms as names
from pilot_analysis.synthetic.export import simulate

KEY = HAND_KEY
SECRETS = ("200601012384", "060101-2384", "0601022399")


def stopped(tmp_path, aliases=None, **changed):
    """Return the problems of a changed municipality; nothing may be written."""
    out = tmp_path / "out"
    with pytest.raises(IngestError) as caught:
        ingest(write_hand(tmp_path / "raw", **changed), out, key=KEY, aliases=aliases)
    assert not list(out.glob("*"))
    text = str(caught.value)
    assert not [s for s in SECRETS if s in text]
    return text


def remarks_of(processed):
    return json.loads((processed / "quality.json").read_text("utf-8"))["remarks"]


def remarks(tmp_path, hand_processed, **changed):
    """Return the remarks of a changed municipality that are not those of the unchanged one."""
    usual = remarks_of(hand_processed)
    found = ingest(write_hand(tmp_path / "raw", **changed), tmp_path / "b", key=KEY)["remarks"]
    text = json.dumps(found, ensure_ascii=False)
    assert not [s for s in SECRETS if s in text]
    known = {(r["file"], r["rule"]) for r in usual}
    return [r for r in found if (r["file"], r["rule"]) not in known]


def days(wrong):
    return HAND["franvaro"].replace("2019-08-26;08", f"{wrong};08")


# --- Faults that stop ------------------------------------------------------------------------

STOPS = {
    "Excel's serial date": (
        {"franvaro": days("43703")},
        ["franvaro.csv, row 2, column datum", "(3 rows)", "'99999'", "Excel's day numbers"],
    ),
    "date without hyphens": (
        {"franvaro": days("20190826")},
        ["column datum", "'99999999'", "with hyphens"],
    ),
    "date with the day first": (
        {"franvaro": days("26/08/2019")},
        ["column datum", "'99/99/9999'", "the year first"],
    ),
    "29 February in a common year": ({"franvaro": days("2019-02-29")}, ["column datum"]),
    "week 53 of a year that has 52": (
        {"kalender": HAND["kalender"].replace("2019-W36", "2019-W53")},
        ["kalender.csv, row 3, column vecka", "ISO week of its year"],
    ),
    "week 0": ({"kalender": HAND["kalender"].replace("W36", "W00")}, ["column vecka"]),
    "byte order mark in the middle": (
        {"betyg": HAND["betyg"] + "\ufeff" + HAND["betyg"]},
        [
            "betyg.csv",
            f"byte order mark in the middle (byte {len(HAND['betyg'].encode())})",
            "by itself",
        ],
    ),
    "swapped columns of another kind": (
        {"franvaro": HAND["franvaro"].replace("minuter;typ", "typ;minuter")},
        ["column minuter", "column typ", "must be one of giltig, ogiltig"],
    ),
    "swapped columns of one kind": (
        {
            "undervisningstid": HAND["undervisningstid"]
            .replace(
                "schemalagda_minuter;rapporterade_minuter",
                "rapporterade_minuter;schemalagda_minuter",
            )
            .replace(";1000;1000", ";1000;900")
        },
        ["undervisningstid*.csv", "more reported than scheduled", "look swapped"],
    ),
    "neither encoding": (
        {"skolor": HAND["skolor"].encode("cp1252").replace(b"\xc4", b"\x81")},
        ["skolor.csv", f"neither UTF-8 nor Windows-1252 (byte {HAND['skolor'].index('Ä')})"],
    ),
    "two spellings of one school": (
        {"skolor": HAND["skolor"].replace("enhet 2;Ängsskolan", "enhet 2;Ängs-skolan")},
        ["skolor.csv, column skola", "in 2 ways: Ängs-skolan, Ängsskolan"],
    ),
    "mentors at a school that is no pilot": (
        {"exponering": HAND["exponering"].replace("ingen;;0,0", "ingen;;2,0")},
        ["exponering.csv, row 3, column status", "has mentors", "from the start term on"],
    ),
    "thousands separators that could be decimals": (
        {"exponering": HAND["exponering"].replace("500000", "500.000")},
        ["column kostnad_kr", "'999.999'", "without thousands separators"],
    ),
    "a time that is none": (
        {"franvaro": HAND["franvaro"].replace(";10:00;60", ";25:00;60")},
        ["column lektion_start"],
    ),
    "a term that is none": (
        {"betyg": HAND["betyg"].replace("HT2019", "ht19")},
        ["column termin", "such as HT2019"],
    ),
    "the same unit in two schools": (
        {"skolor": HAND["skolor"] + "01234567;Ängs enhet 1;Björkskolan;GR\n"},
        ["skolor.csv, row 2, column skolenhetskod", "belongs to two schools"],
    ),
    "a footnote below the last row": (
        {"betyg": HAND["betyg"] + "Källa: registret\n"},
        ["betyg.csv, row 6", "fewer fields than the 6 of the header"],
    ),
    "a total among the units": (
        {"undervisningstid": HAND["undervisningstid"] + "Samtliga;99999999;2019-W35;5000;5000\n"},
        ["undervisningstid.csv, row 9, column skolenhetskod", "not in skolor.csv"],
    ),
    "signs of suppressed numbers": (
        {"undervisningstid": HAND["undervisningstid"].replace("1000;800", "..;~100")},
        [
            "undervisningstid.csv, row 2, column schemalagda_minuter",
            "column rapporterade_minuter",
            "whole numbers",
        ],
    ),
    "codes that lost their leading zero": (
        {"betyg": HAND["betyg"].replace("01234567", "1234567")},
        ["betyg.csv, row 2", "skolenhetskod"],
    ),
    "two entries of a school and term": (
        {"exponering": HAND["exponering"] + "Björkskolan;HT2019;okand;;0,0;;register\n"},
        ["exponering.csv", "two different entries"],
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", STOPS)
def test_faults_that_stop_are_told_with_file_column_rule_and_what_to_do(name, tmp_path):
    changed, parts = STOPS[name]
    text = stopped(tmp_path, **changed)
    for part in parts:
        assert part in text, text


def test_a_file_cut_anywhere_inside_a_line_is_refused(tmp_path):
    """Twenty deliveries of one table, each cut somewhere else; every one is named."""
    whole, cut = HAND["undervisningstid"], {}
    for at in range(1, 21):
        place = at * len(whole) // 21
        while whole[:place].endswith("\n"):
            place += 1
        cut[f"undervisningstid_{at:02d}"] = whole[:place]
    told = stopped(tmp_path, undervisningstid=None, **cut).splitlines()
    for name in cut:
        assert [line for line in told if f" {name}.csv: " in line and "cut off" in line], name


# --- What is legal ---------------------------------------------------------------------------

LEGAL = {
    "29 February in a leap year": {
        "kalender": HAND["kalender"] + "GR;2020-W09;VT2020;5;0,0\n",
        "franvaro": HAND["franvaro"]
        + "L1;01234569;2020-02-29;08:15;60;giltig;2020-02-29 09:00:00\n",
    },
    "week 53 of a long year": {"kalender": HAND["kalender"] + "GR;2020-W53;HT2020;5;0,0\n"},
    "the hour that daylight saving repeats": {
        "franvaro": HAND["franvaro"]
        + "L1;01234569;2019-09-02;12:15;60;giltig;2019-10-27 02:30:00\n"
        + "L1;01234569;2019-09-02;12:15;20;giltig;2019-10-27 02:30:00\n",
    },
    "free text with anything in it": {
        "elevenkat": "svars_id;skolenhetskod;termin;arskurs;"
        + ";".join(f"q{i}" for i in range(1, 11))
        + ";fritext\n"
        + "E1;01234567;HT2019;9;"
        + ";".join(["Stämmer ganska bra"] * 10)
        + ';"=CMD()|\'/c calc\'!A1 <script>alert(1)</script>\nnew line; ""quoted"" 😀"\n',
    },
    "Windows line ends and a byte order mark": {
        "betyg": b"\xef\xbb\xbf" + HAND["betyg"].replace("\n", "\r\n").encode()
    },
    "Windows-1252": {"skolor": HAND["skolor"].encode("cp1252")},
    "blank lines": {"betyg": HAND["betyg"] + "\n\n"},
    "a school called NA": {stem: text.replace("Björkskolan", "NA") for stem, text in HAND.items()},
}


@pytest.mark.slow
@pytest.mark.parametrize("name", LEGAL)
def test_what_is_legal_passes_without_a_remark(name, hand_processed, tmp_path):
    new = [
        r
        for r in remarks(tmp_path, hand_processed, **LEGAL[name])
        if "no grades" not in r["rule"] and "after the last week" not in r["rule"]
    ]
    assert [r["rule"] for r in new if "lesson time" not in r["rule"]] == []
    for path in (tmp_path / "b").glob("*.parquet"):
        assert "CMD" not in pd.read_parquet(path).to_csv()
    if name == "a school called NA":
        assert "NA" in set(pd.read_parquet(tmp_path / "b" / "pupil_terms.parquet")["school"])


@pytest.mark.slow
def test_of_two_corrections_in_the_repeated_hour_one_wins_whatever_their_order(tmp_path):
    """The local time does not say which came later, so the longer absence stands."""
    lines = LEGAL["the hour that daylight saving repeats"]["franvaro"].splitlines(keepends=True)
    found = []
    for order in (lines, [*lines[:-2], lines[-1], lines[-2]]):
        folder = tmp_path / f"raw{len(found)}"
        ingest(write_hand(folder, franvaro="".join(order)), folder / "out", key=KEY)
        weeks = pd.read_parquet(folder / "out" / "pupil_weeks.parquet")
        found.append(sorted(weeks["absent_minutes"]))
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("number", "wrong"),
    [
        ("19811218-9876", False),
        ("811218-9876", False),
        ("811218+9876", False),
        ("8112189876", False),
        ("198112189876", False),
        ("19811218-9875", True),
        ("8112189877", True),
        ("19701063-2391", False),
        ("701063-2392", True),
        ("19811218-T876", False),
        ("L00000001", False),
        ("elev 17", False),
    ],
)
def test_check_digits_of_every_legal_form(number, wrong):
    """811218-9876 is the Swedish Tax Agency's printed example; day 63 is a coordination number."""
    assert names.has_wrong_check_digit(number) == wrong


# --- Rules between tables --------------------------------------------------------------------

# Rows of a pupil whom nothing is wrong with, so that a slip is a small share of its file.
MANY = {
    "franvaro": "".join(
        f"L1;01234567;2019-08-27;{8 + i // 6:02d}:{i % 6}5;5;giltig;2019-08-27 20:00:00\n"
        for i in range(60)
    ),
    "betyg": "".join(
        f"L3;01234569;HT2019;ML{chr(65 + i // 10)}{chr(65 + i % 10)};;C\n" for i in range(60)
    ),
    "undervisningstid": "".join(f"L{i};01234569;2019-W35;1000;900\n" for i in range(10, 40)),
    "elever": "".join(f"L{i};01234569;HT2019;8;8A;F;N\n" for i in range(10, 40)),
}
OTHERS = (
    "200601012384;01234567;HT2019;9;9A;F;N;;\n200601022399;01234568;HT2019;9;9B;P;N;;\n"
    "L2;01234569;HT2019;8;8A;F;J;;\n"
)
BETWEEN = {
    "absence of an unknown pupil": (
        {
            "franvaro": HAND["franvaro"]
            + MANY["franvaro"]
            + "L9;01234569;2019-09-04;08:15;60;giltig;2019-09-04 09:00:00\n"
        },
        "franvaro.csv",
        "who are not in elever.csv",
        1,
    ),
    "grades of an unknown pupil": (
        {
            "betyg": HAND["betyg"]
            + MANY["betyg"]
            + "L9;01234567;HT2019;SV;;A\nL9;01234567;HT2019;EN;;A\n"
        },
        "betyg.csv",
        "who are not in elever.csv",
        2,
    ),
    "a pupil's term twice with different content": (
        {"elever": HAND["elever"] + "L3;01234569;HT2019;9;8A;F;\n"},
        "elever*.csv",
        "twice with different content",
        1,
    ),
    "overlapping placements": (
        {
            "elever": "elev_id;skolenhetskod;termin;arskurs;klass;kon;skyddad;inskriven;avslutad\n"
            "L1;01234567;HT2019;8;8A;P;N;2019-08-19;2019-10-31\n"
            "L1;01234569;HT2019;8;8A;P;N;2019-10-01;\n"
            "L3;01234569;HT2019;8;8A;F;N;2019-08-19;\n" + OTHERS
        },
        "elever*.csv",
        "at two schools at once",
        1,
    ),
    "absence outside enrolment": (
        {
            "elever": "elev_id;skolenhetskod;termin;arskurs;klass;kon;skyddad;inskriven;avslutad\n"
            "200601012384;01234567;HT2019;9;9A;F;N;2019-09-01;\n"
            "L1;01234567;HT2019;8;8A;P;N;2019-08-19;\nL1;01234569;HT2019;8;8A;P;N;2019-08-19;\n"
            "L3;01234569;HT2019;8;8A;F;N;2019-08-19;\n" + OTHERS.split("\n", 1)[1]
        },
        "franvaro*.csv",
        "outside the pupil's enrolment",
        1,
    ),
    "a school without a term": (
        {"elever": HAND["elever"] + "L3;01234569;HT2020;9;9A;F;\n"},
        "elever*.csv",
        "no pupils for Björkskolan VT2020",
        1,
    ),
    "a term without grades": (
        {"elever": HAND["elever"] + "L3;01234569;VT2020;8;8A;F;\n"},
        "betyg*.csv",
        "no grades at all for GR VT2020",
        1,
    ),
    "a calendar gap": (
        {"elever": HAND["elever"] + "L3;01234569;VT2020;8;8A;F;\n"},
        "kalender.csv",
        "no weeks for GR VT2020",
        1,
    ),
    "weeks the calendar lacks": (
        {
            "elever": HAND["elever"] + MANY["elever"],
            "undervisningstid": HAND["undervisningstid"]
            + MANY["undervisningstid"]
            + "L3;01234569;2019-W40;1000;900\n",
        },
        "undervisningstid.csv",
        "not in kalender.csv",
        1,
    ),
    "a date in the future": (
        {
            "franvaro": HAND["franvaro"]
            + MANY["franvaro"]
            + "L1;01234569;2091-09-04;08:15;60;giltig;2019-09-04 09:00:00\n"
        },
        "franvaro.csv",
        "not in kalender.csv",
        1,
    ),
    "grades before enrolment": (
        {"betyg": HAND["betyg"] + "L3;01234569;VT2019;SV;;A\n"},
        "betyg*.csv",
        "before the pupil was enrolled",
        1,
    ),
    "two grades on one day": (
        {
            "betyg": "elev_id;skolenhetskod;termin;kurskod;poang;betyg;datum\n"
            "L3;01234569;HT2019;SV;;A;2019-12-18\nL3;01234569;HT2019;SV;;C;2019-12-18\n"
        },
        "betyg*.csv",
        "two different grades",
        1,
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", BETWEEN)
def test_rules_between_tables_are_remarked_and_counted(name, hand_processed, tmp_path):
    changed, file, rule, count = BETWEEN[name]
    found = remarks(tmp_path, hand_processed, **changed)
    new = [r for r in found if r["file"] == file and rule in r["rule"]]
    assert len(new) == 1, name
    assert new[0]["stops"] is False
    assert new[0]["advice"]
    assert new[0]["count"] == count


@pytest.mark.slow
def test_wrong_check_digits_are_counted_by_number(tmp_path):
    wrong = HAND["elever"] + "19811218-9875;01234567;HT2019;9;9A;F;N\n"
    right = HAND["elever"] + "19811218-9876;01234567;HT2019;9;9A;F;N\n"
    counts = []
    for name, text in (("wrong", wrong), ("right", right)):
        found = ingest(write_hand(tmp_path / name, elever=text), tmp_path / "out", key=KEY)
        counts += [r["count"] for r in found["remarks"] if "check digit" in r["rule"]]
    assert counts == [3, 2]  # the municipality of five has two made-up numbers


ABSENCE = "elev_id;skolenhetskod;datum;lektion_start;minuter;typ;registrerad\n"


@pytest.mark.slow
def test_absence_past_the_start_of_the_next_lesson_is_capped_counted_and_told(tmp_path):
    lines = (
        "L1;01234567;2019-08-26;08:15;90;giltig;2019-08-26 09:00:00\n"  # 60 to the next lesson
        "L1;01234567;2019-08-26;09:15;45;ogiltig;2019-08-26 10:00:00\n"
        "L1;01234567;2019-08-26;13:00;120;giltig;2019-08-26 15:00:00\n"  # the last of the day
        "L1;01234567;2019-08-27;08:15;60;giltig;2019-08-27 09:00:00\n"  # just up to the next
        "L1;01234567;2019-08-27;09:15;10;giltig;2019-08-27 10:00:00\n"
    )
    report = ingest(
        write_hand(tmp_path / "raw", franvaro=ABSENCE + lines), tmp_path / "out", key=KEY
    )
    (remark,) = [r for r in report["remarks"] if "longer than the lesson" in r["rule"]]
    assert (remark["row"], remark["count"]) == (2, 1)
    assert report["adjusted"]["reports_capped_at_the_next_lesson"] == 1
    weeks = pd.read_parquet(tmp_path / "out" / "pupil_weeks.parquet")
    assert weeks["absent_minutes"].max() == 60 + 45 + 120 + 60 + 10


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_absence_sums_equal_going_through_the_reports_one_by_one(seed, tmp_path, monkeypatch):
    monkeypatch.setattr(lessons, "_LESSONS_AT_ONCE", 40)  # several portions
    random = np.random.default_rng(seed)
    n, pupils = 400, ["200601012384", "200601022399", "L1"]
    unit = {"200601012384": "01234567", "200601022399": "01234568", "L1": "01234567"}
    rows = [
        (
            pupil := str(random.choice(pupils)),
            unit[pupil],
            f"2019-08-{random.integers(26, 31)}",
            f"{random.integers(8, 16):02d}:00",
            int(random.choice([0, 10, 30, 60])),
            str(random.choice(["giltig", "ogiltig"])),
            f"2019-09-0{random.integers(1, 4)} 10:00:00",
        )
        for _ in range(n)
    ]
    text = ABSENCE + "".join(";".join(map(str, row)) + "\n" for row in rows)
    teaching = "elev_id;skolenhetskod;vecka;schemalagda_minuter;rapporterade_minuter\n" + "".join(
        f"{p};{unit[p]};2019-W35;6000;6000\n" for p in pupils
    )
    folder = write_hand(tmp_path / "raw", franvaro=text, undervisningstid=teaching)
    report = ingest(folder, tmp_path / "out", key=KEY)
    best: dict[tuple[str, ...], tuple[str, int, bool]] = {}
    for pupil, _, date, start, minutes, kind, registered in rows:
        lesson, version = (pupil, date, start), (registered, minutes, kind == "ogiltig")
        best[lesson] = max(best.get(lesson, version), version)
    absent = sum(minutes for _, minutes, _ in best.values())
    invalid = sum(minutes for _, minutes, wrong in best.values() if wrong)
    weeks = pd.read_parquet(tmp_path / "out" / "pupil_weeks.parquet")
    assert (weeks["absent_minutes"].sum(), weeks["invalid_minutes"].sum()) == (absent, invalid)
    (file,) = [f for f in report["files"] if f["file"] == "franvaro.csv"]
    cancelled = sum(minutes == 0 for _, minutes, _ in best.values())
    assert file["rows_kept"] == len(best) - cancelled
    assert file["rows_dropped"]["cancelled"] == cancelled
    repeated = file["rows_dropped"]["superseded"] + file["rows_dropped"].get("duplicate", 0)
    assert repeated == n - len(best)


@pytest.mark.slow
def test_more_absence_than_lessons_is_capped_counted_and_told(hand_processed):
    (capped,) = [r for r in remarks_of(hand_processed) if "capped" in r["rule"]]
    assert capped["count"] == 1


@pytest.mark.slow
def test_synthetic_exports_have_no_remark(tiny_processed):
    quality = json.loads((tiny_processed / "quality.json").read_text("utf-8"))
    assert quality["remarks"] == []


# --- Exports that name things otherwise ------------------------------------------------------

RENAMED = HAND["betyg"].replace("betyg\n", "omdome\n", 1).replace(";F\n", ";IG\n")
ALIASES = {"betyg": {"columns": {"omdome": "betyg"}, "betyg": {"IG": "F"}}}


@pytest.mark.slow
def test_aliases_map_columns_and_codes_without_touching_code(hand_processed, tmp_path):
    usual = json.loads((hand_processed / "quality.json").read_text("utf-8"))
    renamed = write_hand(tmp_path / "raw", betyg=RENAMED)
    found = ingest(renamed, tmp_path / "b", key=KEY, aliases=ALIASES)
    assert found["aliases"] == ALIASES
    assert usual["aliases"] == {}
    for name in ("pupil_terms", "grades"):
        a, b = (pd.read_parquet(x / f"{name}.parquet") for x in (hand_processed, tmp_path / "b"))
        pd.testing.assert_frame_equal(a, b)


def test_a_renamed_column_is_named_with_the_alias_that_maps_it(tmp_path):
    text = stopped(tmp_path, betyg=RENAMED)
    assert "lacks betyg" in text
    assert "aliases: {betyg: {columns: {omdome: betyg}}}" in text


def test_a_new_code_is_named_with_the_terms_it_stands_in(tmp_path):
    many = "".join(f"L3;01234569;VT2020;K{i};;IG\n" for i in range(12))
    one = "L3;01234569;HT2019;K99;;Anna\n"
    text = stopped(tmp_path, betyg=HAND["betyg"] + many + one)
    assert "the code 'IG' (12 rows, from VT2020)" in text
    assert "aliases: {betyg: {betyg: {'IG': ???}}}" in text
    assert "Anna" not in text  # a stray cell may be a name


@pytest.mark.parametrize(
    ("aliases", "message"),
    [
        ({"betygen": {}}, "there is no table 'betygen'"),
        ({"betyg": {"columns": {"x": "omdome"}}}, "'omdome' is none of elev_id"),
        ({"betyg": {"betyg": {"IG": "G"}}}, "'G' is none of A, B"),
        ({"betyg": {"datum": {"x": "y"}}}, "no column 'datum' with a closed list"),
    ],
)
def test_impossible_aliases_are_refused_before_anything_is_read(aliases, message, tmp_path):
    with pytest.raises(ParameterError, match=message):
        ingest(write_hand(tmp_path / "raw"), tmp_path / "out", key=KEY, aliases=aliases)


# --- The command -----------------------------------------------------------------------------


@pytest.mark.slow
def test_check_tells_remarks_and_problems_with_its_exit_code(tmp_path, mini_raw):
    def check(*arguments):
        return CliRunner().invoke(main, ["check", *map(str, arguments)])

    assert check(mini_raw).exit_code == 0
    hand = write_hand(tmp_path / "hand")
    told = check(hand)
    assert told.exit_code == 0  # as of ingest and run: remarks do not stop
    assert "ingest goes on" in told.output
    listed = json.loads(check(hand, "--json").stdout)
    assert {"file", "row", "column", "rule", "count", "examples", "advice", "stops"} == set(
        listed[0]
    )
    assert not any(r["stops"] for r in listed)
    renamed = write_hand(tmp_path / "renamed", betyg=RENAMED)
    assert "lacks betyg" in check(renamed).output
    scenario = tmp_path / "ours.yml"
    scenario.write_text("aliases:\n  betyg:\n    columns: {omdome: betyg}\n    betyg: {IG: F}\n")
    assert "lacks" not in check(renamed, "--scenario", scenario).output


# --- Large, interrupted, twice at once -------------------------------------------------------


@pytest.mark.slow
def test_a_region_is_made_of_blocks_that_share_nothing(tmp_path):
    once = simulate(MINI, tmp_path / "once")
    twice = simulate(MINI, tmp_path / "twice", scale=2)
    assert twice["rows"]["franvaro"] > 1.6 * once["rows"]["franvaro"]
    for name in ("elever", "elevenkat", "skolor"):
        a, b = (
            pd.read_csv(tmp_path / folder / f"{name}.csv", sep=";", dtype=str)
            for folder in ("once", "twice")
        )
        assert b.head(len(a)).equals(a), name  # the first block is the municipality itself
        key = b.columns[0]
        assert not set(b[key][len(a) :]) & set(a[key])
    report = ingest(tmp_path / "twice", tmp_path / "out")
    assert report["remarks"] == []
    assert not [f for f in report["files"] if "duplicate" in f["rows_dropped"]]


@pytest.mark.slow
def test_grades_in_batches_of_schools_give_the_same_table(
    mini_raw, mini_processed, tmp_path, monkeypatch
):
    monkeypatch.setattr(grades, "_GRADES_AT_ONCE", 200)
    ingest(mini_raw, tmp_path)
    for name in ("pupil_terms", "grades"):
        pd.testing.assert_frame_equal(
            pd.read_parquet(tmp_path / f"{name}.parquet"),
            pd.read_parquet(mini_processed / f"{name}.parquet"),
        )


@pytest.mark.slow
@pytest.mark.parametrize(("size", "fine"), [("200MB", True), ("much", False), ("0GB", False)])
def test_memory_is_settable_and_checked(size, fine, tmp_path, monkeypatch):
    monkeypatch.setenv("PILOT_MEMORY", size)
    if fine:
        ingest(write_hand(tmp_path / "raw"), tmp_path / "out", key=KEY)
        return
    with pytest.raises(ParameterError, match="PILOT_MEMORY is a size"):
        ingest(write_hand(tmp_path / "raw"), tmp_path / "out", key=KEY)


@pytest.mark.slow
def test_a_killed_ingest_leaves_the_earlier_result_and_the_next_removes_what_it_left(
    hand_processed, tmp_path
):
    raw, out = write_hand(tmp_path / "raw"), tmp_path / "out"
    shutil.copytree(hand_processed, out)
    before = {p.name: p.read_bytes() for p in out.iterdir()}
    script = (
        "import os, signal, sys; from pathlib import Path\n"
        "from pilot_analysis import ingest as package\n"
        "from pilot_analysis.ingest import lessons\n"
        "lessons.absence = lambda database: os.kill(os.getpid(), signal.SIGKILL)\n"
        "package.ingest(Path(sys.argv[1]), Path(sys.argv[2]), key=b'k' * 32)\n"
    )
    done = subprocess.run([sys.executable, "-c", script, str(raw), str(out)], check=False)
    assert done.returncode == -signal.SIGKILL
    (left,) = out.glob(".ingest-*")
    assert left.stat().st_mode & 0o077 == 0
    assert {p.name: p.read_bytes() for p in out.iterdir() if p.name in before} == before
    ingest(raw, out, key=KEY)
    assert {p.name for p in out.iterdir()} == set(before)


@pytest.mark.slow
@pytest.mark.parametrize("bytes_allowed", [1 << 12, 1 << 16, 1 << 19])
def test_a_full_disk_leaves_the_earlier_result_and_says_so(
    bytes_allowed, mini_raw, mini_processed, tmp_path
):
    """No file may grow beyond the limit: what a full disk does, at three moments."""
    out = tmp_path / "out"
    shutil.copytree(mini_processed, out)
    before = {p.name: p.read_bytes() for p in out.iterdir()}
    script = (
        "import resource, sys\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({bytes_allowed}, {bytes_allowed}))\n"
        "from pilot_analysis.cli import main\n"
        "main(['ingest', '--raw', sys.argv[1], '--out', sys.argv[2]])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(mini_raw), str(out)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "is the disk full?" in done.stderr
    assert "Traceback" not in done.stderr
    assert {p.name: p.read_bytes() for p in out.iterdir()} == before


@pytest.mark.slow
def test_two_ingests_into_one_folder_do_not_meet(tmp_path):
    raw, out = write_hand(tmp_path / "raw"), tmp_path / "out"
    with package._workplace(out), pytest.raises(PilotError, match="another ingest is writing"):
        ingest(raw, out, key=KEY)
    assert ingest(raw, out, key=KEY)["processed"]["pupil_terms"] == 5


def test_progress_is_silent_on_short_work_and_tells_the_time_it_has_taken(monkeypatch, capsys):
    clock = iter([0.0, 0.5, 2.5, 2.6, 5.0])
    monkeypatch.setattr("pilot_analysis.cli.common.time.monotonic", lambda: next(clock))
    tell = Progress()
    for share in (0.1, 0.25, 0.3, 0.5):
        tell(share, "1,000 rows read")
    told = capsys.readouterr().err.splitlines()
    assert told == ["1,000 rows read (2 s)", "1,000 rows read (5 s)"]


@pytest.mark.slow
@pytest.mark.parametrize(
    "place",
    [
        {"TZ": "Pacific/Kiritimati"},
        {"LC_ALL": "tr_TR.UTF-8", "LANG": "tr_TR.UTF-8"},
        {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    ],
    ids=lambda p: "-".join(p),
)
def test_clock_and_language_of_the_machine_move_nothing(place, hand_processed, tmp_path):
    """The same tables, to the byte, wherever they are made."""
    raw = write_hand(tmp_path / "raw")
    program = (
        "import sys, pathlib; from pilot_analysis.ingest import ingest; "
        f"ingest(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), key={KEY!r})"
    )
    subprocess.run(
        [sys.executable, "-c", program, str(raw), str(tmp_path / "there")],
        env=os.environ | place,
        check=True,
    )
    for path in sorted(hand_processed.iterdir()):
        assert (tmp_path / "there" / path.name).read_bytes() == path.read_bytes(), path.name
