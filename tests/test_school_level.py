"""The school-level difference-in-differences: by explicit dummies, by Welch, by simulation."""

import itertools
import math
import warnings
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats

from pilot_analysis import estimators
from pilot_analysis.errors import NotEstimable
from pilot_analysis.inference import (
    event_times,
    few_clusters,
    placed_schools,
    school_terms,
    two_sample,
)

ARGUMENTS = {"outcome": "y", "first_treated": "start", "time": "term", "cluster": "school"}


def pupils(seed=0, starts=(3, 4, 3, None, None, None, None), terms=6, size=9, effect=0.0):
    """Draw a pupil panel whose composition drifts, with a level, a trend and shocks a school."""
    rng = np.random.default_rng(seed)
    rows = []
    for school, start in enumerate(starts):
        level = rng.normal(10, 3)
        for term in range(terms):
            shock = rng.normal(0, 1)
            for pupil in range(size + int(rng.integers(0, 5))):
                grade = str(rng.choice(["7", "8", "9"], p=[0.5, 0.3, 0.2] if school % 2 else None))
                on = start is not None and term >= start
                y = level + 0.5 * term + shock + {"7": 0, "8": 1, "9": 3}[grade] + effect * on
                rows.append(
                    (
                        school,
                        term,
                        f"{school}-{pupil}",
                        grade,
                        rng.normal(12, 1),
                        start,
                        y + rng.normal(0, 2),
                        rng.uniform(0.5, 2),
                    )
                )
    names = ["school", "term", "pupil", "grade", "age", "start", "y", "weight"]
    return pd.DataFrame(rows, columns=names)


def with_dummies(data, covariates=True):
    """Adjust and compare by the textbook: one regression with every dummy, then means by hand."""
    cell = pd.get_dummies(data["school"].astype(str) + "|" + data["term"].astype(str), dtype=float)
    parts = [cell]
    if covariates:
        parts += [pd.get_dummies(data["grade"], dtype=float).iloc[:, 1:], data[["age"]]]
    x = pd.concat(parts, axis=1)
    root = np.sqrt(data["weight"])
    beta = np.linalg.lstsq(
        x.mul(root, axis=0).to_numpy(), (data["y"] * root).to_numpy(), rcond=None
    )[0]
    mean = {tuple(map(int, c.split("|"))): b for c, b in zip(cell.columns, beta, strict=False)}
    start = data.groupby("school")["start"].first()
    never = start.index[start.isna()]
    effects = {}
    for school in start.index[start.notna()]:
        before = [t for t in range(6) if t < start[school]]
        after = [t for t in range(6) if t >= start[school]]

        def change(g, before=before, after=after):
            return np.mean([mean[g, t] for t in after]) - np.mean([mean[g, t] for t in before])

        effects[school] = change(school) - np.mean([change(g) for g in never])
    return effects


def test_estimate_equals_regression_with_every_dummy():
    data = pupils()
    effects = with_dummies(data)
    row = estimators.school_level_did(
        data, covariates=["grade", "age"], weights="weight", **ARGUMENTS
    ).iloc[0]
    assert row["estimate"] == pytest.approx(np.mean(list(effects.values())), abs=1e-10)
    assert (row["n_schools"], row["n_treated_schools"]) == (7, 3)
    assert row["n_pupils"] == data["pupil"].nunique()
    changes = estimators.school_changes(
        data, covariates=["grade", "age"], weights="weight", **ARGUMENTS
    ).set_index("school")
    for school, effect in effects.items():
        assert changes.loc[school, "change"] == pytest.approx(effect, abs=1e-10)
    each = estimators.school_level_did(
        data, covariates=["grade", "age"], weights="weight", by="school", **ARGUMENTS
    )
    assert each["estimate"].tolist() == pytest.approx(list(effects.values()), abs=1e-10)
    by_pupils = estimators.school_level_did(
        data, covariates=["grade", "age"], weights="weight", school_weights="pupils", **ARGUMENTS
    ).iloc[0]
    after = data[data["term"] >= data["start"]]
    size = after.groupby("school")["weight"].sum() / after.groupby("school")["term"].nunique()
    assert by_pupils["estimate"] == pytest.approx(
        np.average(list(effects.values()), weights=size), abs=1e-10
    )
    assert by_pupils["estimand"] == "per_pupil"


