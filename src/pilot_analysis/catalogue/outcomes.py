"""The outcomes: one entry here and a message in each language's file carry one everywhere."""

from dataclasses import dataclass

from pilot_analysis.catalogue.units import COUNTED, SCHOOL_DAYS, UNITS

__all__ = ["OUTCOMES", "SCHOOL_DAYS", "SURVEY_OUTCOMES", "Outcome", "find_outcome", "outcomes"]


@dataclass(frozen=True)
class Outcome:
    """One outcome. Its names are the messages `outcome_<name>` and `.subject` of each language.

    `unit` is the effect's unit (`units.UNITS`), `absorb` the effect taken out beside terms: `stay`
    (a pupil at a school) where pupils are seen before and after, `school` where each pupil is seen
    in one grade only. `better` is the sign of an improvement. `role` is who answered, for
    questionnaires. `counts` is what a share is a share of (`units.COUNTED`), for a reader who
    counts. `school_forms` are those that have it; none named means every form. `stands_in_for` names
    the outcome in whose place it is evaluated where the data cannot give that one. Raises
    `ValueError` naming what the units lack.
    """

    name: str
    claim: str
    unit: str
    better: int
    scale: float = 100.0
    school_forms: tuple[str, ...] = ()
    weights: str | None = None
    absorb: str = "stay"
    role: str = ""
    counts: str = ""
    stands_in_for: str = ""

    def __post_init__(self) -> None:
        if self.unit not in UNITS:
            raise ValueError(f"outcome {self.name!r}: catalogue/units.py has no unit {self.unit!r}")
        if self.counts and self.counts not in COUNTED:
            raise ValueError(f"outcome {self.name!r}: catalogue/units.py counts no {self.counts!r}")

    def exists_in(self, school_form: str) -> bool:
        """Say whether a school form has this outcome."""
        return not self.school_forms or school_form in self.school_forms


_POINTS = "percentage points"
_MINUTES = "scheduled_minutes"
OUTCOMES: dict[str, Outcome] = {
    outcome.name: outcome
    for outcome in (
        Outcome("absence_share", "C1", _POINTS, -1, weights=_MINUTES, counts="school days"),
        Outcome("invalid_absence_share", "C1", _POINTS, -1, weights=_MINUTES, counts="school days"),
        Outcome("persistent_absence", "C1", _POINTS, -1, counts="pupils"),
        # Where lesson time is unknown, minutes can only be told per school day.
        Outcome(
            "absence_minutes", "C1", "minutes a day", -1, scale=1.0, stands_in_for="absence_share"
        ),
        Outcome("reporting_rate", "C1", _POINTS, 1, weights=_MINUTES),
        Outcome("goals_share_registered", "C2", _POINTS, 1, counts="subjects"),
        Outcome("goals_share", "C2", _POINTS, 1, counts="subjects"),
        Outcome("goals_all", "C2", _POINTS, 1, counts="pupils"),
        # Teachers give no grade to a pupil they have hardly seen, and closer registration of
        # absence cannot move it.
        Outcome("graded_share", "C2", _POINTS, 1, counts="subjects"),
        # Final grades, so each pupil once: spring of grade 9.
        Outcome("merit", "C2", "merit points", 1, scale=1.0, school_forms=("GR",), absorb="school"),
        Outcome("term_merit", "C2", "merit points", 1, scale=1.0, school_forms=("GR",)),
        Outcome(
            "eligible_vocational",
            "C2",
            _POINTS,
            1,
            school_forms=("GR",),
            absorb="school",
            counts="pupils",
        ),
        Outcome(
            "eligible_academic",
            "C2",
            _POINTS,
            1,
            school_forms=("GR",),
            absorb="school",
            counts="pupils",
        ),
        Outcome("grade_points", "C2", "grade points", 1, scale=1.0, school_forms=("GY",)),
        Outcome("points_passed", "C2", "course points", 1, scale=1.0, school_forms=("GY",)),
    )
}

# Of questionnaires: one row is an answer sheet, and nobody can be followed.
SURVEY_OUTCOMES: dict[str, Outcome] = {
    outcome.name: outcome
    for outcome in (
        Outcome(
            "hours_other", "C5", "hours a week", -1, scale=1.0, absorb="school", role="teacher"
        ),
        Outcome(
            "hours_teaching", "C5", "hours a week", 1, scale=1.0, absorb="school", role="teacher"
        ),
        Outcome(
            "workload_index", "C5", "index points", -1, scale=1.0, absorb="school", role="teacher"
        ),
        Outcome("safety_index", "C6", "index points", 1, scale=1.0, absorb="school", role="pupil"),
    )
}


def find_outcome(name: str) -> Outcome | None:
    """Return an outcome of registers or questionnaires by its name."""
    return OUTCOMES.get(name) or SURVEY_OUTCOMES.get(name)


def outcomes(claim: str, school_form: str) -> list[Outcome]:
    """List the outcomes of a claim that exist in a school form, without those that stand in."""
    return [
        o
        for o in OUTCOMES.values()
        if o.claim == claim and o.exists_in(school_form) and not o.stands_in_for
    ]


def stand_ins(claim: str, school_form: str) -> list[Outcome]:
    """List the outcomes of a claim that may stand in for another in a school form."""
    return [
        o
        for o in OUTCOMES.values()
        if o.claim == claim and o.exists_in(school_form) and o.stands_in_for
    ]
