"""Figures: the same bytes every time, the notice while synthetic, alt text, data names as text."""

import math
import re
import subprocess
import sys
import textwrap
from importlib.resources import files

import numpy as np
import pandas as pd
import pytest
import seaborn as sns
from conftest import ROOT
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.collections import PolyCollection
from matplotlib.text import Text
from PIL import Image

from pilot_analysis import description, figures, panel, workbench
from pilot_analysis.catalogue.words import words_for
from pilot_analysis.figures import grids, style
from pilot_analysis.parameters import Parameters
from pilot_analysis.report import document, sentences
from pilot_analysis.words import LANGUAGES, words_in


@pytest.fixture(scope="module")
def trend(tiny_processed):
    built = panel.build(tiny_processed, Parameters())
    return panel.group_trends(built.data, panel.OUTCOMES["absence_share"])


def draw(trend, synthetic=True):
    return figures.trends(
        trend, panel.OUTCOMES["absence_share"], starts={"GR": [4039.0]}, synthetic=synthetic
    )


def said(figure):
    return " ".join(text.get_text() for text in figure.findobj(Text)).replace("\n", " ")


@pytest.mark.parametrize("language", LANGUAGES)
def test_means_told_in_coarse_steps_are_not_told_as_exact(trend, language):
    """Of 12 and 8 hours told in steps of 2 the truth may be 11.1 and 8.9: half as much again."""
    outcome = panel.SURVEY_OUTCOMES["hours_other"]
    rows = trend.assign(mean=np.where(trend["term_number"] < 4039, 12.0, 8.0), low=8.0, high=12.0)

    def drawn(step):
        told = rows.assign(rounded_to=step)
        return figures.trends(told, outcome, starts={}, synthetic=False, language=language)

    coarse, fine = drawn(2.0), drawn(0.2)
    assert [len(figure.findobj(PolyCollection)) > 0 for figure in (coarse, fine)] == [False, True]
    for figure, is_coarse in ((coarse, True), (fine, False)):
        title, whole = figure.get_suptitle(), said(figure)
        assert ("12" in title) == (not is_coarse)
        step = words_in(language)(
            "figure_trends_rounded", step="2", unit=words_in(language).unit(outcome.unit)
        )
        assert (step in whole) == is_coarse
        assert (step in figure.get_label()) == is_coarse
        assert ("standar" in whole) == (not is_coarse)  # the band's standard error, standardfel


def test_roles_told_in_coarse_steps_are_not_told_as_exact():
    role = {"school_form": "GR", "n_schools": 4, "reason": "", "reason_values": ""}
    role |= {"role": "teacher", "index": "workload_index", "answered": 60, "response": 0.6}
    cells = [(ever, period) for ever in (True, False) for period in ("before", "after")]
    rows = pd.DataFrame(
        [
            role | {"ever_treated": ever, "period": period, "mean": 3.0 + 0.5 * place}
            for place, (ever, period) in enumerate(cells)
        ]
    )
    instruments = {"teacher": description.load().instruments["teacher"]}
    for step, is_coarse in ((0.5, True), (0.05, False)):
        told = rows.assign(rounded_to=step)
        figure = figures.survey_roles(told, instruments, synthetic=False)
        assert ("3.0" in figure.get_suptitle()) == (not is_coarse)
        for whole in (said(figure), figure.get_label()):
            assert ("steps of up to 0.5 index points" in whole) == is_coarse


@pytest.mark.slow
def test_files_have_the_same_bytes_every_time(trend, tmp_path):
    for name in ("a", "b"):
        figures.save(draw(trend), tmp_path / name / "trends", trend)
    for kind in ("svg", "png", "csv", "txt"):
        first, second = (tmp_path / n / f"trends.{kind}" for n in "ab")
        assert first.read_bytes() == second.read_bytes()
    assert len(list((tmp_path / "a").iterdir())) == 4


