"""The frozen analysis plan: what was to be asked and how the answer was to be graded.

`params/plan.yml` was written before outcomes were seen. Its hash is in every manifest; a run that
departs from it says what it changed and calls its results exploratory.
"""

import datetime
import hashlib
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from pilot_analysis.errors import ParameterError
from pilot_analysis.parameters import Parameters

PATH = Path(__file__).resolve().parents[2] / "params" / "plan.yml"
# The strengths of evidence that the rule can give.
Grade = Literal["strong", "moderate", "weak", "no effect of interest", "cannot be determined"]


class Question(BaseModel):
    """One primary question: an outcome in a population, each school form apart."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    claim: str = Field(pattern=r"^C[1-7]$")
    outcome: str
    population: str


class EvidenceRule(BaseModel):
    """How an interval and the warnings beside it become a grade (`models.evidence.grade`)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    strong_up_to_warnings: int = Field(ge=0)
    moderate_up_to_warnings: int = Field(ge=0)
    # Effects smaller than these do not matter; in the outcome's unit.
    smallest_effect_of_interest: dict[str, float]


class Plan(BaseModel):
    """The plan: questions (at most three), the run they are answered by, and the evidence rule."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    frozen: datetime.date
    primary: list[Question] = Field(min_length=1, max_length=3)
    parameters: dict[str, Any]
    evidence: EvidenceRule

    @field_validator("parameters")
    @classmethod
    def _are_parameters(cls, value: dict[str, Any]) -> dict[str, Any]:
        Parameters.model_validate(value)
        return value


def load(path: Path = PATH) -> Plan:
    """Read a plan. Raises `ParameterError` with every problem."""
    try:
        return Plan.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        raise ParameterError(f"{path}: there is no analysis plan") from None
    except (yaml.YAMLError, UnicodeDecodeError):
        raise ParameterError(f"{path}: not a plain YAML file") from None
    except ValidationError as error:
        lines = [
            f"{path}: {'.'.join(map(str, p['loc']))}: {p['msg']}"
            for p in error.errors(include_url=False, include_context=False)
        ]
        raise ParameterError("\n".join(lines)) from None


def digest(path: Path = PATH) -> str:
    """Return the plan's SHA-256, as in every manifest."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def departures(plan: Plan, parameters: Parameters) -> list[dict[str, Any]]:
    """Return what a run does otherwise than planned: parameter, planned value, value used.

    A parameter the plan does not name was to have its default. How exports name things
    (`aliases`) is no choice of the analysis.
    """
    planned = Parameters.model_validate(plan.parameters)
    return [
        {"parameter": name, "planned": getattr(planned, name), "used": getattr(parameters, name)}
        for name in Parameters.model_fields
        if name != "aliases" and getattr(planned, name) != getattr(parameters, name)
    ]
