"""A notebook's figures: drawn, saved with their numbers, shown.

Models are imported where they are used: most of a notebook's start is imports.
"""

import functools
from collections.abc import Callable
from functools import partial
from typing import Any

import pandas as pd
from IPython.display import Image, Markdown, display
from matplotlib.figure import Figure

from pilot_analysis import disclosure, figures, panel
from pilot_analysis.catalogue import reasons
from pilot_analysis.catalogue.language import ENGLISH
from pilot_analysis.catalogue.words import words_for
from pilot_analysis.disclosure import shown
from pilot_analysis.errors import NotEstimable
from pilot_analysis.panel import Outcome, questionnaires
from pilot_analysis.report import answers, sentences
from pilot_analysis.words import Language, capital, form_name
from pilot_analysis.workbench import grid_findings
from pilot_analysis.workbench.descriptives import Descriptives

_NO_BASELINE = "There is no term before the first start in which both kinds of schools are seen."
_NOBODY = "Nobody was asked."
_TOO_FEW = "Withheld: too few pupils, answers or schools for anything to be shown."

# The unit of each figure of coefficients.
_COEFFICIENTS = {
    "attendance": "percentage points",
    "goals": "percentage points",
    "eligible": "percentage points",
    "targeted": "percentage points",
    "hours": "hours a week",
    "indices": "index points",
}


def _each_form(draw: Callable[..., Image | Markdown]) -> Callable[..., None]:
    """Let a drawing of one school form show one for every form that the data hold."""

    @functools.wraps(draw)
    def drawn(self: "Drawings", *arguments: Any) -> None:
        for form in self.panel.school_forms:
            display(draw(self, *arguments, school_form=form))

    return drawn


