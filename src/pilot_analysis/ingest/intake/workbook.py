"""Sheets of Excel and OpenDocument workbooks: cells as they really hold them, as text."""

import datetime
import functools
import itertools
import re
import zipfile
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import python_calamine as calamine

from pilot_analysis.ingest.contracts import metadata
from pilot_analysis.ingest.files import Aliases
from pilot_analysis.ingest.intake import formulas, layout, spellings
from pilot_analysis.ingest.intake.folder import Entry
from pilot_analysis.ingest.intake.layout import Layout, Row
from pilot_analysis.ingest.intake.messages import problem
from pilot_analysis.ingest.problems import Problem
from pilot_analysis.ingest.typed import codes_of

# A region's largest table in one workbook has a million rows, which is all that Excel holds.
_MOST_CELLS = 40_000_000
_MOST_BYTES = 4 << 30
_MOST_RATIO, _SMALL = 400, 64 << 20
_MOST_PARTS = 20_000
_BLOCK = 1 << 20
# Excel keeps 15 digits of a number and writes zeros for the rest.
_EXACT = 10**15
_CELL = re.compile(rb'<(?:\w+:)?c [^>]{0,200}?r="([A-Z]{1,3})([0-9]{1,7})"')
_REPEATED = re.compile(rb'number-(?:rows|columns)-repeated="([0-9]{4,})"')
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"

Cell = Any


class NoValue(str):
    """What an error, or a formula that nothing has computed, is read as."""

    __slots__ = ()


_NO_VALUE = NoValue("#N/A")
# What reading a broken zip or XML raises.
DAMAGED = (zipfile.BadZipFile, ElementTree.ParseError, EOFError, NotImplementedError, zlib.error)


class UnsafeError(Exception):
    """A workbook that would fill memory or disk; the message is the code of the reason."""


def guard(path: Path, kind: str) -> None:
    """Raise `UnsafeError` unless a workbook's parts and tables are of a size that can be read.

    Every part is unpacked once and thrown away, since the sizes it claims need not be true.
    """
    with zipfile.ZipFile(path) as archive:
        parts = archive.infolist()
        if len(parts) > _MOST_PARTS:
            raise UnsafeError("parts")
        total = 0
        for part in parts:
            corner, repeats, size = (0, 0), False, 0
            with archive.open(part) as file:
                before = b""
                while block := file.read(_BLOCK):
                    size += len(block)
                    total += len(block)
                    if total > _MOST_BYTES or (
                        size > _SMALL and size > _MOST_RATIO * max(1, part.compress_size)
                    ):
                        raise UnsafeError("unpacks")
                    text = before + block
                    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                        raise UnsafeError("entities")
                    if kind == "xlsx" and "worksheets/" in part.filename:
                        corner = _corner(text, corner)
                    elif kind == "ods" and part.filename == "content.xml":
                        repeats = repeats or _REPEATED.search(text) is not None
                    before = block[-300:]
            if corner[0] * corner[1] > _MOST_CELLS:
                raise UnsafeError("far")
            if repeats:
                _guard_repeats(archive, part)


def _corner(text: bytes, corner: tuple[int, int]) -> tuple[int, int]:
    """Return the rows and columns that a sheet's cells span."""
    found = _CELL.findall(text)
    if not found:
        return corner
    rows = max(corner[0], max(int(row) for _, row in found))
    letters = max({column for column, _ in found}, key=lambda c: (len(c), c))
    columns = 0
    for letter in letters:
        columns = columns * 26 + letter - 64
    return rows, max(corner[1], columns)


