"""Plain sentences from rows of the estimates table, in Swedish and English.

A sentence never claims more than its interval allows: a direction is named only when the whole
interval lies on one side of zero, and 'cannot be determined' is a full answer.
"""

import math
from collections.abc import Mapping
from typing import Any, Literal

from pilot_analysis.panel import OUTCOMES, STAFF_OUTCOMES
from pilot_analysis.plan import Grade

Language = Literal["en", "sv"]

_UNITS = {
    "percentage points": ("percentage points", "procentenheter"),
    "merit points": ("merit points", "meritpoäng"),
    "grade points": ("grade points", "betygspoäng"),
    "course points": ("course points", "kurspoäng"),
    "hours a week": ("hours a week", "timmar i veckan"),
}
_POPULATIONS = {
    "all pupils": ("in {form}", "på {form}"),
    "teachers": ("in {form}", "på {form}"),
    "eligible pupils": (
        "among pupils with earlier high absence in {form}",
        "bland elever med tidigare hög frånvaro på {form}",
    ),
    "eligible pupils at targeted schools": (
        "among pupils eligible for targeted support in {form}",
        "bland elever som regeln pekar ut för riktat stöd på {form}",
    ),
}
_GRADES: dict[Grade, tuple[str, str]] = {
    "strong": ("strong evidence", "starkt stöd"),
    "moderate": ("moderate evidence", "måttligt stöd"),
    "weak": ("weak evidence", "svagt stöd"),
    "no effect of interest": ("no effect of any importance", "ingen effekt av betydelse"),
    "cannot be determined": ("cannot be determined", "går inte att avgöra"),
}
_FORMS = {
    "GR": ("lower secondary school", "högstadiet"),
    "GY": ("upper secondary school", "gymnasiet"),
}


def number(value: float, language: Language, digits: int = 1) -> str:
    """Return a number with the language's decimal sign and a real minus sign."""
    text = f"{abs(value):.{digits}f}"
    sign = "−" if value < 0 and float(text) != 0 else ""
    return sign + (text.replace(".", ",") if language == "sv" else text)


def _pick(pair: tuple[str, str], language: Language) -> str:
    return pair[0] if language == "en" else pair[1]


def outcome_name(outcome: str, language: Language) -> str:
    """Return an outcome's name as the subject of a sentence."""
    known = OUTCOMES.get(outcome) or STAFF_OUTCOMES.get(outcome)
    return _pick(known.subject if known else (outcome, outcome), language)


def form_name(population: str, language: Language) -> str:
    """Return the school form a population belongs to."""
    code = population.rsplit(", ", 1)[-1]
    return _pick(_FORMS.get(code, (code, code)), language)


def where(population: str, language: Language) -> str:
    """Return the population as the place in a sentence: 'in lower secondary school'."""
    name = population.rsplit(", ", 1)[0]
    pattern = _pick(_POPULATIONS.get(name, _POPULATIONS["all pupils"]), language)
    return pattern.format(form=form_name(population, language))


def grade_name(grade: Grade, language: Language) -> str:
    """Return the strength of evidence in words."""
    return _pick(_GRADES[grade], language)


def verdict(row: Mapping[str, Any]) -> Literal["not estimable", "open", "rose", "fell"]:
    """Return what an interval allows to be said."""
    low, high, estimate = row["ci_low"], row["ci_high"], row["estimate"]
    if row.get("note") or not math.isfinite(estimate):
        return "not estimable"
    if math.isnan(low) or math.isnan(high) or low <= 0 <= high:
        return "open"
    return "rose" if low > 0 else "fell"


