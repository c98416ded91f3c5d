"""Driving Snakemake: on this machine or, by a profile, on a cluster."""

import contextlib
import json
import os
import re
import shlex
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from pilot_analysis.files import alone, can_write, sweep, write_json
from pilot_analysis.runs import ROOT, warm
from pilot_analysis.runs.making import FAILED, RUNNING, Workflow
from pilot_analysis.runs.progress import Seen, plainly, terminal
from pilot_analysis.runs.stamps import Step

if TYPE_CHECKING:
    from pilot_analysis.runs.workflow import Drive

_LOOK_SECONDS = 0.1
_LOG = "workflow.log"
_WORTH_WARMING = 3  # so many steps load as much as one process that they are forks of
# Steps whose rules have their kind's name, so that a profile can give them resources.
NAMED = ("simulate", "ingest", "collect", "gather")


def say(words: str) -> None:
    """Print a line for the user."""
    print(words, flush=True)


@contextlib.contextmanager
def writing_alone(work: Path, shown: Path) -> Iterator[int]:
    """Hold the lock of a folder of results; Snakemake keeps it if this process is killed."""
    busy = f"{shown}: another run is writing here; wait for it"
    with alone(work / ".lock", busy) as lock:
        yield lock


def nothing_to_do(shown: Path, ends: tuple[Path, ...]) -> int:
    """Say that everything is as it would be made now; returns the exit code."""
    say(f"{shown}: nothing to do")
    _ends(ends)
    return 0


def finished(left: list[Step], drive: "Drive") -> int:
    """Say where a run is; or that something changed while it was made. Returns the exit code."""
    if left:
        names = ", ".join(step.name for step in left[:3])
        print(
            f"pilot: exports or code changed while the run was at work ({names} would come out "
            "otherwise now); give the same command again",
            file=sys.stderr,
        )
        return 1
    _ends(drive.ends)
    return 0


def _ends(paths: tuple[Path, ...]) -> None:
    for path in paths:
        if path.exists():
            say(f"  {path}")


@contextlib.contextmanager
def warmed(drive: "Drive") -> Iterator[dict[str, str]]:
    """Load the packages while it is found out what is stale; gives what steps find them by."""
    with (drive.work / _LOG).open("w", encoding="utf-8") as log, warm.started(log) as found:
        yield found


def run(
    workflow: Workflow,
    again: list[Step],
    drive: "Drive",
    lock: int,
    loaded: dict[str, str],
    *,
    cores: int,
) -> int:
    """Make the steps of a workflow that are stale; prints how it goes, returns the exit code.

    `loaded` is what `warmed` gave, empty where nothing is loaded yet.
    """
    work = drive.work
    told = work / "told"
    times = _last_times(work)
    _sweep_out(work, told, again)
    write_json(work / "snakemake.json", {"steps": _rules(workflow, again, work)})
    begun = time.monotonic()
    with contextlib.ExitStack() as held:
        log = held.enter_context((work / _LOG).open("a" if loaded else "w", encoding="utf-8"))
        environment = _environment(drive) | loaded
        if not loaded and drive.profile is None and len(again) >= _WORTH_WARMING:
            environment |= held.enter_context(warm.started(log))
        if warm.SOCKET in environment:
            first = _first(workflow, again)[:cores]
            held.enter_context(warm.doing(work / "workflow.json", first, environment, log))
        process = drive.snakemake.start(
            _arguments(drive, cores), folder=work, environment=environment, log=log, lock=lock
        )
        seen = Seen([step.name for step in again], times, cores)
        with (terminal if sys.stderr.isatty() else plainly)(seen) as show:
            while process.poll() is None:
                show(_look(told))
                time.sleep(_LOOK_SECONDS)
            show(_look(told))
    write_json(work / "times.json", times | seen.seconds)
    if process.returncode:
        _explain(process.returncode, told, work, drive.shown)
        return 1
    say(
        f"{drive.shown}: {len(again)} step{'s' * (len(again) > 1)} ({time.monotonic() - begun:.1f} s)"
    )
    return 0


def _last_times(work: Path) -> dict[str, float]:
    """Return how long each step took when it was last made."""
    try:
        known = json.loads((work / "times.json").read_text(encoding="utf-8"))
        times = {str(name): float(seconds) for name, seconds in known.items()}
    except (OSError, ValueError, AttributeError, TypeError):
        times = {}
    return times


def _sweep_out(work: Path, told: Path, again: list[Step]) -> None:
    """Remove stale stamps and what Snakemake and steps left: all that is known is in stamps."""
    for folder in (told, work / ".snakemake"):
        if folder.is_dir() and not folder.is_symlink():
            shutil.rmtree(folder)
        else:
            folder.unlink(missing_ok=True)
    told.mkdir()
    for folder in (work, *(path for path in work.rglob("*") if path.is_dir())):
        sweep(folder)
    for step in again:
        step.stamp.unlink(missing_ok=True)
        step.stamp.parent.mkdir(parents=True, exist_ok=True)


