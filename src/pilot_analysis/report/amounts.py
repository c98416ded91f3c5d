"""Sizes of effects in the unit that a reader counts in: days, pupils, subjects, hours."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from pilot_analysis.catalogue.outcomes import find_outcome
from pilot_analysis.catalogue.units import COUNTED, UNITS, decimals_for
from pilot_analysis.catalogue.words import Words
from pilot_analysis.forms import graded_as

# What is lower or higher, and what is fewer or more without saying of what.
MEASURE, BARE = "measure", "bare"
MOST_DIGITS = 4


@dataclass(frozen=True)
class Scale:
    """A unit to tell an effect in: `factor` of it is one unit of the estimate.

    `kind` names the messages `amount_<kind>` and `short_<kind>`. What is counted has fewer or more
    of it; a measure is lower or higher.
    """

    kind: str
    factor: float
    unit: str
    form: str
    digits: int

    def way(self, value: float) -> str:
        """Return the direction's name in messages."""
        less, more = ("lower", "higher") if self.kind == MEASURE else ("less", "more")
        return less if value < 0 else more

    def enough_digits(self, *values: float) -> int:
        """Return the digits at which no value that differs from zero is told as zero.

        Two values are the ends of an interval, and have no more digits than its width deserves.
        """
        width = max(values) - min(values) if len(values) > 1 else math.nan
        digits = decimals_for(width, self.digits)
        while digits < MOST_DIGITS and any(v and round(abs(v), digits) == 0 for v in values):
            digits += 1
        return digits

    def _told(self, name: str, value: float, digits: int, words: Words) -> str:
        if value == 0:
            return words("amount_none")
        return words(
            name,
            size=words.number(abs(value), digits),
            way=self.way(value),
            unit=words.unit(self.unit),
            form=graded_as(self.form),
        )

    def amount(self, estimate: float, words: Words, *, short: bool = False) -> str:
        """Return an effect, given in the estimate's own unit: '2.1 fewer days of absence …'."""
        value, name = self.factor * estimate, f"{'short' if short else 'amount'}_{self.kind}"
        return self._told(name, value, self.enough_digits(value), words)

    def span(self, low: float, high: float, words: Words, *, short: bool = False) -> str:
        """Return an interval: '7.9 fewer to 2.1 more days of absence …', both ends alike rounded."""
        full = f"{'short' if short else 'amount'}_{self.kind}"
        if self.kind != MEASURE and self.unit in UNITS:
            # Of a class of 25 no more than 25 can be meant, however wide the interval.
            most = UNITS[self.unit].span
            low, high = max(low, -most), min(high, most)
        ends = self.factor * low, self.factor * high
        digits = self.enough_digits(*ends)
        if ends[0] * ends[1] >= 0 and any(ends):
            near, far = sorted(ends, key=abs)
            first = words.number(abs(near), digits)
            return words("span", first=first, second=self._told(full, far, digits, words))
        # The unit is said once: after the number it belongs to in the language's order.
        names = ("amount_bare", full) if self.kind != MEASURE else (full, "amount_bare")
        first, second = (
            self._told(name, end, digits, words) for name, end in zip(names, ends, strict=True)
        )
        return words("span", first=first, second=second)


def measured(row: Mapping[str, Any]) -> Scale:
    """Return the scale of an estimate's own unit."""
    unit = UNITS.get(row["unit"])
    kind = BARE if unit and unit.in_subject else MEASURE
    digits = _digits(row, 1.0, unit.digits if unit else 1)
    return Scale(kind, 1.0, row["unit"], row["school_form"], digits)


def _digits(row: Mapping[str, Any], factor: float, most: int) -> int:
    """Return the decimals that a row's interval deserves, `factor` of its unit being one told."""
    return decimals_for(factor * (row.get("ci_high", math.nan) - row.get("ci_low", math.nan)), most)


def counted(row: Mapping[str, Any], words: Words) -> Scale:
    """Return the scale in which a reader counts an outcome; its own unit where nothing is counted."""
    own = measured(row)
    known = find_outcome(row["outcome"])
    if known is not None and known.counts:
        kind, factor = known.counts.replace(" ", "_"), COUNTED[known.counts].per_point
        return Scale(kind, factor, own.unit, own.form, _digits(row, factor, 1))
    kind = own.unit.replace(" ", "_")
    return Scale(kind, 1.0, own.unit, own.form, own.digits) if words.has(f"amount_{kind}") else own


def bare(row: Mapping[str, Any], words: Words) -> Scale:
    """Return the scale a reader counts in, for a place that says of what it counts."""
    return replace(counted(row, words), kind=BARE)


def is_counted(row: Mapping[str, Any]) -> bool:
    """Say whether a reader counts an outcome in something else than its unit."""
    known = find_outcome(row["outcome"])
    return known is not None and bool(known.counts)
