"""What the panel and the questionnaires hold, as tables that may be shown."""

import contextlib
from collections.abc import Sequence
from functools import cached_property

import pandas as pd
from IPython.display import HTML, Markdown

from pilot_analysis import disclosure, estimates, panel
from pilot_analysis.disclosure import shown
from pilot_analysis.disclosure.rules import RULES
from pilot_analysis.errors import NotEstimable
from pilot_analysis.evaluation import subgroups
from pilot_analysis.panel import Outcome, questionnaires
from pilot_analysis.words import told
from pilot_analysis.workbench.core import Core
from pilot_analysis.workbench.tables import show


class Descriptives(Core):
    """Descriptive tables of a notebook: counts are rounded, small cells suppressed."""

    def flow(self) -> pd.DataFrame:
        """Return what each rule of the sample left out, counts rounded."""
        return shown.flow(self.panel.flow)

    def holdings(self) -> HTML | Markdown:
        """Show what the panel holds: schools, pupils (rounded) and terms by school form and arm."""
        return show(self._record(shown.holdings(panel.holdings(self.panel))))

    def pupils_by_school(self) -> pd.DataFrame:
        """Return pupils by school and term; small schools suppressed, and what gives them back."""
        safe = self._record(shown.pupils_by_school(panel.pupils_by_school(self.panel)))
        counts = safe.columns[1:]
        return safe.assign(**{c: [told(None if n != n else n) for n in safe[c]] for c in counts})

    def balance(self) -> pd.DataFrame:
        """Return how pilot and comparison pupils differed before anything started."""
        return self._record(shown.balance(panel.balance(self.panel)))

    def changes(self, outcome: str) -> pd.DataFrame:
        """Return means before and after the first start, pilot and comparison schools."""
        table, described = panel.change_table(self.panel, outcome), panel.OUTCOMES[outcome]
        safe = self._record(shown.changes(table, described))
        return safe.rename(columns={"schools": "arm"}).assign(unit=self.words.unit(described.unit))

    def subgroups(self, outcome: str) -> pd.DataFrame:
        """Return the plan's subgroups' means before and after as estimates rows, described only."""
        described, columns = panel.OUTCOMES[outcome], self.plan.subgroups
        table = panel.subgroup_changes(self.panel, outcome, columns)
        if table.empty:
            return estimates.table([])
        safe = self._record(shown.subgroup_changes(table, described))
        return subgroups.rows(safe, described, least=RULES.min_pupils_one_school)

    def trends(self, outcome: str) -> pd.DataFrame:
        """Return term means of pilot and comparison schools of one outcome."""
        described = panel.OUTCOMES[outcome]
        return self._record(shown.trends(panel.group_trends(self.panel.data, described), described))

    def against_baseline(self, outcome: str) -> pd.DataFrame:
        """Return the change of each arm's term means, as shown, since before the start."""
        table = panel.against_baseline(self.trends(outcome), self.starts())
        if table["change"].isna().all():
            return _nobody(["school_form", "arm", "term"], "change")
        return table

    def distribution(
        self,
        outcome: str,
        *,
        by: Sequence[str],
        edges: Sequence[float] = (),
        rows: pd.DataFrame | None = None,
    ) -> pd.DataFrame:
        """Return pupils (or answer sheets) by band of an outcome, as they may be shown.

        `by` and `edges` as in `panel.distribution`; `rows` are the whole panel's unless given.
        Questionnaires' are always by school form, arm and period; without `edges`, an index is cut
        by where it runs from and to.
        """
        survey = panel.SURVEY_OUTCOMES.get(outcome)
        if survey is None:
            data = panel.with_groups(self.panel.data if rows is None else rows)
            table = panel.distribution(data, outcome, by=by, edges=edges)
        elif (answers := self._answers(survey)) is not None:
            edges = edges or answers.bands(outcome)
            table = questionnaires.distribution(answers, outcome, edges, self.parameters)
        else:
            table = pd.DataFrame()
        if table.empty:
            return _nobody([*by, "band"], "n", "share")
        safe = self._record(shown.distribution(table, by, f"distribution of {outcome}"))
        if "school" in by:
            # Pilot schools first within each school form, as a reader looks for them.
            schools = self.panel.data.drop_duplicates("school").sort_values(
                ["school_form", "ever_treated", "school"], ascending=[True, False, True]
            )
            place = {school: at for at, school in enumerate(schools["school"])}
            safe = safe.sort_values("school", key=lambda s: s.map(place), kind="stable")
        return safe.fillna({"n": 0, "share": 0}) if safe["n"].isna().all() else safe

    def beside(self, outcome: str, other: str, *, edges: Sequence[float]) -> pd.DataFrame:
        """Return means of one outcome by band of another, by school form, arm and period."""
        keys = ["school_form", "arm", "period"]
        data = panel.with_groups(self.panel.data)
        table = panel.beside(data, outcome, other, by=keys, edges=edges)
        if table.empty:
            return _nobody([*keys, "band"], "mean", "n_pupils")
        safe = self._record(shown.beside(table, panel.OUTCOMES[outcome], f"{outcome} by {other}"))
        return safe.fillna({"mean": 0}) if safe["mean"].isna().all() else safe

    def eligible(self) -> pd.DataFrame:
        """Return eligible pupils of every school form that has any, by the school they were at."""
        nobody = self.panel.data.iloc[:0]
        found = [nobody.assign(origin=nobody["school"], eligible=0.0)]
        for form in self.panel.school_forms:
            with contextlib.suppress(NotEstimable):
                rows = panel.eligible_panel(self.panel, self.parameters, form)
                found.append(rows[rows["eligible"] == 1])
        return pd.concat(found, ignore_index=True)

    def reversion(self, outcome: str) -> pd.DataFrame:
        """Return how eligible pupils moved by themselves and at pilot schools."""
        described = panel.OUTCOMES[outcome]
        table = panel.reversion(self.panel, self.parameters, described)
        return self._record(shown.reversion(table, described))

    @cached_property
    def roles(self) -> dict[str, questionnaires.Answers]:
        """What each role answered, where anything can be compared."""
        return {role: a for role, a in self.every_role.items() if len(a.data)}

    @cached_property
    def every_role(self) -> dict[str, questionnaires.Answers]:
        """What each role that was asked answered; nothing where all of it was left out."""
        return questionnaires.every_role(self.processed, self.parameters)

    def _answers(self, outcome: Outcome) -> questionnaires.Answers | None:
        """Return the answers about an outcome; None where nobody was asked about it."""
        answers = self.roles.get(outcome.role)
        return answers if answers is not None and answers.asks(outcome.name) else None

    def top_fifth(self, index: str) -> float | None:
        """Return from where an index is in the top fifth of its range; None where nobody was asked."""
        answers = self._answers(panel.SURVEY_OUTCOMES[index])
        return answers.bands(index)[-2] if answers is not None else None

    def comparability(self) -> Markdown:
        """Return what of the questionnaires could not be compared between waves."""
        lines = [
            f"- {role}: {disclosure.coarse_text(text)}"
            for role, a in self.every_role.items()
            for text in a.left_out
        ]
        return Markdown("\n".join(lines) or "Every wave asked the same.")


def _nobody(keys: Sequence[str], *figures_of: str) -> pd.DataFrame:
    """Return a table of one row without anybody, so that seaborn has something to draw nothing of."""
    row = dict.fromkeys(keys, "") | {"n_schools": 0} | dict.fromkeys(figures_of, 0.0)
    return pd.DataFrame([row])
