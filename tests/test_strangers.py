"""What a stranger's frame and design meet: the right number, or a message that names column and rule."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from pilot_analysis import estimators, inference
from pilot_analysis.errors import NotEstimable
from pilot_analysis.examples import few_schools

REFERENCE = Path(__file__).parent / "reference"
TWO_WAY = {
    "outcome": "y",
    "treatment": "treated",
    "unit": "school",
    "time": "term",
    "cluster": "school",
}
STARTS = {"outcome": "y", "first_treated": "first", "unit": "school", "time": "term"}


def panel(starts=(3.0, 3.0, 4.0), n=9, terms=6, seed=1):
    frame = pd.DataFrame(
        [(s, t) for s in range(n) for t in range(1, terms + 1)], columns=["school", "term"]
    )
    frame["first"] = frame["school"].map(dict(enumerate(starts)))
    frame["treated"] = (frame["term"] >= frame["first"]).astype(float)
    rng = np.random.default_rng(seed)
    frame["y"] = rng.normal(size=len(frame)) + frame["school"] + rng.normal(size=n)[frame["school"]]
    return frame


class Foreign:
    """A frame of another library, as polars'."""


FRAMES = {
    "another library's frame": (lambda d: Foreign(), "must be a pandas DataFrame.*to_pandas"),
    "columns of two levels": (
        lambda d: d.set_axis(pd.MultiIndex.from_product([["a"], d.columns]), axis=1),
        "levels",
    ),
    "school in the index": (lambda d: d.set_index(["school", "term"]), "it is in the index"),
    "a duplicated column": (
        lambda d: pd.concat([d, d[["y"]]], axis=1),
        "several columns named 'y'",
    ),
    "no time column": (lambda d: d.drop(columns="term"), "no column 'term'"),
    "an empty cluster": (
        lambda d: d.assign(school=d["school"].where(d.index > 2)),
        "'school' is empty",
    ),
}
CALLS = {
    "two_way": lambda d: estimators.two_way_fixed_effects(d, **TWO_WAY),
    "event_study": lambda d: estimators.event_study(d, cluster="school", **STARTS),
    "staggered": lambda d: estimators.callaway_santanna(d, **STARTS),
    "bacon": lambda d: estimators.goodman_bacon(d, **STARTS),
    "randomization": lambda d: inference.randomization_inference(
        d,
        outcome="y",
        first_treated="first",
        absorb=("school", "term"),
        time="term",
        cluster="school",
        seed=1,
    ),
    "ols": lambda d: estimators.ols(
        d, outcome="y", treatment="treated", group="school", time="term", cluster="school"
    ),
}


@pytest.mark.parametrize("frame", FRAMES)
@pytest.mark.parametrize("call", CALLS)
def test_odd_frames_are_refused_by_name(call, frame):
    spoil, message = FRAMES[frame]
    with pytest.raises(ValueError, match=message):
        CALLS[call](spoil(panel()))


@pytest.mark.parametrize("call", CALLS)
def test_nullable_columns_and_infinite_starts_change_nothing(call):
    plain = panel()
    nullable = plain.convert_dtypes()
    never = plain.assign(first=plain["first"].fillna(np.inf))
    expected = CALLS[call](plain)["estimate"].to_numpy()
    for other in (nullable, never):
        assert CALLS[call](other)["estimate"].to_numpy() == pytest.approx(expected, nan_ok=True)


@pytest.mark.parametrize("kind", ["event_study", "CR2", "two clusters"])
def test_one_cluster_alone_rules_nothing_out(kind):
    """One treated cluster of 39 gave p <= .05 in 25 of 30 event times, two clusters an SE of 0."""
    frame = panel(starts=(3.0,), n=2 if kind == "two clusters" else 39)
    if kind == "event_study":
        rows = estimators.event_study(frame, cluster="school", **STARTS)
        rows = rows[(rows["estimand"] == "event_time") & (rows["event_time"] != -1)]
    else:
        rows = inference.cluster_robust(
            frame,
            outcome="y",
            treatment="treated",
            absorb=("school", "term"),
            cluster="school",
            kind="CR2",
        )
    assert np.isinf(rows[["ci_low", "ci_high"]].to_numpy()).all()
    assert (rows["p_value"] == 1).all()
    assert (rows["reason"] == "one_school_decides").all()


def test_one_school_against_one_is_never_significant():
    """p was 0.0 in 18 of 100 panels."""
    for seed in range(8):
        frame = panel(starts=(3.0,), n=2, seed=seed).assign(y=lambda d: d["y"] + 1000)
        row = estimators.ols(
            frame, outcome="y", treatment="treated", group="school", time="term", cluster="school"
        ).iloc[0]
        assert row["p_value"] == 1.0


def test_schools_treated_throughout_are_not_counted():
    """One school starts, two were always treated: three were counted, and CR2 was chosen."""
    frame = panel(starts=(3.0, 1.0, 1.0))
    row = estimators.two_way_fixed_effects(frame, **TWO_WAY).iloc[0]
    assert row["n_treated_schools"] == 1
    assert row["method"].startswith("randomization")
    assert row["p_value_min"] == pytest.approx(1 / 7)


def test_a_thousand_clusters_are_no_trouble():
    """Whole numbers beyond what a float holds gave an OverflowError."""
    frame = panel(starts=(3.0,) * 515, n=1030, terms=4)
    row = estimators.two_way_fixed_effects(frame, inference="CR2", **TWO_WAY).iloc[0]
    assert 0 < row["p_value"] <= 1
    assert row["n_schools"] == 1030


