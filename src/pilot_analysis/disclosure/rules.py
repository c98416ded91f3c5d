"""What may be shown of a group of pupils: withheld cells, coarse means and counts.

The limits are Skolverket's for published statistics: nothing of fewer than 10 pupils at one
school or 5 in a municipality, nor of a share that all but a few have or lack. Two more come from
output checking at research data services: counts are rounded (OpenSAFELY), and models need degrees
of freedom to spare (ACRO).
"""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pandas as pd


@dataclass(frozen=True)
class Rules:
    """The limits.

    A count of up to `redact_at_most` is not told, and others are rounded to `count_step`
    (OpenSAFELY). No pupil may weigh more than `max_weight` in a mean: a dominance rule.
    """

    min_pupils_one_school: int = 10
    min_pupils: int = 8
    min_schools: int = 2
    min_df: int = 10
    redact_at_most: int = 7
    count_step: int = 5
    max_weight: float = 0.10

    def why_withheld(self, pupils: float, schools: float = math.inf) -> str:
        """Return why a cell of so many pupils at so many schools is withheld; empty if it is not.

        A missing number of pupils is a cell without anybody.
        """
        if not pupils > 0:
            return ""
        if schools < self.min_schools:
            return f"fewer than {self.min_schools} schools"
        least = self.min_pupils if schools > 1 else self.min_pupils_one_school
        return f"fewer than {least} pupils" if pupils < least else ""

    def why_estimate_withheld(self, obs: float, pupils: float, schools: float) -> str:
        """Return why an estimate on so many observations is withheld; empty if it is not.

        Where the number of pupils is not known (teachers, answer sheets), observations stand for
        it. Where neither is, the row is made of other rows and not of persons.
        """
        persons = pupils if pupils == pupils else obs
        if persons < self.min_pupils_one_school:
            return f"fewer than {self.min_pupils_one_school} pupils or answers"
        spent = (schools if schools == schools and pupils == pupils else 0) + 1
        if obs - spent < self.min_df:
            return f"fewer than {self.min_df} degrees of freedom"
        return ""


RULES = Rules()


@dataclass(frozen=True)
class Withheld:
    """What was not shown: in which output, which rows, and why. Never how many pupils."""

    output: str
    rows: str
    why: str

    def as_dict(self) -> dict[str, str]:
        """Return it as `disclosure.json` has it."""
        return asdict(self)


def round_step(reach: float) -> float:
    """Return the smallest 1, 2 or 5 times a power of ten that is at least `reach`."""
    power = 10.0 ** math.floor(math.log10(reach))
    return next(s * power for s in (1, 2, 5, 10) if s * power >= reach * (1 - 1e-12))


def to_step(value: float, step: float) -> float:
    """Round to whole steps, without the digits that binary fractions add."""
    digits = max(0, 2 - math.floor(math.log10(step)))
    return round(round(value / step) * step, digits) + 0.0


def coarse(value: float, reach: float) -> float:
    """Round a mean that one pupil can move by `reach` at most, to a step of `round_step`.

    So the mean with and without one pupil is the same or a step apart.
    """
    if not (math.isfinite(value) and 0 < reach < math.inf):
        return float("nan")
    return to_step(value, round_step(reach))


def coarse_count(n: float, rules: Rules = RULES, *, step: int | None = None) -> float:
    """Return a count of persons as it may be told: not at all up to `redact_at_most`, else rounded.

    To `count_step`, halves up. Nobody is told as 0: that no pupil is there says nothing of one. A
    larger `step` is for counts to which a person adds more than one.
    """
    step = step or rules.count_step
    if not math.isfinite(n) or 0 < n <= max(rules.redact_at_most, step / 2):
        return math.nan
    return math.floor(n / step + 0.5) * step


def coarse_counts(counts: pd.Series, rules: Rules = RULES, *, step: int | None = None) -> pd.Series:
    """Round counts of persons as `coarse_count` does."""
    return counts.astype(float).map(lambda n: coarse_count(n, rules, step=step))


def record(folder: Path, others: Sequence[Withheld], rules: Rules = RULES) -> dict[str, Any]:
    """Return the content of `disclosure.json`: the rules, and what each notebook withheld.

    `folder` holds a JSON list a notebook, `others` what was withheld outside notebooks.
    """
    told = [w.as_dict() for w in others]
    for path in sorted(folder.glob("*.json")):
        notebook = json.loads(path.read_text(encoding="utf-8"))
        told += [entry for entry in notebook if entry not in told]
    return {"rules": asdict(rules), "withheld": told}
