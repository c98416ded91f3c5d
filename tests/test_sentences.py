"""Sentences say no more than the interval allows, in every language."""

import itertools
import math
import re

import pytest
from conftest import QUOTED

from pilot_analysis.catalogue import language as languages
from pilot_analysis.catalogue.words import words_for
from pilot_analysis.parameters import Parameters
from pilot_analysis.report.amounts import counted, measured
from pilot_analysis.report.sentences import p_value, sentence, verdict
from pilot_analysis.words import LANGUAGES

WORDS = {language: words_for(language, Parameters()) for language in LANGUAGES}
ROW = {
    "outcome": "absence_share",
    "school_form": "GR",
    "population": "all_pupils",
    "unit": "percentage points",
    "ci_level": 0.95,
    "n_schools": 11.0,
    "n_treated_schools": 4.0,
    "p_value_min": 1 / 330,
    "reason": "",
    "assumption": "variance_ratio",
    "bound": 2.0,
}
CLAIMS = {"en": "than the comparison schools' trend predicts", "sv": "än vad utvecklingen på"}
UNKNOWN = {"en": "cannot be determined", "sv": "går inte att fastställa"}
GRID = [-3.0, -0.4, -0.04, 0.0, 0.04, 0.4, 3.0]
UNITS = {"merit": "merit points", "hours_other": "hours a week", "safety_index": "index points"}


@pytest.mark.parametrize("language", QUOTED)
@pytest.mark.parametrize("outcome", ["absence_share", "goals_all", *UNITS])
@pytest.mark.parametrize(("low", "high"), list(itertools.combinations_with_replacement(GRID, 2)))
def test_no_direction_is_claimed_across_zero(low, high, outcome, language):
    words = WORDS[language]
    unit = UNITS.get(outcome, ROW["unit"])
    row = ROW | {
        "outcome": outcome,
        "unit": unit,
        "estimate": (low + high) / 2,
        "ci_low": low,
        "ci_high": high,
    }
    text = sentence(row, words)
    assert (CLAIMS[language] in text) == (low > 0 or high < 0)
    assert (UNKNOWN[language] in text) == (low <= 0 <= high)
    # Sizes are told without sign, the direction by a word, so that no sign can clash with it.
    assert "−" not in text
    for scale in (measured(row), counted(row, words)):
        digits = scale.enough_digits(scale.factor * low, scale.factor * high)
        ends = [words.number(abs(scale.factor * end), digits) for end in (low, high)]
        if low or high:
            assert all(end in scale.span(low, high, words) for end in ends if end.strip("0,."))
    assert not any(word in text.split() for word in ("nan", "inf"))


@pytest.mark.parametrize(
    ("low", "high", "told"),
    [
        (-10.4, -0.6, "0.6 to 10.4 percentage points lower"),
        (0.04, 8.1, "0.04 to 8.10 percentage"),
        (-5.1, 0.9, "5.1 percentage points lower to 0.9 higher"),
        (0.0, 0.7, "0.0 to 0.7 percentage"),
        (0.0, 0.0, "no difference"),
    ],
)
def test_both_ends_of_an_interval_have_one_sign_and_one_rounding(low, high, told):
    assert told in measured(ROW).span(low, high, WORDS["en"])


@pytest.mark.parametrize(
    ("outcome", "told"),
    [("goals_all", "25 fewer to 25 more"), ("absence_share", "178 fewer to 178 more")],
)
def test_no_more_pupils_or_days_are_told_than_there_are(outcome, told):
    row = ROW | {"outcome": outcome}
    assert told in counted(row, WORDS["en"]).span(-160.0, 160.0, WORDS["en"])
    assert measured(row).span(-160.0, 160.0, WORDS["en"]).startswith("160 percentage")


@pytest.mark.parametrize("language", QUOTED)
@pytest.mark.parametrize(
    ("unit", "low", "high", "told"),
    [
        ("percentage points", -2.9, 3.0, ("2.9", "3.0")),
        ("percentage points", 0.6, 12.9, ("0.6", "12.9")),
        ("percentage points", -23.2, 16.7, ("23", "17")),
        ("percentage points", -0.4, 30.0, ("0.4", "30.0")),  # no end that differs from zero is 0
        ("merit points", -22.0, 66.0, ("22", "66")),
        ("index points", 0.0, 0.68, ("0.00", "0.68")),
        ("index points", -2.0, 3.0, ("2.0", "3.0")),
    ],
)
def test_an_interval_is_told_no_finer_than_its_width_deserves(unit, low, high, told, language):
    """One rule of rounding: whole units where an interval is wider than 20, else one decimal."""
    words = WORDS[language]
    row = ROW | {
        "outcome": "merit",
        "unit": unit,
        "estimate": (low + high) / 2,
        "ci_low": low,
        "ci_high": high,
    }
    sign = {"en": ".", "sv": ","}[language]
    numbers = re.findall(r"\d+(?:[.,]\d+)?", measured(row).span(low, high, words))
    assert numbers == [end.replace(".", sign) for end in told]
    decimals = {len(n.partition(sign)[2]) for n in numbers}
    assert {len(n.partition(sign)[2]) for n in _effect_sizes(sentence(row, words))} <= decimals


