"""Fixed effects: which are nested in clusters and projected off there, which cross clusters.

Projecting off inside a cluster is exact because the projection is block diagonal by cluster.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pilot_analysis.errors import NotEstimable

Array = NDArray[np.float64]

_MAX_COLUMNS = 3_000
_MAX_SWEEPS = 10_000
_SWEEP_TOLERANCE = 1e-13


@dataclass(frozen=True)
class Levels:
    """A column as codes (n rows) of its sorted labels, every one of which is in some row.

    Examples:
        >>> terms = Levels.of(pd.Series(["VT2020", "HT2019", "VT2020"]))
        >>> terms.codes.tolist(), terms.take(np.array([0, 2])).labels.tolist()
        ([1, 0, 1], ['VT2020'])

    """

    codes: NDArray[np.int64]
    labels: NDArray[np.object_]

    @classmethod
    def of(cls, values: pd.Series) -> "Levels":
        """Read a column's levels, sorted."""
        codes, labels = pd.factorize(values, sort=True)
        return cls(codes.astype(np.int64), np.asarray(labels, dtype=object))

    def take(self, rows: NDArray[np.int64]) -> "Levels":
        """Return the levels of some rows; those that no row has are gone."""
        codes = self.codes[rows]
        seen = np.bincount(codes, minlength=len(self.labels)) > 0
        return Levels((np.cumsum(seen) - 1)[codes], self.labels[seen])


def without_singletons(
    levels: Mapping[str, Levels], n_rows: int
) -> tuple[NDArray[np.int64], dict[str, Levels]]:
    """Leave out rows that have a level of an absorbed effect to themselves: it fits them exactly.

    Leaving one out can make another, so this goes on until none is left. Returns the rows that stay
    and the levels in them.

    Raises:
        NotEstimable: no row is left (`collinear`).

    Examples:
        >>> kept, levels = without_singletons({"pupil": Levels.of(pd.Series([1, 1, 2]))}, 3)
        >>> kept.tolist(), levels["pupil"].labels.tolist()
        ([0, 1], [1])

    """
    kept = np.arange(n_rows)
    while True:
        codes = [level.codes[kept] for level in levels.values()]
        seen = [np.bincount(code)[code] > 1 for code in codes]
        alive = np.logical_and.reduce(seen) if seen else np.ones(len(kept), dtype=bool)
        if alive.all():
            break
        kept = kept[alive]
        if not len(kept):
            raise NotEstimable(
                "collinear", f"every row has a level of {', '.join(map(repr, levels))} to itself"
            )
    if len(kept) == n_rows:
        return kept, dict(levels)
    return kept, {name: level.take(kept) for name, level in levels.items()}


