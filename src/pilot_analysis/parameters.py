"""Every parameter of the evaluation: its type, range, default, and which claims it moves.

Scenario files in `params/` inherit from `default.yml` and state only what differs. Values are
checked here before anything runs, and reach the notebooks as plain literals.
"""

import difflib
import itertools
import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from pilot_analysis import registry, terms
from pilot_analysis.errors import ParameterError
from pilot_analysis.files import read_yaml

# What says how exports are read: of ingest alone, and no choice of the analysis.
READING = (
    "aliases",
    "unmatched_share",
    "grade_codes",
    "protected_identities",
    "register_lists",
)


class Parameters(BaseModel):
    """The settings of one run. Frozen, so that a run cannot change its own settings."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    first_term: str = Field("HT2017", description="First term in the analysis. Moves every claim.")
    last_term: str = Field("HT2020", description="Last term in the analysis. Moves every claim.")
    exclude_schools: list[str] = Field(
        [], description="Schools left out, by the name in the register. Moves every claim."
    )
    admit_controls: list[str] = Field(
        [],
        description="Schools with unknown or earlier treatment that may still be comparisons. "
        "Moves every claim.",
    )
    include_remote_weeks: bool = Field(
        True, description="Count weeks taught mostly remotely. Moves C1, C2, C3, C4 and C7."
    )
    absence_coding: Literal["present", "dropped", "absent"] = Field(
        "dropped",
        description="How lesson time that nobody reported is read: dropped from the denominator, "
        "as present (the registers' own rule, under which absence rises when reporting gets "
        "better), or as absent (the upper bound). Moves C1, C3, C4 and C7.",
    )
    persistent_absence_threshold: float = Field(
        0.15,
        gt=0,
        lt=1,
        description="Persistent absence starts at this share of lesson time. Moves C1 and C3.",
    )
    eligibility_absence: float = Field(
        0.15,
        gt=0,
        le=1,
        description="A pupil is eligible for targeted support from this share of absence in the "
        "selection term. Moves C3 and C4.",
    )
    eligibility_goals: float = Field(
        0.0,
        ge=0,
        le=1,
        description="A pupil is eligible below this share of goals reached in the selection term; "
        "0: grades are not looked at. Moves C3 and C4.",
    )
    eligibility_lag: int = Field(
        2,
        ge=2,
        le=6,
        description="The selection term lies this many terms before the first start; at least 2, "
        "so that it is never the baseline. Moves C3 and C4.",
    )
    reporting_warning_points: float = Field(
        3.0,
        gt=0,
        le=100,
        description="Warn when reporting moved by more percentage points. Moves what C1 is warned of.",
    )
    exceptional_terms: list[str] = Field(
        ["VT2020"],
        description="Terms in which all schools were struck by something else, as a pandemic. The "
        "estimate without them stands beside. Moves what C1, C2 and C3 are warned of.",
    )
    questionnaire_changes: list[str] = Field(
        [],
        description="Terms from which the questionnaires are not comparable with earlier waves. "
        "Only the waves on the pilot's side are used. Moves C5, C6 and C7.",
    )
    survey_min_answers: int = Field(
        10, ge=5, description="Answers of a smaller group are withheld. Moves C5, C6 and C7."
    )
    survey_min_response: float = Field(
        0.5,
        ge=0,
        le=1,
        description="Answers are withheld where a smaller share of those asked answered. Moves C5, C6 "
        "and C7.",
    )
    ci_level: float = Field(
        0.95, ge=0.5, lt=1, description="Level of every interval. Moves every claim."
    )
    inference: Literal[
        "auto", "least_favourable", "welch", "CR2", "CR3", "pooled", "randomization_t"
    ] = Field(
        "auto",
        description="Inference reported as primary; `auto` picks it from the design by the "
        "size-and-power study. Moves every claim.",
    )
    bootstrap_draws: int = Field(
        9_999, ge=99, le=10_000_000, description="Draws of the wild cluster bootstrap."
    )
    max_placements: int = Field(
        100_000,
        ge=99,
        le=10_000_000,
        description="Placements of treatment enumerated before sampling takes over.",
    )
    seed: int = Field(20190819, ge=0, lt=2**32, description="Seed of everything random.")

    aliases: dict[str, dict[str, dict[str, str]]] = Field(
        {},
        description="What the exports call otherwise, by table: `columns` maps their column names "
        "to the contract's, a column's name maps their codes to its codes. Says how exports are "
        "read; no departure from the plan.",
    )

    unmatched_share: float = Field(
        0.05,
        ge=0,
        le=1,
        description="Ingest stops at a file of which a larger share of rows finds no pupil, school "
        "or week. Says how exports are read; no departure from the plan.",
    )
    grade_codes: Literal["auto", "contract", "scb"] = Field(
        "auto",
        description="The list that the exports' grade codes follow: `contract` (3: no basis for a "
        "grade), `scb` (9: no basis, 3: subject not studied), or `auto` (`scb` where 9 occurs). "
        "Says how exports are read; no departure from the plan.",
    )
    protected_identities: Literal["column", "removed"] = Field(
        "column",
        description="`removed` where pupils with protected identity are not in the exports, which "
        "then may lack the column skyddad. Says how exports are read; no departure from the plan.",
    )
    register_lists: Literal["every_school", "pilot_schools"] = Field(
        "every_school",
        description="`pilot_schools` where the exposure register (exponering) names only schools "
        "that had mentors, and all others never had any; otherwise the history of a school that "
        "it does not name is unknown, and the school no comparison. Says how exports are read; no "
        "departure from the plan.",
    )

    @field_validator("first_term", "last_term")
    @classmethod
    def _is_term(cls, value: str) -> str:
        terms.number(value)
        return value

    @field_validator("questionnaire_changes", "exceptional_terms")
    @classmethod
    def _are_terms(cls, values: list[str]) -> list[str]:
        for value in values:
            terms.number(value)
        return values

    def how_to_read(self) -> dict[str, Any]:
        """Return what ingest needs to know: aliases, and the rules under their names."""
        return {name: getattr(self, name) for name in READING}

    def for_notebook(self, name: str) -> dict[str, Any]:
        """Return the parameters one notebook reads, in the order its cell lists them."""
        return {key: getattr(self, key) for key in registry.notebooks()[name].parameters}


def _explain(error: ValidationError, source: str) -> str:
    lines = []
    for problem in error.errors(include_url=False, include_context=False):
        name = ".".join(str(part) for part in problem["loc"]) or "(file)"
        if problem["type"] == "extra_forbidden":
            near = difflib.get_close_matches(name, Parameters.model_fields, n=1, cutoff=0.4)
            hint = f"; did you mean {near[0]!r}?" if near else ""
            lines.append(f"{source}: unknown parameter {name!r}{hint}")
        else:
            how = f", as [{problem['input']}]" if problem["type"] == "list_type" else ""
            lines.append(f"{source}: {name}: {problem['msg']}{how}")
    return "\n".join(lines)


def _read_yaml(path: Path) -> dict[str, Any]:
    values = read_yaml(path, "there is no such scenario file")
    if values is None:
        return {}
    if not isinstance(values, dict) or not all(isinstance(key, str) for key in values):
        raise ParameterError(f"{path}: a scenario is a list of 'name: value' lines")
    return values


def load(
    scenario: Path | None = None,
    overrides: tuple[str, ...] = (),
    default: Path | None = None,
    base: Mapping[str, Any] | None = None,
) -> Parameters:
    """Read `base`, `default`, `scenario`, then `key=value` overrides, and check the result.

    Raises `ParameterError` naming file, parameter and rule for every problem.
    """
    values: dict[str, Any] = dict(base or {})
    for path in (default, scenario):
        if path is not None:
            values |= _read_yaml(path)
    source = str(scenario or default or "parameters")
    for override in overrides:
        key, separator, text = override.partition("=")
        if not separator:
            raise ParameterError(f"-p {override!r}: write -p name=value")
        try:
            values[key.strip()] = yaml.safe_load(text)
        except yaml.YAMLError:
            raise ParameterError(f"-p {key}: the value is not plain YAML") from None
        source = f"{source} with -p"
    try:
        parameters = Parameters.model_validate(values)
    except ValidationError as error:
        raise ParameterError(_explain(error, source)) from None
    if terms.number(parameters.first_term) >= terms.number(parameters.last_term):
        raise ParameterError(f"{source}: first_term must come before last_term")
    return parameters


# A sweep of more runs than this is a mistake more often than a wish.
MOST_RUNS = 500


def load_sweep(path: Path, default: Path | None = None) -> list[tuple[str, Parameters]]:
    """Read a sweep: `grid` lists values of parameters, `set` what all its runs have in common.

    Returns (name, parameters) of every combination. Raises `ParameterError` for every problem
    before anything runs.
    """
    values = _read_yaml(path)
    if set(values) - {"grid", "set"} or not isinstance(values.get("grid"), dict):
        raise ParameterError(
            f"{path}: a sweep has 'grid' (a list of values for each parameter) and, if wanted, 'set'"
        )
    grid = values["grid"]
    for name, listed in grid.items():
        if not isinstance(listed, list) or not listed:
            raise ParameterError(f"{path}: grid: {name} needs a list of values")
    n = math.prod(len(listed) for listed in grid.values())
    if n > MOST_RUNS:
        raise ParameterError(f"{path}: {n} runs are more than {MOST_RUNS}; make the grid smaller")
    base = (_read_yaml(default) if default is not None else {}) | (values.get("set") or {})
    found, problems = [], []
    for number, chosen in enumerate(itertools.product(*grid.values())):
        own = dict(zip(grid, chosen, strict=True))
        words = [f"{k}-{v}" for k, v in own.items()]
        name = "_".join(re.sub(r"[^A-Za-z0-9.-]+", "-", word) for word in words)[:120]
        try:
            parameters = Parameters.model_validate(base | own)
        except ValidationError as error:
            problems.append(_explain(error, f"{path} ({', '.join(words)})"))
            continue
        if terms.number(parameters.first_term) >= terms.number(parameters.last_term):
            problems.append(f"{path} ({', '.join(words)}): first_term must come before last_term")
        found.append((f"{number + 1:03d}_{name}", parameters))
    if problems:
        raise ParameterError("\n".join(problems))
    return found


_CELL_LINE = re.compile(r"(?P<name>\w+): (?P<kind>[\w\[\]]+) = .*?(?P<said>  # .*)?")


def _literal(value: Any) -> str:
    """Return a value as Python text that means the same."""
    return json.dumps(value) if isinstance(value, str | list) else repr(value)


def with_values(cell_source: str, values: Mapping[str, Any]) -> str:
    """Return a `parameters` cell with other values; types and comments stay.

    Raises `ValueError` for a line that is no annotated parameter.
    """
    lines = []
    for line in cell_source.splitlines():
        found = _CELL_LINE.fullmatch(line)
        if found is None:
            raise ValueError(f"parameters cell: {line!r} is not 'name: type = value  # meaning'")
        value = _literal(values[found["name"]])
        lines.append(f"{found['name']}: {found['kind']} = {value}{found['said'] or ''}")
    return "\n".join(lines)


def cell() -> str:
    """Return the `parameters` cell of a new notebook: every parameter with its default."""
    default = Parameters()  # type: ignore[call-arg]
    lines = [
        'processed_dir: str = "../data/processed"  # tables written by pilot ingest',
        'results_dir: str = "../reports/lab"  # where estimates and figures go',
    ]
    for name, field in Parameters.model_fields.items():
        value = getattr(default, name)
        if name in READING:  # by ingest, not by notebooks
            continue
        kind = "list[str]" if isinstance(value, list) else type(value).__name__
        text = _literal(value)
        said = str(field.description).split(". ")[0].rstrip(".")
        lines.append(f"{name}: {kind} = {text}  # {said}")
    return "\n".join(lines)


def reference() -> str:
    """Return the reference of every parameter as a Markdown table, from the schema."""
    properties = Parameters.model_json_schema()["properties"]
    lines = [
        "| name | type and range | default | meaning | notebooks |",
        "| --- | --- | --- | --- | --- |",
    ]
    for name, entry in properties.items():
        if "enum" in entry:
            kind = " or ".join(entry["enum"])
        elif entry["type"] == "array":
            kind = "list of names"
        else:
            kind = {"integer": "whole number", "string": "text", "boolean": "true or false"}.get(
                entry["type"], entry["type"]
            )
        limits = [
            f"{sign} {entry[key]:g}"
            for key, sign in (
                ("minimum", "from"),
                ("exclusiveMinimum", "above"),
                ("maximum", "to"),
                ("exclusiveMaximum", "below"),
            )
            if key in entry
        ]
        readers = [book[:2] for book, row in registry.notebooks().items() if name in row.parameters]
        default = getattr(Parameters(), name)  # type: ignore[call-arg]
        shown = str(default).lower() if isinstance(default, bool) else str(default)
        lines.append(
            f"| `{name}` | {' '.join([kind, *limits])} | {shown} | {entry['description']} | "
            f"{', '.join(readers)} |"
        )
    return "\n".join(lines)
