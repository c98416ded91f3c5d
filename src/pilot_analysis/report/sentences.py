"""Plain sentences from rows of the estimates table, in Swedish and English.

A sentence never claims more than its interval allows: a direction is named only when the whole
interval lies on one side of zero, and 'cannot be determined' is a full answer.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pilot_analysis.catalogue import reasons
from pilot_analysis.catalogue.language import text
from pilot_analysis.panel import SCHOOL_DAYS, find_outcome
from pilot_analysis.plan import Grade
from pilot_analysis.words import (
    Language,
    capital,
    decimal,
    form_name,
    number,
    outcome_subject,
    outcome_title,
    pick,
    unit_name,
)

_POPULATIONS = {
    "all_pupils": ("in {form}", "på {form}"),
    "teachers": ("in {form}", "på {form}"),
    "pupils_answering": ("in {form}", "på {form}"),
    "eligible_pupils": (
        "among pupils with earlier high absence in {form}",
        "bland elever med tidigare hög frånvaro på {form}",
    ),
    "eligible_at_targeted": (
        "among pupils eligible for targeted support in {form}",
        "bland elever som uppfyllde villkoret för riktat stöd på {form}",
    ),
}
_GRADES: dict[Grade, tuple[str, str]] = {
    "strong": ("strong evidence", "stark evidens"),
    "moderate": ("moderate evidence", "måttlig evidens"),
    "weak": ("weak evidence", "svag evidens"),
    "no effect of interest": ("no effect of any importance", "ingen effekt av betydelse"),
    "cannot be determined": ("cannot be determined", "går inte att avgöra"),
}
_UNKNOWN = _GRADES["cannot be determined"]
CLASS = 25


@dataclass(frozen=True)
class Told:
    """A unit that a board uses: how many of it a unit of the estimate is, and its words.

    What is counted has fewer or more of it; a `measure` is lower or higher.
    """

    factor: float
    noun: tuple[str, str]
    measure: bool = False
    digits: int = 1

    def direction(self, value: float, language: Language) -> str:
        """Return 'fewer' or 'more', 'lower' or 'higher'."""
        less, more = ("lower", "lägre"), ("higher", "högre")
        if not self.measure:
            less, more = ("fewer", "färre"), ("more", "fler")
        return pick(less if value < 0 else more, language)

    def size(self, value: float, language: Language) -> str:
        """Return a size without its sign, with the digits it takes to differ from zero."""
        digits = self.digits
        while digits < 4 and value and round(abs(value), digits) == 0:
            digits += 1
        return number(abs(value), language, digits)

    def amount(self, value: float, language: Language, *, noun: bool) -> str:
        """Return '2.1 more days' or '0.35 points higher'; without the noun '2.1 more'."""
        words = f" {pick(self.noun, language)}" if noun else ""
        if value == 0:
            return pick(("no difference", "ingen skillnad"), language)
        size, way = self.size(value, language), self.direction(value, language)
        return f"{size}{words} {way}" if self.measure else f"{size} {way}{words}"


_TOLD = {
    "school days": Told(SCHOOL_DAYS / 100, ("days of absence per pupil per school year",
                                            "frånvarodagar per elev och läsår")),
    "pupils": Told(CLASS / 100, (f"pupils in a class of {CLASS}", f"elever i en klass på {CLASS}")),
    "subjects": Told(1.0, ("of 100 subjects or courses", "av 100 ämnen eller kurser")),
    "hours a week": Told(1.0, ("hours a week", "timmar i veckan")),
}  # fmt: skip


# An interval without zero, whose p-value does not hold once adjusted over the main questions.
SEVERAL = (
    "Several main questions were asked; adjusted for that, this could be chance.",
    "Flera huvudfrågor ställdes; justerat för det kan detta vara en slump.",
)


def told_as(outcome: str, unit: str) -> Told:
    """Return the unit in which an outcome's effect is told to a board."""
    known = find_outcome(outcome)
    if known is not None and known.counts:
        return _TOLD[known.counts]
    if unit in _TOLD:
        return _TOLD[unit]
    words = unit_name(unit, "en"), unit_name(unit, "sv")
    return Told(1.0, words, measure=True, digits=2 if unit == "index points" else 1)


