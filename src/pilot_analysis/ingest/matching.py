"""Whether rows find the pupil, the school unit and the week that they speak of.

A few do not, in any export: they are dropped, counted and reported. Where it is more than a share
of a file, the file is spelt in another way or belongs to another export, and ingest stops.
"""

import duckdb

from pilot_analysis.ingest import clean, lessons
from pilot_analysis.ingest.contracts import TABLES, metadata
from pilot_analysis.ingest.keys import Keys
from pilot_analysis.ingest.problems import Problem, broken_rows, problem
from pilot_analysis.ingest.rules import Rules

# What became of a row that finds nothing, and the message about it.
_PUPIL, _UNIT, _WEEK = "unknown_pupil", "unknown_unit", "week_not_in_calendar"
_COLUMNS = {_PUPIL: "elev_id", _UNIT: "skolenhetskod"}
_WHERE = {
    _PUPIL: "pupil NOT IN (SELECT id FROM registered_pupils)",
    _UNIT: "unit IN (SELECT unit FROM units WHERE left_out = 'unknown_unit')",
    _WEEK: "true",
}


def problems(
    database: duckdb.DuckDBPyConnection,
    accounts: dict[str, str],
    files: dict[str, list[str]],
    keys: Keys,
    rules: Rules,
) -> list[Problem]:
    """Return what is to be said of every file with rows that find nothing.

    `accounts` names the table that has each raw table's statuses, `files` the files by stem.
    """
    found: list[Problem] = []
    has_calendar = database.execute("SELECT count(*) FROM calendar").fetchone() != (0,)
    for stem, table in TABLES.items():
        if table.english not in accounts:
            continue
        counts = clean.count_status(database, accounts[table.english])
        if table.english == "absence":
            for file, n in _dates_outside_the_calendar(database):
                counts[file][_WEEK] = n
        for position, name in enumerate(files[stem]):
            by_status = counts.get(position, {})
            total = sum(by_status.values()) - (table.english == "absence") * by_status.get(_WEEK, 0)
            for status in (_UNIT, _PUPIL, *([_WEEK] if has_calendar else [])):
                if n := by_status.get(status, 0):
                    found.append(_told(database, stem, position, name, status, n, total, rules))
            if by_status.get(_PUPIL):
                found += _near_misses(database, stem, position, name, keys)
    return found


def _by_share(
    code: str, name: str, column: str, row: int | None, n: int, rows: int, rules: Rules
) -> Problem:
    """Return a remark on `n` of a file's rows, which stops where they are more than the share."""
    stops = n / rows > rules.unmatched_share
    return problem(
        f"{code}_beyond_share" if stops else code,
        name,
        column=column,
        row=row,
        count=n,
        stops=stops,
        share=round(100 * n / rows, 1),
        limit=round(100 * rules.unmatched_share, 1),
    )


def _told(
    database: duckdb.DuckDBPyConnection,
    stem: str,
    position: int,
    name: str,
    status: str,
    n: int,
    rows: int,
    rules: Rules,
) -> Problem:
    row = None
    if status in _WHERE:
        where = _WHERE[status]
        if status == _WEEK:
            where = (
                "_row IN (SELECT _row FROM teaching_time_status WHERE _status = "
                f"'{_WEEK}' AND _file = {position})"
                if stem == "undervisningstid"
                else "false"
            )
        (row,) = database.execute(
            f"SELECT min(_row) FROM raw_{TABLES[stem].english} WHERE _file = {position} AND {where}"
        ).fetchall()[0]
    column = _COLUMNS.get(status) or ("datum" if stem == "franvaro" else "vecka")
    return _by_share(status, name, column, row, n, rows, rules)


def _dates_outside_the_calendar(database: duckdb.DuckDBPyConnection) -> list[tuple[int, int]]:
    """Return, by file, the absence reports on dates of which the calendar has no week."""
    return database.execute(
        f"""SELECT _file, sum(n)::BIGINT FROM absent_weeks
        WHERE school > 0 AND week_number NOT IN (
            SELECT {lessons.week_number(lessons.MONDAY)} FROM calendar)
        GROUP BY _file ORDER BY _file"""
    ).fetchall()


