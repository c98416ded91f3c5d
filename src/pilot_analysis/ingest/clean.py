"""Typed registers to the processed ones, with every dropped row counted under its rule."""

from collections.abc import Mapping

import duckdb

from pilot_analysis import terms
from pilot_analysis.forms import AFTER_COMPULSORY
from pilot_analysis.ingest.lessons import MONDAY, OTHER_FORM, UNKNOWN_UNIT
from pilot_analysis.ingest.problems import Problem, broken_rows, first_few, problem
from pilot_analysis.ingest.rules import Rules
from pilot_analysis.ingest.typed import literal

STATUS = {"ingen": "none", "forstudie": "prestudy", "pilot": "pilot", "okand": "unknown"}
ORGANISATION = {"riktad": "targeted", "klass": "class"}
# Grades that an evaluation is about, by school form.
Grades = Mapping[str, tuple[int, int]]
# Ages in the year of the term that pupils of lower and upper secondary school can have, and how
# much more than their grade those of compulsory school are at least.
_AGES, _OLDER_THAN_GRADE = (10, 30), 3

# The widest terms: no school has weeks of one outside these.
_TERM_HAS_MONDAY = """CASE term[1:2]
    WHEN 'HT' THEN monday BETWEEN make_date(year, 6, 15) AND make_date(year + 1, 1, 31)
    ELSE monday BETWEEN make_date(year - 1, 12, 20) AND make_date(year, 8, 15) END"""

Counts = dict[int, dict[str, int]]


def other_years(grades: Grades) -> str:
    """Return SQL that says of a row `r` at a unit `u` whether its grade is outside the evaluation."""
    years = " ".join(
        f"WHEN {literal(form)} THEN r.grade NOT BETWEEN {low:d} AND {high:d}"
        for form, (low, high) in grades.items()
    )
    return f"CASE u.school_form {years} END"


def mapped_codes(column: str, mapping: dict[str, str]) -> str:
    """Return SQL for a column's codes as the processed tables name them."""
    cases = " ".join(f"WHEN {literal(k)} THEN {literal(v)}" for k, v in mapping.items())
    return f"CASE {column} {cases} END"


def _inside(grades: Grades) -> str:
    """Return SQL for the list of school forms that are evaluated."""
    return ", ".join(literal(form) for form in grades)


def count_status(database: duckdb.DuckDBPyConnection, table: str) -> Counts:
    """Count rows of a table that has `_file` and `_status`, by file and status.

    A table that has counted them itself has them in `n`.
    """
    counts: Counts = {}
    counted = database.execute(f"FROM {table} LIMIT 0").description[-1][0] == "n"
    count = "sum(n)::BIGINT" if counted else "count(*)"
    for file, status, n in database.execute(
        f"SELECT _file, _status, {count} FROM {table} GROUP BY _file, _status ORDER BY ALL"
    ).fetchall():
        counts.setdefault(file, {})[status] = n
    return counts


def wrong_digits(database: duckdb.DuckDBPyConnection) -> None:
    """Create `wrong_digits`: pupils in the register whose identity number fails its check digit.

    Their pseudonym, and the row of the export.
    """
    database.execute(
        """CREATE TABLE wrong_digits AS
        SELECT n.name, min(r._row) AS _row FROM raw_pupils r JOIN pupil_names n USING (pupil)
        WHERE n.wrong_digit GROUP BY ALL"""
    )


