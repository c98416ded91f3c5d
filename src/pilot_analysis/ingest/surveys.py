"""Mentor periods and questionnaires: typed raw tables to processed ones."""

import duckdb

from pilot_analysis.ingest.clean import OTHER_YEARS, mapped_codes
from pilot_analysis.ingest.contracts import ANSWER_SCORES, DONT_KNOW, REVERSED_PUPIL_ITEM
from pilot_analysis.ingest.typed import literal

SUPPORT = {"riktad": "targeted", "klass": "class"}
ROLE = {"larare": "teacher", "rektor": "principal", "mentor": "mentor"}
# What became of an answer sheet or a count of those asked, but for `copy`.
_LEFT_OUT = "WHEN left_out IS NOT NULL THEN left_out WHEN copy > 1 THEN 'duplicate' ELSE 'kept' END"


def mentors(database: duckdb.DuckDBPyConnection) -> None:
    """Create `mentors_status`: a pupil's mentor periods, pseudonymised."""
    database.execute(
        f"""CREATE TABLE mentors_status AS
        SELECT p.name AS pupil_hash, m.name AS mentor_hash, r."from" AS from_date,
               r."to" AS to_date, {mapped_codes("r.support", SUPPORT)} AS support, r._file,
               CASE WHEN row_number() OVER (PARTITION BY r.pupil, r.mentor, r."from", r."to",
                        r.support ORDER BY r._file, r._row) > 1 THEN 'duplicate'
                    WHEN r.pupil IN (SELECT id FROM protected) THEN 'protected_identity'
                    WHEN r.pupil NOT IN (SELECT id FROM stay_rows) THEN 'unknown_pupil'
                    WHEN r.pupil NOT IN (SELECT id FROM stays) THEN 'not_enrolled'
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
        SELECT u.school, u.school_form, r.term, r.grade::INTEGER AS grade,
               coalesce(u.left_out, CASE WHEN {OTHER_YEARS} THEN 'grade_outside_evaluation' END)
                   AS left_out,
               {", ".join(items)}, {dont_know} AS n_dont_know, r._file, r._row,
               row_number() OVER (PARTITION BY r.response ORDER BY r._file, r._row) AS copy,
               CASE {_LEFT_OUT} AS _status
        FROM raw_pupil_survey r JOIN units u USING (unit)"""
    )
    database.execute(
        f"""CREATE TABLE staff_survey_status AS
        SELECT u.school, u.school_form, u.left_out, r.term,
               {mapped_codes("r.role", ROLE)} AS role,
               r.hours_teaching, r.hours_other, r.q1, r.q2, r.q3, r.q4, r.q5, r.q6, r.q7, r.q8,
               r._file, r._row,
               row_number() OVER (PARTITION BY r.response ORDER BY r._file, r._row) AS copy,
               CASE {_LEFT_OUT} AS _status
        FROM raw_staff_survey r JOIN units u USING (unit)"""
    )
    database.execute(
        f"""CREATE TABLE staff_asked_status AS
        SELECT u.school, u.school_form, u.left_out, r.term,
               {mapped_codes("r.role", ROLE)} AS role, r.asked::INTEGER AS asked, r._file, r._row,
               row_number() OVER (PARTITION BY r.unit, r.term, r.role, r.asked
                                  ORDER BY r._file, r._row) AS copy,
               CASE {_LEFT_OUT} AS _status
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


def _figure(name: str) -> str:
    """Return SQL for a public figure and what it is: suppressed is neither missing nor zero."""
    return (
        f"TRY_CAST(replace(ltrim({name}, '~'), ',', '.') AS DOUBLE) AS {name}, "
        f"CASE WHEN {name} = '..' THEN 'suppressed' WHEN {name} IS NULL OR {name} = '.' THEN 'missing' "
        f"WHEN {name} LIKE '~%' THEN 'approximate' ELSE 'known' END AS {name}_status"
    )


_FIGURES = ", ".join(_figure(name) for name in ("pupils", "merit", "all_subjects", "eligible"))
SCHOOL_RESULTS = f"""
    SELECT DISTINCT n.name AS unit, school_year, {_FIGURES}
    FROM raw_school_results r JOIN unit_names n USING (unit) ORDER BY ALL
"""
