"""Mentor periods and questionnaires: typed raw tables to processed ones."""

from collections.abc import Mapping
from typing import Any

import duckdb

from pilot_analysis.description import ITEMS, Description, Instrument, Instruments
from pilot_analysis.ingest.clean import Grades, mapped_codes, other_years
from pilot_analysis.ingest.contracts import (
    ANSWERING,
    HOURS,
    PUPIL_SHEETS,
    STAFF,
    STAFF_SHEETS,
    TABLES,
    THEMES,
)
from pilot_analysis.ingest.problems import Problem, problem
from pilot_analysis.ingest.typed import literal, quote

SUPPORT = {"riktad": "targeted", "klass": "class"}
# What became of an answer sheet or a count of those asked, but for `copy`.
_LEFT_OUT = "WHEN left_out IS NOT NULL THEN left_out WHEN copy > 1 THEN 'duplicate' ELSE 'kept' END"


def mentors(database: duckdb.DuckDBPyConnection) -> None:
    """Create `mentors_status`: a pupil's mentor periods, pseudonymised.

    One that ends before it starts is dropped: it could have begun or ended on either day.
    """
    database.execute(
        f"""CREATE TABLE mentors_status AS
        SELECT p.name AS pupil_hash, m.name AS mentor_hash, r."from" AS from_date,
               r."to" AS to_date, {mapped_codes("r.support", SUPPORT)} AS support, r._file, r._row,
               CASE WHEN row_number() OVER (PARTITION BY r.pupil, r.mentor, r."from", r."to",
                        r.support ORDER BY r._file, r._row) > 1 THEN 'duplicate'
                    WHEN r.pupil IN (SELECT id FROM protected) THEN 'protected_identity'
                    WHEN r.pupil NOT IN (SELECT id FROM stay_rows) THEN 'unknown_pupil'
                    WHEN r.pupil NOT IN (SELECT id FROM stays) THEN 'not_enrolled'
                    WHEN r."to" < r."from" THEN 'ends_before_start'
                    ELSE 'kept' END AS _status
        FROM raw_mentors r JOIN pupil_names p USING (pupil) JOIN mentor_names m USING (mentor)"""
    )


MENTORS = """
    SELECT pupil_hash AS pupil, mentor_hash AS mentor, from_date AS "from", to_date AS "to", support
    FROM mentors_status WHERE _status = 'kept' ORDER BY ALL
"""


def surveys(database: duckdb.DuckDBPyConnection, instruments: Instruments, grades: Grades) -> None:
    """Create `pupil_survey_status`, `staff_survey_status` and `staff_asked_status`.

    Answers are scored as the instruments say, reversed items from the other end.
    """
    pupil = {role: i for role, i in instruments.items() if role == "pupil"}
    staff = {role: i for role, i in instruments.items() if role != "pupil"}
    database.execute(
        f"""CREATE TABLE pupil_survey_status AS
        SELECT u.school, u.school_form, r.term, r.grade::INTEGER AS grade,
               coalesce(u.left_out, CASE WHEN {other_years(grades)} THEN 'grade_outside_evaluation' END)
                   AS left_out,
               {_kept(pupil, "'pupil'")} r._file, r._row,
               {_copy(database, PUPIL_SHEETS)},
               CASE {_LEFT_OUT} AS _status
        FROM {_scored("raw_pupil_survey", pupil, "'pupil'")} r JOIN units u USING (unit)"""
    )
    asked_hours = any(i.hours for i in staff.values())
    hours = "".join(
        f"{f'r.{name}' if asked_hours else 'NULL::DOUBLE'} AS {name}, " for name in HOURS
    )
    role = mapped_codes("r.role", STAFF)
    database.execute(
        f"""CREATE TABLE staff_survey_status AS
        SELECT u.school, u.school_form, u.left_out, r.term, {role} AS role, {hours}
               {_kept(staff, role)} r._file, r._row,
               {_copy(database, STAFF_SHEETS)},
               CASE {_LEFT_OUT} AS _status
        FROM {_scored("raw_staff_survey", staff, role)} r JOIN units u USING (unit)"""
    )
    database.execute(
        f"""CREATE TABLE staff_asked_status AS
        SELECT u.school, u.school_form, u.left_out, r.term,
               {role} AS role, r.asked::INTEGER AS asked, r._file, r._row,
               row_number() OVER (PARTITION BY r.unit, r.term, r.role, r.asked
                                  ORDER BY r._file, r._row) AS copy,
               CASE {_LEFT_OUT} AS _status
        FROM raw_staff_asked r JOIN units u USING (unit)"""
    )
    database.execute(
        f"""CREATE TABLE themes_status AS
        SELECT r.theme, {mapped_codes("r.role", ANSWERING)} AS role, r.term,
               r.answers::INTEGER AS answers, r._file, r._row,
               CASE WHEN row_number() OVER (PARTITION BY r.theme, r.role, r.term, r.answers
                        ORDER BY r._file, r._row) > 1 THEN 'duplicate' ELSE 'kept' END AS _status
        FROM raw_themes r"""
    )


