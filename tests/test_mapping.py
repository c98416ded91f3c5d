"""Other systems by mapping: every operation by hand-made files, and whole dumps by their twins."""

import csv
import json
import shutil
import tempfile
import zlib
from pathlib import Path

import pandas as pd
import pytest
import ss12000
import xlsxwriter
import yaml
from click.testing import CliRunner
from hand import HAND, write_hand

from pilot_analysis.catalogue import language
from pilot_analysis.cli import main
from pilot_analysis.errors import ParameterError
from pilot_analysis.ingest import IngestError, ingest
from pilot_analysis.ingest.intake.exports import prepare
from pilot_analysis.ingest.intake.mapping import model

pytestmark = pytest.mark.slow  # each reads exports

KEY = b"k" * 32
NOT_IN_THE_STANDARD = ("utlandsk_bakgrund", "nyanland", "vardnadshavare_utbildning")


def mapped(tmp_path, mapping, files, stem):
    """Return the rows that a mapping makes of files, header first, and what was told."""
    folder = tmp_path / "raw"
    folder.mkdir(exist_ok=True)
    (folder / "mapping.yml").write_text(
        mapping if isinstance(mapping, str) else yaml.safe_dump(mapping, sort_keys=False),
        encoding="utf-8",
    )
    for name, text in files.items():
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    exports = prepare(folder, Path(tempfile.mkdtemp(dir=tmp_path)), {})
    rows = []
    for source in exports.sources.get(stem, []):
        with source.path.open(encoding="utf-8", newline="") as file:
            rows += list(csv.reader(file, delimiter=";"))
    return rows, exports


LESSONS = """
sources:
  registry: {files: "students*", has: [student, number]}
  rooms: {files: "activities*", has: [activity, unit]}
  time: {files: "time*", has: [student, activity, hours]}
tables:
  undervisningstid:
    from: time
    leave_out: {kind: [lunch, "break"]}
    join:
      - {with: registry, on: {student: student}, take: {number: number}}
      - {with: rooms, on: {activity: activity}, take: {unit: unit}}
    columns:
      elev_id: number
      skolenhetskod: unit
      vecka: {from: monday, convert: week, format: DD/MM/YYYY}
      schemalagda_minuter: {from: hours, convert: hours_to_minutes}
      rapporterade_minuter: {from: reported, convert: hours_to_minutes}
    sum: [schemalagda_minuter, rapporterade_minuter]
"""
TIME = (
    "student;activity;kind;monday;hours;reported\n"
    "1;m;lesson;26/08/2019;2,5;2,5\n1;s;lesson;26/08/2019;1,25;1\n1;m;lunch;26/08/2019;9;9\n"
    "2;m;lesson;26/08/2019;10;8\n1;m;lesson;30/12/2019;1;0\n"
)
FILES = {
    "students.csv": "student;number\n1;200601012384\n2;200601022399\n3;L9\n",
    "activities_2019.txt": "activity\tunit\nm\t01234567\ns\t01234567\n",
    "time_a.csv": TIME,
}


def test_join_sum_convert_and_leave_out(tmp_path):
    rows, exports = mapped(tmp_path, LESSONS, FILES, "undervisningstid")
    assert not exports.problems
    assert rows[0] == HAND["undervisningstid"].splitlines()[0].split(";")
    assert sorted(rows[1:]) == [
        ["200601012384", "01234567", "2019-W35", "225", "210"],
        ["200601012384", "01234567", "2020-W01", "60", "0"],
        ["200601022399", "01234567", "2019-W35", "600", "480"],
    ]


def test_several_files_of_a_source_are_one(tmp_path):
    lines = TIME.splitlines(keepends=True)
    files = FILES | {
        "time_a.csv": "".join(lines[:3]),
        "time_b.csv": "".join([lines[0], *lines[3:]]),
    }
    rows, exports = mapped(tmp_path, LESSONS, files, "undervisningstid")
    assert len(rows) - len(exports.sources["undervisningstid"]) == 3
    assert ["200601022399", "01234567", "2019-W35", "600", "480"] in rows


@pytest.mark.parametrize(
    "hours",
    ["x", "", "-2", "1.500", "1,500", "NaN", "inf", "1e400", "99999999999999999999"],
)
def test_a_cell_that_cannot_be_added_is_not_lost_in_a_sum(hours, tmp_path):
    files = FILES | {"time_a.csv": "\n" + TIME.replace("1,25", hours)}
    rows, exports = mapped(tmp_path, LESSONS, files, "undervisningstid")
    (problem,) = exports.problems
    assert (problem.file, problem.row, problem.column, problem.stops, rows) == (
        "time_a.csv",
        4,
        "schemalagda_minuter",
        True,
        [],
    )
    assert problem.code == "intake_mapping_sum" + ("" if hours else "_empty")


