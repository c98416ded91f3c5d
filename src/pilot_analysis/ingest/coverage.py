"""What the exports cover by school and term, and whether their levels can be right.

Nothing missing is read as present: a term without a single absence report has no absence, not none.
"""

from typing import Any

import duckdb
import numpy as np
import pandas as pd

from pilot_analysis import terms
from pilot_analysis.ingest.problems import Problem, first_few, problem

# A school-term with fewer pupils says nothing about levels.
_FEWEST_PUPILS, _FEWEST_REPORTS = 5, 20
# Absence of a whole school in a term: what no school had, in the national figures.
_LOW, _HIGH = 0.005, 0.5
_JUMP = 3.0  # times the school's median
# The longest absence, and the longest week, that look like hours.
_HOURS_A_DAY, _HOURS_A_WEEK = 12, 80
# Weeks without a report mean something where a week usually has so many.
_REPORTS_A_WEEK = 20
# Shares are coarse, so that none tells how many pupils it counts.
_STEP = 0.05


def measure(database: duckdb.DuckDBPyConnection) -> None:
    """Create `school_terms`: what every school has of lesson time, absence and grades in a term."""
    database.execute(
        """CREATE TABLE school_terms AS
        WITH enrolled AS (
            SELECT school, any_value(school_form) AS school_form, term, count(*) AS pupils
            FROM stays GROUP BY school, term),
        minutes AS (
            SELECT school, term, count(scheduled_minutes) AS pupils_with_lesson_time,
                   count(absent_minutes) AS pupils_with_absence,
                   sum(scheduled_minutes)::DOUBLE AS scheduled,
                   sum(scheduled_minutes) FILTER (absent_minutes IS NOT NULL)::DOUBLE AS judged,
                   sum(reported_minutes)::DOUBLE AS reported, sum(absent_minutes)::DOUBLE AS absent,
                   sum(invalid_minutes)::DOUBLE AS invalid, max(longest_week) AS longest_week,
                   sum(weeks)::BIGINT AS pupil_weeks
            FROM term_minutes GROUP BY school, term),
        weeks AS (
            SELECT c.name AS school, c.term, count(*) AS weeks,
                   count(t.school) AS weeks_with_lesson_time,
                   count(r.n) FILTER (t.school IS NOT NULL) AS weeks_with_reports,
                   coalesce(sum(r.n), 0)::BIGINT AS reports, max(r.longest) AS longest_report
            FROM school_weeks c
            LEFT JOIN (SELECT DISTINCT school, week_number FROM lesson_time) t
              USING (school, week_number)
            LEFT JOIN reported_weeks r USING (school, week_number) GROUP BY ALL),
        grades AS (
            SELECT school, term, count(*) AS pupils_with_grades FROM grade_outcomes
            GROUP BY school, term)
        SELECT * FROM enrolled LEFT JOIN minutes USING (school, term)
        LEFT JOIN weeks USING (school, term) LEFT JOIN grades USING (school, term)"""
    )


def _frame(database: duckdb.DuckDBPyConnection) -> pd.DataFrame:
    table = database.execute("FROM school_terms").df()
    table["number"] = [terms.number(t) for t in table["term"]]
    return table.sort_values(["school_form", "school", "number"], ignore_index=True)


def _share(part: pd.Series, whole: pd.Series) -> pd.Series:
    """Return a share to the nearest step; 0 and 1 only where they are exact."""
    exact = (part.fillna(0) / whole.where(whole > 0)).clip(0, 1)
    near = (exact / _STEP).round() * _STEP
    inside = near.clip(_STEP, 1 - _STEP)
    return near.where(exact.isin([0.0, 1.0]) | exact.isna(), inside).round(2)


