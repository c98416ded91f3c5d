"""`pilot study`: simulations and bootstraps whose blocks run side by side, here or on a cluster."""

import sys
from pathlib import Path

import click

from pilot_analysis.cli.common import cluster_options, example

SIZE_AND_POWER, BOOTSTRAP = "size_and_power", "bootstrap"


@click.command(
    epilog=example(
        "  pilot study size_and_power --panels 2000 --blocks 72\n"
        "  pilot study bootstrap --run reports/synthetic --draws 10000000 --blocks 20\n"
        "  pilot study size_and_power --profile workflow/profiles/slurm"
    )
)
@click.argument("name", type=click.Choice([SIZE_AND_POWER, BOOTSTRAP]))
@click.option(
    "--blocks",
    type=click.IntRange(1, 5_000),
    default=8,
    show_default=True,
    help="Into how many jobs it is cut.",
)
@click.option(
    "--panels",
    type=click.IntRange(40),
    default=2_000,
    show_default=True,
    help="Simulated panels a cell (size_and_power).",
)
@click.option(
    "--draws",
    type=click.IntRange(99),
    default=999_999,
    show_default=True,
    help="Draws in all (bootstrap).",
)
@click.option(
    "--run",
    "run",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="The run whose primary questions are tested (bootstrap) [default: reports/synthetic].",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Folder for the table [default: reports/study_<name>].",
)
@cluster_options
def study(
    name: str,
    blocks: int,
    panels: int,
    draws: int,
    run: Path | None,
    out: Path | None,
    cores: int | None,
    profile: Path | None,
) -> None:
    """Make a study in blocks that run side by side, into one table.

    size_and_power: how often every method rejects, by design (`size_and_power.csv` is the committed
    one). bootstrap: the planned questions about all pupils by a wild cluster bootstrap with as
    many draws as wanted. Blocks that are there are not made again.
    """
    from pilot_analysis import runs
    from pilot_analysis.runs import study as studies
    from pilot_analysis.runs.workflow import Drive, drive_steps

    folder = (out or runs.ROOT / "reports" / f"study_{name}").resolve()
    amount = {"panels": panels} if name == SIZE_AND_POWER else {"draws": draws}
    from_run = (run or runs.ROOT / "reports" / "synthetic").resolve()
    config = studies.configure(name, {"blocks": blocks, **amount}, from_run, folder)
    drive = Drive(Path(config["work"]), folder, cores, profile, (Path(config["collected"]),))
    sys.exit(drive_steps(lambda make: studies.study_steps(make, config), drive))
