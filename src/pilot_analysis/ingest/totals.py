"""Attendance told as totals per pupil and term or month, where nobody has weeks and lessons.

A total says nothing of weeks: remote weeks cannot be left out of it. What a total does not tell
(lesson time, what was reported of it) stays missing.
"""

import duckdb

from pilot_analysis.ingest.lessons import MONDAY
from pilot_analysis.ingest.problems import Problem, broken_rows, first_few, problem

# Of tables that nobody misses where there are totals.
SPARED = ("missing_kalender", "missing_undervisningstid", "missing_franvaro")
# Lesson time of a month, in the unit of the row, that looks like hours; a term has five times as much.
_HOURS_A_MONTH, _MONTHS = 120, 5
# A part that exceeds its whole: their columns, in the exports and here.
_PARTS = (
    ("ogiltigt_franvarande", "invalid", "franvarande", "absent"),
    ("franvarande", "absent", "schemalagt", "scheduled"),
    ("rapporterat", "reported", "schemalagt", "scheduled"),
)
# A share of rows that no slip explains.
_SWAPPED_SHARE = 0.5
# A month's term: August begins the autumn term.
_TERM = """CASE WHEN period[1] IN ('H', 'V') THEN period
    WHEN period[6:7] >= '08' THEN 'HT' || period[1:4] ELSE 'VT' || period[1:4] END"""


