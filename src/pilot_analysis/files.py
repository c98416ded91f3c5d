"""Files that appear whole or not at all, locks, and what a file holds."""

import contextlib
import fcntl
import hashlib
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import yaml

from pilot_analysis.errors import ParameterError, PilotError

PRIVATE = 0o700
_PARTIAL = re.compile(r"\.[0-9a-f]{8}\.partial$")
# A file changed less than this before it was looked at could change again unseen by its times.
_SETTLED_NS = 2 * 10**9


@contextlib.contextmanager
def alone(path: Path, busy: str = "") -> Iterator[int]:
    """Hold a lock file; gives its descriptor, for processes that are to keep the lock too.

    The system lets go of it however its holders end. While somebody else holds it, raises
    `PilotError` with `busy`, or waits where that is empty.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | (fcntl.LOCK_NB if busy else 0))
        except OSError:
            raise PilotError(busy) from None
        yield lock.fileno()


@contextlib.contextmanager
def whole(path: Path) -> Iterator[Path]:
    """Give the name under which to write a file; it gets its own name when all went well.

    No two writers share one: two notebooks may draw the same figure at the same time. What a killed
    one leaves is removed by `sweep`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    try:
        yield partial
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Remove what killed writers left in a folder, where nobody writes now."""
    for left in folder.glob(".*"):
        if _PARTIAL.search(left.name):
            left.unlink(missing_ok=True)


def can_write(folder: Path) -> bool:
    """Say whether a folder can be written, or made: a home may be read-only, or be none at all."""
    there = next((path for path in (folder, *folder.parents) if path.exists()), Path("/"))
    return there.is_dir() and os.access(there, os.W_OK)


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digests(paths: Iterable[Path]) -> dict[Path, str]:
    """Return the SHA-256 of each file, of several at once: hashing lets other threads run."""
    listed = list(paths)
    with ThreadPoolExecutor(os.cpu_count()) as threads:
        return dict(zip(listed, threads.map(digest, listed), strict=True))


def digest_of(value: Any) -> str:
    """Return the SHA-256 of anything that JSON can hold."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def write_if_changed(path: Path, text: str) -> bool:
    """Write `text` unless the file already holds it."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    with whole(path) as partial:
        partial.write_text(text, encoding="utf-8")
    return True


def write_json(path: Path, content: Any) -> bool:
    """Write JSON as people read it, unless the file already holds it."""
    return write_if_changed(path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def replace_file(source: Path, target: Path) -> None:
    """Copy a file into place, whole or not at all; equal files are left alone."""
    if target.exists() and digest(target) == digest(source):
        return
    with whole(target) as partial:
        shutil.copyfile(source, partial)


class Digests:
    """Digests of files, remembered as long as a file's times, size and place stay.

    Exports can be gigabytes, and a command with nothing to do must not read them.
    """

    def __init__(self, memory: Path) -> None:
        self._memory = memory
        try:
            self._known = dict(json.loads(memory.read_text(encoding="utf-8")))
        except (OSError, ValueError):
            self._known = {}

    def of(self, path: Path) -> str:
        """Return the digest of a file; empty when there is none."""
        try:
            state = path.stat()
            signature = [state.st_size, state.st_mtime_ns, state.st_ctime_ns, state.st_ino]
            known = self._known.get(str(path))
            if isinstance(known, list) and known[1:] == signature:
                return str(known[0])
            found = digest(path)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return ""
        if time.time_ns() - max(state.st_mtime_ns, state.st_ctime_ns) > _SETTLED_NS:
            self._known[str(path)] = [found, *signature]
        return found

    def of_all(self, paths: Iterable[Path]) -> dict[str, str]:
        """Return the digest of each file by its path."""
        return {str(path): self.of(path) for path in paths}

    def remember(self) -> None:
        """Write what was found for the next command."""
        with contextlib.suppress(OSError):
            write_if_changed(self._memory, json.dumps(self._known))


def plain_yaml(text: str) -> Any:
    """Return what a plain YAML text holds; raises `yaml.YAMLError`.

    By libyaml where PyYAML has it: every command reads YAML, and it is ten times as fast.
    """
    loader = (yaml.CSafeLoader if yaml.__with_libyaml__ else yaml.SafeLoader)(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def read_yaml(path: Path, missing: str) -> Any:
    """Return what a plain YAML file holds.

    Raises `ParameterError`: `missing` where there is no such file, the line where it is not YAML.
    """
    try:
        return plain_yaml(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        raise ParameterError(f"{path}: {missing}") from None
    except IsADirectoryError:
        raise ParameterError(f"{path}: is a folder, and should be a YAML file") from None
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        where = getattr(error, "problem_mark", None)
        line = f", line {where.line + 1}" if where else ""
        raise ParameterError(f"{path}{line}: not a plain YAML file") from None