@pytest.mark.parametrize(
    "drop", ["comparison lacks a term", "comparison closes", "pilot opens late"]
)
def test_parallel_lines_give_zero_whatever_is_missing(drop):
    rows = pd.DataFrame(
        [
            (s, t, 70 + 5 * s + 2.0 * t**2, 4.0 if s < 2 else np.nan)
            for s in range(7)
            for t in range(8)
        ],
        columns=["school", "term", "y", "start"],
    )
    rows["y"] += np.where(rows["term"] >= rows["start"], -3.0, 0.0)
    gone = {
        "comparison lacks a term": (rows["school"] == 6) & (rows["term"] == 5),
        "comparison closes": (rows["school"] == 6) & (rows["term"] >= 4),
        "pilot opens late": (rows["school"] == 0) & (rows["term"] < 3),
    }[drop]
    for inference in ("least_favourable", "randomization_t", "randomization_coefficient"):
        row = estimators.school_level_did(rows[~gone], inference=inference, **ARGUMENTS).iloc[0]
        assert row["estimate"] == pytest.approx(-3, abs=1e-10)


def test_always_treated_schools_are_neither_treated_nor_comparison():
    data = pupils(starts=(3, 0, 0, None, None, None))
    row = estimators.school_level_did(data, **ARGUMENTS).iloc[0]
    without = data[~data["school"].isin([1, 2])]
    again = estimators.school_level_did(without, **ARGUMENTS).iloc[0]
    assert (row["n_treated_schools"], row["n_schools"]) == (1, 4)
    assert row["estimate"] == again["estimate"] and row["p_value"] == again["p_value"]
    arms = estimators.school_changes(data, **ARGUMENTS).set_index("school")["arm"]
    assert arms.loc[[1, 2]].tolist() == ["left_out"] * 2


def test_terms_after_the_end_of_treatment_are_left_out():
    data = pupils(starts=(3, 3, None, None, None)).assign(stop=np.nan)
    data.loc[data["school"] == 0, "stop"] = 4
    row = estimators.school_level_did(data, last_treated="stop", **ARGUMENTS).iloc[0]
    shorter = data[~((data["school"] == 0) & (data["term"] > 4))]
    assert row["estimate"] == estimators.school_level_did(shorter, **ARGUMENTS).iloc[0]["estimate"]


def one_start(seed, n1=4, n0=7):
    return pupils(seed, starts=(3,) * n1 + (None,) * n0, size=4)


def test_one_start_is_welchs_test_of_changes():
    data = one_start(3)
    row = estimators.school_level_did(data, inference="welch", **ARGUMENTS).iloc[0]
    means = data.groupby(["school", "term"])["y"].mean().unstack()
    change = means[[3, 4, 5]].mean(axis=1) - means[[0, 1, 2]].mean(axis=1)
    test = stats.ttest_ind(change[:4], change[4:], equal_var=False)
    assert row["p_value"] == pytest.approx(max(test.pvalue, 1 / 330), abs=1e-10)
    assert row["df"] == pytest.approx(test.df, abs=1e-9)
    low, high = test.confidence_interval()
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((low, high), abs=1e-9)
    pooled = estimators.school_level_did(data, inference="pooled", **ARGUMENTS).iloc[0]
    equal = stats.ttest_ind(change[:4], change[4:])
    assert pooled["p_value"] == pytest.approx(max(equal.pvalue, 1 / 330), abs=1e-10)


def test_cr2_of_equal_cells_is_that_of_the_regression():
    """The same CR2 and Satterthwaite df as cluster_robust on the cells, also when starts differ."""
    for starts in ((3,) * 4 + (None,) * 7, (3, 3, None, None, None)):
        data = pupils(5, starts=starts)
        cells = data.groupby(["school", "term", "start"], dropna=False)["y"].mean().reset_index()
        cells["treated"] = (cells["term"] >= cells["start"]).astype(float)
        reference = few_clusters.cluster_robust(
            cells,
            outcome="y",
            treatment="treated",
            absorb=("school", "term"),
            cluster="school",
            kind="CR2",
        ).iloc[0]
        row = estimators.school_level_did(data, inference="CR2", **ARGUMENTS).iloc[0]
        for name in ("estimate", "std_error", "df"):
            assert row[name] == pytest.approx(reference[name], rel=1e-9)


