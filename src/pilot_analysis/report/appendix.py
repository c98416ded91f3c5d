"""The appendices: method in words, and the tables behind the answers."""

import math

import pandas as pd

from pilot_analysis import plan as plans
from pilot_analysis.evaluation import questionnaires
from pilot_analysis.report.amounts import measured
from pilot_analysis.report.answers import Findings
from pilot_analysis.report.document import Block, Heading, Items, Paragraph, Table
from pilot_analysis.report.sentences import assumption, p_value


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
    said += [words("method_several", n=len(plan.primary)), words("method_grades")]
    amended = [a.date for a in plan.amendments]
    said += [
        words("method_plan", date=words.date(plan.frozen), n=len(amended),
              last=words.date(max(amended)) if amended else "", digest=plans.digest()),
        words("method_units"), _data(findings),
    ]  # fmt: skip
    made: list[Block] = [Heading(words("report_method")), Items(said)]
    if material.departures:
        made.append(Paragraph(words("report_exploratory"), strong=True))
        made.append(
            Items([
                words("method_departs", parameter=d["parameter"], planned=str(d["planned"]),
                      used=str(d["used"]))
                for d in material.departures
            ])
        )  # fmt: skip
    return made


def _data(findings: Findings) -> str:
    words, files = findings.words, findings.material.quality["files"]
    read = words.count(sum(entry["rows_read"] or 0 for entry in files))
    kept = words.count(sum(entry["rows_kept"] or 0 for entry in files))
    # What of a file may not be published is left out of the sum, which then says "at least".
    some = any(entry["rows_kept"] is None for entry in files)
    name = "method_data_at_least" if some else "method_data"
    return words(name, read=read, kept=kept, files=len(files))


def tables(findings: Findings) -> list[Block]:
    """Return every primary estimate, and the questionnaires' response."""
    words = findings.words
    names = ("outcome", "where", "estimate", "interval", "unit", "p", "smallest", "schools")
    head = [words(f"column_{name}") for name in names]
    made: list[Block] = [Heading(words("report_tables"))]
    made += [
        Table(head, _estimates(findings, form), words("tables_main", form=words.form(form)),
              (2.4, 1.5, 1, 1.4, 1.45, 0.85, 0.85, 0.75))
        for form in findings.forms
    ]  # fmt: skip
    table = findings.material.table
    replies = table[table["model"] == questionnaires.RESPONSE]
    return [*made, _response(replies, findings)] if len(replies) else made


def _estimates(findings: Findings, form: str) -> list[list[str]]:
    words = findings.words
    body = []
    for row in (a.row for a in findings.answers if a.form == form):
        known = math.isfinite(row["estimate"])
        bounded = math.isfinite(row["ci_low"]) and math.isfinite(row["ci_high"])
        digits = measured(row).digits
        low, high = (words.number(row[end], digits) if bounded else "" for end in
                     ("ci_low", "ci_high"))  # fmt: skip
        interval = words("span", first=low, second=high)
        body.append(
            [
                words.outcome(row["outcome"], form), words(f"among_{row['population']}"),
                words.number(row["estimate"], digits) if known else "–",
                interval if bounded else words("table_unbounded") if known else "–",
                words.unit(row["unit"]), p_value(row["p_value"], words),
                p_value(row["p_value_min"], words),
                f"{row['n_treated_schools']:.0f} / {row['n_schools']:.0f}" if known else "–",
            ]
        )  # fmt: skip
    return body


def _response(replies: pd.DataFrame, findings: Findings) -> Table:
    words = findings.words
    body = []
    shown = replies[replies["n_obs"].notna()]["population"]
    for name in sorted(set(replies["population"]) - set(shown)):
        body.append([words(f"who_{name}"), "–", "–", "–", words("table_suppressed"), "–"])
    for row in replies[replies["population"].isin(shown)].to_dict("records"):
        share = words.number(row["estimate"], 0) if math.isfinite(row["estimate"]) else ""
        hidden = not math.isfinite(row["n_obs"])
        told = words("table_suppressed") if hidden else share or words("table_unknown")
        body.append(
            [words(f"who_{row['population']}"), words.form(row["school_form"]),
             words(f"group_{row['specification']}"), row["term"], told,
             "–" if hidden else words.count(row["n_obs"])]
        )  # fmt: skip
    # Waves in the order of time: a school year is autumn first, then spring.
    body.sort(key=lambda cells: (cells[0], cells[1], cells[2], _when(cells[3])))
    names = ("who", "form", "group", "wave", "share", "answers")
    head = [words(f"column_{name}") for name in names]
    return Table(head, body, words("tables_response"), (1, 1.6, 1.4, 0.8, 0.9, 0.7))


def _when(term: str) -> tuple[str, str]:
    """Return what sorts terms by time: VT2020 before HT2020."""
    return term[2:], {"VT": "1", "HT": "2"}.get(term[:2], term[:2])
