"""The tests of `two_sample` and of placements, for thousands of simulated panels at once."""

import itertools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from pilot_analysis.inference import two_sample
from pilot_analysis.inference.two_sample import POWER, Arm, TwoArms

__all__ = [
    "CLOSED",
    "CLOSED_BY_PLAN",
    "EFFECTS",
    "POWER",
    "Numbers",
    "effect_at",
    "placed",
    "reach",
]

Array = NDArray[np.float64]
Mask = NDArray[np.bool_]
LEVEL = 0.95
# The bound of the least favourable ratio, as SDs, by the method's name in the study.
BOUNDS = {"least favourable": (0.5, 2.0), "least favourable, 1.5": (0.5, 1.5)}
CLOSED = (*BOUNDS, "welch", "CR2", "CR3", "CR3_welch", "ibragimov_mueller", "pooled")
CLOSED_BY_PLAN = (*BOUNDS, "welch", "CR2", "pooled")
# Effects at which methods without a closed form are tested; the first is none.
EFFECTS = np.array([0.0, 2.0, 3.0, 4.0, 7.0, 20.0])


@dataclass(frozen=True)
class Numbers:
    """One number per school of many panels, summed up by arm.

    `variances` (panels x 2) are those of an arm's part of the estimate, pilot schools first;
    `arms` holds what does not differ between panels, as if all schools were alike.

    Examples:
        >>> changes = np.array([[1.0, 3.0, 0.0, 0.5, 1.0]])  # one panel, five schools
        >>> treated = np.array([True, True, False, False, False])
        >>> numbers = Numbers.of(changes, np.ones(5), treated)
        >>> numbers.estimate.tolist(), numbers.variances.round(3).tolist()
        ([1.5], [[1.0, 0.083]])

    """

    estimate: Array
    variances: Array
    raw: Array  # sum of squared weighted deviations, pilot and comparison together
    arms: TwoArms

    @classmethod
    def of(cls, changes: Array, size: Array, treated: Mask) -> "Numbers":
        """Read panels x schools; schools count by `size` inside their arm."""
        parts, means, raws, arms = [], [], [], []
        traces, squares = 0.0, 0.0
        for members in (treated, ~treated):
            weight = size[members] / size[members].sum()
            inside = changes[:, members]
            mean = inside @ weight
            n = len(weight)
            residual = np.eye(n) - weight
            spread = (residual**2).sum(axis=1)
            factor = 1 / np.where(spread > 0, spread, np.inf)
            deviation = (weight * (inside - mean[:, None])) ** 2
            root = weight * np.sqrt(factor)
            gram = root[:, None] * (residual @ residual.T) * root
            trace, square = float(np.trace(gram)), float((gram**2).sum())
            traces, squares = traces + trace, squares + square
            v = deviation @ factor
            jackknife = float((weight**2 * factor).sum() / (weight**2).sum()) if n > 1 else 1.0
            arms.append(
                Arm(
                    math.nan,
                    trace**2 / square if square else 0.0,
                    float((weight**2).sum()),
                    jackknife,
                )
            )
            parts.append(v)
            means.append(mean)
            raws.append(deviation.sum(axis=1))
        return cls(
            means[0] - means[1],
            np.stack(parts, axis=1),
            raws[0] + raws[1],
            TwoArms(arms[0], arms[1], traces**2 / squares if squares else 0.0),
        )


