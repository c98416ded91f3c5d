"""The statistical analysis plan: what is asked, how it is estimated, and how answers are graded.

Its hash, with that of the code that computes the primary estimates, is in every manifest; a run that
departs from it says what it changed and calls its results exploratory.
"""

import datetime
import difflib
import hashlib
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator

from pilot_analysis.catalogue.outcomes import OUTCOMES, SURVEY_OUTCOMES
from pilot_analysis.errors import ParameterError
from pilot_analysis.files import read_yaml
from pilot_analysis.parameters import READING, Parameters

PATH = Path(__file__).resolve().parents[2] / "params" / "plan.yml"
# The strengths of evidence that the rule can give.
Grade = Literal["strong", "moderate", "weak", "no effect of interest", "cannot be determined"]

POPULATIONS = ("all_pupils", "eligible_pupils", "eligible_at_targeted")
SUBGROUPS = ("sex", "foreign_background", "newly_arrived", "parental_education", "grade_name")


def _checked(name: str, allowed: tuple[str, ...]) -> str:
    """Refuse any other name, with the nearest of those allowed."""
    if name in allowed:
        return name
    near = difflib.get_close_matches(name, allowed, n=1, cutoff=0.4)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"{name!r} is none of {', '.join(allowed)}{hint}")


def _one_of(names: Iterable[str]) -> AfterValidator:
    return AfterValidator(partial(_checked, allowed=tuple(names)))


class Question(BaseModel):
    """One primary question: an outcome in a population, each school form apart."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    claim: str = Field(pattern=r"^C[1-7]$")
    outcome: str
    population: str


def _of_pupils(question: Question) -> Question:
    """Refuse a primary question that no register can answer; questionnaires answer secondary ones."""
    for name, allowed in (("outcome", tuple(OUTCOMES)), ("population", POPULATIONS)):
        try:
            _checked(getattr(question, name), allowed)
        except ValueError as error:
            raise ValueError(f"{name}: {error}") from None
    return question


class EvidenceRule(BaseModel):
    """How an interval and the warnings beside it become a grade (`evidence.grade`)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    strong_up_to_warnings: int = Field(ge=0)
    moderate_up_to_warnings: int = Field(ge=0)
    # Effects smaller than these do not matter; in the outcome's unit.
    smallest_effect_of_interest: dict[Annotated[str, _one_of((*OUTCOMES, *SURVEY_OUTCOMES))], float]


class Amendment(BaseModel):
    """What was changed after freezing, when and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    date: datetime.date
    changed: str
    reason: str


class Estimator(BaseModel):
    """The primary estimator: its model and equation, what its first step adjusts for, missing covariates."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    model: Literal["school-level difference-in-differences"]
    equation: str = ""
    first_step: list[str]
    missing_covariates: Literal["own level"]


class ResolvedTest(BaseModel):
    """The test that a school form's design resolves to; degrees of freedom at the plan's level."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pilot_schools: int = Field(ge=1)
    comparison_schools: int = Field(ge=1)
    method: str
    degrees_of_freedom: float = Field(gt=0)


class Warnings(BaseModel):
    """The limits at which a warning is raised, and where none is."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    breakdown_below: float = Field(gt=0)
    baseline_g: float = Field(gt=0)
    sensitivity_moves: list[Literal["without_exceptional_terms", "ratio"]]
    # Those that are not raised in a pilot drawn by lot.
    not_where_drawn_by_lot: list[
        Literal[
            "drift_before_the_start",
            "a_small_drift_would_overturn_it",
            "an_effect_before_any_mentor",
            "unlike_before",
        ]
    ] = []


class MissingOutcomes(BaseModel):
    """From which share of missing outcomes imputation stands beside the answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    imputation_above: float = Field(ge=0, le=1)


class Plan(BaseModel):
    """The plan: questions (at most three), the run they are answered by, and the evidence rule."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    frozen: datetime.date
    amendments: list[Amendment] = []
    estimand: Literal["per_school", "per_pupil"]
    estimator: Estimator
    primary: list[Annotated[Question, AfterValidator(_of_pupils)]] = Field(
        min_length=1, max_length=3
    )
    multiplicity: Literal["Holm"]
    # None: the question is asked of every school form apart, and of none together.
    joint_test: Literal["placements within school forms"] | None = None
    effect_sizes: list[Literal["hedges_g", "intra_class_correlation"]] = []
    # By school form, where the schools were known when the plan was frozen.
    tests: dict[str, ResolvedTest] = {}
    parameters: dict[str, Any]
    evidence: EvidenceRule
    warnings: Warnings
    missing_outcomes: MissingOutcomes
    subgroups: list[Annotated[str, _one_of(SUBGROUPS)]] = []

    @field_validator("parameters")
    @classmethod
    def _are_parameters(cls, value: dict[str, Any]) -> dict[str, Any]:
        Parameters.model_validate(value)
        return value


def load(path: Path = PATH) -> Plan:
    """Read a plan. Raises `ParameterError` with every problem."""
    values = read_yaml(path, "there is no analysis plan")
    try:
        return Plan.model_validate(values)
    except ValidationError as error:
        lines = [
            f"{path}: {'.'.join(map(str, p['loc']))}: {p['msg'].removeprefix('Value error, ')}"
            for p in error.errors(include_url=False, include_context=False)
        ]
        raise ParameterError("\n".join(lines)) from None


# What computes a primary estimate, its test and its grade: all that `school_level_did` reaches.
_PRIMARY_CODE = (
    "estimators/adjustment.py",
    "estimators/changes.py",
    "estimators/school_level.py",
    "estimators/school_panel.py",
    "evaluation/evidence.py",
    "evaluation/fitting.py",
    "evaluation/questions.py",
    "inference/absorbed.py",
    "inference/choice.py",
    "inference/columns.py",
    "inference/cross_products.py",
    "inference/design_limits.py",
    "inference/effects.py",
    "inference/inversion.py",
    "inference/least_squares.py",
    "inference/placed_schools.py",
    "inference/placement_statistics.py",
    "inference/placements.py",
    "inference/randomization.py",
    "inference/samples.py",
    "inference/sandwich.py",
    "inference/school_terms.py",
    "inference/studies.py",
    "inference/two_sample.py",
    "inference/weighted_root.py",
    "inference/wild_bootstrap.py",
)


def digest(path: Path = PATH) -> str:
    """Return the SHA-256 of the plan and of the code that computes the primary estimates."""
    package = Path(__file__).resolve().parent
    whole = hashlib.sha256(path.read_bytes())
    for name in _PRIMARY_CODE:
        whole.update((package / name).read_bytes())
    return whole.hexdigest()


def departures(plan: Plan, parameters: Parameters) -> list[dict[str, Any]]:
    """Return what a run does otherwise than planned: parameter, planned value, value used.

    A parameter the plan does not name was to have its default. How exports are read is no choice of the analysis.
    """
    planned = Parameters.model_validate(plan.parameters)
    return [
        {"parameter": name, "planned": getattr(planned, name), "used": getattr(parameters, name)}
        for name in Parameters.model_fields
        if name not in READING and getattr(planned, name) != getattr(parameters, name)
    ]