def span(row: Mapping[str, Any], language: Language) -> str:
    """Return an interval in a board's unit: '7.9 fewer to 2.1 more days of absence …'."""
    told = told_as(row["outcome"], row["unit"])
    low, high = told.factor * row["ci_low"], told.factor * row["ci_high"]
    to = pick(("to", "till"), language)
    if low * high > 0:
        near, far = sorted((low, high), key=abs)
        return f"{told.size(near, language)} {to} {told.amount(far, language, noun=True)}"
    first = told.amount(low, language, noun=told.measure)
    return f"{first} {to} {told.amount(high, language, noun=not told.measure)}"


def plain(row: Mapping[str, Any], grade: Grade, language: Language) -> str:
    """Return the answer of one row for a board: effect in its unit, interval, strength of evidence.

    The grade decides what is claimed: nothing where it cannot be determined.
    """
    found = verdict(row)
    unknown = pick(_UNKNOWN, language)
    if found == "not estimable":
        return f"{unknown}: {reasons.sentence(row, language)}."
    level = f"{decimal(format(100 * row['ci_level'], 'g'), language)} %"
    if is_unbounded(row):
        pilot, schools = f"{row['n_treated_schools']:.0f}", f"{row['n_schools']:.0f}"
        if language == "en":
            return (
                f"{unknown}. With {pilot} of {schools} schools no effect can be told from chance."
            )
        return f"{unknown}. Med {pilot} av {schools} skolor kan ingen effekt skiljas från slumpen."
    if grade == "no effect of interest":
        within = pick(("The data fit", "Data är förenliga med"), language)
        return f"{grade_name(grade, language)}. {within} {span(row, language)} ({level})."
    if grade == "cannot be determined" or found == "open":
        fit = pick(("The data fit anything from", "Data är förenliga med allt från"), language)
        together = "" if found == "open" else f" {pick(SEVERAL, language)}"
        return f"{unknown}. {fit} {span(row, language)} ({level}).{together}"
    told = told_as(row["outcome"], row["unit"])
    size = told.amount(told.factor * row["estimate"], language, noun=True)
    interval = pick(("interval", "intervall"), language)
    than = pick(("than the comparison schools' trend predicts",
                 "än vad utvecklingen på jämförelseskolorna talar för"), language)  # fmt: skip
    bounds = (told.factor * row[end] for end in ("ci_low", "ci_high"))
    low, high = (told.size(v, language) for v in sorted(bounds, key=abs))
    to = pick(("to", "till"), language)
    named = capital(grade_name(grade, language))
    rests = assumption(row, language)
    return f"{size} {than} ({level} {interval} {low} {to} {high}). {named}.{rests}"


def outcome_name(outcome: str, language: Language) -> str:
    """Return an outcome's name as the subject of a sentence."""
    return outcome_subject(outcome, language)


def where(row: Mapping[str, Any], language: Language) -> str:
    """Return a row's population as the place in a sentence: 'in lower secondary school'."""
    pattern = pick(_POPULATIONS.get(row["population"], _POPULATIONS["all_pupils"]), language)
    return pattern.format(form=form_name(row["school_form"], language))


def row_label(row: Mapping[str, Any], language: Language) -> str:
    """Return an estimate's outcome and place as a figure's row has them."""
    name = outcome_title(row["outcome"], language)
    return f"{name}, {form_name(row['school_form'], language)}"


def grade_name(grade: Grade, language: Language) -> str:
    """Return the strength of evidence in words."""
    return pick(_GRADES[grade], language)


def verdict(row: Mapping[str, Any]) -> Literal["not estimable", "open", "rose", "fell"]:
    """Return what an interval allows to be said."""
    low, high, estimate = row["ci_low"], row["ci_high"], row["estimate"]
    if row.get("reason") or not math.isfinite(estimate):
        return "not estimable"
    if math.isnan(low) or math.isnan(high) or low <= 0 <= high:
        return "open"
    return "rose" if low > 0 else "fell"