def reach(numbers: Numbers, method: str) -> Array | None:
    """Return every panel's half-width, or None where the method has none with a lone school.

    Examples:
        >>> changes = np.array([[1.0, 3.0, 0.0, 0.5, 1.0]])  # one panel, five schools
        >>> treated = np.array([True, True, False, False, False])
        >>> numbers = Numbers.of(changes, np.ones(5), treated)
        >>> reach(numbers, "pooled").round(2).tolist(), reach(numbers, "least favourable").round(2).tolist()
        ([2.65], [4.46])

    """
    arms, (a, b) = numbers.arms, numbers.variances.T
    pilot, other = arms.pilot, arms.other
    n = len(numbers.estimate)
    if method == "CR1":  # as cluster-robust software does: G/(G-1) and G-1 degrees of freedom
        g = round(1 + pilot.df) + round(1 + other.df)
        return np.asarray(np.sqrt(numbers.raw * g / (g - 1)) * stats.t.ppf((1 + LEVEL) / 2, g - 1))
    if min(pilot.df, other.df) <= 0:
        if method not in BOUNDS:
            return None
        ratio = BOUNDS[method][1]
        variance = b / other.squares * (other.squares + ratio**2 * pilot.squares)
        return np.asarray(np.sqrt(variance) * stats.t.ppf((1 + LEVEL) / 2, other.df))
    if method in BOUNDS:
        low, high = (
            r**2 * pilot.squares / (r**2 * pilot.squares + other.squares) for r in BOUNDS[method]
        )
        critical = two_sample.critical_value(1 - LEVEL, pilot.df, other.df, low, high)
        return np.asarray(np.sqrt(a + b) * critical)
    if method.startswith("CR3"):
        a, b = a * pilot.jackknife, b * other.jackknife
    if method == "pooled":
        df = np.full(n, pilot.df + other.df)
        one = (pilot.df * a / pilot.squares + other.df * b / other.squares) / df
        a, b = one * pilot.squares, one * other.squares
    elif method in ("welch", "CR3_welch"):
        df = (a + b) ** 2 / (a**2 / pilot.df + b**2 / other.df)
    elif method == "ibragimov_mueller":
        df = np.full(n, min(pilot.df, other.df))
    else:
        df = np.full(n, arms.working_df)
    return np.asarray(np.sqrt(a + b) * stats.t.ppf((1 + LEVEL) / 2, df))


def reach_of_terms(y: Array, weights: Array, correlation: Array, treated: Mask) -> Array | None:
    """Return half-widths when a school's terms count as repeats with a known correlation.

    The variance of each arm comes from all its schools' terms, so it has (schools - 1)(terms - 1)
    degrees of freedom; a school that shifts for good at the start is not in it.

    Examples:
        >>> y = np.random.default_rng(1).normal(size=(2, 5, 3))  # panels x schools x terms
        >>> weights = np.array([-0.5, -0.5, 1.0])
        >>> treated = np.array([True, True, False, False, False])
        >>> reach_of_terms(y, weights, np.eye(3), treated).round(2).tolist()
        [2.25, 1.79]

    """
    inverse = np.linalg.inv(correlation)
    total = inverse.sum(axis=1)
    within = inverse - np.outer(total, total) / total.sum()
    length = float(weights @ correlation @ weights)
    parts, dfs = [], []
    for members in (treated, ~treated):
        inside = y[:, members]
        n = inside.shape[1]
        if n < 2:
            return None
        left = inside - inside.mean(axis=1, keepdims=True)
        df = (n - 1) * (y.shape[2] - 1)
        square = np.einsum("pgt,ts,pgs->p", left, within, left, optimize=True) / df
        parts.append(square * length / n)
        dfs.append(df)
    a, b = parts
    df = (a + b) ** 2 / (a**2 / dfs[0] + b**2 / dfs[1])
    return np.asarray(np.sqrt(a + b) * stats.t.ppf((1 + LEVEL) / 2, df))


