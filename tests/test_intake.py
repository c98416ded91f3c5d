"""Files of every kind: each is read as what it holds, or named, and nothing in it can do harm."""

import datetime
import gzip
import io
import json
import os
import stat
import zipfile

import pandas as pd
import pytest
import xlsxwriter
from click.testing import CliRunner
from hand import HAND, write_hand
from odf.opendocument import OpenDocumentSpreadsheet
from odf.table import Table, TableCell, TableRow
from odf.text import P

from pilot_analysis.cli import main
from pilot_analysis.ingest import IngestError, ingest
from pilot_analysis.ingest.files import open_all
from pilot_analysis.ingest.intake import archive, workbook
from pilot_analysis.ingest.intake.exports import is_plain_folder, prepare
from pilot_analysis.ingest.intake.rows import Rows

KEY = b"k" * 32
SCHOOLS = HAND["skolor"]


def looked(folder, tmp_path):
    return prepare(folder, tmp_path / "copies", {})


def read(exports, stem):
    """Return the text that the contract's reader gets, one per source."""
    return [source.path.read_text(encoding="utf-8-sig") for source in exports.sources[stem]]


def one_file(tmp_path, name, data):
    folder = tmp_path / "raw"
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8"))
    return folder


def codes(exports):
    return [problem.code.removeprefix("intake_") for problem in exports.problems]


def write_xlsx(path, cells, sheet="Blad1", **options):
    book = xlsxwriter.Workbook(str(path), options)
    page = book.add_worksheet(sheet)
    for row, line in enumerate(cells):
        for column, cell in enumerate(line):
            page.write(row, column, cell)
    book.close()


def write_ods(path, cells, change=lambda page: None):
    book = OpenDocumentSpreadsheet()
    page = Table(name="Blad1")
    for line in cells:
        row = TableRow()
        for cell in line:
            made = TableCell(valuetype="string")
            made.addElement(P(text=cell))
            row.addElement(made)
        page.addElement(row)
    change(page)
    book.spreadsheet.addElement(page)
    book.save(str(path))


def table(stem):
    return [line.split(";") for line in HAND[stem].splitlines()]


def tab(text):
    return text.replace(";", "\t").replace("\n", "\r\n")


# Schools beyond the first 64 KB, of which the last alone has letters that are not ASCII.
MANY = (
    SCHOOLS.splitlines()[0]
    + "\n"
    + "".join(f"{i:08d};Skola {i};Skola {i};GR\n" for i in range(10_000_000, 10_004_000))
)
SETTLED = {
    "Windows-1252": ("cp1252", "Windows-1252"),
    "UTF-8": ("utf-8", "UTF-8"),
}


@pytest.mark.parametrize("sent", SETTLED)
@pytest.mark.parametrize("separator", ["\t", ","])
def test_letters_far_down_settle_the_encoding(sent, separator, tmp_path):
    encoding, words = SETTLED[sent]
    text = MANY + "01234567;Ängsskolan;Ängsskolan;GR\n"
    raw = one_file(tmp_path, "skolor.txt", text.replace(";", separator).encode(encoding))
    exports = looked(raw, tmp_path)
    assert read(exports, "skolor") == [text]
    assert words in exports.lines()[0]


def test_a_text_of_two_encodings_is_refused_by_row(tmp_path):
    first = SCHOOLS.encode("utf-8") + MANY.split("\n", 1)[1].encode()
    whole = first + "01234567;Ängsskolan;Ängsskolan;GR\n".encode("cp1252")
    exports = looked(one_file(tmp_path, "skolor.txt", whole.replace(b";", b"\t")), tmp_path)
    (problem,) = exports.problems
    assert (problem.code, problem.row) == ("intake_encoding", whole.count(b"\n"))


# School names that came in a wrong encoding, the whole file, and what is said of which row.
DOUBLE = HAND["skolor"].encode()
WRONG = {
    "encoded twice": (DOUBLE.decode("cp1252").encode(), 2, "letters that were converted wrongly"),
    "encoded twice, latin-1": (
        DOUBLE.decode("latin-1").encode(),
        2,
        "letters that were converted wrongly",
    ),
    "one row twice": (
        HAND["skolor"].replace("Björk", "BjÃ¶rk").encode(),
        4,
        "letters that were converted wrongly",
    ),
    "two files together": (
        "\n".join(HAND["skolor"].splitlines()[:2]).encode("cp1252")
        + b"\n"
        + "01234569;Björkskolan;Björkskolan;GR\n".encode(),
        3,
        "letters that were converted wrongly",
    ),
    "letters lost": (
        HAND["skolor"].replace("Björk", "Bj\ufffdrk").encode(),
        4,
        "where a letter was lost",
    ),
    "no encoding": (
        HAND["skolor"].encode("cp1252").replace("Bj\u00f6rk".encode("cp1252"), b"Bj\x81rk"),
        4,
        "neither UTF-8 nor Windows-1252",
    ),
}


