"""The data contract: every raw table and column, its rule and its English name.

The pandera schemas here are the single source. Text is checked against them inside DuckDB (a
region's exports do not fit in memory as a DataFrame), and the data dictionary in `data/README.md`
is printed from them.
"""

import copy
from dataclasses import dataclass, replace
from typing import Any

import pandera.pandas as pa

from pilot_analysis.catalogue import language as languages
from pilot_analysis.description import ITEMS, Description, Instrument
from pilot_analysis.forms import OTHER_SCHOOL_FORMS, SCHOOL_FORMS

TERM_PATTERN = r"(HT|VT)20[0-9]{2}"
# Few years have a week 53; in the others it is a slip of week 52 or of the year.
WEEK_PATTERN = (
    r"20[0-9]{2}-W(0[1-9]|[1-4][0-9]|5[0-2])"
    r"|20(04|09|15|20|26|32|37|43|48|54|60|65|71|76|82|88|93|99)-W53"
)
PERIOD_PATTERN = rf"{TERM_PATTERN}|20[0-9]{{2}}-(0[1-9]|1[0-2])"
DATE_PATTERN = r"(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}"


LOWEST_GRADE, HIGHEST_GRADE = 0, 13
HOURS = ("hours_teaching", "hours_other")
# Staff roles as exports write them.
STAFF: dict[str, str] = {"larare": "teacher", "rektor": "principal", "mentor": "mentor"}
# And roles where pupils may stand among them.
ANSWERING = {"elev": "pupil"} | STAFF


@dataclass(frozen=True)
class Table:
    """One raw table: the stem of its file names, its columns, and whether it must exist."""

    stem: str
    english: str
    row: str
    schema: pa.DataFrameSchema
    required: bool = False
    # Nothing is missed where such a table is not there.
    extra: bool = False


def _column(
    kind: str,
    english: str,
    meaning: str,
    *,
    check: pa.Check | None = None,
    required: bool = True,
    may_be_empty: bool = False,
) -> pa.Column:
    return pa.Column(
        str,
        checks=check,
        required=required,
        nullable=may_be_empty or not required,
        description=meaning,
        metadata={"kind": kind, "english": english},
    )


def _unit() -> pa.Column:
    return _column(
        "code",
        "unit",
        "school unit, eight digits kept as text",
        check=pa.Check.str_matches(r"[0-9]{8}"),
    )


def _term() -> pa.Column:
    return _column(
        "term", "term", "term, as HT2019 or VT2020", check=pa.Check.str_matches(TERM_PATTERN)
    )


def _week() -> pa.Column:
    return _column(
        "week", "week", "ISO week, as 2019-W35", check=pa.Check.str_matches(WEEK_PATTERN)
    )


def _school_form(meaning: str) -> pa.Column:
    every = [*SCHOOL_FORMS, *OTHER_SCHOOL_FORMS]
    return _column("choice", "school_form", meaning, check=pa.Check.isin(every))


def _role(roles: dict[str, str]) -> pa.Column:
    named = [own if own == english else f"{own} ({english})" for own, english in roles.items()]
    return _column("choice", "role", ", ".join(named), check=pa.Check.isin([*roles]))


def _pupil() -> pa.Column:
    return _column("identifier", "pupil", "personal identity number or local id; never stored")


def _total(english: str, meaning: str, *, required: bool = False) -> pa.Column:
    return _column(
        "decimal",
        english,
        f"{meaning} in the period, in the unit of `enhet`",
        check=pa.Check.in_range(0, 200_000),
        may_be_empty=True,
        required=required,
    )


def _figure(english: str, meaning: str) -> pa.Column:
    return _column(
        "figure",
        english,
        f"{meaning}; .. is suppressed, . missing, ~100 nearly all",
        may_be_empty=True,
        required=False,
    )


def _optional_yes_no(english: str, meaning: str) -> pa.Column:
    return _column(
        "choice",
        english,
        f"{meaning}: J (yes) or N (no)",
        check=pa.Check.isin(["J", "N"]),
        required=False,
    )


# Columns that items may have; an evaluation says which, and what may stand there.
_ITEMS = {
    name: _column(
        "answer",
        name,
        "answer to an item of the questionnaire in evaluation.yml",
        required=False,
        may_be_empty=True,
    )
    for name in ITEMS
}


