"""Delimited text of any encoding and separator to the contract's: UTF-8 with semicolons."""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from pilot_analysis.ingest.contracts import metadata
from pilot_analysis.ingest.files import Aliases
from pilot_analysis.ingest.intake import detect, layout, spellings
from pilot_analysis.ingest.intake.detect import DELIMITERS, Look
from pilot_analysis.ingest.intake.folder import Entry
from pilot_analysis.ingest.intake.layout import Layout, Row, Rows
from pilot_analysis.ingest.intake.messages import Words, problem
from pilot_analysis.ingest.problems import Problem

# 1,200 among cells that commas separate: 1.2 or 1200.
_AMBIGUOUS = re.compile(r"\s*(-?[0-9]{1,3}),([0-9]{3})\s*")
_TAIL, _LAST_ROWS = 1 << 14, 40
_PART = 1 << 20
_NAMES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8 (BOM)",
    "cp1252": "Windows-1252",
    "utf-16": "UTF-16",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16",
}


@dataclass(frozen=True)
class Found:
    """A table found in a text, and what separates its cells."""

    layout: Layout
    separator: str
    encoding: str
    names_separator: bool = False  # in a first line for Excel

    @property
    def words(self) -> Words:
        """Return encoding and separator as a phrase."""
        separator = DELIMITERS.get(self.separator, "other")
        return Words("looks_csv", {"encoding": _NAMES[self.encoding], "separator": separator})


def find(entry: Entry, look: Look, aliases: Aliases) -> Found | None:
    """Return the contract's table that a text holds; None where it holds none."""
    best = None
    said = detect.says_separator(look.head) is not None
    for separator in detect.separators(look.head):
        sample = detect.sample_rows(look.head, separator)
        found = layout.find(sample, entry.name, aliases)
        if found is None:
            continue
        fits = len(set(found.columns) & set(found.table.schema.columns)) if found.table else 0
        if best is None or fits > best[0]:
            best = (fits, Found(found, separator, look.encoding, said))
    return best[1] if best else None


def is_plain(entry: Entry, found: Found) -> bool:
    """Say whether the contract's reader takes a text as it is: no copy is made then.

    The header comes first, cells are separated by semicolons, and neither totals nor notes nor
    empty rows stand at the end.
    """
    other = found.separator != ";" or found.names_separator
    if other or found.encoding.startswith("utf-16") or found.layout.header:
        return False
    with entry.path.open("rb") as file:
        size = file.seek(0, io.SEEK_END)
        file.seek(max(0, size - _TAIL))
        tail = file.read()
    # Only the marks around words matter here, and they are alike in both encodings.
    lines = tail.decode("latin-1").splitlines()[1 if size > _TAIL else 0 :]
    last = lines[-_LAST_ROWS:]
    rows = csv.reader(last[1:] if len(last) == len(lines) else last, delimiter=";")
    return not any(
        (row and layout.is_blank(row))
        or layout.is_total(row, found.layout)
        or layout.is_note(row, found.layout)
        for row in rows
    )


def rows_of(path: Path, encoding: str, separator: str) -> Iterator[tuple[int, Row]]:
    """Give the rows of a text, numbered from 1 as a spreadsheet numbers them.

    Raises `UnicodeError` or `csv.Error` for what is no such text.
    """
    with path.open(encoding=encoding, newline="") as file:
        first = file.read(1)
        if first != "\ufeff":
            file.seek(0)
        # The line that names the separator is no row: Excel does not show it.
        start = file.tell()
        if detect.says_separator(file.readline()) is None:
            file.seek(start)
        yield from enumerate(csv.reader(file, delimiter=separator, strict=True), start=1)


def settled(entry: Entry, found: Found) -> Found:
    """Return what was found with the encoding of the whole text: ASCII may only be its beginning."""
    if found.encoding != "utf-8":
        return found
    decoder = codecs.getincrementaldecoder("utf-8")()
    with entry.path.open("rb") as file:
        if not file.read(detect.HEAD).isascii():
            return found
        try:
            while part := file.read(_PART):
                decoder.decode(part)
        except UnicodeDecodeError:
            return replace(found, encoding="cp1252")
    return found


def convert(entry: Entry, found: Found, path: Path) -> tuple[layout.Written, list[Problem]]:
    """Write a text as the contract has it to `path`; return what was written, and problems."""
    written = layout.Written(Rows())
    if not _ends_with_line_break(entry.path, found.encoding):
        return written, [problem("cut_off", entry.name)]
    try:
        rows = rows_of(entry.path, found.encoding, found.separator)
        if found.separator == "," and found.layout.table is not None:
            rows = _with_decimal_commas(rows, found.layout)
        return layout.write(rows, found.layout, path), []
    except UnicodeError:
        row = _undecodable(entry.path, found.encoding)
        return written, [problem("encoding", entry.name, row=row, encoding=_NAMES[found.encoding])]
    except csv.Error:
        return written, [problem("open_quote", entry.name)]


def _undecodable(path: Path, encoding: str) -> int | None:
    """Return the first line that is not of the encoding; None where lines cannot be told by bytes."""
    if encoding.startswith("utf-16"):
        return None
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                line.decode(encoding)
            except UnicodeDecodeError:
                return number
    return None


def _with_decimal_commas(
    rows: Iterator[tuple[int, Row]], table: Layout
) -> Iterator[tuple[int, Row]]:
    """Give rows with decimal commas: where commas separate cells, decimals are written with points.

    What may be thousands instead gets a point, so that it breaks its rule.
    """
    known = table.table.schema.columns if table.table else {}
    places = [
        i
        for i, c in enumerate(table.columns)
        if c in known and metadata(known[c])["kind"] == "decimal"
    ]
    for number, row in rows:
        for i in places:
            if i < len(row):
                row[i] = (
                    _AMBIGUOUS.sub(r"\1.\2", row[i])
                    if _AMBIGUOUS.fullmatch(row[i])
                    else spellings.clear(row[i].replace(".", ",", 1))
                )
        yield number, row


def _ends_with_line_break(path: Path, encoding: str) -> bool:
    with path.open("rb") as file:
        size = file.seek(0, io.SEEK_END)
        file.seek(max(0, size - 4))
        end = file.read()
    plain = encoding.removesuffix("-sig")
    if encoding == "utf-16":
        with path.open("rb") as file:
            big = file.read(2) == codecs.BOM_UTF16_BE
        plain = "utf-16-be" if big else "utf-16-le"
    return end.endswith(("\n".encode(plain), "\r".encode(plain)))