def some_terms(value, start):
    g = len(start)
    return school_terms.SchoolTerms(
        np.arange(g).astype(object),
        np.arange(float(value.shape[1])),
        value,
        np.asarray(start),
        np.full(g, np.inf),
        np.ones(g),
        np.zeros(g, dtype=np.int64),
    )


@pytest.mark.parametrize("missing", [False, True])
def test_variance_is_unbiased_with_staggered_starts(missing):
    """Both the estimate's variance and its estimator's mean are sums over cells of unit variance."""
    start = np.array([2.0, 3, 5, 6, *[np.nan] * 5])
    gone = np.zeros((9, 8), dtype=bool)
    gone[[0, 5, 6], [4, 1, 7]] = missing
    estimates, variances = [], []
    for cell in np.eye(72):
        one = school_terms.contrast(some_terms(np.where(gone, np.nan, cell.reshape(9, 8)), start))
        two = two_sample.arms(one)
        estimates.append(one.estimate)
        variances.append(two.pilot.part + two.other.part)
    assert sum(variances) == pytest.approx(np.square(estimates).sum(), rel=1e-10)


def test_event_times_against_the_reference_by_hand():
    data = pupils()
    table = estimators.school_level_did(data, by="event_time", **ARGUMENTS).set_index("event_time")
    means = data.groupby(["school", "term"])["y"].mean().unstack()
    start = {0: 3, 1: 4, 2: 3}
    by_hand = [
        means.loc[g, s + 1]
        - means.loc[g, s - 1]
        - (means.loc[3:, s + 1] - means.loc[3:, s - 1]).mean()
        for g, s in start.items()
    ]
    assert table.loc[1.0, "estimate"] == pytest.approx(np.mean(by_hand), abs=1e-10)
    assert table.loc[-1.0, "method"] == "reference" and table.loc[-1.0, "estimate"] == 0
    assert table.loc[-4.0, "n_treated_schools"] == 1 and table.loc[1.0, "n_treated_schools"] == 3


def test_placements_by_brute_force():
    """Every placement's estimate is what the estimator says of a panel with those starts."""
    data = pupils(7, starts=(2, 4, None, None, None))
    means = estimators.school_means(data, **ARGUMENTS).terms
    placed = placed_schools.place(means)
    assert placed.n_placements == 20
    estimates = []
    for a, b in itertools.permutations(range(5), 2):
        start = np.full(5, np.nan)
        start[[a, b]] = 2.0, 4.0
        estimates.append(school_terms.contrast(replace(means, start=start)).estimate)
    observed = school_terms.contrast(means).estimate
    p = np.mean(np.abs(estimates) >= abs(observed) - 1e-9)
    assert placed.plain.p_value(0.0) == pytest.approx(p)
    # A test of the null value b is a test of no effect on the outcome less b times the treatment.
    on = (data["term"] >= data["start"]).astype(float)
    shifted = estimators.school_means(data.assign(y=data["y"] - 1.3 * on), **ARGUMENTS)
    again = placed_schools.place(shifted.terms)
    assert placed.studentised.p_value(1.3) == pytest.approx(again.studentised.p_value(0.0))
    assert placed.plain.p_value(1.3) == pytest.approx(again.plain.p_value(0.0))


@pytest.mark.parametrize(
    ("window", "effect"),
    [
        (school_terms.Window(event=-2), lambda since, term: since == -2),
        (school_terms.Window(event=1), lambda since, term: since >= 0),
        (school_terms.Window(drift=True), lambda since, term: term),
    ],
    ids=["before the start", "after it", "drift"],
)
def test_an_interval_of_placements_is_what_their_test_does_not_reject(window, effect):
    """The test of b is that of nothing on the outcome less b times the effect, whatever is asked."""
    data = pupils(11, starts=(4, 4, *[None] * 8))
    size = effect(data["term"] - data["start"], data["term"]).where(data["start"].notna(), 0)

    def test_of(b):
        less = data.assign(y=data["y"] - b * size.astype(float))
        means = estimators.school_means(less, **ARGUMENTS).terms
        means = means.before_any_start() if window.drift else means
        return placed_schools.place(means, window)

    whole = test_of(0.0)
    for name in ("studentised", "plain"):
        test = getattr(whole, name)
        low, high = test.interval(0.9)
        for b in (low - 0.3, low + 1e-6, -0.4, 0.9, high - 1e-6, high + 0.3):
            p = getattr(test_of(b), name).p_value(0.0)
            assert test.p_value(b) == pytest.approx(p)
            assert (p > 0.1) == (low <= b <= high)


