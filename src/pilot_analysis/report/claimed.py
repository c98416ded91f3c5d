"""What the press release claimed, one by one, and what the data show of it."""

import math
from dataclasses import dataclass

from pilot_analysis.evaluation.targeting import NAIVE, PLACEBO
from pilot_analysis.report.amounts import counted
from pilot_analysis.report.answers import POINTS, Answer, Findings
from pilot_analysis.report.document import Block, Heading, Items, Paragraph, Table
from pilot_analysis.report.sentences import capital, is_bounded


@dataclass(frozen=True)
class PressClaim:
    """A claim: its messages are `claim_<name>`, `.needs`, and `.data` where no outcome can answer.

    `claim` names the evaluation's question that answers it; `outcome` and `population` an answer
    of their own where the question has another.
    """

    name: str
    claim: str = ""
    outcome: str = ""
    population: str = ""


# The claim that says that all who took part were asked.
_OF_THE_ASKED = "aim"
PRESS_RELEASE = (
    PressClaim("support", "C3"),
    PressClaim("chances", outcome="goals_all", population="eligible_pupils"),
    PressClaim("targeted", "C4"),
    PressClaim("aim"),
    PressClaim("safety", "C6"),
    PressClaim("teaching", "C5"),
    PressClaim("examination"),
)


def blocks(findings: Findings) -> list[Block]:
    """Return the section; none where nothing was claimed."""
    words, made = findings.words, findings.material.description.press_release
    if not made:
        return []
    rows = [
        [words(f"claim_{c.name}"), words(f"claim_{c.name}.needs"), _data(c, findings)]
        for c in PRESS_RELEASE
        if c.name in made
    ]
    head = [words(f"claimed_{name}") for name in ("claim", "needs", "data")]
    return [
        Heading(words("report_claimed")),
        Paragraph(words("claimed_text", asked="yes" if _OF_THE_ASKED in made else "no")),
        Table(head, rows, words("claimed_caption"), (1.3, 1.5, 2.2)),
        *_before_and_after(findings),
    ]


def _before_and_after(findings: Findings) -> list[Block]:
    """Say what a comparison of before and after alone shows, and what it shows without any mentor."""
    words, table = findings.words, findings.material.table
    own = table[(table["model"] == NAIVE) & (table["outcome"] == "absence_share")]
    arms = ("naive_change_pilot", "naive_change_comparison")
    told = []
    for form in findings.forms:
        rows = own[own["school_form"] == form]
        seen = rows.set_index(["specification", "estimand"])["estimate"]
        pilot, others = (seen.get(("the_pilot", arm), math.nan) for arm in arms)
        earlier = seen.get((PLACEBO, arms[0]), math.nan)
        if all(math.isfinite(value) for value in (pilot, others, earlier)):
            told.append(
                words(
                    "claimed_naive_form",
                    form=capital(words.form(form)),
                    pilot=words.number(pilot),
                    others=words.number(others),
                    earlier=words.number(earlier),
                )
            )
    return [Paragraph(words("claimed_naive")), Items(told)] if told else []


def _data(claim: PressClaim, findings: Findings) -> str:
    words = findings.words
    if claim.claim:
        answers = findings.to(claim.claim)
    elif claim.outcome:
        answers = findings.of(claim.outcome, claim.population)
    else:
        return words(f"claim_{claim.name}.data")
    told = " ".join(f"{_one(a, findings)}." for a in answers)
    return told or words("results_not_asked")


def _one(answer: Answer, findings: Findings) -> str:
    words, row = findings.words, answer.row
    said = {
        "form": capital(words.form(answer.form)),
        "answer": answer.short(words).lower(),
        "grade": findings.why(answer)
        if answer.grade == "cannot be determined"
        else answer.strength(words),
    }
    if not is_bounded(row):
        return words("claimed_answer_bare", **said)
    span = counted(row, words).span(row["ci_low"], row["ci_high"], words, short=True)
    if answer.state in POINTS:  # the reason, which is chance, is not in the answer too
        said["answer"] = words("claimed_points", way=answer.state.removeprefix("points_"))
    return words("claimed_answer", span=span, **said)
