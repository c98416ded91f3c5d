"""The first step: school x term means, adjusted for which pupils are there."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[np.float64]
# Relative size below which a covariate counts as the same within every school and term.
_TOLERANCE = 1e-10


def design(sample: pd.DataFrame, covariates: Sequence[str]) -> dict[str, Array]:
    """Return covariates as columns of numbers (n rows each).

    Text, categories and booleans become one indicator a level; a missing one is a level of its
    own. Numbers stay; a missing one gets the mean, and an indicator of its own.

    Raises:
        ValueError: naming the covariate, for an infinite value.

    Examples:
        >>> import pandas as pd
        >>> design(pd.DataFrame({"sex": ["F", None], "age": [13.0, None]}), ["sex", "age"]).keys()
        dict_keys(['sex=F', 'sex=missing', 'age', 'age=missing'])

    """
    columns: dict[str, Array] = {}
    for name in covariates:
        values = sample[name]
        missing = values.isna().to_numpy()
        if pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values):
            numbers = values.to_numpy(dtype=float, na_value=np.nan)
            if np.isinf(numbers).any():
                raise ValueError(
                    f"column {name!r} has {int(np.isinf(numbers).sum())} infinite values"
                )
            fill = 0.0 if missing.all() else float(np.mean(numbers[~missing]))
            columns[name] = np.where(missing, fill, numbers)
        else:
            codes, levels = pd.factorize(values, sort=True)
            columns |= {
                f"{name}={level}": (codes == i).astype(float) for i, level in enumerate(levels)
            }
        if missing.any():
            columns[f"{name}=missing"] = missing.astype(float)
    return columns


def adjusted_means(
    y: Array, x: Array, cell: NDArray[np.int64], weight: Array
) -> tuple[Array, Array]:
    """Return each cell's mean of y and the same at everybody's average x.

    The coefficients are those of a weighted regression of y on x and one indicator a cell, so they
    come from differences between pupils of one school and term and hold no effect of the pilot.

    Examples:
        >>> import numpy as np
        >>> cell, x = np.array([0, 0, 1, 1]), np.array([[0.0], [1.0], [1.0], [1.0]])
        >>> plain, adjusted = adjusted_means(np.array([1.0, 3.0, 4.0, 4.0]), x, cell, np.ones(4))
        >>> (adjusted - plain).tolist()  # slope 2; the average x is .75
        [0.5, -0.5]

    """
    total = np.bincount(cell, weight)

    def means(column: Array) -> Array:
        return np.asarray(np.bincount(cell, weight * column) / total)

    mean_y = means(y)
    if not x.shape[1]:
        return mean_y, mean_y
    # A column at a time lies together in memory, which is three times as fast.
    columns = np.ascontiguousarray(x.T)
    mean_x = np.array([means(column) for column in columns])  # covariates x cells
    within_x = columns - np.take(mean_x, cell, axis=1)
    everybody = columns @ weight / weight.sum()
    scale = np.sqrt((columns - everybody[:, None]) ** 2 @ weight)
    scale = np.where(scale > 0, scale, 1.0)
    weighted = within_x * weight
    gram = weighted @ within_x.T / np.outer(scale, scale)
    # A covariate that varies between schools and terms only has no slope, and adjusts nothing.
    inverse = np.linalg.pinv(gram, hermitian=True, rcond=_TOLERANCE)
    slope = inverse @ (weighted @ (y - mean_y[cell]) / scale)
    return mean_y, mean_y - ((mean_x - everybody[:, None]) / scale[:, None]).T @ slope
