"""One executed notebook, its rows of the estimates table, its figures."""

from pathlib import Path
from typing import Any

from pilot_analysis.parameters import Parameters
from pilot_analysis.runs.execute import execute_notebook, made_figures
from pilot_analysis.runs.making import Made


def make(config: dict[str, Any], part: str) -> Made:
    """Execute the notebook `part`."""
    work = Path(config["work"])
    results = work / "results"
    results.mkdir(exist_ok=True)
    values = Parameters.model_validate(config["parameters"]).for_notebook(part)
    execute_notebook(
        part, values, Path(config["processed"]), results, work / "notebooks", work / "failed"
    )
    made = [
        results / "estimates" / f"{part}.parquet",
        results / "estimates" / f"{part}.csv",
        results / "withheld" / f"{part}.json",
        *made_figures(results, part),
    ]
    return Made([work / "notebooks" / f"{part}.ipynb", *(path for path in made if path.exists())])
