"""One pass over a panel: the cross-products of every cluster, after absorbing nested effects.

Effects that are nested in clusters (a pupil's stay at a school) are projected off inside each
cluster, which is exact because the projection is block diagonal by cluster. Effects that cross
clusters (terms) stay as columns. What is left per cluster, X_g'X_g and X_g'y_g, is a few
kilobytes, and OLS, cluster-robust variances, jackknife, bootstrap and randomization inference are
all linear algebra on it (MacKinnon, Nielsen & Webb 2023, section 5; here with absorbed effects).
"""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pilot_analysis.errors import NotEstimable
from pilot_analysis.inference.columns import (
    check_columns,
    estimation_sample,
    narrowed,
    numeric,
    usable_rows,
)
from pilot_analysis.inference.effects import Levels, split_effects, sweeper, without_singletons
from pilot_analysis.inference.weighted_root import WeightedRoot, weighted_root

__all__ = [
    "RANK_TOLERANCE",
    "ClusterGram",
    "build",
    "check_columns",
    "estimation_sample",
    "inverse",
    "narrowed",
]

Array = NDArray[np.float64]

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

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> from pilot_analysis.inference import cross_products
        >>> gram = cross_products.build(few_schools(), outcomes=["y"], regressors=["treated"],
        ...                             absorb=("pupil", "term"), cluster="school")
        >>> gram.n_clusters, gram.n_obs, gram.xx.shape
        (11, 1056, (11, 8, 8))

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

    Raises:
        NotEstimable: no row is left (`no_values`), a value is infinite (`infinite_values`), the
            other columns explain a regressor, or every row has a level of an absorbed effect to
            itself (`collinear`).
        ValueError: naming the column, for one that is missing, empty somewhere or holds no
            numbers, and for a negative weight; for more levels that cross clusters than can be
            columns.
        ArithmeticError: demeaning by several nested effects does not converge.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> from pilot_analysis.inference import cross_products
        >>> gram = cross_products.build(few_schools(), outcomes=["y"], regressors=["treated"],
        ...                             absorb=("pupil", "term"), cluster="school")
        >>> beta = np.linalg.solve(gram.xx.sum(axis=0), gram.xy[:, :, 0].sum(axis=0))
        >>> gram.names[:2], round(float(beta[0]), 2)
        (('treated', 'term=0'), -2.06)

    """
    check_columns(panel, [*outcomes, *regressors, *absorb, cluster, *filter(None, [unit, weights])])
    usable = np.flatnonzero(
        usable_rows(
            panel,
            outcomes=outcomes,
            complete=regressors,
            required=[cluster, *absorb],
            weights=weights,
        )
    )
    levels = {name: Levels.of(panel[name].iloc[usable]) for name in absorb}
    kept, levels = without_singletons(levels, len(usable))
    rows_used = usable[kept]
    clusters = levels.get(cluster) or Levels.of(panel[cluster].iloc[rows_used])
    cluster_codes, labels = clusters.codes, clusters.labels
    effects = split_effects(levels, absorb, cluster_codes)
    # Sorted, so that a cluster's rows lie together, and in it those of a nested effect's level.
    order = np.lexsort((*effects.nested[:1], cluster_codes))
    rows_used = rows_used[order]
    named = np.column_stack([numeric(panel, c)[rows_used] for c in (*regressors, *outcomes)])
    weight = numeric(panel, weights)[rows_used] if weights is not None else None
    nested = [codes[order] for codes in effects.nested]
    crossing = [columns[order] for columns in effects.crossing]
    bounds = np.searchsorted(cluster_codes[order], np.arange(len(labels) + 1))
    n_reg, n_out, n_extra = len(regressors), len(outcomes), len(effects.names)
    # The constant is dropped below when absorbed effects span it.
    k = n_reg + 1 + n_extra
    xx = np.zeros((len(labels), k, k))
    xy = np.zeros((len(labels), k, n_out))
    yy = np.zeros((len(labels), n_out))
    products = np.zeros((len(labels), n_out, n_out)) if outcome_products else None
    raw_scale = np.zeros(k)

    def block_of(rows: slice) -> Array:
        block = np.zeros((rows.stop - rows.start, k + n_out))
        block[:, :n_reg] = named[rows, :n_reg]
        block[:, n_reg] = 1.0
        for columns in crossing:
            has = np.flatnonzero(columns[rows] >= 0)
            block[has, n_reg + 1 + columns[rows][has]] = 1.0
        block[:, k:] = named[rows, n_reg:]
        return block

    def sweeper_of(rows: slice) -> Callable[[Array], Array]:
        local = weight[rows] if weight is not None else None
        return sweeper([codes[rows] for codes in nested], local)

    rows_of_clusters = [slice(*ends) for ends in itertools.pairwise(bounds.tolist())]
    for g, rows in enumerate(rows_of_clusters):
        local = weight[rows] if weight is not None else None
        block = block_of(rows)
        raw_scale += _squares(block[:, :k], local)
        block = sweeper_of(rows)(block)
        weighted = block if local is None else block * local[:, None]
        x, y = block[:, :k], block[:, k:]
        xx[g] = weighted[:, :k].T @ x
        xy[g] = weighted[:, :k].T @ y
        yy[g] = _squares(y, local)
        if products is not None:
            products[g] = weighted[:, k:].T @ y
    names = (*regressors, "(constant)", *effects.names)
    keep = _independent(xx.sum(axis=0), raw_scale, names, n_reg)
    roots = {}
    if weight is not None and weighted_roots:
        bread = inverse(xx.sum(axis=0)[np.ix_(keep, keep)])
        for g, rows in enumerate(rows_of_clusters):
            # With equal weights in a cluster both roots are the same.
            if np.ptp(weight[rows]) > 0:
                block = sweeper_of(rows)(block_of(rows))
                roots[g] = weighted_root(
                    block[:, keep],
                    block[:, k:],
                    weight[rows],
                    [codes[rows] for codes in nested],
                    bread,
                )
    n_units = 0
    if unit is not None:
        n_units = (
            len(levels[unit].labels) if unit in levels else panel[unit].iloc[rows_used].nunique()
        )
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


def _squares(columns: Array, weight: Array | None) -> Array:
    """Return each column's sum of squares, weighted."""
    if weight is None:
        return np.asarray(np.einsum("nk,nk->k", columns, columns))
    return np.asarray(np.einsum("nk,nk,n->k", columns, columns, weight))


def inverse(total: Array) -> Array:
    """Return the inverse of cross-products (k x k), computed on scaled columns.

    Examples:
        >>> inverse(np.array([[2.0, 0.0], [0.0, 4.0]])).tolist()
        [[0.5, 0.0], [0.0, 0.25]]

    """
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
