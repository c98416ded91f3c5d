"""The weighted CR2 adjustment of a cluster against matrices of rows x rows."""

import time

import numpy as np
import pytest

from pilot_analysis.inference.weighted_root import inverse_root_terms, weighted_root


def projection(codes, size):
    """Return R: everything but what the levels' dummies, times the root of the weight, span."""
    dummies = [np.where(code == level, size, 0) for code in codes for level in set(code) - {-1}]
    if not dummies:
        return np.eye(len(size))
    vectors, sizes, _ = np.linalg.svd(np.column_stack(dummies), full_matrices=False)
    span = vectors[:, sizes > 1e-9]
    return np.eye(len(size)) - span @ span.T


def dense(x, y, weight, codes, bread):
    """Return (L x, L y, L R L') by the definition, from matrices of rows x rows.

    The root of V Q V is taken from the singular values of V Q^(1/2): eigenvalues of V Q V itself
    have lost as many digits as the squared weights span.
    """
    size, v = np.sqrt(weight), weight.mean() / weight
    x, y, kept = x * size[:, None], y * size[:, None], projection(codes, size)
    values, vectors = np.linalg.eigh(kept - x @ (bread + bread.T) @ x.T / 2)
    alive = values > 1e-9
    half = v[:, None] * vectors[:, alive] * np.sqrt(values[alive])
    u, singular, _ = np.linalg.svd(half, full_matrices=False)
    left = x.T @ (u / singular) @ u.T * v
    return left @ x, left @ y, left @ kept @ left.T


def cluster(rng, n, *, codes, columns=4, spread=1.0, own=0, empty=0):
    """Return x, y, weight, codes and bread; `own` directions of x are in no other cluster."""
    weight = np.exp(rng.uniform(0, spread, n))
    size = np.sqrt(weight)
    kept = projection(codes, size)
    x, y = (kept @ (rng.normal(size=(n, m)) * size[:, None]) / size[:, None] for m in (columns, 2))
    x[:, columns - empty :] = 0.0
    elsewhere = rng.normal(size=(columns, columns + 6)) * np.sqrt(n / 3)
    directions = np.linalg.qr(rng.normal(size=(columns, columns)))[0][:, own:]
    elsewhere = directions @ directions.T @ elsewhere
    total = (x * weight[:, None]).T @ x + elsewhere @ elsewhere.T
    return x, y, weight, codes, np.linalg.inv(total)


def close(found, expected):
    for name, numbers in zip(("xx", "xy", "own"), expected, strict=True):
        np.testing.assert_allclose(
            getattr(found, name), numbers, rtol=0, atol=1e-10 * np.abs(numbers).max(), err_msg=name
        )


N = 90
PUPILS = np.arange(N) // 4
TERMS = np.arange(N) % 5
STRUCTURES = {
    "nothing nested": [],
    "one level": [np.zeros(N, dtype=int)],
    "pupils": [PUPILS],
    "pupils who changed school have columns": [np.where(PUPILS % 5 == 0, -1, PUPILS)],
    "pupils and terms": [PUPILS, TERMS],
    "terms and pupils, some without": [np.where(TERMS == 2, -1, TERMS), PUPILS],
    "three effects": [TERMS, PUPILS, np.arange(N) % 7],
    "one effect explains another": [PUPILS, PUPILS // 3],
    "an effect nobody has": [np.full(N, -1), PUPILS],
}


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("spread", [0.1, 2.0, 6.0, 9.0])
@pytest.mark.parametrize("structure", STRUCTURES)
def test_it_is_the_root_of_the_whole_matrix(structure, spread, seed):
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(N)
    codes = [code[shuffled] for code in STRUCTURES[structure]]
    case = cluster(rng, N, codes=codes, spread=spread)
    close(weighted_root(*case), dense(*case))


@pytest.mark.parametrize("own", [1, 2, 4])
@pytest.mark.parametrize("structure", ["nothing nested", "pupils", "pupils and terms"])
def test_directions_that_no_other_cluster_has_are_left_out(structure, own):
    case = cluster(np.random.default_rng(own), N, codes=STRUCTURES[structure], own=own)
    close(weighted_root(*case), dense(*case))


@pytest.mark.parametrize("columns", [40, 120])
def test_more_columns_than_the_rows_bear(columns):
    """Columns of pupils who changed school are many, and most are zero in a cluster."""
    case = cluster(np.random.default_rng(3), N, codes=[PUPILS], columns=columns, empty=columns // 2)
    close(weighted_root(*case), dense(*case))


def test_a_cluster_that_its_effects_explain_adjusts_nothing():
    case = cluster(np.random.default_rng(1), 12, codes=[np.arange(12)])
    found = weighted_root(*case)
    assert max(np.abs(part).max() for part in (found.xx, found.xy, found.own)) < 1e-12


def test_columns_that_are_zero_in_the_cluster_have_no_part():
    case = cluster(np.random.default_rng(1), N, codes=[PUPILS], empty=4)
    assert not weighted_root(*case).xx.any()


def test_equal_weights_give_the_root_of_the_unweighted_model():
    """(R - E E')^(-1/2) x = E (1 - lambda)^(-1/2) E'^-1 x, all of it from k x k matrices."""
    x, y, _, codes, bread = cluster(np.random.default_rng(2), N, codes=[PUPILS], spread=0.0)
    found = weighted_root(x, y, np.full(N, 3.0), codes, bread / 3)
    values, vectors = np.linalg.eig(3 * x.T @ x @ bread / 3)
    adjusted = (vectors / np.sqrt(1 - values)) @ np.linalg.inv(vectors)
    np.testing.assert_allclose(found.xx, 3 * adjusted @ x.T @ x, rtol=1e-10)
    np.testing.assert_allclose(found.xy, 3 * adjusted @ x.T @ y, rtol=1e-9, atol=1e-12)


def test_units_of_the_weights_do_not_matter():
    x, y, weight, codes, bread = cluster(np.random.default_rng(5), N, codes=[PUPILS], spread=3.0)
    one = weighted_root(x, y, weight, codes, bread)
    other = weighted_root(x, y, weight * 1e6, codes, bread / 1e6)
    np.testing.assert_allclose(other.xx, one.xx * 1e6, rtol=1e-10)
    np.testing.assert_allclose(other.own, one.own * 1e6, rtol=1e-10)


@pytest.mark.parametrize("power", [0, 1, 4, 7, 10])
def test_the_sum_of_resolvents_is_the_inverse_root(power):
    low, high = 0.3, 0.3 * 10.0**power
    t, c = inverse_root_terms(low, high)
    a = np.geomspace(low, high, 999)
    assert np.abs((c / (a[:, None] + t)).sum(axis=1) * np.sqrt(a) - 1).max() < 1e-12
    assert len(t) <= 50


def test_time_grows_with_the_rows():
    """A matrix of rows x rows would have 3 GB, and its eigenvectors take the cube of the rows."""
    n = 20_000
    rng = np.random.default_rng(1)
    pupils = [np.arange(n) // 4]
    weight = rng.uniform(1, 5, n)
    x, y = rng.normal(size=(n, 6)), rng.normal(size=(n, 1))
    started = time.process_time()
    found = weighted_root(x, y, weight, pupils, np.eye(6) / (50 * n))
    assert time.process_time() - started < 5
    assert np.isfinite(found.xx).all()
