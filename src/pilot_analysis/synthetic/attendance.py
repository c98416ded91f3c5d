"""Absence lesson by lesson, with and without the pilot, from the same random draws."""

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

import numpy as np
import pandas as pd
from scipy import stats

from pilot_analysis.synthetic.population import Population
from pilot_analysis.synthetic.scenario import (
    COMMON_GRADE_INDEX,
    COMMON_RELATIVE_EFFECT,
    ELIGIBILITY_ABSENCE,
    MENTOR_TAKE_UP,
    Scenario,
)

LESSONS_A_DAY = {"GR": 5, "GY": 4}
LESSON_MINUTES = {"GR": 55, "GY": 60}
# Mean share of lesson time absent by grade, before anything else moves it (domain.md, section 3).
MEAN_ABSENCE = {7: 0.077, 8: 0.090, 9: 0.103, 1: 0.108, 2: 0.119, 3: 0.128}
BETA_CONCENTRATION = 12.0
WHOLE_DAY_SHARE = 0.6  # of absence is whole days, the rest single lessons


@dataclass
class Attendance:
    """What the registers hold, and what only the generator knows.

    `reports` has one row an absence report, `weeks` one a stay x week, `stays` adds to the
    population's stays the shares of lesson time truly absent with (`absence`) and without
    (`absence_without_pilot`) the pilot, and each stay's true effects.
    """

    reports: pd.DataFrame
    weeks: pd.DataFrame
    stays: pd.DataFrame
    mentored: pd.DataFrame = field(default_factory=pd.DataFrame)


def _propensity(scenario: Scenario, population: Population) -> np.ndarray:
    """Return each stay's share of lesson time absent before calendar and pilot."""
    stays, pupils, schools = population.stays, population.pupils, population.schools
    n_terms = len(scenario.terms)
    rng = scenario.rng("absence shocks")
    share = scenario.size("regression_to_the_mean", "transitory_share")
    rho = scenario.size("regression_to_the_mean", "autocorrelation")
    transitory = _autoregressive(rng, len(pupils), n_terms, rho)
    school_term = scenario.size("shocks", "school_term_sd") * _autoregressive(
        rng, len(schools), n_terms, scenario.size("shocks", "school_term_autocorrelation")
    )
    column = stays["term"].to_numpy() - scenario.terms[0]
    pupil, school = stays["pupil"].to_numpy(), stays["school"].to_numpy()
    own = np.sqrt(1 - share) * pupils["absence_trait"].to_numpy()[pupil]
    own = own + np.sqrt(share) * transitory[pupil, column]
    between = schools["absence_effect"].to_numpy()[school] + school_term[school, column]
    # Between and within parts together have unit variance, so the Beta shape is kept.
    variance = scenario.size("shocks", "school_sd") ** 2
    variance += scenario.size("shocks", "school_term_sd") ** 2
    mean = stays["grade"].map(MEAN_ABSENCE).to_numpy()
    rank = stats.norm.cdf(np.sqrt(1 - variance) * own + between)
    propensity = stats.beta.ppf(rank, mean * BETA_CONCENTRATION, (1 - mean) * BETA_CONCENTRATION)
    very_high = pupils["very_high_absence"].to_numpy()[pupil]
    return np.where(very_high, 0.45 + 0.5 * rank, propensity)


def _autoregressive(rng: np.random.Generator, n: int, n_terms: int, rho: float) -> np.ndarray:
    """Draw n stationary AR(1) series of unit variance."""
    noise = rng.standard_normal((n, n_terms))
    series = np.empty_like(noise)
    series[:, 0] = noise[:, 0]
    for t in range(1, n_terms):
        series[:, t] = rho * series[:, t - 1] + np.sqrt(1 - rho**2) * noise[:, t]
    return series


