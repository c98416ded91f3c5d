"""Words and numbers in the languages of reports and figures: one file each, `catalogue/<language>.ftl`."""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from babel.numbers import get_decimal_symbol

from pilot_analysis import terms
from pilot_analysis.catalogue.language import languages, text
from pilot_analysis.catalogue.words import Words
from pilot_analysis.description import Description

Language = str  # a code of `LANGUAGES`
LANGUAGES: tuple[Language, ...] = languages()


# Whose figures are drawn: `description`, `parameters` and `forms`.
_shown: dict[str, Any] = {}


def show_whose(description: Description, parameters: Any = None, forms: Sequence[str] = ()) -> None:
    """Let figures speak of this evaluation, under a run's parameters, from now on.

    Its municipality, what it calls its school forms, its thresholds; `forms` are those that its data
    hold. The default ones before that.
    """
    _shown.update(description=description, parameters=parameters, forms=forms)
    words_in.cache_clear()


@functools.cache
def words_in(language: Language) -> Words:
    """Return the words of a language for the evaluation whose figures are drawn.

    >>> words_in("en")("figure_trends_schools", n="4")
    '4 schools'
    """
    from pilot_analysis.catalogue.words import words_for
    from pilot_analysis.parameters import Parameters

    parameters = _shown.get("parameters") or Parameters.model_validate({})
    return words_for(language, parameters, _shown.get("description"), _shown.get("forms", ()))


def number(value: float, language: Language, digits: int = 1) -> str:
    """Return a number with the language's decimal sign and a real minus sign."""
    return words_in(language).number(value, digits)


def decimal(text: str, language: Language) -> str:
    """Return a plain number's text with the language's decimal sign."""
    return text.replace(".", get_decimal_symbol(language))


def count(value: float, language: Language) -> str:
    """Return a whole number with the language's sign between thousands."""
    return words_in(language).count(value)


def form_name(code: str, language: Language) -> str:
    """Return a school form's name inside a sentence."""
    return words_in(language).form(code)


def capital(text: str) -> str:
    """Return the text with its first letter as a capital."""
    return text[:1].upper() + text[1:]


def small(text: str) -> str:
    """Return the text with a small first letter, as inside a sentence."""
    return text[:1].lower() + text[1:]


def called(table: pd.DataFrame, words: Words) -> pd.DataFrame:
    """Return a table with outcomes, school forms and populations called as in the report."""
    return table.assign(
        outcome=[
            words.outcome(name, form)
            for name, form in zip(table["outcome"], table["school_form"], strict=True)
        ],
        school_form=[words.form(form) if form else "" for form in table["school_form"]],
        population=table["population"].map(words.population),
    )


def told(n: float | None) -> str:
    """Return a count; one that may not be told says so."""
    return "withheld" if n is None else f"{n:,.0f}"


def dropped_by_rule(dropped: Mapping[str, int | None]) -> str:
    """Return the rows that each rule dropped; empty where none did."""
    return ", ".join(f"{rule.replace('_', ' ')} {told(n)}" for rule, n in sorted(dropped.items()))


# From this share on a part of the exports counts as covered.
_COVERED = 0.95


def coverage_marks(
    coverage: Sequence[Mapping[str, Any]], language: str
) -> tuple[list[str], list[list[str]]]:
    """Return what the exports cover: the terms in order, and a row a school with a mark a term.

    `coverage` is the quality report's. A mark has a letter each for lesson time, absence and
    grades: capital from 95 per cent on, small below, a hyphen where there is nothing.
    """
    letters = text("export_coverage_letters", language).split()
    names = sorted({row["term"] for row in coverage}, key=terms.number)
    marks = {
        (row["school"], row["term"]): "".join(
            "-" if not row[part] else letter if row[part] >= _COVERED else letter.lower()
            for part, letter in zip(("lesson_time", "absence", "grades"), letters, strict=True)
        )
        for row in coverage
    }
    schools = dict.fromkeys(row["school"] for row in coverage)
    return names, [[s, *(marks.get((s, name), "") for name in names)] for s in schools]
