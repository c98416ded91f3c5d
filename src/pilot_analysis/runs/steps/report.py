"""The run's one estimates table, its quality report, and the board's report."""

import json
from pathlib import Path
from typing import Any

from pilot_analysis import description, disclosure, estimates, parameters, plan
from pilot_analysis.files import write_json
from pilot_analysis.report import board
from pilot_analysis.runs.execute import forget_others
from pilot_analysis.runs.making import Made


def make(config: dict[str, Any], part: str) -> Made:
    """Write them; what notebooks of an earlier run left goes."""
    work, processed = Path(config["work"]), Path(config["processed"])
    forget_others(work, config["notebooks"])
    parts = [work / "results" / "estimates" / f"{name}.parquet" for name in config["estimating"]]
    exact = estimates.combine(estimates.read(path) for path in parts)
    # All digits stay here: `private` is never published.
    estimates.write(exact, work / "private" / "estimates.parquet")
    table, few = disclosure.published(exact)
    estimates.write(table, work / "estimates.parquet")
    full = json.loads((processed / "quality.json").read_text(encoding="utf-8"))
    quality, withheld = disclosure.protect_quality(full)
    write_json(work / "quality.json", quality)
    record = disclosure.record(work / "results" / "withheld", [*few, *withheld])
    write_json(work / "disclosure.json", record)
    made = [
        work / name
        for name in (
            "estimates.parquet",
            "estimates.csv",
            "quality.json",
            "disclosure.json",
            "private/estimates.parquet",
        )
    ]
    if not config["board"]:
        return Made(made)
    (work / "report").mkdir(exist_ok=True)
    values = parameters.Parameters.model_validate(config["parameters"])
    figures = work / "results" / "figures"
    evaluation = Path(config["evaluation"])
    material = board.Material(
        table,
        quality,
        figures,
        plan.load(evaluation / description.PLAN),
        values,
        description.load(evaluation),
        plan.digest(evaluation / description.PLAN),
    )
    board.write(material, work / "report")
    return Made([*made, *(work / "report").glob("report_*.*")])
