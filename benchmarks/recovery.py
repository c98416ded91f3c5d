"""Whether the primary estimate recovers the planted effect in pilots of any shape.

A seed draws a design: school form, schools per arm, their size, how many terms before and after, and
whether schools start together. It is simulated several times, through the generator and the
evaluation's own panel and estimator (`benchmarks/threats.py`), with effects that differ between
pupils and with schools that move by themselves. The truth is the estimand's; the mean error is to be
within Monte-Carlo error of zero.

    python benchmarks/recovery.py [--designs 40] [--first 0] [--pilots 24] [--processes 2]
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import functools
import math
import multiprocessing
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from pilot_analysis import terms
from pilot_analysis.synthetic.scenario import Scenario

sys.path.insert(0, str(Path(__file__).parent))

from threats import NOBODY, fit, planted, simulate

FIRST_TERM = terms.number("HT2015")
# Nothing else happens, so that the truth is what an unbiased estimate finds.
NUISANCES = ("shocks", "heterogeneity")


@dataclass(frozen=True)
class Design:
    """A pilot's shape. `later` is by how many terms the second half of the schools starts later."""

    form: str
    pilot: int
    comparison: int
    size: int
    before: int
    after: int
    later: int

    def scenario(self, seed: int) -> Scenario:
        """Return the scenario of one simulated pilot."""

        def at(number: int) -> str:
            return terms.label(FIRST_TERM + number)

        start, last = self.before, self.before + self.after - 1
        own = {
            "GR": {"gr_pilot": self.pilot, "gr_comparison": self.comparison, "gr_size": self.size},
            "GY": {
                "gy_pilot": self.pilot,
                "gy_comparison": self.comparison,
                "gy_size": (self.size, self.size + 10),
            },
        }[self.form]
        shape: dict[str, Any] = NOBODY[self.form] | own
        return Scenario(
            name="recovery",
            first_term=at(0),
            last_term=at(last),
            first_start=at(start),
            later_start=at(start + self.later),
            register_from=at(0),
            reorganised=at(0),
            pupil_waves=(),
            staff_waves=(),
            seed=seed,
            **shape,
        ).only(*NUISANCES)


def drawn(seed: int) -> Design:
    """Return the design of a seed."""
    rng = np.random.default_rng(seed)
    after = int(rng.integers(1, 8))
    return Design(
        form=("GR", "GY")[rng.integers(2)],
        pilot=int(rng.choice([1, 2, 4, 8, 20])),
        comparison=int(rng.choice([2, 3, 7, 20])),
        size=int(rng.choice([20, 40, 80])),
        before=int(rng.integers(2, 7)),
        after=after,
        later=int(rng.integers(0, min(after, 3))),
    )


def error(seed: int, design: Design) -> float:
    """Return by how much the estimate of one simulated pilot is off, in percentage points."""
    rows = simulate(design.scenario(seed)).form(design.form)
    return float(fit(rows)["estimate"] - planted(rows))


def recovered(
    design: Design, pilots: int, run: Callable[..., Iterable[float]] = map, first: int = 0
) -> tuple[float, float]:
    """Return the mean error over simulated pilots and its Monte-Carlo error, in points.

    Designs that share seeds share the chance of their schools: `first` keeps them apart.
    """
    seeds = range(first, first + pilots)
    errors = np.array(list(run(functools.partial(error, design=design), seeds)))
    return float(errors.mean()), float(errors.std(ddof=1) / math.sqrt(pilots))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--designs", type=int, default=40)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--pilots", type=int, default=24)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    far = []
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        for seed in range(options.first, options.first + options.designs):
            design = drawn(seed)
            mean, noise = recovered(design, options.pilots, pool.imap, first=1_000 * seed)
            far.append(mean / noise)
            print(f"{seed:4d}  off by {mean:6.2f} ({noise:.2f})  {design}", flush=True)
    worst, spread = max(map(abs, far)), float(np.std(far))
    print(f"{len(far)} designs: at most {worst:.1f} Monte-Carlo errors, SD {spread:.2f}")


if __name__ == "__main__":
    main()
