"""The appendices: method in words, and the tables behind the answers."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from pilot_analysis import terms
from pilot_analysis.catalogue.language import ENGLISH
from pilot_analysis.catalogue.words import Words
from pilot_analysis.evaluation import questionnaires, subgroups
from pilot_analysis.report import means
from pilot_analysis.report.answers import Answer, Findings
from pilot_analysis.report.document import Block, Heading, Items, Paragraph, Table
from pilot_analysis.report.results import commonest_unit, difference, difference_head
from pilot_analysis.report.sentences import assumption, capital, p_value
from pilot_analysis.words import coverage_marks, small


def method(findings: Findings) -> list[Block]:
    """Return estimand, estimator, test, assumption, plan and data in words."""
    words, material = findings.words, findings.material
    plan = material.plan
    rows = [a.row for a in findings.answers]
    methods = sorted({words(f"method_{r['method']}") for r in rows if r["method"]})
    assumed = sorted({assumption(r, words) for r in rows if r.get("assumption")})
    said = [words("method_estimand"), words("method_estimator")]
    if methods:
        said.append(words("method_test", methods="; ".join(methods)))
    said += [words("method_assumption", assumption=text) for text in assumed]
    if len(plan.primary) > 1:
        said.append(words("method_several", n=len(plan.primary)))
    said.append(words("method_grades"))
    said += _alike_within(findings)
    amended = [a.date for a in plan.amendments]
    said += [
        words(
            "method_plan",
            date=words.date(plan.frozen),
            n=len(amended),
            last=words.date(max(amended)) if amended else "",
            digest=material.digest or "none",
        ),
        words("method_units"),
        _data(findings),
    ]
    made: list[Block] = [Heading(words("report_method")), Items(said)]
    if plan.amendments:
        made.append(Paragraph(words("method_amended")))
        if findings.language == ENGLISH:  # the language of the plan
            made.append(Items([f"{words.date(a.date)}:\t{a.changed}." for a in plan.amendments]))
    if material.departures:
        made.append(Paragraph(words("report_exploratory"), strong=True))
        made.append(
            Items(
                [
                    words(
                        "method_departs",
                        parameter=d["parameter"],
                        planned=str(d["planned"]),
                        used=str(d["used"]),
                    )
                    for d in material.departures
                ]
            )
        )
    return made


def _alike_within(findings: Findings) -> list[str]:
    """Say how alike pupils of one school are in each primary question's outcome."""
    words, said = findings.words, []
    for asked in findings.material.plan.primary:
        known = [
            answer
            for answer in findings.of(asked.outcome, asked.population)
            if math.isfinite(answer.row.get("intra_class_correlation", math.nan))
        ]
        told = [
            words(
                "value_in_form",
                value=words.number(answer.row["intra_class_correlation"], 2),
                form=words.form(answer.form),
            )
            for answer in known
        ]
        if told:
            outcome = small(words.subject(asked.outcome, *(answer.form for answer in known)))
            who = words(f"among_{asked.population}")
            values = words.listed(told)
            said.append(words("method_icc", outcome=outcome, who=who, values=values))
    return said


def _data(findings: Findings) -> str:
    words, files = findings.words, findings.material.quality["files"]
    read = words.count(sum(entry["rows_read"] or 0 for entry in files))
    kept = words.count(sum(entry["rows_kept"] or 0 for entry in files))
    # What of a file may not be published is left out of the sum, which then says "at least".
    some = any(entry["rows_kept"] is None for entry in files)
    name = "method_data_at_least" if some else "method_data"
    return words(name, read=read, kept=kept, files=len(files))


