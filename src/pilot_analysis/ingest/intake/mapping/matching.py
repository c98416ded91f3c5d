"""Which files belong to a source of a mapping, and how its records lie in them."""

import fnmatch
import functools
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import python_calamine as calamine

from pilot_analysis.ingest.intake import detect, layout, workbook
from pilot_analysis.ingest.intake.detect import Look
from pilot_analysis.ingest.intake.folder import Entry
from pilot_analysis.ingest.intake.layout import Layout, Row
from pilot_analysis.ingest.intake.mapping.model import SourceFiles
from pilot_analysis.ingest.intake.names import folded

_FIRST_RECORDS = 4 << 20
_RECORDS_LOOKED_AT = 20
_Names = tuple[int, Row, set[str]]  # a row's number, its cells, and these as names are compared


@dataclass(frozen=True)
class Match:
    """A file that belongs to a source. `form` is how JSON lies in it: page, array, lines, values.

    Of a table, `layout` says where it lies; `sheet` names its sheet.
    """

    entry: Entry
    look: Look
    form: str = ""
    layout: Layout | None = None
    separator: str = ""
    sheet: str = ""


Claims = dict[str, list[Match]]  # by source


def match(source: SourceFiles, entry: Entry, look: Look) -> Match | None:
    """Return how a file belongs to a source; None where it does not."""
    last = entry.name.rsplit("/", 1)[-1].casefold()
    if not any(fnmatch.fnmatchcase(last, pattern.casefold()) for pattern in source.files):
        return None
    if look.kind == "json":
        keys, form = _keys(entry.path, look)
        known = {folded(key) for key in keys}
        return Match(entry, look, form) if form and _has(source.has, known) else None
    for part, separator, rows in _may_be_headers(entry.path, look):
        header = _header(source, rows)
        if header is not None:
            return Match(entry, look, "", header, separator, part)
    return None


def is_empty_page(look: Look) -> bool:
    """Say whether a file is a page without records."""
    return look.kind == "json" and "".join(look.head.split()).startswith('{"data":[]')


def _samples(path: Path, look: Look) -> list[tuple[str, str, list[Row]]]:
    """Return the first rows of a text by separator, of a workbook by sheet."""
    if look.kind == "text":
        marks = detect.separators(look.head)
        return [("", mark, detect.sample_rows(look.head, mark)) for mark in marks]
    if look.kind not in ("xlsx", "ods"):
        return []
    try:
        workbook.guard(path, look.kind)
        return [(s.name, "", s.sample()) for s in workbook.sheets(path) if not s.hidden]
    except (workbook.UnsafeError, calamine.CalamineError, *workbook.DAMAGED):
        return []  # told by whoever reads it without a mapping


@functools.lru_cache(maxsize=256)
def _may_be_headers(path: Path, look: Look) -> list[tuple[str, str, list[_Names]]]:
    """Return the first rows of several cells, by separator or sheet, each with its names as compared.

    A file is asked for by many sources.
    """
    return [
        (
            part,
            separator,
            [
                (number, row, {folded(cell) for cell in row})
                for number, row in enumerate(sample[: layout.HEADER_WITHIN])
                if len([cell for cell in row if cell.strip()]) > 1
            ],
        )
        for part, separator, sample in _samples(path, look)
    ]


def _has(wanted: Sequence[str], known: set[str]) -> bool:
    """Say whether all wanted keys are among those known; `a|b` wants one of them."""
    return all(any(folded(k) in known for k in key.split("|")) for key in wanted)


def _header(source: SourceFiles, rows: Iterable[_Names]) -> Layout | None:
    wanted = source.has or [n for n in source.columns if n not in source.optional][:2]
    for number, row, known in rows:
        if _has(wanted, known):
            columns = [c.strip() for c in row]
            while columns and not columns[-1]:
                columns.pop()
            needed = {folded(k) for key in wanted for k in key.split("|")}
            keys = tuple(i for i, c in enumerate(columns) if folded(c) in needed)
            return Layout(number, columns, None, keys)
    return None


@functools.lru_cache(maxsize=256)
def _keys(path: Path, look: Look) -> tuple[set[str], str]:
    """Return the keys of a JSON file's first records, and how its records lie in it."""
    head = look.head.lstrip("\ufeff \t\r\n")
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        begun = file.read(_FIRST_RECORDS)
    first_line = begun.split("\n", 1)[0]
    keys: set[str] = set()
    if head.startswith("["):
        form, start = "array", begun.find("[") + 1
    else:
        form, start = ("lines" if _is_json(first_line) else "values"), 0
        inner = begun[: begun.find("[") + 1].replace(" ", "").replace("\n", "").replace("\r", "")
        if inner.startswith('{"data":['):
            form, start = f"page {form}", begun.find("[") + 1
    decoder = json.JSONDecoder()
    for _ in range(_RECORDS_LOOKED_AT):
        start = begun.find("{", start)
        try:
            record, start = decoder.raw_decode(begun, start)
        except (ValueError, RecursionError):
            break
        keys |= set(record)
    if not keys and form.startswith("page") and '"data":[]' in begun.replace(" ", ""):
        return set(), ""
    return keys, form if keys else ""


def _is_json(line: str) -> bool:
    try:
        return isinstance(json.loads(line), dict)
    except (ValueError, RecursionError):
        return False
