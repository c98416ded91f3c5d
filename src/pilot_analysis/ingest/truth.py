"""What the generator wrote beside synthetic exports: their digests and the known true effects."""

from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, ValidationError

from pilot_analysis.files import digests
from pilot_analysis.ingest.intake.folder import OURS, inputs
from pilot_analysis.ingest.problems import IngestError, problem

TRUTH = "truth.json"


class _Effect(BaseModel):
    model_config = ConfigDict(extra="allow")

    claim: str
    outcome: str
    population: str
    school_form: str
    effect: float
    unit: str


class _Truth(BaseModel):
    """As much of it as later steps read; anything else is another program's file."""

    model_config = ConfigDict(extra="allow")

    notice: str = ""
    effects: list[_Effect] = []
    files: dict[str, str]


def synthetic_truth(raw: Path) -> dict[str, Any] | None:
    """Return the generator's truth when every export in `raw` is synthetic, None when none is.

    Raises `IngestError` when it is damaged, or the folder mixes both, since then nothing could be
    believed.
    """
    path = raw / TRUTH
    if not path.exists():
        return None
    try:
        truth = _Truth.model_validate_json(path.read_bytes())
    except ValidationError:
        raise IngestError([problem("truth_damaged", TRUTH)]) from None
    found = digests(file for file in inputs(raw) if file.name not in OURS)
    strange = [
        file.name
        for file, own in found.items()
        if truth.files.get(file.relative_to(raw).as_posix()) != own
    ]
    if strange:
        raise IngestError([problem("real_beside_synthetic", name) for name in strange])
    return truth.model_dump()