@pytest.mark.slow
@pytest.mark.parametrize("sent", WRONG)
@pytest.mark.parametrize("separator", [b";", b"\t"])
def test_letters_in_a_wrong_encoding_are_refused_by_row(sent, separator, tmp_path):
    data, row, rule = WRONG[sent]
    folder = write_hand(tmp_path / "raw", skolor=data.replace(b";", separator))
    with pytest.raises(IngestError) as caught:
        ingest(folder, tmp_path / "out", key=KEY)
    if sent == "no encoding" and separator != b";":
        rule = "begins as Windows-1252 but is not"
    assert any(
        f"skolor.csv, row {row}" in line and rule in line for line in str(caught.value).splitlines()
    )


@pytest.mark.slow
def test_a_capital_letter_of_another_language_is_right(tmp_path):
    changed = {s: HAND[s].replace("Björkskolan", "SÃO-skolan") for s in ("skolor", "exponering")}
    ingest(write_hand(tmp_path / "raw", **changed), tmp_path / "out", key=KEY)


@pytest.mark.slow
def test_codes_in_a_wrong_encoding_are_told_as_such(tmp_path):
    text = HAND["betyg"].replace(";A\n", ";Ã…\n")
    with pytest.raises(IngestError, match=r"betyg\.csv, row 2, column betyg: has letters"):
        ingest(write_hand(tmp_path / "raw", betyg=text), tmp_path / "out", key=KEY)


# How `skolor` can be sent; each reads as the same rows.
SENT = {
    "csv": ("skolor.csv", SCHOOLS.encode()),
    "capital letters": ("SKOLOR_2019.CSV", SCHOOLS.encode()),
    "text": ("skolor.txt", SCHOOLS.encode()),
    "decomposed name": ("skolor_la\u0308sa\u030ar.csv", SCHOOLS.encode()),
    "another name": ("Utdrag 2020-06-12.csv", SCHOOLS.encode()),
    "a folder a term": ("HT2019/skolor.csv", SCHOOLS.encode()),
    "tabs": ("skolor.txt", tab(SCHOOLS).encode("cp1252")),
    "commas": ("skolor.csv", SCHOOLS.replace(";", ",").encode()),
    "Unicode text": ("skolor.txt", tab(SCHOOLS).encode("utf-16")),
    "UTF-16 without a mark": ("skolor.csv", SCHOOLS.encode("utf-16-le")),
    "big-endian": ("skolor.csv", b"\xfe\xff" + SCHOOLS.encode("utf-16-be")),
    "BOM and tabs": ("skolor.csv", tab(SCHOOLS).encode("utf-8-sig")),
    "sep": ("skolor.csv", b"sep=,\r\n" + SCHOOLS.replace(";", ",").encode()),
    "sep of semicolons": ("skolor.csv", b"sep=;\r\n" + SCHOOLS.encode()),
    "preamble": ("skolor.csv", b"Utdrag ur registret\r\n\r\n" + SCHOOLS.encode()),
    "gzip": ("skolor.csv.gz", gzip.compress(SCHOOLS.encode(), mtime=0)),
    "header's letters": (
        "skolor.csv",
        SCHOOLS.replace("skolenhetskod;skolnamn", "Skolenhets-kod;SKOLNAMN").encode(),
    ),
}


@pytest.mark.parametrize("kind", SENT)
def test_every_kind_of_text_gives_the_same_rows(kind, tmp_path):
    exports = looked(one_file(tmp_path, *SENT[kind]), tmp_path)
    assert not exports.problems and not exports.unread
    opened, problems = open_all(exports.sources, tmp_path, {})
    (raw,) = opened["skolor"]
    assert all(not p.stops or p.code == "missing_table" for p in problems)
    assert raw.columns == table("skolor")[0]
    body = raw.path.read_text(encoding="utf-8-sig").replace("\r\n", "\n").split("\n", 1)[1]
    assert body == SCHOOLS.split("\n", 1)[1]


