"""Doing one step: nothing is stamped that was not made from what the step was asked to use."""

import contextlib
import importlib
import json
import os
import sys
import time
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pilot_analysis.catalogue.language import of_locale
from pilot_analysis.errors import PilotError
from pilot_analysis.files import Digests, alone, whole
from pilot_analysis.runs import ONE_THREAD, stamps
from pilot_analysis.runs.stamps import Stamp, Step

FAILED, RUNNING = ".failed", ".running"
_BEGUN = ".begun"


@dataclass(frozen=True)
class Made:
    """What a step made, and what it has to say."""

    outputs: Iterable[Path]
    remarks: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Workflow:
    """The steps of a workflow, in order, with the key each is to be made with.

    `digests` is what each file was when the keys were made.
    """

    steps: dict[str, Step]
    keys: dict[str, str]
    digests: dict[str, str]

    def write(self, path: Path) -> None:
        """Write what steps need to know; paths and digests once, however many steps use them."""
        places = {name: number for number, name in enumerate(self.digests)}
        listed = [
            {
                "name": s.name,
                "kind": s.kind,
                "part": s.part,
                "config": str(s.config),
                "stamp": str(s.stamp),
                "needs": s.needs,
                "settings": s.settings,
                "files": [places[str(p)] for p in s.files],
                "shared": None if s.shared is None else str(s.shared),
                "passing": s.passing,
                "key": self.keys[s.name],
            }
            for s in self.steps.values()
        ]
        with whole(path) as partial:
            partial.write_text(json.dumps({"digests": self.digests, "steps": listed}))

    @classmethod
    def read(cls, path: Path) -> "Workflow":
        """Read what `write` wrote."""
        content = json.loads(path.read_text(encoding="utf-8"))
        places = [Path(name) for name in content["digests"]]
        steps, keys = {}, {}
        for row in content["steps"]:
            keys[row["name"]] = row.pop("key")
            for name in ("config", "stamp", "shared"):
                row[name] = None if row[name] is None else Path(row[name])
            row |= {"needs": tuple(row["needs"]), "files": tuple(places[n] for n in row["files"])}
            steps[row["name"]] = Step(**row)
        return cls(steps, keys, content["digests"])


def do(workflow_file: Path, name: str) -> int:
    """Do one step of a workflow; returns the exit code, and tells the driver how it went."""
    os.environ.update(ONE_THREAD)  # before anything loads numpy; kernels inherit it
    told = workflow_file.parent / "told"
    begun = time.monotonic()
    # How it went is told before the step's lock is let go: whoever waits for it looks there.
    with contextlib.ExitStack() as held:
        try:
            _tell(told, name, f"{time.time():.1f}", RUNNING)
            digests = Digests(workflow_file.parent / "digests.json")
            remarks = _do(Workflow.read(workflow_file), name, digests, told, held)
        except (PilotError, OSError) as error:
            return _failed(told, name, _in_words(error))
        except Exception as error:  # the step's own fault: the driver's log has the traceback
            traceback.print_exc()
            what = f"{type(error).__name__}: {error}".splitlines()[0]
            return _failed(told, name, f"{name}: the program failed ({what})")
        if remarks is None:
            return int(_place(told, name, FAILED).exists())
        lines = [f"  {line}" for line in remarks]
        shown = f"  {name:<20} {time.monotonic() - begun:6.1f} s"
        _tell(told, name, "\n".join([*lines, shown]))
    return 0


def _in_words(error: PilotError | OSError) -> str:
    if told := getattr(error, "told", None):  # problems of the exports, in the reader's language
        return str(told(of_locale()))
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return str(error)


def _failed(told: Path, name: str, words: str) -> int:
    try:
        _tell(told, name, words, FAILED)
    except OSError:  # a full disk has no room for its own message
        sys.stderr.write(f"{words}\n")
    return 1


def _tell(told: Path, name: str, words: str, kind: str = "") -> None:
    """Leave what a step has to say where the driver looks, on whichever machine it ran."""
    with whole(_place(told, name, kind)) as partial:
        partial.write_text(words, encoding="utf-8")


def _place(told: Path, name: str, kind: str = "") -> Path:
    return told / f"{name.replace('/', '~')}{kind}"


def mark_begun(workflow_file: Path, name: str) -> None:
    """Say that a step is begun before the workflow asks for it: it is then not tried a second time."""
    _place(workflow_file.parent / "told", f".{name}", _BEGUN).touch()


def _do(
    workflow: Workflow, name: str, digests: Digests, told: Path, held: contextlib.ExitStack
) -> list[str] | None:
    """Return a step's remarks; None where another process has done it in this run, and told so.

    `held` has the step's locks from then on.
    """
    step, key = workflow.steps[name], workflow.keys[name]
    # Also a step that outlived its driver is waited for.
    for path in dict.fromkeys((step.stamp, step.truth)):
        held.enter_context(alone(path.with_name(f".{path.name}.lock")))
    begun = _place(told, f".{name}", _BEGUN).exists()
    if begun and _place(told, name, FAILED).exists():
        return None
    before = _needs(workflow, step)
    read = {need: stamp.content for need, stamp in before.items()}
    kept = stamps.read_stamp(step.truth)
    if kept and (kept.key, kept.read) == (key, read) and stamps.intact(kept, digests):
        kept.write(step.stamp)  # another run, or one that was killed, made it meanwhile
        return None if _place(told, name).exists() else []
    _same_files(workflow, step, digests)
    step.truth.unlink(missing_ok=True)
    start = time.monotonic()
    try:
        made = _make(step)
    except (PilotError, OSError):
        _same_needs(workflow, step, before)
        _same_files(workflow, step, digests)
        raise
    _same_needs(workflow, step, before)
    _same_files(workflow, step, digests)
    stamp = Stamp(
        key,
        stamps.stamped(made.outputs),
        read,
        round(time.monotonic() - start, 2),
        stamps.made_now(),
    )
    stamp.write(step.truth)
    if step.shared:
        stamp.write(step.stamp)
    return made.remarks


def _make(step: Step) -> Made:
    config: dict[str, Any] = json.loads(step.config.read_text(encoding="utf-8"))
    module = importlib.import_module(f"pilot_analysis.runs.steps.{step.kind}")
    made: Made = module.make(config, step.part)
    return made


def _needs(workflow: Workflow, step: Step) -> dict[str, Stamp]:
    """Return the stamps of what a step reads; each is what this workflow asked for."""
    found = {}
    for name in step.needs:
        needed = workflow.steps[name]
        if needed.passing:
            continue  # it goes with this step, which looks at it for itself
        stamp = stamps.read_stamp(needed.truth)
        if stamp is None or stamp.key != workflow.keys[name]:
            raise PilotError(_changed(f"what {name} made"))
        found[name] = stamp
    return found


def _same_needs(workflow: Workflow, step: Step, before: Mapping[str, Stamp]) -> None:
    for name, stamp in before.items():
        if stamps.read_stamp(workflow.steps[name].truth) != stamp:
            raise PilotError(_changed(f"what {name} made"))


def _same_files(workflow: Workflow, step: Step, digests: Digests) -> None:
    for path in step.files:
        if digests.of(path) != workflow.digests[str(path)]:
            raise PilotError(_changed(str(path)))


def _changed(what: str) -> str:
    return f"{what}: changed while the run was at work; give the same command again"