def test_a_png_of_few_colours_keeps_the_pale_notice(trend, tmp_path):
    figures.save(draw(trend), tmp_path / "trends", trend)
    drawn = np.asarray(style._pixels((tmp_path / "trends.svg").read_text())).astype(int)
    kept = np.asarray(Image.open(tmp_path / "trends.png").convert("RGB")).astype(int)
    darkest = drawn.min(axis=2)
    pale = (darkest > 230) & (darkest < 255)  # the word that lies across every synthetic figure
    assert pale.sum() > 10_000
    assert (kept.min(axis=2)[pale] > 252).mean() < 0.1


@pytest.mark.slow
def test_no_picture_of_the_run_is_cut_at_its_edge():
    """Letters are measured as they are drawn: hinted ones are narrower than an SVG's outlines."""
    folder = ROOT / "reports" / "synthetic" / "figures"
    drawings = sorted(folder.glob("*.svg"))
    assert len(drawings) > 40
    cut = []
    for path in drawings:
        grey = np.asarray(style._pixels(path.read_text("utf-8")).convert("L"))
        edges = (grey[:2], grey[-2:], grey[:, :2], grey[:, -2:])
        if min(edge.min() for edge in edges) < 200:
            cut.append(path.name)
    assert not cut


def test_labels_at_the_ends_of_lines_stand_apart(trend):
    """Also where the axes become lower once titles and captions have their room."""
    figure = draw(trend)
    renderer = FigureCanvasAgg(style._laid_out(figure)).get_renderer()
    for axis in figure.axes:
        ends = [t for t in axis.texts if "school" in t.get_text()]
        boxes = sorted((t.get_window_extent(renderer) for t in ends), key=lambda box: box.y0)
        assert len(boxes) == 2
        assert boxes[0].y1 < boxes[1].y0
        assert boxes[0].y0 > axis.bbox.y0 - 1


def test_synthetic_figures_say_so(trend, tmp_path):
    for synthetic in (True, False):
        figure = draw(trend, synthetic)
        texts = [t.get_text() for t in figure.findobj(match=lambda a: hasattr(a, "get_text"))]
        assert any("Synthetic data" in t for t in texts) == synthetic
        assert ("Synthetic data" in figure.get_label()) == synthetic


def test_alt_text_holds_the_numbers(trend):
    first = trend[(trend["school_form"] == "GR") & trend["ever_treated"]].sort_values("term_number")
    assert f"{first['mean'].iloc[0]:.1f} HT2017" in draw(trend).get_label()


def test_school_names_are_drawn_as_text(tmp_path):
    exposure = pd.DataFrame(
        {
            "school_form": "GR",
            "school": ["A$_{$B", "<script>alert(1)</script>"],
            "term_number": [4039, 4039],
            "status": ["pilot", "none"],
            "organisation": ["class", None],
        }
    )
    figure = figures.exposure_timeline(exposure, synthetic=True)
    figures.save(figure, tmp_path / "timeline", exposure)
    assert "<script>" not in (tmp_path / "timeline.svg").read_text(encoding="utf-8")


def test_a_long_school_name_is_wrapped_and_cuts_no_other():
    long = (
        "Nils Holgerssons mellanstadieskola för Ytterjärna, Överenhörna och Mölnbo med omnejd (F-6)"
    )
    exposure = pd.DataFrame(
        {
            "school_form": "GR",
            "school": [long, "Ekskolan"],
            "term_number": [4039, 4039],
            "status": ["pilot", "none"],
            "organisation": ["class", None],
        }
    )
    figure = figures.exposure_timeline(exposure, synthetic=True)
    FigureCanvasAgg(figure).draw()
    labels = figure.axes[0].get_yticklabels()
    assert " ".join(labels[1].get_text().split("\n")) == long
    assert all(label.get_window_extent().x0 >= 0 for label in labels)
    assert labels[0].get_window_extent().y1 < labels[1].get_window_extent().y0


def test_schools_without_answers_are_named_without_empty_parentheses():
    instrument = description.load().instruments["teacher"]
    item, answer = next(iter(instrument.items)), instrument.steps[0].score
    shares = pd.DataFrame(
        [
            {
                "item": item,
                "ever_treated": False,
                "period": "before",
                "answer": answer,
                "share": 1,
                "n": 40,
            }
        ]
    )
    drawn = figures.survey_items(
        shares, instrument, role="teacher", school_form="GR", synthetic=True
    )
    titles = {axis.get_title(loc="left") for axis in drawn.axes}
    assert titles == {"Pilot schools", "Comparison schools (before 40)"}


