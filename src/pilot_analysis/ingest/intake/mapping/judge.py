"""What the data of a mapping break: cells, columns and joins that cannot be used."""

import duckdb

from pilot_analysis.ingest.contracts import TABLES
from pilot_analysis.ingest.intake.mapping import sql
from pilot_analysis.ingest.intake.mapping.matching import Claims
from pilot_analysis.ingest.intake.mapping.model import Join, Mapping, TableStep
from pilot_analysis.ingest.intake.mapping.sent import Sent
from pilot_analysis.ingest.intake.messages import problem
from pilot_analysis.ingest.problems import Problem, masked
from pilot_analysis.ingest.typed import quote


def unknown(
    database: duckdb.DuckDBPyConnection,
    mapping: Mapping,
    name: str,
    step: TableStep,
    pairs: list[tuple[str, str]],
    query: str,
    sent: Sent,
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


def unclear(
    database: duckdb.DuckDBPyConnection,
    mapping: Mapping,
    name: str,
    step: TableStep,
    query: str,
    sent: Sent,
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


def partners(
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


def unknown_columns(
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
