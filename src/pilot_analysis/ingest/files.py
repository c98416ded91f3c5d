"""Raw files as text: which belong to a table, their encoding, delimiter, header and shape.

Everything that makes a reader shift or lose values silently is caught here, before any value is
parsed.
"""

import codecs
import csv
import io
import os
import re
import tempfile
from collections.abc import Container, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from pilot_analysis.ingest.contracts import TABLES, Table
from pilot_analysis.ingest.intake import spellings
from pilot_analysis.ingest.intake.names import contract_columns
from pilot_analysis.ingest.intake.rows import Rows
from pilot_analysis.ingest.meanings import column_meaning
from pilot_analysis.ingest.problems import Problem, problem

# By table: `columns`, or a column whose codes are mapped; then their word to the contract's.
Aliases = Mapping[str, Mapping[str, Mapping[str, str]]]
_CHUNK = 1 << 20
_IGNORED_PREFIXES = (".", "~$")
# Bytes that Windows-1252 leaves undefined.
_UNDEFINED_CP1252 = frozenset(b"\x81\x8d\x8f\x90\x9d")


@dataclass
class RawFile:
    """One readable file of a table. `path` is UTF-8 text: the original or its transcoded copy."""

    name: str
    table: Table
    path: Path
    encoding: str
    columns: list[str]
    size: int
    quoted: bool = False
    extra_columns: list[str] = field(default_factory=list)
    origin: Path | None = None
    rows: Rows = field(default_factory=Rows)


@dataclass(frozen=True)
class Source:
    """One text to open as a table of the contract.

    `name` is how messages call it, `origin` the file in the folder; `rows` says how the rows of a
    copy are numbered there. `encoding` is empty where it has to be found out.
    """

    name: str
    path: Path
    origin: Path
    table: Table
    rows: Rows = field(default_factory=Rows)
    encoding: str = ""


def table_files(folder: Path, table: Table) -> list[Path]:
    """Return the files of a table, in the order of their names."""
    return sorted(
        path
        for path in folder.glob(f"{table.stem}*.csv")
        if not path.name.startswith(_IGNORED_PREFIXES)
    )


def _chunks(path: Path) -> Iterator[bytearray]:
    """Give a file's bytes, some at a time, in one buffer that the next ones overwrite."""
    whole = bytearray(_CHUNK)
    with path.open("rb", buffering=0) as file:
        while n := file.readinto(whole):
            yield whole if n == _CHUNK else whole[:n]


@dataclass
class _Marks:
    """How often the bytes stand in a file that decide how it is cut into fields."""

    delimiters: int = 0
    line_breaks: int = 0
    quoted: bool = False

    def count(self, chunk: bytearray) -> None:
        text = np.frombuffer(chunk, dtype=np.uint8)
        self.delimiters += int(np.count_nonzero(text == ord(";")))
        self.line_breaks += int(np.count_nonzero(text == ord("\n")))
        self.quoted = self.quoted or chunk.find(b'"') >= 0


def _detect_encoding(path: Path, name: str) -> tuple[str | None, _Marks, Problem | None]:
    """Return the encoding and the marks, or the problem that leaves none."""
    marks = _Marks()
    head = path.open("rb").read(4)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return None, marks, problem("utf16", name)
    decoder = codecs.getincrementaldecoder("utf-8")()
    offset, utf8, undefined = 0, True, None
    last = b""
    for chunk in _chunks(path):
        if (position := chunk.find(b"\0")) >= 0:
            return None, marks, problem("nul_byte", name, byte=str(offset + position))
        plain = chunk.isascii()
        # The bytes before this chunk belong to a mark that the border cut in two.
        joined = b"" if plain else last[-2:] + chunk
        if (position := joined.find(codecs.BOM_UTF8, 0 if offset else 1)) >= 0:
            byte = str(offset - len(last[-2:]) + position)
            return None, marks, problem("mark_inside", name, byte=byte)
        if (position := chunk.find(b"\x1a")) >= 0:
            return None, marks, problem("control_byte", name, byte=str(offset + position))
        if utf8 and not (plain and not decoder.getstate()[0]):
            try:
                decoder.decode(chunk)
            except UnicodeDecodeError:
                utf8 = False
        if undefined is None and not plain:
            found = [chunk.find(bytes([b])) for b in _UNDEFINED_CP1252]
            positions = [p for p in found if p >= 0]
            undefined = offset + min(positions) if positions else None
        marks.count(chunk)
        offset += len(chunk)
        last = bytes(chunk[-3:])
    if utf8:
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            utf8 = False
    if not last.endswith((b"\n", b"\r")):
        return None, marks, problem("cut_off", name)
    if utf8:
        return "utf-8", marks, None
    if undefined is not None:
        row = _row_of(path, undefined)
        return None, marks, problem("unknown_encoding", name, row=row, byte=str(undefined))
    return "cp1252", marks, None


