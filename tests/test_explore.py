"""Exploring the panel: what is counted is right, and nothing of a few pupils is shown."""

import io
import json

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
import seaborn as sns
from hypothesis import given, settings
from hypothesis import strategies as st

from pilot_analysis import figures, panel, workbench
from pilot_analysis.disclosure import RULES, shown
from pilot_analysis.parameters import Parameters
from pilot_analysis.runs import execute
from pilot_analysis.words import words_in
from pilot_analysis.workbench import grid_findings

pytestmark = pytest.mark.slow  # all of them look at a whole municipality or site

EDGES = [0, 5, 10, 15, 25, 100]


@pytest.fixture(scope="module")
def built(tiny_processed):
    return panel.build(tiny_processed, Parameters())


def test_a_distribution_counts_as_pandas_cut_does(built):
    data = panel.with_groups(built.data)
    table = panel.distribution(
        data, "absence_share", by=["school_form", "arm", "term"], edges=EDGES
    )
    known = data[data["absence_share"].notna()]
    cut = pd.cut((100 * known["absence_share"]).round(9), [*EDGES[:-1], 100.001], right=False)
    expected = known.groupby(["school_form", "arm", "term", cut], observed=False)["pupil"].nunique()
    assert table["n"].sum() == expected.sum() > 1000
    for row in table.itertuples():
        interval = next(i for i in cut.cat.categories if i.left == row.low)
        assert row.n == expected[(row.school_form, row.arm, row.term, interval)]
    assert list(table["term"].cat.categories)[:3] == ["HT2017", "VT2018", "HT2018"]


def test_values_beyond_the_edges_are_in_the_outer_bands_and_bad_edges_are_refused():
    rows = pd.DataFrame({"school": "a", "pupil": [1, 2], "x": [-3.0, 70.0], "all": 1})
    assert panel.distribution(rows, "x", by=["all"], edges=[0, 5, 10])["n"].tolist() == [1, 1]
    for bad in ([5], [0, 0], [3, 1]):
        with pytest.raises(ValueError, match="edges must increase"):
            panel.distribution(rows, "x", by=["all"], edges=bad)


def pupils(counts, schools):
    """Return a panel's rows with so many pupils in each band, spread over schools."""
    values = np.repeat(np.arange(len(counts)) + 0.5, counts)
    names = [f"s{i % schools}" for i in range(len(values))]
    return pd.DataFrame({"pupil": range(len(values)), "school": names, "x": values, "all": "all"})


def gated(counts, schools, by="all"):
    edges = list(range(len(counts) + 1))
    table = panel.distribution(pupils(counts, schools), "x", by=[by], edges=edges)
    return shown.distribution(table, [by], "x")


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(0, 40), min_size=2, max_size=7),
    st.sampled_from([(1, "school"), (2, "all")]),
)
def test_no_band_of_a_few_and_no_exact_count_is_shown(counts, design):
    if not sum(counts):
        return
    table, withheld = gated(counts, *design)
    told = table["n"].dropna()
    assert bool(withheld) == told.empty
    assert (told % 5 == 0).all()
    if told.empty:
        return
    assert not ((told > 0) & (told < 10)).any()
    # All but a few in one band would tell of nearly everybody.
    assert told.max() < told.sum()
    assert table["share"].sum() == pytest.approx(1)


def test_a_small_band_is_counted_with_its_neighbour():
    table, withheld = gated([40, 30, 20, 9, 30], 1, "school")
    assert table["n"].tolist() == [40, 30, 20, 0, 40]
    assert withheld == []
    # The same nine pupils at several schools may be shown.
    assert gated([40, 30, 20, 9, 30], 3)[0]["n"].tolist() == [40, 30, 20, 10, 30]
    assert gated([60, 5], 3)[0]["n"].isna().all()


def test_a_group_of_one_school_is_withheld_where_it_is_not_named_as_one():
    """An arm of one school is that school, under another name."""
    table, withheld = gated([40, 30, 20, 30], 1)
    assert table[["n", "share"]].isna().all(axis=None)
    assert [w.why for w in withheld] == ["fewer than 2 schools"]
    assert "n_schools" not in gated([40, 30, 20, 30], 1, "school")[0]


