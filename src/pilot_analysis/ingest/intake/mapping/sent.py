"""Where the records of a mapping were sent: by file and row; and which were sent twice."""

from dataclasses import dataclass, field

import duckdb

from pilot_analysis.ingest.intake.mapping import sql
from pilot_analysis.ingest.intake.messages import problem
from pilot_analysis.ingest.intake.rows import Rows
from pilot_analysis.ingest.problems import Problem
from pilot_analysis.ingest.rules import Rules
from pilot_analysis.ingest.typed import quote


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
