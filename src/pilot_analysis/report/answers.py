"""The answers of a run: each primary estimate with its grade, and why it has it."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import pandas as pd

from pilot_analysis import plan as plans
from pilot_analysis.catalogue import reasons
from pilot_analysis.catalogue.outcomes import find_outcome
from pilot_analysis.catalogue.words import Words, default_description, words_for
from pilot_analysis.description import Description
from pilot_analysis.evaluation import evidence
from pilot_analysis.evaluation.claims import headline
from pilot_analysis.evaluation.questions import SECONDARY
from pilot_analysis.parameters import Parameters
from pilot_analysis.plan import Grade, Plan
from pilot_analysis.report.sentences import is_unbounded, leans_on_assumption, level, verdict

CLAIMS = ("C1", "C2", "C3", "C4", "C5", "C6")
# How well data were recorded: no effect on anybody, so it gets no grade.
DATA_QUALITY = frozenset({"reporting_rate"})

State = Literal["better", "worse", "none", "points_better", "points_worse", "open"]
# Answers that only point in a direction.
POINTS = frozenset({"points_better", "points_worse"})


@dataclass(frozen=True)
class Material:
    """What a report is written from: the run's table, ingest's report, figures, plan, parameters."""

    table: pd.DataFrame
    quality: Mapping[str, Any]
    figures: Path
    plan: Plan
    parameters: Parameters
    description: Description = field(default_factory=default_description)
    digest: str = ""  # `plan.digest` of the run's own plan and code; not told where it is unknown

    @cached_property
    def departures(self) -> list[dict[str, Any]]:
        """What the run does otherwise than planned."""
        return plans.departures(self.plan, self.parameters)

    @cached_property
    def answers(self) -> "list[Answer]":
        """Every primary estimate of the run, the same in every language."""
        table, plan = self.table, self.plan
        graded = evidence.grades(table, plan, exploratory=bool(self.departures))
        looked = table[(table["model"] == evidence.MODEL) & table["estimand"].ne("")]
        warned: dict[tuple[str, ...], list[Warned]] = {}
        for w in looked.to_dict("records"):
            key = (w["outcome"], w["population"], w["school_form"])
            told = Warned(w["estimand"], w["specification"], w["estimate"], w["bound"])
            warned.setdefault(key, []).append(told)
        made = []
        for row, grade in zip(
            headline(table).to_dict("records"), graded.to_dict("records"), strict=True
        ):
            if row["estimand"] not in ("", "per_school", "per_pupil"):
                continue
            own = tuple(warned.get((row["outcome"], row["population"], row["school_form"]), ()))
            adjusted = float(grade["adjusted_p"])
            made.append(Answer(row, grade["grade"], bool(grade["primary"]), own, adjusted))
        return made


@dataclass(frozen=True)
class Warned:
    """One warning of a primary question: its code, state, the figure looked at and its limit."""

    name: str
    state: str
    figure: float
    limit: float


@dataclass(frozen=True)
class Answer:
    """One primary estimate, its grade by the plan's rule, and the warnings looked at.

    `adjusted_p` is its p-value over the plan's questions; NaN where the plan does not ask it.
    """

    row: Mapping[str, Any]
    grade: Grade
    primary: bool
    warnings: tuple[Warned, ...]
    adjusted_p: float = math.nan

    @property
    def form(self) -> str:
        """The school form's code."""
        return str(self.row["school_form"])

    @property
    def key(self) -> tuple[str, str]:
        """Outcome and population."""
        return str(self.row["outcome"]), str(self.row["population"])

    @property
    def graded(self) -> bool:
        """Whether strength of evidence is said of it at all."""
        return self.row["outcome"] not in DATA_QUALITY

    @property
    def state(self) -> State:
        """What may be said of the effect.

        `points_*` where zero is outside the interval but the rule of the plan gives no answer.
        """
        if self.grade == "no effect of interest":
            return "none"
        found = verdict(self.row)
        if found in ("open", "not estimable") or is_unbounded(self.row):
            return "open"
        outcome = find_outcome(self.row["outcome"])
        better = (found == "rose") == ((outcome.better if outcome else 1) > 0)
        unsure = self.grade == "cannot be determined"
        if better:
            return "points_better" if unsure else "better"
        return "points_worse" if unsure else "worse"

    def warned(self, state: str) -> tuple[Warned, ...]:
        """Return the warnings in a state that can weaken this answer: `raised` or `unknown`."""
        return tuple(
            w for w in self.warnings if w.state == state and evidence.weakens(w.name, self.row)
        )

    @property
    def raised(self) -> tuple[Warned, ...]:
        """The warnings raised that can weaken this answer."""
        return self.warned(evidence.RAISED)

    @property
    def unmade(self) -> tuple[Warned, ...]:
        """The warnings that could not be looked for: the grade counts them as it does those raised."""
        return self.warned(evidence.UNKNOWN)

    def short(self, words: Words) -> str:
        """Return the answer to the claim's yes-or-no question in at most five words."""
        if self.state in ("better", "worse"):
            return words(f"answer_{self.state}_{self.grade}")
        return words(f"answer_{self.state}")

    def strength(self, words: Words) -> str:
        """Return the strength of evidence in words."""
        return words(f"grade_{self.grade.replace(' ', '_')}")


