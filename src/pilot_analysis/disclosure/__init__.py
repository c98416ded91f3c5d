"""Nothing that identifies a pupil leaves: what may be shown, and a look at what is about to be.

`rules` says what is withheld and coarsened, `shown` applies it to each description that is drawn
or shown, `published` to the estimates, and `audit` reads finished files as a stranger would and
tells what got past. `audit` is imported where it is used: its readers are needed by two commands
alone.
"""

from pilot_analysis.disclosure.rules import (
    RULES,
    Rules,
    Withheld,
    coarse,
    coarse_counts,
    combine_few,
    protect,
    protect_estimates,
    protect_quality,
    record,
    suppress_crosstab,
)

__all__ = [
    "RULES",
    "Rules",
    "Withheld",
    "coarse",
    "coarse_counts",
    "combine_few",
    "protect",
    "protect_estimates",
    "protect_quality",
    "record",
    "suppress_crosstab",
]
