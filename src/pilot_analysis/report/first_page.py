"""Page 1: three sentences, one table of answers, the key to strength. Nothing else."""

import importlib.metadata
import itertools

from pilot_analysis.report import interval
from pilot_analysis.report.answers import CLAIMS, Answer, Findings
from pilot_analysis.report.document import Block, Heading, Items, Paragraph, Table
from pilot_analysis.report.sentences import capital, money

_KNOWN = ("better", "worse", "none")
# Grades from the strongest.
_ORDER = ("strong", "moderate", "weak", "no effect of interest")


def imprint(findings: Findings) -> str:
    """Return the line below the title: municipality, author, date, version.

    The date is its author's or the plan's, so that the same run gives the same report on any day.
    """
    plan, words = findings.material.plan, findings.words
    planned = max([plan.frozen, *(a.date for a in plan.amendments)])
    dated = findings.material.description.dated
    return words(
        "report_imprint",
        dated=words.date(dated) if dated else "none",
        date=words.date(planned),
        version=importlib.metadata.version("pilot-analysis"),
    )


def blocks(findings: Findings) -> list[Block]:
    """Return page 1."""
    words = findings.words
    said: list[Block] = [Heading(words("report_answers"))]
    if findings.material.departures:
        said.append(Paragraph(words("report_exploratory"), strong=True))
    summary = {
        "report_known": known(findings),
        "report_unknown": unknown(findings),
        "report_cost_next": next_step(findings),
    }
    said.append(Items([f"{words(lead)}:\t{text}" for lead, text in summary.items()]))
    said += _table(findings)
    said.append(Heading(words("report_key"), 2))
    rule = findings.material.plan.evidence
    said.append(
        Items(
            [
                words("key_strong", n=rule.strong_up_to_warnings),
                words("key_moderate", n=rule.moderate_up_to_warnings),
                *(words(f"key_{name}") for name in ("weak", "none", "maybe", "open")),
            ]
        )
    )
    return said


# --- Three sentences -------------------------------------------------------------------------


def _finding(findings: Findings, claim: str, way: str, among: list[Answer], all_: int) -> str:
    """Return what a claim's answers say; with the school form where not all forms say it."""
    words = findings.words
    said = words(f"known_{claim}", way=way)
    if len(among) == all_:
        return said
    forms = words.listed([words.form(a.form) for a in among])
    return words("in_form", finding=said, form=forms)


def known(findings: Findings) -> str:
    """Say what has an answer, the strongest evidence first."""
    words = findings.words
    by_grade: dict[str, list[str]] = {}
    for claim in CLAIMS:
        answers = findings.to(claim)
        for (grade, state), group in itertools.groupby(
            sorted(answers, key=lambda a: (a.grade, a.state)), key=lambda a: (a.grade, a.state)
        ):
            if state in _KNOWN:
                said = _finding(findings, claim, state, list(group), len(answers))
                by_grade.setdefault(grade, []).append(said)
    if not by_grade:
        return words("known_nothing")
    lines = []
    for grade in sorted(by_grade, key=_ORDER.index):
        if grade == "no effect of interest":
            lines.append(f"{capital(words.listed(by_grade[grade]))}.")
        else:
            told = [words("known_that", finding=said) for said in by_grade[grade]]
            strength = words(f"grade_{grade}")
            lines.append(words("known_with", grade=strength, findings=words.listed(told)))
    return " ".join(lines)


def unknown(findings: Findings) -> str:
    """Say what has no answer."""
    words = findings.words
    said = []
    for claim in CLAIMS:
        answers = findings.to(claim)
        open_ = [a for a in answers if a.state not in _KNOWN]
        if open_ or not answers:
            said.append(_finding(findings, claim, "better", open_, len(answers)))
    if not said:
        return words("unknown_nothing")
    return words("unknown_whether", findings=words.listed(said, "or"))


def next_step(findings: Findings) -> str:
    """Say what it cost, and what to do next."""
    words, table = findings.words, findings.material.table
    costs = table[(table["model"] == "cost") & (table["outcome"] == "cost_per_pupil")]
    costs = costs[costs["estimate"].notna()]
    drawn = findings.material.description.drawn_by_lot
    if costs.empty:
        return words("next_no_cost_drawn" if drawn else "next_no_cost")
    told = words.listed(
        [
            words(
                "cost_in_form",
                money=money(row["estimate"], words),
                form=words.form(row["school_form"]),
            )
            for row in costs.to_dict("records")
        ]
    )
    asked = [a for a in findings.answers if a.primary]
    settled = bool(asked) and all(a.state in _KNOWN for a in asked)
    if settled:
        moved = any(a.state != "none" for a in asked)
        return words("next_weigh" if moved else "next_none", costs=told)
    return words("next_more_drawn" if drawn else "next_more", costs=told)


# --- The table -------------------------------------------------------------------------------


def _table(findings: Findings) -> list[Block]:
    words, forms = findings.words, findings.forms
    if not forms:
        return [Paragraph(words("results_not_asked"))]
    rows: list[list[interval.Drawing | str]] = []
    for claim in CLAIMS:
        answers = findings.to(claim)
        question = words(f"question_{claim}")
        if not answers:
            rows.append([question, "", words("answer_not_asked"), ""])
            continue
        first = answers[0]
        rows.append(_row(findings, _named(findings, question, first), first))
        rows += [
            _row(findings, _named(findings, question, other), other)
            for other in answers[1:]
            if (other.short(words), other.grade) != (first.short(words), first.grade)
        ]
    head = [words(f"page1_{name}") for name in ("question", "difference", "answer", "strength")]
    caption = words("page1_caption", form=capital(words.form(forms[0])), level=findings.level)
    made: list[Block] = [Table(head, rows, caption, (1.55, 1.7, 1.1, 1.75))]
    if len(forms) > 1:
        others = words.listed([words.form(form) for form in forms[1:]])
        made.append(Paragraph(words("page1_same", form=others)))
    return made


def _named(findings: Findings, question: str, answer: Answer) -> str:
    """Return the question; where it is about another school form than the first, that form."""
    if answer.form == findings.forms[0]:
        return question
    return f"{question} ({findings.words.form(answer.form)})"


def _row(findings: Findings, question: str, answer: Answer) -> list[interval.Drawing | str]:
    words = findings.words
    zone = findings.zone(answer.row["outcome"])
    return [
        question,
        interval.draw(answer.row, zone, words),
        answer.short(words),
        findings.strength_and_why(answer),
    ]
