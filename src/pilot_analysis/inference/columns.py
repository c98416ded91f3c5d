"""Which columns and rows of a panel a model can use; refusals name the column."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pilot_analysis.errors import NotEstimable

Array = NDArray[np.float64]


def check_columns(panel: pd.DataFrame, columns: Sequence[str]) -> None:
    """Refuse a panel without the columns.

    Raises:
        ValueError: naming every column that is missing or there twice; for what is no pandas
            DataFrame, and for columns of several levels.

    Examples:
        >>> check_columns(pd.DataFrame({"y": [1.0]}), ["y", "school", "term"])
        Traceback (most recent call last):
        ValueError: the panel has no column 'school', 'term'

    """
    if not isinstance(panel, pd.DataFrame):
        kind = f"{type(panel).__module__.split('.')[0]}.{type(panel).__name__}"
        raise ValueError(f"the panel must be a pandas DataFrame, not {kind}; use its to_pandas()")
    if panel.columns.nlevels > 1:
        raise ValueError("the panel's columns have several levels; give each one name")
    columns = list(dict.fromkeys(columns))
    missing = [c for c in columns if c not in panel.columns]
    if missing:
        named = ", ".join(map(repr, missing))
        levels = set(missing) & set(panel.index.names)
        hint = "; it is in the index: use reset_index()" if levels else ""
        raise ValueError(f"the panel has no column {named}{hint}")
    if panel.columns.is_unique:
        return
    several = [c for c in columns if (panel.columns == c).sum() > 1]
    if several:
        raise ValueError(f"the panel has several columns named {', '.join(map(repr, several))}")


def narrowed(panel: pd.DataFrame, *columns: str | Sequence[str] | None) -> pd.DataFrame:
    """Return the columns a model needs, and `pupil` where there is one: copies stay small.

    Raises:
        ValueError: as `check_columns`.

    Examples:
        >>> panel = pd.DataFrame({"y": [1.0], "school": ["a"], "pupil": [7], "note": [""]})
        >>> narrowed(panel, "y", ["school"], None).columns.tolist()
        ['y', 'school', 'pupil']

    """
    names: list[str] = []
    for column in columns:
        names += [column] if isinstance(column, str) else list(column or ())
    check_columns(panel, names)
    if "pupil" in panel.columns:
        names.append("pupil")
    return panel[list(dict.fromkeys(names))]


def numeric(panel: pd.DataFrame, column: str) -> Array:
    """Return a column as numbers, NaN where it is missing.

    Raises:
        NotEstimable: a value is infinite (`infinite_values`).
        ValueError: the column holds no numbers.

    Examples:
        >>> numeric(pd.DataFrame({"y": pd.array([1, None], dtype="Int64")}), "y").tolist()
        [1.0, nan]

    """
    try:
        values = panel[column].to_numpy(dtype=float, na_value=np.nan)
    except (ValueError, TypeError):
        raise ValueError(f"column {column!r} must be numeric") from None
    if np.isinf(values).any():
        n = int(np.isinf(values).sum())
        raise NotEstimable("infinite_values", f"column {column!r} has {n} infinite values")
    return values


def estimation_sample(
    panel: pd.DataFrame,
    *,
    outcomes: Sequence[str],
    complete: Sequence[str] = (),
    required: Sequence[str] = (),
    weights: str | None = None,
) -> pd.DataFrame:
    """Return the rows a model can use (`usable_rows`).

    Raises:
        NotEstimable, ValueError: as `usable_rows`.

    Examples:
        >>> panel = pd.DataFrame({"y": [1.0, None, 3.0], "school": ["a", None, "b"], "hours": [2, 2, 0]})
        >>> estimation_sample(panel, outcomes=["y"], required=["school"], weights="hours").index.tolist()
        [0]

    """
    keep = usable_rows(
        panel, outcomes=outcomes, complete=complete, required=required, weights=weights
    )
    return panel.copy(deep=False) if keep.all() else panel.loc[keep]


def usable_rows(
    panel: pd.DataFrame,
    *,
    outcomes: Sequence[str],
    complete: Sequence[str] = (),
    required: Sequence[str] = (),
    weights: str | None = None,
) -> NDArray[np.bool_]:
    """Say which rows a model can use: no missing outcome or covariate, weight above zero.

    Raises:
        NotEstimable: no row is left (`no_values`), or a value is infinite (`infinite_values`).
        ValueError: naming the column: a `required` one (cluster, treatment, effects) that is empty
            or infinite somewhere among the rows left, one that holds no numbers, a negative weight, and as
            `check_columns`.

    Examples:
        >>> panel = pd.DataFrame({"y": [1.0, None, 3.0], "school": ["a", None, "b"]})
        >>> usable_rows(panel, outcomes=["y"], required=["school"]).tolist()
        [True, False, True]

    """
    check_columns(panel, [*outcomes, *complete, *required, *([weights] if weights else [])])
    keep = np.ones(len(panel), dtype=bool)
    for column in (*outcomes, *complete):
        keep &= ~np.isnan(numeric(panel, column))
    if weights is not None:
        weight = numeric(panel, weights)
        if (weight < 0).any():
            raise ValueError(f"column {weights!r} has {int((weight < 0).sum())} negative weights")
        # A weight of zero says the row carries no information, so it is not counted either.
        keep &= weight > 0
    if not keep.any():
        raise NotEstimable(
            "no_values", f"no row has {', '.join(map(repr, (*outcomes, *complete)))} all known"
        )
    for column in required:
        values = panel[column]
        empty = int((values.isna() & keep).sum())
        if empty:
            raise ValueError(f"column {column!r} is empty in {empty} of {keep.sum()} rows")
        if pd.api.types.is_float_dtype(values):
            endless = int(np.isinf(values.to_numpy(float, na_value=np.nan)[keep]).sum())
            if endless:
                raise ValueError(f"column {column!r} has {endless} infinite values")
    return keep
