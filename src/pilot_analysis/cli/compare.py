"""`pilot compare` and `pilot verify`: two runs side by side, and a run made again."""

import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pilot_analysis.cli.common import evaluation_option, example

if TYPE_CHECKING:
    from pilot_analysis.runs.compare import Comparison


@click.command(
    epilog=example(
        "  pilot compare reports/synthetic reports/no_remote_weeks\n"
        "  pilot compare A B --out comparison"
    )
)
@click.argument("a", type=click.Path(path_type=Path, file_okay=False))
@click.argument("b", type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Write a page with a figure, and every estimate as CSV, into this folder.",
)
@click.option("--all", "everything", is_flag=True, help="Show every estimate that differs.")
def compare(a: Path, b: Path, out: Path | None, everything: bool) -> None:
    """Show what differs between two runs: parameters, data, versions, and every estimate."""
    from pilot_analysis.runs.compare import compare as compare_runs
    from pilot_analysis.runs.compare import comparison_page

    found = compare_runs(a.resolve(), b.resolve())
    click.echo(f"A = {a}\nB = {b}")
    if len(found.settings):
        click.echo("\nSet otherwise:\n" + found.settings.to_string(index=False))
    shown = found.rows if everything else found.main
    shown = shown[shown["verdict"] != "identical"]
    columns = ["outcome", "population", "a", "b", "change", "unit", "verdict"]
    if everything:
        columns = ["outcome", "population", "model", "specification", "term", *columns[2:]]
    if len(shown):
        click.echo(f"\n{'Estimates' if everything else 'Primary estimates'} that differ:")
        click.echo(shown[columns].to_string(index=False, float_format="{:.3f}".format))
    counts = ", ".join(f"{n} {verdict}" for verdict, n in found.counts().items())
    click.echo(f"\nOf {len(found.rows)} estimates: {counts}.")
    if out is not None:
        click.echo(str(comparison_page(found, out)))


@click.command(epilog=example("  pilot verify\n  pilot verify reports/ours --raw exports"))
@click.argument("run", required=False, type=click.Path(path_type=Path, file_okay=False))
@click.option(
    "--raw",
    type=click.Path(path_type=Path),
    default=None,
    help="Folder with the run's exports [default: data/raw].",
)
@click.option(
    "--keep",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Keep the run that is made for the check in this folder.",
)
@evaluation_option
def verify(run: Path | None, raw: Path | None, keep: Path | None, evaluation: Path | None) -> None:
    """Make a run again from its manifest and compare every estimate with what is committed.

    The numbers held against it are those of the last commit, or of the folder where git does not
    know it. Says for each how it came out: identical, equal within 1e-8, or different. Exit code 1 when any
    differs, or when the evaluation or the exports are not those of the manifest.
    """
    with tempfile.TemporaryDirectory() as scratch:
        from pilot_analysis.runs import verify as verifying

        wanted = (run or verifying.DEFAULT_RUN).resolve()
        out = (keep or Path(scratch) / wanted.name).resolve()
        found = verifying.verify(wanted, raw, out, Path(scratch), evaluation)
        for verdict, n in found.comparison.counts().items():
            click.echo(f"{n} estimates {verdict}")
        if not found.same:
            _tell_differences(found.comparison)
            sys.exit(1)
        click.echo(f"{found.reference.said}: verified")


def _tell_differences(found: "Comparison") -> None:
    wrong = found.rows[~found.rows["verdict"].isin(["identical", "equal within tolerance"])]
    columns = [
        "outcome",
        "school_form",
        "population",
        "model",
        "specification",
        "a",
        "b",
        "verdict",
    ]
    click.echo(wrong[columns].head(20).to_string(index=False))
    for row in found.settings.itertuples():
        click.echo(f"{row.kind} {row.name}: {row.a} then, {row.b} now")