def _first(workflow: Workflow, again: list[Step]) -> list[str]:
    """Return the steps that wait for no other, in the order in which Snakemake takes them.

    They need not wait for Snakemake either, which takes half a second to see what there is to do.
    """
    names = {step.name for step in again}
    ready = [step for step in again if not names & {*workflow.steps[step.name].needs}]
    return [step.name for step in sorted(ready, key=_priority, reverse=True)]


def _priority(step: Step) -> int:
    return round(10 * step.seconds)


def _rules(workflow: Workflow, again: list[Step], work: Path) -> list[dict[str, object]]:
    """Return what Snakemake is to know: paths from `work` on, so that no folder's name matters."""
    names = {step.name for step in again}
    python = json.loads(again[0].config.read_text(encoding="utf-8"))["python"]
    rules = []
    for number, step in enumerate(again):
        words = [python, "-m", "pilot_analysis.runs.one_step", step.name]
        command = shlex.join(words).replace("{", "{{").replace("}", "}}")
        rules.append(
            {
                "rule": step.kind
                if step.kind in NAMED
                else f"{step.kind}_{number}_{re.sub(r'[^0-9A-Za-z]+', '_', step.part)}".rstrip("_"),
                "needs": [
                    os.path.relpath(workflow.steps[n].stamp, work) for n in step.needs if n in names
                ],
                "stamp": os.path.relpath(step.stamp, work),
                "priority": _priority(step),
                "command": command,
            }
        )
    return rules


def _arguments(drive: "Drive", cores: int) -> list[str]:
    arguments = [
        "--snakefile",
        str(ROOT / "workflow" / "Snakefile"),
        "--configfile",
        "snakemake.json",
        "--quiet",
        "all",
        "--rerun-triggers",
        "mtime",
        "--nolock",
        "--keep-going",
    ]
    if drive.profile is None:
        # Its other scheduler starts a solver for every choice.
        return [*arguments, "--scheduler", "greedy", "--cores", str(cores)]
    return [*arguments, "--workflow-profile", str(drive.profile.resolve())]


def _environment(drive: "Drive") -> dict[str, str]:
    own = {}
    home = os.environ.get("HOME", "/")
    if not can_write(Path(os.environ.get("XDG_CACHE_HOME") or Path(home, ".cache"))):
        own["XDG_CACHE_HOME"] = str(drive.work / ".cache")
    if drive.profile is not None:
        own |= {"PILOT_PROFILE": str(drive.profile.resolve()), "PILOT_PYTHON": sys.executable}
    return os.environ | own


def _look(told: Path) -> dict[str, tuple[str, str]]:
    """Return what steps have said: name -> kind (running, failed, done) and words."""
    found = {}
    # What ended comes after what runs, and takes its place.
    for path in sorted(told.iterdir(), key=lambda p: not p.name.endswith(RUNNING)):
        if path.name.startswith("."):
            continue
        kind = next((k for k in (FAILED, RUNNING) if path.name.endswith(k)), "")
        name = path.name.removesuffix(kind).replace("~", "/")
        found[name] = (kind, path.read_text(encoding="utf-8"))
    return found


def _explain(code: int, told: Path, work: Path, shown: Path) -> None:
    """Say in one sentence why a workflow failed."""
    reasons = [words for kind, words in _look(told).values() if kind == FAILED]
    if not reasons:
        reasons = [_why(code, work)]
    print("pilot: " + "\n".join(_each_once(reasons)), file=sys.stderr)
    if (shown / "manifest.json").exists():
        print(f"pilot: earlier results in {shown} are as they were", file=sys.stderr)


def _each_once(reasons: list[str]) -> list[str]:
    """Return each reason once, with all the notebooks that gave it.

    >>> _each_once(["notebook 02_a, cell 3: E: no such (see x)", "notebook 07_b, cell 1: E: no such (see y)"])
    ['notebooks 02_a, 07_b: E: no such']
    """
    told: dict[str, list[str]] = {}
    for reason in reasons:
        cell = re.fullmatch(r"notebook \S+, cell \d+: (.*?)(?: \(see [^)]*\))?", reason, re.DOTALL)
        told.setdefault(cell[1] if cell else reason, []).append(reason)
    return [
        same[0]
        if len(same) == 1
        else f"notebooks {', '.join(one.split()[1].rstrip(',') for one in same)}: {words}"
        for words, same in told.items()
    ]


def _why(code: int, work: Path) -> str:
    if shutil.disk_usage(work).free < 2**20:
        return f"{work}: the disk is full"
    lines = (work / _LOG).read_text(encoding="utf-8", errors="replace").strip().splitlines()
    if code < 0:
        return (
            f"the workflow was ended by {signal.Signals(-code).name}; give the same command again"
        )
    if any("Killed" in line or "137" in line for line in lines):
        return "a step was ended from outside (too little memory?); give the same command again"
    last = next((line for line in reversed(lines) if "Error" in line or "error" in line), "")
    return f"the workflow failed{f' ({last.strip()})' if last else ''}; see {work / _LOG}"
