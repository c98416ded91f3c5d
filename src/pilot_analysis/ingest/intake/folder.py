"""What lies in a folder of exports: files that may be opened, and what may not."""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pilot_analysis.ingest.intake.messages import problem
from pilot_analysis.ingest.intake.names import composed
from pilot_analysis.ingest.problems import Problem

MAPPING_FILE = "mapping.yml"
OURS = frozenset({"truth.json", MAPPING_FILE})
# Locks of office programs, and what operating systems leave in every folder.
_LEFT_BY_PROGRAMS = (".", "~$", "__MACOSX", "Thumbs.db", "desktop.ini")
_DATA_SUFFIXES = frozenset(
    {
        ".csv",
        ".txt",
        ".tsv",
        ".tab",
        ".xlsx",
        ".xlsm",
        ".ods",
        ".json",
        ".jsonl",
        ".ndjson",
        ".gz",
        ".zip",
    }
)
_DEEPEST = 4
_MOST_FILES = 10_000


@dataclass(frozen=True)
class Entry:
    """One file to look at. `name` is how messages call it, `origin` the file of the folder."""

    name: str
    path: Path
    origin: Path


def list_files(folder: Path) -> tuple[list[Entry], list[Problem]]:
    """Return the regular files of a folder and its subfolders, and what is not to be opened.

    Links are not followed, since they could lead anywhere; pipes and devices would be waited for.
    """
    found: list[Entry] = []
    problems: list[Problem] = []
    for name, path, refused in _walk(folder, folder, _DEEPEST):
        if refused is not None:
            problems.append(refused)
        elif len(found) < _MOST_FILES:
            found.append(Entry(name, path, path))
        else:
            return [], [problem("too_many_files", str(folder), most=_MOST_FILES)]
    return found, problems


def inputs(folder: Path) -> list[Path]:
    """Return the files of a folder on which processed tables may depend, mapping and truth too."""
    if not folder.is_dir():
        return []
    found = [path for _, path, refused in _walk(folder, folder, _DEEPEST) if refused is None]
    ours = [folder / name for name in sorted(OURS) if (folder / name).is_file()]
    return sorted({p for p in found if p.suffix.lower() in _DATA_SUFFIXES} | set(ours))


def _walk(root: Path, folder: Path, deeper: int) -> Iterator[tuple[str, Path, Problem | None]]:
    for item in sorted(os.scandir(folder), key=lambda entry: entry.name):
        path = Path(item.path)
        name = composed(path.relative_to(root).as_posix())
        if item.name.startswith(_LEFT_BY_PROGRAMS) or name in OURS:
            continue
        mode = item.stat(follow_symlinks=False).st_mode
        if stat.S_ISREG(mode):
            yield name, path, None
        elif not stat.S_ISDIR(mode) or path.suffix.lower() in _DATA_SUFFIXES:
            yield name, path, _refused(name, mode)
        elif deeper:
            yield from _walk(root, path, deeper - 1)
        else:
            yield name, path, problem("too_deep", name)


def _refused(name: str, mode: int) -> Problem:
    if stat.S_ISLNK(mode):
        return problem("link", name)
    return problem("folder_named_as_file" if stat.S_ISDIR(mode) else "device", name)
