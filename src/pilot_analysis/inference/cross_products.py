"""One pass over a panel: the cross-products of every cluster, after absorbing nested effects.

Effects that are nested in clusters (a pupil's stay at a school) are projected off inside each
cluster, which is exact because the projection is block diagonal by cluster. Effects that cross
clusters (terms) stay as columns. What is left per cluster, X_g'X_g and X_g'y_g, is a few
kilobytes, and OLS, cluster-robust variances, jackknife, bootstrap and randomization inference are
all linear algebra on it (MacKinnon, Nielsen & Webb 2023, section 5; here with absorbed effects).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pilot_analysis.errors import NotEstimable
from pilot_analysis.inference.weighted_root import WeightedRoot, weighted_root

Array = NDArray[np.float64]

_MAX_COLUMNS = 3_000
_MAX_SWEEPS = 10_000
_SWEEP_TOLERANCE = 1e-13
# Relative size below which a column counts as explained by the others.
RANK_TOLERANCE = 1e-9


@dataclass(frozen=True)
class ClusterGram:
    """Cross-products by cluster. G clusters, k columns, m outcomes.

    `xx` is G x k x k, `xy` G x k x m, `yy` G x m, `products` (on request) the outcomes' own
    G x m x m. The first `n_named` columns are the ones asked
    for by name (treatment, covariates); the rest are indicators of crossing effects.
    `n_parameters` counts columns but not effects nested in clusters, the count in
    reghdfe's small-sample factor. Rows that have an effect's level to themselves take no part.
    `roots` (on request) holds the weighted CR2 adjustment of clusters small enough for it.
    """

    clusters: NDArray[np.object_]
    names: tuple[str, ...]
    outcomes: tuple[str, ...]
    xx: Array
    xy: Array
    yy: Array
    n_rows: NDArray[np.int64]
    n_units: int
    n_named: int
    products: Array | None = None
    roots: dict[int, WeightedRoot] = field(default_factory=dict)

    @property
    def n_obs(self) -> int:
        """Rows used."""
        return int(self.n_rows.sum())

    @property
    def n_clusters(self) -> int:
        """Clusters used."""
        return len(self.clusters)

    @property
    def n_parameters(self) -> int:
        """Columns, not counting effects nested in clusters."""
        return len(self.names)

    def without(self, names: Sequence[str]) -> "ClusterGram":
        """Leave out columns: what `build` gives without them, if no row lacks one of them."""
        keep = [i for i, name in enumerate(self.names) if name not in names]
        return replace(
            self,
            names=tuple(self.names[i] for i in keep),
            xx=self.xx[:, keep][:, :, keep],
            xy=self.xy[:, keep],
            n_named=self.n_named - (len(self.names) - len(keep)),
            roots={},
        )


def check_columns(panel: pd.DataFrame, columns: Sequence[str]) -> None:
    """Raise `ValueError` naming every column the panel lacks."""
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

    Raises `ValueError` naming every column the panel lacks.
    """
    names: list[str] = []
    for column in columns:
        names += [column] if isinstance(column, str) else list(column or ())
    check_columns(panel, names)
    if "pupil" in panel.columns:
        names.append("pupil")
    return panel[list(dict.fromkeys(names))]


def _numeric(panel: pd.DataFrame, column: str) -> Array:
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
    """Return the rows a model can use: no missing outcome or covariate, weight above zero.

    Raises `ValueError` when a `required` column (cluster, treatment, effects) is empty anywhere
    among them, when a value is infinite or a weight negative, or when no row is left.
    """
    check_columns(panel, [*outcomes, *complete, *required, *([weights] if weights else [])])
    keep = np.ones(len(panel), dtype=bool)
    for column in (*outcomes, *complete):
        keep &= ~np.isnan(_numeric(panel, column))
    if weights is not None:
        weight = _numeric(panel, weights)
        if (weight < 0).any():
            raise ValueError(f"column {weights!r} has {int((weight < 0).sum())} negative weights")
        # A weight of zero says the row carries no information, so it is not counted either.
        keep &= weight > 0
    sample = panel.copy(deep=False) if keep.all() else panel.loc[keep]
    if sample.empty:
        raise NotEstimable(
            "no_values", f"no row has {', '.join(map(repr, (*outcomes, *complete)))} all known"
        )
    for column in required:
        empty = int(sample[column].isna().sum())
        if empty:
            raise ValueError(f"column {column!r} is empty in {empty} of {len(sample)} rows")
    return sample


