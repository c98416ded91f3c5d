"""Files within gzip and zip, one level deep: unpacked under numbers, within limits."""

import gzip
import stat
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from pilot_analysis.ingest.intake.folder import Entry
from pilot_analysis.ingest.intake.messages import problem
from pilot_analysis.ingest.intake.names import composed
from pilot_analysis.ingest.problems import Problem

# What no export reaches: text packs to a twentieth or a fiftieth.
_MOST_RATIO, _SMALL = 400, 64 << 20
_MOST_BYTES = 64 << 30
_MOST_MEMBERS = 1_000
_BLOCK = 1 << 20


class _TooLargeError(Exception):
    """An archive that unpacks to far more than any export."""


def unpack(entry: Entry, kind: str, work: Path) -> tuple[list[Entry], list[Problem]]:
    """Unpack an archive into the folder `work`; return its files, and why some are none.

    Names within the archive serve only as names: no file is ever written to where they point.
    """
    found: list[Entry] = []
    problems: list[Problem] = []
    try:
        if kind == "gzip":
            target = work / "0"
            with gzip.open(entry.path) as packed:
                _copy(packed, target, entry.path.stat().st_size)
            name = entry.name[:-3] if entry.name.lower().endswith(".gz") else entry.name
            return [Entry(name, target, entry.origin)], []
        with zipfile.ZipFile(entry.path) as archive:
            for i, member in enumerate(_members(archive, entry.name, problems)):
                target = work / str(i)
                with archive.open(member) as packed:
                    _copy(packed, target, member.compress_size)
                name = f"{entry.name}/{composed(member.filename)}"
                found.append(Entry(name, target, entry.origin))
    except _TooLargeError:
        return [], [problem("archive_too_large", entry.name)]
    except RuntimeError:  # what zipfile raises for want of a password
        return [], [problem("archive_password", entry.name)]
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, gzip.BadGzipFile):
        return [], [problem("archive_damaged", entry.name)]
    return found, problems


def _members(
    archive: zipfile.ZipFile, name: str, problems: list[Problem]
) -> Iterator[zipfile.ZipInfo]:
    members = [m for m in archive.infolist() if not m.is_dir()]
    if len(members) > _MOST_MEMBERS:
        problems.append(problem("archive_too_many", name, most=_MOST_MEMBERS))
        return
    for member in members:
        parts = member.filename.replace("\\", "/").split("/")
        if ".." in parts or member.filename.startswith(("/", "\\")) or ":" in parts[0]:
            problems.append(problem("archive_points_out", name))
        elif stat.S_ISLNK(member.external_attr >> 16):
            problems.append(problem("archive_link", name))
        elif not parts[-1].startswith((".", "~$")) and parts[0] != "__MACOSX":
            yield member


def _copy(packed: gzip.GzipFile | IO[bytes], target: Path, packed_size: int) -> None:
    size = 0
    with target.open("wb") as file:
        while block := packed.read(_BLOCK):
            size += len(block)
            if size > _MOST_BYTES or (size > _SMALL and size > _MOST_RATIO * max(1, packed_size)):
                raise _TooLargeError
            file.write(block)
