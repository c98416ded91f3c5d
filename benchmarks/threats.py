"""Whether the primary estimate survives each threat, and whether each diagnostic sees it.

Simulates pilots with one threat on at a time (and none), through the generator and the evaluation's
own panel functions, and writes `threats.csv` beside `pilot_analysis.evaluation.threats`. For every
threat: how far the naive estimate is off and how far the threat's size in `truth.json` says it
should be, the bias of the primary estimate with its Monte-Carlo error, the coverage of its
interval, and how often the diagnostic raises its flag with and without the threat.

Errors are against the planted effect: the same estimator on the outcome minus the outcome that
every pupil would have had without the pilot, which the generator knows.

    python benchmarks/threats.py [--pilots 240] [--processes 2]
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import functools
import multiprocessing
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from pilot_analysis import terms
from pilot_analysis.estimators.did import triple_difference
from pilot_analysis.evaluation import checks, threats
from pilot_analysis.inference import choice, power
from pilot_analysis.panel import OUTCOMES, Panel, eligible_panel, reversion, with_coding
from pilot_analysis.parameters import Parameters
from pilot_analysis.synthetic import attendance, grades, population
from pilot_analysis.synthetic.scenario import NUISANCES, Scenario

RESULTS = Path(threats.__file__).with_name("threats.csv")
# Upper secondary with the lower secondary design, so that intervals are bounded there too.
SCENARIO = Scenario(name="threats", gr_size=60, gy_size=(60, 80), gy_pilot=4, gy_comparison=7)
PARAMETERS = Parameters()
START = terms.number("HT2019")


def simulate(scenario: Scenario, coding: str = "dropped", with_grades: bool = False) -> Panel:
    """Return a simulated pilot as the evaluation's panel, with outcomes without the pilot beside."""
    people = population.build(scenario)
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
        data = data.join(marks[["merit", "merit_without_pilot"]])
    data = data[data["scheduled_minutes"] > 0]
    return Panel(with_coding(data, coding, 0.15), pd.DataFrame())


def fit(data: pd.DataFrame, outcome: str, cluster: str = "school", absorb: str = "stay") -> dict:
    row = choice.infer(
        data, outcome=outcome, treatment="treated", absorb=(absorb, "term"), time="term",
        cluster=cluster,
    )  # fmt: skip
    return row.iloc[0].to_dict()


def planted(data: pd.DataFrame, cluster: str = "school") -> float:
    """Return the effect that was planted, in the primary estimator's weighting."""
    moved = data["true"] - data["without"]
    # Nothing planted has no variation to fit.
    return fit(data.assign(_planted=moved), "_planted", cluster)["estimate"] if moved.any() else 0.0


@dataclass
class Result:
    """One pilot under one threat, in percentage points (merit: points)."""

    naive_error: float
    primary_error: float
    covered: bool
    flag: bool
    expected: float