def test_hours_that_cannot_be_converted_never_pass_for_minutes(tmp_path):
    alone = LESSONS.replace("    sum: [schemalagda_minuter, rapporterade_minuter]\n", "")
    files = FILES | {"time_a.csv": TIME.replace("10;8", "2,000;8")}
    rows, _ = mapped(tmp_path, alone, files, "undervisningstid")
    assert ["200601022399", "01234567", "2019-W35", "2,000 h", "480"] in rows


def test_an_empty_cell_makes_a_sum_empty_where_the_contract_allows_it(tmp_path):
    mapping = """
    sources: {month: {has: [pupil, gone]}}
    tables:
      narvarosummor:
        from: month
        columns: {elev_id: pupil, skolenhetskod: {value: "01234567"}, period: {value: HT2019},
                  franvarande: gone, ogiltigt_franvarande: bad, schemalagt: all}
        sum: [franvarande, ogiltigt_franvarande, schemalagt]
    """
    sheet = "pupil;gone;bad;all\na;10;;100\na;20;5;110\nb;1;1;100\n"
    rows, exports = mapped(tmp_path, mapping, {"m.csv": sheet}, "narvarosummor")
    assert not exports.problems
    assert sorted(row[3:] for row in rows[1:]) == [["1", "1", "100"], ["30", "", "210"]]