def _copy(database: duckdb.DuckDBPyConnection, stem: str) -> str:
    """Return SQL that numbers answer sheets alike in everything; ids may begin anew in each file."""
    same = ", ".join(f"r.{name}" for name in _content(database, stem))
    return f"row_number() OVER (PARTITION BY {same} ORDER BY r._file, r._row) AS copy"


def _content(database: duckdb.DuckDBPyConnection, stem: str) -> list[str]:
    columns = database.execute(f"FROM raw_{TABLES[stem].english} LIMIT 0").description
    return [quote(name) for name, *_ in columns if not name.startswith("_")]


def _scored(table: str, instruments: Instruments, role: str) -> str:
    """Return a query for a table with its items' scores, and how many were don't know."""
    scores = []
    for name in _items_of(instruments):
        cases = [
            f"WHEN {literal(who)} THEN {_score(name, i)}"
            for who, i in instruments.items()
            if name in i.items
        ]
        scores.append(f"CASE {role} {' '.join(cases)} END AS {name}")
    replaced = f"REPLACE ({', '.join(scores)})" if scores else ""
    return f"(SELECT r.* {replaced}, {_dont_know(instruments, role)} FROM {table} r)"


def _items_of(instruments: Instruments) -> list[str]:
    return list(dict.fromkeys(name for i in instruments.values() for name in i.items))


def _kept(instruments: Instruments, role: str) -> str:
    """Return SQL for the columns of items, and for the indices of their scores."""
    names = dict.fromkeys(name for i in instruments.values() for name in i.indices)
    indices = [f"{_index(name, instruments, role)} AS {name}" for name in names]
    columns = [*(f"r.{name}" for name in _items_of(instruments)), "r.n_dont_know", *indices]
    return "".join(f"{column}, " for column in columns)


def _score(name: str, instrument: Instrument) -> str:
    low, high = instrument.span
    cases = []
    for step in instrument.steps:
        score = low + high - step.score if instrument.items[name].reversed else step.score
        cases += [f"WHEN {literal(written)} THEN {score:.12g}::DOUBLE" for written in step.written]
    return f"(CASE r.{name}::VARCHAR {' '.join(cases)} END)"


def _index(name: str, instruments: Instruments, role: str) -> str:
    """Return SQL for an index of the scores beside it in the same query."""
    cases = []
    for who, instrument in instruments.items():
        if index := instrument.indices.get(name):
            low, high = instrument.span
            mean = f"list_avg([{', '.join(f'r.{item}' for item in index.items)}])"
            value = f"{index.low:.12g} + ({mean} - {low:.12g}) * {index.high - index.low:.12g}"
            cases.append(f"WHEN {literal(who)} THEN {value} / {high - low:.12g}::DOUBLE")
    return f"CASE {role} {' '.join(cases)} END"


def _dont_know(instruments: Instruments, role: str) -> str:
    cases = []
    for who, instrument in instruments.items():
        known = ", ".join(literal(w) for w in instrument.dont_know)
        counts = " + ".join(
            f"coalesce((r.{name}::VARCHAR IN ({known}))::INTEGER, 0)" for name in instrument.items
        )
        cases += [f"WHEN {literal(who)} THEN {counts if known else 0}"]
    return (
        f"CASE {role} {' '.join(cases)} ELSE 0 END AS n_dont_know, "
        if cases
        else "0 AS n_dont_know, "
    )


