"""Executing notebooks: each says which tables it read, and none that broke off is kept."""

import json
import os
import re
import sysconfig
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pilot_analysis.errors import NotebookError
from pilot_analysis.files import digest, digest_of, whole
from pilot_analysis.imports import without_iri_grammar
from pilot_analysis.parameters import Parameters
from pilot_analysis.runs import ROOT, forks

TABLES = "tables_sha256"  # in an executed notebook's metadata, under `pilot`
_CELL_FILE = r"\S*ipykernel_\d+[/\\]\d+\.py"  # where a kernel says that a cell stands
_FIGURE_KINDS = ("svg", "png", "csv", "txt")


def tables_digest(processed: Path) -> str:
    """Return the digest of the processed tables, one for all."""
    return digest_of({path.name: digest(path) for path in sorted(processed.glob("*.parquet"))})


def made_figures(results: Path, name: str) -> list[Path]:
    """Return the files of the figures that a notebook has drawn."""
    folder = results / "figures"
    listed = folder / f".{name}.made"
    stems = listed.read_text(encoding="utf-8").split() if listed.exists() else []
    return [path for s in stems for k in _FIGURE_KINDS if (path := folder / f"{s}.{k}").exists()]


def forget_others(work: Path, names: Iterable[str]) -> None:
    """Remove from a run's working folder what none of these notebooks has made."""
    listed, results = set(names), work / "results"
    for folder in (work / "notebooks", results / "estimates", results / "withheld"):
        for path in folder.glob("[!.]*"):
            if path.stem not in listed:
                path.unlink()
    kept = {path for name in listed for path in made_figures(results, name)}
    for path in (results / "figures").glob("[!.]*"):
        if path not in kept:
            path.unlink()


def execute_notebook(
    name: str, values: dict[str, Any], processed: Path, results: Path, out: Path, failed: Path
) -> None:
    """Execute one notebook into `out`/<name>.ipynb.

    `values` are its declared parameters, checked before. The copy records the digest of the tables
    it read. When a cell fails, the executed copy goes
    to `failed` and `NotebookError` says where; earlier results stay.
    """
    with without_iri_grammar():
        import papermill

    given = Parameters.model_validate(values).for_notebook(name)
    # Paths come from the workflow, never from a scenario.
    given |= {"processed_dir": str(processed.resolve()), "results_dir": str(results.resolve())}
    out.mkdir(parents=True, exist_ok=True)
    working = out / f".{name}.running.ipynb"
    tables = tables_digest(processed)
    broken = failed / f"{name}.ipynb"
    try:
        run_notebook(ROOT / "notebooks" / f"{name}.ipynb", working, given, results)
    except papermill.PapermillExecutionError as error:
        failed.mkdir(parents=True, exist_ok=True)
        os.replace(working, broken)
        message = f"notebook {name}, cell {error.cell_index}: {error.ename}: {error.evalue}"
        raise NotebookError(f"{message.splitlines()[0]} (see {broken})") from None
    notebook = finished(working, results)
    if tables_digest(processed) != tables:
        raise NotebookError(f"notebook {name}: the tables changed while it read them; run it again")
    notebook["metadata"]["pilot"] = {TABLES: tables}
    with whole(out / f"{name}.ipynb") as partial:
        partial.write_text(
            json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n", "utf-8"
        )
    working.unlink()
    broken.unlink(missing_ok=True)


def run_notebook(source: Path, target: Path, given: dict[str, Any], folder: Path) -> None:
    """Let papermill execute a notebook in `folder`, its kernel on sockets of its own.

    The sockets are files in an owner-only folder: nobody else on the machine can reach the kernel,
    and kernels that start at the same moment cannot pick the same port.
    """
    with without_iri_grammar():
        import papermill
    from traitlets.config import Config

    forked = forks.kernel_arguments()
    with tempfile.TemporaryDirectory(prefix="pilot-", dir=forks.short_folder()) as sockets:
        manager = {"transport": "ipc", "ip": f"{sockets}/k"}
        papermill.execute_notebook(
            _plain(source),
            _plain(target),
            given,
            kernel_name="python3",
            progress_bar=False,
            cwd=str(folder.resolve()),
            log_output=False,
            # Once at the end: every cell would write all pictures before it again.
            request_save_on_cell_execute=False,
            config=Config({"KernelManager": manager}),
            **forked,
        )


def _plain(path: Path) -> str:
    """Return a path whose braces papermill does not take for the names of parameters."""
    return str(path).replace("{", "{{").replace("}", "}}")


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
        # Warnings name the file that they come from.
        sysconfig.get_path("purelib") + os.sep: "",
        str(ROOT) + os.sep: "",
    }
    folders.pop("", None)
    # papermill writes letters beyond ASCII as escapes.
    folders |= {
        f.encode("unicode_escape").decode().replace('"', r"\""): name for f, name in folders.items()
    }
    kernel = notebook["metadata"].get("kernelspec", {})
    notebook["metadata"] = {
        "kernelspec": kernel,
        "language_info": {"name": "python"},
        "papermill": {"parameters": parameters},
    }
    executed = 0
    for position, cell in enumerate(notebook["cells"]):
        status = cell["metadata"].get("papermill", {}).get("status")
        if cell["cell_type"] == "code" and status not in (None, "completed"):
            raise NotebookError(f"notebook {path.name}: cell {position} is {status}")
        cell["id"] = f"cell-{position:02d}"
        cell["metadata"] = {k: v for k, v in cell["metadata"].items() if k == "tags"}
        cell.pop("execution_count", None)
        if cell["cell_type"] == "code":
            # papermill adds a cell of its own to the kernel's count; readers see 1 to n.
            executed += 1
            cell["execution_count"] = executed
            for output in cell["outputs"]:
                if "execution_count" in output:
                    output["execution_count"] = executed
            for part in ("source", "outputs"):
                cell[part] = _renamed(cell[part], folders)
    return notebook


def _renamed(value: Any, folders: dict[str, str]) -> Any:
    """Return a cell's text with folders by their names here, pictures as they are."""
    if isinstance(value, str):
        for folder in sorted(folders, key=len, reverse=True):  # one may lie in another
            value = value.replace(folder, folders[folder])
        value = re.sub(_CELL_FILE, "cell", value)
    elif isinstance(value, list):
        return [_renamed(one, folders) for one in value]
    elif isinstance(value, dict):
        return {
            key: one if key.startswith("image/") else _renamed(one, folders)
            for key, one in value.items()
        }
    return value
