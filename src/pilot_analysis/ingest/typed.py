"""Text to typed values inside DuckDB, with every broken rule counted and located."""

from collections.abc import Mapping
from pathlib import Path

import duckdb
import pandera.pandas as pa

from pilot_analysis.ingest.contracts import (
    DATE_PATTERN,
    Table,
    metadata,
    rule_in_words,
)
from pilot_analysis.ingest.files import RawFile
from pilot_analysis.ingest.problems import Problem, masked

# Row number as a spreadsheet shows it: the header is row 1.
_HEADER_ROWS = 1
MAX_EXAMPLES = 5

# What DuckDB raises when disk or memory end, and for anything it is asked after that.
NO_ROOM = (
    duckdb.IOException, duckdb.OutOfMemoryException, duckdb.FatalException,
    duckdb.TransactionException,
)  # fmt: skip

# By table column: the exports' own code to the contract's.
Codes = Mapping[str, Mapping[str, str]]
# What is at most this long and stands in this many rows is a code, and names nobody.
_CODE_LENGTH, _CODE_ROWS = 4, 10
_DATE_ADVICE = {
    "'99999'": "These are Excel's day numbers; format the column as YYYY-MM-DD before saving",
    "'99999999'": "Write dates with hyphens, YYYY-MM-DD",
    "'99/99/9999'": "Write dates as YYYY-MM-DD, the year first",
}
_ADVICE = {
    "integer": "Write whole numbers without spaces or decimals",
    "decimal": "Write decimals with a comma, without thousands separators",
    "date": "Write dates as YYYY-MM-DD",
    "week": "Write weeks as YYYY-Www",
    "term": "Write HT or VT and the year",
    "time": "Write times as HH:MM",
    "timestamp": "Write time stamps as YYYY-MM-DD HH:MM:SS",
    "code": "Keep the code as text, so that leading zeros stay",
    "choice": "Correct the value, or map it with an alias",
    "answer": "Correct the value, or map it with an alias",
    "identifier": "Fill in the identifier",
    "text": "Fill in the value",
    "ignored": "",
}


def quote(name: str) -> str:
    """Return a name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def _bounds(column: pa.Column) -> tuple[float, float] | None:
    for check in column.checks:
        if "min_value" in (check.statistics or {}):
            return check.statistics["min_value"], check.statistics["max_value"]
    return None


def _choices(column: pa.Column) -> list[str] | None:
    for check in column.checks:
        if "allowed_values" in (check.statistics or {}):
            return [str(v) for v in check.statistics["allowed_values"]]
    return None


def codes_of(column: pa.Column | None) -> list[str] | None:
    """Return a column's closed list of codes; None where it has none."""
    return _choices(column) if column is not None else None


def _pattern(column: pa.Column) -> str | None:
    for check in column.checks:
        if "pattern" in (check.statistics or {}):
            return str(getattr(check.statistics["pattern"], "pattern", check.statistics["pattern"]))
    return None


# A cast is loose (it reads 1.5 as 2), but what it gives back spelt alike is what was meant.
_PLAIN = {
    "integer": ("TRY_CAST({raw} AS BIGINT)", "{value}::VARCHAR = {raw}"),
    "date": ("TRY_CAST({raw} AS DATE)", "{value}::VARCHAR = {raw} AND {value} BETWEEN DATE '1900-01-01' AND DATE '2099-12-31'"),
    "time": ("(epoch_us(TRY_CAST({raw} AS TIME)) // 60000000)::INTEGER",
             "TRY_CAST({raw} AS TIME)::VARCHAR = {raw} || ':00' AND {value} < 1440"),
    "timestamp": ("TRY_CAST({raw} AS TIMESTAMP)", "{value} IS NOT NULL"),
}  # fmt: skip


