"""The files of a mapping's sources as tables of text: JSON by path, spreadsheets by header."""

import csv
import fnmatch
import functools
import itertools
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb
import python_calamine as calamine

from pilot_analysis.ingest.intake import detect, layout, text, workbook
from pilot_analysis.ingest.intake.detect import Look
from pilot_analysis.ingest.intake.folder import Entry
from pilot_analysis.ingest.intake.layout import Layout, Row
from pilot_analysis.ingest.intake.mapping import dumps, sql
from pilot_analysis.ingest.intake.mapping.model import SourceFiles
from pilot_analysis.ingest.intake.messages import problem
from pilot_analysis.ingest.intake.names import folded
from pilot_analysis.ingest.intake.rows import Rows
from pilot_analysis.ingest.intake.workplace import Workplace
from pilot_analysis.ingest.problems import Problem
from pilot_analysis.ingest.problems import problem as contract_problem
from pilot_analysis.ingest.rules import Rules
from pilot_analysis.ingest.typed import literal, quote

_FIRST_RECORDS = 4 << 20
_RECORDS_LOOKED_AT = 20
_Names = tuple[int, Row, set[str]]  # a row's number, its cells, and these as names are compared


@dataclass(frozen=True)
class Match:
    """A file that belongs to a source. `form` is how JSON lies in it: page, array, lines, values.

    Of a table, `layout` says where it lies; `sheet` names its sheet.
    """

    entry: Entry
    look: Look
    form: str = ""
    layout: Layout | None = None
    separator: str = ""
    sheet: str = ""


@dataclass
class Sent:
    """The files that were read, by number, and how their rows are numbered."""

    files: list[tuple[str, Rows]] = field(default_factory=lambda: [("", Rows())])

    def add(self, name: str, rows: Rows | None = None) -> int:
        """Return the number of a file."""
        self.files.append((name, rows or Rows()))
        return len(self.files) - 1

    def place(self, sent: int | None) -> tuple[str, int | None]:
        """Return the file of a row, empty where it has none, and the row there where it is known."""
        name, rows = self.files[(sent or 0) >> sql.ROW_BITS]
        row = (sent or 0) & ((1 << sql.ROW_BITS) - 1)
        return name, rows.original(row) if row else None


def match(source: SourceFiles, entry: Entry, look: Look) -> Match | None:
    """Return how a file belongs to a source; None where it does not."""
    last = entry.name.rsplit("/", 1)[-1].casefold()
    if not any(fnmatch.fnmatchcase(last, pattern.casefold()) for pattern in source.files):
        return None
    if look.kind == "json":
        keys, form = _keys(entry.path, look)
        known = {folded(key) for key in keys}
        return Match(entry, look, form) if form and _has(source.has, known) else None
    for part, separator, rows in _may_be_headers(entry.path, look):
        header = _header(source, rows)
        if header is not None:
            return Match(entry, look, "", header, separator, part)
    return None


def is_empty_page(look: Look) -> bool:
    """Say whether a file is a page without records."""
    return look.kind == "json" and '{"data":[]' in "".join(look.head.split())


def _samples(path: Path, look: Look) -> list[tuple[str, str, list[Row]]]:
    """Return the first rows of a text by separator, of a workbook by sheet."""
    if look.kind == "text":
        marks = detect.separators(look.head)
        return [("", mark, detect.sample_rows(look.head, mark)) for mark in marks]
    if look.kind not in ("xlsx", "ods"):
        return []
    try:
        workbook.guard(path, look.kind)
        return [(s.name, "", s.sample()) for s in workbook.sheets(path) if not s.hidden]
    except (workbook.UnsafeError, calamine.CalamineError, *workbook.DAMAGED):
        return []  # told by whoever reads it without a mapping


@functools.lru_cache(maxsize=256)
def _may_be_headers(path: Path, look: Look) -> list[tuple[str, str, list[_Names]]]:
    """Return the first rows of several cells, by separator or sheet, each with its names as compared.

    A file is asked for by many sources.
    """
    return [
        (
            part,
            separator,
            [
                (number, row, {folded(cell) for cell in row})
                for number, row in enumerate(sample[: layout.HEADER_WITHIN])
                if len([cell for cell in row if cell.strip()]) > 1
            ],
        )
        for part, separator, sample in _samples(path, look)
    ]


def _has(wanted: Sequence[str], known: set[str]) -> bool:
    """Say whether all wanted keys are among those known; `a|b` wants one of them."""
    return all(any(folded(k) in known for k in key.split("|")) for key in wanted)


def _header(source: SourceFiles, rows: Iterable[_Names]) -> Layout | None:
    wanted = source.has or [n for n in source.columns if n not in source.optional][:2]
    for number, row, known in rows:
        if _has(wanted, known):
            columns = [c.strip() for c in row]
            while columns and not columns[-1]:
                columns.pop()
            needed = {folded(k) for key in wanted for k in key.split("|")}
            keys = tuple(i for i, c in enumerate(columns) if folded(c) in needed)
            return Layout(number, columns, None, keys)
    return None