def test_three_decimals_of_a_number_in_a_workbook_are_no_thousands(tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    book = xlsxwriter.Workbook(str(raw / "time.xlsx"))
    page = book.add_worksheet()
    for number, line in enumerate(TIME.splitlines()):
        page.write_row(number, 0, line.split(";"))
    page.write_number(1, 4, 1.125)
    book.close()
    files = {k: v for k, v in FILES.items() if k != "time_a.csv"}
    rows, exports = mapped(tmp_path, LESSONS, files, "undervisningstid")
    assert not exports.problems
    assert ["200601012384", "01234567", "2019-W35", "143", "210"] in rows


@pytest.mark.parametrize("copied", ["a copy", "an overlap"])
def test_a_file_delivered_twice_is_not_added_twice(copied, tmp_path):
    lines = TIME.splitlines(keepends=True)
    again = lines if copied == "a copy" else [*lines[:2], "3;m;lesson;26/08/2019;4;4\n"]
    files = FILES | {"time_b.csv": "".join(again)}
    rows, exports = mapped(tmp_path, LESSONS, files, "undervisningstid")
    (problem,) = exports.problems
    assert ["200601012384", "01234567", "2019-W35", "225", "210"] in rows
    count = 5 if copied == "a copy" else 1
    assert (problem.code, problem.file, problem.row, problem.count, problem.stops) == (
        "intake_mapping_repeated",
        "time_b.csv",
        2,
        count,
        False,
    )


def test_records_that_differ_in_an_unread_column_are_added(tmp_path):
    reading = LESSONS.replace(
        "time: {",
        "time: {columns: {student: student, activity: activity, kind: kind, "
        "monday: monday, hours: hours, reported: reported}, ",
    )
    lines = [f"{line};{n}\n" for n, line in enumerate(TIME.splitlines())]
    lines[0] = lines[0].replace("0", "lesson")
    files = FILES | {"time_a.csv": "".join([*lines, lines[1].replace(";1\n", ";9\n")])}
    rows, exports = mapped(tmp_path, reading, files, "undervisningstid")
    assert not exports.problems
    assert ["200601012384", "01234567", "2019-W35", "375", "360"] in rows


def test_many_equal_records_of_one_file_stop_since_they_may_be_lessons(tmp_path):
    files = FILES | {"time_a.csv": TIME + TIME.splitlines(keepends=True)[1]}
    rows, exports = mapped(tmp_path, LESSONS, files, "undervisningstid")
    (problem,) = exports.problems
    assert (problem.code, problem.row, problem.count, rows) == ("intake_mapping_equal", 7, 1, [])


@pytest.mark.parametrize(
    ("damage", "code", "row"),
    [
        (lambda text: text[:-1], "intake_cut_off", None),
        (lambda text: text.replace("1;s", '1;"s'), "intake_open_quote", None),
        (lambda text: text + "\u00e5" * 70_000 + "\udcc3;;;;;\n", "intake_encoding", 7),
        (lambda text: text.replace("10;8", "10;8;9"), "more_fields", 5),
        (lambda text: text.replace("10;8", "10"), "fewer_fields", 5),
    ],
)
def test_a_damaged_text_of_a_mapping_stops_as_one_of_the_contract_does(damage, code, row, tmp_path):
    files = FILES | {"time_a.csv": damage(TIME).encode("utf-8", "surrogateescape")}
    rows, exports = mapped(tmp_path, LESSONS, files, "undervisningstid")
    assert [(p.code, p.file, p.row) for p in exports.problems] == [(code, "time_a.csv", row)]
    assert not rows


def test_letters_far_down_settle_the_encoding_of_a_mapping(tmp_path):
    lunches = "".join(f"3;m;lunch;26/08/2019;{i};1\n" for i in range(4_000))
    far = f"{TIME}{lunches}3;sl\u00f6jd;lesson;26/08/2019;1;1\n".encode("cp1252")
    rooms = FILES["activities_2019.txt"] + "sl\u00f6jd\t01234567\n"
    files = FILES | {"activities_2019.txt": rooms, "time_a.csv": far}
    rows, exports = mapped(tmp_path, LESSONS, files, "undervisningstid")
    assert not exports.problems
    assert ["L9", "01234567", "2019-W35", "60", "60"] in rows


def test_a_join_never_multiplies_rows(tmp_path):
    files = FILES | {"students.csv": FILES["students.csv"] + "1;L8\n"}
    rows, exports = mapped(tmp_path, LESSONS, files, "undervisningstid")
    (problem,) = exports.problems
    assert (problem.code, problem.count, problem.stops, rows) == (
        "intake_mapping_several",
        3,
        True,
        [],
    )
    assert "L8" not in str(problem) and "200601012384" not in str(problem)


def test_rows_without_a_partner_are_kept_or_left_out_and_told(tmp_path):
    files = FILES | {"time_a.csv": TIME + "7;m;lesson;26/08/2019;1;1\n"}
    rows, _ = mapped(tmp_path, LESSONS, files, "undervisningstid")
    assert ["", "01234567", "2019-W35", "60", "60"] in rows  # the contract stops: no identifier
    dropping = LESSONS.replace("take: {number: number}", "take: {number: number}, unmatched: drop")
    rows, exports = mapped(tmp_path, dropping, files, "undervisningstid")
    (problem,) = exports.problems
    assert len(rows) == 4 and (problem.code, problem.count, problem.stops) == (
        "intake_mapping_unmatched",
        1,
        False,
    )


def test_wide_terms_unpivot_with_constants_codes_texts_and_file_names(tmp_path):
    mapping = """
    sources:
      wide: {files: "absence_*", has: [pnr, "HT19"], from_name: {school: "absence_"}}
    tables:
      helper:
        from: wide
        keep: {sort: absence}
        unpivot: {columns: ["HT*", "VT*"], names_to: when, values_to: n}
        columns: {pnr: pnr, when: when, n: n, school: school, sex: sex}
      elever:
        from: helper
        columns:
          elev_id: pnr
          skolenhetskod: school
          termin: {from: when, codes: {HT19: HT2019, VT20: VT2020}}
          arskurs: {value: "8"}
          klass: {text: "{when}-{n}"}
          kon: {from: sex, codes: {Kvinna: F, Man: P}}
    """
    sheet = "pnr,sort,sex,HT19,VT20\nL1,absence,Kvinna,3,4\nL1,late,Kvinna,9,9\nL2,absence,Man,,5\n"
    rows, exports = mapped(tmp_path, mapping, {"absence_01234567.csv": sheet}, "elever")
    assert not exports.problems
    assert sorted(rows[1:]) == [
        ["L1", "01234567", "HT2019", "8", "HT19-3", "F"],
        ["L1", "01234567", "VT2020", "8", "VT20-4", "F"],
        ["L2", "01234567", "VT2020", "8", "VT20-5", "P"],
    ]


def test_a_period_becomes_its_terms_and_the_school_year_counts_back(tmp_path):
    mapping = """
    sources: {stays: {has: [person, grade]}, weeks: {has: [week_end]}}
    tables:
      elever:
        from: stays
        terms: {from: start, to: end, open_until: weeks.week_end, back: {then: grade}}
        columns: {elev_id: person, skolenhetskod: {value: "01234567"}, termin: termin,
                  arskurs: then, klass: {value: ""}, kon: {value: F}}
    """
    files = {
        "stays.csv": "person;grade;start;end\na;9;2018-07-01;2020-07-31\nb;7;2019-08-19;\n",
        "weeks.csv": "week_end;x\n2020-03-06;1\n2019-09-06;1\n",
    }
    rows, _ = mapped(tmp_path, mapping, files, "elever")
    assert sorted((r[0], r[2], r[3]) for r in rows[1:]) == [
        ("a", "HT2018", "8"),
        ("a", "HT2019", "9"),
        ("a", "VT2019", "8"),
        ("a", "VT2020", "9"),
        ("b", "HT2019", "7"),
        ("b", "VT2020", "7"),
    ]


def test_a_planned_end_counts_no_further_than_the_newest_facts(tmp_path):
    files = {k: json.dumps({"data": v}) for k, v in lessons().items()}
    files["persons.json"] = files["persons.json"].replace(
        '"startDate": "2019-08-19"', '"startDate": "2018-08-20", "endDate": "2021-06-15"'
    )
    files["time.json"] = json.dumps({"data": [lesson_time()]})
    rows, _ = mapped(tmp_path, "use: [ss12000]", files, "elever")
    expected = [("HT2018", "7"), ("HT2019", "8"), ("VT2019", "7")]
    assert sorted((row[2], row[3]) for row in rows[1:]) == expected
    without = {"time.json": json.dumps({"data": [lesson_time(endDate=None)]})}
    rows, _ = mapped(tmp_path, "use: [ss12000]", files | without, "elever")
    assert ("VT2021", "8") in {(row[2], row[3]) for row in rows[1:]}


def test_names_and_texts_of_a_mapping_are_data_and_never_sql(tmp_path):
    evil = "x\"; DROP TABLE s; --'"
    mapping = {
        "sources": {"s": {"has": [evil], "files": "*"}},
        "tables": {
            "skolor": {
                "from": "s",
                "keep": {evil: ["a'; --", "b"]},
                "columns": {
                    "skolenhetskod": {"from": evil},
                    "skolnamn": {"value": "'); DROP TABLE s; --"},
                    "skola": {"text": "{n}' || '"},
                    "skolform": {"from": "n", "codes": {"1": "G'R"}},
                },
            }
        },
    }
    sheet = '"x""; DROP TABLE s; --\'",n\na\'; --,1\nb,2\nc,3\n'
    rows, exports = mapped(tmp_path, mapping, {"f.csv": sheet}, "skolor")
    assert not exports.problems
    assert sorted(rows[1:]) == [
        ["a'; --", "'); DROP TABLE s; --", "1' || '", "G'R"],
        ["b", "'); DROP TABLE s; --", "2' || '", "2"],
    ]


def test_every_problem_of_a_mapping_is_told_at_once(tmp_path):
    path = tmp_path / "mapping.yml"
    path.write_text(
        "sources: {time: {files: {a: b}, haz: [x]}}\n"
        "tables:\n  betyg:\n    from: tyme\n    columns: {elev_id: {value: a, from: b}}\n"
    )
    with pytest.raises(ParameterError) as told:
        model.load(path)
    words = str(told.value)
    assert "sources.time.haz: is unknown here" in words and "sources.time.files" in words
    assert "say one of from, value, first_of, text" in words
    path.write_text(
        "sources: {time: {has: [x]}}\n"
        "tables:\n  betyg:\n    from: tyme\n    columns: {elev_id: a, kurs: b}\n    sum: [c]\n"
    )
    with pytest.raises(ParameterError) as told:
        model.load(path)
    words = str(told.value)
    assert "no source or earlier table 'tyme'; did you mean 'time'?" in words
    assert "has no column 'kurs'" in words and "lacks skolenhetskod" in words
    assert "sum: 'c' is none of its columns" in words
    for text, words in (("a: [", "line"), ("- 1", "'sources' and 'tables'")):
        path.write_text(text)
        with pytest.raises(ParameterError, match=words):
            model.load(path)


def test_messages_about_a_mapped_table_name_the_row_and_the_file_that_was_sent(tmp_path):
    raw = write_hand(tmp_path / "raw", undervisningstid=None)
    (raw / "mapping.yml").write_text(
        "sources: {time: {files: 'tid*', has: [pupil, hours]}}\n"
        "tables:\n  undervisningstid:\n    from: time\n    leave_out: {hours: lunch}\n"
        "    columns: {elev_id: pupil, skolenhetskod: unit, vecka: week,"
        " schemalagda_minuter: hours, rapporterade_minuter: hours}\n"
    )
    header = "pupil;unit;week;hours\n"
    row = "L1;01234567;2019-W35;{}\n".format
    (raw / "tid.csv").write_text(
        "Utdrag\n\n" + header + row(1000) + row("lunch") + row(900) + "\n" + row("x")
    )
    (raw / "tid_2.csv").write_text(header + row("lunch") + row("y"))
    with pytest.raises(IngestError) as told:
        ingest(raw, tmp_path / "out", key=KEY)
    assert [(p.file, p.row) for p in told.value.problems if p.column == "schemalagda_minuter"] == [
        ("tid.csv (undervisningstid, mapping.yml)", 8),
        ("tid_2.csv (undervisningstid, mapping.yml)", 3),
    ]


def test_columns_that_a_file_lacks_are_named_with_those_it_has(tmp_path):
    wrong = LESSONS.replace("from: hours", "from: hour")
    rows, exports = mapped(tmp_path, wrong, FILES, "undervisningstid")
    (problem,) = exports.problems
    assert not rows and problem.file == "time_a.csv" and "'hour'" in problem.rule
    assert "'hours'" in problem.advice


SKOLVERKET = (
    "Statistik från Skolverket, http://www.skolverket.se\n\nGrundskolan - Slutbetyg årskurs 9, "
    "samtliga elever\nValt läsår: {year}\n\n"
    "Skola;Skol-enhetskod;Skolkommun;Kommun-kod;Typ av huvudman;Huvudman;Huvudman orgnr;Antal elever;"
    "{passed};{eligible};{merit};\n"
    "Ängs enhet 1;01234567;X;1;Kommunal;X;2;1 839;96,0;~100;274,2;\n"
    "Ängs enhet 2;01234568;X;1;Kommunal;X;2;..;..;.;..;\n"
    "Samtliga;;X;1;;;;1 900;90,0;95,0;250,0;\n"
)
HEADERS = {
    "2018/19": (
        "Andel som uppnått kunskapskraven i alla ämnen",
        "Andel (%) behörig yrkesprog.",
        "Genomsnittligt meritvärde (17)",
    ),
    "2022/23": (
        "Andel (%) elever som uppfyllt betygskriterierna i alla ämnen",
        "Andel (%) elever behöriga till yrkesprog.",
        "Genomsnittligt meritvärde (17 ämnen)",
    ),
}


@pytest.mark.slow
def test_skolverkets_figures_keep_suppressed_missing_and_nearly_all_apart(tmp_path):
    raw = write_hand(tmp_path / "raw")
    for year, (passed, eligible, merit) in HEADERS.items():
        text = SKOLVERKET.format(year=year, passed=passed, eligible=eligible, merit=merit)
        (raw / f"exp_betyg_{year[:4]}.csv").write_bytes(text.encode("utf-8-sig"))
    ingest(raw, tmp_path / "out", key=KEY)
    found = pd.read_parquet(tmp_path / "out" / "school_results.parquet").set_index(
        ["school_year", "unit"]
    )
    assert sorted(found.index) == [
        (y, u) for y in sorted(HEADERS) for u in ("01234567", "01234568")
    ]
    for year in HEADERS:
        known, hidden = found.loc[(year, "01234567")], found.loc[(year, "01234568")]
        assert list(known[["pupils", "merit", "all_subjects", "eligible"]]) == [
            1839,
            274.2,
            96.0,
            100,
        ]
        assert (known["eligible_status"], known["merit_status"]) == ("approximate", "known")
        assert (hidden["merit_status"], hidden["eligible_status"]) == ("suppressed", "missing")
        assert pd.isna(hidden["merit"]) and pd.isna(hidden["eligible"])


def test_a_wide_grade_catalogue_is_read_by_the_shipped_mapping(tmp_path):
    raw = tmp_path / "raw"
    raw.mkdir()
    (raw / "mapping.yml").write_text("use: [wide_grades]\n")
    book = xlsxwriter.Workbook(str(raw / "Betygskatalog 9A.xlsx"))
    page = book.add_worksheet()
    for number, row in enumerate(
        [
            ["Betygskatalog"],
            [],
            ["Elev_ID", "Skolenhetskod", "Termin", "SV", "MA", "M2DEU"],
            ["200601012384", "01234567", "VT2020", "A", "F", ""],
            ["L1", "01234567", "VT2020", "-", "E", "B"],
        ]
    ):
        page.write_row(number, 0, row)
    book.close()
    exports = prepare(raw, tmp_path / "copies", {})
    (source,) = exports.sources["betyg"]
    assert sorted(source.path.read_text().splitlines()) == [
        "200601012384;01234567;VT2020;MA;F",
        "200601012384;01234567;VT2020;SV;A",
        "L1;01234567;VT2020;M2DEU;B",
        "L1;01234567;VT2020;MA;E",
        "L1;01234567;VT2020;SV;-",
        "elev_id;skolenhetskod;termin;kurskod;betyg",
    ]


def test_subject_columns_are_read_in_any_case_and_others_are_named(tmp_path):
    sheet = "Elev_ID;Skolenhetskod;Termin;Ma;Bl;m2spa;Bild\nL1;01234567;VT2020;A;B;C;D\n"
    rows, exports = mapped(tmp_path, "use: [wide_grades]", {"katalog.csv": sheet}, "betyg")
    assert sorted(row[3:] for row in rows[1:]) == [["BL", "B"], ["MA", "A"], ["m2spa", "C"]]
    (problem,) = exports.problems
    assert (problem.code, problem.file, problem.stops) == (
        "intake_mapping_left_out",
        "katalog.csv",
        False,
    )
    assert "'Bild' are not read" in problem.rule


def test_a_mapping_that_finds_no_column_to_unpivot_says_so(tmp_path):
    mapping = model.shipped_text("wide_grades").replace("[BL, BI,", "[XX]\n      # [")
    sheet = "elev_id;skolenhetskod;termin;Ma\nL1;01234567;VT2020;A\n"
    rows, exports = mapped(tmp_path, mapping, {"katalog.csv": sheet}, "betyg")
    (problem,) = exports.problems
    assert (problem.code, problem.file, rows) == ("intake_mapping_columns", "katalog.csv", [])


# SS 12000


@pytest.fixture(scope="module")
def thin(tiny_raw, tmp_path_factory):
    """A twelfth of the pupils, with the columns that the standard has."""
    out = tmp_path_factory.mktemp("thin")
    for path in sorted(tiny_raw.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file, delimiter=";"))
        if rows[0][0] == "elev_id":
            rows = [rows[0], *(r for r in rows[1:] if zlib.crc32(r[0].encode()) % 12 == 0)]
        kept = [i for i, name in enumerate(rows[0]) if name not in NOT_IN_THE_STANDARD]
        with (out / path.name).open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, delimiter=";", lineterminator="\n").writerows(
                [[r[i] for i in kept] for r in rows]
            )
    return out


