"""A finished run's site and report, from what the run has made."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pilot_analysis import estimates, plan
from pilot_analysis.parameters import Parameters
from pilot_analysis.report import board, site
from pilot_analysis.words import LANGUAGES


def write_site(
    folder: Path, quality: Mapping[str, Any], provenance: Mapping[str, Any], *, notebooks: Path,
    figures: Path, report: Path, out: Path,
) -> None:  # fmt: skip
    """Write `out`/site from what a run made; `folder` holds its estimates."""
    table = estimates.read(folder / "estimates.parquet")
    values = Parameters.model_validate(provenance["parameters"])
    material = board.Material(table, quality, figures, plan.load(), values)
    documents = {language: board.compose(material, language) for language in LANGUAGES}
    made = site.Run(table, quality, provenance, documents, notebooks, figures, report)
    site.write(made, out / "site")


def write_again(folder: Path) -> list[Path]:
    """Write a finished run's report and site again, past the same gate; returns what to open.

    Raises `PilotError` where the folder holds no finished run, or what may not leave.
    """
    from pilot_analysis.runs import manifest, publish

    found = manifest.read_manifest(folder)
    values = manifest.parameters_of(found, folder)
    table, quality = manifest.read_estimates(folder), manifest.read_quality(folder)
    figures = folder / "figures"
    with tempfile.TemporaryDirectory(prefix=".report-", dir=folder) as scratch:
        made = Path(scratch)
        board.write(board.Material(table, quality, figures, plan.load(), values), made)
        write_site(
            folder, quality, found, notebooks=folder / "notebooks", figures=figures,
            report=made, out=made,
        )  # fmt: skip
        publish.publish_again(made, folder)
    return [folder / name for name in ("report_sv.pdf", "report_en.pdf", "site/index.html")]
