"""One block of a study."""

from typing import Any

from pilot_analysis.runs.making import Made
from pilot_analysis.runs.study import make_block


def make(config: dict[str, Any], part: str) -> Made:
    """Make the block whose number is `part`."""
    return Made([make_block(config, int(part))])