def table(database: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    """Return the coverage by school and term, as the quality report has it.

    Shares, rounded to the nearest 5 %: `lesson_time` of the pupils; `weeks` of the calendar's that
    have lesson time; `absence` of those weeks that have a report, or of the pupils where attendance
    is told as totals; `grades` of the pupils. Null where there is nothing to be a share of.
    """
    found = _frame(database)
    totals = _share(found["pupils_with_absence"], found["pupils"])
    # Absence without any report comes from totals.
    by_week = (found["weeks_with_lesson_time"].fillna(0) > 0) & (
        (found["reports"] > 0) | ~(totals > 0)
    )
    absence = _share(found["weeks_with_reports"], found["weeks_with_lesson_time"])
    shown = pd.DataFrame(
        {
            "school": found["school"],
            "school_form": found["school_form"],
            "term": found["term"],
            "lesson_time": _share(found["pupils_with_lesson_time"], found["pupils"]),
            "weeks": _share(found["weeks_with_lesson_time"], found["weeks"]),
            "absence": absence.where(by_week, totals.where(totals > 0)),
            "grades": _share(found["pupils_with_grades"], found["pupils"]),
        }
    )
    rows = shown.astype(object).where(shown.notna(), None)
    return [{str(k): v for k, v in row.items()} for row in rows.to_dict("records")]


def _names(rows: pd.DataFrame) -> dict[str, Any]:
    """Return the values that name school-terms in a message: the first few, and how many more."""
    names = (rows["school"] + " " + rows["term"]).tolist()
    return first_few(names)


def problems(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    """Return what is missing by school and term, and levels that cannot be right."""
    found = _frame(database)
    said: list[Problem] = []

    def say(
        code: str, file: str, wrong: pd.Series, column: str | None = None, *, stops: bool = False
    ) -> None:
        if (rows := found[wrong.fillna(False).astype(bool)]).empty:
            return
        said.append(problem(code, file, column=column, stops=stops, count=1, **_names(rows)))

    lessons, absences = "undervisningstid*.csv", "franvaro*.csv"
    taught = found["scheduled"].fillna(0) > 0
    many = found["pupils_with_lesson_time"].fillna(0) >= _FEWEST_PUPILS
    frequent = found["reports"].fillna(0) >= _FEWEST_REPORTS
    silent = taught & found["absent"].isna()
    if taught.any():
        say("no_lesson_time", lessons, ~taught)
        if not silent[taught].all():  # else the whole table is missing, which is said by itself
            say("no_absence_reports", absences, silent)
    gaps = found["weeks_with_lesson_time"] - found["weeks_with_reports"]
    usual = found["reports"] / found["weeks_with_reports"]
    say("weeks_without_reports", absences, (gaps > 0) & (usual >= _REPORTS_A_WEEK))
    share = found["absent"] / found["judged"].where(taught)
    rate = found["reported"] / found["scheduled"].where(taught)
    in_hours = frequent & found["longest_report"].between(1, _HOURS_A_DAY)
    say("absence_in_hours", absences, in_hours, "minuter", stops=True)
    short = many & found["longest_week"].between(1, _HOURS_A_WEEK)
    say("lesson_time_in_hours", lessons, short, "schemalagda_minuter", stops=True)
    exact = share.isin([0.0, 1.0])
    say("absence_at_a_bound", absences, many & exact, "minuter")
    say("reporting_at_a_bound", lessons, many & rate.isin([0.0, 1.0]), "rapporterade_minuter")
    invalid = found["invalid"] / found["absent"]
    say("invalid_at_a_bound", absences, many & frequent & invalid.isin([0.0, 1.0]), "typ")
    odd = many & ~exact & ~in_hours & ~short & ((share < _LOW) | (share > _HIGH))
    say("absence_implausible", absences, odd, "minuter")
    say(
        "absence_jumps",
        absences,
        many & ~exact & ~odd & ~in_hours & _jumps(found, share),
        "minuter",
    )
    return said


def _jumps(found: pd.DataFrame, share: pd.Series) -> pd.Series:
    """Say where a school's absence is a multiple or a fraction of what it has in other terms."""
    known = share.where(share > 0)
    groups = known.groupby(found["school"])
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = known / groups.transform("median")
    return (groups.transform("count") >= 3) & ((ratio > _JUMP) | (ratio < 1 / _JUMP))