def test_a_file_with_the_columns_of_two_tables_is_the_one_that_its_name_says(tmp_path):
    grades = (
        HAND["betyg"]
        .replace("termin;", "arskurs;klass;kon;termin;", 1)
        .replace(";HT", ";9;9A;F;HT")
    )
    exports = looked(one_file(tmp_path, "betyg_9A.csv", grades), tmp_path)
    assert list(exports.sources) == ["betyg"]


def test_a_text_of_the_contract_is_read_where_it_lies(tmp_path):
    folder = write_hand(tmp_path / "raw")
    assert is_plain_folder(folder)
    exports = looked(folder, tmp_path)
    for sources in exports.sources.values():
        for source in sources:
            assert source.path == source.origin
    assert not list((tmp_path / "copies").glob("*.csv"))


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["xlsx", "ods", "UTF-16", "zip", "folders"])
def test_twins_of_other_kinds_give_the_same_tables_bit_for_bit(kind, tmp_path, hand_processed):
    folder = tmp_path / "raw"
    folder.mkdir()
    for stem, text in HAND.items():
        rows = [line.split(";") for line in text.splitlines()]
        if kind == "xlsx":
            write_xlsx(folder / f"{stem}.xlsx", [[], *([number(c) for c in row] for row in rows)])
        elif kind == "ods":
            write_ods(folder / f"{stem}.ods", rows)
        elif kind == "UTF-16":
            (folder / f"{stem.upper()}.TXT").write_bytes(tab(text).encode("utf-16"))
        elif kind == "zip":
            with zipfile.ZipFile(folder / "exporter.zip", "a", zipfile.ZIP_DEFLATED) as packed:
                packed.writestr(f"HT2019/{stem}.csv", text)
        else:
            (folder / stem[:1]).mkdir(exist_ok=True)
            (folder / stem[:1] / f"{stem}.csv").write_bytes(text.encode("cp1252"))
    quality = ingest(folder, tmp_path / "out", key=KEY)
    assert not quality["unread"]
    for path in hand_processed.glob("*.parquet"):
        assert (tmp_path / "out" / path.name).read_bytes() == path.read_bytes(), path.name


def number(cell):
    """Return what Excel makes of a cell: identifiers with a leading zero were kept as text."""
    return int(cell) if cell.isdigit() and not cell.startswith("0") else cell


def test_cells_are_read_as_they_are_held(tmp_path):
    book = xlsxwriter.Workbook(str(tmp_path / "franvaro.xlsx"))
    page = book.add_worksheet()
    formats = {
        k: book.add_format({"num_format": v})
        for k, v in {
            "day": "yyyy-mm-dd",
            "clock": "hh:mm",
            "span": "[h]:mm",
            "stamp": "yyyy-mm-dd hh:mm:ss",
        }.items()
    }
    page.write_row(2, 1, table("franvaro")[0])
    moment = datetime.datetime(2019, 8, 26, 9, 0, 5)
    for row, clock in ((3, datetime.time(8, 15)), (4, datetime.timedelta(hours=8, minutes=15))):
        page.write_number(row, 1, 200601012384)
        page.write_string(row, 2, "01234567")
        page.write_datetime(row, 3, datetime.datetime(2019, 8, 26), formats["day"])
        page.write_datetime(row, 4, clock, formats["clock" if row == 3 else "span"])
        page.write_number(row, 5, 60.0)
        page.write_formula(row, 6, '="ogil"&"tig"', None, "ogiltig")
        page.write_datetime(row, 7, moment, formats["stamp"])
    book.close()
    (tmp_path / "raw").mkdir()
    (tmp_path / "franvaro.xlsx").rename(tmp_path / "raw" / "franvaro.xlsx")
    (text,) = read(looked(tmp_path / "raw", tmp_path), "franvaro")
    line = "200601012384;01234567;2019-08-26;08:15;60;ogiltig;2019-08-26 09:00:05"
    assert text.splitlines()[1:] == [line, line]