def _near_misses(
    database: duckdb.DuckDBPyConnection, stem: str, position: int, name: str, keys: Keys
) -> list[Problem]:
    """Return what is to be said of identifiers that are one sign away from a registered one."""
    strangers = database.execute(
        f"SELECT DISTINCT pupil FROM raw_{TABLES[stem].english} "
        f"WHERE _file = {position} AND {_WHERE[_PUPIL]}"
    ).fetchall()
    known = database.execute("SELECT id FROM registered_pupils").fetchall()
    n = keys["pupil"].slips({i for (i,) in strangers}, {i for (i,) in known})
    if not n:
        return []
    return [problem("near_miss", name, column="elev_id", stops=False, slips=n)]


def protection_unknown(
    database: duckdb.DuckDBPyConnection, files: dict[str, list[str]], lacking: list[str]
) -> list[Problem]:
    """Return a problem per file of pupils that does not say who has protected identity.

    `lacking` names the files without the column; where no file has anything in it, none says so.
    Nobody may be written row by row before that is known.
    """
    column = next(
        n
        for n, c in TABLES["elever"].schema.columns.items()
        if metadata(c)["english"] == "protected"
    )
    silent = database.execute("SELECT count(protected) = 0 AND count(*) > 0 FROM raw_pupils")
    names = files["elever"] if silent.fetchone() == (True,) else lacking
    return [problem("protection_unknown", name, column=column) for name in names]


def birth_years(
    database: duckdb.DuckDBPyConnection, files: dict[str, list[str]], rules: Rules
) -> list[Problem]:
    """Tell of years of birth that no pupil can have; in more than a share of a file they stop.

    A few are slips; many are years of two digits, or another column.
    """
    counted = database.execute(
        """SELECT _file, min(_row) FILTER (left_out IS NOT NULL), count(left_out), count(*)
        FROM stay_rows WHERE coalesce(left_out, 'impossible_birth_year') = 'impossible_birth_year'
        GROUP BY _file HAVING count(left_out) > 0 ORDER BY _file"""
    ).fetchall()
    return [
        _by_share("impossible_birth_year", files["elever"][file], "fodelsear", row, n, rows, rules)
        for file, row, n, rows in counted
    ]


# Rows of pupils whom elever has at no school unit of the school in that term; of those that it has
# in years outside the evaluation nothing is missing. Grades from before are told by themselves.
_NOT_ENROLLED = {
    "undervisningstid": """teaching_time_status r JOIN (
        SELECT school, name, week_number, term FROM school_weeks) c USING (school, week_number)
        ANTI JOIN stay_rows s ON s.id = r.id AND s.school = c.name AND s.term = c.term""",
    "narvarosummor": "totals_status r ANTI JOIN stay_rows s USING (id, school, term)",
}


def not_enrolled(
    database: duckdb.DuckDBPyConnection, files: dict[str, list[str]], rules: Rules
) -> list[Problem]:
    """Tell of attendance of pupils who are not at the school that term; it is dropped."""
    found = []
    for stem, rows in _NOT_ENROLLED.items():
        counted = database.execute(
            f"""SELECT _file, min(r._row), count(*), any_value(n) FROM {rows}
            JOIN (SELECT _file, count(*) AS n FROM raw_{TABLES[stem].english} GROUP BY _file)
              USING (_file)
            WHERE r._status = 'not_enrolled' GROUP BY _file ORDER BY _file"""
        ).fetchall()
        found += [
            _by_share("not_enrolled", files[stem][file], "elev_id", row, n, total, rules)
            for file, row, n, total in counted
        ]
    return found


def reversed_periods(
    database: duckdb.DuckDBPyConnection, files: dict[str, list[str]], rules: Rules
) -> list[Problem]:
    """Tell of mentor periods and enrolments that end before they start."""
    counted = database.execute(
        """SELECT _file, min(_row) FILTER (wrong), count(*) FILTER (wrong), count(*)
        FROM (SELECT *, _status = 'ends_before_start' AS wrong FROM mentors_status)
        GROUP BY _file HAVING bool_or(wrong) ORDER BY _file"""
    ).fetchall()
    mentors = [
        _by_share("mentor_ends_before_start", files["mentorer"][file], "tom", row, n, rows, rules)
        for file, row, n, rows in counted
    ]
    return mentors + broken_rows(
        database,
        "enrolment_ends_before_start",
        "elever*.csv",
        'SELECT _row FROM stay_rows WHERE "left" < enrolled',
        column="avslutad",
        stops=False,
    )


def no_pupils(database: duckdb.DuckDBPyConnection, names: list[str]) -> list[Problem]:
    """Return a problem where files of pupils (`names`) leave no pupil to evaluate."""
    if not names or database.execute("SELECT count(*) FROM stays").fetchone() != (0,):
        return []
    return [problem("no_pupils", ", ".join(names))]