def unlisted(
    database: duckdb.DuckDBPyConnection, described: Description, files: Mapping[str, list[str]]
) -> list[Problem]:
    """Return what the evaluation does not list: a role that has answered, answers of a role, themes.

    `files` are the names of the files of each table. An answer that nobody listed would be read as
    none. What is counted twice, a theme or those asked, is neither number. Answer sheets that
    differ are several, also with one id.
    """
    instruments = described.instruments
    found: list[Problem] = []
    if not described.themes:
        found += _located(database, "themes_not_listed", THEMES, "tema", "true", files)
    twice = """(theme, role, term) IN (SELECT (theme, role, term) FROM raw_themes
        GROUP BY theme, role, term HAVING count(DISTINCT answers) > 1)"""
    found += _located(database, "theme_counted_twice", THEMES, "antal", twice, files)
    other_count = """(unit, term, role) IN (SELECT (unit, term, role) FROM raw_staff_asked
        GROUP BY unit, term, role HAVING count(DISTINCT asked) > 1)"""
    found += _located(database, "asked_counted_twice", "utskick", "antal", other_count, files)
    for stem, sheet in (
        (PUPIL_SHEETS, "response, unit, term"),
        (STAFF_SHEETS, "response, unit, term, role"),
    ):
        same_id = f"""({sheet}) IN (SELECT ({sheet}) FROM raw_{TABLES[stem].english}
            GROUP BY {sheet} HAVING count(DISTINCT ({", ".join(_content(database, stem))})) > 1)"""
        found += _located(
            database, "sheet_with_same_id", stem, "svars_id", same_id, files, stops=False
        )
    for own, role in ANSWERING.items():
        stem = PUPIL_SHEETS if role == "pupil" else STAFF_SHEETS
        if not files.get(stem):
            continue
        where = "true" if role == "pupil" else f"role = {literal(own)}"
        if role not in instruments:
            wrong = [("role_not_asked", "roll" if role != "pupil" else None, where)]
        else:
            wrong = [
                (
                    "answer_of_another_role",
                    name,
                    f"{where} AND {_is_strange(name, instruments[role])}",
                )
                for name in _items(database, f"raw_{TABLES[stem].english}")
            ]
        for code, column, condition in wrong:
            found += _located(database, code, stem, column, condition, files, role=own)
    return found


def _located(
    database: duckdb.DuckDBPyConnection,
    code: str,
    stem: str,
    column: str | None,
    condition: str,
    files: Mapping[str, list[str]],
    **values: Any,
) -> list[Problem]:
    """Return a problem for each file of a table with rows that meet a condition in SQL."""
    return [
        problem(code, files[stem][file], column=column, row=row, count=n, **values)
        for file, row, n in database.execute(
            f"SELECT _file, min(_row), count(*) FROM raw_{TABLES[stem].english} "
            f"WHERE {condition} GROUP BY _file ORDER BY _file"
        ).fetchall()
    ]


def _items(database: duckdb.DuckDBPyConnection, rows: str) -> list[str]:
    columns = [name for name, *_ in database.execute(f"DESCRIBE {rows}").fetchall()]
    return [name for name in columns if name in ITEMS]


def _is_strange(name: str, instrument: Instrument) -> str:
    """Return SQL for an answer that the instrument has no step for, or to an item it has not."""
    if name not in instrument.items:
        return f"{name} IS NOT NULL"
    known = [*(w for step in instrument.steps for w in step.written), *instrument.dont_know]
    return f"{name}::VARCHAR NOT IN ({', '.join(map(literal, known))})"


PUPIL_SURVEY = """
    SELECT * EXCLUDE (left_out, copy, _file, _row, _status)
    FROM pupil_survey_status WHERE _status = 'kept' ORDER BY ALL
"""
STAFF_SURVEY = """
    SELECT * EXCLUDE (left_out, copy, _file, _row, _status)
    FROM staff_survey_status WHERE _status = 'kept' ORDER BY ALL
"""

STAFF_ASKED = """
    SELECT school, school_form, term, role, sum(asked)::INTEGER AS asked
    FROM staff_asked_status WHERE _status = 'kept' GROUP BY ALL ORDER BY ALL
"""

THEMES_COUNTED = """
    SELECT role, theme, term, answers FROM themes_status WHERE _status = 'kept' ORDER BY ALL
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