def test_change_is_against_the_terms_before_the_first_start(built):
    trend = panel.group_trends(built.data, panel.OUTCOMES["absence_share"])
    starts = {"GR": [4040.0, 4039.0], "GY": [4039.0]}
    changes = panel.against_baseline(trend, starts)
    for (form, arm), rows in changes.groupby(["school_form", "arm"]):
        own = trend[(trend["school_form"] == form) & (trend["ever_treated"] == (arm == "pilot"))]
        base = own.loc[own["term_number"] < 4039, "mean"].mean()
        assert rows["change"].to_numpy() == pytest.approx(
            own.sort_values("term_number")["mean"].to_numpy() - base, abs=1e-12
        )
        assert rows.loc[rows["term_number"] < 4039, "change"].sum() == pytest.approx(0, abs=1e-9)


def test_goals_beside_absence_are_means_of_the_pupils_in_a_band(built):
    data = panel.with_groups(built.data)
    keys = ["school_form", "arm", "period"]
    table = panel.beside(data, "goals_share", "absence_share", by=keys, edges=EDGES)
    row = table[(table["band"] == "5 to under 10") & (table["n_pupils"] > 20)].iloc[0]
    share = 100 * data["absence_share"]
    own = data[(data[keys] == row[keys].to_numpy()).all(axis=1) & share.ge(5) & share.lt(10)]
    own = own[own["goals_share"].notna()]
    assert row["mean"] == pytest.approx(100 * own["goals_share"].mean(), abs=1e-9)
    assert row["n_pupils"] == own["pupil"].nunique()
    assert row["largest_weight"] == own["pupil"].value_counts().max() / len(own)
    safe, _ = shown.beside(table, panel.OUTCOMES["goals_share"], "x")
    assert safe.loc[(table["n_pupils"] < RULES.min_pupils).to_numpy(), "mean"].isna().all()


def test_where_nobody_may_be_shown_seaborn_draws_nothing_and_the_notebook_says_so(
    tiny_processed, tmp_path
):
    mpl.use("agg")
    variables = {"processed_dir": str(tiny_processed), "results_dir": str(tmp_path)}
    bench = workbench.start("mine", variables)
    bench.roles = {}
    keys = ["school_form", "arm", "period"]
    for table in (
        bench.distribution("safety_index", by=keys, edges=[0, 5, 10]),
        bench.distribution("absence_share", by=keys, edges=EDGES, rows=bench.panel.data.iloc[:5]),
    ):
        grid = sns.displot(
            table,
            x="period",
            hue="band",
            weights="n",
            multiple="fill",
            discrete=True,
            col="arm",
            row="school_form",
        )
        said = bench.save_grid("d", grid, table, title="t", caption="c")
        assert "Withheld" in said.data
    assert not list((tmp_path / "figures").glob("d.*"))


def test_a_finished_grid_names_panels_in_words_and_says_that_data_are_synthetic(tmp_path):
    mpl.use("agg")
    table = pd.DataFrame(
        {"school_form": ["GR", "GY"], "arm": "pilot", "term": "HT2019", "change": 1.0}
    )
    grid = sns.relplot(
        table,
        x="term",
        y="change",
        hue="arm",
        palette={"pilot": figures.ARMS["pilot"]},
        col="school_form",
    )
    figure = figures.finish_grid(grid, title="Change", caption="What.", synthetic=True)
    figures.close(grid)
    assert [a.get_title() or a.get_title("left") for a in figure.axes] == [
        "Lower secondary school",
        "Upper secondary school",
    ]
    assert "Synthetic data" in figure.get_label()
    assert "Lower secondary school" in figure.get_label()
    figures.save(figure, tmp_path / "f", table, vector=False)
    assert {p.suffix for p in tmp_path.iterdir()} == {".png", ".csv", ".txt"}


