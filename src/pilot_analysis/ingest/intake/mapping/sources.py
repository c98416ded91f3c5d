"""The files of a mapping's sources as tables of text: JSON by path, spreadsheets by header."""

import csv
import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

import duckdb

from pilot_analysis.ingest.intake import layout, text, workbook
from pilot_analysis.ingest.intake.layout import Row
from pilot_analysis.ingest.intake.mapping import dumps, sql
from pilot_analysis.ingest.intake.mapping.matching import Match
from pilot_analysis.ingest.intake.mapping.model import SourceFiles
from pilot_analysis.ingest.intake.mapping.sent import Sent
from pilot_analysis.ingest.intake.messages import problem
from pilot_analysis.ingest.intake.names import folded
from pilot_analysis.ingest.intake.rows import Rows
from pilot_analysis.ingest.intake.workplace import Workplace
from pilot_analysis.ingest.problems import Problem
from pilot_analysis.ingest.problems import problem as contract_problem
from pilot_analysis.ingest.typed import literal, quote


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


def _copied(found: Match, copy: Path) -> tuple[Rows, list[Problem]]:
    """Write a text or a sheet as the contract has it; return where its rows were, and problems."""
    assert found.layout is not None
    if found.sheet:
        return layout.write(_rows(found), found.layout, copy).rows, []
    read = text.Found(found.layout, found.separator, found.look.encoding)
    written, problems = text.convert(found.entry, text.settled(found.entry, read), copy)
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
    constants: dict[str, str] = {}
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
        constants[column] = literal(value)
    for column, start in source.from_name.items():
        last = found.entry.name.rsplit("/", 1)[-1].rsplit(".", 1)[0]
        at = last.casefold().find(start.casefold())
        constants[column] = literal(last[at + len(start) :] if at >= 0 else "")
    names = _unique(found.layout.columns)
    cells += [f"{value} AS {quote(column)}" for column, value in constants.items()]
    whole = [*map(quote, names), *constants.values()]
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
                    yield number, [workbook.text_of(cell) for cell in row]
        return
    yield from text.rows_of(found.entry.path, found.look.encoding, found.separator)