def test_placements_under_which_nothing_can_be_compared_are_not_counted():
    """Start 2 at a school seen late and start 4 at one seen early is no placement."""
    data = pupils(4, starts=(2, 4, None, None, None))
    late, early = data["school"] == 2, data["school"] == 3
    data = data[~(late & (data["term"] < 3)) & ~(early & (data["term"] > 3))]
    means = estimators.school_means(data, **ARGUMENTS).terms
    placed = placed_schools.place(means)
    assert (placed.n_placements, placed.p_value_min) == (19, pytest.approx(1 / 19))
    both = placed_schools.joint_test([means, means])
    assert (both["n_placements"], both["p_value_min"]) == (19**2, pytest.approx(1 / 19**2))


def test_counts_are_of_the_terms_that_are_compared():
    data = pupils(5, starts=(3, 4, None, None))
    data["stop"] = data["start"].where(data["start"] == 3)  # one pilot school stops after a term
    told = {
        by: estimators.school_level_did(data, by=by, last_treated="stop", **ARGUMENTS)
        for by in ("overall", "event_time", "drift")
    }
    after = told["event_time"].set_index("event_time").loc[1.0]  # of the school that goes on
    terms = {
        "overall": {0: {0, 1, 2, 3}, 1: set(range(6)), 2: set(range(6)), 3: set(range(6))},
        "drift": {school: {0, 1, 2} for school in range(4)},
        "event": {1: {3, 5}, 2: {3, 5}, 3: {3, 5}},
    }
    rows = {"overall": told["overall"].iloc[0], "drift": told["drift"].iloc[0], "event": after}
    for name, row in rows.items():
        seen = [
            t in terms[name].get(s, ()) for s, t in zip(data["school"], data["term"], strict=True)
        ]
        assert row["n_obs"] == sum(seen), name
        assert row["n_pupils"] == data.loc[seen, "pupil"].nunique(), name
        assert row["n_schools"] == len(terms[name]), name


def test_one_and_one_school_say_nothing():
    data = pupils(1, starts=(3, None))
    row = estimators.school_level_did(data, **ARGUMENTS).iloc[0]
    assert row["p_value"] == 1.0 and np.isinf([row["ci_low"], row["ci_high"]]).all()
    assert np.isinf(row["detectable_effect"])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"start": np.nan}, "no_treated"),
        ({"start": 3.0}, "no_untreated"),
        ({"y": np.nan}, "no_values"),
        ({"y": np.inf}, "infinite_values"),
    ],
)
def test_what_the_data_cannot_answer_is_said(change, code):
    with pytest.raises(NotEstimable) as told:
        estimators.school_level_did(pupils().assign(**change), **ARGUMENTS)
    assert told.value.code == code


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"inference": "bayes"}, "inference is one of"),
        ({"school_weights": "size"}, "school_weights"),
        ({"by": "week"}, "by is"),
        ({"scale": "log"}, "scale is"),
        ({"outcome": "z"}, "no column 'z'"),
        ({"outcome": "grade"}, "'grade' must be numeric"),
        ({"ratios": (2, 1)}, "ratios"),
    ],
)
def test_wrong_calls_are_named(arguments, words):
    with pytest.raises(ValueError, match=words) as told:
        estimators.school_level_did(pupils(), **(ARGUMENTS | arguments))
    assert not isinstance(told.value, NotEstimable)


def test_two_starts_are_refused_by_name():
    data = pupils()
    data.loc[data.index[0], "start"] = 1
    with pytest.raises(ValueError, match="'start' has several values within 0"):
        estimators.school_level_did(data, **ARGUMENTS)


@pytest.mark.parametrize("scale", ["ratio", "ratio_in_points"])
def test_a_ratio_that_no_interval_bounds_has_none_in_points(scale):
    rows = pd.DataFrame(
        [
            {
                "school": s,
                "term": t,
                "y": 10.0 + s + 0.3 * t * s,
                "start": 4.0 if s == 0 else np.nan,
            }
            for s in range(2)
            for t in range(8)
            for _ in range(3)
        ]
    )
    row = estimators.school_level_did(
        rows, outcome="y", first_treated="start", time="term", cluster="school", scale=scale
    ).iloc[0]
    assert math.isfinite(row["estimate"])
    assert math.inf in (row["ci_high"], -row["ci_low"])


