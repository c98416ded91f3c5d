"""The one table that all models write and all figures and reports read."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pilot_analysis.files import whole

COLUMNS: dict[str, str] = {
    "claim": "str",
    "outcome": "str",
    "school_form": "str",
    "population": "str",
    # What is estimated: a coefficient's name, or what the evaluation asks (`per_school`).
    "estimand": "str",
    "model": "str",
    "specification": "str",
    # The school term that a row is about, where it is about one.
    "term": "str",
    # Terms since the start.
    "event_time": "float64",
    "estimate": "float64",
    "std_error": "float64",
    "statistic": "float64",
    "df": "float64",
    "p_value": "float64",
    "ci_low": "float64",
    "ci_high": "float64",
    "ci_level": "float64",
    # How interval and p-value were made, and what has to hold for them: codes of the catalogue.
    "method": "str",
    "assumption": "str",
    # The bound that the assumption or a sensitivity analysis sets (a ratio of variances, M).
    "bound": "float64",
    # Placements or draws that the p-value was counted over.
    "n_placements": "float64",
    "n_obs": "float64",
    "n_pupils": "float64",
    "n_schools": "float64",
    "n_treated_schools": "float64",
    # This row's weight in the average it is part of.
    "weight": "float64",
    "unit": "str",
    # The smallest p-value the design could give: 1/10 when 2 of 5 schools are treated.
    "p_value_min": "float64",
    # The smallest effect this design finds in four of five cases; infinite where it finds none.
    "detectable_effect": "float64",
    # The effect in standard deviations of the outcome (Hedges' g).
    "hedges_g": "float64",
    # The share of the outcome's variance, within an arm and term, that lies between schools.
    "intra_class_correlation": "float64",
    # Why there is no estimate: a code of the catalogue, and its values as JSON.
    "reason": "str",
    "reason_values": "str",
}
_POINT_COLUMNS = ["estimate", "std_error", "ci_low", "ci_high", "detectable_effect"]
PERCENTAGE_POINTS = "percentage points"


# What a row is about, in the order of tables and comparisons.
ABOUT = (
    "claim",
    "outcome",
    "school_form",
    "population",
    "estimand",
    "model",
    "specification",
)


def table(rows: Iterable[Mapping[str, Any]]) -> pd.DataFrame:
    """Return rows as an estimates table: every column, in order, typed.

    Raises `ValueError` for a column the table does not have.
    """
    listed = list(rows)
    return _typed({c: [row.get(c) for row in listed] for c in {*COLUMNS}.union(*listed)})


def label(frame: pd.DataFrame, *, scale: float = 1.0, **columns: str) -> pd.DataFrame:
    """Fill in what the model does not know (claim, outcome, population, unit …).

    `scale` multiplies estimate, standard error and interval: 100 turns shares into percentage
    points.
    """
    if unknown := {*columns, *frame.columns} - COLUMNS.keys():
        raise ValueError(f"not columns of the estimates table: {sorted(unknown)}")
    frame = _whole(frame)
    scaled = {c: frame[c] * scale for c in _POINT_COLUMNS} if scale != 1.0 else {}
    n = len(frame)
    together = pd.array([text for text in columns.values() for _ in range(n)], dtype="str")
    told = {name: together[i * n : (i + 1) * n] for i, name in enumerate(columns)}
    return frame.assign(**scaled, **told).reset_index(drop=True)


def _whole(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table with every column, in order and typed: itself where it has them."""
    kinds = [str(kind) for kind in frame.dtypes]
    if [*frame.columns] == [*COLUMNS] and kinds == [*COLUMNS.values()]:
        return frame
    known = {c: frame[c].to_numpy() for c in frame.columns}
    return _typed({c: [None] * len(frame) for c in COLUMNS} | known)


def _typed(values: Mapping[str, Sequence[Any]]) -> pd.DataFrame:
    """Return every column, in order and typed; arrays, since a run makes thousands of small tables."""
    if unknown := values.keys() - COLUMNS.keys():
        raise ValueError(f"not columns of the estimates table: {sorted(unknown)}")
    texts = [name for name, kind in COLUMNS.items() if kind == "str"]
    # One array for all text: making each column's own takes longer than all else here.
    known = ["" if v is None or v != v else str(v) for name in texts for v in values[name]]
    together, n = pd.array(known, dtype="str"), len(known) // len(texts)
    typed: dict[str, Any] = {
        name: np.array(values[name], dtype=kind) for name, kind in COLUMNS.items() if kind != "str"
    }
    typed |= {name: together[i * n : (i + 1) * n] for i, name in enumerate(texts)}
    typed = {name: typed[name] for name in COLUMNS}
    return pd.DataFrame(typed, copy=False)


def combine(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Stack estimates tables in the given order."""
    found = [frame for frame in frames if len(frame)]
    return pd.concat(found, ignore_index=True) if found else table([])


def write(frame: pd.DataFrame, path: Path) -> None:
    """Write the table as parquet and as CSV beside it, whole or not at all.

    The CSV has nine significant digits, so that it does not change with the order of additions.
    """
    ordered = _whole(frame)
    with whole(path) as partial:
        ordered.to_parquet(partial, index=False)
    write_csv(ordered, path.with_suffix(".csv"))


def write_csv(frame: pd.DataFrame, path: Path, *, digits: int = 9) -> None:
    """Write a table for spreadsheets: so many significant digits, and no text that is a formula.

    Text that starts as a formula does gets an apostrophe before it; numbers are left alone.
    """
    texts = frame.select_dtypes(include=["object", "string"]).columns
    safe = frame.assign(**{name: frame[name].map(_no_formula) for name in texts})
    with whole(path) as partial:
        safe.to_csv(partial, index=False, float_format=f"%.{digits}g", lineterminator="\n")


def _no_formula(value: Any) -> Any:
    starts = ("=", "+", "-", "@", "\t", "\r")
    return f"'{value}" if isinstance(value, str) and value.startswith(starts) else value


def read(path: Path) -> pd.DataFrame:
    """Read an estimates table written by `write`."""
    return pd.read_parquet(path)
