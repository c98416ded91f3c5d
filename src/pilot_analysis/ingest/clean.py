"""Typed raw tables to the processed tables, with every dropped row counted under its rule."""

import duckdb
import numpy as np
import pandas as pd

from pilot_analysis import grading, terms
from pilot_analysis.ingest.contracts import ANSWER_SCORES, DONT_KNOW, REVERSED_PUPIL_ITEM
from pilot_analysis.ingest.lessons import TERM_MINUTES
from pilot_analysis.ingest.problems import Problem
from pilot_analysis.ingest.typed import literal, registered

STATUS = {"ingen": "none", "forstudie": "prestudy", "pilot": "pilot", "okand": "unknown"}
ORGANISATION = {"riktad": "targeted", "klass": "class"}
SUPPORT = ORGANISATION
ROLE = {"larare": "teacher", "rektor": "principal", "mentor": "mentor"}
PERSISTENT_ABSENCE = 0.15
_GRADES_AT_ONCE = 1_000_000

Counts = dict[int, dict[str, int]]


def _mapped(column: str, mapping: dict[str, str]) -> str:
    cases = " ".join(f"WHEN {literal(k)} THEN {literal(v)}" for k, v in mapping.items())
    return f"CASE {column} {cases} END"


def count_status(database: duckdb.DuckDBPyConnection, table: str) -> Counts:
    """Count rows of a table that has `_file` and `_status`, by file and status.

    A table that has counted them itself has them in `n`.
    """
    counts: Counts = {}
    counted = database.execute(f"FROM {table} LIMIT 0").description[-1][0] == "n"
    count = "sum(n)::BIGINT" if counted else "count(*)"
    for file, status, n in database.execute(
        f"SELECT _file, _status, {count} FROM {table} GROUP BY _file, _status ORDER BY ALL"
    ).fetchall():
        counts.setdefault(file, {})[status] = n
    return counts


def wrong_digits(database: duckdb.DuckDBPyConnection) -> None:
    """Create `wrong_digits`: pupils in the register whose identity number fails its check digit.

    Their pseudonym, and the row of the export.
    """
    database.execute(
        """CREATE TABLE wrong_digits AS
        SELECT n.name, min(r._row) AS _row FROM raw_pupils r JOIN pupil_names n USING (pupil)
        WHERE n.wrong_digit GROUP BY ALL"""
    )


