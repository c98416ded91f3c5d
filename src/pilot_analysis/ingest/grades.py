"""Grades: which stands, what it counts for, and the counts by pupil, school and term."""

from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import pandas as pd

from pilot_analysis import grading
from pilot_analysis.ingest.rules import Rules
from pilot_analysis.ingest.typed import literal, registered

_GRADES_AT_ONCE = 1_000_000
# Courses without points of their own count as a whole course.
USUAL_COURSE_POINTS = 100
# The list of grade codes that an export follows when it does not say so.
_SIGN_OF_SCB = "9"


def course_names(database: duckdb.DuckDBPyConnection) -> None:
    """Create `course_names`: each written course with its code, and whether the code is known.

    Lower secondary subjects get the code of the national catalogue; of courses in upper secondary
    school there are thousands, and none is unknown.
    """
    written = database.execute(
        """SELECT DISTINCT r.course, u.school_form FROM raw_grades r JOIN units u USING (unit)
        WHERE u.left_out IS NULL"""
    ).fetchall()
    rows = []
    for course, form in written:
        code = grading.lower_secondary_subject(course) if form == "GR" else course.upper()
        rows.append((course, form, code or course.upper(), code is not None))
    columns = ["written", "school_form", "course", "is_known"]
    frame = pd.DataFrame(rows, columns=columns).astype({"is_known": bool})
    frame[columns[:3]] = frame[columns[:3]].astype("string")
    with registered(database, "found_courses", frame):
        database.execute(
            """CREATE TABLE course_names AS
            SELECT *, (dense_rank() OVER (ORDER BY course) - 1)::INTEGER AS number
            FROM found_courses"""
        )


def code_list(database: duckdb.DuckDBPyConnection, rules: Rules) -> str:
    """Return the list of grade codes that the export follows, `contract` or `scb`."""
    if rules.grade_codes != "auto":
        return rules.grade_codes
    found = database.execute(
        f"SELECT 1 FROM raw_grades WHERE grade = '{_SIGN_OF_SCB}' LIMIT 1"
    ).fetchall()
    return "scb" if found else "contract"


def statuses(database: duckdb.DuckDBPyConnection, rules: Rules) -> None:
    """Create `grades_status`: every grade with what it means and what became of it.

    `basis` keeps three reasons for having no grade apart: `no_basis` (absence left nothing to
    judge; counts as registered), `not_studied` (adapted studies; counts by itself) and
    `not_graded` (not read, graded as a block, or not graded yet; the row is dropped). Of two
    grades in a subject and term the newest counts, and of the same day the worse.
    """
    course_names(database)
    three = "not_studied" if code_list(database, rules) == "scb" else "no_basis"
    worse_first = " ".join(f"WHEN '{g}' THEN {p}" for g, p in grading.POINTS.items())
    newest = f"""(PARTITION BY id, school, term, course, basis = 'not_graded'
        ORDER BY date DESC NULLS LAST, CASE grade {worse_first} ELSE -1 END, _file, _row)"""
    database.execute(
        f"""CREATE TABLE grades_status AS
        WITH read AS (
            SELECT r.pupil AS id, u.school, u.school_form, u.left_out, r.term, r.course_points,
                   r.date, r._file, r._row, r.grade AS code, c.number AS course_number,
                   coalesce(c.course, upper(r.course)) AS course,
                   CASE WHEN r.grade IN ('-', '9') THEN 'no_basis'
                        WHEN r.grade = '3' THEN '{three}'
                        WHEN r.grade IS NULL OR r.grade = '2' THEN 'not_graded'
                        ELSE 'graded' END AS basis,
                   CASE WHEN basis = 'graded' THEN r.grade END AS grade
            FROM raw_grades r JOIN units u USING (unit)
            LEFT JOIN course_names c ON c.written = r.course AND c.school_form = u.school_form),
        located AS (
            SELECT *, row_number() OVER {newest} AS copy,
                   first_value(coalesce(grade, basis)) OVER {newest} AS newest_grade
            FROM read)
        SELECT l.*, s.stay, s.grade AS school_grade,
            CASE WHEN l.left_out IS NOT NULL THEN l.left_out
                 WHEN copy > 1 AND coalesce(l.grade, l.basis) = newest_grade THEN 'duplicate'
                 WHEN copy > 1 THEN 'superseded'
                 WHEN l.id IN (SELECT id FROM protected) THEN 'protected_identity'
                 WHEN l.id NOT IN (SELECT id FROM registered_pupils) THEN 'unknown_pupil'
                 WHEN s.id IS NULL THEN 'not_enrolled'
                 WHEN l.basis = 'not_graded' THEN 'not_graded'
                 ELSE 'kept' END AS _status
        FROM located l LEFT JOIN stays s ON s.id = l.id AND s.school = l.school AND s.term = l.term"""
    )


