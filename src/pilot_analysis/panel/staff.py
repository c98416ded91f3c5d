"""Questionnaire answers of staff, with who was treated when."""

from pathlib import Path

import pandas as pd

from pilot_analysis import terms
from pilot_analysis.panel.build import read_table, refused_controls
from pilot_analysis.parameters import Parameters


def staff_panel(processed: Path, parameters: Parameters, role: str = "teacher") -> pd.DataFrame:
    """Return the answers of one role, one row an answer sheet, with the design columns.

    Adds term_number, first_treated_number, ever_treated and treated, by the exposure register;
    schools refused as comparisons or left out by parameter are dropped. Waves outside the run's
    terms are dropped too.
    """
    answers = read_table(processed, "staff_survey")
    exposure = read_table(processed, "exposure")
    answers = answers[
        (answers["role"] == role)
        & answers["term"].isin(terms.between(parameters.first_term, parameters.last_term))
        & ~answers["school"].isin(parameters.exclude_schools)
        & ~answers["school"].isin(list(refused_controls(exposure, parameters.admit_controls)))
    ]
    pilot = exposure[exposure["status"] == "pilot"]
    first = pilot.assign(n=terms.numbers(pilot["term"])).groupby("school")["n"].min()
    number = terms.numbers(answers["term"])
    start = answers["school"].map(first)
    return answers.assign(
        term_number=number,
        first_treated_number=start,
        ever_treated=start.notna(),
        treated=((number >= start) & start.notna()).astype(float),
    ).reset_index(drop=True)
