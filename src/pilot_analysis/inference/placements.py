"""Every way the treatment could have been placed over the schools of each stratum."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Placements:
    """Where treatment could have been: placements x G start positions, -1 for never.

    The first row is what happened. `exact` says that every placement is listed once.

    Examples:
        >>> start = np.array([0, 0, -1, -1, -1], dtype=np.int8)  # two of five start together
        >>> where = placements(start, np.zeros(5, dtype=int), 100, np.random.default_rng(1))
        >>> where.start[0].tolist(), where.exact
        ([0, 0, -1, -1, -1], True)

    """

    start: NDArray[np.int8]
    exact: bool
    p_value_min: float


def placements(
    start: NDArray[np.int8], strata: NDArray[np.int64], limit: int, rng: np.random.Generator
) -> Placements:
    """List every way to deal the observed start terms over the clusters of each stratum.

    Sampled, with the observed placement first, when there are more than `limit`.

    Examples:
        >>> start = np.array([0, 0, -1, -1, -1], dtype=np.int8)  # two of five start together
        >>> where = placements(start, np.zeros(5, dtype=int), 100, np.random.default_rng(1))
        >>> len(where.start), where.p_value_min
        (10, 0.1)

    """
    groups = [np.flatnonzero(strata == s) for s in np.unique(strata)]
    total = math.prod(_multinomial(start[members]) for members in groups)
    if total <= limit:
        parts = [_distinct_permutations(tuple(start[members].tolist())) for members in groups]
        rows = np.empty((total, len(start)), dtype=np.int8)
        repeats, tiles = total, 1
        for members, options in zip(groups, parts, strict=True):
            repeats //= len(options)
            index = np.tile(np.repeat(np.arange(len(options)), repeats), tiles)
            rows[:, members] = options[index]
            tiles *= len(options)
        observed = int(np.flatnonzero((rows == start).all(axis=1))[0])
        rows[[0, observed]] = rows[[observed, 0]]
        return Placements(rows, True, smallest_p(start, groups))
    drawn = np.empty((limit, len(start)), dtype=np.int8)
    for members in groups:
        shuffled = np.tile(start[members], (limit, 1))
        drawn[:, members] = rng.permuted(shuffled, axis=1)
    smallest = max(1 / (1 + limit), smallest_p(start, groups))
    return Placements(np.vstack([start[None], drawn]), False, smallest)


def _multinomial(values: NDArray[np.int8]) -> int:
    _, counts = np.unique(values, return_counts=True)
    result = math.factorial(len(values))
    for count in counts:
        result //= math.factorial(int(count))
    return result


@lru_cache(maxsize=64)
def _distinct_permutations(listed: tuple[int, ...]) -> NDArray[np.int8]:
    """List the distinct orders of a few values, most of them equal. Not to be written to."""
    values = np.array(listed, dtype=np.int8)
    n = len(values)
    kinds, counts = np.unique(values, return_counts=True)
    common = int(np.argmax(counts))
    filled = np.full((1, n), kinds[common], dtype=np.int8)
    for position, (kind, count) in enumerate(zip(kinds, counts, strict=True)):
        if position == common:
            continue
        grown = []
        for row in filled:
            free = np.flatnonzero(row == kinds[common])
            chosen = np.array(list(itertools.combinations(free, int(count))))
            block = np.tile(row, (len(chosen), 1))
            np.put_along_axis(block, chosen, kind, axis=1)
            grown.append(block)
        filled = np.vstack(grown)
    return filled


def smallest_p(start: NDArray[np.int8], groups: Sequence[NDArray[Any]]) -> float:
    """Return the smallest attainable p-value, 1 over the number of placements.

    2 over that number where every placement has a mirror image with the same statistic.

    Examples:
        >>> start = np.array([0, 0, -1, -1, -1], dtype=np.int8)  # two of five start together
        >>> smallest_p(start, [np.arange(5)])
        0.1
        >>> halves = np.array([0, 0, -1, -1], dtype=np.int8)  # mirror images have the same statistic
        >>> round(smallest_p(halves, [np.arange(4)]), 3)
        0.333

    """
    total = math.prod(_multinomial(start[members]) for members in groups)
    one_start = len(np.unique(start[start >= 0])) == 1
    mirrored = one_start and all(2 * (start[m] >= 0).sum() == len(m) for m in groups)
    # Whole numbers: a large design's count is beyond what a float holds.
    return min(1.0, (2 if mirrored else 1) / total)
