"""Mappings carried out: the files they claim become the contract's tables, by DuckDB."""

import fnmatch
import itertools
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from pilot_analysis.ingest import memory
from pilot_analysis.ingest.contracts import TABLES
from pilot_analysis.ingest.files import Source
from pilot_analysis.ingest.intake.detect import Look
from pilot_analysis.ingest.intake.folder import Entry
from pilot_analysis.ingest.intake.mapping import dumps, model, sources, sql
from pilot_analysis.ingest.intake.mapping.model import Join, Mapping, TableStep
from pilot_analysis.ingest.intake.messages import Words, problem
from pilot_analysis.ingest.intake.rows import Rows
from pilot_analysis.ingest.intake.workplace import Workplace
from pilot_analysis.ingest.problems import Problem, masked
from pilot_analysis.ingest.typed import literal, quote

# With more, the rows of a table are hardly those of a file, and messages number the table's.
_MOST_SHIFTS = 100

Looked = list[tuple[Entry, Look]]


@dataclass
class Mapped:
    """What mappings made of the files of a folder."""

    made: list[tuple[Source, Words]] = field(default_factory=list)
    taken_for: dict[str, Words] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    claimed: set[str] = field(default_factory=set)


def chosen(path: Path | None) -> list[Mapping]:
    """Return the mappings of a folder: its own first, those it names, and the automatic ones."""
    own = model.load(path) if path is not None else None
    named = list(own.use) if own is not None else []
    names = [*named, *(n for n in model.AUTOMATIC if n not in named)]
    return ([own] if own is not None else []) + [model.shipped(name) for name in names]


Claims = dict[str, list[sources.Match]]


def apply(looked: Looked, mappings: Iterable[Mapping], place: Workplace, work: Path) -> Mapped:
    """Carry out mappings on the files of a folder; a file belongs to the first that claims it."""
    result = Mapped()
    for mapping in mappings:
        claims = _claims(looked, mapping, result.claimed)
        if claims:
            result.problems += _unfinished(looked, claims)
            _carry_out(mapping, claims, place, work, result)
    return result


def claims(looked: Looked, mappings: Iterable[Mapping]) -> set[str]:
    """Return the names of the files that mappings claim."""
    return {
        found.entry.name
        for mapping in mappings
        for matches in _claims(looked, mapping, set()).values()
        for found in matches
    }


def _claims(looked: Looked, mapping: Mapping, taken: set[str]) -> Claims:
    """Return which files belong to which sources of a mapping; a file can serve several."""
    found: Claims = {}
    for entry, look in looked:
        if entry.name in taken:
            continue
        for name, source in mapping.sources.items():
            match = sources.match(source, entry, look)
            if match is not None:
                found.setdefault(name, []).append(match)
    return found


def _unfinished(looked: Looked, claims: Claims) -> list[Problem]:
    """Return the last page of each source whose pages all tell that another one follows."""
    # A page without records belongs to no source: it may close any.
    closing = any(sources.is_empty_page(look) and not dumps.has_next(e) for e, look in looked)
    last = {}
    for matches in claims.values():
        pages = [found.entry for found in matches if found.form.startswith("page")]
        if pages and not closing and all(map(dumps.has_next, pages)):
            last[pages[-1].name] = problem("json_pages", pages[-1].name)
    return list(last.values())


def _carry_out(
    mapping: Mapping,
    claims: Claims,
    place: Workplace,
    work: Path,
    result: Mapped,
) -> None:
    for name, matches in claims.items():
        for found in matches:
            result.claimed.add(found.entry.name)
            looks = found.look.words
            values = {"source": name, "mapping": mapping.name, "looks": looks}
            result.taken_for.setdefault(found.entry.name, Words("source_of_mapping", values))
    database = duckdb.connect()
    try:
        database.execute(f"SET temp_directory = {literal(str(work))}")
        database.execute(f"SET memory_limit = {literal(memory.limit())}")
        database.execute("SET preserve_insertion_order = true")
        database.execute("SET enable_progress_bar = false")
        sent = sources.Sent()
        for name, source in mapping.sources.items():
            told = sources.create(database, name, source, claims.get(name, []), place, sent)
            result.problems += told
            if told:
                return
        for name in _added_up(mapping) & set(claims):
            result.problems += sources.count_once(database, name, sent)
        if any(p.stops for p in result.problems):
            return
        filled = set(claims)
        for name, step in mapping.tables.items():
            if step.from_ not in filled:
                _empty(database, name, step)
                continue
            filled.add(name)
            told = _make(database, mapping, name, step, claims, sent)
            result.problems += told
            if any(p.stops for p in told):
                return
            if name in TABLES:
                result.made += _written(database, mapping, name, step, claims, place, sent)
    finally:
        database.close()


