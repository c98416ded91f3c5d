"""`pilot compare` and `pilot verify`: two runs side by side, and a run made again."""

import math
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pilot_analysis.cli.common import evaluation_option, example
from pilot_analysis.errors import PilotError

if TYPE_CHECKING:
    import pandas as pd

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
    """Show what differs between two runs: answers, parameters, data, versions, every estimate.

    The answers come first, those to the plan's questions before the others, each with its interval.
    """
    from pilot_analysis.runs.compare import compare as compare_runs
    from pilot_analysis.runs.compare import comparison_page

    found = compare_runs(a.resolve(), b.resolve())
    click.echo(f"A = {a}\nB = {b}")
    _tell_answers(a.resolve(), b.resolve())
    if len(found.settings):
        click.echo("\nSet otherwise:\n" + found.settings.to_string(index=False))
    shown = found.rows if everything else found.main
    shown = shown[shown["verdict"] != "identical"]
    columns = ["outcome", "school_form", "population", "a", "b", "change", "unit", "verdict"]
    if everything:
        columns = [*columns[:3], "model", "specification", "term", *columns[3:]]
    else:
        shown = shown.assign(a=_with_interval(shown, "a"), b=_with_interval(shown, "b"))
    if len(shown):
        click.echo(f"\n{'Estimates' if everything else 'Primary estimates'} that differ:")
        click.echo(shown[columns].to_string(index=False, float_format="{:.3f}".format))
    counts = ", ".join(f"{n} {verdict}" for verdict, n in found.counts().items())
    click.echo(f"\nOf {len(found.rows)} estimates: {counts}.")
    if out is not None:
        click.echo(str(comparison_page(found, out)))


def _tell_answers(a: Path, b: Path) -> None:
    """Say which answers differ, the plan's questions first; nothing where neither run has any."""
    from pilot_analysis.catalogue.language import ENGLISH
    from pilot_analysis.report import answers_compared
    from pilot_analysis.report.answers import Findings
    from pilot_analysis.runs.manifest import read_estimates, read_manifest
    from pilot_analysis.runs.pages import material

    try:
        findings = [
            Findings(
                material(read_estimates(run), {}, run / "figures", read_manifest(run)), ENGLISH
            )
            for run in (a, b)
        ]
    except PilotError as error:
        click.echo(f"\nAnswers cannot be told: {error}")
        return
    found = answers_compared.compare(*findings)
    changed = [one for one in found if one.changed]
    if not found:
        return
    click.echo(f"\nAnswers that changed: {len(changed)} of {len(found)}.")
    for one in changed:
        click.echo(f"  {one.question}{'' if one.planned else ', not a main question'}")
        click.echo(f"    A: {one.a}\n    B: {one.b}")
    same = [one for one in found if not one.changed]
    if same:
        click.echo("Answers that are the same, with both intervals:")
    for one in same:
        click.echo(f"  {one.question}\n    A: {one.a}\n    B: {one.b}")


def _with_interval(rows: "pd.DataFrame", run: str) -> list[str]:
    """Return a run's estimates, each with its interval where it has one."""
    told = []
    for value, low, high in rows[[run, f"low_{run}", f"high_{run}"]].itertuples(index=False):
        said = "–" if math.isnan(value) else f"{value:.3f}"
        bounded = math.isfinite(low) and math.isfinite(high)
        told.append(f"{said} ({low:.3f} to {high:.3f})" if bounded else said)
    return told


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

    The numbers held against it are those of the last commit; where git knows none it is said whether
    the folder's own come out again. Says for each how it came out: identical, equal within 1e-8, or
    different. Exit code 1 when any differs, when a committed file is not the one that its manifest
    lists, or when the evaluation or the exports are not those of the manifest.
    """
    with tempfile.TemporaryDirectory() as scratch:
        from pilot_analysis.runs import verify as verifying

        wanted = (run or verifying.DEFAULT_RUN).resolve()
        out = (keep or Path(scratch) / wanted.name).resolve()
        found = verifying.verify(wanted, raw, out, Path(scratch), evaluation)
        for verdict, n in found.comparison.counts().items():
            click.echo(f"{n} estimates {verdict}")
        commit = found.reference.commit
        held = f"{wanted.name} as committed in {commit}" if commit else str(wanted)
        if not found.same:
            _tell_differences(found.comparison)
            click.echo(f"{held}: came out otherwise")
            sys.exit(1)
        if commit:
            click.echo(f"{held}: verified")
        else:
            # What lies there may be the reader's own run.
            click.echo(f"{held}: came out the same again; no commit has it, so nothing is verified")


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
        "differing",
    ]
    shown = wrong[columns].rename(columns={"a": "committed", "b": "now"}).head(20)
    click.echo(shown.to_string(index=False, float_format="{:.6g}".format))
    for row in found.settings.itertuples():
        click.echo(f"{row.kind} {row.name}: {row.a} then, {row.b} now")
