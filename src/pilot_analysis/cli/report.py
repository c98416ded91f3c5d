"""`pilot report`: write a finished run's report and site again."""

from pathlib import Path

import click

from pilot_analysis.cli.common import example


@click.command(epilog=example("  pilot report\n  pilot report reports/ours"))
@click.argument("run", required=False, type=click.Path(path_type=Path, file_okay=False))
def report(run: Path | None) -> None:
    """Write a finished run's report (PDF and HTML, in every language) and site again.

    From the run's own estimates, figures and notebooks: nothing is estimated anew.
    """
    from pilot_analysis import runs
    from pilot_analysis.runs import pages, translations
    from pilot_analysis.runs.manifest import read_manifest

    folder = (run or runs.ROOT / "reports" / "synthetic").resolve()
    for path in pages.write_again(folder):
        click.echo(str(path))
    for line in translations.untranslated(translations.described_by(read_manifest(folder))):
        click.echo(line)


@click.command(epilog=example("  pilot publish reports/ours to_hand_over"))
@click.argument("run", type=click.Path(path_type=Path, file_okay=False))
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def publish(run: Path, folder: Path) -> None:
    """Copy exactly what may leave a finished run into a new folder, looked at once more.

    RUN is a run's folder, FOLDER a new or empty one. Nothing is copied when anything may not leave.
    """
    from pilot_analysis.runs.handover import hand_over
    from pilot_analysis.runs.publish import remarks

    for line in remarks(run.resolve(), beside=folder.resolve().parent):
        click.echo(line)
    made = hand_over(run.resolve(), folder.resolve())
    click.echo(f"{folder}: {len(made)} files, nothing in them that may not leave")
