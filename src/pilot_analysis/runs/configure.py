"""What one run is: its exports, its parameters, and the folders it reads and writes.

A run's folder holds what readers get, and nothing else. What it is made from, rows of pupils
among it, lies in `.private` beside that folder, for its owner alone.
"""

import json
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pilot_analysis import description, plan, registry
from pilot_analysis.errors import PilotError
from pilot_analysis.files import PRIVATE, Digests, write_json
from pilot_analysis.ingest.intake.folder import inputs
from pilot_analysis.parameters import Parameters
from pilot_analysis.runs import ROOT

if TYPE_CHECKING:
    from pilot_analysis.synthetic.scenario import Scenario

TRUTH = "truth.json"
REPORTS = ROOT / "reports"
DEFAULT_OUT = REPORTS / "synthetic"
DEFAULT_RAW = ROOT / "data" / "raw"
SIMULATING = ".simulating"  # in a folder whose exports are being made


def private(out: Path) -> Path:
    """Return where a run keeps what it is made from."""
    return out.parent / ".private" / out.name


@dataclass(frozen=True)
class Wish:
    """What somebody asks for: an evaluation, a scenario, exports, parameters.

    `evaluation` is the folder of another pilot's evaluation.
    `processed` and `work` are given when several runs share them; `notebooks` leaves out the
    others, and with them the report.
    """

    parameters: Parameters
    scenario: Path | None = None
    evaluation: Path | None = None
    raw: Path | None = None
    out: Path | None = None
    overrides: tuple[str, ...] = ()
    processed: Path | None = None
    work: Path | None = None
    notebooks: Sequence[str] | None = None


def changing(overrides: Sequence[str], without: Parameters, values: Parameters) -> tuple[str, ...]:
    """Return the overrides that change something, which a run's folder is named by.

    >>> two = ("seed=7", "ci_level=0.95")
    >>> changing(two, Parameters(), Parameters(seed=7))
    ('seed=7',)
    """
    names = [override.partition("=")[0].strip() for override in overrides]
    return tuple(
        override
        for name, override in zip(names, overrides, strict=True)
        if getattr(without, name) != getattr(values, name)
    )


def configure(wish: Wish) -> dict[str, Any]:
    """Write a run's configuration into its private folder and return it."""
    described = (wish.evaluation or description.FOLDER).resolve()
    description.load(described)
    plan.load(described / description.PLAN)
    folder = _raw(wish).resolve()
    truth = folder / TRUTH
    listed = [path for path in inputs(folder) if path != truth]
    scenario = _scenario(wish)
    if not listed and (wish.raw is not None or scenario is None):
        raise PilotError(f"{folder}: holds no exports; name their folder with --raw")
    simulate = wish.raw is None and scenario is not None and _may_simulate(folder, listed, scenario)
    synthetic = simulate or truth.is_file()
    out = (wish.out or REPORTS / _name(wish, synthetic)).resolve()
    work = wish.work or private(out)
    processed = wish.processed or _processed(wish, work)
    for path in (folder, processed):
        if "\\" in str(path):  # DuckDB reads it as a slash
            raise PilotError(f"{path}: has a backslash in its name; name a folder without")
    unchanged = wish.evaluation is None and wish.parameters == Parameters()  # type: ignore[call-arg]
    is_default = simulate and unchanged and out == DEFAULT_OUT.resolve()
    chosen = list(wish.notebooks or registry.notebooks())
    make_private(work)
    config = {
        "python": sys.executable,
        "raw": str(folder),
        "processed": str(processed),
        "work": str(work),
        "out": str(out),
        "figures": str(ROOT / "figures") if is_default else None,
        "simulate": simulate,
        "synthetic": synthetic,
        "notebooks": chosen,
        "estimating": [name for name in chosen if registry.notebooks()[name].estimates],
        "board": wish.notebooks is None,
        "evaluation": str(described),
        "parameters": wish.parameters.model_dump(),
        "file": str(work / "config.json"),
    }
    write_json(work / "config.json", config)
    return config


def make_private(folder: Path) -> None:
    """Make a folder for its owner alone."""
    folder.mkdir(parents=True, exist_ok=True)
    for own in (folder, *(p for p in folder.parents if p.name == ".private")):
        own.chmod(PRIVATE)


def _raw(wish: Wish) -> Path:
    if wish.raw is not None:
        return wish.raw
    return DEFAULT_RAW if wish.evaluation is None else wish.evaluation / "raw"


def _processed(wish: Wish, work: Path) -> Path:
    is_default = wish.raw is None and wish.evaluation is None
    return ROOT / "data" / "processed" if is_default else work / "processed"


def _scenario(wish: Wish) -> "Scenario | None":
    """Return what is simulated where there are no exports; None for an evaluation of real ones."""
    from pilot_analysis.synthetic import scenario

    return scenario.of_evaluation(wish.evaluation)


def _name(wish: Wish, synthetic: bool) -> str:
    """Return a folder's name that says what differs from the default run.

    Only the default exports under the default parameters are `synthetic`.
    """
    parts = [] if wish.evaluation is None else [wish.evaluation.resolve().name]
    parts += [] if wish.raw is None else [wish.raw.resolve().name]
    if wish.scenario is not None:
        parts.append(wish.scenario.stem)
    parts += [override.replace("=", "-") for override in wish.overrides]
    named = "_".join(re.sub(r"[^\w.-]+", "-", part).strip("-.") for part in parts)[:120]
    if not named:
        return DEFAULT_OUT.name if synthetic else "run"
    return f"run_{named}" if named == DEFAULT_OUT.name else named


def _may_simulate(folder: Path, listed: list[Path], default: "Scenario") -> bool:
    """Say whether a folder is empty or holds the scenario's exports, untouched: ours to write."""
    if not listed or (folder / SIMULATING).exists():
        return True
    try:
        truth = json.loads((folder / TRUTH).read_text(encoding="utf-8"))
        same = (
            truth.get("scenario") == default.name
            and truth.get("seed") == default.seed
            and truth.get("messy") is None
            and truth.get("effect_scale") == default.effect_scale
            and truth.get("scale", 1) == 1
            and all(
                entry["on"] == default.has(name)
                for name, entry in truth.get("nuisances", {}).items()
            )
        )
        digests = Digests(folder / ".digests.json")
        untouched = truth["files"] == {path.name: digests.of(path) for path in listed}
        digests.remember()
    except (OSError, ValueError, KeyError, AttributeError, TypeError):
        return False
    return bool(same and untouched)
