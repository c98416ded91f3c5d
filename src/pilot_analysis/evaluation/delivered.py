"""What the pilot delivered: mentors' posts, their pupils, and what a mentored pupil cost."""

from pathlib import Path
from typing import Any

import pandas as pd

from pilot_analysis import terms
from pilot_analysis.catalogue import reasons
from pilot_analysis.catalogue.units import CASELOAD, POSTS
from pilot_analysis.panel import Panel, read_table

DELIVERED, MENTORED, PER_MENTORED = "delivered", "mentored_pupils", "cost_per_mentored_pupil"
PER_YEAR = "kr a pupil-year"
_FEWEST_SCHOOLS = 2


def delivered(panel: Panel, processed: Path, school_form: str) -> list[dict[str, Any]]:
    """Return estimates rows of one school form, by organisation of the mentors.

    `cost_per_mentored_pupil` is the register's cost over the pupils whom mentors had (posts times
    pupils a mentor), two terms a year. `mentor_posts` (full-time equivalents) and
    `pupils_per_mentor` have a row a term, with the pupils as `n_pupils`: only terms in which all
    schools of the kind had mentors, as the difference of two terms would tell a school that
    joined. Nothing is told of a kind that one school had, whose posts tell how many pupils it
    picked. School-terms whose register lacks a figure are left out of what needs it.
    """
    exposure = read_table(processed, "exposure")
    treated = panel.form(school_form).query("treated == 1")[["school", "term"]].drop_duplicates()
    paid = exposure[(exposure["status"] == "pilot") & (exposure["school_form"] == school_form)]
    paid = paid.merge(treated, on=["school", "term"])
    paid = paid.assign(mentored=paid["mentor_fte"] * paid["pupils_per_mentor"])
    rows: list[dict[str, Any]] = []
    for organisation, own in paid[paid["mentored"] > 0].groupby("organisation"):
        base = {
            "claim": "C7",
            "school_form": school_form,
            "population": MENTORED,
            "model": DELIVERED,
            "specification": str(organisation),
            "method": "none",
        }
        rows += [base | row for row in _of_one_kind(own)]
    return rows


def _of_one_kind(own: pd.DataFrame) -> list[dict[str, Any]]:
    cost: dict[str, Any] = {"outcome": PER_MENTORED, "unit": PER_YEAR}
    schools = own["school"].nunique()
    if schools < _FEWEST_SCHOOLS:
        return [cost | reasons.cells("one_school")]
    same = {"n_schools": float(schools), "n_treated_schools": float(schools)}
    rows = [cost | _per_mentored(own[own["cost_sek"].notna()])]
    by_term = own.groupby("term").agg(
        schools=("school", "nunique"), posts=("mentor_fte", "sum"), pupils=("mentored", "sum")
    )
    by_term = by_term[by_term["schools"] == schools]
    for term, told in by_term.loc[sorted(by_term.index, key=terms.number)].iterrows():
        about = same | {"term": str(term), "n_pupils": told["pupils"]}
        rows += [
            about | {"outcome": "mentor_posts", "estimate": told["posts"], "unit": POSTS},
            about
            | {
                "outcome": "pupils_per_mentor",
                "estimate": told["pupils"] / told["posts"],
                "unit": CASELOAD,
            },
        ]
    return rows


def _per_mentored(paid: pd.DataFrame) -> dict[str, Any]:
    schools = float(paid["school"].nunique())
    if not paid["cost_sek"].sum() > 0:
        return reasons.cells("no_cost")
    if schools < _FEWEST_SCHOOLS:
        return reasons.cells("one_school")
    per_year = 2 * float(paid["cost_sek"].sum()) / float(paid["mentored"].sum())
    return {"estimate": per_year, "n_schools": schools, "n_treated_schools": schools}
