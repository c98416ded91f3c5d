"""What the public methods refuse, against what their docstrings say they raise.

Every method meets every fault of the columns it reads. It may answer (a gap is no fault of most), or
refuse with an error its Raises section names, in words that name a column of the caller's.
"""

import inspect
import re
import warnings

import numpy as np
import pytest
import statsmodels.formula.api as smf

from pilot_analysis import estimators, inference
from pilot_analysis.errors import NotEstimable
from pilot_analysis.examples import few_schools
from pilot_analysis.inference import placed_schools, school_terms

PANEL = few_schools(pupils=4, n_terms=7).assign(
    received=lambda d: d["treated"] * (d["pupil"] % 2),
    weight=lambda d: 1.0 + d["pupil"] % 3,
    share=lambda d: (d["y"] > 20) * 1.0,
    level=lambda d: (d["y"] > 18) * 1 + (d["y"] > 21) * 1,
    kind=lambda d: np.where(d["school"] < 2, "a", "b"),
)
EARLY = PANEL[PANEL["start"] != 5]
LAST = PANEL[PANEL["term"] == 6]
BY_SCHOOL = {"time": "term", "cluster": "school"}
STARTS = {"first_treated": "start", "time": "term"}
NESTED = {"absorb": ("pupil", "term"), "cluster": "school", "weights": "weight"}
TREATED = {"treatment": "treated", **NESTED}
SCHOOLS = {"first_treated": "start", "weights": "weight", **BY_SCHOOL}
# Its panel, its outcome, and its other arguments.
METHODS = {
    inference.cluster_robust: (PANEL, "y", {"kind": "CR3", **TREATED}),
    inference.wild_cluster_bootstrap: (PANEL, "y", {"draws": 99, "seed": 1, **TREATED}),
    inference.randomization_inference: (PANEL, "y", {"seed": 1, **STARTS, **NESTED}),
    inference.wald_test: (PANEL, "y", {"regressors": ["treated", "received"], **NESTED}),
    estimators.two_way_fixed_effects: (
        PANEL,
        "y",
        {"treatment": "treated", "unit": "pupil", "weights": "weight", **BY_SCHOOL},
    ),
    estimators.event_study: (PANEL, "y", {"unit": "pupil", "cluster": "school", **STARTS}),
    estimators.callaway_santanna: (PANEL, "y", {"unit": "school", **STARTS}),
    estimators.synthetic_did: (
        EARLY,
        "y",
        {"treatment": "treated", "unit": "school", "time": "term", "seed": 1, "draws": 50},
    ),
    estimators.goodman_bacon: (PANEL, "y", {"unit": "school", **STARTS}),
    estimators.triple_difference: (
        PANEL,
        "y",
        {"treatment": "treated", "eligible": "eligible", "unit": "pupil", **BY_SCHOOL},
    ),
    estimators.instrumental_variables: (
        PANEL,
        "y",
        {"received": "received", "time": "term", "draws": 99, **TREATED},
    ),
    estimators.logistic: (PANEL, "share", {"treatment": "treated", "group": "school", **BY_SCHOOL}),
    estimators.ordered_logit: (LAST, "level", {"treatment": "treated", **BY_SCHOOL}),
    estimators.mixed_model: (
        LAST,
        "y",
        {"treatment": "treated", "cluster": "school", "covariates": ["baseline"]},
    ),
    estimators.ols: (
        PANEL,
        "y",
        {"treatment": "treated", "group": "school", "covariates": ["baseline"], **BY_SCHOOL},
    ),
    estimators.ancova: (LAST, "y", {"baseline": "baseline", "treatment": "treated", **BY_SCHOOL}),
    estimators.school_level_did: (PANEL, "y", SCHOOLS),
    estimators.school_means: (PANEL, "y", SCHOOLS),
    estimators.school_changes: (PANEL, "y", SCHOOLS),
    estimators.regress_changes: (PANEL, "y", {"regression": smf.wls, **SCHOOLS}),
    estimators.school_level_group_difference: (
        PANEL,
        "y",
        {"group": "kind", "groups": ("a", "b"), **SCHOOLS},
    ),
}
# No panel: school terms, statistics and draws, or estimates (tests/test_relative_magnitudes.py).
OTHERS = {inference.joint_test, inference.romano_wolf, inference.EventStudy}


def first(column, value):
    """Return a fault: one value in the first row."""

    def at(data, outcome):
        name = outcome if column == "outcome" else column
        values = data[name].astype(float).to_numpy(copy=True)
        values[0] = value
        return data.assign(**{name: values})

    return at


def start_at(starts):
    """Return a fault: schools that start then, missing for never."""

    def at(data, _):
        start = np.asarray(starts(data), dtype=float) + np.zeros(len(data))
        treated = (data["term"] >= start) * 1.0
        return data.assign(start=start, treated=treated, received=treated * (data["pupil"] % 2))

    return at


