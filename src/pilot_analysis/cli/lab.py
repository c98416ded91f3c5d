"""`pilot lab`: JupyterLab on a finished run's data."""

import os
import sys
from pathlib import Path

import click

from pilot_analysis.cli.common import example
from pilot_analysis.errors import PilotError


@click.command(
    epilog=example(
        "  pilot lab\n  pilot lab params/no_remote_weeks.yml\n  pilot lab --run reports/ours\n"
        "  pilot lab -- --port 9000 --no-browser"
    )
)
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="[SCENARIO] [-- OPTIONS]")
@click.option(
    "--run",
    "run",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Work on this run's data [default: the last run in reports].",
)
@click.option("-p", "overrides", multiple=True, metavar="NAME=VALUE", help="Change one parameter.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Where the notebooks go [default: reports/lab/<scenario>].",
)
@click.option("--fresh", is_flag=True, help="Write changed notebooks anew; the changes are lost.")
@click.option("--no-open", is_flag=True, help="Only make the folder ready.")
def lab(
    words: tuple[str, ...],
    run: Path | None,
    overrides: tuple[str, ...],
    folder: Path | None,
    fresh: bool,
    no_open: bool,
) -> None:
    """Open copies of the notebooks, ready to run in any order on a finished run's data.

    Their parameters are the scenario's; without one, the run's own. Change a value in the first
    code cell, run all cells, and see what moves. Notebooks that you changed are kept. What stands
    after -- is JupyterLab's.
    """
    scenario = Path(words[0]) if words and not words[0].startswith("-") else None
    options = words[1:] if scenario else words
    from pilot_analysis import parameters, runs
    from pilot_analysis.files import can_write
    from pilot_analysis.runs import ONE_THREAD
    from pilot_analysis.runs import lab as workplace

    reports = runs.ROOT / "reports"
    if run is None:
        found = workplace.last_run(reports)
        if found is None:
            raise PilotError(
                f"{reports}: holds no finished run with its tables; run make report first"
            )
    else:
        found = workplace.finished_run(run.resolve())
        if found is None:
            raise PilotError(f"{run}: holds no finished run with its tables; run it again")
    own = parameters.Parameters.model_validate(found.parameters)
    values = own
    if scenario is not None or overrides:
        values = parameters.load(scenario, overrides, default=runs.ROOT / "params" / "default.yml")
    name = scenario.stem if scenario is not None else found.out.name
    ready = workplace.prepare(
        found, values, (folder or reports / "lab" / name).resolve(), fresh=fresh
    )
    click.echo(f"{ready.folder}: {len(ready.written)} notebooks on the data of {found.out}")
    if ready.kept:
        click.echo(f"kept as you changed them (--fresh writes them anew): {', '.join(ready.kept)}")
    if values != own:
        click.echo(
            "parameters differ from that run's: what 08_summary gathers is the run's own until "
            "03 to 07 have been run here"
        )
    if not no_open:
        os.environ.update(ONE_THREAD)  # the same digits as a run's
        if not can_write(Path(os.environ.get("HOME", "/"))):
            os.environ["HOME"] = str(ready.folder / ".home")  # where Jupyter keeps what it needs
        os.execv(sys.executable, workplace.jupyter(ready.folder, options))