def _hours(english: str, meaning: str) -> pa.Column:
    return _column(
        "decimal",
        english,
        f"{meaning}, where evaluation.yml says that hours were asked for",
        check=pa.Check.in_range(0, 80),
        required=False,
        may_be_empty=True,
    )


def _free_text() -> pa.Column:
    return _column("ignored", "", "free text; read past, never stored", required=False)


TABLES: dict[str, Table] = {
    table.stem: table
    for table in (
        Table(
            "skolor",
            "schools",
            "a school unit",
            pa.DataFrameSchema(
                {
                    "skolenhetskod": _unit(),
                    "skolnamn": _column("text", "unit_name", "name of the unit"),
                    "skola": _column("text", "school", "school the unit belongs to: the cluster"),
                    "skolform": _school_form(
                        "GR lower, GY upper secondary; rows of other school forms are left out"
                    ),
                    "kommun": _column(
                        "text",
                        "municipality",
                        "municipality, where the schools are of several",
                        required=False,
                        may_be_empty=True,
                    ),
                }
            ),
            required=True,
        ),
        Table(
            "exponering",
            "exposure",
            "a school x term from HT2015 on: the exposure register",
            pa.DataFrameSchema(
                {
                    "skola": _column("text", "school", "school, spelt as in skolor.csv"),
                    "termin": _term(),
                    "status": _column(
                        "choice",
                        "status",
                        "ingen (none), forstudie (pre-study), pilot, okand (unknown)",
                        check=pa.Check.isin(["ingen", "forstudie", "pilot", "okand"]),
                    ),
                    "organisation": _column(
                        "choice",
                        "organisation",
                        "riktad (targeted) or klass (class); empty without mentors",
                        check=pa.Check.isin(["riktad", "klass"]),
                        may_be_empty=True,
                    ),
                    "mentorer_heltid": _column(
                        "decimal",
                        "mentor_fte",
                        "full-time mentors",
                        check=pa.Check.in_range(0, 200),
                        required=False,
                    ),
                    "elever_per_mentor": _column(
                        "decimal",
                        "pupils_per_mentor",
                        "pupils a mentor",
                        check=pa.Check.in_range(0, 2000),
                        required=False,
                    ),
                    "kostnad_kr": _column(
                        "decimal",
                        "cost_sek",
                        "cost of the term, kronor",
                        check=pa.Check.in_range(0, 1e9),
                        required=False,
                    ),
                    "kalla": _column(
                        "text", "source", "where the entry comes from", required=False
                    ),
                }
            ),
            required=True,
        ),
        Table(
            "kalender",
            "calendar",
            "a school form x week",
            pa.DataFrameSchema(
                {
                    "skolform": _school_form("GR or GY"),
                    "vecka": _week(),
                    "termin": _term(),
                    "skoldagar": _column(
                        "integer",
                        "school_days",
                        "school days in the week",
                        check=pa.Check.in_range(0, 7),
                    ),
                    "distans": _column(
                        "decimal",
                        "remote_share",
                        "share of the week taught remotely",
                        check=pa.Check.in_range(0, 1),
                        required=False,
                    ),
                }
            ),
        ),
        Table(
            "elever",
            "pupils",
            "a pupil x term (and school, after a change of school)",
            pa.DataFrameSchema(
                {
                    "elev_id": _pupil(),
                    "skolenhetskod": _unit(),
                    "termin": _term(),
                    "arskurs": _column(
                        "integer",
                        "grade",
                        "year: 7 to 9 in GR, 1 to 4 in GY; others are left out",
                        check=pa.Check.in_range(LOWEST_GRADE, HIGHEST_GRADE),
                    ),
                    "klass": _column("text", "class", "class label", may_be_empty=True),
                    "program": _column(
                        "text",
                        "program",
                        "upper secondary program",
                        may_be_empty=True,
                        required=False,
                    ),
                    "kon": _column(
                        "choice", "sex", "F (girl) or P (boy)", check=pa.Check.isin(["F", "P"])
                    ),
                    "fodelsear": _column(
                        "integer",
                        "birth_year",
                        "year of birth",
                        check=pa.Check.in_range(0, 9999),
                        required=False,
                    ),
                    "utlandsk_bakgrund": _optional_yes_no(
                        "foreign_background", "foreign background"
                    ),
                    "nyanland": _optional_yes_no("newly_arrived", "newly arrived"),
                    "vardnadshavare_utbildning": _column(
                        "integer",
                        "parental_education",
                        "parents' education, 1 to 3",
                        check=pa.Check.in_range(1, 3),
                        required=False,
                    ),
                    "skyddad": _optional_yes_no("protected", "protected identity"),
                    "inskriven": _column(
                        "date", "enrolled", "first day at the school", required=False
                    ),
                    "avslutad": _column("date", "left", "last day at the school", required=False),
                }
            ),
            required=True,
        ),
        Table(
            "undervisningstid",
            "teaching_time",
            "a pupil x week",
            pa.DataFrameSchema(
                {
                    "elev_id": _pupil(),
                    "skolenhetskod": _unit(),
                    "vecka": _week(),
                    "schemalagda_minuter": _column(
                        "integer",
                        "scheduled_minutes",
                        "lesson minutes offered",
                        check=pa.Check.in_range(0, 6000),
                    ),
                    "rapporterade_minuter": _column(
                        "integer",
                        "reported_minutes",
                        "of these, minutes somebody reported",
                        check=pa.Check.in_range(0, 6000),
                    ),
                    "aktivitet": _column(
                        "identifier",
                        "activity",
                        "what the lessons were: rows of "
                        "different activities are added; never stored",
                        required=False,
                    ),
                }
            ),
        ),
        Table(
            "franvaro",
            "absence",
            "an absence report on one lesson; the newest wins",
            pa.DataFrameSchema(
                {
                    "elev_id": _pupil(),
                    "skolenhetskod": _unit(),
                    "datum": _column("date", "date", "date of the lesson"),
                    "lektion_start": _column("time", "lesson_start", "start of the lesson, HH:MM"),
                    "minuter": _column(
                        "integer",
                        "minutes",
                        "minutes absent; 0 cancels a report",
                        check=pa.Check.in_range(0, 600),
                    ),
                    "typ": _column(
                        "choice",
                        "kind",
                        "giltig (valid) or ogiltig (invalid)",
                        check=pa.Check.isin(["giltig", "ogiltig"]),
                    ),
                    "amne": _column("ignored", "", "subject; not used", required=False),
                    "registrerad": _column("timestamp", "registered", "when it was registered"),
                }
            ),
        ),
        Table(
            "narvarosummor",
            "attendance_totals",
            "a pupil × term or month, where there are no weeks and lessons",
            pa.DataFrameSchema(
                {
                    "elev_id": _pupil(),
                    "skolenhetskod": _unit(),
                    "period": _column(
                        "period",
                        "period",
                        "term or month, as HT2019 or 2019-09",
                        check=pa.Check.str_matches(PERIOD_PATTERN),
                    ),
                    "franvarande": _total("absent", "absence", required=True),
                    "ogiltigt_franvarande": _total("invalid", "invalid absence"),
                    "schemalagt": _total("scheduled", "lesson time offered"),
                    "rapporterat": _total("reported", "of this, time somebody reported"),
                    "enhet": _column(
                        "choice",
                        "time_unit",
                        "minuter (minutes) or timmar (hours); minutes where it is missing",
                        check=pa.Check.isin(["minuter", "timmar"]),
                        required=False,
                    ),
                }
            ),
            extra=True,
        ),
        Table(
            "betyg",
            "grades",
            "a grade",
            pa.DataFrameSchema(
                {
                    "elev_id": _pupil(),
                    "skolenhetskod": _unit(),
                    "termin": _term(),
                    "kurskod": _column("text", "course", "subject or course code"),
                    "poang": _column(
                        "integer",
                        "course_points",
                        "upper secondary course points",
                        check=pa.Check.in_range(0, 1000),
                        may_be_empty=True,
                        required=False,
                    ),
                    "betyg": _column(
                        "choice",
                        "grade",
                        "A to F; - no basis; 2 or empty not graded; 3 and "
                        "9 as parameter grade_codes says",
                        check=pa.Check.isin([*list("ABCDEF"), "-", "2", "3", "9"]),
                        may_be_empty=True,
                    ),
                    "datum": _column("date", "date", "date of the grade", required=False),
                }
            ),
        ),
        Table(
            "mentorer",
            "mentors",
            "a pupil's mentor period",
            pa.DataFrameSchema(
                {
                    "elev_id": _pupil(),
                    "mentor_id": _column("identifier", "mentor", "mentor; never stored"),
                    "from": _column("date", "from", "first day"),
                    "tom": _column(
                        "date", "to", "last day; empty while it lasts", may_be_empty=True
                    ),
                    "stod": _column(
                        "choice",
                        "support",
                        "riktad (targeted) or klass (class)",
                        check=pa.Check.isin(["riktad", "klass"]),
                    ),
                }
            ),
        ),
        Table(
            "elevenkat",
            "pupil_survey",
            "a pupil's answer sheet",
            pa.DataFrameSchema(
                {
                    "svars_id": _column("identifier", "response", "answer sheet; never stored"),
                    "skolenhetskod": _unit(),
                    "termin": _term(),
                    "arskurs": _column(
                        "integer",
                        "grade",
                        "year",
                        check=pa.Check.in_range(LOWEST_GRADE, HIGHEST_GRADE),
                    ),
                    **_ITEMS,
                    "fritext": _free_text(),
                }
            ),
        ),
        Table(
            "personalenkat",
            "staff_survey",
            "a staff answer sheet",
            pa.DataFrameSchema(
                {
                    "svars_id": _column("identifier", "response", "answer sheet; never stored"),
                    "skolenhetskod": _unit(),
                    "termin": _term(),
                    "roll": _role(STAFF),
                    "timmar_undervisning": _hours("hours_teaching", "hours a week on teaching"),
                    "timmar_ovrigt": _hours("hours_other", "hours a week on other tasks"),
                    **_ITEMS,
                    "fritext": _free_text(),
                }
            ),
        ),
        Table(
            "utskick",
            "staff_asked",
            "a school unit × term × staff role: how many were asked",
            pa.DataFrameSchema(
                {
                    "skolenhetskod": _unit(),
                    "termin": _term(),
                    "roll": _role(STAFF),
                    "antal": _column(
                        "integer",
                        "asked",
                        "staff the questionnaire was sent to",
                        check=pa.Check.in_range(0, 10_000),
                    ),
                }
            ),
        ),
        Table(
            "teman",
            "themes",
            "a theme × role (and term): free-text answers, coded and counted",
            pa.DataFrameSchema(
                {
                    "tema": _column("text", "theme", "theme, one that evaluation.yml lists"),
                    "roll": _role(ANSWERING),
                    "termin": _column(
                        "term",
                        "term",
                        "term of the questionnaire",
                        check=pa.Check.str_matches(TERM_PATTERN),
                        required=False,
                        may_be_empty=True,
                    ),
                    "antal": _column(
                        "integer",
                        "answers",
                        "answers of the role that speak of the theme",
                        check=pa.Check.in_range(0, 100_000),
                    ),
                }
            ),
            extra=True,
        ),
        Table(
            "skolresultat",
            "school_results",
            "a school unit × school year: Skolverket's figures",
            pa.DataFrameSchema(
                {
                    "skolenhetskod": _unit(),
                    "lasar": _column("text", "school_year", "school year, as 2018/19"),
                    "elever": _figure("pupils", "pupils with final grades"),
                    "meritvarde": _figure("merit", "average merit value, 17 subjects"),
                    "andel_alla_amnen": _figure("all_subjects", "% who passed all subjects"),
                    "andel_behoriga": _figure("eligible", "% eligible for vocational programs"),
                }
            ),
            extra=True,
        ),
    )
}


