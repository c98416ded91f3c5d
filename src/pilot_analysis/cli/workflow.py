"""Driving Snakemake: on this machine or, by a profile, on a cluster; and what its steps tell."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import click

from pilot_analysis.atomic import alone
from pilot_analysis.errors import ParameterError

_Command = TypeVar("_Command", bound=Callable[..., Any])
_FAILED = ".failed"
_LOOK_SECONDS = 0.2
_LOGS_KEPT = 10


def cluster_options(command: _Command) -> _Command:
    """Add `--cores` and `--profile` to a command that drives a workflow."""
    cores = click.option(
        "--cores", type=click.IntRange(1), default=None, help="Steps at once [default: all]."
    )
    profile = click.option(
        "--profile",
        type=click.Path(path_type=Path, file_okay=False),
        default=None,
        help="Run the steps on a cluster, by this Snakemake profile (see workflow/profiles).",
    )
    return cores(profile(command))


def tell(work: Path, step: str, words: str, *, failed: bool = False) -> None:
    """Leave what a step has to say where the driver looks, on whichever machine it ran."""
    told = work / "told"
    told.mkdir(parents=True, exist_ok=True)
    partial = told / f".{step}.partial"
    partial.write_text(words, encoding="utf-8")
    os.replace(partial, told / f"{step}{_FAILED if failed else ''}")


class _Told:
    """What steps say from now on."""

    def __init__(self, folders: Iterable[Path]) -> None:
        self._folders = [folder / "told" for folder in folders]
        for path in self._paths():
            if path.suffix == _FAILED:
                path.unlink()
        self._seen = {path: path.stat().st_mtime_ns for path in self._paths()}

    def _paths(self) -> Iterator[Path]:
        for folder in self._folders:
            yield from (p for p in folder.glob("*") if not p.name.startswith("."))

    def new(self) -> list[str]:
        """Return what steps that ended since the last look said."""
        found = []
        for path in self._paths():
            time_told = path.stat().st_mtime_ns
            if path.suffix != _FAILED and self._seen.get(path) != time_told:
                self._seen[path] = time_told
                found.append((time_told, path.read_text(encoding="utf-8")))
        return [words for _, words in sorted(found)]

    def failures(self) -> list[str]:
        """Return why steps failed."""
        return [p.read_text(encoding="utf-8") for p in sorted(self._paths()) if p.suffix == _FAILED]


def _last_words(log: Path) -> str:
    """Return why the workflow itself failed, by the last line of its log that says anything."""
    lines = [
        line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines()
    ]
    said = [
        line for line in lines if line and not line.startswith(("Complete log", "Shutting down"))
    ]
    return f"the workflow failed: {said[-1] if said else 'it left no word'} (see {log})"


def snakemake(
    snakefile: Path, work: Path, cores: int, *, shown: Path, told_in: Iterable[Path],
    profile: Path | None, first: Callable[[], object] = lambda: None,
) -> int:  # fmt: skip
    """Make what `snakefile` wants from `work`/workflow.json, and print a line a step.

    `told_in` are the folders where steps leave what they tell; `first` is done once nobody else is
    at work here. Returns the exit code; raises
    `ParameterError` for a profile that is none, `PilotError` while another run writes there.
    """
    command = [
        sys.executable, "-m", "snakemake", "--snakefile", str(snakefile), "--directory", str(work),
        "--configfile", str(work / "workflow.json"), "--quiet", "all", "--rerun-triggers", "mtime",
        "--rerun-incomplete", "--nolock", "--keep-going",
    ]  # fmt: skip
    environment = dict(os.environ)
    if profile is None:
        command += ["--cores", str(cores)]
    else:
        if not (profile / "config.yaml").exists():
            raise ParameterError(f"{profile}: is no profile (it holds no config.yaml)")
        command += ["--workflow-profile", str(profile.resolve())]
        environment |= {"PILOT_PROFILE": str(profile.resolve()), "PILOT_PYTHON": sys.executable}
    log = work / "workflow.log"
    begun = time.monotonic()
    busy = f"{work.parent}: another run is writing here; wait for it"
    with alone(work / ".lock", busy) as lock, log.open("w", encoding="utf-8") as kept:
        first()
        told, steps = _Told(told_in), 0
        for old in sorted((work / ".snakemake" / "log").glob("*.log"))[:-_LOGS_KEPT]:
            old.unlink()  # one a run, for ever
        for notes in (work / ".snakemake", None):
            process = subprocess.Popen(
                command, stdout=kept, stderr=subprocess.STDOUT, env=environment, pass_fds=[lock]
            )
            running = True
            while running:
                try:
                    process.wait(timeout=_LOOK_SECONDS)
                    running = False
                except subprocess.TimeoutExpired:
                    pass
                for words in told.new():
                    steps += 1
                    click.echo(words)
            if not process.returncode or told.failures() or notes is None:
                break
            # No step failed, so Snakemake's own notes may be damaged; nothing hangs on them.
            shutil.rmtree(notes, ignore_errors=True)
    if process.returncode:
        message = "\n".join(told.failures()) or _last_words(log)
        click.echo(f"pilot: {message}", err=True)
        click.echo(f"pilot: earlier results in {shown} are as they were", err=True)
        return 1
    done = "nothing to do" if steps == 0 else f"{steps} steps"
    click.echo(f"{shown}: {done} ({time.monotonic() - begun:.1f} s)")
    return 0
