"""`pilot answers`: the answers of runs with known truth, as the site sets them side by side."""

from pathlib import Path

import click

from pilot_analysis.cli.common import example


@click.command(
    epilog=example(
        "  pilot answers reports/synthetic reports/clear_effect reports/no_effect"
        " --out examples/answers.csv"
    )
)
@click.argument("runs", nargs=-1, required=True, type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="File for the table.",
)
def answers(runs: tuple[Path, ...], out: Path) -> None:
    """Write the answers of runs of synthetic exports into one table, with the true effects.

    The site's page of three reports side by side is made from examples/answers.csv; `make
    examples` makes that table anew.
    """
    from pilot_analysis import estimates
    from pilot_analysis.runs.answers import collect

    found = collect([run.resolve() for run in runs])
    estimates.write_csv(found, out, digits=6)
    click.echo(f"{len(found)} rows of {len(runs)} runs in {out}")