@pytest.mark.slow
def test_a_dump_by_the_standard_gives_the_tables_of_its_csv_twin_bit_for_bit(thin, tmp_path):
    dump = tmp_path / "dump"
    ss12000.write_dump(thin, dump)
    for stem in ("exponering", "kalender", "mentorer", "elevenkat", "personalenkat", "utskick"):
        shutil.copy(thin / f"{stem}.csv", dump)
    ingest(thin, tmp_path / "csv", key=KEY)
    quality = ingest(dump, tmp_path / "json", key=KEY)
    assert not quality["unread"]
    paths = list((tmp_path / "csv").glob("*.parquet"))
    assert len(paths) >= 10
    for path in paths:
        assert path.read_bytes() == (tmp_path / "json" / path.name).read_bytes(), path.name


def lessons(*attendances):
    """Return a small dump with attendances of one pupil at one lesson."""
    return {
        "persons.json": [
            {
                "id": "p",
                "civicNo": {"value": "200601012384"},
                "sex": "Kvinna",
                "enrolments": [
                    {
                        "enroledAt": {"id": "u"},
                        "schoolYear": 8,
                        "schoolType": "GR",
                        "startDate": "2019-08-19",
                    }
                ],
            }
        ],
        "units.json": [
            {
                "id": "u",
                "displayName": "Ängs",
                "organisationType": "Skolenhet",
                "schoolUnitCode": "01234567",
                "schoolTypes": ["GR"],
            }
        ],
        "activities.json": [
            {
                "id": "a",
                "displayName": "x",
                "organisation": {"id": "u"},
                "calendarEventsRequired": True,
            }
        ],
        "events.json": [
            {
                "id": "e",
                "startTime": "2019-08-26T06:15:00Z",
                "endTime": "2019-08-26T07:15:00Z",
                "activity": {"id": "a"},
            }
        ],
        "attendances.json": [
            {"id": str(i), "calendarEvent": {"id": "e"}, "student": {"id": "p"}, **each}
            for i, each in enumerate(attendances)
        ],
    }


