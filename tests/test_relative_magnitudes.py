"""Drift at most M times the largest earlier change: the test by brute force, and its coverage."""

import itertools
import runpy

import numpy as np
import pytest
from conftest import ROOT
from scipy import optimize, special, stats

from pilot_analysis.errors import NotEstimable
from pilot_analysis.inference.relative_magnitudes import EventStudy, _Test


def some_study(seed: int, before: int = 3, after: int = 3, weights=None) -> EventStudy:
    rng = np.random.default_rng(seed)
    n = before + after
    noise = rng.normal(size=(n, 2 * n))
    estimates = rng.normal(size=n) + np.repeat([0.0, 2.0], [before, after])
    times = [*range(-1 - before, -1), *range(after)]
    return EventStudy(times, estimates, noise @ noise.T / 20, weights)


def inequalities(study: EventStudy, change: int, sign: int, bound: float):
    """The rows over the estimates that HonestDiD writes down: every later change at most M times V."""
    known = sorted([*study.times, -1])
    level = np.zeros((len(known), len(study.times)))
    level[[known.index(t) for t in study.times], range(len(study.times))] = 1.0
    steps = np.diff(level, axis=0)
    own = sign * steps[change]
    later = steps[-len(study.after) :]
    return np.vstack([later - bound * own, -later - bound * own]), own


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("weights", [None, np.array([0.7, -0.5, 0.8])], ids=["mean", "own weights"])
def test_the_largest_moment_is_the_least_of_the_linear_program(seed, weights):
    """min eta: A (estimates - effects) <= eta x standard errors, for some effects with this mean."""
    study = some_study(seed, weights=weights)
    after = len(study.after)
    for change, sign in itertools.product(range(3), (-1, 1)):
        rows, own = inequalities(study, change, sign, 0.75)
        errors = np.sqrt(np.diag(rows @ study.covariance @ rows.T))
        test = _Test(study, own, 0.75, 0.05)
        for effect in (-1.0, study.effect, 4.0):
            program = optimize.linprog(
                np.r_[np.zeros(after), 1.0],
                A_ub=np.column_stack([-rows[:, -after:], -errors]),
                b_ub=-rows @ study.estimates,
                A_eq=np.r_[study.after, 0.0][None],
                b_eq=[effect],
                bounds=(None, None),
            )
            ours = (test.moments @ test.seen)[:, None] + np.zeros((1, 1))
            ours[0] -= effect / test.unit[0]
            ours[1] += effect / test.unit[1]
            assert ours.max() == pytest.approx(program.fun, abs=1e-7)


def test_the_first_stage_is_exceeded_as_often_as_it_says():
    """Against 400,000 draws of the moments; four Monte Carlo errors of a share of .005."""
    rng = np.random.default_rng(1)
    for seed, bound in ((0, 0.5), (1, 1.0), (2, 3.0)):
        study = some_study(seed)
        test = _Test(study, inequalities(study, 1, 1, 1)[1], bound, 0.05)
        drawn = test.moments @ np.linalg.cholesky(test.spread) @ rng.normal(size=(2, 400_000))
        share = (drawn.max(axis=0) > test.largest).mean()
        assert share == pytest.approx(0.005, abs=4 * np.sqrt(0.005 * 0.995 / 400_000))


def test_the_second_stage_is_a_truncated_normal():
    """p by its definition: the largest moment, given what is left of the others once it is fixed."""
    study = some_study(3)
    test = _Test(study, inequalities(study, 0, 1, 1)[1], 1.0, 0.05)
    for effect in np.linspace(study.effect - 4, study.effect + 4, 41):
        move = np.zeros(len(test.moments))
        move[:2] = [-effect / test.unit[0], effect / test.unit[1]]
        value = test.moments @ test.seen + move
        own = int(value.argmax())
        variance = test.moments @ test.spread @ test.moments.T
        slope = variance[:, own] / variance[own, own]
        fixed = value - slope * value[own]
        grid = np.linspace(-12, 12, 120_001) * np.sqrt(variance[own, own])
        still = np.all(fixed[:, None] + slope[:, None] * grid <= grid + 1e-9, axis=0)
        still &= grid <= test.largest
        density = stats.norm.pdf(grid, scale=np.sqrt(variance[own, own])) * still
        beyond = density[grid >= value[own]].sum() / density.sum()
        if abs(beyond - test.alpha) > 1e-3 and abs(value[own] - test.largest) > 1e-3:
            wanted = value[own] > test.largest or (value[own] > 0 and beyond < test.alpha)
            assert test.rejected(np.array([effect]))[0] == wanted


@pytest.mark.long
def test_the_interval_covers_with_few_schools_where_the_estimated_bounds_do_not():
    """Drift as large as is allowed, and larger than chance: the hardest case. 200 pilots.

    Adding M times the estimated largest change to the interval of no drift misses about 30 %.
    """
    coverage = runpy.run_path(str(ROOT / "benchmarks" / "drift_coverage.py"))
    rng = np.random.default_rng(5)
    found = []
    for _ in range(200):
        study, df = coverage["pilot"](rng, treated=4, schools=11, drift=6.0, bound=2.0)
        found.append(coverage["misses"](study, 2.0, df))
    missed, missed_naively = np.sum(found, axis=0)
    assert missed <= 200 * (0.05 + 2.6 * np.sqrt(0.05 * 0.95 / 200))
    assert missed_naively >= 40


