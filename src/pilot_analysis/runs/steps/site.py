"""The reviewers' site."""

import json
from pathlib import Path
from typing import Any

from pilot_analysis import parameters
from pilot_analysis.runs.making import Made
from pilot_analysis.runs.manifest import provenance
from pilot_analysis.runs.pages import write_site


def make(config: dict[str, Any], part: str) -> Made:
    """Write the site from what the run has made."""
    work = Path(config["work"])
    values = parameters.Parameters.model_validate(config["parameters"])
    quality = json.loads((work / "quality.json").read_text(encoding="utf-8"))
    write_site(
        work,
        quality,
        provenance(quality, values, Path(config["evaluation"])),
        notebooks=work / "notebooks",
        figures=work / "results" / "figures",
        report=work / "report",
        out=work,
    )
    return Made(path for path in (work / "site").rglob("*") if path.is_file())
