"""Attacks on what is shown and published: small groups, differences, margins, planted outputs."""

import base64
import io
import json

import nbformat
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from conftest import ROOT
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from scipy.optimize import linprog

from pilot_analysis import disclosure, estimates, panel, workbench
from pilot_analysis.catalogue import reasons
from pilot_analysis.cli import main
from pilot_analysis.disclosure import (
    RULES,
    protect,
    protect_estimates,
    protect_quality,
    shown,
    suppress_crosstab,
)
from pilot_analysis.disclosure.audit import audit
from pilot_analysis.errors import PilotError
from pilot_analysis.panel import questionnaires
from pilot_analysis.parameters import Parameters
from pilot_analysis.runs import publish, repeated
from pilot_analysis.runs.publish import check_disclosure

ABSENCE = panel.OUTCOMES["absence_share"]


@pytest.mark.parametrize(
    ("pupils", "schools", "kept"),
    [(9, 1, False), (10, 1, False), (7, 2, False), (8, 2, True), (11, 2, True), (1, 1, False)],
)
def test_groups_under_the_limits_lose_values_and_count(pupils, schools, kept):
    table = pd.DataFrame({"term": ["HT2019"], "mean": [12.3], "n": [pupils], "schools": [schools]})
    safe, withheld = protect(table, "test", values=["mean"], pupils="n", schools="schools")
    assert safe["mean"].notna().item() is kept
    assert safe["n"].notna().item() is kept
    assert len(withheld) == (not kept)
    assert not any(str(pupils) in w.why for w in withheld if pupils not in (8, 10, 2))


def test_one_school_needs_ten_pupils_and_a_municipality_eight():
    assert RULES.why_withheld(9, 1).startswith("fewer than 2 schools")
    assert RULES.why_withheld(7) == "fewer than 8 pupils"
    assert RULES.why_withheld(8) == ""


def test_a_mean_in_which_one_pupil_weighs_much_is_withheld():
    table = pd.DataFrame({"mean": [1.0, 2.0], "n": [100, 100], "w": [0.11, 0.01]})
    safe, withheld = protect(table, "t", values=["mean"], pupils="n", weight="w")
    assert safe["mean"].isna().tolist() == [True, False]
    assert withheld[0].why == "one pupil weighs more than 10%"


@pytest.mark.parametrize("share", [0.0, 2.0, 98.0, 100.0])
def test_shares_that_nearly_all_or_nobody_has_are_withheld(share):
    table = pd.DataFrame({"share": [share, 50.0], "n": [100, 100]})
    safe, withheld = protect(table, "test", values=["share"], pupils="n", shares=["share"])
    assert safe["share"].isna().tolist() == [True, False]
    assert "have it, or lack it" in withheld[0].why


@pytest.mark.parametrize(
    ("name", "hidden"), [("persistent_absence", True), ("absence_share", False)]
)
def test_a_trend_of_a_share_of_pupils_that_nobody_has_is_not_drawn(name, hidden):
    trend = pd.DataFrame(
        {
            "school_form": "GR",
            "ever_treated": [True, False],
            "term": "HT2019",
            "mean": [0.4, 20.0],
            "low": [-0.1, 18.0],
            "high": [0.9, 22.0],
            "n_schools": [4, 7],
            "n_pupils": [400, 700],
            "largest_weight": [0.01, 0.01],
        }
    )
    safe, _ = shown.trends(trend, panel.OUTCOMES[name])
    assert safe["mean"].isna().tolist() == [hidden, False]
    assert safe["n_pupils"].isna().tolist() == [hidden, False]


# One pupil more or less: the difference of two tables may not tell that pupil's value.


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.integers(0, 1), min_size=11, max_size=300),
    st.sampled_from([0, 1]),
)
def test_the_difference_of_two_means_tells_no_pupil(values, extra):
    def show(numbers):
        table = pd.DataFrame({"mean": [100 * np.mean(numbers)], "n": [len(numbers)]})
        return protect(table, "t", values=["mean"], pupils="n")[0].iloc[0]

    without, with_one = show(values), show([*values, extra])
    if without["n"] == with_one["n"]:
        assert without["n"] % 5 == 0
    # What is shown with one value of the pupil and with the other is a step apart at most; a step
    # is at most two and a half times what one pupil can move a mean by.
    other = show([*values, 1 - extra])
    apart = abs(other["mean"] - with_one["mean"])
    assert apart <= 2.5 * 100 / (len(values) + 1) + 1e-9