def test_valid_and_invalid_absence_of_one_lesson_both_count_and_presence_cancels(tmp_path):
    both = {
        "validAbsenceMinutes": 20,
        "invalidAbsenceMinutes": 15,
        "reportedTimestamp": "2019-08-26T10:00:00+02:00",
    }
    present = {"attendanceMinutes": 60, "reportedTimestamp": "2019-08-27T10:00:00+02:00"}
    files = {k: json.dumps({"data": v}) for k, v in lessons(both, present).items()}
    rows, exports = mapped(tmp_path, "use: [ss12000]", files, "franvaro")
    assert not [p for p in exports.problems if p.stops]
    assert sorted(rows[1:]) == [
        ["200601012384", "01234567", "2019-08-26", "08:15", "0", "giltig", "2019-08-27 10:00:00"],
        ["200601012384", "01234567", "2019-08-26", "08:15", "20", "giltig", "2019-08-26 10:00:00"],
        ["200601012384", "01234567", "2019-08-26", "08:35", "15", "ogiltig", "2019-08-26 10:00:00"],
    ]


def lesson_time(**changes):
    """Return the record of a pupil's lesson time in a week."""
    return {
        "activity": {"id": "a"},
        "student": {"id": "p"},
        "startDate": "2019-08-26",
        "endDate": "2019-08-30",
        "offeredSum": 300,
        "reportedSum": 200,
    } | changes


