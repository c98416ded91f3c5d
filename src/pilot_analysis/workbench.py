"""What a notebook needs around its calls: checked parameters, the panel, saved results, tables.

Notebooks define no functions and name no paths; they start a workbench and hand it results. Models
are imported where they are used: most of a notebook's start is imports.
"""

import contextlib
import functools
import json
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pandas as pd
from IPython.display import HTML, Image, Markdown, display
from matplotlib.figure import Figure

from pilot_analysis import (
    description,
    disclosure,
    estimates,
    figures,
    panel,
    plan,
    registry,
    terms,
)
from pilot_analysis.catalogue import reasons
from pilot_analysis.catalogue.language import ENGLISH, ending
from pilot_analysis.catalogue.words import Words, words_for
from pilot_analysis.disclosure import schemas, shown
from pilot_analysis.errors import NotEstimable
from pilot_analysis.figures.marks import MarkedTerm
from pilot_analysis.files import write_if_changed
from pilot_analysis.panel import Outcome, questionnaires
from pilot_analysis.parameters import Parameters
from pilot_analysis.report import answers, pictures, sentences, verdicts
from pilot_analysis.words import (
    LANGUAGES,
    Language,
    capital,
    coverage_marks,
    dropped_by_rule,
    form_name,
    number,
    show_whose,
    told,
)

_Safe = TypeVar("_Safe")
_SHOWN = {
    "outcome": "outcome",
    "school_form": "school form",
    "population": "population",
    "estimand": "estimand",
    "event_time": "terms since start",
    "model": "model",
    "specification": "specification",
    "term": "term",
    "estimate": "estimate",
    "interval": "interval",
    "p_value": "p",
    "p_value_min": "smallest possible p",
    "method": "method",
    "n_pupils": "pupils",
    "n_schools": "schools",
    "n_treated_schools": "pilot schools",
    "detectable_effect": "minimum detectable effect (80 % power)",
    "unit": "unit",
    "why": "no estimate because",
}


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


def start(notebook: str, variables: Mapping[str, Any]) -> "Workbench":
    """Return the workbench of a notebook, its parameters checked.

    `variables` are the notebook's own (`locals()`); only declared parameters are read. A notebook
    that is no part of the workflow reads those it has.
    """
    own = [name for name in Parameters.model_fields if name in variables]
    row = registry.notebooks().get(notebook)
    given = {name: variables[name] for name in (row.parameters if row else own)}
    bench = Workbench(
        notebook,
        Parameters.model_validate(given),
        Path(variables["processed_dir"]),
        Path(variables["results_dir"]),
    )
    bench.forget_figures()
    show_whose(bench.description, bench.parameters)
    figures.theme()
    return bench


def _each_form(draw: Callable[..., Image | Markdown]) -> Callable[..., None]:
    """Let a drawing of one school form show one for every form that the data hold."""

    @functools.wraps(draw)
    def drawn(self: "Workbench", *arguments: Any) -> None:
        for form in self.panel.school_forms:
            display(draw(self, *arguments, school_form=form))

    return drawn


