"""A notebook's inputs and outputs: parameters, tables, what is saved and what is withheld."""

import json
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
from IPython.display import HTML, Image, Markdown
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
from pilot_analysis.catalogue.language import ENGLISH, ending
from pilot_analysis.catalogue.words import Words, words_for
from pilot_analysis.errors import PilotError
from pilot_analysis.figures.marks import MarkedTerm
from pilot_analysis.files import write_if_changed
from pilot_analysis.parameters import READING, Parameters
from pilot_analysis.report import pictures
from pilot_analysis.words import LANGUAGES, Language
from pilot_analysis.workbench.tables import show_checks, show_estimates, show_groups

_Safe = TypeVar("_Safe")


class Core:
    """One notebook's inputs and outputs, without what it shows of them."""

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
        return words_for(ENGLISH, self.parameters, self.description, self.school_forms)

    @cached_property
    def school_forms(self) -> list[str]:
        """The school forms in the tables, those that the parameters leave out, too."""
        return panel.school_forms(self.processed)

    @property
    def synthetic(self) -> bool:
        """Whether the exports were made by the generator."""
        return bool(self.quality["synthetic"])

    @cached_property
    def description(self) -> description.Description:
        """Whose pilot it is, in the words of its report."""
        return description.load(self._evaluation)

    @property
    def _evaluation(self) -> Path:
        return description.beside_tables(self.processed)

    @cached_property
    def plan(self) -> plan.Plan:
        """The frozen analysis plan."""
        return plan.load(self._evaluation / description.PLAN)

    @cached_property
    def departures(self) -> list[dict[str, Any]]:
        """What this run does otherwise than planned.

        Raises `PilotError` in a notebook that is not given every parameter of the analysis: it
        cannot know.
        """
        given = self.parameters.model_fields_set
        lacking = [n for n in Parameters.model_fields if n not in {*given, *READING}]
        if lacking:
            raise PilotError(
                f"{self.notebook}: whether the run follows the plan can only be told with all "
                f"parameters of the analysis in the notebook's first code cell; {', '.join(lacking)} "
                "is not there (see `everything` in notebooks/notebooks.yml)"
            )
        return plan.departures(self.plan, self.parameters)

    @cached_property
    def asked(self) -> set[tuple[str, str]]:
        """Outcome and population of the plan's primary questions."""
        return {(q.outcome, q.population) for q in self.plan.primary}

    def primary(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return the rows of the plan's primary questions."""
        keys = zip(table["outcome"], table["population"], strict=True)
        return table[[key in self.asked for key in keys]]

    def one_of_several(self, row: dict[str, Any]) -> bool:
        """Say whether a row answers one of the main questions, whose p-values are adjusted."""
        return len(self.asked) > 1 and (row["outcome"], row["population"]) in self.asked

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

    def notice(self) -> Markdown:
        """Return what stands on top: that data are synthetic, and parameters that differ."""
        lines = [f"**{self.quality['notice']}**"] if self.synthetic else []
        return Markdown("\n\n".join([*lines, self._departures()]))

    def _departures(self) -> str:
        """Return, in one line, the notebook's parameters that are not as planned."""
        other = plan.departures(self.plan, self.parameters)
        used = {d["parameter"]: d["used"] for d in other}
        given = sorted(used.keys() & self.parameters.model_fields_set)
        named = ", ".join(f"`{name} = {used[name]!r}`" for name in given)
        return f"Parameters that differ from the plan: {named or 'none'}."

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

    def show_groups(self, table: pd.DataFrame) -> HTML:
        """Return how subgroups changed, as it may be shown."""
        return show_groups(self.protected(table))

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