@functools.lru_cache(maxsize=256)
def _keys(path: Path, look: Look) -> tuple[set[str], str]:
    """Return the keys of a JSON file's first records, and how its records lie in it."""
    head = look.head.lstrip("\ufeff \t\r\n")
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        begun = file.read(_FIRST_RECORDS)
    first_line = begun.split("\n", 1)[0]
    keys: set[str] = set()
    if head.startswith("["):
        form, start = "array", begun.find("[") + 1
    else:
        form, start = ("lines" if _is_json(first_line) else "values"), 0
        inner = begun[: begun.find("[") + 1].replace(" ", "").replace("\n", "").replace("\r", "")
        if inner.startswith('{"data":['):
            form, start = f"page {form}", begun.find("[") + 1
    decoder = json.JSONDecoder()
    for _ in range(_RECORDS_LOOKED_AT):
        start = begun.find("{", start)
        try:
            record, start = decoder.raw_decode(begun, start)
        except (ValueError, RecursionError):
            break
        keys |= set(record)
    if not keys and form.startswith("page") and '"data":[]' in begun.replace(" ", ""):
        return set(), ""
    return keys, form if keys else ""


def _is_json(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False


def create(
    database: duckdb.DuckDBPyConnection,
    name: str,
    source: SourceFiles,
    matches: Sequence[Match],
    place: Workplace,
    sent: Sent,
) -> list[Problem]:
    """Create the table `name` of the rows of a source's files; return what is wrong with them."""
    selects: list[str] = []
    copies: list[tuple[Match, Path, Rows]] = []
    problems: list[Problem] = []
    for form in sorted({found.form for found in matches if found.look.kind == "json"}):
        files = [
            found.entry for found in matches if (found.look.kind, found.form) == ("json", form)
        ]
        try:
            numbers = [sent.add(file.name) for file in files]
            selects += dumps.selects(database, source, form, files, numbers[0])
        except dumps.DumpError as error:
            problems += error.problems
    for found in matches:
        if found.look.kind != "json":
            copy = place.new_file()
            rows, told = _copied(found, copy)
            problems += told
            if not told:
                copies.append((found, copy, rows))
                number = sent.add(found.entry.name, rows)
                made, told = _table_select(name, source, found, copy, number)
                selects += made
                problems += told
    if problems:
        return problems
    if not selects:
        columns = ", ".join(f"NULL::VARCHAR AS {quote(c)}" for c in source.columns or ["_"])
        hidden = f"NULL::BIGINT AS {sql.SENT}, NULL::UBIGINT AS {sql.RECORD}"
        selects = [f"SELECT {columns}, {hidden} WHERE false"]
    try:
        database.execute(f"CREATE TEMP TABLE {quote(name)} AS {selects[0]}")
        for select in selects[1:]:
            database.execute(f"INSERT INTO {quote(name)} BY NAME {select}")
    except dumps.DAMAGED:
        # Its message quotes the record.
        if shapes := [told for each in copies for told in _misshapen(*each)]:
            return shapes
        read = [found for found in matches if found.look.kind == "json"]
        broken = [f for f in read if not dumps.can_be_read(database, source, f.form, f.entry)]
        return [problem("json_damaged", found.entry.name) for found in broken or matches[:1]]
    return []


def count_once(database: duckdb.DuckDBPyConnection, name: str, sent: Sent) -> list[Problem]:
    """Let records that are equal in all their source has count once; return them as a problem.

    They are a file or a page delivered twice. Where a large share of one file is such, they may as
    well be lessons of equal length, and stop.
    """
    table = quote(name)
    database.execute(
        f"""CREATE TEMP TABLE _equal AS SELECT rowid AS _id, {sql.SENT},
        row_number() OVER (PARTITION BY {sql.RECORD} ORDER BY rowid) AS _copy,
        row_number() OVER (PARTITION BY {sql.RECORD}, {sql.SENT} >> {sql.ROW_BITS} ORDER BY rowid)
        AS _copy_in_file FROM {table} SEMI JOIN
        (SELECT {sql.RECORD} FROM {table} GROUP BY 1 HAVING count(*) > 1) USING ({sql.RECORD})"""
    )
    in_file = f"SELECT {sql.SENT} >> {sql.ROW_BITS} AS _file, count(*) AS n FROM"
    many = database.execute(
        f"""SELECT min(_equal.{sql.SENT}), any_value(again.n) FROM _equal
        JOIN ({in_file} _equal WHERE _copy_in_file > 1 GROUP BY 1) again
        ON {sql.SENT} >> {sql.ROW_BITS} = again._file
        JOIN ({in_file} {table} GROUP BY 1) everything USING (_file)
        WHERE _copy_in_file > 1 AND again.n > {Rules().unmatched_share} * everything.n
        GROUP BY again._file ORDER BY 1 LIMIT 1"""
    ).fetchone()
    extra = database.execute(
        f"SELECT min({sql.SENT}), count(*) FROM _equal WHERE _copy > 1"
    ).fetchone()
    database.execute(f"DELETE FROM {table} WHERE rowid IN (SELECT _id FROM _equal WHERE _copy > 1)")
    database.execute("DROP TABLE _equal")
    for found, code in ((many, "mapping_equal"), (extra, "mapping_repeated")):
        if found and found[1]:
            file, row = sent.place(found[0])
            stops = code == "mapping_equal"
            return [problem(code, file, row=row, count=found[1], stops=stops)]
    return []


def _copied(found: Match, copy: Path) -> tuple[Rows, list[Problem]]:
    """Write a text or a sheet as the contract has it; return where its rows were, and problems."""
    assert found.layout is not None
    if found.sheet:
        return layout.write(_rows(found), found.layout, copy).rows, []
    read = text.Found(found.layout, found.separator, found.look.encoding)
    written, problems = text.convert(found.entry, read, copy)
    return written.rows, problems


def _misshapen(found: Match, copy: Path, rows: Rows) -> list[Problem]:
    """Return the rows of a copy that have more or fewer fields than its header."""
    width, wrong = 0, {True: [0, 0], False: [0, 0]}  # the first row and how many, by too many
    with copy.open(encoding="utf-8", newline="") as file:
        for number, row in enumerate(csv.reader(file, delimiter=";"), start=1):
            width = width or len(row)
            if len(row) != width:
                first = wrong[len(row) > width]
                first[0] = first[0] or rows.original(number)
                first[1] += 1
    return [
        contract_problem(
            "more_fields" if many else "fewer_fields",
            found.entry.name,
            row=row,
            count=count,
            fields=width,
        )
        for many, (row, count) in wrong.items()
        if count
    ]


def _table_select(
    name: str, source: SourceFiles, found: Match, copy: Path, number: int
) -> tuple[list[str], list[Problem]]:
    """Return SQL for the rows of the copy of a text or a sheet, the file with this number."""
    assert found.layout is not None
    preamble = [row for _, row in itertools.islice(_rows(found), found.layout.header)]
    chosen: dict[str, str] = {}
    lacking = []
    for column, spellings in source.columns.items():
        here = next(
            (c for s in spellings for c in found.layout.columns if folded(c) == folded(s)), None
        )
        if here is not None:
            chosen[column] = quote(here)
        elif column not in source.optional:
            lacking.append(spellings[0])
        else:
            chosen[column] = "NULL::VARCHAR"
    if lacking:
        header = ", ".join(repr(c[:40]) for c in found.layout.columns if c)
        return [], [
            problem(
                "mapping_columns",
                found.entry.name,
                source=name,
                found=header,
                columns=", ".join(repr(c) for c in lacking),
            )
        ]
    cells = [f"{cell} AS {quote(column)}" for column, cell in chosen.items()] or ["*"]
    for column, start in source.preamble.items():
        value = next(
            (
                c.strip()[len(start) :].strip()
                for row in preamble
                for c in row
                if c.strip().casefold().startswith(start.casefold())
            ),
            "",
        )
        cells.append(f"{literal(value)} AS {quote(column)}")
    for column, start in source.from_name.items():
        last = found.entry.name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
        at = last.casefold().find(start.casefold())
        value = last[at + len(start) :] if at >= 0 else ""
        cells.append(f"{literal(value)} AS {quote(column)}")
    names = _unique(found.layout.columns)
    whole = [*map(quote, names), *(cell.rsplit(" AS ", 1)[0] for cell in cells if cell != "*")]
    cells.append(f"({number}::BIGINT << {sql.ROW_BITS}) + row_number() OVER () + 1 AS {sql.SENT}")
    cells.append(f"hash({', '.join(whole)}) AS {sql.RECORD}")
    fields = ", ".join(f"{literal(c)}: 'VARCHAR'" for c in names)
    rows = (
        f"read_csv({literal(str(copy))}, delim = ';', header = true, all_varchar = true, "
        "quote = '\"', escape = '\"', null_padding = false, strict_mode = true, auto_detect = false, "
        f"columns = {{{fields}}})"
    )
    return [f"SELECT {', '.join(cells)} FROM {rows}"], []


def _unique(columns: Sequence[str]) -> list[str]:
    """Return a header in which no name stands twice, as SQL must have it."""
    seen: dict[str, int] = {}
    found = []
    for column in columns:
        name = column or "_"
        seen[name.casefold()] = seen.get(name.casefold(), 0) + 1
        again = seen[name.casefold()]
        found.append(name if again == 1 else f"{name} {again}")
    return found


def _rows(found: Match) -> Iterator[tuple[int, Row]]:
    if found.sheet:
        for sheet in workbook.sheets(found.entry.path):
            if sheet.name == found.sheet:
                for number, row in enumerate(sheet.rows(), start=1):
                    yield number, [_text_of(cell) for cell in row]
        return
    yield from text.rows_of(found.entry.path, found.look.encoding, found.separator)


def _text_of(cell: workbook.Cell) -> str:
    """Return a cell as text, a number so that its decimals are not taken for thousands."""
    written = workbook.text_of(cell)
    return (
        f"{written}0"
        if isinstance(cell, float) and re.fullmatch(sql.THOUSANDS, written)
        else written
    )
