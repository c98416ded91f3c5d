"""Where the table lies in a text or a sheet: preamble, header, rows, totals and footnotes."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pilot_analysis.ingest.contracts import Table
from pilot_analysis.ingest.intake import names
from pilot_analysis.ingest.intake.messages import Words
from pilot_analysis.ingest.intake.rows import Rows

Row = list[str]
# A header further down than this belongs to no export that was seen.
HEADER_WITHIN = 40
_TOTALS = re.compile(
    r"(delsumma|summa|sum|totalt?|totalsumma|samtliga|antal (rader|poster|elever)|genomsnitt|medel"
    r"(v[aä]rde)?|grand total|subtotal)\b.*",
    re.IGNORECASE | re.DOTALL,
)
# What a footnote has and an identifier has not: words, a mark, or a colon.
_PROSE = re.compile(r".*\w+[ \u00a0]\w+.*|[*†‡].*|\d\).*|.*[:.]", re.DOTALL)


@dataclass(frozen=True)
class Layout:
    """The table that begins in row `header` (counted from 0); `table` is None for a mapping's.

    Its `keys` are then the columns without which no row can be.
    """

    header: int
    columns: list[str]
    table: Table | None = None
    keys: tuple[int, ...] = ()

    @property
    def key_columns(self) -> list[int]:
        """Return where the columns stand without which no row can be."""
        if self.table is None:
            return list(self.keys)
        known = self.table.schema.columns
        needed = [i for i, c in enumerate(self.columns) if c in known and not known[c].nullable]
        return needed or [0]


def find(sample: Sequence[Row], name: str, aliases: names.Aliases | None = None) -> Layout | None:
    """Return where one of the contract's tables begins in the first rows of a text or a sheet.

    By its columns, and by the file's name where they are those of several tables. Where some are
    missing the name alone decides, so that they are told.
    """
    for number, row in enumerate(sample[:HEADER_WITHIN]):
        table = names.table_with(row, aliases, name)
        if table is not None:
            return _layout(number, row, table, aliases)
    table = names.table_named(name)
    if table is None:
        return None
    own = (aliases or {}).get(table.stem, {}).get("columns", {})
    known = [
        len(set(names.contract_columns(row, table, own)) & set(table.schema.columns))
        for row in sample[:HEADER_WITHIN]
    ]
    best = max(range(len(known)), key=lambda i: (known[i], -i), default=None)
    if best is None or known[best] < 2:
        return None
    return _layout(best, sample[best], table, aliases)


def _layout(number: int, row: Row, table: Table, aliases: names.Aliases | None) -> Layout:
    own = (aliases or {}).get(table.stem, {}).get("columns", {})
    columns = names.contract_columns(row, table, own)
    while columns and not columns[-1]:
        columns.pop()
    return Layout(number, columns, table)


def is_blank(row: Sequence[str]) -> bool:
    """Say whether no cell of a row holds anything."""
    return not any(cell.strip() for cell in row)


def is_total(row: Sequence[str], layout: Layout) -> bool:
    """Say whether a row adds up others: it begins with such a word and lacks what rows must have."""
    first = next((cell.strip() for cell in row if cell.strip()), "")
    if not _TOTALS.fullmatch(first):
        return False
    return any(i >= len(row) or not row[i].strip() for i in layout.key_columns)


def is_note(row: Sequence[str], layout: Layout) -> bool:
    """Say whether a row below the table is a remark: prose in its first cell and nothing else."""
    filled = [i for i, cell in enumerate(row) if cell.strip()]
    if filled != [0] or len(layout.columns) < 2:
        return False
    return bool(_PROSE.fullmatch(row[0].strip()))


@dataclass
class Written:
    """What became of the rows of a text or a sheet."""

    rows: Rows
    n: int = 0
    totals: int = 0
    notes: int = 0

    def words(self, layout: Layout) -> list[Words]:
        """Return what was left out around the table, for the line about the file."""
        told = [Words("header_row", {"row": layout.header + 1})] if layout.header else []
        told += [Words("totals", {"n": self.totals})] if self.totals else []
        return told + ([Words("notes", {"n": self.notes})] if self.notes else [])


def write(rows: Iterable[tuple[int, Row]], layout: Layout, path: Path) -> Written:
    """Write the rows of a table as the contract has them: UTF-8, semicolons, the header first.

    `rows` are numbered as in their file, from 1, and begin anywhere before the header.
    """
    written = Written(Rows())
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, delimiter=";", lineterminator="\n")
        out.writerow(layout.columns)
        written.rows.add(1, layout.header + 1)
        for number, row in _body(rows, layout, written):
            written.n += 1
            written.rows.add(written.n + 1, number)
            out.writerow(row)
    return written


def _body(
    rows: Iterable[tuple[int, Row]], layout: Layout, written: Written
) -> Iterator[tuple[int, Row]]:
    """Give the rows below the header; notes are known as such when no more rows follow."""
    width = len(layout.columns)
    waiting: list[tuple[int, Row]] = []
    for number, row in rows:
        if number <= layout.header + 1 or is_blank(row):
            continue
        if is_total(row, layout):
            written.totals += 1
            continue
        if is_note(row, layout):
            waiting.append((number, _fitted(row, width)))
            continue
        yield from waiting
        waiting = []
        yield number, _fitted(row, width)
    written.notes = len(waiting)


def _fitted(row: Row, width: int) -> Row:
    """Return a row without empty cells beyond the header; one of another shape is told later."""
    return row[:width] if len(row) > width and is_blank(row[width:]) else row