def _plainly(column: pa.Column, raw: str, otherwise: str) -> str:
    """Return SQL for the typed value of an untouched cell.

    Cells spelt as the contract wants, nearly all, are told so cheaply; `otherwise` is for the
    others. With `otherwise` alone the result is the same.
    """
    kind, choices = metadata(column)["kind"], _choices(column)
    if kind in _PLAIN:
        cast, spelt = _PLAIN[kind]
        value = cast.format(raw=raw)
        plain = spelt.format(raw=raw, value=value)
        if (bounds := _bounds(column)) is not None:
            plain += f" AND {value} BETWEEN {bounds[0]:g} AND {bounds[1]:.0f}"
    elif kind == "identifier":
        value, plain = raw, f"NOT contains({raw}, ' ') AND {raw} <> ''"
    elif choices is not None:
        value, plain = raw, f"{raw} IN ({', '.join(literal(c) for c in choices)})"
    elif kind in ("code", "term", "week"):
        value = raw
        plain = f"regexp_full_match({raw}, {literal(_pattern(column) or '.*')})"
    else:
        return otherwise
    return f"(CASE WHEN {plain} THEN {value} ELSE {otherwise} END)"


def value_expression(column: pa.Column, text: str) -> str:
    """Return SQL that gives the typed value of trimmed `text`, or NULL when it breaks the rule."""
    kind = metadata(column)["kind"]
    if kind in ("integer", "decimal"):
        shape = r"-?[0-9]{1,12}" if kind == "integer" else r"-?[0-9]{1,12}(,[0-9]+)?"
        target = "BIGINT" if kind == "integer" else "DOUBLE"
        number = text if kind == "integer" else f"replace({text}, ',', '.')"
        value = f"TRY_CAST(CASE WHEN regexp_full_match({text}, '{shape}') THEN {number} END AS {target})"
        bounds = _bounds(column)
        if bounds is None:
            return value
        low, high = bounds
        return f"(CASE WHEN {value} BETWEEN {low:g} AND {high:.0f} THEN {value} END)"
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
        return f"TRY_CAST(replace({text}, 'T', ' ') AS TIMESTAMP)"
    if kind in ("code", "term", "week"):
        return f"(CASE WHEN regexp_full_match({text}, {literal(_pattern(column) or '.*')}) THEN {text} END)"
    choices = _choices(column)
    if choices is not None:
        allowed = ", ".join(literal(c) for c in choices)
        return f"(CASE WHEN {text} IN ({allowed}) THEN {text} END)"
    return text


_STEERING = " || ".join(
    f"chr({code})"
    for code in (*range(1, 9), *range(14, 32), 127, *range(0x80, 0xA0), 0x61C, 0x200E, 0x200F,
                 *range(0x202A, 0x202F), *range(0x2066, 0x206A))
)  # fmt: skip


def _trimmed(name: str, kind: str) -> str:
    """Return SQL for a cell without the spaces around it; NULL when nothing is left."""
    if kind in ("text", "answer", "choice"):
        # Spaces of every kind are never meant; composed letters are one spelling. What cannot be
        # seen but steers terminals or turns the direction of text goes.
        seen = f"translate(nfc_normalize({quote(name)}), {_STEERING}, '')"
        return f"nullif(trim({seen}, ' \t\r\u00a0\u2007\u202f'), '')"
    return f"nullif(trim({quote(name)}), '')"


def _read(raw: RawFile) -> str:
    names = ", ".join(f"{literal(c)}: 'VARCHAR'" for c in raw.columns)
    return (
        f"read_csv({literal(str(raw.path))}, delim=';', header=true, quote='\"', escape='\"', "
        f"columns={{{names}}}, auto_detect=false, null_padding=false, strict_mode=true, "
        f"max_line_size=1000000)"
    )


def _text_columns(raw: RawFile, codes: Codes) -> dict[str, str]:
    """Return trimmed-text SQL of every contract column of one file, its codes mapped."""
    expressions = {}
    for name, column in raw.table.schema.columns.items():
        kind = metadata(column)["kind"]
        if kind == "ignored":
            continue
        if name not in raw.columns:
            expressions[name] = "CAST(NULL AS VARCHAR)"
        else:
            expressions[name] = _mapped(_trimmed(name, kind), codes.get(name, {}))
    return expressions


def _mapped(text: str, codes: Mapping[str, str]) -> str:
    if not codes:
        return text
    cases = " ".join(f"WHEN {literal(k)} THEN {literal(v)}" for k, v in codes.items())
    return f"CASE {text} {cases} ELSE {text} END"


