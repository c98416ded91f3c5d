"""Text files as columns of distinct spellings, a part of a file at a time.

A column of a region's exports has few spellings in very many rows, so Arrow's reader gives each
row the number of its spelling, and a rule has to judge each spelling once.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import csv

from pilot_analysis.ingest.files import RawFile

# Text read at once, and by one thread; the second is also the longest line that can be read.
_PART_BYTES = 64 << 20
_BLOCK_BYTES = 16 << 20
_SPELLINGS = pa.dictionary(pa.int32(), pa.string())
_Step = Callable[[pa.Table], pa.Table]


# How long YYYY-MM-DD HH:MM is, with seconds, with thousandths and millionths of them: other spellings
# are judged one by one.
_STAMP_LENGTHS = pa.array([16, 19, 23, 26], pa.int32())


class UnreadableError(Exception):
    """A file that is not semicolon-separated text after all."""


class UnusualStampError(Exception):
    """A time stamp that is not spelt as nearly all are."""


def parts(raw: RawFile, names: Sequence[str], stamps: Sequence[str] = ()) -> Iterator[pa.Table]:
    """Give the columns `names` of a file, some rows at a time and in their order.

    A column is of dictionary type, one dictionary a part; those in `stamps`, in which nearly every
    row has a spelling of its own, are time stamps. Raises `UnreadableError`, `UnusualStampError`.
    """
    convert = csv.ConvertOptions(
        column_types={name: pa.string() if name in stamps else _SPELLINGS for name in names},
        include_columns=list(names),
        null_values=[],
        strings_can_be_null=False,
        check_utf8=False,  # looked at before, byte by byte
    )

    def finish(table: pa.Table) -> pa.Table:
        for name in stamps:
            place = table.column_names.index(name)
            table = table.set_column(place, name, _stamps(table.column(name)))
        return table.unify_dictionaries()

    try:
        yield from (_quoted_parts if raw.quoted else _plain_parts)(raw, convert, finish)
    except pa.ArrowInvalid as error:
        # Its message quotes the line.
        raise UnreadableError from error


def _stamps(cells: pa.ChunkedArray) -> pa.ChunkedArray:
    if not pc.all(pc.is_in(pc.binary_length(cells), _STAMP_LENGTHS)).as_py():
        raise UnusualStampError
    try:
        return cells.cast(pa.timestamp("us"))
    except pa.ArrowInvalid as error:
        raise UnusualStampError from error


def with_values(cells: pa.ChunkedArray, values: pa.Array) -> pa.ChunkedArray:
    """Return a column in which each spelling of `cells` is the value of the same place."""
    return pa.chunked_array(
        [pa.DictionaryArray.from_arrays(c.indices, values, safe=False) for c in cells.chunks]
    )


def _columns(raw: RawFile) -> csv.ReadOptions:
    # Columns beside the contract may stand twice or have any name, so they get a new one.
    known = raw.table.schema.columns
    names = [c if c in known else f"beside the contract {i}" for i, c in enumerate(raw.columns)]
    return csv.ReadOptions(block_size=_BLOCK_BYTES, column_names=names)


def _plain_parts(raw: RawFile, convert: csv.ConvertOptions, finish: _Step) -> Iterator[pa.Table]:
    """Read a file without quotation marks, where every line break ends a row.

    One part is read while the one before is worked on.
    """
    form = csv.ParseOptions(delimiter=";", quote_char=False)

    def read(piece: pa.Buffer) -> pa.Table:
        return finish(csv.read_csv(pa.BufferReader(piece), _columns(raw), form, convert))

    with raw.path.open("rb") as file, ThreadPoolExecutor(1) as ahead:
        reading = None
        for piece in _pieces(file):
            following = ahead.submit(read, piece)
            if reading is not None:
                yield reading.result()
            reading = following
        if reading is not None:
            yield reading.result()


def _pieces(file: BinaryIO) -> Iterator[pa.Buffer]:
    """Give the text after the header, some at a time, each ending with a line break."""
    at = _after_header(file)
    while file.seek(at) == at and (block := file.read(_PART_BYTES)):
        whole = len(block) < _PART_BYTES
        # A line longer than a part is left to Arrow, which refuses it.
        end = len(block) if whole else max(block.rfind(b"\n"), block.rfind(b"\r")) + 1
        end = end or len(block)
        at += end
        yield pa.py_buffer(block)[:end]


def _after_header(file: BinaryIO) -> int:
    head = file.readline()
    # Line breaks of old Macs are one byte, which no others of the file follow.
    return len(head) if head.endswith(b"\n") else head.find(b"\r") + 1


def _quoted_parts(raw: RawFile, convert: csv.ConvertOptions, finish: _Step) -> Iterator[pa.Table]:
    """Read a file in which fields may hold line breaks, so that it can only be read from the top."""
    options = _columns(raw)
    options.skip_rows = 1
    form = csv.ParseOptions(delimiter=";", newlines_in_values=True)
    try:
        reader = csv.open_csv(str(raw.path), options, form, convert)
    except pa.ArrowInvalid as error:
        if "Empty CSV" in str(error):  # the header is all there is
            return
        raise
    waiting: list[pa.RecordBatch] = []
    for batch in reader:
        waiting.append(batch)
        if sum(b.nbytes for b in waiting) >= _PART_BYTES:
            yield finish(pa.Table.from_batches(waiting))
            waiting = []
    if waiting:
        yield finish(pa.Table.from_batches(waiting))
