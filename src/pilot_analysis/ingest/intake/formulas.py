"""Cells of workbooks that have no value: errors, and formulas that no program has computed.

The reader of workbooks gives them as empty, which in an export means something else.
"""

import posixpath
import re
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

_BLOCK, _OVERLAP = 1 << 20, 64
_SUSPECT = re.compile(rb"""\bt\s*=\s*["']e["']|<(?:\w+:)?f[\s/>]""")
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_OFFICE = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_TABLE = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"

# Rows and columns, counted from 0.
Places = set[tuple[int, int]]


def without_value(path: Path) -> dict[str, Places]:
    """Return, by sheet, where the cells without a value are; raises as a damaged zip or XML does."""
    try:
        return _by_sheet(path)
    except (KeyError, ValueError) as error:
        raise zipfile.BadZipFile from error


def _by_sheet(path: Path) -> dict[str, Places]:
    with zipfile.ZipFile(path) as archive:
        if "content.xml" in archive.namelist():
            with archive.open("content.xml") as part:
                return _in_ods(part)
        found = {}
        for name, part_name in _sheet_parts(archive):
            with archive.open(part_name) as part:
                suspect = _has_suspects(part)
            if suspect:
                with archive.open(part_name) as part:
                    found[name] = set(_in_xlsx(part))
        return found


def _sheet_parts(archive: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Give the name of each sheet and of the part that holds it."""
    relations = ElementTree.fromstring(archive.read("xl/_rels/workbook.xml.rels"))
    targets = {r.get("Id"): r.get("Target", "") for r in relations}
    # Programs disagree on slashes and capital letters.
    there = {name.replace("\\", "/").casefold(): name for name in archive.namelist()}
    for sheet in ElementTree.fromstring(archive.read("xl/workbook.xml")).findall(".//{*}sheet"):
        (relation,) = [value for key, value in sheet.items() if key.endswith("}id")]
        part = posixpath.normpath(posixpath.join("/xl", targets[relation])).lstrip("/")
        if part.casefold() in there:
            yield sheet.get("name", ""), there[part.casefold()]


def _has_suspects(part: IO[bytes]) -> bool:
    before = b""
    while block := part.read(_BLOCK):
        if _SUSPECT.search(before + block):
            return True
        before = block[-_OVERLAP:]
    return False


def _in_xlsx(part: IO[bytes]) -> Iterator[tuple[int, int]]:
    row = 0
    for _, element in ElementTree.iterparse(part):
        if not element.tag.endswith("}row"):
            continue
        row = int(element.get("r", row + 1))
        column = 0
        for cell in element.iterfind("{*}c"):
            column = _column(cell.get("r", "")) or column + 1
            if _lacks_value(cell):
                yield row - 1, column - 1
        element.clear()


def _column(reference: str) -> int:
    """Return the column of a cell such as AB12, counted from 1."""
    column = 0
    for letter in reference.rstrip("0123456789"):
        column = column * 26 + ord(letter) - 64
    return column


def _lacks_value(cell: ElementTree.Element) -> bool:
    if cell.get("t") == "e":
        return True
    value = cell.find("{*}v")
    # A text without letters is a value: what ="" gives.
    is_known = value is not None and (value.text or cell.get("t") == "str")
    return cell.find("{*}f") is not None and not is_known


def _in_ods(part: IO[bytes]) -> dict[str, Places]:
    found: dict[str, Places] = defaultdict(set)
    name, row, columns, column = "", 0, set[int](), 0
    for event, element in ElementTree.iterparse(part, ("start", "end")):
        if event == "start":
            if element.tag == f"{_TABLE}table":
                name, row = element.get(f"{_TABLE}name", ""), 0
        elif element.tag in (f"{_TABLE}table-cell", f"{_TABLE}covered-table-cell"):
            repeated = int(element.get(f"{_TABLE}number-columns-repeated", "1"))
            if element.get(f"{_CALC}value-type") == "error" or (
                f"{_TABLE}formula" in element.attrib
                and f"{_OFFICE}value-type" not in element.attrib
            ):
                columns |= set(range(column, column + repeated))
            column += repeated
        elif element.tag == f"{_TABLE}table-row":
            repeated = int(element.get(f"{_TABLE}number-rows-repeated", "1"))
            if columns:
                found[name] |= {(r, c) for r in range(row, row + repeated) for c in columns}
            row, columns, column = row + repeated, set(), 0
            element.clear()
    return dict(found)
