"""`pilot new` and `pilot plan`: another pilot's evaluation, from an empty folder to a frozen plan."""

import datetime
from pathlib import Path

import click

from pilot_analysis.cli.common import example


@click.command(epilog=example("  pilot new ours --first HT2021 --last VT2025 --schools skolor.csv"))
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@click.option("--first", required=True, metavar="TERM", help="First term of the analysis.")
@click.option("--last", required=True, metavar="TERM", help="Last term of the analysis.")
@click.option(
    "--schools",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    default=None,
    help="skolor.csv: the exposure register then lists every school and term.",
)
def new(folder: Path, first: str, last: str, schools: Path | None) -> None:
    """Make the folder of another pilot's evaluation: what to fill in, and in which order.

    Its README says the rest, in Swedish and English.
    """
    from pilot_analysis import starting

    try:
        wanted = starting.NewPilot(first, last, schools)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    starting.write(folder, wanted)
    click.echo(f"{folder}: made; begin with {folder / 'README.md'}")


@click.command(epilog=example("  pilot plan ours\n  pilot plan ours --freeze"))
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--raw",
    type=click.Path(path_type=Path, exists=True),
    default=None,
    help="Folder with the exports [default: raw in FOLDER].",
)
@click.option("--freeze", is_flag=True, help="Write today's date into the plan.")
def plan(folder: Path, raw: Path | None, freeze: bool) -> None:
    """Say what a planned evaluation can find, before outcomes are read; freeze its plan.

    Schools, terms and pupils come from the exports, how much absence varies from the assumptions of
    pilot power. No outcome is looked at.
    """
    import tempfile

    import numpy as np

    with tempfile.TemporaryDirectory() as scratch:
        from pilot_analysis import description, starting
        from pilot_analysis.catalogue.language import ENGLISH
        from pilot_analysis.catalogue.words import words_for
        from pilot_analysis.ingest import IngestError, Rules, ingest
        from pilot_analysis.parameters import Parameters

        chosen = Parameters.model_validate(starting.read_open_plan(folder).parameters)
        described = description.load(folder)
        words = words_for(ENGLISH, chosen, described)
        try:
            ingest(
                raw or folder / "raw",
                Path(scratch),
                key=b"only planning",
                rules=Rules.among(chosen.how_to_read()),
                described=described,
            )
        except IngestError as error:
            raise click.ClickException(error.told(ENGLISH)) from None
        for row in starting.design(Path(scratch), chosen).to_dict("records"):
            click.echo(
                f"{words.form(row['school_form'])}: {row['treated']} of {row['schools']} schools, "
                f"about {row['pupils']} pupils each, {row['terms_before']} terms before the first "
                f"start and {row['terms_after']} from it on"
            )
            if len(row["starts"]) > 1:
                told = ", ".join(f"{n} in {term}" for term, n in row["starts"].items())
                click.echo(f"  schools start apart ({told}): each is compared over its own start")
            if row["left_out"]:
                click.echo(
                    f"  left out: {row['left_out']} pilot schools without a term before their start"
                )
            if np.isnan(row["smallest_p"]):
                click.echo("  no comparison over time can be made")
                continue
            known = np.isfinite(row["detectable"])
            found = f"{row['detectable']:.1f} percentage points of absence" if known else "none"
            click.echo(f"  smallest effect found four times of five: {found}")
            click.echo(f"  smallest p that chance allows: {row['smallest_p']:.2g}")
        if freeze:
            starting.freeze(folder, datetime.date.today())
            click.echo(f"{folder / 'plan.yml'}: frozen; it is part of every run's manifest")
