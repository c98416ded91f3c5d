"""Rejection rates, power and detectable effects of every method at pilots like this one.

Draws panels of school x term means under no effect and tests them with every method. With one
start a method sees one number per school (the mean after less the weighted mean before), so 20,000
panels of a cell take a second. `pilot study size_and_power` writes the table whose committed copy
`studies.read` reads.

Coverage of a 95 % interval is one minus the rejection rate: every interval here inverts its test,
and the estimator only shifts with the effect.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pilot_analysis.inference import many_tests
from pilot_analysis.inference.many_tests import Numbers
from pilot_analysis.inference.school_terms import Window

Array = NDArray[np.float64]

N_TERMS, FIRST_POST = 7, 4
SHOCK_SD = 1.25  # points, school x term
PUPIL_SD = 6.0  # points, pupil x term around the school's mean
BREAK_SD = 1.25  # points, a school's own lasting shift at the start
EFFECT = -2.0  # points, for power
WORKING = 0.4  # the plan's autocorrelation, whatever the truth is
ASSIGNMENTS = 40  # layouts of sizes and treatment a cell; panels are shared among them
SLOW_PANELS = 50  # panels a layout for the methods that enumerate placements or draw signs
DRAWS = 199


@dataclass(frozen=True)
class Cell:
    """One design and one truth.

    Examples:
        >>> cells()[0]
        Cell(design='4 of 11', n_treated=4, n_schools=11, sizes='equal', variance='equal', autocorrelation=0.4, shocks='normal')

    """

    design: str
    n_treated: int
    n_schools: int
    sizes: str
    variance: str
    autocorrelation: float
    shocks: str


DESIGNS = {
    "4 of 11": (4, 11),
    "2 of 5": (2, 5),
    "3 of 7": (3, 7),
    "4 of 20": (4, 20),
    "6 of 26": (6, 26),
    "1 of 9": (1, 9),
    "2 of 9": (2, 9),
}
SIZES = ("equal", "unequal", "unequal, largest treated")
VARIANCES = ("equal", "treated twice")
# Normal shocks of two autocorrelations; each school shifting for good at the start; heavy tails.
SHOCKS = (("normal", 0.4), ("normal", 0.8), ("break", 0.4), ("t3", 0.4))


def cells() -> list[Cell]:
    """List every cell of the study.

    Examples:
        >>> len(cells()), len({cell.design for cell in cells()})
        (168, 7)

    """
    return [
        Cell(name, *DESIGNS[name], sizes, variance, autocorrelation, shocks)
        for name in DESIGNS
        for sizes in SIZES
        for variance in VARIANCES
        for shocks, autocorrelation in SHOCKS
    ]


def cell_of(row: Mapping[str, Any]) -> Cell:
    """Return the cell that a row of the study belongs to.

    Examples:
        >>> from pilot_analysis.inference import studies
        >>> cell_of(studies.read().iloc[0].to_dict()) in cells()
        True

    """
    return Cell(
        row["design"],
        *DESIGNS[row["design"]],
        row["sizes"],
        row["error_variance"],
        row["autocorrelation"],
        row["shocks"],
    )


def _layout(cell: Cell, rng: np.random.Generator) -> tuple[Array, NDArray[np.bool_]]:
    """Return (pupils, treated) by school; treated schools first."""
    n = cell.n_schools
    size = np.full(n, 340.0) if cell.sizes == "equal" else np.geomspace(60, 1300, n)[::-1]
    order = np.arange(n) if "largest" in cell.sizes else rng.permutation(n)
    return size[order], np.arange(n) < cell.n_treated


def autocorrelated(innovation: Array, rho: float) -> Array:
    """Return AR(1) series along the last axis, of the innovations' variance.

    Examples:
        >>> autocorrelated(np.array([1.0, 0.0, 1.0]), 0.6).round(2).tolist()
        [1.0, 0.6, 1.16]

    """
    series = np.empty_like(innovation)
    series[..., 0] = innovation[..., 0]
    for t in range(1, series.shape[-1]):
        series[..., t] = rho * series[..., t - 1] + np.sqrt(1 - rho**2) * innovation[..., t]
    return series


def outcomes(
    cell: Cell, size: Array, treated: NDArray[np.bool_], n: int, rng: np.random.Generator
) -> Array:
    """Return panels x schools x terms of noise.

    Examples:
        >>> treated = np.arange(11) < 4
        >>> y = outcomes(cells()[0], np.full(11, 340.0), treated, 500, np.random.default_rng(1))
        >>> y.shape, round(float(y.std()), 2)  # the shocks' 1.25 and a little from pupils
        ((500, 11, 7), 1.28)

    """
    rho, shape = cell.autocorrelation, (n, len(size), N_TERMS)
    heavy = cell.shocks == "t3"
    innovation = rng.standard_t(3, shape) / np.sqrt(3) if heavy else rng.standard_normal(shape)
    shock = SHOCK_SD * autocorrelated(innovation, rho)
    if cell.shocks == "break":
        shock[..., FIRST_POST:] += BREAK_SD * rng.standard_normal((n, len(size), 1))
    sd = np.where(treated & (cell.variance == "treated twice"), 2.0, 1.0)
    pupils = rng.standard_normal(shape) * (PUPIL_SD / np.sqrt(size))[:, None]
    return shock * sd[:, None] + pupils


def contrasts() -> dict[str, Array]:
    """Return the weights of the terms, by name.

    `equal`: every term counts once on its side. `before by plan`: the terms before are weighted as
    generalized least squares would at the plan's autocorrelation, those after count once, so the
    estimand is the same. `all by plan`: those after are weighted too, so it is another.

    Examples:
        >>> contrasts()["before by plan"].round(2).tolist()
        [-0.25, -0.15, -0.15, -0.46, 0.33, 0.33, 0.33]

    """
    periods = np.arange(float(N_TERMS))
    before, after = periods < FIRST_POST, periods >= FIRST_POST
    equal, by_plan = (
        Window(autocorrelation=r).contrast(periods, before, after) for r in (0.0, WORKING)
    )
    assert equal is not None
    assert by_plan is not None
    inverse = np.linalg.inv(working_correlation())
    x = np.column_stack([np.ones(N_TERMS), after])
    whole = np.linalg.solve(x.T @ inverse @ x, x.T @ inverse)[1]
    return {"equal": equal, "before by plan": by_plan, "all by plan": whole}


def working_correlation() -> Array:
    """Return the plan's correlation between terms.

    Examples:
        >>> working_correlation()[0, :3].round(2).tolist()
        [1.0, 0.4, 0.16]

    """
    periods = np.arange(float(N_TERMS))
    return np.asarray(WORKING ** np.abs(periods[:, None] - periods))


def _reaches(
    y: Array, size: Array, treated: NDArray[np.bool_]
) -> dict[tuple[str, str, str], tuple[Array, Array]]:
    """Return estimates and half-widths of every method with a closed form, by how it counts."""
    intervals = {}
    for terms, weights in contrasts().items():
        changes = y @ weights
        numbers = Numbers.of(changes, np.ones(len(size)), treated)
        wanted = many_tests.CLOSED if terms == "equal" else many_tests.CLOSED_BY_PLAN
        for method in wanted:
            reach = many_tests.reach(numbers, method)
            if reach is not None:
                intervals[terms, "schools", method] = (numbers.estimate, reach)
        if terms == "equal":
            by_pupils = Numbers.of(changes, size, treated)
            for method in ("CR1", "CR2", "CR3"):
                reach = many_tests.reach(by_pupils, method)
                if reach is not None:
                    intervals[terms, "pupils", method] = (by_pupils.estimate, reach)
        if terms == "all by plan":
            reach = many_tests.reach_of_terms(y, weights, working_correlation(), treated)
            if reach is not None:
                intervals[terms, "schools", "terms as repeats"] = (numbers.estimate, reach)
    return intervals


@dataclass(frozen=True)
class _Tally:
    """A method's results over panels: rejections of no effect, power, and the detectable effect."""

    rejected: float
    power: float
    detectable: float
    panels: int

    def row(self) -> dict[str, Any]:
        """Return the columns of the study's table."""
        rate = self.rejected
        return {
            "panels": self.panels,
            "rejection_rate": rate,
            "monte_carlo_error": float(np.sqrt(rate * (1 - rate) / self.panels)),
            "coverage": 1 - rate,
            "power_at_2_points": self.power,
            "detectable_effect": self.detectable,
        }