def test_identifiers_that_lost_digits_in_a_workbook_are_told_and_never_rounded(tmp_path):
    rows = table("undervisningstid")
    rows[1][0], rows[2][0] = 20060101238400001.0, 200601012384.5
    folder = tmp_path / "raw"
    folder.mkdir()
    write_xlsx(folder / "undervisningstid.xlsx", rows)
    exports = looked(folder, tmp_path)
    (problem,) = exports.problems
    assert (problem.code, problem.column, problem.row, problem.count) == (
        "intake_lost_digits",
        "elev_id",
        2,
        2,
    )
    assert "undervisningstid" not in exports.sources


def test_cells_without_a_value_in_a_workbook_stop_and_never_read_as_empty(tmp_path):
    raw = write_hand(tmp_path / "raw", elever=None)
    book = xlsxwriter.Workbook(str(raw / "elever.xlsx"))
    page = book.add_worksheet()
    for row, line in enumerate(table("elever")):
        page.write_row(row + 2, 1, line)
    protected = len(line)
    page.write_formula(7, protected, "=VLOOKUP(1,X,2,0)", None, "#N/A")
    page.write_formula(8, protected, '=IF(1,"J","N")', None, "")
    book.close()
    (problem,) = looked(raw, tmp_path).problems
    assert problem.code == "intake_no_value" and problem.stops
    assert (problem.file, problem.column, problem.row, problem.count) == (
        "elever.xlsx",
        "skyddad",
        8,
        2,
    )


def test_an_error_in_an_ods_stops(tmp_path):
    raw = write_hand(tmp_path / "raw", elever=None)

    def error(page):
        page.childNodes[5].childNodes[6] = TableCell(formula="of:=NA()")

    write_ods(raw / "elever.ods", table("elever"), error)
    (problem,) = looked(raw, tmp_path).problems
    assert (problem.code, problem.column, problem.row) == ("intake_no_value", "skyddad", 6)


SPELT = {
    ("franvaro", "08:15;40", "08:15:00;40,00"): None,
    ("franvaro", "2019-08-26;08:15;60", "2019-08-26 00:00:00;08:15;60"): None,
    ("undervisningstid", "2019-W35;1000;800", "2019-W35;1\u00a0000;800,0"): None,
    ("exponering", "500000", "500 000"): None,
    ("undervisningstid", "2019-W35;1000;800", "2019-W35;1.000;800"): "schemalagda_minuter",
    ("undervisningstid", "2019-W35;1000;800", "2019-W35;1,000;800"): "schemalagda_minuter",
    ("franvaro", "08:15;40", "08:15:30;40"): "lektion_start",
    ("franvaro", "2019-08-26;08:15;60", "2019-08-26 10:00:00;08:15;60"): "datum",
}


@pytest.mark.slow
@pytest.mark.parametrize("stem, wrote, sent", SPELT)
def test_spellings_with_one_meaning_are_read_and_others_refused(
    stem, wrote, sent, tmp_path, hand_processed
):
    assert wrote in HAND[stem]
    raw = write_hand(tmp_path / "raw", **{stem: HAND[stem].replace(wrote, sent)})
    column = SPELT[stem, wrote, sent]
    if column is not None:
        with pytest.raises(IngestError) as told:
            ingest(raw, tmp_path / "out", key=KEY)
        assert [p.column for p in told.value.problems] == [column]
        return
    ingest(raw, tmp_path / "out", key=KEY)
    for path in hand_processed.glob("*.parquet"):
        assert (tmp_path / "out" / path.name).read_bytes() == path.read_bytes(), path.name


@pytest.mark.slow
@pytest.mark.parametrize("sent", ["xlsx", "commas"])
def test_three_decimals_written_by_a_machine_are_no_thousands(sent, tmp_path):
    raw = write_hand(tmp_path / "raw", exponering=None)
    lines = table("exponering")
    if sent == "xlsx":
        cells = [
            [1.125 if c == "1,5" else 500.125 if c == "500000" else c for c in r] for r in lines
        ]
        write_xlsx(raw / "exponering.xlsx", cells)
    else:
        text = HAND["exponering"].replace(",", ".").replace(";", ",")
        text = text.replace("1.5", "1.125").replace("500000", "500.125")
        (raw / "exponering.csv").write_text(text, encoding="utf-8")
    ingest(raw, tmp_path / "out", key=KEY)
    found = pd.read_parquet(tmp_path / "out" / "exposure.parquet")
    assert found[["mentor_fte", "cost_sek"]].max().tolist() == [1.125, 500.125]


