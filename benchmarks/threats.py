"""Whether the primary estimate survives each threat, and whether each diagnostic sees it.

Simulates pilots with one threat on at a time (and none), through the generator and the evaluation's
own panel and primary estimator, and writes `threats.csv` beside `pilot_analysis.evaluation.threats`.
For every threat: how far the naive estimate is off and how far the threat's size in `truth.json`
says it should be, the bias of the primary estimate and of its ratio version with Monte-Carlo
errors, the coverage of their intervals, and how often the diagnostic raises its flag with and
without the threat.

The truth is the estimand's, as `effect_per_school` in `truth.json`: what the pilot changed for the
pupils enrolled, every pilot school once and every term of it once. No estimator enters it. Pilot
schools start from another level than comparison schools, as in the shipped exports.

    python benchmarks/threats.py [--pilots 200] [--processes 2]
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import functools
import multiprocessing
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from pilot_analysis import terms
from pilot_analysis.estimators.did import triple_difference
from pilot_analysis.evaluation import checks, fitting, threats
from pilot_analysis.inference import power
from pilot_analysis.panel import OUTCOMES, Outcome, Panel, eligible_panel, reversion, with_coding
from pilot_analysis.parameters import Parameters
from pilot_analysis.synthetic import attendance, grades, population, truth
from pilot_analysis.synthetic.scenario import NUISANCES, Scenario

RESULTS = Path(threats.__file__).with_name("threats.csv")
# Upper secondary with the lower secondary design, so that intervals are bounded there too.
SCENARIO = Scenario(name="threats", gr_size=60, gy_size=(60, 80), gy_pilot=4, gy_comparison=7)
PARAMETERS = Parameters()
START = terms.number("HT2019")
# How far pilot schools start above comparison schools, in school SDs of the generator, so that their
# absence differs by what it does in the shipped exports: 2.6 points in GR, -1.3 in GY.
HEAD_START = {"GR": 1.1, "GY": -0.5}


def town(scenario: Scenario) -> population.Population:
    """Return the simulated schools and pupils, pilot schools starting from their own level."""
    people = population.build(scenario)
    schools, sizes = people.schools, NUISANCES["shocks"]
    ahead = schools["form"].map(HEAD_START).where(schools["pilot"], 0.0)
    moved = {
        "absence_effect": schools["absence_effect"] + sizes["school_sd"] * ahead,
        # A school's level of grades goes against its level of absence in the generator, by half.
        "grade_effect": schools["grade_effect"] - 0.5 * sizes["grade_school_sd"] * ahead,
    }
    return replace(people, schools=schools.assign(**moved))


def simulate(scenario: Scenario, coding: str = "dropped", with_grades: bool = False) -> Panel:
    """Return a simulated pilot as the evaluation's panel, with outcomes without the pilot beside."""
    people = town(scenario)
    presence = attendance.simulate(scenario, people)
    stays = presence.stays
    minutes = presence.weeks.groupby("stay")[["measured_absent", "scheduled", "reported"]].sum()
    schools = people.schools
    at = stays["school"].to_numpy()
    first = pd.Series(schools["start"].to_numpy()[at], dtype=float).replace(0, np.nan).to_numpy()
    data = pd.DataFrame(
        {
            "pupil": "p" + stays["pupil"].astype(str),
            "school": schools["name"].to_numpy()[at],
            "school_form": stays["form"],
            "term": stays["term"].map(terms.label),
            "term_number": stays["term"],
            "grade": stays["grade"],
            "grade_name": stays["grade"].astype(str),
            "scheduled_minutes": minutes["scheduled"].astype(float),
            "reported_minutes": minutes["reported"].astype(float),
            "absent_minutes": minutes["measured_absent"].astype(float),
            "invalid_minutes": 0.0,
            "reporting_rate": minutes["reported"] / minutes["scheduled"],
            "first_treated_number": first,
            "ever_treated": ~np.isnan(first),
            "treated": stays["active"].astype(float),
            "organisation": np.where(stays["active"], schools["organisation"].to_numpy()[at], None),
            "earlier_prestudy": schools["prestudy"].to_numpy()[at],
            "mentored": stays["mentored"].astype(float),
            "without": stays["absence_without_pilot"],
            "true": stays["absence"],
        }
    )
    data["stay"] = pd.factorize(data["pupil"] + data["school"])[0]
    data["goals_share_registered"] = np.nan
    if with_grades:
        marks = grades.simulate(scenario, people, stays).outcomes
        data = data.assign(term_merit=marks["merit"], merit_without=marks["merit_without_pilot"])
    data = data[data["scheduled_minutes"] > 0]
    return Panel(with_coding(data, coding, 0.15), pd.DataFrame())