def _judge(
    data: pd.DataFrame, naive: float, expected: float, flag: bool, *, outcome: str = "absence_share",
    cluster: str = "school", scale: float = 100.0, target: float | None = None,
) -> Result:  # fmt: skip
    """Compare naive and primary estimates with the planted effect."""
    aim = planted(data, cluster)
    found = fit(data, outcome, cluster)
    return Result(
        scale * (naive - (aim if target is None else target)),
        scale * (found["estimate"] - aim),
        bool(found["ci_low"] <= aim <= found["ci_high"]),
        flag,
        scale * expected,
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
    """Compare before and after alone, which takes on what happened everywhere."""
    rows = _first_starters(panel.form(form))
    pilot = rows[rows["ever_treated"]]
    naive = _change(pilot, "absence_share")
    expected = _change(rows[~rows["ever_treated"]], "without")
    return _judge(rows, naive, expected, _common_change(rows, "absence_share"))


def cancelled_tests(panel: Panel, scenario: Scenario) -> Result:
    """Grades rose everywhere when national tests were cancelled."""
    rows = _first_starters(panel.form("GR"))
    rows = rows[rows["merit"].notna()].assign(
        without=lambda d: d["merit_without_pilot"], true=lambda d: d["merit"]
    )
    naive = _change(rows[rows["ever_treated"]], "merit")
    expected = _change(rows[~rows["ever_treated"]], "without")
    flag = _common_change(rows, "merit")
    return _judge(rows, naive, expected, flag, outcome="merit", scale=1.0)


def shocks(panel: Panel, scenario: Scenario) -> Result:
    """Schools move by themselves: a comparison of means after the start takes their level on."""
    rows = _first_starters(panel.form("GR"))
    after = rows[rows["term_number"] >= START]
    level = after.groupby("ever_treated")["absence_share"].mean()
    own = after.groupby("ever_treated")["without"].mean()
    _, p = power.excess_variation(
        rows, outcome="absence_share", treatment="treated", unit="stay", time="term",
        cluster="school",
    )  # fmt: skip
    flag = p <= 0.05
    return _judge(rows, level[True] - level[False], own[True] - own[False], bool(flag))


def regression_to_the_mean(panel: Panel, scenario: Scenario) -> Result:
    """Pupils picked on high absence fall back by themselves."""
    data = eligible_panel(panel, PARAMETERS, "GR")
    data = data[data["eligible"] == 1].assign(school=lambda d: d["origin"])
    table = reversion(panel, PARAMETERS, OUTCOMES["absence_share"]).set_index(
        ["school_form", "schools"]
    )
    naive = table.loc[("GR", "pilot"), "naive_change"] / 100
    expected = table.loc[("GR", "comparison"), "naive_change"] / 100
    # More than 2 points back before anybody had a mentor, at comparison schools alone.
    flag = table.loc[("GR", "comparison"), "before_any_mentor"] < -2
    return _judge(data, naive, expected, bool(flag))


def unreported(panel: Panel, scenario: Scenario) -> Result:
    """Read unreported lessons as present, which makes absence and its change too small."""
    rows = panel.form("GR")
    as_present = with_coding(rows, "present", 0.15)
    naive = fit(as_present, "absence_share")["estimate"]
    aim = planted(rows)
    share = NUISANCES["unreported_lessons"]["share"]
    flag = rows["reporting_rate"].mean() < 0.95
    return _judge(rows, naive, -share * aim if scenario.has("unreported_lessons") else 0.0,
                  bool(flag))  # fmt: skip


def closer_reporting(panel: Panel, scenario: Scenario) -> Result:
    """Pilot schools report more lessons, so registered absence rises."""
    rows = panel.form("GR")
    naive = fit(with_coding(rows, "present", 0.15), "absence_share")["estimate"]
    aim = planted(rows)
    moved = fit(rows, "reporting_rate")["estimate"]
    treated = rows.loc[rows["treated"] == 1, "true"].mean()
    points = NUISANCES["closer_reporting"]["points"]
    share = NUISANCES["unreported_lessons"]["share"]
    expected = points * treated - share * aim if scenario.has("closer_reporting") else -share * aim
    return _judge(rows, naive, expected, abs(moved) > 0.03)


def prestudy(panel: Panel, scenario: Scenario) -> Result:
    """Keep a pilot school that had mentors before, and starts from a lowered level."""
    rows = panel.form("GY")
    clean = rows[~rows["earlier_prestudy"]]
    naive = fit(rows, "absence_share")["estimate"]
    aim = planted(rows)
    expected = fit(rows, "without")["estimate"] - fit(clean, "without")["estimate"]
    return _judge(clean, naive, expected, bool(rows["earlier_prestudy"].any()), target=aim)


def spillover(panel: Panel, scenario: Scenario) -> Result:
    """Pupils without a mentor at targeted schools gain too: they are no comparison."""
    data = eligible_panel(panel, PARAMETERS, "GR")
    data = data[~data["ever_treated"] | (data["organisation"] == "targeted")]
    data = data.assign(school=data["origin"])
    within = triple_difference(
        data, outcome="absence_share", treatment="treated", eligible="eligible", unit="stay",
        time="term", cluster="school",
    )["estimate"].iloc[0]  # fmt: skip
    chosen, others = data[data["eligible"] == 1], data[data["eligible"] == 0]
    expected = -planted(others)
    flag = fit(others, "absence_share")["p_value"] <= 0.05
    return _judge(chosen, within, expected, bool(flag))


def heterogeneity(panel: Panel, scenario: Scenario) -> Result:
    """Read the effect on all pupils as the effect on those who were meant to be helped."""
    data = eligible_panel(panel, PARAMETERS, "GR").assign(school=lambda d: d["origin"])
    rows = panel.form("GR")
    everybody = fit(rows, "absence_share")["estimate"]
    chosen = data[data["eligible"] == 1]
    aims = [planted(part) for part in (rows, chosen)]
    flag = triple_difference(
        data, outcome="absence_share", treatment="treated", eligible="eligible", unit="stay",
        time="term", cluster="school",
    )["p_value"].iloc[0] <= 0.05  # fmt: skip
    return _judge(chosen, everybody, aims[0] - aims[1], bool(flag))


def selective_leaving(panel: Panel, scenario: Scenario) -> Result:
    """Pupils with high absence leave pilot schools: those who are left look better."""
    rows = panel.form("GR")
    naive = fit(rows, "absence_share", absorb="school")["estimate"]
    expected = fit(rows, "without", absorb="school")["estimate"]
    table = checks.attrition(rows, "GR").set_index("term")["estimate"]
    flag = abs(table["difference"]) > table["cautious boundary"]
    return _judge(rows, naive, expected, bool(flag))


# What is on beside the threat itself, with and without it, and what judges a pilot.
THREATS: dict[str, tuple[tuple[str, ...], tuple[str, ...], Callable[[Panel, Scenario], Result]]] = {
    "shocks": ((), ("shocks",), shocks),
    "regression_to_the_mean": ((), ("regression_to_the_mean",), regression_to_the_mean),
    "remote_teaching": ((), ("remote_teaching",), functools.partial(before_after, "GY")),
    "pandemic_absence": ((), ("pandemic_absence",), functools.partial(before_after, "GR")),
    "cancelled_tests": ((), ("cancelled_tests",), cancelled_tests),
    "unreported_lessons": ((), ("unreported_lessons",), unreported),
    "closer_reporting": (
        ("unreported_lessons",), ("unreported_lessons", "closer_reporting"), closer_reporting,
    ),
    "prestudy": ((), ("prestudy",), prestudy),
    "spillover": (("heterogeneity",), ("heterogeneity", "spillover"), spillover),
    "heterogeneity": ((), ("heterogeneity",), heterogeneity),
    "selective_leaving": ((), ("selective_leaving",), selective_leaving),
}  # fmt: skip


def one_pilot(task: tuple[str, bool, int]) -> Result:
    """Simulate and judge one pilot: threat, whether it is on, seed."""
    threat, on, seed = task
    off_set, on_set, judge = THREATS[threat]
    scenario = replace(SCENARIO.only(*(on_set if on else off_set)), seed=10_000 + seed)
    panel = simulate(scenario, with_grades=threat == "cancelled_tests")
    return judge(panel, scenario)


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
        "flagged_with": np.mean([r.flag for r in on]),
        "flagged_without": np.mean([r.flag for r in off]),
        # Naive spread: shocks do not bias, they scatter.
        "naive_spread": naive.std(ddof=1),
        "naive_spread_without": np.std([r.naive_error for r in off], ddof=1),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pilots", type=int, default=240)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--threats", nargs="*", default=list(THREATS))
    parser.add_argument("--out", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    rows = []
    with multiprocessing.get_context("spawn").Pool(arguments.processes) as pool:
        for threat in arguments.threats:
            results = {
                on: pool.map(one_pilot, [(threat, on, s) for s in range(arguments.pilots)], 4)
                for on in (True, False)
            }
            rows.append(summarise(threat, results[True], results[False]))
            print(pd.DataFrame(rows[-1:]).to_string(index=False, header=len(rows) == 1), flush=True)
    pd.DataFrame(rows).to_csv(arguments.out, index=False, float_format="%.5g")


if __name__ == "__main__":
    main()
