"""Classes, years and units without any absence at a school whose other pupils have some.

An export that lacks a class leaves no other trace: read as zero, its pupils were never absent.
"""

import math
from typing import Any

import duckdb
import pandas as pd

from pilot_analysis.ingest.problems import Problem, first_few, problem

# Fewer pupils may well have had no absence.
_FEWEST_PUPILS = 5
# A class or program of at most this many letters and so many pupils names nobody.
_LABEL_LENGTH, _FEWEST_NAMED = 10, 10
# How unlikely it is that so many pupils have no absence, if each has none as often as pupils of the
# school's other classes do.
_UNLIKELY = 1e-6
# Groups of a unit, of a program and of a class alone, which can be of several years, in `wide`.
_UNIT, _PROGRAM, _CLASS = 0b0111, 0b0101, 0b0110


def _create(database: duckdb.DuckDBPyConnection, name: str, pupils: str, absent: str) -> None:
    """Create `name`: groups of pupils none of whom is `absent`, though others of the school are.

    `pupils` and `absent` are queries that give id, school and term. A group is a unit, or a year, a
    program or a class of it; its columns are missing where they do not tell it apart, in which
    case the bit of `wide` for unit, grade, program, class is set.
    """
    database.execute(
        f"""CREATE TEMP TABLE {name} AS
        WITH told AS (
            SELECT p.school, p.term, p.unit, p.grade, p.program, p.class, a.id IS NOT NULL AS is_absent
            FROM (FROM pupils_status WHERE _status = 'kept') p SEMI JOIN ({pupils}) t
              USING (id, school, term)
            LEFT JOIN ({absent}) a USING (id, school, term)),
        -- Of classes with some absence alone, so that silent ones do not make silence usual.
        usual AS (
            SELECT school, term, ln((sum(present) + 1) / (sum(n) + 2)) AS log_share
            FROM (SELECT school, term, count(*) AS n, count(*) FILTER (NOT is_absent) AS present
                  FROM told GROUP BY school, term, unit, grade, program, class
                  HAVING bool_or(is_absent))
            GROUP BY school, term)
        SELECT school, term, unit, grade, program, class, count(*) AS n,
               grouping(unit, grade, program, class) AS wide
        FROM told JOIN usual USING (school, term)
        GROUP BY GROUPING SETS ((school, term, log_share, unit),
            (school, term, log_share, unit, grade), (school, term, log_share, unit, program),
            (school, term, log_share, unit, class),
            (school, term, log_share, unit, grade, program, class))
        HAVING NOT bool_or(is_absent) AND n >= {_FEWEST_PUPILS}
           AND n * log_share < {math.log(_UNLIKELY)}
           AND (wide NOT IN ({_PROGRAM}, {_CLASS}) OR coalesce(program, class) IS NOT NULL)"""
    )


def _inside(narrow: str, wide: str) -> str:
    """Return SQL that says whether a pupil or a group belongs to a group, by their aliases."""
    columns = ("class", "program", "grade", "unit")
    return " AND ".join(
        [f"{narrow}.school = {wide}.school", f"{narrow}.term = {wide}.term"]
        + [
            f"({wide}.wide & {1 << bit} > 0 OR {narrow}.{name} IS NOT DISTINCT FROM {wide}.{name})"
            for bit, name in enumerate(columns)
        ]
    )


def without_reports(database: duckdb.DuckDBPyConnection) -> None:
    """Create `silent_groups`, of which no report speaks; their absence in `pupil_week` is missing.

    A cancelled report counts as one: it shows that the group's were exported.
    """
    lessons, reports = (
        f"SELECT DISTINCT id, name AS school, term FROM {table} "
        "JOIN school_weeks USING (school, week_number)"
        for table in ("lesson_time", "absent_weeks")
    )
    _create(database, "silent_groups", lessons, reports)
    database.execute(
        f"""UPDATE pupil_week w SET absent = NULL, invalid = NULL
        FROM pupils_status p JOIN silent_groups g ON {_inside("p", "g")}
        JOIN school_weeks c ON c.name = p.school AND c.term = p.term
        WHERE p._status = 'kept'
          AND w.id = p.id AND w.school = c.school AND w.week_number = c.week_number"""
    )


def problems(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    """Name groups whose absence is missing for want of reports, and those told to have none."""
    known = "SELECT id, school, term FROM term_minutes WHERE absent_minutes"
    _create(database, "groups_at_zero", f"{known} IS NOT NULL", f"{known} > 0")
    found = []
    for code, file, table in (
        ("group_without_reports", "franvaro*.csv", "silent_groups"),
        ("group_at_zero", "franvaro*.csv, narvarosummor*.csv", "groups_at_zero"),
    ):
        groups = database.execute(
            f"""SELECT g.*, unit_name FROM {table} g JOIN units u ON u.unit = g.unit
            ANTI JOIN {table} w
              ON w.wide <> g.wide AND w.wide & g.wide = g.wide AND {_inside("g", "w")}
            ORDER BY g.school, substr(g.term, 3), g.term DESC, g.unit, grade, program, class"""
        ).df()
        told = list(dict.fromkeys(map(_name, groups.to_dict("records"))))
        # A school and term alone say nothing beside one of its groups.
        if names := [n for n in told if not any(other.startswith(f"{n} (") for other in told)]:
            found.append(problem(code, file, stops=False, **first_few(names)))
    return found


def _name(group: dict[Any, Any]) -> str:
    """Return school and term, and what tells a group apart where it has enough pupils."""
    where = f"{group['school']} {group['term']}"
    if group["n"] < _FEWEST_NAMED:
        return where
    if group["wide"] == _UNIT:
        return f"{where} ({group['unit_name']})"
    for label in (group["class"], group["program"]):
        if isinstance(label, str) and len(label) <= _LABEL_LENGTH:
            return f"{where} ({label})"
    return where if pd.isna(group["grade"]) else f"{where} ({group['grade']:.0f})"
