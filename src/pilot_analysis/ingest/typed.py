"""Text to typed values as SQL: what each rule of the contract accepts, and how it is read."""

import contextlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import duckdb
import pandas as pd
import pandera.pandas as pa
import pyarrow

from pilot_analysis.ingest.contracts import DATE_PATTERN, metadata
from pilot_analysis.ingest.intake import spellings

# What DuckDB raises when disk or memory end, and for anything it is asked after that.
NO_ROOM = (
    duckdb.IOException,
    duckdb.OutOfMemoryException,
    duckdb.FatalException,
    duckdb.TransactionException,
)

# What a spreadsheet makes of a long number: its last digits are lost.
ROUNDED_NUMBER = r"[0-9]([.,][0-9]+)?[eE][+][0-9]+"

# A date alone has no order within its day, and names of zones or moments are no time stamps.
_STAMP = (
    r"[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}[ T][0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?"
    r"(Z|[+-][0-9]{2}(:?[0-9]{2})?)?"
)

# By table column: the exports' own code to the contract's.
Codes = Mapping[str, Mapping[str, str]]


def quote(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def bounds_of(column: pa.Column) -> tuple[float, float] | None:
    """Return the lowest and highest number a column may hold; None where it has none."""
    for check in column.checks:
        if "min_value" in (check.statistics or {}):
            return check.statistics["min_value"], check.statistics["max_value"]
    return None


def codes_of(column: pa.Column | None) -> list[str] | None:
    """Return a column's closed list of codes; None where it has none."""
    for check in column.checks if column is not None else ():
        if "allowed_values" in (check.statistics or {}):
            return [str(v) for v in check.statistics["allowed_values"]]
    return None


def _pattern(column: pa.Column) -> str | None:
    for check in column.checks:
        if "pattern" in (check.statistics or {}):
            return str(getattr(check.statistics["pattern"], "pattern", check.statistics["pattern"]))
    return None


def value_expression(column: pa.Column, text: str) -> str:
    """Return SQL that gives the typed value of trimmed `text`, or NULL when it breaks the rule."""
    kind = metadata(column)["kind"]
    if kind in ("integer", "decimal"):
        shape = r"-?[0-9]{1,12}" if kind == "integer" else r"-?[0-9]{1,12}(,[0-9]+)?"
        target = "BIGINT" if kind == "integer" else "DOUBLE"
        number = text if kind == "integer" else f"replace({text}, ',', '.')"
        value = f"TRY_CAST(CASE WHEN regexp_full_match({text}, '{shape}') THEN {number} END AS {target})"
        bounds = bounds_of(column)
        if bounds is None:
            return value
        low, high = bounds
        inside = f"{value} BETWEEN {low:g} AND {high:.0f}"
        if kind == "decimal" and high >= 1000:
            # Other cells of the column can show that its commas are before decimals.
            inside += (
                f" AND (1000 * {value} > {high:.0f} "
                f"OR NOT regexp_full_match({text}, '{spellings.THOUSANDS}') "
                f"OR bool_or(regexp_full_match({text}, '{spellings.DECIMALS}')) OVER ())"
            )
        return f"(CASE WHEN {inside} THEN {value} END)"
    if kind == "date":
        return (
            f"(CASE WHEN regexp_full_match({text}, '{DATE_PATTERN}') "
            f"THEN TRY_CAST({text} AS DATE) END)"
        )
    if kind == "time":
        return (
            f"(CASE WHEN regexp_full_match({text}, '([01]?[0-9]|2[0-3]):[0-5][0-9]') "
            f"THEN CAST(split_part({text}, ':', 1) AS INTEGER) * 60 "
            f"+ CAST(split_part({text}, ':', 2) AS INTEGER) END)"
        )
    if kind == "timestamp":
        return (
            f"(CASE WHEN regexp_full_match({text}, '{_STAMP}') "
            f"THEN TRY_CAST(replace({text}, 'T', ' ') AS TIMESTAMP) END)"
        )
    if kind in ("code", "term", "week", "period"):
        return f"(CASE WHEN regexp_full_match({text}, {literal(_pattern(column) or '.*')}) THEN {text} END)"
    if kind == "figure":
        shape = r"\.\.?|~?-?[0-9]{1,9}(,[0-9]+)?"
        return f"(CASE WHEN regexp_full_match({text}, '{shape}') THEN {text} END)"
    if kind == "identifier":
        return f"(CASE WHEN NOT regexp_full_match({text}, '{ROUNDED_NUMBER}') THEN {text} END)"
    choices = codes_of(column)
    if choices is not None:
        allowed = ", ".join(literal(c) for c in choices)
        return f"(CASE WHEN {text} IN ({allowed}) THEN {text} END)"
    if kind == "text":
        wrong = literal(f"{spellings.WRONG_LETTERS}|{spellings.LOST_LETTER}")
        return f"(CASE WHEN NOT regexp_matches({text}, {wrong}) THEN {text} END)"
    return text


_STEERING = " || ".join(
    f"chr({code})"
    for code in (
        *range(1, 9),
        *range(14, 32),
        127,
        *range(0x80, 0xA0),
        0x61C,
        0x200E,
        0x200F,
        *range(0x202A, 0x202F),
        *range(0x2066, 0x206A),
    )
)


def trimmed(name: str, kind: str) -> str:
    """Return SQL for a cell without the spaces around it; NULL when nothing is left."""
    if kind in ("text", "answer", "choice"):
        # Spaces of every kind are never meant; composed letters are one spelling. What cannot be
        # seen but steers terminals or turns the direction of text goes.
        seen = f"translate(nfc_normalize({quote(name)}), {_STEERING}, '')"
        return f"nullif(trim({seen}, ' \t\r\u00a0\u2007\u202f'), '')"
    return spellings.plain(f"nullif(trim({quote(name)}), '')", kind)


def mapped(text: str, codes: Mapping[str, str]) -> str:
    """Return SQL for a text whose codes are the contract's."""
    if not codes:
        return text
    cases = " ".join(f"WHEN {literal(k)} THEN {literal(v)}" for k, v in codes.items())
    return f"CASE {text} {cases} ELSE {text} END"


@contextlib.contextmanager
def registered(
    database: duckdb.DuckDBPyConnection, name: str, table: pyarrow.Table | pd.DataFrame
) -> Iterator[None]:
    """Let queries see a table of this process under a name."""
    database.register(name, table)
    try:
        yield
    except BaseException:
        # A transaction that has failed refuses this too, and must not hide why.
        with contextlib.suppress(duckdb.Error):
            database.unregister(name)
        raise
    database.unregister(name)


def write_parquet(database: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    """Write a query's rows to `path` as parquet and return how many there were."""
    database.execute(f"COPY ({query}) TO {literal(str(path))} (FORMAT parquet, COMPRESSION zstd)")
    row = database.execute(f"SELECT count(*) FROM read_parquet({literal(str(path))})").fetchone()
    assert row is not None
    return int(row[0])