@pytest.mark.slow
def test_most_single_pupils_change_no_shown_mean():
    rng = np.random.default_rng(5)
    same = 0
    for _ in range(400):
        values = rng.integers(0, 2, 200)
        tables = [
            pd.DataFrame({"mean": [100 * v.mean()], "n": [len(v)]})
            for v in (values, np.append(values, 1))
        ]
        a, b = (protect(t, "t", values=["mean"], pupils="n")[0] for t in tables)
        same += a["mean"].item() == b["mean"].item()
    # Exact means would all differ. A pupil moves the mean by half a step here, so that every other
    # one crosses a border between steps.
    assert 150 < same < 400


def test_runs_that_differ_by_one_pupil_show_the_same_counts(tiny_processed):
    built = panel.build(tiny_processed, Parameters())
    one = built.data["pupil"].iloc[0]
    less = panel.Panel(built.data[built.data["pupil"] != one], built.flow)
    both = [shown.trends(panel.group_trends(p.data, ABSENCE), ABSENCE)[0] for p in (built, less)]
    counts = [t["n_pupils"].to_numpy() for t in both]
    assert (np.abs(counts[0] - counts[1]) % 5 == 0).all()
    assert (counts[0] % 5 == 0).all()


def before_the_start(merit, treated, schools):
    """Return the exact and the shown baseline row of a merit rating."""
    rows = {"term_merit": merit, "ever_treated": treated, "school": schools}
    last = pd.DataFrame(rows).assign(school_form="GR", term_number=1, first_treated_number=2)
    others = dict.fromkeys(panel.describe.BALANCED, np.nan) | {"term_merit": last["term_merit"]}
    exact = panel.describe.baseline_balance(last.assign(**others), "GR")
    return exact.iloc[0], shown.balance(exact)[0].iloc[0]


@pytest.mark.slow
def test_baseline_rows_with_and_without_any_pupil_are_the_same_or_a_step_apart():
    rng = np.random.default_rng(2)
    treated = np.repeat([True, False], [40, 60])
    schools = np.tile(["a", "b"], 50) + np.where(treated, "p", "c")
    merit = np.append(rng.integers(150, 340, 99), 0)  # and one pupil far from all others
    _, told = before_the_start(merit, treated, schools)
    for left_out in range(100):
        keep = np.arange(100) != left_out
        _, less = before_the_start(merit[keep], treated[keep], schools[keep])
        # Steps: a mean of 40 and 60 pupils, their deviation, ten deviations in 40.
        for name, step in {
            "mean_pilot": 10,
            "mean_comparison": 10,
            "sd": 20,
            "hedges_g": 0.5,
        }.items():
            assert abs(told[name] - less[name]) in (0, step), (name, left_out)
    assert told[["mean_pilot", "mean_comparison", "sd"]].notna().all()


def test_a_school_alone_in_its_arm_has_no_baseline_mean_nor_has_the_other_arm():
    rng = np.random.default_rng(2)
    treated = np.repeat([True, False], [400, 600])
    schools = np.where(treated, "alone", np.tile(["a", "b"], 500))
    exact, told = before_the_start(rng.integers(0, 340, 1000), treated, schools)
    assert exact["schools_pilot"] == 1
    assert told[["mean_pilot", "mean_comparison", "sd"]].isna().all()
    assert np.isfinite(told["hedges_g"])


@pytest.mark.parametrize(("share", "told"), [(2.0, False), (98.5, False), (6.0, True)])
def test_a_share_that_few_have_or_lack_has_no_baseline_difference(share, told):
    row = {"covariate": "newly_arrived", "mean_pilot": share, "mean_comparison": 40.0, "sd": 20.0}
    row |= {"n_pilot": 200, "n_comparison": 400, "schools_pilot": 3, "schools_comparison": 5}
    exact = pd.DataFrame([row | {"hedges_g": -0.8, "school_form": "GR", "band": "not satisfied"}])
    safe, withheld = shown.balance(exact)
    assert (
        np.isfinite(safe[["mean_pilot", "hedges_g"]].iloc[0].astype(float)).tolist() == [told] * 2
    )
    assert (safe["band"].item() == "withheld") == bool(withheld) == (not told)


