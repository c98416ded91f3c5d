"""Nothing that identifies a pupil leaves: what may be shown, and a look at what is about to be.

`rules` says what is withheld and coarsened, `shown` applies it to each description that is drawn
or shown, and `audit` reads finished files as a stranger would and tells what got past.
"""

from pilot_analysis.disclosure.audit import Finding, audit, audit_files
from pilot_analysis.disclosure.rules import (
    RULES,
    Rules,
    Withheld,
    coarse,
    coarse_counts,
    protect,
    protect_estimates,
    protect_quality,
    record,
    suppress_crosstab,
)

__all__ = [
    "RULES",
    "Finding",
    "Rules",
    "Withheld",
    "audit",
    "audit_files",
    "coarse",
    "coarse_counts",
    "protect",
    "protect_estimates",
    "protect_quality",
    "record",
    "suppress_crosstab",
]