class Workbench:
    """One notebook's inputs and outputs.

    `results_dir` receives `estimates/<notebook>.parquet`, `figures/`, and what was withheld as
    `withheld/<notebook>.json`.
    """

    def __init__(
        self, notebook: str, parameters: Parameters, processed: Path, results: Path
    ) -> None:
        self.notebook = notebook
        self.parameters = parameters
        self.processed = processed
        self.results = results
        self._withheld: list[dict[str, str]] = []

    @cached_property
    def panel(self) -> panel.Panel:
        """The analysis panel under the run's parameters."""
        return panel.build(self.processed, self.parameters)

    @cached_property
    def quality(self) -> dict[str, Any]:
        """Ingest's quality report, as it may be shown."""
        return self._record(disclosure.protect_quality(panel.read_quality(self.processed)))

    def _record(self, protected: tuple[_Safe, list[disclosure.Withheld]]) -> _Safe:
        """Return what may be shown, and note what was withheld for `disclosure.json`."""
        safe, withheld = protected
        new = [w.as_dict() for w in withheld if w.as_dict() not in self._withheld]
        if new:
            self._withheld += new
            path = self.results / "withheld" / f"{self.notebook}.json"
            write_if_changed(path, json.dumps(self._withheld, ensure_ascii=False, indent=1))
        return safe

    @cached_property
    def truth(self) -> dict[str, Any] | None:
        """The generator's known effects; None for real data."""
        path = self.processed / "truth.json"
        if not self.synthetic or not path.exists():
            return None
        found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return found

    @cached_property
    def words(self) -> Words:
        """English words as the run's parameters make them."""
        return words_for(ENGLISH, self.parameters, self.description)

    @property
    def synthetic(self) -> bool:
        """Whether the exports were made by the generator."""
        return bool(self.quality["synthetic"])

    def notice(self) -> Markdown:
        """Return what stands on top: that data are synthetic, and parameters that differ."""
        lines = [f"**{self.quality['notice']}**"] if self.synthetic else []
        return Markdown("\n\n".join([*lines, self._departures()]))

    def _departures(self) -> str:
        """Return, in one line, the parameters that are not the default."""
        default = Parameters.model_validate({})
        other = {
            name: value
            for name in self.parameters.model_fields_set
            if (value := getattr(self.parameters, name)) != getattr(default, name)
        }
        named = ", ".join(f"`{name} = {other[name]!r}`" for name in sorted(other))
        return f"Parameters that differ from the default: {named or 'none'}."

    def save_figure(
        self,
        name: str,
        draw: Figure | Callable[[Language], Figure],
        numbers: pd.DataFrame,
        *,
        vector: bool = True,
    ) -> Image:
        """Save a figure with its numbers and alt text, and return the picture to be shown.

        `draw` is a figure, or a function of the language: then a figure of the board's report is
        saved in every language, as `<name>_<language>`. Without `vector` it is no figure of the
        site: it is seen in the notebook.
        """
        stem = self.results / "figures" / name
        figure = draw if isinstance(draw, Figure) else draw(ENGLISH)
        figures.save(figure, stem, numbers, vector=vector)
        if not isinstance(draw, Figure) and pictures.in_every_language(name):
            for language in LANGUAGES:
                if language != ENGLISH:
                    figures.save_vector(draw(language), stem.with_name(name + ending(language)))
        with self._made.open("a", encoding="utf-8") as made:
            made.writelines(f"{name}{ending(language)}\n" for language in LANGUAGES)
        return Image(data=stem.with_suffix(".png").read_bytes(), alt=str(figure.get_label()))

    @property
    def _made(self) -> Path:
        """The list of figures that this notebook has made."""
        return self.results / "figures" / f".{self.notebook}.made"

    def forget_figures(self) -> None:
        """Remove what this notebook's last run drew and withheld: figures no longer made must go."""
        (self.results / "withheld" / f"{self.notebook}.json").unlink(missing_ok=True)
        if not self._made.exists():
            return
        for name in self._made.read_text(encoding="utf-8").split():
            for kind in ("svg", "png", "csv", "txt"):
                (self.results / "figures" / f"{name}.{kind}").unlink(missing_ok=True)
        self._made.unlink()

    def show_estimates(self, table: pd.DataFrame, *columns: str) -> HTML:
        """Return estimates that may be shown, their interval as one column."""
        return show_estimates(self.protected(table), *columns)

    def show_checks(self, table: pd.DataFrame) -> HTML:
        """Return checks that may be shown, with the columns that tell their rows apart."""
        return show_checks(self.protected(table))

    def protected(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return estimates as they may be published."""
        return self._record(disclosure.published(table))

    def save_estimates(self, *tables: pd.DataFrame) -> None:
        """Write the notebook's rows of the estimates table, all digits, for the notebooks after it.

        They stay in the run's working folder; what is published of them is made from the whole.
        """
        table = estimates.combine(tables)[list(estimates.COLUMNS)]
        self.protected(table)
        estimates.write(table, self.results / "estimates" / f"{self.notebook}.parquet")

    def all_estimates(self) -> pd.DataFrame:
        """Return the rows that the notebooks before this one wrote, in notebook order."""
        listed = registry.notebooks()
        own = listed.get(self.notebook)
        names = own.needs if own else [name for name in listed if listed[name].estimates]
        paths = (self.results / "estimates" / f"{name}.parquet" for name in names)
        return estimates.combine(estimates.read(path) for path in paths if path.exists())

    def starts(self) -> dict[str, list[float]]:
        """Return the pilot's start terms by school form, as numbers."""
        data = self.panel.data
        known = data[data["ever_treated"]]
        grouped = known.groupby("school_form")["first_treated_number"].unique()
        return {str(form): sorted(values) for form, values in grouped.items()}

    @cached_property
    def marked(self) -> list[MarkedTerm]:
        """The terms that figures over time shade: what met every school, and remote teaching."""
        periods = self.description.marked_terms
        named = {terms.number(name): period for period in periods for name in period.terms}
        shares = panel.remote_shares(self.panel.data)
        return [
            MarkedTerm(
                str(row.school_form), int(row.term_number), named.get(row.term_number), share
            )
            for row in shares.itertuples()
            if (share := float(row.remote_share)) > 0 or row.term_number in named
        ]

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

    def draw_balance(self) -> Image | Markdown:
        """Draw and save how different pilot and comparison pupils were before anything started."""
        balance = self.balance()
        if balance.empty or balance["hedges_g"].isna().all():
            return Markdown(_NO_BASELINE)
        drawn = figures.balance(balance, synthetic=self.synthetic)
        return self.save_figure("balance", drawn, balance)

    def changes(self, outcome: str) -> pd.DataFrame:
        """Return means before and after the first start, pilot and comparison schools."""
        table = panel.change_table(self.panel, outcome)
        return self._record(shown.changes(table, panel.OUTCOMES[outcome]))

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

    def against_baseline(self, outcome: str) -> pd.DataFrame:
        """Return the change of each arm's term means, as shown, since before the start."""
        table = panel.against_baseline(self.trends(outcome), self.starts())
        if table["change"].isna().all():
            return _nobody(["school_form", "arm", "term"], "change")
        return table

    def eligible(self) -> pd.DataFrame:
        """Return eligible pupils of every school form that has any, by the school they were at."""
        nobody = self.panel.data.iloc[:0]
        found = [nobody.assign(origin=nobody["school"], eligible=0.0)]
        for form in self.panel.school_forms:
            with contextlib.suppress(NotEstimable):
                rows = panel.eligible_panel(self.panel, self.parameters, form)
                found.append(rows[rows["eligible"] == 1])
        return pd.concat(found, ignore_index=True)

    def save_grid(
        self, name: str, grid: Any, numbers: pd.DataFrame, *, title: str, caption: str
    ) -> Image | Markdown:
        """Finish and save what seaborn has drawn (a FacetGrid), and return the picture."""
        drawn = [c for c in ("n", "mean", "change") if c in numbers]
        figures.close(grid)
        if not numbers[drawn].fillna(0).to_numpy(dtype=float).any():
            return Markdown(_TOO_FEW)
        figure = figures.finish_grid(grid, title=title, caption=caption, synthetic=self.synthetic)
        return self.save_figure(name, figure, numbers, vector=False)

    def reversion(self, outcome: str) -> pd.DataFrame:
        """Return how eligible pupils moved by themselves and at pilot schools."""
        described = panel.OUTCOMES[outcome]
        table = panel.reversion(self.panel, self.parameters, described)
        return self._record(shown.reversion(table, described))

    def trends(self, outcome: str) -> pd.DataFrame:
        """Return term means of pilot and comparison schools of one outcome."""
        described = panel.OUTCOMES[outcome]
        return self._record(shown.trends(panel.group_trends(self.panel.data, described), described))

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
        rows = rows.reset_index(drop=True)
        if rows.empty:
            return Markdown("Nothing could be estimated.")
        known = [sentences.true_effect(r, self.truth) for r in rows.to_dict("records")]
        truth = [e["effect"] if e else float("nan") for e in known] if self.truth else None

        main = [*self.primary(rows).to_dict("records"), *rows.to_dict("records")][0]

        def draw(language: Language) -> Figure:
            words = words_for(language, self.parameters, self.description)
            labels = [sentences.row_label(r, words) for r in rows.to_dict("records")]
            return figures.coefficients(
                rows,
                labels,
                title=sentences.finding(main, words),
                truth=truth,
                unit=unit,
                synthetic=self.synthetic,
                language=language,
            )

        return self.save_figure(f"coefficients_{name}", draw, rows)

    def draw_timeline(self) -> Image:
        """Draw and save who had mentors when."""
        exposure = shown.exposure(panel.exposure_map(self.processed))
        draw = partial(figures.exposure_timeline, exposure, synthetic=self.synthetic)
        return self.save_figure("exposure_timeline", _in_language(draw), exposure)

    @cached_property
    def roles(self) -> dict[str, questionnaires.Answers]:
        """What each role answered, where it was asked at all."""
        return questionnaires.roles(self.processed, self.parameters)

    def _answers(self, outcome: Outcome) -> questionnaires.Answers | None:
        """Return the answers about an outcome; None where nobody was asked about it."""
        answers = self.roles.get(outcome.role)
        return answers if answers is not None and answers.asks(outcome.name) else None

    def comparability(self) -> Markdown:
        """Return what of the questionnaires could not be compared between waves."""
        lines = [
            f"- {role}: {disclosure.coarse_text(text)}"
            for role, a in self.roles.items()
            for text in a.left_out
        ]
        return Markdown("\n".join(lines) or "Every wave asked the same.")

    def draw_survey_trend(self, outcome: str) -> Image | Markdown:
        """Draw and save the wave means of a questionnaire's outcome."""
        described = panel.SURVEY_OUTCOMES[outcome]
        answers = self._answers(described)
        if answers is None:
            return Markdown(_NOBODY)
        means = questionnaires.group_means(answers, outcome, "term", self.parameters)
        return self._draw_trend(self._record(shown.answers(means, described)), described)

    @_each_form
    def draw_items(self, role: str, school_form: str) -> Image | Markdown:
        """Draw and save how a role answered each item; says so where nothing may be shown."""
        if role not in self.roles:
            return Markdown(_NOBODY)
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

    @cached_property
    def plan(self) -> plan.Plan:
        """The frozen analysis plan."""
        return plan.load(self._evaluation / description.PLAN)

    @property
    def _evaluation(self) -> Path:
        return description.beside_tables(self.processed)

    @cached_property
    def description(self) -> description.Description:
        """Whose pilot it is, in the words of its report."""
        return description.load(self._evaluation)

    @property
    def exploratory(self) -> bool:
        """Whether this run departs from the plan."""
        return bool(plan.departures(self.plan, self.parameters))

    def plan_notice(self) -> Markdown:
        """Return the plan's hash, and what this run does otherwise."""
        changed = plan.departures(self.plan, self.parameters)
        digest = plan.digest(self._evaluation / description.PLAN)
        named = f"Analysis plan of {self.plan.frozen}, SHA-256 `{digest[:16]}`."
        if not changed:
            return Markdown(f"{named}\n\nThis run follows it.")
        lines = [
            f"> - `{c['parameter']}`: planned {c['planned']!r}, used {c['used']!r}" for c in changed
        ]
        said = "> **Exploratory.** This run departs from the plan:"
        return Markdown("\n".join([f"{named}\n", said, *lines]))

    def grades(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return each primary estimate's strength of evidence by the plan's rule."""
        from pilot_analysis.evaluation import evidence

        found = evidence.grades(table, self.plan, exploratory=self.exploratory)
        return found.assign(outcome=[self.words.subject(o) for o in found["outcome"]]).rename(
            columns={"adjusted_p": "Holm p"}
        )

    def verdicts(self, primary: pd.DataFrame, *checked: pd.DataFrame) -> HTML | Markdown:
        """Return one table: each check, its estimate, how far it moved the answer, the verdict."""
        table = estimates.combine(checked)
        rows = verdicts.table(self.protected(primary), self.protected(table), self.plan, self.words)
        return show(rows.replace({"estimate": {np.inf: np.nan}}))

    def costs(self, table: pd.DataFrame) -> Markdown:
        """Return one sentence a cost."""
        rows = table[table["model"] == "cost"].to_dict("records")
        return Markdown("\n".join(f"- {sentences.cost_sentence(r, self.words)}" for r in rows))

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
        return self.save_figure(f"specification_curve_{school_form}", figure, rows)

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
                outcome=self.words.outcome(described.name),
                form=self.words.form(school_form),
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

    def primary(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of the plan's primary questions."""
        asked = [(q.outcome, q.population) for q in self.plan.primary]
        return table[
            [key in asked for key in zip(table["outcome"], table["population"], strict=True)]
        ]

    def answers(self, table: pd.DataFrame) -> Markdown:
        """Return one sentence a row, with the known true effect while data are synthetic."""
        lines = []
        for row in self.protected(table).to_dict("records"):
            beside = sentences.truth_sentence(row, self.truth, self.words)
            lines.append(f"- {sentences.sentence(row, self.words)} {beside}".rstrip())
        return Markdown("\n".join(lines))

    def warnings(self, table: pd.DataFrame) -> Markdown:
        """Return the headline warning where the reporting rate moved too far."""
        limit = self.parameters.reporting_warning_points
        table = self.protected(table)
        moved = table[
            (table["outcome"] == "reporting_rate")
            & (table["claim"] == "C1")
            & (table["estimate"].abs() > limit)
        ]
        lines = [
            f"> **Warning: reporting changed.** In "
            f"{form_name(row['school_form'], ENGLISH)} the share of lesson time reported "
            f"moved {number(row['estimate'], ENGLISH)} points more at pilot schools (limit "
            f"{limit:g}). Measured absence can rise because it is recorded better."
            for row in moved.to_dict("records")
        ]
        return Markdown("\n\n".join(lines) or "Reporting moved alike at pilot and other schools.")


def _nobody(keys: Sequence[str], *figures_of: str) -> pd.DataFrame:
    """Return a table of one row without anybody, so that seaborn has something to draw nothing of."""
    row = dict.fromkeys(keys, "") | {"n_schools": 0} | dict.fromkeys(figures_of, 0.0)
    return pd.DataFrame([row])


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


def show(table: pd.DataFrame | None) -> HTML | Markdown:
    """Return any table as escaped HTML without an index."""
    if table is None:
        return Markdown("Nothing.")
    seen = table.rename_axis(columns=None)
    for name in seen.select_dtypes("float"):
        # A count is a float where one of its column is withheld.
        how = ".0f" if schemas.is_count(str(name)) or name == "n_schools" else ",.2f"
        seen[name] = ["" if v != v else format(v, how) for v in seen[name]]
    seen = seen.rename(columns=lambda c: c.replace("_", " ") if isinstance(c, str) else c)
    return HTML(seen.to_html(index=False, escape=True, border=0))


def show_estimates(table: pd.DataFrame, *columns: str) -> HTML:
    """Return estimates with their interval as one column; infinite bounds in words."""
    shown = table.assign(
        interval=[_interval(r) for r in table.itertuples()],
        why=[reasons.sentence(r, ENGLISH) for r in table.to_dict("records")],
    )
    wanted = list(columns) or [
        "outcome",
        "school_form",
        "population",
        "model",
        "specification",
        "estimate",
        "interval",
        "p_value",
        "p_value_min",
        "detectable_effect",
        "n_schools",
        "n_treated_schools",
        "unit",
        "why",
    ]
    shown = shown[[c for c in wanted if c != "why" or shown["why"].ne("").any()]]
    shown = shown.rename(columns=_SHOWN)
    return HTML(
        shown.to_html(index=False, escape=True, na_rep="", float_format="{:.3g}".format, border=0)
    )


_CHECK_COLUMNS = (
    "outcome",
    "school_form",
    "population",
    "model",
    "specification",
    "estimand",
    "term",
    "event_time",
    "bound",
    "estimate",
    "interval",
    "p_value",
    "p_value_min",
    "unit",
    "method",
    "reason",
)


def show_checks(table: pd.DataFrame) -> HTML:
    """Return checks with the columns that tell their rows apart, and those that hold figures."""
    always = {"school_form", "estimate", "interval"}
    empty = table.replace("", np.nan).isna().all()
    wanted = [
        c
        for c in _CHECK_COLUMNS
        if c in always or (not empty.get(c, True) and len(table[c].drop_duplicates()) > 1)
    ]
    return show_estimates(table, *("why" if c == "reason" else c for c in wanted))


def _interval(row: Any) -> str:
    if np.isnan(row.ci_low):
        return ""
    if not np.isfinite(row.ci_low) or not np.isfinite(row.ci_high):
        return "not bounded"
    return f"{row.ci_low:.2f} to {row.ci_high:.2f}"


def remarks_table(quality: Mapping[str, Any]) -> pd.DataFrame | None:
    """Return what ingest remarked on the exports, one row a rule; None where there is nothing."""
    rows = [
        {
            "file": r["file"],
            "column": r["column"] or "",
            "first row": r["row"] or "",
            "rows": told(r["count"]),
            "what": r["rule"],
            "what to do": r["advice"],
        }
        for r in quality.get("remarks", [])
    ]
    return pd.DataFrame(rows) if rows else None


def quality_table(quality: Mapping[str, Any]) -> pd.DataFrame:
    """Return ingest's report, one row a file: read is kept plus dropped, rule by rule."""
    rows = []
    for entry in quality["files"]:
        rows.append(
            {
                "file": entry["file"],
                "encoding": entry["encoding"],
                "rows read": told(entry["rows_read"]),
                "kept": told(entry["rows_kept"]),
                "by rule": dropped_by_rule(entry["rows_dropped"]),
            }
        )
    return pd.DataFrame(rows)


def coverage_table(quality: Mapping[str, Any]) -> pd.DataFrame:
    """Return what the exports cover, a row a school and a column a term."""
    names, rows = coverage_marks(quality["coverage"], ENGLISH)
    return pd.DataFrame(rows, columns=["school", *names])