def schools(database: duckdb.DuckDBPyConnection, grades: Grades) -> list[Problem]:
    """Create `units` and `schools_status`, and check that units and register know each other.

    `units` has every unit that any export names, with its school, the school's number in the order
    of names, and in `left_out` why rows of the unit are not counted: the unit is not in skolor, or
    of another school form.
    """
    database.execute(
        f"""CREATE TABLE units AS
        WITH named AS (
            SELECT unit, any_value(unit_name) AS unit_name, any_value(school_form) AS school_form,
                   any_value(regexp_replace(school, '\\s+', ' ', 'g')) AS school
            FROM raw_schools GROUP BY unit)
        SELECT unit, unit_name, school, school_form,
               dense_rank() OVER (ORDER BY school)::SMALLINT AS number, NULL::VARCHAR AS left_out
        FROM named WHERE school_form IN ({_inside(grades)})
        UNION ALL
        SELECT unit, unit_name, school, school_form, {OTHER_FORM}, 'other_school_form'
        FROM named WHERE school_form NOT IN ({_inside(grades)})
        UNION ALL
        SELECT unit, NULL, NULL, NULL, {UNKNOWN_UNIT}, 'unknown_unit'
        FROM (SELECT unit FROM unit_names) ANTI JOIN named USING (unit)"""
    )
    database.execute(
        """CREATE TABLE schools_status AS
        SELECT r._file, coalesce(u.left_out, 'kept') AS _status
        FROM raw_schools r JOIN units u USING (unit)"""
    )
    problems = broken_rows(
        database,
        "unit_in_two_schools",
        "skolor.csv",
        """SELECT min(_row) AS _row FROM raw_schools
        GROUP BY unit HAVING count(DISTINCT (school, school_form)) > 1""",
        column="skolenhetskod",
    )
    forms = database.execute(
        """SELECT count(*) FROM (SELECT school FROM units WHERE left_out IS NULL GROUP BY school
        HAVING count(DISTINCT school_form) > 1) HAVING count(*) > 0"""
    ).fetchone()
    if forms:
        problems.append(
            problem("school_of_two_forms", "skolor.csv", column="skola", count=forms[0])
        )
    problems += broken_rows(
        database,
        "school_in_two_municipalities",
        "skolor.csv",
        """SELECT min(_row) AS _row FROM raw_schools
        GROUP BY regexp_replace(school, '\\s+', ' ', 'g')
        HAVING count(DISTINCT lower(municipality)) > 1""",
        column="skola",
    )
    return problems + broken_rows(
        database,
        "register_school_unknown",
        "exponering.csv",
        """SELECT _row FROM
        (SELECT regexp_replace(school, '\\s+', ' ', 'g') AS school, _row FROM raw_exposure)
        ANTI JOIN (SELECT DISTINCT school FROM units WHERE school IS NOT NULL) USING (school)""",
        column="skola",
    )


def exposure(database: duckdb.DuckDBPyConnection) -> list[Problem]:
    """Create `exposure`, one row a school x term; duplicates to the letter are dropped."""
    database.execute(
        f"""CREATE TABLE exposure_rows AS
        SELECT regexp_replace(r.school, '\\s+', ' ', 'g') AS school, term,
               {mapped_codes("status", STATUS)} AS status,
               {mapped_codes("organisation", ORGANISATION)} AS organisation,
               mentor_fte, pupils_per_mentor, cost_sek, source, _file, _row,
               CASE WHEN u.school IS NULL THEN 'other_school_form'
                    WHEN row_number() OVER (
                   PARTITION BY r.school, term, status, organisation, mentor_fte,
                                pupils_per_mentor, cost_sek ORDER BY _file, _row) > 1
                    THEN 'duplicate' ELSE 'kept' END AS _status
        FROM raw_exposure r
        LEFT JOIN (SELECT DISTINCT school FROM units WHERE left_out IS NULL) u
          ON u.school = regexp_replace(r.school, '\\s+', ' ', 'g')"""
    )
    problems = broken_rows(
        database,
        "register_entry_twice",
        "exponering.csv",
        """SELECT school, term, max(_row) AS _row
        FROM exposure_rows WHERE _status = 'kept' GROUP BY ALL HAVING count(*) > 1""",
        column="skola",
    )
    problems += broken_rows(
        database,
        "pilot_without_organisation",
        "exponering.csv",
        """SELECT _row FROM exposure_rows
        WHERE status = 'pilot' AND organisation IS NULL AND _status <> 'other_school_form'""",
        column="organisation",
    )
    database.execute(
        """CREATE TABLE exposure AS SELECT school, units.school_form, term, status, organisation,
               mentor_fte, pupils_per_mentor, cost_sek, source
        FROM exposure_rows JOIN (SELECT DISTINCT school, school_form FROM units
                                 WHERE left_out IS NULL) units
        USING (school) WHERE _status = 'kept' ORDER BY school, term"""
    )
    return problems