ABSENCE = OUTCOMES["absence_share"]
# The same question of what would have been without the pilot: what a threat alone does.
WITHOUT = replace(ABSENCE, name="without")


def fit(data: pd.DataFrame, outcome: Outcome = ABSENCE, scale: str = "difference") -> dict:
    """Return the evaluation's primary row, in the outcome's unit."""
    form = data["school_form"].iloc[0]
    return fitting.effect(data, outcome, form, PARAMETERS, "primary", scale=scale).iloc[0].to_dict()


def planted(data: pd.DataFrame, outcome: Outcome = ABSENCE) -> float:
    """Return the estimand's value in the simulated pilot, in the outcome's unit."""
    rows = data[data["treated"] == 1]
    change = (rows["true"] - rows["without"]).to_numpy()
    weight = rows[outcome.weights].to_numpy() if outcome.weights else np.ones(len(rows))
    return outcome.scale * truth.per_school(rows, change, weight)


@dataclass
class Result:
    """One pilot under one threat, in the outcome's unit."""

    naive_error: float
    primary_error: float
    covered: bool
    ratio_error: float
    ratio_covered: bool
    flag: bool
    expected: float
    gap: float


def _judge(
    data: pd.DataFrame,
    naive: float,
    expected: float,
    flag: bool,
    *,
    outcome: Outcome = ABSENCE,
    target: float | None = None,
) -> Result:
    """Compare naive and primary estimates, all in the outcome's unit, with the planted effect."""
    aim = planted(data, outcome)
    found, ratio = fit(data, outcome), fit(data, outcome, "ratio_in_points")
    before = data[data["term_number"] < START].groupby("ever_treated")[outcome.name].mean()
    return Result(
        naive - (aim if target is None else target),
        found["estimate"] - aim,
        bool(found["ci_low"] <= aim <= found["ci_high"]),
        ratio["estimate"] - aim,
        bool(ratio["ci_low"] <= aim <= ratio["ci_high"]),
        flag,
        expected,
        outcome.scale * float(before[True] - before[False]),
    )


def _first_starters(rows: pd.DataFrame) -> pd.DataFrame:
    """Keep comparison schools and pilot schools of the first start: one 'after' for all."""
    first = rows["first_treated_number"]
    return rows[first.isna() | (first == START)]


def _change(rows: pd.DataFrame, outcome: str) -> float:
    after = rows["term_number"] >= START
    return float(rows.loc[after, outcome].mean() - rows.loc[~after, outcome].mean())


def _common_change(rows: pd.DataFrame, outcome: str) -> bool:
    """Flag: comparison schools moved over the start by themselves (t test over schools)."""
    other = rows[~rows["ever_treated"]]
    after = np.where(other["term_number"] >= START, "after", "before")
    means = other.groupby(["school", after])[outcome].mean().unstack()
    return bool(stats.ttest_1samp((means["after"] - means["before"]).dropna(), 0).pvalue <= 0.05)


def before_after(form: str, panel: Panel, scenario: Scenario) -> Result:
    """Compare before and after alone, which takes on what would have happened anyway."""
    rows = _first_starters(panel.form(form))
    pilot = rows[rows["ever_treated"]]
    naive = 100 * _change(pilot, "absence_share")
    expected = 100 * _change(pilot, "without")
    return _judge(rows, naive, expected, _common_change(rows, "absence_share"))


def cancelled_tests(panel: Panel, scenario: Scenario) -> Result:
    """Grades rose everywhere when national tests were cancelled."""
    rows = _first_starters(panel.form("GR"))
    rows = rows[rows["term_merit"].notna()].assign(
        without=lambda d: d["merit_without"], true=lambda d: d["term_merit"]
    )
    naive = _change(rows[rows["ever_treated"]], "term_merit")
    expected = _change(rows[rows["ever_treated"]], "without")
    flag = _common_change(rows, "term_merit")
    return _judge(rows, naive, expected, flag, outcome=OUTCOMES["term_merit"])


def shocks(panel: Panel, scenario: Scenario) -> Result:
    """Schools move by themselves: a comparison of means after the start takes their level on."""
    rows = _first_starters(panel.form("GR"))
    after = rows[rows["term_number"] >= START]
    level = 100 * after.groupby("ever_treated")["absence_share"].mean()
    own = 100 * after.groupby("ever_treated")["without"].mean()
    _, p = power.excess_variation(
        rows,
        outcome="absence_share",
        treatment="treated",
        unit="stay",
        time="term",
        cluster="school",
    )
    flag = p <= 0.05
    return _judge(rows, level[True] - level[False], own[True] - own[False], bool(flag))