@dataclass(frozen=True)
class _Levels:
    """A column as codes (n rows) of its sorted labels, every one of which is in some row."""

    codes: NDArray[np.int64]
    labels: NDArray[np.object_]

    @classmethod
    def of(cls, values: pd.Series) -> "_Levels":
        codes, labels = pd.factorize(values, sort=True)
        return cls(codes.astype(np.int64), np.asarray(labels, dtype=object))

    def take(self, rows: NDArray[np.int64]) -> "_Levels":
        codes = self.codes[rows]
        seen = np.bincount(codes, minlength=len(self.labels)) > 0
        return _Levels((np.cumsum(seen) - 1)[codes], self.labels[seen])


def _without_singletons(
    sample: pd.DataFrame, absorb: Sequence[str]
) -> tuple[pd.DataFrame, dict[str, _Levels]]:
    """Leave out rows that have a level of an absorbed effect to themselves: it fits them exactly.

    Leaving one out can make another, so this goes on until none is left. Returns the levels too.
    """
    levels = {name: _Levels.of(sample[name]) for name in absorb}
    kept = np.arange(len(sample))
    while True:
        codes = [level.codes[kept] for level in levels.values()]
        seen = [np.bincount(code)[code] > 1 for code in codes]
        alive = np.logical_and.reduce(seen) if seen else np.ones(len(kept), dtype=bool)
        if alive.all():
            break
        kept = kept[alive]
        if not len(kept):
            raise NotEstimable(
                "collinear", f"every row has a level of {', '.join(map(repr, absorb))} to itself"
            )
    if len(kept) == len(sample):
        return sample, levels
    return sample.iloc[kept], {name: level.take(kept) for name, level in levels.items()}


