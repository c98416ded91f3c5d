"""What a step stands for, and whether what it left still does.

A step is fresh when its stamp holds the key it would be made with now, the files it made are as it
left them, and what it read is what stands there. Times of files say nothing: only digests do.
"""

import json
import os
import time
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from pilot_analysis.files import Digests, digest_of, digests, write_json
from pilot_analysis.runs import ROOT


@dataclass(frozen=True)
class Step:
    """One step of a workflow.

    `kind` names its module in `runs.steps`, `part` what it is done for, `config` its run's
    configuration. `files` are what it reads that no step makes (code, exports, lock); `settings`
    what else it depends on. What steps of several runs share carries its stamp in `shared`, beside
    what it made. A `passing` step's files go when the one that needs them is done.
    """

    name: str
    kind: str
    config: Path
    stamp: Path
    part: str = ""
    needs: tuple[str, ...] = ()
    files: tuple[Path, ...] = ()
    settings: Any = None
    shared: Path | None = None
    passing: bool = False
    seconds: float = 1.0

    @property
    def truth(self) -> Path:
        """The stamp that tells what stands there."""
        return self.shared or self.stamp


@dataclass(frozen=True)
class Stamp:
    """What a step left: the key it was made with, what it made, what it read, and how long it took."""

    key: str
    outputs: Mapping[str, str]
    read: Mapping[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    # Equal stamps of two makings differ in this.
    made: str = ""

    @property
    def content(self) -> str:
        """The digest of all that the step made."""
        return digest_of(dict(self.outputs))

    def write(self, path: Path) -> None:
        """Write the stamp, whole or not at all."""
        write_json(path, asdict(self))


def made_now() -> str:
    """Return a mark that no other making has."""
    return f"{time.time_ns()}-{os.getpid()}-{os.urandom(4).hex()}"


def read_stamp(path: Path) -> Stamp | None:
    """Return a stamp; None where there is none that can be read."""
    try:
        return Stamp(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def stamped(outputs: Iterable[Path]) -> dict[str, str]:
    """Return the digests of what a step made."""
    return {str(path): found for path, found in digests(sorted(set(outputs))).items()}


def intact(stamp: Stamp, digests: Digests) -> bool:
    """Say whether everything a step made is as the step left it."""
    return all(digests.of(Path(path)) == found for path, found in stamp.outputs.items())


def keys(steps: Iterable[Step], digests: Digests) -> dict[str, str]:
    """Return the key each step would be made with now; steps come after those they need."""
    found: dict[str, str] = {}
    for step in steps:
        files = sorted((_label(path), digests.of(path)) for path in step.files)
        needs = [found[name] for name in step.needs]
        found[step.name] = digest_of([step.kind, step.part, step.settings, files, needs])
    return found


def _label(path: Path) -> str:
    """Return a file's name in a key: where the checkout lies changes no result."""
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)


def stale(steps: Iterable[Step], wanted: Mapping[str, str], digests: Digests) -> list[Step]:
    """Return the steps that have to be made, in order."""
    listed = list(steps)
    stamps = {step.name: read_stamp(step.truth) for step in listed}
    passing = {step.name for step in listed if step.passing}
    again: set[str] = set()
    for step in listed:
        stamp = stamps[step.name]
        needs = [name for name in step.needs if name not in passing]
        if not (
            stamp is not None
            and stamp.key == wanted[step.name]
            and again.isdisjoint(needs)
            and all(stamp.read.get(name) == _content(stamps[name]) for name in needs)
            and (step.passing or intact(stamp, digests))
        ):
            again.add(step.name)
    for step in listed:
        if step.passing:
            users = [other.name for other in listed if step.name in other.needs]
            stamp = stamps[step.name]
            if again.isdisjoint(users):
                again.discard(step.name)
            elif stamp is None or not intact(stamp, digests):
                again.add(step.name)
    return [step for step in listed if step.name in again]


def _content(stamp: Stamp | None) -> str | None:
    return None if stamp is None else stamp.content
