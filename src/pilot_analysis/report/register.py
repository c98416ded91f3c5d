"""When mentors worked, from the register as it is published with its figure."""

import pandas as pd

from pilot_analysis import terms
from pilot_analysis.report.answers import Findings


def pilot_terms(findings: Findings) -> dict[str, list[str]]:
    """Return the terms studied in which pilot schools had mentors, in order, by school form."""
    path = findings.material.figures / "exposure_timeline.csv"
    if not path.exists():
        return {}
    register = pd.read_csv(path)
    last = terms.number(findings.material.parameters.last_term)
    paid = register[(register["status"] == "pilot") & (register["term_number"] <= last)]
    return {
        str(form): sorted(own.unique(), key=terms.number)
        for form, own in paid.groupby("school_form")["term"]
    }


def picked_in(findings: Findings) -> list[str]:
    """Return the terms whose absence picks pupils, in words: each once, as school forms may share one."""
    lag = findings.material.parameters.eligibility_lag
    first = {own[0] for own in pilot_terms(findings).values()}
    picked = sorted({terms.number(term) - lag for term in first})
    return [findings.words.term(terms.label(number)) for number in picked]
