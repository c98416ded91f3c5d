"""`pilot sweep`: a grid of runs as one workflow."""

import sys
from pathlib import Path

import click

from pilot_analysis.cli.common import cluster_options, example

# What a sweep runs of each combination: the notebooks that hold the primary answers.
NOTEBOOKS = ("03_attendance", "04_goal_attainment", "05_targeted_support")


@click.command(epilog=example("  pilot sweep params/sweeps/window.yml"))
@click.argument("grid", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--raw",
    type=click.Path(path_type=Path),
    default=None,
    help="Folder with the exports [default: data/raw, simulated when empty].",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Folder for the results [default: reports/<grid>].",
)
@click.option(
    "--notebook",
    "notebooks",
    multiple=True,
    type=click.Choice(NOTEBOOKS),
    default=NOTEBOOKS,
    help="Run only this notebook of each combination (repeat) [default: 03 to 05].",
)
@cluster_options
def sweep(
    grid: Path,
    raw: Path | None,
    out: Path | None,
    notebooks: tuple[str, ...],
    cores: int | None,
    profile: Path | None,
) -> None:
    """Run every combination of a grid of parameters, with one ingest, into one table and figure.

    Each run has its own folder with estimates, notebooks and manifest. A run that is
    there already is not made again.
    """
    from pilot_analysis import parameters, runs
    from pilot_analysis.runs import sweep as sweeping
    from pilot_analysis.runs.workflow import Drive, drive_runs

    wanted = parameters.load_sweep(grid, default=runs.ROOT / "params" / "default.yml")
    folder = (out or runs.ROOT / "reports" / grid.stem).resolve()
    configs = sweeping.configure_runs(wanted, folder, raw, notebooks)
    table = folder / "sweep.csv"
    drive = Drive(sweeping.private(folder), folder, cores, profile, (table,))
    sys.exit(drive_runs(configs, drive, collected=table))
