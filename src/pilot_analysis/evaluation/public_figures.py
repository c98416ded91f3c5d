"""The same comparison on the schools' public figures alone: one row a school and school year.

For a reviewer who has no pupil data: Skolverket publishes final grades by school unit. Nothing can
be adjusted for who the pupils were, and a start in spring counts from that school year on.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from pilot_analysis import estimates, terms
from pilot_analysis.catalogue.outcomes import OUTCOMES
from pilot_analysis.estimators.school_level import school_level_did
from pilot_analysis.evaluation.fitting import attempt
from pilot_analysis.panel.build import first_treated, read_table, refused_controls
from pilot_analysis.parameters import Parameters

POPULATION = "published_figures"
# The published figure, and the outcome of the catalogue that it is, in whole per cent or points.
_FIGURES = {"merit": "merit", "all_subjects": "goals_all", "eligible": "eligible_vocational"}


def school_years(processed: Path, parameters: Parameters) -> pd.DataFrame:
    """Return one row a school and school year of the analysis: its figures, and its first treated year.

    A school with several units has their mean, weighted by pupils; suppressed figures are left out.
    Schools whose history forbids comparison are left out as in the analysis of pupils.
    """
    found = read_table(processed, "school_results")
    units = read_table(processed, "schools")[["unit", "school", "school_form"]].drop_duplicates()
    exposure = read_table(processed, "exposure")
    refused = {*refused_controls(exposure, parameters.admit_controls), *parameters.exclude_schools}
    rows = found.merge(units, on="unit")
    rows = rows[rows["school"].isin(list(exposure["school"])) & ~rows["school"].isin(list(refused))]
    # Final grades of a school year are given in its spring: the year is the spring's.
    rows = rows.assign(year=rows["school_year"].str.slice(0, 4).astype(int) + 1)
    first, last = (terms.number(t) for t in (parameters.first_term, parameters.last_term))
    rows = rows[(2 * rows["year"] >= first) & (2 * rows["year"] <= last)]
    start = first_treated(exposure).map(terms.number)
    table = pd.DataFrame(
        {name: _weighted(rows, figure) for figure, name in _FIGURES.items()}
    ).reset_index()
    return table.assign(first_treated=np.ceil(table["school"].map(start) / 2))


def _weighted(rows: pd.DataFrame, figure: str) -> pd.Series:
    """Return a figure's mean over a school's units, weighted by pupils where they are known."""
    keys = ["school_form", "school", "year"]
    known = rows[rows[figure].notna()]
    pupils = known["pupils"].fillna(1.0)
    sums = known.assign(_sum=known[figure] * pupils, _pupils=pupils).groupby(keys)
    totals = sums[["_sum", "_pupils"]].sum()
    return totals["_sum"] / totals["_pupils"]


def evaluate_public_figures(processed: Path, parameters: Parameters) -> pd.DataFrame:
    """Return the school-level difference-in-differences of every published figure, or why there is none."""
    table = school_years(processed, parameters)
    tables = []
    for form, rows in table.groupby("school_form"):
        for name in _FIGURES.values():
            outcome = OUTCOMES[name]
            made = attempt(
                school_level_did,
                rows,
                outcome,
                first_treated="first_treated",
                time="year",
                cluster="school",
                inference=parameters.inference,
                ci_level=parameters.ci_level,
                seed=parameters.seed,
            )
            tables.append(
                estimates.label(
                    made,
                    claim=outcome.claim,
                    outcome=name,
                    school_form=str(form),
                    population=POPULATION,
                    unit=outcome.unit,
                    specification="public figures",
                )
            )
    return estimates.combine(tables)
