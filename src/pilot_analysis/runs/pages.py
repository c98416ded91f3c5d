"""A finished run's site and report, from what the run has made."""

import tempfile
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
from pydantic import ValidationError

from pilot_analysis import estimates, forked, plan
from pilot_analysis.errors import PilotError
from pilot_analysis.parameters import Parameters
from pilot_analysis.plan import Plan
from pilot_analysis.report import board, site
from pilot_analysis.runs.translations import described_by, to_open
from pilot_analysis.words import LANGUAGES


def write_site(
    folder: Path,
    quality: Mapping[str, Any],
    provenance: Mapping[str, Any],
    *,
    notebooks: Path,
    figures: Path,
    report: Path,
    out: Path,
) -> None:
    """Write `out`/site from what a run made; `folder` holds its estimates."""
    table = estimates.read(folder / "estimates.parquet")
    made_of = material(table, quality, figures, provenance)
    composed = forked.each(partial(board.compose, made_of), LANGUAGES)
    documents = dict(zip(LANGUAGES, composed, strict=True))
    made = site.Run(table, quality, provenance, documents, notebooks, figures, report)
    site.write(made, out / "site")


def material(
    table: pd.DataFrame, quality: Mapping[str, Any], figures: Path, found: Mapping[str, Any]
) -> board.Material:
    """Return what a report is written from; evaluation and plan are those of the run's manifest.

    Raises `PilotError` where another version of the package, with other words for them, made it.
    """
    planned = found.get("plan")
    try:
        return board.Material(
            table,
            quality,
            figures,
            Plan.model_validate(planned) if planned else plan.load(),
            Parameters.model_validate(found["parameters"]),
            described_by(found),
            found.get("plan_sha256", ""),
        )
    except ValidationError as error:
        names = ", ".join(sorted({".".join(map(str, p["loc"])) for p in error.errors()}))
        raise PilotError(
            f"the run's manifest is of another version of the package ({names}); run it again"
        ) from None


def write_again(folder: Path) -> list[Path]:
    """Write a finished run's report and site again, past the same gate; returns what to open.

    Raises `PilotError` where the folder holds no finished run, or what may not leave.
    """
    from pilot_analysis.runs import manifest, publish

    found = manifest.read_manifest(folder)
    manifest.parameters_of(found, folder)
    table, quality = manifest.read_estimates(folder), manifest.read_quality(folder)
    figures = folder / "figures"
    with tempfile.TemporaryDirectory(prefix=".report-", dir=folder) as scratch:
        made = Path(scratch)
        board.write(material(table, quality, figures, found), made)
        write_site(
            folder,
            quality,
            found,
            notebooks=folder / "notebooks",
            figures=figures,
            report=made,
            out=made,
        )
        publish.publish_again(made, folder)
    return to_open(folder)
