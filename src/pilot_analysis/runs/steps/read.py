"""One export, read by a job of its own on a cluster."""

import glob
import os
from pathlib import Path
from typing import Any

from pilot_analysis import description
from pilot_analysis.ingest import read_part
from pilot_analysis.runs.making import Made


def make(config: dict[str, Any], part: str) -> Made:
    """Read the export `part` for an ingest by parts."""
    os.umask(0o077)
    told = read_part(
        Path(config["raw"]),
        part,
        Path(config["processed"]),
        aliases=config["parameters"]["aliases"],
        instruments=description.load(Path(config["evaluation"])).instruments,
    )
    return Made([told, *(p for p in told.parent.glob(f"{glob.escape(part)}*.parquet"))])
