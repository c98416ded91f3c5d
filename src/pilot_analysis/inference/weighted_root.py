"""The CR2 adjustment of one cluster with weights, without a matrix of rows x rows.

In rows times the root of the weight w, let R take out the effects nested in the cluster, x be the
columns after R, A their cross-products over all clusters and V = diag(1/w). clubSandwich's
adjustment is the symmetric root (V Q V)^(-1/2) of Q = R - x A^-1 x' (Pustejovsky & Tipton 2018,
with their correction of 2023). Q is block diagonal by pupil but for a matrix of low rank E E': the
columns, and the dummies of further nested effects. The root of such a matrix has no such form, but
its resolvent (V Q V + t)^-1 has (Woodbury), and the inverse root is a sum of a few dozen
resolvents that is exact to rounding (Hale, Higham & Trefethen 2008, method 3).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import special

Array = NDArray[np.float64]

# Eigenvalues of I - H below this are zeros: the cluster has indicators of its own.
LEVERAGE_ONE = 1e-8
# Singular values of unit columns below this are zeros: dummies that others explain.
_EXPLAINED = 1e-9
# What the sum of resolvents leaves out, relative, before rounding.
_LEFT_OUT = 1e-15


@dataclass(frozen=True)
class WeightedRoot:
    """One cluster's CR2 adjustment with weights, as products with its k columns and m outcomes.

    In rows times the root of the weight, x, y, with I - H as the cluster's own block and V = 1/w:
    L = x'(V (I - H) V)^(-1/2) V. `xx` is L x (k x k), `xy` L y (k x m) and `own` L R L' (k x k), R
    taking out the effects nested in the cluster.

    Examples:
        >>> x = np.array([[1.0], [2.0], [4.0]])
        >>> root = weighted_root(x, x * 2, np.array([1.0, 2.0, 1.0]), [], np.array([[1 / 50]]))
        >>> round(float(root.xy[0, 0] / root.xx[0, 0]), 6)  # y is twice x
        2.0

    """

    xx: Array
    xy: Array
    own: Array


def inverse_root_terms(low: float, high: float) -> tuple[Array, Array]:
    """Return (t, c) with a^(-1/2) = sum of c / (a + t) for every a from `low` to `high`.

    The error, relative, is about 1e-15 where `high` / `low` is 1e4 and below 1e-12 where it is
    1e10; there are some 20 and 50 terms. Source: Hale, Higham & Trefethen 2008, equation 4.5.

    Examples:
        >>> t, c = inverse_root_terms(1.0, 10_000.0)
        >>> len(t), [float((c / (a + t)).sum().round(12)) for a in (1.0, 4.0, 10_000.0)]
        (22, [1.0, 0.5, 0.01])

    """
    ratio = low / high
    rate = 2 * np.pi**2 / (np.log(1 / ratio) + 3)
    n = 2 * int(np.ceil(-np.log(_LEFT_OUT) / rate / 2))
    period = special.ellipkm1(ratio)
    sn, cn, dn, _ = special.ellipj((np.arange(n // 2) + 0.5) * period / n, 1 - ratio)
    # The upper half by reflection: near the period's end cn has lost its digits.
    other = np.sqrt(ratio)
    tangent = np.r_[sn / cn, cn / (other * sn)]
    factor = np.r_[dn / cn**2, dn / (other * sn**2)]
    return low * tangent**2, 2 * period * np.sqrt(low) / (np.pi * n) * factor


@dataclass(frozen=True)
class _Blocks:
    """Rows in the order of one nested effect's levels; `starts` holds each level's first row.

    `direction` (n rows) is the level's dummy times the root of the weight, zero where a row has no
    level.
    """

    starts: NDArray[np.int64]
    direction: Array

    def sums(self, values: Array) -> Array:
        """Sum by level and put the sum on each of the level's rows."""
        sizes = np.diff(self.starts, append=len(values))
        return np.repeat(np.add.reduceat(values, self.starts, axis=0), sizes, axis=0)

    def take_out(self, block: Array, direction: Array, metric: Array) -> Array:
        """Project each level's `direction` off the columns (n x k), in the inner product `metric`."""
        length = self.sums(metric * direction**2)
        loading = metric * direction / np.where(length > 0, length, 1.0)
        return block - direction[:, None] * self.sums(loading[:, None] * block)

    def without(self, block: Array) -> Array:
        """Take the nested effect out of the columns (n x k)."""
        return self.take_out(block, self.direction, np.ones(len(block)))


