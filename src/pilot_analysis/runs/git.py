"""What git knows of a folder; None where git, or its knowledge, is missing."""

import io
import subprocess
import tarfile
from pathlib import Path


def ask(folder: Path, *words: str) -> bytes | None:
    """Return what git answers; None where it refuses, or is not on this machine."""
    try:
        found = subprocess.run(["git", "-C", str(folder), *words], capture_output=True, check=False)
    except OSError:
        return None
    return found.stdout if found.returncode == 0 else None


def commit(folder: Path, *, short: bool = False) -> str | None:
    """Return the last commit of the checkout that a folder is in."""
    found = ask(folder, "rev-parse", *(["--short=12"] if short else []), "HEAD")
    return found.decode().strip() if found else None


def take_out(folder: Path, target: Path) -> bool:
    """Write the files of a folder as they are committed into `target`; say whether there are any."""
    archive = ask(folder, "archive", "--format=tar", "HEAD", ".")
    if not archive:
        return False
    target.mkdir(parents=True)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        tar.extractall(target, filter="data")
    return any(target.iterdir())
