"""Sentences say no more than the interval allows, in both languages."""

import itertools
import math

import pytest

from pilot_analysis.report.sentences import sentence, verdict
from pilot_analysis.words import number, pick

ROW = {
    "outcome": "absence_share", "school_form": "GR", "population": "all_pupils", "unit": "percentage points",
    "ci_level": 0.95, "n_schools": 11.0, "n_treated_schools": 4.0, "p_value_min": 1 / 330,
    "reason": "",
}  # fmt: skip
CLAIMS = {
    "en": ("higher at pilot schools", "lower at pilot schools"),
    "sv": ("högre på pilotskolorna", "lägre på pilotskolorna"),
}
GRID = [-3.0, -0.4, -0.04, 0.0, 0.04, 0.4, 3.0]


@pytest.mark.parametrize("language", ["en", "sv"])
@pytest.mark.parametrize(("low", "high"), list(itertools.combinations_with_replacement(GRID, 2)))
def test_no_direction_is_claimed_across_zero(low, high, language):
    row = ROW | {"estimate": (low + high) / 2, "ci_low": low, "ci_high": high}
    text = sentence(row, language)
    claims = any(word in text for word in CLAIMS[language])
    assert claims == (low > 0 or high < 0)
    if low <= 0 <= high:
        assert ("cannot be determined" if language == "en" else "går inte att avgöra") in text
    assert number(low, language) in text
    assert number(high, language) in text


def test_direction_follows_the_interval():
    up = ROW | {"estimate": 2.0, "ci_low": 1.0, "ci_high": 3.0}
    down = ROW | {"estimate": -2.0, "ci_low": -3.0, "ci_high": -1.0}
    assert verdict(up) == "rose"
    assert verdict(down) == "fell"
    assert "2.0 percentage points higher at pilot schools" in sentence(up, "en")
    assert "2.0 percentage points lower at pilot schools" in sentence(down, "en")
    assert "2,0 procentenheter lägre på pilotskolorna" in sentence(down, "sv")


@pytest.mark.parametrize("language", ["en", "sv"])
def test_an_interval_that_rests_on_an_assumption_says_so(language):
    told = {"assumption": "variance_ratio", "bound": 2.0, "p_value_min": 0.1}
    row = ROW | {"estimate": 2.0, "ci_low": 1.0, "ci_high": 3.0} | told
    words = "at most 2 times as much" if language == "en" else "högst 2 gånger så mycket"
    assert words in sentence(row, language)
    assert words not in sentence(row | {"p_value_min": 0.003}, language)


def test_decimal_and_minus_signs_are_the_language_s_own():
    assert number(-1.25, "en", 2) == "−1.25"
    assert number(-1.25, "sv", 2) == "−1,25"
    assert number(-0.04, "sv") == "0,0"  # no negative zero


@pytest.mark.parametrize("language", ["en", "sv"])
def test_unbounded_intervals_say_what_the_design_cannot_do(language):
    row = ROW | {"estimate": 9.9, "ci_low": -math.inf, "ci_high": math.inf, "p_value_min": 0.1,
                 "n_treated_schools": 2.0, "n_schools": 5.0}  # fmt: skip
    text = sentence(row, language)
    assert number(0.1, language, 2) in text
    assert "9.9" not in text
    assert "9,9" not in text
    assert "inf" not in text


@pytest.mark.parametrize("language", ["en", "sv"])
def test_what_could_not_be_estimated_says_why(language):
    row = ROW | {"estimate": math.nan, "ci_low": math.nan, "ci_high": math.nan,
                 "reason": "all_treated"}  # fmt: skip
    assert pick(("every school took part", "alla skolor deltog"), language) in sentence(
        row, language
    )
    assert "nan" not in sentence(row, language)


@pytest.mark.parametrize("language", ["en", "sv"])
def test_a_changed_estimate_changes_the_sentence(language):
    row = ROW | {"estimate": 2.0, "ci_low": 1.0, "ci_high": 3.0}
    assert sentence(row, language) != sentence(row | {"estimate": 2.2}, language)
    assert sentence(row, language) != sentence(row | {"ci_high": 3.3}, language)
