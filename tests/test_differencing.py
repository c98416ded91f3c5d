"""Two published runs that differ by one pupil, one answer sheet and one teacher, subtracted.

The attacker has every published table of both runs and knows that one of each left the exports.
"""

import itertools
import json

import numpy as np
import pandas as pd
import pytest

# Tables of simulated designs and of other studies: nobody in these exports is in them.
OF_OTHERS = ("size_and_power.csv", "published_effects.csv")
EXACT = {"n_schools", "n_treated_schools", "n_placements", "term_number", "event_time"}


@pytest.fixture
def pair(real_runs):
    """Both runs, the answer sheet that is in one of them, and the school of four."""
    folder, stages = real_runs
    assert stages["without"]["code"] == 0, stages["without"]["stderr"]
    known = json.loads((folder / "known.json").read_text())
    reports = folder / "reports"
    return reports / "with", reports / "without", known["sheet"], known["small"]


def tables(run):
    """Return every published table by its path."""
    return {
        path.relative_to(run).as_posix(): pd.read_csv(path)
        for path in sorted(run.rglob("*.csv"))
        if path.name not in OF_OTHERS
    }


def side_by_side(pair):
    """Yield the tables of both runs that have the same rows."""
    ours, theirs = map(tables, pair[:2])
    assert ours.keys() == theirs.keys()
    for name, one in ours.items():
        if one.shape == theirs[name].shape:
            yield name, one, theirs[name]


def counts_in(table):
    """Return the columns of a table that count pupils, answers or rows."""
    named = [c for c in table if c == "n" or (c.startswith("n_") and c not in EXACT)]
    return table[named].apply(pd.to_numeric, errors="coerce")


@pytest.mark.long
def test_no_count_in_either_run_is_small_or_moves_by_less_than_five(pair):
    seen = 0
    for name, one, other in side_by_side(pair):
        first, second = counts_in(one), counts_in(other)
        for values in (first, second):
            shown = values.to_numpy(dtype=float)
            assert not ((shown > 0) & (shown < 8)).any(), name
            assert (shown[np.isfinite(shown)] % 5 == 0).all(), name
        seen += first.size
    assert seen > 500


def flat(value, path=()):
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from flat(inner, (*path, str(key)))
    elif isinstance(value, list):
        for position, inner in enumerate(value):
            yield from flat(inner, (*path, position))
    else:
        yield path, value


@pytest.mark.long
def test_the_quality_reports_difference_tells_nothing_of_the_pupil(pair):
    one, other = (
        dict(flat(json.loads((run / "quality.json").read_text("utf-8")))) for run in pair[:2]
    )
    assert one.keys() == other.keys()
    for path, value in one.items():
        if isinstance(value, (int, float)) and not isinstance(value, bool) and path[-1] != "bytes":
            assert (value - other[path]) % 5 == 0, path


@pytest.mark.long
def test_an_answer_sheet_cannot_be_read_off_the_difference(pair):
    """The best guess: the answer whose count fell most. It may be right for one item in three."""
    steps = [
        "Stämmer inte alls",
        "Stämmer ganska dåligt",
        "Stämmer ganska bra",
        "Stämmer helt och hållet",
    ]
    ours, theirs, sheet, _ = pair
    name = "figures/survey_items_pupil_GR.csv"
    one, other = tables(ours).get(name), tables(theirs).get(name)
    if one is None or other is None or one.shape != other.shape:
        return  # withheld in one of them
    keys = ["item", "ever_treated", "period", "answer"]
    both = one.merge(other, on=keys, suffixes=("", "_less"))
    both = both[both["ever_treated"] & (both["period"] == "after")]
    both["fell"] = both["share"] * both["n"] - both["share_less"] * both["n_less"]
    right = 0
    for item, rows in both.groupby("item"):
        falls = rows[rows["fell"] > 0.5]
        if len(falls) == 1:
            guess = float(falls["answer"].iloc[0])
            truth = 33.3 * steps.index(sheet[item]) if sheet[item] in steps else np.nan
            right += abs(guess - truth) < 5
    assert right <= 3


@pytest.mark.long
def test_a_pupil_s_absence_cannot_be_computed_from_two_means(pair):
    """n times mean before less n times mean after is the pupil's share, if both were exact."""
    for name, one, other in side_by_side(pair):
        if not name.startswith("figures/trends_") or "n_pupils" not in one:
            continue
        before, after = (t["mean"] * t["n_pupils"] for t in (one, other))
        # Withheld in either is no difference to compute with.
        moved = (before - after)[one["mean"] != other["mean"]].abs().dropna()
        # A step of the mean, times the pupils: what a difference is known to, and it is the whole
        # range of what one pupil can have.
        assert (moved > 50).all() or moved.empty, (name, moved.tolist())


# --- One run alone: all counts of all outcomes together ------------------------------------------


def counted(run, form):
    """Return the counts of all pupils in a form's estimates: (outcome, schools, as published)."""
    table = pd.read_csv(run / "estimates.csv", low_memory=False)
    rows = table[
        (table["school_form"] == form)
        & (table["population"] == "all_pupils")
        & table["term"].isna()
        & table["event_time"].isna()
        & table["n_pupils"].notna()
        # All terms and all pupils with the outcome: what else is counted is another sample.
        & table["specification"].isin(["primary", "by_pupils", "ratio", "baseline_covariates"])
    ]
    return rows[["outcome", "n_schools", "n_pupils"]].drop_duplicates()


def solved(run, form, step=10.0):
    """Return the narrowest bounds on the size of a school that some rows count and others do not.

    Rows that count one school more than others of the same outcome differ by that school: it takes
    no name, since a school with too few pupils is told as such. Every pair of rows gives an
    interval as wide as rounding allows; all outcomes together narrow it, as linear programming
    would.
    """
    low, high = 0.0, np.inf
    for _, rows in counted(run, form).groupby("outcome"):
        for one, other in itertools.permutations(rows.itertuples(), 2):
            if one.n_schools - other.n_schools != 1:
                continue
            between = one.n_pupils - other.n_pupils - step, one.n_pupils - other.n_pupils + step
            low, high = max(low, between[0]), min(high, between[1])
    return low, high


@pytest.mark.long
def test_no_small_school_s_size_can_be_solved_for(pair):
    ours, _, _, small = pair
    left_out = pd.read_csv(ours / "estimates.csv", low_memory=False)
    told = left_out.loc[left_out["specification"] == small, "reason"]
    assert (told == "few_at_school").any()  # so a reader knows that it is there, and under ten
    low, high = solved(ours, "GR")
    assert low <= 0
    assert high >= 8


@pytest.mark.long
def test_the_attack_works_where_counts_are_exact(real_runs, tmp_path):
    """The attack is one: with all digits the size of the school comes out."""
    exact = pd.read_csv(real_runs[0] / "exact" / "estimates.csv", low_memory=False)
    exact.to_csv(tmp_path / "estimates.csv", index=False)
    assert max(solved(tmp_path, "GR", step=0.0)) == 4.0
