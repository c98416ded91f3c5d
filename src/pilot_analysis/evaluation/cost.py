"""Claim C7: what the pilot cost, and what a pupil more who reaches the goals cost."""

import math
from pathlib import Path
from typing import Any

import pandas as pd

from pilot_analysis import estimates
from pilot_analysis.catalogue import reasons
from pilot_analysis.catalogue.outcomes import SURVEY_OUTCOMES
from pilot_analysis.errors import NotEstimable
from pilot_analysis.evaluation.delivered import PER_YEAR, delivered
from pilot_analysis.evaluation.fitting import ALL_PUPILS
from pilot_analysis.panel import OUTCOMES, SCHOOL_DAYS, Panel, read_table

KRONOR = "kr"
FREED, HOURS_PER_YEAR = "teachers' time", "hours a pupil-year"
_DAYS_A_WEEK = 5
# Outcomes turned into money: what one unit of success is, and which way is success.
PER_PUPIL = "goals_all"
PER_DAY = "absence_share"
PER_HOUR = "hours_other"  # a teacher's, a week


def cost_per_pupil(panel: Panel, processed: Path, school_form: str) -> tuple[float, int]:
    """Return what mentors cost a pupil and school year (kr), and the pupil-terms behind it.

    The register's cost of pilot schools in their pilot terms over the pupils enrolled there then, two
    terms a year. School-terms whose cost the register does not hold are in neither. Raises
    `NotEstimable` when it holds none.
    """
    treated, register = _pilot_terms(panel, processed, school_form)
    paid = register[register["cost_sek"].notna()]
    total = float(paid["cost_sek"].sum())
    there = treated.merge(paid[["school", "term"]], on=["school", "term"])
    pupil_terms = len(there[["pupil", "term"]].drop_duplicates())
    if not total > 0 or pupil_terms == 0:
        raise NotEstimable(
            "no_cost", "the exposure register (exponering.csv, kostnad_kr) holds no cost"
        )
    return 2 * total / pupil_terms, pupil_terms