def tables(findings: Findings) -> list[Block]:
    """Return every primary estimate, the questionnaires' response and what the exports cover."""
    words = findings.words
    names = ("outcome", "where", "difference", "g", "p", "smallest", "schools")
    made: list[Block] = [Heading(words("report_tables")), *means.blocks(findings)]
    for form in findings.forms:
        answers = [a for a in findings.answers if a.form == form]
        head = [
            difference_head(answers, findings) if name == "difference" else words(f"column_{name}")
            for name in names
        ]
        caption = words("tables_main", form=words.form(form))
        rows = _estimates(answers, findings)
        made.append(Table(head, rows, caption, (2.4, 2.1, 2.5, 0.7, 0.8, 0.85, 0.75)))
    made += _subgroups(findings)
    table = findings.material.table
    replies = table[table["model"] == questionnaires.RESPONSE]
    if len(replies):
        made.append(_response(replies, findings))
    waves, covered = coverage_marks(findings.material.quality.get("coverage", []), words.language)
    if covered:
        columns = [words("column_school"), *waves]
        widths = (2.2, *(1.0 for _ in waves))
        made.append(Table(columns, covered, words("export_coverage"), widths))
    return made


def _estimates(answers: Sequence[Answer], findings: Findings) -> list[list[str]]:
    words = findings.words
    unit = commonest_unit(answers)
    body = []
    for answer in answers:
        row = answer.row
        known = math.isfinite(row["estimate"])
        g = row.get("hedges_g", math.nan)
        body.append(
            [
                words.outcome(row["outcome"], answer.form),
                words(f"among_{row['population']}"),
                difference(answer, findings, unit) if known else "–",
                words.number(g, 2) if math.isfinite(g) else "–",
                p_value(row["p_value"], words),
                p_value(row["p_value_min"], words),
                f"{row['n_treated_schools']:.0f} / {row['n_schools']:.0f}" if known else "–",
            ]
        )
    return body


def _subgroups(findings: Findings) -> list[Block]:
    """Return how each kind of school's pupils of a group changed: a table a primary outcome.

    Groups that may not be shown have dashes; none of an outcome where no group may be.
    """
    words, table = findings.words, findings.material.table
    own = table[table["model"] == subgroups.MODEL]
    head = [words(f"column_{name}") for name in ("subgroup", "form")]
    head += [words(f"balance_{arm}") for arm in subgroups.CHANGE]
    made: list[Block] = []
    for outcome, of_outcome in own.groupby("outcome", sort=False):
        if of_outcome["estimate"].isna().all():
            continue
        body = []
        for group, form, change in subgroups.changes(of_outcome):
            cells = [words.number(v) if math.isfinite(v) else "–" for v in change.values()]
            body.append([words.subgroup(group), capital(words.form(form)), *cells])
        caption = words(
            "tables_subgroups",
            outcome=words.outcome(str(outcome), *of_outcome["school_form"].unique()),
            unit=words.unit(of_outcome["unit"].iloc[0]),
        )
        made.append(Table(head, body, caption, (1.6, 1.6, 1.2, 1.2)))
    return made


def _response(replies: pd.DataFrame, findings: Findings) -> Table:
    """Return per cent who answered (and how many), a row a group and a column a wave in time."""
    words = findings.words
    shown = replies[replies["n_obs"].notna()]
    waves = sorted(set(shown["term"]), key=terms.number)
    body = []
    groups = ["population", "school_form", "specification"]
    for (who, form, arm), rows in shown.groupby(groups, sort=True):
        by_wave = {row["term"]: _answered(row, findings) for row in rows.to_dict("records")}
        body.append(
            [
                words(f"who_{who}"),
                words.form(str(form)),
                words(f"group_{arm}"),
                *(by_wave.get(wave, "–") for wave in waves),
            ]
        )
    for who in sorted(set(replies["population"]) - set(shown["population"])):
        body.append([words(f"who_{who}"), "–", "–", *(words("table_suppressed") for _ in waves)])
    head = [*(words(f"column_{name}") for name in ("who", "form", "group")), *waves]
    return Table(head, body, words("tables_response"), (1, 1.5, 1.3, *(1.1 for _ in waves)))


def _answered(row: Mapping[str, Any], findings: Findings) -> str:
    words = findings.words
    known = math.isfinite(row["estimate"])
    share = words.number(row["estimate"], 0) if known else words("table_unknown")
    return words("response_cell", share=share, answers=words.count(row["n_obs"]))


def glossary(words: Words) -> list[Block]:
    """Return what the words of the report mean."""
    names = ("points", "goals", "persistent", "merit", "did", "interval", "p", "detectable", "g")
    return [Heading(words("report_glossary")), Items([words(f"glossary_{n}") for n in names])]