def load(
    database: duckdb.DuckDBPyConnection, table: Table, files: list[RawFile], codes: Codes
) -> tuple[dict[str, int], list[Problem]]:
    """Load the files as typed rows `raw_<english>`; return rows read a file, and problems.

    `codes` maps the exports' own codes to the contract's, by column. Columns carry English names, `_file` the position of the file and `_row` its row number as a
    spreadsheet shows it. It exists only when there are no problems.
    """
    columns = {
        name: column
        for name, column in table.schema.columns.items()
        if metadata(column)["kind"] != "ignored"
    }
    target = f"raw_{table.english}"
    if not files:
        _create_empty(database, table, target)
        return {}, []
    problems: list[Problem] = []
    rows: dict[str, int] = {}
    selects = []
    for position, raw in enumerate(files):
        # Typed in one pass; `_broken` has a bit for every column whose rule the row breaks. The
        # table's rowid is the line's position.
        typed = f"typed_{table.english}_{position}"
        try:
            database.execute(f"CREATE TABLE {typed} AS {_typed_rows(raw, columns, codes)}")
        except NO_ROOM:
            raise
        except duckdb.Error as error:
            problems.append(_reader_problem(raw, error))
            continue
        found = database.execute(
            f"SELECT count(*), count(*) FILTER (_broken <> 0) FROM {typed}"
        ).fetchone()
        assert found is not None
        rows[raw.name] = int(found[0])
        if found[0] == 0:
            problems.append(
                Problem(raw.name, "has a header but no rows", "Export it again, or remove it")
            )
        elif found[1]:
            problems += _count_problems(database, raw, columns, codes)
        selects.append(
            f"SELECT * EXCLUDE (_broken), {position}::SMALLINT AS _file, "
            f"(rowid + {_HEADER_ROWS + 1})::INTEGER AS _row FROM {typed}"
        )
    if not problems:
        database.execute(f"CREATE VIEW {target} AS {' UNION ALL '.join(selects)}")
    return rows, problems


def _typed_rows(raw: RawFile, columns: dict[str, pa.Column], codes: Codes) -> str:
    """Return SQL for one file's typed rows, with `_broken` beside them."""
    texts = _text_columns(raw, codes)
    values = []
    for name, column in columns.items():
        typed = value_expression(column, texts[name])
        if name in raw.columns and name not in codes:
            typed = _plainly(column, quote(name), typed)
        values.append(f"{typed} AS {quote('=' + name)}")
    kept = ", ".join(
        f"{_with_default(c, quote('=' + n))} AS {quote(metadata(c)['english'])}"
        for n, c in columns.items()
    )
    bits = " | ".join(
        f"(({_wrong(c, texts[n], quote('=' + n))})::INTEGER << {bit})"
        for bit, (n, c) in enumerate((n, c) for n, c in columns.items() if n in raw.columns)
    )
    return (
        f"SELECT {kept}, ({bits or '0'})::INTEGER AS _broken "
        f"FROM (SELECT *, {', '.join(values)} FROM {_read(raw)})"
    )


def _with_default(column: pa.Column, value: str) -> str:
    default = metadata(column)["default"]
    return f"coalesce({value}, {default})" if default else value


def _create_empty(database: duckdb.DuckDBPyConnection, table: Table, target: str) -> None:
    sql_type = {"integer": "BIGINT", "decimal": "DOUBLE", "date": "DATE", "time": "INTEGER",
                "timestamp": "TIMESTAMP"}  # fmt: skip
    fields = [
        f"{quote(metadata(c)['english'])} {sql_type.get(metadata(c)['kind'], 'VARCHAR')}"
        for c in table.schema.columns.values()
        if metadata(c)["kind"] != "ignored"
    ]
    database.execute(f"CREATE TABLE {target} ({', '.join(fields)}, _file SMALLINT, _row INTEGER)")


def _wrong(column: pa.Column, text: str, value: str) -> str:
    """Return SQL that is true where a cell breaks the column's rule.

    `text` and `value` are SQL for the trimmed text and the typed value.
    """
    if column.nullable:
        return f"(CASE WHEN {value} IS NULL THEN {text} IS NOT NULL ELSE false END)"
    return f"({value} IS NULL)"


def _broken(name: str, column: pa.Column) -> str:
    return _wrong(column, quote(name), value_expression(column, quote(name)))