def _crossing_levels(codes: NDArray[np.int64], cluster: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Say for each level whether it is seen in more than one cluster."""
    n = int(codes.max()) + 1
    first = np.full(n, np.iinfo(np.int64).max)
    last = np.full(n, -1)
    np.minimum.at(first, codes, cluster)
    np.maximum.at(last, codes, cluster)
    return first != last


@dataclass
class _Effects:
    """Absorbed effects split by what can be done with them.

    `nested`: codes (n rows each) of effects that are swept off inside clusters; a level that
    crosses clusters keeps its rows in a level of its own cluster there, and gets a column besides.
    `crossing`: per effect the column of each row, -1 for none.
    """

    nested: list[NDArray[np.int64]]
    crossing: list[NDArray[np.int64]]
    names: list[str]


def _split_effects(
    levels: dict[str, _Levels], absorb: Sequence[str], cluster: NDArray[np.int64]
) -> _Effects:
    effects = _Effects([], [], [])
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


def _sweeper(codes: list[NDArray[np.int64]], weight: Array | None) -> Callable[[Array], Array]:
    """Return a function that projects the given effects off the columns of a block of rows."""
    groups = []
    for code in codes:
        # Rows whose level crosses clusters (-1) are not part of this projection.
        kept = np.flatnonzero(code >= 0)
        order = kept[np.argsort(code[kept], kind="stable")]
        if not len(order):
            continue
        starts = np.flatnonzero(np.r_[True, np.diff(code[order]) != 0])
        sizes = np.diff(np.r_[starts, len(order)])
        mass = np.add.reduceat(weight[order], starts) if weight is not None else sizes.astype(float)
        groups.append((order, starts, sizes, mass))

    def demean(block: Array, group: tuple) -> None:
        order, starts, sizes, mass = group
        rows = block[order]
        weighted = rows * weight[order, None] if weight is not None else rows
        means = np.add.reduceat(weighted, starts, axis=0) / mass[:, None]
        block[order] = rows - np.repeat(means, sizes, axis=0)

    def sweep(block: Array) -> Array:
        block = block.copy()
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


def build(
    panel: pd.DataFrame,
    *,
    outcomes: Sequence[str],
    regressors: Sequence[str],
    absorb: Sequence[str],
    cluster: str,
    unit: str | None = None,
    weights: str | None = None,
    outcome_products: bool = False,
    weighted_roots: bool = False,
) -> ClusterGram:
    """Return the cross-products of `panel` by cluster.

    `regressors` come first among the columns, in the given order; indicator columns that others
    explain are dropped. `unit` is only counted. Shapes as in `ClusterGram`. With weights and on
    request, clusters get their `WeightedRoot`.

    Raises `ValueError` for missing columns, empty clusters or effects, infinite values, negative
    weights, and regressors that the others explain.
    """
    sample = estimation_sample(
        narrowed(panel, outcomes, regressors, absorb, cluster, unit, weights),
        outcomes=outcomes,
        complete=regressors,
        required=[cluster, *absorb],
        weights=weights,
    )
    sample, levels = _without_singletons(sample, absorb)
    clusters = levels[cluster] if cluster in levels else _Levels.of(sample[cluster])
    cluster_codes, labels = clusters.codes, clusters.labels
    effects = _split_effects(levels, absorb, cluster_codes)
    named = np.column_stack([_numeric(sample, c) for c in (*regressors, *outcomes)])
    weight = _numeric(sample, weights) if weights is not None else None
    order = np.argsort(cluster_codes, kind="stable")
    bounds = np.searchsorted(cluster_codes[order], np.arange(len(labels) + 1))
    n_reg, n_out, n_extra = len(regressors), len(outcomes), len(effects.names)
    # The constant is dropped below when absorbed effects span it.
    k = n_reg + 1 + n_extra
    xx = np.zeros((len(labels), k, k))
    xy = np.zeros((len(labels), k, n_out))
    yy = np.zeros((len(labels), n_out))
    products = np.zeros((len(labels), n_out, n_out)) if outcome_products else None
    raw_scale = np.zeros(k)

    def rows_of(g: int) -> NDArray[np.int64]:
        return np.asarray(order[bounds[g] : bounds[g + 1]])

    def block_of(rows: NDArray[np.int64]) -> Array:
        block = np.zeros((len(rows), k + n_out))
        block[:, :n_reg] = named[rows, :n_reg]
        block[:, n_reg] = 1.0
        for columns in effects.crossing:
            has = columns[rows] >= 0
            block[np.flatnonzero(has), n_reg + 1 + columns[rows][has]] = 1.0
        block[:, k:] = named[rows, n_reg:]
        return block

    def sweeper_of(rows: NDArray[np.int64]) -> Callable[[Array], Array]:
        local = weight[rows] if weight is not None else None
        return _sweeper([codes[rows] for codes in effects.nested], local)

    for g in range(len(labels)):
        rows = rows_of(g)
        local = weight[rows] if weight is not None else None
        block = block_of(rows)
        raw_scale += (block[:, :k] ** 2 * (1.0 if local is None else local[:, None])).sum(axis=0)
        block = sweeper_of(rows)(block)
        weighted = block if local is None else block * local[:, None]
        x, y = block[:, :k], block[:, k:]
        xx[g] = weighted[:, :k].T @ x
        xy[g] = weighted[:, :k].T @ y
        yy[g] = (weighted[:, k:] * y).sum(axis=0)
        if products is not None:
            products[g] = weighted[:, k:].T @ y
    names = (*regressors, "(constant)", *effects.names)
    keep = _independent(xx.sum(axis=0), raw_scale, names, n_reg)
    roots = {}
    if weight is not None and weighted_roots:
        bread = inverse(xx.sum(axis=0)[np.ix_(keep, keep)])
        for g in range(len(labels)):
            rows = rows_of(g)
            # With equal weights in a cluster both roots are the same.
            if np.ptp(weight[rows]) > 0:
                block = sweeper_of(rows)(block_of(rows))
                roots[g] = weighted_root(
                    block[:, keep],
                    block[:, k:],
                    weight[rows],
                    [codes[rows] for codes in effects.nested],
                    bread,
                )
    n_units = 0
    if unit is not None:
        n_units = len(levels[unit].labels) if unit in levels else sample[unit].nunique()
    return ClusterGram(
        clusters=labels,
        names=tuple(names[i] for i in keep),
        outcomes=tuple(outcomes),
        xx=xx[:, keep][:, :, keep],
        xy=xy[:, keep],
        yy=yy,
        n_rows=np.diff(bounds).astype(np.int64),
        n_units=int(n_units),
        n_named=n_reg,
        products=products,
        roots=roots,
    )


def inverse(total: Array) -> Array:
    """Return the inverse of cross-products (k x k), computed on scaled columns."""
    scale = 1 / np.sqrt(np.diag(total))
    both = np.outer(scale, scale)
    return np.asarray(np.linalg.inv(total * both) * both)


def _independent(
    total: Array, raw_scale: Array, names: Sequence[str], n_named: int
) -> NDArray[np.int64]:
    """Return the columns to keep: indicators first, so that a named column that they explain shows.

    Raises `ValueError` naming regressors that have no variation of their own.
    """
    order = [*range(n_named, len(names)), *range(n_named)]
    scale = np.sqrt(np.where(raw_scale > 0, raw_scale, 1.0))
    scaled = total / np.outer(scale, scale)
    work = scaled.copy()
    keep: list[int] = []
    explained: list[str] = []
    for j in order:
        if work[j, j] > RANK_TOLERANCE:
            keep.append(j)
            pivot = work[:, j] / work[j, j]
            work = work - np.outer(pivot, work[j, :])
        elif j < n_named:
            explained.append(names[j])
    if explained:
        raise NotEstimable(
            "collinear",
            f"{', '.join(map(repr, explained))} is collinear with the fixed effects and covariates",
        )
    return np.array(sorted(keep), dtype=np.int64)
