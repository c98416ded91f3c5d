"""JSON dumps as SQL: pages, arrays, lines and single values, their fields reached by path."""

import io
import itertools
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

import duckdb

from pilot_analysis.ingest.intake.folder import Entry
from pilot_analysis.ingest.intake.mapping import sql
from pilot_analysis.ingest.intake.mapping.model import SourceFiles
from pilot_analysis.ingest.intake.messages import problem
from pilot_analysis.ingest.problems import Problem
from pilot_analysis.ingest.typed import literal, quote

# A page is held in memory at once; the standard's servers send some thousand records in one.
MOST_PAGE_MEGABYTES = 512
_MOST_RECORD_BYTES = 16 << 20
# DuckDB's reader takes 32 MB and more for each JSON file it has open, however small.
_FILES_AT_ONCE = 8
# Small pages are parsed as texts instead, this many bytes at a time: ten times as fast.
_TEXT_AT_ONCE = 48 << 20
_PAGE_END = 1 << 12
DAMAGED = (duckdb.InvalidInputException, duckdb.ConversionException, duckdb.BinderException)

Tree = dict[str, Any]


class DumpError(Exception):
    """Files that cannot be read at all, each with its problem."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__()
        self.problems = problems


def selects(
    database: duckdb.DuckDBPyConnection,
    source: SourceFiles,
    form: str,
    files: Sequence[Entry],
    number: int = 0,
) -> list[str]:
    """Return SQL for the records of files in which they lie alike, in the files' order.

    `form` is how: array, lines or values, with `page` before where they lie under `data`; the files
    have numbers from `number` on. Raises `DumpError` for pages too large to be held in memory.
    """
    sizes = [file.path.stat().st_size + 1 for file in files]
    if form not in ("array", "lines"):
        large = [
            f for f, size in zip(files, sizes, strict=True) if size > MOST_PAGE_MEGABYTES << 20
        ]
        if large:
            raise DumpError(
                [problem("json_page_size", f.name, most=MOST_PAGE_MEGABYTES) for f in large]
            )
    made = []
    for few in _in_parts(files, sizes):
        small = sum(file.path.stat().st_size for file in few) <= _TEXT_AT_ONCE
        if form.startswith("page") and small and _as_expected(database, source, few):
            made.append(_select(source, _page_texts(source, few, number), "_record"))
        else:
            made += [
                _select(
                    source,
                    *_reader(source, form, few[start : start + _FILES_AT_ONCE], number + start),
                )
                for start in range(0, len(few), _FILES_AT_ONCE)
            ]
        number += len(few)
    return made


def has_next(file: Entry) -> bool:
    """Say whether a page tells that another one follows."""
    with file.path.open("rb") as content:
        size = content.seek(0, io.SEEK_END)
        content.seek(max(0, size - _PAGE_END))
        end = content.read().decode("utf-8", errors="replace")
    return re.search(r"""]\s*,[^\]]*"pageToken"\s*:\s*"[^"]+"[^\]]*}\s*$""", end) is not None


def can_be_read(
    database: duckdb.DuckDBPyConnection, source: SourceFiles, form: str, file: Entry
) -> bool:
    """Say whether a file can be read to its end."""
    try:
        (select,) = selects(database, source, form, [file])
        database.execute(f"SELECT count(COLUMNS(*)) FROM ({select})").fetchall()
    except DAMAGED:
        return False
    return True


def _in_parts(files: Sequence[Entry], sizes: Sequence[int]) -> Iterator[list[Entry]]:
    """Yield the files in their order, as many together as are read at once."""
    part: list[Entry] = []
    total = 0
    for file, size in zip(files, sizes, strict=True):
        if part and total + size > _TEXT_AT_ONCE:
            yield part
            part, total = [], 0
        part.append(file)
        total += size
    if part:
        yield part


def _tree(source: SourceFiles) -> Tree:
    """Return what is read of a record; a list's items stand under its name with []."""
    tree: Tree = {}
    for path in itertools.chain.from_iterable(source.columns.values()):
        below = tree
        for step in path.split("."):
            below = below.setdefault(step, {})
    return tree


# --- Pages as texts ------------------------------------------------------------------------------


def _paths(files: Sequence[Entry]) -> str:
    return f"[{', '.join(literal(str(file.path)) for file in files)}]"


def _sent(files: Sequence[Entry], number: int) -> str:
    """Return SQL for where a record was sent: its file's number, without a row."""
    place = f"list_position({_paths(files)}, filename) - 1 + {number}"
    return f"({place})::BIGINT << {sql.ROW_BITS} AS {sql.SENT}"


def _contents(files: Sequence[Entry], number: int = 0) -> str:
    return (
        f"(SELECT ltrim(content, chr(65279)) AS _page, {_sent(files, number)} "
        f"FROM read_text({_paths(files)}))"
    )


