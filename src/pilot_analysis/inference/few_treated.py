"""What remains with one or two treated schools: compare them with the others' own changes.

Cluster-robust and bootstrap inference fail with one or two treated clusters (MacKinnon & Webb
2017). Conley & Taber (2011) read the noise of the treated off the residuals of the untreated;
Ferman & Pinto (2019) rescale these residuals because a school's change is the noisier the fewer
its pupils. Both assume that treated schools are like the others, which a test cannot show.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Both methods take the comparison mean as known, which it is only beside one or two schools.
MOST_TREATED = 2


def _changes(y: Array, first_post: int) -> Array:
    """Return each school's mean after minus its mean before."""
    return y[:, first_post:].mean(axis=1) - y[:, :first_post].mean(axis=1)


def variance_by_size(squares: Array, pupils: Array) -> Array:
    """Return the fitted variance A + B / pupils, both parts not negative (Ferman & Pinto 2019)."""
    if np.ptp(pupils) == 0:
        return np.full(len(pupils), squares.mean())
    design = np.column_stack([np.ones(len(pupils)), 1 / pupils])
    a, b = np.linalg.lstsq(design, squares, rcond=None)[0]
    if b < 0:
        a, b = squares.mean(), 0.0
    if a < 0:
        a, b = 0.0, (squares / pupils).sum() / (1 / pupils**2).sum()
    return np.asarray(a + b / pupils)


def tests(
    y: Array,
    first_post: int,
    treated: NDArray[np.bool_],
    pupils: Array,
    stratum: NDArray[np.int64],
) -> list[tuple[str, Callable[[float], float]]]:
    """Return (name, p-value of a null value) of Conley-Taber and Ferman-Pinto.

    `y` is schools x terms, one common start. The treated schools' mean change, over the mean
    change of the others in their stratum, is placed among the means of as many untreated schools'
    residuals, drawn with replacement; all combinations are used. Raises `ValueError` with more
    than two treated schools, where both reject far too often.
    """
    if treated.sum() > MOST_TREATED:
        raise ValueError(f"for at most {MOST_TREATED} treated schools; use another method")
    change = _changes(y, first_post)
    centred = change.copy()
    for s in np.unique(stratum):
        inside = stratum == s
        others = inside & ~treated
        centred[inside] -= np.average(change[others], weights=pupils[others])
    weight = pupils[treated] / pupils[treated].sum()
    estimate = float(weight @ centred[treated])
    residual = centred[~treated]
    variance = np.maximum(variance_by_size(residual**2, pupils[~treated]), 1e-300)
    fitted = variance_by_size_at(residual**2, pupils[~treated], pupils[treated])
    standard = residual / np.sqrt(variance)
    index = _combinations(len(residual), int(treated.sum()))
    plain = np.abs(residual[index] @ weight)
    rescaled = np.abs((standard[index] * np.sqrt(fitted)) @ weight)

    def p_value(draws: Array) -> Callable[[float], float]:
        return lambda null: float((1 + (draws >= abs(estimate - null)).sum()) / (1 + len(draws)))

    return [("Conley-Taber", p_value(plain)), ("Ferman-Pinto", p_value(rescaled))]


def variance_by_size_at(squares: Array, pupils: Array, at: Array) -> Array:
    """Return the variance fitted on one set of schools at the sizes of another."""
    joint = np.concatenate([pupils, at])
    if np.ptp(pupils) == 0:
        return np.full(len(at), squares.mean())
    fitted = variance_by_size(squares, pupils)
    # The fit is A + B / pupils: two of its points give both parts.
    low, high = int(np.argmin(pupils)), int(np.argmax(pupils))
    b = (fitted[low] - fitted[high]) / (1 / pupils[low] - 1 / pupils[high])
    a = fitted[low] - b / pupils[low]
    return np.asarray(np.maximum(a + b / joint[len(pupils) :], 1e-300))


def _combinations(n: int, k: int) -> NDArray[np.int64]:
    """Return every ordered draw of k residuals with replacement."""
    return np.stack(np.meshgrid(*[np.arange(n)] * k, indexing="ij"), axis=-1).reshape(-1, k)