def _closed(parts: list[tuple[Array, Array]]) -> _Tally:
    estimate, reach = (np.concatenate(p) for p in zip(*parts, strict=True))
    return _Tally(
        float((np.abs(estimate) > reach).mean()),
        float((np.abs(estimate + EFFECT) > reach).mean()),
        float(np.quantile(reach - estimate, many_tests.POWER)),
        len(estimate),
    )


def _slow(parts: list[Array]) -> _Tally:
    """Tally a method tested at a few effects: panels x effects of rejections."""
    rejected = np.concatenate(parts)
    rates = rejected.mean(axis=0)
    at = float(np.interp(abs(EFFECT), many_tests.EFFECTS, rates))
    return _Tally(float(rates[0]), at, many_tests.effect_at(rates), len(rejected))


def run_cell(cell: Cell, panels: int) -> list[dict[str, Any]]:
    """Return the cell's rows: one a method, and how it counts terms and schools.

    Examples:
        >>> rows = run_cell(cells()[0], panels=10)  # far too few for a rate: to see what comes out
        >>> sorted({row["terms"] for row in rows}), rows[0]["panels"]
        (['all by plan', 'before by plan', 'equal'], 10)

    """
    base = zlib.crc32(repr(cell).encode())
    per = max(1, panels // ASSIGNMENTS)
    closed: dict[tuple[str, str, str], list[tuple[Array, Array]]] = {}
    slow: dict[tuple[str, str, str], list[Array]] = {}
    for assignment in range(min(ASSIGNMENTS, panels)):
        rng = np.random.default_rng([base, assignment])
        size, treated = _layout(cell, rng)
        y = outcomes(cell, size, treated, per, rng)
        for key, pair in _reaches(y, size, treated).items():
            closed.setdefault(key, []).append(pair)
        few = y[:SLOW_PANELS] @ contrasts()["equal"]
        for name, weight in (("schools", np.ones(len(size))), ("pupils", size)):
            for method, rejected in many_tests.placed(few, weight, treated, DRAWS, rng).items():
                slow.setdefault(("equal", name, method), []).append(rejected)
    tallies = {k: _closed(v) for k, v in closed.items()} | {k: _slow(v) for k, v in slow.items()}
    named = {
        "design": cell.design,
        "n_treated": cell.n_treated,
        "n_schools": cell.n_schools,
        "sizes": cell.sizes,
        "error_variance": cell.variance,
        "autocorrelation": cell.autocorrelation,
        "shocks": cell.shocks,
    }
    return [
        named | {"terms": terms, "weights": weights, "method": method} | tally.row()
        for (terms, weights, method), tally in tallies.items()
    ]
