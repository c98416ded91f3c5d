"""Does the answer hold? The dot plots of each primary question's answer under other choices."""

import dataclasses
import math

import numpy as np
import pandas as pd
import pytest
from conftest import ROOT
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text

from pilot_analysis import estimates, figures
from pilot_analysis.panel import OUTCOMES
from pilot_analysis.report import board, document, holds
from pilot_analysis.report.answers import Findings
from pilot_analysis.runs import manifest, pages
from pilot_analysis.words import LANGUAGES

pytestmark = pytest.mark.slow  # all of them look at a whole municipality or site

COMMITTED = ROOT / "reports" / "synthetic"


def draw_all(material, language):
    for draw in board.drawn(material, language):
        draw()


@pytest.fixture(scope="module")
def material(tmp_path_factory):
    """The committed run's, with its dot plots drawn anew."""
    folder = tmp_path_factory.mktemp("figures")
    table = estimates.read(COMMITTED / "estimates.parquet")
    quality, made = manifest.read_quality(COMMITTED), manifest.read_manifest(COMMITTED)
    found = pages.material(table, quality, folder, made)
    for language in LANGUAGES:
        draw_all(found, language)
    return found


def plotted(material, claim="C1"):
    findings = Findings(material, "en")
    return holds.plotted(dict(holds.asked(findings))[claim], material)


def test_every_choice_is_drawn_once_a_school_form_and_the_planned_one_first(material):
    rows = plotted(material)
    assert rows["variant"].iloc[0] == "primary"
    others = rows[rows["kind"] != "left_out"]
    assert not others.duplicated(["school_form", "variant"]).any()
    assert {
        "by_pupils",
        "ratio",
        "unreported_absent",
        "without_exceptional_terms",
        "stayers",
    } <= set(others["variant"])
    assert {"callaway", "honest"} <= set(others["variant"])


def test_each_school_left_out_has_a_line_and_no_name(material):
    rows, table = plotted(material), material.table
    schools = set(table.loc[table["model"] == "one school left out", "specification"])
    left = rows[rows["kind"] == "left_out"]
    assert left.groupby("school_form").size().to_dict() == {"GR": 11, "GY": 5}
    assert (left.groupby("school_form")["estimate"].diff().dropna() >= 0).all()
    for path in material.figures.glob("holds_*"):
        if path.suffix in (".csv", ".txt", ".svg"):
            text = path.read_text(encoding="utf-8")
            assert not [s for s in schools if s in text], path


def test_a_placebo_is_no_rival_and_moves_nothing(material):
    rows = plotted(material, "C3")
    assert set(rows.loc[rows["kind"] == "placebo", "variant"]) == {"placebo_year_earlier"}
    assert rows["variant"].iloc[-1] == "placebo_year_earlier"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_has_a_sentence_and_a_dot_plot_for_each_primary_question(material, language):
    blocks = holds.blocks(Findings(material, language))
    kinds = [type(b) for b in blocks]
    assert kinds.count(document.Picture) == 3
    assert document.Table not in kinds
    said = [line for b in blocks if isinstance(b, document.Items) for line in b.lines]
    assert any("6.4" in line.replace(",", ".") for line in said)
    alts = [b.alt for b in blocks if isinstance(b, document.Picture)]
    assert "−6" in alts[0]
    page = document.html_body(document.Document(language, "", "", blocks), str)
    assert "variant_" not in page


def test_the_title_tells_the_range_of_the_choices(material):
    findings = Findings(material, "en")
    rows = plotted(material)
    assert holds.title("C1", rows, findings) == (
        "Did absence fall? Planned −2.1, other choices −6.4 to −1.2 percentage points "
        "(lower secondary school)"
    )
    alone = rows[rows["kind"].isin(["planned", "placebo"])]
    assert holds.title("C1", alone, findings) == "Did absence fall?"
    one = rows[rows["variant"].isin(["primary", "ratio"])]
    assert "other choices −2.5 percentage points" in holds.title("C1", one, findings)


def drawn(rows, language="en"):
    return figures.variants(
        pd.DataFrame(rows),
        OUTCOMES["absence_share"],
        title="Title",
        zone=1.0,
        synthetic=True,
        language=language,
    )


def row(variant, kind, estimate, low, high, form="GR"):
    return {
        "school_form": form,
        "variant": variant,
        "kind": kind,
        "estimate": estimate,
        "ci_low": low,
        "ci_high": high,
        "ci_level": 0.95,
    }


def test_a_bound_that_runs_out_of_the_figure_does_not_stretch_it():
    figure = drawn(
        [
            row("primary", "planned", -2.0, -5.0, 1.0),
            row("ratio", "rival", -1.0, -math.inf, math.inf),
            row("honest", "bound", -2.0, -400.0, 300.0),
        ]
    )
    low, high = figure.axes[0].get_xlim()
    assert -9 < low < -5
    assert 1 < high < 4
    assert "no bounded interval" in figure.get_label()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("forms", [("GR",), ("GR", "GY")])
def test_nothing_is_clipped_or_too_small_to_read(forms, language):
    rng = np.random.default_rng(1)
    rows = []
    for form in forms:
        rows += [row("primary", "planned", -2.0, -5.0, 1.0, form)]
        rows += [row("against_other_pupils_of_the_school", "rival", -1.0, -4.0, 2.0, form)]
        rows += [row("left_out", "left_out", v, v - 3, v + 3, form) for v in rng.normal(-2, 1, 30)]
        rows += [row("placebo_year_earlier", "placebo", 0.5, -1.0, 2.0, form)]
    figure = drawn(sorted(rows, key=lambda r: r["variant"] != "primary"), language)
    FigureCanvasAgg(figure).draw()
    beyond = {
        tick.label1
        for axis in figure.axes
        for tick in axis.xaxis.get_major_ticks()
        if not axis.get_xlim()[0] <= tick.get_loc() <= axis.get_xlim()[1]
    }
    for text in set(figure.findobj(Text)) - beyond:
        if text.get_text().strip() and text.get_visible() and not text.get_alpha():
            box, whole = text.get_window_extent(), figure.bbox
            assert whole.x0 - 1 <= box.x0, text.get_text()
            assert box.x1 <= whole.x1 + 1, text.get_text()
            assert text.get_fontsize() >= 7, text.get_text()


def test_a_real_run_s_dot_plot_does_not_say_that_it_is_synthetic(material, tmp_path):
    real = dataclasses.replace(
        material, figures=tmp_path, quality=dict(material.quality) | {"synthetic": False}
    )
    draw_all(real, "en")
    assert "ynthetic" not in (tmp_path / "holds_C1.txt").read_text(encoding="utf-8")