def _added_up(mapping: Mapping) -> set[str]:
    """Return the sources whose records are summed."""
    found = set()
    for step in mapping.tables.values():
        if step.sum:
            name = step.from_
            while name in mapping.tables:
                name = mapping.tables[name].from_
            found.add(name)
    return found


def _empty(database: duckdb.DuckDBPyConnection, name: str, step: TableStep) -> None:
    columns = ", ".join(f"NULL::VARCHAR AS {quote(c)}" for c in step.columns)
    nowhere = f"NULL::BIGINT AS {sql.SENT}"
    database.execute(f"CREATE TEMP VIEW {quote(name)} AS SELECT {columns}, {nowhere} WHERE false")


def _make(
    database: duckdb.DuckDBPyConnection,
    mapping: Mapping,
    name: str,
    step: TableStep,
    claims: Claims,
    sent: sources.Sent,
) -> list[Problem]:
    """Create a table of a mapping, as a view where nothing is summed; return what its data break."""
    where = f"tables.{name}"
    problems: list[Problem] = []
    query = sql.filtered(step, quote(step.from_))
    try:
        if step.unpivot is not None:
            pairs, left_out = _pairs(database, step, query)
            file = _origin(mapping, step, claims)[0].entry.name
            if not pairs:
                return [*problems, _unknown_columns(database, mapping, where, step, claims)]
            if left_out:
                listed = ", ".join(repr(c[:40]) for c in left_out)
                problems.append(
                    problem("mapping_left_out", file, stops=False, step=where, columns=listed)
                )
            problems += _unknown(database, mapping, name, step, pairs, query, sent)
            query = sql.unpivoted(step.unpivot, pairs, query)
        if step.terms is not None:
            query = sql.spread(step.terms, query)
        for join in step.join:
            problems += _judged(database, mapping, where, join, query)
            query = sql.joined(join, query)
        query = sql.finished(step, query)
        if not step.sum:
            database.execute(f"CREATE TEMP VIEW {quote(name)} AS {query}")
            return problems
        database.execute(f"CREATE TEMP TABLE {quote(name)} AS {sql.summed(step, query)}")
        problems += _unclear(database, mapping, name, step, query, sent)
    except duckdb.BinderException:
        return [*problems, _unknown_columns(database, mapping, where, step, claims)]
    except (duckdb.InvalidInputException, duckdb.ConversionException, duckdb.OutOfRangeException):
        return [*problems, problem("mapping_failed", mapping.name, step=where)]
    return problems


def _unknown(
    database: duckdb.DuckDBPyConnection,
    mapping: Mapping,
    name: str,
    step: TableStep,
    pairs: list[tuple[str, str]],
    query: str,
    sent: sources.Sent,
) -> list[Problem]:
    """Return the rows of which nothing says whether their unpivoted cells are zero."""
    assert step.unpivot is not None
    if step.unpivot.zeros != "once":
        return []
    _, stops = sql.unknown(step.unpivot, pairs)
    row = database.execute(
        f"SELECT min({sql.SENT}), count(*) FROM ({query}) WHERE {stops}"
    ).fetchone()
    if not row or not row[1]:
        return []
    file, at = sent.place(row[0])
    return [
        problem(
            "mapping_unknown",
            file or mapping.name,
            row=at,
            count=row[1],
            step=f"tables.{name}",
            columns=", ".join(column for _, column in pairs),
        )
    ]


def _unclear(
    database: duckdb.DuckDBPyConnection,
    mapping: Mapping,
    name: str,
    step: TableStep,
    query: str,
    sent: sources.Sent,
) -> list[Problem]:
    """Return the cells that cannot be added; an empty one only where the contract needs a number."""
    known = TABLES[name].schema.columns if name in TABLES else {}
    found = []
    for column in step.sum:
        cell = quote(column)
        if not _count(database, f"SELECT 1 FROM {quote(name)} WHERE {cell} IS NULL LIMIT 1"):
            continue
        may_be_empty = column not in known or known[column].nullable
        row = database.execute(
            f"SELECT min({sql.SENT}), arg_min(coalesce({cell}, ''), {sql.SENT}), count(*) "
            f"FROM ({query}) WHERE {sql.unclear(column, may_be_empty=may_be_empty)}"
        ).fetchone()
        if row and row[2]:
            file, at = sent.place(row[0])
            found.append(
                problem(
                    "mapping_sum" if row[1] else "mapping_sum_empty",
                    file or mapping.name,
                    column=column,
                    row=at,
                    count=row[2],
                    step=f"tables.{name}",
                    shape=masked(row[1]),
                )
            )
    return found


