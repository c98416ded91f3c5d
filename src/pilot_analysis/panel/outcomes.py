"""The outcomes: one entry each carries it through models, figures, sentences and report."""

from dataclasses import dataclass

from pilot_analysis.words import Language


@dataclass(frozen=True)
class Outcome:
    """One outcome: this entry is all it takes to add one.

    `subject` is its name as the subject of a sentence, in English and Swedish. `unit` is the
    effect's unit, `absorb` the effect taken out beside terms: `stay` (a pupil at a school) where
    pupils are seen before and after, `school` where each pupil is seen in one grade only. `better`
    is the sign of an improvement. `role` is who answered, for questionnaires. `counts` is what a
    share is a share of, for a reader who counts: `pupils`, `school days`, `subjects`.
    """

    name: str
    claim: str
    label: str
    subject: tuple[str, str]
    unit: str
    better: int
    scale: float = 100.0
    school_forms: tuple[str, ...] = ("GR", "GY")
    weights: str | None = None
    absorb: str = "stay"
    role: str = ""
    counts: str = ""

    def title(self, language: Language) -> str:
        """Return the outcome's name as a heading or an axis has it."""
        return self.label if language == "en" else self.subject[1]


SCHOOL_DAYS = 178  # the least a Swedish school year may have
_POINTS = "percentage points"
_MINUTES = "scheduled_minutes"
OUTCOMES: dict[str, Outcome] = {
    outcome.name: outcome
    for outcome in (
        Outcome("absence_share", "C1", "Absence", ("Absence", "Frånvaron"), _POINTS, -1,
                weights=_MINUTES, counts="school days"),
        Outcome("invalid_absence_share", "C1", "Invalid absence",
                ("Invalid absence", "Den ogiltiga frånvaron"), _POINTS, -1, weights=_MINUTES,
                counts="school days"),
        Outcome("persistent_absence", "C1", "Persistent absence",
                ("The share of pupils absent 15 % or more",
                 "Andelen elever med minst 15 % frånvaro"), _POINTS, -1, counts="pupils"),
        Outcome("reporting_rate", "C1", "Lesson time reported",
                ("The share of lesson time reported", "Andelen rapporterad lektionstid"),
                _POINTS, 1, weights=_MINUTES),
        Outcome("goals_share_registered", "C2", "Goals reached, of registered",
                ("The share of registered subjects or courses with at least E",
                 "Andelen påbörjade ämnen eller kurser med minst E"), _POINTS, 1,
                 counts="subjects"),
        Outcome("goals_share", "C2", "Goals reached, of graded",
                ("The share of graded subjects or courses with at least E",
                 "Andelen betygsatta ämnen eller kurser med minst E"), _POINTS, 1, counts="subjects"),
        Outcome("goals_all", "C2", "Goals reached in all subjects",
                ("The share of pupils with at least E in every subject or course",
                 "Andelen elever med minst E i alla ämnen eller kurser"), _POINTS, 1, counts="pupils"),
        # Teachers give no grade to a pupil they have hardly seen, and closer registration of
        # absence cannot move it.
        Outcome("graded_share", "C2", "Subjects or courses graded",
                ("The share of registered subjects or courses that were graded",
                 "Andelen påbörjade ämnen eller kurser som betygsattes"), _POINTS, 1, counts="subjects"),
        Outcome("merit", "C2", "Merit value", ("The merit value", "Meritvärdet"),
                "merit points", 1, 1.0, ("GR",)),
        Outcome("eligible_vocational", "C2", "Eligible, vocational programs",
                ("The share eligible to vocational programs",
                 "Andelen behöriga till yrkesprogram"), _POINTS, 1,
                school_forms=("GR",), absorb="school", counts="pupils"),
        Outcome("eligible_academic", "C2", "Eligible, academic programs",
                ("The share eligible to academic programs",
                 "Andelen behöriga till högskoleförberedande program"), _POINTS, 1,
                school_forms=("GR",), absorb="school", counts="pupils"),
        Outcome("grade_points", "C2", "Grade-point average",
                ("The grade-point average", "Betygspoängen"), "grade points", 1, 1.0, ("GY",)),
        Outcome("points_passed", "C2", "Course points passed",
                ("Course points passed a term", "Godkända kurspoäng per termin"),
                "course points", 1, 1.0, ("GY",)),
    )
}  # fmt: skip

# Of questionnaires: one row is an answer sheet, and nobody can be followed.
SURVEY_OUTCOMES: dict[str, Outcome] = {
    outcome.name: outcome
    for outcome in (
        Outcome("hours_other", "C5", "Hours a week on other tasks than teaching",
                ("Teachers' hours a week on other tasks than teaching",
                 "Lärarnas timmar i veckan på annat än undervisning"),
                "hours a week", -1, 1.0, absorb="school", role="teacher"),
        Outcome("hours_teaching", "C5", "Hours a week on teaching",
                ("Teachers' hours a week on teaching",
                 "Lärarnas timmar i veckan på undervisning"),
                "hours a week", 1, 1.0, absorb="school", role="teacher"),
        Outcome("workload_index", "C5", "Workload index (1 to 5)",
                ("Teachers' workload index (1 to 5)",
                 "Lärarnas index för arbetsbelastning (1 till 5)"),
                "index points", -1, 1.0, absorb="school", role="teacher"),
        Outcome("safety_index", "C6", "Safety index (0 to 10)",
                ("Pupils' safety index (0 to 10)", "Elevernas trygghetsindex (0 till 10)"),
                "index points", 1, 1.0, absorb="school", role="pupil"),
    )
}  # fmt: skip


def find_outcome(name: str) -> Outcome | None:
    """Return an outcome of registers or questionnaires by its name."""
    return OUTCOMES.get(name) or SURVEY_OUTCOMES.get(name)


def outcomes(claim: str, school_form: str) -> list[Outcome]:
    """List the outcomes of a claim that exist in a school form."""
    return [o for o in OUTCOMES.values() if o.claim == claim and school_form in o.school_forms]
