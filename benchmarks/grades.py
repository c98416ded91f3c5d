"""How often each strength of evidence is given, by true effect: the rule's operating characteristics.

Simulates school x term means of pilots like this one, answers the plan's three primary questions in
one school form (correlated outcomes, Holm over the three) and grades each answer by
`evaluation.evidence.grade`, with every warning that such means can raise: drift before the start, a
small drift would overturn it, one school decides, an effect before any mentor, unlike before,
leaving out spring 2020, ratio instead of difference. Warnings about reporting and attrition rest on
pupils and stay clear, so that grades here are at their strongest. Writes `grades.csv` beside
`pilot_analysis.evaluation.grades`.

    python benchmarks/grades.py [--panels 4000]
"""

import argparse
import gc
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from pilot_analysis import plan
from pilot_analysis.evaluation import evidence, grades
from pilot_analysis.inference import choice, event_times, relative_magnitudes, two_sample
from pilot_analysis.inference import size_and_power as study
from pilot_analysis.inference.many_tests import Numbers, reach

RESULTS = Path(grades.__file__).with_name("grades.csv")
PLAN = plan.load()
EFFECTS = (0.0, 0.5, 1.0, 1.5, 2.0, 2.3, 3.0, 4.0)
DESIGNS = ("4 of 11", "2 of 5")
START, SPRING = study.FIRST_POST, study.FIRST_POST + 1
METHOD = "least favourable"
LEVEL = 0.95
CORRELATION = 0.5  # of the three questions' shocks
LEVEL_SD = 2.2  # points, schools' own level of absence, around a mean of ten
PUPIL_SD = 10.0  # what a baseline difference is divided by


@dataclass(frozen=True)
class Asked:
    """A question's mean, and its noise and effect as multiples of those of all pupils' absence."""

    outcome: str
    mean: float
    noise: float
    effect: float


# Noise as the standard errors of the shipped run (1.1, 2.3 and 1.9 points), effects as its answers.
QUESTIONS = (
    Asked("absence_share", 10.0, 1.0, -1.0),
    Asked("goals_all", 70.0, 2.1, 2.0),
    Asked("absence_share", 24.0, 1.7, -2.0),
)


def change_of(y: np.ndarray) -> np.ndarray:
    """Return each school's mean after the start less that before, panels x schools."""
    return y[..., START:].mean(axis=2) - y[..., :START].mean(axis=2)


