"""What each school's outcome did beside the comparison schools' mean: the answer, school by school.

Made of the published estimates with and without each school, so that it tells nothing that they do
not: where all schools count once, the estimate is the mean of the pilot schools' changes less that
of the comparison schools', and leaving out one school gives its own. Exact up to rounding and to
the adjustment for who the pupils are, which is made anew without the school. With several starts a
comparison school's value is its mean over the pilot schools' terms.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from pilot_analysis import figures as drawings
from pilot_analysis.evaluation import checks
from pilot_analysis.report import holds, pictures
from pilot_analysis.report.answers import Findings
from pilot_analysis.report.document import Block, Heading, Paragraph

STEM = "school_changes"
# Published estimates are rounded to at most this share of their standard error.
_ROUNDED = 0.25


def blocks(findings: Findings) -> list[Block]:
    """Return the picture under its heading; nothing where the run drew none."""
    words = findings.words
    caption = words("school_changes_picture")
    shown = pictures.show(findings.material.figures, STEM, words, caption=caption)
    if not shown:
        return []
    text = Paragraph(words("school_changes_text"))
    return [Heading(words("figure_school_changes"), 2), text, *shown]


def plotted(findings: Findings) -> pd.DataFrame:
    """Return a row a school and primary question: claim, outcome, school_form, arm and value."""
    parts = []
    for claim, answers in holds.asked(findings):
        for answer in answers:
            own = holds.own_rows(findings.material.table, *answer.key, answer.form)
            left = own[own["model"] == checks.LEFT_OUT]
            for arm, values in changes(answer.row, left).items():
                part = pd.DataFrame({"value": np.sort(values)})
                about = {"claim": claim, "outcome": answer.key[0], "school_form": answer.form}
                parts.append(part.assign(**about, arm=arm))
    columns = ["claim", "outcome", "school_form", "arm", "value"]
    made = pd.concat(parts)[columns] if parts else pd.DataFrame(columns=columns)
    order = {form: place for place, form in enumerate(findings.forms)}
    return made.sort_values(
        "school_form", key=lambda forms: forms.map(order), kind="stable", ignore_index=True
    )


def changes(row: Mapping[str, Any], left_out: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return each school's change less the comparison schools' mean one, by arm.

    `row` is the estimate with all schools, `left_out` those without one each. Nothing where a
    school's is not known, or where schools do not count alike: up to rounding, the pilot schools'
    mean must be the estimate.

    >>> row = {"estimate": -2.0, "std_error": 1.0, "n_schools": 4, "n_treated_schools": 2}
    >>> left_out = pd.DataFrame(
    ...     {"estimate": [-1.0, -3.0, -2.5, -1.5], "n_treated_schools": [1, 1, 2, 2]}
    ... )
    >>> {arm: values.tolist() for arm, values in changes(row, left_out).items()}
    {'pilot': [-3.0, -1.0], 'comparison': [-0.5, 0.5]}
    """
    estimate, pilots = float(row["estimate"]), row["n_treated_schools"]
    others = row["n_schools"] - pilots
    one_pilot_less = left_out["n_treated_schools"] < pilots
    without_pilot = left_out.loc[one_pilot_less, "estimate"].to_numpy(dtype=float)
    without_other = left_out.loc[~one_pilot_less, "estimate"].to_numpy(dtype=float)
    if (len(without_pilot), len(without_other)) != (pilots, others) or min(pilots, others) < 2:
        return {}
    found = {
        "pilot": pilots * estimate - (pilots - 1) * without_pilot,
        "comparison": (others - 1) * (without_other - estimate),
    }
    # Rounding moves both means; true ones are known: the estimate, and zero.
    off = {"pilot": found["pilot"].mean() - estimate, "comparison": found["comparison"].mean()}
    slack = _ROUNDED * float(row["std_error"])
    if abs(off["pilot"]) > pilots * slack or abs(off["comparison"]) > others * slack:
        return {}
    return {arm: values - off[arm] for arm, values in found.items()}


def title(rows: pd.DataFrame, findings: Findings) -> str:
    """Return the finding on the first question and school form: where it went better."""
    words, first = findings.words, rows.iloc[0]
    own = rows[
        (rows["claim"] == first["claim"])
        & (rows["school_form"] == first["school_form"])
        & (rows["arm"] == "pilot")
    ]
    return words(
        "figure_school_changes_title",
        question=words(f"question_{first['claim']}"),
        better=drawings.better_than_others(own),
        all=len(own),
        form=words.form(first["school_form"]),
    )
