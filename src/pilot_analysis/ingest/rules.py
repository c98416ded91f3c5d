"""The choices of an ingest that an evaluation may make: parameters, not contract."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any, Literal

GradeCodes = Literal["auto", "contract", "scb"]
ProtectedIdentities = Literal["column", "removed"]
RegisterLists = Literal["every_school", "pilot_schools"]


@dataclass(frozen=True)
class Rules:
    """How exports are read; each field is a parameter of the same name.

    `unmatched_share`: a file of which more rows find no pupil, school or week stops.
    `grade_codes`: the list that grade codes follow. `contract`: 3 means no basis; `scb` (Statistics
    Sweden's): 9 means no basis and 3 that the subject was not studied; `auto`: SCB's where 9 occurs.
    `protected_identities`: `column`, or `removed` where pupils with protected identity are not in
    the exports, which then may lack the column.
    `register_lists`: `every_school`, or `pilot_schools` where a school that the exposure register
    does not name never had mentors; otherwise its history is unknown.
    """

    unmatched_share: float = 0.05
    grade_codes: GradeCodes = "auto"
    protected_identities: ProtectedIdentities = "column"
    register_lists: RegisterLists = "every_school"

    @classmethod
    def among(cls, parameters: Mapping[str, Any]) -> "Rules":
        """Return the rules that stand among an evaluation's parameters."""
        return cls(**{f.name: parameters[f.name] for f in fields(cls) if f.name in parameters})
