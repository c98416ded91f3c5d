"""Lesson time: scheduled and reported minutes, absence reports, and both by pupil and week.

The largest tables, so rows are moved as few times as can be: reports become whole numbers once,
only lessons told more than once are looked at row by row, and the rest is sums.
"""

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor

import duckdb
import numpy as np
import pandas as pd

from pilot_analysis.ingest import overlaps, silence
from pilot_analysis.ingest.problems import Problem, broken_rows, problem
from pilot_analysis.ingest.typed import registered

# Lessons looked through at once for those told twice; 8 bytes each, twice.
_LESSONS_AT_ONCE = 8_000_000
# A Monday before every date of the contract.
MONDAY = "strptime(week || '-1', '%G-W%V-%u')::DATE"  # of a column `week`
_FIRST_MONDAY = "DATE '1899-12-25'"
# Numbers of school units outside the evaluation.
UNKNOWN_UNIT, OTHER_FORM = -1, -2


def week_number(date: str) -> str:
    """Return SQL for the number of a date's week, from Monday to Sunday."""
    return f"(datediff('day', {_FIRST_MONDAY}, {date}) // 7)::SMALLINT"


def weeks(database: duckdb.DuckDBPyConnection, repeated_share: float) -> list[Problem]:
    """Create `school_weeks`, `registered_pupils` and `teaching_time_status`.

    `school_weeks` has the calendar of each school; `teaching_time_status` every row of teaching
    time with what became of it.
    """
    database.execute("CREATE TABLE registered_pupils AS SELECT DISTINCT id FROM stay_rows")
    database.execute(
        f"""CREATE TABLE school_weeks AS
        SELECT s.number AS school, s.school AS name, c.*, {week_number(MONDAY)} AS week_number
        FROM (SELECT DISTINCT number, school, school_form FROM units WHERE left_out IS NULL) s
        JOIN calendar c USING (school_form)"""
    )
    database.execute(
        """CREATE TEMP VIEW teaching_time AS
        SELECT r.pupil AS id, u.number AS school, u.school AS school_name, u.left_out,
               r.* EXCLUDE (pupil)
        FROM raw_teaching_time r JOIN units u USING (unit)"""
    )
    database.execute(
        """CREATE TEMP TABLE weeks_told_twice AS
        SELECT id, unit, week FROM teaching_time GROUP BY ALL HAVING count(*) > 1"""
    )
    database.execute(
        """CREATE TEMP TABLE teaching_time_repeats AS
        SELECT id, unit, week, activity, _file, _row,
               row_number() OVER (PARTITION BY id, unit, week, activity, scheduled_minutes,
                                  reported_minutes ORDER BY _file, _row) AS copy,
               row_number() OVER (PARTITION BY _file, id, unit, week, activity, scheduled_minutes,
                                  reported_minutes ORDER BY _row) AS copy_in_file
        FROM teaching_time SEMI JOIN weeks_told_twice USING (id, unit, week)"""
    )
    database.execute(
        """CREATE TEMP TABLE teaching_time_status AS
        SELECT l.id, l.unit, l.school, c.week_number, l._file, l._row,
               l.scheduled_minutes::INTEGER AS scheduled_minutes,
               l.reported_minutes::INTEGER AS reported_minutes,
            CASE WHEN l.left_out IS NOT NULL THEN l.left_out
                 WHEN d._row IS NOT NULL THEN 'duplicate'
                 WHEN l.id IN (SELECT id FROM protected) THEN 'protected_identity'
                 WHEN c.term IS NULL THEN 'week_not_in_calendar'
                 WHEN s.id IS NOT NULL THEN 'kept'
                 WHEN l.id IN (SELECT id FROM registered_pupils) THEN 'not_enrolled'
                 ELSE 'unknown_pupil' END AS _status
        FROM teaching_time l
        LEFT JOIN (FROM teaching_time_repeats WHERE copy > 1) d USING (_file, _row)
        LEFT JOIN school_weeks c ON c.school = l.school AND c.week = l.week
        LEFT JOIN stays s ON s.id = l.id AND s.school = l.school_name AND s.term = c.term"""
    )
    return _repeated_weeks(database, repeated_share)


def _repeated_weeks(database: duckdb.DuckDBPyConnection, share: float) -> list[Problem]:
    """Stop where a pupil's week stands in several rows and nothing says whether to add them.

    Rows that tell of different activities are added. Without an activity, different minutes stop
    at once; the same minutes are one row told twice, unless a larger `share` of a file is such:
    then they may as well be lessons of equal length.
    """
    conflict = broken_rows(
        database,
        "week_in_several_rows",
        "undervisningstid*.csv",
        """SELECT max(r._row) AS _row FROM teaching_time_repeats r
        SEMI JOIN (FROM teaching_time_status WHERE _status = 'kept') USING (_file, _row)
        GROUP BY id, unit, week, activity HAVING count(*) > 1""",
    )
    if conflict:
        return conflict
    repeated = database.execute(
        f"""SELECT min(r._row) FILTER (copy_in_file > 1), count(*) FILTER (copy_in_file > 1)
        FROM teaching_time_repeats r
        JOIN (SELECT _file, count(*) AS n FROM teaching_time_status GROUP BY _file) USING (_file)
        GROUP BY _file HAVING count(*) FILTER (copy_in_file > 1) > {share} * any_value(n)
        ORDER BY _file LIMIT 1"""
    ).fetchone()
    if not repeated:
        return []
    return [
        problem("week_in_equal_rows", "undervisningstid*.csv", row=repeated[0], count=repeated[1])
    ]