def test_units_signs_and_terms_left_out_do_not_matter():
    study = some_study(6)
    low, high = study.interval(0.5)
    turned = EventStudy(study.times, -10 * study.estimates, 100 * study.covariance)
    assert turned.interval(0.5) == pytest.approx([-10 * high, -10 * low], rel=1e-6)
    # A term that nobody saw: two terms' drift between those beside it, and half of it each before.
    wide = EventStudy([-4, -2, 1], np.array([2.0, 0.1, 5.0]), 1e-8 * np.eye(3))
    assert wide.interval(1.0) == pytest.approx([5 - 2 * 0.95, 5 + 2 * 0.95], abs=0.01)


def test_changes_that_are_certain_bound_as_they_are():
    """Terms alike in every school: their change has no sampling error."""
    sure = EventStudy([-3, -2, 0], np.array([0.5, 0.0, 3.0]), np.diag([0.0, 0.0, 0.25]))
    reach = 1.0 * 0.5 + 0.5 * special.ndtri(0.95)
    assert sure.interval(1.0) == pytest.approx([3 - reach, 3 + reach], abs=0.06)
    flat = EventStudy([-3, -2, 0], np.array([0.0, 0.0, 3.0]), np.diag([0.0, 0.0, 0.25]))
    assert flat.interval(1.0) == pytest.approx(flat.interval(0.0), abs=0.12)
    known = EventStudy([-3, -2, 0], np.array([0.5, 0.0, 3.0]), np.zeros((3, 3)))
    assert known.interval(1.0) == pytest.approx([2.5, 3.5], abs=1e-6)


def test_a_bound_of_nothing_is_the_usual_interval_and_larger_bounds_widen_it():
    study = some_study(7)
    wanted = study.effect + study.std_error * stats.t.ppf([0.05, 0.95], 5)
    assert study.interval(0.0, 0.9, df=5) == pytest.approx(wanted, rel=1e-12)
    widths = [np.ptp(study.interval(bound, df=5)) for bound in (0.25, 0.5, 1.0, 2.0)]
    assert widths == sorted(widths)
    normal = some_study(7).interval(1.0)
    inflated = EventStudy(
        study.times,
        study.estimates,
        study.covariance * (stats.t.ppf(0.975, 5) / special.ndtri(0.975)) ** 2,
    )
    assert inflated.interval(1.0) == pytest.approx(study.interval(1.0, df=5), rel=1e-9)
    assert np.ptp(normal) < np.ptp(study.interval(1.0, df=5))


def test_an_effect_is_included_where_the_interval_holds_it():
    study = some_study(9)
    low, high = study.interval(0.75, df=5)
    for effect in (low - 0.01, low + 0.01, study.effect, high - 0.01, high + 0.01):
        assert study.includes(effect, 0.75, df=5) == (low <= effect <= high)


def test_the_breakdown_value_is_where_the_interval_meets_zero():
    study = EventStudy([-3, -2, 0, 1], np.array([0.1, 0.3, -2.0, -3.0]), 0.04 * np.eye(4))
    at = study.breakdown()
    assert study.interval(at)[1] < 0 <= study.interval(at + 0.02)[1]
    strong = EventStudy(study.times, 100 * study.estimates * [0, 0, 1, 1], study.covariance)
    assert strong.breakdown() == 5.0


@pytest.mark.parametrize(
    ("times", "estimates", "covariance", "message"),
    [
        ([-2, 0], [1.0], np.eye(2), "must fit the 2 times"),
        ([-2, 0], [1.0, 2.0], np.eye(3), "must fit the 2 times"),
        ([0, -2], [1.0, 2.0], np.eye(2), "ascend"),
        ([-2, -1, 0], [1.0, 0.0, 2.0], np.eye(3), "ascend"),
        ([-3, -2], [1.0, 2.0], np.eye(2), "beyond the start"),
    ],
)
def test_what_does_not_fit_is_refused(times, estimates, covariance, message):
    with pytest.raises(ValueError, match=message):
        EventStudy(times, np.array(estimates), covariance)


def test_a_drift_needs_a_term_before_the_reference():
    with pytest.raises(NotEstimable, match="before the baseline"):
        EventStudy([0, 1], np.zeros(2), np.eye(2))


def test_levels_bounds_and_weights_are_checked():
    study = some_study(1)
    for arguments in ((-1.0, 0.95, 5), (1.0, 95, 5), (1.0, 0.95, 0)):
        with pytest.raises(ValueError):
            study.interval(*arguments)
    with pytest.raises(ValueError, match="weights"):
        EventStudy(study.times, study.estimates, study.covariance, np.ones(2))
