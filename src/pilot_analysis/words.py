"""Words and numbers in the two languages of reports and figures."""

from collections.abc import Mapping
from typing import Literal

Language = Literal["en", "sv"]
LANGUAGES: tuple[Language, ...] = ("en", "sv")

FORMS = {
    "GR": ("lower secondary school", "högstadiet"),
    "GY": ("upper secondary school", "gymnasiet"),
}
UNITS = {
    "percentage points": ("percentage points", "procentenheter"),
    "merit points": ("merit points", "meritpoäng"),
    "grade points": ("grade points", "betygspoäng"),
    "course points": ("course points", "kurspoäng"),
    "hours a week": ("hours a week", "timmar i veckan"),
    "index points": ("index points", "indexpoäng"),
}
SYNTHETIC_NOTICE = (
    "Synthetic data: not evidence about Linköping",
    "Syntetiska data: inga belägg om Linköping",
)


def pick(pair: tuple[str, str], language: Language) -> str:
    """Return the English or the Swedish one."""
    return pair[0] if language == "en" else pair[1]


def number(value: float, language: Language, digits: int = 1) -> str:
    """Return a number with the language's decimal sign and a real minus sign."""
    text = f"{abs(value):.{digits}f}"
    sign = "−" if value < 0 and float(text) != 0 else ""
    return sign + decimal(text, language)


def decimal(text: str, language: Language) -> str:
    """Return a plain number's text with the language's decimal sign."""
    return text.replace(".", ",") if language == "sv" else text


def count(value: float, language: Language) -> str:
    """Return a whole number with the language's sign between thousands."""
    return f"{value:,.0f}".replace(",", "\u00a0" if language == "sv" else ",")


def form_name(code: str, language: Language) -> str:
    """Return a school form's name inside a sentence."""
    return pick(FORMS.get(code, (code, code)), language)


def unit_name(unit: str, language: Language) -> str:
    """Return a unit's name; units that are no words stay as they are."""
    return pick(UNITS.get(unit, (unit, unit)), language)


def capital(text: str) -> str:
    """Return the text with its first letter as a capital."""
    return text[:1].upper() + text[1:]


def told(n: float | None) -> str:
    """Return a count; one that may not be told says so."""
    return "withheld" if n is None else f"{n:,.0f}"


def dropped_by_rule(dropped: Mapping[str, int | None]) -> str:
    """Return the rows that each rule dropped; empty where none did."""
    return ", ".join(f"{rule} {told(n)}" for rule, n in sorted(dropped.items()))