def test_quoted_thousands_between_commas_are_refused_and_decimals_read(tmp_path):
    lines = HAND["exponering"].replace(",", ".").replace(";", ",")
    fine = one_file(tmp_path, "exponering.csv", lines.replace("1.5", '"1,5"'))
    assert "klass;1,5;500000" in read(looked(fine, tmp_path), "exponering")[0]
    raw = write_hand(tmp_path / "whole", exponering=lines.replace("1.5", '"1,200"'))
    with pytest.raises(IngestError) as told:
        ingest(raw, tmp_path / "out", key=KEY)
    assert [(p.column, p.row) for p in told.value.problems] == [("mentorer_heltid", 2)]


def test_totals_notes_and_empty_rows_are_left_out_and_counted(tmp_path):
    lines = HAND["undervisningstid"].splitlines()
    text = "\n".join(
        [
            "Uttag 2020-06-12",
            "",
            lines[0],
            *lines[1:4],
            "Delsumma;;;3000;2800",
            ";;;;",
            *lines[4:],
            "Summa;;;5500;5200",
            "Totalt;;;5500;5200",
            "Källa: skoladministrativa systemet;;;;",
            ";;;;",
            "",
        ]
    )
    exports = looked(one_file(tmp_path, "undervisningstid.csv", text), tmp_path)
    assert read(exports, "undervisningstid") == [HAND["undervisningstid"]]
    (line,) = exports.lines("en")
    assert "header in row 3; 3 total rows left out; one note below the table left out" in line


def test_a_row_that_only_lacks_values_is_no_note(tmp_path):
    text = HAND["undervisningstid"] + "L7;;;;\n"
    (kept,) = read(
        looked(one_file(tmp_path, "undervisningstid.csv", text), tmp_path), "undervisningstid"
    )
    assert kept == text


def test_messages_give_the_row_of_the_file_that_was_sent(tmp_path):
    lines = HAND["undervisningstid"].splitlines()
    lines[5] = lines[5].replace("500;500", "many;500")
    text = "\n".join(["Utdrag", "", *lines[:3], ";;;;", *lines[3:], "Summa;;;1;1", ""])
    raw = write_hand(tmp_path / "raw", undervisningstid=None)
    (raw / "Tid.csv").write_text(text, encoding="utf-8")
    with pytest.raises(IngestError) as told:
        ingest(raw, tmp_path / "out", key=KEY)
    (problem,) = told.value.problems
    sent = next(i for i, line in enumerate(text.splitlines(), 1) if "many" in line)
    assert (problem.file, problem.row, problem.column) == ("Tid.csv", sent, "schemalagda_minuter")


@pytest.mark.slow
@pytest.mark.parametrize("quote", ["", '"'])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_blank_lines_in_a_text_of_the_contract_count_in_row_numbers(quote, end, tmp_path):
    head, *lines = HAND["undervisningstid"].replace("L3;", f"{quote}L3{quote};").splitlines()
    sent = [head, lines[0], "", "", lines[1], "", *lines[2:], *[lines[-1]] * 60]
    for row, wrong in ((8, ";x;"), (10, ";")):  # a cell, then a field too few
        changed = [*sent[: row - 1], sent[row - 1].replace(";1000;", wrong), *sent[row:]]
        assert changed != sent
        text = (end.join(changed) + end).encode()
        raw = write_hand(tmp_path / str(row), undervisningstid=text)
        with pytest.raises(IngestError) as told:
            ingest(raw, tmp_path / "out", key=KEY)
        assert [p.row for p in told.value.problems] == [row]


def test_rows_of_a_copy_are_numbered_as_in_its_file():
    rows = Rows()
    for kept, original in ((1, 4), (2, 5), (3, 9), (4, 10)):
        rows.add(kept, original)
    assert [rows.original(n) for n in (1, 2, 3, 4, 5)] == [4, 5, 9, 10, 11]


@pytest.mark.slow
def test_half_of_the_absence_in_another_kind_of_file_counts(tmp_path, hand_processed):
    lines = HAND["franvaro"].splitlines(keepends=True)
    for name, data in {
        "franvaro_2.xlsx": None,
        "Franvaro_2.csv": lines,
        "franvaro_2.CSV": lines,
        "frånvaro.txt": lines,
        "VT/franvaro.csv": lines,
    }.items():
        folder = tmp_path / name.replace("/", "_")
        raw = write_hand(folder / "raw", franvaro="".join(lines[:5]))
        half = [lines[0], *lines[5:]]
        (raw / name).parent.mkdir(exist_ok=True)
        if data is None:
            write_xlsx(raw / name, [line.rstrip("\n").split(";") for line in half])
        else:
            (raw / name).write_text("".join(half), encoding="utf-8")
        ingest(raw, folder / "out", key=KEY)
        for table_ in ("pupil_weeks", "pupil_terms"):
            same = (folder / "out" / f"{table_}.parquet").read_bytes()
            assert same == (hand_processed / f"{table_}.parquet").read_bytes(), name