@pytest.mark.slow
def test_spans_of_means_are_rounded_as_the_means_are(tiny_processed):
    """The ends of a band are means of the same pupils: finer ones tell what the mean does not."""
    built = panel.build(tiny_processed, Parameters())
    roles = questionnaires.roles(tiny_processed, Parameters())
    means = questionnaires.group_means(roles["pupil"], "safety_index", "term", Parameters())
    for safe, _ in (
        shown.trends(panel.group_trends(built.data, ABSENCE), ABSENCE),
        shown.answers(means, panel.SURVEY_OUTCOMES["safety_index"]),
        shown.role_answers(questionnaires.role_means(roles.values(), Parameters())),
    ):
        told = safe[["mean", "low", "high"]].melt()["value"].dropna()
        assert len(told)
        # 1, 2 or 5 times a power of ten is never finer than a hundredth here.
        assert (told - told.round(2)).abs().max() < 1e-9


def test_the_flow_tells_counts_rounded_and_sums_of_what_it_shows():
    exact = pd.DataFrame(
        {
            "step": ["all", "kept"],
            "pupil_terms": [1004, 1001],
            "left_out": [0, 3],
            "pupils": [504, 501],
            "schools": [5, 5],
        }
    )
    safe = shown.flow(exact)
    assert safe["pupil_terms"].tolist() == [1000, 1000]
    assert safe["left_out"].tolist() == [0, 0]
    assert safe["pupils"].tolist() == [505, 500]


# Margins.


def bounds_of(shown_table, cell):
    """Return what all shown cells allow a hidden one to be; written apart from the product."""
    values = shown_table.to_numpy()
    rows, columns = values.shape
    index = np.arange(values.size).reshape(values.shape)
    equations = np.zeros((rows + columns, values.size))
    for i in range(rows):
        equations[i, index[i, :-1]], equations[i, index[i, -1]] = 1, -1
    for j in range(columns):
        equations[rows + j, index[:-1, j]], equations[rows + j, index[-1, j]] = 1, -1
    # A shown count is known to half a step of five.
    limits = [(0, None) if np.isnan(v) else (max(0, v - 2.5), v + 2.5) for v in values.ravel()]
    goal = np.zeros(values.size)
    goal[index[cell]] = 1
    low = linprog(goal, A_eq=equations, b_eq=np.zeros(rows + columns), bounds=limits)
    high = linprog(-goal, A_eq=equations, b_eq=np.zeros(rows + columns), bounds=limits)
    return low.fun, -high.fun if high.status == 0 else np.inf


def test_one_school_of_four_takes_nothing_with_it_that_rounding_hides():
    safe = suppress_crosstab(pd.DataFrame([[4, 40, 57], [30, 41, 52], [33, 44, 55]]))
    assert np.argwhere(safe.isna().to_numpy()).tolist() == [[0, 0]]
    assert safe.loc["total"].notna().all()


@settings(max_examples=15, deadline=None)
@given(
    st.lists(
        st.lists(st.integers(0, 60), min_size=3, max_size=4).map(tuple), min_size=3, max_size=4
    ).filter(lambda rows: len({len(r) for r in rows}) == 1)
)
def test_no_small_cell_can_be_computed_from_what_is_shown(rows):
    counts = pd.DataFrame(rows)
    safe = suppress_crosstab(counts)
    least = RULES.min_pupils_one_school
    full = counts.assign(total=counts.sum(axis=1))
    full.loc["total"] = full.sum()
    for i, j in np.argwhere(((full > 0) & (full < least)).to_numpy()):
        assert np.isnan(safe.iloc[i, j])
        low, high = bounds_of(safe, (i, j))
        assert min(high, least - 1) - max(low, 1) >= 5 - 1e-6