def question_of(plan: Plan, claim: str) -> tuple[str, str]:
    """Return the outcome and population that answer a claim: the plan's, if it asks."""
    for asked in plan.primary:
        if asked.claim == claim:
            return asked.outcome, asked.population
    return SECONDARY[claim]


@dataclass(frozen=True)
class Findings:
    """A run's answers in one language, for the sections of its report."""

    material: Material
    language: str

    @cached_property
    def words(self) -> Words:
        """The language's words as the run's parameters make them."""
        material = self.material
        return words_for(self.language, material.parameters, material.description, self.forms)

    @cached_property
    def level(self) -> str:
        """The level of the run's intervals in words, also where no interval could be given."""
        return level({"ci_level": self.material.parameters.ci_level}, self.words)

    @property
    def answers(self) -> list[Answer]:
        """Every primary estimate of the run."""
        return self.material.answers

    @cached_property
    def forms(self) -> list[str]:
        """The school forms that the run has, in the order of its table."""
        return list(dict.fromkeys(a.form for a in self.answers if a.form))

    def question(self, claim: str) -> tuple[str, str]:
        """Return the outcome and population that answer a claim: the plan's, if it asks."""
        return question_of(self.material.plan, claim)

    def of(self, outcome: str, population: str) -> list[Answer]:
        """Return the answers about an outcome in a population, one a school form.

        Where the data have no value of it, the answer about an outcome that stands in for it.
        """
        found = [a for a in self.answers if a.key == (outcome, population)]
        return [self._standing_in(a) if a.row["reason"] == "no_values" else a for a in found]

    def _standing_in(self, answer: Answer) -> Answer:
        for other in self.answers:
            known = find_outcome(other.row["outcome"])
            same = (other.form, other.row["population"]) == (answer.form, answer.row["population"])
            if same and known is not None and known.stands_in_for == answer.row["outcome"]:
                return other
        return answer

    def to(self, claim: str) -> list[Answer]:
        """Return the answers to a claim's question, one a school form."""
        return self.of(*self.question(claim))

    def claimed(self, claim: str) -> list[Answer]:
        """Return every graded answer of a claim."""
        return [a for a in self.answers if a.row["claim"] == claim and a.graded]

    def why(self, answer: Answer) -> str:
        """Return the reason of an answer's grade."""
        words, row = self.words, answer.row
        if row.get("reason"):
            return reasons.sentence(row, self.language)
        if is_unbounded(row):
            return words("why_unbounded")
        if answer.state == "none":
            return words("why_none")
        if answer.grade == "cannot be determined":
            return self._why_unknown(answer)
        if self.material.departures:
            return words("why_exploratory")
        if not answer.primary:
            return words("why_secondary")
        if leans_on_assumption(row):
            return words("why_assumed")
        return self._why_warned(answer)

    def zone(self, outcome: str) -> float:
        """Return the smallest effect of interest, in the outcome's unit; 0 where the plan names none."""
        return self.material.plan.evidence.smallest_effect_of_interest.get(outcome, 0.0)

    def _why_unknown(self, answer: Answer) -> str:
        words, row = self.words, answer.row
        if max(abs(row["ci_low"]), abs(row["ci_high"])) < self.zone(row["outcome"]):
            if leans_on_assumption(row):
                return words("why_small_assumed")
            return words("why_doubted", n=len(answer.raised) + len(answer.unmade))
        if verdict(row) == "open":
            return words("why_open")
        return words("why_several")

    def _why_warned(self, answer: Answer) -> str:
        words = self.words
        named = [words(f"warning_{w.name}") for w in answer.raised]
        named += [
            words("warning_unmade", warning=words(f"warning_{w.name}")) for w in answer.unmade
        ]
        if not named:
            return words("why_no_warning")
        return words("why_warnings", n=len(named), warnings=words.listed(named))

    def strength_and_why(self, answer: Answer) -> str:
        """Return '<strength>: <reason>'."""
        words = self.words
        if answer.grade == "cannot be determined":
            return _capital(self.why(answer))
        return words("strength_why", grade=_capital(answer.strength(words)), why=self.why(answer))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
