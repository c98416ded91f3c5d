"""Rules between tables: what each table alone cannot show.

Most do not stop ingest: the rows are dropped or capped by rule and counted, as anywhere, but who
made the exports should know. Nothing here quotes a pupil's value.
"""

import unicodedata
from collections.abc import Callable
from typing import Any

import duckdb

from pilot_analysis import terms
from pilot_analysis.ingest.problems import (
    MAX_NAMED,
    FoundCode,
    Problem,
    broken_rows,
    first_few,
    first_row,
    masked,
    problem,
)

# What is at most this long and stands in this many rows is a subject, and names nobody.
_SUBJECT_LENGTH, _SUBJECT_ROWS = 40, 10
# A share of rows with more reported than scheduled time that no slip explains.
_SWAPPED_SHARE = 0.5


def problems(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    """Return every broken rule between tables, in the order of the tables."""
    found: list[Problem] = []
    for rule in _RULES:
        found += rule(database)
    return found


def _remark(
    database: duckdb.DuckDBPyConnection, code: str, file: str, query: str, column: str | None = None
) -> list[Problem]:
    return broken_rows(database, code, file, query, column=column, stops=False)


def _spellings(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    """Two spellings of one school split a cluster in two, so they stop."""
    names = [
        row[0]
        for row in database.execute(
            "SELECT DISTINCT school FROM units WHERE left_out IS NULL"
        ).fetchall()
    ]
    alike: dict[str, list[str]] = {}
    for name in sorted(names):
        plain = unicodedata.normalize("NFKD", name.casefold())
        alike.setdefault("".join(c for c in plain if c.isalnum()), []).append(name)
    return [
        problem(
            "school_spellings",
            "skolor.csv",
            column="skola",
            ways=len(group),
            names=", ".join(group),
        )
        for group in alike.values()
        if len(group) > 1
    ]


def _mentors_without_pilot(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    """Mentors or an organisation at a school that is no pilot then: its start is not told."""
    found = first_row(
        database,
        "SELECT _row FROM exposure_rows WHERE _status = 'kept' AND status = 'none' "
        "AND (organisation IS NOT NULL OR mentor_fte > 0)",
    )
    if found is None:
        return []
    return [
        problem(
            "mentors_without_pilot", "exponering.csv", column="status", row=found[0], count=found[1]
        )
    ]


def _swapped_minutes(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    row = database.execute(
        """SELECT count(*), count(*) FILTER (reported_minutes > scheduled_minutes),
                  min(_row) FILTER (reported_minutes > scheduled_minutes)
        FROM teaching_time_status"""
    ).fetchone()
    assert row is not None
    if row[0] == 0 or row[1] <= _SWAPPED_SHARE * row[0]:
        return []
    return [
        problem(
            "minutes_swapped",
            "undervisningstid*.csv",
            column="rapporterade_minuter",
            row=int(row[2]),
            count=int(row[1]),
        )
    ]


def _outside_enrolment(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    found = _remark(
        database,
        "absence_outside_enrolment",
        "franvaro*.csv",
        """SELECT r._row FROM reports r JOIN (
               SELECT id, number AS school, min(coalesce(enrolled, DATE '1900-01-01')) AS enrolled,
                      max(coalesce("left", DATE '2999-12-31')) AS ended
               FROM stay_rows JOIN units USING (unit) GROUP BY ALL) s USING (id, school)
        ANTI JOIN not_counted USING (_file, _row)
        WHERE (r.date < s.enrolled OR r.date > s.ended) AND r.minutes > 0""",
        "datum",
    )
    if database.execute("SELECT count(*) FROM lesson_time").fetchone() == (0,):
        return found  # none was exported, which is said by itself
    return found + _remark(
        database,
        "absence_without_lesson_time",
        "franvaro*.csv",
        """SELECT r._row FROM reports r SEMI JOIN (
               SELECT id, school, week_number FROM judged_weeks
               WHERE _status = 'no_teaching_time' AND id IN (SELECT id FROM stay_rows)) w
             USING (id, school, week_number)
           ANTI JOIN not_counted USING (_file, _row) WHERE r.minutes > 0""",
        "datum",
    )


def _longer_than_the_lesson(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    found: list[Problem] = []
    for code, which in (
        ("absence_past_next_lesson", "NOT whole_day"),
        ("absence_of_day_and_lessons", "whole_day"),
    ):
        rows = f"SELECT _row FROM too_long WHERE {which}"
        found += _remark(database, code, "franvaro*.csv", rows, "minuter")
    return found


def _more_than_scheduled(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    row = database.execute(
        "SELECT count(*) FROM pupil_week WHERE raw_absent > scheduled"
    ).fetchone()
    if not row or not row[0]:
        return []
    return [
        problem(
            "absence_beyond_lessons",
            "franvaro*.csv",
            column="minuter",
            count=int(row[0]),
            stops=False,
        )
    ]


def _overlapping_placements(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    return _remark(
        database,
        "two_schools_at_once",
        "elever*.csv",
        """SELECT b._row FROM stay_rows a JOIN stay_rows b
             ON a.id = b.id AND a.term = b.term AND a.school < b.school
        WHERE a.copy = 1 AND b.copy = 1 AND a.enrolled IS NOT NULL AND b.enrolled IS NOT NULL
          AND a.enrolled <= coalesce(b."left", DATE '2999-12-31')
          AND b.enrolled <= coalesce(a."left", DATE '2999-12-31')""",
        "inskriven",
    )


def _conflicting_pupils(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    return _remark(
        database,
        "pupil_told_twice",
        "elever*.csv",
        """SELECT max(_row) AS _row FROM stay_rows WHERE left_out IS NULL GROUP BY id, school, term
        HAVING count(DISTINCT (grade, sex, birth_year, program)) > 1""",
    )


def _grades(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    known = """SELECT id, min(substr(term, 3) || (left(term, 2) = 'HT')::INTEGER) AS first
               FROM stay_rows GROUP BY id"""
    found = _remark(
        database,
        "grades_before_enrolment",
        "betyg*.csv",
        f"""SELECT g._row FROM grades_status g JOIN ({known}) s USING (id)
        WHERE g._status = 'not_enrolled'
          AND substr(g.term, 3) || (left(g.term, 2) = 'HT')::INTEGER < s.first""",
        "termin",
    )
    found += _remark(
        database,
        "two_grades_on_a_day",
        "betyg*.csv",
        """SELECT max(_row) AS _row FROM grades_status
        WHERE _status IN ('kept', 'superseded') AND date IS NOT NULL
        GROUP BY id, school, term, course, date
        HAVING count(DISTINCT coalesce(grade, basis)) > 1""",
        "betyg",
    )
    found += _remark(
        database,
        "undated_grades_differ",
        "betyg*.csv",
        """SELECT max(_row) FILTER (date IS NULL) AS _row FROM grades_status
        WHERE _status IN ('kept', 'superseded') GROUP BY id, school, term, course
        HAVING count(DISTINCT coalesce(grade, basis)) > 1 AND count(date) < count(*)""",
        "datum",
    )
    found += _remark(
        database,
        "no_course_points",
        "betyg*.csv",
        """SELECT _row FROM grades_status
        WHERE _status = 'kept' AND school_form = 'GY' AND course_points IS NULL""",
        "poang",
    )
    missing = database.execute(
        """SELECT school_form, term FROM (SELECT DISTINCT school_form, term FROM stays)
        ANTI JOIN (SELECT DISTINCT school_form, term FROM grades_status WHERE _status = 'kept')
        USING (school_form, term)"""
    ).fetchall()
    if missing and database.execute("SELECT count(*) FROM grades_status").fetchone() != (0,):
        found.append(
            problem(
                "terms_without_grades",
                "betyg*.csv",
                column="termin",
                stops=False,
                **_named(missing),
            )
        )
    return found


def _grade_codes(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    """Tell how 3 was read, which means one thing in one list of codes and another in the other."""
    row = database.execute(
        """SELECT min(_row), count(*), any_value(basis) FROM grades_status
        WHERE code = '3' HAVING count(*) > 0"""
    ).fetchone()
    if not row:
        return []
    return [
        problem(
            f"three_is_{row[2]}",
            "betyg*.csv",
            column="betyg",
            row=row[0],
            count=row[1],
            stops=False,
        )
    ]


def _unknown_subjects(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    """Name lower secondary subjects that no catalogue knows; a stray cell is shown as its shape."""
    if database.execute("SELECT bool_and(is_known) FROM course_names").fetchone() == (True,):
        return []
    rows = database.execute(
        """SELECT r.course, count(*), min(r._row) FROM raw_grades r JOIN units u USING (unit)
        JOIN (FROM course_names WHERE NOT is_known) c
          ON c.written = r.course AND c.school_form = u.school_form
        GROUP BY r.course ORDER BY count(*) DESC, r.course"""
    ).fetchall()
    if not rows:
        return []
    often: list[FoundCode] = [
        (str(code), int(n), "")
        for code, n, _ in rows
        if n >= _SUBJECT_ROWS and len(code) <= _SUBJECT_LENGTH
    ]
    pairs = ", ".join(f"{code!r}: ???" for code, *_ in often[:MAX_NAMED]) or "'...': ???"
    return [
        problem(
            "unknown_subjects",
            "betyg*.csv",
            column="kurskod",
            row=min(r for *_, r in rows),
            count=sum(n for _, n, _ in rows),
            stops=False,
            codes=often[:MAX_NAMED],
            examples=None if often else [masked(code) for code, *_ in rows[:MAX_NAMED]],
            alias=f"aliases: {{betyg: {{kurskod: {{{pairs}}}}}}}",
        )
    ]


def _by_term(name: str) -> tuple[int, str]:
    return terms.number(name.rsplit(" ", 1)[-1]), name


def _named(rows: list[tuple[str, str]]) -> dict[str, Any]:
    """Return the values that name schools or forms and terms: the first few, and how many more."""
    names = sorted((f"{name} {term}" for name, term in rows), key=_by_term)
    return first_few(names)


def _missing_terms(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    """Name terms without pupils at a school that has them before and after."""
    gaps: list[tuple[str, str]] = []
    rows = database.execute("SELECT DISTINCT school, term FROM stays").fetchall()
    by_school: dict[str, set[int]] = {}
    for school, term in rows:
        by_school.setdefault(school, set()).add(terms.number(term))
    for school, known in by_school.items():
        gaps += [(school, terms.label(t)) for t in range(min(known), max(known)) if t not in known]
    if not gaps:
        return []
    return [
        problem("terms_without_pupils", "elever*.csv", column="termin", stops=False, **_named(gaps))
    ]


def _calendar(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    gaps = database.execute(
        """SELECT s.school_form, s.term FROM (SELECT DISTINCT school_form, term FROM stays) s
        ANTI JOIN (SELECT DISTINCT school_form, term FROM calendar) c USING (school_form, term)"""
    ).fetchall()
    if not gaps or database.execute("SELECT count(*) FROM calendar").fetchone() == (0,):
        return []
    return [
        problem("terms_without_weeks", "kalender.csv", column="termin", stops=False, **_named(gaps))
    ]


def _check_digits(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    pupils = "SELECT min(_row) AS _row FROM wrong_digits GROUP BY name"
    return _remark(database, "check_digit", "elever*.csv", pupils, "elev_id")


_RULES: tuple[Callable[[duckdb.DuckDBPyConnection], list[Problem]], ...] = (
    _spellings,
    _mentors_without_pilot,
    _swapped_minutes,
    _check_digits,
    _conflicting_pupils,
    _overlapping_placements,
    _missing_terms,
    _calendar,
    _outside_enrolment,
    _longer_than_the_lesson,
    _more_than_scheduled,
    _grades,
    _grade_codes,
    _unknown_subjects,
)