@pytest.mark.parametrize("form", ["pages", "arrays", "lines"])
def test_an_aggregated_page_delivered_twice_counts_once(form, tmp_path):
    records = [lesson_time(), lesson_time(activity={"id": "b"}, offeredSum=100)]
    files = {k: json.dumps({"data": v}) for k, v in lessons().items()}
    files["activities.json"] = files["activities.json"].replace(
        "]}", ', {"id": "b", "organisation": {"id": "u"}, "calendarEventsRequired": true}]}'
    )
    for name in ("time_1.json", "time_2.json"):
        files[name] = {
            "pages": json.dumps({"data": records}),
            "arrays": json.dumps(records),
            "lines": "".join(json.dumps(each) + "\n" for each in records),
        }[form]
    rows, exports = mapped(tmp_path, "use: [ss12000]", files, "undervisningstid")
    assert rows[1:] == [["200601012384", "01234567", "2019-W35", "400", "400"]]
    told = [p for p in exports.problems if p.code == "intake_mapping_repeated"]
    assert [(p.file, p.count, p.stops) for p in told] == [("time_2.json", 2, False)]


@pytest.mark.parametrize(
    ("offered", "minutes"),
    [(300.125, "300"), (41.5, "42"), (1.875, "2"), (1200.125, "1200"), (300, "300")],
)
@pytest.mark.parametrize("form", ["pages", "arrays", "lines"])
def test_numbers_in_json_have_decimals_and_never_thousands(offered, minutes, form, tmp_path):
    files = {k: json.dumps({"data": v}) for k, v in lessons().items()}
    records = [lesson_time(offeredSum=offered)]
    files["time.json"] = {
        "pages": json.dumps({"data": records}),
        "arrays": json.dumps(records),
        "lines": json.dumps(records[0]) + "\n",
    }[form]
    rows, exports = mapped(tmp_path, "use: [ss12000]", files, "undervisningstid")
    assert not [p for p in exports.problems if p.stops]
    assert rows[1:] == [["200601012384", "01234567", "2019-W35", minutes, "200"]]


