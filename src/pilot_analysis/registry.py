"""The notebooks of a run, from `notebooks/notebooks.yml`: the one place that lists them."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from pilot_analysis.errors import PilotError
from pilot_analysis.files import plain_yaml

PATH = Path(__file__).resolve().parents[2] / "notebooks" / "notebooks.yml"


@dataclass(frozen=True)
class Notebook:
    """One row of the registry. `needs` are the notebooks whose estimates it reads."""

    name: str
    parameters: tuple[str, ...]
    estimates: bool
    needs: tuple[str, ...]
    seconds: float


def notebooks() -> dict[str, Notebook]:
    """Return every notebook by its name, in the order readers see them.

    Raises `PilotError` where there is no registry, or a row says what it cannot.
    """
    return _read(PATH)


@cache
def _read(path: Path) -> dict[str, Notebook]:
    try:
        content = plain_yaml(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise PilotError(f"{path}: is missing; runs are made from a checkout") from None
    groups: dict[str, list[str]] = content["groups"]
    rows: dict[str, dict[str, Any]] = content["notebooks"]
    allowed = {"parameters", "estimates", "gathers", "seconds"}
    for name, row in rows.items():
        if unknown := sorted(set(row) - allowed):
            raise PilotError(
                f"{path}: {name}: {', '.join(unknown)}: is none of {', '.join(sorted(allowed))}"
            )
    estimating = [name for name, row in rows.items() if row.get("estimates")]
    return {
        name: Notebook(
            name,
            tuple(_spelt_out(row.get("parameters", []), groups)),
            bool(row.get("estimates")),
            tuple(n for n in estimating if n != name) if row.get("gathers") else (),
            float(row.get("seconds", 10)),
        )
        for name, row in rows.items()
    }


def _spelt_out(words: list[str], groups: dict[str, list[str]]) -> Iterator[str]:
    """Give the parameters that names of groups and of parameters stand for."""
    for word in words:
        if word in groups:
            yield from _spelt_out(groups[word], groups)
        else:
            yield word
