"""A mapping's tables written as the contract has them."""

import itertools
import math

import duckdb

from pilot_analysis.ingest.contracts import TABLES
from pilot_analysis.ingest.files import Source
from pilot_analysis.ingest.intake.folder import Entry
from pilot_analysis.ingest.intake.mapping import sql
from pilot_analysis.ingest.intake.mapping.matching import Claims, Match
from pilot_analysis.ingest.intake.mapping.model import Mapping, TableStep
from pilot_analysis.ingest.intake.mapping.sent import Sent
from pilot_analysis.ingest.intake.messages import Words
from pilot_analysis.ingest.intake.rows import Rows
from pilot_analysis.ingest.intake.workplace import Workplace
from pilot_analysis.ingest.typed import literal, quote

# With more, the rows of a table are hardly those of a file, and messages number the table's.
_MOST_SHIFTS = 100


def write(
    database: duckdb.DuckDBPyConnection,
    mapping: Mapping,
    name: str,
    step: TableStep,
    claims: Claims,
    place: Workplace,
    sent: Sent,
) -> list[tuple[Source, Words]]:
    """Write one of the contract's tables, by the files that were sent where their rows are known."""
    looks = Words(
        "taken_by_mapping", {"table": name, "mapping": mapping.name, "source": step.from_}
    )
    columns = ", ".join(f"{quote(c)}" for c in step.columns)

    def source(shown: str, entry: Entry, rows: Rows, query: str) -> tuple[Source, Words]:
        copy = place.new_file()
        database.execute(
            f"COPY ({query}) TO {literal(str(copy))} "
            "(FORMAT csv, DELIMITER ';', HEADER true, NULLSTR '')"
        )
        return Source(shown, copy, entry.origin, TABLES[name], rows, encoding="utf-8"), looks

    matches = origin(mapping, step, claims)
    files = {found.entry.name: found.entry for found in matches}
    if all(found.look.kind != "json" for found in matches):
        database.execute(
            f"CREATE TEMP TABLE _made AS SELECT {columns}, {sql.SENT} FROM {quote(name)} "
            f"ORDER BY {sql.SENT}"
        )
        rows = _rows_sent(database, sent)
        made = [
            source(
                f"{sent.files[number][0]} ({name}, {mapping.name})",
                files[sent.files[number][0]],
                numbered,
                f"SELECT {columns} FROM _made WHERE {sql.SENT} >> {sql.ROW_BITS} = {number} "
                "ORDER BY rowid",
            )
            for number, numbered in (rows or {}).items()
        ]
        database.execute("DROP TABLE _made")
        if made:
            return made
    shown = f"{name} ({mapping.name})"
    return [source(shown, matches[0].entry, Rows(), f"SELECT {columns} FROM {quote(name)}")]


def _rows_sent(database: duckdb.DuckDBPyConnection, sent: Sent) -> dict[int, Rows] | None:
    """Return by file how the rows of `_made` are numbered in it; None where they are too mixed."""
    file, row = f"{sql.SENT} >> {sql.ROW_BITS}", f"{sql.SENT} & {(1 << sql.ROW_BITS) - 1}"
    found: dict[int, Rows] = {}
    shifts = database.execute(
        f"""SELECT _file, _kept, _kept + _shift FROM (
            SELECT *, lag(_shift) OVER (PARTITION BY _file ORDER BY _kept) AS _before FROM (
                SELECT _file, _kept, _row - _kept AS _shift FROM (
                    SELECT {file} AS _file, {row} AS _row,
                    row_number() OVER (PARTITION BY {file} ORDER BY rowid) + 1 AS _kept FROM _made
                )
            )
        ) WHERE _shift IS DISTINCT FROM _before ORDER BY 1, 2 LIMIT {_MOST_SHIFTS + 1}"""
    ).fetchall()
    if len(shifts) > _MOST_SHIFTS:
        return None
    for (number, kept, in_copy), following in itertools.zip_longest(shifts, shifts[1:]):
        rows, read = found.setdefault(number, Rows()), sent.files[number][1]
        rows.add(kept, read.original(in_copy))
        end = following[2] if following and following[0] == number else math.inf
        for start in read.starts:
            if in_copy < start < end:
                rows.add(kept + start - in_copy, read.original(start))
    return found


def origin(mapping: Mapping, step: TableStep, claims: Claims) -> list[Match]:
    """Return the files that a table's rows come from."""
    name = step.from_
    while name not in claims:
        name = mapping.tables[name].from_
    return claims[name]