UNREAD = {
    "foreign.csv": ("a;b\n1;2\n3;4\n", "a table of 2 columns", True),
    "old.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "an old Excel workbook", True),
    "page.xls": ("<html><table></table></html>", "a web page", True),
    "list.json": ('{"x": 1}', "JSON", True),
    "numbers.parquet": (b"PAR1" + bytes(60), "a parquet file", True),
    "betyg.txt": (b"elev_id;\0skolenhetskod;termin;kurskod;betyg\n", "a damaged text", True),
    "program.bin": (bytes(range(256)) * 4, "a file that is neither", False),
    "notes.pdf": (b"%PDF-1.7 x", "a PDF document", False),
    "readme.txt": ("Hello.\nThese are our exports.\n", "text without columns", False),
    "logo.png": (b"\x89PNG\r\n\x1a\n", "a picture", False),
}


@pytest.mark.slow
def test_every_file_that_was_not_read_is_named_with_what_it_looks_like(tmp_path):
    raw = write_hand(tmp_path / "raw")
    for name, (data, _, _) in UNREAD.items():
        (raw / name).write_bytes(data if isinstance(data, bytes) else data.encode())
    quality = ingest(raw, tmp_path / "out", key=KEY)
    assert set(quality["unread"]) == set(UNREAD)
    for name, (_, words, _) in UNREAD.items():
        assert quality["unread"][name].startswith(words)
    remarked = {r["file"] for r in quality["remarks"] if r["code"] == "intake_unread"}
    assert remarked == {name for name, (_, _, data) in UNREAD.items() if data}


@pytest.mark.slow
@pytest.mark.parametrize(
    "language, words",
    [
        (
            "sv",
            [
                "foreign.csv: lästes inte, en tabell med 2 kolumner",
                "skolor.csv: skolor, ur text i UTF-8",
            ],
        ),
        (
            "en",
            ["foreign.csv: not read, a table of 2 columns", "skolor.csv: skolor, from UTF-8 text"],
        ),
    ],
)
def test_check_has_a_line_for_every_file(language, words, tmp_path):
    raw = write_hand(tmp_path / "raw")
    (raw / "foreign.csv").write_text("a;b\n1;2\n3;4\n")
    told = CliRunner().invoke(main, ["check", str(raw), "--language", language])
    for line in words:
        assert line in told.output, told.output
    assert told.exit_code == 0


# What must be refused with one sentence, without being opened.


def test_links_pipes_and_folders_with_names_of_files_are_refused_and_never_waited_for(tmp_path):
    raw = write_hand(tmp_path / "raw")
    secret = tmp_path / "secret.csv"
    secret.write_text(SCHOOLS)
    (raw / "skolor_2.csv").symlink_to(secret)
    (raw / "broken.csv").symlink_to(tmp_path / "nowhere")
    (raw / "there").symlink_to(tmp_path)
    os.mkfifo(raw / "franvaro_2.csv")
    (raw / "betyg_2.csv").mkdir()
    with pytest.raises(IngestError) as told:
        ingest(raw, tmp_path / "out", key=KEY)
    assert {p.file: p.code for p in told.value.problems} == {
        "skolor_2.csv": "intake_link",
        "broken.csv": "intake_link",
        "there": "intake_link",
        "franvaro_2.csv": "intake_device",
        "betyg_2.csv": "intake_folder_named_as_file",
    }
    assert not any((tmp_path / "out").glob("*.parquet"))


def zipped(members, method=zipfile.ZIP_DEFLATED):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as packed:
        for name, data in members.items():
            packed.writestr(name, data)
    return file.getvalue()


def link(name):
    entry = zipfile.ZipInfo(name)
    entry.external_attr = (stat.S_IFLNK | 0o777) << 16
    return entry


