"""A folder of working notebooks on a finished run's data, for analysts who change values."""

import hashlib
import json
import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pilot_analysis.files import replace_file, write_if_changed
from pilot_analysis.imports import without_iri_grammar
from pilot_analysis.parameters import Parameters, with_values
from pilot_analysis.runs import ROOT
from pilot_analysis.runs.configure import private

with without_iri_grammar():
    import nbformat

_WRITTEN = ".written.json"  # notebook -> digest of the cells as they were put there


@dataclass(frozen=True)
class FinishedRun:
    """A run whose tables and results still stand on this machine."""

    out: Path
    processed: Path
    results: Path
    parameters: dict[str, Any]


@dataclass(frozen=True)
class Lab:
    """A folder of notebooks: those written, and those kept because somebody changed them."""

    folder: Path
    written: list[str]
    kept: list[str]


def finished_run(out: Path) -> FinishedRun | None:
    """Return the run in `out`, or None where it is unfinished or its tables are gone."""
    work = private(out)
    try:
        config = json.loads((work / "config.json").read_text(encoding="utf-8"))
        found = FinishedRun(
            out, Path(config["processed"]), work / "results", dict(config["parameters"])
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None
    whole = (_published(out), found.processed / "quality.json", found.results)
    return found if all(path.exists() for path in whole) else None


def _published(out: Path) -> Path:
    return private(out) / "stamps" / "publish.json"


def last_run(reports: Path) -> FinishedRun | None:
    """Return the run in `reports` that was published last; None where there is none."""
    outs = [
        reports / path.parent.name for path in private(reports / "x").parent.glob("*/config.json")
    ]
    published = [out for out in outs if _published(out).exists()]
    published.sort(key=lambda out: _published(out).stat().st_mtime_ns, reverse=True)
    runs = (finished_run(out) for out in published)
    return next((run for run in runs if run is not None), None)


def prepare(run: FinishedRun, parameters: Parameters, folder: Path, *, fresh: bool = False) -> Lab:
    """Fill `folder` with every notebook, ready to run in any order on the run's data.

    Each notebook's `parameters` cell holds `parameters` and where the data are. A notebook whose
    cells somebody changed is kept, unless `fresh`. `folder`/results begins with the run's own
    estimates, so that a notebook that reads the others' finds them.
    """
    (folder / "results" / "estimates").mkdir(parents=True, exist_ok=True)
    for path in sorted((run.results / "estimates").glob("*.parquet")):
        replace_file(path, folder / "results" / "estimates" / path.name)
    record = folder / _WRITTEN
    known = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    lab = Lab(folder, [], [])
    for source in sorted((ROOT / "notebooks").glob("[0-9]*.ipynb")):
        name, path = source.stem, folder / source.name
        notebook = nbformat.read(source, as_version=4)
        values = parameters.model_dump() | {
            "processed_dir": Path(os.path.relpath(run.processed, folder)).as_posix(),
            "results_dir": "results",
        }
        for cell in notebook.cells:
            if "parameters" in cell.metadata.get("tags", []):
                cell.source = with_values(cell.source, values)
        if path.exists() and not fresh and _cells(path) != known.get(name):
            lab.kept.append(name)
            continue
        write_if_changed(path, nbformat.writes(notebook) + "\n")
        known[name] = _cells(path)
        lab.written.append(name)
    write_if_changed(record, json.dumps(known, indent=1))
    return lab


def _cells(path: Path) -> str:
    """Return a digest of what a person writes in a notebook: its cells, not their outputs."""
    try:
        cells: Iterable[Any] = nbformat.read(path, as_version=4).cells
    except ValueError:
        return "damaged"
    sources = [[cell.cell_type, cell.source] for cell in cells]
    return hashlib.sha256(json.dumps(sources).encode()).hexdigest()


def jupyter(folder: Path, options: Sequence[str]) -> list[str]:
    """Return the command that opens a lab: on this machine alone, by a token, nothing installable.

    `options` are JupyterLab's own and come last, so that they can set a port or an address.
    """
    own = [
        "--ServerApp.ip=127.0.0.1",
        "--ServerApp.allow_remote_access=False",
        "--LabApp.extension_manager=readonly",
    ]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        own.append("--allow-root")  # in a container everybody is
    return [sys.executable, "-m", "jupyter", "lab", str(folder), *own, *options]