def regression_to_the_mean(panel: Panel, scenario: Scenario) -> Result:
    """Pupils picked on high absence fall back by themselves, towards their own school's level."""
    data = _selected(panel)
    data = data[data["eligible"] == 1]
    first = replace(panel, data=_first_starters(panel.data))
    table, alone = (
        reversion(first, PARAMETERS, outcome).set_index(["school_form", "schools"])
        for outcome in (ABSENCE, WITHOUT)
    )
    naive = table.loc[("GR", "pilot"), "naive_change"]
    expected = alone.loc[("GR", "pilot"), "naive_change"]
    # More than 2 points back before anybody had a mentor, at comparison schools alone.
    flag = table.loc[("GR", "comparison"), "before_any_mentor"] < -2
    target = planted(_first_starters(data))
    return _judge(data, naive, expected, bool(flag), target=target)


def _selected(panel: Panel) -> pd.DataFrame:
    """Return eligible and other pupils, at the school that decides whether they are treated."""
    return eligible_panel(panel, PARAMETERS, "GR").assign(school=lambda d: d["origin"])


def unreported(panel: Panel, scenario: Scenario) -> Result:
    """Read unreported lessons as present, which makes absence and its change too small."""
    rows = panel.form("GR")
    naive = fit(with_coding(rows, "present", 0.15))["estimate"]
    share = scenario.size("unreported_lessons", "share")
    flag = rows["reporting_rate"].mean() < 0.95
    return _judge(rows, naive, -share * planted(rows), bool(flag))


def closer_reporting(panel: Panel, scenario: Scenario) -> Result:
    """Pilot schools report more lessons, so registered absence rises."""
    rows = panel.form("GR")
    naive = fit(with_coding(rows, "present", 0.15))["estimate"]
    moved = fit(rows, OUTCOMES["reporting_rate"])["estimate"]
    treated = 100 * rows.loc[rows["treated"] == 1, "true"].mean()
    share = NUISANCES["unreported_lessons"]["share"]
    more = scenario.size("closer_reporting", "points") * treated
    limit = PARAMETERS.reporting_warning_points
    return _judge(rows, naive, more - share * planted(rows), abs(moved) > limit)


def prestudy(panel: Panel, scenario: Scenario) -> Result:
    """Keep a pilot school that had mentors before, and starts from a lowered level."""
    rows = panel.form("GY")
    clean = rows[~rows["earlier_prestudy"]]
    expected = fit(rows, WITHOUT)["estimate"] - fit(clean, WITHOUT)["estimate"]
    return _judge(
        clean,
        fit(rows)["estimate"],
        expected,
        bool(rows["earlier_prestudy"].any()),
        target=planted(rows),
    )


def _triple(data: pd.DataFrame) -> tuple[float, float]:
    row = triple_difference(
        data,
        outcome="absence_share",
        treatment="treated",
        eligible="eligible",
        unit="stay",
        time="term",
        cluster="school",
    ).iloc[0]
    return 100 * row["estimate"], row["p_value"]


def spillover(panel: Panel, scenario: Scenario) -> Result:
    """Pupils without a mentor at targeted schools gain too: they are no comparison."""
    data = _selected(panel)
    data = data[~data["ever_treated"] | (data["organisation"] == "targeted")]
    within, _ = _triple(data)
    chosen, others = data[data["eligible"] == 1], data[data["eligible"] == 0]
    flag = fit(others)["p_value"] <= 0.05
    return _judge(chosen, within, -planted(others), bool(flag))


def heterogeneity(panel: Panel, scenario: Scenario) -> Result:
    """Read the effect on all pupils as the effect on those who were meant to be helped."""
    data, rows = _selected(panel), panel.form("GR")
    chosen = data[data["eligible"] == 1]
    _, p = _triple(data)
    expected = planted(rows) - planted(chosen)
    return _judge(chosen, fit(rows)["estimate"], expected, bool(p <= 0.05))


def selective_leaving(panel: Panel, scenario: Scenario) -> Result:
    """Pupils with high absence leave pilot schools: those who are left look better.

    A mean of all pupils there has no remedy for that, so the primary estimate is itself the naive
    one.
    """
    rows = panel.form("GR")
    table = checks.attrition(rows, "GR").set_index("estimand")["estimate"]
    flag = abs(table["difference"]) > table["cautious_boundary"]
    return _judge(rows, fit(rows)["estimate"], fit(rows, WITHOUT)["estimate"], bool(flag))