class Drawings(Descriptives):
    """Figures of a notebook; each says so where nothing may be shown."""

    def save_grid(
        self,
        name: str,
        grid: Any,
        numbers: pd.DataFrame,
        *,
        title: str,
        caption: str,
        above: float | None = None,
    ) -> Image | Markdown:
        """Finish and save what seaborn has drawn (a FacetGrid), and return the picture.

        The title ends in what the numbers show: of bands, in the share from the edge `above` on.
        """
        drawn = [c for c in ("n", "mean", "change") if c in numbers]
        figures.close(grid)
        if not numbers[drawn].fillna(0).to_numpy(dtype=float).any():
            return Markdown(_TOO_FEW)
        if {"school_form", "term", "change"} <= set(numbers):
            figures.mark_terms(grid.axes_dict, self.starts(), self.marked)
        figure = figures.finish_grid(
            grid,
            title=grid_findings.title_of(title, numbers, above, self.words),
            caption=caption,
            synthetic=self.synthetic,
            ends=grid_findings.ends_of(numbers, self.words),
            under=self._pilot_from() if "school" in numbers else {},
        )
        return self.save_figure(name, figure, numbers, vector=False)

    def _pilot_from(self) -> dict[str, str]:
        """Return what stands under a pilot school's name: from when it is one."""
        pilot = self.panel.data.dropna(subset="first_treated").drop_duplicates("school")
        return {
            school: self.words("figure_pilot_from", term=first)
            for school, first in zip(pilot["school"], pilot["first_treated"], strict=True)
        }

    def draw_balance(self) -> Image | Markdown:
        """Draw and save how different pilot and comparison pupils were before anything started."""
        balance = self.balance()
        if balance.empty or balance["hedges_g"].isna().all():
            return Markdown(_NO_BASELINE)
        drawn = figures.balance(balance, synthetic=self.synthetic)
        return self.save_figure("balance", drawn, balance)

    def draw_trends(self, outcome: str) -> Image | Markdown:
        """Draw and save the trends of one outcome."""
        return self._draw_trend(self.trends(outcome), panel.OUTCOMES[outcome])

    def _draw_trend(self, trend: pd.DataFrame, outcome: Outcome) -> Image | Markdown:
        if trend["mean"].isna().all():
            return Markdown(_TOO_FEW)
        draw = partial(
            figures.trends,
            trend,
            outcome,
            starts=self.starts(),
            marked=self.marked,
            synthetic=self.synthetic,
        )
        return self.save_figure(f"trends_{outcome.name}", _in_language(draw), trend)

    @_each_form
    def draw_event_study(
        self, table: pd.DataFrame, outcome: str, school_form: str
    ) -> Image | Markdown:
        """Draw and save the effect by time since the start, out of an estimates table."""
        from pilot_analysis.evaluation.fitting import PRIMARY_MODEL

        rows = _rows(table, PRIMARY_MODEL, outcome, school_form)
        rows = self.protected(rows[rows["specification"] == "by_term"])
        if not rows["estimate"].notna().any():
            return _nothing(school_form, rows)
        draw = partial(
            figures.event_study,
            rows,
            panel.OUTCOMES[outcome],
            school_form=school_form,
            marked=self.marked,
            starts=self.starts()[school_form],
            synthetic=self.synthetic,
        )
        return self.save_figure(f"event_study_{outcome}_{school_form}", _in_language(draw), rows)

    def draw_coefficients(self, table: pd.DataFrame, name: str) -> Image | Markdown:
        """Draw and save primary estimates in one unit, with known true effects when synthetic.

        `name` is the figure's: attendance, goals, eligible, targeted, hours or indices.
        """
        unit = _COEFFICIENTS[name]
        table = self.protected(table)
        # How well data were recorded is no effect on anybody: never on the axis of those that are.
        drawn = ~table["outcome"].isin(answers.DATA_QUALITY)
        rows = table[drawn & (table["unit"] == unit) & table["estimate"].notna()]
        # A school form's rows stand together, under its name.
        rows = rows.sort_values("school_form", kind="stable").reset_index(drop=True)
        if rows.empty:
            return Markdown("Nothing could be estimated.")
        known = [sentences.true_effect(r, self.truth) for r in rows.to_dict("records")]
        truth = [e["effect"] if e else float("nan") for e in known] if self.truth else None

        drawn_rows = rows.to_dict("records")
        main = next((r for r in drawn_rows if self._answers_its_claim(r)), drawn_rows[0])
        several = len(set(rows["school_form"])) > 1

        def draw(language: Language) -> Figure:
            words = words_for(language, self.parameters, self.description, self.school_forms)
            named = [words.outcome(r["outcome"], r["school_form"]) for r in drawn_rows]
            forms = [capital(words.form(r["school_form"])) for r in drawn_rows]
            return figures.coefficients(
                rows,
                named if several else [sentences.row_label(r, words) for r in drawn_rows],
                group_by=forms if several else (),
                title=sentences.finding(main, words, one_of_several=self.one_of_several(main)),
                truth=truth,
                unit=unit,
                synthetic=self.synthetic,
                language=language,
            )

        return self.save_figure(f"coefficients_{name}", draw, rows)

    def _answers_its_claim(self, row: dict[str, Any]) -> bool:
        """Say whether a row is the one that answers its claim's question."""
        about = (row["outcome"], row["population"])
        return row["claim"] in answers.CLAIMS and about == answers.question_of(
            self.plan, row["claim"]
        )

    def draw_timeline(self) -> Image:
        """Draw and save who had mentors when."""
        exposure = shown.exposure(panel.exposure_map(self.processed))
        draw = partial(figures.exposure_timeline, exposure, synthetic=self.synthetic)
        return self.save_figure("exposure_timeline", _in_language(draw), exposure)

    def draw_survey_trend(self, outcome: str) -> Image | Markdown:
        """Draw and save the wave means of a questionnaire's outcome."""
        described = panel.SURVEY_OUTCOMES[outcome]
        answers = self._answers(described)
        if answers is None:
            return self._no_answers(described.role)
        means = questionnaires.group_means(answers, outcome, "term", self.parameters)
        return self._draw_trend(self._record(shown.answers(means, described)), described)

    @_each_form
    def draw_items(self, role: str, school_form: str) -> Image | Markdown:
        """Draw and save how a role answered each item; says so where nothing may be shown."""
        if role not in self.roles:
            return self._no_answers(role)
        answers = self.roles[role]
        told = questionnaires.item_shares(answers, school_form, self.parameters)
        shares = self._record(shown.items(told, f"answers of {role}s, {school_form}"))
        if shares.empty:
            return Markdown(_TOO_FEW)
        draw = partial(
            figures.survey_items,
            shares,
            answers.instrument,
            role=role,
            school_form=school_form,
            synthetic=self.synthetic,
        )
        return self.save_figure(f"survey_items_{role}_{school_form}", _in_language(draw), shares)

    def _no_answers(self, role: str) -> Markdown:
        """Say why a role has no answers: nobody was asked, or all of them were left out."""
        if role in self.roles or role not in self.every_role:
            return Markdown(_NOBODY)
        why = "; ".join(map(disclosure.coarse_text, self.every_role[role].left_out))
        return Markdown(f"All answers of {role}s were left out: {why}." if why else _NOBODY)

    def draw_roles(self) -> Image | Markdown:
        """Draw and save the roles' indices side by side."""
        if not self.roles:
            return Markdown(_NOBODY)
        told = questionnaires.role_means(self.roles.values(), self.parameters)
        means = self._record(shown.role_answers(told))
        instruments = {role: answers.instrument for role, answers in self.roles.items()}
        draw = partial(figures.survey_roles, means, instruments, synthetic=self.synthetic)
        return self.save_figure("survey_roles", _in_language(draw), means)

    def draw_themes(self) -> Image | Markdown:
        """Draw and save how often each role's free-text answers speak of each theme."""
        counted = questionnaires.themes(self.processed, self.parameters)
        if counted.empty:
            return Markdown("No free-text answers were coded and counted.")
        told = self._record(shown.themes(counted, self.parameters.survey_min_answers))
        if told["n_answers"].isna().all():
            return Markdown(_TOO_FEW)
        words = self.description.themes
        draw = partial(figures.survey_themes, told, words, synthetic=self.synthetic)
        return self.save_figure("survey_themes", _in_language(draw), told)

    @_each_form
    def draw_reversion(self, outcome: str, school_form: str) -> Image | Markdown:
        """Draw and save how eligible pupils moved by themselves, with the placebo beside."""
        described = panel.OUTCOMES[outcome]
        own = self._paths(described, school_form, shift=0)
        try:
            earlier = self._paths(described, school_form, shift=panel.eligibility.PLACEBO_SHIFT)
        except NotEstimable:
            earlier = own.iloc[:0]
        if own.empty:
            return Markdown(_TOO_FEW)
        draw = partial(
            figures.reversion,
            own,
            earlier,
            described,
            school_form,
            marked=self.marked,
            synthetic=self.synthetic,
        )
        numbers = pd.concat([own.assign(rule="the pilot"), earlier.assign(rule="placebo")])
        return self.save_figure(f"reversion_{outcome}_{school_form}", _in_language(draw), numbers)

    def _paths(self, outcome: Outcome, school_form: str, *, shift: int) -> pd.DataFrame:
        table = panel.eligibility.paths(self.panel, self.parameters, outcome, shift=shift)
        own = table[table["school_form"] == school_form].reset_index(drop=True)
        safe = self._record(shown.paths(own, outcome))
        return safe[safe["mean"].notna()].reset_index(drop=True)

    @_each_form
    def draw_drift(self, table: pd.DataFrame, outcome: str, school_form: str) -> Image | Markdown:
        """Draw and save honest DiD; where no interval is bounded say why."""
        from pilot_analysis.evaluation import checks

        rows = self.protected(_rows(table, checks.HONEST, outcome, school_form))
        if rows["reason"].ne("").all():
            return _nothing(school_form, rows)
        figure = figures.drift(
            rows,
            panel.OUTCOMES[outcome],
            population=form_name(school_form, ENGLISH),
            synthetic=self.synthetic,
        )
        return self.save_figure(f"drift_{outcome}_{school_form}", figure, rows)

    @_each_form
    def draw_curve(self, table: pd.DataFrame, school_form: str) -> Image | Markdown:
        """Draw and save the specification curve of one school form."""
        from pilot_analysis.evaluation.checks import curve

        rows = self.protected(table[table["school_form"] == school_form])
        if not rows["estimate"].notna().any():
            return _nothing(school_form, rows)
        figure = figures.specification_curve(
            rows[rows["model"] == curve.MODEL],
            rows[rows["model"] == curve.JOINT],
            choices_of=curve.CHOICES,
            population=form_name(school_form, ENGLISH),
            synthetic=self.synthetic,
        )
        # Each choice has a column of its own, and what no row has needs none.
        numbers = rows.drop(columns="specification").dropna(axis=1, how="all")
        return self.save_figure(f"specification_curve_{school_form}", figure, numbers)

    @_each_form
    def draw_left_out(
        self, table: pd.DataFrame, outcome: str, school_form: str
    ) -> Image | Markdown:
        """Draw and save the estimates without each school in turn."""
        from pilot_analysis.evaluation import checks

        rows = self.protected(_rows(table, checks.LEFT_OUT, outcome, school_form))
        if not rows["estimate"].notna().any():
            return _nothing(school_form, rows)
        rows = rows[rows["estimate"].notna()].reset_index(drop=True)
        described = panel.OUTCOMES[outcome]
        figure = figures.coefficients(
            rows,
            list(rows["specification"]),
            truth=None,
            unit=described.unit,
            title=self.words(
                "figure_left_out_title",
                outcome=self.words.outcome(described.name, school_form),
                form=self.words.form(school_form),
                first=self.words.number(rows["estimate"].min()),
                second=self.words.number(rows["estimate"].max()),
                unit=self.words.unit(described.unit),
            ),
            synthetic=self.synthetic,
        )
        return self.save_figure(f"left_out_{outcome}_{school_form}", figure, rows)

    def draw_published(self, table: pd.DataFrame) -> Image:
        """Draw and save this pilot's effects on absence beside published ones."""
        from pilot_analysis.evaluation import context

        beside = context.beside(self.protected(table))
        figure = figures.published(beside, synthetic=self.synthetic)
        return self.save_figure("published_effects", figure, beside)


def _nothing(school_form: str, rows: pd.DataFrame) -> Markdown:
    """Say why there is nothing to draw for a school form."""
    why = [reasons.sentence(row, ENGLISH) for row in rows.to_dict("records")]
    told = next((w for w in why if w), "there are no estimates")
    return Markdown(f"{capital(form_name(school_form, ENGLISH))}: nothing to draw, since {told}.")


def _rows(table: pd.DataFrame, model: str, outcome: str, school_form: str) -> pd.DataFrame:
    """Return one model's rows of an outcome in a school form."""
    return table[
        (table["model"] == model)
        & (table["outcome"] == outcome)
        & (table["school_form"] == school_form)
    ]


def _in_language(draw: Callable[..., Figure]) -> Callable[[Language], Figure]:
    """Return a function of the language alone."""
    return lambda language: draw(language=language)
