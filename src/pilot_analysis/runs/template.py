"""A new notebook in the house form."""

import os
import re
import shlex
from pathlib import Path

import nbformat

from pilot_analysis.errors import ParameterError
from pilot_analysis.parameters import cell
from pilot_analysis.runs import ROOT

NOTEBOOKS = ROOT / "notebooks"


def write(name: str, question: str, folder: Path | None) -> Path:
    """Write a notebook: title and question, the parameters with their defaults, a first table.

    Raises `ParameterError` for another kind of name, or where there is such a notebook already.
    """
    if not re.fullmatch(r"[0-9]{2}_[a-z0-9_]+", name):
        raise ParameterError(f"{name!r}: write two digits and words, as in 10_by_grade")
    path = (folder or NOTEBOOKS) / f"{name}.ipynb"
    if path.exists():
        raise ParameterError(f"{path}: is there already")
    path.parent.mkdir(parents=True, exist_ok=True)
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    cells = _cells(name, question, path.parent.resolve())
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel}), path)
    return path


def next_steps(path: Path) -> list[str]:
    """Return what to do with a new notebook."""
    if path.parent.resolve() != NOTEBOOKS.resolve():
        return [f"open it: .venv/bin/pilot lab --folder {shlex.quote(str(path.parent))}"]
    return [
        "open it with the others: make lab",
        "make it part of every run: add its row to notebooks/notebooks.yml",
        f"  {path.stem}: {{parameters: [everything], seconds: 10}}",
    ]


def _cells(name: str, question: str, folder: Path) -> list[nbformat.NotebookNode]:
    title = name[3:].replace("_", " ").capitalize()
    new = nbformat.v4
    parameters = cell()
    for place in ("data/processed", "reports/lab"):  # as seen from where the notebook lies
        seen = Path(os.path.relpath(ROOT / place, folder)).as_posix()
        parameters = parameters.replace(f'"../{place}"', f'"{seen}"')
    cells = [
        new.new_markdown_cell(
            f"# {int(name[:2])}. {title}\n\n**{question}**\n\nReads: the analysis panel  \n"
            "Writes: nothing but this page"
        ),
        new.new_code_cell(parameters, metadata={"tags": ["parameters"]}),
        new.new_code_cell(
            "from pilot_analysis import workbench\n\n"
            f'bench = workbench.start("{name}", locals())\nbench.notice()'
        ),
        new.new_markdown_cell("## Before and after\n\nWhat the table shows, in one sentence."),
        new.new_code_cell('workbench.show(bench.changes("absence_share"))'),
        new.new_markdown_cell("## Limits\n\nWhat this does not show.\n\n## Answer"),
    ]
    for position, one in enumerate(cells):
        one["id"] = f"{name[:2]}-{position:02d}"
    return cells
