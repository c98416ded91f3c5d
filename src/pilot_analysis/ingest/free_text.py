"""What tells of a person in columns where anybody may write anything."""

import duckdb

from pilot_analysis.ingest.contracts import TABLES
from pilot_analysis.ingest.problems import Problem, problem
from pilot_analysis.personal import free_text_findings

# Free text by the contract's columns; a school may be named after a person, its source not.
_FREE = ("skolnamn", "skola", "kalla", "klass", "program")
_NO_NAMES_IN = ("kalla", "klass")


def told(database: duckdb.DuckDBPyConnection, files: dict[str, list[str]]) -> list[Problem]:
    """Return the columns that tell of somebody, without what they say.

    `files` are the names of the files of each table. Identity numbers, telephone numbers and
    addresses stop; what seems to be a name is a remark.
    """
    problems = []
    for stem, table in TABLES.items():
        for column, described in table.schema.columns.items():
            if column not in _FREE or not files.get(stem):
                continue
            name = described.metadata["english"]
            rows = database.execute(
                f'SELECT "{name}", min(_row), count(*), min_by(_file, _row) '
                f'FROM raw_{table.english} WHERE "{name}" IS NOT NULL GROUP BY 1 ORDER BY 2, 1'
            ).fetchall()
            found = free_text_findings([row[0] for row in rows], names=column in _NO_NAMES_IN)
            for kind, positions in found.items():
                _, first, _, file = rows[positions[0]]
                problems.append(
                    problem(
                        f"personal_{kind}",
                        files[stem][file],
                        column=column,
                        row=first,
                        count=sum(rows[at][2] for at in positions),
                        stops=kind != "name",
                    )
                )
    return problems