def _row_of(path: Path, byte: int) -> int:
    """Return the line that a byte stands in."""
    with path.open("rb") as file:
        return file.read(byte).count(b"\n") + 1


def _transcode(path: Path, work: Path) -> Path:
    # Files of several folders may have one name.
    handle, copy = tempfile.mkstemp(dir=work)
    decoder = codecs.getincrementaldecoder("cp1252")()
    with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
        for chunk in _chunks(path):
            file.write(decoder.decode(chunk))
    return Path(copy)


def _header_problems(name: str, table: Table, columns: list[str]) -> list[Problem]:
    problems = []
    known = table.schema.columns
    repeated = sorted({c for c in columns if columns.count(c) > 1 and c in known})
    problems += [problem("column_twice", name, column=c, row=1) for c in repeated]
    missing = [c for c, column in known.items() if column.required and c not in columns]
    if missing:
        unknown = [c for c in columns if c not in known]
        values: dict[str, Any] = {"columns": ", ".join(missing)}
        advice = "lacks_columns"
        if columns and columns[0].casefold().startswith("sep="):
            advice = "separator_line"
        elif len(columns) == 1 and any(d in columns[0] for d in ",\t|"):
            advice = "other_separator"
        elif unknown:
            advice = "renamed_columns"
            values["unknown"] = ", ".join(repr(c[:40]) for c in unknown[:8])
            values["alias"] = _renaming(table, unknown, missing)
        problems.append(problem("lacks_columns", name, row=1, advice=advice, **values))
    return problems


def _renaming(table: Table, unknown: list[str], missing: list[str]) -> str:
    """Return the alias that would rename columns: by their meaning, or as a question."""
    meant = {c: found for c in unknown if (found := column_meaning(c, missing))}
    pairs = ", ".join(f"{c[:40]}: {found}" for c, found in meant.items())
    pairs = pairs or f"'???': {missing[0]}"
    return f"aliases: {{{table.stem}: {{columns: {{{pairs}}}}}}}"


def lines_of_another_shape(raw: RawFile) -> list[Problem]:
    """Count the fields of every line; a line with another number shifts or loses values.

    Blank lines are read past, and the numbers of `raw.rows` then count them.
    """
    if raw.quoted:
        return _shape_problems_quoted(raw)
    expected = len(raw.columns) - 1
    wrong, first, too_many, lines, carried = 0, None, False, 0, b""
    blank_lines: list[int] = []
    for chunk in _chunks(raw.path):
        # Without quotes the delimiters between two line breaks decide.
        block = carried + chunk
        end = block.rfind(b"\n") + 1
        carried = block[end:]
        text = np.frombuffer(block, dtype=np.uint8, count=end)
        breaks = np.flatnonzero(text == ord("\n"))
        counts = np.diff(np.searchsorted(np.flatnonzero(text == ord(";")), breaks), prepend=0)
        blank = (np.diff(breaks, prepend=-1) <= 2) & (counts == 0)
        bad = np.flatnonzero((counts != expected) & ~blank)
        if len(bad) and first is None:
            before = len(blank_lines) + int(np.count_nonzero(blank[: bad[0]]))
            first, too_many = lines + int(bad[0]) + 1 - before, bool(counts[bad[0]] > expected)
        blank_lines += (lines + 1 + np.flatnonzero(blank)).tolist()
        wrong += len(bad)
        lines += len(breaks)
    return _shape_problem(raw, wrong, first, too_many, blank_lines)


def _shape_problems_quoted(raw: RawFile) -> list[Problem]:
    expected = len(raw.columns)
    wrong, first, too_many = 0, None, False
    blank_rows: list[int] = []
    with raw.path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter=";", strict=True)
        try:
            for number, row in enumerate(reader, start=1):
                if not row:
                    blank_rows.append(number)
                elif len(row) != expected:
                    wrong += 1
                    if first is None:
                        first, too_many = number - len(blank_rows), len(row) > expected
        except csv.Error:
            return [problem("quotation_mark", raw.name, row=reader.line_num)]
    return _shape_problem(raw, wrong, first, too_many, blank_rows)