def _guard_repeats(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Count the cells of an OpenDocument sheet that holds one many times."""
    cells, in_row = 0, 0
    with archive.open(part) as file:
        for _, element in ElementTree.iterparse(file):
            if element.tag in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
                filled = len(element) > 0
                in_row += int(element.get(f"{_TABLE}number-columns-repeated", "1")) * filled
            elif element.tag == f"{_TABLE}table-row":
                cells += in_row * int(element.get(f"{_TABLE}number-rows-repeated", "1"))
                in_row = 0
                element.clear()
                if cells > _MOST_CELLS:
                    raise UnsafeError("far")


@dataclass
class Sheet:
    """One sheet with a table."""

    name: str
    layout: Layout
    rows: Iterable[list[Cell]]
    lost_digits: dict[str, tuple[int, int]] = field(default_factory=dict)
    without_value: dict[str, tuple[int, int]] = field(default_factory=dict)

    def texts(self) -> Iterator[tuple[int, Row]]:
        """Give the rows as text, numbered from 1; what cannot be right is counted."""
        columns = self.layout.columns
        known = self.layout.table.schema.columns if self.layout.table else {}
        kinds = [metadata(known[c])["kind"] if c in known else "text" for c in columns]
        yes_no = [codes_of(known[c]) == ["J", "N"] if c in known else False for c in columns]
        for number, row in enumerate(self.rows, start=1):
            if number > self.layout.header + 1:
                self._judge(number, row, kinds)
            yield (
                number,
                [
                    text_of(
                        cell,
                        kinds[i] if i < len(kinds) else "text",
                        yes_no=i < len(yes_no) and yes_no[i],
                    )
                    for i, cell in enumerate(row)
                ],
            )

    def _judge(self, number: int, row: list[Cell], kinds: list[str]) -> None:
        known = self.layout.table.schema.columns if self.layout.table else {}
        for column, kind, cell in zip(self.layout.columns, kinds, row, strict=False):
            if column in known and isinstance(cell, NoValue):
                _count(self.without_value, column, number)
            elif (
                kind in ("identifier", "code")
                and isinstance(cell, float)
                and (not cell.is_integer() or abs(cell) >= _EXACT)
            ):
                _count(self.lost_digits, column, number)

    def problems(self, name: str) -> list[Problem]:
        """Return what cannot be right: cells without a value, identifiers kept as numbers."""
        return [
            problem(code, name, column=column, row=first, count=count)
            for code, cells in (
                ("no_value", self.without_value),
                ("lost_digits", self.lost_digits),
            )
            for column, (first, count) in cells.items()
        ]


def _count(cells: dict[str, tuple[int, int]], column: str, row: int) -> None:
    first, count = cells.get(column, (row, 0))
    cells[column] = (first, count + 1)


def text_of(cell: Cell, kind: str = "text", *, yes_no: bool = False) -> str:
    """Return a cell as the contract writes it: decimal comma, ISO dates, HH:MM."""
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return ("J" if cell else "N") if yes_no else str(cell).lower()
    if isinstance(cell, float):
        if cell.is_integer() and abs(cell) < _EXACT:
            return str(int(cell))
        # Excel computes with 17 digits and shows 15.
        return spellings.clear(f"{cell:.15g}".replace(".", ","))
    if isinstance(cell, datetime.datetime):
        midnight = cell.time() == datetime.time()
        return (
            f"{cell:%Y-%m-%d}" if midnight and kind != "timestamp" else f"{cell:%Y-%m-%d %H:%M:%S}"
        )
    if isinstance(cell, datetime.timedelta):
        minutes, seconds = divmod(round(cell.total_seconds()), 60)
        return f"{minutes // 60:02d}:{minutes % 60:02d}" + (f":{seconds:02d}" if seconds else "")
    if isinstance(cell, datetime.time):
        return f"{cell:%H:%M}" if not cell.second else f"{cell:%H:%M:%S}"
    return str(cell)


@dataclass(frozen=True)
class RawSheet:
    """A sheet with cells. `rows` gives them anew at each call, from the sheet's first row on."""

    name: str
    hidden: bool
    rows: Callable[[], Iterator[list[Cell]]]

    def sample(self) -> list[Row]:
        """Return the first rows as text."""
        first = itertools.islice(self.rows(), layout.HEADER_WITHIN)
        return [[text_of(cell) for cell in row] for row in first]


def sheets(path: Path) -> Iterator[RawSheet]:
    """Give every sheet with cells; raises `calamine.CalamineError` for what is no workbook."""
    with calamine.load_workbook(str(path)) as book:
        without_value = formulas.without_value(path)
        for about in book.sheets_metadata:
            if about.typ != calamine.SheetTypeEnum.WorkSheet:
                continue
            sheet = book.get_sheet_by_name(about.name)
            if sheet.height:
                hidden = about.visible != calamine.SheetVisibleEnum.Visible
                places = without_value.get(about.name)
                rows = functools.partial(_marked, sheet, places) if places else sheet.iter_rows
                yield RawSheet(about.name, hidden, rows)


def _marked(sheet: calamine.CalamineSheet, places: formulas.Places) -> Iterator[list[Cell]]:
    """Give the rows of a sheet in which cells without a value are told from empty ones."""
    left = sheet.start[1] if sheet.start else 0
    marked = range(1 + max(row for row, _ in places))
    for number, (_, cells) in enumerate(itertools.zip_longest(marked, sheet.iter_rows())):
        # A row that has nothing but formulas may be missing at the end.
        row = [""] * sheet.width if cells is None else cells
        yield [
            _NO_VALUE if (number, left + column) in places else cell
            for column, cell in enumerate(row)
        ]


def find(entry: Entry, sheet: RawSheet, aliases: Aliases, *, only_sheet: bool) -> Sheet | None:
    """Return the contract's table that a sheet holds; None where it holds none.

    A sheet's own name says what it should be; the file's name does when it is the only one.
    """
    name = entry.name if only_sheet else sheet.name
    found = layout.find(sheet.sample(), name, aliases)
    return Sheet(sheet.name, found, sheet.rows()) if found else None
