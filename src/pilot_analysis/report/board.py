"""The board's report: one page of answers, then how they were found, in Swedish and English.

Numbers come from the estimates table alone (and the count of rows from ingest's report); words
from `sentences` and `texts`. Typst makes the PDF (PDF/UA-1, so that screen readers can read it);
the HTML has the same content.
"""

import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from pilot_analysis import figures as drawings
from pilot_analysis import plan as plans
from pilot_analysis.catalogue.language import text
from pilot_analysis.evaluation import evidence, questionnaires
from pilot_analysis.evaluation.claims import headline
from pilot_analysis.evaluation.targeting import MAIN_OUTCOMES
from pilot_analysis.plan import Plan
from pilot_analysis.report import document, frame
from pilot_analysis.report.document import Block, Document, Heading, Items, NewPage, Paragraph
from pilot_analysis.report.document import Picture as Shown
from pilot_analysis.report.sentences import (
    SEVERAL,
    cost_sentence,
    grade_name,
    is_unbounded,
    outcome_name,
    plain,
    sentence,
    unbounded,
    verdict,
    where,
)
from pilot_analysis.report.texts import PICTURES, SHOWN, WARNINGS, WHO, say
from pilot_analysis.words import (
    LANGUAGES,
    Language,
    capital,
    count,
    form_name,
    number,
    pick,
    unit_name,
)

CLAIMS = ("C1", "C2", "C3", "C4", "C5", "C6", "C7")
# The outcome that answers each claim on the first page.
_ANSWERS = {
    "C1": ("absence_share",),
    "C2": ("goals_all",),
    "C3": MAIN_OUTCOMES,
    "C4": ("goals_share_registered",),
    "C5": ("hours_other",),
    "C6": ("safety_index",),
}


def compose(
    table: pd.DataFrame, quality: Mapping[str, Any], figures: Path, language: Language, plan: Plan,
    departures: Sequence[Mapping[str, Any]] = (),
) -> Document:  # fmt: skip
    """Return the report from the estimates table, ingest's report, the figures and the plan."""
    main = headline(table)
    graded = evidence.grades(table, plan, exploratory=bool(departures))
    rows = [
        row | {"grade": grade}
        for row, grade in zip(main.to_dict("records"), graded["grade"], strict=True)
    ]
    blocks: list[Block] = [
        *_first_page(rows, table, departures, language),
        *_design(rows, figures, language),
        *_results(rows, figures, language),
        *_doubts(table, language),
        *_cost(table, language),
        *_method(rows, quality, departures, language),
        *_tables(rows, table, language),
    ]
    notice = say("synthetic", language) if quality["synthetic"] else ""
    return Document(language, say("title", language), notice, blocks)


def _first_page(
    rows: Sequence[Mapping[str, Any]], table: pd.DataFrame,
    departures: Sequence[Mapping[str, Any]], language: Language,
) -> list[Block]:  # fmt: skip
    blocks: list[Block] = [Heading(say("answers", language))]
    if departures:
        blocks.append(Paragraph(say("exploratory", language), strong=True))
    for claim, wanted in _ANSWERS.items():
        lines = []
        for row in (r for r in rows if r["claim"] == claim and r["outcome"] in wanted):
            place = form_name(row["school_form"], language)
            if len(wanted) > 1:
                place += f", {_short_subject(row['outcome'], language)}"
            lines.append(f"{capital(place)}:\t{capital(plain(row, row['grade'], language))}")
        blocks.append(Heading(say(claim, language), 2))
        blocks.append(Items(lines) if lines else Paragraph(capital(say("not asked", language))))
    blocks.append(Heading(say("C7", language), 2))
    blocks.append(Items([cost_sentence(r, language) for r in _costs(table, first_page=True)]))
    blocks += [Heading(say("limits", language), 2), Paragraph(say("limits_short", language))]
    return blocks


def _short_subject(outcome: str, language: Language) -> str:
    words = {"absence_share": ("absence", "frånvaro"),
             "goals_share_registered": ("goals reached", "uppnådda mål")}  # fmt: skip
    return pick(words.get(outcome, (outcome, outcome)), language)


def _costs(table: pd.DataFrame, *, first_page: bool) -> list[dict[str, Any]]:
    costs = table[table["model"] == "cost"]
    if first_page:
        costs = costs[costs["outcome"] != "cost_per_day_of_absence"]
    return [{str(k): v for k, v in row.items()} for row in costs.to_dict("records")]