def placed(
    changes: Array, size: Array, treated: Mask, draws: int, rng: np.random.Generator
) -> dict[str, Array]:
    """Return, of the placement and sign-flipping tests, panels x EFFECTS of rejections.

    Examples:
        >>> rng = np.random.default_rng(1)
        >>> treated = np.arange(7) < 3
        >>> rejections = placed(rng.normal(size=(20, 7)), np.ones(7), treated, 99, rng)
        >>> rejections["randomization_t"].mean(axis=0).tolist()  # share of panels, by effect
        [0.0, 0.65, 0.85, 0.9, 1.0, 1.0]

    """
    masks = _placements(treated, draws, rng)
    signs = _signs(len(treated), draws, rng)
    rejections: dict[str, list[Array]] = {"randomization_t": [], "wild bootstrap": []}
    lone = min(treated.sum(), (~treated).sum()) < 2
    mean = size / size.sum()
    for effect in EFFECTS:
        y = changes + effect * treated
        observed = _statistics(y, size, treated[None], lone)[:, 0]
        dealt = _statistics(y, size, masks, lone)
        rejections["randomization_t"].append(_rejects(observed, dealt))
        if not lone:
            left = y - (y @ mean)[:, None]
            flipped = _flipped(left, size, treated, signs)
            rejections["wild bootstrap"].append(_rejects(observed, flipped))
    return {k: np.stack(v, axis=1) for k, v in rejections.items() if v}


def _rejects(observed: Array, draws: Array) -> Array:
    """Return whether 1 + the draws at least as large are few enough; the observed is among them."""
    count = (draws >= observed[:, None] * (1 - 1e-9)).sum(axis=1)
    return np.asarray(count / draws.shape[1] <= 1 - LEVEL + 1e-12, dtype=float)


def _placements(treated: Mask, draws: int, rng: np.random.Generator) -> Mask:
    """Return placements of the treatment, the observed one first."""
    n, k = len(treated), int(treated.sum())
    if math.comb(n, k) <= draws + 1:
        listed = np.array(list(itertools.combinations(range(n), k)))
        masks = np.zeros((len(listed), n), dtype=bool)
        np.put_along_axis(masks, listed, True, axis=1)
        return masks
    drawn = rng.permuted(np.tile(treated, (draws, 1)), axis=1)
    return np.vstack([treated[None], drawn])


def _signs(n: int, draws: int, rng: np.random.Generator) -> Array:
    """Return sign flips, none flipped first."""
    if 2**n <= draws + 1:
        return 1.0 - 2 * np.array(list(itertools.product((0, 1), repeat=n)))
    return np.vstack([np.ones(n), rng.choice([-1.0, 1.0], (draws, n))])


def _statistics(y: Array, size: Array, masks: Mask, lone: bool) -> Array:
    """Return the squared t of panels x masks; the squared difference where a school is alone."""
    total = squared = np.zeros((len(y), len(masks)))
    for sign, members in ((1, masks.astype(float)), (-1, 1.0 - masks)):
        sums = members @ size
        mean = (y * size) @ members.T / sums
        square = (
            (y**2 * size**2) @ members.T
            - 2 * mean * ((y * size**2) @ members.T)
            + mean**2 * (members @ size**2)
        ) / sums**2
        total, squared = total + sign * mean, squared + square
    return np.asarray(total**2 if lone else total**2 / np.maximum(squared, 1e-300))


def _flipped(left: Array, size: Array, treated: Mask, signs: Array) -> Array:
    """Return the squared t of panels x sign flips of the residuals under the null."""
    total = squared = np.zeros((len(left), len(signs)))
    for sign, members in ((1, treated), (-1, ~treated)):
        w = size[members] / size[members].sum()
        inside, flips = left[:, members], signs[:, members]
        mean = (inside * w) @ flips.T
        square = (inside**2 * w**2).sum(axis=1)[:, None] - 2 * mean * ((inside * w**2) @ flips.T)
        squared = squared + square + mean**2 * (w**2).sum()
        total = total + sign * mean
    return np.asarray(total**2 / np.maximum(squared, 1e-300))


def effect_at(rates: Array, power: float = POWER) -> float:
    """Return the effect detected with that power among rejection rates at EFFECTS, or infinity.

    Examples:
        >>> round(effect_at(np.array([0.05, 0.4, 0.75, 0.85, 1.0, 1.0])), 2)  # between 3 and 4
        3.5

    """
    reached = np.flatnonzero(rates >= power)
    if not len(reached):
        return math.inf
    i = int(reached[0])
    if i == 0:
        return 0.0
    return float(np.interp(power, rates[i - 1 : i + 1], EFFECTS[i - 1 : i + 1]))