def stacked(**more):
    """Return bands of absence before and after, and the grid of them as notebooks draw it."""
    rows = [
        {
            "school_form": form,
            "arm": arm,
            "period": period,
            "band": band,
            "low": low,
            "share": share,
        }
        for form in ("GR", "GY")
        for arm, shares in (("pilot", (0.5, 0.3)), ("comparison", (0.2, 0.25)))
        for period, above in zip(("before", "after"), shares, strict=True)
        for band, low, share in (("0 to 15", 0, 1 - above), ("15 to 100", 15, above))
    ]
    table = pd.DataFrame(rows).assign(n=lambda t: 100 * t["share"])
    names = {"x": "period", "hue": "band", "weights": "n", "col": "arm", "row": "school_form"}
    return table, sns.displot(table, multiple="fill", discrete=True, **names)


def test_a_figure_of_bands_says_what_it_shows_and_names_them_beside_the_bars():
    mpl.use("agg")
    table, grid = stacked()
    title = grid_findings.title_of("Pupils absent 15 % or more", table, 15, words_in("en"))
    assert title == (
        "Pupils absent 15 % or more in lower secondary school: from 50 to 30\u00a0% at pilot "
        "schools, from 20 to 25\u00a0% at comparison schools"
    )
    figure = figures.finish_grid(grid, title=title, caption="c", synthetic=False)
    figures.close(grid)
    assert not figure.legends
    for right in grid.axes[:, -1]:
        heights = {t.get_text(): t.xy[1] for t in right.texts}
        assert heights["15 to 100"] < heights["0 to 15"] < heights["band"]
    assert not any(axis.texts for axis in grid.axes[:, 0])


def test_a_figure_of_schools_says_between_what_they_lay():
    rows = [
        {"school": school, "term": term, "band": "15 to 100", "low": 15, "share": share}
        for school, shares in (("a", (0.1, 0.2)), ("b", (0.3, 0.25)), ("withheld", (0.0, 0.0)))
        for term, share in zip(("HT2017", "HT2020"), shares, strict=True)
    ]
    told = grid_findings.title_of("Absent", pd.DataFrame(rows), 15, words_in("en"))
    assert told == "Absent: 10 to 30 % by school in autumn 2017, 20 to 25 % in autumn 2020"


def test_lines_are_named_at_their_last_point_that_may_be_shown():
    rows = [
        {"school_form": "GR", "arm": arm, "term": term, "term_number": n, "change": change}
        for arm, changes in (("pilot", (0.0, -1.0)), ("comparison", (0.0, float("nan"))))
        for n, (term, change) in enumerate(zip(("VT2019", "HT2019"), changes, strict=True))
    ]
    (ends,) = grid_findings.ends_of(pd.DataFrame(rows), words_in("en")).values()
    assert [(end.text, end.x, end.y) for end in ends] == [
        ("Pilot", 1, -1.0),
        ("Comparison", 0, 0.0),
    ]


def test_executed_copies_number_their_cells_from_one(tmp_path):
    def code(count):
        result = {
            "output_type": "execute_result",
            "data": {},
            "metadata": {},
            "execution_count": count,
        }
        return {
            "cell_type": "code",
            "source": [],
            "metadata": {},
            "outputs": [result],
            "execution_count": count,
        }

    cells = [code(3), {"cell_type": "markdown", "source": [], "metadata": {}}, code(7)]
    state = {"papermill": {"end_time": "now", "exception": None}}
    path = tmp_path / "x.ipynb"
    path.write_text(json.dumps({"cells": cells, "metadata": state}))
    first, prose, second = execute.finished(path, tmp_path)["cells"]
    assert "execution_count" not in prose
    assert (first["execution_count"], second["execution_count"]) == (1, 2)
    assert second["outputs"][0]["execution_count"] == 2


def test_tables_show_whole_counts_and_headings_in_words():
    table = pd.DataFrame(
        {
            "school_form": ["GR", "GY"],
            "n_pupils": [1655.0, np.nan],
            "before": [-5.0, 12.346],
            "n_schools": [4.0, 2.0],
        }
    )
    page = workbench.show(table.rename_axis(columns="period")).data
    cells = pd.read_html(io.StringIO(page), keep_default_na=False)[0].astype(str)
    assert list(cells.columns) == ["school form", "n pupils", "before", "n schools"]
    assert "<td>1,655</td>" in page and "<td></td>" in page
    assert "<td>−5.00</td>" in page and "<td>12.35</td>" in page and "<td>4</td>" in page
