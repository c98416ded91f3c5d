"""One step of a workflow, called by the workflow; not meant for users."""

import sys
from pathlib import Path

import click


@click.command(hidden=True)
@click.argument("name")
@click.option("--workflow", type=click.Path(path_type=Path), default=Path("workflow.json"))
def step(name: str, workflow: Path) -> None:
    """Do one step of a workflow."""
    from pilot_analysis.runs.making import do

    sys.exit(do(workflow.absolute(), name))
