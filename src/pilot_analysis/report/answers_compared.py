"""Which answers of two runs differ, the plan's questions first, each with its interval."""

from dataclasses import dataclass

from pilot_analysis.report.amounts import counted
from pilot_analysis.report.answers import CLAIMS, Answer, Findings
from pilot_analysis.report.sentences import is_bounded


@dataclass(frozen=True)
class Compared:
    """One question in one school form: its answers in both runs, '–' where a run has none."""

    question: str
    planned: bool
    a: str
    b: str
    changed: bool


def compare(a: Findings, b: Findings) -> list[Compared]:
    """Return every question's answers in two runs, those of A's plan first."""
    asked = dict.fromkeys(question.claim for question in a.material.plan.primary)
    found = []
    for claim in [*asked, *(name for name in CLAIMS if name not in asked)]:
        forms = dict.fromkeys([*(x.form for x in a.to(claim)), *(x.form for x in b.to(claim))])
        for form in forms:
            ours, theirs = _one(a, claim, form), _one(b, claim, form)
            named = f"{a.words(f'question_{claim}')} ({a.words.form(form)})"
            found.append(
                Compared(
                    named,
                    claim in asked,
                    _told(ours, a),
                    _told(theirs, b),
                    _answer(ours, a) != _answer(theirs, b),
                )
            )
    return found


def _one(findings: Findings, claim: str, form: str) -> Answer | None:
    return next((answer for answer in findings.to(claim) if answer.form == form), None)


def _answer(answer: Answer | None, findings: Findings) -> str:
    """Return what an answer says and how strongly, without its numbers."""
    if answer is None:
        return ""
    return f"{answer.short(findings.words)}; {answer.strength(findings.words)}"


def _told(answer: Answer | None, findings: Findings) -> str:
    """Return an answer with its strength and interval."""
    if answer is None:
        return "–"
    words, row = findings.words, answer.row
    said = answer.short(words)
    if answer.state in ("better", "worse"):
        said += f", {answer.strength(words)}"
    if not is_bounded(row):
        return f"{said} ({words('interval_alt_none').rstrip('.').lower()})"
    span = counted(row, words).span(row["ci_low"], row["ci_high"], words, short=True)
    return f"{said} ({span})"