def test_a_school_of_four_is_withheld_and_no_other():
    counts = pd.DataFrame({"HT2019": [4, 120, 300], "VT2020": [4, 118, 290]}, index=["A", "B", "C"])
    safe, withheld = shown.pupils_by_school(counts)
    safe = safe.set_index("school")
    assert safe.loc["A"].isna().all()
    assert safe.loc[["B", "C"]].notna().all(axis=None)
    assert {w.rows.split()[0] for w in withheld} == {"A"}


# Estimates.


def row(**changes):
    known = {
        "claim": "C1",
        "outcome": "absence_share",
        "school_form": "GR",
        "population": "all_pupils",
        "model": "m",
        "estimate": 1.0,
        "std_error": 0.5,
        "ci_low": 0.0,
        "ci_high": 2.0,
        "n_obs": 400,
        "n_pupils": 100,
        "n_schools": 11,
    }
    return known | changes


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"n_pupils": 1}, "few_pupils"),
        ({"n_pupils": 9}, "few_pupils"),
        ({"n_pupils": 15, "n_obs": 20}, "few_degrees_of_freedom"),
    ],
)
def test_estimates_on_too_few_lose_their_numbers_and_say_why(changes, why):
    table = estimates.table([row(), row(**changes)])
    safe, withheld = protect_estimates(table, "estimates")
    assert safe["estimate"].notna().tolist() == [True, False]
    assert safe["reason"].iloc[1] == why
    assert "10" in reasons.sentence(safe.iloc[1], "en")
    numbers = safe.loc[1, ["std_error", "ci_low", "ci_high", "n_obs", "n_pupils"]]
    assert numbers.isna().all()
    assert len(withheld) == 1


@pytest.mark.parametrize("low", [0.0004, -0.0004, 0.0, 0.3, -0.3])
def test_an_interval_includes_zero_as_published_where_it_does_in_full(low):
    row = {"outcome": "safety_index", "unit": "index points", "estimate": 0.34, "std_error": 0.13}
    counts = {"n_obs": 400, "n_pupils": 400, "n_schools": 11, "n_treated_schools": 4}
    for sign in (1, -1):
        ends = sorted((sign * low, sign * 0.68))
        exact = row | counts | {"ci_low": ends[0], "ci_high": ends[1], "estimate": sign * 0.34}
        told = disclosure.published(estimates.table([exact]))[0].iloc[0]
        assert np.sign([told["ci_low"], told["ci_high"]]).tolist() == np.sign(ends).tolist()


@pytest.mark.parametrize("estimate", np.linspace(-44, -40, 41))
def test_an_effect_that_no_interval_bounds_is_told_no_finer_than_a_pupil_moves_it(estimate):
    """One pupil of 50 at 5 schools can move it by 10 points: its three digits would tell of them."""
    unbounded = {"std_error": np.nan, "ci_low": -np.inf, "ci_high": np.inf, "n_pupils": 50}
    points = {"unit": "percentage points", "n_schools": 5, "n_treated_schools": 1}
    table = estimates.table([row(estimate=estimate, **unbounded, **points)])
    told = disclosure.published(table)[0]["estimate"].iloc[0]
    assert told in (-40.0, -50.0)
    assert abs(told - estimate) <= 5


def test_rows_of_one_label_are_judged_one_by_one():
    """Tables put together, as a notebook does, have rows of one label."""
    both = pd.concat([estimates.table([row()]), estimates.table([row(n_pupils=1)])])
    safe, withheld = protect_estimates(both, "estimates")
    assert safe.index.tolist() == [0, 0] and len(withheld) == 1
    assert safe["estimate"].notna().tolist() == [True, False]
    assert safe["reason"].tolist() == ["", "few_pupils"]


@pytest.mark.parametrize("protected", [0, 4, 9, 10])
def test_protected_pupils_are_not_counted_in_the_published_report(protected):
    quality = {
        "synthetic": False,
        "notice": "",
        "protected_pupils": protected,
        "secret": 1,
        "processed": {"pupil_terms": 90, "schools": 3},
        "files": [
            {
                "file": "elever.csv",
                "table": "pupils",
                "encoding": "utf-8",
                "rows_read": 104,
                "rows_kept": 97,
                "rows_dropped": {"protected_identity": 4, "duplicate": 3},
            }
        ],
    }
    safe, withheld = protect_quality(quality)
    assert not {"protected_pupils", "secret"} & safe.keys()
    file = safe["files"][0]
    assert file["rows_dropped"] == {"protected_identity": None, "duplicate": None}
    assert (file["rows_read"], file["rows_kept"]) == (100, 100)
    assert safe["processed"] == {"pupil_terms": 90, "schools": 3}
    assert workbench.quality_table(safe)["kept"].tolist() == ["100"]
    assert "secret" in {w.rows for w in withheld}


