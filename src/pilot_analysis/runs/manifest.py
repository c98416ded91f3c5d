"""The manifest: what a run was made from, and reading it back from folders of any origin."""

import hashlib
import importlib.metadata
import json
import platform
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import BaseModel, ConfigDict

from pilot_analysis import description, estimates, plan
from pilot_analysis.errors import PilotError
from pilot_analysis.files import digest
from pilot_analysis.parameters import Parameters
from pilot_analysis.runs import ROOT, VERSIONED, git


def provenance(quality: dict[str, Any], parameters: Parameters, evaluation: Path) -> dict[str, Any]:
    """Return what equal runs have in common: evaluation, plan, parameters, inputs, versions.

    `evaluation` is the folder that describes whose pilot it is.
    """
    text = parameters.model_dump_json()
    planned = plan.load(evaluation / description.PLAN)
    changed = plan.departures(planned, parameters)
    return {
        "synthetic": quality["synthetic"],
        "notice": quality["notice"],
        "parameters": parameters.model_dump(),
        "parameters_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "seed": parameters.seed,
        "evaluation": description.load(evaluation).model_dump(mode="json"),
        "plan": planned.model_dump(mode="json"),
        "plan_sha256": plan.digest(evaluation / description.PLAN),
        "departures_from_plan": changed,
        "exploratory": bool(changed),
        "inputs": {entry["file"]: entry["sha256"] for entry in quality["files"]},
        "lock_sha256": digest(ROOT / "requirements.lock"),
        "python": platform.python_version(),
        "versions": {name: importlib.metadata.version(name) for name in VERSIONED},
    }


def manifest(
    quality: dict[str, Any],
    parameters: Parameters,
    *,
    made: Iterable[Path],
    out: Path,
    seconds: dict[str, float],
    evaluation: Path,
) -> dict[str, Any]:
    """Return what a run was made from: versions, commit, parameters, inputs, outputs, times.

    `quality` is the report of the ingest that the run's notebooks read.
    """
    return provenance(quality, parameters, evaluation) | {
        "outputs": {str(p.relative_to(out)): digest(p) for p in made if p.is_relative_to(out)},
        "git_commit": git.commit(ROOT) or "unknown",
        "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "seconds": {name: round(value, 2) for name, value in sorted(seconds.items())},
    }


# What tells of the making, not of what was made.
_OF_THE_MAKING = {"git_commit", "finished", "seconds", "python"}


def same_results(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Return whether two manifests tell of the same files made from the same."""
    return all(
        one.get(key) == other.get(key) for key in (one.keys() | other.keys()) - _OF_THE_MAKING
    )


class Manifest(BaseModel):
    """A manifest as it was read: what `compare`, `verify` and `report` need of it."""

    model_config = ConfigDict(extra="allow", strict=True)

    synthetic: bool
    notice: str
    parameters: dict[str, Any]
    inputs: dict[str, str]
    outputs: dict[str, str] = {}
    versions: dict[str, str]
    python: str
    exploratory: bool = False
    departures_from_plan: list[dict[str, Any]] = []
    evaluation: dict[str, Any] = {}
    plan: dict[str, Any] = {}
    seed: int = 0
    plan_sha256: str = ""
    lock_sha256: str = ""
    parameters_sha256: str = ""


def read_manifest(run: Path) -> dict[str, Any]:
    """Return a finished run's manifest; raises `PilotError` where there is none that can be used."""
    if not run.is_dir():
        raise PilotError(f"{run}: there is no such folder")
    try:
        content: dict[str, Any] = json.loads((run / "manifest.json").read_text(encoding="utf-8"))
        given = Manifest.model_validate(content).model_dump()
        return content | given
    except FileNotFoundError:
        raise PilotError(f"{run}: holds no finished run (manifest.json is missing)") from None
    except (ValueError, TypeError, OSError):
        raise PilotError(
            f"{run}: its manifest is damaged or of another version; run it again"
        ) from None


def parameters_of(found: dict[str, Any], run: Path) -> Parameters:
    """Return a manifest's parameters; raises `PilotError` where this version has no such."""
    try:
        return Parameters.model_validate(found["parameters"])
    except ValueError:
        raise PilotError(f"{run}: its manifest's parameters are of another version") from None


def read_estimates(run: Path) -> pd.DataFrame:
    """Return a finished run's estimates; raises `PilotError` where there are none to be used."""
    path = run / "estimates.parquet"
    try:
        table = estimates.read(path)
    except FileNotFoundError:
        raise PilotError(f"{run}: holds no finished run ({path.name} is missing)") from None
    except (ValueError, OSError):
        raise PilotError(f"{run}: its estimates are damaged; run it again") from None
    if missing := sorted(set(estimates.COLUMNS) - set(table.columns)):
        raise PilotError(
            f"{run}: its estimates are of another version ({', '.join(missing[:3])} missing); run "
            "it again"
        )
    return table


def read_quality(run: Path) -> dict[str, Any]:
    """Return a finished run's quality report; raises `PilotError` where it cannot be used."""
    try:
        content: dict[str, Any] = json.loads((run / "quality.json").read_text(encoding="utf-8"))
        content["files"], content["synthetic"], content["notice"]
    except FileNotFoundError:
        raise PilotError(f"{run}: holds no finished run (quality.json is missing)") from None
    except (ValueError, TypeError, KeyError, OSError):
        raise PilotError(f"{run}: its quality.json is damaged; run it again") from None
    return content