def schools(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    """Create `units` and check that units and register know each other.

    `units` has the school of each unit, and the school's number in the order of names.
    """
    database.execute(
        """CREATE TABLE units AS
        SELECT unit, any_value(unit_name) AS unit_name,
               any_value(regexp_replace(school, '\\s+', ' ', 'g')) AS school,
               any_value(school_form) AS school_form,
               dense_rank() OVER (ORDER BY any_value(regexp_replace(school, '\\s+', ' ', 'g')))
                   ::SMALLINT AS number
        FROM raw_schools GROUP BY unit"""
    )
    problems = []
    conflicts = database.execute(
        """SELECT min(_row), count(*) FROM (SELECT unit, min(_row) AS _row FROM raw_schools
        GROUP BY unit HAVING count(DISTINCT (school, school_form)) > 1) HAVING count(*) > 0"""
    ).fetchone()
    if conflicts:
        problems.append(
            Problem("skolor.csv", "a unit belongs to two schools or school forms",
                    "Keep one line a unit", "skolenhetskod", conflicts[0], conflicts[1])
        )  # fmt: skip
    forms = database.execute(
        """SELECT count(*) FROM (SELECT school FROM units GROUP BY school
        HAVING count(DISTINCT school_form) > 1) HAVING count(*) > 0"""
    ).fetchone()
    if forms:
        problems.append(
            Problem("skolor.csv", "a school has units of both school forms",
                    "Give each school form its own school name", "skola", None, forms[0])
        )  # fmt: skip
    for table, stem in (("pupils", "elever"), ("teaching_time", "undervisningstid"),
                        ("absence", "franvaro"), ("grades", "betyg"),
                        ("pupil_survey", "elevenkat"), ("staff_survey", "personalenkat"),
                        ("staff_asked", "utskick")):  # fmt: skip
        row = database.execute(
            f"SELECT min(_row), count(*) FROM raw_{table} ANTI JOIN units USING (unit) "
            "HAVING count(*) > 0"
        ).fetchone()
        if row:
            problems.append(
                Problem(f"{stem}*.csv", "is not in skolor.csv",
                        "Add the unit to skolor.csv", "skolenhetskod", row[0], row[1])
            )  # fmt: skip
    unknown = database.execute(
        """SELECT min(_row), count(*) FROM
        (SELECT regexp_replace(school, '\\s+', ' ', 'g') AS school, _row FROM raw_exposure)
        ANTI JOIN (SELECT DISTINCT school FROM units) USING (school) HAVING count(*) > 0"""
    ).fetchone()
    if unknown:
        problems.append(
            Problem("exponering.csv", "is not a school of skolor.csv",
                    "Spell the school as in skolor.csv", "skola", unknown[0], unknown[1])
        )  # fmt: skip
    return problems


def exposure(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    """Create `exposure`, one row a school x term; duplicates to the letter are dropped."""
    database.execute(
        f"""CREATE TABLE exposure_rows AS
        SELECT regexp_replace(school, '\\s+', ' ', 'g') AS school, term,
               {_mapped("status", STATUS)} AS status,
               {_mapped("organisation", ORGANISATION)} AS organisation,
               mentor_fte, pupils_per_mentor, cost_sek, source, _file, _row,
               CASE WHEN row_number() OVER (
                   PARTITION BY school, term, status, organisation, mentor_fte,
                                pupils_per_mentor, cost_sek ORDER BY _file, _row) > 1
                    THEN 'duplicate' ELSE 'kept' END AS _status
        FROM raw_exposure"""
    )
    twice = database.execute(
        """SELECT min(_row), count(*) FROM (SELECT school, term, max(_row) AS _row
        FROM exposure_rows WHERE _status = 'kept' GROUP BY ALL HAVING count(*) > 1)
        HAVING count(*) > 0"""
    ).fetchone()
    problems = []
    if twice:
        problems.append(
            Problem("exponering.csv", "a school has two different entries for one term",
                    "Keep the right one", "skola", twice[0], twice[1])
        )  # fmt: skip
    without = database.execute(
        """SELECT min(_row), count(*) FROM exposure_rows
        WHERE status = 'pilot' AND organisation IS NULL HAVING count(*) > 0"""
    ).fetchone()
    if without:
        problems.append(
            Problem("exponering.csv", "a pilot school has no organisation",
                    "Write riktad or klass", "organisation", without[0], without[1])
        )  # fmt: skip
    database.execute(
        """CREATE TABLE exposure AS SELECT school, units.school_form, term, status, organisation,
               mentor_fte, pupils_per_mentor, cost_sek, source
        FROM exposure_rows JOIN (SELECT DISTINCT school, school_form FROM units) units
        USING (school) WHERE _status = 'kept' ORDER BY school, term"""
    )
    return problems


def calendar(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    """Create `calendar`, one row a school form x week."""
    database.execute(
        """CREATE TABLE calendar_rows AS SELECT *,
        CASE WHEN row_number() OVER (PARTITION BY school_form, week, term, school_days,
            remote_share ORDER BY _file, _row) > 1 THEN 'duplicate' ELSE 'kept' END AS _status
        FROM raw_calendar"""
    )
    twice = database.execute(
        """SELECT min(_row), count(*) FROM (SELECT max(_row) AS _row FROM calendar_rows
        WHERE _status = 'kept' GROUP BY school_form, week HAVING count(*) > 1)
        HAVING count(*) > 0"""
    ).fetchone()
    database.execute(
        """CREATE TABLE calendar AS SELECT school_form, week, term, school_days::INTEGER AS
        school_days, remote_share FROM calendar_rows WHERE _status = 'kept'
        ORDER BY school_form, week"""
    )
    if not twice:
        return []
    return [
        Problem("kalender.csv", "a week stands twice with different content",
                "Keep the right line", "vecka", twice[0], twice[1])
    ]  # fmt: skip


def pupil_stays(database: duckdb.DuckDBPyConnection) -> None:
    """Create `stays`: one row a pupil x term x school.

    Duplicates are dropped, and so are pupils with protected identity, who may not appear in any
    file with one row a pupil.
    """
    database.execute(
        """CREATE TABLE protected AS
        SELECT DISTINCT pupil AS id FROM raw_pupils WHERE protected = 'J'"""
    )
    database.execute(
        """CREATE TABLE stay_rows AS
        SELECT r.pupil AS id, n.name AS pupil, u.school, u.school_form, r.* EXCLUDE (pupil),
               row_number() OVER (PARTITION BY r.pupil, u.school, r.term
                                  ORDER BY r.enrolled NULLS FIRST, r._file, r._row) AS copy
        FROM raw_pupils r JOIN pupil_names n USING (pupil) JOIN units u USING (unit)"""
    )
    database.execute(
        """CREATE TABLE pupils_status AS SELECT *,
        CASE WHEN id IN (SELECT id FROM protected) THEN 'protected_identity'
             WHEN copy > 1 THEN 'duplicate' ELSE 'kept' END AS _status FROM stay_rows"""
    )
    database.execute(
        f"""CREATE TABLE stays AS
        SELECT id, pupil, school, school_form, term, grade::INTEGER AS grade, class, program,
               {_mapped("sex", {"F": "girl", "P": "boy"})} AS sex,
               birth_year::INTEGER AS birth_year, foreign_background = 'J' AS foreign_background,
               newly_arrived = 'J' AS newly_arrived,
               parental_education::INTEGER AS parental_education
        FROM pupils_status WHERE _status = 'kept'"""
    )


def grade_outcomes(database: duckdb.DuckDBPyConnection) -> None:
    """Create `grades_status`, and `grade_outcomes`: one row a pupil x school x term."""
    database.execute(
        """CREATE TABLE grades_status AS
        WITH located AS (
            SELECT r.pupil AS id, u.school, u.school_form, r.* EXCLUDE (pupil),
                   row_number() OVER (PARTITION BY r.pupil, u.school, r.term, r.course
                       ORDER BY r.date DESC NULLS LAST, r.grade, r._file, r._row) AS copy,
                   first_value(r.grade) OVER (PARTITION BY r.pupil, u.school, r.term, r.course
                       ORDER BY r.date DESC NULLS LAST, r.grade, r._file, r._row) AS newest_grade
            FROM raw_grades r JOIN units u USING (unit))
        SELECT l.*,
            CASE WHEN copy > 1 AND l.grade = newest_grade THEN 'duplicate'
                 WHEN copy > 1 THEN 'superseded'
                 WHEN l.id IN (SELECT id FROM protected) THEN 'protected_identity'
                 WHEN s.id IS NULL THEN 'not_enrolled'
                 ELSE 'kept' END AS _status
        FROM located l LEFT JOIN stays s ON s.id = l.id AND s.school = l.school AND s.term = l.term"""
    )
    target = "CREATE TABLE grade_outcomes AS"
    for schools_ in _batches(database):
        rows = database.execute(
            f"""SELECT g.id, g.school, g.term, g.school_form, s.grade AS school_grade, g.course,
                       g.grade, g.course_points
            FROM grades_status g JOIN stays s
              ON s.id = g.id AND s.school = g.school AND s.term = g.term
            WHERE g._status = 'kept' AND g.school IN ({", ".join(map(literal, schools_)) or "NULL"})
            ORDER BY g.id, g.school, g.term, g.course"""
        ).df()
        outcomes = pd.concat(
            [_lower_secondary(rows[rows["school_form"] == "GR"]),
             _upper_secondary(rows[rows["school_form"] == "GY"])], ignore_index=True
        )  # fmt: skip
        with registered(database, "found_outcomes", outcomes):
            database.execute(f"{target} SELECT * FROM found_outcomes")
        target = "INSERT INTO grade_outcomes BY NAME"


def _batches(database: duckdb.DuckDBPyConnection) -> list[list[str]]:
    """Return the schools in groups whose grades fit in memory together; one group at least."""
    counts = database.execute(
        "SELECT school, count(*) FROM grades_status GROUP BY school ORDER BY min(school_form), school"
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


def _goals(rows: pd.DataFrame) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Return (one row a pupil x school x term with counts, row of each grade, points of each)."""
    key = rows[["id", "school", "term", "school_grade"]]
    group = key.groupby(["id", "school", "term"], sort=True).ngroup().to_numpy()
    n = int(group.max()) + 1 if len(group) else 0
    first = np.zeros(n, dtype=np.int64)
    first[group[::-1]] = np.arange(len(group))[::-1]
    points = rows["grade"].map(grading.POINTS).to_numpy(dtype=float)
    graded = ~np.isnan(points)
    passed = np.nan_to_num(points) >= grading.POINTS["E"]
    table = key.iloc[first].reset_index(drop=True)
    table["n_registered"] = np.bincount(group, minlength=n)
    table["n_graded"] = np.bincount(group, weights=graded, minlength=n).astype(int)
    n_passed = np.bincount(group, weights=passed, minlength=n)
    with np.errstate(invalid="ignore", divide="ignore"):
        table["goals_share"] = n_passed / table["n_graded"].to_numpy()
        table["goals_share_registered"] = n_passed / table["n_registered"].to_numpy()
    return table, group, points


def _lower_secondary(rows: pd.DataFrame) -> pd.DataFrame:
    table, group, points = _goals(rows)
    subjects = list(grading.LOWER_SECONDARY_SUBJECTS)
    course = rows["course"].str.upper().replace({grading.SECOND_LANGUAGE: "SV"})
    extra = sorted(set(course.unique()) - set(subjects))
    columns = subjects + extra
    position = course.map({name: i for i, name in enumerate(columns)}).to_numpy()
    matrix = np.full((len(table), len(columns)), np.nan)
    if len(rows):
        # Registered without a basis counts as 0 points; not registered stays empty.
        matrix[group, position] = np.nan_to_num(points)
    table["merit"] = grading.merit_value(matrix, columns)
    leaving = (table["school_grade"] == 9).to_numpy()
    for kind in ("vocational", "academic"):
        value = grading.eligible(matrix, columns, kind)
        table[f"eligible_{kind}"] = np.where(leaving, value, np.nan)
    return table.drop(columns="school_grade")


def _upper_secondary(rows: pd.DataFrame) -> pd.DataFrame:
    table, group, points = _goals(rows)
    n = len(table)
    weight = rows["course_points"].fillna(100).to_numpy(dtype=float)
    graded = ~np.isnan(points)
    known = np.nan_to_num(points)
    total = np.bincount(group, weights=np.where(graded, weight, 0), minlength=n)
    weighted = np.bincount(group, weights=known * weight, minlength=n)
    with np.errstate(invalid="ignore", divide="ignore"):
        table["grade_points"] = weighted / np.where(total > 0, total, np.nan)
    passed = np.where(known >= grading.POINTS["E"], weight, 0)
    table["points_passed"] = np.bincount(group, weights=passed, minlength=n)
    return table.drop(columns="school_grade")


PUPIL_TERMS = f"""
    WITH minutes AS ({TERM_MINUTES}),
    first AS (SELECT school, min_by(term, substr(term, 3) || (left(term, 2) = 'HT')::INTEGER)
              FILTER (status = 'pilot') AS first_treated FROM exposure GROUP BY school)
    SELECT s.pupil, s.school, s.school_form, s.term, s.grade, s.class, s.program, s.sex,
           s.birth_year, s.foreign_background, s.newly_arrived, s.parental_education,
           coalesce(m.scheduled_minutes, 0)::INTEGER AS scheduled_minutes,
           coalesce(m.reported_minutes, 0)::INTEGER AS reported_minutes,
           coalesce(m.absent_minutes, 0)::INTEGER AS absent_minutes,
           coalesce(m.invalid_minutes, 0)::INTEGER AS invalid_minutes,
           m.absent_minutes / nullif(m.scheduled_minutes, 0) AS absence_share,
           m.absent_minutes / nullif(m.reported_minutes, 0) AS absence_share_dropped,
           (m.absent_minutes + m.scheduled_minutes - m.reported_minutes)
               / nullif(m.scheduled_minutes, 0) AS absence_share_upper,
           m.invalid_minutes / nullif(m.scheduled_minutes, 0) AS invalid_absence_share,
           m.reported_minutes / nullif(m.scheduled_minutes, 0) AS reporting_rate,
           (m.absent_minutes / nullif(m.scheduled_minutes, 0) >= {PERSISTENT_ABSENCE})::DOUBLE
               AS persistent_absence,
           m.remote_share, g.n_registered, g.n_graded, g.goals_share, g.goals_share_registered,
           g.merit, g.eligible_vocational, g.eligible_academic, g.grade_points, g.points_passed,
           coalesce(e.status, 'unknown') AS status, e.organisation,
           coalesce(e.status = 'pilot', false) AS treated, f.first_treated
    FROM stays s
    LEFT JOIN minutes m USING (id, school, term)
    LEFT JOIN grade_outcomes g USING (id, school, term)
    LEFT JOIN exposure e ON e.school = s.school AND e.term = s.term
    LEFT JOIN first f ON f.school = s.school
    ORDER BY s.school_form, s.school, s.term, s.pupil
"""

GRADES = """
    SELECT n.name AS pupil, school, school_form, term, upper(course) AS course,
           course_points::INTEGER AS course_points, grade, date
    FROM grades_status g JOIN pupil_names n ON n.pupil = g.id
    WHERE _status = 'kept' ORDER BY school, term, n.place, course
"""

SCHOOLS = """
    SELECT n.name AS unit, unit_name, school, school_form
    FROM units JOIN unit_names n USING (unit) ORDER BY n.name
"""
EXPOSURE = "SELECT * FROM exposure ORDER BY school, term"
CALENDAR = "SELECT * FROM calendar ORDER BY school_form, week"


def mentors(database: duckdb.DuckDBPyConnection) -> None:
    """Create `mentors_status`: a pupil's mentor periods, pseudonymised."""
    database.execute(
        f"""CREATE TABLE mentors_status AS
        SELECT p.name AS pupil_hash, m.name AS mentor_hash, r."from" AS from_date,
               r."to" AS to_date, {_mapped("r.support", SUPPORT)} AS support, r._file,
               CASE WHEN row_number() OVER (PARTITION BY r.pupil, r.mentor, r."from", r."to",
                        r.support ORDER BY r._file, r._row) > 1 THEN 'duplicate'
                    WHEN r.pupil IN (SELECT id FROM protected) THEN 'protected_identity'
                    WHEN r.pupil NOT IN (SELECT id FROM stays) THEN 'unknown_pupil'
                    ELSE 'kept' END AS _status
        FROM raw_mentors r JOIN pupil_names p USING (pupil) JOIN mentor_names m USING (mentor)"""
    )


MENTORS = """
    SELECT pupil_hash AS pupil, mentor_hash AS mentor, from_date AS "from", to_date AS "to", support
    FROM mentors_status WHERE _status = 'kept' ORDER BY ALL
"""


def surveys(database: duckdb.DuckDBPyConnection) -> None:
    """Create `pupil_survey_status`, `staff_survey_status` and `staff_asked_status`.

    Pupils' answers are scored 0 to 100.
    """
    scores = " ".join(f"WHEN {literal(k)} THEN {v}" for k, v in ANSWER_SCORES.items())
    items = []
    for i in range(1, 11):
        score = f"CASE q{i} {scores} END"
        items.append(f"{f'100 - {score}' if f'q{i}' == REVERSED_PUPIL_ITEM else score} AS q{i}")
    dont_know = " + ".join(
        f"coalesce((q{i} = {literal(DONT_KNOW)})::INTEGER, 0)" for i in range(1, 11)
    )
    database.execute(
        f"""CREATE TABLE pupil_survey_status AS
        SELECT u.school, u.school_form, r.term, r.grade::INTEGER AS grade, {", ".join(items)},
               {dont_know} AS n_dont_know, r._file, r._row,
               CASE WHEN row_number() OVER (PARTITION BY r.response ORDER BY r._file, r._row) > 1
                    THEN 'duplicate' ELSE 'kept' END AS _status
        FROM raw_pupil_survey r JOIN units u USING (unit)"""
    )
    database.execute(
        f"""CREATE TABLE staff_survey_status AS
        SELECT u.school, u.school_form, r.term, {_mapped("r.role", ROLE)} AS role,
               r.hours_teaching, r.hours_other, r.q1, r.q2, r.q3, r.q4, r.q5, r.q6, r.q7, r.q8,
               r._file, r._row,
               CASE WHEN row_number() OVER (PARTITION BY r.response ORDER BY r._file, r._row) > 1
                    THEN 'duplicate' ELSE 'kept' END AS _status
        FROM raw_staff_survey r JOIN units u USING (unit)"""
    )
    database.execute(
        f"""CREATE TABLE staff_asked_status AS
        SELECT u.school, u.school_form, r.term, {_mapped("r.role", ROLE)} AS role,
               r.asked::INTEGER AS asked, r._file, r._row,
               CASE WHEN row_number() OVER (PARTITION BY r.unit, r.term, r.role, r.asked
                                            ORDER BY r._file, r._row) > 1
                    THEN 'duplicate' ELSE 'kept' END AS _status
        FROM raw_staff_asked r JOIN units u USING (unit)"""
    )


_LIST = "[q1, q2, q3, q4, q5, q6, q7, q8, q9, q10]"
PUPIL_SURVEY = f"""
    SELECT school, school_form, term, grade, q1, q2, q3, q4, q5, q6, q7, q8, q9, q10, n_dont_know,
           list_avg({_LIST}) / 10 AS safety_index
    FROM pupil_survey_status WHERE _status = 'kept' ORDER BY ALL
"""
STAFF_SURVEY = """
    SELECT school, school_form, term, role, hours_teaching, hours_other,
           q1, q2, q3, q4, q5, q6, q7, q8,
           list_avg([q1, q2, q3, q4, q5, q6, q7, q8]) AS workload_index
    FROM staff_survey_status WHERE _status = 'kept' ORDER BY ALL
"""

STAFF_ASKED = """
    SELECT school, school_form, term, role, sum(asked)::INTEGER AS asked
    FROM staff_asked_status WHERE _status = 'kept' GROUP BY ALL ORDER BY ALL
"""


def missing_terms(database: duckdb.DuckDBPyConnection) -> list[str]:
    """Name school x terms with pupils but no entry in the register; they count as unknown."""
    rows = database.execute(
        """SELECT DISTINCT s.school, s.term FROM stays s ANTI JOIN exposure e
        ON e.school = s.school AND e.term = s.term"""
    ).fetchall()
    ordered = sorted(rows, key=lambda row: (row[0], terms.number(row[1])))
    return [f"{school} {term}" for school, term in ordered]