def _picture(figures: Path, stem: str, caption: str, language: Language) -> list[Block]:
    """Return a figure in the language, where the run made it."""
    path = figures / f"{stem}{'_sv' if language == 'sv' else ''}.svg"
    alt = path.with_suffix(".txt")
    if not path.exists() or not alt.exists():
        return []
    return [Shown(path, alt.read_text(encoding="utf-8").strip(), caption)]


def _design(rows: Sequence[Mapping[str, Any]], figures: Path, language: Language) -> list[Block]:
    forms: dict[str, str] = {}
    for row in rows:
        form = row["school_form"]
        if row["outcome"] == "absence_share" and math.isfinite(row["n_schools"]):
            pilot, schools = f"{row['n_treated_schools']:.0f}", f"{row['n_schools']:.0f}"
            place, pupils = form_name(form, language), count(row["n_pupils"], language)
            said = pick((f"{pilot} of {schools} schools, {pupils} pupils",
                         f"{pilot} av {schools} skolor, {pupils} elever"), language)  # fmt: skip
            forms.setdefault(form, f"{capital(place)}:\t{said}.")
    return [
        NewPage(),
        Heading(say("design", language)),
        Paragraph(say("design_text", language)),
        Items(list(forms.values())),
        Paragraph(say("compared", language)),
        *_picture(figures, "exposure_timeline", say("timeline", language), language),
        Heading(say("logic", language), 2),
        Paragraph(say("logic_text", language)),
        *_picture(figures, "logic_model", say("logic_caption", language), language),
    ]


def _results(rows: Sequence[Mapping[str, Any]], figures: Path, language: Language) -> list[Block]:
    blocks: list[Block] = [NewPage(), Heading(say("results", language))]
    for claim in _ANSWERS:
        blocks.append(Heading(say(claim, language), 2))
        if claim in ("C5", "C6"):
            blocks.append(Paragraph(say("response", language)))
        own = [row for row in rows if row["claim"] == claim]
        if claim in ("C3", "C4"):
            own = [row for row in own if row["outcome"] in MAIN_OUTCOMES]
        lines = []
        for row in own:
            if is_unbounded(row):
                continue
            said = sentence(row, language)
            if row["outcome"] == "reporting_rate":
                pass  # a finding about data quality, which nobody grades
            elif row["grade"] != "cannot be determined":
                said += f" {say('strength', language)}: {grade_name(row['grade'], language)}."
            elif verdict(row) in ("rose", "fell"):
                said += f" {pick(SEVERAL, language)}"
            lines.append(said)
        lines += unbounded([row for row in own if is_unbounded(row)], language)
        blocks.append(Items(lines) if lines else Paragraph(capital(say("not asked", language))))
        for stem in SHOWN[claim]:
            blocks += _picture(figures, stem, pick(PICTURES[stem], language), language)
    return blocks


def _doubts(table: pd.DataFrame, language: Language) -> list[Block]:
    """Return the warnings that were raised or could not be looked at."""
    own = table[(table["model"] == evidence.MODEL) & table["estimand"].isin(WARNINGS)]
    own = own[own["specification"] != evidence.CLEAR]
    rows = []
    for row in own.to_dict("records"):
        known = math.isfinite(row["estimate"])
        rows.append(
            [say(row["estimand"], language), outcome_name(row["outcome"], language),
             where(row, language), say(row["specification"], language),
             number(row["estimate"], language, 2) if known else "–"]
        )  # fmt: skip
    blocks: list[Block] = [Heading(say("wrong", language)), Paragraph(say("wrong_text", language))]
    if not rows:
        return [*blocks, Paragraph(say("no warnings", language))]
    header = [say(k, language) for k in ("warning", "outcome", "where", "state", "found")]
    return [*blocks, document.Table(header, rows, say("wrong", language), (2, 2.2, 2, 1, 0.8))]


def _cost(table: pd.DataFrame, language: Language) -> list[Block]:
    lines = [cost_sentence(row, language) for row in _costs(table, first_page=False)]
    return [Heading(say("cost", language)), Paragraph(say("cost_text", language)), Items(lines)]