def test_unbounded_intervals_are_drawn_as_words():
    rows = pd.DataFrame(
        {
            "estimate": [1.0, 2.0],
            "ci_low": [0.5, -float("inf")],
            "ci_high": [1.5, float("inf")],
            "ci_level": 0.95,
            "school_form": "GR",
            "population": "all_pupils",
            "n_treated_schools": 2.0,
            "n_schools": 5.0,
        }
    )
    figure = figures.coefficients(
        rows, ["a", "b"], title="t", truth=None, unit="points", synthetic=False
    )
    assert "b: 2.00 (no bounded interval)" in figure.get_label()


def test_the_better_side_is_marked_and_once_where_it_is_the_same():
    rows = pd.DataFrame(
        {
            "estimate": [1.0, 2.0],
            "ci_low": [0.5, 1.0],
            "ci_high": [2.0, 3.0],
            "ci_level": 0.95,
            "school_form": "GR",
            "n_treated_schools": 4.0,
            "n_schools": 11.0,
        }
    )

    def texts(*names, language="en"):
        figure = figures.coefficients(
            rows.assign(outcome=names),
            ["a", "b"],
            title="t",
            truth=None,
            unit="percentage points",
            synthetic=False,
            language=language,
        )
        return [t.get_text() for t in figure.findobj(match=lambda a: hasattr(a, "get_text"))]

    assert any(
        "← better" in t and "worse →" in t for t in texts("absence_share", "persistent_absence")
    )
    assert any("← sämre" in t for t in texts("goals_all", "goals_share", language="sv"))
    mixed = texts("hours_other", "hours_teaching")
    assert {"← better", "better →"} <= set(mixed)


def in_print(figure):
    """Return how large a figure of the report stands on the page, as a share of its own size."""
    points = 72 * figure.get_figwidth()
    return min(document._PICTURE_SHARE * document._TEXT_POINTS / points, document._MOST_ENLARGED)


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_picture_of_the_report_can_be_read_in_print(language):
    """Seven points at least, and nothing cut off, from the numbers of the committed run."""
    evaluation, absence = description.load(), panel.OUTCOMES["absence_share"]
    own = {"synthetic": True, "language": language}
    paths = committed("reversion_absence_share_GR")
    roles = committed("survey_roles").fillna({"reason": "", "reason_values": ""})
    by_rule = (paths[paths["rule"] == rule] for rule in ("the pilot", "placebo"))
    drawn = [
        figures.exposure_timeline(committed("exposure_timeline"), **own),
        figures.logic_model(evaluation.rivals.within(language), language=language),
        figures.reversion(*by_rule, absence, "GR", **own),
        figures.survey_roles(roles, evaluation.instruments, **own),
        figures.variants(committed("holds_C1"), absence, title="t", zone=1.0, **own),
    ]
    for figure in drawn:
        FigureCanvasAgg(figure).draw()
        # Numbers beyond an axis' ends are made, but not drawn.
        ticks = {t for axis in figure.axes for t in axis.get_xticklabels()}
        for text in set(figure.findobj(Text)) - ticks:
            if text.get_text().strip() and text.get_visible() and not text.get_alpha():
                assert in_print(figure) * text.get_fontsize() >= 7, text.get_text()
                box = text.get_window_extent()
                assert box.x0 >= -1, text.get_text()
                assert box.x1 <= figure.bbox.x1 + 1, text.get_text()


def committed(name):
    return pd.read_csv(ROOT / "reports" / "synthetic" / "figures" / f"{name}.csv")


