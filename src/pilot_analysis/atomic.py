"""Files that appear whole or not at all."""

import contextlib
import fcntl
import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from pilot_analysis.errors import PilotError


@contextlib.contextmanager
def alone(path: Path, busy: str) -> Iterator[int]:
    """Hold a lock file; gives its descriptor, for processes that are to keep the lock too.

    The system lets go of it however its holders end. Raises `PilotError` with `busy` while somebody
    else holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise PilotError(busy) from None
        yield lock.fileno()


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_if_changed(path: Path, text: str) -> bool:
    """Write `text` unless the file already holds it, so that its time says when it changed."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.partial")
    partial.write_text(text, encoding="utf-8")
    os.replace(partial, path)
    return True


def replace_file(source: Path, target: Path) -> None:
    """Copy a file into place, whole or not at all; equal files are left alone."""
    if target.exists() and digest(target) == digest(source):
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    shutil.copyfile(source, partial)
    os.replace(partial, target)