def sentence(row: Mapping[str, Any], language: Language) -> str:
    """Say what one estimate shows, with its interval and the number of schools."""
    subject = outcome_name(row["outcome"], language)
    place = where(row, language)
    found = verdict(row)
    if found == "not estimable":
        unknown = pick(_UNKNOWN, language)
        return f"{subject} {place}: {unknown} ({reasons.sentence(row, language)})."
    unit = unit_name(row["unit"], language)
    digits = told_as(row["outcome"], row["unit"]).digits
    size = number(abs(row["estimate"]), language, digits)
    level = f"{decimal(format(100 * row['ci_level'], 'g'), language)} %"
    schools = f"{row['n_treated_schools']:.0f}", f"{row['n_schools']:.0f}"
    if is_unbounded(row):
        smallest = number(row["p_value_min"], language, 2)
        if language == "en":
            return (
                f"{subject} {place}: cannot be determined. With {schools[0]} of {schools[1]} "
                f"schools in the pilot no result can reach p below {smallest}, and no interval is "
                "bounded."
            )
        return (
            f"{subject} {place}: går inte att avgöra. Med {schools[0]} av {schools[1]} skolor i "
            f"pilotprojektet kan inget resultat nå p under {smallest}, och inget intervall är begränsat."
        )
    low, high = (number(row[end], language, digits) for end in ("ci_low", "ci_high"))
    if language == "en":
        bounds = f"{level} interval {low} to {high} {unit}; {schools[0]} of {schools[1]} schools"
        if found == "open":
            return (
                f"{subject} {place}: cannot be determined. The data fit anything from {low} to "
                f"{high} {unit} against the comparison schools ({level} interval; {schools[0]} of "
                f"{schools[1]} schools).{_counted(row, language)}{_detectable(row, unit, language)}{assumption(row, language)}"
            )
        direction = "higher" if found == "rose" else "lower"
        return (
            f"{subject} {place}: {size} {unit} {direction} at pilot schools than the comparison "
            f"schools' trend predicts ({bounds}).{_counted(row, language)}{assumption(row, language)}"
        )
    bounds = f"{level} intervall {low} till {high} {unit}; {schools[0]} av {schools[1]} skolor"
    if found == "open":
        return (
            f"{subject} {place}: går inte att avgöra. Data är förenliga med allt från {low} till "
            f"{high} {unit} jämfört med jämförelseskolorna ({level} intervall; {schools[0]} av "
            f"{schools[1]} skolor).{_counted(row, language)}{_detectable(row, unit, language)}{assumption(row, language)}"
        )
    direction = "högre" if found == "rose" else "lägre"
    return (
        f"{subject} {place}: {size} {unit} {direction} på pilotskolorna än vad utvecklingen på "
        f"jämförelseskolorna talar för ({bounds}).{_counted(row, language)}"
        f"{assumption(row, language)}"
    )


def assumption(row: Mapping[str, Any], language: Language) -> str:
    """Say what an interval rests on where no placement of so few schools can reach the level."""
    if not row.get("assumption") or not row["p_value_min"] > 1 - row["ci_level"] + 1e-12:
        return ""
    values = {
        "smallest": number(row["p_value_min"], language, 2),
        "bound": number(row["bound"], language, 0),
    }
    return " " + text(f"assumption_{row['assumption']}", language, values)


def _counted(row: Mapping[str, Any], language: Language) -> str:
    """Say the interval in days, pupils or subjects, where the outcome is a share of them."""
    known = find_outcome(row["outcome"])
    if known is None or not known.counts:
        return ""
    words = pick(("That is", "Det är"), language)
    return f" {words} {span(row, language)}."


def is_unbounded(row: Mapping[str, Any]) -> bool:
    """Say whether an estimate has no bounded interval: too few schools for any answer."""
    ends = row["ci_low"], row["ci_high"]
    return verdict(row) != "not estimable" and not all(math.isfinite(end) for end in ends)


def unbounded(rows: Sequence[Mapping[str, Any]], language: Language) -> list[str]:
    """Return one sentence for all outcomes of a population on which nothing can be said."""
    together: dict[tuple[str, str, str, str], list[str]] = {}
    for row in rows:
        key = (where(row, language), f"{row['n_treated_schools']:.0f}",
               f"{row['n_schools']:.0f}", number(row["p_value_min"], language, 2))  # fmt: skip
        name = outcome_name(row["outcome"], language)
        together.setdefault(key, []).append(name[:1].lower() + name[1:])
    said = []
    for (place, pilot, schools, smallest), names in together.items():
        listed = "; ".join(names)
        if language == "en":
            said.append(f"{capital(place)} nothing can be determined about {listed}. With {pilot} "
                        f"of {schools} schools in the pilot no result can reach p below "
                        f"{smallest}, and no interval is bounded.")  # fmt: skip
        else:
            said.append(f"{capital(place)} går inget att avgöra om {listed}. Med {pilot} av "
                        f"{schools} skolor i pilotprojektet kan inget resultat nå p under {smallest}, "
                        "och inget intervall är begränsat.")  # fmt: skip
    return said


