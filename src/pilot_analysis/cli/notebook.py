"""`pilot new-notebook`: a notebook in the house form."""

import re
from pathlib import Path

import click

from pilot_analysis.cli.common import example, mistakes_explained
from pilot_analysis.errors import ParameterError


@click.command(name="new-notebook", epilog=example("  pilot new-notebook 10_by_grade"))
@click.argument("name")
@click.option(
    "--question",
    default="What does it show?",
    show_default=True,
    help="The one question it answers.",
)
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Where to put it [default: notebooks].",
)
def new_notebook(name: str, question: str, folder: Path | None) -> None:
    """Start a notebook: title and question, the parameters with their defaults, a first table.

    NAME is two digits and words: 10_by_grade. An existing notebook is never written over.
    """
    with mistakes_explained():
        from pilot_analysis import runs
        from pilot_analysis.imports import without_iri_grammar
        from pilot_analysis.parameters import cell

        with without_iri_grammar():
            import nbformat

        if not re.fullmatch(r"[0-9]{2}_[a-z0-9_]+", name):
            raise ParameterError(f"{name!r}: write two digits and words, as in 10_by_grade")
        path = (folder or runs.ROOT / "notebooks") / f"{name}.ipynb"
        if path.exists():
            raise ParameterError(f"{path}: is there already")
        title = name[3:].replace("_", " ").capitalize()
        new = nbformat.v4
        cells = [
            new.new_markdown_cell(
                f"# {int(name[:2])}. {title}\n\n**{question}**\n\nReads: the analysis panel  \n"
                "Writes: nothing but this page"
            ),
            new.new_code_cell(cell(), metadata={"tags": ["parameters"]}),
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
        kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
        notebook = new.new_notebook(cells=cells, metadata={"kernelspec": kernel})
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, path)
        click.echo(f"{path}: open it with make lab; to make it part of every run, add it to "
                   "NOTEBOOK_PARAMETERS and workflow/Snakefile")  # fmt: skip