def _shape_problem(
    raw: RawFile, wrong: int, first: int | None, too_many: bool, blank: list[int]
) -> list[Problem]:
    if blank:  # never in a copy, which is numbered already
        raw.rows = Rows.without(blank)
    if not wrong:
        return []
    code = "more_fields" if too_many else "fewer_fields"
    row = raw.rows.original(first or 1)
    return [problem(code, raw.name, row=row, count=wrong, fields=len(raw.columns))]


def open_file(
    path: Path, table: Table, work: Path, aliases: Aliases
) -> tuple[RawFile | None, list[Problem]]:
    """Return one file of a table when it can be read, and every problem when it cannot.

    A file in Windows-1252 is transcoded into `work`. Columns get the contract's names.
    """
    return open_source(Source(path.name, path, path, table), work, aliases)


def open_source(
    source: Source, work: Path, aliases: Aliases
) -> tuple[RawFile | None, list[Problem]]:
    """Return one text of a table as `open_file` does, under the name it has in messages."""
    name, path, table = source.name, source.path, source.table
    if path.is_symlink():
        return None, [problem("symbolic_link", name)]
    if path.stat().st_size == 0:
        return None, [problem("empty_file", name)]
    encoding, marks, unreadable = _detect_encoding(path, name)
    if unreadable is not None or encoding is None:
        return None, [unreadable] if unreadable else []
    text = path if encoding == "utf-8" else _transcode(path, work)
    with text.open(encoding="utf-8-sig", newline="") as file:
        first_line = file.readline()
    columns = next(csv.reader(io.StringIO(first_line), delimiter=";"), [])
    columns = contract_columns(columns, table, aliases.get(table.stem, {}).get("columns", {}))
    if re.search(spellings.WRONG_LETTERS, first_line):
        return None, [problem("encoded_twice", name, row=1)]
    size = source.origin.stat().st_size
    raw = RawFile(
        name,
        table,
        text,
        source.encoding or encoding,
        columns,
        size,
        marks.quoted,
        origin=source.origin,
        rows=source.rows,
    )
    if not source.encoding and encoding == "utf-8" and text.open("rb").read(3) == codecs.BOM_UTF8:
        raw.encoding = "utf-8 with BOM"
    found = _header_problems(name, table, columns)
    # Lines that together have the right number of delimiters, but not one by one, are refused by
    # the reader.
    even = marks.delimiters == (len(columns) - 1) * marks.line_breaks
    if not found and (raw.quoted or not even):
        found = lines_of_another_shape(raw)
    if found:
        return None, found
    raw.extra_columns = [c for c in columns if c not in table.schema.columns]
    return raw, []


# Public figures per school can be compared without any pupil.
_WITHOUT_PUPILS = "skolresultat"


def missing(table: Table, there: Container[str] = ()) -> Problem:
    """Return what is to be said of a table without any file; only a required one stops.

    `there` are the tables that have files: public figures need no pupils beside them.
    """
    if table.required and not (table.stem == "elever" and _WITHOUT_PUPILS in there):
        return problem("missing_table", f"{table.stem}*.csv")
    return problem(
        f"missing_{table.stem}", f"{table.stem}*.csv", advice="missing_table", stops=False
    )


def open_all(
    sources: Mapping[str, Sequence[Source]],
    work: Path,
    aliases: Aliases,
    tables: Mapping[str, Table] = TABLES,
) -> tuple[dict[str, list[RawFile]], list[Problem]]:
    """Open the texts of every table of an evaluation's contract; return them, and every problem."""
    opened: dict[str, list[RawFile]] = {}
    problems: list[Problem] = []
    with ThreadPoolExecutor() as side_by_side:
        for stem, table in tables.items():
            opened[stem] = []
            own = [replace(source, table=table) for source in sources.get(stem, [])]
            if stem not in sources and not table.extra:
                problems.append(missing(table, sources))
            for raw, found in side_by_side.map(
                lambda source: open_source(source, work, aliases), own
            ):
                problems += found
                if raw is not None:
                    opened[stem].append(raw)
    return opened, problems