def test_a_dose_and_a_treatment_that_ends_have_cr2():
    dose = panel().assign(treated=lambda d: d["treated"] * (1 + d["school"]))
    ends = panel().assign(treated=lambda d: d["treated"] * (d["term"] < 5))
    for frame in (dose, ends):
        row = estimators.two_way_fixed_effects(frame, inference="CR2", **TWO_WAY).iloc[0]
        assert row["method"] == "CR2"
        assert np.isfinite(row["ci_low"])
    with pytest.raises(ValueError, match="'treated'"):
        estimators.two_way_fixed_effects(dose, **TWO_WAY)


def test_the_wild_bootstrap_takes_a_regressor_that_varies_in_every_cluster():
    rng = np.random.default_rng(1)
    frame = panel().assign(dose=lambda d: rng.normal(size=len(d)))
    row = inference.wild_cluster_bootstrap(
        frame, outcome="y", treatment="dose", absorb=("school",), cluster="school", seed=1
    ).iloc[0]
    assert 0 < row["p_value"] <= 1


def test_rows_with_an_effect_to_themselves_are_not_counted():
    frame = panel().assign(pupil=lambda d: d["school"] * 10 + d["term"] % 2)
    alone = frame.iloc[[0, 20]].assign(pupil=[900, 901])
    call = lambda d: inference.cluster_robust(  # noqa: E731
        d, outcome="y", treatment="treated", cluster="school", kind="CR1"
    ).iloc[0]
    with_them, without = call(pd.concat([frame, alone])), call(frame)
    for column in ("estimate", "std_error", "n_obs", "n_pupils"):
        assert with_them[column] == pytest.approx(without[column])


@pytest.mark.parametrize(
    "spoil",
    [
        lambda d: d.assign(y=d["y"].where(d.index != 3, np.inf)),
        lambda d: d.assign(school=d["school"].where(d.index != 3)),
        lambda d: d.assign(y=d["y"].where(d.index != 3)),
    ],
)
def test_synthetic_did_and_bacon_refuse_what_others_refuse(spoil):
    frame = spoil(panel(starts=(4.0, 4.0)))
    for call in (
        lambda: estimators.goodman_bacon(frame, **STARTS),
        lambda: estimators.synthetic_did(
            frame, outcome="y", treatment="treated", unit="school", time="term", seed=1
        ),
    ):
        with pytest.raises(ValueError, match=r"infinite|empty|cells"):
            call()


@pytest.mark.parametrize("seed", [1, 2])
def test_proposition_99_has_the_p_value_of_all_placements(seed):
    """It was .0399 or .0256 by seed, beside an interval over zero."""
    states = pd.read_csv(REFERENCE / "prop99.csv", sep=";")
    row = estimators.synthetic_did(
        states, outcome="PacksPerCapita", treatment="treated", unit="State", time="Year", seed=seed
    ).iloc[0]
    assert row["p_value"] == pytest.approx(2 / 39)
    assert row["n_placements"] == 38
    assert row["ci_low"] < 0 < row["ci_high"]


def test_the_reason_has_a_code_and_the_message_the_column():
    with pytest.raises(NotEstimable, match="'treated' is collinear with the fixed effects") as why:
        inference.cluster_robust(
            panel().assign(treated=1.0),
            outcome="y",
            treatment="treated",
            absorb=("school", "term"),
            cluster="school",
            kind="CR2",
        )
    assert why.value.code == "collinear"


BESIDE = {"outcome": "y", "treatment": "treated", "cluster": "school"}


@pytest.mark.parametrize(
    "call",
    [
        lambda p: estimators.ancova(p, baseline="baseline", time="term", **BESIDE),
        lambda p: estimators.mixed_model(p, **BESIDE),
    ],
    ids=["ancova", "mixed model"],
)
def test_an_outcome_that_does_not_vary_is_refused_after_the_pilot_too(call):
    panel = few_schools()
    with pytest.raises(NotEstimable, match="'y' does not vary"):
        call(panel[panel["term"] == 7].assign(y=0.1))


def test_a_mixed_model_of_two_schools_is_refused():
    panel = few_schools()
    with pytest.raises(NotEstimable, match="'school': t\\(G-2\\) needs three"):
        estimators.mixed_model(panel[(panel["term"] == 7) & panel["school"].isin([0, 5])], **BESIDE)


def test_a_decomposition_reads_starts_as_every_estimator_does():
    panel, columns = few_schools(), {"outcome": "y", "first_treated": "start", "unit": "school"}
    calendar = estimators.goodman_bacon(panel, time="term", **columns)
    # The same panel in relative time, its first start at 0.
    moved = panel.assign(term=panel["term"] - 4, start=panel["start"] - 4)
    relative = estimators.goodman_bacon(moved, time="term", **columns)
    pd.testing.assert_frame_equal(relative, calendar)
    with pytest.raises(NotEstimable, match="'start': no unit starts"):
        estimators.goodman_bacon(panel.assign(start=np.nan), time="term", **columns)
    with pytest.raises(ValueError, match="no column 'start'"):
        estimators.goodman_bacon(panel.drop(columns="start"), time="term", **columns)
    twice = panel.assign(start=panel["start"].where(panel["pupil"] > 0, 6.0))
    with pytest.raises(ValueError, match="'start' has several values"):
        estimators.goodman_bacon(twice, time="term", **columns)