PUPIL_SHEETS, STAFF_SHEETS, THEMES = "elevenkat", "personalenkat", "teman"


def for_evaluation(described: Description) -> dict[str, Table]:
    """Return the contract of an evaluation: of items and themes, those that it lists.

    An item that some staff are not asked need not be there, as their sheets may be files of their
    own.
    """
    instruments = described.instruments
    pupil = [i for role, i in instruments.items() if role == "pupil"]
    staff = [i for role, i in instruments.items() if role != "pupil"]
    return TABLES | {
        PUPIL_SHEETS: _narrowed(TABLES[PUPIL_SHEETS], pupil),
        STAFF_SHEETS: _narrowed(TABLES[STAFF_SHEETS], staff),
        THEMES: _listing(TABLES[THEMES], [*described.themes]),
    }


def _listing(table: Table, themes: list[str]) -> Table:
    """Return the table of themes, of which only these may stand there."""
    columns = dict(table.schema.columns)
    if themes:
        meaning = str(columns["tema"].description)
        columns["tema"] = _column("answer", "theme", meaning, check=pa.Check.isin(themes))
    return replace(table, schema=pa.DataFrameSchema(columns))


def _narrowed(table: Table, instruments: list[Instrument]) -> Table:
    columns: dict[str, pa.Column] = {}
    for name, column in table.schema.columns.items():
        english = metadata(column)["english"]
        if name in ITEMS or english in HOURS:
            asking = [i for i in instruments if (name in i.items if name in ITEMS else i.hours)]
            if not asking:
                continue
            column = copy.copy(column) if english in HOURS else _item(name, asking)
            column.required = len(asking) == len(instruments)
        columns[name] = column
    return replace(table, schema=pa.DataFrameSchema(columns))


