"""The processed tables."""

import os
from pathlib import Path
from typing import Any

import pyarrow

from pilot_analysis import description
from pilot_analysis.files import PRIVATE
from pilot_analysis.ingest import Rules, ingest
from pilot_analysis.runs.making import Made


def make(config: dict[str, Any], part: str) -> Made:
    """Ingest the exports into tables for their owner alone; `part` says how they were read."""
    os.umask(0o077)
    # Nothing runs beside this step, and what it makes does not depend on the number of threads.
    pyarrow.set_cpu_count(os.cpu_count() or 1)
    raw, processed = Path(config["raw"]), Path(config["processed"])
    processed.mkdir(parents=True, exist_ok=True)
    processed.chmod(PRIVATE)
    parameters, evaluation = config["parameters"], Path(config["evaluation"])
    quality = ingest(
        raw,
        processed,
        aliases=parameters["aliases"],
        rules=Rules.among(parameters),
        by_parts=part == "by_parts",
        described=description.load(evaluation),
    )
    description.put_beside_tables(evaluation, processed)
    for path in processed.glob("*.parquet"):
        if path.stem not in quality["processed"]:
            path.unlink()  # of an older version
    n = len(quality["remarks"])
    words = f"{n} remark{'s' * (n > 1)} on the exports: see notebook 01, pilot check"
    made = [*processed.glob("*.parquet"), processed / "quality.json"]
    truth = processed / "truth.json"
    return Made([*made, *([truth] if truth.exists() else [])], [words] if n else [])
