"""Schools, pupils, and which pupil goes to which school in which weeks of which term."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pilot_analysis import terms
from pilot_analysis.synthetic.scenario import Scenario

FIRST_GRADE = {"GR": 7, "GY": 1}
PROGRAMS = np.array(["NA", "SA", "EK", "TE", "BF", "VO", "EE", "IMA"])
PROGRAM_SHARES = np.array([0.18, 0.20, 0.16, 0.12, 0.09, 0.09, 0.10, 0.06])
CLASS_SIZE = {"GR": 27, "GY": 30}

_NAME_STARTS = [
    "Äng",
    "Björk",
    "Ek",
    "Fågel",
    "Gran",
    "Hassel",
    "Ask",
    "Lönn",
    "Sälg",
    "Rönn",
    "Al",
    "Tall",
    "Vide",
    "Lind",
    "Hägg",
    "En",
    "Apel",
    "Måne",
    "Sten",
    "Vinter",
    "Sommar",
    "Norr",
    "Öster",
    "Väster",
    "Söder",
    "Höst",
    "Vår",
]
_NAME_ENDS = ["höjd", "åsa", "vik", "lunda", "mora", "hult", "sätra", "källa", "ryd", "bro"]


@dataclass(frozen=True)
class Population:
    """The simulated municipality.

    `schools` has one row a school, `pupils` one a pupil, `stays` one a pupil x term x school with
    the first and last week (positions in the term's calendar) of the stay.
    """

    schools: pd.DataFrame
    pupils: pd.DataFrame
    stays: pd.DataFrame
    calendar: pd.DataFrame


def calendar(scenario: Scenario) -> pd.DataFrame:
    """Return school form x ISO week: the term, school days, share taught remotely."""
    rows = []
    for term in scenario.terms:
        year, autumn = term // 2, term % 2
        weeks = [w for w in range(34, 52) if w != 44] if autumn else range(2, 25)
        for week in weeks:
            if not autumn and week in (8, 15):  # winter and Easter holidays
                continue
            monday = pd.Timestamp.fromisocalendar(year, week, 1)
            days = {1: 5, 34: 4, 18: 4, 21: 3, 23: 4, 24: 3, 51: 4}.get(week, 5)
            for form in scenario.forms:
                # Sweden's gymnasiums closed their buildings on 18 March 2020 (a Wednesday of
                # week 12) until the summer, and again from 7 December (week 50).
                remote = 0.0
                if form == "GY" and year == 2020:
                    remote = 0.6 if week == 12 else float(12 < week < 25 or week >= 50)
                rows.append((form, week, year, monday, term, days, remote))
    table = pd.DataFrame(
        rows, columns=["form", "week", "year", "monday", "term", "days", "remote_share"]
    )
    table["position"] = table.groupby(["form", "term"]).cumcount()
    table["pandemic"] = (table["year"] == 2020) & (table["week"] >= 11)
    return table


def _schools(scenario: Scenario) -> pd.DataFrame:
    rng = scenario.rng("schools")
    first_start, second_start = map(terms.number, (scenario.first_start, scenario.later_start))
    rows = []
    for form, n_pilot, n_comparison in (
        ("GR", scenario.gr_pilot, scenario.gr_comparison),
        ("GY", scenario.gy_pilot, scenario.gy_comparison),
    ):
        for i in range(n_pilot + n_comparison):
            is_pilot = i < n_pilot
            start = first_start if form == "GY" or i % 4 < 2 else second_start
            size = (
                scenario.gr_size * rng.uniform(0.75, 1.25)
                if form == "GR"
                else rng.uniform(*scenario.gy_size)
            )
            rows.append(
                {
                    "form": form,
                    "pilot": is_pilot,
                    "organisation": ("class", "targeted")[i % 2] if is_pilot else "",
                    "start": start if is_pilot else 0,
                    "size": size,
                    # One pilot gymnasium took part in the pre-study of 2015-2017.
                    "prestudy": form == "GY" and i == 0 and is_pilot and scenario.has("prestudy"),
                }
            )
    schools = pd.DataFrame(rows)
    n = len(schools)
    combinations = [a + b for b in _NAME_ENDS for a in _NAME_STARTS]
    order = scenario.rng("names").permutation(len(combinations))
    suffix = {"GR": "skolan", "GY": "gymnasiet"}
    schools["name"] = [
        f"{combinations[order[i % len(order)]]}{suffix[form]}"
        + (f" {i // len(order) + 1}" if i >= len(order) else "")
        + (f" {scenario.block + 1}" if scenario.block else "")
        for i, form in enumerate(schools["form"])
    ]
    # The first school of each form has two units, as Swedish schools that grew by reorganisation.
    units = rng.choice(9 * 10**6, n, replace=False) + 10**7
    if scenario.block:  # no two blocks share a code
        units = 2 * 10**7 + 1000 * scenario.block + np.arange(n)
    schools["unit"] = [f"{i:08d}" for i in units]
    schools["second_unit"] = ""
    for form in scenario.forms:
        first = schools.index[schools["form"] == form][0]
        schools.loc[first, "second_unit"] = f"0{schools.loc[first, 'unit'][1:]}"
    shocks = scenario.rng("school effects").standard_normal((n, 2))
    schools["absence_effect"] = scenario.size("shocks", "school_sd") * shocks[:, 0]
    schools["grade_effect"] = scenario.size("shocks", "grade_school_sd") * (
        -0.5 * shocks[:, 0] + np.sqrt(0.75) * shocks[:, 1]
    )
    schools["unreported"] = scenario.size("unreported_lessons", "share") * rng.uniform(0.7, 1.3, n)
    return schools


def _pupils(scenario: Scenario, schools: pd.DataFrame) -> pd.DataFrame:
    """Return one row a pupil; every cohort that is enrolled in any simulated term."""
    rng = scenario.rng("pupils")
    years = [(t - 1) // 2 for t in scenario.terms]
    cohorts = np.arange(min(years) - 2, max(years) + 1)
    size = schools["size"].to_numpy()[:, None] / 3 * rng.uniform(0.93, 1.07, (len(schools), 1))
    per_cohort = rng.poisson(np.repeat(size, len(cohorts), axis=1)).clip(min=4)
    school = np.repeat(np.arange(len(schools)), per_cohort.sum(axis=1))
    cohort = np.concatenate([np.repeat(cohorts, counts) for counts in per_cohort])
    n = len(school)
    form = schools["form"].to_numpy()[school]
    foreign = rng.random(n) < 0.22
    education = rng.choice([1, 2, 3], n, p=[0.10, 0.42, 0.48])
    female = rng.random(n) < 0.49
    absence = rng.standard_normal(n)
    ability = (
        -0.30 * absence
        + 0.28 * (education - 2.38)
        - 0.11 * foreign
        + 0.19 * (female - 0.49)
        + rng.normal(0, 0.52, n)
    )
    program = np.where(form == "GY", rng.choice(PROGRAMS, n, p=PROGRAM_SHARES), "")
    # Classes: pupils of one school and cohort (and program) in the order they are listed.
    group = (
        pd.Series(np.arange(n), index=pd.MultiIndex.from_arrays([school, cohort]))
        .groupby(level=[0, 1])
        .cumcount()
        .to_numpy()
    )
    class_number = group // np.where(form == "GR", CLASS_SIZE["GR"], CLASS_SIZE["GY"])
    last_term = 2 * (cohort + 3)  # the spring of the third year
    pupils = pd.DataFrame(
        {
            "school": school,
            "form": form,
            "cohort": cohort,
            "birth_year": cohort - np.where(form == "GR", 13, 16),
            "female": female,
            "foreign": foreign,
            "newly_arrived": foreign & (rng.random(n) < 0.18),
            "education": education,
            "protected": rng.random(n) < 0.004,
            "program": program,
            "class_number": class_number,
            "absence_trait": absence,
            "very_high_absence": rng.random(n) < 0.010,
            "ability": ability,
            "last_term": last_term,
        }
    )
    return _with_leavers(scenario, schools, pupils)


def _with_leavers(scenario: Scenario, schools: pd.DataFrame, pupils: pd.DataFrame) -> pd.DataFrame:
    """Add the last term of pupils who leave early, and mid-term changes of school."""
    rng = scenario.rng("leavers")
    n = len(pupils)
    start = schools["start"].to_numpy()[pupils["school"]]
    last = pupils["last_term"].to_numpy().copy()
    extra = scenario.size("selective_leaving", "extra_hazard")
    for term in scenario.terms:
        draw = rng.random(n)
        exposed = (start > 0) & (term >= start) & (pupils["absence_trait"].to_numpy() > 1.0)
        last = np.where(draw < 0.008 + extra * exposed, np.minimum(last, term), last)
    pupils["last_term"] = last
    # About 0.6 % of pupils a term change school inside the term, always within their form.
    mover = rng.random(n) < 0.006 * len(scenario.terms)
    pupils["move_term"] = np.where(mover, rng.choice(scenario.terms, n), 0)
    pupils["move_position"] = rng.integers(3, 14, n)
    other = pupils["school"].to_numpy().copy()
    for form in scenario.forms:
        choices = schools.index[schools["form"] == form].to_numpy()
        rows = np.flatnonzero((pupils["form"] == form) & mover)
        shift = rng.integers(1, len(choices), len(rows))
        position = np.searchsorted(choices, other[rows])
        other[rows] = choices[(position + shift) % len(choices)]
    pupils["move_to"] = other
    return pupils


def _stays(scenario: Scenario, pupils: pd.DataFrame, weeks: pd.DataFrame) -> pd.DataFrame:
    n_weeks = weeks.groupby(["form", "term"]).size()
    parts = []
    for term in scenario.terms:
        year = (term - 1) // 2
        enrolled = pupils.loc[
            (pupils["cohort"] <= year)
            & (pupils["cohort"] > year - 3)
            & (term <= pupils["last_term"])
        ]
        last_week = (
            enrolled["form"].map({form: n_weeks[form, term] for form in scenario.forms}).to_numpy()
            - 1
        )
        moves_now = (enrolled["move_term"] == term).to_numpy()
        moved_before = ((enrolled["move_term"] > 0) & (enrolled["move_term"] < term)).to_numpy()
        stay = pd.DataFrame(
            {
                "pupil": enrolled.index,
                "school": np.where(moved_before, enrolled["move_to"], enrolled["school"]),
                "form": enrolled["form"].to_numpy(),
                "term": term,
                "grade": year
                - enrolled["cohort"].to_numpy()
                + enrolled["form"].map(FIRST_GRADE).to_numpy(),
                "class_number": enrolled["class_number"].to_numpy(),
                "first_week": 0,
                "last_week": np.where(moves_now, enrolled["move_position"] - 1, last_week),
                "leaves": moves_now,
            }
        )
        arrival = stay.loc[moves_now].copy()
        movers = enrolled.loc[moves_now]
        arrival["school"] = movers["move_to"].to_numpy()
        arrival["first_week"] = movers["move_position"].to_numpy()
        arrival["last_week"] = last_week[moves_now]
        arrival["leaves"] = False
        parts += [stay, arrival]
    stays = pd.concat(parts, ignore_index=True)
    stays["arrives"] = stays["first_week"] > 0
    return stays.sort_values(["term", "form", "school", "pupil", "first_week"], ignore_index=True)


def build(scenario: Scenario) -> Population:
    """Draw the municipality: schools, pupils and stays of every simulated term."""
    weeks = calendar(scenario)
    schools = _schools(scenario)
    pupils = _pupils(scenario, schools)
    return Population(schools, pupils, _stays(scenario, pupils, weeks), weeks)
