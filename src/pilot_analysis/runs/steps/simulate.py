"""The default scenario's exports, in `data/raw`."""

from pathlib import Path
from typing import Any

from pilot_analysis.runs.configure import SIMULATING, TRUTH
from pilot_analysis.runs.making import Made
from pilot_analysis.synthetic import SCENARIOS
from pilot_analysis.synthetic.export import simulate


def make(config: dict[str, Any], part: str) -> Made:
    """Write the exports; while that goes on, a mark says that they are ours to write again."""
    raw = Path(config["raw"])
    raw.mkdir(parents=True, exist_ok=True)
    (raw / SIMULATING).touch()
    simulate(SCENARIOS["linkoping"], raw)
    (raw / SIMULATING).unlink()
    return Made([*raw.glob("*.csv"), raw / TRUTH])
