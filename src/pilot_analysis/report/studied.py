"""Who was studied: pupils and schools by arm, who left, how alike they were, who got a mentor."""

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from pilot_analysis.catalogue.outcomes import find_outcome
from pilot_analysis.catalogue.units import CASELOAD, POSTS
from pilot_analysis.estimates import PERCENTAGE_POINTS
from pilot_analysis.evaluation.checks import ATTRITION, JOINERS, WITHOUT_VALUE
from pilot_analysis.evaluation.delivered import DELIVERED, PER_MENTORED
from pilot_analysis.report.answers import Findings
from pilot_analysis.report.document import Block, Heading, Items, Paragraph, Table
from pilot_analysis.report.sentences import capital, is_bounded, level
from pilot_analysis.words import small

IV = "instrumental variables"
_ARMS = ("pilot_schools", "comparison_schools")
# What fails What Works Clearinghouse's baseline standard, in the figure's numbers (`band`).
_TOO_FAR = "not satisfied"


def blocks(findings: Findings) -> list[Block]:
    """Return the section; nothing is said of what the run did not look at."""
    words = findings.words
    balance = read_balance(findings.material.figures)
    made = [*_flow(balance, findings), *_balance(balance, findings), *_delivery(findings)]
    return [Heading(words("report_studied")), *made] if made else []


def read_balance(figures: Path) -> pd.DataFrame:
    """Return the differences before the start, from the numbers of their figure."""
    path = figures / "balance.csv"
    return pd.read_csv(path) if path.exists() else pd.DataFrame()


# --- Flow ------------------------------------------------------------------------------------


def _flow(balance: pd.DataFrame, findings: Findings) -> list[Block]:
    words = findings.words
    rows = [row for form in findings.forms for row in _arms(form, balance, findings)]
    if not rows:
        return []
    head = [words(f"flow_{name}") for name in ("arm", "schools", "pupils", "left", "joined")]
    shown = 4 if all(row[-1] == "–" for row in rows) else 5  # who joined, where any may be told
    caption = words("flow_caption", joined="yes" if shown == 5 else "no")
    return [
        Paragraph(words("flow_text")),
        Table(
            head[:shown], [row[:shown] for row in rows], caption, (2.1, 0.8, 1.3, 1.3, 1.3)[:shown]
        ),
        *_left_unevenly(findings),
        *_without_values(findings),
    ]


def _arms(form: str, balance: pd.DataFrame, findings: Findings) -> list[list[str]]:
    """Return a row an arm: schools analysed, pupils in the last term before, who left and joined."""
    words = findings.words
    analysed = next(
        (a.row for a in findings.answers if a.form == form and a.row["population"] == "all_pupils"),
        None,
    )
    if analysed is None or not math.isfinite(analysed["n_schools"]):
        return []
    pilot = analysed["n_treated_schools"]
    own = balance[balance["school_form"] == form] if len(balance) else balance
    made = []
    for arm, schools in zip(_ARMS, (pilot, analysed["n_schools"] - pilot), strict=True):
        column = f"n_{arm.removesuffix('_schools')}"
        pupils = own[column].max() if len(own) else math.nan
        moved = [
            _share(findings.material.table, model, form, arm) for model in (ATTRITION, JOINERS)
        ]
        made.append(
            [
                f"{capital(words.form(form))}, {words(f'group_{arm}')}",
                f"{schools:.0f}",
                words.count(pupils) if math.isfinite(pupils) and schools > 1 else "–",
                *(words.number(share) if math.isfinite(share) else "–" for share in moved),
            ]
        )
    return made


def _share(table: pd.DataFrame, model: str, form: str, estimand: str) -> float:
    """Return a share of pupils who left or joined within a year (per cent); NaN where none is there."""
    own = table[(table["model"] == model) & (table["school_form"] == form)]
    found = own.loc[own["estimand"] == estimand, "estimate"]
    return float(found.iloc[0]) if len(found) else math.nan


def _left_unevenly(findings: Findings) -> list[Block]:
    """Say how much oftener pilot schools' pupils left, beside the boundary for the overall rate."""
    words, table = findings.words, findings.material.table
    told = []
    for form in findings.forms:
        names = ("difference", "cautious_boundary")
        size, limit = (_share(table, ATTRITION, form, name) for name in names)
        if math.isfinite(size) and math.isfinite(limit):
            told.append(
                words(
                    "flow_left_form",
                    form=capital(words.form(form)),
                    size=words.number(abs(size)),
                    limit=words.number(limit),
                    within="yes" if abs(size) <= limit else "no",
                )
            )
    return [Items(told)] if told else []


def _without_values(findings: Findings) -> list[Block]:
    """Return what share of pupils have no value after the start, by arm and primary outcome."""
    words, table = findings.words, findings.material.table
    own = table[table["model"] == WITHOUT_VALUE]
    rows = []
    for (outcome, form), some in own.groupby(["outcome", "school_form"], sort=False):
        share = some.set_index("estimand")["estimate"]
        told = [share.get(arm, math.nan) for arm in _ARMS]
        cells = [words.number(value) if math.isfinite(value) else "–" for value in told]
        rows.append(
            [words.outcome(str(outcome), str(form)), capital(words.form(str(form))), *cells]
        )
    if not rows:
        return []
    head = [words("column_outcome"), words("column_form")]
    head += [words(f"balance_{arm}") for arm in ("pilot", "comparison")]
    return [Table(head, rows, words("without_caption"), (2.2, 1.6, 1.1, 1.1))]


# --- How alike they were ---------------------------------------------------------------------


