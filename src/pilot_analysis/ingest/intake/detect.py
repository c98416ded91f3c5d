"""What a file is, by its first bytes: never by its name, which says what somebody wished."""

import codecs
import contextlib
import csv
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

from pilot_analysis.ingest.intake.messages import Words

# How much of a file is looked at to say what it is.
HEAD = 1 << 16
# Bytes that stand in no text, and the share of them that a damaged one may have.
_NO_TEXT, _DAMAGED_SHARE = bytes({*range(9), 11, *range(14, 32)}), 0.05
_MARKS = {
    b"\x1f\x8b": ("gzip", "archive"),
    b"%PDF": ("other", "pdf"),
    b"\x89PNG": ("other", "picture"),
    b"\xff\xd8\xff": ("other", "picture"),
    b"GIF8": ("other", "picture"),
    b"\xd0\xcf\x11\xe0": ("workbook?", "old_workbook"),
    b"PAR1": ("workbook?", "parquet"),
    b"SQLite format 3": ("workbook?", "database"),
    b"7z\xbc\xaf": ("workbook?", "packed"),
    b"Rar!": ("workbook?", "packed"),
}
_MAIN_PART = {
    "xl/workbook.xml": ("xlsx", "xlsx"),
    "xl/workbook.bin": ("workbook?", "xlsb"),
    "word/document.xml": ("other", "word"),
    "ppt/presentation.xml": ("other", "presentation"),
}
_OPEN_DOCUMENT = {
    b"application/vnd.oasis.opendocument.spreadsheet": ("ods", "ods"),
    b"application/vnd.oasis.opendocument.text": ("other", "odt"),
}
DELIMITERS = {";": "semicolon", "\t": "tab", ",": "comma", "|": "bar"}


@dataclass(frozen=True)
class Look:
    """What a file is taken for.

    `kind` is text, json, xlsx, ods, gzip, zip, empty, other, or `workbook?` for what holds data
    but cannot be read. `looks` is the code of its words, `head` the beginning of a text, decoded.
    """

    kind: str
    looks: str
    encoding: str = ""
    head: str = ""

    @property
    def words(self) -> Words:
        """Return what it looks like, as a phrase."""
        return Words(f"looks_{self.looks}")

    @property
    def holds_data(self) -> bool:
        """Say whether somebody who left this file unread would miss something."""
        return self.kind not in ("other", "empty")


def look(path: Path) -> Look:
    """Say what a regular file is."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if not head:
        return Look("empty", "empty")
    if head.startswith(b"PK"):
        return _look_zip(path)
    for mark, (kind, looks) in _MARKS.items():
        if head.startswith(mark):
            return Look(kind, looks)
    encoding = _encoding(head)
    if encoding is None:
        strange = len(head) - len(head.translate(None, _NO_TEXT))
        is_damaged = strange <= _DAMAGED_SHARE * len(head)
        return Look("workbook?", "damaged_text") if is_damaged else Look("other", "no_text")
    text = _decoded(head, encoding)
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith(("{", "[")):
        return Look("json", "json", encoding, text)
    if start.startswith("<"):
        return Look("workbook?", "web_page", encoding, text)
    return Look("text", "text", encoding, text)


def _look_zip(path: Path) -> Look:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            for part, (kind, looks) in _MAIN_PART.items():
                if part in names:
                    return Look(kind, looks)
            if "mimetype" in names:
                with archive.open("mimetype") as mark:
                    kind, looks = _OPEN_DOCUMENT.get(mark.read(80).strip(), ("zip", "zip"))
                return Look(kind, looks)
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError):
        return Look("workbook?", "damaged")
    return Look("zip", "zip")


def _encoding(head: bytes) -> str | None:
    """Return the encoding of a text by its beginning; None for what is no text."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    zeros = (head[0::2].count(0), head[1::2].count(0))
    if max(zeros) * 4 > len(head) and min(zeros) * 50 < max(zeros):
        return "utf-16-le" if zeros[1] > zeros[0] else "utf-16-be"
    if 0 in head[:512]:
        return None
    try:
        codecs.getincrementaldecoder("utf-8")().decode(head)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig" if head.startswith(codecs.BOM_UTF8) else "utf-8"


def _decoded(head: bytes, encoding: str) -> str:
    return codecs.getincrementaldecoder(encoding)("replace").decode(head)


def says_separator(text: str) -> str | None:
    """Return the separator that a first line `sep=;`, written for Excel, names."""
    first = text.lstrip("\ufeff").split("\n", 1)[0].rstrip("\r").strip('"')
    return first[4] if first.lower().startswith("sep=") and len(first) == 5 else None


def separators(text: str) -> list[str]:
    """Return what may separate the cells of a text, the most frequent first."""
    said = says_separator(text)
    if said:
        return [said]
    lines = text.splitlines()[:200]
    counts = {mark: sum(line.count(mark) for line in lines) for mark in DELIMITERS}
    return sorted((mark for mark in counts if counts[mark]), key=lambda m: -counts[m])


def sample_rows(text: str, separator: str, most: int = 200) -> list[list[str]]:
    """Return the first rows of a text, as far as they can be told."""
    rows: list[list[str]] = []
    if says_separator(text) is not None:
        text = text.split("\n", 1)[-1]
    # The text is a beginning: its last row may be cut, also within quotation marks.
    with contextlib.suppress(csv.Error):
        for row in csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=separator):
            rows.append(row)
            if len(rows) >= most:
                break
    return rows