def absence(database: duckdb.DuckDBPyConnection) -> None:
    """Create `reports`, `not_counted`, `too_long` and `absent_weeks`.

    `reports` has every report as numbers; `lesson` is pupil, day and start. The newest
    registration of a lesson wins, then more minutes, then invalid absence, so that ties are
    broken the same way on every machine; `not_counted` has the others, `too_long` the minutes that
    two reports of a day both tell. `absent_weeks` sums minutes by pupil, school, week and file; a
    report of 0 minutes cancels the lesson.
    """
    database.execute(
        f"""CREATE TEMP VIEW reports AS
        SELECT r.pupil AS id, u.number AS school, r._file, r._row, r.minutes::SMALLINT AS minutes,
               r.kind = 'ogiltig' AS invalid, r.registered, r.date,
               {week_number("r.date")} AS week_number,
               (r.pupil::BIGINT << 32) | (datediff('day', {_FIRST_MONDAY}, r.date)::BIGINT << 11)
                   | r.lesson_start AS lesson
        FROM raw_absence r JOIN units u USING (unit)"""
    )
    _compare_lessons(database)
    database.execute(
        """CREATE TABLE not_counted AS
        WITH judged AS (
            SELECT *, rank() OVER newest AS place, row_number() OVER first_of_newest AS copy
            FROM reports SEMI JOIN told_twice USING (lesson)
            WINDOW newest AS (PARTITION BY lesson
                              ORDER BY registered DESC, minutes DESC, invalid DESC),
                   first_of_newest AS (PARTITION BY lesson ORDER BY registered DESC, minutes DESC,
                                       invalid DESC, _file, _row))
        SELECT * EXCLUDE (place, copy),
               CASE WHEN place > 1 THEN 'superseded' ELSE 'duplicate' END AS _status
        FROM judged WHERE copy > 1"""
    )
    overlaps.too_long(database)
    # All reports less those not counted: cheaper than asking of each row which it is.
    database.execute(
        """CREATE TEMP TABLE absent_weeks AS
        SELECT id, school, week_number, _file, sum(minutes)::INTEGER AS absent,
               sum(CASE WHEN invalid THEN minutes ELSE 0 END)::INTEGER AS invalid,
               max(minutes) AS longest, sum(n)::INTEGER AS n, coalesce(sum(n) FILTER (minutes = 0), 0)::INTEGER AS n_cancelled
        FROM (SELECT id, school, week_number, _file, minutes, invalid, 1 AS n FROM reports
              UNION ALL
              SELECT id, school, week_number, _file, -minutes, invalid, -1 FROM not_counted
              UNION ALL
              SELECT id, school, week_number, _file, -excess, invalid, 0 FROM too_long)
        GROUP BY ALL"""
    )