def _method(
    rows: Sequence[Mapping[str, Any]], quality: Mapping[str, Any],
    departures: Sequence[Mapping[str, Any]], language: Language,
) -> list[Block]:  # fmt: skip
    read = count(sum(entry["rows_read"] for entry in quality["files"]), language)
    # What of a file may not be told is left out of the sum, which then says "at least".
    kept = count(sum(entry["rows_kept"] or 0 for entry in quality["files"]), language)
    if any(entry["rows_kept"] is None for entry in quality["files"]):
        kept = f"{pick(('at least', 'minst'), language)} {kept}"
    files = len(quality["files"])
    data = pick(
        (f"{read} rows were read from {files} files, {kept} kept, the rest dropped by rules that "
         "are counted one by one.",
         f"{read} rader lästes ur {files} filer, {kept} behölls, resten togs bort enligt regler "
         "som räknas var för sig."), language)  # fmt: skip
    used = sorted({text(f"method_{r['method']}", language) for r in rows if r["method"]})
    blocks: list[Block] = [
        NewPage(),
        Heading(say("method", language)),
        Paragraph(say("method_text", language)),
        Paragraph(f"{pick(('Inference used', 'Använd inferens'), language)}: {'; '.join(used)}."),
        Paragraph(say("units", language)),
        Paragraph(data),
        Paragraph(f"{pick(('Analysis plan', 'Analysplan'), language)}: SHA-256 {plans.digest()}."),
    ]
    if departures:
        planned, used_word = say("planned", language), say("used", language)
        blocks.append(Paragraph(say("exploratory", language), strong=True))
        blocks.append(Items([f"{d['parameter']}: {planned} {d['planned']}, {used_word} {d['used']}"
                             for d in departures]))  # fmt: skip
    return blocks


def _tables(
    rows: Sequence[Mapping[str, Any]], table: pd.DataFrame, language: Language
) -> list[Block]:
    body = []
    for row in rows:
        known = math.isfinite(row["estimate"])
        bounded = math.isfinite(row["ci_low"]) and math.isfinite(row["ci_high"])
        ends = (number(row[end], language, 2) for end in ("ci_low", "ci_high"))
        body.append(
            [
                outcome_name(row["outcome"], language), where(row, language),
                number(row["estimate"], language, 2) if known else "–",
                f" {say('to', language)} ".join(ends) if bounded else say("none", language),
                unit_name(row["unit"], language),
                f"{row['n_treated_schools']:.0f} / {row['n_schools']:.0f}" if known else "–",
            ]
        )  # fmt: skip
    names = ("outcome", "where", "estimate", "interval", "unit", "schools")
    blocks: list[Block] = [
        Heading(say("tables", language)),
        document.Table([say(k, language) for k in names], body, say("table", language),
                       (2.8, 2.4, 1, 1.6, 1.5, 1.3)),
    ]  # fmt: skip
    replies = table[table["model"] == questionnaires.RESPONSE]
    if len(replies):
        blocks.append(_response_table(replies, language))
    return blocks


def _response_table(replies: pd.DataFrame, language: Language) -> Block:
    body = []
    for row in replies.to_dict("records"):
        name = row["population"]
        share = number(row["estimate"], language, 0) if math.isfinite(row["estimate"]) else ""
        hidden = not math.isfinite(row["n_obs"])
        body.append(
            [capital(pick(WHO.get(name, (name, name)), language)),
             form_name(row["school_form"], language), say(row["specification"], language),
             row["term"], say("withheld", language) if hidden else share or say("answers unknown", language),
             "–" if hidden else count(row["n_obs"], language)]
        )  # fmt: skip
    names = ("who", "where", "of schools", "wave", "share", "answers_n")
    header = [say(k, language) for k in names]
    caption = say("response_table", language)
    return document.Table(header, body, caption, (1, 1.6, 1.4, 0.8, 0.9, 0.7))


def html_page(report: Document) -> str:
    """Return the report as one HTML page beside its `figures/`."""
    body = document.html_body(report, lambda path: f"figures/{path.name}")
    return frame.page(
        body, title=report.title, notice=report.notice, language=report.language, kind="text"
    )


def write(
    table: pd.DataFrame, quality: Mapping[str, Any], figures: Path, out: Path, plan: Plan,
    departures: Sequence[Mapping[str, Any]] = (),
) -> None:  # fmt: skip
    """Write report_sv and report_en as PDF and HTML into `out`, each whole or not at all.

    Draws the logic model into `figures`, where the run's own pictures are.
    """
    out.mkdir(parents=True, exist_ok=True)
    model = drawings.logic_model()
    drawings.save(model, figures / "logic_model", pd.DataFrame({"step": [model.get_label()]}))
    drawings.save_vector(drawings.logic_model(language="sv"), figures / "logic_model_sv")
    for language in LANGUAGES:
        report = compose(table, quality, figures, language, plan, departures)
        partial = out / f".report_{language}.partial"
        partial.write_bytes(document.pdf(report, figures))
        os.replace(partial, out / f"report_{language}.pdf")
        partial.write_text(html_page(report), encoding="utf-8")
        os.replace(partial, out / f"report_{language}.html")
