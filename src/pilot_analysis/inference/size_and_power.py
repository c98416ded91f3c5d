"""Rejection rates and coverage of every method at the pilot's own designs.

Draws panels of school x term means under no effect (and one of two points), tests them with every
method. `pilot study size_and_power` writes the table whose committed copy `models.study` reads. School x
term cells weighted by pupils are exact for a balanced pupil panel (tests/test_size_and_power.py shows it), so nothing is lost
by not drawing pupils.

Coverage of a 95 % interval is one minus the rejection rate of the true effect: every interval here
inverts its test, and the estimator only shifts with the effect.
"""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from pilot_analysis.errors import NotEstimable
from pilot_analysis.inference import cross_products, few_clusters, few_treated, randomization
from pilot_analysis.inference.least_squares import Fit

N_TERMS, FIRST_POST = 7, 4
SHOCK_SD = 1.25  # points, school x term
PUPIL_SD = 6.0  # points, pupil x term around the school's mean
EFFECT = -2.0  # points, for power
BOOTSTRAP_DRAWS = 1_999
PLACEMENTS = 999
ASSIGNMENTS = 40  # random placements of treatment a cell; panels are shared among them
ALPHA = 0.05


@dataclass(frozen=True)
class Cell:
    """One design. `strata` lists (treated, schools) in each stratum."""

    design: str
    strata: tuple[tuple[int, int], ...]
    sizes: str
    variance: str
    autocorrelation: float


DESIGNS = {
    "4 of 11": ((4, 11),),
    "2 of 5": ((2, 5),),
    "4 of 11 and 2 of 5": ((4, 11), (2, 5)),
    "4 of 20": ((4, 20),),
    "6 of 26": ((4, 20), (2, 6)),
    "1 of 12": ((1, 12),),
}
SIZES = ("equal", "unequal", "unequal, largest treated")
VARIANCES = ("equal", "treated twice")
AUTOCORRELATIONS = (0.4, 0.8)


def cells() -> list[Cell]:
    """List every cell of the study."""
    return [
        Cell(name, DESIGNS[name], sizes, variance, autocorrelation)
        for name in DESIGNS
        for sizes in SIZES
        for variance in VARIANCES
        for autocorrelation in AUTOCORRELATIONS
    ]


def cell_of(row: Mapping[str, Any]) -> Cell:
    """Return the cell that a row of the study belongs to."""
    return Cell(
        row["design"], DESIGNS[row["design"]], row["sizes"], row["error_variance"],
        row["autocorrelation"],
    )  # fmt: skip


