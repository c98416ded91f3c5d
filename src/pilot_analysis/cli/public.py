"""`pilot public`: the comparison on the schools' public figures, for those without pupil data."""

from pathlib import Path

import click

from pilot_analysis.cli.common import (
    evaluation_option,
    example,
    fail,
    parameters_of,
)

_SHOWN = {
    "school_form": "school form",
    "outcome": "outcome",
    "estimate": "estimate",
    "ci_low": "from",
    "ci_high": "to",
    "p_value": "p",
    "p_value_min": "smallest p",
    "n_treated_schools": "pilot",
    "n_schools": "schools",
    "unit": "unit",
}


@click.command(
    epilog=example(
        "  pilot public skolverket\n  pilot public skolverket --out public.csv --report public"
    )
)
@click.argument("folder", type=click.Path(path_type=Path, exists=True))
@evaluation_option
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    default=None,
    help="Write the estimates as CSV too.",
)
@click.option(
    "--report",
    type=click.Path(path_type=Path, file_okay=False),
    default=None,
    help="Write a report of them into this folder, in every language, as PDF and HTML.",
)
def public(folder: Path, evaluation: Path | None, out: Path | None, report: Path | None) -> None:
    """Compare schools by public figures alone: one row a school and year, no pupil data.

    FOLDER holds skolor.csv, exponering.csv and Skolverket's statistics (or skolresultat.csv).
    """
    import tempfile

    with tempfile.TemporaryDirectory() as scratch:
        from pilot_analysis import description, estimates
        from pilot_analysis.catalogue import reasons
        from pilot_analysis.catalogue.language import ENGLISH
        from pilot_analysis.evaluation.public_figures import evaluate_public_figures
        from pilot_analysis.ingest import IngestError, Rules, ingest

        described = description.load(evaluation or description.FOLDER)
        chosen = parameters_of(evaluation, None)
        how = chosen.how_to_read()
        try:
            read = ingest(
                folder,
                Path(scratch),
                key=b"no pupils",
                aliases=how["aliases"],
                rules=Rules.among(how),
                described=described,
            )
        except IngestError as error:
            fail(error.told(ENGLISH))
        table = evaluate_public_figures(Path(scratch), chosen)
        if table.empty:
            fail("the exports hold no public figures of schools in the exposure register")
        shown = table[table["estimate"].notna()]
        if len(shown):
            click.echo(shown[list(_SHOWN)].rename(columns=_SHOWN).round(2).to_string(index=False))
        for row in table[table["estimate"].isna()].to_dict("records"):
            click.echo(f"{row['outcome']} ({row['school_form']}): {reasons.sentence(row, ENGLISH)}")
        if out is not None:
            estimates.write_csv(table, out)
            click.echo(f"{out}: written")
        if report is not None:
            from pilot_analysis.report import public as pages

            for path in pages.write(table, described, chosen, report, synthetic=read["synthetic"]):
                click.echo(f"{path}: written")