def test_a_shock_that_multiplies_leaves_the_ratio_alone():
    """Pilot schools start higher; a +35 % shock moves the difference, not the ratio."""
    rows = pd.DataFrame(
        [
            (
                s,
                t,
                (9 if s < 2 else 6) * (1.35 if t >= 3 else 1) * (0.8 if s < 2 and t >= 3 else 1),
                3.0 if s < 2 else np.nan,
            )
            for s in range(6)
            for t in range(6)
        ],
        columns=["school", "term", "y", "start"],
    )
    ratio = estimators.school_level_did(rows, scale="ratio", **ARGUMENTS).iloc[0]
    assert ratio["estimate"] == pytest.approx(-20) and ratio["unit"] == "per cent"
    points = estimators.school_level_did(rows, scale="ratio_in_points", **ARGUMENTS).iloc[0]
    assert points["estimate"] == pytest.approx(-0.2 * 9 * 1.35)
    difference = estimators.school_level_did(rows, **ARGUMENTS).iloc[0]
    assert difference["estimate"] == pytest.approx((9 * 1.35 * 0.8 - 9) - 6 * 0.35)


def test_strata_are_compared_within():
    data = pupils(2, starts=(3, None, None, 3, None, None))
    data["form"] = np.where(data["school"] < 3, "GR", "GY")
    row = estimators.school_level_did(data, strata="form", **ARGUMENTS).iloc[0]
    parts = [
        estimators.school_level_did(data[data["form"] == f], **ARGUMENTS)["estimate"].iloc[0]
        for f in ("GR", "GY")
    ]
    assert row["estimate"] == pytest.approx(np.mean(parts), abs=1e-10)
    assert row["p_value_min"] == pytest.approx(1 / 9)


@pytest.mark.parametrize("starts", [(3, 3, 3, None, None, None, None), (3, 4, 3, *[None] * 4)])
def test_event_times_together_are_those_told_one_by_one(starts):
    data = pupils(starts=starts)
    rows = estimators.school_level_did(data, by="event_time", inference="welch", **ARGUMENTS)
    rows = rows[rows["method"] == "welch"].set_index("event_time")
    found = event_times.of(estimators.school_means(data, **ARGUMENTS).terms)
    assert found.times == rows.index.tolist()
    assert found.estimates == pytest.approx(rows["estimate"].to_numpy(), abs=1e-12)
    errors = np.sqrt(np.diag(found.covariance))
    assert errors[np.isfinite(rows["std_error"])] == pytest.approx(
        rows["std_error"].dropna().to_numpy(), rel=1e-9
    )


def test_event_times_vary_together_as_a_sum_over_schools():
    """With one start, the variance of their mean is the two-sample one of schools' mean changes."""
    data = pupils(starts=(3, 3, 3, None, None, None, None))
    found = event_times.of(estimators.school_means(data, **ARGUMENTS).terms)
    after = np.array([t >= 0 for t in found.times]) / 3
    means = data.groupby(["school", "term"])["y"].mean().unstack()
    change = means[[3, 4, 5]].mean(axis=1) - means[2]
    by_hand = change[:3].var() / 3 + change[3:].var() / 4
    assert after @ found.covariance @ after == pytest.approx(by_hand, rel=1e-9)


def test_the_matching_t_has_the_least_favourable_interval():
    two = two_sample.TwoArms.equal(1.3, 0.8, 4, 7)
    df = event_times.matching_df(two, 0.9)
    reach = two_sample.decide(two, "least_favourable").reach(0.9)
    assert stats.t.ppf(0.95, df) * np.sqrt(1.3**2 / 4 + 0.8**2 / 7) == pytest.approx(reach)


