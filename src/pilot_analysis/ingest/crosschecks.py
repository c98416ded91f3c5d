"""Rules between tables: what each table alone cannot show.

Most do not stop ingest: the rows are dropped or capped by rule and counted, as anywhere, but who
made the exports should know. Nothing here quotes a pupil's value.
"""

import unicodedata
from collections.abc import Callable

import duckdb

from pilot_analysis import terms
from pilot_analysis.ingest import lessons
from pilot_analysis.ingest.problems import Problem

MAX_NAMED = 5
# A share of rows with more reported than scheduled time that no slip explains.
_SWAPPED_SHARE = 0.5


def problems(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    """Return every broken rule between tables, in the order of the tables."""
    found: list[Problem] = []
    for rule in _RULES:
        found += rule(database)
    return found


def _first(database: duckdb.DuckDBPyConnection, query: str) -> tuple[int, int] | None:
    """Return (first row, count) of a query that gives `_row`; None when it gives nothing."""
    row = database.execute(f"SELECT min(_row), count(*) FROM ({query})").fetchone()
    return (int(row[0]), int(row[1])) if row and row[1] else None


def _remark(
    database: duckdb.DuckDBPyConnection,
    file: str,
    rule: str,
    advice: str,
    query: str,
    column: str | None = None,
) -> list[Problem]:
    found = _first(database, query)
    if found is None:
        return []
    return [Problem(file, rule, advice, column, found[0], found[1], stops=False)]


def _spellings(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    """Two spellings of one school split a cluster in two, so they stop."""
    names = [row[0] for row in database.execute("SELECT DISTINCT school FROM units").fetchall()]
    alike: dict[str, list[str]] = {}
    for name in sorted(names):
        plain = unicodedata.normalize("NFKD", name.casefold())
        alike.setdefault("".join(c for c in plain if c.isalnum()), []).append(name)
    return [
        Problem("skolor.csv", f"spells one school in {len(group)} ways: {', '.join(group)}",
                "Write the school alike on every line", "skola")
        for group in alike.values() if len(group) > 1
    ]  # fmt: skip


def _mentors_without_pilot(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    """Mentors or an organisation at a school that is no pilot then: its start is not told."""
    found = _first(
        database,
        "SELECT _row FROM exposure_rows WHERE _status = 'kept' AND status = 'none' "
        "AND (organisation IS NOT NULL OR mentor_fte > 0)",
    )
    if found is None:
        return []
    return [
        Problem("exponering.csv", "a school has mentors or an organisation but the status ingen",
                "Write pilot, forstudie or okand from the start term on", "status", *found)
    ]  # fmt: skip


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
        Problem("undervisningstid*.csv", "has more reported than scheduled minutes in most rows",
                "The columns look swapped; schemalagda_minuter is the time offered",
                "rapporterade_minuter", int(row[2]), int(row[1]))
    ]  # fmt: skip


def _unknown_pupils(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    found = []
    for table, file in (("teaching_time", "undervisningstid*.csv"), ("absence", "franvaro*.csv"),
                        ("grades", "betyg*.csv"), ("mentors", "mentorer*.csv")):  # fmt: skip
        found += _remark(
            database,
            file,
            "has pupils who are not in elever.csv; their rows are dropped",
            "Export elever for the same terms, or see whether identifiers are written otherwise",
            f"SELECT _row FROM raw_{table} WHERE pupil NOT IN (SELECT id FROM stay_rows)",
            "elev_id",
        )
    return found


def _outside_enrolment(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    found = _remark(
        database,
        "franvaro*.csv",
        "has absence outside the pupil's enrolment at the school; dropped where there was no "
        "lesson time that week",
        "Check inskriven and avslutad, and which school the lesson belongs to",
        """SELECT r._row FROM reports r JOIN (
               SELECT id, number AS school, min(coalesce(enrolled, DATE '1900-01-01')) AS enrolled,
                      max(coalesce("left", DATE '2999-12-31')) AS ended
               FROM stay_rows JOIN units USING (unit) GROUP BY ALL) s USING (id, school)
        ANTI JOIN not_counted USING (_file, _row)
        WHERE (r.date < s.enrolled OR r.date > s.ended) AND r.minutes > 0""",
        "datum",
    )
    return found + _remark(
        database, "franvaro*.csv",
        "has absence in weeks without lesson time for the pupil at the school; dropped",
        "Export undervisningstid for the same pupils and weeks",
        """SELECT r._row FROM reports r SEMI JOIN (
               SELECT id, school, week_number FROM judged_weeks
               WHERE _status = 'no_teaching_time' AND id IN (SELECT id FROM stay_rows)) w
             USING (id, school, week_number)
           ANTI JOIN not_counted USING (_file, _row) WHERE r.minutes > 0""",
        "datum",
    )  # fmt: skip


def _longer_than_the_lesson(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    return _remark(
        database, "franvaro*.csv",
        "has absence longer than the lesson: past the start of the pupil's next one; capped there",
        "Report each lesson by itself, or a whole day once", "SELECT _row FROM too_long", "minuter",
    )  # fmt: skip


def _more_than_scheduled(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    row = database.execute(
        "SELECT count(*) FROM pupil_week WHERE raw_absent > scheduled"
    ).fetchone()
    if not row or not row[0]:
        return []
    return [
        Problem("franvaro*.csv", "has weeks with more absence than the pupil had lessons; capped",
                "Lessons reported twice under other times, or lesson time that is missing",
                "minuter", None, int(row[0]), stops=False)
    ]  # fmt: skip


def _overlapping_placements(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    return _remark(
        database, "elever*.csv", "places pupils at two schools at once; both rows count",
        "Fill in avslutad at the school the pupil left",
        """SELECT b._row FROM stay_rows a JOIN stay_rows b
             ON a.id = b.id AND a.term = b.term AND a.school < b.school
        WHERE a.copy = 1 AND b.copy = 1 AND a.enrolled IS NOT NULL AND b.enrolled IS NOT NULL
          AND a.enrolled <= coalesce(b."left", DATE '2999-12-31')
          AND b.enrolled <= coalesce(a."left", DATE '2999-12-31')""",
        "inskriven",
    )  # fmt: skip


def _conflicting_pupils(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    return _remark(
        database,
        "elever*.csv",
        "tells a pupil's term at a school twice with different content; the first is kept",
        "Keep the right line",
        """SELECT max(_row) AS _row FROM stay_rows GROUP BY id, school, term
        HAVING count(DISTINCT (grade, sex, birth_year, program)) > 1""",
    )


def _grades(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    known = """SELECT id, min(substr(term, 3) || (left(term, 2) = 'HT')::INTEGER) AS first
               FROM stay_rows GROUP BY id"""
    found = _remark(
        database, "betyg*.csv", "has grades from before the pupil was enrolled; dropped",
        "Export elever for the same terms",
        f"""SELECT g._row FROM grades_status g JOIN ({known}) s USING (id)
        WHERE g._status = 'not_enrolled'
          AND substr(g.term, 3) || (left(g.term, 2) = 'HT')::INTEGER < s.first""",
        "termin",
    )  # fmt: skip
    found += _remark(
        database, "betyg*.csv", "has two different grades of one course on one day; the worse is kept"
        , "Keep the right grade",
        """SELECT max(_row) AS _row FROM grades_status
        WHERE _status IN ('kept', 'superseded') AND date IS NOT NULL
        GROUP BY id, school, term, course, date HAVING min(grade) <> max(grade)""",
        "betyg",
    )  # fmt: skip
    missing = database.execute(
        """SELECT school_form, term FROM (SELECT DISTINCT school_form, term FROM stays)
        ANTI JOIN (SELECT DISTINCT school_form, term FROM grades_status WHERE _status = 'kept')
        USING (school_form, term)"""
    ).fetchall()
    if missing and database.execute("SELECT count(*) FROM grades_status").fetchone() != (0,):
        named = _named(sorted((f"{form} {term}" for form, term in missing), key=_by_term))
        found.append(Problem("betyg*.csv", f"has no grades at all for {named}",
                             "Export the grades of every term", "termin", stops=False))  # fmt: skip
    return found


def _by_term(name: str) -> tuple[int, str]:
    return terms.number(name.rsplit(" ", 1)[-1]), name


def _named(names: list[str]) -> str:
    more = f" and {len(names) - MAX_NAMED} more" if len(names) > MAX_NAMED else ""
    return ", ".join(names[:MAX_NAMED]) + more


def _missing_terms(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    """Name terms without pupils at a school that has them before and after."""
    gaps = []
    rows = database.execute("SELECT DISTINCT school, term FROM stays").fetchall()
    by_school: dict[str, set[int]] = {}
    for school, term in rows:
        by_school.setdefault(school, set()).add(terms.number(term))
    for school, known in by_school.items():
        gaps += [f"{school} {terms.label(t)}" for t in range(min(known), max(known))
                 if t not in known]  # fmt: skip
    if not gaps:
        return []
    return [
        Problem("elever*.csv", f"has no pupils for {_named(sorted(gaps, key=_by_term))}",
                "Export elever for every term", "termin", stops=False)
    ]  # fmt: skip


def _calendar(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    found = _remark(
        database, "undervisningstid*.csv", "has weeks that are not in kalender.csv; dropped",
        "Add the weeks to kalender.csv",
        "SELECT _row FROM teaching_time_status WHERE _status = 'week_not_in_calendar'", "vecka",
    )  # fmt: skip
    found += _remark(
        database, "franvaro*.csv", "has dates after the last week of kalender.csv",
        "Dates in the future are slips of the year; else add the weeks to kalender.csv",
        f"""SELECT _row FROM reports WHERE week_number > (
               SELECT max({lessons.week_number(lessons.MONDAY)}) FROM calendar)""",
        "datum",
    )  # fmt: skip
    gaps = database.execute(
        """SELECT s.school_form, s.term FROM (SELECT DISTINCT school_form, term FROM stays) s
        ANTI JOIN (SELECT DISTINCT school_form, term FROM calendar) c USING (school_form, term)"""
    ).fetchall()
    if gaps:
        named = _named(sorted((f"{form} {term}" for form, term in gaps), key=_by_term))
        found.append(Problem("kalender.csv", f"has no weeks for {named}",
                             "Add the weeks of every term", "termin", stops=False))  # fmt: skip
    return found


def _check_digits(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    wrong = database.execute(
        "SELECT min(_row), count(DISTINCT name) FROM wrong_digits HAVING count(*) > 0"
    ).fetchone()
    if not wrong:
        return []
    return [
        Problem("elever*.csv", "has personal identity numbers with a wrong check digit",
                "A slip makes two pupils of one; correct the number", "elev_id", wrong[0],
                wrong[1], stops=False)
    ]  # fmt: skip


_RULES: tuple[Callable[[duckdb.DuckDBPyConnection], list[Problem]], ...] = (
    _spellings, _mentors_without_pilot, _swapped_minutes, _unknown_pupils, _check_digits,
    _conflicting_pupils, _overlapping_placements, _missing_terms, _calendar, _outside_enrolment,
    _longer_than_the_lesson, _more_than_scheduled, _grades,
)  # fmt: skip
