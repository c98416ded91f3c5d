"""What intake says, from the catalogue, in every language."""

from dataclasses import dataclass, field
from typing import Any

from pilot_analysis.catalogue import language as languages
from pilot_analysis.ingest import problems
from pilot_analysis.ingest.problems import Problem

ENGLISH = "en"
_WORDS = "intake_"


@dataclass(frozen=True)
class Words:
    """A phrase of the catalogue with its values; values may be phrases themselves."""

    code: str
    values: dict[str, Any] = field(default_factory=dict)

    def told(self, language: str = ENGLISH) -> str:
        """Return the phrase in a language."""
        values = {
            k: v.told(language) if isinstance(v, Words) else v for k, v in self.values.items()
        }
        return languages.text(_WORDS + self.code, language, values)


def problem(
    code: str,
    file: str,
    *,
    stops: bool = True,
    column: str | None = None,
    row: int | None = None,
    count: int = 1,
    **values: Any,
) -> Problem:
    """Return the problem with this code in intake's part of the catalogue."""
    return problems.problem(
        f"intake_{code}", file, column=column, row=row, count=count, stops=stops, **values
    )
