"""In which languages a run has a report, and what of its evaluation stands in each."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pilot_analysis import description
from pilot_analysis.catalogue.language import SUFFIX, languages
from pilot_analysis.description import Description

_NAMED = 8  # texts that are named one by one


def described_by(found: Mapping[str, Any]) -> Description:
    """Return the evaluation that a run's manifest describes."""
    described = found.get("evaluation")
    return Description.model_validate(described) if described else description.load()


def to_open(folder: Path) -> list[Path]:
    """Return what to open of a run: its report in every language, and its site."""
    names = [f"report_{language}.pdf" for language in languages()]
    return [folder / name for name in (*names, "site/index.html")]


def untranslated(described: Description) -> list[str]:
    """Return a line for each language that texts of an evaluation lack, or that has no report."""
    lines = [
        f"  {description.FILE} has texts in {code}, a language without a file {code}{SUFFIX}"
        for code in sorted(described.languages - set(languages()))
    ]
    for language in languages():
        if lacking := described.lacking(language):
            named = ", ".join(lacking[:_NAMED])
            more = f" and {len(lacking) - _NAMED} more" if len(lacking) > _NAMED else ""
            lines.append(
                f"  {description.FILE} has no {language} text for {named}{more}; "
                f"report_{language} has the English there"
            )
    return lines
