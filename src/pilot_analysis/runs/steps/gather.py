"""A study's table out of its blocks."""

from typing import Any

from pilot_analysis.runs.making import Made
from pilot_analysis.runs.study import gather


def make(config: dict[str, Any], part: str) -> Made:
    """Gather all blocks."""
    return Made([gather(config)])
