"""PNG pictures, chunk by chunk."""

import io
import struct
import zlib
from collections.abc import Iterator

from PIL import Image

from pilot_analysis import personal
from pilot_analysis.disclosure.audit.found import NotUnderstoodError, Rules, Told

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
# What a picture needs to be drawn, and the two texts it is saved with.
_DRAWN = {
    b"IHDR",
    b"PLTE",
    b"tRNS",
    b"IDAT",
    b"IEND",
    b"pHYs",
    b"sRGB",
    b"gAMA",
    b"cHRM",
    b"sBIT",
    b"bKGD",
}
_TEXTS = {b"tEXt", b"zTXt", b"iTXt"}
_ALLOWED_TEXTS = {"Title", "Description"}
_MAX_PIXELS = 40_000_000
_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def look_png(data: bytes, rules: Rules) -> Told:
    """Look at everything that a picture holds, and at what stands behind its end."""
    chunks = list(_chunks(data))
    strange = sorted({kind for kind, _ in chunks} - _DRAWN - _TEXTS)
    if strange:
        yield f"has {len(strange)} kinds of chunks that no picture needs", "Save it again"
    texts = [_text(kind, body) for kind, body in chunks if kind in _TEXTS]
    if others := [key for key, _ in texts if key not in _ALLOWED_TEXTS]:
        yield f"has more than title and description inside ({len(others)} texts)", "Save it again"
    yield from personal.findings("\n".join(f"{key}\n{text}" for key, text in texts))
    hidden = b"\n".join(body for kind, body in chunks if kind in strange)
    yield from personal.findings(hidden.decode("utf-8", "ignore"))
    if _trailing(data, chunks):
        yield "has bytes behind its end", "Save it again"
    Image.open(io.BytesIO(data)).verify()


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    if not data.startswith(_SIGNATURE):
        raise NotUnderstoodError
    at = len(_SIGNATURE)
    while at < len(data):
        length, kind = struct.unpack_from(">I4s", data, at)
        body = data[at + 8 : at + 8 + length]
        if len(body) < length:
            raise NotUnderstoodError
        yield kind, body
        at += 12 + length
        if kind == b"IEND":
            return
    raise NotUnderstoodError


def _text(kind: bytes, body: bytes) -> tuple[str, str]:
    key, _, rest = body.partition(b"\0")
    name = key.decode("latin-1")
    if kind == b"tEXt":
        return name, rest.decode("latin-1")
    if kind == b"zTXt":
        return name, _inflate(rest[1:]).decode("latin-1")
    packed, rest = rest[:1], rest[2:]
    language, translated, content = rest.split(b"\0", 2)
    content = _inflate(content) if packed == b"\1" else content
    return name, b"\n".join((language, translated, content)).decode("utf-8")


def _inflate(data: bytes) -> bytes:
    unpack = zlib.decompressobj()
    found = unpack.decompress(data, 1 << 20)
    if unpack.unconsumed_tail or unpack.unused_data:
        raise NotUnderstoodError
    return found


def _trailing(data: bytes, chunks: list[tuple[bytes, bytes]]) -> bool:
    """Say whether there is more than the picture: behind its last chunk, or behind its pixels."""
    if sum(12 + len(body) for _, body in chunks) + len(_SIGNATURE) != len(data):
        return True
    kind, header = chunks[0]
    if kind != b"IHDR":
        raise NotUnderstoodError
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    if width * height > _MAX_PIXELS or interlaced:
        raise NotUnderstoodError
    row = 1 + (width * _CHANNELS[colour] * depth + 7) // 8
    unpack = zlib.decompressobj()
    packed = b"".join(body for kind, body in chunks if kind == b"IDAT")
    pixels = unpack.decompress(packed, row * height + 1)
    return len(pixels) != row * height or bool(unpack.unused_data)
