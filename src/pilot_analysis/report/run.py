"""What a run left for its site, and the frame that every page of the site has."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pilot_analysis.catalogue.language import ENGLISH, text
from pilot_analysis.catalogue.words import Words, words_for
from pilot_analysis.description import Description
from pilot_analysis.parameters import Parameters
from pilot_analysis.report import frame, side_by_side
from pilot_analysis.report.document import Document
from pilot_analysis.words import LANGUAGES, Language

# In the order of reading: answers, the whole report, what stands behind it.
_FIRST = (
    frame.Link("index.html", "Summary"),
    *(
        frame.Link(f"report_{language}.html", text("language_report", language))
        for language in LANGUAGES
    ),
)
# Beside real data nothing made up is shown.
_WHILE_SYNTHETIC = tuple(
    frame.Link(f"three_reports_{language}.html", text("side_title", language))
    for language in LANGUAGES
)
_BEHIND = (
    frame.Link("figures.html", "Figures"),
    frame.Link("plan.html", "Plan"),
    frame.Link("explorer.html", "Explore the specifications"),
    frame.Link("estimates.html", "All estimates"),
    frame.Link("quality.html", "Data quality"),
)


@dataclass(frozen=True)
class Run:
    """What a run left for its site: tables, reports, and folders of notebooks and figures."""

    table: pd.DataFrame
    quality: Mapping[str, Any]
    provenance: Mapping[str, Any]
    reports: Mapping[Language, Document]
    notebooks: Path
    figures: Path
    report: Path

    @property
    def words(self) -> Words:
        """The words of the site's own pages: English, of the evaluation and its parameters."""
        parameters = Parameters.model_validate(self.provenance["parameters"])
        return words_for(
            ENGLISH, parameters, Description.model_validate(self.provenance["evaluation"])
        )

    @property
    def has_examples(self) -> bool:
        """Whether the site sets the shipped reports side by side: never beside real data."""
        return bool(self.quality["synthetic"]) and side_by_side.ANSWERS.exists()

    @property
    def links(self) -> tuple[frame.Link, ...]:
        """The navigation of every page."""
        return (*_FIRST, *(_WHILE_SYNTHETIC if self.has_examples else ()), *_BEHIND)

    @property
    def notice(self) -> str:
        """What stands on top of every page while data are synthetic."""
        return str(self.quality["notice"]) if self.quality["synthetic"] else ""


def page(run: Run, here: str, title: str, body: str, **options: Any) -> str:
    """Return one of the site's own pages."""
    return frame.page(body, title=title, notice=run.notice, links=run.links, here=here, **options)
