"""Executing notebooks, publishing results whole, and the manifest that says what was run."""

import hashlib
import importlib.metadata
import json
import os
import platform
import subprocess
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pilot_analysis import plan
from pilot_analysis.atomic import digest, replace_file
from pilot_analysis.errors import NotebookError, PilotError
from pilot_analysis.imports import without_iri_grammar
from pilot_analysis.parameters import NOTEBOOK_PARAMETERS, Parameters

ROOT = Path(__file__).resolve().parents[3]
SWEEP_FILE = "sweep.json"  # in a sweep's folder: its runs, and what each varies
NOTEBOOKS = tuple(NOTEBOOK_PARAMETERS)
ESTIMATING = (
    "03_attendance", "04_goal_attainment", "05_targeted_support", "06_teachers_and_safety",
    "07_robustness", "08_summary",
)  # fmt: skip
_VERSIONED = (
    "numpy", "pandas", "scipy", "statsmodels", "diff-diff", "duckdb", "papermill",
    "matplotlib", "snakemake", "typst",
)  # fmt: skip


# --- Notebooks -------------------------------------------------------------------------------


def execute_notebook(
    name: str, values: dict[str, Any], processed: Path, results: Path, out: Path, failed: Path
) -> None:
    """Execute one notebook into `out`/<name>.ipynb.

    `values` are its declared parameters, checked before. When a cell fails, the executed copy goes
    to `failed` and `NotebookError` says where; earlier results stay.
    """
    with without_iri_grammar():
        import papermill

    given = Parameters.model_validate(values).for_notebook(name)
    # Paths come from the workflow, never from a scenario.
    given |= {"processed_dir": str(processed.resolve()), "results_dir": str(results.resolve())}
    out.mkdir(parents=True, exist_ok=True)
    working = out / f".{name}.running.ipynb"
    broken = failed / f"{name}.ipynb"
    try:
        run_notebook(ROOT / "notebooks" / f"{name}.ipynb", working, given, results)
    except papermill.PapermillExecutionError as error:
        failed.mkdir(parents=True, exist_ok=True)
        os.replace(working, broken)
        message = f"notebook {name}, cell {error.cell_index}: {error.ename}: {error.evalue}"
        raise NotebookError(f"{message.splitlines()[0]} (see {broken})") from None
    notebook = finished(working, results)
    (out / f"{name}.ipynb.partial").write_text(
        json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8"
    )
    working.unlink()
    os.replace(out / f"{name}.ipynb.partial", out / f"{name}.ipynb")
    broken.unlink(missing_ok=True)


def run_notebook(source: Path, target: Path, given: dict[str, Any], folder: Path) -> None:
    """Let papermill execute a notebook in `folder`, its kernel on sockets of its own.

    The sockets are files in an owner-only folder: nobody else on the machine can reach the kernel,
    and kernels that start at the same moment cannot pick the same port.
    """
    with without_iri_grammar():
        import papermill
    from traitlets.config import Config

    with tempfile.TemporaryDirectory(prefix="pilot-", dir=_short_folder()) as sockets:
        manager = {"transport": "ipc", "ip": f"{sockets}/k"}
        papermill.execute_notebook(
            str(source), str(target), given, kernel_name="python3", progress_bar=False,
            cwd=str(folder.resolve()), log_output=False, config=Config({"KernelManager": manager}),
        )  # fmt: skip


def _short_folder() -> str | None:
    """Return where temporary folders go: a socket's path has room for about 100 bytes."""
    return None if len(os.fsencode(tempfile.gettempdir())) <= 70 else "/tmp"


def finished(path: Path, results: Path) -> dict[str, Any]:
    """Return an executed notebook without what differs between equal runs.

    Times, kernel versions and this machine's folders go. Raises `NotebookError` for a notebook
    that did not run to its end.
    """
    notebook: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    state = notebook["metadata"].get("papermill", {})
    if not state.get("end_time") or state.get("exception"):
        raise NotebookError(f"notebook {path.name} did not run to its end")
    parameters = dict(state.get("parameters", {}))
    folders = {
        str(parameters.pop("processed_dir", "")): "processed",
        str(parameters.pop("results_dir", "")): "results",
    }
    kernel = notebook["metadata"].get("kernelspec", {})
    notebook["metadata"] = {
        "kernelspec": kernel,
        "language_info": {"name": "python"},
        "papermill": {"parameters": parameters},
    }
    for position, cell in enumerate(notebook["cells"]):
        status = cell["metadata"].get("papermill", {}).get("status")
        if cell["cell_type"] == "code" and status not in (None, "completed"):
            raise NotebookError(f"notebook {path.name}: cell {position} is {status}")
        cell["id"] = f"cell-{position:02d}"
        cell["metadata"] = {k: v for k, v in cell["metadata"].items() if k == "tags"}
        cell.pop("execution_count", None)
        if cell["cell_type"] == "code":
            cell["execution_count"] = None
            for output in cell["outputs"]:
                if "execution_count" in output:
                    output["execution_count"] = None
            for folder, name in folders.items():
                if folder:
                    cell["source"] = json.loads(
                        json.dumps(cell["source"]).replace(json.dumps(folder)[1:-1], name)
                    )
    return notebook


