"""The steps of a run, of a sweep's runs or of a study, and the driving of those that are stale."""

import contextlib
import hashlib
import os
import platform
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

from pilot_analysis import description, registry
from pilot_analysis.errors import ParameterError
from pilot_analysis.files import Digests
from pilot_analysis.ingest.intake.exports import is_plain_folder
from pilot_analysis.ingest.intake.folder import OURS, inputs, list_files
from pilot_analysis.ingest.pseudonyms import load_key
from pilot_analysis.parameters import Parameters
from pilot_analysis.runs import ROOT, VERSIONED, snakemake
from pilot_analysis.runs.code import Code
from pilot_analysis.runs.configure import make_private
from pilot_analysis.runs.loading import Snakemake
from pilot_analysis.runs.making import Workflow
from pilot_analysis.runs.stamps import Step, keys, stale

LOCK = ROOT / "requirements.lock"


@dataclass(frozen=True)
class Drive:
    """How a workflow is driven: how many steps at once, on which cluster, and what is said.

    `shown` is what the last line names, `ends` the paths that a finished run ends with; `snakemake`
    may have been loading for a while.
    """

    work: Path
    shown: Path
    cores: int | None = None
    profile: Path | None = None
    ends: tuple[Path, ...] = field(default=())
    snakemake: Snakemake = field(default_factory=Snakemake)


def drive_runs(
    configs: Sequence[dict[str, Any]], drive: Drive, *, collected: Path | None = None
) -> int:
    """Make what is stale of one run, or of several that share their exports; returns the exit code.

    `collected` is a table that a last step makes from all runs.
    """
    first = configs[0]
    plain = not first["simulate"] and is_plain_folder(Path(first["raw"]))
    by_parts = drive.profile is not None and plain
    return drive_steps(lambda make: run_steps(make, configs, collected, by_parts=by_parts), drive)


@dataclass(frozen=True)
class Maker:
    """Makes steps with the code each hangs on."""

    code: Code
    # What every step depends on: packages as locked and as installed.
    environment: dict[str, str]

    def step(
        self,
        name: str,
        kind: str,
        config: dict[str, Any],
        *,
        files: Iterable[Path] = (),
        settings: Any = None,
        **options: Any,
    ) -> Step:
        """Return a step: `files` and `settings` are what it reads besides code and other steps."""
        notebook = (
            ROOT / "notebooks" / f"{options.get('part')}.ipynb" if kind == "notebook" else None
        )
        code = self.code.of_module(f"pilot_analysis.runs.steps.{kind}")
        if notebook is not None:
            code = [*code, *self.code.of_notebook(notebook)]
        stamp = Path(config["work"]) / "stamps" / f"{name.rpartition('/')[2]}.json"
        return Step(
            name,
            kind,
            Path(config["file"]),
            stamp,
            files=tuple(dict.fromkeys([*code, LOCK, *files])),
            settings=[settings, self.environment],
            **options,
        )


Listing = Callable[[Maker], list[Step]]


def environment() -> dict[str, str]:
    """Return the versions that results depend on."""
    found = {name: metadata.version(name) for name in VERSIONED}
    return found | {"python": platform.python_version()}


def run_steps(
    make: Maker, configs: Sequence[dict[str, Any]], collected: Path | None, *, by_parts: bool
) -> list[Step]:
    """Return the steps of runs, each after those it needs."""
    steps = _shared_steps(make, configs[0], by_parts=by_parts)
    for config in configs:
        prefix = f"{Path(config['out']).name}/" if len(configs) > 1 else ""
        steps += _own_steps(make, config, prefix)
    if collected is not None:
        last = [s.name for s in steps if s.kind == "publish"]
        settings = [str(collected), *last, configs[0]["sweep"]]
        steps.append(
            make.step("collect", "collect", configs[0], needs=tuple(last), settings=settings)
        )
    return steps


def _shared_steps(make: Maker, config: dict[str, Any], *, by_parts: bool) -> list[Step]:
    raw, processed = Path(config["raw"]), Path(config["processed"])
    how: list[Any] = [Parameters.model_validate(config["parameters"]).how_to_read()]
    steps, files = [], list[Path]()
    if config["simulate"]:
        source = _described(config, description.SYNTHETIC)
        made = raw / ".simulated.json"
        steps.append(
            make.step("simulate", "simulate", config, files=source, shared=made, seconds=8)
        )
    else:
        entries, refused = list_files(raw)
        files = sorted({*(entry.path for entry in entries), *inputs(raw)})
        # Also what may not be opened: an export that becomes a link is a change.
        how += [_key_mark(config), [problem.as_dict() for problem in refused]]
    if by_parts:
        beside = [path for path in files if path.name in OURS]
        steps += [
            make.step(
                f"read {path.name}",
                "read",
                config,
                part=path.name,
                files=[path, *beside, *_described(config, description.FILE)],
                settings=how,
                passing=True,
            )
            for path in files
            if path.suffix == ".csv"
        ]
    steps.append(
        make.step(
            "ingest",
            "ingest",
            config,
            part="by_parts" if by_parts else "",
            files=[*files, *_described(config)],
            settings=how,
            needs=tuple(s.name for s in steps),
            shared=processed / ".ingested.json",
            seconds=12,
        )
    )
    return steps