def calendar(
    database: duckdb.DuckDBPyConnection, grades: Grades, lacking: Mapping[int, str]
) -> list[Problem]:
    """Create `calendar`, one row a school form x week.

    `lacking` has the files, by position, without the column of remote teaching: there was none. In
    files that have it, an empty cell is unknown.
    """
    none = ", ".join(map(str, lacking)) or "NULL"
    database.execute(
        f"""CREATE TABLE calendar_rows AS SELECT * REPLACE (
            CASE WHEN _file IN ({none}) THEN 0 ELSE remote_share END AS remote_share),
        CASE WHEN school_form NOT IN ({_inside(grades)}) THEN 'other_school_form'
             WHEN row_number() OVER (PARTITION BY school_form, week, term, school_days,
            remote_share ORDER BY _file, _row) > 1 THEN 'duplicate' ELSE 'kept' END AS _status
        FROM raw_calendar"""
    )
    database.execute(
        """CREATE TABLE calendar AS SELECT school_form, week, term, school_days::INTEGER AS
        school_days, remote_share FROM calendar_rows WHERE _status = 'kept'
        ORDER BY school_form, week"""
    )
    impossible = broken_rows(
        database,
        "week_outside_term",
        "kalender.csv",
        f"""SELECT _row FROM
        (SELECT *, {MONDAY} AS monday, term[3:]::INTEGER AS year FROM calendar_rows)
        WHERE _status = 'kept' AND NOT {_TERM_HAS_MONDAY}""",
        column="termin",
    )
    unknown = [
        problem("remote_teaching_not_told", name, column="distans", stops=False)
        for name in lacking.values()
    ] + broken_rows(
        database,
        "remote_share_unknown",
        "kalender.csv",
        """SELECT _row FROM calendar_rows
        WHERE _status = 'kept' AND school_days > 0 AND remote_share IS NULL""",
        column="distans",
        stops=False,
    )
    return (
        unknown
        + impossible
        + broken_rows(
            database,
            "week_twice",
            "kalender.csv",
            """SELECT max(_row) AS _row FROM calendar_rows
        WHERE _status = 'kept' GROUP BY school_form, week HAVING count(*) > 1""",
            column="vecka",
        )
    )


def pupil_stays(database: duckdb.DuckDBPyConnection, grades: Grades) -> None:
    """Create `stays`: one row a pupil x term x school.

    Rows outside the evaluation are left out: other school forms and years, and years of birth that
    no pupil can have. Duplicates are dropped, and so are pupils with protected identity, who may
    not appear in any file with one row a pupil.
    """
    compulsory = [low for form, (low, _) in grades.items() if form not in AFTER_COMPULSORY]
    youngest = min(_AGES[0], *(low + _OLDER_THAN_GRADE for low in compulsory))
    database.execute(
        """CREATE TABLE protected AS
        SELECT DISTINCT pupil AS id FROM raw_pupils WHERE protected = 'J'"""
    )
    database.execute(
        f"""CREATE TABLE stay_rows AS
        WITH judged AS (
            SELECT r.pupil AS id, n.name AS pupil, u.school, u.school_form, r.* EXCLUDE (pupil),
                   CASE WHEN u.left_out IS NOT NULL THEN u.left_out
                        WHEN {other_years(grades)} THEN 'grade_outside_evaluation'
                        WHEN substr(r.term, 3)::INTEGER - r.birth_year
                             NOT BETWEEN {youngest} AND {_AGES[1]} THEN 'impossible_birth_year'
                   END AS left_out
            FROM raw_pupils r JOIN pupil_names n USING (pupil) JOIN units u USING (unit))
        SELECT *, row_number() OVER (PARTITION BY id, school, term, left_out
                                     ORDER BY enrolled NULLS FIRST, _file, _row) AS copy
        FROM judged"""
    )
    database.execute(
        """CREATE TABLE pupils_status AS SELECT *,
        CASE WHEN left_out IS NOT NULL THEN left_out
             WHEN id IN (SELECT id FROM protected) THEN 'protected_identity'
             WHEN copy > 1 THEN 'duplicate' ELSE 'kept' END AS _status FROM stay_rows"""
    )
    database.execute(
        f"""CREATE TABLE stays AS
        SELECT row_number() OVER ()::INTEGER AS stay, id, pupil, school, school_form, term,
               grade::INTEGER AS grade, class, program,
               {mapped_codes("sex", {"F": "girl", "P": "boy"})} AS sex,
               birth_year::INTEGER AS birth_year, foreign_background = 'J' AS foreign_background,
               newly_arrived = 'J' AS newly_arrived,
               parental_education::INTEGER AS parental_education
        FROM pupils_status WHERE _status = 'kept'"""
    )


