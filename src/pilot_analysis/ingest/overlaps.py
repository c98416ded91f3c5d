"""Absence that two reports of a pupil's day both tell: it counts once."""

import duckdb

# No lesson begins before this minute of the day: such a report is of the whole day.
_FIRST_LESSON = 6 * 60


def too_long(database: duckdb.DuckDBPyConnection) -> None:
    """Create `too_long`: reports with the minutes (`excess`) that others of the same day tell too.

    A lesson ends at the latest where the pupil's next reported one starts. A report that reaches
    past the end of a later one, or begins before any lesson can, is of several lessons or the
    `whole_day`: the lessons within it are parts of it, with a kind of absence of their own. A
    pupil's day has at most one such report, the longest.
    """
    database.execute(
        """CREATE TABLE too_long AS
        SELECT r.*, r.minutes - f.minutes_between AS excess, false AS whole_day
        FROM reports r JOIN followed f USING (lesson) ANTI JOIN not_counted USING (_file, _row)
        WHERE r.minutes > f.minutes_between"""
    )
    database.execute(
        f"""CREATE TEMP TABLE whole_days AS
        WITH days AS (
            SELECT lesson >> 11 AS day FROM too_long
            UNION SELECT lesson >> 11 FROM reports WHERE lesson & 2047 < {_FIRST_LESSON}),
        told AS (
            SELECT r.*, r.lesson >> 11 AS day, r.lesson & 2047 AS start,
                   r.minutes - coalesce(t.excess, 0) AS counted
            FROM reports r LEFT JOIN too_long t USING (_file, _row)
            ANTI JOIN not_counted n ON n._file = r._file AND n._row = r._row
            WHERE r.minutes > 0 AND r.lesson >> 11 IN (FROM days))
        SELECT w._file, w._row, least(any_value(w.minutes), sum(p.counted)) AS excess
        FROM told w JOIN told p ON p.day = w.day AND p.school = w.school AND p.lesson <> w.lesson
        WHERE w.start < {_FIRST_LESSON}
           OR p.start >= w.start AND p.start + p.minutes <= w.start + w.minutes
        GROUP BY w._file, w._row, w.day, w.start
        QUALIFY row_number() OVER (PARTITION BY w.day
                                   ORDER BY any_value(w.minutes) DESC, w.start) = 1"""
    )
    database.execute(
        "DELETE FROM too_long t USING whole_days w WHERE t._file = w._file AND t._row = w._row"
    )
    database.execute(
        """INSERT INTO too_long SELECT r.*, w.excess, true
        FROM reports r JOIN whole_days w USING (_file, _row)"""
    )