def sentence(row: Mapping[str, Any], language: Language) -> str:
    """Say what one estimate shows, with its interval and the number of schools."""
    subject = outcome_name(row["outcome"], language)
    place = where(row["population"], language)
    found = verdict(row)
    if found == "not estimable":
        if language == "en":
            return f"{subject} {place}: cannot be determined ({row.get('note') or 'no estimate'})."
        return f"{subject} {place}: går inte att avgöra ({row.get('note') or 'ingen skattning'})."
    unit = _pick(_UNITS.get(row["unit"], (row["unit"], row["unit"])), language)
    size = number(abs(row["estimate"]), language)
    level = f"{100 * row['ci_level']:g} %"
    schools = f"{row['n_treated_schools']:.0f}", f"{row['n_schools']:.0f}"
    if not (math.isfinite(row["ci_low"]) and math.isfinite(row["ci_high"])):
        smallest = number(row["p_value_min"], language, 2)
        if language == "en":
            return (
                f"{subject} {place}: cannot be determined. With {schools[0]} of {schools[1]} "
                f"schools in the pilot no result can reach p below {smallest}, and no interval is "
                "bounded."
            )
        return (
            f"{subject} {place}: går inte att avgöra. Med {schools[0]} av {schools[1]} skolor i "
            f"försöket kan inget resultat nå p under {smallest}, och inget intervall är begränsat."
        )
    low, high = number(row["ci_low"], language), number(row["ci_high"], language)
    if language == "en":
        bounds = f"{level} interval {low} to {high} {unit}; {schools[0]} of {schools[1]} schools"
        if found == "open":
            return (
                f"{subject} {place}: cannot be determined. The data fit anything from {low} to "
                f"{high} {unit} against the comparison schools ({level} interval; {schools[0]} of "
                f"{schools[1]} schools).{_detectable(row, unit, language)}"
            )
        direction = "rose more or fell less" if found == "rose" else "rose less or fell more"
        return (
            f"{subject} {place} {direction} at pilot schools than at comparison schools, by "
            f"{size} {unit} ({bounds})."
        )
    bounds = f"{level} intervall {low} till {high} {unit}; {schools[0]} av {schools[1]} skolor"
    if found == "open":
        return (
            f"{subject} {place}: går inte att avgöra. Data är förenliga med allt från {low} till "
            f"{high} {unit} jämfört med jämförelseskolorna ({level} intervall; {schools[0]} av "
            f"{schools[1]} skolor).{_detectable(row, unit, language)}"
        )
    direction = "ökade mer eller minskade mindre" if found == "rose" else (
        "ökade mindre eller minskade mer")  # fmt: skip
    return (
        f"{subject} {place} {direction} på försöksskolorna än på jämförelseskolorna, med {size} "
        f"{unit} ({bounds})."
    )


def _detectable(row: Mapping[str, Any], unit: str, language: Language) -> str:
    """Say how small an effect could have been found, so that 'not found' is not read as 'none'."""
    smallest = row.get("detectable_effect", math.nan)
    if not math.isfinite(smallest):
        return ""
    size = number(smallest, language)
    if language == "en":
        return f" Effects smaller than {size} {unit} would often have been missed."
    return f" Effekter mindre än {size} {unit} hade ofta missats."


def cost_sentence(row: Mapping[str, Any], language: Language) -> str:
    """Say what a gain cost, with its interval; no upper bound where the gain may be nothing."""
    form = form_name(row["population"], language)
    subject = _pick(_COSTS[row["outcome"]], language)
    level = f"{100 * row['ci_level']:g} %" if math.isfinite(row["ci_level"]) else ""
    if row["note"]:
        unknown = "cannot be determined" if language == "en" else "går inte att avgöra"
        return f"{subject}, {form}: {unknown} ({row['note']})."
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
            said = ("cannot be determined", "går inte att avgöra")
    else:
        ends = _kronor(low, language), _kronor(high, language)
        said = (
            f"{_kronor(row['estimate'], language)} ({level} interval {ends[0]} to {ends[1]})",
            f"{_kronor(row['estimate'], language)} ({level} intervall {ends[0]} till {ends[1]})",
        )
    return f"{subject}, {form}: {_pick(said, language)}."


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
    name, _, form = str(row["population"]).rpartition(", ")
    wanted = (row["outcome"], "all" if name == "all pupils" else name, form)
    for effect in truth["effects"] if truth is not None else ():
        if (effect["outcome"], effect["population"], effect["school_form"]) == wanted:
            return dict(effect)
    return None


def truth_sentence(
    row: Mapping[str, Any], truth: Mapping[str, Any] | None, language: Language
) -> str:
    """Say the known true effect beside an estimate from synthetic data; empty for real data."""
    effect = true_effect(row, truth)
    if effect is None:
        return ""
    unit = _pick(_UNITS.get(effect["unit"], (effect["unit"],) * 2), language)
    value = number(effect["effect"], language)
    if language == "en":
        return f"True effect in these synthetic data: {value} {unit}."
    return f"Sann effekt i dessa syntetiska data: {value} {unit}."
