"""`pilot run`: the whole evaluation."""

import os
import sys
from pathlib import Path

import click

from pilot_analysis.cli.common import (
    cluster_options,
    evaluation_option,
    example,
    parameters_of,
)


@click.command(
    epilog=example(
        "  pilot run\n  pilot run params/no_remote_weeks.yml\n"
        "  pilot run --evaluation examples/two_of_nine\n  pilot run --raw exports --out reports/ours -p ci_level=0.9"
    )
)
@click.argument("scenario", required=False, type=click.Path(path_type=Path))
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
    help="Folder for the results [default: one in reports, named by what differs].",
)
@evaluation_option
@click.option("-p", "overrides", multiple=True, metavar="NAME=VALUE", help="Change one parameter.")
@cluster_options
def run(
    scenario: Path | None,
    raw: Path | None,
    out: Path | None,
    evaluation: Path | None,
    overrides: tuple[str, ...],
    cores: int | None,
    profile: Path | None,
) -> None:
    """Run the whole evaluation; only what changed is done again.

    With --evaluation, of another pilot: its plan says which parameters, its folder `raw` holds the
    exports.
    """
    from pilot_analysis.runs import ONE_THREAD
    from pilot_analysis.runs.loading import Snakemake

    os.environ.update(ONE_THREAD)
    with Snakemake() as snakemake:
        from pilot_analysis import description
        from pilot_analysis.runs import publish, translations
        from pilot_analysis.runs.configure import Wish, changing, configure
        from pilot_analysis.runs.workflow import Drive, drive_runs

        values = parameters_of(evaluation, scenario, overrides)
        without = parameters_of(evaluation, scenario) if overrides else values
        named = changing(overrides, without, values)
        config = configure(Wish(values, scenario, evaluation, raw, out, named))
        folder = Path(config["out"])
        ends = tuple(translations.to_open(folder))
        drive = Drive(Path(config["work"]), folder, cores, profile, ends, snakemake)
        code = drive_runs([config], drive)
    if not code:
        for line in (
            *translations.untranslated(description.load(Path(config["evaluation"]))),
            *publish.remarks(folder, beside=folder.parent),
        ):
            click.echo(line)
    sys.exit(code)
