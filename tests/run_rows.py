"""A run's estimates table made by hand: a row of every kind that the report reads."""

import math

from pilot_analysis import estimates
from pilot_analysis.catalogue.outcomes import find_outcome

_SCHOOLS = {"GR": (4.0, 11.0, 1 / 330), "GY": (2.0, 5.0, 0.1)}
_PRIMARY = "school-level difference-in-differences"
_POINTS = "percentage points"

# claim, outcome, population, unit, and by school form the estimate and its interval
_ANSWERS = [
    ("C1", "absence_share", "all_pupils", _POINTS, (-2.1, -5.1, 0.9), (-0.5, -5.8, 4.9)),
    ("C1", "persistent_absence", "all_pupils", _POINTS, (-7.6, -17.8, 2.6), (-3.3, -23.2, 16.7)),
    ("C1", "reporting_rate", "all_pupils", _POINTS, (5.3, 4.8, 5.7), (4.9, 3.8, 6.1)),
    ("C2", "goals_all", "all_pupils", _POINTS, (6.8, 0.6, 12.9), (0.1, -2.9, 3.0)),
    ("C2", "merit", "all_pupils", "merit points", (18.0, -11.0, 46.0), None),
    ("C2", "points_passed", "all_pupils", "course points", None, (-2.5, -13.0, 8.0)),
    ("C3", "absence_share", "eligible_pupils", _POINTS, (-5.6, -10.4, -0.6), (-4.0, -16.0, 8.5)),
    ("C3", "goals_all", "eligible_pupils", _POINTS, (11.0, -3.5, 25.0), (3.5, -11.5, 19.0)),
    ("C4", "goals_all", "eligible_at_targeted", _POINTS, (9.0, -16.0, 35.0), (2.0, -48.0, 52.0)),
    ("C5", "hours_other", "teachers", "hours a week", (-2.6, -4.7, -0.4), (-1.4, -2.3, -0.5)),
    (
        "C6",
        "safety_index",
        "pupils_answering",
        "index points",
        (0.34, 0.0, 0.68),
        (0.59, 0.38, 0.8),
    ),
]
_WARNINGS = [
    ("reporting_changed", "raised", 5.26, 3.0),
    ("drift_before_the_start", "clear", -0.27, math.nan),
    ("a_small_drift_would_overturn_it", "raised", 0.0, 1.0),
    ("unlike_before", "raised", 0.252, 0.25),
    ("one_school_decides", "clear", 1.2, math.nan),
    ("an_effect_before_any_mentor", "clear", 1.0, 0.05),
    ("pupils_left_unevenly", "unknown", math.nan, 5.9),
    ("without_exceptional_terms_moves_it", "raised", 2.1, 1.0),
]


def _row(claim, outcome, population, unit, form, values):
    treated, schools, smallest = _SCHOOLS[form]
    estimate, low, high = values
    return {
        "claim": claim,
        "outcome": outcome,
        "school_form": form,
        "population": population,
        "estimand": "per_school",
        "model": _PRIMARY,
        "specification": "primary",
        "unit": unit,
        "estimate": estimate,
        "ci_low": low,
        "ci_high": high,
        "ci_level": 0.95,
        "p_value": 0.033,
        "p_value_min": smallest,
        "method": "least_favourable",
        "assumption": "variance_ratio",
        "bound": 2.0,
        "n_pupils": 7260.0,
        "n_obs": 9000.0,
        "n_schools": schools,
        "n_treated_schools": treated,
        "detectable_effect": 4.1,
    }