def _pairs(
    database: duckdb.DuckDBPyConnection, step: TableStep, query: str
) -> tuple[list[tuple[str, str]], list[str]]:
    """Return what is written for each unpivoted column, and the columns that nothing reads.

    A pattern's own spelling is written where it is a whole name, since headers vary in their case.
    """
    assert step.unpivot is not None
    if isinstance(step.unpivot.columns, dict):
        return list(step.unpivot.columns.items()), []
    pairs, left_out = [], []
    used = {name.casefold() for name in step.reads()}
    for column, *_ in database.execute(f"DESCRIBE {query}").fetchall():
        folded = column.casefold()
        fitting = (p for p in step.unpivot.columns if fnmatch.fnmatchcase(folded, p.casefold()))
        pattern = next(fitting, None)
        if column in sql.HIDDEN:
            continue
        if pattern is not None:
            pairs.append((pattern if pattern.casefold() == folded else column, column))
        elif folded not in used:
            left_out.append(column)
    return pairs, left_out


def _judged(
    database: duckdb.DuckDBPyConnection, mapping: Mapping, where: str, join: Join, query: str
) -> list[Problem]:
    """Return whether a join would multiply rows or, where it says so, leave them out."""
    found: list[Problem] = []
    keys = ", ".join(f"_on{i}" for i in range(len(join.on)))
    if join.several == "refuse":
        twice = f"SELECT {keys} FROM ({sql.partner(join)}) GROUP BY ALL HAVING count(*) > 1"
        same = " AND ".join(f"l.{quote(here)} = r._on{i}" for i, here in enumerate(join.on))
        if _count(database, twice):
            n = _count(database, f"SELECT 1 FROM ({query}) l SEMI JOIN ({twice}) r ON {same}")
            if n:
                found.append(
                    problem("mapping_several", mapping.name, step=where, other=join.with_, count=n)
                )
    if join.unmatched == "drop":
        same = " AND ".join(f"l.{quote(here)} = r._on{i}" for i, here in enumerate(join.on))
        n = _count(
            database, f"SELECT 1 FROM ({query}) l ANTI JOIN ({sql.partner(join)}) r ON {same}"
        )
        if n:
            found.append(
                problem(
                    "mapping_unmatched",
                    mapping.name,
                    step=where,
                    other=join.with_,
                    count=n,
                    stops=False,
                )
            )
    return found


def _count(database: duckdb.DuckDBPyConnection, query: str) -> int:
    row = database.execute(f"SELECT count(*) FROM ({query})").fetchone()
    return int(row[0]) if row else 0


def _unknown_columns(
    database: duckdb.DuckDBPyConnection,
    mapping: Mapping,
    where: str,
    step: TableStep,
    claims: Claims,
) -> Problem:
    """Return the problem of a table that names columns its source does not have."""
    described = database.execute(f"DESCRIBE {quote(step.from_)}").fetchall()
    there = [row[0] for row in described if row[0] not in sql.HIDDEN]
    named = step.reads()
    made = {c for join in step.join for c in join.take}
    if step.unpivot is not None:
        made |= {step.unpivot.names_to, step.unpivot.values_to, step.unpivot.offset_to or ""}
    if step.terms is not None:
        made |= {step.terms.into, *step.terms.back}
    known = {c.casefold() for c in [*there, *made]}
    lacking = list(dict.fromkeys(c for c in named if c.casefold() not in known))
    if not lacking and step.unpivot is not None:
        lacking = list(step.unpivot.columns)
    file = claims[step.from_][0].entry.name if step.from_ in claims else mapping.name
    return problem(
        "mapping_columns",
        file,
        source=f"{where} ({step.from_})",
        columns=", ".join(map(repr, lacking)) or where,
        found=", ".join(map(repr, there)),
    )


def _written(
    database: duckdb.DuckDBPyConnection,
    mapping: Mapping,
    name: str,
    step: TableStep,
    claims: Claims,
    place: Workplace,
    sent: sources.Sent,
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

    origin = _origin(mapping, step, claims)
    files = {found.entry.name: found.entry for found in origin}
    if all(found.look.kind != "json" for found in origin):
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
    return [source(shown, origin[0].entry, Rows(), f"SELECT {columns} FROM {quote(name)}")]


def _rows_sent(database: duckdb.DuckDBPyConnection, sent: sources.Sent) -> dict[int, Rows] | None:
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


def _origin(mapping: Mapping, step: TableStep, claims: Claims) -> list[sources.Match]:
    """Return the files that a table's rows come from."""
    name = step.from_
    while name not in claims:
        name = mapping.tables[name].from_
    return claims[name]
