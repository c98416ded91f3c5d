"""Files of data: CSV, JSON, parquet and plain text."""

import base64
import binascii
import io
import json
import re
from typing import Any

import pyarrow.parquet as pq

from pilot_analysis import personal
from pilot_analysis.disclosure import schemas
from pilot_analysis.disclosure.audit import tables
from pilot_analysis.disclosure.audit.found import NotUnderstoodError, Rules, Told

_FALSE_ROW = re.compile(r"[\[{]")


def look_csv(data: bytes, rules: Rules) -> Told:
    """Look at a CSV of any delimiter, cell by cell."""
    text = data.decode("utf-8-sig")
    table = tables.read_csv(text)
    cells = dict.fromkeys(cell for row in (table.headers, *table.rows) for cell in row)
    yield from personal.findings("\n".join(cells))
    yield from tables.look(table, rules, closed=True)


def look_text(data: bytes, rules: Rules) -> Told:
    """Look at plain text, and at what in it is laid out as a table."""
    yield from in_plain_text(data.decode("utf-8-sig"), rules, printed=True)


def in_plain_text(text: str, rules: Rules, *, printed: bool = False) -> Told:
    """Look through text that is shown as it stands, or was `printed` by a program."""
    yield from personal.findings(text)
    for table in tables.in_text(text, printed=printed):
        yield from tables.look(table, rules)


# --- JSON ------------------------------------------------------------------------------------


def look_json(data: bytes, rules: Rules) -> Told:
    """Look at a document: one of those that are published, and nothing in it of single pupils."""
    found = json.loads(data.decode("utf-8"), object_pairs_hook=_no_key_twice)
    if not isinstance(found, dict) or not _is_known(found):
        yield (
            "is no JSON document that is published",
            "Leave it out, or name it in pilot_analysis.disclosure.schemas",
        )
    if isinstance(found, dict) and "protected_pupils" in found:
        yield "tells how many pupils have protected identity", "Publish protect_quality's copy"
    yield from in_json(found, rules)


def _no_key_twice(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len({key for key, _ in pairs}) < len(pairs):
        raise NotUnderstoodError  # readers show one of the two, and which one differs
    return dict(pairs)


def _is_known(found: dict[str, Any]) -> bool:
    return any(needed <= found.keys() <= allowed for needed, allowed in schemas.DOCUMENTS.values())


def in_json(value: Any, rules: Rules) -> Told:
    """Look through values of any depth: texts, JSON within texts, rows of pupils, small numbers."""
    texts: list[str] = []
    yield from _walk(value, rules, texts, 0)
    yield from personal.findings("\n".join(texts))


def _walk(value: Any, rules: Rules, texts: list[str], depth: int) -> Told:
    if depth > 50:
        raise NotUnderstoodError
    if isinstance(value, dict):
        yield from _object(value, rules, texts, depth)
    elif isinstance(value, list):
        rows = [v for v in value if isinstance(v, dict)]
        if rows and len(rows) == len(value):
            yield from _records(rows, rules)
        for one in value:
            yield from _walk(one, rules, texts, depth + 1)
    elif isinstance(value, str):
        texts.append(value)
        if _FALSE_ROW.match(value.lstrip()[:1]) and (inner := _parsed(value)) is not None:
            yield from _walk(inner, rules, texts, depth + 1)
        elif "," in value or ";" in value:
            for table in tables.in_text(value):
                yield from tables.look(table, rules)
    elif value is not None and not isinstance(value, bool):
        texts.append(repr(value))


def _object(value: dict[str, Any], rules: Rules, texts: list[str], depth: int) -> Told:
    texts += [str(key) for key in value]
    columns, rows = value.get("columns"), value.get("rows", value.get("data"))
    if isinstance(columns, list) and isinstance(rows, list):
        cells = tuple(tuple(map(_cell, row)) for row in rows if isinstance(row, list))
        yield from tables.look(tables.Table(tuple(map(str, columns)), cells), rules)
    elif value and all(isinstance(v, list) for v in value.values()):
        width = max(len(v) for v in value.values())
        cells = tuple(
            tuple(_cell(v[i]) if i < len(v) else "" for v in value.values()) for i in range(width)
        )
        yield from tables.look(tables.Table(tuple(map(str, value)), cells), rules)
    else:
        yield from _records([value], rules)
    for one in value.values():
        yield from _walk(one, rules, texts, depth + 1)


def _records(rows: list[dict[str, Any]], rules: Rules) -> Told:
    """Look at objects as at rows of a table; at their plain cells alone."""
    headers = tuple(
        {str(k): None for row in rows for k, v in row.items() if not isinstance(v, dict | list)}
    )
    cells = tuple(tuple(_cell(row.get(h)) for h in headers) for row in rows)
    yield from tables.look(tables.Table(headers, cells), rules)


def _cell(value: Any) -> str:
    return "" if value is None else str(value)


def _parsed(text: str) -> Any:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict | list) else None


# --- Parquet ---------------------------------------------------------------------------------

# What the library itself writes beside the columns.
_PARQUET_KEYS = {b"pandas", b"ARROW:schema"}
_PANDAS_KEYS = {
    "index_columns",
    "column_indexes",
    "columns",
    "attributes",
    "creator",
    "pandas_version",
}


def look_parquet(data: bytes, rules: Rules) -> Told:
    """Look at an estimates table, the one parquet file that is published, and its metadata."""
    file = pq.ParquetFile(io.BytesIO(data))
    if (
        not set(file.schema_arrow.names) <= schemas.COLUMNS
        or "estimate" not in file.schema_arrow.names
    ):
        yield "is a parquet file that is no estimates table", "Publish a CSV of the aggregate"
        return
    told = dict(file.metadata.metadata or {}) | dict(file.schema_arrow.metadata or {})
    fields = [dict(f.metadata or {}) for f in file.schema_arrow]
    extra = [m for m in fields if m.keys() - {b"PARQUET:field_id"}]
    pandas = json.loads(told.get(b"pandas", b"{}"))
    own = pandas.get("attributes") or set(pandas) - _PANDAS_KEYS or pandas.get("column_indexes")
    named = [
        c
        for c in pandas.get("columns", ())
        if c.get("metadata") or c.get("name") not in schemas.COLUMNS
    ]
    if told.keys() - _PARQUET_KEYS or extra or own or named:
        yield "has more beside its columns than the library writes", "Write it with estimates.write"
    values = [v for m in (told, *fields) for k, v in m.items() if k != b"ARROW:schema"]
    yield from personal.findings("\n".join(v.decode("utf-8", "replace") for v in values))
    frame = file.read().to_pydict()
    cells = tuple(tuple(map(_cell, row)) for row in zip(*frame.values(), strict=True))
    yield from personal.findings("\n".join(dict.fromkeys(c for row in cells for c in row)))
    yield from tables.look(tables.Table(tuple(frame), cells), rules)


def unpacked(encoded: str) -> bytes:
    """Return what base64 holds; raises `NotUnderstoodError` for anything else in it."""
    try:
        return base64.b64decode(re.sub(r"\s|\\n", "", encoded), validate=True)
    except binascii.Error as error:
        raise NotUnderstoodError from error