@pytest.mark.parametrize("sum_", ["", "sum: [franvarande, schemalagt]"])
def test_decimals_in_json_are_written_as_the_contract_has_them(sum_, tmp_path):
    mapping = f"""
    sources: {{month: {{has: [pupil, gone], columns: {{pupil: pupil, gone: gone, all: all}}}}}}
    tables:
      narvarosummor:
        from: month
        columns: {{elev_id: pupil, skolenhetskod: {{value: "01234567"}}, period: {{value: HT2019}},
                  franvarande: gone, schemalagt: all}}
        {sum_}
    """
    records = [
        {"pupil": "a", "gone": 1.125, "all": 1200.5},
        {"pupil": "b", "gone": 12.5, "all": 60},
    ]
    rows, exports = mapped(tmp_path, mapping, {"m.json": json.dumps(records)}, "narvarosummor")
    assert not exports.problems
    assert sorted(row[3:] for row in rows[1:]) == [["1,1250", "1200,5"], ["12,5", "60"]]


@pytest.mark.parametrize(
    ("report", "rows", "stops"),
    [
        ({"attendanceMinutes": 60}, 1, 0),
        ({"attendanceMinutes": 40}, 0, 1),
        ({"attendanceMinutes": 0, "validAbsenceMinutes": None, "isReported": True}, 0, 1),
        ({}, 0, 1),
        ({"isReported": False}, 0, 0),
        ({"isReported": False, "validAbsenceMinutes": 20}, 1, 0),
    ],
)
def test_a_report_without_minutes_of_absence_is_no_absence_of_zero(report, rows, stops, tmp_path):
    files = {k: json.dumps({"data": v}) for k, v in lessons(report).items()}
    made, exports = mapped(tmp_path, "use: [ss12000]", files, "franvaro")
    told = [(p.code, p.file) for p in exports.problems if p.stops]
    assert told == [("intake_mapping_unknown", "attendances.json")] * stops
    assert len(made[1:]) == rows


def test_absence_from_a_cancelled_lesson_does_not_count(tmp_path):
    files = {k: json.dumps({"data": v}) for k, v in lessons({"validAbsenceMinutes": 20}).items()}
    rows, _ = mapped(tmp_path, "use: [ss12000]", files, "franvaro")
    assert len(rows) == 2
    files["events.json"] = files["events.json"].replace('"e",', '"e", "cancelled": true,')
    rows, exports = mapped(tmp_path, "use: [ss12000]", files, "franvaro")
    assert len(rows) == 1 and not exports.problems


@pytest.mark.parametrize(
    "text",
    [
        '{"data": [{"gradeValue": "A", "student": {"id": ',
        '[{"gradeValue": "A"}, hemlig]',
        '{"data": [{"gradeValue": "A", "student": "hemlig"}]}',
        '{"data": {"gradeValue": "A"}}',
        '{"gradeValue": "A", "student": "hemlig"}',
    ],
)
def test_damaged_json_is_told_without_its_content(text, tmp_path):
    raw = write_hand(tmp_path / "raw")
    (raw / "grades.json").write_text(text)
    exports = prepare(raw, tmp_path / "copies", {})
    told = [str(p) for p in exports.problems]
    assert told and all("hemlig" not in words for words in told)


def pages(attendances, per_page=1):
    """Return the dump with attendances in pages, as a system that lists them gives them out."""
    files = {k: json.dumps({"data": v}) for k, v in lessons(*attendances).items()}
    listed = json.loads(files.pop("attendances.json"))["data"]
    for n in range(0, len(listed), per_page):
        files[f"attendances_{n}.json"] = json.dumps({"data": listed[n : n + per_page]})
    return files


