"""The words and numbers of one language, as the run's parameters make them.

What a threshold is called is a function of the threshold: `Words` holds the language and the facts
that its messages may name (`persistent_absence`, `survey_min_answers` ...), so that no text repeats
a default that somebody has changed.
"""

import datetime
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, cached_property
from typing import Any, Literal

from babel import Locale, dates, lists, localedata, numbers

from pilot_analysis.catalogue import language as languages
from pilot_analysis.catalogue.outcomes import OUTCOMES, SURVEY_OUTCOMES
from pilot_analysis.catalogue.units import CLASS, COUNTED, SCHOOL_DAYS, UNITS
from pilot_analysis.description import INDICES, LANGUAGE_CODE, Description
from pilot_analysis.description import load as load_description
from pilot_analysis.forms import graded_as

_MINUS = "\u2212"


@dataclass(frozen=True)
class Words:
    """One language and the facts its messages may name.

    Raises `KeyError` naming every message that the language's file lacks, and `ValueError` where the
    file is named by no language's code: of two or three letters, for pages, and known to Babel, for
    numbers.
    """

    language: str
    facts: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not LANGUAGE_CODE.fullmatch(self.language) or not localedata.exists(self.language):
            raise ValueError(
                f"{self.language}{languages.SUFFIX}: name the file by a code that Babel knows, such as "
                f"nb{languages.SUFFIX}"
            )
        missing = missing_messages(self.language)
        if missing:
            raise KeyError(f"{self.language}{languages.SUFFIX} lacks {', '.join(missing)}")

    @cached_property
    def _locale(self) -> Locale:
        return Locale.parse(self.language)

    def __call__(self, name: str, **values: Any) -> str:
        """Return a message with the facts and these values filled in."""
        return languages.text(name, self.language, {**self.facts, **values})

    def has(self, name: str) -> bool:
        """Say whether the language has a message."""
        return name.partition(".")[0] in languages.message_names(self.language)

    def outcome(self, name: str, *forms: str) -> str:
        """Return an outcome's heading; a name that is not in the catalogue stays as it is.

        What is graded is called by the school forms' own word (`forms.graded_as`): of those given, else
        of all that the data hold.
        """
        known = self.has(f"outcome_{name}")
        return self(f"outcome_{name}", form=self._graded(*forms)) if known else name

    def _graded(self, *forms: str) -> str:
        return graded_as(*forms) or str(self.facts.get("graded", ""))

    def population(self, name: str) -> str:
        """Return what a population is called inside a sentence; its code, spaced, where nothing says."""
        known = self.has(f"among_{name}")
        return self(f"among_{name}") if known else name.replace("_", " ")

    def covariate(self, name: str, form: str = "") -> str:
        """Return a background variable's name, or that of the outcome it is in a school form."""
        own = f"covariate_{name}"
        return self(own) if self.has(own) else self.outcome(name, form)

    def subject(self, name: str, *forms: str) -> str:
        """Return an outcome's name as the subject of a sentence."""
        known = self.has(f"outcome_{name}")
        return self(f"outcome_{name}.subject", form=self._graded(*forms)) if known else name

    def unit(self, name: str) -> str:
        """Return a unit's name; units that are no words stay as they are."""
        message = unit_message(name)
        return self(message) if self.has(message) else name

    def form(self, code: str) -> str:
        """Return a school form's name inside a sentence."""
        own = self.facts.get(f"form_{code}")  # as the evaluation calls it
        return own or (self(f"form_{code}") if self.has(f"form_{code}") else code)

    def number(self, value: float, digits: int = 1) -> str:
        """Return a number with the language's decimal sign, and a real minus sign unless it is 0."""
        text = numbers.format_decimal(
            abs(value), f"0.{'0' * digits}" if digits else "0", self._locale
        )
        return (_MINUS if value < 0 and any(c in "123456789" for c in text) else "") + text

    def count(self, value: float) -> str:
        """Return a whole number with the language's sign between thousands."""
        return str(numbers.format_decimal(round(value), "#,##0", self._locale)).replace("-", _MINUS)

    def decimal(self, value: float) -> str:
        """Return a number with as many decimals as it has (at most two)."""
        return str(numbers.format_decimal(value, "0.##", self._locale))

    def percent(self, share: float) -> str:
        """Return a share of 1 as per cent, with as many decimals as it has (at most two)."""
        return f"{self.decimal(100 * share)}\u00a0%"

    def date(self, day: datetime.date) -> str:
        """Return a day as the language writes it."""
        return str(dates.format_date(day, "d MMMM y", self._locale))

    def term(self, name: str) -> str:
        """Return a term in words: VT2020 is spring 2020."""
        return self("term_spring" if name.startswith("VT") else "term_autumn", year=name[2:])

    def test(self, name: str) -> str:
        """Return what a test of the study of size and power is called."""
        message = "size_method_" + re.sub(r"\W+", "_", name)
        return self(message) if self.has(message) else name.replace("_", " ")

    def subgroup(self, code: str) -> str:
        """Return a subgroup's name: a message of its column and level, else of the column."""
        column, _, level = code.partition("=")
        for name, value in ((f"subgroup_{column}_{level}", ""), (f"subgroup_{column}", level)):
            if self.has(name):
                return self(name, level=value)
        return f"{column.replace('_', ' ')}: {level}"

    def listed(self, items: Sequence[str], kind: Literal["standard", "or"] = "standard") -> str:
        """Return a list as the language writes it: 'a, b and c', or `or` with kind `or`."""
        return str(lists.format_list(list(items), kind, self._locale))