def _assign_effects(
    scenario: Scenario, population: Population, stays: pd.DataFrame, earlier: dict[int, np.ndarray]
) -> pd.DataFrame:
    """Add eligibility, mentors and the true relative effect to one term's stays."""
    schools = population.schools
    school, pupil = stays["school"].to_numpy(), stays["pupil"].to_numpy()
    start = schools["start"].to_numpy()[school]
    term = int(stays["term"].iloc[0])
    active = (start > 0) & (term >= start)
    organisation = schools["organisation"].to_numpy()[school]
    # The rule looks at the term two before the start; pupils without that term are not eligible.
    measured = np.full(len(stays), np.nan)
    for first in np.unique(start[active]):
        if (selection := earlier.get(int(first) - 2)) is not None:
            rows = start == first
            measured[rows] = selection[pupil[rows]]
    high = measured >= ELIGIBILITY_ABSENCE
    take_up = scenario.rng("take-up").random((2, len(population.pupils)))
    mentored = np.where(high, take_up[0][pupil] < MENTOR_TAKE_UP, take_up[1][pupil] < 0.02)
    targeted, by_class = organisation == "targeted", organisation == "class"
    mentored = active & (by_class | (targeted & mentored))
    if scenario.has("heterogeneity"):
        relative = np.select(
            [by_class & high, by_class, targeted & mentored],
            [
                scenario.size("heterogeneity", "class_relative_effect_high_absence"),
                scenario.size("heterogeneity", "class_relative_effect"),
                scenario.size("heterogeneity", "targeted_relative_effect"),
            ],
            0.0,
        )
        index = np.select(
            [by_class, targeted & mentored],
            [
                scenario.size("heterogeneity", "class_grade_index"),
                scenario.size("heterogeneity", "targeted_grade_index"),
            ],
            0.0,
        )
    else:
        relative = np.full(len(stays), COMMON_RELATIVE_EFFECT)
        index = np.full(len(stays), COMMON_GRADE_INDEX)
    without_mentor = targeted & ~mentored
    relative = np.where(
        without_mentor & scenario.has("heterogeneity"),
        scenario.size("spillover", "relative_effect"),
        relative,
    )
    return stays.assign(
        active=active,
        high_earlier_absence=high,
        mentored=mentored,
        relative_effect=np.where(active, scenario.effect_scale * relative, 0.0),
        grade_effect_index=np.where(active, scenario.effect_scale * index, 0.0),
    )


def _prestudy_effect(scenario: Scenario, schools: pd.DataFrame, term: int) -> np.ndarray:
    """Return what the pre-study still takes off each school's absence, fading to nothing."""
    fades = scenario.size("prestudy", "fades_over_terms")
    if fades == 0:
        return np.zeros(len(schools))
    left = max(0.0, 1 - (term - scenario.terms[0]) / fades)
    return schools["prestudy"].to_numpy() * scenario.size("prestudy", "relative_effect") * left


def simulate(scenario: Scenario, population: Population) -> Attendance:
    """Draw every absence report of every stay, term by term: who gets a mentor hangs on earlier ones.

    The school forms of a term have streams of their own, so they are drawn side by side.
    """
    stays = population.stays.assign(propensity=_propensity(scenario, population))
    earlier: dict[int, np.ndarray] = {}
    reports, weeks, finished = [], [], []

    def draw(term: int, form: str) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, np.ndarray]:
        chunk = stays[(stays["term"] == term) & (stays["form"] == form)]
        chunk = _assign_effects(scenario, population, chunk, earlier)
        report, week, chunk = _simulate_term(scenario, population, chunk, form, term)
        shares = (
            week.groupby("stay")["measured_absent"].sum() / week.groupby("stay")["scheduled"].sum()
        )
        return report, week, chunk, shares.reindex(chunk.index).to_numpy()

    with ThreadPoolExecutor(os.cpu_count()) as threads:
        for term in scenario.terms:
            measured = np.full(len(population.pupils), np.nan)
            for report, week, chunk, shares in threads.map(partial(draw, term), scenario.forms):
                reports.append(report)
                weeks.append(week)
                finished.append(chunk)
                measured[chunk["pupil"].to_numpy()] = shares
            earlier[term] = measured
    all_stays = pd.concat(finished).sort_index()
    mentored = all_stays.loc[all_stays["mentored"], ["pupil", "school", "term"]]
    return Attendance(
        pd.concat(reports, ignore_index=True),
        pd.concat(weeks, ignore_index=True),
        all_stays,
        mentored,
    )


