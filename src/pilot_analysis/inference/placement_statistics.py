"""The test statistics of every placement, from one set of cluster cross-products.

References: MacKinnon & Webb (2020); Canay, Santos & Shaikh (2021).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pilot_analysis.inference import cross_products
from pilot_analysis.inference.inversion import LinearTest, QuadraticRatioTest
from pilot_analysis.inference.placements import Placements
from pilot_analysis.inference.samples import counted_unit

Array = NDArray[np.float64]
_BLOCK = 20_000  # placements handled at a time


@dataclass(frozen=True)
class Randomized:
    """Every placement's coefficient and score, of the outcome and of the observed treatment.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> from pilot_analysis.inference.placements import placements
        >>> panel = few_schools()
        >>> panel = panel.assign(late=(panel["term"] >= 4) * 1.0)
        >>> gram = placement_gram(panel, ["late"], ("y",), ("pupil", "term"), "school", (), None)
        >>> start = np.where(gram.clusters.astype(int) < 4, 0, -1).astype(np.int8)
        >>> where = placements(start, np.zeros(11, dtype=int), 1_000, np.random.default_rng(1))
        >>> randomize(gram, 1, start, where)[0].beta.shape  # 4 of 11
        (330, 2)

    """

    beta: Array  # placements x 2: of the outcome, of the observed treatment as outcome
    denominator: Array  # placements
    score_squares: Array  # placements x 3: s0.s0, s0.s1, s1.s1


def randomize(
    cross: cross_products.ClusterGram,
    n_starts: int,
    observed: NDArray[np.int8],
    where: Placements,
) -> list[Randomized]:
    """Evaluate all placements from the cluster cross-products, for every outcome of `cross`.

    Columns 0..n_starts-1 of `cross` are the indicators `time >= start`; d of a placement picks one
    of them in each treated cluster, so all its cross-products are sums of known numbers.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> from pilot_analysis.inference.placements import placements
        >>> panel = few_schools()
        >>> panel = panel.assign(late=(panel["term"] >= 4) * 1.0)
        >>> gram = placement_gram(panel, ["late"], ("y",), ("pupil", "term"), "school", (), None)
        >>> start = np.where(gram.clusters.astype(int) < 4, 0, -1).astype(np.int8)
        >>> where = placements(start, np.zeros(11, dtype=int), 1_000, np.random.default_rng(1))
        >>> randomized = randomize(gram, 1, start, where)[0]
        >>> round(float(randomized.beta[0, 0]), 2), int((randomized.beta[:, 0] <= randomized.beta[0, 0]).sum())
        (-1.81, 1)

    """
    w = slice(n_starts, None)
    ww, total_ww = cross.xx[:, w, w], cross.xx[:, w, w].sum(axis=0)
    wp = cross.xx[:, w, :n_starts]  # G x kw x starts
    pp = cross.xx[:, :n_starts, :n_starts]
    # Cross-products of the outcomes, and of the observed treatment d0 as the last, with P and W.
    d0 = (observed[:, None] == np.arange(n_starts)).astype(float)[:, :, None]  # G x starts x 1
    p_y = np.concatenate([cross.xy[:, :n_starts], pp @ d0], axis=2)  # G x starts x m
    w_y = np.concatenate([cross.xy[:, w], wp @ d0], axis=2)  # G x kw x m
    inverse = np.linalg.pinv(total_ww, hermitian=True) if total_ww.size else total_ww
    delta = inverse @ w_y.sum(axis=0)  # kw x m
    wy_left = w_y - ww @ delta  # W_g'y~_g
    py_left = p_y - wp.transpose(0, 2, 1) @ delta  # P_g'y~_g
    n, m = len(where.start), w_y.shape[2]
    beta, denominator = np.empty((n, m)), np.empty(n)
    own_squares, with_d0 = np.empty((n, m)), np.empty((n, m))
    for first in range(0, n, _BLOCK):
        rows = slice(first, first + _BLOCK)
        # All that follows has placements along its rows: sums over clusters are then fast.
        start = np.ascontiguousarray(where.start[rows].T)
        began = [(start == i).astype(float) for i in range(n_starts)]  # G x n each
        gamma = inverse @ sum(wp[:, :, i].T @ began[i] for i in range(n_starts))  # kw x n
        d_d = sum(pp[:, i, i, None] * began[i] for i in range(n_starts))
        own = d_d - 2 * sum(began[i] * (wp[:, :, i] @ gamma) for i in range(n_starts))
        for column, values in enumerate(gamma):
            own += values * (ww[:, column] @ gamma)  # d~_g'd~_g at last
        size = own.sum(axis=0)
        safe = np.where(size > cross_products.RANK_TOLERANCE * d_d.sum(axis=0), size, np.nan)
        denominator[rows] = safe
        scores = []
        for j in range(m):
            d_y = sum(py_left[:, i, j, None] * began[i] for i in range(n_starts))
            score = d_y - wy_left[:, :, j] @ gamma  # d~_g'y~_g
            b = score.sum(axis=0) / safe
            beta[rows, j] = b
            scores.append(score - b * own)
        for j, score in enumerate(scores):
            own_squares[rows, j] = np.einsum("gn,gn->n", score, score)
            with_d0[rows, j] = np.einsum("gn,gn->n", score, scores[-1])
    return [
        Randomized(
            beta[:, [j, -1]],
            denominator,
            np.column_stack([own_squares[:, j], with_d0[:, j], own_squares[:, -1]]),
        )
        for j in range(m - 1)
    ]


def randomization_tests(
    randomized: Randomized, exact: bool
) -> tuple[QuadraticRatioTest, LinearTest]:
    """Return the studentised and the unstudentised test.

    With y - b0 d0 as outcome a placement's coefficient is beta_y - b0 beta_d, and its scores
    likewise; written in e = beta_y[0] - b0 so that the observed placement gives e itself.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> from pilot_analysis.inference.placements import placements
        >>> panel = few_schools()
        >>> panel = panel.assign(late=(panel["term"] >= 4) * 1.0)
        >>> gram = placement_gram(panel, ["late"], ("y",), ("pupil", "term"), "school", (), None)
        >>> start = np.where(gram.clusters.astype(int) < 4, 0, -1).astype(np.int8)
        >>> where = placements(start, np.zeros(11, dtype=int), 1_000, np.random.default_rng(1))
        >>> studentised, plain = randomization_tests(randomize(gram, 1, start, where)[0], where.exact)
        >>> round(330 * studentised.p_value(0.0)), round(330 * plain.p_value(0.0))
        (2, 1)

    """
    estimate = float(randomized.beta[0, 0])
    valid = ~np.isnan(randomized.denominator)
    beta, d, squares = (
        randomized.beta[valid],
        randomized.denominator[valid],
        randomized.score_squares[valid],
    )
    n0, n1 = beta[:, 0] - estimate * beta[:, 1], beta[:, 1]
    c00 = squares[:, 0] - 2 * estimate * squares[:, 1] + estimate**2 * squares[:, 2]
    c01 = squares[:, 1] - estimate * squares[:, 2]
    c11 = squares[:, 2]
    d2 = d**2
    scale = math.sqrt(max(float(c00[0] / d2[0]), 0.0)) or float(np.std(n0)) or 1.0
    drop = slice(None) if exact else slice(1, None)
    studentised = QuadraticRatioTest(
        estimate,
        scale,
        n0[drop],
        n1[drop],
        (c00 / d2)[drop],
        (c01 / d2)[drop],
        (c11 / d2)[drop],
        (0.0, 1.0, float(c00[0] / d2[0]), 0.0, 0.0),
        exact,
    )
    return studentised, LinearTest(estimate, scale, n0[drop], n1[drop], exact)


def start_positions(starts: pd.Series, distinct: Array) -> NDArray[np.int8]:
    """Return the position of each start among the `distinct` ones; -1 for never or later.

    Examples:
        >>> start_positions(pd.Series([4.0, 5.0, None, 9.0]), np.array([4.0, 5.0])).tolist()
        [0, 1, -1, -1]

    """
    return np.array(
        [np.searchsorted(distinct, s) if s <= distinct[-1] else -1 for s in starts.fillna(np.inf)],
        dtype=np.int8,
    )


def placement_gram(
    sample: pd.DataFrame,
    indicators: list[str],
    outcomes: tuple[str, ...],
    absorb: Sequence[str],
    cluster: str,
    covariates: Sequence[str],
    weights: str | None,
) -> cross_products.ClusterGram:
    """Return cross-products with the start indicators first.

    The indicators are sums of term effects, so they are passed as outcomes (which may be
    collinear with the columns) and moved to the front afterwards.

    Raises:
        NotEstimable: as `build`.
        ValueError: as `build`.

    Examples:
        >>> from pilot_analysis.examples import few_schools
        >>> panel = few_schools()
        >>> panel = panel.assign(late=(panel["term"] >= 4) * 1.0)
        >>> gram = placement_gram(panel, ["late"], ("y",), ("pupil", "term"), "school", (), None)
        >>> gram.names[:2], gram.n_clusters
        (('late', 'term=0'), 11)

    """
    both = cross_products.build(
        sample,
        outcomes=[*indicators, *outcomes],
        regressors=covariates,
        absorb=absorb,
        cluster=cluster,
        unit=counted_unit(sample, absorb),
        weights=weights,
        outcome_products=True,
    )
    n, k = len(indicators), len(both.names)
    assert both.products is not None
    size = (both.n_clusters, n + k, n + k)
    xx = np.zeros(size)
    xx[:, n:, n:] = both.xx
    xx[:, n:, :n] = both.xy[:, :, :n]
    xx[:, :n, n:] = both.xy[:, :, :n].transpose(0, 2, 1)
    xx[:, :n, :n] = both.products[:, :n, :n]
    xy = np.concatenate([both.products[:, :n, n:], both.xy[:, :, n:]], axis=1)
    return replace(
        both, names=(*indicators, *both.names), outcomes=outcomes, xx=xx, xy=xy, yy=both.yy[:, n:]
    )
