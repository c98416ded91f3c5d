"""When mentors worked, from the register as it is published with its figure."""

import pandas as pd

from pilot_analysis import terms
from pilot_analysis.report.answers import Findings


def pilot_terms(findings: Findings) -> dict[str, list[str]]:
    """Return the terms studied in which pilot schools had mentors, in order, by school form."""
    register = _register(findings)
    paid = register[register["status"] == "pilot"]
    return {
        str(form): sorted(own.unique(), key=terms.number)
        for form, own in paid.groupby("school_form")["term"]
    }


def stopped(findings: Findings) -> int:
    """Return how many pilot schools had no mentors in some term studied after their start."""
    register = _register(findings)
    paid = register[register["status"] == "pilot"]
    first = register["school"].map(paid.groupby("school")["term_number"].min())
    after = register["term_number"] >= first
    return int(register.loc[after & (register["status"] == "none"), "school"].nunique())


def _register(findings: Findings) -> pd.DataFrame:
    """Return the register's rows to the last term studied; none where the figure was not made."""
    path = findings.material.figures / "exposure_timeline.csv"
    if not path.exists():
        return pd.DataFrame(columns=["school", "school_form", "term", "term_number", "status"])
    register = pd.read_csv(path)
    last = terms.number(findings.material.parameters.last_term)
    return register[register["term_number"] <= last]


def picked_in(findings: Findings) -> list[str]:
    """Return the terms whose absence picks pupils, in words: each once, as school forms may share one."""
    lag = findings.material.parameters.eligibility_lag
    first = {own[0] for own in pilot_terms(findings).values()}
    picked = sorted({terms.number(term) - lag for term in first})
    return [findings.words.term(terms.label(number)) for number in picked]