@cache
def default_description() -> Description:
    """Return the default evaluation's description."""
    return load_description()


def unit_message(name: str) -> str:
    """Return the name of a unit's message."""
    return "unit_" + name.replace(" ", "_")


def missing_messages(language: str) -> list[str]:
    """Return what a language's file lacks: what the catalogue's entries need, and English has."""
    outcomes = [f"outcome_{name}" for name in (*OUTCOMES, *SURVEY_OUTCOMES)]
    counted = [name.replace(" ", "_") for name in COUNTED]
    needed = languages.message_names(languages.ENGLISH) | {
        *outcomes,
        *(unit_message(name) for name in UNITS),
        *(f"{size}_{name}" for size in ("amount", "short") for name in counted),
    }
    lacks = needed - languages.message_names(language)
    parts = languages.attribute_names(languages.ENGLISH) | {f"{name}.subject" for name in outcomes}
    parts -= languages.attribute_names(language)
    return sorted(lacks | {part for part in parts if part.partition(".")[0] not in lacks})


def facts(parameters: Any, language: str, description: Description) -> dict[str, str]:
    """Return what messages may name of an evaluation and a run's parameters, as the language writes it."""
    words = Words(language)
    return description.facts(language) | {
        "persistent_absence": words.percent(parameters.persistent_absence_threshold),
        "eligibility_lag": words.count(parameters.eligibility_lag),
        "class": words.count(CLASS),
        "school_days": words.count(SCHOOL_DAYS),
        "eligibility_absence": words.percent(parameters.eligibility_absence),
        "survey_min_answers": words.count(parameters.survey_min_answers),
        "survey_min_response": words.percent(parameters.survey_min_response),
        "absence_coding": parameters.absence_coding,
        "ci_level": words.percent(parameters.ci_level),
        "exceptional_terms": words.listed([words.term(t) for t in parameters.exceptional_terms])
        or words("exceptional_terms_none"),
        **_index_ranges(words, description),
        **{f"form_{code}": name.within(language) for code, name in description.form_names.items()},
    }


def _index_ranges(words: Words, description: Description) -> dict[str, str]:
    """Return in brackets what each index runs from and to; nothing for one that nobody was asked."""
    found = dict.fromkeys((f"{name}_range" for name in INDICES), "")
    for instrument in description.instruments.values():
        for name, index in instrument.indices.items():
            low, high = words.decimal(index.low), words.decimal(index.high)
            found[f"{name}_range"] = words("index_range", low=low, high=high)
    return found


def words_for(
    language: str,
    parameters: Any,
    description: Description | None = None,
    forms: Sequence[str] = (),
) -> Words:
    """Return the words of a language for a run with these parameters.

    `description` says whose evaluation it is, the default one where none is given; `forms` which
    school forms its data hold, where that is known.
    """
    known = facts(parameters, language, description or default_description())
    return Words(language, known | {"graded": graded_as(*forms)})