def _simulate_term(
    scenario: Scenario,
    population: Population,
    stays: pd.DataFrame,
    form: str,
    term: int,
) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Draw one school form's term: (reports, stay x weeks, stays with their true shares).

    Arrays have the axes stay x week x day x lesson.
    """
    weeks = population.calendar
    weeks = weeks[(weeks["form"] == form) & (weeks["term"] == term)]
    schools = population.schools
    school = stays["school"].to_numpy()
    # A stream of its own for every term, so that what one term holds does not move the next.
    rng = scenario.rng(f"lessons {form} {term}")
    n, n_weeks = len(stays), len(weeks)
    n_lessons, minutes_each = LESSONS_A_DAY[form], LESSON_MINUTES[form]

    in_stay = (np.arange(n_weeks) >= stays["first_week"].to_numpy()[:, None]) & (
        np.arange(n_weeks) <= stays["last_week"].to_numpy()[:, None]
    )
    school_day = np.arange(5) < weeks["days"].to_numpy()[:, None]
    open_day = in_stay[:, :, None] & school_day[None]

    calendar_factor = np.ones(n_weeks)
    if form == "GY" and scenario.has("remote_teaching"):
        drop = 1 - scenario.size("remote_teaching", "gy_absence_factor")
        calendar_factor -= drop * weeks["remote_share"].to_numpy()
    if form == "GR" and scenario.has("pandemic_absence"):
        rise = scenario.size("pandemic_absence", "gr_absence_factor") - 1
        calendar_factor += rise * weeks["pandemic"].to_numpy()
    prestudy = 1 - _prestudy_effect(scenario, schools, term)[school]
    without = np.clip(
        (stays["propensity"].to_numpy() * prestudy)[:, None] * calendar_factor, 0, 0.97
    ).astype(np.float32)
    thin = (1 - stays["relative_effect"].to_numpy()).astype(np.float32)[:, None]

    sick_draw = rng.random((n, n_weeks, 5), dtype=np.float32)
    skip_draw = rng.random((n, n_weeks, 5, n_lessons), dtype=np.float32)
    late_minutes = np.where(
        rng.random(skip_draw.shape, dtype=np.float32) < 0.15,
        rng.integers(5, 26, skip_draw.shape, dtype=np.int8),
        np.int8(minutes_each),
    )

    def absent_minutes(probability: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        sick_probability = WHOLE_DAY_SHARE * probability
        skip_probability = (probability - sick_probability) / (1 - sick_probability)
        sick = (sick_draw < sick_probability[:, :, None]) & open_day
        skip = (skip_draw < skip_probability[:, :, None, None]) & open_day[..., None]
        minutes = np.where(
            sick[..., None], np.int8(minutes_each), np.where(skip, late_minutes, np.int8(0))
        )
        return minutes, sick

    minutes, sick = absent_minutes(without * thin)
    minutes_without, _ = absent_minutes(without)

    # A teacher reports the lesson for the whole class, or for nobody.
    closer = scenario.size("closer_reporting", "points") * stays["active"].to_numpy()
    unreported = np.clip(schools["unreported"].to_numpy()[school] - closer, 0, 1)
    class_id = (
        school.astype(np.int64) * 10_000
        + stays["grade"].to_numpy() * 100
        + stays["class_number"].to_numpy()
    )
    _, class_row = np.unique(class_id, return_inverse=True)
    class_draw = rng.random((class_row.max() + 1, n_weeks, 5, n_lessons), dtype=np.float32)
    is_reported = class_draw[class_row] >= unreported.astype(np.float32)[:, None, None, None]
    seen = np.where(is_reported, minutes, np.int8(0))

    row, week, day, lesson = np.nonzero(seen)
    report_minutes = seen[row, week, day, lesson]
    is_sick = sick[row, week, day]
    draw = rng.random(len(row), dtype=np.float32)
    is_late = report_minutes < minutes_each
    reports = pd.DataFrame(
        {
            "stay": stays.index.to_numpy()[row].astype(np.int32),
            "monday": weeks["monday"].to_numpy()[week],
            "day": day.astype(np.int8),
            "lesson": lesson.astype(np.int8),
            "minutes": report_minutes,
            "invalid": np.where(is_sick, draw < 0.10, is_late | (draw < 0.45)),
        }
    )
    stay_row, week_column = np.nonzero(in_stay)
    scheduled = (weeks["days"].to_numpy() * n_lessons * minutes_each)[week_column]
    reported = (
        (is_reported & open_day[..., None]).sum(axis=(2, 3), dtype=np.int32) * minutes_each
    )[stay_row, week_column]
    week_rows = pd.DataFrame(
        {
            "stay": stays.index.to_numpy()[stay_row].astype(np.int32),
            "week": weeks["week"].to_numpy()[week_column],
            "year": weeks["year"].to_numpy()[week_column],
            "scheduled": scheduled.astype(np.int32),
            "reported": reported,
            "measured_absent": seen.sum(axis=(2, 3), dtype=np.int32)[stay_row, week_column],
        }
    )
    total = np.where(in_stay, weeks["days"].to_numpy() * n_lessons * minutes_each, 0).sum(axis=1)
    total = np.maximum(total, 1)
    stays = stays.assign(
        scheduled=total,
        absence=minutes.sum(axis=(1, 2, 3), dtype=np.int32) / total,
        absence_without_pilot=minutes_without.sum(axis=(1, 2, 3), dtype=np.int32) / total,
    )
    return reports, week_rows, stays
