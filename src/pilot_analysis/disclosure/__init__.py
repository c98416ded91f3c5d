"""Nothing that identifies a pupil leaves: what may be shown, and a look at what is about to be.

`rules` says what is withheld and coarsened, `shown` applies it to each description that is drawn
or shown, `published` to the estimates, and `audit` reads finished files as a stranger would and
tells what got past. `audit` is imported where it is used: its readers are needed by two commands
alone.
"""

from pilot_analysis.disclosure.crosstab import suppress_crosstab
from pilot_analysis.disclosure.groups import combine_few, protect
from pilot_analysis.disclosure.published import coarse_text, protect_estimates, published
from pilot_analysis.disclosure.quality import protect_quality
from pilot_analysis.disclosure.rules import (
    RULES,
    Rules,
    Withheld,
    coarse,
    coarse_counts,
    record,
)
from pilot_analysis.personal import free_text_findings

__all__ = [
    "RULES",
    "Rules",
    "Withheld",
    "coarse",
    "coarse_counts",
    "coarse_text",
    "combine_few",
    "free_text_findings",
    "protect",
    "protect_estimates",
    "protect_quality",
    "published",
    "record",
    "suppress_crosstab",
]
