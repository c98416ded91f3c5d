"""Every figure looks as it did: drawn from the tables in tests/baseline, compared with pictures.

After a wanted change: `pytest tests/test_pictures.py --mpl-generate-path=tests/baseline`, look at
every picture, and commit it.
"""

import itertools

import numpy as np
import pandas as pd
import pytest
from conftest import QUOTED, ROOT

from pilot_analysis import description, figures
from pilot_analysis.evaluation.checks.curve import CHOICES
from pilot_analysis.inference import studies
from pilot_analysis.panel import OUTCOMES
from pilot_analysis.words import LANGUAGES

BASELINE = ROOT / "tests" / "baseline"
EVALUATION = description.load()
ABSENCE = OUTCOMES["absence_share"]
# Root mean square of grey levels: letters may move by a hair with another matplotlib, bars not.
looks_as_before = pytest.mark.mpl_image_compare(
    baseline_dir="baseline", tolerance=2, style="default", savefig_kwargs={"dpi": 50}
)
in_both_languages = pytest.mark.parametrize("language", QUOTED)


def data(name):
    return pd.read_csv(BASELINE / f"{name}.csv")


@pytest.mark.slow
@looks_as_before
@in_both_languages
def test_trends(language):
    return figures.trends(
        data("trends_absence_share"),
        ABSENCE,
        synthetic=True,
        language=language,
        starts={"GR": [4039.0, 4040.0], "GY": [4039.0]},
    )


@looks_as_before
@in_both_languages
def test_event_study(language):
    rows = data("event_study_absence_share_GR")
    return figures.event_study(rows, ABSENCE, school_form="GR", synthetic=True, language=language)


@looks_as_before
@in_both_languages
def test_coefficients(language):
    rows = data("coefficients_attendance")
    labels = [f"{r.outcome}, {r.school_form}" for r in rows.itertuples()]
    truth = [-1.3, np.nan] * (len(rows) // 2)
    return figures.coefficients(
        rows,
        labels,
        title="Title",
        truth=truth,
        unit="percentage points",
        synthetic=True,
        language=language,
    )


@looks_as_before
@in_both_languages
def test_reversion(language):
    rows = data("reversion_absence_share_GR")
    own, placebo = (rows[rows["rule"] == rule] for rule in ("the pilot", "placebo"))
    return figures.reversion(own, placebo, ABSENCE, "GR", synthetic=True, language=language)


@pytest.mark.slow
@looks_as_before
@in_both_languages
def test_exposure_timeline(language):
    rows = data("exposure_timeline")
    return figures.exposure_timeline(rows, synthetic=True, language=language)


@pytest.mark.slow
@looks_as_before
@in_both_languages
@pytest.mark.parametrize("role", ["pupil", "teacher"])
def test_survey_items(role, language):
    rows = data(f"survey_items_{role}_GR")
    return figures.survey_items(
        rows,
        EVALUATION.instruments[role],
        role=role,
        school_form="GR",
        synthetic=True,
        language=language,
    )


@pytest.mark.slow
@looks_as_before
@in_both_languages
def test_survey_roles(language):
    rows = data("survey_roles").fillna({"reason": "", "reason_values": ""})
    return figures.survey_roles(rows, EVALUATION.instruments, synthetic=True, language=language)


@looks_as_before
@in_both_languages
def test_logic_model(language):
    return figures.logic_model(EVALUATION.rivals.within(language), language=language)


@looks_as_before
def test_drift():
    rows = data("drift_absence_share_GR")
    return figures.drift(rows, ABSENCE, population="lower secondary school", synthetic=True)


@pytest.mark.slow
@looks_as_before
def test_specification_curve():
    rows = data("specification_curve_GR")
    return figures.specification_curve(
        rows[rows["model"] == "specification curve"],
        rows[rows["model"] == "specification curve, joint test"],
        choices_of=CHOICES,
        population="lower secondary school",
        synthetic=True,
    )


@looks_as_before
def test_published():
    return figures.published(data("published_effects"), synthetic=True)


@looks_as_before
def test_balance():
    return figures.balance(data("balance"), synthetic=True)


@pytest.mark.slow
@looks_as_before
def test_size_and_power():
    return figures.size_and_power(studies.read())


@looks_as_before
def test_compared():
    rows = pd.DataFrame(
        {
            "outcome": ["absence_share", "goals_share"],
            "school_form": "GR",
            "population": "all_pupils",
            "a": [-1.6, 3.0],
            "low_a": [-4.4, 0.7],
            "high_a": [1.2, 5.3],
            "b": [-0.7, 2.8],
            "low_b": [-3.4, -np.inf],
            "high_b": [2.0, np.inf],
        }
    )
    return figures.compared(rows, "synthetic", "no_remote_weeks", synthetic=True)


@looks_as_before
def test_planned_power():
    rows = pd.DataFrame(
        {
            "schools": [11, 11, 20, 20],
            "pupils": 340,
            "terms_before": 4,
            "terms_after": 3,
            "treated": [2, 4, 4, 6],
            "detectable": [np.inf, 3.5, 2.4, 2.0],
        }
    )
    return figures.planned_power(rows, unit="percentage points", outcome="Absence")


def test_figures_are_told_apart_in_grey():
    """Each pair of colours that stands for different things differs in lightness or in form."""
    for language in LANGUAGES:
        pilot, comparison = figures.groups(language)
        assert pilot.marker != comparison.marker
        assert pilot.style != comparison.style
    from pilot_analysis.figures import surveys

    for scale in (surveys._COLOURS[4], surveys._COLOURS[5]):
        grey = [lightness(colour) for colour in scale]
        assert all(abs(a - b) > 0.1 for a, b in itertools.pairwise(grey)), grey


def lightness(colour):
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("language", QUOTED)
def test_both_languages_hold_the_same_numbers(language):
    rows = data("trends_absence_share")
    figure = figures.trends(rows, ABSENCE, starts={}, synthetic=False, language=language)
    sign = {"en": ".", "sv": ","}[language]
    first = rows[(rows["school_form"] == "GR") & rows["ever_treated"]].iloc[0]
    assert f"{first['mean']:.1f}".replace(".", sign) in figure.get_label()
    words = [t.get_text() for t in figure.findobj(match=lambda a: hasattr(a, "get_text"))]
    assert any(("schools" if language == "en" else "skolor") in w for w in words)