def _item(name: str, asking: list[Instrument]) -> pa.Column:
    """Return the column of an item: whole numbers in a range, or a closed list of answers."""
    written = list(
        dict.fromkeys(
            answer
            for i in asking
            for answer in (*(w for s in i.steps for w in s.written), *i.dont_know)
        )
    )
    meaning = asking[0].items[name].sv
    numbers = [int(w) for w in written if w.isdecimal()]
    if len(numbers) == len(written) == max(numbers) - min(numbers) + 1:
        check, kind = pa.Check.in_range(min(numbers), max(numbers)), "integer"
    else:
        check, kind = pa.Check.isin(written), "answer"
    return _column(kind, name, meaning, check=check, may_be_empty=True)


def metadata(column: pa.Column) -> dict[str, Any]:
    """Return what the contract says of a column beyond its checks."""
    return dict(column.metadata or {})


def rule_of(column: pa.Column) -> tuple[str, dict[str, Any]]:
    """Return the code of the column's rule in the catalogue of messages, and its values."""
    about = metadata(column)
    kind = "choice" if about["kind"] == "answer" else about["kind"]
    if about["english"] == "school_form":
        return "rule_school_form", {}
    for check in column.checks:
        found = check.statistics or {}
        if "allowed_values" in found:
            return "rule_choice", {"allowed": ", ".join(str(v) for v in found["allowed_values"])}
        if "min_value" in found:
            values = {"low": f"{found['min_value']:.12g}", "high": f"{found['max_value']:.12g}"}
            return f"rule_{kind}", values
    return f"rule_{kind}", {}