def _compare_lessons(database: duckdb.DuckDBPyConnection) -> None:
    """Create `told_twice`, lessons with more than one report, and `followed`.

    `followed` has the minutes to the pupil's next reported lesson of the day where some report is
    longer than that. Both are few among many, so the lessons are sorted as plain numbers.
    """
    database.execute("CREATE TABLE told_twice (lesson BIGINT)")
    database.execute("CREATE TABLE followed (lesson BIGINT, minutes_between SMALLINT)")
    n, pupils, longest = database.execute(
        "SELECT count(*), max(id) + 1, max(minutes) FROM reports"
    ).fetchall()[0]
    if not n:
        return
    step = -(-pupils * _LESSONS_AT_ONCE // n)
    ranges = (
        database.execute(
            f"SELECT lesson FROM reports WHERE id >= {first} AND id < {first + step}"
        ).fetchnumpy()["lesson"]
        for first in range(0, pupils, step)
    )
    # One range is read while the two before are sorted.
    waiting: deque[Future[tuple[pd.DataFrame, pd.DataFrame]]] = deque()
    found = []
    with ThreadPoolExecutor(2) as sorting:
        for lessons in ranges:
            waiting.append(sorting.submit(_close_lessons, lessons, longest))
            if len(waiting) > 2:
                found.append(waiting.popleft().result())
        found += [each.result() for each in waiting]
    for table, rows in zip(("told_twice", "followed"), zip(*found, strict=True), strict=True):
        with registered(database, "found_lessons", pd.concat(rows)):
            database.execute(f"INSERT INTO {table} SELECT * FROM found_lessons")


def _close_lessons(lessons: np.ndarray, longest: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the lessons that stand twice, and those less than `longest` minutes before another."""
    lessons.sort()
    earlier, between = lessons[:-1], np.diff(lessons)
    near = (between > 0) & (between < longest)
    near[near] = earlier[near] >> 11 == lessons[1:][near] >> 11
    return (
        pd.DataFrame({"lesson": np.unique(earlier[between == 0])}),
        pd.DataFrame({"lesson": earlier[near], "minutes_between": between[near]}),
    )


def pupil_weeks(database: duckdb.DuckDBPyConnection) -> None:
    """Create `pupil_week`, one row a pupil x school x week, and `absence_counts`.

    Absence counts in weeks with lesson time, at most as many minutes as were scheduled. In a term
    of which a school, or a class where others have absence, has lesson time but not one report, it
    is missing.
    """
    database.execute(
        """CREATE TEMP TABLE lesson_time AS
        SELECT id, school, week_number, sum(scheduled_minutes)::INTEGER AS scheduled,
               sum(least(reported_minutes, scheduled_minutes))::INTEGER AS reported,
               count(*) FILTER (reported_minutes > scheduled_minutes)::INTEGER AS over_reported
        FROM teaching_time_status WHERE _status = 'kept' GROUP BY ALL"""
    )
    database.execute(
        f"""CREATE TEMP TABLE judged_weeks AS
        SELECT a.*, CASE WHEN a.school = {UNKNOWN_UNIT} THEN 'unknown_unit'
                         WHEN a.school = {OTHER_FORM} THEN 'other_school_form'
                         WHEN a.id IN (SELECT id FROM protected) THEN 'protected_identity'
                         WHEN t.id IS NOT NULL THEN 'kept'
                         WHEN a.id IN (SELECT id FROM registered_pupils) THEN 'no_teaching_time'
                         ELSE 'unknown_pupil' END AS _status
        FROM absent_weeks a LEFT JOIN lesson_time t USING (id, school, week_number)"""
    )
    # Where nobody reported absence all term, none was exported: it is missing, not zero.
    database.execute(
        """CREATE TEMP TABLE reported_weeks AS
        SELECT school, week_number, sum(n)::BIGINT AS n, max(longest) AS longest
        FROM absent_weeks GROUP BY ALL"""
    )
    database.execute(
        """CREATE TEMP TABLE reported_terms AS
        SELECT school, week_number FROM school_weeks w SEMI JOIN (
            SELECT school, term FROM school_weeks JOIN reported_weeks USING (school, week_number))
            USING (school, term)"""
    )
    database.execute(
        """CREATE TABLE absence_counts AS
        SELECT _file, _status, sum(n)::BIGINT AS n FROM (
            SELECT _file, _status, 1 AS n FROM not_counted
            UNION ALL SELECT _file, 'cancelled', n_cancelled FROM judged_weeks
            UNION ALL SELECT _file, _status, n - n_cancelled FROM judged_weeks)
        GROUP BY ALL HAVING sum(n) > 0"""
    )
    database.execute(
        """CREATE TEMP TABLE pupil_week AS
        WITH absent AS (
            SELECT id, school, week_number, sum(absent)::INTEGER AS absent,
                   sum(invalid)::INTEGER AS invalid
            FROM judged_weeks WHERE _status = 'kept' GROUP BY ALL)
        SELECT t.*, coalesce(a.absent, 0) AS raw_absent,
               -- `least` of nothing and a number would be the number.
               CASE WHEN r.school IS NOT NULL THEN least(raw_absent, t.scheduled) END::INTEGER
                   AS absent,
               CASE WHEN r.school IS NOT NULL THEN least(coalesce(a.invalid, 0), t.scheduled)
                   END::INTEGER AS invalid
        FROM lesson_time t LEFT JOIN absent a USING (id, school, week_number)
        LEFT JOIN reported_terms r USING (school, week_number)"""
    )
    silence.without_reports(database)


# Sorted by numbers that stand in the order of the names.
PUPIL_WEEKS = """
    SELECT p.name AS pupil, c.name AS school, c.school_form, c.term, c.week, c.school_days,
           c.remote_share, w.scheduled AS scheduled_minutes,
           -- A lesson somebody was reported absent from is a reported lesson.
           greatest(w.reported, w.absent) AS reported_minutes,
           w.absent AS absent_minutes, w.invalid AS invalid_minutes
    FROM pupil_week w JOIN pupil_names p ON p.pupil = w.id
    JOIN school_weeks c USING (school, week_number)
    ORDER BY w.school, p.place, w.week_number
"""


def term_minutes(database: duckdb.DuckDBPyConnection) -> None:
    """Create `term_minutes`, one row a pupil x school x term."""
    database.execute(
        """CREATE TEMP TABLE term_minutes AS
        SELECT w.id, c.name AS school, c.term, sum(w.scheduled)::INTEGER AS scheduled_minutes,
               sum(greatest(w.reported, w.absent))::INTEGER AS reported_minutes,
               sum(w.absent)::INTEGER AS absent_minutes, sum(w.invalid)::INTEGER AS invalid_minutes,
               CASE WHEN count(c.remote_share) = count(*) THEN
                   sum(c.remote_share * w.scheduled) / nullif(sum(w.scheduled), 0) END
                   AS remote_share,
               max(w.scheduled) AS longest_week, count(*)::INTEGER AS weeks
        FROM pupil_week w JOIN school_weeks c USING (school, week_number) GROUP BY ALL"""
    )
