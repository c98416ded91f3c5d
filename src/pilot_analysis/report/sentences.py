"""Plain sentences from rows of the estimates table, in Swedish and English.

A sentence never claims more than its interval allows: a direction is named only when the whole
interval lies on one side of zero, and 'cannot be determined' is a full answer.
"""

import math
from collections.abc import Mapping
from typing import Any, Literal

Language = Literal["en", "sv"]

_OUTCOMES = {
    "absence_share": ("Absence", "Frånvaron"),
    "invalid_absence_share": ("Invalid absence", "Den ogiltiga frånvaron"),
    "persistent_absence": (
        "The share of pupils absent 15 % or more",
        "Andelen elever med minst 15 % frånvaro",
    ),
    "reporting_rate": ("The share of lesson time reported", "Andelen rapporterad lektionstid"),
    "goals_share_registered": (
        "The share of registered subjects or courses with at least E",
        "Andelen påbörjade ämnen eller kurser med minst E",
    ),
    "goals_share": (
        "The share of graded subjects or courses with at least E",
        "Andelen betygsatta ämnen eller kurser med minst E",
    ),
    "merit": ("The merit value", "Meritvärdet"),
    "eligible_vocational": (
        "The share eligible to vocational programs",
        "Andelen behöriga till yrkesprogram",
    ),
    "eligible_academic": (
        "The share eligible to academic programs",
        "Andelen behöriga till högskoleförberedande program",
    ),
    "grade_points": ("The grade-point average", "Betygspoängen"),
    "points_passed": ("Course points passed a term", "Godkända kurspoäng per termin"),
}
_UNITS = {
    "percentage points": ("percentage points", "procentenheter"),
    "merit points": ("merit points", "meritpoäng"),
    "grade points": ("grade points", "betygspoäng"),
    "course points": ("course points", "kurspoäng"),
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
    return _pick(_OUTCOMES.get(outcome, (outcome, outcome)), language)


def form_name(population: str, language: Language) -> str:
    """Return the school form a population belongs to."""
    code = population.rsplit(", ", 1)[-1]
    return _pick(_FORMS.get(code, (code, code)), language)


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
    form = form_name(row["population"], language)
    found = verdict(row)
    if found == "not estimable":
        if language == "en":
            return f"{subject}, {form}: cannot be determined ({row.get('note') or 'no estimate'})."
        return f"{subject}, {form}: går inte att avgöra ({row.get('note') or 'ingen skattning'})."
    unit = _pick(_UNITS.get(row["unit"], (row["unit"], row["unit"])), language)
    size = number(abs(row["estimate"]), language)
    level = f"{100 * row['ci_level']:g} %"
    schools = f"{row['n_treated_schools']:.0f}", f"{row['n_schools']:.0f}"
    if not (math.isfinite(row["ci_low"]) and math.isfinite(row["ci_high"])):
        smallest = number(row["p_value_min"], language, 2)
        if language == "en":
            return (
                f"{subject} in {form}: cannot be determined. With {schools[0]} of {schools[1]} "
                f"schools in the pilot no result can reach p below {smallest}, and no interval is "
                "bounded."
            )
        return (
            f"{subject} på {form}: går inte att avgöra. Med {schools[0]} av {schools[1]} skolor i "
            f"försöket kan inget resultat nå p under {smallest}, och inget intervall är begränsat."
        )
    low, high = number(row["ci_low"], language), number(row["ci_high"], language)
    if language == "en":
        bounds = f"{level} interval {low} to {high} {unit}; {schools[0]} of {schools[1]} schools"
        if found == "open":
            return (
                f"{subject} in {form}: cannot be determined. The data fit anything from {low} to "
                f"{high} {unit} against the comparison schools ({level} interval; {schools[0]} of "
                f"{schools[1]} schools)."
            )
        direction = "rose more or fell less" if found == "rose" else "rose less or fell more"
        return (
            f"{subject} in {form} {direction} at pilot schools than at comparison schools, by "
            f"{size} {unit} ({bounds})."
        )
    bounds = f"{level} intervall {low} till {high} {unit}; {schools[0]} av {schools[1]} skolor"
    if found == "open":
        return (
            f"{subject} på {form}: går inte att avgöra. Data är förenliga med allt från {low} till "
            f"{high} {unit} jämfört med jämförelseskolorna ({level} intervall; {schools[0]} av "
            f"{schools[1]} skolor)."
        )
    direction = "ökade mer eller minskade mindre" if found == "rose" else (
        "ökade mindre eller minskade mer")  # fmt: skip
    return (
        f"{subject} på {form} {direction} på försöksskolorna än på jämförelseskolorna, med {size} "
        f"{unit} ({bounds})."
    )


def true_effect(
    row: Mapping[str, Any], truth: Mapping[str, Any] | None
) -> Mapping[str, Any] | None:
    """Return the generator's effect (`effect`, `unit`) that an estimate aims at, if it is known."""
    form = str(row["population"]).rsplit(", ", 1)[-1]
    wanted = (row["outcome"], "all", form)
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