def outcomes(database: duckdb.DuckDBPyConnection) -> None:
    """Create `grade_outcomes` from `grades_status`: one row a pupil x school x term."""
    names = [
        name
        for name, _ in database.execute(
            "SELECT DISTINCT course, number FROM course_names ORDER BY number"
        ).fetchall()
    ]
    worth = " ".join(f"WHEN '{grade}' THEN {points}" for grade, points in grading.POINTS.items())
    target = "CREATE TABLE grade_outcomes AS"
    for schools in _batches(database):
        rows = database.execute(
            f"""SELECT stay, school_form = 'GR' AS lower, course_number AS course,
                       CASE grade {worth} END::DOUBLE AS points, course_points,
                       basis = 'not_studied' AS not_studied,
                       school_grade = 9 AND starts_with(term, 'VT') AS final
            FROM grades_status
            WHERE _status = 'kept' AND school IN ({", ".join(map(literal, schools)) or "NULL"})
            ORDER BY stay, course"""
        ).df()
        lower = rows["lower"].to_numpy(dtype=bool)
        found = pd.concat(
            [lower_secondary(rows[lower], names), upper_secondary(rows[~lower])], ignore_index=True
        )
        with registered(database, "found_outcomes", found):
            database.execute(
                f"{target} SELECT s.id, s.school, s.term, o.* EXCLUDE (stay) "
                "FROM found_outcomes o JOIN stays s USING (stay)"
            )
        target = "INSERT INTO grade_outcomes BY NAME"


def _batches(database: duckdb.DuckDBPyConnection) -> list[list[str]]:
    """Return the schools in groups whose grades fit in memory together; one group at least."""
    counts = database.execute(
        """SELECT school, count(*) FROM grades_status WHERE _status = 'kept'
        GROUP BY school ORDER BY min(school_form), school"""
    ).fetchall()
    groups: list[list[str]] = [[]]
    held = 0
    for school, n in counts:
        if groups[-1] and held + n > _GRADES_AT_ONCE:
            groups.append([])
            held = 0
        groups[-1].append(school)
        held += n
    return groups


@dataclass(frozen=True)
class _Marks:
    """Grades as arrays; `group` is the place of a grade's stay in `stays`."""

    stays: np.ndarray
    group: np.ndarray
    points: np.ndarray  # NaN where there is no grade
    not_studied: np.ndarray

    @classmethod
    def of(cls, rows: pd.DataFrame) -> "_Marks":
        stays, group = np.unique(rows["stay"].to_numpy(), return_inverse=True)
        points = rows["points"].to_numpy(dtype=float)
        return cls(stays, group, points, rows["not_studied"].to_numpy(dtype=bool))

    def take(self, chosen: np.ndarray) -> "_Marks":
        """Return the grades at some places."""
        return _Marks(self.stays, self.group[chosen], self.points[chosen], self.not_studied[chosen])

    def counts(self) -> pd.DataFrame:
        """Return counts by stay."""

        def count(these: np.ndarray) -> np.ndarray:
            return np.bincount(self.group[these], minlength=len(self.stays))

        studied, graded = ~self.not_studied, ~np.isnan(self.points)
        return pd.DataFrame(
            {
                "stay": self.stays,
                "n_registered": count(studied),
                "n_graded": count(studied & graded),
                "n_passed": count(studied & (np.nan_to_num(self.points) >= grading.POINTS["E"])),
                "n_not_studied": count(self.not_studied),
            }
        )


