"""Speed and memory of the few-cluster methods, as ratios against a peer in the same run.

python benchmarks/few_clusters.py [--large] [--share 0.01]

A `--share` of each size shows that everything starts; its times say nothing.
"""

import os

# One BLAS thread a process: the matrices are tiny. Set before numpy is imported.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import gc
import multiprocessing
import resource
import time
from collections.abc import Callable

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from wildboottest.wildboottest import wildboottest

from pilot_analysis.inference import cross_products, few_clusters, size_and_power
from pilot_analysis.inference.least_squares import Fit


def make_panel(pupils: int, terms: int, schools: int, seed: int = 1) -> pd.DataFrame:
    """Return a pupil x term panel; the first quarter of the schools is treated from mid-way on."""
    rng = np.random.default_rng(seed)
    school = np.repeat(rng.integers(0, schools, pupils), terms)
    term = np.tile(np.arange(terms), pupils)
    shock = rng.normal(0, 1, (schools, terms))
    n = len(school)
    panel = pd.DataFrame(
        {"school": school, "pupil": np.repeat(np.arange(pupils), terms), "term": term}
    )
    treated = school < max(2, schools // 4)
    panel["first_treated"] = np.where(treated, terms // 2, np.nan)
    panel["treated"] = (treated & (term >= terms // 2)).astype(float)
    panel["outcome"] = shock[school, term] + rng.normal(0, 6, n)
    return panel


def timed(work: Callable[[], object]) -> float:
    """Return the seconds one call takes."""
    gc.collect()
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def peak() -> float:
    """Return this process's peak memory so far, GiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


def wild(panel: pd.DataFrame, draws: int) -> pd.DataFrame:
    """Run the bootstrap with its interval."""
    return few_clusters.wild_cluster_bootstrap(
        panel,
        outcome="outcome",
        treatment="treated",
        absorb=("pupil", "term"),
        cluster="school",
        draws=draws,
        seed=1,
    )


N_BLOCKS, OUTCOMES = 100, 50


def specification_block(block: int, pupils: int = 4_000) -> int:
    """Test 50 outcomes under one of 100 combinations of sample, covariates, effects and window."""
    panel = make_panel(pupils, 7, 15, seed=block)
    rng = np.random.default_rng(block)
    names = [f"y{i}" for i in range(OUTCOMES)]
    noise = pd.DataFrame(rng.normal(0, 1, (len(panel), OUTCOMES)), columns=names)
    panel = pd.concat([panel, noise], axis=1).assign(x=rng.normal(size=len(panel)))
    if block % 2:
        panel = panel[panel["term"] >= 1]  # window
    if block % 5 == 0:
        panel = panel[panel["pupil"] % 3 > 0]  # sample
    absorb = ("pupil", "term") if block % 3 else ("school", "term")
    return len(
        few_clusters.wild_cluster_bootstrap(
            panel,
            outcome=names,
            treatment="treated",
            absorb=absorb,
            cluster="school",
            draws=9_999,
            covariates=("x",) if block % 4 else (),
            seed=1,
        )
    )


def power_panels(n: int) -> int:
    """Test simulated panels of the default lower secondary design with every method."""
    cell = size_and_power.Cell("4 of 11", 4, 11, "unequal", "equal", 0.4, "normal")
    return len(size_and_power.run_cell(cell, n))


def main() -> None:
    """Print one line a piece of work: what, measured, must reach."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--large", action="store_true", help="add 1 million pupils x 8 terms")
    parser.add_argument("--share", type=float, default=1.0, help="of each size, to try it (0 to 1)")
    arguments = parser.parse_args()
    rows: list[tuple[str, str, str]] = []

    def part(whole: int) -> int:
        return max(20, round(whole * arguments.share))

    draws, placements = part(99_999), part(100_000)
    panel = make_panel(max(520, part(20_000)), 8, 26)
    wild(panel, 999)  # first-call imports
    seconds = timed(lambda: wild(panel, draws))
    rows.append(
        (
            "wild bootstrap, 160,000 rows, 26 schools, 99,999 draws, interval",
            f"{seconds:.2f} s, peak {peak():.2f} GiB",
            "2 s, 1 GiB",
        )
    )
    cross = cross_products.build(
        panel,
        outcomes=["outcome"],
        regressors=["treated"],
        absorb=("pupil", "term"),
        cluster="school",
    )
    v, exact = few_clusters.bootstrap_weights(26, draws, "rademacher", np.random.default_rng(1))
    fit = Fit(cross)
    drawing = timed(lambda: few_clusters.wild_test(fit, 0, v, exact).p_value(0.0))
    rows.append(("of which the draws", f"{drawing:.2f} s", "0.3 s"))

    start = np.r_[[0] * 4, [-1] * 16, [0] * 2, [-1] * 4].astype(np.int8)
    treated = set(np.flatnonzero(start == 0))
    placed = panel.assign(
        first_treated=np.where(panel["school"].isin(treated), 4.0, np.nan),
        form=np.where(panel["school"] < 20, "GR", "GY"),
    )
    placed["form_term"] = placed["form"] + placed["term"].astype(str)
    seconds = timed(
        lambda: few_clusters.randomization_inference(
            placed,
            outcome="outcome",
            first_treated="first_treated",
            absorb=("pupil", "form_term"),
            time="term",
            cluster="school",
            strata="form",
            max_placements=placements,
            seed=1,
        )
    )
    rows.append(
        (
            "randomization inference, all 72,675 placements, studentised, interval",
            f"{seconds:.2f} s",
            "3 s",
        )
    )

    small = make_panel(max(260, part(2_000)), 8, 26)
    few = part(9_999)
    ours = min(timed(lambda: wild(small, few)) for _ in range(3))

    def peer() -> None:
        model = smf.ols("outcome ~ treated + C(pupil) + C(term)", small)
        wildboottest(
            model,
            param="treated",
            cluster=small["school"],
            B=few,
            weights_type="rademacher",
            bootstrap_type="11",
            seed=1,
            show=False,
        )

    theirs = timed(peer)
    rows.append(
        (
            "against wildboottest, 16,000 rows, 9,999 draws (ours has the interval, too)",
            f"{theirs:.1f} s / {ours:.2f} s = {theirs / ours:.0f} times",
            "10 times",
        )
    )

    begun = time.perf_counter()
    with multiprocessing.Pool(2) as pool:
        sizes = [(block, max(300, part(4_000))) for block in range(min(N_BLOCKS, part(N_BLOCKS)))]
        done = sum(pool.starmap(specification_block, sizes))
    rows.append(
        (
            f"{done:,} specifications (outcome x sample x covariates x effects x window), "
            "28,000 rows, p-value and interval each",
            f"{time.perf_counter() - begun:.0f} s on two cores",
            "60 s",
        )
    )
    seconds = timed(lambda: power_panels(part(2_000)))
    rows.append(
        (
            "power simulation, 2,000 panels, 4 of 11 schools, school x term cells, every method",
            f"{seconds:.0f} s on one core",
            "60 s on two",
        )
    )

    if arguments.large:
        del panel, placed, small
        half = make_panel(part(500_000), 8, 26)
        first = timed(lambda: wild(half, draws))
        del half
        whole = make_panel(part(1_000_000), 8, 26)
        second = timed(lambda: wild(whole, draws))
        rows.append(
            (
                "1 million pupils x 8 terms",
                f"{second:.1f} s, {second / first:.2f} times half as many, peak {peak():.1f} GiB",
                "90 s, linear, 8 GiB",
            )
        )

    if arguments.share != 1:
        print(f"With {arguments.share:g} of each size that is named: this shows that it starts.\n")
    print("| work | measured | must reach |\n| --- | --- | --- |")
    for row in rows:
        print("| " + " | ".join(row) + " |")


if __name__ == "__main__":
    main()
