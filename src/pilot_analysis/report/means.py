"""Means before and after the start by arm, from the numbers of the figures over time."""

from collections.abc import Mapping

import pandas as pd

from pilot_analysis import terms
from pilot_analysis.catalogue.outcomes import find_outcome
from pilot_analysis.estimates import PERCENTAGE_POINTS
from pilot_analysis.report.answers import Findings
from pilot_analysis.report.document import Block, Table
from pilot_analysis.report.register import pilot_terms
from pilot_analysis.report.sentences import capital

# Whose trends a notebook draws, in the order of the questions.
_OUTCOMES = (
    "absence_share",
    "reporting_rate",
    "goals_all",
    "goals_share_registered",
    "hours_other",
    "safety_index",
)


def blocks(findings: Findings) -> list[Block]:
    """Return the table of means; nothing where the run drew no figures over time."""
    words, figures = findings.words, findings.material.figures
    starts = {form: terms.number(own[0]) for form, own in pilot_terms(findings).items()}
    rows = [
        row
        for name in _OUTCOMES
        if (path := figures / f"trends_{name}.csv").exists()
        for row in _rows(name, pd.read_csv(path), starts, findings)
    ]
    if not rows:
        return []
    heads = [
        words(
            "means_head", group=capital(words(f"group_{arm}")), period=words(f"figure_period_{p}")
        )
        for arm in ("pilot_schools", "comparison_schools")
        for p in ("before", "after")
    ]
    head = [words("column_outcome"), words("column_form"), *heads]
    return [Table(head, rows, words("means_caption"), (1.9, 1.3, 1.05, 1.05, 1.4, 1.4))]


def _rows(
    name: str, trend: pd.DataFrame, starts: Mapping[str, float], findings: Findings
) -> list[list[str]]:
    words, known = findings.words, find_outcome(name)
    share = known is not None and known.unit == PERCENTAGE_POINTS
    made = []
    for form in findings.forms:
        own = trend[(trend["school_form"] == form) & trend["mean"].notna()]
        if form not in starts or own.empty:
            continue
        after = own["term_number"] >= starts[form]
        cells = [
            own.loc[(own["ever_treated"] == arm) & (after == later), "mean"].mean()
            for arm in (True, False)
            for later in (False, True)
        ]
        told = [words.number(value) if value == value else "–" for value in cells]
        if share:
            told = [cell if cell == "–" else f"{cell}\u00a0%" for cell in told]
        made.append([words.outcome(name, form), capital(words.form(form)), *told])
    return made