def hand_table():
    """Return the table: primary rows, warnings, Holm, variants, organisation, cost, response."""
    primary = [
        _row(claim, outcome, population, unit, form, values)
        for claim, outcome, population, unit, *by_form in _ANSWERS
        for form, values in zip(_SCHOOLS, by_form, strict=True)
        if values is not None
    ]
    asked = [
        r
        for r in primary
        if (r["claim"], r["outcome"])
        in {("C1", "absence_share"), ("C2", "goals_all"), ("C3", "absence_share")}
    ]
    rows = [
        *primary,
        *(
            r | {"model": "Holm", "specification": "primary_questions", "p_value": 0.1}
            for r in asked
        ),
    ]
    for row in asked:
        kept = {k: row[k] for k in ("claim", "outcome", "school_form", "population")}
        rows += [
            kept
            | {
                "model": "warning",
                "estimand": name,
                "specification": state,
                "estimate": figure,
                "bound": limit,
                "unit": "",
            }
            for name, state, figure, limit in _WARNINGS
        ]
    first = asked[0]
    rows += [
        first | {"specification": "by_pupils", "estimand": "per_pupil", "estimate": -1.9},
        first | {"specification": "unreported_absent", "estimate": -6.4},
        first | {"model": "one school left out", "specification": "A", "estimate": -1.4},
        first | {"model": "one school left out", "specification": "B", "estimate": -2.6},
        first
        | {
            "claim": "C4",
            "population": "eligible_pupils",
            "specification": "by_organisation",
            "estimand": "targeted_minus_class",
            "estimate": -2.4,
            "ci_low": -math.inf,
            "ci_high": math.inf,
            "p_value": 0.33,
            "p_value_min": 1 / 3,
        },
    ]
    for form in _SCHOOLS:
        cost = {"claim": "C7", "school_form": form, "population": "all_pupils", "model": "cost"}
        rows += [
            cost | {"outcome": "cost_per_pupil", "estimate": 6430.0},
            cost
            | {
                "outcome": "cost_per_pupil_reaching_goals",
                "estimate": 100_000.0,
                "ci_low": 50_000.0,
                "ci_high": math.inf,
                "ci_level": 0.95,
            },
        ]
    rows += [
        {
            "claim": "C7",
            "school_form": "GR",
            "population": "mentored_pupils",
            "model": "delivered",
            "specification": organisation,
            "outcome": "cost_per_mentored_pupil",
            "estimate": money,
        }
        for organisation, money in (("class", 6_400.0), ("targeted", 16_600.0))
    ]
    rows += [
        {
            "claim": "C7",
            "school_form": "GR",
            "population": "mentored_pupils",
            "model": "delivered",
            "specification": "targeted",
            "outcome": outcome,
            "term": term,
            "estimate": size,
            "n_pupils": 60.0,
            "n_schools": 2.0,
            "unit": unit,
        }
        for term in ("VT2020", "HT2020")
        for outcome, size, unit in (
            ("mentor_posts", 2.0, "full-time posts"),
            ("pupils_per_mentor", 31.0, "pupils a mentor"),
        )
    ]
    rows += [
        {
            "claim": "C6",
            "outcome": "response",
            "model": "response rate",
            "school_form": "GR",
            "population": "pupils_answering",
            "specification": "pilot_schools",
            "term": term,
            "estimate": 75.0,
            "n_obs": 900.0,
            "unit": "per cent",
        }
        for term in ("HT2019", "HT2020", "VT2019")
    ]
    return estimates.table(rows)


def hand_table_of(kind):
    """Return the table of another pilot: 20 of 40 schools drawn by lot, no warning.

    `clear`: every interval on the better side of zero. `none`: every one too small to matter.
    """
    table = hand_table()
    table = table[~table["model"].isin({"warning", "one school left out"})].reset_index(drop=True)
    table = table[table["specification"] != "by_organisation"].reset_index(drop=True)
    told = table["model"].isin({_PRIMARY, "Holm"})
    good = table["outcome"].map(lambda name: find_outcome(name).better if find_outcome(name) else 1)
    size = table["unit"].map({"percentage points": 6.0, "hours a week": 3.0, "index points": 0.6})
    size = size.fillna(8.0) * (1.0 if kind == "clear" else 0.0)
    reach = size / 3 if kind == "clear" else 0.3
    for column, value in (
        ("estimate", good * size),
        ("ci_low", good * size - reach),
        ("ci_high", good * size + reach),
    ):
        table.loc[told, column] = value[told]
    table.loc[told, "p_value"] = 0.001 if kind == "clear" else 0.9
    table.loc[told, ["n_schools", "n_treated_schools", "p_value_min"]] = [40.0, 20.0, 1e-9]
    table.loc[told, "assumption"] = ""
    return table


QUALITY = {
    "synthetic": True,
    "notice": "",
    "files": [{"rows_read": 1200, "rows_kept": 1100}, {"rows_read": 10, "rows_kept": None}],
}