def _crossing_levels(codes: NDArray[np.int64], cluster: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Say for each level whether it is seen in more than one cluster."""
    n = int(codes.max()) + 1
    first = np.full(n, np.iinfo(np.int64).max)
    last = np.full(n, -1)
    np.minimum.at(first, codes, cluster)
    np.maximum.at(last, codes, cluster)
    return first != last


@dataclass
class Effects:
    """Absorbed effects split by what can be done with them.

    `nested`: codes (n rows each) of effects that are swept off inside clusters; a level that
    crosses clusters keeps its rows in a level of its own cluster there, and gets a column besides.
    `crossing`: per effect the column of each row, -1 for none. `names` are the columns'.

    Examples:
        >>> rows = pd.DataFrame({"pupil": [1, 1, 2, 2], "term": [0, 1, 0, 1]})
        >>> levels = {name: Levels.of(rows[name]) for name in rows}
        >>> effects = split_effects(levels, ["pupil", "term"], np.array([0, 0, 1, 1]))
        >>> len(effects.nested), effects.names  # pupils are nested in schools, terms are not
        (1, ['term=0', 'term=1'])

    """

    nested: list[NDArray[np.int64]]
    crossing: list[NDArray[np.int64]]
    names: list[str]


def split_effects(
    levels: dict[str, Levels], absorb: Sequence[str], cluster: NDArray[np.int64]
) -> Effects:
    """Split absorbed effects by whether their levels stay inside one cluster.

    Raises:
        ValueError: more levels cross clusters than can be columns.

    Examples:
        >>> rows = pd.DataFrame({"pupil": [1, 1, 2, 2, 1, 2], "term": [0, 1, 0, 1, 0, 1]})
        >>> levels = {name: Levels.of(rows[name]) for name in rows}
        >>> split_effects(levels, ["pupil"], np.array([0, 0, 1, 1, 1, 1])).names  # changed school
        ['pupil=1']

    """
    effects = Effects([], [], [])
    for name in absorb:
        codes, labels = levels[name].codes, levels[name].labels
        crosses = _crossing_levels(codes, cluster)
        if not crosses.any():
            effects.nested.append(codes)
            continue
        if (~crosses).any():
            # Most levels are nested (pupils), some cross (pupils who changed school): sweep off
            # the nested ones, and give the crossing ones columns, which is exact.
            pooled = np.where(crosses[codes], -1, codes)
            effects.nested.append(pooled)
        column_of_level = np.full(len(labels), -1)
        column_of_level[crosses] = np.arange(crosses.sum())
        offset = len(effects.names)
        effects.names += [f"{name}={labels[i]}" for i in np.flatnonzero(crosses)]
        effects.crossing.append(np.where(crosses[codes], offset + column_of_level[codes], -1))
    if len(effects.names) > _MAX_COLUMNS:
        raise ValueError(
            f"{len(effects.names)} levels of {', '.join(map(repr, absorb))} cross clusters; absorb "
            "an effect nested in the cluster (a pupil's stay at a school) instead"
        )
    return effects


def sweeper(codes: list[NDArray[np.int64]], weight: Array | None) -> Callable[[Array], Array]:
    """Return a function that projects the given effects off the columns of a block of rows.

    It changes the block, and is faster for rows that are sorted by the effect.

    Raises:
        ArithmeticError: the function returned, where demeaning by several effects does not converge.

    Examples:
        >>> sweep = sweeper([np.array([0, 0, 1, 1])], weight=None)
        >>> sweep(np.array([[1.0], [3.0], [5.0], [6.0]])).ravel().tolist()
        [-1.0, 1.0, -0.5, 0.5]

    """
    groups = []
    for code in codes:
        # Rows whose level crosses clusters (-1) are not part of this projection.
        n_others = np.count_nonzero(code < 0)
        if n_others == len(code):
            continue
        order: slice | NDArray[np.int64] = slice(n_others, None)
        if (code[1:] < code[:-1]).any():
            order = np.argsort(code, kind="stable")[n_others:]
        level = code[order]
        changes = np.flatnonzero(level[1:] != level[:-1]) + 1
        bounds = np.concatenate([[0], changes, [len(level)]])
        starts, sizes = bounds[:-1], np.diff(bounds)
        mass = np.add.reduceat(weight[order], starts) if weight is not None else sizes.astype(float)
        groups.append((order, starts, sizes, mass))

    def demean(block: Array, group: tuple) -> None:
        order, starts, sizes, mass = group
        rows = block[order]
        weighted = rows * weight[order, None] if weight is not None else rows
        means = np.add.reduceat(weighted, starts, axis=0) / mass[:, None]
        block[order] = rows - np.repeat(means, sizes, axis=0)

    def sweep(block: Array) -> Array:
        if len(groups) == 1:
            demean(block, groups[0])
            return block
        scale = np.sqrt((block**2).mean(axis=0))
        for _ in range(_MAX_SWEEPS if groups else 0):
            before = block.copy()
            for group in groups:
                demean(block, group)
            change = np.abs(block - before).max(axis=0)
            if (change <= _SWEEP_TOLERANCE * np.maximum(scale, 1e-300)).all():
                return block
        if groups:
            raise ArithmeticError(f"demeaning did not converge in {_MAX_SWEEPS:,} iterations")
        return block

    return sweep
