"""Term grades in lower secondary and course grades in upper secondary school."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from pilot_analysis import grading
from pilot_analysis.synthetic.population import Population
from pilot_analysis.synthetic.scenario import Scenario

# Lower ends of E, D, C, B and A on the latent scale; set so that merit value and eligibility meet
# the targets of `calibration.py`.
CUTS = {
    "GR": np.array([-1.70, -0.98, -0.45, 0.24, 0.86]),
    "GY": np.array([-1.66, -0.78, -0.15, 0.42, 0.95]),
}
GRADE_LETTERS = np.array(["F", "E", "D", "C", "B", "A"])
GRADE_POINTS = np.array([grading.POINTS[letter] for letter in GRADE_LETTERS])
ABSENCE_SLOPE = 2.0  # latent points lost for absence of all lessons
LANGUAGES = np.array(["M2DEU", "M2FRA", "M2SPA"])
# Mathematics is the subject most often failed, and decides who is eligible.
HARDER = {"MA": 0.40, "SV": 0.05, "EN": 0.10}
SUBJECT_SD, TERM_SD = 0.36, 0.24

_COMMON = [
    ["SVESVE01", "ENGENG05", "MATMAT01", "IDRIDR01"],
    ["HISHIS01", "SAMSAM01", "P1", "P2"],
    ["SVESVE02", "ENGENG06", "MATMAT02", "P3"],
    ["NAKNAK01", "RELREL01", "P4", "P5"],
    ["SVESVE03", "P6", "P7", "P8"],
    ["P9", "P10", "P11", "P12", "GYARTE"],
]
COURSE_POINTS = 100


@dataclass
class Grades:
    """`rows`: one a grade, as exported. `outcomes`: one a stay, with and without the pilot."""

    rows: pd.DataFrame
    outcomes: pd.DataFrame


def _latent(
    scenario: Scenario, population: Population, stays: pd.DataFrame, subject_traits: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return stays x subjects latent grades (with, without the pilot)."""
    pupils, schools = population.pupils, population.schools
    pupil, school = stays["pupil"].to_numpy(), stays["school"].to_numpy()
    term = int(stays["term"].iloc[0])
    rng = scenario.rng(f"grades {stays['form'].iloc[0]} {term}")
    school_term = scenario.size("shocks", "grade_school_term_sd") * rng.standard_normal(
        len(schools)
    )
    base = (
        pupils["ability"].to_numpy()[pupil]
        + schools["grade_effect"].to_numpy()[school]
        + school_term[school]
    )
    if term // 2 == 2020:  # national tests were cancelled in 2020, and grades rose
        base = base + scenario.size("cancelled_tests", "grade_index")
    noise = rng.normal(0, TERM_SD, subject_traits.shape)
    without = base - ABSENCE_SLOPE * stays["absence_without_pilot"].to_numpy()
    with_pilot = (
        base - ABSENCE_SLOPE * stays["absence"].to_numpy() + stays["grade_effect_index"].to_numpy()
    )
    common = SUBJECT_SD * subject_traits + noise
    return with_pilot[:, None] + common, without[:, None] + common


def _no_basis(absence: np.ndarray, draw: np.ndarray) -> np.ndarray:
    """Teachers cannot grade what they have not seen: from about half the lessons missed."""
    return draw < 1 / (1 + np.exp(-(absence[:, None] - 0.55) * 14))


def _points(
    latent: np.ndarray, no_basis: np.ndarray, registered: np.ndarray, form: str
) -> tuple[np.ndarray, np.ndarray]:
    """Return (points with NaN where not graded, letter index with -1 for no basis)."""
    level = np.searchsorted(CUTS[form], latent)
    points = np.where(no_basis, np.nan, GRADE_POINTS[level])
    return np.where(registered, points, np.nan), np.where(no_basis, -1, level)