def _balance(balance: pd.DataFrame, findings: Findings) -> list[Block]:
    words = findings.words
    if balance.empty:
        return []
    forms = [form for form in findings.forms if form in set(balance["school_form"])]
    return [
        Heading(words("balance_title"), 2),
        Paragraph(words("balance_text")),
        *_unlike(balance, findings),
        *(_alike(form, balance[balance["school_form"] == form], findings) for form in forms),
    ]


def _alike(form: str, rows: pd.DataFrame, findings: Findings) -> Table:
    """Return both arms' means, pupils' standard deviation and the standardised difference."""
    words = findings.words
    names = ("what", "pilot", "comparison", "sd", "g")
    made = [
        [
            words.covariate(row["covariate"], form),
            *(_mean(row, f"mean_{arm}", findings) for arm in ("pilot", "comparison")),
            _told(row["sd"], 1, findings),
            _g(row, findings),
        ]
        for row in rows.to_dict("records")
    ]
    caption = words("balance_caption", form=words.form(form))
    return Table([words(f"balance_{name}") for name in names], made, caption, (2.4, 1, 1, 1, 1))


def _told(value: float, digits: int, findings: Findings) -> str:
    return findings.words.number(value, digits) if math.isfinite(value) else "–"


def _mean(row: Mapping[str, Any], column: str, findings: Findings) -> str:
    """Return a mean before the start; a share of pupils, lessons or subjects is one in per cent."""
    told, known = _told(row[column], 1, findings), find_outcome(row["covariate"])
    per_cent = known is None or known.unit == PERCENTAGE_POINTS
    return f"{told}\u00a0%" if per_cent and told != "–" else told


def _g(row: Mapping[str, Any], findings: Findings) -> str:
    said = _told(row["hedges_g"], 2, findings)
    return findings.words("balance_too_far", size=said) if row["band"] == _TOO_FAR else said


def _unlike(balance: pd.DataFrame, findings: Findings) -> list[Block]:
    """Name what differed too much for adjustment alone, where a reader meets it first."""
    words = findings.words
    told = []
    for form in findings.forms:
        far = balance[(balance["school_form"] == form) & (balance["band"] == _TOO_FAR)]
        if len(far):
            named = words.listed([small(words.covariate(c, form)) for c in far["covariate"]])
            told.append(words("balance_unlike", form=capital(words.form(form)), what=named))
    return [Items(told)] if told else []


# --- What pupils got -------------------------------------------------------------------------


# Percentage points more with a mentor where all had one, and nobody elsewhere.
_EVERYBODY = 100


def _delivery(findings: Findings) -> list[Block]:
    """Say how many more of the eligible pupils had a mentor, and what is not in the data."""
    words, table = findings.words, findings.material.table
    took = table[
        (table["model"] == IV) & (table["estimand"] == "first_stage") & table["estimate"].notna()
    ].drop_duplicates("school_form")
    told = [_took_part(row, findings) for row in took.to_dict("records")]
    made: list[Block] = [Heading(words("delivery_title"), 2)]
    if told:
        everybody = (took["estimate"].round() >= _EVERYBODY).any()
        reached = words("delivery_text", everybody="yes" if everybody else "no")
        made += [Paragraph(reached), Items(told)]
    return [*made, *_posts(findings), Paragraph(words("delivery_missing"))]


def _posts(findings: Findings) -> list[Block]:
    """Tell mentors' posts and their pupils by school form, kind and term, where that may be told."""
    words, table = findings.words, findings.material.table
    own = table[(table["model"] == DELIVERED) & (table["term"] != "") & table["estimate"].notna()]
    rows = []
    for (form, kind, term), told in own.groupby(
        ["school_form", "specification", "term"], sort=False
    ):
        size, pupils = told.set_index("unit")["estimate"], told["n_pupils"].max()
        rows.append(
            [
                f"{capital(words.form(form))}, {words(f'organisation_{kind}')}",
                words.term(term),
                f"{told['n_schools'].max():.0f}",
                _told(size.get(POSTS, math.nan), 1, findings),
                _told(size.get(CASELOAD, math.nan), 0, findings),
                words.count(pupils) if math.isfinite(pupils) else "–",
            ]
        )
    withheld = mentored_withheld(findings)
    if not rows:
        return [Items(withheld)] if withheld else []
    head = [words(f"posts_{n}") for n in ("kind", "term", "schools", "posts", "caseload", "pupils")]
    caption = words("posts_caption")
    made: list[Block] = [
        Paragraph(words("posts_text")),
        Table(head, rows, caption, (2.5, 1.2, 0.8, 1.4, 1.2, 1)),
    ]
    return [*made, Items(withheld)] if withheld else made


def mentored_withheld(findings: Findings) -> list[str]:
    """Say of which kinds of mentors nothing is told, as one school alone had them."""
    words, table = findings.words, findings.material.table
    own = table[(table["outcome"] == PER_MENTORED) & (table["reason"] == "one_school")]
    told = []
    for form, kinds in own.groupby("school_form", sort=False)["specification"]:
        mentors = words.listed([words(f"organisation_{kind}") for kind in kinds])
        said = {"form": capital(words.form(form)), "mentors": mentors, "kinds": len(kinds)}
        told.append(words("delivery_one_school", **said))
    return told


def _took_part(row: Mapping[str, Any], findings: Findings) -> str:
    words = findings.words
    said = {
        "form": capital(words.form(row["school_form"])),
        "share": words.number(row["estimate"], 0),
    }
    if not is_bounded(row):
        return words("delivery_share", **said)
    low, high = (words.number(row[end], 0) for end in ("ci_low", "ci_high"))
    span = words("span", first=low, second=high)
    return words("delivery_share_between", span=span, level=level(row, words), **said)
