"""The exports of the evaluation's scenario: the default one's in `data/raw`."""

from pathlib import Path
from typing import Any

from pilot_analysis.errors import ParameterError
from pilot_analysis.runs.configure import SIMULATING, TRUTH
from pilot_analysis.runs.making import Made
from pilot_analysis.synthetic.export import simulate
from pilot_analysis.synthetic.scenario import of_evaluation


def make(config: dict[str, Any], part: str) -> Made:
    """Write the exports; while that goes on, a mark says that they are ours to write again."""
    raw = Path(config["raw"])
    raw.mkdir(parents=True, exist_ok=True)
    (raw / SIMULATING).touch()
    scenario = of_evaluation(Path(config["evaluation"]))
    if scenario is None:
        raise ParameterError(f"{config['evaluation']}: describes nothing that can be simulated")
    simulate(scenario, raw)
    (raw / SIMULATING).unlink()
    return Made([*raw.glob("*.csv"), raw / TRUTH])
