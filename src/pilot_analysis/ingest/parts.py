"""Files read one by one, each by a job of its own, and put together by one ingest.

A part holds a file's typed rows, identifiers replaced by pseudonyms already, and what was wrong
with it. Parts lie in an owner-only folder beside the processed tables, and go with the ingest that
reads them.
"""

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from pyarrow import parquet

from pilot_analysis.errors import PilotError
from pilot_analysis.files import write_if_changed
from pilot_analysis.ingest import clean, loading, reading, typed
from pilot_analysis.ingest.contracts import TABLES, Table
from pilot_analysis.ingest.files import Aliases, RawFile, missing, open_file, table_files
from pilot_analysis.ingest.keys import NUMBERED, Keys
from pilot_analysis.ingest.problems import Problem

FOLDER = ".parts"
_ROWS_AT_ONCE = 1_000_000


@dataclass(frozen=True)
class Part:
    """One file as its job left it. `rows` is None where problems stopped it."""

    file: str
    stamp: list[int]  # size and time of change of the file that was read
    sha256: str
    encoding: str
    columns: list[str]
    extra_columns: list[str]
    rows: int | None
    problems: list[dict[str, Any]]
    wrong_digits: list[tuple[str, int]]


def _stamp(path: Path) -> list[int]:
    status = path.stat()
    return [status.st_size, status.st_mtime_ns]


def table_of(raw: Path, name: str) -> Table | None:
    """Return the table a file of the folder belongs to; None where it is no export."""
    for table in TABLES.values():
        if any(path.name == name for path in table_files(raw, table)):
            return table
    return None


def write(
    database: duckdb.DuckDBPyConnection,
    path: Path,
    digest: str,
    table: Table,
    work: Path,
    folder: Path,
    *,
    key: bytes,
    aliases: Aliases,
) -> Part:
    """Read one export and leave its part in `folder`: <file>.parquet and <file>.json.

    Problems are kept for the ingest that puts the parts together: it tells all of them at once.
    """
    stamp, rows_there = _stamp(path), folder / f"{path.name}.parquet"
    # Until the last line below there is no part: the file that says so is written last.
    (folder / f"{path.name}.json").unlink(missing_ok=True)
    raw, problems = open_file(path, table, work, aliases)
    wrong: list[tuple[str, int]] = []
    rows = None
    keys = Keys(key)
    if raw is not None:
        counts, problems = loading.load(database, table, [raw], aliases.get(table.stem, {}), keys)
    if raw is not None and not any(p.stops for p in problems):
        rows = counts[raw.name]
        view = f"raw_{table.english}"
        keys.write(database)
        columns = [name for name, *_ in database.execute(f"DESCRIBE {view}").fetchall()]
        named = [column for column in NUMBERED if column in columns]
        joins = "".join(f" JOIN {c}_names USING ({c})" for c in named)
        keep = ", ".join(f"{c}_names.name AS {c}" for c in named)
        typed.write_parquet(
            database,
            f"SELECT r.* EXCLUDE (_file){f' REPLACE ({keep})' if keep else ''} "
            f"FROM {view} r{joins} ORDER BY r._row",
            rows_there.with_suffix(".partial"),
        )
        if table.english == "pupils":
            clean.wrong_digits(database)
            wrong = database.execute("FROM wrong_digits ORDER BY _row").fetchall()
        os.replace(rows_there.with_suffix(".partial"), rows_there)
    part = Part(
        path.name,
        stamp,
        digest,
        raw.encoding if raw else "",
        raw.columns if raw else [],
        raw.extra_columns if raw else [],
        rows,
        [p.as_dict() for p in problems],
        wrong,
    )
    write_if_changed(folder / f"{path.name}.json", json.dumps(asdict(part), ensure_ascii=False))
    return part


def _read(path: Path, folder: Path) -> Part:
    try:
        part = Part(**json.loads((folder / f"{path.name}.json").read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise PilotError(f"{path.name}: has not been read by its job; run again") from None
    if part.stamp != _stamp(path):
        raise PilotError(f"{path.name}: was changed after its job had read it; run again")
    return part


def load(
    database: duckdb.DuckDBPyConnection, raw: Path, table: Table, folder: Path, keys: Keys
) -> tuple[list[RawFile], dict[str, int], dict[str, str], list[Problem]]:
    """Create `raw_<english>` from the parts of a table.

    Returns its files, rows and digest by file, and every problem. Raises `PilotError` where a part
    is missing or older than its file.
    """
    paths = table_files(raw, table)
    parts = [_read(path, folder) for path in paths]
    problems = [Problem(**problem) for part in parts for problem in part.problems]
    if not parts and not table.extra:
        problems.append(missing(table))
    if any(p.stops for p in problems):
        return [], {}, {}, problems
    if not parts:
        rows, _ = loading.load(database, table, [], {}, keys)
        return [], rows, {}, problems
    selects = []
    for position, part in enumerate(parts):
        into = f"typed_{table.english}_{position}"
        _load_rows(database, folder / f"{part.file}.parquet", into, keys)
        selects.append(f"SELECT *, {position}::SMALLINT AS _file FROM {into}")
    database.execute(f"CREATE TEMP VIEW raw_{table.english} AS {' UNION ALL '.join(selects)}")
    files = [
        RawFile(
            part.file,
            table,
            path,
            part.encoding,
            part.columns,
            part.stamp[0],
            extra_columns=part.extra_columns,
        )
        for path, part in zip(paths, parts, strict=True)
    ]
    rows = {part.file: part.rows or 0 for part in parts}
    return files, rows, {part.file: part.sha256 for part in parts}, problems


def _load_rows(database: duckdb.DuckDBPyConnection, path: Path, into: str, keys: Keys) -> None:
    """Create the table `into` of a part's rows, its pseudonyms and school units as numbers."""
    start = f"CREATE TEMP TABLE {into} AS"
    named = [name for name in parquet.read_schema(path).names if name in NUMBERED]
    with parquet.ParquetFile(path, read_dictionary=named) as file:
        for batch in file.iter_batches(batch_size=_ROWS_AT_ONCE):
            rows = pa.Table.from_batches([batch]).unify_dictionaries()
            for name in named:
                cells = rows.column(name)
                numbers = keys[name].of(cells.chunk(0).dictionary.to_pylist())
                rows = rows.set_column(
                    rows.column_names.index(name),
                    name,
                    reading.with_values(cells, pa.array(numbers)),
                )
            with typed.registered(database, "part", rows):
                database.execute(f"{start} SELECT * FROM part")
            start = f"INSERT INTO {into}"
    if start.startswith("CREATE"):  # a header and no rows
        empty = ", ".join(f"NULL::INTEGER AS {name}" for name in named)
        replaced = f" REPLACE ({empty})" if named else ""
        database.execute(
            f"{start} SELECT *{replaced} FROM read_parquet({typed.literal(str(path))}) LIMIT 0"
        )


def wrong_digits(raw: Path, folder: Path) -> list[tuple[str, int]]:
    """Return what the jobs that read the pupils' files found of wrong check digits."""
    paths = table_files(raw, TABLES["elever"])
    return [(name, row) for path in paths for name, row in _read(path, folder).wrong_digits]
