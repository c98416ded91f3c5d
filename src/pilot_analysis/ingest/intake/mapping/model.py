"""The mapping language: which files are read, and how their rows become the contract's tables.

A mapping has `sources` (files with the same columns or JSON keys) and `tables`. What a table says
is done in one order: rows are kept or left out, unpivoted, spread over terms, joined; then its
columns are computed; then numbers are summed over rows that are otherwise alike.
"""

import difflib
import re
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from pilot_analysis.errors import ParameterError
from pilot_analysis.ingest.contracts import TABLES

Conversion = Literal[
    "hours_to_minutes",
    "date",
    "local_date",
    "week",
    "term",
    "time",
    "timestamp",
    "year",
]
SHIPPED = ("ss12000", "skolverket", "wide_grades")
# Shipped mappings whose sources cannot be mistaken for anything else are used without being named.
AUTOMATIC = ("ss12000", "skolverket")


def _listed(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


Names = Annotated[list[str], BeforeValidator(_listed)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class SourceFiles(_Strict):
    """Files with the same content. `has` lists columns or JSON keys that tell them from others.

    `columns` gives names to columns or JSON paths (`student.id`, `enrolments[].schoolYear`), or to
    the first of several that exists. `preamble` reads values from lines above the header, `from_name`
    from file names: the text after a given start.
    """

    files: Names = ["*"]
    has: Names = []
    columns: dict[str, Names] = {}
    optional: Names = []
    preamble: dict[str, str] = {}
    from_name: dict[str, str] = {}


class Value(_Strict):
    """Where a column comes from: another column, a constant, the first filled of several, a text."""

    from_: str | None = Field(None, alias="from")
    value: str | None = None
    first_of: list[str] = []
    text: str | None = None
    convert: Conversion | None = None
    format: str | None = None
    until: str | None = None
    plus_minutes: str | None = None
    minutes_since: str | None = None
    codes: dict[str, str] = {}
    otherwise: str | None = None

    @model_validator(mode="after")
    def _has_one_origin(self) -> "Value":
        given = [
            self.from_ is not None,
            self.value is not None,
            bool(self.first_of),
            self.text is not None,
        ]
        if sum(given) != 1:
            raise ValueError("say one of from, value, first_of, text")
        return self


def _as_value(value: Any) -> Any:
    return {"from": value} if isinstance(value, str) else value


class Unpivot(_Strict):
    """Columns into rows. `columns` maps what is written into `names_to` to each column.

    Empty cells give no row. With `zeros: once` zeros give none either, but for one row where all
    are zero. Where all are empty nothing says that they are zero, and the row stops; but with
    `empty_is_zero` they are where one column's number reaches another's, and rows with a code in
    `not_reported` are left out. `offset_to` names a column that gets the sum of the columns before.
    """

    columns: dict[str, str] | Names
    names_to: str
    values_to: str
    zeros: Literal["keep", "once"] = "keep"
    empty_is_zero: dict[str, str] = {}
    not_reported: dict[str, Names] = {}
    offset_to: str | None = None


class Terms(_Strict):
    """A period into one row a term it touches; `back` counts a school year back from its end.

    A period that is open, or planned to last longer, ends with the newest date in `open_until`.
    """

    from_: str = Field(alias="from")
    to: str
    into: str = "termin"
    open_until: Names = []
    back: dict[str, str] = {}


class Join(_Strict):
    """Columns of another table or source, where the columns in `on` (here: there) are equal."""

    with_: str = Field(alias="with")
    on: dict[str, str]
    take: dict[str, str]
    unmatched: Literal["keep", "drop"] = "keep"
    several: Literal["refuse", "first"] = "refuse"


class TableStep(_Strict):
    """How one table is made; a table that is none of the contract's serves others."""

    from_: str = Field(alias="from")
    keep: dict[str, Names] = {}
    leave_out: dict[str, Names] = {}
    unpivot: Unpivot | None = None
    terms: Terms | None = None
    join: list[Join] = []
    columns: dict[str, Annotated[Value, BeforeValidator(_as_value)]]
    sum: list[str] = []

    def reads(self) -> list[str]:
        """Return the columns that are read by name, of the source or made on the way."""
        values = self.columns.values()
        named = [v.from_ for v in values if v.from_] + [c for v in values for c in v.first_of]
        named += [c for v in values for c in re.findall(r"\{(\w+)\}", v.text or "")]
        return [*named, *self.keep, *self.leave_out, *(c for join in self.join for c in join.on)]


class Mapping(_Strict):
    """A whole mapping file."""

    name: str = "mapping.yml"
    about: str = ""
    use: list[Literal["ss12000", "skolverket", "wide_grades"]] = []
    sources: dict[str, SourceFiles] = {}
    tables: dict[str, TableStep] = {}

    def problems(self) -> list[str]:
        """Return what is wrong between the parts, each of which is right by itself."""
        told: list[str] = []
        done = set(self.sources)
        for name, step in self.tables.items():
            where = f"tables.{name}"
            for key, other in [("from", step.from_), *(("join.with", j.with_) for j in step.join)]:
                if other not in done:
                    near = difflib.get_close_matches(other, done, n=1)
                    hint = f"; did you mean {near[0]!r}?" if near else ""
                    told.append(
                        f"{where}.{key}: there is no source or earlier table {other!r}{hint}"
                    )
            until = step.terms.open_until if step.terms else []
            if any("." not in date or date.split(".")[0] not in done for date in until):
                told.append(f"{where}.terms.open_until: write table.column of an earlier table")
            told += [
                f"{where}.sum: {c!r} is none of its columns"
                for c in step.sum
                if c not in step.columns
            ]
            told += _against_contract(name, step)
            if name in done:
                told.append(f"{where}: a source has this name")
            done.add(name)
        return told


def _against_contract(name: str, step: TableStep) -> list[str]:
    if name not in TABLES:
        return []
    known = TABLES[name].schema.columns
    told = [
        f"tables.{name}.columns: the contract's {name} has no column {column!r}"
        for column in step.columns
        if column not in known
    ]
    missing = [c for c, about in known.items() if about.required and c not in step.columns]
    return told + ([f"tables.{name}.columns: lacks {', '.join(missing)}"] if missing else [])


class _Loader(yaml.SafeLoader):
    """YAML in which every scalar is text: `NO` is a subject, `on` a word, 01234567 a school unit."""


_Loader.yaml_implicit_resolvers = {}


def _parsed(text: str, source: str) -> Mapping:
    try:
        values = _Loader(text).get_single_data()
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f", line {mark.line + 1}" if mark else ""
        raise ParameterError(f"{source}{line}: not a plain YAML file") from None
    if not isinstance(values, dict):
        raise ParameterError(f"{source}: a mapping has 'sources' and 'tables', or 'use'")
    try:
        mapping = Mapping.model_validate({"name": source} | values)
    except ValidationError as error:
        raise ParameterError("\n".join(_explained(error, source))) from None
    if told := mapping.problems():
        raise ParameterError("\n".join(f"{source}: {words}" for words in told))
    return mapping


def _explained(error: ValidationError, source: str) -> list[str]:
    """Return a line for every problem, naming where it stands in the file."""
    lines = []
    for problem in error.errors(include_url=False, include_context=False, include_input=False):
        where = ".".join(str(part) for part in problem["loc"]) or "(file)"
        unknown = problem["type"] == "extra_forbidden"
        lines.append(f"{source}: {where}: {'is unknown here' if unknown else problem['msg']}")
    return lines


def load(path: Path) -> Mapping:
    """Read a mapping file; raises `ParameterError` with every problem in it."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise ParameterError(f"{path}: there is no such mapping file") from None
    except UnicodeDecodeError:
        raise ParameterError(f"{path}: is not UTF-8; save it as UTF-8") from None
    return _parsed(text, path.name)


def shipped_text(name: str) -> str:
    """Return a mapping that comes with the package, as it is written."""
    folder = resources.files("pilot_analysis.ingest.intake.mapping") / "shipped"
    return (folder / f"{name}.yml").read_text(encoding="utf-8")


@cache
def shipped(name: str) -> Mapping:
    """Return a mapping that comes with the package."""
    return _parsed(shipped_text(name), name)
