"""The known true effects of a simulated pilot, computed from its potential outcomes."""

import numpy as np
import pandas as pd

from pilot_analysis import terms
from pilot_analysis.synthetic import surveys
from pilot_analysis.synthetic.attendance import Attendance
from pilot_analysis.synthetic.grades import Grades
from pilot_analysis.synthetic.population import Population
from pilot_analysis.synthetic.scenario import (
    ELIGIBILITY_ABSENCE,
    NUISANCES,
    Scenario,
)

NOTICE = "Synthetic data with known true effects: not evidence about any real school."
PERSISTENT_ABSENCE = 0.15
_ELIGIBLE = ("eligible_vocational", "eligible_academic")
_SHARES = {"goals_share", "goals_share_registered", "goals_all", "graded_share", *_ELIGIBLE}
_UNITS = {
    "merit": "merit points",
    "term_merit": "merit points",
    "grade_points": "grade points",
    "points_passed": "course points",
}


def potential_outcomes(people: Population, presence: Attendance, marks: Grades) -> pd.DataFrame:
    """Return every stay with each outcome as it was and as it would have been without the pilot."""
    stays = presence.stays
    table = stays.join(marks.outcomes)
    for suffix in ("", "_without_pilot"):
        table[f"absence_share{suffix}"] = table[f"absence{suffix}"]
        reached = table[f"goals_share_registered{suffix}"]
        table[f"goals_all{suffix}"] = (reached >= 1 - 1e-9).astype(float).where(reached.notna())
        table[f"persistent_absence{suffix}"] = (
            table[f"absence{suffix}"] >= PERSISTENT_ABSENCE
        ).astype(float)
    final = (table["grade"] == 9) & (table["term"] % 2 == 0)  # spring of grade 9
    names = [f"{o}{s}" for o in ("merit", *_ELIGIBLE) for s in ("", "_without_pilot")]
    for name in table.columns.intersection(names):  # upper secondary schools have none of them
        table[name] = table[name].where(final)
    return table


def _effects(table: pd.DataFrame, form: str, population: str) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    outcomes = [c.removesuffix("_without_pilot") for c in table if c.endswith("_without_pilot")]
    for outcome in outcomes:
        if outcome == "absence":
            continue
        change = (table[outcome] - table[f"{outcome}_without_pilot"]).to_numpy(float)
        known = ~np.isnan(change)
        if not known.any():
            continue
        is_attendance = outcome in ("absence_share", "persistent_absence")
        weight = table["scheduled"].to_numpy(float) if is_attendance else np.ones(len(table))
        scale = 100.0 if is_attendance or outcome in _SHARES else 1.0
        rows.append(
            {
                "claim": "C1" if is_attendance else "C2",
                "outcome": outcome,
                "population": population,
                "school_form": form,
                "effect": float(scale * np.average(change[known], weights=weight[known])),
                "effect_per_school": scale
                * per_school(table.loc[known, ["school", "term"]], change[known], weight[known]),
                "unit": _UNITS.get(outcome, "percentage points"),
                "n_pupil_terms": int(known.sum()),
            }
        )
    return rows


def per_school(rows: pd.DataFrame, change: np.ndarray, weight: np.ndarray) -> float:
    """Return the evaluation's estimand: every pilot school once, every term of it once."""
    cells = pd.DataFrame(
        {
            "school": rows["school"].to_numpy(),
            "term": rows["term"].to_numpy(),
            "_sum": change * weight,
            "_weight": weight,
        }
    )
    sums = cells.groupby(["school", "term"]).sum()
    means = sums["_sum"] / sums["_weight"]
    return float(means.groupby("school").mean().mean())


def eligible(people: Population, presence: Attendance) -> pd.Series:
    """Say of each stay whether its pupil is eligible, by the evaluation's default rule.

    Absence in reported lesson time of at least `ELIGIBILITY_ABSENCE` in the term two before the school form's
    first start. NaN for pupils who were not there then.
    """
    stays = presence.stays
    minutes = presence.weeks.groupby("stay")[["measured_absent", "reported"]].sum()
    minutes = minutes.reindex(stays.index)
    starts = people.schools[people.schools["start"] > 0].groupby("form")["start"].min()
    then = stays["term"] == stays["form"].map(starts) - 2
    summed = minutes[then].groupby(stays.loc[then, "pupil"]).sum()
    share = summed["measured_absent"] / summed["reported"]
    return stays["pupil"].map((share >= ELIGIBILITY_ABSENCE).astype(float))


def describe(
    scenario: Scenario, people: Population, presence: Attendance, marks: Grades
) -> dict[str, object]:
    """Return what `truth.json` says: switches with sizes, and average effects on the treated."""
    table = potential_outcomes(people, presence, marks)
    table["eligible"] = eligible(people, presence)
    treated = table[table["active"]]
    organisation = people.schools["organisation"].to_numpy()
    effects: list[dict[str, object]] = []
    for form in scenario.forms:
        rows = treated[treated["form"] == form]
        effects += _effects(rows, form, "all")
        own = organisation[rows["school"]]
        chosen = rows["eligible"] == 1
        for population, keep in (
            ("high earlier absence", rows["high_earlier_absence"]),
            ("mentored at targeted schools", rows["mentored"] & (own == "targeted")),
            # The populations the evaluation compares, by its own rule.
            ("eligible_pupils", chosen),
            ("eligible_at_targeted", chosen & (own == "targeted")),
            ("eligible_at_class", chosen & (own == "class")),
            ("other pupils at targeted schools", (rows["eligible"] == 0) & (own == "targeted")),
        ):
            effects += _effects(rows[keep], form, population)
    effects += surveys.true_effects(scenario, people, presence.stays)
    return {
        "synthetic": True,
        "notice": NOTICE,
        "scenario": scenario.name,
        "seed": scenario.seed,
        "effect_scale": scenario.effect_scale,
        "terms": [terms.label(t) for t in scenario.terms],
        "nuisances": {
            name: {"on": scenario.has(name), **sizes} for name, sizes in NUISANCES.items()
        },
        "effects": effects,
    }