def weighted_root(
    x: Array,
    y: Array,
    weight: Array,
    nested: Sequence[NDArray[np.int64]],
    bread: Array,
) -> WeightedRoot:
    """Return the CR2 adjustment of one cluster whose rows vary as 1/weight.

    `x` (n x k) and `y` (n x m) have the nested effects taken out already, and are not yet
    multiplied by the root of the weight. `nested` are the codes of the effects nested in the
    cluster (n rows each, -1 for none), which must be in H: Pustejovsky & Tipton's theorem 2 does
    not hold with weights (their correction, 2023). `bread` is A^-1, k x k.

    Takes time by the rows times the square of the number of columns and of levels, but for the
    levels of the nested effect that has most of them.

    Examples:
        >>> x = np.array([[1.0], [2.0], [4.0]])
        >>> weight = np.array([1.0, 2.0, 1.0])
        >>> bread = np.array([[1 / 50]])  # this cluster holds half of the cross-products
        >>> root = weighted_root(x, x * 2, weight, [], bread)
        >>> round(float(root.xx[0, 0]), 2)  # 25 without adjustment
        35.3

    """
    largest, *others = sorted(nested, key=_n_levels, reverse=True) or [np.full(len(x), -1)]
    order = np.argsort(largest, kind="stable")
    x, y, weight, level = x[order], y[order], weight[order], largest[order]
    size = np.sqrt(weight)
    x, y, v = x * size[:, None], y * size[:, None], weight.mean() / weight
    blocks = _Blocks(
        np.flatnonzero(np.r_[True, np.diff(level) != 0]), np.where(level >= 0, size, 0.0)
    )
    dummies = _basis(blocks.without(_dummies([code[order] for code in others], size)))
    columns, leverage = _hat(x, bread)
    # Q = R - E E': R takes out the first nested effect, E (n x r) has orthogonal columns.
    e = np.column_stack([dummies, columns])
    left = np.r_[np.zeros(dummies.shape[1]), 1 - leverage]
    dead = left < LEVERAGE_ONE
    left[dead] = 0.0
    # With D = (V^2 + t)^-1 after which R's effects are taken out (in that inner product),
    # (V Q V + t)^-1 b = V D (c + E (diag(left) + t E'D E)^-1 (E'c - t E'D c)), c = V^-1 b, for b in
    # the range of V Q V. Nothing cancels in it, however small t is.
    c = _in_range(x, e[:, dead], blocks, v) / v[:, None]
    along = e.T @ c
    along[dead] = 0.0
    smallest = left[~dead].min(initial=1.0)
    rooted = np.zeros_like(c)
    both = np.column_stack([e, c])
    for t, factor in zip(*inverse_root_terms(smallest * v.min() ** 2, v.max() ** 2), strict=True):
        d = 1 / (v**2 + t)
        taken = d[:, None] * blocks.take_out(both, blocks.direction, d)
        de, dc = taken[:, : e.shape[1]], taken[:, e.shape[1] :]
        inner = np.linalg.solve(np.diag(left) + t * (e.T @ de), along - t * (de.T @ c))
        rooted += factor * (dc + de @ inner)
    rooted *= v[:, None] ** 2
    kept = blocks.without(rooted)
    kept -= dummies @ (dummies.T @ kept)
    return WeightedRoot(rooted.T @ x, rooted.T @ y, kept.T @ kept)


def _n_levels(code: NDArray[np.int64]) -> int:
    return len(np.unique(code[code >= 0]))


def _dummies(codes: Sequence[NDArray[np.int64]], size: Array) -> Array:
    """Return the effects' dummies times the root of the weight (n x levels), of length 1 each."""
    columns = [
        np.where(code == level, size, 0.0) for code in codes for level in np.unique(code[code >= 0])
    ]
    dummies = np.column_stack(columns) if columns else np.zeros((len(size), 0))
    return np.asarray(dummies / np.linalg.norm(dummies, axis=0))


def _basis(columns: Array) -> Array:
    """Return orthonormal columns with the span of columns that had length 1."""
    if not columns.shape[1]:
        return columns
    vectors, sizes, _ = np.linalg.svd(columns, full_matrices=False)
    return np.asarray(vectors[:, sizes > _EXPLAINED])


def _hat(x: Array, bread: Array) -> tuple[Array, Array]:
    """Return (E, lambda): x bread x' = E E', the columns of E orthogonal with squares lambda."""
    # Most columns of pupils who changed school are zero in any one school.
    seen = x.any(axis=0)
    e = x[:, seen] @ np.linalg.cholesky(bread[np.ix_(seen, seen)])
    leverage, vectors = np.linalg.eigh(e.T @ e)
    return e @ vectors, np.clip(leverage, 0.0, 1.0)


def _in_range(x: Array, dead: Array, blocks: _Blocks, v: Array) -> Array:
    """Project x (n x k) on the range of V Q V, `dead` being where Q is zero besides R's effects."""
    ones = np.ones(len(v))
    x = blocks.take_out(x, blocks.direction / v, ones)
    null = np.linalg.qr(blocks.take_out(dead / v[:, None], blocks.direction / v, ones))[0]
    return np.asarray(x - null @ (null.T @ x))
