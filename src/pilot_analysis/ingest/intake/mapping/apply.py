"""Mappings carried out: the files they claim become the contract's tables, by DuckDB."""

import fnmatch
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from pilot_analysis.ingest import memory
from pilot_analysis.ingest.contracts import TABLES, metadata
from pilot_analysis.ingest.files import Source
from pilot_analysis.ingest.intake.detect import Look
from pilot_analysis.ingest.intake.folder import Entry
from pilot_analysis.ingest.intake.mapping import dumps, judge, matching, model, output, sources, sql
from pilot_analysis.ingest.intake.mapping.matching import Claims
from pilot_analysis.ingest.intake.mapping.model import Mapping, TableStep
from pilot_analysis.ingest.intake.mapping.sent import Sent, count_once
from pilot_analysis.ingest.intake.messages import Words, problem
from pilot_analysis.ingest.intake.workplace import Workplace
from pilot_analysis.ingest.problems import Problem
from pilot_analysis.ingest.typed import literal, quote

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
            match = matching.match(source, entry, look)
            if match is not None:
                found.setdefault(name, []).append(match)
    return found


def _unfinished(looked: Looked, claims: Claims) -> list[Problem]:
    """Return the last page of each source whose pages all tell that another one follows."""
    # A page without records belongs to no source: it may close any.
    closing = any(matching.is_empty_page(look) and not dumps.has_next(e) for e, look in looked)
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
        sent = Sent()
        for name, source in mapping.sources.items():
            told = sources.create(database, name, source, claims.get(name, []), place, sent)
            result.problems += told
            if told:
                return
        told = [
            each
            for name in sorted(_added_up(mapping) & set(claims))
            for each in count_once(database, name, sent)
        ]
        result.problems += told
        if any(p.stops for p in told):
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
                result.made += output.write(database, mapping, name, step, claims, place, sent)
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
    sent: Sent,
) -> list[Problem]:
    """Create a table of a mapping, as a view where nothing is summed; return what its data break."""
    where = f"tables.{name}"
    problems: list[Problem] = []
    query = sql.filtered(step, quote(step.from_))
    try:
        if step.unpivot is not None:
            pairs, left_out = _pairs(database, step, query)
            file = output.origin(mapping, step, claims)[0].entry.name
            if not pairs:
                return [*problems, judge.unknown_columns(database, mapping, where, step, claims)]
            if left_out:
                listed = ", ".join(repr(c[:40]) for c in left_out)
                problems.append(
                    problem("mapping_left_out", file, stops=False, step=where, columns=listed)
                )
            problems += judge.unknown(database, mapping, name, step, pairs, query, sent)
            query = sql.unpivoted(step.unpivot, pairs, query)
        if step.terms is not None:
            query = sql.spread(step.terms, query)
        for join in step.join:
            problems += judge.partners(database, mapping, where, join, query)
            query = sql.joined(join, query)
        known = TABLES[name].schema.columns if name in TABLES else {}
        kinds = {c: metadata(known[c])["kind"] for c in step.columns if c in known}
        query = sql.finished(step, query, kinds)
        if not step.sum:
            database.execute(f"CREATE TEMP VIEW {quote(name)} AS {query}")
            return problems
        database.execute(f"CREATE TEMP TABLE {quote(name)} AS {sql.summed(step, query, kinds)}")
        problems += judge.unclear(database, mapping, name, step, query, sent)
    except duckdb.BinderException:
        return [*problems, judge.unknown_columns(database, mapping, where, step, claims)]
    except (duckdb.InvalidInputException, duckdb.ConversionException, duckdb.OutOfRangeException):
        return [*problems, problem("mapping_failed", mapping.name, step=where)]
    return problems


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