def test_the_intra_class_correlation_is_that_of_an_analysis_of_variance():
    """Unequal schools, two terms and two arms: mean squares by statsmodels; and a known truth."""
    rng = np.random.default_rng(2)

    def draw(n_schools):
        rows = [(s, t) for s in range(n_schools) for t in range(2) for _ in range(5 + s % 7)]
        frame = pd.DataFrame(rows, columns=["school", "term"])
        cells = rng.normal(0, 0.5, (n_schools, 2))
        frame["y"] = (
            cells[frame["school"], frame["term"]] + rng.normal(size=len(frame)) + frame["term"]
        )
        return frame.assign(start=np.where(frame["school"] < n_schools // 2, 1.0, np.nan))

    def ours(frame):
        return estimators.school_level_did(
            frame, outcome="y", first_treated="start", time="term", cluster="school"
        )["intra_class_correlation"].iloc[0]

    frame = draw(9)
    frame = frame.assign(
        arm=frame["start"].notna().astype(int), cell=frame["school"] * 2 + frame["term"]
    )
    fit = smf.ols("y ~ C(arm):C(term) + C(cell)", frame).fit()
    coarse = smf.ols("y ~ C(arm):C(term)", frame).fit()
    n = frame.groupby(["arm", "term", "cell"]).size()
    squares = (n**2).groupby(["arm", "term"]).sum() / n.groupby(["arm", "term"]).sum()
    df = len(n) - 4
    between = ((coarse.ssr - fit.ssr) / df - fit.mse_resid) / ((len(frame) - squares.sum()) / df)
    assert ours(frame) == pytest.approx(between / (between + fit.mse_resid), rel=1e-9)
    assert ours(draw(600)) == pytest.approx(0.2, abs=0.02)


def test_an_unknown_background_is_a_level_of_its_own_and_never_no():
    """More pupils of unknown background, ten points higher, come to pilot schools: no effect."""
    rows = [
        (s, t, kind)
        for s in range(8)
        for t in range(4)
        for kind, n in (("no", 4), ("yes", 4), ("unknown", 5 if s < 3 and t >= 2 else 2))
        for _ in range(n)
    ]
    frame = pd.DataFrame(rows, columns=["school", "term", "kind"])
    level = frame["kind"].map({"no": 0.0, "yes": 3.0, "unknown": 10.0})
    frame["y"] = frame["school"] + frame["term"] + level
    frame["start"] = frame["school"].map({0: 2.0, 1: 2.0, 2: 2.0})
    number = frame["kind"].map({"no": 0.0, "yes": 1.0})  # as the panel holds it

    def effect(background):
        return estimators.school_level_did(
            frame.assign(background=background),
            outcome="y",
            first_treated="start",
            time="term",
            cluster="school",
            covariates=["background"],
        )["estimate"].iloc[0]

    assert effect(number) == pytest.approx(0.0, abs=1e-9)
    assert effect(number.astype("Float64")) == pytest.approx(0.0, abs=1e-9)
    assert effect(number.fillna(0.0)) > 0.5  # read as no, they make an effect


def test_a_ratio_is_told_at_the_level_of_the_schools_and_terms_it_is_of():
    """A school without a term before is in no comparison, whatever its level; each school has its own."""

    def rows(schools):
        return pd.DataFrame(
            [(s, t, start, y) for s, (start, known) in schools.items() for t, y in known.items()],
            columns=["school", "term", "start", "y"],
        )

    def told(schools, **options):
        return estimators.school_level_did(
            rows(schools),
            outcome="y",
            first_treated="start",
            time="term",
            cluster="school",
            scale="ratio_in_points",
            **options,
        )["estimate"].tolist()

    same = {0: 10.0, 1: 10.0, 2: 10.0, 3: 10.0}
    schools = {
        "a": (2.0, {0: 10.0, 1: 10.0, 2: 5.0, 3: 5.0}),
        "b": (2.0, {0: 100.0, 1: 100.0, 2: 50.0, 3: 50.0}),
        "c": (np.nan, same),
        "d": (np.nan, same | {1: 10.4}),
        "e": (np.nan, same | {2: 10.2}),
    }
    alone = {"z": (2.0, {2: 1000.0, 3: 1000.0})}
    assert told(schools | alone) == pytest.approx(told(schools))
    assert told(schools, by="school") == pytest.approx([-5.0, -50.0], rel=0.02)


@pytest.mark.parametrize(("pilot", "other"), [(1.0, 1.0), (1.5, 0.5), (1.2, 0.8), (3.0, 6.0)])
def test_the_nodes_of_the_least_favourable_t_have_the_moments_of_their_beta(pilot, other):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nodes, weights = two_sample._quadrature.__wrapped__(pilot, other)
    beta = stats.beta(pilot / 2, other / 2)
    for k in (1, 2, 5):
        assert weights @ nodes**k == pytest.approx(beta.moment(k), rel=1e-9)
