"""The results, question by question: answers, what weakens them, secondary outcomes, pictures."""

import math
from collections import Counter
from collections.abc import Sequence

from pilot_analysis.catalogue.words import Words
from pilot_analysis.evaluation.questions import JOINT
from pilot_analysis.report import pictures
from pilot_analysis.report.amounts import MOST_DIGITS, measured
from pilot_analysis.report.answers import CLAIMS, DATA_QUALITY, POINTS, Answer, Findings, Warned
from pilot_analysis.report.document import Block, Heading, Items, Paragraph, Table
from pilot_analysis.report.sentences import (
    Row,
    capital,
    is_unbounded,
    no_effect,
    p_value,
    sentence,
)

# The first question that questionnaires answer.
_ASKED = "C5"
# Figures and limits that are no shares of pupils or time take two digits.
_TWO_DIGITS = frozenset(
    {"unlike_before", "an_effect_before_any_mentor", "a_small_drift_would_overturn_it"}
)


def blocks(findings: Findings) -> list[Block]:
    """Return the section."""
    words = findings.words
    made: list[Block] = [Heading(words("report_results"))]
    for claim in CLAIMS:
        made.append(Heading(words(f"question_{claim}"), 2))
        if claim == _ASKED:
            made.append(Paragraph(words("results_response")))
        answers = findings.to(claim)
        if not answers:
            made.append(Paragraph(words("results_not_asked")))
        for answer in answers:
            made.append(Paragraph(_answer(answer, findings)))
            if answer.primary or answer.raised:
                made.append(Items(weakened_by(answer, findings)))
        made += _jointly(claim, findings)
        made += _secondary(claim, findings)
        for stem in pictures.SHOWN[claim]:
            made += pictures.show(
                findings.material.figures,
                stem,
                words,
                forms=tuple(findings.forms),
            )
        if claim == "C1":
            made += _reporting(findings)
    return made


def _jointly(claim: str, findings: Findings) -> list[Block]:
    """Tell the plan's joint test of a question over all school forms, where it was made."""
    words, table = findings.words, findings.material.table
    own = table[(table["model"] == JOINT) & (table["claim"] == claim) & table["p_value"].notna()]
    if own.empty or len(findings.forms) < 2:
        return []
    p, smallest = (p_value(own[name].iloc[0], words) for name in ("p_value", "p_value_min"))
    return [Paragraph(words("results_joint", p=p, smallest=smallest))]


def _answer(answer: Answer, findings: Findings) -> str:
    words, row = findings.words, answer.row
    said = [sentence(row, words)]
    if answer.state == "none":
        said = [no_effect(row, words)]
    elif answer.state in POINTS:
        said.append(words("sentence_several"))
    elif answer.state != "open":
        said.append(words("sentence_strength", grade=answer.strength(words)))
    if math.isfinite(row["p_value"]):
        told = {"p": row["p_value"], "smallest": row["p_value_min"], "adjusted": answer.adjusted_p}
        several = len(findings.material.plan.primary) > 1 and math.isfinite(answer.adjusted_p)
        name = "sentence_p_adjusted" if several else "sentence_p"
        said.append(words(name, **{key: p_value(value, words) for key, value in told.items()}))
    return " ".join(said)


def weakened_by(answer: Answer, findings: Findings) -> list[str]:
    """Return the warnings raised beside an answer, and those that could not be looked at."""
    words = findings.words
    said = [_seen(w, answer, findings) for w in answer.raised] or [words("warnings_none")]
    unknown = [words(f"warning_{w.name}.whether") for w in answer.unmade]
    if unknown:
        said.append(words("warnings_unknown", warnings=words.listed(unknown)))
    return said


def _seen(warned: Warned, answer: Answer, findings: Findings) -> str:
    words, size = findings.words, abs(warned.figure)
    if warned.name == "reporting_changed":  # as rounded where it stands among the estimates
        own = findings.of("reporting_rate", answer.key[1])
        told = (abs(a.row["estimate"]) for a in own if a.form == answer.form)
        size = next((value for value in told if math.isfinite(value)), size)
    digits = 2 if warned.name in _TWO_DIGITS else 1
    while round(size, digits) == warned.limit and digits < MOST_DIGITS:
        digits += 1  # a figure just beyond its limit is not told as the limit
    figure = words.number(size, digits)
    limit = words.number(warned.limit, digits) if math.isfinite(warned.limit) else ""
    some = "some" if any(c in "123456789" for c in figure) else "none"
    return words(f"warning_{warned.name}.seen", figure=figure, limit=limit, size=some)


def commonest_unit(answers: Sequence[Answer]) -> str:
    """Return the unit that a column of differences is in, where its cells say nothing else."""
    units = Counter(a.row["unit"] for a in answers if math.isfinite(a.row["estimate"]))
    return units.most_common(1)[0][0] if units else ""


def difference_head(answers: Sequence[Answer], findings: Findings) -> str:
    """Return the head of a column of differences: it says the unit once, for all or most of them."""
    words = findings.words
    told = {a.row["unit"] for a in answers if math.isfinite(a.row["estimate"])}
    name = {0: "column_difference_none", 1: "column_difference"}.get(
        len(told), "column_difference_mixed"
    )
    return words(name, unit=words.unit(commonest_unit(answers)), level=findings.level)


def difference(answer: Answer, findings: Findings, unit: str) -> str:
    """Return an estimate with its interval as a table's cell, or why there is none.

    `unit` is the one that the column's head says.
    """
    row = answer.row
    if row.get("reason") or not math.isfinite(row["estimate"]):
        return capital(findings.why(answer))
    return estimate_cell(row, findings.words, unit)


def estimate_cell(row: Row, words: Words, unit: str) -> str:
    """Return an estimate that there is with its interval as a table's cell."""
    own = measured(row)
    low, high = row["ci_low"], row["ci_high"]
    # Against the interval's ends an estimate near zero may be told as 0: it claims no direction.
    digits = own.enough_digits(*((low, high) if not is_unbounded(row) else (row["estimate"],)))
    span = words("span", first=words.number(low, digits), second=words.number(high, digits))
    return words(
        "difference_cell" if row["unit"] == unit else "difference_cell_unit",
        size=words.number(row["estimate"], digits),
        unit=words.unit(row["unit"]),
        span=words("table_unbounded") if is_unbounded(row) else span,
    )


def _secondary(claim: str, findings: Findings) -> list[Block]:
    words = findings.words
    asked = findings.question(claim)
    others = [a for a in findings.claimed(claim) if a.key != asked]
    unit = commonest_unit(others)
    rows = [
        [
            words.outcome(a.row["outcome"], a.form),
            capital(words.form(a.form)),
            difference(a, findings, unit),
            capital(a.strength(words)),
        ]
        for a in others
    ]
    if not rows:
        return []
    head = [
        words("column_outcome"),
        words("column_form"),
        difference_head(others, findings),
        words("column_strength"),
    ]
    caption = words("results_caption", question=words(f"question_{claim}"))
    return [Table(head, rows, caption, (2.4, 1.75, 2.2, 1.55))]


def _reporting(findings: Findings) -> list[Block]:
    words = findings.words
    told = [
        sentence(a.row, words)
        for a in findings.answers
        if a.row["outcome"] in DATA_QUALITY and a.row["claim"] == "C1"
    ]
    if not told:
        return []
    return [Heading(words("results_reporting"), 2), Paragraph(words("reporting_text")), Items(told)]
