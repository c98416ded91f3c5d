"""Swedish grade rules: points, merit value, eligibility, grade-point average, examination.

Rules of the curricula in force in the pilot's years (Lgr 11 and Gy 11; grades A to F, and no grade
where absence left no basis for one). Every calculator takes plain arrays so that it serves the
ingest, the generator and a hand-worked test alike.
"""

import numpy as np
from numpy.typing import NDArray

POINTS = {"A": 20.0, "B": 17.5, "C": 15.0, "D": 12.5, "E": 10.0, "F": 0.0}
# No basis for a grade: `-` in upper secondary, `3` in lower secondary exports.
NO_BASIS = ("-", "3")

LOWER_SECONDARY_SUBJECTS = [
    "BL",
    "EN",
    "HKK",
    "IDH",
    "MA",
    "MU",
    "BI",
    "FY",
    "KE",
    "GE",
    "HI",
    "RE",
    "SH",
    "SL",
    "SV",
    "TK",
    "ML",
]
SECOND_LANGUAGE = "SVA"  # Swedish as a second language stands in for SV
MODERN_LANGUAGE = "ML"

# A grade of at least E in Swedish, English and mathematics, and in this many other subjects; some
# groups of academic programs fix a few of the nine. The arts program fixes none, so nine others of
# any kind make a pupil eligible to an academic program.
_CORE = ("SV", "EN", "MA")
_OTHERS: dict[str, tuple[int, tuple[str, ...]]] = {
    "vocational": (5, ()),
    "academic": (9, ()),
    "academic_social": (9, ("GE", "HI", "RE", "SH")),
    "academic_science": (9, ("BI", "FY", "KE")),
}

FULL_PROGRAM_POINTS = 2500
EXAM_PASSED_POINTS = 2250
_EXAM_COURSES = {
    "vocational": ("SVESVE01", "ENGENG05", "MATMAT01", "GYARTE"),
    "academic": ("SVESVE01", "SVESVE02", "SVESVE03", "ENGENG05", "ENGENG06", "MATMAT01", "GYARTE"),
}

Array = NDArray[np.float64]


def _columns(
    points: NDArray[np.bool_], subjects: list[str], names: tuple[str, ...]
) -> NDArray[np.bool_]:
    return points[:, [subjects.index(name) for name in names]]


def merit_value(points: Array, subjects: list[str]) -> Array:
    """Return the merit value (0 to 340) of pupils x subjects grade points.

    The sum of the sixteen best subjects, and of modern languages as a seventeenth. NaN means not
    registered; 0 means F or no basis. A pupil without any registered subject gets NaN
    (Gymnasieförordningen 2010:2039, chapter 7).
    """
    value = np.nan_to_num(points, nan=0.0)
    modern = subjects.index(MODERN_LANGUAGE) if MODERN_LANGUAGE in subjects else None
    others = np.delete(value, modern, axis=1) if modern is not None else value
    total = -np.sort(-others, axis=1)[:, :16].sum(axis=1)
    if modern is not None:
        total = total + value[:, modern]
    return np.where(np.isnan(points).all(axis=1), np.nan, total)


def eligible(points: Array, subjects: list[str], kind: str) -> Array:
    """Return 1.0 for pupils eligible to upper secondary school, 0.0 for others, NaN without grades.

    `kind` is `vocational` (core subjects and five others), `academic` (and nine others),
    `academic_social` or `academic_science` (nine others, some of them fixed; Skollagen 2010:800,
    chapter 16). Swedish as a second language counts in the column of Swedish.
    """
    if kind not in _OTHERS:
        raise ValueError(f"kind is one of {sorted(_OTHERS)}, not {kind!r}")
    n_others, fixed = _OTHERS[kind]
    passed = np.nan_to_num(points, nan=0.0) >= POINTS["E"]
    core = _columns(passed, subjects, _CORE)
    others = passed.sum(axis=1) - core.sum(axis=1)
    result = core.all(axis=1) & (others >= n_others)
    if fixed:
        result &= _columns(passed, subjects, fixed).all(axis=1)
    return np.where(np.isnan(points).all(axis=1), np.nan, result.astype(float))


def grade_point_average(points: Array, course_points: Array) -> Array:
    """Return the upper secondary grade-point average (0 to 20) of pupils x courses.

    Weighted by course points. NaN means no basis or not taken, and is left out; F counts as 0.
    """
    graded = ~np.isnan(points)
    weight = np.where(graded, course_points, 0.0).sum(axis=1)
    total = np.where(graded, np.nan_to_num(points) * course_points, 0.0).sum(axis=1)
    return np.divide(total, weight, out=np.full(len(points), np.nan), where=weight > 0)


def examination(grades: dict[str, tuple[str, float]], kind: str) -> bool:
    """Say whether one pupil's courses give an upper secondary examination.

    `grades` maps course code to (grade, course points). Needs 2,500 points taken (graded, F and
    `-` included), 2,250 with at least E, and the fixed courses of the program `kind`
    (Skollagen 2010:800, chapter 16).
    """
    if kind not in _EXAM_COURSES:
        raise ValueError(f"kind is 'vocational' or 'academic', not {kind!r}")
    taken = sum(points for _, points in grades.values())
    passed = {
        course: points
        for course, (grade, points) in grades.items()
        if POINTS.get(grade, 0.0) >= POINTS["E"]
    }
    fixed = all(any(c.startswith(code) for c in passed) for code in _EXAM_COURSES[kind])
    return taken >= FULL_PROGRAM_POINTS and sum(passed.values()) >= EXAM_PASSED_POINTS and fixed