# The look at what is about to be published.

PERSON = "19811218-9876"  # the Swedish Tax Agency's printed example


def picture(**texts):
    written, info = io.BytesIO(), PngInfo()
    for name, text in texts.items():
        info.add_text(name, text)
    Image.new("RGB", (2, 2)).save(written, "PNG", pnginfo=info)
    return written.getvalue()


def notebook(**output):
    cell = nbformat.v4.new_code_cell("1", outputs=[nbformat.v4.new_output(**output)])
    return nbformat.writes(nbformat.v4.new_notebook(cells=[cell]))


PSEUDONYM = "0123456789abcdef0123456789abcdef"
PLANTED = {
    "small.csv": ("school,n_pupils,mean\nA,4,1.5\n", "too few pupils"),
    "person.csv": (f"a\n{PERSON}\n", "personal identity number"),
    "plus.txt": ("811218+9876\n", "personal identity number"),
    "coordination.txt": ("701063-2391\n", "personal identity number"),
    "mail.md": ("write to kanarie.fagelsson@example.org", "e-mail"),
    "pseudonym.json": (json.dumps({"a": PSEUDONYM}), "pseudonym"),
    "rows.csv": ("elev_id,mean\n1,2\n", "one person"),
    "many.csv": ("a\n" + "1\n" * 5001, "more than 5000 rows"),
    "extreme.csv": ("school,n_pupils,max\nA,50,1.5\n", "maximum"),
    "page.html": (f"<p>{PERSON}</p>", "personal identity number"),
    "table.html": (
        "<table><tr><th>school</th><th>n_pupils</th></tr><tr><td>A</td><td>3</td></tr></table>",
        "too few pupils",
    ),
    "stream.ipynb": (
        notebook(output_type="stream", name="stdout", text=PERSON),
        "personal identity number",
    ),
    "error.ipynb": (
        notebook(output_type="error", ename="E", evalue="x", traceback=["x"]),
        "failed",
    ),
    "html.ipynb": (
        notebook(
            output_type="display_data",
            data={"text/html": "<table><tr><th>pupils</th></tr><tr><td>2</td></tr></table>"},
        ),
        "too few pupils",
    ),
    "exif.png": (picture(Author="Kanarie"), "more than title"),
    "number.png": (picture(Description=PERSON), "personal identity number"),
    "packed.html": (
        "<img src='data:image/png;base64,"
        + base64.b64encode(picture(Comment=PERSON)).decode()
        + "'>",
        "more than title",
    ),
    "data.pkl": ("x", "kind that is not let out"),
    "panel.xlsx": ("x", "kind that is not let out"),
    "broken.json": ("{", "cannot be read"),
    "broken.png": ("no picture", "cannot be read"),
    "broken.pdf": ("no report", "cannot be read"),
}


@pytest.mark.parametrize("name", PLANTED)
def test_the_audit_finds_what_was_planted_and_does_not_quote_it(name, tmp_path):
    content, expected = PLANTED[name]
    path = tmp_path / "deep" / name
    path.parent.mkdir()
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    found = audit(tmp_path)
    assert any(expected in str(finding) for finding in found), found
    assert all(finding.file == f"deep/{name}" for finding in found)
    assert PERSON not in str(found) and PSEUDONYM not in str(found)


def test_a_figure_without_its_table_and_a_symbolic_link_are_found(tmp_path):
    (tmp_path / "alone.png").write_bytes(picture(Title="alone"))
    (tmp_path / "link.csv").symlink_to("/etc/hostname")
    told = [str(f) for f in audit(tmp_path)]
    assert any("without the table" in t for t in told)
    assert any("symbolic link" in t for t in told)
    (tmp_path / "alone.csv").write_text("a\n1\n")
    assert not any("without the table" in str(f) for f in audit(tmp_path))