def _described(config: dict[str, Any], *names: str) -> list[Path]:
    """Return the files that describe an evaluation; the default one's are known by its code."""
    folder = Path(config["evaluation"])
    if folder == description.FOLDER.resolve():
        return []
    wanted = names or (description.FILE, description.PLAN)
    return [path for name in wanted if (path := folder / name).exists()]


def _key_mark(config: dict[str, Any]) -> str:
    """Return what tells two pseudonym keys apart, and tells nothing about either."""
    if config["synthetic"]:
        return ""
    return hashlib.blake2b(b"which key", key=load_key(), digest_size=8).hexdigest()


def _own_steps(make: Maker, config: dict[str, Any], prefix: str) -> list[Step]:
    values = Parameters.model_validate(config["parameters"])
    listed = registry.notebooks()
    made: dict[str, Step] = {}
    # Those that gather come after what they gather.
    for name in sorted(config["notebooks"], key=lambda n: bool(listed[n].needs)):
        row = listed[name]
        needs = tuple(made[n].name for n in row.needs if n in made)
        made[name] = make.step(
            prefix + name,
            "notebook",
            config,
            part=name,
            needs=("ingest", *needs),
            settings=values.for_notebook(name),
            seconds=row.seconds,
            files=_described(config),
        )
    books = tuple(step.name for step in made.values())
    run = {k: config[k] for k in ("notebooks", "estimating", "board", "parameters")}
    described = _described(config)
    report = make.step(
        f"{prefix}report",
        "report",
        config,
        needs=("ingest", *books),
        settings=run,
        seconds=4,
        files=described,
    )
    last = [report]
    if config["board"]:
        last.append(
            make.step(
                f"{prefix}site",
                "site",
                config,
                needs=(report.name, *books),
                settings=run,
                seconds=7,
                files=[*described, *_examples()],
            )
        )
    target = {k: config[k] for k in ("out", "figures")}
    publish = make.step(
        f"{prefix}publish",
        "publish",
        config,
        settings=[run, target],
        seconds=5,
        files=described,
        needs=("ingest", *books, *(s.name for s in last)),
    )
    return [*made.values(), *last, publish]


def _examples() -> list[Path]:
    folder = description.EXAMPLES
    return [*sorted(folder.glob("*/*.yml")), *sorted(folder.glob("*.csv"))]


def plan(listed: Listing, digests: Digests, memory: Path) -> tuple[Workflow, list[Step]]:
    """Return the workflow as everything stands now, and the steps of it that are stale."""
    code = Code(ROOT, digests, memory)
    steps: list[Step] = listed(Maker(code, environment()))
    code.remember()
    wanted = keys(steps, digests)
    files = digests.of_all(sorted({path for step in steps for path in step.files}))
    again = stale(steps, wanted, digests)
    return Workflow({step.name: step for step in steps}, wanted, files), again


def drive_steps(listed: Listing, drive: Drive) -> int:
    """Make what is stale of the steps that `listed` gives; returns the exit code.

    Raises `PilotError` while another run writes there, `ParameterError` for a profile that is none.
    """
    if drive.profile is not None and not (drive.profile / "config.yaml").exists():
        raise ParameterError(f"{drive.profile}: is no profile (it holds no config.yaml)")
    make_private(drive.work)
    memory = drive.work / "imports.json"
    digests = Digests(drive.work / "digests.json")
    cores = drive.cores or os.cpu_count() or 1
    with contextlib.ExitStack() as held:
        lock = held.enter_context(snakemake.writing_alone(drive.work, drive.shown))
        loaded = {}
        if drive.profile is None and cores > 1 and not memory.exists():  # a first run makes all
            loaded = held.enter_context(snakemake.warmed(drive))
        workflow, again = plan(listed, digests, memory)
        digests.remember()
        if not again:
            return snakemake.nothing_to_do(drive.shown, drive.ends)
        workflow.write(drive.work / "workflow.json")
        code = snakemake.run(workflow, again, drive, lock, loaded, cores=cores)
        if code:
            return code
        # What changed while the run was at work is not in it.
        _, left = plan(listed, Digests(drive.work / "digests.json"), memory)
    return snakemake.finished(left, drive)