def _count_problems(
    database: duckdb.DuckDBPyConnection, raw: RawFile, columns: dict[str, pa.Column], codes: Codes
) -> list[Problem]:
    """Read a file with broken rules again as text; count them, find rows and examples."""
    present = {n: c for n, c in columns.items() if n in raw.columns}
    text = ", ".join(f"{sql} AS {quote(n)}" for n, sql in _text_columns(raw, codes).items())
    database.execute(f"CREATE OR REPLACE TEMP TABLE broken_text AS SELECT {text} FROM {_read(raw)}")
    counts = ", ".join(f"count(*) FILTER ({_broken(n, c)})" for n, c in present.items())
    broken = database.execute(f"SELECT {counts} FROM broken_text").fetchone()
    assert broken is not None
    problems = [
        _locate(database, raw, name, column, "broken_text", count)
        for (name, column), count in zip(present.items(), broken, strict=True)
        if count
    ]
    database.execute("DROP TABLE broken_text")
    return problems


def _locate(
    database: duckdb.DuckDBPyConnection,
    raw: RawFile,
    name: str,
    column: pa.Column,
    source: str,
    count: int,
) -> Problem:
    rows = database.execute(
        f"SELECT rowid + {_HEADER_ROWS + 1}, {quote(name)} FROM {source} "
        f"WHERE {_broken(name, column)} ORDER BY rowid LIMIT {MAX_EXAMPLES}"
    ).fetchall()
    # Codes in a closed list identify nobody, so they may be shown when short.
    shapes = list(dict.fromkeys(masked(v) if v is not None else "(empty)" for _, v in rows))
    kind = metadata(column)["kind"]
    advice = _DATE_ADVICE.get(shapes[0], _ADVICE[kind]) if kind == "date" else _ADVICE[kind]
    if kind in ("choice", "answer"):
        new = _new_codes(database, raw, name, column, source)
        if new:
            shapes, advice = (
                [words for _, words in new],
                _alias_advice(raw, name, column, new[0][0]),
            )
    return Problem(
        file=raw.name,
        column=name,
        row=rows[0][0],
        rule=rule_in_words(column),
        count=count,
        examples=shapes,
        advice=advice,
    )


def _new_codes(
    database: duckdb.DuckDBPyConnection, raw: RawFile, name: str, column: pa.Column, source: str
) -> list[tuple[str, str]]:
    """Return codes that the contract does not know, each with the terms it stands in.

    Only what is a code and no stray cell is named: short, and in many rows.
    """
    text = quote(name)
    first = "NULL"
    if "termin" in raw.columns:  # VT before HT of the same year
        order = "substr(termin, 3) || (left(termin, 2) = 'HT')::INTEGER"
        first = f"min_by(termin, {order}) FILTER (regexp_full_match(termin, '(HT|VT)20[0-9]{{2}}'))"
    found = database.execute(
        f"SELECT {text}, count(*), {first} FROM {source} WHERE {_broken(name, column)} "
        f"AND length({text}) <= {_CODE_LENGTH} GROUP BY 1 HAVING count(*) >= {_CODE_ROWS} "
        f"ORDER BY 2 DESC, 1 LIMIT {MAX_EXAMPLES}"
    ).fetchall()
    return [
        (code, f"the code {code!r} ({count} rows{f', from {term}' if term else ''})")
        for code, count, term in found
    ]


def _alias_advice(raw: RawFile, name: str, column: pa.Column, code: str) -> str:
    known = (_choices(column) or ["..."])[0]
    return (
        f"If the codes changed, map each in a scenario: aliases: {{{raw.table.stem}: {{{name}: "
        f"{{{code!r}: {known!r}}}}}}}"
    )


def _reader_problem(raw: RawFile, error: duckdb.Error) -> Problem:
    # The reader's own message quotes the line, so only its kind is passed on.
    found = "cannot be read as semicolon-separated text"
    line = next((int(w) for w in str(error).replace(":", " ").split() if w.isdigit()), None)
    return Problem(raw.name, found, "Check quotation marks and line breaks", row=line)


def write_parquet(database: duckdb.DuckDBPyConnection, query: str, path: Path) -> int:
    """Write a query's rows to `path` as parquet and return how many there were."""
    database.execute(f"COPY ({query}) TO {literal(str(path))} (FORMAT parquet, COMPRESSION zstd)")
    row = database.execute(f"SELECT count(*) FROM read_parquet({literal(str(path))})").fetchone()
    assert row is not None
    return int(row[0])
