"""`pilot report`: write a finished run's report and site again."""

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from pilot_analysis.cli.common import example, mistakes_explained
from pilot_analysis.errors import PilotError


@click.command(epilog=example("  pilot report\n  pilot report reports/ours"))
@click.argument("run", required=False, type=click.Path(path_type=Path, file_okay=False))
def report(run: Path | None) -> None:
    """Write a finished run's report (PDF and HTML, Swedish and English) and site again.

    From the run's own estimates, figures and notebooks: nothing is estimated anew.
    """
    with mistakes_explained():
        from pilot_analysis import estimates, plan, runs
        from pilot_analysis.parameters import Parameters
        from pilot_analysis.report import board

        folder = (run or runs.ROOT / "reports" / "synthetic").resolve()
        try:
            table = estimates.read(folder / "estimates.parquet")
            manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
            quality = json.loads((folder / "quality.json").read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError) as error:
            missing = Path(str(error.filename or folder)).name
            raise PilotError(f"{folder}: holds no finished run ({missing} is missing)") from None
        with tempfile.TemporaryDirectory(prefix=".report-", dir=folder) as scratch:
            made = Path(scratch)
            values = Parameters.model_validate(manifest["parameters"])
            figures = folder / "figures"
            board.write(board.Material(table, quality, figures, plan.load(), values), made)
            write_site(
                folder, quality, manifest, notebooks=folder / "notebooks",
                figures=figures, report=made, out=made,
            )  # fmt: skip
            runs.publish_again(made, folder)
        for name in ("report_sv.pdf", "report_en.pdf", "site/index.html"):
            click.echo(str(folder / name))


def write_site(
    folder: Path, quality: Mapping[str, Any], provenance: Mapping[str, Any], *, notebooks: Path,
    figures: Path, report: Path, out: Path,
) -> None:  # fmt: skip
    """Write `out`/site from what a run made; `folder` holds its estimates."""
    from pilot_analysis import estimates, plan
    from pilot_analysis.parameters import Parameters
    from pilot_analysis.report import board, site
    from pilot_analysis.words import LANGUAGES

    table = estimates.read(folder / "estimates.parquet")
    values = Parameters.model_validate(provenance["parameters"])
    material = board.Material(table, quality, figures, plan.load(), values)
    documents = {language: board.compose(material, language) for language in LANGUAGES}
    made = site.Run(table, quality, provenance, documents, notebooks, figures, report)
    site.write(made, out / "site")