@dataclass(frozen=True)
class Threat:
    """What judges a pilot, and which nuisances are on with the threat and without it."""

    judge: Callable[[Panel, Scenario], Result]
    on: tuple[str, ...]
    off: tuple[str, ...] = ()
    form: str = "GR"


THREATS = {
    "shocks": Threat(shocks, ("shocks",)),
    "regression_to_the_mean": Threat(regression_to_the_mean, ("regression_to_the_mean",)),
    "remote_teaching": Threat(
        functools.partial(before_after, "GY"), ("remote_teaching",), form="GY"
    ),
    "pandemic_absence": Threat(functools.partial(before_after, "GR"), ("pandemic_absence",)),
    "cancelled_tests": Threat(cancelled_tests, ("cancelled_tests",)),
    "unreported_lessons": Threat(unreported, ("unreported_lessons",)),
    "closer_reporting": Threat(
        closer_reporting, ("unreported_lessons", "closer_reporting"), ("unreported_lessons",)
    ),
    "prestudy": Threat(prestudy, ("prestudy",), form="GY"),
    "spillover": Threat(spillover, ("heterogeneity", "spillover"), ("heterogeneity",)),
    "heterogeneity": Threat(heterogeneity, ("heterogeneity",)),
    "selective_leaving": Threat(selective_leaving, ("selective_leaving",)),
}
# Schools of the form that no threat looks at, as few and small as the generator makes them.
NOBODY = {
    "GR": {"gy_size": (4, 5), "gy_pilot": 1, "gy_comparison": 1},
    "GY": {"gr_size": 4, "gr_pilot": 1, "gr_comparison": 1},
}


def one_seed(seed: int) -> list[tuple[str, bool, Result]]:
    """Judge every threat, on and off, in pilots of one seed; each pilot is simulated once."""
    found = []
    worlds: dict[tuple[str, tuple[str, ...]], list[tuple[str, bool]]] = {}
    for name, threat in THREATS.items():
        worlds.setdefault((threat.form, threat.on), []).append((name, True))
        worlds.setdefault((threat.form, threat.off), []).append((name, False))
    for (form, nuisances), asked in worlds.items():
        scenario = replace(SCENARIO.only(*nuisances), seed=10_000 + seed, **NOBODY[form])
        panel = simulate(scenario, with_grades=any(n == "cancelled_tests" for n, _ in asked))
        found += [(name, on, THREATS[name].judge(panel, scenario)) for name, on in asked]
    return found


def summarise(threat: str, on: list[Result], off: list[Result]) -> dict[str, object]:
    """Return one row of the table."""
    n = len(on)
    naive = np.array([r.naive_error for r in on])
    error = np.array([r.primary_error for r in on])
    return {
        "threat": threat,
        "pilots": n,
        "naive_bias": naive.mean(),
        "expected_bias": np.mean([r.expected for r in on]),
        "naive_error": naive.std(ddof=1) / np.sqrt(n),
        "primary_bias": error.mean(),
        "primary_error": error.std(ddof=1) / np.sqrt(n),
        "coverage": np.mean([r.covered for r in on]),
        "coverage_without": np.mean([r.covered for r in off]),
        "ratio_bias": np.mean([r.ratio_error for r in on]),
        "ratio_error": np.std([r.ratio_error for r in on], ddof=1) / np.sqrt(n),
        "ratio_coverage": np.mean([r.ratio_covered for r in on]),
        "baseline_gap": np.mean([r.gap for r in on]),
        "flagged_with": np.mean([r.flag for r in on]),
        "flagged_without": np.mean([r.flag for r in off]),
        # Naive spread: shocks do not bias, they scatter.
        "naive_spread": naive.std(ddof=1),
        "naive_spread_without": np.std([r.naive_error for r in off], ddof=1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pilots", type=int, default=200)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--out", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    results: dict[tuple[str, bool], list[Result]] = defaultdict(list)
    with multiprocessing.get_context("spawn").Pool(arguments.processes) as pool:
        for done, found in enumerate(pool.imap(one_seed, range(arguments.pilots)), start=1):
            for name, on, result in found:
                results[name, on].append(result)
            if done % 10 == 0 or done == arguments.pilots:
                # Written as it goes: a study that is stopped has lost nothing.
                rows = [summarise(t, results[t, True], results[t, False]) for t in THREATS]
                table = pd.DataFrame(rows)
                table.to_csv(arguments.out, index=False, float_format="%.4g")
                print(table.to_string(index=False), flush=True)


if __name__ == "__main__":
    main()
