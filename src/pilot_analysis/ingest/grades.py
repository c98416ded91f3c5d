"""Grades: which stands, what it counts for, and the counts by pupil, school and term."""

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
        database.execute("CREATE TABLE course_names AS SELECT * FROM found_courses")


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
                   r.date, r._file, r._row, coalesce(c.course, upper(r.course)) AS course,
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
        SELECT l.*,
            CASE WHEN l.left_out IS NOT NULL THEN l.left_out
                 WHEN copy > 1 AND coalesce(l.grade, l.basis) = newest_grade THEN 'duplicate'
                 WHEN copy > 1 THEN 'superseded'
                 WHEN l.id IN (SELECT id FROM protected) THEN 'protected_identity'
                 WHEN l.id NOT IN (SELECT id FROM stay_rows) THEN 'unknown_pupil'
                 WHEN s.id IS NULL THEN 'not_enrolled'
                 WHEN l.basis = 'not_graded' THEN 'not_graded'
                 ELSE 'kept' END AS _status
        FROM located l LEFT JOIN stays s ON s.id = l.id AND s.school = l.school AND s.term = l.term"""
    )


def outcomes(database: duckdb.DuckDBPyConnection) -> None:
    """Create `grade_outcomes` from `grades_status`: one row a pupil x school x term."""
    target = "CREATE TABLE grade_outcomes AS"
    for schools in _batches(database):
        rows = database.execute(
            f"""SELECT g.id, g.school, g.term, g.school_form, s.grade AS school_grade, g.course,
                       g.basis, g.grade, g.course_points
            FROM grades_status g JOIN stays s
              ON s.id = g.id AND s.school = g.school AND s.term = g.term
            WHERE g._status = 'kept' AND g.school IN ({", ".join(map(literal, schools)) or "NULL"})
            ORDER BY g.id, g.school, g.term, g.course"""
        ).df()
        rows["points"] = rows["grade"].map(grading.POINTS).astype(float)
        found = pd.concat(
            [lower_secondary(rows[rows["school_form"] == "GR"]),
             upper_secondary(rows[rows["school_form"] == "GY"])], ignore_index=True
        )  # fmt: skip
        with registered(database, "found_outcomes", found):
            database.execute(f"{target} SELECT * FROM found_outcomes")
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


def _counted(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return (one row a pupil x school x term with counts, the grades of what was studied).

    The grades have `group`, the row of the first.
    """
    group = rows.groupby(["id", "school", "term"], sort=True).ngroup().to_numpy()
    n = int(group.max()) + 1 if len(group) else 0
    first = np.zeros(n, dtype=np.int64)
    first[group[::-1]] = np.arange(len(group))[::-1]
    table = rows[["id", "school", "term", "school_grade"]].iloc[first].reset_index(drop=True)
    studied = (rows["basis"] != "not_studied").to_numpy()
    rows, kept = rows[studied].assign(group=group[studied]), group[studied]
    points = rows["points"].to_numpy()
    passed = np.nan_to_num(points) >= grading.POINTS["E"]
    table["n_registered"] = np.bincount(kept, minlength=n)
    table["n_graded"] = np.bincount(kept, weights=~np.isnan(points), minlength=n).astype(int)
    table["n_passed"] = np.bincount(kept, weights=passed, minlength=n).astype(int)
    table["n_not_studied"] = np.bincount(group[~studied], minlength=n)
    return table, rows


def _by_subject(rows: pd.DataFrame) -> pd.DataFrame:
    """Return a row per subject that a grade counts for; a subject's own grade before its block's."""
    subjects = {code: grading.counts_as(code) for code in rows["course"].unique()}
    rows = rows.assign(subject=rows["course"].map(subjects)).explode("subject")
    of_block = rows["course"].isin(grading.BLOCKS)
    order = rows.assign(_block=of_block, _points=rows["points"].fillna(-1.0))
    order = order.sort_values(["_block", "_points"], ascending=[True, False], kind="stable")
    key = ["id", "school", "term", "subject"]
    return order.drop_duplicates(key).drop(columns=["_block", "_points"]).sort_index(kind="stable")


def lower_secondary(rows: pd.DataFrame) -> pd.DataFrame:
    """Return counts, merit value and eligibility by pupil, school and term.

    `merit` and `eligible_*` are those of final grades, in the spring of grade 9; `term_merit` is
    the same sum of any term's grades.
    """
    table, rows = _counted(_by_subject(rows))
    core = list(grading.LOWER_SECONDARY_SUBJECTS)
    columns = core + sorted(set(rows["subject"].unique()) - set(core))
    position = rows["subject"].map({name: i for i, name in enumerate(columns)}).to_numpy()
    matrix = np.full((len(table), len(columns)), np.nan)
    if len(rows):
        # Registered without a basis counts as 0 points; not registered stays empty.
        matrix[rows["group"].to_numpy(), position.astype(int)] = rows["points"].fillna(0.0)
    table["term_merit"] = grading.merit_value(matrix, columns)
    final = (table["school_grade"] == 9).to_numpy() & table["term"].str.startswith("VT").to_numpy(
        dtype=bool
    )
    table["merit"] = np.where(final, table["term_merit"], np.nan)
    for kind in ("vocational", "academic"):
        value = grading.eligible(matrix, columns, kind)
        table[f"eligible_{kind}"] = np.where(final, value, np.nan)
    return table.drop(columns="school_grade")


def upper_secondary(rows: pd.DataFrame) -> pd.DataFrame:
    """Return counts, grade-point average and points passed by pupil, school and term."""
    table, rows = _counted(rows)
    n, group = len(table), rows["group"].to_numpy(dtype=int)
    points = rows["points"].to_numpy()
    weight = rows["course_points"].fillna(USUAL_COURSE_POINTS).to_numpy(dtype=float)
    graded, known = ~np.isnan(points), np.nan_to_num(points)
    total = np.bincount(group, weights=np.where(graded, weight, 0), minlength=n)
    weighted = np.bincount(group, weights=known * weight, minlength=n)
    with np.errstate(invalid="ignore", divide="ignore"):
        table["grade_points"] = weighted / np.where(total > 0, total, np.nan)
    passed = np.where(known >= grading.POINTS["E"], weight, 0)
    table["points_passed"] = np.bincount(group, weights=passed, minlength=n)
    return table.drop(columns="school_grade")


GRADES = """
    SELECT n.name AS pupil, school, school_form, term, course,
           course_points::INTEGER AS course_points, grade,
           CASE WHEN basis <> 'graded' THEN basis END AS ungraded, date
    FROM grades_status g JOIN pupil_names n ON n.pupil = g.id
    WHERE _status = 'kept' ORDER BY school, term, n.place, course
"""