def test_titles_say_what_was_seen_in_the_numbers_drawn(trend):
    assert re.search(r"from \d+\.\d to \d+\.\d.% at pilot schools", title(draw(trend)))
    absence = panel.OUTCOMES["absence_share"]
    rows = committed("event_study_absence_share_GR")
    study = figures.event_study(rows, absence, school_form="GR", synthetic=True)
    after = rows.loc[(rows["estimand"] == "event_time") & (rows["event_time"] >= 0), "estimate"]
    low, high = (f"{abs(v):.1f}" for v in (after.min(), after.max()))
    assert f"{low} to −{high} percentage points" in title(study)
    assert "intervals exclude zero" in title(study)
    drift = committed("drift_absence_share_GR")
    drawn = figures.drift(drift, absence, population="there", synthetic=True)
    assert "interval" in title(drawn)
    straight = drift[drift["specification"] == "straight_trend"].iloc[0]
    told = f"{straight['ci_low']:.1f} to {straight['ci_high']:.1f}".replace("-", "−")
    assert f"would be {told} percentage points" in caption(drawn)
    balance = committed("balance")
    assert f"{balance['hedges_g'].abs().max():.2f}" in title(
        figures.balance(balance, synthetic=True)
    )


def caption(figure):
    return " ".join(t.get_text() for t in figure.texts).replace("\n", " ")


def title(figure):
    return figure.get_suptitle().replace("\n", " ")


def test_a_group_s_name_stands_once_above_its_rows():
    rows = pd.DataFrame(
        {
            "outcome": ["absence_share", "persistent_absence"] * 2,
            "estimate": 1.0,
            "ci_low": 0.5,
            "ci_high": 1.5,
            "ci_level": 0.95,
            "school_form": ["GR", "GR", "GY", "GY"],
            "n_treated_schools": 2.0,
            "n_schools": 5.0,
        }
    )

    def drawn(labels, group_by):
        said = {"title": "t", "truth": None, "unit": "percentage points", "synthetic": False}
        return figures.coefficients(rows, labels, group_by=group_by, **said)

    figure = drawn(["a", "b", "a", "b"], ["Lower", "Lower", "Upper", "Upper"])
    assert axis_names(figure) == ["Lower", "a", "b", "Upper", "a", "b"]
    assert figure.axes[0].get_legend() is None  # there is nothing to tell apart
    assert "b, Upper: 1.00" in figure.get_label()
    # A group that comes back has its name again, above its own rows.
    again = drawn(["a", "a", "b", "b"], ["Lower", "Upper", "Lower", "Upper"])
    assert axis_names(again) == ["Lower", "a", "Upper", "a", "Lower", "b", "Upper", "b"]


def axis_names(figure):
    """Return what stands beside a figure's lines, from the top down."""
    axis = figure.axes[0]
    named = dict(
        zip(axis.get_yticks(), [t.get_text() for t in axis.get_yticklabels()], strict=True)
    )
    return [named[y] for y in sorted(named, reverse=True)]


def test_what_a_school_had_stands_behind_it_where_there_is_room():
    def timeline(statuses):
        rows = [
            {
                "school": "a",
                "school_form": "GR",
                "term": f"T{n}",
                "term_number": 4030 + n,
                "status": status,
                "organisation": "class" if status == "pilot" else "",
            }
            for n, status in enumerate(statuses)
        ]
        return figures.exposure_timeline(pd.DataFrame(rows), synthetic=False).axes[0]

    roomy = timeline(["prestudy", *["none"] * 4, "pilot"])
    assert roomy.get_legend() is None
    assert [t.get_text() for t in roomy.texts] == ["pre-study", "pilot, whole classes"]
    narrow = timeline(["prestudy", "none", "pilot"])
    assert len(narrow.get_legend().get_texts()) == 3
    assert not narrow.texts


def test_titles_of_the_study_and_of_roles_are_findings():
    study = pd.read_csv(files("pilot_analysis.inference") / "size_and_power.csv")
    own = study[(study["terms"] == "equal") & (study["method"] == "least favourable")]
    told = title(figures.size_and_power(study))
    assert f"at most {100 * own['rejection_rate'].max():.1f} % of cases (level: 5 %)" in told
    roles = committed("survey_roles").fillna({"reason": "", "reason_values": ""})
    drawn = figures.survey_roles(roles, description.load().instruments, synthetic=True)
    assert re.search(r"from \d\.\d to \d\.\d at pilot schools", title(drawn))


