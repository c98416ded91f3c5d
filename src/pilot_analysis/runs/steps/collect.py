"""A sweep's table and figures."""

from pathlib import Path
from typing import Any

from pilot_analysis.runs.making import Made
from pilot_analysis.runs.sweep import collect


def make(config: dict[str, Any], part: str) -> Made:
    """Gather the runs of a sweep."""
    folder = Path(config["sweep"])
    collect(folder)
    return Made([folder / "sweep.csv", *(folder / "figures").glob("*.*")])
