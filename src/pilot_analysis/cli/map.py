"""`pilot map`: a first mapping for another system's exports."""

from pathlib import Path

import click

from pilot_analysis.cli.common import Bilingual, example
from pilot_analysis.errors import ParameterError


@click.command(
    cls=Bilingual,
    name="map",
    epilog=example(
        "  pilot map exports\n  pilot map exports --out exports/mapping.yml\n  pilot map --show ss12000"
    ),
)
@click.argument(
    "folder", required=False, type=click.Path(path_type=Path, exists=True, file_okay=False)
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), default=None)
@click.option("--show", type=click.Choice(["ss12000", "skolverket", "wide_grades"]), default=None)
def map_command(folder: Path | None, out: Path | None, show: str | None) -> None:
    """Look at a folder and write a first mapping: guesses, and open questions marked ???."""
    from pilot_analysis.ingest.intake.mapping import draft, model

    if (folder is None) == (show is None):
        raise ParameterError("name a folder, or a mapping with --show")
    text = draft.draft(folder) if folder is not None else model.shipped_text(str(show))
    if out is None:
        click.echo(text, nl=False)
        return
    if out.exists():
        raise ParameterError(f"{out}: is there already; remove it, or name another file")
    out.write_text(text, encoding="utf-8")
    click.echo(str(out))
