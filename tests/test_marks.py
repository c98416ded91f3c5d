"""What met all schools is shaded and named in every figure over time."""

import matplotlib as mpl
import pandas as pd
import pytest
import seaborn as sns
from conftest import ROOT
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text
from pydantic import ValidationError

from pilot_analysis import description, figures, panel
from pilot_analysis.figures.marks import MarkedTerm
from pilot_analysis.panel import OUTCOMES
from pilot_analysis.parameters import Parameters
from pilot_analysis.workbench import start as start_bench

ABSENCE = OUTCOMES["absence_share"]
BASELINE = ROOT / "tests" / "baseline"
(PANDEMIC,) = description.load().marked_terms
MARKED = [
    MarkedTerm("GR", 4040, PANDEMIC),
    MarkedTerm("GR", 4041, PANDEMIC),
    MarkedTerm("GY", 4040, PANDEMIC, 0.6),
]


def texts(figure):
    return [t.get_text() for t in figure.findobj(Text)]


def read(name):
    return pd.read_csv(BASELINE / f"{name}.csv")


@pytest.mark.parametrize(
    ("language", "named", "remote"), [("en", "pandemic", "remote"), ("sv", "pandemi", "på distans")]
)
def test_trends_name_what_met_all_schools_and_the_start(language, named, remote):
    figure = figures.trends(
        read("trends_absence_share"),
        ABSENCE,
        starts={"GR": [4039.0], "GY": [4039.0]},
        marked=MARKED,
        synthetic=False,
        language=language,
    )
    assert texts(figure).count(named) == 2  # once a panel: two terms in a row are one stretch
    assert texts(figure).count(remote) == 1
    assert texts(figure).count("start") == 2
    caption = " ".join(texts(figure))
    assert ("60\u00a0%" in caption) or ("60 %" in caption)
    FigureCanvasAgg(figure).draw()
    for axis in figure.axes:  # no name lies upon the data
        top = max(line.get_ydata().max() for line in axis.lines if len(line.get_ydata()) > 2)
        assert axis.get_ylim()[1] > top


def test_what_seaborn_draws_over_terms_is_marked_alike():
    mpl.use("agg")
    terms = ["HT2018", "VT2019", "HT2019", "VT2020"]
    rows = pd.DataFrame({"term": terms * 2, "change": 1.0, "school_form": ["GR"] * 4 + ["GY"] * 4})
    grid = sns.relplot(rows, x="term", y="change", kind="line", col="school_form")
    figures.mark_terms(grid.axes_dict, {"GR": [4039.0], "GY": []}, MARKED)
    figures.close(grid)
    by_form = {form: [t.get_text() for t in axis.texts] for form, axis in grid.axes_dict.items()}
    assert by_form == {"GR": ["start", "pandemic"], "GY": ["pandemic", "remote"]}
    (shaded,) = grid.axes_dict["GR"].patches  # the fourth term, the only one of both here
    assert shaded.get_x() == pytest.approx(2.5)
    assert shaded.get_width() == pytest.approx(1)


def test_unmarked_figures_are_as_they_were():
    figure = figures.trends(
        read("trends_absence_share"), ABSENCE, starts={"GR": [4039.0]}, synthetic=False
    )
    assert "pandemic" not in " ".join(texts(figure))
    assert "Hatched" not in " ".join(texts(figure))


@pytest.mark.parametrize(
    ("starts", "places", "said"),
    [([4039.0], (0.5, 2.5), "all schools"), ([4039.0, 4040.0], (-0.5, 2.5), "some of the")],
)
def test_event_studies_shade_the_terms_at_which_schools_met_it(starts, places, said):
    rows = read("event_study_absence_share_GR")
    figure = figures.event_study(
        rows, ABSENCE, school_form="GR", marked=MARKED, starts=starts, synthetic=False
    )
    (axis,) = figure.axes
    spans = [p for p in axis.patches if p.get_width() > 1]
    assert [(p.get_x(), p.get_x() + p.get_width()) for p in spans] == [places]
    assert "start" in texts(figure)
    assert said in " ".join(texts(figure)).replace("\n", " ")


def test_the_placebo_s_panel_names_no_start():
    rows = read("reversion_absence_share_GR")
    own, placebo = (rows[rows["rule"] == rule] for rule in ("the pilot", "placebo"))
    figure = figures.reversion(own, placebo, ABSENCE, "GR", marked=MARKED, synthetic=False)
    assert texts(figure).count("start") == 1
    assert texts(figure).count("pandemic") == 1


@pytest.mark.slow
def test_remote_teaching_comes_from_the_calendar(tiny_processed, tmp_path):
    built = panel.build(tiny_processed, Parameters())
    shares = panel.remote_shares(built.data).set_index(["school_form", "term_number"])
    assert shares.loc[("GR", 4040), "remote_share"] == 0
    assert shares.loc[("GY", 4040), "remote_share"] == pytest.approx(0.525, abs=0.01)
    bench = start_bench(
        "mine", {"processed_dir": str(tiny_processed), "results_dir": str(tmp_path)}
    )
    found = {(m.school_form, m.term_number): m for m in bench.marked}
    assert set(found) == {(form, n) for form in ("GR", "GY") for n in (4040, 4041)}
    assert all(m.name == PANDEMIC for m in found.values())


def test_a_period_that_names_no_term_is_refused():
    with pytest.raises(ValidationError, match="is not a term"):
        description.Period.model_validate({"sv": "a", "en": "b", "terms": ["2020"]})