def _page_texts(source: SourceFiles, files: Sequence[Entry], number: int) -> str:
    """Return SQL for the records of small pages."""
    wanted = literal(json.dumps([_pattern(_tree(source))]))
    return (
        f"(SELECT {sql.SENT}, unnest(from_json(_page -> '$.data', {wanted})) AS _record "
        f"FROM {_contents(files, number)})"
    )


def _pattern(tree: Tree) -> dict[str, Any]:
    """Return the structure that `from_json` is to find; all values are read as text."""
    return {
        name.removesuffix("[]"): _listed(name, _pattern(below) if below else "VARCHAR")
        for name, below in tree.items()
    }


def _listed(name: str, inside: Any) -> Any:
    return [inside] if name.endswith("[]") else inside


def _as_expected(
    database: duckdb.DuckDBPyConnection, source: SourceFiles, files: Sequence[Entry]
) -> bool:
    """Say whether pages hold objects and lists where these are read.

    `from_json` gives nothing where they do not, and says nothing; DuckDB's reader says it.
    """
    places = [("$.data", "ARRAY"), ("$.data[*]", "OBJECT"), *_places("$.data[*]", _tree(source))]
    wrong = " OR ".join(
        f"len(list_filter(json_type(_page, {literal(path)}), lambda x: x NOT IN "
        f"({literal(kind)}, 'NULL'))) > 0"
        if "[*]" in path
        else f"json_type(_page, {literal(path)}) IS DISTINCT FROM {literal(kind)}"
        for path, kind in places
    )
    try:
        found = database.execute(f"SELECT 1 FROM {_contents(files)} WHERE {wrong} LIMIT 1")
        return found.fetchone() is None
    except DAMAGED:
        return False


def _places(path: str, tree: Tree) -> Iterator[tuple[str, str]]:
    """Yield the paths below one where objects and lists are read."""
    for name, below in tree.items():
        here = f'{path}."{name.removesuffix("[]")}"'
        if name.endswith("[]"):
            yield here, "ARRAY"
            here += "[*]"
        if below:
            yield here, "OBJECT"
            yield from _places(here, below)


# --- Everything else by DuckDB's reader -------------------------------------------------------


def _reader(source: SourceFiles, form: str, files: Sequence[Entry], number: int) -> tuple[str, str]:
    """Return SQL for the records, and the name under which each stands."""
    paged = form.startswith("page")
    # Buffers of this size are taken for each file: no larger than one value can be.
    most = _MOST_RECORD_BYTES
    if form not in ("array", "lines"):
        most = max(file.path.stat().st_size + 1 for file in files)
    tree = _tree(source)
    fields = {"data": f"{_struct(tree)}[]"} if paged else _fields(tree)
    columns = ", ".join(f"{literal(k)}: {literal(v)}" for k, v in fields.items())
    lie = {"array": "array", "lines": "newline_delimited"}.get(
        form.removeprefix("page "), "unstructured"
    )
    records = (
        f"read_json({_paths(files)}, filename = true, format = '{lie}', columns = {{{columns}}}, "
        f"maximum_object_size = {most})"
    )
    if paged:
        each = f"{_sent(files, number)}, unnest(_page.data) AS _record"
        return f"(SELECT {each} FROM {records} AS _page)", "_record"
    return f"(SELECT *, {_sent(files, number)} FROM {records})", ""


def _fields(tree: Tree) -> dict[str, str]:
    """Return the type of each field; all values are read as text."""
    return {
        name.removesuffix("[]"): (_struct(below) if below else "VARCHAR")
        + ("[]" if name.endswith("[]") else "")
        for name, below in tree.items()
    }


def _struct(tree: Tree) -> str:
    return f"STRUCT({', '.join(f'{quote(k)} {kind}' for k, kind in _fields(tree).items())})"


# --- Columns -------------------------------------------------------------------------------------


def _select(source: SourceFiles, records: str, head: str) -> str:
    """Return SQL for a source's columns, a row a record or, where lists are read, an item."""
    lists = {p.split("[]")[0] for ways in source.columns.values() for p in ways if "[]" in p}
    if lists:
        (listed,) = lists
        whole = f"SELECT *, unnest({_access(head, listed.split('.'))}) AS _item FROM {records}"
        records = f"({whole})"
    cells, values = [], []
    for name, ways in source.columns.items():
        reached = [_reached(head, way) for way in ways]
        one = f"coalesce({', '.join(reached)})" if len(reached) > 1 else reached[0]
        values.append(one)
        cells.append(f"{one} AS {quote(name)}")
    cells += [sql.SENT, f"hash({', '.join(values)}) AS {sql.RECORD}"]
    return f"SELECT {', '.join(cells)} FROM {records}"


def _reached(head: str, path: str) -> str:
    if "[]" not in path:
        return _access(head, path.split("."))
    rest = path.split("[]", 1)[1].strip(".")
    return _access("_item", rest.split(".")) if rest else "_item"


def _access(head: str, steps: Sequence[str]) -> str:
    return ".".join([head] * bool(head) + [quote(step) for step in steps])