def test_a_row_level_parquet_is_found(tiny_processed, tmp_path):
    (tmp_path / "t.parquet").write_bytes((tiny_processed / "pupil_terms.parquet").read_bytes())
    assert "no estimates table" in str(audit(tmp_path)[0])


@pytest.mark.slow
def test_what_is_committed_may_leave():
    for folder in (ROOT / "reports" / "synthetic", ROOT / "figures"):
        assert audit(folder) == []


def a_run(folder, **changes):
    """What `much_the_same` reads of a run: its exports' rows and digests."""
    rows = {"elever.csv": 1000, "betyg.csv": 40_000} | changes.pop("rows", {})
    files = [{"file": n, "rows_read": r, "sha256": f"{n}{r}"} for n, r in rows.items()]
    folder.mkdir(parents=True)
    quality = {"synthetic": False, "notice": "", "files": files} | changes
    (folder / "quality.json").write_text(json.dumps(quality))
    return folder


@pytest.mark.parametrize(
    ("other", "told"),
    [
        ({"rows": {"elever.csv": 999}}, True),
        ({"rows": {"elever.csv": 900}}, False),
        ({}, False),
        ({"rows": {"elever.csv": 999}, "synthetic": True}, False),
        ({"files": 3}, False),
    ],
    ids=[
        "one pupil less",
        "another year",
        "other parameters",
        "nobody's data",
        "another program's",
    ],
)
def test_a_second_run_on_nearly_the_same_exports_is_warned_of(tmp_path, other, told):
    one = a_run(tmp_path / "one")
    a_run(tmp_path / "two", **other)
    assert (repeated.much_the_same(one, tmp_path) == ["two"]) == told
    assert bool([line for line in publish.remarks(one, beside=tmp_path) if "two" in line]) == told


def test_the_command_ends_with_one_where_something_may_not_leave(tmp_path):
    ask = CliRunner().invoke
    assert ask(main, ["check-outputs", str(tmp_path)]).exit_code == 0
    (tmp_path / "a.csv").write_text("school,n_pupils\nA,3\n")
    told = ask(main, ["check-outputs", str(tmp_path)])
    assert told.exit_code == 1
    assert "a.csv: tells of 1 groups of too few" in told.output
    found = json.loads(ask(main, ["check-outputs", str(tmp_path), "--json"]).stdout)
    assert found[0]["file"] == "a.csv"


def test_a_run_with_a_finding_publishes_nothing(tmp_path):
    work = tmp_path / "work"
    (work / "results" / "figures").mkdir(parents=True)
    (work / "results" / "figures" / "a.csv").write_text("school,n_pupils\nA,3\n")
    with pytest.raises(PilotError, match=r"nothing was published[^$]*figures/a.csv") as raised:
        check_disclosure(work)
    assert "A,3" not in str(raised.value)


@pytest.mark.slow
def test_a_form_with_one_small_pilot_school_is_withheld_and_listed(tiny_processed, tmp_path):
    variables = {
        "processed_dir": str(tiny_processed),
        "results_dir": str(tmp_path),
        "survey_min_answers": 10,
    }
    bench = workbench.start("mine", variables)
    data = bench.panel.data
    pilot = sorted(
        data.loc[data["ever_treated"] & (data["school_form"] == "GY"), "school"].unique()
    )
    bench.panel = panel.Panel(data[data["school"] != pilot[0]], bench.panel.flow)
    table = bench.trends("absence_share")
    one = table[(table["school_form"] == "GY") & table["ever_treated"]]
    assert one[["mean", "low", "high", "n_pupils"]].isna().all(axis=None)
    bench.draw_trends("absence_share")
    drawn = pd.read_csv(tmp_path / "figures" / "trends_absence_share.csv")
    hidden = drawn[(drawn["school_form"] == "GY") & drawn["ever_treated"]]
    assert hidden["mean"].isna().all()
    listed = json.loads((tmp_path / "withheld" / "mine.json").read_text())
    assert "fewer than 2 schools" in {w["why"] for w in listed}
    assert [f for f in audit(tmp_path / "figures") if "hidden" not in f.what] == []