def shared_identifiers(database: duckdb.DuckDBPyConnection, rules: Rules) -> list[Problem]:
    """Return a problem where two municipalities' local identifiers are the same.

    A pupil who moves can be at schools of both in a term, but few are.
    """
    pupils, shared = database.execute(
        """WITH seen AS (
            SELECT s.id, s.term, count(DISTINCT lower(r.municipality)) AS n
            FROM stay_rows s JOIN raw_schools r USING (unit)
            WHERE r.municipality IS NOT NULL AND s.left_out IS NULL GROUP BY ALL)
        SELECT count(*), count(*) FILTER (n > 1) FROM seen"""
    ).fetchall()[0]
    if not shared or shared / pupils <= rules.unmatched_share:
        return []
    share = round(100 * shared / pupils, 1)
    code = "pupils_in_two_municipalities"
    return [problem(code, "elever.csv", column="elev_id", count=shared, share=share)]


def unlisted_schools(database: duckdb.DuckDBPyConnection, rules: Rules) -> list[Problem]:
    """Tell of schools with pupils that the register never names, or enter them as without mentors.

    An unknown history makes no comparison school, so a register of the pilot schools alone leaves
    nothing to compare with, unless `rules` say that the others never had mentors.
    """
    names = [
        row[0]
        for row in database.execute(
            """SELECT DISTINCT school FROM stays ANTI JOIN exposure USING (school)
            ORDER BY school"""
        ).fetchall()
    ]
    if not names:
        return []
    if rules.register_lists == "pilot_schools":
        database.execute(
            """INSERT INTO exposure (school, school_form, term, status)
            SELECT DISTINCT school, school_form, term, 'none' FROM stays
            ANTI JOIN exposure USING (school)"""
        )
    code = "unlisted_untreated" if rules.register_lists == "pilot_schools" else "unlisted_unknown"
    return [
        problem(
            code,
            "exponering.csv",
            column="skola",
            stops=False,
            count=len(names),
            **first_few(names),
        )
    ]


PUPIL_TERMS = """
    SELECT s.pupil, s.school, s.school_form, s.term, s.grade, s.class, s.program, s.sex,
           s.birth_year, s.foreign_background, s.newly_arrived, s.parental_education,
           m.scheduled_minutes, m.reported_minutes, m.absent_minutes, m.invalid_minutes,
           m.remote_share, g.n_registered::INTEGER AS n_registered,
           g.n_graded::INTEGER AS n_graded, g.n_passed::INTEGER AS n_passed,
           g.n_not_studied::INTEGER AS n_not_studied, g.term_merit, g.merit,
           g.eligible_vocational, g.eligible_academic, g.grade_points, g.points_passed,
           coalesce(e.status, 'unknown') AS status, e.organisation
    FROM stays s
    LEFT JOIN term_minutes m USING (id, school, term)
    LEFT JOIN grade_outcomes g USING (id, school, term)
    LEFT JOIN exposure e ON e.school = s.school AND e.term = s.term
    ORDER BY s.school_form, s.school, s.term, s.pupil
"""

SCHOOLS = """
    SELECT n.name AS unit, unit_name, school, school_form
    FROM units JOIN unit_names n USING (unit) WHERE left_out IS NULL ORDER BY n.name
"""
EXPOSURE = "SELECT * FROM exposure ORDER BY school, term"
CALENDAR = "SELECT * FROM calendar ORDER BY school_form, week"


def missing_terms(database: duckdb.DuckDBPyConnection) -> list[str]:
    """Name school x terms with pupils but no entry in the register; they count as unknown."""
    rows = database.execute(
        """SELECT DISTINCT s.school, s.term FROM stays s ANTI JOIN exposure e
        ON e.school = s.school AND e.term = s.term"""
    ).fetchall()
    ordered = sorted(rows, key=lambda row: (row[0], terms.number(row[1])))
    return [f"{school} {term}" for school, term in ordered]