def _detectable(row: Mapping[str, Any], unit: str, language: Language) -> str:
    """Say how small an effect could have been found, so that 'not found' is not read as 'none'."""
    smallest = row.get("detectable_effect", math.nan)
    if not math.isfinite(smallest):
        return ""
    size = number(smallest, language, told_as(row["outcome"], row["unit"]).digits)
    if language == "en":
        return f" Effects smaller than {size} {unit} would often have been missed."
    return f" Effekter mindre än {size} {unit} hade ofta missats."


def cost_sentence(row: Mapping[str, Any], language: Language) -> str:
    """Say what a gain cost, with its interval; no upper bound where the gain may be nothing."""
    form = form_name(row["school_form"], language)
    subject = pick(_COSTS[row["outcome"]], language)
    level = f"{100 * row['ci_level']:g} %" if math.isfinite(row["ci_level"]) else ""
    if row["reason"]:
        why = reasons.sentence(row, language)
        return f"{subject}, {form}: {pick(_UNKNOWN, language)} ({why})."
    if row["outcome"] == "cost_per_pupil":
        return f"{subject}, {form}: {_kronor(row['estimate'], language)}."
    low, high = row["ci_low"], row["ci_high"]
    if not math.isfinite(low):
        said = ("the interval holds no gain at all", "intervallet rymmer ingen vinst alls")
    elif not math.isfinite(high):
        least = _kronor(low, language)
        said = (
            f"at least {least}, without upper bound, since there may be no gain at all",
            f"minst {least}, utan övre gräns, eftersom det kan vara ingen vinst alls",
        )
        if low == 0:
            said = _UNKNOWN
    else:
        ends = _kronor(low, language), _kronor(high, language)
        said = (
            f"{_kronor(row['estimate'], language)} ({level} interval {ends[0]} to {ends[1]})",
            f"{_kronor(row['estimate'], language)} ({level} intervall {ends[0]} till {ends[1]})",
        )
    return f"{subject}, {form}: {pick(said, language)}."


_COSTS = {
    "cost_per_pupil": (
        "Mentors' cost a pupil and school year",
        "Mentorernas kostnad per elev och läsår",
    ),
    "cost_per_pupil_reaching_goals": (
        "Cost for each additional pupil who reaches the goals in every subject",
        "Kostnad för varje ytterligare elev som når målen i alla ämnen",
    ),
    "cost_per_day_of_absence": (
        "Cost for each day of absence avoided",
        "Kostnad för varje undviken frånvarodag",
    ),
}


def _kronor(value: float, language: Language) -> str:
    """Return kronor with three significant digits, thousands apart."""
    digits = 0 if value == 0 else max(0, math.floor(math.log10(abs(value))) - 2)
    rounded = round(value / 10**digits) * 10**digits
    text = f"{rounded:,.0f}"
    return f"SEK {text}" if language == "en" else f"{text.replace(',', ' ')} kr"


def true_effect(
    row: Mapping[str, Any], truth: Mapping[str, Any] | None
) -> Mapping[str, Any] | None:
    """Return the generator's effect (`effect`, `unit`) that an estimate aims at, if it is known."""
    population = "all" if row["population"] == "all_pupils" else row["population"]
    wanted = (row["outcome"], population, row["school_form"])
    for effect in truth["effects"] if truth is not None else ():
        if (effect["outcome"], effect["population"], effect["school_form"]) == wanted:
            per_school = row.get("estimand") == "per_school" and "effect_per_school" in effect
            return dict(effect) | ({"effect": effect["effect_per_school"]} if per_school else {})
    return None


def truth_sentence(
    row: Mapping[str, Any], truth: Mapping[str, Any] | None, language: Language
) -> str:
    """Say the known true effect beside an estimate from synthetic data; empty for real data."""
    effect = true_effect(row, truth)
    if effect is None:
        return ""
    unit = unit_name(effect["unit"], language)
    value = number(effect["effect"], language)
    if language == "en":
        return f"True effect in these synthetic data: {value} {unit}."
    return f"Sann effekt i dessa syntetiska data: {value} {unit}."
