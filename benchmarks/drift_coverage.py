"""How often intervals under relative magnitudes miss, with the drift as large as they allow.

Pilots of school x term means without an effect: 4 terms before and 3 after, shocks with
autocorrelation .4, one change of `drift` (in standard deviations of a school's shock) before the
start and as much drift as M allows after it, the hardest case. Beside the project's interval stands
the usual one with M times the estimated largest change added. Prints docs/methods.md's table.

    python benchmarks/drift_coverage.py [--pilots 1000]
"""

import argparse

import numpy as np
import pandas as pd

from pilot_analysis.inference import EventStudy, relative_magnitudes, school_terms, size_and_power

BEFORE, AFTER, AUTOCORRELATION = 4, 3, 0.4
DESIGNS = ((4, 11), (15, 43))
DRIFTS = (0.5, 2.0, 6.0)
BOUNDS = (0.5, 1.0, 2.0)
LEVEL = 0.95


def pilot(
    rng: np.random.Generator, treated: int, schools: int, drift: float, bound: float
) -> tuple[EventStudy, float]:
    """Return one pilot's effects by event time, and the degrees of freedom to test them with."""
    n_terms = BEFORE + 1 + AFTER
    shocks = size_and_power.autocorrelated(rng.normal(size=(schools, n_terms)), AUTOCORRELATION)
    steps = np.zeros(n_terms)
    steps[2] = drift
    steps[BEFORE + 1 :] = bound * drift
    shocks[:treated] += steps.cumsum()
    rows = pd.DataFrame(
        {
            "school": np.repeat(np.arange(schools), n_terms),
            "term": np.tile(np.arange(n_terms), schools),
            "start": np.repeat(np.where(np.arange(schools) < treated, BEFORE + 1, np.nan), n_terms),
            "y": shocks.ravel(),
        }
    )
    terms = school_terms.of(rows, value="y", first_treated="start", time="term", cluster="school")
    return relative_magnitudes.of(terms, LEVEL)


def misses(study: EventStudy, bound: float, df: float) -> tuple[bool, bool]:
    """Say whether the interval misses an effect of zero, and whether the estimated bounds do."""
    low, high = study.interval(bound, LEVEL, df)
    plain = study.interval(0.0, LEVEL, df)
    before = np.append(study.estimates[:BEFORE], 0.0)
    reach = bound * np.abs(np.diff(before)).max() * np.arange(1, AFTER + 1).mean()
    return not low <= 0 <= high, not plain[0] - reach <= 0 <= plain[1] + reach


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pilots", type=int, default=1_000)
    n = parser.parse_args().pilots
    print("| schools | M | drift | interval | estimated bounds |\n| --- | --- | --- | --- | --- |")
    for (treated, schools), bound, drift in (
        (design, bound, drift) for design in DESIGNS for bound in BOUNDS for drift in DRIFTS
    ):
        rng = np.random.default_rng([schools, int(10 * drift), int(10 * bound)])
        drawn = (pilot(rng, treated, schools, drift, bound) for _ in range(n))
        missed = np.mean(
            [misses(study, bound, df) for study, df in drawn],
            axis=0,
        )
        print(
            f"| {treated} of {schools} | {bound:g} | {drift:g} "
            f"| {100 * missed[0]:.1f} | {100 * missed[1]:.1f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
