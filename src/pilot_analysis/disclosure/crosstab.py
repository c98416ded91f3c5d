"""Counts with margins, in which no small one can be computed back."""

import math

import numpy as np
import pandas as pd

from pilot_analysis.disclosure.rules import RULES, Rules


def suppress_crosstab(counts: pd.DataFrame, rules: Rules = RULES) -> pd.DataFrame:
    """Return a table of counts, with totals, rounded, in which small ones cannot be computed back.

    Cells of 1 to `min_pupils_one_school` - 1 pupils are missing. Rounding hides most of them: a
    total and its parts are known to half a step only. Where all that stands in the table still
    leaves a small cell less room than a step, as linear programming finds its bounds, the
    smallest other cells go too, one at a time, and those that turn out not to be needed come back.
    The last row and column, `total`, are sums.
    """
    full = counts.astype(float)
    full["total"] = full.sum(axis=1)
    full.loc["total"] = full.sum(axis=0)
    values = full.to_numpy()
    small = (values > 0) & (values < rules.min_pupils_one_school)
    hidden = small.copy()
    while cell := _exposed(values, hidden, small, rules):
        hidden[_next_to_hide(values, hidden, cell)] = True
    for i, j in sorted(map(tuple, np.argwhere(hidden & ~small)), key=lambda c: -values[c]):
        hidden[i, j] = False
        if _exposed(values, hidden, small, rules):
            hidden[i, j] = True
    rounded = np.floor(values / rules.count_step + 0.5) * rules.count_step
    return pd.DataFrame(np.where(hidden, np.nan, rounded), full.index, full.columns)


def _exposed(
    values: np.ndarray, hidden: np.ndarray, small: np.ndarray, rules: Rules
) -> tuple[int, int] | None:
    """Return a small cell that what is shown pins down closer than a step, if any."""
    least = rules.min_pupils_one_school
    for i, j in np.argwhere(small):
        low, high = crosstab_bounds(values, hidden, (i, j), rules.count_step)
        if min(high, least - 1) - max(low, 1) < rules.count_step - 1e-9:
            return int(i), int(j)
    return None


def _next_to_hide(values: np.ndarray, hidden: np.ndarray, cell: tuple[int, int]) -> tuple[int, int]:
    """Return the cell to hide next: of its row and column, cells before totals, the smallest."""
    shown = [(int(r), int(c)) for r, c in np.argwhere(~hidden & (values > 0))]
    line = [c for c in shown if c[0] == cell[0] or c[1] == cell[1]] or shown
    rows, columns = values.shape
    return min(line, key=lambda c: (c[0] == rows - 1 or c[1] == columns - 1, values[c]))


def crosstab_bounds(
    values: np.ndarray, hidden: np.ndarray, cell: tuple[int, int], step: float = 0
) -> tuple[float, float]:
    """Return the lowest and highest value of one hidden cell that all shown cells allow.

    `values` has its totals in the last row and column; no count is below 0. Shown cells are known
    to half a `step`.
    """
    from scipy.optimize import linprog

    rows, columns = values.shape
    index = np.arange(rows * columns).reshape(rows, columns)
    sums = np.zeros((rows + columns, rows * columns))
    for i in range(rows):
        sums[i, index[i, :-1]], sums[i, index[i, -1]] = 1, -1
    for j in range(columns):
        sums[rows + j, index[:-1, j]], sums[rows + j, index[-1, j]] = 1, -1
    shown = np.floor(values / step + 0.5) * step if step else values
    bounds = [
        (0, None) if h else (max(0, v - step / 2), v + step / 2) if v else (0, 0)
        for v, h in zip(shown.ravel(), hidden.ravel(), strict=True)
    ]
    goal = np.zeros(rows * columns)
    goal[index[cell]] = 1
    ends = []
    for sign in (1, -1):
        found = linprog(sign * goal, A_eq=sums, b_eq=np.zeros(len(sums)), bounds=bounds)
        ends.append(sign * found.fun if found.status == 0 else math.inf)
    return ends[0], ends[1]
