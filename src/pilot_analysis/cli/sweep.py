"""`pilot sweep`: a grid of runs as one workflow."""

import json
import os
import sys
from pathlib import Path

import click

from pilot_analysis import atomic
from pilot_analysis.cli.common import example, mistakes_explained
from pilot_analysis.cli.workflow import cluster_options

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
def sweep(grid: Path, raw: Path | None, out: Path | None, notebooks: tuple[str, ...],
          cores: int | None, profile: Path | None) -> None:  # fmt: skip
    """Run every combination of a grid of parameters, with one ingest, into one table and figure.

    Each run has its own folder with estimates, notebooks and manifest. A run that is
    there already is not made again.
    """
    with mistakes_explained():
        from pilot_analysis import parameters, runs
        from pilot_analysis.cli.run import configure, drive

        wanted = parameters.load_sweep(grid, default=runs.ROOT / "params" / "default.yml")
        folder = (out or runs.ROOT / "reports" / grid.stem).resolve()
        shared = None if raw is None else folder / "processed"
        configs = []
        for name, values in wanted:
            config = configure(
                None, raw, folder / name, values, processed=shared, notebooks=notebooks
            )
            config["sweep"] = str(folder)
            atomic.write_if_changed(Path(config["file"]), json.dumps(config, indent=1))
            configs.append(config)
        used = [{k: str(v) for k, v in values.model_dump().items()} for _, values in wanted]
        moved = [k for k in used[0] if len({own[k] for own in used}) > 1]
        raw_folder = Path(configs[0]["raw"])
        listed = {
            "synthetic": configs[0]["simulate"] or (raw_folder / "truth.json").exists(),
            "runs": [
                {"name": name, "varied": {k: own[k] for k in moved}}
                for (name, _), own in zip(wanted, used, strict=True)
            ],
        }
        atomic.write_if_changed(folder / runs.SWEEP_FILE, json.dumps(listed, indent=1))
        code = drive(configs, cores or os.cpu_count() or 1, work=folder / ".work",
                     collected=folder / "sweep.csv", profile=profile)  # fmt: skip
        if code == 0:
            click.echo(str(folder / "sweep.csv"))
        sys.exit(code)
