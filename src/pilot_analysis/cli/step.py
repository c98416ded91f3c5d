"""One step of a workflow, called by the workflow; not meant for users."""

import sys
from pathlib import Path

import click


@click.command(hidden=True)
@click.argument("name")
@click.option("--workflow", type=click.Path(path_type=Path), default=Path("workflow.json"))
def step(name: str, workflow: Path) -> None:
    """Do one step of a workflow."""
    from pilot_analysis.runs import warm

    code = warm.do_step(workflow.absolute(), name)
    if code is None:
        from pilot_analysis.runs.making import do

        code = do(workflow.absolute(), name)
    sys.exit(code)