def totals(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    """Create `totals_status` and add to `term_minutes` what only totals tell.

    Months of a term are added. A pupil's weeks at a school in a term go before totals, but where
    weeks have lesson time without absence the totals' absence counts, if it is of the same time.
    Two totals of one period that differ stop, as nothing says which is right.
    """
    database.execute(
        f"""CREATE TABLE totals_status AS
        SELECT r.pupil AS id, u.school, {_TERM} AS term, r.* EXCLUDE (pupil),
               m.id IS NOT NULL AS has_weeks,
               CASE time_unit WHEN 'timmar' THEN 60 ELSE 1 END AS minutes,
               CASE WHEN u.left_out IS NOT NULL THEN u.left_out
                    WHEN r.pupil IN (SELECT id FROM protected) THEN 'protected_identity'
                    WHEN s.id IS NULL AND r.pupil IN (SELECT id FROM registered_pupils)
                        THEN 'not_enrolled'
                    WHEN s.id IS NULL THEN 'unknown_pupil'
                    WHEN m.absent_minutes IS NOT NULL THEN 'told_by_week'
                    WHEN row_number() OVER (PARTITION BY r.pupil, r.unit, period, absent, invalid,
                        scheduled, reported, time_unit ORDER BY r._file, r._row) > 1
                        THEN 'duplicate'
                    ELSE 'kept' END AS _status
        FROM raw_attendance_totals r JOIN units u USING (unit)
        LEFT JOIN (SELECT DISTINCT id, school, term FROM stays) s
          ON s.id = r.pupil AND s.school = u.school AND s.term = {_TERM}
        LEFT JOIN term_minutes m
          ON m.id = r.pupil AND m.school = u.school AND m.term = {_TERM}"""
    )
    twice = broken_rows(
        database,
        "period_in_several_rows",
        "narvarosummor*.csv",
        """SELECT max(_row) AS _row FROM totals_status WHERE _status = 'kept'
        GROUP BY id, unit, period HAVING count(*) > 1
        UNION ALL  -- a term and months of it
        SELECT max(_row) FROM totals_status WHERE _status = 'kept' GROUP BY id, unit, term
        HAVING count(*) FILTER (period = term) > 0 AND count(*) FILTER (period <> term) > 0""",
        column="period",
    )
    if twice:
        return twice
    beside = _months_beside_weeks(database)
    _add(database)
    return beside + _in_hours(database) + _beyond(database) + _unknown_reporting(database)


def _months_beside_weeks(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    """Tell of months that are not those of the pupil's weeks, and leave them out.

    Absence of some months would be a share of the lesson time of others. Weeks that begin in one
    month and end in another are of both.
    """
    database.execute(
        f"""CREATE TEMP TABLE months_of_weeks AS
        WITH told AS (
            SELECT id, school, term, list(period) AS periods FROM totals_status
            WHERE has_weeks AND period <> term AND _status IN ('kept', 'told_by_week')
            GROUP BY ALL),
        weeks AS (
            SELECT l.id, c.name AS school, c.term, {MONDAY} AS monday,
                   [strftime(monday, '%Y-%m'), strftime(monday + 4, '%Y-%m')] AS months
            FROM lesson_time l JOIN school_weeks c USING (school, week_number)
            WHERE l.scheduled > 0)
        SELECT id, school, term, flatten(list(months)) AS months,
               NOT bool_and(list_has_any(months, periods)) AS has_others
        FROM weeks JOIN told USING (id, school, term) GROUP BY ALL"""
    )
    database.execute(
        """CREATE TEMP TABLE other_time AS
        SELECT t._file, t._row, t.id, t.school, t.term, t._status,
               NOT list_contains(months, period) AND (absent > 0 OR scheduled > 0) AS is_beyond,
               has_others
        FROM totals_status t JOIN months_of_weeks USING (id, school, term)
        WHERE period <> term AND _status IN ('kept', 'told_by_week')"""
    )
    database.execute(
        """UPDATE totals_status SET _status = 'other_time_than_weeks'
        WHERE _status = 'kept' AND period <> term AND (id, school, term) IN (
            SELECT (id, school, term) FROM other_time WHERE is_beyond OR has_others)"""
    )
    return broken_rows(
        database,
        "months_beside_weeks",
        "narvarosummor*.csv",
        "SELECT _row FROM other_time WHERE is_beyond OR has_others AND _status = 'kept'",
        column="period",
        stops=False,
    )


def _add(database: duckdb.DuckDBPyConnection) -> None:
    """Add totals to `term_minutes`; a sum of which one part is missing is missing.

    A part counts at most as much as its whole.
    """
    sums = ", ".join(
        f"round(CASE WHEN count({name}) = count(*) THEN sum({name} * minutes) END)::INTEGER AS {name}"
        for name in ("scheduled", "reported", "absent", "invalid")
    )
    # `least` of nothing and a number would be the number.
    capped = "CASE WHEN {part} > {whole} THEN {whole} ELSE {part} END AS {part}"
    in_lesson_time = ", ".join(
        capped.format(part=part, whole="scheduled") for part in ("absent", "reported")
    )
    in_absence = capped.format(part="invalid", whole="absent")
    database.execute(
        f"""CREATE TEMP TABLE totals_of_terms AS SELECT id, school, term, {sums}
        FROM (SELECT * REPLACE ({in_absence}) FROM (
            SELECT * REPLACE ({in_lesson_time}) FROM totals_status WHERE _status = 'kept'))
        GROUP BY id, school, term"""
    )
    database.execute(
        """INSERT INTO term_minutes (id, school, term, scheduled_minutes, reported_minutes)
        SELECT id, school, term, scheduled, reported FROM totals_of_terms
        ANTI JOIN term_minutes USING (id, school, term)"""
    )
    # Lesson time may be that of weeks.
    absent = "CASE WHEN t.absent > m.scheduled_minutes THEN m.scheduled_minutes ELSE t.absent END"
    database.execute(
        f"""UPDATE term_minutes m SET absent_minutes = {absent},
            invalid_minutes = CASE WHEN t.invalid > {absent} THEN {absent} ELSE t.invalid END,
            -- Absence that was told was reported.
            reported_minutes = CASE WHEN m.reported_minutes < {absent} THEN {absent}
                ELSE m.reported_minutes END
        FROM totals_of_terms t
        WHERE t.id = m.id AND t.school = m.school AND t.term = m.term"""
    )


def _in_hours(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    """Stop where lesson time without `enhet` looks like hours in a school's term."""
    names = [
        f"{school} {term}"
        for school, term in database.execute(
            f"""SELECT school, term FROM totals_status
            WHERE _status = 'kept' AND time_unit IS DISTINCT FROM 'timmar'
            GROUP BY school, term
            HAVING max(scheduled / CASE WHEN period = term THEN {_MONTHS} ELSE 1 END)
                BETWEEN 1 AND {_HOURS_A_MONTH}
            ORDER BY school, substr(term, 3), term DESC"""
        ).fetchall()
    ]
    if not names:
        return []
    return [
        problem("totals_in_hours", "narvarosummor*.csv", column="schemalagt", **first_few(names))
    ]


def _beyond(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    """Tell of parts that exceed their whole; in most rows the columns mean something else."""
    found = []
    for column, part, whole_column, whole in _PARTS:
        row, count, rows = database.execute(
            f"""SELECT min(_row) FILTER ({part} > {whole}), count(*) FILTER ({part} > {whole}),
                count(*) FROM totals_status WHERE _status = 'kept'"""
        ).fetchall()[0]
        if count:
            stops = count > _SWAPPED_SHARE * rows
            found.append(
                problem(
                    f"totals_beyond_whole{'_mostly' if stops else ''}",
                    "narvarosummor*.csv",
                    column=column,
                    row=row,
                    count=count,
                    stops=stops,
                    whole=whole_column,
                )
            )
    return found


def _unknown_reporting(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    """Say that reporting is unknown: then absence is a share of scheduled time, or of no time."""
    found = []
    for code, condition in (
        ("totals_without_lesson_time", "scheduled IS NULL"),
        ("totals_without_reporting", "scheduled IS NOT NULL AND reported IS NULL"),
    ):
        row = database.execute(
            f"""SELECT min(_row), count(*) FROM totals_status
            WHERE _status = 'kept' AND NOT has_weeks AND {condition}"""
        ).fetchone()
        if row and row[1]:
            found.append(problem(code, "narvarosummor*.csv", row=row[0], count=row[1], stops=False))
    return found