def rule_in_words(column: pa.Column, language: str = "en") -> str:
    """Return the column's rule as a reader of an error message needs it."""
    code, values = rule_of(column)
    return languages.text(f"export_{code}", language, values)


def data_dictionary() -> str:
    """Return the data dictionary of the raw tables, as Markdown."""
    lines: list[str] = []
    for table in TABLES.values():
        needed = "" if table.required else " (may be missing)"
        lines += [
            f"### `{table.stem}*.csv` → `{table.english}`{needed}",
            "",
            f"One row is {table.row}.",
            "",
            "| column | English name | meaning | rule | may be missing | may be empty |",
            "| --- | --- | --- | --- | --- | --- |",
        ]
        for name, column in table.schema.columns.items():
            about = metadata(column)
            if name in ITEMS:
                if name == ITEMS[0]:
                    lines.append(
                        f"| `{ITEMS[0]}`, `{ITEMS[1]}` ... `{ITEMS[-1]}` | the same | {column.description} "
                        "| an answer listed there | those listed may not | yes |"
                    )
                continue
            lines.append(
                f"| `{name}` | {about['english'] or 'not kept'} | {column.description} "
                f"| {rule_in_words(column)} | {'no' if column.required else 'yes'} "
                f"| {'yes' if column.nullable else 'no'} |"
            )
        lines.append("")
    return "\n".join(lines)
