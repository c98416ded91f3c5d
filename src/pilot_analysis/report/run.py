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
from pilot_analysis.words import LANGUAGES, Language, capital

# The site's pages in the order of reading: answers, the whole report, what stands behind it. Those
# whose name ends in a language are there in each; the others are English.
PAGES = (
    "index",
    "report",
    "decisions",
    "three_reports",
    "figures",
    "method",
    "plan",
    "explorer",
    "estimates",
    "quality",
)
# Sections of the report that have a page of their own.
SECTIONS = ("decisions", "method")
_IN_EACH = frozenset({"report", "three_reports", *SECTIONS})
# Beside real data nothing made up is shown.
_WHILE_SYNTHETIC = "three_reports"


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

    def links(self, language: Language = ENGLISH, here: str = "") -> tuple[frame.Link, ...]:
        """Return a page's navigation in its language, and the way to the other languages.

        `here` is the page's name without its language; where it is not there in another language
        the way leads to the report.
        """
        made = []
        for name in PAGES:
            if name == _WHILE_SYNTHETIC and not self.has_examples:
                continue
            its = language if name in _IN_EACH else ENGLISH
            target = f"{name}_{its}.html" if name in _IN_EACH else f"{name}.html"
            of = its if its != language else ""
            made.append(frame.Link(target, text(f"nav_{name}", language), of))
        stem = here if here in _IN_EACH else "report"
        made += [
            frame.Link(f"{stem}_{other}.html", capital(text("language_in", other)), other, other)
            for other in LANGUAGES
            if other != language
        ]
        return tuple(made)

    @property
    def notice(self) -> str:
        """What stands on top of every page while data are synthetic."""
        return str(self.quality["notice"]) if self.quality["synthetic"] else ""


def page(run: Run, here: str, title: str, body: str, **options: Any) -> str:
    """Return one of the site's own pages."""
    return frame.page(body, title=title, notice=run.notice, links=run.links(), here=here, **options)
