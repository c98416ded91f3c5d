"""`pilot new-notebook`: a notebook in the house form."""

from pathlib import Path

import click

from pilot_analysis.cli.common import example


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
    from pilot_analysis.runs import template

    path = template.write(name, question, folder)
    click.echo(f"{path}: written")
    for line in template.next_steps(path):
        click.echo(line)