@pytest.mark.parametrize(
    ("tokens", "told"),
    [
        (["x", "y", "z"], ["attendances_2.json"]),
        (["x", "y", None], []),
        (["x", None, "z"], []),
        (["x", "y", "z", None], []),
    ],
)
def test_a_dump_without_its_last_page_stops(tokens, told, tmp_path):
    day = {"validAbsenceMinutes": 20, "reportedTimestamp": "2019-08-26T10:00:00+02:00"}
    files = pages([day] * 3)
    if len(tokens) == 4:
        files["attendances_3.json"] = '{"data": []}'
    for n, token in enumerate(tokens):
        name = f"attendances_{n}.json"
        files[name] = json.dumps(json.loads(files[name]) | {"pageToken": token}, indent=1)
    _, exports = mapped(tmp_path, "use: [ss12000]", files, "franvaro")
    assert [(p.code, p.file) for p in exports.problems if p.stops] == [
        ("intake_json_pages", name) for name in told
    ]


def test_many_pages_take_no_more_memory_than_few(tmp_path, monkeypatch):
    monkeypatch.setenv("PILOT_MEMORY", "500MB")
    days = [
        {
            "validAbsenceMinutes": 20,
            "reportedTimestamp": f"2019-08-26T10:{n // 60:02}:{n % 60:02}+02:00",
        }
        for n in range(300)
    ]
    rows, exports = mapped(tmp_path, "use: [ss12000]", pages(days), "franvaro")
    assert not [p for p in exports.problems if p.stops]
    assert len(rows) == 1 + len(days)


def test_the_damaged_page_is_named_among_many(tmp_path):
    day = {"validAbsenceMinutes": 20, "reportedTimestamp": "2019-08-26T10:00:00+02:00"}
    files = pages([day] * 5)
    files["attendances_3.json"] = files["attendances_3.json"][:-2] + ", hemlig]}"
    raw = tmp_path / "damaged"
    raw.mkdir()
    for name, text in files.items():
        (raw / name).write_text(text)
    (raw / "mapping.yml").write_text("use: [ss12000]")
    told = [p for p in prepare(raw, tmp_path / "copies", {}).problems if p.stops]
    assert [p.file for p in told] == ["attendances_3.json"]
    assert "hemlig" not in str(told[0])


# pilot map


@pytest.mark.slow
def test_a_draft_has_guesses_and_open_questions_and_works_once_they_are_answered(tmp_path):
    raw = write_hand(tmp_path / "raw", undervisningstid=None)
    lines = HAND["undervisningstid"].splitlines()
    header = "Personnummer;Enhetskod;Vecka;Schemalagd tid;Rapp (min)"
    (raw / "Tid 2019.csv").write_text("\n".join([header, *lines[1:]]) + "\n", encoding="utf-8")
    told = CliRunner().invoke(main, ["map", str(raw)])
    assert told.exit_code == 0
    assert 'elev_id: "Personnummer"' in told.output and 'vecka: "Vecka"' in told.output
    assert 'rapporterade_minuter: "???"' in told.output
    assert "20060101" not in told.output
    (raw / "mapping.yml").write_text(told.output.replace('"???"', '"Rapp (min)"'), encoding="utf-8")
    ingest(raw, tmp_path / "mapped", key=KEY)
    ingest(write_hand(tmp_path / "twin"), tmp_path / "csv", key=KEY)
    for path in (tmp_path / "csv").glob("*.parquet"):
        assert path.read_bytes() == (tmp_path / "mapped" / path.name).read_bytes(), path.name


@pytest.mark.slow
def test_a_draft_never_replaces_a_mapping(tmp_path):
    raw = write_hand(tmp_path / "raw")
    out = raw / "mapping.yml"
    assert CliRunner().invoke(main, ["map", str(raw), "--out", str(out)]).exit_code == 0
    before = out.read_bytes()
    told = CliRunner().invoke(main, ["map", str(raw), "--out", str(out)])
    assert told.exit_code == 2 and out.read_bytes() == before
    ingest(raw, tmp_path / "out", key=KEY)


def test_an_unanswered_question_stops(tmp_path):
    raw = write_hand(tmp_path / "raw", undervisningstid=None)
    (raw / "t.csv").write_text("pnr;enhetskod;x;y\na;b;c;d\n")
    draft = CliRunner().invoke(main, ["map", str(raw)]).output
    (raw / "mapping.yml").write_text(draft, encoding="utf-8")
    with pytest.raises(IngestError, match=r"\?\?\?"):
        ingest(raw, tmp_path / "out", key=KEY)


def test_shipped_mappings_are_valid_and_both_languages_have_every_sentence():
    for name in model.SHIPPED:
        assert model.shipped(name).tables
        assert yaml.safe_load(CliRunner().invoke(main, ["map", "--show", name]).output)
    ours = [{n for n in language.message_names(each) if "intake_" in n} for each in ("en", "sv")]
    assert ours[0] == ours[1] and len(ours[0]) > 60
    assert Path(model.__file__).parent.joinpath("shipped").is_dir()
