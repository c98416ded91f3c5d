"""The files of a mapping's sources as tables of text: JSON by path, spreadsheets by header."""

import fnmatch
import functools
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import duckdb
import python_calamine as calamine

from pilot_analysis.ingest.intake import detect, layout, text, workbook
from pilot_analysis.ingest.intake.detect import Look
from pilot_analysis.ingest.intake.folder import Entry
from pilot_analysis.ingest.intake.layout import Layout, Row
from pilot_analysis.ingest.intake.mapping import dumps
from pilot_analysis.ingest.intake.mapping.model import SourceFiles
from pilot_analysis.ingest.intake.messages import problem
from pilot_analysis.ingest.intake.names import folded
from pilot_analysis.ingest.intake.workplace import Workplace
from pilot_analysis.ingest.problems import Problem
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
) -> list[Problem]:
    """Create the table `name` of the rows of a source's files; return what is wrong with them."""
    selects: list[str] = []
    problems: list[Problem] = []
    for form in sorted({found.form for found in matches if found.look.kind == "json"}):
        files = [
            found.entry for found in matches if (found.look.kind, found.form) == ("json", form)
        ]
        try:
            selects += dumps.selects(database, source, form, files)
        except dumps.DumpError as error:
            problems += error.problems
    for found in matches:
        if found.look.kind != "json":
            made, told = _table_select(name, source, found, place)
            selects += made
            problems += told
    if problems:
        return problems
    if not selects:
        columns = ", ".join(f"NULL::VARCHAR AS {quote(c)}" for c in source.columns or ["_"])
        selects = [f"SELECT {columns} WHERE false"]
    try:
        database.execute(f"CREATE TEMP TABLE {quote(name)} AS {selects[0]}")
        for select in selects[1:]:
            database.execute(f"INSERT INTO {quote(name)} BY NAME {select}")
    except dumps.DAMAGED:
        # Its message quotes the record.
        read = [found for found in matches if found.look.kind == "json"]
        broken = [f for f in read if not dumps.can_be_read(database, source, f.form, f.entry)]
        return [problem("json_damaged", found.entry.name) for found in broken or matches[:1]]
    return []


def _table_select(
    name: str, source: SourceFiles, found: Match, place: Workplace
) -> tuple[list[str], list[Problem]]:
    """Return SQL for the rows of a text or a sheet, written into the workplace."""
    assert found.layout is not None
    preamble: list[Row] = []
    copy = place.new_file()
    layout.write(_kept(_rows(found), preamble, found.layout.header), found.layout, copy)
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
    fields = ", ".join(f"{literal(c)}: 'VARCHAR'" for c in _unique(found.layout.columns))
    rows = (
        f"read_csv({literal(str(copy))}, delim = ';', header = true, all_varchar = true, "
        "quote = '\"', escape = '\"', null_padding = true, strict_mode = false, auto_detect = false, "
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
                    yield number, [workbook.text_of(cell) for cell in row]
        return
    yield from text.rows_of(found.entry.path, found.look.encoding, found.separator)


def _kept(
    rows: Iterator[tuple[int, Row]], preamble: list[Row], header: int
) -> Iterator[tuple[int, Row]]:
    """Give all rows, and keep those above the header."""
    for number, row in rows:
        if number <= header:
            preamble.append(row)
        yield number, row