FAULTS = {
    "no outcome column": lambda d, y: d.drop(columns=y),
    "no cluster column": lambda d, y: d.drop(columns="school"),
    "no time column": lambda d, y: d.drop(columns="term"),
    "no treatment": lambda d, y: d.drop(columns=["treated", "start"]),
    "outcome in words": lambda d, y: d.assign(**{y: "much"}),
    "outcome infinite": first("outcome", np.inf),
    "outcome empty": lambda d, y: d.assign(**{y: np.nan}),
    "outcome constant": lambda d, y: d.assign(**{y: 1.0}),
    "no rows": lambda d, y: d.iloc[:0],
    "cluster empty": first("school", np.nan),
    "time empty": first("term", np.nan),
    "time infinite": first("term", np.inf),
    "time in words": lambda d, y: d.assign(term="once"),
    "treatment empty": first("treated", np.nan),
    "treatment of two": lambda d, y: d.assign(treated=2.0 * d["treated"]),
    "treatment ends": lambda d, y: d.assign(treated=d["treated"] * (d["term"] < 6)),
    "negative weight": first("weight", -1.0),
    "covariate infinite": lambda d, y: d.assign(baseline=np.inf),
    "covariate constant": lambda d, y: d.assign(baseline=1.0),
    "nobody treated": start_at(lambda d: np.nan),
    "everybody treated": start_at(lambda d: 4.0),
    "everybody treated, in turn": start_at(lambda d: np.where(d["school"] % 2 == 0, 4.0, 5.0)),
    "treated from the first term": start_at(lambda d: np.where(d["school"] < 4, 0.0, np.nan)),
    "one school treated": lambda d, y: d[d["start"].isna() | (d["school"] == 0)],
    "one school untreated": lambda d, y: d[d["start"].notna() | (d["school"] == 10)],
    "one school": lambda d, y: d[d["school"] == 0],
    "two schools": lambda d, y: d[d["school"].isin([0, 10])],
    "one term": lambda d, y: d[d["term"] == 6],
    "a gap": lambda d, y: d[(d["school"] != 8) | (d["term"] != 2)],
    "two starts in a school": lambda d, y: d.assign(
        start=d["start"].where((d["school"] > 0) | (d["pupil"] % 2 > 0), 5.0)
    ),
}

# Faults of one column, for the methods that read it.
COLUMN = {
    "time empty": "term",
    "time infinite": "term",
    "time in words": "term",
    "no time column": "term",
    "treatment empty": "treated",
    "treatment of two": "treated",
    "treatment ends": "treated",
    "negative weight": "weight",
    "covariate infinite": "baseline",
    "covariate constant": "baseline",
    "two starts in a school": "start",
}


def reads(method, column):
    """Say whether a method's arguments name the column."""
    named = [v for v in METHODS[method][2].values() if isinstance(v, str | tuple | list)]
    return column is None or any(column == v or column in list(v) for v in named)


CASES = [
    pytest.param(method, fault, id=f"{method.__name__}-{fault}")
    for method in METHODS
    for fault in FAULTS
    if reads(method, COLUMN.get(fault))
]


def everything():
    """Return the public definitions of both packages' modules by name."""
    found = {}
    for package in (inference, estimators):
        for module in vars(package).values():
            if inspect.ismodule(module):
                found |= {
                    n: f
                    for n, f in vars(module).items()
                    if inspect.isfunction(f) and f.__module__ == module.__name__
                }
    return found


EVERYTHING = everything()
NAMES = "|".join(PANEL.columns)


def documented(function, seen=()):
    """Return the errors and codes a Raises section names, those of functions it refers to too."""
    text = inspect.getdoc(function) or ""
    raises = (re.search(r"^Raises:\n((?:    .*\n|\n)*)", text, re.MULTILINE) or ["", ""])[1]
    codes = set(re.findall(r"^    (\w+):", raises, re.MULTILINE))
    for name in re.findall(r"`(\w+)`", raises):
        codes.add(name)
        if name in EVERYTHING and name not in seen:
            codes |= documented(EVERYTHING[name], (*seen, name))
    return codes


def test_every_public_method_meets_the_faults():
    public = {getattr(m, n) for m in (inference, estimators) for n in m.__all__}
    assert set(METHODS) | OTHERS == public


@pytest.mark.parametrize(("method", "fault"), CASES)
def test_a_refusal_is_documented_and_names_what_the_caller_named(method, fault):
    panel, outcome, arguments = METHODS[method]
    try:
        with warnings.catch_warnings(action="ignore"):
            method(FAULTS[fault](panel, outcome), outcome=outcome, **arguments)
    except NotEstimable as refusal:
        assert refusal.code in documented(method), refusal
        assert not re.search(r"'_\w+'", str(refusal))
    except ValueError as refusal:
        assert type(refusal) is ValueError
        assert "ValueError" in documented(method)
        assert re.search(rf"'({NAMES})( x ({NAMES}))?'", str(refusal)), refusal


@pytest.mark.parametrize("method", METHODS, ids=lambda m: m.__name__)
def test_a_level_in_per_cent_is_refused(method):
    panel, outcome, arguments = METHODS[method]
    if "ci_level" not in inspect.signature(method).parameters:
        pytest.skip("has no interval")
    with pytest.raises(ValueError, match="ci_level is a share between 0 and 1, not 95"):
        method(panel, outcome=outcome, ci_level=95, **arguments)


def test_a_joint_test_refuses_as_its_parts_do():
    terms = school_terms.of(
        PANEL.groupby(["school", "term"], as_index=False)[["y", "start"]].mean(),
        value="y",
        first_treated="start",
        time="term",
        cluster="school",
    )
    with pytest.raises(ValueError, match="parts"):
        inference.joint_test([])
    for part, code in ((terms.treated, "no_untreated"), (~terms.treated, "no_treated")):
        with pytest.raises(NotEstimable) as refused:
            inference.joint_test([terms.among(part)])
        assert refused.value.code == code
        assert code in documented(inference.joint_test)
    assert placed_schools.place(terms).n_placements == 1980


def test_step_down_refuses_draws_of_other_statistics():
    with pytest.raises(ValueError, match="draws must be B x 2"):
        inference.romano_wolf(np.ones(2), np.ones((5, 3)))