def _effect_sizes(text):
    """Return the numbers of a sentence before what it says of interval level and schools."""
    return re.findall(r"\d+(?:[.,]\d+)?", text.split("(")[0])


def test_direction_follows_the_interval():
    up = ROW | {"estimate": 2.0, "ci_low": 1.0, "ci_high": 3.0}
    down = ROW | {"estimate": -2.0, "ci_low": -3.0, "ci_high": -1.0}
    assert verdict(up) == "rose"
    assert verdict(down) == "fell"
    assert "came out 2.0 percentage points higher at pilot schools" in sentence(up, WORDS["en"])
    assert "blev 2,0 procentenheter lägre på pilotskolorna" in sentence(down, WORDS["sv"])
    assert "1.8 to 5.3 more days of absence per pupil per school year" in sentence(up, WORDS["en"])


@pytest.mark.parametrize(
    ("form", "sv", "en"), [("GR", "ämnen", "subjects"), ("GY", "kurser", "courses")]
)
def test_what_is_graded_has_the_school_form_s_own_word(form, sv, en):
    row = ROW | {
        "outcome": "goals_share_registered",
        "school_form": form,
        "estimate": 2.0,
        "ci_low": 1.0,
        "ci_high": 3.0,
    }
    for language, word, other in (
        ("sv", sv, {"ämnen": "kurser", "kurser": "ämnen"}[sv]),
        ("en", en, " or "),
    ):
        assert word in sentence(row, WORDS[language])
        assert other not in sentence(row, WORDS[language])


@pytest.mark.parametrize("language", LANGUAGES)
def test_unbounded_intervals_say_what_the_design_cannot_do(language):
    row = ROW | {
        "estimate": 9.9,
        "ci_low": -math.inf,
        "ci_high": math.inf,
        "p_value_min": 0.1,
        "n_treated_schools": 2.0,
        "n_schools": 5.0,
    }
    text = sentence(row, WORDS[language])
    assert WORDS[language].number(0.1, 2) in text
    assert "9.9" not in text
    assert "9,9" not in text


@pytest.mark.parametrize("language", QUOTED)
def test_an_answer_of_few_schools_says_what_it_assumes(language):
    words = WORDS[language]
    row = ROW | {"estimate": 2.0, "ci_low": 1.0, "ci_high": 3.0, "bound": 4.0}
    between = {"en": "{} to 4", "sv": "minst {} och högst 4"}
    told = between[language].format(words.decimal(0.25))
    assert told in sentence(row | {"p_value_min": 0.1}, words)
    assert told not in sentence(row, words)


@pytest.mark.parametrize("language", QUOTED)
def test_what_could_not_be_estimated_says_why(language):
    row = ROW | {
        "estimate": math.nan,
        "ci_low": math.nan,
        "ci_high": math.nan,
        "reason": "all_treated",
    }
    text = sentence(row, WORDS[language])
    assert {"en": "every school took part", "sv": "alla skolor deltog"}[language] in text
    assert UNKNOWN[language] in text
    assert "nan" not in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_changed_estimate_changes_the_sentence(language):
    row = ROW | {"estimate": 2.0, "ci_low": 1.0, "ci_high": 3.0}
    words = WORDS[language]
    assert sentence(row, words) != sentence(row | {"estimate": 2.2}, words)
    assert sentence(row, words) != sentence(row | {"ci_high": 3.3}, words)


def test_numbers_have_the_language_s_signs():
    assert WORDS["en"].number(-1.25, 2) == "−1.25"
    assert WORDS["sv"].number(-1.25, 2) == "−1,25"
    assert WORDS["sv"].number(-0.04) == "0,0"  # no negative zero
    assert [p_value(p, WORDS["sv"]) for p in (0.0004, 0.033, 0.3)] == ["< 0,001", "0,033", "0,30"]


@pytest.mark.parametrize("language", QUOTED)
def test_words_follow_the_parameters(language):
    changed = {
        "persistent_absence_threshold": 0.2,
        "survey_min_answers": 20,
        "absence_coding": "present",
        "eligibility_absence": 0.125,
    }
    words = words_for(language, Parameters().model_copy(update=changed))
    assert words.percent(0.2) in words.subject("persistent_absence")
    assert "20" in words("results_response")
    scheduled = {"en": "scheduled", "sv": "schemalagd"}[language]
    assert scheduled in words("picture_trends_absence_share")
    assert scheduled not in WORDS[language]("picture_trends_absence_share")
    assert words.percent(0.125) in words("eligibility_rule")


def test_a_message_may_hold_the_names_of_any_number_of_schools():
    long = ", ".join(f"School {i}" for i in range(400))
    told = languages.text("figure_items_agree", "en", {"low": long, "high": "x"})
    assert told == f"{long} to x % agree"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_p_value_just_below_five_per_cent_is_not_told_as_five(language):
    words = words_for(language, Parameters())
    for value, told in ((0.0497, "0.0497"), (0.05, "0.050"), (0.051, "0.051"), (0.0332, "0.033")):
        assert p_value(value, words).replace(",", ".") == told