def _by_subject(
    marks: _Marks, course: np.ndarray, names: Sequence[str]
) -> tuple[_Marks, np.ndarray, list[str]]:
    """Return a grade for each subject of each stay, the subject's place, and the subjects' names.

    A block's grade counts for its subjects, but for those with a grade of their own. Of two grades
    in a subject (Swedish and Swedish as a second language) the better counts.
    """
    used = np.unique(course)
    meant = {int(c): grading.counts_as(names[c]) for c in used}
    core = list(grading.LOWER_SECONDARY_SUBJECTS)
    subjects = core + sorted({s for found in meant.values() for s in found} - set(core))
    place = {name: i for i, name in enumerate(subjects)}
    first = np.zeros(max(len(names), 1), dtype=int)
    for c, found in meant.items():
        first[c] = place[found[0]]
    chosen, subject = np.arange(len(course)), first[course]
    for c, found in meant.items():
        rows = np.flatnonzero(course == c) if len(found) > 1 else np.empty(0, dtype=int)
        for other in found[1:]:
            chosen = np.concatenate([chosen, rows])
            subject = np.concatenate([subject, np.full(len(rows), place[other])])
    key = marks.group[chosen] * len(subjects) + subject
    if len(key) and np.bincount(key).max() > 1:
        is_block = np.isin(course[chosen], [c for c, found in meant.items() if len(found) > 1])
        worse = -np.nan_to_num(marks.points[chosen], nan=-1.0)
        order = np.lexsort((worse, is_block, key))
        kept = order[np.diff(key[order], prepend=-1) > 0]
        chosen, subject = chosen[kept], subject[kept]
    return marks.take(chosen), subject, subjects


def lower_secondary(rows: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
    """Return counts, merit value and eligibility by stay, from grades in courses of these names.

    `merit` and `eligible_*` are those of final grades, in the spring of grade 9; `term_merit` is
    the same sum of any term's grades.
    """
    whole = _Marks.of(rows)
    marks, subject, subjects = _by_subject(whole, rows["course"].to_numpy(dtype=int), names)
    table = marks.counts()
    matrix = np.full((len(table), len(subjects)), np.nan)
    # Registered without a basis counts as 0 points; not registered stays empty.
    studied = ~marks.not_studied
    matrix[marks.group[studied], subject[studied]] = np.nan_to_num(marks.points[studied])
    table["term_merit"] = grading.merit_value(matrix, subjects)
    final = np.zeros(len(table), dtype=bool)
    final[whole.group] = rows["final"].to_numpy(dtype=bool)
    table["merit"] = np.where(final, table["term_merit"], np.nan)
    for kind in ("vocational", "academic"):
        value = grading.eligible(matrix, subjects, kind)
        table[f"eligible_{kind}"] = np.where(final, value, np.nan)
    return table


def upper_secondary(rows: pd.DataFrame) -> pd.DataFrame:
    """Return counts, grade-point average and points passed by stay."""
    marks = _Marks.of(rows)
    table = marks.counts()
    weight = rows["course_points"].fillna(USUAL_COURSE_POINTS).to_numpy(dtype=float)
    graded, known = ~np.isnan(marks.points), np.nan_to_num(marks.points)

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(marks.group, weights=values, minlength=len(table))

    taken = total(np.where(graded, weight, 0))
    with np.errstate(invalid="ignore", divide="ignore"):
        table["grade_points"] = total(known * weight) / np.where(taken > 0, taken, np.nan)
    table["points_passed"] = total(np.where(known >= grading.POINTS["E"], weight, 0))
    return table


GRADES = """
    SELECT n.name AS pupil, school, school_form, term, course,
           course_points::INTEGER AS course_points, grade,
           CASE WHEN basis <> 'graded' THEN basis END AS ungraded, date
    FROM grades_status g JOIN pupil_names n ON n.pupil = g.id
    WHERE _status = 'kept' ORDER BY school, term, n.place, course
"""