@pytest.mark.parametrize(
    "name, data, code",
    [
        ("a.zip", zipped({"../../skolor.csv": SCHOOLS}), "archive_points_out"),
        ("a.zip", zipped({"/etc/skolor.csv": SCHOOLS}), "archive_points_out"),
        ("a.zip", zipped({"..\\skolor.csv": SCHOOLS}), "archive_points_out"),
        ("a.zip", zipped({link("skolor.csv"): "/etc/passwd"}), "archive_link"),
        ("a.zip", zipped({"skolor.csv": bytes(1 << 20)}), "archive_too_large"),
        ("a.gz", gzip.compress(bytes(1 << 20), mtime=0), "archive_too_large"),
        ("a.gz", gzip.compress(SCHOOLS.encode() * 9, mtime=0)[:60], "archive_damaged"),
        ("a.zip", zipped({f"{i}.csv": "" for i in range(12)}), "archive_too_many"),
        ("a.zip", zipped({"b.zip": zipped({"skolor.csv": SCHOOLS})}), "unread"),
        ("skolor.xlsx", zipped({"xl/workbook.xml": bytes(1 << 20)}), "workbook_unpacks"),
        (
            "skolor.xlsx",
            zipped({"xl/workbook.xml": '<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'}),
            "workbook_entities",
        ),
        (
            "skolor.xlsx",
            zipped(
                {
                    "xl/workbook.xml": "<x/>",
                    "xl/worksheets/sheet1.xml": '<c r="A1"/><c r="XFD1048576" t="n"/>',
                }
            ),
            "workbook_far",
        ),
        ("skolor.xlsx", zipped({"xl/workbook.xml": "no workbook"}), "workbook_damaged"),
        (
            "skolor.ods",
            zipped(
                {
                    "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
                    "content.xml": '<x xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"><table:table-row '
                    'table:number-rows-repeated="1000000"><table:table-cell table:number-columns-repeated="16384">'
                    "<p/></table:table-cell></table:table-row></x>",
                }
            ),
            "workbook_far",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) and "." not in value else None,
)
def test_bombs_and_paths_out_of_archives_are_refused(name, data, code, tmp_path, monkeypatch):
    for module in (archive, workbook):
        monkeypatch.setattr(module, "_SMALL", 1 << 16)
    monkeypatch.setattr(archive, "_MOST_MEMBERS", 10)
    exports = looked(one_file(tmp_path, name, data), tmp_path)
    assert code in codes(exports)
    assert not exports.sources
    outside = [p for p in tmp_path.rglob("*skolor*") if "raw" not in p.parts]
    assert not outside


def test_formulas_in_cells_stay_text_and_messages_hold_no_cell(tmp_path):
    rows = table("franvaro")
    rows[1][0] = '=HYPERLINK("http://x";"hemlig")'
    rows[2][4] = "hemlig"
    raw = write_hand(tmp_path / "raw", franvaro=None)
    book = xlsxwriter.Workbook(str(raw / "franvaro.xlsx"), {"strings_to_formulas": False})
    page = book.add_worksheet()
    for number_, row in enumerate(rows):
        for column, cell in enumerate(row):
            page.write_string(number_, column, cell)
    book.close()
    with pytest.raises(IngestError) as told:
        ingest(raw, tmp_path / "out", key=KEY)
    assert "hemlig" not in str(told.value) and "20060101" not in str(told.value)


def test_copies_are_gone_and_were_for_their_owner_only(tmp_path):
    raw = one_file(tmp_path, "skolor.txt", tab(SCHOOLS))
    modes = []

    def look(exports):
        folder = exports.sources["skolor"][0].path.parent
        modes.extend(stat.S_IMODE(p.stat().st_mode) for p in (folder, folder.parent))

    with pytest.raises(IngestError):
        ingest(raw, tmp_path / "out", key=KEY, taken=look)
    assert modes == [0o700, 0o700]
    assert not [p for p in (tmp_path / "out").iterdir() if p.name.startswith(".ingest")]


def test_files_of_other_kinds_beside_synthetic_exports_are_not_mixed_in(tmp_path):
    raw = write_hand(tmp_path / "raw")
    (raw / "truth.json").write_text(json.dumps({"synthetic": True, "notice": "", "files": {}}))
    (raw / "betyg_2.xlsx").write_bytes(b"PK")
    with pytest.raises(IngestError, match=r"betyg_2\.xlsx"):
        ingest(raw, tmp_path / "out", key=KEY)