def _pilot_terms(
    panel: Panel, processed: Path, school_form: str
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the panel's rows of treated schools, and the register's of their pilot terms."""
    exposure = read_table(processed, "exposure")
    rows = panel.form(school_form)
    treated = rows[rows["treated"] == 1]
    pilot = exposure[(exposure["status"] == "pilot") & (exposure["school_form"] == school_form)]
    seen = treated[["school", "term"]].drop_duplicates()
    return treated, pilot.merge(seen, on=["school", "term"])


def _known_in_full(panel: Panel, processed: Path, school_form: str) -> dict[str, int]:
    """Return how many pilot schools there are, and how many have a cost in all their pilot terms."""
    _, register = _pilot_terms(panel, processed, school_form)
    known = register["cost_sek"].notna().groupby(register["school"]).all()
    return {"n_schools": len(known), "n_treated_schools": int(known.sum())}


def teachers_time(
    panel: Panel, processed: Path, school_form: str, headline: pd.DataFrame
) -> list[dict[str, Any]]:
    """Return the teacher hours freed per pupil and school year: a row, or none without questionnaires.

    The effect on a teacher's hours a week on other tasks, times school weeks, times teachers (as many
    as were asked) per pupil at pilot schools after the start; so is its interval.
    """
    found = headline[(headline["outcome"] == PER_HOUR) & (headline["school_form"] == school_form)]
    found = found[found["estimate"].notna()]
    asked = read_table(processed, "staff_asked") if len(found) else pd.DataFrame()
    if asked.empty:
        return []
    rows = panel.form(school_form)
    pupils = rows[rows["treated"] == 1].groupby(["school", "term"])["pupil"].nunique()
    teachers = asked[asked["role"] == "teacher"].groupby(["school", "term"])["asked"].sum()
    both = pd.concat([pupils, teachers], axis=1, join="inner")
    if both.empty:
        return []
    per_pupil = float(both["asked"].sum() / both["pupil"].sum())
    factor = SURVEY_OUTCOMES[PER_HOUR].better * per_pupil * SCHOOL_DAYS / _DAYS_A_WEEK
    row = found.iloc[0].to_dict()
    low, high = sorted(factor * row[end] for end in ("ci_low", "ci_high"))
    kept = ("ci_level", "method", "assumption", "bound", "n_schools", "n_treated_schools")
    return [
        {k: row[k] for k in (*kept, "p_value_min")}
        | {
            "claim": "C7",
            "outcome": "teacher_hours_per_pupil",
            "school_form": school_form,
            "population": ALL_PUPILS,
            "model": FREED,
            "specification": PER_HOUR,
            "estimate": factor * row["estimate"],
            "ci_low": low,
            "ci_high": high,
            "unit": HOURS_PER_YEAR,
        }
    ]


def ratio_interval(cost: float, low: float, high: float) -> tuple[float, float]:
    """Return the interval of cost over a gain whose interval is [low, high] (Fieller 1954).

    The cost is a total, known without sampling error, so Fieller's set is the gain's interval
    inverted. Where the gain may be zero there is no upper bound; where it cannot be positive there
    is no cost of a gain, and both are infinite.
    """
    if not high > 0:
        return math.inf, math.inf
    lower = 0.0 if math.isinf(high) else cost / high
    return lower, (cost / low if low > 0 else math.inf)


def _per_gain(
    row: dict[str, Any], cost: float, per_unit: float, better: int, name: str, unit: str
) -> dict[str, Any]:
    """Return a row: `cost` over the gain, `per_unit` units of success a percentage point."""
    gains = sorted(better * per_unit * row[k] for k in ("ci_low", "ci_high"))
    gain = better * per_unit * row["estimate"]
    low, high = ratio_interval(cost, *gains)
    kept = ("n_obs", "n_pupils", "n_schools", "n_treated_schools", "ci_level", "p_value_min")
    return {k: row[k] for k in kept} | {
        "claim": "C7",
        "outcome": name,
        "school_form": row["school_form"],
        "population": row["population"],
        "model": "cost",
        "specification": row["outcome"],
        "estimand": "cost",
        "estimate": cost / gain if gain > 0 else math.inf,
        "ci_low": low,
        "ci_high": high,
        "unit": unit,
        "method": "fieller",
        "reason": row["reason"],
        "reason_values": row["reason_values"],
    }


def evaluate_cost(panel: Panel, processed: Path, headline: pd.DataFrame) -> pd.DataFrame:
    """Return cost a pupil-year, cost for each gain, what was delivered and teachers' time freed.

    `n_treated_schools` of the cost a pupil-year are those of the `n_schools` pilot schools whose cost
    is known in all their pilot terms.
    `headline` are the primary rows of C1, C2 and C5, whose intervals these follow.
    """
    rows: list[dict[str, Any]] = []
    for form in panel.school_forms:
        base = {"claim": "C7", "school_form": form, "population": ALL_PUPILS, "model": "cost"}
        try:
            cost, pupil_terms = cost_per_pupil(panel, processed, form)
        except NotEstimable as error:
            rows.append(base | {"outcome": "cost_per_pupil"} | reasons.columns(error))
            continue
        rows.append(
            base
            | {
                "outcome": "cost_per_pupil",
                "estimand": "cost",
                "estimate": cost,
                "unit": PER_YEAR,
                "n_obs": pupil_terms,
                "method": "none",
            }
            | _known_in_full(panel, processed, form)
        )
        for outcome, name, per_unit in (
            (PER_PUPIL, "cost_per_pupil_reaching_goals", 1 / 100),
            (PER_DAY, "cost_per_day_of_absence", SCHOOL_DAYS / 100),
        ):
            own = headline[
                (headline["outcome"] == outcome)
                & (headline["school_form"] == form)
                & (headline["population"] == ALL_PUPILS)
            ]
            for row in own.to_dict("records"):
                rows.append(_per_gain(row, cost, per_unit, OUTCOMES[outcome].better, name, KRONOR))
    for form in panel.school_forms:
        rows += delivered(panel, processed, form)
        rows += teachers_time(panel, processed, form, headline)
    return estimates.table(rows)