def two_sided(y: np.ndarray, treated: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return estimates and half-widths of the primary test on one number a school."""
    numbers = Numbers.of(y, np.ones(len(treated)), treated)
    half = reach(numbers, METHOD)
    assert half is not None
    return numbers.estimate, half


def answers(y: np.ndarray, treated: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the primary estimate, half-width and p-value of panels x schools x terms."""
    change = change_of(y)
    numbers = Numbers.of(change, np.ones(len(treated)), treated)
    half = reach(numbers, METHOD)
    assert half is not None
    n, k = len(treated), int(treated.sum())
    low, high = (r**2 / k / (r**2 / k + 1 / (n - k)) for r in two_sample.RATIOS)
    error = np.sqrt(numbers.variances.sum(axis=1))
    t = np.abs(numbers.estimate) / error
    # The tail is a smooth function of t: read it off a grid.
    grid = np.linspace(0, max(60.0, t.max()), 3_000)
    tail = [two_sample.worst_tail(float(v), k - 1.0, n - k - 1.0, low, high) for v in grid]
    return numbers.estimate, half, np.interp(t, grid, tail)


def includes_zero(y: np.ndarray, treated: np.ndarray) -> bool:
    """Say whether the interval of schools x terms does, at the drift that the plan warns below."""
    against_last = np.delete(y - y[:, [START - 1]], START - 1, axis=1)
    arms = [against_last[treated], against_last[~treated]]
    terms = [t - START for t in range(y.shape[1]) if t != START - 1]
    covariance = sum(np.cov(arm, rowvar=False) / len(arm) for arm in arms)
    effects = relative_magnitudes.EventStudy(
        terms, arms[0].mean(axis=0) - arms[1].mean(axis=0), covariance
    )
    df = event_times.matching_df(
        two_sample.TwoArms.equal(1.0, 1.0, *(len(arm) for arm in arms)), LEVEL
    )
    return effects.includes(0.0, PLAN.warnings.breakdown_below, LEVEL, df)


def warnings(
    y: np.ndarray, treated: np.ndarray, interest: float, has_effect: np.ndarray
) -> np.ndarray:
    """Return panels x warnings: which count (some do only where an effect is established)."""
    change = change_of(y)
    estimate, _ = two_sided(change, treated)
    before = y[..., :START]
    # Drift: a slope of each school before the start, compared between arms by Welch's test.
    centred = np.arange(START) - (START - 1) / 2
    slope = before @ centred / (centred @ centred)
    drift = stats.ttest_ind(slope[:, treated], slope[:, ~treated], axis=1, equal_var=False)
    # A drift as large as the largest earlier change, going on, against the mean effect.
    path = y[:, treated].mean(axis=1) - y[:, ~treated].mean(axis=1)
    largest = np.abs(np.diff(path[:, :START], axis=1)).max(axis=1)
    against_last = y[..., START:].mean(axis=2) - y[..., START - 1]
    mean, half = two_sided(against_last, treated)
    bias = largest * np.arange(1, y.shape[2] - START + 1).mean()
    overturned = has_effect & (np.abs(mean) - half <= bias)
    # Only where the estimated bounds are clear of zero can the interval be, so only there it is made.
    for i in np.flatnonzero(has_effect & ~overturned):
        overturned[i] = includes_zero(y[i], treated)
    # One school left out.
    left = []
    for school in range(len(treated)):
        keep = np.arange(len(treated)) != school
        pilot = change[:, keep & treated].mean(axis=1)
        left.append(pilot - change[:, keep & ~treated].mean(axis=1))
    one = has_effect & (np.min(left, axis=0) <= 0) & (np.max(left, axis=0) >= 0)
    # Starts that did not happen.
    p = []
    for start in range(1, START):
        moved = before[..., start:].mean(axis=2) - before[..., :start].mean(axis=2)
        found, reached = two_sided(moved, treated)
        p.append(np.abs(found) > reached)
    placebo = np.any(p, axis=0)
    gap = np.abs(path[:, :START].mean(axis=1)) / PUPIL_SD > PLAN.warnings.baseline_g
    rest = np.delete(y, SPRING, axis=2)
    spring = np.abs(two_sided(change_of(rest), treated)[0] - estimate) > interest
    logs = np.log(np.maximum(y, 0.1))
    ratio = change_of(logs)
    factor = ratio[:, treated].mean(axis=1) - ratio[:, ~treated].mean(axis=1)
    level = y[:, ~treated][..., START:].mean(axis=(1, 2))
    moved_by_ratio = np.abs(level * np.expm1(factor) - estimate) > interest
    return np.stack(
        [drift.pvalue <= 0.05, overturned, one, placebo, gap, spring, moved_by_ratio], 1
    )


def panels(design: str, n: int, seed: int) -> tuple[list[np.ndarray], np.ndarray]:
    """Return the three questions' panels x schools x terms without any effect, and who is treated."""
    k, schools = study.DESIGNS[design]
    treated = np.arange(schools) < k
    rng = np.random.default_rng([seed, schools])
    sizes = np.full(schools, 340.0)
    cell = study.Cell(design, k, schools, "equal", "equal", 0.4, "normal")
    common, *own = (study.outcomes(cell, sizes, treated, n, rng) for _ in range(4))
    level = LEVEL_SD * rng.standard_normal((n, schools, 1))
    mixed = []
    for asked, part in zip(QUESTIONS, own, strict=True):
        noise = math.sqrt(CORRELATION) * common + math.sqrt(1 - CORRELATION) * part
        mixed.append(asked.mean + asked.noise * (level + noise))
    return mixed, treated


def graded(design: str, effect: float, n: int, seed: int = 1) -> pd.DataFrame:
    """Return one row a panel and question: its grade."""
    drawn, treated = panels(design, n, seed)
    smallest = choice.smallest_p_value([0.0] * int(treated.sum()), len(treated))
    found = []
    for asked, y in zip(QUESTIONS, drawn, strict=True):
        moved = y.copy()
        moved[:, treated, START:] += effect * asked.effect
        interest = PLAN.evidence.smallest_effect_of_interest[asked.outcome]
        estimate, half, p = answers(moved, treated)
        has_effect = np.abs(estimate) > half
        raised = warnings(moved, treated, interest, has_effect).sum(axis=1)
        found.append((asked, estimate, half, p, raised))
    adjusted = np.array([evidence.holm(p) for p in np.stack([f[3] for f in found], axis=1)])
    rows = []
    for q, (asked, estimate, half, _, raised) in enumerate(found):
        for i in range(n):
            row = {
                "outcome": asked.outcome,
                "ci_low": estimate[i] - half[i],
                "ci_high": estimate[i] + half[i],
                "ci_level": LEVEL,
                "p_value_min": smallest,
            }
            grade = evidence.grade(
                row,
                PLAN,
                n_warnings=int(raised[i]),
                primary_question=True,
                exploratory=False,
                adjusted_p=float(adjusted[i, q]),
            )
            rows.append((q, i, grade))
    return pd.DataFrame(rows, columns=["question", "panel", "grade"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--panels", type=int, default=4_000)
    parser.add_argument("--out", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    gc.freeze()  # statsmodels collects garbage at every adjustment: a tenth of a second of all there is
    tables = []
    for design in DESIGNS:
        for effect in EFFECTS:
            rows = graded(design, effect, arguments.panels)
            share = rows.groupby("question")["grade"].value_counts(normalize=True).rename("share")
            one = share.reset_index()
            any_named = rows[rows["grade"].isin(grades.NAMING)].groupby("panel").size()
            named = {
                "question": -1,
                "grade": "any that names an effect",
                "share": len(any_named) / arguments.panels,
            }
            one = pd.concat([one, pd.DataFrame([named])], ignore_index=True)
            tables.append(one.assign(design=design, effect=effect, panels=arguments.panels))
    table = pd.concat(tables, ignore_index=True)
    names = {-1: "any of the three", 0: "C1", 1: "C2", 2: "C3"}
    table["question"] = table["question"].map(names)
    table["monte_carlo_error"] = np.sqrt(table["share"] * (1 - table["share"]) / table["panels"])
    columns = ["design", "effect", "question", "grade", "share", "monte_carlo_error", "panels"]
    table[columns].to_csv(arguments.out, index=False, float_format="%.4g")
    print(grades.summary(table).to_string(index=False))


if __name__ == "__main__":
    main()
