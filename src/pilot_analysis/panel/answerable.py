"""Which claims these exports can answer, school form by school form, and what each one lacks.

Said before anything is estimated, from what the tables hold and never from an outcome's value.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pilot_analysis import terms
from pilot_analysis.panel.build import first_treated, read_table, refused_controls
from pilot_analysis.parameters import Parameters

CLAIMS = ("C1", "C2", "C3", "C4", "C5", "C6", "C7")


@dataclass(frozen=True)
class Answerable:
    """A claim in a school form: what it lacks (messages `lacks_<code>`); nothing where it can be answered."""

    claim: str
    school_form: str
    lacks: tuple[str, ...]


@dataclass(frozen=True)
class _Design:
    """A school form's schools: first pilot term by school, and which may be comparisons."""

    first: pd.Series
    comparisons: frozenset[str]

    def lacks(self, rows: pd.DataFrame, table: str) -> list[str]:
        """Return what rows of one table (school, number) lack for a difference-in-differences."""
        if self.first.empty:
            return ["pilot_school"]
        if not self.comparisons:
            return ["comparison_school"]
        if rows.empty:
            return [table]
        # Some pilot school and some comparison school must be seen on both sides of a start.
        start = rows["school"].map(self.first)
        compared = rows["school"].isin(self.comparisons)
        missing = []
        for name, seen, beside in (
            ("before", rows["number"] < start, rows["number"] < self.first.min()),
            ("after", rows["number"] >= start, rows["number"] >= self.first.min()),
        ):
            if not seen.any() or not (beside & compared).any():
                missing.append(f"{table}_{name}")
        return missing


def _own_rows(processed: Path, parameters: Parameters) -> pd.DataFrame:
    """Return pupils' terms in the window, at schools whose history allows them in."""
    pupils, exposure = _rows(processed, "pupil_terms"), read_table(processed, "exposure")
    window = terms.between(parameters.first_term, parameters.last_term)
    pupils = pupils[
        pupils["term"].isin(window) & ~pupils["school"].isin(parameters.exclude_schools)
    ]
    refused = refused_controls(exposure, parameters.admit_controls)
    own = pupils[~pupils["school"].isin(list(refused))]
    return own[(own["status"] != "unknown") | own["school"].isin(parameters.admit_controls)]


def design_of(
    processed: Path, parameters: Parameters
) -> Iterator[tuple[str, frozenset[str], pd.Series, pd.DataFrame]]:
    """Yield each school form with its schools, the first pilot term of those that have one, and rows."""
    own, exposure = _own_rows(processed, parameters), read_table(processed, "exposure")
    for form, rows in own.groupby("school_form"):
        schools = frozenset(rows["school"])
        first = first_treated(exposure[exposure["school"].isin(list(schools))]).map(terms.number)
        yield str(form), schools, first, rows


def answerable(processed: Path, parameters: Parameters) -> list[Answerable]:
    """Return every claim in every school form of the exports, with what it lacks."""
    exposure = read_table(processed, "exposure")
    found = []
    for form, schools, first, rows in design_of(processed, parameters):
        design = _Design(first, schools - set(first.index))
        parts = _Parts(processed, rows, exposure, design, parameters)
        found += [
            Answerable(claim, form, tuple(dict.fromkeys(parts.of(claim)))) for claim in CLAIMS
        ]
    if found:
        return found
    lacks = "pupils" if read_table(processed, "pupil_terms").empty else "term"
    return [Answerable(claim, "", (lacks,)) for claim in CLAIMS]


def _rows(processed: Path, name: str) -> pd.DataFrame:
    """Return a table with its terms as numbers; one that is missing has no rows."""
    if not (processed / f"{name}.parquet").exists():
        return pd.DataFrame(columns=["school", "term", "number", "role"])
    table = read_table(processed, name)
    return table.assign(number=terms.numbers(table["term"]))


@dataclass(frozen=True)
class _Parts:
    """One school form's rows of every table, asked claim by claim."""

    processed: Path
    rows: pd.DataFrame
    exposure: pd.DataFrame
    design: _Design
    parameters: Parameters

    def of(self, claim: str) -> list[str]:
        """Return what a claim lacks."""
        asked: dict[str, Callable[[], list[str]]] = {
            "C1": self._attendance,
            "C2": self._goals,
            "C3": self._earlier_absence,
            "C4": self._targeted,
            "C5": self._teachers,
            "C6": self._pupils,
            "C7": self._cost,
        }
        return asked[claim]()

    def _attendance(self) -> list[str]:
        """Return what C1 lacks: a share, or minutes per school day where lesson time is unknown."""
        lacks = self._absence_share()
        if lacks != ["lesson_time"]:
            return lacks
        weeks = read_table(self.processed, "calendar")
        dated = self.rows["term"].isin(weeks.loc[weeks["school_days"] > 0, "term"])
        told = self.rows[self.rows["absent_minutes"].notna() & dated]
        return lacks if told.empty else self.design.lacks(told, "absence")

    def _absence_share(self) -> list[str]:
        taught = self.rows[self.rows["scheduled_minutes"].fillna(0) > 0]
        return self.design.lacks(taught, "lesson_time") or self.design.lacks(
            taught[taught["absent_minutes"].notna()], "absence"
        )

    def _goals(self) -> list[str]:
        return self.design.lacks(self.rows[self.rows["n_registered"].fillna(0) > 0], "grades")

    def _earlier_absence(self) -> list[str]:
        lacks = self._absence_share()
        if lacks:
            return lacks
        then = self.design.first.min() - self.parameters.eligibility_lag
        known = self.rows["absent_minutes"].notna() & (self.rows["number"] == then)
        return [] if known.any() else ["selection_term"]

    def _targeted(self) -> list[str]:
        lacks = [*self._earlier_absence(), *self._goals()]
        own = self.exposure[self.exposure["school"].isin(self.design.first.index)]
        if not lacks and not (own["organisation"] == "targeted").any():
            lacks = ["targeted_school"]
        return lacks

    def _teachers(self) -> list[str]:
        sheets = _rows(self.processed, "staff_survey")
        sheets = sheets[(sheets["role"] == "teacher") & self._here(sheets)]
        return self.design.lacks(sheets, "teacher_answers")

    def _pupils(self) -> list[str]:
        sheets = _rows(self.processed, "pupil_survey")
        return self.design.lacks(sheets[self._here(sheets)], "pupil_answers")

    def _here(self, sheets: pd.DataFrame) -> "pd.Series[bool]":
        return sheets["school"].isin([*self.design.first.index, *self.design.comparisons])

    def _cost(self) -> list[str]:
        attendance, goals = self._absence_share(), self._goals()
        if attendance and goals:
            return [*attendance, *goals]
        own = self.exposure[self.exposure["school"].isin(self.design.first.index)]
        return [] if (own["cost_sek"].fillna(0) > 0).any() else ["cost"]