def _layout(cell: Cell, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return (pupils, stratum, treated) by school."""
    sizes, stratum, treated = [], [], []
    for s, (n_treated, n) in enumerate(cell.strata):
        size = np.full(n, 340.0) if cell.sizes == "equal" else np.geomspace(60, 1300, n)
        order = np.arange(n)[::-1] if "largest" in cell.sizes else rng.permutation(n)
        is_treated = np.zeros(n, dtype=bool)
        is_treated[order[:n_treated]] = True
        sizes.append(size)
        treated.append(is_treated)
        stratum.append(np.full(n, s))
    return np.concatenate(sizes), np.concatenate(stratum), np.concatenate(treated)


def _outcomes(
    cell: Cell, size: np.ndarray, treated: np.ndarray, n: int, rng: np.random.Generator
) -> np.ndarray:
    """Return schools x terms x panels of noise."""
    rho = cell.autocorrelation
    shape = (len(size), N_TERMS, n)
    innovation = rng.standard_normal(shape)
    shock = np.empty(shape)
    shock[:, 0] = innovation[:, 0]
    for t in range(1, N_TERMS):
        shock[:, t] = rho * shock[:, t - 1] + np.sqrt(1 - rho**2) * innovation[:, t]
    sd = SHOCK_SD * np.where(treated & (cell.variance == "treated twice"), 2.0, 1.0)
    pupils = rng.standard_normal(shape) * (PUPIL_SD / np.sqrt(size))[:, None, None]
    return shock * sd[:, None, None] + pupils


def _cross(size: np.ndarray, stratum: np.ndarray, treated: np.ndarray, y: np.ndarray):
    """Return weighted cross-products with the treatment as regressor, and for placements."""
    n_schools = len(size)
    frame = pd.DataFrame(
        {
            "school": np.repeat(np.arange(n_schools), N_TERMS),
            "term": np.tile(np.arange(N_TERMS), n_schools),
        }
    )
    frame["stratum_term"] = np.repeat(stratum, N_TERMS) * 100 + frame["term"]
    frame["weight"] = np.repeat(size, N_TERMS)
    frame["_from_0"] = (frame["term"] >= FIRST_POST).astype(float)
    frame["treated"] = frame["_from_0"] * np.repeat(treated, N_TERMS)
    names = [f"y{i}" for i in range(y.shape[2])]
    frame = pd.concat([frame, pd.DataFrame(y.reshape(-1, y.shape[2]), columns=names)], axis=1)
    absorb = ["school", "stratum_term"]
    fitted = cross_products.build(
        frame, outcomes=names, regressors=["treated"], absorb=absorb, cluster="school",
        weights="weight",
    )  # fmt: skip
    placed = randomization.placement_gram(
        frame, ["_from_0"], tuple(names), absorb, "school", (), "weight"
    )
    return fitted, placed


def _test_panels(cell: Cell, n: int, seed: int) -> list[dict[str, float]]:
    """Return every method's p-value of no effect and of the (planted) effect, by panel."""
    rng = np.random.default_rng(seed)
    size, stratum, treated = _layout(cell, rng)
    y = _outcomes(cell, size, treated, n, rng)
    fitted, placed = _cross(size, stratum, treated, y)
    n_treated, g = int(treated.sum()), len(size)
    start = np.where(treated, 0, -1).astype(np.int8)
    where = few_clusters.placements(start, stratum, PLACEMENTS, rng)
    weights = {
        kind: few_clusters.bootstrap_weights(g, BOOTSTRAP_DRAWS, kind, rng)
        for kind in ("rademacher", "webb")
    }
    found = []
    for i in range(n):
        # Planting an effect and testing zero is the same as testing its negative without it.
        p: dict[str, tuple[float, float]] = {}
        fit = Fit(fitted, i)
        for kind in ("CR1", "CR2", "CR3"):
            try:
                rows = [few_clusters.coefficient_row(fit, 0, kind, null=b) for b in (0, -EFFECT)]
            except NotEstimable:
                continue
            p[kind] = (rows[0]["p_value"], rows[1]["p_value"])
        if n_treated >= 2:
            for kind, (v, exact) in weights.items():
                test = few_clusters.wild_test(fit, 0, v, exact)
                p[f"WCR {kind}"] = (test.p_value(0.0), test.p_value(-EFFECT))
        randomized = randomization.randomize(placed, 1, start, where, i)
        by_t, by_coefficient = randomization.randomization_tests(randomized, where.exact)
        p["RI t"] = (by_t.p_value(0.0), by_t.p_value(-EFFECT))
        p["RI coefficient"] = (by_coefficient.p_value(0.0), by_coefficient.p_value(-EFFECT))
        if n_treated <= few_treated.MOST_TREATED:
            few = few_treated.tests(y[:, :, i], FIRST_POST, treated, size, stratum)
            for name, p_value in few:
                p[name] = (p_value(0.0), p_value(-EFFECT))
        found.append({f"{k}|{j}": v[j] for k, v in p.items() for j in (0, 1)})
    return found


def run_cell(cell: Cell, panels: int) -> list[dict[str, Any]]:
    """Return the cell's rows: one a method."""
    base = zlib.crc32(repr(cell).encode())
    per = max(1, panels // ASSIGNMENTS)
    tested = pd.DataFrame(
        [row for a in range(ASSIGNMENTS) for row in _test_panels(cell, per, base + a)]
    )
    rows = []
    for method in dict.fromkeys(c.split("|")[0] for c in tested):
        size = tested[f"{method}|0"]
        rejected = float((size <= ALPHA + 1e-12).mean())
        rows.append(
            {
                "design": cell.design,
                "n_treated": sum(t for t, _ in cell.strata),
                "n_schools": sum(n for _, n in cell.strata),
                "sizes": cell.sizes,
                "error_variance": cell.variance,
                "autocorrelation": cell.autocorrelation,
                "method": method,
                "panels": len(size),
                "rejection_rate": rejected,
                "monte_carlo_error": float(np.sqrt(rejected * (1 - rejected) / len(size))),
                "coverage": 1 - rejected,
                "power_at_2_points": float((tested[f"{method}|1"] <= ALPHA + 1e-12).mean()),
            }
        )
    return rows