def _outcomes(points: np.ndarray, registered: np.ndarray, form: str) -> dict[str, np.ndarray]:
    n_registered = registered.sum(axis=1)
    graded = registered & ~np.isnan(points)
    passed = (np.nan_to_num(points) >= grading.POINTS["E"]).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        result = {
            "goals_share": passed / graded.sum(axis=1),
            "goals_share_registered": passed / n_registered,
            "graded_share": graded.sum(axis=1) / n_registered,
        }
    if form == "GR":
        known = np.where(registered, np.nan_to_num(points), np.nan)
        subjects = list(grading.LOWER_SECONDARY_SUBJECTS)
        result["term_merit"] = grading.merit_value(known, subjects)
        result["merit"] = result["term_merit"]
        result["eligible_vocational"] = grading.eligible(known, subjects, "vocational")
        result["eligible_academic"] = grading.eligible(known, subjects, "academic")
    else:
        result["grade_points"] = grading.grade_point_average(
            points, np.full(points.shape, COURSE_POINTS)
        )
        result["points_passed"] = passed * COURSE_POINTS * 1.0
    return result


def _courses(stays: pd.DataFrame, population: Population) -> tuple[np.ndarray, np.ndarray]:
    """Return (codes, registered), both stays x 5, for one upper secondary term."""
    term = int(stays["term"].iloc[0])
    position = 2 * (stays["grade"].to_numpy() - 1) + (1 - term % 2)
    width = max(len(courses) for courses in _COMMON)
    plan = np.array([c + [""] * (width - len(c)) for c in _COMMON], dtype=object)
    codes = plan[position]
    program = population.pupils["program"].to_numpy()[stays["pupil"].to_numpy()]
    own = np.char.startswith(codes.astype(str), "P")
    filled = codes.astype(str)
    filled = np.where(own, np.char.add(program.astype(str)[:, None], filled), filled)
    return filled, filled != ""


def simulate(scenario: Scenario, population: Population, stays: pd.DataFrame) -> Grades:
    """Draw the grades of every stay that lasts to the end of its term."""
    subjects = np.array(grading.LOWER_SECONDARY_SUBJECTS)
    pupils = population.pupils
    rng = scenario.rng("grade traits")
    traits = rng.standard_normal((len(pupils), len(subjects))).astype(np.float32)
    takes_language = rng.random(len(pupils)) < 0.84
    second_language = pupils["newly_arrived"] | (
        pupils["foreign"] & (rng.random(len(pupils)) < 0.3)
    )
    rows, outcomes = [], []
    ending = stays[~stays["leaves"]]
    for (term, form), chunk in ending.groupby(["term", "form"], sort=True):
        pupil = chunk["pupil"].to_numpy()
        if form == "GR":
            codes = np.tile(subjects.astype("U5"), (len(chunk), 1))
            codes[second_language.to_numpy()[pupil], list(subjects).index("SV")] = (
                grading.SECOND_LANGUAGE
            )
            language = list(subjects).index(grading.MODERN_LANGUAGE)
            codes[:, language] = LANGUAGES[pupil % len(LANGUAGES)]
            registered = np.ones(codes.shape, dtype=bool)
            registered[:, language] = takes_language[pupil]
        else:
            codes, registered = _courses(chunk, population)
        width = codes.shape[1]
        latent, latent_without = _latent(scenario, population, chunk, traits[pupil][:, :width])
        if form == "GR":
            harder = np.array([HARDER.get(name, 0.0) for name in subjects])
            latent, latent_without = latent - harder, latent_without - harder
        draw = scenario.rng(f"no basis {form} {term}").random(codes.shape)
        blank = _no_basis(chunk["absence"].to_numpy(), draw)
        blank_without = _no_basis(chunk["absence_without_pilot"].to_numpy(), draw)
        points, level = _points(latent, blank, registered, str(form))
        points_without, _ = _points(latent_without, blank_without, registered, str(form))
        stay_row, column = np.nonzero(registered)
        letter = np.append(GRADE_LETTERS, grading.NO_BASIS)[level]
        rows.append(
            pd.DataFrame(
                {
                    "stay": chunk.index.to_numpy()[stay_row],
                    "course": codes[stay_row, column],
                    "points": 0 if form == "GR" else COURSE_POINTS,
                    "grade": letter[stay_row, column],
                }
            )
        )
        known = _outcomes(points, registered, str(form))
        unknown = _outcomes(points_without, registered, str(form))
        outcomes.append(
            pd.DataFrame(
                known | {f"{k}_without_pilot": v for k, v in unknown.items()}, index=chunk.index
            )
        )
    return Grades(pd.concat(rows, ignore_index=True), pd.concat(outcomes).sort_index())