@pytest.mark.parametrize(
    ("text", "lines"), [("one", 1), ("word " * 15 + "alone", 2), ("word " * 40, 3)]
)
def test_titles_end_in_no_lone_word(text, lines):
    told = style._balanced(text, 75).split("\n")
    assert len(told) == lines
    assert min(map(len, told)) > 0.6 * max(map(len, told))


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_is_clipped_or_too_small_to_read(trend, language):
    words = words_for(language, Parameters())
    names = ["hours_other", "hours_teaching", "eligible_academic", "goals_all"]
    rows = pd.DataFrame(
        {
            "outcome": names,
            "school_form": "GR",
            "population": "all_pupils",
            "unit": "hours a week",
            "estimate": 1.0,
            "ci_low": [-20.0, 0.5, 1.0, -float("inf")],
            "reason": "",
            "ci_high": [90.0, 2.0, 3.0, float("inf")],
            "ci_level": 0.95,
            "n_treated_schools": 4.0,
            "n_schools": 11.0,
        }
    )
    told = rows.to_dict("records")
    effects = figures.coefficients(
        rows,
        [sentences.row_label(r, words) for r in told],
        unit="hours a week",
        synthetic=True,
        title=sentences.finding(told[0], words),
        truth=[1.0] * 4,
        language=language,
    )
    lines = figures.trends(
        trend,
        panel.OUTCOMES["absence_share"],
        starts={"GR": [4039.0]},
        synthetic=True,
        language=language,
    )
    for figure in (effects, lines):
        FigureCanvasAgg(figure).draw()
        for text in figure.findobj(Text):
            if not text.get_text().strip() or not text.get_visible() or text.get_alpha():
                continue  # an empty label, or the watermark
            box, whole = text.get_window_extent(), figure.bbox
            assert box.x0 >= whole.x0 - 1, text.get_text()
            assert box.x1 <= whole.x1 + 1, text.get_text()
            assert box.y0 >= whole.y0 - 1, text.get_text()
            assert box.y1 <= whole.y1 + 1, text.get_text()
            assert in_print(figure) * text.get_fontsize() >= 7, text.get_text()


@pytest.mark.slow
def test_figures_a_notebook_no_longer_makes_are_removed(tiny_processed, tmp_path, trend):
    variables = {"processed_dir": str(tiny_processed), "results_dir": str(tmp_path)}
    bench = workbench.start("mine", variables)
    for name in ("old", "kept"):
        bench.save_figure(name, draw(trend), trend)
    again = workbench.start("mine", variables)
    again.save_figure("kept", draw(trend), trend)
    other = workbench.start("other", variables)
    other.save_figure("theirs", draw(trend), trend)
    workbench.start("mine", variables)
    left = {p.stem for p in (tmp_path / "figures").glob("*.svg")}
    assert left == {"theirs"}


def test_trends_draw_what_may_be_shown_and_nothing_else(trend):
    hidden = trend.assign(mean=trend["mean"].where(trend["school_form"] == "GR"))
    assert len(draw(hidden).axes) == 1
    with pytest.raises(ValueError, match="nothing to draw"):
        draw(trend.assign(mean=float("nan")))


def test_a_questionnaire_with_too_few_answers_is_told_in_words(
    tiny_processed, tmp_path, monkeypatch
):
    variables = {
        "processed_dir": str(tiny_processed),
        "results_dir": str(tmp_path),
        "survey_min_answers": 100_000,
    }
    bench = workbench.start("mine", variables)
    displayed = []
    monkeypatch.setattr(workbench.drawings, "display", displayed.append)
    bench.draw_items("teacher")
    assert len(displayed) == len(bench.panel.school_forms)
    for shown in (bench.draw_survey_trend("hours_other"), *displayed):
        assert shown.data.startswith("Withheld: too few")


def test_bands_are_named_beside_the_last_bar_that_has_a_height():
    # What is withheld of the last term leaves bars of no height there.
    _, (axis,) = style.new(3, 3)
    for bottom, colour in ((0, "#112233"), (0.25, "#445566")):
        axis.bar(["VT2020", "HT2020"], [0.25, math.nan], bottom=bottom, color=colour)
    assert grids._last_bar(axis) == {"#112233": 0.125, "#445566": 0.375}


