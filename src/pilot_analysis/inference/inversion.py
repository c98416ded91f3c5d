"""Tests whose statistic is a ratio of quadratics in the null value, and their inversion.

For every draw the squared statistic at null value b0 is
(n0 + e n1)^2 / (c00 + 2 e c01 + e^2 c11) with e = estimate - b0. Five numbers a draw therefore give
the p-value at any null, and the interval follows without drawing again.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]

# Draws that equal the observed statistic up to rounding count as equal.
_TIE = 1e-9
# A variance at most this share of the squared numerator counts as none.
_NO_VARIANCE = 1e-18
_ROUNDS = 60
# A bracket is cut into so many sections a round; with many draws into two: they cost more than the
# calls, which with few placements are what takes the time.
_SECTIONS = 32
_HELD_AT_ONCE = 1_000
_GRID = np.r_[0.0, np.geomspace(1e-2, 1e4, 43)]
# Bounds are located to this share of the standard error.
_PRECISION = 1e-9


@dataclass(frozen=True)
class QuadraticRatioTest:
    """Draws of a squared statistic as functions of e = estimate - null.

    `observed` holds the observed statistic's own five numbers. `exact` says that the draws are all
    there are, the observed one among them; otherwise p is (1 + count) / (1 + draws).

    Examples:
        >>> import itertools
        >>> y = np.array([1.0, 2.0, 3.0, 2.0])  # its mean is tested by flipping signs
        >>> signs = np.array(list(itertools.product((1.0, -1.0), repeat=4)))
        >>> n1 = signs.mean(axis=1)
        >>> n0 = signs @ y / 4 - y.mean() * n1
        >>> one, zero = np.ones(16), np.zeros(16)  # every flip with the same variance
        >>> test = QuadraticRatioTest(y.mean(), 1.0, n0, n1, one, zero, zero, (0, 1, 1, 0, 0), exact=True)
        >>> test.p_value(0.0), test.statistic(0.0)
        (0.125, 2.0)

    """

    estimate: float
    scale: float
    n0: Array
    n1: Array
    c00: Array
    c01: Array
    c11: Array
    observed: tuple[float, float, float, float, float]
    exact: bool

    @staticmethod
    def _square(
        e: float | Array, n0: Array, n1: Array, c00: Array, c01: Array, c11: Array
    ) -> Array:
        top = (n0 + e * n1) ** 2
        bottom = c00 + e * (2 * c01 + e * c11)
        floor = 1e-24 * (np.abs(c00) + e * e * np.abs(c11)) + 1e-300
        # What is this small beside the numerator is rounding: two schools alone leave no variance.
        floor = np.maximum(floor, _NO_VARIANCE * top)
        # A draw without variance is as extreme as can be unless its numerator vanishes too; both
        # are counted, which errs on the side of a larger p-value.
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(bottom > floor, top / np.maximum(bottom, floor), np.inf)

    def statistic(self, null: float) -> float:
        """Return the signed observed statistic at a null value."""
        e = self.estimate - null
        n0, n1, c00, c01, c11 = (np.asarray(v) for v in self.observed)
        root = float(np.sqrt(self._square(e, n0, n1, c00, c01, c11)))
        return float(np.copysign(root, e)) if np.isfinite(root) else float("nan")

    def squares(self, null: float) -> tuple[float, Array]:
        """Return the squared statistic of a null value: observed, and of every draw."""
        e = self.estimate - null
        observed = self._square(e, *(np.asarray(v) for v in self.observed))
        return float(observed), self._square(e, self.n0, self.n1, self.c00, self.c01, self.c11)

    def p_value(self, null: float) -> float:
        """Return the two-sided p-value of the null value."""
        return float(self.p_values(np.array([null]))[0])

    def p_values(self, nulls: Array) -> Array:
        """Return the two-sided p-value of each null value; n nulls x B draws are held at once."""
        e = self.estimate - nulls
        n0, n1, c00, c01, c11 = (np.asarray(v) for v in self.observed)
        observed = self._square(e, n0, n1, c00, c01, c11)
        draws = self._square(e[:, None], self.n0, self.n1, self.c00, self.c01, self.c11)
        count = (draws >= observed[:, None] * (1 - _TIE)).sum(axis=1)
        n = len(self.n0)
        return np.asarray(count / n if self.exact else (1 + count) / (1 + n))

    def interval(self, level: float) -> tuple[float, float]:
        """Return the null values the test does not reject; infinite where it never rejects."""
        return (
            self.estimate - self._reach(level, +1.0),
            self.estimate + self._reach(level, -1.0),
        )

    def _reach(self, level: float, sign: float) -> float:
        """Return how far the null can move in one direction before rejection is final."""
        at_once = max(1, min(_SECTIONS, _HELD_AT_ONCE // len(self.n0)))

        def last_accepted(distances: Array) -> int:
            # From the outside in: the test may reject, accept and reject again.
            for end in range(len(distances), 0, -at_once):
                begin = max(0, end - at_once)
                p = self.p_values(self.estimate - sign * distances[begin:end])
                accepted = np.flatnonzero(p > 1 - level)
                if len(accepted):
                    return begin + int(accepted[-1])
            raise AssertionError("the estimate itself is never rejected")

        distances = self.scale * _GRID
        last = last_accepted(distances)
        if last == len(distances) - 1:
            return float("inf")
        low, high = float(distances[last]), float(distances[last + 1])
        for _ in range(_ROUNDS):
            inside = np.linspace(low, high, at_once + 2)
            # The ends are known: the inner accepted, the outer not.
            p = self.p_values(self.estimate - sign * inside[1:-1])
            accepted = np.flatnonzero(p > 1 - level)
            last = 1 + int(accepted[-1]) if len(accepted) else 0
            low, high = float(inside[last]), float(inside[last + 1])
            if high - low <= _PRECISION * self.scale:
                break
        return high


@dataclass(frozen=True)
class LinearTest:
    """The unstudentised counterpart: draws of n0 + e n1, linear in e = estimate - null.

    Examples:
        >>> import itertools
        >>> y = np.array([1.0, 2.0, 3.0, 2.0])  # its mean is tested by flipping signs
        >>> signs = np.array(list(itertools.product((1.0, -1.0), repeat=4)))
        >>> n1 = signs.mean(axis=1)
        >>> n0 = signs @ y / 4 - y.mean() * n1
        >>> LinearTest(y.mean(), 1.0, n0, n1, exact=True).p_value(0.0)  # 2 of 16
        0.125

    """

    estimate: float
    scale: float
    n0: Array
    n1: Array
    exact: bool

    def _as_ratio(self) -> QuadraticRatioTest:
        zero, one = np.zeros_like(self.n0), np.ones_like(self.n0)
        return QuadraticRatioTest(
            self.estimate,
            self.scale,
            self.n0,
            self.n1,
            one,
            zero,
            zero,
            (0.0, 1.0, 1.0, 0.0, 0.0),
            self.exact,
        )

    def p_value(self, null: float) -> float:
        """Return the two-sided p-value of the null value."""
        return self._as_ratio().p_value(null)

    def interval(self, level: float) -> tuple[float, float]:
        """Return the null values the test does not reject; infinite where it never rejects."""
        return self._as_ratio().interval(level)
