"""Which claims these exports can answer, school form by school form, and what each one lacks.

Said before anything is estimated, from what the tables hold: of outcomes it is looked at whether they
are known, of pupils who is eligible, and of questionnaires how many answered.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd

from pilot_analysis import terms
from pilot_analysis.errors import NotEstimable
from pilot_analysis.panel import questionnaires
from pilot_analysis.panel.build import Panel, build, first_treated, read_table, refused_controls
from pilot_analysis.panel.eligibility import eligible_panel
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
        """Return what rows of one table (school, number) lack for a difference-in-differences.

        As the estimator has it: some pilot school must be seen before and after its own start, in
        terms in which a comparison school is seen too. One that starts after all rows is compared.
        """
        if self.first.empty:
            return ["pilot_school"]
        if not self.comparisons:
            return ["comparison_school"]
        if rows.empty:
            return [table]
        seen = {str(school): set(own) for school, own in rows.groupby("school")["number"]}
        last = rows["number"].max()
        later = set(self.first.index[self.first > last])
        others = [terms for school, terms in seen.items() if school in self.comparisons | later]
        sides = [
            (any(t < start for t in shared), any(t >= start for t in shared))
            for school, start in self.first.items()
            for shared in (seen.get(str(school), set()) & other for other in others)
        ]
        missing = [
            f"{table}_{name}"
            for i, name in enumerate(("before", "after"))
            if not any(side[i] for side in sides)
        ]
        if not missing and not any(map(all, sides)):
            missing = [f"{table}_together"]
        return missing

    def lacks_around(self, panel: pd.DataFrame, rows: pd.DataFrame, table: str) -> list[str]:
        """Return `lacks` of rows of a school form's panel, which must reach over the first start of all."""
        missing = self.lacks(rows, table)
        if missing or self.first.empty:
            return missing
        start = self.first.min()
        sides = {"before": panel["number"] < start, "after": panel["number"] >= start}
        return [f"{table}_{name}" for name, there in sides.items() if not there.any()]


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
    panel = cache(lambda: build(processed, parameters))
    found = []
    for form, schools, first, rows in design_of(processed, parameters):
        design = _Design(first, schools - set(first.index))
        parts = _Parts(processed, form, rows, exposure, design, parameters, panel)
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
    form: str
    rows: pd.DataFrame
    exposure: pd.DataFrame
    design: _Design
    parameters: Parameters
    panel: Callable[[], Panel]

    def of(self, claim: str) -> list[str]:
        """Return what a claim lacks."""
        asked: dict[str, Callable[[], list[str]]] = {
            "C1": self._attendance,
            "C2": self._goals,
            "C3": self._earlier_absence,
            "C4": self._targeted,
            "C5": lambda: self._answers("teacher", "hours_other"),
            "C6": lambda: self._answers("pupil", "safety_index"),
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
        return lacks if told.empty else self._lacks(told, "absence")

    def _lacks(self, rows: pd.DataFrame, table: str) -> list[str]:
        return self.design.lacks_around(self.rows, rows, table)

    def _absence_share(self) -> list[str]:
        taught = self.rows[self.rows["scheduled_minutes"].fillna(0) > 0]
        return self._lacks(taught, "lesson_time") or self._lacks(
            taught[taught["absent_minutes"].notna()], "absence"
        )

    def _goals(self) -> list[str]:
        return self._lacks(self.rows[self.rows["n_registered"].fillna(0) > 0], "grades")

    def _earlier_absence(self) -> list[str]:
        lacks = self._absence_share()
        if lacks:
            return lacks
        then = self.design.first.min() - self.parameters.eligibility_lag
        known = self.rows["absent_minutes"].notna() & (self.rows["number"] == then)
        if not known.any():
            return ["selection_term"]
        pupils = self._eligible()
        if pupils.empty:
            return ["eligible_pupils"]
        known = pupils["absence_share"].notna()
        return ["eligible_followed"] if self.design.lacks(pupils[known], "absence") else []

    def _eligible(self) -> pd.DataFrame:
        """Return eligible pupils' rows, at the school that they were picked at; none where nobody is."""
        try:
            data = eligible_panel(self.panel(), self.parameters, self.form)
        except NotEstimable:
            return pd.DataFrame()
        data = data[data["eligible"] == 1]
        return data.assign(school=data["origin"], number=data["term_number"])

    def _targeted(self) -> list[str]:
        lacks = [*self._earlier_absence(), *self._goals()]
        first = self.design.first
        own = self.exposure[self.exposure["school"].isin(first.index)]
        targeted = own.loc[own["organisation"] == "targeted", "school"].unique()
        if lacks or not len(targeted):
            return lacks or ["targeted_school"]
        pupils = self._eligible()
        graded = pupils[pupils["goals_all"].notna()]
        kind = graded["organisation"].where(graded["ever_treated"], "targeted")
        design = _Design(first[first.index.isin(targeted)], self.design.comparisons)
        return ["targeted_followed"] if design.lacks(graded[kind == "targeted"], "grades") else []

    def _answers(self, role: str, outcome: str) -> list[str]:
        """Return what a claim that one role's questionnaire answers lacks."""
        table = f"{role}_answers"
        found = questionnaires.every_role(self.processed, self.parameters).get(role)
        if found is None:
            return self.design.lacks(pd.DataFrame(), table)
        if len(found.data) and not found.asks(outcome):
            return [f"{outcome}_asked"]
        sheets = found.data[found.data["school_form"] == self.form]
        if outcome in sheets:
            sheets = sheets[sheets[outcome].notna()]
        sheets = sheets.assign(number=sheets["term_number"])
        here = sheets["school"].isin([*self.design.first.index, *self.design.comparisons])
        lacks = self.design.lacks(sheets[here], table)
        few = not lacks and questionnaires.too_few(found, self.form, self.parameters)
        return [f"{table}_few"] if few else lacks

    def _cost(self) -> list[str]:
        """Return what C7 lacks: no gain has to be known for what was paid to be told."""
        if (design := self._goals()) in (["pilot_school"], ["comparison_school"]):
            return design
        own = self.exposure[self.exposure["school"].isin(self.design.first.index)]
        return [] if (own["cost_sek"].fillna(0) > 0).any() else ["cost"]