# --- Publishing ------------------------------------------------------------------------------


_FIGURES = "results/figures"
# From the working folder, to the run's folder, which files.
_PUBLISHED = (
    ("notebooks", "notebooks", ("*.ipynb",)),
    ("site", "site", ("*.html", "*.csv", "*.pdf")),
    ("site/notebooks", "site/notebooks", ("*.html",)),
    ("site/figures", "site/figures", ("*.svg",)),
    (_FIGURES, "figures", ("*.svg", "*.png", "*.csv", "*.txt")),
    ("report", ".", ("report_*.pdf", "report_*.html")),
    (".", ".", ("estimates.parquet", "estimates.csv", "quality.json", "disclosure.json")),
)


def _files(folder: Path, patterns: Iterable[str]) -> dict[str, Path]:
    """Return the files of a folder that patterns pick, by name; working files left out."""
    found = (path for pattern in patterns for path in folder.glob(pattern))
    return {path.name: path for path in sorted(found) if not path.name.startswith(".")}


def check_disclosure(work: Path) -> None:
    """Look at all that is about to be published; raises `PilotError` with what may not leave."""
    _refuse_findings(
        {
            (Path(target) / name).as_posix(): path
            for source, target, patterns in _PUBLISHED
            for name, path in _files(work / source, patterns).items()
        }
    )


def _refuse_findings(files: dict[str, Path]) -> None:
    """Raise `PilotError` with what in these files may not leave."""
    from pilot_analysis.disclosure.audit import audit_files

    if found := audit_files(files):
        told = "\n".join(f"  {finding}" for finding in found)
        raise PilotError(f"nothing was published, since this may not leave:\n{told}")


def publish_again(made: Path, out: Path) -> None:
    """Put a report and site, written again in `made`, into a run's folder, past the same gate."""
    new = {p.relative_to(made).as_posix(): p for p in sorted(made.rglob("*")) if p.is_file()}
    # A figure is looked at with its table, which the run has.
    tables = {f"figures/{p.name}": p for p in sorted((out / "figures").glob("*.csv"))}
    _refuse_findings(new | tables)
    for name, path in new.items():
        replace_file(path, out / name)
    for path in (out / "site").rglob("*"):
        if path.is_file() and path.relative_to(out).as_posix() not in new:
            path.unlink()


def publish(work: Path, out: Path, figures: Path | None) -> list[Path]:
    """Copy a finished run's results from its working folder to where readers look.

    Every file appears whole; files of an earlier run that this one did not make are removed from
    the folders it owns. Returns what stands in `out`.
    """
    parts = [(work / source, out / target, patterns) for source, target, patterns in _PUBLISHED]
    if figures is not None:
        parts += [(work / s, figures, patterns) for s, _, patterns in _PUBLISHED if s == _FIGURES]
    made: list[Path] = []
    for source, target, patterns in parts:
        wanted = _files(source, patterns)
        for name, stale in _files(target, patterns).items():
            if name not in wanted:
                stale.unlink()
        for name, path in wanted.items():
            replace_file(path, target / name)
            made.append(target / name)
    return made


def _git_commit() -> str:
    found = subprocess.run(
        ["git", "-C", str(ROOT), "rev-parse", "HEAD"], capture_output=True, text=True, check=False
    )
    return found.stdout.strip() if found.returncode == 0 else "unknown"


def provenance(quality: dict[str, Any], parameters: Parameters) -> dict[str, Any]:
    """Return what equal runs have in common: parameters, plan, inputs, versions."""
    text = parameters.model_dump_json()
    changed = plan.departures(plan.load(), parameters)
    return {
        "synthetic": quality["synthetic"],
        "notice": quality["notice"],
        "parameters": parameters.model_dump(),
        "parameters_sha256": hashlib.sha256(text.encode()).hexdigest(),
        "seed": parameters.seed,
        "plan_sha256": plan.digest(),
        "departures_from_plan": changed,
        "exploratory": bool(changed),
        "inputs": {entry["file"]: entry["sha256"] for entry in quality["files"]},
        "lock_sha256": digest(ROOT / "requirements.lock"),
        "python": platform.python_version(),
        "versions": {name: importlib.metadata.version(name) for name in _VERSIONED},
    }


def manifest(
    *, raw: Path, processed: Path, parameters: Parameters, made: Iterable[Path], out: Path,
    seconds: dict[str, float],
) -> dict[str, Any]:  # fmt: skip
    """Return what a run was made from: versions, commit, parameters, inputs, outputs, times."""
    quality = json.loads((processed / "quality.json").read_text(encoding="utf-8"))
    return provenance(quality, parameters) | {
        "outputs": {str(p.relative_to(out)): digest(p) for p in made if p.is_relative_to(out)},
        "git_commit": _git_commit(),
        "finished": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "seconds": {name: round(value, 2) for name, value in sorted(seconds.items())},
    }