def test_stacked_bars_are_the_shares_and_a_withheld_one_is_blank():
    bands = ["0 to 5", "5 to 100"]
    keys = [("a", "HT2019"), ("a", "VT2020"), ("b", "HT2019"), ("b", "VT2020")]
    rows = [
        {"school": school, "term": term, "band": band, "share": share}
        for (school, term), first in zip(keys, (0.25, 0.5, None, 1.0), strict=True)
        for band, share in zip(bands, (first, None if first is None else 1 - first), strict=True)
    ]
    grid = figures.stacked_bars(
        pd.DataFrame(rows),
        over="term",
        columns="school",
        palette="flare",
        heading="% absent",
        label="share of pupils",
    )
    tops = {}
    for name, axis in grid.axes_dict.items():
        # The last band at the bottom, as the legend lists them from above.
        below, above = (bars.patches for bars in axis.containers)
        tops[name] = [
            (b.get_height(), a.get_y(), a.get_height()) for b, a in zip(below, above, strict=True)
        ]
    assert tops["a"] == [(0.75, 0.75, 0.25), (0.5, 0.5, 0.5)]
    assert np.isnan(tops["b"][0]).tolist() == [True, False, True]
    assert tops["b"][1] == (0.0, 0.0, 1.0)
    assert [text.get_text() for text in grid.legend.get_texts()] == bands
    figures.close(grid)


def test_terms_are_in_time_where_a_later_panel_begins_earlier():
    begins = {"a": ["VT2020", "HT2020"], "b": ["VT2019", "HT2019", "VT2020", "HT2020"]}
    rows = [
        {"school": school, "term": term, "band": "0 to 5", "share": 1.0}
        for school, own in begins.items()
        for term in own
    ]
    look = {"palette": "flare", "heading": "%", "label": "share of pupils"}
    grid = figures.stacked_bars(pd.DataFrame(rows), over="term", columns="school", **look)
    assert [t.get_text() for t in grid.axes_dict["b"].get_xticklabels()] == begins["b"]
    figures.close(grid)
    trend = pd.DataFrame(
        {
            "school_form": ["ANPGR"] * 2 + ["GR"] * 4,
            "ever_treated": True,
            "term": [*begins["a"], *begins["b"]],
            "term_number": [4040, 4041, 4038, 4039, 4040, 4041],
            "mean": 1.0,
            "n_pupils": 50,
            "n_schools": 2,
        }
    )
    changes = panel.against_baseline(trend, {"ANPGR": [4041.0], "GR": [4041.0]})
    grid = sns.relplot(changes, x="term", y="change", kind="line", col="school_form")
    assert [t.get_text() for t in grid.axes_dict["GR"].get_xticklabels()] == begins["b"]
    figures.close(grid)


def test_a_panel_s_note_stands_under_its_name():
    rows = [{"school": school, "term": "HT2019", "band": "0 to 5", "share": 1.0} for school in "ab"]
    look = {"palette": "flare", "heading": "%", "label": "share of pupils"}
    grid = figures.stacked_bars(pd.DataFrame(rows), over="term", columns="school", **look)
    figures.finish_grid(grid, title="t", caption="c", synthetic=True, under={"b": "pilot"})
    names = [axis.get_title(loc="left") or axis.get_title() for axis in grid.axes_dict.values()]
    assert names == ["a", "b\npilot"]
    figures.close(grid)


@pytest.mark.slow
def test_letters_are_of_the_font_that_comes_along_whatever_the_machine_has():
    """A list of fonts made while Matplotlib's own were missing names the machine's."""
    program = """
        from matplotlib import font_manager, get_data_path
        fonts = font_manager.fontManager
        fonts.ttflist = [e for e in fonts.ttflist if not e.fname.startswith(get_data_path())]
        from pilot_analysis.figures import style
        style.theme()
        for family in ("DejaVu Sans", "DejaVu Serif"):
            for weight in ("normal", "bold"):
                wanted = font_manager.FontProperties(family, weight=weight)
                assert font_manager.findfont(wanted).startswith(get_data_path())
    """
    subprocess.run([sys.executable, "-c", textwrap.dedent(program)], check=True)
